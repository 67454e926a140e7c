"""States that clinicians write among the conditions, or beside the fields, and that have a field of their own."""

from __future__ import annotations

import pytest
from told import from_yaml, refused

from lupus_pgx import respond
from lupus_pgx.terms import CheckStatus, Contraception

TODAY = "2026-06-01"


@pytest.mark.parametrize(
    ("line", "pregnancy", "breast_feeding", "contraception"),
    [
        ("conditions: [pregnant, gout]", True, None, None),
        ("conditions: {breastfeeding: true}", None, True, None),
        ("conditions: {pregnant: false}", False, None, None),
        ("conditions: [postmenopausal]", False, None, Contraception.NOT_NEEDED),
        ("menopause: yes", False, None, Contraception.NOT_NEEDED),
        ("menopause: no", None, None, None),
    ],
)
def test_a_state_goes_to_its_field(tmp_path, line, pregnancy, breast_feeding, contraception):
    context = from_yaml(tmp_path, line)
    assert (context.pregnancy, context.breast_feeding, context.contraception) == (
        pregnancy,
        breast_feeding,
        contraception,
    )


def test_a_state_that_is_given_twice_is_refused():
    assert "given twice" in refused({"pregnancy": False, "conditions": ["pregnant"]})


@pytest.mark.parametrize(
    ("stage", "bound"), [("CKD stage 3", 60), ("CKD 3b", 45), ("CKD stage 4", 30), ("ESRD", 15), ("CKD G5", 15)]
)
def test_a_stage_is_the_bound_that_it_states(tmp_path, stage, bound):
    rate = from_yaml(tmp_path, f"conditions: [{stage}]").egfr
    assert (rate.sign, rate.value, rate.unit) == ("<", bound, "mL/min/1.73m2")


def test_a_value_beside_a_stage_counts_alone(tmp_path):
    context = from_yaml(tmp_path, "conditions: [CKD stage 4]\negfr: 22 mL/min/1.73m2")
    assert (context.egfr.sign, context.egfr.value) == ("", 22)
    assert any("the stage is left out" in remark for remark in context.remarks)


def test_a_stage_warns_and_leaves_open_what_lies_below_it():
    drug = respond({}, ["denosumab"], context={"conditions": ["CKD stage 4"]}, today=TODAY).drug("denosumab")
    found = [item for item in drug.checks if item.criterion == "egfr" and item.known]
    assert [item.status for item in found] == [CheckStatus.AVOID]
    open_ones = respond({}, ["methotrexate"], context={"conditions": ["CKD stage 3"]}, today=TODAY).drug("methotrexate")
    assert any(item.criterion == "egfr" and item.status is not CheckStatus.COMPATIBLE for item in open_ones.checks)


@pytest.mark.parametrize("name", ["pneumonia", "cellulitis"])
def test_an_infection_among_the_conditions_is_there_and_its_severity_is_asked(tmp_path, name):
    context = from_yaml(tmp_path, f"conditions: [{name}]")
    assert context.conditions["active_infection"] is True
    assert any("severity" in remark for remark in context.remarks)


def test_one_that_is_graded_keeps_its_grade(tmp_path):
    context = from_yaml(tmp_path, "active_infection: severe\nconditions: [pneumonia]")
    assert context.active_infection == "severe"


@pytest.mark.parametrize(
    ("line", "condition"),
    [
        ("conditions: {smoking: former}", "former_smoking"),
        ("conditions: [ex-smoker]", "former_smoking"),
        ("conditions: {tuberculosis: latent}", "tuberculosis"),
        ("conditions: [DVT 2019]", "thrombosis"),
        ("conditions: [melanoma (2010)]", "malignancy"),
        ("conditions: {NYHA: III}", "heart_failure"),
        ("conditions: [NYHA III heart failure]", "heart_failure"),
    ],
)
def test_a_kind_a_year_or_a_class_beside_the_name(tmp_path, line, condition):
    context = from_yaml(tmp_path, line)
    assert context.conditions.get(condition) or context.grades.get(condition)


