"""The page on the way of a fact through the code: it lists the modules that are passed, and tests that exist."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from places import ROOT

import lupus_pgx
from lupus_pgx import errors

PAGE = ROOT / "docs" / "from-row-to-page.md"
PACKAGE = Path(lupus_pgx.__file__).parent
MARK = "a word that stands nowhere else"
OF_OVERLAYS = {"knowledge.check.form", "knowledge.overlay"}
ROW = {"guideline": "CPIC", "drug": "azathioprine", "condition": "TPMT=Poor Metabolizer"}


@pytest.fixture
def fx_marked(tmp_path):
    """Write an overlay whose one row has an advice that can be told from any other text."""
    head, *lines = (PACKAGE / "data" / "guidance.tsv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    (row,) = [row for row in rows if row.items() >= ROW.items()]
    cells = "\t".join((row | {"advice": MARK}).values())
    (tmp_path / "guidance.tsv").write_text(f"{head}\n{cells}\n", encoding="utf-8")
    return tmp_path


def holds(value: object, depth: int = 2) -> bool:
    """Whether a value is, or directly holds, a text or a row with the mark."""
    if isinstance(value, str):
        return MARK in value
    if type(value) is dict:
        return any(isinstance(cell, str) and MARK in cell for cell in value.values())
    if depth and isinstance(value, list | tuple):
        return any(holds(item, depth - 1) for item in value)
    if depth and type(value).__module__.startswith("lupus_pgx"):
        names = ("row", "rules", "guidance", "judgement", "advice", "bodies")
        return any(holds(getattr(value, name, None), depth - 1) for name in names if _has(value, name))
    return False


def _has(value: object, name: str) -> bool:
    """Whether an object has a field of its own: a property would be worked out only for us."""
    own: Mapping[str, object] = getattr(value, "__dict__", {})
    return name in own or name in getattr(type(value), "__slots__", ())


def test_the_page_lists_the_modules_that_a_fact_passes(fx_marked):
    passed = set()

    def follow(frame, event, result):
        file = Path(frame.f_code.co_filename)
        if event not in ("call", "return") or file.suffix != ".py" or not file.is_relative_to(PACKAGE):
            return
        code = frame.f_code
        given = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        seen = [frame.f_locals.get(name) for name in given] if event == "call" else [result]
        if any(holds(value) for value in seen):
            passed.add(file.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."))

    before = sys.getprofile()
    sys.setprofile(follow)
    try:
        knowledge = lupus_pgx.load_knowledge(overlay=fx_marked)
        page = lupus_pgx.respond({"TPMT": "*3A/*3A"}, ["azathioprine"], knowledge=knowledge).to_html()
    finally:
        sys.setprofile(before)
    assert MARK in page
    listed = set(re.findall(r"^\| `([a-z_.]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert passed == listed | OF_OVERLAYS


def test_every_test_of_a_mended_fault_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) >= 12
    for file, name in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file}::{name}"


def test_every_error_is_raised_somewhere():
    """A public error that nothing raises promises what never comes."""
    public = {name for name in lupus_pgx.__all__ if isinstance(getattr(errors, name, None), type)}
    base = lupus_pgx.LupusPgxError.__name__
    made = {
        node.func.id
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert public - made <= {base}


def test_what_cannot_be_written_is_said_in_one_place():
    """Whoever writes uses ``errors.writing`` or ``errors.cannot_write``; nobody has a sentence of his own."""
    own = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if "cannot be written (" in line and path.name != "errors.py"
    ]
    assert not own
