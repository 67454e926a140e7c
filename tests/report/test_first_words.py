"""The first words of a result do not mislead: what is open is said beside them, and every output names the same."""

from __future__ import annotations

import json
import re

import pytest

import lupus_pgx
from lupus_pgx.report.brief import of_patient
from lupus_pgx.results.sentences import could_still
from lupus_pgx.terms import Action

TODAY = "2026-11-29"
TPMT = {"TPMT": "*1/*3A", "NUDT15": "*1/*1"}
LEUKOPENIA = {
    "therapies": [
        {"drug": "azathioprine", "dose": "150 mg", "start": "2026-01-10", "stop": "2026-03-01",
         "outcome": "intolerance", "reaction": "leukopenia"}
    ]
}  # fmt: skip


def flat(text):
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.fixture(scope="module")
def fx_variant_only(fx_example):
    return lupus_pgx.analyze(fx_example["variant_only.GRCh38.vcf.gz"]).patient("LN-01")


def test_what_could_still_become_stricter_stands_beside_a_certain_answer(fx_variant_only):
    text = flat(of_patient(fx_variant_only))
    open_loci = "not assessed: NUDT15; only partly seen: TPMT, which could still mean: avoid"
    assert f"azathioprine REDUCE DOSE to 30-80% increased toxicity 97.6% certain {open_loci}" in text
    assert f"mercaptopurine (to 30-80%; {open_loci})" in text
    assert "which could still mean: avoid" in flat(fx_variant_only.to_html(short=True))


def test_every_first_word_that_could_become_stricter_says_so(fx_variant_only):
    text = flat(of_patient(fx_variant_only))
    found = [fx_variant_only.results.responses.of(drug, 0) for drug in fx_variant_only.results.responses.values]
    named = [item for item in found if could_still(item) and item.action.severity > Action.MONITOR.severity]
    assert named
    for item in named:
        assert could_still(item) in text.partition(item.drug.drug)[2][:200]


def test_nothing_is_said_to_be_open_where_all_was_given():
    assert "could still mean" not in of_patient(lupus_pgx.respond(TPMT, ["azathioprine"]))


def test_what_is_to_be_watched_has_its_reason(fx_variant_only):
    text = flat(of_patient(fx_variant_only))
    assert "monitor: chloroquine, hydroxychloroquine, low-dose aspirin (not assessed: G6PD)" in text
    assert "monitor indeterminate" not in text


@pytest.mark.parametrize("context", [None, LEUKOPENIA, {"egfr": "41 mL/min/1.73m2", "planned": ["tacrolimus"]}])
def test_terminal_page_and_short_form_name_the_same_genes(context):
    patient = lupus_pgx.respond(TPMT | {"CYP3A5": "*1/*3"}, context=context, today=TODAY)
    text = flat(of_patient(patient)).partition("Genes behind what is asked for: ")[2].partition("Not assessed")[0]
    genes = {item.split()[0] for item in text.rstrip(". ").split("; ")}
    assert {"TPMT", "NUDT15", "CYP3A5"} <= genes
    for page in (patient.to_html(), patient.to_html(short=True)):
        behind = flat(page.partition("Genes behind what is asked for</h2>")[2].partition("</section>")[0][:800])
        assert {gene for gene in genes if gene in behind} == genes


def test_dose_and_word_do_not_run_into_each_other():
    context = {"weight": "60 kg", "planned": ["hydroxychloroquine"], "egfr": "25 mL/min/1.73m2"}
    for page in (
        lupus_pgx.respond({}, context=context, today=TODAY).to_html(),
        lupus_pgx.respond({}, context=context, today=TODAY).to_html(short=True),
    ):
        assert not re.search(r"(test first|avoid|monitor) at most", flat(page))


def test_what_no_table_answers_is_said_with_its_drugs(fx_example):
    context = json.loads(json.dumps({"co_medication": ["lisinopril", "hydroxychloroquine"]}))
    text = of_patient(lupus_pgx.respond(TPMT, context=context, today=TODAY))
    part = text.partition("Told of this patient, and no table says what it means for a drug\n")[2].partition("\n\n")[0]
    assert part
    for line in re.split(r"\n  (?=\S)", part.strip()):
        assert ": " in line, line


def test_a_star_is_a_word_of_the_context_whatever_the_genotype_says():
    context = {"egfr": "41 mL/min/1.73m2", "manifestations": {"lupus nephritis": {}}}
    patient = lupus_pgx.respond({"CYP2C9": "*3/*3"}, ["meloxicam", "warfarin"], context=context, today=TODAY)
    meloxicam = patient.drug("meloxicam")
    assert meloxicam.action.severity > Action.STANDARD.severity
    assert any(check.against for check in meloxicam.checks)
    page = patient.to_html()
    for drug in ("meloxicam", "warfarin"):
        starred = bool(re.search(rf">?{drug}(</b>)?<sup[^>]*>\*", page))
        assert starred == any(check.against for check in patient.drug(drug).checks)
    assert "the clinical context speaks against it (the genotype may, too)" in flat(page)


def test_a_condition_is_named_only_for_drugs_of_which_no_row_answers_it():
    context = {
        "co_medication": ["hydroxychloroquine", "lisinopril", "prednisone"],
        "conditions": {"heart_failure": True, "osteoporosis": True, "retinopathy": True},
    }
    patient = lupus_pgx.respond(TPMT, context=context, today=TODAY)
    part = of_patient(patient).partition("no table says what it means for a drug\n")[2].partition("\n\n")[0]
    lines = [" ".join(line.split()) for line in re.split(r"\n  (?=\S)", part.strip()) if ": " in line]
    responses = patient.results.responses
    named = 0
    for line in lines:
        topics, _, drugs = line.rpartition(": ")
        if topics.endswith(" also") or "no contraindications" in topics:
            continue
        for drug in drugs.split(", "):
            if drug in responses.values:
                told = [check.topic for check in responses.of(drug, 0).unseen]
                pairs = [name for check in responses.of(drug, 0).unseen for name in check.not_looked_at_with]
                assert any(topic in topics for topic in told) or any(name in topics for name in pairs), line
                named += 1
    assert named


def test_the_log_does_not_say_twice_that_a_statement_was_not_believed(fx_cli, fx_example, tmp_path, caplog):
    code, _, _ = fx_cli(
        "analyze", fx_example["variant_only.GRCh38.vcf.gz"], "--absent", "reference", "-o", tmp_path / "out"
    )
    assert code == 0
    assert caplog.text.count("was not believed everywhere") == 1
