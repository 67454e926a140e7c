"""A row that is missing is named: every warning of the tables, on a patient made for it, without its row.

The rows on one criterion, or on one partner, are taken away together: what a drug says of it depends on its own alone.
The quick tests take every seventh; ``-m slow`` takes them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import test_every_criterion as criteria
import test_every_interaction as interactions

from lupus_pgx import load_context, load_knowledge
from lupus_pgx.context.safety import Safety
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.terms import CheckStatus

KNOWLEDGE = load_knowledge()
SAFETY = Safety(KNOWLEDGE)
WATCHED = CheckStatus.MONITOR.severity
OF_NO_FACT = {"lupus_statement", "intolerance", *criteria.NEVER_MET}
CRITERIA = [name for name, row in criteria.CRITERIA.items() if name not in OF_NO_FACT]
TOLD = {name for name in CRITERIA if (row := criteria.CRITERIA[name])["core"] or "condition:" in (row["asks"] or "")}


def without(table: str, away) -> Safety:
    """Return the checks of tables without some rows."""
    kept = KNOWLEDGE.tables[table]
    fewer = replace(kept, rows=tuple(row for row in kept.rows if not away(row)))
    return Safety(Knowledge({"release": "fewer rows", "tables": {}}, {**KNOWLEDGE.tables, table: fewer}))


def patient(*fields: dict):
    context: dict = {}
    for part in fields:
        context.update(part)
    return load_context(context, KNOWLEDGE, today=criteria.TODAY)


def cells(name: str) -> Iterator[dict]:
    """Yield the rows on a criterion that warn as soon as it is met."""
    for row in KNOWLEDGE.rows("contraindications"):
        warns = row["acts"] == "yes" and CheckStatus(row["severity"]).severity > WATCHED
        if row["criterion"] == name and warns and not row["also"] and criteria.source(row)[0] not in ("dose", "always"):
            yield row


def silent_without(name: str) -> Iterator[str]:
    """Yield the drugs of which nothing is said any more once the rows on a criterion are gone."""
    fewer = without("contraindications", lambda row: row["criterion"] == name)
    whole = criteria.CRITERIA[name]["part_of"]
    parts = [other for other, row in criteria.CRITERIA.items() if row["part_of"] == name]
    for row in cells(name):
        told = patient(criteria.base(row), criteria.told(row, biting=True))
        met = any(check.known and check.criterion == name for check in SAFETY.conditions(row["drug"], told))
        left = [check.criterion for check in fewer.conditions(row["drug"], told)]
        if name not in SAFETY.criteria.touched(told):
            continue  # a bound of this drug alone, within what is usual: nobody else knows that it matters
        if not met or not {name, whole, *parts} & set(left):
            yield f"{row['drug']}: {row['state']}"


def names_of(row) -> set[str]:
    """Return the drugs that a row on two sides may mean."""
    listed = (row["with_drugs"] or "").split(";") if row["with_drugs"] else [row["with"]]
    named = [row["drug"], row["with"], *listed]
    found = {KNOWLEDGE.drug_names.find(name) or name for name in named}
    return found | {member for name in named for member in interactions.CLASSES.get(name.lower(), ())}


def silent_pairs(partner: str) -> Iterator[str]:
    """Yield the drugs that say nothing of a partner once every row that may mean it is gone."""
    fewer = without("interactions", lambda row: partner in names_of(row))
    for row in PAIRS[partner]:
        drug, told = interactions.about(row), patient({"co_medication": [partner]})
        left = fewer.check(drug, told)
        if not any(partner in (check.partner or check.subject) for check in left):
            yield f"{drug} with {partner}"


def partners() -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for row in interactions.KNOWLEDGE.rows("interactions"):
        needed = interactions.partners(row)
        drug = interactions.about(row)
        name = KNOWLEDGE.drug_names.find(needed[0]) or needed[0]
        if len(needed) == 1 and drug and drug != name and row["severity"] != "no_relevant_change":
            found.setdefault(name, []).append(row)
    return found


PAIRS = partners()


def check_criteria(names: list[str]) -> None:
    assert [fault for name in names if name in TOLD for fault in silent_without(name)] == []


def check_partners(names: list[str]) -> None:
    assert [fault for name in names for fault in silent_pairs(name)] == []


@pytest.mark.parametrize(("check", "names"), [(check_criteria, CRITERIA[::7]), (check_partners, sorted(PAIRS)[::15])])
def test_a_missing_row_is_named(check, names):
    check(names)


@pytest.mark.slow
@pytest.mark.parametrize(("check", "names"), [(check_criteria, CRITERIA), (check_partners, sorted(PAIRS))])
def test_every_missing_row_is_named(check, names):
    check(names)
