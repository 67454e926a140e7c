"""VCF files written from calls give those calls back."""

from __future__ import annotations

import pysam
import pytest

import lupus_pgx
from lupus_pgx import UsageError

CALLS = {
    "A": {"TPMT": "*1/*3C", "NUDT15": "*3/*5", "CYP2C19": "*2/*17", "FCGR3A F158V": "V/V", "APOL1": "G1/G2"},
    "B": {"CYP3A5": "*1/*6", "UGT1A1": "*28/*28", "rs6714486": "T/A", "NUDT15": None},
}


@pytest.mark.parametrize("build", ["GRCh38", "GRCh37"])
def test_calls_come_back(build, tmp_path):
    path = lupus_pgx.write_synthetic_vcf(tmp_path / "two.vcf.gz", CALLS, build=build)
    analysis = lupus_pgx.analyze(path)
    assert (analysis.sample_ids, str(analysis.build)) == (["A", "B"], build)
    stars = analysis.diplotypes.to_frame().set_index(["sample_id", "gene"])
    found = {key: stars.diplotype[key] for key in stars.index if CALLS[key[0]].get(key[1])}
    assert found == {(sample, gene): CALLS[sample][gene] for sample, gene in found}
    assert len(found) == 5
    markers = analysis.markers.to_frame().set_index(["sample_id", "gene", "marker"]).genotype
    assert markers["A", "FCGR3A", "F158V"] == "V/V"
    assert markers["A", "APOL1", "risk haplotypes"] == "G1/G2"
    assert markers["B", "UGT1A9", "-275T>A"] == "T/A"
    assert stars.call_status["B", "NUDT15"] == "no_call"
    assert stars.diplotype["A", "CYP3A5"] == "*3/*3"  # ordinary where nothing is stated


def test_loci_that_nobody_has_are_not_recorded(tmp_path):
    path = lupus_pgx.write_synthetic_vcf(tmp_path / "one.vcf.gz", {"A": {"TPMT": None, "APOL1": None}})
    with pysam.VariantFile(path) as file:
        genes = {record.info["GENE"] for record in file}
    assert not {"TPMT", "APOL1"} & genes
    assert "NUDT15" in genes


def test_variants_only_keeps_what_somebody_carries(tmp_path):
    path = lupus_pgx.write_synthetic_vcf(tmp_path / "one.vcf.gz", {"A": {"TPMT": "*1/*3A"}}, variants_only=True)
    with pysam.VariantFile(path) as file:
        carried = [any(record.samples["A"]["GT"]) for record in file]
    assert carried
    assert all(carried)
    regions = lupus_pgx.write_example(tmp_path / "example")["called_regions.GRCh38.bed"]
    assert (
        lupus_pgx.analyze(path, absent="reference", called_regions=regions).patient("A").drug("AZA").action.value
        == "reduce_dose"
    )


@pytest.mark.parametrize(
    ("patients", "message"),
    [
        ({}, "no patient was given"),
        ({"A\tB": {}}, "no tab"),
        ({"": {}}, "no tab"),
        ({"A": {"TMPT": "*1/*1"}}, "'TMPT'"),
        ({"A": {"TPMT": "*1/*99"}}, r"\*99"),
        ({"A": {"TPMT": "*1"}}, "two alleles"),
        ({"A": {"CYP2D6": "*1x2/*4"}}, r"\*1x2 has no sequence"),
        ({"A": {"HLA-B": "*58:01/*07:02"}}, "has no sequence"),
        ({"A": {"APOL1 risk haplotypes": "G1/G1", "APOL1": "G0/G0"}}, "contradict each other"),
    ],
)
def test_what_cannot_be_written_is_said(patients, message, tmp_path):
    with pytest.raises(UsageError, match=message):
        lupus_pgx.write_synthetic_vcf(tmp_path / "x.vcf.gz", patients)
    assert not list(tmp_path.iterdir())


def test_harmless_names_and_bad_targets(tmp_path):
    names = ["<script>alert(1)</script>", "../../x"]
    path = lupus_pgx.write_synthetic_vcf(tmp_path / "x.vcf.gz", {name: {} for name in names})
    assert lupus_pgx.analyze(path, drugs=["AZA"]).sample_ids == names
    with pytest.raises(UsageError, match="ends in"):
        lupus_pgx.write_synthetic_vcf(tmp_path / "x.bcf", {"A": {}})
    with pytest.raises(lupus_pgx.OutputError):
        lupus_pgx.write_synthetic_vcf(tmp_path / "no" / "x.vcf.gz", {"A": {}})
    with pytest.raises(lupus_pgx.OutputError):
        lupus_pgx.write_case_studies(tmp_path / "x.vcf.gz")
