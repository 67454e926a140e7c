"""The decisions on a guideline body: named, in the order of their page, each reached, the first that speaks wins."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

import lupus_pgx
from lupus_pgx.response.decisions import DECISIONS, Weighed, judge
from lupus_pgx.response.prediction import known_of

PAGE = Path(__file__).parents[2] / "docs" / "decisions" / "0002-probabilities.md"

CASES = [
    ("azathioprine", {"TPMT": "*3A/*3C", "NUDT15": "*1/*1"}, "one_action"),
    ("azathioprine", {"TPMT": "*3A/*3C or *1/*3A", "NUDT15": "*1/*1"}, "several_actions"),
    ("azathioprine", {"TPMT": "*1/*1", "NUDT15": "*1/*1"}, "usual_dose"),
    ("allopurinol", {"HLA-B": "*07:02 positive"}, "undecided"),
]


def weighed(drug, calls):
    patient = lupus_pgx.respond(calls, [drug])
    (first, *_) = patient.knowledge.drug(drug).bodies
    return Weighed(first, known_of(patient.results.genes, patient.results.markers, 0), 0.95)


def test_the_page_lists_the_decisions_in_their_order():
    named = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert named == [decide.__name__ for decide in DECISIONS]


@pytest.mark.parametrize(("drug", "calls", "decision"), CASES)
def test_the_first_that_speaks_wins(drug, calls, decision):
    rules = weighed(drug, calls)
    said = [decide.__name__ for decide in DECISIONS if decide(rules) is not None]
    assert said[0] == decision
    assert judge(rules.body, rules.known, rules.floor) == next(
        decide(rules) for decide in DECISIONS if decide.__name__ == decision
    )


def test_the_last_decision_always_speaks():
    assert DECISIONS[-1](weighed("warfarin", {})).action == "test_first"


def test_rows_that_are_certain_alone_stand_behind_a_statement_else_all_that_are_possible():
    rules = weighed("avatrombopag", {"CYP2C9": "*1/*3 or *3/*3 or *71/*1"})
    chance = {rule.rule: rules.least([rule]) for rule in rules.changing}
    likely, best = max(chance.items(), key=lambda item: item[1])
    assert len(chance) == 2
    assert 0 < min(chance.values()) < best < 1

    def fired(floor):
        return {rule.rule for rule, _ in Weighed(rules.body, rules.known, floor).fired(rules.changing)}

    assert fired(best) == {likely}
    assert fired(math.nextafter(best, 1)) == set(chance)
