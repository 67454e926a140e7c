"""What an option is not used with, drugs of which nothing was looked at, and what is forbidden by what."""

from __future__ import annotations

import pytest

from lupus_pgx import respond

TODAY = "2026-11-30"


def failed(drug, dose=None, start="2025-01-01", stop="2025-12-01", **fields):
    told = {"drug": drug, "start": start, "stop": stop, "outcome": "inadequate_response"} | fields
    return told | ({"dose": dose} if dose else {})


MTX, MMF = failed("methotrexate", "20 mg/week"), failed("mycophenolate mofetil", "2 g/day")
RTX = failed("rituximab", "1 g", start="2026-01-01", stop="2026-01-15")


def review(manifestation, therapies, **fields):
    told = {"manifestations": {manifestation: {"severity": "severe"}}, "therapies": therapies} | fields
    return respond({}, context=told, today=TODAY).resistance


def options(*args, **fields):
    return {item.option: item for item in review(*args, **fields).options}


def potassium(value, day):
    return [{"quantity": "potassium", "unit": "mmol/L", "values": {day: value}}]


@pytest.mark.parametrize(
    ("option", "manifestation", "fields", "said"),
    [
        ("danazol", "haematological", {"conditions": {"thrombosis": True}}, "thrombosis yes"),
        ("danazol", "haematological", {"conditions": {"thrombosis": False}}, ""),
        ("danazol", "haematological", {}, ""),
        ("danazol", "haematological", {"active_infection": "mild"}, "infection mild"),
        ("RAAS blockade", "lupus nephritis", {"labs": potassium(5.7, "2026-11-20")}, "potassium above 5.5 mmol/L"),
        ("RAAS blockade", "lupus nephritis", {"labs": potassium(5.0, "2026-11-20")}, ""),
        ("RAAS blockade", "lupus nephritis", {"labs": potassium(5.7, "2024-11-20")}, ""),  # long ago
        ("RAAS blockade", "lupus nephritis", {}, ""),
        ("interleukin-1 blockade", "serositis", {"values": {"neutrophils": "1.2 G/L"}}, "neutrophil count below 1.5"),
        ("interleukin-1 blockade", "serositis", {"values": {"neutrophils": "3 G/L"}}, ""),
        ("retinoid in hypertrophic lupus", "cutaneous", {"sex": "female", "pregnancy": True}, "pregnancy yes"),
    ],
)
def test_what_the_source_would_not_use_it_with_acts_and_is_said(option, manifestation, fields, said):
    found = options(manifestation, [MTX, MMF], **fields)
    one = found[option]
    told = [text for text in one.remarks if text.startswith("its source would not use it here")]
    assert one.barred is bool(said)
    assert bool(told) is bool(said)
    assert said in "".join(told)
    if said:
        assert one.forbidden
        free = [
            item for item in found.values() if not item.forbidden and not item.exhausted and item.stage == one.stage
        ]
        names = list(found)
        assert all(names.index(item.option) < names.index(option) for item in free if not item.unlooked)


@pytest.mark.parametrize(("conditions", "behind"), [({"hepatitis_b": True}, True), ({}, False)])
def test_a_drug_of_which_nothing_was_looked_at_is_no_way_round_what_is_known(conditions, behind):
    found = options("haematological", [MTX, MMF], conditions=conditions)
    assert any("nothing was looked at for danazol" in text for text in found["danazol"].remarks)
    assert not any("nothing was looked at" in text for text in found["rituximab in refractory disease"].remarks)
    names = list(found)
    assert names.index("danazol") > names.index("rituximab in refractory disease")
    assert bool(found["danazol"].unlooked) is behind


@pytest.mark.parametrize(("conditions", "behind"), [({"hepatitis_b": True}, True), ({"hepatitis_b": False}, False)])
def test_what_is_under_study_stands_behind_what_is_in_use_and_to_be_avoided(conditions, behind):
    found = options("musculoskeletal", [MTX, failed("azathioprine", "150 mg/day")], conditions=conditions)
    names, study = list(found), [item for item in found.values() if item.stage == "trial-only"]
    assert {"CD19 CAR-T", "daratumumab"} <= {item.option for item in study}
    for name in ("belimumab", "rituximab in refractory disease", "obinutuzumab"):
        assert found[name].forbidden is behind
        assert all(names.index(name) < names.index(item.option) for item in study)


@pytest.mark.parametrize("told", [True, None])
def test_a_live_vaccine_is_forbidden_by_a_drug_and_no_drug_by_it(told):
    fields = {"conditions": {"live_vaccine": told}} if told else {}
    found = options("musculoskeletal", [failed("leflunomide", "20 mg/day")], **fields)
    plain = options("musculoskeletal", [failed("leflunomide", "20 mg/day")])
    assert list(found) == list(plain)
    assert not found["azathioprine"].forbidden
    vaccine = [check for check in found["azathioprine"].against if check.speaks_against]
    assert bool(vaccine) is bool(told)


def test_a_live_vaccine_forbids_nothing_that_is_taken():
    taken = {"drug": "methotrexate", "dose": "15 mg/week", "outcome": "ongoing", "stop": "ongoing"}
    told = review("musculoskeletal", [failed("leflunomide"), taken], conditions={"live_vaccine": True})
    assert "contraindicated" not in told.headline


