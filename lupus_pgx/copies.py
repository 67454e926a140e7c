"""How many copies of a gene a sample has: one in males on chromosome X."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lupus_pgx.genotypes import ABSENT_COPY, MISSING, Genotypes
from lupus_pgx.terms import LocusStatus, Sex
from lupus_pgx.vcf import BoolArray


def settle_copies(genotypes: Genotypes, sex: Mapping[str, Sex]) -> None:
    """Give males one haplotype at X-linked loci, and take half of what a female's haploid genotype claims.

    Callers code males as ``1`` or as ``1/1``. Where the sex is not known, one haploid genotype
    in a gene tells a male; all others are read as they stand. A heterozygous male genotype
    contradicts itself and is not used.

    Parameters
    ----------
    genotypes : Genotypes
        Changed in place.
    sex : mapping of sample to Sex
    """
    stated = np.array([sex.get(sample) == Sex.MALE for sample in genotypes.sample_ids])
    female = np.array([sex.get(sample) == Sex.FEMALE for sample in genotypes.sample_ids])
    rows_of: dict[str, list[int]] = {}
    for number, locus in enumerate(genotypes.loci):
        if locus.x_linked:
            rows_of.setdefault(locus.gene, []).append(number)
    for rows in rows_of.values():
        haploid = (genotypes.alleles[rows, :, 1] == ABSENT_COPY) & (genotypes.alleles[rows, :, 0] >= 0)
        male = (stated | haploid.any(axis=0)) & ~female
        for row in rows:
            _halve(genotypes, row, female)
            _reduce(genotypes, row, male)


def _reduce(genotypes: Genotypes, row: int, male: BoolArray) -> None:
    """Keep one haplotype of males."""
    alleles, status = genotypes.alleles[row], genotypes.status[row]
    two = male & (alleles[:, 1] != ABSENT_COPY)
    differ = two & (alleles[:, 0] != alleles[:, 1])
    contradicting = differ & (alleles >= 0).all(axis=1)
    half = differ & ~contradicting
    alleles[half, 0] = alleles[half].max(axis=1)
    alleles[contradicting, 0] = MISSING
    status[contradicting] = LocusStatus.NO_CALL.code
    if contradicting.any():
        genotypes.notes[row, LocusStatus.NO_CALL] = "heterozygous on the single X chromosome of a male"
    recovered = half & (alleles[:, 0] >= 0) & (status == LocusStatus.HALF_CALL.code)
    status[recovered] = LocusStatus.OBSERVED.code
    alleles[male, 1] = ABSENT_COPY
    genotypes.phase_sets[row][male] = 0


def _halve(genotypes: Genotypes, row: int, female: BoolArray) -> None:
    """Treat a haploid genotype of a female as half of a genotype."""
    alleles, status = genotypes.alleles[row], genotypes.status[row]
    single = female & (alleles[:, 1] == ABSENT_COPY)
    alleles[single, 1] = MISSING
    known = single & (status == LocusStatus.OBSERVED.code)
    status[known] = LocusStatus.HALF_CALL.code
