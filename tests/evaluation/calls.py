"""Calls as arrays over samples, and the truth to hold against them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lupus_pgx.calling.calls import DiplotypeCall
from lupus_pgx.calling.phenotypes import GeneCalls, PhenotypeCall
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.terms import INDETERMINATE, CallStatus, LocusStatus

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STATED = 0.95
"""A probability from which a call counts as a statement."""

Names = frozenset[str]


@dataclass(frozen=True)
class Truth:
    """What the phased, complete data say of one gene, per distinct call.

    Attributes
    ----------
    diplotypes : tuple of frozenset of str
        Diplotypes that fit: one, but for loci that the file never has. Empty where a haplotype has no name.
    phenotypes : tuple of frozenset of str
    index : ndarray of int, shape (samples,)
        Call number of each sample.
    judged : ndarray of bool, shape (samples,)
        Not where an allele nobody defined was seen: no name can be right there.
    """

    diplotypes: tuple[Names, ...]
    phenotypes: tuple[Names, ...]
    index: npt.NDArray[np.intp]
    judged: BoolArray

    @property
    def sizes(self) -> IntArray:
        """Number of true diplotypes of each sample: 0 where a haplotype has no name."""
        return np.array([len(names) for names in self.diplotypes], np.int64)[self.index]


@dataclass(frozen=True)
class Judged:
    """Statements about one gene and whether they are right; all arrays have shape (samples,).

    Attributes
    ----------
    candidates : ndarray of int
        Number of diplotypes that fit what was observed.
    probability, phenotype_probability : ndarray of float
        What is stated of the best diplotype and the best phenotype.
    right, phenotype_right : ndarray of bool
    """

    candidates: IntArray
    probability: FloatArray
    right: BoolArray
    phenotype_probability: FloatArray
    phenotype_right: BoolArray


def find_truth(gene: str, phased: GeneCalls, genotypes: Genotypes, knowledge: Knowledge) -> Truth:
    """Return what the phased, complete data say of a gene."""
    star = knowledge.star_genes[gene]
    calls = [call.diplotype for call in phased.values[gene]]
    odd = genotypes.status[genotypes.of_loci(star.haplotypes.loci)] == LocusStatus.UNEXPECTED_ALLELE.code
    index = phased.index[gene]
    return Truth(
        tuple(_true_diplotypes(call) for call in calls),
        tuple(_true_phenotypes(star, call) for call in calls),
        index,
        ~odd.any(axis=0),
    )


def _true_diplotypes(call: DiplotypeCall) -> Names:
    return frozenset() if call.status is CallStatus.NOVEL else frozenset(item.name for item in call.candidates)


def _true_phenotypes(star: StarGene, call: DiplotypeCall) -> Names:
    if call.status is CallStatus.NOVEL:
        return frozenset({call.looked_up or INDETERMINATE, INDETERMINATE})
    return frozenset(star.phenotype(item.alleles) or INDETERMINATE for item in call.candidates)


def judge(gene: str, called: GeneCalls, truth: Truth) -> Judged:
    """Hold the calls of a gene against the truth, once per distinct pair of the two."""
    index = called.index[gene]
    pairs, inverse = np.unique(np.stack([index, truth.index]), axis=1, return_inverse=True)
    calls = called.values[gene]
    lines = [
        _judge_pair(calls[one].diplotype, calls[one].phenotype, truth.diplotypes[other], truth.phenotypes[other])
        for one, other in pairs.T.tolist()
    ]
    columns = [np.array(column)[inverse.reshape(-1)] for column in zip(*lines, strict=True)]
    return Judged(*columns)


def _judge_pair(
    call: DiplotypeCall, phenotype: PhenotypeCall, diplotypes: Names, phenotypes: Names
) -> tuple[int, float, bool, float, bool]:
    best = call.best
    ranked = phenotype.ranked
    return (
        len(call.candidates),
        best.probability if best else 0.0,
        call.diplotype in diplotypes,
        ranked[0][1] if ranked else 0.0,
        phenotype.best in phenotypes,
    )


def most_positions(star: StarGene, knowledge: Knowledge, *, whole_reference: bool) -> dict[str, int]:
    """Return how many positions each allele requires, for the rule "most defined positions wins".

    With ``whole_reference`` the reference allele counts every locus of the gene, as it does in
    definition tables that write it out; otherwise it counts none.
    """
    required = dict.fromkeys(star.haplotypes.names, 0)
    for row in knowledge.rows("allele_loci"):
        if row["gene"] == star.gene and row["role"] == "required":
            required[row["allele"]] += 1
    if whole_reference:
        required[star.reference_allele] = len(star.haplotypes.loci)
    best: dict[str, int] = {}
    for name, count in required.items():
        reported = star.reported[name]
        best[reported] = max(count, best.get(reported, 0))
    return best


def rule_is_right(call: DiplotypeCall, truth: Names, positions: dict[str, int]) -> bool:
    """Whether the candidate with most defined positions is the only such one, and true."""
    scores = [sum(positions[allele] for allele in item.alleles) for item in call.candidates]
    top = [item.name for item, score in zip(call.candidates, scores, strict=True) if score == max(scores)]
    return len(top) == 1 and top[0] in truth


def total(values: Iterable[bool] | BoolArray) -> int:
    """Count what is true, as a plain integer."""
    return int(np.count_nonzero(np.asarray(values)))
