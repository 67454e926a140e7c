"""Records of a file, text or BCF, read around regions through its checked index."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pysam

from lupus_pgx.vcf.blocks import Blocks, IndexDoubtError
from lupus_pgx.vcf.checked import CheckedIndex
from lupus_pgx.vcf.kinds import Kinds
from lupus_pgx.vcf.records import RawRecord, Spans
from lupus_pgx.vcf.regions import Region
from lupus_pgx.vcf.stretch import Stretch
from lupus_pgx.vcf.unplaced import Sought

Positions = npt.NDArray[np.int64]


class IndexedFile(ABC):
    """A file of records that may have an index; what its records look like is told by those who inherit.

    Parameters
    ----------
    path : str
        Path of the file; only shown for a stream.

    Attributes
    ----------
    met : set of str
        Contigs met while scanning.
    watch : Spans
        Where positions of records are kept while scanning.
    seen : dict of str to list of ndarray of int
        Those positions, by contig.
    kinds : Kinds
        Of the records in watched spans that were passed while a file was read from its start.
    sought : Sought or None
        Which records are kept while scanning though they lie in no region.
    unplaced : list of RawRecord
        Those records.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.met: set[str] = set()
        self.watch: Spans = {}
        self.seen: dict[str, list[Positions]] = {}
        self.kinds = Kinds()
        self.sought: Sought | None = None
        self.unplaced: list[RawRecord] = []
        self._passed: list[tuple[str, Sequence[int] | Positions, bool]] = []
        self._index: CheckedIndex | None = None
        self._blocks: Blocks | None = None

    @abstractmethod
    def _opened(self) -> AbstractContextManager[pysam.BGZFile]:
        """Return the bgzipped file for reading at offsets; leaving it ends that."""

    @abstractmethod
    def _whole(self, data: bytes) -> int:
        """Return how much of some bytes is whole records."""

    @abstractmethod
    def _of_stretch(self, data: bytes, stretch: Stretch, spans: Spans) -> Iterator[RawRecord]:
        """Yield the records of whole records that overlap spans of the contig, and note how far they go.

        Raises
        ------
        IndexDoubtError
            If the first record after a leap is of another contig, or records are not sorted.
        """

    @abstractmethod
    def _positions(self, data: bytes, chrom: str) -> tuple[Positions, bool]:
        """Return the positions of the first records that are of a contig, and whether others follow."""

    def close(self) -> None:
        """Close what the index was compared with."""
        if self._blocks is not None:
            self._blocks.close()

    def index_contigs(self) -> set[str]:
        """Return the contigs that have records, by the index."""
        return set(self._index.contigs) if self._index else set()

    def holds(self, contig: str) -> bool:
        """Whether the index knows records of a contig."""
        return contig in self.index_contigs()

    def reaches(self, contig: str) -> int:
        """Return a position beyond which the index knows no record of a contig."""
        return self._index.contigs[contig].furthest if self._index else 0

    def by_index(self, regions: Sequence[Region], spans: Spans) -> Iterator[RawRecord]:
        """Yield the records that overlap sorted regions and spans within them, through the index.

        Raises
        ------
        IndexDoubtError
            If the index turns out not to belong to the file.
        """
        for stretch, data in self._pieces(regions):
            yield from self._of_stretch(data, stretch, spans)

    def positions(self, regions: Sequence[Region]) -> Iterator[tuple[str, Positions]]:
        """Yield the positions of records in sorted regions, piece by piece, through the index.

        Raises
        ------
        IndexDoubtError
            If the index turns out not to belong to the file.
        """
        for stretch, data in self._pieces(regions):
            positions, over = self._positions(data, stretch.chrom)
            if not len(positions) and stretch.fresh:
                raise IndexDoubtError("no record starts where an offset points")
            self._passed.append((stretch.chrom, positions, stretch.fresh))
            stretch.go_on(int(positions[-1]) if len(positions) else stretch.pos, over=over)
            yield stretch.chrom, positions

    def met_positions(self) -> Iterator[tuple[str, Positions]]:
        """Yield the positions that were passed so far while records were read, of a whole contig or where watched."""
        for chrom, passed, _ in self._passed:
            yield chrom, np.array(passed, np.int64)
        for chrom, pieces in self.seen.items():
            yield chrom, np.concatenate(pieces)

    def not_passed(self, regions: Iterable[Region]) -> list[Region]:
        """Return what is left of regions without the bases of which every record was passed through the index."""
        passed: dict[str, list[list[int]]] = {}
        for chrom, positions, fresh in self._passed:
            if not len(positions):
                continue
            spans = passed.setdefault(chrom, [])
            # What is read on without a leap follows upon what was read before: no record lies between.
            if fresh or not spans:
                spans.append([int(positions[0]), int(positions[-1])])
            else:
                spans[-1][1] = int(positions[-1])
        left: list[Region] = []
        for region in regions:
            start = region.start
            for first, last in sorted(passed.get(region.chrom, ())):
                if start <= first <= region.end:
                    left += [Region(region.chrom, start, first - 1)] if start < first else []
                if first <= start or first <= region.end:
                    start = max(start, last + 1)
            left += [Region(region.chrom, start, region.end)] if start <= region.end else []
        return left

    def _pieces(self, regions: Sequence[Region]) -> Iterator[tuple[Stretch, bytes]]:
        """Yield whole records around sorted regions; whoever parses them tells the stretch how far they go."""
        assert self._index is not None
        with self._opened() as file:
            for chrom, here in groupby(regions, key=lambda region: region.chrom):
                if chrom in self._index.contigs:
                    stretch = Stretch(file, self._index, chrom, self._whole)
                    for data in stretch.pieces(list(here)):
                        yield stretch, data
