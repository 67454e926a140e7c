"""What a treatment that failed or was not tolerated is compatible with: genotype, measured levels, co-medication."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.safety import safety_of
from lupus_pgx.context.model import Therapy
from lupus_pgx.knowledge.rules import Condition, EvidenceRow, GuidanceRule, gene_of, parse_condition
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.knowledge.units import ANTI_DRUG_ANTIBODIES
from lupus_pgx.response.certainty import Assessed, probability
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.response.overall import overall_action
from lupus_pgx.review.levels import TOO_LOW, Level, Levels, level_meanings
from lupus_pgx.review.reasons import described, is_reason, not_assessed, partly_assessed, reasons_of
from lupus_pgx.terms import Action, FindingKind, LevelVerdict, Outcome, Response, ReviewStep, Strength
from lupus_pgx.words.amounts import dose_text
from lupus_pgx.words.vocabulary import ACTIONS, FINDINGS, OUTCOMES

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import LevelMeaningsCells

_FAILING = ("reduced_exposure", "reduced_efficacy")
_HARMING = ("increased_toxicity", "increased_exposure")
_STEPS = {
    FindingKind.NON_INTAKE: ReviewStep.TAKEN,
    FindingKind.UNDER_EXPOSURE: ReviewStep.EXPOSURE,
    FindingKind.ADEQUATE_EXPOSURE: ReviewStep.EXPOSURE,
    FindingKind.OVER_EXPOSURE: ReviewStep.URGENT,
    FindingKind.INTERACTION: ReviewStep.TAKEN_AWAY,
    FindingKind.INCOMPLETE_DEPLETION: ReviewStep.EXPOSURE,
    FindingKind.ANTI_DRUG_ANTIBODIES: ReviewStep.EXPOSURE,
    FindingKind.NON_IMMUNE_INJURY: ReviewStep.CAUSE,
}
_SILENT = (FindingKind.NOTHING_GENETIC, FindingKind.NO_VALIDATED_MARKER, FindingKind.NOT_ASSESSED)

_TOLD = ("guideline", "label")

_EXPOSING = ("activation", "metabolism", "transport", "disposition")
"""Kinds of the table ``pathways`` through which a gene sets exposure."""

STRENGTHS_OF = {
    "guideline": Strength.STRONG,
    "label": Strength.STRONG,
    "meta_analysis": Strength.MODERATE,
    "randomised_trial": Strength.MODERATE,
    "genome_wide_study": Strength.MODERATE,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a failed or intolerable treatment is compatible with.

    Attributes
    ----------
    drug : str
        Empty where it bears on any treatment of a manifestation.
    kind : FindingKind
    strength : Strength
        What it rests on; ``conflicting`` where a null or contradictory result stands against it.
    certainty : float or None
        Probability of the genotype; None for what was measured.
    text : str
        One sentence.
    effect_size, population, evidence_level : str
        As published; empty for a measured value.
    tells : str
        The level or test that would tell, with its target and what was measured.
    against : tuple of str
        Results that contradict it.
    citations : tuple of str
    rows : tuple of str
        Table rows behind it, as ``table:key``.
    partner : str
        The other drug of an interaction.
    who : str
        What speaks: the genotype, the measured value with its target, or the two drugs.
    measure : str
        The first of the levels or tests that would tell.
    asks : str
        What a guideline body asks for.
    action : Action or None
        The same as an action; None where none of them speaks.
    """

    drug: str
    kind: FindingKind
    strength: Strength
    certainty: float | None
    text: str
    effect_size: str
    population: str
    evidence_level: str
    tells: str
    against: tuple[str, ...]
    citations: tuple[str, ...]
    rows: tuple[str, ...]
    partner: str = ""
    who: str = ""
    measure: str = ""
    asks: str = ""
    action: Action | None = None

    @property
    def is_silent(self) -> bool:
        """Whether it says that nothing was found."""
        return self.kind in _SILENT

    @property
    def step(self) -> ReviewStep:
        """Step of the review that it belongs to: a genotype's word is never the one of a measured level."""
        if self.certainty is not None and self.kind is not FindingKind.NON_IMMUNE_INJURY:
            return ReviewStep.GENOME
        return _STEPS.get(self.kind, ReviewStep.GENOME)


