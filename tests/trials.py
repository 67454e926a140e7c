"""One trial of the command: in a process of its own, within bounds of time and memory, and what must not come of it.

Both the inputs that mean harm (``tests/fuzz/hostile.py``) and the fuzzer (``tests/fuzz/run.py``) keep these bounds.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

SECONDS = 20.0
"""Of a processor that one trial may take."""
PATIENCE = 120.0
"""Of the clock, after which a trial hangs."""
BYTES = 1 << 30
MOST = 6 << 30
LONGEST = 20_000
CODES = (0, 2, 65, 66, 73, 75)
"""That are documented; 70, a fault of ours, must not come."""

Arguments = list[str]
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}")


def say(*words: object) -> None:
    """Write a line that is read at once."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def half_written(folder: Path) -> list[str]:
    """Return the temporary files that are left in a folder and those below, however deep."""
    found, folders = [], [str(folder)]
    while folders:
        with os.scandir(folders.pop()) as items:
            for item in items:
                if item.is_dir(follow_symlinks=False):
                    folders.append(item.path)
                elif item.is_file(follow_symlinks=False) and _TEMPORARY.fullmatch(item.name):
                    found.append(item.name)
    return sorted(found)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    seconds: float
    memory: int
    out: bytes
    err: bytes
    left: tuple[str, ...] = ()
    heard: bool = True

    def faults(self) -> Iterator[str]:
        """Yield what must not be."""
        if self.seconds > SECONDS:
            yield f"{self.seconds:.0f} s"
        if self.memory > BYTES:
            yield f"{self.memory >> 20} MB"
        if self.code not in CODES:
            yield f"exit {self.code}"
        if b"Traceback" in self.err:
            yield "traceback"
        if self.left:
            yield f"half-written: {', '.join(self.left)}"
        if any(byte < 32 and byte not in b"\n\t" for byte in self.err + self.out) or b"\x7f" in self.err + self.out:
            yield "control characters"
        lines = [line for line in self.err.split(b"\n") if line.startswith(b"lupus-pgx: error")]
        if self.heard and self.code not in (0, 75) and len(lines) != 1 and not self.out:
            yield f"{len(lines)} sentences"
        if (longest := max(map(len, self.err.split(b"\n")))) > LONGEST:
            yield f"a line of {longest} bytes"


def run(arguments: Arguments, folder: Path, streams: Mapping[int, str | None] = {}) -> Ended:
    """Run the command in a process of its own, forked from this one, which has loaded all before.

    Parameters
    ----------
    arguments : list of str
    folder : Path
        In which it works.
    streams : mapping of int to str or None, optional
        Standard streams that are another file, or closed.

    Returns
    -------
    Ended
    """
    before_all = set(half_written(folder))
    began, before = time.monotonic(), _resident()
    process = os.fork()
    if not process:
        _child(arguments, folder, streams)
    usage, status = None, 0
    while usage is None:
        ended, status, found = os.wait4(process, os.WNOHANG)
        if ended:
            usage = found
        elif time.monotonic() - began > PATIENCE:
            os.kill(process, signal.SIGKILL)
            _, status, usage = os.wait4(process, 0)
        else:
            time.sleep(0.01)
    # On a machine that is shared the clock says little: what was worked counts, and an end after a while.
    took = usage.ru_utime + usage.ru_stime if time.monotonic() - began < PATIENCE else PATIENCE
    code = os.waitstatus_to_exitcode(status)
    said = ((folder / name).read_bytes() for name in (".out", ".err"))
    left = tuple(name for name in half_written(folder) if name not in before_all)
    return Ended(code, took, (usage.ru_maxrss - before) << 10, *said, left=left, heard=2 not in streams)


def _resident() -> int:
    """Return the memory of this process in kB: a process forked from it begins with as much."""
    return int(Path("/proc/self/status").read_text(encoding="ascii").partition("VmRSS:")[2].split()[0])


def _child(arguments: Arguments, folder: Path, streams: Mapping[int, str | None]) -> NoReturn:
    """Be the command."""
    from lupus_pgx.cli import main as command_line

    os.chdir(folder)
    for number, (name, mode) in enumerate({os.devnull: os.O_RDONLY, ".out": _NEW, ".err": _NEW}.items()):
        given = streams.get(number, name)
        if given is None:
            os.close(number)
            Path(name).touch()
            continue
        if given != name:
            Path(name).touch()
        file = os.open(given, mode & ~os.O_CREAT if given != name else mode, 0o666)
        if file != number:
            os.dup2(file, number)
            os.close(file)
    sys.stdin, sys.stdout, sys.stderr = (_opened(number, mode) for number, mode in enumerate("rww"))
    resource.setrlimit(resource.RLIMIT_AS, (MOST, MOST))
    resource.setrlimit(resource.RLIMIT_CPU, (int(SECONDS) + 2, int(SECONDS) + 4))
    code = 1
    try:
        code = command_line(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError, OSError):
                stream.flush()
        os._exit(code)


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def _opened(number: int, mode: str) -> Any:
    """Return a stream as Python itself would make it: None where it is closed."""
    errors = ("surrogateescape", "strict", "backslashreplace")[number]
    try:
        return open(number, mode, errors=errors)
    except OSError:
        return None
