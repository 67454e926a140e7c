"""What a row says of the patient is no more than what it asks: a number in its words is a bound that is compared."""

from __future__ import annotations

import re

from lupus_pgx import load_knowledge

BOUND = re.compile(r"\b(?:above|below|over|under|more than|at least)\s+\d", re.IGNORECASE)

TOLD_BY_NAME = {
    ("belimumab", "iga_deficiency"),
    ("carvedilol", "bradycardia"),
    ("voclosporin", "gfr_fall"),
}
"""Conditions that are told by their name, and whose words have the bound of the source."""


def test_no_row_says_a_bound_that_it_does_not_compare():
    found = {
        (row["drug"], row["criterion"])
        for row in load_knowledge().rows("contraindications")
        if row["acts"] == "yes" and row["operator"] is None and row["also"] is None and BOUND.search(row["state"])
    }
    assert found == TOLD_BY_NAME
