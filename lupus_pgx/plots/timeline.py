"""Timeline of a patient's therapies and laboratory results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lupus_pgx.context.model import Context, LabSeries, Therapy
from lupus_pgx.errors import UsageError
from lupus_pgx.plots.canvas import (
    BLACK,
    BLUE,
    CENTRED,
    EDGE,
    GREEN,
    GREY,
    LINE,
    PALE,
    PURPLE,
    SKY,
    SMALL,
    VERMILLION,
    WHITE,
    Look,
    Place,
    Sheet,
    Style,
    bare,
    beside,
    inches,
    placed,
    printable,
    require,
    say,
    shortened,
    styled,
    tick_labels,
    wrapped,
)
from lupus_pgx.results.patient import PatientData
from lupus_pgx.review.levels import aimed_at
from lupus_pgx.terms import Outcome
from lupus_pgx.words.vocabulary import OUTCOMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW, _PANEL, _GAP = LINE * 1.7, 0.75, 0.22
"""Inches of a therapy, of the results of one quantity, and between panels."""
_NUMBERED = 8
"""Up to this many results of a quantity are written at their points."""

_OUTCOMES = {
    Outcome.INADEQUATE_RESPONSE: Look("", "inadequate response", VERMILLION, "xxx"),
    Outcome.INTOLERANCE: Look("", "intolerance", PURPLE, "\\\\\\"),
    Outcome.RESPONSE: Look("", "response", GREEN),
    Outcome.ONGOING: Look("", "ongoing", SKY, "---"),
    None: Look("", "outcome not given", PALE, "..."),
}
_PLANNED = Look("", "planned", WHITE, "///")
_BAND = Look("", "target", "#CFE6D2")


@dataclass(frozen=True, slots=True)
class _Course:
    """A therapy that has a date, and how it is shown."""

    therapy: Therapy
    look: Look

    @property
    def drug(self) -> str:
        return shortened(self.therapy.drug.name)

    @property
    def words(self) -> str:
        """Dose, schedule, outcome, and which date is not given."""
        item = self.therapy
        outcome = f"{self.look.words}: {item.reaction}" if item.reaction else self.look.words
        no_stop = item.stop is None and item.outcome is not Outcome.ONGOING
        unknown = "start not given" if item.start is None else "stop not given" if no_stop else ""
        return shortened("; ".join(part for part in (_dose(item), outcome, unknown) if part), 90)


def timeline(
    patient: PatientData,
    ax: Axes | None = None,
    *,
    figsize: tuple[float, float] | None = None,
    style: Style = None,
) -> Axes:
    """Draw what was taken when, how it ended, and the laboratory results below.

    Parameters
    ----------
    patient : PatientSummary
        With a clinical context.
    ax : Axes, optional
        Its place is divided; it holds a panel for the therapies and one for each quantity (``ax.child_axes``).
    figsize : (float, float), optional
        Inches of a new figure; refused where letters would run into each other.
    style : str or mapping, optional
        A style of matplotlib, or settings such as ``{"font.family": "serif"}``, for this plot alone.

    Returns
    -------
    Axes
        Without a frame, around the panels. What has no date is written below.

    Raises
    ------
    UsageError
        If there is no context, no therapy and no result in it, or matplotlib is missing.
    """
    require(patient, PatientData, "a PatientSummary, as analysis.patient() returns it")
    context = patient.context
    if context is None:
        raise UsageError(f"{patient.sample_id} has no clinical context: give one as context= (docs/context.md)")
    courses, series = _courses(context), context.labs
    notes = list(_undated(context))
    if not courses and not series and not notes:
        raise UsageError(f"{patient.sample_id}: the clinical context names no therapy and no laboratory result")
    with styled(style):
        return _draw(patient, courses, series, notes, placed(ax, figsize))


def _draw(
    patient: PatientData,
    courses: Sequence[_Course],
    series: Sequence[LabSeries],
    notes: Sequence[str],
    where: Place,
) -> Axes:
    heads = [_head(patient, item) for item in series]
    targets = [_target(patient, item) for item in series]
    sheet = Sheet(
        where,
        f"{shortened(patient.sample_id)}: therapies and laboratory results",
        (4.5, _inches_inside(len(courses), len(series))),
        left=max(inches([item.drug for item in courses]), inches(heads, SMALL) + 0.4, 0.5) + 0.15,
        right=inches([item.words for item in courses], SMALL) + 0.25,
        under=0.32,
    )
    sheet.ax.set_axis_off()
    span = _span(courses, series)
    if span is None:
        say(sheet.ax, 0.5, 0.5, "nothing has a date", transform=sheet.ax.transAxes, **CENTRED)
    else:
        panels = list(_panels(sheet.ax, len(courses), len(series), span))
        if courses:
            _draw_courses(panels[0], courses, span)
        for panel, item, head, bounds in zip(panels[bool(courses) :], series, heads, targets, strict=True):
            _draw_series(panel, item, head, bounds, sheet.inside)
        _date_axis(panels, span, sheet.inside)
    shown = {item.look for item in courses}
    looks = [look for look in (*_OUTCOMES.values(), _PLANNED) if look in shown]
    sheet.legend([*looks, *([_BAND] if any(bound is not None for pair in targets for bound in pair) else [])])
    for note in notes:
        sheet.note(note)
    return sheet.finish()


def _inches_inside(courses: int, series: int) -> float:
    therapies = max(courses * _ROW, _ROW * 1.5) + _GAP if courses else 0.0
    return max(therapies + series * (_PANEL + _GAP) - _GAP, 0.6)


def _panels(ax: Axes, courses: int, series: int, span: tuple[float, float]) -> Iterator[Axes]:
    """Yield the panels from the top, over the same days."""
    total, top = _inches_inside(courses, series), 1.0
    heights = [max(courses * _ROW, _ROW * 1.5)] * bool(courses) + [_PANEL] * series
    for height in heights:
        share = height / total
        panel = ax.inset_axes((0, top - share, 1, share))
        panel.set_xlim(*span)
        top -= share + _GAP / total
        yield panel


def _span(courses: Sequence[_Course], series: Sequence[LabSeries]) -> tuple[float, float] | None:
    """Return the first and the last day with some room, as matplotlib counts days; None without a date."""
    days = [day for item in courses for day in (item.therapy.start, item.therapy.stop) if day is not None]
    days += [value.date for item in series for value in item.values]
    if not days:
        return None
    first, last = _day(min(days)), _day(max(days))
    spare = max((last - first) * 0.06, 14.0)
    return first - spare, last + spare


def _draw_courses(panel: Axes, courses: Sequence[_Course], span: tuple[float, float]) -> None:
    for place, course in enumerate(courses):
        item, look = course.therapy, course.look
        start = span[0] if item.start is None else _day(item.start)
        stop = span[1] if item.stop is None else _day(item.stop)
        lasting = item.stop is None and item.outcome is Outcome.ONGOING
        if item.start is not None and (item.stop is not None or lasting):
            length = max(stop - start, (span[1] - span[0]) / 200)
            panel.barh(place, length, 0.6, start, color=look.colour, hatch=look.hatch, edgecolor=EDGE, linewidth=0.6)
        else:  # one end is not given: a dashed line, with a mark at the end that is
            panel.plot([start, stop], [place, place], color=EDGE, linewidth=1, linestyle=(0, (4, 3)))
            known = start if item.start is not None else stop
            panel.plot(known, place, color=look.colour, marker="s", markersize=8, markeredgecolor=EDGE)
        if lasting:
            panel.plot(span[1], place, color=BLACK, marker=">", markersize=6, clip_on=False)
        beside(panel, place, course.words, away=0.12, fontsize=SMALL)
    tick_labels(panel, "y", [item.drug for item in courses])
    panel.set_ylim(len(courses) - 0.4, -0.6)
    panel.grid(axis="x", color=PALE, linewidth=0.6)
    panel.set_axisbelow(True)
    bare(panel, "left", "right", "top")


def _target(patient: PatientData, series: LabSeries) -> tuple[float | None, float | None]:
    return aimed_at(series, patient.context, patient.knowledge) if patient.context is not None else (None, None)


def _draw_series(
    panel: Axes, series: LabSeries, head: str, bounds: tuple[float | None, float | None], inside: float
) -> None:
    days = [_day(item.date) for item in series.values]
    yes_or_no = [item.value is None for item in series.values]
    values = [float(bool(item.present)) if item.value is None else item.value for item in series.values]
    panel.plot(days, values, color=BLUE, linewidth=0 if all(yes_or_no) else 1.2, marker="o", markersize=4)
    if all(yes_or_no):
        panel.set_yticks([0, 1], ["absent", "present"], fontsize=SMALL)
        panel.set_ylim(-0.6, 1.6)
    else:
        reached = [*values, *(bound for bound in bounds if bound is not None)]
        low, high = min(reached), max(reached)
        spare = (high - low) * 0.35 or abs(high) * 0.35 or 1.0
        below, above = low - spare, high + spare * 1.4
        panel.set_ylim(below, above)
        if bounds != (None, None):
            lower, upper = bounds
            panel.axhspan(below if lower is None else lower, above if upper is None else upper, color=_BAND.colour)
        panel.locator_params(axis="y", nbins=3)
        panel.tick_params(axis="y", labelsize=SMALL)
        if len(values) <= _NUMBERED:
            for day, value in _apart(list(zip(days, values, strict=True)), panel.get_xlim(), inside):
                panel.annotate(
                    _figures(value), (day, value), (0, 4), textcoords="offset points", ha="center", fontsize=SMALL
                )
    panel.grid(color=PALE, linewidth=0.6)
    panel.set_axisbelow(True)
    panel.set_ylabel(head, rotation=0, ha="right", va="center", fontsize=SMALL, parse_math=False, usetex=False)
    bare(panel, "right", "top")
    panel.spines["left"].set_color(GREY)


def _figures(value: float) -> str:
    """Write a value as the tables show it: three figures, and no power of ten."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


