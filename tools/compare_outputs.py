"""Run two checkouts on the same inputs and say in what their outputs differ.

    python tools/compare_outputs.py OLD NEW [--real DIR] [--limit N] [--only NAME] [--keep DIR]

OLD and NEW are folders that hold ``lupus_pgx/``, such as two git worktrees. Each job runs in both, through the public
API or the command line, in folders of the same names; then what they wrote is compared in decoded content. Left out is
what may differ by design: software version, times, and the folders of the two runs; the SHA-256 of an input that a
checkout wrote itself stands for its name, as the input is compared by itself. Exit code 0: all the same, 1: something
differs or failed, 2: wrong usage. With real files a job needs some 3 GB of temporary disk, all jobs kept some 12 GB.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from compare_files import Difference, Mask, compare_folders

ALL_FORMATS = ("tsv", "json", "html", "parquet", "vcf")
BUILDS = ("GRCh38", "GRCh37")
POLICIES = ("unknown", "reference")
DRUGS = (
    "azathioprine",
    "mycophenolate mofetil",
    "hydroxychloroquine",
    "cyclophosphamide",
    "methotrexate",
    "tacrolimus",
    "rituximab",
    "belimumab",
    "prednisone",
    "codeine",
    "warfarin",
)
CALLS = {"TPMT": "*1/*3A", "NUDT15": "*1/*1", "CYP2C19": "*1/*2", "FCGR3A": "V/F"}

_INPUTS = "import sys, lupus_pgx\nlupus_pgx.{function}(sys.argv[1])\n"

_TASKS = """
import json, sys
from pathlib import Path
import lupus_pgx

def run(vcf, folder, options, formats, drugs):
    analysis = lupus_pgx.analyze(vcf, **options)
    if formats:
        analysis.write(folder, formats=formats)
    print(analysis)
    for drug in drugs:
        for sample in analysis.sample_ids:
            print(analysis.patient(sample).explain(drug))

task = json.loads(sys.argv[1])
"""
_ANALYZE = _TASKS + "run(**task)\n"
_CASES = (
    _TASKS
    + """
for context in sorted(Path("inputs-cases").glob("*.yaml")):
    vcf = str(context.with_suffix("")) + "." + task["build"] + ".vcf.gz"
    run(vcf, task["folder"] + "/" + context.stem, {"context": str(context)}, task["formats"], task["drugs"])
"""
)
_RESPOND = """
import json, sys
import lupus_pgx

calls, drugs = json.loads(sys.argv[1])
for given in [calls, *({gene: call} for gene, call in calls.items())]:
    patient = lupus_pgx.respond(given)
    print(patient)
    for drug in drugs:
        print(patient.explain(drug))
"""
_PROBE = "import lupus_pgx; print(lupus_pgx.__version__); print(lupus_pgx.__file__)"


class UsageError(Exception):
    """What was asked for cannot be run."""


@dataclass(frozen=True)
class Job:
    """One run of Python whose outputs are compared.

    Attributes
    ----------
    name : str
        Also the folder for its outputs.
    arguments : tuple of str
        Of the interpreter.
    needs : str
        Job that writes its inputs.
    """

    name: str
    arguments: tuple[str, ...]
    needs: str = ""


@dataclass
class Side:
    """One checkout and the folder in which its jobs run."""

    name: str
    checkout: Path
    folder: Path
    words: dict[str, str] = field(default_factory=dict)

    def python(self, arguments: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the interpreter so that it imports from this checkout."""
        return subprocess.run(  # noqa: S603 - our own programs
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.checkout)},
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            **options,
        )

    def prepare(self) -> None:
        """Make the folder and learn what may differ by design.

        Raises
        ------
        UsageError
            If the interpreter imports the library from elsewhere.
        """
        self.folder.mkdir(parents=True)
        self.words = {str(self.folder): "<run>", str(self.checkout): "<checkout>"}
        done = self.python(["-c", _PROBE], capture_output=True)
        if done.returncode:
            return  # each job will fail and say why
        version, place = done.stdout.splitlines()
        if not Path(place).resolve().is_relative_to(self.checkout):
            raise UsageError(f"{self.name}: lupus_pgx is imported from {place}, not from {self.checkout}")
        self.words |= {
            f"lupus-pgx {version}": "lupus-pgx <version>",
            f'Source="lupus_pgx",Version="{version}"': 'Source="lupus_pgx",Version="<version>"',
            f'software.version: "{version}"': 'software.version: "<version>"',
        }

    def run(self, job: Job) -> str:
        """Run a job; return the last line of stderr if it fails, else nothing."""
        target = self.folder / job.name
        target.mkdir()
        with (target / "stdout.txt").open("w") as out, (target / "stderr.txt").open("w") as err:
            code = self.python(job.arguments, stdout=out, stderr=err).returncode
        if not code:
            return ""
        said = (target / "stderr.txt").read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line for line in reversed(said) if line.strip()), f"exit code {code}")

    def mask(self) -> Mask:
        """Return what is left out; an input stands for its checksum, which the software version in it changes."""
        inputs = (path for path in sorted(self.folder.glob("inputs-*/*")) if path.is_file())
        digests = {hashlib.sha256(path.read_bytes()).hexdigest(): f"<SHA-256 of {path.name}>" for path in inputs}
        return Mask(self.words | digests)


