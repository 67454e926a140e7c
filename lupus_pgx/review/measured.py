"""What the series of a patient say about one row of the table ``response_criteria``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lupus_pgx.context.model import Context
from lupus_pgx.context.values import EQUATIONS, Amount
from lupus_pgx.knowledge.units import SHARE, Quantity, Units, without_noise
from lupus_pgx.terms import Met

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ResponseCriteriaCells

_BASELINE_BEFORE = 90
_BASELINE_AFTER = 14
"""Days around the start within which the last value before treatment is looked for (our choice, see the docs)."""

VISIT = dt.timedelta(days=15)
"""Within so many days values belong to one visit (our choice)."""

_CONFIRMED = dt.timedelta(days=60)
"""Within so many days a value may be confirmed by another (our choice)."""

_DAY = dt.timedelta(days=1)
_START, _ABSENT = "start", "absent"

Series = Sequence[tuple[dt.date, float]]


class SeriesUnit(NamedTuple):
    """Unit of a series, and whether its values were worked out from those of another quantity."""

    name: str
    estimated: bool = False

    def __str__(self) -> str:
        return f"{self.name}, estimated" if self.estimated else self.name


class Window:
    """Days within which a value answers, the day that it should be nearest to, and the start of the regimen.

    Parameters
    ----------
    start, begin, end, due : date
    since_start : bool
        Whether what has to be absent must have been absent all the time.
    """

    def __init__(self, start: dt.date, begin: dt.date, end: dt.date, due: dt.date, *, since_start: bool = True) -> None:
        self.start, self.begin, self.end, self.due = start, begin, end, due
        self.since_start = since_start

    def __contains__(self, day: dt.date) -> bool:
        return self.begin <= day <= self.end

    def nearest(self, series: Series) -> tuple[dt.date, float] | None:
        """Return the value in the window that is nearest to the day."""
        inside = [pair for pair in series if pair[0] in self]
        return min(inside, key=lambda pair: abs((pair[0] - self.due).days), default=None)


class Part(NamedTuple):
    """What one part of a criterion came to.

    Attributes
    ----------
    status : Met
    asked : str
        The quantity and its bound.
    found : str
        The value and its day, or why there is none.
    """

    status: Met
    asked: str
    found: str

    def __str__(self) -> str:
        return f"{self.asked}: {self.found}"


class Measured:
    """The dated values of a patient.

    Parameters
    ----------
    context : Context
    units : Units
    """

    def __init__(self, context: Context, units: Units) -> None:
        self.context, self.units = context, units

    def judge(self, row: ResponseCriteriaCells, window: Window) -> Part:
        """Judge a row in a window: whether it was met, and on what."""
        if row["comparison"] == _ABSENT:
            return self._absent(row, window)
        status, found = self._compared(row, window)
        return Part(status, asked_for(row), found)

    def _compared(self, row: ResponseCriteriaCells, window: Window) -> tuple[Met, str]:
        """Compare the value of a window with a bound."""
        series, unit = self.series(row["quantity"])
        nearest = window.nearest(series)
        if nearest is None:
            return Met.NOT_JUDGEABLE, _no_value(window)
        date, value = nearest
        shown = f"{self._shown(row, unit, value)} {self._unit_of(row, unit)} on {date}"
        before, lacks = _before(row, series, window.start, date)
        if lacks:
            return Met.NOT_JUDGEABLE, lacks
        held = self._holds(row, unit, value, before)
        if held is None:
            return Met.NOT_JUDGEABLE, f"{shown}, which cannot be converted to {row['unit']}"
        if held and row["confirm_days"] and not self._confirmed(row, series, unit, window.start, date):
            return Met.NOT_JUDGEABLE, f"{shown}; a second value, {row['confirm_days']} days apart, has to confirm it"
        told = "" if before is None else f" from {self._shown(row, unit, before)}"
        return (Met.MET if held else Met.NOT_MET), f"{shown}{told}"

    def _unit_of(self, row: ResponseCriteriaCells, unit: SeriesUnit) -> SeriesUnit:
        """Return the unit in which values are shown: that of the bound, where the series can be converted to it."""
        known = row["unit"] != SHARE and self.units.convert(1.0, row["quantity"], unit.name, row["unit"]) is not None
        return SeriesUnit(row["unit"], unit.estimated) if known else unit

    def _shown(self, row: ResponseCriteriaCells, unit: SeriesUnit, value: float) -> str:
        """Write a value to three places, in the unit of the bound beside which it stands."""
        now = self.units.convert(value, row["quantity"], unit.name, self._unit_of(row, unit).name)
        rounded = float(f"{value if now is None else now:.3g}")
        return f"{rounded:.12g}"

    def _holds(self, row: ResponseCriteriaCells, unit: SeriesUnit, value: float, before: float | None) -> bool | None:
        """Compare one value, where a row asks for it with one before; None where its unit does not fit."""
        holds = _COMPARES[row["comparison"]]
        # A share is compared after rounding: 50 % of 3.0 must not fail by a bit of the last place.
        if row["unit"] == SHARE:
            return holds(without_noise(100 * value / (before or 1)), 100.0, row["threshold"])
        now = self.units.convert(value, row["quantity"], unit.name, row["unit"])
        then = None if before is None else self.units.convert(before, row["quantity"], unit.name, row["unit"])
        return None if now is None else holds(now, then or 0.0, row["threshold"])

    def _confirmed(
        self, row: ResponseCriteriaCells, series: Series, unit: SeriesUnit, start: dt.date, date: dt.date
    ) -> bool:
        """Whether another value, so many days apart, holds as well."""
        least = dt.timedelta(days=row["confirm_days"] or 0)
        others = [(day, value) for day, value in series if least <= abs(day - date) <= _CONFIRMED and day > start]
        known = [(value, *_before(row, series, start, day)) for day, value in others]
        return any(self._holds(row, unit, value, before) for value, before, lacks in known if not lacks)

    def _absent(self, row: ResponseCriteriaCells, window: Window) -> Part:
        """Judge what has to be absent: at the visit, and since the start where the definition says so."""
        told, asked = self._told(row["quantity"]), asked_for(row)
        since = window.start + _DAY if window.since_start else window.begin  # what was there at the start began before
        there = [date for date, present in told if present and since <= date <= window.end]
        if there:
            return Part(Met.NOT_MET, asked, f"present on {max(there)}")
        gone = [date for date, present in told if not present and date in window]
        if gone:
            return Part(Met.MET, asked, f"absent on {max(gone)}")
        return Part(Met.NOT_JUDGEABLE, asked, _no_value(window))

    def _told(self, quantity: str) -> list[tuple[dt.date, bool]]:
        """Return the days on which a quantity was said to be present or absent."""
        return [
            (one.date, one.present)
            for item in self.context.labs
            if item.quantity == quantity
            for one in item.values
            if one.present is not None
        ]

    def days(self, quantity: str) -> set[dt.date]:
        """Return the days on which anything is known of a quantity: a value, or that it was present or absent."""
        return {day for day, _ in self.series(quantity)[0]} | {day for day, _ in self._told(quantity)}

    def at_start(self, quantity: str, start: dt.date) -> float | None:
        """Return the value before treatment, in the unit of the series."""
        return baseline(self.series(quantity)[0], start)

    def defined(self, row: ResponseCriteriaCells, start: dt.date) -> bool | None:
        """Whether the value at the start is one that the definition is made for; None where it is not known."""
        low, high = row["baseline_from"], row["baseline_below"]
        if low is None and high is None:
            return True
        before = self.at_start(row["quantity"], start)
        return None if before is None else (low is None or before >= low) and (high is None or before < high)

    def series(self, quantity: str) -> tuple[Series, SeriesUnit]:
        """Return dated values of a quantity in one unit; the filtration rate may be estimated from creatinine."""
        own = self.units.quantities.get(quantity)
        asked = own.counts_as if own is not None and own.counts_as and own.equation is None else quantity
        for wanted in self.units.counting_as(asked):
            by_unit: dict[SeriesUnit, list[tuple[dt.date, float]]] = {}
            for day, value, unit in self._values(wanted, itself=wanted.equation is None or wanted.name == asked):
                by_unit.setdefault(unit, []).append((day, value))
            if by_unit:
                # Series of two units are not joined, as some have no factor between them: the longest tells most.
                unit, values = max(by_unit.items(), key=lambda pair: (len(pair[1]), str(pair[0])))
                return sorted(values), unit
        return (), SeriesUnit("")

    def _values(self, quantity: Quantity, *, itself: bool) -> Iterator[tuple[dt.date, float, SeriesUnit]]:
        """Yield dated values of a quantity, as they stand or by its equation."""
        estimate = EQUATIONS[quantity.equation or ""] if not itself else None
        for item in self.context.labs:
            for one in item.values if item.quantity == quantity.name else ():
                if one.value is None:
                    continue
                amount = Amount(one.value, item.unit)
                estimated = estimate(self.context, amount) if estimate is not None else None
                if estimated is not None:
                    yield one.date, estimated.value, SeriesUnit(estimated.unit, estimated=True)
                elif itself:
                    yield one.date, amount.value, SeriesUnit(amount.unit)


def _no_value(window: Window) -> str:
    return f"no value from {window.begin} to {window.end}"


def baseline(series: Series, start: dt.date) -> float | None:
    """Return the last value around the start, before the treatment can have changed it."""
    first, last = start - dt.timedelta(days=_BASELINE_BEFORE), start + dt.timedelta(days=_BASELINE_AFTER)
    near = [(date, value) for date, value in series if first <= date <= last]
    # A value of the first two weeks stands in only where nothing was taken before: the drug has hardly worked by then.
    before = [(date, value) for date, value in near if date <= start]
    return max(before)[1] if before else (min(near)[1] if near else None)


def _before(row: ResponseCriteriaCells, series: Series, start: dt.date, date: dt.date) -> tuple[float | None, str]:
    """Return the value that a row compares with, if it does; or say that there is none."""
    if row["relative_to"] is None:
        return None, ""
    before = baseline(series, start) if row["relative_to"] == _START else _earlier(series, date)
    if before is None or (row["unit"] == SHARE and not before):
        where = f"around the start, {start}" if row["relative_to"] == _START else f"of a visit before {date}"
        return before, f"no value {where}"
    return before, ""


def _earlier(series: Series, date: dt.date) -> float | None:
    """Return the value of the visit before."""
    before = [pair for pair in series if pair[0] <= date - VISIT]
    return max(before)[1] if before else None


def _fell(value: float, before: float, least: float) -> bool:
    return without_noise(before - value) >= least


def _rose(value: float, before: float, least: float) -> bool:
    return without_noise(value - before) >= least


_COMPARES: Mapping[str, Callable[[float, float, float], bool]] = {
    "below": lambda value, _, bound: value < bound,
    "at_most": lambda value, _, bound: value <= bound,
    "at_least": lambda value, _, bound: value >= bound,
    "above": lambda value, _, bound: value > bound,
    "fall_by_at_least": _fell,
    "rise_by_at_least": _rose,
    "rise_below": lambda value, before, bound: not _rose(value, before, bound),
}
"""Whether a value holds against a bound, given the value that it is measured from."""

_WORDS: Mapping[str, str] = {
    "below": "below",
    "at_most": "at most",
    "at_least": "at least",
    "above": "above",
    "fall_by_at_least": "lower by at least",
    "rise_by_at_least": "higher by at least",
    "rise_below": "higher by less than",
}


def asked_for(row: ResponseCriteriaCells) -> str:
    """Say what a row asks for."""
    comparison, threshold, unit = row["comparison"], row["threshold"], row["unit"]
    if comparison == _ABSENT:
        return f"{row['measure']} absent"
    if comparison == "fall_by_at_least" and not threshold:
        return f"{row['measure']} not above the {row['relative_to']}"
    if comparison == "fall_by_at_least" and unit == SHARE:
        return f"{row['measure']} lower by at least {threshold:g} percent"
    return f"{row['measure']} {_WORDS[comparison]} {threshold:g} {unit}"
