"""Runs that are killed again and again, processes that are left alone, and disks that are full."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.cohorts import shard
from lupus_pgx.cohorts.plan import read_plan

KILLS = int(os.environ.get("LUPUS_PGX_KILLS", "3"))
"""Fifty for a release; what is shown does not depend on how many."""
GENES = ["TPMT", "NUDT15"]


def files_of(folder: Path, count: int) -> list[str]:
    genotypes = ("T/T", "T/C", "C/C", "./.")
    return [
        VcfBuilder(genes=GENES, samples=[f"P{number:02}"])
        .set("rs1142345", genotypes[number % 4])
        .write(folder / str(number), "vcf.gz")
        for number in range(count)
    ]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def command(paths, folder, *more) -> list[str]:
    words = ["-m", "lupus_pgx", "cohort", "run", *paths, "-o", str(folder), "--genes", ",".join(GENES), *more]
    return [sys.executable, *words]


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in found.stdout.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="processes that are not copies of this one say it each")
def test_what_was_read_of_a_context_is_said_once_by_however_many_processes(tmp_path):
    paths = files_of(tmp_path / "files", 4)
    names = [f"P{number:02}" for number in range(4)]
    lines = ["sample_id\tco_medication\tconditions", *(f"{name}\tallopurinol 100 mg\tgout" for name in names)]
    (tmp_path / "context.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    more = ["--batch", "1", "--context", str(tmp_path / "context.tsv"), "--threads"]
    said = []
    for threads in ("1", "3"):
        words = command(paths, tmp_path / threads, *more, threads)
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=300)
        said.append([line for line in done.stderr.splitlines() if "context.tsv" in line])
    assert len(said[0]) == 2
    assert "gout" in said[0][0]
    assert said[1] == said[0]


@pytest.mark.slow
def test_random_kills_of_the_client_are_each_taken_up_to_the_same_files(tmp_path):
    paths = files_of(tmp_path / "files", 8)
    whole = lupus_pgx.analyze_cohort(paths, tmp_path / "whole", batch=1, genes=GENES)
    expected = contents(whole.folder)
    chance = random.Random(21)
    for number in range(KILLS):
        folder = tmp_path / f"run{number}"
        process = subprocess.Popen(
            command(paths, folder, "--batch", "1", "--threads", "2"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # At any moment from the first folder on: between the shards, in one, in what is written at the end.
        deadline = time.monotonic() + 60
        while not (folder / "plan.json").exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 4))
        process.kill()
        process.wait(timeout=60)
        done = subprocess.run(
            command(paths, folder, "--batch", "1"), capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stderr
        found = contents(folder)
        assert sorted(found) == sorted(expected), number
        assert not [name for name in expected if found[name] != expected[name]], number


@pytest.mark.slow
def test_processes_of_a_run_that_was_killed_end(tmp_path):
    paths = files_of(tmp_path / "files", 8)
    process = subprocess.Popen(
        command(paths, tmp_path / "run", "--batch", "1", "--threads", "2"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    own: list[int] = []
    deadline = time.monotonic() + 60
    # They are there, and at work: a process that is a copy of this one has begun a shard before one looks twice.
    while process.poll() is None and len(own) < 2 and time.monotonic() < deadline:
        own = children_of(process.pid) if list((tmp_path / "run").glob("*shard=*")) else []
        time.sleep(0.005)
    process.kill()
    process.wait(timeout=60)
    assert len(own) >= 2
    deadline = time.monotonic() + 60
    while [pid for pid in own if Path(f"/proc/{pid}").exists()] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in own if Path(f"/proc/{pid}").exists()]


def test_a_shard_that_another_process_has_made_is_taken(tmp_path, monkeypatch):
    paths = files_of(tmp_path / "files", 1)
    folder = tmp_path / "run"
    lupus_pgx.analyze_cohort(paths, folder, genes=GENES)
    before = contents(folder)
    (name,) = [item.name for item in read_plan(folder).shards]
    # It was not there when this process looked, and is when it has made its own.
    real, looks = shard.read_shard, []

    def look(*place):
        looks.append(place)
        return None if len(looks) == 1 else real(*place)

    monkeypatch.setattr(shard, "read_shard", look)
    assert shard.run_shard(str(folder), name)["samples"] == ["P00"]
    assert contents(folder) == before


def test_what_a_killed_run_left_half_written_is_taken_away_and_in_no_manifest(tmp_path):
    paths = files_of(tmp_path / "files", 1)
    folder = tmp_path / "run"
    lupus_pgx.analyze_cohort(paths, folder, genes=GENES)
    expected = contents(folder)
    for name in expected:
        if "/" not in name:
            # Killed while this was written: it is not there, its beginning is.
            for whole in expected:
                (folder / whole).write_bytes(expected[whole])
            half = folder / f".{name}.0123abcd"
            half.write_bytes(expected[name][:20])
            if name != "plan.json":
                (folder / name).unlink()
            lupus_pgx.analyze_cohort(paths, folder, genes=GENES)
            assert contents(folder) == expected, name
    mine = folder / ".mine"
    mine.write_text("kept")
    lupus_pgx.analyze_cohort(paths, folder, genes=GENES)
    assert mine.read_text() == "kept"


def test_a_disk_that_is_full_ends_a_run_with_a_sentence_and_it_goes_on(tmp_path):
    paths = files_of(tmp_path / "files", 3)
    folder = tmp_path / "run"
    # No file may grow beyond this: what a full disk does to whoever writes.
    done = subprocess.run(
        command(paths, folder, "--batch", "1"),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: (
            resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000)),
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        ),
    )
    assert done.returncode == 73, done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert "cannot be written" in line
    assert "File too large" in line
    assert not list(folder.glob(".*"))
    assert not list(folder.glob("shard=*"))
    again = subprocess.run(command(paths, folder, "--batch", "1"), capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert "3 of 3 shards" in again.stdout
