"""Which findings fire for which combinations of calls, worked out once for the calls that each of them asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index, combine
from lupus_pgx.knowledge.rules import Drug, EvidenceRow
from lupus_pgx.response.certainty import Assessed, probability


class Firing:
    """The evidence rows of a drug, held against combinations of calls.

    Parameters
    ----------
    drug : Drug
    numbers : ndarray of int, shape (combinations, keys)
        Call number of each gene and marker.
    assessed : dict of str to list of Assessed
        What is known of each gene and marker, by call number.
    min_certainty : float
    """

    def __init__(
        self,
        drug: Drug,
        numbers: npt.NDArray[np.integer],
        assessed: Mapping[str, Sequence[Assessed]],
        min_certainty: float,
    ) -> None:
        self._rows, self._numbers, self._min_certainty = drug.evidence, numbers, min_certainty
        self._keys, self._calls = tuple(assessed), tuple(assessed.values())
        place = {key: number for number, key in enumerate(self._keys)}
        self._asked = [
            () if row.condition is None else tuple(place[key] for key in row.condition.keys if key in place)
            for row in drug.evidence
        ]
        self._found: dict[tuple[int, ...], bool] = {}

    def rows(self, line: Sequence[int]) -> tuple[EvidenceRow, ...]:
        """Return the rows that fire for one combination, given by its call numbers."""
        return tuple(row for place, row in enumerate(self._rows) if self._fires(place, row, line))

    def sets(self, chosen: npt.NDArray[np.intp]) -> tuple[list[tuple[EvidenceRow, ...]], Index]:
        """Return the distinct sets of rows that fire for some combinations, and which set each of them has."""
        fires = [self._where(place, row, chosen) for place, row in enumerate(self._rows)]
        example, index = combine([(line, 2) for line in fires], len(chosen))
        held = [
            tuple(row for row, line in zip(self._rows, fires, strict=True) if line[number])
            for number in example.tolist()
        ]
        return held, index

    def _where(self, place: int, row: EvidenceRow, chosen: npt.NDArray[np.intp]) -> npt.NDArray[np.unsignedinteger]:
        """Return 1 for each combination for which a row fires, and 0 for the others."""
        asked = [(self._numbers[chosen, number], len(self._calls[number])) for number in self._asked[place]]
        example, index = combine(asked, len(chosen))
        lines: Iterator[list[int]] = iter(self._numbers[chosen[example]].tolist())
        return np.array([self._fires(place, row, line) for line in lines], np.uint8)[index]

    def _fires(self, place: int, row: EvidenceRow, line: Sequence[int]) -> bool:
        if row.condition is None:
            return True
        key = (place, *(line[number] for number in self._asked[place]))
        found = self._found.get(key)
        if found is None:
            known = {self._keys[number]: self._calls[number][line[number]] for number in self._asked[place]}
            found = self._found[key] = float(probability(row.condition, known).min()) >= self._min_certainty
        return found
