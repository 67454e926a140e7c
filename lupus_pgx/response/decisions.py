"""What the rules of one guideline body come to: named decisions, of which the first that speaks wins.

Each decision quotes its sentence of ``docs/decisions/0002-probabilities.md``, where the reasons stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lupus_pgx.knowledge.rules import GuidanceRule, GuidelineBody
from lupus_pgx.response.certainty import Assessed, joint_outcomes, named_share
from lupus_pgx.terms import Action, Response

FloatArray = npt.NDArray[np.float64]

STANDARD_RISK = 0.01
"""``standard`` needs the probability of any other action to be below this (design section 2)."""

_SILENT = (Response.INDETERMINATE, Response.TYPICAL)

_ROUNDING = 1e-12
"""What sums of probabilities may be off."""


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
    otherwise : tuple of Action
        What the other genotypes ask for that are left beside those behind the action, the strictest first.
    """

    source: str
    action: Action
    response: Response
    certainty: float | None
    fired: tuple[tuple[GuidanceRule, float], ...] = ()
    otherwise: tuple[Action, ...] = ()

    @property
    def shown_source(self) -> str:
        """Guideline body as results name it: marked where a row that fired is from an overlay."""
        shown = [rule.row["source"] for rule, _ in self.fired]
        return next((source for source in shown if source != self.source), self.source)

    def factors(self) -> tuple[float | None, float | None]:
        """Lowest and highest dose factor of the rows that fired."""
        # "Avoid, half the dose" reads as permission; a dose before the test or without a decision would be a guess.
        if self.action in (Action.AVOID, Action.TEST_FIRST) or self.response is Response.INDETERMINATE:
            return None, None
        low = [rule.row["factor_low"] for rule, _ in self.fired if rule.row["factor_low"] is not None]
        high = [rule.row["factor_high"] for rule, _ in self.fired if rule.row["factor_high"] is not None]
        return min(low, default=None), max(high, default=None)


class Weighed:
    """The rules of one guideline body, each with the probability that it is the strictest of those met.

    Parameters
    ----------
    body : GuidelineBody
    known : mapping of str to Assessed
        What is known of genes and markers; one that is not in it is not assessed.
    floor : float
        Probability from which a statement is made.

    Attributes
    ----------
    shares : dict of str to ndarray
        Probability of each rule that can be met, under each prior.
    assessed : dict of str to Assessed
        What is known of each gene and marker that the rules look at.
    complete : bool
        Whether every essential locus of every gene was assessed.
    reached, changing : list of GuidanceRule
        Rules that can be met, and those among them that ask for something else than the usual dose.
    """

    def __init__(self, body: GuidelineBody, known: Mapping[str, Assessed], floor: float) -> None:
        self.body, self.known, self.floor = body, known, floor
        self.assessed = {key: known.get(key) or Assessed(key) for key in body.conditions.keys}
        self.complete = all(item.essential_complete for item in self.assessed.values())
        self.shares: dict[str, FloatArray] = {}
        for held, weight in joint_outcomes(body.conditions, known):
            rule = body.strictest(held).rule
            self.shares[rule] = self.shares[rule] + weight if rule in self.shares else weight
        self.reached = [rule for rule in body.rules if rule.rule in self.shares]
        self.changing = [rule for rule in self.reached if rule.action is not Action.STANDARD]

    @property
    def settled(self) -> bool:
        """Whether each gene was assessed fully or not at all."""
        return self.complete or all(item.essential_complete or item.not_assessed for item in self.assessed.values())

    def total(self, rules: Sequence[GuidanceRule]) -> FloatArray:
        """Return the probability, under each prior, that one of some rules is met."""
        if len(rules) == 1:
            return self.shares[rules[0].rule]
        return sum((self.shares[rule.rule] for rule in rules), np.zeros(1))

    def least(self, rules: Sequence[GuidanceRule]) -> float:
        """Return the lowest probability over the priors that one of some rules is met."""
        return self.bounded(float(self.total(rules).min()), rules)

    def bounded(self, value: float, rules: Sequence[GuidanceRule]) -> float:
        """Return a probability, below 1 where what the rules ask for rests on a doubtful or imputed genotype."""
        return min([capped(value), *(self.assessed[key].evidence for rule in rules for key in rule.condition.keys)])

    def fired(self, rules: Sequence[GuidanceRule]) -> tuple[tuple[GuidanceRule, float], ...]:
        """Return the rows behind a statement: those that are certain alone, else all that are possible."""
        alone = [(rule, self.least([rule])) for rule in rules]
        sure = [item for item in alone if item[1] >= self.floor]
        possible = [item for item in alone if float(self.shares[item[0].rule].max()) > STANDARD_RISK]
        return tuple(sure or possible or alone)

    def verdict(self, action: Action, rules: Sequence[GuidanceRule], certainty: float | None) -> Verdict:
        """Return the verdict that rests on some rules."""
        return Verdict(
            self.body.source, action, _joined_response(rules), certainty, self.fired(rules), self.otherwise(rules)
        )

    def otherwise(self, rules: Sequence[GuidanceRule]) -> tuple[Action, ...]:
        """Return what the genotypes ask for that are possible beside those behind a statement, however rare."""
        asked = {rule.action for rule in rules}
        left = {
            rule.action
            for rule in self.reached
            if rule.response is not Response.INDETERMINATE and float(self.shares[rule.rule].max()) > _ROUNDING
        }
        return tuple(sorted(left - asked, key=lambda action: -action.severity))


