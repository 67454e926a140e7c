"""What was taken when, and the laboratory series below it, as places on a figure: a template draws them as SVG."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lupus_pgx.context.model import Context, LabSeries, Therapy
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.units import plain_number
from lupus_pgx.review.levels import aimed_at
from lupus_pgx.terms import Outcome
from lupus_pgx.words.vocabulary import OUTCOMES, PLANNED, Word, quantity_word

LEFT, RIGHT = 210.0, 730.0
"""Between these places of a figure that is a thousand wide lie the days."""

_ROW, _PANEL, _LOW, _GAP, _AXIS = 24.0, 62.0, 30.0, 16.0, 26.0
_SHORTEST = 3.0
_LABEL = 42.0
"""Room of a value at its point."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A therapy: where it begins and ends, and what is written beside it; ``dashed`` where an end is not given."""

    drug: str
    x: float
    width: float
    y: float
    mark: Word
    words: str
    dashed: bool


@dataclass(frozen=True, slots=True)
class Series:
    """The results of a quantity: points, the line through them, and the band to aim at; low where it is one result."""

    name: str
    unit: str
    y: float
    height: float
    points: tuple[tuple[float, float, str], ...]
    band: tuple[float, float] | None
    target: str

    @property
    def path(self) -> str:
        """The points of the line."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in self.points)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A figure of some height, a thousand wide; ``ticks`` are days with their place.

    A result of one day without a target is no line: ``once`` has it in words.
    """

    height: float
    bars: tuple[Bar, ...]
    series: tuple[Series, ...]
    ticks: tuple[tuple[float, str], ...]
    undated: tuple[str, ...]
    once: tuple[str, ...]


def timeline_of(context: Context, knowledge: Knowledge) -> Timeline | None:
    """Return the timeline of a patient; None where nothing has a date.

    Parameters
    ----------
    context : Context
    knowledge : Knowledge
        The targets of its table ``monitoring`` are the bands, where a patient's drugs have exactly one.
    """
    therapies = [item for item in (*context.therapies, *context.planned) if item.start or item.stop]
    therapies.sort(key=lambda item: (item.start or item.stop or dt.date.max, item.drug.name))
    series = [item for item in context.labs if any(value.value is not None for value in item.values)]
    aims = [(item, aimed_at(item, context, knowledge)) for item in series]
    shown = [(item, bounds) for item, bounds in aims if not _single(item) or any(of is not None for of in bounds)]
    once = [_once(item) for item in series if item not in [one for one, _ in shown]]
    days = [day for item in therapies for day in (item.start, item.stop) if day is not None]
    days += [value.date for item in series for value in item.values]
    if not days:
        return None
    scale = _Days(min(days), max(days))
    bars = [_bar(item, scale, number) for number, item in enumerate(therapies)]
    top = len(bars) * _ROW + _GAP
    panels = []
    for item, of in shown:
        panels.append(_series(item, scale, top, *of))
        top += panels[-1].height + _GAP
    height = top + _AXIS
    undated = [item.drug.name for item in (*context.therapies, *context.planned) if not (item.start or item.stop)]
    return Timeline(height, tuple(bars), tuple(panels), tuple(scale.ticks()), tuple(undated), tuple(once))


class _Days:
    """Places of days, with some room at both ends."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        spare = dt.timedelta(days=max((last - first).days // 25, 7))
        self.first, self.last = first - spare, last + spare

    def place(self, day: dt.date) -> float:
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return LEFT + share * (RIGHT - LEFT)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Yield about five first days of a month."""
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        step = next((step for step in (1, 2, 3, 6, 12, 24, 60) if months / step <= 6), 120)
        month = self.first.year * 12 + self.first.month - 1
        while True:
            month += 1
            day = dt.date(month // 12, month % 12 + 1, 1)
            if day > self.last:
                return
            if (month % 12) % step == 0 if step <= 12 else month % step == 0:
                yield self.place(day), f"{day:%Y-%m}"


def _bar(item: Therapy, scale: _Days, number: int) -> Bar:
    mark = OUTCOMES[item.outcome] if item.outcome is not None else PLANNED
    lasting = item.outcome is Outcome.ONGOING
    start = scale.place(item.start) if item.start else LEFT
    stop = scale.place(item.stop) if item.stop else RIGHT
    missing = "start not given" if item.start is None else "" if item.stop or lasting else "stop not given"
    dose = (item.dose.entered or item.dose.shown) if item.dose is not None else ""
    ended = f"{mark.label}: {item.reaction}" if item.reaction else mark.label
    words = "; ".join(part for part in (ended, dose, missing) if part)
    return Bar(item.drug.name, start, max(stop - start, _SHORTEST), number * _ROW, mark, words, bool(missing))


def _series(item: LabSeries, scale: _Days, top: float, lower: float | None, upper: float | None) -> Series:
    known = [(value.date, value.value) for value in item.values if value.value is not None]
    numbers = [value for _, value in known] + [bound for bound in (lower, upper) if bound is not None]
    low, high = min(numbers), max(numbers)
    spare = (high - low) * 0.15 or abs(high) * 0.15 or 1.0
    low, high = low - spare, high + spare

    panel = _LOW if _single(item) else _PANEL

    def place(value: float) -> float:
        return top + panel * (1 - (value - low) / (high - low))

    band, target = None, ""
    if lower is not None or upper is not None:
        over = place(upper) if upper is not None else top
        band = (over, (place(lower) if lower is not None else top + panel) - over)
        shown = (f"from {lower:g}" if upper is None else "", f"to {upper:g}" if lower is None else "")
        target = "".join(shown) or f"{lower:g}-{upper:g}"
    points = tuple(_labelled([(scale.place(day), place(value), value) for day, value in known]))
    return Series(_name(item), item.unit, top, panel, points, band, target)


def _single(item: LabSeries) -> bool:
    return len([value for value in item.values if value.value is not None]) == 1


def _name(item: LabSeries) -> str:
    name = quantity_word(item.quantity)
    return f"{name} of {item.drug.name}" if item.drug else name


def _once(item: LabSeries) -> str:
    value = next(value for value in item.values if value.value is not None)
    assert value.value is not None
    return f"{_name(item)} {plain_number(value.value)} {item.unit} on {value.date}"


def _labelled(points: Sequence[tuple[float, float, float]]) -> Iterator[tuple[float, float, str]]:
    """Yield points with their value, without it where the value before stands in its place; the last always has one."""
    last, place = len(points) - 1, float("-inf")
    for number, (x, y, value) in enumerate(points):
        free = x - place >= _LABEL and (number == last or points[last][0] - x >= _LABEL)
        if free or number == last:
            place = x
            yield x, y, plain_number(value)
        else:
            yield x, y, ""
