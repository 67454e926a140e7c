"""Tabix (``.tbi``) and CSI (``.csi``) indexes as they are written, each rule of the formats checked.

An index is a hint. It is read here and not by htslib, which believes it. What is told twice in an
index must agree: the chunks of a contig cover it without a gap, contig follows contig from the
header to the end, offsets rise with positions.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lupus_pgx.vcf.blocks import BLOCK_BITS, IndexDoubtError

Offsets = npt.NDArray[np.uint64]

_LARGEST_FILE = 128 << 20
_LARGEST_TEXT = 512 << 20
_GZIP_WINDOW = 31
_TBI, _CSI = b"TBI\x01", b"CSI\x01"
_VCF_FORMAT = (2, 1, 2, 0, ord("#"), 0)  # preset, columns of contig, start and end, comment letter, lines to skip
_TBI_SHIFT, _TBI_DEPTH = 14, 5
_MOST_BITS = 50  # of a position; no contig comes near
_WINDOW = 256  # bins that are looked at together at first
_CHUNK = [("begin", "<u8"), ("end", "<u8")]
_TBI_BIN = np.dtype([("bin", "<u4"), ("count", "<i4"), *_CHUNK])
_CSI_BIN = np.dtype([("bin", "<u4"), ("loff", "<u8"), ("count", "<i4"), *_CHUNK])


@dataclass(frozen=True, slots=True)
class Scheme:
    """How bins divide a contig: leaves of ``2**shift`` bases, each parent eight times as long."""

    shift: int
    depth: int

    def first(self, level: int) -> int:
        """Return the first bin of a level; level 0 is the whole contig."""
        return ((1 << 3 * level) - 1) // 7

    @property
    def statistics(self) -> int:
        """The number of what is no bin: extent and count of the records of a contig."""
        return self.first(self.depth + 1) + 1

    def leaf(self, pos: int) -> int:
        """Return the smallest bin of a position (1-based); the last one for a position beyond all."""
        return min(self.first(self.depth) + ((pos - 1) >> self.shift), self.first(self.depth + 1) - 1)

    def start(self, bin_number: int) -> int:
        """Return the first position of a bin."""
        return self.extent(bin_number)[0]

    def extent(self, bin_number: int) -> tuple[int, int]:
        """Return the first and the last position of a bin."""
        level = 0
        while self.first(level + 1) <= bin_number:
            level += 1
        size = self.shift + 3 * (self.depth - level)
        number = bin_number - self.first(level)
        return (number << size) + 1, (number + 1) << size


@dataclass(frozen=True, slots=True)
class ContigIndex:
    """What an index says of one contig.

    Attributes
    ----------
    begin, end : int
        Virtual offsets of its first record, and after its last.
    bins, begins, ends : ndarray
        Chunks in the order of the file, and the bin of each.
    starts : mapping of int to int, or ndarray
        Where records that reach into a bin (CSI) or window (tabix) begin.
    """

    scheme: Scheme
    begin: int
    end: int
    bins: npt.NDArray[np.uint32]
    begins: Offsets
    ends: Offsets
    starts: Mapping[int, int] | Offsets

    def start(self, pos: int) -> tuple[int, int]:
        """Return the offset from which records that reach a position (1-based) lie, and what it is the offset of.

        No record before the offset reaches the second number, which is not beyond the position.
        """
        if isinstance(self.starts, np.ndarray):
            window = min((pos - 1) >> self.scheme.shift, len(self.starts) - 1)
            return max(int(self.starts[window]), self.begin), (window << self.scheme.shift) + 1
        bin_number = self.scheme.leaf(pos)
        while bin_number and bin_number not in self.starts:
            parent = (bin_number - 1) >> 3
            bin_number = bin_number - 1 if bin_number > (parent << 3) + 1 else parent
        return max(self.starts.get(bin_number, 0), self.begin), self.scheme.start(bin_number)

    @property
    def furthest(self) -> int:
        """A position beyond which no record reaches."""
        if isinstance(self.starts, np.ndarray):
            return len(self.starts) << self.scheme.shift
        return max((self.scheme.extent(number)[1] for number in self.bins.tolist()), default=0)

    def chunks_before(self, pos: int, offset: int) -> Iterator[tuple[int, int]]:
        """Yield the chunks of bins around a position that begin before an offset."""
        around = [self.scheme.leaf(pos)]
        while around[-1]:
            around.append((around[-1] - 1) >> 3)
        here = np.isin(self.bins, np.array(around, np.uint32)) & (self.begins < np.uint64(offset))
        for chunk in np.flatnonzero(here).tolist():
            yield int(self.begins[chunk]), min(int(self.ends[chunk]), offset)

    def known_before(self, offset: int) -> int:
        """Return the last offset before another one at which a record begins."""
        place = int(np.searchsorted(self.begins, np.uint64(offset)))
        chunk = int(self.begins[place - 1]) if place else self.begin
        if isinstance(self.starts, np.ndarray):
            return chunk
        return max(chunk, max((start for start in self.starts.values() if start < offset), default=0))


@dataclass(frozen=True, slots=True)
class Index:
    """An index as it is written.

    Attributes
    ----------
    names : tuple of str or None
        Contigs in the order of ``contigs``; None where the header of the file names them (BCF).
    contigs : tuple of ContigIndex or None
        None where a contig has no record.
    """

    names: tuple[str, ...] | None
    contigs: tuple[ContigIndex | None, ...]


def read_index(path: Path, size: int) -> Index:
    """Read an index.

    Parameters
    ----------
    path : Path
    size : int
        Of the file it is the index of, in bytes.

    Raises
    ------
    IndexDoubtError
        If it breaks a rule of its format, or of any sorted file of that size.
    OSError
        If it cannot be read.
    """
    return _Parser(_inflated(path), size).index()


def _inflated(path: Path) -> bytes:
    with path.open("rb") as file:
        raw = file.read(_LARGEST_FILE + 1)
    if len(raw) > _LARGEST_FILE:
        raise IndexDoubtError("it is too large to be an index")
    parts, total = [], 0
    while raw:
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            text = member.decompress(raw, _LARGEST_TEXT - total + 1)
        except zlib.error as error:
            raise IndexDoubtError("it is damaged") from error
        parts.append(text)
        total += len(text)
        if total > _LARGEST_TEXT:
            raise IndexDoubtError("it is too large to be an index")
        if not member.eof:
            raise IndexDoubtError("it ends too early")
        raw = member.unused_data
    return b"".join(parts)


class _Parser:
    """Read the numbers of an index one after the other."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._place = 4
        self._limit = size << BLOCK_BITS
        self._linear = data.startswith(_TBI)
        if not self._linear and not data.startswith(_CSI):
            raise IndexDoubtError("it is not an index")

    def index(self) -> Index:
        names: tuple[str, ...] | None
        if self._linear:
            count = self._count(1 << 31)
            scheme, names = Scheme(_TBI_SHIFT, _TBI_DEPTH), self._names(None)
        else:
            scheme, length = self._scheme(), self._count(len(self._data))
            names = self._names(length) if length else None
            count = self._count(1 << 31)
        if names is not None and len(names) != count:
            raise IndexDoubtError("it does not name its contigs")
        contigs = tuple([self._contig(scheme) for _ in range(count)])
        left = len(self._data) - self._place
        # A count of records without a place may follow; a VCF has none of them.
        if left and (left != 8 or any(self._data[-8:])):
            raise IndexDoubtError("it is longer than it says")
        _check_order([contig for contig in contigs if contig is not None])
        return Index(names, contigs)

    def _numbers(self, form: str) -> tuple[int, ...]:
        try:
            found = struct.unpack_from(form, self._data, self._place)
        except struct.error as error:
            raise IndexDoubtError("it ends too early") from error
        self._place += struct.calcsize(form)
        return found

    def _count(self, limit: int) -> int:
        (count,) = self._numbers("<i")
        if not 0 <= count <= min(limit, len(self._data)):
            raise IndexDoubtError("it holds an impossible number")
        return count

    def _scheme(self) -> Scheme:
        shift, depth = self._numbers("<2i")
        if not (0 < shift < 32 and 0 < depth < 11 and shift + 3 * depth <= _MOST_BITS):
            raise IndexDoubtError("it holds an impossible number")
        return Scheme(shift, depth)

    def _names(self, length: int | None) -> tuple[str, ...]:
        """Read how the columns of the file are to be read, and the names of the contigs."""
        *form, size = self._numbers("<7i")
        if tuple(form) != _VCF_FORMAT:
            raise IndexDoubtError("it is not the index of a VCF")
        if not 0 <= size <= len(self._data) - self._place or length not in (None, size + 28):
            raise IndexDoubtError("it holds an impossible number")
        text = self._data[self._place : self._place + size]
        self._place += size
        if text and not text.endswith(b"\0"):
            raise IndexDoubtError("it does not name its contigs")
        names = tuple(name.decode("latin-1") for name in text.split(b"\0")[:-1])
        if len(set(names)) != len(names) or not all(names):
            raise IndexDoubtError("it names a contig twice or not at all")
        return names

    def _contig(self, scheme: Scheme) -> ContigIndex | None:
        rows, bins = self._bins(self._count(len(self._data) // 8))
        if len(set(bins.tolist())) != len(bins):
            raise IndexDoubtError("it names a bin twice")
        linear = self._offsets(self._count(len(self._data) // 8)) if self._linear else None
        extra = rows["bin"] == scheme.statistics
        said, rows = rows[extra], rows[~extra]
        if not len(rows):
            if len(said) or (linear is not None and len(linear)):
                raise IndexDoubtError("it counts records where it has none")
            return None
        rows = rows[np.argsort(rows["begin"], kind="stable")]
        begin, end = int(rows["begin"][0]), int(rows["end"].max())
        self._check_chunks(rows, scheme)
        # Extent, then numbers of records.
        if len(said) and (len(said) != 2 or (int(said["begin"][0]), int(said["end"][0])) != (begin, end)):
            raise IndexDoubtError("it tells two places where a contig begins and ends")
        starts = self._loffs(rows, begin, end) if linear is None else _checked_linear(linear, rows, scheme, begin, end)
        return ContigIndex(scheme, begin, end, rows["bin"], rows["begin"], rows["end"], starts)

    def _offsets(self, count: int) -> Offsets:
        if count * 8 > len(self._data) - self._place:
            raise IndexDoubtError("it ends too early")
        found = np.frombuffer(self._data, "<u8", count, self._place)
        self._place += 8 * count
        return found

    def _bins(self, count: int) -> tuple[npt.NDArray[np.void], npt.NDArray[np.uint32]]:
        """Read the bins of a contig: a row for each chunk, and the bins once each."""
        kind = _TBI_BIN if self._linear else _CSI_BIN
        parts, numbers = [np.empty(0, kind)], [np.empty(0, np.uint32)]
        window = _WINDOW
        while count:
            # Most bins hold one chunk: those that follow each other are read together.
            width = min(count, window, (len(self._data) - self._place) // kind.itemsize)
            rows = np.frombuffer(self._data, kind, width, self._place)
            other = np.flatnonzero(rows["count"] != 1)
            alike = int(other[0]) if len(other) else width
            if alike:
                self._place += alike * kind.itemsize
                window *= 2
                rows = rows[:alike]
                numbers.append(rows["bin"])
            else:
                rows = self._bin(kind)
                window = _WINDOW
                alike = 1
                numbers.append(rows["bin"][:1])
                rows = rows[1:]
            parts.append(rows)
            count -= alike
        return np.concatenate(parts), np.concatenate(numbers)

    def _bin(self, kind: np.dtype[np.void]) -> npt.NDArray[np.void]:
        """Read one bin: a row that names it, and a row for each of its chunks."""
        number, loff = (*self._numbers("<I"), 0) if self._linear else self._numbers("<IQ")
        count = self._count(len(self._data) // 16)
        rows = np.empty(count + 1, kind)
        rows["bin"] = number
        if not self._linear:
            rows["loff"] = loff
        chunks = self._offsets(2 * count).reshape(-1, 2)
        rows["begin"][1:], rows["end"][1:] = chunks.T
        return rows

    def _check_chunks(self, rows: npt.NDArray[np.void], scheme: Scheme) -> None:
        """Check that chunks lie within bins and file, and cover a contig without a gap."""
        begins, ends = rows["begin"], rows["end"]
        if int(rows["bin"].max()) >= scheme.first(scheme.depth + 1):
            raise IndexDoubtError("it holds a bin that cannot be")
        if (begins >= ends).any() or int(ends.max()) >= self._limit:
            raise IndexDoubtError("an offset lies beyond the end of the file")
        if (begins[1:] > np.maximum.accumulate(ends)[:-1]).any():
            raise IndexDoubtError("it leaves out records")

    def _loffs(self, rows: npt.NDArray[np.void], begin: int, end: int) -> Mapping[int, int]:
        """Check the offset that CSI keeps for each bin, and return them by bin."""
        loffs = rows["loff"]
        if (loffs > rows["begin"]).any() or ((loffs < begin) & (loffs > 0)).any() or int(loffs.max()) >= end:
            raise IndexDoubtError("offsets do not rise with positions")
        return dict(zip(rows["bin"].tolist(), loffs.tolist(), strict=True))


def _checked_linear(linear: Offsets, rows: npt.NDArray[np.void], scheme: Scheme, begin: int, end: int) -> Offsets:
    """Check the offsets that tabix keeps for each window."""
    known = linear[np.flatnonzero(linear)[:1].sum() :]
    if not len(known) or (known < begin).any() or int(known.max()) >= end or (known[1:] < known[:-1]).any():
        raise IndexDoubtError("offsets do not rise with positions")
    windows = rows["bin"].astype(np.int64) - scheme.first(scheme.depth)
    leaves = windows >= 0
    if leaves.any() and (int(windows.max()) >= len(linear) or (linear[windows[leaves]] > rows["begin"][leaves]).any()):
        raise IndexDoubtError("windows and bins contradict each other")
    return linear


def _check_order(contigs: list[ContigIndex]) -> None:
    """Check that each contig begins where the one before it in the file ends."""
    ordered = sorted(contigs, key=lambda contig: contig.begin)
    for before, after in pairwise(ordered):
        if before.end != after.begin:
            raise IndexDoubtError("it leaves out records between two contigs")
