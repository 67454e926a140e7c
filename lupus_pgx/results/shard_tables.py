"""Result tables of a shard of a cohort as Parquet: by gene or drug, then sample, so that one drug is read alone.

Genotypes and evidence are written by pattern (:mod:`lupus_pgx.results.shared_rows`): a row for each sample and gene or
drug with the name of its pattern, and beside it a table of the patterns. All other tables have the columns of the
frames. Cells are numbered once for each distinct row, so the work a row is a few array operations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lupus_pgx._version import __version__
from lupus_pgx.calling.calls import PROBABLE
from lupus_pgx.dtypes import column
from lupus_pgx.forks import side_by_side
from lupus_pgx.knowledge.rules import gene_of
from lupus_pgx.results.cells import cell_value
from lupus_pgx.results.columns import SAMPLE, Row
from lupus_pgx.results.context_tables import CONTEXT_TABLES, table_names, table_of
from lupus_pgx.results.features import measure
from lupus_pgx.results.files import atomic_path
from lupus_pgx.results.frames import frame
from lupus_pgx.results.patient import AnalysisData
from lupus_pgx.results.shared_rows import Group, changed_only, everything, shared_rows
from lupus_pgx.results.tables import TABLES, Results, ResultTable

ROWS = 1 << 20
"""Rows of a row group; it holds whole genes or drugs, so it may hold more. Each names all its samples anew."""

PATTERNS = {"variants": "variant_patterns", "evidence": "evidence_patterns"}
"""Tables that are written by pattern, and the table of their patterns."""
_LONG = ("drugs", "guidance", "variants")
FEATURES, MEANINGS = "features", "feature_dictionary"

_DICTIONARY = 1 << 28
"""Bytes: names of samples stay numbered, however many there are."""
_SAMPLES = 1 << 15
"""Samples whose features are written at a time."""
_COUNTS = ("n_reference", "n_assumed")
_ARROW = {"integer": pa.int64(), "number": pa.float64(), "probability": pa.float64()}
_TEXT = pa.string()

Numbers = npt.NDArray[np.int64]


def write_shard_tables(folder: Path, analysis: AnalysisData, schema_version: str, processes: int = 1) -> list[Path]:
    """Write the tables of a shard; several at a time where copies of this process may.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    results = analysis.results
    about = {
        "lupus_pgx.version": __version__,
        "lupus_pgx.data_release": analysis.provenance.data_release,
        "lupus_pgx.schema_version": schema_version,
    }
    # Those with the most rows first: what is left for the end is short, and no process waits for the other.
    names = sorted(table_names(results), key=lambda name: name not in _LONG)
    tasks = [partial(_write_table, folder, name, results, about) for name in names]
    tasks.insert(len(_LONG), partial(_write_features, folder, analysis, about))
    return [path for paths in side_by_side(tasks, processes) for path in paths]


def _write_table(folder: Path, name: str, results: Results, about: Mapping[str, str]) -> list[Path]:
    table = table_of(name, results)
    if name in PATTERNS:
        return _write_patterns(folder, name, table, about)
    writer = _Writer(name, (TABLES | CONTEXT_TABLES)[name].names, table.columns.kinds, about, typed=True)
    return [writer.write(folder, table.sample_ids, _segments(table, writer))]


# --- tables with the columns of the frames --------------------------------------------------------


