"""What was stopped, as people write it behind a drug or its dose: ``stopped 2024``, ``(abgesetzt)``, ``until May``.

The words are rows of the table ``context_words``: what is over, and what is taken until a day that follows.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from lupus_pgx.context.language.everyday import written_date
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.terms import Outcome

_UNTIL = "until"
"""In ``value`` of a word that needs a day behind it; any other says that it is over."""

_PAUSED = "paused"
"""In ``value`` of a word for what may be taken again: it is over for a time."""

_DAY_AHEAD = re.compile(r"^(?:(?:in|on|since|at|am|im|seit|en|le|el|depuis|desde|[:,;(-])\s*)+", re.IGNORECASE)
_NEVER = re.compile(
    r"(?:^|(?<=[\s,;(-]))(?:(?:was|has|is|wurde|a|n'a|ha)\s+)?(?:never|not|nie|niemals|nicht|jamais|pas|nunca|no)"
    r"(?:\s+(?:been|yet|noch|[e\u00e9]t[e\u00e9]|sido))*$",
    re.IGNORECASE,
)
"""Ends what stands before the word, and takes it back: never stopped."""


class Stop(NamedTuple):
    """What stands before the word, and when it was stopped.

    Attributes
    ----------
    before : str
    when : str or bool
        A year, a month or a day; True where it is over on a day that is not told, False where it was never stopped.
    until : bool
        Whether the word asks for a day behind it.
    rest : str
        What stands behind it and is no day.
    paused : bool
        Whether the word says that it is to be taken again, or may be.
    """

    before: str
    when: Any
    until: bool
    rest: str = ""
    paused: bool = False


def is_over(given: Any, words: Words) -> bool | None:
    """Say whether the stop of a course, where it is no day, says that it is over: ``yes``, ``ongoing``.

    Parameters
    ----------
    given : object
    words : Words

    Returns
    -------
    bool or None
        None where it is neither, such as a day.
    """
    if words.says_yes(given):
        return True
    how = words.find("outcome", given)
    going_on = how is not None and how["value"] == Outcome.ONGOING
    return False if going_on or words.says_no(given) else None


def pause_of(given: Any, words: Words) -> Stop | None:
    """Return a pause where a text says nothing else: ``paused``, ``on hold since May 2026``.

    Parameters
    ----------
    given : object
    words : Words
    """
    told = stop_of(given, words) if isinstance(given, str) else None
    alone = told is not None and told.paused and not told.before and not told.rest
    return told if alone and told is not None and told.when is not False else None


def stop_of(given: str, words: Words) -> Stop | None:
    """Return what a text says of the end of a course; None where it says nothing.

    Parameters
    ----------
    given : str
        Such as ``allopurinol 300 mg stopped 2024``.
    words : Words
    """
    match = _pattern(words).search(given)
    if match is None:
        return None
    row = words.find("stopped", match["word"])
    before = given[: match.start()].strip(" ,;(-")
    denied = _NEVER.search(before)
    if denied is not None:
        before = before[: denied.start()].strip(" ,;(-")
    behind = _DAY_AHEAD.sub("", given[match.end() :].strip(" ,;()."))
    day = written_date(behind, words)
    until = row is not None and row["value"] == _UNTIL
    if denied is not None:
        return Stop(before, False, until, "" if day else behind)
    paused = row is not None and row["value"] == _PAUSED
    if day:
        return Stop(before, day, until, paused=paused)
    return Stop(before, True, until, behind or (match["word"] if until else ""), paused)


@lru_cache(maxsize=4)
def _pattern(words: Words) -> re.Pattern[str]:
    told = sorted(words.of("stopped"), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?P<word>{'|'.join(map(re.escape, told))})(?![\w-])\.?", re.IGNORECASE)
