"""Was it a full trial? Dose and time just short of what the table asks for, just enough, and not to be told."""

from __future__ import annotations

import datetime as dt

import pytest
from histories import CALLS, lab

from lupus_pgx import respond

START = dt.date(2023, 1, 1)
SKIN, JOINTS, KIDNEY = {"cutaneous": {}}, {"musculoskeletal": {}}, {"lupus nephritis": {"class": ["IV"]}}
NERVES = {"manifestations": {"neuropsychiatric lupus": {}}}


def steps(context, calls=None, today="2025-11-28"):
    review = respond(CALLS | (calls or {}), context=context, today=today).resistance
    return {item.step.value: item for item in review.steps}


def course(drug, dose=None, days=None, outcome="inadequate_response", start=START, **fields):
    made = {"drug": drug, "outcome": outcome, "start": str(start)} | fields
    made |= {"dose": dose} if dose else {}
    return made | ({"stop": str(start + dt.timedelta(days))} if days is not None else {})


def asked(*courses, manifestations=SKIN, age=40, weight="80 kg", **fields):
    return steps({"age": age, "weight": weight, "manifestations": manifestations, "therapies": list(courses)} | fields)


def told(found, step):
    """Say what a step comes to: it speaks, it asks, or it is content."""
    return "short" if found[step].speaks else "open" if found[step].missing else "full"


@pytest.mark.parametrize(
    ("drug", "dose", "manifestations", "expected"),
    [
        ("methotrexate", "15 mg/week", SKIN, "full"),  # at the least dose
        ("methotrexate", "14.9 mg/week", SKIN, "short"),  # only a dose by weight has a margin
        ("hydroxychloroquine", "272 mg/day", SKIN, "full"),  # 85 percent of 4 mg/kg at 80 kg
        ("hydroxychloroquine", "271 mg/day", SKIN, "short"),
        ("hydroxychloroquine", "4 mg/kg/day", SKIN, "full"),
        ("azathioprine", "102 mg/day", SKIN, "full"),
        ("azathioprine", "101 mg/day", SKIN, "short"),
        ("mycophenolate mofetil", "2 g/day", KIDNEY, "full"),
        ("mycophenolate mofetil", "2000 mg/day", KIDNEY, "full"),
        ("mycophenolate mofetil", "1.9 g/day", KIDNEY, "short"),
        ("mycophenolate mofetil", None, KIDNEY, "open"),
        ("mycophenolate mofetil", "1200 mg/m2/day", KIDNEY, "open"),  # of an adult, by a unit that cannot be turned
        ("thalidomide", "50 mg/day", SKIN, "full"),
        ("thalidomide", "49 mg/day", SKIN, "short"),
        ("thalidomide", "49 mg/day", JOINTS, "full"),  # no row is about it there: nothing is said
        ("belimumab", "10 mg/kg", SKIN, "full"),
        ("belimumab", "680 mg", SKIN, "full"),  # 8.5 mg/kg
        ("belimumab", "199 mg", SKIN, "short"),
        ("belimumab", "200 mg", SKIN, "full"),  # under the skin
    ],
)
def test_the_dose_of_a_trial(drug, dose, manifestations, expected):
    found = asked(course(drug, dose, 400), manifestations=manifestations)
    assert told(found, "enough") == expected
    if expected == "short":
        assert found["enough"].drugs == (drug,)
        assert found["enough"].rows[0].startswith("adequacy:AD-")
        assert found["enough"].citations


def test_without_a_weight_a_dose_by_weight_cannot_be_told():
    found = asked(course("azathioprine", "100 mg/day", 400), weight=None)
    assert found["enough"].missing == ("weight (100 mg/day of azathioprine against 1.5 mg/kg/day)",)
    assert found["enough"].found == ("azathioprine 100 mg/day for 13 months",)
    assert not found["refractory"].speaks


