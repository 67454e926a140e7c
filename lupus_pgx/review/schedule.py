"""When a measurement is next due, by the column ``schedule`` of the table ``monitoring``."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from lupus_pgx.context.model import Therapy
from lupus_pgx.review.levels import Level


def next_due(schedule: str, start: dt.date | None, last: dt.date) -> dt.date:
    """Return the day on which a measurement is due again.

    Parameters
    ----------
    schedule : str
        Days between two values, each with the week after the start until which that holds, the last without end.
    start : date or None
        Of the drug; None: only the last interval is known to hold.
    last : date
        Of the last value.

    Examples
    --------
    >>> start = dt.date(2026, 1, 1)
    >>> str(next_due("14:6;90", start, dt.date(2026, 1, 15))), str(next_due("14:6;90", start, dt.date(2026, 6, 1)))
    ('2026-01-29', '2026-08-30')
    >>> str(next_due("14:6;90", None, dt.date(2026, 1, 15)))
    '2026-04-15'
    """
    *early, steady = schedule.split(";")
    for step in early if start is not None else ():
        days, week = map(int, step.split(":"))
        if start is not None and last < start + dt.timedelta(weeks=week):
            return last + dt.timedelta(days=days)
    return last + dt.timedelta(days=int(steady))


def scheduled(level: Level, course: Therapy | None, today: dt.date) -> Level:
    """Return a level with the day on which it is due again; unchanged where the row has no interval."""
    schedule = level.row["schedule"]
    if schedule is None:
        return level
    if level.date is None:
        return level if level.value is not None else replace(level, is_due=True)
    due = next_due(schedule, course.start if course is not None else None, level.date)
    return replace(level, next_due=due, is_due=due <= today)
