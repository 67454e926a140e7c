"""The embedded example: three patients, complete on both builds."""

from __future__ import annotations

import csv
from pathlib import Path

import pysam
import pytest

import lupus_pgx

PATIENTS = ["LN-01", "NP-02", "CU-03"]

# What the stated genotypes mean by CPIC's allele tables and rules.
DIPLOTYPES = {
    "LN-01": {"CYP3A5": "*1/*3", "NUDT15": "*1/*1", "TPMT": "*1/*3A"},
    "NP-02": {"CYP3A5": "*3/*3", "NUDT15": "*3/*3", "TPMT": "*1/*1"},
    "CU-03": {"CYP3A5": "*3/*3", "NUDT15": "*1/*1", "TPMT": "*1/*1"},
}
# What all three carry elsewhere: the usual alleles; HLA is typed, not called.
GENOME = dict.fromkeys(
    ["CYP2B6", "CYP2C8", "CYP2C9", "CYP2D6", "CYP3A4", "CYP4F2", "NAT2", "SLCO1B1", "UGT1A1"], "*1/*1"
) | {
    "ABCG2": "rs2231142 reference (G)/rs2231142 reference (G)",
    "CYP2C19": "*1/*1",
    "G6PD": "B (reference)/B (reference)",
    "VKORC1": "rs9923231 reference (C)/rs9923231 reference (C)",
}
DIPLOTYPES = {patient: GENOME | calls for patient, calls in DIPLOTYPES.items()}
# The markers the patients are about, in the order of the genotypes below.
STATED = [("APOL1", "risk haplotypes"), ("FCGR3A", "F158V"), ("UGT1A9", "-275T>A"), ("UGT2B7", "802C>T")]
MARKERS = {
    "LN-01": dict(zip(STATED, ["G1/G2", "V/F", "T/A", "C/T"], strict=True)),
    "NP-02": dict(zip(STATED, ["G0/G0", "F/F", "T/T", "C/C"], strict=True)),
    "CU-03": dict(zip(STATED, ["G0/G0", "V/V", "T/T", "C/T"], strict=True)),
}
ACTIONS = {
    "LN-01": {"azathioprine": "reduce_dose", "mercaptopurine": "reduce_dose", "tacrolimus": "increase_dose"},
    "NP-02": {"azathioprine": "avoid", "mercaptopurine": "avoid", "tacrolimus": "standard"},
    "CU-03": {"azathioprine": "standard", "mercaptopurine": "standard", "tacrolimus": "standard"},
}


@pytest.fixture(scope="module", params=["GRCh37", "GRCh38"])
def fx_results(request, fx_example):
    return lupus_pgx.analyze(fx_example[f"patients.{request.param}.vcf.gz"])


def by_sample(frame, key, column):
    return {sample: rows.set_index(key)[column].dropna().to_dict() for sample, rows in frame.groupby("sample_id")}


def test_files_are_those_promised(fx_example):
    assert set(fx_example) == {
        "patients.GRCh37.vcf.gz",
        "patients.GRCh38.vcf.gz",
        "variant_only.GRCh38.vcf.gz",
        "called_regions.GRCh38.bed",
        "patients.tsv",
        "LN-01.yaml",
    }
    for name, path in fx_example.items():
        assert Path(path).name == name
        assert Path(path).is_file()
        assert Path(f"{path}.tbi").is_file() == name.endswith(".gz")


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_files_are_whole_bgzipped_vcfs(build, fx_example):
    with pysam.VariantFile(fx_example[f"patients.{build}.vcf.gz"]) as file:
        assert file.compression == "BGZF"
        assert list(file.header.samples) == PATIENTS
        assert all(record.samples[0].alleles[0] for record in file)


