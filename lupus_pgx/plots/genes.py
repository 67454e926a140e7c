"""Plot of genes over samples: phenotype frequencies."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lupus_pgx.errors import UsageError
from lupus_pgx.plots.canvas import (
    BLACK,
    BLUE,
    CENTRED,
    EDGE,
    GREEN,
    LINE,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    SMALL,
    VERMILLION,
    WHITE,
    YELLOW,
    Look,
    Place,
    Sheet,
    Style,
    beside,
    inches,
    percent_axis,
    placed,
    require,
    say,
    shortened,
    styled,
    tick_labels,
)
from lupus_pgx.results.patient import AnalysisData
from lupus_pgx.terms import CallStatus
from lupus_pgx.words.lines import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NOTHING, _NO_PHENOTYPE = "not assessed", "no phenotype assigned"
_UNGROUPED = "no group given"

_FILLS = ((BLUE, ""), (ORANGE, "///"), (GREEN, "..."), (PURPLE, "\\\\\\"), (YELLOW, "+++"), (SKY, "---"))
_MORE = ((VERMILLION, "xxx"), (PALE, "|||"), (WHITE, "ooo"))


def share_text(share: float) -> str:
    """Write a share in percent, as 0 or 100 only where it is exact."""
    if share in (0, 1):
        return f"{share:.0%}"
    return "under 0.1%" if share < 0.001 else "over 99.9%" if share > 0.999 else f"{share:.1%}"


@dataclass(frozen=True, slots=True)
class _Frequency:
    """How often a phenotype is in a group; ``total`` are the samples of the group that were assessed."""

    group: str
    phenotype: str
    count: int
    total: int

    @property
    def share(self) -> float:
        return self.count / self.total

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.count, self.total)

    @property
    def counted(self) -> str:
        return f"{self.count:,} of {self.total:,}"

    @property
    def text(self) -> str:
        low, high = self.interval
        return f"{share_text(self.share)} ({100 * low:.1f}-{100 * high:.1f})"


def phenotype_frequencies(
    analysis: AnalysisData,
    gene: str,
    groups: Mapping[str, str] | None = None,
    ax: Axes | None = None,
    *,
    stacked: bool = False,
    figsize: tuple[float, float] | None = None,
    style: Style = None,
) -> Axes:
    """Draw how frequent the phenotypes of a gene are in groups of samples, such as ancestries.

    The most probable phenotype of the genotype counts (not the one adjusted for co-medication). Shares are of the
    samples that were assessed, with 95% Wilson intervals; counts are written beside them.

    Parameters
    ----------
    analysis : Analysis
    gene : str
    groups : mapping of sample to group, optional
        By default the ancestry of the analysis where it is known. Samples without a group are a group of their own.
    ax : Axes, optional
    stacked : bool
        A bar per group, parted by phenotype, in the place of a bar per phenotype and group with its interval.
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
        If the gene is unknown, was not analyzed or has no phenotypes, if no sample is in a group or was assessed,
        or if matplotlib is missing.
    """
    require(analysis, AnalysisData, "an Analysis, as lupus_pgx.analyze() returns it")
    gene = _star_gene(analysis, gene)
    sizes, counts = _count(analysis, gene, _groups(analysis, groups))
    frequencies, unassessed = _frequencies(sizes, counts, gene)
    heading = f"{gene}: phenotypes of {counted(sum(sizes.values()), 'sample')}"
    with styled(style):
        draw = _stacked if stacked else _barred
        sheet = draw(frequencies, list(sizes), heading, placed(ax, figsize))
        what = "Share of those assessed" if stacked else "Count of those assessed, share and 95% Wilson interval"
        sheet.note(f"{what} in percent. {_unsure(analysis, gene)}")
        for group, number in unassessed.items():
            sheet.note(f"Not assessed: {number:,} of {counted(sizes[group], 'sample')} ({group}).")
        return sheet.finish()


def _barred(frequencies: Sequence[_Frequency], groups: Sequence[str], heading: str, where: Place) -> Sheet:
    """Draw a bar per phenotype and group, with its count, share and interval."""
    phenotypes = list(dict.fromkeys(item.phenotype for item in frequencies))
    taken = inches([item.counted for item in frequencies])
    sheet = Sheet(
        where,
        heading,
        (3.6, (len(frequencies) + 1.1 * len(phenotypes)) * LINE + 0.1),
        left=inches([*(shortened(item.group) for item in frequencies), "all"]) + 0.15,
        right=taken + inches([item.text for item in frequencies]) + 0.4,
        under=0.3,
    )
    _draw_frequencies(sheet.ax, frequencies, groups, taken)
    return sheet


def _stacked(frequencies: Sequence[_Frequency], groups: Sequence[str], heading: str, where: Place) -> Sheet:
    """Draw a bar per group, parted by phenotype; a share is written where it has room, and all stand in the legend."""
    present = [group for group in groups if any(item.group == group for item in frequencies)]
    phenotypes = list(dict.fromkeys(item.phenotype for item in frequencies))
    fills = [*_FILLS, *_MORE] * (len(phenotypes) // 9 + 1)
    looks = [Look("", name, colour, hatch or "") for name, (colour, hatch) in zip(phenotypes, fills, strict=False)]
    totals = {item.group: f"n {item.total:,}" for item in frequencies}
    left, right = inches([shortened(group) for group in present]) + 0.15, inches(list(totals.values())) + 0.2
    sheet = Sheet(where, heading, (4.2, len(present) * LINE * 1.7), left=left, right=right, under=0.3)
    for row, group in enumerate(present):
        start = 0.0
        for look in looks:
            share = next((item.share for item in frequencies if (item.group, item.phenotype) == (group, look.words)), 0)
            sheet.ax.barh(row, share, 0.75, start, color=look.colour, hatch=look.hatch, edgecolor=EDGE, linewidth=0.5)
            text = f"{100 * share:.0f}"
            if share * sheet.inside > inches([text], SMALL) + 0.1:
                box = {"facecolor": look.colour, "edgecolor": "none", "pad": 0.8}
                say(sheet.ax, start + share / 2, row, text, fontsize=SMALL, color=look.ink, bbox=box, **CENTRED)
            start += share
        beside(sheet.ax, row, totals[group])
    tick_labels(sheet.ax, "y", [shortened(group) for group in present])
    sheet.ax.set_ylim(len(present) - 0.4, -0.6)
    percent_axis(sheet.ax)
    sheet.legend(looks)
    return sheet


def _draw_frequencies(ax: Axes, frequencies: Sequence[_Frequency], groups: Sequence[str], taken: float) -> None:
    """Draw a bar per phenotype and group; ``taken`` are the inches that the counts take."""
    fills = dict(zip(groups, (*_FILLS, *_MORE) * (len(groups) // 9 + 1), strict=False))
    places, place, last = list[float](), -1.0, ""
    for item in frequencies:
        place += 1.0 if item.phenotype == last else 2.1
        if item.phenotype != last:
            say(ax, 0, place - 0.95, item.phenotype, va="center", fontweight="bold")
        last = item.phenotype
        places.append(place)
        colour, hatch = fills[item.group]
        ax.barh(place, item.share, 0.75, color=colour, hatch=hatch, edgecolor=EDGE, linewidth=0.5)
        ax.plot(item.interval, [place, place], color=BLACK, linewidth=1.2, marker="|", markersize=5, clip_on=False)
        beside(ax, place, item.counted, taken + 0.1, ha="right")
        beside(ax, place, item.text, taken + 0.3)
    tick_labels(ax, "y", [shortened(item.group) for item in frequencies], places)
    ax.set_ylim(place + 0.7, -0.5)
    highest = max(item.interval[1] for item in frequencies)
    percent_axis(ax, next(top for top in (0.1, 0.25, 0.5, 0.75, 1.0) if highest <= top))


def _star_gene(analysis: AnalysisData, gene: str) -> str:
    (found,) = analysis.knowledge.select_genes([gene])
    called = analysis.results.genes.values
    if found not in called:
        raise UsageError(
            f"{found} has no diplotypes in this analysis: expected one of {', '.join(sorted(called)) or 'no gene'}"
        )
    if not analysis.knowledge.star_genes[found].has_phenotypes:
        raise UsageError(f"{found} has diplotypes but no phenotypes: no table assigns any, so there is none to count")
    return found


def _groups(analysis: AnalysisData, groups: Mapping[str, str] | None) -> list[str]:
    """Return the group of each sample."""
    if groups is None:
        found = [analysis.ancestry.get(sample) for sample in analysis.sample_ids]
        if not any(found):
            return ["all samples"] * len(found)
        return [item.value if item is not None else "ancestry not given" for item in found]
    if not any(sample in groups for sample in analysis.sample_ids):
        named = f"it names {len(groups):,} others" if groups else "it is empty"
        raise UsageError(f"groups: expected samples of this analysis ({analysis.sample_ids[0]} ...); {named}")
    return [str(groups.get(sample, _UNGROUPED)) for sample in analysis.sample_ids]


def _count(analysis: AnalysisData, gene: str, groups: list[str]) -> tuple[dict[str, int], dict[str, Counter[str]]]:
    """Return the size of each group, and how many of its samples have which phenotype."""
    genes = analysis.results.genes
    words = [
        call.counted_as or (_NOTHING if call.diplotype.status is CallStatus.NO_CALL else _NO_PHENOTYPE)
        for call in genes.values[gene]
    ]
    counts: dict[str, Counter[str]] = {group: Counter() for group in sorted(set(groups))}
    for group, number in zip(groups, genes.index[gene].tolist(), strict=True):
        counts[group][words[number]] += 1
    return {group: counter.total() for group, counter in counts.items()}, counts


def _frequencies(
    sizes: Mapping[str, int], counts: Mapping[str, Counter[str]], gene: str
) -> tuple[list[_Frequency], dict[str, int]]:
    """Return the frequencies, the most frequent phenotype first, and how many samples were not assessed."""
    overall = sum(counts.values(), Counter[str]())
    unassessed = {group: counter[_NOTHING] for group, counter in counts.items() if counter[_NOTHING]}
    order = [name for name, _ in sorted(overall.items(), key=lambda item: (-item[1], item[0])) if name != _NOTHING]
    if not order:
        raise UsageError(
            f"{gene} was not assessed in any of {counted(sum(sizes.values()), 'sample')}: there is nothing to draw"
        )
    found = [
        _Frequency(group, name, counter[name], sizes[group] - counter[_NOTHING])
        for name in order
        for group, counter in counts.items()
        if sizes[group] > counter[_NOTHING]
    ]
    return found, unassessed


def _unsure(analysis: AnalysisData, gene: str) -> str:
    calls = analysis.results.genes
    counts = calls.counts(gene).tolist()
    open_calls = sum(
        number
        for call, number in zip(calls.values[gene], counts, strict=True)
        if call.diplotype.status in (CallStatus.AMBIGUOUS, CallStatus.NOVEL)
    )
    words = "no call is ambiguous or novel" if not open_calls else f"ambiguous or novel calls: {open_calls:,}"
    return f"The most probable phenotype of a sample is counted; {words}."


Z95 = 1.959963984540054
"""Quantile of the normal distribution that leaves 2.5 percent on each side."""


def wilson(count: int, total: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (doi:10.1080/01621459.1927.10502953).

    Parameters
    ----------
    count, total : int
        Of ``total`` samples, ``count`` have it; ``total`` is above 0.
    z : float
        95 percent by default.

    Returns
    -------
    low, high : float
        From 0 to 1.

    Examples
    --------
    >>> [round(value, 4) for value in wilson(10, 100)], wilson(0, 10)[0], wilson(10, 10)[1]
    ([0.0552, 0.1744], 0.0, 1.0)
    """
    share = count / total
    centre = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    low = 0.0 if count == 0 else (centre - spread) / scale
    return low, 1.0 if count == total else (centre + spread) / scale
