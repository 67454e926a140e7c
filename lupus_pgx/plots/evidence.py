"""Forest plot of what is published on genotype and one drug."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lupus_pgx.errors import UsageError
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.rules import EvidenceRow
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.plots.canvas import (
    BLACK,
    BLUE,
    CENTRED,
    GREEN,
    GREY,
    LINE,
    SMALL,
    VERMILLION,
    WHITE,
    Place,
    Sheet,
    Style,
    bare,
    beside,
    inches,
    placed,
    printable,
    say,
    shortened,
    styled,
    tick_labels,
)
from lupus_pgx.plots.effect_sizes import KINDS, Ratio, parse_ratios
from lupus_pgx.results.patient import PatientData
from lupus_pgx.words.sentences import subject_text
from lupus_pgx.words.vocabulary import evidence_word, listed

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_MARKS = {"OR": ("s", BLUE), "RR": ("o", VERMILLION), "HR": ("D", GREEN)}
"""Marker and colour of each kind of ratio."""
_BAND = "#FFF6CC"
_OPEN = ("no_effect", "conflicting")
_WIDEST = 60
"""Letters of a line of a label."""
_BESIDE = 42
"""Letters of other words of an effect size that fit beside the ratio; longer ones stand below."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A ratio of a numbered evidence row; ``fits`` says that the row applies to the patient's genotype."""

    number: int
    row: EvidenceRow
    ratio: Ratio
    rest: str
    fits: bool

    @property
    def label(self) -> str:
        name = " - ".join(part for part in (_name(self.row), self.ratio.of) if part)
        return "\n".join([*_short_lines(f"[{self.number}] {name}"), *_short_lines(_about(self.row))])

    @property
    def outcome(self) -> str:
        """What it is a ratio of, such as toxicity."""
        return _outcome(self.row)

    @property
    def height(self) -> float:
        """Lines that it takes."""
        return self.label.count("\n") + 1.0

    @property
    def text(self) -> str:
        beside_it = f"  {self.rest}" if self.rest and len(self.rest) <= _BESIDE else ""
        return printable(f"{self.ratio.written}{beside_it}")

    @property
    def is_open(self) -> bool:
        return self.row.row["direction"] in _OPEN or self.row.row["use"] == "null"


def evidence_forest(
    source: Knowledge | PatientData,
    drug: str,
    ax: Axes | None = None,
    *,
    figsize: tuple[float, float] | None = None,
    style: Style = None,
) -> Axes:
    """Draw the ratios with an interval that are published on genotype and a drug, by what they are ratios of.

    Odds, risk and hazard ratios stand apart, and each outcome, on one logarithmic axis; open markers are
    null and conflicting results. Rows without such a ratio, and what else a row says, are written below. Nothing is
    pooled.

    Parameters
    ----------
    source : Knowledge or PatientSummary
        Of a patient, the rows that apply to the genotype are marked.
    drug : str
        Name or alias.
    ax : Axes, optional
    figsize : (float, float), optional
        Inches of a new figure; refused where letters would run into each other.
    style : str or mapping, optional
        A style of matplotlib, or settings such as ``{"font.family": "serif"}``, for this plot alone.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If the drug is unknown, was not asked for in the analysis or has no evidence row, or matplotlib is missing.
    """
    if not isinstance(source, Knowledge | PatientData):
        raise UsageError(f"expected a Knowledge or a PatientSummary; found {type(source).__name__}")
    knowledge = source if isinstance(source, Knowledge) else source.knowledge
    found = knowledge.drug(drug)
    fired, of_whom = set[str](), ""
    if isinstance(source, PatientData):
        of_whom = f" (marked: rows that apply to {shortened(source.sample_id)})"
        fired = {row.evidence for row in source.response_to(drug).evidence if row.condition is not None}
    if not found.evidence:
        raise UsageError(f"{found.drug} has no evidence row in data release {knowledge.release}: nothing to draw")
    lines, notes = _read(found.evidence, fired)
    of_whom = f" (marked: rows that apply to {shortened(source.sample_id)})" if isinstance(source, PatientData) else ""
    heading = f"Evidence on genotype and {found.drug}{of_whom}"
    with styled(style):
        return _draw(lines, notes, heading, placed(ax, figsize))


def _read(rows: Sequence[EvidenceRow], fired: set[str]) -> tuple[list[_Line], list[str]]:
    """Return the ratios, sorted by kind, and in words what is not drawn."""
    lines: list[_Line] = []
    others: list[str] = []
    parsed = [(row, *parse_ratios(row.row["effect_size"] or "")) for row in rows]
    order = list(KINDS)
    parsed.sort(key=lambda item: (order.index(item[1][0].kind) if item[1] else len(order), _outcome(item[0])))
    for number, (row, ratios, rest) in enumerate(parsed, start=1):
        fits = row.evidence in fired
        lines += [_Line(number, row, ratio, rest if ratio is ratios[-1] else "", fits) for ratio in ratios]
        if not ratios:
            marked = "; applies to this genotype" if fits else ""
            others.append(f"[{number}] {_name(row)}; {_about(row)}{marked}: {rest or 'no figure'}.")
        elif len(rest) > _BESIDE:
            others.append(f"[{number}] also: {rest}.")
    lines.sort(key=lambda line: (order.index(line.ratio.kind), line.outcome))
    return lines, others


