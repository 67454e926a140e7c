"""Co-medication as people write it: what is taken now with its dose, what was stopped, what was not tolerated.

A course that is over stays a course: a rule may ask when it ended. What was not tolerated is a therapy of that outcome,
and what begins later is planned.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lupus_pgx.context.judged.intolerance import reactions_of
from lupus_pgx.context.language.doses import dose_of, unclear_dose
from lupus_pgx.context.language.everyday import NEGATED
from lupus_pgx.context.language.known_conditions import held_word, is_known
from lupus_pgx.context.language.notes import AMOUNT, Notes, Path
from lupus_pgx.context.language.stops import Stop, is_over, pause_of, stop_of
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.context.told.courses import ToldCourses
from lupus_pgx.context.values import Rough
from lupus_pgx.knowledge.drugs import other_name
from lupus_pgx.terms import Outcome

KEYS = ("drug", "dose", "schedule", "start", "stop", "outcome", "reaction")
_SHOWN = ("dose", "schedule", "start", "stop")
_STOP = "its stop as {drug: NAME, stop: DATE}, or stop: yes where the day is not known"

_NO_DOSE = re.compile(
    r"\b(?:allerg|al[e\u00e9]rg|hypersens|intoler|not tolerated|nicht vertragen|mal toler|planned|to start|geplant|"
    r"pr[e\u00e9]vu)",
    re.IGNORECASE,
)
"""Stands in place of a dose or behind it, and says that it is not taken."""

_REASON = re.compile(
    r"(?:for|before|until after|because of|due to|ahead of|f\u00fcr|wegen|vor|pour|avant|por|antes de)\s+"
    r"(?:(?:the|an?|his|her|planned|elective|upcoming|eine[rn]?|une?)\s+)*(?P<why>\S.*)",
    re.IGNORECASE,
)
"""Says what a drug was stopped for."""


class Beside(NamedTuple):
    """What the co-medication of a patient holds.

    Attributes
    ----------
    taken : list
        What is taken now, and courses that are over, with their stop.
    over, ahead : list
        Therapies that were tried, and that are planned.
    """

    taken: list[Any]
    over: list[Any]
    ahead: list[Any]


class ToldBeside:
    """Read the co-medication of a patient.

    Parameters
    ----------
    notes : Notes
    told : ToldCourses
    """

    def __init__(self, notes: Notes, told: ToldCourses) -> None:
        self._notes = notes
        self._told = told
        self._words = notes.words

    def read(self, given: list[Any]) -> Beside:
        """Return what is taken, what was tried and what is planned; what was stopped is said."""
        found = Beside([], [], [])
        for number, item in enumerate(given):
            self._item(item, ("co_medication", number), found)
        return found

    def _item(self, item: Any, path: Path, found: Beside) -> None:
        if isinstance(item, str):
            item = self._from_text(item, path)
        if item is None:
            return
        if not isinstance(item, Mapping) or other_name(item):
            found.taken.extend(self._told.parts(item))
            return
        keyed = self._keyed(item)
        made = self._told.by_our_names(keyed, path)
        past = any(name not in KEYS and self._words.find("stopped", name) is not None for name in keyed)
        if made.get("taken") is False and len(made) == len(("drug", "taken")):
            self._notes.remark(f"{made.get('drug')}: is not taken, and is left out")
            return
        unknown = [name for name in made if name not in KEYS]
        for name in unknown:
            rule = f"unknown field: expected one of {', '.join(KEYS)}; what is no longer taken has {_STOP}"
            self._notes.refuse((*path, str(name)), rule)
        if "drug" not in made and not unknown:
            self._notes.refuse(path, "drug is missing")
        made = with_pause(made, self._words)
        if unknown or "drug" not in made or not self._stops(made, path):
            return
        if past and isinstance(made.get("stop"), Rough):
            made["stop"].over = True  # stopped: 2026
        self._course(made, path, found)

    def _from_text(self, text: str, path: Path) -> Any:
        """Return a drug that is told in one text with its stop apart; None where it was refused."""
        if self._words.is_drug(text):
            return text
        if self._words.find("answer", text) is not None:
            self._notes.refuse(path, f"stands among drugs that are taken: leave it out; found {text!r}")
            return None
        if NEGATED.fullmatch(text.strip()):
            self._notes.refuse(path, f"is said not to be taken: leave it out; found {text!r}")
            return None
        stop = stop_of(text, self._words)
        if stop is None:
            return text
        if stop.when is False and stop.before and not stop.rest:
            return stop.before
        stop = self._without_reason(stop)
        if not stop.before or stop.rest:
            rule = f"is said not to be taken: leave it out, or write {_STOP}; found {text!r}"
            self._notes.refuse(path, rule)
            return None
        return {"drug": stop.before, "stop": self._when(stop, path)}

    def _without_reason(self, stop: Stop, made: Mapping[str, Any] | None = None) -> Stop:
        """Return a stop without what it was for, which is said: ``on hold for surgery``.

        What the drug did, or a condition of today, is not to be lost, and stays for the refusal.
        """
        match = _REASON.fullmatch(stop.rest)
        if match is None or stop.when is False or reactions_of(self._words.knowledge).rows(stop.rest):
            return stop
        held = match["why"] if is_known(match["why"], self._words) else held_word(stop.rest, self._words)
        if held and not self._words.counts_planned(held):
            return stop
        drug = (made or {}).get("drug", stop.before)
        self._notes.lose(
            f"{drug}: {stop.rest}: the reason is not used: what is there or planned stands among the conditions",
            f"{drug} {stop.rest}",
        )
        return stop._replace(rest="")

    def _when(self, stop: Stop, path: Path) -> Any:
        """Return when something was stopped; a year behind ``stopped`` is past, one behind ``until`` may go on."""
        if stop.paused and stop.when and self._notes.today is not None:
            return self._paused(stop.when, path)
        if isinstance(stop.when, bool):
            return stop.when
        told = self._notes.date(stop.when, (*path, "stop"))
        if isinstance(told, Rough):
            told.over = not stop.until
        return told

    def _paused(self, when: Any, path: Path) -> Any:
        """Return when a pause began, which says nothing of when it ends."""
        told = str(self._notes.today) if when is True else self._notes.date(when, (*path, "stop"))
        if not isinstance(told, str):
            return told
        day = Rough(told)
        day.last, day.paused = getattr(told, "last", told), True
        return day

    def _keyed(self, item: Mapping[Any, Any]) -> dict[Any, Any]:
        """Return ``{allopurinol: 300 mg}`` as a drug with its dose."""
        made = dict(item)
        if len(made) == 1:
            ((name, told),) = made.items()
            if name not in KEYS and isinstance(name, str) and self._words.is_drug(name):
                if self._words.says_no(told):
                    return {"drug": name, "taken": False}
                yes = told is None or self._words.says_yes(told)
                return {"drug": name} if yes else {"drug": name, "dose": told}
        return made

    def _stops(self, made: dict[str, Any], path: Path) -> bool:
        """Read in place when a course ended; say whether that can be read."""
        for name in ("drug", "dose", "schedule"):
            text = made.get(name)
            told = stop_of(text, self._words) if isinstance(text, str) and not self._words.is_drug(text) else None
            if told is None:
                continue
            told = self._without_reason(told, made)
            if told.rest or made.get("stop") is not None or (name == "drug" and not told.before):
                self._notes.refuse((*path, name), f"says that it was stopped: write {_STOP}; found {text!r}")
                return False
            made[name], made["stop"] = told.before, self._when(told, path)
            if not told.before:
                del made[name]
        return self._stop(made, path)

    def _stop(self, made: dict[str, Any], path: Path) -> bool:
        given = made.pop("stop", None)
        over = is_over(given, self._words)
        if given is None or over is not None:
            made |= {"stop": True} if over else {}
            return True
        pause = pause_of(given, self._words)
        told = self._when(pause, path) if pause is not None else self._notes.date(given, (*path, "stop"))
        day = _day(told)
        if day is None:
            rule = f"does not say whether it is taken: leave it out if it is, or write {_STOP}; found {given!r}"
            self._notes.refuse((*path, "stop"), rule)
            return False
        made["stop"] = told if isinstance(told, Rough) else day.isoformat()
        return True

    def _begins(self, made: dict[str, Any], path: Path) -> bool:
        """Read in place when a course began; say whether that can be read, and is not behind its stop."""
        given, stop = made.get("start"), made.get("stop")
        if "start" in made:
            made["start"] = self._notes.date(given, (*path, "start"))
        start = _day(made.get("start"))
        if given is not None and start is None:
            self._notes.refuse((*path, "start"), f"expected a date that exists, as YYYY-MM-DD; found {given!r}")
            return False
        end = (stop.last or stop) if isinstance(stop, Rough) else stop
        if start is not None and isinstance(end, str) and end < start.isoformat():
            self._notes.refuse((*path, "stop"), f"{stop} is before the start, {start}")
            return False
        return True

    def _course(self, made: dict[str, Any], path: Path, found: Beside) -> None:
        """Put a course where it belongs, with a remark."""
        if not self._begins(made, path):
            return
        drug, stop = made["drug"], made.get("stop")
        start, today = _day(made.get("start")), self._notes.today
        told = ", ".join(f"{name} {made[name]}" for name in _SHOWN if made.get(name) not in (None, True))
        told = f"{drug} ({told})" if told else f"{drug}"
        outcomes = self._outcomes(made, path)
        if outcomes is None:
            return
        stopped = stop is True or (isinstance(stop, str) and (today is None or stop <= today.isoformat()))
        rough = isinstance(stop, Rough) and not stop.over and today is not None and stop.last >= today.isoformat()
        if stopped and not rough and Outcome.ONGOING in outcomes:
            on = "" if stop is True else f" on {stop}"
            self._notes.refuse((*path, "outcome"), f"ongoing contradicts the stop{on}: write one of them")
            return
        over = [item for item in outcomes if item != Outcome.ONGOING]
        if over:
            rest = {name: value for name, value in made.items() if name not in ("outcome", "stop")}
            rest |= {"stop": stop} if isinstance(stop, str) and (today is None or stop <= today.isoformat()) else {}
            found.over.extend(self._told.courses({**rest, "outcome": over if len(over) > 1 else over[0]}, path))
        if (over and Outcome.ONGOING not in outcomes) and (made.get("outcome") or stop):
            self._notes.remark(f"{told}: is not counted as taken now")
        elif start is not None and today is not None and start > today:
            self._notes.remark(f"{told}: begins later, and is read as planned")
            kept = {name: value for name, value in made.items() if name in ("drug", "dose", "schedule", "start")}
            found.ahead.extend(self._told.courses(kept, path))
        elif stopped:
            self._say_over(told, drug, stop, open_end=rough)
            found.taken.extend(self._stopped(made))
        else:
            if told != str(drug):
                self._notes.remark(f"{told}: taken now")
            found.taken.extend(self._taken(made, path))

    def _say_over(self, told: str, drug: Any, stop: Any, *, open_end: bool) -> None:
        """Say of a course that it is over, paused, or may go on until the end of what was told for its stop."""
        if isinstance(stop, Rough) and stop.paused:
            self._notes.lose(
                f"{drug}: is paused: it is not counted as taken now, and what it would do with other drugs once "
                "it is taken again is asked about; write stop: DATE, or stop: yes, where it is over"
            )
        elif isinstance(stop, Rough) and open_end:
            self._notes.lose(
                f"{drug}: its stop may be as late as {stop.last}, so whether it is still taken is open: it "
                "is not counted as taken now, and what it would do with other drugs is asked about; write the day, "
                "stop: yes where it is over, or stop: ongoing where it is still taken"
            )
        else:
            self._notes.remark(f"{told}: was stopped, and is not counted as taken now")

    def _outcomes(self, made: dict[str, Any], path: Path) -> list[str] | None:
        """Return how a course went; a reaction makes it one that was not tolerated. None where it is left out."""
        outcomes: list[str] = []
        if made.get("outcome") is not None:
            told = self._told.outcomes(made["outcome"], made["drug"], path)
            if told is None:
                expected = ", ".join(item.value for item in Outcome)
                self._notes.refuse((*path, "outcome"), f"expected {expected}; found {made['outcome']!r}")
            if not told:
                return None
            outcomes = told
        harmed = Outcome.INTOLERANCE.value
        if "reaction" in made:
            self._told.reaction(made, outcomes, path)
        if made.get("reaction") is None and harmed in outcomes:
            self._notes.refuse(path, "reaction is missing: an intolerance needs it")
            return None
        if made.get("reaction") is not None and harmed not in outcomes:
            self._notes.remark(f"{made['drug']}: a reaction, {made['reaction']}, counts as not tolerated")
            outcomes = [*outcomes, harmed]
        return outcomes

    def _stopped(self, made: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the parts of what is over, with the days that are known."""
        days = {name: made[name] for name in ("start", "stop") if made.get(name) is not None}
        for name in self._told.parts(made["drug"]):
            yield {"drug": name, **days}

    def _taken(self, made: dict[str, Any], path: Path) -> Iterator[Any]:
        """Yield a drug that is taken with its dose; one that cannot be read is said and left out."""
        names, dose = list(self._told.parts(made["drug"])), made.get("dose")
        begun = {"start": made["start"]} if made.get("start") is not None else {}
        rule = unclear_dose(dose) if isinstance(dose, str) and len(names) == 1 else ""
        if rule:
            self._notes.refuse((*path, "dose"), rule)
            dose = None
        text = self._told.with_schedule(made, dose) if isinstance(dose, str) and len(names) == 1 else None
        read = dose_of(text, self._words) if text is not None else None
        amount = None if read is None or read.text is None else AMOUNT.fullmatch(read.text)
        unit = self._words.unit("dose", amount[3].strip()) if amount is not None else ""
        known = amount is not None and not amount[1] and self._words.has_unit("dose", unit)
        outcome = self._words.find("outcome", dose)
        if isinstance(dose, str) and (
            _NO_DOSE.search(dose) or (outcome is not None and outcome["value"] not in (None, Outcome.ONGOING))
        ):
            rule = "is no dose: write its outcome (of an intolerance with its reaction), or the drug under planned"
            self._notes.refuse((*path, "dose"), f"{rule}; found {dose!r}")
        elif dose is not None and not known:
            self._notes.lose(f"{names[0]}: the dose, {dose}, is not used")
        if amount is not None and known:
            self._told.too_much(names[0], f"{amount[2]} {unit}")
        more = begun | ({"dose": f"{amount[2]} {unit}"} if amount is not None and known else {})
        yield from ({"drug": name, **more} if more else name for name in names)


