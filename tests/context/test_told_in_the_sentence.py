"""What a context tells stands in the sentence of the drug: old values, doses, missing rows, states."""

from __future__ import annotations

import pytest

from lupus_pgx import load_context, load_knowledge, respond
from lupus_pgx.errors import InputError
from lupus_pgx.terms import Action, CheckStatus

KNOWLEDGE = load_knowledge()
TODAY = "2026-11-28"
WOMAN = {"age": 30, "sex": "female"}


def drug(name: str, context: dict, genotypes: dict | None = None):
    return respond(genotypes or {}, [name], context=context, today=TODAY).drug(name)


def lab(quantity: str, unit: str, values: dict) -> dict:
    return {"labs": [{"quantity": quantity, "unit": unit, "values": values}]}


# --- what the tables do not hold ---------------------------------------------------------------


def test_a_drug_without_rows_is_never_just_a_usual_dose():
    with_rows = {row["drug"] for row in KNOWLEDGE.rows("contraindications")}
    names = [row["drug"] for row in KNOWLEDGE.rows("drugs") if row["drug"] not in with_rows]
    told = {**WOMAN, "pregnancy": True, "egfr": "18 mL/min/1.73m2"}
    patient = respond({}, names, context=told, today=TODAY) if names else None
    for name in names:
        assert "Its contraindications were not entered" in str(patient.drug(name))
        assert "kidney function (18 mL/min/1.73m2)" in str(patient.drug(name))
        assert "pregnancy (yes)" in str(patient.drug(name))


def test_a_missing_cell_is_named_only_where_the_context_bears_on_it():
    assert "Not looked at for this drug: kidney function (20 mL/min/1.73m2)" in str(
        drug("quinacrine", {**WOMAN, "egfr": "20 mL/min/1.73m2"})
    )
    assert "kidney" not in str(drug("quinacrine", {**WOMAN, "egfr": "95 mL/min/1.73m2"}))


def test_a_stated_condition_that_no_row_answers_is_named():
    sentence = str(drug("anifrolumab", {**WOMAN, "conditions": {"bleeding": True}}))
    assert "active bleeding (yes)" in sentence
    assert "bleeding" not in str(drug("anifrolumab", {**WOMAN, "conditions": {"bleeding": False}}))


def test_a_part_answers_for_the_whole():
    whole = drug("anifrolumab", {**WOMAN, "conditions": {"tuberculosis_active": True}})
    assert whole.overall_action is Action.AVOID
    infarct = drug("tofacitinib", {**WOMAN, "conditions": {"recent_infarction": True}})
    met = [item for item in infarct.checks if item.criterion == "cardiovascular_risk"]
    assert [item.known for item in met] == [True]
    assert (met[0].subject, met[0].found) == ("recent myocardial infarction", "yes")


def test_the_files_say_what_the_patient_says():
    """An open question that comes first counts in the table of drugs, too."""
    context = {**WOMAN, **lab("neutrophil_count", "x10^9/L", {"2025-01-10": 0.4})}
    patient = respond({}, ["azathioprine"], context=context, today=TODAY)
    (row,) = patient.drug_responses.to_frame().itertuples()
    assert row.overall_action == patient.drug("azathioprine").overall_action.value == "test_first"


# --- old, contradicted and undated values ------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "criterion", "quantity", "unit", "value"),
    [
        ("azathioprine", "neutrophil_count", "neutrophil_count", "x10^9/L", 0.3),
        ("cyclophosphamide", "platelet_count", "platelet_count", "x10^9/L", 8),
        ("baricitinib", "egfr", "egfr", "mL/min/1.73m2", 20),
        ("ondansetron", "qtc", "qtc", "ms", 530),
    ],
)
def test_an_old_dangerous_value_asks_first(name, criterion, quantity, unit, value):
    old = drug(name, {**WOMAN, **lab(quantity, unit, {"2024-11-20": value})})
    (check,) = [item for item in old.checks if item.criterion == criterion]
    assert (check.known, check.asks_first) == (False, True)
    assert old.overall_action.severity >= Action.TEST_FIRST.severity
    assert f"last value {value} {unit} on 2024-11-20" in str(old)
    assert "too old to judge" in str(old)
    new = drug(name, {**WOMAN, **lab(quantity, unit, {"2026-11-20": value})})
    assert new.overall_action is Action.AVOID


def test_an_old_harmless_value_asks_nothing_first():
    old = drug("azathioprine", {**WOMAN, **lab("neutrophil_count", "x10^9/L", {"2024-11-20": 5.1})})
    (check,) = [item for item in old.checks if item.criterion == "neutrophil_count"]
    assert not check.asks_first
    assert old.overall_action is drug("azathioprine", WOMAN).overall_action


