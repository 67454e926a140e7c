"""What one record says about one locus, of every sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index, combine
from lupus_pgx.genotypes.model import (
    ABSENT_COPY,
    MISSING,
    UNEXPECTED,
    AlleleArray,
    Column,
    Genotypes,
    PhaseArray,
    Quality,
    States,
    StatusArray,
    letter_code,
)
from lupus_pgx.genotypes.readings import Name, Reading, Speech
from lupus_pgx.genotypes.stretches import LOST
from lupus_pgx.terms import LocusStatus
from lupus_pgx.vcf.records import BoolArray, Genotyped, IntArray, RawRecord

FloatArray = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.uint8]

GAINED = "<CNV>"
"""Letters of a haplotype within a stretch of which there are more copies."""

MONOALLELIC = "MONOALLELIC"
"""GLnexus' filter of records that never hold allele 0: they say nothing about the reference."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a record says about a locus.

    Attributes
    ----------
    column : Column
        Genotype of each sample; ``no_record`` where the record says nothing of it.
    words : ndarray of int, shape (states, 2)
        VCF allele numbers of each state of the column.
    names : tuple of (Name or None)
        Which ALT each VCF allele is; None for REF and ALTs that leave the locus alone.
    speech : Speech
    yields : bool
        Whether its missing genotypes say nothing where another record says something.
    place : str
        Where the record stands, as notes name it.
    key : tuple
        What tells the record from others: contig, position, REF and ALTs.
    """

    column: Column
    words: IntArray
    names: tuple[Name | None, ...]
    speech: Speech
    yields: bool = False
    place: str = ""
    key: tuple[str, int, str, tuple[str, ...]] = ("", 0, "", ())


def observe(
    genotypes: Genotypes, locus: int, record: RawRecord, columns: Genotyped, phase: PhaseArray,
    reading: Reading, quality: Quality,
) -> Observation:  # fmt: skip
    """Read what one record says about one locus; ``phase`` numbers the phase set of each word."""
    filters = "" if record.filters == MONOALLELIC else record.filters
    if filters:
        genotypes.notes[locus, LocusStatus.FILTERED] = f"FILTER {filters}"
    codes = np.array([letter_code(genotypes, locus, code) for code in reading.codes], np.int16)
    words = np.where(columns.words >= len(codes), MISSING, columns.words)
    names = reading.names
    weak = silent = copies = None
    if reading.speech is Speech.SPANS:
        names = (*names, LOST, GAINED)
        codes = np.array([*codes, *(letter_code(genotypes, locus, letters) for letters in (LOST, GAINED))], np.int16)
        copies = _odd_copies(columns, x_linked=genotypes.loci[locus].x_linked)
    else:
        weak = _below(columns, quality)
        silent = _silent(genotypes, locus, record, columns, reading)
        _note_copies(genotypes, locus, columns)
    example, index, flags = _with_flags(columns, weak, silent, copies)
    words = words[example]
    if copies is not None:
        words[flags[2] == 1] = (len(names) - 2, MISSING)
        words[flags[2] == 2] = len(names) - 2
        words[flags[2] == 3] = (len(names) - 1, MISSING)
    alleles = np.where(words >= 0, codes[np.maximum(words, 0)], words).astype(np.int16)
    # One copy is believed on X only, and there only where it is called: elsewhere a second one is missing.
    absent = alleles[:, 1] == ABSENT_COPY
    alleles[absent & ((alleles[:, 0] == MISSING) | (not genotypes.loci[locus].x_linked)), 1] = MISSING
    status = statuses(alleles, flags[0].astype(bool), bool(filters))
    status[flags[1].astype(bool)] = LocusStatus.NO_RECORD.code
    return Observation(
        Column(States(alleles, phase[example], status), index),
        words,
        names,
        reading.speech,
        yields=record.filters == MONOALLELIC,
        place=f"{record.chrom}:{record.pos}",
        key=(record.chrom, record.pos, record.ref, record.alts),
    )


def _with_flags(columns: Genotyped, *flags: npt.NDArray[Any] | None) -> tuple[Numbers, Index, list[Flags]]:
    """Tell the words of a record apart by flags of its samples as well; return the word of each state."""
    count = len(columns.words)
    present = [flag for flag in flags if flag is not None and flag.any()]
    if not present:
        return np.arange(count), columns.index, [np.zeros(count, np.uint8) for _ in flags]
    parts = [(flag.astype(np.uint8), int(flag.max()) + 1) for flag in present]
    first, index = combine([(columns.index, count), *parts], len(columns.index))
    told = [np.zeros(len(first), np.uint8) if flag is None else flag[first].astype(np.uint8) for flag in flags]
    return columns.index[first].astype(np.int64), index, told


def _odd_copies(columns: Genotyped, *, x_linked: bool) -> Flags | None:
    """Return by CN who lost one copy (1) or both (2) or has more (3), where GT does not say it of two alleles."""
    if columns.copy_numbers is None:
        return None
    count = columns.copy_numbers
    flags = np.select([count < 0, count == 0, count == 1, count > 2], [0, 2, 0 if x_linked else 1, 3], 0)
    whole = np.all(columns.words >= 0, axis=1)[columns.index]
    return np.where(whole, 0, flags).astype(np.uint8)


def _note_copies(genotypes: Genotypes, locus: int, columns: Genotyped) -> None:
    """Say why a cell with one allele, or with three and more, is not a genotype."""
    if columns.polyploid is not None and columns.polyploid.any():
        genotypes.notes[locus, LocusStatus.NO_CALL] = "three or more alleles in one genotype"
    words = columns.words
    if not genotypes.loci[locus].x_linked and ((words[:, 1] == ABSENT_COPY) & (words[:, 0] >= 0)).any():
        genotypes.notes[locus, LocusStatus.HALF_CALL] = "one allele where the gene has two copies"


def _silent(
    genotypes: Genotypes, locus: int, record: RawRecord, columns: Genotyped, reading: Reading
) -> BoolArray | None:
    """Return of which samples a record at the locus says nothing.

    They do not carry what it is about, or its block has a length of its own (FORMAT/LEN) and ends before.
    """
    if reading.speech is Speech.CARRIED:
        named = np.array([name is not None for name in reading.names])
        inside = (columns.words >= 0) & (columns.words < len(named))
        carrying = (inside & named[np.where(inside, columns.words, 0)]).any(axis=1)
        silent: BoolArray = np.logical_not(carrying)
        return silent[columns.index]
    if reading.speech is not Speech.BLOCK or columns.lengths is None:
        return None
    first = genotypes.loci[locus].sites[genotypes.build].pos
    # Where LEN is missing, END holds.
    stated = record.info("END")
    otherwise = int(stated) if stated is not None and stated.isdecimal() else record.pos + len(record.ref) - 1
    last = np.where(columns.lengths >= 0, record.pos + columns.lengths.astype(np.int64) - 1, otherwise)
    return np.asarray(last < first)


def statuses(alleles: AlleleArray, weak: BoolArray, filtered: bool) -> StatusArray:
    """Judge genotypes; the first reason that applies from the bottom up wins."""
    missing = alleles == MISSING
    status = np.full(len(alleles), LocusStatus.OBSERVED.code, np.uint8)
    status[missing.any(axis=1)] = LocusStatus.HALF_CALL.code
    status[(alleles >= UNEXPECTED).any(axis=1)] = LocusStatus.UNEXPECTED_ALLELE.code
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


def note_mismatch(genotypes: Genotypes, locus: int, record: RawRecord) -> None:
    """Note that a record at a locus has another base than the build; it says nothing where another record does."""
    genotypes.columns[locus] = Column.uniform(len(genotypes.sample_ids), LocusStatus.REF_MISMATCH)
    site = genotypes.loci[locus].sites[genotypes.build]
    note = f"the record's REF {record.ref} is not the {genotypes.build} base {site.ref}"
    genotypes.notes[locus, LocusStatus.REF_MISMATCH] = note
