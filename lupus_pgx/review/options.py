"""Therapy options of a manifestation, each with the genome's word, what failed already and what to check first.

A sorted list of what is in use, never a prescription.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lupus_pgx.context.model import Manifestation
from lupus_pgx.context.safety import Check, safety_of
from lupus_pgx.context.today import day_of
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import accompanying_drugs, background_drugs
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.review.course import judge_course
from lupus_pgx.review.genome_word import DrugWord, asks, drug_word
from lupus_pgx.review.levels import Levels
from lupus_pgx.review.states import ACTIVE, ON_TRACK, REMISSION, PatientState
from lupus_pgx.review.steps.step import case_of
from lupus_pgx.terms import Action, CheckStatus, GenomeWord, Outcome
from lupus_pgx.words.vocabulary import OUTCOMES

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import TherapyOptionsCells

SORT_KEYS = (
    "what failed or was not tolerated comes last, and before it what a guideline advises against",
    "known contraindications come before those, then advice against; a clash with a drug that is only planned does not "
    "count, and a drug of whose class another is known to be forbidden counts as that one where nobody looked",
    "options that a guideline's genotype rule speaks against come after the others",
    "combinations with a partner that failed or was not tolerated, or for another age, come after the others",
    "what is to be settled before any drug comes first, and before that what a finding asks for at once",
    "options meant for the patient's form of the manifestation come first, those for another form last",
    "then by stage: after a failed line refractory, rescue and alternative ones, else background and first line; an "
    "alternative that a finding lifts stands with the first of these stages",
    "then what a finding lifts, and what worked before",
    "then by the order within the stage, and by name",
)
"""How options are sorted, the first key first."""

_FRESH = ("background", "pregnancy-compatible", "first", "alternative", "maintenance", "rescue", "refractory")
_AFTER_FAILURE = ("pregnancy-compatible", "refractory", "rescue", "alternative", "first", "maintenance", "background")
_MAINTAINED = ("background", "pregnancy-compatible", "maintenance", "first", "alternative", "rescue", "refractory")
_LATE = ("adjunct", "trial-only", "against")
_OF_DISEASE = ("first", "alternative", "rescue", "trial-only")
"""Stages that are for active disease."""

_LIFTED = "alternative"
"""Stage out of which a finding lifts an option."""

_LAST_RESORT = ("refractory", "trial-only")
_EVERY = "all"
_BACKGROUND = "background"
_PREGNANT = "pregnancy-compatible"
_LINES = ("first", "alternative", "maintenance", "refractory", "rescue", "trial-only")
_AGE = "age"
_TARGET = "target"
_FOR_AN_AGE = "age "
_MEASURE = "measure"
_WHEN_KNOWN = (_PREGNANT, "rescue")
"""Stages whose options are shown only where their conditions are known to hold."""

_AGAINST = "against"


@dataclass(frozen=True, slots=True)
class Option:
    """A therapy or combination in use for a manifestation.

    Attributes
    ----------
    manifestation, option : str
    drugs : tuple of str
    words : tuple of DrugWord
        The genome's word on each drug.
    tried : tuple of str
        Drugs that were tried, with their outcome.
    exhausted : bool
        All drugs beside background therapy failed or were not tolerated.
    planned : bool
        One of the drugs is planned.
    fits : bool or None
        True where it is meant for the patient's form of the manifestation, False for another, None for every form.
    checks : tuple of Check
        What the context meets, and what it leaves open.
    beside_plan : frozenset of str
        Drugs that are planned only, or taken but forbidden. The option may stand in their place, so a clash with one
        is shown and does not move it down.
    row : mapping
        Row of the table ``therapy_options``: stage, ranks of the guidelines, regimen, strength, licences, note.
    asks : tuple of str
        Conditions of the row about which the context is silent.
    falls : bool
        A partner failed or was not tolerated, or the option is for another age.
    lifted, worked : bool
        A finding speaks for it; it worked before.
    after_failure : bool
        A line of treatment failed, so that the next one is asked for.
    maintained : bool
        A drug that only maintains was not tolerated, so that another one is asked for.
    unlooked : CheckStatus or None
        What a drug of the same class meets where the tables have no row for this one.
    """

    manifestation: str
    option: str
    drugs: tuple[str, ...]
    words: tuple[DrugWord, ...]
    tried: tuple[str, ...]
    exhausted: bool
    planned: bool
    fits: bool | None
    checks: tuple[Check, ...]
    beside_plan: frozenset[str]
    row: TherapyOptionsCells
    asks: tuple[str, ...] = ()
    falls: bool = False
    lifted: bool = False
    worked: bool = False
    after_failure: bool = False
    maintained: bool = False
    unlooked: CheckStatus | None = None

    @property
    def genome(self) -> DrugWord:
        """The genome's word on the option as a whole: the most restricting on any of its drugs, guideline first."""
        if not self.words:
            return DrugWord("", GenomeWord.NO_MARKER, True, "")
        asked = [item for item in self.words if asks(item)]
        if asked:
            return max(asked, key=lambda item: (not item.weak, item.word.severity))
        order = (GenomeWord.SUPPORTS, GenomeWord.NOT_ASSESSED, GenomeWord.NEUTRAL, GenomeWord.NO_MARKER)
        return min(self.words, key=lambda item: order.index(item.word))

    @property
    def against(self) -> tuple[Check, ...]:
        """Checks that are known to speak against it as usual."""
        return tuple(check for check in self.checks if check.against)

    @property
    def open_checks(self) -> tuple[Check, ...]:
        """Checks about which the context is silent."""
        return tuple(check for check in self.checks if not check.known)

    @property
    def stage(self) -> str:
        """Place in therapy."""
        return self.row["stage"]

    @property
    def check_first(self) -> tuple[str, ...]:
        """What to find out first: the conditions of the option, then those of its drugs."""
        return (*self.asks, *(f"{check.drug}: {check.subject}" for check in self.open_checks))

    @property
    def guidelines(self) -> str:
        """The places that the guidelines give it, such as ``EULAR 1, KDIGO 2``."""
        ranks = {"EULAR": self.row["rank_eular"], "KDIGO": self.row["rank_kdigo"], "ACR": self.row["rank_acr"]}
        return ", ".join(
            f"{body} {'against' if rank < 0 else rank}" for body, rank in ranks.items() if rank is not None
        )

    @property
    def approval(self) -> str:
        """Licences, the American first."""
        parts = (("US", self.row["approval_us"]), ("EU", self.row["approval_eu"]))
        return "; ".join(f"{where}: {text}" for where, text in parts if text)

    @property
    def citations(self) -> tuple[str, ...]:
        """Citations of the option."""
        return split_list(self.row["citation"])


