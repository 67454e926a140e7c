"""How old a patient is, as an answer to a criterion: the age that is told, or the least that fits what else is."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.answers import COMPARE, NO, OPEN, Answer, Case
from lupus_pgx.context.model import Context
from lupus_pgx.context.values import ends_of
from lupus_pgx.knowledge.catalogue import Knowledge

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import CriteriaCells

_OF_AGE = {"low": "below", "high": "at_least"}
_YEARS = {"years": 1.0, "months": 1 / 12}

_HEAVY, _HEAVY_FROM = 40.0, 6.0
"""Weight in kg that no child of fewer years has."""


class Ages:
    """Answers criteria by the age of a patient.

    Parameters
    ----------
    rows : mapping of str to CriteriaCells
        Of the table ``criteria``, by criterion.
    knowledge : Knowledge
    """

    def __init__(self, rows: Mapping[str, CriteriaCells], knowledge: Knowledge) -> None:
        childbearing = knowledge.with_role("childbearing")
        self._childbearing = min((rows[name]["age_low"] or 0.0 for name in childbearing), default=0.0)

    def answer(self, case: Case) -> Answer:
        """Compare the age; one that a row gives in months is one in years."""
        operator, bound = case.question.operator, case.question.value
        if operator is None or bound is None:
            # Who is as old as a bound says is of that age: "65 years and older", "under 18".
            operator, bound = _OF_AGE[case.row["direction"] or ""], case.row["bound_any"] or 0.0
        years = bound * _YEARS.get(case.question.unit or "years", 1.0)
        if case.context.age is None:
            # What is told may be enough to say that no infant is asked about.
            young = operator in ("below", "at_most") and self.least(case.context) > years
            return NO if young else OPEN
        return Answer(COMPARE[operator](case.context.age, years), f"{case.context.age:g} years")

    def least(self, context: Context) -> float:
        """Return the years that a patient of unknown age has at least, by what else is told."""
        least = [0.0]
        if context.pregnancy or context.breast_feeding or context.contraception is not None:
            least.append(self._childbearing)
        if ends_of(context.weights, (0.0, inf))[0] >= _HEAVY:
            least.append(_HEAVY_FROM)
        days = list(context.dates())
        if days and context.today is not None:
            least.append((context.today - min(days)).days / 366)
        return max(least)
