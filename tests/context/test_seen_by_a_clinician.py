"""What was told and the words did not carry: a named infection, a sepsis, a diastolic pressure, a dose allowed."""

from __future__ import annotations

import json

import pytest
from told import from_yaml, refused

from lupus_pgx import respond
from lupus_pgx.terms import Action, CheckStatus, Grade

TODAY = "2026-11-30"


def drug(name: str, **context):
    """Return what is said of a drug."""
    return respond({}, [name], context=context, today=TODAY).drug(name)


def known(found, criterion: str) -> list[CheckStatus]:
    """Return how strict the met checks on a criterion are."""
    return [item.status for item in found.checks if item.criterion == criterion and item.known and not item.at_stake]


@pytest.mark.parametrize("infection", ["chronic active hepatitis B", "active hepatitis C", "active tuberculosis"])
def test_an_infection_that_is_active_is_an_active_infection(infection):
    assert known(drug("cyclophosphamide", conditions=[infection]), "active_infection") == [CheckStatus.CONTRAINDICATED]
    assert drug("anifrolumab", conditions=[infection]).overall_action is Action.AVOID
    found = drug("azathioprine", conditions=[infection])
    (asked,) = [item for item in found.checks if item.criterion == "active_infection" and item.at_stake]
    assert (asked.at_stake, asked.asks_first) == (CheckStatus.CONTRAINDICATED, True)  # how severe it is
    # Which infection it is has been told: it need be no zoster.
    assert not any("active infection: yes" in item.found for item in found.checks)


def test_an_infection_of_no_name_may_be_any():
    found = drug("azathioprine", conditions=["active infection"])
    assert any(item.criterion == "zoster" and "active infection: yes" in item.found for item in found.checks)


@pytest.mark.parametrize("word", ["sepsis", "septic shock", "Urosepsis", "choc septique"])
def test_a_sepsis_is_severe(tmp_path, word):
    for line in (f"conditions: [{word}]", f"infection: {word}", f"infection: {{which: {word}, treated: ongoing}}"):
        assert from_yaml(tmp_path, line).active_infection is Grade.SEVERE
    milder = from_yaml(tmp_path, f"infection: {{which: {word}, treated: ongoing, severity: moderate}}")
    assert milder.active_infection is Grade.MODERATE  # what is told counts more than the word
    assert from_yaml(tmp_path, f"infection: {{which: {word}, treated: finished}}").active_infection is None
    assert drug("rituximab", conditions=[word]).overall_action is Action.AVOID


@pytest.mark.parametrize(
    ("pressure", "counted"),
    [
        ("138/89", 138), ("139/90", 140), ("138/92", 144), ("140/90", 140), ("150/115", 190), ("152/96", 152),
        ("152/100", 160), ("164/104", 164), ("160/105", 165), ("160/106", 168), ("185/120", 200), ("120/130", None),
        ("120/125", None), ("150/125", 210), ("90/50", 90),
    ],
)  # fmt: skip
def test_the_graver_of_two_pressures_counts(tmp_path, pressure, counted):
    """By the grades of ESC/ESH 2018; the smaller number first is no pressure."""
    labs = [{"quantity": "BP", "values": {"2025-12-20": pressure}}]
    if counted is None:
        assert all("stands first" in refused(fields) for fields in ({"BP": pressure}, {"labs": labs}))
        return
    for line in (f"BP: {pressure}", f"labs: {json.dumps(labs)}"):
        context = from_yaml(tmp_path, line)
        amount = context.values["blood_pressure"] if line.startswith("BP") else context.labs[0].values[0]
        assert amount.value == counted
        assert amount.entered == ("" if pressure.startswith(f"{counted}/") else f"{pressure} mmHg")


def test_a_diastolic_pressure_shows_as_it_was_told(tmp_path):
    context = from_yaml(tmp_path, "{sex: f, age: 39, BP: 150/115, conditions: {asthma: true}}")
    assert dict(context.conditions) == {"asthma": True}
    for name, action in (("cyclosporine", Action.AVOID), ("voclosporin", Action.AVOID)):
        found = respond({}, [name], context=context, today=TODAY).drug(name)
        assert (found.overall_action, "(150/115 mmHg)" in str(found)) == (action, True)
        assert "190" not in str(found)  # nobody measured it: it only weighs as much
    milder = from_yaml(tmp_path, "{sex: f, age: 39, BP: 164/104}")
    assert (
        respond({}, ["voclosporin"], context=milder, today=TODAY).drug("voclosporin").overall_action is Action.MONITOR
    )