@pytest.mark.parametrize(
    ("labs", "plain", "first"),
    [
        (potassium(5.7, "2026-11-20"), False, True),
        (potassium(5.7, "2024-11-20"), True, False),
        (potassium(5.0, "2026-11-20"), True, False),
        ([], True, False),
    ],
)
def test_a_blocker_is_not_asked_for_without_a_word_on_a_potassium_that_is_too_high(labs, plain, first):
    upcr = {"quantity": "upcr", "unit": "g/g", "values": {"2026-11-20": 2}}
    told = review("lupus nephritis", [MMF], labs=[upcr, *labs], co_medication=[])
    text = " ".join(text for step in told.steps if step.speaks for text in step.says)
    assert ("before full blockade" in text) is plain
    assert ("potassium is too high for one" in text) is first


@pytest.mark.parametrize(
    ("course", "tried"),
    [
        (failed("dexamethasone", "40 mg/day", "2026-03-01", "2026-03-05"), True),
        (failed("prednisolone", "70 mg/day", "2026-03-01", "2026-06-01"), True),
        (failed("prednisone", "70 mg/day", "2026-03-01", "2026-06-01"), True),
        (failed("prednisolone", "10 mg/day", "2026-03-01", "2026-06-01"), False),
        (failed("prednisolone", None, "2026-03-01", "2026-06-01"), False),
    ],
)
def test_a_high_dose_of_any_glucocorticoid_was_tried(course, tried):
    one = options("thrombocytopenia", [course], values={"platelets": "12 G/L"})["high-dose glucocorticoid"]
    assert one.exhausted is tried
    assert (course["drug"] in " ".join(one.tried)) is tried


@pytest.mark.parametrize(
    ("dose", "stop", "full"),
    [
        ("40 mg/day", "2026-03-05", True),
        ("8 mg/day", "2026-03-05", False),
        ("40 mg/day", "2026-03-02", False),
    ],
)
def test_four_days_of_dexamethasone_are_a_full_trial_of_platelets(dose, stop, full):
    told = review("thrombocytopenia", [failed("dexamethasone", dose, "2026-03-01", stop)], weight="70 kg", age=40)
    said = {step.step.value: step for step in told.steps}
    assert (said["enough"].speaks or said["long_enough"].speaks) is not full


def test_seventy_milligrams_of_prednisolone_for_five_days_are_no_course_of_dexamethasone():
    told = review(
        "thrombocytopenia", [failed("prednisolone", "70 mg/day", "2026-03-01", "2026-03-06")], weight="70 kg", age=40
    )
    assert next(step for step in told.steps if step.step.value == "long_enough").speaks


HCQ, CQ = failed("hydroxychloroquine", "400 mg/day"), failed("chloroquine", "250 mg/day", "2026-01-01", "2026-06-01")
BEFORE = ("anifrolumab", "belimumab", "mycophenolate", "lenalidomide")


@pytest.mark.parametrize("therapies", [[HCQ, CQ], [HCQ, CQ, MTX]])
def test_what_is_added_to_hydroxychloroquine_does_not_fall_with_chloroquine(therapies):
    assert not options("discoid lupus", therapies)["add quinacrine"].falls


def test_rituximab_comes_after_what_is_named_before_it_in_the_skin():
    names = list(options("discoid lupus", [HCQ, CQ, MTX]))
    assert max(map(names.index, BEFORE)) < names.index("rituximab in refractory disease")


@pytest.mark.parametrize(
    ("therapies", "conditions", "said"),
    [
        ([HCQ], {"smoking": True}, True),
        ([HCQ], {"smoking": False}, False),
        ([HCQ], {}, False),
        ([MTX], {"smoking": True}, False),  # no antimalarial failed
    ],
)
def test_smoking_is_said_where_an_antimalarial_failed_in_the_skin(therapies, conditions, said):
    told = review("discoid lupus", therapies, conditions=conditions)
    assert any("smokers" in text for step in told.steps if step.speaks for text in step.says) is said


@pytest.mark.parametrize(
    ("conditions", "said"), [({"suicide attempt": True}, True), ({"suicidal": False}, False), ({}, False)]
)
def test_a_suicide_attempt_is_urgent(conditions, said):
    assert ("psychiatric help" in review("lupus nephritis", [MMF], conditions=conditions).headline) is said


WARFARIN = {"drug": "warfarin", "outcome": "ongoing", "stop": "ongoing"}


def test_an_anticoagulant_of_who_bleeds_is_said_first():
    fields = {"conditions": {"bleeding": True}, "values": {"platelets": "20 G/L"}}
    assert review("lupus nephritis", [MMF, WARFARIN], **fields).headline.startswith(
        "Warfarin is taken and contraindicated"
    )
    without = review("lupus nephritis", [MMF, WARFARIN], values={"platelets": "20 G/L"})
    assert not without.headline.startswith("Warfarin")


def test_that_a_drug_is_taken_is_not_said_where_nobody_knows():
    open_ended = {"drug": "warfarin", "start": "2026-01-01", "outcome": "inadequate_response"}
    told = review("antiphospholipid", [open_ended], conditions={"bleeding": True})
    assert "Warfarin is, if it is still taken" in told.headline
    assert "is taken and" not in told.headline


def test_what_raises_potassium_in_one_class_is_not_feared_of_all_that_depress_immunity():
    fields = {"labs": potassium(5.7, "2026-11-20"), "values": {"UPCR": "4 g/g", "eGFR": "90 mL/min/1.73m2"}}
    told = {"manifestations": {"lupus nephritis": {"class": ["V"]}}, "therapies": [MMF]} | fields
    found = {item.option: item for item in respond({}, context=told, today=TODAY).resistance.options}
    names = list(found)
    assert found["cyclosporine in class V"].forbidden
    assert not found["cyclophosphamide in class V"].unlooked
    assert names.index("cyclophosphamide in class V") < names.index("cyclosporine in class V")
