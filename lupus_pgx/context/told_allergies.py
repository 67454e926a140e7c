"""Allergies as people list them: each is a drug that was not tolerated, or the condition that a word for several is.

What is no drug and no such word is refused: a name that was mistyped would be silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from lupus_pgx.context.notes import Notes
from lupus_pgx.terms import Outcome

_FIELD, _NONE = "field", "no"
"""In ``value`` of a word for the field that lists them, and for that there is none."""

_ALLERGY = "allergy"
_COURSE, _DAYS = ("dose", "schedule", "start", "stop"), ("date", "day", "on", "when", "year")
"""What may be told of the course beside the drug and its reaction, and the day of the reaction, which ended it."""

_OF = re.compile(
    r"(?:(?:known\s+)?(?:allergy|allergic|hypersensitivity|hypersensitive|allergie|allergisch|allergique|alergia|al[e\u00e9]rgic[oa])\s+(?:to|against|gegen|auf|von|au|aux|\u00e0|a)\s+(?:la\s+|l')?(?P<after>.+))|"
    r"(?:(?P<before>.+?)[\s-]*(?:allergy|allergies|allergic|hypersensitivity|allergie))",
    re.IGNORECASE,
)
_TOLD = re.compile(r"(?P<name>[^:(]+?)\s*(?::\s*|\(|\s+[-\u2013=]+>?\s+|->\s*)(?P<reaction>[^)]+?)\)?\s*")


def read_allergies(made: dict[str, Any], notes: Notes) -> None:
    """Write allergies among the therapies and conditions of a patient, in place.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    reader = _Allergies(made, notes)
    for field in [name for name in made if _is_field(name, notes) and not reader.yes(made[name])]:
        given = made.pop(field)
        for name, reaction, course in reader.listed(given, field):
            reader.place(field, name, reaction, course)
    reader.of_drugs("co_medication")
    reader.of_drugs("conditions")


def _is_field(name: Any, notes: Notes) -> bool:
    row = notes.words.find(_ALLERGY, name)
    return row is not None and row["value"] == _FIELD


class _Allergies:
    """Reads the allergies of one patient."""

    def __init__(self, made: dict[str, Any], notes: Notes) -> None:
        self._made = made
        self._notes = notes
        self._words = notes.words

    def listed(self, given: Any, field: str) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """Yield each allergy with what happened, None where that is not told, and what is told of the course."""
        if isinstance(given, str) and self._none(given) is None:
            given = [part.strip() for part in re.split(r"[,;](?![^(]*\))", given) if part.strip()]
        items = given if isinstance(given, list) else [given]
        for item in items:
            course: dict[str, Any] = {}
            if isinstance(item, Mapping):
                course = self._course(item, field) if "drug" in item else {}
                pairs = [(item["drug"], item.get("reaction"))] if "drug" in item else list(item.items())
            else:
                pairs = [(item, None)]
            for name, reaction in pairs:
                said = self._none(name) or ("no" if reaction is False else "")
                if said:
                    told = "no allergy is known" if len(items) == len(pairs) == 1 else "left out"
                    self._notes.remark(f"{field}: {name or 'no'}: {told}; no rule rests on that")
                elif not isinstance(name, str):
                    self._notes.refuse(
                        (field,), f"expected the names of drugs, such as [heparin, naproxen]; found {name!r}"
                    )
                else:
                    match = _TOLD.fullmatch(name) if reaction is None and not self._words.is_drug(name) else None
                    yield (match["name"], match["reaction"], course) if match else (name, reaction, course)

    def _course(self, item: Mapping[Any, Any], field: str) -> dict[str, Any]:
        """Return what an allergy tells of the course of its drug: with its reaction it was over at the latest."""
        made = {}
        for key, told in item.items():
            if key in _COURSE:
                made[key] = told
            elif key in _DAYS:
                made.setdefault("stop", told)
            elif key not in ("drug", "reaction"):
                self._notes.lose(f"{field}: {item['drug']}: {key}: {told}: is not used")
        return made

    def _none(self, told: Any) -> str | None:
        """Return what says that there is none, or that nothing is known."""
        if told is None or told is False:
            return "no"
        row = self._words.find("answer", told) or self._words.find(_ALLERGY, told)
        return None if row is None or row["value"] not in (None, _NONE) else row["value"] or "unknown"

    def place(self, field: str, name: str, reaction: Any, course: Mapping[str, Any] = MappingProxyType({})) -> None:
        """Write one allergy where it belongs; a word for several drugs is a condition."""
        match = _OF.fullmatch(name.strip())
        bare = ((match["after"] or match["before"]) if match else name).strip()
        reaction = None if reaction is True else reaction
        condition = next((word for word in (name, f"{bare} {_ALLERGY}") if self._words.condition(word)), None)
        drug = self._words.is_drug(bare)
        if drug:
            made = {"drug": bare, "outcome": Outcome.INTOLERANCE.value, "reaction": reaction or _ALLERGY, **course}
            self._add("therapies", [made], field)
            self._notes.remark(f"{field}: {name}: read as {bare} that was not tolerated, {reaction or _ALLERGY}")
        if condition is not None:
            self._add("conditions", {condition: True}, field)
            if reaction and not drug:
                self._notes.lose(f"{field}: {name}: {reaction}: is not used: write the drug that it was")
        elif not drug:
            rule = self._words.unknown_drug(bare).partition("; if the name")[0]
            other = f"; what is no drug is written as conditions: ['other: {bare} {_ALLERGY}']"
            self._notes.refuse((field,), rule if "is a class" in rule else rule + other)

    def _add(self, field: str, more: Any, path: str) -> None:
        """Write more into a list of therapies, or into conditions."""
        there = self._made.get(field)
        if field == "conditions" and (there is None or isinstance(there, Mapping)):
            self._made[field] = {**more, **(there or {})}
        elif isinstance(there or [], list):
            self._made[field] = [*(there or []), *more]
        else:
            self._notes.refuse((path,), f"cannot be read beside {field}: write them as a list")

    def of_drugs(self, field: str) -> None:
        """Read allergies to drugs that stand among the conditions, or among what is taken."""
        given = self._made.get(field)
        if not isinstance(given, list | Mapping):
            return
        found, denied = [], []
        for name in given:
            match = _OF.fullmatch(name.strip()) if isinstance(name, str) else None
            bare = (match["after"] or match["before"]).strip() if match else ""
            told = given[name] if isinstance(given, Mapping) else True
            known = (
                not bare
                or self._words.is_drug(name)
                or self._words.condition(name)
                or self._words.refused_condition(name)
            )
            if known or not self._words.is_drug(bare):
                continue
            if self.yes(told):
                found.append(name)
            elif self._none(told):
                denied.append(name)
        if isinstance(given, Mapping):
            self._made[field] = {name: told for name, told in given.items() if name not in (*found, *denied)}
        else:
            self._made[field] = [name for name in given if name not in found]
        for name in denied:
            self._notes.remark(f"{field}: {name}: left out; no rule rests on that")
        for name in found:
            self.place(field, name, None)

    def yes(self, told: Any) -> bool:
        """Say whether a word answers yes, which names no drug."""
        row = self._words.find("answer", told)
        return told is True or (row is not None and row["value"] == "yes")
