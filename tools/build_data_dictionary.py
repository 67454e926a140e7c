"""Write lupus_pgx/data/README.md anew from the schemas of the tables: run it after a change of columns."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "lupus_pgx" / "data"
PAGE = DATA / "README.md"

_HEAD = """\
# The knowledge tables

Everything lupus_pgx knows, one fact a row: tab-separated UTF-8 text, no quoting, an empty cell means unknown, rows
sorted by key. Cells such as `*1/*2` or `1.5|2` survive only as text: do not let a spreadsheet guess their type.
This page is written from `schemas/` by `tools/build_data_dictionary.py`, not by hand.

After **each** edit:

1. `python tools/seal_tables.py` writes the checksums of `release.json` anew: a table that was not sealed is not loaded.
2. `lupus-pgx knowledge check` must find no fault.
3. Where a column was added, renamed or described anew: `python tools/build_rows.py` (types of the rows) and
   `python tools/build_data_dictionary.py` (this page).

In the lists below **bold** columns are the key of a row, `*` marks a cell that must not be empty, and an arrow says
of which table a cell must name a row. Columns for people are read by no code. Own rows go into an overlay:
`docs/extending.md`.
"""


def page() -> str:
    """Return the text of the page: a section for each table."""
    names = sorted(json.loads((DATA / "release.json").read_text(encoding="utf-8"))["tables"])
    schemas = {
        name: json.loads((DATA / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")) for name in names
    }
    links = " · ".join(f"[{name}](#{name})" for name in names)
    return "\n".join([_HEAD, links, *(line for name in names for line in _section(name, schemas[name]))]) + "\n"


def _section(name: str, schema: dict[str, Any]) -> list[str]:
    lines = ["", f"## {name}", "", schema["description"]]
    if together := schema.get("replacedTogether"):
        lines += ["", f"Rows with the same {', '.join(together)} state one fact together."]
    for old, new in schema.get("moved", {}).items():
        columns = {field["name"] for field in schema["fields"]}
        lines += ["", f"`{old}` {'is called' if new in columns else 'stands in the table'} `{new}` now."]
    targets = {tuple(link["fields"]): link["reference"]["resource"] for link in schema.get("foreignKeys", ())}
    lines += ["", "| column | type | what it says |", "|---|---|---|"]
    return lines + [_line(field, schema["primaryKey"], targets) for field in schema["fields"]]


def _line(field: dict[str, Any], key: list[str], targets: dict[tuple[str, ...], str]) -> str:
    name, rules = field["name"], field.get("constraints", {})
    shown = (f"**{name}**" if name in key else name) + (" \\*" if rules.get("required") else "")
    words = [field["description"].rstrip(".")]
    if "enum" in rules:
        words.append("one of " + ", ".join(f"`{word}`" for word in rules["enum"]))
    named = dict.fromkeys(table for columns, table in targets.items() if name in columns)
    words += [f"→ [{table}](#{table})" for table in named]
    if field.get("forPeople"):
        words.append("for people")
    text = "; ".join(words).replace("|", "\\|")
    return f"| {shown} | {field['type']} | {text} |"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
