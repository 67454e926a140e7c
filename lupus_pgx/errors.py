"""Every error lupus_pgx raises on purpose, by whose problem it is."""

from __future__ import annotations

import difflib
import errno
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import PathLike, fsdecode, fspath

_LONGEST_NAME = 100
"""Characters of a name; what is longer is no name that was mistyped, and is shown cut."""


SHOWN = 200
"""Characters of what was found that stand in a message."""

_LONGEST_LINE = 4_000
"""Characters of a line of a message: what was found may be a whole book."""


def cut(text: str, most: int = SHOWN) -> str:
    """Cut a text that stands in a message, and say so."""
    return text if len(text) <= most else f"{text[:most]}... ({len(text):,} characters)"


class LupusPgxError(Exception):
    """Base of all errors; ``exit_code`` is what the command line returns."""

    exit_code = 70

    def __str__(self) -> str:
        return "\n".join(cut(line, _LONGEST_LINE) for line in super().__str__().split("\n"))


class UsageError(LupusPgxError):
    """The caller asked for something that does not exist or does not fit."""

    exit_code = 2


class InputError(LupusPgxError):
    """An input file holds data that cannot be used."""

    exit_code = 65


class InputMissingError(InputError):
    """An input file is not there or cannot be opened."""

    exit_code = 66


class KnowledgeError(LupusPgxError):
    """A knowledge table breaks a rule."""

    exit_code = 65


class OutputError(LupusPgxError):
    """A result cannot be written."""

    exit_code = 73


class UnfinishedError(LupusPgxError):
    """Some shards of a run are not there; the same command goes on where it stopped."""

    exit_code = 75


class InternalError(LupusPgxError):
    """A fault of lupus_pgx itself."""

    exit_code = 70


def cannot_read(path: str, what: str, error: Exception) -> InputMissingError:
    """Say why a file cannot be read, without the numbers of the operating system.

    Parameters
    ----------
    path : str
        As the user gave it.
    what : str
        What the file holds (``list of samples`` ...).
    error : Exception
        What the attempt raised.

    Returns
    -------
    InputMissingError
        Ready to be raised.

    Examples
    --------
    >>> print(cannot_read("list.txt", "list of samples", FileNotFoundError(2, "No such file or directory")))
    list.txt: the list of samples cannot be read (no such file or directory)
    """
    reason = getattr(error, "strerror", None)
    if isinstance(error, UnicodeDecodeError):
        reason = f"expected text in UTF-8; byte {error.start + 1} is none"
    reason = f"{reason[:1].lower()}{reason[1:]}" if reason else str(error)
    return InputMissingError(f"{path}: the {what} cannot be read ({reason})")


def cannot_look(error: OSError) -> InputMissingError:
    """Say which place cannot even be looked at (a name too long, a device that fails), whoever found out.

    Examples
    --------
    >>> print(cannot_look(OSError(36, "File name too long", "x" * 300)))  # doctest: +ELLIPSIS
    xxx...xxx... (300 characters): cannot be read (File name too long)
    """
    place = cut(fsdecode(error.filename)) if isinstance(error.filename, str | bytes | PathLike) else "an input"
    return InputMissingError(f"{place}: cannot be read ({error.strerror or error})")


def is_shortage(error: BaseException | None) -> bool:
    """Whether an error, or what led to it, says that memory is short: Python, the system, or a library being loaded."""
    while error is not None:
        no_room = isinstance(error, ImportError) and any(word in str(error).lower() for word in _NO_ROOM)
        if no_room or isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
            return True
        error = error.__cause__ or error.__context__
    return False


_NO_ROOM = ("failed to map segment", "cannot allocate memory")


def no_memory() -> InputError:
    """Say that memory is short: nothing is wrong with any file for that."""
    return InputError("this asks for more memory than there is; nothing was concluded")


