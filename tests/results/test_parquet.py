"""Parquet files: the frames, with their types, written in row groups."""

from __future__ import annotations

import csv
import sys

import pandas as pd
import pyarrow.parquet as pq
import pytest
from builder import Rec, VcfBuilder

import lupus_pgx
import lupus_pgx.results.parquet

FRAMES = {
    "variants": "variants",
    "diplotypes": "diplotypes",
    "markers": "markers",
    "drugs": "drug_responses",
    "guidance": "guidance",
    "evidence": "evidence",
}
SAMPLES = ["Z9", "<script>alert(1)</script>", "../../x", "Zoë", "B2"]
CSQ = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|IMPACT|SYMBOL">'


@pytest.fixture(scope="module")
def fx_analysis(tmp_path_factory):
    """Carriers, gaps and a variant that no allele lists, which only some samples have."""
    builder = VcfBuilder(samples=SAMPLES, meta=[CSQ]).drop_gene("NUDT15")
    builder.set("rs1142345", "T/C", "T/T", "C|C", "T/C", "./.").set("rs396991", "A/C", "./.", "C/C", "A/A", "A/C")
    calls = ["0/1", "0/0", "0/0", "1/1", "0/0"]
    builder.add(Rec("chr6", 18_143_620, "G", "A", calls, info="CSQ=A|stop_gained|HIGH|TPMT"))
    path = builder.write(tmp_path_factory.mktemp("parquet") / "in")
    return lupus_pgx.analyze(path, sex="female")


def read_back(path):
    """Read a file. Before version 3 pandas has None in columns of text where the frames have NaN."""
    frame = pd.read_parquet(path)
    for name in [name for name in frame if frame[name].dtype == "object"]:
        frame[name] = pd.Series([float("nan") if cell is None else cell for cell in frame[name]], dtype=object)
    return frame


@pytest.mark.parametrize("rows", [1, 1000, None])
def test_files_read_back_as_the_frames(rows, fx_analysis, tmp_path, monkeypatch):
    if rows is not None:
        monkeypatch.setattr(lupus_pgx.results.parquet, "GROUP", rows)
    written = fx_analysis.write(tmp_path, formats=["parquet"])
    assert [path.name for path in written] == [f"{table}.parquet" for table in FRAMES]
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in written}
    for table, name in FRAMES.items():
        pd.testing.assert_frame_equal(read_back(tmp_path / f"{table}.parquet"), getattr(fx_analysis, name).to_frame())
    groups = pq.ParquetFile(tmp_path / "drugs.parquet").num_row_groups
    assert groups == {1: len(SAMPLES), 1000: 1, None: 1}[rows]


def test_tables_of_a_context_are_there_with_one(fx_example, fx_full_context, tmp_path):
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], context=fx_full_context)
    analysis.write(tmp_path, formats=["tsv", "parquet"])
    tables = {path.stem for path in tmp_path.glob("*.tsv")}
    assert tables == {path.stem for path in tmp_path.glob("*.parquet")} > set(FRAMES)
    for table in tables - set(FRAMES):
        frame = read_back(tmp_path / f"{table}.parquet")
        dtypes = {name: str(dtype) for name, dtype in frame.dtypes.items()}
        text = pd.read_csv(
            tmp_path / f"{table}.tsv",
            sep="\t",
            dtype=dtypes,
            quoting=csv.QUOTE_NONE,
            keep_default_na=False,
            na_values=[""],
        )
        assert len(frame) > 0
        pd.testing.assert_frame_equal(frame, text)


def test_tables_without_rows_keep_their_columns(tmp_path):
    path = VcfBuilder(genes=("TPMT",)).write(tmp_path / "in")
    analysis = lupus_pgx.analyze(path, genes=["TPMT"], drugs=["prednisone"])
    analysis.write(tmp_path, formats=["parquet"])
    empty = analysis.guidance.to_frame()
    assert len(empty) == 0
    pd.testing.assert_frame_equal(read_back(tmp_path / "guidance.parquet"), empty)


def test_files_say_where_they_come_from(fx_analysis, tmp_path, fx_knowledge):
    for path in fx_analysis.write(tmp_path, formats=["parquet"]):
        about = pq.read_schema(path).metadata
        assert about[b"lupus_pgx.version"].decode() == lupus_pgx.__version__
        assert about[b"lupus_pgx.data_release"].decode() == fx_knowledge.release
        schema_version = lupus_pgx.analysis_schema()["properties"]["schema_version"]["const"]
        assert about[b"lupus_pgx.schema_version"].decode() == schema_version


def test_the_same_results_give_the_same_bytes(fx_analysis, tmp_path):
    first, second = (fx_analysis.write(tmp_path / name, formats=["parquet"]) for name in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_without_pyarrow_nothing_is_begun(fx_analysis, fx_cli, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(lupus_pgx.UsageError, match=r"pip install .pyarrow"):
        fx_analysis.write(tmp_path / "out", formats=["tsv", "parquet"])
    code, out, err = fx_cli("analyze", "missing.vcf", "-o", tmp_path / "out", "--format", "parquet")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "pip install 'pyarrow" in err
    assert not (tmp_path / "out").exists()


def test_a_failed_write_keeps_the_old_file(fx_analysis, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    (tmp_path / "variants.parquet").write_text("old")
    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(lupus_pgx.OutputError, match="No space left"):
        fx_analysis.write(tmp_path, formats=["parquet"])
    assert [path.name for path in tmp_path.iterdir()] == ["variants.parquet"]
    assert (tmp_path / "variants.parquet").read_text() == "old"
