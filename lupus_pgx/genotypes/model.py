"""Genotypes of samples at the panel loci, with a reason for every missing one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index, same
from lupus_pgx.genotypes.builds import BuildProof
from lupus_pgx.knowledge.loci import Locus
from lupus_pgx.terms import LOCUS_STATUSES, AbsentPolicy, Build, LocusStatus
from lupus_pgx.vcf.records import BoolArray

MISSING = -1
"""Allele code of an unknown haplotype."""
ABSENT_COPY = -2
"""Allele code of a haplotype the sample does not have."""
UNEXPECTED = 64
"""Allele codes from here on number the unexpected alleles of a locus."""

AlleleArray = npt.NDArray[np.int16]
PhaseArray = npt.NDArray[np.int64]
StatusArray = npt.NDArray[np.uint8]
DoubtArray = npt.NDArray[np.int32]
CountArray = npt.NDArray[np.int32]

PHASE_FILE = 1 << 40  # phase sets of different files never join
PHASE_RECORD = 1 << 36  # from here on sets are the loci that one record changes together

SURE_ENOUGH = 0.99
"""Share of the evidence from which a doubtful genotype is used like one that was observed."""

_KNOWN = (LocusStatus.OBSERVED, LocusStatus.COVERED_REFERENCE, LocusStatus.ASSUMED_REFERENCE)
KNOWN_CODES = np.array([status.code for status in _KNOWN], dtype=np.uint8)


def status_table(statuses: Iterable[LocusStatus]) -> BoolArray:
    """Return for each status code whether it is one of some statuses."""
    chosen = set(statuses)
    return np.array([status in chosen for status in LOCUS_STATUSES])


_IS_KNOWN = status_table(_KNOWN)
_IS_RECORDED = status_table((LocusStatus.OBSERVED, LocusStatus.COVERED_REFERENCE))
_IS_WEIGHED = status_table((LocusStatus.DOUBTFUL, LocusStatus.IMPUTED))


@dataclass(frozen=True, slots=True)
class Doubt:
    """How the evidence of an uncertain genotype is spread over the genotypes that are possible.

    Attributes
    ----------
    shares : tuple of (int, int, float)
        Two allele codes, the lower first (the second is ``ABSENT_COPY`` where there is one copy), and the share of the
        evidence for this genotype. Shares add up to 1; genotypes not listed have none.
    posterior : bool
        The shares are posterior probabilities (GP), which hold a population's frequencies already.
    contested : bool
        Something in the record speaks against the genotype it states: no frequency may decide in its place.
    """

    shares: tuple[tuple[int, int, float], ...]
    posterior: bool = False
    contested: bool = False

    def recoded(self, codes: Mapping[int, int]) -> Doubt:
        """Return it with other codes for some alleles."""
        shares = ((codes.get(one, one), codes.get(other, other), share) for one, other, share in self.shares)
        return replace(self, shares=tuple(sorted(shares)))

    @property
    def best(self) -> tuple[int, int, float]:
        """The genotype with the largest share."""
        return max(self.shares, key=lambda item: item[2])

    @property
    def own(self) -> float:
        """Share of the best genotype, before any frequency; no more than half where the genotype is contested."""
        return min(self.best[2], 0.5) if self.contested else self.best[2]


@dataclass(frozen=True, slots=True)
class States:
    """Distinct genotypes of a locus.

    Attributes
    ----------
    alleles : ndarray of int16, shape (states, 2)
        Allele codes of the two haplotypes; negative codes are missing (-1) or no copy (-2).
    phase : ndarray of int64, shape (states,)
        0 where unphased; loci with the same number in a sample are phased together.
    status : ndarray of uint8, shape (states,)
        Index into :data:`lupus_pgx.terms.LOCUS_STATUSES`.
    doubt : ndarray of int32, shape (states,)
        Number of the evidence in ``Genotypes.doubts``; 0 where the genotype is not weighed.
    """

    alleles: AlleleArray
    phase: PhaseArray
    status: StatusArray
    doubt: DoubtArray = field(default_factory=lambda: np.zeros(0, np.int32))

    def __post_init__(self) -> None:
        if len(self.doubt) != len(self.status):
            object.__setattr__(self, "doubt", np.zeros(len(self.status), np.int32))

    def __len__(self) -> int:
        return len(self.status)

    def take(self, numbers: npt.NDArray[np.integer] | slice) -> States:
        """Return copies of some states."""
        return States(
            self.alleles[numbers].copy(),
            self.phase[numbers].copy(),
            self.status[numbers].copy(),
            self.doubt[numbers].copy(),
        )

    @property
    def known(self) -> BoolArray:
        """Whether a genotype can be used, if only as weighed evidence."""
        return _IS_KNOWN[self.status] | _IS_WEIGHED[self.status]


@dataclass(frozen=True, slots=True)
class Column:
    """Genotypes of all samples at one locus: distinct states, and the state number of each sample."""

    states: States
    index: Index

    @classmethod
    def uniform(cls, samples: int, status: LocusStatus, allele: int = MISSING) -> Column:
        """Return a column in which all samples have the same genotype."""
        states = States(np.full((1, 2), allele, np.int16), np.zeros(1, np.int64), np.array([status.code], np.uint8))
        return cls(states, same(samples))

    def __reduce__(self) -> tuple[Callable[..., Column], tuple[Any, ...]]:
        """Pickle a column; the index of one in which all are alike takes no memory there either."""
        alike = self.index.strides == (0,)
        return (_alike, (self.states, len(self.index))) if alike else (Column, (self.states, self.index))

    def spread(self, values: npt.NDArray[np.bool_]) -> BoolArray:
        """Give each sample the value of its state."""
        if len(values) == 1:
            return np.broadcast_to(values, self.index.shape)
        return values[self.index]


def _alike(states: States, samples: int) -> Column:
    return Column(states, same(samples))


@dataclass(frozen=True, slots=True)
class Quality:
    """Thresholds below which a genotype is not used; None switches a test off."""

    min_gq: int | None = None
    min_dp: int | None = None
    min_allele_fraction: float | None = None


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A record that may be one of a locus and cannot be placed.

    Attributes
    ----------
    row : int
        Row number of the locus.
    carried : ndarray of bool, shape (samples,)
        Which samples of the file carry what it says, or have no genotype in it.
    reason : str
    """

    row: int
    carried: BoolArray
    reason: str


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Where a file looked, as far as its records or its called regions show.

    Attributes
    ----------
    loci : frozenset of int
        Row numbers of the loci that the caller looked at.
    reasons : mapping of str to str
        Why the other genes do not count as looked at.
    samples : tuple of int or None
        Sample numbers of the file among all; None for all of them.
    by_regions : bool
        Called regions were given: they alone decide.
    sparse : (float, float) or None
        Share of the stretches of genes with a record, and records to a stretch, where fewer than in any genome.
    unplaced : tuple of Unplaced
        Records that speak against the genome's base at a locus without one.
    speaks : bool
        A record states a base at some locus, or tried to: structure over loci does neither.
    """

    loci: frozenset[int]
    reasons: Mapping[str, str]
    samples: tuple[int, ...] | None = None
    by_regions: bool = False
    sparse: tuple[float, float] | None = None
    unplaced: tuple[Unplaced, ...] = ()
    speaks: bool = False


@dataclass(frozen=True, slots=True)
class Unlisted:
    """An annotated variant of a panel gene that no allele definition lists.

    Attributes
    ----------
    gene, name, rsid, chrom, pos, ref, alt, effect
        Which variant it is, and what it does in words.
    genotypes : mapping of int to str
        Letters of each carrier by sample number.
    note : str
        What the record says of it: FILTER, frequency, other changes that it belongs to.
    sample_notes : mapping of int to str
        What speaks against the genotypes of single carriers.
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
    note: str = ""
    sample_notes: Mapping[int, str] = field(default_factory=dict)

    def remark(self, sample: int) -> str:
        """Return all that is to be said of the genotype of a carrier."""
        return "; ".join(text for text in (self.note, self.sample_notes.get(sample, "")) if text)


