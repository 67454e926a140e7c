"""Clearance of creatinine where a rule is in mL/min, and the highest filtration rate that a creatinine allows.

Labels write their rules on the clearance by Cockcroft and Gault; laboratories report a rate per body surface. The two
part in the old and the light, where the clearance is much lower, so that a rate never clears such a rule by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lupus_pgx.context.values import Amount, Value
from lupus_pgx.knowledge.units import creatinine_clearance, creatinine_of, estimated_gfr
from lupus_pgx.terms import Sex

if TYPE_CHECKING:
    from lupus_pgx.context.model import Context

ADULT = 18
SURFACES = (1.2 / 1.73, 2.4 / 1.73)
"""Body surfaces of adults, against the 1.73 m2 to which a filtration rate is scaled."""
_WEIGHTS = {Sex.FEMALE: (45.0, 120.0), Sex.MALE: (55.0, 120.0)}
"""Weights in kg between which an adult of unknown weight is held to be; the numbers are ours."""
_SCHWARTZ, _TALLEST = 0.413, 190.0
"""Bedside equation for children by height (Schwartz 2009, doi:10.1681/ASN.2008030287), and a tall one in cm."""
_MG_DL = 88.4
_LEAST = 0.1
"""Of a rate that is given as nothing, as no creatinine is endless."""


def by_cockcroft_gault(rate: float, context: Context) -> float | None:
    """Return the clearance in mL/min of an adult whose age, sex and weight are told; None without one of them.

    The creatinine is the one that gives the rate by CKD-EPI 2021.

    Parameters
    ----------
    rate : float
        In mL/min/1.73m2.
    context : Context

    Returns
    -------
    float or None
    """
    known = context.age is not None and context.age >= ADULT and context.sex is not None
    found = _clearances(rate, context) if known and context.weight is not None else ()
    return found[0] if found else None


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
    by_surface = () if context.weight is not None else tuple(rate * size for size in SURFACES)
    return (*_clearances(rate, context), *by_surface)


def _clearances(rate: float, context: Context) -> tuple[float, ...]:
    assert context.age is not None
    age = context.age
    sexes = [context.sex] if context.sex is not None else list(Sex)
    return tuple(
        creatinine_clearance(creatinine_of(max(rate, _LEAST), age, sex), age, sex, weight)
        for sex in sexes
        for weight in ([context.weight.value] if context.weight is not None else _WEIGHTS[sex])
    )


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
        rates.append(_SCHWARTZ * _TALLEST / (value.amount.value / _MG_DL))
    return Amount(max(rates), "mL/min/1.73m2", sign="<=")
