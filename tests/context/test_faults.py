"""Faults that were found by reading stay mended: sentences by patients, tables by what their rows say."""

from __future__ import annotations

import pytest
from fault_patients import FAULTS, MARK, PAGE, page

from lupus_pgx import load_knowledge, respond

pytestmark = pytest.mark.every

KNOWLEDGE = load_knowledge()
TODAY = "2026-11-28"


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{item.name} {item.drug} {item.words[:20]}" for item in FAULTS])
def test_what_a_genotype_alone_would_not_say_comes_first(fault):
    assert fault.done == fault.action
    assert fault.words in fault.first


def test_the_page_is_what_is_said():
    assert page() == PAGE.read_text(encoding="utf-8").partition(MARK)[2], "run python tests/fault_patients.py"


def row(table: str, **match: str):
    return next(row for row in KNOWLEDGE.rows(table) if all(row[key] == value for key, value in match.items()))


def test_w2_the_largest_lupus_study_of_rituximab_is_evidence_and_changes_nothing():
    response = respond({"FCGR3A F158V": "V/V"}, ["rituximab"]).drug("rituximab")
    shown = {item["citation"]: item["effect_size"] for item in (found.row for found in response.evidence)}
    assert "1.64 (1.12-2.41)" in shown["doi:10.1016/j.ebiom.2022.104343"]
    assert response.action.value == "informative_only"


@pytest.mark.parametrize(
    ("calls", "said", "not_said"),
    [
        ({"APOL1": "G1/G2"}, "N264K was not looked at", "takes"),
        (
            {"APOL1": "G1/G2", "APOL1 N264K": "N/N"},
            "compatible with kidney injury that is not immune",
            "N264K was not looked at",
        ),
        ({"APOL1": "G1/G2", "APOL1 N264K": "N/K"}, "", "kidney injury that is not immune"),
        ({"APOL1": "G2/G2", "APOL1 N264K": "K/K"}, "", "kidney injury that is not immune"),
    ],
)
def test_w3_n264k_takes_the_risk_of_two_haplotypes_away(calls, said, not_said):
    course = {"drug": "MMF", "dose": "3 g/day", "start": "2025-01-01", "outcome": "inadequate_response"}
    context = {"age": 40, "manifestations": {"lupus nephritis": {"class": ["IV"]}}, "therapies": [course]}
    told = " ".join(str(respond(calls, ["MMF"], context=context, today=TODAY).resistance).split())
    assert said in told
    assert not_said not in told


def test_w5_a_live_vaccine_waits_by_the_dose_of_immunoglobulin():
    rows = [row["advice"] for row in KNOWLEDGE.rows("interactions") if row["drug"] == "measles or varicella vaccine"]
    assert [months for months in (8, 10, 11) if any(f"Wait {months} months" in advice for advice in rows)] == [
        8,
        10,
        11,
    ]
    checks = respond({}, ["IVIG"], context={"co_medication": ["varicella vaccine"]}).drug("IVIG").checks
    assert any("10 months" in item.advice for item in checks)


def test_w6_what_is_not_assessed_says_both_studies():
    lost = row("not_assessable", feature="GSTT1 null")
    assert "RR 0.63" in lost["relevance"]
    assert {"PMID:40667789", "PMC:1885164"} <= set(lost["citation"].split(";"))


@pytest.mark.parametrize(("gene", "figure"), [("IFIH1", "1.34"), ("PTPN22", "1.54")])
def test_w12_a_marker_and_its_evidence_give_one_figure(gene, figure):
    (marker,) = [row for row in KNOWLEDGE.rows("markers") if row["gene"] == gene]
    assert figure in marker["effect"]
    assert any(figure in (row["effect_size"] or "") for row in KNOWLEDGE.rows("evidence") if row["gene"] == gene)


def test_i10_the_pooled_outcome_is_not_narrowed():
    assert "ovar" not in row("evidence", evidence="cyclophosphamide-CYP2C19-meta-2026")["finding"]


@pytest.mark.parametrize(
    ("calls", "drug", "option"),
    [
        ({"UGT1A9 -275T>A": "T/A"}, "mycophenolate mofetil", "mycophenolate"),
        ({"FCGR3A F158V": "F/F"}, "rituximab", "rituximab"),
    ],
)
def test_i12_i13_evidence_without_a_guideline_changes_no_option(calls, drug, option):
    courses = [
        {
            "drug": "MMF",
            "dose": "3 g/day",
            "start": "2024-01-01",
            "stop": "2025-01-01",
            "outcome": "inadequate_response",
        },
        {"drug": "cyclophosphamide", "dose": "500 mg", "start": "2025-01-01", "outcome": "inadequate_response"},
    ]
    context = {"age": 40, "manifestations": {"lupus nephritis": {"class": ["IV"]}}, "therapies": courses}
    patient = respond(calls, [drug, "prednisone"], context=context, today=TODAY)
    assert patient.drug(drug).action.value == "informative_only"
    frame = patient.options.to_frame()
    words = list(frame.loc[frame["option"].str.contains(option), "genome"])
    assert any("(weak evidence) does not change this choice: measure" in word for word in words)
    assert not any("speaks against" in word or "dose differently" in word for word in words)


@pytest.mark.parametrize(("drug", "strength"), [("fluoxetine", "strong"), ("voriconazole", "weak")])
def test_i16_the_strength_of_an_inhibitor_is_the_regulators(drug, strength):
    found = row("phenoconversion", **{"gene": "CYP2C19", "with": drug})
    assert found["strength"] == strength
    assert "FDA examples of CYP interactions" in found["citation"]


def test_c7_n264k_cites_the_paper_on_it():
    assert row("markers", gene="APOL1", marker="N264K")["citation"] == "PMID:38036523"


def test_c10_newer_guidelines_are_cited_by_rows_that_act():
    cited = {
        citation
        for table in ("contraindications", "therapy_options", "response_criteria")
        for item in KNOWLEDGE.rows(table)
        for citation in item["citation"].split(";")
    }
    assert {"doi:10.1002/acr.25690", "doi:10.1016/j.ard.2025.09.007", "doi:10.1016/j.ard.2025.02.023"} <= cited


def test_a_hepatitis_that_is_recorded_is_not_told_apart_from_what_was_recorded():
    """W10: the field holds B or C, past or present, and a sentence must not say which."""
    states = {row["state"] for row in KNOWLEDGE.rows("contraindications") if row["criterion"] == "hepatitis_b"}
    assert states == {"hepatitis B or C, past or present", "hepatitis B or C recorded"}
