"""What the changes of 2026 mean for people: the tables of November 2025 against those of now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lupus_pgx
from lupus_pgx.impact import impact

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
    for line in impact(before, after, [str(fx_real / "1kgp-GRCh38.vcf.gz")]):
        match = LINE.search(line)
        if match:
            found[match[2]][f"{match[1]} {match[3]}"] = int(match[4].replace(",", ""))
    assert found["phenotype"] == CHANGED["phenotype"]
    assert found["action"] == CHANGED["action"]
    assert found["diplotype"].items() >= CHANGED["diplotype"].items()


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
