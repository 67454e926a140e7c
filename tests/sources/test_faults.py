"""What a source may do wrong: each fault, at each question of each source, is one sentence, and nothing is taken."""

from __future__ import annotations

import contextlib
import gzip
import json
import threading
import time
from copy import deepcopy
from pathlib import Path

import pytest
import requests
from sources.played import Played, cpic_tables, send, stall

import lupus_pgx
from lupus_pgx.sources.client import Client

DAY = "2026-11-28"
QUESTIONS = {
    "cpic": ["allele", "allele_definition", "gene_result", "recommendation", "change_log"],
    "clinpgx": ["data/guidelineAnnotation"],
    "pharmvar": ["genes/list", "genes/CYP2C19"],
}
PLACES = [(source, path) for source, paths in QUESTIONS.items() for path in paths]


@pytest.fixture(scope="module")
def fx_tables(fx_knowledge):
    core = {"alleleType": "Core", "function": "no function", "alleleName": "CYP2C19*2"}
    annotation = {"id": 1, "name": "", "relatedChemicals": [{"name": "azathioprine"}], "relatedGenes": []}
    tables = cpic_tables(fx_knowledge)
    tables["change_log"] = [{"date": "2026-11-20", "type": "ALLELE", "entityid": "TPMT", "note": "new"}]
    tables["data/guidelineAnnotation"] = {"status": "success", "data": [annotation]}
    tables |= {"genes/list": ["CYP2C19"], "genes/CYP2C19": {"alleles": [core]}}
    return json.dumps(tables)


@pytest.fixture
def fx_played(fx_tables):
    played = Played(json.loads(fx_tables))
    yield played
    played.close()


