"""Work that is shared with copies of this process, where copying it is safe: a copy has all that is loaded here."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from logging.handlers import QueueHandler
from queue import SimpleQueue
from typing import Any, TypeVar

from lupus_pgx import stops

FORK, SPAWN = "fork", "spawn"

T = TypeVar("T")

log = logging.getLogger(__name__)

_Told = tuple[Any, Exception | None, list[logging.LogRecord]]
"""What a task returned or raised, and what it logged."""

_tasks: Sequence[Callable[[], object]] = ()
"""What the copies are made for: they have it from here, so that nothing of it is sent to them."""


def start_method() -> str:
    """Return how processes begin: a copy of one with other threads may wait for ever for what they held."""
    alone = threading.active_count() == 1
    return FORK if sys.platform == "linux" and alone else SPAWN


@contextmanager
def workers(processes: int, method: str) -> Iterator[Executor]:
    """Open a pool of processes; where this one is asked to stop, so are they, and they never outlive it.

    Raises
    ------
    concurrent.futures.process.BrokenProcessPool
        If one of them died.
    """
    others = multiprocessing.active_children()
    context = multiprocessing.get_context(method)
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_end_with_parent)
    try:
        with warnings.catch_warnings():
            # Python 3.12 and later count the idle threads of libraries, which know of fork, like any other.
            warnings.filterwarnings("ignore", ".*fork", DeprecationWarning)
            yield pool
    except (stops.Stopped, KeyboardInterrupt):
        # A task may take long, and what is left of it is removed when the run is taken up again.
        for process in multiprocessing.active_children():
            if process not in others:
                process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def side_by_side(tasks: Sequence[Callable[[], T]], processes: int) -> Iterator[T]:
    """Yield what tasks return, in their order; copies of this process do them, where it can be copied, or else it does.

    Parameters
    ----------
    tasks : sequence of callable
        Begun in their order: those that take long stand first. What they return is pickled.
    processes : int
        No more copies than that; 1 does all here.

    Yields
    ------
    object
        Of each task. What a task raised is raised here, and what it logged is logged here.
    """
    global _tasks  # noqa: PLW0603 - the one way in which a copy has what cannot be pickled
    if min(processes, len(tasks)) == 1 or start_method() != FORK:
        for task in tasks:
            yield task()
        return
    outside, _tasks = _tasks, tasks
    done = 0
    try:
        with workers(min(processes, len(tasks)), FORK) as pool:
            waiting: list[Future[_Told]] = [pool.submit(_task, number) for number in range(len(tasks))]
            for future in waiting:
                found, error, said = future.result()
                for record in said:
                    logging.getLogger(record.name).handle(record)
                if error is not None:
                    raise error
                done += 1
                yield found
    except BrokenProcessPool:
        log.warning("a process died; its part is done again")
        for task in tasks[done:]:
            yield task()
    finally:
        _tasks = outside


def _task(number: int) -> _Told:
    """Do a task in a copy."""
    root = logging.getLogger(__package__)
    heard: SimpleQueue[logging.LogRecord] = SimpleQueue()
    before, passed_on = root.handlers, root.propagate
    root.handlers, root.propagate = [QueueHandler(heard)], False
    found, error = None, None
    try:
        found = _tasks[number]()
    except Exception as raised:
        error = raised
    finally:
        root.handlers, root.propagate = before, passed_on
    return found, error, [heard.get() for _ in range(heard.qsize())]


def _end_with_parent() -> None:
    """Let this process end when the one that started it was killed: nobody would wait for its work any more."""
    stops.leave_alone()
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
