"""How a drug is usually taken: a planned dose in another interval, or above the usual maximum, is said first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lupus_pgx.context.checks import Check
from lupus_pgx.context.model import Context, Therapy
from lupus_pgx.context.planned import by_weight, current_courses
from lupus_pgx.context.values import Amount
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import CheckStatus

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import DosingCells

DOSE_INTERVAL = "dose_interval"
"""Criterion of a check on how often a dose is taken."""

DOSE_MAXIMUM = "dose_maximum"
"""Criterion of a check on the highest dose."""

_WEEK = 7.0
_PER_DAY, _PER_WEEK = "/day", "/week"
_DAILY = re.compile(r"\b(daily|days?|nightly|b\.?i\.?d|q\.?d|o\.?d)\b", re.IGNORECASE)
_OFTEN = re.compile(r"\b(times|twice|thrice|bi-?weekly)\b|\d\s*x", re.IGNORECASE)
_WEEKLY = re.compile(r"\b(weekly|weeks?|months?|monthly|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b", re.IGNORECASE)


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

    def of(self, drug: str, context: Context) -> list[Check]:
        """Return a check for each dose, planned or taken now, that is not as the drug is usually taken."""
        rows = self._rows.get(drug, [])
        courses = [item for item in current_courses(context) if item.drug.name == drug and item.dose is not None]
        found: dict[tuple[str, str], Check] = {}
        for course in courses if rows else ():
            for check in self._of_course(drug, course, context, rows):
                found.setdefault((check.criterion, check.found), check)
        return list(found.values())

    def _of_course(self, drug: str, course: Therapy, context: Context, rows: Sequence[DosingCells]) -> list[Check]:
        assert course.dose is not None
        weekly = [row for row in rows if row["interval"] == "week"]
        if weekly:
            often = _as_often(course.dose, course.schedule or "")
            if often is not True:
                return [_interval(drug, weekly[0], course, open_=often is None)]
        doses = by_weight(course.dose, context.weight)
        above = [
            (row, dose)
            for row in rows
            for dose in doses
            if (number := self._per(dose, row["unit"])) is not None and number > row["highest"]
        ]
        return [_maximum(drug, *max(above, key=lambda item: _severity(item[0])))] if above else []

    def _per(self, dose: Amount, unit: str) -> float | None:
        """Return a dose in a unit; a dose of a day is seven times as much in a week."""
        number = self._units.convert(dose.value, "dose", dose.unit, unit)
        if number is not None:
            return number
        if dose.unit.endswith(_PER_DAY) and unit.endswith(_PER_WEEK):
            return self._units.convert(dose.value * _WEEK, "dose", dose.unit.replace(_PER_DAY, _PER_WEEK), unit)
        if dose.unit.endswith(_PER_WEEK) and unit.endswith(_PER_DAY):
            return self._units.convert(dose.value / _WEEK, "dose", dose.unit.replace(_PER_WEEK, _PER_DAY), unit)
        return None


def _as_often(dose: Amount, schedule: str) -> bool | None:
    """Say whether a dose is taken once a week or less often; None where that is not told."""
    if dose.unit.endswith(_PER_DAY) or (_DAILY.search(schedule) and not _WEEKLY.search(schedule)):
        return False
    if dose.unit.endswith((_PER_WEEK, "/month")):
        return None if _DAILY.search(schedule) else True
    return True if _WEEKLY.search(schedule) and not (_DAILY.search(schedule) or _OFTEN.search(schedule)) else None


def _severity(row: DosingCells) -> int:
    return CheckStatus(row["severity"]).severity


def _interval(drug: str, row: DosingCells, course: Therapy, *, open_: bool) -> Check:
    assert course.dose is not None
    given = ", ".join(part for part in (course.dose.shown, course.schedule or "") if part)
    status = CheckStatus.CHECK_FIRST if open_ else CheckStatus.CONTRAINDICATED
    found = f"{given}: how often is not told" if open_ else given
    return _check(drug, DOSE_INTERVAL, "a dose for once a week, never for every day", status, found, row)


def _maximum(drug: str, row: DosingCells, dose: Amount) -> Check:
    highest = Amount(row["highest"], row["unit"])
    subject = f"dose above the usual maximum of {highest.shown}"
    return _check(drug, DOSE_MAXIMUM, subject, CheckStatus(row["severity"]), dose.shown, row, highest)


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
