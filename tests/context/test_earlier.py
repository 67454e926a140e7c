"""That a drug was not enough before stands in its own sentence, with the years, and changes nothing else."""

from __future__ import annotations

import pytest

from lupus_pgx import respond

TODAY = "2026-11-29"


def drug(**course):
    context = {"therapies": [{"drug": "azathioprine"} | course], "co_medication": []}
    return respond({}, ["azathioprine"], context=context, today=TODAY).drug("azathioprine")


@pytest.mark.parametrize(
    ("course", "years"),
    [
        ({}, ""),
        ({"start": "2022-01-01", "stop": "2023-02-01"}, " (2022-2023)"),
        ({"start": "2022-01-01", "stop": "2022-09-01"}, " (2022)"),
        ({"start": "2022-01-01"}, " (since 2022)"),
        ({"stop": "2023-02-01"}, " (until 2023)"),
    ],
)
@pytest.mark.parametrize("outcome", ["no response", "partial response", "relapse", "inadequate_response"])
def test_a_failure_is_said_with_its_years(course, years, outcome):
    assert drug(outcome=outcome, **course).summary.endswith(f" Not enough response before{years}.")


@pytest.mark.parametrize("outcome", ["response", "ongoing"])
def test_what_did_not_fail_is_not_said_to_have_failed(outcome):
    assert "response before" not in drug(outcome=outcome).summary


def test_it_is_a_note_and_no_warning():
    failed, fine = drug(outcome="no response"), drug(outcome="response")
    assert failed.overall_action is fine.overall_action
    notes = [check for check in failed.checks if check.criterion == "earlier_failure"]
    assert [(check.status.value, check.known, check.action) for check in notes] == [("note", True, None)]


def test_two_courses_are_told_together():
    courses = [
        {"drug": "azathioprine", "start": year, "stop": stop, "outcome": "no response"}
        for year, stop in (("2015-01-01", "2016-01-01"), ("2020-01-01", "2021-01-01"))
    ]
    found = respond({}, ["azathioprine"], context={"therapies": courses}, today=TODAY).drug("azathioprine")
    assert found.summary.endswith(" Not enough response before (2015-2016, 2020-2021).")


def test_it_stands_on_the_page_too():
    courses = [{"drug": "azathioprine", "start": "2022-01-01", "stop": "2023-01-01", "outcome": "no response"}]
    page = respond({}, ["azathioprine"], context={"therapies": courses}, today=TODAY).to_html()
    assert "not enough response before (2022-2023)" in page
