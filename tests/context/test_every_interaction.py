"""Each partner of the interaction table on a patient: taken now, ended long ago, something else taken, nothing told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lupus_pgx import load_context, load_knowledge, respond
from lupus_pgx.context.judged.safety import Safety
from lupus_pgx.knowledge.catalogue import Knowledge
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


# --- a row that is missing is named -----------------------------------------------------------


def with_one(row) -> str:
    """Return the one partner of a row; nothing where it needs several."""
    names = partners(row)
    name = KNOWLEDGE.drug_names.find(names[0]) or names[0]
    return name if len(names) == 1 and about(row) not in ("", name) and row["severity"] != "no_relevant_change" else ""


def names_of(row) -> set[str]:
    """Return all that the two sides of a row may mean."""
    named = [row["drug"], row["with"], *(row["with_drugs"].split(";") if row["with_drugs"] else [])]
    found = {KNOWLEDGE.drug_names.find(name) or name for name in named}
    return found | {member for name in named for member in CLASSES.get(name.lower(), ())}


PARTNERS = sorted({name for row in KNOWLEDGE.rows("interactions") if (name := with_one(row))})


@pytest.mark.parametrize("partner", PARTNERS)
def test_a_partner_without_a_row_is_named(partner):
    kept = KNOWLEDGE.tables["interactions"]
    left = replace(kept, rows=tuple(row for row in kept.rows if partner not in names_of(row)))
    fewer = Safety(Knowledge({"release": "", "tables": {}}, {**KNOWLEDGE.tables, "interactions": left}))
    taken = load_context({"co_medication": [partner]}, KNOWLEDGE, today=TODAY)
    for drug in sorted({about(row) for row in kept.rows if with_one(row) == partner}):
        found = fewer.check(drug, taken)
        # A condition that the drug itself meets names it behind its words: "MAO inhibitor (moclobemide)".
        assert any(partner in f"{item.partner or item.subject} ({item.found})" for item in found), drug
