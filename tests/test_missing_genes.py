"""Every drug with rules and every way in which a gene may be missing: what is said to be open is what can come."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache

import pytest

from lupus_pgx import load_knowledge, respond

KNOWLEDGE = load_knowledge()
DRUGS = {drug.drug: drug.bodies[0].conditions.keys for drug in KNOWLEDGE.drugs_by_name.values() if drug.bodies}
UNCARRIED = "*07:02"
"""HLA allele that no rule asks for."""
WORDS = {
    "standard": "usual dose",
    "avoid": "avoid",
    "monitor": "usual dose, monitored",
    "test_first": "further test",
    "consider_alternative": "alternative",
    "increase_dose": "higher dose",
    "reduce_dose": "lower dose",
    "informative_only": "information only",
}


@cache
def calls_of(gene: str) -> tuple[str, ...]:
    """Return one diplotype of each kind that rules can tell apart."""
    star = KNOWLEDGE.star_genes[gene]
    if star.typing:
        singles = [UNCARRIED, *sorted(star.asked_alleles)]
    else:
        kinds = {(star.functions[name], star.activity_values.get(name)): name for name in star.allele_names}
        singles = list(dict.fromkeys([*kinds.values(), *sorted(star.asked_alleles)]))
    found: dict[tuple, str] = {}
    for pair in itertools.combinations_with_replacement(singles, 2):
        seen = (star.phenotype(list(pair)), star.activity_score(list(pair)), frozenset(pair) & set(star.asked_alleles))
        found.setdefault(seen, "/".join(pair))
    return tuple(found.values())


@cache
def answer(drug: str, calls: tuple[tuple[str, str], ...]):
    return respond(dict(calls), [drug]).drug(drug)


def completed(drug: str, known: dict[str, str]) -> set[str]:
    """Return the decided actions of every completion."""
    genes = sorted(DRUGS[drug])
    choices = [[known[gene]] if gene in known else calls_of(gene) for gene in genes]
    made = (answer(drug, tuple(zip(genes, names, strict=True))) for names in itertools.product(*choices))
    return {item.action.value for item in made if item.response != "indeterminate"}


def partial(drug: str) -> Iterator[dict[str, str]]:
    genes = sorted(DRUGS[drug])
    for number in range(len(genes)):
        for given in itertools.combinations(genes, number):
            for names in itertools.product(*(calls_of(gene) for gene in given)):
                yield dict(zip(given, names, strict=True))


@pytest.mark.parametrize("drug", sorted(DRUGS))
def test_what_is_open_is_what_can_come(drug):
    for known in partial(drug):
        response = answer(drug, tuple(sorted(known.items())))
        decided = response.response != "indeterminate"
        reachable = completed(drug, known)
        listed = {action.value for action in response.open_actions}
        assert listed == reachable - ({response.action.value} if decided else set()), known
        assert len(listed) == len(response.open_actions)
        fixed = "which cannot change this" in response.summary
        assert fixed is (decided and reachable == {response.action.value}), known
        if listed:
            could = response.summary.rpartition("mean: ")[2].rstrip(".")
            assert all(WORDS[action] in could for action in listed), known
            assert ("could still mean" in response.summary) is decided


@pytest.mark.parametrize("drug", sorted(DRUGS))
def test_nothing_is_open_once_all_is_known(drug):
    for names in itertools.product(*(calls_of(gene) for gene in sorted(DRUGS[drug]))):
        response = answer(drug, tuple(zip(sorted(DRUGS[drug]), names, strict=True)))
        assert not response.open_actions
        assert "could" not in response.summary.rpartition("not assessed")[2]
        # Genes of other bodies and of evidence: the guideline that speaks does not look at them.
        beside = [item.partition(":")[0] for item in response.not_assessed]
        assert ("which cannot change this" in response.summary) is bool(beside and response.response != "indeterminate")
        known = tuple(zip(sorted(DRUGS[drug]), names, strict=True))
        for gene in (item for item in beside if item in KNOWLEDGE.star_genes):
            for call in calls_of(gene):
                assert answer(drug, (*known, (gene, call))).action is response.action
