"""What was taken, is taken or is planned, as an answer to a criterion: drugs beside, doses, courses, reactions."""

from __future__ import annotations

import math
import operator
from collections.abc import Collection, Sequence, Set

from lupus_pgx.context.judged.answers import COMPARE, NO, OPEN, Answer, Case, needs_more
from lupus_pgx.context.judged.intolerance import reactions_of
from lupus_pgx.context.judged.lifetime import Lifetime
from lupus_pgx.context.judged.planned import by_weight, planned_doses
from lupus_pgx.context.model import Therapy
from lupus_pgx.context.values import Amount, holds
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import CheckStatus, Outcome

UNDER = " under "
"""Stands in a source between a reaction and the drug or class that brought it on."""

_PER_DAY, _PER_WEEK = "/day", "/week"
_END_UNKNOWN, _WHEN_UNKNOWN = "end not given", "ended by a reaction, day not given"
_SETTLED = 30
"""Days from which a course is no start any more: our choice."""

_LONG_AGO = 365
"""Days after which what a drug brought on, and what heals without the drug, need not be there any more: our choice."""

_DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.5, "years": 365.25}
"""Days of the units of time since or under a course."""


class Courses:
    """Answers criteria by the drugs of a context.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._classes = knowledge.class_members
        self._units = knowledge.known_units
        self._reactions = reactions_of(knowledge)
        self._lifetime = Lifetime(knowledge)
        self._may_end = frozenset(knowledge.with_role("may_end"))
        self._heals = frozenset(knowledge.with_role("heals"))
        self._by_itself = frozenset(knowledge.with_role("by_itself"))

    def taken(self, case: Case) -> Answer:
        """Say whether a drug is taken or planned beside the one asked about."""
        # As with pairs: what is taken is what the context names.
        if case.name in case.context.taken_or_planned:
            return Answer(True, f"with {case.name}")
        return _perhaps([case.name], case)

    def of_class(self, case: Case) -> Answer:
        """Say whether a drug of a class is taken or planned beside the one asked about."""
        found = [
            item
            for item in sorted(set(case.context.taken_or_planned))
            if item in self._classes.get(case.name, ()) and item != case.question.drug
        ]
        return Answer(True, ", ".join(found)) if found else _perhaps(self._classes.get(case.name, ()), case)

    def taking(self, case: Case) -> Answer:
        """Say whether the drug asked about is taken already: a bound for the start is none for going on."""
        going_on = case.question.drug in [item.name for item in case.context.on_board]
        return Answer(True, "taken already") if going_on else NO

    def starting(self, case: Case) -> Answer:
        """Say whether the drug is to be begun, or was within a month (our bound): later its effect gives its dose."""
        if not self.taking(case).met:
            return Answer(True)
        begun, today = case.context.begun(case.question.drug), case.context.today
        lately = begun is not None and today is not None and (today - begun).days <= _SETTLED
        return Answer(True) if lately else NO

    def lasting(self, case: Case) -> Answer:
        """Compare how long a drug has been taken with the bound of the row."""
        drug, today, limit = case.question.drug, case.context.today, case.question.value or 0.0
        begun = case.context.begun(drug)
        if begun is None or today is None:
            return NO
        met = (today - begun).days >= limit * _DAYS[case.question.unit or "years"]
        return Answer(met, f"since {begun}")

    def cumulative(self, case: Case) -> Answer:
        """Compare what was given of a drug in all its courses with the bound of the row.

        A course whose dose or days are not told leaves it open, unless the others are enough.
        """
        given = self._lifetime.given(case.question.drug, case.context)
        if given is None or case.question.operator is None or case.question.value is None:
            return NO
        met = [COMPARE[case.question.operator](grams, case.question.value) for grams in given]
        low, high = (f"{grams:.3g}" for grams in given)
        if math.isinf(given[1]):
            least = f"at least {low} g; " if given[0] else ""
            found = f"{least}the dose, the days or the number of doses of a course are not told"
        else:
            found = f"{low} g" if low == high else f"{low} to {high} g"
        return Answer(met[0], found) if met[0] == met[1] else Answer(None, found, feared=True)

    def dose(self, case: Case) -> Answer:
        """Compare the dose that is planned or taken, as given and by body weight."""
        doses = planned_doses(case.context, case.question.drug)
        if not doses and case.question.drug not in case.context.taken_or_planned:
            return NO  # without a dose there is nothing to compare
        if case.question.operator is None or case.question.value is None or case.question.unit is None:
            return OPEN
        numbers = [
            Amount(number, case.question.unit, sign=dose.sign)
            for dose in (dose for same in doses for dose in same)
            if (number := self._units.convert(dose.value, "dose", dose.unit, case.question.unit)) is not None
        ]
        compare, bound = COMPARE[case.question.operator], case.question.value
        told = [Answer(holds(compare, one.value, bound, one.sign), one.shown, feared=True) for one in numbers]
        if told or not doses:
            # Of several weights, or a bound of one, each has to say no.
            return max(told, key=lambda answer: (answer.met is not False, bool(answer.met)), default=OPEN)
        return self._as_if_daily(case)

    def high_dose(self, case: Case) -> Answer:
        """Say whether a dose that is told is above the bound of the criterion; one that is not told is as usual."""
        bound, unit = case.row["bound_any"], case.row["unit"] or ""
        answers = []
        for dose in (dose for same in planned_doses(case.context, case.question.drug) for dose in same):
            weekly = dose.unit.endswith(_PER_WEEK)
            daily = dose.unit.removesuffix(_PER_WEEK) + _PER_DAY
            per_day = Amount(dose.value / 7, daily, sign=dose.sign) if weekly else dose
            number = self._units.convert(per_day.value, "dose", per_day.unit, unit)
            met = number is not None and bound is not None and holds(operator.gt, number, bound, dose.sign)
            if met is not False:
                answers.append(Answer(met, dose.shown, feared=True))
        return next((item for item in answers if item.met), answers[0] if answers else NO)

    def _as_if_daily(self, case: Case) -> Answer:
        """Say that it is not told how often a dose is taken, and whether it would be above a bound once a day."""
        question = case.question
        told: list[Answer] = []
        doses = (dose for same in planned_doses(case.context, question.drug) for dose in same)
        for single in (dose for dose in doses if self._units.unknown_unit("dose", f"{dose.unit}/day") is None):
            for dose in by_weight(Amount(single.value, f"{single.unit}/day"), case.context.weights):
                number = self._units.convert(dose.value, "dose", dose.unit, question.unit or "")
                if number is not None:
                    met = holds(COMPARE[question.operator or ""], number, question.value or 0.0, dose.sign)
                    once = Amount(number, question.unit or "", sign=dose.sign).shown
                    found = f"{single.shown}, how often is not told; {once} if once a day"
                    told.append(Answer(None, found, feared=met is not False))
        return max(told, key=lambda answer: answer.feared, default=OPEN)

    def tolerated(self, case: Case) -> Answer:
        """Say what is known of an earlier reaction; one to something else is not looked for.

        One that forbids the drug for good is the reaction that a label means, and a nausea is none; of any other it is
        left open.
        """
        own = (item for item in case.context.therapies if item.drug.name == case.question.drug)
        courses = self._reactions.gravest_first(own)
        reactions = [item.reaction for item in courses if item.reaction]
        if reactions and not all(self._reactions.harmless(told) for told in reactions):
            never = any(self._reactions.again(told) is CheckStatus.CONTRAINDICATED for told in reactions)
            return Answer(never or None, f"earlier reaction: {', '.join(reactions)}", reactions=tuple(reactions))
        return NO if courses else OPEN

    def ended(self, case: Case) -> Answer:
        """Compare the time since a course of a class ended with the bound of the row; what goes on is no such course.

        Without its end the course was over no earlier than it began. What was stopped on no known day leaves it open.
        """
        bound = case.question.value, case.question.unit
        limit = (case.row["bound_any"] if bound[0] is None else bound[0]) or 0.0
        days = limit * _DAYS[bound[1] or case.row["unit"] or ""]
        return self._ended(case, self._classes.get(case.name, frozenset()) - {case.question.drug}, days)

    def again(self, case: Case) -> Answer:
        """Compare the time since the last course of the very drug with the bound of the row: its next one may be early.

        Without a row of its own, with a bound, nothing is compared.
        """
        limit = (case.question.value or 0.0) * _DAYS[case.question.unit or case.row["unit"] or ""]
        return self._ended(case, frozenset({case.question.drug}), limit)

    def _ended(self, case: Case, known: Set[str], days: float) -> Answer:
        """Say whether a course of certain drugs, none that goes on, ended fewer days ago than these."""
        going_on = [item.name for item in case.context.on_board]
        today = case.context.today
        unknown = ""
        for course in (*case.context.therapies, *case.context.ended):
            name = course.drug.name
            if name not in known or name in going_on:
                continue
            day = course.stop or course.start
            if day is None or course.latest is None or today is None:
                unknown = f"{name}, {_WHEN_UNKNOWN if self._forbids(course) else _END_UNKNOWN}"
            elif (today - course.latest).days < days:
                end = f"{day}" if course.latest == day else f"{course.latest} at the latest"
                return Answer(True, f"{name} until {end}" if course.stop else f"{name} from {day} on")
            elif course.stop is None:
                unknown = f"{name} from {day} on, {_WHEN_UNKNOWN if self._forbids(course) else _END_UNKNOWN}"
        return Answer(None, unknown) if unknown else NO

    def _forbids(self, course: Therapy) -> bool:
        """Say whether a course brought on what forbids its drug for good, and so ended with it at the latest."""
        return bool(course.reaction) and self._reactions.again(course.reaction) is CheckStatus.CONTRAINDICATED

    def reacted(self, case: Case) -> Answer:
        """Answer by a reaction to any drug: who bled from the gut under one has had a bleeding of the gut."""
        told = self._reacted(case)
        if not told:
            return OPEN
        if needs_more(case.question, case.row):
            return _as_open(told)
        return self._unless_healed(told, case)

    def _unless_healed(self, told: Sequence[Therapy], case: Case) -> Answer:
        """Return reactions as a yes; those of years ago that heal once the drug is stopped leave it open."""
        if case.row["criterion"] not in self._heals or not _long_ago(told, case):
            return _as_yes(told)
        return _dated(_as_open(told), told)

    def as_condition(self, case: Case) -> Answer:
        """Answer by a reaction that is the very condition; one that may be over by now leaves it open."""
        criterion = case.row["criterion"]
        told = self._reactions.gravest_first(item for item in case.context.therapies if case.name in item.conditions)
        if not told or criterion in self._by_itself:
            return OPEN
        ends = criterion in self._may_end or any(item.startswith("after:") for item in split_list(case.row["asks"]))
        if ends or needs_more(case.question, case.row):
            return _as_open(told)
        return self._unless_healed(told, case)

    def left(self, case: Case) -> Answer:
        """Leave open what a reaction may have left: a hepatitis under a drug need not be a disease of the liver now."""
        told = self._reacted(case)
        if not told:
            return OPEN
        # What is years ago is told, and is not asked about before all else.
        return _dated(_as_open(told), told)._replace(feared=False) if _long_ago(told, case) else _as_open(told)

    def past(self, case: Case) -> Answer:
        """Say whether all reactions of a kind lie further back than the bound; one without a day may be recent."""
        told, today = self._reacted(case), case.context.today
        days = (case.row["bound_any"] or 0.0) * _DAYS[case.row["unit"] or ""]
        known = [course.latest for course in told]
        if not told or today is None or not all(day and (today - day).days > days for day in known):
            return NO
        return _as_yes(told)

    def lately(self, case: Case) -> Answer:
        """Say whether a reaction of a kind lies no further back than the bound; one without a day says nothing."""
        today = case.context.today
        days = (case.row["bound_any"] or 0.0) * _DAYS[case.row["unit"] or ""]
        known = [(item, item.latest) for item in self._reacted(case)]
        told = [item for item, day in known if day and today and (today - day).days <= days]
        return _as_yes(told) if told else OPEN

    def _reacted(self, case: Case) -> list[Therapy]:
        """Return the courses that brought a reaction on, to any drug or to one of a class, the gravest first."""
        name, _, cause = case.name.partition(UNDER)
        causes = self._classes.get(cause, frozenset()) | {cause}
        return self._reactions.gravest_first(
            course
            for course in case.context.therapies
            if course.outcome is Outcome.INTOLERANCE
            and (not cause or course.drug.name in causes)
            and name in self._reactions.names(course.reaction)
        )


def _long_ago(told: Sequence[Therapy], case: Case) -> bool:
    """Say whether every one of some reactions is known to lie more than a year back."""
    today, days = case.context.today, [course.latest for course in told]
    return today is not None and all(day is not None and (today - day).days > _LONG_AGO for day in days)


def _dated(answer: Answer, told: Sequence[Therapy]) -> Answer:
    """Return an answer with the year of the reaction that it shows."""
    day = told[0].stop or told[0].start
    return answer._replace(found=f"{answer.found}, {day.year}") if day is not None else answer


def _perhaps(names: Collection[str], case: Case) -> Answer:
    """Leave open what is beside a drug where one of these was tried, and nobody tells whether it was stopped."""
    found = [item.name for item in case.context.perhaps_taken if item.name in names]
    found = [name for name in found if name != case.question.drug]
    return Answer(None, f"{', '.join(found)}, stop not told") if found else NO


def _as_yes(told: Sequence[Therapy]) -> Answer:
    """Return the first of the reactions that were told as a yes."""
    course, reaction = told[0], told[0].reaction or ""
    return Answer(True, f"{reaction}{UNDER}{course.drug.name}", reactions=(reaction,))


def _as_open(told: Sequence[Therapy]) -> Answer:
    """Return it as what may be there, or may be as severe as asked."""
    return _as_yes(told)._replace(met=None, feared=True)
