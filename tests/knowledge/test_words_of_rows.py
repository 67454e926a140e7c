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


def test_an_interaction_is_about_the_drug_whose_dose_it_changes():
    """A factor stands with the drug that rises or falls: half of voriconazole was advised where omeprazole rises."""
    wrong = []
    for row in load_knowledge().rows("interactions"):
        first, _, _ = row["effect"].partition(" ")
        changed = row["factor_low"] is not None or row["cap"] is not None
        partners = [name.lower() for name in (row["with_drugs"] or "").split(";")]
        moved = re.fullmatch(rf"{re.escape(first)} (?:rises|falls|doubles)\b.*", row["effect"])
        if "victim" in row["advice"] or (changed and moved and first.lower() in partners):
            wrong.append((row["drug"], row["with"]))
    assert wrong == []
