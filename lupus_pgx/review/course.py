"""Were published response criteria met? Judged from dated series, at the months that the criteria name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lupus_pgx.context.model import Context, Therapy
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import accompanying_drugs, background_drugs
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.knowledge.units import Units, estimated_gfr, without_noise
from lupus_pgx.terms import Met

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ResponseCriteriaCells

_MONTH = 365.25 / 12
"""Days."""

_BASELINE_BEFORE = 90
_BASELINE_AFTER = 14
"""Days around the start within which the last value before treatment is looked for (our choice, see the docs)."""

_REGIMEN = 31
"""Therapies that start within so many days belong to one regimen (our choice)."""

_SPAN = ((3, 30), (6, 45), (24, 60))
"""Up to which month a value may lie how many days off the month that is judged (our choice)."""

_VISIT = 15
"""Days within which values belong to one visit (our choice)."""

_GFR = ("egfr", "gfr")
_ESTIMATED = ", estimated"

Series = Sequence[tuple[dt.date, float]]


@dataclass(frozen=True, slots=True)
class Regimen:
    """Therapies that began together.

    ``stop`` is the day on which all of them had ended, glucocorticoids aside; None while one of them is given.
    """

    drugs: tuple[str, ...]
    start: dt.date
    stop: dt.date | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A response criterion, judged for one regimen.

    Attributes
    ----------
    regimen : Regimen
    manifestation : str
    months : int
    body : str
        Who published it.
    response : str
        What is reached when it is met: ``complete``, ``partial``, ``on_track``.
    group : str
        Identifier; the rows of one group are met together.
    status : Met
    details : tuple of str
        What was measured and what was asked for; why it is not judgeable.
    second_hand : bool
        The figure was read in a secondary source.
    citations : tuple of str
    """

    regimen: Regimen
    manifestation: str
    months: int
    body: str
    response: str
    group: str
    status: Met
    details: tuple[str, ...]
    second_hand: bool
    citations: tuple[str, ...]


def judge_course(context: Context, knowledge: Knowledge, today: dt.date) -> tuple[Judged, ...]:
    """Judge the published response criteria of the manifestations of a patient, regimen by regimen.

    A value belongs to month 3 if it lies within 30 days of it, to month 6 within 45, later within 60; the
    start has the last value from 90 days before to 14 days after it. Where the source gives a span of
    months, any value in it may meet the criterion; where it allows more months after proteinuria in the
    nephrotic range at the start, they belong to the span.

    Parameters
    ----------
    context : Context
        Dated therapies and series.
    knowledge : Knowledge
    today : date
        What lies after it is not due.

    Returns
    -------
    tuple of Judged
        By regimen, month and criterion; empty where no therapy has a date or no criterion fits.
    """
    judge = _Judge(context, knowledge.known_units, today)
    found = []
    for manifestation in context.manifestations:
        groups: dict[tuple[str, int], list[ResponseCriteriaCells]] = {}
        for row in knowledge.rows("response_criteria"):
            if row["manifestation"] == manifestation.name:
                groups.setdefault((row["group"], row["months"]), []).append(row)
        for regimen in _regimens(context, manifestation.name, knowledge) if groups else ():
            judged = [judge.group(rows, regimen) for rows in groups.values()]
            found += sorted(judged, key=lambda item: (item.months, item.body == "trial", item.group))
    return tuple(found)


def _regimens(context: Context, manifestation: str, knowledge: Knowledge) -> list[Regimen]:
    """Return therapies of a manifestation, put together by their start; background therapy starts none."""
    listed = knowledge.drugs_by_name
    background = background_drugs(knowledge)
    dated: list[tuple[dt.date, Therapy]] = sorted(
        (
            (item.start, item)
            for item in context.therapies
            if item.start is not None
            and item.drug.name in listed
            and item.drug.name not in background
            and manifestation in split_list(listed[item.drug.name].row["manifestations"])
        ),
        key=lambda pair: (pair[0], pair[1].drug.name),
    )
    groups: list[list[tuple[dt.date, Therapy]]] = []
    for start, item in dated:
        if groups and (start - groups[-1][0][0]).days <= _REGIMEN:
            groups[-1].append((start, item))
        else:
            groups.append([(start, item)])
    steroids = accompanying_drugs(knowledge)
    return [_regimen(group, steroids) for group in groups]


