"""``knowledge update`` and ``knowledge adopt`` against a local server that plays the public interfaces."""

from __future__ import annotations

import csv
import importlib.util
import json
import shutil
import sys
from pathlib import Path

import pytest
from places import ROOT
from sources.played import Played, cpic_tables, send, stall

import lupus_pgx
from lupus_pgx.errors import InputError, InputMissingError
from lupus_pgx.sources.client import Client
from lupus_pgx.sources.update import update

DAY = "2026-11-28"


@pytest.fixture(scope="module")
def fx_tables(fx_knowledge):
    return json.dumps(cpic_tables(fx_knowledge))


@pytest.fixture
def fx_played(fx_tables):
    played = Played(json.loads(fx_tables))
    yield played
    played.close()


@pytest.fixture
def fx_update(fx_cli, fx_played, monkeypatch):
    """Run ``knowledge update --source cpic`` against the server, without its pauses."""
    monkeypatch.setattr("time.sleep", lambda _: None)

    def run(*options: object, source: str = "cpic"):
        return fx_cli("knowledge", "update", "--source", source, "--base", fx_played.base, "--today", DAY, *options)

    return run


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def of(played: Played, name: str, gene: str, allele: str) -> dict:
    return next(row for row in played.tables[name] if (row["genesymbol"], row["name"]) == (gene, allele))


def without(played: Played, name: str, gene: str, allele: str) -> None:
    played.tables[name].remove(of(played, name, gene, allele))


