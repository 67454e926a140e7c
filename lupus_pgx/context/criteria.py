"""Does a context meet a criterion? What answers it is a row of the table ``criteria``, never code.

An answer is yes, no, or nothing where the context is silent, contradicts itself or gives a value that is too old.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lupus_pgx.context.model import Context, LabSeries, LabValue, Manifestation
from lupus_pgx.context.planned import planned_doses
from lupus_pgx.context.values import Value, as_new_as, holds, values_of
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import class_members
from lupus_pgx.knowledge.tables import Row, split_list
from lupus_pgx.knowledge.units import UPPER_LIMIT, Units
from lupus_pgx.terms import Grade, Sex

Answer = tuple[bool | None, str]
"""Whether a condition is met (None: open), and what the context says."""

GRADES = {"any": Grade.MILD, "moderate": Grade.MODERATE, "severe": Grade.SEVERE}

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "below": lambda found, bound: found < bound,
    "at_most": lambda found, bound: found <= bound,
    "at_least": lambda found, bound: found >= bound,
    "above": lambda found, bound: found > bound,
}
_UNUSUAL = {"low": "below", "high": "above"}
_YEARS = {"years": 1.0, "months": 1 / 12}
_ONLY_YES = "?"
"""Stands behind what answers only yes: a manifestation that is not listed does not exclude a thrombosis."""

_OF_A_DRUG = ("always", "tolerance", "dose")
"""Sources that say nothing of the patient beside a drug."""

_ADULT = 18
_LEAST_SURFACE, _LARGEST_SURFACE = 1.2 / 1.73, 2.4 / 1.73
"""Body surfaces of adults, against the 1.73 m2 to which a filtration rate is scaled."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a row asks of its criterion; without a bound, any grade of it."""

    drug: str = ""
    grade: str = "any"
    operator: str | None = None
    value: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """What is to be answered: a source by its name, for a context, a question and the row of the criterion."""

    name: str
    context: Context
    question: Question
    row: Row


def question_of(row: Row) -> Question:
    """Return what a row of the table ``contraindications`` asks."""
    return Question(row["drug"], row["grade"] or "any", row["operator"], row["value"], row["unit"])


