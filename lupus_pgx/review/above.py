"""A measured level outside its range, as a check of the drug.

One above it, or near nothing, stops every multiple of the dose; one below it is to be said with the drug: silence would
read as enough. One that is older than its quantity allows tells nothing of now: it is to be measured anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lupus_pgx.context.judged.answers import quantities_of
from lupus_pgx.context.judged.checks import ABOVE_RANGE, BELOW_RANGE, NOT_TAKEN, OLD_LEVEL, Beside, Check
from lupus_pgx.context.values import too_old_text
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.knowledge.units import ANTI_DRUG_ANTIBODIES, Quantity
from lupus_pgx.review.exposures import Exposure
from lupus_pgx.review.levels import TARGET, TOO_LOW, Level, Levels, is_dose, level_meanings
from lupus_pgx.terms import CheckStatus, LevelVerdict, ReviewStep

Checks = Mapping[tuple[str, int], tuple[Check, ...]]


def with_levels(
    checks: Checks,
    drugs: Iterable[str],
    levels: Mapping[str, Levels],
    sample_ids: Sequence[str],
) -> dict[tuple[str, int], tuple[Check, ...]]:
    """Add to the checks of drugs the levels outside their range, and those so low that the drug was not taken.

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
            own, known = levels[sample_ids[number]], found.get((drug, number), ())
            missed = absent[number].get(drug, []) or _told_missed(drug, own)
            outside = _of_drug(drug, own, settled=not missed)
            outside, kept = _one_of_two(drug, outside, known, own)
            told = [*missed, *_antibodies(drug, own), *outside]
            if told:
                both = [*told, *kept]
                found[drug, number] = tuple(sorted(both, key=lambda item: item.rank))
    return found


def _absent(levels: Levels) -> dict[str, list[Check]]:
    """Return by drug the levels near nothing: until it is known whether the drug is taken, no dose can be read."""
    last = {item.drug.name: item for item in levels.context.therapies}
    ended = {name for name, item in last.items() if item.stop is not None}
    quantities = levels.knowledge.known_units.quantities
    found: dict[str, list[Check]] = {}
    for item in levels.exposures:
        old = quantities[item.row["quantity"] or ""].outdated(item.date, levels.context.today)
        if item.verdict == "absent" and item.drug not in ended and not old:
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


def _told_missed(drug: str, levels: Levels) -> list[Check]:
    """Return that missed doses are told: until it is taken as written down, neither dose nor effect can be read."""
    if not levels.context.misses(drug):
        return []
    row = next(row for row in levels.knowledge.rows("review_signs") if row["step"] == ReviewStep.TAKEN.value)
    return [
        Check(
            drug=drug,
            subject="missed doses, a cause of failure: settle intake, and measure it where a level tells",
            status=CheckStatus.CHECK_FIRST,
            advice=row["says"],
            found="told",
            citations=split_list(row["citation"]),
            criterion=NOT_TAKEN,
            row=row["sign"],
        )
    ]


def _antibodies(drug: str, levels: Levels) -> list[Check]:
    """Return antibodies against a drug, whenever they were found: a cause of what happened, and of what may."""
    found = [item for item in levels.of(drug) if item.quantity == ANTI_DRUG_ANTIBODIES]
    there = [item for item in found if item.verdict is LevelVerdict.PRESENT or item.value]
    return [
        Check(
            drug=drug,
            subject=f"{item.measure}, {item.context}",
            status=CheckStatus.MONITOR,
            advice=item.row["meaning"],
            found=" on ".join(text for text in (item.shown or item.word.label, str(item.date or "")) if text),
            citations=item.citations,
            criterion=ANTI_DRUG_ANTIBODIES,
            row=item.quantity,
        )
        for item in there
    ]


