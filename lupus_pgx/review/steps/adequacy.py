"""Was the dose enough, and was it given long enough? Judged by the table ``adequacy``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.lifetime import doses_told, frequencies, interval_told
from lupus_pgx.context.judged.planned import by_weight
from lupus_pgx.context.judged.safety import safety_of
from lupus_pgx.context.model import Therapy
from lupus_pgx.context.values import Amount
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.review.levels import level_meanings
from lupus_pgx.review.steps.signs import signs
from lupus_pgx.review.steps.step import Case, Step
from lupus_pgx.terms import Action, CheckStatus, FindingKind, Outcome, ReviewStep

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import AdequacyCells

_WEEK = 7
_LENIENT = 0.85
"""Share of a least time or of a least dose from which it counts as reached (our choice)."""

_HALF = 0.5
"""Share of the usual time of a course below which its dates contradict the doses that are told (our choice)."""

_MARGIN = "short of the least by less than 15 percent, which counts as reached: our choice"

_ADULT = 18


@dataclass(frozen=True, slots=True)
class Trial:
    """How a therapy stands to a full trial.

    Attributes
    ----------
    drug : str
        A class stands for its members.
    dose, length : str
        What was given, and for how long; empty where it is not known.
    dose_short, time_short : bool or None
        None where it cannot be told.
    excuse : str
        Why a reduced dose counts as the full one.
    dose_asks, time_asks : str
        What is missing where it cannot be told whether the dose, or the time, was enough.
    since, judged : str
        Of a course how long ago its last dose was, where nothing dated was told after it; else how long after its
        start it was judged.
    doses : str
        How many of the doses of a course there was time for, where that is fewer than were meant.
    row : mapping
        The least demanding row that fits.
    """

    drug: str
    dose: str
    length: str
    dose_short: bool | None
    time_short: bool | None
    excuse: str
    dose_asks: str
    time_asks: str
    since: str
    judged: str
    doses: str
    row: AdequacyCells


def trials(case: Case) -> tuple[Trial, ...]:
    """Judge the therapies that failed last; a class that accompanies them is one."""
    judged = (_trial(name, courses, case) for name, courses in _courses(case).items())
    return tuple(item for item in judged if item is not None)


def earlier_trials(case: Case, background: frozenset[str]) -> tuple[Trial, ...]:
    """Judge what failed before that, background therapy and glucocorticoids aside: each drug by its last course."""
    left_out = {item.drug.name for item in case.latest_failed} | background
    courses = {item.drug.name: item for item in case.failed if item.drug.listed and item.drug.name not in left_out}
    judged = (_trial(name, [item], case) for name, item in courses.items())
    return tuple(item for item in judged if item is not None)


def never_tested(case: Case) -> frozenset[str]:
    """Return drugs that failed and never had a full trial: each course was too little, too short or not taken."""
    missed = {item.drug for item in case.levels.exposures if item.verdict == "absent"}
    judged = [(item.drug.name, _trial(item.drug.name, [item], case)) for item in case.failed]
    tested = {name for name, one in judged if one is None or not (one.dose_short or one.time_short)}
    return frozenset(name for name, _ in judged if name in missed or name not in tested)


def is_full(trial: Trial) -> bool:
    """Whether dose and time are known to have been enough."""
    return trial.dose_short is False and trial.time_short is False and bool(trial.row["min_dose"])


def _trial(name: str, courses: Sequence[Therapy], case: Case) -> Trial | None:
    """Judge the courses of a drug; None where no row is about it. Adequate by one row is adequate."""
    judged = [_judge(name, _of_row(row, courses), row, case) for row in _rows(name, courses, case)]
    # A row whose dose is of another route, and cannot be held against this one, excuses nothing.
    judged = [item for item in judged if item.dose_short is not None] or judged
    return min(judged, key=lambda item: _weight(item.dose_short) + _weight(item.time_short), default=None)


def _weight(short: bool | None) -> int:
    return 3 if short else (1 if short is None else 0)


def _courses(case: Case) -> dict[str, list[Therapy]]:
    found: dict[str, list[Therapy]] = {}
    for item in case.latest_failed:
        if not item.drug.listed:
            continue
        if item.drug.name not in case.steroids:
            found.setdefault(item.drug.name, []).append(item)
            found[item.drug.name] = found[item.drug.name][-1:]
        else:
            name = case.knowledge.drugs_by_name[item.drug.name].row["drug_class"]
            found[name] = [one for one in case.context.therapies if one.drug.name in case.steroids]
    return found


def _of_row(row: AdequacyCells, courses: Sequence[Therapy]) -> Sequence[Therapy]:
    """Return the courses that a row judges: a fixed amount is one of its own drug, and of no other of its class."""
    own = [item for item in courses if item.drug.name == row["drug"]]
    return own if own and _is_fixed(row) else courses


def _is_fixed(row: AdequacyCells) -> bool:
    return row["dose_unit"] is not None and "/kg" not in row["dose_unit"]


def _rows(name: str, courses: Sequence[Therapy], case: Case) -> list[AdequacyCells]:
    course, given = courses[0], {item.drug.name for item in courses}
    drugs = case.steroids if course.drug.name in case.steroids else {name}
    age = case.context.age
    unfit = ("adult",) if age is not None and age < _ADULT else ("child",)
    rows = [row for row in case.knowledge.rows("adequacy") if row["kind"] == "trial" and row["drug"] in drugs]
    rows = [row for row in rows if row["drug"] in given or drugs is not case.steroids or not _is_fixed(row)]
    fitting = [row for row in rows if _fits(row, case)]
    kept = [row for row in fitting if row["population"] not in unfit] or fitting
    before = [item for item in case.context.therapies if item.outcome is Outcome.RESPONSE]
    later = any(item.start and course.start and item.start < course.start for item in before)
    return [row for row in kept if row["setting"] != "maintenance" or later]


def _fits(row: AdequacyCells, case: Case) -> bool:
    wanted = split_list(row["manifestation"] or "")
    return not wanted or bool(set(wanted) & case.present) or (not case.present and len(wanted) > 1)


def _judge(name: str, courses: Sequence[Therapy], row: AdequacyCells, case: Case) -> Trial:
    dose, dose_short, excuse = _dose(name, courses, row, case)
    length, time_short = _length(courses, row, case)
    return Trial(
        drug=name,
        dose=dose,
        length=length,
        dose_short=dose_short,
        time_short=time_short,
        excuse=excuse,
        dose_asks=_dose_asks(name, dose, row, case),
        time_asks=_time_asks(name, courses, row, case),
        since=_since(courses, row, case),
        judged=_judged(courses, row, case),
        doses=_fewer(courses, row, case),
        row=row,
    )


def _dose_asks(name: str, dose: str, row: AdequacyCells, case: Case) -> str:
    """Say what is missing to judge a dose: what was told is not asked for again."""
    if not dose:
        return f"dose of {name}"
    bound = f"{dose} of {name} against {row['min_dose']:g} {row['dose_unit']}"
    if _of_adults(row, case):
        return f"a bound for children ({bound}, which is one of adults)"
    given, wanted = dose.partition(" ")[2], row["dose_unit"] or ""
    if ("/kg" in given) != ("/kg" in wanted) and case.context.weight_alone is None:
        return f"weight ({bound})"
    if ("/m2" in given) != ("/m2" in wanted):
        return f"body surface ({bound})"
    return f"dose in {wanted} ({bound})"


def _time_asks(name: str, courses: Sequence[Therapy], row: AdequacyCells, case: Case) -> str:
    """Say what is missing to judge a time."""
    if _contradicts(courses, row, case):
        return f"how many doses of {name} were given: those that are told take longer than from its start to its stop"
    if not any(item.start for item in courses):
        return f"how long {name} was given"
    if all(item.stop for item in courses):
        return f"a dated value of the response after {name}"
    return f"until when {name} was given, or a dated value of the response"


def _since(courses: Sequence[Therapy], row: AdequacyCells, case: Case) -> str:
    """Say how long ago the last dose of a course was, where nothing dated was told after it."""
    stop = max((item.stop for item in courses if item.stop), default=None)
    start = min((item.start for item in courses if item.start), default=None)
    if row["given_as"] != "course" or stop is None or judged_on(case, start) or _next_start(case, courses[-1]):
        return ""
    return f"{_days((case.today - stop).days)} after the last dose"


def _judged(courses: Sequence[Therapy], row: AdequacyCells, case: Case) -> str:
    """Say how long after its start a course was judged; a course is no time for which a drug was given."""
    start = min((item.start for item in courses if item.start), default=None)
    day = judged_on(case, start) or _next_start(case, courses[-1])
    if row["given_as"] != "course" or start is None or day is None:
        return ""
    days, wanted = (day - start).days, (row["min_weeks"] or 0) * _WEEK
    return f"{_days(days)} after its start{f' ({_MARGIN})' if wanted * _LENIENT <= days < wanted else ''}"


def _of_adults(row: AdequacyCells, case: Case) -> bool:
    """Whether the bound of a row is a fixed amount for adults, and the patient is a child, dosed by size."""
    age, unit = case.context.age, row["dose_unit"] or ""
    child = age is not None and age < _ADULT
    return child and row["population"] != "child" and "/kg" not in unit and "/m2" not in unit


def _dose(name: str, courses: Sequence[Therapy], row: AdequacyCells, case: Case) -> tuple[str, bool | None, str]:
    """Return the dose, whether it is short, and why a reduced one counts as full."""
    given = [item.dose for item in courses if item.dose is not None]
    if not given or row["min_dose"] is None or row["dose_unit"] is None:
        return "", (None if row["min_dose"] is not None else False), ""
    units, least, weight = case.knowledge.known_units, row["min_dose"], case.context.weight_alone
    values = [
        (dose, units.convert(one.value, "dose", one.unit, row["dose_unit"]))
        for dose in given
        for single in _as_one_dose(dose)
        for one in by_weight(single, [weight] if weight is not None else [])
    ]
    known = [(value, dose) for dose, value in values if value is not None]
    if not known:
        return f"{given[-1].value:g} {given[-1].unit}", None, ""
    value, most = max(known, key=lambda item: item[0])
    shown = f"{most.value:g} {most.unit}"
    if "/kg" in row["dose_unit"]:
        shown = f"{shown}, {value:.2g} {row['dose_unit']}" if most.unit != row["dose_unit"] else shown
    else:
        shown = f"{value:g} {row['dose_unit']}"
    if value >= least * (_LENIENT if "/kg" in row["dose_unit"] else 1):
        return shown, False, _MARGIN if value < least else ""
    if _of_adults(row, case):
        return shown, None, ""
    excuse = _excuse(name, row, value / least, case)
    return shown, not excuse, excuse


def _as_one_dose(dose: Amount) -> list[Amount]:
    """Return a dose in the units in which rows give it: a dose per week or month is one dose of it."""
    once = [Amount(dose.value, "mg")] if dose.unit in ("mg/month", "mg/week") else []
    return once if dose.unit == "mg/month" else [dose, *once]


def _excuse(name: str, row: AdequacyCells, share: float, case: Case) -> str:
    """Say why a dose below the least one is the full dose of this patient."""
    response = case.responses.get(name)
    cut = (Action.REDUCE_DOSE, Action.CONSIDER_ALTERNATIVE, Action.AVOID)
    if response is not None and any(rule.action in cut for rule in response.guidance):
        return "the genotype asks for less"
    kidney, bound = case.context.kidney_function, row["reduced_below_egfr"]
    if kidney is not None and bound is not None and kidney.value < bound and share >= (row["reduced_share"] or 0):
        return "the kidney asks for less"
    checks = safety_of(case.knowledge).check(name, case.context)
    if any(check.known and check.status is CheckStatus.ADJUST_DOSE and check.criterion != "" for check in checks):
        return "the clinical context asks for less"
    return next((row["says"] for row, held, _ in signs(case, ReviewStep.ENOUGH.value) if held), "")


def judged_on(case: Case, start: dt.date | None) -> dt.date | None:
    """Return the last day on which the response was looked at after a start."""
    followed = case.knowledge.with_role("follows_response")
    days = [one.date for item in case.context.labs if item.quantity in followed for one in item.values]
    later = [day for day in days if start is not None and day > start]
    return max(later, default=None)


def _length(courses: Sequence[Therapy], row: AdequacyCells, case: Case) -> tuple[str, bool | None]:
    starts = [item.start for item in courses if item.start is not None]
    if not starts:
        return "", _doses_short(courses, row, case)
    start, ends = min(starts), [_end(item, case) for item in courses]
    known = [day for day in ends if day is not None]
    stop = max(known) if len(known) == len(ends) else None
    span, least = row["span_weeks"], row["min_weeks"] or 0
    if row["given_as"] == "course":
        extent = _days((stop - start).days) if stop else ""
        few = _doses_short(courses, row, case)
        if few or (few is None and span and stop is not None and (stop - start).days < span * _WEEK * _LENIENT - 1):
            return extent, None if not few and _contradicts(courses, row, case) else True
        judged = judged_on(case, start) or _next_start(case, courses[-1])
        if judged is None:
            early = (case.today - start).days < least * _WEEK * _LENIENT
            return "", True if early and not _not_depleted(courses[-1], case) else few
        return extent, (judged - start).days < least * _WEEK * _LENIENT
    end = stop or judged_on(case, start)
    days = (end - start).days if end is not None else None
    if days is None:
        return "", (True if (case.today - start).days < least * _WEEK * _LENIENT else None)
    if least * _WEEK * _LENIENT <= days < least * _WEEK:
        return f"{_days(days)} ({_MARGIN})", False
    return _days(days), days < least * _WEEK


def _not_depleted(course: Therapy, case: Case) -> bool:
    """Whether cells are left that a course had to deplete: waiting will not make them go."""
    meanings = level_meanings(case.knowledge)
    found = [meanings[one.means] for one in case.levels.of(course.drug.name, course) if one.means in meanings]
    return any(one["finding"] == FindingKind.INCOMPLETE_DEPLETION.value for one in found)


def _next_start(case: Case, course: Therapy) -> dt.date | None:
    """Return when the next therapy began: until then a course was waited for."""
    starts = [
        item.start for item in case.context.therapies if item.start and course.start and item.start > course.start
    ]
    return min(starts, default=None)


def _end(course: Therapy, case: Case) -> dt.date | None:
    """Return until when a drug was given: today where it still is."""
    return course.stop or (case.today if course.goes_on else None)


def _doses_short(courses: Sequence[Therapy], row: AdequacyCells, case: Case) -> bool | None:
    """Say whether fewer doses were given than a course has; None where that is not known, or dates contradict it."""
    wanted, told = row["doses"], doses_told(courses[-1].schedule or "")
    if wanted is None or told is None:
        return None
    room = _room(courses[-1], case)
    given = told if room is None else min(told, room)
    return None if given >= wanted and _contradicts(courses, row, case) else given < wanted


def _room(course: Therapy, case: Case) -> int | None:
    """Return for how many doses of its schedule a course had time; None where interval, start or stop is not told."""
    days = interval_told(course.schedule or "", frequencies(case.knowledge))
    end = _end(course, case)
    if days is None or course.start is None or end is None:
        return None
    return int(((end - course.start).days + 1) / (days * _LENIENT)) + 1


def _fewer(courses: Sequence[Therapy], row: AdequacyCells, case: Case) -> str:
    """Say for how many of the doses that were meant a course had time, where those are fewer."""
    told, room = doses_told(courses[-1].schedule or ""), _room(courses[-1], case)
    if row["given_as"] != "course" or told is None or room is None or room >= told:
        return ""
    return f"time for {room} of {told} doses"


def _contradicts(courses: Sequence[Therapy], row: AdequacyCells, case: Case) -> bool:
    """Whether a course of enough doses, of which no interval is told, ended in less than half of its usual time."""
    course, span = courses[-1], row["span_weeks"]
    told, end = doses_told(course.schedule or ""), _end(course, case)
    if span is None or told is None or told < (row["doses"] or 0) or course.start is None or end is None:
        return False
    return _room(course, case) is None and (end - course.start).days < span * _WEEK * _HALF


def _days(days: int | None) -> str:
    if days is None:
        return ""
    if days < 28:
        return f"{max(days, 1)} days" if days != 1 else "1 day"
    return f"{round(days / _WEEK)} weeks" if days < 120 else f"{round(days / 30.44)} months"


def least(row: AdequacyCells) -> str:
    """Write what a full trial asks for."""
    parts = []
    if row["min_dose"] is not None:
        parts.append(f"{row['min_dose']:g} {row['dose_unit']}")
    if row["doses"] is not None:
        parts.append(f"{row['doses']} doses")
    if row["min_weeks"] is not None:
        time = f"{row['min_weeks']:g} week{'s' if row['min_weeks'] != 1 else ''}"
        parts.append(f"judged from {time} on" if row["given_as"] == "course" else time)
    return ", ".join(parts)


def enough(case: Case) -> Step:
    """Say whether the dose was enough; too short a time is told with it."""
    known = trials(case)
    short = [item for item in known if item.dose_short]
    asks = [item.dose_asks for item in known if item.dose_short is None]
    return _step(ReviewStep.ENOUGH, short, known, asks)


def long_enough(case: Case) -> Step:
    """Say whether it was given long enough, and whether the course was complete."""
    known = trials(case)
    short = [item for item in known if item.time_short and not item.dose_short]
    return _step(ReviewStep.LONG_ENOUGH, short, known, [item.time_asks for item in known if item.time_short is None])


def _step(step: ReviewStep, short: Sequence[Trial], known: Sequence[Trial], asks: Sequence[str]) -> Step:
    says = tuple(f"{item.drug} {_given(item)} ({least(item.row)} is the least)" for item in short)
    return Step(
        step,
        speaks=bool(short),
        says=(f"Not yet an adequate trial: {'; '.join(says)}",) if says else (),
        short=f"no adequate trial of {', '.join(item.drug for item in short)}" if short else "",
        found=tuple(f"{item.drug} {_given(item)}{f' ({item.excuse})' if item.excuse else ''}" for item in known),
        drugs=tuple(item.drug for item in short or known),
        missing=tuple(asks),
        citations=tuple(dict.fromkeys(name for item in short for name in split_list(item.row["citation"]))),
        rows=tuple(f"adequacy:{item.row['rule']}" for item in short),
    )


def _given(item: Trial) -> str:
    parts = [item.dose, f"for {item.length}" if item.length else ""]
    text = " ".join(part for part in parts if part)
    more = [f", {part}" for part in (item.doses, f"judged {item.judged}" if item.judged else item.since) if part]
    if item.time_short and item.row["given_as"] == "course":
        return f"{text or 'as given'}{''.join(more)}: course not complete or judged too early"
    return f"{text}{''.join(more) if item.judged else ''}" if text else "with too little time"