def _analysis(name: str, vcf: str, needs: str = "", **task: Any) -> Job:
    given = {"vcf": vcf, "folder": name, "options": {}, "formats": (), "drugs": (), **task}
    return Job(name, ("-c", _ANALYZE, json.dumps(given)), needs)


def _example_jobs() -> Iterator[Job]:
    inputs = "inputs-example"
    patients = {build: f"{inputs}/patients.{build}.vcf.gz" for build in BUILDS}
    context = {"context": f"{inputs}/LN-01.yaml"}
    yield Job(inputs, ("-c", _INPUTS.format(function="write_example"), inputs))
    yield _analysis("example-text", patients["GRCh38"], inputs, options=context, drugs=DRUGS)
    for policy in POLICIES:
        option = {"absent": policy}
        for build, vcf in patients.items():
            yield _analysis(f"example-{build}-{policy}", vcf, inputs, options=option, formats=ALL_FORMATS)
            together = {**context, **option}
            yield _analysis(f"example-context-{build}-{policy}", vcf, inputs, options=together, formats=ALL_FORMATS)
        sparse = f"{inputs}/variant_only.GRCh38.vcf.gz"
        yield _analysis(
            f"example-variant-only-{policy}", sparse, inputs, options=option, formats=ALL_FORMATS, drugs=DRUGS
        )


def _case_jobs() -> Iterator[Job]:
    inputs = "inputs-cases"
    yield Job(inputs, ("-c", _INPUTS.format(function="write_case_studies"), inputs))
    for build in BUILDS:
        name = f"cases-{build}"
        task = {"folder": name, "build": build, "formats": ALL_FORMATS, "drugs": ()}
        yield Job(name, ("-c", _CASES, json.dumps(task)), inputs)
    text = {"folder": "cases-text", "build": BUILDS[0], "formats": (), "drugs": DRUGS}
    yield Job("cases-text", ("-c", _CASES, json.dumps(text)), inputs)


def _text_jobs() -> Iterator[Job]:
    calls = [f"{gene}={call}" for gene, call in CALLS.items()]
    vcf = "inputs-example/patients.GRCh38.vcf.gz"
    yield Job("respond", ("-c", _RESPOND, json.dumps([CALLS, DRUGS])))
    for name, arguments, needs in (
        ("whatif", ["whatif", *calls], ""),
        ("whatif-versus", ["whatif", *calls, "--versus", "TPMT=*1/*1"], ""),
        ("whatif-context", ["whatif", *calls, "--context", "inputs-example/LN-01.yaml"], "inputs-example"),
        ("analyze", ["analyze", vcf, "-s", "LN-01", "--context", "inputs-example/LN-01.yaml"], "inputs-example"),
        ("explain", ["explain", vcf, "-s", "LN-01", "--drug", DRUGS[0]], "inputs-example"),
        ("positions-bed", ["positions", "--build", "GRCh38"], ""),
        ("positions-vcf", ["positions", "--build", "GRCh37", "--format", "vcf"], ""),
    ):
        yield Job(f"cli-{name}", ("-m", "lupus_pgx", *arguments), needs)


def _real_jobs(folder: Path, limit: int) -> Iterator[Job]:
    for build, policy in product(BUILDS, POLICIES):
        vcf = folder / f"1kgp-{build}.vcf.gz"
        if not vcf.is_file():
            raise UsageError(f"{vcf}: no such file")
        name, option = f"real-{build}-{policy}", {"absent": policy}
        yield _analysis(name, str(vcf), options=option, formats=("tsv", "json", "parquet"))
        few = {**option, "samples": samples_of(vcf)[:limit]}
        yield _analysis(f"{name}-pages", str(vcf), options=few, formats=("html", "vcf"))


