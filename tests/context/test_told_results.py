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


def test_two_results_of_one_day_are_refused() -> None:
    told = {"labs": [{"name": "crp", "value": f"{n} mg/L", "date": "2026-11-01"} for n in (5, 50)]}
    with pytest.raises(InputError, match="crp of 2026-11-01 is given twice"):
        load_context(told, today=TODAY)


@pytest.mark.parametrize(
    "told",
    [{"labs": 5}, {"labs": {"egfr": {}}}, {"labs": [{}]}, {"labs": {"": {"value": 3}}}, {"egfr": {"date": "2026"}}],
)
def test_what_is_no_result_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        load_context(told, today=TODAY)
