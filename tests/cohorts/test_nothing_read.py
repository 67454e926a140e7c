"""A run in which nothing could be read is no success: one sentence, and the exit code of bad input."""

from __future__ import annotations

import csv

import pytest
from builder import VcfBuilder

import lupus_pgx

OPEN_BUILD = "##contig=<ID=chr6>"


def unproven(folder, name="open.vcf"):
    """Write a file of two people whose build nothing proves."""
    lines = VcfBuilder(genes=["TPMT"], samples=["A", "B"]).text().splitlines()
    kept = [line for line in lines if line.startswith("#") and not line.startswith("##contig")]
    path = folder / name
    path.write_text("\n".join([kept[0], OPEN_BUILD, *kept[1:]]) + "\n", encoding="utf-8")
    return path


def filtered(folder):
    text = VcfBuilder(genes=["TPMT"], samples=["A", "B"]).text()
    path = folder / "filtered.vcf"
    path.write_text(text.replace("\tPASS\t", "\tLowQual\t").replace("\t.\t.\tGT", "\tLowQual\t.\tGT"), encoding="utf-8")
    return path


def rows(folder):
    with (folder / "samples.tsv").open(encoding="utf-8", newline="") as handle:
        return {row["sample_id"]: row for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)}


@pytest.mark.parametrize("form", ["tsv", "parquet"])
def test_a_cohort_without_a_result_is_no_success(form, tmp_path, fx_cli):
    run = tmp_path / "run"
    code, out, err = fx_cli("cohort", "run", unproven(tmp_path), "-o", run, "--format", form)
    assert (code, out) == (65, "")
    assert err.count("\n") == 1
    assert "no sample of the cohort has a result (A: " in err
    assert "cannot be proven" in err
    assert f"{run}/samples.tsv says why of each" in err
    assert {row["status"] for row in rows(run).values()} == {"bad"}
    for again in (["cohort", "status", run], ["cohort", "page", run]):
        code, _, err = fx_cli(*again)
        assert (code, "no sample of the cohort has a result" in err) == (65, True)


def test_the_call_says_it_as_the_command_does(tmp_path):
    with pytest.raises(lupus_pgx.LupusPgxError, match="no sample of the cohort has a result") as caught:
        lupus_pgx.analyze_cohort(unproven(tmp_path), tmp_path / "run")
    assert caught.value.exit_code == 65


def test_one_sample_with_a_result_is_enough(tmp_path, fx_cli):
    good = VcfBuilder(genes=["TPMT"], samples=["C"]).write(tmp_path / "good", "vcf.gz")
    arguments = ["cohort", "run", unproven(tmp_path), good, "--genes", "TPMT", "-o", tmp_path / "run"]
    code, out, _ = fx_cli(*arguments)
    assert (code, "no result: A:" in out) == (0, True)
    assert fx_cli(*arguments, "--strict")[0] == 65


def test_samples_of_which_nothing_can_be_used_are_named(tmp_path, fx_cli, caplog):
    said = "no usable genotype at any panel locus in 2 of 2 samples: A, B"
    path, run = filtered(tmp_path), tmp_path / "run"
    code, out, _ = fx_cli("cohort", "run", path, "-o", run, "--format", "tsv")
    assert (code, said in out) == (0, True)
    assert {row["reason"] for row in rows(run).values()} == {"no usable genotype at any panel locus"}
    code, _, err = fx_cli("cohort", "run", path, "-o", run, "--format", "tsv", "--strict")
    assert (code, said in err) == (65, True)
    assert fx_cli("analyze", path)[0] == 0
    assert said in caplog.text
    assert fx_cli("analyze", path, "--strict")[0] == 65


@pytest.mark.parametrize("command", ["analyze", "cohort"])
@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        ("no samples", 65, "has no samples"),
        ("empty sheet", 65, "found a header only"),
        ("nothing in the sheet", 65, "found nothing"),
        ("no file", 66, "no such file"),
    ],
)
def test_inputs_that_hold_nobody(command, kind, code, said, tmp_path, fx_cli):
    sites, sheet = tmp_path / "sites.vcf", tmp_path / "sheet.tsv"
    lines = VcfBuilder(genes=["TPMT"], samples=["A"]).text().splitlines()
    sites.write_text("".join("\t".join(line.split("\t")[:8]) + "\n" for line in lines), encoding="utf-8")
    sheet.write_text("" if kind.startswith("nothing") else "sample_id\tvcf\n", encoding="utf-8")
    given = {"no samples": [sites], "no file": [tmp_path / "absent.vcf"]}.get(kind, ["--sample-sheet", sheet])
    words = ["cohort", "run", "-o", tmp_path / "run"] if command == "cohort" else ["analyze"]
    found, out, err = fx_cli(*words, *given)
    # Of many files none can be used, whatever the reason of each: that is what the input holds.
    assert (found, out) == (65 if command == "cohort" else code, "")
    assert said in err
    assert err.count("\n") == 1
    assert "sites.vcf: sites.vcf" not in err


@pytest.mark.parametrize("form", ["list", "option"])
def test_a_choice_of_nobody_is_refused(form, tmp_path, fx_cli):
    path = VcfBuilder(genes=["TPMT"], samples=["A"]).write(tmp_path / "one", "vcf.gz")
    empty = tmp_path / "none.txt"
    empty.write_text("", encoding="utf-8")
    code, out, err = fx_cli("analyze", path, *(["-S", empty] if form == "list" else ["-s", ""]))
    assert (code, out) == (2, "")
    assert "is empty" in err
