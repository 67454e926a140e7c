"""Contexts as clinicians of three countries write them: read rightly, or refused with what to write."""

from __future__ import annotations

import datetime as dt

import pytest
from ten_patients import MARK, PAGE, page
from told import TODAY, from_yaml, lab, read, refused

import lupus_pgx
from lupus_pgx import respond
from lupus_pgx.errors import InputError
from lupus_pgx.report.context import context_view
from lupus_pgx.terms import Action, CheckStatus, Grade, Outcome

KNOWLEDGE = lupus_pgx.load_knowledge()


# --- what no living person has ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "unit", "value", "likely"),
    [
        ("creatinine", "umol/L", 1.1, "mg/dL"), ("creatinine", "mg/dL", 98, "umol/L"), ("Hb", "g/dL", 118, "g/L"),
        ("Hb", "g/L", 11.8, "g/dL"), ("platelets", "cells/uL", 240, "x10^9/L"),
        ("platelets", "x10^9/L", 240000, "cells/uL"), ("proteinuria_24h", "g/24 h", 850, "mg/24 h"),
        ("upcr", "g/g", 850, "mg/g"), ("c3", "g/L", 62, "mg/dL"), ("c3", "mg/dL", 0.9, "g/L"),
        ("hcq_blood", "ng/mL", 0.9, "mg/L"), ("mpa_trough", "mg/L", 2500, "ug/L"), ("qtc", "ms", 0.48, "s"),
        ("qtc", "s", 480, "ms"), ("tacrolimus_trough", "mg/L", 8, "ng/mL"), ("glucose", "mmol/L", 95, "mg/dL"),
        ("weight", "g", 61, "kg"), ("igg", "g/L", 700, "mg/dL"), ("neutrophil_count", "cells/uL", 2.1, "x10^9/L"),
    ],
)  # fmt: skip
def test_a_value_that_fits_only_another_unit_names_it(quantity, unit, value, likely):
    said = refused(lab(quantity, unit, value))
    assert "beyond what a living person has" in said
    assert likely in said.split("the laboratory gives: ")[1].split(" would fit")[0].split(" or ")


@pytest.mark.parametrize(("field", "text"), [("creatinine", "1.1 umol/L"), ("egfr", "900 mL/min"), ("weight", "61 g")])
def test_fields_have_the_same_bounds(field, text):
    assert f"{field}: " in refused({field: text})
    assert "beyond what a living person has" in refused({field: text})


@pytest.mark.parametrize("row", [row for row in KNOWLEDGE.rows("units") if row["highest"] is not None])
def test_bounds_themselves_are_possible_and_what_is_beyond_is_not(row):
    units, name = KNOWLEDGE.known_units, row["quantity"]
    assert units.impossible(row["highest"], name, row["unit"]) is None
    assert units.impossible(row["highest"] * 1.01, name, row["unit"])
    assert units.impossible(row["highest"] * 1.01, name, row["unit"], ">")
    if row["lowest"] is None:
        assert units.impossible(0, name, row["unit"]) is None
        return
    assert units.impossible(row["lowest"], name, row["unit"]) is None
    assert units.impossible(row["lowest"] * 0.99, name, row["unit"])
    assert (units.impossible(0, name, row["unit"]) is None) is (row["zero"] == "yes")
    assert (units.impossible(row["lowest"], name, row["unit"], "<") is None) is (row["zero"] == "yes")
    assert units.impossible(row["lowest"] * 1.01, name, row["unit"], "<") is None
    assert units.impossible(0, name, row["unit"], ">") is None


def test_what_was_not_detected_is_zero_where_that_can_be():
    assert read(lab("tacrolimus", "ng/mL", "nicht nachweisbar")).labs[0].values[0].value == 0
    assert "beyond what a living person has" in refused(lab("potassium", "mmol/L", "undetectable"))


# --- units and words of three countries ---------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "unit", "value", "expected"),
    [
        ("haemoglobin", "mmol/L", 7.4, 11.92), ("GPT", "\u00b5kat/L", 0.9, 54), ("bilirubin", "mg/L", 8, 13.68),
        ("ldl_cholesterol", "g/L", 1.2, 3.103), ("platelets", "Tsd/\u00b5l", 240, 240), ("plaquettes", "G/L", 240, 240),
        ("kali\u00e4mie", "mmol/L", 4.1, 4.1), ("C3c", "mg/dl", 62, 0.62), ("creatinine", "mg/L", 11, 97.24),
    ],
)  # fmt: skip
def test_units_and_names_of_laboratories(quantity, unit, value, expected):
    assert read(lab(quantity, unit, value)).labs[0].values[0].value == pytest.approx(expected, rel=1e-3)


