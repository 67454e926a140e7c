"""Declared columns of a result table: name, kind, where the value comes from, and what it means, in one place.

The files, frames, the reference page and the published schema all take theirs from here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")

Row = tuple[Any, ...]
"""Cells of a row, without the sample."""

SAMPLE = "sample_id"
"""The first column of every table."""


@dataclass(frozen=True, slots=True)
class Column(Generic[Item]):
    """One column of a result table.

    Attributes
    ----------
    name : str
    kind : str
        ``text``, ``integer``, ``number``, ``probability``, ``flag`` (yes or no), ``list`` (of texts or values),
        ``shares`` (names with probabilities) or ``checks`` (of several drugs).
    value : callable
        Takes what the row is of.
    description : str
    """

    name: str
    kind: str
    value: Callable[[Item], Any]
    description: str


@dataclass(frozen=True)
class Columns(Generic[Item]):
    """Columns of a result table, which all begin with the sample.

    Attributes
    ----------
    about : str
        What a row is.
    keys : tuple of str
        Columns that tell the rows of a sample apart.
    columns : tuple of Column
        Without the sample.
    """

    about: str
    keys: tuple[str, ...]
    columns: tuple[Column[Item], ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return (SAMPLE, *(column.name for column in self.columns))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of all columns."""
        return ("text", *(column.kind for column in self.columns))

    def row(self, item: Item) -> Row:
        """Return the cells of an item, without the sample."""
        return tuple(column.value(item) for column in self.columns)
