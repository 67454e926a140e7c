"""Units of clinical values: conversion within one quantity, never from one quantity into another."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lupus_pgx.errors import did_you_mean
from lupus_pgx.terms import Sex

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import QuantitiesCells, UnitsCells

PRESENCE = "present or absent"
"""Unit of a result without a number."""

SHARE = "percent of baseline"
"""Unit of a value as a share of the one at the start."""

UPPER_LIMIT = "x upper limit"
"""Unit of a result as a multiple of the laboratory's upper limit."""

CKD_EPI = "doi:10.1056/NEJMoa2102953"
"""Citation of the equation behind :func:`estimated_gfr`."""

SCHWARTZ = "doi:10.1681/ASN.2008030287"
"""Citation of the equation behind :func:`estimated_gfr_of_child`."""

_MG_DL = 88.4
"""One mg/dL of creatinine in umol/L."""

ANTI_DRUG_ANTIBODIES = "anti_drug_antibodies"
"""Quantity whose series are about one drug."""

_ADULT = 18
_CKD_EPI = {Sex.FEMALE: (0.7, -0.241, 1.012), Sex.MALE: (0.9, -0.302, 1.0)}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of one quantity.

    Attributes
    ----------
    quantity, name : str
    base : str
        Unit that it is converted to. Units with another base are not convertible.
    factor : float
    lowest, highest : float or None
        What a living person can have, in this unit, which is a base unit then.
    zero : bool
        Whether zero is a result as well, though it is below ``lowest``.
    """

    quantity: str
    name: str
    base: str
    factor: float
    lowest: float | None = None
    highest: float | None = None
    zero: bool = False

    def holds(self, value: float, sign: str = "") -> bool:
        """Whether a living person can have a value in this base unit, or one beyond it where it is a bound."""
        lowest, highest = self.lowest or 0.0, math.inf if self.highest is None else self.highest
        if sign[:1] == "<":
            return 0 < value <= highest and (self.zero or value > lowest)
        if sign[:1] == ">":
            return value <= highest
        return self.zero if value == 0 and lowest else lowest <= value <= highest


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is measured.

    Attributes
    ----------
    name, measure : str
        Key, and words.
    counts_as : str or None
        Quantity of criteria for which its values count as well.
    equation : str or None
        By which they become values of that quantity; None where they are as they stand.
    valid_days : int or None
        Days after which a value answers no criterion any more.
    limit_low, limit_high : float or None
        Between which the upper limits of normal of laboratories lie, in the base unit.
    """

    name: str
    measure: str
    counts_as: str | None = None
    equation: str | None = None
    valid_days: int | None = None
    limit_low: float | None = None
    limit_high: float | None = None

    def outdated(self, date: dt.date | None, today: dt.date | None) -> bool:
        """Whether a value of a day is older than the quantity allows; one without a date is of today."""
        if date is None or today is None or self.valid_days is None:
            return False
        return (today - date).days > self.valid_days


