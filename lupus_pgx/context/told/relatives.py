"""What is told of the family among the conditions: of some rules it is what they ask for.

``mother had malignant hyperthermia`` says nothing of the patient's own past, and is a family history of it. Where the
words have one of that condition it is read as told; any other is left as told of somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from lupus_pgx.context.language.notes import Notes
from lupus_pgx.context.language.others import BLOOD, CHILD, FAMILY, OTHER_PERSON, TOO, people
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.context.told.listed_conditions import fields_of
from lupus_pgx.knowledge.drugs import OTHER, bare_name

_OF_FAMILY = "family"
"""In ``details`` of a word for a field: what stands there is told of the family."""

_CONDITIONS = "conditions"

_WHOSE = (
    r"(?:(?:the|a|an|one|two|her|his|my|own|patient'?s?|patient's|maternal|paternal|half|older|younger|elder|twin|deceased|"
    r"die|der|ihre?|seine?|la|le|sa|son|su)[\s-]+)*"
)
_DID = (
    r"(?:'s)?\s*(?:[:,(=]|\b(?:(?:also|once|has|had|have|having|is|was|were|with|who|known|for|diagnosed|died|dead|of|from|"
    r"suffers?|suffered|got|developed|a|an|the|positive|litt|an|hat|hatte|mit|starb|avait|avec|tuvo|con)\b\s*)+)\s*"
)
_HISTORY = (
    r"(?:(?:positive|known|strong)\s+)?(?:family|familial)\s+(?:history|hx)\b(?:\s+(?:is|was))?(?:\s+positive)?|fhx?|"
    r"familien(?:anamnese|vorgeschichte)|ant[e\u00e9]c[e\u00e9]dents?\s+familia(?:ux|l)|antecedentes?\s+familiar(?:es)?|"
    r"in the family"
)
_NOT_THERE = re.compile(
    r"\b(?:no|not|never|without|nor|excluded|ruled out|denied|negative|unremarkable|kein\w*|nicht|ohne|pas|sans|sin|"
    r"unknown|unbekannt)\b|\?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"[\s,(]+(?:in\s+)?(?:19|20)\d\d\)?$")
_MOST_WORDS = 5


class _Patterns(NamedTuple):
    """How a relative stands with a condition: ahead of it, behind it, alone; and who is none by blood."""

    ahead: re.Pattern[str]
    behind: re.Pattern[str]
    alone: re.Pattern[str]
    no_kin: re.Pattern[str]


@lru_cache(maxsize=4)
def _patterns(words: Words) -> _Patterns:
    kin, family = people(words, BLOOD, CHILD), people(words, FAMILY)
    who, history = rf"{_WHOSE}(?:{kin})", rf"(?:{_HISTORY}|{family})"
    of = r"(?:[:,(=]|\b(?:of|for|with|has|had|f\u00fcr|mit|de|d')\b)?\s*"
    near = r"(?:(?:in|of|runs in|bei|chez|en|dans|by)\s+)?"
    return _Patterns(
        re.compile(rf"(?:{who}\b{_DID}|{history}\s*{of})(?P<what>\w.*)", re.IGNORECASE),
        re.compile(rf"(?P<what>\S.*?)[\s,:(]+{near}{_WHOSE}(?:{kin}|{family})\)?", re.IGNORECASE),
        re.compile(rf"{who}|{history}", re.IGNORECASE),
        re.compile(rf"\b(?:{people(words, OTHER_PERSON)})\b", re.IGNORECASE),
    )


def _is_not_there(text: str, words: Words) -> bool:
    return bool(_NOT_THERE.search(text) or _patterns(words).no_kin.search(text))


def as_family_history(name: str, told: Any, words: Words) -> tuple[str, Any] | None:
    """Return the family history that a condition told of a relative is, with what is told of it; None of any other.

    Parameters
    ----------
    name : str
        ``mother had malignant hyperthermia``, ``malignant hyperthermia (brother)``, or a relative alone.
    told : object
        What is told of it: ``True``, or the condition of the relative, or the relative.
    words : Words
    """
    text = name
    if isinstance(told, str) and not words.find("answer", told):
        alone = _patterns(words).alone
        if alone.fullmatch(name.strip()):
            text = f"{name}: {told}"
        elif alone.fullmatch(told.strip()) or re.fullmatch(r"in (?:the )?family", told.strip(), re.IGNORECASE):
            text = f"{name} ({told.strip().removeprefix('in ').removeprefix('the ')})"
        told = True if text != name else told
    match = _patterns(words).ahead.fullmatch(text.strip()) or _patterns(words).behind.fullmatch(text.strip())
    if match is None or _is_not_there(text, words) or TOO.search(text):
        return None
    own = family_history_of(match["what"], words)
    return (own, told) if own else None


def family_history_of(what: str, words: Words) -> str:
    """Return the word for a family history of a condition, of which tables ask; empty where they do not.

    Of a longer text the condition that it begins with counts: ``malignant hyperthermia under sevoflurane, 2010``.

    Parameters
    ----------
    what : str
    words : Words
    """
    parts = _YEAR.sub("", what.strip().rstrip(")")).split()
    for size in range(min(_MOST_WORDS, len(parts)), 0, -1):
        held = " ".join(parts[:size]).strip(" ,;:()")
        row = words.condition(held)
        for named in (held, str(row["value"]) if row is not None and row["value"] else held):
            found = words.find("condition", f"family history of {named}")
            if found is not None and found["value"]:
                return str(found["words"])
    return ""


def read_family(made: dict[str, Any], notes: Notes) -> None:
    """Join what a field for the family holds with the conditions, in place: each as a family history.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    for name, told, there in fields_of(made, _OF_FAMILY, notes):
        if not all(isinstance(item, str) for item, _ in told):
            continue
        del made[name]
        if not told:
            continue
        notes.remark(f"{name}: read as conditions of the family")
        made[_CONDITIONS] = {**dict(there), **dict(_of_family(item, value, notes.words) for item, value in told)}


def _of_family(name: str, told: Any, words: Words) -> tuple[str, Any]:
    """Return a condition that is told of the family among the conditions of the patient."""
    bare = bare_name(name).strip()
    found = as_family_history(bare, told, words)
    if found is None and not _is_not_there(f"{bare} {told}", words):
        own = family_history_of(bare, words)
        found = (own, True if isinstance(told, str) else told) if own else None
    if found is not None:
        return found
    said = "" if isinstance(told, bool | Mapping) or told is None else f": {told}"
    return f"{OTHER} family history of {bare}{said}", told if isinstance(told, bool) else True
