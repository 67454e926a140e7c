"""What headline and options ask before another drug: signs, trials, levels and what the patient tells."""

from __future__ import annotations

import pytest
from histories import CALLS, lab, nephritis

from lupus_pgx import load_knowledge, respond
from lupus_pgx.knowledge.option_terms import parse_terms

TODAY = "2025-11-28"
KNOWLEDGE = load_knowledge()


def patient(context, calls=CALLS, drugs=None):
    return respond(calls, drugs, context=context, today=TODAY)


def failed(drug, **more):
    return {"drug": drug, "start": "2024-01-10", "outcome": "inadequate_response", **more}


def first(context, calls=CALLS):
    return patient(context, calls).options.to_frame().option.iloc[0]


def test_what_the_patient_tells_of_missed_doses_comes_before_dose_and_genotype():
    context = {"manifestations": nephritis("IV"), "therapies": [failed("MMF", dose="1 g/day")]}
    told = patient(context | {"conditions": {"missed_doses": True}}).resistance.headline
    assert told.startswith("The treatment was not taken as written down: missed doses")
    assert "missed" not in patient(context).resistance.headline
    assert "missed" not in patient(context | {"conditions": {"missed_doses": False}}).resistance.headline


@pytest.mark.parametrize(("told", "monogenic"), [(True, True), (False, False), (None, False)])
def test_lupus_in_the_family_asks_for_genetics(told, monogenic):
    context = {"age": 30, "manifestations": {"cutaneous": {}}, "therapies": [failed("MTX")]}
    if told is not None:
        context["conditions"] = {"family_lupus": told}
    review = patient(context).resistance
    assert ("monogenic lupus" in review.headline) is monogenic
    assert first(context).startswith("refer to clinical genetics") is monogenic


def test_isoniazid_is_not_stopped_without_whoever_treats_the_tuberculosis():
    context = {
        "manifestations": {"musculoskeletal": {}},
        "therapies": [failed("MTX", dose="15 mg/week")],
        "co_medication": ["isoniazid"],
    }
    headline = patient(context).resistance.headline
    assert "Isoniazid may bring on lupus" in headline
    assert "ask whoever treats the tuberculosis" in headline
    assert "stop the drug" not in headline
    assert first(context).startswith("settle with whoever treats the tuberculosis")


def antibodies(second="2025-06-20", acl=60, b2=55):
    days = ("2025-03-01", second)
    return [
        {"quantity": "lupus_anticoagulant", "unit": "present or absent", "values": dict.fromkeys(days, "present")},
        {"quantity": "anticardiolipin_igg", "unit": "U/mL", "values": dict.fromkeys(days, acl)},
        {"quantity": "anti_beta2gp1_igg", "unit": "U/mL", "values": dict.fromkeys(days, b2)},
    ]


@pytest.mark.parametrize(
    ("labs", "triple"),
    [
        (antibodies(), True),
        (antibodies(second="2025-05-24"), True),  # twelve weeks to the day
        (antibodies(second="2025-05-23"), False),
        (antibodies(acl=40, b2=40), True),
        (antibodies(acl=39), False),
        (antibodies(b2=39), False),
        (antibodies()[:2], False),
    ],
)
def test_triple_positivity_is_three_antibodies_twice_and_high(labs, triple):
    context = {"manifestations": {"antiphospholipid": {}}, "therapies": [failed("warfarin")], "labs": labs}
    says = [text for step in patient(context).resistance.steps for text in step.says]
    assert any(text.startswith("Triple positivity") for text in says) is triple


def test_an_unfinished_trial_opens_no_refractory_line_unless_an_organ_is_at_stake():
    short = failed("MMF", dose="1 g/day", stop="2024-02-20")
    stages = {
        severity: set(
            patient(
                {"manifestations": {"lupus nephritis": {"class": ["IV"], "severity": severity}}, "therapies": [short]}
            )
            .options.to_frame()
            .query("drugs.notna()")
            .stage
        )
        for severity in ("moderate", "severe")
    }
    assert "refractory" not in stages["moderate"]
    assert "refractory" in stages["severe"]


def test_a_drug_that_a_text_names_and_the_genotype_forbids_is_said_to_be_forbidden():
    context = {"manifestations": nephritis("IV"), "age": 35}
    name = "glucocorticoid + low-dose cyclophosphamide"
    for diplotype, said in (("*3/*3", True), ("*1/*1", False)):
        frame = patient(context, CALLS | {"NUDT15": diplotype}).options.to_frame().set_index("option")
        assert ("azathioprine, which the text names, is forbidden here" in str(frame.check_first[name])) is said


