"""Rows that many samples share, each written once: patterns of genotypes and of evidence.

Most people of a cohort have the same genotypes at a gene, and the same evidence about a drug. A pattern is the rows of
one gene or drug; its name is a checksum of them, so that shards, runs and machines name the same rows alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index, combine, narrow
from lupus_pgx.results.columns import Row
from lupus_pgx.results.tables import Part, ResultTable
from lupus_pgx.terms import LocusStatus

_DIGITS = 16
_SEEN = (LocusStatus.OBSERVED.value, LocusStatus.COVERED_REFERENCE.value)
_ASSUMED = LocusStatus.ASSUMED_REFERENCE.value


@dataclass(frozen=True, slots=True)
class Shared:
    """Rows that are kept, of one value or of several together.

    Attributes
    ----------
    rows : tuple of Row
    seen, assumed : int
        Rows that are not kept: reference genotypes that were seen, and those that were assumed.
    name : str
        The same rows have the same name, whatever file they are of.
    """

    rows: tuple[Row, ...]
    seen: int
    assumed: int
    name: str

    @classmethod
    def of(cls, rows: Sequence[Row], seen: int = 0, assumed: int = 0) -> Shared:
        """Name some rows."""
        text = json.dumps([rows, seen, assumed], default=str, ensure_ascii=False)
        return cls(tuple(rows), seen, assumed, _digest(text))

    @classmethod
    def together(cls, pieces: Sequence[Shared]) -> Shared:
        """Join the rows of several values, in their order."""
        # Pieces without rows differ in what was left out, which counts by its sum only.
        seen, assumed = sum(piece.seen for piece in pieces), sum(piece.assumed for piece in pieces)
        kept = [piece for piece in pieces if piece.rows]
        name = _digest("\n".join([f"{seen} {assumed}", *(piece.name for piece in kept)]))
        return cls(tuple(row for piece in kept for row in piece.rows), seen, assumed, name)


@dataclass(frozen=True, slots=True)
class Group:
    """A gene or a drug: its distinct patterns, and which sample has which."""

    key: str
    patterns: Sequence[Shared]
    index: npt.NDArray[np.integer]


Reduce = Callable[[Iterable[Row]], Shared]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]


def changed_only(columns: Sequence[str]) -> Reduce:
    """Return what keeps of genotypes those that are not reference, are doubtful, unknown or remarked upon.

    Parameters
    ----------
    columns : sequence of str
        Names of the cells of a row.
    """
    places = [columns.index(name) for name in ("genotype", "ref", "status", "note")]

    def reduce(rows: Iterable[Row]) -> Shared:
        kept: list[Row] = []
        seen = assumed = 0
        for row in rows:
            genotype, ref, status, note = (row[place] for place in places)
            letters = genotype.replace("|", "/").split("/") if genotype else [None]
            if any(item != ref for item in letters):
                kept.append(row)
            elif status == _ASSUMED:
                assumed += 1
            elif status in _SEEN and not note:
                seen += 1
            else:
                kept.append(row)
        return Shared.of(kept, seen, assumed)

    return reduce


def everything(rows: Iterable[Row]) -> Shared:
    """Keep all rows."""
    return _named(tuple(rows))


@lru_cache(maxsize=1 << 14)
def _named(rows: tuple[Row, ...]) -> Shared:
    return Shared.of(rows)


def shared_rows(table: ResultTable, key_of: Callable[[Part], str], reduce: Reduce) -> Iterator[Group]:
    """Yield the patterns of each group of parts of a table, worked out once for the samples that share them.

    Parameters
    ----------
    table : ResultTable
    key_of : callable
        Returns the gene or drug of a part; parts of one stand together.
    reduce : callable
        Says of the rows of one value which are kept.
    """
    places: dict[str, list[int]] = {}
    for place, part in enumerate(table.parts):
        places.setdefault(key_of(part), []).append(place)
    special: dict[int, dict[int, Shared]] = {}
    for (place, sample), rows in table.special.items():
        special.setdefault(place, {})[sample] = reduce(rows)
    for key, own in places.items():
        yield _group(key, table, own, special, reduce)


def _group(
    key: str, table: ResultTable, places: Sequence[int], special: dict[int, dict[int, Shared]], reduce: Reduce
) -> Group:
    parts = [_pieces(table.parts[place], reduce) for place in places]
    example, index = combine([(part, len(own)) for own, part in parts], len(table.sample_ids))

    def pieces(sample: int) -> list[Shared]:
        return [own[int(part[sample])] for own, part in parts]

    found = [Shared.together(pieces(sample)) for sample in example.tolist()]
    numbers = np.array(index, np.int64)
    for sample in sorted(set().union(*(special.get(place, ()) for place in places))):
        numbers[sample] = len(found)
        own = zip(places, pieces(sample), strict=True)
        found.append(Shared.together([special.get(place, {}).get(sample, usual) for place, usual in own]))
    order: dict[str, int] = {}
    renumbered = np.array([order.setdefault(item.name, len(order)) for item in found], np.int64)
    by_name = {item.name: item for item in found}
    return Group(key, [by_name[name] for name in order], narrow(renumbered[numbers], len(order)))


def _pieces(part: Part, reduce: Reduce) -> tuple[list[Shared], Index]:
    """Return the distinct pieces of a part, and that of each sample: many values differ in what no piece shows."""
    used = np.flatnonzero(np.bincount(part.index))
    known: dict[str, int] = {}
    pieces: list[Shared] = []
    numbers = np.zeros(int(used.max(initial=0)) + 1, np.intp)
    for value in used.tolist():
        piece = reduce(part.rows(value))
        numbers[value] = known.setdefault(piece.name, len(pieces))
        if len(known) > len(pieces):
            pieces.append(piece)
    return pieces, narrow(numbers, len(pieces))[part.index]