def unknown_name(
    kind: str, name: str, known: Iterable[str], table: str = "", meant: Iterable[str] | None = None
) -> UsageError:
    """Say that a name is unknown, with near matches.

    Parameters
    ----------
    kind : str
        What the name was meant to be (``gene``, ``drug``, ``sample`` ...).
    name : str
        The name as given.
    known : iterable of str
        All names that would have been accepted.
    table : str
        The knowledge table that holds them.
    meant : iterable of str, optional
        Those of them to ask for; by default the ones that are most like it.

    Returns
    -------
    UsageError
        Ready to be raised.
    """
    names = list({item.lower(): item for item in known}.values())
    shown = repr(name) if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]!r}... ({len(name):,} characters)"
    listed = bool(names) and len(names) <= 30
    where = f"; `lupus-pgx knowledge list {table}` prints them" if table else ""
    otherwise = f"known: {', '.join(sorted(names))}" if listed else f"{len(names)} names are known, none is near{where}"
    return UsageError(f"unknown {kind} {shown}: {_ask(near(name, names, 3) if meant is None else meant, otherwise)}")


def near(name: str, known: Iterable[str], most: int = 2, cutoff: float = 0.6) -> list[str]:
    """Return the names that are most like another, the likest first, whatever the case.

    Examples
    --------
    >>> near("tptm", ["TPMT", "NUDT15"])
    ['TPMT']
    """
    if len(name) > _LONGEST_NAME:
        return []
    by_lower = {item.lower(): item for item in known}
    return [by_lower[item] for item in difflib.get_close_matches(name.lower(), list(by_lower), n=most, cutoff=cutoff)]


def slips(name: str, other: str) -> int:
    """Return by how many slips of the pen a name differs: letters left out, put in, changed, or told in turn.

    Examples
    --------
    >>> slips("siezures", "seizures"), slips("azathiopurin", "azathioprine")
    (1, 2)
    """
    last: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(name, 1):
        older, last, row = last, row, [place]
        for at, theirs in enumerate(other, 1):
            best = min(last[at] + 1, row[-1] + 1, last[at - 1] + (letter != theirs))
            if place > 1 and at > 1 and letter == other[at - 2] and theirs == name[place - 2]:
                best = min(best, older[at - 2] + 1)
            row.append(best)
    return row[-1]


def did_you_mean(name: str, known: Iterable[str], otherwise: str, most: int = 2, cutoff: float = 0.6) -> str:
    """Ask whether names near a wrong one were meant; say something else where none is near."""
    return _ask(near(name, known, most, cutoff), otherwise)


def _ask(found: Iterable[str], otherwise: str) -> str:
    asked = " or ".join(found)
    return f"did you mean {asked}?" if asked else otherwise


def cannot_write(target: str | PathLike[str], what: str, reason: OSError | str) -> OutputError:
    """Say what could not be written, and why: the one place for that sentence.

    Parameters
    ----------
    target : str or path
        As the user gave it; empty where nothing but ``what`` names it.
    what : str
        What was to be written (``plan``, ``log`` ...); empty where the target itself says it.
    reason : OSError or str

    Returns
    -------
    OutputError
        Ready to be raised.

    Examples
    --------
    >>> print(cannot_write("run", "plan", OSError(28, "No space left on device")))
    run: the plan cannot be written (No space left on device)
    """
    text = reason if isinstance(reason, str) else reason.strerror or str(reason)
    place, named = f"{fspath(target)}: " if target else "", f"the {what} " if what else ""
    return OutputError(f"{place}{named}cannot be written ({text})")


def not_installed(what: str, package: str, otherwise: str = "") -> UsageError:
    """Say which package something needs and how it is installed: the one place for that sentence.

    Parameters
    ----------
    what : str
        What needs it, with its verb.
    package : str
        As the package index names it, with the versions that will do.
    otherwise : str
        What may be done without it.

    Returns
    -------
    UsageError
        Ready to be raised.

    Examples
    --------
    >>> print(not_installed("plots need", "matplotlib>=3.9"))
    plots need matplotlib, which is not installed: pip install 'matplotlib>=3.9'
    """
    name = package.partition(">")[0]
    return UsageError(f"{what} {name}, which is not installed: pip install {shlex.quote(package)}{otherwise}")


@contextmanager
def writing(target: str | PathLike[str], what: str = "") -> Iterator[None]:
    """Say in one sentence what could not be written, where the system refuses to write within the block.

    Parameters
    ----------
    target : str or path
    what : str
        What is written there; without it the file that the system names is named.

    Raises
    ------
    OutputError
    """
    try:
        yield
    except OSError as error:
        raise cannot_write(target if what else error.filename or target, what, error) from error
