"""From calls to responses: every drug judged once for all calls that no rule tells apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lupus_pgx.calling.markers import Markers
from lupus_pgx.calling.phenotypes import GeneCall, GeneCalls, PhenotypeCall
from lupus_pgx.context.judged.checks import Check
from lupus_pgx.encoded import Index, combine
from lupus_pgx.knowledge.rules import Drug
from lupus_pgx.response.certainty import Assessed
from lupus_pgx.response.drugs import Combinations, DrugResponse, DrugResponses
from lupus_pgx.response.judgement import MIN_CERTAINTY, judge_drug
from lupus_pgx.terms import NOT_ASSESSED


def predict_responses(
    genes: GeneCalls,
    markers: Markers,
    drugs: Sequence[Drug],
    *,
    min_certainty: float = MIN_CERTAINTY,
    checks: Mapping[tuple[str, int], tuple[Check, ...]] | None = None,
) -> DrugResponses:
    """Predict the response to each drug, once per distinct combination of the calls it depends on.

    Parameters
    ----------
    genes : GeneCalls
    markers : Markers
    drugs : sequence of Drug
    min_certainty : float
        Probability from which an action fires.
    checks : dict of (drug, sample number) to tuple of Check, optional
        What :func:`lupus_pgx.context.judged.safety.checks_of` found; shown beside the prediction, never mixed into it.

    Returns
    -------
    DrugResponses
    """
    count = len(genes.sample_ids)
    indexes = {
        key: index
        for key in dict.fromkeys(key for drug in drugs for key in drug.keys)
        for index in (genes.index.get(key), markers.index.get(key))
        if index is not None
    }
    assessed = {key: _assess(key, genes, markers) for key in indexes}
    kinds = {key: _kinds(items) for key, items in assessed.items()}
    adjusted = {gene for gene, calls in genes.values.items() if any(call.adjusted is not None for call in calls)}
    responses: dict[str, Sequence[DrugResponse]] = {}
    responses_of: dict[str, Index] = {}
    for drug in drugs:
        keys = [key for key in drug.keys if key in indexes]
        seen, kind = {key: assessed[key] for key in keys}, kinds
        for key in (key for key in keys if key in adjusted):
            seen[key] = _under_drugs(drug.drug, genes.values[key], assessed[key])
            kind = {**kind, key: _kinds(seen[key])}
        example, responses_of[drug.drug] = combine([(indexes[key], len(seen[key])) for key in keys], count)
        numbers = np.array([indexes[key][example] for key in keys], np.intp).reshape(len(keys), len(example))
        # Only what rules and directing evidence look at can change the judgement.
        judging = {key: kind[key][numbers[place]] for place, key in enumerate(keys) if key in drug.judged_keys}
        first, which = combine([(calls, len(seen[key])) for key, calls in judging.items()], len(example))
        # What is worked out of a call is kept with it, so that of alike ones always the first is judged.
        judged = [
            judge_drug(drug, {key: seen[key][calls[number]] for key, calls in judging.items()}, min_certainty)
            for number in first.tolist()
        ]
        responses[drug.drug] = Combinations(drug, judged, which, numbers.T, seen, min_certainty)
    return DrugResponses(genes.sample_ids, responses, responses_of, checks or {}, min_certainty)


def known_of(genes: GeneCalls, markers: Markers, sample: int) -> dict[str, Assessed]:
    """Return what is known of every gene and marker of one sample, as drug rules see it."""
    stars = {gene: _assess_gene(genes.of(gene, sample)) for gene in genes.values}
    return stars | {key: Assessed(key, marker=markers.of(key, sample)) for key in markers.values}


def _assess(key: str, genes: GeneCalls, markers: Markers) -> list[Assessed]:
    """Return what is known by each distinct call of a gene or marker."""
    if key in genes.values:
        return [_assess_gene(call) for call in genes.values[key]]
    return [Assessed(key, marker=call) for call in markers.values[key]]


def _assess_gene(call: GeneCall) -> Assessed:
    """Return what is known by one call of a gene."""
    # No dose rule rests on sequence alone where the structure decides.
    open_structure = call.diplotype.structure_open
    shown = PhenotypeCall(call.diplotype.gene, {NOT_ASSESSED: (1.0,)}) if open_structure else call.phenotype
    return Assessed(call.diplotype.gene, call.diplotype, shown)


def _under_drugs(drug: str, calls: Sequence[GeneCall], assessed: Sequence[Assessed]) -> list[Assessed]:
    """Put adjusted phenotypes in the place of those of the genotype, where they count for a drug."""
    return [
        Assessed(item.key, item.diplotype, call.adjusted.by_drug[drug], adjusted_by=call.adjusted.partners)
        if call.adjusted is not None and drug in call.adjusted.by_drug
        else item
        for call, item in zip(calls, assessed, strict=True)
    ]


def _kinds(items: Sequence[Assessed]) -> Index:
    """Return for each item the first one that rules cannot tell from it."""
    first: dict[tuple[Any, ...], int] = {}
    return np.array([first.setdefault(item.seen_by_rules, number) for number, item in enumerate(items)], np.uint32)
