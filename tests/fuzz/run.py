"""Run the fuzzer: ``python tests/fuzz/run.py --count 10000 --kinds context,calls``; figures and faults are printed.

With ``-o JOURNAL`` each trial is written down as it ends, and a run that is broken off goes on where it stood.
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

from trials import SECONDS, half_written, say  # noqa: E402

from fuzz.grammar import KINDS, outcome  # noqa: E402

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
            if left := half_written(Path(folder)):
                how, said = "LEFT", ", ".join(left)
            say("end", seed, how, ascii(said)[:300])
            if seed % 100 == 0 or seed == first + count - 1:
                say("memory", peak())


def _lines(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Yield what a worker says; read past all buffers, as `select` knows nothing of lines that wait in one."""
    assert process.stdout is not None
    source, rest = process.stdout.fileno(), b""
    while select.select([source], [], [], SILENCE)[0]:
        said = os.read(source, 1 << 16)
        if not said:
            return
        *lines, rest = (rest + said).split(b"\n")
        yield from (line.decode("ascii") for line in lines)
    process.kill()


class Journal:
    """Trials that have ended, of any kind; in a file, where one is given.

    Parameters
    ----------
    path : Path, optional
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.done: dict[str, dict[int, str]] = {}
        self.memory: Counter[str] = Counter()
        for line in path.read_text(encoding="ascii").splitlines() if path is not None and path.exists() else ():
            if line.count("\t") == 2:  # the last may be half-written
                self._enter(*line.split("\t"))

    def _enter(self, name: str, number: str, said: str) -> None:
        if number == "memory":
            self.memory[name] = max(self.memory[name], int(said))
        else:
            self.done.setdefault(name, {})[int(number)] = said

    def add(self, name: str, number: str, said: str) -> None:
        """Write down how a trial ended."""
        self._enter(name, number, said)
        if self.path is not None:
            with self.path.open("a", encoding="ascii") as file:
                file.write(f"{name}\t{number}\t{said}\n")


def run(
    name: str, count: int, first: int = 0, *, journal: Journal | None = None, seconds: float = float("inf")
) -> tuple[Counter[str], list[str], int]:
    """Do trials of a kind; return how often they ended how, all that must not be, and the memory in MB."""
    journal = Journal() if journal is None else journal
    last, until = first + count, time.monotonic() + seconds
    seeds = range(first, last)
    while first in journal.done.get(name, ()):
        first += 1
    while first < last and time.monotonic() < until:
        words = [sys.executable, "-W", "ignore", __file__, "--worker", name, str(first), str(last - first)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            started = None
            for line in _lines(process):
                word, *rest = line.split(maxsplit=3)
                if word == "start":
                    started = int(rest[0])
                elif word == "memory":
                    journal.add(name, "memory", rest[0])
                elif word == "end":
                    journal.add(name, rest[0], " ".join(rest[1:]).strip())
                    first, started = int(rest[0]) + 1, None
                if time.monotonic() > until:
                    started = None
                    process.kill()
                    break
            process.wait()
        if started is not None:
            journal.add(name, str(started), f"ENDED by {process.returncode}")
            first = started + 1
        elif process.returncode and time.monotonic() < until:
            journal.add(name, str(first), f"ENDED between trials by {process.returncode}")
            first += 1
    said = {seed: text for seed, text in journal.done.get(name, {}).items() if seed in seeds}
    faults = [f"{name} {seed} {text}" for seed, text in said.items() if text.partition(" ")[0].isupper()]
    return Counter(text.partition(" ")[0] for text in said.values()), faults, journal.memory[name]


def main() -> int:
    """Run all kinds, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--worker", nargs=3, metavar=("KIND", "FIRST", "COUNT"))
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="that a kind may take; the others come after it"
    )
    parser.add_argument("-o", "--journal", type=Path, help="file into which each trial is written")
    options = parser.parse_args()
    if options.worker:
        work(options.worker[0], int(options.worker[1]), int(options.worker[2]))
        return 0
    bad, journal = 0, Journal(options.journal)
    for name in options.kinds.split(","):
        began = time.monotonic()
        ends, faults, memory = run(name, options.count, options.first, journal=journal, seconds=options.seconds)
        say(name, dict(sorted(ends.items())), f"{memory} MB, {time.monotonic() - began:.0f} s")
        for fault in faults[:20]:
            say(fault)
        bad += len(faults)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
