"""In which order therapy options stand: what speaks against them first, then the stage that the patient is at."""

from __future__ import annotations

from lupus_pgx.review.option import Option
from lupus_pgx.review.stages import (
    ADJUNCT,
    AGAINST,
    ALTERNATIVE,
    BACKGROUND,
    FIRST,
    MAINTENANCE,
    PREGNANT,
    REFRACTORY,
    RESCUE,
    TRIAL,
)
from lupus_pgx.terms import CheckStatus, GenomeWord

SORT_KEYS = (
    "what a guideline advises against comes last, before it what was not tolerated, before that what failed, before "
    "that what was tried too little or too shortly to have failed",
    "known contraindications come before those, then advice against; a clash with a drug that is only planned does not "
    "count, and a drug of whose class another is known to be forbidden counts as that one where nobody looked",
    "what its source would not use here counts as to be avoided; in refractory disease a drug of which nothing was "
    "looked at counts as the strictest that is known of any, and what is under study as to be avoided where anything "
    "in use is; a live vaccine is forbidden by a drug, and no drug by it",
    "options that a guideline's genotype rule speaks against come after the others",
    "combinations with a partner that failed or was not tolerated, or a first line or alternative with another drug of "
    "the class of one that failed in full, or for another age, come after the others",
    "what is to be settled before any drug comes first, and before that what a finding asks for at once",
    "options meant for the patient's form of the manifestation come first, those for another form last",
    "then by stage: after a failed line refractory, rescue and alternative ones (rescue first where an organ is at "
    "stake and no line was a full trial), else background and first line; an "
    "alternative that a finding lifts stands with the first of these, one that guidelines name last behind first lines",
    "then what a finding lifts, what the number of failed lines lifts, and what worked before",
    "then by the order within the stage, and by name",
)
"""How options are sorted, the first key first."""

_FRESH = (BACKGROUND, PREGNANT, FIRST, ALTERNATIVE, MAINTENANCE, RESCUE, REFRACTORY)
_AFTER_FAILURE = (PREGNANT, REFRACTORY, RESCUE, ALTERNATIVE, FIRST, MAINTENANCE, BACKGROUND)
_THREATENED = (PREGNANT, RESCUE, REFRACTORY, ALTERNATIVE, FIRST, MAINTENANCE, BACKGROUND)
_MAINTAINED = (BACKGROUND, PREGNANT, MAINTENANCE, FIRST, ALTERNATIVE, RESCUE, REFRACTORY)
_LATE = (ADJUNCT, TRIAL, AGAINST)

_LAST_PLACE = 3
"""The place that a guideline gives to what is taken where the others cannot be had."""


def _place(option: Option) -> int:
    """Return where the stage of an option stands in the course of the patient."""
    course = _MAINTAINED if option.maintained else _FRESH
    if option.after_failure:
        course = _THREATENED if option.threatened else _AFTER_FAILURE
    stages = (*course, *_LATE)
    stage = option.stage
    if option.lifted and stage == ALTERNATIVE:
        stage = REFRACTORY if option.after_failure else FIRST
    elif option.after_failure and stage == ALTERNATIVE and set(option.places.values()) == {_LAST_PLACE}:
        stage = MAINTENANCE  # behind first lines
    return stages.index(stage)


def sort_key(option: Option) -> tuple[int, int, bool, int, int, int, bool, bool, bool, int, str]:
    """Return by what an option is sorted: see ``SORT_KEYS``."""
    return (
        _end(option),
        0 if option.stage == AGAINST else _group(option),
        option.falls,
        max(min(option.row["order"], 1), -1),
        (True, None, False).index(option.fits),
        _place(option),
        not option.found,
        not option.lifted,
        not option.worked,
        option.row["order"],
        option.option,
    )


def _end(option: Option) -> int:
    """Return how far behind the rest an option stands: what failed may be tried again before what does harm."""
    if option.stage == AGAINST:
        return 4
    if not option.exhausted:
        return 0
    return 3 if option.harmed else 1 if option.afresh else 2


def _group(option: Option) -> int:
    """Return how much stands against an option."""
    statuses = [check.status for check in option.weighing]
    statuses += [option.unlooked] if option.unlooked else []
    statuses += [CheckStatus.AVOID] if option.barred else []
    worst = max((status.severity for status in statuses), default=0)
    hard = max(worst - CheckStatus.ADJUST_DOSE.severity, 0)
    if hard:
        return 1 + hard
    return int(any(item.word is GenomeWord.SPEAKS_AGAINST and not item.weak for item in option.words))
