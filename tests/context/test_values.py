"""Which value of a quantity counts: the newest, unless it is too old or contradicted by another of its day."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lupus_pgx import load_context, respond

TODAY = "2026-06-01"
RATE = "mL/min/1.73m2"
WOMAN = {"sex": "female", "age": 40}


def series(quantity, unit, **values):
    return {
        "quantity": quantity,
        "unit": unit,
        "values": {day.strip("d").replace("_", "-"): v for day, v in values.items()},
    }


def check(drug, topic, today=TODAY, **fields):
    """Return status, whether it is known, and what was found, of the checks of a drug on one criterion."""
    patient = respond({}, [drug], context={**WOMAN, **fields}, today=today)
    return [
        (item.status.value, item.known, item.found) for item in patient.drug(drug).checks if item.criterion == topic
    ]


SEVERE = ("leflunomide", "egfr")


@pytest.mark.parametrize(
    ("labs", "status"),
    [
        # An old rate does not hide new creatinine (3.0 mg/dL: about 19 mL/min/1.73m2).
        ([series("egfr", RATE, d2015_01_01=95), series("creatinine", "mg/dL", d2026_05_01=3.0)], "contraindicated"),
        ([series("creatinine", "mg/dL", d2026_05_01=3.0), series("egfr", RATE, d2015_01_01=95)], "contraindicated"),
        # Nor the other way round.
        ([series("creatinine", "mg/dL", d2026_04_01=3.0), series("egfr", RATE, d2026_05_20=95)], None),
        # A measured rate is a rate.
        ([series("gfr", RATE, d2026_05_01=22)], "contraindicated"),
        ([series("gfr", RATE, d2026_05_20=80), series("egfr", RATE, d2026_05_01=22)], None),
        ([series("egfr", RATE, d2026_05_20=80), series("gfr", RATE, d2026_05_01=22)], None),
    ],
)
def test_the_newest_of_measured_reported_and_estimated_counts(labs, status):
    found = check(*SEVERE, labs=labs)
    assert [item[0] for item in found] == ([] if status is None else [status])
    assert all(known for _, known, _ in found)


@pytest.mark.parametrize("rate", [22, 95])
def test_what_has_no_date_never_clears_what_has_one_nor_is_it_silent(rate):
    labs = [series("egfr", RATE, d2026_05_20=rate)]
    found = check(*SEVERE, egfr=f"{117 - rate} {RATE}", labs=labs)
    assert [item[1] for item in found] == [rate == 22]
    assert "95 mL/min/1.73m2" in found[0][2]
    assert "22 mL/min/1.73m2" in found[0][2]
    found = check(*SEVERE, egfr=f"{rate} {RATE}")
    assert [item[0] for item in found] == (["contraindicated"] if rate == 22 else [])


def test_what_has_no_date_is_newer_than_what_is_too_old():
    old = [series("egfr", RATE, d2015_01_01=95)]
    assert check(*SEVERE, egfr=f"20 {RATE}", labs=old)[0][:2] == ("contraindicated", True)
    assert not check(*SEVERE, egfr=f"80 {RATE}", labs=old)


@pytest.mark.parametrize(
    "fields",
    [
        {"egfr": f"95 {RATE}", "creatinine": "3.0 mg/dL"},
        {"labs": [series("egfr", RATE, d2026_05_20=95), series("creatinine", "mg/dL", d2026_05_20=3.0)]},
        {"labs": [series("gfr", RATE, d2026_05_20=22), series("egfr", RATE, d2026_05_20=95)]},
    ],
)
def test_two_values_of_one_day_that_disagree_across_a_bound_leave_the_check_open(fields):
    ((status, known, found),) = check(*SEVERE, **fields)
    assert (status, known) == ("check_first", False)
    assert "disagree" in found
    assert "95" in found
    # On one side of the bound both say the same.
    agreeing = {"egfr": f"20 {RATE}", "creatinine": "3.0 mg/dL"}
    assert check(*SEVERE, **agreeing)[0][:2] == ("contraindicated", True)


@pytest.mark.parametrize(
    ("drug", "topic", "quantity", "unit", "good", "bad"),
    [
        ("baricitinib", "haemoglobin", "haemoglobin", "g/dL", 13.0, 7.0),
        ("tofacitinib", "neutrophil_count", "neutrophil_count", "x10^9/L", 4.0, 0.5),
        ("leflunomide", "egfr", "egfr", RATE, 95, 15),
    ],
)
def test_a_value_that_is_too_old_clears_nothing_and_says_so(drug, topic, quantity, unit, good, bad):
    for value in (good, bad):
        ((status, known, found),) = check(drug, topic, labs=[series(quantity, unit, d2001_03_01=value)])
        assert (status, known) == ("check_first", False)
        assert "2001-03-01, older than 120 days" in found
    assert not check(drug, topic, labs=[series(quantity, unit, d2026_05_20=good)])
    ((status, known, found),) = check(drug, topic, labs=[series(quantity, unit, d2026_05_20=bad)])
    assert known
    assert status in ("avoid", "contraindicated")
    assert "2026-05-20" in found


@pytest.mark.parametrize(("day", "cleared"), [("2026-02-01", True), ("2026-01-31", False)])
def test_the_last_day_on_which_a_value_counts(day, cleared):
    found = check(*SEVERE, labs=[{"quantity": "egfr", "unit": RATE, "values": {day: 95}}])
    assert (not found) is cleared


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["egfr", "gfr"]), st.dates(dt.date(1990, 1, 1)), st.sampled_from([22, 95])),
        max_size=5,
        unique_by=lambda x: x[:2],
    ).map(lambda items: [item for item in items if item[1].isoformat() < TODAY])
)
def test_an_answer_never_rests_on_another_day_than_the_newest(items):
    labs = [{"quantity": name, "unit": RATE, "values": {day.isoformat(): rate}} for name, day, rate in items]
    found = check(*SEVERE, labs=labs)
    newest = max((day for _, day, _ in items), default=None)
    last = {rate for _, day, rate in items if day == newest}
    fresh = newest is not None and newest.isoformat() >= "2026-02-01"
    expected = "contraindicated" if fresh and last == {22} else None if fresh and last == {95} else "check_first"
    assert [item[0] for item in found] == ([] if expected is None else [expected])


def test_values_of_today_belong_to_courses_of_today():
    past = {"drug": "rituximab", "start": "2018-01-01", "stop": "2018-06-01", "outcome": "inadequate_response"}
    now = {"drug": "rituximab", "start": "2026-01-01", "outcome": "ongoing"}
    context = {**WOMAN, "igg": "4 g/L", "therapies": [past, now]}
    review = respond({}, ["rituximab"], context=context, today=TODAY).resistance
    (tried,) = review.therapies
    assert {level.value for level in tried.levels if level.quantity == "igg"} == {None}
    assert {level.value for level in review.monitoring if level.quantity == "igg"} == {4}


def test_a_dated_value_outside_a_course_is_not_its_own():
    now = {"drug": "rituximab", "start": "2026-04-01", "outcome": "ongoing"}
    for day, value in (("2015-01-01", None), ("2026-03-01", None), ("2026-05-01", 4)):
        igg = {"quantity": "igg", "unit": "g/L", "values": {day: 4}}
        review = respond(
            {}, ["rituximab"], context={**WOMAN, "labs": [igg], "therapies": [now]}, today=TODAY
        ).resistance
        assert {level.value for level in review.monitoring if level.quantity == "igg"} == {value}


def test_a_dose_is_that_of_its_own_course():
    past = {"drug": "hydroxychloroquine", "dose": "400 mg/day", "start": "2015-01-01", "stop": "2016-01-01"}
    now = {"drug": "hydroxychloroquine", "dose": "100 mg/day", "start": "2026-01-01", "outcome": "ongoing"}
    context = {"weight": "80 kg", "therapies": [past | {"outcome": "inadequate_response"}, now]}
    review = respond({}, ["hydroxychloroquine"], context={**WOMAN, **context}, today=TODAY).resistance
    doses = [[level.value for level in item.levels if level.quantity == "hcq_dose"] for item in review.therapies]
    assert doses[0] == [5.0]
    assert all(found in ([1.25], [5.0]) for found in doses)


def test_the_values_stand_in_the_order_of_their_days():
    labs = [series("egfr", RATE, d2020_01_01=60, d2026_03_01=45), series("gfr", RATE, d2025_01_01=50)]
    context = load_context({**WOMAN, "egfr": f"99 {RATE}", "labs": labs}, today=TODAY)
    assert context.kidney_function.value == 45
    assert load_context({**WOMAN, "egfr": f"99 {RATE}"}).kidney_function.value == 99
