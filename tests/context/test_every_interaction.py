"""Each partner of the interaction table on a patient: taken now, ended long ago, something else taken, nothing told."""

from __future__ import annotations

import pytest

from lupus_pgx import load_knowledge, respond
from lupus_pgx.terms import CheckStatus

KNOWLEDGE = load_knowledge()
TODAY = "2026-11-28"
LISTED = set(KNOWLEDGE.drugs_by_name)
CLASSES = {name.lower(): members for name, members in KNOWLEDGE.class_members.items()}
STATUS = {"separate_doses": "monitor"}


def about(row) -> str:
    """Return a drug that a row is about, of those that are answered for."""
    name = KNOWLEDGE.drug_names.find(row["drug"]) or row["drug"]
    return min({name, *CLASSES.get(row["drug"].lower(), ())} & LISTED, default="")


def partners(row) -> list[str]:
    """Return what has to be taken for a row: one of its names, or one of each where it needs them all."""
    names = row["with_drugs"].split(";") if row["with_drugs"] else []
    chosen = names if row["needs"] == "all" else [names[0]] if names else [row["with"]]
    return [min(CLASSES.get(name.lower(), ()), default=name) for name in chosen]


def rows():
    """Yield of each partner, as the table names it, one row of each severity."""
    seen = set()
    for row in KNOWLEDGE.rows("interactions"):
        key = (row["with"], row["severity"], row["needs"])
        drug = about(row)
        if drug and drug not in partners(row) and row["severity"] != "no_relevant_change" and key not in seen:
            seen.add(key)
            yield row


ROWS = list(rows())


def checks(row, context: dict):
    response = respond({}, [about(row)], context=context, today=TODAY).drug(about(row))
    return [item for item in response.checks if item.partner], response


def name_of(row) -> str:
    return f"{row['drug']} with {row['with']} {row['severity']}"


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_what_is_taken_beside_it_is_said_as_strictly_as_the_table_has_it(row):
    found, response = checks(row, {"co_medication": partners(row)})
    least = CheckStatus(STATUS.get(row["severity"], row["severity"])).severity
    assert found, "silent"
    assert max(item.status.severity for item in found) >= least
    if max(item.status.severity for item in found) > CheckStatus.MONITOR.severity:
        said = str(response).partition(". Genotype:")[0]
        assert any(item.subject in said for item in found), said
    if row["severity"] in ("avoid", "contraindicated"):
        assert response.overall_action.value == "avoid"


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_what_ended_years_ago_is_not_taken(row):
    ended = [{"drug": name, "start": "2019-01-01", "stop": "2019-03-01"} for name in partners(row)]
    assert not checks(row, {"age": 40, "co_medication": ended})[0]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_part_of_what_a_row_needs_is_not_enough_and_silence_claims_nothing(row):
    assert not checks(row, {"age": 40})[0]
    needed = partners(row)
    if len(needed) < 2:
        return
    whole = {item.subject for item in checks(row, {"co_medication": needed})[0]}
    part = {item.subject for item in checks(row, {"co_medication": needed[:1]})[0]}
    assert whole - part, "the row that needs both is met by one"