def one_action(weighed: Weighed) -> Verdict | None:
    """State an action other than standard: its probability is at least ``min_certainty``; the strictest such counts."""
    for action in sorted({rule.action for rule in weighed.changing}, key=lambda item: -item.severity):
        rules = [rule for rule in weighed.changing if rule.action is action]
        certainty = weighed.least(rules)
        if certainty >= weighed.floor and _may_rest_on(weighed, action, rules):
            return weighed.verdict(action, rules, None if _undecided(rules) else certainty)
    return None


def several_actions(weighed: Weighed) -> Verdict | None:
    """Ask to test first: several actions share that probability, none of them alone reaches it."""
    # Raising a dose restricts nothing: where a gene is open it must not add up to a test.
    raising = () if weighed.complete else (Action.INCREASE_DOSE,)
    rules = [rule for rule in weighed.changing if rule.response not in _SILENT and rule.action not in raising]
    certainty = weighed.least(rules)
    return weighed.verdict(Action.TEST_FIRST, rules, certainty) if rules and certainty >= weighed.floor else None


def usual_dose(weighed: Weighed) -> Verdict | None:
    """State standard: any other action below 0.01, standard at least ``min_certainty``, all essential loci."""
    rules = [rule for rule in weighed.reached if rule.action is Action.STANDARD]
    # The usual dose is the one statement by whose error nobody is warned: absence of a record never makes it.
    if not rules or not weighed.complete:
        return None
    certainty = _standard(
        weighed.total(rules),
        weighed.total([rule for rule in weighed.changing if rule.action is not Action.INFORMATIVE_ONLY]),
        named_share(weighed.body.conditions, weighed.known),
    )
    if certainty < weighed.floor:
        return None
    shown = weighed.bounded(certainty, rules)
    return Verdict(
        weighed.body.source, Action.STANDARD, Response.TYPICAL, shown, weighed.fired(rules), weighed.otherwise(rules)
    )


def usual_dose_watched(weighed: Weighed) -> Verdict | None:
    """Watch the usual dose of a gene seen in part: one not seen at all gives it, and nothing possible asks for more."""
    if weighed.settled:
        return None
    # A gene seen in part must not ask for more than one not seen at all.
    whole = {key: item if item.essential_complete else Assessed(key) for key, item in weighed.assessed.items()}
    watched = judge(weighed.body, whole, weighed.floor)
    if watched.action is not Action.MONITOR:
        return None
    stricter = [rule for rule in weighed.changing if rule.action.severity > watched.action.severity]
    risk = float(weighed.total(stricter).max())
    return watched if _undecided(stricter) and risk <= 1 - weighed.floor else None


def undecided(weighed: Weighed) -> Verdict:
    """Leave it undecided: everything else."""
    return Verdict(weighed.body.source, Action.TEST_FIRST, Response.INDETERMINATE, None)


DECISIONS: tuple[Callable[[Weighed], Verdict | None], ...] = (
    one_action,
    several_actions,
    usual_dose,
    usual_dose_watched,
    undecided,
)
"""The first that speaks wins."""


def judge(body: GuidelineBody, known: Mapping[str, Assessed], min_certainty: float) -> Verdict:
    """Judge the rules of one guideline body on the joint distribution.

    Where an outcome meets several rules, the most restricting one counts. Genes assessed in part ask
    for the missing test, unless the body only monitors without any and nothing possible asks for more.

    Parameters
    ----------
    body : GuidelineBody
    known : mapping of str to Assessed
    min_certainty : float

    Returns
    -------
    Verdict
    """
    weighed = Weighed(body, known, min_certainty)
    return next(verdict for decide in DECISIONS if (verdict := decide(weighed)) is not None)


def capped(value: float) -> float:
    """Remove the rounding of sums: a probability is at most 1."""
    return 1.0 if value > 1 - _ROUNDING else value


def _may_rest_on(weighed: Weighed, action: Action, rules: Sequence[GuidanceRule]) -> bool:
    """Whether enough was assessed for an action that is certain."""
    if _undecided(rules):
        return weighed.settled  # what changes nothing may rest only on genes assessed fully or not at all
    # Raising a dose or watching a usual one does not restrict: like standard it needs every essential locus.
    usual = action is Action.INCREASE_DOSE or _joined_response(rules) is Response.TYPICAL
    return weighed.complete or not usual


def _undecided(rules: Sequence[GuidanceRule]) -> bool:
    return _joined_response(rules) is Response.INDETERMINATE


def _joined_response(rules: Sequence[GuidanceRule]) -> Response:
    found = {rule.response for rule in rules} - {Response.INDETERMINATE}
    if len(found) == 1:
        return found.pop()
    return Response.MIXED if found else Response.INDETERMINATE


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
