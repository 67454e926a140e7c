"""What differs between two results of one drug, gene or marker, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lupus_pgx.results.cells import cell_text, texts_of
from lupus_pgx.results.columns import Columns, Row

ROW = "row"
"""Stands in the place of a column where a whole row is in one result only."""
PRESENT = "present"

_Line = tuple[str, ...]


class CellChange(NamedTuple):
    """One cell that differs, as text of the TSV files; empty for unknown.

    ``key`` is the row's cells in the key columns. Where a whole row is in one result only,
    ``column`` is ``row``, and ``before`` or ``after`` is ``present``. ``within`` is what of the key tells rows of one
    drug, gene or marker apart. Of a list of several items, ``gone`` and ``new`` are those of one side only.
    """

    key: str
    column: str
    before: str
    after: str
    within: str = ""
    listed: bool = False
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


def differing_cells(
    columns: Columns[Any], before: Sequence[Row], after: Sequence[Row], part: str = ""
) -> tuple[CellChange, ...]:
    """Compare the rows of a part, matched by their key columns.

    Parameters
    ----------
    columns : Columns
    before, after : sequence of tuple
        Rows without the sample.
    part : str
        Drug, gene or marker that the rows are about.

    Returns
    -------
    tuple of CellChange
    """
    if before == after:  # most parts of most samples: nothing is written as text for them
        return ()
    kinds, names = columns.kinds[1:], columns.names[1:]
    places = [names.index(key) for key in columns.keys]
    sides = (_by_key(kinds, places, before), _by_key(kinds, places, after))
    found: list[CellChange] = []
    for key in dict.fromkeys((*sides[0], *sides[1])):
        named, within = " ".join(cell for cell in key if cell), _within(key, part)
        first, second = sides[0].get(key, []), sides[1].get(key, [])
        for one, other in zip(first, second, strict=False):
            for column, kind, old, new in zip(names, kinds, one, other, strict=True):
                # By text: a probability that differs behind its fourth decimal is no change that anybody sees.
                texts = cell_text(kind, old), cell_text(kind, new)
                if texts[0] != texts[1]:
                    listed, left, joined = _moved(texts_of(kind, old), texts_of(kind, new))
                    found.append(CellChange(named, column, *texts, within, listed, left, joined))
        gone, more = len(first) - len(second), len(second) - len(first)
        found += [CellChange(named, ROW, PRESENT, "", within)] * gone
        found += [CellChange(named, ROW, "", PRESENT, within)] * more
    return tuple(found)


def _by_key(kinds: Sequence[str], places: Sequence[int], rows: Sequence[Row]) -> dict[_Line, list[Row]]:
    """Group rows by the text of their key columns."""
    found: dict[_Line, list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(cell_text(kinds[place], row[place]) for place in places), []).append(row)
    return found


def _within(key: _Line, part: str) -> str:
    """Return the cells of a key behind those that name the part."""
    own = next((number for number in range(1, len(key) + 1) if " ".join(key[:number]) == part), 0)
    return " ".join(cell for cell in key[own:] if cell)


def _moved(before: Sequence[str], after: Sequence[str]) -> tuple[bool, tuple[str, ...], tuple[str, ...]]:
    """Return whether there are several items, and which left and joined the list."""
    if len(before) < 2 and len(after) < 2:
        return False, (), ()
    return (
        True,
        tuple(text for text in before if text not in after),
        tuple(text for text in after if text not in before),
    )
