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
    assert row.summary.startswith("tacrolimus: lower the dose: trough in whole blood above the target")
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


def aged(level, day, *, genotype="*1/*1", **more):
    labs = [{"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {day: level}}]
    context = {"therapies": [{**RUNNING, "start": "2023-01-20"}], "labs": labs, **more}
    return respond({"CYP3A5": genotype}, ["tacrolimus"], context=context, today=TODAY).drug("tacrolimus")


def test_a_level_that_is_too_old_is_to_be_measured_anew():
    """120 days are its bound: after it neither the level nor the multiple of the genotype stands."""
    fresh, old = aged(24, "2026-07-31"), aged(24, "2026-07-30")
    assert (fresh.overall_action, old.overall_action) == ("reduce_dose", "test_first")
    (check,) = [item for item in old.checks if item.criterion == "old level"]
    assert (check.known, check.at_stake, check.status) == (False, "adjust_dose", "check_first")
    assert "trough in whole blood anew (last value 24 ng/mL on 2026-07-30" in str(old)
    assert "older than 120 days: too old to judge" in str(old)
    assert (fresh.dose_stopped, old.dose_stopped) == (True, True)


def test_an_old_level_that_was_low_is_asked_and_does_not_come_first():
    low = aged(2, "2023-02-01", genotype="*3/*3")
    (check,) = [item for item in low.checks if item.criterion == "old level"]
    assert (check.known, check.at_stake, check.asks_first) == (False, "monitor", False)
    assert low.overall_action != "test_first"
    assert not [item for item in aged(0.2, "2023-02-01").checks if item.criterion == "intake"]


@pytest.mark.parametrize(("today", "criteria"), [(5, []), (24, ["level"])])
def test_a_value_of_today_takes_the_place_of_one_that_is_too_old(today, criteria):
    found = aged(24, "2023-02-01", genotype="*3/*3", values={"tacrolimus_trough": f"{today} ng/mL"})
    assert [item.criterion for item in found.checks if item.criterion in ("level", "old level")] == criteria


def test_an_old_value_of_a_criterion_does_not_forbid():
    labs = [{"quantity": "INR", "unit": "INR", "values": {"2025-02-01": 7.2}}]
    context = {"sex": "male", "age": 44, "co_medication": ["warfarin"], "labs": labs}
    found = respond({}, ["warfarin"], context=context, today=TODAY).drug("warfarin")
    assert found.overall_action == "test_first"
    assert "7.2 INR on 2025-02-01, range 2-4 INR, older than 120 days: too old to judge" in str(found)


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
