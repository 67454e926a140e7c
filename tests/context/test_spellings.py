"""Doses of combinations, brands in two words, vaccines, values without a unit and an infection without a name."""

from __future__ import annotations

import pytest

from lupus_pgx import load_context, respond
from lupus_pgx.errors import InputError
from lupus_pgx.terms import Action, Grade

TODAY = "2026-11-28"


def read(fields: dict):
    return load_context(fields, today=TODAY)


@pytest.mark.parametrize(
    ("text", "drugs", "dose"),
    [
        ("Paxlovid 300/100 mg BID", ["nirmatrelvir / ritonavir"], None),
        ("Entresto 49/51 mg BID", ["sacubitril / valsartan"], None),
        ("Entresto 49/51", ["sacubitril / valsartan"], None),
        ("Bactrim 800/160 mg", ["sulfamethoxazole / trimethoprim"], None),
        ("Bactrim forte 800/160 mg 1-0-1", ["sulfamethoxazole / trimethoprim"], None),
        ("Bactrim DS", ["sulfamethoxazole / trimethoprim"], None),
        ("TMP/SMX 160/800 mg daily", ["sulfamethoxazole / trimethoprim"], None),
        ("sacubitril/valsartan 24/26 mg BID", ["sacubitril / valsartan"], None),
        ("Augmentin 875/125 mg BID", ["amoxicillin-clavulanate"], None),
        ("Amoxiclav 1 g TID", ["amoxicillin-clavulanate"], (3000, "mg/day")),
        ("amoxicillin/clavulanic acid 1 g BID", ["amoxicillin-clavulanate"], (2000, "mg/day")),
        ("Sandimmun Neoral", ["cyclosporine"], None),
        ("Sandimmun Neoral 100 mg BID", ["cyclosporine"], (200, "mg/day")),
        ("Solu Medrol 500 mg/day", ["methylprednisolone"], (500, "mg/day")),
        ("Hyzaar 50/12.5 mg", ["losartan", "hydrochlorothiazide"], None),
        ("ramipril/amlodipine 5/5 mg", ["ramipril", "amlodipine"], None),
        ("valsartan + hydrochlorothiazide", ["valsartan", "hydrochlorothiazide"], None),
        ("MMR vaccine", ["measles-mumps-rubella vaccine"], None),
        ("Gelbfieberimpfung", ["yellow fever vaccine"], None),
        ("FluMist", ["intranasal influenza vaccine"], None),
        ("flu shot", ["influenza vaccine"], None),
        ("Shingrix", ["recombinant zoster vaccine"], None),
        ("Covid vaccine", ["COVID-19 vaccine"], None),
    ],
)
@pytest.mark.parametrize("field", ["planned", "co_medication"])
def test_a_drug_as_it_is_written(field, text, drugs, dose):
    context = read({field: [text]})
    names = (
        [item.drug.name for item in context.planned] if field == "planned" else [x.name for x in context.co_medication]
    )
    assert names == drugs
    doses = [(item.dose.value, item.dose.unit) for item in (*context.planned, *context.doses) if item.dose is not None]
    assert doses == ([dose] if dose else [])  # no dose of a part is that of the whole, nor is their sum
    assert context.remarks or (field, text) == ("planned", "Entresto 49/51")


def test_doses_of_the_parts_are_kept_as_they_were_told():
    context = read({"planned": [{"drug": "Entresto", "dose": "49/51 mg BID", "schedule": "from Monday"}]})
    (course,) = context.planned
    assert course.schedule == "49/51 mg BID, from Monday"
    both = read({"therapies": [{"drug": "Inegy", "dose": "10/20 mg", "outcome": "ongoing"}]}).therapies
    assert [(item.drug.name, item.dose, item.schedule) for item in both] == [
        ("ezetimibe", None, "10/20 mg"),
        ("simvastatin", None, "10/20 mg"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"planned": [{"drug": "prednisone", "dose": "10/5 mg"}]},
        {"planned": ["prednisone 10/5 mg"]},
        {"planned": ["no MMR vaccine"]},
        {"planned": ["zoster vaccine"]},
        {"planned": ["Prograf/Unheard"]},
        {"co_medication": ["statin/ezetimibe"]},
        {"values": {"creatinine": "1.2"}},
        {"values": {"inr": "7,2"}},
        {"values": {"inr": "07"}},
        {"values": {"inr": "72"}},
        {"active_infection": "pneumonia"},
        {"active_infection": "none", "conditions": {"infection": True}},
        {"active_infection": "mild", "manifestations": {"infection": "severe"}},
        {"manifestations": ["infection"], "conditions": {"infection": False}},
        {"infection": True, "conditions": {"infection": False}},
        {"infection": True, "active_infection": "none"},
    ],
)
def test_what_could_be_two_things_stays_refused(fields):
    with pytest.raises(InputError):
        read(fields)


