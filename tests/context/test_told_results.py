"""Dated results, in the forms in which people write them down."""

from __future__ import annotations

from typing import Any

import pytest

from lupus_pgx import respond
from lupus_pgx.context.model import Context
from lupus_pgx.context.reading import load_context
from lupus_pgx.errors import InputError

TODAY = "2026-11-29"
_DATED = {"value": "28 mL/min/1.73m2", "date": "2026-11-01"}


def _read(told: dict[str, Any]) -> Context:
    context = load_context(told, today=TODAY)
    assert isinstance(context, Context)
    return context


@pytest.mark.parametrize(
    "told",
    [
        {"labs": [{"quantity": "egfr", "unit": "mL/min/1.73m2", "values": {"2026-11-01": 28}}]},
        {"labs": {"egfr": _DATED}},
        {"labs": {"egfr": [_DATED]}},
        {"labs": {"egfr": {"unit": "mL/min/1.73m2", "values": {"2026-11-01": 28}}}},
        {"labs": {"eGFR": {"2026-11-01": "28 mL/min/1.73m2"}}},
        {"labs": {"2026-11-01": {"egfr": "28 mL/min/1.73m2"}}},
        {"labs": {"01.11.2026": {"egfr": {"value": 28, "unit": "mL/min/1.73m2"}}}},
        {"labs": [{"date": "2026-11-01", "egfr": "28 mL/min/1.73m2", "crp": "5 mg/L"}]},
        {"labs": [{"name": "egfr", **_DATED}]},
        {"labs": [{"test": "eGFR", "result": 28, "unit": "mL/min/1.73m2", "on": "2026-11-01"}]},
        {"labs": [{"egfr": _DATED}]},
        {"egfr": _DATED},
        {"egfr": {"value": 28, "unit": "mL/min/1.73m2", "date": "1 Nov 2026"}},
        {"values": {"egfr": _DATED}},
        {"labs": [{"Name": "egfr", "Value": 28, "Unit": "mL/min/1.73m2", "Datum": "2026-11-01"}]},
        {"labs": {"egfr": {"2026-11-01": {"value": 28, "unit": "mL/min/1.73m2"}}}},
        {"labs": {"egfr": {"unit": "mL/min/1.73m2", "2026-11-01": 28}}},
        {"labs": {"date": "2026-11-01", "egfr": "28 mL/min/1.73m2", "crp": "5 mg/L"}},
        {"labs": {"2026-11-01": [{"name": "egfr", "value": "28 mL/min/1.73m2"}]}},
        {"labs": {"2026-11-01 08:00": {"egfr": "28 mL/min/1.73m2"}, "01.11.2026": {"egfr": "28 mL/min/1.73m2"}}},
        {"egfr": {"2026-11-01": "28 mL/min/1.73m2"}},
    ],
)
def test_each_way_of_writing_a_dated_result_says_the_same(told: dict[str, Any]) -> None:
    (series,) = [one for one in _read(told).labs if one.quantity == "egfr"]
    assert [(str(one.date), one.value) for one in series.values] == [("2026-11-01", 28)]
    naproxen = respond({}, ["naproxen"], context=told, today=TODAY).drug("naproxen")
    assert naproxen.overall_action == "avoid"
    assert "28 mL/min/1.73m2 on 2026-11-01" in naproxen.summary


def test_an_old_one_is_of_no_use_for_today() -> None:
    told = {"egfr": {"value": "28 mL/min/1.73m2", "date": "2019-11-01"}}
    naproxen = respond({}, ["naproxen"], context=told, today=TODAY).drug("naproxen")
    assert "contraindicated" not in naproxen.summary
    assert "too old to judge" in naproxen.summary


def test_a_value_of_today_keeps_its_place_with_the_unit_beside_it() -> None:
    context = _read({"egfr": {"value": 28, "unit": "mL/min/1.73m2"}})
    assert context.egfr is not None
    assert context.egfr.value == 28
    assert not context.labs


def test_results_of_several_days_are_one_series() -> None:
    told = {"labs": {"creatinine": {"2026-10-01": "1.1 mg/dL", "2026-11-01": "1.6 mg/dL"}}}
    (series,) = _read(told).labs
    assert [str(one.date) for one in series.values] == ["2026-10-01", "2026-11-01"]


def test_a_result_that_is_a_condition_states_it() -> None:
    told = {"labs": {"HBsAg": {"value": "positive", "date": "2026-11-01"}}}
    assert _read(told).conditions["hepatitis_b"]


@pytest.mark.parametrize(
    "told", [{"egfr": "28 mL/min"}, [{"egfr": "28 mL/min"}], [{"quantity": "egfr", "value": "28 mL/min"}]]
)
def test_a_result_without_a_day_is_not_of_today(told: Any) -> None:
    with pytest.raises(InputError, match=r"egfr has no day: write egfr: \{value: 28 mL/min, date: YYYY-MM-DD\}"):
        load_context({"labs": told}, today=TODAY)


