"""Counts over all shards of a cohort, from their Parquet files: one shard at a time, no row made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from lupus_pgx.encoded import combine
from lupus_pgx.results.columns import SAMPLE

_ASKED = {
    "drugs": ("drug", "action", "predicted_response"),
    "diplotypes": ("gene", "phenotype", "call_status", "note"),
    "markers": ("gene", "marker", "category", "genotype"),
}
"""Columns whose combinations are counted, by table."""
_SUMS = ("n_loci", "n_observed")

Key = tuple[str | None, ...]
Numbers = npt.NDArray[np.int64]
_Coded = tuple[list[Any], Numbers]
"""Distinct values, and the number of that of each row."""
_Groups = tuple[int, Numbers | None]
"""How many groups there are, and that of each row; None where all rows are of one."""


@dataclass(slots=True)
class RunCounts:
    """People by what was found, and by group.

    Attributes
    ----------
    groups : list of str
        All first, then the groups.
    sizes : ndarray of int, shape (groups,)
    tables : dict of table to dict of cells to ndarray of int, shape (groups,)
    seen : dict of gene to ndarray of int, shape (2,)
        Loci and observed loci over all samples.
    open : dict of gene to ndarray of int, shape (groups,)
        Samples in which an essential locus is missing.
    """

    groups: list[str]
    sizes: npt.NDArray[np.int64]
    tables: dict[str, dict[Key, npt.NDArray[np.int64]]] = field(default_factory=dict)
    seen: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    open: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)


def count_run(folders: Iterable[tuple[Path, Sequence[str]]], group_of: Mapping[str, str], everyone: str) -> RunCounts:
    """Count what the shards of a run hold.

    Parameters
    ----------
    folders : iterable of (Path, sequence of str)
        Folder and samples of each shard.
    group_of : mapping of sample to str
        Empty where nobody is grouped.
    everyone : str
        Name of all together.
    """
    names = sorted(set(group_of.values()))
    numbers = {name: place for place, name in enumerate(names, 1)}
    counts = RunCounts([everyone, *names], np.zeros(len(names) + 1, np.int64))
    for folder, samples in folders:
        own = np.array([numbers.get(group_of.get(sample, ""), 0) for sample in samples], np.int64)
        counts.sizes += np.bincount(own, minlength=len(counts.sizes))
        for table, asked in _ASKED.items():
            _count_table(folder / f"{table}.parquet", table, asked, (samples, own), counts)
    if len(names) == 0:
        return counts
    # Who is in no group was counted under 0: all together are the sum.
    counts.sizes[0] = counts.sizes.sum()
    for line in [*(line for found in counts.tables.values() for line in found.values()), *counts.open.values()]:
        line[0] = line.sum()
    return counts


def _count_table(
    path: Path, table: str, asked: Sequence[str], grouped: tuple[Sequence[str], Numbers], counts: RunCounts
) -> None:
    more = (*_SUMS, "missing_essential") if table == "diplotypes" else ()
    names = [*asked, *([SAMPLE] if len(counts.sizes) > 1 else [])]
    lines = counts.tables.setdefault(table, {})
    file = pq.ParquetFile(path, read_dictionary=names)
    for number in range(file.num_row_groups):
        found = file.read_row_group(number, columns=[*names, *more]).unify_dictionaries()
        columns = [_codes(found[name]) for name in asked]
        group = _group_of_rows(found, grouped, len(counts.sizes))
        _add(lines, columns, group, slice(None))
        if more:
            _count_loci(found, columns[0], group, counts)


def _count_loci(found: Any, of_gene: _Coded, group: _Groups, counts: RunCounts) -> None:
    by_gene: dict[Key, Numbers] = {}
    _add(by_gene, [of_gene], group, found["missing_essential"].is_valid().to_numpy())
    genes, numbers = of_gene
    sums = np.array([np.bincount(numbers, found[name].to_numpy(), len(genes)) for name in _SUMS], np.int64)
    for gene, own in zip(genes[:-1], sums.T[:-1], strict=True):
        counts.seen[gene] = counts.seen.get(gene, np.zeros(2, np.int64)) + own
        if (gene,) in by_gene:
            counts.open[gene] = counts.open.get(gene, 0) + by_gene[gene,]


def _group_of_rows(found: Any, grouped: tuple[Sequence[str], Numbers], count: int) -> _Groups:
    """Return how many groups there are, and that of each row; None where nobody is grouped."""
    if count == 1:
        return 1, None
    names, numbers = _codes(found[SAMPLE])
    group_of = dict(zip(*grouped, strict=True))
    return count, np.array([group_of.get(name, 0) for name in names])[numbers]


def _codes(column: Any) -> _Coded:
    """Return the distinct values of a numbered column, nothing last, and the number of that of each row."""
    values: list[Any] = column.chunk(0).dictionary.to_pylist() if column.num_chunks else []
    chunks = [chunk.indices.fill_null(len(values)).to_numpy(zero_copy_only=False) for chunk in column.chunks]
    return [*values, None], np.concatenate(chunks) if chunks else np.zeros(0, np.int32)


def _add(lines: dict[Key, Numbers], columns: Sequence[_Coded], group: _Groups, rows: Any) -> None:
    """Count the combinations of some columns among some rows, by group."""
    count, of_rows = group
    codes = [(numbers[rows], len(values)) for values, numbers in columns]
    example, index = combine(codes, len(codes[0][0]))
    keys = [
        tuple(values[int(numbers[place])] for (values, _), (numbers, _) in zip(columns, codes, strict=True))
        for place in example
    ]
    groups = 0 if of_rows is None else of_rows[rows]
    found = np.bincount(index.astype(np.int64) * count + groups, minlength=len(keys) * count).reshape(len(keys), count)
    for key, line in zip(keys, found, strict=True):
        lines[key] = lines.get(key, 0) + line
