"""Asked to stop, a command says so in a sentence, ends with the code of the signal and leaves nothing half-written."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time

import pytest
from builder import VcfBuilder

import lupus_pgx

SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"]

PAUSED = """
import pathlib, sys, time
from lupus_pgx.results import writers
def wait(*given, **options):
    print("there", flush=True)
    time.sleep(60)
{where}
from lupus_pgx.__main__ import run
sys.argv = ["lupus-pgx", *{words!r}]
run()
"""


def stopped(name, code, folder):
    """Run a program until it says where it is, send it a signal, and return how it ended."""
    # Tests that run behind a shell are begun with SIGINT ignored, and what is ignored stays so.
    code = f"import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n{code}"
    words = [sys.executable, "-c", code]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdout.readline() == "there\n"
        process.send_signal(getattr(signal, name))
        try:
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
    return process.returncode, err


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_while_files_are_written(name, tmp_path):
    vcf = VcfBuilder(genes=("TPMT",)).write(tmp_path / "in")
    words = ["--log-file", "log", "analyze", vcf, "-o", "out", "--format", "json"]
    code, err = stopped(name, PAUSED.format(where="writers._json_samples = wait", words=words), tmp_path)
    assert code == 128 + getattr(signal, name)
    assert err == f"lupus-pgx: stopped by {name}; no file is half-written, what was not yet written is missing\n"
    assert list((tmp_path / "out").iterdir()) == []
    assert f"stopped by {name}" in (tmp_path / "log").read_text()


IMPORTING = """
import sys, time
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "lupus_pgx.cli":
            print("there", flush=True)
            time.sleep(60)
sys.meta_path.insert(0, Slow())
from lupus_pgx.__main__ import run
run()
"""


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_while_the_program_is_loaded(name, tmp_path):
    code, err = stopped(name, IMPORTING, tmp_path)
    assert code == 128 + getattr(signal, name)
    assert err == f"lupus-pgx: stopped by {name}; no file is half-written, what was not yet written is missing\n"


def test_a_signal_that_is_ignored_stays_ignored(tmp_path):
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + PAUSED.replace(
        "time.sleep(60)", "time.sleep(1)"
    )
    vcf = VcfBuilder(genes=("TPMT",)).write(tmp_path / "in")
    words = ["analyze", vcf, "-o", "out", "--format", "tsv"]
    where = "first = writers.table_names\nwriters.table_names = lambda given: (wait(), first(given))[1]"
    assert stopped("SIGHUP", code.format(where=where, words=words), tmp_path)[0] == 0
    assert (tmp_path / "out" / "drugs.tsv").exists()


def test_a_library_sets_no_handler():
    code = "import signal, lupus_pgx; lupus_pgx.load_knowledge(); print(signal.getsignal(signal.SIGTERM))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"


@pytest.mark.parametrize(
    ("streams", "code"), [("2>&-", 2), ("2>/dev/full", 2), (">&- 2>&-", 2), ("<&- >&- 2>&-", 2), (">/dev/full 2>&-", 2)]
)
def test_where_nobody_hears_the_exit_code_says_it(streams, code):
    words = f"{shlex.quote(sys.executable)} -m lupus_pgx positions --build hg1 {streams}"
    assert subprocess.run(["bash", "-c", words], capture_output=True, check=False).returncode == code


def test_an_answer_is_given_where_nobody_hears_messages(tmp_path):
    vcf = VcfBuilder(genes=("TPMT",)).write(tmp_path / "in")
    words = f"{shlex.quote(sys.executable)} -m lupus_pgx analyze {shlex.quote(vcf)} --genes TPMT --drugs azathioprine"
    heard, unheard = (
        subprocess.run(["bash", "-c", f"{words} {streams}"], capture_output=True, check=False)
        for streams in ("2>/dev/null", "2>&-")
    )
    assert heard.returncode == unheard.returncode == 0
    assert unheard.stdout == heard.stdout != b""


def test_a_reader_of_messages_that_went_away_changes_nothing(tmp_path):
    vcf = VcfBuilder(genes=("TPMT",)).write(tmp_path / "in")
    words = (
        f"{shlex.quote(sys.executable)} -m lupus_pgx -v analyze {shlex.quote(vcf)} -o {tmp_path}/out 2> >(exec 0<&-)"
    )
    assert subprocess.run(["bash", "-c", f"{words}; exit $?"], capture_output=True, check=False).returncode == 0
    assert (tmp_path / "out" / "drugs.tsv").exists()


def test_what_a_killed_process_left_goes_and_what_another_writes_stays(tmp_path, monkeypatch):
    vcf = VcfBuilder(genes=("TPMT",)).write(tmp_path / "in")
    words = ["analyze", vcf, "-o", "out", "--format", "json"]
    code = PAUSED.format(where="writers._json_samples = wait", words=words)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    try:
        assert process.stdout.readline() == "there\n"
        out = tmp_path / "out"
        (half,) = out.glob(".*")
        analysis = lupus_pgx.analyze(vcf)
        monkeypatch.setattr("lupus_pgx.output._PATIENCE", 0.1)
        with pytest.raises(lupus_pgx.LupusPgxError, match="another run is writing into it"):
            analysis.write(out, formats=["tsv"])
        assert half.exists()  # it is being written
    finally:
        process.kill()
        process.communicate()
    assert half.exists()
    time.sleep(0.05)
    analysis.write(out, formats=["tsv"])
    assert not list(out.glob(".*"))


def test_only_our_half_written_files_go(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    for name in (".hidden", ".drugs.tsv.swp", ".x.0123456g", "drugs.tsv.01234567"):
        (out / name).write_text("kept")
    (tmp_path / "elsewhere").write_text("kept")
    (out / ".drugs.tsv.0123abcd").symlink_to(tmp_path / "elsewhere")
    (out / ".drugs.tsv.4567abcd").write_text("half")
    lupus_pgx.analyze(VcfBuilder(genes=("TPMT",)).write(tmp_path / "in")).write(out, formats=["json"])
    assert (tmp_path / "elsewhere").read_text() == "kept"
    left = {path.name for path in out.iterdir()}
    assert left == {
        ".hidden",
        ".drugs.tsv.swp",
        ".x.0123456g",
        "drugs.tsv.01234567",
        ".drugs.tsv.0123abcd",
        "analysis.json",
    }


def test_a_second_signal_does_not_break_the_way_out():
    code = (
        "import os, signal\nfrom lupus_pgx import stops\nstops.listen()\n"
        "try:\n    os.kill(os.getpid(), signal.SIGTERM)\nexcept stops.Stopped:\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n    print('cleaned')\nstops.quiet_end(stops.end(stops.received()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (128 + signal.SIGTERM, "cleaned\n")
    assert os.linesep in done.stderr