@pytest.mark.parametrize(
    ("drug", "dose", "manifestations", "days", "expected"),
    [
        ("methotrexate", "20 mg/week", SKIN, 71, "short"),  # 85 percent of 12 weeks are 71.4 days
        ("methotrexate", "20 mg/week", SKIN, 72, "full"),
        ("mycophenolate mofetil", "2 g/day", KIDNEY, 154, "short"),  # of 26 weeks
        ("mycophenolate mofetil", "2 g/day", KIDNEY, 155, "full"),
        ("mycophenolate mofetil", "2 g/day", SKIN, 72, "full"),  # 12 weeks for the skin
        ("anifrolumab", "300 mg", SKIN, 72, "full"),
        ("anifrolumab", "300 mg", JOINTS, 72, "short"),  # 24 weeks
        ("anifrolumab", "300 mg", JOINTS, 143, "full"),
        ("anifrolumab", "300 mg", SKIN | JOINTS, 72, "full"),  # of two rows the less demanding one
        ("dapsone", "100 mg/day", SKIN, 35, "short"),
        ("dapsone", "100 mg/day", SKIN, 36, "full"),
    ],
)
def test_the_time_of_a_trial(drug, dose, manifestations, days, expected):
    found = asked(course(drug, dose, days), manifestations=manifestations)
    assert told(found, "long_enough") == expected
    assert told(found, "enough") == "full"
    assert found["refractory"].speaks is (expected == "full")


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "1 days"), (1, "1 day"), (2, "2 days"), (27, "27 days"), (28, "4 weeks"), (70, "10 weeks"),
     (119, "17 weeks"), (120, "4 months"), (365, "12 months")],
)  # fmt: skip
def test_a_time_in_words(days, words):
    found = asked(course("methotrexate", "20 mg/week", days))
    text = " ".join((*found["long_enough"].says, *found["long_enough"].found))
    assert f"methotrexate 20 mg/week for {words}" in text


def test_time_that_is_known_short_though_the_course_goes_on():
    today = {"today": str(START + dt.timedelta(71))}
    context = {"age": 40, "manifestations": SKIN, "therapies": [course("methotrexate", "20 mg/week")]}
    assert told(steps(context, **today), "long_enough") == "short"
    assert told(steps(context, today=str(START + dt.timedelta(72))), "long_enough") == "open"


@pytest.mark.parametrize(("days", "expected"), [(71, "short"), (72, "full")])
def test_a_course_that_goes_on_is_judged_on_the_last_day_the_response_was_looked_at(days, expected):
    day = str(START + dt.timedelta(days))
    labs = [{"quantity": "clasi_a", "unit": "points", "values": {str(START): 20, day: 19}}]
    found = asked(course("methotrexate", "20 mg/week"), labs=labs)
    assert told(found, "long_enough") == expected


def test_a_look_on_the_first_day_is_before_the_course():
    labs = [{"quantity": "clasi_a", "unit": "points", "values": {str(START): 20}}]
    found = asked(course("methotrexate", "20 mg/week"), labs=labs)
    assert found["long_enough"].missing == ("until when methotrexate was given, or a dated value of the response",)


@pytest.mark.parametrize(
    ("age", "dose", "expected"),
    [(17.9, "1200 mg/m2/day", "full"), (17.9, "1199 mg/m2/day", "short"), (17.9, "1000 mg/m2/day", "short"),
     (18, "1200 mg/m2/day", "open"), (18, "1 g/day", "short"), (17.9, "1 g/day", "open"), (None, "1 g/day", "short"),
     (None, "1200 mg/m2/day", "open")],
)  # fmt: skip
def test_a_child_has_rows_of_its_own_until_eighteen(age, dose, expected):
    found = asked(course("mycophenolate mofetil", dose, 400), manifestations=KIDNEY, age=age)
    assert told(found, "enough") == expected


@pytest.mark.parametrize(
    ("drug", "dose", "age", "expected"),
    [
        ("methotrexate", "15 mg/week", 12, "full"),  # what is enough for an adult is enough for a child
        ("methotrexate", "10 mg/week", 12, "open"),  # less than a fixed amount for adults tells nothing of a child
        ("methotrexate", "10 mg/week", 17.9, "open"),
        ("methotrexate", "10 mg/week", 18, "short"),
        ("methotrexate", "10 mg/week", None, "short"),
        ("azathioprine", "101 mg/day", 12, "short"),  # a bound by weight is one for every size
        ("azathioprine", "102 mg/day", 12, "full"),
    ],
)
def test_a_child_without_rows_of_its_own_is_judged_by_those_of_adults_that_go_by_size(drug, dose, age, expected):
    found = asked(course(drug, dose, 400), age=age)
    assert told(found, "enough") == expected
    assert any("bound for children" in item for item in found["enough"].missing) is (expected == "open")


