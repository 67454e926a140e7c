"""Measured values against the targets of the table ``monitoring``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lupus_pgx.context.model import Context, LabSeries, LabValue, Therapy
from lupus_pgx.context.values import Amount, beside_entered, values_of
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.knowledge.units import Units, plain_number
from lupus_pgx.review.exposures import Exposure, exposures_of
from lupus_pgx.terms import LevelVerdict
from lupus_pgx.words.vocabulary import Word, level_word

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import LevelMeaningsCells, MonitoringCells

TOO_LOW, TOO_HIGH = "too_low", "too_high"
"""Sides of the table ``level_meanings``."""

IF_MEASURED = "if_measured"
"""Basis of a row that is read where the value is there, and asks for no measurement."""

TARGET = "target"
"""Basis of a row whose bounds are a range to aim at."""

_DOSE = "dose"
_PER_KG = "/kg"


def is_dose(quantity: str, units: Units) -> bool:
    """Whether a quantity is measured in units of a dose: a daily dose is no level."""
    single = units.collected(quantity) == (quantity,)  # a collective key has no unit of its own
    return single and quantity != _DOSE and set(units.names(quantity)) <= set(units.names(_DOSE))


def level_meanings(knowledge: Knowledge) -> dict[str, LevelMeaningsCells]:
    """Return what a value outside its bounds may mean, by the words of the table ``monitoring``."""
    return {row["meaning"]: row for row in knowledge.rows("level_meanings")}


@dataclass(frozen=True, slots=True)
class Level:
    """One row of the table ``monitoring`` for a drug, and the value that was measured.

    Attributes
    ----------
    drug, measure, context : str
        Of the row; ``context`` is the setting of the target.
    quantity : str
    value : float or None
        In ``unit``.
    unit : str
    date : date or None
    verdict : LevelVerdict
    row : mapping
        The row, with bounds, timing, meaning and population.
    next_due : date or None
        Day on which it is due again; None without an interval or a dated value.
    is_due : bool or None
        Whether it is due now: the interval is over, or it was never measured; None where the row has no interval.
    sign, entered : str
        Of a value that is only a bound its sign; the value as it was entered, where that is another unit or a word.
    """

    drug: str
    measure: str
    context: str
    quantity: str
    value: float | None
    unit: str
    date: dt.date | None
    verdict: LevelVerdict
    row: MonitoringCells
    next_due: dt.date | None = None
    is_due: bool | None = None
    sign: str = ""
    entered: str = ""

    @property
    def shown(self) -> str:
        """The value with its unit: as entered, converted in brackets, and with its sign where it is only a bound."""
        text = f"{self.sign}{self._rounded(self.value)} {self.unit}" if self.value is not None else ""
        return beside_entered(text, self.unit, self.entered)

    def _rounded(self, value: float) -> str:
        """Write a value; a dose by weight, which is worked out, no finer than tells it from a bound."""
        coarse = float(f"{value:.3g}")
        worked_out = _PER_KG in self.unit and coarse not in (self.row["target_low"], self.row["target_high"])
        return plain_number(coarse if worked_out else value, 4)

    @property
    def timing(self) -> str:
        """When it is to be measured, and what of that is done: ``every 3 months; done, next by 2026-03-01``."""
        done = ""
        if self.next_due is not None:
            done = f"due since {self.next_due}" if self.is_due else f"done, next by {self.next_due}"
        elif self.is_due:
            done = "due"
        return "; ".join(text for text in (self.row["timing"] or "", done) if text)

    @property
    def means(self) -> str:
        """What the value is compatible with by the row: ``underexposure``, ``overexposure`` ...; empty within."""
        meanings = {LevelVerdict.BELOW: self.row["below_means"], LevelVerdict.ABOVE: self.row["above_means"]}
        return meanings.get(self.verdict) or ""

    @property
    def target(self) -> str:
        """The bounds with their unit, such as ``35-45 mg.h/L`` or ``at least 3 mg/L``."""
        low, high, unit = self.row["target_low"], self.row["target_high"], self.row["unit"]
        if low is not None and high is not None:
            return f"{low:g}-{high:g} {unit}"
        if low is None and high is None:
            return ""
        return f"at least {low:g} {unit}" if high is None else f"at most {high:g} {unit}"

    @property
    def result(self) -> str:
        """The value with unit, date and verdict; ``not measured`` where there is none."""
        if self.verdict is LevelVerdict.NOT_MEASURED:
            return self.verdict.value
        when = f" on {self.date}" if self.date is not None else ""
        return f"{self.shown}{when} ({self.word.label})".strip()

    @property
    def word(self) -> Word:
        """What the value is called against the bounds of the row: a target, or a limit."""
        return level_word(self.verdict, self.row["basis"])

    @property
    def aim(self) -> str:
        """The bounds, whether they are a target or a limit, and in which setting: ``target 750-1150 ng/mL (SLE)``."""
        return f"{self.row['basis']} {self.target} ({self.context})" if self.target else ""

    @property
    def citations(self) -> tuple[str, ...]:
        """Citations of the row."""
        return split_list(self.row["citation"])


def aimed_at(series: LabSeries, context: Context, knowledge: Knowledge) -> tuple[float | None, float | None]:
    """Return the range to aim at for a laboratory series: that of the patient's manifestations, or the only one.

    Parameters
    ----------
    series : LabSeries
    context : Context
        Whose therapies, planned ones too, and manifestations say which rows of the table ``monitoring`` apply.
    knowledge : Knowledge

    Returns
    -------
    (float or None, float or None)
        Lower and upper bound in the unit of the series; none where there is no range, or more than one.
    """
    given = {item.drug.name for item in (*context.therapies, *context.planned)}
    drugs = {series.drug.name} if series.drug is not None else given
    rows = [
        row
        for row in (_for_patient(item, context, knowledge) for item in knowledge.rows("monitoring"))
        if _is_of(row, context)
        and row["quantity"] == series.quantity
        and row["unit"] == series.unit
        and row["basis"] == TARGET
        and row["drug"] in drugs
    ]
    settings = {item.name for item in context.manifestations}
    found = {
        (row["target_low"], row["target_high"]) for row in [row for row in rows if row["context"] in settings] or rows
    }
    return found.pop() if len(found) == 1 else (None, None)


def levels_of(
    drug: str,
    context: Context,
    knowledge: Knowledge,
    course: Therapy | None = None,
) -> tuple[Level, ...]:
    """Hold the laboratory series of a patient against the targets of a drug.

    Parameters
    ----------
    drug : str
        Name as in the tables.
    context : Context
    knowledge : Knowledge
    course : Therapy, optional
        Values outside it, and outside the time after it in which the row says that they still tell, are not looked at.
        A value without a date is of today: a course that was stopped has none. A dose is the course's own.

    Returns
    -------
    tuple of Level
        One per row of the drug; ``not measured`` where no value fits.
    """
    units = knowledge.known_units
    rows = [
        _for_patient(row, context, knowledge)
        for row in knowledge.rows("monitoring")
        if row["drug"] == drug and _is_of(row, context)
    ]
    # What is neither too little nor too much of a drug counts as reached if it was reached once.
    lowest = {word for word, row in level_meanings(knowledge).items() if row["finding"] and not row["side"]}
    return tuple(_level(row, context, units, course, row["above_means"] in lowest) for row in rows)


def _is_of(row: MonitoringCells, context: Context) -> bool:
    wanted = split_list(row["only_with"])
    return not wanted or any(context.conditions.get(name) for name in wanted)


def _for_patient(row: MonitoringCells, context: Context, knowledge: Knowledge) -> MonitoringCells:
    """Return a row without its bounds where a condition of the patient, such as a graft, asks for others."""
    there = [name for name in split_list(row["unless"]) if context.conditions.get(name)]
    if not there:
        return row
    words = next(item["words"] for item in knowledge.rows("criteria") if item["criterion"] == there[0])
    return {**row, "target_low": None, "target_high": None, "context": f"{words}: another range counts"}


class Levels:
    """The levels of one patient, worked out once for the checks, the review and the options.

    Parameters
    ----------
    context : Context
    knowledge : Knowledge
    """

    def __init__(self, context: Context, knowledge: Knowledge) -> None:
        self.context, self.knowledge = context, knowledge
        self._known: dict[tuple[str, int | None], tuple[Level, ...]] = {}

    def of(self, drug: str, course: Therapy | None = None) -> tuple[Level, ...]:
        """Return what :func:`levels_of` says of a drug, in a course of the context or at all."""
        key = (drug, self.context.therapies.index(course) if course is not None else None)
        if key not in self._known:
            self._known[key] = levels_of(drug, self.context, self.knowledge, course)
        return self._known[key]

    @cached_property
    def exposures(self) -> tuple[Exposure, ...]:
        """The newest level of each drug and quantity: absent, below, within or above."""
        return exposures_of(self.context, self.knowledge)


def _level(row: MonitoringCells, context: Context, units: Units, course: Therapy | None, lowest: bool) -> Level:
    start, stop = (course.start, course.stop) if course is not None else (None, None)
    wanted = units.collected(row["quantity"])
    series = [item for item in context.labs if item.quantity in wanted]
    series = [item for item in series if item.drug is None or item.drug.name == row["drug"]]
    lag = dt.timedelta(days=row["lag_days"] or 0)
    end = stop + lag if stop is not None else None
    seen = list(_in_course(series, start, end))
    # Values in the unit of the target go before those that cannot be held against it.
    found = [pair for pair in seen if _fits(row, *pair, units)] or seen
    stated = None if found else _stated(row, context, units, course, start, end)
    made: dict[str, object] = {"value": None, "unit": row["unit"], "date": None, "verdict": LevelVerdict.NOT_MEASURED}
    if found:
        item, one = min(found, key=_number) if lowest else max(found, key=_latest)
        made = _seen(one)
        if one.value is not None:
            told = Amount(one.value, item.unit, sign=one.sign, entered=one.entered)
            made = _held(row, item.quantity, told, one.date, units)
        today = context.values.get(row["quantity"]) if end is None and not lowest else None
        beside = _held(row, row["quantity"], today, None, units) if today is not None else {}
        # One without a date is of today, as far as anybody knows: of the two the one out of range counts.
        out = [LevelVerdict.ABOVE] + [LevelVerdict.BELOW] * (made["verdict"] is LevelVerdict.WITHIN)
        old = units.quantities[item.quantity].outdated(one.date, context.today)
        made = beside if beside and (old or beside["verdict"] in out) else made
    elif stated is not None:
        made = _held(row, row["quantity"], *stated, units)
    return Level(row["drug"], row["measure"], row["context"], row["quantity"], row=row, **made)  # type: ignore[arg-type]


def _number(pair: tuple[LabSeries, LabValue]) -> tuple[float, dt.date]:
    return pair[1].value if pair[1].value is not None else float("inf"), pair[1].date


def _latest(pair: tuple[LabSeries, LabValue]) -> tuple[dt.date, float, bool, str]:
    """Order by date; of two values of one day the higher one counts, in whatever order they stand in the file."""
    series, one = pair
    return one.date, one.value if one.value is not None else -1.0, bool(one.present), series.quantity


def _converted(row: MonitoringCells, quantity: str, amount: Amount, units: Units) -> float | None:
    """Return a value in the unit of a row; None where it cannot be held against it."""
    if not {amount.unit, row["unit"]} <= set(units.names(quantity)):
        return None
    return units.convert(amount.value, quantity, amount.unit, row["unit"])


def _fits(row: MonitoringCells, series: LabSeries, one: LabValue, units: Units) -> bool:
    return one.value is None or _converted(row, series.quantity, Amount(one.value, series.unit), units) is not None


def _in_course(
    series: Sequence[LabSeries], start: dt.date | None, end: dt.date | None
) -> Iterator[tuple[LabSeries, LabValue]]:
    for item in series:
        for one in item.values:
            if (start is None or one.date >= start) and (end is None or one.date <= end):
                yield item, one


def _stated(
    row: MonitoringCells,
    context: Context,
    units: Units,
    course: Therapy | None,
    start: dt.date | None,
    end: dt.date | None,
) -> tuple[Amount, dt.date | None] | None:
    """Return a value that was worked out, or stated without a date, or that follows from the dose of the course."""
    quantity = row["quantity"]
    if not is_dose(quantity, units):
        for value in values_of(context, quantity, units):
            day = value.date
            if day is None and (course is None or course.stop is None):
                return value.amount, None
            if day is not None and (start is None or day >= start) and (end is None or day <= end):
                return value.amount, day
        return None
    amount = _dose(row, context, course)
    return None if amount is None else (amount, None)


def _dose(row: MonitoringCells, context: Context, course: Therapy | None) -> Amount | None:
    """Return the dose of a course in the unit of a row, where the row is about it."""
    dose = course.dose if course is not None else None
    if dose is None or dose.unit == row["unit"]:
        return dose
    weight = context.weight_alone
    per_weight = row["unit"] == "mg/kg/day" and dose.unit == "mg/day" and weight is not None
    return Amount(dose.value / weight.value, row["unit"]) if per_weight and weight else None


def _held(row: MonitoringCells, quantity: str, amount: Amount, date: dt.date | None, units: Units) -> dict[str, object]:
    """Hold one value against the bounds of a row."""
    value = _converted(row, quantity, amount, units)
    made: dict[str, object] = {"date": date, "sign": amount.sign, "entered": amount.entered}
    if value is None:
        return made | {"value": amount.value, "unit": amount.unit, "verdict": LevelVerdict.OTHER_UNIT}
    low, high = row["target_low"], row["target_high"]
    verdict = LevelVerdict.WITHIN if low is not None or high is not None else LevelVerdict.MEASURED
    if low is not None and value < low:
        verdict = LevelVerdict.BELOW
    elif high is not None and value > high:
        verdict = LevelVerdict.ABOVE
    return made | {"value": value, "unit": row["unit"], "verdict": verdict}


def _seen(one: LabValue) -> dict[str, object]:
    """Return a result without a number."""
    verdict = LevelVerdict.PRESENT if one.present else LevelVerdict.ABSENT
    return {"value": None, "unit": "", "date": one.date, "verdict": verdict}
