"""Courses as people write them: brands, combinations, doses with their schedule, outcomes, reactions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lupus_pgx.context.form import context_schema
from lupus_pgx.context.judged.intolerance import reactions_of
from lupus_pgx.context.language.doses import (
    APART,
    COUNTED,
    SPACED,
    dose_of,
    frequency_of,
    is_read,
    tells_how_often,
    unclear_dose,
)
from lupus_pgx.context.language.negation import stated
from lupus_pgx.context.language.notes import AMOUNT, Notes, Path
from lupus_pgx.context.language.others import tells_of_others
from lupus_pgx.context.language.stops import is_over, stop_of
from lupus_pgx.context.language.word_rows import plain
from lupus_pgx.knowledge.drugs import OTHER, other_name
from lupus_pgx.terms import Outcome

_LASTING = re.compile(
    rf"(?P<dose>.+?)\s+(?P<rest>(?:for|over|x)\s+\d.*|for (?:the first|one|a)\s.*|\(.+\)|{SPACED}.*)",
    re.IGNORECASE,
)
_SINGLE = re.compile(r"\s*[0-9]*\.?[0-9]+\s*(?P<unit>(?:mg|g|ug|\u00b5g|mcg)(?:/kg|/m2)?)\s*", re.IGNORECASE)
_MORE = re.compile(r"\b(?:times|twice|thrice|mal|fois|veces)\b|\d\s*[x\u00d7]", re.IGNORECASE)
"""Says that what stands beside it is not all of how often a dose is taken."""

_STOPPED = re.compile(r"(?:stopp|discontinu|withdrawn|abgesetzt|abgebrochen|arr[eê]t).*", re.IGNORECASE)
_SEVERAL = re.compile(r"\s*(?:[,;+/]|\b(?:and then|then|and|und|dann|et|puis|y|luego|followed by)\b)\s*", re.IGNORECASE)
_ASK = "ask"
"""In ``details`` of a word for an outcome that tells too little: its note says what to write."""

_KEYS = ("drug", "dose", "schedule", "start", "stop", "outcome", "reaction")
"""Fields of a course."""

_UNSURE = re.compile(
    r"\b(?:not confirmed|unconfirmed|not verified|unverified|nicht best\u00e4tigt|nicht gesichert|"
    r"non confirm\u00e9e?|unlikely|unwahrscheinlich|peu probable|improbable|"
    r"(?:afraid|fear(?:s|ed)?|worried|scared|angst|peur|crainte|miedo|temor|risk|risiko|risque|riesgo)\s+(?:of|about|vor|f\u00fcr|de|d'|a|al?)\b|fears|bef\u00fcrchtet)\b",
    re.IGNORECASE,
)
"""Says of a reaction that nobody knows whether it was there."""

NOT_KNOWN = "unknown"
"""A reaction of which nobody knows what it was."""


class ToldCourses:
    """Read what a patient took, and is to take.

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
        made = self.by_our_names(item, path)
        row = self._notes.words.find("drug", made.get("drug"))
        parts = list(self.parts(made["drug"])) if row is not None else []
        for course in _of_parts(made, parts) if parts else [dict(made)]:
            yield from self._course(course, made.get("drug"), path)

    def by_our_names(self, item: Mapping[Any, Any], path: Path) -> dict[Any, Any]:
        """Return what is told of a course by the names of its fields: ``until`` is its stop."""
        made: dict[Any, Any] = {}
        for name, value in item.items():
            row = self._notes.words.find("course", name) if name not in _KEYS else None
            own = row["value"] if row is not None else name
            if own in made or (own != name and own in item):
                self._notes.refuse((*path, str(name)), f"stands for {own}, which is given twice: write one of them")
            elif value is None and own not in _KEYS and not self._is_field(name):
                # YAML ends a text at its comma within braces: {reaction: cough, angioedema} is a cough and a bare key.
                rule = "is no field of a course, and has no value: write a text that has a comma in quotes"
                self._notes.refuse((*path, str(name)), rule)
            else:
                made[own] = value
        return made

    def _is_field(self, name: Any) -> bool:
        """Say whether a name is that of a field of a patient, such as ``adherence``, which a form may leave empty."""
        known = context_schema()["$defs"]["patient"]["properties"]
        return name in known or self._notes.words.find("field", name) is not None

    def _course(self, item: dict[str, Any], drug: Any, path: Path) -> Iterator[Any]:
        """Yield a course; one that failed and then was not tolerated is two, of which each counts."""
        made = dict(item)
        if "start" in made:
            made["start"] = self._notes.date(made["start"], (*path, "start"))
        if "stop" in made:
            over = is_over(made["stop"], self._notes.words)
            made["stop"] = self._notes.date(made["stop"], (*path, "stop")) if over is None else over
        self._dose(made, path)
        outcomes = self.outcomes(made.get("outcome"), drug, path)
        if outcomes is None:
            yield made
            return
        self.reaction(made, outcomes, path)
        reaction, harmed = made.pop("reaction", None), Outcome.INTOLERANCE.value
        if reaction is not None and outcomes and harmed not in outcomes:
            self._notes.remark(f"{drug}: {' and '.join(outcomes)} and then a reaction, {reaction}: both count")
            outcomes = [*outcomes, harmed]
        for outcome in outcomes:
            yield {**made, "outcome": outcome} | ({"reaction": reaction} if outcome == harmed and reaction else {})

    def outcomes(self, given: Any, drug: Any, path: Path) -> list[str] | None:
        """Return outcomes by our words, none of a course that is left out; None where they are left for the check.

        Parameters
        ----------
        given : object
            A word, a list of them, or several in one text: ``failed and not tolerated``.
        drug : object
        path : tuple
        """
        told = given if isinstance(given, list) else [given]
        rows = [self._notes.words.find("outcome", item) for item in told]
        if rows == [None] and isinstance(given, str):
            told = [part for part in _SEVERAL.split(given) if part]
            rows = [self._notes.words.find("outcome", item) for item in told]
        known = [row for row in rows if row is not None]
        if len(known) < len(rows) or not rows:
            return self._unread(given, bool(known), path)
        if any(row["details"] == _ASK for row in known):
            row = next(row for row in known if row["details"] == _ASK)
            self._notes.refuse((*path, "outcome"), f"{row['note']}; found {given!r}")
            return []
        left_out = next((row for row in known if not row["value"]), None)
        if left_out is not None:
            self._notes.lose(f"{drug}: {given}: {left_out['note']}")
            return []
        found = list(dict.fromkeys(str(row["value"]) for row in known))
        if found != [given]:
            notes = "".join(f"; {row['note']}" for row in known if row["note"])
            self._notes.remark(f"{drug}: {_joined(given)}: read as {' and '.join(found)}{notes}")
        return found

    def _unread(self, given: Any, half: bool, path: Path) -> list[str] | None:
        """Refuse an outcome that holds something else, or leave it for the check of the form."""
        rule = ""
        if isinstance(given, str) and _STOPPED.fullmatch(given.strip()):
            rule = (
                "does not say why: write intolerance with the reaction, inadequate_response where it did not work, or "
                "response where it was no longer needed"
            )
        elif isinstance(given, str) and half:
            rule = (
                "holds more than an outcome: write the outcome, and what was not tolerated as the reaction; both count"
            )
        elif isinstance(given, str) and given.strip():
            known = bool(reactions_of(self._notes.words.knowledge).rows(stated(given)))
            how = f"outcome: intolerance, reaction: {given.strip() if known else 'NAME'}"
            names = "it names what was not tolerated" if known else "something was not tolerated"
            rule = f"expected {', '.join(item.value for item in Outcome)}; where {names}, write {how}"
        if rule:
            self._notes.refuse((*path, "outcome"), f"{rule}; found {given!r}")
            return []
        return None

    def reaction(self, made: dict[str, Any], outcomes: Sequence[str], path: Path) -> None:
        """Read the reaction of a course in place: one that was not there is none, and a list is one text."""
        given = made.get("reaction")
        if isinstance(given, list) and given and all(isinstance(item, str) for item in given):
            given = made["reaction"] = ", ".join(given)
        others = isinstance(given, str) and tells_of_others(given, self._notes.words)
        if isinstance(given, str) and (others or _UNSURE.search(given)):
            why = "is said of somebody else" if others else "is not said to have been there"
            rule = f"{why}: write the reaction where it was, or leave it out"
            self._notes.refuse((*path, "reaction"), f"{rule}; found {given!r}")
            return
        row = self._notes.words.find("answer", "no" if given is False else given)
        none = (row is not None and row["value"] == "no") or (isinstance(given, str) and not stated(given))
        unknown = row is not None and not row["value"]
        if not (none or unknown):
            return
        if Outcome.INTOLERANCE.value not in outcomes:
            said = "no reaction" if none else "whether there was a reaction is not known"
            self._notes.remark(
                f"{made.get('drug')}: reaction {'no' if given is False else given}: {said}, and is left out"
            )
            del made["reaction"]
        elif unknown:
            made["reaction"] = NOT_KNOWN
        elif row is not None:
            rule = f"an intolerance has a reaction: write what it was, or {NOT_KNOWN}; found {given!r}"
            self._notes.refuse((*path, "reaction"), rule)

    def _dose(self, made: dict[str, Any], path: Path) -> None:
        dose = made.get("dose")
        if not isinstance(dose, str):
            return
        rule = unclear_dose(dose) or self._over(dose)
        if rule:
            self._notes.refuse((*path, "dose"), rule)
            del made["dose"]
            return
        if self._without_amount(made, dose):
            return
        lasting = None if COUNTED.match(dose.strip()) else _LASTING.fullmatch(dose.strip())
        if lasting and not is_read(dose, self._notes.words):
            dose = lasting["dose"]
            _add(made, lasting["rest"], behind=True)
        if APART.fullmatch(dose.strip()) and self._notes.words.is_combination(made.get("drug")):
            # The dose of one part is not that of another, nor is their sum: it is shown, and no amount.
            _add(made, dose)
            self._notes.lose(f"{made['drug']}: {dose}: doses of the parts, held against no rule")
            del made["dose"]
            return
        dose = self.with_schedule(made, dose)
        read = dose_of(dose, self._notes.words)
        if read.schedule:
            _add(made, read.schedule)
        if read.rule:
            self._notes.refuse((*path, "dose"), read.rule)
        elif read.text != " ".join(dose.split()):
            self._notes.remark(f"{made.get('drug')}: {dose}: read as {read.text}")
        made["dose"] = None if read.text is None else self._notes.amount(read.text, (*path, "dose"))
        if made["dose"] is None:
            del made["dose"]
        else:
            self.too_much(made.get("drug"), made["dose"])

    def _without_amount(self, made: dict[str, Any], dose: str) -> bool:
        """Read in place a dose that tells how often and no amount, ``q6mo``; say whether it was one."""
        often = frequency_of(dose, self._notes.words)
        if not tells_how_often(dose, self._notes.words) or (often is not None and not often.span):
            return False
        self._notes.remark(f"{made.get('drug')}: {dose}: tells no amount, and is read as its schedule")
        _add(made, dose)
        del made["dose"]
        return True

    def too_much(self, drug: Any, dose: str) -> None:
        """Say of a drug whose name holds for a low dose that the one that is taken is none."""
        row = self._notes.words.find("low dose", self._notes.words.own_name(drug))
        amount = AMOUNT.fullmatch(dose)
        if row is None or amount is None:
            return
        units = (amount[3], f"{amount[3]}/day")
        told = (self._notes.words.in_unit(float(amount[2]), "dose", unit, row["details"] or "") for unit in units)
        if any(number is not None and number > float(row["value"] or 0) for number in told):
            self._notes.remark(f"{drug}: {dose}: {row['note']}")

    def _over(self, dose: str) -> str:
        """Say what to write where a dose says that it is taken no more."""
        told = stop_of(dose, self._notes.words)
        over = told is not None and told.when is not False
        return f"says that it was stopped: write its stop, and how it went; found {dose!r}" if over else ""

    def with_schedule(self, made: dict[str, Any], dose: str) -> str:
        """Return a dose with how often it is taken, where its schedule says that, which is left out there."""
        schedule, single = made.get("schedule"), _SINGLE.fullmatch(dose)
        if not isinstance(schedule, str) or single is None:
            return dose
        words = self._notes.words
        parts = [part.strip() for part in re.split(r"[,;]", schedule) if part.strip()]
        told = [(part, often) for part in parts if (often := frequency_of(part, words)) is not None and often.span]
        if len(told) != 1:
            return dose
        part, often = told[0]
        rest = ", ".join(other for other in parts if other != part)
        # What is taken twice a week is no dose of a week, and a month has its own rules.
        whole = often.span == "day" or (often.span == "week" and often.times == 1)
        unit = words.unit("dose", f"{single['unit']}/{often.span}")
        if not whole or not words.has_unit("dose", unit) or _MORE.search(rest):
            return dose
        made["schedule"] = rest
        if not rest:
            del made["schedule"]
        return f"{dose.strip()} {part}"

    def parts(self, name: Any) -> Iterator[Any]:
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
            unknown = "no table knows it, so what it does to other drugs is unknown here"
            self._notes.lose(f"{name}: {as_read}{unknown}{note}")
        elif note or plain(drugs) != plain(str(name)):
            self._notes.remark(f"{name}: read as {drugs.replace(';', ' and ')}{note}")
        yield from drugs.split(";")


def _add(made: dict[str, Any], schedule: str, *, behind: bool = False) -> None:
    """Write what is told of a schedule before, or behind, what stands there."""
    told = made.get("schedule")
    parts = [str(told), schedule] if behind else [schedule, str(told)]
    made["schedule"] = ", ".join(parts) if told else schedule


def _joined(given: Any) -> str:
    return ", ".join(map(str, given)) if isinstance(given, list) else str(given)


def _of_parts(made: Mapping[str, Any], parts: Sequence[str]) -> list[dict[str, Any]]:
    """Return a course of each part of a combination, whose dose is that of no part alone."""
    if len(parts) == 1:
        return [{**made, "drug": parts[0]}]
    told = ", ".join(str(made[name]) for name in ("dose", "schedule") if made.get(name))
    rest = {name: value for name, value in made.items() if name not in ("dose", "schedule")}
    return [{**rest, "drug": part, **({"schedule": told} if told else {})} for part in parts]
