"""A level is shown as it was entered: a word stays a word, and a bound stays a bound."""

from __future__ import annotations

import pytest

from lupus_pgx import respond

TODAY = "2026-11-29"


def tacrolimus(**told):
    taken = [{"drug": "tacrolimus", "start": "2026-01-01", "outcome": "ongoing"}]
    return respond({}, ["tacrolimus"], context={"therapies": taken} | told, today=TODAY).drug("tacrolimus")


def lab(value, unit="ng/mL"):
    return {"labs": [{"quantity": "tacrolimus_trough", "unit": unit, "values": {"2026-11-01": value}}]}


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (lab("undetectable"), "tacrolimus trough undetectable [0 ng/mL] on 2026-11-01"),
        (lab("<0.5"), "tacrolimus trough <0.5 ng/mL on 2026-11-01"),
        (lab("<3"), "(<3 ng/mL on 2026-11-01, range"),
        (lab(">30"), "(>30 ng/mL on 2026-11-01, range"),
        (lab(30), "(30 ng/mL on 2026-11-01, range"),
        ({"values": {"tacrolimus_trough": ">30 ng/mL"}}, "(>30 ng/mL, range"),
    ],
)
def test_a_level_in_the_sentence_is_the_one_that_was_entered(told, shown):
    assert shown in tacrolimus(**told).summary


@pytest.mark.parametrize(("value", "shown"), [("undetectable", "undetectable [0 ng/mL]"), (">30", ">30 ng/mL")])
def test_so_it_is_among_what_to_measure_next(value, shown):
    taken = [{"drug": "tacrolimus", "start": "2026-01-01", "outcome": "ongoing"}]
    patient = respond({}, ["tacrolimus"], context={"therapies": taken} | lab(value), today=TODAY)
    assert any(shown in level.result for level in patient.results.reviews.monitoring(0))


@pytest.mark.parametrize("drug", ["low-molecular-weight heparin", "heparin", "warfarin"])
def test_one_reaction_to_heparin_without_a_date_is_said_once(drug):
    context = {"conditions": {"HIT": True}, "co_medication": []}
    found = respond({}, [drug], context=context, today=TODAY).drug(drug)
    assert len([check for check in found.checks if check.known and "heparin" in check.subject]) == 1
    assert found.overall_action.value == "avoid"
