"""Shards on dask.distributed: a real cluster of local processes, one of which dies."""

from __future__ import annotations

import os
import signal
import threading
import time

import pandas as pd
import pytest
from builder import VcfBuilder

import lupus_pgx

distributed = pytest.importorskip("distributed", reason="the extra lupus-pgx[cluster]")

# What dask itself warns of, and what it leaves to the garbage collector, is not ours.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

GENES = ["TPMT", "NUDT15"]
TABLES = ("variants", "diplotypes", "markers", "drugs", "guidance", "evidence")


@pytest.fixture(scope="module")
def fx_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    genotypes = ("T/T", "T/C", "C/C", "./.")
    return [
        VcfBuilder(genes=GENES, samples=[f"P{number:02}"])
        .set("rs1142345", genotypes[number % 4])
        .write(folder / str(number), "vcf.gz")
        for number in range(12)
    ]


@pytest.fixture(scope="module")
def fx_cluster():
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster


def assert_same(run, other) -> None:
    for table in TABLES:
        one, two = (item.to_frame(table) for item in (run, other))
        keys = list(one.columns)
        pd.testing.assert_frame_equal(
            one.sort_values(keys).reset_index(drop=True), two.sort_values(keys).reset_index(drop=True)
        )
    for name in ("samples.tsv", "manifest.json", "cohort.html"):
        assert (run.folder / name).read_bytes() == (other.folder / name).read_bytes()


def test_rows_of_a_client_are_those_of_here(fx_files, fx_cluster, tmp_path):
    here = lupus_pgx.analyze_cohort(fx_files, tmp_path / "here", batch=2, genes=GENES)
    with distributed.Client(fx_cluster) as client:
        there = lupus_pgx.analyze_cohort(fx_files, tmp_path / "there", batch=2, genes=GENES, client=client)
    assert_same(there, here)


def test_the_command_takes_a_scheduler(fx_files, fx_cluster, tmp_path, fx_cli):
    here = lupus_pgx.analyze_cohort(fx_files, tmp_path / "here", batch=3, genes=GENES)
    options = ["--batch", "3", "--genes", ",".join(GENES), "--scheduler", fx_cluster.scheduler_address]
    code, out, err = fx_cli("cohort", "run", *fx_files, "-o", tmp_path / "there", *options)
    assert code == 0, err
    assert "4 of 4 shards" in out
    assert_same(lupus_pgx.CohortRun(tmp_path / "there"), here)


def test_a_worker_that_dies_changes_nothing(fx_files, fx_cluster, tmp_path):
    here = lupus_pgx.analyze_cohort(fx_files, tmp_path / "here", batch=1)
    folder, killed = tmp_path / "there", []

    def kill(client):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not killed:
            # In the middle of it: some shard is being written.
            if list(folder.glob(".shard=*")):
                pid = next(iter(client.run(os.getpid).values()))
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
            time.sleep(0.01)

    with distributed.Client(fx_cluster) as client:
        thread = threading.Thread(target=kill, args=(client,))
        thread.start()
        there = lupus_pgx.analyze_cohort(fx_files, folder, batch=1, client=client)
        thread.join()
    assert killed
    assert_same(there, here)
