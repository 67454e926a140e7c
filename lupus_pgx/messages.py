"""What a command says beside its results: on stderr, and in the file of ``--log-file``."""

from __future__ import annotations

import errno
import logging
import os
import re
import shlex
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

from lupus_pgx._version import __version__
from lupus_pgx.bounded import short, shown
from lupus_pgx.errors import OutputError, UsageError, cannot_write, writing

if TYPE_CHECKING:
    from io import TextIOWrapper
    from types import TracebackType
    from typing import Self

_FORMAT = "lupus-pgx: %(levelname)s: %(message)s"
_IN_FILE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_LONGEST = 4_000
"""Characters of a line of a message."""
_PAGES = 5
"""So many pages are named at once."""

_OURS = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")

log = logging.getLogger("lupus_pgx")


def in_line(text: str) -> str:
    """Return a message whose lines end, and in which nothing moves a cursor: names and values come from files."""
    return "\n".join(short(line, _LONGEST) for line in shown(text).split("\n"))


def places(folder: str, files: Iterable[Path]) -> Iterator[str]:
    """Yield where results are: each line ends with a path as it can be pasted.

    Parameters
    ----------
    folder : str
        As it was given.
    files : iterable of Path
        Written into it; of the pages the one of all people is named, and where there is none all of a few.
    """
    known = list(files)
    yield f"Results are in {shlex.quote(folder)}"
    tables = [path for path in known if path.name.partition(".")[0] == "drugs"]
    if tables:
        yield f"Drug by drug: {shlex.quote(str(tables[0]))}"
    pages = [path for path in known if path.suffix == ".html"]
    whole = [path for path in pages if path.parent == Path(folder)]
    if pages:
        named = whole or (pages if len(pages) <= _PAGES else [pages[0].parent])
        yield f"To read as a page: {shlex.join(map(str, named))}"


def _is_no_notice(record: logging.LogRecord) -> bool:
    return not hasattr(record, "notice")


class _Once(logging.Filter):
    """Lets what was read of a context through once: every shard of a run reads it, and it is the same."""

    def __init__(self) -> None:
        super().__init__()
        self._said: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record has not been here before; only what bears ``informs`` is remembered."""
        if not hasattr(record, "informs"):
            return True
        text = record.getMessage()
        there = text in self._said
        self._said.add(text)
        return not there


class _Plain(logging.Formatter):
    """Messages as :func:`in_line` writes them."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record; one that only says as what something was read is a note, beside what warns."""
        if getattr(record, "informs", False):
            record = copy(record)
            record.levelname = "NOTE"
        return in_line(super().format(record))


