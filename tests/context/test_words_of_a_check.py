"""What a check says of itself, and what a genotype says beside what was told."""

from __future__ import annotations

import pytest

from lupus_pgx import respond
from lupus_pgx.context.judged.checks import NO_ROWS, Check
from lupus_pgx.terms import CheckStatus


def check(**fields) -> Check:
    return Check(**{"drug": "MMF", "subject": "", "status": CheckStatus.AVOID, "advice": ""} | fields)


@pytest.mark.parametrize(
    ("subject", "found", "told"),
    [
        ("lupus", "lupus", ""),  # the words say it already
        ("lupus", "yes", "yes"),
        ("a dose above 40 mg", "40 mg", "40 mg"),  # a value is shown beside its bound
        ("with alcohol", "", ""),
    ],
)
def test_what_the_words_say_already_is_not_told_again(subject, found, told):
    assert check(subject=subject, found=found).told == told
    assert str(check(subject=subject, found=found)).endswith(f"{subject} ({told})" if told else subject)


@pytest.mark.parametrize(
    ("fields", "question"),
    [
        ({"subject": "dialysis"}, "dialysis"),
        ({"subject": "dialysis", "found": "egfr 20"}, "dialysis (egfr 20)"),
        ({"subject": "contraindications of MMF", "criterion": NO_ROWS}, "its contraindications (none were entered)"),
    ],
)
def test_what_is_asked(fields, question):
    assert check(known=False, **fields).question == question


@pytest.mark.parametrize(
    ("call", "told", "action"),
    [
        ("A- 202A_376G/A- 202A_376G", "false", "avoid"),  # what harms is believed
        ("A- 202A_376G/A- 202A_376G", "true", "avoid"),
        ("B (reference)/B (reference)", "true", "avoid"),
        ("B (reference)/B (reference)", "false", "standard"),
    ],
)
def test_a_genotype_that_harms_is_not_cleared_by_what_was_told(call, told, action):
    context = {"conditions": {"g6pd_deficiency": told == "true"}}
    found = respond({"G6PD": call}, ["rasburicase"], context=context, today="2026-11-28").drug("rasburicase")
    checks = [item.status for item in found.checks if item.criterion == "g6pd" and item.known]
    assert checks == (["contraindicated"] if action == "avoid" else [])


@pytest.mark.parametrize(
    ("drug", "told", "standing"),
    [
        ("adalimumab", {"breast_cancer": True}, "told"),  # which is a cancer
        ("chloroquine", {"first_degree_block": True}, "told"),
        ("amitriptyline", {"cardiovascular_risk": True}, "not settled"),  # a wider fact than coronary disease
    ],
)
def test_a_part_of_what_is_asked_settles_it_and_a_wider_fact_does_not(drug, told, standing):
    checks = respond({}, [drug], context={"conditions": told}, today="2026-11-30").drug(drug).checks
    assert [item.standing for item in checks if item.known and item.found.endswith(": yes")] == [standing]
