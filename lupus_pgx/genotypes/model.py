"""Genotypes of samples at the panel loci, with a reason for every missing one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from lupus_pgx.genotypes.builds import BuildProof
from lupus_pgx.genotypes.codes import (
    ABSENT_COPY,
    IS_RECORDED,
    UNEXPECTED,
    AlleleArray,
    CountArray,
    PhaseArray,
    StatusArray,
)
from lupus_pgx.genotypes.column import Column, States
from lupus_pgx.genotypes.doubt import Doubt
from lupus_pgx.genotypes.file_facts import LookedAt, Unlisted, renumber_unlisted
from lupus_pgx.knowledge.loci import Locus
from lupus_pgx.terms import AbsentPolicy, Build, LocusStatus
from lupus_pgx.vcf.records import BoolArray


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
    _rows: dict[tuple[str, str], int] = field(default_factory=dict, init=False, compare=False)

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
        if not self._rows:
            self._rows = {(locus.gene, locus.name): number for number, locus in enumerate(self.loci)}
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
            alike = alike.all(axis=1) & (states.alleles[:, 0] >= 0) & IS_RECORDED[states.status]
            if alike.any():
                found |= column.spread(alike)
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


def letter_code(genotypes: Genotypes, locus: int, code: int | str) -> int:
    """Return an allele code; the letters of an unexpected allele get the next free one."""
    if isinstance(code, int):
        return code
    letters = genotypes.unexpected[locus]
    if code not in letters:
        letters.append(code)
    return UNEXPECTED + letters.index(code)
