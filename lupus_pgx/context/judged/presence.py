"""Whether an antibody was ever found."""

from __future__ import annotations

from collections.abc import Iterable

from lupus_pgx.context.model import LabSeries, LabValue
from lupus_pgx.knowledge.units import UPPER_LIMIT


def ever_present(series: Iterable[LabSeries]) -> bool | None:
    """Say whether an antibody was ever found; None where it was not looked for, or a number has no bound."""
    results = [value_present(one, item.unit) for item in series for one in item.values]
    if True in results:
        return True
    return None if None in results or not results else False


def value_present(one: LabValue, unit: str) -> bool | None:
    """Say whether a result is positive; None for a number in a unit of which each laboratory has its own limit."""
    if one.value is None:
        return one.present
    return one.value > 1 if unit == UPPER_LIMIT else None
