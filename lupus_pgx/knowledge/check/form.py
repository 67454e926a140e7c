"""Does the file of a table fit its Table Schema? Checked by the library frictionless.

Imported only when a table is checked: an overlay, ``lupus-pgx knowledge check``, tests.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any

from lupus_pgx.errors import KnowledgeError
from lupus_pgx.knowledge.check.faults import Fault
from lupus_pgx.knowledge.tables import Place, Table, columns_of, group_columns, key_columns, parse_cell, schema_of

_INSTALL = "checking a knowledge table needs the library frictionless: pip install 'frictionless>=5.18'"

_CONSTRAINTS = {
    "required": "must not be empty",
    "enum": "expected one of {0}",
    "pattern": "expected text of the pattern {0}",
    "minimum": "expected at least {0}",
    "maximum": "expected at most {0}",
}


def read_table(path: Path, name: str, *, whole: bool = False) -> tuple[Table | None, list[Fault]]:
    """Read the file of a table and check it against the schema.

    Parameters
    ----------
    path : Path
    name : str
        Name of the table.
    whole : bool
        The file is a table of a data release: every column, in the order of the schema. Without
        it, columns that may be empty may be left out, and the order is free.

    Returns
    -------
    table : Table or None
        None if the header or a cell breaks a rule.
    faults : list of Fault
        Every rule that is broken.

    Raises
    ------
    KnowledgeError
        If the file cannot be read.
    """
    file = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{file}: expected a table as UTF-8 text; it cannot be read ({error})") from error
    lines = [line.removesuffix("\r") for line in text.rstrip("\r\n").split("\n")]
    header = lines[0].split("\t")
    faults = _header_faults(file, name, header, whole)
    if faults:
        return None, faults
    cells, places = [], []
    for number, line in enumerate(lines[1:], start=2):
        row = line.split("\t")
        if len(row) != len(header):
            rule = f"expected {len(header)} cells joined by tabs, found {len(row) if line else 0}"
            faults.append(Fault(file, number, "", "", rule))
            continue
        for column, cell in zip(header, row, strict=True):
            if cell != cell.strip():
                faults.append(Fault(file, number, column, cell, "must not begin or end with a space"))
        cells.append(row)
        places.append(Place(file, number, shipped=False))
    faults += _schema_faults(name, header, cells, places)
    if faults:
        return None, sorted(faults, key=lambda fault: fault.line)
    return _table(name, header, cells, places), []


def _header_faults(file: str, name: str, header: list[str], whole: bool) -> list[Fault]:
    known = columns_of(name)[0]
    faults = []
    for number, column in enumerate(header):
        if column not in known:
            near = difflib.get_close_matches(column, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the table has {', '.join(known)}"
            faults.append(Fault(file, 1, "column", column, f"no such column in the table {name}: {hint}"))
        elif column in header[:number]:
            faults.append(Fault(file, 1, "column", column, "stands twice in the header"))
    needed = known if whole else _needed(name)
    faults += [
        Fault(file, 1, "column", column, f"is missing: the table {name} needs it")
        for column in needed
        if column not in header
    ]
    if whole and not faults and tuple(header) != known:
        faults.append(Fault(file, 1, "", "", f"expected the columns in the order {', '.join(known)}"))
    return faults


def _needed(name: str) -> tuple[str, ...]:
    """Columns that every file of a table must have: those that may not be empty, and the keys."""
    required = {field["name"] for field in schema_of(name)["fields"] if field.get("constraints", {}).get("required")}
    needed = required | set(key_columns(name)) | set(group_columns(name))
    return tuple(column for column in columns_of(name)[0] if column in needed)


def _schema_faults(name: str, header: list[str], cells: list[list[str]], places: list[Place]) -> list[Fault]:
    try:
        import frictionless
    except ImportError as error:
        raise KnowledgeError(_INSTALL) from error
    by_name = {field["name"]: field for field in schema_of(name)["fields"]}
    fields = {column: by_name[column] for column in header}
    descriptor = {
        "fields": list(fields.values()),
        "primaryKey": list(key_columns(name)),
        "missingValues": [""],
    }
    resource = frictionless.Resource.from_descriptor({"name": name, "data": [header, *cells], "schema": descriptor})
    report = resource.validate(limit_errors=max(1000, len(header) * len(cells)))
    if report.errors:  # the library could not look at the rows at all
        raise KnowledgeError(f"{name}.tsv: {report.errors[0].message}")
    faults: dict[tuple[int, str], Fault] = {}
    for found in report.tasks[0].errors:
        fault = _fault(name, fields, found.to_descriptor(), places)
        faults.setdefault((fault.line, fault.column), fault)  # a unique column that is the key is said once
    return list(faults.values())


def _fault(name: str, fields: dict[str, Any], error: dict[str, Any], places: list[Place]) -> Fault:
    """Say an error of the library in our form."""
    if "rowNumber" not in error:
        raise KnowledgeError(f"{name}.tsv: {error['message']}")
    place = places[error["rowNumber"] - 2]
    note = error["note"]
    if error["type"] in ("primary-key", "unique-error"):
        earlier = re.search(r"(\d+)$", note)
        line = places[int(earlier[1]) - 2].line if earlier else 0
        columns = key_columns(name) if error["type"] == "primary-key" else (error["fieldName"],)
        values = [error["cells"][list(fields).index(column)] for column in columns]
        return Fault(place.file, place.line, ",".join(columns), ",".join(values), f"stands in line {line} already")
    column, value = error["fieldName"], str(error.get("cell") or "")
    field = fields[column]
    rule = f"expected {'an' if field['type'] == 'integer' else 'a'} {field['type']}"
    constraint = re.match(r'constraint "(\w+)"', note)
    if constraint:
        expected = field["constraints"][constraint[1]]
        words = ", ".join(expected) if isinstance(expected, list) else str(expected)
        rule = _CONSTRAINTS.get(constraint[1], note).format(words)
    return Fault(place.file, place.line, column, value, rule)


def _table(name: str, header: list[str], cells: list[list[str]], places: list[Place]) -> Table:
    columns, types = columns_of(name)
    number_of = {column: number for number, column in enumerate(header)}
    rows = tuple(
        {
            column: parse_cell(kind, row[number_of[column]]) if column in number_of else None
            for column, kind in zip(columns, types, strict=True)
        }
        for row in cells
    )
    return Table(name, columns, types, rows, tuple(places))
