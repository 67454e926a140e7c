"""Text broken into lines of one width, cells in columns that never run into the next, and lists cut to a few names."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

WIDTH = 96
"""Letters in a line of text, where nobody asked for fewer."""

_COMMAND = re.compile(r"`[^`\n]{1,56}`")
"""A command that fits on a line of its own, however narrow."""
_GLUE = "\x00"
_NARROWEST = 60
_FOLDED = 6
_LETTERS = ContextVar("letters in a line", default=WIDTH)


def width() -> int:
    """Return how many letters a line has now."""
    return _LETTERS.get()


@contextmanager
def lines_of(columns: int) -> Iterator[None]:
    """Break lines for a terminal of so many columns; a wider one gets no longer lines, which nobody reads well."""
    token = _LETTERS.set(min(max(columns, _NARROWEST), WIDTH))
    try:
        yield
    finally:
        _LETTERS.reset(token)


def rule() -> str:
    """Return a line across."""
    return "=" * width()


def wrap(text: str, before: str = "", after: str | None = None, *, whole: bool = False) -> list[str]:
    """Wrap text; names with hyphens stay whole, and so does a command between backquotes, which can then be pasted.

    Parameters
    ----------
    text : str
    before, after : str
        What the first line and all others begin with; alike where only one is given.
    whole : bool
        Whether words longer than a line stay whole too, such as addresses that are copied.
    """
    found = textwrap.wrap(
        _COMMAND.sub(lambda match: match[0].replace(" ", _GLUE), text),
        width(),
        initial_indent=before,
        subsequent_indent=before if after is None else after,
        break_on_hyphens=False,
        break_long_words=not whole,
    )
    return [line.replace(_GLUE, " ") for line in found]


def block(text: str, indent: str = "") -> list[str]:
    """Wrap text, every line alike; names with hyphens stay whole."""
    return wrap(text, indent)


def hanging(text: str) -> list[str]:
    """Wrap a list of names under its first word."""
    return wrap(text, "  ", " " * 6)


def counted(number: int, what: str, several: str = "") -> str:
    """Write a number with the word for what it counts.

    Examples
    --------
    >>> counted(1, "sample"), counted(3202, "sample"), counted(2, "locus", "loci")
    ('1 sample', '3,202 samples', '2 loci')
    """
    return f"{number:,} {what if number == 1 else several or f'{what}s'}"


def few_of(names: Iterable[str], most: int = 5) -> str:
    """Return the first few of some names, and how many more there are.

    Examples
    --------
    >>> few_of(["chr1", "chr2", "chr3"], 2)
    'chr1, chr2 and 1 more'
    """
    every = list(names)
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def columned(rows: Sequence[Sequence[str]], widest: Sequence[int]) -> list[list[str]]:
    """Write cells in columns, each as wide as its longest cell; return the lines of each row.

    A cell longer than ``widest`` allows takes its place, and what follows goes on below it, in its own column.

    Parameters
    ----------
    rows : sequence of sequence of str
        Equally many cells each.
    widest : sequence of int
        The most letters of a column but the last, beyond which a cell no longer widens it.

    Examples
    --------
    >>> columned([("a", "12", "x"), ("bb", "a long one", "y")], (4, 4))
    [['  a   12  x'], ['  bb  a long one', '          y']]
    """
    starts = [2]
    for number, most in enumerate(widest):
        fitting = [len(row[number]) for row in rows if len(row[number]) <= most]
        starts.append(starts[-1] + max(fitting, default=0) + 2)
    return [_placed(row, starts) for row in rows]


def _placed(cells: Sequence[str], starts: Sequence[int]) -> list[str]:
    lines = [""]
    for cell, start in zip(cells, starts, strict=True):
        if not cell:
            continue
        too_far = bool(lines[-1]) and max(start, len(lines[-1]) + 2) + len(cell) > width()
        if too_far or (lines[-1] and len(lines[-1]) > start - 2):
            lines.append("")
        place = start if start + len(cell) <= width() else starts[1] if starts[1] + len(cell) <= width() else _FOLDED
        lines[-1] = f"{lines[-1]:<{place if not lines[-1] else max(place, len(lines[-1]) + 2)}}{cell}"
    return lines