def test_the_time_of_a_child_is_judged_by_rows_of_adults_where_it_has_none():
    short, long = (asked(course("methotrexate", "10 mg/week", days), age=12) for days in (71, 72))
    assert told(short, "long_enough") == "short"
    assert told(long, "long_enough") == "full"


@pytest.mark.parametrize(
    ("drug", "dose", "fields", "missing"),
    [
        ("azathioprine", None, {}, "dose of azathioprine"),
        ("azathioprine", "100 mg/day", {"weight": None}, "weight (100 mg/day of azathioprine against 1.5 mg/kg/day)"),
        ("azathioprine", "100 mg/day", {}, ""),
        ("cyclophosphamide", "750 mg", NERVES, "body surface (750 mg of cyclophosphamide against 500 mg/m2)"),
        ("methotrexate", "10 mg/week", {"age": 12},
         "a bound for children (10 mg/week of methotrexate against 15 mg/week, which is one of adults)"),
    ],
)  # fmt: skip
def test_what_was_told_of_a_dose_is_not_asked_for_again(drug, dose, fields, missing):
    assert asked(course(drug, dose, 400), **fields)["enough"].missing == ((missing,) if missing else ())


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"start": None}, "how long methotrexate was given"),
        ({}, "until when methotrexate was given, or a dated value of the response"),
        ({"stop": "2024-01-01"}, ""),
    ],
)
def test_what_was_told_of_a_time_is_not_asked_for_again(fields, missing):
    told_of = {key: value for key, value in (course("methotrexate", "20 mg/week") | fields).items() if value}
    assert asked(told_of)["long_enough"].missing == ((missing,) if missing else ())


@pytest.mark.parametrize(
    ("dose", "schedule", "expected"),
    [
        ("1000 mg", "twice", "full"),
        ("1000 mg", "1 dose", "short"),
        ("375 mg/m2", "weekly x 4", "full"),  # the other usual course
        ("375 mg/m2", "weekly x 3", "short"),
    ],
)
def test_either_course_of_rituximab_is_a_whole_one(dose, schedule, expected):
    later = course("methotrexate", outcome="ongoing", start=dt.date(2024, 1, 1))
    once = course("rituximab", dose, 21, schedule=schedule)
    assert told(asked(once, later, manifestations=JOINTS), "long_enough") == expected


@pytest.mark.parametrize(
    ("dose", "expected"), [("47.4 mg/day", "full"), ("47 mg/day", "short"), ("23.7 mg", "full"), ("15.8 mg", "short")]
)
def test_voclosporin_is_judged_per_dose_and_per_day(dose, expected):
    assert told(asked(course("voclosporin", dose, 400), manifestations=KIDNEY), "enough") == expected


RITUXIMAB = course("rituximab", "1000 mg", 14, schedule="twice")


def cells(count):
    return {"labs": [{"quantity": "b_cell_count", "unit": "cells/uL", "values": {"2023-02-15": count}}]}


@pytest.mark.parametrize(
    ("days", "fields", "expected"),
    [
        (49, {}, "short"),  # nobody can have judged it yet
        (49, cells(0), "short"),
        (49, cells(31), "full"),  # cells that are left do not go by waiting
        (1000, {}, "full"),
    ],
)
def test_a_course_that_has_only_just_ended_is_judged_too_early(days, fields, expected):
    context = {"age": 40, "weight": "80 kg", "manifestations": JOINTS, "therapies": [RITUXIMAB]} | fields
    found = steps(context, today=str(START + dt.timedelta(days)))
    assert told(found, "long_enough") == expected
    if expected == "short":
        assert "rituximab 1000 mg, 5 weeks after the last dose: course not" in found["long_enough"].says[0]


BEFORE = dt.date(2022, 1, 1)


