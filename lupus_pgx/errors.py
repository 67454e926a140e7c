"""Every error lupus_pgx raises on purpose, by whose problem it is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LupusPgxError(Exception):
    """Base of all errors; ``exit_code`` is what the command line returns."""

    exit_code = 70


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


class InternalError(LupusPgxError):
    """A fault of lupus_pgx itself."""

    exit_code = 70


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """Say that a name is unknown, with near matches.

    Parameters
    ----------
    kind : str
        What the name was meant to be (``gene``, ``drug``, ``sample`` ...).
    name : str
        The name as given.
    known : iterable of str
        All names that would have been accepted.

    Returns
    -------
    UsageError
        Ready to be raised.
    """
    by_lower = {item.lower(): item for item in known}
    near = difflib.get_close_matches(name.lower(), list(by_lower), n=3, cutoff=0.6)
    if near:
        hint = f"did you mean {', '.join(by_lower[item] for item in near)}?"
    elif by_lower and len(by_lower) <= 30:
        hint = f"known: {', '.join(sorted(by_lower.values()))}"
    else:
        hint = f"{len(by_lower)} names are known, none is near"
    return UsageError(f"unknown {kind} {name!r}: {hint}")
