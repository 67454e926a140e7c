"""Text broken into lines of one width, for terminals and files."""

from __future__ import annotations

import textwrap

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
