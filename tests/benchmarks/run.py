"""Measure speed and memory: ``python tests/benchmarks/run.py --real DIR --out results.json``.

This process stays small (it imports nothing but the standard library): every measurement is a process
of its own, and Linux counts the memory of the process that started it. What each number means is in
``README.md`` beside this file.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REAL_FILE = "1kgp-GRCh38.vcf.gz"
GAPS = (1, 1_000, 20_000, 100_000)
"""Gaps at which the floor is measured besides that of the package."""

PACKAGES = ("lupus-pgx", "numpy", "pysam", "cyvcf2", "pandas", "click")
PYPGX_ENVIRONMENT = "pypgx==0.27.0 'pandas<3'"

_BLOCK = 1 << 22


@dataclass
class Result:
    """One line of the table.

    Attributes
    ----------
    name, what : str
        ``what`` says in words what was measured.
    seconds, cpu_seconds : list of float
        Of each repeat.
    peak_mb : float
        Largest resident memory of the measured process, in MB (10^6 bytes).
    ratios : dict of str to float
        Time divided by that of another line, by its name.
    counts : dict
        What was read or called.
    skipped : str
        Why nothing was measured.
    """

    name: str
    what: str
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    peak_mb: float | None = None
    ratios: dict[str, float] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)
    skipped: str = ""

    @property
    def median(self) -> float | None:
        """Median of the repeats."""
        return statistics.median(self.seconds) if self.seconds else None

    def to_dict(self) -> dict[str, Any]:
        """Return what is written to JSON."""
        if self.skipped:
            return {"name": self.name, "what": self.what, "skipped": self.skipped}
        return {
            "name": self.name,
            "what": self.what,
            "median_s": self.median,
            "min_s": min(self.seconds),
            "max_s": max(self.seconds),
            "cpu_median_s": statistics.median(self.cpu_seconds) if self.cpu_seconds else None,
            "peak_mb": self.peak_mb,
            "ratios": self.ratios,
            "counts": self.counts,
            "seconds": self.seconds,
        }


class Runner:
    """Takes measurements, keeps and prints them.

    Parameters
    ----------
    given : argparse.Namespace
        The command line.
    work : Path
        Folder for files that are made on the way.
    """

    def __init__(self, given: argparse.Namespace, work: Path) -> None:
        self.given = given
        self.work = work
        self.results: list[Result] = []
        self.profiles: dict[str, str] = {}

    # -------------------------------------------------------------------------------- how things are measured

    def add(self, result: Result, against: Sequence[Result] = ()) -> Result:
        """Keep and print a result, with its ratios."""
        for other in against:
            if other.median and result.median:
                result.ratios[other.name] = result.median / other.median
        self.results.append(result)
        _say(_line(result))
        return result

    def skip(self, name: str, what: str, reason: str) -> None:
        """Keep and print that something could not be measured."""
        self.add(Result(name, what, skipped=reason))

    def inside(self, name: str, what: str, against: Sequence[Result] = (), **spec: Any) -> Result:
        """Measure within a fresh Python process; see ``measure.py``."""
        warm(spec["files"])
        told = ask(repeat=self.given.repeat, **spec)
        counts = told["counts"]
        stages = counts.pop("stages", None)
        if stages:
            counts["stage_median_s"] = {stage: statistics.median(spent) for stage, spent in stages.items() if spent}
        counts["start_mb"] = told["start_mb"]
        if self.given.profile and spec["kind"] == "analyze":
            self.profiles[name] = ask(repeat=1, profile=True, **spec)["profile"]
        return self.add(Result(name, what, told["seconds"], told["cpu_seconds"], told["peak_mb"], {}, counts), against)

    def command(
        self, name: str, what: str, words: Sequence[str | Path], against: Sequence[Result] = (), repeat: int = 0,
        afterwards: Callable[[], None] = lambda: None,
    ) -> Result:  # fmt: skip
        """Measure whole processes, after one that warms the caches."""
        times: list[tuple[float, float, float]] = []
        repeat = repeat or self.given.repeat
        for number in range(repeat + (repeat > 1)):
            took = whole_process(words, self.work)
            afterwards()
            if number or repeat == 1:
                times.append(took)
        wall, processor, memory = zip(*times, strict=True)
        # Linux gives a process the peak of the one that started it: below that only a bound is known.
        counts = {"peak_is_upper_bound": True} if max(memory) <= own_peak_mb() + 1 else {}
        return self.add(Result(name, what, list(wall), list(processor), max(memory), {}, counts), against)

    # --------------------------------------------------------------------------------------- what is measured

    def real(self) -> None:
        """Floor, analysis, bcftools and cyvcf2 on the real file."""
        only = self.given.only
        names = [name for name in ("floor", "analyze", "bcftools", "cyvcf2") if name in only]
        if not names:
            return
        file = self.real_file()
        if file is None:
            for name in names:
                self.skip(name, "the real file", "no file: give its folder by --real or LUPUS_PGX_REAL_DATA")
            return
        files = [str(file)]
        floors = self.floors(files) if set(names) & {"floor", "analyze", "bcftools", "cyvcf2"} else []
        if "analyze" in names:
            for absent in ("reference", "unknown"):
                what = f"whole cohort, absent={absent}, arrays, no writing"
                self.inside(f"analyze {absent}", what, floors, kind="analyze", files=files, options={"absent": absent})
        if "bcftools" in names:
            self.bcftools("bcftools", file, floors)
        if "cyvcf2" in names:
            for gap, said in ((1, "one query per locus"), (5_000, "clustered queries")):
                self.inside(
                    f"cyvcf2 gap {gap}",
                    f"genotype arrays of the loci, {said}",
                    floors,
                    kind="cyvcf2",
                    files=files,
                    gap=gap,
                )

    def floors(self, files: list[str]) -> list[Result]:
        """Measure the floor at the package's gap, and at others to find the best."""
        said = "raw lines of the loci with pysam, CHROM and POS only"
        first = self.inside("floor", f"{said}, the package's gap", kind="floor", files=files)
        if "floor" not in self.given.only:
            return [first]
        others = [self.inside(f"floor gap {gap}", said, [first], kind="floor", files=files, gap=gap) for gap in GAPS]
        best = min([first, *others], key=lambda result: result.median or math.inf)
        name = "best floor"
        return [first, self.add(Result(name, best.name, best.seconds, best.cpu_seconds, best.peak_mb, {}, best.counts))]

    def bcftools(self, name: str, file: Path | str, against: Sequence[Result]) -> None:
        """Measure ``bcftools query`` over the positions of the panel."""
        what = "whole process: bcftools query -R positions.bed, genotypes as text"
        program = shutil.which("bcftools")
        if program is None:
            self.skip(name, what, "bcftools is not installed")
            return
        positions = self.work / "positions.bed"
        with positions.open("w") as out:
            subprocess.run([*lupus(), "positions", "--build", "GRCh38", "--format", "bed"], check=True, stdout=out)
        self.command(name, what, [program, "query", "-R", positions, "-f", "%CHROM\t%POS[\t%GT]\n", file], against)

    def fields(self) -> None:
        """Measure the real genotypes with the figures of a caller, text and BCF, against the floor of the text."""
        if "fields" not in self.given.only:
            return
        file = self.real_file()
        if file is None:
            self.skip("fields", "the real file with fields of a caller", "no file: see --real")
            return
        subprocess.run([sys.executable, HERE / "fields.py", file, self.work], check=True, stdout=subprocess.DEVNULL)
        text, binary = (str(self.work / name) for name in ("with-fields.vcf.gz", "with-fields.bcf"))
        said = "raw lines of GT:AD:DP:GQ:PL, CHROM and POS only"
        floor = self.inside("floor fields", said, kind="floor", files=[text])
        for name, path in (("text", text), ("BCF", binary)):
            what = f"whole cohort, GT:AD:DP:GQ:PL as {name}, absent=unknown"
            read = self.inside(f"fields {name}", what, [floor], kind="analyze", files=[path])
        self.bcftools("bcftools BCF", binary, [floor, read])

    def commands(self) -> None:
        """Measure the command line, whole processes."""
        if "commands" not in self.given.only:
            return
        folder = self.work / "example"
        what = "lupus-pgx example DIR (writes inputs and results)"
        subprocess.run([*lupus(), "example", folder], check=True, stdout=subprocess.DEVNULL)
        self.command("python", "python -c pass, for comparison", [sys.executable, "-c", "pass"])
        imports = [sys.executable, "-c", "import numpy, pysam"]
        bare = self.command("numpy, pysam", 'python -c "import numpy, pysam", for comparison', imports)
        self.command("--help", "lupus-pgx --help", [*lupus(), "--help"])
        self.command("--version", "lupus-pgx --version", [*lupus(), "--version"])
        patient = [*lupus(), "analyze", folder / "patients.GRCh38.vcf.gz", "-s", "LN-01"]
        self.command("one patient", "lupus-pgx analyze, one patient of the embedded example", patient, [bare])
        self.command("example", what, [*lupus(), "example", folder])

    def wgs(self) -> None:
        """Measure one patient in a file of the size of a genome."""
        if "wgs" not in self.given.only:
            return
        records = self.given.wgs_records
        file = self.work / f"wgs-{records}.vcf.gz"
        if not Path(f"{file}.tbi").exists():
            self.generate("wgs", "--records", str(records))
        warm([str(file)])
        what = f"lupus-pgx analyze, one genome of {records:,} records, indexed"
        self.command("genome", what, [*lupus(), "analyze", file])
        self.inside("genome inside", f"analyze() of the same {records:,} records", kind="analyze", files=[str(file)])

    def write(self) -> None:
        """Measure writing the tables of the real cohort."""
        if "write" not in self.given.only:
            return
        file = self.real_file()
        if file is None:
            self.skip("write tsv", "tables of the real cohort", "no file: see --real")
            return
        warm([str(file)])
        options = {"absent": "reference"}
        self.inside(
            *("write tsv", "tables of the real cohort, results are there"),
            **{"kind": "write", "files": [str(file)], "options": options, "formats": ["tsv"]},
        )
        target = self.work / "written"
        words = [*lupus(), "analyze", file, "--absent", "reference", "-o", target, "--format", "tsv"]
        self.command("analyze -o", "lupus-pgx analyze of the real cohort with its tables", words)
        shutil.rmtree(target, ignore_errors=True)

    def cohorts(self) -> None:
        """Measure synthetic cohorts of growing size."""
        if "cohorts" not in self.given.only:
            return
        before: tuple[int, dict[str, Result]] | None = None
        for samples in sorted(self.given.cohorts):
            files = self.cohort_files(samples)
            said = f"{samples:,} synthetic samples"
            now = {"floor": self.inside(f"floor {samples}", f"floor, {said}", kind="floor", files=files)}
            for absent in self.given.cohort_absent:
                now[absent] = self.inside(
                    *(f"cohort {samples} {absent}", f"analyze() of {said}, absent={absent}", [now["floor"]]),
                    **{"kind": "analyze", "files": files, "options": {"absent": absent}},
                )
            if before is not None:
                self.growth(before, (samples, now))
            before = (samples, now)

    def runs(self) -> None:
        """Measure ``cohort run`` to Parquet: one process and two, of one set of files and of a file for each person."""
        if "runs" not in self.given.only:
            return
        for samples in sorted(self.given.cohorts):
            files = self.cohort_files(samples)
            floor = self.inside(f"floor {samples}", f"floor, {samples:,} samples", kind="floor", files=files)
            one = self.run_of(f"run {samples}", files, 1, [floor])
            self.run_of(f"run {samples}, two", files, 2, [floor, one])
            half = ["--shard-samples", str(-(-samples // 2))]
            self.run_of(f"run {samples} in halves", files, 1, [floor, one], half)
            self.run_of(f"run {samples} in halves, two", files, 2, [floor, one, self.results[-1]], half)
        samples = self.given.singles
        folder = self.work / f"singles-{samples}"
        if not (folder / "complete").exists():
            self.generate("singles", "--samples", str(samples), folder=folder)
            (folder / "complete").touch()
        files = sorted(map(str, folder.glob("S*.vcf.gz")))
        said = f"{samples:,} files of one person"
        each = self.inside(
            f"reads {samples} files", f"genotypes of {said}, each read by itself", kind="reads", files=files
        )
        one = self.run_of(f"run {samples} files", files, 1, [each])
        self.run_of(f"run {samples} files, two", files, 2, [each, one])

    def run_of(
        self, name: str, files: Sequence[str], processes: int, against: Sequence[Result], more: Sequence[str] = ()
    ) -> Result:
        """Measure a whole run to Parquet; the folder is taken away between the runs."""
        target = self.work / "run"
        words = [*lupus(), "cohort", "run", *files, "-o", target, "--threads", str(processes), *more]
        what = f"lupus-pgx cohort run to Parquet, {processes} process{'es' * (processes > 1)}"
        found = self.command(name, what, words, against, afterwards=lambda: shutil.rmtree(target, ignore_errors=True))
        found.counts["processes"] = processes
        return found

    def cohort_files(self, samples: int) -> list[str]:
        """Return the block files of a synthetic cohort, written where they are not there."""
        folder = self.work / f"cohort-{samples}"
        if not (folder / "complete").exists():
            self.generate("cohort", "--samples", str(samples), folder=folder)
            (folder / "complete").touch()
        return sorted(map(str, folder.glob("chr*.vcf.gz")))

    def growth(self, before: tuple[int, dict[str, Result]], after: tuple[int, dict[str, Result]]) -> None:
        """Note with which power of the number of samples the time grew."""
        for name, result in after[1].items():
            old, new = before[1][name].median, result.median
            if old and new:
                exponent = math.log(new / old) / math.log(after[0] / before[0])
                result.counts[f"growth_exponent_from_{before[0]}"] = exponent
                _say(f"    {result.name}: time grew with the power {exponent:.2f} of the samples, from {before[0]:,}")

    def pypgx(self) -> None:
        """Measure PyPGx in its own environment, on the same genes and samples."""
        if "pypgx" not in self.given.only:
            return
        peer = Pypgx.find(self)
        if isinstance(peer, str):
            self.skip("pypgx", "PyPGx 0.27 on the same genes and samples", peer)
            return
        peer.measure()

    # ------------------------------------------------------------------------------------------------ helpers

    def real_file(self) -> Path | None:
        """Return the real file, if it is there."""
        real: Path | None = self.given.real
        if real is None:
            return None
        file = real / REAL_FILE if real.is_dir() else real
        return file if file.exists() else None

    def generate(self, command: str, *words: str, folder: Path | None = None) -> None:
        """Write synthetic files."""
        clock = time.perf_counter()
        _say(f"    writing {command} {' '.join(words)} ...")
        done = [sys.executable, HERE / "generate.py", command, folder or self.work, *words]
        subprocess.run(done, check=True, stdout=subprocess.DEVNULL)
        _say(f"    ... took {time.perf_counter() - clock:.0f} s")


@dataclass
class Pypgx:
    """PyPGx in an environment of its own."""

    runner: Runner
    program: Path
    file: Path
    genes: list[str]
    x_linked: list[str]
    samples: int

    @classmethod
    def find(cls, runner: Runner) -> Pypgx | str:
        """Look for everything that is needed; say what is missing."""
        given = runner.given
        if given.pypgx is None:
            return f"no environment given: --pypgx PYTHON of one with {PYPGX_ENVIRONMENT}"
        program = given.pypgx.with_name("pypgx")
        if not program.exists():
            return f"there is no pypgx beside the given Python: it needs {PYPGX_ENVIRONMENT}"
        file = runner.real_file()
        if file is None:
            return "no real file: see --real"
        if shutil.which("bcftools") is None:
            return "bcftools is not installed (it draws the samples)"
        listed = subprocess.run(
            [given.pypgx, "-c", "import pypgx; print(*pypgx.list_genes())"], check=True, capture_output=True, text=True
        )
        known = set(listed.stdout.split())
        here = ask(kind="covered", repeat=1, files=[str(file)])["counts"]
        genes = [gene for gene in here["genes"] if gene in known]
        return cls(runner, program, file, genes, here["x_linked"], here["samples"])

    def measure(self) -> None:
        """Measure PyPGx gene by gene on some samples and on one."""
        runner, given = self.runner, self.runner.given
        repeat = given.pypgx_repeat or given.repeat
        start = runner.command("pypgx --version", "start-up of PyPGx, part of each run", [self.program, "--version"])
        some = self.subset(given.pypgx_samples)
        for gene in given.pypgx_cohort_genes:
            scale = self.samples / given.pypgx_samples
            theirs = self.run(f"pypgx {gene}", gene, some, given.pypgx_samples, repeat)
            name, what = f"one gene {gene}", f"analyze() of {gene}, all {self.samples:,} samples"
            spec = {"kind": "analyze", "files": [str(self.file)], "options": {"genes": [gene], "absent": "reference"}}
            ours = runner.inside(name, what, **spec)
            assert theirs.median
            assert ours.median
            assert start.median
            ours.counts["pypgx_scaled_s"] = theirs.median * scale
            ours.counts["times_faster_than_pypgx"] = times = theirs.median * scale / ours.median
            without = (start.median + (theirs.median - start.median) * scale) / ours.median
            ours.counts["times_faster_start_up_counted_once"] = without
            _say(
                f"    {gene}: PyPGx scaled linearly from {given.pypgx_samples:,} to {self.samples:,} samples "
                f"{theirs.median * scale:,.0f} s, {times:,.0f} times as long ({without:,.0f} times if its start-up "
                "is counted once)"
            )
        self.one_patient(repeat)

    def one_patient(self, repeat: int) -> None:
        """Measure one patient: all genes at once here, gene by gene there."""
        runner, wanted = self.runner, self.runner.given.pypgx_genes
        one = self.subset(1)
        inside = runner.inside(
            "one of cohort", "analyze() of one real patient, all genes", kind="analyze", files=[str(one)]
        )
        whole = runner.command(
            "one of cohort, process", "lupus-pgx analyze of that patient", [*lupus(), "analyze", one]
        )
        genes = self.genes if wanted == ["all"] else [gene for gene in wanted if gene in self.genes]
        spent = [self.run(f"pypgx one {gene}", gene, one, 1, repeat).median or 0.0 for gene in genes]
        if not spent:
            return
        total = sum(spent) / len(spent) * len(self.genes)
        said = "all" if len(genes) == len(self.genes) else f"{len(genes)} measured, scaled to {len(self.genes)}"
        for ours in (inside, whole):
            assert ours.median
            ours.counts |= {
                "pypgx_all_genes_s": total,
                "pypgx_genes": len(self.genes),
                "pypgx_genes_measured": len(genes),
                "times_faster_than_pypgx": total / ours.median,
            }
            _say(
                f"    {ours.name}: PyPGx needs {total:,.1f} s for {len(self.genes)} genes ({said}), "
                f"{total / ours.median:,.0f} times as long"
            )

    def run(self, name: str, gene: str, file: Path, samples: int, repeat: int) -> Result:
        """Measure the chip pipeline on one gene."""
        if gene in self.x_linked:
            target = file.with_name(f"diploid-{file.name}")
            if not target.exists():
                ask(kind="diploid", repeat=1, files=[str(file)], target=str(target))
            file = target
        out = self.runner.work / "pypgx" / f"{gene}-{samples}"
        out.parent.mkdir(exist_ok=True)
        words = [self.program, "run-chip-pipeline", gene, out, file, "--assembly", "GRCh38", "--force"]
        return self.runner.command(
            name, f"whole process: run-chip-pipeline, {samples:,} phased samples", words, (), repeat
        )

    def subset(self, samples: int) -> Path:
        """Write the first samples of the real file."""
        target = self.runner.work / f"real-{samples}.vcf.gz"
        if not Path(f"{target}.tbi").exists():
            listed = subprocess.run(["bcftools", "query", "-l", self.file], check=True, capture_output=True, text=True)
            names = ",".join(listed.stdout.split()[:samples])
            subprocess.run(["bcftools", "view", "-I", "-s", names, "-Oz", "-o", target, self.file], check=True)
            subprocess.run(["bcftools", "index", "-f", "-t", target], check=True)
        return target


def lupus() -> list[str]:
    """Return the command of this environment."""
    program = Path(sys.executable).with_name("lupus-pgx")
    return [str(program)] if program.exists() else [sys.executable, "-m", "lupus_pgx"]


def ask(**spec: Any) -> Any:
    """Have something measured in a fresh process."""
    # Through a pipe: thousands of paths are too long for a command line.
    words = [sys.executable, HERE / "measure.py"]
    told = subprocess.run(words, check=False, capture_output=True, text=True, input=json.dumps(spec))
    if told.returncode:
        raise RuntimeError(f"{spec['kind']} failed:\n{told.stderr}")
    answer = json.loads(told.stdout)
    if isinstance(answer.get("counts"), dict) and (folder := answer["counts"].pop("folder", None)):
        shutil.rmtree(folder, ignore_errors=True)
    return answer


def whole_process(words: Sequence[str | Path], work: Path) -> tuple[float, float, float]:
    """Run a command; return wall-clock and processor seconds, and its peak memory in MB.

    Bytecode is kept in the folder of the benchmarks, as an installation keeps it.
    """
    installed = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as errors:
        clock = time.perf_counter()
        environment = {**installed, "PYTHONPYCACHEPREFIX": str(work / "bytecode")}
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=errors, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - clock
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(map(str, words))} failed:\n{errors.read().decode(errors='replace')}")
    return wall, usage.ru_utime + usage.ru_stime, _mb(usage.ru_maxrss)


def own_peak_mb() -> float:
    """Return the peak memory of this process, in MB."""
    return _mb(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _mb(maxrss: int) -> float:
    return maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def warm(files: Sequence[str]) -> None:
    """Bring files into the cache of the operating system."""
    for path in files:
        with Path(path).open("rb") as file:
            while file.read(_BLOCK):
                pass


# ------------------------------------------------------------------------------------------------------ report


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _line(result: Result) -> str:
    if result.skipped:
        return f"{result.name:<24} skipped: {result.skipped}"
    ratios = ", ".join(f"{ratio:.2f} x {name}" for name, ratio in result.ratios.items())
    bound = "<=" if result.counts.get("peak_is_upper_bound") else ""
    memory = f"{bound}{result.peak_mb:,.0f} MB" if result.peak_mb is not None else ""
    spread = f"{min(result.seconds):.3f}-{max(result.seconds):.3f}"
    return f"{result.name:<24} {result.median:>9.3f} s  {spread:>17}  {memory:>9}  {ratios}  [{result.what}]"


def facts() -> dict[str, Any]:
    """Return what must be known to judge the numbers: revision, versions, machine."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            versions[package] = version(package)
    for program in ("bcftools", "bgzip"):
        if shutil.which(program):
            told = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout
            versions[program] = told.splitlines()[0] if told else ""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": {"revision": _git("rev-parse", "HEAD"), "dirty": bool(_git("status", "--porcelain"))},
        "versions": versions,
        "machine": {
            "cpu": _cpu_model(),
            "cores": os.cpu_count(),
            "ram_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
            "os": platform.platform(),
            "load_at_start": os.getloadavg(),
        },
    }


def _git(*words: str) -> str:
    try:
        told = subprocess.run(["git", *words], cwd=HERE, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return told.stdout.strip()


def _cpu_model() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


GROUPS: dict[str, Callable[[Runner], None]] = {
    "floor": Runner.real,
    "analyze": Runner.real,
    "bcftools": Runner.real,
    "cyvcf2": Runner.real,
    "fields": Runner.fields,
    "commands": Runner.commands,
    "wgs": Runner.wgs,
    "write": Runner.write,
    "cohorts": Runner.cohorts,
    "runs": Runner.runs,
    "pypgx": Runner.pypgx,
}
"""Names for ``--only``, in the order in which they run."""


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _numbers(text: str) -> list[int]:
    return [int(name.replace("_", "")) for name in _names(text)]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    real = os.environ.get("LUPUS_PGX_REAL_DATA")
    parser = argparse.ArgumentParser(description="Measure speed and memory of lupus_pgx.")
    parser.add_argument("--real", type=Path, default=Path(real) if real else None, help="folder of the real files")
    parser.add_argument("--out", type=Path, help="write all numbers to this JSON file")
    parser.add_argument("--only", type=_names, default=list(GROUPS), metavar="NAME,...", help=", ".join(GROUPS))
    parser.add_argument("--repeat", type=int, default=5, help="the median of so many (%(default)s)")
    parser.add_argument("--work", type=Path, help="folder for synthetic files, kept; without it a temporary one")
    parser.add_argument("--cohorts", type=_numbers, default=[5_000, 50_000], metavar="N,...", help="synthetic cohorts")
    parser.add_argument("--singles", type=int, default=2_000, metavar="N", help="files of one person (%(default)s)")
    parser.add_argument("--cohort-absent", type=_names, default=["unknown"], metavar="P,...", help="absent policies")
    parser.add_argument("--wgs-records", type=int, default=4_000_000, help="records of the genome (%(default)s)")
    parser.add_argument("--profile", type=Path, help="also profile each analysis once more, into this text file")
    parser.add_argument(
        "--pypgx", type=Path, metavar="PYTHON", help=f"Python of an environment with {PYPGX_ENVIRONMENT}"
    )
    parser.add_argument("--pypgx-repeat", type=int, default=0, help="repeats of the slow PyPGx runs (as --repeat)")
    parser.add_argument("--pypgx-samples", type=int, default=100, help="samples per run, then scaled (%(default)s)")
    parser.add_argument("--pypgx-cohort-genes", type=_names, default=["TPMT"], metavar="G,...")
    parser.add_argument(
        "--pypgx-genes",
        type=_names,
        default=["TPMT", "CYP2C19", "SLCO1B1"],
        metavar="G,...",
        help="genes run on one patient, scaled to all; 'all' runs all of them",
    )
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.only) - set(GROUPS))
    if unknown:
        parser.error(f"--only does not know {', '.join(unknown)}; it knows {', '.join(GROUPS)}")
    return given


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    given = parse(arguments)
    known = facts()
    _say(json.dumps(known, indent=1))
    with contextlib.ExitStack() as stack:
        if given.work is None:
            work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lupus_pgx_benchmarks_")))
        else:
            work = given.work
            work.mkdir(parents=True, exist_ok=True)
        runner = Runner(given, work)
        for group in dict.fromkeys(GROUPS[name] for name in GROUPS if name in given.only):
            group(runner)
    known["machine"]["load_at_end"] = os.getloadavg()
    document = {
        **known,
        "arguments": {"repeat": given.repeat, "only": given.only, "cohorts": given.cohorts},
        "results": [result.to_dict() for result in runner.results],
    }
    if given.out is not None:
        given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if given.profile is not None:
        given.profile.write_text("".join(f"== {name}\n{text}\n" for name, text in runner.profiles.items()))
    _say("\n" + "\n".join(map(_line, runner.results)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
