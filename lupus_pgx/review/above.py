"""A measured level above its range, as a check of the drug: it stops every multiple of the dose and comes first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lupus_pgx.context.checks import Check
from lupus_pgx.context.model import Context
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.review.levels import Level, is_dose, level_meanings, levels_of
from lupus_pgx.terms import CheckStatus, LevelVerdict, Outcome
from lupus_pgx.words.vocabulary import LEVELS

ABOVE_RANGE = "level"
"""Criterion of a check on a measured level."""

Checks = Mapping[tuple[str, int], tuple[Check, ...]]


def with_levels(
    checks: Checks,
    drugs: Iterable[str],
    contexts: Mapping[str, Context],
    sample_ids: Sequence[str],
    knowledge: Knowledge,
) -> dict[tuple[str, int], tuple[Check, ...]]:
    """Add to the checks of drugs the levels that are above their range.

    Parameters
    ----------
    checks : mapping of (drug, sample number) to tuple of Check
    drugs : iterable of str
    contexts : mapping of sample to Context
    sample_ids : sequence of str
    knowledge : Knowledge

    Returns
    -------
    dict of (drug, sample number) to tuple of Check
        The most severe first.
    """
    found = dict(checks)
    numbers = [number for number, sample in enumerate(sample_ids) if sample in contexts]
    for drug in drugs if numbers else ():
        for number in numbers:
            above = _of_drug(drug, contexts[sample_ids[number]], knowledge)
            if above:
                both = [*above, *found.get((drug, number), ())]
                found[drug, number] = tuple(sorted(both, key=lambda item: (-item.status.severity, not item.known)))
    return found


def _of_drug(drug: str, context: Context, knowledge: Knowledge) -> list[Check]:
    courses = [item for item in context.therapies if item.drug.name == drug]
    running = [item for item in courses if item.outcome is Outcome.ONGOING or item.stop is None]
    if courses and not running:
        return []  # a level of a course that has ended tells nothing of now
    levels = levels_of(drug, context, knowledge, running[-1] if running else None)
    by_quantity: dict[str, list[Level]] = {}
    for level in levels:
        dose = is_dose(level.quantity, knowledge.known_units)
        if level.row["target_high"] is not None and level.value is not None and not dose:
            by_quantity.setdefault(level.quantity, []).append(level)
    harmful = {word for word, row in level_meanings(knowledge).items() if row["harm"]}
    # Of several ranges of one quantity the widest counts.
    return [_check(drug, same) for same in by_quantity.values() if all(_harms(level, harmful) for level in same)]


def _harms(level: Level, harmful: set[str]) -> bool:
    return level.verdict is LevelVerdict.ABOVE and level.row["above_means"] in harmful


def _check(drug: str, levels: Sequence[Level]) -> Check:
    level = max(levels, key=lambda item: item.row["target_high"] or 0.0)
    return Check(
        drug=drug,
        subject=f"{level.measure} {LEVELS[level.verdict].label}",
        status=CheckStatus.ADJUST_DOSE,
        known=True,
        advice=level.row["meaning"],
        found=f"{level.value:.4g} {level.unit}, range {level.target}",
        factor_low=None,
        factor_high=None,
        citations=level.citations,
        criterion=ABOVE_RANGE,
        row=level.quantity,
    )
