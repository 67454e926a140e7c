"""Random damage, a short run of ``tests/evaluation/mutations.py``: an answer, an error, never a signal."""

from __future__ import annotations

import pytest
from evaluation.mutations import KINDS, run


@pytest.mark.parametrize("count", [15, pytest.param(150, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_found_out_or_changes_nothing(kind, count):
    ends, faults = run(kind, count)
    assert faults == []
    assert sum(ends.values()) == count
    if kind in ("text", "bcf"):
        assert ends["error"]
    else:
        assert ends == {"same": count}
