"""Manifestations as people write them, and the conditions that their words state as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lupus_pgx.context.language.everyday import NEGATED, UNSURE, class_of, details_with_classes
from lupus_pgx.context.language.notes import Notes, Path
from lupus_pgx.context.language.word_rows import plain

_STATES = "condition"
"""In ``details`` of a word for a manifestation: conditions that it states as well."""

_NOT_THERE = ("no", "none", "absent", "negative")


def read_manifestations(made: dict[str, Any], notes: Notes) -> None:
    """Read manifestations into fields with details; a word may state conditions as well.

    Parameters
    ----------
    made : dict
        The fields of a patient, of which ``manifestations`` and ``conditions`` are changed.
    notes : Notes
    """
    made["manifestations"], there = _read(made["manifestations"], notes)
    _state(made, there, notes)


def _read(given: Any, notes: Notes) -> tuple[Any, dict[str, str]]:
    """Return manifestations as fields with details, and what else they state; several words for one are joined."""
    there: dict[str, str] = {}
    items = [(name, None) for name in given] if isinstance(given, list) else given
    if isinstance(items, Mapping):
        items = list(items.items())
    if not isinstance(items, list) or not all(isinstance(name, str) for name, _ in items):
        return given, there
    made: dict[str, Any] = {}
    for name, told in items:
        if told is False or (isinstance(told, str) and plain(told) in _NOT_THERE):
            notes.remark(f"{name}: {'no' if told is False else told}: is not there, and is left out")
            continue
        own_details = None if told is True else told
        row = notes.words.find("manifestation", name)
        classed = class_of(name) if row is None else None
        if classed is not None:
            row = notes.words.find("manifestation", classed[0])
            own_details = {"class": classed[1], **(told if isinstance(told, Mapping) else {})}
        if row is None and UNSURE.fullmatch(name):
            rule = "is not said to be there now: leave it out, or write what is there now alone"
            notes.refuse(("manifestations", name), rule)
            continue
        if row is None and NEGATED.fullmatch(name):
            rule = "reads as something that is not there: leave out what the patient does not have"
            notes.refuse(("manifestations", name), rule)
            continue
        own_details = _since(details_with_classes(own_details), ("manifestations", name, "since"), notes)
        details = own_details
        told_by = _details(row["details"]) if row is not None else {}
        there |= dict.fromkeys(filter(None, told_by.pop(_STATES, "").split("|")), name)
        if row is not None and (own_details is None or isinstance(own_details, Mapping)):
            details = {**told_by, **(own_details or {})}
        if row is not None and plain(name) != row["value"]:
            note = f"; {row['note']}" if row["note"] else ""
            classes = f", class {' and '.join(classed[1])}" if classed is not None else ""
            notes.remark(f"{name}: read as {row['value']}{classes}{note}")
        own = (row["value"] if row is not None else None) or name
        made[own] = _joined(own, made[own], details, name, notes) if own in made else details
    return made, there


def _joined(own: str, earlier: Any, details: Any, name: str, notes: Notes) -> Any:
    """Return the details of two words for one manifestation; of two that disagree neither is taken."""
    if not isinstance(earlier or {}, Mapping) or not isinstance(details or {}, Mapping):
        return earlier
    made, more = dict(earlier or {}), details or {}
    apart = [key for key, value in more.items() if made.get(key, value) != value]
    if apart:
        rule = f"{' and '.join(apart)} of {own} given twice, and not the same: write it once"
        notes.refuse(("manifestations", name), rule)
    return {**made, **more}


def _state(made: dict[str, Any], there: Mapping[str, str], notes: Notes) -> None:
    """State the conditions that words for manifestations name as well: a stroke of lupus is a stroke."""
    stated = made.get("conditions") or {}
    if not there or not isinstance(stated, Mapping):
        return
    for name in there:
        if stated.get(name) in (False, "none"):
            notes.refuse(("conditions", name), "contradicts a manifestation that states it: write one of them")
    made["conditions"] = {**dict.fromkeys(there, True), **stated}
    notes.remarks += [f"{word}: states {name}, too" for name, word in there.items() if name not in stated]


def _since(details: Any, path: Path, notes: Notes) -> Any:
    """Return the details of a manifestation with the day since when it is there."""
    if not isinstance(details, Mapping) or "since" not in details:
        return details
    return {**details, "since": notes.date(details["since"], path)}


def _details(text: str | None) -> dict[str, Any]:
    """Return details that a row states, such as ``mechanism=inflammatory``; classes are a list."""
    pairs = [part.partition("=") for part in (text or "").split(";") if part]
    return {name.strip(): value.split("|") if name.strip() == "class" else value.strip() for name, _, value in pairs}
