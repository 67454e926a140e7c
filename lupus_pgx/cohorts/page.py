"""The page of a run: counts over all its shards, by ancestry or by any other column, without names of samples."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lupus_pgx.bounded import read_text
from lupus_pgx.cohorts.shard import PREFIX
from lupus_pgx.errors import InputError, UsageError, writing
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.results.files import atomic_file
from lupus_pgx.words.asked import asked_as
from lupus_pgx.words.lines import counted

PAGE, COUNTS = "cohort", "cohort_counts"
MIN_CELL = 10
"""Smallest count that is shown, beside 0."""

_ALL, _NOT_GIVEN, _SMALL = "all", "not given", "small groups"
_SAMPLE = "sample_id"
_NAME = re.compile(r"[^0-9A-Za-z_]+")

Told = Mapping[str, Mapping[str, Any]]


def read_groups(path: str) -> dict[str, dict[str, str]]:
    """Read a table with ``sample_id`` and a column or more by which samples are counted.

    Parameters
    ----------
    path : str
        Tab-separated, with a header.

    Returns
    -------
    dict of column to dict of sample to str

    Raises
    ------
    InputMissingError
        If it cannot be read.
    InputError
        If it has no column beside the sample, a row has other cells than the header, or a sample stands twice.
    """
    text = read_text(path, "table of groups")
    try:
        lines = [line for line in csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE) if any(line)]
    except csv.Error as error:
        raise InputError(f"{path}: expected a table; it cannot be read ({error})") from error
    header = [name.strip() for name in lines[0]] if lines else []
    if _SAMPLE not in header or len(header) < 2:
        raise InputError(f"{path}:1: expected the columns {_SAMPLE} and one to count by; found {', '.join(header)}")
    found: dict[str, dict[str, str]] = {name: {} for name in header if name != _SAMPLE}
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(header):
            raise InputError(f"{path}:{number}: expected {len(header)} cells, found {len(line)}")
        row = dict(zip(header, (cell.strip() for cell in line), strict=True))
        for name, own in found.items():
            if row[_SAMPLE] in own:
                raise InputError(f"{path}:{number}: sample {row[_SAMPLE]} stands twice")
            own[row[_SAMPLE]] = row[name]
    return found


def write_pages(
    folder: Path,
    told: Told,
    knowledge: Knowledge,
    groups: Mapping[str, Mapping[str, str]],
    *,
    least: int = MIN_CELL,
    without: int = 0,
) -> list[Path]:
    """Write a page and a table of its counts for each column by which samples are grouped, or one without groups.

    Parameters
    ----------
    folder : Path
        Of the run.
    told : mapping
        What each whole shard says of itself.
    knowledge : Knowledge
    groups : mapping of column to mapping of sample to str
    least : int
        Smallest count that is shown, beside 0.
    without : int
        Samples and files without a result.

    Returns
    -------
    list of Path

    Raises
    ------
    UsageError
        If the run has no Parquet files.
    OutputError
        If they cannot be written.
    """
    folders = [(folder / f"{PREFIX}{name}", list(item["samples"])) for name, item in told.items() if item["samples"]]
    if not folders or not (folders[0][0] / "drugs.parquet").exists():
        parquet = asked_as("--format parquet", "formats=['parquet']")
        raise UsageError(f"{folder}: the page is made from Parquet files: run it with {parquet}")
    from lupus_pgx.report.html import render
    from lupus_pgx.report.run_page import run_report
    from lupus_pgx.results.run_counts import count_run

    samples = [sample for _, own in folders for sample in own]
    paths: list[Path] = []
    for column, of_samples in (groups or {"": {}}).items():
        counts = count_run(folders, _pooled(samples, of_samples, least) if column else {}, _ALL)
        report = run_report(counts, knowledge, column, least, without)
        ending = f"-{_NAME.sub('_', column)}" if column not in ("", "ancestry") else ""
        page, table = folder / f"{PAGE}{ending}.html", folder / f"{COUNTS}{ending}.tsv"
        with writing(folder):
            with atomic_file(page) as handle:
                title = f"Cohort of {counted(report.total, 'sample')}: pharmacogenomic report, systemic lupus"
                handle.write(render("run.html", report=report, title=title))
            with atomic_file(table) as handle:
                handle.write("what\tname\tvalue\tgroup\tcount\n")
                handle.writelines("\t".join(row) + "\n" for row in report.rows())
        paths += [page, table]
    return paths


def _pooled(samples: Sequence[str], of_samples: Mapping[str, str], least: int) -> dict[str, str]:
    """Return the group of each sample; groups too small to be shown are one, and that is not too small itself."""
    given = {sample: of_samples.get(sample) or _NOT_GIVEN for sample in samples}
    sizes = Counter(given.values()).most_common()
    small: set[str] = set()
    pooled = 0
    while sizes and (sizes[-1][1] < least or (small and pooled < least)):
        name, size = sizes.pop()
        small.add(name)
        pooled += size
    return {sample: _SMALL if name in small else name for sample, name in given.items()}
