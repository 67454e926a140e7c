"""Conditions of earlier days, as a history or with their year: what passes says nothing of today, what lasts is there.

Of an infection of a year it has to be told whether it is over.
"""

from __future__ import annotations

import re
from typing import Any

from lupus_pgx.context.language.everyday import is_ahead, is_date, written_date
from lupus_pgx.context.language.known_conditions import is_infection, is_known, may_end, passes
from lupus_pgx.context.language.notes import Notes
from lupus_pgx.context.language.short_forms import LASTING
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.context.told.reactions import reaction_of
from lupus_pgx.knowledge.tables import split_list

_CONDITIONS = "conditions"

_GRANTED, _NOT, _DENIED_BY, _AGAINST = "granted", "not", "denied", "against"
"""In ``details`` of a word for a condition: every patient has it; it says that another is not there; its no says so; it
is done against another, which is there without: a vaccination."""

_NAME_IN = r"(?P<name>.+?)[\s,(]+(?:in\s+|seit\s+|since\s+|depuis\s+)?"
_DATED = re.compile(_NAME_IN + r"(?P<year>(?:19|20)\d\d)\)?", re.IGNORECASE)
_MONTH = re.compile(
    _NAME_IN + r"(?P<when>(?:[^\W\d]+\.?\s+|\d{1,2}[./])(?:19|20)\d\d|(?:19|20)\d\d[-/.]\d\d(?:-\d\d)?)\)?",
    re.IGNORECASE,
)
_EARLIER = re.compile(
    r"(?:history of|h/o|hx of|past|earlier|previous|prior|old|former|st\.? ?n\.?|z\. ?n\.|zn|status post|s/p|atcd|"
    r"ant[e\u00e9]c[e\u00e9]dents? de|[e\u00e9]tat apr[e\u00e8]s|zustand nach)\s*(?:of\s|de\s|d')?\s*(?P<name>.+)",
    re.IGNORECASE,
)

Told = tuple[str, Any]
"""A condition by its name alone, with what is told of it; an empty name where nothing is left of it."""

GONE: Told = ("", None)


def of_known(text: str, told: Any, notes: Notes, past: bool) -> Told:
    """Return a condition that is known by its name, unless it passes and was there in the past, or in a year."""
    row = notes.words.find("condition", text)
    kind, _, other = ((row["details"] or "") if row is not None else "").partition("=")
    if row is not None and kind == _GRANTED:
        notes.remark(f"{text}: {row['note']}")
        return GONE
    if kind == _AGAINST:
        return _against(text, told, other, notes)
    if (kind == _NOT and told is True) or (kind == _DENIED_BY and notes.words.says_no(told)):
        notes.remark(f"{text}{'' if told is True else ': no'}: read as no {other}")
        return other, False
    if past and (passes(text, notes.words) or may_end(text, notes.words)):
        return _left_out(text, notes)
    if is_infection(text, notes.words) and is_date(str(told).strip()):
        return _of_a_year(text, str(told), notes)
    return text, told


def _against(text: str, told: Any, other: str, notes: Notes) -> Told:
    """Return the condition that is there where nothing was done against it: not vaccinated, and not once it was."""
    day = "" if isinstance(told, bool) else written_date(told, notes.words)
    ahead = bool(day) and is_ahead(day, notes.today)
    done = notes.words.says_yes(told) or bool(day and not ahead)
    answer = notes.words.find("answer", told)
    if answer is not None and not answer["value"]:
        notes.lose(f"{text}: {told}: {answer['note']}, and is left out")
        return GONE
    if not (done or ahead or notes.words.says_no(told)):
        return text, told
    said = "" if told is True else f": {'no' if told is False else told}"
    notes.remark(f"{text}{said}: read as {'no ' if done else ''}{other}")
    return other, not done


def of_earlier(text: str, told: Any, notes: Notes, past: bool) -> Told | None:
    """Read a condition with its year, or one that was there once; None for other texts."""
    bare, when = _of_month(text, notes.words)
    if bare and told is True and not past:
        return of_known(bare, when, notes, past)  # myocardial infarction Oct 2026
    earlier = _EARLIER.fullmatch(text)
    dated = _DATED.fullmatch(earlier["name"] if earlier is not None else text)
    bare = dated["name"] if dated is not None else earlier["name"] if earlier is not None else ""
    if not bare or told is not True or not is_known(bare, notes.words):
        return None
    if earlier is None and dated is not None and not past:
        return of_known(bare, dated["year"], notes, past)  # deep vein thrombosis 2019
    if passes(bare, notes.words) or may_end(bare, notes.words):
        return _left_out(bare, notes)
    if dated is not None and reaction_of(bare, notes.words):
        return bare, dated["year"]
    notes.remark(f"{text}: read as {bare}, which is there or was")
    return bare, told


def _of_month(text: str, words: Words) -> tuple[str, str]:
    """Return a condition that is known and its month or day; empty texts where none is told."""
    match = _MONTH.fullmatch(text)
    day = written_date(match["when"], words) if match is not None else ""
    known = match is not None and "-" in day and is_known(match["name"], words)
    return (match["name"], day) if match is not None and known else ("", "")


def _of_a_year(name: str, year: str, notes: Notes) -> Told:
    """Refuse an infection of a year, unless it lasts: whether it is there now is not told."""
    row = notes.words.find("infection", name)
    if row is not None and LASTING in split_list(row["details"]):
        return name, True
    over = f"infection: {{which: {name}, when: {year}, treated: finished}}"
    rule = f"a date does not say whether it is there now: write {over} where it is over, else 'ongoing'"
    notes.refuse((_CONDITIONS, name), rule)
    return GONE


def _left_out(text: str, notes: Notes) -> Told:
    if may_end(text, notes.words):
        rule = "was there, and may be there now: write it among the conditions where it is, else leave it out"
        notes.refuse((_CONDITIONS, text), rule)
        return GONE
    notes.lose(f"{text}: of earlier days, which says nothing of today, and is left out")
    return GONE
