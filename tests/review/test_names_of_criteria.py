"""People read the names of response criteria; their identifiers stand in tables only."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from review_corpus import corpus

from lupus_pgx import load_knowledge, respond
from lupus_pgx.knowledge.check.rules import check_response
from lupus_pgx.review.steps.order import step_text

KNOWLEDGE = load_knowledge()
ROWS = KNOWLEDGE.rows("response_criteria")
NAMES = {row["group"]: row["name"] for row in ROWS}
# A definition that is known by its identifier (LLDAS, SRI-4) has no other name.
IDENTIFIERS = sorted({name for row in ROWS for name in (row["criterion"], row["group"])} - set(NAMES.values()))
FOUND = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, IDENTIFIERS))})(?![\w-])")
CASES = {name: (calls, context, today) for name, calls, context, today in corpus()}


def identifiers(text: str) -> set[str]:
    """Return the identifiers that a person would read in a text."""
    return set(FOUND.findall(html.unescape(re.sub(r"<[a-zA-Z/][^<>]*>", " ", text))))


def test_only_what_is_known_by_its_identifier_is_called_so():
    assert {name for name in NAMES if NAMES[name] == name} == {"BICLA", "CLASI-50", "LLDAS", "SRI-4"}
    assert identifiers("EULAR-LN-2025-6m missed") == {"EULAR-LN-2025-6m"}


@pytest.mark.parametrize("name", CASES)
def test_no_text_of_a_review_has_an_identifier(name):
    calls, context, today = CASES[name]
    patient = respond(calls, context=context, today=today)
    review = patient.resistance
    if review is None:
        return
    texts = [review.headline, str(review), *map(step_text, review.steps), *map(str, review.outlook)]
    if review.course:
        page = patient.to_html()
        texts += [page, patient.to_html(short=True), str(patient), review._repr_html_()]
        told = {item.name for item in review.course if item.body in ("EULAR", "KDIGO", "ACR")}
        assert [one for one in told if one not in page] == []
        assert set(review.to_frame("course").criterion) <= set(NAMES)
    assert identifiers("\n".join(texts)) == set()


def test_a_name_is_that_of_one_group_and_the_same_in_its_rows():
    table = KNOWLEDGE.tables["response_criteria"]
    for group, name, said in (
        ("EULAR-LN-2025-12m-strict", "EULAR 2025 target", "nobody could tell them apart"),
        ("LLDAS", "low activity", "is another one in the first row of the group"),
    ):
        number = max(number for number, row in enumerate(table.rows) if row["group"] == group)
        rows = (*table.rows[:number], table.rows[number] | {"name": name}, *table.rows[number + 1 :])
        found = [
            str(item) for item in check_response({**KNOWLEDGE.tables, "response_criteria": replace(table, rows=rows)})
        ]
        assert any(said in text for text in found), found
