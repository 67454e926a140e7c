"""Calls of every kind that rules can tell apart, and what is said of a drug with them."""

from __future__ import annotations

import itertools
from functools import cache

from lupus_pgx import load_knowledge, respond

KNOWLEDGE = load_knowledge()
UNCARRIED = {"HLA-A": "*02:01", "HLA-B": "*07:02"}
"""HLA alleles that no rule asks for; the groups of one gene are none of the other."""


@cache
def calls_of(gene: str) -> tuple[str, ...]:
    """Return one diplotype of each kind that rules can tell apart."""
    star = KNOWLEDGE.star_genes[gene]
    if star.typing:
        singles = [UNCARRIED[gene], *sorted(star.asked_alleles)]
    else:
        kinds = {(star.functions[name], star.activity_values.get(name)): name for name in star.allele_names}
        singles = list(dict.fromkeys([*kinds.values(), *sorted(star.asked_alleles)]))
    found: dict[tuple, str] = {}
    for pair in itertools.combinations_with_replacement(singles, 1 if star.one_copy else 2):
        seen = (star.phenotype(list(pair)), star.activity_score(list(pair)), frozenset(pair) & set(star.asked_alleles))
        found.setdefault(seen, "/".join(pair))
    return tuple(found.values())


@cache
def answer(drug: str, calls: tuple[tuple[str, str], ...]):
    return respond(dict(calls), [drug]).drug(drug)