def overlay_of(folder: Path, rows: list[str]) -> Path:
    folder.mkdir()
    header = "gene\tallele\tfunction\tactivity_value\trelease\tsource"
    (folder / "allele_function.tsv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return folder


def test_a_source_that_says_what_the_tables_say_proposes_nothing(fx_update, fx_played):
    code, out, err = fx_update("--dry-run")
    assert code == 0, err
    assert "Nothing differs." in out
    assert "proposed" not in out
    assert fx_played.asked["allele"] > 3  # in pages, of which the last is empty


def test_a_changed_function_is_proposed_and_adopted_and_then_the_same(fx_update, fx_played, fx_cli, tmp_path):
    of(fx_played, "allele", "TPMT", "*8")["clinicalfunctionalstatus"] = "No function"
    folder, mine = tmp_path / "proposal", tmp_path / "mine"
    code, out, err = fx_update("-o", folder, "--snapshot", tmp_path / "kept")
    assert code == 0, err
    assert "changed: 1 proposed, 0 for a curator" in out
    (change,) = table(folder / "changes.tsv")
    assert (change["table"], change["key"], change["column"]) == ("allele_function", "TPMT, *8", "function")
    assert (change["ours"], change["theirs"], change["proposed"]) == ("Decreased function", "No function", "yes")
    assert lupus_pgx.load_knowledge().release == json.loads((folder / "proposal.json").read_text())["release"]

    before = lupus_pgx.respond({"TPMT": "*1/*8", "NUDT15": "*1/*1"}, ["azathioprine"]).drug("azathioprine")
    assert fx_cli("knowledge", "adopt", folder, mine)[0] == 0
    knowledge = lupus_pgx.load_knowledge(mine)
    after = lupus_pgx.respond({"TPMT": "*1/*8", "NUDT15": "*1/*1"}, ["azathioprine"], knowledge=knowledge)
    assert (before.action.value, after.drug("azathioprine").action.value) == ("standard", "reduce_dose")
    assert fx_cli("knowledge", "check", mine)[0] == 0
    _, again, _ = fx_update("--dry-run", "--overlay", mine)
    assert "Nothing differs." in again


def test_a_snapshot_is_read_instead_of_asking(fx_update, fx_played, tmp_path):
    of(fx_played, "allele", "NUDT15", "*5")["clinicalfunctionalstatus"] = "No function"
    assert fx_update("-o", tmp_path / "one", "--snapshot", tmp_path / "kept")[0] == 0
    asked = fx_played.asked.total()
    assert fx_update("-o", tmp_path / "two", "--snapshot", tmp_path / "kept")[0] == 0
    assert fx_played.asked.total() == asked
    for name in ("report.md", "changes.tsv", "overlay/allele_function.tsv"):
        assert (tmp_path / "one" / name).read_text() == (tmp_path / "two" / name).read_text()
    kept = json.loads((tmp_path / "kept" / "snapshot.json").read_text())
    assert kept["day"] == DAY
    (tmp_path / "kept" / "allele.json").write_text("[]")
    code, _, err = fx_update("--dry-run", "--snapshot", tmp_path / "kept")
    assert code == 65
    assert "checksum differs" in err
    code, _, err = fx_update("--dry-run", "--snapshot", tmp_path / "kept", source="clinpgx")
    assert code == 65
    assert "found one of cpic" in err


def test_what_a_curator_decides_is_named_and_not_proposed(fx_update, fx_played, tmp_path):
    new = {"genesymbol": "TPMT", "clinicalfunctionalstatus": "No function", "activityvalue": None}
    definition = {"genesymbol": "TPMT", "matchesreferencesequence": False, "structuralvariation": False}
    known = of(fx_played, "allele_definition", "TPMT", "*2")["allele_location_value"]
    other = of(fx_played, "allele_definition", "TPMT", "*3C")["allele_location_value"]
    nowhere = [{"variantallele": "T", "sequence_location": {"dbsnpid": None, "chromosomelocation": "g.18130999C>T"}}]
    for name, places in (("*98", [*known, *other]), ("*99", nowhere)):
        fx_played.tables["allele"].append({**new, "name": name})
        fx_played.tables["allele_definition"].append({**definition, "name": name, "allele_location_value": places})
    without(fx_played, "allele", "TPMT", "*7")
    of(fx_played, "allele_definition", "TPMT", "*3B")["allele_location_value"] = known
    code, _, err = fx_update("-o", tmp_path / "p")
    assert code == 0, err
    told = {(row["kind"], row["table"], row["key"]): row["proposed"] for row in table(tmp_path / "p" / "changes.tsv")}
    assert told["added", "alleles", "TPMT, *98"] == "yes"
    assert "position on both builds" in told["added", "alleles", "TPMT, *99"]
    assert "an overlay takes no row away" in told["removed", "allele_function", "TPMT, *7"]
    assert "by a curator only" in told["changed", "allele_loci", "TPMT, *3B"]
    made = table(tmp_path / "p" / "overlay" / "allele_loci.tsv")
    assert {row["allele"] for row in made} == {"*98"}


def test_a_curated_row_never_gives_way(fx_update, fx_played, tmp_path):
    mine = overlay_of(tmp_path / "mine", ["TPMT\t*8\tUncertain function\t\t2026-11-01\tPharmCAT"])
    code, out, err = fx_update("--dry-run", "--overlay", mine)
    assert code == 0, err
    assert "allele_function TPMT, *8 function: Uncertain function -> Decreased function" in out
    assert "our row was curated (PharmCAT)" in out
    assert "0 proposed, 1 for a curator" in out


def test_an_overlay_row_gives_way_only_when_asked(fx_update, fx_played, fx_cli, tmp_path):
    of(fx_played, "allele", "TPMT", "*8")["clinicalfunctionalstatus"] = "No function"
    assert fx_update("-o", tmp_path / "p")[0] == 0
    rows = ["TPMT\t*8\tUncertain function\t\t2026-11-01\tPharmCAT"]
    mine = overlay_of(tmp_path / "mine", rows)
    code, _, err = fx_cli("knowledge", "adopt", tmp_path / "p", mine)
    assert code == 65
    assert "TPMT, *8" in err
    assert "--replace" in err
    assert [row["source"] for row in table(mine / "allele_function.tsv")] == ["PharmCAT"]
    assert fx_cli("knowledge", "adopt", tmp_path / "p", mine, "--replace")[0] == 0
    assert [row["function"] for row in table(mine / "allele_function.tsv")] == ["No function"]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_rows_that_would_break_the_overlay_leave_it_as_it_was(fx_update, fx_played, fx_cli, tmp_path):
    of(fx_played, "allele", "CYP2C9", "*2")["activityvalue"] = "77"
    code, _, err = fx_update("-o", tmp_path / "p")
    assert code == 0, err
    assert "break a rule" in (tmp_path / "p" / "report.md").read_text()
    mine = overlay_of(tmp_path / "mine", ["TPMT\t*6\tUncertain function\t\t2026-11-01\tPharmCAT"])
    before = (mine / "allele_function.tsv").read_bytes()
    code, _, err = fx_cli("knowledge", "adopt", tmp_path / "p", mine)
    assert code == 65
    assert "no activity rule for the score 78" in err
    assert str(mine) in err
    assert (mine / "allele_function.tsv").read_bytes() == before
    assert sorted(path.name for path in mine.iterdir()) == ["allele_function.tsv"]


def test_the_log_and_new_recommendations_are_to_be_read(fx_update, fx_played, tmp_path):
    assert fx_update("-o", tmp_path / "p", "--snapshot", tmp_path / "old")[0] == 0
    fx_played.tables["recommendation"][0]["version"] = 2
    fx_played.tables["change_log"].append(
        {"date": "2026-11-20", "type": "ALLELE_DEFINITION", "entityid": "TPMT", "note": "new allele *48"}
    )
    code, out, err = fx_update("--dry-run", "--since", tmp_path / "old")
    assert code == 0, err
    assert "2026-11-20 TPMT (allele definition): new allele *48" in out
    assert "azathioprine: read the guidance rows of CPIC again (new or reworded: TPMT Poor Metabolizer" in out


OLD = {
    ("TPMT", "*8"): "Uncertain function", ("TPMT", "*38"): "Unknown function", ("TPMT", "*30"): "Unknown function",
    ("TPMT", "*6"): "Uncertain function", ("NUDT15", "*4"): "Uncertain function",
    ("NUDT15", "*5"): "Uncertain function", ("NUDT15", "*6"): "Uncertain function",
}  # fmt: skip
"""What CPIC said until November 2025 of alleles whose function changed in 2026 (CPIC's log of changes)."""


def test_the_changes_of_2026_are_found_by_someone_who_still_has_the_tables_of_2025(fx_update, fx_cli, tmp_path):
    source = "CPIC-ClinPGx-2025-11-05"
    rows = [f"{gene}\t{allele}\t{word}\t\t2025-11-05\t{source}" for (gene, allele), word in OLD.items()]
    mine = overlay_of(tmp_path / "mine", rows)
    results = tmp_path / "results"
    results.mkdir()
    (results / "diplotypes.tsv").write_text(
        "sample_id\tgene\tdiplotype\tcall_status\n"
        "A\tTPMT\t*1/*8\tprobable\nA\tNUDT15\t*1/*1\tprobable\n"
        "B\tTPMT\t*1/*1\tcertain\nB\tNUDT15\t*1/*6\tcertain\n"
        "C\tTPMT\t*1/*1\tcertain\nC\tNUDT15\t*1/*1\tcertain\n",
        encoding="utf-8",
    )
    code, _, err = fx_update("-o", tmp_path / "p", "--overlay", mine, "--impact", results)
    assert code == 0, err
    found = {tuple(row["key"].split(", ")): row["ours"] for row in table(tmp_path / "p" / "changes.tsv")}
    assert found == OLD
    report = (tmp_path / "p" / "report.md").read_text()
    assert f"{results}: TPMT phenotype Indeterminate -> Normal Metabolizer: 1 sample" in report
    assert f"{results}: NUDT15 phenotype Indeterminate -> Intermediate Metabolizer: 1 sample" in report
    assert f"{results}: azathioprine action monitor -> standard: 1 sample" in report
    assert f"{results}: azathioprine action monitor -> reduce_dose: 1 sample" in report
    people = table(tmp_path / "p" / "impact.tsv")
    assert {row["sample_id"] for row in people if row["given"] == str(results)} == {"A", "B"}
    assert {row["column"] for row in people} >= {"phenotype", "action"}
    assert fx_cli("knowledge", "adopt", tmp_path / "p", mine, "--replace")[0] == 0
    assert "Nothing differs." in fx_update("--dry-run", "--overlay", mine)[1]


# --- faults of a source -------------------------------------------------------------------------


def redirect(request) -> None:
    send(request, 302, b"", Location="http://127.0.0.1:9/elsewhere")


FAULTS = {
    "an error, again and again": (lambda request: send(request, 500, b"{}"), 66, "it answers 500"),
    "refused": (lambda request: send(request, 401, b"{}"), 66, "refuses (401)"),
    "not there": (lambda request: send(request, 404, b"{}"), 66, "answers 404"),
    "breaks off": (lambda request: send(request, 200, b"[{", length="5000"), 66, "breaks off"),
    "no JSON": (lambda request: send(request, 200, b"[{'a': 1}]"), 65, "expected JSON"),
    "a page for people": (lambda request: send(request, 200, b"<html>", kind="text/html"), 65, "sends text/html"),
    "another form": (lambda request: send(request, 200, b'{"rows": []}'), 65, "expected an array"),
    "a field less": (lambda request: send(request, 200, b'[{"genesymbol": "TPMT"}]'), 65, "a page again"),
    "nothing": (lambda request: send(request, 200, b"[]"), 65, "gives no row"),
    "elsewhere": (redirect, 65, "sends us to http://127.0.0.1:9/elsewhere"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", ["allele", "gene_result"])
def test_a_fault_of_a_source_is_one_sentence_and_nothing_is_taken(fault, path, fx_update, fx_played, tmp_path):
    act, wanted, words = FAULTS[fault]
    fx_played.faults[path] = [act]
    code, out, err = fx_update("-o", tmp_path / "p", "--snapshot", tmp_path / "kept")
    assert (code, out) == (wanted, "")
    assert words in err
    assert len(err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_field_that_is_gone_is_named(fx_update, fx_played):
    for row in fx_played.tables["allele"]:
        del row["activityvalue"]
    code, _, err = fx_update("--dry-run")
    assert code == 65
    assert "no field activityvalue; the source has changed its form" in err


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_source_that_is_busy_is_asked_again_as_late_as_it_says(status, fx_played):
    slept: list[float] = []
    fx_played.faults["allele"] = [lambda request: send(request, status, b"{}", Retry_After="7"), None]
    client = Client(fx_played.base, interval=0.0, sleep=slept.append)
    assert client.get("allele", {"limit": "5", "offset": "0"}).json() == fx_played.tables["allele"][:5]
    assert 7.0 in slept
    assert fx_played.asked["allele"] == 2


def test_questions_keep_their_distance(fx_played):
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    client = Client(fx_played.base, interval=0.5, sleep=sleep, clock=lambda: now[0])
    for _ in range(3):
        client.get("allele", {"limit": "1", "offset": "0"})
    assert slept == [0.0, 0.5, 0.5]
    assert {headers["User-Agent"].split("/")[0] for headers in fx_played.headers} == {"lupus-pgx"}


@pytest.mark.parametrize("again", [slice(0, 2), slice(2, 4)], ids=["the first", "the last"])
def test_a_source_that_sends_a_page_again_and_again_is_given_up(again, fx_played):
    rows = fx_played.tables["allele"]
    pages = [rows[:2], rows[2:4], rows[again]]

    def next_page(request):
        send(request, 200, json.dumps(pages.pop(0) if len(pages) > 1 else pages[0]).encode())

    fx_played.faults["allele"] = [next_page]
    with pytest.raises(InputError, match="sends a page again"):
        Client(fx_played.base, interval=0.0).pages("allele", {})
    assert fx_played.asked["allele"] == 3


def test_a_source_that_stalls_is_given_up(fx_played):
    fx_played.faults["allele"] = [stall]
    client = Client(fx_played.base, interval=0.0, tries=2, timeout=(2.0, 0.2), sleep=lambda _: None)
    with pytest.raises(InputMissingError, match="no answer in time"):
        client.get("allele")
    assert fx_played.asked["allele"] == 2


def test_an_answer_without_end_is_given_up(fx_played):
    client = Client(fx_played.base, interval=0.0, largest=1000)
    with pytest.raises(InputError, match="longer than 1,000 bytes"):
        client.get("allele")


def test_nobody_there(fx_cli, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    code, _, err = fx_cli("knowledge", "update", "--source", "cpic", "--base", "http://127.0.0.1:9", "--dry-run")
    assert code == 66
    assert "no connection" in err


def test_a_known_answer_is_not_sent_again(fx_played):
    fx_played.faults["genes"] = [
        lambda request: (
            send(request, 304, b"")
            if request.headers.get("If-None-Match") == '"v1"'
            else send(request, 200, b"[1]", ETag='"v1"')
        )
    ]
    client = Client(fx_played.base, interval=0.0)
    first = client.get("genes")
    assert client.get("genes", known=first) is first


# --- the other sources --------------------------------------------------------------------------


def test_pharmvar_is_a_second_opinion(fx_update, fx_played, monkeypatch):
    monkeypatch.setenv("PHARMVAR_API_KEY", "secret")
    core = {"alleleType": "Core", "function": "normal function"}
    fx_played.tables |= {
        "genes/list": ["CYP2C19", "CYP2U1"],
        "genes/CYP2C19": {
            "geneSymbol": "CYP2C19",
            "alleles": [
                {**core, "alleleName": "CYP2C19*2"},
                {**core, "alleleName": "CYP2C19*99"},
                {"alleleName": "CYP2C19*2.001", "alleleType": "Sub", "function": "no function"},
            ],
        },
    }
    code, out, err = fx_update("--dry-run", source="pharmvar")
    assert code == 0, err
    assert "allele_function CYP2C19, *2 function: No function -> Normal function (PharmVar's word" in out
    assert "added allele_function CYP2C19, *99" in out
    assert "*2.001" not in out
    assert "no row can be made without a curator" in out
    assert {headers.get("Api-Key") for headers in fx_played.headers} == {"secret"}
    assert "secret" not in out + err


def test_clinpgx_names_pairs_that_our_guidance_lacks(fx_update, fx_played, tmp_path):
    def annotation(number: int, drug: str, gene: str, text: str = "") -> dict:
        chemicals, genes = [{"name": drug}], [{"symbol": gene}]
        return {"id": number, "name": text, "relatedChemicals": chemicals, "relatedGenes": genes}

    rows = [annotation(1, "azathioprine", "TPMT"), annotation(2, "prednisone", "CYP3A5")]
    fx_played.tables["data/guidelineAnnotation"] = {"status": "success", "data": rows}
    code, _, err = fx_update("-o", tmp_path / "p", "--snapshot", tmp_path / "kept", source="clinpgx")
    assert code == 0, err
    report = (tmp_path / "p" / "report.md").read_text()
    assert "DPWG speaks about prednisone and CYP3A5; no guidance row of ours does" in report
    assert "azathioprine" not in report
    rows[0]["name"] = "revised"
    _, out, _ = fx_update("--dry-run", "--since", tmp_path / "kept", source="clinpgx")
    assert "CPIC changed its guideline on azathioprine and TPMT: read the guidance rows again" in out


def test_usage(fx_update, fx_cli, tmp_path):
    code, _, err = fx_update("--dry-run", source="cpicc")
    assert code == 2
    assert "did you mean cpic?" in err
    assert fx_update("--dry-run", "-o", tmp_path / "p")[0] == 2
    code, _, err = fx_update("--dry-run", "--since", tmp_path)
    assert code == 2
    assert "there is none" in err
    code, _, err = fx_cli("knowledge", "adopt", tmp_path, tmp_path / "mine")
    assert code == 66
    (tmp_path / "there").mkdir()
    assert fx_update("-o", tmp_path / "there")[0] == 73


def test_the_python_way_is_the_same(fx_played, fx_knowledge, tmp_path):
    import datetime as dt

    client = Client(fx_played.base, interval=0.0)
    snapshot, proposal = update("cpic", fx_knowledge, dt.date(2026, 11, 28), client=client)
    assert not proposal.changes
    assert set(snapshot.answers) == {"allele", "allele_definition", "gene_result", "recommendation", "change_log"}
    snapshot.write(tmp_path / "kept")
    shutil.rmtree(tmp_path / "kept")


def test_pharmvar_identifiers_are_written_from_a_snapshot_and_make_no_row_of_an_overlay(
    fx_update, fx_played, fx_knowledge, tmp_path
):
    pytest.importorskip("ga4gh.vrs")
    spec = importlib.util.spec_from_file_location("build_identifiers", ROOT / "tools" / "build_identifiers.py")
    build = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    of(fx_played, "allele_definition", "TPMT", "*2")["pharmvarid"] = "PV99999"  # invented
    assert fx_update("--snapshot", tmp_path / "asked", "-o", tmp_path / "proposal")[0] == 0
    assert (tmp_path / "proposal" / "changes.tsv").read_text(encoding="utf-8").count("\n") == 1
    rows = build.rows_with_pharmvar(tmp_path / "asked")
    stated = {(row["gene"], row["allele"]): row["pharmvar"] for row in rows if row["pharmvar"]}
    shipped = {(row["gene"], row["allele"]): row["pharmvar"] for row in fx_knowledge.rows("alleles") if row["pharmvar"]}
    assert stated == shipped | {("TPMT", "*2"): "PV99999"}
    assert len(rows) == len(fx_knowledge.rows("alleles"))