@pytest.mark.parametrize(
    ("written", "drug"),
    [
        ("Bactrim forte BID", "sulfamethoxazole / trimethoprim"),
        ("Bactrim forte 1-0-1", "sulfamethoxazole / trimethoprim"),
        ("paracetamol as needed", "paracetamol"),
        ("L-Thyrox 50", "levothyroxine"),
    ],
)
def test_a_drug_without_an_amount_is_read(tmp_path, written, drug):
    context = from_yaml(tmp_path, f"co_medication: [{written}]")
    assert [item.name for item in context.on_board] == [drug]


def test_a_rate_without_its_unit_is_per_body_surface_and_said(tmp_path):
    context = from_yaml(tmp_path, 'egfr: ">60"')
    assert context.egfr.unit == "mL/min/1.73m2"
    assert any("read as >60 mL/min/1.73m2" in remark for remark in context.remarks)


@pytest.mark.parametrize(
    ("line", "grade"),
    [
        ("conditions: {liver disease: moderate}", "moderate"),
        ("conditions: {liver_disease: severe}", "severe"),
        ("conditions: [severe liver disease]", "severe"),
        ("conditions: {cirrhosis: Child-Pugh B}", "moderate"),
        ("conditions: {'other: hepatic impairment': mild}", "mild"),
        ("conditions: {liver disease: false}", "none"),
        ("conditions: {cirrhosis: false}", None),  # which says nothing of other diseases of the liver
    ],
)
def test_a_grade_among_the_conditions_goes_to_its_field(tmp_path, line, grade):
    assert from_yaml(tmp_path, line).liver_disease == grade


@pytest.mark.parametrize(
    "name", ["liver disease", "other: liver disease", "hepatic disease", "Leberkrankheit", "cirrhosis"]
)
def test_a_disease_of_the_liver_without_its_grade_is_asked_for_and_never_one_of_no_table(name):
    message = refused({"conditions": [name]})
    assert "write liver_disease: mild, moderate, severe or Child-Pugh B" in message
    assert "write 'other:" not in message
    both = refused({"liver_disease": "mild", "conditions": {"cirrhosis": "severe"}})
    assert "stands for liver_disease, which is given twice" in both


def test_a_value_among_the_conditions_goes_to_its_field(tmp_path):
    context = from_yaml(tmp_path, "conditions: {eGFR: 20 mL/min/1.73m2, weight: 40 kg, INR: 3.2, gout: true}")
    assert (context.egfr.value, context.weight.value, context.other_conditions) == (20, 40, ("gout",))
    assert context.values["inr"].value == 3.2
    assert "conditions.INR: read as values.INR" in context.remarks
    assert "stands for egfr, which is given twice" in refused(
        {"egfr": "30 mL/min", "conditions": {"egfr": "20 mL/min"}}
    )


@pytest.mark.parametrize(("field", "told"), [("sex", "f"), ("contraception", "none"), ("adherence", "poor")])
def test_a_field_among_the_conditions_is_sent_to_its_place(field, told):
    message = refused({"conditions": {field: told}})
    assert f"conditions.{field}: is no condition: write '{field}: ...' beside the conditions" in message
    assert "other:" not in message


def test_a_stage_and_another_rate_of_today_are_refused():
    assert "write the one that is right" in refused({"egfr": "90 mL/min/1.73m2", "conditions": ["CKD stage 4"]})
    assert "write the one that is right" in refused({"values": {"egfr": "90"}, "conditions": ["CKD stage 4"]})


def test_a_stage_and_what_was_measured_of_late_are_told_to_disagree(tmp_path):
    context = from_yaml(tmp_path, "egfr: {value: 90 mL/min/1.73m2, date: 2026-05-01}\nconditions: [CKD stage 4]")
    assert any("disagree" in remark for remark in context.remarks)
    context = from_yaml(tmp_path, "egfr: {value: 25 mL/min/1.73m2, date: 2026-05-01}\nconditions: [CKD stage 4]")
    assert context.egfr is None