class Messages:
    """The log of one command; everything about it is undone at the end.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line, to be noted in the file; that of the process by default.
    """

    def __init__(self, arguments: Sequence[str] | None = None) -> None:
        self._arguments = sys.argv[1:] if arguments is None else list(arguments)
        self._root = logging.getLogger()
        self._level = self._root.level
        self._said: str | None = None
        self._file: _LogFile | None = None
        self._once: defaultdict[logging.Handler, _Once] = defaultdict(_Once)

    def __enter__(self) -> Self:
        if not self._root.handlers:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(_Plain(_FORMAT))
            self._root.addHandler(handler)
        self._levels = [(handler, handler.level) for handler in self._root.handlers]
        for each, _ in self._levels:
            each.addFilter(self._once[each])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._root.setLevel(self._level)
        for handler, level in self._levels:
            handler.setLevel(level)
            handler.removeFilter(_is_no_notice)
            handler.removeFilter(self._once[handler])
        if self._file is not None:
            self._root.removeHandler(self._file)
            self._file.close()

    @property
    def is_verbose(self) -> bool:
        """Whether more was asked for."""
        return self._said == "verbose"

    def leave_notices(self) -> None:
        """Leave out of stderr what is shown among the results as a notice; a file of messages has it."""
        for handler, _ in self._levels:
            handler.addFilter(_is_no_notice)

    def say(self, how: str) -> None:
        """Say less (``quiet``) or more (``verbose``) on stderr.

        Raises
        ------
        UsageError
            If both are asked for.
        """
        if self._said not in (None, how):
            raise UsageError("-q and -v contradict each other: give one of them")
        self._said = how
        self._set_levels()

    def keep(self, path: str) -> None:
        """Write what is said into a file too, behind what it holds.

        Raises
        ------
        UsageError
            If another file was named before.
        OutputError
            If the file cannot be written, or is no log of ours.
        """
        if self._file is not None:
            if path != self._file.path:
                raise UsageError("--log-file is given twice: give one file")
            return
        self._file = _LogFile(path)
        self._file.addFilter(self._once[self._file])
        self._root.addHandler(self._file)
        self._set_levels()
        log.info("lupus-pgx %s: %s", __version__, shlex.join(self._arguments))
        self.check()

    def tell(self, lines: Iterable[str]) -> None:
        """Say on stderr what is no warning, such as where results are, unless less was asked for."""
        if self._said == "quiet":
            return
        # Where nobody hears it, the files are there all the same.
        with suppress(OSError, AttributeError):
            sys.stderr.writelines(f"{in_line(line)}\n" for line in lines)
            sys.stderr.flush()

    def error(self, text: str, code: int) -> None:
        """Note the sentence with which the command ends; stderr has it anyway."""
        if self._file is not None:
            record = log.makeRecord(log.name, logging.ERROR, "", 0, "%s (exit code %d)", (text, code), None)
            self._file.handle(record)

    def check(self) -> None:
        """Refuse to go on as if all were written.

        Raises
        ------
        OutputError
            If something could not be written into the file.
        """
        if self._file is not None and self._file.fault is not None:
            raise cannot_write(self._file.path, "log", self._file.fault)

    def _set_levels(self) -> None:
        """Let each place have its own level; the logger passes on what any of them wants."""
        shown = {"quiet": logging.ERROR, "verbose": logging.DEBUG, None: self._level}[self._said]
        for handler, level in self._levels:
            handler.setLevel(max(level, shown))
        if self._file is not None:
            self._file.setLevel(min(shown, logging.INFO))
        self._root.setLevel(shown if self._file is None else self._file.level)


def _heard(pipe: str, flags: int) -> int:
    """Open a pipe that somebody reads.

    Not first tried and then opened: who reads it may go in between, and to open it would wait for the next one.
    """
    try:
        handle = os.open(pipe, flags | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise cannot_write(pipe, "log", "it is a pipe that nobody reads") from None
        raise
    os.set_blocking(handle, True)
    return handle


class _LogFile(logging.FileHandler):
    """A file of messages with date and level; what cannot be written is kept in mind, not thrown into the work."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.fault: str | None = None
        with writing(path, "log"):
            file = Path(path)
            if file.is_file() and file.stat().st_size:
                with file.open("rb") as handle:
                    if _OURS.match(handle.readline()) is None:
                        raise OutputError(f"{path}: is there and is no log of lupus-pgx: give another name for the log")
            super().__init__(path, encoding="utf-8", errors="backslashreplace")
        formatter = _Plain(_IN_FILE, datefmt="%Y-%m-%d %H:%M:%S")
        self.setFormatter(formatter)

    def _open(self) -> TextIOWrapper:
        if Path(self.path).is_fifo():
            # A pipe cannot be sought in, as appending does.
            return open(self.path, "w", encoding=self.encoding, errors=self.errors, opener=_heard)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name of logging
        """Keep the reason."""
        del record
        error = sys.exception()
        self.fault = getattr(error, "strerror", None) or str(error)

    def close(self) -> None:
        """Close the file; what is left in its buffer may find no room."""
        try:
            super().close()
        except OSError as error:
            self.fault = error.strerror or str(error)
