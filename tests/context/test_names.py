"""Names of fields and conditions as people write them: read as meant and said, never as more than was told."""

from __future__ import annotations

import pytest
from told import from_yaml, read, refused

from lupus_pgx import load_knowledge, respond
from lupus_pgx.context.form import context_schema
from lupus_pgx.context.reading import condition_names
from lupus_pgx.terms import Contraception

KNOWLEDGE = load_knowledge()
TODAY = "2026-06-01"
WORDS = [row for row in KNOWLEDGE.rows("context_words") if row["field"] == "condition" and row["value"]]
ASKED = [
    row
    for row in KNOWLEDGE.rows("context_words")
    if row["field"] == "condition" and not row["value"] and not row["details"]
]
"""Words that tell too little: the note says what to write; a stage of the kidney tells a bound."""
SOME = [WORDS[start : start + 100] for start in range(0, len(WORDS), 100)]
"""A hundred at a time: each is read by itself, and a test that fails names every word that is at fault."""


def test_words_stand_for_what_a_context_can_hold():
    known = set(condition_names(KNOWLEDGE))
    fields = set(context_schema()["$defs"]["patient"]["properties"])
    targets = {"condition": known, "field": fields, "contraception": set(Contraception)}
    for row in KNOWLEDGE.rows("context_words"):
        other = row["field"] == "condition" and (row["value"] or "other:").startswith("other:")
        asked_otherwise = row["field"] == "field" and not row["value"] and row["note"]  # the age, not a day of birth
        if row["field"] in targets and not other and not asked_otherwise:
            assert row["value"] in targets[row["field"]], row
        if row["field"] == "quantity" and (row["value"] or "").startswith("condition:"):
            condition = row["value"].removeprefix("condition:")
            assert condition in known | {"pregnancy"} or condition.startswith("other: "), row
        if row["field"] == "grade":
            assert set(row["details"].split(";")) <= known, row
        if row["field"] == "infection":
            assert set((row["value"] or "").split(";")) - {""} <= known, row


def of_some(rows):
    return f"from {rows[0]['words']} to {rows[-1]['words']}"


def read_and_said(row) -> bool:
    context = read({"conditions": {row["words"]: True}})
    if not row["value"].startswith("other: "):
        said = any(row["value"] in remark for remark in context.remarks) or row["words"] == row["value"]
        return context.conditions == {row["value"]: True} and said
    name = row["value"].removeprefix("other: ")
    if any(item.name == name for item in context.manifestations):
        # It is asked for among the manifestations.
        held, said = ({}, ()), f"conditions.{row['words']}: read as"
    else:
        held, said = ({}, (name,)), f"{name}: no table asks about it"
    return (context.conditions, context.other_conditions) == held and any(said in text for text in context.remarks)


@pytest.mark.parametrize("rows", SOME, ids=of_some)
def test_a_word_for_a_condition_is_read_and_said(rows):
    assert [row["words"] for row in rows if not read_and_said(row)] == []


def excluded(row, no) -> bool:
    """Whether a "no" excludes what the row's words stand for, and no more."""
    context = read({"conditions": {row["words"]: no}})
    left_out = row["details"] == "part" or row["value"].startswith("other: ")
    held = {} if left_out else {row["value"]: False}
    return (context.conditions, context.other_conditions) == (held, ())


@pytest.mark.parametrize("rows", SOME, ids=of_some)
def test_a_part_that_is_not_there_does_not_exclude_the_whole(rows):
    assert [(row["words"], no) for row in rows for no in (False, "no", "none") if not excluded(row, no)] == []


@pytest.mark.parametrize("row", ASKED, ids=lambda row: row["words"])
def test_a_word_that_tells_too_little_says_what_to_write(row):
    assert f"{row['words']}: {row['note']}" in refused({"conditions": [row["words"]]})
    assert f"{row['note']}" in refused({row["words"]: True})
    assert row["note"] in refused({"conditions": [f"other: {row['words']}"]})
    assert read({"conditions": {row["words"]: False}}).conditions == {}


def test_no_clot_in_a_leg_clears_nothing():
    def checks(**conditions):
        found = respond({}, ["thalidomide"], context={"age": 50, "conditions": conditions}, today=TODAY)
        return [item.known for item in found.drug("thalidomide").checks if item.criterion == "thrombosis"]

    assert checks(DVT=True) == [True]
    assert checks(DVT=False) == checks()


