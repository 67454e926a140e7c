"""Phenotypes of diplotypes, in CPIC and ClinPGx terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lupus_pgx import registry
from lupus_pgx.diplotypes import DiplotypeCall, Diplotypes
from lupus_pgx.knowledge import Knowledge, StarGene
from lupus_pgx.terms import INDETERMINATE, NOT_ASSESSED, CallStatus


@dataclass(frozen=True, slots=True)
class PhenotypeCall:
    """Phenotypes of one diplotype call.

    Attributes
    ----------
    gene : str
    probabilities : dict of str to tuple of float
        Probability of each phenotype under each prior that applies. What is missing to 1
        belongs to haplotypes without a name.
    activity_score : float or None
        Of the best candidate, in genes for which CPIC uses one.
    """

    gene: str
    probabilities: Mapping[str, tuple[float, ...]]
    activity_score: float | None = None

    @property
    def ranked(self) -> tuple[tuple[str, float], ...]:
        """Phenotypes with the lowest probability over the priors, best first."""
        lowest = {name: min(values) for name, values in self.probabilities.items() if name != NOT_ASSESSED}
        return tuple(sorted(lowest.items(), key=lambda item: (-item[1], item[0])))

    @property
    def best(self) -> str:
        """The most probable phenotype, empty where there is none."""
        return self.ranked[0][0] if self.ranked else ""


@dataclass(frozen=True, slots=True, repr=False)
class Phenotypes(registry.Framed):
    """Diplotype calls with the phenotypes of each distinct call.

    Attributes
    ----------
    diplotypes : Diplotypes
    calls : dict of str to tuple of PhenotypeCall
        Phenotypes of each gene, in the order of ``diplotypes.calls``.
    """

    diplotypes: Diplotypes
    calls: Mapping[str, tuple[PhenotypeCall, ...]]

    def of(self, gene: str, sample: int) -> PhenotypeCall:
        """Return the phenotypes of a gene for a sample number."""
        return self.calls[gene][int(self.diplotypes.index[gene][sample])]

    def select(self, samples: Sequence[int]) -> Phenotypes:
        """Return the phenotypes of some samples, by number."""
        return Phenotypes(self.diplotypes.select(samples), self.calls)


def assign_phenotypes(diplotypes: Diplotypes, knowledge: Knowledge) -> Phenotypes:
    """Assign phenotypes to the distinct calls of each gene.

    Parameters
    ----------
    diplotypes : Diplotypes
    knowledge : Knowledge

    Returns
    -------
    Phenotypes
    """
    phenotypes = {
        gene: tuple(phenotype_of(knowledge.star_genes[gene], call) for call in calls)
        for gene, calls in diplotypes.calls.items()
    }
    return Phenotypes(diplotypes, phenotypes)


def phenotype_of(star: StarGene, call: DiplotypeCall) -> PhenotypeCall:
    """Assign phenotypes to one call, by the gene's rules on pairs of functions.

    Genes with activity scores use the sum of the alleles' values. A pair of functions without
    a rule (an allele whose function nobody assigned) is
    ``Indeterminate``; so is a call that no named pair fits.
    """
    if call.status is CallStatus.NO_CALL:
        return PhenotypeCall(star.gene, {NOT_ASSESSED: (1.0,)})
    if not star.has_phenotypes:
        return PhenotypeCall(star.gene, {})
    if call.status is CallStatus.NOVEL:
        return PhenotypeCall(star.gene, {INDETERMINATE: (1.0,)})
    totals: dict[str, list[float]] = {}
    for candidate in call.candidates:
        phenotype = star.phenotype(candidate.alleles) or INDETERMINATE
        values = totals.setdefault(phenotype, [0.0] * len(candidate.by_prior))
        for number, value in enumerate(candidate.by_prior):
            values[number] += value
    score = star.activity_score(call.candidates[0].alleles)
    if len(totals) == 1:  # the phase or allele does not matter: nothing is lost to rounding
        return PhenotypeCall(star.gene, {next(iter(totals)): tuple(1 - share for share in call.other)}, score)
    # Many small terms may add up to a hair more than 1.
    capped = {name: tuple(min(value, 1.0) for value in values) for name, values in totals.items()}
    return PhenotypeCall(star.gene, capped, score)
