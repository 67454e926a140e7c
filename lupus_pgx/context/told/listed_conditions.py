"""How conditions are listed: in one text, a list or a mapping, each with what is told of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lupus_pgx.context.language.known_conditions import LEAST_LETTERS, MOST_WORDS, is_known
from lupus_pgx.context.language.notes import Notes
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.knowledge.drugs import OTHER

_APART = OTHER.removesuffix(":")
_KEYED = re.compile(r"(?P<name>[^:]+?)\s*:\s+(?P<told>\S.*)")
"""A condition with what is told of it, in quotes: YAML takes it for one text."""

SINCE = "since"
"""Field of a condition that is a mapping: since when it is there."""

_DAYS = (SINCE, "when", "date", "year", "in", "onset")


def is_day(told: Mapping[Any, Any]) -> bool:
    """Say whether what is told of a condition is nothing but its day: ``{since: 2015}``."""
    return len(told) == 1 and next(iter(told)) in _DAYS


def fields_of(
    made: dict[str, Any], details: str, notes: Notes
) -> Iterator[tuple[str, list[tuple[Any, Any]], list[tuple[Any, Any]]]]:
    """Yield each field whose word has these details, with the conditions that it holds and those told beside it.

    Parameters
    ----------
    made : dict
        Fields of a patient; what was changed in it since the last field counts.
    details : str
    notes : Notes
    """
    for name in [item for item in made if isinstance(item, str)]:
        row = notes.words.find("field", name)
        if row is None or row["details"] != details or made[name] is None:
            continue
        told, there = pairs_of(made[name], notes.words), pairs_of(made.get("conditions") or [], notes.words)
        if told is not None and there is not None:
            yield name, told, there


def pairs_of(given: Any, words: Words) -> list[tuple[Any, Any]] | None:
    """Return conditions with what is told of each; None for what is no list or mapping of them."""
    if isinstance(given, str):
        answer = words.find("answer", given)
        if answer is not None:
            return [] if answer["value"] != "yes" else None
        given = [part for part in re.split(r"\s*[,;]\s*", given.strip()) if part]
    if isinstance(given, Mapping):
        return list(_spread(given))
    if not isinstance(given, list):
        return None
    made: list[tuple[Any, Any]] = []
    for item in given:
        if isinstance(item, Mapping) and set(item) in ({"name"}, {"name", "when"}, {"name", "since"}):
            made.append((item["name"], item.get("when", item.get("since", True))))
        elif isinstance(item, Mapping) and len(item) == 1:
            made += _spread(item)
        elif isinstance(item, str) and (keyed := _keyed(item, words)) is not None:
            made.append(keyed)
        elif isinstance(item, str):
            made += [] if words.find("answer", item) is not None and len(given) == 1 else [(item, True)]
        else:
            return None
    return made


def _keyed(item: str, words: Words) -> tuple[str, Any] | None:
    """Return a condition and what is told of it from one text: ``alcohol: heavy``, ``HIV unknown``; None of others."""
    if is_known(item, words):
        return None
    match = _KEYED.fullmatch(item.strip())
    if match is not None and is_known(match["name"], words):
        return match["name"], {"true": True, "false": False}.get(match["told"].lower(), match["told"])
    parts = item.split()
    for size in range(1, min(MOST_WORDS, len(parts))):
        name, told = " ".join(parts[:-size]), " ".join(parts[-size:])
        row = words.find("answer", told) if len(told) >= LEAST_LETTERS else None
        if row is not None and not row["value"] and is_known(name, words):
            return name, told  # hepatitis B not tested
    return None


def _spread(given: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield conditions, each of those under ``other`` by itself."""
    for name, told in given.items():
        named = [told] if isinstance(told, str) else told
        if name == _APART and isinstance(named, list) and all(isinstance(item, str) and item.strip() for item in named):
            yield from ((f"{OTHER} {item.strip().removeprefix(OTHER).strip()}", True) for item in named)
        else:
            yield name, told


def as_mapping(conditions: Any) -> Mapping[str, Any] | None:
    """Return conditions as a mapping, each of a list as there; None where they cannot be read."""
    if isinstance(conditions, list) and all(isinstance(name, str) for name in conditions):
        return dict.fromkeys(conditions, True)
    return conditions or {} if isinstance(conditions or {}, Mapping) else None
