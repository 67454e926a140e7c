"""Conditions of guideline and evidence rows: when a row applies to a sample.

``TPMT=Poor Metabolizer`` asks for a phenotype, ``NUDT15:allele=*3`` for an allele carried
(``no *3``: called, and not carried), ``CYP2C9:score=1|1.5`` for an activity score,
``FCGR3A F158V=V/V|F/V`` for a marker genotype and ``APOL1 risk haplotypes:category=...`` for
its category. ``&`` joins clauses, ``|`` alternatives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lupus_pgx.errors import KnowledgeError

PHENOTYPE = "phenotype"
ALLELE = "allele"
GENOTYPE = "genotype"
CATEGORY = "category"
SCORE = "score"
WITHOUT = "no "
"""Before an allele: called or typed, and the allele is not there (``HLA-B:allele=no *58:01``)."""

_ASPECTS = {PHENOTYPE, ALLELE, GENOTYPE, CATEGORY, SCORE}


@dataclass(frozen=True, slots=True)
class Clause:
    """One test of one gene or marker.

    Attributes
    ----------
    key : str
        Gene symbol, or ``gene marker``.
    aspect : str
        ``phenotype``, ``allele``, ``score``, ``genotype`` or ``category``.
    values : frozenset of str
        Values that satisfy the clause.
    """

    key: str
    aspect: str
    values: frozenset[str]


@dataclass(frozen=True)
class Condition:
    """Clauses that must all hold; ``text`` is the cell as written."""

    text: str
    clauses: tuple[Clause, ...]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Genes and markers the condition looks at."""
        return tuple(dict.fromkeys(clause.key for clause in self.clauses))


class ConditionSet:
    """Conditions that are judged together; which of them hold is a set of bits, the first condition lowest.

    Parameters
    ----------
    conditions : sequence of Condition

    Attributes
    ----------
    keys : tuple of str
        Genes and markers the conditions look at.
    everything : int
        All bits.
    """

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.keys = tuple(dict.fromkeys(key for condition in conditions for key in condition.keys))
        self.everything = (1 << len(conditions)) - 1
        self._of_key: dict[str, list[tuple[int, tuple[Clause, ...]]]] = {
            key: [
                (1 << number, tuple(clause for clause in condition.clauses if clause.key == key))
                for number, condition in enumerate(conditions)
                if key in condition.keys
            ]
            for key in self.keys
        }

    def clauses(self, key: str) -> list[tuple[int, tuple[Clause, ...]]]:
        """Return the bit of each condition that looks at a key, and its clauses on it."""
        return self._of_key[key]


def parse_condition(text: str) -> Condition:
    """Parse the text of a condition.

    Raises
    ------
    KnowledgeError
        If the text does not follow the grammar.

    Examples
    --------
    >>> parse_condition("NUDT15:allele=*3 & TPMT=Normal Metabolizer").keys
    ('NUDT15', 'TPMT')
    """
    clauses = []
    for part in text.split("&"):
        key, equals, values = part.strip().partition("=")
        name, _, aspect = key.strip().partition(":")
        aspect = aspect or (GENOTYPE if " " in name else PHENOTYPE)
        alternatives = frozenset(value.strip() for value in values.split("|"))
        if not equals or not name or aspect not in _ASPECTS or "" in alternatives:
            raise KnowledgeError(f"condition {text!r}: {part.strip()!r} is not KEY=value|value (or KEY:aspect=...)")
        clauses.append(Clause(name, aspect, alternatives))
    return Condition(text, tuple(clauses))