@dataclass(slots=True, repr=False)
class Genotypes:
    """Genotypes of samples at panel loci.

    Attributes
    ----------
    build : Build
    sample_ids : tuple of str
    loci : tuple of Locus
        Panel loci, grouped by gene, in genome order within a gene.
    columns : list of Column
        Genotypes of each locus: a locus at which all samples are alike takes no memory.
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
    left_out : dict of str to ndarray of int32, shape (samples,)
        How many variants like these each sample carries, by gene, that are too frequent to be listed.
    doubts : dict of Doubt to int
        Distinct evidence of uncertain genotypes, numbered from 1 as in ``States.doubt``.
    looked_at : tuple of LookedAt
        Of each file, where absent loci are stated to carry the genome base.
    not_assumed : dict of str to (str, int)
        By gene, why that statement was not believed, and for how many samples.
    sparse : dict of str to (float, float)
        Samples for which it was believed though their file has few records, as :class:`LookedAt` counts them.
    others : tuple of str
        Samples of the files that were not asked for.
    """

    build: Build
    sample_ids: tuple[str, ...]
    loci: tuple[Locus, ...]
    columns: list[Column]
    unexpected: tuple[list[str], ...]
    absent: AbsentPolicy = AbsentPolicy.UNKNOWN
    proofs: tuple[tuple[str, BuildProof], ...] = ()
    notes: dict[tuple[int, LocusStatus], str] = field(default_factory=dict)
    sample_notes: dict[tuple[int, int], str] = field(default_factory=dict)
    unlisted: tuple[Unlisted, ...] = ()
    left_out: dict[str, CountArray] = field(default_factory=dict)
    doubts: dict[Doubt, int] = field(default_factory=dict)
    looked_at: tuple[LookedAt, ...] = ()
    not_assumed: dict[str, tuple[str, int]] = field(default_factory=dict)
    sparse: dict[str, tuple[float, float]] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    _rows: dict[tuple[str, str], int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        self._rows = {(locus.gene, locus.name): number for number, locus in enumerate(self.loci)}

    @classmethod
    def empty(cls, build: Build, sample_ids: Sequence[str], loci: Sequence[Locus]) -> Genotypes:
        """Return genotypes in which no locus has a record."""
        return cls(
            build=build,
            sample_ids=tuple(sample_ids),
            loci=tuple(loci),
            columns=[Column.uniform(len(sample_ids), LocusStatus.NO_RECORD)] * len(loci),
            unexpected=tuple([] for _ in loci),
        )

    @property
    def alleles(self) -> AlleleArray:
        """Allele codes of both haplotypes, shape (loci, samples, 2); made when asked for."""
        found = [column.states.alleles[column.index] for column in self.columns]
        return np.stack(found) if found else np.zeros((0, len(self.sample_ids), 2), np.int16)

    @property
    def phase_sets(self) -> PhaseArray:
        """Phase set numbers, shape (loci, samples); made when asked for."""
        shape = (0, len(self.sample_ids))
        return np.stack([c.states.phase[c.index] for c in self.columns]) if self.columns else np.zeros(shape, np.int64)

    @property
    def status(self) -> StatusArray:
        """Status codes, shape (loci, samples); made when asked for."""
        shape = (0, len(self.sample_ids))
        return np.stack([c.states.status[c.index] for c in self.columns]) if self.columns else np.zeros(shape, np.uint8)

    def with_arrays(
        self,
        alleles: AlleleArray | None = None,
        phase_sets: PhaseArray | None = None,
        status: StatusArray | None = None,
    ) -> Genotypes:
        """Return a copy with some of the arrays replaced; the shapes are those of the properties."""
        alleles = self.alleles if alleles is None else alleles
        phase_sets = self.phase_sets if phase_sets is None else phase_sets
        status = self.status if status is None else status
        columns = []
        for line in zip(alleles, phase_sets, status, strict=True):
            table = np.column_stack([line[0], line[1], line[2]]).astype(np.int64)
            rows, index = np.unique(table, axis=0, return_inverse=True)
            states = States(rows[:, :2].astype(np.int16), rows[:, 2], rows[:, 3].astype(np.uint8))
            columns.append(Column(states, index.reshape(-1).astype(np.uint32)))
        return replace(self, columns=columns)

    def state(self, locus: int, sample: int) -> tuple[int, int, int, int]:
        """Return both allele codes, the phase set and the status code of a sample at a locus."""
        column = self.columns[locus]
        number = int(column.index[sample])
        first, second = column.states.alleles[number].tolist()
        return first, second, int(column.states.phase[number]), int(column.states.status[number])

    def of_loci(self, loci: Sequence[Locus]) -> list[int]:
        """Return the row numbers of loci."""
        return [self._rows[locus.gene, locus.name] for locus in loci]

    def letters(self, locus: int, code: int) -> str:
        """Return the letters of an allele code at a locus."""
        if code >= UNEXPECTED:
            return self.unexpected[locus][code - UNEXPECTED]
        return self.loci[locus].sites[self.build].letters[code] if code >= 0 else "."

    def doubt_number(self, doubt: Doubt) -> int:
        """Return the number of a doubt; a new one gets the next."""
        return self.doubts.setdefault(doubt, len(self.doubts) + 1)

    @property
    def own_shares(self) -> npt.NDArray[np.float64]:
        """Share of the best genotype of each doubt, shape (doubts + 1,); 1 for number 0, which is no doubt."""
        return np.array([1.0, *(doubt.own for doubt in self.doubts)])

    def any_known(self) -> BoolArray:
        """Return for each sample whether a genotype can be used at any locus."""
        found = np.zeros(len(self.sample_ids), bool)
        for column in self.columns:
            found |= column.spread(column.states.known)
        return found

    def looks_variant_only(self) -> BoolArray:
        """Return for each sample whether no panel locus is recorded as homozygous reference."""
        found = np.zeros(len(self.sample_ids), bool)
        for locus, column in zip(self.loci, self.columns, strict=True):
            states = column.states
            alike = (states.alleles == locus.sites[self.build].reference_code) | (states.alleles == ABSENT_COPY)
            found |= column.spread(alike.all(axis=1) & (states.alleles[:, 0] >= 0) & _IS_RECORDED[states.status])
        return ~found

    def of_rows(self, rows: Sequence[int]) -> Genotypes:
        """Return the genotypes at some loci, by number."""
        places = {row: place for place, row in enumerate(rows)}
        return replace(
            self,
            loci=tuple(self.loci[row] for row in rows),
            columns=[self.columns[row] for row in rows],
            unexpected=tuple(self.unexpected[row] for row in rows),
            notes={(places[row], status): note for (row, status), note in self.notes.items() if row in places},
            sample_notes={
                (places[row], sample): note for (row, sample), note in self.sample_notes.items() if row in places
            },
            looked_at=(),
        )

    def select(self, samples: Sequence[int]) -> Genotypes:
        """Return the genotypes of some samples, by number."""
        chosen = list(samples)
        numbers = {old: new for new, old in enumerate(chosen)}
        return replace(
            self,
            sample_ids=tuple(self.sample_ids[number] for number in chosen),
            columns=[Column(column.states, column.index[chosen]) for column in self.columns],
            sample_notes={
                (locus, numbers[old]): note for (locus, old), note in self.sample_notes.items() if old in numbers
            },
            unlisted=renumber_unlisted(self.unlisted, numbers),
            left_out={gene: counts[chosen] for gene, counts in self.left_out.items()},
        )


def renumber_unlisted(unlisted: Sequence[Unlisted], numbers: Mapping[int, int]) -> tuple[Unlisted, ...]:
    """Return unlisted variants with new sample numbers; samples without a number are dropped."""
    kept = []
    for item in unlisted:
        genotypes = {numbers[old]: letters for old, letters in item.genotypes.items() if old in numbers}
        if genotypes:
            notes = {numbers[old]: note for old, note in item.sample_notes.items() if old in numbers}
            kept.append(replace(item, genotypes=genotypes, sample_notes=notes))
    return tuple(kept)


def letter_code(genotypes: Genotypes, locus: int, code: int | str) -> int:
    """Return an allele code; the letters of an unexpected allele get the next free one."""
    if isinstance(code, int):
        return code
    letters = genotypes.unexpected[locus]
    if code not in letters:
        letters.append(code)
    return UNEXPECTED + letters.index(code)


def phase_set_name(number: int, chrom: str) -> str:
    """Return how a phase set is written: its PS, or the contig where the file has no PS."""
    if number == 0:
        return ""
    within = number % PHASE_FILE
    if within >= PHASE_RECORD:
        return ""
    return str(within - 1) if within else chrom


def status_name(code: int) -> LocusStatus:
    """Return the status of an array code."""
    return LOCUS_STATUSES[code]
