"""Who is meant beside the patient: words of the field ``relative``, and what is told of somebody else by them."""

from __future__ import annotations

import re
from functools import lru_cache

from lupus_pgx.context.language.word_rows import Words

FIELD = "relative"
BLOOD, CHILD, FAMILY, TRAIT, OTHER_PERSON = "blood", "child", "family", "trait", "other"
"""Values of the field: a relative by blood; one whose word has another meaning beside (``as a child``, ``Child-Pugh``);
the family; what runs in it; and somebody who is no relative by blood."""

_OWN = r"(?:(?:the|her|his|my|patient'?s|maternal|paternal)\s+)*"
_IN = r"(?:in|of|bei|chez|en)\s+(?:(?:the|her|his|my|a|close)\s+)*"
TOO = re.compile(r"\b(?:patient\w*|herself|himself|both|too|auch|aussi|tambi\u00e9n)\b(?!')", re.IGNORECASE)
"""Says that it is told of the patient, too."""


def people(words: Words, *kinds: str) -> str:
    """Return a pattern of the words for people of some kinds, the longest first.

    Parameters
    ----------
    words : Words
    *kinds : str
        Values of the field.
    """
    told = [word for word, kind in words.valued(FIELD) if kind in kinds]
    return "|".join(map(re.escape, sorted(told, key=len, reverse=True)))


def tells_of_others(text: str, words: Words) -> bool:
    """Say whether a text names somebody else, of whom it is told and not of the patient."""
    return _naming(words).search(text) is not None


def is_of_others(text: str, words: Words) -> bool:
    """Say whether what stands among the conditions is told of somebody else, and not of the patient, too."""
    return _beginning(words).match(text) is not None and TOO.search(text) is None


@lru_cache(maxsize=4)
def _naming(words: Words) -> re.Pattern[str]:
    anybody = people(words, BLOOD, FAMILY, TRAIT, OTHER_PERSON)
    return re.compile(rf"\b(?:{anybody})\b", re.IGNORECASE)


@lru_cache(maxsize=4)
def _beginning(words: Words) -> re.Pattern[str]:
    who = rf"(?:{people(words, BLOOD, FAMILY, OTHER_PERSON)})\b"
    return re.compile(rf"{_OWN}{who}|.*[\s(]{_IN}{who}\)?$|.*\({who}\)$", re.IGNORECASE)
