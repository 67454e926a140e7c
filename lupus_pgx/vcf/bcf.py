"""BCF files, record by record skipped on their position like text.

Decoded here and not by htslib, which ends the process where a field is not of the type that was
asked for.
"""

from __future__ import annotations

import contextlib
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pysam

from lupus_pgx.encoded import Index, narrow, number_words
from lupus_pgx.errors import InputError
from lupus_pgx.vcf.blocks import Blocks, IndexDoubtError
from lupus_pgx.vcf.cells import TextCells
from lupus_pgx.vcf.checked import BcfPeek, CheckedIndex, find_index, whole_records
from lupus_pgx.vcf.records import (
    FloatArray,
    IntArray,
    RawRecord,
    Spans,
    Words,
    encode,
    end_of,
    overlaps,
    upper_alts,
    within,
)
from lupus_pgx.vcf.stretch import Stretch

if TYPE_CHECKING:
    from lupus_pgx.vcf.file import Region

_LINE = re.compile(r"^##(\w+)=<(.*)>\s*$", re.MULTILINE)
_NAMED = ("FILTER", "INFO", "FORMAT")
_HEAD = struct.Struct("<IIiiifII")
_LENGTHS = struct.Struct("<II")
_LONGEST = 1 << 30  # bytes of half a record at the most

_NULL, _INT8, _INT16, _INT32, _FLOAT, _CHAR = 0, 1, 2, 3, 5, 7
_TYPES: dict[int, np.dtype[Any]] = {
    _INT8: np.dtype("<i1"),
    _INT16: np.dtype("<i2"),
    _INT32: np.dtype("<i4"),
    _FLOAT: np.dtype("<f4"),
}
_WORD = 4  # bytes
_MANY = 15  # stands for a count that follows by itself
_MISSING = -(1 << 31)
_END = _MISSING + 1  # ends a list that is shorter than others
_FLOAT_END = 0x7F800002

Values = npt.NDArray[Any]
Told = TypeVar("Told")


