"""Results on standard output: nothing in them moves a cursor, and a reader who went away is no error."""

from __future__ import annotations

import os
import sys

import click

from lupus_pgx.bounded import shown
from lupus_pgx.errors import OutputError, cannot_write


class ReaderGoneError(Exception):
    """Whoever read our output went away: no error of ours, and nobody is left to tell."""


def show_in_colour(text: str) -> None:
    """Print a result; in colour where it goes to a terminal that wants colour."""
    plain = not is_terminal() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    if plain:
        show(text)
        return
    from lupus_pgx.report.colour import coloured

    # What a name would colour or move is escaped first: only our own colours reach the terminal.
    _print(coloured(shown(text)))


def is_terminal() -> bool:
    """Whether results go to a terminal."""
    try:
        return sys.stdout is not None and sys.stdout.isatty()
    except ValueError:  # a stream that was closed
        return False


def show(text: str) -> None:
    """Print a result; nothing in it moves a cursor."""
    _print(shown(text))


def _print(text: str) -> None:
    try:
        if sys.stdout is None:
            raise OutputError("the standard output is closed: nothing can be shown")
        # A name may hold what the encoding of the terminal has not.
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        click.echo(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ReaderGoneError from None
    except OSError as error:
        # What is left in the buffer would be tried again, and fail, when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise cannot_write("", "standard output", error) from None
