"""Records that stand where no record can, or that name a variant which lies elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from lupus_pgx.vcf.reach import FURTHEST
from lupus_pgx.vcf.records import BoolArray

Numbers = npt.NDArray[np.int64]
Letters = npt.NDArray[np.uint8]

_WORD = 8  # letters of an identifier that are compared in bulk
_NAME = 14  # letters in which the first identifier of a list ends


@dataclass(frozen=True)
class Sought:
    """What makes a record one to be looked at though it lies in no region that is read.

    Attributes
    ----------
    identifiers : frozenset of str
        In the ID column, wherever the record stands.
    lengths : mapping of str to int
        Of contigs, by each name that is understood: there is nothing beyond, and nothing at 0.
    homes : frozenset of str
        Those contigs, by each name, on which something is sought.
    spots : frozenset of int
        Positions of interest on any other contig.
    """

    identifiers: frozenset[str]
    lengths: Mapping[str, int]
    homes: frozenset[str]
    spots: frozenset[int]

    @cached_property
    def _places(self) -> Numbers:
        return np.array(sorted(self.spots), np.int64)

    @cached_property
    def _words(self) -> npt.NDArray[np.uint64]:
        words = [name.encode("latin-1", "replace")[:_WORD].ljust(_WORD, b"\0") for name in self.identifiers]
        return np.unique(np.frombuffer(b"".join(words), "<u8"))

    def beside(self, contig: str, positions: Numbers) -> BoolArray:
        """Return which positions of a contig are none that it has, or of interest on one that is not understood."""
        length = self.lengths.get(contig)
        if length is None:
            return np.isin(positions, self._places)
        if contig not in self.homes:
            return np.zeros(len(positions), bool)
        return np.asarray((positions == 0) | (positions > length))

    def named(self, letters: Letters, starts: Numbers) -> BoolArray:
        """Return where an identifier may begin that is sought: its first letters decide, or it is a list."""
        words = np.zeros(len(starts), np.uint64)
        inside = np.ones(len(starts), bool)
        listed = np.zeros(len(starts), bool)
        for place in range(_NAME):
            letter = letters[np.minimum(starts + place, len(letters) - 1)]
            inside &= letter != ord("\t")
            listed |= inside & ((letter == ord(";")) | (letter == ord(",")))
            if place < _WORD:
                words |= np.where(inside, letter, 0).astype(np.uint64) << np.uint64(8 * place)
        return listed | np.isin(words, self._words)

    def regions(self, contig: str, furthest: int) -> list[tuple[int, int]]:
        """Return where such records of a contig lie, the last of whose records lies at a position or before it."""
        length = self.lengths.get(contig)
        if length is None:
            return [(pos, pos) for pos in self._places[self._places <= furthest].tolist()]
        if contig not in self.homes:
            return []
        return [(0, 0), (length + 1, FURTHEST)] if furthest > length else [(0, 0)]

    def wants(self, contig: str, pos: int, identifier: str) -> bool:
        """Whether a record is to be looked at."""
        length = self.lengths.get(contig)
        beside = pos in self.spots if length is None else contig in self.homes and not 1 <= pos <= length
        return beside or not self.identifiers.isdisjoint(names_in(identifier))


def names_in(identifier: str) -> Iterable[str]:
    """Return the names that an ID column lists."""
    return identifier.replace(",", ";").split(";")


def digits(positions: Numbers) -> Numbers:
    """Return with how many digits positions are written."""
    return np.searchsorted(10 ** np.arange(1, 13, dtype=np.int64), positions, side="right") + 1
