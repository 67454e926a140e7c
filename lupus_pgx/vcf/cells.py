"""Genotype columns of a text record, cut into fields and read all samples at once.

Tabs, colons and commas are looked for once; a value is then a start and an end for each sample. The
letters of all samples are fetched four at a time, as one number: whole numbers come from a few
multiplications of it, words are told apart by it and looked at once each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index, combine, narrow, number_words
from lupus_pgx.vcf.records import FloatArray, IntArray, Words, parse_genotypes

Places = npt.NDArray[np.intp]
Letters = npt.NDArray[np.uint8]

_TAB, _COLON, _COMMA, _DOT, _ZERO, _MINUS = b"\t:,.0-"
_FOUR = 4  # letters that are fetched at once
_PAD = bytes(_FOUR)  # before and behind the text, so that four letters can be fetched anywhere
_WORD = 8  # letters that fit one word
_LONG = 64  # letters of a text that is told apart word by word
_EXACT = 15  # digits of a decimal number that are exact in 64 bits
NO_NUMBER = -2
"""Stands for a text that is no number, and not missing either: the cell is damaged."""
_NONE = -1
_MISSING = (".", "", "NA", "N/A", "-", "?", "./.")
"""How a figure is written that nobody has."""
MOST_VALUES = 64
"""A list with more values, of a length that does not fit, is not looked into."""
_LARGEST = float(np.finfo(np.float32).max)

_FIRST = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], np.uint32)
"""By length: the first letters of four."""
_LAST = np.array([0, 0xFF000000, 0xFFFF0000, 0xFFFFFF00, 0xFFFFFFFF], np.uint32)
"""By length: the last letters of four."""
_ZEROS = np.uint32(0x30303030)
_ABOVE_NINE = np.uint32(0x76767676)  # carries what is above 9 into the highest bit of its byte
_HIGH = np.uint32(0x80808080)
_LONE_DOT = np.uint32((_DOT ^ _ZERO) << 24)


@dataclass(frozen=True, slots=True)
class Field:
    """Starts and ends of one field or value; they are equal where a sample lacks it."""

    starts: Places
    ends: Places

    @property
    def lengths(self) -> Places:
        """Number of letters."""
        return self.ends - self.starts


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where cells are cut.

    ``ends`` are the ends of all values, behind the place before the first; ``fields`` numbers
    those that end a field, ``first`` the first field of each sample; ``counts`` are its fields.
    """

    ends: Places
    fields: Places
    first: Places
    counts: Places


