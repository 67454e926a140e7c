"""All people of the 30x file without their phase: ``python tests/evaluation/unphased.py --real DIR``.

The shipped frequencies were learned from 2,504 of these 3,202 people, so this is no test of them
(``tests/evaluation/run.py`` is): it says what a user of the file would read, and whether ``certain`` and a probability
of 1 mean what they say.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evaluation.calls import STATED, Truth, find_truth
from evaluation.cohort import NOT_COVERED, strip_phase
from evaluation.phase import call
from evaluation.report import table
from lupus_pgx.calling.assumptions import settle_absent
from lupus_pgx.calling.calls import DiplotypeCall
from lupus_pgx.calling.markers import Markers
from lupus_pgx.calling.phenotypes import GeneCalls
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.genotypes.reader import read_genotypes
from lupus_pgx.genotypes.sex_chromosomes import settle_copies
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.response.prediction import predict_responses
from lupus_pgx.terms import AbsentPolicy, Ancestry, CallStatus, Response, Sex

STATINS = ("atorvastatin", "fluvastatin", "pitavastatin", "pravastatin", "rosuvastatin", "simvastatin")

HEADER = ("gene", "named", "first pair wrong", "stated", "wrong", "certain", "wrong", "shown as 1", "wrong")


@dataclass(frozen=True)
class People:
    """All people of the file, with what is known of them."""

    genotypes: Genotypes
    ancestry: Mapping[str, Ancestry]
    genes: tuple[str, ...]


def load_people(real: Path, knowledge: Knowledge, samples: Sequence[str] | None = None) -> People:
    """Read the star genes of the GRCh38 file, with an absent record for the genome's base.

    Parameters
    ----------
    real : Path
        Folder of the 1000 Genomes files.
    knowledge : Knowledge
    samples : sequence of str, optional
        All by default.
    """
    stars = knowledge.star_genes.items()
    genes = tuple(gene for gene, star in stars if not (star.typing or star.outside_only) and gene not in NOT_COVERED)
    path = str(real / "1kgp-GRCh38.vcf.gz")
    genotypes = read_genotypes([path], knowledge, genes, samples=samples, absent=AbsentPolicy.REFERENCE)
    genotypes = settle_absent(genotypes, knowledge, genes, {})
    with (real / "1kgp-samples.tsv").open(encoding="utf-8") as lines:
        rows = {row["sample"]: row for row in csv.DictReader(lines, delimiter="\t")}
    known = [sample for sample in genotypes.sample_ids if sample in rows]
    settle_copies(genotypes, {sample: Sex(rows[sample]["gender"]) for sample in known})
    return People(genotypes, {sample: Ancestry(rows[sample]["super_pop"]) for sample in known}, genes)


def first_pairs(gene: str, called: GeneCalls, truth: Truth, chosen: np.ndarray) -> Counter[str]:
    """Count, of some people, what the first pair, a statement, ``certain`` and a probability of 1 are worth."""
    counts: Counter[str] = Counter()
    for sample in np.flatnonzero(truth.judged & chosen).tolist():
        made, real = called.of(gene, sample).diplotype, truth.diplotypes[int(truth.index[sample])]
        right = made.diplotype in real
        counts["named"] += bool(real)
        counts["first pair wrong"] += bool(real) and not right
        for name, applies in claims(made).items():
            counts[name] += applies
            counts[f"{name}, wrong"] += applies and not right
    return counts


def claims(made: DiplotypeCall) -> dict[str, bool]:
    """Return what a call claims of its pair."""
    share = made.best.probability if made.best else 0.0
    return {
        "stated": share >= STATED,
        "certain": made.status is CallStatus.CERTAIN,
        # Sums of shares may miss 1 by a hair.
        "shown as 1": share >= 1 - 1e-12,
    }


def undecided(called: GeneCalls, knowledge: Knowledge) -> list[tuple[str, int, int, Counter[str]]]:
    """Count people without a response to each statin, of them those with nothing missing, and what these are."""
    drugs = knowledge.select_drugs([name for name in STATINS if name in knowledge.drugs_by_name])
    responses = predict_responses(called, Markers(called.sample_ids, {}, {}), drugs)
    rows = []
    for drug in drugs:
        opened, complete, why = 0, 0, Counter[str]()
        for sample in range(len(called.sample_ids)):
            response = responses.of(drug.drug, sample)
            if response.response is not Response.INDETERMINATE:
                continue
            opened += 1
            judged = [response.known[key] for key in response.judgement.judged_by if key in response.known]
            if any(item.missing for item in judged):
                continue
            complete += 1
            why.update({reason(item.diplotype) for item in judged if item.diplotype is not None})
        rows.append((drug.drug, opened, complete, why))
    return rows


def reason(made: DiplotypeCall) -> str:
    """Say in a word what is open about a call that lacks nothing essential."""
    if made.status is CallStatus.NOVEL:
        return f"{made.gene} novel"
    if made.missing:
        return f"{made.gene} other loci missing"
    return f"{made.gene} {made.status}, nothing missing"


def row(name: str, counts: Counter[str]) -> list[object]:
    """Return a line of the table."""
    cells: list[object] = [name, counts["named"], counts["first pair wrong"]]
    for claim in ("stated", "certain", "shown as 1"):
        cells += [counts[claim], counts[f"{claim}, wrong"]]
    return cells


@click.command()
@click.option("--real", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
def main(real: Path) -> None:
    """Write, by gene, how often unphased calls differ from the phased ones, and which statins stay open."""
    knowledge = load_knowledge()
    people = load_people(real, knowledge)
    phased = call(people.genotypes, knowledge, people.genes)
    truths = {gene: find_truth(gene, phased, people.genotypes, knowledge) for gene in people.genes}
    bare = strip_phase(people.genotypes)
    everybody = np.ones(len(bare.sample_ids), bool)
    known = np.array([sample in people.ancestry for sample in bare.sample_ids])
    for title, ancestry, chosen in (
        ("ancestry not given", {}, everybody),
        ("ancestry given", people.ancestry, known),
    ):
        called = call(bare, knowledge, people.genes, ancestry)
        counts = {gene: first_pairs(gene, called, truths[gene], chosen) for gene in people.genes}
        counts["all"] = sum(counts.values(), Counter())
        click.echo(f"\n## {int(chosen.sum()):,} people, {title}\n")
        click.echo(table(HEADER, [row(gene, found) for gene, found in counts.items()]))
        click.echo(f"\nStatins, {title} ({len(bare.sample_ids):,} people)\n")
        rows = [
            [drug, opened, complete, "; ".join(f"{text}: {n}" for text, n in why.most_common(3))]
            for drug, opened, complete, why in undecided(called, knowledge)
        ]
        click.echo(table(("drug", "undecided", "nothing essential missing", "of these"), rows))


if __name__ == "__main__":
    main()
