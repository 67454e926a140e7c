"""A measured level above its range is the first word about a drug and stops every multiple of its dose."""

from __future__ import annotations

import pytest

from lupus_pgx import respond

TODAY = "2026-11-28"
RUNNING = {"drug": "tacrolimus", "start": "2026-01-20", "outcome": "ongoing"}


def tacrolimus(value, course=RUNNING, **more):
    labs = [{"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {"2026-11-20": value}}]
    context = {"therapies": [course], "labs": labs, **more}
    return respond({"CYP3A5": "*1/*1"}, ["tacrolimus"], context=context, today=TODAY)


@pytest.mark.parametrize("value", [7, 24, 45])
def test_a_level_above_its_range_comes_first(value):
    patient = tacrolimus(value)
    row = patient.drug_responses.to_frame().iloc[0]
    assert (row.action, row.overall_action) == ("increase_dose", "reduce_dose")
    assert row.summary.startswith("tacrolimus: adjust dose: trough in whole blood above the target")
    assert "times the usual" not in row.summary
    assert row.dose_factor_low != row.dose_factor_low  # empty


@pytest.mark.parametrize("value", [2, 5, 6])
def test_a_level_within_or_below_changes_nothing(value):
    patient = tacrolimus(value)
    assert patient.drug("tacrolimus").overall_action == "increase_dose"


def test_of_several_ranges_the_widest_counts():
    """5.5 ng/mL is above the bound of once-daily dosing and within that of triple therapy."""
    assert tacrolimus(5.5).drug("tacrolimus").overall_action == "increase_dose"


def test_a_level_of_a_course_that_ended_tells_nothing_of_now():
    ended = {**RUNNING, "start": "2024-01-20", "stop": "2026-11-25", "outcome": "inadequate_response"}
    assert tacrolimus(24, ended).drug("tacrolimus").overall_action == "increase_dose"


def test_a_daily_dose_is_no_level():
    course = {"drug": "prednisone", "start": "2026-01-20", "dose": "40 mg/day", "outcome": "ongoing"}
    patient = respond({}, ["prednisone"], context={"therapies": [course]}, today=TODAY)
    assert not [check for check in patient.drug("prednisone").checks if check.criterion == "level"]


def of(level, **context):
    labs = [{"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {"2026-11-20": level}}]
    patient = respond({}, ["tacrolimus"], context={"labs": labs} | context, today=TODAY)
    return [check.criterion for check in patient.drug("tacrolimus").checks if check.criterion in ("level", "intake")]


ENDED = {"drug": "tacrolimus", "start": "2024-01-20", "stop": "2024-11-25", "outcome": "inadequate_response"}
JUST = {**ENDED, "start": "2026-01-20", "stop": "2026-11-25"}
OTHER = {"drug": "MMF", "start": "2024-01-20", "stop": "2024-11-25", "outcome": "inadequate_response"}


@pytest.mark.parametrize(("level", "said"), [(0.3, "intake"), (24, "level")])
def test_a_level_is_of_the_course_that_runs(level, said):
    assert of(level, therapies=[RUNNING]) == [said]
    assert of(level, therapies=[JUST]) == []
    assert of(level, therapies=[ENDED, RUNNING]) == [said]  # begun again
    assert of(level, therapies=[OTHER], co_medication=["tacrolimus"]) == [said]  # another one has ended
    assert of(level, therapies=[{"drug": "MMF", "start": "2024-01-20", "outcome": "ongoing"}, JUST]) == []
