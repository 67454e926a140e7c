"""A VCF record before and after its genotype columns are parsed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index, number_keys, number_words

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

Spans = Mapping[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]
"""First and last bases of disjoint, sorted spans by contig."""

_NOTHING = (-1, -1)
_ALLELE = re.compile(r"\.|0|[1-9][0-9]{0,8}")
_FIXED = 3  # letters of a genotype such as 0|1
_LONGEST = 8  # letters of a genotype that fit one word


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record of which only the first eight columns were looked at.

    Attributes
    ----------
    chrom : str
        Contig name as the file writes it.
    pos, end : int
        First and last base, 1-based closed; ``end`` is the furthest of REF, INFO/END, INFO/SVLEN and
        FORMAT/LEN.
    identifier : str
        ID column, empty where missing.
    ref : str
        REF, upper case.
    alts : tuple of str
        ALTs, upper case; empty where the record states none.
    filters : str
        FILTER as written, empty where it is PASS or missing.
    info : callable
        Returns the text of an INFO key, or None.
    payload : object
        What the reader needs to parse the genotype columns.
    formats : callable
        Returns the FORMAT keys.
    """

    chrom: str
    pos: int
    end: int
    identifier: str
    ref: str
    alts: tuple[str, ...]
    filters: str
    info: Callable[[str], str | None]
    payload: Any
    formats: Callable[[], tuple[str, ...]] = tuple


@dataclass(frozen=True, slots=True)
class Words:
    """Distinct genotypes of a record, and which sample has which; see :class:`Genotyped`."""

    words: IntArray
    phased: BoolArray
    polyploid: BoolArray
    index: Index


@dataclass(frozen=True, slots=True)
class Genotyped:
    """Genotype columns of a record: distinct genotypes, which sample has which, and what else was asked for.

    A field is None where the record lacks it or it was not asked for. In whole numbers -1 is
    missing, in others NaN. A list of a length that does not fit the alleles is missing as a whole.
    G counts the unordered genotypes of all alleles, in the order of the VCF format
    (0/0, 0/1, 1/1, 0/2 ...); a haploid cell fills the first R of them, one for each allele.

    Attributes
    ----------
    words : ndarray of int32, shape (values, 2)
        Allele numbers of each distinct genotype; -1 missing, -2 beyond the ploidy.
    phased : ndarray of bool, shape (values,)
    index : ndarray of unsigned int, shape (samples,)
    phase_sets : ndarray of int32 or None, shape (samples,)
        PS; PSL where both alleles lie in one set; PID where PGT orders an unphased genotype.
    depth, quality : ndarray of int32 or None, shape (samples,)
        DP (reads) and GQ (phred).
    allele_depths : ndarray of int32 or None, shape (samples, R)
        AD, LAD, or what other callers write of the reads of alleles.
    polyploid : ndarray of bool or None, shape (values,)
        Whether a genotype states more than two copies: it is missing in ``words``.
    min_depth, reference_quality, site_quality : ndarray of int32 or None, shape (samples,)
        MIN_DP (reads), RGQ (phred) and GQX (phred).
    filters : (tuple of str, ndarray of unsigned int) or None
        Distinct texts of FT, ``.`` where missing, and which sample has which.
    likelihoods : ndarray of float32 or None, shape (samples, G)
        PL or LPL, else GL times -10 (phred; 0 is the most likely genotype in PL only).
    probabilities : ndarray of float32 or None, shape (samples, G)
        GP as probabilities, also where the file states them phred-scaled (VCF 4.0 to 4.2), else PP.
    dosages : ndarray of float32 or None, shape (samples, ALTs)
        DS (copies).
    haplotype_dosages : ndarray of float32 or None, shape (samples, 2 x ALTs)
        HDS: the ALTs of the first haplotype, then those of the second.
    lengths : ndarray of int32 or None, shape (samples,)
        LEN (bases) of reference blocks.
    copy_numbers : ndarray of int32 or None, shape (samples,)
        CN (copies).
    disagreeing : ndarray of bool or None, shape (samples,)
        Where GT and LGT state two genotypes.
    odd_depths, odd_likelihoods : ndarray of int32 or None, shape (samples, 2)
        Of AD and PL lists that do not fit the alleles: the value of REF or 0/0, and the sum of the other reads or the
        lowest other PL.
    unreadable : ndarray of bool or None, shape (samples,)
        Whether a figure that was asked for is no number.
    """

    words: IntArray
    phased: BoolArray
    index: Index
    phase_sets: IntArray | None = None
    depth: IntArray | None = None
    quality: IntArray | None = None
    allele_depths: IntArray | None = None
    polyploid: BoolArray | None = None
    min_depth: IntArray | None = None
    reference_quality: IntArray | None = None
    site_quality: IntArray | None = None
    filters: tuple[tuple[str, ...], Index] | None = None
    likelihoods: FloatArray | None = None
    probabilities: FloatArray | None = None
    dosages: FloatArray | None = None
    haplotype_dosages: FloatArray | None = None
    lengths: IntArray | None = None
    copy_numbers: IntArray | None = None
    disagreeing: BoolArray | None = None
    odd_depths: IntArray | None = None
    odd_likelihoods: IntArray | None = None
    unreadable: BoolArray | None = None

    def select(self, columns: npt.NDArray[np.intp]) -> Genotyped:
        """Return the genotype columns of some samples."""
        chosen: dict[str, Any] = {}
        for name in _OF_SAMPLES:
            value = getattr(self, name)
            if value is not None:
                chosen[name] = (value[0], value[1][columns]) if name == "filters" else value[columns]
        return replace(self, **chosen)


