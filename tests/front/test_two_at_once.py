"""What the system refuses or is short of is said in a sentence, and of two runs into one folder no result is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading

import pytest

import lupus_pgx
from lupus_pgx import output
from lupus_pgx.errors import is_shortage
from lupus_pgx.results.files import alone_in

RUN = [sys.executable, "-m", "lupus_pgx"]
NOBODY = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
"""Even who may read all is held to permissions then."""


@pytest.fixture
def fx_held():
    """Run a command that is held to permissions: ``code, stderr = fx_held("analyze", ...)``."""
    held = [] if os.geteuid() else NOBODY
    if held and shutil.which(held[0]) is None:
        pytest.skip("this user may read all, and setpriv is not here")

    def run(*arguments):
        done = subprocess.run([*held, *RUN, *map(str, arguments)], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    return run


def test_two_runs_into_one_folder_at_once(fx_example, tmp_path):
    vcf, out = fx_example["patients.GRCh38.vcf.gz"], tmp_path / "out"
    drugs = ("azathioprine", "tacrolimus", "rituximab")
    runs = [subprocess.Popen([*RUN, "-q", "analyze", vcf, "--drugs", drug, "-o", out]) for drug in drugs]
    assert [run.wait() for run in runs] == [0, 0, 0]
    found = []
    for folder in (out, out / "set-aside-1", out / "set-aside-2"):
        whole = json.loads((folder / "provenance.json").read_text("utf-8"))["provenance"]["parameters"]["drugs"]
        assert whole == json.loads((folder / "analysis.json").read_text("utf-8"))["provenance"]["parameters"]["drugs"]
        rows = (folder / "drugs.tsv").read_text("utf-8").splitlines()
        assert {row.split("\t")[1] for row in rows[1:]} == set(whole)
        found += whole
    assert sorted(found) == sorted(drugs)


def test_one_who_does_not_come_to_an_end_is_not_waited_for(fx_example, tmp_path, monkeypatch):
    monkeypatch.setattr(output, "_PATIENCE", 0.1)
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], genes=["TPMT"], drugs=["MMF"])
    with alone_in(tmp_path, 0) as alone:
        assert alone
        with pytest.raises(lupus_pgx.OutputError, match="another run is writing into it: choose another folder"):
            analysis.write(tmp_path)
        assert not list(tmp_path.iterdir())
    assert analysis.write(tmp_path, ["json"])


def test_results_of_which_nobody_may_read_whose_they_are(fx_example, fx_held, tmp_path):
    vcf, out = fx_example["patients.GRCh38.vcf.gz"], tmp_path / "out"
    assert fx_held("analyze", vcf, "--drugs", "azathioprine", "-o", out, "--format", "tsv,html")[0] == 0
    (out / "provenance.json").chmod(0)
    before = (out / "drugs.tsv").read_bytes()
    code, err = fx_held("analyze", vcf, "--drugs", "tacrolimus", "-o", out, "--format", "tsv,html")
    assert code == 73
    assert "provenance.json: cannot be read (permission denied), so whose results are there is not known" in err
    assert (out / "drugs.tsv").read_bytes() == before


def test_inputs_that_may_not_be_read(fx_example, fx_held, tmp_path):
    reads, overlay = tmp_path / "reads.bam", tmp_path / "overlay"
    reads.write_bytes(b"BAM")
    reads.chmod(0)
    overlay.mkdir(mode=0)
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    for words in (["--alignments", reads], ["--overlay", overlay]):
        code, err = fx_held("analyze", vcf, *words)
        assert code == 66
        assert "cannot be read (permission denied)" in err


def test_a_pipe_that_nobody_reads_is_no_log(fx_cli, fx_example, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    words = ["--log-file", pipe, "-q", "analyze", fx_example["patients.GRCh38.vcf.gz"], "--drugs", "MMF"]
    code, _, err = fx_cli(*words)
    assert code == 73
    assert err == f"lupus-pgx: error: {pipe}: the log cannot be written (it is a pipe that nobody reads)\n"
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    codes = []
    while reader.is_alive():
        codes.append(fx_cli(*words)[0])
    assert 0 in codes
    assert "lupus-pgx" in read[0]


def test_one_who_stops_reading_the_log_is_not_waited_for(fx_cli, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for _ in range(20):
        # It is opened and closed again: at times before the log begins, at times while it is written.
        reader = threading.Thread(target=lambda: pipe.open().close())
        reader.start()
        while reader.is_alive():
            assert fx_cli("--log-file", pipe, "-q", "positions", "--build", "GRCh38")[0] in (0, 73)


@pytest.mark.parametrize("kilobytes", [50_000, 160_000, 260_000])
def test_little_memory_is_said_as_such(kilobytes, fx_example):
    command = f"ulimit -v {kilobytes}; exec {sys.executable} -m lupus_pgx -q analyze $0 --drugs azathioprine"
    done = subprocess.run(
        ["bash", "-c", command, fx_example["patients.GRCh38.vcf.gz"]],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    if done.returncode not in (0, 1):  # with 1 a library, or Python, ends the process itself
        assert done.returncode == 65, done.stderr
        assert done.stderr == "lupus-pgx: error: this asks for more memory than there is; nothing was concluded\n"


def test_what_is_a_shortage():
    assert is_shortage(MemoryError())
    assert is_shortage(OSError(12, "Cannot allocate memory"))
    assert is_shortage(ImportError("libbz2.so: failed to map segment from shared object"))
    assert not is_shortage(ImportError("No module named 'x'"))
    led_to = ValueError()
    led_to.__cause__ = MemoryError()
    assert is_shortage(led_to)


def test_an_ancestry_that_is_not_known_in_sentences(fx_cli, fx_example):
    code, _, err = fx_cli("analyze", fx_example["patients.GRCh38.vcf.gz"], "--ancestry", "zzzzqqqq")
    assert code == 2
    assert "prints them. The codes are AFR" in err