@pytest.mark.parametrize(
    ("outcome", "start", "days", "expected"),
    [
        ("response", BEFORE, 929, "full"),  # maintenance: 1 g/day for three years (85 percent: 928.2 days)
        ("response", BEFORE, 928, "short"),
        ("response", START, 929, "short"),  # it began with it: no maintenance
        ("inadequate_response", BEFORE, 929, "short"),
    ],
)
def test_the_dose_of_maintenance_is_for_what_follows_a_response(outcome, start, days, expected):
    first = course("cyclophosphamide", "500 mg", 70, outcome, start, schedule="6 x 500 mg")
    found = asked(first, course("mycophenolate mofetil", "1 g/day", days), manifestations=KIDNEY)
    assert ("short" if found["enough"].speaks or found["long_enough"].speaks else "full") == expected


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("6 x 500 mg", "full"), ("5 x 500 mg", "short"), ("x 6", "full"), ("x 5", "short"),
        ("x6 every 2 weeks", "full"),
        ("x5 every 2 weeks", "short"), ("six doses", "full"), ("five doses", "short"), ("6 infusions", "full"),
        ("4 pulses", "short"), ("once", "short"), ("twice", "short"), ("three courses", "short"), ("7 cycles", "full"),
        ("every 2 weeks", "open"), (None, "open"),
    ],
)  # fmt: skip
def test_the_number_of_doses_of_a_course(schedule, expected):
    fields = {"schedule": schedule} if schedule else {}
    # Waited for: the next treatment began a year later.
    later = course("methotrexate", outcome="ongoing", start=dt.date(2024, 1, 1))
    found = asked(course("cyclophosphamide", "500 mg", 80, **fields), later, manifestations=KIDNEY)
    assert told(found, "long_enough") == ("full" if expected == "open" else expected)
    if expected == "short":
        assert "course not complete or judged too early" in found["long_enough"].says[0]


@pytest.mark.parametrize(
    ("dose", "days", "expected"),
    [
        ("500 mg", 59, "full"),  # 85 percent of a span of ten weeks, one day less: 58.5
        ("500 mg", 58, "short"),
        ("750 mg/m2", 118, "full"),  # of a span of twenty weeks: 118
        ("750 mg/m2", 117, "short"),
    ],
)
def test_a_course_that_ended_early_without_a_number_of_doses(dose, days, expected):
    later = course("methotrexate", outcome="ongoing", start=dt.date(2024, 1, 1))
    found = asked(course("cyclophosphamide", dose, days), later, manifestations=KIDNEY)
    assert told(found, "long_enough") == expected


@pytest.mark.parametrize(
    ("schedule", "days", "expected"),
    [
        ("q2w x 6", 80, "full"),
        ("q2w x 6", 59, "full"),  # 85 percent of the time, one day less
        ("q2w x 6", 58, "short"),
        ("every 2 weeks, 6 times", 28, "short"),
        ("weekly x 6", 35, "full"),
        ("monthly x 6", 80, "short"),
        ("6 doses", 28, "open"),  # how often is not told, and six doses take ten weeks
        ("6 doses", 35, "full"),
    ],
)
def test_the_dates_of_a_course_say_how_many_doses_there_was_time_for(schedule, days, expected):
    later = course("methotrexate", outcome="ongoing", start=dt.date(2024, 1, 1))
    found = asked(course("cyclophosphamide", "500 mg", days, schedule=schedule), later, manifestations=KIDNEY)
    assert told(found, "long_enough") == expected
    if (schedule, days) == ("every 2 weeks, 6 times", 28):
        assert "500 mg for 4 weeks, time for 3 of 6 doses, judged 12 months after" in found["long_enough"].says[0]
    if expected == "open":
        assert "how many doses of cyclophosphamide were given" in found["long_enough"].missing[0]


def test_a_course_is_as_long_as_its_doses_and_not_until_a_later_value():
    labs = [{"quantity": "upcr", "unit": "g/g", "values": {"2022-12-30": 4, "2025-05-01": 3}}]
    once = course("cyclophosphamide", "500 mg", 80, schedule="q2w x 6")
    found = asked(once, manifestations=KIDNEY, labs=labs)
    assert found["long_enough"].found == ("cyclophosphamide 500 mg for 11 weeks, judged 28 months after its start",)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(71, "short"), (72, "full")],  # judged 12 weeks after the start of the course
)
def test_a_course_is_judged_when_the_response_was_looked_at(days, expected):
    labs = [{"quantity": "upcr", "unit": "g/g", "values": {"2022-12-30": 3, str(START + dt.timedelta(days)): 3}}]
    once = course("cyclophosphamide", "500 mg", 64, schedule="6 x 500 mg")
    found = asked(once, manifestations=KIDNEY, labs=labs)
    assert told(found, "long_enough") == expected