@pytest.fixture
def fx_quick(monkeypatch):
    """Wait for nobody: no pauses, and half a second for an answer, which a busy machine may need."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    get = requests.Session.get

    def impatient(self, url, **options):
        return get(self, url, **{**options, "timeout": (2.0, 0.5)})

    monkeypatch.setattr(requests.Session, "get", impatient)


def sized(status: int, body: bytes, **headers: str):
    return lambda request: send(request, status, body, **headers)


FAULTS = {
    "busy, again and again": (sized(429, b"{}", Retry_After="1"), 66, "it answers 429"),
    "an error, again and again": (sized(500, b"{}"), 66, "it answers 500"),
    "stalls": (stall, 66, "no answer in time"),
    "refused": (sized(403, b"{}"), 66, "refuses (403)"),
    "gone": (sized(410, b"{}"), 66, "answers 410"),
    "breaks off": (sized(200, b'{"data": [', length="5000"), 66, "breaks off"),
    "no JSON": (sized(200, b"{'a': 1}"), 65, "expected JSON"),
    "no text": (sized(200, b"\xff\xfe\x00\x01"), 65, "expected JSON"),
    "packed and broken": (sized(200, gzip.compress(b"[1]")[:-9], Content_Encoding="gzip"), (65, 66), ""),
    "a page for people": (sized(200, b"<html>", kind="text/html"), 65, "sends text/html"),
    "a number": (sized(200, b"7"), 65, "expected"),
    "null": (sized(200, b"null"), 65, "expected"),
    "an error that calls itself a success": (sized(200, b'{"message": "try later"}'), 65, "expected"),
    "elsewhere": (sized(302, b"", Location="http://127.0.0.1:9/x"), 65, "sends us to http://127.0.0.1:9/x"),
    "round in circles": (
        lambda request: send(request, 302, b"", Location=request.path),
        65,
        "redirects without end",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("source", "path"), PLACES, ids=str)
def test_each_fault_is_one_sentence_and_nothing_is_taken(
    fault, source, path, fx_cli, fx_played, fx_quick, tmp_path, monkeypatch
):
    act, wanted, words = FAULTS[fault]
    fx_played.faults[path] = [act]
    assert_refused(fx_cli, fx_played, source, tmp_path, monkeypatch, wanted, words)


def drip(request):
    """Send a byte now and then: each comes in time, the whole answer never."""
    send(request, 200, b"[", length="100000")
    with contextlib.suppress(OSError):
        for _ in range(200):
            request.wfile.write(b" ")
            request.wfile.flush()
            threading.Event().wait(0.02)


def test_an_answer_that_comes_by_bytes_is_given_up(fx_played):
    fx_played.faults["allele"] = [drip]
    client = Client(fx_played.base, 0.0, tries=2, timeout=(2.0, 1.0), deadline=0.2, sleep=lambda _: None)
    started = time.monotonic()
    with pytest.raises(lupus_pgx.LupusPgxError, match=r"allele: asked 2 times without an answer \(no answer in time\)"):
        client.get("allele")
    assert time.monotonic() - started < 2


def again(rows, **change):
    """Say something of TPMT *3C once more, and otherwise."""
    rows.append(next(row for row in rows if (row["genesymbol"], row.get("name")) == ("TPMT", "*3C")) | change)


NORMAL = {"function1": "Normal function", "function2": "Normal function", "totalactivityscore": "n/a"}
TWICE = {
    "allele": lambda rows: again(rows, clinicalfunctionalstatus="Normal function"),
    "allele_definition": lambda rows: again(rows, allele_location_value=[]),
    "gene_result": lambda rows: rows.append(
        {"genesymbol": "TPMT", "result": "Poor Metabolizer", "gene_result_lookup": [NORMAL]}
    ),
}


@pytest.mark.parametrize("path", TWICE)
def test_a_source_that_says_two_things_of_one_is_not_believed(path, fx_cli, fx_played, fx_quick, tmp_path, monkeypatch):
    TWICE[path](fx_played.tables[path])
    assert_refused(fx_cli, fx_played, "cpic", tmp_path, monkeypatch, 65, "says two things of TPMT, ")


def test_the_same_said_twice_is_said_once(fx_cli, fx_played, fx_quick):
    again(fx_played.tables["allele"])
    options = ("--base", fx_played.base, "--dry-run", "--today", DAY)
    assert fx_cli("knowledge", "update", "--source", "cpic", *options)[0] == 0


@pytest.mark.parametrize(("name", "said"), [("*99\nx", "or of several lines"), ("*99\x1bx", "a control character")])
def test_a_name_of_two_lines_is_no_name(name, said, fx_cli, fx_played, fx_quick, tmp_path, monkeypatch):
    again(fx_played.tables["allele"], name=name)
    assert_refused(fx_cli, fx_played, "cpic", tmp_path, monkeypatch, 65, said)


@pytest.mark.parametrize("word", ["Some new word", "No\tfunction at all", "<b>No function</b>"])
def test_a_function_that_no_rule_reads_is_left_to_a_curator(word, fx_cli, fx_played, fx_quick, tmp_path):
    rows = fx_played.tables["allele"]
    found = next(row for row in rows if (row["genesymbol"], row["name"]) == ("TPMT", "*3C"))
    found["clinicalfunctionalstatus"] = word
    options = ("--base", fx_played.base, "--today", DAY, "-o", tmp_path / "proposal")
    assert fx_cli("knowledge", "update", "--source", "cpic", *options)[0] == 0
    header, line = (tmp_path / "proposal" / "changes.tsv").read_text(encoding="utf-8").splitlines()
    assert line.count("\t") == header.count("\t")
    assert line.endswith("a function that no rule of ours reads")
    assert not (tmp_path / "proposal" / "overlay" / "allele_function.tsv").exists()


def test_a_mirror_is_named_where_a_snapshot_answers(fx_cli, fx_played, fx_quick, tmp_path):
    kept = tmp_path / "kept"
    options = ("--dry-run", "--snapshot", kept, "--today", DAY)
    base = ("knowledge", "update", "--source", "cpic", "--base", fx_played.base)
    assert fx_cli(*base, "-o", tmp_path / "one", "--snapshot", kept, "--today", DAY)[0] == 0
    asked = fx_played.asked.total()
    assert fx_cli(*base, *options)[0] == 0
    assert fx_played.asked.total() == asked


def assert_refused(fx_cli, played, source, folder, monkeypatch, wanted, words):
    """Run the command: it must end in one sentence that names the place, and leave an overlay and the folder alone."""
    mine = folder / "mine"
    mine.mkdir()
    row = "gene\tallele\tfunction\tactivity_value\trelease\tsource\nTPMT\t*6\tNo function\t\t2026-11-01\tPharmCAT\n"
    (mine / "allele_function.tsv").write_text(row, encoding="utf-8")
    monkeypatch.chdir(folder)
    options = ("--snapshot", folder / "kept", "--overlay", mine, "--today", DAY)
    code, out, err = fx_cli("knowledge", "update", "--source", source, "--base", played.base, *options)
    assert code in (wanted if isinstance(wanted, tuple) else (wanted,)), err
    assert out == ""
    (line,) = err.strip().splitlines()
    assert words in line
    assert f"{played.base}/" in line
    assert len(line) < 300
    assert "Traceback" not in err
    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert (mine / "allele_function.tsv").read_text(encoding="utf-8") == row


GONE = object()
WRONG = {
    "allele": {"genesymbol": [["TPMT"], None, GONE], "name": [{}, ""], "clinicalfunctionalstatus": [["No function"]],
               "activityvalue": [True, GONE]},
    "allele_definition": {"name": [None], "allele_location_value": [None, "x", [1], [{"variantallele": "A"}], GONE],
                          "structuralvariation": ["no"], "matchesreferencesequence": [GONE]},
    "gene_result": {"result": [[]], "gene_result_lookup": [{}, None, [{"function1": "Normal function"}]]},
    "recommendation": {"drug": [None, {}, {"name": None}, {"name": ["x"]}], "lookupkey": ["TPMT"], "version": [[1]]},
    "change_log": {"note": [GONE, {}], "date": [[2026]]},
}  # fmt: skip


@pytest.mark.parametrize(("path", "field"), [(path, field) for path, fields in WRONG.items() for field in fields])
def test_a_field_of_another_kind_is_named(path, field, fx_cli, fx_tables, fx_quick, tmp_path, monkeypatch):
    for number, value in enumerate(WRONG[path][field]):
        tables = json.loads(fx_tables)
        plain = ("matchesreferencesequence", "structuralvariation")
        row = next(row for row in tables[path] if not any(row.get(flag) for flag in plain))
        row[field] = deepcopy(value)
        if value is GONE:
            del row[field]
        played = Played(tables)
        folder = tmp_path / str(number)
        folder.mkdir()
        assert_refused(fx_cli, played, "cpic", folder, monkeypatch, 65, "")
        played.close()


def test_a_fault_on_a_later_page_takes_nothing(fx_cli, fx_played, fx_quick, tmp_path, monkeypatch):
    fx_played.faults["allele"] = [None, None, sized(404, b"{}")]
    assert_refused(fx_cli, fx_played, "cpic", tmp_path, monkeypatch, 66, "answers 404")
    assert fx_played.asked["allele"] == 3


def test_what_passes_by_itself_is_waited_for(fx_cli, fx_played, fx_quick, tmp_path):
    """Busy, an error, silence, half an answer: each once, and then all is as it was."""
    passing = [sized(429, b"{}", Retry_After="1"), sized(503, b"{}"), stall]
    for path in QUESTIONS["cpic"]:
        fx_played.faults[path] = [*passing, None]
    options = ("--base", fx_played.base, "--today", DAY, "-o", tmp_path / "p", "--snapshot", tmp_path / "kept")
    code, _, err = fx_cli("knowledge", "update", "--source", "cpic", *options)
    assert code == 0, err
    assert "## Proposed" not in (tmp_path / "p" / "report.md").read_text(encoding="utf-8")
    assert fx_played.asked["allele"] > 6


def test_no_question_is_put_before_its_time(fx_played):
    """Retry-After is kept as a number and as a date, and two minutes are the longest."""
    for header, wanted in (("7", 7.0), ("3600", 120.0), ("Fri, 01 Jan 2100 00:00:00 GMT", 120.0)):
        slept: list[float] = []
        fx_played.faults["genes/list"] = [sized(429, b"{}", Retry_After=header), None]
        Client(fx_played.base, interval=0.0, sleep=slept.append).get("genes/list")
        assert max(slept) == wanted


def test_a_snapshot_of_another_version_is_refused(fx_cli, fx_played, fx_quick, tmp_path):
    options = ("--base", fx_played.base, "--today", DAY, "--snapshot", tmp_path / "kept")
    assert fx_cli("knowledge", "update", "--source", "cpic", *options, "-o", tmp_path / "p")[0] == 0
    listed = Path(tmp_path / "kept" / "snapshot.json")
    manifest = json.loads(listed.read_text())
    del manifest["answers"]["gene_result"]
    listed.write_text(json.dumps(manifest))
    code, out, err = fx_cli("knowledge", "update", "--source", "cpic", *options, "--dry-run")
    assert (code, out) == (65, "")
    assert "holds no answer to gene_result" in err
