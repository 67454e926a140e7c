"""Build the pages of the documentation that follow from the code: columns of all tables, and the public names.

    python tools/build_code_pages.py [FOLDER]

FOLDER is docs/generated unless given; the pages are built, not kept in the repository.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import lupus_pgx
from lupus_pgx.knowledge.tables import schema_of
from lupus_pgx.results.context_tables import CONTEXT_TABLES
from lupus_pgx.results.provenance import analysis_schema
from lupus_pgx.results.tables import TABLES

DOCS = Path(__file__).resolve().parent.parent / "docs" / "generated"

_KINDS = {
    "text": "text",
    "integer": "integer",
    "number": "number",
    "probability": "probability, 0 to 1",
    "flag": "flag, `yes` or `no`",
    "list": "list, joined by `;`",
    "shares": "shares, `name=probability` joined by `;`",
    "checks": "checks, `drug: what is asked for` joined by `;`",
}
_SAMPLE = "sample, as the input names it"

_RESULT_OBJECTS = (
    "lupus_pgx.response.drugs.DrugResponse",
    "lupus_pgx.calling.calls.DiplotypeCall",
    "lupus_pgx.calling.phenotypes.PhenotypeCall",
    "lupus_pgx.calling.markers.MarkerCall",
)
"""What the public results hold; read, never made by users."""


def cell(text: object) -> str:
    r"""Return text as it can stand in a cell of a Markdown table.

    Examples
    --------
    >>> cell("a|b*")
    'a\\|b\\*'
    """
    shown = str(text)
    for letter in "\\|<*[]":
        shown = shown.replace(letter, f"\\{letter}")
    return shown


def code(names: Iterable[object]) -> str:
    """Return names in code font, joined by commas."""
    return ", ".join(f"`{str(name).replace('|', chr(92) + '|')}`" for name in names)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    return [
        f"| {' | '.join(header)} |",
        "|" + " --- |" * len(header),
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]


def result_sections() -> list[str]:
    """Return the sections on the result tables."""
    definitions = analysis_schema()["$defs"]
    lines: list[str] = []
    for name, columns in {**TABLES, **CONTEXT_TABLES}.items():
        reference: str = definitions["sample"]["properties"][name]["items"]["$ref"]
        described = definitions[reference.rpartition("/")[2]]
        rows = [("`sample_id`", _KINDS["text"], _SAMPLE)]
        for column in columns.columns:
            values = described["properties"][column.name].get("enum", ())
            rows.append((f"`{column.name}`", _KINDS[column.kind], _meaning(column.description, values)))
        lines += [
            f"### {name}.tsv",
            "",
            f"A row: {cell(columns.about)}. Rows of a sample differ in {code(columns.keys)}.",
            "",
        ]
        lines += table(("column", "type", "meaning"), rows)
    return lines


def _meaning(description: str, values: Iterable[object]) -> str:
    listed = [value for value in values if value is not None]
    return cell(description) + (f": {code(listed)}" if listed else "")


def knowledge_sections() -> list[str]:
    """Return the sections on the knowledge tables."""
    lines: list[str] = []
    for name in sorted(lupus_pgx.load_knowledge().tables):
        schema = schema_of(name)
        links = {
            key["fields"][0]: key["reference"]["resource"] or name
            for key in schema.get("foreignKeys", ())
            if len(key["fields"]) == 1
        }
        rows = []
        for field in schema["fields"]:
            rules = field.get("constraints", {})
            values = f" Values: {code(rules['enum'])}." if "enum" in rules else ""
            link = f" A row of `{links[field['name']]}`." if field["name"] in links else ""
            text = cell(field["description"]).rstrip(".")
            kind = field["type"].replace("string", "text")
            needed = "yes" if rules.get("required") or field["name"] in schema["primaryKey"] else ""
            rows.append((f"`{field['name']}`", kind, needed, f"{text}.{values}{link}"))
        head = [f"### {name}", "", cell(schema["description"]), "", f"Key: {code(schema['primaryKey'])}.", ""]
        lines += [*head, *table(("column", "type", "needed", "meaning"), rows)]
    return lines


def api_page() -> list[str]:
    """Return the page on the public names."""
    names = [name for name in lupus_pgx.__all__ if not name.startswith("__")]
    found = {name: getattr(lupus_pgx, name) for name in names}
    errors = [name for name, item in found.items() if inspect.isclass(item) and issubclass(item, Exception)]
    classes = [name for name, item in found.items() if inspect.isclass(item) and name not in errors]
    modules = [name for name, item in found.items() if inspect.ismodule(item)]
    functions = [name for name in names if name not in {*errors, *classes, *modules}]
    lines = [
        "# Python reference",
        "",
        "Everything public is imported from `lupus_pgx`. The examples below are run by the tests.",
        "",
    ]
    lines += ["## Functions", "", *_directives("autofunction", [f"lupus_pgx.{name}" for name in functions])]
    lines += ["## Classes", "", *_directives("autoclass", [f"lupus_pgx.{name}" for name in classes])]
    lines += ["## What results hold", "", *_directives("autoclass", _RESULT_OBJECTS)]
    for name in modules:
        lines += [f"## {name.capitalize()}", "", *_directives("automodule", [f"lupus_pgx.{name}"])]
    return [*lines, "## Errors", "", *_directives("autoexception", [f"lupus_pgx.{name}" for name in errors])]


def _directives(kind: str, names: Iterable[str]) -> list[str]:
    return ["```{eval-rst}", *(line for name in names for line in (f".. {kind}:: {name}", "")), "```", ""]


def build(folder: Path) -> list[Path]:
    """Write the pages into a folder and return their paths."""
    pages = {"results.inc": result_sections(), "knowledge.inc": knowledge_sections(), "api.md": api_page()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in pages.items():
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return [folder / name for name in pages]


def main(arguments: Sequence[str]) -> None:
    """Write the pages and say how many."""
    folder = Path(arguments[0]) if arguments else DOCS
    print(f"{len(build(folder))} pages in {folder}")


if __name__ == "__main__":
    main(sys.argv[1:])
