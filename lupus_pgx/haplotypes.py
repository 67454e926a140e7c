"""Pairs of named haplotypes that contradict nothing that was observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lupus_pgx.genotypes import ABSENT_COPY, KNOWN_CODES, MISSING, UNEXPECTED, Genotypes
from lupus_pgx.loci import Haplotypes
from lupus_pgx.terms import LocusStatus
from lupus_pgx.vcf import BoolArray

_ANY = (1 << UNEXPECTED) - 1
_HALF = (LocusStatus.HALF_CALL.code, LocusStatus.UNEXPECTED_ALLELE.code)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What was observed of one set of loci; equal patterns give equal calls.

    Attributes
    ----------
    first, second : tuple of int
        Allele codes of the two haplotypes at each locus; -1 where unknown, -2 without a second copy.
    phase : tuple of int
        0 where the orientation is free; loci with the same number move together.
    assumed : tuple of bool
        Whether the genotype rests on the absent policy.
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    phase: tuple[int, ...]
    assumed: tuple[bool, ...]

    @property
    def copies(self) -> int:
        """Number of haplotypes the sample has: 1 where it is hemizygous."""
        return 1 if ABSENT_COPY in self.second else 2

    @property
    def missing(self) -> tuple[bool, ...]:
        """Loci at which a haplotype is unknown or carries an unexpected allele."""
        return tuple(
            not (0 <= one < UNEXPECTED and (0 <= other < UNEXPECTED or other == ABSENT_COPY))
            for one, other in zip(self.first, self.second, strict=True)
        )

    @property
    def nothing_known(self) -> bool:
        """Whether no haplotype is known at any locus."""
        return all(code < 0 for code in (*self.first, *self.second))

    def unphased(self) -> Pattern:
        """Return the same observation without phase."""
        return Pattern(self.first, self.second, (0,) * len(self.phase), self.assumed)


def find_patterns(
    genotypes: Genotypes, rows: Sequence[int], extra: npt.NDArray[np.int64] | None = None
) -> tuple[list[Pattern], npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """Find the distinct patterns of all samples at some loci.

    Parameters
    ----------
    genotypes : Genotypes
    rows : sequence of int
        Row numbers of the loci.
    extra : ndarray of int, shape (samples,), optional
        A further number by which samples are told apart (the prior that applies).

    Returns
    -------
    patterns : list of Pattern
    extras : ndarray of int, shape (patterns,)
        The further number of each pattern.
    index : ndarray of int, shape (samples,)
        Pattern number of each sample.
    """
    status = genotypes.status[rows]
    usable = np.isin(status, KNOWN_CODES) | np.isin(status, _HALF)
    codes = np.where(usable[:, :, None], genotypes.alleles[rows], MISSING).astype(np.int64)
    hemizygous = genotypes.alleles[rows][:, :, 1] == ABSENT_COPY
    codes[:, :, 0][codes[:, :, 0] < 0] = MISSING
    codes[:, :, 1] = np.where(hemizygous, ABSENT_COPY, np.maximum(codes[:, :, 1], MISSING))
    heterozygous = (codes[:, :, 0] != codes[:, :, 1]) & ~hemizygous
    phase = np.where(heterozygous, genotypes.phase_sets[rows], 0)
    phase = _renumber(phase)
    swap = (phase == 0) & heterozygous & (codes[:, :, 0] > codes[:, :, 1])
    codes[swap] = codes[swap][:, ::-1]
    _orient(codes, phase)
    assumed = (status == LocusStatus.ASSUMED_REFERENCE.code).astype(np.int64)
    samples = codes.shape[1]
    prior = np.zeros((1, samples), np.int64) if extra is None else extra[None, :]
    table = np.concatenate([codes[:, :, 0], codes[:, :, 1], phase, assumed, prior]).T
    distinct, index = np.unique(table, axis=0, return_inverse=True)
    width = len(rows)
    patterns = [
        Pattern(
            tuple(line[:width]),
            tuple(line[width : 2 * width]),
            tuple(line[2 * width : 3 * width]),
            tuple(bool(item) for item in line[3 * width : 4 * width]),
        )
        for line in distinct.tolist()
    ]
    return patterns, distinct[:, -1], index.reshape(-1)


def _renumber(phase: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Count phase sets from 1 within each sample; a set of one locus says nothing and gets 0."""
    result = np.zeros_like(phase)
    several = (phase != 0).sum(axis=0) > 1
    if len(np.unique(phase[phase != 0])) == 1:
        result[:, several] = phase[:, several] != 0
        return result
    for sample in np.flatnonzero(several):
        column = phase[:, sample]
        names, counts = np.unique(column[column != 0], return_counts=True)
        together = [name for name, count in zip(names, counts, strict=True) if count > 1]
        first = sorted(together, key=lambda name, col=column: int(np.argmax(col == name)))  # type: ignore[misc]
        for number, name in enumerate(first, start=1):
            result[column == name, sample] = number
    return result


