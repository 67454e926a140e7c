"""A BCF file that holds no more than what an index leads to: htslib reads it from its start, without the index."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import IO, TYPE_CHECKING

from lupus_pgx.vcf.blocks import Blocks, IndexDoubtError
from lupus_pgx.vcf.checked import BcfPeek, CheckedIndex, find_index

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
            for chrom, here in groupby(regions, key=lambda region: region.chrom):
                if chrom in self._index.contigs:
                    self._copy(chrom, list(here), file)
            file.flush()
            yield file.name

    def _copy(self, chrom: str, regions: Sequence[Region], file: IO[bytes]) -> None:
        """Copy the records of a contig that may overlap sorted regions; none twice."""
        stretches = self._stretches(chrom, regions)
        offsets = [offset for offset, _ in stretches]
        pos = 0
        for (offset, here), following in zip(stretches, [*offsets[1:], None], strict=True):
            number = 0
            for (name, first, last), data in self._peek.records(self._blocks.text(offset, following)):
                if name != chrom or first > here[-1].end:
                    break
                if first < pos:
                    raise IndexDoubtError("records are not sorted")
                pos = first
                while here[number].end < first:
                    number += 1
                # No REF is longer than its record.
                if max(last, first + len(data)) >= here[number].start:
                    file.write(data)

    def _stretches(self, chrom: str, regions: Sequence[Region]) -> list[tuple[int, list[Region]]]:
        """Return from which offset the records of which regions are read."""
        assert self._index is not None
        found: list[tuple[int, list[Region]]] = []
        for region in regions:
            offset = self._index.start(chrom, region.start)
            # What reaches a region lies after what reaches an earlier one.
            if found and offset <= found[-1][0]:
                found[-1][1].append(region)
            else:
                found.append((offset, [region]))
        return found
