"""What the changes of 2026 mean for people: the tables of November 2025 against those of now."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from sources.played import Played, cpic_tables

import lupus_pgx
from lupus_pgx.impact import impact
from lupus_pgx.knowledge.tables import data_folder
from lupus_pgx.sources.adoption import adopt
from lupus_pgx.sources.client import Client
from lupus_pgx.sources.proposal import write_proposal
from lupus_pgx.sources.update import update

OF_2025 = Path(__file__).parent / "of_2025"
"""Functions of TPMT, NUDT15 and NAT2, and NUDT15 ``*2`` and ``*3``, as CPIC and ClinPGx had them on 2025-11-05."""

DRUGS = ("azathioprine", "mercaptopurine", "thioguanine")
CHANGED = {
    "diplotype": {"NUDT15 *1/*2 -> *1/*3": 74, "NUDT15 *2/*2 -> *3/*3": 4, "NUDT15 *2/*3 -> *3/*3": 4},
    "phenotype": {
        "NUDT15 Indeterminate -> Intermediate Metabolizer": 36,
        "NUDT15 Indeterminate -> Normal Metabolizer": 15,
        "NUDT15 Indeterminate -> Poor Metabolizer": 2,
        "NUDT15 Possible Intermediate Metabolizer -> Poor Metabolizer": 3,
        "TPMT Indeterminate -> Intermediate Metabolizer": 6,
        "TPMT Indeterminate -> Normal Metabolizer": 41,
        "TPMT Possible Intermediate Metabolizer -> Poor Metabolizer": 1,
    },
    "action": {
        f"{drug} {change}": count
        for drug in DRUGS
        for change, count in {
            "monitor -> avoid": 2,
            "monitor -> reduce_dose": 40,
            "monitor -> standard": 53,
            "reduce_dose -> avoid": 4,
            "test_first -> reduce_dose": 1,
        }.items()
    },
}
LINE = re.compile(r": (\S+) (diplotype|phenotype|action) (.+): ([0-9,]+) samples? \(")


@pytest.mark.real
@pytest.mark.slow
def test_whose_action_the_changes_of_2026_changed(fx_real):
    before, after = lupus_pgx.load_knowledge(OF_2025), lupus_pgx.load_knowledge()
    found = {kind: {} for kind in CHANGED}
    _, of_cohort = impact(before, after, [str(fx_real / "1kgp-GRCh38.vcf.gz")])
    for line in of_cohort.lines():
        match = LINE.search(line)
        if match:
            found[match[2]][f"{match[1]} {match[3]}"] = int(match[4].replace(",", ""))
    assert found["phenotype"] == CHANGED["phenotype"]
    assert found["action"] == CHANGED["action"]
    assert found["diplotype"].items() >= CHANGED["diplotype"].items()


@pytest.mark.real
@pytest.mark.slow
def test_someone_with_the_tables_of_2025_asks_and_adopts(fx_real, fx_cli, fx_knowledge, monkeypatch, tmp_path):
    """The whole way against a server: asked, named, worked out for the cohort and stored results, adopted, the same."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    played = Played(cpic_tables(fx_knowledge))
    cohort, results, folder = fx_real / "1kgp-GRCh38.vcf.gz", tmp_path / "results", tmp_path / "proposal"
    mine = tmp_path / "mine"
    mine.mkdir()
    for path in OF_2025.iterdir():
        (mine / path.name).write_bytes(path.read_bytes())
    few = ("--samples", "HG00304,NA18615,HG00096", "--overlay", mine, "-o", results)
    assert fx_cli("analyze", cohort, *few)[0] == 0

    asked = (
        "knowledge",
        "update",
        "--source",
        "cpic",
        "--base",
        played.base,
        "--today",
        "2026-11-28",
        "--overlay",
        mine,
    )
    code, out, err = fx_cli(*asked, "-o", folder, "--impact", cohort, "--impact", results)
    assert code == 0, err
    assert "changed: 52 proposed, 0 for a curator" in out
    report = (folder / "report.md").read_text(encoding="utf-8")
    assert "- changed allele_function TPMT, *8 function: Uncertain function -> Decreased function" in report
    assert "- changed allele_function NUDT15, *6 function: Uncertain function -> No function" in report
    assert "- removed allele_function NUDT15, *2: present -> (none) (an overlay takes no row away)" in report

    with (folder / "impact.tsv").open(encoding="utf-8", newline="") as handle:
        people = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    told = {}
    for row in people:
        if (row["given"], row["key"], row["column"]) == (str(cohort), "azathioprine", "action"):
            told.setdefault(f"azathioprine {row['before']} -> {row['after']}", set()).add(row["sample_id"])
    assert {change: len(who) for change, who in told.items()} == {
        change: count for change, count in CHANGED["action"].items() if change.startswith("azathioprine")
    }
    assert told["azathioprine monitor -> avoid"] == {"NA18615", "HG02031"}
    stored = {row["sample_id"]: row for row in people if row["given"] == str(results) and row["key"] == "azathioprine"}
    assert stored.keys() == {"HG00304", "NA18615"}

    assert fx_cli("knowledge", "adopt", folder, mine, "--replace")[0] == 0
    _, again, _ = fx_cli(*asked, "--dry-run")
    played.close()
    assert "changed" not in again
    after = lupus_pgx.analyze(cohort, samples=["NA18615"], knowledge=lupus_pgx.load_knowledge(mine))
    assert after.patient("NA18615").drug("azathioprine").action.value == "avoid"


