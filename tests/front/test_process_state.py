"""What belongs to the process stays as it was; one set of tables serves threads, forks and fresh processes."""

from __future__ import annotations

import locale
import logging
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pysam
import pytest
from builder import VcfBuilder
from fuzz.shared import answers

import lupus_pgx
from lupus_pgx.errors import LupusPgxError


@pytest.fixture(scope="module")
def fx_files(tmp_path_factory):
    """Files of four people who differ."""
    folder = tmp_path_factory.mktemp("people")
    genotypes = ("T/T", "T/C", "C/C", "./.")
    return [
        VcfBuilder(genes=("TPMT", "NUDT15"), samples=[f"P{number}"])
        .set("rs1142345", genotype)
        .write(folder / str(number), "vcf.gz")
        for number, genotype in enumerate(genotypes)
    ]


@pytest.fixture(scope="module")
def fx_expected(fx_files):
    return [answers(path) for path in fx_files]


def test_threads_share_tables(fx_files, fx_expected):
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(answers, fx_files * 3)) == fx_expected * 3


@pytest.mark.parametrize("way", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forks beside threads, from Python 3.12 on
def test_processes_get_tables(way, fx_files, fx_expected):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(way)) as pool:
        assert list(pool.map(answers, fx_files)) == fx_expected


def state():
    mask = os.umask(0o077)
    os.umask(mask)
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE)]
    root = logging.getLogger()
    return {
        "umask": mask,
        "htslib": pysam.get_verbosity(),
        "signals": handlers,
        "log": (root.level, list(root.handlers)),
        "folder": os.getcwd(),  # noqa: PTH109
        "locale": locale.setlocale(locale.LC_ALL),
        "environment": dict(os.environ),
    }


@pytest.mark.parametrize("verbosity", [0, 1, 3])
def test_the_process_is_left_as_it_was(verbosity, fx_files, fx_cli, tmp_path):
    pysam.set_verbosity(verbosity)
    try:
        before = state()
        lupus_pgx.analyze(fx_files[0]).write(tmp_path / "a", formats=["tsv", "vcf", "html"])
        fx_cli("analyze", fx_files[0], "-o", tmp_path / "b")
        (tmp_path / "bad.bam").write_bytes(b"hello" * 100)
        for options in ({"alignments": [str(tmp_path / "bad.bam")]}, {"outside_calls": [str(tmp_path / "bad.bam")]}):
            with pytest.raises(LupusPgxError):
                lupus_pgx.analyze(fx_files[0], **options)
        with pytest.raises(LupusPgxError):
            lupus_pgx.analyze(str(tmp_path / "bad.bam"))
        assert state() == before
    finally:
        pysam.set_verbosity(3)


def test_files_have_the_permissions_of_the_umask(fx_files, tmp_path):
    before = os.umask(0o027)
    try:
        lupus_pgx.analyze(fx_files[0]).write(tmp_path / "out", formats=["tsv", "json"])
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o640}