_VALUE, _DATE = 0.34, 0.6
"""Inches that a value, and a date below the panels, take."""


def _apart(
    points: Sequence[tuple[float, float]], span: tuple[float, float], inside: float
) -> Iterator[tuple[float, float]]:
    """Yield the points whose value has room beside that of the one before; the last always has."""
    room = (span[1] - span[0]) * _VALUE / inside
    place = float("-inf")
    for day, value in points[:-1]:
        if day - place >= room and points[-1][0] - day >= room:
            place = day
            yield day, value
    yield from points[-1:]


def _date_axis(panels: Sequence[Axes], span: tuple[float, float], inside: float) -> None:
    """Date the lowest panel; the others have the same days."""
    from matplotlib.dates import AutoDateLocator, DateFormatter

    days = span[1] - span[0]
    form = "%Y" if days > 4000 else "%Y-%m" if days > 150 else "%Y-%m-%d"
    ticks = max(min(int(inside / _DATE), 7), 2)
    # Steps of half a year are the longest below a year: where they give too many dates, one date has to do.
    least, most = 2 if ticks > 4 else 1, max(ticks, 3)
    for panel in panels:
        panel.xaxis_date()
        panel.xaxis.set_major_locator(AutoDateLocator(minticks=least, maxticks=most))  # type: ignore[no-untyped-call]
        panel.xaxis.set_major_formatter(DateFormatter(form))  # type: ignore[no-untyped-call]
        panel.tick_params(axis="x", labelsize=SMALL, labelbottom=panel is panels[-1])


