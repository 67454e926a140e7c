"""Contraception as people tell it: its method, what a word for it states as well, a pregnancy that is planned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lupus_pgx.context.language.known_conditions import own_field
from lupus_pgx.context.language.notes import Notes
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.knowledge.tables import split_list

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ContextWordsCells
from lupus_pgx.context.told.listed_conditions import as_mapping

_ALSO, _TAKEN, _WITHOUT = "condition=", "drug=", "not="
"""In ``details`` of a word for contraception: it states a condition, too, and the drug that is taken."""

_RELIABLE = ("secured", "not_secured")
"""What a method of contraception is, the one that counts of several first."""

_WISH = "conception_planned"
_WISHED = re.compile(
    r"(?:planned|planning|plans|planned soon|wished|wished for|desired|wanted|trying|trying to conceive|intended|"
    r"geplant|gew\u00fcnscht|kinderwunsch|pr\u00e9vue?|souhait\u00e9e?|d\u00e9sir\u00e9e?|planeado|deseado)"
    r"(?:\s+(?:in|for|within|next|from|soon|this|after|ab|f\u00fcr|dans|en)\b"
    r"(?!.*\b(?:deliver|c(?:a?e)sar|section|birth)).*)?",
    re.IGNORECASE,
)
"""Says in place of a pregnancy that it is planned."""


def read_contraception(made: dict[str, Any], conditions: Any, notes: Notes) -> None:
    """Read contraception in place: its method, what else the word for it states, and a pregnancy that is planned.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    conditions : object
        As they stood before they had the names of the tables.
    notes : Notes
    """
    for name, there in conditions.items() if isinstance(conditions, Mapping) else ():
        for drug in _details(notes.words.find("contraception", name), _TAKEN) if there is True else ():
            _taken(drug, made, notes)  # who has the pill among the conditions takes it
    _planned_pregnancy(made, notes)
    _by_their_drug(made, notes)
    several = isinstance(made.get("contraception"), list) and len(made["contraception"]) > 1
    _methods(made, notes)
    row = notes.words.find("contraception", "no" if made.get("contraception") is False else made.get("contraception"))
    if row is not None and made["contraception"] != row["value"]:  # a word of ours needs no remark
        also, taken = _details(row, _ALSO), _details(row, _TAKEN)
        hint = f" ({row['note']})" if row["note"] else ""
        notes.remark(
            f"contraception: {made['contraception']}: read as {' and '.join([row['value'] or '', *also, *taken])}{hint}"
        )
        made["contraception"] = row["value"]
        # A coil is no hormone that an inducer could make fail; beside a second method that says nothing of the second.
        without = [] if several else _details(row, _WITHOUT)
        stated = as_mapping(made.get("conditions"))
        if (also or without) and stated is not None:
            made["conditions"] = {**dict.fromkeys(also, True), **dict.fromkeys(without, False), **stated}
        for name in taken:
            _taken(name, made, notes)


def _by_their_drug(made: dict[str, Any], notes: Notes) -> None:
    """Name methods of contraception that are told by a brand by the drug that it is, in place."""

    def method(told: Any) -> Any:
        row = notes.words.find("contraception", notes.words.own_name(told))
        if row is None or notes.words.find("contraception", told) is not None:
            return told
        notes.remark(f"contraception: {told}: read as {row['words']}")
        return row["words"]

    given = made.get("contraception")
    if isinstance(given, str | list):
        made["contraception"] = [method(item) for item in given] if isinstance(given, list) else method(given)


def _planned_pregnancy(made: dict[str, Any], notes: Notes) -> None:
    """Read a pregnancy that is planned, among what is planned or in place of one that is there, as a wish for it."""
    planned, told = made.get("planned"), made.get("pregnancy")
    wishes = [
        item["drug"]
        for item in (planned if isinstance(planned, list) else ())
        if isinstance(item, Mapping) and set(item) <= {"drug", "start"} and _is_wish(item.get("drug"), notes.words)
    ]
    if wishes:
        made["planned"] = [item for item in planned or () if item.get("drug") not in wishes]
        if not made["planned"]:
            del made["planned"]
    if isinstance(told, str) and _WISHED.fullmatch(told.strip()):
        wishes.append(made.pop("pregnancy"))
    for wish in wishes[:1]:
        if made.get("contraception") not in (None, _WISH):
            rule = f"says that a pregnancy is planned: write contraception: {_WISH}, or {{pregnancy: false}}"
            notes.refuse(("contraception",), f"{rule}; found {wish!r} beside {made['contraception']!r}")
            return
        notes.remark(f"pregnancy: {wish}: read as contraception: {_WISH}")
        made["contraception"] = _WISH


def _is_wish(name: Any, words: Words) -> bool:
    row = words.find("contraception", name)
    return (row is not None and row["value"] == _WISH) or (
        isinstance(name, str) and own_field(name, words) == "pregnancy"
    )


def _methods(made: dict[str, Any], notes: Notes) -> None:
    """Read several methods of contraception: one that is reliable counts; refuse a yes that names none."""
    given = made.get("contraception")
    if notes.words.says_yes(given):
        rule = (
            "does not say which: name the method (pill, copper IUD, implant, condom), or write secured or not_secured"
        )
        notes.refuse(("contraception",), rule)
        del made["contraception"]
    if not isinstance(given, list) or not given:
        return
    rows = [notes.words.find("contraception", item) for item in given]
    known = [row for row in rows if row is not None and row["value"] in _RELIABLE]
    if len(known) < len(given):
        wrong = next(item for item, row in zip(given, rows, strict=True) if row not in known)
        rule = f"expected one method, or a list of methods such as [copper IUD, condom]; found {wrong!r}"
        notes.refuse(("contraception",), rule)
        del made["contraception"]
        return
    best = min(known, key=lambda row: _RELIABLE.index(row["value"] or ""))
    others = [row["words"] for row in known if row is not best]
    if others:
        notes.remark(f"contraception: {', '.join(others)}: beside {best['words']}, which counts")
    made["contraception"] = best["words"]


def _details(row: ContextWordsCells | None, kind: str) -> list[str]:
    """Return what a word states beside its value."""
    told = split_list(row["details"]) if row is not None else ()
    return [item.removeprefix(kind) for item in told if item.startswith(kind)]


def _taken(name: str, made: dict[str, Any], notes: Notes) -> None:
    """Add a drug that another field states to what is taken.

    A list of co-medication that nobody gave is not begun: it would say that nothing else is taken.
    """
    field = "co_medication" if isinstance(made.get("co_medication"), list) else "therapies"
    listed = made.get(field) or []
    if not isinstance(listed, list) or any(_is_of(item, name, notes.words) for item in listed):
        return
    made[field] = [*listed, {"drug": name, "outcome": "ongoing"} if field == "therapies" else name]


def _is_of(item: Any, name: str, words: Words) -> bool:
    """Say whether an entry of a list of drugs is a drug."""
    return words.own_name(item.get("drug") if isinstance(item, Mapping) else item) == name
