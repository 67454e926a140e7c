"""The typed values of a BCF record: INFO, FORMAT keys and genotype columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index, narrow, number_words
from lupus_pgx.vcf.cells import TextCells, odd_lengths
from lupus_pgx.vcf.records import FloatArray, IntArray, Words, encode

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


class Typed:
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
class Information:
    """INFO of a record, decoded when asked for."""

    data: bytes
    place: int
    end: int
    count: int
    names: Sequence[str]

    def text(self, key: str) -> str | None:
        """Return the text of an INFO key, empty for a flag; None where there is none."""
        reader = Typed(self.data, self.place, self.end)
        for _ in range(self.count):
            (number,) = reader.integers()
            values = reader.values(*reader.kind())
            if self.names[number] == key:
                return _shown(values) if len(values) else ""
        return None


def stated_reach(information: Information) -> str:
    """Return what INFO says of the reach of a record, as text VCF writes it."""
    return ";".join(f"{key}={value}" for key in ("END", "SVLEN") if (value := information.text(key)))


def format_keys(data: bytes, place: int, formats: int, names: Sequence[str]) -> tuple[str, ...]:
    """Return the FORMAT keys of a record without decoding its cells."""
    reader = Typed(data, place, len(data))
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
        reader = Typed(data, place, len(data))
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
        return _by_column(_rounded(_fitted(values, allowed)))

    def odd_lists(self, key: str, allowed: Sequence[int]) -> IntArray | None:
        """Return the lists of whole numbers whose length is not allowed, up to a bound; None where there is none."""
        values = self._fields[key]
        if values.dtype == np.uint8 or not values.size:
            return self._as_text(key).odd_lists(key, allowed)
        odd = odd_lengths((~_ended(values)).sum(axis=1), allowed)
        return _by_column(_rounded(_fitted(values, odd))) if odd else None

    def real_lists(self, key: str, allowed: Sequence[int]) -> FloatArray:
        """Return lists of numbers; a list of a length that is not allowed is missing."""
        values = self._fields[key]
        if values.dtype == np.uint8 or not values.size:
            return self._as_text(key).real_lists(key, allowed)
        reals = values if values.dtype.kind == "f" else _as_floats(values)
        table = _fitted(reals, allowed)
        return _by_column(np.where(np.isfinite(table), table, np.float32(np.nan)))

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
    missing: Any = np.float32(np.nan) if values.dtype.kind == "f" else values.dtype.type(-1)
    ended = _ended(values)
    width = max(allowed)
    if values.shape[1] == width and not ended.any():
        return values
    counts = (~ended).sum(axis=1)
    table = np.full((len(values), width), missing, values.dtype)
    shared = min(values.shape[1], width)
    table[:, :shared] = np.where(ended, missing, values)[:, :shared]
    table[~np.isin(counts, list(allowed))] = missing
    return table


def _ended(values: Values) -> npt.NDArray[np.bool_]:
    """Return where a list is at its end already."""
    if values.dtype.kind == "f":
        return np.asarray(values.view(np.uint32) == _FLOAT_END)
    return np.asarray(values == np.iinfo(values.dtype).min + 1)


def _by_column(table: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Lay a table out column by column, as lists of text are: rows of few numbers are slow to add up."""
    return np.asfortranarray(table)


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