def with_pause(course: Mapping[Any, Any], words: Words) -> dict[Any, Any]:
    """Return a course whose outcome says that it is paused with that as its stop, which tells no effect.

    Parameters
    ----------
    course : mapping
        By the names of our fields.
    words : Words
    """
    made, outcome = dict(course), course.get("outcome")
    if pause_of(outcome, words) is None or made.get("reaction") is not None or made.get("stop") is False:
        return made
    day = made.get("stop")
    del made["outcome"]
    made["stop"] = outcome if day is None or words.says_yes(day) else f"{outcome} {day}"
    return made


def paused_apart(made: dict[str, Any], words: Words) -> None:
    """Write therapies that are paused, and of whose effect nothing is told, beside the others that are taken, in place.

    Of one whose effect is told both stand: how it went, and that it may be taken again.
    """
    courses, taken = made.get("therapies"), made.get("co_medication") or []
    if not isinstance(courses, list) or not isinstance(taken, list):
        return
    kept: list[Any] = []
    beside: list[Any] = []
    for item in courses:
        course = with_pause(item, words) if isinstance(item, Mapping) else {}
        row = words.find("outcome", course.get("outcome"))
        if "drug" not in course or pause_of(course.get("stop"), words) is None:
            kept.append(item)
            continue
        pause = pause_of(course["stop"], words)
        beside.append({name: course[name] for name in ("drug", "start", "stop") if course.get(name) is not None})
        silent = course.get("outcome") is None or (row is not None and row["value"] == Outcome.ONGOING)
        if not silent or course.get("reaction") is not None:
            kept.append({**course, "stop": pause.when if pause is not None else True})
    if beside:
        made |= {"therapies": kept, "co_medication": [*taken, *beside]}


def _day(given: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None