@dataclass(frozen=True, slots=True)
class TherapyReview:
    """A therapy that failed or was not tolerated, and what that is compatible with; the strongest first.

    ``overall`` is what genotype and context together ask for of its drug: no word of the review is milder.
    """

    therapy: Therapy
    findings: tuple[Finding, ...]
    levels: tuple[Level, ...]
    overall: Action = Action.INFORMATIVE_ONLY

    @property
    def drug(self) -> str:
        """Name of the drug."""
        return self.therapy.drug.name

    @property
    def outcome(self) -> str:
        """Outcome in words, with the reaction."""
        assert self.therapy.outcome is not None
        reaction = f", {self.therapy.reaction}" if self.therapy.reaction else ""
        return f"{OUTCOMES[self.therapy.outcome].label}{reaction}"

    @property
    def forbidden(self) -> bool:
        """Whether the drug is to be avoided, or another is to be considered: that comes before any dose of it."""
        return self.overall in (Action.CONSIDER_ALTERNATIVE, Action.AVOID)

    @property
    def heading(self) -> str:
        """The outcome, and what is asked for of the drug where that is more than a change of its dose."""
        return f"{self.outcome}; now: {ACTIONS[self.overall].label}" if self.forbidden else self.outcome


class Reviewer:
    """Review the therapies of one patient.

    Parameters
    ----------
    levels : Levels
        Of the patient; with them the context and the tables.
    responses : mapping of str to DrugResponse
        By drug.
    """

    def __init__(self, levels: Levels, responses: Mapping[str, DrugResponse]) -> None:
        self.levels, self.responses = levels, responses
        self.context, self.knowledge = levels.context, levels.knowledge
        knowledge = levels.knowledge
        self._safety = safety_of(knowledge)
        # What bears on every treatment is told of none of them.
        self._signalling = {
            key for row in knowledge.rows("failure_signals") for key in parse_condition(row["condition"]).keys
        }
        # Populations of lupus, or of whoever takes a drug: what was seen in another disease is extrapolated.
        words = "|".join(map(re.escape, knowledge.with_role("near_lupus")))
        self._near = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
        self._kinds = {(row["gene"], row["drug"]): row["kind"] for row in knowledge.rows("pathways")}

    def therapy(self, therapy: Therapy) -> TherapyReview:
        """Review one therapy."""
        drug = therapy.drug.name
        levels = self.levels.of(drug, therapy)
        intolerance = therapy.outcome is Outcome.INTOLERANCE
        genetic = self._genetic(drug, _HARMING if intolerance else _FAILING, levels)
        found = [
            *_measured(drug, levels, level_meanings(self.knowledge), intolerance=intolerance),
            *genetic,
            *self._interactions(therapy, intolerance=intolerance),
        ]
        if not genetic:
            found.append(self._nothing(therapy, found))
        order = list(Strength)
        found.sort(key=lambda item: (item.is_silent, order.index(item.strength)))
        return TherapyReview(therapy, tuple(found), levels, self._overall(drug))

    def _overall(self, drug: str) -> Action:
        """Return what genotype and context ask for together: no word of the review on a drug is milder."""
        response = self.responses.get(drug)
        action = response.action if response is not None else Action.INFORMATIVE_ONLY
        return overall_action(action, self._safety.check(drug, self.context))

    def _genetic(self, drug: str, directions: Sequence[str], levels: Sequence[Level]) -> list[Finding]:
        """Return guideline and evidence rows that fired and fit the outcome."""
        response = self.responses.get(drug)
        if response is None:
            return []
        rules = [rule for rule in response.guidance if rule.response.value in directions]
        rows = [row for row in response.evidence if row.condition is not None and row.row["direction"] in directions]
        found = [(rule.condition, self._by_rule(rule, response, levels)) for rule in rules]
        found += [(row.condition, self._by_evidence(row, response, levels)) for row in rows if row.condition]
        # Rows of a guideline fire together where one of them must hold: on frequencies alone no reason rests.
        return [item for condition, item in found if reasons_of(condition, response)]

    def _by_rule(self, rule: GuidanceRule, response: DrugResponse, levels: Sequence[Level]) -> Finding:
        kind = self._kind(rule.drug, rule.condition, rule.response.value)
        row = rule.row
        dose = dose_text(row["factor_low"], row["factor_high"], row["dose_basis"] or "")
        dosed = f"{ACTIONS[rule.action].label}{f' ({dose})' if dose else ''}"
        asks = f"{rule.source} {row['year']} asks for {dosed}."
        who = described(rule.condition, response)
        return Finding(
            drug=rule.drug,
            kind=kind,
            strength=Strength.STRONG,
            certainty=_certainty(rule.condition, response),
            text=f"{who} is compatible with {FINDINGS[kind]}: {asks}{partly_assessed(rule.condition, response)}",
            effect_size="",
            population=rule.population,
            evidence_level="guideline",
            tells=_tells(kind, levels),
            against=(),
            citations=split_list(row["citation"]),
            rows=(f"guidance:{rule.rule}",),
            who=who,
            measure=next(iter(_telling(kind, levels)), ""),
            asks=asks,
            action=rule.action,
        )

    def _by_evidence(self, item: EvidenceRow, response: DrugResponse, levels: Sequence[Level]) -> Finding:
        assert item.condition is not None
        row, population = item.row, item.row["population"] or ""
        kind = self._kind(item.drug, item.condition, row["direction"])
        against = _contradictions(item, response)
        strength = STRENGTHS_OF.get(row["evidence_level"], Strength.WEAK)
        who, left = described(item.condition, response), partly_assessed(item.condition, response)
        if row["evidence_level"] not in _TOLD and not self._near.search(population):
            strength = Strength.WEAK
        return Finding(
            drug=item.drug,
            kind=kind,
            strength=Strength.CONFLICTING if against else strength,
            certainty=_certainty(item.condition, response),
            text=f"{who} is compatible with {FINDINGS[kind]}: {row['finding']}{left}",
            effect_size=row["effect_size"] or "",
            population=population,
            evidence_level=row["evidence_level"],
            tells=_tells(kind, levels),
            against=against,
            citations=split_list(row["citation"]),
            rows=(f"evidence:{item.evidence}",),
            who=who,
            measure=next(iter(_telling(kind, levels)), ""),
        )

    def _kind(self, drug: str, condition: Condition, direction: str) -> FindingKind:
        """Say through what the genes of a condition act on a drug."""
        if direction in _HARMING:
            return FindingKind.OVER_EXPOSURE if direction == "increased_exposure" else FindingKind.TOXICITY
        roles = {self._kinds.get((gene_of(key), drug), "") for key in condition.keys}
        # A gene that activates a drug and also clears it explains a failure by the activation.
        if "activation" in roles:
            return FindingKind.LACK_OF_ACTIVATION
        exposing = roles & set(_EXPOSING) or direction == "reduced_exposure"
        return FindingKind.UNDER_EXPOSURE if exposing else FindingKind.TARGET_OR_PATHWAY

    def _interactions(self, therapy: Therapy, *, intolerance: bool) -> list[Finding]:
        """Return what was taken at the same time and changes the drug that way."""
        drug = therapy.drug.name
        taken = [item.drug.name for item in self.context.therapies if item is not therapy and _overlap(item, therapy)]
        taken += [item.name for item in self.context.beside(therapy) if item.listed]
        wanted, what = (_HARMING, "toxicity") if intolerance else (_FAILING, "failure")
        return [
            Finding(
                drug=drug,
                kind=FindingKind.INTERACTION,
                strength=Strength.MODERATE,
                certainty=None,
                text=f"{check.partner} with {drug} may have had a part in it: {check.advice}",
                effect_size="",
                population="",
                evidence_level="",
                tells="",
                against=(),
                citations=check.citations,
                rows=(f"interactions:{drug}/{check.row}",),
                partner=check.partner,
                who=f"{check.partner} with {drug}",
            )
            for check in self._safety.interactions(drug, dict.fromkeys(taken))
            if check.about_drug and check.direction in wanted and (not check.explains or what in check.explains)
        ]

    def _keys(self, response: DrugResponse) -> tuple[str, ...]:
        """Return genes and markers of which it is told whether something was found."""
        return tuple(key for key in _telling_keys(response) if key not in self._signalling)

    def _nothing(self, therapy: Therapy, others: Sequence[Finding]) -> Finding:
        """Say why no genotype speaks: none is known, none was found, or too little was assessed."""
        drug = therapy.drug.name
        response = self.responses.get(drug)
        also = "; what was measured or taken is above" if others else ""
        citations: tuple[str, ...] = ()
        if not therapy.drug.listed:
            kind, text = FindingKind.NOT_ASSESSED, f"No table knows {drug}, so nothing can be said of it"
        elif response is None:
            kind, text = FindingKind.NOT_ASSESSED, f"{drug} was not among the drugs of this analysis"
        elif not self._keys(response):
            kind, text = FindingKind.NO_VALIDATED_MARKER, response.drug.row["statement"].rstrip(".")
            citations = split_list(response.drug.row["citation"])
        else:
            kind, text, citations = _of_response(response, self._keys(response))
        return Finding(drug, kind, Strength.NONE, None, f"{text}{also}.", "", "", "", "", (), citations, ())


