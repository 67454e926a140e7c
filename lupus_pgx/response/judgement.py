"""Judge a drug on the joint distribution of the calls: guideline rules first, else evidence that sets a direction.

An action fires where its probability is high enough under every prior that applies;
``standard`` is stated only where any other action is nearly excluded and every essential
locus of every gene of the rule was assessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lupus_pgx.context.values import Amount
from lupus_pgx.knowledge.rules import Drug, GuidanceRule, GuidelineBody
from lupus_pgx.response.certainty import Assessed, joint_outcomes, named_share, possible_outcomes, probability
from lupus_pgx.response.values import Conflict, ConflictKind
from lupus_pgx.terms import Action, Response

if TYPE_CHECKING:
    from lupus_pgx.knowledge.rules import RuleCells

FloatArray = npt.NDArray[np.float64]

MIN_CERTAINTY = 0.95
"""Probability from which an action fires, unless the caller sets another."""

STANDARD_RISK = 0.01
"""``standard`` needs the probability of any other action to be below this (design section 2)."""

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules of one guideline body come to.

    Attributes
    ----------
    source : str
        Guideline body.
    action, response : Action, Response
    certainty : float or None
        Lowest probability of the action over the priors; None where no action is certain.
    fired : tuple of (GuidanceRule, float)
        Rows that fired, with their probability.
    """

    source: str
    action: Action
    response: Response
    certainty: float | None
    fired: tuple[tuple[GuidanceRule, float], ...] = ()

    @property
    def shown_source(self) -> str:
        """Guideline body as results name it: marked where a row that fired is from an overlay."""
        shown = [rule.row["source"] for rule, _ in self.fired]
        return next((source for source in shown if source != self.source), self.source)

    def factors(self) -> tuple[float | None, float | None]:
        """Lowest and highest dose factor of the rows that fired."""
        if self.action in (Action.AVOID, Action.TEST_FIRST) or self.response is Response.INDETERMINATE:
            return None, None
        low = [rule.row["factor_low"] for rule, _ in self.fired if rule.row["factor_low"] is not None]
        high = [rule.row["factor_high"] for rule, _ in self.fired if rule.row["factor_high"] is not None]
        return min(low, default=None), max(high, default=None)


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
    """

    drug: Drug
    response: Response
    action: Action
    factor_low: float | None
    factor_high: float | None
    basis: str
    cap: Amount | None
    guideline: str
    year: int | None
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


def judge_drug(drug: Drug, known: Mapping[str, Assessed], min_certainty: float) -> Judgement:
    """Judge one drug from what is known of its genes and markers."""
    if drug.bodies:
        verdicts = [judge(body, known, min_certainty) for body in drug.bodies]
        return _by_guideline(drug, verdicts, _open_actions(drug.bodies[0], known, verdicts[0]))
    return _by_evidence(drug, known, min_certainty)


def judge(body: GuidelineBody, known: Mapping[str, Assessed], min_certainty: float) -> Verdict:
    """Judge the rules of one guideline body on the joint distribution.

    Where an outcome meets several rules, the most restricting one counts. Genes assessed in part ask
    for the missing test, unless the body only monitors without any and nothing possible asks for more.
    """
    shares: dict[str, FloatArray] = {}
    for held, weight in joint_outcomes(body.conditions, known):
        rule = body.strictest(held).rule
        shares[rule] = shares[rule] + weight if rule in shares else weight
    reached = [rule for rule in body.rules if rule.rule in shares]
    source = body.source
    assessed = [known.get(key) or Assessed(key) for key in body.conditions.keys]
    # A row that changes nothing may rest only on genes that were assessed fully or not at all.
    settled = all(item.essential_complete or item.not_assessed for item in assessed)
    complete = all(item.essential_complete for item in assessed)

    def least(chosen: Sequence[GuidanceRule]) -> float:
        return _cap(float(_total(shares, chosen).min())) if chosen else 0.0

    def fired(chosen: Sequence[GuidanceRule]) -> tuple[tuple[GuidanceRule, float], ...]:
        alone = [(rule, least([rule])) for rule in chosen]
        sure = [item for item in alone if item[1] >= min_certainty]
        possible = [item for item in alone if float(shares[item[0].rule].max()) > STANDARD_RISK]
        return tuple(sure or possible or alone)

    changing = [rule for rule in reached if rule.action is not Action.STANDARD]
    for action in sorted({rule.action for rule in changing}, key=lambda item: -item.severity):
        chosen = [rule for rule in changing if rule.action is action]
        certainty = least(chosen)
        undecided = all(rule.response is Response.INDETERMINATE for rule in chosen)
        # Raising a dose or watching a usual one does not restrict: like standard it needs every essential locus.
        usual = action is Action.INCREASE_DOSE or all(rule.response is Response.TYPICAL for rule in chosen)
        allowed = settled if undecided else complete or not usual
        if certainty >= min_certainty and allowed:
            sure = None if undecided else certainty
            return Verdict(source, action, _joined_response(chosen), sure, fired(chosen))
    raising = (Action.INCREASE_DOSE,) if not complete else ()
    silent = (Response.INDETERMINATE, Response.TYPICAL)
    restricting = [rule for rule in changing if rule.response not in silent and rule.action not in raising]
    if restricting and least(restricting) >= min_certainty:
        response = _joined_response(restricting)
        return Verdict(source, Action.TEST_FIRST, response, least(restricting), fired(restricting))
    standard = [rule for rule in reached if rule.action is Action.STANDARD]
    if standard and complete:
        asking = [rule for rule in changing if rule.action.severity > Action.STANDARD.severity]
        certainty = _standard(_total(shares, standard), _total(shares, asking), named_share(body.conditions, known))
        if certainty >= min_certainty:
            return Verdict(source, Action.STANDARD, Response.TYPICAL, _cap(certainty), fired(standard))
    watched = None if settled else _watched(body, known, min_certainty)
    if watched is not None:
        stricter = [rule for rule in changing if rule.action.severity > watched.action.severity]
        open_risk = float(_total(shares, stricter).max())
        if all(rule.response is Response.INDETERMINATE for rule in stricter) and open_risk < 1 - min_certainty:
            return watched
    return Verdict(source, Action.TEST_FIRST, Response.INDETERMINATE, None)


def _total(shares: Mapping[str, FloatArray], rules: Sequence[GuidanceRule]) -> FloatArray:
    """Return the probability, under each prior, that one of some rules is met."""
    return sum((shares[rule.rule] for rule in rules), np.zeros(1))


def _standard(standard: FloatArray, restricting: FloatArray, named: FloatArray) -> float:
    """Return the certainty of ``standard``; 0 where it may not be stated.

    Any action that asks for more must be nearly excluded under every prior. Haplotypes without a name count together
    with it, but only under the pool or the ancestry given.
    """
    standard, restricting, named = np.broadcast_arrays(standard, restricting, named)
    nameless = float(1 - named[0])
    if float(restricting.max()) >= STANDARD_RISK or float(restricting[0]) + nameless >= STANDARD_RISK:
        return 0.0
    return min(float(standard[0]), float((standard / named).min()))


def _watched(body: GuidelineBody, known: Mapping[str, Assessed], min_certainty: float) -> Verdict | None:
    """Judge as if partly assessed genes were not assessed at all; None where that is not the usual dose, monitored.

    A gene seen in part must not ask for more than one not seen at all, if no genotype that is possible does.
    """
    items = {key: known.get(key) or Assessed(key) for key in body.conditions.keys}
    whole = {key: item if item.essential_complete else Assessed(key) for key, item in items.items()}
    verdict = judge(body, whole, min_certainty)
    return verdict if verdict.fired and verdict.action is Action.MONITOR else None


def _cap(value: float) -> float:
    """Remove the rounding of sums: a probability is at most 1."""
    return 1.0 if value > 1 - 1e-12 else value


def _joined_response(rules: Sequence[GuidanceRule]) -> Response:
    found = {rule.response for rule in rules} - {Response.INDETERMINATE}
    if len(found) == 1:
        return found.pop()
    return Response.MIXED if found else Response.INDETERMINATE


def _open_actions(body: GuidelineBody, known: Mapping[str, Assessed], verdict: Verdict) -> tuple[Action, ...]:
    """Return the other actions that are possible once everything is assessed; none where nothing can change."""
    decided = verdict.response is not Response.INDETERMINATE
    if decided and all((known.get(key) or Assessed(key)).essential_complete for key in body.conditions.keys):
        return ()
    outcomes = possible_outcomes(body.conditions, known, STANDARD_RISK)
    actions = {rule.action for held in outcomes if held and not _undecided(rule := body.strictest(held))}
    stated = {verdict.action} if decided else set()
    return tuple(sorted(actions - stated, key=lambda action: action.severity))


def _undecided(rule: GuidanceRule) -> bool:
    return rule.response is Response.INDETERMINATE


def _by_guideline(drug: Drug, verdicts: Sequence[Verdict], open_actions: tuple[Action, ...]) -> Judgement:
    first = verdicts[0]
    low, high = first.factors()
    rows = [rule.row for rule, _ in first.fired]
    return Judgement(
        drug=drug,
        response=first.response,
        action=first.action,
        factor_low=low,
        factor_high=high,
        basis=next((row["dose_basis"] for row in rows if row["dose_basis"]), ""),
        cap=_cap_of(rows),
        guideline=first.shown_source,
        year=max((row["year"] for row in rows), default=None),
        scope=_scope(first, rows),
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
    )


def _cap_of(rows: Sequence[RuleCells]) -> Amount | None:
    """Return the lowest of the highest doses that rows give."""
    caps = [Amount(row["cap"], row["unit"] or "") for row in rows if row["cap"] is not None]
    return min(caps, key=lambda cap: cap.value, default=None)


def _scope(verdict: Verdict, rows: Sequence[RuleCells]) -> str:
    """Say for whom the rows that fired were written, and under which planned dose."""
    open_size = verdict.action is Action.TEST_FIRST
    texts = [(row["population"], None if open_size else row["applies_if"]) for row in rows]
    parts = [text for population, condition in texts for text in (population, condition and f"if {condition}") if text]
    return "; ".join(dict.fromkeys(parts))


def _difference(first: Verdict, other: Verdict) -> Conflict | None:
    """Return what another guideline body asks for, where that is something else."""
    undecided = Response.INDETERMINATE in (first.response, other.response)
    # Undecided bodies differ where both say in a row what to do meanwhile.
    if undecided and not (first.response is other.response and first.fired and other.fired):
        return None
    (low, high), (other_low, other_high) = first.factors(), other.factors()
    apart = None not in (low, high, other_low, other_high) and (other_low > high or other_high < low)  # type: ignore[operator]
    if other.action is first.action and not apart:
        return None
    factors = (other_low, other_high) if apart else (None, None)
    return Conflict(ConflictKind.GUIDELINE, other.source, other.action, *factors)


def _by_evidence(drug: Drug, known: Mapping[str, Assessed], min_certainty: float) -> Judgement:
    sure = {
        row.evidence: _cap(float(probability(row.condition, known).min())) for row in drug.directing if row.condition
    }
    fired = [row for row in drug.directing if sure.get(row.evidence, 0.0) >= min_certainty]
    level = min((LEVELS.index(row.row["evidence_level"]) for row in fired), default=None)
    leading = [row for row in fired if LEVELS.index(row.row["evidence_level"]) == level]
    directions = {row.row["direction"] for row in leading}
    if leading:
        response = Response(directions.pop()) if len(directions) == 1 else Response.MIXED
    elif any((known.get(key) or Assessed(key)).not_assessed for key in drug.judged_keys):
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
        year=None,
        scope="",
        strength="",
        evidence_level=LEVELS[level] if level is not None else "",
        certainty=min((sure[row.evidence] for row in leading), default=None),
        differences=(),
        guidance=(),
        judged_by=drug.judged_keys,
        driven_by=tuple(dict.fromkeys(key for row in leading if row.condition for key in row.condition.keys)),
        leading=frozenset(row.evidence for row in leading),
        blocked=False,
    )
