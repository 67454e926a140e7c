"""Names of drugs as people write them."""

from __future__ import annotations

import pytest

import lupus_pgx


@pytest.mark.parametrize(
    ("written", "drug"),
    [
        ("low dose aspirin", "low-dose aspirin"),
        ("Low-Dose  Aspirin", "low-dose aspirin"),
        ("trimethoprim/sulfamethoxazole", "sulfamethoxazole / trimethoprim"),
        ("sulfamethoxazole/trimethoprim", "sulfamethoxazole / trimethoprim"),
    ],
)
def test_strokes_hyphens_and_blanks_are_alike(written, drug):
    knowledge = lupus_pgx.load_knowledge()
    assert knowledge.drug(written).drug == drug
    assert knowledge.drug_names.find(written) == drug
    assert lupus_pgx.load_context({"planned": [{"drug": written}]}, knowledge).planned[0].drug.name == drug


def test_no_two_drugs_share_a_name_so_written():
    knowledge = lupus_pgx.load_knowledge()
    for drug in knowledge.drugs_by_name.values():
        assert {knowledge.drug(name).drug for name in drug.names} == {drug.drug}