class _Writer:
    """Writes one table: samples by number, and the rest of each row by the number of a distinct row."""

    def __init__(
        self, name: str, names: Sequence[str], kinds: Sequence[str], about: Mapping[str, str], *, typed: bool = False
    ) -> None:
        self.name = name
        self._kinds = kinds[1:]
        self._known: dict[Row, int] = {}
        self._rows: list[Row] = []
        fields = [
            pa.field(title, _ARROW[kind] if kind in _ARROW else pa.dictionary(pa.int32(), _TEXT))
            for title, kind in zip(names, kinds, strict=True)
        ]
        # What the frame tells pandas of its types; a table that is no frame has none.
        told = pa.Schema.from_pandas(frame(name, []), preserve_index=False).metadata if typed else None
        self._about = {**(told or {}), **about}
        # By these a reader finds the groups of a gene or drug. Of all other columns each group has nearly all values:
        # their least and greatest would help nobody, and finding them was half of the time of writing.
        self._sorted_by = [names[1]]
        self.schema = pa.schema(fields)

    def number(self, row: Row) -> int:
        """Return the number of a row."""
        number = self._known.setdefault(row, len(self._rows))
        if number == len(self._rows):
            self._rows.append(row)
        return number

    def write(self, folder: Path, sample_ids: Sequence[str], segments: Iterator[tuple[Numbers, Numbers]]) -> Path:
        """Write segments of sample numbers and row numbers; segments are joined to row groups."""
        path = folder / f"{self.name}.parquet"
        names = pa.array(sample_ids, _TEXT)
        # Text goes in numbered and comes out as text: the schema of Arrow is not kept, that of the file is enough.
        with (
            atomic_path(path) as temporary,
            pq.ParquetWriter(
                temporary, self.schema, compression="zstd", store_schema=False, write_statistics=self._sorted_by,
                dictionary_pagesize_limit=_DICTIONARY,
            ) as writer,
        ):  # fmt: skip
            writer.add_key_value_metadata(self._about)
            for samples, numbers in _joined(segments):
                columns = [_numbered(samples.astype(np.int32), names), *self._columns(numbers)]
                writer.write_table(pa.Table.from_arrays(columns, schema=self.schema), row_group_size=len(samples) or 1)
        return path

    def _columns(self, numbers: Numbers) -> Iterator[Any]:
        used = np.zeros(len(self._rows) or 1, bool)
        used[numbers] = True
        distinct = np.flatnonzero(used)
        places = np.zeros(len(used), np.intp)
        places[distinct] = np.arange(len(distinct))
        places = places[numbers]
        cells = zip(*(self._rows[number] for number in distinct.tolist()), strict=True)
        for kind, values in zip(self._kinds, cells, strict=True):
            found = [cell_value(kind, value) for value in values]
            known: dict[Any, int] = {}
            codes = np.array([-1 if item is None else known.setdefault(item, len(known)) for item in found], np.int32)
            values = pa.array(list(known), _ARROW.get(kind, _TEXT))  # noqa: PLW2901
            column = _numbered(codes[places], values, gaps=bool((codes < 0).any()))
            yield column.dictionary_decode() if kind in _ARROW else column


def _numbered(codes: npt.NDArray[np.int32], values: Any, *, gaps: bool = False) -> Any:
    """Return numbered values; below 0, where there are such gaps, there is none."""
    index = pa.array(codes, mask=codes < 0 if gaps else None)
    return pa.DictionaryArray.from_arrays(index, values)


def _joined(segments: Iterator[tuple[Numbers, Numbers]]) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield segments together until they are long enough for a row group."""
    waiting: list[tuple[Numbers, Numbers]] = []
    rows = 0
    for segment in segments:
        waiting.append(segment)
        rows += len(segment[0])
        if rows >= ROWS:
            yield _together(waiting)
            waiting, rows = [], 0
    if rows:
        yield _together(waiting)


def _together(segments: Sequence[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
    return np.concatenate([item[0] for item in segments]), np.concatenate([item[1] for item in segments])


def _segments(table: ResultTable, writer: _Writer) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield for each gene or drug the samples, and the numbers of their rows."""
    special: dict[int, dict[int, list[int]]] = {}
    for (place, sample), rows in table.special.items():
        special.setdefault(place, {})[sample] = [writer.number(row) for row in rows]
    for place, part in enumerate(table.parts):
        used = np.flatnonzero(np.bincount(part.index)).tolist()
        rows_of = {number: [writer.number(row) for row in part.rows(number)] for number in used}
        yield _lines(part.index, rows_of, special.get(place, {}))


def _lines(
    index: npt.NDArray[np.integer], rows_of: Mapping[int, list[int]], special: Mapping[int, list[int]]
) -> tuple[Numbers, Numbers]:
    """Return sample and row number of each line: those of the value of a sample, or its own."""
    size = max(rows_of, default=0) + 1
    counts, starts = np.zeros(size, np.int64), np.zeros(size, np.int64)
    flat: list[int] = []
    for number, rows in rows_of.items():
        counts[number], starts[number] = len(rows), len(flat)
        flat += rows
    each = counts[index]
    each[list(special)] = 0
    samples = np.repeat(np.arange(len(index)), each)
    within = np.arange(len(samples)) - np.repeat(np.cumsum(each) - each, each)
    numbers = np.array(flat, np.int64)[starts[index[samples]] + within] if flat else np.zeros(0, np.int64)
    if not special:
        return samples, numbers
    own = [(sample, number) for sample, rows in special.items() for number in rows]
    samples = np.concatenate([samples, np.array([item[0] for item in own], np.int64)])
    numbers = np.concatenate([numbers, np.array([item[1] for item in own], np.int64)])
    order = np.argsort(samples, kind="stable")
    return samples[order], numbers[order]


# --- tables by pattern ----------------------------------------------------------------------------


