"""An index that was compared with its file: what it leads to is looked at before it is believed."""

from __future__ import annotations

import logging
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from lupus_pgx.vcf.blocks import Blocks, IndexDoubtError
from lupus_pgx.vcf.index import ContigIndex, Index, read_index
from lupus_pgx.vcf.reach import end_of

log = logging.getLogger(__name__)

Place = tuple[str, int, int]
"""Contig, first and last base of a record; no contig for a line of the header."""

_SLACK = 2.0  # seconds by which an index may be older: some file systems count in twos
_DIGITS = 12  # of a position at the most
_HEAD = 8
_BCF_MAGIC = 9  # letters before the text of the header
_CONTIG_LINE = re.compile(r"^##contig=<(.*)>", re.MULTILINE)
_CONTIG_NAME = re.compile(r"(?:^|,)ID=([^,]+)")
_CONTIG_NUMBER = re.compile(r"(?:^|,)IDX=(\d+)$")
_BCF_SHARED = 24  # bytes that each record has at the least
_BCF_HEAD = struct.Struct("<IIiii")
_BCF_PEOPLE = 28  # where a record states the number of samples, in three bytes


class Peek(Protocol):
    """Look at single records of a file by virtual offset."""

    blocks: Blocks

    def at(self, offset: int) -> Place:
        """Return the record that starts at an offset."""

    def before(self, offset: int, known: int) -> Place:
        """Return the record that ends at an offset; one starts at ``known``, further in front."""

    def between(self, begin: int, end: int) -> Iterator[Place]:
        """Yield the records between two offsets."""


class TextPeek:
    """Look at single records of a bgzipped VCF.

    Parameters
    ----------
    blocks : Blocks
    """

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks

    def at(self, offset: int) -> Place:
        """Return the record that starts at an offset."""
        return _place(self.blocks.line_at(offset))

    def before(self, offset: int, known: int) -> Place:
        """Return the record that ends at an offset."""
        del known  # line ends can be found backwards
        return _place(self.blocks.line_before(offset))

    def between(self, begin: int, end: int) -> Iterator[Place]:
        """Yield the records between two offsets."""
        rest = b""
        for text in self.blocks.text(begin, end):
            *lines, rest = (rest + text).split(b"\n")
            yield from map(_place, lines)
        if rest:
            raise IndexDoubtError("an offset is not the start of a line")


class BcfPeek:
    """Look at single records of a BCF file.

    Parameters
    ----------
    blocks : Blocks

    Attributes
    ----------
    header : bytes
        All that stands before the first record.
    names : dict of int to str
        Contigs of the header by their number.
    """

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        self.header = self._header()
        text = self.header[_BCF_MAGIC:].decode("utf-8", "replace")
        self.names = _contig_numbers(text)
        self._first = blocks.place(len(self.header))
        columns = text.rstrip("\0\n").rpartition("\n")[2].split("\t")
        self._people = len(columns[_HEAD + 1 :]).to_bytes(3, "little")

    def _header(self) -> bytes:
        text = b""
        for block in self.blocks.text(0):
            text += block
            if len(text) >= _BCF_MAGIC and len(text) >= (size := _BCF_MAGIC + int.from_bytes(text[5:9], "little")):
                return text[:size]
        raise IndexDoubtError("the header ends too early")

    def at(self, offset: int) -> Place:
        """Return the record that starts at an offset."""
        for place, _ in self.records(self.blocks.text(offset)):
            return place
        raise IndexDoubtError("no record starts where an offset points")

    def before(self, offset: int, known: int) -> Place:
        """Return the record that ends at an offset."""
        if offset == self._first:
            return "", 0, 0
        text, head = b"", _BCF_PEOPLE + len(self._people)
        for more in self.blocks.text_before(offset, known):
            text = more + text
            # A record states its own length and the number of samples: few blocks are inflated to find it backwards.
            place = text.rfind(self._people, _BCF_PEOPLE, len(more) + head - 1)
            while place >= 0:
                start = place - _BCF_PEOPLE
                shared, own, contig, pos, length = _BCF_HEAD.unpack_from(text, start)
                if start + 8 + shared + own == len(text) and shared >= _BCF_SHARED and contig in self.names:
                    return self.names[contig], pos + 1, pos + max(length, 1)
                place = text.rfind(self._people, _BCF_PEOPLE, start + head - 1)
        raise IndexDoubtError("no record ends where an offset points")

    def between(self, begin: int, end: int) -> Iterator[Place]:
        """Yield the records between two offsets."""
        return (place for place, _ in self.records(self.blocks.text(begin, end)))

    def records(self, texts: Iterable[bytes]) -> Iterator[tuple[Place, memoryview]]:
        """Yield the records of some text with their bytes."""
        data = b""
        for text in texts:
            data += text
            view = memoryview(data)
            done = 0
            while len(data) - done >= _BCF_HEAD.size:
                shared, own, contig, pos, length = _BCF_HEAD.unpack_from(data, done)
                if contig not in self.names or shared < _BCF_SHARED or pos < -1:
                    raise IndexDoubtError("no record starts where an offset points")
                size = 8 + shared + own
                if len(data) - done < size:
                    break
                place = (self.names[contig], pos + 1, pos + max(length, 1))
                yield place, view[done : done + size]
                done += size
            data = data[done:]
        if data:
            raise IndexDoubtError("no record ends where an offset points")


