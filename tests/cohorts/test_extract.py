"""``cohort extract``: small files in the place of the inputs, which give the same rows."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pysam
import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

TABLES = ("variants", "diplotypes", "markers", "drugs", "guidance", "evidence")
SAMPLES = ["A", "B", "C", "D", "E"]
CSQ = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|IMPACT|SYMBOL">'


def cohort_file(folder: Path, form: str) -> str:
    """Write a file with records far from the panel, and a variant that no allele lists."""
    file = VcfBuilder(samples=SAMPLES, meta=[CSQ]).set("rs1142345", "T/C", "T/T", "C|C", "T/C", "./.")
    file.add(Rec("chr6", 18_143_620, "G", "A", ["0/1", "0/0", "0/0", "1/1", "0/0"], info="CSQ=A|stop_gained|HIGH|TPMT"))
    for number in range(200):
        file.add(Rec("chr3", 1_000_000 + 1_000 * number, "A", "G", ["0/1"] * 5))
    path = file.write(folder, "vcf.gz")
    if form == "text":
        return path
    if form == "unindexed":
        Path(f"{path}.tbi").unlink()
        return path
    out = Path(path).with_name("in.bcf")
    subprocess.run(["bcftools", "view", "-Ob", "-o", str(out), path], check=True, capture_output=True)
    pysam.tabix_index(str(out), preset="bcf", force=True, csi=True)
    return str(out)


def rows(run: lupus_pgx.CohortRun) -> dict[str, pd.DataFrame]:
    frames = {table: run.to_frame(table) for table in TABLES}
    return {table: frame.sort_values(list(frame.columns)).reset_index(drop=True) for table, frame in frames.items()}


@pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools makes the BCF")
@pytest.mark.parametrize("absent", ["unknown", "reference"])
@pytest.mark.parametrize("form", ["text", "unindexed", "bcf"])
def test_an_extract_gives_the_same_rows(form, absent, tmp_path, fx_cli):
    path = cohort_file(tmp_path / "in", form)
    options = ["--absent", absent, "--shard-samples", "3"]
    plain = tmp_path / "plain"
    assert fx_cli("cohort", "run", path, "-o", plain, *options)[0] == 0
    small = tmp_path / "small"
    code, out, err = fx_cli("cohort", "plan", path, "-o", small, *options)
    assert code == 0, err
    assert fx_cli("cohort", "extract", small)[0] == 0
    # Without the input there is nothing else to read.
    shutil.move(path, f"{path}.away")
    for name in out.split():
        code, _, err = fx_cli("cohort", "call", small, "--shard", name)
        assert code == 0, err
    assert fx_cli("cohort", "status", small)[0] == 0
    expected, found = rows(lupus_pgx.CohortRun(plain)), rows(lupus_pgx.CohortRun(small))
    for table in TABLES:
        pd.testing.assert_frame_equal(found[table], expected[table])
    assert len(expected["drugs"])


def test_an_extract_holds_the_samples_of_its_shard_and_the_panel_only(tmp_path, fx_cli):
    path = cohort_file(tmp_path / "in", "text")
    fx_cli("cohort", "plan", path, "-o", tmp_path / "run", "--shard-samples", "3")
    code, out, err = fx_cli("cohort", "extract", tmp_path / "run", "--shard", "00002")
    assert (code, out.strip()) == (0, "shard 00002: 1 file, 0 that cannot be read"), err
    (small,) = (tmp_path / "run" / "extract=00002").glob("*.vcf.gz")
    with pysam.VariantFile(str(small)) as file:
        assert list(file.header.samples) == ["D", "E"]
        records = list(file)
    assert Path(f"{small}.tbi").exists()
    assert not [record for record in records if record.chrom == "chr3" and record.pos < 1_200_000]
    assert any(record.pos == 18_143_620 for record in records)
    before = small.stat().st_mtime_ns
    assert fx_cli("cohort", "extract", tmp_path / "run", "--shard", "00002")[0] == 0
    assert small.stat().st_mtime_ns == before


def test_a_file_that_cannot_be_read_is_told_by_call(tmp_path, fx_cli):
    good = VcfBuilder(samples=["A"]).write(tmp_path / "a", "vcf.gz")
    text = VcfBuilder(samples=["B"]).text()
    bad = tmp_path / "bad.vcf"
    bad.write_text(text.replace("rs1142345\tT\tC", "rs1142345\t.\tC"))
    fx_cli("cohort", "plan", good, bad, "-o", tmp_path / "run")
    code, out, _ = fx_cli("cohort", "extract", tmp_path / "run")
    assert (code, out.strip()) == (0, "shard 00001: 1 file, 1 that cannot be read")
    told = json.loads((tmp_path / "run" / "extract=00001" / "extract.json").read_text())
    assert "no position or no REF" in told["bad"][0][1]
    code, out, _ = fx_cli("cohort", "call", tmp_path / "run", "--shard", "00001")
    assert (code, out.strip()) == (0, "shard 00001: 1 sample, 1 without a result")


def test_what_was_changed_since_is_refused(tmp_path, fx_cli):
    path = VcfBuilder(samples=["A"]).write(tmp_path / "in", "vcf.gz")
    fx_cli("cohort", "plan", path, "-o", tmp_path / "run")
    fx_cli("cohort", "extract", tmp_path / "run")
    (small,) = (tmp_path / "run" / "extract=00001").glob("*.vcf.gz")
    small.write_bytes(small.read_bytes() + b"\n")
    code, _, err = fx_cli("cohort", "call", tmp_path / "run", "--shard", "00001")
    assert code == 65
    assert "is not what was extracted" in err
    code, _, err = fx_cli("cohort", "extract", tmp_path / "none")
    assert code == 65
    assert "make one with 'cohort plan'" in err
