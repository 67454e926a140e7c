"""How long ago a course was, of which only the month or the year is told: as late as that allows."""

from __future__ import annotations

import pytest

from lupus_pgx import respond
from lupus_pgx.result_parts import DrugSummary

TODAY = "2026-11-29"


def _asked(drug: str, taken: str, stop: str, **told: str) -> DrugSummary:
    course = {"drug": taken, "stop": stop, **told}
    return respond({}, [drug], context={"therapies": [course]}, today=TODAY).drug(drug)


@pytest.mark.parametrize("stop", ["2026", "2026-08", "2026-11", "2026-08-25", "08/2026"])
def test_a_reaction_that_may_be_recent_counts_as_recent(stop: str) -> None:
    warfarin = _asked("warfarin", "heparin", stop, outcome="intolerance", reaction="HIT")
    assert warfarin.overall_action == "avoid"


@pytest.mark.parametrize("stop", ["2025", "2026-07", "2026-08-15"])
def test_one_that_cannot_be_recent_does_not(stop: str) -> None:
    warfarin = _asked("warfarin", "heparin", stop, outcome="intolerance", reaction="HIT")
    assert warfarin.overall_action == "monitor"


@pytest.mark.parametrize(
    ("stop", "end"), [("2026", "2026-11-29 at the latest"), ("2026-05", "2026-05-31 at the latest")]
)
def test_a_drug_that_may_still_act_is_said_with_its_last_day(stop: str, end: str) -> None:
    belimumab = _asked("belimumab", "rituximab", stop, outcome="failure")
    assert f"rituximab until {end}" in belimumab.summary


def test_one_whose_time_is_over_is_not() -> None:
    assert "rituximab until" not in _asked("belimumab", "rituximab", "2025", outcome="failure").summary
