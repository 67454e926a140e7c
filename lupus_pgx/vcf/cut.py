"""A BCF file that holds no more than what an index leads to: htslib reads it from its start, without the index."""

from __future__ import annotations

import contextlib
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pysam

from lupus_pgx.vcf.blocks import Blocks, IndexDoubtError
from lupus_pgx.vcf.checked import BcfPeek, CheckedIndex, find_index, whole_records
from lupus_pgx.vcf.stretch import Stretch

if TYPE_CHECKING:
    from lupus_pgx.vcf.file import Region


class BcfIndex:
    """The checked index of a BCF file, if there is one.

    Parameters
    ----------
    path : str
        Path of the file as the user gave it.

    Attributes
    ----------
    found : bool
        Whether there is one.
    """

    def __init__(self, path: str) -> None:
        self._index: CheckedIndex | None = None
        self._path = str(Path(path).absolute())
        self._blocks = Blocks(path)
        with contextlib.suppress(IndexDoubtError):  # not bgzipped: no index can be
            self._peek = BcfPeek(self._blocks)
            self._index = find_index(path, self._peek, (".csi",), self._peek.names)
        self.found = self._index is not None

    def close(self) -> None:
        """Close the file."""
        self._blocks.close()

    def contigs(self) -> set[str]:
        """Return the contigs that have records."""
        return set(self._index.contigs) if self._index else set()

    @contextlib.contextmanager
    def cut(self, regions: Sequence[Region]) -> Iterator[str]:
        """Write the header and the records around sorted regions to a file that is removed later.

        Raises
        ------
        IndexDoubtError
            If the index turns out not to belong to the file.
        """
        assert self._index is not None
        with tempfile.NamedTemporaryFile(prefix="lupus_pgx_", suffix=".bcf") as file:
            file.write(self._peek.header)
            with pysam.BGZFile(self._path, "rb", None) as source:
                for chrom, here in groupby(regions, key=lambda region: region.chrom):
                    if chrom in self._index.contigs:
                        self._copy(Stretch(source, self._index, chrom, whole_records), list(here), file)
            file.flush()
            yield file.name

    def _copy(self, stretch: Stretch, regions: Sequence[Region], file: IO[bytes]) -> None:
        """Copy the records of a contig that may overlap sorted regions."""
        ends = [region.end for region in regions]
        for piece in stretch.pieces(regions):
            pos, over = stretch.pos, False
            for (name, first, last), data in self._peek.records([piece]):
                over = name != stretch.chrom
                if over and pos == 0:
                    raise IndexDoubtError("no record starts where an offset points")
                if over:
                    break
                if first < pos:
                    raise IndexDoubtError("records are not sorted")
                pos = first
                nearest = bisect_left(ends, first)
                # No REF is longer than its record.
                if nearest < len(ends) and regions[nearest].start <= max(last, first + len(data)):
                    file.write(data)
            stretch.go_on(pos, over=over)
