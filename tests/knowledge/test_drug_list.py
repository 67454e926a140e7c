"""Every drug that lupus needs is in the tables, every row has a source, and every guideline row can be reached."""

from __future__ import annotations

import re

import pytest
from guidance_review import MARK, PAGE, RULES, calls_for, outranked, reach, tables
from helpers import check_each

import lupus_pgx
from lupus_pgx.terms import Action, Response
from lupus_pgx.words.vocabulary import ACTIONS

KNOWLEDGE = lupus_pgx.load_knowledge()

OF_LUPUS = """
prednisone, prednisolone, methylprednisolone, dexamethasone; hydroxychloroquine, chloroquine, quinacrine;
azathioprine, mercaptopurine, mycophenolate mofetil, mycophenolic acid, cyclophosphamide, methotrexate, leflunomide,
teriflunomide, tacrolimus, cyclosporine, voclosporin, sirolimus;
rituximab, obinutuzumab, ocrelizumab, belimumab, anifrolumab, telitacicept, ianalumab, litifilimab,
dapirolizumab pegol, daratumumab, abatacept, tocilizumab, CD19 CAR-T;
tofacitinib, baricitinib, upadacitinib, ruxolitinib, filgotinib, deucravacitinib;
intravenous immunoglobulin, plasma exchange; dapsone, thalidomide, lenalidomide, sulfasalazine
"""

AROUND_LUPUS = """
celecoxib, ibuprofen, flurbiprofen, meloxicam, piroxicam, naproxen; warfarin, clopidogrel;
simvastatin, atorvastatin, pravastatin, rosuvastatin, fluvastatin;
omeprazole, pantoprazole, lansoprazole, dexlansoprazole; sulfamethoxazole / trimethoprim, voriconazole; allopurinol;
citalopram, escitalopram, sertraline, amitriptyline; codeine, tramadol, ondansetron;
carbamazepine, oxcarbazepine, phenytoin, valproate; risperidone, haloperidol, quetiapine
"""

INDUCERS = "hydralazine, isoniazid, procainamide"

WITH_GUIDELINES = """
acenocoumarol, phenprocoumon, low-dose aspirin, avatrombopag; thioguanine, irinotecan, siponimod, tamoxifen;
abrocitinib, deuruxolitinib; ciprofloxacin, norfloxacin, nitrofurantoin, flucloxacillin, sulfadiazine, primaquine,
tafenoquine, quinine, rasburicase, pegloticase, methylene blue, toluidine blue; carvedilol, metoprolol, nebivolol,
propranolol; clomipramine, doxepin, imipramine, nortriptyline, fluvoxamine, paroxetine, venlafaxine, vortioxetine;
aripiprazole, brexpiprazole, pimozide, zuclopenthixol; fosphenytoin, lamotrigine; lovastatin, pitavastatin;
lornoxicam, tenoxicam; esomeprazole, rabeprazole; hydrocodone, oxycodone
"""
"""48 drugs that people with lupus take for other reasons and that a guideline or label names a gene for."""

BY_OUTSIDE_CALL = """
amikacin, gentamicin, streptomycin, tobramycin; desflurane, isoflurane, sevoflurane, succinylcholine
"""
"""Drugs whose genes are known by an outside call only."""


TAKEN_BESIDE = """
clarithromycin, fluconazole, paracetamol, fondaparinux; medroxyprogesterone injection, progestogen-only pill,
levonorgestrel coil
"""
"""Drugs of which a clinician asks whether they may be given beside those of lupus, or with what lupus brings."""


def names_in(text: str) -> list[str]:
    return [" ".join(name.split()) for name in re.split("[,;]", text)]


DRUGS = [
    name
    for text in (OF_LUPUS, AROUND_LUPUS, INDUCERS, WITH_GUIDELINES, BY_OUTSIDE_CALL, TAKEN_BESIDE)
    for name in names_in(text)
]
ROWS = {row["drug"]: row for row in KNOWLEDGE.rows("drugs")}
URLS = {row["citation"]: row["url"] for row in KNOWLEDGE.rows("citations")}
SOURCES = {row["source"] for row in KNOWLEDGE.rows("sources")}


def cited(row) -> list[str]:
    return [name.strip() for name in (row.get("citation") or "").split(";") if name.strip()]


# --- drugs --------------------------------------------------------------------------------------


def test_the_list_is_whole():
    assert len(DRUGS) == len(set(DRUGS)) == 81 + 48 + 8 + 7
    assert set(DRUGS) <= set(ROWS)
    assert [name for name in DRUGS if name != name.lower()] == ["CD19 CAR-T"]


def test_every_drug_has_class_role_and_what_is_known():
    def check(drug):
        row = ROWS[drug]
        assert row["drug_class"]
        assert row["role_in_lupus"]
        assert row["statement"]
        guidance = [item for item in KNOWLEDGE.rows("guidance") if item["drug"] == drug]
        evidence = [item for item in KNOWLEDGE.rows("evidence") if item["drug"] == drug]
        # What the statement says rests on rows; where there are none, or only context, it says so and cites who
        # looked.
        assert cited(row)
        if row["marker_statement"] == "guideline":
            assert guidance
            assert all(cited(item) for item in guidance)
        elif row["marker_statement"] == "evidence":
            assert evidence
            assert not guidance
            assert all(cited(item) for item in evidence)
        else:
            assert row["marker_statement"] == "none"
            assert "no validated genetic marker" in row["statement"].lower()
            assert not guidance
            assert not [item for item in evidence if item["use"] == "direction"]

    check_each(DRUGS, check)


