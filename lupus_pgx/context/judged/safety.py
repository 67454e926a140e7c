"""What the clinical context says against a drug: the safety matrix, interactions, intolerance.

A context that is silent clears nothing, and neither does a table: an answer that is missing leaves the check open,
and a cell that is missing was not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.answers import Answer, Question, question_of
from lupus_pgx.context.judged.checks import NO_ROWS, Beside, Check
from lupus_pgx.context.judged.criteria import Criteria
from lupus_pgx.context.judged.dosing import DOSE, Dosing
from lupus_pgx.context.judged.intolerance import INTOLERANCE, Intolerance
from lupus_pgx.context.judged.one_fact import said_once
from lupus_pgx.context.judged.pairs import Pairs
from lupus_pgx.context.judged.planned import PLANNED_DOSE, below_a_rule, dose_rules, planned_doses
from lupus_pgx.context.judged.row_checks import FORBIDDING, SEVERITY, Asked, Told, met_rows, open_rows
from lupus_pgx.context.model import Context
from lupus_pgx.context.values import values_of
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import class_heads
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import CheckStatus
from lupus_pgx.words.vocabulary import CHECKS

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ContraindicationsCells

__all__ = ["PAIRS", "PLANNED_DOSE", "TOGETHER", "Beside", "Check", "Safety", "checks_of", "safety_of"]

OTHER_CONDITIONS = "other"
"""Criterion of a check on a condition of which no table asks: what was told is its subject."""

PAIRS = "interactions"
"""Criterion of a check that says with which other drugs nothing was looked at."""

STILL_TAKEN = "still taken"
"""Criterion of an open check: a course without a stop may go on, and the drug would not go with the one asked about."""

TOGETHER = "use together with "
"""How the subject of such a check begins; names of drugs follow."""

_WITH = r"\bwith {}[,;)]"
_MONITOR = CheckStatus.MONITOR.severity
_IN_ITS_PLACE = "if added to it"
"""What is told of a pair of which one is chosen, and one is taken."""

_PLANNED = "planned"
_CHOICE = "choice_"
"""Begins the role of classes of drugs of which one is chosen, and not several."""


class Safety:
    """Contraindications, interactions and intolerance of drugs, held against contexts.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self.criteria = Criteria(knowledge)
        # The rows of these have nothing in common but the drug: the condition itself says what to ask about.
        self._own_words = knowledge.with_role("own_words")
        self._units = knowledge.known_units
        self._pairs = Pairs(knowledge)
        self._classes = class_heads(knowledge)
        self._forbidden: dict[tuple[str, str], Check | None] = {}
        options = knowledge.rows("therapy_options")
        self._of_lupus = frozenset(name for row in options for name in split_list(row["drugs"]))
        roles = {row["name"]: row["role"] for row in knowledge.rows("roles") if row["role"].startswith(_CHOICE)}
        kinds = {row["drug"]: row["drug_class"] for row in knowledge.rows("drugs")}
        self._choices = {drug: roles.get(kind, kind) for drug, kind in kinds.items()}
        self._intolerance = Intolerance(knowledge)
        self._doses = dose_rules(knowledge)
        self._dosing = Dosing(knowledge)
        measured = knowledge.with_role("measures_drug")
        self._measured_drugs: dict[str, dict[str, None]] = {}
        for watched in knowledge.rows("monitoring"):
            if watched["quantity"] in measured:
                self._measured_drugs.setdefault(watched["quantity"], {})[watched["drug"]] = None
        self._last: tuple[Context, dict[str, list[Check]]] | None = None
        self._rows: dict[str, dict[str, list[ContraindicationsCells]]] = {}
        self._also: dict[tuple[str, str], list[str]] = {}
        for row in knowledge.rows("contraindications"):
            self._rows.setdefault(row["drug"], {}).setdefault(row["criterion"], []).append(row)
            if row["also"]:
                self._also.setdefault((row["drug"], row["criterion"]), []).extend(split_list(row["also"]))

    def check(self, drug: str, context: Context) -> tuple[Check, ...]:
        """Hold a drug against the context of a patient, the most severe first.

        Parameters
        ----------
        drug : str
            Name as in the tables.
        context : Context

        Returns
        -------
        tuple of Check
            Conditions that are met or not known, what was not looked at though the context bears on it, and
            interactions with what is taken now.
        """
        taken = [item.name for item in context.on_board]
        planned = self._planned_beside(drug, context)
        pairs = self.interactions(drug, taken, planned)
        conditions = [(item, self._beside(item, context)) for item in self.conditions(drug, context)]
        answered = frozenset().union(*(names for _, names in conditions))
        # What a met row names as taken beside the drug was looked at, too.
        said = ", ".join(item.found for item, _ in conditions if item.known) + ","
        apart = [
            name
            for name in (*taken, *planned)
            if name not in answered and not re.search(_WITH.format(re.escape(name)), said)
        ]
        still = self.if_still_taken(drug, context, [*taken, *planned])
        found = [
            *(item for item in still if item.asks_first),
            *(item for item, names in conditions if not _said_of_pairs(item, names, pairs)),
            *pairs,
            *(item for item in still if not item.asks_first),
            *self._dose_not_looked_at(drug, context),
            *self._pairs_not_looked_at(drug, apart),
            *self._dosing.of(drug, context),
            *below_a_rule(drug, context, self._doses.get(drug, []), self._units),
        ]
        return tuple(sorted(found, key=lambda item: item.rank))

    def _beside(self, check: Check, context: Context) -> frozenset[str]:
        """Return the drugs beside that alone meet a condition; none where it is open, or met by the patient."""
        return self.criteria.answered_by(check.criterion, check.drug, context) if check.known else frozenset()

    def has_rows(self, drug: str) -> bool:
        """Whether anything of a drug was looked at: the tables have a row on what is held against it."""
        return drug in self._rows

    def conditions(self, drug: str, context: Context) -> list[Check]:
        """Return conditions and reactions that are met, that the context does not clear, or that have no row."""
        last = self._last
        if last is None or last[0] is not context:
            last = self._last = (context, {})
        if drug not in last[1]:  # several options of a patient are of one drug
            last[1][drug] = self._conditions(drug, context)
        return list(last[1][drug])

    def _conditions(self, drug: str, context: Context) -> list[Check]:
        found = self._intolerance.of(drug, context)
        for criterion, rows in self._rows.get(drug, {}).items():
            # Conditions without a criterion of their own have nothing in common.
            groups = [[row] for row in rows] if criterion == "other" else [rows]
            for group in groups:
                found += self._judged(drug, criterion, group, context)
        found = said_once(drug, found, context, self.criteria)
        found.sort(key=_consequence)
        if drug not in self._rows:
            found.append(_without_rows(drug))
        told = self.criteria.touched(context)
        asks = CheckStatus.CHECK_FIRST
        reactions = [check for check in found if check.criterion == INTOLERANCE and check.status is not asks]
        # What a drug did itself, or one that shares the reaction, is said already.
        said = {told for item in reactions for told in item.reactions}
        told = {name: answer for name, answer in told.items() if said.isdisjoint(answer.reactions)}
        missing = self._not_answered(drug, told, found) if told else []
        return [
            *found,
            *(
                _not_looked_at(drug, name, self.criteria.words(name), told[name].found, core=name in self.criteria.core)
                for name in missing
            ),
            # Of what no table asks nothing was looked up for any drug.
            *(_not_looked_at(drug, OTHER_CONDITIONS, name, "yes", core=False) for name in context.other_conditions),
        ]

    def _not_answered(self, drug: str, told: Iterable[str], found: Collection[Check]) -> list[str]:
        """Return the criteria that a context tells of and no row of a drug answers.

        A row on the whole answers for a part (a heart attack is a heart disease) and one on a part for the whole,
        where it is shown; so does one that names the criterion beside its own (dementia from 65 years on), where it
        is met or says what is told of it: where the age is not told, a stricter row may ask for it in its place.
        """
        known, rows = self._rows.get(drug, {}), self.criteria.rows
        shown = {check.criterion for check in found}
        beside = {
            name
            for check in found
            for name in self._also.get((drug, check.criterion), ())
            if check.known or self.criteria.words(name) in check.found
        }
        by_part = {whole for name in shown if name in rows for whole in self.criteria.wholes(name)}
        found_in = {check.criterion for check in found if check.known} & set(rows)
        missing = [
            name
            for name in told
            if name not in known
            and name not in beside | by_part
            and shown.isdisjoint(self.criteria.wholes_of_same(name))
            and not any(self.criteria.asks_the_same(name, other) for other in found_in)
        ]
        # Two criteria of one name, of which one is asked about by itself, are one to who reads it.
        missing = list({self.criteria.words(name): name for name in missing}.values())
        return [name for name in missing if not self.criteria.says_no_more(name, {*missing, *known})]

    def interactions(self, drug: str, taken: Collection[str], planned: Iterable[str] = ()) -> list[Check]:
        """Return the interactions of a drug with what is taken, and with what is planned beside it, which is said."""
        now = self._pairs.of(drug, taken)
        later = self._pairs.of(drug, [*taken, *planned]) if planned else []
        planned_later = [replace(check, found=_PLANNED) for check in later if check not in now]
        return [self._beside_another(check, drug, taken) for check in now] + planned_later

    def _beside_another(self, check: Check, drug: str, taken: Collection[str]) -> Check:
        """Return a check that says that a drug is not to be added to one of which it may take the place."""
        choice = drug not in taken and check.status in FORBIDDING and self.one_is_chosen(drug, check.partner)
        return replace(check, found=_IN_ITS_PLACE) if choice else check

    def if_still_taken(self, drug: str, context: Context, beside: Iterable[str]) -> list[Check]:
        """Return what is open because nobody tells whether a course goes on: of each partner the strictest row.

        It comes before all else where the row forbids a drug that is taken or planned; of one to choose from, what it
        takes the place of is stopped with it. What is paused is to be taken again, whatever is chosen.

        Parameters
        ----------
        drug : str
        context : Context
        beside : iterable of str
            What is taken or planned beside the drug, whose own rows are told already.
        """
        measured = self._of_levels(context)
        perhaps = [item.name for item in context.perhaps_taken if item.name != drug]
        perhaps += [name for name in measured if name != drug]
        if not perhaps:
            return []
        told = self._pairs.of(drug, beside)
        pairs = [check for check in self._pairs.of(drug, [*beside, *perhaps]) if check not in told]
        strict = [check for check in pairs if check.partner in perhaps and check.status.severity > _MONITOR]
        found: dict[str, Check] = {}
        for check in sorted(strict, key=lambda item: item.rank):
            found.setdefault(check.partner, check)
        near = drug in context.taken_or_planned
        paused = {item.drug.name for item in context.ended if item.is_paused}
        return [
            _if_still_taken(
                check,
                measured.get(check.partner, ""),
                paused=check.partner in paused,
                asks_first=(near or check.partner in paused) and check.status in FORBIDDING,
            )
            for check in found.values()
        ]

    def _of_levels(self, context: Context) -> dict[str, str]:
        """Return the drugs of which a recent level is told and nothing else, with what was measured of them.

        One of several that share the level is enough: of thiopurines, azathioprine.
        """
        told = {item.drug.name for item in (*context.therapies, *context.planned, *context.ended)}
        told |= {item.name for item in context.on_board}
        found: dict[str, str] = {}
        for quantity, drugs in self._measured_drugs.items():
            values = values_of(context, quantity, self._units)
            if values and not values[0].too_old(context.today) and told.isdisjoint(drugs):
                measure = self._units.quantities[quantity].measure
                for name in drugs:
                    found[name] = f"{measure} was measured: where it is taken, write co_medication: [{name}]"
        return found

    def _planned_beside(self, drug: str, context: Context) -> list[str]:
        """Return what is planned beside a drug.

        A drug that is neither taken nor planned is one to choose from: of what is planned, those of its class, and of
        classes of which one is chosen, are other choices. What is given with others, prednisone or warfarin, is none.
        """
        names = [item.drug.name for item in context.planned]
        told = drug in names or drug in [item.name for item in context.on_board]
        return [name for name in names if told or name not in self._rows or not self.one_is_chosen(name, drug)]

    def one_is_chosen(self, one: str, other: str) -> bool:
        """Say whether two drugs are of a class, or of classes, of which one is chosen."""
        return self._choices.get(one) == self._choices.get(other)

    def _pairs_not_looked_at(self, drug: str, taken: Iterable[str]) -> list[Check]:
        """Say of which pairs with what is taken the tables hold nothing; of each that forbids a kindred drug alone."""
        others = self._pairs.without_rows(drug, taken)
        kindred = {other: found for other in others if (found := self._kindred(drug, other)) is not None}
        # Those that treat lupus are given together all the time: what else is taken comes first.
        plain = sorted((other for other in others if other not in kindred), key=lambda name: name in self._of_lupus)
        return [
            *(_like_kindred(_pair_not_looked_at(drug, (other,)), found) for other, found in kindred.items()),
            *([_pair_not_looked_at(drug, tuple(plain))] if plain else []),
        ]

    def _dose_not_looked_at(self, drug: str, context: Context) -> list[Check]:
        told = self._dosing.not_judged(drug, context)
        return [_not_looked_at(drug, DOSE, "its dose", told, core=False)] if told else []

    def _kindred(self, drug: str, other: str) -> Check | None:
        """Return the strictest of what forbids another drug to those of the same class; None without such a row."""
        if (drug, other) not in self._forbidden:
            kin = [name for name, head in self._classes.items() if head == self._classes.get(drug) and name != drug]
            checks = [check for name in kin for check in self._pairs.of(name, [other]) if check.status in FORBIDDING]
            self._forbidden[drug, other] = max(checks, key=lambda check: check.status.severity, default=None)
        return self._forbidden[drug, other]

    def _judged(
        self, drug: str, criterion: str, rows: Sequence[ContraindicationsCells], context: Context
    ) -> list[Check]:
        """Return what the rows on one criterion come to: the strictest that is met, and a stricter one that is open."""
        answers = [(row, self._meets(row, context)) for row in rows]
        words = "" if criterion in self._own_words else self.criteria.words(criterion)
        asked = Asked(drug, criterion, words, criterion in self.criteria.core)
        met: list[Told] = [(row, answer) for row, answer in answers if answer.met]
        found = []
        worst = _MONITOR
        if met:
            check = met_rows(asked, met)
            against = self.criteria.rows[criterion]["speaks_against"]
            if against:
                check = replace(check, speaks_against=against)
            check = self._above_its_cap(check, context)
            worst = max(worst, check.status.severity)
            # That a drug is for lupus is no check.
            if check.status is not CheckStatus.COMPATIBLE or self.criteria.rows[criterion]["asks"] != "always":
                found.append(check)
        still = [
            (row, answer)
            for row, answer in answers
            if answer.met is None and row["acts"] == "yes" and SEVERITY[row["severity"]] > worst
        ]
        if still:
            asks = self.criteria.at_stake(criterion, context)
            if met:
                # A value that is bad enough for one row may well meet the stricter one, which is in another unit.
                still = [(row, answer._replace(feared=answer.feared or bool(answer.found))) for row, answer in still]
            check = open_rows(asked, still, asks=asks, forbidden=worst >= CheckStatus.AVOID.severity)
            half = self.criteria.half_met(criterion, context)
            # Pregnant, week not given: the question is no longer silent.
            found.append(_told_in_part(check, half) if half.found else check)
        return found

    def _above_its_cap(self, check: Check, context: Context) -> Check:
        """Return what a drug is compatible with as a dose to adjust, where more is taken or planned than is allowed."""
        if check.status is not CheckStatus.COMPATIBLE or check.cap is None:
            return check
        above = [
            dose.shown
            for same in planned_doses(context, check.drug)
            for dose in same
            if (number := self._units.convert(dose.value, "dose", dose.unit, check.cap_unit)) is not None
            and number > check.cap
        ]
        if not above:
            return check
        return replace(check, status=CheckStatus.ADJUST_DOSE, found=f"{check.found}; {above[0]}")

    def _meets(self, row: ContraindicationsCells, context: Context) -> Answer:
        """Say whether a context meets a row, with every other criterion that must hold too."""
        answer = self.criteria.answer(row["criterion"], context, question_of(row))
        for name in split_list(row["also"]):
            other = self.criteria.answer(name, context, Question(row["drug"]))
            if other.met is False or answer.met is False:
                return Answer(False)
            # Where the row is met its own words say what the answer is to.
            unsaid = other.found and answer.met is None
            told = f"{self.criteria.words(name)}: {other.found}" if unsaid else other.found
            if answer.bound and told == "yes":
                told = self.criteria.words(name)  # of a bound the words of the row are not shown
            own = answer.found
            if answer.met and other.met is None and own:
                own = f"{self.criteria.words(row['criterion'])}: {own}"  # the question is about the other one
            answer = Answer(
                None if other.met is None else answer.met,
                ", ".join(dict.fromkeys(part for part in (own, told) if part)),
                all(item.met or item.feared for item in (answer, other)),
                answer.bound,
                self.criteria.words(name) if answer.met and other.met is None else answer.asks,
                (*answer.reactions, *other.reactions),
            )
        return answer


