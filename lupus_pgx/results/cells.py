"""Cells of result tables by the kind of their column: how each is written in a file, a frame and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any

from lupus_pgx.context.judged.safety import Check
from lupus_pgx.response.values import Conflict
from lupus_pgx.words.amounts import probability_text

LISTS = ("list", "shares", "checks")
"""Kinds of columns whose values are tuples; a cell of a file joins them by ``;``, JSON has them one by one."""

_NUMBERS = ("number", "probability", "integer", "count")
_FORMULA = ("=", "+", "-", "@")
"""How a cell begins that spreadsheets run."""

_PUBLISHED: Mapping[type, tuple[str, ...]] = {
    Check: ("drug", "subject", "criterion", "partner", "status", "known", "found", "advice", "citations"),
}
"""What JSON says of a value that carries more than is published; of all others it says every field."""


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


def sheet_text(kind: str, value: Any) -> str:
    """Write one cell for a spreadsheet: text that it would take for a formula begins with an apostrophe.

    Examples
    --------
    >>> sheet_text("text", "=1+1"), sheet_text("number", -0.5)
    ("'=1+1", '-0.5')
    """
    text = cell_text(kind, value)
    return f"'{text}" if kind not in _NUMBERS and text.startswith(_FORMULA) else text


def json_value(kind: str, value: Any) -> Any:
    """Return what JSON holds: values where the other forms have joined text."""
    if kind == "shares":
        return [{"name": name, "probability": float(probability_text(share))} for name, share in value]
    if kind in LISTS:
        return [_plain(item) for item in value]
    return bool(value) if kind == "flag" else cell_value(kind, value)


def _joined(kind: str, items: Any) -> str:
    """Join values by ``;``, which none of them may hold then."""
    return ";".join(texts_of(kind, items))


def texts_of(kind: str, items: Any) -> tuple[str, ...]:
    """Return the texts that a cell joins, one by one; none of a cell that joins nothing."""
    if kind not in LISTS or not items:
        return ()
    if kind == "shares":
        return tuple(f"{name}={probability_text(share)}" for name, share in items)
    texts = (f"{item.drug}: {item}" if kind == "checks" else _text(item) for item in items)
    return tuple(text.replace(";", ",") for text in texts)


def _text(item: Any) -> str:
    return item.cell if isinstance(item, Conflict) else str(item)


def _plain(item: Any) -> Any:
    """Return a value as plain data."""
    if isinstance(item, tuple):
        return [_plain(part) for part in item]
    if is_dataclass(item):
        names = _PUBLISHED.get(type(item)) or [field.name for field in fields(item)]
        return {name: _plain(getattr(item, name)) for name in names}
    if isinstance(item, StrEnum):
        return item.value
    return None if item == "" else item
