"""Which day is today? Stated by the caller, so that a result can be had again, or read from the clock once."""

from __future__ import annotations

import datetime as dt

from lupus_pgx.bounded import found_as
from lupus_pgx.errors import UsageError
from lupus_pgx.words.asked import named


def day_of(today: dt.date | str | None) -> dt.date:
    """Return the day that counts as today.

    Parameters
    ----------
    today : date or str, optional
        A date, or its text as ``YYYY-MM-DD``; the day of the clock by default.

    Returns
    -------
    date

    Raises
    ------
    UsageError
        If it is no date.

    Examples
    --------
    >>> day_of("2026-03-01")
    datetime.date(2026, 3, 1)
    """
    if today is None:
        return dt.date.today()
    if isinstance(today, dt.datetime):
        return today.date()
    if isinstance(today, dt.date):
        return today
    try:
        day = dt.date.fromisoformat(today)
    except (TypeError, ValueError):
        day = None
    if day is None or day.isoformat() != today:
        raise UsageError(f"{named('today')}: expected a date as YYYY-MM-DD; found {found_as(today)}")
    return day
