"""The state of a patient for which an option holds: the conditions of the table ``therapy_options``, read as grammar.

A condition is ``key = value``, or ``key >= number unit``; ``or`` joins alternatives, ``;`` joins what must all hold.
Whatever the context is silent about stays open: it neither holds nor fails.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from lupus_pgx.context.judged.presence import ever_present
from lupus_pgx.context.judged.safety import safety_of
from lupus_pgx.context.model import Context, Manifestation, Therapy
from lupus_pgx.context.values import as_new_as, holds, values_of
from lupus_pgx.knowledge.option_terms import OptionKey, Term, parse_terms
from lupus_pgx.knowledge.units import ANTI_DRUG_ANTIBODIES
from lupus_pgx.review.levels import TARGET, TOO_HIGH, TOO_LOW, Level, is_dose, level_meanings
from lupus_pgx.review.steps.adequacy import never_tested, trials
from lupus_pgx.review.steps.exposure import slightly_above
from lupus_pgx.review.steps.flare import ACTIVE, FLARE, flare_of, told_activity
from lupus_pgx.review.steps.signs import onset, shown, signs, spoken_of
from lupus_pgx.review.steps.step import Case
from lupus_pgx.review.steps.timing import due
from lupus_pgx.terms import CheckStatus, Contraception, FindingKind, Grade, Met, Outcome, ReviewStep, Sex

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
}

FAILED = "failed"
"""Key of the number of lines that failed."""

_OLD = "old"
"""Word of the key ``level``: it was out of its range, and is older than its quantity allows."""

ON_TRACK, SHORT = "on track", "short"
"""Words of the key ``trial``: a response is on its way; too small a dose or too short a time was given."""


class PatientState:
    """What is known of a patient, held against the conditions of options.

    Parameters
    ----------
    case : Case
        Context, responses and course.
    background : frozenset of str
        Drugs that no failure is counted of: background therapy and glucocorticoids.
    """

    def __init__(self, case: Case, background: frozenset[str]) -> None:
        context, knowledge = case.context, case.knowledge
        self._case, self._context, self._units = case, context, knowledge.known_units
        self._courses = [item for item in context.therapies if item.drug.name not in background]
        self.failed = _drugs(self._courses, Outcome.INADEQUATE_RESPONSE)
        self.harmed = _drugs(context.therapies, Outcome.INTOLERANCE)
        self.worked = _drugs(context.therapies, Outcome.RESPONSE) - self.failed - self.harmed
        self._told = told_activity(case)
        self._flares = {item.name: flare_of(case, item.name) for item in context.manifestations}
        stopped = {item.drug.name for item in context.therapies if not _goes_on(item)}
        going_on = {item.drug.name for item in context.therapies if _goes_on(item)}
        self.taken = (going_on | {item.name for item in context.co_medication}) - (stopped - going_on)
        # Nobody takes on with what was not tolerated.
        self._perhaps_taken = {item.name for item in context.perhaps_taken} - self.harmed
        self._meanings = level_meanings(knowledge)
        self._levels = [
            level
            for item in {course.drug.name: course for course in context.therapies if course.drug.listed}.values()
            for level in case.levels.of(item.drug.name, item)
        ]
        self._words: Mapping[OptionKey, Callable[[Manifestation], frozenset[str] | None]] = {
            OptionKey.CLASS: self._classes,
            OptionKey.FORM: self._form,
            OptionKey.STATE: self._state,
            OptionKey.SEVERITY: lambda item: None if item.severity is None else frozenset({item.severity.value}),
            OptionKey.PREGNANCY: lambda _: _pregnancy(context),
            OptionKey.INFECTION: lambda _: _infection(context),
            OptionKey.TAKEN: lambda _: frozenset(item.name for item in context.on_board),
            OptionKey.FAILED: lambda _: self.failed,
            OptionKey.LEVEL: lambda _: frozenset(self._judged),
            OptionKey.SIGN: lambda _: frozenset(self._signs),
            OptionKey.TRIAL: lambda _: self.trial,
            OptionKey.ANTI_DRUG_ANTIBODIES: lambda _: frozenset(self._with_antibodies()),
            OptionKey.INCOMPLETE_DEPLETION: lambda _: frozenset(
                level.drug for level in self._levels if self._finding(level) is FindingKind.INCOMPLETE_DEPLETION
            ),
        }

    def activity(self, manifestation: Manifestation) -> str | None:
        """Say whether a manifestation is active now: by a value of now, else by what was tried last.

        Parameters
        ----------
        manifestation : Manifestation

        Returns
        -------
        str or None
            None where it is open.
        """
        flare = self._flares.get(manifestation.name)
        if flare is None or self._told == ACTIVE:
            return self._told
        return ACTIVE if flare.sure else None

    def _state(self, manifestation: Manifestation) -> frozenset[str] | None:
        """Return the words of the state: active or in remission, and that it is a flare after a response."""
        activity, flare = self.activity(manifestation), self._flares.get(manifestation.name)
        if activity is None:
            return None
        return frozenset({activity, FLARE} if flare is not None and flare.sure else {activity})

    def holds(
        self, text: str | None, manifestation: Manifestation, *, waived: str = ""
    ) -> tuple[bool | None, tuple[tuple[Term, ...], ...]]:
        """Say whether conditions hold, and which groups of terms the context leaves open.

        Parameters
        ----------
        text : str or None
        manifestation : Manifestation
        waived : str
            Key whose conditions are not asked for.

        Returns
        -------
        bool or None
        tuple of tuple of Term
            Of each group one must hold.
        """
        answers: list[tuple[bool | None, tuple[Term, ...]]] = []
        for group in parse_terms(text or ""):
            known = [self._holds(term, manifestation) for term in group if term.key != waived]
            met = True if True in known or not known else False if False in known else None
            answers.append((met, group))
        # What is known not to hold ends it, whatever else is open: nothing needs to be asked then.
        if any(met is False for met, _ in answers):
            return False, ()
        silent = tuple(group for met, group in answers if met is None)
        return (None if silent else True), silent

    def named(self, text: str | None, manifestation: Manifestation) -> tuple[str, ...]:
        """Return the drugs of which conditions speak that hold: by their level, by a sign, or by their trial.

        Parameters
        ----------
        text : str or None
        manifestation : Manifestation

        Returns
        -------
        tuple of str
        """
        return tuple(
            dict.fromkeys(
                drug
                for term in _terms(text)
                if term.sign == "=" and self._holds(term, manifestation)
                for drug in self._speaking_of.get(term.key, {}).get(term.value, ())
            )
        )

    @cached_property
    def _speaking_of(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """Return by key and word the drugs that are meant."""
        stopped = {drug for drugs in (*self._signs.values(), self._judged.get("above", ())) for drug in drugs}
        on_track = [drug for drug in due(self._case).drugs if drug not in stopped] if ON_TRACK in self.trial else []
        return {
            OptionKey.LEVEL: self._judged,
            OptionKey.SIGN: self._signs,
            OptionKey.TRIAL: {ON_TRACK: on_track, SHORT: self._to_complete},
        }

    def any_holds(self, text: str | None, manifestation: Manifestation, *, but: str = "") -> bool:
        """Whether one of several conditions, but for those of one key, is known to hold."""
        return any(self._holds(term, manifestation) is True for term in _terms(text) if term.key != but)

    def holding(self, text: str | None, manifestation: Manifestation) -> tuple[str, ...]:
        """Return the conditions that are known to hold, as people read them; a value that is too old tells nothing.

        Parameters
        ----------
        text : str or None
        manifestation : Manifestation

        Returns
        -------
        tuple of str
        """
        return tuple(dict.fromkeys(term.words for term in _terms(text) if self._holds(term, manifestation) is True))

    def _holds(self, term: Term, manifestation: Manifestation) -> bool | None:
        if term.sign == "=":
            if term.key == OptionKey.FORM and self._context.conditions.get(term.value) is False:
                return False
            if term.key == OptionKey.TAKEN and term.value in self._perhaps_taken:
                return None
            values = self._answers(term.key, manifestation)
            return None if values is None else term.value in values
        bound, unit = term.amount
        if term.key not in (FAILED, "age", "onset"):
            return self._measured(term.key, unit, _COMPARE[term.sign], bound)
        value = self._years(term.key) if term.key != FAILED else float(self._lines(manifestation))
        # What no failure is shown by opens no later line, and closes none that comes before a failure.
        if term.key == FAILED and term.sign.startswith("<") and self.unproven(manifestation):
            value = 0.0
        return None if value is None else _COMPARE[term.sign](value, bound)

    def _lines(self, manifestation: Manifestation) -> int:
        """Count the lines that failed: of those without a full trial one counts, and all where an organ is at stake."""
        severe = manifestation.severity is Grade.SEVERE
        return len(self.failed) if severe else max(len(self.failed - self.afresh), min(len(self.failed), 1))

    def _years(self, key: str) -> float | None:
        return self._context.age if key == "age" else onset(self._case)

    def _measured(self, key: str, unit: str, compare: Callable[[float, float], bool], bound: float) -> bool | None:
        """Compare the newest value of a quantity; None where none still counts, or one that may be as new differs."""
        found = values_of(self._context, key, self._units)
        # An option does not open by a value that no check would accept any more.
        if not found or found[0].too_old(self._context.today):
            return None
        amounts = [value.amount for value in as_new_as(found)]
        numbers = [(self._units.convert(item.value, key, item.unit, unit), item.sign) for item in amounts]
        told = {None if number is None else holds(compare, number, bound, sign) for number, sign in numbers}
        return told.pop() if len(told) == 1 else None

    @cached_property
    def _signs(self) -> Mapping[str, Sequence[str]]:
        """The signs that are known to hold, and the drugs they speak of: of what is not taken now none holds."""
        meant = {row["sign"]: spoken_of(row, self._case) for row in self._case.knowledge.rows("review_signs")}
        now = {sign: [drug for drug in meant[sign] or () if drug in self.taken] for sign in shown(self._case)}
        return {sign: drugs for sign, drugs in now.items() if drugs or meant[sign] is None}

    @cached_property
    def trial(self) -> frozenset[str]:
        """Say what the course of the drugs that failed last comes to: ``on track``, ``short``, or nothing."""
        step = due(self._case)
        reached = any(item.status is Met.MET and item.regimen.drugs == step.drugs for item in self._case.course)
        if step.speaks and reached:
            return frozenset({ON_TRACK})
        return frozenset({SHORT}) if self._to_complete else frozenset()

    @cached_property
    def _to_complete(self) -> Sequence[str]:
        """Drugs whose trial may be completed: the patient's state and other levels do not speak against more.

        What is urgent, such as an infection or an attribution that is open, comes before every trial.
        """
        if any(holds for _, holds, _ in signs(self._case, ReviewStep.URGENT.value)):
            return ()
        over = self._judged.get("above", ())
        return sorted(drug for drug in self.short if drug not in over and not self._held_back(drug))

    @cached_property
    def short(self) -> frozenset[str]:
        """Drugs of which no full trial was given."""
        return frozenset(item.drug for item in trials(self._case) if item.dose_short or item.time_short)

    @cached_property
    def afresh(self) -> frozenset[str]:
        """Drugs that failed without a full trial and did no harm: they may be tried afresh."""
        return never_tested(self._case) - self.harmed

    def unproven(self, manifestation: Manifestation) -> bool:
        """Whether no failure is shown: a response is on its way, or no line that failed was a full trial.

        Where an organ is at stake, time is not waited out: then a line that failed counts however short it was.
        """
        if ON_TRACK in self.trial:
            return True
        return manifestation.severity is not Grade.SEVERE and self.untried

    def threatened(self, manifestation: Manifestation) -> bool:
        """Whether an organ is at stake and no line was a full trial: what acts within days comes first."""
        return manifestation.severity is Grade.SEVERE and self.untried

    @property
    def untried(self) -> bool:
        """Whether something failed, and no line that did was a full trial."""
        return bool(self.failed) and self.failed <= self.short & never_tested(self._case)

    def _answers(self, key: str, manifestation: Manifestation) -> frozenset[str] | None:
        """Return the words that hold of a key: a word of the grammar, a quantity, or a condition of the context."""
        if key in self._words:
            return self._words[OptionKey(key)](manifestation)
        wanted = self._units.collected(key)
        if wanted == (key,) and key not in self._units.quantities:
            return _answer(self._context.conditions.get(key))
        # A syndrome is there by the antibodies that it has its name from.
        named = key in (manifestation.name, *(item.name for item in self._context.manifestations))
        there = named or ever_present(item for item in self._context.labs if item.quantity in wanted)
        if there is None:  # it may be told as a condition: a bleeding is both
            there = self._context.conditions.get(key)
        return None if there is None else frozenset({"positive", "present"} if there else {"negative", "absent"})

    def _with_antibodies(self) -> Iterator[str]:
        for item in self._context.labs:
            if item.quantity == ANTI_DRUG_ANTIBODIES and item.drug is not None and ever_present([item]):
                yield item.drug.name

    @cached_property
    def _judged(self) -> Mapping[str, Sequence[str]]:
        """Return the drugs taken now by their level: ``absent``, ``below``, ``above``, or ``old`` and out of its range.

        More is not given where another level of the drug is above its bound, as with a thiopurine that is shunted, nor
        where the patient's state, or what was measured since, speaks against it.
        """
        found: dict[str, dict[str, None]] = {}
        for verdict, drug in self._verdicts():
            if drug in self.taken:
                found.setdefault(verdict, {})[drug] = None
        over = found.get("above", {})
        old = found.pop(_OLD, {})
        # One level that tells of now is enough.
        alone = [drug for drug in old if not any(drug in drugs for drugs in found.values())]
        found |= {_OLD: dict.fromkeys(alone)} if alone else {}
        below = [drug for drug in found.pop("below", {}) if drug not in over and not self._held_back(drug)]
        # That a level is too low where nothing was taken is the same finding.
        told = {word: tuple(drugs) for word, drugs in found.items()}
        return told if "absent" in told or not below else told | {"below": tuple(below)}

    def _held_back(self, drug: str) -> bool:
        """Whether something is known that speaks against more of a drug."""
        found = safety_of(self._case.knowledge).conditions(drug, self._context)
        if any(item.known and item.status.severity >= CheckStatus.ADJUST_DOSE.severity for item in found):
            return True
        held = [row for row, holds, _ in signs(self._case, ReviewStep.EXPOSURE.value) if holds]
        return any(drug in (spoken_of(row, self._case) or ()) for row in held)

    def _verdicts(self) -> Iterator[tuple[str, str]]:
        """Yield how levels stand, ``absent``, ``below``, ``above`` or ``old``, and of which drug."""
        for exposure in self._case.levels.exposures:
            if exposure.verdict == "absent":  # whether it was taken is asked, however old that is
                yield exposure.verdict, exposure.drug
            elif exposure.verdict == "below":
                yield _OLD if exposure.is_old(self._context, self._units) else "below", exposure.drug
        for level in self._levels:
            meaning = self._meanings.get(level.means)
            if meaning is None or is_dose(level.quantity, self._units):
                continue
            if meaning["side"] == TOO_HIGH:
                if not _slight(level):
                    yield self._of_now("above", level), level.drug
            elif meaning["side"] == TOO_LOW:
                yield self._of_now("below", level), level.drug

    def _of_now(self, word: str, level: Level) -> str:
        """Return how a level stands; one that is older than its quantity allows says nothing of the dose of now."""
        known = self._units.quantities[level.quantity]
        return _OLD if known.outdated(level.date, self._context.today) else word

    def _finding(self, level: Level) -> FindingKind | None:
        """Return what a level outside its bounds is compatible with."""
        meaning = self._meanings.get(level.means)
        return FindingKind(meaning["finding"]) if meaning is not None and meaning["finding"] else None

    def _form(self, manifestation: Manifestation) -> frozenset[str] | None:
        """Return the forms of a manifestation that are told, such as haemolysis; None where none is.

        A form is a condition of the context, and those of a manifestation are the ones that its options ask for.
        """
        asked = {
            term.value
            for row in self._case.knowledge.rows("therapy_options")
            if row["manifestation"] == manifestation.name
            for term in _terms(row["applies_when"])
            if term.key == OptionKey.FORM
        }
        return frozenset(name for name in asked if self._context.conditions.get(name)) or None

    def _classes(self, manifestation: Manifestation) -> frozenset[str] | None:
        """Return the classes that decide, by the table ``manifestation_classes``."""
        ranks = {
            row["class"]: row["rank"]
            for row in self._case.knowledge.rows("manifestation_classes")
            if row["manifestation"] == manifestation.name
        }
        first = min((ranks.get(name, len(ranks)) for name in manifestation.classes), default=0)
        classes = frozenset(name for name in manifestation.classes if ranks.get(name, len(ranks)) == first)
        return classes or None


def _slight(level: Level) -> bool:
    """Whether a level is above its range by no more than rounding; a limit has no such margin."""
    high = level.row["target_high"]
    if level.row["basis"] != TARGET or high is None or level.value is None:
        return False
    return level.value <= slightly_above(high)


def _goes_on(course: Therapy) -> bool:
    """Whether a course, as far as it is told, goes on: its end is not."""
    return course.stop is None and course.outcome is not Outcome.INTOLERANCE


def _drugs(courses: list[Therapy] | tuple[Therapy, ...], outcome: Outcome) -> frozenset[str]:
    return frozenset(item.drug.name for item in courses if item.outcome is outcome)


def _infection(context: Context) -> frozenset[str] | None:
    """Return how severe an infection is; None for one of which that is not told."""
    return None if context.ungraded_infection else frozenset({(context.active_infection or Grade.NONE).value})


def _pregnancy(context: Context) -> frozenset[str] | None:
    if context.pregnancy:
        return frozenset({"yes"})
    if context.contraception is Contraception.CONCEPTION_PLANNED:
        return frozenset({"planned"})
    return frozenset({"no"}) if context.pregnancy is False or context.sex is Sex.MALE else None


def _terms(text: str | None) -> Iterator[Term]:
    """Yield the terms of conditions, whatever group each stands in."""
    return (term for group in parse_terms(text or "") for term in group)


def _answer(value: bool | None) -> frozenset[str] | None:
    return None if value is None else frozenset({"yes" if value else "no"})