class Criteria:
    """The criteria of the tables, held against contexts.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self.rows: Mapping[str, Row] = {row["criterion"]: row for row in knowledge.rows("criteria")}
        self.core = tuple(name for name, row in self.rows.items() if row["core"])
        self._asks = {name: split_list(row["asks"]) for name, row in self.rows.items()}
        self._last: tuple[Context, dict[str, str]] | None = None
        self._units: Units = knowledge.known_units
        self._classes = class_members(knowledge)
        self._sources: dict[str, Callable[[_Case], Answer]] = {
            "state": self._state,
            "lab": self._measured,
            "age": self._age,
            "condition": self._condition,
            "manifestation": self._manifestation,
            "present": self._present,
            "drug": self._taken,
            "class": self._of_class,
            "dose": self._dose,
            "tolerance": self._tolerated,
            "always": lambda _: (True, "lupus"),
        }

    def words(self, name: str) -> str:
        """Return what to ask about."""
        row = self.rows.get(name)
        return row["words"] if row else name.replace("_", " ")

    def answer(self, name: str, context: Context, question: Question) -> Answer:
        """Say whether a context meets a criterion.

        Parameters
        ----------
        name : str
            Key of the table ``criteria``.
        context : Context
        question : Question

        Returns
        -------
        met : bool or None
            None where the context leaves it open.
        found : str
            What the context says.
        """
        row = self.rows[name]
        if row["sex"] and context.sex is not None and row["sex"] != context.sex.value:
            return False, ""
        asks = self._asks[name]
        answers = [self._by_source(source, context, question, row) for source in asks]
        met, found = _joined(answers, [source.endswith(_ONLY_YES) for source in asks])
        if met and row["sex"] == Sex.MALE and context.sex is None:
            met = None  # what is stated counts for a woman; whether it is of a man is open
        if met is None and not self.asked(name, context):
            return False, ""
        whole = Question(question.drug)
        if met is not False and row["part_of"] and self.answer(row["part_of"], context, whole)[0] is False:
            return False, ""
        if met is not False and row["excluded_by"] and self.answer(row["excluded_by"], context, whole)[0]:
            return False, ""
        return met, found

    def asked(self, name: str, context: Context) -> bool:
        """Say whether a criterion is a question of this sex and age, as far as they are known."""
        row = self.rows[name]
        if row["sex"] and context.sex is not None and row["sex"] != context.sex.value:
            return False
        low, high = row["age_low"], row["age_high"]
        return context.age is None or not ((low and context.age < low) or (high and context.age > high))

    def half_met(self, name: str, context: Context) -> str:
        """Say what a context tells of the criterion that one is a part of; empty where it is not met."""
        whole = self.rows[name]["part_of"]
        met, found = self.answer(whole, context, Question()) if whole else (None, "")
        return f"{self.words(whole)}: {found}" if met else ""

    def at_stake(self, name: str, context: Context) -> bool:
        """Say whether the context makes the criterion a question: sex and age are known, and in its bounds."""
        row = self.rows[name]
        sex = not row["sex"] or (context.sex is not None and context.sex.value == row["sex"])
        age = (row["age_low"] is None and row["age_high"] is None) or context.age is not None
        return sex and age and self.asked(name, context)

    def touched(self, context: Context) -> dict[str, str]:
        """Return what a context tells of the core criteria that is unusual, by criterion."""
        if self._last is None or self._last[0] is not context:  # every drug of a patient asks the same
            told = {name: self._unusual(name, context) for name in self.core if self.asked(name, context)}
            self._last = context, {name: found for name, found in told.items() if found}
        return self._last[1]

    def _unusual(self, name: str, context: Context) -> str:
        sources = [source for source in self._asks[name] if source not in _OF_A_DRUG]
        answers = [self._by_source(source, context, Question(), self.rows[name]) for source in sources]
        return next((found for met, found in answers if met), "")

    def _by_source(self, source: str, context: Context, question: Question, row: Row) -> Answer:
        kind, _, name = source.removesuffix(_ONLY_YES).partition(":")
        return self._sources[kind](_Case(name, context, question, row))

    def _state(self, case: _Case) -> Answer:
        """Answer by a field of the context: a flag, a grade, or one of the values that are named."""
        field, _, wanted = case.name.partition("=")
        given: Any = getattr(case.context, field)
        if isinstance(given, Grade):
            return _graded(given, case.question.grade), given.value
        if given is None or isinstance(given, bool):
            return given, "yes" if given else ""
        return (True, given.value.replace("_", " ")) if given.value in wanted.split(",") else (False, "")

    def _condition(self, case: _Case) -> Answer:
        """Answer by a condition, with a grade or without."""
        grade = case.context.grades.get(case.name)
        if grade is not None:
            return _graded(grade, case.question.grade), grade.value
        known = case.context.conditions.get(case.name)
        if known and _needs_more(case.question, case.row):
            return None, "yes, severity not given"
        return known, "yes" if known else ""

    def _age(self, case: _Case) -> Answer:
        """Compare the age; one that a row gives in months is one in years."""
        if case.context.age is None:
            return None, ""
        operator, bound = case.question.operator, case.question.value
        if operator is None or bound is None:
            operator, bound = _UNUSUAL[case.row["direction"]], case.row["bound_any"]
        years = bound * _YEARS.get(case.question.unit or "years", 1.0)
        return _COMPARE[operator](case.context.age, years), f"{case.context.age:g} years"

    def _measured(self, case: _Case) -> Answer:
        """Hold the newest value against a bound; one that is too old, or contradicted, answers nothing."""
        known = values_of(case.context, case.name, self._units)
        if not known:
            return None, ""
        bound = _bound(case.question, case.row)
        if bound is None:
            return None, str(known[0])
        compared = [(value, self._compared(bound, case.name, value, case.context)) for value in as_new_as(known)]
        told = [(value, met) for value, met in compared if met is not None]
        if not told:
            return None, f"{known[0]}; the rule is in {bound[2]}"
        newest, met = told[0]
        if newest.too_old(case.context.today):
            return None, f"{newest}, older than {newest.quantity.valid_days} days"
        other = next((value for value, answer in told if answer is not met), None)
        return (met, str(newest)) if other is None else (None, f"{newest} and {other} disagree")

    def _compared(self, bound: tuple[str, float, str], quantity: str, value: Value, context: Context) -> bool | None:
        """Say whether a value meets a bound; None where its unit is another kind."""
        operator, limit, unit = bound
        number = self._units.convert(value.amount.value, quantity, value.amount.unit, unit)
        if number is not None:
            return holds(_COMPARE[operator], number, limit, value.amount.sign)
        # A clearance and a rate per body surface are not converted into each other: the answer counts where it
        # is the same for the smallest and the largest adult.
        if "mL/min" in (unit, value.amount.unit) and context.age is not None and context.age >= _ADULT:
            rate = value.amount.value
            ends = [rate * size if unit == "mL/min" else rate / size for size in (_LEAST_SURFACE, _LARGEST_SURFACE)]
            answers = {holds(_COMPARE[operator], end, limit, value.amount.sign) for end in ends}
            return answers.pop() if len(answers) == 1 else None
        return None

    def _manifestation(self, case: _Case) -> Answer:
        """Say whether a manifestation is there, as severe as asked; one that is not among those listed is absent."""
        listed: Sequence[Manifestation] = [item for item in case.context.manifestations if item.name == case.name]
        if not listed:
            return (False, "") if case.context.knows("manifestations") else (None, "")
        severity = listed[0].severity
        if case.question.grade == "any":
            return True, case.name
        if severity is None:
            return None, f"{case.name}, severity not given"
        return _graded(severity, case.question.grade), f"{severity.value} {case.name}"

    def _present(self, case: _Case) -> Answer:
        """Say whether one of several antibodies was ever found; one that was not looked for leaves it open."""
        wanted = self._units.collected(case.name)
        results = {name: _ever_present(item for item in case.context.labs if item.quantity == name) for name in wanted}
        if True in results.values():
            return True, f"{case.name} antibodies present"
        return (False, "") if set(results.values()) == {False} else (None, "")

    def _taken(self, case: _Case) -> Answer:
        names = [item.name for item in case.context.on_board] + [item.drug.name for item in case.context.planned]
        return (True, case.name) if case.name in names else (None, "")

    def _of_class(self, case: _Case) -> Answer:
        """Say whether a drug of a class is taken or planned beside the one asked about."""
        names = [item.name for item in case.context.on_board] + [item.drug.name for item in case.context.planned]
        found = [
            item
            for item in sorted(set(names))
            if item in self._classes.get(case.name, ()) and item != case.question.drug
        ]
        if found:
            return True, ", ".join(found)
        return (False, "") if case.context.knows("co_medication") or case.context.knows("therapies") else (None, "")

    def _dose(self, case: _Case) -> Answer:
        """Compare the dose that is planned or taken, as given and by body weight."""
        doses = planned_doses(case.context, case.question.drug)
        if not doses and not _is_taken(case.question.drug, case.context):
            return False, ""  # without a dose there is nothing to compare
        if not doses or case.question.operator is None or case.question.value is None or case.question.unit is None:
            return None, ""
        for dose in doses[0]:
            number = self._units.convert(dose.value, "dose", dose.unit, case.question.unit)
            if number is not None:
                return _COMPARE[case.question.operator](
                    number, case.question.value
                ), f"{number:.3g} {case.question.unit}"
        return None, ""

    def _tolerated(self, case: _Case) -> Answer:
        """Say what is known of an earlier reaction; one to something else is not looked for."""
        courses = [item for item in case.context.therapies if item.drug.name == case.question.drug]
        reactions = [item.reaction for item in courses if item.reaction]
        if reactions:
            return None, f"earlier reaction: {', '.join(reactions)}"
        return (False, "") if courses else (None, "")


def _is_taken(drug: str, context: Context) -> bool:
    """Say whether a drug is planned or taken, with a dose or without."""
    return drug in [item.name for item in context.on_board] + [item.drug.name for item in context.planned]


def _needs_more(question: Question, row: Row) -> bool:
    """Whether a question needs more than that a condition is there: a number, or a grade of its own."""
    measured = any(source.startswith("lab:") for source in split_list(row["asks"]))
    return question.grade != "any" or (measured and question.operator is not None)


def _joined(answers: Sequence[Answer], only_yes: Sequence[bool]) -> Answer:
    """Join what several sources answer: one yes is enough, a no needs all of them."""
    for met, found in answers:
        if met:
            return True, found
    needed = [answer for answer, optional in zip(answers, only_yes, strict=True) if not optional]
    # What the optional source tells is shown where the others are silent.
    told = next((found for _, found in answers if found), "")
    if needed and all(met is False for met, _ in needed):
        return False, ""
    return None, told


def _bound(question: Question, row: Row) -> tuple[str, float, str] | None:
    """Return the bound of a question; without one of its own, that of its grade."""
    if question.operator is not None and question.value is not None:
        return question.operator, question.value, question.unit or row["unit"]
    limit = row[f"bound_{question.grade}"]
    return None if limit is None else (_UNUSUAL[row["direction"]], limit, row["unit"])


def _graded(grade: Grade, asked: str) -> bool:
    order = list(Grade)
    return order.index(grade) >= order.index(GRADES[asked])


def _ever_present(series: Iterable[LabSeries]) -> bool | None:
    """Say whether an antibody was ever found; None where it was not looked for, or a number has no bound."""
    results = [_value_present(one, item.unit) for item in series for one in item.values]
    if True in results:
        return True
    return None if None in results or not results else False


def _value_present(one: LabValue, unit: str) -> bool | None:
    if one.value is None:
        return one.present
    return one.value > 1 if unit == UPPER_LIMIT else None
