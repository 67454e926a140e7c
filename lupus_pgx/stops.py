"""A command that is asked to stop says so in one sentence and ends with the code of the signal.

Nothing of the package is imported here: a signal may come while it loads.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from types import FrameType

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")

_received: list[int] = []


class Stopped(BaseException):
    """A signal asked to stop; what is open is closed, and what is half-written is removed, on the way out."""


def listen() -> None:
    """Let the signals that ask to stop raise :class:`Stopped` from now on; one that is ignored (nohup) stays so."""
    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _stop)


def leave_alone() -> None:
    """Let a process that works for another end by these signals as any process does, without a word of its own."""
    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_DFL)


def _stop(number: int, frame: FrameType | None) -> None:
    del frame
    _received.append(number)
    if len(_received) > 1:
        return  # what is done on the way out is not stopped by more of them
    raise Stopped


def received() -> int | None:
    """Return the number of the signal that came, None without."""
    return _received[0] if _received else None


def forget() -> None:
    """Go on as if no signal had come: who caught it says in its own words, and with its own code, what it means."""
    _received.clear()


def sentence(number: int) -> str:
    """Say that a signal stopped the command."""
    left = "no file is half-written, what was not yet written is missing"
    return f"lupus-pgx: stopped by {signal.Signals(number).name}; {left}"


def end(number: int) -> int:
    """Say it, and return the exit code: 128 and the number of the signal, as a shell gives it."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"\n{sentence(number)}\n" if sys.stderr.isatty() else f"{sentence(number)}\n")
        sys.stderr.flush()
    return 128 + number


def quiet_end(code: int) -> None:
    """End the process; what is left in the buffers of streams that take nothing is let go."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)