def _outcome(row: EvidenceRow) -> str:
    return listed([evidence_word(word) for word in split_list(row.row["about"])], "and")


def _name(row: EvidenceRow) -> str:
    return subject_text(row.row["gene"], row.row["marker"]) or "no genotype"


def _short_lines(text: str) -> list[str]:
    return textwrap.wrap(printable(text), _WIDEST, break_on_hyphens=False)


def _about(row: EvidenceRow) -> str:
    """Return population, evidence level and direction in words."""
    words = (row.row["population"], row.row["evidence_level"], row.row["direction"])
    return "; ".join(evidence_word(word) for word in words if word)


def _draw(lines: Sequence[_Line], notes: Sequence[str], heading: str, where: Place) -> Axes:
    labels, texts = [line.label for line in lines], [line.text for line in lines]
    kinds = list(dict.fromkeys((line.ratio.kind, line.outcome) for line in lines))
    rows = sum(line.height for line in lines) + len(kinds) * 1.6
    left = inches(labels) + 0.15
    size = (3.4, rows * LINE * 0.9) if lines else (7.0, LINE * 1.5)
    sheet = Sheet(where, heading, size, left=left, right=inches(texts) + 0.2, under=0.45 if lines else 0.1)
    ax, down, places = sheet.ax, 0.0, list[float]()
    for kind, outcome in kinds:
        head = f"{KINDS[kind].capitalize()}s ({kind}){f' of {outcome}' if outcome else ''}"
        say(ax, 0.01, down, head, transform=ax.get_yaxis_transform(), **_BOLD)
        down += 1.2
        for line in (line for line in lines if (line.ratio.kind, line.outcome) == (kind, outcome)):
            places.append(down + line.height / 2 - 0.5)
            _draw_ratio(ax, line, places[-1])
            down += line.height
        down += 0.1
    if lines:
        _scale(ax, lines)
        tick_labels(ax, "y", labels, places)
        ax.set_ylim(down - 0.7, -0.9)
    else:
        ax.set_axis_off()
        say(ax, 0.5, 0.5, "no ratio with an interval", transform=ax.transAxes, **CENTRED)
    sheet.legend([], _keys(lines))
    for note in [_head(lines), *notes] if notes else []:
        sheet.note(note)
    return sheet.finish()


_BOLD: dict[str, Any] = {
    "fontweight": "bold",
    "va": "center",
    "bbox": {"facecolor": WHITE, "edgecolor": "none", "pad": 1},
}


def _head(lines: Sequence[_Line]) -> str:
    return (
        "What is not drawn: rows without a named ratio and interval, and other words of drawn rows."
        if lines
        else ("Rows on this drug; none names a ratio with an interval.")
    )


def _draw_ratio(ax: Axes, line: _Line, place: float) -> None:
    marker, colour = _MARKS[line.ratio.kind]
    if line.fits:
        half = line.height / 2
        ax.axhspan(place - half + 0.05, place + half - 0.05, color=_BAND, zorder=0)
    ax.plot([line.ratio.low, line.ratio.high], [place, place], color=colour, linewidth=1.4, marker="|", markersize=6)
    face = WHITE if line.is_open else colour
    ax.plot(line.ratio.value, place, marker=marker, color=face, markeredgecolor=colour, markersize=6.5, zorder=3)
    beside(ax, place, line.text)


def _scale(ax: Axes, lines: Sequence[_Line]) -> None:
    """Set a logarithmic axis that holds every interval and 1."""
    low = min([0.5, *(line.ratio.low for line in lines)]) / 1.3
    high = max([2.0, *(line.ratio.high for line in lines)]) * 1.3
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high / low < 60 else (1, 3) if high / low < 2000 else (1,)
    places = [step * 10.0**decade for decade in decades for step in steps]
    places = [place for place in places if low <= place <= high]
    ax.set_xticks(places, [f"{place:g}" for place in places], fontsize=SMALL)
    ax.set_xticks([], minor=True)
    ax.axvline(1, color=GREY, linewidth=1, linestyle="--", zorder=0)
    ax.set_xlabel("ratio, logarithmic; 1 is no difference", fontsize=SMALL)
    bare(ax, "left", "right", "top")


def _keys(lines: Sequence[_Line]) -> list[Artist]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    keys: list[Artist] = []
    if any(line.is_open for line in lines):
        style = {"color": WHITE, "marker": "s", "markeredgecolor": BLACK, "linestyle": "none"}
        keys.append(Line2D([], [], label="open: null or conflicting", **style))  # type: ignore[arg-type]
    if any(line.fits for line in lines):
        keys.append(Patch(facecolor=_BAND, edgecolor=GREY, linewidth=0.5, label="row applies to this genotype"))
    return keys
