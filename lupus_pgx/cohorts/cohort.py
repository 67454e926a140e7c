"""``analyze_cohort``: a cohort from files to tables, in one call."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from concurrent.futures import Executor
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lupus_pgx.cohorts.page import MIN_CELL
from lupus_pgx.cohorts.plan import BATCH, SAMPLES, Plan, make_plan
from lupus_pgx.cohorts.run import Status, begin, page_of, processes_here, run, status_of
from lupus_pgx.cohorts.shard import PREFIX
from lupus_pgx.context.today import day_of
from lupus_pgx.door import checked, taken
from lupus_pgx.errors import UsageError, unknown_name
from lupus_pgx.knowledge.catalogue import load_knowledge
from lupus_pgx.output import check_formats, check_place
from lupus_pgx.sample_sheet import SheetRow, read_sheet
from lupus_pgx.words.lines import counted

if TYPE_CHECKING:
    import pandas as pd

_SETTINGS = (
    "build", "genes", "drugs", "absent", "ancestry", "sex", "min_certainty", "min_gq", "min_dp", "min_allele_fraction",
    "pass_filters", "outside_calls", "called_regions", "alignments", "reference_fasta", "context", "today", "overlay",
)  # fmt: skip


class CohortRun:
    """A run in its folder.

    Parameters
    ----------
    folder : path

    Attributes
    ----------
    folder : Path

    Examples
    --------
    >>> import tempfile
    >>> import lupus_pgx
    >>> folder = tempfile.TemporaryDirectory()
    >>> files = lupus_pgx.write_example(folder.name)
    >>> run = lupus_pgx.analyze_cohort(files["patients.GRCh38.vcf.gz"], f"{folder.name}/run", drugs=["azathioprine"])
    >>> len(run.files("drugs")), len(run.to_frame("drugs"))
    (1, 3)
    >>> run.features().shape[0], len(run.feature_dictionary()) == run.features().shape[1]
    (3, True)
    >>> all(path.is_file() for path in run.write_page(min_cell=1))
    True
    >>> folder.cleanup()
    """

    @checked
    def __init__(self, folder: str | PathLike[str]) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        status = self.status
        shards, samples = counted(status.shards, "shard"), counted(status.samples, "sample")
        return f"<CohortRun {self.folder}: {len(status.done)} of {shards}, {samples}>"

    @property
    def status(self) -> Status:
        """How far it is, and which samples have no result."""
        return status_of(self.folder)

    @checked
    def files(self, table: str) -> list[Path]:
        """Return the Parquet files of a result table, one a shard, for DuckDB, polars or pyarrow.

        Parameters
        ----------
        table : str
            Such as ``drugs`` or ``diplotypes``.

        Returns
        -------
        list of Path
        """
        return sorted(self.folder.glob(f"{PREFIX}*/{table}.parquet"))

    @checked
    def to_frame(self, table: str) -> pd.DataFrame:
        """Return a result table of all samples, as ``analysis.drug_responses.to_frame()`` gives it for one analysis.

        Parameters
        ----------
        table : str
            Such as ``drugs`` or ``diplotypes``. Of ``variants`` it has those that are not reference, are doubtful or
            unknown; how many were reference is in the file.

        Returns
        -------
        DataFrame
            Within a shard ordered by gene or drug, then by sample.

        Raises
        ------
        UsageError
            If there is no such table in Parquet.
        """
        found = self.files(table)
        if not found:
            known = {path.stem for path in self.folder.glob(f"{PREFIX}*/*.parquet")}
            raise unknown_name("table", table, known)
        from lupus_pgx.results.parquet import read_tables
        from lupus_pgx.results.shard_tables import PATTERNS, expanded

        if table in PATTERNS:
            rows: pd.DataFrame = expanded(table, found, self.folder / f"{PATTERNS[table]}.parquet")
            return rows
        frame: pd.DataFrame = read_tables(found)
        return frame

    def features(self) -> pd.DataFrame:
        """Return samples as numbers, as :meth:`lupus_pgx.Analysis.features` gives them by default."""
        return self.to_frame("features").set_index("sample_id")

    def feature_dictionary(self) -> pd.DataFrame:
        """Return what the columns of :meth:`features` mean: see :meth:`lupus_pgx.Analysis.feature_dictionary`."""
        told = self.files("feature_dictionary")
        if not told:
            raise unknown_name("table", "feature_dictionary", {path.stem for path in self.folder.glob("*/*.parquet")})
        from lupus_pgx.results.shard_tables import dictionary

        frame: pd.DataFrame = dictionary(told[0], self.files("features"))
        return frame

    @checked
    def write_page(self, groups: str | PathLike[str] | None = None, *, min_cell: int = MIN_CELL) -> list[Path]:
        """Write the page of the run and a table of its counts, small cells hidden.

        Parameters
        ----------
        groups : path, optional
            Table with ``sample_id`` and a column or more; each gives a page. Without it samples are counted by
            ancestry, where it is known.
        min_cell : int
            Smallest count that is shown, beside 0; what would give a hidden one away is hidden too. 1 shows all.

        Returns
        -------
        list of Path

        Raises
        ------
        UnfinishedError
            If shards are missing.
        UsageError
            If the run has no Parquet files.
        """
        return page_of(self.folder, None if groups is None else fspath(groups), min_cell)


@checked
def plan_cohort(
    paths: Sequence[str | PathLike[str]] | str | PathLike[str] = (),
    out: str | PathLike[str] = "run",
    *,
    sample_sheet: str | PathLike[str] | None = None,
    formats: Sequence[str] = ("parquet",),
    batch: int = BATCH,
    shard_samples: int = SAMPLES,
    **settings: Any,
) -> Plan:
    """Divide a cohort into shards and write the plan into the folder of the run; see :func:`analyze_cohort`."""
    for name in settings:
        if name not in _SETTINGS:
            raise unknown_name("option", name, _SETTINGS)
    settings = {name: taken(name, value, optional=True) for name, value in settings.items()}
    if batch < 1 or shard_samples < 1:
        raise UsageError("batch and shard_samples: expected 1 or more")
    check_formats(formats)
    check_place(out, formats)
    if "vcf" in formats:
        raise UsageError("the format 'vcf' annotates one file: use analyze for it")
    knowledge = load_knowledge(settings.get("overlay"))
    # What is not known is refused before a shard meets it.
    knowledge.select_genes(settings.get("genes"))
    knowledge.select_drugs(settings.get("drugs"))
    given: Sequence[str] | Sequence[SheetRow]
    if sample_sheet is not None:
        given = read_sheet(fspath(sample_sheet))
    else:
        given = [fspath(path) for path in ([paths] if isinstance(paths, str | PathLike) else paths)]
    if isinstance(settings.get("today"), dt.date):
        settings["today"] = day_of(settings["today"]).isoformat()
    plain = {name: fspath(value) if isinstance(value, PathLike) else value for name, value in settings.items()}
    try:
        json.dumps(plain)
    except (TypeError, ValueError):  # only a context may hold what is no plain data
        such = "expected a file, or fields of texts and numbers, which the plan of a run can hold"
        raise UsageError(f"context: {such}") from None
    plan = make_plan(given, plain, knowledge, formats=formats, batch=batch, most=shard_samples)
    begin(plan, Path(out))
    return plan


@checked
def analyze_cohort(
    paths: Sequence[str | PathLike[str]] | str | PathLike[str] = (),
    out: str | PathLike[str] = "run",
    *,
    executor: Executor | None = None,
    client: Any = None,
    threads: int = 1,
    **given: Any,
) -> CohortRun:
    """Analyze a cohort in shards, into a folder.

    Parameters
    ----------
    paths : path or sequence of paths
        One file with many samples; files with other regions of the same samples (one a chromosome); or files of single
        samples, thousands of them. Nothing has to be merged.
    out : path
        Folder of the run. A run that was stopped goes on; results of another run are set aside.
    executor : concurrent.futures.Executor, optional
        Runs the shards. It must see ``out`` and the inputs under the same paths.
    client : dask.distributed.Client, optional
        Runs the shards on its workers.
    threads : int
        Local processes, without executor and client.
    **given
        ``sample_sheet`` (path; instead of ``paths``), ``formats`` (``parquet`` by default, ``tsv``, ``json``,
        ``html``, ``fhir``), ``batch`` and ``shard_samples`` (how large a shard is), and the options of
        :func:`lupus_pgx.analyze`, with ``overlay`` (folder) in the place of ``knowledge``.

    Returns
    -------
    CohortRun

    Raises
    ------
    UsageError
        If an option is not known.
    InputError
        If no file can be used, or no sample has a result; a bad file among good ones is a row of ``samples.tsv`` with
        its reason.
    UnfinishedError
        If shards are missing at the end; its exit code is 75.
    OutputError
        If the folder is no run, or cannot be written.

    Examples
    --------
    See :class:`CohortRun`, which it returns.

    >>> import tempfile
    >>> import lupus_pgx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = lupus_pgx.write_example(folder)
    ...     lupus_pgx.analyze_cohort(files["patients.GRCh38.vcf.gz"], f"{folder}/run", drugs=["MMF"]).status.samples
    3
    """
    plan_cohort(paths, out, **given)
    if client is not None and executor is not None:
        raise UsageError("expected an executor or a client, not both")
    if client is not None:
        executor = client.get_executor()
    run(Path(out), executor, processes_here(threads))
    return CohortRun(out)