@pytest.mark.parametrize(
    ("calls", "before", "after"),
    [
        ({"TPMT": "*1/*8", "NUDT15": "*1/*1"}, "monitor", "standard"),
        ({"TPMT": "*1/*1", "NUDT15": "*1/*6"}, "monitor", "reduce_dose"),
        ({"TPMT": "*1/*1", "NUDT15": "*3/*6"}, "reduce_dose", "avoid"),
        ({"TPMT": "*1/*3A", "NUDT15": "*1/*1"}, "reduce_dose", "reduce_dose"),
    ],
)
def test_one_patient_by_the_tables_of_then_and_now(calls, before, after):
    old = lupus_pgx.load_knowledge(OF_2025)
    found = [lupus_pgx.respond(calls, ["azathioprine"], tables).drug("azathioprine") for tables in (old, None)]
    assert [item.action.value for item in found] == [before, after]
    assert "overlay" in found[0].summary
    assert "overlay" not in found[1].summary


DEFINED_IN_2026 = {
    "TPMT": ("*45", "*46", "*47"),
    "NUDT15": ("*22", "*23"),
    "CYP3A5": ("*10", "*11"),
    "CYP3A4": ("*49", "*50", "*51", "*52", "*53"),
}
"""Alleles that have a definition since 2026; ``*47`` of TPMT is a deletion, which a curator places."""


@pytest.fixture
def fx_release_of_2025(tmp_path):
    """The tables as they were: functions of then, no definitions and no rules of 2026."""
    folder = tmp_path / "2025.11.5"
    folder.mkdir()
    later = {(gene, allele) for gene, alleles in DEFINED_IN_2026.items() for allele in alleles}
    for name, table in lupus_pgx.load_knowledge(OF_2025).tables.items():
        place = data_folder() / f"{name}.tsv"
        if name not in {"alleles", "allele_function", "allele_loci", "phenotype_rules", "haplotype_frequencies"}:
            shutil.copy(str(place), folder)
            continue
        rows = [dict(row) for row in table.rows]
        if name == "phenotype_rules":
            of_2026 = ({"TPMT", "NUDT15"}, {"Decreased function"})
            rows = [
                row
                for row in rows
                if row["gene"] not in of_2026[0] or not of_2026[1] & {row["function_1"], row["function_2"]}
            ]
        else:
            if name == "haplotype_frequencies":  # who carries such an allele had none then
                for row in rows:
                    if (row["gene"], row["allele"]) in later:
                        place_of = (row["gene"], row["population"], "other")
                        (other,) = [it for it in rows if (it["gene"], it["population"], it["allele"]) == place_of]
                        other["count"] += row["count"]
            rows = [row for row in rows if (row["gene"], row["allele"]) not in later]
        lines = ["\t".join("" if cell is None else f"{cell}" for cell in row.values()) for row in rows]
        (folder / f"{name}.tsv").write_text("\n".join(["\t".join(rows[0]), *lines]) + "\n", encoding="utf-8")
    sums = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.tsv"))}
    (folder / "release.json").write_text(json.dumps({"release": "2025.11.5", "tables": sums}), encoding="utf-8")
    return folder


def test_from_the_release_of_2025_new_alleles_are_proposed_whole_and_adopted(
    fx_release_of_2025, fx_knowledge, tmp_path
):
    old = lupus_pgx.load_knowledge(release=fx_release_of_2025)
    played = Played(cpic_tables(fx_knowledge))
    _, proposal = update("cpic", old, dt.date(2026, 11, 28), client=Client(played.base, interval=0.0))
    played.close()
    proposed = {(change.table, change.key) for change in proposal.changes if change.proposed == "yes"}
    for gene, alleles in DEFINED_IN_2026.items():
        for allele in alleles:
            both = {("alleles", f"{gene}, {allele}"), ("allele_function", f"{gene}, {allele}")}
            assert proposed & both == (set() if (gene, allele) == ("TPMT", "*47") else both)
    assert sum(table == "phenotype_rules" for table, _ in proposed) == 9  # rules for Decreased function
    changed = {change.key for change in proposal.changes if change.kind == "changed"}
    assert {"TPMT, *8", "TPMT, *31", "NUDT15, *4", "NUDT15, *6"} <= changed
    assert {key.partition(",")[0] for key in changed} == {"TPMT", "NUDT15", "NAT2"}

    write_proposal(proposal, tmp_path / "proposal")
    adopt(tmp_path / "proposal", tmp_path / "mine")
    both = lupus_pgx.load_knowledge(tmp_path / "mine", release=fx_release_of_2025)
    for calls, action in (({"TPMT": "*1/*45"}, "reduce_dose"), ({"TPMT": "*46/*46"}, "avoid")):
        given = calls | {"NUDT15": "*1/*1"}
        assert lupus_pgx.respond(given, ["azathioprine"], both).drug("azathioprine").action.value == action
        with pytest.raises(lupus_pgx.LupusPgxError, match="TPMT"):
            lupus_pgx.respond(given, ["azathioprine"], old)


def test_a_new_allele_whose_function_is_not_stated_is_left_to_a_curator(fx_release_of_2025, fx_knowledge):
    tables = cpic_tables(fx_knowledge)
    tables["allele"] = [row for row in tables["allele"] if (row["genesymbol"], row["name"]) != ("TPMT", "*45")]
    played = Played(tables)
    old = lupus_pgx.load_knowledge(release=fx_release_of_2025)
    _, proposal = update("cpic", old, dt.date(2026, 11, 28), client=Client(played.base, interval=0.0))
    played.close()
    (change,) = [change for change in proposal.changes if change.key == "TPMT, *45"]
    assert (change.kind, change.proposed) == ("added", "its function is not stated")
