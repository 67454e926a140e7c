"""A course without a stop: nobody knows whether it goes on, so it is counted as neither and asked about."""

from __future__ import annotations

import pytest

from lupus_pgx import load_context, respond
from lupus_pgx.errors import InputError
from lupus_pgx.terms import Action, CheckStatus

TODAY = "2026-11-29"
FAILED = {"drug": "MMF", "dose": "2 g/day", "start": "2025-01-10", "outcome": "failure"}
NOT_TOLD = "no stop is told"


def read(*courses, **fields):
    return load_context({"therapies": list(courses), **fields}, today=TODAY)


def names(drugs):
    return [item.name for item in drugs]


@pytest.mark.parametrize(
    ("told", "taken", "perhaps"),
    [
        ({}, False, True),
        ({"stop": "2025-12-01"}, False, False),
        ({"stop": "yes"}, False, False),
        ({"stop": True}, False, False),
        ({"stop": "ongoing"}, True, False),
        ({"stop": "no"}, True, False),
        ({"outcome": "response"}, False, True),
        ({"outcome": "ongoing"}, True, False),
        ({"outcome": "intolerance", "reaction": "nausea"}, False, True),
        # What a drug did that forbids it for good ended its course.
        ({"outcome": "intolerance", "reaction": "anaphylaxis"}, False, False),
    ],
)
def test_a_course_goes_on_or_is_over_only_where_that_is_told(told, taken, perhaps):
    known = read(FAILED | told)
    assert bool(known.on_board) is taken
    assert bool(known.perhaps_taken) is perhaps
    assert any(NOT_TOLD in item and "stop: DATE" in item for item in known.remarks) is perhaps


@pytest.mark.parametrize(
    ("courses", "fields"),
    [
        ([FAILED, {"drug": "MMF", "start": "2025-08-01", "outcome": "ongoing"}], {}),
        ([FAILED, {"drug": "MMF", "start": "2025-08-01", "stop": "2026-01-01", "outcome": "failure"}], {}),
        ([FAILED], {"co_medication": ["MMF"]}),
        ([FAILED], {"co_medication": [{"drug": "MMF", "stop": "2026-01-01"}]}),
    ],
)
def test_a_later_word_on_the_same_drug_settles_it(courses, fields):
    known = read(*courses, **fields)
    assert known.perhaps_taken == ()
    assert not any(NOT_TOLD in item for item in known.remarks)


def test_that_it_goes_on_and_is_over_contradicts_itself():
    with pytest.raises(InputError, match="ongoing contradicts the stop"):
        read({"drug": "MMF", "outcome": "ongoing", "stop": "yes"})


def answers(drug, *courses, **fields):
    told = {"sex": "male", "age": 40, "therapies": list(courses), **fields}
    response = respond({}, [drug], context=told, today=TODAY).drug(drug)
    return response, {check.subject: check for check in response.checks if check.partner}


QUESTION = "whether mycophenolate mofetil is still taken"


def test_a_planned_drug_asks_first_whether_the_one_that_failed_is_still_taken():
    response, pairs = answers("cyclophosphamide", FAILED, planned=[{"drug": "cyclophosphamide"}])
    check = pairs[QUESTION]
    assert (check.known, check.at_stake, check.asks_first) == (False, CheckStatus.AVOID, True)
    assert check.action is Action.TEST_FIRST
    assert QUESTION in response.summary


def test_of_a_drug_to_choose_from_it_is_a_question_that_does_not_come_first():
    _, pairs = answers("azathioprine", FAILED)
    assert (pairs[QUESTION].known, pairs[QUESTION].asks_first) == (False, False)


@pytest.mark.parametrize(("stop", "status"), [("ongoing", CheckStatus.AVOID), ("2025-12-01", None), ("yes", None)])
def test_what_is_told_is_no_question(stop, status):
    _, pairs = answers("cyclophosphamide", FAILED | {"stop": stop}, planned=[{"drug": "cyclophosphamide"}])
    assert QUESTION not in pairs
    assert [check.status for check in pairs.values()] == ([status] if status else [])


def test_what_only_asks_for_monitoring_is_no_question():
    _, pairs = answers("cyclosporine", FAILED, co_medication=["cyclosporine"])
    assert pairs == {}


@pytest.mark.parametrize(
    ("told", "taken", "perhaps"),
    [
        ("allopurinol until 2026", False, True),
        ("allopurinol until November 2026", False, True),
        ({"drug": "allopurinol", "stop": "2026"}, False, True),
        ("allopurinol until October 2026", False, False),
        ("allopurinol until 2027", True, False),
        ("allopurinol stopped 2026", False, False),
        ({"drug": "allopurinol", "stopped": "2026"}, False, False),
        ("allopurinol never stopped", True, False),
    ],
)
def test_what_is_taken_until_a_time_that_runs_may_go_on(told, taken, perhaps):
    known = load_context({"co_medication": [told]}, today=TODAY)
    assert names(known.on_board) == ["allopurinol"] * taken
    assert names(known.perhaps_taken) == ["allopurinol"] * perhaps
    summary = respond({}, ["azathioprine"], context=known, today=TODAY).drug("azathioprine").summary
    assert ("whether allopurinol is still taken" in summary) is perhaps