def _consequence(check: Check) -> tuple[bool, bool, int]:
    """Sort what is open: to be asked first, what every drug is asked, then by what is at stake."""
    severity = check.at_stake.severity if check.at_stake is not None else check.status.severity
    return not check.asks_first, not check.core, -severity


def _told_in_part(check: Check, half: Answer) -> Check:
    """Return an open check with what is told of the criterion that its own is a part of."""
    reactions = (*check.reactions, *half.reactions)
    return replace(check, known=True, found=check.found or half.found, reactions=reactions)


def _said_of_pairs(check: Check, names: Collection[str], pairs: Iterable[Check]) -> bool:
    """Whether a condition is met by drugs that are taken alone, and pairs with them say it as strictly."""
    said = {pair.partner for pair in pairs if pair.status.severity >= check.status.severity}
    return bool(names) and said.issuperset(names)


@lru_cache(maxsize=4)
def safety_of(knowledge: Knowledge) -> Safety:
    """Return the checks of a set of tables, made once."""
    return Safety(knowledge)


def _without_rows(drug: str) -> Check:
    """Say that no contraindication of a drug stands in the tables: that is not to say that there is none."""
    return Check(
        drug=drug,
        subject=f"contraindications of {drug}, of which the tables hold none",
        status=CheckStatus.CHECK_FIRST,
        known=False,
        advice="No row was entered for this drug: look them up.",
        criterion=NO_ROWS,
    )