def _write_patterns(folder: Path, name: str, table: ResultTable, about: Mapping[str, str]) -> list[Path]:
    """Write which sample has which pattern, and the rows of the patterns."""
    key = table.columns.columns[0].name
    names = (SAMPLE, key, "pattern", *(_COUNTS if name == "variants" else ()))
    kinds = ("text", "text", "text", *(("integer",) * (len(names) - 3)))
    of_samples = _Writer(name, names, kinds, about)
    of_patterns = _Writer(PATTERNS[name], ("pattern", *table.columns.names[1:]), table.columns.kinds, about)
    reduce = changed_only(table.columns.names[1:]) if name == "variants" else everything
    ids: list[str] = []
    lines: list[int] = []

    def segments() -> Iterator[tuple[Numbers, Numbers]]:
        for group in shared_rows(table, lambda part: gene_of(part.key) if key == "gene" else part.key, reduce):
            rows_of = {place: _index_row(group, place, name, of_samples) for place in range(len(group.patterns))}
            for pattern in group.patterns:
                ids.extend([pattern.name] * len(pattern.rows))
                lines.extend(of_patterns.number(row) for row in pattern.rows)
            yield _lines(group.index, rows_of, {})

    first = of_samples.write(folder, table.sample_ids, segments())
    distinct = list(dict.fromkeys(ids))
    places = {pattern: number for number, pattern in enumerate(distinct)}
    samples = np.array([places[item] for item in ids], np.int64)
    second = of_patterns.write(folder, distinct, iter([(samples, np.array(lines, np.int64))]))
    return [first, second]


def _index_row(group: Group, place: int, name: str, writer: _Writer) -> list[int]:
    pattern = group.patterns[place]
    if name == "variants":
        return [writer.number((group.key, pattern.name, pattern.seen, pattern.assumed))]
    return [writer.number((group.key, pattern.name))] if pattern.rows else []


def join_patterns(paths: Sequence[Path], target: Path) -> None:
    """Write the patterns of several tables as one, each pattern once.

    Raises
    ------
    OSError
        If one cannot be read or written.
    """
    known = pa.array([], _TEXT)
    with atomic_path(target) as temporary, pq.ParquetWriter(temporary, pq.read_schema(paths[0])) as writer:
        for path in paths:
            found = pq.read_table(path)
            new = found.filter(pc.invert(pc.is_in(found["pattern"], known)))
            known = pa.concat_arrays([known, pc.unique(new["pattern"].combine_chunks())])
            writer.write_table(new)


def expanded(name: str, index: Sequence[Path], patterns: Path) -> Any:
    """Return a table that was written by pattern row by row, in the columns of the frame."""
    columns = TABLES[name].names
    key = columns[1]
    pairs = pa.concat_tables([pq.read_table(path, columns=[SAMPLE, key, "pattern"]) for path in index])
    rows = pq.read_table(patterns).drop_columns([key])
    found = pairs.join(rows.append_column("place", pa.array(range(rows.num_rows))), "pattern", join_type="inner")
    samples = pc.index_in(found[SAMPLE], pc.unique(pairs[SAMPLE]))
    found = found.append_column("sample", samples)
    found = found.sort_by([(name, "ascending") for name in ("sample", key, "place")])
    told = pa.Schema.from_pandas(frame(name, []), preserve_index=False).metadata
    types = [_ARROW.get(kind, pa.large_string()) for kind in TABLES[name].kinds]
    wanted = pa.schema(list(zip(columns, types, strict=True)), metadata=told)
    return found.select(list(columns)).cast(wanted).to_pandas()


# --- features -------------------------------------------------------------------------------------


def _write_features(folder: Path, analysis: AnalysisData, about: Mapping[str, str]) -> list[Path]:
    """Write the features of each sample, and what each column means."""
    listed, _ = measure(analysis.results, analysis.knowledge, PROBABLE, False, False, slice(0))
    fields = [pa.field(SAMPLE, _TEXT), *(pa.field(item.column, pa.float64()) for item in listed)]
    schema = pa.schema(fields, metadata=dict(about))
    paths = [folder / f"{FEATURES}.parquet", folder / f"{MEANINGS}.parquet"]
    with atomic_path(paths[0]) as temporary, pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
        # Some hundreds of columns: those of all samples at once would be gigabytes.
        for start in range(0, len(analysis.sample_ids), _SAMPLES):
            some = slice(start, start + _SAMPLES)
            _, values = measure(analysis.results, analysis.knowledge, PROBABLE, False, False, some)
            columns = [pa.array(values[:, place], from_pandas=True) for place in range(len(listed))]
            names = pa.array(analysis.sample_ids[some], _TEXT)
            writer.write_table(pa.Table.from_arrays([names, *columns], schema=schema))
    meanings = [{name: getattr(item, name) or None for name in item.__slots__} for item in listed]
    with atomic_path(paths[1]) as temporary:
        pq.write_table(pa.Table.from_pylist(meanings).replace_schema_metadata(dict(about)), temporary)
    return paths


def dictionary(path: Path, features: Sequence[Path]) -> Any:
    """Return the data dictionary as a frame, with how many samples have no value of each feature."""
    told = pq.read_table(path).to_pylist()
    values = pa.concat_tables([pq.read_table(item) for item in features])
    columns = {name: column("text", [row[name] for row in told]) for name in told[0]}
    return pd.DataFrame({**columns, "n_missing": column("integer", [values[row["column"]].null_count for row in told])})
