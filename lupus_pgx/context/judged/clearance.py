"""Clearance of creatinine where a rule is in mL/min, and the highest filtration rate that a creatinine allows.

Labels write their rules on the clearance by Cockcroft and Gault; laboratories report a rate per body surface. The two
part in the old and the light, where the clearance is much lower, so that a rate never clears such a rule by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lupus_pgx.context.values import ADULT, Amount, Value, ends_of
from lupus_pgx.knowledge.units import creatinine_clearance, creatinine_of, estimated_gfr, estimated_gfr_of_child
from lupus_pgx.terms import Sex

if TYPE_CHECKING:
    from lupus_pgx.context.model import Context

SURFACES = (1.2 / 1.73, 2.4 / 1.73)
"""Body surfaces of adults, against the 1.73 m2 to which a filtration rate is scaled."""
_WEIGHTS = {Sex.FEMALE: (45.0, 120.0), Sex.MALE: (55.0, 120.0)}
"""Weights in kg between which an adult of unknown weight is held to be; the numbers are ours."""
_TALLEST = 190.0
"""Height in cm of a tall child, where that is not told."""

_LEAST = 0.1
"""Of a rate that is given as nothing, as no creatinine is endless."""


def by_cockcroft_gault(rate: float, context: Context) -> tuple[float, ...]:
    """Return the clearance in mL/min of an adult whose age, sex and weight are told; empty without one of them.

    The creatinine is the one that gives the rate by CKD-EPI 2021.

    Parameters
    ----------
    rate : float
        In mL/min/1.73m2.
    context : Context

    Returns
    -------
    tuple of float
        By each weight that may be the one of today; with one of which only a bound is known, empty.
    """
    weights = sorted(item.value for item in context.weights)
    if context.age is None or context.age < ADULT or context.sex is None or _bounded(context):
        return ()
    return tuple(_clearance(rate, context.age, context.sex, weight) for weight in weights)


def clearances(rate: float, context: Context) -> tuple[float, ...]:
    """Return the ends between which the clearance of an adult lies, as far as it is told who it is; empty for others.

    Parameters
    ----------
    rate : float
        In mL/min/1.73m2.
    context : Context

    Returns
    -------
    tuple of float
        In mL/min.
    """
    if context.age is None or context.age < ADULT:
        return ()
    age, weights = context.age, context.weights
    by_surface = () if weights and not _bounded(context) else tuple(rate * size for size in SURFACES)
    sexes = [context.sex] if context.sex is not None else list(Sex)
    by_weight = (_clearance(rate, age, sex, weight) for sex in sexes for weight in ends_of(weights, _WEIGHTS[sex]))
    return (*by_weight, *by_surface)


def _bounded(context: Context) -> bool:
    return any(item.sign for item in context.weights)


def _clearance(rate: float, age: float, sex: Sex, weight: float) -> float:
    return creatinine_clearance(creatinine_of(max(rate, _LEAST), age, sex), age, sex, weight)


def at_most(context: Context, value: Value) -> Amount | None:
    """Return the highest filtration rate that a creatinine allows where it gives none: age or sex not told, a child.

    Parameters
    ----------
    context : Context
    value : Value
        Creatinine.

    Returns
    -------
    Amount or None
        A bound in mL/min/1.73m2; None where the laboratory gave only a lower bound of the rate.
    """
    if value.amount.sign[:1] == "<" or not value.amount.value:
        return None
    adult = max(context.age or ADULT, ADULT)
    sexes = [context.sex] if context.sex is not None else list(Sex)
    rates = [estimated_gfr(value.amount.value, adult, sex) or 0.0 for sex in sexes]
    if context.age is None or context.age < ADULT:
        rates.append(estimated_gfr_of_child(value.amount.value, _TALLEST) or 0.0)
    return Amount(max(rates), "mL/min/1.73m2", sign="<=")
