"""What the FORMAT fields of a record say, from text or BCF: the same arrays from both."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Sequence, Set
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from lupus_pgx.bounded import is_number
from lupus_pgx.encoded import Index
from lupus_pgx.vcf.cells import NO_NUMBER
from lupus_pgx.vcf.records import BoolArray, FloatArray, Genotyped, IntArray, Words, encode

log = logging.getLogger(__name__)

FIELDS = frozenset(["GT", "PS", "FT", "GQ", "RGQ", "GQX", "DP", "MIN_DP", "AD", "PL", "GP", "DS", "HDS", "LEN", "CN"])
"""Fields that can be asked for. Each stands for its other spellings too: GT for LGT, PS for PSL and
PGT with PID, AD for LAD and for what other callers write of reads, PL for GL and LPL, GP for PP."""

_OF_BOTH = (("RO", "AO"), ("FRO", "FAO"))
"""Reads of REF and of the ALTs: freebayes; Ion Torrent, by flow."""
_OF_ALL = (("NR", "NV"), ("DP", "DV"))
"""All reads, and those of the ALTs: Platypus; samtools."""
_SHARES = ("VAF", "AF")
"""Shares of the reads in DP that the ALTs have: DeepVariant and what is built on it; Mutect, DRAGEN and Clair."""
_STRANDS = 4
"""Numbers of DP4 (samtools): reads of REF forward and back, and of the ALT."""

USUAL = frozenset({"GT", "PS", "GQ", "DP", "AD"})
"""What is read unless something else is asked for."""

_FLAT = 0.1
"""How far the probabilities of a genotype may add up to something else than 1, being rounded."""

_MOST = 20_000
"""Genotypes beyond which likelihoods are not laid out: some 200 alleles."""

_LARGEST_SET = 0x7FFFFFFF  # of 31 bits

_NOT_LOCAL = -2  # an allele that a local list does not name


class FormatColumns(Protocol):
    """Genotype columns of one record, by FORMAT field."""

    def __contains__(self, key: str) -> bool:
        """Whether FORMAT names a field."""

    def genotypes(self, key: str) -> Words:
        """Return the distinct genotypes of a field such as GT."""

    def integers(self, key: str) -> IntArray:
        """Return one whole number for each sample; -1 where it is missing."""

    def integer_lists(self, key: str, allowed: Sequence[int]) -> IntArray:
        """Return lists of whole numbers; a list of a length that is not allowed is missing."""

    def odd_lists(self, key: str, allowed: Sequence[int]) -> IntArray | None:
        """Return the lists of whole numbers whose length is not allowed, up to a bound; None where there is none."""

    def real_lists(self, key: str, allowed: Sequence[int]) -> FloatArray:
        """Return lists of numbers; a list of a length that is not allowed is missing."""

    def texts(self, key: str) -> tuple[list[str], Index]:
        """Return the distinct texts of a field, and which sample has which."""


def genotyped(columns: FormatColumns, samples: int, alts: int, wanted: Set[str] = USUAL) -> Genotyped:
    """Read what is asked for from the genotype columns of a record.

    Parameters
    ----------
    columns : FormatColumns
    samples : int
    alts : int
        Number of ALTs of the record.
    wanted : set of str
        Some of :data:`FIELDS`; nothing else is looked at.

    Returns
    -------
    Genotyped
    """
    columns = told = _Watched(columns)
    local = _local_alleles(columns, samples, alts)

    def whole(key: str) -> IntArray | None:
        return columns.integers(key) if key in wanted and key in columns else None

    def reals(key: str, *allowed: int) -> FloatArray | None:
        return columns.real_lists(key, allowed) if key in wanted and key in columns and min(allowed) else None

    genotypes = genotype_count(alts + 1)
    probabilities = reals("GP", alts + 1, genotypes) if genotypes <= _MOST else None
    probabilities = None if probabilities is None else as_probabilities(probabilities)
    if "GP" in wanted and "GP" not in columns and "PP" in columns and genotypes <= _MOST:
        # Posteriors that are phred-scaled and rounded: the larger, the less likely.
        probabilities = _of_phred(columns.real_lists("PP", (alts + 1, genotypes)))
    # Genotypes come last: where nothing else is asked for, the columns need not be cut.
    beside: dict[str, Any] = {
        "depth": whole("DP"),
        "quality": whole("GQ"),
        "allele_depths": _allele_depths(columns, alts, local) if "AD" in wanted else None,
        "min_depth": whole("MIN_DP"),
        "reference_quality": whole("RGQ"),
        "site_quality": whole("GQX"),
        "filters": _filters(columns) if "FT" in wanted else None,
        "odd_depths": _odd_depths(columns, alts) if "AD" in wanted else None,
        "likelihoods": _likelihoods(columns, alts, local) if "PL" in wanted else None,
        "odd_likelihoods": _odd_likelihoods(columns, alts) if "PL" in wanted else None,
        "probabilities": probabilities,
        "dosages": reals("DS", alts),
        "haplotype_dosages": reals("HDS", alts, 2 * alts),
        "lengths": whole("LEN"),
        "copy_numbers": whole("CN"),
    }
    words = _words(columns, samples, local) if "GT" in wanted else _nothing(samples)
    sets = None
    if "PS" in wanted:
        words, sets = _phase(columns, words)
    if "GT" in wanted and "GT" in columns and "LGT" in columns and local is not None:
        beside["disagreeing"] = _apart(words, _of_local(columns, local))
    beside["unreadable"] = told.unreadable
    return Genotyped(words.words, words.phased, words.index, phase_sets=sets, polyploid=words.polyploid, **beside)


class _Watched:
    """Genotype columns that note whose figures are no numbers, and hand them on as missing.

    Parameters
    ----------
    columns : FormatColumns

    Attributes
    ----------
    unreadable : ndarray of bool or None, shape (samples,)
        None where all are numbers.
    """

    def __init__(self, columns: FormatColumns) -> None:
        self._columns = columns
        self.unreadable: BoolArray | None = None
        self.genotypes, self.real_lists, self.texts = columns.genotypes, columns.real_lists, columns.texts

    def __contains__(self, key: str) -> bool:
        return key in self._columns

    def integers(self, key: str) -> IntArray:
        return self._noted(self._columns.integers(key))

    def integer_lists(self, key: str, allowed: Sequence[int]) -> IntArray:
        return self._noted(self._columns.integer_lists(key, allowed))

    def odd_lists(self, key: str, allowed: Sequence[int]) -> IntArray | None:
        found = self._columns.odd_lists(key, allowed)
        return None if found is None else self._noted(found)

    def _noted(self, values: IntArray) -> IntArray:
        wrong = values == NO_NUMBER
        if not wrong.any():
            return values
        whose = wrong.reshape(len(values), -1).any(axis=1)
        self.unreadable = whose if self.unreadable is None else self.unreadable | whose
        return np.where(wrong, -1, values).astype(np.int32)


def genotype_count(alleles: int) -> int:
    """Return how many unordered pairs some alleles form."""
    return alleles * (alleles + 1) // 2


def as_probabilities(values: FloatArray) -> FloatArray:
    """Return genotype probabilities, whether a record states them as such or phred-scaled.

    Until VCF 4.2 GP was phred-scaled, in files of any version it may be either: what the samples'
    values add up to decides for the whole record. Samples that do not fit are missing.

    Examples
    --------
    >>> as_probabilities(np.array([[0, 20, 50]], np.float32)).astype(float).round(2).tolist()
    [[0.99, 0.01, 0.0]]
    """
    stated = ~np.isnan(values).all(axis=1)
    plain = np.where((values < 0) | (values > 1 + _FLAT), np.nan, values)
    phred = np.power(np.float32(10), np.where(values < 0, np.nan, values) / np.float32(-10))
    fits = [_add_up(plain) & stated, _add_up(phred) & stated]
    scaled = int(fits[1].sum()) > int(fits[0].sum())
    if scaled:
        log.info("FORMAT/GP is phred-scaled and is read as such")
    chosen = phred / np.nansum(phred, axis=1, keepdims=True, dtype=np.float32) if scaled else values
    return np.where(fits[scaled][:, None], chosen, np.float32(np.nan))


def _of_phred(values: FloatArray) -> FloatArray:
    """Return probabilities that are stated phred-scaled; the best of them need not be 0."""
    lowest = np.where(np.isnan(values), np.inf, values).min(axis=1, initial=np.inf, keepdims=True)
    powers = np.power(np.float32(10), (values - np.where(np.isfinite(lowest), lowest, 0)) / np.float32(-10))
    total = np.nansum(powers, axis=1, keepdims=True, dtype=np.float32)
    shares: FloatArray = powers / np.where(total > 0, total, np.float32(np.nan))
    return shares


def _add_up(values: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether lists add up to about 1; a haploid one ends early, a value that is missing within one spoils it."""
    known = ~np.isnan(values)
    whole = (known[:, 1:] <= known[:, :-1]).all(axis=1) & known[:, :1].all(axis=1)
    close: npt.NDArray[np.bool_] = np.abs(np.nansum(values, axis=1) - 1) <= _FLAT
    return close & whole


