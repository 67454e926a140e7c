"""Therapy options of a manifestation, each with the genome's word, what failed already and what to check first.

A sorted list of what is in use, never a prescription.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.safety import Check, safety_of
from lupus_pgx.context.model import Manifestation
from lupus_pgx.context.today import day_of
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import accompanying_drugs, background_drugs
from lupus_pgx.knowledge.option_terms import OptionKey, words_of
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.review.course import Judged
from lupus_pgx.review.genome_word import DrugWord, drug_word
from lupus_pgx.review.kindred import Kindred
from lupus_pgx.review.levels import TARGET, Levels
from lupus_pgx.review.option import Option
from lupus_pgx.review.option_order import sort_key
from lupus_pgx.review.stages import (
    AGAIN,
    AGAINST,
    BACKGROUND,
    FIRST,
    LAST_RESORT,
    MAINTENANCE,
    OF_DISEASE,
    PREGNANT,
    REFRACTORY,
    RESCUE,
)
from lupus_pgx.review.states import FAILED, ON_TRACK, PatientState
from lupus_pgx.review.steps.flare import ACTIVE, REMISSION
from lupus_pgx.review.steps.step import case_of
from lupus_pgx.terms import Action, CheckStatus, GenomeWord, Outcome
from lupus_pgx.words.vocabulary import OUTCOMES, listed

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ApprovalsCells, TherapyOptionsCells

_EVERY = "all"
_AGE = "age"
_MEASURE = "measure"
_DRUGS = "{drugs}"
"""Stands in the text of an option for the drugs of which its conditions speak."""

_SOUGHT = (REFRACTORY, RESCUE)
"""Stages that are asked for where others fail or are forbidden: that nobody looked at a drug is said.

A refractory line must not win by it; a rescue is asked for by a finding of its own.
"""

_HIGH_DOSE = 30
"""Milligrams a day from which a glucocorticoid is one of a high dose, whichever it is (our choice)."""


def therapy_options(
    levels: Levels, responses: Mapping[str, DrugResponse], course: tuple[Judged, ...] = ()
) -> tuple[Option, ...]:
    """List the therapies in use for the manifestations of a patient.

    Parameters
    ----------
    levels : Levels
        Of the patient; with them the context and the tables.
    responses : mapping of str to DrugResponse
        By drug.
    course : tuple of Judged
        Response criteria that were judged; none where nothing was tried.

    Returns
    -------
    tuple of Option
        By manifestation, then by ``SORT_KEYS``.
    """
    context = levels.context
    maker = _Maker(levels, responses, course)
    rows = levels.knowledge.rows("therapy_options")
    if not context.manifestations:
        return ()
    shared = _Shared(context.manifestations, maker)
    blocking = [row for row in rows if row["manifestation"] == _EVERY and row["stage"] == AGAINST]
    for row in blocking:
        if maker.applies(row, context.manifestations[0])[0]:
            return (maker.option(row, context.manifestations[0], (), name=_EVERY),)
    found = sorted((option for row in rows if (option := shared.option(row)) is not None), key=sort_key)
    for manifestation in context.manifestations:
        made = []
        for row in rows:
            if row["manifestation"] not in (manifestation.name, _EVERY) or row in blocking:
                continue
            applies, asks = maker.applies(row, manifestation)
            if applies is not False and not shared.said(row):
                made.append(maker.option(row, manifestation, asks, name=manifestation.name))
        found += sorted(maker.kindred.by_class(maker.once(made)), key=sort_key)
    return tuple(found)


class _Shared:
    """What names no drug and holds whatever the manifestation: it is said once.

    What comes before every drug, and holds for all manifestations, stands before them; else it stands with the first.
    """

    def __init__(self, manifestations: Sequence[Manifestation], maker: _Maker) -> None:
        self._manifestations, self._maker = manifestations, maker
        self._said: set[str] = set()

    def option(self, row: TherapyOptionsCells) -> Option | None:
        """Return the option of a row that stands before all manifestations."""
        several, first = len(self._manifestations) > 1, row["order"] <= 0 and row["stage"] != AGAINST
        if not (several and first and _without_drug(row)):
            return None
        told = [self._maker.applies(row, item) for item in self._manifestations]
        if any(applies is not True for applies, _ in told):
            return None
        self._said.add(row["option"])
        return self._maker.option(row, self._manifestations[0], (), name=_EVERY)

    def said(self, row: TherapyOptionsCells) -> bool:
        """Whether the option of a row was said already; asking says it."""
        if not _without_drug(row):
            return False
        said = row["option"] in self._said
        self._said.add(row["option"])
        return said


def _without_drug(row: TherapyOptionsCells) -> bool:
    return row["manifestation"] == _EVERY and not row["drugs"]


def _fits(meant: str | None, mechanism: str | None) -> bool | None:
    """Say whether an option is meant for the patient's form of a manifestation; None where that is open."""
    if not meant or mechanism is None:
        return None
    return mechanism in ("mixed", meant)


