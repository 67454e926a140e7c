"""Phenotypes of diplotypes, in CPIC and ClinPGx terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lupus_pgx.calling.calls import DiplotypeCall, Diplotypes
from lupus_pgx.encoded import Encoded
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import PairTraits, StarGene
from lupus_pgx.terms import INDETERMINATE, NOT_ASSESSED, STRUCTURE_OPEN, CallStatus

NAMELESS_COUNTS = 0.01
"""Haplotypes without a name are told of from this probability on."""


class Share(NamedTuple):
    """What rules see of some of the possible diplotypes, and their probability under each prior.

    Attributes
    ----------
    phenotype : str
        Empty where the gene has none.
    carried : frozenset of str or None
        The alleles carried, of those that some condition asks for; None where they are not known.
    score : float or None
        Activity score, where some condition asks for it.
    values : tuple of float
    """

    phenotype: str
    carried: frozenset[str] | None
    score: float | None
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PhenotypeCall:
    """Phenotypes of one diplotype call.

    Attributes
    ----------
    gene : str
    probabilities : dict of str to tuple of float
        Probability of each phenotype under each prior that applies. What is missing to 1
        belongs to haplotypes without a name.
    functions : tuple of str
        Of the alleles of the diplotype, in its order; empty where the gene has none.
    nameless : tuple of float
        Probability that a haplotype has no name, under each prior that applies; empty where that says nothing.
    activity_score : float or None
        Of the best candidate, in genes for which CPIC uses one.
    shares : tuple of Share
        The same, told apart by all that conditions ask for.
    scenarios : tuple of tuple of Share
        Where the function of one copy is not known: the shares for each function that it may have.
    evidence : float
        As of the diplotype: no probability that is shown is above it.
    """

    gene: str
    probabilities: Mapping[str, tuple[float, ...]]
    activity_score: float | None = None
    shares: tuple[Share, ...] = ()
    nameless: tuple[float, ...] = ()
    scenarios: tuple[tuple[Share, ...], ...] = ()
    functions: tuple[str, ...] = ()
    evidence: float = 1.0

    @property
    def ranked(self) -> tuple[tuple[str, float], ...]:
        """Phenotypes with the lowest probability over the priors, best first by the pool or the ancestry given.

        A haplotype without a name has no function: where it counts, it is ``Indeterminate``.
        """
        return tuple((name, min(values)) for name, values in self.by_prior)

    @property
    def by_prior(self) -> tuple[tuple[str, tuple[float, ...]], ...]:
        """The same phenotypes with their probability under each prior: what is left for another is its highest."""
        found = {name: values for name, values in self.probabilities.items() if name != NOT_ASSESSED}
        if found and self.nameless and self.nameless[0] >= NAMELESS_COUNTS:
            named = found.get(INDETERMINATE, (0.0,) * len(self.nameless))
            found[INDETERMINATE] = tuple(a + b for a, b in zip(named, self.nameless, strict=True))
        return tuple((name, tuple(min(value, self.evidence) for value in found[name])) for name in most_probable(found))

    @property
    def best(self) -> str:
        """The most probable phenotype, empty where there is none."""
        return self.ranked[0][0] if self.ranked else ""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What co-medication does to one call.

    Attributes
    ----------
    shown : PhenotypeCall or None
        With the activity score changed; None where no guideline gives a factor, or no score is known.
    by_drug : mapping of str to PhenotypeCall
        The call that a prediction rests on, for the drugs whose guideline gives the factor.
    note : str
        Drugs, factors and citations in words.
    partners : str
        The drugs that change the score.
    """

    shown: PhenotypeCall | None
    by_drug: Mapping[str, PhenotypeCall]
    note: str
    partners: str


