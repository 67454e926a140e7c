"""Which check of a drug is said first, and when the share of the dose that its genes give no longer holds."""

from __future__ import annotations

import pytest

from lupus_pgx import respond

TODAY = "2026-11-29"
HALF, USUAL = {"TPMT": "*1/*3A", "NUDT15": "*1/*1"}, {"TPMT": "*1/*1", "NUDT15": "*1/*1"}
AGAIN = {"drug": "tacrolimus", "outcome": "intolerance", "reaction": "anaphylaxis", "stop": "2025-01-01"}
HIGH = {"tacrolimus_trough": "8 ng/mL"}


def trough(value):
    """Return a level of tacrolimus that is too old to tell of now."""
    level = {"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {"2026-01-20": value}}
    return {"therapies": [{"drug": "tacrolimus", "outcome": "ongoing", "start": "2025-01-01"}], "labs": [level]}


LINES = {
    "a level goes before a drug beside it": (
        *("tacrolimus", {"co_medication": ["tacrolimus", "cyclosporine"], "values": HIGH}),
        ["adjust_dose: trough in whole blood above the target", "contraindicated: with cyclosporine"],
    ),
    "a reaction that was had goes before a level": (
        "tacrolimus",
        {"therapies": [AGAIN, {"drug": "tacrolimus", "outcome": "ongoing", "start": "2026-01-01"}], "values": HIGH},
        ["contraindicated: earlier reaction to it", "adjust_dose: trough in whole blood above the target"],
    ),
    "so does what forbids the drug, and nothing else": (
        *("warfarin", {"co_medication": ["warfarin"], "pregnancy": True, "age": 30, "values": {"inr": 4.5}}),
        ["contraindicated: pregnancy", "adjust_dose: INR above the target"],
    ),
    "without a level the strictest goes first": (
        *("simvastatin", {"co_medication": ["simvastatin", "cyclosporine", "diltiazem"]}),
        ["contraindicated: with cyclosporine", "adjust_dose: with diltiazem"],
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_the_first_word(name):
    drug, context, said = LINES[name]
    found = respond({}, [drug], context=context, today=TODAY).drug(drug).said
    assert [f"{check.status.value}: {check.subject}" for check in found] == said


@pytest.mark.parametrize(
    ("drug", "calls", "context", "stopped"),
    [
        ("azathioprine", HALF, {}, False),
        ("azathioprine", HALF, {"egfr": "20 mL/min/1.73m2", "age": 50}, False),
        ("azathioprine", USUAL, {"egfr": "20 mL/min/1.73m2", "age": 50}, False),
        ("azathioprine", HALF, {"co_medication": ["allopurinol"]}, True),
        ("azathioprine", HALF, {"co_medication": ["febuxostat"]}, True),
        ("tacrolimus", {"CYP3A5": "*1/*1"}, {}, False),
        ("tacrolimus", {"CYP3A5": "*1/*1"}, {"co_medication": ["voriconazole"]}, True),
        ("tacrolimus", {"CYP3A5": "*1/*1"}, {"co_medication": ["voriconazole", "omeprazole"], "age": 40}, True),
        ("tacrolimus", {"CYP3A5": "*1/*1"}, {"co_medication": ["fluconazole"]}, False),
        # A question that comes first need not divide the dose: that of a level that was too high does.
        ("tacrolimus", {"CYP3A5": "*1/*1"}, {"conditions": {"active_infection": True}}, False),
        ("tacrolimus", {"CYP3A5": "*1/*1"}, trough(20), True),
        ("tacrolimus", {"CYP3A5": "*1/*1"}, trough(3.5), False),
    ],
)
def test_whether_the_share_of_the_dose_holds(drug, calls, context, stopped):
    assert respond(calls, [drug], context=context, today=TODAY).drug(drug).dose_stopped is stopped


def test_what_is_told_and_does_not_settle_it_is_kept():
    context = {"egfr": "20 mL/min/1.73m2"}
    found = respond({}, ["tacrolimus"], context=context, today=TODAY).drug("tacrolimus")
    assert [check.subject for check in found.unsettled] == ["lupus nephritis of the own kidneys"]
    assert "kidney impairment" in [check.subject for check in found.said]
