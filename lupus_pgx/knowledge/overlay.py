"""Overlays: a folder of tables whose rows win over the shipped rows with the same key."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lupus_pgx.errors import InputMissingError, KnowledgeError, cannot_read, did_you_mean
from lupus_pgx.knowledge.check.faults import Fault, FaultyTablesError, in_order
from lupus_pgx.knowledge.check.form import read_table
from lupus_pgx.knowledge.check.tables import check
from lupus_pgx.knowledge.release import Overlay
from lupus_pgx.knowledge.tables import Place, Row, Table, group_columns, key_of

Key = tuple[str, ...]


def read_overlay(folder: str, known: Mapping[str, Table[Any]]) -> Overlay:
    """Read the tables of an overlay and check each against its schema.

    Parameters
    ----------
    folder : str
    known : mapping of str to Table
        The shipped tables.

    Returns
    -------
    Overlay

    Raises
    ------
    InputMissingError
        If there is no such folder.
    KnowledgeError
        If it holds no table, or a table breaks a rule; every fault is in the message.
    """
    place = Path(folder)
    if not place.is_dir():
        raise InputMissingError(f"{folder}: expected a folder of knowledge tables; there is none")
    try:
        files = sorted(path for path in place.iterdir() if path.name.endswith(".tsv"))
    except OSError as error:
        raise cannot_read(folder, "folder of knowledge tables", error) from error
    if not files:
        raise KnowledgeError(
            f"{folder}: expected knowledge tables such as genes.tsv or guidance.tsv; found no .tsv file"
        )
    faults: list[Fault] = []
    tables: dict[str, Table[Any]] = {}
    for path in files:
        if path.stem not in known:
            names = [f"{name}.tsv" for name in known]
            hint = did_you_mean(path.name, names, f"tables: {', '.join(sorted(known))}", most=1)
            faults.append(Fault(str(path), 1, "", "", f"no table has this name: {hint}"))
            continue
        table, found = read_table(path, path.stem)
        faults += found
        if table is not None:
            tables[table.name] = table
    if faults:
        raise FaultyTablesError(folder, in_order(faults))
    checksums = {name: hashlib.sha256((place / f"{name}.tsv").read_bytes()).hexdigest() for name in tables}
    return Overlay(folder, tables, checksums)


def lay_over(shipped: Mapping[str, Table[Any]], overlay: Overlay) -> dict[str, Table[Any]]:
    """Return the shipped tables with the rows of an overlay in them.

    A row replaces the shipped row with the same key. Where rows state one fact together (the
    loci of an allele, the counts of a population ...; ``replacedTogether`` in the schema), those
    of the overlay replace all of them. New rows stand at the end.

    Raises
    ------
    KnowledgeError
        If the tables contradict each other once the overlay is laid over them.
    """
    tables = {
        name: _laid(table, overlay.tables[name]) if name in overlay.tables else table for name, table in shipped.items()
    }
    faults = check(tables)
    if faults:
        raise FaultyTablesError(overlay.folder, faults)
    return tables


def replaced(shipped: Table[Any], over: Table[Any]) -> int:
    """Return how many shipped rows give way to rows of an overlay."""
    columns = group_columns(over.name)
    new = {key_of(row, columns) for row in over.rows}
    return sum(key_of(row, columns) in new for row in shipped.rows)


def _laid(shipped: Table[Any], over: Table[Any]) -> Table[Any]:
    columns = group_columns(over.name)
    groups: dict[Key, list[int]] = {}
    for number, row in enumerate(over.rows):
        groups.setdefault(key_of(row, columns), []).append(number)
    rows: list[Row] = []
    places: list[Place] = []

    def lay(numbers: list[int]) -> None:
        rows.extend(over.rows[number] for number in numbers)
        places.extend(over.place(number) for number in numbers)

    for number, row in enumerate(shipped.rows):
        key = key_of(row, columns)
        if key in groups:
            lay(groups[key])
            groups[key] = []
        else:
            rows.append(row)
            places.append(shipped.place(number))
    for numbers in groups.values():
        lay(numbers)
    return Table(shipped.name, shipped.columns, shipped.types, tuple(rows), tuple(places))