def _not_looked_at(drug: str, criterion: str, words: str, found: str, *, core: bool = True) -> Check:
    """Say that nothing was looked up for a drug about what the context tells: that clears nothing."""
    return Check(
        drug=drug,
        subject=words,
        status=CheckStatus.NOT_LOOKED_AT,
        known=False,
        advice="Not looked at for this drug: look it up.",
        found=found,
        criterion=criterion,
        core=core,
    )


def _if_still_taken(check: Check, measured: str, *, paused: bool, asks_first: bool) -> Check:
    """Turn a pair into a question: whether the partner is taken, of which no stop, or no more than a level, is told."""
    words = f"whether {check.partner} is {'' if measured else 'still '}taken"
    if paused:
        words = f"whether {check.partner} is taken again"
    said = measured or ("it is paused" if paused else "its stop is not told")
    asked = check.asked(words, said, STILL_TAKEN, first=asks_first)
    return replace(asked, words=words, core=asks_first, gives_way="")


def _pair_not_looked_at(drug: str, others: tuple[str, ...]) -> Check:
    check = _not_looked_at(drug, PAIRS, f"{TOGETHER}{', '.join(others)}", "")
    return replace(check, not_looked_at_with=others)


def _like_kindred(check: Check, kindred: Check) -> Check:
    """Say of a pair without a row what it is to a drug of the same class; one that is forbidden is asked first."""
    found = f"{kindred.drug}, of the same class: {CHECKS[kindred.status].label}"
    return replace(check, found=found, asks_first=kindred.status is CheckStatus.CONTRAINDICATED)


def checks_of(
    drugs: Iterable[str], contexts: Mapping[str, Context], sample_ids: Sequence[str], knowledge: Knowledge
) -> dict[tuple[str, int], tuple[Check, ...]]:
    """Hold drugs against the contexts of samples.

    Returns
    -------
    dict of (drug, sample number) to tuple of Check
        Of the samples that have a context.
    """
    numbers = [number for number, sample in enumerate(sample_ids) if sample in contexts]
    if not numbers:
        return {}
    safety = safety_of(knowledge)
    # One patient after the other: what the context says of a criterion is worked out once for all drugs.
    return {
        (drug, number): checks
        for number in numbers
        for drug in drugs
        if (checks := safety.check(drug, contexts[sample_ids[number]]))
    }
