"""tools/mutate.py: every place that judges is changed once, and nothing else."""

from __future__ import annotations

import ast
import importlib.util

import pytest
from places import ROOT

SPEC = importlib.util.spec_from_file_location("mutate", ROOT / "tools" / "mutate.py")
mutate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(mutate)


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("met = a < b", ["met = a <= b"]),
        ("met = a < b <= c", ["met = a <= b <= c", "met = a < b < c"]),
        ("met = a is None", ["met = a is not None"]),
        ("worst = max(found)", ["worst = min(found)"]),
        ("known = any(found)", ["known = all(found)"]),
        ("held = a and b", ["held = a or b"]),
        ("held = not a", ["held = +a"]),
        ("status = CheckStatus.AVOID", ["status = CheckStatus.MONITOR"]),
        ("running = Outcome.ONGOING", ["running = Outcome.RESPONSE"]),
        ("name = words + other", []),
    ],
)
def test_each_place_is_changed_once(source, made):
    changes = [mutate.changed(source, place) for place in mutate.places(ast.parse(source))]
    assert [text for text, _ in changes] == made
    assert all(words.startswith("1: ") and " -> " in words for _, words in changes)
