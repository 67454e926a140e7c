"""Numbers and sentences as people read them, at the bounds where their words change."""

from __future__ import annotations

import pytest

from lupus_pgx.terms import Action, Response
from lupus_pgx.words.amounts import dose_text, factor_text, percent_text, probability_text, sure_text
from lupus_pgx.words.sentences import absent_loci, missing_text, response_sentence

PLAIN = {
    "dose": "",
    "cap": "",
    "rule": "CPIC 2025",
    "certainty": "genotype certain for this",
    "drivers": ["TPMT *1/*1"],
    "adjusted": False,
    "conflicting": False,
    "missing": "",
    "unfitting": False,
}


def sentence(action, response, **cells):
    return response_sentence(action=action, response=response, **(PLAIN | cells))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.0000"), (1e-9, "0.0001"), (0.5, "0.5000"), (0.99999, "0.9999"), (1.0, "1.0000")],
)
def test_a_probability_is_never_rounded_to_what_is_exact(value, text):
    assert probability_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.0, "0%"), (0.0004, "under 0.1%"), (0.0005, "0.1%"), (0.5, "50.0%")),
        *((0.999, "99.9%"), (0.9991, "over 99.9%"), (1.0, "100%")),
    ],
)
def test_a_percentage_is_never_rounded_to_what_is_exact(value, text):
    assert percent_text(value) == text


@pytest.mark.parametrize(
    ("low", "high", "factor", "dose"),
    [
        (1.0, 1.0, "100%", "100% of the usual dose"),
        (0.5, None, "50%", "50% of the usual dose"),
        (None, 0.5, "up to 50%", "up to 50% of the usual dose"),
        (0.5, 1.0, "50-100%", "50-100% of the usual dose"),
        (0.5, 2.0, "0.5-2 times", "0.5-2 times the usual dose"),
        (1.1, 1.1, "1.1 times", "1.1 times the usual dose"),
        (None, None, "", ""),
    ],
)
def test_a_share_up_to_one_is_a_percentage_and_more_a_multiple(low, high, factor, dose):
    assert (factor_text(low, high), dose_text(low, high, "")) == (factor, dose)


def test_up_to_three_loci_are_named_and_more_are_counted():
    three, four = ["rs1", "rs2", "rs3"], ["rs1", "rs2", "rs3", "rs4"]
    assert missing_text([("TPMT", three, True)], [], decided=False) == "not assessed: TPMT: rs1, rs2, rs3"
    assert missing_text([("TPMT", four, True)], [], decided=False) == "not assessed: TPMT: 4 essential loci"
    assert missing_text([("TPMT", four, False)], [], decided=False) == "not assessed: TPMT: 4 loci"


@pytest.mark.parametrize(
    ("action", "dose", "given"),
    [(Action.REDUCE_DOSE, "half", True), (Action.REDUCE_DOSE, "", False), (Action.AVOID, "half", False)],
)
def test_the_share_of_a_guideline_is_named_of_what_is_given(action, dose, given):
    said = sentence(action, Response.INCREASED_TOXICITY, dose=dose, cap="at most 20 mg/day")
    assert said.startswith("the guideline gives half because of TPMT *1/*1;") is given
    assert ("at most" in said) is (action is not Action.AVOID)


def test_the_usual_dose_is_no_share():
    assert "the guideline gives" not in sentence(Action.STANDARD, Response.TYPICAL, dose="100%")


@pytest.mark.parametrize(
    ("response", "missing", "unfitting", "begins"),
    [
        (Response.TYPICAL, "not assessed: X", False, "complete the test first because of TPMT *1/*1; rule"),
        (Response.TYPICAL, "", False, "settle the genotype first: no locus is missing, but what was seen allows"),
        (Response.TYPICAL, "", True, "settle the genotype first: no locus is missing, but no pair of named alleles"),
        (
            *(Response.INCREASED_TOXICITY, "not assessed: X", False),
            "more toxicity must be expected at the usual dose, but how much is open: complete the test first because",
        ),
        (
            *(Response.INCREASED_TOXICITY, "", False),
            "more toxicity must be expected at the usual dose, but how much is open: settle the genotype first",
        ),
    ],
)
def test_a_test_comes_first_where_something_is_missing_else_the_genotype_is_to_be_settled(
    response, missing, unfitting, begins
):
    assert sentence(Action.TEST_FIRST, response, missing=missing, unfitting=unfitting).startswith(begins)


@pytest.mark.parametrize(
    ("body", "drivers", "said"),
    [
        ("CPIC 2022", ("TPMT *1/*1",), "undecided: CPIC 2022 gives no advice for TPMT *1/*1."),
        ("CPIC 2022", (), "undecided."),
        ("", ("TPMT *1/*1",), "undecided; known so far: TPMT *1/*1."),
        ("", (), "undecided."),
    ],
)
def test_a_guideline_is_silent_only_where_there_is_one_and_a_genotype(body, drivers, said):
    assert sentence(Action.INFORMATIVE_ONLY, Response.INDETERMINATE, body=body, drivers=drivers) == said


def test_what_is_watched_is_no_test():
    said = sentence(Action.MONITOR, Response.INCREASED_TOXICITY)
    assert "must be expected" not in said
    assert "settle the genotype" not in said


@pytest.mark.parametrize(
    ("stated", "assumed", "refused", "text"),
    [
        (False, False, 0, "unknown"),
        (True, True, 0, "reference, as stated"),
        (True, False, 0, "reference, as stated"),
        (True, True, 2, "reference, as stated; not believed of 2 genes: unknown there"),
        (True, False, 2, "reference was stated, not believed: unknown"),
    ],
)
def test_what_an_absent_locus_counts_as(stated, assumed, refused, text):
    assert absent_loci(stated=stated, assumed=assumed, refused=refused) == text


@pytest.mark.parametrize(("value", "text"), [(None, ""), (1.0, "certain"), (0.978, "97.8% certain")])
def test_how_certain_it_is(value, text):
    assert sure_text(value) == text
