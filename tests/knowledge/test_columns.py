"""Columns of the tables: each is read by the code or marked as for people, and the types are those of today."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from places import ROOT

from lupus_pgx import load_knowledge
from lupus_pgx.knowledge.tables import schema_of
from lupus_pgx.terms import Ancestry, Build, Grade

PACKAGE = ROOT / "lupus_pgx"
COMPOSED = {f"{build.value.lower()}_{end}" for build in Build for end in ("start", "end", "pos")} | {*Ancestry}
COMPOSED |= {f"bound_{grade.value}" for grade in Grade}
"""Columns whose names are put together in the code."""


def subscripts() -> set[str]:
    """Return every name by which code takes a cell of a row."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                found.add(node.slice.value)
    return found


@pytest.fixture(scope="module")
def fx_read():
    return subscripts()


def test_every_column_is_read_or_for_people(fx_read):
    for table in load_knowledge().tables:
        for field in schema_of(table)["fields"]:
            read = field["name"] in fx_read or field["name"] in COMPOSED
            assert read or field.get("forPeople"), f"{table}.{field['name']} is read by no code"


def test_no_column_is_empty_in_every_row():
    """A column that no row fills promises what the tables do not know."""
    knowledge = load_knowledge()
    for table in knowledge.tables:
        for field in schema_of(table)["fields"]:
            assert any(row[field["name"]] is not None for row in knowledge.rows(table)), f"{table}.{field['name']}"


def test_no_key_column_is_for_people_only():
    """What tells rows apart is no remark, but for keys of several columns."""
    for table in load_knowledge().tables:
        fields = {field["name"]: field for field in schema_of(table)["fields"]}
        key = schema_of(table)["primaryKey"]
        assert not all(fields[name].get("forPeople") for name in key), table


def test_types_of_rows_are_those_of_the_schemas():
    done = subprocess.run([sys.executable, str(ROOT / "tools" / "build_rows.py"), "--check"], check=False)
    assert done.returncode == 0, "run python tools/build_rows.py"


def test_the_data_dictionary_is_that_of_the_schemas():
    done = subprocess.run([sys.executable, str(ROOT / "tools" / "build_data_dictionary.py"), "--check"], check=False)
    assert done.returncode == 0, "run python tools/build_data_dictionary.py"


@pytest.mark.slow
def test_a_misspelt_column_is_found_by_the_type_checker(tmp_path):
    pytest.importorskip("mypy")
    code = tmp_path / "misspelt.py"
    code.write_text(
        "from lupus_pgx.knowledge.catalogue import Knowledge\n\n\n"
        "def first(knowledge: Knowledge) -> str:\n"
        '    return knowledge.rows("guidance")[0]["condtion"]\n'
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(code)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert 'no key "condtion"' in done.stdout
