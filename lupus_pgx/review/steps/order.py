"""The order of the steps, and the headline that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lupus_pgx.review.steps.adequacy import enough, long_enough
from lupus_pgx.review.steps.causes import cause, supportive
from lupus_pgx.review.steps.exposure import EXPOSURE, LEVEL, measured, taken, taken_away
from lupus_pgx.review.steps.genome import genome, refractory
from lupus_pgx.review.steps.step import Case, Step
from lupus_pgx.review.steps.timing import active, due
from lupus_pgx.review.steps.urgent import urgent
from lupus_pgx.terms import ReviewStep
from lupus_pgx.words.vocabulary import capital

STEPS: tuple[Callable[[Case], Step], ...] = (
    urgent,
    due,
    active,
    taken,
    enough,
    long_enough,
    taken_away,
    measured,
    supportive,
    cause,
    genome,
    refractory,
)

_LATE = (ReviewStep.GENOME, ReviewStep.REFRACTORY)
_ALSO = 2
"""So many further steps are named in the second sentence."""

_OPEN = 4
_BEFORE = 2
"""So many missing data are asked for where no step speaks, and where an earlier one than the speaking one is open."""

_ASKED = (
    ReviewStep.TAKEN,
    ReviewStep.ENOUGH,
    ReviewStep.LONG_ENOUGH,
    ReviewStep.EXPOSURE,
    ReviewStep.ACTIVE,
    ReviewStep.DUE,
    ReviewStep.TAKEN_AWAY,
    ReviewStep.SUPPORTIVE,
    ReviewStep.CAUSE,
    ReviewStep.GENOME,
    ReviewStep.REFRACTORY,
    ReviewStep.URGENT,
)
"""Which missing data are asked for first: by how often they decide."""


def review_steps(case: Case) -> tuple[Step, ...]:
    """Return all steps of a case, in order: those that have nothing to say too."""
    return tuple(step(case) for step in STEPS)


def headline_of(steps: Sequence[Step], failed: bool, late: Sequence[str] = ()) -> str:
    """Write the sentence or two to read first.

    Parameters
    ----------
    steps : sequence of Step
        In order.
    failed : bool
        Whether a therapy failed or was not tolerated.
    late : sequence of str
        Criteria that a regimen which goes on has missed.
    """
    speaking = [item for item in steps if item.speaks and (failed or item.step not in _LATE)]
    opening = _opening(steps, speaking) if failed else _without_failure(speaking, late)
    lasting = [text for item in steps for text in item.lasting if capital(text) not in opening]
    return " ".join(part for part in (opening, _sentences(lasting)) if part)


def _opening(steps: Sequence[Step], speaking: Sequence[Step]) -> str:
    if not speaking:
        return f"No single step accounts for the course so far.{_asked(steps, _OPEN)}"
    first, rest = speaking[0], speaking[1:]
    said = list(first.says[:2])
    if first.step is ReviewStep.TAKEN:
        # Until it is settled, nothing else about these drugs can be read.
        return _sentences(said)
    before = steps[: steps.index(first)]
    # What took a drug away names its level already.
    told = set(first.drugs) if first.step is ReviewStep.TAKEN_AWAY else set()
    rest = [item for item in rest if item.step is not ReviewStep.EXPOSURE or not set(item.drugs) <= told]
    more = [item.short for item in rest if item.short and item.step not in _LATE and item.short not in first.short]
    if len(said) > 1 or first.step in _LATE:
        return _sentences(said) + (_asked(before, _BEFORE) if first.step in _LATE else "")
    if more:
        return f"{_sentences(said)} Also: {'; '.join(more[:_ALSO])}."
    return _sentences(said) + (_asked(before, _BEFORE) if first.step is not ReviewStep.URGENT else "")


def _without_failure(speaking: Sequence[Step], late: Sequence[str]) -> str:
    parts = [*(text for item in speaking[:1] for text in item.says[:2])]
    if late:
        parts.append(f"Behind what is due: {'; '.join(late)}")
    return " ".join(part for part in ("No failed therapy was told.", _sentences(parts)) if part)


def _sentences(texts: Sequence[str]) -> str:
    return " ".join(f"{capital(text)}." for text in texts)


def _asked(steps: Sequence[Step], most: int) -> str:
    """Name what is missing, intake first: a step that is open is not passed over."""
    waiting = sorted((item for item in steps if item.is_open), key=lambda item: _ASKED.index(item.step))
    shown: list[str] = []
    for item in waiting:
        # The level that tells of intake tells of exposure too.
        left = [text for text in item.missing if text.replace(EXPOSURE, LEVEL) not in shown]
        shown += left[:1]
    return f" Still open: {'; '.join(shown[:most])}." if shown else ""


def step_text(step: Step) -> str:
    """Write one step in words: what it says, else what was found, and what is missing."""
    parts = [*step.says, *(text for text in step.found if not step.speaks or step.step is ReviewStep.GENOME)]
    if step.missing and not step.speaks:
        parts.append(f"still open: {'; '.join(step.missing)}")
    return "; ".join(parts)