@pytest.mark.parametrize(
    ("line", "conditions"),
    [
        ("conditions: [DVT, heart failure]", {"thrombosis": True, "heart_failure": True}),
        ("comorbidities: {Asthma: yes}", {"asthma": True}),
        ("dialysis: true", {"dialysis": True}),
        ("smoker: yes", {"smoking": True}),
        ("hypertension: no", {"hypertension": False}),
        ("conditions: {DVT: true, pulmonary embolism: true}", {"thrombosis": True}),
        ("conditions: {DVT: true, pulmonary embolism: false}", {"thrombosis": True}),
        ("conditions: {seizures: true}\ndialysis: false", {"seizures": True, "dialysis": False}),
        ("conditions: {heart_failure: moderate}", {"heart_failure": True}),
    ],
)
def test_conditions_wherever_they_stand(tmp_path, line, conditions):
    assert from_yaml(tmp_path, line).conditions == conditions


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("pregnant: yes", "pregnancy", True),
        ("breastfeeding: no", "breast_feeding", False),
        ("breast-feeding: true", "breast_feeding", True),
        ("contraception: none", "contraception", Contraception.NOT_SECURED),
        ("contraception: no", "contraception", Contraception.NOT_SECURED),
        ("contraception: secured", "contraception", Contraception.SECURED),
    ],
)
def test_fields_by_other_names(tmp_path, line, field, value):
    context = from_yaml(tmp_path, line)
    assert getattr(context, field) == value
    assert bool(context.remarks) is not line.endswith("secured")


def test_a_quantity_beside_the_fields_is_a_value(tmp_path):
    context = from_yaml(tmp_path, "blood_pressure: 185/110\npotassium: 6.1 mmol/L\nvalues: {qtc: 480 ms}")
    assert {name: amount.value for name, amount in context.values.items()} == {
        "blood_pressure": 185,
        "potassium": 6.1,
        "qtc": 480,
    }


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"pregnant": True, "pregnancy": False}, "pregnant: stands for pregnancy, which is given twice"),
        ({"dialysis": True, "conditions": {"dialysis": False}}, "stands for dialysis, which is given twice"),
        ({"conditions": {"tb": True, "tuberculosis": False}}, "stands for tuberculosis, which is given twice"),
        ({"potassium": "6 mmol/L", "values": {"potassium": "4 mmol/L"}}, "given twice"),
        ({"dialysis": True, "conditions": 3}, "given twice"),
        ({"conditions": {"purple spots": True}}, "conditions.purple spots: unknown field"),
        ({"conditions": {"no DVT": True}}, "write {NAME: false}, as in 'DVT: false'"),
        ({"favourite colour": "blue"}, "favourite colour: unknown field"),
    ],
)
def test_what_is_given_twice_or_not_known_is_refused(fields, said):
    assert said in refused(fields)


@pytest.mark.parametrize(
    ("written", "drug"),
    [
        ("Zyloric 300 mg", "allopurinol"),
        ("Rifadin 600 mg/day", "rifampin"),
        ("clarithromycin 500 mg twice daily", "clarithromycin"),
        ("metoprolol 47.5 mg", "metoprolol"),
        ("unheardof 5 mg", None),
    ],
)
def test_a_drug_with_its_dose_in_one_text(written, drug):
    if drug is None:
        assert written.split()[0] in refused({"co_medication": [written]})
        return
    context = read({"co_medication": [written]})
    assert [item.name for item in context.co_medication] == [drug]
    assert any("taken now" in remark for remark in context.remarks)


@pytest.mark.parametrize("which", ["zoster", "shingles", "chickenpox", "varicella"])
def test_zoster_that_is_an_infection_is_zoster_too(which):
    fields = {"age": 50, "infection": {"which": which, "treated": "ongoing", "severity": "mild"}}
    assert read(fields).conditions == {"zoster": True, "viral_infection": True}
    drug = respond({}, ["tofacitinib"], context=fields, today=TODAY).drug("tofacitinib")
    assert ("zoster", True) in [(item.criterion, item.known) for item in drug.checks]


@pytest.mark.parametrize("told", [{"active_infection": {"a": 1}}, {"manifestations": True}, {"active_infection": []}])
def test_a_field_of_another_form_is_refused_with_its_place(told):
    assert next(iter(told)) in refused(told)
