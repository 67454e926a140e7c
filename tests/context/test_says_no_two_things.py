"""A sentence on a drug does not say of one thing that it was looked at, and that it was not."""

from __future__ import annotations

import pytest
from told import read

from lupus_pgx import respond
from lupus_pgx.terms import CheckStatus

TODAY = "2026-11-30"


def drug(name: str, **context):
    """Return what is said of a drug."""
    return respond({}, [name], context=context, today=TODAY).drug(name)


def not_looked_at(found) -> list[str]:
    return [item.subject for item in found.checks if item.status is CheckStatus.NOT_LOOKED_AT]


@pytest.mark.parametrize("name", ["carbamazepine", "losartan", "ibuprofen"])
def test_two_criteria_of_one_name_are_one(name):
    found = drug(name, conditions=["bipolar disorder"])
    assert not_looked_at(found).count("bipolar disorder") + any(
        item.subject == "bipolar disorder" and item.status is not CheckStatus.NOT_LOOKED_AT for item in found.checks
    ) == 1  # fmt: skip


def test_what_meets_a_row_beside_the_patient_is_not_said_to_be_not_looked_at():
    found = drug("colchicine", co_medication=["amiodarone"], egfr="25 mL/min/1.73m2")
    assert any("with amiodarone" in item.found for item in found.checks)
    assert not any("amiodarone" in subject for subject in not_looked_at(found))
    # Nothing was met by it: that the pair was not looked at is said.
    assert any("amiodarone" in subject for subject in not_looked_at(drug("colchicine", co_medication=["amiodarone"])))


def test_what_was_told_is_not_said_to_be_missing():
    said = read({"allergies": ["aspirin (bronchospasm)"]}).remarks
    assert any("read as nsaid_allergy, too" in remark for remark in said)
    assert not any("what happened is not told" in remark for remark in said)
    assert any("what happened is not told" in remark for remark in read({"allergies": ["penicillin"]}).remarks)
    (level,) = (
        item
        for item in read({"co_medication": ["Priadel"], "values": {"lithium": "1 mmol/L"}}).remarks
        if "level" in item
    )
    assert "where that is not told write co_medication: [lithium]" in level