def _nothing(samples: int) -> Words:
    return encode(np.full((samples, 2), -1, np.int32), np.zeros(samples, bool))


def _words(columns: FormatColumns, samples: int, local: IntArray | None) -> Words:
    """Return genotypes; local alleles are numbered as the record numbers its ALTs."""
    if "GT" in columns:
        return columns.genotypes("GT")
    if "LGT" not in columns or local is None:
        return _nothing(samples)
    return _of_local(columns, local)


def _of_local(columns: FormatColumns, local: IntArray) -> Words:
    """Return LGT with its alleles numbered as the record numbers its ALTs."""
    read = columns.genotypes("LGT")
    alleles = read.words[read.index]
    called = alleles >= 0
    inside = called & (alleles < local.shape[1])
    named = np.take_along_axis(local, np.where(inside, alleles, 0), axis=1)
    alleles = np.where(inside & (named >= 0), named, np.where(called, -1, alleles)).astype(np.int32)
    return encode(alleles, read.phased[read.index], read.polyploid[read.index])


def _apart(one: Words, other: Words) -> npt.NDArray[np.bool_]:
    """Return of which samples two fields state two genotypes; what is missing may be any allele."""
    first, second = (np.sort(item.words, axis=1)[item.index] for item in (one, other))
    whole = (first != -1).all(axis=1) & (second != -1).all(axis=1)
    lone = [
        ((side[:, 1:] != other) | (side[:, 1:] < 0)).all(axis=1) for side, other in ((first, second), (second, first))
    ]
    halves = (first[:, 1] >= 0) & (second[:, 1] >= 0) & (lone[0] | lone[1])
    apart: npt.NDArray[np.bool_] = np.where(whole, (first != second).any(axis=1), halves)
    return apart


