"""How what may be given is called: an option on the command line, a parameter in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


_EXPLAINS: ContextVar[Callable[[str, str], str] | None] = ContextVar(
    "the command that says all of one drug of a sample, of what this command line read", default=None
)


@contextmanager
def explained_by(command: Callable[[str, str], str]) -> Iterator[None]:
    """Let results name, within the block, the command that says all of a drug: made of a sample and a drug."""
    token = _EXPLAINS.set(command)
    try:
        yield
    finally:
        _EXPLAINS.reset(token)


def explaining(sample: str, drug: str) -> str:
    """Return what says all of one drug: a command that can be pasted, or a call in Python; nothing where none can.

    Examples
    --------
    >>> explaining("LN-01", "rituximab")
    ".explain('rituximab')"
    >>> with explained_by(lambda sample, drug: f"lupus-pgx explain in.vcf -s {sample} --drug {drug}"):
    ...     explaining("LN-01", "rituximab")
    'lupus-pgx explain in.vcf -s LN-01 --drug rituximab'
    >>> with command_line():
    ...     explaining("LN-01", "rituximab")
    ''
    """
    command = _EXPLAINS.get()
    return command(sample, drug) if command is not None else asked_as("", f".explain({drug!r})")


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
