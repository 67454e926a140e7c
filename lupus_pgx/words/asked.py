"""How what may be given is called: an option on the command line, a parameter in Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_AT_COMMAND_LINE = ContextVar("whether the command line asks", default=False)


@contextmanager
def command_line() -> Iterator[None]:
    """Let messages speak of options within the block."""
    token = _AT_COMMAND_LINE.set(True)
    try:
        yield
    finally:
        _AT_COMMAND_LINE.reset(token)


def asked_as(option: str, parameter: str) -> str:
    """Return the words for who reads a message: those of the command line, or those of Python.

    Examples
    --------
    >>> asked_as("--build GRCh38", "build='GRCh38'")
    "build='GRCh38'"
    >>> with command_line():
    ...     asked_as("--build GRCh38", "build='GRCh38'")
    '--build GRCh38'
    """
    return option if _AT_COMMAND_LINE.get() else parameter


def stated_absent() -> str:
    """Return the statement that absent loci are reference, as it is given."""
    return asked_as("--absent reference", "absent='reference'")


def named(parameter: str) -> str:
    """Return the name of a parameter, or of the option that stands for it.

    Examples
    --------
    >>> with command_line():
    ...     named("min_gq")
    '--min-gq'
    """
    return asked_as(f"--{parameter.replace('_', '-')}", parameter)
