"""The stricter of what the genotype and what the clinical context ask for (design section 4, ``overall_action``)."""

from __future__ import annotations

from collections.abc import Iterable

from lupus_pgx.context.judged.safety import PLANNED_DOSE, Check
from lupus_pgx.context.values import Amount
from lupus_pgx.terms import Action


def action_of(check: Check) -> Action | None:
    """Return what a check asks for; None where it asks for nothing.

    A planned dose below the one that a rule was written for bears on that rule only, and asks for nothing itself.
    """
    return None if check.criterion == PLANNED_DOSE else check.action


def overall_action(action: Action, checks: Iterable[Check]) -> Action:
    """Return the strictest of an action and of what checks ask for."""
    asked = [found for check in checks if (found := action_of(check)) is not None]
    return max([action, *asked], key=lambda item: item.severity)


def lowest(caps: Iterable[Amount | None]) -> Amount | None:
    """Return the lowest of some highest doses.

    Those in another unit than the first are left out, since nothing says how they compare.
    """
    given = [cap for cap in caps if cap is not None]
    alike = [cap for cap in given if cap.unit == given[0].unit]
    return min(alike, key=lambda cap: cap.value, default=None)
