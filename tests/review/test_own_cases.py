"""Histories of our own: what opens the review, and the first options, as written before they were run."""

from __future__ import annotations

import pytest
from own_cases import OWN, own_cases, own_table
from published import MARK, PAGE, run

CASES = own_cases()


@pytest.mark.parametrize("name", CASES)
def test_a_history_comes_out_as_expected(name):
    result = run(CASES[name])
    assert result.verdict == CASES[name]["now"], (result.headline, result.headline_faults, result.option_faults)


def test_the_page_shows_them_as_the_code_says():
    assert len(CASES) == 25
    assert len({case["kind"] for case in CASES.values()}) == 25
    written = PAGE.read_text(encoding="utf-8").partition(OWN)[2].partition("\n## ")[0]
    assert written.strip() == own_table().strip(), "run python tests/own_cases.py --page"
    assert MARK not in written