class Units:
    """The units of each quantity.

    Parameters
    ----------
    rows : iterable of mapping
        Of the table ``units``.
    quantities : iterable of mapping
        Of the table ``quantities``.

    Examples
    --------
    >>> from lupus_pgx import load_knowledge
    >>> units = load_knowledge().known_units
    >>> units.convert(1500, "upcr", "mg/g", "g/g"), round(units.convert(1, "creatinine", "mg/dL", "umol/L"), 1)
    (1.5, 88.4)
    """

    def __init__(self, rows: Iterable[UnitsCells], quantities: Iterable[QuantitiesCells]) -> None:
        self._units: dict[str, dict[str, Unit]] = {}
        self.quantities: dict[str, Quantity] = {}
        self._collective: dict[str, list[str]] = {}
        self._counting: dict[str, tuple[Quantity, ...]] = {}
        for known in quantities:
            name = known["quantity"]
            self.quantities[name] = Quantity(
                name,
                known["measure"],
                known["counts_as"],
                known["equation"],
                known["valid_days"],
                known["limit_low"],
                known["limit_high"],
            )
            self._collective.setdefault(known["collective"] or "", []).append(name)
        for row in rows:
            unit = Unit(
                row["quantity"],
                row["unit"],
                row["base_unit"],
                row["factor"],
                row["lowest"],
                row["highest"],
                row["zero"] is not None,
            )
            self._units.setdefault(unit.quantity, {})[plain_unit(unit.name)] = unit

    def counting_as(self, quantity: str) -> tuple[Quantity, ...]:
        """Return the quantities whose values answer for one: it first, those worked out by an equation last."""
        if quantity not in self._counting:  # each criterion of each drug asks
            own = [item for item in self.quantities.values() if quantity in (item.name, item.counts_as)]
            own.sort(key=lambda item: (item.equation is not None, item.name != quantity))
            self._counting[quantity] = tuple(own)
        return self._counting[quantity]

    def limits(self, quantity: str) -> tuple[float, ...]:
        """Return the lowest and the highest upper limit of normal that laboratories have; empty where none is told."""
        known = self.quantities.get(quantity)
        ends = (known.limit_low, known.limit_high) if known is not None else ()
        return tuple(end for end in ends if end is not None)

    def has(self, quantity: str) -> bool:
        """Say whether a quantity has this key; without the hint of ``unknown_quantity``, which takes time."""
        return quantity in self._units

    def unknown_quantity(self, quantity: str) -> str | None:
        """Say what is wrong with the key of a quantity, or return None."""
        if self.has(quantity):
            return None
        if self._collective.get(quantity):
            return f"stands for several quantities: expected {' or '.join(self._collective[quantity])}"
        hint = did_you_mean(quantity, self._units, f"expected one of {', '.join(self._units)}", most=3)
        return f"unknown quantity {quantity!r}: {hint}"

    def collected(self, key: str) -> tuple[str, ...]:
        """Return the quantities that are monitored under one key; the quantity itself where none is."""
        return tuple(self._collective.get(key) or [key])

    def unknown_unit(self, quantity: str, unit: str) -> str | None:
        """Say what is wrong with a unit of a known quantity, or return None."""
        allowed = self._units[quantity]
        if plain_unit(unit) in allowed:
            return None
        names = ", ".join(item.name for item in allowed.values())
        others = [other for other, units in self._units.items() if plain_unit(unit) in units]
        shares = [other for other in others if self._together(quantity, other)]
        apart = f"; {unit} is a unit of {' and '.join(shares)}, a different quantity" if shares else ""
        return f"unknown unit {unit!r} of {quantity}: expected one of {names}{apart}"

    def _together(self, one: str, other: str) -> bool:
        """Whether two quantities are easily taken for one another: they are monitored under one key."""
        return any(key and one in kept and other in kept for key, kept in self._collective.items())

    def unit(self, quantity: str, unit: str) -> Unit:
        """Return a unit by its name.

        Raises
        ------
        KeyError
            If the quantity or the unit is unknown; :meth:`unknown_unit` says why.
        """
        return self._units[quantity][plain_unit(unit)]

    def names(self, quantity: str) -> tuple[str, ...]:
        """Return the names of the units of a quantity."""
        return tuple(unit.name for unit in self._units[quantity].values())

    def to_base(self, value: float, quantity: str, unit: str) -> tuple[float, str]:
        """Return a value in the base unit, and that unit."""
        found = self.unit(quantity, unit)
        # One digit less than a converted value has: a bound that was converted and comes back is the bound again.
        return float(f"{value * found.factor:.11g}"), found.base

    def impossible(self, value: float, quantity: str, unit: str, sign: str = "") -> str | None:
        """Say that no living person has a value, and in which unit it would be one; None where it is possible.

        The bounds are columns of the table ``units``, wide on purpose: they catch mistakes of unit, no rare patient.
        """
        given = self.unit(quantity, unit)
        if self._possible(value, given, sign):
            return None
        base = self.unit(quantity, given.base)
        least, most = (
            None if limit is None else plain_number(limit / given.factor) for limit in (base.lowest, base.highest)
        )
        span = f"{least or 0} to {most}" if most else f"from {least}"
        others = [
            item for item in self._units[quantity].values() if item.factor != given.factor or item.base != given.base
        ]
        likely = [item.name for item in others if self._possible(value, item, sign)]
        meant = f"write the unit that the laboratory gives: {' or '.join(likely)} would fit" if likely else "look it up"
        undetected = "; what was not detected is written as a bound, such as '<0.1'" if value == 0 else ""
        shown = f"{sign}{plain_number(value)} {given.name}"
        return f"{shown} is beyond what a living person has ({span}): {meant}{undetected}"

    def _possible(self, value: float, unit: Unit, sign: str) -> bool:
        base = self.unit(unit.quantity, unit.base)
        return base.holds(without_noise(value * unit.factor), sign)

    def convert(self, value: float, quantity: str, unit: str, wanted: str) -> float | None:
        """Convert a value of one quantity, or return None where its two units are not convertible.

        Raises
        ------
        KeyError
            If the quantity has no such unit.
        """
        given, target = self.unit(quantity, unit), self.unit(quantity, wanted)
        if given.base != target.base:
            return None
        return value if given == target else without_noise(value * given.factor / target.factor)

    def by_base(self, quantity: str) -> Mapping[str, tuple[str, ...]]:
        """Return the names of the units of a quantity by base unit."""
        grouped: dict[str, list[str]] = {}
        for unit in self._units[quantity].values():
            grouped.setdefault(unit.base, []).append(unit.name)
        return {base: tuple(names) for base, names in grouped.items()}


