"""Every published definition, driven by series: met, missed, on the bound, an item missing, not made for the start."""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import replace

import pytest
from places import ROOT

from lupus_pgx import load_knowledge
from lupus_pgx.context.reading import load_context
from lupus_pgx.knowledge.check.rules import check_response
from lupus_pgx.review.course import judge_course

KNOWLEDGE = load_knowledge()
TABLE = KNOWLEDGE.response_criteria
START, TODAY = dt.date(2022, 1, 1), dt.date(2026, 1, 15)
LINES = (ROOT / "tests/review/response_series.tsv").read_text(encoding="utf-8").splitlines()
CASES = list(csv.DictReader(LINES, delimiter="\t"))
DRUG = {
    "lupus nephritis": "MMF",
    "cutaneous": "methotrexate",
    "musculoskeletal": "methotrexate",
    "haematological": "rituximab",
    "all": "MMF",
}
_SERIES = re.compile(r"(\w+) \[(.+?)\] (.+)")


def labs_of(text: str) -> list[dict]:
    found = []
    for part in text.split("; ") if text else ():
        quantity, unit, values = _SERIES.fullmatch(part).groups()
        pairs = [pair.split("=") for pair in values.split()]
        kept = {
            str(START + dt.timedelta(days=int(day))): value if unit == "present or absent" else float(value)
            for day, value in pairs
        }
        found.append({"quantity": quantity, "unit": unit, "values": kept})
    return found


def judged(group: str, labs: list[dict]) -> str:
    manifestation = TABLE[TABLE.group == group].manifestation.iloc[0]
    therapy = {"drug": DRUG[manifestation], "start": str(START), "outcome": "ongoing"}
    named = "lupus nephritis" if manifestation == "all" else manifestation
    context = {"manifestations": {named: {}}, "therapies": [therapy], "labs": labs}
    course = judge_course(load_context(context, KNOWLEDGE, today=TODAY), KNOWLEDGE, TODAY)
    return next((item.status.value for item in course if item.group == group), "left out")


@pytest.mark.parametrize("case", CASES, ids=[f"{one['group']}-{one['case']}-{one['on']}" for one in CASES])
def test_a_definition_on_a_series(case):
    assert judged(case["group"], labs_of(case["labs"])) == case["status"]


def test_every_definition_is_driven_by_each_kind_of_series():
    for group, rows in TABLE.groupby("group"):
        mine = [case for case in CASES if case["group"] == group]
        assert {"met", "missed", "item missing"} <= {case["case"] for case in mine}, group
        numbers = {f"{row.criterion}/{row.measure}" for row in rows.itertuples() if row.comparison != "absent"}
        assert numbers == {case["on"] for case in mine if case["case"] == "on the bound"}, group


@pytest.mark.parametrize(
    ("criterion", "change", "said"),
    [
        ("CLASI-50-1", {"relative_to": None}, "a share, a fall and a rise need it"),
        ("DORIS-2021-2", {"missed_means": "failure"}, "a state that is missed says nothing"),
        ("DORIS-2021-2", {"unit": "mg/day"}, "is no unit of this quantity"),
        ("LLDAS-4", {"response": "remission"}, "is another one in the first row of the group"),
        ("EULAR-SLE-2023-12m", {"nephrotic_from": None}, "each needs the other"),
    ],
)
def test_a_definition_that_cannot_be_judged_is_a_fault(criterion, change, said):
    table = KNOWLEDGE.tables["response_criteria"]
    rows = tuple({**row, **change} if row["criterion"] == criterion else row for row in table.rows)
    found = [str(item) for item in check_response({**KNOWLEDGE.tables, "response_criteria": replace(table, rows=rows)})]
    assert any(said in fault for fault in found)
    assert not list(check_response(KNOWLEDGE.tables))


def test_a_missing_item_is_never_met_and_never_failed():
    """Whichever item of a definition that holds is taken away, it cannot be judged, or is not asked for."""
    for case in CASES:
        if case["case"] != "met":
            continue
        labs = labs_of(case["labs"])
        for number in range(len(labs)):
            left = judged(case["group"], labs[:number] + labs[number + 1 :])
            assert left in ("not judgeable", "left out"), (case["group"], labs[number]["quantity"])
