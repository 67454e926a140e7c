"""Does a context meet a criterion? What answers it is a row of the table ``criteria``, never code.

An answer is yes, no, or nothing where the context is silent, contradicts itself or gives a value that is too old.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.ages import Ages
from lupus_pgx.context.judged.answers import (
    NO,
    ONLY_YES,
    OPEN,
    Answer,
    Case,
    Question,
    joined,
    needs_more,
)
from lupus_pgx.context.judged.bounds import Bounds, own_bound
from lupus_pgx.context.judged.by_genotype import beside_genotype, by_genotype
from lupus_pgx.context.judged.courses import UNDER, Courses
from lupus_pgx.context.judged.criteria_table import CriteriaTable, of_other_sex
from lupus_pgx.context.judged.stated import Stated
from lupus_pgx.context.language.short_forms import ACTIVE
from lupus_pgx.context.language.word_rows import plain
from lupus_pgx.context.model import Context
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.terms import Grade, Sex

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import CriteriaCells

_COURSES = ("tolerance", "dose", "high_dose", "fall", "lasting", "cumulative", "starting", "taking", "again")
"""Sources that are the drug's own courses."""

_OF_A_DRUG = ("always", *_COURSES)
"""Sources that say nothing of the patient beside a drug."""

_BY_DRUG = ("class", "ended", *_COURSES)
"""Sources that answer for one drug otherwise than for another."""

_CONDITION = "condition"
_BESIDE = ("drug",)
"""Sources that say what is taken beside a drug."""

_LATELY = "lately:"
"""Begins a source of the last days or weeks, of which what is told of today knows more."""


