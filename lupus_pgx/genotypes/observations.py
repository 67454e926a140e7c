"""What one record says about one locus, of every sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.bounded import is_number
from lupus_pgx.encoded import Index, combine, narrow
from lupus_pgx.genotypes.codes import (
    ABSENT_COPY,
    MISSING,
    UNEXPECTED,
    AlleleArray,
    DoubtArray,
    PhaseArray,
    StatusArray,
)
from lupus_pgx.genotypes.column import Column, States
from lupus_pgx.genotypes.evidence import Judge
from lupus_pgx.genotypes.model import Genotypes, letter_code
from lupus_pgx.genotypes.readings import Name, Reading, Speech
from lupus_pgx.genotypes.stretches import LOST
from lupus_pgx.terms import LocusStatus
from lupus_pgx.vcf.records import BoolArray, Genotyped, IntArray, RawRecord

FloatArray = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.int64]

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
    notes : mapping of int to str
        Figures behind genotypes that are not sure, by sample number.
    """

    column: Column
    words: IntArray
    names: tuple[Name | None, ...]
    speech: Speech
    yields: bool = False
    place: str = ""
    key: tuple[str, int, str, tuple[str, ...]] = ("", 0, "", ())
    notes: Mapping[int, str] = field(default_factory=dict)


def observe(
    genotypes: Genotypes, locus: int, record: RawRecord, columns: Genotyped, phase: PhaseArray,
    reading: Reading, judge: Judge,
) -> Observation:  # fmt: skip
    """Read what one record says about one locus; ``phase`` numbers the phase set of each word."""
    refused = judge.filters.refused(record.filters)
    if refused:
        genotypes.notes[locus, LocusStatus.FILTERED] = f"FILTER {refused}"
    codes = np.array([letter_code(genotypes, locus, code) for code in reading.codes], np.int16)
    words = np.where(columns.words >= len(codes), MISSING, columns.words)
    names = reading.names
    silent = copies = judged = None
    if reading.speech is Speech.SPANS:
        names = (*names, LOST, GAINED)
        codes = np.array([*codes, *(letter_code(genotypes, locus, letters) for letters in (LOST, GAINED))], np.int16)
        copies = _odd_copies(columns, x_linked=genotypes.loci[locus].x_linked)
        # Who carries an ALT that the record does not name carries something of what it spans.
        words = np.where(columns.words >= len(reading.codes), len(names) - 1, words)
    else:
        judged = None if refused else judge.judge(genotypes, record, columns, codes)
        silent = _silent(genotypes, locus, record, columns, reading)
        _note_copies(genotypes, locus, columns)
    status, doubt = (None, None) if judged is None else (judged.status, judged.doubt)
    example, index, flags = _with_flags(columns, status, silent, copies, doubt)
    words = words[example]
    if copies is not None and flags:
        words[flags[2] == 1] = (len(names) - 2, MISSING)
        words[flags[2] == 2] = len(names) - 2
        words[flags[2] == 3] = (len(names) - 1, MISSING)
    alleles = np.where(words >= 0, codes[np.maximum(words, 0)], words).astype(np.int16)
    # One copy is believed on X only, and there only where it is called: elsewhere a second one is missing.
    absent = alleles[:, 1] == ABSENT_COPY
    alleles[absent & ((alleles[:, 0] == MISSING) | (not genotypes.loci[locus].x_linked)), 1] = MISSING
    return Observation(
        Column(States(alleles, phase[example], *_statuses(alleles, flags, refused=bool(refused))), index),
        words,
        names,
        reading.speech,
        yields=record.filters == MONOALLELIC,
        place=f"{record.chrom}:{record.pos}",
        key=(record.chrom, record.pos, record.ref, record.alts),
        notes={} if judged is None else judged.notes,
    )


def _statuses(alleles: AlleleArray, flags: Sequence[Flags], *, refused: bool) -> tuple[StatusArray, DoubtArray]:
    """Return the status and the doubt of each state; without flags the genotypes alone say it."""
    found, doubts = statuses(alleles), np.zeros(len(alleles), np.int32)
    if not flags:
        if refused:
            found[found != LocusStatus.NO_CALL.code] = LocusStatus.FILTERED.code
        return found, doubts
    given, silent, _, doubt = flags
    found, doubts = _judged(found, given, doubt, refused=refused)
    found[silent.astype(bool)] = LocusStatus.NO_RECORD.code
    doubts[silent.astype(bool)] = 0
    return found, doubts


