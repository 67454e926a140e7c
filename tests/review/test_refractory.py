"""When "refractory" is said, and what published cases taught: other causes, tablets not taken, a bridge that helped."""

from __future__ import annotations

import re

import pytest
from histories import CALLS

from lupus_pgx import load_knowledge, respond

MMF = {
    "drug": "mycophenolate mofetil",
    "dose": "2.5 g/day",
    "start": "2017-03-01",
    "stop": "2018-03-01",
    "outcome": "inadequate_response",
}
EURO_LUPUS = {
    "drug": "cyclophosphamide",
    "dose": "500 mg",
    "schedule": "6 x 500 mg",
    "start": "2016-01-01",
    "stop": "2016-03-20",
    "outcome": "inadequate_response",
}
TACROLIMUS = {
    "drug": "tacrolimus",
    "dose": "4 mg/day",
    "start": "2018-04-01",
    "stop": "2019-04-01",
    "outcome": "inadequate_response",
}


def nephritis(*therapies, labs=(), **more):
    """Return the review of a nephritis that is still active, with a level that is right."""
    context = {
        "sex": "female",
        "age": 30,
        "weight": "60 kg",
        "active_infection": "none",
        "co_medication": ["other: ramipril"],
        "manifestations": {"lupus nephritis": {"class": ["IV"], "severity": "severe"}},
        "therapies": list(therapies),
        "labs": [
            {"quantity": "upcr", "unit": "g/g", "values": {"2015-12-20": 3.0, "2018-03-01": 2.9, "2019-05-01": 3.1}},
            {"quantity": "urine_sediment", "unit": "present or absent", "values": {"2019-05-01": "present"}},
            {"quantity": "mpa_auc", "unit": "mg.h/L", "values": {"2017-10-01": 42}},
            {"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {"2018-12-01": 6}},
            *labs,
        ],
    }
    return respond(CALLS, context=context | more, today="2019-06-01")


def step(review, name):
    return next(item for item in review.steps if item.step.value == name)


def test_two_full_regimens_that_failed_in_turn_are_refractory():
    headline = nephritis(EURO_LUPUS, MMF).resistance.headline
    assert headline.startswith("Refractory, once activity is shown")
    assert "cyclophosphamide 500 mg as a whole course and mycophenolate mofetil 2.5 g/day for 12 months" in headline


def test_one_full_regimen_is_not_refractory_yet():
    headline = nephritis(MMF).resistance.headline
    assert headline.startswith("Adequate trial (mycophenolate mofetil 2.5 g/day for 12 months): unsatisfactory")
    assert "refractory is said after a second" in headline


@pytest.mark.parametrize(
    "first",
    [
        EURO_LUPUS | {"schedule": "2 x 500 mg", "stop": "2016-01-20"},
        MMF | {"dose": "500 mg/day", "start": "2016-01-01", "stop": "2016-12-01"},
        EURO_LUPUS | {"outcome": "response"},
        EURO_LUPUS | {"outcome": "intolerance", "reaction": "leukopenia"},
        {"drug": "hydroxychloroquine", "dose": "400 mg/day", "start": "2016-01-01", "stop": "2017-02-01",
         "outcome": "inadequate_response"},
        {"drug": "prednisone", "dose": "60 mg/day", "start": "2016-01-01", "stop": "2016-12-01",
         "outcome": "inadequate_response"},
    ],
    ids=["two doses of six", "a quarter of the dose", "it worked", "it harmed", "background", "glucocorticoid"],
)  # fmt: skip
def test_what_is_no_full_regimen_before_does_not_make_it_refractory(first):
    headline = nephritis(first, TACROLIMUS).resistance.headline
    assert not headline.startswith("Refractory"), headline


def test_background_therapy_is_not_listed_beside_a_regimen_but_counts_where_nothing_else_was_given():
    hydroxychloroquine = {
        "drug": "hydroxychloroquine",
        "dose": "300 mg/day",
        "start": "2015-01-01",
        "outcome": "inadequate_response",
    }
    blood = [{"quantity": "hcq_blood", "unit": "ng/mL", "values": {"2019-04-01": 900}}]
    headline = nephritis(hydroxychloroquine, MMF, labs=blood).resistance.headline
    assert "hydroxychloroquine 300" not in headline
    context = {
        "sex": "female",
        "age": 30,
        "weight": "60 kg",
        "active_infection": "none",
        "co_medication": [],
        "manifestations": {"cutaneous": {}},
        "therapies": [hydroxychloroquine],
        "labs": [*blood, {"quantity": "clasi_a", "unit": "points", "values": {"2015-01-01": 14, "2019-04-01": 15}}],
    }
    alone = respond(CALLS, context=context, today="2019-06-01").resistance.headline
    assert not alone.startswith("Refractory")


def test_a_level_that_is_near_nothing_questions_the_trial_before_it_is_refractory():
    empty = [{"quantity": "mpa_trough", "unit": "mg/L", "values": {"2018-02-01": 0.1}}]
    review = nephritis(EURO_LUPUS, MMF, labs=empty).resistance
    assert "efractory" not in review.headline
    assert not step(review, "refractory").speaks


@pytest.mark.parametrize(
    ("therapy", "more"),
    [
        ({key: value for key, value in MMF.items() if key != "dose"}, {}),
        (MMF | {"stop": "2017-04-10"}, {}),
        (MMF, {"co_medication": ["hydralazine", "other: ramipril"]}),
    ],
    ids=["dose not known", "six weeks", "a drug that brings on lupus"],
)
def test_without_a_full_trial_or_with_another_cause_nothing_is_said_of_refractory(therapy, more):
    assert not step(nephritis(therapy, **more).resistance, "refractory").speaks


@pytest.mark.parametrize(
    ("drug", "call", "said"),
    [
        ({}, {"UGT1A9 -275T>A": "T/A"}, "mycophenolate mofetil (weak evidence): measure mycophenolic acid AUC0-12"),
        (
            {"drug": "cyclophosphamide"}, {"CYP2C19": "*2/*2"},  # no measure of its own is known
            "cyclophosphamide (conflicting evidence): measure what the drug does (response, cells or level)",
        ),
    ],
)  # fmt: skip
def test_weak_evidence_changes_nothing_and_names_what_to_measure(drug, call, said):
    context = {"manifestations": {"lupus nephritis": {"class": ["IV"]}}, "therapies": [MMF | drug]}
    review = respond(CALLS | call, context=context, today="2019-06-01").resistance
    genome = step(review, "genome")
    assert not genome.speaks
    assert genome.found[0].endswith(f"does not change the choice of {said}")


def test_missed_doses_are_an_option_to_settle_first_and_silence_about_them_is_none():
    told = nephritis(MMF, conditions={"missed_doses": True})
    assert told.options.to_frame()["option"].iloc[0].startswith("take it")
    for conditions in ({}, {"missed_doses": False}):
        options = nephritis(MMF, conditions=conditions).options.to_frame()["option"]
        assert not any(name.startswith("take it") for name in options)


@pytest.mark.parametrize(("lymphocytes", "speaks"), [(0.49, True), (0.5, False), (1.4, False)])
def test_hardly_any_lymphocytes_with_signs_of_the_brain_ask_for_infection_first(lymphocytes, speaks):
    context = {
        "sex": "female",
        "age": 37,
        "manifestations": {"neuropsychiatric lupus": {}},
        "therapies": [{"drug": "belimumab", "dose": "10 mg/kg", "start": "2018-01-01", "stop": "2019-01-01",
                       "outcome": "inadequate_response"}],
        "labs": [{"quantity": "lymphocyte_count", "unit": "x10^9/L", "values": {"2019-05-20": lymphocytes}}],
    }  # fmt: skip
    headline = respond(CALLS, context=context, today="2019-06-01").resistance.headline
    assert ("JC virus" in headline) is speaks


@pytest.mark.parametrize(("severity", "speaks"), [("severe", True), ("moderate", False), (None, False)])
def test_a_severe_antiphospholipid_syndrome_opens_the_review(severity, speaks):
    detail = {} if severity is None else {"severity": severity}
    context = {
        "sex": "female",
        "age": 37,
        "manifestations": {"antiphospholipid": detail},
        "therapies": [{"drug": "warfarin", "start": "2018-01-01", "outcome": "inadequate_response"}],
    }
    headline = respond(CALLS, context=context, today="2019-06-01").resistance.headline
    assert headline.startswith("Severe antiphospholipid syndrome") is speaks


@pytest.mark.parametrize(("manifestation", "speaks"), [("cutaneous", True), ("musculoskeletal", False)])
def test_a_drug_that_brings_on_lupus_of_the_skin_speaks_for_the_skin_alone(manifestation, speaks):
    context = {
        "sex": "male",
        "age": 61,
        "weight": "70 kg",
        "co_medication": ["esomeprazole"],
        "manifestations": {manifestation: {}},
        "therapies": [{"drug": "hydroxychloroquine", "dose": "400 mg/day", "start": "2018-01-01",
                       "outcome": "inadequate_response"}],
    }  # fmt: skip
    patient = respond(CALLS, context=context, today="2019-06-01")
    assert ("Esomeprazole may bring on lupus of the skin" in patient.resistance.headline) is speaks
    first = patient.options.to_frame()["option"].iloc[0]
    assert first.startswith("stop the drug that may bring on") is speaks


def test_a_glucocorticoid_that_helped_is_no_remission_where_the_other_drug_failed():
    context = {
        "sex": "male",
        "age": 61,
        "manifestations": {"cutaneous": {}},
        "therapies": [
            {"drug": "hydroxychloroquine", "dose": "400 mg/day", "start": "2018-01-01",
             "outcome": "inadequate_response"},
            {"drug": "prednisolone", "dose": "30 mg/day", "start": "2018-06-01", "stop": "2018-08-01",
             "outcome": "response"},
        ],
    }  # fmt: skip
    options = list(respond(CALLS, context=context, today="2019-06-01").options.to_frame()["option"])
    assert {"anifrolumab", "methotrexate", "topical glucocorticoid"} <= set(options)
    alone = context | {"therapies": context["therapies"][1:]}
    assert "methotrexate" not in list(respond(CALLS, context=alone, today="2019-06-01").options.to_frame()["option"])


def test_no_option_points_to_a_row_of_another_collection():
    named = re.compile(r"\b(?:LN|SLE|NP|CLE|APS|PW|AD)-[A-Z]*-?\d|^as (?:drug|CYC|both drugs)$")
    texts = [
        (row["option"], text)
        for row in load_knowledge().rows("therapy_options")
        for text in row.values()
        if isinstance(text, str) and named.search(text)
    ]
    assert texts == []


def test_a_glucocorticoid_that_failed_still_shows_activity_beside_what_worked():
    context = {
        "manifestations": {"lupus nephritis": {"class": ["IV"]}},
        "therapies": [
            {"drug": "MMF", "outcome": "response"},
            {"drug": "prednisone", "outcome": "inadequate_response"},
        ],
    }
    stages = set(respond(CALLS, context=context, today="2019-06-01").options.to_frame()["stage"])
    assert "maintenance" not in stages
    assert "first" in stages


def test_options_without_a_common_drug_do_not_share_a_dose():
    """Rows made of a group once carried the dose of another drug of the group."""
    doses: dict[tuple[str, str], list[set[str]]] = {}
    for row in load_knowledge().rows("therapy_options"):
        if row["drugs"] and re.search("[0-9]", row["regimen"] or ""):
            drugs = set(row["drugs"].split(";"))
            doses.setdefault((row["manifestation"], row["regimen"] or ""), []).append(drugs)
    assert [key for key, drugs in doses.items() if not set.intersection(*drugs)] == []


def test_of_several_courses_of_a_glucocorticoid_the_dose_that_is_judged_is_the_one_that_is_shown():
    pulses = {
        "drug": "methylprednisolone",
        "dose": "500 mg/day",
        "start": "2017-03-01",
        "stop": "2017-03-03",
        "outcome": "inadequate_response",
    }
    after = pulses | {"drug": "prednisone", "dose": "30 mg/day", "start": "2017-03-04", "stop": "2017-09-01"}
    found = step(nephritis(MMF, pulses, after).resistance, "enough").found
    assert "glucocorticoid 500 mg/day, 8.3 mg/kg/day for 6 months" in found


def test_a_measured_level_is_no_finding_of_the_genome():
    low = [{"quantity": "mpa_auc", "unit": "mg.h/L", "values": {"2018-02-20": 18}}]
    genome = step(nephritis(MMF, labs=low).resistance, "genome")
    assert genome.found == ()
    assert not genome.speaks
