"""Measured values against a bound: the newest counts, one that is too old or contradicted settles nothing."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.answers import COMPARE, NO, OPEN, UNUSUAL, Answer, Question, quantities_of
from lupus_pgx.context.judged.clearance import SURFACES, at_most, by_cockcroft_gault, clearances
from lupus_pgx.context.model import Context
from lupus_pgx.context.values import ADULT, Amount, Value, as_new_as, holds, too_old_text, values_of
from lupus_pgx.knowledge.units import UPPER_LIMIT, Units, plain_number
from lupus_pgx.words.vocabulary import listed

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import CriteriaCells

_YEAR = 365

_SIGNS = {"<": "below", "<=": "at_most", ">": "above", ">=": "at_least"}

_Bound = tuple[str, float, str]
"""Operator, number and unit."""


class Bounds:
    """Holds values of quantities against the bounds of rows.

    Parameters
    ----------
    units : Units
    """

    def __init__(self, units: Units) -> None:
        self._units = units

    def answer(self, quantity: str, context: Context, question: Question, row: CriteriaCells) -> Answer:
        """Hold the newest value against a bound; one that is too old, or contradicted, answers nothing."""
        known = values_of(context, quantity, self._units) or self._at_most(quantity, context)
        if not known:
            return OPEN
        bound = _bound(question, row)
        if bound is None and row["bound_any"] is not None:
            # A grade without a bound of its own: what is not beyond that of any grade says nothing of it.
            some = self.answer(quantity, context, Question(question.drug), row)
            return some._replace(met=None, feared=True, bound="") if some.met else OPEN
        if bound is None:
            return Answer(None, str(known[0]))
        compared = [(value, self._compared(bound, quantity, value.amount, context)) for value in as_new_as(known)]
        told = [(value, met) for value, met in compared if met is not None]
        newest, met = told[0] if told else (self._worst(as_new_as(known), quantity, bound), None)
        feared = any(answer for _, answer in told) if told else bool(self._at_face_value(bound, quantity, newest))
        if newest.too_old(context.today):
            return Answer(None, too_old_text(newest, newest.quantity), feared)
        if met is None:
            apart = self._another_kind(bound[2], quantity, newest, context) or f", which does not settle {bound[1]:g}"
            others = [str(value) for value in as_new_as(known) if value.amount.value != newest.amount.value]
            beside = f", beside {others[0]}" if others else ""
            return Answer(None, f"{newest}{beside}{apart}", feared)
        seen = [
            (value, self._at_face_value(bound, quantity, value) if answer is None else answer)
            for value, answer in compared
            if not self._is_within(newest, value, quantity)
        ]
        other = next((value for value, answer in seen if answer is not None and answer is not met), None)
        # What warns on its day is not taken back by a value of which nobody told the day.
        stands = other is not None and met and other.date is None and newest.date is not None
        if other is not None and not stands:
            return Answer(None, f"{newest} and {other} disagree", feared)
        beside = f", beside {other} without a date" if stands else ""
        found = f"{newest}{self._another_kind(bound[2], quantity, newest, context)}{beside}"
        return Answer(met, found, bound=f"{bound[0].replace('_', ' ')} {bound[1]:g} {bound[2]}" if met else "")

    def _worst(self, values: Sequence[Value], quantity: str, bound: _Bound) -> Value:
        """Return the value that lies nearest to what a bound warns of; the first where they are of several kinds."""
        unit = values[0].amount.unit
        numbers = [self._units.convert(value.amount.value, quantity, value.amount.unit, unit) for value in values]
        known = [number for number in numbers if number is not None]
        if len(known) < len(values):
            return values[0]
        return values[known.index(min(known) if COMPARE[bound[0]](0, 1) else max(known))]

    def _is_within(self, one: Value, other: Value, quantity: str) -> bool:
        """Say whether a value lies where another one, of which only a bound is known, says that it does."""
        number = self._units.convert(one.amount.value, quantity, one.amount.unit, other.amount.unit)
        if other is one or number is None or not other.amount.sign:
            return False
        return holds(COMPARE[_SIGNS[other.amount.sign]], number, other.amount.value, one.amount.sign) is True

    def newer(self, quantity: str, other: str, context: Context) -> bool:
        """Say whether the newest value of a quantity is of a later day than that of another one."""
        one, two = (values_of(context, name, self._units) for name in (quantity, other))
        days = [values[0].date or context.today if values else None for values in (one, two)]
        return days[0] is not None and days[1] is not None and days[0] > days[1]

    def fell(self, quantity: str, context: Context, question: Question, row: CriteriaCells) -> Answer:
        """Hold the percent that a quantity has lost under a drug that is taken against a bound.

        It is counted from the last value before the drug was begun, or the first after; where the start is not known,
        from the highest value of the year before the newest. No two values: nothing fell that anybody saw.
        """
        bound = _bound(question, row)
        dated = [value for value in values_of(context, quantity, self._units) if value.date is not None]
        if bound is None or not dated or question.drug not in [item.name for item in context.on_board]:
            return NO
        newest = min(as_new_as(dated), key=lambda value: value.amount.value)
        before = [value for value in dated if value.date != newest.date and value.amount.unit == newest.amount.unit]
        first = _baseline(before, newest, context.begun(question.drug))
        if first is None or not first.amount.value:
            return NO
        # From 70 to 56 is a fifth, not a little less, as binary numbers have it.
        lost = round(100 * (1 - newest.amount.value / first.amount.value), 6)
        found = f"from {first} to {newest}: {lost:.0f} % less"
        met = COMPARE[bound[0]](lost, bound[1])
        if newest.too_old(context.today):
            return Answer(None, f"{found}, too old to judge", met)
        # "Above 90" at the start or "below 15" now only makes the fall larger; the other way round it may be less.
        if not met or first.amount.sign[:1] == "<" or newest.amount.sign[:1] == ">":
            return Answer(None, found, met) if first.amount.sign or newest.amount.sign else Answer(met, found)
        return Answer(True, found, bound=f"{bound[0].replace('_', ' ')} {bound[1]:g} {bound[2]}")

    def implied(self, row: CriteriaCells, question: Question, part: CriteriaCells, context: Context) -> bool:
        """Say whether a part that is there meets a question on its whole: who is dialysed filters below 15 mL/min.

        Parameters
        ----------
        row : row of the table ``criteria``
            The whole, which a quantity answers.
        question : Question
        part : row of the table ``criteria``
            Its bound of any grade is what every value of the quantity lies beyond.
        context : Context
        """
        asked, lies = _bound(question, row), own_bound(part)
        quantity = next(iter(quantities_of(row)), None)
        if asked is None or lies is None or quantity is None:
            return False
        operator, limit, unit = lies
        amount = Amount(limit, unit, sign="<" if operator == "below" else ">")
        return self._compared(asked, quantity, amount, context) is True

    def _compared(self, bound: _Bound, quantity: str, amount: Amount, context: Context) -> bool | None:
        """Say whether a value meets a bound; None where its unit is another kind."""
        operator, limit, unit = bound
        number = self._units.convert(amount.value, quantity, amount.unit, unit)
        if number is not None:
            return holds(COMPARE[operator], number, limit, amount.sign)
        limits = self._units.limits(quantity)
        if limits and UPPER_LIMIT in (unit, amount.unit):
            # Each laboratory has its own upper limit: what holds for the lowest and the highest one is settled.
            told = {holds(COMPARE[operator], end, limit, amount.sign) for end in _multiples(amount, unit, limits)}
            return told.pop() if len(told) == 1 else None
        if "mL/min" not in (unit, amount.unit):
            return None
        # A clearance and a rate per body surface are not converted into each other. A rate that meets a rule on
        # clearance as it stands warns; it clears only where the clearance of this adult, or of the smallest and the
        # largest, does not meet it either.
        rate = amount.value
        if unit == "mL/min" and holds(COMPARE[operator], rate, limit, amount.sign):
            return True
        if unit == "mL/min":
            ends: tuple[float, ...] = clearances(rate, context)
        else:
            ends = tuple(rate / size for size in SURFACES) if (context.age or 0) >= ADULT else ()
        answers = {holds(COMPARE[operator], end, limit, amount.sign) for end in ends}
        return answers.pop() if len(answers) == 1 else None

    def _at_most(self, quantity: str, context: Context) -> tuple[Value, ...]:
        """Return what a creatinine says of a filtration rate where it does not give one: how high it is at most."""
        found = []
        for item in self._units.counting_as(quantity):
            if item.equation is not None and item.name != quantity:
                for value in values_of(context, item.name, self._units):
                    bound = at_most(context, value)
                    if bound is not None:
                        given = (
                            value.amount.entered
                            or f"{value.amount.sign}{plain_number(value.amount.value)} {value.amount.unit}"
                        )
                        entered = f"{item.name} {given}"
                        found.append(Value(replace(bound, entered=entered), value.date, value.quantity))
        return tuple(found)

    def _another_kind(self, unit: str, quantity: str, value: Value, context: Context) -> str:
        """Say that a rule is in a unit of another kind, and the clearance; empty where the value converts."""
        if self._units.convert(value.amount.value, quantity, value.amount.unit, unit) is not None:
            return ""
        clearance = by_cockcroft_gault(value.amount.value, context) if unit == "mL/min" else ()
        if not clearance:
            return f"; the rule is in {unit}"
        shown = listed([f"{value.amount.sign}{one:.0f}" for one in clearance], "or")
        return f"; clearance by Cockcroft-Gault {shown} mL/min"

    def _at_face_value(self, bound: _Bound, quantity: str, value: Value) -> bool | None:
        """Compare with a bound of another kind: near enough to be afraid of, not to judge by."""
        operator, limit, unit = bound
        ends = self._units.limits(quantity)
        if ends and UPPER_LIMIT in (unit, value.amount.unit):
            # Against an upper limit midway between the lowest and the highest one.
            return COMPARE[operator](math.prod(_multiples(value.amount, unit, ends)) ** (1 / len(ends)), limit)
        return COMPARE[operator](value.amount.value, limit) if "mL/min" in unit else None


def _multiples(amount: Amount, unit: str, limits: Sequence[float]) -> list[float]:
    """Return a value as multiples of the lowest and the highest upper limit, or such a multiple as a value."""
    return [amount.value / limit if unit == UPPER_LIMIT else amount.value * limit for limit in limits]


def _baseline(earlier: Sequence[Value], newest: Value, start: dt.date | None) -> Value | None:
    """Return the value from which a fall is counted; ``earlier`` has dates, the newest first."""
    dated = [(value.date, value) for value in earlier if value.date is not None]
    if start is not None:
        before = [value for date, value in dated if date <= start]
        return before[0] if before else (dated[-1][1] if dated else None)
    year = [value for date, value in dated if newest.date is not None and (newest.date - date).days <= _YEAR]
    return max(year, key=lambda value: value.amount.value, default=None)


def own_bound(part: CriteriaCells) -> _Bound | None:
    """Return beyond which bound the quantity of its whole lies where a part is there; None for parts without one."""
    return None if part["part_of"] is None else _bound(Question(), part)


def _bound(question: Question, row: CriteriaCells) -> _Bound | None:
    """Return the bound of a question; without one of its own, that of its grade."""
    if question.operator is not None and question.value is not None:
        return question.operator, question.value, question.unit or row["unit"] or ""
    limits = {"any": row["bound_any"], "moderate": row["bound_moderate"], "severe": row["bound_severe"]}
    limit = limits[question.grade]
    return None if limit is None else (UNUSUAL[row["direction"] or ""], limit, row["unit"] or "")
