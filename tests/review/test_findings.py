"""Every cell of the table of findings, as it was last read (``found.tsv``), and how certain findings are."""

from __future__ import annotations

import pytest
from review_findings import FOUND, PATIENTS, found

from lupus_pgx import respond
from lupus_pgx.response.prediction import known_of
from lupus_pgx.review.signals import signals_of

WRITTEN = FOUND.read_text(encoding="utf-8").splitlines()


@pytest.mark.every
@pytest.mark.parametrize("name", PATIENTS)
def test_the_findings_are_what_was_read(name):
    mine = [line for line in WRITTEN if line.partition("\t")[0] == name]
    assert found(name) == mine, "read the difference, then run python tests/review_findings.py"


def test_the_file_holds_no_other_patient():
    assert {line.partition("\t")[0] for line in WRITTEN} == set(PATIENTS)


@pytest.mark.parametrize(("call", "certainty"), [("*3A/*3C or *1/*3A", 0.5), ("*1/*3A", 1.0)])
def test_a_finding_is_as_certain_as_its_genotype(call, certainty):
    harmed = {"drug": "AZA", "outcome": "intolerance", "reaction": "leukopenia"}
    review = respond({"TPMT": call, "NUDT15": "*1/*1"}, context={"therapies": [harmed]}).resistance
    found = {item.certainty for course in review.therapies for item in course.findings if item.kind == "toxicity"}
    assert found == {certainty}


@pytest.mark.parametrize("least", [0.5, 1.0])
@pytest.mark.parametrize(("call", "told"), [("G1/G2", True), ("G0/G0", False)])
def test_a_genotype_without_doubt_is_told_whatever_certainty_is_asked(call, told, least):
    patient = respond({"APOL1": call}, context={"manifestations": {"lupus nephritis": {}}})
    known = known_of(patient.results.genes, patient.results.markers, 0)
    signals = signals_of(patient.context, patient.knowledge, known, least)
    assert [item.certainty for item in signals if item.rows] == ([1.0] if told else [])


def findings_of(therapies, calls=None, **context):
    review = respond(calls or {}, context={"therapies": therapies} | context, today="2026-11-28").resistance
    return [item for course in review.therapies for item in course.findings]


@pytest.mark.parametrize(
    ("drug", "partner", "told"),
    [
        ("baricitinib", "rifampin", True),  # the row does not say what it explains
        ("tacrolimus", "rifampin", True),
        ("folic acid", "sulfasalazine", False),  # it explains what is not tolerated
        ("tacrolimus", "voriconazole", False),
    ],
)
def test_a_partner_explains_a_failure_where_its_row_says_so(drug, partner, told):
    found = findings_of([{"drug": drug, "outcome": "inadequate_response"}], co_medication=[partner])
    assert ([item.partner for item in found if item.kind == "interaction"] == [partner]) is told


@pytest.mark.parametrize(
    ("start", "beside", "told"),
    [("2026-01-01", "2026-02-01", True), ("", "2026-02-01", False), ("2026-01-01", "", False), ("", "", False)],
)
def test_courses_without_dates_are_not_taken_to_have_run_together(start, beside, told):
    failed = {"drug": "tacrolimus", "outcome": "inadequate_response"} | ({"start": start} if start else {})
    other = {"drug": "rifampin", "outcome": "ongoing"} | ({"start": beside} if beside else {})
    assert any(item.kind == "interaction" for item in findings_of([failed, other])) is told


@pytest.mark.parametrize(("drug", "calls"), [("isoniazid", {"NAT2": "*5/*5"}), ("mercaptopurine", {"TPMT": "*3A/*3A"})])
def test_what_a_label_says_is_strong_whoever_it_was_seen_in(drug, calls):
    """Evidence of another disease is weak; a label speaks of everybody who takes the drug."""
    found = findings_of([{"drug": drug, "outcome": "intolerance", "reaction": "hepatitis"}], calls)
    assert {item.strength for item in found if item.evidence_level == "label"} == {"strong"}


SEVERE = {"drug": "azathioprine", "start": "2024-01-10", "stop": "2024-03-01", "outcome": "intolerance"}
LATER = {"drug": "MMF", "dose": "3 g/day", "start": "2025-01-10", "stop": "2025-12-01", "outcome": "failure"}


