"""FHIR bundles: structure by the package of the field, rules of the guide by our own checker, facts by the tables."""

from __future__ import annotations

import copy
import csv
import json
import re
from pathlib import Path

import pytest
from builder import VcfBuilder
from fhir_profiles import ANSWERS, TASKS, codes, faults, profile_of, resources

import lupus_pgx
from lupus_pgx.context.judged.checks import NO_ROWS
from lupus_pgx.terms import RESEARCH_USE, Action

QUIET = ("standard", "informative_only")


def checked(bundle: dict) -> dict:
    """Return a bundle that meets the structure of FHIR R4B and the rules of the guide."""
    from fhir.resources.R4B.bundle import Bundle

    Bundle.model_validate(bundle)
    assert faults(bundle) == []
    return bundle


def named(bundle: dict, kind: str, profile: str | None = None) -> list[dict]:
    found = [item for item in resources(bundle).values() if item["resourceType"] == kind]
    return [item for item in found if profile is None or profile_of(item) == profile]


def part(resource: dict, code: str) -> list:
    """Return the values of the components of a code."""
    return [
        item.get("valueString") or item["valueCodeableConcept"]
        for item in resource["component"]
        if code in {number for _, number in codes(item["code"])}
    ]


def gene_of(resource: dict) -> str:
    return part(resource, "48018-6")[0]["text"]


def drug_of(resource: dict) -> str:
    value = part(resource, "51963-7")[0] if "component" in resource else resource["input"][0]["valueCodeableConcept"]
    return value["text"]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def genotypes(bundle: dict) -> dict[str, dict]:
    """Return the observations of star genes by gene; markers share genes with each other."""
    found = [item for item in named(bundle, "Observation") if "84413-4" in {code for _, code in codes(item["code"])}]
    return {gene_of(item): item for item in reversed(found)}


@pytest.fixture(scope="module")
def fx_written(fx_example, tmp_path_factory):
    """The example with the context of LN-01, as tables and bundles."""
    folder = tmp_path_factory.mktemp("fhir")
    analysis = lupus_pgx.analyze(
        fx_example["patients.GRCh38.vcf.gz"], samples=["LN-01"], context=fx_example["LN-01.yaml"]
    )
    analysis.write(folder, formats=["tsv", "fhir"])
    return folder, analysis


def test_the_example_is_valid_and_the_same_from_python(fx_example, tmp_path, fx_cli):
    code, _, _ = fx_cli("analyze", fx_example["patients.GRCh38.vcf.gz"], "-o", tmp_path, "--format", "fhir", "-q")
    assert code == 0
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"])
    paths = sorted(tmp_path.rglob("*.json"))
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        f"patients/{sample}.fhir.json" for sample in sorted(analysis.sample_ids)
    ]
    for path in paths:
        bundle = checked(json.loads(path.read_text(encoding="utf-8")))
        (patient,) = named(bundle, "Patient")
        assert set(patient) == {"resourceType", "id", "identifier"}
        written = analysis.patient(patient["identifier"][0]["value"]).to_fhir()
        assert _without_ids(bundle) == _without_ids(written)


