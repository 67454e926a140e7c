"""How current the tables are: dates of tables and sources, the bound past which a newer state is to be expected."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re

import pytest

import lupus_pgx
from lupus_pgx.knowledge.citations import newer_documents, replacement
from lupus_pgx.knowledge.currency import last_day, outdated


def test_each_table_and_each_source_that_changes_has_its_day(fx_knowledge):
    facts = fx_knowledge.provenance()
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", table["date"]) for table in facts["tables"].values())
    for name in ("CPIC", "DPWG", "FDA label", "CPIC-ClinPGx-2026-07-05"):
        assert facts["sources"][name]["as_of"]
    assert facts["sources"]["CPIC-ClinPGx-2026-07-05"]["as_of"] == "2026-07-05"
    assert facts["sources"]["SI"]["as_of"] is None


@pytest.mark.parametrize("days", [0, 1])
def test_the_day_after_the_bound_is_past_it(days, fx_knowledge):
    row = next(row for row in fx_knowledge.rows("sources") if row["source"] == "CPIC")
    day = last_day(row["as_of"]) + dt.timedelta(days=row["valid_days"] + days)
    assert ("CPIC" in [item.source for item in outdated(fx_knowledge, day)]) == bool(days)


def test_a_source_without_a_bound_is_never_called_old(fx_knowledge):
    found = outdated(fx_knowledge, dt.date(2100, 1, 1))
    assert all(item.valid_days for item in found)
    assert [item.days for item in found] == sorted((item.days for item in found), reverse=True)


def test_the_command_says_how_current_it_is(fx_cli, fx_knowledge):
    for arguments in (("--version", "-v"), ("-v", "--version")):
        code, out, err = fx_cli(*arguments)
        assert (code, err) == (0, "")
        lines = out.splitlines()
        assert lines[0] == f"lupus-pgx {lupus_pgx.__version__}"
        assert lines[1] == f"data release {fx_knowledge.release}, last changed {max(fx_knowledge.dates.values())}"
        assert any(re.match(r" +DPWG +as of 2024 +newer is expected after \d+ days$", line) for line in lines)
    assert fx_cli("--version")[1].splitlines() == [f"lupus-pgx {lupus_pgx.__version__}"]


def test_what_is_past_its_bound_is_said_and_changes_no_result(fx_cli, caplog):
    asked = ["whatif", "TPMT=*1/*3A", "--drugs", "azathioprine", "--today"]
    code, late, _ = fx_cli(*asked, "2031-06-02")
    assert code == 0
    (said,) = [record.message for record in caplog.records]
    assert said.startswith("newer guidance has to be expected on 2031-06-02: the tables hold DPWG as of 2024, ")
    caplog.clear()
    assert fx_cli(*asked, "2026-11-28")[1] == late
    assert not caplog.records


def test_it_is_said_once_in_a_process(caplog):
    with caplog.at_level(logging.WARNING, "lupus_pgx"):
        for _ in range(3):
            lupus_pgx.respond({"TPMT": "*1/*1"}, ["azathioprine"], today="2031-06-03")
    assert [record.message for record in caplog.records if "2031-06-03" in record.message] == [
        record.message for record in caplog.records
    ]
    assert len(caplog.records) == 1


def test_provenance_and_pages_hold_the_days(fx_example, fx_cli, tmp_path):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    analysis = lupus_pgx.analyze(vcf, drugs=["azathioprine"])
    analysis.write(tmp_path, formats=["tsv", "html"])
    facts = json.loads((tmp_path / "provenance.json").read_text(encoding="utf-8"))["provenance"]["knowledge"]
    assert facts["sources"]["CPIC"]["as_of"] == "2026-11"
    assert facts["tables"]["guidance"]["date"]
    for page in (analysis.to_html(), analysis.patient("LN-01").to_html()):
        for day in (facts["tables"]["guidance"]["date"], "2026-07-05"):
            assert re.search(rf"<td[^>]*>{day}</td>", page)


ONDANSETRON = "replaced in 2026"
"""Its rules were read in the guideline of 2016, which CPIC replaced in 2026."""


def test_a_rule_on_a_replaced_document_says_so_wherever_it_is_shown(fx_cli):
    patient = lupus_pgx.respond({"CYP2D6": "*1x2/*1"}, ["ondansetron", "codeine"])
    summaries = patient.drug_responses.to_frame().set_index("drug")["summary"]
    assert f"CPIC 2016, {ONDANSETRON}" in summaries["ondansetron"]
    assert "replaced" not in summaries["codeine"]
    explained = " ".join(patient.explain("ondansetron").split())
    assert f"CPIC 2016, {ONDANSETRON}" in explained
    assert "2016, replaced in 2026 by PMID:41979467" in explained
    page = " ".join(patient.to_html().split())
    assert page.count(ONDANSETRON) >= 2
    assert f"{ONDANSETRON} by PMID:41979467" in page
    code, out, _ = fx_cli("knowledge", "check")
    assert code == 0
    assert "replaced in 2026 by PMID:41979467: PMC:5479760, on which rest still: drugs 1, guidance 4" in out


def test_a_row_that_cites_the_newer_document_as_well_is_not_replacement():
    newer = lupus_pgx.load_knowledge().newer_documents
    assert replacement("PMID:30447069", newer) == ("PMID:41618934", 2026)
    assert replacement("PMID:41618934;PMID:30447069", newer) is None
    assert replacement(None, newer) is None


def test_of_two_new_editions_the_newest_is_named():
    rows = [
        {"citation": name, "year": year, "superseded_by": by}
        for name, year, by in (
            ("a", 2010, "b"),
            ("b", 2017, "c"),
            ("c", 2025, None),
            ("round", 2020, "trip"),
            ("trip", 2020, "round"),
        )
    ]
    newer = newer_documents(rows)
    assert newer["a"] == newer["b"] == ("c", 2025)
    assert newer["round"].citation == "trip"
    assert "c" not in newer


def test_an_overlay_source_may_have_a_bound_of_its_own(tmp_path):
    overlay = tmp_path / "mine"
    overlay.mkdir()
    (overlay / "sources.tsv").write_text(
        "source\tname\tversion\tas_of\tvalid_days\tlicence\turl\nours\tOur hospital\t1\t2026-01\t30\tMIT\thttps://example.org/1\n"
    )
    knowledge = lupus_pgx.load_knowledge(overlay)
    assert [item.source for item in outdated(knowledge, dt.date(2026, 3, 3))] == ["ours"]
    assert knowledge.dates == lupus_pgx.load_knowledge().dates