def test_a_weight_in_pounds_and_an_age_in_words():
    context = read({"weight": "135 lb", "age": "34 Jahre", "values": {"neutrophils": "900 /\u00b5l"}})
    assert context.weight.value == pytest.approx(61.23, abs=0.01)
    assert context.age == 34
    assert context.values["neutrophil_count"].value == 0.9
    assert read({"age": "18 months"}).age == 1.5


def test_one_quantity_under_two_names_is_refused():
    assert "given twice" in refused({"values": {"neutrophils": "0.9 x10^9/L", "neutrophil_count": "4 x10^9/L"}})


@pytest.mark.parametrize("word", ["unwirksam", "\u00e9chec", "not effective"])
def test_outcome_words(word):
    assert (
        read({"therapies": [{"drug": "Imurek", "outcome": word}]}).therapies[0].outcome is Outcome.INADEQUATE_RESPONSE
    )


@pytest.mark.parametrize(
    "word", ["stopped because of leukopenia", "abgesetzt wegen Leukopenie", "arr\u00eat", "discontinued"]
)
def test_a_stop_without_its_reason_is_no_outcome(word):
    assert "does not say why: write intolerance with the reaction" in refused(
        {"therapies": [{"drug": "azathioprine", "outcome": word}]}
    )


# --- traps of YAML, and opposites ---------------------------------------------------------------


def test_a_decimal_comma_within_braces_is_not_another_value(tmp_path):
    for text in ("values: {inr: 2,4}", "{age: 34,5}", "conditions: {hepatitis_b: false, 4,5}"):
        with pytest.raises(InputError, match="decimal comma"):
            from_yaml(tmp_path, text)
    assert from_yaml(tmp_path, "values: {inr: 2.4}").values["inr"].value == 2.4


@pytest.mark.parametrize("word", [False, "no", "absent"])
def test_a_manifestation_that_is_not_there_is_not_there(word):
    context = read({"manifestations": {"lupus nephritis": word, "cutaneous": True}})
    assert [item.name for item in context.manifestations] == ["cutaneous"]
    assert any("is left out" in remark for remark in context.remarks)


@pytest.mark.parametrize("word", ["no nephritis", "keine Nephritis", "pas de n\u00e9phrite", "without nephritis"])
def test_a_negated_manifestation_is_never_its_opposite(word):
    said = refused({"manifestations": [word]})
    assert "leave out what the patient does not have" in said
    assert "did you mean" not in said


# --- intake and infection -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "missed"),
    [
        ("poor", True), ("good", False), ({"how": "refills", "share": "60 %"}, True), ({"share": 79}, True),
        ({"share": 80}, False), ({"how": "pill count", "share": "95 percent"}, False), ({"share": "<80 %"}, True),
        ({"share": ">=80 %"}, False), ({"share": "<50 %"}, True),
    ],
)  # fmt: skip
def test_adherence(told, missed):
    context = read({"adherence": told})
    assert context.conditions == {"missed_doses": missed}
    assert any(remark.startswith("adherence: ") for remark in context.remarks)


@pytest.mark.parametrize(
    "told",
    [
        "so so", {"how": "refills"}, {"share": 0.6}, {"share": "120 %"}, {"share": "most"}, {"share": True}, 60,
        {"share": "60 %", "who": "she"}, {"share": ">60 %"}, {"share": "<90 %"},
    ],
)  # fmt: skip
def test_an_intake_that_could_mean_two_things_is_refused(told):
    assert "adherence" in refused({"adherence": told})


def test_missed_doses_are_said_by_the_review():
    context = {
        "adherence": {"how": "refills", "share": "40 %"},
        "manifestations": {"lupus nephritis": {"class": ["IV"]}},
        "therapies": [{"drug": "MMF", "outcome": "failed", "start": "2025-01-01", "stop": "2025-12-01"}],
    }
    assert "missed doses" in str(respond({}, ["MMF"], context=context, today=TODAY).resistance.headline)


def test_an_intake_that_contradicts_a_condition_is_refused():
    assert "contradicts" in refused({"adherence": "good", "conditions": {"missed_doses": True}})


def test_an_infection_that_is_not_over():
    context = read({"infection": {"which": "zoster", "when": "2026-05-20", "treated": "ongoing", "severity": "severe"}})
    assert (context.active_infection, context.conditions) == (Grade.SEVERE, {"viral_infection": True, "zoster": True})
    drug = respond({}, ["rituximab"], context=context, today=TODAY).drug("rituximab")
    assert drug.overall_action is Action.AVOID


