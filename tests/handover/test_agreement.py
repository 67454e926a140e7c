"""``compare``: two analyses, or one with what another caller says of the same samples."""

from __future__ import annotations

import io
import json
import logging
import sys
import zipfile

import pytest
from builder import VcfBuilder

import lupus_pgx


@pytest.fixture(scope="module")
def fx_ours(tmp_path_factory):
    """Results of three samples: a carrier, one with a locus missing, and one more."""
    folder = tmp_path_factory.mktemp("ours")
    builder = VcfBuilder(samples=["S1", "S2", "S3"], genes=("TPMT", "NUDT15", "NAT2"))
    builder.set("rs1142345", "T/C", "T/T", "T/T")
    builder.set("rs116855232", "C/T", "./.", "C/C")
    lupus_pgx.analyze(builder.write(folder / "in"), drugs=["azathioprine"]).write(folder / "out", formats=["tsv"])
    return folder / "out"


def rows(text):
    head, *lines = [line.split("\t") for line in text.splitlines()]
    return {(line[0], line[1]): dict(zip(head, line, strict=True)) for line in lines}


def archive(gene, *lines):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("x/metadata.txt", f"Gene={gene}\nSemanticType=SampleTable[Results]\n")
        file.writestr(
            "x/data.tsv", "\n".join("\t".join(line) for line in [("", "Genotype", "Phenotype"), *lines]) + "\n"
        )
    return content.getvalue()


def test_ours_with_pypgx(fx_ours, fx_cli, tmp_path):
    for gene, lines in {
        "TPMT": [("S1", "*1/*3C", "Intermediate Metabolizer"), ("S2", "*1/*1", "Normal Metabolizer")],
        "NUDT15": [
            ("S1", "*1/*2", "Poor Metabolizer"),
            ("S2", "*1/*3", "Intermediate Metabolizer"),
            ("S3", "*1/*77", ""),
        ],
    }.items():
        (tmp_path / gene).mkdir()
        (tmp_path / gene / "results.zip").write_bytes(archive(gene, *lines))
    code, out, _ = fx_cli("compare", fx_ours, tmp_path, "--format", "tsv")
    assert code == 0
    found = rows(out)
    assert (found["S1", "TPMT"]["phenotype"], found["S1", "TPMT"]["diplotype"]) == ("same", "same")
    assert found["S3", "TPMT"]["phenotype"] == "only first"
    former = found["S1", "NUDT15"]
    assert (former["diplotype"], former["phenotype"]) == ("same", "differ")
    assert "renamed: *2 read as *3" in former["reason"]
    assert "function changed: in this release *1 Normal function, *3 No function" in former["reason"]
    absent = found["S2", "NUDT15"]
    assert (absent["phenotype"], absent["second_phenotype"]) == ("differ", "Intermediate Metabolizer")
    assert "loci without a genotype: rs116855232" in absent["reason"]
    assert "not read: unknown NUDT15 allele '*77'" in found["S3", "NUDT15"]["reason"]
    code, out, _ = fx_cli("compare", fx_ours, tmp_path)
    assert code == 0
    assert out.index("Phenotypes  ") < out.index("Diplotypes  ")
    assert "3 samples that both have" in out


def test_ours_with_pharmcat_and_aldy(fx_ours, fx_cli, tmp_path):
    report = tmp_path / "S1.report.tsv"
    report.write_text(
        "PharmCAT v3.0.1\nGene\tSource Diplotype\tPhenotype\tActivity Score\n"
        "TPMT\t*1/*3C\tIntermediate Metabolizer\t\nNUDT15\tUnknown/Unknown\t\t\n"
    )
    found = rows(fx_cli("compare", fx_ours, report, "--format", "tsv")[1])
    assert found["S1", "TPMT"]["phenotype"] == "same"
    assert (found["S1", "NUDT15"]["phenotype"], found["S1", "NUDT15"]["reason"]) == (
        "only first",
        "no call: Unknown/Unknown",
    )
    phenotype = tmp_path / "x.phenotype.json"
    pair = [{"allele1": {"name": "*1"}, "allele2": {"name": "*3A"}}]
    content = {"matcherMetadata": {"sampleId": "S1"}, "geneReports": {"CPIC": {"TPMT": {"sourceDiplotypes": pair}}}}
    phenotype.write_text(json.dumps(content))
    found = rows(fx_cli("compare", fx_ours, phenotype, "--format", "tsv")[1])
    assert (found["S1", "TPMT"]["phenotype"], found["S1", "TPMT"]["diplotype"]) == ("same", "differ")
    aldy = tmp_path / "a.aldy"
    aldy.write_text("#Sample\tGene\tSolutionID\tMajor\nS3\tTPMT\t1\t*1/*1\nS3\tTPMT\t2\t*1/*2\n")
    found = rows(fx_cli("compare", fx_ours, aldy, "--format", "tsv")[1])
    assert (found["S3", "TPMT"]["phenotype"], found["S3", "TPMT"]["diplotype"]) == ("only first", "only first")


def test_two_analyses(fx_ours, fx_cli):
    code, out, _ = fx_cli("compare", fx_ours, fx_ours, "--format", "tsv")
    assert code == 0
    assert {row["phenotype"] for row in rows(out).values()} <= {"same", "neither"}
    assert {row["diplotype"] for row in rows(out).values()} <= {"same", "neither"}


