"""The one locus by which some guidelines look up a phenotype where no pair of named alleles fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lupus_pgx.calling.patterns import SEEN, Pattern
from lupus_pgx.genotypes.codes import UNEXPECTED
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.terms import Build


class LookedUp(NamedTuple):
    """A phenotype that comes from one locus.

    Attributes
    ----------
    phenotype : str
        Empty where another variant that harms the gene was seen, so that it may be any of ``possible``.
    shown : str
        Locus and bases, such as ``rs4149056 C/C``.
    note : str
    possible : tuple of str
        Phenotypes among which it is open.
    """

    phenotype: str
    shown: str
    note: str
    possible: tuple[str, ...] = ()


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
    possible, others = _with_others(star, pattern, number, letters)
    if len(possible) > 1:
        seen = ", ".join(others)
        says = f"not read from {fallback.locus} alone: {seen}, by which alleles lose function, was seen too"
        return LookedUp("", "", says, possible)
    return LookedUp(phenotype, f"{fallback.locus} {first}/{second}", fallback.says)


def unread(star: StarGene, pattern: Pattern) -> str:
    """Return the fallback locus of a gene where its genotype is assumed or not sure: to be called; else nothing."""
    if star.fallback is None:
        return ""
    number = [locus.name for locus in star.haplotypes.loci].index(star.fallback.locus)
    unsure = not pattern.missing[number] and (pattern.basis[number] != SEEN or pattern.doubt[number])
    return star.fallback.locus if unsure else ""


def _with_others(
    star: StarGene, pattern: Pattern, number: int, letters: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the phenotype may be for the other harmful variants that were seen, and their loci."""
    assert star.fallback is not None
    # A base that no allele has may do what the known change of that locus does.
    lost = {place for place, _ in star.harmful}
    found = {
        place: sum(
            (place, code) in star.harmful or (code >= UNEXPECTED and place in lost)
            for code in (pattern.first[place], pattern.second[place])
        )
        for place in range(len(star.haplotypes.loci))
    }
    others = tuple(star.haplotypes.loci[place].name for place, copies in found.items() if copies and place != number)
    most = sum(copies for place, copies in found.items() if place != number)
    codes = [pattern.first[number], pattern.second[number]]
    worst = next((code for code in range(len(letters)) if (number, code) in star.harmful), None)
    free = [place for place, code in enumerate(codes) if (number, code) not in star.harmful]
    possible = []
    # Each may lie on a copy that is harmed already, or on one that is not.
    for harmed in range(min(most, len(free)) + 1):
        told = [worst if place in free[:harmed] else code for place, code in enumerate(codes)]
        first, second = sorted(letters[code] for code in told if code is not None)
        possible.append(star.fallback.phenotypes.get((first, second), ""))
    return tuple(dict.fromkeys(filter(None, possible))), others
