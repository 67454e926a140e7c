"""How much of a drug was given in all its courses, between what it was at least and at most."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import ceil, inf, sqrt

from lupus_pgx.context.judged.clearance import SURFACES
from lupus_pgx.context.language.doses import LISTED_WEEKDAY
from lupus_pgx.context.language.word_rows import plain
from lupus_pgx.context.model import Context, Therapy
from lupus_pgx.context.values import Amount, ends_of
from lupus_pgx.knowledge.catalogue import Knowledge

_STANDARD = 1.73
_ADULTS = (35.0, 150.0)
"""Weights in kg between which a patient of unknown weight is held to be (ours)."""
_HEIGHTS = (140.0, 200.0)
"""Heights in cm between which one of known weight is (ours): the body surface by the equation of Mosteller."""
_MOSTELLER = 3600.0
_BODIES = ("mg", "mg/kg", "mg/m2")
_DAYS = {"day": 1.0, "week": 7.0, "month": 30.44}
_EVERY = re.compile(
    r"\b(?:every|alle|toutes les)\s+(?P<number>\d+|two|three|four|six|zwei|drei|vier)?\s*"
    r"(?P<unit>day|tag|jour|week|woche|semaine|month|monat|mois)",
    re.IGNORECASE,
)
_SPANS = {"tag": "day", "jour": "day", "woche": "week", "semaine": "week", "monat": "month", "mois": "month"}
_NUMBERS = {"two": 2, "zwei": 2, "three": 3, "drei": 3, "four": 4, "vier": 4, "six": 6}
_COUNTS = {"once": 1, "one": 1, "single": 1, "twice": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_DOSES = re.compile(
    r"\b(\d+|once|one|single|twice|two|three|four|five|six)\b"
    r"(?=\s*(?:x|times|doses?|pulses?|infusions?|cycles?|courses?)\b|$|,)",
    re.I,
)
_TIMES = re.compile(r"^\s*x\s*(\d+)|\bx\s*(\d+)\s*$", re.I)


def doses_told(schedule: str) -> int | None:
    """Return how many doses a schedule names; None where it names no number.

    Examples
    --------
    >>> doses_told("6 x 500 mg every two weeks"), doses_told("monthly x 6"), doses_told("every 2 weeks")
    (6, 6, None)
    """
    times, match = _TIMES.search(schedule), _DOSES.search(schedule)
    if times is not None:
        return int(times[1] or times[2])
    if match is None:
        return None
    return _COUNTS.get(match[1].lower()) or int(match[1])


_SHORT = re.compile(r"\bq\s*(?P<number>\d+)?\s*(?P<unit>d|w|wk|wks|mo|m)\b", re.IGNORECASE)
_MOST_WORDS = 5
_LETTERS = {"d": "day", "w": "week", "m": "month"}


def interval_told(schedule: str, often: Mapping[str, str]) -> float | None:
    """Return the days between two doses that a schedule names; None where it names none.

    Parameters
    ----------
    schedule : str
    often : mapping of str to str
        What words for a frequency mean, such as ``1/week``.

    Examples
    --------
    >>> interval_told("q2w x 6", {}), interval_told("weekly x 4", {"weekly": "1/week"}), interval_told("6 doses", {})
    (14.0, 7.0, None)
    """
    every = _EVERY.search(schedule)
    if every is not None:
        number, unit = (every["number"] or "1").lower(), every["unit"].lower()
        return float(_NUMBERS.get(number) or number) * _DAYS[_SPANS.get(unit, unit)]
    short = _SHORT.search(schedule)
    if short is not None:
        return float(short["number"] or 1) * _DAYS[_LETTERS[short["unit"][0].lower()]]
    words = re.split(r"[\s,;]+", plain(schedule))
    for length in range(min(len(words), _MOST_WORDS), 0, -1):
        for first in range(len(words) - length + 1):
            times, _, unit = often.get(" ".join(words[first : first + length]), "").partition("/")
            if unit in _DAYS:
                return _DAYS[unit] / float(times)
    return None


@lru_cache(maxsize=4)
def frequencies(knowledge: Knowledge) -> Mapping[str, str]:
    """Return what words for how often a drug is given mean, such as ``1/week``; a day beside others only has none."""
    return {
        plain(row["words"]): row["value"] or ""
        for row in knowledge.rows("context_words")
        if row["field"] == "frequency" and row["details"] != LISTED_WEEKDAY
    }


class Lifetime:
    """Adds up the courses of a drug.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._units = knowledge.known_units
        self._often = frequencies(knowledge)

    def given(self, drug: str, context: Context) -> tuple[float, float] | None:
        """Return the grams of a drug that were given at least and at most; None where no course of it is told.

        Parameters
        ----------
        drug : str
        context : Context

        Returns
        -------
        tuple of float or None
        """
        courses = [item for item in (*context.therapies, *context.doses) if item.drug.name == drug]
        ends = [self._course(item, context) for item in courses]
        if not ends:
            return None
        return sum(low for low, _ in ends) / 1000, sum(high for _, high in ends) / 1000

    def _course(self, course: Therapy, context: Context) -> tuple[float, float]:
        """Return the mg of one course, at least and at most; what is not told leaves the upper end open."""
        found = next(self._doses(course.dose), None) if course.dose is not None else None
        if found is None:
            return 0.0, inf
        amount, body, span = found
        light, heavy = _bodies(body, context)
        few, many = self._times(course, span, context.today)
        return amount * light * few, amount * heavy * many

    def _doses(self, dose: Amount) -> Iterator[tuple[float, str, str]]:
        """Yield a dose in mg, by what of the body it is, and in what time."""
        for span in ("", *_DAYS):
            for body in _BODIES:
                unit = f"{body}/{span}" if span else body
                if self._units.unknown_unit("dose", unit) is None:
                    number = self._units.convert(dose.value, "dose", dose.unit, unit)
                    if number is not None:
                        yield number, body, span

    def _times(self, course: Therapy, span: str, today: dt.date | None) -> tuple[float, float]:
        """Return how many doses a course had, at least and at most."""
        schedule = course.schedule or ""
        days = _length(course, today)
        if span == "day":
            return (days, days) if days is not None else (1.0, inf)
        told = doses_told(schedule)
        if told is not None:
            return told, told
        often, interval = self._interval(schedule, span)
        if days is None or not interval:
            return (1.0, 1.0) if days == 1 else (1.0, inf)
        # The last dose may be that of the last day, or have been a whole interval before it.
        return max(1.0, (days - 1) // interval * often), ceil(days / interval) * often

    def _interval(self, schedule: str, span: str) -> tuple[float, float]:
        """Return the doses in an interval, and its days; nothing where it is not told how often they are."""
        if _EVERY.search(schedule) or _SHORT.search(schedule):
            return 1.0, interval_told(schedule, {}) or 0.0
        if span:
            return 1.0, _DAYS[span]
        row = next((found for part in re.split(r"[,;]", schedule) if (found := self._often.get(plain(part)))), "")
        times, _, unit = row.partition("/")
        return (float(times), _DAYS[unit]) if times and unit in _DAYS else (0.0, 0.0)


def _length(course: Therapy, today: dt.date | None) -> int | None:
    """Return the days of a course, of one that goes on until today; None where they are not told."""
    end = course.stop or (today if course.goes_on else None)
    return (end - course.start).days + 1 if course.start is not None and end is not None else None


def _bodies(body: str, context: Context) -> tuple[float, float]:
    """Return by what a dose is multiplied, at least and at most."""
    light, heavy = ends_of(context.weights, _ADULTS)
    if body == "mg/kg":
        return light, heavy
    if body == "mg/m2":
        if not context.weights:
            return SURFACES[0] * _STANDARD, SURFACES[1] * _STANDARD
        return sqrt(light * _HEIGHTS[0] / _MOSTELLER), sqrt(heavy * _HEIGHTS[1] / _MOSTELLER)
    return 1.0, 1.0
