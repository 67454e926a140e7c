"""Therapy options of a manifestation, each with the genome's word, what failed already and what to check first.

A sorted list of what is in use, never a prescription.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lupus_pgx.context.model import Context, Manifestation
from lupus_pgx.context.safety import Check, safety_of
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import accompanying_drugs, background_drugs
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.response.judgement import LEVELS
from lupus_pgx.terms import Action, CheckStatus, GenomeWord, Outcome, Response, Strength
from lupus_pgx.words.amounts import dose_text
from lupus_pgx.words.vocabulary import GENOME, OUTCOMES, STRENGTHS

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import TherapyOptionsCells

SORT_KEYS = (
    "known contraindications and advice against come last; a clash with a drug that is only planned does not count",
    "options whose drugs beside background therapy all failed or were not tolerated come after the others",
    "options that a guideline's genotype rule speaks against come after the others",
    "options meant for the patient's form of the manifestation come first, those for another form last",
    "then by line of therapy, as the sources give it",
    "then by strength of the evidence for the option",
    "then by name",
)
"""How options are sorted, the first key first."""

_WORDS = {
    Action.AVOID: GenomeWord.SPEAKS_AGAINST,
    Action.CONSIDER_ALTERNATIVE: GenomeWord.SPEAKS_AGAINST,
    Action.REDUCE_DOSE: GenomeWord.DOSE_DIFFERENTLY,
    Action.INCREASE_DOSE: GenomeWord.DOSE_DIFFERENTLY,
    Action.TEST_FIRST: GenomeWord.TEST_FIRST,
    Action.MONITOR: GenomeWord.NEUTRAL,
    Action.STANDARD: GenomeWord.NEUTRAL,
}
_WEAK_WORDS = {
    Response.INCREASED_EFFICACY: GenomeWord.SUPPORTS,
    Response.REDUCED_EFFICACY: GenomeWord.SPEAKS_AGAINST,
    Response.INCREASED_TOXICITY: GenomeWord.SPEAKS_AGAINST,
    Response.REDUCED_EXPOSURE: GenomeWord.DOSE_DIFFERENTLY,
    Response.INCREASED_EXPOSURE: GenomeWord.DOSE_DIFFERENTLY,
    Response.INDETERMINATE: GenomeWord.NOT_ASSESSED,
    Response.NO_VALIDATED_MARKER: GenomeWord.NO_MARKER,
}
_RESTRICTING = {action for action, word in _WORDS.items() if word is not GenomeWord.NEUTRAL}


@dataclass(frozen=True, slots=True)
class DrugWord:
    """The genome's word on one drug; ``weak`` where no guideline stands behind it."""

    drug: str
    word: GenomeWord
    weak: bool
    reason: str

    def __str__(self) -> str:
        return f"{self.drug}: {self.shown}{f' ({self.reason})' if self.reason else ''}"

    @property
    def shown(self) -> str:
        """The word, marked where it rests on evidence without a guideline."""
        spoken = (GenomeWord.SUPPORTS, GenomeWord.SPEAKS_AGAINST, GenomeWord.DOSE_DIFFERENTLY)
        weak = f" ({STRENGTHS[Strength.WEAK].label})" if self.weak and self.word in spoken else ""
        return f"{GENOME[self.word].label}{weak}"


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
        Drugs that are planned only. The option may stand in their place, so a clash with one is shown and
        does not move it down.
    row : mapping
        Row of the table ``therapy_options``: role, line, outcome, population, evidence level, approval, note.
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

    @property
    def genome(self) -> DrugWord:
        """The genome's word on the option as a whole: the most restricting on any of its drugs, guideline first."""
        asked = [item for item in self.words if _asks(item)]
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
    def citations(self) -> tuple[str, ...]:
        """Citations of the option."""
        return split_list(self.row["citation"])


def _asks(item: DrugWord) -> bool:
    """Whether a word asks for something else than the usual."""
    return item.word.severity > GenomeWord.NOT_ASSESSED.severity


def drug_word(drug: str, response: DrugResponse | None) -> DrugWord:
    """Say what a predicted response means for choosing a drug.

    Parameters
    ----------
    drug : str
    response : DrugResponse or None
        None where the drug was not among those analyzed.
    """
    if response is None:
        return DrugWord(drug, GenomeWord.NOT_ASSESSED, True, "not among the drugs of this analysis")
    weak = response.action is Action.INFORMATIVE_ONLY
    word = _WEAK_WORDS.get(response.response, GenomeWord.NEUTRAL) if weak else _WORDS[response.action]
    if not weak and response.response is Response.INDETERMINATE and set(response.open_actions) & _RESTRICTING:
        word = GenomeWord.TEST_FIRST  # the guideline watches until it is tested, but the test may ask for more
    differs = word is GenomeWord.DOSE_DIFFERENTLY and not response.dose_stopped
    dose = dose_text(response.factor_low, response.factor_high, response.basis) if differs else ""
    drivers = ", ".join(response.drivers)
    missing = ", ".join(item.key for item in response.missing)
    parts = [dose, drivers]
    parts.append(f"not assessed: {missing}" if missing and word in (GenomeWord.TEST_FIRST, word.NOT_ASSESSED) else "")
    return DrugWord(drug, word, weak, "; ".join(part for part in parts if part))


