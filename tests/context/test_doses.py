"""Doses as labels have them are never called too high; those far above are, in every form that they are written in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lupus_pgx import load_context, load_knowledge, respond
from lupus_pgx.knowledge.check.safety import check_dosing
from lupus_pgx.terms import Action, CheckStatus

TODAY = "2026-11-28"
ABOVE, ASK = CheckStatus.ADJUST_DOSE, CheckStatus.CHECK_FIRST


def maximum(drug: str, course: dict, **more):
    context = {"age": 40, "weight": "60 kg", **more, "planned": [{"drug": drug, **course}]}
    checks = respond({}, [drug], context=context, today=TODAY).drug(drug).checks
    return [check for check in checks if check.criterion == "dose_maximum"]


LABELLED = (
    ("abatacept", {"dose": "750 mg every 4 weeks"}),
    ("abatacept", {"dose": "125 mg weekly"}),
    ("anifrolumab", {"dose": "300 mg every 4 weeks"}),
    ("anifrolumab", {"dose": "300 mg", "schedule": "q4w"}),
    ("anifrolumab", {"dose": "300 mg monthly"}),
    ("anifrolumab", {"dose": "120 mg s.c. weekly"}),
    ("apixaban", {"dose": "5 mg BID"}),
    ("apixaban", {"dose": "10 mg BID for 7 days"}),
    ("apixaban", {"dose": "10 mg BID for the first week"}),
    ("apixaban", {"dose": "10 mg", "schedule": "twice daily, for 7 days"}),
    ("belimumab", {"dose": "10 mg/kg every 4 weeks"}),
    ("belimumab", {"dose": "10 mg/kg", "schedule": "days 0, 14, 28, then every 4 weeks"}),
    ("belimumab", {"dose": "600 mg every 2 weeks"}),
    ("belimumab", {"dose": "200 mg weekly"}),
    ("belimumab", {"dose": "400 mg weekly for 4 weeks"}),
    ("clopidogrel", {"dose": "300 mg", "schedule": "loading dose"}),
    ("cyclophosphamide", {"dose": "500 mg every 2 weeks"}),
    ("cyclophosphamide", {"dose": "1 g/month"}),
    ("cyclophosphamide", {"dose": "750 mg/m2", "schedule": "monthly"}),
    ("cyclophosphamide", {"dose": "100 mg/day"}),
    ("dabigatran", {"dose": "150 mg BID"}),
    ("dapsone", {"dose": "100 mg/day"}),
    ("isoniazid", {"dose": "900 mg", "schedule": "twice a week"}),
    ("leflunomide", {"dose": "100 mg/day for 3 days"}),
    ("leflunomide", {"dose": "20 mg daily"}),
    ("methylprednisolone", {"dose": "1000 mg/day for 3 days"}),
    ("mycophenolic acid", {"dose": "1080 mg BID"}),
    ("obinutuzumab", {"dose": "1000 mg", "schedule": "weeks 0, 2, 24, 26"}),
    ("prednisone", {"dose": "60 mg/day"}),
    ("rituximab", {"dose": "1 g every 2 weeks"}),
    ("rituximab", {"dose": "375 mg/m2 weekly"}),
    ("rivaroxaban", {"dose": "15 mg BID for 21 days"}),
    ("simvastatin", {"dose": "40 mg at night"}),
    ("tacrolimus", {"dose": "3 mg BID"}),
    ("tocilizumab", {"dose": "480 mg every 4 weeks"}),
    ("tocilizumab", {"dose": "162 mg weekly"}),
    ("voriconazole", {"dose": "200 mg BID"}),
)


@pytest.mark.parametrize(("drug", "course"), LABELLED)
def test_a_dose_of_the_label_is_not_too_high(drug, course):
    assert maximum(drug, course) == []


@pytest.mark.parametrize(
    ("drug", "course", "status"),
    [
        ("abatacept", {"dose": "125 mg/day"}, ABOVE),
        ("anifrolumab", {"dose": "1000 mg every 4 weeks"}, ABOVE),
        ("anifrolumab", {"dose": "300 mg", "schedule": "weekly"}, ABOVE),
        ("anifrolumab", {"dose": "300 mg", "schedule": "weekly, once a week"}, ABOVE),
        ("apixaban", {"dose": "20 mg BID"}, ABOVE),
        ("apixaban", {"dose": "10 mg BID"}, ASK),
        ("apixaban", {"dose": "10 mg BID for 8 days"}, ABOVE),
        ("apixaban", {"dose": "10 mg BID for 2 weeks"}, ABOVE),
        ("apixaban", {"dose": "20 mg BID for 7 days"}, ABOVE),
        ("belimumab", {"dose": "20 mg/kg every 4 weeks"}, ABOVE),
        ("belimumab", {"dose": "1200 mg every 4 weeks"}, ABOVE),
        ("belimumab", {"dose": "200 mg daily"}, ABOVE),
        ("cyclophosphamide", {"dose": "200 mg/day"}, ASK),
        ("cyclophosphamide", {"dose": "360 mg/day"}, ABOVE),  # 6 mg/kg
        ("cyclophosphamide", {"dose": "2000 mg/m2", "schedule": "monthly"}, ABOVE),
        ("dabigatran", {"dose": "300 mg", "schedule": "BID, with food"}, ABOVE),
        ("dapsone", {"dose": "600 mg/day"}, ABOVE),
        ("enalapril", {"dose": "40 mg BID"}, ABOVE),
        ("leflunomide", {"dose": "100 mg/day"}, ASK),
        ("leflunomide", {"dose": "100 mg/day for 10 days"}, ABOVE),
        ("mercaptopurine", {"dose": "300 mg/day"}, ABOVE),
        ("mycophenolate mofetil", {"dose": "2 g", "schedule": "twice daily"}, ABOVE),
        ("rivaroxaban", {"dose": "20 mg BID"}, ABOVE),
        ("simvastatin", {"dose": "80 mg/day"}, ASK),
        ("simvastatin", {"dose": "160 mg/day"}, CheckStatus.AVOID),
        ("tacrolimus", {"dose": "20 mg BID"}, ABOVE),
        ("tocilizumab", {"dose": "1600 mg every 4 weeks"}, ABOVE),
    ],
)
def test_a_dose_above_the_label_is_said(drug, course, status):
    (check,) = maximum(drug, course)
    assert check.status is status
    assert check.found


IN_PARTS = (
    ("cyclophosphamide", "3 g/month", "in 2 doses"),
    ("cyclophosphamide", "3 g/month", "1.5 g every 2 weeks"),
    ("cyclophosphamide", "3 g/month", "alle 14 Tage"),
    ("obinutuzumab", "2 g/month", "2 x 1000 mg"),
    ("obinutuzumab", "2 g/month", "two infusions"),
    ("obinutuzumab", "2 g/month", "day 1 and day 15"),
    ("obinutuzumab", "2 g/month", "days 1, 15"),
    ("tocilizumab", "1200 mg/month", "q2w"),
    ("tocilizumab", "1200 mg/month", "weekly"),
    ("tocilizumab", "1200 mg/month", "divided"),
)
"""What is told of a month and is given in parts, none of which is above the highest single dose."""


@pytest.mark.parametrize(("drug", "dose", "schedule"), IN_PARTS)
def test_a_dose_of_a_month_in_parts_counts_by_each_of_them(drug, dose, schedule):
    assert maximum(drug, {"dose": dose, "schedule": schedule}) == []
    for told in (
        {"dose": dose},
        {"dose": dose, "schedule": "once a month"},
        {"dose": dose, "schedule": "every 4 weeks"},
    ):
        (check,) = maximum(drug, told)
        assert check.status is ABOVE
    number, unit = dose.split(" ")
    (check,) = maximum(drug, {"dose": f"{float(number) * 4:g} {unit}", "schedule": schedule.replace("1.5", "6")})
    assert check.status is ABOVE


def test_a_dose_of_a_week_is_divided_where_that_is_told():
    assert maximum("rituximab", {"dose": "1500 mg/week", "schedule": "weekly, divided"}) == []
    assert len(maximum("rituximab", {"dose": "1500 mg/week", "schedule": "weekly"})) == 1


def test_a_duration_is_no_part():
    (check,) = maximum("cyclophosphamide", {"dose": "6 g/month", "schedule": "for 2 weeks"})
    assert check.status is ABOVE


def test_a_higher_dose_is_named_with_whom_it_is_for():
    (check,) = maximum("apixaban", {"dose": "10 mg BID"})
    assert "of 10 mg/day; up to 20 mg/day only for the first 7 days" in check.subject
    assert check.cap == 10
    assert maximum("apixaban", {"dose": "5 mg", "schedule": "as needed"}) == []


@pytest.mark.parametrize(("since", "status"), [("2026-11-21", None), ("2026-11-20", ABOVE)])
def test_a_starting_dose_that_is_taken_too_long_is_too_high(since, status):
    course = {"drug": "apixaban", "dose": "10 mg BID", "start": since, "outcome": "ongoing"}
    answer = respond({}, ["apixaban"], context={"age": 40, "therapies": [course]}, today=TODAY).drug("apixaban")
    found = [check for check in answer.checks if check.criterion == "dose_maximum"]
    assert [check.status for check in found] == ([status] if status else [])
    assert (answer.overall_action is Action.REDUCE_DOSE) is (status is not None)


@pytest.mark.parametrize(("age", "above"), [(17, False), (18, True), (None, True)])
def test_a_dose_of_adults_is_not_held_against_children(age, above):
    assert bool(maximum("dabigatran", {"dose": "440 mg/day"}, age=age)) is above


@pytest.mark.parametrize(
    ("dose", "schedule"),
    [
        ("500 mg every 2 weeks", "every 2 weeks"),
        ("500 mg i.v. every 2 weeks", "every 2 weeks"),
        ("500 mg q2w", "q2w"),
        ("500 mg alle 2 Wochen", "alle 2 Wochen"),
        ("500 mg toutes les 2 semaines", "toutes les 2 semaines"),
        ("500 mg every 3 months", "every 3 months"),
        ("500 mg for the first week", "for the first week"),
    ],
)
def test_what_is_given_every_so_many_weeks_is_one_dose_and_its_interval(dose, schedule):
    (course,) = load_context({"planned": [{"drug": "CYC", "dose": dose}]}, today=TODAY).planned
    assert (course.dose.value, course.dose.unit, course.schedule) == (500, "mg", schedule)


@pytest.mark.parametrize(
    ("dose", "amount", "schedule"),
    [("375 mg/m2 weekly", (375, "mg/m2"), "weekly"), ("16 mg/kg once weekly", (16, "mg/kg"), "once weekly")],
)
def test_how_often_that_no_unit_holds_is_the_schedule(dose, amount, schedule):
    (course,) = load_context({"planned": [{"drug": "rituximab", "dose": dose}]}, today=TODAY).planned
    assert (course.dose.value, course.dose.unit) == amount
    assert course.schedule == schedule
    told = {"drug": "rituximab", "dose": dose, "schedule": "four times"}
    (course,) = load_context({"planned": [told]}, today=TODAY).planned
    assert course.schedule == f"{schedule}, four times"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit": "mg/fortnight"}, "no unit of a dose"),
        ({"higher_for": None}, "needs what it is for"),
        ({"higher": None}, "needs what it is for"),
        ({"higher": None, "higher_for": None}, "needs what it is for"),
        ({"higher": 10.0}, "more than the highest"),
    ],
)
def test_a_row_that_cannot_be_right_is_a_fault(change, said):
    tables = load_knowledge().tables
    rows = tuple({**row, **change} if row["drug"] == "apixaban" else row for row in tables["dosing"].rows)
    faults = [str(item) for item in check_dosing({**tables, "dosing": replace(tables["dosing"], rows=rows)})]
    assert len(faults) == 1
    assert said in faults[0]
    assert not list(check_dosing(tables))


@pytest.mark.parametrize(
    ("dose", "weight", "met"),
    [
        ("0.34 mg/kg/day", "60 kg", True),  # 20.4 mg a day
        ("0.33 mg/kg/day", "60 kg", False),
        ("1 mg/kg/day", None, None),
        ("20 mg/day", None, True),
    ],
)
def test_a_dose_by_body_weight_is_held_against_a_bound_of_the_day(dose, weight, met):
    """Nephritis is treated by mg/kg, and live vaccines are forbidden by mg: from 20 mg of prednisone on."""
    told = {"therapies": [{"drug": "prednisone", "dose": dose, "outcome": "ongoing"}], "conditions": ["live_vaccine"]}
    context = told | ({"weight": weight} if weight else {})
    found = respond({}, ["prednisone"], context=context, today="2026-11-30").drug("prednisone")
    checks = [item for item in found.checks if item.criterion == "immunosuppressive_dose"]
    contraindicated = [item.status.value for item in checks if item.known and item.at_stake is None]
    assert contraindicated == (["contraindicated"] if met else [])
    assert (found.overall_action.value == "avoid") is bool(met)
    assert any(item.at_stake is not None for item in checks) is (met is None)


SCHEDULES = [
    ("methotrexate", "15 mg", "every 7 days", None),
    ("methotrexate", "15 mg", "alle 7 Tage", None),
    ("methotrexate", "15 mg", "every 6 days", "contraindicated"),
    ("methotrexate", "15 mg", "weekly, prednisone daily", None),
    ("methotrexate", "15 mg", "weekly, Arava daily", None),
    ("methotrexate", "15 mg", "prednisone daily", "check_first"),
    ("methotrexate", "15 mg", "weekly, on Monday", None),
    ("methotrexate", "15 mg", "once a week, Monday and Thursday", "check_first"),
    ("methotrexate", "15 mg", "once a week, on Mondays, on Thursdays", "check_first"),
    ("methotrexate", "15 mg", "once a week, on Mondays, always Mondays", None),
    ("methotrexate", "15 mg/week", "weekly", None),
    ("methotrexate", "15 mg/week", "twice weekly", "check_first"),
    ("methotrexate", "15 mg/week", "Monday and Thursday", "check_first"),
    ("methotrexate", "15 mg/week", "daily", "contraindicated"),
    ("tocilizumab", "1200 mg/month", "weekly, s.c.", None),
    ("tocilizumab", "1200 mg/month", "s.c.", "adjust_dose"),
    ("tocilizumab", "300 mg/week", "weekly", "adjust_dose"),
]


@pytest.mark.parametrize(("drug", "dose", "schedule", "status"), SCHEDULES)
def test_how_often_a_dose_is_taken_is_read_of_the_drug_itself(drug, dose, schedule, status):
    context = {"age": 40, "weight": "60 kg", "planned": [{"drug": drug, "dose": dose, "schedule": schedule}]}
    checks = respond({}, [drug], context=context, today=TODAY).drug(drug).checks
    found = [check.status.value for check in checks if check.criterion in ("dose_interval", "dose_maximum")]
    assert found == ([status] if status else [])
