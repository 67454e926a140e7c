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


def course_of(group: str, labs: list[dict]):
    """Return what is said of one definition; None where it is left out."""
    manifestation = TABLE[TABLE.group == group].manifestation.iloc[0]
    therapy = {"drug": DRUG[manifestation], "start": str(START), "outcome": "ongoing"}
    named = "lupus nephritis" if manifestation == "all" else manifestation
    context = {"manifestations": {named: {}}, "therapies": [therapy], "labs": labs}
    course = judge_course(load_context(context, KNOWLEDGE, today=TODAY), KNOWLEDGE, TODAY)
    return next((item for item in course if item.group == group), None)


def judged(group: str, labs: list[dict]) -> str:
    item = course_of(group, labs)
    return item.status.value if item is not None else "left out"


@pytest.mark.parametrize("case", CASES, ids=[f"{one['group']}-{one['case']}-{one['on']}" for one in CASES])
def test_a_definition_on_a_series(case):
    assert judged(case["group"], labs_of(case["labs"])) == case["status"]


SAID = [
    (
        "ITP-CR",
        "platelet_count [x10^9/L] 0=20 390=110 400=110; bleeding [present or absent] 392=absent 399=absent",
        ("platelets at least 100 x10^9/L: 110 x10^9/L on 2023-02-05", "bleeding absent: absent on 2023-02-04"),
    ),
    (
        "ITP-CR",
        "platelet_count [x10^9/L] 0=20 400=110; bleeding [present or absent] 392=present 399=present 401=absent",
        (
            "platelets at least 100 x10^9/L: 110 x10^9/L on 2023-02-05; "
            "a second value, 7 days apart, has to confirm it",
            "bleeding absent: present on 2023-02-04",
        ),
    ),
    (
        "ITP-R",  # the count of the start confirms none under treatment
        "platelet_count [x10^9/L] 0=40 20=85; bleeding [present or absent] 20=absent",
        (
            "platelets at least 30 x10^9/L: 85 x10^9/L on 2022-01-21; a second value, 7 days apart, has to confirm it",
            "platelets at least 200 percent of baseline: 85 x10^9/L on 2022-01-21; "
            "a second value, 7 days apart, has to confirm it",
            "bleeding absent: absent on 2022-01-21",
        ),
    ),
    (
        "ACR-LN-2024-adequate",
        "upcr [g/g] 0=4 183=1.9",
        ("urine protein-creatinine ratio lower by at least 50 percent: 1.9 g/g on 2022-07-03 from 4",),
    ),
    (
        "ACR-LN-2024-adequate",
        "upcr [g/g] 0=0 183=1.9",
        ("urine protein-creatinine ratio lower by at least 50 percent: no value around the start, 2022-01-01",),
    ),
    (
        "CLASI-change",
        "clasi_a [points] 0=12 91=7",
        ("CLASI activity lower by at least 4 points: 7 points on 2022-04-02 from 12",),
    ),
    (
        "SLEDAI-2K-improvement",
        "sledai_2k [points] 100=10 114=6",
        ("SLEDAI-2K lower by at least 4 points: no value of a visit before 2022-04-25",),
    ),
]


@pytest.mark.parametrize(("group", "labs", "said"), SAID)
@pytest.mark.every
def test_what_was_asked_for_and_found_is_said(group, labs, said):
    """The newest day is named; what has to be confirmed, and what there is nothing to compare with, is said so."""
    assert course_of(group, labs_of(labs)).details == said


def test_an_index_that_may_not_rise_is_said_so():
    labs = "bilag_not_improved [systems] 365=0; bilag_new_a [systems] 365=0; bilag_new_b [systems] 365=0"
    said = course_of("BICLA", labs_of(f"{labs}; sledai_2k [points] 0=8 365=6; pga [points of 3] 0=1 365=1.1")).details
    assert said[3:5] == (
        "SLEDAI-2K not above the start: 6 points on 2023-01-01 from 8",
        "physician global assessment higher by less than 0.3 points of 3: 1.1 points of 3 on 2023-01-01 from 1",
    )


def test_of_several_values_the_one_nearest_to_the_month_counts():
    said = course_of("AURORA-1-CRR", labs_of("upcr [g/g] 350=0.6 360=0.3 371=0.7")).details
    assert said[0] == "urine protein-creatinine ratio at most 0.5 g/g: 0.3 g/g on 2022-12-27"


def test_a_value_is_shown_in_the_unit_of_its_bound():
    said = course_of("EULAR-LN-2025-12m", labs_of("upcr [g/g] 0=4 360=0.48")).details
    assert "urine protein-creatinine ratio below 700 mg/g: 480 mg/g on 2022-12-27" in said


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