def therapy_options(
    context: Context, responses: Mapping[str, DrugResponse], knowledge: Knowledge
) -> tuple[Option, ...]:
    """List the therapies in use for the manifestations of a patient.

    Parameters
    ----------
    context : Context
    responses : mapping of str to DrugResponse
        By drug.
    knowledge : Knowledge

    Returns
    -------
    tuple of Option
        By manifestation, then by ``SORT_KEYS``.
    """
    maker = _Maker(context, responses, knowledge)
    found = []
    for manifestation in context.manifestations:
        rows = [row for row in knowledge.rows("therapy_options") if row["manifestation"] == manifestation.name]
        background = background_drugs(manifestation.name, knowledge)
        made = [maker.option(row, manifestation, background) for row in rows]
        found += sorted(made, key=_sort_key)
    return tuple(found)


def _fits(meant: str | None, mechanism: str | None) -> bool | None:
    """Say whether an option is meant for the patient's form of a manifestation; None where that is open."""
    if not meant or mechanism is None:
        return None
    return mechanism in ("mixed", meant)


def _sort_key(option: Option) -> tuple[int, bool, bool, int, int, int, str]:
    against = [check for check in option.against if check.partner not in option.beside_plan]
    worst = max((check.status.severity for check in against), default=0)
    hard = max(worst - CheckStatus.ADJUST_DOSE.severity, 0)
    refused = any(item.word is GenomeWord.SPEAKS_AGAINST and not item.weak for item in option.words)
    level = LEVELS.index(option.row["evidence_level"])
    fit = (True, None, False).index(option.fits)
    return hard, option.exhausted, refused, fit, option.row["line_order"], level, option.option


class _Maker:
    """Put options together for one patient."""

    def __init__(self, context: Context, responses: Mapping[str, DrugResponse], knowledge: Knowledge) -> None:
        self.context, self.responses = context, responses
        self.safety = safety_of(knowledge)
        self.steroids = accompanying_drugs(knowledge)
        self.planned = {item.drug.name for item in context.planned}
        self.taken = [item.name for item in context.on_board if item.listed]
        self.tried: dict[str, list[Outcome]] = {}
        for item in context.therapies:
            if item.outcome is not None:
                self.tried.setdefault(item.drug.name, []).append(item.outcome)

    def option(self, row: TherapyOptionsCells, manifestation: Manifestation, background: frozenset[str]) -> Option:
        """Return one option."""
        drugs = split_list(row["drugs"])
        active = [drug for drug in drugs if drug not in background and drug not in self.steroids] or list(drugs)
        tried = tuple(f"{drug} ({_outcomes(self.tried[drug])})" for drug in drugs if drug in self.tried)
        failed = [any(outcome.failed for outcome in self.tried.get(drug, ())) for drug in active]
        # Glucocorticoids by themselves are one treatment: a high dose that failed is not undone by a low one.
        exhausted = any(failed) if set(active) <= self.steroids else all(failed)
        return Option(
            manifestation=row["manifestation"],
            option=row["option"],
            drugs=drugs,
            words=tuple(drug_word(drug, self.responses.get(drug)) for drug in drugs),
            tried=tried,
            exhausted=exhausted,
            planned=any(drug in self.planned for drug in active),
            fits=_fits(row["mechanism"], manifestation.mechanism),
            checks=self._checks(drugs),
            beside_plan=frozenset(self.planned - set(self.taken) - set(drugs)),
            row=row,
        )

    def _checks(self, drugs: Sequence[str]) -> tuple[Check, ...]:
        """Return conditions, and interactions with what is taken, planned or part of the option."""
        beside = dict.fromkeys([*self.taken, *sorted(self.planned), *drugs])
        found = [check for drug in drugs for check in self.safety.conditions(drug, self.context)]
        pairs = [check for drug in drugs for check in self.safety.interactions(drug, beside)]
        # A pair within an option is seen from both sides: the side that the row is about comes first.
        seen: dict[tuple[frozenset[str], str], Check] = {}
        for check in sorted(pairs, key=lambda item: not item.about_drug):
            seen.setdefault((frozenset((check.drug, check.partner)), check.row), check)
        return tuple(sorted([*found, *seen.values()], key=lambda item: (-item.status.severity, not item.known)))


def _outcomes(outcomes: Sequence[Outcome]) -> str:
    return ", ".join(dict.fromkeys(OUTCOMES[item].label for item in outcomes))