def test_patients_are_described(fx_example):
    with Path(fx_example["patients.tsv"]).open(newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    assert [row["sample_id"] for row in rows] == PATIENTS
    assert all(row["manifestation"] and row["question"] for row in rows)


def test_every_locus_is_observed(fx_results):
    assert fx_results.sample_ids == PATIENTS
    assert set(fx_results.variants.to_frame().status) == {"observed"}


def test_diplotypes_are_those_of_the_genotypes(fx_results):
    assert by_sample(fx_results.diplotypes.to_frame(), "gene", "diplotype") == DIPLOTYPES


def test_markers_are_those_of_the_genotypes(fx_results):
    found = by_sample(fx_results.markers.to_frame(), ["gene", "marker"], "genotype")
    assert {sample: {key: found[sample][key] for key in keys} for sample, keys in MARKERS.items()} == MARKERS
    every = {(marker.gene, marker.marker) for marker in fx_results.knowledge.markers_by_key.values()}
    assert all(set(genotypes) == every for genotypes in found.values())


def test_nobody_is_homozygous_for_a_risk_allele_by_default(fx_results):
    """GRCh38 carries the effect allele at some loci: the example states ordinary genotypes there."""
    frame = fx_results.markers.to_frame().set_index(["gene", "marker"])
    counts = frame[~frame.index.isin(STATED)].effect_allele_count
    assert counts.notna().all()
    assert list(counts[counts == 2].index) == []


def test_actions_are_those_of_the_guidelines(fx_results):
    found = by_sample(fx_results.drug_responses.to_frame(), "drug", "action")
    for patient, actions in ACTIONS.items():
        assert {drug: found[patient][drug] for drug in actions} == actions


def test_only_two_risk_haplotypes_are_called_so(fx_results):
    frame = fx_results.markers.to_frame()
    categories = frame[(frame.gene == "APOL1") & (frame.marker == "risk haplotypes")].set_index("sample_id").category
    assert categories["LN-01"] == "2 risk haplotypes"
    assert categories["NP-02"] != "2 risk haplotypes"


def test_both_builds_give_the_same_results(fx_example):
    left, right = (lupus_pgx.analyze(fx_example[f"patients.{build}.vcf.gz"]) for build in ("GRCh37", "GRCh38"))
    for table in ("diplotypes", "markers", "drug_responses", "guidance", "evidence"):
        assert getattr(left, table).to_frame().equals(getattr(right, table).to_frame()), table


def test_variant_only_file_holds_only_what_the_patient_carries(fx_example):
    analysis = lupus_pgx.analyze(fx_example["variant_only.GRCh38.vcf.gz"])
    frame = analysis.variants.to_frame()
    recorded = frame[frame.status != "no_record"]
    assert analysis.sample_ids == ["LN-01"]
    carried = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], samples=["LN-01"]).variants.to_frame()
    plain = carried.genotype.str.replace("|", "/").str.split("/").map(set) == carried.ref.map(lambda ref: {ref})
    changed = carried[~plain]
    assert set(recorded.locus) == set(changed.locus)
    about = {"rs1142345", "rs1800460", "rs776746", "rs396991", "rs73885319", "rs60910145", "rs71785313"}
    assert about | {"rs6714486", "rs7439366"} <= set(recorded.locus)
    assert len(recorded) < len(frame) / 10


def test_variant_only_file_gives_no_all_clear(fx_example):
    """NUDT15 has no record: nothing that rests on it is standard."""
    analysis = lupus_pgx.analyze(fx_example["variant_only.GRCh38.vcf.gz"])
    drugs = analysis.drug_responses.to_frame().set_index("drug")
    assert not (drugs.action == "standard").any()
    assert "NUDT15" in drugs.not_assessed["azathioprine"]


def test_variant_only_file_with_absent_reference_equals_the_complete_one(fx_example):
    path = fx_example["variant_only.GRCh38.vcf.gz"]
    regions = fx_example["called_regions.GRCh38.bed"]
    analysis = lupus_pgx.analyze(path, absent="reference", called_regions=regions)
    assert by_sample(analysis.diplotypes.to_frame(), "gene", "diplotype") == {"LN-01": DIPLOTYPES["LN-01"]}
    drugs = analysis.drug_responses.to_frame().set_index("drug")
    assert {drug: drugs.action[drug] for drug in ACTIONS["LN-01"]} == ACTIONS["LN-01"]


def test_example_can_be_written_again(fx_example, tmp_path):
    first = lupus_pgx.write_example(tmp_path)
    kept = {name: Path(path).read_bytes() for name, path in first.items()}
    second = lupus_pgx.write_example(str(tmp_path))
    assert {name: Path(path).read_bytes() for name, path in second.items()} == kept
    assert kept == {name: Path(path).read_bytes() for name, path in fx_example.items()}


def test_example_in_place_of_a_file_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(lupus_pgx.OutputError) as caught:
        lupus_pgx.write_example(tmp_path / "file")
    assert caught.value.exit_code == 73
