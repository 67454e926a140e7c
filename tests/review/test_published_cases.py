"""Forty cases of treatment that failed: what opens the review, and which options stand where."""

from __future__ import annotations

import pytest
from published import MARK, PAGE, cases, run, score, table

CASES = cases()


@pytest.mark.parametrize("name", CASES)
def test_a_published_case_comes_out_as_recorded(name):
    result = run(CASES[name])
    assert result.verdict == CASES[name]["now"], (result.headline, result.headline_faults, result.option_faults)


def test_every_case_says_where_it_is_from_and_what_the_format_could_not_hold():
    assert len(CASES) == 40
    assert len({case["source"] for case in CASES.values()}) == 40
    assert all({"told", "reason", "worked", "learnt", "first_run", "now"} <= set(case) for case in CASES.values())


def test_the_page_gives_the_honest_score():
    text = PAGE.read_text(encoding="utf-8")
    assert text.partition(MARK)[2] == table(), "run python tests/published.py --page"
    assert f"first run: {score('first_run')}; now: {score('now')}" in text