@dataclass(frozen=True, slots=True)
class GeneCall:
    """What is known of one gene, for all samples with the same observation and the same co-medication.

    Attributes
    ----------
    diplotype : DiplotypeCall
    phenotype : PhenotypeCall
        Of the genotype.
    adjusted : Adjustment or None
        What co-medication does to it, if anything.
    """

    diplotype: DiplotypeCall
    phenotype: PhenotypeCall
    adjusted: Adjustment | None = None

    @property
    def counted_as(self) -> str:
        """The most probable phenotype as a cohort counts it: one of sequence alone says that; empty without one."""
        best = self.phenotype.best
        return f"{best} ({STRUCTURE_OPEN})" if best and self.diplotype.structure_open else best

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on the call and on what co-medication does to it."""
        both = (self.diplotype.note, self.adjusted.note if self.adjusted is not None else "")
        return tuple(note for note in both if note)


class GeneCalls(Encoded[GeneCall]):
    """Calls of samples by star gene."""

    __slots__ = ()


def assign_phenotypes(diplotypes: Diplotypes, knowledge: Knowledge) -> GeneCalls:
    """Assign phenotypes to the distinct calls of each gene.

    Parameters
    ----------
    diplotypes : Diplotypes
    knowledge : Knowledge

    Returns
    -------
    GeneCalls
    """
    calls = {
        gene: tuple(GeneCall(call, phenotype_of(knowledge.star_genes[gene], call)) for call in values)
        for gene, values in diplotypes.values.items()
    }
    return GeneCalls(diplotypes.sample_ids, calls, diplotypes.index)


def phenotype_of(star: StarGene, call: DiplotypeCall) -> PhenotypeCall:
    """Assign phenotypes to one call, by the gene's rules on pairs of functions.

    Genes with activity scores use the sum of the alleles' values. A pair of functions without
    a rule (an allele whose function nobody assigned) is
    ``Indeterminate``; so is a call that no named pair fits.
    """
    if call.status is CallStatus.NO_CALL:
        return PhenotypeCall(star.gene, {NOT_ASSESSED: (1.0,)})
    unnamed = INDETERMINATE if star.has_phenotypes else ""
    if call.status is CallStatus.NOVEL:
        known = call.looked_up or unnamed
        shares = (Share(known, None, None, (1.0,)),)
        scenarios = () if call.looked_up else _scenarios(star, call)
        stated = {known: (1.0,)} if known else {}
        return PhenotypeCall(star.gene, stated, shares=shares, scenarios=scenarios, evidence=call.evidence)
    if call.given:
        outcomes: list[tuple[PairTraits, tuple[float, ...]]] = [(seen, (share,)) for seen, share in call.given]
    else:
        outcomes = [(star.outcomes[number], values) for number, values in call.outcomes]
    found = [Share(seen.phenotype or unnamed, seen.carried, seen.score, values) for seen, values in outcomes]
    score = star.activity_score(call.best.alleles) if call.best else _one_score(found)
    totals = merged(found)
    if len(totals) == 1:  # the phase or allele does not matter: nothing is lost to rounding
        totals = {next(iter(totals)): tuple(1 - share for share in call.other)}
    if len(found) == 1:
        found = [found[0]._replace(values=tuple(1 - share for share in call.other))]
    functions = tuple(star.function_of(name) for name in call.best.alleles) if call.best and star.functions else ()
    return PhenotypeCall(
        star.gene,
        totals if star.has_phenotypes else {},
        score,
        tuple(found),
        call.other,
        functions=functions if any(functions) else (),
        evidence=call.evidence,
    )


def _scenarios(star: StarGene, call: DiplotypeCall) -> tuple[tuple[Share, ...], ...]:
    """Return the shares for each function that the copies may have that are no named allele."""
    if call.possible:
        return tuple((Share(name, None, None, (1.0,)),) for name in call.possible)
    if not call.unexpected and not call.other_copy:
        return ()
    examples = star.examples_of_functions
    if not call.other_copy:
        outcomes = dict.fromkeys(star.outcome([one, other]).phenotype for one in examples for other in examples)
        return tuple((Share(name or INDETERMINATE, None, None, (1.0,)),) for name in outcomes)
    return tuple(
        tuple(
            # Whatever its function, the odd copy is no named allele.
            Share(seen.phenotype or INDETERMINATE, star.asked_alleles & {name}, seen.score, values)
            for name, values in call.other_copy
            for seen in [star.outcome([name, example])]
        )
        for example in examples
    )


def most_probable(probabilities: Mapping[str, tuple[float, ...]]) -> tuple[str, ...]:
    """Return names by their probability under the first prior, the most probable first.

    Of two that are alike the one whose lowest probability is higher stands first.

    Examples
    --------
    >>> most_probable({"a": (0.4, 0.1), "b": (0.4, 0.2), "c": (0.6, 0.1)})
    ('c', 'b', 'a')
    """
    return tuple(sorted(probabilities, key=lambda name: (-probabilities[name][0], -min(probabilities[name]), name)))


def _one_score(shares: Sequence[Share]) -> float | None:
    """Return the score that is stated without a pair, if there is one."""
    scores = {share.score for share in shares}
    return scores.pop() if len(scores) == 1 else None


def merged(shares: Sequence[Share]) -> dict[str, tuple[float, ...]]:
    """Return the probability of each phenotype; many small terms may add up to a hair more than 1."""
    totals: dict[str, tuple[float, ...]] = {}
    for phenotype, _, _, values in shares:
        before = totals.get(phenotype)
        totals[phenotype] = tuple(a + b for a, b in zip(before, values, strict=True)) if before else values
    return {name: tuple(min(value, 1.0) for value in values) for name, values in totals.items()}
