"""The blocks of a bgzipped file, found by virtual offset and read without htslib."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

BLOCK_BITS = 16
"""Bits of a virtual offset that lie within a block; those above are the place of the block in the file."""

_MASK = (1 << BLOCK_BITS) - 1
_LONGEST = 1 << BLOCK_BITS
_START = b"\x1f\x8b\x08\x04"
_FIELD = b"BC\x02\x00"
_FIELD_AT, _SIZE_AT, _HEAD = 12, 16, 18
_GZIP_WINDOW = 31
_KEPT = 8  # blocks
_LINE_LIMIT = 64 << 20


class IndexDoubtError(Exception):
    """An index, or where it leads to, is not as it must be."""


class Blocks:
    """A bgzipped file as blocks.

    Parameters
    ----------
    path : str

    Attributes
    ----------
    size : int
        Of the file, in bytes.
    """

    def __init__(self, path: str) -> None:
        self._file = Path(path).open("rb")  # noqa: SIM115
        self.size = self._file.seek(0, 2)
        self._kept: dict[int, tuple[bytes, int]] = {}

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def block(self, address: int) -> tuple[bytes, int]:
        """Return the text of a block and the address of the next.

        Raises
        ------
        IndexDoubtError
            If no whole block starts there.
        """
        found = self._kept.pop(address, None) or self._inflated(address)
        self._kept[address] = found
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return found

    def _inflated(self, address: int) -> tuple[bytes, int]:
        size = self._block_size(self._read(address, _HEAD))
        if not size:
            raise IndexDoubtError("an offset is not the start of a block")
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            text = member.decompress(self._read(address, size), _LONGEST + 1)
        except zlib.error as error:
            raise IndexDoubtError("a block is damaged") from error
        if not member.eof or member.unused_data or len(text) > _LONGEST:
            raise IndexDoubtError("a block is damaged")
        return text, address + size

    def _read(self, address: int, size: int) -> bytes:
        if not 0 <= address < self.size:
            raise IndexDoubtError("an offset lies beyond the end of the file")
        self._file.seek(address)
        return self._file.read(size)

    @staticmethod
    def _block_size(head: bytes) -> int:
        """Return the size of a block by its first bytes; 0 if they are not those of a block."""
        if len(head) < _HEAD or not head.startswith(_START) or head[_FIELD_AT:_SIZE_AT] != _FIELD:
            return 0
        return int.from_bytes(head[_SIZE_AT:_HEAD], "little") + 1

    def block_before(self, address: int) -> int:
        """Return the address of the block that ends where another starts."""
        start = max(0, address - _LONGEST)
        raw = self._read(start, address - start) if address else b""
        place = raw.rfind(_START)
        while place >= 0:
            if self._block_size(raw[place : place + _HEAD]) == len(raw) - place:
                return start + place
            place = raw.rfind(_START, 0, place + len(_START) - 1)
        raise IndexDoubtError("no block ends where an offset says that one starts")

    def text(self, offset: int, end: int | None = None) -> Iterator[bytes]:
        """Yield the text from a virtual offset on, to another one or to the end of the file."""
        address, skip = offset >> BLOCK_BITS, offset & _MASK
        last, stop = (self.size, 0) if end is None else (end >> BLOCK_BITS, end & _MASK)
        while address < last or (address == last and skip < stop):
            text, following = self.block(address)
            if max(skip, stop if address == last else 0) > len(text):
                raise IndexDoubtError("an offset lies beyond the end of its block")
            yield text[skip:stop] if address == last else text[skip:]
            if address == last:
                return
            address, skip = following, 0
        if address != last:
            raise IndexDoubtError("an offset is not the start of a block")

    def text_before(self, offset: int, known: int) -> Iterator[bytes]:
        """Yield the text before a virtual offset backwards, ever more of it at once, to the block of another one."""
        address, skip = offset >> BLOCK_BITS, offset & _MASK
        text = self.block(address)[0] if skip else b""
        if skip > len(text):
            raise IndexDoubtError("an offset lies beyond the end of its block")
        yield text[:skip]
        parts, count = [], 1
        while address > known >> BLOCK_BITS:
            address = self.block_before(address)
            parts.append(self.block(address)[0])
            if len(parts) == count:
                yield b"".join(reversed(parts))
                parts, count = [], 2 * count
        yield b"".join(reversed(parts))

    def place(self, size: int) -> int:
        """Return the virtual offset that lies a number of letters after the start of the text."""
        address = 0
        while True:
            text, following = self.block(address)
            if size < len(text):
                return (address << BLOCK_BITS) + size
            size -= len(text)
            address = following
            if not size:
                return address << BLOCK_BITS

    def is_end(self, offset: int) -> bool:
        """Whether no text follows a virtual offset."""
        return not any(self.text(offset))

    def line_at(self, offset: int) -> bytes:
        """Return the line that starts at a virtual offset."""
        line = b""
        for text in self.text(offset):
            whole, newline, _ = text.partition(b"\n")
            line += whole
            if newline or len(line) > _LINE_LIMIT:
                break
        return line

    def line_before(self, offset: int) -> bytes:
        """Return the line that ends where a virtual offset points; empty at the start of the file."""
        address, skip = offset >> BLOCK_BITS, offset & _MASK
        text = self.block(address)[0]
        if skip > len(text):
            raise IndexDoubtError("an offset lies beyond the end of its block")
        text = text[:skip]
        while text.count(b"\n", 0, -1) == 0 and address and len(text) < _LINE_LIMIT:
            address = self.block_before(address)
            text = self.block(address)[0] + text
        if not text.endswith(b"\n"):
            raise IndexDoubtError("an offset is not the start of a line")
        return text[:-1].rpartition(b"\n")[2]
