"""Random damage, a short run of ``tests/evaluation/mutations.py``: an answer, an error, never a signal."""

from __future__ import annotations

import pytest
from evaluation.mutations import KINDS, run

COUNT = 150


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_found_out_or_changes_nothing(kind):
    ends, faults = run(kind, COUNT)
    assert faults == []
    assert sum(ends.values()) == COUNT
    if kind in ("text", "bcf"):
        assert ends["error"]
    else:
        assert ends == {"same": COUNT}
