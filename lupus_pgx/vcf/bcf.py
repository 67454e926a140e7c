"""BCF files, record by record skipped on their position like text.

Decoded here and not by htslib, which ends the process where a field is not of the type that was
asked for.
"""

from __future__ import annotations

import contextlib
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

import numpy as np
import pysam

from lupus_pgx.errors import InputError
from lupus_pgx.vcf.bcf_values import BcfCells, Information, Typed, format_keys, stated_reach
from lupus_pgx.vcf.blocks import Blocks, IndexDoubtError
from lupus_pgx.vcf.checked import BcfPeek, find_index, whole_records
from lupus_pgx.vcf.indexed import IndexedFile, Positions
from lupus_pgx.vcf.kinship import samples_of
from lupus_pgx.vcf.reach import end_of
from lupus_pgx.vcf.records import (
    RawRecord,
    Spans,
    overlaps,
    upper_alts,
    within,
)
from lupus_pgx.vcf.stretch import Stretch
from lupus_pgx.vcf.unplaced import Sought
from lupus_pgx.vcf.unreadable import SECOND_HEADER

_LINE = re.compile(r"^##(\w+)=<(.*)>\s*$", re.MULTILINE)
_NAMED = ("FILTER", "INFO", "FORMAT")
_MAGIC = b"BCF\2"
_HEAD = struct.Struct("<IIiiifII")
_SAMPLES = 0xFFFFFF
"""The lower bits of a number of a record, which are its samples."""

_LENGTHS = struct.Struct("<II")
_LONG_TEXT = 15  # letters from which the length of a text stands beside it
_LONGEST = 1 << 30  # bytes of half a record at the most

Told = TypeVar("Told")


