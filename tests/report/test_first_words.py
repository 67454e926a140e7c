"""The first words of a result do not mislead: what is open is said beside them, and every output names the same."""

from __future__ import annotations

import json
import re

import pytest

import lupus_pgx
from lupus_pgx.report.brief import of_patient
from lupus_pgx.report.standing import is_undecided
from lupus_pgx.report.unanswered import left_of
from lupus_pgx.results.sentences import could_still
from lupus_pgx.terms import Action
from lupus_pgx.words.vocabulary import ACTIONS, IN_PART, NO_CONTEXT, OF_GENOTYPES

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
    sure = "97.6% certain of the genes assessed, else avoid"
    assert f"azathioprine REDUCE DOSE to 30-80% increased toxicity {sure} {open_loci}" in text
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


# --- a word that is no clearance ------------------------------------------------------------------

OPEN = {"TPMT": "*1/*1", "CYP2C19": "*1/*1", "CYP2B6": "*1/*1"}
PLANNED = {
    "age": 34,
    "sex": "female",
    "therapies": [{"drug": "HCQ", "outcome": "ongoing", "start": "2025-01-01"}],
    "planned": ["codeine", "sertraline", {"drug": "azathioprine", "dose": "2.5 mg/kg/day"}],
}
PART = {
    "age": 62,
    "sex": "male",
    "conditions": {"heart_failure": "severe", "malignancy": True},
    "planned": ["irinotecan"],
}
PREGNANT = {"age": 29, "sex": "female", "pregnancy": True, "planned": ["azathioprine"]}


def given(calls, context):
    return lupus_pgx.respond(calls, context=context, today=TODAY)


def forms_of(patient):
    """Summary, all of it, page, short page and what a notebook shows, as text."""
    forms = (of_patient(patient), str(patient), patient.to_html(), patient.to_html(short=True), patient._repr_html_())
    return [flat(form) for form in forms]


def test_a_planned_drug_names_its_open_genes_with_what_they_could_mean_at_worst():
    text = flat(of_patient(given(OPEN, PLANNED)))
    assert "azathioprine (planned): not assessed: NUDT15, which could mean: avoid." in text
    assert (
        "codeine (planned): with hydroxychloroquine. Genotype undecided, not assessed: CYP2D6, which could mean: avoid."
        in text
    )
    alone = flat(of_patient(given({}, {"age": 34, "sex": "male", "planned": ["nebivolol"]})))
    assert re.search(r"undecided: nebivolol \(planned; not assessed: CYP2D6", alone)


def test_an_undecided_drug_that_only_the_context_asks_to_watch_says_so_in_every_list():
    patient = given(OPEN, PLANNED)
    summary, _, page, short, notebook = forms_of(patient)
    for form in (page, short, notebook):
        assert re.search(r"genotype undecided, could mean avoid: [^:;]*\btramadol\b", form)
    assert re.search(r"monitor with the genotype undecided \d+", summary)
    behind = [drug for drug in patient.results.responses.values if is_undecided(patient.results.responses.of(drug, 0))]
    assert {"codeine", "tramadol", "tamoxifen"} <= set(behind)
    assert f"and of {len(behind)} drugs above the genotype is undecided, too" in page
    assert f"; {len(behind)} more above" in short


def test_the_heading_of_what_is_watched_promises_no_dose():
    meaning = ACTIONS[Action.MONITOR].meaning
    assert "usual dose" not in meaning.lower()
    assert meaning in flat(given(OPEN, PLANNED).to_html())


def test_what_was_looked_at_only_in_part_is_said_with_one_word_in_every_form():
    patient = given({"UGT1A1": "*1/*1"}, PART)
    assert patient.drug("irinotecan").overall_action is Action.STANDARD
    summary, whole, page, short, notebook = forms_of(patient)
    assert f"{IN_PART}: irinotecan (planned; the genotype: usual dose)" in summary
    assert re.search(rf"irinotecan +usual dose +{IN_PART} +certain", whole)
    for form in (page, short):
        assert re.search(rf"usual dose, {IN_PART} +irinotecan", form)
    for form in (page, notebook):
        assert re.search(rf"{IN_PART}: [^:;]*irinotecan", form)
    assert IN_PART in flat(str(patient.drug_responses))


def test_without_a_context_every_form_says_that_nothing_was_held_against_a_drug(fx_example):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    patient = given(OPEN, None)
    told = f"{NO_CONTEXT}, which forbids hydralazine, for one."
    for form in forms_of(patient):
        assert form.count(told) == 1
        assert form.index(told) < form.index("usual dose")
    for form in forms_of(given(OPEN, {"age": 34})):
        assert NO_CONTEXT not in form
    several = lupus_pgx.analyze(vcf, genes=["TPMT"], drugs=["azathioprine"])
    for form in (several.to_summary(), str(several), several.to_html()):
        assert flat(form).count(told) == 1
    some = lupus_pgx.analyze(vcf, genes=["TPMT"], drugs=["azathioprine"], context=fx_example["LN-01.yaml"])
    assert f"NP-02, CU-03: {told}" in flat(some.to_summary())
    assert OF_GENOTYPES in flat(some.to_html())


def test_a_highest_dose_of_the_context_stands_in_the_line_of_a_usual_dose_with_why():
    patient = given({"TPMT": "*1/*1", "NUDT15": "*1/*1"}, PREGNANT)
    cap = "at most 2 mg/kg/day (pregnancy)"
    summary, whole, page, short, notebook = forms_of(patient)
    assert f"usual dose, {cap}: azathioprine (planned)" in summary
    assert cap in whole
    for form in (page, short):
        assert re.search(rf"usual dose, {re.escape(cap)} +azathioprine", form)
    for form in (page, notebook):
        assert re.search(rf"{re.escape(cap)}: azathioprine", form)


def test_every_usual_dose_says_how_much_is_open_or_the_list_does(fx_example):
    vcf, context = fx_example["patients.GRCh38.vcf.gz"], fx_example["LN-01.yaml"]
    patient = lupus_pgx.analyze(vcf, samples=["LN-01"], context=context, today=TODAY).patient("LN-01")
    whole, page = str(patient), flat(patient.to_html())
    usual = [
        (drug, left_of(found.checks))
        for drug in patient.results.responses.values
        if (found := patient.results.responses.of(drug, 0)).overall_action is Action.STANDARD
    ]
    assert len(usual) > 10
    for drug, left in usual:
        if drug in patient.resistance.bearing:  # never called as usual
            continue
        row = re.search(rf"(?m)^  {re.escape(drug)}  .*\n(?:      .*\n)*", whole).group(0)
        assert f"{left.conditions} open" in row or f"{left.conditions} conditions open" in flat(row) or IN_PART in row
        assert str(left) in page
    said = r"Conditions are open for \d+ drugs of this list, and would forbid (\d+|each) of them if met\."
    assert re.search(said, " ".join(whole.split()))
    assert re.search(r"usual dose .*Conditions are open for \d+ drugs of this list", page)
