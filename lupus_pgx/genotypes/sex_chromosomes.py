"""How many copies of a gene a sample has: one in males on chromosome X."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lupus_pgx.encoded import combine
from lupus_pgx.genotypes.codes import ABSENT_COPY, MISSING, UNEXPECTED, status_table
from lupus_pgx.genotypes.column import Column, States
from lupus_pgx.genotypes.doubt import Doubt
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.terms import LocusStatus, Sex
from lupus_pgx.vcf.records import BoolArray

_IS_CALLED = status_table(
    (
        LocusStatus.OBSERVED,
        LocusStatus.HALF_CALL,
        LocusStatus.UNEXPECTED_ALLELE,
        LocusStatus.DOUBTFUL,
        LocusStatus.IMPUTED,
    )
)


TELLING = 2
"""Haploid cells that tell a male, if there is no other called one."""


def settle_copies(genotypes: Genotypes, sex: Mapping[str, Sex]) -> None:
    """Give males one haplotype at X-linked loci, and take half of what a haploid genotype of others claims.

    Callers code males as ``1`` or as ``1/1``. A sex that is given decides. Where it is not given, a sample is
    male only if all its called cells of the genes on X, two at least, are haploid. Otherwise both stay open: a
    haploid cell is then half a genotype, so that nothing rests on it that one copy or two would change, and
    diploid cells stand as they are (two equal alleles mean the same in one copy). Two different alleles of a
    male, or one beside an unknown other, are doubt: either may be his.

    Parameters
    ----------
    genotypes : Genotypes
        Changed in place.
    sex : mapping of sample to Sex
    """
    rows = [number for number, locus in enumerate(genotypes.loci) if locus.x_linked]
    if not rows:
        return
    stated = _having(genotypes.sample_ids, sex, Sex.MALE)
    female = _having(genotypes.sample_ids, sex, Sex.FEMALE)
    haploid = np.zeros(len(genotypes.sample_ids), np.int64)
    diploid = np.zeros(len(genotypes.sample_ids), np.int64)
    for row in rows:
        column = genotypes.columns[row]
        single = column.states.alleles[:, 1] == ABSENT_COPY
        called = (column.states.alleles[:, 0] != MISSING) | (~single & (column.states.alleles[:, 1] != MISSING))
        called &= _IS_CALLED[column.states.status]
        haploid += column.spread(called & single)
        diploid += column.spread(called & ~single)
    # One diploid cell is enough to doubt it: a woman with a half-called file must not lose an allele.
    told = (haploid >= TELLING) & (diploid == 0)
    male = stated | (told & ~female)
    for row in rows:
        _settle(genotypes, row, male)


def _having(samples: Sequence[str], sex: Mapping[str, Sex], wanted: Sex) -> BoolArray:
    if not sex:
        return np.zeros(len(samples), bool)
    return np.fromiter((sex.get(sample) == wanted for sample in samples), bool, len(samples))


def _settle(genotypes: Genotypes, row: int, male: BoolArray) -> None:
    """Settle one locus, once for each distinct genotype and sex."""
    column = genotypes.columns[row]
    example, index = combine(((column.index, len(column.states)), (male.view(np.uint8), 2)), len(male))
    states = column.states.take(column.index[example])
    if _halve(states, ~male[example]):
        genotypes.notes[row, LocusStatus.HALF_CALL] = "one allele, and nothing that tells a male: half a genotype"
    for status, note in _reduce(genotypes, row, states, male[example]).items():
        genotypes.notes[row, status] = note
    genotypes.columns[row] = Column(states, index)


def _reduce(genotypes: Genotypes, row: int, states: States, male: BoolArray) -> dict[LocusStatus, str]:
    """Keep one haplotype of males; say where two cannot be one."""
    alleles, status = states.alleles, states.status
    two = male & (alleles[:, 1] != ABSENT_COPY)
    differ = two & (alleles[:, 0] != alleles[:, 1]) & _IS_CALLED[status]
    reference = genotypes.loci[row].sites[genotypes.build].reference_code
    notes = {}
    for state in np.flatnonzero(differ).tolist():
        pair = alleles[state].tolist()
        half = MISSING in pair
        # What is missing may be the genome's base; beside that base nothing speaks for another one.
        either = sorted({reference if code == MISSING else code for code in pair})
        told = LocusStatus.NO_CALL if len(either) == 1 or either[-1] >= UNEXPECTED else LocusStatus.DOUBTFUL
        doubt = Doubt(tuple((code, ABSENT_COPY, 0.5) for code in either), contested=True)
        states.doubt[state] = genotypes.doubt_number(doubt) if told is LocusStatus.DOUBTFUL else 0
        alleles[state, 0] = either[-1] if told is LocusStatus.DOUBTFUL else MISSING
        status[state] = told.code
        what = "half a genotype" if half else "heterozygous"
        notes[told] = f"{what} on the single X chromosome of a male"
    alleles[male, 1] = ABSENT_COPY
    states.phase[male] = 0
    return notes


def _halve(states: States, others: BoolArray) -> bool:
    """Treat a haploid genotype of those not known to be male as half of one; return whether there was any."""
    single = others & (states.alleles[:, 1] == ABSENT_COPY)
    states.alleles[single, 1] = MISSING
    known = single & (states.status == LocusStatus.OBSERVED.code)
    states.status[known] = LocusStatus.HALF_CALL.code
    # A doubt counts how sure both copies are; of half a genotype it says nothing that could be used.
    unsure = single & (states.doubt > 0)
    states.status[unsure] = LocusStatus.LOW_QUALITY.code
    states.doubt[unsure] = 0
    return bool(known.any())
