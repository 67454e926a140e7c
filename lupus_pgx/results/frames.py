"""Results as tidy pandas DataFrames, with the columns, order and values of the TSV files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields

import numpy as np
import numpy.typing as npt
import pandas as pd

from lupus_pgx.calling.calls import PROBABLE
from lupus_pgx.dtypes import column, labels
from lupus_pgx.errors import unknown_name
from lupus_pgx.results.cells import LISTS, cell_value
from lupus_pgx.results.columns import Row
from lupus_pgx.results.context_tables import CONTEXT_TABLES, review_rows, table_of
from lupus_pgx.results.differences import CellChange
from lupus_pgx.results.features import Feature, measure
from lupus_pgx.results.patient import AnalysisData
from lupus_pgx.results.tables import TABLES, Results
from lupus_pgx.review.review import TreatmentReview


def frame(table: str, rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows of a result table as a DataFrame.

    Parameters
    ----------
    table : str
        Name of the result table (``variants``, ``diplotypes`` ...).
    rows : iterable of tuple

    Returns
    -------
    DataFrame
        Typed as ``lupus_pgx.dtypes`` says: text has NaN for empty; probabilities are those of the
        TSV file, to 4 decimals.
    """
    columns = (TABLES | CONTEXT_TABLES)[table]
    lines = list(rows)
    cells = zip(*lines, strict=True) if lines else [()] * len(columns.names)
    return pd.DataFrame(
        {
            name: column("text" if kind in ("flag", *LISTS) else kind, [cell_value(kind, value) for value in values])
            for name, kind, values in zip(columns.names, columns.kinds, cells, strict=True)
        }
    )


def of_table(name: str, results: Results) -> pd.DataFrame:
    """Frame of a result table, by its file name."""
    return frame(name, table_of(name, results).rows())


def of_review(review: TreatmentReview, table: str = "resistance") -> pd.DataFrame:
    """Frame of one table of a review: ``resistance`` (the findings), ``course``, ``monitoring`` or ``options``.

    Raises
    ------
    UsageError
        If there is no such table.
    """
    names = ("resistance", "course", "monitoring", "options")
    if table not in names:
        raise unknown_name("table of a review", table, names)
    return frame(table, ((review.sample_id, *row) for row in review_rows(table, review)))


def of_changes(
    sample_ids: Sequence[str], changes: Iterable[tuple[str, Sequence[Sequence[CellChange]], npt.NDArray[np.integer]]]
) -> pd.DataFrame:
    """Frame of a comparison: one row per sample and cell that differs, as text, NaN for empty.

    Parameters
    ----------
    sample_ids : sequence of str
    changes : iterable of (table name, distinct lists of changes, index)
        ``index``, shape (samples,), is the number of the list of each sample.

    Returns
    -------
    DataFrame
        Columns ``sample_id table key column before after``, by sample, then in the order of the tables.
    """
    texts: list[tuple[str, str, str, str, str]] = []
    samples, numbers = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    for table, distinct, index in changes:
        lengths = np.array([len(items) for items in distinct])
        starts = np.cumsum(lengths) - lengths + len(texts)
        texts += [(table, *change[:4]) for items in distinct for change in items]
        each = lengths[index]
        within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
        samples.append(np.repeat(np.arange(len(each)), each))
        numbers.append(np.repeat(starts[index], each) + within)
    sample, number = np.concatenate(samples), np.concatenate(numbers)
    order = np.argsort(sample, kind="stable")
    names = column("text", sample_ids)
    columns = {"sample_id": names.take(sample[order])}
    for place, name in enumerate(("table", "key", "column", "before", "after")):
        cells = column("text", [text[place] or None for text in texts])
        columns[name] = cells.take(number[order])
    return pd.DataFrame({name: cells.reset_index(drop=True) for name, cells in columns.items()})


def features(
    analysis: AnalysisData,
    *,
    min_probability: float = PROBABLE,
    probabilities: bool = False,
    drop_constant: bool = False,
) -> pd.DataFrame:
    """Return samples as numbers: see :meth:`lupus_pgx.Analysis.features`."""
    listed, values = measure(analysis.results, analysis.knowledge, min_probability, probabilities, drop_constant)
    index = labels(analysis.sample_ids, "sample_id")
    return pd.DataFrame(values, index=index, columns=labels(item.column for item in listed))


def feature_dictionary(
    analysis: AnalysisData,
    *,
    min_probability: float = PROBABLE,
    probabilities: bool = False,
    drop_constant: bool = False,
) -> pd.DataFrame:
    """Return what the columns of :func:`features` mean: see :meth:`lupus_pgx.Analysis.feature_dictionary`."""
    listed, values = measure(analysis.results, analysis.knowledge, min_probability, probabilities, drop_constant)
    names = [field.name for field in fields(Feature)]
    columns = {name: column("text", [getattr(item, name) or None for item in listed]) for name in names}
    return pd.DataFrame({**columns, "n_missing": column("integer", np.isnan(values).sum(axis=0))})
