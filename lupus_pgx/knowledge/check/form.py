"""Does the file of a table fit its Table Schema? Cells are checked by the library jsonschema.

Imported only when a table is checked: an overlay, ``lupus-pgx knowledge check``, tests.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lupus_pgx.bounded import found_file, read_bytes
from lupus_pgx.errors import InputError, KnowledgeError, did_you_mean, not_installed
from lupus_pgx.knowledge.check.faults import Fault
from lupus_pgx.knowledge.tables import Place, Table, columns_of, group_columns, key_columns, parse_cell, schema_of

_NEEDED = ("checking a knowledge table needs the library", "jsonschema>=4.20")

TABLE_BYTES = 50 << 20
"""Ten times the largest shipped table."""

MOST_FAULTS = 1_000
"""Of the form of one table; the rest is looked at when they are mended."""

_RULES = {
    "enum": "expected one of {0}",
    "pattern": "expected text of the pattern {0}",
    "minimum": "expected at least {0}",
    "maximum": "expected at most {0}",
}
"""What is said of a cell that breaks a constraint; JSON Schema knows these under the same names."""

_OF_THE_TABLE = ("required", "unique")
"""Constraints that are not of a value: whether there is one, and whether another row has it."""

_WRITTEN = {
    "integer": re.compile(r"[+-]?[0-9]{1,18}"),
    "number": re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"),
}
"""How a number is written. Python would take more (``1_000``, ``nan``), which other programs read otherwise; a whole
number has no more digits than fit into 64 bits."""


def read_table(path: Path, name: str, *, whole: bool = False) -> tuple[Table[Any] | None, list[Fault]]:
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
        text = read_bytes(str(found_file(path)), "table", TABLE_BYTES).decode("utf-8-sig")
    except (InputError, ValueError) as error:
        raise KnowledgeError(f"{file}: expected a table as UTF-8 text; it cannot be read ({error})") from error
    lines = [line.removesuffix("\r") for line in text.rstrip("\r\n").split("\n")]
    header = lines[0].split("\t")
    faults = _header_faults(file, name, header, whole)
    if faults:
        return None, faults
    cells, places = [], []
    for number, line in enumerate(lines[1:], start=2):
        row = line.split("\t")
        if len(faults) >= MOST_FAULTS:
            break
        if len(row) != len(header) or not line.strip():
            rule = f"expected {len(header)} cells joined by tabs, found {len(row) if line.strip() else 0}"
            faults.append(Fault(file, number, "", "", rule))
            continue
        for column, cell in zip(header, row, strict=True):
            if (rule := _misspelt(cell)) is not None:
                faults.append(Fault(file, number, column, cell if cell.isprintable() else ascii(cell)[1:-1], rule))
        cells.append(row)
        places.append(Place(file, number, shipped=False))
    faults += _schema_faults(name, header, cells, places)
    if faults:
        return None, sorted(faults, key=lambda fault: fault.line)
    return _table(name, header, cells, places), []


def _misspelt(cell: str) -> str | None:
    """Say what a cell holds beside its text: spaces, characters that nobody sees, quotation marks of a spreadsheet."""
    if cell != cell.strip():
        return "must not begin or end with a space"
    if not cell.isprintable():
        return f"holds a character that cannot be seen (U+{ord(next(c for c in cell if not c.isprintable())):04X})"
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return "stands in quotation marks: they are taken as a part of the cell"
    return None


def _header_faults(file: str, name: str, header: list[str], whole: bool) -> list[Fault]:
    known = columns_of(name)[0]
    if len(header) == 1 and header[0] not in known:
        wrong = "has no tab: cells are joined by tabs" if header[0] else "is empty: expected the names of the columns"
        return [Fault(file, 1, "", "", f"the first line {wrong}")]
    faults = []
    for number, column in enumerate(header):
        if column not in known:
            rule = f"no such column in the table {name}: {_hint(name, column, known)}"
            faults.append(Fault(file, 1, "column", column, rule))
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


def _hint(name: str, column: str, known: Sequence[str]) -> str:
    """Say where a column is to be found that was renamed or moved (``moved`` in the schema), else what is near."""
    moved: str | None = schema_of(name).get("moved", {}).get(column)
    if moved is not None:
        return f"it is called {moved} now" if moved in known else f"it stands in the table {moved} now"
    return did_you_mean(column, known, f"the table has {', '.join(known)}", most=1)


def _needed(name: str) -> tuple[str, ...]:
    """Columns that every file of a table must have: those that may not be empty, and the keys."""
    required = {field["name"] for field in schema_of(name)["fields"] if field.get("constraints", {}).get("required")}
    needed = required | set(key_columns(name)) | set(group_columns(name))
    return tuple(column for column in columns_of(name)[0] if column in needed)


def _schema_faults(name: str, header: list[str], cells: list[list[str]], places: list[Place]) -> list[Fault]:
    """Check cells against the constraints of their column, then what two rows must not share."""
    fields = {field["name"]: field for field in schema_of(name)["fields"]}
    by_column = {column: [row[number] for row in cells] for number, column in enumerate(header)}
    rules = {column: _broken_rules(fields[column], set(texts)) for column, texts in by_column.items()}
    faults = [
        Fault(place.file, place.line, column, cell, rules[column][cell])
        for row, place in zip(cells, places, strict=True)
        for column, cell in zip(header, row, strict=True)
        if cell in rules[column]
    ]
    unique = [(column,) for column in header if fields[column].get("constraints", {}).get("unique")]
    for columns in dict.fromkeys([*unique, key_columns(name)]):
        values = [[_value(fields[column]["type"], cell) for cell in by_column[column]] for column in columns]
        shown = zip(*(by_column[column] for column in columns), strict=True)
        faults += _repeated(columns, list(zip(*values, strict=True)), list(shown), places)
    return faults


def _broken_rules(field: Mapping[str, Any], cells: set[str]) -> dict[str, str]:
    """Return the first rule that each cell of a column breaks; cells that break none are left out."""
    try:
        import jsonschema
    except ImportError as error:
        raise KnowledgeError(not_installed(*_NEEDED)) from error
    constraints = field.get("constraints", {})
    validator = jsonschema.Draft202012Validator(cell_schema(field))
    broken = {"": "must not be empty"} if "" in cells and constraints.get("required") else {}
    for cell in cells - {""}:
        found = next(validator.iter_errors(_value(field["type"], cell)), None)
        if found is None:
            continue
        if found.validator == "type":
            broken[cell] = f"expected {'an' if field['type'] == 'integer' else 'a'} {field['type']}"
        else:
            expected = constraints[found.validator]
            words = ", ".join(map(str, expected)) if isinstance(expected, list) else str(expected)
            broken[cell] = _RULES[found.validator].format(words)
    return broken


def cell_schema(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a cell that is not empty, from the Table Schema of its column.

    Parameters
    ----------
    field : mapping
        Descriptor of the column.

    Returns
    -------
    dict
        ``type`` stands first: of a value of another type nothing else is asked.

    Raises
    ------
    KnowledgeError
        If the descriptor asks for what would not be checked.
    """
    schema: dict[str, Any] = {"type": field["type"]}
    for name, expected in field.get("constraints", {}).items():
        if name in _RULES:
            # A pattern of a Table Schema is of the whole cell, one of a JSON Schema of any part.
            schema[name] = f"^(?:{expected})$" if name == "pattern" else expected
        elif name not in _OF_THE_TABLE:
            raise KnowledgeError(f"column {field['name']}: the constraint {name} of its Table Schema is not known")
    return schema


def _value(kind: str, cell: str) -> str | int | float | None:
    """Return a cell as its type; as text where it is not written like one."""
    if not cell or kind == "string":
        return cell or None
    if kind not in _WRITTEN or not _WRITTEN[kind].fullmatch(cell):
        return cell
    value = parse_cell(kind, cell)
    return value if isinstance(value, int | float) and math.isfinite(value) else cell


def _repeated(
    columns: tuple[str, ...], values: Sequence[tuple[Any, ...]], shown: Sequence[tuple[str, ...]], places: list[Place]
) -> Iterator[Fault]:
    """Yield rows whose values in some columns an earlier row has; empty cells repeat nothing."""
    seen: dict[tuple[Any, ...], int] = {}
    for value, cells, place in zip(values, shown, places, strict=True):
        if value in seen:
            rule = f"stands in line {seen[value]} already"
            yield Fault(place.file, place.line, ",".join(columns), ",".join(cells), rule)
        if any(cell is not None for cell in value):
            seen[value] = place.line


def _table(name: str, header: list[str], cells: list[list[str]], places: list[Place]) -> Table[Any]:
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