def test_an_infection_that_is_over_says_nothing_of_another():
    context = read({"infection": {"which": "zoster", "when": "2025-01", "treated": "finished"}})
    assert (context.active_infection, context.conditions) == (None, {"zoster": False})
    asked = respond({}, ["belimumab"], context=context, today=TODAY).drug("belimumab").checks
    assert [item.known for item in asked if item.criterion == "active_infection"] == [False]


@pytest.mark.parametrize(
    ("told", "conditions"),
    [
        ("TB treated 1990", {"tuberculosis_active": False}),
        ("cured zoster", {"zoster": False}),
        ("COVID-19, treated 2024", {"covid_19": False}),
        ({"which": "candidiasis", "treated": "finished"}, {}),  # another fungus may be there
    ],
)
def test_an_infection_that_is_over_is_no_longer_there_itself(told, conditions):
    context = read({"infection": told})
    assert (context.active_infection, context.conditions) == (None, conditions)


@pytest.mark.parametrize(
    "fields",
    [{"infection": "zoster, treated"}, {"conditions": {"zoster": "treated"}}, {"infection": "treated pneumonia"}],
)
def test_an_infection_that_was_treated_may_be_under_treatment(fields):
    assert "treated: finished} where it is, else" in refused(fields)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("shingles in 2019", "expected a mapping"),
        ({"which": "zoster", "treated": True}, "only a finished infection is over"),
        ({"which": "zoster"}, "write no, ongoing or finished"),
        ({"which": "zoster", "treated": "no", "severity": "awful"}, "expected mild, moderate, severe"),
        ({"treated": "no"}, "mapping"),
    ],
)  # fmt: skip
def test_an_infection_that_is_half_told_is_refused(told, said):
    assert said in refused({"infection": told})


@pytest.mark.parametrize("told", ["Zoster", {"which": "shingles", "treated": "no"}])
def test_an_infection_without_its_severity_is_there(told):
    context = read({"infection": told})
    assert context.ungraded_infection
    assert context.active_infection is None
    assert context.conditions == {"active_infection": True, "viral_infection": True, "zoster": True}
    graded = read({"infection": told, "active_infection": "severe"})
    assert (graded.active_infection, graded.infection) == (Grade.SEVERE, context.infection)
    assert "active_infection" not in graded.conditions
    assert "write one of them" in refused({"infection": told, "active_infection": "none"})


@pytest.mark.parametrize(
    ("told", "condition"),
    [("hepatitis B", "hepatitis_b"), ({"which": "HIV", "treated": "ongoing"}, "hiv"), ("LTBI", "tuberculosis")],
)
def test_an_infection_that_lasts_is_a_condition_and_no_acute_illness(told, condition):
    context = read({"infection": told})
    assert (context.conditions, context.infection, context.active_infection) == ({condition: True}, "", None)
    beside = read({"infection": told, "active_infection": "moderate"})
    assert (beside.infection, beside.active_infection) == ("", Grade.MODERATE)


def test_two_words_for_an_infection_must_agree():
    over, there = ({"which": "zoster", "treated": how} for how in ("finished", "ongoing"))
    assert read({"infection": over, "active_infection": "none"}).active_infection is Grade.NONE
    assert read({"infection": over, "active_infection": "severe"}).active_infection is Grade.SEVERE  # another one
    assert "write one of them" in refused({"infection": there, "active_infection": "none"})


# --- as entered ---------------------------------------------------------------------------------


def test_a_value_shows_as_entered_with_what_it_was_converted_to():
    context = read({"creatinine": "1.1 mg/dL", "weight": "61 kg", **lab("tacrolimus", "mg/L", "<0.002")})
    view = context_view(context, ())
    assert ("creatinine", "1.1 mg/dL [97.2 umol/L]") in view.facts
    assert ("weight", "61 kg") in view.facts
    assert view.labs[0].last == "<0.002 mg/L [<2 ng/mL] (2026-05-01)"


def test_a_check_shows_it_too():
    said = str(respond({}, ["azathioprine"], context=lab("ANC", "/\u00b5l", 300), today=TODAY).drug("azathioprine"))
    assert "300 cells/uL [0.3 x10^9/L] on 2026-05-01" in said


# --- the table ----------------------------------------------------------------------------------


