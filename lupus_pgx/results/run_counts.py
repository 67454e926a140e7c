"""Counts over all shards of a cohort, from their Parquet files: one shard at a time, no row made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lupus_pgx.results.columns import SAMPLE

_ASKED = {
    "drugs": ("drug", "action", "predicted_response"),
    "diplotypes": ("gene", "phenotype", "call_status"),
    "markers": ("gene", "marker", "category", "genotype"),
}
"""Columns whose combinations are counted, by table."""
_SUMS = ("n_loci", "n_observed")

Key = tuple[str | None, ...]


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
        ids = pa.array(samples, pa.string())
        for table, asked in _ASKED.items():
            _count_table(folder / f"{table}.parquet", table, asked, (ids, own), counts)
    if len(names) == 0:
        return counts
    # Who is in no group was counted under 0: all together are the sum.
    counts.sizes[0] = counts.sizes.sum()
    for line in [*(line for found in counts.tables.values() for line in found.values()), *counts.open.values()]:
        line[0] = line.sum()
    return counts


def _count_table(
    path: Path, table: str, asked: Sequence[str], grouped: tuple[Any, npt.NDArray[np.int64]], counts: RunCounts
) -> None:
    ids, own = grouped
    more = (*_SUMS, "missing_essential") if table == "diplotypes" else ()
    found = pq.read_table(path, columns=[SAMPLE, *asked, *more], read_dictionary=[SAMPLE, *asked]).unify_dictionaries()
    places = pc.index_in(found[SAMPLE], ids)
    found = found.append_column("group", pa.array(own).take(places.combine_chunks()))
    lines = counts.tables.setdefault(table, {})
    for row in _grouped(found, asked):
        key = tuple(row[name] for name in asked)
        line = lines.setdefault(key, np.zeros(len(counts.sizes), np.int64))
        line[row["group"]] += row["count_all"]
    if not more:
        return
    open_ones = found.filter(pc.is_valid(found["missing_essential"]))
    for row in _grouped(open_ones, ("gene",)):
        line = counts.open.setdefault(row["gene"], np.zeros(len(counts.sizes), np.int64))
        line[row["group"]] += row["count_all"]
    for row in found.group_by("gene").aggregate([(name, "sum") for name in _SUMS]).to_pylist():
        total = counts.seen.setdefault(row["gene"], np.zeros(2, np.int64))
        total += [row[f"{name}_sum"] for name in _SUMS]


def _grouped(table: Any, asked: Sequence[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.group_by([*asked, "group"]).aggregate([([], "count_all")]).to_pylist()
    return rows