def test_a_value_of_the_last_day_that_counts_is_not_too_old():
    for day, known in (("2026-07-31", True), ("2026-07-30", False)):
        found = drug("azathioprine", {**WOMAN, **lab("neutrophil_count", "x10^9/L", {day: 0.3})})
        assert [item.known for item in found.checks if item.criterion == "neutrophil_count"] == [known]


def test_an_undated_value_counts_where_it_is_the_only_one():
    found = drug("azathioprine", {**WOMAN, "values": {"neutrophil_count": "0.3 x10^9/L"}})
    assert found.overall_action is Action.AVOID


def test_two_values_of_one_day_that_disagree_are_both_named():
    labs = [
        {"quantity": "egfr", "unit": "mL/min/1.73m2", "values": {"2026-11-20": 22}},
        {"quantity": "gfr", "unit": "mL/min/1.73m2", "values": {"2026-11-20": 80}},
    ]
    found = drug("baricitinib", {**WOMAN, "labs": labs})
    (check,) = [item for item in found.checks if item.criterion == "egfr"]
    assert not check.known
    assert "22 mL/min/1.73m2 on 2026-11-20" in check.found
    assert "80 mL/min/1.73m2 on 2026-11-20" in check.found
    assert found.overall_action.severity >= Action.TEST_FIRST.severity


def test_the_bound_that_is_shown_is_the_one_that_was_met():
    count = {**WOMAN, "values": {"neutrophil_count": "0.3 x10^9/L"}}
    assert "neutrophils below 1 x10^9/L (0.3 x10^9/L)" in str(drug("tocilizumab", count))
    beat = {**WOMAN, "values": {"qtc": "495 ms"}}
    assert "QT interval above 470 ms (495 ms)" in str(drug("ondansetron", beat))
    assert "inborn" not in str(drug("ondansetron", beat))


# --- doses -------------------------------------------------------------------------------------


def planned(name: str, dose: str, **fields) -> dict:
    plan = {"drug": name, "dose": dose} | ({"schedule": fields.pop("schedule")} if "schedule" in fields else {})
    return {**WOMAN, "planned": [plan]} | fields


@pytest.mark.parametrize(
    ("dose", "schedule", "status"),
    [
        ("15 mg/day", None, "contraindicated"),
        ("15 mg/day", "weekly", "contraindicated"),
        ("15 mg", "daily", "contraindicated"),
        ("15 mg", None, "check_first"),
        ("15 mg", "three times weekly", "check_first"),
        ("15 mg/week", "every day", "contraindicated"),
        ("15 mg/week", "two days a week", "check_first"),
        ("15 mg", "in the morning", "check_first"),
        ("15 mg", "once a week", None),
        ("15 mg", "Monday evening", None),
        ("15 mg", "every Sunday", None),
        ("15 mg/week", None, None),
        ("25 mg/week", None, None),
        ("26 mg/week", None, "avoid"),
    ],
)
def test_a_weekly_drug_is_not_taken_every_day(dose, schedule, status):
    fields = {"schedule": schedule} if schedule else {}
    found = drug("methotrexate", planned("methotrexate", dose, **fields))
    shown = [item for item in found.checks if item.criterion in ("dose_interval", "dose_maximum")]
    assert [item.status.value for item in shown] == ([status] if status else [])
    if status in ("avoid", "contraindicated"):
        assert str(found).startswith(f"methotrexate: {status}")
        assert found.overall_action is Action.AVOID


def test_a_dose_that_is_taken_now_is_judged_as_one_that_is_planned():
    taken = {**WOMAN, "therapies": [{"drug": "methotrexate", "dose": "15 mg/day", "outcome": "ongoing"}]}
    assert drug("methotrexate", taken).overall_action is Action.AVOID
    over = {**WOMAN, "therapies": [{"drug": "methotrexate", "dose": "15 mg/day", "outcome": "response"}]}
    assert not [item for item in drug("methotrexate", over).checks if item.criterion == "dose_interval"]


