"""Files that appear whole or not at all: written under a temporary name, renamed when complete."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO


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
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[IO[str]]:
    """Open a text file under a temporary name and rename it when it is complete."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as handle:
        yield handle
