"""Columns of result tables: what kind of value each holds, and how it is written in a file, a frame and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lupus_pgx.context.safety import Check
from lupus_pgx.response.values import Assumed, Conflict, Missing
from lupus_pgx.review.genome_word import DrugWord
from lupus_pgx.words.amounts import probability_text

LISTS = ("list", "shares", "checks")
"""Kinds of columns whose values are tuples; a cell of a file joins them by ``;``, JSON has them one by one."""

_SHOWN: Mapping[type, tuple[str, ...]] = {
    Missing: ("key", "loci", "essential"),
    Assumed: ("gene", "count", "of", "essential"),
    Conflict: ("kind", "source", "action", "factor_low", "factor_high", "direction", "citations", "check"),
    Check: ("drug", "subject", "criterion", "partner", "status", "known", "found", "advice", "citations"),
    DrugWord: ("drug", "word", "weak", "reason"),
}
"""What JSON says of a value."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a result table.

    Attributes
    ----------
    names : tuple of str
    kinds : tuple of str
        ``text``, ``integer``, ``number``, ``probability``, ``flag`` (yes or no), ``list`` (of texts or values),
        ``shares`` (names with probabilities) or ``checks`` (of several drugs).
    keys : tuple of str
        Columns that tell the rows of a sample apart.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    keys: tuple[str, ...]


def columns_of_table(text: str, keys: str, **kinds: str) -> Columns:
    """Return columns by their names, joined by spaces like those of the keys.

    Parameters
    ----------
    text, keys : str
    **kinds : str
        Names of the columns of a kind, joined by spaces; those without a kind are text.
    """
    names = tuple(text.split())
    of_names = {name: kind for kind, listed in kinds.items() for name in listed.split()}
    return Columns(names, tuple(of_names.get(name, "text") for name in names), tuple(keys.split()))


def cell_value(kind: str, value: Any) -> Any:
    """Return what a cell holds in frames and Parquet: None for unknown, probabilities to 4 decimals, lists joined."""
    if value is None or value == "":
        return None
    if kind == "probability":
        return float(probability_text(value))
    if kind == "flag":
        return "yes" if value else "no"
    return (_joined(kind, value) or None) if kind in LISTS else value


def cell_text(kind: str, value: Any) -> str:
    """Write one cell: empty for unknown, probabilities to 4 decimals, no tab or line break."""
    if value is None or value == "":
        return ""
    if kind == "probability":
        return probability_text(value)
    if kind == "number":
        return f"{value:g}"
    written = cell_value(kind, value)
    text = "" if written is None else str(written)
    return text if text.isprintable() else " ".join(text.split())


def json_value(kind: str, value: Any) -> Any:
    """Return what JSON holds: values where the other forms have joined text."""
    if kind == "shares":
        return [{"name": name, "probability": float(probability_text(share))} for name, share in value]
    if kind in LISTS:
        return [_plain(item) for item in value]
    return bool(value) if kind == "flag" else cell_value(kind, value)


def _joined(kind: str, items: Any) -> str:
    """Join values by ``;``, which none of them may hold then."""
    if kind == "shares":
        return ";".join(f"{name}={probability_text(share)}" for name, share in items)
    texts = (f"{item.drug}: {item}" if kind == "checks" else _text(item) for item in items)
    return ";".join(text.replace(";", ",") for text in texts)


def _text(item: Any) -> str:
    return item.cell if isinstance(item, Conflict) else str(item)


def _plain(item: Any) -> Any:
    """Return a value as plain data."""
    if isinstance(item, tuple):
        return [_plain(part) for part in item]
    if type(item) in _SHOWN:
        return {name: _plain(getattr(item, name)) for name in _SHOWN[type(item)]}
    if isinstance(item, StrEnum):
        return item.value
    return None if item == "" else item