_OF_SAMPLES = tuple(item.name for item in fields(Genotyped) if item.name not in ("words", "phased", "polyploid"))
"""What is stated for each sample, not for each distinct genotype."""


def read_cells(cells: bytes, samples: int, *, prefixes: bool) -> Genotyped:
    """Read genotype columns that hold nothing but GT, all samples at once.

    Parameters
    ----------
    cells : bytes
        The genotype columns, joined by tabs.
    samples : int
    prefixes : bool
        Whether a genotype may start with ``/`` or ``|`` (VCF 4.4).

    Returns
    -------
    Genotyped

    Raises
    ------
    ValueError
        If a cell is not a genotype, or there are more or fewer of them than samples.
    """
    texts, index = _fixed_width(cells, samples) or _any_width(cells, samples)
    read = parse_genotypes(texts, prefixes, index)
    return Genotyped(read.words, read.phased, read.index, polyploid=read.polyploid)


def _fixed_width(cells: bytes, samples: int) -> tuple[list[str], Index] | None:
    """Tell apart cells that all have three letters, or return None."""
    if len(cells) != (_FIXED + 1) * samples - 1:
        return None
    distinct, index = number_words(np.frombuffer(cells + b"\t", "<u4"))
    texts = [word.tobytes().decode("latin-1") for word in distinct]
    if any(text[_FIXED] != "\t" or "\t" in text[:_FIXED] for text in texts):
        return None
    return [text[:_FIXED] for text in texts], index


def _any_width(cells: bytes, samples: int) -> tuple[list[str], Index]:
    """Tell apart cells of different lengths."""
    letters = np.frombuffer(cells, np.uint8)
    tabs = np.flatnonzero(letters == ord("\t"))
    if len(tabs) != samples - 1:
        raise ValueError(f"{len(tabs) + 1} genotype columns for {samples} samples")
    starts = np.concatenate(([0], tabs + 1))
    lengths = np.append(tabs, len(letters)) - starts
    longest = int(lengths.max())
    if longest > _LONGEST:
        split = cells.decode("latin-1").split("\t")
        numbers = {text: number for number, text in enumerate(dict.fromkeys(split))}
        return list(numbers), np.array([numbers[text] for text in split], np.uint32)
    words = np.zeros(samples, np.uint64)
    for place in range(longest):
        inside = lengths > place
        letter = np.where(inside, letters[np.where(inside, starts + place, 0)], 0)
        words |= letter.astype(np.uint64) << np.uint64(8 * place)
    distinct, index = number_words(words)
    return [word.tobytes().rstrip(b"\0").decode("latin-1") for word in distinct], index


def parse_genotypes(texts: Sequence[str], prefixes: bool, index: Index) -> Words:
    """Read distinct genotypes.

    Raises
    ------
    ValueError
        If a text is not a genotype.
    """
    parsed = [parse_genotype(text, prefixes) for text in texts]
    return Words(
        np.array([alleles or _NOTHING for alleles, _ in parsed], np.int32),
        np.array([phased for _, phased in parsed], bool),
        np.array([alleles is None for alleles, _ in parsed], bool),
        index,
    )


