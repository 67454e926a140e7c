"""A measured level above its range or near nothing, as a check of the drug: it stops every multiple of the dose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lupus_pgx.context.checks import ABOVE_RANGE, NOT_TAKEN, Check
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.review.exposures import Exposure
from lupus_pgx.review.levels import Level, Levels, is_dose, level_meanings
from lupus_pgx.terms import CheckStatus, LevelVerdict

Checks = Mapping[tuple[str, int], tuple[Check, ...]]


def with_levels(
    checks: Checks,
    drugs: Iterable[str],
    levels: Mapping[str, Levels],
    sample_ids: Sequence[str],
) -> dict[tuple[str, int], tuple[Check, ...]]:
    """Add to the checks of drugs the levels that are above their range, or so low that the drug was not taken.

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
    absent = {number: _absent(levels[sample_ids[number]]) for number in numbers}
    for drug in drugs if numbers else ():
        for number in numbers:
            told = [*absent[number].get(drug, ()), *_of_drug(drug, levels[sample_ids[number]])]
            if told:
                both = [*told, *found.get((drug, number), ())]
                found[drug, number] = tuple(sorted(both, key=lambda item: item.rank))
    return found


def _absent(levels: Levels) -> dict[str, list[Check]]:
    """Return by drug the levels near nothing: until it is known whether the drug is taken, no dose can be read."""
    last = {item.drug.name: item for item in levels.context.therapies}
    ended = {name for name, item in last.items() if item.stop is not None}
    found: dict[str, list[Check]] = {}
    for item in levels.exposures:
        if item.verdict == "absent" and item.drug not in ended:
            found.setdefault(item.drug, []).append(_missed(item))
    return found


def _missed(item: Exposure) -> Check:
    return Check(
        drug=item.drug,
        subject="whether it is taken, being near nothing",
        status=CheckStatus.CHECK_FIRST,
        advice=item.row["statement"],
        found=f"{item.named}{item.when}",
        citations=split_list(item.row["citation"]),
        criterion=NOT_TAKEN,
        row=item.row["rule"],
    )


def _of_drug(drug: str, levels: Levels) -> list[Check]:
    courses = [item for item in levels.context.therapies if item.drug.name == drug]
    running = [item for item in courses if item.stop is None]
    if courses and not running:
        return []  # a level of a course that has ended tells nothing of now
    by_quantity: dict[str, list[Level]] = {}
    knowledge = levels.knowledge
    for level in levels.of(drug, running[-1] if running else None):
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
    when = f" on {level.date}" if level.date is not None else ""
    return Check(
        drug=drug,
        subject=f"{level.measure} {level.word.label}",
        status=CheckStatus.ADJUST_DOSE,
        advice=level.row["meaning"],
        found=f"{level.value:.4g} {level.unit}{when}, range {level.target}",
        citations=level.citations,
        criterion=ABOVE_RANGE,
        row=level.quantity,
    )
