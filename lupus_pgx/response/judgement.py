"""Judge a drug on the joint distribution of the calls: guideline rules first, else evidence that sets a direction.

An action fires where its probability is high enough under every prior that applies;
``standard`` is stated only where any other action is nearly excluded and every essential
locus of every gene of the rule was assessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lupus_pgx.context.values import Amount
from lupus_pgx.knowledge.rules import Drug, EvidenceRow, GuidanceRule, GuidelineBody
from lupus_pgx.response.certainty import Assessed, open_share, possible_outcomes, probability
from lupus_pgx.response.decisions import STANDARD_RISK, Verdict, capped, judge
from lupus_pgx.response.values import Conflict, ConflictKind
from lupus_pgx.terms import Action, Response

if TYPE_CHECKING:
    from lupus_pgx.knowledge.rules import RuleCells

MIN_CERTAINTY = 0.95
"""Probability from which an action fires, unless the caller sets another."""

LEVELS = (
    "guideline",
    "label",
    "meta_analysis",
    "randomised_trial",
    "genome_wide_study",
    "cohort",
    "small_cohort",
    "curated_annotation",
    "mechanistic",
)
"""Evidence levels, strongest first."""


@dataclass(frozen=True)
class Judgement:
    """What rules and directing evidence come to, for all calls that they cannot tell apart.

    Attributes
    ----------
    cap : Amount or None
        Lowest of the highest doses that the rows give.
    differences : tuple of Conflict
        Where another guideline body asks for something else.
    guidance : tuple of GuidanceRule
        Rows that fired, of all bodies.
    judged_by, driven_by : tuple of str
        Genes and markers looked at, and those the prediction rests on.
    leading : frozenset of str
        Evidence rows that set the direction.
    blocked : bool
        Too little is known for a guideline to speak.
    open_actions : tuple of Action
        Other actions that the guideline may ask for once what is missing is assessed, the mildest first.
    otherwise : tuple of Action
        What the guideline asks for of the genotypes that are left where the action is not sure, the strictest first.
    """

    drug: Drug
    response: Response
    action: Action
    factor_low: float | None
    factor_high: float | None
    basis: str
    cap: Amount | None
    guideline: str
    edition: str
    scope: str
    strength: str
    evidence_level: str
    certainty: float | None
    differences: tuple[Conflict, ...]
    guidance: tuple[GuidanceRule, ...]
    judged_by: tuple[str, ...]
    driven_by: tuple[str, ...]
    leading: frozenset[str]
    blocked: bool
    open_actions: tuple[Action, ...] = ()
    otherwise: tuple[Action, ...] = ()


def judge_drug(drug: Drug, known: Mapping[str, Assessed], min_certainty: float) -> Judgement:
    """Judge one drug from what is known of its genes and markers."""
    # Evidence rows inform where no guideline has a rule; beside one they would be a second, weaker opinion.
    if drug.bodies:
        verdicts = [_verdict(body, known, min_certainty) for body in drug.bodies]
        return _by_guideline(drug, verdicts, _open_actions(drug.bodies[0], known, verdicts[0]))
    return _by_evidence(drug, known, min_certainty)


def _verdict(body: GuidelineBody, known: Mapping[str, Assessed], min_certainty: float) -> Verdict:
    """Judge the rules of a body; of one gene that is known they are judged once, whatever stands beside it."""
    keys = body.conditions.keys
    alone = known.get(keys[0]) if len(keys) == 1 else None
    if alone is None:
        return judge(body, known, min_certainty)
    kept: dict[float, Verdict] = alone.worked_out.setdefault(body, {})
    if min_certainty not in kept:
        kept[min_certainty] = judge(body, known, min_certainty)
    return kept[min_certainty]


def _open_actions(body: GuidelineBody, known: Mapping[str, Assessed], verdict: Verdict) -> tuple[Action, ...]:
    """Return the other actions that are possible once everything is assessed; none where nothing can change."""
    decided = verdict.response is not Response.INDETERMINATE
    if decided and all((known.get(key) or Assessed(key)).essential_complete for key in body.conditions.keys):
        return ()
    outcomes = possible_outcomes(body.conditions, known, STANDARD_RISK)
    actions = {rule.action for held in outcomes if held and _decided(rule := body.strictest(held))}
    stated = {verdict.action} if decided else set()
    return tuple(sorted(actions - stated, key=lambda action: action.severity))


def _decided(rule: GuidanceRule) -> bool:
    return rule.response is not Response.INDETERMINATE


def _by_guideline(drug: Drug, verdicts: Sequence[Verdict], open_actions: tuple[Action, ...]) -> Judgement:
    # Bodies are in the order of priority: the first is stated, and what others say otherwise is shown as a conflict.
    first = verdicts[0]
    low, high = first.factors()
    rules = [rule for rule, _ in first.fired]
    rows = [rule.row for rule in rules]
    return Judgement(
        drug=drug,
        response=first.response,
        action=first.action,
        factor_low=low,
        factor_high=high,
        basis=next((row["dose_basis"] for row in rows if row["dose_basis"]), ""),
        cap=_cap_of(rows),
        guideline=first.shown_source,
        edition=next((rule.edition for rule in rules), ""),  # a body has one on each drug
        scope=_scope(first, rules),
        strength=next((row["strength"] for row in rows if row["strength"]), ""),
        evidence_level="guideline",
        certainty=first.certainty,
        differences=tuple(found for other in verdicts[1:] if (found := _difference(first, other)) is not None),
        guidance=tuple(rule for verdict in verdicts for rule, _ in verdict.fired),
        judged_by=drug.rule_keys,
        driven_by=drug.rule_keys,
        leading=frozenset(),
        blocked=first.response is Response.INDETERMINATE,
        open_actions=open_actions,
        otherwise=first.otherwise,
    )


def _cap_of(rows: Sequence[RuleCells]) -> Amount | None:
    """Return the lowest of the highest doses that rows give."""
    caps = [Amount(row["cap"], row["unit"] or "") for row in rows if row["cap"] is not None]
    return min(caps, key=lambda cap: cap.value, default=None)


def _scope(verdict: Verdict, rules: Sequence[GuidanceRule]) -> str:
    """Say for whom the rows that fired were written, and under which planned dose."""
    # Until the test is back no row's dose is meant, so that its "if the dose is ..." would mislead.
    open_size = verdict.action is Action.TEST_FIRST
    texts = [(rule.population, None if open_size else rule.row["applies_if"]) for rule in rules]
    parts = [text for population, condition in texts for text in (population, condition and f"if {condition}") if text]
    return "; ".join(dict.fromkeys(parts))


def _difference(first: Verdict, other: Verdict) -> Conflict | None:
    """Return what another guideline body asks for, where that is something else."""
    undecided = Response.INDETERMINATE in (first.response, other.response)
    # Undecided bodies differ where both say in a row what to do meanwhile. Beside a first one that is silent, or waits
    # for a test, another that restricts is named; that it asks for the usual dose would read as an answer.
    both = first.response is other.response and first.fired and other.fired
    if undecided and not both and not (other.fired and _restricts(other.action, beside=first.action)):
        return None
    (low, high), (other_low, other_high) = first.factors(), other.factors()
    apart = None not in (low, high, other_low, other_high) and (other_low > high or other_high < low)  # type: ignore[operator]
    if other.action is first.action and not apart:
        return None
    factors = (other_low, other_high) if apart else (None, None)
    return Conflict(ConflictKind.GUIDELINE, other.source, other.action, *factors)


def _restricts(action: Action, beside: Action) -> bool:
    stricter = max(beside.severity, Action.STANDARD.severity) < action.severity
    return stricter or action.severity >= Action.REDUCE_DOSE.severity


def _keys_of(rows: Sequence[EvidenceRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for row in rows if row.condition for key in row.condition.keys))


def _by_evidence(drug: Drug, known: Mapping[str, Assessed], min_certainty: float) -> Judgement:
    sure = {
        row.evidence: capped(float(probability(row.condition, known).min())) for row in drug.directing if row.condition
    }
    fired = [row for row in drug.directing if sure.get(row.evidence, 0.0) >= min_certainty]
    # Only the best level counts: ten small studies do not outvote one trial.
    level = min((LEVELS.index(row.row["evidence_level"]) for row in fired), default=None)
    leading = [row for row in fired if LEVELS.index(row.row["evidence_level"]) == level]
    directions = {row.row["direction"] for row in leading}
    if leading:
        response = Response(directions.pop()) if len(directions) == 1 else Response.MIXED
    elif any(open_share(row.condition, known) > 1 - min_certainty for row in drug.directing if row.condition):
        # What may still point somewhere must not pass as nothing that would tell.
        response = Response.INDETERMINATE
    else:
        response = Response.NO_VALIDATED_MARKER
    return Judgement(
        drug=drug,
        response=response,
        action=Action.INFORMATIVE_ONLY,
        factor_low=None,
        factor_high=None,
        basis="",
        cap=None,
        guideline="",
        edition="",
        scope="",
        strength="",
        evidence_level=LEVELS[level] if level is not None else "",
        certainty=min((sure[row.evidence] for row in leading), default=None),
        differences=(),
        guidance=(),
        judged_by=drug.judged_keys,
        driven_by=drug.judged_keys if response is Response.INDETERMINATE else _keys_of(leading),
        leading=frozenset(row.evidence for row in leading),
        blocked=False,
    )
