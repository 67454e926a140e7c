"""More of a drug is not asked for where another value of it, or what is urgent, speaks against it."""

from __future__ import annotations

import pytest

from lupus_pgx import respond

CALLS = {"TPMT": "*1/*1", "NUDT15": "*1/*1"}
UNIT = "pmol/8x10^8 RBC"
GIVE_MORE = "give more azathioprine: the level is below its target"
IN_FULL = "the trial of mycophenolate mofetil was not adequate: count it as no failure, and give it in full beside"
COMPLETE = "complete the trial of mycophenolate mofetil first: the full dose for the full time"


def review(context, today="2025-06-20"):
    return respond(CALLS, context=context, today=today).resistance


def metabolites(**values):
    context = {
        "age": 40,
        "weight": "60 kg",
        "active_infection": "none",
        "co_medication": [],
        "manifestations": {"musculoskeletal": {"severity": "moderate"}},
        "therapies": [
            {"drug": "azathioprine", "dose": "150 mg/day", "start": "2024-10-01", "stop": "ongoing",
             "outcome": "inadequate_response"},
        ],
        "labs": [{"quantity": name, "unit": UNIT, "values": series} for name, series in values.items()],
    }  # fmt: skip
    found = review(context)
    return found.headline, [item.option for item in found.options]


@pytest.mark.parametrize(
    ("methylated", "shunted"),
    [
        ({"2025-06-01": 5800}, True),
        ({"2025-06-01": 5600}, False),
        ({"2023-06-01": 9000}, False),  # of before the course: says nothing of it
        ({"2025-03-01": 9000, "2025-06-01": 4000}, False),  # the newest counts
        (None, False),
    ],
)
def test_no_more_azathioprine_where_it_is_shunted(methylated, shunted):
    values = {"6tgn": {"2025-06-01": 120}} | ({"6mmp": methylated} if methylated else {})
    headline, options = metabolites(**values)
    assert "Exposure to azathioprine was too low (6-TGN 120" in headline
    assert ("is above its bound (at most 5700" in headline) is shunted
    assert ("not more azathioprine" in headline) is shunted
    assert (GIVE_MORE in options) is (not shunted)


def test_a_level_in_range_asks_for_no_more_whatever_the_other_is():
    for methylated in (5600, 5800):
        headline, options = metabolites(**{"6tgn": {"2025-06-01": 300}, "6mmp": {"2025-06-01": methylated}})
        assert "too low" not in headline
        assert GIVE_MORE not in options


def short(severity=None, **fields):
    context = {
        "age": 40,
        "weight": "60 kg",
        "active_infection": "none",
        "manifestations": {"lupus nephritis": {"class": ["IV"]} | ({"severity": severity} if severity else {})},
        "therapies": [
            {"drug": "mycophenolate mofetil", "dose": "1 g/day", "start": "2025-05-01", "stop": "ongoing",
             "outcome": "inadequate_response"},
        ],
    }  # fmt: skip
    return [item.option for item in review(context | fields).options]


@pytest.mark.parametrize(
    ("severity", "completed", "beside"),
    [("moderate", True, False), ("severe", False, True), (None, True, False)],
)
def test_where_an_organ_is_at_stake_a_trial_is_not_waited_out(severity, completed, beside):
    found = short(severity)
    assert (COMPLETE in found) is completed
    assert any(item.startswith(IN_FULL) for item in found) is beside


@pytest.mark.parametrize("severity", ["moderate", "severe"])
@pytest.mark.parametrize(
    ("fields", "urgent"),
    [
        ({"conditions": {"tuberculosis": True}}, True),
        ({"conditions": {"tuberculosis": False}}, False),
        ({"labs": [{"quantity": "platelet_count", "unit": "x10^9/L", "values": {"2025-06-10": 12}}]}, True),
        ({"labs": [{"quantity": "platelet_count", "unit": "x10^9/L", "values": {"2025-06-10": 120}}]}, False),
        ({}, False),
    ],
)
def test_what_is_urgent_comes_before_a_trial_in_full(severity, fields, urgent):
    shown = [item for item in short(severity, **fields) if item == COMPLETE or item.startswith(IN_FULL)]
    assert bool(shown) is (not urgent)
