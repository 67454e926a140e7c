"""Dictionary-encoded columns: a small table of distinct values, and which sample has which.

What is done to a cohort is done to the distinct values; only numbering them touches every sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, Self, TypeVar

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.unsignedinteger]
"""Number of the distinct value of each sample; zero-stride where all samples share one."""

Value = TypeVar("Value")

_TABLE = 1 << 16
"""Keys below this are numbered by a table; above it the table may hold four slots a sample."""

# Fibonacci hashing (Knuth, The Art of Computer Programming 3, section 6.4): the high bits of word * odd constant. The
# first constant is 2^64 divided by the golden ratio, the others are odd constants of common 64-bit hashes, tried where
# two words meet in one slot. 12 bits: the table of 8-byte words (32 kB) fits the first cache of a processor; a column
# with too many distinct words for it is sorted instead.
_SLOTS = 12
_FEW = 256
"""Words up to which sorting takes less time than making the tables."""
_MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)


def same(samples: int) -> Index:
    """Return the index of a column in which all samples share one value; it takes no memory."""
    return np.broadcast_to(np.uint8(0), (samples,))


def narrow(index: npt.NDArray[np.integer], count: int) -> Index:
    """Return an index in the smallest type that can number ``count`` values."""
    return index.astype(np.min_scalar_type(max(count - 1, 0)), copy=False)


def number_keys(keys: npt.NDArray[np.int64], limit: int) -> tuple[npt.NDArray[np.int64], Index]:
    """Give numbers to the distinct keys of samples in ascending order.

    Parameters
    ----------
    keys : ndarray of int, shape (samples,)
        From 0 to below ``limit``.
    limit : int

    Returns
    -------
    distinct : ndarray of int, shape (values,)
    index : ndarray of unsigned int, shape (samples,)
    """
    if limit > max(_TABLE, 4 * len(keys)):
        distinct, index = np.unique(keys, return_inverse=True)
        return distinct, narrow(index.reshape(-1), len(distinct))
    present = np.zeros(limit, bool)
    present[keys] = True
    distinct = np.flatnonzero(present)
    numbers = np.zeros(limit, np.min_scalar_type(max(len(distinct) - 1, 0)))
    numbers[distinct] = np.arange(len(distinct))
    return distinct, numbers[keys]


def combine(columns: Iterable[tuple[Index, int]], samples: int) -> tuple[npt.NDArray[np.intp], Index]:
    """Find the distinct combinations of several columns.

    Parameters
    ----------
    columns : iterable of (index, int)
        Index of each column, and how many values it has.
    samples : int

    Returns
    -------
    example : ndarray of int, shape (combinations,)
        The first sample that has each combination; ``index[example]`` of a column are its values.
    index : ndarray of unsigned int, shape (samples,)
        Combination number of each sample.
    """
    keys = np.zeros(samples, np.int64)
    limit = 1
    roof = max(_TABLE, 4 * samples)
    for index, count in columns:
        if count == 1:
            continue
        # Numbered anew before the keys outgrow a table: sorting them would cost more than all else.
        if limit * count > roof:
            distinct, numbers = number_keys(keys, limit)
            keys, limit = numbers.astype(np.int64), len(distinct)
        if limit > 1:
            keys *= count
        keys += index
        limit *= count
    if limit == 1:
        return np.zeros(min(samples, 1), np.intp), same(samples)
    distinct, numbers = number_keys(keys, limit)
    return first_of_each(numbers, len(distinct)), numbers


def first_of_each(index: Index, count: int) -> npt.NDArray[np.intp]:
    """Return the first sample of each value."""
    # Written from the end, the first sample of each value is the last to be written, and stays.
    example = np.zeros(count, np.intp)
    example[index[::-1]] = np.arange(len(index) - 1, -1, -1)
    return example


def number_words(words: npt.NDArray[np.unsignedinteger]) -> tuple[npt.NDArray[np.unsignedinteger], Index]:
    """Give numbers to the distinct words of a column of few distinct words, without sorting it.

    Parameters
    ----------
    words : ndarray of uint32 or uint64, shape (samples,)

    Returns
    -------
    distinct : ndarray, shape (values,)
    index : ndarray of unsigned int, shape (samples,)
    """
    if len(words) <= _FEW:
        distinct, index = np.unique(words, return_inverse=True)
        return distinct, narrow(index.reshape(-1), len(distinct))
    kind = words.dtype.type
    shift = kind(words.dtype.itemsize * 8 - _SLOTS)
    mask = (1 << words.dtype.itemsize * 8) - 1
    for multiplier in _MULTIPLIERS:
        # The last word of a slot stays in the table; if it is not the word of all in that slot, two have met.
        slots = (words * kind(multiplier & mask | 1)) >> shift
        table = np.zeros(1 << _SLOTS, words.dtype)
        table[slots] = words
        if (table[slots] == words).all():  # no two distinct words share a slot
            used = np.zeros(1 << _SLOTS, bool)
            used[slots] = True
            found = np.flatnonzero(used)
            numbers = np.zeros(1 << _SLOTS, np.min_scalar_type(max(len(found) - 1, 0)))
            numbers[found] = np.arange(len(found))
            return table[found], numbers[slots]
    distinct, index = np.unique(words, return_inverse=True)
    return distinct, narrow(index.reshape(-1), len(distinct))


@dataclass(frozen=True, slots=True, repr=False)
class Encoded(Generic[Value]):
    """Encoded values by key (a gene, a marker, a drug), and which sample has which.

    Attributes
    ----------
    sample_ids : tuple of str
    values : dict of str to sequence
        Encoded values of each key.
    index : dict of str to ndarray of unsigned int, shape (samples,)
        Value number of each sample.
    """

    sample_ids: tuple[str, ...]
    values: Mapping[str, Sequence[Value]]
    index: Mapping[str, Index] = field(default_factory=dict)

    def of(self, key: str, sample: int) -> Value:
        """Return the value of a key for a sample number."""
        return self.values[key][int(self.index[key][sample])]

    def counts(self, key: str) -> npt.NDArray[np.intp]:
        """Return how many samples have each value of a key."""
        return np.bincount(self.index[key], minlength=len(self.values[key]))

    def select(self, samples: Sequence[int]) -> Self:
        """Return the values of some samples, by number."""
        chosen = list(samples)
        return replace(
            self,
            sample_ids=tuple(self.sample_ids[number] for number in chosen),
            index={key: numbers[chosen] for key, numbers in self.index.items()},
        )