def _of_drug(drug: str, levels: Levels, *, settled: bool) -> list[Check]:
    """Return the levels outside their range; one below it only of a drug that is taken, or not told of at all."""
    courses = [item for item in levels.context.therapies if item.drug.name == drug]
    running = [item for item in courses if item.stop is None]
    if courses and not running:
        return []  # a level of a course that has ended tells nothing of now
    by_quantity: dict[str, list[Level]] = {}
    unbound: dict[str, Level] = {}
    knowledge = levels.knowledge
    for level in levels.of(drug, running[-1] if running else None):
        if level.value is None or is_dose(level.quantity, knowledge.known_units):
            continue
        if level.row["unless"] and not level.target:
            unbound.setdefault(level.quantity, level)
        elif level.target:
            by_quantity.setdefault(level.quantity, []).append(level)
    meanings = level_meanings(knowledge)
    harmful = {word for word, row in meanings.items() if row["harm"]}
    little = {word for word, row in meanings.items() if row["side"] == TOO_LOW}
    given = _given(drug, levels) if settled else ()
    found = []
    for same in by_quantity.values():
        # Of several ranges of one quantity the widest counts.
        topped = [level for level in same if level.row["target_high"] is not None]
        aimed = [level for level in same if level.row["basis"] == TARGET and level.row["target_low"] is not None]
        told = None
        if topped and all(_harms(level, harmful) for level in topped):
            told = _above(drug, topped)
        elif aimed and (given is None or aimed[0].quantity in given) and all(_lacks(level, little) for level in aimed):
            told = _below(drug, aimed)
        if told is not None:
            quantity = knowledge.known_units.quantities[told.row]
            old = quantity.outdated(same[0].date, levels.context.today)
            found.append(_too_old(told, same[0], quantity) if old else told)
    # What is held against no range is shown: silence would read as within it.
    held = {check.row for check in found}
    return [*found, *(_unbound(drug, level) for quantity, level in unbound.items() if quantity not in held)]


def _one_of_two(
    drug: str, outside: Sequence[Check], known: Sequence[Check], levels: Levels
) -> tuple[list[Check], list[Check]]:
    """Say once what a level and a row say of the same value: a pressure above the limit, or a potassium.

    A row that is as strict says it, or any row where the drug is not taken: nothing of it is to be lowered. A milder
    one stands beside the level of a drug that is taken.
    """
    taken = drug in {item.name for item in levels.context.on_board}
    said: list[Check] = []
    kept = list(known)
    for level in outside:
        same = [check for check in kept if _is_same(level, check, levels)]
        if any(not taken or check.status.severity >= level.status.severity for check in same):
            continue
        kept = [check for check in kept if check not in same or check.asks_first]
        folded = tuple(
            Beside(check.status, check.jurisdiction, check.advice, check.checked, check.citations)
            for check in same
            if not check.asks_first
        )
        said.append(replace(level, beside=(*level.beside, *folded)))
    return said, kept


def _is_same(level: Check, check: Check, levels: Levels) -> bool:
    """Say whether a row on the same value is met: a potassium that forbids a drug is not above its limit, too."""
    if level.criterion != ABOVE_RANGE or not (check.known and check.bound):
        return False
    about = {row["criterion"] for row in levels.knowledge.rows("criteria") if level.row in quantities_of(row)}
    return check.criterion in about and check.found.startswith(level.found.partition(", range ")[0])


def _given(drug: str, levels: Levels) -> tuple[str, ...] | None:
    """Return the quantities of which a low value is one of a drug that is taken; None for all of them.

    A level tells of a drug that nobody listed that it was given: a low one is said as a high one is. An INR does not.
    """
    if drug in {item.name for item in levels.context.on_board}:
        return None
    told = drug in {item.drug.name for item in levels.context.therapies}
    return () if told else levels.knowledge.with_role("measures_drug")


def _harms(level: Level, harmful: set[str]) -> bool:
    return level.verdict is LevelVerdict.ABOVE and level.row["above_means"] in harmful


def _lacks(level: Level, little: set[str]) -> bool:
    return level.verdict is LevelVerdict.BELOW and level.row["below_means"] in little


def _above(drug: str, levels: Sequence[Level]) -> Check:
    level = max(levels, key=lambda item: item.row["target_high"] or 0.0)
    return _check(drug, level, CheckStatus.ADJUST_DOSE, ABOVE_RANGE)


def _below(drug: str, levels: Sequence[Level]) -> Check:
    level = min(levels, key=lambda item: item.row["target_low"] or 0.0)
    return _check(drug, level, CheckStatus.MONITOR, BELOW_RANGE)


def _too_old(check: Check, level: Level, quantity: Quantity) -> Check:
    """Return the question that is left of a level that tells nothing of now; one that was harmful is asked first."""
    last = too_old_text(check.found, quantity)
    return check.asked(f"{level.measure} anew", last, OLD_LEVEL, first=check.criterion == ABOVE_RANGE)


def _unbound(drug: str, level: Level) -> Check:
    told = _check(drug, level, CheckStatus.MONITOR, BELOW_RANGE)
    return replace(told, subject=f"{level.measure}, {level.context}")


def _check(drug: str, level: Level, status: CheckStatus, criterion: str) -> Check:
    when = f" on {level.date}" if level.date is not None else ""
    aim = f", range {level.target}" if level.target else ""
    return Check(
        drug=drug,
        subject=f"{level.measure} {level.word.label}",
        status=status,
        advice=level.row["meaning"],
        found=f"{level.shown}{when}{aim}",
        citations=level.citations,
        criterion=criterion,
        row=level.quantity,
    )
