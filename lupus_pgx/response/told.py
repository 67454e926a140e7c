"""What genotypes tell of the conditions that a clinical context may state, so that no check asks for what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from lupus_pgx.calling.phenotypes import GeneCall, GeneCalls
from lupus_pgx.context.judged.by_genotype import by_genotype
from lupus_pgx.context.model import Context, KnownPhenotype
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.response.decisions import STANDARD_RISK


def with_genotypes(
    contexts: Mapping[str, Context], genes: GeneCalls, knowledge: Knowledge, min_certainty: float
) -> dict[str, Context]:
    """Add to contexts the phenotypes that a row of the table ``criteria`` asks for.

    Parameters
    ----------
    contexts : mapping of sample to Context
    genes : GeneCalls
    knowledge : Knowledge
    min_certainty : float
        Probability from which a phenotype counts.

    Returns
    -------
    dict of sample to Context
        The same where nothing is known of such a gene.
    """
    asked = _asked(knowledge) & set(genes.values)
    places = {sample: number for number, sample in enumerate(genes.sample_ids)}
    found = {}
    for sample, context in contexts.items():
        known = {gene: _known(genes.of(gene, places[sample]), min_certainty) for gene in asked if sample in places}
        told = {gene: item for gene, item in known.items() if item is not None}
        found[sample] = replace(context, genotypes=told) if told else context
    return found


@lru_cache(maxsize=4)
def _asked(knowledge: Knowledge) -> frozenset[str]:
    """Return the genes that answer a criterion; for each patient they are the same."""
    rows = {row["criterion"]: row for row in knowledge.rows("criteria")}
    return frozenset(item.gene for item in by_genotype(rows).values())


def _known(call: GeneCall, min_certainty: float) -> KnownPhenotype | None:
    """Return the phenotype that a call is sure of; the same bounds as of an action and of ``standard``."""
    if call.diplotype.structure_open or not call.phenotype.ranked:
        return None
    name, probability = call.phenotype.ranked[0]
    if probability < min_certainty:
        return None
    complete = call.diplotype.essential_complete and probability >= 1 - STANDARD_RISK
    return KnownPhenotype(name, complete)
