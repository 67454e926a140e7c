"""How a drug is usually taken: a planned dose in another interval, or above the usual maximum, is said first.

A label may allow more for a time (a loading dose) or to some: such a dose is no fault where the context says that it is
for that time, and a question where it does not.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.checks import Check
from lupus_pgx.context.judged.lifetime import frequencies
from lupus_pgx.context.judged.planned import by_weight, current_courses
from lupus_pgx.context.language.doses import LISTED_WEEKDAY, WEEKDAY
from lupus_pgx.context.language.negation import stated
from lupus_pgx.context.language.word_rows import plain
from lupus_pgx.context.model import Context, Therapy
from lupus_pgx.context.values import Amount, holds, values_of
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import CheckStatus

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import DosingCells

DOSE_INTERVAL = "dose_interval"
"""Criterion of a check on how often a dose is taken."""

DOSE_MAXIMUM = "dose_maximum"
"""Criterion of a check on the highest dose."""

DOSE = "dose"
"""Criterion of a check that says that nothing was looked up about a dose that was told."""

_WEEK = 7.0
_PER_DAY, _PER_WEEK, _PER_MONTH = "/day", "/week", "/month"
_SINGLE = ("mg", "mg/kg", "mg/m2")
_OFTEN = re.compile(r"\b(times|twice|thrice|bi-?weekly)\b|\d\s*x", re.IGNORECASE)
_DAYS_WORD = r"(?:d|days?|tage?n?|jours?|d[i\u00ed]as?)\b"
_EVERY = re.compile(rf"\b(?:every|each|alle|toutes les|tous les|cada|q)\s*(\d+)\s*{_DAYS_WORD}", re.IGNORECASE)
_FOR_DAYS = re.compile(
    rf"\b(?:for|over|during|within|since|x|f\u00fcr|\u00fcber|w\u00e4hrend|seit|pendant|durante|por|desde)\s*"
    rf"(?:the\s+)?(?:first\s+|next\s+|last\s+)?\d+\s*{_DAYS_WORD}",
    re.IGNORECASE,
)
_SOME_DAY = re.compile(r"\b(?:days?|tage?n?|jours?|d[i\u00ed]as?)\b", re.IGNORECASE)
_SOME_WEEK = re.compile(r"\b(?:weeks?|months?|monthly)\b|\bq\d+\s*w", re.IGNORECASE)
_TABLETS = re.compile(r"\b\d(?:\s*-\s*\d){2,3}\b")
_DURATION = re.compile(
    r"(?<!every )(?<!alle )(?<!toutes les )\b(\d+)\s*(d|days?|tage?n?|jours?|weeks?|wks?|wochen?|semaines?)\b",
    re.IGNORECASE,
)
_NUMBERED, _IN_PARTS, _DIVIDED = "count", "part", "some"
"""Fields of a number in words and of a part of a dose; ``value`` of a word for parts that does not say how many."""

_APART = (
    r"\b(?:every|each|alle|toutes les|tous les|cada|q)\s*(?P<many>\d+|%s)?\s*"
    r"(?P<unit>d|days?|tage?n?|jours?|d[i\u00ed]as?|w|weeks?|wochen?|semaines?|semanas?)\b"
)
"""With the numbers in words."""

_ON_DAYS = re.compile(
    r"\b(?:d|days?|tage?n?|jours?|d[i\u00ed]as?)\s*\d+(?:(?:\s*(?:,|and|und|et|y|&|\+)\s*)+(?:(?:d|days?|tag|jour|d[i\u00ed]a)\s*)?\d+)+",
    re.IGNORECASE,
)
"""Days 1 and 15."""

_LENGTH = {_PER_WEEK: _WEEK, _PER_MONTH: 4 * _WEEK}
"""Days of what a dose may be given for."""

_AT_START = re.compile(r"\b(first|load\w*|initial\w*|start\w*|aufs\u00e4ttigung\w*|charge)\b", re.IGNORECASE)


_SOME_WEIGHT = Amount(1.0, "kg")
"""Only the unit that it gives to a dose counts."""


class Dosing:
    """Rows of the table ``dosing``: the usual interval of a drug, and its highest dose.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._units = knowledge.known_units
        self._rows: dict[str, list[DosingCells]] = {}
        for row in knowledge.rows("dosing"):
            self._rows.setdefault(row["drug"], []).append(row)
        every = knowledge.rows("context_words")
        self._often = frequencies(knowledge)
        told = [
            (row["words"], row["value"] or "", row["details"] or "") for row in every if row["field"] == "frequency"
        ]
        self._daily = _any_of([words for words, value, _ in told if value.endswith(_PER_DAY)])
        rare = ("1/week", "1/month")
        self._weekly = _any_of([words for words, value, kind in told if value in rare and kind != LISTED_WEEKDAY])
        self._weekday = _any_of([words for words, _, kind in told if kind == WEEKDAY])
        days = _either(words for words, _, kind in told if kind in (WEEKDAY, LISTED_WEEKDAY))
        self._weekdays = re.compile(rf"\b(?:{days})(?:\s*[/,]\s*(?:{days})\b)+", re.IGNORECASE)
        self._counts = {row["words"]: int(row["value"] or 0) for row in every if row["field"] == _NUMBERED}
        told_parts = [(row["words"], row["value"]) for row in every if row["field"] == _IN_PARTS]
        numbers = _either(self._counts)
        named = _either(words for words, value in told_parts if value != _DIVIDED)
        self._in_parts = re.compile(rf"\b(?P<times>\d+|{numbers})\s*(?:(?:{named})\b|x\s*\d)", re.IGNORECASE)
        self._divided = _any_of([words for words, value in told_parts if value == _DIVIDED])
        self._apart = re.compile(_APART % numbers, re.IGNORECASE)
        self._drugs = knowledge.drug_names
        self._elsewhere = _judged_elsewhere(knowledge)
        self._levels: dict[str, dict[str, None]] = {}
        for level in knowledge.rows("adequacy"):
            if level["drug"] and level["quantity"]:
                self._levels.setdefault(level["drug"], {})[level["quantity"]] = None
        self._words = {
            plain(row["words"]): row["value"] for row in knowledge.rows("context_words") if row["field"] == "drug"
        }

    def of(self, drug: str, context: Context) -> list[Check]:
        """Return a check for each dose, planned or taken now, that is not as the drug is usually taken."""
        rows = self._rows.get(drug, [])
        courses = [item for item in current_courses(context) if item.drug.name == drug] if rows else []
        found: dict[tuple[str, str], Check] = {}
        for course in courses:
            for check in self._of_course(drug, course, context, rows):
                found.setdefault((check.criterion, check.found), check)
        return list(found.values())

    def not_judged(self, drug: str, context: Context) -> str:
        """Return the doses, planned or taken now, of which no row says whether they are too high; empty without one.

        A measured level of the drug tells more than its dose does.
        """
        levels = (values_of(context, quantity, self._units) for quantity in self._levels.get(drug, ()))
        if any(values and not values[0].too_old(context.today) for values in levels):
            return ""
        courses = [item for item in current_courses(context) if item.drug.name == drug and item.dose is not None]
        if any(row["interval"] == "week" for row in self._rows.get(drug, [])):  # how often it is taken is judged
            return ""
        rows = (row for row in self._rows.get(drug, []) if _is_of_age(row, context))
        units = {*(row["unit"] for row in rows), *self._elsewhere.get(drug, ())}
        return ", ".join(dict.fromkeys(told for item in courses if (told := self._if_open(item, units, context))))

    def _if_open(self, course: Therapy, units: Iterable[str], context: Context) -> str:
        """Return a dose that none of the units can judge, and whether it is a weight that is missing."""
        assert course.dose is not None
        doses = self._doses(course.dose, course.schedule or "", context.weights)
        if any(self._per(dose, unit, 1) is not None for dose in doses for unit in units):
            return ""
        weighed = by_weight(course.dose, () if context.weights else (_SOME_WEIGHT,))
        heavy = any(self._per(dose, unit, 1) is not None for dose in weighed for unit in units)
        return f"{course.dose.shown}, without a weight" if heavy else course.dose.shown

    def _of_course(self, drug: str, course: Therapy, context: Context, rows: Sequence[DosingCells]) -> list[Check]:
        weekly = [row for row in rows if row["interval"] == "week"]
        if weekly:
            schedule = self._own_schedule(drug, course.schedule or "")
            often = self._as_often(course.dose.unit if course.dose is not None else "", schedule)
            # Without an amount, that it is taken each day is told, and else nothing.
            if often is False or (often is None and course.dose is not None):
                return [_interval(drug, weekly[0], course, open_=often is None)]
        if course.dose is None:
            return []
        parts = self._parts(course.dose, course.schedule or "")
        above = [
            (row, dose, higher)
            for row in rows
            if _is_of_age(row, context)
            for dose in self._doses(course.dose, course.schedule or "", context.weights)
            if (number := self._per(dose, row["unit"], parts)) is not None
            if (higher := _is_higher(row, replace(dose, value=number), course, context.today)) is not False
        ]
        if not above:
            return []
        # Of two that are as strict, the one in the unit of the dose itself.
        row, dose, higher = max(
            above,
            key=lambda item: (item[2] is None, _severity(item[0]), item[0]["unit"] == item[1].unit, item[1].value),
        )
        return [_maximum(drug, row, dose, open_=higher is not None)]

    def _own_schedule(self, drug: str, schedule: str) -> str:
        """Return what a schedule says of the drug itself: not of another, and not what is denied or how long."""
        parts = re.split(r"[,;()+&]|\b(?:and|with|und|mit|plus|et|avec|y|con)\b", schedule)
        text = ", ".join(part for part in parts if not self._names_another(drug, part))
        text = _EVERY.sub(lambda found: " weekly " if int(found[1]) >= _WEEK else " daily ", stated(text))
        return _FOR_DAYS.sub(" ", text)

    def _names_another(self, drug: str, part: str) -> bool:
        words = re.findall(r"[^\W\d]+", part)
        names = [*words, *(" ".join(pair) for pair in pairwise(words))]
        found = {self._words.get(plain(name)) or self._drugs.find(name) for name in names} - {None, ""}
        return bool(found) and drug not in found

    def _as_often(self, unit: str, schedule: str) -> bool | None:
        """Say whether a dose is taken once a week or less often; None where that is not told."""
        weekdays = {found.lower() for found in self._weekday.findall(schedule)}
        weekly = bool(self._weekly.search(schedule) or _SOME_WEEK.search(schedule))
        daily = bool(self._daily.search(schedule) or _TABLETS.search(schedule))
        if unit.endswith(_PER_DAY) or (daily and not weekly):
            return False
        several = len(weekdays) > 1 or bool(self._weekdays.search(schedule))
        some = daily or bool(_SOME_DAY.search(schedule)) or several
        often = bool(_OFTEN.search(schedule))
        if unit.endswith((_PER_WEEK, _PER_MONTH)):
            return None if some or (often and weekly) else True
        return True if weekly and not (some or often) else None

    def _doses(self, dose: Amount, schedule: str, weights: Sequence[Amount]) -> list[Amount]:
        """Return a dose as given, or per day or week where the schedule beside it says how often; and by weight."""
        parts = re.split(r"[,;]", schedule) if dose.unit in _SINGLE else []
        times, _, span = next((found for part in parts if (found := self._often.get(plain(part)))), "").partition("/")
        if times and self._is_unit(f"{dose.unit}/{span}"):
            dose = Amount(dose.value * float(times), f"{dose.unit}/{span}")
        return by_weight(dose, weights)

    def _is_unit(self, unit: str) -> bool:
        return self._units.unknown_unit("dose", unit) is None

    def _parts(self, dose: Amount, schedule: str) -> int:
        """Return in how many parts what is told of a week or month is given; one where no parts are told."""
        length = next((days for unit, days in _LENGTH.items() if dose.unit.endswith(unit)), None)
        if length is None:
            return 1
        told = self._in_parts.search(schedule)
        if told:
            return max(1, self._count(told["times"]))
        on_days = _ON_DAYS.search(schedule)
        if on_days:
            return len(re.findall(r"\d+", on_days[0]))
        apart = self._apart.search(schedule)
        if apart:
            days = self._count(apart["many"] or "1") * (_WEEK if apart["unit"][0] in "wWsS" else 1)
            return max(1, int(length // days)) if days else 1
        if length > _WEEK and self._weekly_alone(schedule):
            return int(length // _WEEK)
        return 2 if self._divided.search(schedule) else 1

    def _count(self, told: str) -> int:
        """Return a number that may be in words."""
        return self._counts.get(told.lower()) or int(told)

    def _weekly_alone(self, schedule: str) -> bool:
        return any(self._often.get(plain(part)) == "1/week" for part in re.split(r"[,;]", schedule))

    def _per(self, dose: Amount, unit: str, parts: int) -> float | None:
        """Return a dose in a unit; of a day it is seven times as much in a week, and of a week or month is one dose.

        One that is given in parts counts by each of them.
        """
        number = self._units.convert(dose.value, "dose", dose.unit, unit)
        if number is not None:
            return number
        for own, wanted, share in ((_PER_DAY, _PER_WEEK, _WEEK), (_PER_WEEK, _PER_DAY, 1 / _WEEK)):
            same = dose.unit.replace(own, wanted)
            if dose.unit.endswith(own) and unit.endswith(wanted) and self._is_unit(same):
                return self._units.convert(dose.value * share, "dose", same, unit)
        single = dose.unit.removesuffix(_PER_WEEK).removesuffix(_PER_MONTH)
        return self._units.convert(dose.value / parts, "dose", single, unit) if single != dose.unit else None


def _judged_elsewhere(knowledge: Knowledge) -> dict[str, set[str]]:
    """Return by drug the units in which other rows judge its dose alone: criteria, and conditions of guidelines."""
    by_dose = {row["criterion"] for row in knowledge.rows("criteria") if row["asks"] == DOSE}
    found: dict[str, set[str]] = {}
    for row in knowledge.rows("contraindications"):
        if row["criterion"] in by_dose and not row["also"] and row["unit"]:
            found.setdefault(row["drug"], set()).add(row["unit"])
    for rule in knowledge.rows("guidance"):
        units = (cell.split(" ", 1)[1] for cell in split_list(rule["dose_from"]))
        found.setdefault(rule["drug"], set()).update(units)
    return found


def _either(words: Iterable[str]) -> str:
    """Return a pattern of one of some words, the longest first; of none where there are none."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{_either(words)})(?![\w-])", re.IGNORECASE)


def _is_of_age(row: DosingCells, context: Context) -> bool:
    return row["age_from"] is None or context.age is None or context.age >= row["age_from"]


def _is_higher(row: DosingCells, dose: Amount, course: Therapy, today: dt.date | None) -> bool | None:
    """Say whether a dose, in the unit of the row, may be the higher one that it allows; None where it is too high.

    False stands for one that is not above the highest, or is the higher one: nothing is to be asked then. By a weight
    of which only a bound is known it may be above.
    """
    above = holds(operator.gt, dose.value, row["highest"], dose.sign)
    if not above:
        return above is None
    beyond = row["higher"] is None or holds(operator.gt, dose.value, row["higher"], dose.sign)
    if beyond is not False:
        return None if beyond else True
    most = row["higher_days"]
    if most is None:
        return True
    days = _days_of(course, today)
    if days is None:
        return not _AT_START.search(course.schedule or "")
    return False if days <= most else None


def _days_of(course: Therapy, today: dt.date | None) -> int | None:
    """Return for how many days a dose is taken, by its schedule or since its start; None where that is not told."""
    told = _DURATION.search(course.schedule or "")
    if told:
        return int(told[1]) * (int(_WEEK) if told[2][0] in "wWsS" else 1)
    if course.outcome is None or course.start is None or today is None:
        return None
    return (today - course.start).days


def _severity(row: DosingCells) -> int:
    return CheckStatus(row["severity"]).severity


def _interval(drug: str, row: DosingCells, course: Therapy, *, open_: bool) -> Check:
    dose = course.dose.shown if course.dose is not None else ""
    given = ", ".join(part for part in (dose, course.schedule or "") if part)
    status = CheckStatus.CHECK_FIRST if open_ else CheckStatus.CONTRAINDICATED
    found = f"{given}: how often is not told" if open_ else given
    return _check(drug, DOSE_INTERVAL, "a dose for once a week, never for every day", status, found, row)


def _maximum(drug: str, row: DosingCells, dose: Amount, *, open_: bool) -> Check:
    highest = Amount(row["highest"], row["unit"])
    subject = f"dose above the usual maximum of {highest.shown}"
    if open_ and row["higher"] is not None:
        higher = Amount(row["higher"], row["unit"])
        subject = f"{subject}; up to {higher.shown} only for {row['higher_for']}"
    status = CheckStatus.CHECK_FIRST if open_ else CheckStatus(row["severity"])
    return _check(drug, DOSE_MAXIMUM, subject, status, dose.shown, row, highest)


def _check(
    drug: str,
    criterion: str,
    subject: str,
    status: CheckStatus,
    found: str,
    row: DosingCells,
    highest: Amount | None = None,
) -> Check:
    return Check(
        drug=drug,
        subject=subject,
        status=status,
        advice=row["advice"],
        found=found,
        citations=split_list(row["citation"]),
        criterion=criterion,
        row=row["unit"],
        cap=highest.value if highest is not None else None,
        cap_unit=highest.unit if highest is not None else "",
        jurisdiction=row["jurisdiction"],
        checked=row["checked"],
        checked_on=row["checked_on"] or "",
    )
