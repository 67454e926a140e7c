"""Write what the result columns say into the published schema: run it after a change of a column.

    python tools/build_schema.py [--check]

The columns declared in lupus_pgx/results give names, order, what a row is and what a column means; what a value may be
stands in lupus_pgx/data/schemas/analysis.schema.json itself, where a new column begins with the type of its kind.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lupus_pgx.results.columns import Columns
from lupus_pgx.results.context_tables import CONTEXT_TABLES
from lupus_pgx.results.tables import TABLES

SCHEMA = Path(__file__).resolve().parent.parent / "lupus_pgx" / "data" / "schemas" / "analysis.schema.json"

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": ["string", "null"], "minLength": 1},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "probability": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    "flag": {"type": "boolean"},
    "list": {"type": "array", "items": {"type": "string"}},
    "shares": {"type": "array", "items": {"$ref": "#/$defs/share"}},
    "checks": {"type": "array", "items": {"$ref": "#/$defs/clinical_check"}},
}


def described(row: dict[str, Any], columns: Columns[Any]) -> dict[str, Any]:
    """Return the schema of a row with the names and descriptions of its columns."""
    old = row["properties"]
    properties = {
        column.name: {**old.get(column.name, _TYPES[column.kind]), "description": column.description}
        for column in columns.columns
    }
    return {**row, "description": columns.about, "required": list(properties), "properties": properties}


def main() -> int:
    """Write the schema, or with ``--check`` say whether it is as it would be written."""
    text = SCHEMA.read_text(encoding="utf-8")
    schema = json.loads(text)
    rows = schema["$defs"]["sample"]["properties"]
    for name, columns in {**TABLES, **CONTEXT_TABLES}.items():
        place = rows[name]["items"]["$ref"].rpartition("/")[2]
        schema["$defs"][place] = described(schema["$defs"][place], columns)
    written = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
    if "--check" in sys.argv[1:]:
        return int(written != text)
    SCHEMA.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
