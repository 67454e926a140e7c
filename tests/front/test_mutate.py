"""tools/mutate.py: every place that judges is changed once, and nothing else."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from places import ROOT

SPEC = importlib.util.spec_from_file_location("mutate", ROOT / "tools" / "mutate.py")
mutate = sys.modules[SPEC.name] = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(mutate)


def names(values, **more):
    """Names that a line of a test uses."""
    kinds = {
        "CheckStatus": SimpleNamespace(AVOID="avoid", MONITOR="monitor"),
        "Outcome": SimpleNamespace(ONGOING="ongoing", RESPONSE="response"),
    }
    return dict(zip("abc", values, strict=True)) | kinds | more


@pytest.mark.parametrize(
    ("source", "values", "now", "changed"),
    [
        ("x = a < b", (2, 2, 0), False, [True]),
        ("x = a < b <= c", (1, 2, 2), True, [True, False]),
        ("x = a is None", (None, 0, 0), True, [False]),
        ("x = max(a, b)", (1, 2, 0), 2, [1]),
        ("x = any([a, b])", (False, True, 0), True, [False]),
        ("x = a and b", (False, True, 0), False, [True]),
        ("x = not a", (True, 0, 0), False, [True]),
        ("x = CheckStatus.AVOID", (0, 0, 0), "avoid", ["monitor"]),
        ("x = Outcome.ONGOING", (0, 0, 0), "ongoing", ["response"]),
        ("x = a + b", (1, 2, 0), 3, []),
    ],
)
def test_each_place_is_changed_once_and_only_where_asked(source, values, now, changed):
    switches = mutate.Switches("module", source, 0)
    tree = ast.fix_missing_locations(switches.visit(ast.parse(source)))
    code = compile(tree, "module", "exec")

    def run(thrown):
        found = names(values, **{mutate._SWITCH: mutate.Off({thrown: True})})
        exec(code, found)
        return found["x"]

    assert run(None) == now
    assert [run(item.number) for item in switches.changes] == changed
    assert all(" -> " in item.words and item.line == 1 for item in switches.changes)


ROOM = """
LIMIT = {True: max(1, 2)}
UNSEEN = max(3, 4)
NEEDED = [3, 4][1 if 1 in (1, 2) else 9]


def above(value):
    return value > LIMIT[True]


def empty(values):
    return len(values) >= 1 or bool(values)
"""
TESTS = """
from room import above, empty


def test_above():
    assert above(3) and not above(2)


def test_empty():
    assert not empty([]) and empty([1])


def test_that_fails_in_a_copy():
    assert False
"""


@pytest.mark.slow
def test_a_project_is_tried_and_what_acts_at_import_too(tmp_path):
    for name, text in {"room.py": ROOM, "tests/test_room.py": TESTS, "tools/mutate.py": None}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text or (ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    equal = [
        ("module", "function", "change", "reason"),
        (
            "room.py",
            "empty",
            "len(values) >= 1 or bool(values) -> len(values) >= 1 and bool(values)",
            "one thing twice",
        ),
        ("room.py", "above", "value > LIMIT[True] -> value >= LIMIT[True]", "a test sees it"),
    ]
    (tmp_path / "tools" / "mutate_equal.tsv").write_text("\n".join("\t".join(row) for row in equal), encoding="utf-8")
    command = [sys.executable, "tools/mutate.py", "--keep", "-o", "mutants.jsonl", "room.py", "--", "tests"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    results = [json.loads(line) for line in (tmp_path / "mutants.jsonl").read_text(encoding="utf-8").splitlines()]
    killed = {item["place"].partition(": ")[2] for item in results if not item["survived"]}
    survived = {item["place"].partition(": ")[2] for item in results if item["survived"]}
    assert survived == {
        "max(3, 4) -> min(3, 4)",
        "len(values) >= 1 -> len(values) > 1",
        "len(values) >= 1 or bool(values) -> len(values) >= 1 and bool(values)",
    }
    assert killed == {
        "max(1, 2) -> min(1, 2)",
        "1 in (1, 2) -> 1 not in (1, 2)",
        "value > LIMIT[True] -> value >= LIMIT[True]",
    }
    assert "written down as equal, and is not: room.py above" in done.stdout
    assert done.stdout.splitlines()[-1] == "6 changes, 6 tried, 3 survived, 2 unexplained"
    (tmp_path / "mutants.jsonl").unlink()
    (tmp_path / "room.py").write_text(ROOM.replace("value > LIMIT", "value < LIMIT"), encoding="utf-8")
    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    tried = (tmp_path / "mutants.jsonl").read_text(encoding="utf-8").splitlines()
    # What acts at import stands in the text of the module.
    assert {json.loads(line)["place"].partition(": ")[2] for line in tried} == {
        "max(1, 2) -> min(1, 2)",
        "max(3, 4) -> min(3, 4)",
        "1 in (1, 2) -> 1 not in (1, 2)",
        "value < LIMIT[True] -> value <= LIMIT[True]",
    }
    assert "6 changes, 6 tried" in again.stdout.splitlines()[-1]
