"""G6PD on chromosome X: one copy in males, however the file codes it."""

from __future__ import annotations

import pytest
from builder import VcfBuilder
from helpers import warned

import lupus_pgx

MEDITERRANEAN = "rs5030868"


def call_g6pd(tmp_path, genotype: str, sex=None, haploid: bool = False):
    builder = VcfBuilder(genes=("G6PD",))
    if haploid:
        for records in builder.records.values():
            records[0].calls = ["0"]
    builder.records[MEDITERRANEAN][0].calls = [genotype]
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file"), genes=["G6PD"], sex=sex)
    row = analysis.diplotypes.to_frame().set_index("gene").loc["G6PD"]
    status = analysis.variants.to_frame().set_index("locus").status[MEDITERRANEAN]
    return row, status


NAME = "Mediterranean, Dallas, Panama, Sassari, Cagliari, Birmingham"


@pytest.mark.parametrize(("genotype", "haploid"), [("1", True), ("1/1", False), ("1|1", False)])
def test_hemizygous_male_is_deficient(genotype, haploid, tmp_path):
    row, _ = call_g6pd(tmp_path, genotype, "male", haploid)
    assert (row.diplotype, row.call_status, row.phenotype) == (NAME, "certain", "Deficient")
    assert row.n_candidates == 1


def test_haploid_coding_tells_a_male(tmp_path):
    row, status = call_g6pd(tmp_path, "1", None, haploid=True)
    assert (row.diplotype, status) == (NAME, "observed")


def test_normal_male(tmp_path):
    row, _ = call_g6pd(tmp_path, "0", None, haploid=True)
    assert (row.diplotype, row.phenotype) == ("B (reference)", "Normal")


def test_heterozygous_woman_is_variable(tmp_path):
    row, _ = call_g6pd(tmp_path, "0/1", "female")
    assert row.diplotype == f"B (reference)/{NAME}"
    assert row.phenotype == "Variable"


def test_heterozygous_male_contradicts_himself(tmp_path):
    row, status = call_g6pd(tmp_path, "0/1", "male")
    assert status == "doubtful"
    assert row.call_status == "ambiguous"
    assert MEDITERRANEAN in row.missing_essential


def test_haploid_genotype_of_a_woman_is_half(tmp_path):
    row, status = call_g6pd(tmp_path, "1", "female", haploid=True)
    assert status == "half_call"
    assert row.call_status != "certain"


def test_haploid_genotype_on_an_autosome_is_half(tmp_path):
    builder = VcfBuilder(genes=("TPMT",))
    builder.records["rs1142345"][0].calls = ["1"]
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file"), genes=["TPMT"], sex="male")
    assert analysis.variants.to_frame().set_index("locus").status["rs1142345"] == "half_call"


def test_sex_of_each_sample_is_read_from_a_table(fx_cli, tmp_path):
    builder = VcfBuilder(genes=("G6PD",), samples=["M", "F"])
    builder.records[MEDITERRANEAN][0].calls = ["1/1", "0/1"]
    vcf = builder.write(tmp_path / "file")
    table = tmp_path / "sex.tsv"
    table.write_text("sample_id\tsex\nM\tmale\nF\tfemale\n", encoding="utf-8")
    code, _, err = fx_cli("analyze", vcf, "--sex", table, "-o", tmp_path / "out", "--genes", "G6PD")
    assert (code, warned(err)) == (0, "")
    lines = (tmp_path / "out" / "diplotypes.tsv").read_text().splitlines()[1:]
    assert [line.split("\t")[2] for line in lines] == [NAME, f"B (reference)/{NAME}"]


@pytest.mark.parametrize("sex", ["mannlich", "MALES", "1", "XXY", ""])
def test_unknown_sex_is_a_usage_error(sex, tmp_path):
    with pytest.raises(lupus_pgx.UsageError):
        call_g6pd(tmp_path, "0/1", sex)
