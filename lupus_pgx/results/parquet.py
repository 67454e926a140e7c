"""Result tables as Parquet: the columns and types of the frames, written in row groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from lupus_pgx._version import __version__
from lupus_pgx.bounded import short
from lupus_pgx.errors import InputError
from lupus_pgx.progress import track
from lupus_pgx.results.cells import cell_value
from lupus_pgx.results.columns import Columns, Row
from lupus_pgx.results.context_tables import CONTEXT_TABLES, table_names, table_of
from lupus_pgx.results.files import atomic_path
from lupus_pgx.results.frames import frame
from lupus_pgx.results.tables import TABLES, Results, ResultTable

GROUP = 1 << 17
"""Rows of a row group; a group holds whole samples, so it may hold somewhat more."""

_ARROW = {"integer": pa.int64(), "number": pa.float64(), "probability": pa.float64()}
"""Types of columns; those of all others are text."""

Numbers = npt.NDArray[np.int64]


def write_tables(folder: Path, results: Results, data_release: str, schema_version: str) -> list[Path]:
    """Write each result table as ``NAME.parquet``.

    Parameters
    ----------
    folder : Path
    results : Results
    data_release, schema_version : str
        Go into the metadata of each file, with the software version.

    Returns
    -------
    list of Path

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    about = {
        "lupus_pgx.version": __version__,
        "lupus_pgx.data_release": data_release,
        "lupus_pgx.schema_version": schema_version,
    }
    paths = []
    for name in track(table_names(results), "writing", " tables"):
        path = folder / f"{name}.parquet"
        with atomic_path(path) as temporary:
            _write(temporary, table_of(name, results), _schema(name, about))
        paths.append(path)
    return paths


def _schema(name: str, about: dict[str, str]) -> Any:
    """Return the Arrow schema that gives back the types of the frame."""
    columns = (TABLES | CONTEXT_TABLES)[name]
    pandas = pa.Schema.from_pandas(frame(name, []), preserve_index=False).metadata
    # An object column without values has no Arrow type, so the frame tells pandas its types, but not Arrow.
    fields = [
        (column, _ARROW.get(kind, pa.large_string())) for column, kind in zip(columns.names, columns.kinds, strict=True)
    ]
    return pa.schema(fields, metadata={**(pandas or {}), **about})


def _write(path: Path, table: ResultTable, schema: Any) -> None:
    rows = _Rows(table.columns, schema)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for samples, counts, numbers in _groups(table, rows):
            columns = [pa.array(samples, schema.field(0).type).take(np.repeat(np.arange(len(samples)), counts))]
            writer.write_table(pa.Table.from_arrays([*columns, *rows.columns(numbers)], schema=schema))


def _groups(table: ResultTable, rows: _Rows) -> Iterator[tuple[list[str], list[int], Numbers]]:
    """Yield the samples of each row group, how many rows each has, and the numbers of the rows."""
    samples: list[str] = []
    counts: list[int] = []
    numbers: list[int] = []
    for sample, found in table.rendered(rows.number):
        samples.append(sample)
        counts.append(len(found))
        numbers += found
        if len(numbers) >= GROUP:
            yield samples, counts, np.array(numbers, np.int64)
            samples, counts, numbers = [], [], []
    if numbers:
        yield samples, counts, np.array(numbers, np.int64)


class _Rows:
    """The distinct rows of a table, without the sample, by number."""

    def __init__(self, columns: Columns[Any], schema: Any) -> None:
        self._kinds = columns.kinds[1:]
        self._types = [field.type for field in schema][1:]
        self._known: dict[Row, int] = {}
        self._rows: list[Row] = []

    def number(self, row: Row) -> int:
        """Return the number of a row."""
        number = self._known.setdefault(row, len(self._rows))
        if number == len(self._rows):
            self._rows.append(row)
        return number

    def columns(self, numbers: Numbers) -> Sequence[Any]:
        """Return the columns of rows; each distinct cell is turned into its Arrow type once."""
        distinct, places = np.unique(numbers, return_inverse=True)
        cells = zip(*(self._rows[number] for number in distinct.tolist()), strict=True)
        return [
            pa.array([cell_value(kind, value) for value in values], form).take(places)
            for kind, form, values in zip(self._kinds, self._types, cells, strict=True)
        ]


def join_tables(paths: Sequence[Path], target: Path) -> None:
    """Write the rows of several Parquet files of one table as one, in their order.

    Raises
    ------
    OSError
        If one cannot be read or written.
    """
    with pq.ParquetWriter(target, pq.read_schema(paths[0]), compression="zstd") as writer:
        for path in paths:
            writer.write_table(pq.read_table(path))


def as_text(path: str) -> str:
    """Return the rows of a Parquet file of a result table as tab-separated text, with its header.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        found = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: cannot be read as Parquet ({short(str(error))})") from error
    columns = [["" if value is None else str(value) for value in column.to_pylist()] for column in found.columns]
    return "".join("\t".join(cells) + "\n" for cells in (found.column_names, *zip(*columns, strict=True)))


def read_tables(paths: Sequence[Path]) -> Any:
    """Return several Parquet files of one table as one frame, with the types of the frames."""
    return pa.concat_tables([pq.read_table(path) for path in paths]).to_pandas()
