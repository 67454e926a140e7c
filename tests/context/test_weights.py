"""A weight without a day beside a recent one, and one of which only a bound is known: neither clears a dose alone."""

from __future__ import annotations

import pytest

from lupus_pgx import respond

TODAY = "2026-11-30"
HCQ = {"planned": [{"drug": "hydroxychloroquine", "dose": "400 mg/day"}]}
OLD = {"sex": "female", "age": 80, "creatinine": "1.2 mg/dL"}
"""Clearance by Cockcroft-Gault: 24 mL/min at 40 kg, 59 at 100 kg; methotrexate is contraindicated below 30."""


def weighed(undated, dated=None):
    return {"weight": undated} | ({"labs": {"weight": {"2026-11-29": dated}}} if dated else {})


def checks(name, context, criterion):
    found = respond({}, [name], context=context, today=TODAY).drug(name)
    return [
        (item.status.value, item.at_stake and item.at_stake.value)
        for item in found.checks
        if item.criterion == criterion
    ]


@pytest.mark.parametrize(
    ("weights", "forbidden"),
    [
        (weighed("40 kg"), ("contraindicated", None)),
        (weighed("100 kg"), None),
        (weighed("100 kg", "40 kg"), ("check_first", "contraindicated")),
        (weighed("40 kg", "100 kg"), ("check_first", "contraindicated")),
        (weighed("45 kg", "40 kg"), ("contraindicated", None)),
        (weighed("90 kg", "100 kg"), None),
        (weighed("<100 kg"), ("check_first", "contraindicated")),
        (weighed(">40 kg"), ("check_first", "contraindicated")),
        (weighed(">90 kg"), None),
        (weighed(">200 kg"), None),
    ],
)
def test_a_clearance_is_settled_where_every_weight_agrees(weights, forbidden):
    found = checks("methotrexate", OLD | weights, "egfr")
    told = [item for item in found if "contraindicated" in item]
    assert told == ([forbidden] if forbidden else [])


@pytest.mark.parametrize(
    ("weights", "status"),
    [
        (weighed("75 kg"), "monitor"),
        (weighed("95 kg"), None),
        (weighed("70 kg", "45 kg"), "adjust_dose"),
        (weighed("45 kg", "70 kg"), "adjust_dose"),
        (weighed("75 kg", "95 kg"), "monitor"),
        (weighed("<80 kg"), "monitor"),
        (weighed("<60 kg"), "adjust_dose"),
        (weighed(">40 kg"), "check_first"),
        (weighed(">90 kg"), None),
    ],
)
def test_a_dose_by_weight_warns_by_the_lower_weight_and_is_open_by_a_bound(weights, status):
    found = [told for told, _ in checks("hydroxychloroquine", HCQ | weights, "dose_by_weight")]
    assert (status in found) if status else found == []
    assert "adjust_dose" not in found or status == "adjust_dose"


@pytest.mark.parametrize(
    ("weights", "status"),
    [
        (weighed("70 kg"), []),
        (weighed("70 kg", "50 kg"), [("adjust_dose", None)]),
        (weighed("<60 kg"), [("adjust_dose", None)]),
        (weighed(">50 kg"), [("check_first", None)]),
        (weighed(">60 kg"), []),
    ],
)
def test_the_highest_dose_by_a_bound_of_the_weight_is_asked_about(weights, status):
    """Of ciclosporin 5 mg/kg a day is the highest."""
    planned = {"planned": [{"drug": "ciclosporin", "dose": "300 mg/day"}], "age": 40}
    assert checks("cyclosporine", planned | weights, "dose_maximum") == status
