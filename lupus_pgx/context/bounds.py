"""Measured values against a bound: the newest counts, one that is too old or contradicted settles nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lupus_pgx.context.answers import COMPARE, OPEN, UNUSUAL, Answer, Question
from lupus_pgx.context.model import Context
from lupus_pgx.context.values import Value, as_new_as, holds, values_of
from lupus_pgx.knowledge.units import Units

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import CriteriaCells

_ADULT = 18
_LEAST_SURFACE, _LARGEST_SURFACE = 1.2 / 1.73, 2.4 / 1.73
"""Body surfaces of adults, against the 1.73 m2 to which a filtration rate is scaled."""

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
        known = values_of(context, quantity, self._units)
        if not known:
            return OPEN
        bound = _bound(question, row)
        if bound is None:
            return Answer(None, str(known[0]))
        compared = [(value, self._compared(bound, quantity, value, context)) for value in as_new_as(known)]
        told = [(value, met) for value, met in compared if met is not None]
        newest, met = told[0] if told else (known[0], None)
        feared = any(answer for _, answer in told) if told else bool(_at_face_value(bound, newest))
        if newest.too_old(context.today):
            days = newest.quantity.valid_days
            return Answer(None, f"last value {newest}, older than {days} days: too old to judge", feared)
        if met is None:
            apart = self._another_kind(bound[2], quantity, newest) or f", which does not settle {bound[1]:g}"
            return Answer(None, f"{newest}{apart}", feared)
        seen = [(value, _at_face_value(bound, value) if answer is None else answer) for value, answer in compared]
        other = next((value for value, answer in seen if answer is not None and answer is not met), None)
        if other is not None:
            return Answer(None, f"{newest} and {other} disagree", feared)
        found = f"{newest}{self._another_kind(bound[2], quantity, newest)}"
        return Answer(met, found, bound=f"{bound[0].replace('_', ' ')} {bound[1]:g} {bound[2]}" if met else "")

    def _compared(self, bound: _Bound, quantity: str, value: Value, context: Context) -> bool | None:
        """Say whether a value meets a bound; None where its unit is another kind."""
        operator, limit, unit = bound
        number = self._units.convert(value.amount.value, quantity, value.amount.unit, unit)
        if number is not None:
            return holds(COMPARE[operator], number, limit, value.amount.sign)
        if "mL/min" not in (unit, value.amount.unit):
            return None
        # A clearance and a rate per body surface are not converted into each other. A rate that meets a rule on
        # clearance as it stands warns; it clears only where the answer is the same for the smallest and the largest
        # adult.
        rate = value.amount.value
        if unit == "mL/min" and holds(COMPARE[operator], rate, limit, value.amount.sign):
            return True
        if context.age is not None and context.age >= _ADULT:
            ends = [rate * size if unit == "mL/min" else rate / size for size in (_LEAST_SURFACE, _LARGEST_SURFACE)]
            answers = {holds(COMPARE[operator], end, limit, value.amount.sign) for end in ends}
            return answers.pop() if len(answers) == 1 else None
        return None

    def _another_kind(self, unit: str, quantity: str, value: Value) -> str:
        """Say that a rule is in a unit of another kind; empty where the value converts."""
        same = self._units.convert(value.amount.value, quantity, value.amount.unit, unit) is not None
        return "" if same else f"; the rule is in {unit}"


def _at_face_value(bound: _Bound, value: Value) -> bool | None:
    """Compare a rate with a bound of the other kind: near enough to be afraid of, not to judge by."""
    operator, limit, unit = bound
    return COMPARE[operator](value.amount.value, limit) if "mL/min" in unit else None


def _bound(question: Question, row: CriteriaCells) -> _Bound | None:
    """Return the bound of a question; without one of its own, that of its grade."""
    if question.operator is not None and question.value is not None:
        return question.operator, question.value, question.unit or row["unit"] or ""
    limits = {"any": row["bound_any"], "moderate": row["bound_moderate"], "severe": row["bound_severe"]}
    limit = limits[question.grade]
    return None if limit is None else (UNUSUAL[row["direction"] or ""], limit, row["unit"] or "")
