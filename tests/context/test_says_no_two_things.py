"""A sentence on a drug does not say of one thing that it was looked at, and that it was not."""

from __future__ import annotations

import pytest

from lupus_pgx import respond
from lupus_pgx.terms import CheckStatus

TODAY = "2026-11-30"


def drug(name: str, **context):
    """Return what is said of a drug."""
    return respond({}, [name], context=context, today=TODAY).drug(name)


def not_looked_at(found) -> list[str]:
    return [item.subject for item in found.checks if item.status is CheckStatus.NOT_LOOKED_AT]


@pytest.mark.parametrize("name", ["carbamazepine", "hydroxychloroquine", "losartan", "ibuprofen", "belimumab"])
def test_two_criteria_of_one_name_are_one(name):
    found = drug(name, conditions=["bipolar disorder"])
    assert not_looked_at(found).count("bipolar disorder") + any(
        item.subject == "bipolar disorder" and item.status is not CheckStatus.NOT_LOOKED_AT for item in found.checks
    ) == 1  # fmt: skip


def test_what_meets_a_row_is_not_said_to_be_not_looked_at():
    found = drug("abatacept", conditions=["endocarditis"])
    assert any("infective endocarditis: yes" in item.found for item in found.checks)
    assert "infective endocarditis" not in not_looked_at(found)
    # A criterion that every drug should have is wanted all the same.
    assert "hepatitis B or C" in not_looked_at(drug("celecoxib", conditions=["active hepatitis B"]))
