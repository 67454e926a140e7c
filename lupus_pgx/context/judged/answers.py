"""What is asked of a context, and how it answers: yes, no, or open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import Grade

if TYPE_CHECKING:
    from lupus_pgx.context.model import Context
    from lupus_pgx.knowledge.cells import ContraindicationsCells, CriteriaCells


class Answer(NamedTuple):
    """Whether a condition is met, and what the context says.

    Attributes
    ----------
    met : bool or None
        None where it is open.
    found : str
        What the context says.
    feared : bool
        Of an open one: a value that cannot settle it (too old, contradicted) would meet it.
    bound : str
        The bound that a measured value met, such as ``below 0.5 x10^9/L``.
    asks : str
        Of an open one: words of what is open, where that is not the criterion itself but another that the row names.
    reactions : tuple of str
        Earlier reactions to drugs on which it rests, as they were told.
    """

    met: bool | None
    found: str = ""
    feared: bool = False
    bound: str = ""
    asks: str = ""
    reactions: tuple[str, ...] = ()


OPEN, NO = Answer(None), Answer(False)

ONLY_YES = "?"
"""Stands behind what answers only yes: a manifestation that is not listed does not exclude a thrombosis."""

GRADES = {"any": Grade.MILD, "moderate": Grade.MODERATE, "severe": Grade.SEVERE}

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "below": lambda found, bound: found < bound,
    "at_most": lambda found, bound: found <= bound,
    "at_least": lambda found, bound: found >= bound,
    "above": lambda found, bound: found > bound,
}
UNUSUAL = {"low": "below", "high": "above"}


@dataclass(frozen=True, slots=True)
class Question:
    """What a row asks of its criterion; without a bound, any grade of it."""

    drug: str = ""
    grade: str = "any"
    operator: str | None = None
    value: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be answered: a source by its name, for a context, a question and the row of the criterion."""

    name: str
    context: Context
    question: Question
    row: CriteriaCells


def question_of(row: ContraindicationsCells) -> Question:
    """Return what a row of the table ``contraindications`` asks."""
    return Question(row["drug"], row["grade"] or "any", row["operator"], row["value"], row["unit"])


def joined(answers: Sequence[Answer], only_yes: Sequence[bool]) -> Answer:
    """Join what several sources answer: one yes is enough, a no needs all of them."""
    yes = next((answer for answer in answers if answer.met), None)
    if yes is not None:
        return yes
    needed = [answer for answer, optional in zip(answers, only_yes, strict=True) if not optional]
    # What the optional source tells is shown where the others are silent; a value that is as usual tells nothing.
    told = next((answer for answer in answers if answer.found and answer.met is None), OPEN)
    if needed and all(answer.met is False for answer in needed):
        return NO
    return Answer(None, told.found, any(answer.feared for answer in answers), reactions=told.reactions)


def graded(grade: Grade, asked: str) -> bool:
    """Say whether a condition is as severe as asked."""
    order = list(Grade)
    return order.index(grade) >= order.index(GRADES[asked])


def needs_more(question: Question, row: CriteriaCells) -> bool:
    """Whether a question needs more than that a condition is there: a number, or a grade of its own."""
    measured = any(source.startswith("lab:") for source in split_list(row["asks"]))
    return question.grade != "any" or (measured and question.operator is not None)


def quantities_of(row: CriteriaCells) -> list[str]:
    """Return the quantities that answer a criterion, the one that it is about first."""
    return [
        name
        for kind, _, name in (item.removesuffix(ONLY_YES).partition(":") for item in split_list(row["asks"]))
        if kind == "lab"
    ]