def plain_unit(unit: str) -> str:
    """Return a unit without what does not matter in writing: case, spaces, the two micro signs, raised digits."""
    text = unit.replace("\N{MICRO SIGN}", "u").replace("\N{GREEK SMALL LETTER MU}", "u").replace("\N{MIDDLE DOT}", ".")
    text = text.replace("\N{SUPERSCRIPT TWO}", "2").replace("\N{MULTIPLICATION SIGN}", "x")
    return "".join(text.split()).lower()


def plain_number(value: float, digits: int = 3) -> str:
    """Write some digits of a number without a power of ten, from a thousand on four at least.

    Parameters
    ----------
    value : float
    digits : int

    Returns
    -------
    str
    """
    short = f"{value:.{max(digits, 4) if value >= 1000 else digits}g}"
    return f"{float(short):.12g}" if value < 1e12 else short


def without_noise(value: float) -> float:
    """Remove what binary fractions add, so that a value on a bound stays on it in every unit.

    Examples
    --------
    >>> 0.7 / 0.001, without_noise(0.7 / 0.001)
    (699.9999999999999, 700.0)
    """
    return float(f"{value:.12g}")


def estimated_gfr(creatinine: float, age: float, sex: Sex) -> float | None:
    """Estimate the glomerular filtration rate of an adult by the CKD-EPI 2021 creatinine equation.

    Parameters
    ----------
    creatinine : float
        In serum, umol/L.
    age : float
        In years.
    sex : Sex

    Returns
    -------
    float or None
        In mL/min/1.73m2; None under 18 years, for whom it was not made.

    References
    ----------
    Inker et al. 2021, doi:10.1056/NEJMoa2102953.

    Examples
    --------
    >>> round(estimated_gfr(88.4, 50, Sex.FEMALE))
    69
    """
    if age < _ADULT or creatinine <= 0:
        return None
    kappa, alpha, factor = _CKD_EPI[sex]
    ratio = creatinine / _MG_DL / kappa
    rate: float = 142 * min(ratio, 1.0) ** alpha * max(ratio, 1.0) ** -1.2 * 0.9938**age * factor
    return rate


def estimated_gfr_of_child(creatinine: float, height: float) -> float | None:
    """Estimate the glomerular filtration rate of a child by the bedside equation of Schwartz.

    Parameters
    ----------
    creatinine : float
        In serum, umol/L, measured by an enzymatic method.
    height : float
        In cm.

    Returns
    -------
    float or None
        In mL/min/1.73m2.

    References
    ----------
    Schwartz et al. 2009, doi:10.1681/ASN.2008030287.

    Examples
    --------
    >>> round(estimated_gfr_of_child(0.6 * 88.4, 140))
    96
    """
    return 0.413 * height / (creatinine / _MG_DL) if creatinine > 0 and height > 0 else None


def creatinine_of(rate: float, age: float, sex: Sex) -> float:
    """Return the creatinine that gives a filtration rate: :func:`estimated_gfr` the other way round.

    Parameters
    ----------
    rate : float
        In mL/min/1.73m2.
    age : float
        In years.
    sex : Sex

    Returns
    -------
    float
        In serum, umol/L.

    References
    ----------
    Inker et al. 2021, doi:10.1056/NEJMoa2102953.

    Examples
    --------
    >>> round(creatinine_of(estimated_gfr(88.4, 50, Sex.FEMALE), 50, Sex.FEMALE), 1)
    88.4
    """
    kappa, alpha, factor = _CKD_EPI[sex]
    share = rate / (142 * 0.9938**age * factor)
    return float(_MG_DL * kappa * share ** (1 / (alpha if share >= 1 else -1.2)))


def creatinine_clearance(creatinine: float, age: float, sex: Sex, weight: float) -> float:
    """Estimate the clearance of creatinine of an adult by the equation of Cockcroft and Gault, with the real weight.

    Parameters
    ----------
    creatinine : float
        In serum, umol/L.
    age : float
        In years.
    sex : Sex
    weight : float
        In kg.

    Returns
    -------
    float
        In mL/min.

    References
    ----------
    Cockcroft and Gault 1976, doi:10.1159/000180580.

    Examples
    --------
    >>> round(creatinine_clearance(95, 86, Sex.FEMALE, 45))
    27
    """
    share = 0.85 if sex is Sex.FEMALE else 1.0
    return (140 - age) * weight * share / (72 * creatinine / _MG_DL)
