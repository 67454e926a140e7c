"""What a context says of a criterion, at its bounds and beside them: every check as shown (``criteria.tsv``)."""

from __future__ import annotations

import csv

import pytest
import yaml
from places import TESTS

from lupus_pgx import load_knowledge, respond

pytestmark = pytest.mark.every

TODAY = "2026-11-28"
CASES = list(csv.DictReader((TESTS / "criteria.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"))
CORE = {row["criterion"]: bool(row["core"]) for row in load_knowledge().rows("criteria")}
AGAINST = ("adjust_dose", "check_first", "consider_alternative", "avoid", "contraindicated")
ASKS = {
    "contraindicated": "avoid",
    "avoid": "avoid",
    "consider_alternative": "consider_alternative",
    "check_first": "test_first",
    "monitor": "monitor",
}
CALLS = {
    "planned_dose": {"TPMT": "*1/*3A", "NUDT15": "*1/*1"},
    "g6pd": {"G6PD": "B (reference)/B (reference)"},
}


def shown(check) -> str:
    """Write a check with all that tells it from another."""
    parts = [
        f"{check.status.value}{'' if check.known else '?'}{' first' if check.asks_first else ''}: {check.subject}",
        f" ({check.found})" if check.found else "",
        f" [{check.bound}]" if check.bound else "",
        f" <{check.cap:g} {check.cap_unit}>" if check.cap is not None else "",
        " ours" if check.ours else "",
        f" at {check.dose}" if check.dose else "",
        f" !{check.speaks_against}" if check.speaks_against else "",
        " beside " + ",".join(sorted(item.status.value for item in check.beside)) if check.beside else "",
    ]
    return "".join(parts)


def agrees_with_itself(check) -> None:
    """Hold what follows of a check against what it follows from."""
    assert check.topic
    assert check.shown == (
        check.speaks_against or (f"{check.words} {check.bound}" if check.words and check.bound else check.subject)
    )
    assert (check.highest is None) is (check.cap is None)
    no_row = check.status == "not_looked_at" or check.criterion == "contraindications"
    assert check.unseen is (no_row and not check.known)
    if check.known and check.status != "adjust_dose":
        assert check.action == ASKS.get(check.status.value)
    if not check.known:
        assert check.action == ("test_first" if check.asks_first else None)
        assert bool(check.at_stake) is bool(check.row)


@pytest.mark.parametrize("case", CASES, ids=[f"{item['drug']} {item['context']}" for item in CASES])
def test_every_check_on_a_criterion(case):
    calls = CALLS.get(case["criterion"], {})
    found = respond(calls, [case["drug"]], context=yaml.safe_load(case["context"]), today=TODAY).drug(case["drug"])
    told = [shown(check) for check in found.checks if check.criterion == case["criterion"]]
    assert "; ".join(told) == case["checks"]
    assert all(check.checked_on for check in found.checks if check.checked in ("read", "copy"))
    for check in found.checks:
        agrees_with_itself(check)
    still = [(not check.asks_first, not check.core) for check in found.checks if not check.known and check.row]
    assert still == sorted(still)
    assert all(check.core is CORE[check.criterion] for check in found.checks if check.criterion in CORE)
    objections = [item.check for item in found.conflicts if item.check is not None]
    assert objections == [check for check in found.checks if check.known and check.status in AGAINST]


def test_what_one_drug_is_asked_is_no_answer_for_another():
    planned = {"drug": "prednisone", "dose": "40 mg/day"}
    context = {"conditions": {"live_vaccine": True}, "planned": [planned]}
    for drugs in (["prednisone", "prednisolone"], ["prednisolone", "prednisone"]):
        patient = respond({}, drugs, context=context, today=TODAY)
        found = {drug: [item.status.value for item in patient.drug(drug).checks if item.known] for drug in drugs}
        assert found["prednisone"][0] == "contraindicated"
        assert found["prednisolone"][0] == "check_first"


def test_a_drug_of_a_class_is_no_partner_of_its_own():
    for drugs in (["methylene blue", "citalopram"], ["citalopram", "methylene blue"]):
        patient = respond({}, drugs, context={"co_medication": ["methylene blue"]}, today=TODAY)
        assert patient.drug("citalopram").overall_action == "avoid"
        own = [
            item for item in patient.drug("methylene blue").checks if item.criterion == "mao_inhibitor" and item.known
        ]
        assert own == []