def asked_first(option, context, **calls):
    frame = patient(context, CALLS | calls).options.to_frame().set_index("option")
    return str(frame.check_first[option])


@pytest.mark.parametrize(("diplotype", "said"), [("*2/*2", True), ("*1/*1", False)])
def test_a_drug_that_only_the_note_names_is_said_to_be_forbidden_too(diplotype, said):
    context = {"manifestations": {"neuropsychiatric lupus": {"mechanism": "thrombotic"}}}
    asked = asked_first("aspirin in thrombotic or ischaemic disease", context, CYP2C19=diplotype)
    assert ("clopidogrel, which the text names, is forbidden here" in asked) is said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, False),
        ({"labs": [lab("egfr", "mL/min/1.73m2", d2025_11_20=45)]}, False),  # a lower dose is no prohibition
        ({"therapies": [failed("AZA", outcome="intolerance", reaction="pancreatitis")]}, True),
    ],
)
def test_a_drug_that_a_text_names_is_forbidden_by_what_forbids_it_and_not_by_a_lower_dose(fields, said):
    asked = asked_first("glucocorticoid + low-dose cyclophosphamide", {"manifestations": nephritis("IV")} | fields)
    assert ("azathioprine, which the text names, is forbidden here" in asked) is said


@pytest.mark.parametrize(("platelets", "shown"), [(20, True), (40, False)])
def test_what_is_settled_before_any_drug_is_so_in_remission_too(platelets, shown):
    context = {
        "manifestations": {"haematological": {}},
        "therapies": [failed("MMF", stop="2024-08-01"), failed("AZA", start="2024-09-01", outcome="response")],
        "labs": [lab("platelet_count", "x10^9/L", d2025_11_20=platelets)],
    }
    names = list(patient(context).options.to_frame().option)
    assert any(name.startswith("exclude thrombotic microangiopathy") for name in names) is shown


@pytest.mark.parametrize(
    ("second", "outcome", "quiet"),
    [("AZA", "response", True), ("prednisone", "response", False), ("AZA", "inadequate_response", False)],
)
def test_in_remission_no_line_for_active_disease_is_offered_and_a_glucocorticoid_makes_none(second, outcome, quiet):
    later = failed(second, start="2024-09-01", outcome=outcome)
    context = {"manifestations": {"haematological": {}}, "therapies": [failed("MMF", stop="2024-08-01"), later]}
    stages = set(patient(context).options.to_frame().stage)
    assert ("refractory" not in stages) is quiet
    assert ("maintenance" in stages) is quiet


@pytest.mark.parametrize(("trough", "said"), [(6, False), (6.9, False), (6.91, True)])
def test_a_level_above_by_rounding_stops_nothing(trough, said):
    taken = {"drug": "tacrolimus", "start": "2025-01-20", "outcome": "ongoing"}
    context = {"manifestations": nephritis("IV"), "therapies": [taken],
               "labs": [lab("tacrolimus_trough", "ng/mL", d2025_11_20=trough)]}  # fmt: skip
    assert (first(context) == "stop or give less tacrolimus: the level is above its range") is said


@pytest.mark.parametrize(
    ("fields", "asked"),
    [({}, True), ({"sex": "female"}, True), ({"sex": "male"}, False), ({"pregnancy": False}, False)],
)
def test_a_drug_that_is_not_for_the_pregnant_asks_whether_she_is(fields, asked):
    context = {"manifestations": {"antiphospholipid": {}}, "conditions": {"thrombosis": True}} | fields
    assert ("pregnancy no;" in asked_first("vitamin K antagonist after venous thrombosis", context)) is asked


@pytest.mark.parametrize(
    ("age", "classes", "shown"),
    [(12, ["II"], True), (12, [], True), (None, ["II"], False), (None, [], False), (30, ["II"], False)],
)
def test_what_is_meant_for_children_stands_only_where_the_patient_is_known_to_be_one(age, classes, shown):
    context = {"manifestations": nephritis(*classes)} | ({"age": age} if age else {})
    names = set(patient(context).options.to_frame().option)
    assert ("low-dose prednisone in a child with class II" in names) is shown


