"""Run the fuzzer: ``python tests/fuzz/run.py --count 10000 --kinds context,calls``; figures and faults are printed.

The kinds of ``tests/evaluation/mutations.py`` (damage byte by byte) are run by its own command.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fuzz.grammar import KINDS, outcome  # noqa: E402

SECONDS = 20.0
"""Of a processor that one trial may take."""
SILENCE = 300.0
"""Of the clock, after which a process that says nothing hangs."""
MEMORY = 4 << 30


class Late(BaseException):
    """A trial takes too long."""


def _late(number: int, frame: FrameType | None) -> None:
    raise Late


def peak() -> int:
    """Return the most memory of this process in MB; ``getrusage`` would count that of the one that started it."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(text.partition("VmHWM:")[2].split()[0]) >> 10


def say(*words: object) -> None:
    """Write a line that is read at once."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def work(name: str, first: int, count: int) -> None:
    """Do trials in this process, and say before and after each where it is."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, _late)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        kind = KINDS[name](Path(folder))
        for seed in range(first, first + count):
            say("start", seed)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                how, said = outcome(kind, name, seed)
            except Late:
                how, said = "LATE", f"over {SECONDS:g} s"
            signal.setitimer(signal.ITIMER_PROF, 0)
            say("end", seed, how, ascii(said)[:300])
        say("memory", peak())


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    while select.select([process.stdout], [], [], SILENCE)[0]:
        line = process.stdout.readline()
        if not line:
            return
        yield line
    process.kill()


def run(name: str, count: int, first: int = 0) -> tuple[Counter[str], list[str], int]:
    """Do trials of a kind; return how often they ended how, all that must not be, and the memory in MB."""
    ends: Counter[str] = Counter()
    faults: list[str] = []
    last, memory = first + count, 0
    while first < last:
        words = [sys.executable, "-W", "ignore", __file__, "--worker", name, str(first), str(last - first)]
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
        ) as process:
            started = None
            for line in _lines(process):
                word, *rest = line.split(maxsplit=3)
                if word == "start":
                    started = int(rest[0])
                elif word == "memory":
                    memory = max(memory, int(rest[0]))
                elif word == "end":
                    ends[rest[1]] += 1
                    if rest[1].isupper():
                        faults.append(f"{name} {rest[0]} {rest[1]} {rest[2].strip()}")
                    first, started = int(rest[0]) + 1, None
            process.wait()
        if started is not None or process.returncode:
            ends["ENDED"] += 1
            faults.append(f"{name} {started} ended by {process.returncode}")
            first = (first if started is None else started) + 1
    return ends, faults, memory


def main() -> int:
    """Run all kinds, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--worker", nargs=3, metavar=("KIND", "FIRST", "COUNT"))
    options = parser.parse_args()
    if options.worker:
        work(options.worker[0], int(options.worker[1]), int(options.worker[2]))
        return 0
    bad = 0
    for name in options.kinds.split(","):
        began = time.monotonic()
        ends, faults, memory = run(name, options.count, options.first)
        say(name, dict(sorted(ends.items())), f"{memory} MB, {time.monotonic() - began:.0f} s")
        for fault in faults[:20]:
            say(fault)
        bad += len(faults)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
