"""Local processes that run shards: begun as copies of this one where that is safe, so that each loads nothing anew."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from lupus_pgx import stops
from lupus_pgx.stops import Stopped

_TRIES = 3

log = logging.getLogger(__name__)

Told = dict[str, dict[str, Any]]


def in_processes(
    names: Sequence[str],
    processes: int,
    collect: Callable[[Executor, Sequence[str]], Told],
    is_there: Callable[[str], bool],
    prepare: Callable[[], object],
) -> Told:
    """Run shards in local processes; where one dies, what it left is done again by new ones.

    Parameters
    ----------
    names : sequence of str
    processes : int
    collect : callable
        Sends shards to an executor and returns what they say of themselves.
    is_there : callable
        Whether a shard is whole.
    prepare : callable
        Loads what every shard needs, before this process is copied.
    """
    context = multiprocessing.get_context(_method())
    if context.get_start_method() == "fork":
        prepare()
    missing = list(names)
    told: Told = {}
    for _ in range(_TRIES):
        others = multiprocessing.active_children()
        pool = ProcessPoolExecutor(min(processes, len(missing)), mp_context=context, initializer=_end_with_parent)
        try:
            with warnings.catch_warnings():
                # Python 3.12 and later count the idle threads of libraries, which know of fork, like any other.
                warnings.filterwarnings("ignore", ".*fork", DeprecationWarning)
                told |= collect(pool, missing)
        except BrokenProcessPool:
            log.warning("a process died; its shards are run again")
        except (Stopped, KeyboardInterrupt):
            # A shard may take long, and what is left of it is removed when the run is taken up again.
            for process in multiprocessing.active_children():
                if process not in others:
                    process.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        missing = [name for name in missing if name not in told and not is_there(name)]
        if not missing:
            break
    return told


def _method() -> str:
    """Return how processes begin: a copy of one with other threads may wait for ever for what they held."""
    alone = threading.active_count() == 1
    return "fork" if sys.platform == "linux" and alone else "spawn"


def _end_with_parent() -> None:
    """Let this process end when the run that started it was killed: nobody would wait for its shards any more."""
    stops.leave_alone()
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