@pytest.mark.parametrize(("value", "stopped"), [(1.4, True), (1.6, False)])
def test_a_level_near_nothing_stops_the_multiple_of_the_genotype(value, stopped):
    context = {
        "therapies": [{"drug": "tacrolimus", "start": "2025-01-20", "outcome": "ongoing"}],
        "labs": [lab("tacrolimus_trough", "ng/mL", d2025_11_20=value)],
    }
    drug = patient(context, {"CYP3A5": "*1/*1"}, ["tacrolimus"]).drug("tacrolimus")
    assert drug.dose_stopped is stopped
    assert ("times the usual" in drug.summary) is not stopped
    assert ("whether it is taken" in drug.summary) is stopped


def test_a_level_above_its_range_is_no_adequate_exposure():
    context = {
        "manifestations": nephritis("IV"),
        "therapies": [failed("tacrolimus", dose="4 mg/day")],
        "labs": [lab("tacrolimus_trough", "ng/mL", d2024_06_20=24)],
    }
    review = patient(context).resistance
    assert not {"adequate_exposure", "under_exposure"} & set(review.to_frame("resistance").finding)
    assert review.headline.startswith("Tacrolimus was above its range")


def test_what_a_level_may_mean_has_a_row():
    known = {row["meaning"] for row in KNOWLEDGE.rows("level_meanings")}
    used = {row[side] for row in KNOWLEDGE.rows("monitoring") for side in ("below_means", "above_means")} - {None}
    assert used <= known


def test_signs_that_options_ask_for_exist():
    signs = {row["sign"] for row in KNOWLEDGE.rows("review_signs")}
    for row in KNOWLEDGE.rows("therapy_options"):
        for group in parse_terms(row["applies_when"] or ""):
            assert {term.value for term in group if term.key == "sign"} <= signs


@pytest.mark.parametrize(
    ("classes", "decides"), [(["III", "V"], "class III or IV"), (["V"], "class V"), (["II", "V"], "class V")]
)
def test_of_several_classes_a_row_says_which_decides(classes, decides):
    labs = [lab("upcr", "g/g", d2025_11_20=4)]
    frame = patient({"manifestations": nephritis(*classes), "labs": labs, "age": 30}).options.to_frame()
    membranous = frame.option.str.contains("in class V").any()
    assert bool(membranous) is (decides == "class V")


def test_a_blocker_that_is_taken_is_said_to_be_taken():
    context = {
        "manifestations": nephritis("IV"),
        "labs": [lab("upcr", "g/g", d2025_11_20=2)],
        "co_medication": ["losartan"],
    }
    frame = patient(context).options.to_frame().set_index("option")
    assert frame.tried["RAAS blockade"] == "losartan (taken)"


def test_a_drug_that_has_to_go_does_not_take_its_successor_down():
    context = {
        "sex": "female",
        "age": 30,
        "pregnancy": True,
        "manifestations": nephritis("IV"),
        "therapies": [{"drug": "MMF", "start": "2022-01-01", "outcome": "ongoing"}],
    }
    ranks = patient(context).options.to_frame().set_index("option")["rank"]
    assert ranks["azathioprine in pregnancy"] < ranks["tacrolimus in pregnancy"]
    assert ranks["azathioprine in pregnancy"] < 6


@pytest.mark.parametrize(("upcr", "asks"), [(0.5, True), (0.49, False)])
def test_a_flare_in_pregnancy_is_told_from_pre_eclampsia(upcr, asks):
    context = {
        "sex": "female",
        "age": 30,
        "pregnancy": True,
        "manifestations": nephritis("IV"),
        "therapies": [failed("AZA")],
        "labs": [lab("upcr", "g/g", d2025_11_20=upcr)],
    }
    assert ("pre-eclampsia" in patient(context).resistance.headline) is asks


@pytest.mark.parametrize(
    ("taken", "again"), [("losartan", False), ("other: telmisartan", True), ("RAAS blocker", True)]
)
def test_a_blocker_in_pregnancy_is_named_once(taken, again):
    context = {
        "sex": "female", "pregnancy": True, "manifestations": {"lupus nephritis": {}}, "co_medication": [taken],
        "therapies": [{"drug": "MMF", "start": "2024-01-01", "outcome": "ongoing"}],
    }  # fmt: skip
    headline = respond({}, context=context, today="2025-01-01").resistance.headline
    assert ("losartan and mycophenolate mofetil have to be replaced at once" in headline) is not again
    assert ("A blocker of the renin-angiotensin system harms the kidneys of the child" in headline) is again