@pytest.mark.parametrize(
    "fields", [{"INR": "7.2"}, {"values": {"INR": "7.2"}}, {"values": {"inr": 7.2}}, {"inr": "7.2"}]
)
def test_a_quantity_without_a_unit_needs_none(fields):
    assert read(fields).values["inr"].shown == "7.2 INR"


def test_a_bound_of_a_quantity_without_a_unit():
    amount = read({"INR": ">8"}).values["inr"]
    assert (amount.sign, amount.value, amount.unit) == (">", 8, "INR")


@pytest.mark.parametrize(
    "fields",
    [
        {"active_infection": True},
        {"active_infection": "yes"},
        {"infection": True},
        {"infection": "ja"},
        {"conditions": {"active_infection": True}},
        {"conditions": ["infection"]},
        {"comorbidities": ["active infection"]},
        {"comorbidities": {"current infection": "yes"}},
        {"manifestations": {"active_infection": True}},
        {"manifestations": ["infection"]},
        {"manifestations": {"infection": None}},
    ],
)
def test_an_infection_without_a_name_or_grade_is_there(fields):
    context = read({"sex": "male", "age": 40, **fields})
    assert context.conditions == {"active_infection": True}
    assert context.active_infection is None
    assert not context.knows("manifestations")
    assert any("how severe is not told" in remark for remark in context.remarks)
    answers = respond({}, ["obinutuzumab", "methotrexate"], context=context, today=TODAY)
    assert answers.drug("obinutuzumab").overall_action is Action.AVOID
    assert "active infection (yes, severity not given; not settled)" in str(answers.drug("methotrexate"))


@pytest.mark.parametrize(
    ("fields", "grade"),
    [
        ({"active_infection": False}, Grade.NONE),
        ({"conditions": {"infection": False}}, Grade.NONE),
        ({"conditions": {"active_infection": "moderate"}}, Grade.MODERATE),
        ({"manifestations": {"infection": "severe"}}, Grade.SEVERE),
        ({"manifestations": {"infection": {"severity": "mild"}}}, Grade.MILD),
        ({"active_infection": "severe", "conditions": {"infection": True}}, Grade.SEVERE),
        ({"active_infection": "severe", "conditions": ["infection"]}, Grade.SEVERE),
    ],
)
def test_an_infection_with_a_grade_is_told_by_it(fields, grade):
    context = read(fields)
    assert context.active_infection is grade
    assert not any(context.conditions.values())


def test_what_else_stands_beside_an_infection_is_kept():
    context = read({"manifestations": ["infection", "arthritis"], "conditions": ["dialysis"]})
    assert [item.name for item in context.manifestations] == ["musculoskeletal"]
    assert context.conditions == {"dialysis": True, "active_infection": True}


@pytest.mark.parametrize(
    ("quantity", "value", "shown"),
    [
        ("SLEDAI-2K", 6, "6 points"),
        ("clasi_a", "12", "12 points"),
        ("interferon_signature", 3, "3 score"),
        ("pulse", 48, "48 /min"),
    ],
)
def test_points_need_no_unit(quantity, value, shown):
    (amount,) = read({"values": {quantity: value}}).values.values()
    assert amount.shown == shown


@pytest.mark.parametrize("quantity", ["creatinine", "lupus_anticoagulant", "haemoglobin"])
def test_a_quantity_of_several_units_needs_one(quantity):
    with pytest.raises(InputError, match="has no unit"):
        read({"values": {quantity: 1.4}})
