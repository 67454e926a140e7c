"""CSI indexes: where in a BCF file the records of a region begin."""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from lupus_pgx.errors import InputError

_MAGIC = b"CSI\1"
_BIN = struct.Struct("<IQi")
_CHUNK = 16
_DEEPEST = 12

Chunk = tuple[int, int]
"""First place of some records in the file, and the place behind them."""


@dataclass(slots=True)
class _Contig:
    """Bins of a contig: the first place of what overlaps each, and where its chunks are listed."""

    bins: dict[int, tuple[int, int, int]] = field(default_factory=dict)


class CsiIndex:
    """An index in CSI format.

    Parameters
    ----------
    path : Path

    Raises
    ------
    InputError
        If it is damaged.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._data = gzip.decompress(path.read_bytes())
            self._read()
        except (OSError, EOFError, struct.error, zlib.error, ValueError) as error:
            raise InputError(f"{path}: the index is damaged ({error}); make it anew, or remove it") from error

    def _read(self) -> None:
        """Find the bins; the chunks of a bin are looked at when asked for."""
        if self._data[:4] != _MAGIC:
            raise ValueError("it does not begin as one")
        self._shift, self._depth, extra = struct.unpack_from("<iii", self._data, 4)
        if not (0 < self._shift <= 31 and 0 <= self._depth <= _DEEPEST and extra >= 0):
            raise ValueError("its sizes are impossible")
        place = 16 + extra
        (count,) = struct.unpack_from("<i", self._data, place)
        place += 4
        self._contigs: list[_Contig] = []
        for _ in range(count):
            contig = _Contig()
            (bins,) = struct.unpack_from("<i", self._data, place)
            place += 4
            for _ in range(bins):
                number, first, chunks = _BIN.unpack_from(self._data, place)
                place += _BIN.size
                contig.bins[number] = first, place, chunks
                place += chunks * _CHUNK
                if chunks < 0 or place > len(self._data):
                    raise ValueError("it ends too early")
            self._contigs.append(contig)

    def chunks(self, contig: int, start: int, end: int) -> list[Chunk]:
        """Return where records lie that may overlap the bases ``start`` to ``end`` (0-based, half-open)."""
        if not 0 <= contig < len(self._contigs):
            return []
        bins = self._contigs[contig].bins
        lowest = self._lowest(bins, start)
        found: list[Chunk] = []
        for number in self._overlapping(bins, start, end):
            _, place, count = bins[number]
            pairs = struct.unpack_from(f"<{2 * count}Q", self._data, place)
            found += [pair for pair in zip(pairs[::2], pairs[1::2], strict=True) if pair[1] > lowest]
        joined: list[Chunk] = []
        for first, last in sorted(found):
            if joined and first <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(last, joined[-1][1])
            else:
                joined.append((first, last))
        return joined

    def _lowest(self, bins: dict[int, tuple[int, int, int]], start: int) -> int:
        """Return the first place of any record that may reach a base."""
        number = _first_bin(self._depth) + (start >> self._shift)
        while number and number not in bins:
            parent = (number - 1) >> 3
            number = number - 1 if number > (parent << 3) + 1 else parent
        return bins[number][0] if number in bins else 0

    def _overlapping(self, bins: dict[int, tuple[int, int, int]], start: int, end: int) -> list[int]:
        """Return the bins that overlap some bases, on every level."""
        found = []
        for level in range(self._depth + 1):
            shift = self._shift + 3 * (self._depth - level)
            base = _first_bin(level)
            first, last = base + (start >> shift), base + ((end - 1) >> shift)
            found += [number for number in range(first, last + 1) if number in bins]
        return found


def _first_bin(level: int) -> int:
    """Return the number of the first bin of a level."""
    return ((1 << 3 * level) - 1) // 7