class BcfFile(IndexedFile):
    """A BCF file.

    Parameters
    ----------
    path : str
    shown : str, optional
        What messages call it, where it is read under another name.

    Attributes
    ----------
    header : str
    samples : tuple of str

    Raises
    ------
    InputError
        If it is not a BCF file of version 2.
    """

    def __init__(self, path: str, shown: str | None = None) -> None:
        super().__init__(shown or path)
        self._file = pysam.BGZFile(path, "rb", None)
        try:
            self._read_header()
        except BaseException:
            self._file.close()
            raise

    def _read_header(self) -> None:
        path = self.path
        start = self._file.read(9)
        if not start.startswith(_MAGIC) or len(start) < 9:
            raise InputError(f"{path}: not a BCF file of version 2")
        length = int.from_bytes(start[5:9], "little")
        text = self._file.read(length) if length < _LONGEST else b""
        if len(text) < length:
            raise InputError(f"{path}: the header is longer than the file")
        self.header: str = text.rstrip(b"\0").decode("utf-8", "replace")
        names = self.header.rstrip("\n").rpartition("\n")[2]
        if names.partition("\t")[0] != "#CHROM":
            raise InputError(f"{path}: the header has no #CHROM line")
        self.samples = samples_of(names)
        self._contigs = _numbered(self.header, ("contig",), [])
        self._names = _numbered(self.header, _NAMED, ["PASS"])
        self._first = self._file.tell()

    def open_index(self, beside: str) -> bool:
        """Look for an index beside the file as the user calls it; one that is not of this file is none."""
        self._blocks = Blocks(beside)
        with contextlib.suppress(IndexDoubtError):  # not bgzipped: no index can be
            self._peek = BcfPeek(self._blocks)
            self._index = find_index(beside, self._peek, (".csi",), self._peek.names)
        return self._index is not None

    def close(self) -> None:
        """Close the file."""
        # What was read was decoded and checked; damage that only closing notices lies where nothing was read.
        with contextlib.suppress(OSError):
            self._file.close()
        super().close()

    def _opened(self) -> AbstractContextManager[pysam.BGZFile]:
        return contextlib.nullcontext(self._file)

    def _whole(self, data: bytes) -> int:
        return whole_records(data)

    def _positions(self, data: bytes, chrom: str) -> tuple[Positions, bool]:
        found = np.array([first if name == chrom else -1 for (name, first, _), _ in self._peek.records([data])])
        own = int((found < 0).argmax()) if (found < 0).any() else len(found)
        return found[:own], own < len(found)

    def _of_stretch(self, data: bytes, stretch: Stretch, spans: Spans) -> Iterator[RawRecord]:
        pos, first_of_all = stretch.pos, stretch.fresh
        for (name, first, _), raw in self._peek.records([data]):
            if name != stretch.chrom:
                if first_of_all:
                    raise IndexDoubtError("no record starts where an offset points")
                stretch.go_on(pos, over=True)
                return
            if first < pos:
                raise IndexDoubtError("records are not sorted")
            pos, first_of_all = first, False
            record = self._overlapping((_LENGTHS.unpack_from(raw)[0], raw[_LENGTHS.size :]), spans)
            if record is not None:
                yield record
        stretch.go_on(pos, over=False)

    def scan(self, spans: Spans) -> Iterator[RawRecord]:
        """Yield the records that overlap spans, in one pass."""
        self._file.seek(self._first)
        while (body := self._body()) is not None:
            record = self._overlapping(body, spans)
            if record is not None:
                yield record

    def _body(self) -> tuple[int, bytes] | None:
        """Return the length of the first half of the next record, and both halves; None at the end."""
        lengths = self._file.read(_LENGTHS.size)
        if not lengths:
            return None
        if len(lengths) == _LENGTHS.size:
            shared, single = _LENGTHS.unpack(lengths)
            if _HEAD.size - _LENGTHS.size <= shared < _LONGEST and single < _LONGEST:
                body = self._file.read(shared + single)
                if len(body) == shared + single:
                    return shared, body
        if lengths.startswith(_MAGIC):
            raise InputError(f"{self.path}: {SECOND_HEADER}")
        raise InputError(f"{self.path}: the file is damaged or truncated (a record is not whole)")

    def _overlapping(self, body: tuple[int, bytes | memoryview], spans: Spans) -> RawRecord | None:
        """Return a record if it overlaps spans; nothing but its place is looked at otherwise."""
        shared, data = body
        contig, pos, length, _, alleles, formats = struct.unpack_from("<iiifII", data)
        if not 0 <= contig < len(self._contigs):
            raise InputError(f"{self.path}: the file is damaged (a record on a contig that the header does not name)")
        name = self._contigs[contig]
        self.met.add(name)
        if name in self.watch:
            watched = within(np.array([pos + 1]), self.watch[name])
            self.seen.setdefault(name, []).append(watched)
            if len(watched) and not self.kinds.settled:
                record = self._record(name, pos, length, alleles, formats, bytes(data), shared)
                self.kinds.add(record.ref, ",".join(record.alts) or ".")
        if self.sought is not None and self._is_sought(name, pos + 1, data, self.sought):
            self.unplaced.append(self._record(name, pos, length, alleles, formats, bytes(data), shared))
        if name not in spans:
            return None
        starts, ends = spans[name]
        nearest = int(np.searchsorted(ends, pos + 1))
        if nearest == len(ends):
            return None
        # Whoever wrote the record may have counted its bases from END alone.
        if int(starts[nearest]) > pos + max(length, shared) and not any(
            sign in bytes(data[:shared]) for sign in (b"<", b"[", b"]")
        ):
            return None
        found = self._record(name, pos, length, alleles, formats, bytes(data), shared)
        return found if overlaps(found, spans) else None

    @staticmethod
    def _is_sought(contig: str, pos: int, data: bytes | memoryview, sought: Sought) -> bool:
        """Whether a record is sought wherever it stands; of what it holds only its identifier is read."""
        place = _HEAD.size - _LENGTHS.size
        size = data[place] >> 4  # a short text: its length, then its letters
        identifier = bytes(data[place + 1 : place + 1 + size]).decode("latin-1") if size < _LONG_TEXT else ""
        return sought.wants(contig, pos, identifier)

    def _record(
        self, chrom: str, pos: int, length: int, alleles: int, formats: int, data: bytes, shared: int
    ) -> RawRecord:
        """Decode what stands before the genotype columns."""
        if formats & _SAMPLES != len(self.samples):
            raise InputError(
                f"{self.path}: the record at {chrom}:{pos + 1} has genotypes of {formats & _SAMPLES} samples, "
                f"and the header names {len(self.samples)}"
            )
        reader = Typed(data, _HEAD.size - _LENGTHS.size, shared)
        identifier = reader.text()
        letters = [reader.text() for _ in range(alleles >> 16)]
        filters = reader.integers()
        if not letters or letters[0] in ("", "."):
            raise InputError(f"{self.path}: a record on {chrom} has no REF (POS {pos + 1})")
        information = Information(data, reader.place, shared, alleles & 0xFFFF, self._names)
        ref, alts = letters[0].upper(), upper_alts(letters[1:])

        def safely(read: Callable[[], Told]) -> Told:
            try:
                return read()
            except (ValueError, IndexError, struct.error) as error:
                raise InputError(f"{self.path}: the record at {chrom}:{pos + 1} cannot be read ({error})") from error

        return RawRecord(
            chrom=chrom,
            pos=pos + 1,
            end=max(
                pos + length,
                end_of(pos + 1, ref, stated_reach(information), chrom, alts),
                self._blocks_end(pos, data, shared, formats),
            ),
            identifier="" if identifier == "." else identifier,
            ref=ref,
            alts=alts,
            filters="" if filters in ([], [0]) else ";".join(self._names[number] for number in filters),
            info=lambda key: safely(lambda: information.text(key)),
            payload=(data, shared, formats),
            formats=lambda: safely(lambda: format_keys(data, shared, formats, self._names)),
        )

    def _blocks_end(self, pos: int, data: bytes, place: int, formats: int) -> int:
        """Return how far the reference blocks of the samples reach, by LEN."""
        if "LEN" not in format_keys(data, place, formats, self._names):
            return 0
        return pos + int(BcfCells(data, place, formats, self._names, prefixes=False).integers("LEN").max(initial=0))

    def columns(self, record: RawRecord, *, prefixes: bool) -> BcfCells:
        """Return the genotype columns of a record."""
        data, place, formats = record.payload
        return BcfCells(data, place, formats, self._names, prefixes=prefixes)


def _numbered(header: str, kinds: Sequence[str], names: list[str]) -> list[str]:
    """Return the names of header lines by the number that records use."""
    known = set(names)
    for kind, fields in _LINE.findall(header):
        if kind not in kinds:
            continue
        identifier = re.search(r"(?:^|,)ID=([^,]*)", fields)
        stated = re.search(r",IDX=(\d+)$", fields)
        if identifier is None:
            continue
        if stated is None and identifier[1] in known:
            continue
        number = int(stated[1]) if stated is not None else len(names)
        if number > 1 << 20:
            raise InputError(f"the header numbers {identifier[1]} as {number}")
        names.extend([""] * (number + 1 - len(names)))
        names[number] = identifier[1]
        known.add(identifier[1])
    return names
