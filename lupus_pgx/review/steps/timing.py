"""Whether a response is due at all, and whether it is activity that is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lupus_pgx.review.course import Judged, Regimen
from lupus_pgx.review.measured import Measured
from lupus_pgx.review.outlook import TRIALS, failure_from, timed
from lupus_pgx.review.steps.adequacy import judged_on
from lupus_pgx.review.steps.exposure import taken
from lupus_pgx.review.steps.flare import flares
from lupus_pgx.review.steps.signs import citations_of, quantities_of, row_key, signs
from lupus_pgx.review.steps.step import Case, Step
from lupus_pgx.terms import Met, ReviewStep
from lupus_pgx.words.vocabulary import capital, listed, plain, quantity_word

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ReviewSignsCells

_DEGREES = ("complete", "partial")
_NONE, _WARNING = "none", "early_warning"
_QUIET_STATES = ("complete", "remission", "low_activity")
_MONTH = 30.44
_ROSE = 1.5
"""From this multiple of the lowest value on, proteinuria counts as risen again (our choice)."""

_BACK = 0.5
"""And from this share of the highest value under the regimen on (our choice)."""

_FELL = 0.75
"""Up to this share of its value at the start, and at its lowest, proteinuria counts as falling (our choice)."""

_SERIES = ("quiet", "active")
"""Kinds of signs that count with each other."""

_QUIET = 2
"""So many signs of rest, and none of activity, leave activity unshown (our choice)."""


def due(case: Case) -> Step:
    """Was a response due, and was it missed? One that meets published criteria, or whose time has not come, is none."""
    regimen = _last(case)
    course = [item for item in case.course if item.regimen == regimen]
    mine = _of_treatment(course)
    if regimen is None or not mine:
        asked = ("dated starts and values of the response",) if case.failed and not case.course else ()
        return Step(ReviewStep.DUE, missing=asked)
    told = [item for item in mine if item.status in (Met.MET, Met.NOT_MET)]
    cited = tuple(dict.fromkeys(name for item in told for name in item.citations))
    found = tuple(f"{item.name} {item.status.value}" for item in told)
    name, seen = " + ".join(regimen.drugs), judged_on(case, regimen.start)
    first = min(item.months for item in mine)
    early = seen is not None and (seen - regimen.start).days < (first - 1) * _MONTH
    if early and seen is not None and not told and (regimen.stop is None or regimen.stop <= seen):
        days = (seen - regimen.start).days
        text = (
            f"Too early for a verdict: {_time(days)} of {name} were judged, and the first response is due at month "
            f"{first}; whether it is taken comes first"
        )
        return Step(ReviewStep.DUE, True, (text,), f"not due before month {first}", found, regimen.drugs)
    text = _met(case, regimen, mine, told) or _reached_since(course, told, name)
    # What was missed is no failure yet, but tablets that are not taken come before that.
    text = text or ("" if taken(case).speaks else _too_early(case, regimen, mine, told))
    if text:
        return Step(ReviewStep.DUE, True, (text,), "failure is not shown", found, regimen.drugs, citations=cited)
    missing = () if told else ("values at the months that criteria name",)
    return Step(ReviewStep.DUE, found=found, drugs=regimen.drugs, missing=missing, citations=cited)


def _of_treatment(course: Sequence[Judged]) -> list[Judged]:
    """Return what tells of the treatment: definitions of guidelines and consensus that have a time."""
    return [item for item in timed(course) if item.missed_means != _NONE and item.body not in TRIALS]


def _met(case: Case, regimen: Regimen, mine: Sequence[Judged], told: Sequence[Judged]) -> str:
    """Say that what was due last was reached; else nothing."""
    if not told or _missed(told) or _rose(case, regimen):
        return ""
    later = [item.months for item in mine if item.status is Met.NOT_DUE]
    more = f"; more is due at month {min(later)}" if later else ""
    return f"{_reached(told)}, under {' + '.join(regimen.drugs)}: failure is not shown{more}"


def _missed(told: Sequence[Judged]) -> list[Judged]:
    """Return what was missed at the last month that could be judged."""
    last = max((item.months for item in told), default=0)
    return [item for item in told if item.status is Met.NOT_MET and item.months == last]


def _reached_since(course: Sequence[Judged], told: Sequence[Judged], name: str) -> str:
    """Say that remission, or the like, was reached at a later visit than what was missed; else nothing."""
    states = [item for item in course if item.is_state and item.status is Met.MET and item.response in _QUIET_STATES]
    if not states or any(item.due > states[0].due for item in told):
        return ""
    return f"{_reached(states)} on {states[0].due}, under {name}: failure is not shown"


def _too_early(case: Case, regimen: Regimen, mine: Sequence[Judged], told: Sequence[Judged]) -> str:
    """Say that what was missed is no failure yet: an early warning, or a slow response; else nothing."""
    missed = _missed(told)
    if not missed or _rose(case, regimen):
        return ""
    name, first = " + ".join(regimen.drugs), failure_from(mine)
    if first is not None and first.status is Met.NOT_DUE and all(item.missed_means == _WARNING for item in missed):
        names = listed([item.name for item in missed], "and")
        return (
            f"Early warning under {name}: {names} missed at month {missed[0].months}. That is no failure, which can be "
            f"said from month {first.months} on, {first.due}; whether it is taken, and enough of it, comes first"
        )
    slow = [item for item in mine if item.status is Met.NOT_DUE and item.more_months]
    if slow and _falls(case, regimen):
        return (
            f"Proteinuria was in the nephrotic range at the start and falls under {name}: a slow response is no "
            f"failure, it has until {max(item.due for item in slow)}"
        )
    return ""


def _falls(case: Case, regimen: Regimen) -> bool:
    """Whether proteinuria is lower than at the start by a quarter or more, and not above its last value."""
    measured = Measured(case.context, case.knowledge.known_units)
    for quantity in case.knowledge.with_role("measures_proteinuria"):
        values = [value for date, value in measured.series(quantity)[0] if date > regimen.start]
        before = measured.at_start(quantity, regimen.start)
        if values and before:
            return values[-1] <= _FELL * before and values[-1] <= min(values)
    return False


def _time(days: int) -> str:
    return f"{days} days" if days < 28 else f"{round(days / 7)} weeks"


def _last(case: Case) -> Regimen | None:
    """Return the regimen that began last among those that failed."""
    failed = {item.drug.name for item in case.failed}
    regimens = [item.regimen for item in case.course if failed & set(item.regimen.drugs)]
    return max(regimens, key=lambda item: item.start, default=None)


def _reached(told: Sequence[Judged]) -> str:
    met: dict[str, list[str]] = {}
    for item in told:
        if item.status is Met.MET and item.body not in met.setdefault(plain(item.response), []):
            met[plain(item.response)].append(item.body)
    texts = [
        f"{response}{' response' if response in _DEGREES else ''} by {listed(bodies, 'and')}"
        for response, bodies in met.items()
    ]
    text = ", ".join(texts)
    return capital(text)


def _rose(case: Case, regimen: Regimen) -> bool:
    """Whether proteinuria was lower under the regimen than it is now: then it is a flare after a response."""
    for quantity in case.knowledge.with_role("measures_proteinuria"):
        values = [
            (one.date, one.value)
            for item in case.context.labs
            if item.quantity == quantity
            for one in item.values
            if one.value is not None and one.date > regimen.start
        ]
        if values:
            lowest, highest, newest = min(v for _, v in values), max(v for _, v in values), max(values)[1]
            return newest > _ROSE * lowest and newest >= _BACK * highest
    return False


def _unseen(rows: Sequence[ReviewSignsCells], case: Case) -> str:
    """Name the signs of activity without a value; all of them where each has one, for none decided."""
    quantities = dict.fromkeys(name for row in rows for name in quantities_of(row))
    known = {item.quantity for item in case.context.labs} | set(case.context.values)
    return ", ".join(quantity_word(name) for name in quantities if name not in known) or "more than these"


def active(case: Case) -> Step:
    """Is it activity? A flare after a response; or scar, another lesion, or another reading of the same signs."""
    step, again = _active(case), flares(case)
    if not again:
        return step
    texts = tuple(item.text for item in again)
    # Whichever step opens the headline: it decides what is open. Where something failed, the rest is read beside it.
    step = replace(
        step,
        found=(*step.found, *texts) if case.failed else (),
        citations=tuple(dict.fromkeys((*step.citations, *(name for item in again for name in item.citations)))),
        rows=(*step.rows, *(row for item in again for row in item.rows)),
        lasting=texts,
    )
    if case.failed:
        return step
    return replace(step, speaks=True, says=texts, short="; ".join(dict.fromkeys(item.short for item in again)))


def _active(case: Case) -> Step:
    """Say whether what failed was given for activity; nothing where nothing failed."""
    if not case.failed:
        return Step(ReviewStep.ACTIVE)
    known = signs(case, ReviewStep.ACTIVE.value)
    alone = [row for row, held, _ in known if held and row["kind"] is None]
    quiet = [(row, found) for row, held, found in known if held and row["kind"] == "quiet"]
    busy = [row for row, held, _ in known if held and row["kind"] == "active"]
    if alone:
        return Step(
            ReviewStep.ACTIVE,
            True,
            tuple(row["says"] for row in alone),
            "; ".join(row["short"] for row in alone),
            citations=citations_of(*alone),
            rows=tuple(map(row_key, alone)),
        )
    if len(quiet) >= _QUIET and not busy:
        signs_of = ", ".join(dict.fromkeys(row["says"] for row, _ in quiet))
        text = f"Activity is not shown ({signs_of}): repeat the biopsy before more immunosuppression"
        rows = [row for row, _ in quiet]
        return Step(
            ReviewStep.ACTIVE,
            True,
            (text,),
            f"activity is not shown ({signs_of})",
            citations=citations_of(*rows),
            rows=tuple(map(row_key, rows)),
        )
    asked = [row for row, _, _ in known if row["kind"] in _SERIES]
    missing = (f"signs of activity ({_unseen(asked, case)}), a repeat biopsy",) if asked and not busy else ()
    return Step(ReviewStep.ACTIVE, found=tuple(row["says"] for row in busy), missing=missing)
