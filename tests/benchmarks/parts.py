"""What a run is made of, in CPU seconds: ``python tests/benchmarks/parts.py [VCF ...]``.

Without a file: one patient of the embedded example, a whole process. With files: all samples of each, tables loaded
before. Parts are measured one after the other in a fresh process, several times in turn; the least of each is printed,
and the same as multiples of what bounds it. Inflating is a part of reading.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REPEAT = 5

Parts = dict[str, float]


def patient(vcf: str) -> Parts:
    """Measure one patient; what is imported or loaded before is not measured again."""
    found: Parts = {}
    last = 0.0

    def said(name: str) -> None:
        nonlocal last
        now = time.process_time()
        found[name] = now - last
        last = now

    said("python")
    import numpy as np  # noqa: F401
    import pysam

    said("numpy, pysam")
    import gc

    gc.set_threshold(200_000, 20, 100)  # as the command does
    import click  # noqa: F401

    said("click")
    import lupus_pgx.analysis
    import lupus_pgx.cli
    import lupus_pgx.report.brief

    said("our modules")
    import measure

    last = time.process_time()
    knowledge = measure._warm_knowledge()
    said("tables")
    regions = measure.cluster_of_panel()
    last = time.process_time()
    with pysam.TabixFile(vcf, encoding="latin-1") as file:
        for region in regions:
            if region.chrom in file.contigs:
                sum(len(line) for line in file.fetch(region.chrom, region.start - 1, region.end))
    said("raw lines")
    stages = _stages(lupus_pgx.analysis)
    analysis = lupus_pgx.analyze(vcf, samples=["LN-01"], knowledge=knowledge)
    said("analysis")
    for name, value in _joined(stages).items():
        found[name] = value
        found["analysis"] -= value
    analysis.to_summary()
    said("words")
    return found


def cohort(vcf: str) -> Parts:
    """Measure all samples of a file."""
    import measure

    import lupus_pgx
    import lupus_pgx.analysis

    knowledge = measure._warm_knowledge()
    floor, _ = measure.floor({"files": [vcf.replace(".bcf", ".vcf.gz")]})
    found = {"floor": _took(floor)}
    lupus_pgx.analyze(vcf, knowledge=knowledge)  # what is made once is not what is looked for
    inflating = _Inflating()
    stages = _stages(lupus_pgx.analysis)
    whole = _took(lambda: lupus_pgx.analyze(vcf, knowledge=knowledge))
    parts = _joined(stages)
    return found | {"inflating": inflating.spent} | parts | {"the rest": whole - sum(parts.values()), "whole": whole}


def _took(run: Callable[[], object]) -> float:
    before = time.process_time()
    run()
    return time.process_time() - before


class _Inflating:
    """Adds up what reading blocks through an index takes: what is left of reading if all else were free."""

    def __init__(self) -> None:
        from lupus_pgx.vcf.bcf import BcfFile
        from lupus_pgx.vcf.text import TextFile

        self.spent = 0.0
        for kind in (TextFile, BcfFile):
            kind._opened = lambda file, opened=kind._opened: self._of(opened(file))

    def _of(self, opened: Any) -> Any:
        timer = self

        class Timed:
            def __enter__(self) -> Any:
                self.file = opened.__enter__()
                return self

            def __exit__(self, *error: object) -> None:
                opened.__exit__(*error)

            def __getattr__(self, name: str) -> Any:
                def call(*given: Any) -> Any:
                    before = time.process_time()
                    try:
                        return getattr(self.file, name)(*given)
                    finally:
                        timer.spent += time.process_time() - before

                return call

        return Timed()


def _stages(module: Any) -> dict[str, float]:
    """Let each stage of an analysis add up what it takes."""
    import measure

    spent = dict.fromkeys(measure.STAGES, 0.0)

    def watched(name: str) -> Callable[..., Any]:
        stage = getattr(module, name)

        def call(*arguments: Any, **options: Any) -> Any:
            before = time.process_time()
            try:
                return stage(*arguments, **options)
            finally:
                spent[name] += time.process_time() - before

        return call

    for name in spent:
        setattr(module, name, watched(name))
    return spent


def _joined(stages: dict[str, float]) -> Parts:
    reading, judging = stages["read_genotypes"], stages["predict_responses"]
    return {"reading": reading, "calling": sum(stages.values()) - reading - judging, "judging": judging}


def main(files: list[str]) -> None:
    """Measure in fresh processes, in turn, and print the least of each part."""
    with tempfile.TemporaryDirectory() as work:
        if not files:
            subprocess.run([sys.executable, "-m", "lupus_pgx", "example", work], check=True, stdout=subprocess.DEVNULL)
        inputs = files or [str(Path(work) / "patients.GRCh38.vcf.gz")]
        kind = "cohort" if files else "patient"
        # Threads of a library of linear algebra that nobody asks for anything spin on another core.
        given = {**os.environ, "PYTHONPYCACHEPREFIX": work, "OPENBLAS_NUM_THREADS": "1"}
        given.pop("PYTHONDONTWRITEBYTECODE", None)
        least: dict[str, Parts] = {vcf: {} for vcf in inputs}
        for number in range(REPEAT + 1):
            for vcf in inputs:
                words = [sys.executable, str(HERE / "parts.py"), f"--{kind}", vcf]
                told = subprocess.run(words, env=given, check=True, capture_output=True, text=True).stdout
                for name, value in json.loads(told).items() if number else ():  # the first one warms the caches
                    least[vcf][name] = min(value, least[vcf].get(name, value))
    for vcf, parts in least.items():
        bound = parts["python"] + parts["numpy, pysam"] if kind == "patient" else parts["floor"]
        sys.stdout.write(f"{Path(vcf).name}\n")
        for name, value in parts.items():
            sys.stdout.write(f"  {name:22} {value:.3f} s  {value / bound:5.2f}\n")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    asked = sys.argv[1:]
    if asked and asked[0] in ("--patient", "--cohort"):
        sys.stdout.write(json.dumps((patient if asked[0] == "--patient" else cohort)(asked[1])))
    else:
        main(asked)
