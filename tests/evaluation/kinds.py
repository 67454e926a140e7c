"""Kinds of files whose caller did not look at every locus, made from the real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.cuts import EXON, Mask, Person, Real

SEED = 2026


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes
    ----------
    name : str
    mask : callable
        Which records the file may hold.
    sites : str
        ``variants``: those that somebody carries; ``all``: also those that nobody carries, as an array lists them.
    cohort : bool
        Of fifty people together; else of one.
    joined : bool
        The person is joined to one whose whole genome was read, without a genotype where only that one was looked at.
    """

    name: str
    mask: Callable[[Real], Mask]
    sites: str = "variants"
    cohort: bool = False
    joined: bool = False

    def write(self, real: Real, path: Path, people: Sequence[Person]) -> Path:
        """Write a file of this kind."""
        mask = self.mask(real)
        if not self.joined:
            return real.write(path, people, mask, sites=self.sites)
        other = next(person for person in real.people if person not in people)
        number = real.numbers[people[0].sample]
        own = real.calls[:, number].copy()
        real.calls[~mask, number] = b"./."
        try:
            return real.write(path, [*people, other])
        finally:
            real.calls[:, number] = own


def _random(share: float) -> Callable[[Real], Mask]:
    return lambda real: np.random.default_rng(SEED).random(len(real.pos)) < share


def _exome(real: Real) -> Mask:
    return real.near(real.loci(coding=True), EXON)


def _of_genes(real: Real, *genes: str, reach: int, coding: bool = False) -> Mask:
    return real.near([place for gene in genes for place in real.loci(gene=gene, coding=coding)], reach)


def _first_half(real: Real) -> Mask:
    kept = np.zeros(len(real.pos), bool)
    for gene in real.knowledge.loci_by_gene:
        places = real.loci(gene=gene)
        if places:
            middle = (min(pos for _, pos in places) + max(pos for _, pos in places)) // 2
            kept |= (real.chroms == places[0][0]) & (abs(real.pos - middle) < 300_000) & (real.pos < middle)
    return kept


def _small(real: Real) -> Mask:
    return _of_genes(real, "TPMT", "NUDT15", "CYP3A4", reach=EXON, coding=True)


def _common(real: Real) -> Mask:
    found: Mask = real.carriers() > 0.05
    return found


KINDS = (
    Kind("amplicons of TPMT and NUDT15", lambda real: _of_genes(real, "TPMT", "NUDT15", reach=100)),
    Kind("amplicons of TPMT and NUDT15", lambda real: _of_genes(real, "TPMT", "NUDT15", reach=100), cohort=True),
    Kind("exons of TPMT, NUDT15 and CYP3A4", _small),
    Kind("exons of TPMT, NUDT15 and CYP3A4", _small, cohort=True),
    Kind("exome", _exome),
    Kind("exome", _exome, cohort=True),
    Kind("exome, 5 % of the rest off target", lambda real: _exome(real) | _random(0.05)(real)),
    Kind("exome, 5 % of the rest off target", lambda real: _exome(real) | _random(0.05)(real), cohort=True),
    Kind("array, a site in 4,000 bases, variants", lambda real: real.thinned(4_000)),
    Kind("array, a site in 4,000 bases, all sites", lambda real: real.thinned(4_000), sites="all"),
    Kind("array, a site in 4,000 bases", lambda real: real.thinned(4_000), cohort=True),
    Kind("array, a site in 1,500 bases, variants", lambda real: real.thinned(1_500)),
    Kind("array, a site in 1,500 bases, all sites", lambda real: real.thinned(1_500), sites="all"),
    Kind("array, a site in 1,500 bases", lambda real: real.thinned(1_500), cohort=True),
    Kind("low-pass, 30 % of the variants found", _random(0.3)),
    Kind("low-pass, 30 % of the variants found", _random(0.3), cohort=True),
    Kind("only variants of 5 % and more", _common, cohort=True),
    Kind("without chr6", lambda real: real.chroms != "chr6"),
    Kind("MHC only", lambda real: (real.chroms == "chr6") & (real.pos > 28_000_000)),
    Kind("a hole of 4,000 bases at each locus", lambda real: ~real.near(real.loci(), 2_000)),
    Kind("a hole of 4,000 bases at each locus of TPMT", lambda real: ~_of_genes(real, "TPMT", reach=2_000)),
    Kind("first half of each gene", _first_half),
    Kind("every other 10,000 bases", lambda real: real.pos // 10_000 % 2 == 0),
    Kind("amplicons joined to a whole genome", lambda real: _of_genes(real, "TPMT", "NUDT15", reach=100), joined=True),
)
