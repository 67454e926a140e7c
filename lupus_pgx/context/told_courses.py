"""Courses and co-medication as people write them: brands, combinations, doses with their schedule, outcomes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lupus_pgx.context.everyday import APART, COUNTED, NEGATED, dose_of
from lupus_pgx.context.notes import AMOUNT, Notes, Path
from lupus_pgx.context.word_rows import plain
from lupus_pgx.knowledge.drugs import OTHER, other_name
from lupus_pgx.terms import Outcome

_LASTING = re.compile(
    r"(?P<dose>.+?)\s+(?P<rest>(?:for|over|x)\s+\d.*|for (?:the first|one|a)\s.*|\(.+\)|"
    r"(?:every\s+|q|alle\s+|toutes les\s+)\d+\s*"
    r"(?:w|d|weeks?|months?|wochen?|monate?|semaines?|mois|days?|tage?|jours?)\b.*)",
    re.IGNORECASE,
)
_STOPPED = re.compile(r"(?:stopp|discontinu|withdrawn|abgesetzt|abgebrochen|arr[eê]t).*", re.IGNORECASE)


class ToldCourses:
    """Read what a patient took, takes and is to take.

    Parameters
    ----------
    notes : Notes
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def courses(self, item: Any, path: Path) -> Iterator[Any]:
        """Yield a course; one of a combination is one of each part."""
        if not isinstance(item, Mapping):
            yield item
            return
        row = self._notes.words.find("drug", item.get("drug"))
        parts = list(self._parts(item["drug"])) if row is not None else []
        for course in _of_parts(item, parts) if parts else [dict(item)]:
            yield from self._course(course, item.get("drug"), path)

    def _course(self, item: dict[str, Any], drug: Any, path: Path) -> Iterator[Any]:
        """Yield a course; one that failed and then was not tolerated is two, of which each counts."""
        made = dict(item)
        for name in ("start", "stop", "since"):
            if name in made:
                made[name] = self._notes.date(made[name], (*path, name))
        self._dose(made, path)
        row = self._notes.words.find("outcome", made.get("outcome"))
        if row is not None:
            if not row["value"]:
                self._notes.remark(f"{drug}: {item['outcome']}: {row['note']}")
                return
            if row["value"] != item["outcome"]:
                note = f"; {row['note']}" if row["note"] else ""
                self._notes.remark(f"{drug}: {item['outcome']}: read as {row['value']}{note}")
            made["outcome"] = row["value"]
        elif isinstance(item.get("outcome"), str) and _STOPPED.fullmatch(item["outcome"].strip()):
            rule = (
                "does not say why: write intolerance with the reaction, inadequate_response where it did not work, or "
                f"response where it was no longer needed; found {item['outcome']!r}"
            )
            self._notes.refuse((*path, "outcome"), rule)
        reaction = made.get("reaction")
        if reaction and made.get("outcome") in (Outcome.INADEQUATE_RESPONSE, Outcome.RESPONSE):
            failed = {name: value for name, value in made.items() if name != "reaction"}
            self._notes.remark(f"{drug}: {made['outcome']} and then a reaction, {reaction}: both count")
            yield failed
            made["outcome"] = Outcome.INTOLERANCE.value
        yield made

    def _dose(self, made: dict[str, Any], path: Path) -> None:
        dose = made.get("dose")
        if not isinstance(dose, str):
            return
        lasting = None if COUNTED.match(dose.strip()) else _LASTING.fullmatch(dose.strip())
        if lasting:
            dose = lasting["dose"]
            told = made.get("schedule")
            made["schedule"] = f"{told}, {lasting['rest']}" if told else lasting["rest"]
        if APART.fullmatch(dose.strip()) and self._notes.words.is_combination(made.get("drug")):
            # The dose of one part is not that of another, nor is their sum: it is shown, and no amount.
            told = made.get("schedule")
            made["schedule"] = f"{dose}, {told}" if told else dose
            self._notes.remark(f"{made['drug']}: {dose}: doses of the parts, held against no rule")
            del made["dose"]
            return
        read = dose_of(dose, self._notes.words)
        if read.schedule:
            told = made.get("schedule")
            made["schedule"] = f"{read.schedule}, {told}" if told else read.schedule
        if read.rule:
            self._notes.refuse((*path, "dose"), read.rule)
        elif read.text != " ".join(dose.split()):
            self._notes.remark(f"{made.get('drug')}: {dose}: read as {read.text}")
        made["dose"] = None if read.text is None else self._notes.amount(read.text, (*path, "dose"))
        if made["dose"] is None:
            del made["dose"]

    def taken(self, given: list[Any]) -> Iterator[Any]:
        """Yield names of drugs that are taken; those that were stopped are said and left out."""
        for number, item in enumerate(given):
            if isinstance(item, str) and (NEGATED.fullmatch(item.strip()) or _STOPPED.fullmatch(item.strip())):
                rule = f"is said not to be taken: leave it out; found {item!r}"
                self._notes.refuse(("co_medication", number), rule)
                continue
            if not isinstance(item, Mapping) or "drug" not in item:
                yield from self._parts(item)
                continue
            told = ", ".join(f"{name} {value}" for name, value in item.items() if name != "drug")
            if item.get("stop"):
                self._notes.remark(f"{item['drug']} ({told}): was stopped, and is not counted as taken now")
            else:
                if told:
                    self._notes.remark(f"{item['drug']} ({told}): taken now")
                yield from self._with_dose(list(self._parts(item["drug"])), item.get("dose"))

    def _with_dose(self, names: list[Any], dose: Any) -> Iterator[Any]:
        """Yield a drug that is taken with its dose; one that cannot be read is said and left out."""
        read = dose_of(dose, self._notes.words) if isinstance(dose, str) and len(names) == 1 else None
        amount = None if read is None or read.text is None else AMOUNT.fullmatch(read.text)
        unit = self._notes.words.unit("dose", amount[3].strip()) if amount is not None else ""
        if amount is None or amount[1] or not self._notes.words.has_unit("dose", unit):
            if dose is not None:
                self._notes.remark(f"{names[0]}: the dose, {dose}, is not used")
            yield from names
        else:
            yield {"drug": names[0], "dose": f"{amount[2]} {unit}"}

    def _parts(self, name: Any) -> Iterator[Any]:
        """Yield the drugs that a name stands for: a brand, the parts of a combination, also behind ``other:``."""
        bare = other_name(name)
        row = self._notes.words.find("drug", bare or name)
        if row is None or (bare and (row["value"] or "").startswith(OTHER)):
            yield name
            return
        name = bare or name
        note, drugs = f"; {row['note']}" if row["note"] else "", row["value"] or str(name)
        if drugs.startswith(OTHER):
            own = drugs.removeprefix(OTHER).strip()
            as_read = "" if plain(own) == plain(str(name)) else f"read as {own}; "
            self._notes.remark(f"{name}: {as_read}no table knows it, so what it does to other drugs is unknown here")
        elif note or plain(drugs) != plain(str(name)):
            self._notes.remark(f"{name}: read as {drugs.replace(';', ' and ')}{note}")
        yield from drugs.split(";")


def _of_parts(made: Mapping[str, Any], parts: Sequence[str]) -> list[dict[str, Any]]:
    """Return a course of each part of a combination, whose dose is that of no part alone."""
    if len(parts) == 1:
        return [{**made, "drug": parts[0]}]
    told = ", ".join(str(made[name]) for name in ("dose", "schedule") if made.get(name))
    rest = {name: value for name, value in made.items() if name not in ("dose", "schedule")}
    return [{**rest, "drug": part, **({"schedule": told} if told else {})} for part in parts]
