"""Reactions to drugs that stand among the conditions, and what to write of them: ``azathioprine pancreatitis``.

A reaction belongs to the course of its drug: among the conditions it would not stand against the drug. One that a word
for a condition states becomes a course of the drug where its day is told.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from lupus_pgx.context.judged.intolerance import reactions_of
from lupus_pgx.context.language.everyday import is_date, written_date
from lupus_pgx.context.language.notes import Notes
from lupus_pgx.context.language.word_rows import Words, plain
from lupus_pgx.knowledge.currency import last_day
from lupus_pgx.knowledge.drugs import OTHER
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import CheckStatus, Outcome

_DATED = re.compile(
    r"(?P<name>.+?)[\s,(]+(?:in\s+|since\s+|seit\s+)?(?P<day>(?:19|20)\d\d(?:-\d\d){0,2})\)?", re.IGNORECASE
)
_BETWEEN = re.compile(
    r"\b(?:induced|due to|caused by|related|associated|under|from|by|after|to|with|on|durch|unter|sous|of)\b|[-:(),]",
    re.IGNORECASE,
)
"""What stands between a drug and the reaction to it."""

_ANYBODY = re.compile(r"\b(?:family|mother|father|sister|brother|no|not|denied|excluded|ruled out)\b|\?", re.IGNORECASE)
_MOST_WORDS, _LEAST_LETTERS = 4, 4
_PARTS = re.compile(r"[,;+/]|\b(?:and|und|et|y)\b", re.IGNORECASE)
"""Stands between the reactions of a list."""

_REACTION, _COURSES = "reaction", "therapies"
"""In ``details`` of a word for a condition: it is a reaction to a drug; field that it belongs to with its day."""

_A_LETTER = 0.9
"""Share of letters that two texts have in common where one is the other but for a letter."""


def as_reaction(name: str, told: Any, words: Words, *, alone: bool = True) -> str:
    """Say what to write of a condition that is a reaction to a drug; empty of any other.

    Parameters
    ----------
    name : str
        As it stands among the conditions.
    told : object
        What is told of it, such as its year.
    words : Words
    alone : bool
        Whether one that forbids its drug for good is looked for without the name of the drug, too.

    Returns
    -------
    str
    """
    dated = _DATED.fullmatch(name.strip())
    text = dated["name"] if dated is not None else name.strip()
    day = dated["day"] if dated is not None else str(told) if is_date(str(told)) else ""
    there = day or words.find("grade", told) is not None or words.says_yes(told)
    if not there or _ANYBODY.search(text):
        return ""
    drug, rest = _parted(text, words)
    reactions = reactions_of(words.knowledge)
    never = alone and reactions.again(rest) is CheckStatus.CONTRAINDICATED
    if not reactions.rows(rest) or not (drug or (never and not _is_mistyped(text, words))):
        return ""
    stop = f", stop: {day}" if day else ""
    course = f"therapies: [{{drug: {drug or 'NAME'}, outcome: intolerance, reaction: {rest}{stop}}}]"
    if drug:
        return f"is a reaction to a drug: write {course}"
    return f"stands with the drug that brought it on: write {course}; of another cause write '{OTHER} {name}'"


def conditions_of(reaction: str | None, words: Words) -> tuple[str, ...]:
    """Return the conditions that a reaction is: what is one among the conditions is one under a drug, too.

    Of each part of a list the longest run of words that is a condition counts: ``severe hyponatraemia (118)``. What is
    of these days (an infection, a wound) says nothing of today.

    Parameters
    ----------
    reaction : str or None
    words : Words

    Returns
    -------
    tuple of str
    """
    if not reaction:
        return ()
    parts = (part for part in _PARTS.split(reactions_of(words.knowledge).by_name(reaction)) if part.strip())
    found = (_condition_in(part, words) for part in parts if not _ANYBODY.search(part))
    return tuple(dict.fromkeys(name for name in found if name and not words.passes(name)))


def _condition_in(text: str, words: Words) -> str:
    """Return the condition that a text is, or holds; empty where it holds none."""
    told = re.findall(r"[^\s:()?]+", text)
    for size in range(min(_MOST_WORDS, len(told)), 0, -1):
        for first in range(len(told) - size + 1):
            held = " ".join(told[first : first + size])
            row = words.condition(held) if len(held) >= _LEAST_LETTERS or held.isupper() else None
            if row is not None and row["value"] in words.conditions:
                # What is told by its drug among the conditions is a reaction of its own, with its day.
                return "" if reaction_of(held, words) else str(row["value"])
    return ""


def _is_mistyped(text: str, words: Words) -> bool:
    """Say whether a text is a condition that the tables know but for a letter."""
    known = [plain(name) for name in words.for_conditions()]
    return bool(get_close_matches(plain(text), known, n=1, cutoff=_A_LETTER))


def _parted(text: str, words: Words) -> tuple[str, str]:
    """Return a drug that a text holds, and what else it holds; an empty name of a drug where it holds none."""
    parts = _BETWEEN.sub(" ", text).split()
    for size in range(min(_MOST_WORDS, len(parts) - 1), 0, -1):
        for first in range(len(parts) - size + 1):
            drug = " ".join(parts[first : first + size])
            if words.is_drug(drug):
                return words.own_name(drug) or drug, " ".join([*parts[:first], *parts[first + size :]])
    return "", " ".join(parts)


def date_told(told: Any, words: Words) -> str:
    """Return the day, month or year that is told of a condition; empty where it is none."""
    return "" if isinstance(told, bool) else str(told) if is_date(str(told).strip()) else written_date(told, words)


def reaction_of(name: Any, words: Words) -> dict[str, str]:
    """Return the drug and the reaction to it that a word for a condition states; empty for other words."""
    row = words.find("condition", name) if isinstance(name, str) else None
    told = dict(part.split("=", 1) for part in split_list(row["details"] if row is not None else None) if "=" in part)
    return told if set(told) == {"drug", _REACTION} else {}


def reacted_before(name: Any, told: tuple[Any, Any], words: Words) -> bool:
    """Say whether a reaction to a drug is told as there, and by a day, too."""
    there = any(words.says_yes(item) for item in told)
    return there and any(date_told(item, words) for item in told) and bool(reaction_of(name, words))


def course_of_reaction(name: Any, told: Any, made: dict[str, Any], notes: Notes) -> bool:
    """Write a reaction to a drug that has its day as a course of the drug, in place; say whether it was one.

    Of a month or a year the last day counts, as the reaction may be as late; one that is not over may be of today.
    """
    course = reaction_of(name, notes.words)
    day = date_told(told, notes.words)
    courses = made.get(_COURSES) or []
    if not course or not day or not isinstance(courses, list):
        return False
    try:
        last = last_day(str(day))
    except ValueError:  # 2015-13
        return False
    if notes.today is not None and last > notes.today:
        return False
    made[_COURSES] = [*courses, {**course, "outcome": Outcome.INTOLERANCE.value, "stop": last.isoformat()}]
    notes.remark(f"{name}: {told}: read as {course['drug']} that was not tolerated then, {course[_REACTION]}")
    return True