def samples_of(vcf: Path) -> list[str]:
    """Return the samples of a compressed VCF."""
    with gzip.open(vcf, "rt", encoding="utf-8") as handle:
        header = next((line for line in handle if line.startswith("#CHROM\t")), "")
    return header.rstrip("\n").split("\t")[9:]


def jobs_of(real: Path | None, limit: int, only: Sequence[str]) -> list[Job]:
    """Return the jobs whose names begin with one of ``only`` (all without), and those that write their inputs.

    Raises
    ------
    UsageError
        If there are none, or a real file is missing.
    """
    jobs = [*_example_jobs(), *_case_jobs(), *_text_jobs()]
    jobs += _real_jobs(real, limit) if real is not None else []
    chosen = [job for job in jobs if not only or job.name.startswith(tuple(only))]
    if not chosen:
        raise UsageError(f"no job is called {', '.join(only)}; there are {', '.join(job.name for job in jobs)}")
    wanted = {job.name for job in chosen} | {job.needs for job in chosen}
    return [job for job in jobs if job.name in wanted]


def compare_job(job: Job, old: Side, new: Side) -> bool:
    """Run a job in both checkouts, print how its outputs compare, and say whether they are the same."""
    begin = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        failures = dict(zip(("old", "new"), pool.map(lambda side: side.run(job), (old, new)), strict=True))
    files = 0
    differences: list[tuple[str, Difference]] = []
    if not any(failures.values()):
        files, differences = compare_folders(old.folder / job.name, new.folder / job.name, old.mask(), new.mask())
    same = not differences and not any(failures.values())
    seconds = time.monotonic() - begin
    print(f"{'same' if same else 'differ':<6}  {job.name}  ({files} files, {seconds:.1f} s)")
    for line in _report(failures, differences):
        print(f"        {line}")
    sys.stdout.flush()
    return same


def _report(failures: Mapping[str, str], differences: Sequence[tuple[str, Difference]]) -> Iterator[str]:
    for side, failure in failures.items():
        if failure:
            yield f"{side} fails: {failure}"
    for name, difference in differences:
        first, *more = difference.lines()
        yield f"{name}: {first}"
        yield from (f"  {line}" for line in more)


def compare_checkouts(checkouts: Sequence[Path], folder: Path, jobs: Sequence[Job], keep: bool) -> bool:
    """Run jobs in two checkouts, in a folder, and say whether all outputs are the same."""
    old, new = (Side(name, path.resolve(), folder / name) for name, path in zip(("old", "new"), checkouts, strict=True))
    old.prepare()
    new.prepare()
    differ = 0
    for job in jobs:
        differ += not compare_job(job, old, new)
        if not keep and not job.name.startswith("inputs-"):
            for side in (old, new):
                shutil.rmtree(side.folder / job.name)
    print(f"{differ} of {len(jobs)} jobs differ" if differ else f"all {len(jobs)} jobs are the same")
    return not differ


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run two checkouts on the same inputs and compare their outputs.")
    parser.add_argument("checkouts", nargs=2, type=Path, metavar="CHECKOUT", help="old and new: they hold lupus_pgx/")
    real = os.environ.get("LUPUS_PGX_REAL_DATA")
    parser.add_argument(
        "--real", type=Path, default=real, metavar="DIR", help="the 1000 Genomes files (default: LUPUS_PGX_REAL_DATA)"
    )
    parser.add_argument("--limit", type=int, default=5, metavar="N", help="samples of real files that get a page")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="jobs whose names begin so")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="new folder in which the outputs stay")
    options = parser.parse_args(given)
    for path in options.checkouts:
        if not (path / "lupus_pgx" / "__init__.py").is_file():
            parser.error(f"{path} is not a checkout: it has no lupus_pgx/")
    if options.keep is not None and options.keep.exists():
        parser.error(f"{options.keep} exists already: what is in it would be compared too")
    if options.limit < 1:
        parser.error("--limit must be at least 1")
    return options


def main(given: Sequence[str] | None = None) -> int:
    """Compare two checkouts and return the exit code."""
    options = _arguments(given)
    real = options.real.resolve() if options.real is not None else None
    try:
        jobs = jobs_of(real, options.limit, options.only)
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(options.keep or temporary).resolve()
            return 0 if compare_checkouts(options.checkouts, folder, jobs, options.keep is not None) else 1
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
