"""What rules come to for calls of every shape, cell by cell (``judgements.tsv``), at each certainty that is asked."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pandas as pd
import pytest
from builder import VcfBuilder
from places import TESTS

from lupus_pgx import analyze, respond
from lupus_pgx.response.prediction import predict_responses

pytestmark = pytest.mark.every

CASES = list(csv.DictReader((TESTS / "judgements.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"))
FILE = "file: "
BOTH = {"TPMT": "*3A/*3C or *1/*3A", "NUDT15": "*1/*1"}


def calls(text: str) -> dict[str, str]:
    """Read ``GENE=CALL; GENE=CALL``."""
    return dict(part.split("=", 1) for part in text.split("; ") if part)


def patient_of(text: str, drug: str, folder: Path):
    """Return a patient with some calls, or with changes of a file that holds every locus of the panel."""
    if not text.startswith(FILE):
        return respond(calls(text), [drug])
    file = VcfBuilder().change(*text.removeprefix(FILE).split())
    return analyze(file.write(folder / "patient", "vcf"), drugs=[drug]).patient("S1")


def asked_at(told: dict[str, str], drug: str, certainty: float):
    """Return what is said of a drug where an action has to be so certain."""
    return asked_of(respond(told, [drug]), drug, certainty)


def asked_of(patient, drug: str, certainty: float):
    chosen = [patient.knowledge.drug(drug)]
    found = predict_responses(patient.results.genes, patient.results.markers, chosen, min_certainty=certainty)
    return found.of(drug, 0)


def number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


@pytest.mark.parametrize("case", CASES, ids=[f"{item['drug']} {item['calls']}" for item in CASES])
def test_every_value_of_a_judgement(case, tmp_path):
    response = patient_of(case["calls"], case["drug"], tmp_path).drug(case["drug"])
    judged = response.judgement
    found = {
        "drug": case["drug"],
        "calls": case["calls"],
        "action": response.action.value,
        "response": response.response.value,
        "factors": f"{number(judged.factor_low)}-{number(judged.factor_high)}".strip("-"),
        "basis": judged.basis,
        "cap": f"{judged.cap.value:g} {judged.cap.unit}" if judged.cap else "",
        "guideline": f"{judged.guideline} {judged.edition}".strip(),
        "strength": judged.strength,
        "scope": judged.scope,
        "certainty": number(judged.certainty),
        "differences": "; ".join(item.cell for item in judged.differences),
        "open": "; ".join(action.value for action in judged.open_actions),
        "blocked": "yes" if judged.blocked else "no",
        "level": judged.evidence_level,
    }
    assert found == case


@pytest.mark.parametrize(
    ("drug", "told", "action"),
    [
        ("azathioprine", {"TPMT": "*3A/*3A", "NUDT15": "*1/*1"}, "avoid"),
        ("azathioprine", BOTH, "test_first"),
        ("azathioprine", {"TPMT": "*1/*1", "NUDT15": "*1/*1"}, "standard"),
        ("isoniazid", {"NAT2": "*5/*5"}, "informative_only"),
    ],
)
def test_what_is_certain_is_said_at_any_certainty_that_is_asked(drug, told, action):
    for asked in (0.6, 0.95, 1.0):
        response = asked_at(told, drug, asked)
        assert (response.action.value, response.judgement.certainty) == (action, 1.0)
        assert response.response != "indeterminate"


def test_what_nothing_possible_speaks_against_is_watched_at_any_certainty_that_is_asked(tmp_path):
    patient = patient_of("file: -rs72554664 -g.154534409G>C", "hydroxychloroquine", tmp_path)
    for asked in (0.6, 0.95, 1.0):
        assert asked_of(patient, "hydroxychloroquine", asked).action == "monitor"


def test_an_action_is_said_from_its_own_probability_on():
    """One of two calls: the share of each is its weight under the prior that is worst for it."""
    told = {"TPMT": "*1/*3A or *1/*1", "NUDT15": "*1/*1"}

    def said(asked: float) -> tuple[str, float | None]:
        response = asked_at(told, "azathioprine", asked)
        return response.action.value, response.judgement.certainty

    action, certainty = said(0.01)
    assert action == "reduce_dose"
    assert 0.01 < certainty < 1
    assert said(certainty) == (action, certainty)
    assert said(math.nextafter(certainty, 1))[0] == "test_first"


def test_evidence_is_as_certain_as_the_least_certain_row_that_leads():
    told = {"CYP2C19": "*1/*2 or *1/*1", "GSTP1 I105V": "V/V"}
    judged = asked_at(told, "cyclophosphamide", 0.4).judgement
    assert len(judged.leading) == 2
    assert judged.certainty == pytest.approx(0.5)


def test_a_finding_fires_from_the_certainty_on_that_is_asked():
    told = {"NAT2": "*5/*5 or *4/*4"}
    fires = [[row.evidence for row in asked_at(told, "isoniazid", asked).evidence] for asked in (0.5, 0.51)]
    assert ["isoniazid-NAT2-meta-2019" in names for names in fires] == [True, False]


def test_a_direction_is_excluded_from_the_certainty_on_that_is_asked():
    """One of two calls is of unknown function: half of it is open."""
    told = {"NAT2": "*5/*4 or *6/*44"}
    assert asked_at(told, "isoniazid", 0.5).response == "no_validated_marker"
    assert asked_at(told, "isoniazid", 0.51).response == "indeterminate"


@pytest.mark.parametrize(
    ("taken", "calls_of", "action", "overall", "cap"),
    [
        ([], "*1/*1", "standard", "standard", None),
        (["amlodipine"], "*1/*1", "standard", "reduce_dose", 20),
        (["verapamil", "amlodipine"], "*1/*1", "standard", "reduce_dose", 10),
        (["verapamil", "amlodipine"], "*1/*5", "consider_alternative", "consider_alternative", 10),
        (["amlodipine"], "*5/*5", "avoid", "avoid", 20),
    ],
)
@pytest.mark.every
def test_of_genotype_and_context_the_stricter_counts_and_the_lowest_of_highest_doses(
    taken, calls_of, action, overall, cap
):
    """Label of simvastatin: at most 10 mg with verapamil and 20 mg with amlodipine."""
    patient = respond({"SLCO1B1": calls_of}, ["simvastatin"], context={"age": 60, "co_medication": taken})
    row = patient.drug_responses.to_frame().iloc[0]
    assert (row.action, row.overall_action) == (action, overall)
    assert (row.dose_cap, row.dose_cap_unit) == (cap, "mg/day") if cap else pd.isna(row.dose_cap)


def test_a_planned_dose_below_that_of_a_rule_asks_for_nothing_itself():
    """CPIC 2025: the thiopurine rule of TPMT is for planned doses of 2 mg/kg/day or more."""
    context = {"age": 40, "weight": "50 kg", "planned": [{"drug": "azathioprine", "dose": "75 mg/day"}]}
    drug = respond({"TPMT": "*1/*1", "NUDT15": "*1/*1"}, ["azathioprine"], context=context).drug("azathioprine")
    told = respond({"TPMT": "*1/*3A", "NUDT15": "*1/*1"}, ["azathioprine"], context=context).drug("azathioprine")
    assert [check.action for check in told.checks if check.criterion == "planned_dose"] == ["test_first"]
    assert (drug.overall_action, told.overall_action) == ("standard", "reduce_dose")
