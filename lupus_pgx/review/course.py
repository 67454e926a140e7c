"""Were published response criteria met? Judged from dated series, at the months that the criteria name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lupus_pgx.context.model import Context, Therapy
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import accompanying_drugs, background_drugs
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.review.measured import VISIT, Measured, Part, Window, asked_for
from lupus_pgx.terms import Met

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ResponseCriteriaCells

_MONTH = 365.25 / 12
"""Days."""

_REGIMEN = 31
"""Therapies that start within so many days belong to one regimen (our choice)."""

_SPAN = ((1, 10), (3, 30), (6, 45), (24, 60))
"""Up to which month a value may lie how many days off the month that is judged (our choice)."""

WHOLE = "all"
"""Stands for the disease, where a definition is not of one manifestation."""


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
        ``all`` for a definition of the whole disease.
    months : int
        0 for a state, which is judged at the last visit.
    body : str
        Who published it.
    response : str
        What is reached when it is met: ``complete``, ``partial``, ``on_track``, ``remission`` ...
    group : str
        Identifier; the rows of one group are met together.
    name : str
        What people are shown of it.
    status : Met
    parts : tuple of Part
        What was asked for, what was measured or why it is not judgeable; all are met together.
    second_hand : bool
        The figure was not read in the document itself.
    citations : tuple of str
    missed_means : str
        What it means when it is missed: ``early_warning``, ``target``, ``failure``, or ``none`` for the treatment.
    due : date
        Day on which it is judged: its month, or that of the end of its span.
    more_months : int
        Months that are added after proteinuria in the nephrotic range at the start; they are in ``due``.
    """

    regimen: Regimen
    manifestation: str
    months: int
    body: str
    response: str
    group: str
    name: str
    status: Met
    parts: tuple[Part, ...]
    second_hand: bool
    citations: tuple[str, ...]
    missed_means: str
    due: dt.date
    more_months: int

    @property
    def details(self) -> tuple[str, ...]:
        """What was measured and what was asked for; why it is not judgeable."""
        return tuple(map(str, self.parts))

    @property
    def failed(self) -> tuple[Part, ...]:
        """The parts by which it was not met; none where it was met or cannot be judged."""
        return tuple(part for part in self.parts if part.status is self.status is Met.NOT_MET)

    @property
    def unknown(self) -> tuple[Part, ...]:
        """The parts of which nothing can be said: a missing item is never met and never failed."""
        return tuple(part for part in self.parts if part.status is Met.NOT_JUDGEABLE)

    @property
    def by_status(self) -> tuple[tuple[Met, tuple[Part, ...]], ...]:
        """The parts by what they came to: what decides first, what was met last."""
        groups = ((status, tuple(part for part in self.parts if part.status is status)) for status in _DECIDES)
        return tuple((status, parts) for status, parts in groups if parts)

    @property
    def is_state(self) -> bool:
        """Whether it tells of a visit and not of a time since the start."""
        return not self.months


