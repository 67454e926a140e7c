"""Text broken into lines of one width, for terminals and files, and lists cut to a few names."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

WIDTH = 96
"""Letters in a line of text."""


def wrap(text: str, before: str = "", after: str | None = None, *, whole: bool = False) -> list[str]:
    """Wrap text; names with hyphens stay whole.

    Parameters
    ----------
    text : str
    before, after : str
        What the first line and all others begin with; alike where only one is given.
    whole : bool
        Whether words longer than a line stay whole too, such as addresses that are copied.
    """
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=before,
        subsequent_indent=before if after is None else after,
        break_on_hyphens=False,
        break_long_words=not whole,
    )


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
