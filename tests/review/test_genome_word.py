"""What a predicted response means for choosing a drug: the word, what it rests on, and what is measured instead."""

from __future__ import annotations

import pytest

from lupus_pgx import respond
from lupus_pgx.review.genome_word import asks, drug_word
from lupus_pgx.terms import GenomeWord

TPMT, HALF = {"TPMT": "*1/*1"}, {"TPMT": "*1/*3A", "NUDT15": "*1/*1"}
NORMAL, POOR = {"TPMT": "*1/*1", "NUDT15": "*1/*1"}, {"TPMT": "*3A/*3A", "NUDT15": "*1/*1"}
KEEPS = "the genotype (weak evidence) does not change this choice"
FITTING = "TPMT *1/*3A Intermediate Metabolizer"


@pytest.mark.parametrize(
    ("drug", "calls", "beside", "word", "reason", "asking"),
    [
        (
            "azathioprine",
            NORMAL,
            [],
            "neutral",
            "NUDT15 *1/*1 Normal Metabolizer, TPMT *1/*1 Normal Metabolizer",
            False,
        ),
        (
            *("azathioprine", HALF, [], "dose differently"),
            *(f"30-80% of the usual starting dose; NUDT15 *1/*1 Normal Metabolizer, {FITTING}", True),
        ),
        # The share does not hold beside a drug with which it is not to be given.
        (
            *("azathioprine", HALF, ["allopurinol"], "dose differently"),
            *(f"NUDT15 *1/*1 Normal Metabolizer, {FITTING}", True),
        ),
        ("azathioprine", {"TPMT": "*3A/*3A"}, [], "speaks against", "TPMT *3A/*3A Poor Metabolizer", True),
        ("azathioprine", {}, [], "test first", "not assessed: NUDT15, TPMT", True),
        # A guideline that watches until the test is back, which may ask for more; and one that may not.
        ("azathioprine", TPMT, [], "test first", "TPMT *1/*1 Normal Metabolizer; not assessed: NUDT15", True),
        ("hydroxychloroquine", {}, [], "neutral", "", False),
        ("simvastatin", {"SLCO1B1": "*1/*5"}, [], "speaks against", "SLCO1B1 *1/*5 Decreased Function", True),
        ("rituximab", {"FCGR3A F158V": "V/V"}, [], "supports", "FCGR3A F158V V/V (high-affinity homozygote)", False),
        ("rituximab", {}, [], "not assessed", "not assessed: FCGR3A F158V", False),
        ("belimumab", {}, [], "no marker", "", False),
    ],
)
def test_the_word_of_the_genome(drug, calls, beside, word, reason, asking):
    context = {"co_medication": beside} if beside else None
    found = drug_word(drug, respond(calls, [drug], context=context).drug(drug))
    assert (found.word.value, found.reason, asks(found)) == (word, reason, asking)
    shown = f"{found.shown} ({reason})" if reason else found.shown
    assert str(found) == f"{drug}: {shown}"


@pytest.mark.parametrize(
    ("drug", "calls", "measure", "weak", "shown"),
    [
        ("azathioprine", HALF, "6-TGN", False, "dose differently"),
        ("azathioprine", POOR, "", False, "speaks against"),
        ("rituximab", {"FCGR3A F158V": "V/V"}, "CD19 cells", True, f"{KEEPS}: measure CD19 cells"),
        ("rituximab", {"FCGR3A F158V": "F/F"}, "", True, KEEPS),
        ("isoniazid", {"NAT2": "*5/*5"}, "", True, KEEPS),
        ("rituximab", {}, "CD19 cells", True, "not assessed"),
        ("belimumab", {}, "CD19 cells", True, "no marker"),
    ],
)
def test_weak_evidence_changes_no_choice(drug, calls, measure, weak, shown):
    found = drug_word(drug, respond(calls, [drug]).drug(drug), measure)
    assert (found.weak, found.shown) == (weak, shown)


def test_a_drug_that_was_not_asked_for_is_not_assessed():
    found = drug_word("azathioprine", None)
    assert (found.word, found.weak, asks(found)) == (GenomeWord.NOT_ASSESSED, True, False)
    assert found.reason == "not among the drugs of this analysis"
