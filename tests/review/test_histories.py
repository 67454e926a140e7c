"""The first sentence about failed treatment is the one an expert would begin with."""

from __future__ import annotations

import re

import pytest
from histories import CALLS, HISTORIES, NEVER

from lupus_pgx import respond

TODAY = "2025-11-28"


@pytest.mark.parametrize("name", HISTORIES)
def test_what_opens_the_review(name):
    calls, context, must, must_not = HISTORIES[name]
    headline = respond(calls, context=context, today=TODAY).resistance.headline
    assert re.search(must, headline), headline
    assert not re.search(f"{must_not}|{NEVER}", headline), headline


@pytest.mark.parametrize("name", HISTORIES)
def test_a_choice_of_drugs_does_not_narrow_the_review(name):
    calls, context, _, _ = HISTORIES[name]
    whole = respond(calls, context=context, today=TODAY).resistance
    narrowed = respond(calls, ["warfarin"], context=context, today=TODAY).resistance
    assert narrowed.headline == whole.headline
    assert narrowed.steps == whole.steps


def test_a_step_without_data_is_open():
    context = {
        "therapies": [{"drug": "MMF", "outcome": "inadequate_response"}],
        "manifestations": {"lupus nephritis": {}},
    }
    review = respond(CALLS, context=context, today=TODAY).resistance
    waiting = {step.step.value: step.missing for step in review.steps if step.is_open}
    assert {"taken", "enough", "long_enough", "taken_away", "exposure", "supportive", "active"} <= set(waiting)
    assert review.headline.startswith("No single step accounts for the course so far. Still open: a level of myco")