@pytest.mark.parametrize(
    ("name", "dose", "weight", "criterion", "action"),
    [
        ("hydroxychloroquine", "600 mg/day", None, "dose_maximum", Action.REDUCE_DOSE),
        ("hydroxychloroquine", "400 mg/day", None, None, None),
        ("hydroxychloroquine", "300 mg/day", "50 kg", "dose_by_weight", Action.REDUCE_DOSE),
        ("azathioprine", "200 mg/day", "60 kg", "dose_maximum", Action.REDUCE_DOSE),
        ("azathioprine", "180 mg/day", "60 kg", None, None),
        ("colchicine", "3 mg/day", None, "dose_maximum", Action.AVOID),
        ("colchicine", "17 mg/week", None, "dose_maximum", Action.AVOID),
        ("baricitinib", "8 mg/day", None, "dose_maximum", Action.REDUCE_DOSE),
        ("mycophenolate mofetil", "4 g/day", None, "dose_maximum", Action.REDUCE_DOSE),
    ],
)
def test_a_dose_above_the_usual_maximum(name, dose, weight, criterion, action):
    found = drug(name, planned(name, dose, **({"weight": weight} if weight else {})))
    above = [item for item in found.checks if item.criterion in ("dose_maximum", "dose_by_weight") and item.known]
    assert [item.criterion for item in above] == ([criterion] if criterion else [])
    if action is not None:
        assert above[0].action is action
        assert found.lowest_cap is not None


# --- states ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dose", "statuses"),
    [
        (None, ["check_first"]),
        ("10 mg/day", ["check_first"]),
        ("19 mg/day", ["check_first"]),
        ("20 mg/day", ["contraindicated", "check_first"]),
        ("40 mg/day", ["contraindicated", "check_first"]),
    ],
)
def test_a_rule_on_a_dose_asks_for_the_dose_until_it_is_known(dose, statuses):
    """ACIP holds live vaccines from 20 mg a day; below, and where no dose is told, the dose is asked for first."""
    told = {**WOMAN, "conditions": {"live_vaccine": True}}
    told |= {"planned": [{"drug": "prednisone", "dose": dose}]} if dose else {}
    about = ("immunisation", "immunosuppressive_dose")
    checks = [item for item in drug("prednisone", told).checks if item.criterion in about and item.known]
    assert [item.status.value for item in checks] == statuses
    assert "a live vaccine beside it" in str(drug("prednisone", told))


def test_an_infant_is_not_asked_about_in_who_is_none():
    def asked(**told):
        checks = drug("sulfamethoxazole / trimethoprim", told).checks
        return [item.criterion for item in checks if item.criterion == "age_child"]

    assert asked(sex="female") == ["age_child"]
    assert asked(pregnancy=True) == []
    assert asked(weight="62 kg") == []
    assert asked(weight="30 kg") == ["age_child"]
    assert asked(therapies=[{"drug": "MMF", "start": "2020-01-01", "outcome": "ongoing"}]) == []


def test_who_may_be_a_child_of_twelve_is_still_asked():
    checks = drug("codeine", {"weight": "62 kg"}).checks
    assert [item.criterion for item in checks if item.criterion == "age_child"]


# --- pairs -------------------------------------------------------------------------------------


def test_of_a_pair_the_dose_that_changes_is_that_of_the_right_drug():
    own = drug("tacrolimus", {**WOMAN, "co_medication": ["voriconazole"]})
    assert Action.REDUCE_DOSE in [item.action for item in own.checks if item.partner]
    other = drug("voriconazole", {**WOMAN, "co_medication": ["tacrolimus"]})
    check = next(item for item in other.checks if item.partner == "tacrolimus")
    assert (check.about_drug, check.action) == (False, Action.MONITOR)
    assert "with tacrolimus (the dose of tacrolimus)" in str(other)


def test_doses_that_are_to_be_taken_apart_say_so():
    found = drug("belimumab", {**WOMAN, "co_medication": ["plasma exchange"]})
    assert "separate doses: with plasma exchange" in str(found)
    assert found.overall_action is Action.MONITOR
    (check,) = [item for item in found.checks if item.partner]
    assert check.status is CheckStatus.MONITOR


# --- levels ------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [lab("inr", "INR", {"2026-11-27": 7.5}), {"values": {"inr": "7.5 INR"}}])
def test_an_inr_above_its_range_comes_first(told):
    found = drug("warfarin", {**WOMAN, "pregnancy": False, "co_medication": ["warfarin"], **told})
    assert "7.5 INR" in str(found).partition("Genotype")[0]
    assert found.overall_action.severity >= Action.REDUCE_DOSE.severity
    assert found.dose_stopped


def test_an_inr_in_the_higher_range_is_not_above():
    found = drug("warfarin", {**WOMAN, **lab("inr", "INR", {"2026-11-27": 3.8})})
    assert not [item for item in found.checks if item.criterion == "level"]


# --- headline ----------------------------------------------------------------------------------


def headline(**told) -> str:
    return respond({}, ["warfarin"], context={**WOMAN, **told}, today=TODAY).resistance.headline


