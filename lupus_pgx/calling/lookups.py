"""The one locus by which some guidelines look up a phenotype where no pair of named alleles fits."""

from __future__ import annotations

from typing import NamedTuple

from lupus_pgx.calling.patterns import SEEN, Pattern
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.terms import Build


class LookedUp(NamedTuple):
    """A phenotype that comes from one locus.

    Attributes
    ----------
    phenotype : str
    shown : str
        Locus and bases, such as ``rs4149056 C/C``.
    note : str
    """

    phenotype: str
    shown: str
    note: str


def looked_up(star: StarGene, pattern: Pattern) -> LookedUp | None:
    """Return the phenotype by the fallback locus of a gene.

    None where the gene has no such locus, or where its genotype is not sure on both copies: an assumed, doubtful or
    imputed one is not enough.
    """
    fallback = star.fallback
    if fallback is None:
        return None
    loci = star.haplotypes.loci
    number = next(place for place, locus in enumerate(loci) if locus.name == fallback.locus)
    letters = loci[number].sites[Build.GRCH38].letters
    codes = (pattern.first[number], pattern.second[number])
    if pattern.basis[number] != SEEN or pattern.doubt[number] or not all(0 <= code < len(letters) for code in codes):
        return None
    first, second = sorted(letters[code] for code in codes)
    phenotype = fallback.phenotypes.get((first, second))
    if phenotype is None:
        return None
    return LookedUp(phenotype, f"{fallback.locus} {first}/{second}", fallback.says)