class BcfFile:
    """A BCF file.

    Parameters
    ----------
    path : str

    Attributes
    ----------
    header : str
    samples : tuple of str

    Raises
    ------
    InputError
        If it is not a BCF file of version 2.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.met: set[str] = set()
        self.watch: Spans = {}
        self.seen: dict[str, list[npt.NDArray[np.int64]]] = {}
        self._index: CheckedIndex | None = None
        self._blocks: Blocks | None = None
        self._file = pysam.BGZFile(path, "rb", None)
        try:
            self._read_header()
        except BaseException:
            self._file.close()
            raise

    def _read_header(self) -> None:
        path = self.path
        start = self._file.read(9)
        if start[:4] != b"BCF\2" or len(start) < 9:
            raise InputError(f"{path}: not a BCF file of version 2")
        length = int.from_bytes(start[5:9], "little")
        text = self._file.read(length) if length < _LONGEST else b""
        if len(text) < length:
            raise InputError(f"{path}: the header is longer than the file")
        self.header: str = text.rstrip(b"\0").decode("utf-8", "replace")
        columns = self.header.rstrip("\n").rpartition("\n")[2].split("\t")
        if columns[0] != "#CHROM":
            raise InputError(f"{path}: the header has no #CHROM line")
        self.samples = tuple(columns[9:])
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
        self._file.close()
        if self._blocks is not None:
            self._blocks.close()

    def index_contigs(self) -> set[str]:
        """Return the contigs that have records, by the index."""
        return set(self._index.contigs) if self._index else set()

    def holds(self, contig: str) -> bool:
        """Whether the index knows records of a contig."""
        return contig in self.index_contigs()

    def by_index(self, regions: Sequence[Region], spans: Spans) -> Iterator[RawRecord]:
        """Yield the records that overlap sorted regions and spans within them, through the index.

        Raises
        ------
        IndexDoubtError
            If the index turns out not to belong to the file.
        """
        assert self._index is not None
        for chrom, here in groupby(regions, key=lambda region: region.chrom):
            if chrom in self._index.contigs:
                stretch = Stretch(self._file, self._index, chrom, whole_records)
                for piece in stretch.pieces(list(here)):
                    yield from self._of_stretch(stretch, piece, spans)

    def met_positions(self) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
        """Yield the positions that were passed so far while records were read."""
        for chrom, pieces in self.seen.items():
            yield chrom, np.concatenate(pieces)

    def positions(self, regions: Sequence[Region]) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
        """Yield the positions of records in sorted regions, piece by piece, through the index.

        Raises
        ------
        IndexDoubtError
            If the index turns out not to belong to the file.
        """
        assert self._index is not None
        for chrom, here in groupby(regions, key=lambda region: region.chrom):
            if chrom not in self._index.contigs:
                continue
            stretch = Stretch(self._file, self._index, chrom, whole_records)
            for piece in stretch.pieces(list(here)):
                places = [first if name == chrom else -1 for (name, first, _), _ in self._peek.records([piece])]
                found = np.array(places, np.int64)
                own = int((found < 0).argmax()) if (found < 0).any() else len(found)
                stretch.go_on(int(found[own - 1]) if own else 0, over=own < len(found))
                yield chrom, found[:own]

    def _of_stretch(self, stretch: Stretch, piece: bytes, spans: Spans) -> Iterator[RawRecord]:
        """Yield the records of whole records of a contig that overlap its spans, and note how far they go."""
        pos = stretch.pos
        for (name, first, _), data in self._peek.records([piece]):
            if name != stretch.chrom:
                if pos == 0:
                    raise IndexDoubtError("no record starts where an offset points")
                stretch.go_on(pos, over=True)
                return
            if first < pos:
                raise IndexDoubtError("records are not sorted")
            pos = first
            body = bytes(data)
            record = self._overlapping((_LENGTHS.unpack_from(body)[0], body[_LENGTHS.size :]), spans)
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
        raise InputError(f"{self.path}: the file is damaged or truncated (a record is not whole)")

    def _overlapping(self, body: tuple[int, bytes], spans: Spans) -> RawRecord | None:
        """Return a record if it overlaps spans; nothing but its place is looked at otherwise."""
        shared, data = body
        contig, pos, length, _, alleles, formats = struct.unpack_from("<iiifII", data)
        if not 0 <= contig < len(self._contigs):
            raise InputError(f"{self.path}: the file is damaged (a record on a contig that the header does not name)")
        name = self._contigs[contig]
        self.met.add(name)
        if name in self.watch:
            self.seen.setdefault(name, []).append(within(np.array([pos + 1]), self.watch[name]))
        if name not in spans:
            return None
        starts, ends = spans[name]
        nearest = int(np.searchsorted(ends, pos + 1))
        if nearest == len(ends):
            return None
        # Whoever wrote the record may have counted its bases from END alone.
        if int(starts[nearest]) > pos + max(length, shared) and b"<" not in data[:shared]:
            return None
        record = self._record(name, pos, length, alleles, formats, data, shared)
        return record if overlaps(record, spans) else None

    def _record(
        self, chrom: str, pos: int, length: int, alleles: int, formats: int, data: bytes, shared: int
    ) -> RawRecord:
        """Decode what stands before the genotype columns."""
        reader = _Typed(data, _HEAD.size - _LENGTHS.size, shared)
        identifier = reader.text()
        letters = [reader.text() for _ in range(alleles >> 16)]
        filters = reader.integers()
        if not letters or letters[0] in ("", "."):
            raise InputError(f"{self.path}: a record on {chrom} has no REF (POS {pos + 1})")
        information = _Information(data, reader.place, shared, alleles & 0xFFFF, self._names)
        ref = letters[0].upper()

        def safely(read: Callable[[], Told]) -> Told:
            try:
                return read()
            except (ValueError, IndexError, struct.error) as error:
                raise InputError(f"{self.path}: the record at {chrom}:{pos + 1} cannot be read ({error})") from error

        return RawRecord(
            chrom=chrom,
            pos=pos + 1,
            end=max(
                pos + length, end_of(pos + 1, ref, _stated(information)), self._blocks_end(pos, data, shared, formats)
            ),
            identifier="" if identifier == "." else identifier,
            ref=ref,
            alts=upper_alts(letters[1:]),
            filters="" if filters in ([], [0]) else ";".join(self._names[number] for number in filters),
            info=lambda key: safely(lambda: information.text(key)),
            payload=(data, shared, formats),
            formats=lambda: safely(lambda: _format_keys(data, shared, formats, self._names)),
        )

    def _blocks_end(self, pos: int, data: bytes, place: int, formats: int) -> int:
        """Return how far the reference blocks of the samples reach, by LEN."""
        if "LEN" not in _format_keys(data, place, formats, self._names):
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


class _Typed:
    """Typed values, one after the other."""

    def __init__(self, data: bytes, place: int, end: int) -> None:
        self._data, self.place, self._end = data, place, end

    def kind(self) -> tuple[int, int]:
        """Return type and count of what follows."""
        byte = self._data[self.place]
        self.place += 1
        count = byte >> 4
        if count == _MANY:
            (count,) = self.integers() or [-1]
            if count < 0:
                raise ValueError("a negative count")
        return byte & 15, count

    def skip(self, size: int) -> int:
        """Return the present place, and go on behind some bytes."""
        here = self.place
        if here + size > self._end:
            raise ValueError("a field is longer than its record")
        self.place += size
        return here

    def text(self) -> str:
        """Return a text."""
        kind, count = self.kind()
        if kind not in (_CHAR, _NULL):
            raise ValueError("a name is not a text")
        place = self.skip(count)
        return self._data[place : place + count].decode("utf-8", "replace")

    def integers(self) -> list[int]:
        """Return whole numbers."""
        kind, count = self.kind()
        if kind == _NULL:
            return []
        if kind not in (_INT8, _INT16, _INT32):
            raise ValueError("a number is not whole")
        place = self.skip(count * _TYPES[kind].itemsize)
        numbers: list[int] = np.frombuffer(self._data, _TYPES[kind], count, place).tolist()
        return numbers

    def values(self, kind: int, count: int) -> Values:
        """Return values of a type."""
        if kind == _NULL or not count:
            return np.zeros(0, np.int32)
        if kind == _CHAR:
            return np.frombuffer(self._data, np.uint8, count, self.skip(count))
        if kind not in _TYPES:
            raise ValueError(f"there is no type {kind}")
        return np.frombuffer(self._data, _TYPES[kind], count, self.skip(count * _TYPES[kind].itemsize))


@dataclass(frozen=True, slots=True)
class _Information:
    """INFO of a record, decoded when asked for."""

    data: bytes
    place: int
    end: int
    count: int
    names: Sequence[str]

    def text(self, key: str) -> str | None:
        """Return the text of an INFO key, empty for a flag; None where there is none."""
        reader = _Typed(self.data, self.place, self.end)
        for _ in range(self.count):
            (number,) = reader.integers()
            values = reader.values(*reader.kind())
            if self.names[number] == key:
                return _shown(values) if len(values) else ""
        return None


def _stated(information: _Information) -> str:
    """Return what INFO says of the reach of a record, as text VCF writes it."""
    return ";".join(f"{key}={value}" for key in ("END", "SVLEN") if (value := information.text(key)))


def _format_keys(data: bytes, place: int, formats: int, names: Sequence[str]) -> tuple[str, ...]:
    """Return the FORMAT keys of a record without decoding its cells."""
    reader = _Typed(data, place, len(data))
    found = []
    for _ in range(formats >> 24):
        (number,) = reader.integers()
        kind, count = reader.kind()
        size = 1 if kind == _CHAR else _TYPES[kind].itemsize if kind in _TYPES else 0
        reader.skip(count * (formats & 0xFFFFFF) * size)
        found.append(names[number] if 0 <= number < len(names) else "")
    return tuple(found)


def _shown(values: Values) -> str:
    if values.dtype == np.uint8:
        return values.tobytes().rstrip(b"\0").decode("utf-8", "replace")
    if values.dtype.kind == "f":
        kept = values[values.view(np.uint32) != _FLOAT_END]
        return ",".join("." if np.isnan(value) else f"{value:g}" for value in kept.tolist())
    numbers = _widened(values).tolist()
    return ",".join("." if number == _MISSING else str(number) for number in numbers if number != _END)


def _widened(values: Values) -> IntArray:
    """Return whole numbers of any size with the marks of the largest size."""
    lowest = np.iinfo(values.dtype).min
    wide = values.astype(np.int32)
    if lowest != _MISSING:
        wide[values == lowest] = _MISSING
        wide[values == lowest + 1] = _END
    return wide


class BcfCells:
    """Genotype columns of one BCF record, as :class:`lupus_pgx.vcf.cells.TextCells` gives those of text.

    Parameters
    ----------
    data : bytes
    place : int
        Where the genotype columns begin.
    formats : int
        Number of fields (upper 8 bits) and of samples.
    names : sequence of str
        Names of fields by number.
    prefixes : bool
        Whether the first allele has a phase of its own (VCF 4.4).

    Raises
    ------
    ValueError
        If the columns are damaged.
    """

    def __init__(self, data: bytes, place: int, formats: int, names: Sequence[str], *, prefixes: bool) -> None:
        self.samples = formats & 0xFFFFFF
        self._prefixes = prefixes
        self._fields: dict[str, Values] = {}
        reader = _Typed(data, place, len(data))
        for _ in range(formats >> 24):
            (number,) = reader.integers()
            if not 0 <= number < len(names) or names[number] in self._fields:
                raise ValueError("FORMAT names a field twice, or one that the header does not")
            kind, count = reader.kind()
            values = reader.values(kind, count * self.samples)
            self._fields[names[number]] = values.reshape(self.samples, count if kind != _NULL else 0)

    def __contains__(self, key: str) -> bool:
        return key in self._fields

    def genotypes(self, key: str) -> Words:
        """Return the distinct genotypes of a field such as GT."""
        values = self._fields[key]
        if values.dtype == np.uint8 or not values.size:
            return self._as_text(key).genotypes(key)
        if values.dtype.kind != "i":
            raise ValueError(f"{key} is not a genotype")
        rows, index = _distinct_rows(values)
        coded = _widened(rows)
        ended, bits = coded == _END, coded & 1
        # What is not an allele number at all is missing.
        alleles = np.where(ended, -2, np.maximum((coded >> 1) - 1, -1)).astype(np.int32)
        first = 0 if self._prefixes else 1
        phased = ((bits == 1) | ended)[:, first:].all(axis=1) if coded.shape[1] > 1 else np.zeros(len(coded), bool)
        words = encode(alleles, phased)
        return Words(words.words, words.phased, words.polyploid, words.index[index])

    def integers(self, key: str) -> IntArray:
        """Return one whole number for each sample, rounded down; -1 where it is missing or negative."""
        values = self._fields[key]
        if values.dtype == np.uint8 or not values.size:
            return self._as_text(key).integers(key)
        return _rounded(values[:, 0])

    def integer_lists(self, key: str, allowed: Sequence[int]) -> IntArray:
        """Return lists of whole numbers; a list of a length that is not allowed is missing."""
        values = self._fields[key]
        if values.dtype == np.uint8 or not values.size:
            return self._as_text(key).integer_lists(key, allowed)
        return _rounded(_fitted(values, allowed))

    def real_lists(self, key: str, allowed: Sequence[int]) -> FloatArray:
        """Return lists of numbers; a list of a length that is not allowed is missing."""
        values = self._fields[key]
        if values.dtype == np.uint8 or not values.size:
            return self._as_text(key).real_lists(key, allowed)
        reals = values if values.dtype.kind == "f" else _as_floats(values)
        table = _fitted(reals, allowed)
        return np.where(np.isfinite(table), table, np.float32(np.nan))

    def texts(self, key: str) -> tuple[list[str], Index]:
        """Return the distinct texts of a field, and which sample has which."""
        values = self._fields[key]
        if values.dtype == np.uint8 or not values.size:
            return self._as_text(key).texts(key)
        distinct, index = np.unique(self.integers(key), return_inverse=True)
        return ["." if number < 0 else str(number) for number in distinct.tolist()], narrow(index, len(distinct))

    def _as_text(self, key: str) -> TextCells:
        """Return a field that is stored as text, to be read as in a text file."""
        values = self._fields[key]
        rows = np.ascontiguousarray(values).tobytes()
        width = values.shape[1]
        cells = [rows[number * width : (number + 1) * width].rstrip(b"\0") or b"." for number in range(self.samples)]
        return TextCells(b"\t".join(cells), [key], self.samples, prefixes=self._prefixes)


def _distinct_rows(values: Values) -> tuple[Values, Index]:
    """Tell the rows of a table apart."""
    size = values.dtype.itemsize * values.shape[1]
    if size not in (1, 2, 4, 8):
        rows, numbers = np.unique(values, axis=0, return_inverse=True)
        return rows, narrow(numbers.reshape(-1), len(rows))
    words = np.ascontiguousarray(values).view(f"<u{size}").reshape(-1)
    distinct, index = number_words(words if size >= _WORD else words.astype(np.uint32))
    return distinct.astype(words.dtype).view(values.dtype).reshape(len(distinct), -1), index


def _fitted(values: Values, allowed: Sequence[int]) -> Values:
    """Return lists of one of the allowed lengths, filled with missing values; others are missing as a whole."""
    if values.dtype.kind == "f":
        missing: Any = np.float32(np.nan)
        ended = values.view(np.uint32) == _FLOAT_END
    else:
        missing = values.dtype.type(-1)
        ended = values == np.iinfo(values.dtype).min + 1
    width = max(allowed)
    if values.shape[1] == width and not ended.any():
        return values
    counts = (~ended).sum(axis=1)
    table = np.full((len(values), width), missing, values.dtype)
    shared = min(values.shape[1], width)
    table[:, :shared] = np.where(ended, missing, values)[:, :shared]
    table[~np.isin(counts, list(allowed))] = missing
    return table


def _rounded(values: Values) -> IntArray:
    """Return whole numbers, rounded down; -1 where they are missing or negative."""
    if values.dtype.kind == "i":
        return np.maximum(values, -1).astype(np.int32)
    known = (values >= 0) & (values < 1 << 31)
    return np.where(known, np.floor(np.where(known, values, 0)), -1).astype(np.int32)


def _as_floats(values: Values) -> Values:
    """Return whole numbers as a file would store them that declares the field as real."""
    wide = _widened(values)
    floats = np.where(wide == _MISSING, np.float32(np.nan), wide).astype(np.float32)
    floats.view(np.uint32)[wide == _END] = _FLOAT_END
    return floats
