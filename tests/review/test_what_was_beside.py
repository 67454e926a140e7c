"""What else was taken during a course: co-medication that began after its end was not."""

from __future__ import annotations

import pytest

from lupus_pgx import load_context, respond

TODAY = "2026-11-30"
COURSES = [
    {
        "drug": "azathioprine", "start": "2020-03-01", "stop": "2020-05-10",
        "outcome": "intolerance", "reaction": "leukopenia",
    },
    {"drug": "MMF", "dose": "2 g/day", "start": "2021-01-10", "stop": "2022-02-01", "outcome": "failure"},
]  # fmt: skip


def told(co_medication: list, *, failed: bool = True) -> dict:
    """Return a nephritis after two courses, with what is taken beside."""
    courses = [COURSES[0], COURSES[1] | {"outcome": "failure" if failed else "response"}]
    return {"manifestations": ["lupus nephritis"], "therapies": courses, "co_medication": co_medication}


@pytest.mark.parametrize(
    ("drug", "start", "there"),
    [
        ("allopurinol", "2020-05-10", True), ("allopurinol", "2020-05-11", False), ("allopurinol", None, True),
        ("omeprazole", "2022-02-01", True), ("omeprazole", "2022-02-02", False), ("omeprazole", None, True),
    ],
)  # fmt: skip
def test_what_began_after_a_course_explains_nothing_of_it(drug, start, there):
    beside = {"drug": drug, "start": start} if start else drug
    context = load_context(told([beside]), today=TODAY)
    harmed, failed = context.therapies
    course = harmed if drug == "allopurinol" else failed
    assert [item.name for item in context.beside(course)] == ([drug] if there else [])
    review = respond({}, context=context, today=TODAY).review
    partners = [item.partner for one in review.therapies if one.drug == course.drug.name for item in one.findings]
    assert (drug in partners) is there
    assert ("Omeprazole may have lowered" in review.headline) is (there and drug == "omeprazole")


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ("allopurinol", "it may have been taken with allopurinol, of which no start is told"),
        ({"drug": "allopurinol", "start": "2019-01-01"}, "it was taken with allopurinol"),
        ({"drug": "allopurinol", "start": "2026-01-01"}, ""),
    ],
)
def test_that_it_was_taken_together_is_said_only_where_it_was_told(beside, said):
    headline = respond({}, context=told([beside], failed=False), today=TODAY).review.headline
    assert "Azathioprine was not tolerated (leukopenia)" in headline
    assert said in headline
    assert ("allopurinol" in headline) is bool(said)
