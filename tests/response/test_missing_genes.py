"""Every drug with rules and every way in which a gene may be missing: what is said to be open is what can come."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest
from builder import VcfBuilder
from every_call import answer, calls_of

from lupus_pgx import analyze, load_knowledge
from lupus_pgx.terms import Action
from lupus_pgx.words.sentences import missing_text

KNOWLEDGE = load_knowledge()
DRUGS = {drug.drug: drug.bodies[0].conditions.keys for drug in KNOWLEDGE.drugs_by_name.values() if drug.bodies}


def words_of(action: Action) -> str:
    """Return what a summary says of an action that is still open."""
    return missing_text([("a gene", [], True)], [action], decided=False).rpartition("mean: ")[2]


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
        listed = {action.value for action in response.judgement.open_actions}
        assert listed == reachable - ({response.action.value} if decided else set()), known
        assert len(listed) == len(response.judgement.open_actions)
        fixed = "which cannot change this" in response.summary
        assert fixed is (decided and reachable == {response.action.value}), known
        if listed:
            could = response.summary.rpartition("mean: ")[2].rstrip(".")
            assert all(words_of(action) in could for action in response.judgement.open_actions), known
            assert ("could still mean" in response.summary) is decided


@pytest.mark.parametrize("drug", sorted(DRUGS))
def test_nothing_is_open_once_all_is_known(drug):
    for names in itertools.product(*(calls_of(gene) for gene in sorted(DRUGS[drug]))):
        response = answer(drug, tuple(zip(sorted(DRUGS[drug]), names, strict=True)))
        assert not response.judgement.open_actions
        assert "could" not in response.summary.rpartition("not assessed")[2]
        # Genes of other bodies and of evidence: the guideline that speaks does not look at them.
        beside = [item.partition(":")[0] for item in response.not_assessed]
        assert ("which cannot change this" in response.summary) is bool(beside and response.response != "indeterminate")
        known = tuple(zip(sorted(DRUGS[drug]), names, strict=True))
        for gene in (item for item in beside if item in KNOWLEDGE.star_genes):
            for call in calls_of(gene):
                assert answer(drug, (*known, (gene, call))).action is response.action


# --- genes seen in part -----------------------------------------------------------------------

GENES = ("TPMT", "NUDT15", "CYP2C19", "CYP2C9", "SLCO1B1", "CYP3A5")
SAMPLES = 250


def genotype(chance: random.Random, alts: int) -> str:
    code = chance.choice([0, 0, 0, 1]) and chance.randint(1, alts)
    return chance.choice([f"0/{code}", f"0/{code}", f"{code}/{code}"])


@pytest.mark.slow
def test_a_gene_seen_in_part_promises_nothing_it_cannot_hold(tmp_path):
    """Each patient stands twice in the file: with all loci, and with some of them missing."""
    chance = random.Random(6)
    names = [f"{kind}{number}" for number in range(SAMPLES) for kind in ("full", "part")]
    builder = VcfBuilder(samples=names, genes=GENES)
    chosen = {gene: [name for name, locus in builder.loci.items() if locus.gene == gene] for gene in GENES}
    varied = [{name for loci in chosen.values() for name in chance.sample(loci, 2)} for _ in range(SAMPLES)]
    lost = [
        {name for name in builder.loci if chance.random() < share} for share in chance.choices([0.05, 0.3], k=SAMPLES)
    ]
    for name, records in builder.records.items():
        record = records[0]
        usual = record.calls[0]
        cells = []
        for number in range(SAMPLES):
            code = genotype(chance, len(record.alts.split(","))) if name in varied[number] and usual == "0/0" else usual
            cells += [code, "./." if name in lost[number] else code]
        record.calls[:] = cells
    drugs = [drug for drug, keys in DRUGS.items() if set(keys) <= set(GENES)]
    analysis = analyze(builder.write(tmp_path / "part.vcf.gz"), drugs=drugs)
    fixed = could = 0
    for number in range(SAMPLES):
        full, part = (analysis.patient(f"{kind}{number}") for kind in ("full", "part"))
        for drug in drugs:
            truth, said = full.drug(drug), part.drug(drug)
            # How much a copy without a name asks for is open even when all was seen (test_no_named_pair).
            if truth.response == "indeterminate" or any("novel" in driver for driver in truth.drivers):
                continue
            stated = {said.action} if said.response != "indeterminate" else set()
            if said.not_assessed:
                assert truth.action in {*stated, *said.judgement.open_actions}, (number, drug, said.summary)
                could += bool(said.judgement.open_actions)
            if "which cannot change this" in said.summary:
                assert {truth.action} == stated, (number, drug, said.summary)
                fixed += 1
    assert fixed > 20
    assert could > 500