def test_the_table_holds_what_yaml_holds(tmp_path):
    row = {
        "sample_id": "S1",
        "therapies": "MMF: failed | dose 2 g/day | start 2024-02-01 | stop 2025-03-01; AZA: intolerance: leukopenia",
        "planned": "MTX | dose 15 mg/week",
        "labs": "creatinine, mg/dL: 2026-05-01 1.1 | 2026-04-01 1.3; anti_dsdna, IU/mL: 2026-05-01 >300",
        "adherence": "how refills; share 60 %",
        "infection": "which zoster; treated ongoing; severity moderate",
        "manifestations": "lupus nephritis: III+V | severity severe | since 2024-03-01",
    }
    table = tmp_path / "contexts.tsv"
    table.write_text("\t".join(row) + "\n" + "\t".join(row.values()) + "\n", encoding="utf-8")
    fields = {
        "therapies": [
            {"drug": "MMF", "outcome": "failed", "dose": "2 g/day", "start": "2024-02-01", "stop": "2025-03-01"},
            {"drug": "AZA", "outcome": "intolerance", "reaction": "leukopenia"},
        ],
        "planned": [{"drug": "MTX", "dose": "15 mg/week"}],
        "labs": [
            {"quantity": "creatinine", "unit": "mg/dL", "values": {"2026-05-01": 1.1, "2026-04-01": 1.3}},
            {"quantity": "anti_dsdna", "unit": "IU/mL", "values": {"2026-05-01": ">300"}},
        ],
        "adherence": {"how": "refills", "share": "60 %"},
        "infection": {"which": "zoster", "treated": "ongoing", "severity": "moderate"},
        "manifestations": {
            "lupus nephritis": {"class": ["III", "V"], "severity": "severe", "since": dt.date(2024, 3, 1)}
        },
    }
    assert read(table) == {"S1": read({"patients": {"S1": fields}})["S1"]}


def test_two_values_of_one_day_in_a_cell_are_refused(tmp_path):
    table = tmp_path / "contexts.tsv"
    cell = "creatinine, mg/dL: 2026-05-01 1.1 | 2026-05-01 4.4"
    table.write_text(f"sample_id\tlabs\nS1\t{cell}\n", encoding="utf-8")
    assert "two values of one day" in refused(table)


@pytest.mark.parametrize(
    ("column", "cell", "field"),
    [
        ("values", "egfr: 20 mL/min/1.73m2; egfr: 95 mL/min/1.73m2", "egfr"),
        ("conditions", "thrombosis: yes; thrombosis: no", "thrombosis"),
        ("conditions", "other: gout; other: gout", "other: gout"),
        ("infection", "which zoster; which pneumonia", "which"),
        ("infection", "which zoster; treated ongoing; treated finished", "treated"),
        ("adherence", "share 60 %; share 99 %", "share"),
        ("planned", "methotrexate | dose 15 mg/day | dose 15 mg/week", "dose"),
        ("planned", "methotrexate | drug azathioprine", "drug"),
        ("therapies", "MMF: inadequate_response | stop 2024-01-01 | stop ongoing", "stop"),
        ("therapies", "MMF: ongoing | outcome inadequate_response", "outcome"),
        ("manifestations", "lupus nephritis: IV; lupus nephritis: II", "lupus nephritis"),
        ("manifestations", "lupus nephritis: IV | class II", "class"),
    ],
)
def test_what_stands_twice_in_a_cell_is_refused_as_in_yaml(tmp_path, column, cell, field):
    table = tmp_path / "contexts.tsv"
    table.write_text(f"sample_id\t{column}\nS1\t{cell}\n", encoding="utf-8")
    assert f"line 2, column {column}: the field '{field}' stands twice" in refused(table)


# --- a dose below the bound of the rules --------------------------------------------------------


@pytest.mark.parametrize(("dose", "below"), [("1 mg/kg/day", True), ("1.5 mg/kg/day", False), ("2.5 mg/kg/day", False)])
def test_a_dose_below_every_rule_comes_before_the_share_of_the_rules(dose, below):
    context = {"planned": [{"drug": "azathioprine", "dose": dose}]}
    said = str(respond({"TPMT": "*1/*3A", "NUDT15": "*1/*1"}, ["azathioprine"], context=context).drug("azathioprine"))
    assert said.startswith(f"azathioprine: at {dose} no share of the dose is given") is below
    assert ("FDA label without a bound: reduce dose" in said) is below


