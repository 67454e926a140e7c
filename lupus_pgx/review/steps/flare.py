"""Is the disease active by what was told, and does a value of now say that a response is over? Values before words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lupus_pgx.context.model import Therapy
from lupus_pgx.context.values import values_of
from lupus_pgx.knowledge.rules import clauses_of
from lupus_pgx.review.steps.signs import citations_of, clause_holds, row_key, signs
from lupus_pgx.review.steps.step import Case
from lupus_pgx.terms import Outcome, ReviewStep
from lupus_pgx.words.vocabulary import listed

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ReviewSignsCells

ACTIVE, REMISSION = "active", "remission"

FLARE = "flare"
_PERHAPS = "perhaps"
"""Kinds of a sign: a value that makes a response one of the past, and one that leaves that open."""

_RESCUE = "acts_for_days"

_BRIEF = dt.timedelta(weeks=4)
"""A glucocorticoid that was given for so long or less was a pulse: what it did was no remission (our choice)."""

_LONG = dt.timedelta(weeks=8)
"""A rescue that was given for longer was none (our choice)."""

_WORKS = dt.timedelta(days=14)
"""So long after its start a treatment has hardly worked: a value of then may be from before it did (our choice)."""

_AGAIN = "measure again first, as the value may be one before the response"

_OF_VALUE = re.compile(r"recent:(\w+)(?:<|>=).+")
_RISE = re.compile(r"(?:rose|fell):(\w+)>=.+")


@dataclass(frozen=True, slots=True)
class Flare:
    """What says that the disease is active again after a response that was told.

    Attributes
    ----------
    sure : bool
        False where it is left open: the value may be one before the response, or may have another reason.
    found : tuple of str
        The signs, each with its value.
    drugs : tuple of str
        What had helped.
    advice, citations : tuple of str
    rows : tuple of str
        Keys of the rows of the table ``review_signs``.
    """

    sure: bool
    found: tuple[str, ...]
    drugs: tuple[str, ...]
    advice: tuple[str, ...]
    rows: tuple[str, ...]
    citations: tuple[str, ...]

    @property
    def text(self) -> str:
        """What the headline says of it."""
        signs_of, drugs, then = listed(self.found, "and"), listed(self.drugs, "and"), "; ".join(self.advice)
        if self.sure:
            return f"Compatible with a flare after a response to {drugs} ({signs_of}): {then}"
        return f"A response to {drugs} is told, and whether it lasts is open ({signs_of}): {then}"

    @property
    def short(self) -> str:
        """The same in a few words."""
        return "compatible with a flare after a response" if self.sure else "whether the response lasts is open"


def told_activity(case: Case) -> str | None:
    """Say whether the disease is active by what was tried last; None where that is not known.

    Where nothing but ongoing treatment is known, its outcome is open; without any treatment the disease is new. A
    glucocorticoid that helped over a time is no remission where something else did not. What a rescue of days did is
    none at all.
    """
    therapies = case.context.therapies
    judged = [item for item in therapies if item.outcome in (Outcome.INADEQUATE_RESPONSE, Outcome.RESPONSE)]
    judged = [item for item in judged if item.outcome is not Outcome.RESPONSE or not _brief(item, case)]
    helped = [item for item in judged if item.drug.name in case.steroids and item.outcome is Outcome.RESPONSE]
    judged = [item for item in judged if item not in helped] or judged
    if not judged:
        return None if therapies else ACTIVE
    last = max(_ended(item, case.today) for item in judged)
    latest = {item.outcome for item in judged if _ended(item, case.today) == last}
    return ACTIVE if Outcome.INADEQUATE_RESPONSE in latest else REMISSION


def _ended(course: Therapy, today: dt.date) -> dt.date:
    """Return the last day that is known of a course: today where it goes on."""
    return course.stop or (today if course.goes_on else course.start) or dt.date.min


def _brief(course: Therapy, case: Case) -> bool:
    """Whether a course was a rescue of days, or a pulse of a glucocorticoid."""
    days = course.stop - course.start if course.start is not None and course.stop is not None else None
    if course.drug.name in case.knowledge.with_role(_RESCUE):
        return days is None or days <= _LONG
    return course.drug.name in case.steroids and days is not None and days <= _BRIEF


def flare_of(case: Case, manifestation: str) -> Flare | None:
    """Return what says that a manifestation is active again after a response; None where nothing does.

    Parameters
    ----------
    case : Case
    manifestation : str

    Returns
    -------
    Flare or None
    """
    if not case.helped or _told_since(case):
        return None
    held: dict[bool, list[tuple[ReviewSignsCells, str]]] = {True: [], False: []}
    for row, holds, found in signs(case, ReviewStep.ACTIVE.value):
        if row["kind"] in (FLARE, _PERHAPS) and row["manifestation"] in (None, manifestation) and holds:
            later = _later(row, case)
            # Of a value from before the treatment only one that is active by itself leaves the response open.
            if later is not False or row["kind"] == FLARE:
                told = f"{row['says']}: {found}" if found else row["says"]
                held[later is True and row["kind"] == FLARE].append((row, told))
    sure = bool(held[True])
    there = held[sure]
    if not there:
        return None
    advice = [row["advice"] or "" if sure or row["kind"] == _PERHAPS else _AGAIN for row, _ in there]
    return Flare(
        sure=sure,
        found=tuple(dict.fromkeys(text for _, text in there)),
        drugs=tuple(dict.fromkeys(item.drug.name for item in case.helped)),
        advice=tuple(dict.fromkeys(advice)),
        rows=tuple(row_key(row) for row, _ in there),
        citations=citations_of(*(row for row, _ in there)),
    )


def flares(case: Case) -> tuple[Flare, ...]:
    """Return the flares of all manifestations, each once."""
    found = [flare_of(case, item.name) for item in case.context.manifestations]
    return tuple(dict.fromkeys(item for item in found if item is not None))


def _told_since(case: Case) -> bool:
    """Whether all that failed was given after what helped: that the disease came back is told already."""
    since = [item.start for item in case.helped if item.start is not None]
    if not since or told_activity(case) != ACTIVE:
        return False
    return all(item.start is not None and item.start > max(since) for item in case.failed)


def _later(row: ReviewSignsCells, case: Case) -> bool | None:
    """Say whether the values of a sign are later than the response; None where that cannot be told."""
    answers = {answer for day in _days(row, case) for answer in _after(day, row, case)}
    if not answers:
        return True  # of today, as what has no day
    return answers.pop() if len(answers) == 1 else None


def _days(row: ReviewSignsCells, case: Case) -> Iterator[dt.date]:
    """Yield the days of the newest values that a sign asks for; what has none is of today."""
    for part in clauses_of(row["applies_when"]):
        match = _OF_VALUE.fullmatch(part) or _RISE.fullmatch(part)
        found = values_of(case.context, match[1], case.knowledge.known_units) if match else ()
        if found and found[0].date is not None:
            yield found[0].date


def _after(day: dt.date, row: ReviewSignsCells, case: Case) -> Iterator[bool | None]:
    """Yield of each treatment that helped whether a day is after its response; None where it may be before."""
    for course in case.helped:
        start, stop = course.start, None if course.may_go_on else course.stop
        if start is not None and day <= start:
            yield False
        elif (stop is not None and day > stop) or _better_between(start, day, row, case):
            yield True
        else:
            yield True if stop is None and start is not None and day > start + _WORKS else None


def _better_between(start: dt.date | None, day: dt.date, row: ReviewSignsCells, case: Case) -> bool:
    """Whether a value was out of the range of the sign between the start of a treatment and a day."""
    for part in clauses_of(row["applies_when"]):
        match = _OF_VALUE.fullmatch(part)
        for value in values_of(case.context, match[1], case.knowledge.known_units) if match else ():
            between = start is not None and value.date is not None and start < value.date < day
            if between and clause_holds(part, value, case) is False:
                return True
    return False