@pytest.mark.parametrize(
    ("calls", "reaction", "gene"),
    [
        ({"TPMT": "*3A/*3A", "NUDT15": "*1/*1"}, "myelosuppression", "TPMT *3A/*3A"),
        ({"TPMT": "*1/*1", "NUDT15": "*3/*3"}, "pancytopenia", "NUDT15 *3/*3"),
        ({"TPMT": "*1/*3A", "NUDT15": "*1/*1"}, "neutropenic sepsis", "TPMT *1/*3A"),
        # No word of a serious harm, and yet the drug is to be avoided by the genotype.
        ({"TPMT": "*1/*1", "NUDT15": "*3/*3"}, "leukopenia", "NUDT15 *3/*3"),
    ],
)
def test_a_genotype_that_explains_a_serious_harm_is_in_the_headline_whatever_failed_later(calls, reaction, gene):
    told = {"sex": "male", "manifestations": ["lupus nephritis"]}
    courses = [SEVERE | {"reaction": reaction}, LATER]
    headline = respond(calls, context=told | {"therapies": courses}, today="2026-01-10").resistance.headline
    assert f"Azathioprine was not tolerated ({reaction})" in headline
    assert gene in headline
    assert "CPIC" in headline
    # What failed is the question, and comes first.
    assert headline.index("ycophenolate") < headline.index("Azathioprine")


@pytest.mark.parametrize(
    ("calls", "reaction"),
    [
        ({"TPMT": "*1/*1", "NUDT15": "*1/*1"}, "pancytopenia"),
        ({"TPMT": "*1/*3A", "NUDT15": "*1/*1"}, "nausea"),
        ({}, "pancytopenia"),
    ],
)
def test_a_harm_that_no_genotype_explains_leaves_the_headline_to_what_failed_later(calls, reaction):
    told = {"sex": "male", "manifestations": ["lupus nephritis"]}
    courses = [SEVERE | {"reaction": reaction}, LATER]
    headline = respond(calls, context=told | {"therapies": courses}, today="2026-01-10").resistance.headline
    assert "Azathioprine" not in headline


@pytest.mark.parametrize(
    ("reaction", "opens", "word"),
    [
        ("pancreatitis", "not again (compatible with TPMT *1/*3A", "avoid"),
        ("neutropenic sepsis", "not again (compatible with TPMT *1/*3A", "avoid"),
        ("nausea", "not again without a reason found (compatible with TPMT *1/*3A", "consider alternative"),
    ],
)
def test_no_dose_stands_before_what_forbids_a_drug(reaction, opens, word):
    told = {"sex": "male", "manifestations": {"lupus nephritis": {"class": ["IV"]}}}
    calls = {"TPMT": "*1/*3A", "NUDT15": "*1/*1"}
    patient = respond(calls, context=told | {"therapies": [SEVERE | {"reaction": reaction}]}, today="2026-01-10")
    review, heading = patient.resistance, f"intolerance, {reaction}; now: {word}"
    assert patient.drug("azathioprine").overall_action.value == word.replace(" ", "_")
    assert review.headline.startswith(f"Azathioprine was not tolerated ({reaction}): {opens}")
    assert review.therapies[0].heading == heading
    assert f"azathioprine: {heading}" in str(patient)
    assert heading in patient.to_html()
    found = [item for item in review.options if "azathioprine" in item.drugs and item.stage != "against"]
    assert found
    assert all(item.heading.startswith(f"{word}; genome: ") for item in found)


@pytest.mark.parametrize(
    ("reaction", "said"),
    [
        ("pancreatitis", "not again (NUDT15 and TPMT do not bear on it)"),
        ("hair loss", "not again without a reason found (NUDT15 was not looked at: test it first)"),
        ("pancytopenia", "not again (NUDT15 and TPMT were not looked at: test them first)"),
        ("pancytopenia and pancreatitis", "not again (NUDT15 and TPMT were not looked at: test them first)"),
        ("a word that no table knows", "not again (NUDT15 and TPMT were not looked at: test them first)"),
    ],
)
def test_only_a_gene_that_can_explain_what_happened_is_to_be_tested_because_of_it(reaction, said):
    told = {"sex": "male", "manifestations": ["arthritis"], "therapies": [SEVERE | {"reaction": reaction}]}
    assert said in respond({}, context=told, today="2026-01-10").resistance.headline