def _regimen(group: Sequence[tuple[dt.date, Therapy]], steroids: frozenset[str]) -> Regimen:
    # Glucocorticoids go on after a regimen: it ends with the other drugs, where there are any.
    others = [item for _, item in group if item.drug.name not in steroids]
    stops = [item.stop for item in others or [item for _, item in group]]
    known = [stop for stop in stops if stop is not None]
    names = tuple(dict.fromkeys(item.drug.name for _, item in group))
    return Regimen(names, group[0][0], max(known) if len(known) == len(stops) else None)


class _Judge:
    """Judge criteria on the series of one patient."""

    def __init__(self, context: Context, units: Units, today: dt.date) -> None:
        self.context, self.units, self.today = context, units, today

    def group(self, rows: Sequence[ResponseCriteriaCells], regimen: Regimen) -> Judged:
        """Judge rows that are met together."""
        first = rows[0]
        outcomes = self._at_best(rows, regimen)
        return Judged(
            regimen=regimen,
            manifestation=first["manifestation"],
            months=first["months"],
            body=first["body"],
            response=first["response"],
            group=first["group"],
            status=_joined([status for status, _ in outcomes]),
            details=tuple(text for _, text in outcomes),
            second_hand=any(row["source_check"] == "secondary" for row in rows),
            citations=tuple(dict.fromkeys(name for row in rows for name in split_list(row["citation"]))),
        )

    def _at_best(self, rows: Sequence[ResponseCriteriaCells], regimen: Regimen) -> list[tuple[Met, str]]:
        """Judge rows at their month; within a span at each visit, until they hold together."""
        more = max(self._extension(row, regimen) for row in rows)
        last, first = rows[0]["months"] + more, rows[0]["month_from"] or (rows[0]["months"] if more else None)
        due, off = _after(regimen.start, last), _off(last)
        # Before the last month of a span a criterion can be met, but not missed.
        outcomes = self._parts(rows, regimen, due - off, due + off, due)
        if not first:
            return outcomes
        begin, end = _after(regimen.start, first) - _off(first), due + off
        visits = {date for row in rows for date, _ in self._series(row["quantity"])[0] if begin <= date <= end}
        near = dt.timedelta(days=_VISIT)
        for visit in sorted(visits, reverse=True):
            there = self._parts(rows, regimen, visit - near, visit + near, visit)
            if _joined([status for status, _ in there]) is Met.MET:
                return there
        return outcomes

    def _parts(
        self, rows: Sequence[ResponseCriteriaCells], regimen: Regimen, begin: dt.date, end: dt.date, due: dt.date
    ) -> list[tuple[Met, str]]:
        """Judge each part of a group by the row that answers it best: rows of one part are alternatives."""
        parts: dict[int, list[tuple[Met, str]]] = {}
        for row in rows:
            parts.setdefault(row["part"], []).append(self._row(row, regimen, begin, end, due))
        return [min(found, key=lambda item: _ANSWERS.index(item[0])) for found in parts.values()]

    def _extension(self, row: ResponseCriteriaCells, regimen: Regimen) -> int:
        """Return the further months that a source allows after proteinuria in the nephrotic range at the start."""
        if not row["nephrotic_extension"]:
            return 0
        series, unit = self._series(row["quantity"])
        before = _baseline(series, regimen.start)
        value = None if before is None else self.units.convert(before, row["quantity"], unit, row["unit"])
        return row["nephrotic_extension"] if value is not None and value >= (row["nephrotic_from"] or 0) else 0

    def _row(
        self, row: ResponseCriteriaCells, regimen: Regimen, begin: dt.date, end: dt.date, due: dt.date
    ) -> tuple[Met, str]:
        """Judge one row on the value nearest to a day: whether it was met, and on what."""
        asked = f"{row['measure']} {_comparison(row)}"
        if begin > self.today:
            return Met.NOT_DUE, f"{asked}: due from {begin}"
        if regimen.stop is not None and regimen.stop < begin:
            return Met.STOPPED, f"{asked}: the regimen ended on {regimen.stop}"
        series, unit = self._series(row["quantity"])
        values = [(date, value) for date, value in series if begin <= date <= end]
        if not values:
            return Met.NOT_JUDGEABLE, f"{asked}: no value from {begin} to {end}"
        date, measured = min(values, key=lambda pair: abs((pair[0] - due).days))
        shown = f"{asked}: {measured:.3g} {unit} on {date}"
        if row["unit"] != "percent of baseline":
            plain = unit.removesuffix(_ESTIMATED)
            value = self.units.convert(measured, row["quantity"], plain, row["unit"])
            if value is None:
                return Met.NOT_JUDGEABLE, f"{shown}, which cannot be converted to {row['unit']}"
            return (Met.MET if _holds(row, value) else Met.NOT_MET), shown
        before = _baseline(series, regimen.start)
        if not before:
            return Met.NOT_JUDGEABLE, f"{asked}: no value around the start, {regimen.start}"
        share = without_noise(100 * measured / before)
        return (Met.MET if _holds(row, share) else Met.NOT_MET), f"{shown} from {before:.3g}"

    def _series(self, quantity: str) -> tuple[Series, str]:
        """Return dated values of a quantity in one unit; the filtration rate may be estimated from creatinine."""
        for wanted in _GFR if quantity in _GFR else (quantity,):
            by_unit: dict[str, list[tuple[dt.date, float]]] = {}
            for item in self.context.labs:
                if item.quantity == wanted:
                    values = [(one.date, one.value) for one in item.values if one.value is not None]
                    by_unit.setdefault(item.unit, []).extend(values)
            if by_unit:
                unit, values = max(by_unit.items(), key=lambda pair: (len(pair[1]), pair[0]))
                return sorted(values), unit
        return (self._estimated(), f"mL/min/1.73m2{_ESTIMATED}") if quantity in _GFR else ((), "")

    def _estimated(self) -> Series:
        age, sex = self.context.age, self.context.sex
        if age is None or sex is None:
            return ()
        rates = [
            (one.date, estimated_gfr(one.value, age, sex))
            for item in self.context.labs
            if item.quantity == "creatinine"
            for one in item.values
            if one.value is not None
        ]
        return sorted((date, rate) for date, rate in rates if rate is not None)


