"""tools/mutate.py: every place that judges is changed once, and nothing else."""

from __future__ import annotations

import ast
import importlib.util
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
        found = names(values, **{mutate._SWITCH: lambda number: number == thrown})
        exec(code, found)
        return found["x"]

    assert run(None) == now
    assert [run(item.number) for item in switches.changes] == changed
    assert all(" -> " in item.words and item.line == 1 for item in switches.changes)
