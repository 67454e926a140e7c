"""Pairs of named haplotypes that contradict nothing that was observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index, combine, narrow, same
from lupus_pgx.genotypes.codes import ABSENT_COPY, KNOWN_CODES, MISSING, UNEXPECTED, status_table
from lupus_pgx.genotypes.column import Column
from lupus_pgx.genotypes.doubt import SURE_ENOUGH
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.loci import Haplotypes
from lupus_pgx.terms import LOCUS_STATUSES, LocusStatus
from lupus_pgx.vcf.records import BoolArray

Numbers = npt.NDArray[np.int64]

_IS_USABLE = status_table(
    status
    for status in LocusStatus
    if status.code in KNOWN_CODES or status in (LocusStatus.HALF_CALL, LocusStatus.UNEXPECTED_ALLELE)
)

SEEN, ASSUMED, COVERED = range(3)
"""What a genotype rests on: a record, the absent policy, or reads without a record."""

_RESTS_ON = {LocusStatus.ASSUMED_REFERENCE: ASSUMED, LocusStatus.COVERED_REFERENCE: COVERED}
_BASIS = np.array([_RESTS_ON.get(status, SEEN) for status in LOCUS_STATUSES], np.int64)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What was observed of one set of loci; equal patterns give equal calls.

    Attributes
    ----------
    first, second : tuple of int
        Allele codes of the two haplotypes at each locus; -1 where unknown, -2 without a second copy.
    phase : tuple of int
        0 where the orientation is free; loci with the same number move together.
    basis : tuple of int
        What the genotype rests on: a record or nothing (``SEEN``), the absent policy (``ASSUMED``) or reads without a
        record (``COVERED``).
    doubt : tuple of int
        Number of the evidence (``Genotypes.doubts``) of a genotype that is not sure; 0 elsewhere. Where the
        evidence is nearly all for one genotype its codes stand in ``first`` and ``second``, else they are -1.
    missing : tuple of bool
        Loci at which a haplotype is unknown or carries an unexpected allele.
    assumed : tuple of bool
        Whether the genotype rests on the absent policy.
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    phase: tuple[int, ...]
    basis: tuple[int, ...]
    doubt: tuple[int, ...] = ()
    missing: tuple[bool, ...] = field(init=False, repr=False, compare=False)
    assumed: tuple[bool, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.doubt:
            object.__setattr__(self, "doubt", (0,) * len(self.first))
        # Asked for many times a call.
        gone = [
            not (0 <= one < UNEXPECTED and (0 <= other < UNEXPECTED or other == ABSENT_COPY))
            for one, other in zip(self.first, self.second, strict=True)
        ]
        object.__setattr__(self, "missing", tuple(gone))
        object.__setattr__(self, "assumed", tuple([item == ASSUMED for item in self.basis]))

    @property
    def copies(self) -> int:
        """Number of haplotypes the sample has: 1 where it is hemizygous."""
        return 1 if ABSENT_COPY in self.second else 2

    @property
    def open(self) -> tuple[int, ...]:
        """Numbers of the loci whose genotype is weighed, not known."""
        if not any(self.doubt):
            return ()
        return tuple(number for number, gone in enumerate(self.missing) if gone and self.doubt[number])

    @property
    def nothing_known(self) -> bool:
        """Whether no haplotype is known at any locus, and none is weighed."""
        return not any(self.doubt) and max(self.first, default=MISSING) < 0 and max(self.second, default=MISSING) < 0

    def unphased(self) -> Pattern:
        """Return the same observation without phase."""
        pairs = [
            (min(one, other), max(one, other)) if number else (one, other)
            for one, other, number in zip(self.first, self.second, self.phase, strict=True)
        ]
        first, second = zip(*pairs, strict=True)
        return Pattern(first, second, (0,) * len(self.phase), self.basis, self.doubt)


@dataclass(frozen=True, slots=True)
class _Normal:
    """Normalised states of a column: what the caller makes of each genotype."""

    codes: Numbers
    phase: Numbers
    basis: Numbers
    doubt: Numbers
    index: Index


def find_patterns(
    genotypes: Genotypes, rows: Sequence[int], extra: tuple[Index, int] | None = None
) -> tuple[list[Pattern], list[int], Index]:
    """Find the distinct patterns of all samples at some loci.

    Parameters
    ----------
    genotypes : Genotypes
    rows : sequence of int
        Row numbers of the loci.
    extra : (index, int), optional
        A further number by which samples are told apart (the prior that applies), and how
        many there are.

    Returns
    -------
    patterns : list of Pattern
    extras : list of int
        The further number of each pattern.
    index : ndarray of unsigned int, shape (samples,)
        Pattern number of each sample.
    """
    samples = len(genotypes.sample_ids)
    extra = extra or (same(samples), 1)
    own = genotypes.own_shares
    loci = [_normalised(genotypes.columns[row], own) for row in rows]
    sets = _phase_sets(loci)
    columns = [_key(item, with_phase=sets is None) for item in loci]
    columns += [(narrow(numbers, len(loci) + 1), len(loci) + 1) for numbers in sets or ()]
    example, index = combine([*columns, extra], samples)
    codes = np.stack([item.codes[item.index[example]] for item in loci])
    basis = np.stack([item.basis[item.index[example]] for item in loci])
    doubt = np.stack([item.doubt[item.index[example]] for item in loci])
    if sets is None:
        phase = np.stack([(item.phase[item.index[example]] != 0).astype(np.int64) for item in loci])
        phase[:, (phase != 0).sum(axis=0) < 2] = 0  # a set of one locus says nothing
    else:
        phase = np.stack([numbers[example] for numbers in sets])
    # An unphased pair has no order: sorted, 0/1 and 1/0 are one observation.
    free = (phase == 0) & (codes[:, :, 1] != ABSENT_COPY) & (codes[:, :, 0] > codes[:, :, 1])
    codes[free] = codes[free][:, ::-1]
    _orient(codes, phase)
    table = np.concatenate([codes[:, :, 0], codes[:, :, 1], phase, basis, doubt, extra[0][example][None, :]]).T
    return _distinct(np.ascontiguousarray(table, np.int64), len(rows), index)


def _distinct(table: Numbers, width: int, index: Index) -> tuple[list[Pattern], list[int], Index]:
    """Join the lines of a table that are alike: spellings of one observation."""
    numbers: dict[bytes, int] = {}
    renumbered = np.array([numbers.setdefault(line.tobytes(), len(numbers)) for line in table])
    patterns, extras = [], []
    seen = -1
    for line, number in zip(table, renumbered.tolist(), strict=True):
        if number <= seen:
            continue
        seen = number
        cells = line.tolist()
        patterns.append(
            Pattern(
                tuple(cells[:width]),
                tuple(cells[width : 2 * width]),
                tuple(cells[2 * width : 3 * width]),
                tuple(cells[3 * width : 4 * width]),
                tuple(cells[4 * width : 5 * width]),
            )
        )
        extras.append(cells[-1])
    if len(renumbered) == 1:
        return patterns, extras, index
    return patterns, extras, narrow(renumbered, len(patterns))[index]


def _normalised(column: Column, own: npt.NDArray[np.float64]) -> _Normal:
    states = column.states
    weighed = states.doubt > 0
    # A doubtful genotype takes part by its evidence, whatever its status; all others by their status alone.
    usable = np.where(weighed, own[states.doubt] >= SURE_ENOUGH, _IS_USABLE[states.status])
    codes = np.where(usable[:, None], states.alleles, MISSING).astype(np.int64)
    hemizygous = states.alleles[:, 1] == ABSENT_COPY
    codes[:, 0] = np.maximum(codes[:, 0], MISSING)
    codes[:, 1] = np.where(hemizygous, ABSENT_COPY, np.maximum(codes[:, 1], MISSING))
    heterozygous = (codes[:, 0] != codes[:, 1]) & ~hemizygous
    phase = np.where(heterozygous, states.phase, 0)
    free = (phase == 0) & heterozygous & (codes[:, 0] > codes[:, 1])
    codes[free] = codes[free][:, ::-1]
    basis = _BASIS[states.status]
    return _Normal(codes, phase, basis, states.doubt.astype(np.int64), column.index)


def _key(item: _Normal, *, with_phase: bool) -> tuple[Index, int]:
    """Give numbers to the normalised states of a column, alike ones together."""
    if len(item.codes) == 1:
        return item.index, 1
    phased = item.phase != 0 if with_phase else np.zeros(len(item.phase), bool)
    lines = zip(*item.codes.T.tolist(), phased.tolist(), item.basis.tolist(), item.doubt.tolist(), strict=True)
    numbers: dict[tuple[int, ...], int] = {}
    mapped = [numbers.setdefault(line, len(numbers)) for line in lines]
    if len(numbers) == len(mapped):
        return item.index, len(mapped)
    return narrow(np.array(mapped), len(numbers))[item.index], len(numbers)


def _phase_sets(loci: Sequence[_Normal]) -> list[Numbers] | None:
    """Give numbers to the phase sets of each sample where there are several, else return None.

    A set goes by its first locus, counted from 1; a set of one locus says nothing and gets 0.
    """
    names = {name for item in loci for name in item.phase.tolist()} - {0}
    # With one name in the whole cohort phased or not is all there is to know: most files are such.
    if len(names) < 2:
        return None
    # Names are the files' own and differ between samples that are phased alike. Numbered by the first locus, equal
    # phasing gets equal numbers, and the samples share a pattern.
    phases = [item.phase[item.index] for item in loci]
    having = [number for number, item in enumerate(loci) if item.phase.any()]
    sets = [np.zeros(len(phase), np.int64) for phase in phases]
    for place, later in enumerate(having):
        # From the nearest to the first, so that the first locus of the set stays.
        for earlier in reversed(having[:place]):
            together = (phases[earlier] == phases[later]) & (phases[later] != 0)
            sets[later][together] = earlier + 1
    # The first locus of a set has no earlier one to take the number from; alone in its set it keeps 0.
    for place, earlier in enumerate(having):
        for later in having[place + 1 :]:
            sets[earlier][(sets[later] == earlier + 1) & (sets[earlier] == 0)] = earlier + 1
    return sets


def _orient(codes: Numbers, phase: Numbers) -> None:
    """Swap whole phase sets so that the first locus of each has its lower code first."""
    # Which haplotype of a set is written first is chance. Only whole sets may be swapped: swapping one locus would
    # change which alleles lie together, which is what phase says.
    for number in range(1, int(phase.max(initial=0)) + 1):
        inside = phase == number
        lines = np.flatnonzero(inside.any(axis=0))
        if not len(lines):
            continue
        leading = inside.argmax(axis=0)[lines]
        wrong = np.zeros(codes.shape[1], bool)
        wrong[lines] = codes[leading, lines, 0] > codes[leading, lines, 1]
        flip = inside & wrong[None, :]
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
    single = pattern.copies == 1
    one_way, other_way = _carried(haplotypes, pattern.first), _carried(haplotypes, pattern.second)
    # An unphased locus is a set of its own, so that either orientation of it fits.
    sets: dict[int, list[int]] = {}
    alike = []
    for locus, (one, other) in enumerate(zip(pattern.first, pattern.second, strict=True)):
        if single or one == other:
            alike.append(locus)
        else:
            sets.setdefault(pattern.phase[locus] or -1 - locus, []).append(locus)
    alive = one_way[alike].all(axis=0)
    forward = _together(one_way, list(sets.values()))
    backward = _together(other_way, list(sets.values()))
    # Before pairs are looked at: a haplotype that fits neither side of a set is in no pair.
    chosen = np.flatnonzero(alive & (forward | backward).all(axis=0))
    if single:
        return chosen[:, None]
    if not len(chosen):
        return np.zeros((0, 2), np.intp)
    lower, upper = np.nonzero(np.triu(_explained(forward[:, chosen], backward[:, chosen]) == len(sets)))
    return np.column_stack([chosen[lower], chosen[upper]])


def _carried(haplotypes: Haplotypes, codes: Sequence[int]) -> BoolArray:
    """Return which haplotypes may carry the codes that were observed, shape (loci, haplotypes)."""
    carrying = haplotypes.carrying
    nobody, everybody = carrying.shape[1] - 2, carrying.shape[1] - 1
    seen = np.array(codes, np.int64)
    known = (seen >= 0) & (seen < UNEXPECTED)
    found: BoolArray = carrying[np.arange(len(seen)), np.where(known, np.minimum(seen, nobody), everybody)]
    return found


def _together(carried: BoolArray, sets: Sequence[Sequence[int]]) -> BoolArray:
    """Return which haplotypes carry all that lies together in each set."""
    if all(len(loci) == 1 for loci in sets):
        return carried[[locus for (locus,) in sets]]
    return np.stack([carried[loci].all(axis=0) for loci in sets])


def _explained(forward: BoolArray, backward: BoolArray) -> npt.NDArray[np.int16]:
    """Return for each pair of haplotypes how many lines it explains, one haplotype on each side of them."""
    # Lines as the bits of words, counted: a matrix product would start threads for so small a thing.
    count = forward.shape[1]
    total = np.zeros((count, count), np.int16)
    for one, other in zip(_words(forward), _words(backward), strict=True):
        one_way = one[:, None] & other
        total += np.bitwise_count(one_way | one_way.T)
    return total


def _words(lines: BoolArray) -> npt.NDArray[np.uint64]:
    """Return the lines of each haplotype as the bits of words, shape (words, haplotypes)."""
    packed = np.packbits(lines, axis=0)
    words = np.zeros((lines.shape[1], -(-len(packed) // 8) * 8), np.uint8)
    words[:, : len(packed)] = packed.T
    return words.view(np.uint64).T


def members(bits: int) -> npt.NDArray[np.intp]:
    """Return the numbers of the bits that are set."""
    packed = np.frombuffer(bits.to_bytes((bits.bit_length() + 7) // 8, "little"), np.uint8)
    return np.flatnonzero(np.unpackbits(packed, bitorder="little"))


def nearest(haplotypes: Haplotypes, pattern: Pattern) -> tuple[tuple[int, int], list[int]]:
    """Return the pair of haplotypes that contradicts least without phase, and the loci that it leaves unexplained."""
    one, other = _carried(haplotypes, pattern.first), _carried(haplotypes, pattern.second)
    if pattern.copies == 1:
        first = second = int(one.sum(axis=0).argmax())
    else:
        explained = _explained(one, other)
        place, width = int(explained.argmax()), len(explained)
        first, second = place // width, place % width
    fits = (one[:, first] & other[:, second]) | (other[:, first] & one[:, second])
    return (first, second), np.flatnonzero(~fits).tolist()