def test_a_file_of_a_folder_that_is_not_read_is_named(fx_ours, fx_cli, tmp_path, caplog):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "a.tsv").write_text("sample_id\tgene\tdiplotype\nS1\tTPMT\t*1/*1\n")
    (folder / "b.tsv").write_text("nothing of the kind\n")
    (folder / "c.tsv").write_text("sample_id\tgene\tdiplotype\nS2\tTPTM\n")
    with caplog.at_level(logging.WARNING):
        code, _, _ = fx_cli("compare", fx_ours, folder)
    assert code == 0
    assert f"left out: {folder / 'b.tsv'}:1: the form of this file is not known" in caplog.text
    assert f"left out: {folder / 'c.tsv'}:2: " in caplog.text


@pytest.mark.parametrize(
    ("second", "code", "sentence"),
    [
        ("none", 66, "none: no such file or folder to compare"),
        ("empty", 66, "no result file in a form that is known is in this folder"),
        ("other.tsv", 2, "compare: the two have no sample in common"),
        ("wrong.txt", 65, "the form of this file is not known"),
    ],
)
def test_what_cannot_be_compared(second, code, sentence, fx_ours, fx_cli, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "other.tsv").write_text("sample_id\tgene\tdiplotype\nX1\tTPMT\t*1/*1\n")
    (tmp_path / "wrong.txt").write_text("nothing of the kind\n")
    found, out, err = fx_cli("compare", fx_ours, tmp_path / second)
    assert (found, out) == (code, "")
    assert sentence in err


def test_what_differs_stands_first_and_genes_without_a_difference_are_counted(fx_ours, fx_cli):
    code, out, _ = fx_cli("compare", fx_ours, fx_ours)
    assert code == 0
    assert out.index("Phenotypes that are not the same") < out.index("Diplotypes that are not the same")
    assert out.index("Diplotypes that are not the same") < out.index("Phenotypes  ")
    assert "without a difference are counted in the sum only" in out
    assert not [line for line in out.splitlines() if line.startswith("TPMT ")]


def test_what_holds_no_calls_is_refused_in_a_sentence(fx_ours, fx_cli, tmp_path):
    vcf, result = tmp_path / "me.vcf.gz", tmp_path / "analysis.json"
    for path, advice in ((vcf, "this is a VCF: analyze it first"), (result, "give the folder that it is in")):
        path.write_text("{}\n", encoding="utf-8")
        code, _, err = fx_cli("compare", path, fx_ours)
        assert code == 2
        assert advice in err
        assert len(err.splitlines()) == 1


def test_tables_for_a_spreadsheet_say_what_the_others_say(fx_example, fx_cli, tmp_path):
    """In csv a name that could be a formula (``-1639 GG``, ``-275T>A``) stands behind an apostrophe."""
    for form in ("tsv", "csv"):
        code, *_ = fx_cli("analyze", fx_example["patients.GRCh38.vcf.gz"], "--format", form, "-o", tmp_path / form)
        assert code == 0
    assert "'-1639" in (tmp_path / "csv" / "diplotypes.csv").read_text(encoding="utf-8")
    code, out, _ = fx_cli("compare", tmp_path / "tsv", tmp_path / "csv")
    assert code == 0
    totals = [line.split()[1:] for line in out.splitlines() if line.startswith("all ")]
    assert [(differ, first, second) for _, differ, first, second, _ in totals] == [("0", "0", "0")] * 2
    assert "only in the" not in out


@pytest.mark.parametrize("form", ["csv", "tsv.gz", "parquet", "run", "run as tsv"])
def test_our_tables_are_read_in_every_format(form, fx_cli, tmp_path, caplog):
    path = VcfBuilder(genes=["TPMT"], samples=["S1"]).set("rs1142345", "T/C").write(tmp_path / "file", "vcf")
    command = ["cohort", "run"] if form.startswith("run") else ["analyze"]
    written = {"run": "parquet", "run as tsv": "tsv"}.get(form, form)
    first, second = tmp_path / "first", tmp_path / "second"
    assert fx_cli("analyze", path, "-o", first, "--format", "tsv")[0] == 0
    assert fx_cli(*command, path, "-o", second, "--format", written)[0] == 0
    caplog.clear()
    told = [fx_cli("compare", first, other, "--format", "tsv") for other in (first, second)]
    assert told[0][:2] == told[1][:2]
    assert told[0][0] == 0
    assert "left out" not in caplog.text


@pytest.mark.parametrize("name", ["drugs.csv", "evidence.parquet", "guidance.tsv.gz", "plan.json", "provenance.json"])
def test_a_file_of_ours_without_calls_says_so(name, fx_ours, fx_cli, tmp_path):
    (tmp_path / name).write_text("{}", encoding="utf-8")
    code, _, err = fx_cli("compare", tmp_path / name, fx_ours)
    assert (code, "holds no calls of genes" in err) == (2, True)


def test_parquet_that_is_none_and_parquet_without_its_reader(fx_ours, fx_cli, tmp_path, monkeypatch):
    (tmp_path / "diplotypes.parquet").write_bytes(b"PAR1 and no more")
    code, _, err = fx_cli("compare", tmp_path, fx_ours)
    assert (code, "cannot be read as Parquet" in err) == (65, True)
    code, _, err = fx_cli("whatif", "--outside-calls", tmp_path / "diplotypes.parquet")
    assert (code, "they are Parquet; give them as tsv or csv" in err) == (66, True)
    monkeypatch.setitem(sys.modules, "lupus_pgx.results.parquet", None)
    code, _, err = fx_cli("compare", tmp_path, fx_ours)
    assert (code, "pip install 'pyarrow>=20'" in err) == (2, True)
