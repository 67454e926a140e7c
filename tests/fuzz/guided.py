"""Let coverage choose the inputs: ``python tests/fuzz/guided.py --kinds context,calls --seconds 300``.

The kinds are those of ``run.py``. What reaches code that nothing before it reached is kept and changed further, which is how
inputs are found that no grammar has. It needs `atheris`, which the project does not: without it there is nothing to do.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from trials import SECONDS, say  # noqa: E402

LONGEST = 20_000
"""Bytes of an input."""
SLOW = 2.0
"""Seconds of a processor above which an input is named."""
MOST_WORDS = 2_000
KINDS = ("context", "records", "calls", "overlay", "sheet", "snapshot", "reads", "bcf", "carrier")


class Late(BaseException):
    """A trial takes too long."""


def _late(number: int, frame: object) -> None:
    raise Late


class Trials:
    """Trials of a kind; a fault is said once for each place, and kept.

    Parameters
    ----------
    kind : Kind
    judged : callable
        Says how a trial ends.
    corpus : Path
    """

    def __init__(self, kind: Any, judged: Callable[[Callable[[], str]], tuple[str, str]], corpus: Path) -> None:
        self.kind, self.judged, self.corpus = kind, judged, corpus
        self._seen: set[str] = set()
        self._where = ""

    def __call__(self, data: bytes) -> None:
        """Do one."""
        if not data:
            return
        self._where, began = "", time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            how, said = self.judged(lambda: self._given(data))
        except Late:
            how, said = "LATE", f"over {SECONDS:g} s"
        signal.setitimer(signal.ITIMER_PROF, 0)
        if not how.isupper() and (took := time.process_time() - began) > SLOW:
            how, said = "SLOW", f"{took:.1f} s"
        if how.isupper() and (key := f"{how} {self._where}") not in self._seen:
            self._seen.add(key)
            kept = self.corpus / f"found-{len(self._seen)}"
            kept.write_bytes(data)
            say("fault", key, ascii(said)[:300], kept)

    def _given(self, data: bytes) -> str:
        try:
            said: str = self.kind.given(data)
        except BaseException as error:
            frames = traceback.extract_tb(error.__traceback__)
            ours = [f"{frame.filename}:{frame.lineno}" for frame in frames if "lupus_pgx/" in frame.filename]
            self._where = ours[-1] if ours else ""
            raise
        return said


def work(name: str, seconds: int, corpus: Path) -> None:
    """Do trials of a kind in this process until the time is over."""
    atheris: Any = importlib.import_module("atheris")
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGPROF, _late)
    with atheris.instrument_imports(include=["lupus_pgx"]):
        from fuzz import grammar
    place = Path(tempfile.mkdtemp())
    os.chdir(place)
    kind = grammar.KINDS[name](place)
    begin, reached, known = corpus / "begin", corpus / "reached", grammar.CORPUS / name
    for folder in (begin, reached):
        folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(kind.begin()):
        (begin / str(number)).write_bytes(data)
    words = sorted({word for data in kind.begin() for word in re.findall(rb"[A-Za-z0-9_*.+-]{2,30}", data)})
    listed = corpus / "words"
    listed.write_text("".join(f'"{word.decode()}"\n' for word in words[:MOST_WORDS]), encoding="ascii")
    options = {"dict": listed, "max_total_time": seconds, "max_len": LONGEST, "rss_limit_mb": 4096}
    options |= {"len_control": 0, "print_final_stats": 1}
    folders = [str(folder) for folder in (reached, begin, known) if folder.exists()]
    told = [sys.argv[0], *(f"-{option}={value}" for option, value in options.items()), *folders]
    atheris.Setup(told, Trials(kind, grammar.judged, corpus))
    atheris.Fuzz()


def main() -> int:
    """Run the kinds one after another, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--seconds", type=int, default=300, help="for each kind")
    parser.add_argument(
        "-o", "--corpus", type=Path, help="folder of what is reached and found; kept, and begun from next time"
    )
    parser.add_argument("--worker")
    options = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        say("nothing is done: atheris is not installed (pip install atheris)")
        return 0
    corpus = (options.corpus or Path(tempfile.mkdtemp())).resolve()
    if options.worker:
        work(options.worker, options.seconds, corpus)
        return 0
    bad = 0
    for name in options.kinds.split(","):
        words = [
            sys.executable,
            __file__,
            "--worker",
            name,
            "--seconds",
            str(options.seconds),
            "-o",
            str(corpus / name),
        ]
        ended = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
        found = [line for line in ended.stdout.splitlines() if line.startswith("fault ")]
        how = Counter(line.split()[1] for line in found)
        covered = [int(number) for number in re.findall(r"cov: (\d+)", ended.stderr)]
        done = re.search(r"stat::number_of_executed_units: (\d+)", ended.stderr)
        bad += how.total() - how["SLOW"] + (done is None)
        if done is None or not covered:
            say(name, f"ended by {ended.returncode}:", ended.stderr[-2000:])
            continue
        begun = re.search(r"INITED cov: (\d+)", ended.stderr)
        say(name, done[1], "runs; coverage", begun[1] if begun else covered[0], "->", covered[-1], dict(how))
        for line in found:
            say(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
