"""What ``lupus-pgx knowledge list`` and ``knowledge check`` print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lupus_pgx.errors import InputMissingError, unknown_name
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.knowledge.check.faults import FaultyTablesError
from lupus_pgx.knowledge.check.safety import missing_cells
from lupus_pgx.knowledge.check.tables import RELEASE_FILE, check_set
from lupus_pgx.knowledge.citations import newer_documents
from lupus_pgx.knowledge.overlay import lay_over, read_overlay, replaced
from lupus_pgx.knowledge.tables import Table, data_folder, split_list
from lupus_pgx.words.lines import counted

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import Tables

FORMATS = ("text", "tsv")

_COLUMNS = ("table", "rows", "overlay_rows", "sha256", "sources", "licences", "date")


def rows_of(knowledge: Knowledge, name: str) -> Iterator[str]:
    """Yield the rows of one table, joined by tabs, below the names of its columns.

    Parameters
    ----------
    knowledge : Knowledge
    name : str

    Yields
    ------
    str

    Raises
    ------
    UsageError
        If there is no such table.
    """
    if name not in knowledge.tables:
        raise unknown_name("table", name, knowledge.tables)
    table = knowledge.tables[name]
    yield "\t".join(table.columns)
    for row in table.rows:
        yield "\t".join("" if row[column] is None else str(row[column]) for column in table.columns)


def listing(knowledge: Knowledge, form: str) -> Iterator[str]:
    """Yield the lines of a list of all tables.

    Parameters
    ----------
    knowledge : Knowledge
    form : str
        ``text``: for people, with the sources below. ``tsv``: one line per table, checksums in full.

    Yields
    ------
    str

    Raises
    ------
    UsageError
        If the form is unknown.
    """
    if form not in FORMATS:
        raise unknown_name("format", form, FORMATS)
    facts = knowledge.provenance()
    lines = [
        (
            name,
            str(item["rows"]),
            str(item["overlay_rows"]),
            item["sha256"] or "",
            item["sources"],
            item["licences"],
            item["date"] or "",
        )
        for name, item in facts["tables"].items()
    ]
    if form == "tsv":
        yield "\t".join(_COLUMNS)
        for name, rows, laid, checksum, sources, licences, day in lines:
            yield "\t".join([name, rows, laid, checksum, ";".join(sources), "; ".join(licences), day])
        return
    yield f"Data release {facts['release']}"
    if facts["overlay"]:
        yield f"Overlay {facts['overlay']['folder']} (SHA-256 {facts['overlay']['sha256']})"
    yield ""
    width = max(len(name) for name, *_ in lines)
    yield f"{'table':<{width}}  {'rows':>6}  {'overlay':>7}  {'changed':<10}  {'sha256':<12}  sources"
    for name, rows, laid, checksum, sources, _, day in lines:
        yield f"{name:<{width}}  {rows:>6}  {laid:>7}  {day:<10}  {checksum[:12]:<12}  {'; '.join(sources)}".rstrip()
    yield ""
    yield "sources"
    for name, source in facts["sources"].items():
        seen = f"; as of {source['as_of']}" if source["as_of"] else ""
        yield f"  {name}: {source['name']}, {source['version']}{seen}; licence: {source['licence']}; {source['url']}"


def check_folder(folder: str | None) -> tuple[list[str], int]:
    """Check tables in full: form, links between tables, science.

    Parameters
    ----------
    folder : str or None
        None: the shipped tables. A folder with ``release.json``: a full set. Any other: an overlay,
        checked by itself and laid over the shipped tables.

    Returns
    -------
    lines : list of str
        Every fault; or what siblings of a drug class have and a member lacks, and what was checked.
    faults : int
        How many faults there are.

    Raises
    ------
    InputMissingError
        If the folder is not there.
    KnowledgeError
        If a table cannot be read.
    """
    place = Path(str(data_folder())) if folder is None else Path(folder)
    if not place.is_dir():
        raise InputMissingError(f"{folder}: expected a folder of knowledge tables; there is none")
    if (place / RELEASE_FILE).exists():
        tables, faults = check_set(place)
        if faults:
            return [str(fault) for fault in faults], len(faults)
        gaps = [f"not looked at: {gap}" for gap in missing_cells(cast("Tables", tables))]
        return [*gaps, *_outdated(cast("Tables", tables)), _count(tables)], 0
    shipped = load_knowledge().tables
    try:
        overlay = read_overlay(str(place), shipped)
        lay_over(shipped, overlay)
    except FaultyTablesError as error:
        return [str(fault) for fault in error.faults], len(error.faults)
    lines = []
    for name, table in overlay.tables.items():
        gone = replaced(shipped[name], table)
        lines.append(f"{name}: {_rows(len(table.rows))}" + (f" in place of {gone} shipped" if gone else ""))
    return [*lines, _count(overlay.tables)], 0


def _outdated(tables: Tables) -> list[str]:
    """Name each replaced document that rows still rest on: no fault, but it says where to look next."""
    newer = newer_documents(tables["citations"].rows)
    resting: dict[str, Counter[str]] = {}
    for table in tables.values():
        for row in table.rows if table.name != "citations" and "citation" in table.columns else ():
            names = split_list(row["citation"])
            for name in names:
                if name in newer and newer[name].citation not in names:
                    resting.setdefault(name, Counter())[table.name] += 1
    return sorted(
        f"{newer[name].text}: {name}, on which rest still: {', '.join(f'{table} {n}' for table, n in found.items())}"
        for name, found in resting.items()
    )


def load_folder(folder: str | None) -> Knowledge:
    """Load what was checked: the shipped tables, a full set, or an overlay laid over the shipped tables."""
    if folder is None:
        return load_knowledge()
    return load_knowledge(release=folder) if (Path(folder) / RELEASE_FILE).exists() else load_knowledge(folder)


def _count(tables: Mapping[str, Table[Any]]) -> str:
    rows = sum(len(table.rows) for table in tables.values())
    return f"{counted(len(tables), 'table')}, {counted(rows, 'row')}: no fault"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