def _without_ids(bundle: dict) -> str:
    """Identifiers rest on the parameters too, which a command line spells out."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", json.dumps(bundle, sort_keys=True))


def test_equal_input_gives_equal_bytes(fx_written, tmp_path):
    folder, analysis = fx_written
    (path,) = analysis.write(tmp_path, formats=["fhir"])
    assert path.read_bytes() == (folder / "patients" / "LN-01.fhir.json").read_bytes()
    assert json.loads(path.read_text(encoding="utf-8")) == analysis.patient("LN-01").to_fhir()
    assert not [item for item in tmp_path.rglob("*") if item.name.startswith(".")]


def test_every_drug_row_is_there_in_its_own_words_or_counted(fx_written):
    folder, analysis = fx_written
    bundle = checked(analysis.patient("LN-01").to_fhir())
    implied = {drug_of(item): item for item in named(bundle, "Observation", "therapeutic-implication")}
    tasks = {drug_of(item): item for item in named(bundle, "Task")}
    rows = {row["drug"]: row for row in rows_of(folder / "drugs.tsv")}
    (report,) = named(bundle, "DiagnosticReport")
    left_out = 0
    for drug, row in rows.items():
        asks = row["overall_action"] not in QUIET
        assert (drug in tasks) is asks
        assert (drug in implied) is (row["predicted_response"] != "no_validated_marker")
        left_out += drug not in tasks and drug not in implied
        if asks:
            assert tasks[drug]["description"] == row["summary"]
            wanted = "followup" if row["overall_action"] == "test_first" else "medication"
            assert profile_of(tasks[drug]) == f"{wanted}-recommendation"
            assert ("reasonReference" in tasks[drug]) is (drug in implied)
            assert [note["text"] for note in tasks[drug]["note"]] == [RESEARCH_USE]
        if drug in implied:
            assert part(implied[drug], "conclusion-string") == [row["summary"]]
            assert codes(part(implied[drug], "51963-7")[0]) >= {
                ("http://www.nlm.nih.gov/research/umls/rxnorm", row["rxnorm"]) for _ in [1] if row["rxnorm"]
            }
            cited = [item["valueRelatedArtifact"]["label"] for item in implied[drug].get("extension", [])]
            assert cited == [item for item in row["citations"].split(";") if item]
        assert (drug in report["conclusion"]) or (drug not in tasks and drug not in implied)
    assert left_out > 0
    assert f"Left out, with nothing to say from the genotype: {left_out} drugs." in report["conclusion"]


def test_what_asks_for_most_comes_first(fx_written):
    bundle = fx_written[1].patient("LN-01").to_fhir()
    (report,) = named(bundle, "DiagnosticReport")
    conclusion = report["conclusion"]
    assert conclusion.startswith(fx_written[1].patient("LN-01").resistance.headline)
    places = [conclusion.index(word) for word in (" Avoid: ", " Test first: ", " Usual dose: ", " Undecided: ")]
    assert places == sorted(places)
    words = [item["code"]["text"] for item in named(bundle, "Task") if "code" in item]
    assert words == sorted(words, key=["avoid", "test first", "reduce dose", "increase dose"].index)
    assert conclusion.endswith(RESEARCH_USE)


def test_the_clinical_side_comes_first_where_it_asks_for_more(fx_written):
    """Citalopram: the genotype asks for less than the context of LN-01 does."""
    rows = {row["drug"]: row for row in rows_of(fx_written[0] / "drugs.tsv")}
    stricter = [drug for drug, row in rows.items() if row["overall_action"] == "avoid" and row["action"] == "standard"]
    assert stricter
    bundle = fx_written[1].patient("LN-01").to_fhir()
    for task in named(bundle, "Task"):
        if drug_of(task) in stricter:
            assert task["code"]["text"] == "avoid"
            said, _, genotype = task["description"].partition("Genotype: ")
            assert genotype
            assert "usual dose" not in said


def test_genotypes_are_those_of_the_tables(fx_written):
    folder, analysis = fx_written
    bundle = analysis.patient("LN-01").to_fhir()
    found = genotypes(bundle)
    known = resources(bundle)
    for row in rows_of(folder / "diplotypes.tsv"):
        item = found[row["gene"]]
        if row["call_status"] in ("certain", "probable", "outside"):
            assert item["valueCodeableConcept"] == {"text": row["diplotype"]}
            assert row["phenotype"] == "".join(part(item, "conclusion-string"))
            names = [known[link["reference"]]["valueCodeableConcept"]["text"] for link in item["derivedFrom"]]
            assert names == list(dict.fromkeys(row["diplotype"].split("/")))
        elif row["call_status"] == "no_call":
            assert "valueCodeableConcept" not in item
            assert profile_of(item) == ""


def test_what_was_not_assessed_has_no_value_and_looks_like_no_clearance(fx_example):
    """In a file of variants alone a gene without a record has no value, and an undecided drug no predicted response."""
    patient = lupus_pgx.analyze(fx_example["variant_only.GRCh38.vcf.gz"])
    bundle = checked(patient.patient(patient.sample_ids[0]).to_fhir())
    (report,) = named(bundle, "DiagnosticReport")
    assert report["conclusion"].startswith("NOTE: ")
    assert "Absence is never normal." in report["conclusion"]
    rows = {gene: patient.results.genes.of(gene, 0).diplotype for gene in patient.results.genes.values}
    open_genes = {gene for gene, call in rows.items() if call.status == "no_call"}
    assert open_genes
    for gene in open_genes:
        item = genotypes(bundle)[gene]
        assert codes(item["dataAbsentReason"]) == {
            ("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-performed")
        }
        assert part(item, "conclusion-string") == []
        assert any("not assessed" in note["text"] for note in item["note"])
    undecided = 0
    for item in named(bundle, "Observation", "therapeutic-implication"):
        response = patient.results.responses.of(drug_of(item), 0)
        if response.response == "indeterminate":
            undecided += 1
            assert "dataAbsentReason" in item
            assert part(item, "therapeutic-implication") == []
            assert not re.search(r"(?i)normal|asks for no change", part(item, "conclusion-string")[0].partition(";")[0])
    assert undecided > 10


def test_an_ambiguous_call_states_no_pair(fx_patient):
    patient = fx_patient(VcfBuilder().drop("rs4149056"))
    call = patient.gene("SLCO1B1")
    assert call.status == "ambiguous"
    bundle = checked(patient.to_fhir())
    item = genotypes(bundle)["SLCO1B1"]
    first, second, third = (one.name for one in call.candidates)
    assert item["valueCodeableConcept"] == {"text": f"{first}, {second} or {third}"}
    assert "derivedFrom" not in item


def test_the_rest_of_many_candidates_is_counted(fx_patient):
    patient = fx_patient(VcfBuilder().drop("rs1142345", "rs1800460"))
    call = patient.gene("TPMT")
    assert call.n_candidates > 10
    text = genotypes(checked(patient.to_fhir()))["TPMT"]["valueCodeableConcept"]["text"]
    assert text.endswith(f" or {call.n_candidates - 10} others")
    assert text.count("/") == 10


def test_assumed_loci_are_said(fx_example, tmp_path):
    options = {"absent": "reference", "called_regions": fx_example["called_regions.GRCh38.bed"]}
    analysis = lupus_pgx.analyze(fx_example["variant_only.GRCh38.vcf.gz"], **options)
    bundle = checked(analysis.patient(analysis.sample_ids[0]).to_fhir())
    (report,) = named(bundle, "DiagnosticReport")
    assert "assumed to carry the genome base (--absent reference)" in report["conclusion"]
    item = genotypes(bundle)["TPMT"]
    assert any("assumed to carry the genome base" in note["text"] for note in item["note"])
    for found in named(bundle, "Observation", "therapeutic-implication"):
        if analysis.results.responses.of(drug_of(found), 0).assumed:
            assert "assumed" in part(found, "conclusion-string")[0]


def test_phenotypes_are_coded_and_actions_too():
    bundle = checked(lupus_pgx.respond({"TPMT": "*3A/*3A", "NUDT15": "*1/*1"}, drugs=["azathioprine"]).to_fhir())
    (item,) = named(bundle, "Observation", "therapeutic-implication")
    assert ("http://loinc.org", "LA9657-3") in {
        code for value in part(item, "therapeutic-implication") for code in codes(value)
    }
    (task,) = named(bundle, "Task")
    assert task["code"] == {
        "coding": [{"system": "http://loinc.org", "code": "LA26421-0", "display": "Consider alternative medication"}],
        "text": "avoid",
    }
    assert named(bundle, "DocumentReference") == []


def test_a_phenotype_that_is_not_sure_has_no_code(fx_patient):
    """Every coded answer belongs to a phenotype of 0.95 or more behind a prediction that was made."""
    patient = fx_patient(VcfBuilder().drop("rs1142345"))
    bundle = checked(patient.to_fhir())
    for item in named(bundle, "Observation", "therapeutic-implication"):
        response = patient.results.responses.of(drug_of(item), 0)
        sure = [
            response.known[key].phenotype.ranked[0][1] >= 0.95
            for key in response.judgement.driven_by
            if key in response.known
            and response.known[key].phenotype is not None
            and response.known[key].phenotype.ranked
        ]
        coded = [value for value in part(item, "therapeutic-implication") if "coding" in value]
        assert len(coded) <= sum(sure)
        assert not coded or response.response != "indeterminate"


def test_genes_left_out_of_the_analysis_are_said(fx_analyze):
    analysis = fx_analyze(VcfBuilder(), genes=["TPMT"], drugs=["azathioprine"])
    bundle = checked(analysis.patient(analysis.sample_ids[0]).to_fhir())
    item = genotypes(bundle)["NUDT15"]
    assert "dataAbsentReason" in item
    assert [note["text"] for note in item["note"]] == ["NUDT15: not among the genes analyzed"]


def test_the_report_says_where_it_comes_from(fx_written):
    folder, analysis = fx_written
    bundle = analysis.patient("LN-01").to_fhir()
    (device,) = named(bundle, "Device")
    versions = {item["type"]["text"]: item["value"] for item in device["version"]}
    assert versions == {"software": lupus_pgx.__version__, "data release": analysis.provenance.data_release}
    (read,) = named(bundle, "DocumentReference")
    (said,) = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["provenance"]["inputs"]
    assert [item["value"] for item in read["identifier"]] == [said["sha256"]]
    assert {item["device"]["reference"] for item in named(bundle, "Observation")} == {f"urn:uuid:{device['id']}"}
    assert {item["status"] for item in named(bundle, "Observation")} == {"preliminary"}
    assert named(bundle, "DiagnosticReport")[0]["status"] == "partial"


@pytest.mark.parametrize("sample", ["../../x", "a b", 'quote"<&>', "Ünï/%2F", "x" * 300])
def test_strange_sample_names_stay_in_the_folder(fx_analyze, tmp_path, sample):
    analysis = fx_analyze(VcfBuilder(samples=[sample]), drugs=["azathioprine"], genes=["TPMT"])
    (path,) = analysis.write(tmp_path / "out", formats=["fhir"])
    assert path.parent == tmp_path / "out" / "patients"
    assert path.name.endswith(".fhir.json")
    bundle = checked(json.loads(path.read_text(encoding="utf-8")))
    assert named(bundle, "Patient")[0]["identifier"] == [{"value": sample}]


def test_a_gene_has_its_hgnc_identifier_where_the_table_has_one(monkeypatch):
    patient = lupus_pgx.respond({"TPMT": "*3A/*3A"}, drugs=["azathioprine"])
    rows = patient.knowledge.gene_rows
    monkeypatch.setitem(rows, "TPMT", {**rows["TPMT"], "hgnc": "HGNC:12014"})
    item = genotypes(checked(patient.to_fhir()))["TPMT"]
    coding = {"system": "http://www.genenames.org", "code": "HGNC:12014", "display": "TPMT"}
    assert part(item, "48018-6") == [{"coding": [coding], "text": "TPMT"}]


def test_a_run_of_shards_writes_bundles(fx_example, tmp_path, fx_cli):
    code, _, said = fx_cli(
        "cohort",
        "run",
        fx_example["patients.GRCh38.vcf.gz"],
        "-o",
        tmp_path,
        "--format",
        "fhir",
        "--drugs",
        "MMF",
        "-q",
    )
    assert code == 0, said
    bundles = [json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.rglob("*.fhir.json")]
    samples = {named(checked(bundle), "Patient")[0]["identifier"][0]["value"] for bundle in bundles}
    assert samples == {"LN-01", "NP-02", "CU-03"}


def test_what_the_context_touches_and_no_table_answers_is_said_of_drugs_left_out(fx_full_context, fx_example):
    """A drug without a resource of its own is named in the conclusion where something was not looked at for it."""
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], samples=["LN-01"], context=fx_full_context)
    bundle = checked(analysis.patient("LN-01").to_fhir())
    has = {drug_of(item) for item in (*named(bundle, "Task"), *named(bundle, "Observation", "therapeutic-implication"))}
    found = [analysis.results.responses.of(drug, 0) for drug in analysis.results.responses.values]
    unseen = [item for item in found if item.unseen and item.drug.drug not in has]
    conclusion = named(bundle, "DiagnosticReport")[0]["conclusion"]
    assert unseen
    for item in unseen:
        assert f" {item.drug.drug}: " in conclusion
        assert all(check.subject in conclusion for check in item.unseen if check.criterion != NO_ROWS)


def test_a_bundle_names_no_other_person(tmp_path):
    paths = [VcfBuilder(samples=[sample]).write(tmp_path / sample) for sample in ("ANNA", "BERTA")]
    analysis = lupus_pgx.analyze(paths, drugs=["azathioprine"], genes=["TPMT"])
    bundle = checked(analysis.patient("ANNA").to_fhir())
    assert len(named(bundle, "DocumentReference")) == 2
    assert "BERTA" not in json.dumps(bundle)
    assert "ANNA" in json.dumps(bundle)


def test_identifiers_differ_between_samples_and_between_inputs(fx_example):
    def ids(bundle: dict) -> set[str]:
        return set(resources(bundle))

    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], drugs=["azathioprine"])
    first, second = (analysis.patient(sample).to_fhir() for sample in analysis.sample_ids[:2])
    assert not ids(first) & ids(second)
    other = lupus_pgx.analyze(fx_example["patients.GRCh37.vcf.gz"], drugs=["azathioprine"])
    assert not ids(first) & ids(other.patient(analysis.sample_ids[0]).to_fhir())


def test_case_studies_with_their_contexts_are_valid(tmp_path):
    files = lupus_pgx.write_case_studies(tmp_path)
    cases = [name for name in files if name.endswith(".yaml")]
    assert len(cases) > 10
    for name in cases:
        sample = name.removesuffix(".yaml")
        checked(lupus_pgx.analyze(files[f"{sample}.GRCh38.vcf.gz"], context=files[name]).patient(sample).to_fhir())


def test_the_codes_of_the_table_are_those_of_the_guide(fx_knowledge):
    rows = fx_knowledge.rows("fhir_codes")
    phenotypes = {
        row["phenotype"] for table in ("phenotype_rules", "activity_rules") for row in fx_knowledge.rows(table)
    }
    for row in rows:
        if row["kind"] == "phenotype":
            assert row["value"] in phenotypes
            assert row["code"] in ANSWERS
            assert row["display"].lower() == row["value"].lower()
        elif row["code"]:
            assert row["code"] in TASKS[row["profile"]]
    actions = {row["value"] for row in rows if row["kind"] == "action"}
    assert actions == {item.value for item in Action if item.value not in QUIET}


BROKEN = {
    "a genotype without a value": ("genotype", lambda item: item.pop("valueCodeableConcept")),
    "an implication from nothing": ("therapeutic-implication", lambda item: item.pop("derivedFrom")),
    "an implication with a value": ("therapeutic-implication", lambda item: item.update(valueString="normal")),
    "one category": ("haplotype", lambda item: item["category"].pop()),
    "another code": ("haplotype", lambda item: item["code"]["coding"][0].update(code="84413-4")),
    "a reference that leads nowhere": ("genotype", lambda item: item["subject"].update(reference="urn:uuid:x")),
    "a task that is an order": ("medication-recommendation", lambda item: item.update(intent="order")),
    "a code of another list": (
        "medication-recommendation",
        lambda item: item["code"]["coding"][0].update(code="LA1-1"),
    ),
    "an empty list": ("genotype", lambda item: item.update(note=[])),
}


@pytest.mark.every
@pytest.mark.parametrize("fault", BROKEN)
def test_the_checker_finds_what_is_broken(fault):
    profile, break_it = BROKEN[fault]
    bundle = copy.deepcopy(lupus_pgx.respond({"TPMT": "*3A/*3A"}, drugs=["azathioprine"]).to_fhir())
    item = next(item for item in resources(bundle).values() if profile_of(item) == profile)
    break_it(item)
    assert faults(bundle)
