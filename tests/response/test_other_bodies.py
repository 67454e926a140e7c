"""Every drug of which several guideline bodies speak: one that asks for more than the first is named."""

from __future__ import annotations

import itertools
import random

import pytest
from every_call import answer, calls_of

from lupus_pgx import load_knowledge
from lupus_pgx.terms import Action, Response

pytestmark = pytest.mark.every

KNOWLEDGE = load_knowledge()
BODIES = {drug.drug: drug.bodies for drug in KNOWLEDGE.drugs_by_name.values() if len(drug.bodies) > 1}
PAIRS = 8
"""Calls of two genes that are tried of each two, drawn by chance."""


def asked(drug: str):
    """Yield the calls of each gene alone, and some of each two."""
    keys = dict.fromkeys(key for body in BODIES[drug] for key in body.conditions.keys)
    genes = sorted(key for key in keys if key in KNOWLEDGE.star_genes)
    yield ()
    for gene in genes:
        yield from (((gene, call),) for call in calls_of(gene))
    chance = random.Random(drug)
    for two in itertools.combinations(genes, 2):
        both = list(itertools.product(*(calls_of(gene) for gene in two)))
        for calls in chance.sample(both, min(PAIRS, len(both))):
            yield tuple(zip(two, calls, strict=True))


@pytest.mark.parametrize("drug", sorted(BODIES))
def test_no_row_that_fired_asks_for_more_without_a_word(drug):
    first = BODIES[drug][0].source
    for calls in asked(drug):
        found = answer(drug, calls)
        now = found.action.severity
        if found.response is Response.INDETERMINATE and found.action is Action.TEST_FIRST:
            now = Action.INCREASE_DOSE.severity  # waiting for a test is no answer beside a body that has one
        for rule in found.guidance:
            more = rule.action.severity > max(now, Action.STANDARD.severity) and rule.action is not found.action
            if rule.source == first or not more:
                continue
            assert f"{rule.source}: " in found.summary.partition("But: ")[2], (calls, found.summary)
            assert any(item.source == rule.source for item in found.conflicts), calls