class _Told:
    """What one context says: every drug of a patient asks the same, so each answer is worked out once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.answers: dict[tuple[object, ...], Answer] = {}
        self.unusual: dict[str, Answer] | None = None


class Criteria(CriteriaTable):
    """The criteria of the tables, held against contexts.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self._by_genotype = by_genotype(self.rows)
        self._measured_only = frozenset(knowledge.with_role("measured_only"))
        telling = [name for name in self.rows if name in self.core or self.is_stated(name)]
        self._telling = {name: self._of_today(name) for name in telling}
        self._by_drug = frozenset(name for name in self.rows if self._asks_of_drug(name))
        self._last: _Told | None = None
        words = knowledge.rows("context_words")
        self._infections = frozenset(plain(row["words"]) for row in words if row["field"] == "infection")
        self._bounds = Bounds(knowledge.known_units)
        self._classes = knowledge.class_members
        self._courses = courses = Courses(knowledge)
        self._stated = stated = Stated(self, self._bounds, knowledge.known_units)
        self._sources: dict[str, Callable[[Case], Answer]] = {
            "state": stated.state,
            "lab": stated.measured,
            "reaction": courses.reacted,
            "after": courses.left,
            "past": courses.past,
            "lately": courses.lately,
            "fall": stated.fallen,
            "age": Ages(self.rows, knowledge).answer,
            _CONDITION: self._condition,
            "told": self._told_of,
            "sign": self._sign,
            "found": stated.found,
            "manifestation": stated.manifestation,
            "present": stated.present,
            "drug": courses.taken,
            "class": courses.of_class,
            "ended": courses.ended,
            "again": courses.again,
            "lasting": courses.lasting,
            "cumulative": courses.cumulative,
            "starting": courses.starting,
            "taking": courses.taking,
            "dose": courses.dose,
            "high_dose": courses.high_dose,
            "tolerance": courses.tolerated,
            "always": lambda _: Answer(True, "lupus"),
        }

    def answer(self, name: str, context: Context, question: Question) -> Answer:
        """Say whether a context meets a criterion; one whose part is met is met, too.

        Parameters
        ----------
        name : str
            Key of the table ``criteria``.
        context : Context
        question : Question

        Returns
        -------
        Answer
        """
        by_drug = name in self._by_drug or question.drug in self._measured_only
        asked = question.grade, question.operator, question.value, question.unit
        key = (name, question.drug if by_drug else "", *asked)
        answers = self._told(context).answers
        if key not in answers:
            answers[key] = self._answer(name, context, question)
        return answers[key]

    def _told(self, context: Context) -> _Told:
        """Return what is known of a context so far; that of the context before it is given up."""
        told = self._last
        if told is None or told.context is not context:
            told = self._last = _Told(context)
        return told

    def _asks_of_drug(self, name: str) -> bool:
        """Say whether a criterion, or one that it is held against, depends on the drug that is asked about."""
        kinds = [source.partition(":")[0] for source in self._asks[name]]
        others = [other for other in (self.rows[name]["part_of"], self.rows[name]["excluded_by"]) if other]
        return any(kind in _BY_DRUG for kind in kinds) or any(self._asks_of_drug(other) for other in others)

    def _answer(self, name: str, context: Context, question: Question) -> Answer:
        row = self.rows[name]
        if of_other_sex(row, context):
            return NO
        whole = Question(question.drug)
        answer = self._from_sources(name, context, question)
        denied = answer.met is False
        part = self._by_part(name, context, question, denied=denied) if not answer.met else None
        if part is not None and part.met:
            answer = part
        elif part is not None and not (answer.met is False and self._from_sources(name, context, whole).met):
            # Mild is not severe; "none" beside a part that is there says nothing of how severe it is.
            answer = Answer(None, part.found, reactions=part.reactions)
        of_an_age = bool(row["sex"]) and list(self._asks[name]) == ["age"]
        if answer.met and (row["sex"] == Sex.MALE or of_an_age) and context.sex is None:
            # What is stated counts for a woman; whether it is of a man, or an age that of a woman, is open.
            answer = answer._replace(met=None)
        if answer.met is False or (answer.met is None and not self.asked(name, context)):
            return NO
        if answer.met is None and self._is_another_infection(name, context):
            return NO
        # What is a part cannot be there where the whole is known not to be, nor beside what excludes it.
        if row["part_of"] and self.answer(row["part_of"], context, _of_whole(row, question.drug)).met is False:
            return NO
        if row["excluded_by"] and self.answer(row["excluded_by"], context, whole).met:
            return NO
        return answer

    def _is_another_infection(self, name: str, context: Context) -> bool:
        """Say whether the infection that a context names is not the one that a criterion asks for."""
        whole = self.rows[name]["part_of"]
        named = whole is not None and f"state:{ACTIVE}" in self._asks[whole] and context.infection
        return bool(named) and plain(context.infection or "") in self._infections

    def _from_sources(self, name: str, context: Context, question: Question) -> Answer:
        """Return what the sources of a criterion say together."""
        asks = self._asks[name]
        answers = [self._by_source(source, context, question, self.rows[name]) for source in asks]
        # A source that answers only yes takes no part in a no: that a syndrome is not listed excludes no thrombosis.
        told = joined(answers, [source.endswith(ONLY_YES) for source in asks])
        genotype = self._by_genotype.get(name)
        if genotype is None:
            return told
        measured = question.drug in self._measured_only
        answer = beside_genotype(told, genotype.answer(context, question, self.rows[name], measured=measured))
        # An activity that is not low settles nothing, and is told: the question must not read as if it were not.
        if answer.met is not None or answer.found:
            return answer
        any_of_it = [self._by_source(source, context, Question(question.drug), self.rows[name]) for source in asks]
        return answer._replace(found=next((one.found for one in any_of_it if one.met is False and one.found), ""))

    def answered_by(self, name: str, drug: str, context: Context) -> frozenset[str]:
        """Return what is taken or planned beside a drug and alone answers a criterion: nothing else that is told does.

        Parameters
        ----------
        name : str
            Key of the table ``criteria``.
        drug : str
        context : Context

        Returns
        -------
        frozenset of str
        """
        row, question = self.rows.get(name), Question(drug)
        asks = self._asks.get(name, ())
        beside = [source for source in asks if source.partition(":")[0] in ("drug", "class")]
        if row is None or not beside:
            return frozenset()
        others = [source for source in asks if source not in beside]
        if any(self._by_source(source, context, question, row).met for source in others):
            return frozenset()
        wanted = {source.removesuffix(ONLY_YES).partition(":")[2] for source in beside}
        wanted |= {member for named in wanted for member in self._classes.get(named, ())}
        return frozenset(item for item in context.taken_or_planned if item in wanted and item != drug)

    def by_reaction(self, name: str, drug: str, context: Context) -> bool:
        """Say whether only a reaction to a drug or class meets a criterion: an allergy that nobody stated as one.

        Parameters
        ----------
        name : str
            Key of the table ``criteria``.
        drug : str
        context : Context

        Returns
        -------
        bool
        """
        row, asks = self.rows.get(name), self._asks.get(name, ())
        if row is None or not any(UNDER in source for source in asks):
            return False
        others = [source for source in asks if UNDER not in source]
        return not any(self._by_source(source, context, Question(drug), row).met for source in others)

    def _by_part(self, whole: str, context: Context, question: Question, *, denied: bool = False) -> Answer | None:
        """Return what the context says of a part that is there: who has an active tuberculosis has a tuberculosis.

        A question with a bound or a grade stays open, unless the part has a bound of its own: dialysis. Of a whole that
        is denied today, what was there lately says nothing: an infection under a drug, which is over.
        """
        row, found, every = self.rows[whole], None, list[Answer]()
        for name in self._parts.get(whole, ()):
            part = self.rows[name]
            sources = self._of_patient(name)
            if denied and all(source.startswith(_LATELY) for source in sources):
                continue
            answers = [self._by_source(source, context, Question(), part) for source in sources]
            told = next((answer for answer in answers if answer.met), None)
            if told is None:
                continue
            found = Answer(None, f"{self.words(name)}: {told.found}", reactions=told.reactions)
            if not needs_more(question, row) or self._bounds.implied(row, question, part, context):
                every.append(found)
        if not every:
            return found
        # Two cancers are both named.
        reactions = tuple(item for each in every for item in each.reactions)
        return Answer(True, ", ".join(each.found for each in every), reactions=reactions)

    def _of_patient(self, name: str) -> list[str]:
        return [source for source in self._asks[name] if source.partition(":")[0] not in _OF_A_DRUG]

    def half_met(self, name: str, context: Context) -> Answer:
        """Say what a context tells of the criterion that one is a part of; no where it is not met."""
        whole = self.rows[name]["part_of"]
        if whole is None:
            return NO
        question = _of_whole(self.rows[name], "")
        answer = self.answer(whole, context, question)
        # A stroke meets "cardiovascular disease", and says nothing of the other kinds of it.
        own = answer.met and self._from_sources(whole, context, question).met
        # What was told is read as the other kind already: hepatitis B, where hepatitis B or C is asked for.
        read = any(self.answer(other, context, Question()).met for other in self._instead.get(name, ()))
        if not own or read or self._is_mild(whole, context) or self._is_named(whole, context):
            return NO
        return answer._replace(found=f"{self.words(whole)}: {answer.found}")

    def _is_named(self, name: str, context: Context) -> bool:
        """Say whether only infections by their name answer for one: an active hepatitis B need be no zoster."""
        general = [item for item in self._asks[name] if item.removesuffix(ONLY_YES).endswith(f":{ACTIVE}")]
        return bool(general) and not any(
            self._by_source(item, context, Question(), self.rows[name]).met for item in general
        )

    def _is_mild(self, name: str, context: Context) -> bool:
        """Say whether a criterion is a mild infection: a cold need not be told apart from zoster before all else."""
        return f"state:{ACTIVE}" in self._asks[name] and context.active_infection is Grade.MILD

    def touched(self, context: Context) -> dict[str, Answer]:
        """Return what a context tells that is unusual, by criterion: core ones, and stated conditions."""
        told = self._told(context)
        if told.unusual is None:
            stated = {
                *context.conditions,
                *context.grades,
                *(name for it in context.therapies for name in it.conditions),
            }
            found = {name: self._unusual(name, context, stated) for name in self._telling}
            told.unusual = {name: answer for name, answer in found.items() if answer.found}
        return told.unusual

    def _of_today(self, name: str) -> list[tuple[str, str]]:
        """Return what a criterion asks a patient, with the condition by which one is answered, if it is one.

        What is taken beside is held against each drug as a pair, and a reaction to a class against its kin.
        """
        found = []
        for source in self._of_patient(name):
            kind, _, asked = source.removesuffix(ONLY_YES).partition(":")
            if kind not in _BESIDE and UNDER not in source:
                found.append((source, asked if kind == _CONDITION else ""))
        return found

    def _unusual(self, name: str, context: Context, stated: Collection[str]) -> Answer:
        row = self.rows[name]
        # Most of some hundred conditions nobody told.
        sources = [source for source, condition in self._telling[name] if not condition or condition in stated]
        answers = (self._by_source(source, context, Question(), row) for source in sources)
        answer = next((answer for answer in answers if answer.met or answer.feared), NO)
        if answer is NO or of_other_sex(row, context):
            return NO
        excluded = row["excluded_by"] and self.answer(row["excluded_by"], context, Question()).met
        return NO if excluded else answer

    def _by_source(self, source: str, context: Context, question: Question, row: CriteriaCells) -> Answer:
        kind, _, name = source.removesuffix(ONLY_YES).partition(":")
        return self._sources[kind](Case(name, context, question, row))

    def _condition(self, case: Case) -> Answer:
        """Answer by a condition, or else by a reaction to a drug that is the very condition."""
        told = self._stated.condition(case)
        return told if told.met is not None or told.found else self._courses.as_condition(case)

    def _sign(self, case: Case) -> Answer:
        """Leave open what another criterion that is met is a sign of: a fever may be an infection, or lupus."""
        sign = self._from_sources(case.name, case.context, Question())
        found = f"{self.words(case.name)}: {sign.found}"
        return Answer(None, found, feared=True) if sign.met else OPEN

    def _told_of(self, case: Case) -> Answer:
        """Answer by a condition that is told; one that nobody told is no question here."""
        told = self._stated.condition(case)
        return told if told.met else NO


def _of_whole(part: CriteriaCells, drug: str) -> Question:
    """Return what must hold of the whole for a part: any of it, or the bound of the part (on dialysis, below 15)."""
    bound = own_bound(part)
    return Question(drug) if bound is None else Question(drug, "any", *bound)
