"""Mask test: what is stated where loci are hidden, and is it true?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from evaluation.calls import STATED, Truth, find_truth, judge, total
from evaluation.cohort import BoolArray, Cohort, hide, strip_phase
from evaluation.phase import call
from lupus_pgx.calling.markers import Markers
from lupus_pgx.calling.phenotypes import GeneCalls
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.response.prediction import predict_responses
from lupus_pgx.terms import Action

ACTIONABLE: Mapping[str, frozenset[Action]] = {
    "azathioprine": frozenset({Action.AVOID, Action.REDUCE_DOSE}),
    "tacrolimus": frozenset({Action.INCREASE_DOSE}),
}
"""What a rule asks for where the genotype matters; a masked file must never turn it into ``standard``."""

MASKS = 24
"""Random masks that the samples share: patterns repeat, so that a cohort is called quickly."""

Actions = dict[str, npt.NDArray[np.object_]]


@dataclass(frozen=True)
class MaskScore:
    """Statements of 0.95 or more about one gene, and how many of them contradict the full data.

    ``wrong_unnamed`` counts the wrong diplotypes in which a haplotype has no name at all.
    """

    gene: str
    calls: int
    stated: int
    wrong: int
    wrong_unnamed: int
    phenotype_stated: int
    phenotype_wrong: int


@dataclass(frozen=True)
class ActionScore:
    """What masked data say of a drug: of samples that are actionable in the full data, and of the others."""

    drug: str
    actionable: int
    kept: int
    turned_standard: int
    others: int
    others_standard: int
    others_actionable: int


@dataclass(frozen=True)
class MaskResult:
    """Result of the mask test for one way of hiding."""

    hidden: str
    phased: bool
    scores: tuple[MaskScore, ...]
    actions: tuple[ActionScore, ...]
    by_locus: tuple[tuple[str, MaskScore], ...] = ()


Score = TypeVar("Score", MaskScore, ActionScore)


class MaskTest:
    """The full data of the test samples, against which masked data are held.

    Parameters
    ----------
    test : Cohort
    knowledge : Knowledge
        With frequencies that were not learned from these samples.
    phased : bool
        Whether the masked data keep their phase.
    """

    def __init__(self, test: Cohort, knowledge: Knowledge, *, phased: bool) -> None:
        self.genes, self.knowledge, self.phased = test.genes, knowledge, phased
        full = call(test.genotypes, knowledge, test.genes)
        self.truths: dict[str, Truth] = {g: find_truth(g, full, test.genotypes, knowledge) for g in test.genes}
        self.actions = actions_of(full, knowledge)
        self.shown = test.genotypes if phased else strip_phase(test.genotypes)
        self.whole = full if phased else call(self.shown, knowledge, test.genes)

    def random(self, share: float, seed: int, repeats: int = 1) -> MaskResult:
        """Hide each locus with a probability: in every repeat each sample gets one of several masks."""
        generator = np.random.default_rng(seed)
        loci, samples = self.shown.status.shape
        parts = []
        for _ in range(repeats):
            masks = generator.random((loci, MASKS)) < share
            hidden = masks[:, generator.integers(MASKS, size=samples)]
            parts.append(self._judge(call(hide(self.shown, hidden), self.knowledge, self.genes), self.genes))
        return self._joined(f"{share:.0%} of the loci", parts)

    def each_essential(self, genes: Sequence[str] | None = None) -> MaskResult:
        """Hide one essential locus of some genes (by default of all) at a time; all else is complete."""
        parts, names = [], []
        for gene in genes or self.genes:
            for number in np.flatnonzero(self._essential(gene)):
                one = np.zeros(self.shown.status.shape, bool)
                one[number] = True
                parts.append(self._judge(self._recalled(hide(self.shown, one), gene), (gene,)))
                names.append(self.shown.loci[number].name)
        alone = tuple((name, scores[0]) for name, (scores, _) in zip(names, parts, strict=True))
        return replace(self._joined("one essential locus", parts), by_locus=alone)

    def all_essential(self) -> MaskResult:
        """Hide all essential loci at once."""
        loci = np.any([self._essential(gene) for gene in self.genes], axis=0)
        hidden = np.broadcast_to(loci[:, None], self.shown.status.shape)
        masked = call(hide(self.shown, hidden), self.knowledge, self.genes)
        return self._joined("all essential loci", [self._judge(masked, self.genes)])

    def _essential(self, gene: str) -> BoolArray:
        """Essential loci of a gene that the data have."""
        known = np.array([bool(column.states.known.any()) for column in self.shown.columns])
        return np.array([locus.gene == gene and locus.essential for locus in self.shown.loci]) & known

    def _recalled(self, genotypes: Genotypes, gene: str) -> GeneCalls:
        """Call one gene anew; the others keep the calls of the whole data."""
        fresh, old = call(genotypes, self.knowledge, (gene,)), self.whole
        values, index = {**old.values, gene: fresh.values[gene]}, {**old.index, gene: fresh.index[gene]}
        return GeneCalls(old.sample_ids, values, index)

    def _judge(self, called: GeneCalls, genes: Sequence[str]) -> tuple[list[MaskScore], list[ActionScore]]:
        scores = [_mask_score(gene, called, self.truths[gene]) for gene in genes]
        return scores, _action_scores(self.actions, actions_of(called, self.knowledge, genes))

    def _joined(self, hidden: str, parts: Sequence[tuple[list[MaskScore], list[ActionScore]]]) -> MaskResult:
        scores = [score for part, _ in parts for score in part]
        actions = [score for _, part in parts for score in part]
        return MaskResult(hidden, self.phased, _added(scores, "gene"), _added(actions, "drug"))


def actions_of(called: GeneCalls, knowledge: Knowledge, genes: Sequence[str] | None = None) -> Actions:
    """Return the action stated for each sample, for the drugs whose rules look at one of the genes."""
    drugs = [
        drug
        for drug in knowledge.select_drugs(list(ACTIONABLE))
        if genes is None or any(key in genes for rule in drug.rules for key in rule.condition.keys)
    ]
    nothing = Markers(called.sample_ids, {}, {})
    responses = predict_responses(called, nothing, drugs)
    actions: Actions = {}
    for drug in drugs:
        stated = np.array([response.action for response in responses.values[drug.drug]], dtype=object)
        actions[drug.drug] = stated[responses.index[drug.drug]]
    return actions


def _mask_score(gene: str, called: GeneCalls, truth: Truth) -> MaskScore:
    judged = judge(gene, called, truth)
    stated = truth.judged & (judged.probability >= STATED)
    phenotype = truth.judged & (judged.phenotype_probability >= STATED)
    return MaskScore(
        gene,
        total(truth.judged),
        total(stated),
        total(stated & ~judged.right),
        total(stated & (truth.sizes == 0)),
        total(phenotype),
        total(phenotype & ~judged.phenotype_right),
    )


def _action_scores(true: Actions, stated: Actions) -> list[ActionScore]:
    scores = []
    for drug, found in stated.items():
        calls_for = ACTIONABLE[drug]
        actionable = np.array([action in calls_for for action in true[drug]])
        says = np.array([action in calls_for for action in found])
        standard = found == Action.STANDARD
        scores.append(
            ActionScore(
                drug,
                total(actionable),
                total(actionable & says),
                total(actionable & standard),
                total(~actionable),
                total(~actionable & standard),
                total(~actionable & says),
            )
        )
    return scores


def _added(scores: Sequence[Score], key: str) -> tuple[Score, ...]:
    """Add up the scores of the same gene or drug."""
    added: dict[str, Score] = {}
    for score in scores:
        name = getattr(score, key)
        if name not in added:
            added[name] = score
            continue
        values = {field: getattr(added[name], field) + value for field, value in vars(score).items() if field != key}
        added[name] = replace(score, **values)
    return tuple(added.values())