def test_a_rule_that_gives_only_a_highest_share_and_no_bound_holds_for_every_dose():
    """DPWG with both genes reduced: at most half of the usual dose, whatever was planned."""
    context = {"planned": [{"drug": "azathioprine", "dose": "1 mg/kg/day"}]}
    told = respond({"TPMT": "*1/*3A", "NUDT15": "*1/*3"}, ["azathioprine"], context=context).drug("azathioprine")
    assert "no share of the dose" not in str(told)
    assert "check first: the rule of CPIC" in told.summary


def test_no_dose_is_low_enough_where_a_rule_forbids_the_drug():
    context = {"planned": [{"drug": "azathioprine", "dose": "0.3 mg/kg/day"}]}
    said = str(respond({"TPMT": "*3A/*3A", "NUDT15": "*1/*1"}, ["azathioprine"], context=context).drug("azathioprine"))
    assert "no share of the dose" not in said
    assert "speaks against this drug" in said


# --- bounds, caps and estimates, as the judgement reads them ------------------------------------


@pytest.mark.parametrize(
    ("text", "settled"),
    [("<1 x10^9/L", True), ("<1.3 x10^9/L", True), ("<=1.3 x10^9/L", False), ("<2 x10^9/L", False),
     (">0.5 x10^9/L", False), ("<0.4 x10^9/L", True), ("0.99 x10^9/L", True)],
)  # fmt: skip
def test_a_bound_settles_a_rule_only_where_every_value_beyond_it_agrees(text, settled):
    context = {"values": {"neutrophil_count": text}}
    drug = respond({}, ["mycophenolate mofetil"], context=context, today=TODAY).drug("mycophenolate mofetil")
    found = [check for check in drug.checks if check.criterion == "neutrophil_count"]
    assert any(check.known and check.status is CheckStatus.AVOID for check in found) is settled
    assert any("does not settle" in check.found for check in found) is not settled
    assert (drug.overall_action is Action.AVOID) is settled


@pytest.mark.parametrize("text", [">1 x10^9/L", ">=1 x10^9/L", ">4 x10^9/L", "1 x10^9/L"])
def test_a_bound_clears_a_rule_only_where_every_value_beyond_it_agrees(text):
    context = {"values": {"neutrophil_count": text}}
    drug = respond({}, ["mycophenolate mofetil"], context=context, today=TODAY).drug("mycophenolate mofetil")
    assert not [check for check in drug.checks if check.criterion == "neutrophil_count" and "below 1 " in check.shown]


def test_a_rate_is_estimated_only_where_age_and_sex_are_known():
    creatinine = {"creatinine": "1.1 mg/dL"}
    assert read(creatinine | {"sex": "female"}).kidney_function is None
    assert read(creatinine | {"age": 34}).kidney_function is None
    assert read(creatinine | {"age": 34, "sex": "female"}).kidney_function.value == pytest.approx(67.6, abs=0.1)


def test_the_lowest_of_two_caps_is_the_number():
    alone = respond({"SLCO1B1": "*5/*5"}, ["rosuvastatin"]).drug("rosuvastatin").lowest_cap
    context = {"co_medication": ["cyclosporine"]}
    beside = respond({"SLCO1B1": "*5/*5"}, ["rosuvastatin"], context=context).drug("rosuvastatin").lowest_cap
    assert (alone.value, beside.value, beside.unit) == (20, 5, "mg/day")


def test_a_reaction_asks_of_its_class_and_of_no_other():
    context = {"therapies": [{"drug": "ibuprofen", "outcome": "intolerance", "reaction": "headache"}]}
    patient = respond({}, ["naproxen", "azathioprine"], context=context, today=TODAY)
    asked = {
        name: [check.shown for check in patient.drug(name).checks if "earlier reaction" in check.shown]
        for name in ("naproxen", "azathioprine")
    }
    assert asked == {"naproxen": ["earlier reaction to ibuprofen, of the same class"], "azathioprine": []}


def test_the_page_of_ten_patients_holds_what_is_said_today():
    assert page() == PAGE.read_text(encoding="utf-8").partition(MARK)[2], "run python tests/ten_patients.py"


def test_a_serious_reaction_forbids_and_a_mild_one_asks():
    def asked(reaction):
        context = {"therapies": [{"drug": "azathioprine", "outcome": "intolerance", "reaction": reaction}]}
        checks = respond({}, ["azathioprine"], context=context, today=TODAY).drug("azathioprine").checks
        return [check.status for check in checks if "earlier reaction to it" in check.shown]

    assert asked("pancytopenia") == [CheckStatus.AVOID]
    assert asked("nausea") == [CheckStatus.CONSIDER_ALTERNATIVE]
