"""Which drugs are not what a regimen stands or falls by: background therapy, and what accompanies every line."""

from __future__ import annotations

from lupus_pgx.knowledge.catalogue import Knowledge, split_list

_ACCOMPANYING = "glucocorticoid"
"""Class of drugs that accompany regimens of every line, and outlast them."""


def background_drugs(manifestation: str, knowledge: Knowledge) -> frozenset[str]:
    """Return the drugs that the options of a manifestation give to everyone."""
    return frozenset(
        drug
        for row in knowledge.rows("therapy_options")
        if row["manifestation"] == manifestation and row["line_order"] == 0
        for drug in split_list(row["drugs"])
    )


def accompanying_drugs(knowledge: Knowledge) -> frozenset[str]:
    """Return the drugs of the class that accompanies regimens of every line."""
    drugs = knowledge.drugs_by_name
    return frozenset(name for name, drug in drugs.items() if drug.row["drug_class"] == _ACCOMPANYING)