def judge_course(context: Context, knowledge: Knowledge, today: dt.date) -> tuple[Judged, ...]:
    """Judge the published response criteria of the manifestations of a patient, regimen by regimen.

    A value belongs to month 1 if it lies within 10 days of it, to month 3 within 30, to month 6 within 45, later
    within 60; the start has the last value from 90 days before to 14 days after it. Where the source gives a span
    of months, any value in it may meet the criterion; where it allows more months after proteinuria in the
    nephrotic range at the start, they belong to the span. A state, such as remission, is judged for the last
    regimen at its last visit.

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
    judge = _Judge(Measured(context, knowledge.known_units), today)
    named = tuple(item.name for item in context.manifestations)
    found = []
    for manifestation in (*named, *((WHOLE,) if named else ())):
        groups: dict[tuple[str, int], list[ResponseCriteriaCells]] = {}
        for row in knowledge.rows("response_criteria"):
            if row["manifestation"] == manifestation:
                groups.setdefault((row["group"], row["months"]), []).append(row)
        kept = [rows for rows in groups.values() if judge.asks(rows)]
        regimens = _regimens(context, named if manifestation == WHOLE else (manifestation,), knowledge) if kept else []
        for regimen in regimens:
            judged = [judge.group(rows, regimen) for rows in kept if rows[0]["months"] or regimen is regimens[-1]]
            there = [item for item in judged if item is not None]
            found += sorted(there, key=lambda item: (item.months, item.body == "trial", item.group))
    return tuple(found)


def _regimens(context: Context, manifestations: Sequence[str], knowledge: Knowledge) -> list[Regimen]:
    """Return therapies of manifestations, put together by their start; background therapy starts none."""
    listed = knowledge.drugs_by_name
    background = background_drugs(knowledge)
    dated: list[tuple[dt.date, Therapy]] = sorted(
        (
            (item.start, item)
            for item in context.therapies
            if item.start is not None
            and item.drug.name in listed
            and item.drug.name not in background
            and set(manifestations) & set(split_list(listed[item.drug.name].row["manifestations"]))
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

    def __init__(self, measured: Measured, today: dt.date) -> None:
        self.measured, self.today = measured, today

    def asks(self, rows: Sequence[ResponseCriteriaCells]) -> bool:
        """Whether rows are judged at all: an index that nobody took is not asked for."""
        taken = {item.quantity for item in self.measured.context.labs}
        return all(row["quantity"] in taken for row in rows if row["if_measured"])

    def group(self, rows: Sequence[ResponseCriteriaCells], regimen: Regimen) -> Judged | None:
        """Judge rows that are met together; None where the definition is not made for the values at the start."""
        fits = [self.measured.defined(row, regimen.start) for row in rows]
        if False in fits:
            return None
        first = rows[0]
        more = max(self._extension(row, regimen) for row in rows)
        due = _after(regimen.start, first["months"] + more) if first["months"] else self._last_visit(rows, regimen)
        outcomes = self._at_best(rows, regimen, more) if first["months"] else self._then(rows, regimen, due)
        status = _joined(outcomes)
        if None in fits and status in (Met.MET, Met.NOT_MET):
            status = Met.NOT_JUDGEABLE
            names = dict.fromkeys(row["measure"] for row, known in zip(rows, fits, strict=True) if known is None)
            lacks = f"no value around the start, {regimen.start}"
            outcomes += [Part(Met.NOT_JUDGEABLE, name, lacks) for name in names]
        return Judged(
            regimen=regimen,
            manifestation=first["manifestation"],
            months=first["months"],
            body=first["body"],
            response=first["response"],
            group=first["group"],
            name=first["name"],
            status=status,
            parts=tuple(outcomes),
            second_hand=any(row["checked"] != "read" for row in rows),
            citations=tuple(dict.fromkeys(name for row in rows for name in split_list(row["citation"]))),
            missed_means=first["missed_means"],
            due=due,
            more_months=more,
        )

    def _last_visit(self, rows: Sequence[ResponseCriteriaCells], regimen: Regimen) -> dt.date:
        """Return the last day on which the leading quantity of a state was taken under a regimen, else today."""
        series, _ = self.measured.series(rows[0]["quantity"])
        end = min(self.today, regimen.stop or self.today)
        return max((date for date, _ in series if regimen.start < date <= end), default=end)

    def _then(self, rows: Sequence[ResponseCriteriaCells], regimen: Regimen, visit: dt.date) -> list[Part]:
        """Judge a state at a visit."""
        window = Window(regimen.start, visit - VISIT, visit + VISIT, visit, since_start=False)
        return self._parts(rows, regimen, window)

    def _at_best(self, rows: Sequence[ResponseCriteriaCells], regimen: Regimen, more: int) -> list[Part]:
        """Judge rows at their month; within a span at each visit, until they hold together."""
        last, first = rows[0]["months"] + more, rows[0]["month_from"] or (rows[0]["months"] if more else None)
        due, off = _after(regimen.start, last), _off(last)
        # Before the last month of a span a criterion can be met, but not missed.
        outcomes = self._parts(rows, regimen, Window(regimen.start, due - off, due + off, due))
        if not first:
            return outcomes
        begin, end = _after(regimen.start, first) - _off(first), due + off
        visits = {day for row in rows for day in self.measured.days(row["quantity"]) if begin <= day <= end}
        for visit in sorted(visits, reverse=True):
            there = self._parts(rows, regimen, Window(regimen.start, visit - VISIT, visit + VISIT, visit))
            if _joined(there) is Met.MET:
                return there
        return outcomes

    def _parts(self, rows: Sequence[ResponseCriteriaCells], regimen: Regimen, window: Window) -> list[Part]:
        """Judge each part of a group by the row that answers it best: rows of one part are alternatives."""
        parts: dict[int, list[Part]] = {}
        for row in rows:
            parts.setdefault(row["part"], []).append(self._row(row, regimen, window))
        return [_answer(found) for found in parts.values()]

    def _extension(self, row: ResponseCriteriaCells, regimen: Regimen) -> int:
        """Return the further months that a source allows after proteinuria in the nephrotic range at the start."""
        if not row["nephrotic_extension"]:
            return 0
        unit = self.measured.series(row["quantity"])[1].name
        before = self.measured.at_start(row["quantity"], regimen.start)
        units = self.measured.units
        value = None if before is None else units.convert(before, row["quantity"], unit, row["unit"])
        return row["nephrotic_extension"] if value is not None and value >= (row["nephrotic_from"] or 0) else 0

    def _row(self, row: ResponseCriteriaCells, regimen: Regimen, window: Window) -> Part:
        """Judge one row: not before its time, and not after the regimen."""
        if window.begin > self.today:
            return Part(Met.NOT_DUE, asked_for(row), f"due from {window.begin}")
        if regimen.stop is not None and regimen.stop < window.begin:
            return Part(Met.STOPPED, asked_for(row), f"the regimen ended on {regimen.stop}")
        return self.measured.judge(row, window)


_ANSWERS = (Met.MET, Met.NOT_MET, Met.NOT_JUDGEABLE, Met.NOT_DUE, Met.STOPPED)
"""Which of two alternatives answers a part, the first first."""


_DECIDES = (Met.NOT_MET, Met.NOT_DUE, Met.STOPPED, Met.NOT_JUDGEABLE, Met.MET)
"""Which part of a group decides what becomes of it, the first first."""


def _answer(found: Sequence[Part]) -> Part:
    """Return the alternative that answers a part best; one that failed names the others that failed too."""
    best = min(found, key=lambda part: _ANSWERS.index(part.status))
    if best.status is not Met.NOT_MET:
        return best
    others = [part for part in found if part.status is Met.NOT_MET and part is not best]
    return best._replace(found=", nor ".join((best.found, *map(str, others))))


def _joined(parts: Sequence[Part]) -> Met:
    """Return the status of rows that are met together: one that failed decides."""
    return min((part.status for part in parts), key=_DECIDES.index)


def _off(months: float) -> dt.timedelta:
    """Return how far off a month a value may lie."""
    return dt.timedelta(days=next((days for month, days in _SPAN if months <= month), _SPAN[-1][1]))


def _after(start: dt.date, months: float) -> dt.date:
    return start + dt.timedelta(days=round(months * _MONTH))
