"""What stands among the conditions and no table asks about: a drug that would be lost there, and what is not there."""

from __future__ import annotations

import re
from typing import Any

from lupus_pgx.context.form import context_schema
from lupus_pgx.context.language.everyday import NEGATED, is_ahead, written_date
from lupus_pgx.context.language.known_conditions import held_word, is_known
from lupus_pgx.context.language.notes import Notes
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.context.told.past_conditions import GONE, Told
from lupus_pgx.knowledge.drugs import OTHER

_PROTECTS = re.compile(r"vaccin|vakzin|vacuna|immuni[sz]|impf|proph?ylax|profilax|immunity|\bimmun\b", re.IGNORECASE)
"""Names a protection: that it is not there is what matters."""

_DONE = re.compile(
    r"\S.*?\b\w*(?:vaccinations?|immuni[sz]ations?|impfung(?:en)?|vacunaci[o\u00f3]n)"
    r"(?:\s+(?:done|given|completed?|up to date))?",
    re.IGNORECASE,
)
"""Names a vaccination; one that is planned or due says more."""


def is_vaccination(text: str) -> bool:
    """Say whether a text is the name of a vaccination and nothing else."""
    return _DONE.fullmatch(text.strip()) is not None and NEGATED.fullmatch(text.strip()) is None


def of_unasked(text: str, told: Any, notes: Notes, *, apart: bool) -> Told | None:
    """Return what no table asks about and is not there; refuse a drug. None of any other.

    Parameters
    ----------
    text : str
        A condition that is not known by its name.
    told : object
        What is told of it.
    notes : Notes
    apart : bool
        Whether it is said that no table asks about it.
    """
    if apart and notes.words.is_drug(text):
        rule = f"is a drug: write co_medication: [{text}] where it is taken, else among the therapies"
        notes.refuse(("conditions", f"{OTHER} {text}"), f"{rule}; found {text!r}")
        return GONE
    done = _done(text, told, notes)
    return (f"{OTHER} {done}", True) if done else _absent(text, told, notes.words, apart)


def _done(text: str, told: Any, notes: Notes) -> str:
    """Return a vaccination that was given with its day; empty where it was not, and of anything else."""
    if not is_vaccination(text):
        return ""
    if told is True or notes.words.says_yes(told):
        return text
    day = "" if isinstance(told, bool) else written_date(told, notes.words)
    return f"{text} {day}" if day and not is_ahead(day, notes.today) else ""


def _absent(text: str, told: Any, words: Words, apart: bool) -> Told | None:
    """Return what is said not to be there; that a protection is not, such as a vaccination, stays told."""
    negated = told is True and NEGATED.fullmatch(text) is not None
    if not negated and not words.says_no(told):
        return None
    bare = text.split(maxsplit=1)[1] if negated else text
    if is_known(bare, words) or words.is_manifestation(bare) or held_word(bare, words):
        return None
    if not apart and words.meant(bare, context_schema()["$defs"]["patient"]["properties"]):
        return None
    return (f"{OTHER} no {bare}", True) if _PROTECTS.search(bare) else (f"{OTHER} {bare}", False)
