"""A file or a folder whose name is no UTF-8 is read, and named with such bytes escaped in every output."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from lupus_pgx.output import FORMATS

NAME = os.fsdecode(b"a\xffb")
SHOWN = r"a\udcffb"


@pytest.fixture
def fx_strange(fx_example, tmp_path):
    """Return the example files under such names, in a folder of such a name."""
    folder = tmp_path / NAME
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system has names of UTF-8 only")
    files = {}
    for name, path in fx_example.items():
        files[name] = str(folder / f"{NAME}.{name}")
        shutil.copy(path, files[name])
    return files


def texts_below(folder: Path) -> dict[str, str]:
    """Return the text of every file that is none of bytes."""
    bytes_in = (".gz", ".tbi", ".parquet")
    return {
        path.name: path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in bytes_in
    }


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_names_such_an_input(name, fx_strange, fx_cli, tmp_path):
    vcf = fx_strange["patients.GRCh38.vcf.gz"]
    code, _, err = fx_cli("analyze", vcf, "--drugs", "azathioprine", "-o", tmp_path / "out", "--format", name)
    assert code == 0, err
    texts = texts_below(tmp_path / "out")
    for file, text in texts.items():
        if file.endswith(".json"):
            assert "\udcff" not in str(json.loads(text))  # no half character, which not every reader takes
    if "provenance.json" in texts:
        assert SHOWN in json.loads(texts["provenance.json"])["provenance"]["inputs"][0]["path"]
    assert not list((tmp_path / "out").rglob(".*"))


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "parquet"])
def test_every_format_is_written_into_such_a_folder(name, fx_strange, fx_cli, fx_example):
    out = Path(fx_strange["LN-01.yaml"]).parent / "out"
    words = ["analyze", fx_example["patients.GRCh38.vcf.gz"], "-o", out, "--format", name, "--drugs"]
    for drug in ("azathioprine", "tacrolimus"):  # what the first wrote is set aside
        assert fx_cli(*words, drug)[0] == 0
    assert (out / "set-aside-1").is_dir() or name in ("html", "html-short", "fhir", "multiqc", "csv", "vcf")
    assert texts_below(out) or name in ("tsv.gz", "vcf")


def test_parquet_says_that_it_cannot_before_anything_is_written(fx_strange, fx_cli, fx_example):
    out = Path(fx_strange["LN-01.yaml"]).parent / "out"
    for command in (["analyze", "--format", "tsv,parquet"], ["cohort", "run"]):
        code, _, err = fx_cli(*command, fx_example["patients.GRCh38.vcf.gz"], "-o", out)
        assert code == 73
        assert "'parquet' needs a folder whose name is UTF-8" in err
        assert not out.exists()


def test_what_is_read_beside(fx_strange, fx_cli, fx_example, tmp_path):
    calls = tmp_path / f"{NAME}.tsv"
    calls.write_text("sample_id\tgene\tdiplotype\nLN-01\tCYP2D6\t*4/*4\n")
    overlay = tmp_path / f"overlay{NAME}"
    overlay.mkdir()
    shutil.copy(Path(__file__).parents[2] / "lupus_pgx/data/quantities.tsv", overlay)
    ways = {
        "calls": ["--outside-calls", calls],
        "regions": ["--absent", "reference", "--called-regions", fx_strange["called_regions.GRCh38.bed"]],
        "context": ["-s", "LN-01", "--context", fx_strange["LN-01.yaml"]],
        "overlay": ["--overlay", overlay],
    }
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    for name, words in ways.items():
        code, _, err = fx_cli("analyze", vcf, "--drugs", "hydroxychloroquine", "-o", tmp_path / name, *words)
        assert code == 0, (name, err)
        document = json.loads((tmp_path / name / "analysis.json").read_text("utf-8"))
        assert SHOWN in json.dumps(document["provenance"]).replace("\\\\", "\\"), name


def test_a_run_of_a_cohort(fx_strange, fx_cli, tmp_path):
    vcf = fx_strange["patients.GRCh38.vcf.gz"]
    out = tmp_path / "out"
    for _ in range(2):  # the second finds the first whole
        assert fx_cli("cohort", "run", vcf, f"{vcf}.not.there", "--drugs", "azathioprine", "-o", out)[0] == 0
    rows = (out / "samples.tsv").read_text("utf-8").splitlines()
    assert [row.split("\t")[1] for row in rows] == ["status", "done", "done", "done", "bad"]
    assert all(SHOWN in row for row in rows[1:])
    assert "\udcff" not in str(json.loads((out / "manifest.json").read_text("utf-8")))


def test_a_sheet_in_such_a_folder(fx_strange, fx_cli, tmp_path):
    vcf = Path(fx_strange["patients.GRCh38.vcf.gz"])
    shutil.copy(vcf, vcf.with_name("x.vcf.gz"))
    sheet = vcf.with_name("sheet.tsv")
    sheet.write_text("sample_id\tvcf\nLN-01\tx.vcf.gz\n")
    for command in ("analyze", "cohort run"):
        out = tmp_path / command
        code, _, err = fx_cli(*command.split(), "--sample-sheet", sheet, "--drugs", "azathioprine", "-o", out)
        assert code == 0, err


def test_the_steps_of_a_run(fx_strange, fx_cli, tmp_path):
    vcf = fx_strange["patients.GRCh38.vcf.gz"]
    run = tmp_path / "run"
    assert fx_cli("cohort", "plan", vcf, "--drugs", "azathioprine", "-o", run)[0] == 0
    assert fx_cli("cohort", "extract", run, "--shard", "00001")[0] == 0
    Path(vcf).unlink()  # what was extracted is called without it
    assert fx_cli("cohort", "call", run, "--shard", "00001")[0] == 0
    assert fx_cli("cohort", "status", run)[0] == 0


def test_the_example(fx_strange, fx_cli):
    assert fx_cli("example", Path(fx_strange["LN-01.yaml"]).parent / "example")[0] == 0
