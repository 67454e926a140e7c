"""Conditions of guideline and evidence rows: when a row applies to a sample.

``TPMT=Poor Metabolizer`` asks for a phenotype, ``NUDT15:allele=*3`` for an allele carried,
``FCGR3A F158V=V/V|F/V`` for a marker genotype and ``APOL1 risk haplotypes:category=...`` for
its category. ``&`` joins clauses, ``|`` alternatives.
"""

from __future__ import annotations

from dataclasses import dataclass

from lupus_pgx.errors import KnowledgeError

PHENOTYPE = "phenotype"
ALLELE = "allele"
GENOTYPE = "genotype"
CATEGORY = "category"
_ASPECTS = {PHENOTYPE, ALLELE, GENOTYPE, CATEGORY}


@dataclass(frozen=True, slots=True)
class Clause:
    """One test of one gene or marker.

    Attributes
    ----------
    key : str
        Gene symbol, or ``gene marker``.
    aspect : str
        ``phenotype``, ``allele``, ``genotype`` or ``category``.
    values : frozenset of str
        Values that satisfy the clause.
    """

    key: str
    aspect: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Condition:
    """Clauses that must all hold; ``text`` is the cell as written."""

    text: str
    clauses: tuple[Clause, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Genes and markers the condition looks at."""
        return tuple(dict.fromkeys(clause.key for clause in self.clauses))


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