_ANSWERS = (Met.MET, Met.NOT_MET, Met.NOT_JUDGEABLE, Met.NOT_DUE, Met.STOPPED)
"""Which of two alternatives answers a part, the first first."""

_LIMITS: Mapping[str, str] = {"below": "below", "at_most": "at most", "at_least": "at least"}


def _comparison(row: ResponseCriteriaCells) -> str:
    if row["comparison"] == "fall_by_at_least":
        return f"lower by at least {row['threshold']:g} percent"
    return f"{_LIMITS[row['comparison']]} {row['threshold']:g} {row['unit']}"


def _holds(row: ResponseCriteriaCells, value: float) -> bool:
    threshold = row["threshold"]
    if row["comparison"] == "fall_by_at_least":
        return bool(value <= 100 - threshold)
    if row["comparison"] == "below":
        return bool(value < threshold)
    return bool(value <= threshold) if row["comparison"] == "at_most" else bool(value >= threshold)


def _joined(statuses: Sequence[Met]) -> Met:
    """Return the status of rows that are met together: one that failed decides."""
    for status in (Met.NOT_MET, Met.NOT_DUE, Met.STOPPED, Met.NOT_JUDGEABLE):
        if status in statuses:
            return status
    return Met.MET


def _off(months: float) -> dt.timedelta:
    """Return how far off a month a value may lie."""
    return dt.timedelta(days=next((days for month, days in _SPAN if months <= month), _SPAN[-1][1]))


def _after(start: dt.date, months: float) -> dt.date:
    return start + dt.timedelta(days=round(months * _MONTH))


def _baseline(series: Series, start: dt.date) -> float | None:
    """Return the last value around the start, before the treatment can have changed it."""
    first, last = start - dt.timedelta(days=_BASELINE_BEFORE), start + dt.timedelta(days=_BASELINE_AFTER)
    near = [(date, value) for date, value in series if first <= date <= last]
    before = [(date, value) for date, value in near if date <= start]
    return max(before)[1] if before else (min(near)[1] if near else None)
