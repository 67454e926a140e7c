"""How probable is a condition? Clauses of different genes are independent under each prior."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.calling.calls import NEVER_EXACT, PROBABLE, DiplotypeCall
from lupus_pgx.calling.markers import MarkerCall
from lupus_pgx.calling.phenotypes import PhenotypeCall, Share
from lupus_pgx.knowledge.rules import (
    ALLELE,
    CATEGORY,
    GENOTYPE,
    PHENOTYPE,
    SCORE,
    WITHOUT,
    Clause,
    Condition,
    ConditionSet,
)
from lupus_pgx.terms import INDETERMINATE, NOT_ASSESSED, CallStatus, LocusStatus

FloatArray = npt.NDArray[np.float64]

_SHARES = "shares"
_WORDS = "words"
"""Under which a gene keeps its weighed shares and its description, beside what it keeps by clauses and conditions."""

_WEIGHED = (LocusStatus.DOUBTFUL.value, LocusStatus.IMPUTED.value)


@dataclass(frozen=True, slots=True)
class Assessed:
    """What is known of one gene or marker in a sample: a diplotype with phenotypes, or a marker call.

    ``adjusted_by`` names the co-medication under which the phenotype is not that of the genotype.
    """

    key: str
    diplotype: DiplotypeCall | None = None
    phenotype: PhenotypeCall | None = None
    marker: MarkerCall | None = None
    adjusted_by: str = ""
    worked_out: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def seen_by_rules(self) -> tuple[Any, ...]:
        """All that rules see of it: what is alike here is judged alike."""
        lookup = self.diplotype is not None and self.diplotype.lookup_open
        facts = (self.not_assessed, self.essential_complete, self.missing, self.evidence, lookup)
        if self.phenotype is not None:
            seen = (self.phenotype.shares, self.phenotype.scenarios)
            return (*facts, *seen, tuple(self.phenotype.probabilities.items()))
        return (*facts, self.marker.genotypes, self.marker.category) if self.marker is not None else facts

    @property
    def not_assessed(self) -> bool:
        """Whether nothing is known."""
        if self.phenotype is not None:
            return NOT_ASSESSED in self.phenotype.probabilities
        return self.marker is None or (not self.marker.genotype and not self.marker.category)

    @property
    def by_frequency(self) -> bool:
        """Whether nothing but frequencies speaks: a part of the loci was seen, and no variant at them."""
        return self.diplotype is not None and self.diplotype.by_frequency

    @property
    def evidence(self) -> float:
        """Bound of what may be said to be sure: below 1 where it rests on a doubtful or imputed genotype."""
        if self.marker is not None:
            return NEVER_EXACT if self.marker.status in _WEIGHED else 1.0
        return self.diplotype.evidence if self.diplotype is not None else 1.0

    @property
    def essential_complete(self) -> bool:
        """Whether a standard action may rest on it."""
        if self.diplotype is not None:
            return self.diplotype.essential_complete
        return self.marker is not None and not self.marker.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """Loci whose absence keeps a standard action from being stated."""
        if self.diplotype is not None:
            if self.diplotype.is_open_outside:
                return ("an outside call",)
            only_typing = self.diplotype.n_loci == 0 and self.not_assessed
            structure = ("structure",) if self.diplotype.structure_open else ()
            return ("typing",) if only_typing else (*structure, *self.diplotype.missing_essential)
        return self.marker.missing if self.marker is not None else ("not among the genes analyzed",)

    @property
    def description(self) -> str:
        """Gene or marker, genotype and phenotype in words."""
        return f"{self.key} {self.found}" if self.found else self.key

    @property
    def found(self) -> str:
        """Genotype and phenotype in words; of a marker without either, nothing."""
        words = self.worked_out.get(_WORDS)
        if words is None:
            words = self.worked_out[_WORDS] = self._worded()
        return str(words)

    def _worded(self) -> str:
        if self.marker is not None:
            genotype, category = self.marker.genotype, self.marker.category
            both = genotype and category and category != genotype
            return f"{genotype} ({category})" if both else genotype or category
        if self.diplotype is None or self.phenotype is None:
            return NOT_ASSESSED
        named = bool(self.diplotype.given) and self.diplotype.n_candidates == 1
        if self.diplotype.status is CallStatus.AMBIGUOUS and not named:
            # A share of people is no reason: where no variant was seen, the phenotype of a part of the loci is one.
            likely = [] if self.diplotype.by_frequency else self.phenotype.ranked
            sure = [name for name, value in likely if value >= PROBABLE]
            lead = "only partly seen" if self.diplotype.partly_seen else "ambiguous"
            parts = (lead, f"({self._open})" if self._open else "", *sure)
            return " ".join(part for part in parts if part)
        if self.diplotype.looked_up:
            return f"{self.phenotype.best} by {self.diplotype.lookup}"
        phenotype, diplotype = self.phenotype.best, self.diplotype.diplotype
        under = f" under {self.adjusted_by} (adjusted, not the phenotype of the genotype)" if self.adjusted_by else ""
        known = diplotype or self._without_a_pair
        return " ".join(part for part in (known, f"{phenotype}{under}") if part)

    @property
    def _without_a_pair(self) -> str:
        """What stands in the place of a pair: why there is none, or the one allele that is known to be there."""
        if self.diplotype is None or self.phenotype is None or self.diplotype.status is not CallStatus.OUTSIDE:
            return str(self.diplotype.status) if self.diplotype is not None else ""
        carried = [share.carried or frozenset() for share in self.phenotype.shares]
        there = sorted(frozenset.intersection(*carried)) if carried else []
        return f"{', '.join(there)} positive" if there else "" if self.phenotype.best else "as given"

    @property
    def _open(self) -> str:
        """Say what keeps an ambiguous call open."""
        assert self.diplotype is not None
        if self.diplotype.n_candidates != 1:
            return f"{self.diplotype.n_candidates} pairs possible" if self.diplotype.n_candidates else ""
        reason = "its evidence is weak" if self.diplotype.n_doubtful else "a haplotype without a name may fit too"
        return f"{self.diplotype.diplotype}, but {reason}"


def _clauses_probability(clauses: tuple[Clause, ...], assessed: Assessed) -> FloatArray:
    """Return the probability that clauses on one gene or marker hold together, under each prior that applies."""
    found: FloatArray | None = assessed.worked_out.get(clauses)
    if found is None:
        found = assessed.worked_out[clauses] = _work_out(clauses, assessed)
    return found


def _holds(clause: Clause, share: Share) -> bool:
    """Whether diplotypes that rules see alike satisfy a clause."""
    if clause.aspect == PHENOTYPE:
        return share.phenotype in clause.values
    if clause.aspect == SCORE:
        return clause.of_score(share.score)
    carried = share.carried
    # Without knowing what is carried neither an allele nor its absence may be claimed.
    if clause.aspect != ALLELE or carried is None:
        return False
    return any(
        value.removeprefix(WITHOUT) not in carried if value.startswith(WITHOUT) else value in carried
        for value in clause.values
    )


def _work_out(clauses: tuple[Clause, ...], assessed: Assessed) -> FloatArray:
    phenotype = assessed.phenotype
    if phenotype is None:
        return np.array([float(all(_marker_holds(clause, assessed) for clause in clauses))])
    # Clauses on one gene are summed over the same diplotypes: a product or the lower of two would count pairs that
    # cannot be at once.
    if all(clause.aspect == PHENOTYPE for clause in clauses):
        named = phenotype.probabilities.items()
        chosen = [values for name, values in named if all(name in clause.values for clause in clauses)]
    else:
        chosen = [share.values for share in phenotype.shares if all(_holds(clause, share) for clause in clauses)]
    return np.minimum(np.sum(np.array(chosen), axis=0), 1.0) if chosen else np.zeros(1)


def _marker_holds(clause: Clause, assessed: Assessed) -> bool:
    """Whether every genotype that is possible satisfies a clause: markers get no prior."""
    if NOT_ASSESSED in clause.values and assessed.not_assessed:
        return True
    marker = assessed.marker
    if marker is None:
        return False
    if clause.aspect == CATEGORY:
        return marker.category in clause.values
    if clause.aspect != GENOTYPE or not marker.genotypes or assessed.not_assessed:
        return False
    # V/F and F/V are one genotype.
    wanted = {tuple(sorted(value.split("/"))) for value in clause.values}
    return all(tuple(sorted(genotype.split("/"))) in wanted for genotype in marker.genotypes)


def probability(condition: Condition, known: Mapping[str, Assessed]) -> FloatArray:
    """Return the probability of a condition under each prior that applies.

    Parameters
    ----------
    condition : Condition
    known : mapping of key to Assessed
        Genes and markers; one that is not in it is not assessed.

    Returns
    -------
    ndarray of float, shape (priors,)
        One value where the priors do not matter.
    """
    result = np.ones(1)
    for key in condition.keys:
        clauses = tuple(clause for clause in condition.clauses if clause.key == key)
        result = result * _clauses_probability(clauses, known.get(key, Assessed(key)))
    return result


def open_share(condition: Condition, known: Mapping[str, Assessed]) -> float:
    """Return the highest probability over the priors that a condition holds or that nobody knows whether it does.

    Parameters
    ----------
    condition : Condition
    known : mapping of key to Assessed

    Returns
    -------
    float
        1 where nothing was assessed.
    """
    result = np.ones(1)
    for key in condition.keys:
        clauses = [clause for clause in condition.clauses if clause.key == key]
        result = result * _open_share(clauses, known.get(key, Assessed(key)))
    return float(result.max())


def _open_share(clauses: Sequence[Clause], assessed: Assessed) -> FloatArray:
    if assessed.not_assessed:
        return np.ones(1)
    if assessed.phenotype is None:
        return np.array([float(all(_marker_holds(clause, assessed) for clause in clauses))])
    shares = [share.values for share in assessed.phenotype.shares if all(_may_hold(item, share) for item in clauses)]
    return np.sum(np.array(shares), axis=0) if shares else np.zeros(1)


def _may_hold(clause: Clause, share: Share) -> bool:
    """Whether diplotypes satisfy a clause, or nobody knows: no pair fits, or the function of an allele is not known."""
    unknown = {PHENOTYPE: share.phenotype == INDETERMINATE, ALLELE: share.carried is None, SCORE: share.score is None}
    return unknown.get(clause.aspect, False) or _holds(clause, share)


def joint_outcomes(conditions: ConditionSet, known: Mapping[str, Assessed]) -> Iterator[tuple[int, FloatArray]]:
    """Enumerate which conditions hold together, with the probability of each such outcome.

    Outcomes in which no condition holds are left out.

    Parameters
    ----------
    conditions : ConditionSet
    known : mapping of key to Assessed

    Yields
    ------
    holds : int
        Bits of the conditions that hold in this outcome.
    probability : ndarray of float, shape (..., priors)
        With one axis more for each gene of which the function of one copy is not known.
    """
    outcomes: dict[int, FloatArray] = {}
    axes = 0
    for number, key in enumerate(conditions.keys):
        states = _states(conditions, known.get(key) or Assessed(key))
        if states[0][1].ndim > 1:
            # Whatever function a copy of one gene may have, that of another gene may have any beside it.
            states = [(held, value.reshape(len(value), *(1,) * axes, -1)) for held, value in states]
            axes += 1
        if number == 0:
            outcomes = {held: value for held, value in states if held}
            continue
        joined: dict[int, FloatArray] = {}
        for held, weight in outcomes.items():
            for holding, value in states:
                both = held & holding
                if both:  # an outcome in which nothing holds stays so whatever the next gene is
                    share = weight * value
                    joined[both] = joined[both] + share if both in joined else share
        outcomes = joined
    for held, weight in outcomes.items():
        if weight.any():
            yield held, weight


def possible_outcomes(conditions: ConditionSet, known: Mapping[str, Assessed], risk: float) -> set[int]:
    """Return which conditions may hold together once everything is assessed.

    A gene that was not assessed may have any value that a condition asks for, or another; one seen in
    part whatever is still possible; one seen fully what is more probable than ``risk``.

    Parameters
    ----------
    conditions : ConditionSet
    known : mapping of key to Assessed
    risk : float

    Returns
    -------
    set of int
        Bits of the conditions that hold together, each outcome once; 0 where none holds.
    """
    outcomes = {conditions.everything}
    for key in conditions.keys:
        assessed = known.get(key) or Assessed(key)
        outcomes = {held & holding for held in outcomes for holding in _open_states(conditions, assessed, risk)}
    return outcomes


def _open_states(conditions: ConditionSet, assessed: Assessed, risk: float) -> set[int]:
    seen: set[int] = set()
    if not assessed.not_assessed:
        # Of a gene seen in part nothing that is possible may be left out, however rare the prior makes it.
        bound = risk if assessed.essential_complete else 0.0
        seen = {held for held, values in _states(conditions, assessed) if float(np.max(values)) > bound}
        if assessed.diplotype is None or not assessed.diplotype.lookup_open:
            return seen
    return seen | _asked_states(conditions, assessed.key)


def _asked_states(conditions: ConditionSet, key: str) -> frozenset[int]:
    """Return which conditions may hold of a gene of which nothing is known."""
    found: frozenset[int] | None = conditions.open_states.get(key)
    if found is None:
        asked = conditions.clauses(key)
        silent = conditions.everything & ~sum(bit for bit, _ in asked)
        # Which alleles and phenotypes go together is not known here: each such condition may hold by itself.
        alone = {silent | bit for bit, clauses in asked if len(clauses) > 1}
        met = {sum(bit for bit, clauses in asked if all(holds(c) for c in clauses)) for holds in _possible(asked)}
        found = conditions.open_states[key] = frozenset({silent, *alone, *(silent | bits for bits in met)})
    return found


def _possible(asked: Sequence[tuple[int, Sequence[Clause]]]) -> Iterator[Callable[[Clause], bool]]:
    """Yield what a gene that was not assessed may be, as a test of clauses: each value and each score asked for.

    Scores between and beyond the bounds stand for all others.
    """
    every = [clause for _, clauses in asked for clause in clauses]
    for aspect, value in {(clause.aspect, value) for clause in every for value in clause.values}:
        if aspect != SCORE and value != NOT_ASSESSED:
            yield lambda clause, aspect=aspect, value=value: clause.aspect == aspect and value in clause.values  # type: ignore[misc]
    bounds = sorted({float(value) for clause in every if clause.aspect == SCORE for value in clause.values})
    between = [(low + high) / 2 for low, high in pairwise(bounds)]
    for score in (*bounds, *between, *(bound + 1 for bound in bounds[-1:]), *(bound / 2 for bound in bounds[:1])):
        yield lambda clause, score=score: clause.aspect == SCORE and clause.of_score(score)  # type: ignore[misc]


def _states(conditions: ConditionSet, assessed: Assessed) -> list[tuple[int, FloatArray]]:
    """Return which conditions a gene or marker allows to hold together, with their probability."""
    found: list[tuple[int, FloatArray]] | None = assessed.worked_out.get(conditions)
    if found is None:
        found = assessed.worked_out[conditions] = _work_out_states(conditions, assessed)
    return found


def _work_out_states(conditions: ConditionSet, assessed: Assessed) -> list[tuple[int, FloatArray]]:
    asked = conditions.clauses(assessed.key)
    silent = conditions.everything & ~sum(bit for bit, _ in asked)
    if assessed.diplotype is None or assessed.phenotype is None:
        holding = sum(bit for bit, clauses in asked if _clauses_probability(tuple(clauses), assessed).min() >= 1.0)
        return [(silent | holding, np.ones(1))]

    found = [_states_of(conditions, asked, silent, weighed, assessed.key) for weighed in _weighed_shares(assessed)]
    if not assessed.phenotype.scenarios:
        return list(found[0].items())
    width = len(assessed.phenotype.scenarios[0][0].values)
    held = sorted({bits for states in found for bits in states})
    return [(bits, np.array([states.get(bits, np.zeros(width)) for states in found])) for bits in held]


def _states_of(
    conditions: ConditionSet, asked: Sequence[tuple[int, Sequence[Clause]]], silent: int, weighed: _Weighed, key: str
) -> dict[int, FloatArray]:
    """Return the probability with which the same conditions hold together."""
    states: dict[int, FloatArray] = {}
    for share, values in weighed.shares:
        met = (key, share.phenotype, share.carried, share.score)
        held = conditions.worked_out.get(met, -1)
        if held < 0:
            held = silent | sum(bit for bit, clauses in asked if all(_holds(clause, share) for clause in clauses))
            conditions.worked_out[met] = held
        states[held] = states[held] + values if held in states else values
    if weighed.nameless is not None:
        states[silent] = states[silent] + weighed.nameless if silent in states else weighed.nameless
    return states


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What rules see of the possible diplotypes; what is left for haplotypes without a name, None where nothing is."""

    shares: tuple[tuple[Share, FloatArray], ...]
    nameless: FloatArray | None