@pytest.mark.parametrize(("days", "expected"), [(71, "short"), (72, "full")])
def test_or_when_the_next_therapy_began(days, expected):
    later = course("methotrexate", outcome="ongoing", start=START + dt.timedelta(days))
    once = course("cyclophosphamide", "500 mg", 64, schedule="6 x 500 mg")
    assert told(asked(once, later, manifestations=KIDNEY), "long_enough") == expected


def test_a_whole_course_that_nobody_waited_for_is_open_only_where_doses_are_not_known():
    once = course("cyclophosphamide", "500 mg", 70, schedule="6 x 500 mg")
    assert told(asked(once, manifestations=KIDNEY), "long_enough") == "full"
    assert told(asked(course("cyclophosphamide", "500 mg", 70), manifestations=KIDNEY), "long_enough") == "open"


def test_a_course_without_a_start_is_counted_by_its_doses():
    undated = {"drug": "cyclophosphamide", "dose": "500 mg", "outcome": "inadequate_response", "schedule": "4 doses"}
    assert told(asked(undated, manifestations=KIDNEY), "long_enough") == "short"
    assert told(asked(undated | {"schedule": "6 doses"}, manifestations=KIDNEY), "long_enough") == "full"
    assert told(asked({**undated, "schedule": "monthly"}, manifestations=KIDNEY), "long_enough") == "open"


# --- a reduced dose that is the full one ---------------------------------------------------------


@pytest.mark.parametrize(
    ("egfr", "dose", "why"),
    [
        (59, "7.5 mg/week", "(the kidney asks for less)"),
        (59, "7.4 mg/week", "(the clinical context asks for less)"),  # by the rows of safety, without a share
        (60, "7.5 mg/week", None),
    ],
)
def test_the_kidney_asks_for_less(egfr, dose, why):
    found = asked(course("methotrexate", dose, 200), egfr=f"{egfr} mL/min/1.73m2")
    assert found["enough"].speaks is (why is None)
    assert found["enough"].found[0].endswith(why or "for 7 months")


@pytest.mark.parametrize(("nudt15", "expected"), [("*1/*3", "full"), ("*1/*1", "short")])
def test_the_genotype_asks_for_less(nudt15, expected):
    context = {"age": 40, "weight": "80 kg", "manifestations": SKIN, "therapies": [course("AZA", "50 mg/day", 200)]}
    found = steps(context, {"NUDT15": nudt15})
    assert told(found, "enough") == expected
    assert (
        found["enough"].found == ("azathioprine 50 mg/day, 0.62 mg/kg/day for 7 months (the genotype asks for less)",)
    ) is (expected == "full")


@pytest.mark.parametrize(("count", "expected"), [(1.49, "full"), (1.5, "short")])
def test_the_blood_count_asks_for_less(count, expected):
    labs = [{"quantity": "neutrophil_count", "unit": "x10^9/L", "values": {"2023-05-01": count}}]
    found = asked(course("mycophenolate mofetil", "1 g/day", 200), manifestations=KIDNEY, labs=labs)
    assert told(found, "enough") == expected


# --- which courses are judged ---------------------------------------------------------------------


def test_what_failed_last_is_judged_and_what_was_given_beside_it():
    early = course("methotrexate", "5 mg/week", 30, start=dt.date(2021, 1, 1))
    beside = course("hydroxychloroquine", "100 mg/day", 900, start=dt.date(2021, 6, 1))
    last = course("mycophenolate mofetil", "2 g/day", 200)
    assert asked(early, beside, last)["enough"].drugs == ("hydroxychloroquine",)


def test_a_glucocorticoid_counts_as_a_class_by_its_highest_dose():
    low = course("prednisone", "10 mg/day", 200, start=dt.date(2023, 3, 1))
    high = course("methylprednisolone", "1000 mg/day", 3, outcome="response")
    found = asked(high, low, manifestations=KIDNEY)
    assert told(found, "enough") == "full"
    assert "glucocorticoid" in found["enough"].found[0]
    assert told(asked(low, manifestations=KIDNEY), "enough") == "short"


def test_without_a_manifestation_only_rows_for_several_are_asked():
    rows = asked(course("leflunomide", "10 mg/day", 200), manifestations={})
    assert told(rows, "enough") == "short"
    assert told(asked(course("thalidomide", "10 mg/day", 200), manifestations={}), "enough") == "full"
    assert asked(course("thalidomide", "10 mg/day", 200), manifestations={})["enough"].found == ()