# Phase.


def _phase(columns: FormatColumns, words: Words) -> tuple[Words, IntArray | None]:
    """Return genotypes and phase sets, from whichever field states them."""
    sets = _numbered(*columns.texts("PS")) if "PS" in columns else None
    if "PSL" in columns:
        words, sets = _set_lists(columns, words, sets)
    if "PGT" in columns and "PID" in columns:
        words, sets = _local_phase(columns, words, sets)
    return words, sets


def _numbered(texts: Sequence[str], index: Index) -> IntArray:
    numbers: IntArray = np.array([_set_number(text) for text in texts], np.int32)[index]
    return numbers


def _set_number(text: str) -> int:
    """Return the number of a phase set; what is no number, or too large a one, gets a number made from its text."""
    if text in ("", ".") or (text.startswith("-") and text[1:].isdecimal()):
        return -1
    if is_number(text) and int(text) <= _LARGEST_SET:
        return int(text)
    return zlib.crc32(text.encode("latin-1", "replace")) & _LARGEST_SET


def _set_lists(columns: FormatColumns, words: Words, sets: IntArray | None) -> tuple[Words, IntArray]:
    """Take phase sets that are stated for each allele: a pair lies in a set where both alleles do."""
    texts, index = columns.texts("PSL")
    lists = [text.split(",") for text in texts]
    alike = np.array([len(set(names)) == 1 and names[0] != "." for names in lists], bool)
    stated = np.array([any(name != "." for name in names) for names in lists], bool)
    own = np.array([_set_number(names[0]) if same else -1 for names, same in zip(lists, alike, strict=True)], np.int32)
    old = np.full(len(index), -1, np.int32) if sets is None else sets
    result = np.where((old < 0) & alike[index], own[index], old).astype(np.int32)
    # Alleles of different sets are not phased with each other.
    apart = (old < 0) & (stated & ~alike)[index] & words.phased[words.index]
    if apart.any():
        words = encode(words.words[words.index], words.phased[words.index] & ~apart, words.polyploid[words.index])
    return words, result


def _local_phase(columns: FormatColumns, words: Words, sets: IntArray | None) -> tuple[Words, IntArray]:
    """Take GATK's local phase (PGT with PID) where the genotype itself is unphased."""
    result = np.full(len(words.index), -1, np.int32) if sets is None else sets
    orders, order_index = columns.texts("PGT")
    stated = np.array([_order(text) for text in orders], np.int32).reshape(-1, 2)
    open_words = ~words.phased & (words.words[:, 0] != words.words[:, 1])
    rows = np.flatnonzero(open_words[words.index] & (stated[order_index, 0] >= 0))
    if not len(rows):
        return words, result
    pairs, wanted = words.words[words.index[rows]], stated[order_index[rows]]
    rows, wanted = (part[(np.sort(pairs, axis=1) == np.sort(wanted, axis=1)).all(axis=1)] for part in (rows, wanted))
    alleles, phased = words.words[words.index], words.phased[words.index]
    alleles[rows], phased[rows] = wanted, True
    result[rows] = _numbered(*columns.texts("PID"))[rows]
    return encode(alleles, phased, words.polyploid[words.index]), result


