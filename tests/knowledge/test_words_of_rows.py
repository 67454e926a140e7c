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


NEUTRAL_WORDS = (
    "a an the of or and in to by it its that is any now before earlier recent severe mild grade told not over years "
    "for lupus use on one included local again disease disorder illness condition risk history from other another "
    "with under"
)
NEUTRAL = frozenset(NEUTRAL_WORDS.split())
"""Words that narrow nothing."""

OTHER_WORDS = {
    ("aspirin_asthma", "asthma that an analgesic brings on"),
    ("dialysis", "dialysis or no urine"),
    ("g6pd", "G6PD deficiency or activity not known"),
    ("heart_block", "AV block of any degree"),
    ("heart_block", "heart block of any degree"),
    ("heparin_thrombocytopenia_now", "heparin-induced thrombocytopenia now or within 100 days"),
    ("hepatitis_b_active", "active viral hepatitis"),
    ("hepatitis_b_recorded", "hepatitis B recorded"),
    ("high_degree_block", "block above first degree"),
    ("hyperprolinaemia", "hyperprolinaemia (proline-stabilised product)"),
    ("immunodeficiency", "immunodeficiency syndrome"),
    ("immunodeficiency", "severely immunocompromised"),
    ("recent_stroke", "fresh stroke, or bleeding in the brain"),
    ("recent_stroke", "stroke or transient ischaemia within 6 months"),
    ("retinopathy", "maculopathy or retinal change"),
    ("retinopathy", "retinal change"),
    ("sick_sinus", "disorder of heart rhythm"),
    ("thrombosis", "thrombosis or antiphospholipid antibodies, above all with a calcineurin inhibitor"),
    ("thrombosis", "thrombosis or antiphospholipid antibodies, above all with a catheter"),
    ("urinary_obstruction", "difficulty in passing urine"),
    ("urinary_obstruction", "urinary retention"),
    ("zoster", "herpes infection"),
    ("zoster", "zoster in the last 12 weeks"),
}
"""States that say what was told in other words, or more than it: each was read."""

NARROWER = re.compile(r"\b(?:no|without|within|with|after|not(?! told))\b")


def stems(text: str) -> set[str]:
    found = [word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in NEUTRAL]
    return {re.sub(r"(?:ies|es|s|ing|ed|al|ic|y|e)$", "", word)[:7] for word in found}


def test_what_a_row_shows_as_told_is_what_was_told():
    """Told a thrombosis no row may say "lupus anticoagulant (yes)": a part of its words is told, the rest "or not"."""
    knowledge = load_knowledge()
    criteria = {row["criterion"]: row for row in knowledge.rows("criteria")}
    same: dict[str, set[str]] = {}
    for row in knowledge.rows("context_words"):
        if row["field"] == "condition" and row["value"] and row["details"] is None:
            same.setdefault(row["value"], set()).update(stems(row["words"]))
    narrowed = set()
    for row in knowledge.rows("contraindications"):
        criterion = criteria[row["criterion"]]
        first = (criterion["asks"] or "").split(";")[0]
        if (
            not first.startswith("condition:")
            or row["operator"]
            or row["also"]
            or row["grade"] in ("moderate", "severe")
        ):
            continue
        told = first.partition(":")[2].removesuffix("?")
        known = stems(criterion["words"]) | stems(told.replace("_", " ")) | same.get(told, set())
        state = row["state"].removesuffix(f" ({row['citation']})")
        parts = [part for part in re.split(r",| or | and ", state) if part.strip()]
        named = any(stems(part) <= known for part in parts)
        open_ = "not told" in state or not NARROWER.search(state) or stems(state) <= known
        if not (named and open_):
            narrowed.add((row["criterion"], state))
    assert narrowed == OTHER_WORDS