def _weighed_shares(assessed: Assessed) -> list[_Weighed]:
    """Return the shares of a gene, one set for each function that a copy may have; made once for all rules."""
    found: list[_Weighed] | None = assessed.worked_out.get(_SHARES)
    if found is None:
        phenotype = assessed.phenotype
        assert phenotype is not None
        sets = phenotype.scenarios or (phenotype.shares or _not_assessed(phenotype),)
        found = assessed.worked_out[_SHARES] = [_weigh(shares) for shares in sets]
    return found


def _weigh(shares: Sequence[Share]) -> _Weighed:
    pairs = tuple((share, np.array(share.values)) for share in shares)
    nameless = np.maximum(1.0 - sum((values for _, values in pairs), np.zeros(1)), 0.0)
    return _Weighed(pairs, nameless if (nameless > 1e-12).any() else None)


def named_share(conditions: ConditionSet, known: Mapping[str, Assessed]) -> FloatArray:
    """Return the probability, under each prior, that every haplotype of the genes has a name."""
    result = np.ones(1)
    for key in conditions.keys:
        phenotype = (known.get(key) or Assessed(key)).phenotype
        if phenotype is not None and phenotype.shares:
            result = result * np.minimum(np.sum([share.values for share in phenotype.shares], axis=0), 1.0)
    return result


def _not_assessed(phenotype: PhenotypeCall) -> list[Share]:
    """Return the shares of a call of which nothing is known."""
    return [Share(name, None, None, values) for name, values in phenotype.probabilities.items()]