_DAY = "2026-11-01"


@pytest.mark.parametrize(
    "told",
    [
        [{"name": "crp", "value": f"{n} mg/L", "date": _DAY} for n in (5, 50)],
        {"crp": {_DAY: "5 mg/L", "01.11.2026": "50 mg/L"}},
        {"crp": {f"{_DAY} 08:00": "5 mg/L", f"{_DAY} 18:00": "50 mg/L"}},
        [{"name": "crp", "value": "5 mg/L", "date": _DAY}, {"name": "CRP", "value": "50 mg/L", "date": "1 Nov 2026"}],
        [{"quantity": "crp", "unit": "mg/L", "values": {_DAY: 5, "01.11.2026": 50}}],
    ],
)
def test_two_results_of_one_day_are_refused(told: Any) -> None:
    with pytest.raises(InputError, match=f"(?i)crp of {_DAY} is given twice"):
        _read({"labs": told})


@pytest.mark.parametrize(
    "told",
    [
        {"INR": {"Nov 2026": 7.2, "2026-11-20": 2.5}},
        [{"quantity": "inr", "values": {"2026": 7.2, "2026-11-20": 2.5}}],
        {"INR": {"2026": 7.2, "11/2026": 2.5}},
    ],
)
def test_a_month_beside_a_day_in_it_does_not_say_which_came_later(told: Any) -> None:
    with pytest.raises(InputError, match="which came later is not told"):
        _read({"labs": told})


def test_a_month_beside_a_day_of_another_is_read() -> None:
    (series,) = _read({"labs": {"INR": {"Oct 2026": 7.2, "2026-11-20": 2.5}}}).labs
    assert [one.value for one in series.values] == [7.2, 2.5]


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({"creatinine": {"name": "cystatin C", "value": "1.9 mg/L", "date": _DAY}}, "name: 'cystatin C' stands beside"),
        ({"alt": {"value": "210 U/L", "date": _DAY, "day": "2025-01-01"}}, "day: '2025-01-01' stands beside"),
        ({"alt": {"value": "210 U/L", "date": _DAY, "patient": "mother"}}, "patient: is no field of a result"),
        ({"egfr": {"value": "38 mL/min/1.73m2", "date": None}}, "date: is empty"),
        ({"creatinine": {"value": "1.9 mg/dL", "unit": "umol/L", "date": _DAY}}, "has two units, mg/dL and umol/L"),
        ({"tacrolimus": {"value": "18 ng/mL", "date": _DAY, "drug": "ciclosporin"}}, "is no level of it"),
        (
            {"potassium": {"value": 6.8, "date": _DAY}, "creatinine": {"value": 2, "date": _DAY}},
            "creatinine has no unit: write",
        ),
        ({_DAY: "28 mL/min"}, "is a day: write what was measured"),
    ],
)
def test_what_can_mean_two_things_is_refused(told: dict[str, Any], rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        _read({"labs": told})


def test_a_level_may_name_its_drug() -> None:
    told = {"drug": "tacrolimus", "value": "18 ng/mL", "date": _DAY}
    named = {"quantity": "tacrolimus", "value": "18 ng/mL", "date": _DAY, "drug": "tacrolimus"}
    assert _read({"labs": [told]}).labs == _read({"labs": [named]}).labs == _read({"labs": {"tacrolimus": named}}).labs
    antibodies = {"quantity": "anti_drug_antibodies", "value": "present", "date": _DAY, "drug": "rituximab"}
    (series,) = _read({"labs": [antibodies]}).labs
    assert series.drug is not None
    assert series.drug.name == "rituximab"


def test_a_dated_pressure_and_an_undetectable_level_are_read() -> None:
    (pressure,) = _read({"blood_pressure": {"value": "190/100 mmHg", "date": _DAY}}).labs
    assert pressure.values[0].value == 190
    (level,) = _read({"labs": {"HCQ": {"value": "undetectable", "date": _DAY}}}).labs
    assert (level.quantity, level.values[0].value, level.values[0].entered) == ("hcq_blood", 0, "undetectable")


def test_a_day_that_is_none_is_one_fault() -> None:
    with pytest.raises(InputError) as caught:
        _read({"labs": {"potassium": {"value": "5 mmol/L", "date": "01.11.26"}}})
    assert "1 fault" in str(caught.value)
    assert "None" not in str(caught.value)


@pytest.mark.parametrize(
    "told",
    [{"labs": 5}, {"labs": {"egfr": {}}}, {"labs": [{}]}, {"labs": {"": {"value": 3}}}, {"egfr": {"date": "2026"}}],
)
def test_what_is_no_result_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        load_context(told, today=TODAY)
