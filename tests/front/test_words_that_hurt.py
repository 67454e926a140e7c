"""Names and texts of inputs cannot steer a terminal, forge a message or lead out of a page."""

from __future__ import annotations

import json
import re

import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.bounded import shown

HARM = {
    "colour": "\x1b[31mred",
    "title": "\x1b]0;owned\x07",
    "bell": "a\x07",
    "backspace": "abc\x08\x08\x08xyz",
    "carriage return": "good\rbad",
    "C1": "a\x9b31m",
    "delete": "a\x7f",
    "right to left": "\u202egpj.exe",
    "isolates": "\u2066a\u2069",
    "line separator": "a\u2028b",
    "half": "a\udc80",
}
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e\u2066\u2069\ud800-\udfff]")


@pytest.mark.every
@pytest.mark.parametrize("kind", HARM)
def test_nothing_that_steers_is_left(kind):
    assert UNSEEN.search(shown(HARM[kind])) is None
    assert shown("plain é 日本 \U0001f9ec\ttab\nline") == "plain é 日本 \U0001f9ec\ttab\nline"


@pytest.mark.parametrize("kind", [name for name in HARM if name not in ("carriage return", "half")])
def test_a_name_of_a_sample(kind, fx_cli, tmp_path):
    path = VcfBuilder(genes=("TPMT",), samples=[HARM[kind]]).write(tmp_path / "in", "vcf")
    code, out, err = fx_cli("analyze", path, "--genes", "TPMT", "--drugs", "azathioprine")
    assert code == 0
    assert UNSEEN.search(out + err) is None
    assert shown(HARM[kind]) in out


@pytest.mark.parametrize("kind", HARM)
def test_a_name_of_a_file(kind, fx_cli, tmp_path):
    code, out, err = fx_cli("-v", "analyze", str(tmp_path / f"{HARM[kind]}.vcf"))
    assert (code, out) == (66, "")
    assert UNSEEN.search(err) is None
    assert shown(HARM[kind]) in err


@pytest.mark.parametrize("kind", [name for name in HARM if name != "half"])
def test_a_text_of_a_context(kind, fx_cli, tmp_path):
    path = tmp_path / "context.json"
    path.write_text(json.dumps({"co_medication": [HARM[kind]], "therapies": [{"drug": HARM[kind]}]}))
    code, out, err = fx_cli("whatif", "TPMT=*1/*1", "--context", path)
    assert (code, out) == (65, "")
    assert UNSEEN.search(err) is None


@pytest.mark.parametrize("kind", HARM)
def test_an_option(kind, fx_cli):
    for words in (["--genes", HARM[kind]], [f"--{HARM[kind]}"], ["--build", HARM[kind]]):
        code, out, err = fx_cli("positions", *words)
        assert (code, out) == (2, "")
        assert UNSEEN.search(err) is None


def test_the_log_file_too(fx_cli, tmp_path):
    code, _, _ = fx_cli("--log-file", tmp_path / "log", "analyze", str(tmp_path / "\x1b[2Jno.vcf"))
    assert code == 66
    assert UNSEEN.search((tmp_path / "log").read_text()) is None


def test_a_message_has_an_end(fx_cli, tmp_path):
    path = tmp_path / "calls.tsv"
    path.write_text("gene\tdiplotype\nTPMT\t*" + "9" * 1_000_000 + "/*1\n")
    code, _, err = fx_cli("whatif", "--outside-calls", path)
    assert code == 65
    assert len(err) < 3_000
    assert "1,000,0" in err


def test_what_a_terminal_has_no_letters_for_is_escaped(monkeypatch, tmp_path):
    import subprocess
    import sys

    path = VcfBuilder(genes=("TPMT",), samples=["José-日本"]).write(tmp_path / "in", "vcf")
    words = [sys.executable, "-m", "lupus_pgx", "analyze", path, "--genes", "TPMT"]
    done = subprocess.run(words, capture_output=True, check=False, env={"PYTHONIOENCODING": "ascii", "PATH": ""})
    assert done.returncode == 0, done.stderr
    assert rb"Jos\xe9-\u65e5\u672c" in done.stdout


def test_pages_say_no_path_of_the_machine(tmp_path):
    vcf = VcfBuilder(genes=("TPMT",)).write(tmp_path / "secret-folder" / "in")
    (tmp_path / "secret-folder" / "c.json").write_text('{"age": 34}')
    analysis = lupus_pgx.analyze(vcf, context=str(tmp_path / "secret-folder" / "c.json"))
    analysis.write(tmp_path / "out", formats=["html"])
    for page in (tmp_path / "out").rglob("*.html"):
        assert "secret-folder" not in page.read_text(encoding="utf-8")