def therapy_options(levels: Levels, responses: Mapping[str, DrugResponse]) -> tuple[Option, ...]:
    """List the therapies in use for the manifestations of a patient.

    Parameters
    ----------
    levels : Levels
        Of the patient; with them the context and the tables.
    responses : mapping of str to DrugResponse
        By drug.

    Returns
    -------
    tuple of Option
        By manifestation, then by ``SORT_KEYS``.
    """
    context = levels.context
    maker = _Maker(levels, responses)
    rows = levels.knowledge.rows("therapy_options")
    if not context.manifestations:
        return ()
    blocking = [row for row in rows if row["manifestation"] == _EVERY and row["stage"] == _AGAINST]
    for row in blocking:
        if maker.applies(row, context.manifestations[0])[0]:
            return (maker.option(row, context.manifestations[0], (), name=_EVERY),)
    found = []
    for manifestation in context.manifestations:
        made = []
        for row in rows:
            if row["manifestation"] not in (manifestation.name, _EVERY) or row in blocking:
                continue
            applies, asks = maker.applies(row, manifestation)
            if applies is not False:
                made.append(maker.option(row, manifestation, asks, name=manifestation.name))
        found += sorted(maker.by_class(made), key=_sort_key)
    return tuple(found)


def _fits(meant: str | None, mechanism: str | None) -> bool | None:
    """Say whether an option is meant for the patient's form of a manifestation; None where that is open."""
    if not meant or mechanism is None:
        return None
    return mechanism in ("mixed", meant)


def _place(option: Option) -> int:
    """Return where the stage of an option stands in the course of the patient."""
    course = _AFTER_FAILURE if option.after_failure else _MAINTAINED if option.maintained else _FRESH
    stages = (*course, *_LATE)
    stage = option.stage
    if option.lifted and stage == _LIFTED:
        stage = "refractory" if option.after_failure else "first"
    return stages.index(stage)


def _sort_key(option: Option) -> tuple[int, bool, int, int, int, bool, bool, int, str]:
    return (
        _group(option),
        option.falls,
        max(min(option.row["order"], 1), -1),
        (True, None, False).index(option.fits),
        _place(option),
        not option.lifted,
        not option.worked,
        option.row["order"],
        option.option,
    )