def _order(text: str) -> tuple[int, int]:
    first, bar, second = text.partition("|")
    return (int(first), int(second)) if bar and is_number(first) and is_number(second) else (-1, -1)


def _filters(columns: FormatColumns) -> tuple[tuple[str, ...], Index] | None:
    if "FT" not in columns:
        return None
    texts, index = columns.texts("FT")
    return tuple(texts), index


# Lists by allele and genotype.


def _local_alleles(columns: FormatColumns, samples: int, alts: int) -> IntArray | None:
    """Return the alleles to which local numbers refer, REF first; -2 beyond the list of a sample."""
    if not any(key in columns for key in ("LGT", "LAD", "LPL")):
        return None
    lengths = range(1, alts + 2)
    if "LA" in columns:
        listed = columns.integer_lists("LA", lengths)
        return np.where((listed < 0) | (listed > alts), _NOT_LOCAL, listed).astype(np.int32)
    listed = columns.integer_lists("LAA", lengths)[:, :alts] if "LAA" in columns else np.zeros((samples, 0), np.int32)
    named = np.where((listed < 1) | (listed > alts), _NOT_LOCAL, listed)
    return np.column_stack([np.zeros(samples, np.int32), named]).astype(np.int32)


def _allele_depths(columns: FormatColumns, alts: int, local: IntArray | None) -> IntArray | None:
    if "VD" in columns and "DP" in columns and alts == 1:
        # VarDict: AD may be the strands of the ALT.
        return _beside_all(columns.integers("DP"), columns.integer_lists("VD", (1,)))
    if "AD" in columns and "RD" in columns and alts:
        # VarScan: RD has the reads of REF, AD those of the ALTs only.
        whole = columns.integer_lists("AD", (alts, alts + 1))
        split = np.column_stack([columns.integers("RD"), whole[:, :alts]])
        return np.where((whole[:, -1:] >= 0), whole, split)
    for key in ("AD", "DPR"):
        if key in columns:
            return columns.integer_lists(key, (alts + 1,))
    if "LAD" in columns and local is not None:
        depths = columns.integer_lists("LAD", range(1, alts + 2))
        return _spread(depths, _padded(local, alts + 1), alts + 1, depths < 0)
    return _reads_of_alts(columns, alts) if alts else None


def _odd_depths(columns: FormatColumns, alts: int) -> IntArray | None:
    """Return the reads of REF and of all else, of lists that do not fit the ALTs: REF stands first in any of them.

    Beside RD or VD, AD is something else.
    """
    own = "AD" in columns and "RD" not in columns and "VD" not in columns
    found = columns.odd_lists("AD", (alts + 1,)) if own else None
    return None if found is None else _first_and(found, np.maximum(found[:, 1:], 0).sum(axis=1))


def _odd_likelihoods(columns: FormatColumns, alts: int) -> IntArray | None:
    """Return PL of 0/0 and the lowest other one, of lists that do not fit the ALTs: 0/0 stands first in any of them."""
    if "PL" not in columns or genotype_count(alts + 1) > _MOST:
        return None
    found = columns.odd_lists("PL", (alts + 1, genotype_count(alts + 1)))
    if found is None:
        return None
    others = np.where(found[:, 1:] < 0, np.iinfo(np.int32).max, found[:, 1:])
    return _first_and(found, others.min(axis=1, initial=np.iinfo(np.int32).max))


def _first_and(found: IntArray, others: npt.NDArray[np.signedinteger]) -> IntArray | None:
    """Return the first of some values and what the others come to, -1 where none is known; None without any."""
    known = [found[:, :1] >= 0, (found[:, 1:] >= 0).any(axis=1, keepdims=True)]
    values = np.where(np.column_stack(known), np.column_stack([found[:, 0], others]), -1).astype(np.int32)
    return values if (values >= 0).any() else None


