"""What the review says of all cases and states of the tests, as it was last read."""

from __future__ import annotations

import pytest
from review_corpus import HEADER, SAID, corpus, said

from lupus_pgx import load_knowledge, respond

WRITTEN = SAID.read_text(encoding="utf-8")
LINES = dict(line.split("\t", 1) for line in WRITTEN.removeprefix(HEADER).splitlines())
CASES = {name: (calls, context, today) for name, calls, context, today in corpus()}


def test_the_file_holds_the_corpus():
    assert WRITTEN.startswith(HEADER)
    assert list(LINES) == list(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_review_says_what_was_read(name):
    assert said(*CASES[name]) == LINES[name], "read the difference, then run python tests/review_corpus.py"


BLAMING = ("urgent", "taken", "cause")
DRUGS = load_knowledge().drugs_by_name


@pytest.mark.parametrize("name", CASES)
def test_a_drug_that_opens_the_review_is_not_called_usual_elsewhere(name):
    calls, context, today = CASES[name]
    patient = respond(calls, context=context, today=today)
    if patient.resistance is None:
        return
    now = {item.name for item in patient.context.on_board if item.name in DRUGS}
    blamed = {drug for step in patient.resistance.steps if step.step.value in BLAMING for drug in step.drugs}
    for drug in blamed & now:
        assert patient.drug(drug).overall_action != "standard", drug
        assert not patient.drug(drug).summary.startswith(f"{drug}: the genotype asks for no change"), drug