def _judged(status: StatusArray, given: Flags, doubt: Flags, *, refused: bool) -> tuple[StatusArray, DoubtArray]:
    """Let what the other fields of a record say stand in the place of what the genotypes say."""
    unsure = (given == LocusStatus.DOUBTFUL.code) | (given == LocusStatus.IMPUTED.code)
    called = status != LocusStatus.NO_CALL.code
    whole = status == LocusStatus.OBSERVED.code
    # Half of a genotype that is not sure is nothing; an allele that nobody defined stays what it is.
    half = called & unsure & (status == LocusStatus.HALF_CALL.code)
    taken = np.where(half, LocusStatus.LOW_QUALITY.code, given)
    use = called & (taken != LocusStatus.OBSERVED.code) & (whole | ~unsure | half)
    found = np.where(use, taken, status).astype(np.uint8)
    if refused:
        found[called] = LocusStatus.FILTERED.code
    return found, np.where(whole & unsure & ~np.asarray(refused), doubt, 0).astype(np.int32)


def _with_flags(columns: Genotyped, *flags: npt.NDArray[Any] | None) -> tuple[Numbers, Index, list[Flags]]:
    """Tell the words of a record apart by flags of its samples as well; return the word of each state.

    The flags of each state are returned last: none where no sample has any.
    """
    count = len(columns.words)
    present = [flag for flag in flags if flag is not None and flag.any()]
    if not present:
        return np.arange(count), columns.index, []
    parts = [(narrow(flag.astype(np.int64), int(flag.max()) + 1), int(flag.max()) + 1) for flag in present]
    first, index = combine([(columns.index, count), *parts], len(columns.index))
    told = [np.zeros(len(first), np.int64) if flag is None else flag[first].astype(np.int64) for flag in flags]
    return columns.index[first].astype(np.int64), index, told


def _odd_copies(columns: Genotyped, *, x_linked: bool) -> Flags | None:
    """Return by CN who lost one copy (1) or both (2) or has more (3), where GT does not say it of two alleles."""
    if columns.copy_numbers is None:
        return None
    count = columns.copy_numbers
    flags = np.select([count < 0, count == 0, count == 1, count > 2], [0, 2, 0 if x_linked else 1, 3], 0)
    whole = np.all(columns.words >= 0, axis=1)[columns.index]
    return np.where(whole, 0, flags).astype(np.int64)


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
    # Where LEN is missing, END holds, and where both are there and differ, the nearer.
    own, stated = record.pos + len(record.ref) - 1, record.info("END") or "."
    end = max(own, int(stated)) if is_number(stated) else own
    lengths = record.pos + columns.lengths.astype(np.int64) - 1
    last = np.where(columns.lengths >= 0, lengths if stated == "." else np.minimum(lengths, end), end)
    return np.asarray(last < first)


def statuses(alleles: AlleleArray) -> StatusArray:
    """Return what two alleles are: both known, one of them, or none; the last that applies wins."""
    missing = alleles == MISSING
    status = np.full(len(alleles), LocusStatus.OBSERVED.code, np.uint8)
    status[missing.any(axis=1)] = LocusStatus.HALF_CALL.code
    status[(alleles >= UNEXPECTED).any(axis=1)] = LocusStatus.UNEXPECTED_ALLELE.code
    status[missing.all(axis=1)] = LocusStatus.NO_CALL.code
    return status


def note_mismatch(genotypes: Genotypes, locus: int, record: RawRecord) -> None:
    """Note that a record at a locus has another base than the build; it says nothing where another record does."""
    genotypes.columns[locus] = Column.uniform(len(genotypes.sample_ids), LocusStatus.REF_MISMATCH)
    site = genotypes.loci[locus].sites[genotypes.build]
    note = f"the record's REF {record.ref} is not the {genotypes.build} base {site.ref}"
    genotypes.notes[locus, LocusStatus.REF_MISMATCH] = note
