"""Is the index of alignments whole? htslib trusts its numbers, and ends the process where they lead out of it."""

from __future__ import annotations

import gzip
import shlex
import struct
import zlib
from pathlib import Path

import numpy as np

from lupus_pgx.errors import InputError

_MOST = 1 << 30
_BLOCK = 16
"""Bits of a virtual offset that count within a block."""
_COUNTS = 37450
"""Of BAI: the bin that holds numbers of reads, not places."""
_WIDTH = 3
"""Bits by which levels of bins differ."""
_DEEPEST = 9
"""Levels with which a bin still has a number of 32 bits."""
_INT = struct.Struct("<i")
_OFFSET = np.dtype("<u8")


def check_index(path: str, alignments: str) -> None:
    """Refuse a BAI or CSI whose numbers lead out of it or out of its file.

    Raises
    ------
    InputError
        If it is damaged.
    """
    try:
        data = _content(path)
        _Walk(data, Path(alignments).stat().st_size).index()
    except (OSError, EOFError, zlib.error, struct.error, ValueError) as error:
        anew = f"samtools index {shlex.quote(alignments)}"
        raise InputError(f"{alignments}: its index {path} is damaged ({error}): {anew}") from error


def _content(path: str) -> bytes:
    with Path(path).open("rb") as file:
        data = file.read(_MOST)
    if data.startswith(b"\x1f\x8b"):
        with gzip.open(path) as packed:
            data = packed.read(_MOST)
    return data


class _Walk:
    """Go through an index from its start to its end."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size, self._place = data, size, 0

    def index(self) -> None:
        """Go through all of it."""
        magic = self._take(4)
        if magic == b"BAI\x01":
            counts, is_csi = _COUNTS, False
        elif magic == b"CSI\x01":
            shift, depth = self._number(_WIDTH * _DEEPEST + _BLOCK), self._number(_DEEPEST)
            if not shift:
                raise ValueError("its windows have no length")
            self._take(self._number(len(self._data)))
            counts, is_csi = ((1 << _WIDTH * (depth + 1)) - 1) // 7 + 1, True
        else:
            raise ValueError("it is neither BAI nor CSI")
        for _ in range(self._number(len(self._data))):
            self._reference(counts, is_csi=is_csi)
        if len(self._data) - self._place not in (0, 8):
            raise ValueError("something stands behind its end")

    def _reference(self, counts: int, *, is_csi: bool) -> None:
        for _ in range(self._number(len(self._data))):
            (number,) = struct.unpack("<I", self._take(4))
            if number > counts:
                raise ValueError(f"it has no bin {number}")
            if is_csi:
                self._offsets(1)
            chunks = self._number(len(self._data))
            if number == counts:
                self._take(16 * chunks)
                continue
            begins_ends = self._offsets(2 * chunks).reshape(-1, 2)
            if (begins_ends[:, 0] > begins_ends[:, 1]).any():
                raise ValueError("a stretch ends before it begins")
        if not is_csi:
            self._offsets(self._number(len(self._data)))

    def _take(self, size: int) -> bytes:
        taken = self._data[self._place : self._place + size]
        if len(taken) < size:
            raise ValueError("it ends too early")
        self._place += size
        return taken

    def _number(self, most: int) -> int:
        (number,) = _INT.unpack(self._take(4))
        if not 0 <= number <= most:
            raise ValueError(f"a number in it is {number}")
        return int(number)

    def _offsets(self, count: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
        found = np.frombuffer(self._take(8 * count), _OFFSET)
        if count and int(found.max()) >> _BLOCK > self._size:
            raise ValueError("it leads beyond the end of the file")
        return found