@pytest.mark.parametrize("today", ["2026-03-01", "2026-06-30", "2026-11-29"])
@pytest.mark.parametrize("field", ["co_medication", "therapies"])
def test_a_reaction_of_this_year_is_recent_on_every_day_of_it(field, today):
    course = {"drug": "heparin", "stop": "2026", "outcome": "intolerance", "reaction": "HIT"}
    warfarin = respond({}, ["warfarin"], context={field: [course]}, today=today).drug("warfarin")
    assert warfarin.overall_action is Action.AVOID


@pytest.mark.parametrize(
    ("beside", "against", "asked"),
    [
        ("allopurinol", True, False),
        ("allopurinol until 2026", False, True),
        ("allopurinol until October 2026", False, False),
        ("allopurinol stopped 2026", False, False),
    ],
)
def test_an_option_asks_whether_what_it_does_not_go_with_is_still_taken(beside, against, asked):
    told = {
        "sex": "male",
        "age": 40,
        "manifestations": {"lupus nephritis": {"class": ["IV"]}},
        "co_medication": [beside],
    }
    options = respond({}, context=told, today=TODAY).results.reviews.options(0)
    (option,) = [item for item in options if item.option == "azathioprine with glucocorticoid"]
    assert ("with allopurinol" in [check.subject for check in option.against]) is against
    assert any("whether allopurinol is still taken" in question for question in option.questions) is asked


@pytest.mark.parametrize(
    ("stop", "shown", "asked"),
    [("2026-01-01", False, False), ("ongoing", True, False), (None, True, True)],
)
def test_an_option_for_who_takes_a_drug_asks_whether_it_is_still_taken(stop, shown, asked):
    course = {"drug": "AZA", "start": "2025-01-10", "outcome": "response"} | ({"stop": stop} if stop else {})
    told = {"manifestations": {"lupus nephritis": {"class": ["IV"]}}, "therapies": [course]}
    options = respond({}, context=told, today=TODAY).results.reviews.options(0)
    found = [item for item in options if item.option == "azathioprine + low-dose allopurinol for shunters"]
    assert bool(found) is shown
    assert any("azathioprine" in text for item in found for text in item.asks) is asked


@pytest.mark.parametrize(
    ("planned", "drug", "partner"),
    [
        (["colchicine", "tacrolimus"], "colchicine", "tacrolimus"),
        (["colchicine", "tacrolimus"], "tacrolimus", "colchicine"),
        (["colchicine", "ciclosporin"], "cyclosporine", "colchicine"),
        # One that is not planned is another choice where both are of classes of which one is chosen.
        (["colchicine"], "cyclosporine", "colchicine"),
        (["colchicine"], "clarithromycin", "colchicine"),
        (["tacrolimus"], "colchicine", "tacrolimus"),
        (["azathioprine"], "allopurinol", "azathioprine"),
        (["cyclophosphamide"], "azathioprine", None),
        (["tacrolimus"], "cyclosporine", None),
        (["rituximab"], "baricitinib", None),
        (["apixaban"], "warfarin", None),
        (["lisinopril"], "losartan", None),
        (["warfarin"], "clopidogrel", "warfarin"),
        (["prednisone"], "ibuprofen", "prednisone"),
        (["methotrexate"], "naproxen", "methotrexate"),
        (["hydroxychloroquine"], "voclosporin", "hydroxychloroquine"),
    ],
)
def test_what_is_planned_is_held_against_all_but_another_choice(planned, drug, partner):
    response, _ = answers(drug, planned=[{"drug": name} for name in planned])
    pairs = {check.partner for check in response.checks if check.partner and check.found == "planned"}
    assert (partner in pairs) if partner else not pairs


@pytest.mark.parametrize(("planned", "weighs"), [(["colchicine", "ciclosporin"], True), (["ciclosporin"], False)])
def test_an_option_that_is_planned_is_weighed_with_what_is_planned_beside_it(planned, weighs):
    told = {"sex": "male", "manifestations": ["serositis"], "planned": [{"drug": name} for name in planned]}
    options = respond({}, context=told, today=TODAY).results.reviews.options(0)
    (option,) = [item for item in options if item.option == "colchicine"]
    assert "cyclosporine" in {check.partner for check in option.against}
    assert ("cyclosporine" in {check.partner for check in option.weighing}) is weighs
