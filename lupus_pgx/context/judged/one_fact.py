"""One fact is said once: as a reaction or as what it amounts to, as the part or as the whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lupus_pgx.context.judged.checks import Beside, Check
from lupus_pgx.context.judged.criteria import Criteria
from lupus_pgx.context.judged.intolerance import INTOLERANCE
from lupus_pgx.context.judged.row_checks import FORBIDDING
from lupus_pgx.context.model import Context
from lupus_pgx.terms import CheckStatus

_YES = "yes"
_LIST = re.compile(r", | or ")
"""Stands between the conditions of a list."""


def said_once(drug: str, found: Sequence[Check], context: Context, criteria: Criteria) -> list[Check]:
    """Say one fact once: as a reaction or as what it amounts to, as the part or as the whole."""
    known = {check.criterion: check for check in found if check.known and check.criterion != INTOLERANCE}
    allergies = [
        check
        for name, check in known.items()
        if criteria.of_the_drug(name) or criteria.by_reaction(name, drug, context)
    ]
    reactions = [check for check in found if check.criterion == INTOLERANCE]
    asked = {check.criterion: check for check in found if not check.known}
    kept = []
    for check in found:
        if check.criterion == INTOLERANCE:
            # What a class has in common is a question only as long as no row answers it.
            asks = check.status is CheckStatus.CHECK_FIRST
            if not asks or not any(_says_more(item, check) for item in allergies):
                same = [item for item in allergies if _same_reaction(item, check)]
                beside = tuple(_beside(item) for item in same if item.status.severity <= check.status.severity)
                kept.append(replace(check, beside=(*check.beside, *beside)))
        elif not check.known:
            of_drug = criteria.of_the_drug(check.criterion)
            settled = of_drug and any(_settles(item, check, reactions) for item in allergies)
            if not settled and not _is_asked(check, asked, criteria):
                kept.append(check)
        elif not (
            any(_says_more(item, check, even=check in allergies) for item in reactions)
            or _is_whole(check, known, criteria)
            or _asks_again(check, known, criteria)
        ):
            kept.append(check)
    return [_by_the_one_told(check, criteria) for check in kept]


def _by_the_one_told(check: Check, criteria: Criteria) -> Check:
    """Return a check on a list of conditions by the one that was told: glaucoma, of a row on glaucoma or diabetes."""
    *_, name, told = ["", *check.found.split(": ")]
    alone = check.known and check.at_stake is None and not check.bound and told == _YES
    listed = alone and name and _LIST.search(criteria.words(check.criterion))
    one = listed and any(name == row["words"] for row in criteria.rows.values())
    return replace(check, subject=name, found=told) if one else check


def _is_whole(check: Check, known: Mapping[str, Check], criteria: Criteria) -> bool:
    """Say whether a part that is told with the same words says as much: an active hepatitis B, a hepatitis B."""
    return any(
        part.status.severity >= check.status.severity
        and (
            (
                check.found in (part.found, f"{criteria.words(part.criterion)}: {part.found}")
                and criteria.is_narrower(part.criterion, check.criterion)
            )
            or _needs_no_dose(part, check, criteria)
        )
        for part in known.values()
    )


def _needs_no_dose(part: Check, check: Check, criteria: Criteria) -> bool:
    """Say whether a dose by a quantity rests on nothing but a condition that forbids the drug: a peritoneal dialysis.

    Of a condition that lowers the dose, too, both are said: after the session, and half of it.
    """
    measured = check.status is CheckStatus.ADJUST_DOSE and criteria.is_measured(check.criterion)
    measured = measured and not criteria.is_measured(part.criterion)
    return measured and part.status in FORBIDDING and f": {check.found}".endswith(f": {_as_named(part, criteria)}")


def _as_named(check: Check, criteria: Criteria) -> str:
    """Return what was told of a condition with its name, as it stands where another criterion rests on it."""
    return f"{criteria.words(check.criterion)}: {check.found}" if check.found == _YES else check.found


def _is_asked(check: Check, asked: Mapping[str, Check], criteria: Criteria) -> bool:
    """Say whether a part of which nothing is told is asked about with its whole: with porphyria that of the skin.

    One at which more is at stake is a question of its own: an active tuberculosis, beside a tuberculosis.
    """
    wholes = [asked[name] for name in criteria.wholes(check.criterion) if name in asked]
    return not check.found and any(_weight(whole) >= _weight(check) for whole in wholes)


def _weight(check: Check) -> tuple[bool, int]:
    """Return how much hangs on an open check."""
    return check.asks_first, (check.at_stake or check.status).severity


def _asks_again(check: Check, known: Mapping[str, Check], criteria: Criteria) -> bool:
    """Say whether a row of its own asks about the reaction already: its day, of which the part would ask as well."""
    return check.at_stake is not None and any(
        whole.at_stake is None
        and whole.status is check.status
        and _same_reaction(whole, check)
        and criteria.is_narrower(check.criterion, whole.criterion)
        for whole in known.values()
    )


def _same_reaction(one: Check, other: Check) -> bool:
    """Say whether two checks rest on the same reaction."""
    return not set(one.reactions).isdisjoint(other.reactions)


def _says_more(one: Check, other: Check, *, even: bool = False) -> bool:
    """Say whether the stricter of two checks, or one that is as strict, is on the same reaction as the other."""
    return one.status.severity >= other.status.severity + (0 if even else 1) and _same_reaction(one, other)


def _settles(allergy: Check, asked: Check, reactions: Iterable[Check]) -> bool:
    """Say whether an allergy that is told makes it needless to ask which reaction to the drug it was."""
    at_stake = asked.at_stake or asked.status
    own = [item for item in reactions if _same_reaction(asked, item) and _same_reaction(allergy, item)]
    return bool(own) and allergy.status.severity >= at_stake.severity


def _beside(check: Check) -> Beside:
    return Beside(check.status, check.jurisdiction, check.advice, check.checked, check.citations)
