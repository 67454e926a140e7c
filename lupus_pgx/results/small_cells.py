"""Counts that may leave a house: cells of few people are hidden, and so are those that would give them away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Hidden = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cell:
    """A count of people, or that it is below a bound.

    Attributes
    ----------
    count : int or None
        None where it is hidden.
    share : float or None
        Of its group.
    bound : int
        Below which a hidden count may lie; 0 where a count is hidden only to protect another.
    """

    count: int | None
    share: float | None
    bound: int = 0

    @property
    def text(self) -> str:
        """The cell as text."""
        if self.count is not None:
            return str(self.count)
        return f"<{self.bound}" if self.bound else "hidden"


def hidden_cells(counts: Counts, least: int) -> Hidden:
    """Say which cells of a table must be hidden.

    Parameters
    ----------
    counts : ndarray of int, shape (values, groups)
        People by value, every group summing to its known size; where there are several groups the first is all of
        them together.
    least : int
        Smallest count that is shown, beside 0; 0 or 1 shows all.

    Returns
    -------
    ndarray of bool, shape (values, groups)
        Cells from 1 to below ``least``, and as many others that what is hidden in a row or a column cannot be worked
        out from the rest: never one alone, and together ``least`` people or more, where there are so many.

    Examples
    --------
    >>> hidden_cells(np.array([[40], [3], [12]]), 10).ravel().tolist()
    [False, True, True]
    """
    hidden: Hidden = (counts > 0) & (counts < least)
    changed = bool(hidden.any())
    while changed:
        changed = False
        for line, cells in _lines(counts, hidden):
            inside = int(cells.sum())
            if not inside or (inside > 1 and line[cells].sum() >= least):
                continue
            free = np.flatnonzero(~cells & (line > 0))
            if len(free):
                cells[free[line[free].argmin()]] = True
                changed = True
    return hidden


def _lines(counts: Counts, hidden: Hidden) -> list[tuple[Counts, Hidden]]:
    """Return what adds up to something known: each column, and each row where there are groups (views, not copies)."""
    lines = [(counts[:, place], hidden[:, place]) for place in range(counts.shape[1])]
    if counts.shape[1] > 1:
        lines += [(counts[place], hidden[place]) for place in range(len(counts))]
    return lines


def cells_of(counts: Counts, sizes: Counts, least: int) -> list[list[Cell]]:
    """Return counts as cells, small ones hidden.

    Parameters
    ----------
    counts : ndarray of int, shape (values, groups)
    sizes : ndarray of int, shape (groups,)
    least : int
    """
    hidden = hidden_cells(counts, least)
    return [
        [
            Cell(None, None, least if 0 < count < least else 0) if away else Cell(count, count / size if size else None)
            for count, away, size in zip(line.tolist(), gone.tolist(), sizes.tolist(), strict=True)
        ]
        for line, gone in zip(counts, hidden, strict=True)
    ]
