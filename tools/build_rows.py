"""Write lupus_pgx/knowledge/cells.pyi anew from the schemas of the tables: run it after a change of columns."""

from __future__ import annotations

import json
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "lupus_pgx"
STUB = PACKAGE / "knowledge" / "cells.pyi"
_TYPES = {"string": "str", "integer": "int", "number": "float"}


def stub() -> str:
    """Return the text of the stub: a typed dictionary for each table, and where its rows are got."""
    names = sorted(json.loads((PACKAGE / "data" / "release.json").read_text(encoding="utf-8"))["tables"])
    lines = [
        '"""Rows of the knowledge tables, typed by their schemas: written by tools/build_rows.py, not by hand."""',
        "",
        "from collections.abc import Iterator, Mapping",
        "from typing import Any, Literal, TypedDict, overload",
        "",
        "from lupus_pgx.knowledge.tables import Place, Table",
        "",
    ]
    for name in names:
        schema = json.loads((PACKAGE / "data" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
        fields = ", ".join(f'"{field["name"]}": {_cell(field)}' for field in schema["fields"])
        lines.append(f'{type_name(name)} = TypedDict("{type_name(name)}", {{{fields}}})')
    lines += ["", "class TypedTables:"]
    for method, item in (("rows", "tuple[{}, ...]"), ("placed", "Iterator[tuple[{}, Place]]")):
        for name in names:
            result = item.format(type_name(name))
            lines += ["    @overload", f'    def {method}(self, table: Literal["{name}"]) -> {result}: ...']
        result = item.format("Mapping[str, Any]")
        lines += ["    @overload", f"    def {method}(self, table: str) -> {result}: ..."]
    lines += ["", "class Tables(Mapping[str, Table[Any]]):"]
    for name in names:
        result = f"Table[{type_name(name)}]"
        lines += ["    @overload", f'    def __getitem__(self, table: Literal["{name}"], /) -> {result}: ...']
    lines += ["    @overload", "    def __getitem__(self, table: str, /) -> Table[Any]: ..."]
    lines += ["    def __iter__(self) -> Iterator[str]: ...", "    def __len__(self) -> int: ..."]
    return "\n".join(lines) + "\n"


def type_name(table: str) -> str:
    """Return the name of the type of a table's rows, such as ``GuidanceCells``."""
    return "".join(part.capitalize() for part in table.split("_")) + "Cells"


def _cell(field: dict[str, object]) -> str:
    constraints = field.get("constraints")
    required = isinstance(constraints, dict) and constraints.get("required")
    kind = _TYPES[str(field["type"])]
    return kind if required else f"{kind} | None"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(STUB.read_text(encoding="utf-8") != stub())
    STUB.write_text(stub(), encoding="utf-8")
