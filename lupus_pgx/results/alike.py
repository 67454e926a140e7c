"""Responses to a drug that read alike: which samples share a row of a table, found before a row is made.

Two people of whom different things are known often get the same row: what a pair of alleles that is not sure may be
shows in the probabilities of its gene, and seldom in a drug. What a row shows is numbered by gene and marker, the
combinations of calls are numbered by that with arrays, and one row is made for all that have the same number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index, combine, narrow
from lupus_pgx.response.certainty import Assessed
from lupus_pgx.response.drugs import DrugResponses
from lupus_pgx.terms import CallStatus

Show = Callable[[Assessed], tuple[Any, ...]]
Numbers = npt.NDArray[np.intp]


class Alike:
    """Finds the samples whose responses read alike.

    Parameters
    ----------
    responses : DrugResponses
    """

    def __init__(self, responses: DrugResponses) -> None:
        self._responses = responses
        # Calls are numbered once for all drugs. Their list is kept with the numbers, so that no other gets its id.
        self._faces: dict[tuple[int, Show], tuple[Sequence[Assessed], _Faces]] = {}

    def rows(self, drug: str) -> tuple[Numbers, Index]:
        """Return an example combination of each distinct row of the table of drugs, and the row of each sample."""
        found = self._responses.combinations(drug)
        chosen, index = self._used(drug)
        which = found.which[chosen]
        sets, fired = found.firing.sets(chosen)
        columns: list[tuple[Index, int]] = [(which, len(found.judged)), (fired, len(sets))]
        used, place = np.unique(which, return_inverse=True)
        judged = [found.judged[number] for number in used.tolist()]
        blocked = np.array([item.blocked for item in judged], bool)[place]
        for number, (key, calls) in enumerate(found.assessed.items()):
            line = found.numbers[chosen, number]
            looked = np.array([key in item.judged_by for item in judged], bool)[place]
            named = np.array([key in item.driven_by for item in judged], bool)[place]
            columns += [
                self._shown(calls, line, looked & ~blocked, _what_is_missing),
                self._shown(calls, line, looked & blocked, _what_lacks),
                self._shown(calls, line, named, _what_is_named),
            ]
        example, numbers = combine(columns, len(chosen))
        return chosen[example], numbers[index]

    def evidence(self, drug: str) -> tuple[Sequence[Sequence[Any]], Index]:
        """Return the distinct sets of evidence rows that fired, and that of each sample."""
        chosen, index = self._used(drug)
        sets, fired = self._responses.combinations(drug).firing.sets(chosen)
        return sets, fired[index]

    def _used(self, drug: str) -> tuple[Numbers, Index]:
        """Return the combinations of calls that samples have, and the place of that of each sample among them."""
        index = self._responses.index[drug]
        used = np.zeros(len(self._responses.combinations(drug)), bool)
        used[index] = True
        if used.all():
            return np.arange(len(used)), index
        chosen = np.flatnonzero(used)
        places = np.zeros(len(used), np.intp)
        places[chosen] = np.arange(len(chosen))
        return chosen, narrow(places[index], len(chosen))

    def _shown(
        self, calls: Sequence[Assessed], line: npt.NDArray[np.integer], asked: npt.NDArray[np.bool_], show: Show
    ) -> tuple[Index, int]:
        """Return the number of what is shown of a gene for each combination, 0 where nothing is."""
        if not asked.any():
            return np.zeros(len(line), np.uint8), 1
        _, faces = self._faces.setdefault((id(calls), show), (calls, _Faces(calls, show)))
        return np.where(asked, faces.of(line, asked), 0).astype(np.uint32), faces.count


class _Faces:
    """Numbers, from 1, of what is shown of the calls of a gene or marker."""

    def __init__(self, calls: Sequence[Assessed], show: Show) -> None:
        self._calls, self._show = calls, show
        self._number = np.zeros(len(calls), np.intp)
        self._known: dict[tuple[Any, ...], int] = {}

    @property
    def count(self) -> int:
        """One more than the largest number."""
        return len(self._known) + 1

    def of(self, line: npt.NDArray[np.integer], asked: npt.NDArray[np.bool_]) -> Numbers:
        """Return the numbers of calls, those that are asked for made where they are not known."""
        before = self._number[line]
        for call in set(line[asked & (before == 0)].tolist()):
            self._number[call] = self._known.setdefault(self._show(self._calls[call]), len(self._known) + 1)
        found: Numbers = self._number[line]
        return found


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
