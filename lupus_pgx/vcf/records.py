"""A VCF record before and after its genotype columns are parsed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index, number_keys, number_words

IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]

Spans = Mapping[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]
"""First and last bases of disjoint, sorted spans by contig."""

MISSING_INT = int(np.iinfo(np.int32).min)
"""Stands for a missing number in a genotype field."""

_NOTHING = (-1, -1)
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
        First and last base, 1-based closed; ``end`` follows INFO/END.
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


@dataclass(frozen=True, slots=True)
class Genotyped:
    """Genotype columns of a record: distinct genotypes, and which sample has which.

    Attributes
    ----------
    words : ndarray of int, shape (values, 2)
        Allele numbers of each distinct genotype; -1 missing, -2 beyond the ploidy.
    phased : ndarray of bool, shape (values,)
    index : ndarray of unsigned int, shape (samples,)
    phase_sets, depth, quality : ndarray of int or None, shape (samples,)
        PS, DP and GQ; a negative value is missing. None where the record lacks the field.
    allele_depths : ndarray of int or None, shape (samples, alleles)
        AD; a negative value is missing.
    """

    words: IntArray
    phased: BoolArray
    index: Index
    phase_sets: IntArray | None = None
    depth: IntArray | None = None
    quality: IntArray | None = None
    allele_depths: IntArray | None = None

    def select(self, columns: npt.NDArray[np.intp]) -> Genotyped:
        """Return the genotype columns of some samples."""
        fields = (self.phase_sets, self.depth, self.quality, self.allele_depths)
        chosen = [None if field is None else field[columns] for field in fields]
        return Genotyped(self.words, self.phased, self.index[columns], *chosen)


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
    parsed = [parse_genotype(text, prefixes) for text in texts]
    words = np.array([alleles for alleles, _ in parsed], np.int32)
    return Genotyped(words, np.array([phased for _, phased in parsed], bool), index)


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


@cache
def parse_genotype(text: str, prefixes: bool) -> tuple[tuple[int, int], bool]:
    """Return the allele numbers of a genotype and whether it is phased.

    A genotype of more than two copies cannot be placed on two haplotypes and is missing.

    Raises
    ------
    ValueError
        If the text is not a genotype.

    Examples
    --------
    >>> parse_genotype("0|1", False), parse_genotype("1", False), parse_genotype("./1", False)
    (((0, 1), True), ((1, -2), False), ((-1, 1), False))
    """
    if prefixes:
        text = older_spelling(text)
    alleles = text.replace("|", "/").split("/")
    numbers = [
        -1 if allele == "." else int(allele) if allele.isdecimal() and allele.isascii() else None for allele in alleles
    ]
    if None in numbers:
        raise ValueError(f"{text!r} is not a genotype")
    if len(numbers) == 1:
        return (numbers[0], -2), False  # type: ignore[return-value]
    return (tuple(numbers) if len(numbers) == 2 else _NOTHING), "/" not in text  # type: ignore[return-value]


def older_spelling(genotype: str) -> str:
    """Return a genotype of VCF 4.4 in the spelling of 4.3.

    ``|0|1`` is ``0|1``; ``/0|1`` leaves its first allele unphased and so becomes ``0/1``.
    """
    if genotype.startswith("/"):
        return genotype[1:].replace("|", "/")
    return genotype.removeprefix("|")


def encode(alleles: IntArray, phased: BoolArray) -> tuple[IntArray, BoolArray, Index]:
    """Tell apart the distinct genotypes of an array.

    Parameters
    ----------
    alleles : ndarray of int, shape (samples, copies)
        Allele numbers; -1 missing, -2 beyond the ploidy.
    phased : ndarray of bool, shape (samples,)

    Returns
    -------
    words, phased, index
        As in :class:`Genotyped`.
    """
    if alleles.shape[1] == 1:
        alleles = np.column_stack([alleles, np.full(len(alleles), -2, alleles.dtype)])
    if alleles.shape[1] > 2:
        polyploid = (alleles[:, 2:] != -2).any(axis=1)
        alleles = np.where(polyploid[:, None], -1, alleles[:, :2])
    phased = phased & (alleles[:, 1] != -2)
    width = int(alleles.max(initial=0)) + 3
    keys = ((alleles[:, 0].astype(np.int64) + 2) * width + alleles[:, 1] + 2) * 2 + phased
    distinct, index = number_keys(keys, 2 * width * width)
    pairs = distinct // 2
    words = np.column_stack([pairs // width - 2, pairs % width - 2]).astype(np.int32)
    return words, (distinct % 2).astype(bool), index


def end_of(pos: int, ref: str, info: str) -> int:
    """Return the last base of a record, from REF and INFO/END."""
    last = pos + len(ref) - 1
    place = 0 if info.startswith("END=") else info.find(";END=") + 1
    if place or info.startswith("END="):
        digits = info[place + 4 :].partition(";")[0]
        if digits.isdecimal():
            last = max(last, int(digits))
    return last


def info_text(info: str, key: str) -> str | None:
    """Return the text of an INFO key, or None."""
    for entry in info.split(";"):
        name, equals, value = entry.partition("=")
        if name == key and equals:
            return value
    return None


def upper_alts(alts: Sequence[str]) -> tuple[str, ...]:
    """Return ALTs in upper case, without the sign for none."""
    return tuple(alt.upper() for alt in alts if alt != ".")


def overlaps(record: RawRecord, spans: Spans) -> bool:
    """Whether a record overlaps one of the disjoint, sorted spans of its contig."""
    if record.chrom not in spans:
        return False
    starts, ends = spans[record.chrom]
    nearest = int(np.searchsorted(ends, record.pos))
    return nearest < len(ends) and int(starts[nearest]) <= record.end
