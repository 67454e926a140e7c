"""Records of one contig of a bgzipped file, read around regions through a checked index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import pysam

from lupus_pgx.vcf.blocks import IndexDoubtError
from lupus_pgx.vcf.checked import CheckedIndex

if TYPE_CHECKING:
    from lupus_pgx.vcf.regions import Region

_SMALL, _LARGE = 1 << 14, 1 << 18  # bytes read at once: at first, and at the most (what a cache holds)


class Stretch:
    """Read on through a contig, leaving out what lies between regions; no record is read twice.

    Parameters
    ----------
    file : BGZFile
    index : CheckedIndex
    chrom : str
    whole : callable
        Returns how much of some bytes is whole records.

    Attributes
    ----------
    fresh : bool
        Whether the records are the first after a leap.
    pos : int
        Position of the last record; whoever parses the records states it by :meth:`go_on`.
    """

    def __init__(self, file: pysam.BGZFile, index: CheckedIndex, chrom: str, whole: Callable[[bytes], int]) -> None:
        self.chrom = chrom
        self.fresh = True
        self.pos = 0
        self._file, self._index = file, index
        self._whole = whole
        self._over = False

    def go_on(self, pos: int, *, over: bool) -> None:
        """Note the position of the last record, and whether the contig is over."""
        self.pos = pos
        self._over = over

    def pieces(self, regions: Sequence[Region]) -> Iterator[bytes]:
        """Yield whole records around sorted regions of the contig.

        Raises
        ------
        IndexDoubtError
            If the index turns out not to belong to the file.
        """
        rest, size = b"", _SMALL
        begun = False
        for region in regions:
            # Where nothing is left out, nothing rests on the index.
            if not begun or self._file.tell() < self._index.offset(self.chrom, region.start):
                self._file.seek(self._index.start(self.chrom, region.start))
                rest, size, begun = b"", _SMALL, True
                self.fresh = True
            while self.pos <= region.end and not self._over:
                block = self._file.read(size)
                if not block:
                    if rest:
                        raise IndexDoubtError("the last record has no end")
                    return
                data = rest + block
                cut = self._whole(data)
                rest = data[cut:]
                if cut:
                    yield data[:cut]
                    self.fresh = False
                # A record may be longer than what is read at once.
                size = max(min(2 * size, _LARGE), len(rest))
