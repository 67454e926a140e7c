"""Phase test: are diplotypes right where the phase was taken away?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from evaluation.calls import STATED, Judged, Truth, find_truth, judge, most_positions, rule_is_right, total
from evaluation.cohort import BoolArray, Cohort, strip_phase
from lupus_pgx.calling.diplotypes import call_diplotypes
from lupus_pgx.calling.phenotypes import GeneCalls, assign_phenotypes
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.terms import Ancestry

BINS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)
"""Lower edges of the bins of the reliability table; the last holds exactly 1."""

RULE_GENES = ("NAT2", "SLCO1B1")
"""Genes in which the usual rule is tried beside the probabilities."""


@dataclass(frozen=True)
class PhaseScore:
    """Result of the phase test for one gene, in samples.

    ``named`` samples have two named haplotypes in the phased data. ``stated`` counts statements of
    0.95 or more about all samples, those with a nameless haplotype (``unnamed``) too: a diplotype stated
    there (``stated_unnamed``) is wrong. ``rule_right`` is what "most defined positions wins" gets right of the
    ambiguous samples, ``changes_rule_right`` if the reference allele lists no position.
    """

    gene: str
    named: int
    unnamed: int
    ambiguous: int
    right: int
    ambiguous_right: int
    phenotype_right: int
    stated: int
    stated_right: int
    stated_unnamed: int
    phenotype_stated: int
    phenotype_stated_right: int
    rule_right: int | None
    changes_rule_right: int | None


@dataclass(frozen=True)
class Bin:
    """One row of a reliability table: statements between two probabilities, and how many are right."""

    low: float
    statements: int
    right: int
    mean: float


@dataclass(frozen=True)
class PhaseResult:
    """Result of the phase test with or without ancestry."""

    ancestry: str
    scores: tuple[PhaseScore, ...]
    diplotype_bins: tuple[Bin, ...]
    phenotype_bins: tuple[Bin, ...]


def call(
    genotypes: Genotypes, knowledge: Knowledge, genes: tuple[str, ...], ancestry: Mapping[str, Ancestry] | None = None
) -> GeneCalls:
    """Call diplotypes and phenotypes."""
    return assign_phenotypes(call_diplotypes(genotypes, knowledge, genes, ancestry or {}), knowledge)


def phase_test(test: Cohort, knowledge: Knowledge, observed: Genotypes | None = None) -> tuple[PhaseResult, ...]:
    """Test with and without ancestry.

    Parameters
    ----------
    test : Cohort
        Phased samples, complete: the truth.
    knowledge : Knowledge
        With frequencies that were not learned from these samples.
    observed : Genotypes, optional
        What the caller is shown of the same samples, before phase is removed; all by default.
    """
    phased = call(test.genotypes, knowledge, test.genes)
    truths = {gene: find_truth(gene, phased, test.genotypes, knowledge) for gene in test.genes}
    bare = strip_phase(observed or test.genotypes)
    results = []
    for name, ancestry in (("given", test.ancestry), ("not given", {})):
        called = call(bare, knowledge, test.genes, ancestry)
        judged = {gene: judge(gene, called, truths[gene]) for gene in test.genes}
        scores = [_score(gene, judged[gene], truths[gene], called, knowledge) for gene in test.genes]
        results.append(
            PhaseResult(
                name,
                tuple(scores),
                reliability([(j.probability, j.right, truths[g].judged) for g, j in judged.items()]),
                reliability(
                    [
                        (j.phenotype_probability, j.phenotype_right, truths[g].judged)
                        for g, j in judged.items()
                        if knowledge.star_genes[g].has_phenotypes
                    ]
                ),
            )
        )
    return tuple(results)


def _score(gene: str, judged: Judged, truth: Truth, called: GeneCalls, knowledge: Knowledge) -> PhaseScore:
    named = truth.judged & (truth.sizes > 0)
    ambiguous = named & (judged.candidates > truth.sizes)
    stated = truth.judged & (judged.probability >= STATED)
    phenotype_stated = truth.judged & (judged.phenotype_probability >= STATED)
    rules: list[int | None] = [None, None]
    if gene in RULE_GENES:
        rules = [_rule_right(gene, truth, called, knowledge, ambiguous, whole) for whole in (True, False)]
    return PhaseScore(
        gene,
        total(named),
        total(truth.judged & ~named),
        total(ambiguous),
        total(named & judged.right),
        total(ambiguous & judged.right),
        total(named & judged.phenotype_right),
        total(stated),
        total(stated & judged.right),
        total(stated & (truth.sizes == 0)),
        total(phenotype_stated),
        total(phenotype_stated & judged.phenotype_right),
        *rules,
    )


def _rule_right(
    gene: str, truth: Truth, called: GeneCalls, knowledge: Knowledge, samples: BoolArray, whole_reference: bool
) -> int:
    """Count the samples in which the rule "most defined positions wins" finds the truth."""
    positions = most_positions(knowledge.star_genes[gene], knowledge, whole_reference=whole_reference)
    index, calls = called.index[gene], called.values[gene]
    return sum(
        rule_is_right(calls[index[sample]].diplotype, truth.diplotypes[truth.index[sample]], positions)
        for sample in np.flatnonzero(samples)
    )


def reliability(parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> tuple[Bin, ...]:
    """Bin statements by stated probability.

    Parameters
    ----------
    parts : list of (probability, right, judged)
        One entry per gene, each array of shape (samples,); only judged samples count.
    """
    stated = np.concatenate([probability[judged] for probability, _, judged in parts])
    right = np.concatenate([correct[judged] for _, correct, judged in parts])
    # The sum of many shares may miss 1 by a hair.
    number = np.searchsorted(np.array(BINS), stated + 1e-12, side="right") - 1
    bins = []
    for position, low in enumerate(BINS):
        inside = number == position
        mean = float(stated[inside].mean()) if inside.any() else 0.0
        bins.append(Bin(low, total(inside), total(right[inside]), mean))
    return tuple(bins)
