"""The newest level of each drug that was taken, held against the table ``adequacy``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lupus_pgx.context.model import Context, LabValue, Therapy
from lupus_pgx.context.values import beside_entered
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.knowledge.units import Units, plain_number
from lupus_pgx.words.vocabulary import quantity_word

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import AdequacyCells

_GRAVEST = ("absent", "above", "below", "within")
"""Verdicts, the one that counts of several first."""

_AFTER = dt.timedelta(days=30)
"""So long after a course a level is still of it (our choice)."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """The newest level of a drug in its last course, held against the table ``adequacy``.

    One that was told without a date is of today, and ``dated`` is false.
    """

    drug: str
    value: float
    shown: str
    date: dt.date
    verdict: str
    row: AdequacyCells
    dated: bool = True

    @property
    def when(self) -> str:
        """The day of the value, where it was told: `` on 2026-03-01``."""
        return f" on {self.date}" if self.dated else ""

    def is_old(self, context: Context, units: Units) -> bool:
        """Whether it is older than its quantity allows, and says nothing of the dose of now."""
        return self.dated and units.quantities[self.row["quantity"] or ""].outdated(self.date, context.today)

    @property
    def named(self) -> str:
        """The value with the name of what was measured."""
        name, unit = quantity_word(self.row["quantity"] or ""), self.row["unit"] or ""
        return f"{name} {plain_number(self.value)}" if name == unit else f"{name} {self.shown}"

    @property
    def judged(self) -> str:
        """The verdict with the bound that it was held against: the one of too little, or the range to aim at."""
        row, unit, aim = self.row, self.row["unit"] or "", range_text(self.row)
        least = row["under_below"]
        if self.verdict == "absent":
            return f"below {row['non_intake_below']:g} {unit}, as if not taken"
        if self.verdict == "above":
            return f"above {row['target_high']:g} {unit}"
        if self.verdict == "below":
            bound = least if least is not None else row["target_low"]
            return f"below {bound:g} {unit}, too little"
        if least is not None and row["target_low"] is not None and self.value < row["target_low"]:
            return f"not below {least:g} {unit}, where too little begins, but below the target of {aim} {unit}"
        return f"within {aim} {unit}" if row["target_high"] is not None else f"{aim} {unit}"


def range_text(row: AdequacyCells) -> str:
    """Write the range of a row.

    Parameters
    ----------
    row : mapping
        Of the table ``adequacy``.

    Returns
    -------
    str
        Such as ``750-1150`` or ``at least 600``, without the unit; empty where the row has no lower bound.
    """
    low, high = row["target_low"] if row["target_low"] is not None else row["under_below"], row["target_high"]
    if low is None:
        return ""
    return f"{low:g}-{high:g}" if high is not None else f"at least {low:g}"


def exposures_of(context: Context, knowledge: Knowledge) -> tuple[Exposure, ...]:
    """Return the newest level of each drug and quantity: absent, below, within or above.

    One without a date, which is of today, stands beside the newest dated one, and the gravest of the two counts.
    """
    found = []
    for drug, courses in _by_drug(context).items():
        rows: dict[str, list[AdequacyCells]] = {}
        for row in knowledge.rows("adequacy"):
            if row["kind"] == "exposure" and row["quantity"] and row["drug"] == drug and _here(row, context):
                rows.setdefault(row["quantity"], []).append(row)
        for quantity, same in rows.items():
            dated = [one for item in courses for one in _newest(context, quantity, drug, item)]
            held = [
                replace(item, dated=told is dated)
                for told in (dated, _of_today(context, quantity, courses))
                if told
                for item in _held(
                    drug, quantity, *max(told, key=lambda pair: pair[1].date), same, context, knowledge.known_units
                )
            ]
            found += sorted(held, key=lambda item: _GRAVEST.index(item.verdict))[:1]
    return tuple(found)


def _by_drug(context: Context) -> dict[str, list[Therapy]]:
    found: dict[str, list[Therapy]] = {}
    for item in context.therapies:
        found.setdefault(item.drug.name, []).append(item)
    for drug in context.co_medication:
        found.setdefault(drug.name, []).append(Therapy(drug))
    return {drug: courses[-1:] for drug, courses in found.items()}


def _here(row: AdequacyCells, context: Context) -> bool:
    wanted = set(split_list(row["manifestation"] or ""))
    present = {item.name for item in context.manifestations}
    return not wanted or not present or bool(wanted & present)


def _newest(context: Context, quantity: str, drug: str, course: Therapy) -> list[tuple[str, LabValue]]:
    end = course.stop + _AFTER if course.stop is not None else None
    return [
        (item.unit, one)
        for item in context.labs
        if item.quantity == quantity and (item.drug is None or item.drug.name == drug)
        for one in item.values
        if one.value is not None
        and (course.start is None or one.date >= course.start)
        and (end is None or one.date <= end)
    ]


def _of_today(context: Context, quantity: str, courses: list[Therapy]) -> list[tuple[str, LabValue]]:
    """Return a value without a date: it is of today, and so of a course that runs today."""
    amount = context.values.get(quantity)
    if amount is None or context.today is None or any(item.stop is not None for item in courses):
        return []
    return [(amount.unit, LabValue(context.today, amount.value, sign=amount.sign, entered=amount.entered))]


def _held(
    drug: str,
    quantity: str,
    unit: str,
    one: LabValue,
    rows: list[AdequacyCells],
    context: Context,
    units: Units,
) -> list[Exposure]:
    """Hold a value against the rows of its quantity; the gravest of their verdicts counts."""
    best: dict[str, tuple[float, AdequacyCells]] = {}
    assert one.value is not None
    for row in rows:
        value = units.convert(one.value, quantity, unit, row["unit"] or "")
        if value is not None:
            verdict = _verdict(value, row)
            if verdict == "absent" and row["beside_quantity"] and not _beside(row, context, units):
                verdict = "below"
            best.setdefault(verdict, (value, row))
    for verdict in _GRAVEST:
        if verdict in best:
            value, row = best[verdict]
            text = f"{one.sign}{plain_number(value)} {row['unit']}"
            shown = beside_entered(text, row["unit"] or "", one.entered)
            return [Exposure(drug, value, shown, one.date, verdict, row)]
    return []


def _beside(row: AdequacyCells, context: Context, units: Units) -> bool:
    """Whether the second value of a row is low too: else the drug was taken and went another way."""
    quantity, bound, unit = row["beside_quantity"], row["beside_below"], row["beside_unit"]
    found = context.newest(quantity) if quantity else None
    if found is None or quantity is None or bound is None or unit is None or found.unit not in units.names(quantity):
        return False
    value = units.convert(found.value, quantity, found.unit, unit)
    return value is not None and value < bound


def _verdict(value: float, row: AdequacyCells) -> str:
    low = row["under_below"] if row["under_below"] is not None else row["target_low"]
    if row["non_intake_below"] is not None and value < row["non_intake_below"]:
        return "absent"
    if low is not None and value < low:
        return "below"
    if row["target_high"] is not None and value > row["target_high"]:
        return "above"
    return "within" if low is not None else ""
