"""Columns of a DataFrame: one contract for every frame, on pandas 2 and 3.

Text is ``str`` with NaN where there is none, integers are ``Int64``, numbers ``float64``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

TEXT = "str" if int(pd.__version__.split(".", maxsplit=1)[0]) >= 3 else "object"
"""Type of a column of text: before pandas 3 it is ``object``, as in every other frame of that pandas."""

_NUMBERS = {"integer": "Int64", "number": "float64", "probability": "float64"}


def column(kind: str, values: Iterable[Any]) -> pd.Series[Any]:
    """Return values as a column.

    Parameters
    ----------
    kind : str
        ``text`` or ``string``; ``integer``; ``number`` or ``probability``.
    values : iterable
        None where there is none.

    Returns
    -------
    Series
        Without a value: NaN in text and numbers, ``pandas.NA`` in integers.
    """
    if kind in _NUMBERS:
        return pd.Series(list(values), dtype=_NUMBERS[kind])
    # pandas 2 would leave None, which is found by isna() but is not the value that pandas 3 has there.
    return pd.Series([float("nan") if value is None else str(value) for value in values], dtype=TEXT)


def labels(names: Iterable[str], name: str | None = None) -> pd.Index[Any]:
    """Return names as the labels of rows or columns."""
    return pd.Index(list(names), dtype=TEXT, name=name)
