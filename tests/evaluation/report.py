"""Results as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluation.masks import MaskResult, MaskScore
from evaluation.phase import BINS, Bin, PhaseResult


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a Markdown table; all columns but the first are numbers."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def percent(part: int, whole: int, digits: int = 2) -> str:
    """Write a share in percent, ``-`` of nothing."""
    return f"{100 * part / whole:.{digits}f}" if whole else "-"


def phase_table(result: PhaseResult) -> str:
    """Write the phase test per gene."""
    header = ["gene", "named", "unnamed", "ambiguous", "right", "right of ambiguous", "right phenotype"]
    header += ["stated", "wrong", "of these unnamed", "phenotype stated", "wrong"]
    rows = [
        [
            *(s.gene, s.named, s.unnamed, s.ambiguous, s.right, s.ambiguous_right),
            s.phenotype_right if s.phenotype_stated else "",
            *(s.stated, s.stated - s.stated_right, s.stated_unnamed),
            *((s.phenotype_stated, s.phenotype_stated - s.phenotype_stated_right) if s.phenotype_stated else ("", "")),
        ]
        for s in result.scores
    ]
    return table(header, rows)


def rule_table(results: Sequence[PhaseResult]) -> str:
    """Write what the rule "most defined positions wins" gets right beside the probabilities."""
    header = ["gene", "ambiguous", *(f"right, ancestry {result.ancestry}" for result in results)]
    header += ["rule", "rule without reference positions"]
    rows = []
    for scores in zip(*(result.scores for result in results), strict=True):
        first = scores[0]
        if first.rule_right is not None:
            right = [score.ambiguous_right for score in scores]
            rows.append([first.gene, first.ambiguous, *right, first.rule_right, first.changes_rule_right])
    return table(header, rows)


def reliability_table(results: Sequence[PhaseResult]) -> str:
    """Write stated probability against the share that is right, with and without ancestry."""
    columns: list[tuple[str, tuple[Bin, ...]]] = []
    for result in results:
        columns.append((f"diplotype, ancestry {result.ancestry}", result.diplotype_bins))
        columns.append((f"phenotype, ancestry {result.ancestry}", result.phenotype_bins))
    rows = [[_bin_name(number), *(_bin_cell(bins[number]) for _, bins in columns)] for number in range(len(BINS))]
    return table(["stated", *(name for name, _ in columns)], rows)


def _bin_name(number: int) -> str:
    return f"{BINS[number]:g} to {BINS[number + 1]:g}" if number + 1 < len(BINS) else "1"


def _bin_cell(cell: Bin) -> str:
    return f"{cell.right} of {cell.statements} ({percent(cell.right, cell.statements, 1)} %)" if cell.statements else ""


def mask_table(results: Sequence[MaskResult], *, phenotype: bool) -> str:
    """Write, per gene and way of hiding, the share of calls that are stated and the share of these that is wrong."""
    header = ["gene"]
    for result in results:
        header += [f"{result.hidden}: stated %", "wrong %", "wrong/stated"]
    rows = []
    for scores in zip(*(result.scores for result in results), strict=True):
        cells = [_mask_cells(score, phenotype=phenotype) for score in scores]
        if any(stated for stated, _, _ in cells):
            rows.append(
                [scores[0].gene, *(text for stated, wrong, calls in cells for text in _texts(stated, wrong, calls))]
            )
    return table(header, rows)


def _mask_cells(score: MaskScore, *, phenotype: bool) -> tuple[int, int, int]:
    if phenotype:
        return score.phenotype_stated, score.phenotype_wrong, score.calls
    return score.stated, score.wrong, score.calls


def _texts(stated: int, wrong: int, calls: int) -> tuple[str, str, str]:
    return percent(stated, calls, 1), percent(wrong, stated), f"{wrong}/{stated}"


def action_table(results: Sequence[MaskResult]) -> str:
    """Write what became of the actions."""
    header = ["hidden", "phase", "drug", "actionable", "kept", "stated standard"]
    header += ["not actionable", "stated standard", "stated actionable"]
    rows = [
        [
            *(result.hidden, "kept" if result.phased else "removed", s.drug, s.actionable, s.kept, s.turned_standard),
            *(s.others, s.others_standard, s.others_actionable),
        ]
        for result in results
        for s in result.actions
    ]
    return table(header, rows)


def worst_loci_table(results: Sequence[MaskResult], count: int = 12) -> str:
    """Write the loci whose absence makes most wrong statements."""
    found = [
        (score.wrong + score.phenotype_wrong, result.phased, locus, score)
        for result in results
        for locus, score in result.by_locus
        if score.wrong or score.phenotype_wrong
    ]
    found.sort(key=lambda item: -item[0])
    rows = [
        [
            f"{score.gene} {locus}",
            "kept" if phased else "removed",
            *(f"{score.wrong} of {score.stated}", f"{score.phenotype_wrong} of {score.phenotype_stated}"),
        ]
        for _, phased, locus, score in found[:count]
    ]
    return table(["hidden", "phase", "wrong diplotypes", "wrong phenotypes"], rows)
