"""What is clear is read; what is refused is told how it can be written, without a circle and without its opposite."""

from __future__ import annotations

import re

import pytest
from told import read, refused

import lupus_pgx
from lupus_pgx.knowledge.drugs import OTHER, class_heads

KNOWLEDGE = lupus_pgx.load_knowledge()


@pytest.mark.parametrize("quantity", ["PTH", "lactate", "digoxin", "gentamicin trough", "MTX level", "haematocrit"])
@pytest.mark.parametrize("told", [{"values": {"X": "2 mg/L"}}, {"labs": {"X": {"value": "2 mg/L", "date": 2026}}}])
def test_a_quantity_that_no_rule_reads_does_not_stop_the_file(quantity, told):
    (field, given) = next(iter(told.items()))
    context = read({"age": 40, field: {quantity: given["X"]}})
    assert (context.age, context.values, context.labs) == (40, {}, ())
    assert any(remark.startswith(quantity) and "no rule reads it" in remark for remark in context.remarks)


@pytest.mark.parametrize(("typed", "meant"), [("creatinin", "creatinine"), ("feritin", "ferritin")])
def test_a_slip_of_the_pen_in_a_quantity_is_asked_about(typed, meant):
    said = refused({"values": {typed: "1 mg/dL"}})
    assert "did you mean" in said
    assert meant in said.replace("é", "e")


@pytest.mark.parametrize(
    "told",
    [
        {"conditions": {"pneumococcal vaccination": False}},
        {"conditions": {"pneumococcal vaccination": "nein"}},
        {"conditions": ["no pneumococcal vaccination"]},
        {"conditions": {"other": ["no pneumococcal vaccination"]}},
        {"other": ["no pneumococcal vaccination"]},
        {"other": "no pneumococcal vaccination", "conditions": {"asthma": True}},
    ],
)
def test_a_protection_that_is_not_there_stays_told(told):
    assert read(told).other_conditions == ("no pneumococcal vaccination",)


def test_what_no_table_asks_about_and_is_not_there_says_nothing():
    context = read({"conditions": {"purple toes": False}})
    assert context.other_conditions == ()
    assert any("purple toes: is not there, and is left out" in remark for remark in context.remarks)
    assert "did you mean pregnancy" in refused({"conditions": {"pregnacy": False}})  # a slip of the pen is none of it


def test_what_a_refusal_says_to_write_is_read():
    """No circle: the field, the condition or the text that a sentence names is taken."""
    for text in ("reflex epilepsy", "thalamic stroke", "asthma of the bakers"):
        said = refused({"conditions": [text]})
        held = re.search(r"holds '([^']+)'", said)
        assert held is not None, said
        for there in (True, False):
            context = read({"conditions": {held[1]: there, f"{OTHER} {text}": True}})
            assert context.other_conditions == (text,)
            assert list(context.conditions.values()) == [there]


def test_a_drug_is_not_lost_among_what_no_table_asks_about():
    for told in ({"other": ["ibuprofen"]}, {"conditions": ["other: ibuprofen"]}):
        assert "co_medication: [ibuprofen]" in refused(told)


def test_a_field_that_is_unknown_says_where_conditions_and_results_stand():
    said = refused({"PTH": "120 pg/mL"})
    assert "a condition stands under conditions, a result under values" in said


@pytest.mark.parametrize("text", ["dental extraction planned", "tooth extraction scheduled", "other: surgery planned"])
def test_a_planned_surgery_is_asked_about_before_it_comes(text):
    assert read({"conditions": [text]}).conditions == {"wound_or_surgery": True}


def test_a_suicide_attempt_of_a_year_counts():
    assert read({"conditions": {"suicide attempt": 2023}}).conditions == {"suicidal": True}


def test_a_remission_with_its_year_is_asked_about():
    said = refused({"conditions": {"lymphoma": "in remission since 2018"}})
    assert "may come back: write 'lymphoma: true' where it can" in said


@pytest.mark.parametrize(
    "name", ["Hydrocortone", "Esperal", "pamidronate", "hydrocodon-like", "Nulojix", "Famvir", "Evusheld"]
)
def test_no_other_drug_is_asked_for_than_one_of_the_class(name):
    names = KNOWLEDGE.drug_names
    known = names.find(name)
    assert known is not None or "did you mean" not in names.unknown(name)


def test_a_drug_with_a_letter_left_out_is_asked_for_and_no_other_class():
    names, heads = KNOWLEDGE.drug_names, class_heads(KNOWLEDGE)
    asked = 0
    for drug, head in heads.items():
        meant = names.meant(drug[:2] + drug[3:])
        asked += drug.lower() in meant
        assert {heads.get(names.find(one), head) for one in meant} <= {head}
    assert asked > 0.9 * sum(len(drug) > 5 for drug in heads)


@pytest.mark.parametrize(
    ("told", "drugs"),
    [
        ("Cerazette", ["progestogen-only pill"]),
        ("etonogestrel implant", ["etonogestrel implant"]),
        (["Cerazette", "condom"], ["progestogen-only pill"]),
        ("vasectomy of partner", []),
        ("Kyleena", []),
    ],
)
def test_a_brand_is_a_method_of_contraception(told, drugs):
    context = read({"contraception": told})
    assert context.contraception == "secured"
    assert [course.drug.name for course in context.therapies] == drugs


@pytest.mark.parametrize("told", [{"egfr": "G3b"}, {"values": {"eGFR": "G3b"}}, {"values": {"egfr": "stage 3b"}}])
def test_a_stage_in_the_place_of_its_value_is_read(told):
    assert (read(told).egfr.sign, read(told).egfr.value) == ("<", 45)
    assert read({**told, "conditions": ["CKD 5"]}).egfr.value == 15  # the graver of two stages
    assert read({**told, "conditions": ["CKD 3"]}).egfr.value == 45


@pytest.mark.parametrize("how", [" mmHg sitting", " (supine)", " mmHg at rest", " im Sitzen", ", standing"])
def test_how_a_pressure_was_measured_does_not_hide_it(how):
    assert read({"values": {"blood_pressure": f"150/95{how}"}}).values["blood_pressure"].value == 150


@pytest.mark.parametrize("word", ["peptic ulcer bleeding", "bleeding ulcer", "variceal bleeding"])
def test_an_ulcer_that_bled_is_one(word):
    assert read({"conditions": {word: "2025-10"}}).conditions == {"gut_ulcer": True}


def test_a_drug_with_its_maker_is_the_drug():
    context = read({"co_medication": ["Thalidomide Celgene", "erythropoietin"]})
    assert [(drug.name, drug.listed) for drug in context.co_medication] == [("thalidomide", True), ("epoetin", True)]


def test_a_vaccination_is_no_infection_and_its_absence_is_not_refused_in_a_circle():
    assert "holds" not in refused({"conditions": ["influenza vaccination planned"]})
    said = refused({"conditions": {"hepatitis B vaccination": False}})
    assert "write 'other: no hepatitis B vaccination'" in said
    assert read({"conditions": ["other: no hepatitis B vaccination"]}).other_conditions == (
        "no hepatitis B vaccination",
    )
    assert "holds 'TIA'" in refused({"conditions": {"lasting loss after TIA": False}})


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("MMR vaccine planned", "live_vaccine"),
        ("yellow fever vaccination planned", "live_vaccine"),
        ("lumbar puncture planned", "spinal_anaesthesia"),
        ("transfusion planned", "transfusion"),
    ],
)
def test_what_is_asked_about_before_it_comes_counts_as_planned(text, condition):
    assert read({"conditions": [text]}).conditions == {condition: True}
