"""Reactions to drugs that stand among the conditions, and what to write of them: ``azathioprine pancreatitis``.

A reaction belongs to the course of its drug: among the conditions it would not stand against the drug.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from lupus_pgx.context.everyday import is_date
from lupus_pgx.context.intolerance import reactions_of
from lupus_pgx.context.word_rows import Words, plain
from lupus_pgx.knowledge.drugs import OTHER
from lupus_pgx.terms import CheckStatus

_DATED = re.compile(
    r"(?P<name>.+?)[\s,(]+(?:in\s+|since\s+|seit\s+)?(?P<day>(?:19|20)\d\d(?:-\d\d){0,2})\)?", re.IGNORECASE
)
_BETWEEN = re.compile(
    r"\b(?:induced|due to|caused by|related|associated|under|from|by|after|to|with|on|durch|unter|sous|of)\b|[-:(),]",
    re.IGNORECASE,
)
"""What stands between a drug and the reaction to it."""

_ANYBODY = re.compile(r"\b(?:family|mother|father|sister|brother|no|not|denied|excluded|ruled out)\b|\?", re.IGNORECASE)
_MOST_WORDS = 4
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
