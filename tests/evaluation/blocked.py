"""What keeps a diplotype from being stated where loci are hidden: ``python tests/evaluation/blocked.py --real DIR``."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evaluation.calls import STATED, find_truth
from evaluation.cohort import Cohort, hide, load_cohort, strip_phase
from evaluation.frequencies import with_learned_frequencies
from evaluation.masks import MASKS
from evaluation.phase import call
from evaluation.report import percent, table
from lupus_pgx.calling.calls import DiplotypeCall
from lupus_pgx.calling.markers import Markers
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.response.prediction import predict_responses
from lupus_pgx.terms import Action, Response

HIDDEN = 0.3
SEEDS = (1, 2, 3, 4, 20260901)


def reason(call_made: DiplotypeCall) -> str:
    """Say what keeps a call from being stated; ``stated`` where nothing does."""
    best = call_made.best
    if best is None:
        return "no pair"
    if best.probability >= STATED:
        return "stated"
    pool = best.by_prior[0]
    if pool >= STATED:
        return "population"
    return "nameless" if pool + call_made.other[0] >= STATED else "pool"


def masked(test: Cohort, seed: int) -> Genotypes:
    """Return the test samples without phase, of which some loci are hidden."""
    generator = np.random.default_rng(seed)
    shown = strip_phase(test.genotypes)
    loci, samples = shown.status.shape
    masks = generator.random((loci, MASKS)) < HIDDEN
    return hide(shown, masks[:, generator.integers(MASKS, size=samples)])


def diplotypes(test: Cohort, knowledge: Knowledge, seen: Genotypes) -> dict[str, Counter[str]]:
    """Count by gene what keeps calls from being stated, and what is stated and wrong without and with ancestry."""
    whole = call(test.genotypes, knowledge, test.genes)
    alone, given = (call(seen, knowledge, test.genes, known) for known in ({}, test.ancestry))
    counted: dict[str, Counter[str]] = {}
    for gene in test.genes:
        truth = find_truth(gene, whole, test.genotypes, knowledge)
        counts = counted.setdefault(gene, Counter())
        for sample in np.flatnonzero(truth.judged).tolist():
            true = truth.diplotypes[int(truth.index[sample])]
            found, best = alone.of(gene, sample).diplotype, given.of(gene, sample).diplotype.best
            why = reason(found)
            counts["calls"] += 1
            counts[why] += 1
            counts["wrong"] += why == "stated" and found.diplotype not in true
            counts["population wrong"] += why == "population" and found.diplotype not in true
            if best is not None and best.probability >= STATED:
                counts["given"] += 1
                counts["given wrong"] += best.name not in true
    return counted


def drugs(test: Cohort, knowledge: Knowledge, seen: Genotypes) -> Counter[str]:
    """Count the drugs decided of the masked samples, and what became of actions in the full data."""
    asked = [
        drug
        for drug in knowledge.drugs_by_name.values()
        if drug.bodies and set(drug.bodies[0].conditions.keys) <= set(test.genes)
    ]
    counts: Counter[str] = Counter()
    nothing = Markers(test.genotypes.sample_ids, {}, {})
    full, found = (
        predict_responses(call(shown, knowledge, test.genes), nothing, asked) for shown in (test.genotypes, seen)
    )
    for drug in asked:
        for sample in range(len(test.genotypes.sample_ids)):
            true, said = full.of(drug.drug, sample), found.of(drug.drug, sample)
            counts["answers"] += 1
            if said.response is not Response.INDETERMINATE:
                counts["decided"] += 1
                counts["standard"] += said.action is Action.STANDARD
                restricts = true.response is not Response.INDETERMINATE and true.action is not Action.STANDARD
                counts["turned standard"] += said.action is Action.STANDARD and restricts
    return counts


@click.command()
@click.option("--real", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--drugs/--no-drugs", "with_drugs", default=True, help="Count the drugs decided, too.")
def main(real: Path, with_drugs: bool) -> None:
    """Write per gene what keeps diplotypes from being stated with 30 % of the loci hidden, phase removed."""
    knowledge = load_knowledge()
    cohort = load_cohort(real, knowledge)
    total: dict[str, Counter[str]] = {}
    decided: Counter[str] = Counter()
    for seed in SEEDS:
        learn_from, test = cohort.half(seed)
        held_out = with_learned_frequencies(knowledge, learn_from)
        seen = masked(test, seed)
        for gene, counts in diplotypes(test, held_out, seen).items():
            total.setdefault(gene, Counter()).update(counts)
        if with_drugs:
            decided.update(drugs(test, held_out, seen))
    total["all"] = sum(total.values(), Counter())
    kinds = ("stated", "pool", "population", "nameless", "no pair")
    rows = [
        [
            *(gene, *(percent(counts[kind], counts["calls"], 1) for kind in kinds)),
            *(percent(counts["wrong"], counts["stated"]), percent(counts["population wrong"], counts["population"])),
            *(percent(counts["given"], counts["calls"], 1), percent(counts["given wrong"], counts["given"])),
        ]
        for gene, counts in total.items()
    ]
    header = ["gene", *kinds, "stated: wrong", "population: wrong", "ancestry given: stated", "wrong"]
    click.echo(table(header, rows))
    click.echo(f"\ndrugs: {dict(decided)}")


if __name__ == "__main__":
    main()
