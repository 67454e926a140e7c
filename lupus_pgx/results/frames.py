"""Results as tidy pandas DataFrames, with the columns, order and values of the TSV files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from lupus_pgx.calling.calls import PROBABLE
from lupus_pgx.columns import column, labels
from lupus_pgx.errors import unknown_name
from lupus_pgx.results import tables as records
from lupus_pgx.results.context_tables import CONTEXT_TABLES, context_table, review_rows
from lupus_pgx.results.features import Feature, measure
from lupus_pgx.results.tables import TABLES, Row, cell_value


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
        Typed as ``lupus_pgx.columns`` says: text has NaN for empty; probabilities are those of the
        TSV file, to 4 decimals.
    """
    columns = (TABLES | CONTEXT_TABLES)[table]
    lines = list(rows)
    cells = zip(*lines, strict=True) if lines else [()] * len(columns.names)
    return pd.DataFrame(
        {
            name: column(kind, [cell_value(kind, value) for value in values])
            for name, kind, values in zip(columns.names, columns.kinds, cells, strict=True)
        }
    )


def of_genotypes(genotypes: Any) -> pd.DataFrame:
    """Frame of ``variants.tsv``."""
    return frame("variants", records.variant_table(genotypes).rows())


def of_diplotypes(phenotypes: Any) -> pd.DataFrame:
    """Frame of ``diplotypes.tsv``."""
    return frame("diplotypes", records.diplotype_table(phenotypes).rows())


def of_markers(markers: Any) -> pd.DataFrame:
    """Frame of ``markers.tsv``."""
    return frame("markers", records.marker_table(markers).rows())


def of_responses(responses: Any) -> pd.DataFrame:
    """Frame of ``drugs.tsv``."""
    return frame("drugs", records.drug_table(responses).rows())


def of_guidance(fired: Any) -> pd.DataFrame:
    """Frame of ``guidance.tsv``."""
    return frame("guidance", records.guidance_table(fired.responses).rows())


def of_evidence(fired: Any) -> pd.DataFrame:
    """Frame of ``evidence.tsv``."""
    return frame("evidence", records.evidence_table(fired.responses).rows())


def of_review(review: Any, table: str = "resistance") -> pd.DataFrame:
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


def of_context_table(view: Any) -> pd.DataFrame:
    """Frame of a table that the clinical context adds."""
    return frame(view.name, context_table(view.name, view.results).rows())


def of_comparison(comparison: Any) -> pd.DataFrame:
    """Frame of a comparison: one row per sample and cell that differs, as text, NaN for empty.

    Returns
    -------
    DataFrame
        Columns ``sample_id table key column before after``, by sample, then in the order of the tables.
    """
    texts: list[tuple[str, str, str, str, str]] = []
    samples, numbers = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    for item in comparison.changes:
        lengths = np.array([len(changes) for changes in item.distinct])
        starts = np.cumsum(lengths) - lengths + len(texts)
        texts += [(item.table, *change) for changes in item.distinct for change in changes]
        each = lengths[item.index]
        within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
        samples.append(np.repeat(np.arange(len(each)), each))
        numbers.append(np.repeat(starts[item.index], each) + within)
    sample, number = np.concatenate(samples), np.concatenate(numbers)
    order = np.argsort(sample, kind="stable")
    names = column("text", comparison.sample_ids)
    columns = {"sample_id": names.take(sample[order])}
    for place, name in enumerate(("table", "key", "column", "before", "after")):
        cells = column("text", [text[place] or None for text in texts])
        columns[name] = cells.take(number[order])
    return pd.DataFrame({name: cells.reset_index(drop=True) for name, cells in columns.items()})


def features(
    analysis: Any, *, min_probability: float = PROBABLE, probabilities: bool = False, drop_constant: bool = False
) -> pd.DataFrame:
    """Return samples as numbers: activity scores, phenotypes, alleles, marker dosages and missingness.

    The columns are the same for every analysis with the same knowledge tables and ``genes``, so that cohorts can be
    put together. They speak of the genotype: co-medication changes nothing here.

    Parameters
    ----------
    analysis : Analysis
    min_probability : float
        A value is stated if it is at least this probable under every prior that applies, and no essential
        locus of the gene is missing; else it is NaN. The second half holds for rare and common values
        alike: a value that could only be stated when it is abnormal would be missing for a reason.
    probabilities : bool
        Give the probability of each phenotype and the expected activity score, under the sample's
        ancestry or the pooled frequencies, also where loci are missing. The columns have other names;
        the missingness columns stay those of stated values.
    drop_constant : bool
        Leave out columns without two different values in these samples.

    Returns
    -------
    DataFrame of float64, shape (samples, features)
        Indexed by ``sample_id``. ``analysis.feature_dictionary()`` with the same arguments describes the columns.

    Raises
    ------
    UsageError
        If ``min_probability`` is not above 0.5 and at most 1.
    """
    listed, values = measure(analysis.results, analysis.knowledge, min_probability, probabilities, drop_constant)
    index = labels(analysis.sample_ids, "sample_id")
    return pd.DataFrame(values, index=index, columns=labels(item.column for item in listed))


def feature_dictionary(
    analysis: Any, *, min_probability: float = PROBABLE, probabilities: bool = False, drop_constant: bool = False
) -> pd.DataFrame:
    """Return the data dictionary of :func:`features`, called with the same arguments: a row per column.

    Returns
    -------
    DataFrame
        ``column gene marker kind unit meaning values nan source citation n_missing``; text is ``str``
        with NaN for empty, ``n_missing`` (samples without a value) ``Int64``.
    """
    listed, values = measure(analysis.results, analysis.knowledge, min_probability, probabilities, drop_constant)
    names = [field.name for field in fields(Feature)]
    columns = {name: column("text", [getattr(item, name) or None for item in listed]) for name in names}
    return pd.DataFrame({**columns, "n_missing": column("integer", np.isnan(values).sum(axis=0))})