def test_the_last_course_of_a_drug_is_judged():
    again = course("methotrexate", "20 mg/week", 200, start=dt.date(2024, 1, 1))
    assert told(asked(course("methotrexate", "10 mg/week", 900), again), "enough") == "full"


@pytest.mark.parametrize(("dose", "twice"), [("20 mg/week", True), ("10 mg/week", False)])
def test_a_second_full_regimen_makes_it_refractory(dose, twice):
    first = course("methotrexate", dose, 200, start=dt.date(2022, 1, 1))
    found = asked(first, course("mycophenolate mofetil", "2 g/day", 200))
    assert found["refractory"].says[0].startswith("Refractory") is twice
    assert found["refractory"].says[0].startswith("Adequate trial") is not twice


def test_values_beside_the_dose_do_not_matter_to_it():
    labs = [lab("c3", "g/L", d2023_05_01=1.0)]
    assert told(asked(course("methotrexate", "15 mg/week", 200), labs=labs), "enough") == "full"


OURS = "short of the least by less than 15 percent, which counts as reached: our choice"


@pytest.mark.parametrize(("dose", "ours"), [("272 mg/day", True), ("319 mg/day", True), ("320 mg/day", False)])
def test_a_dose_within_the_margin_says_whose_margin_it_is(dose, ours):
    found = asked(course("hydroxychloroquine", dose, 400))["enough"].found
    assert found == (found[0],)
    assert (OURS in found[0]) is ours


@pytest.mark.parametrize(("days", "ours"), [(72, True), (83, True), (84, False)])
def test_a_time_within_the_margin_says_whose_margin_it_is(days, ours):
    found = asked(course("methotrexate", "20 mg/week", days))
    assert told(found, "long_enough") == "full"
    assert (OURS in found["long_enough"].found[0]) is ours


def test_the_last_look_counts_not_the_first():
    days = {str(START + dt.timedelta(days)): 20 for days in (0, 40, 72)}
    labs = [{"quantity": "clasi_a", "unit": "points", "values": days}]
    assert told(asked(course("methotrexate", "20 mg/week"), labs=labs), "long_enough") == "full"


def test_a_class_is_counted_from_its_first_course_to_its_last():
    pulses = course("methylprednisolone", "500 mg/day", 3, outcome="response")
    tablets = course("prednisone", "40 mg/day", 22, start=START + dt.timedelta(3))
    found = asked(pulses, tablets, manifestations=KIDNEY)  # 25 days; 85 percent of four weeks are 23.8
    assert told(found, "long_enough") == "full"
    assert told(asked(tablets, manifestations=KIDNEY), "long_enough") == "short"


def test_a_course_of_which_nothing_but_doses_is_known():
    undated = {"drug": "cyclophosphamide", "outcome": "inadequate_response", "schedule": "2 doses"}
    said = asked(undated, manifestations={"neuropsychiatric lupus": {}})["long_enough"].says[0]
    assert said.startswith(
        "Not yet an adequate trial: cyclophosphamide as given: course not complete or judged too early ("
    )


def test_doses_that_complete_a_course_answer_its_time_whatever_another_row_leaves_open():
    undated = {"drug": "cyclophosphamide", "outcome": "inadequate_response", "schedule": "6 doses"}
    found = asked(undated, manifestations=KIDNEY)
    assert told(found, "long_enough") == "full"  # as tablets, nobody could tell: that row does not decide
    assert found["enough"].missing == ("dose of cyclophosphamide",)


def test_too_small_a_dose_of_a_whole_course_is_no_broken_course():
    later = course("methotrexate", outcome="ongoing", start=dt.date(2024, 1, 1))
    found = asked(course("intravenous immunoglobulin", "0.5 g/kg", 1), later, manifestations={"haematological": {}})
    assert found["enough"].says == (
        "Not yet an adequate trial: intravenous immunoglobulin 500 mg/kg, 0.5 g/kg for 1 day, judged 12 months after "
        "its start (1 g/kg, judged from 1 week on is the least)",
    )


@pytest.mark.parametrize(
    ("dose", "expected"), [("300 mg/month", "full"), ("119 mg/month", "short"), ("0.3 g/month", "full")]
)
def test_a_dose_per_month_is_one_dose_a_month(dose, expected):
    assert told(asked(course("anifrolumab", dose, 300)), "enough") == expected


