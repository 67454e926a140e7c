"""The grammar of conditions of the table ``therapy_options``: read here by the review, and by the check of tables.

A condition is ``key = value``, or ``key >= number unit``; ``or`` joins alternatives, ``;`` joins what must all hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from lupus_pgx.words.vocabulary import quantity_word

_TERM = re.compile(r"(\w+)\s*(>=|<=|=|<|>)\s*(.+)")
_SIGNS = {"=": "", ">=": "at least ", "<=": "at most ", ">": "above ", "<": "below "}
_NUMBER = re.compile(r"([0-9.]+)\s*(.*)")


class OptionKey(StrEnum):
    """What of the patient a condition compares with a word, beside quantities and conditions of the context."""

    CLASS = "class"
    FORM = "form"
    STATE = "state"
    SEVERITY = "severity"
    PREGNANCY = "pregnancy"
    INFECTION = "infection"
    TAKEN = "taken"
    FAILED = "failed"
    LEVEL = "level"
    SIGN = "sign"
    TRIAL = "trial"
    ANTI_DRUG_ANTIBODIES = "anti_drug_antibodies"
    INCOMPLETE_DEPLETION = "incomplete_depletion"


OPTION_NUMBERS = frozenset(("failed", "age", "onset"))
"""What is compared with a number, beside quantities."""

ANSWERS, FOUND = ("yes", "no"), ("positive", "negative", "present", "absent")
"""Words with which a condition of the context is compared, and a quantity."""


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison: what of the patient, how, and with what."""

    key: str
    sign: str
    value: str

    @property
    def words(self) -> str:
        """The comparison as people read it."""
        return f"{quantity_word(self.key)} {_SIGNS[self.sign]}{self.value}"

    @property
    def amount(self) -> tuple[float, str]:
        """The number that is compared with, and its unit.

        Raises
        ------
        ValueError
            If it is no number.
        """
        match = _NUMBER.fullmatch(self.value)
        if match is None:
            raise ValueError(f"expected a number with its unit, found {self.value!r}")
        return float(match[1]), match[2]


def words_of(group: Sequence[Term]) -> str:
    """Return terms of which one must hold as people read them."""
    return " or ".join(dict.fromkeys(term.words for term in group))


@lru_cache(maxsize=1024)
def parse_terms(text: str) -> tuple[tuple[Term, ...], ...]:
    """Read conditions: all of the groups must hold, of a group one term.

    Parameters
    ----------
    text : str
        Such as ``class = III or IV; upcr >= 3 g/g or proteinuria_24h >= 3 g/24 h``.

    Returns
    -------
    tuple of tuple of Term

    Raises
    ------
    ValueError
        If a part is no comparison.

    Examples
    --------
    >>> [term.value for term in parse_terms("class = III or IV; failed >= 2")[0]]
    ['III', 'IV']
    """
    return tuple(tuple(_group(part)) for part in text.split(";") if part.strip())


def _group(text: str) -> Iterator[Term]:
    last: Term | None = None
    for part in text.split(" or "):
        match = _TERM.fullmatch(part.strip())
        if match:
            last = Term(match[1], match[2], match[3].strip())
        elif last is not None:
            last = Term(last.key, last.sign, part.strip())
        else:
            raise ValueError(f"expected 'key = value' or 'key >= number unit', found {text.strip()!r}")
        yield last