class TextCells:
    """Genotype columns of one text record.

    Parameters
    ----------
    cells : bytes
        The genotype columns, joined by tabs.
    keys : sequence of str
        FORMAT, in any order.
    samples : int
    prefixes : bool
        Whether a genotype may start with ``/`` or ``|`` (VCF 4.4).

    Raises
    ------
    ValueError
        If there are more or fewer columns than samples, one is empty, holds a NUL byte or has more fields than
        FORMAT names, or FORMAT names one twice.
    """

    def __init__(self, cells: bytes, keys: Sequence[str], samples: int, *, prefixes: bool) -> None:
        if len(set(keys)) != len(keys):
            raise ValueError("FORMAT names a field twice")
        # The texts of cells are told apart as words of fixed width, which end in NUL.
        if b"\0" in cells:
            raise ValueError("a NUL byte is not a genotype")
        self._text = _PAD + cells + b"\t"
        self._letters: Letters = np.frombuffer(self._text, np.uint8)
        self._keys = {key: number for number, key in enumerate(keys)}
        self._samples = samples
        self._prefixes = prefixes
        self._found: _Cut | None = None
        self._fours: npt.NDArray[np.uint32] | None = None

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def genotypes(self, key: str) -> Words:
        """Return the distinct genotypes of a field such as GT; an empty cell is missing."""
        field = self._first() if self._keys[key] == 0 and self._found is None else None
        texts, index = self._distinct(field or self._field(key))
        return parse_genotypes([text or "." for text in texts], self._prefixes, index)

    def integers(self, key: str) -> IntArray:
        """Return one whole number for each sample, rounded down; -1 where it is missing or negative."""
        field = self._field(key)
        return self._whole(field)

    def integer_lists(self, key: str, allowed: Sequence[int]) -> IntArray:
        """Return lists of whole numbers, shape (samples, longest allowed); one of another length is missing."""
        return self._lists(key, allowed, self._whole, _NONE)

    def odd_lists(self, key: str, allowed: Sequence[int]) -> IntArray | None:
        """Return the lists of whole numbers whose length is not allowed, up to a bound; None where there is none."""
        before, here = self._bounds(key)
        odd = odd_lengths(here - before, allowed)
        return self._lists(key, odd, self._whole, _NONE) if odd else None

    def real_lists(self, key: str, allowed: Sequence[int]) -> FloatArray:
        """Return lists of numbers, as :meth:`integer_lists` does; NaN is missing."""
        return self._lists(key, allowed, self._real, np.nan)

    def texts(self, key: str) -> tuple[list[str], Index]:
        """Return the distinct texts of a field, and which sample has which; an empty cell is ``.``."""
        texts, index = self._distinct(self._field(key))
        return [text or "." for text in texts], index

    # Where fields are.

    def _first(self) -> Field:
        """Return the first field without looking at the others, which takes a fraction of the time."""
        letters = self._letters
        tabs = np.flatnonzero(letters == _TAB)
        starts = np.concatenate(([len(_PAD)], tabs[:-1] + 1))
        self._check(starts, tabs)
        # Mostly three letters, such as 0|1.
        ends = starts + 3
        for place in (2, 1, 0):
            here = letters.take(starts + place, mode="clip") == _COLON
            if here.any():
                ends = np.where(here, starts + place, ends)
        ends = np.minimum(ends, tabs)
        after = letters.take(ends)
        if ((after == _COLON) | (after == _TAB)).all():
            return Field(starts, ends)
        colons = np.flatnonzero(letters == _COLON)
        if not len(colons):
            return Field(starts, tabs)
        nearest = colons.take(np.searchsorted(colons, starts), mode="clip")
        return Field(starts, np.where(nearest >= starts, np.minimum(nearest, tabs), tabs))

    def _check(self, starts: Places, ends: Places) -> None:
        if len(ends) != self._samples:
            raise ValueError(f"{len(ends)} genotype columns for {self._samples} samples")
        # A field may be empty; a column that is empty as a whole tells of damage.
        if (starts == ends).any():
            raise ValueError("a genotype column is empty")

    def _cut(self) -> _Cut:
        """Find the ends of all values."""
        if self._found is None:
            letters = self._letters
            ends = np.flatnonzero((letters == _TAB) | (letters == _COLON) | (letters == _COMMA))
            signs = letters.take(ends)
            fields = np.flatnonzero(signs != _COMMA)
            last = np.flatnonzero(signs.take(fields) == _TAB)
            tabs = ends.take(fields.take(last))
            self._check(np.concatenate(([len(_PAD)], tabs[:-1] + 1)), tabs)
            first = np.concatenate(([0], last[:-1] + 1))
            counts = last - first + 1
            if int(counts.max(initial=0)) > len(self._keys):
                raise ValueError(f"a cell has {int(counts.max())} fields where FORMAT names {len(self._keys)}")
            self._found = _Cut(np.concatenate(([len(_PAD) - 1], ends)), fields + 1, first, counts)
        return self._found

    def _bounds(self, key: str) -> tuple[Places, Places]:
        """Return the numbers of the ends before and of a field; they are equal where it is dropped at the end."""
        cut = self._cut()
        number = self._keys[key]
        here = cut.first + number
        ends = cut.fields.take(here, mode="clip")
        before = np.where(here > 0, cut.fields.take(here - 1, mode="clip"), 0)
        if int(cut.counts.min(initial=number + 1)) <= number:
            before = np.where(cut.counts <= number, ends, before)
        return before, ends

    def _field(self, key: str) -> Field:
        """Return where a field is."""
        ends = self._cut().ends
        before, here = self._bounds(key)
        stops = ends.take(here)
        return Field(np.minimum(ends.take(before) + 1, stops), stops)

    # Texts.

    def _distinct(self, field: Field) -> tuple[list[str], Index]:
        """Tell the texts of a field apart."""
        lengths = field.lengths
        longest = int(lengths.max(initial=0))
        if longest > _WORD:
            return self._distinct_long(field, lengths)
        words: npt.NDArray[np.unsignedinteger] = self._fetch(field.starts) & _FIRST.take(lengths, mode="clip")
        if longest > _FOUR:
            more = self._fetch(field.starts + _FOUR) & _FIRST.take(np.maximum(lengths - _FOUR, 0))
            words = words.astype(np.uint64) | more.astype(np.uint64) << np.uint64(32)
        distinct, index = number_words(words)
        return [word.tobytes().rstrip(b"\0").decode("latin-1") for word in distinct], index

    def _distinct_long(self, field: Field, lengths: Places) -> tuple[list[str], Index]:
        """Tell longer texts apart, eight letters at a time; those of unreasonable length one by one."""
        longest = int(lengths.max())
        if longest > _LONG:
            every = [self._slice(*place) for place in zip(field.starts.tolist(), field.ends.tolist(), strict=True)]
            numbers = {text: number for number, text in enumerate(dict.fromkeys(every))}
            return list(numbers), narrow(np.array([numbers[text] for text in every]), len(numbers))
        parts = []
        for place in range(0, longest, _WORD):
            starts = np.minimum(field.starts + place, field.ends)
            texts, index = self._distinct(Field(starts, np.minimum(starts + _WORD, field.ends)))
            parts.append((index, len(texts)))
        example, index = combine(parts, len(lengths))
        places = zip(field.starts[example].tolist(), field.ends[example].tolist(), strict=True)
        return [self._slice(*place) for place in places], index

    def _slice(self, start: int, end: int) -> str:
        return self._text[start:end].decode("latin-1")

    # Numbers.

    def _fetch(self, starts: Places) -> npt.NDArray[np.uint32]:
        """Return four letters from each start on, the first in the lowest byte."""
        if self._fours is None:
            padded = self._text + _PAD
            overlapping = np.ndarray((len(padded) - _FOUR + 1,), "<u4", padded, strides=(1,))
            self._fours = np.ascontiguousarray(overlapping)
        return self._fours.take(starts, mode="clip")

    def _lists(
        self, key: str, allowed: Sequence[int], read: Callable[[Field], npt.NDArray[Any]], missing: float
    ) -> npt.NDArray[Any]:
        ends = self._cut().ends
        before, here = self._bounds(key)
        counts = here - before
        width = max(allowed)
        kind = np.int32 if missing == _NONE else np.float32
        table = np.full((len(counts), width), missing, kind)
        for count in sorted(set(allowed)):
            rows = np.flatnonzero(counts == count)
            if not len(rows):
                continue
            # One value after the other: the samples of each stand side by side.
            numbers = (before if len(rows) == len(counts) else before[rows]) + np.arange(count + 1)[:, None]
            places = ends.take(numbers)
            values = read(Field((places[:-1] + 1).ravel(), places[1:].ravel())).reshape(count, -1).T
            if len(rows) == len(table) and count == width:
                return values
            table[rows, :count] = values
        return table

    def _whole(self, field: Field) -> IntArray:
        """Read whole numbers; what is not one digit after the other is looked at by itself."""
        lengths = field.lengths
        values, odd = self._four_digits(field.ends, lengths)
        longest = int(lengths.max(initial=0))
        if longest > _FOUR:
            rows = np.flatnonzero(lengths > _FOUR)
            more, strange = self._four_digits(field.ends[rows] - _FOUR, lengths[rows] - _FOUR)
            values[rows] += more * 10**_FOUR
            # A dot alone before the last four is none that is missing.
            odd[rows] |= strange | (more < 0) | (lengths[rows] > _WORD)
        self._mend(values, odd, field, whole_number)
        return values

    def _four_digits(self, ends: Places, lengths: Places) -> tuple[IntArray, npt.NDArray[np.bool_]]:
        """Read the last four letters of numbers; return also which are no digits."""
        digits = (self._fetch(ends - _FOUR) ^ _ZEROS) & _LAST.take(lengths, mode="clip")
        missing = (digits == _LONE_DOT) & (lengths == 1) | (lengths == 0)
        odd = (((digits + _ABOVE_NINE) | digits) & _HIGH) != 0
        # Tens and ones of both halves, then hundreds and ones.
        pairs = (digits * np.uint32(10) + (digits >> np.uint32(8))) & np.uint32(0x00FF00FF)
        values = ((pairs & np.uint32(0xFF)) * np.uint32(100) + (pairs >> np.uint32(16))).view(np.int32)
        if missing.any():
            values[missing], odd[missing] = _NONE, False
        return values, odd

    def _real(self, field: Field) -> FloatArray:
        """Read decimal numbers, exactly as rounding the written number would; exponents by themselves."""
        starts, lengths = field.starts, field.lengths
        digits = np.zeros(len(starts), np.int64)
        point = np.full(len(starts), -1, np.int64)
        negative = self._letters.take(starts) == _MINUS
        odd = (lengths < 1) | (lengths > _EXACT)
        going = np.flatnonzero(~odd)
        for place in range(min(int(lengths.max(initial=0)), _EXACT)):
            letter = self._letters.take(starts[going] + place)
            digit = letter - np.uint8(_ZERO)
            number = digit < 10
            digits[going] = np.where(number, digits[going] * 10 + digit, digits[going])
            if not number.all():
                dots = going[letter == _DOT]
                odd[dots] |= point[dots] >= 0
                point[dots] = place
                odd[going[~number & (letter != _DOT) & ~((letter == _MINUS) & (place == 0))]] = True
            going = going[lengths[going] > place + 1]
        fraction = np.where(point >= 0, lengths - 1 - point, 0)
        odd |= lengths - negative - (point >= 0) < 1
        values = (digits / 10.0 ** np.clip(fraction, 0, _EXACT)).astype(np.float32)
        np.negative(values, where=negative, out=values)
        self._mend(values, odd, field, real_number)
        return values

    def _mend(
        self, values: npt.NDArray[Any], odd: npt.NDArray[np.bool_], field: Field, read: Callable[[str], float]
    ) -> None:
        """Read those values that are not plain numbers, each distinct text once."""
        if not odd.any():
            return
        rows = np.flatnonzero(odd)
        texts, index = self._distinct(Field(field.starts[rows], field.ends[rows]))
        values[rows] = np.array([read(text) for text in texts], values.dtype)[index]