def whole_records(data: bytes) -> int:
    """Return how much of some bytes is whole BCF records."""
    done = 0
    while len(data) - done >= _BCF_HEAD.size:
        shared, own, *_ = _BCF_HEAD.unpack_from(data, done)
        if shared < _BCF_SHARED:
            raise IndexDoubtError("no record starts where an offset points")
        if len(data) - done < 8 + shared + own:
            break
        done += 8 + shared + own
    return done


def _contig_numbers(header: str) -> dict[int, str]:
    """Return the contigs of a BCF header by the number that records give."""
    names: dict[int, str] = {}
    known: set[str] = set()
    for fields in _CONTIG_LINE.findall(header):
        name, number = _CONTIG_NAME.search(fields), _CONTIG_NUMBER.search(fields)
        if name is not None and name[1] not in known:
            known.add(name[1])
            names[int(number[1]) if number else len(names)] = name[1]
    return names


def _place(line: bytes) -> Place:
    if line.startswith(b"#"):
        return "", 0, 0
    cells = line.split(b"\t", _HEAD)
    if len(cells) < _HEAD or not cells[1].isdigit() or len(cells[1]) > _DIGITS:
        raise IndexDoubtError("no record starts where an offset points")
    contig, pos, ref, info = (cells[column].decode("latin-1") for column in (0, 1, 3, 7))
    return contig, int(pos), end_of(int(pos), ref, info)


class CheckedIndex:
    """An index whose contigs begin and end where it says; other offsets are checked when they are used.

    Parameters
    ----------
    index : Index
    names : mapping of int to str
        Contigs by their number in the index.
    peek : Peek
        Into the file of the index.

    Attributes
    ----------
    contigs : mapping of str to ContigIndex
        Those with records.
    peek : Peek

    Raises
    ------
    IndexDoubtError
        If the index belongs to another file or to another state of it.
    """

    def __init__(self, index: Index, names: Mapping[int, str], peek: Peek) -> None:
        present = {number: contig for number, contig in enumerate(index.contigs) if contig is not None}
        if not present.keys() <= names.keys():
            raise IndexDoubtError("it holds contigs that the header does not")
        self.contigs: Mapping[str, ContigIndex] = {names[number]: contig for number, contig in present.items()}
        self.peek = peek
        self._known: dict[tuple[str, int], int] = {}
        self._check_extents()

    def _check_extents(self) -> None:
        """Check the first record of each contig, and what stands before it and after the last."""
        if not self.contigs:
            raise IndexDoubtError("it names no record")
        known, before, last = 0, "", 0
        for name, contig in sorted(self.contigs.items(), key=lambda item: item[1].begin):
            if self.peek.at(contig.begin)[0] != name or self.peek.before(contig.begin, known)[0] != before:
                raise IndexDoubtError(f"the records of {name} begin elsewhere")
            known, before, last = contig.known_before(contig.end), name, contig.end
        if self.peek.before(last, known)[0] != before or not self.peek.blocks.is_end(last):
            raise IndexDoubtError("the records end elsewhere")

    def offset(self, chrom: str, pos: int) -> int:
        """Return the offset that the index gives, unchecked: from it on may be read, but nothing left out before."""
        return self.contigs[chrom].start(pos)[0]

    def start(self, chrom: str, pos: int) -> int:
        """Return an offset before which no record of a contig reaches a position.

        Raises
        ------
        IndexDoubtError
            If a record does.
        """
        contig = self.contigs[chrom]
        offset, reached = contig.start(pos)
        known = self._known.get((chrom, offset))
        if known is not None and known <= reached:
            return offset
        if offset != contig.begin:
            if self.peek.at(offset)[0] != chrom:
                raise IndexDoubtError("no record starts where an offset points")
            before, _, last = self.peek.before(offset, contig.known_before(offset))
            if before != chrom or last >= reached:
                raise IndexDoubtError("records lie before the place it gives")
            # Long records are kept apart from their neighbours: those of a place must not lie before it either.
            for begin, end in contig.chunks_before(pos, offset):
                if any(name != chrom or last >= reached for name, _, last in self.peek.between(begin, end)):
                    raise IndexDoubtError("records lie before the place it gives")
        self._known[chrom, offset] = reached
        return offset


def find_index(
    file: str, peek: Peek, suffixes: Sequence[str], names: Mapping[int, str] | None = None
) -> CheckedIndex | None:
    """Return the index that stands beside a file, if it is the index of this file.

    Parameters
    ----------
    file : str
        Path of a bgzipped file.
    peek : Peek
    suffixes : sequence of str
        What the name of an index ends with, in order of preference.
    names : mapping of int to str, optional
        Contigs by their number where the file names them (BCF), not the index.
    """
    for suffix in suffixes:
        path = Path(file + suffix)
        try:
            age = path.stat().st_mtime
            if Path(file).stat().st_mtime - age > _SLACK:
                raise IndexDoubtError("it is older than the file")
            if path.is_fifo():
                raise IndexDoubtError("it is a pipe")
            index = read_index(path, peek.blocks.size)
            if (index.names is None) != (names is not None):
                raise IndexDoubtError("it is the index of another kind of file")
            return CheckedIndex(index, names or dict(enumerate(index.names or ())), peek)
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("%s is not used: it cannot be read (%s)", path, error.strerror)
        except IndexDoubtError as error:
            log.warning("%s is not used: %s; index the file again to read it faster", path, error)
    return None
