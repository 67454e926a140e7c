"""What the assumptions behind the frequencies cost: ``python tests/evaluation/limits.py --real DIR``.

People are made of the phased chromosomes of the test half: parents of two super-populations, of one family, or with
some genotypes read wrong. Phase is then taken away.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evaluation.calls import STATED, find_truth, judge, total
from evaluation.cohort import Cohort, hide, load_cohort, strip_phase
from evaluation.frequencies import with_learned_frequencies
from evaluation.masks import MASKS
from evaluation.phase import call
from evaluation.report import percent, table
from lupus_pgx.genotypes.codes import UNEXPECTED
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.terms import Ancestry, LocusStatus

IntArray = npt.NDArray[np.intp]

SEED = 2026
PEOPLE = 1252
INBREEDING = {"children of first cousins (F = 1/16)": 1 / 16, "children of siblings (F = 1/4)": 1 / 4}
HIDDEN = 0.3
ERRORS = (0.0, 0.001, 0.003, 0.01)


@dataclass(frozen=True)
class Outcome:
    """Diplotypes and phenotypes stated at 0.95 or more over all genes, and how many of them are wrong."""

    people: str
    ancestry: str
    calls: int
    stated: int
    wrong: int
    phenotype_calls: int
    phenotypes: int
    phenotypes_wrong: int


def of_two(genotypes: Genotypes, first: IntArray, second: IntArray, sides: IntArray) -> Genotypes:
    """Make people of one chromosome each of two others: ``sides`` says which, shape (2, people)."""
    one = genotypes.alleles[:, first, sides[0]]
    other = genotypes.alleles[:, second, sides[1]]
    alleles = np.stack([one, other], axis=2)
    picked = genotypes.select(first.tolist())
    odd, observed = LocusStatus.UNEXPECTED_ALLELE.code, LocusStatus.OBSERVED.code
    status = np.where(picked.status == odd, np.uint8(observed), picked.status)
    status = np.where((alleles >= UNEXPECTED).any(axis=2), np.uint8(odd), status)
    return picked.with_arrays(alleles=alleles, status=status, phase_sets=np.ones_like(picked.phase_sets))


def judged(
    people: str, truth: Genotypes, seen: Genotypes, cohort: Cohort, knowledge: Knowledge, given: Mapping[str, Ancestry]
) -> Outcome:
    """Call what was seen and hold it against the truth."""
    whole, called = call(truth, knowledge, cohort.genes), call(seen, knowledge, cohort.genes, given)
    counts = np.zeros(6, np.int64)
    for gene in cohort.genes:
        true = find_truth(gene, whole, truth, knowledge)
        found = judge(gene, called, true)
        stated = true.judged & (found.probability >= STATED)
        phenotype = true.judged & (found.phenotype_probability >= STATED)
        counts += [
            *(total(true.judged), total(stated), total(stated & ~found.right)),
            total(true.judged) if knowledge.star_genes[gene].has_phenotypes else 0,
            *(total(phenotype), total(phenotype & ~found.phenotype_right)),
        ]
    return Outcome(people, "given" if given else "not given", *counts.tolist())


def admixed(test: Cohort, knowledge: Knowledge, generator: np.random.Generator) -> Iterator[Outcome]:
    """Yield people with one chromosome from each of two super-populations, and others of one, as a control."""
    populations = test.populations
    pairs = [*combinations([item.value for item in Ancestry], 2)]
    size = PEOPLE // len(pairs)
    first = np.concatenate([generator.choice(np.flatnonzero(populations == one), size) for one, _ in pairs])
    others = {
        "two chromosomes of one super-population": populations[first],
        "one of each of two super-populations": np.repeat([other for _, other in pairs], size),
    }
    for name, wanted in others.items():
        second = np.array([generator.choice(np.flatnonzero(populations == item)) for item in wanted])
        truth = renamed(of_two(test.genotypes, first, second, generator.integers(2, size=(2, len(first)))))
        said = {sample: Ancestry(str(item)) for sample, item in zip(truth.sample_ids, populations[first], strict=True)}
        hidden = generator.random((len(truth.loci), MASKS)) < HIDDEN
        masked = hide(strip_phase(truth), hidden[:, generator.integers(MASKS, size=len(first))])
        for given in (said, {}):
            yield judged(name, truth, strip_phase(truth), test, knowledge, given)
            yield judged(f"{name}, {HIDDEN:.0%} of the loci hidden", truth, masked, test, knowledge, given)


def inbred(test: Cohort, knowledge: Knowledge, generator: np.random.Generator) -> Iterator[Outcome]:
    """Yield people of whom a share of the genes is twice the same chromosome."""
    people = np.arange(len(test.genotypes.sample_ids))
    for name, share in INBREEDING.items():
        truth = of_two(test.genotypes, people, people, np.tile([[0], [1]], len(people)))
        alleles = truth.alleles.copy()
        genes = np.array([locus.gene for locus in truth.loci])
        for gene in test.genes:
            twice = generator.random(len(people)) < share
            rows = np.flatnonzero(genes == gene)
            alleles[np.ix_(rows, np.flatnonzero(twice), [1])] = alleles[np.ix_(rows, np.flatnonzero(twice), [0])]
        odd = np.uint8(LocusStatus.UNEXPECTED_ALLELE.code)
        status = np.where((alleles >= UNEXPECTED).any(axis=2), odd, truth.status)
        truth = truth.with_arrays(alleles=alleles, status=status)
        for given in (test.ancestry, {}):
            yield judged(name, truth, strip_phase(truth), test, knowledge, given)


def misread(test: Cohort, knowledge: Knowledge, generator: np.random.Generator) -> Iterator[Outcome]:
    """Yield people of whom some recorded genotypes have one allele read as another of the locus."""
    truth = test.genotypes
    for share in ERRORS:
        alleles = truth.alleles.copy()
        real = (alleles >= 0).all(axis=2) & (alleles < UNEXPECTED).all(axis=2)
        wrong = real & (truth.status == LocusStatus.OBSERVED.code) & (generator.random(real.shape) < share)
        codes = alleles[:, :, 1]
        count = np.array([len(locus.sites[truth.build].letters) for locus in truth.loci])[:, None]
        shifted = (codes + 1 + generator.integers(np.maximum(count - 1, 1), size=codes.shape)) % np.maximum(count, 1)
        alleles[:, :, 1] = np.where(wrong, shifted.astype(codes.dtype), codes)
        seen = strip_phase(truth.with_arrays(alleles=alleles))
        for given in (test.ancestry, {}):
            yield judged(f"{share:.1%} of the genotypes wrong", truth, seen, test, knowledge, given)


def renamed(genotypes: Genotypes) -> Genotypes:
    """Number the people: one may have been drawn twice."""
    return replace(genotypes, sample_ids=tuple(f"P{number}" for number in range(len(genotypes.sample_ids))))


@click.command()
@click.option("--real", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--seed", default=SEED, show_default=True)
def main(real: Path, seed: int) -> None:
    """Write what was stated of people who are not as the frequencies assume, and how much of it is wrong."""
    knowledge = load_knowledge()
    learn_from, test = load_cohort(real, knowledge).half(seed)
    held_out = with_learned_frequencies(knowledge, learn_from)
    test = replace(test, genes=tuple(gene for gene in test.genes if not held_out.star_genes[gene].x_linked))
    generator = np.random.default_rng(seed)
    rows = [
        [
            *(item.people, item.ancestry, percent(item.stated, item.calls, 1), item.wrong),
            *(percent(item.wrong, item.stated), percent(item.phenotypes, item.phenotype_calls, 1)),
            *(item.phenotypes_wrong, percent(item.phenotypes_wrong, item.phenotypes)),
        ]
        for trial in (admixed, inbred, misread)
        for item in trial(test, held_out, generator)
    ]
    header = [
        "people",
        "ancestry",
        "diplotypes stated %",
        "wrong",
        "wrong %",
        "phenotypes stated %",
        "wrong",
        "wrong %",
    ]
    click.echo(table(header, rows))


if __name__ == "__main__":
    main()