@cache
def parse_genotype(text: str, prefixes: bool) -> tuple[tuple[int, int] | None, bool]:
    """Return the allele numbers of a genotype and whether it is phased.

    A genotype of more than two copies cannot be placed on two haplotypes: its alleles are None.

    Raises
    ------
    ValueError
        If the text is not a genotype; an allele number has no leading zeros.

    Examples
    --------
    >>> parse_genotype("0|1", False), parse_genotype("1", False), parse_genotype("./1", False)
    (((0, 1), True), ((1, -2), False), ((-1, 1), False))
    """
    spelled = older_spelling(text) if prefixes else text
    alleles = spelled.replace("|", "/").split("/")
    if not all(_ALLELE.fullmatch(allele) for allele in alleles):
        raise ValueError(f"{text!r} is not a genotype")
    numbers = [-1 if allele == "." else int(allele) for allele in alleles]
    if len(numbers) == 1:
        return (numbers[0], -2), False
    if len(numbers) > 2:
        return None, False
    return (numbers[0], numbers[1]), "/" not in spelled


def older_spelling(genotype: str) -> str:
    """Return a genotype of VCF 4.4 in the spelling of 4.3.

    ``|0|1`` is ``0|1``; ``/0|1`` leaves its first allele unphased and so becomes ``0/1``.
    """
    if genotype.startswith("/"):
        return genotype[1:].replace("|", "/")
    return genotype.removeprefix("|")


def encode(alleles: IntArray, phased: BoolArray, polyploid: BoolArray | None = None) -> Words:
    """Tell apart the distinct genotypes of an array.

    Parameters
    ----------
    alleles : ndarray of int, shape (samples, copies)
        Allele numbers; -1 missing, -2 beyond the ploidy.
    phased : ndarray of bool, shape (samples,)
    polyploid : ndarray of bool, optional, shape (samples,)
        Where the alleles are missing because there are more than two copies.
    """
    polyploid = np.zeros(len(alleles), bool) if polyploid is None else polyploid
    if alleles.shape[1] == 1:
        alleles = np.column_stack([alleles, np.full(len(alleles), -2, alleles.dtype)])
    if alleles.shape[1] > 2:
        polyploid = (alleles[:, 2:] != -2).any(axis=1)
        alleles = np.where(polyploid[:, None], -1, alleles[:, :2])
    phased = phased & (alleles[:, 1] != -2) & ~polyploid
    width = int(alleles.max(initial=0)) + 3
    keys = ((alleles[:, 0].astype(np.int64) + 2) * width + alleles[:, 1] + 2) * 4 + 2 * polyploid + phased
    distinct, index = number_keys(keys, 4 * width * width)
    pairs = distinct // 4
    words = np.column_stack([pairs // width - 2, pairs % width - 2]).astype(np.int32)
    return Words(words, (distinct % 2).astype(bool), (distinct // 2 % 2).astype(bool), index)


def info_texts(info: Callable[[], str]) -> Callable[[str], str | None]:
    """Return what finds the text of an INFO key, empty for a flag; None where there is none.

    INFO is cut apart once, when it is asked for: a record is asked for some forty keys, or for none.
    """
    found: dict[str, str] = {}

    def text(key: str) -> str | None:
        if not found:
            for entry in info().split(";"):
                name, _, value = entry.partition("=")
                found.setdefault(name, value)
        return found.get(key)

    return text


def upper_alts(alts: Sequence[str]) -> tuple[str, ...]:
    """Return ALTs in upper case, without the sign for none."""
    return tuple(alt.upper() for alt in alts if alt != ".")


def within(
    positions: npt.NDArray[np.int64], spans: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
) -> npt.NDArray[np.int64]:
    """Return the positions that lie in disjoint, sorted spans."""
    starts, ends = spans
    nearest = np.searchsorted(ends, positions)
    inside = nearest < len(ends)
    inside &= starts[np.minimum(nearest, len(ends) - 1)] <= positions
    return positions[inside]


def overlaps(record: RawRecord, spans: Spans) -> bool:
    """Whether a record overlaps one of the disjoint, sorted spans of its contig."""
    if record.chrom not in spans:
        return False
    starts, ends = spans[record.chrom]
    nearest = int(np.searchsorted(ends, record.pos))
    return nearest < len(ends) and int(starts[nearest]) <= record.end
