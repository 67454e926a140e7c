"""What reactions and courses answer to a criterion: one source, one context a line."""

from __future__ import annotations

import pytest
from told import from_yaml

from lupus_pgx import load_knowledge
from lupus_pgx.context.judged.answers import Case, Question
from lupus_pgx.context.judged.courses import Courses

TODAY = "2026-11-29"
KNOWLEDGE = load_knowledge()
COURSES = Courses(KNOWLEDGE)
ROWS = {row["criterion"]: row for row in KNOWLEDGE.rows("criteria")}
HIT = "heparin-induced thrombocytopenia"


def answer(source, name, criterion, drug, context):
    return getattr(COURSES, source)(Case(name, context, Question(drug), ROWS[criterion])).met


def after(*reactions, drug="heparin"):
    return ", ".join(f"{{drug: {drug}, outcome: intolerance, reaction: {told}}}" for told in reactions)


# courses, and whether an earlier reaction to methotrexate is known: yes, no, or open
TOLERATED = [
    ("", None),
    ("{drug: methotrexate, outcome: response}", False),
    (after("nausea", drug="methotrexate"), False),
    (after("rhabdomyolysis", drug="methotrexate"), None),
    (after("anaphylaxis", drug="methotrexate"), True),
    (after("nausea", "anaphylaxis", drug="methotrexate"), True),
    (after("anaphylaxis", "rhabdomyolysis", drug="methotrexate"), True),
    (after("nausea", "rhabdomyolysis", drug="methotrexate"), None),
    (after("anaphylaxis", drug="azathioprine"), None),
]


@pytest.mark.parametrize(("courses", "met"), TOLERATED)
def test_an_earlier_reaction_to_the_drug(courses, met, tmp_path):
    context = from_yaml(tmp_path, f"therapies: [{courses}]\n", TODAY)
    assert answer("tolerated", "", "hypersensitivity", "methotrexate", context) is met


# 100 days before the day are 21 August
PAST = [
    ("", False),
    (f"{after(HIT)[:-1]}, stop: 2026-08-20}}", True),
    (f"{after(HIT)[:-1]}, stop: 2026-08-21}}", False),
    (f"{after(HIT)[:-1]}, start: 2026-08-01, stop: 2026-08-21}}", False),
    (f"{after(HIT)[:-1]}, start: 2026-08-20}}", True),
    (after(HIT), False),
    (f"{after(HIT)[:-1]}, stop: 2022-01-01}}, {after(HIT)[:-1]}, stop: 2026-11-01}}", False),
    (f"{after(HIT)[:-1]}, stop: 2022-01-01}}, {after(HIT)}", False),
    (f"{after('nausea')[:-1]}, stop: 2022-01-01}}", False),
]


@pytest.mark.parametrize(("courses", "met"), PAST)
def test_a_reaction_of_earlier_years(courses, met, tmp_path):
    context = from_yaml(tmp_path, f"therapies: [{courses}]\n", TODAY)
    assert answer("past", HIT, "heparin_thrombocytopenia_past", "warfarin", context) is met


@pytest.mark.parametrize(
    ("name", "courses", "met"),
    [
        ("bronchospasm", after("bronchospasm", drug="ibuprofen"), True),
        ("bronchospasm", after("nausea", drug="ibuprofen"), None),
        ("bronchospasm", "{drug: ibuprofen, outcome: response}", None),
        ("bronchospasm under NSAID", after("bronchospasm", drug="ibuprofen"), True),
        ("bronchospasm under NSAID", after("bronchospasm", drug="methotrexate"), None),
        ("bronchospasm under low-dose aspirin", after("bronchospasm", drug="ibuprofen"), None),
        ("bronchospasm under low-dose aspirin", after("bronchospasm", drug="low-dose aspirin"), True),
    ],
)
def test_a_reaction_under_what_is_asked_for(name, courses, met, tmp_path):
    context = from_yaml(tmp_path, f"therapies: [{courses}]\n", TODAY)
    assert answer("reacted", name, "aspirin_asthma", "naproxen", context) is met


@pytest.mark.parametrize(
    ("told", "met"),
    [
        ("co_medication: [siponimod]", True),
        ("therapies: [{drug: siponimod, outcome: ongoing}]", True),
        ("therapies: [{drug: siponimod, outcome: response, stop: 2026-01-01}]", False),
        ("planned: [{drug: siponimod}]", False),
        ("co_medication: [warfarin]", False),
    ],
)
def test_a_drug_that_is_taken_already(told, met, tmp_path):
    assert answer("taking", "", "taken_already", "siponimod", from_yaml(tmp_path, f"{told}\n", TODAY)) is met


@pytest.mark.parametrize(
    ("taken", "met"),
    [
        ("warfarin", False),
        ("ibuprofen", True),
        ("naproxen", False),  # which is the drug itself
        ("naproxen, ibuprofen", True),
        ("naproxen, warfarin", False),
    ],
)
def test_a_drug_of_a_class_beside_another(taken, met, tmp_path):
    context = from_yaml(tmp_path, f"co_medication: [{taken}]\n", TODAY)
    assert answer("of_class", "NSAID", "hypersensitivity", "naproxen", context) is met