def odd_lengths(counts: npt.NDArray[np.signedinteger], allowed: Sequence[int]) -> list[int]:
    """Return the lengths of lists that are not allowed, none of them 0 or beyond the bound.

    Examples
    --------
    >>> odd_lengths(np.array([2, 3, 0, 2, 99]), [2])
    [3]
    """
    apart = counts[np.logical_and.reduce([counts != count for count in (0, *allowed)])]
    return [count for count in np.unique(apart).tolist() if count <= MOST_VALUES] if len(apart) else []


def whole_number(text: str) -> int:
    """Return a number rounded down, -1 where it is missing, negative or too large, :data:`NO_NUMBER` where it is none.

    Examples
    --------
    >>> whole_number("30"), whole_number("."), whole_number("nan"), whole_number("0x")
    (30, -1, -1, -2)
    """
    number = real_number(text)
    if 0 <= number < 1 << 31:
        return int(number)
    return _NONE if text in _MISSING or not math.isnan(number) or _is_real(text) else NO_NUMBER


def _is_real(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def real_number(text: str) -> float:
    """Return a number, NaN where it is missing, no number or too large for 32 bits."""
    try:
        number = float(text)
    except ValueError:
        return float("nan")
    return number if "_" not in text and abs(number) <= _LARGEST else float("nan")