def _telling_keys(response: DrugResponse) -> tuple[str, ...]:
    """Return genes and markers that bear on the response to a drug, not only on the risk of the disease."""
    rows = [row for row in response.drug.evidence if row.condition is not None and not row.of_disease]
    of_evidence = (key for row in rows if row.condition is not None for key in row.condition.keys)
    return tuple(dict.fromkeys((*response.drug.rule_keys, *of_evidence)))


def _of_response(response: DrugResponse, keys: Sequence[str]) -> tuple[FindingKind, str, tuple[str, ...]]:
    """Say what was and was not assessed where no row fits the outcome."""
    items = {key: response.known.get(key) or Assessed(key) for key in keys}
    unknown = not_assessed(items)
    seen = [item.description for item in items.values() if is_reason(item)]
    missing = f"; not assessed: {', '.join(unknown)}" if unknown else ""
    if not seen:
        return FindingKind.NOT_ASSESSED, f"No gene or marker of {response.drug.drug} was assessed{missing}", ()
    if response.response is Response.INDETERMINATE and response.drug.bodies:
        text = f"Too little is known for a guideline to speak: {', '.join(seen)}{missing}"
        return FindingKind.NOT_ASSESSED, text, response.citations
    text = f"Nothing genetic that would fit among what is known of {response.drug.drug}: {', '.join(seen)}{missing}"
    return FindingKind.NOTHING_GENETIC, text, response.citations


