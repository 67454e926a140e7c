"""Genotypes of all samples at one locus: the distinct ones, and which of them each sample has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index, same
from lupus_pgx.genotypes.codes import IS_KNOWN, IS_WEIGHED, MISSING, AlleleArray, DoubtArray, PhaseArray, StatusArray
from lupus_pgx.terms import LocusStatus
from lupus_pgx.vcf.records import BoolArray


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
        return IS_KNOWN[self.status] | IS_WEIGHED[self.status]


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

    def holds(self, values: npt.NDArray[np.bool_]) -> bool:
        """Whether any sample has a state of these; most often no state is one, and no sample need be looked at."""
        return bool(values.any()) and bool(self.spread(values).any())


def _alike(states: States, samples: int) -> Column:
    return Column(states, same(samples))
