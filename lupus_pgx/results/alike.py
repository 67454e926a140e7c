"""Rows of drugs that read alike, each made once.

Two people of whom different things are known often get the same row: what a pair of alleles that is not sure may be
shows in the probabilities of its gene, and seldom in a drug. Most of writing a cohort was making such rows anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lupus_pgx.response.certainty import Assessed
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.results.columns import Row
from lupus_pgx.results.drug_tables import DRUGS
from lupus_pgx.terms import CallStatus

Show = Callable[[Assessed], tuple[Any, ...]]


class DrugRows:
    """Makes rows of the table of drugs, one for all responses that show the same."""

    def __init__(self) -> None:
        # What an object shows is kept by its id: the object is kept with it, so that no other one can get the id.
        self._rows: dict[tuple[Any, ...], tuple[DrugResponse, Row]] = {}
        self._faces: dict[tuple[int, Show], tuple[Assessed, int]] = {}
        self._numbers: dict[tuple[Any, ...], int] = {}

    def row(self, response: DrugResponse) -> Row:
        """Return the row of a response."""
        if response.checks:
            return DRUGS.row(response)
        judged, known = response.judgement, response.known
        looked_at = _what_lacks if judged.blocked else _what_is_missing
        key = (
            id(judged),
            tuple(map(id, response.evidence)),
            tuple(self._face(known[name], looked_at) if name in known else None for name in judged.judged_by),
            tuple(self._face(known[name], _what_is_named) if name in known else None for name in judged.driven_by),
        )
        found = self._rows.get(key)
        if found is None:
            found = self._rows[key] = (response, DRUGS.row(response))
        return found[1]

    def _face(self, item: Assessed, show: Show) -> int:
        """Return the number of what a drug shows of a gene or marker."""
        found = self._faces.get((id(item), show))
        if found is None:
            number = self._numbers.setdefault(show(item), len(self._numbers))
            found = self._faces[id(item), show] = (item, number)
        return found[1]


def _what_is_named(item: Assessed) -> tuple[Any, ...]:
    """Return what is told of a gene or marker on which a prediction rests."""
    call = item.diplotype
    unnamed = call is not None and call.status is CallStatus.NOVEL and not call.looked_up
    assumed = call is not None and bool(call.n_assumed)
    named = None if item.not_assessed else item.description
    return (named, bool(item.adjusted_by), unnamed, assumed)


def _what_is_missing(item: Assessed) -> tuple[Any, ...]:
    """Return what is told of a gene or marker at which a rule looks."""
    call = item.diplotype
    assumed = call is not None and call.n_assumed > 0
    own = (call.gene, call.n_assumed, call.n_loci, call.assumed_essential) if call is not None and assumed else None
    return (item.key, item.missing, own)


def _what_lacks(item: Assessed) -> tuple[Any, ...]:
    """Return the same where too little is known for a guideline to speak: then every missing locus is named."""
    return (*_what_is_missing(item), item.diplotype.missing if item.diplotype is not None else None)
