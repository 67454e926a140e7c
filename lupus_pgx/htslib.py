"""htslib prints messages of its own to stderr; what matters in them is raised as an error here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pysam

_lock = threading.Lock()
_state = {"open": 0, "before": 0}


@contextmanager
def quiet() -> Iterator[None]:
    """Let htslib be silent while a file is open, in whatever thread; then it speaks again as the program had set it."""
    with _lock:
        if not _state["open"]:
            _state["before"] = pysam.set_verbosity(0)
        _state["open"] += 1
    try:
        yield
    finally:
        with _lock:
            _state["open"] -= 1
            if not _state["open"]:
                pysam.set_verbosity(_state["before"])
