"""Conditions of table rows: what they ask for, and what is refused."""

from __future__ import annotations

import pytest

from lupus_pgx.errors import KnowledgeError
from lupus_pgx.knowledge.rules import parse_condition


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("CYP2D6:score=1|1.5", [1, 1.5]),
        ("CYP2D6:score>2.5", [2.75, 3]),
        ("CYP2D6:score>=2.5", [2.5, 2.75, 3]),
        ("CYP2D6:score<1.5", [0, 0.5, 1]),
        ("CYP2D6:score <= 1", [0, 0.5, 1]),
        ("CYP2D6:score=1.0", [1]),
    ],
)
def test_scores_are_compared_as_numbers(text, scores):
    (clause,) = parse_condition(text).clauses
    assert [score for score in (0, 0.5, 1, 1.5, 2.5, 2.75, 3) if clause.of_score(score)] == scores
    assert not clause.of_score(None)


@pytest.mark.parametrize(
    ("text", "key", "aspect", "values"),
    [
        ("UGT1A9 -275T>A=T/A|A/A", "UGT1A9 -275T>A", "genotype", {"T/A", "A/A"}),
        ("TPMT=Poor Metabolizer", "TPMT", "phenotype", {"Poor Metabolizer"}),
        ("HLA-B:allele=no *58:01", "HLA-B", "allele", {"no *58:01"}),
        ("VKORC1=-1639 GG|-1639 AG", "VKORC1", "phenotype", {"-1639 GG", "-1639 AG"}),
    ],
)
def test_a_sign_within_a_name_is_no_comparison(text, key, aspect, values):
    (clause,) = parse_condition(text).clauses
    assert (clause.key, clause.aspect, clause.values, clause.comparison) == (key, aspect, values, "=")


@pytest.mark.parametrize(
    "text",
    [
        "TPMT",
        "=x",
        "TPMT=",
        "TPMT:size=1",
        "CYP2D6:score=high",
        "CYP2D6:score>1|2",
        "TPMT:allele>*3",
        "TPMT=a|",
        "A=b &",
    ],
)
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(KnowledgeError, match="condition"):
        parse_condition(text)
