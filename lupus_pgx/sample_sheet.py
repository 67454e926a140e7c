"""Sample sheets: a row for each sample, with its files and what is known of it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lupus_pgx.bounded import is_there, read_text
from lupus_pgx.context.model import Context
from lupus_pgx.context.reading import load_context
from lupus_pgx.errors import InputError, UsageError, unknown_name
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.words.asked import asked_as, named

COLUMNS = (
    "sample_id", "vcf", "build", "sex", "ancestry", "outside_calls", "alignments", "called_regions", "context",
)  # fmt: skip
_NEEDED = COLUMNS[:2]
_FILES = ("vcf", "outside_calls", "alignments", "called_regions", "context")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One sample of a sheet.

    Attributes
    ----------
    sample_id : str
        As the VCF calls it.
    vcf : tuple of str
        Its files; several, joined by ``;`` in the sheet, hold different regions.
    build, sex, ancestry : str
        Empty where nothing is stated.
    outside_calls, alignments, called_regions, context : str
        Paths; empty where there is none.
    line : int
        In the sheet.
    """

    sample_id: str
    vcf: tuple[str, ...]
    build: str = ""
    sex: str = ""
    ancestry: str = ""
    outside_calls: str = ""
    alignments: str = ""
    called_regions: str = ""
    context: str = ""
    line: int = 0


def read_sheet(path: str) -> list[SheetRow]:
    """Read a sample sheet: tab-separated, or comma-separated, with a header.

    Parameters
    ----------
    path : str
        Paths in it are relative to the working directory, or else to the folder of the sheet.

    Returns
    -------
    list of SheetRow

    Raises
    ------
    InputMissingError
        If it cannot be read.
    InputError
        If a column is not known or is missing, a cell is missing, or a sample stands twice; all faults are named.
    """
    text = read_text(path, "sample sheet")
    header = text.partition("\n")[0].rstrip("\r")
    mark = "\t" if "\t" in header or "," not in header else ","
    lines = csv.reader(io.StringIO(text), delimiter=mark, quoting=csv.QUOTE_NONE if mark == "\t" else csv.QUOTE_MINIMAL)
    try:
        rows = [(number, [cell.strip() for cell in cells]) for number, cells in enumerate(lines, 1) if any(cells)]
    except csv.Error as error:
        raise InputError(f"{path}: expected a table; it cannot be read ({error})") from error
    if len(rows) < 2:
        there = "a header only" if rows else "nothing"
        raise InputError(f"{path}: expected a header and a row for each sample, found {there}")
    names = [name.lstrip("#") for name in rows[0][1]]
    _check_header(path, names)
    found: list[SheetRow] = []
    faults: list[str] = []
    seen: dict[str, int] = {}
    for number, cells in rows[1:]:
        if len(cells) != len(names):
            faults.append(f"line {number}: expected {len(names)} cells, found {len(cells)}")
            continue
        row = dict(zip(names, cells, strict=True))
        faults += _faults_of(number, row, seen)
        files = {name: _place(row.get(name, ""), path) for name in _FILES if name != "vcf"}
        others = {name: row.get(name, "") for name in ("sample_id", "build", "sex", "ancestry")}
        vcf = tuple(_place(item.strip(), path) for item in row["vcf"].split(";") if item.strip())
        found.append(SheetRow(vcf=vcf, line=number, **others, **files))
    if faults:
        raise InputError(f"{path}: {'; '.join(faults[:10])}" + (f"; and {len(faults) - 10} more" * (len(faults) > 10)))
    return found


def _check_header(path: str, names: list[str]) -> None:
    if missing := [name for name in _NEEDED if name not in names]:
        raise InputError(f"{path}:1: expected the columns {', '.join(_NEEDED)}; missing: {', '.join(missing)}")
    for name in names:
        if name not in COLUMNS:
            raise InputError(f"{path}:1: {unknown_name('column', name, COLUMNS)}")
    if len(set(names)) < len(names):
        raise InputError(f"{path}:1: a column stands twice")


def _faults_of(number: int, row: dict[str, str], seen: dict[str, int]) -> Iterator[str]:
    for name in _NEEDED:
        if not row[name]:
            yield f"line {number}: {name} is empty"
    sample = row["sample_id"]
    if sample and seen.setdefault(sample, number) != number:
        yield f"line {number}: sample {sample} stands in line {seen[sample]} already"


def _place(name: str, sheet: str) -> str:
    """Return a path as it is found: from the working directory, or else beside the sheet."""
    beside = Path(sheet).parent / name
    return str(beside) if name and not is_there(name) and is_there(beside) else name


def stated_by(rows: Sequence[SheetRow], knowledge: Knowledge, today: dt.date | str | None) -> dict[str, Any]:
    """Return the options of :func:`lupus_pgx.analyze` that rows state together.

    Parameters
    ----------
    rows : sequence of SheetRow
        They agree in build and regions.
    knowledge : Knowledge
    today : date or str, optional
        Day up to which contexts may have dates.

    Returns
    -------
    dict
        Only options that a row states.

    Raises
    ------
    InputError
        If a context cannot be read, or is of another sample.
    """
    stated: dict[str, Any] = {}
    for name in ("sex", "ancestry", "alignments"):
        own = {row.sample_id: getattr(row, name) for row in rows if getattr(row, name)}
        if own:
            stated[name] = own
    for name in ("build", "called_regions"):
        if rows and getattr(rows[0], name):
            stated[name] = getattr(rows[0], name)
    calls = {row.sample_id: row.outside_calls for row in rows if row.outside_calls}
    if calls:
        shared = len(set(calls.values())) < len(calls)
        stated["outside_calls"] = list(dict.fromkeys(calls.values())) if shared else calls
    contexts = {row.sample_id: _context(row, knowledge, today) for row in rows if row.context}
    return {**stated, "context": contexts} if contexts else stated


def _context(row: SheetRow, knowledge: Knowledge, today: dt.date | str | None) -> Context:
    found = load_context(row.context, knowledge, today=today)
    if isinstance(found, Context):
        if found.sample_id not in (None, row.sample_id):
            raise InputError(f"{row.context}: is the context of {found.sample_id}, not of {row.sample_id}")
        return found
    if row.sample_id not in found:
        raise InputError(f"{row.context}: holds no context of {row.sample_id}")
    return found[row.sample_id]


def as_options(
    path: str, given: Mapping[str, Any], knowledge: Knowledge, today: dt.date | str | None
) -> dict[str, Any]:
    """Return the options that a sheet stands for, for one analysis, beside those that were given.

    Parameters
    ----------
    path : str
    given : mapping
        What was given beside it of what a sheet may state; None for nothing.
    knowledge : Knowledge
    today : date or str, optional

    Returns
    -------
    dict
        ``paths``, ``samples`` and the rest of ``given``.

    Raises
    ------
    UsageError
        If an option says what the sheet says too.
    InputError
        If rows differ in build or regions: that is a cohort.
    """
    rows = read_sheet(path)
    way = asked_as("'lupus-pgx cohort run'", "analyze_cohort()")
    for name, words in (("build", "builds"), ("called_regions", "called regions")):
        if len({getattr(row, name) for row in rows}) > 1:
            raise InputError(f"{path}: rows with different {words} are several analyses: use {way}")
    files = list(dict.fromkeys(file for row in rows for file in row.vcf))
    samples = [row.sample_id for row in rows]
    stated = {"paths": files, "samples": samples, **stated_by(rows, knowledge, today)}
    for name in stated:
        if given.get(name) is not None:
            raise UsageError(f"{named(name)} is stated by the sample sheet {path}: give it in one place")
    return {**given, **stated}