def test_a_pregnancy_on_warfarin_is_in_the_headline_though_nobody_wrote_that_it_goes_on():
    course = {"drug": "warfarin", "start": "2025-01-20", "outcome": "inadequate_response"}
    told = {"manifestations": {"antiphospholipid": {}}, "pregnancy": True, "conditions": {"thrombosis": True}}
    assert headline(**told, therapies=[course]).startswith("Pregnant: warfarin has to be replaced")
    stopped = {**course, "stop": "2025-06-01"}
    assert "warfarin has to be replaced" not in headline(**told, therapies=[stopped])


def test_another_state_that_forbids_what_is_taken_is_in_the_headline():
    courses = [
        {"drug": "MMF", "start": "2025-01-20", "stop": "2026-01-20", "outcome": "inadequate_response"},
        {"drug": "methotrexate", "start": "2026-02-01", "outcome": "ongoing"},
    ]
    told = {"manifestations": {"musculoskeletal": {}}, "egfr": "20 mL/min/1.73m2"}
    assert headline(**told, therapies=courses).startswith("Methotrexate is taken and contraindicated: kidney function")


# --- what a check asks for ---------------------------------------------------------------------

KIDNEY = {"sex": "male", "age": 50, "creatinine": "1.6 mg/dL"}
MMF_GUT = {"therapies": [{"drug": "MMF", "outcome": "intolerance", "reaction": "diarrhoea"}]}


@pytest.mark.parametrize(
    ("name", "told", "status", "action"),
    [
        ("codeine", {"age": 8}, "contraindicated", Action.AVOID),
        ("celecoxib", {"age": 30, "egfr": "22 mL/min/1.73m2"}, "contraindicated", Action.AVOID),
        ("mycophenolate mofetil", {"sex": "male", **MMF_GUT}, "consider_alternative", Action.CONSIDER_ALTERNATIVE),
        ("ruxolitinib", {"sex": "male", "conditions": {"tuberculosis": True}}, "check_first", Action.TEST_FIRST),
        ("baricitinib", {**KIDNEY, "weight": "70 kg"}, "adjust_dose", Action.REDUCE_DOSE),
        # Europe goes by creatinine clearance: without a weight that is asked before a dose is given.
        ("baricitinib", {"sex": "male", "egfr": "50 mL/min/1.73m2"}, "adjust_dose", Action.TEST_FIRST),
        ("haloperidol", {"sex": "female", "pregnancy": True}, "monitor", Action.MONITOR),
    ],
)
def test_each_status_asks_for_its_action(name, told, status, action):
    found = drug(name, told)
    assert status in [item.status.value for item in found.checks if item.known]
    assert found.overall_action is action


def test_what_is_not_measured_is_said_in_the_words_of_its_row():
    assert str(drug("codeine", {"age": 8})).startswith("codeine: contraindicated: under 12 years (8 years).")


def test_an_open_check_that_need_not_come_first_asks_for_nothing():
    found = drug("ruxolitinib", {"sex": "male", "age": 40})
    open_ = [item for item in found.checks if not item.known and not item.asks_first]
    assert open_
    assert {item.action for item in open_} == {None}
    assert not [item for item in found.checks if item.against]


def test_what_is_only_watched_does_not_speak_against_a_drug():
    found = drug("haloperidol", {"sex": "female", "pregnancy": True})
    (check,) = [item for item in found.checks if item.criterion == "pregnancy"]
    assert (check.known, check.against) == (True, False)


def test_a_partner_that_takes_a_drug_away_asks_for_more_of_it():
    found = drug("voriconazole", {"sex": "male", "co_medication": ["phenytoin"]})
    assert Action.INCREASE_DOSE in [item.action for item in found.checks if item.partner == "phenytoin"]


def test_of_open_questions_those_that_come_first_stand_first():
    open_ = [item for item in drug("methotrexate", WOMAN).checks if not item.known]
    first = [item.asks_first for item in open_]
    assert True in first
    assert first == sorted(first, reverse=True)


def test_what_is_no_stricter_than_what_is_met_is_not_asked():
    found = drug("baricitinib", {**WOMAN, "egfr": "29 mL/min/1.73m2"})
    assert [(item.status.value, item.known) for item in found.checks if item.criterion == "egfr"] == [("avoid", True)]