class _Maker:
    """Put options together for one patient."""

    def __init__(self, levels: Levels, responses: Mapping[str, DrugResponse], course: tuple[Judged, ...]) -> None:
        context, knowledge = levels.context, levels.knowledge
        self.context, self.responses = context, responses
        self.safety = safety_of(knowledge)
        self.steroids = accompanying_drugs(knowledge)
        self.background = background_drugs(knowledge)
        self.kindred = Kindred(knowledge)
        self.classes = self.kindred.classes
        self.maintaining = _maintaining(knowledge, self.background | self.steroids)
        case = case_of(levels, responses, (), (), course, day_of(context.today))
        self.state = PatientState(case, self.background | self.steroids)
        self.planned = {item.drug.name for item in context.planned}
        self.taken = [item.name for item in context.on_board if item.listed]
        self.forbidden = self._forbidden(knowledge)
        replaced = self.state.failed - self.state.afresh
        self.leaving = {drug for drug in self.taken if drug in replaced or self._leaves(drug)}
        self.members = knowledge.class_members
        self.telling: dict[str, str] = {}
        for target in knowledge.rows("monitoring"):
            if target["basis"] == TARGET:
                self.telling.setdefault(target["drug"], target["measure"])
        self.beside = [item.name for item in context.co_medication]
        self.approvals: dict[str, list[ApprovalsCells]] = defaultdict(list)
        for licence in knowledge.rows("approvals"):
            self.approvals[licence["drug"]].append(licence)
        self.tried: dict[str, list[Outcome]] = {}
        for item in context.therapies:
            if item.outcome is not None:
                self.tried.setdefault(item.drug.name, []).append(item.outcome)

    def _forbidden(self, knowledge: Knowledge) -> frozenset[str]:
        """Return drugs in use for lupus that the genotype says to avoid, or that the state of the patient forbids."""
        of_lupus = {drug for row in knowledge.rows("therapy_options") for drug in split_list(row["drugs"])}
        genome = {name for name in of_lupus if name in self.responses and self.responses[name].action is Action.AVOID}
        return frozenset(genome | {drug for drug in of_lupus if self._leaves(drug)})

    def _leaves(self, drug: str) -> bool:
        """Whether a drug that is taken is forbidden by the state of the patient, so that another takes its place."""
        found = self.safety.conditions(drug, self.context)
        hard = [check for check in found if check.status.severity > CheckStatus.ADJUST_DOSE.severity]
        return any(check.known and not check.speaks_against for check in hard)

    def applies(self, row: TherapyOptionsCells, manifestation: Manifestation) -> tuple[bool | None, tuple[str, ...]]:
        """Say whether an option is for the state of the patient, and what about that is open."""
        stage, state = row["stage"], self.state
        lifted = state.any_holds(row["lifted_by"], manifestation)
        holds, groups = state.holds(row["applies_when"], manifestation, waived=FAILED if lifted else "")
        activity = state.activity(manifestation)
        quiet = activity == REMISSION and row["order"] > 0
        if quiet and stage in (*OF_DISEASE, *LAST_RESORT) and not row["lasting"]:
            return False, ()
        if stage == MAINTENANCE and activity == ACTIVE:
            return False, ()
        late = stage in (*LAST_RESORT, RESCUE) and (row["order"] > 0 or ON_TRACK in state.trial)
        if late and state.unproven(manifestation):
            return False, ()
        measure = row["role"] == _MEASURE and row["order"] > 0
        open_keys = {term.key for group in groups for term in group}
        # What else a pregnancy asks about is asked: that it is not told takes no treatment away from her.
        unfit = stage == RESCUE or (stage == PREGNANT and OptionKey.PREGNANCY.value in open_keys)
        if holds is not True and (unfit or measure or _AGE in open_keys):
            return False, ()
        return holds, tuple(map(words_of, groups))

    def option(
        self, row: TherapyOptionsCells, manifestation: Manifestation, asks: tuple[str, ...], *, name: str
    ) -> Option:
        """Return one option."""
        drugs = split_list(row["drugs"])
        active = [drug for drug in drugs if drug not in self.background and drug not in self.steroids] or list(drugs)
        alike = self._alike(row, drugs)
        tried = tuple(text for drug in (*drugs, *alike) for text in self._given(drug))
        kept = set(split_list(row["builds_on"])) & set(active)
        new = [drug for drug in active if drug not in kept] or active
        failed = {drug for drug in (*active, *alike) if any(outcome.failed for outcome in self.tried.get(drug, ()))}
        # Glucocorticoids by themselves are one treatment: a high dose that failed is not undone by a low one.
        alone = bool(active) and not set(active) - self.steroids
        if row["stage"] == BACKGROUND:
            failed &= self.state.harmed  # what everyone gets is no line that failed
        exhausted = bool(failed) if alone else bool(active) and failed >= set(active)
        harmed = any(drug in self.state.harmed for drug in active)
        age = row["age_from"]
        too_young = age is not None and self.context.age is not None and self.context.age < age
        barring = self.state.holding(row["not_if"], manifestation)
        return Option(
            manifestation=name,
            option=row["option"].replace(
                _DRUGS, listed(sorted(self.state.named(row["applies_when"], manifestation)), "and")
            ),
            drugs=drugs,
            words=tuple(self._word(drug) for drug in drugs),
            tried=tried,
            exhausted=exhausted,
            afresh=exhausted and failed <= self.state.afresh,
            harmed=harmed,
            planned=any(drug in self.planned for drug in active),
            fits=_fits(row["mechanism"], manifestation.mechanism),
            checks=self._checks(drugs),
            beside_plan=frozenset((self._replaced(active) | self.leaving) - set(drugs)),
            row=row,
            asks=asks,
            barred=bool(barring),
            remarks=(
                *self._barred(barring),
                *self._bare(drugs, row["stage"]),
                *self._named(row),
                *([f"licensed or tried from {age} years"] if too_young else ()),
            ),
            falls=harmed or too_young or bool(failed & set(new)) or self._like_what_failed(row, new),
            lifted=self.state.any_holds(row["lifted_by"], manifestation),
            found=self.state.any_holds(row["lifted_by"], manifestation, but=FAILED),
            worked=bool(active) and set(active) <= self.state.worked,
            after_failure=bool(self.state.failed) and not self.state.unproven(manifestation),
            threatened=self.state.threatened(manifestation),
            maintained=bool(self.state.harmed & self.maintaining.get(name, frozenset())),
            licences=tuple(row for drug in drugs for row in self._licences(drug, name)),
        )

    def _replaced(self, active: Sequence[str]) -> set[str]:
        """Return what is only planned and an option may stand in the place of.

        One that is planned itself stands beside what else is planned, if not one of the two is chosen.
        """
        only = self.planned - set(self.taken)
        if not self.planned & set(active):
            return only
        return {name for name in only if any(self.safety.one_is_chosen(name, drug) for drug in active)}

    def _alike(self, row: TherapyOptionsCells, drugs: Sequence[str]) -> tuple[str, ...]:
        """Return other glucocorticoids that were given at a high dose, of an option that is glucocorticoids alone.

        Pulses for a rescue are more than a high dose by mouth, and are not tried by it.
        """
        if not drugs or set(drugs) - self.steroids or row["stage"] == RESCUE:
            return ()
        found = dict.fromkeys(
            item.drug.name
            for item in self.context.therapies
            if item.drug.name in self.steroids - set(drugs)
            and any(one.unit == "mg/day" and one.value >= _HIGH_DOSE for one in [item.dose] if one is not None)
        )
        return tuple(found)

    @staticmethod
    def _barred(terms: tuple[str, ...]) -> Iterator[str]:
        """Yield what is told with which the source would not use an option."""
        if terms:
            yield f"its source would not use it here: {listed(terms, 'and')}"

    def _bare(self, drugs: Sequence[str], stage: str) -> Iterator[str]:
        """Yield the drugs of which no contraindication was entered."""
        bare = [drug for drug in drugs if not self.safety.has_rows(drug)]
        if bare and stage in _SOUGHT:
            yield f"nothing was looked at for {listed(bare, 'and')}"

    def _licences(self, drug: str, manifestation: str) -> Sequence[ApprovalsCells]:
        """Return the rows on the licence of a drug: those that name the manifestation, else those that name none."""
        rows = self.approvals[drug]
        named = [row for row in rows if manifestation in split_list(row["manifestations"])]
        return named or [row for row in rows if not row["manifestations"]]

    def _like_what_failed(self, row: TherapyOptionsCells, new: Sequence[str]) -> bool:
        """Whether a drug is of the class of one that failed in full, and no guideline has it for after that failure."""
        kept = {self.classes.get(drug) for drug in split_list(row["builds_on"])} - {None}
        # What is added to a drug of its own class is meant so.
        if row["stage"] not in AGAIN or any(self.classes.get(drug) in kept for drug in new):
            return False
        classes = {self.classes.get(drug, "") for drug in self.state.failed - self.state.short} - {""}
        return any(self.classes.get(drug) in classes for drug in new)

    def _named(self, row: TherapyOptionsCells) -> Iterator[str]:
        """Yield other drugs that the text of an option names, and that the genotype or the context forbids."""
        text = f"{row['option']} {row['regimen'] or ''} {row['note'] or ''}".lower()
        own = set(split_list(row["drugs"]))
        for drug in sorted(self.forbidden - own):
            if re.search(rf"\b{re.escape(drug)}\b", text):
                yield f"{drug}, which the text names, is forbidden here"

    def _given(self, drug: str) -> Iterator[str]:
        """Yield that a drug was tried, or that it, or a member of the class that the option names, is taken."""
        if drug in self.tried:
            yield f"{drug} ({_outcomes(self.tried[drug])})"
        for name in sorted(self.members.get(drug, frozenset()) & frozenset(self.beside)):
            yield f"{name} (taken)"

    def _word(self, drug: str) -> DrugWord:
        """Return the genome's word on a drug; one that the tables do not hold was not looked at."""
        if drug not in self.classes:
            return DrugWord(drug, GenomeWord.NO_MARKER, True, "not among the drugs of the tables")
        return drug_word(drug, self.responses.get(drug), self.telling.get(drug, ""))

    def once(self, options: Sequence[Option]) -> list[Option]:
        """Let a line fall whose drugs stand among what follows the failure: it is the same treatment again."""
        beside = self.background | self.steroids
        changes = {frozenset(option.drugs) - beside for option in options if option.stage == REFRACTORY}
        return [
            replace(option, falls=True)
            if option.after_failure
            and option.stage in AGAIN
            and frozenset(option.drugs) - beside in changes - {frozenset()}
            else option
            for option in options
        ]

    def _checks(self, drugs: Sequence[str]) -> tuple[Check, ...]:
        """Return conditions, interactions with what is taken, planned or part of the option, and what may be taken."""
        beside = dict.fromkeys([*self.taken, *sorted(self.planned), *drugs])
        found = [check for drug in drugs for check in self.safety.conditions(drug, self.context)]
        found += [check for drug in drugs for check in self.safety.if_still_taken(drug, self.context, beside)]
        pairs = [check for drug in drugs for check in self.safety.interactions(drug, beside)]
        # A pair within an option is seen from both sides: the stricter comes first, then that the row is about.
        seen: dict[tuple[frozenset[str], str], Check] = {}
        for check in sorted(pairs, key=lambda item: (-item.status.severity, not item.about_drug)):
            seen.setdefault((frozenset((check.drug, check.partner)), check.row), check)
        return tuple(sorted([*found, *seen.values()], key=lambda item: item.rank))


def _maintaining(knowledge: Knowledge, background: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return by manifestation the drugs that maintain and are no first line."""
    found: dict[str, frozenset[str]] = {}
    for stage in (MAINTENANCE, FIRST):
        for row in knowledge.rows("therapy_options"):
            if row["stage"] == stage:
                drugs = frozenset(split_list(row["drugs"])) - background
                old = found.get(row["manifestation"], frozenset())
                found[row["manifestation"]] = old | drugs if stage == MAINTENANCE else old - drugs
    return found


def _outcomes(outcomes: Sequence[Outcome]) -> str:
    return ", ".join(dict.fromkeys(OUTCOMES[item].label for item in outcomes))
