"""Columns of the tables: each is read by the code or marked as for people, and the types are those of today."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
from places import ROOT

from lupus_pgx import load_knowledge
from lupus_pgx.knowledge.tables import schema_of

PACKAGE = ROOT / "lupus_pgx"
_KEY = re.compile(r'TypedDict "(\w+)" has no key "(\w+)"')


def read_through_types(folder, more=""):
    """Return each (table, column) that code reads as a column of that table.

    The type checker runs over a copy of the package whose row types have no column at all: what it misses is what
    code reads. A read through a row without a type is not among them.
    """
    copy = folder / "lupus_pgx"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("data", "templates", "__pycache__"))
    stub = copy / "knowledge" / "cells.pyi"
    text, emptied = re.subn(
        r'(= TypedDict\("\w+", )\{.*\}\)', r'\1{"no_column": int})', stub.read_text(encoding="utf-8")
    )
    stub.write_text(text, encoding="utf-8")
    (copy / "more.py").write_text(more, encoding="utf-8")
    shutil.copy(ROOT / "pyproject.toml", folder)
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(folder / "cache"), "lupus_pgx"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env={**os.environ, "PYTHONPATH": ""}
    )
    names = list(load_knowledge().tables)
    assert emptied == len(names)
    assert done.returncode == 1, done.stdout + done.stderr
    tables = {
        "".join(part.capitalize() for part in name.split("_")) + "Cells": name for name in load_knowledge().tables
    }
    tables["RuleCells"] = "guidance"  # a row of guidance with its source as results show it
    return {(tables[kind], column) for kind, column in _KEY.findall(done.stdout) if kind in tables}


def identifies(schema, column):
    """Say whether a column names a row (overlays and lists of changes read it), or the source of one (provenance)."""
    links = [link["fields"] for link in schema.get("foreignKeys", ()) if link["reference"]["resource"] == "sources"]
    return column in schema["primaryKey"] or [column] in links


@pytest.mark.slow
def test_every_column_is_read_as_one_of_its_table_or_is_for_people(tmp_path):
    pytest.importorskip("mypy")
    unread, both = [], []
    read = read_through_types(tmp_path, TRIAL)
    # Trial of the check itself: a column that one line more reads, and one that nothing reads.
    assert ("sources", "note") in read
    assert ("alleles", "note") not in read
    read.remove(("sources", "note"))
    for table in load_knowledge().tables:
        schema = schema_of(table)
        for field in schema["fields"]:
            name, people = field["name"], field.get("forPeople", False)
            if people and (table, name) in read:
                both.append(f"{table}.{name}")
            if not (people or (table, name) in read or identifies(schema, name)):
                unread.append(f"{table}.{name}")
    assert not unread, f"read by no code as a column of its table: {unread}"
    assert not both, f"read by code, and marked as for people: {both}"


TRIAL = """
from lupus_pgx.knowledge.catalogue import Knowledge


def note(knowledge: Knowledge) -> str | None:
    return knowledge.rows("sources")[0]["note"]
"""


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