def test_every_drug_gives_an_answer_with_citations():
    def check(drug):
        patient = lupus_pgx.respond({}, [drug])
        (row,) = patient.drug_responses.to_frame().itertuples()
        assert row.drug == drug
        assert row.action not in ("standard", "avoid", "reduce_dose", "increase_dose")
        assert row.predicted_response in ("indeterminate", "no_validated_marker")
        assert set(row.citations.split(";")) <= set(URLS)
        assert row.summary.startswith(f"{drug}: ")

    check_each(DRUGS, check)


def test_inducers_of_lupus_say_so():
    for drug in names_in(INDUCERS):
        text = f"{ROWS[drug]['role_in_lupus']} {ROWS[drug]['statement']}".lower()
        assert "induce" in text


# --- sources ------------------------------------------------------------------------------------

EVERY_ROW = [(name, line, row) for name in sorted(KNOWLEDGE.tables) for line, row in enumerate(KNOWLEDGE.rows(name), 2)]
"""Every row of every table with the line it stands in."""


def place(case) -> str:
    return f"{case[0]}.tsv:{case[1]}"


def test_no_row_is_without_a_source():
    def check(case):
        name, _, row = case
        if name == "citations":
            assert row["url"].startswith(("http://", "https://"))
        elif name == "sources":
            assert row["url"]
            assert row["licence"]
        else:
            assert (row.get("source") or row.get("guideline") or "").strip() or cited(row)

    check_each(EVERY_ROW, check, place)


def test_every_source_and_citation_resolves():
    def check(case):
        _, _, row = case
        assert set(cited(row)) <= set(URLS)
        for column in ("source", "guideline"):
            assert row.get(column) is None or row[column] in SOURCES

    check_each([case for case in EVERY_ROW if case[0] not in ("citations", "sources")], check, place)


@pytest.mark.parametrize("name", ["guidance", "evidence", "drugs", "interactions", "contraindications", "monitoring"])
def test_what_a_reader_may_act_on_is_cited_itself(name):
    """The name of a database is not enough here: each row names what was read."""
    rows = KNOWLEDGE.rows(name)
    assert rows
    assert [row for row in rows if not cited(row)] == []


# --- every guideline row, from a diplotype to its action and back to its citation -----------------

NEVER_STRICTEST: set[str] = set()
"""Rows that another row of their body outranks for every diplotype: they must be named here."""


def test_rows_that_never_count_are_known():
    assert {rule.rule for rule in RULES if all(outranked(rule, calls) for calls in calls_for(rule))} == NEVER_STRICTEST


@pytest.mark.parametrize("drug", sorted({rule.drug for rule in RULES}))
def test_every_rule_leads_from_a_diplotype_to_its_action_and_back_to_its_citation(drug):
    def check(rule):
        reached = reach(rule)
        assert (reached is None) == (rule.rule in NEVER_STRICTEST)
        if reached is None:
            return
        _, patient = reached
        row = rule.row
        response = patient.drug(rule.drug)
        bodies = KNOWLEDGE.drugs_by_name[rule.drug].bodies
        # The row is shown with what it asks for, whichever body is shown first.
        frame = patient.guidance.to_frame()
        (shown,) = frame[(frame.source == row["source"]) & (frame.condition == row["condition"])].itertuples()
        assert (shown.drug, shown.action, shown.year) == (rule.drug, row["action"], row["year"])
        assert shown.citation == row["citation"]
        first = bodies[0].source == rule.source
        if first:
            assert response.action is Action(row["action"])
            assert response.response is Response(row["predicted_response"])
            assert response.judgement.guideline == row["source"]
            asks_for_no_dose = response.response is Response.INDETERMINATE or row["action"] in ("avoid", "test_first")
            expected = (None, None) if asks_for_no_dose else (row["factor_low"], row["factor_high"])
            assert (response.factor_low, response.factor_high) == expected
        elif Response.INDETERMINATE not in (response.response, Response(row["predicted_response"])):
            differs = response.action is not Action(row["action"])
            assert differs <= any(
                text.startswith(f"{row['source']}: {ACTIONS[Action(row['action'])].label}")
                for text in map(str, response.conflicts)
            )
        # And back: the citation of the row is among those of the result, and resolved in the explanation.
        names = cited(row)
        assert names
        assert set(names) <= set(response.citations)
        explanation = patient.explain(rule.drug)
        before, _, after = explanation.partition("\nCitations\n")
        plain = " ".join(before.split())
        assert (
            f"{row['source']} {rule.edition}, {rule.population}: if {row['condition']}, "
            f"then {ACTIONS[Action(row['action'])].label}" in plain
        )
        assert " ".join(row["advice"].split()) in plain
        for name in names:
            assert f"   [{name}] " in after
            assert URLS[name] in after

    check_each([rule for rule in RULES if rule.drug == drug], check, lambda rule: rule.rule)


@pytest.mark.slow
def test_the_page_of_guideline_rows_is_what_they_say_today():
    assert tables() == PAGE.read_text(encoding="utf-8").partition(MARK)[2], "run python tests/guidance_review.py"
