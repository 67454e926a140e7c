"""What is told of somebody else is not the patient's: words of the field ``relative``."""

from __future__ import annotations

import pytest
from told import read, refused

from lupus_pgx import load_knowledge
from lupus_pgx.context.language.others import is_of_others, tells_of_others
from lupus_pgx.context.language.word_rows import Words

KNOWLEDGE = load_knowledge()
WORDS = Words(KNOWLEDGE)
MHS = "family history of malignant hyperthermia"
RELATIVES = [
    row["words"] for row in KNOWLEDGE.rows("context_words") if row["field"] == "relative" and row["value"] == "blood"
]


def told(text):
    return read({"conditions": [text]}).conditions


@pytest.mark.parametrize("who", RELATIVES)
@pytest.mark.parametrize(
    "form", ["{} had malignant hyperthermia", "malignant hyperthermia (her {})", "{}: malignant hyperthermia"]
)
def test_what_a_relative_had_is_a_family_history(who, form):
    assert told(form.format(who)) == told(MHS)
    assert told(MHS)


@pytest.mark.parametrize("who", RELATIVES)
def test_a_reaction_of_a_relative_is_refused(who):
    said = refused({"allergies": [{"drug": "allopurinol", "reaction": f"rash in {who}"}]})
    assert "is said of somebody else" in said


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("mother had DVT", True),
        ("her grandfather: DVT", True),
        ("the patient's brother has asthma", True),
        ("DVT in a close relative", True),
        ("DVT (aunts)", True),
        ("husband has hepatitis B", True),
        ("patient and mother both have DVT", False),
        ("DVT in mother and patient too", False),
        ("asthma as a child", False),
        ("Child-Pugh B", False),
        ("familial Mediterranean fever", False),
        ("wifely", False),
        ("sonographic nephropathy", False),
        ("TIA in 2019", False),
        ("tiotropium", False),
    ],
)
def test_who_is_meant(text, others):
    assert is_of_others(text, WORDS) is others


@pytest.mark.parametrize(
    ("text", "others"),
    [("rash in the niece", True), ("familial", True), ("rash as a child", False), ("paternalism", False)],
)
def test_of_whom_a_reaction_is_told(text, others):
    assert tells_of_others(text, WORDS) is others


@pytest.mark.parametrize("text", ["husband had malignant hyperthermia", "malignant hyperthermia in her wife"])
def test_who_is_no_relative_by_blood_is_no_family(text):
    assert "it is told of somebody else" in refused({"conditions": [text]})
