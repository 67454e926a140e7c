"""Genotypes of samples at the panel loci, with a reason for every missing one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from lupus_pgx import registry
from lupus_pgx.builds import BuildProof
from lupus_pgx.loci import Locus
from lupus_pgx.locus_alleles import Reading
from lupus_pgx.terms import LOCUS_STATUSES, AbsentPolicy, Build, LocusStatus
from lupus_pgx.vcf import BoolArray, IntArray, Record

MISSING = -1
"""Allele code of an unknown haplotype."""
ABSENT_COPY = -2
"""Allele code of a haplotype the sample does not have."""
UNEXPECTED = 64
"""Allele codes from here on number the unexpected alleles of a locus."""

FloatArray = npt.NDArray[np.float64]

PhaseArray = npt.NDArray[np.int64]

_PHASE_FILE = 1 << 40  # phase sets of different files never join
_PHASE_RECORD = 1 << 36  # from here on sets are the loci that one record changes together

_KNOWN = (LocusStatus.OBSERVED, LocusStatus.COVERED_REFERENCE, LocusStatus.ASSUMED_REFERENCE)
KNOWN_CODES = np.array([status.code for status in _KNOWN], dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Quality:
    """Thresholds below which a genotype is not used; None switches a test off."""

    min_gq: int | None = None
    min_dp: int | None = None
    min_allele_fraction: float | None = None


@dataclass(frozen=True, slots=True)
class Unlisted:
    """An annotated variant of a panel gene that no allele definition lists.

    ``genotypes`` holds the letters of each carrier by sample number.
    """

    gene: str
    name: str
    rsid: str
    chrom: str
    pos: int
    ref: str
    alt: str
    effect: str
    genotypes: Mapping[int, str]


@dataclass(slots=True, repr=False)
class Genotypes(registry.Framed):
    """Genotypes of samples at panel loci.

    Attributes
    ----------
    build : Build
    sample_ids : tuple of str
    loci : tuple of Locus
        Panel loci, grouped by gene, in genome order within a gene.
    alleles : ndarray of int16, shape (loci, samples, 2)
        Allele codes of the two haplotypes; negative codes are missing (-1) or no copy (-2).
    phase_sets : ndarray of int64, shape (loci, samples)
        0 where unphased; loci with the same number in a sample are phased together.
    status : ndarray of uint8, shape (loci, samples)
        Index into :data:`lupus_pgx.terms.LOCUS_STATUSES`.
    unexpected : tuple of list of str
        Letters of the unexpected alleles of each locus, by code minus ``UNEXPECTED``.
    proofs : tuple of (path, BuildProof)
        How the build of each file was proven.
    notes : dict
        Remarks by (locus number, status): why records of a locus were not used.
    sample_notes : dict
        Remarks by (locus number, sample number), where files were joined.
    unlisted : tuple of Unlisted
        Annotated variants outside the defined loci.
    """

    build: Build
    sample_ids: tuple[str, ...]
    loci: tuple[Locus, ...]
    alleles: npt.NDArray[np.int16]
    phase_sets: npt.NDArray[np.int64]
    status: npt.NDArray[np.uint8]
    unexpected: tuple[list[str], ...]
    absent: AbsentPolicy = AbsentPolicy.UNKNOWN
    proofs: tuple[tuple[str, BuildProof], ...] = ()
    notes: dict[tuple[int, LocusStatus], str] = field(default_factory=dict)
    sample_notes: dict[tuple[int, int], str] = field(default_factory=dict)
    unlisted: tuple[Unlisted, ...] = ()

    @classmethod
    def empty(cls, build: Build, sample_ids: Sequence[str], loci: Sequence[Locus]) -> Genotypes:
        """Return genotypes in which no locus has a record."""
        shape = (len(loci), len(sample_ids))
        return cls(
            build=build,
            sample_ids=tuple(sample_ids),
            loci=tuple(loci),
            alleles=np.full((*shape, 2), MISSING, np.int16),
            phase_sets=np.zeros(shape, np.int64),
            status=np.full(shape, LocusStatus.NO_RECORD.code, np.uint8),
            unexpected=tuple([] for _ in loci),
        )

    def of_loci(self, loci: Sequence[Locus]) -> list[int]:
        """Return the row numbers of loci."""
        rows = {(locus.gene, locus.name): number for number, locus in enumerate(self.loci)}
        return [rows[locus.gene, locus.name] for locus in loci]

    def letters(self, locus: int, code: int) -> str:
        """Return the letters of an allele code at a locus."""
        if code >= UNEXPECTED:
            return self.unexpected[locus][code - UNEXPECTED]
        return self.loci[locus].sites[self.build].letters[code] if code >= 0 else "."

    def note(self, locus: int, sample: int, status: LocusStatus) -> str:
        """Return why records of a locus were not used for a sample, if anything is to be said."""
        return self.sample_notes.get((locus, sample)) or self.notes.get((locus, status), "")

    def known(self) -> BoolArray:
        """Return where a genotype can be used, shape (loci, samples)."""
        return np.isin(self.status, KNOWN_CODES)

    def looks_variant_only(self) -> BoolArray:
        """Return for each sample whether no panel locus is recorded as homozygous reference."""
        reference = np.array([locus.sites[self.build].reference_code for locus in self.loci], np.int16)
        same = (self.alleles == reference[:, None, None]) | (self.alleles == ABSENT_COPY)
        both = same.all(axis=2) & (self.alleles[:, :, 0] >= 0)
        recorded = np.isin(self.status, [LocusStatus.OBSERVED.code, LocusStatus.COVERED_REFERENCE.code])
        homozygous_reference: BoolArray = (both & recorded).any(axis=0)
        return ~homozygous_reference

    def select(self, samples: Sequence[int]) -> Genotypes:
        """Return the genotypes of some samples, by number."""
        chosen = list(samples)
        numbers = {old: new for new, old in enumerate(chosen)}
        return Genotypes(
            self.build,
            tuple(self.sample_ids[number] for number in chosen),
            self.loci,
            self.alleles[:, chosen],
            self.phase_sets[:, chosen],
            self.status[:, chosen],
            self.unexpected,
            self.absent,
            self.proofs,
            self.notes,
            {(locus, numbers[old]): note for (locus, old), note in self.sample_notes.items() if old in numbers},
            renumber_unlisted(self.unlisted, numbers),
        )


def renumber_unlisted(unlisted: Sequence[Unlisted], numbers: Mapping[int, int]) -> tuple[Unlisted, ...]:
    """Return unlisted variants with new sample numbers; samples without a number are dropped."""
    kept = []
    for item in unlisted:
        genotypes = {numbers[old]: letters for old, letters in item.genotypes.items() if old in numbers}
        if genotypes:
            kept.append(replace(item, genotypes=genotypes))
    return tuple(kept)


def enter(
    genotypes: Genotypes, locus: int, record: Record, reading: Reading, phase: PhaseArray, quality: Quality
) -> None:
    """Enter one record into the genotypes of one locus; ``phase`` numbers the phase set of each sample."""
    if reading.mismatch:
        blank = genotypes.status[locus] == LocusStatus.NO_RECORD.code
        genotypes.status[locus][blank] = LocusStatus.REF_MISMATCH.code
        site = genotypes.loci[locus].sites[genotypes.build]
        note = f"the record's REF {record.ref} is not the {genotypes.build} base {site.ref}"
        genotypes.notes[locus, LocusStatus.REF_MISMATCH] = note
        return
    if not record.passed:
        genotypes.notes[locus, LocusStatus.FILTERED] = f"FILTER {record.filters}"
    codes = np.array([letter_code(genotypes, locus, code) for code in reading.codes], np.int16)
    alleles = np.where(record.genotypes < 0, record.genotypes, 0).astype(np.int16)
    known = record.genotypes >= 0
    beyond = record.genotypes >= len(codes)
    alleles[known & ~beyond] = codes[record.genotypes[known & ~beyond]]
    alleles[beyond] = MISSING
    status = _statuses(alleles, record, quality, haploid=genotypes.loci[locus].x_linked)
    _merge(genotypes, locus, alleles, status, phase)


def letter_code(genotypes: Genotypes, locus: int, code: int | str) -> int:
    """Return an allele code; the letters of an unexpected allele get the next free one."""
    if isinstance(code, int):
        return code
    letters = genotypes.unexpected[locus]
    if code not in letters:
        letters.append(code)
    return UNEXPECTED + letters.index(code)


def _statuses(
    alleles: npt.NDArray[np.int16], record: Record, quality: Quality, *, haploid: bool
) -> npt.NDArray[np.uint8]:
    """Judge each genotype of a record; the first reason that applies from the bottom up wins."""
    # A single allele on an autosome is half of a genotype.
    missing = (alleles == MISSING) | ((alleles == ABSENT_COPY) & (not haploid))
    missing[:, 1] |= missing[:, 0] & (alleles[:, 1] == ABSENT_COPY)
    status = np.full(len(alleles), LocusStatus.OBSERVED.code, np.uint8)
    status[(alleles >= UNEXPECTED).any(axis=1)] = LocusStatus.UNEXPECTED_ALLELE.code
    status[missing.any(axis=1)] = LocusStatus.HALF_CALL.code
    status[missing.all(axis=1)] = LocusStatus.NO_CALL.code
    called = ~missing.all(axis=1)
    status[called & _below(record, quality)] = LocusStatus.LOW_QUALITY.code
    if not record.passed:
        status[called] = LocusStatus.FILTERED.code
    return status


def _below(record: Record, quality: Quality) -> BoolArray:
    """Return where a genotype is too weak: GQ or DP 0 on a reference call, or below a threshold."""
    weak = np.zeros(len(record.genotypes), bool)
    reference = ((record.genotypes == 0) | (record.genotypes == ABSENT_COPY)).all(axis=1)
    for values, threshold in ((record.quality, quality.min_gq), (record.depth, quality.min_dp)):
        if values is None:
            continue
        stated = values >= 0
        weak |= reference & stated & (values == 0)
        if threshold is not None:
            weak |= stated & (values < threshold)
    if quality.min_allele_fraction is not None and record.allele_depths is not None:
        weak |= _lowest_fraction(record.genotypes, record.allele_depths) < quality.min_allele_fraction
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


def phase_numbers(record: Record, file_number: int, shared: int) -> PhaseArray:
    """Give each sample the number of its phase set at a record.

    Parameters
    ----------
    record : Record
    file_number : int
        Phase sets of different files never join.
    shared : int
        Number of the record if it changes several loci, else 0: alleles of one record lie on
        one haplotype, though the record itself is unphased.

    Returns
    -------
    ndarray of int, shape (samples,)
        By PS where stated, else one set per contig and file; 0 where unphased.
    """
    base = (file_number + 1) * _PHASE_FILE
    if record.phase_sets is None:
        stated = np.full(len(record.phased), base, np.int64)
    else:
        sets = record.phase_sets.astype(np.int64)
        stated = np.where(sets >= 0, base + 1 + sets, base)
    together = base + _PHASE_RECORD + shared if shared else 0
    return np.where(record.phased, stated, together)


def phase_set_name(number: int, chrom: str) -> str:
    """Return how a phase set is written: its PS, or the contig where the file has no PS."""
    if number == 0:
        return ""
    within = number % _PHASE_FILE
    if within >= _PHASE_RECORD:
        return ""
    return str(within - 1) if within else chrom


def _merge(
    genotypes: Genotypes,
    locus: int,
    alleles: npt.NDArray[np.int16],
    status: npt.NDArray[np.uint8],
    phase: npt.NDArray[np.int64],
) -> None:
    """Join a record with what other records of the same locus already said."""
    blank = np.isin(genotypes.status[locus], [LocusStatus.NO_RECORD.code, LocusStatus.REF_MISMATCH.code])
    genotypes.alleles[locus][blank] = alleles[blank]
    genotypes.status[locus][blank] = status[blank]
    genotypes.phase_sets[locus][blank] = phase[blank]
    usable = [LocusStatus.OBSERVED.code, LocusStatus.UNEXPECTED_ALLELE.code, LocusStatus.HALF_CALL.code]
    reference = genotypes.loci[locus].sites[genotypes.build].reference_code
    old, old_status = genotypes.alleles[locus], genotypes.status[locus]
    both = ~blank & np.isin(old_status, usable) & np.isin(status, usable)
    # A worse record takes the locus: what it would have said is unknown.
    worse = ~blank & ~both & np.isin(old_status, usable)
    old[worse] = alleles[worse]
    old_status[worse] = status[worse]
    homozygous = both & (old == reference).all(axis=1)
    old[homozygous] = alleles[homozygous]
    genotypes.phase_sets[locus][homozygous] = phase[homozygous]
    rest = both & ~homozygous & ~(alleles == reference).all(axis=1)
    for sample in np.flatnonzero(rest):
        together = phase[sample] != 0 and genotypes.phase_sets[locus, sample] == phase[sample]
        joined = _join_pair(old[sample].tolist(), alleles[sample].tolist(), reference, phased=together)
        if joined is None:
            old[sample] = MISSING
            old_status[sample] = LocusStatus.NO_CALL.code
            genotypes.notes[locus, LocusStatus.NO_CALL] = "records at this locus contradict each other"
        else:
            old[sample] = joined
            genotypes.phase_sets[locus, sample] = phase[sample] if together else 0
    touched = both
    missing = (old < 0).any(axis=1)
    odd = (old >= UNEXPECTED).any(axis=1)
    resolved = touched & ~(old < 0).all(axis=1)
    old_status[resolved] = LocusStatus.OBSERVED.code
    old_status[resolved & odd] = LocusStatus.UNEXPECTED_ALLELE.code
    old_status[resolved & missing] = LocusStatus.HALF_CALL.code


def _join_pair(first: list[int], second: list[int], reference: int, *, phased: bool) -> list[int] | None:
    """Join the genotypes that two records state for one locus, or None if they contradict each other.

    Phased genotypes are joined haplotype by haplotype; otherwise changed alleles are counted.
    """
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


def status_name(code: int) -> LocusStatus:
    """Return the status of an array code."""
    return LOCUS_STATUSES[code]
