"""Local processes that run shards: begun as copies of this one where that is safe, so that each loads nothing anew."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from lupus_pgx.forks import FORK, start_method, workers

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
    method = start_method()
    if method == FORK:
        prepare()
    missing = list(names)
    told: Told = {}
    for _ in range(_TRIES):
        try:
            with workers(min(processes, len(missing)), method) as pool:
                told |= collect(pool, missing)
        except BrokenProcessPool:
            log.warning("a process died; its shards are run again")
        missing = [name for name in missing if name not in told and not is_there(name)]
        if not missing:
            break
    return told
