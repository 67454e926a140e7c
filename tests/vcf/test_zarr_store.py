"""VCF-Zarr stores: the rows of the VCF they were made from."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest
from builder import Rec, VcfBuilder

import lupus_pgx
from lupus_pgx.errors import InputError

pytest.importorskip("vcztools", reason="the extra lupus-pgx[zarr]")
pytest.importorskip("bio2zarr", reason="makes the stores")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

CSQ = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|IMPACT|SYMBOL">'
FRAMES = ("variants", "diplotypes", "markers", "drug_responses", "guidance", "evidence")


@pytest.fixture(scope="module")
def fx_store(tmp_path_factory):
    """A file with phase, gaps, an unlisted variant and records far from the panel, and the store made of it."""
    folder = tmp_path_factory.mktemp("zarr")
    file = VcfBuilder(samples=["A", "B", "C"], meta=[CSQ])
    file.set("rs1142345", "T/C", "T/T", "C|C").set("rs116855232", "./.", "C/T", "C/C")
    file.add(Rec("chr6", 18_143_620, "G", "A", ["0/1", "0/0", "0/0"], info="CSQ=A|stop_gained|HIGH|TPMT"))
    for number in range(50):
        file.add(Rec("chr3", 1_000_000 + 1_000 * number, "A", "G", ["0/1"] * 3))
    path = file.write(folder / "in", "vcf.gz")
    store = folder / "in.vcz"
    words = [sys.executable, "-m", "bio2zarr", "vcf2zarr", "convert", path, str(store), "-p", "0"]
    subprocess.run(words, check=True, capture_output=True)
    return path, str(store)


@pytest.mark.parametrize("absent", ["unknown", "reference"])
def test_a_store_gives_the_rows_of_its_file(absent, fx_store):
    path, store = fx_store
    plain, other = (lupus_pgx.analyze(item, absent=absent) for item in (path, store))
    for frame in FRAMES:
        pd.testing.assert_frame_equal(getattr(other, frame).to_frame(), getattr(plain, frame).to_frame())
    assert "unlisted_variant" in set(other.variants.to_frame().status)
    assert [item.path for item in other.provenance.inputs] == [store]


def test_a_cohort_takes_a_store_and_extracts_it(fx_store, tmp_path, fx_cli):
    path, store = fx_store
    plain = lupus_pgx.analyze_cohort(path, tmp_path / "plain", shard_samples=2)
    assert fx_cli("cohort", "plan", store, "-o", tmp_path / "run", "--shard-samples", "2")[0] == 0
    assert fx_cli("cohort", "extract", tmp_path / "run", "--shard", "00001")[0] == 0
    assert fx_cli("cohort", "call", tmp_path / "run", "--shard", "00001,00002")[0] == 0
    assert fx_cli("cohort", "status", tmp_path / "run")[0] == 0
    run = lupus_pgx.CohortRun(tmp_path / "run")
    for table in ("variants", "diplotypes", "drugs", "evidence"):
        pd.testing.assert_frame_equal(run.to_frame(table), plain.to_frame(table))


def test_another_zarr_group_is_refused(tmp_path):
    import zarr

    zarr.open_group(tmp_path / "other", mode="w").create_array("x", shape=(3,), dtype="int32")
    with pytest.raises(InputError, match="no VCF-Zarr store"):
        lupus_pgx.analyze(tmp_path / "other")