def _measured(
    drug: str, levels: Sequence[Level], meanings: Mapping[str, LevelMeaningsCells], *, intolerance: bool
) -> list[Finding]:
    """Return what measured values say of a course; one finding for all targets of a measurement that agree."""
    found: dict[tuple[str, FindingKind], list[Level]] = {}
    for level in levels:
        kind = _kind_of(level, meanings, intolerance=intolerance)
        if kind is not None:
            found.setdefault((level.measure, kind), []).append(level)
    return [_of_levels(drug, kind, same) for (_, kind), same in found.items()]


def _kind_of(level: Level, meanings: Mapping[str, LevelMeaningsCells], *, intolerance: bool) -> FindingKind | None:
    """Return what a value says: of a failure too little of the drug, of an intolerance too much."""
    if level.quantity == ANTI_DRUG_ANTIBODIES and level.verdict is LevelVerdict.PRESENT:
        return FindingKind.ANTI_DRUG_ANTIBODIES
    low = meanings.get(level.row["below_means"] or "")
    exposure = low is not None and low["side"] == TOO_LOW and level.row["basis"] == "target"
    meaning = meanings.get(level.means)
    if meaning is not None and meaning["finding"]:
        # Too much of a drug is no finding on its failure, and no adequate exposure either: it comes before both.
        told = bool(meaning["harm"]) is intolerance
        return FindingKind(meaning["finding"]) if told else None
    within = level.verdict is LevelVerdict.WITHIN  # above a target there is always a finding
    return FindingKind.ADEQUATE_EXPOSURE if exposure and within and not intolerance else None


