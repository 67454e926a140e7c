"""Rows of drugs that read alike, each made once.

Two people of whom different things are known often get the same row: what a pair of alleles that is not sure may be
shows in the probabilities of its gene, and seldom in a drug. Most of writing a cohort was making such rows anew.
"""

from __future__ import annotations

from typing import Any

from lupus_pgx.response.certainty import Assessed
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.results.columns import Row
from lupus_pgx.results.drug_tables import DRUGS


class DrugRows:
    """Makes rows of the table of drugs, one for all responses that show the same."""

    def __init__(self) -> None:
        # What an object shows is kept by its id: the object is kept with it, so that no other one can get the id.
        self._rows: dict[tuple[Any, ...], tuple[DrugResponse, Row]] = {}
        self._faces: dict[int, tuple[Assessed, int]] = {}
        self._numbers: dict[tuple[Any, ...], int] = {}

    def row(self, response: DrugResponse) -> Row:
        """Return the row of a response."""
        if response.checks:
            return DRUGS.row(response)
        judged, known = response.judgement, response.known
        key = (
            id(judged),
            tuple(map(id, response.evidence)),
            tuple(self._face(known[name]) if name in known else None for name in judged.judged_by),
            tuple(self._face(known[name]) if name in known else None for name in judged.driven_by),
        )
        found = self._rows.get(key)
        if found is None:
            found = self._rows[key] = (response, DRUGS.row(response))
        return found[1]

    def _face(self, item: Assessed) -> int:
        """Return the number of what a drug shows of a gene or marker."""
        found = self._faces.get(id(item))
        if found is None:
            number = self._numbers.setdefault(_shown(item), len(self._numbers))
            found = self._faces[id(item)] = (item, number)
        return found[1]


def _shown(item: Assessed) -> tuple[Any, ...]:
    """Return all that a response takes of a gene or marker when it is put into words."""
    call = item.diplotype
    own = (
        None
        if call is None
        else (call.gene, call.missing, call.n_assumed, call.n_loci, call.assumed_essential, call.status, call.looked_up)
    )
    return (item.key, item.description, item.not_assessed, item.missing, item.adjusted_by, own)
