"""Patients as a clinician would write them: what has to be done, in which words, and on whose word (``patients.tsv``).

What is expected was written down before the library was asked.
"""

from __future__ import annotations

import csv

import pytest
from places import TESTS
from told import from_yaml

from lupus_pgx import respond

TODAY = "2026-11-28"
CASES = list(csv.DictReader((TESTS / "patients.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"))


@pytest.mark.parametrize("case", CASES, ids=[f"{item['patient']} {item['drug']}" for item in CASES])
def test_what_is_to_be_done_is_said_with_its_source(tmp_path, case):
    context = from_yaml(tmp_path, case["context"], TODAY)
    drug = respond({}, [case["drug"]], context=context, today=TODAY).drug(case["drug"])
    first, _, _ = str(drug).partition(". Genotype:")
    assert drug.overall_action.value == case["overall_action"], str(drug)
    absent = case["words"].startswith("!")  # what must not be said
    assert (case["words"].removeprefix("!") in first) is not absent, first
    if case["cited"] == "yes":
        cited = [name for check in drug.checks for part in (check, *check.beside) for name in part.citations]
        assert case["source"] in cited


def test_each_rests_on_a_document_of_the_tables(fx_knowledge):
    known = {row["citation"] for row in fx_knowledge.rows("citations")}
    assert [case["source"] for case in CASES if case["source"] not in known] == []


def test_there_are_enough_of_them_and_each_differs():
    assert len({case["patient"] for case in CASES}) >= 135
    assert len({(item["context"], item["drug"]) for item in CASES}) == len(CASES)