def _of_levels(drug: str, kind: FindingKind, levels: Sequence[Level]) -> Finding:
    first = levels[0]
    says = "speaks against under-exposure" if kind is FindingKind.ADEQUATE_EXPOSURE else f"points to {FINDINGS[kind]}"
    targets = _targets(levels)
    who = f"{first.measure} {first.result}{f', {targets}' if targets else ''}"
    return Finding(
        drug=drug,
        kind=kind,
        strength=Strength.MEASURED,
        certainty=None,
        text=f"{who}{',' if targets else ''} {says}. {first.row['meaning']}",
        effect_size="",
        population="; ".join(dict.fromkeys(level.row["population"] for level in levels)),
        evidence_level="",
        tells="",
        against=(),
        citations=tuple(dict.fromkeys(name for level in levels for name in level.citations)),
        rows=tuple(f"monitoring:{drug}/{level.measure}/{level.context}" for level in levels),
        who=who,
    )


def _targets(levels: Sequence[Level]) -> str:
    by_basis: dict[str, list[str]] = {}
    for level in levels:
        if level.target:
            by_basis.setdefault(level.row["basis"], []).append(f"{level.target} in {level.context}")
    return ", ".join(f"{basis} {' or '.join(shown)}" for basis, shown in by_basis.items())


def _tells(kind: FindingKind, levels: Sequence[Level]) -> str:
    """Name the levels that would tell whether exposure is too low or too high, and what was measured."""
    told = {name: (_targets(same), same[0].result) for name, same in _telling(kind, levels).items()}
    return "; ".join(f"{name}{f', {target},' if target else ''} {seen}" for name, (target, seen) in told.items())


def _telling(kind: FindingKind, levels: Sequence[Level]) -> dict[str, list[Level]]:
    """Return the levels that would tell whether exposure is too low or too high, by what is measured."""
    if kind not in (FindingKind.UNDER_EXPOSURE, FindingKind.LACK_OF_ACTIVATION, FindingKind.OVER_EXPOSURE):
        return {}
    by_measure: dict[str, list[Level]] = {}
    for level in levels:
        if level.row["basis"] == "target" and level.row["below_means"]:
            by_measure.setdefault(level.measure, []).append(level)
    return by_measure


def _contradictions(item: EvidenceRow, response: DrugResponse) -> tuple[str, ...]:
    """Return null and contradictory results on the same genes and the same kind of result."""
    assert item.condition is not None
    about = Response(item.row["direction"]).about
    opposed = [
        other.row
        for other in response.evidence
        if other.condition is not None
        and other is not item
        and set(other.condition.keys) & set(item.condition.keys)
        and about in split_list(other.row["about"])
        and (other.row["use"] == "null" or other.row["direction"] in ("no_effect", "conflicting"))
    ]
    return tuple(f"{row['finding'].rstrip('.')} ({row['population']}; {row['citation']})" for row in opposed)


def _certainty(condition: Condition, response: DrugResponse) -> float:
    return min(float(probability(condition, response.known).min()), 1.0)


def _overlap(one: Therapy, other: Therapy) -> bool:
    """Whether two courses may have run at the same time; without dates they are taken not to have."""
    if one.start is None or other.start is None or not one.drug.listed:
        return False
    ends = [(item.stop is None or item.stop >= begin) for item, begin in ((one, other.start), (other, one.start))]
    return all(ends)