def _reads_of_alts(columns: FormatColumns, alts: int) -> IntArray | None:
    """Return the reads of each allele from what tells those of the ALTs."""
    for ref, alt in _OF_BOTH:
        if ref in columns and alt in columns:
            return np.column_stack([columns.integers(ref), columns.integer_lists(alt, (alts,))])
    if "ADF" in columns and "ADR" in columns:
        forward, back = (columns.integer_lists(key, (alts + 1,)) for key in ("ADF", "ADR"))
        return np.where((forward >= 0) & (back >= 0), forward + back, -1).astype(np.int32)
    for whole, alt in _OF_ALL:
        if whole in columns and alt in columns and (alts == 1 or whole != "DP"):
            return _beside_all(columns.integer_lists(whole, (1, alts)).max(axis=1), columns.integer_lists(alt, (alts,)))
    if "DP4" in columns and alts == 1:
        strands = columns.integer_lists("DP4", (_STRANDS,))
        told = (strands >= 0).all(axis=1, keepdims=True)
        return np.where(told, strands[:, ::2] + strands[:, 1::2], -1).astype(np.int32)
    for key in _SHARES:
        if key in columns and "DP" in columns:
            shares, depth = columns.real_lists(key, (alts,)), columns.integers("DP")
            known = (shares >= 0) & (shares <= 1) & (depth >= 0)[:, None]
            reads = np.where(known, np.rint(np.where(known, shares, 0) * depth[:, None]), -1).astype(np.int32)
            return _beside_all(depth, reads)
    return None


def _beside_all(depth: IntArray, alts: IntArray) -> IntArray:
    """Return the reads of REF beside those of the ALTs: what is left of all reads."""
    told = (depth >= 0) & (alts >= 0).all(axis=1)
    left = np.maximum(depth - np.maximum(alts, 0).sum(axis=1), 0)
    return np.where(told[:, None], np.column_stack([left, alts]), -1).astype(np.int32)


def _likelihoods(columns: FormatColumns, alts: int, local: IntArray | None) -> FloatArray | None:
    """Return PL, or GL on the scale of PL; those of local alleles over all genotypes."""
    if genotype_count(alts + 1) > _MOST:
        return None
    allowed = (alts + 1, genotype_count(alts + 1))
    if "PL" in columns:
        return _as_reals(columns.integer_lists("PL", allowed))
    if "GL" in columns:
        scaled: FloatArray = columns.real_lists("GL", allowed) * np.float32(-10) + np.float32(0)
        return scaled
    if "LPL" not in columns or local is None:
        return None
    counts = sorted({count for alleles in range(1, alts + 2) for count in (alleles, genotype_count(alleles))})
    values = _as_reals(columns.integer_lists("LPL", counts))
    # A list of two copies names each pair of local alleles, one of a single copy each allele.
    haploid = (~np.isnan(values)).sum(axis=1) == (local >= 0).sum(axis=1)
    wide = values.shape[1]
    targets = np.where(haploid[:, None], _padded(local, wide), _pairs(local, wide))
    return _spread(values, targets, genotype_count(alts + 1), np.isnan(values))


def _as_reals(values: IntArray) -> FloatArray:
    reals = values.astype(np.float32)
    reals[values < 0] = np.nan
    return reals


def _padded(table: IntArray, width: int) -> IntArray:
    wide = np.full((len(table), width), _NOT_LOCAL, np.int32)
    shared = min(width, table.shape[1])
    wide[:, :shared] = table[:, :shared]
    return wide


def _pairs(local: IntArray, width: int) -> IntArray:
    """Return the number, over all alleles, of each pair of local alleles."""
    numbers = np.full((len(local), width), _NOT_LOCAL, np.int32)
    place = 0
    for upper in range(local.shape[1]):
        for lower in range(upper + 1):
            if place == width:
                return numbers
            pair = np.sort(local[:, (lower, upper)], axis=1)
            number = pair[:, 1] * (pair[:, 1] + 1) // 2 + pair[:, 0]
            numbers[:, place] = np.where(pair[:, 0] >= 0, number, _NOT_LOCAL)
            place += 1
    return numbers


def _spread(
    values: npt.NDArray[Any], targets: IntArray, width: int, missing: npt.NDArray[np.bool_]
) -> npt.NDArray[Any]:
    """Put the values of local alleles or genotypes where those stand among all; other lengths are missing."""
    nothing = np.nan if values.dtype.kind == "f" else -1
    spread = np.full((len(values), width), nothing, values.dtype)
    named = (targets >= 0).sum(axis=1)
    fits = ((~missing).sum(axis=1) == named) & (targets < width).all(axis=1)
    for place in range(values.shape[1]):
        rows = np.flatnonzero(fits & (targets[:, place] >= 0))
        spread[rows, targets[rows, place]] = values[rows, place]
    return spread