def _orient(codes: npt.NDArray[np.int64], phase: npt.NDArray[np.int64]) -> None:
    """Swap whole phase sets so that the first locus of each has its lower code first."""
    for number in range(1, int(phase.max(initial=0)) + 1):
        inside = phase == number
        samples = np.flatnonzero(inside.any(axis=0))
        leading = inside.argmax(axis=0)[samples]
        wrong: npt.NDArray[np.intp] = samples[codes[leading, samples, 0] > codes[leading, samples, 1]]
        flip = inside & np.isin(np.arange(codes.shape[1]), wrong)[None, :]
        codes[flip] = codes[flip][:, ::-1]


def fitting_pairs(haplotypes: Haplotypes, pattern: Pattern) -> npt.NDArray[np.intp]:
    """Return the unordered pairs of haplotypes (single ones if hemizygous) that contradict nothing observed.

    Parameters
    ----------
    haplotypes : Haplotypes
    pattern : Pattern

    Returns
    -------
    ndarray of int, shape (pairs, 2) or (haplotypes, 1)
        Haplotype numbers, the lower first.
    """
    allowed = np.array(haplotypes.allowed, dtype=np.uint64)
    one, other = _fits(allowed, pattern.first), _fits(allowed, pattern.second)
    if pattern.copies == 1:
        return np.flatnonzero(one.all(axis=1))[:, None]
    alive = np.flatnonzero((one | other).all(axis=1))
    one, other = one[alive], other[alive]
    lower, upper = np.triu_indices(len(alive))
    fits: BoolArray = np.ones(len(lower), bool)
    for group in _groups(pattern):
        forward: BoolArray = np.all(one[:, group], axis=1)
        backward: BoolArray = np.all(other[:, group], axis=1)
        fits = fits & ((forward[lower] & backward[upper]) | (backward[lower] & forward[upper]))
    return np.column_stack([alive[lower[fits]], alive[upper[fits]]])


def mismatches(haplotypes: Haplotypes, pattern: Pattern) -> npt.NDArray[np.int64]:
    """Return for each pair of haplotypes at how many loci it contradicts the observation."""
    allowed = np.array(haplotypes.allowed, dtype=np.uint64)
    one, other = _fits(allowed, pattern.first), _fits(allowed, pattern.second)
    if pattern.copies == 1:
        return np.diag(np.sum(~one, axis=1)) + np.where(np.eye(len(one), dtype=bool), 0, len(one[0]) + 1)
    count = len(allowed)
    total = np.zeros((count, count), np.int64)
    for locus in range(one.shape[1]):
        forward, backward = one[:, locus], other[:, locus]
        total += ~(np.outer(forward, backward) | np.outer(backward, forward))
    return total


def _fits(allowed: npt.NDArray[np.uint64], codes: Sequence[int]) -> BoolArray:
    masks = np.array([1 << code if 0 <= code < UNEXPECTED else _ANY for code in codes], dtype=np.uint64)
    fits: BoolArray = (allowed & masks[None, :]) != 0
    return fits


def _groups(pattern: Pattern) -> list[list[int]]:
    """Loci that move together: each phase set, and each other locus by itself."""
    sets: dict[int, list[int]] = {}
    groups = []
    for locus, number in enumerate(pattern.phase):
        if number:
            sets.setdefault(number, []).append(locus)
        else:
            groups.append([locus])
    return groups + list(sets.values())