@pytest.mark.parametrize(("dose", "expected"), [("800 mg/month", "full"), ("199 mg/month", "short")])
def test_a_dose_per_month_is_held_against_the_weight_too(dose, expected):
    assert told(asked(course("belimumab", dose, 300)), "enough") == expected


# --- what may be tried afresh -----------------------------------------------------------------------


def flags(*courses, **fields):
    context = {"age": 40, "weight": "80 kg", "manifestations": SKIN, "therapies": list(courses)} | fields
    frame = respond(CALLS, context=context, today="2025-11-28").options.to_frame().set_index("option")
    return frame


@pytest.mark.parametrize(
    ("courses", "fields", "afresh"),
    [
        ([course("methotrexate", "15 mg/week", 300)], {}, False),
        ([course("methotrexate", "10 mg/week", 300)], {}, True),
        ([course("methotrexate", "15 mg/week", 20)], {}, True),
        ([course("methotrexate", None, 300)], {}, False),  # cannot be told
        ([course("methotrexate", "15 mg/week", 300), course("methotrexate", "10 mg/week", 300)], {}, False),
        ([course("methotrexate", "10 mg/week", 300, "intolerance", reaction="nausea")], {}, False),
        (
            [course("methotrexate", "10 mg/week", 300),
             course("methotrexate", "10 mg/week", 9, "intolerance", reaction="nausea")], {}, False,
        ),
    ],
)  # fmt: skip
def test_what_was_never_fully_tried_may_be_tried_afresh(courses, fields, afresh):
    row = flags(*courses, **fields).loc["methotrexate"]
    assert row.exhausted == "yes"
    assert (row.afresh == "yes") is afresh


@pytest.mark.parametrize(("level", "afresh"), [(35, True), (700, False)])
def test_a_drug_that_was_not_taken_may_be_tried_afresh(level, afresh):
    tested = course("tacrolimus", "6 mg/day", 300)
    labs = [lab("tacrolimus_trough", "ng/mL", d2023_06_01=level / 100)]
    found = flags(tested, labs=labs, manifestations={"lupus nephritis": {"class": ["V"]}})
    assert (found.loc["tacrolimus in class V", "afresh"] == "yes") is afresh


def test_what_may_be_tried_afresh_stands_before_what_failed_and_that_before_what_harmed():
    found = flags(
        course("methotrexate", "10 mg/week", 300), course("azathioprine", "160 mg/day", 300),
        course("mycophenolate mofetil", "2 g/day", 20, "intolerance", reaction="rash"),
    )["rank"]  # fmt: skip
    assert found["methotrexate"] < found["azathioprine"] < found["mycophenolate"] < found["baricitinib"]
    assert found["methotrexate"] > found["belimumab"]


@pytest.mark.parametrize(
    ("severity", "days", "shown"), [(None, 300, True), (None, 20, False), ("severe", 20, True)]
)  # fmt: skip
def test_a_line_without_a_full_trial_is_no_second_line_unless_an_organ_is_at_stake(severity, days, shown):
    form = {"cutaneous": {"severity": severity} if severity else {}}
    found = flags(
        course("methotrexate", "15 mg/week", 300), course("mycophenolate mofetil", "2 g/day", days),
        manifestations=form,
    )  # fmt: skip
    assert ("thalidomide" in found.index) is shown
    both = flags(
        course("methotrexate", "15 mg/week", 20), course("mycophenolate mofetil", "2 g/day", 20),
        manifestations=form,
    )  # fmt: skip
    assert ("thalidomide" in both.index) is (severity == "severe")
    nephritis = flags(course("mycophenolate mofetil", "2 g/day", 20), manifestations=KIDNEY)
    assert "before any change: intake, dose, level, repeat biopsy" in nephritis.index  # one counts as one


@pytest.mark.parametrize(
    ("manifestations", "cited"),
    [(SKIN, {"RF-CLE", "RF-EULAR-2023"}), (JOINTS, {"RF-EULAR-2023"}), (SKIN | {"haematological": {}},
     {"RF-CLE", "RF-EULAR-2023", "RF-AIHA", "RF-ITP"})],
)  # fmt: skip
def test_what_refractory_means_is_cited_for_the_manifestation(manifestations, cited):
    found = asked(course("methotrexate", "20 mg/week", 300), manifestations=manifestations)["refractory"]
    assert found.speaks
    assert set(found.rows) == {f"adequacy:{name}" for name in cited}
