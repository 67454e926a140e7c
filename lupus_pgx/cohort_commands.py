"""The commands ``lupus-pgx cohort ...``: one for a whole run, and the same steps one by one for schedulers."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from lupus_pgx import stops
from lupus_pgx.errors import InputError, UnfinishedError, UsageError, not_installed
from lupus_pgx.messages import places
from lupus_pgx.options import Group, at_least, is_table, options, reading_options, said_options, split
from lupus_pgx.results.files import PATIENTS
from lupus_pgx.words.lines import counted
from lupus_pgx.words.remedies import no_genotype

_plan_options = options(
    click.argument("inputs", nargs=-1, metavar="[VCF...]"),
    click.option(
        "--sample-sheet", metavar="TSV", help="A row for each sample: sample_id, vcf, and what is known of it."
    ),
    click.option("-o", "--output", required=True, metavar="DIR", help="Folder of the run."),
    click.option(
        "--format",
        "formats",
        callback=split,
        metavar="F,...",
        help="parquet (default), tsv, tsv.gz, csv, json, html, fhir, multiqc; joined by ,",
    ),
    click.option("--batch", type=at_least(1), metavar="N", help="Files of single samples in a shard; 100 by default."),
    click.option(
        "--shard-samples",
        type=at_least(1),
        metavar="N",
        help="Samples of one file in a shard; 500000. Each shard reads the file.",
    ),
    click.option("--build", metavar="B", help="GRCh37 or GRCh38; by default proven from each file."),
    click.option("--absent", metavar="unknown|reference", help="What a locus without a record means."),
    click.option("--called-regions", metavar="BED", help="With --absent reference: what the caller looked at."),
    click.option("--genes", callback=split, metavar="A,B", help="Genes; all by default."),
    click.option("--drugs", callback=split, metavar="A,B", help="Drugs; all by default."),
    click.option("--ancestry", metavar="A|FILE", help="Of all samples, or a table sample<TAB>ancestry."),
    click.option("--sex", metavar="S|FILE", help="Of all samples, or a table sample<TAB>sex."),
    click.option("--outside-calls", multiple=True, metavar="FILE", help="Calls made elsewhere; may be repeated."),
    click.option("--context", metavar="FILE", help="Clinical contexts: a table with a row per sample."),
    click.option("--min-certainty", type=float, metavar="P"),
    reading_options,
    click.option("--overlay", metavar="DIR", help="Knowledge tables whose rows win over the shipped ones."),
    click.option("--today", metavar="DATE", help="Day that counts as today, YYYY-MM-DD."),
)


def cohort_group(show: Callable[[str], None]) -> click.Group:
    """Return the group of commands.

    Parameters
    ----------
    show : callable
        Prints a text on stdout.
    """

    @click.group(cls=Group, short_help="Analyze many files or samples in shards.")
    def cohort() -> None:
        """Analyze many files or samples in shards, on one machine or on many; a run that was stopped goes on."""

    @cohort.command("run")
    @_plan_options
    @click.option("--threads", type=at_least(1), default=1, show_default=True, metavar="N", help="Local processes.")
    @click.option("--scheduler", metavar="ADDRESS", help="A dask.distributed scheduler that runs the shards.")
    @click.option("--strict", is_flag=True, help="Exit with 65 where a sample has no result or no usable genotype.")
    @said_options
    def run(threads: int, scheduler: str | None, *, strict: bool, **given: Any) -> None:
        """Plan, run every shard that is not there, and finish."""
        from lupus_pgx.cohorts.cohort import analyze_cohort

        with _stoppable(given["output"]), _dask(scheduler) as client:
            status = analyze_cohort(client=client, threads=threads, **_arguments(given)).status
        show("\n".join(status.lines()))
        if strict and status.bad:
            lost = counted(len(status.bad), "sample or file has", "samples or files have")
            raise InputError(f"{lost} no result; {status.folder}/samples.tsv says why")
        if strict and status.empty:
            raise InputError(no_genotype(status.empty, status.samples))
        _say_where(given["output"])

    _add_steps(cohort, show)
    _add_looks(cohort, show)
    return cohort


def _add_steps(cohort: click.Group, show: Callable[[str], None]) -> None:
    """Add the steps of a run, one by one."""

    @cohort.command("plan")
    @_plan_options
    @said_options
    def plan(**given: Any) -> None:
        """Write the plan, and print the name of each shard on a line."""
        from lupus_pgx.cohorts.cohort import plan_cohort

        made = plan_cohort(**_arguments(given))
        show("\n".join(shard.name for shard in made.shards))

    @cohort.command("call")
    @click.argument("folder", metavar="DIR")
    @click.option("--shard", "names", callback=split, required=True, metavar="A,B", help="Names of shards.")
    @said_options
    def call(folder: str, names: list[str]) -> None:
        """Run some shards of a planned run."""
        from lupus_pgx.cohorts.shard import run_shard

        for name in names:
            with _stoppable(folder, name):
                told = run_shard(folder, name)
            show(f"shard {name}: {counted(len(told['samples']), 'sample')}, {len(told['bad'])} without a result")

    @cohort.command("extract", short_help="Write what shards of a planned run need of their inputs.")
    @click.argument("folder", metavar="DIR")
    @click.option("--shard", "names", callback=split, metavar="A,B", help="Names of shards; all by default.")
    @said_options
    def extract(folder: str, names: list[str] | None) -> None:
        """Write what shards of a planned run need of their inputs as small files, which 'call' reads in their place."""
        from lupus_pgx.cohorts.extract import extract_shard
        from lupus_pgx.cohorts.plan import read_plan
        from lupus_pgx.cohorts.shard import tables_of

        plan = read_plan(Path(folder))
        knowledge = tables_of(folder, plan.settings.get("overlay"), plan.data_release)
        for name in names or [shard.name for shard in plan.shards]:
            with _stoppable(folder, name):
                told = extract_shard(folder, name, knowledge)
            show(f"shard {name}: {counted(len(told['files']), 'file')}, {len(told['bad'])} that cannot be read")


def _add_looks(cohort: click.Group, show: Callable[[str], None]) -> None:
    """Add what is asked of a run."""

    @cohort.command("status")
    @click.argument("folder", metavar="DIR")
    @said_options
    def status(folder: str) -> None:
        """Say which shards are there; finish the run where all are. Exit code 75: some are missing."""
        from lupus_pgx.cohorts.run import finish

        found = finish(Path(folder))
        show("\n".join(found.lines()))
        if found.missing:
            raise UnfinishedError(f"{folder}: {len(found.missing)} of {found.shards} shards are missing")
        found.check_any()
        _say_where(folder)

    @cohort.command("page", short_help="Write the page of a whole run, and its counts by group.")
    @click.argument("folder", metavar="DIR")
    @click.option("--groups", metavar="TSV", help="Table sample_id and a column or more; each gives a page.")
    @click.option(
        "--min-cell",
        type=at_least(1),
        default=10,
        show_default=True,
        metavar="N",
        help="Smallest count that is shown, beside 0.",
    )
    @said_options
    def page(folder: str, groups: str | None, min_cell: int) -> None:
        """Write the page of a whole run, and a table of its counts, by ancestry or by the columns of a table."""
        from lupus_pgx.cohorts.cohort import CohortRun

        show("\n".join(map(str, CohortRun(folder).write_page(groups, min_cell=min_cell))))


def _say_where(folder: str) -> None:
    """Say where the results of a whole run are; the tables of several shards are named together."""
    patterns = ("shard=*/drugs.*", "*.html", f"shard=*/{PATIENTS}/*.html")
    tables, whole, patients = (sorted(Path(folder).glob(pattern)) for pattern in patterns)
    if len({path.parent for path in tables}) > 1:
        tables = [Path(folder) / "shard=*" / tables[0].name]
    lines = [*places(folder, [*tables, *(whole or patients)])]
    if patients and not whole:
        lines.append("No page of all together: it counts what Parquet tables hold, --format parquet,html")
    click.get_current_context().obj.tell(lines)


@contextlib.contextmanager
def _stoppable(folder: str, shard: str | None = None) -> Iterator[None]:
    """Let an interrupt and SIGTERM end a run, or one of its shards, with a sentence; what it had begun is removed."""

    def stop(number: int, frame: object) -> None:  # noqa: ARG001 - form of a handler
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop) if threading.current_thread() is threading.main_thread() else None
    try:
        yield
    except (KeyboardInterrupt, stops.Stopped):
        from lupus_pgx.cohorts.run import clear

        stops.forget()

        # A shard removes what it began itself, but for the instant before it knows of it.
        clear(Path(folder), shard)
        raise UnfinishedError(f"{folder}: stopped; the same command goes on where it stopped") from None
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _arguments(given: dict[str, Any]) -> dict[str, Any]:
    """Return what the plan takes: only what was given, tables read."""
    from lupus_pgx.context.per_sample import read_sample_table

    inputs, sheet = given.pop("inputs"), given.pop("sample_sheet")
    if bool(inputs) is bool(sheet):
        raise UsageError("expected VCF files, or --sample-sheet with a row for each sample")
    for name in ("outside_calls", "alignments", "pass_filters"):
        given[name] = list(given[name]) or None
    for name in ("ancestry", "sex"):
        if given[name] is not None and is_table(given[name], name):
            given[name] = dict(read_sample_table(given[name], name))
    chosen = {name: value for name, value in given.items() if value is not None}
    return {"paths": list(inputs), "out": chosen.pop("output"), "sample_sheet": sheet, **chosen}


@contextlib.contextmanager
def _dask(address: str | None) -> Iterator[Any]:
    """Connect to a scheduler; None without one."""
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError:
        raise not_installed("--scheduler needs", "distributed>=2024.8") from None
    try:
        client = Client(address)
    except (OSError, ValueError) as error:
        raise UsageError(f"--scheduler {address}: cannot be reached ({error})") from error
    with client:
        yield client
