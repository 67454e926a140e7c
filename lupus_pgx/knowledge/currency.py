"""How current the tables are: the day of each source, and when a newer state of it has to be expected."""

from __future__ import annotations

import calendar
import datetime as dt
import logging
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from lupus_pgx.knowledge.catalogue import Knowledge

log = logging.getLogger(__name__)


class Outdated(NamedTuple):
    """A source that is older than its bound, in days since the end of ``as_of``."""

    source: str
    as_of: str
    valid_days: int
    days: int


def outdated(knowledge: Knowledge, day: dt.date) -> tuple[Outdated, ...]:
    """Return the sources of which a newer state has to be expected, the oldest first.

    Parameters
    ----------
    knowledge : Knowledge
    day : date
        Today.

    Returns
    -------
    tuple of Outdated
        Of sources with a bound (``sources.valid_days``) that was passed.

    Examples
    --------
    >>> from lupus_pgx import load_knowledge
    >>> [item.source for item in outdated(load_knowledge(), dt.date(2028, 3, 1))]
    ['DPWG', 'CPIC-ClinPGx-2026-07-05']
    """
    found = [
        Outdated(row["source"], row["as_of"], row["valid_days"], (day - last_day(row["as_of"])).days)
        for row in knowledge.rows("sources")
        if row["as_of"] and row["valid_days"]
    ]
    return tuple(sorted((item for item in found if item.days > item.valid_days), key=lambda item: -item.days))


def first_day(as_of: str) -> dt.date:
    """Return the first day of a year, a month or a day.

    Examples
    --------
    >>> first_day("2026-02"), first_day("2026"), first_day("2026-07-05")
    (datetime.date(2026, 2, 1), datetime.date(2026, 1, 1), datetime.date(2026, 7, 5))
    """
    year, month, day = [*map(int, as_of.split("-")), 1, 1][:3]
    return dt.date(year, month, day)


def last_day(as_of: str) -> dt.date:
    """Return the last day of a year, a month or a day.

    Examples
    --------
    >>> last_day("2026-02"), last_day("2026"), last_day("2026-07-05")
    (datetime.date(2026, 2, 28), datetime.date(2026, 12, 31), datetime.date(2026, 7, 5))
    """
    year, *rest = map(int, as_of.split("-"))
    month = rest[0] if rest else 12
    return dt.date(year, month, rest[1] if len(rest) > 1 else calendar.monthrange(year, month)[1])


def currency_lines(knowledge: Knowledge, day: dt.date) -> Iterator[str]:
    """Yield the release, the day of each source that changes, and what is out of date.

    Parameters
    ----------
    knowledge : Knowledge
    day : date
        Today.

    Yields
    ------
    str
    """
    changed = f", last changed {max(knowledge.dates.values())}" if knowledge.dates else ""
    yield f"data release {knowledge.release}{changed}"
    rows = [row for row in knowledge.rows("sources") if row["as_of"]]
    width = max((len(row["source"]) for row in rows), default=0)
    for row in sorted(rows, key=lambda row: (row["valid_days"] is None, row["source"])):
        bound = f"  newer is expected after {row['valid_days']} days" if row["valid_days"] else ""
        yield f"  {row['source']:<{width}}  as of {row['as_of']:<10}{bound}".rstrip()
    text = outdated_text(knowledge, day)
    if text:
        yield text


def outdated_text(knowledge: Knowledge, day: dt.date) -> str:
    """Return a sentence where sources are older than their bound; empty where none is."""
    found = outdated(knowledge, day)
    if not found:
        return ""
    named = ", ".join(f"{item.source} as of {item.as_of}" for item in found)
    return (
        f"newer guidance has to be expected on {day.isoformat()}: the tables hold {named}. "
        "Install a newer release, or ask the sources: `lupus-pgx knowledge update --source cpic`"
    )


def warn_if_outdated(knowledge: Knowledge, day: dt.date) -> None:
    """Log a warning where newer guidance has to be expected; results do not depend on the day, so they do not hold it.

    Parameters
    ----------
    knowledge : Knowledge
    day : date
        Today.
    """
    text = outdated_text(knowledge, day)
    if text:
        _say_once(text)


@cache
def _say_once(text: str) -> None:
    log.warning(text)
