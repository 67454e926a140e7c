"""Plot of the calls over samples: how sure they are, and how many genotypes are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lupus_pgx.errors import UsageError
from lupus_pgx.plots.canvas import (
    BLACK,
    BLUE,
    EDGE,
    GREEN,
    LINE,
    ORANGE,
    PURPLE,
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
    percent_axis,
    placed,
    require,
    styled,
    tick_labels,
)
from lupus_pgx.plots.genes import share_text
from lupus_pgx.results.patient import AnalysisData
from lupus_pgx.terms import CallStatus
from lupus_pgx.words.lines import counted

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_STATUSES = {
    CallStatus.CERTAIN: Look("c", "certain", BLUE),
    CallStatus.PROBABLE: Look("p", "probable (95% or more)", SKY, "///"),
    CallStatus.OUTSIDE: Look("o", "given from outside", GREEN, "---"),
    CallStatus.AMBIGUOUS: Look("a", "ambiguous", ORANGE, "..."),
    CallStatus.NOVEL: Look("n", "novel (no known pair fits)", PURPLE, "xxx"),
    CallStatus.NO_CALL: Look("-", "no call", WHITE, "\\\\"),
}


@dataclass(frozen=True, slots=True)
class _Certainty:
    """Samples by call status, and shares of genotypes that are missing; None where there are no loci."""

    gene: str
    statuses: Counter[CallStatus]
    missing: float | None
    essential: float | None

    @property
    def text(self) -> str:
        statuses = ", ".join(
            f"{_STATUSES[item].letter} {self.statuses[item]:,}" for item in _STATUSES if item in self.statuses
        )
        if self.missing is None:
            return f"{statuses};  no loci, known from elsewhere only"
        essential = "" if self.essential is None else f", essential {share_text(self.essential)}"
        return f"{statuses};  missing {share_text(self.missing)}{essential}"


def call_certainty(
    analysis: AnalysisData,
    ax: Axes | None = None,
    *,
    figsize: tuple[float, float] | None = None,
    style: Style = None,
) -> Axes:
    """Draw how sure the diplotypes of each gene are, and how many genotypes are missing.

    The upper bar of a gene is the share of samples by call status, the lower one the share of missing genotypes over
    all its loci; a diamond is the same for its essential loci. Genes of markers only are named below.

    Parameters
    ----------
    analysis : Analysis
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
        If no gene with diplotypes was analyzed, or matplotlib is missing.
    """
    require(analysis, AnalysisData, "an Analysis, as lupus_pgx.analyze() returns it")
    found = [_certainty(analysis, gene) for gene in sorted(analysis.results.genes.values)]
    if not found:
        raise UsageError("call_certainty: no gene with diplotypes was analyzed; expected one or more star genes")
    with styled(style):
        return _drawn(analysis, found, placed(ax, figsize))


def _drawn(analysis: AnalysisData, found: Sequence[_Certainty], where: Place) -> Axes:
    names, texts = [item.gene for item in found], [item.text for item in found]
    samples = len(analysis.sample_ids)
    sheet = Sheet(
        where,
        f"Calls of {counted(samples, 'sample')} and missing genotypes, by gene",
        (4.0, len(found) * LINE * 1.6),
        left=inches(names) + 0.15,
        right=inches(texts, SMALL) + 0.2,
        under=0.32,
    )
    for place, item in enumerate(found):
        _draw_certainty(sheet.ax, place, item, samples)
    tick_labels(sheet.ax, "y", names)
    percent_axis(sheet.ax)
    sheet.ax.set_ylim(len(found) - 0.4, -0.6)
    present = {status for item in found for status in item.statuses}
    sheet.legend([look for status, look in _STATUSES.items() if status in present], _keys())
    for note in _marker_notes(analysis):
        sheet.note(note)
    return sheet.finish()


def _keys() -> list[Artist]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    essential = Line2D([], [], color=VERMILLION, marker="D", markersize=5, linestyle="none", markeredgecolor=BLACK)
    essential.set_label("missing genotypes of essential loci")
    return [Patch(facecolor="#555555", label="missing genotypes of all loci"), essential]


def _draw_certainty(ax: Axes, place: int, item: _Certainty, total: int) -> None:
    start = 0.0
    for status, look in _STATUSES.items():
        share = item.statuses[status] / total
        if share:
            style = {"color": look.colour, "hatch": look.hatch, "edgecolor": EDGE, "linewidth": 0.4}
            ax.barh(place - 0.12, share, 0.46, start, **style)  # type: ignore[arg-type]
        start += share
    if item.missing:
        ax.barh(place + 0.25, item.missing, 0.16, color="#555555")
    if item.essential is not None:
        ax.plot(
            item.essential,
            place + 0.25,
            color=VERMILLION,
            marker="D",
            markersize=4.5,
            markeredgecolor=BLACK,
            markeredgewidth=0.6,
            clip_on=False,
            zorder=3,
        )
    beside(ax, place, item.text, fontsize=SMALL)


def _missing_share(analysis: AnalysisData, numbers: list[int]) -> float | None:
    """Return the share of genotypes at some loci that cannot be used."""
    columns = [analysis.results.genotypes.columns[number] for number in numbers]
    shares = [1 - float(np.mean(column.spread(column.states.known))) for column in columns]
    return float(np.mean(shares)) if shares else None


def _certainty(analysis: AnalysisData, gene: str) -> _Certainty:
    calls = analysis.results.genes
    statuses: Counter[CallStatus] = Counter()
    for call, number in zip(calls.values[gene], calls.counts(gene).tolist(), strict=True):
        if number:
            statuses[call.diplotype.status] += number
    loci = analysis.results.genotypes.of_loci(analysis.knowledge.star_genes[gene].haplotypes.loci)
    essential = [number for number in loci if analysis.results.genotypes.loci[number].essential]
    return _Certainty(gene, statuses, _missing_share(analysis, loci), _missing_share(analysis, essential))


def _marker_notes(analysis: AnalysisData) -> list[str]:
    """Say for each gene without diplotypes how many genotypes of its loci are missing."""
    by_gene: dict[str, list[int]] = {}
    for number, locus in enumerate(analysis.results.genotypes.loci):
        if locus.gene not in analysis.results.genes.values:
            by_gene.setdefault(locus.gene, []).append(number)
    missing = {gene: _missing_share(analysis, numbers) or 0.0 for gene, numbers in by_gene.items()}
    shares: dict[str, list[str]] = {}
    for gene in sorted(missing, key=lambda name: (-missing[name], name)):
        shares.setdefault(share_text(missing[gene]), []).append(gene)
    words = "; ".join(f"{share}: {', '.join(genes)}" for share, genes in shares.items())
    return [f"Genes of markers only, by share of missing genotypes. {words}."] if words else []