@pytest.mark.parametrize(
    ("dose", "status"),
    [
        ("3 mg/kg/day", "adjust_dose"),
        ("2 mg/kg/day", "compatible"),
        ("121 mg/day", "adjust_dose"),
        ("120 mg/day", "compatible"),
    ],
)
def test_what_is_allowed_up_to_a_dose_is_held_against_the_dose(dose, status):
    """Azathioprine may go on in pregnancy, up to 2 mg/kg (EULAR)."""
    told = {"sex": "f", "age": 29, "pregnancy": True, "weight": "60 kg"}
    found = drug("azathioprine", **told, planned=[{"drug": "azathioprine", "dose": dose}])
    (check,) = [item for item in found.checks if item.criterion == "pregnancy"]
    assert (check.status.value, check.cap, check.cap_unit) == (status, 2, "mg/kg/day")
    assert ("at most 2 mg/kg/day" in str(found)) is (status == "adjust_dose")


@pytest.mark.parametrize(
    "line",
    [
        "past medical history: [diverticulitis]",
        "infection: {which: diverticulitis, when: 2024, treated: finished}",
        "conditions: {diverticulitis: true}",
    ],
)
def test_a_diverticulitis_that_is_over_leaves_diverticula(tmp_path, line):
    context = from_yaml(tmp_path, line)
    assert context.conditions["diverticulitis"] is True
    found = respond({}, ["tofacitinib"], context=context, today=TODAY).drug("tofacitinib")
    assert known(found, "diverticulitis") == [CheckStatus.MONITOR]


@pytest.mark.parametrize(
    ("line", "grade"),
    [
        ("cirrhosis Child-Pugh C", "severe"),
        ("Leberzirrhose Child B", "moderate"),
        ("decompensated cirrhosis", "severe"),
    ],
)
def test_a_cirrhosis_with_its_class_is_a_grade(tmp_path, line, grade):
    assert from_yaml(tmp_path, f"liver_disease: {line}").liver_disease == grade
    assert "expected none, mild, moderate, severe" in refused({"liver_disease": "fatty"})


def test_sodium_and_a_hemolysis_in_other_spellings(tmp_path):
    context = from_yaml(tmp_path, "{values: {Na: 126 mmol/L}, manifestations: [autoimmune hemolytic anaemia]}")
    assert context.values["sodium"].value == 126
    assert context.conditions["haemolytic_anaemia"] is True


def test_no_hormonal_contraception_is_asked_of_a_man():
    told = {"age": 40, "co_medication": ["rifampicin"]}
    for sex, asked in (("male", False), ("female", True)):
        found = drug("leflunomide", sex=sex, **told)
        assert any(item.criterion == "hormonal_contraception" for item in found.checks) is asked


def test_what_is_to_be_watched_is_no_change_of_the_dose():
    """Only what is allowed up to a dose becomes a dose to adjust: a long dose of prednisone stays one to watch."""
    taken = [{"drug": "prednisone", "dose": "40 mg/day", "outcome": "ongoing"}]
    found = drug("prednisone", therapies=taken, values={"steroid_dose": "10 mg/day"})
    (check,) = [item for item in found.checks if item.criterion == "steroid_dose" and item.known]
    assert (check.status, check.cap, check.cap_unit) == (CheckStatus.MONITOR, 5, "mg/day")


@pytest.mark.parametrize("pressure", ["152/96", "152/100", "164/108", "185/120", "150/115"])
def test_a_higher_diastolic_pressure_makes_nothing_milder(pressure):
    assert drug("combined hormonal contraceptive", sex="f", age=39, BP=pressure).overall_action is Action.AVOID
    systolic = pressure.partition("/")[0]
    high, usual = (drug("cyclosporine", sex="f", age=39, BP=told) for told in (pressure, f"{systolic}/80"))
    assert high.overall_action.severity >= usual.overall_action.severity >= Action.TEST_FIRST.severity
    assert drug("voclosporin", sex="f", age=39, BP=pressure).overall_action.severity >= Action.MONITOR.severity
