"""Loci of one gene by samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.calling.calls import DiplotypeCall
from lupus_pgx.errors import UsageError
from lupus_pgx.genotypes.codes import ABSENT_COPY, KNOWN_CODES, status_name
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.loci import Locus
from lupus_pgx.plots.canvas import (
    BLACK,
    BLUE,
    CENTRED,
    EDGE,
    LINE,
    PALE,
    SKY,
    SMALL,
    VERMILLION,
    WHITE,
    Look,
    Place,
    Sheet,
    Style,
    beside,
    inches,
    placed,
    require,
    say,
    shortened,
    styled,
    tick_labels,
)
from lupus_pgx.plots.grid import Codes, cells, sample_numbers
from lupus_pgx.results.patient import AnalysisData
from lupus_pgx.terms import CallStatus, LocusStatus
from lupus_pgx.words.lines import counted
from lupus_pgx.words.vocabulary import CALLS

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

ROWS = 40
"""Samples or patterns that have a row each; the rest share one."""
COLUMNS = 30
"""Up to this many loci all have a column; of more, those at which nothing differs are named below."""

_PLAIN = "#DCE9F2"
LOOKS = (
    Look("", "the GRCh38 allele twice", _PLAIN),
    Look("0h", "one copy of the gene: the GRCh38 allele", _PLAIN),
    Look("1", "one other allele", SKY),
    Look("2", "two other alleles", BLUE),
    Look("1h", "one copy of the gene: another allele", BLUE),
    Look("a", "no record, reference assumed", "#FBF3C4"),
    Look("!", "an allele the panel does not know", VERMILLION),
    Look("?", "missing", WHITE, "////"),
)
"""States of a cell. Missing is never drawn as reference."""
_REFERENCE, _REFERENCE_ONE, _ONE, _TWO, _OTHER_ONE, _ASSUMED, _UNEXPECTED, _MISSING = range(len(LOOKS))
_CARRIER = (_ONE, _TWO, _OTHER_ONE, _UNEXPECTED)


@dataclass(frozen=True, slots=True)
class _Lines:
    """Rows of the plot.

    Attributes
    ----------
    codes : ndarray of uint8, shape (rows, loci)
    labels, calls : list of str
        At the left and at the right; one more than rows where there is a rest.
    patterns : int
        Different rows of all samples.
    rest : list of str
        At each locus, the carriers among the samples that have no row of their own.
    """

    codes: Codes
    labels: list[str]
    calls: list[str]
    patterns: int
    rest: list[str] = field(default_factory=list)


def haplotype_view(
    analysis: AnalysisData,
    gene: str,
    samples: Sequence[str] | None = None,
    ax: Axes | None = None,
    *,
    figsize: tuple[float, float] | None = None,
    style: Style = None,
) -> Axes:
    """Draw the genotypes of samples at the loci of a gene.

    Samples are sorted by pattern. More than 40 are grouped by pattern, the most frequent first; patterns after the
    fortieth share the last row, which gives the number of carriers at each locus. Diamonds mark essential loci.

    Parameters
    ----------
    analysis : Analysis
    gene : str
    samples : sequence of str, optional
        All of them by default.
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
        If the gene or a sample is unknown, the gene has no locus in this analysis, there is no sample, or
        matplotlib is missing.
    """
    require(analysis, AnalysisData, "an Analysis, as lupus_pgx.analyze() returns it")
    (gene,) = analysis.knowledge.select_genes([gene])
    chosen = sample_numbers(analysis.sample_ids, samples, "haplotype_view")
    numbers = [number for number, locus in enumerate(analysis.results.genotypes.loci) if locus.gene == gene]
    if not numbers:
        raise UsageError(f"{gene} has no locus in this analysis: it was not analyzed, or is known from elsewhere only")
    codes = np.array([_states(analysis.results.genotypes, number)[chosen] for number in numbers])
    shown, notes = _columns(codes, [analysis.results.genotypes.loci[number] for number in numbers])
    codes = codes[shown]
    loci = [analysis.results.genotypes.loci[numbers[number]] for number in shown]
    lines = _lines(analysis, gene, codes, chosen)
    samples_patterns = f"{counted(len(chosen), 'sample')}, {counted(lines.patterns, 'pattern')}"
    heading = f"{gene}: {samples_patterns}; {len(shown)} of {counted(len(numbers), 'locus', 'loci')} drawn"
    with styled(style):
        return _draw(lines, loci, heading, notes, placed(ax, figsize))


def _states(genotypes: Genotypes, number: int) -> Codes:
    """Return the state of each sample at a locus."""
    column = genotypes.columns[number]
    found = []
    for pair, code in zip(column.states.alleles.tolist(), column.states.status.tolist(), strict=True):
        found.append(_state(pair, status_name(code), known=code in KNOWN_CODES))
    return np.array(found, np.uint8)[column.index]


def _state(pair: list[int], status: LocusStatus, *, known: bool) -> int:
    if status is LocusStatus.UNEXPECTED_ALLELE:
        return _UNEXPECTED
    if not known:
        return _MISSING
    if status is LocusStatus.ASSUMED_REFERENCE:
        return _ASSUMED
    others = sum(code > 0 for code in pair)
    if ABSENT_COPY in pair:
        return _OTHER_ONE if others else _REFERENCE_ONE
    return (_REFERENCE, _ONE, _TWO)[others]


def _columns(codes: Codes, loci: Sequence[Locus]) -> tuple[list[int], list[str]]:
    """Return the loci that are shown, and what is said of the others."""
    everything = list(range(len(loci)))
    if len(loci) <= COLUMNS:
        return everything, []
    plain = [number for number in everything if np.isin(codes[number], (_REFERENCE, _REFERENCE_ONE)).all()]
    heads = {"The GRCh38 allele in every sample": plain}
    for state, head in ((_MISSING, "Missing in every sample"), (_ASSUMED, "Assumed to be reference in every sample")):
        heads[head] = [number for number in everything if (codes[number] == state).all() and not loci[number].essential]
    hidden = {number for numbers in heads.values() for number in numbers}
    if len(hidden) == len(loci):
        return everything, []
    notes = [
        f"{head} ({counted(len(numbers), 'locus', 'loci')}, not drawn): {', '.join(loci[n].name for n in numbers)}."
        for head, numbers in heads.items()
        if numbers
    ]
    return [number for number in everything if number not in hidden], notes


def _lines(analysis: AnalysisData, gene: str, codes: Codes, chosen: Sequence[int]) -> _Lines:
    """Return a row per sample, or per pattern where there are too many samples."""
    patterns, index, sizes = np.unique(codes, axis=1, return_inverse=True, return_counts=True)
    numbers = index.reshape(-1).tolist()
    calls = _calls(analysis, gene, chosen)
    if len(chosen) <= ROWS:
        order = sorted(range(len(chosen)), key=lambda place: (numbers[place], place))
        names = [shortened(analysis.sample_ids[chosen[place]]) for place in order]
        return _Lines(codes[:, order].T, names, [calls[place] for place in order], len(sizes))
    members = [Counter[str]() for _ in sizes]
    for number, call in zip(numbers, calls, strict=True):
        members[number][call] += 1
    ranked = np.argsort(-sizes, kind="stable")
    own, others = ranked[:ROWS].tolist(), ranked[ROWS:].tolist()
    labels = [counted(int(sizes[number]), "sample") for number in own]
    words = [_joined(members[number]) for number in own]
    if not others:
        return _Lines(patterns[:, own].T, labels, words, len(sizes))
    labels.append(f"{counted(int(sizes[others].sum()), 'sample')} in {counted(len(others), 'rarer pattern')}")
    words.append(_joined(sum((members[number] for number in others), Counter[str]())))
    rest = [_carriers(line, sizes[others]) for line in patterns[:, others]]
    return _Lines(patterns[:, own].T, labels, words, len(sizes), rest)


def _carriers(states: Codes, sizes: npt.NDArray[np.intp]) -> str:
    """Return how many samples carry another allele, with a question mark where some are missing."""
    carriers = int(sizes[np.isin(states, _CARRIER)].sum())
    return f"{carriers or ''}{'?' if (states == _MISSING).any() else ''}"


def _draw(lines: _Lines, loci: Sequence[Locus], heading: str, notes: Sequence[str], where: Place) -> Axes:
    rows, columns = lines.codes.shape
    names = [shortened(locus.name, 24) for locus in loci]
    essential = [number for number, locus in enumerate(loci) if locus.essential]
    marks = LINE if essential else 0.0
    width = max(columns * max(0.22, inches(lines.rest, SMALL) + 0.06), 2.5)
    sheet = Sheet(
        where,
        heading,
        (width, len(lines.labels) * LINE),
        left=inches(lines.labels) + 0.15,
        right=inches(lines.calls, SMALL) + 0.2,
        above=inches(names, SMALL) + 0.15 + marks,
    )
    ax = sheet.ax
    cells(ax, lines.codes, LOOKS)
    if lines.rest:
        _draw_rest(ax, lines.rest, rows)
    for row, call in enumerate(lines.calls):
        beside(ax, row, call, fontsize=SMALL)
    _mark(ax, essential, marks / 2)
    ax.set_ylim(len(lines.labels) - 0.5, -0.5)
    tick_labels(ax, "y", lines.labels)
    tick_labels(ax, "x", names, rotation=90, fontsize=SMALL)
    ax.xaxis.tick_top()
    # In inches, as the marks: a tall figure has tall cells, and names that stay beside them.
    ax.tick_params("x", pad=72 * marks + 2)
    present = [LOOKS[number] for number in np.unique(lines.codes)]
    sheet.legend(present, _keys(rest=bool(lines.rest), essential=bool(essential)))
    for note in notes:
        sheet.note(note)
    return sheet.finish()


def _mark(ax: Axes, columns: Sequence[int], above: float) -> None:
    """Put a diamond some inches above columns."""
    from matplotlib.transforms import ScaledTranslation

    place = ax.get_xaxis_transform() + ScaledTranslation(0, above, ax.figure.dpi_scale_trans)
    look: dict[str, Any] = {"s": 14, "marker": "D", "color": VERMILLION, "edgecolors": BLACK, "linewidths": 0.5}
    ax.scatter(columns, [1] * len(columns), transform=place, clip_on=False, **look)


def _draw_rest(ax: Axes, rest: Sequence[str], row: int) -> None:
    """Draw the last row: counts instead of genotypes."""
    ax.barh(row, len(rest), 0.9, -0.5, color=PALE)
    for column, text in enumerate(rest):
        say(ax, column, row, text, fontsize=SMALL, **CENTRED)


def _keys(*, rest: bool, essential: bool) -> list[Artist]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    keys: list[Artist] = []
    if rest:
        label = "rarer patterns: carriers at each locus (? some missing)"
        keys.append(Patch(facecolor=PALE, edgecolor=EDGE, linewidth=0.5, label=label))
    if essential:
        style = {"color": VERMILLION, "marker": "D", "markersize": 4, "markeredgecolor": BLACK, "linestyle": "none"}
        keys.append(Line2D([], [], label="essential locus", **style))  # type: ignore[arg-type]
    return keys


def _calls(analysis: AnalysisData, gene: str, chosen: Sequence[int]) -> list[str]:
    """Return the diplotype of each sample, or why there is none; nothing for genes of markers only."""
    calls = analysis.results.genes
    if gene not in calls.values:
        return [""] * len(chosen)
    words = [_call(call.diplotype) for call in calls.values[gene]]
    return [words[number] for number in calls.index[gene][chosen].tolist()]


def _call(call: DiplotypeCall) -> str:
    """Return a diplotype, with its status where it is not settled."""
    settled = call.status in (CallStatus.CERTAIN, CallStatus.PROBABLE, CallStatus.OUTSIDE)
    return " ".join(part for part in (call.diplotype, "" if settled else CALLS[call.status].label) if part)


def _joined(members: Counter[str]) -> str:
    """Return the most frequent calls of a pattern, with counts where there are several."""
    ranked = members.most_common()
    if len(ranked) == 1:
        return ranked[0][0]
    more = f", {len(ranked) - 2} more" if len(ranked) > 2 else ""
    return ", ".join(f"{name} ({number:,})" for name, number in ranked[:2]) + more
