"""What is asked of the criteria beside their answer: what alone answers one, and which is the narrower."""

from __future__ import annotations

import pytest
from told import from_yaml

from lupus_pgx import load_knowledge
from lupus_pgx.context.judged.criteria import Criteria

TODAY = "2026-11-29"
REACTION = "therapies: [{drug: naproxen, outcome: intolerance, reaction: anaphylaxis}]"


@pytest.mark.parametrize(
    ("name", "drug", "told", "alone"),
    [
        ("alcohol", "methotrexate", "co_medication: [alcohol]", {"alcohol"}),
        ("alcohol", "methotrexate", "co_medication: [alcohol, warfarin]", {"alcohol"}),
        ("alcohol", "alcohol", "co_medication: [alcohol, warfarin]", set()),
        ("alcohol", "methotrexate", "co_medication: [warfarin]", set()),
        ("alcohol", "methotrexate", "{conditions: {alcohol_misuse: true}, co_medication: [alcohol]}", set()),
        ("smoking", "methotrexate", "{conditions: {smoking: true}, co_medication: [alcohol]}", set()),
        ("aliskiren_beside", "enalapril", "co_medication: [aliskiren, alcohol]", {"aliskiren"}),
        ("no such one", "methotrexate", "co_medication: [alcohol]", set()),
    ],
)
def test_what_is_taken_and_alone_answers_a_criterion(name, drug, told, alone, tmp_path):
    found = Criteria(load_knowledge()).answered_by(name, drug, from_yaml(tmp_path, f"{told}\n", TODAY))
    assert found == alone


@pytest.mark.parametrize(
    ("name", "told", "only"),
    [
        ("nsaid_allergy", REACTION, True),
        ("nsaid_allergy", f"{{conditions: {{nsaid_allergy: true}}, {REACTION}}}", False),
        ("drug_angioedema", REACTION, False),
        ("smoking", REACTION, False),
        ("no such one", REACTION, False),
    ],
)
def test_an_allergy_that_only_a_reaction_tells(name, told, only, tmp_path):
    context = from_yaml(tmp_path, f"{told}\n", TODAY)
    assert Criteria(load_knowledge()).by_reaction(name, "ibuprofen", context) is only


@pytest.mark.parametrize(
    ("one", "other", "narrower"),
    [
        ("migraine_with_aura", "migraine", True),
        ("migraine", "migraine_with_aura", False),
        ("migraine", "migraine", False),
        ("smoking", "migraine", False),
        ("no such one", "migraine", False),
        ("migraine", "no such one", False),
        ("dialysis", "egfr", False),
        ("heparin_thrombocytopenia_recent", "heparin_thrombocytopenia", True),
        ("heparin_thrombocytopenia", "heparin_thrombocytopenia_recent", False),
    ],
)
def test_which_criterion_is_the_narrower(one, other, narrower):
    assert Criteria(load_knowledge()).is_narrower(one, other) is narrower
