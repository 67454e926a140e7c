"""A measured level above its range, as a check of the drug: it stops every multiple of the dose and comes first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lupus_pgx.context.checks import Check
from lupus_pgx.review.levels import DOSES, Level, Levels
from lupus_pgx.terms import CheckStatus, LevelVerdict, Outcome
from lupus_pgx.words.vocabulary import LEVELS

ABOVE_RANGE = "level"
"""Criterion of a check on a measured level."""

_NO_LEVEL = ("", "incomplete_depletion")
"""What a value above its bound may mean that is no harm by too much of the drug."""

Checks = Mapping[tuple[str, int], tuple[Check, ...]]


def with_levels(
    checks: Checks,
    drugs: Iterable[str],
    levels: Mapping[str, Levels],
    sample_ids: Sequence[str],
) -> dict[tuple[str, int], tuple[Check, ...]]:
    """Add to the checks of drugs the levels that are above their range.

    Parameters
    ----------
    checks : mapping of (drug, sample number) to tuple of Check
    drugs : iterable of str
    levels : mapping of sample to Levels
        Of those with a context.
    sample_ids : sequence of str

    Returns
    -------
    dict of (drug, sample number) to tuple of Check
        The most severe first.
    """
    found = dict(checks)
    numbers = [number for number, sample in enumerate(sample_ids) if sample in levels]
    for drug in drugs if numbers else ():
        for number in numbers:
            above = _of_drug(drug, levels[sample_ids[number]])
            if above:
                both = [*above, *found.get((drug, number), ())]
                found[drug, number] = tuple(sorted(both, key=lambda item: (-item.status.severity, not item.known)))
    return found


def _of_drug(drug: str, levels: Levels) -> list[Check]:
    courses = [item for item in levels.context.therapies if item.drug.name == drug]
    running = [item for item in courses if item.outcome is Outcome.ONGOING or item.stop is None]
    if courses and not running:
        return []  # a level of a course that has ended tells nothing of now
    by_quantity: dict[str, list[Level]] = {}
    for level in levels.of(drug, running[-1] if running else None):
        if level.row["target_high"] is not None and level.value is not None and level.quantity not in DOSES:
            by_quantity.setdefault(level.quantity, []).append(level)
    # Of several ranges of one quantity the widest counts.
    return [_check(drug, same) for same in by_quantity.values() if all(_harms(level) for level in same)]


def _harms(level: Level) -> bool:
    return level.verdict is LevelVerdict.ABOVE and (level.row["above_means"] or "") not in _NO_LEVEL


def _check(drug: str, levels: Sequence[Level]) -> Check:
    level = max(levels, key=lambda item: item.row["target_high"] or 0.0)
    when = f" on {level.date}" if level.date is not None else ""
    return Check(
        drug=drug,
        subject=f"{level.measure} {LEVELS[level.verdict].label}",
        status=CheckStatus.ADJUST_DOSE,
        known=True,
        advice=level.row["meaning"],
        found=f"{level.value:.4g} {level.unit}{when}, range {level.target}",
        factor_low=None,
        factor_high=None,
        citations=level.citations,
        criterion=ABOVE_RANGE,
        row=level.quantity,
    )
