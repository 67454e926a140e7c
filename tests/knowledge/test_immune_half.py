"""The immune half: licences for lupus are dated; what the genome says of the disease stands apart from drugs."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import lupus_pgx

KNOWLEDGE = lupus_pgx.load_knowledge()
APPROVALS = KNOWLEDGE.rows("approvals")
NEW = (
    "obinutuzumab", "anifrolumab", "CD19 CAR-T", "dapirolizumab pegol", "telitacicept", "litifilimab", "ianalumab",
    "cenerimod", "deucravacitinib", "upadacitinib", "daratumumab",
)  # fmt: skip


@pytest.mark.parametrize("drug", NEW)
def test_every_new_immune_drug_has_a_dated_licence_row_on_both_sides_and_shows_it(drug):
    rows = [row for row in APPROVALS if row["drug"] == drug]
    assert {row["jurisdiction"] for row in rows} >= {"US", "EU"}
    text = " ".join(lupus_pgx.respond({}, [drug]).explain(drug).split())
    for row in rows:
        day = dt.date.fromisoformat(row["checked_on"])
        assert dt.date(2026, 11, 1) <= day <= dt.date(2026, 11, 30)
        assert f"{row['status']}{' since ' + row['since'] if row['since'] else ''}, checked on {day}" in text
        assert row["says"] in text
        assert f"[{row['citation']}]" in text
        # What was not read says so, and only a licence has a month.
        assert (row["checked"] == "not read") == (f"checked on {day}; source not re-read. {row['says']}" in text)
        assert row["since"] is None or row["status"] == "licensed"


def test_subcutaneous_anifrolumab_is_told_from_the_infusion():
    found = {(row["jurisdiction"], row["form"]): row["since"] for row in APPROVALS if row["drug"] == "anifrolumab"}
    assert found["US", "subcutaneous"] == "2026-04"
    assert found["EU", "subcutaneous"] == "2025-12"
    assert found["US", "intravenous"] < found["US", "subcutaneous"]


def test_a_drug_without_rows_says_nothing_of_licences():
    assert "Licence for lupus" not in lupus_pgx.respond({}, ["ibuprofen"]).explain("ibuprofen")


def approval_of(option, manifestation, knowledge=None):
    patient = lupus_pgx.respond({}, knowledge=knowledge, context={"manifestations": {manifestation: {}}})
    rows = patient.options.to_frame().set_index("option")
    return rows.loc[option, "approval"]


def test_an_option_says_of_licences_what_their_table_says_for_the_manifestation():
    assert approval_of("glucocorticoid + mycophenolate + obinutuzumab", "lupus nephritis") == (
        "US: prednisone licensed, mycophenolate mofetil no licence found, obinutuzumab licensed; "
        "EU: mycophenolate mofetil no licence found, obinutuzumab licensed; looked up on 2026-11-28"
    )
    assert approval_of("obinutuzumab", "cutaneous") == (
        "US: obinutuzumab no licence found; EU: obinutuzumab no licence found; looked up on 2026-11-28"
    )
    assert approval_of("anifrolumab", "serositis").startswith("US: anifrolumab licensed (intravenous, subcutaneous)")
    assert pd.isna(approval_of("topical calcineurin inhibitor", "cutaneous"))  # not looked up


def test_a_licence_of_an_overlay_changes_what_the_option_says(tmp_path):
    (row,) = [
        row
        for row in APPROVALS
        if (row["drug"], row["jurisdiction"]) == ("obinutuzumab", "US") and not row["manifestations"]
    ]
    cells = {column: cell or "" for column, cell in row.items()}
    cells |= {"status": "licensed", "says": "Invented for this test.", "checked_on": "2026-11-01"}
    (tmp_path / "approvals.tsv").write_text("\t".join(cells) + "\n" + "\t".join(cells.values()) + "\n")
    knowledge = lupus_pgx.load_knowledge(tmp_path)
    found = approval_of("obinutuzumab", "cutaneous", knowledge)
    assert found.startswith("US: obinutuzumab licensed; EU: obinutuzumab no licence found; looked up on 2026-11-01 and")


def test_a_licence_in_the_table_of_options_is_told_where_it_stands_now(tmp_path):
    (tmp_path / "therapy_options.tsv").write_text("manifestation\toption\tapproval_us\n")
    with pytest.raises(lupus_pgx.LupusPgxError, match="stands in the table approvals now"):
        lupus_pgx.load_knowledge(tmp_path)


PROGNOSIS = KNOWLEDGE.rows("prognosis")


def test_the_genetic_risk_of_lupus_is_there_and_says_how_it_is_measured():
    genes = {row["gene"] for row in PROGNOSIS}
    assert {"HLA-DRB1", "NCF1"} <= genes
    assert any("risk score" in row["feature"] for row in PROGNOSIS)
    assert all(row["effect_size"] and row["how_to_measure"] and row["checked"] != "not read" for row in PROGNOSIS)


def test_it_bears_on_no_drug():
    cited = {row["citation"] for row in PROGNOSIS}
    patient = lupus_pgx.respond({"TPMT": "*1/*1", "HLA-B": "*07:02/*08:01"})
    for response in patient.drug_responses.to_frame().itertuples():
        assert not cited & set(response.citations.split(";")), response.drug
    for table in ("guidance", "evidence", "failure_signals", "therapy_options", "pathways"):
        for row in KNOWLEDGE.rows(table):
            assert not cited & set((row["citation"] or "").split(";")), row
    with pytest.raises(lupus_pgx.LupusPgxError):
        lupus_pgx.respond({"NCF1": "R90H"})


UNVERIFIED = ("rs9514828", "rs6697139", "rs3957357", "rs6189", "rs3853839")


@pytest.mark.parametrize("rsid", UNVERIFIED)
def test_a_marker_whose_base_was_not_verified_is_not_assessable_and_not_called(rsid):
    (row,) = [
        row
        for row in KNOWLEDGE.rows("not_assessable")
        if rsid in f"{row['reason']} {row['feature']} {row['relevance']}"
    ]
    assert row["kind"] == "base not verified"
    assert rsid not in {locus["rsid"] for locus in KNOWLEDGE.rows("loci")}
    assert rsid not in {marker["rsid"] for marker in KNOWLEDGE.rows("markers")}


def test_a_marker_of_one_source_says_so_and_sets_nothing():
    single = {
        (row["gene"], row["marker"]) for row in KNOWLEDGE.rows("markers") if row["coordinate_status"] == "single source"
    }
    assert len(single) == 8
    names = {f"{gene} {marker}" for gene, marker in single}
    for table in ("guidance", "evidence"):
        for row in KNOWLEDGE.rows(table):
            hit = [name for name in names if name in (row["condition"] or "")]
            assert not hit or (table == "evidence" and row["use"] != "direction"), row
