"""How many copies of a gene a sample has: one in males on chromosome X."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lupus_pgx.encoded import combine
from lupus_pgx.genotypes.model import ABSENT_COPY, MISSING, Column, Genotypes, States
from lupus_pgx.terms import LocusStatus, Sex
from lupus_pgx.vcf.records import BoolArray


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
    rows_of: dict[str, list[int]] = {}
    for number, locus in enumerate(genotypes.loci):
        if locus.x_linked:
            rows_of.setdefault(locus.gene, []).append(number)
    if not rows_of:
        return
    stated = _having(genotypes.sample_ids, sex, Sex.MALE)
    female = _having(genotypes.sample_ids, sex, Sex.FEMALE)
    for rows in rows_of.values():
        haploid = np.zeros(len(genotypes.sample_ids), bool)
        for row in rows:
            column = genotypes.columns[row]
            alleles = column.states.alleles
            haploid |= column.spread((alleles[:, 1] == ABSENT_COPY) & (alleles[:, 0] >= 0))
        male = (stated | haploid) & ~female
        for row in rows:
            _settle(genotypes, row, male, female)


def _having(samples: Sequence[str], sex: Mapping[str, Sex], wanted: Sex) -> BoolArray:
    if not sex:
        return np.zeros(len(samples), bool)
    return np.fromiter((sex.get(sample) == wanted for sample in samples), bool, len(samples))


def _settle(genotypes: Genotypes, row: int, male: BoolArray, female: BoolArray) -> None:
    """Settle one locus, once for each distinct genotype and sex."""
    column = genotypes.columns[row]
    columns = ((column.index, len(column.states)), (male.view(np.uint8), 2), (female.view(np.uint8), 2))
    example, index = combine(columns, len(male))
    states = column.states.take(column.index[example])
    _halve(states, female[example])
    if _reduce(states, male[example]):
        genotypes.notes[row, LocusStatus.NO_CALL] = "heterozygous on the single X chromosome of a male"
    genotypes.columns[row] = Column(states, index)


def _reduce(states: States, male: BoolArray) -> bool:
    """Keep one haplotype of males; return whether any of them was heterozygous."""
    alleles, status = states.alleles, states.status
    two = male & (alleles[:, 1] != ABSENT_COPY)
    differ = two & (alleles[:, 0] != alleles[:, 1])
    contradicting = differ & (alleles >= 0).all(axis=1)
    half = differ & ~contradicting
    alleles[half, 0] = alleles[half].max(axis=1)
    alleles[contradicting, 0] = MISSING
    status[contradicting] = LocusStatus.NO_CALL.code
    recovered = half & (alleles[:, 0] >= 0) & (status == LocusStatus.HALF_CALL.code)
    status[recovered] = LocusStatus.OBSERVED.code
    alleles[male, 1] = ABSENT_COPY
    states.phase[male] = 0
    return bool(contradicting.any())


def _halve(states: States, female: BoolArray) -> None:
    """Treat a haploid genotype of a female as half of a genotype."""
    single = female & (states.alleles[:, 1] == ABSENT_COPY)
    states.alleles[single, 1] = MISSING
    known = single & (states.status == LocusStatus.OBSERVED.code)
    states.status[known] = LocusStatus.HALF_CALL.code