def test_a_dose_check_names_its_document():
    found = drug("colchicine", planned("colchicine", "3 mg/day"))
    (check,) = [item for item in found.checks if item.criterion == "dose_maximum"]
    assert (check.checked, check.checked_on, check.jurisdiction) == ("copy", "2026-11-28", "US")
    assert check.citations == ("FDA:NDA022352",)
    assert (check.cap, check.cap_unit) == (2.4, "mg/day")
    unread = drug("amikacin", planned("amikacin", "2 g/day"))
    assert [item.checked_on for item in unread.checks if item.criterion == "dose_maximum"] == [""]


def test_a_count_at_its_bound_is_not_below_it():
    at = drug("azathioprine", {**WOMAN, "values": {"neutrophil_count": "1 x10^9/L"}})
    assert "avoid" not in [item.status.value for item in at.checks if item.criterion == "neutrophil_count"]


ANTIBODIES = "anti-drug antibodies, a cause of"
BIOLOGICS = [row["drug"] for row in KNOWLEDGE.rows("monitoring") if row["quantity"] == "anti_drug_antibodies"]


def with_antibodies(drug, result, unit="present or absent", **course):
    series = {"quantity": "anti-drug antibodies", "drug": drug, "unit": unit, "values": {"2026-07-20": result}}
    courses = [{"drug": drug, "start": "2026-01-01"} | course] if course else []
    told = {"therapies": courses, "labs": [series]}
    return respond({}, context=told, today="2026-11-30")


@pytest.mark.parametrize("course", [{"outcome": "ongoing"}, {"outcome": "failure", "stop": "2026-08-01"}, {}])
@pytest.mark.parametrize("drug", BIOLOGICS)
def test_antibodies_against_a_drug_are_in_its_sentence(drug, course):
    patient = with_antibodies(drug, "present", **course)
    response = patient.drug(drug)
    (check,) = [item for item in response.checks if item.criterion == "anti_drug_antibodies"]
    assert check.action.value == "monitor"
    assert f"{ANTIBODIES} " in response.summary
    assert "measure " in check.subject
    assert "present on 2026-07-20" in response.summary
    other = "tocilizumab" if drug != "tocilizumab" else "rituximab"
    assert ANTIBODIES not in patient.drug(other).summary
    assert ANTIBODIES not in with_antibodies(drug, "absent", **course).drug(drug).summary


def test_a_titre_of_antibodies_is_shown_and_without_one_nothing_asks_for_it():
    course = {"outcome": "ongoing"}
    assert "300 U/mL on 2026-07-20" in with_antibodies("adalimumab", 300, "U/mL", **course).drug("adalimumab").summary
    silent = respond({}, context={"therapies": [{"drug": "belimumab", **course}]}, today="2026-11-30")
    assert not [item for item in silent.resistance.monitoring if item.quantity == "anti_drug_antibodies"]


MISSED = "missed doses, a cause of failure"


@pytest.mark.parametrize(
    ("courses", "whole", "missed"),
    [
        ([{"drug": "MMF", "adherence": "poor"}, {"drug": "HCQ"}], {}, ["MMF"]),
        ([{"drug": "MMF", "compliance": "poor"}, {"drug": "HCQ"}], {}, ["MMF"]),
        ([{"drug": "MMF", "adherence": {"share": "50 %", "how": "refills"}}, {"drug": "HCQ"}], {}, ["MMF"]),
        ([{"drug": "MMF", "adherence": "good"}, {"drug": "HCQ", "adherence": "poor"}], {}, ["HCQ"]),
        ([{"drug": "MMF"}, {"drug": "HCQ"}], {"adherence": "poor"}, ["MMF", "HCQ"]),
        ([{"drug": "MMF", "adherence": "poor"}, {"drug": "HCQ"}], {"adherence": "poor"}, ["MMF"]),
        ([{"drug": "MMF", "adherence": "good"}, {"drug": "HCQ"}], {}, []),
        ([{"drug": "MMF"}, {"drug": "HCQ"}], {}, []),
    ],
)
def test_missed_doses_are_in_the_sentence_of_the_drug_they_are_told_of(courses, whole, missed):
    told = {"therapies": [{"outcome": "failure", "stop": "2026-11-01", **course} for course in courses], **whole}
    patient = respond({}, context=told, today="2026-11-30")
    for drug in ("MMF", "HCQ", "AZA"):
        assert (MISSED in patient.drug(drug).summary) is (drug in missed)
    assert any(step.step.value == "taken" and step.speaks for step in patient.resistance.steps) is bool(missed)


def test_adherence_of_a_course_that_cannot_be_read_is_refused_at_its_place():
    with pytest.raises(InputError, match=r"therapies\[0\]\.adherence.*expected good or poor"):
        load_context({"therapies": [{"drug": "MMF", "outcome": "failure", "adherence": "purple"}]})
