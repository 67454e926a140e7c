"""Files that appear whole or not at all (written under a temporary name, renamed when complete), and their names."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

PATIENTS, SHORT = "patients", "short"
"""Folders of the files of which each sample has one; in the second those of two printed pages."""

_LONGEST = 200
"""Bytes of a file name without its suffix; file systems allow 255 in all."""

_DIGEST = 16

_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}")

_HALVES = "backslashreplace"
"""Names of files that are no UTF-8 are written as messages write them."""

_PAUSE = 0.05
"""Seconds between two looks whether a folder is free."""

_LEVEL = 4
"""Of compression: twice as fast as the usual one, and hardly larger."""


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; what was written there takes its place at the end.

    Yields
    ------
    Path
        Of an empty file, which is removed if anything fails.
    """
    temporary = path.parent / f".{path.name}.{secrets.token_hex(4)}"
    # Not mkstemp, whose files are for the owner alone: the system then applies the umask, which can only be asked by
    # setting it, for every thread at once.
    held = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    try:
        _lock(held)
        yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(held)


def _lock(file: int) -> bool:
    """Mark a file as one that somebody writes; the mark ends with the process, however that ends."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody has it, or the file system knows no marks
        return False
    return True


@contextlib.contextmanager
def alone_in(folder: Path, patience: float) -> Iterator[bool]:
    """Keep others from writing results into a folder meanwhile; the mark is on the folder itself and ends with us.

    Parameters
    ----------
    folder : Path
    patience : float
        Seconds for which one who is there is waited for.

    Yields
    ------
    bool
        Whether nobody else is there; also where the file system knows no marks.
    """
    if fcntl is None:
        yield True
        return
    held = os.open(folder, os.O_RDONLY)
    try:
        end = time.monotonic() + patience
        while not (ours := _is_ours(held)) and time.monotonic() < end:
            time.sleep(_PAUSE)
        yield ours
    finally:
        os.close(held)


def _is_ours(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # the file system knows no marks
        return True
    return True


def remove_temporaries(folder: Path) -> None:
    """Remove what a process that was killed left beside the files of a folder.

    Nothing else, no folder below, no link, and nothing that another process is writing.
    """
    for path in folder.glob(".*"):
        if _TEMPORARY.fullmatch(path.name) is None or path.is_symlink() or not path.is_file():
            continue
        with contextlib.suppress(OSError):
            file = os.open(path, os.O_RDONLY)
            try:
                if _lock(file):
                    path.unlink(missing_ok=True)
            finally:
                os.close(file)


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[IO[str]]:
    """Open a text file under a temporary name and rename it when it is complete; ``.gz`` is compressed."""
    with atomic_path(path) as temporary, opened(temporary, compressed=path.suffix == ".gz") as handle:
        yield handle


def write_texts(texts: Iterable[tuple[Path, str]]) -> list[Path]:
    """Write files one after the other, each whole or not at all; folders are made as they are needed.

    Parameters
    ----------
    texts : iterable of (Path, str)
        May make each text when it is its turn: one is held at a time.

    Returns
    -------
    list of Path
    """
    paths = []
    for path, text in texts:
        path.parent.mkdir(exist_ok=True)
        with atomic_file(path) as handle:
            handle.write(text)
        paths.append(path)
    return paths


@contextlib.contextmanager
def opened(path: Path, *, compressed: bool) -> Iterator[IO[str]]:
    """Open a text file to write it; compressed, equal text gives equal bytes."""
    if not compressed:
        with path.open("w", encoding="utf-8", errors=_HALVES, newline="\n") as handle:
            yield handle
        return
    # Neither the name nor the time goes into the file.
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", errors=_HALVES, newline="\n") as handle,
    ):
        yield handle


def file_name(sample_id: str, suffix: str = ".html") -> str:
    """Return the file name of a sample: percent-encoded, so that it names no other folder.

    A name too long for a file system is cut and ends with a checksum of the whole name.

    Examples
    --------
    >>> file_name("../../x"), file_name("NA18526"), len(file_name("x" * 1000))
    ('..%2F..%2Fx.html', 'NA18526.html', 205)
    """
    name = quote(sample_id, safe="", errors="surrogatepass")
    if len(name) > _LONGEST:
        digest = hashlib.sha256(sample_id.encode(errors="surrogatepass")).hexdigest()[:_DIGEST]
        name = f"{name[: _LONGEST - _DIGEST - 1]}-{digest}"
    return f"{name}{suffix}"
