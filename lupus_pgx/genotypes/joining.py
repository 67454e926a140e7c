"""What the records of one locus say, judged and joined."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import combine, number_keys
from lupus_pgx.genotypes.model import (
    ABSENT_COPY,
    MISSING,
    PHASE_FILE,
    PHASE_RECORD,
    UNEXPECTED,
    AlleleArray,
    Column,
    Genotypes,
    PhaseArray,
    Quality,
    States,
    StatusArray,
    letter_code,
    status_table,
)
from lupus_pgx.genotypes.readings import Reading
from lupus_pgx.terms import LocusStatus
from lupus_pgx.vcf.records import BoolArray, Genotyped, IntArray, RawRecord

FloatArray = npt.NDArray[np.float64]

_IS_USABLE = status_table((LocusStatus.OBSERVED, LocusStatus.UNEXPECTED_ALLELE, LocusStatus.HALF_CALL))
_IS_BLANK = status_table((LocusStatus.NO_RECORD, LocusStatus.REF_MISMATCH))


def phased_states(record: Genotyped, file_number: int, shared: int) -> tuple[Genotyped, PhaseArray]:
    """Tell genotypes of a record apart by phase set as well.

    Parameters
    ----------
    record : Genotyped
    file_number : int
        Phase sets of different files never join.
    shared : int
        Number of the record if it changes several loci, else 0: alleles of one record lie on
        one haplotype, though the record itself is unphased.

    Returns
    -------
    record : Genotyped
        The same genotypes, with one word for each pair of genotype and phase set.
    phase : ndarray of int, shape (values,)
        By PS where stated, else one set per contig and file; 0 where unphased.
    """
    base = (file_number + 1) * PHASE_FILE
    together = base + PHASE_RECORD + shared if shared else 0
    if record.phase_sets is None:
        return record, np.where(record.phased, base, together)
    sets = np.maximum(record.phase_sets.astype(np.int64), -1) + 1
    distinct, numbers = number_keys(sets, int(sets.max(initial=0)) + 1)
    example, index = combine([(record.index, len(record.words)), (numbers, len(distinct))], len(sets))
    chosen = record.index[example]
    stated = base + distinct[numbers[example]]
    words, phased = record.words[chosen], record.phased[chosen]
    again = replace(
        record, words=words, phased=phased, index=index, phase_sets=None,
        polyploid=None if record.polyploid is None else record.polyploid[chosen],
    )  # fmt: skip
    return again, np.where(phased, stated, together)


def enter(
    genotypes: Genotypes, locus: int, record: RawRecord, columns: Genotyped, phase: PhaseArray,
    reading: Reading, quality: Quality,
) -> None:  # fmt: skip
    """Enter one record into the genotypes of one locus; ``phase`` numbers the phase set of each word."""
    if reading.mismatch:
        enter_mismatch(genotypes, locus, record)
        return
    if record.filters:
        genotypes.notes[locus, LocusStatus.FILTERED] = f"FILTER {record.filters}"
    codes = np.array([letter_code(genotypes, locus, code) for code in reading.codes], np.int16)
    called = columns.words >= 0
    listed = called & (columns.words < len(codes))
    alleles = np.where(called, MISSING, columns.words).astype(np.int16)
    alleles[listed] = codes[columns.words[listed]]
    haploid = genotypes.loci[locus].x_linked
    # One copy is believed on X only, and there only where it is called: elsewhere a second one is missing.
    absent = alleles[:, 1] == ABSENT_COPY
    alleles[absent & ((alleles[:, 0] == MISSING) | (not haploid)), 1] = MISSING
    index = columns.index
    weak = _below(columns, quality)
    if weak is not None and weak.any():
        example, index = combine([(columns.index, len(alleles)), (weak.view(np.uint8), 2)], len(index))
        words = columns.index[example]
        status = _statuses(alleles[words], weak[example], bool(record.filters))
        new = Column(States(alleles[words], phase[words], status), index)
    else:
        nothing = np.zeros(len(alleles), bool)
        new = Column(States(alleles, phase, _statuses(alleles, nothing, bool(record.filters))), index)
    genotypes.columns[locus] = _joined(genotypes, locus, genotypes.columns[locus], new)


def enter_mismatch(genotypes: Genotypes, locus: int, record: RawRecord) -> None:
    """Note that a record at a locus has another base than the build."""
    old = genotypes.columns[locus]
    blank = old.states.status == LocusStatus.NO_RECORD.code
    status = np.where(blank, np.uint8(LocusStatus.REF_MISMATCH.code), old.states.status)
    genotypes.columns[locus] = Column(States(old.states.alleles, old.states.phase, status), old.index)
    site = genotypes.loci[locus].sites[genotypes.build]
    note = f"the record's REF {record.ref} is not the {genotypes.build} base {site.ref}"
    genotypes.notes[locus, LocusStatus.REF_MISMATCH] = note


def _statuses(alleles: AlleleArray, weak: BoolArray, filtered: bool) -> StatusArray:
    """Judge genotypes; the first reason that applies from the bottom up wins."""
    missing = alleles == MISSING
    status = np.full(len(alleles), LocusStatus.OBSERVED.code, np.uint8)
    status[(alleles >= UNEXPECTED).any(axis=1)] = LocusStatus.UNEXPECTED_ALLELE.code
    status[missing.any(axis=1)] = LocusStatus.HALF_CALL.code
    status[missing.all(axis=1)] = LocusStatus.NO_CALL.code
    called = ~missing.all(axis=1)
    status[called & weak] = LocusStatus.LOW_QUALITY.code
    if filtered:
        status[called] = LocusStatus.FILTERED.code
    return status


def _below(record: Genotyped, quality: Quality) -> BoolArray | None:
    """Return where a genotype is too weak: GQ or DP 0 on a reference call, or below a threshold."""
    fraction = quality.min_allele_fraction is not None and record.allele_depths is not None
    if record.quality is None and record.depth is None and not fraction:
        return None
    weak = np.zeros(len(record.index), bool)
    reference = ((record.words == 0) | (record.words == ABSENT_COPY)).all(axis=1)[record.index]
    for values, threshold in ((record.quality, quality.min_gq), (record.depth, quality.min_dp)):
        if values is None:
            continue
        stated = values >= 0
        weak |= reference & stated & (values == 0)
        if threshold is not None:
            weak |= stated & (values < threshold)
    if quality.min_allele_fraction is not None and record.allele_depths is not None:
        weak |= _lowest_fraction(record.words[record.index], record.allele_depths) < quality.min_allele_fraction
    return weak


def _lowest_fraction(genotypes: IntArray, depths: IntArray) -> FloatArray:
    """Return the smallest share of reads that a called allele has; 1 where it is not known."""
    total = np.maximum(depths, 0).sum(axis=1)
    lowest = np.ones(len(genotypes))
    for column in range(2):
        allele = genotypes[:, column]
        usable = (allele >= 0) & (allele < depths.shape[1]) & (total > 0)
        share = depths[usable, allele[usable]] / total[usable]
        lowest[usable] = np.minimum(lowest[usable], share)
    return lowest


def _joined(genotypes: Genotypes, locus: int, old: Column, new: Column) -> Column:
    """Join a record with what other records of the same locus already said."""
    if len(old.states) == 1 and _IS_BLANK[old.states.status[0]]:
        return new
    example, index = combine([(old.index, len(old.states)), (new.index, len(new.states))], len(new.index))
    was, says = old.states.take(old.index[example]), new.states.take(new.index[example])
    blank = _IS_BLANK[was.status]
    both = ~blank & _IS_USABLE[was.status] & _IS_USABLE[says.status]
    # A worse record takes the locus: what it would have said is unknown.
    worse = ~blank & ~both & _IS_USABLE[was.status]
    reference = genotypes.loci[locus].sites[genotypes.build].reference_code
    plain = both & (was.alleles == reference).all(axis=1)
    for taken, with_phase in ((blank, True), (worse, False), (plain, True)):
        was.alleles[taken] = says.alleles[taken]
        if with_phase:
            was.phase[taken] = says.phase[taken]
        if taken is not plain:
            was.status[taken] = says.status[taken]
    for pair in np.flatnonzero(both & ~plain & ~(says.alleles == reference).all(axis=1)).tolist():
        together = bool(says.phase[pair] != 0 and was.phase[pair] == says.phase[pair])
        joined = _join_pair(was.alleles[pair].tolist(), says.alleles[pair].tolist(), reference, phased=together)
        if joined is None:
            was.alleles[pair] = MISSING
            was.status[pair] = LocusStatus.NO_CALL.code
            genotypes.notes[locus, LocusStatus.NO_CALL] = "records at this locus contradict each other"
        else:
            was.alleles[pair] = joined
            was.phase[pair] = says.phase[pair] if together else 0
    single = (was.alleles == ABSENT_COPY) & genotypes.loci[locus].x_linked
    missing = ((was.alleles < 0) & ~single).any(axis=1)
    odd = (was.alleles >= UNEXPECTED).any(axis=1)
    resolved = both & ~(was.alleles < 0).all(axis=1)
    was.status[resolved] = LocusStatus.OBSERVED.code
    was.status[resolved & odd] = LocusStatus.UNEXPECTED_ALLELE.code
    was.status[resolved & missing] = LocusStatus.HALF_CALL.code
    return Column(was, index)


def _join_pair(first: list[int], second: list[int], reference: int, *, phased: bool) -> list[int] | None:
    """Join the genotypes that two records state for one locus, or None if they contradict each other.

    Phased genotypes are joined haplotype by haplotype; otherwise changed alleles are counted.
    """
    if first[1] == second[1] == ABSENT_COPY:
        only = _join_haplotype(first[0], second[0], reference)
        return None if only is None else [only, ABSENT_COPY]
    if first == second or (not phased and sorted(first) == sorted(second)):
        return first
    if phased:
        joined = [_join_haplotype(one, other, reference) for one, other in zip(first, second, strict=True)]
        known = [MISSING if code is None else code for code in joined]
        # A haplotype on which the records agree stands, whatever they say of the other.
        return None if set(known) == {MISSING} and None in joined else known
    changed = [code for code in (*first, *second) if code not in (reference, MISSING)]
    if MISSING in (*first, *second):
        # The missing half of one record may be the changed half of the other.
        return sorted(changed) if len(changed) == 2 else [*changed, MISSING] if len(changed) == 1 else None
    return sorted(changed) if len(changed) == 2 else None


def _join_haplotype(one: int, other: int, reference: int) -> int | None:
    """Join what two records say of one haplotype, or None if they contradict each other."""
    changed = {one, other} - {reference, MISSING}
    if changed:
        return changed.pop() if len(changed) == 1 else None
    return MISSING if MISSING in (one, other) else reference