def _group(option: Option) -> int:
    """Return how much stands against an option."""
    if option.exhausted:
        return 6
    if option.stage == _AGAINST:
        return 5
    against = [check.status for check in option.against if check.partner not in option.beside_plan]
    statuses = [*against, *([option.unlooked] if option.unlooked else [])]
    worst = max((status.severity for status in statuses), default=0)
    hard = max(worst - CheckStatus.ADJUST_DOSE.severity, 0)
    if hard:
        return 1 + hard
    return int(any(item.word is GenomeWord.SPEAKS_AGAINST and not item.weak for item in option.words))


class _Maker:
    """Put options together for one patient."""

    def __init__(self, levels: Levels, responses: Mapping[str, DrugResponse]) -> None:
        context, knowledge = levels.context, levels.knowledge
        self.context, self.responses = context, responses
        self.safety = safety_of(knowledge)
        self.steroids = accompanying_drugs(knowledge)
        self.background = background_drugs(knowledge)
        self.classes = {name: drug.row["drug_class"] for name, drug in knowledge.drugs_by_name.items()}
        # An age limit is the licence of one drug, and no property of its class.
        self.licences = {row["criterion"] for row in knowledge.rows("criteria") if row["asks"] == _AGE}
        self.looked_at = {(row["drug"], row["criterion"]) for row in knowledge.rows("contraindications")}
        first = {row["criterion"] for row in knowledge.rows("contraindications") if row["asks_first"]}
        self.decisive = first - self.licences
        self.maintaining = _maintaining(knowledge, self.background | self.steroids)
        today = day_of(context.today)
        course = judge_course(context, knowledge, today)
        case = case_of(levels, responses, (), (), course, today)
        self.state = PatientState(case, self.background | self.steroids)
        self.planned = {item.drug.name for item in context.planned}
        self.taken = [item.name for item in context.on_board if item.listed]
        self.forbidden = self._forbidden(knowledge)
        self.leaving = {drug for drug in self.taken if self._leaves(drug)}
        self.members = knowledge.class_members
        self.telling: dict[str, str] = {}
        for target in knowledge.rows("monitoring"):
            if target["basis"] == _TARGET:
                self.telling.setdefault(target["drug"], target["measure"])
        self.beside = [item.name for item in context.co_medication]
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
        return any(check.known and check.status.severity > CheckStatus.ADJUST_DOSE.severity for check in found)

    def applies(self, row: TherapyOptionsCells, manifestation: Manifestation) -> tuple[bool | None, tuple[str, ...]]:
        """Say whether an option is for the state of the patient, and what about that is open."""
        stage, state = row["stage"], self.state
        lifted = state.any_holds(row["lifted_by"], manifestation)
        holds, asks = state.holds(row["applies_when"], manifestation, waived="failed" if lifted else "")
        quiet = state.activity == REMISSION and row["order"] > 0
        if quiet and stage in (*_OF_DISEASE, *_LAST_RESORT) and not row["lasting"]:
            return False, ()
        if stage == "maintenance" and state.activity == ACTIVE:
            return False, ()
        late = stage in (*_LAST_RESORT, "rescue") and (row["order"] > 0 or ON_TRACK in state.trial)
        if late and state.unproven(manifestation):
            return False, ()
        measure = row["role"] == _MEASURE and row["order"] > 0
        for_an_age = any(words.startswith(_FOR_AN_AGE) for words in asks)
        if holds is not True and (stage in _WHEN_KNOWN or measure or for_an_age):
            return False, ()
        return holds, asks

    def option(
        self, row: TherapyOptionsCells, manifestation: Manifestation, asks: tuple[str, ...], *, name: str
    ) -> Option:
        """Return one option."""
        drugs = split_list(row["drugs"])
        active = [drug for drug in drugs if drug not in self.background and drug not in self.steroids] or list(drugs)
        tried = tuple(text for drug in drugs for text in self._given(drug))
        kept = set(split_list(row["builds_on"])) & set(active)
        new = [drug for drug in active if drug not in kept] or active
        failed = {drug for drug in active if any(outcome.failed for outcome in self.tried.get(drug, ()))}
        # Glucocorticoids by themselves are one treatment: a high dose that failed is not undone by a low one.
        alone = bool(active) and set(active) <= self.steroids
        if row["stage"] == _BACKGROUND:
            failed &= self.state.harmed  # what everyone gets is no line that failed
        exhausted = bool(failed) if alone else bool(active) and failed >= set(active)
        harmed = any(drug in self.state.harmed for drug in active)
        age = row["age_from"]
        too_young = age is not None and self.context.age is not None and self.context.age < age
        return Option(
            manifestation=name,
            option=row["option"],
            drugs=drugs,
            words=tuple(self._word(drug) for drug in drugs),
            tried=tried,
            exhausted=exhausted,
            planned=any(drug in self.planned for drug in active),
            fits=_fits(row["mechanism"], manifestation.mechanism),
            checks=self._checks(drugs),
            beside_plan=frozenset((self.planned - set(self.taken) | self.leaving) - set(drugs)),
            row=row,
            asks=(
                *asks,
                *self._named(row),
                *([f"licensed or tried from {age} years"] if too_young else ()),
            ),
            falls=harmed or too_young or bool(failed & set(new)),
            lifted=self.state.any_holds(row["lifted_by"], manifestation),
            worked=bool(active) and set(active) <= self.state.worked,
            after_failure=bool(self.state.failed) and not self.state.unproven(manifestation),
            maintained=bool(self.state.harmed & self.maintaining.get(name, frozenset())),
        )

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

    def _unseen(self, option: Option, forbidden: Mapping[tuple[str, str], CheckStatus]) -> list[CheckStatus]:
        """Say how an option counts that was not looked at for what forbids two classes, or is asked before all else."""
        unseen = [check for check in option.checks if check.status is CheckStatus.NOT_LOOKED_AT]
        missing = {check.criterion for check in unseen} & self.decisive
        if option.stage in _LINES:  # what everyone gets, or stands beside a treatment, is no immunosuppressant
            missing |= {check.criterion for check in unseen if check.drug not in self.background | self.steroids}
        met = Counter(criterion for _, criterion in forbidden)
        if any(met[criterion] > (criterion not in self.decisive) for criterion in missing):
            return [CheckStatus.CONTRAINDICATED]  # a row could be as strict
        return [CheckStatus.AVOID] if missing & self.decisive else []

    def by_class(self, options: Sequence[Option]) -> list[Option]:
        """Let a drug without a row for what forbids another of its class stand no better than that one."""
        forbidden: dict[tuple[str, str], CheckStatus] = {}
        for option in options:
            for check in option.against:
                own = not check.criterion or check.criterion in self.licences
                if not own and check.status.severity > CheckStatus.ADJUST_DOSE.severity:
                    key = (self.classes.get(check.drug, ""), check.criterion)
                    forbidden[key] = max(forbidden.get(key, check.status), check.status, key=lambda item: item.severity)
        made = []
        for option in options:
            met = [
                status
                for (drug_class, criterion), status in forbidden.items()
                for drug in option.drugs
                if self.classes.get(drug) == drug_class and (drug, criterion) not in self.looked_at
            ]
            met += self._unseen(option, forbidden)
            worst = max(met, key=lambda item: item.severity, default=None)
            made.append(replace(option, unlooked=None if option.stage == _PREGNANT else worst))
        return made

    def _checks(self, drugs: Sequence[str]) -> tuple[Check, ...]:
        """Return conditions, and interactions with what is taken, planned or part of the option."""
        beside = dict.fromkeys([*self.taken, *sorted(self.planned), *drugs])
        found = [check for drug in drugs for check in self.safety.conditions(drug, self.context)]
        pairs = [check for drug in drugs for check in self.safety.interactions(drug, beside)]
        # A pair within an option is seen from both sides: the side that the row is about comes first.
        seen: dict[tuple[frozenset[str], str], Check] = {}
        for check in sorted(pairs, key=lambda item: not item.about_drug):
            seen.setdefault((frozenset((check.drug, check.partner)), check.row), check)
        return tuple(sorted([*found, *seen.values()], key=lambda item: item.rank))


def _maintaining(knowledge: Knowledge, background: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return by manifestation the drugs that maintain and are no first line."""
    found: dict[str, frozenset[str]] = {}
    for stage in ("maintenance", "first"):
        for row in knowledge.rows("therapy_options"):
            if row["stage"] == stage:
                drugs = frozenset(split_list(row["drugs"])) - background
                old = found.get(row["manifestation"], frozenset())
                found[row["manifestation"]] = old | drugs if stage == "maintenance" else old - drugs
    return found


def _outcomes(outcomes: Sequence[Outcome]) -> str:
    return ", ".join(dict.fromkeys(OUTCOMES[item].label for item in outcomes))