def _day(date: dt.date) -> float:
    """Return a day as matplotlib counts them."""
    from matplotlib.dates import date2num

    return float(date2num(date))  # type: ignore[no-untyped-call]


def _courses(context: Context) -> list[_Course]:
    """Return the therapies that have a date, the earliest first."""
    tried = [_Course(item, _OUTCOMES[item.outcome]) for item in context.therapies]
    courses = [*tried, *(_Course(item, _PLANNED) for item in context.planned)]
    dated = [item for item in courses if item.therapy.start or item.therapy.stop]
    return sorted(dated, key=lambda item: (item.therapy.start or item.therapy.stop or dt.date.max, item.drug))


def _undated(context: Context) -> Iterator[str]:
    """Say what has no date."""
    for head, items in (("Tried, no dates", context.therapies), ("Planned, no dates", context.planned)):
        words = [_in_words(item) for item in items if item.start is None and item.stop is None]
        if words:
            yield f"{head}: {'; '.join(words)}."
    if context.co_medication:
        yield f"Other drugs taken, no dates: {', '.join(item.name for item in context.co_medication)}."


def _in_words(item: Therapy) -> str:
    outcome = OUTCOMES[item.outcome].label if item.outcome else ""
    ended = f"{outcome}: {item.reaction}" if item.reaction else outcome
    words = ", ".join(part for part in (_dose(item), ended) if part)
    return f"{item.drug.name} ({words})" if words else item.drug.name


def _dose(item: Therapy) -> str:
    dose = f"{item.dose.value:g} {item.dose.unit}" if item.dose else ""
    return " ".join(part for part in (dose, item.schedule) if part)


def _head(patient: PatientData, series: LabSeries) -> str:
    """Return the name of a quantity, its unit and the drug it belongs to, in lines."""
    measures = {row["quantity"]: row["measure"] for row in patient.knowledge.rows("quantities")}
    name = wrapped(measures.get(series.quantity, series.quantity), 1.6, SMALL)
    of_drug = f"{series.drug.name}, " if series.drug else ""
    return "\n".join([name, printable(f"{of_drug}{series.unit}")])
