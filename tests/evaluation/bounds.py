"""How much more could be stated where loci are hidden: ``python tests/evaluation/bounds.py --real DIR``.

Each line changes one thing that a rule might change, up to its limit, and counts what would be stated, phase removed:

- *as built*;
- *unseen favours*: what a population never showed has the mass that is built, or none at all, whichever favours the
  pair more, for each person and population: the most that any floor, reserve or rest could give;
- *true frequencies*: learned on the very people that are called, so that no table can know them better;
- *both* of these;
- *pool only*: a statement need not hold under each super-population (against the contract);
- *oracle*: of each pattern of genotypes it is known how often its best pair under the pool is right among the people
  called, and the patterns that are most often right are stated, as many as stay under 1 % wrong in the gene. No rule
  that sees one gene of a person, whose population it does not know, states more of those pairs at that error.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import click
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evaluation.blocked import SEEDS, masked
from evaluation.calls import STATED, Truth, find_truth
from evaluation.cohort import Cohort, load_cohort
from evaluation.frequencies import with_learned_frequencies
from evaluation.phase import call
from evaluation.report import percent, table
from lupus_pgx.calling import diplotypes
from lupus_pgx.calling.phenotypes import GeneCalls
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.terms import POOL

WRONG = 0.01
"""Share of the statements that may be wrong in a gene."""

LINES = ("as built", "unseen favours", "true frequencies", "both", "pool only", "oracle")

Counts = dict[str, dict[str, Counter[str]]]


def without_unseen(
    given: Callable[..., npt.NDArray[np.float64]],
) -> Callable[..., npt.NDArray[np.float64]]:
    """Return the priors without mass for what a population has not shown."""

    def frequencies(star: StarGene, *, floor: int = 1) -> npt.NDArray[np.float64]:
        found = given(star, floor=0)
        for number, population in enumerate(diplotypes.PRIORS):
            counts = star.counts.get(population) or star.counts.get(POOL)
            if not counts:
                continue
            unseen = [not counts.get(star.reported[name]) for name in star.haplotypes.names]
            # So little that it decides only where nothing else fits.
            found[number, : len(unseen)][unseen] = 1e-12
            found[number, -1] = 0.0
        return found

    return frequencies


@dataclass(frozen=True)
class Made:
    """What was called of one person: the pair, its probability under each prior, its pattern, and if it is right."""

    by_prior: tuple[float, ...]
    pattern: int
    right: bool


def judged(called: Sequence[GeneCalls], gene: str, truth: Truth) -> Iterator[Made]:
    """Yield what is called of each person; of several ways to call, what favours the pair most under each prior."""
    for sample in np.flatnonzero(truth.judged).tolist():
        made = [way.of(gene, sample).diplotype.best for way in called]
        first = made[0]
        if first is None:
            yield Made((0.0,), -1, False)
            continue
        same = [best.by_prior for best in made if best is not None and best.name == first.name]
        right = first.name in truth.diplotypes[int(truth.index[sample])]
        yield Made(tuple(map(max, zip(*same, strict=True))), int(called[0].index[gene][sample]), right)


def greedy(patterns: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """State the patterns most often right first, as long as the wrong ones stay within the bound.

    Parameters
    ----------
    patterns : iterable of (int, int)
        People with each pattern, and how many of them have the pair.

    Returns
    -------
    stated, wrong : int
    """
    stated = wrong = 0
    for people, right in sorted(patterns, key=lambda item: -item[1] / item[0]):
        if wrong + people - right > WRONG * (stated + people):
            # A part of the pattern may be stated still: a bound need not be a rule.
            share = (WRONG * stated - wrong) / ((people - right) - WRONG * people)
            return stated + int(share * people), wrong + int(share * (people - right))
        stated, wrong = stated + people, wrong + people - right
    return stated, wrong


def add(counts: Counter[str], made: Made, probability: float) -> None:
    """Count one call, stated or not."""
    stated = probability >= STATED
    counts.update({"calls": 1, "stated": stated, "wrong": stated and not made.right})


def count(calls: Mapping[str, Sequence[GeneCalls]], genes: Iterable[str], truths: Mapping[str, Truth]) -> Counts:
    """Count what each line states, by gene."""
    counts: Counts = {line: {gene: Counter() for gene in genes} for line in LINES}
    for line, called in calls.items():
        for gene, found in counts[line].items():
            for made in judged(called, gene, truths[gene]):
                add(found, made, min(made.by_prior))
    for gene, found in counts["pool only"].items():
        patterns: dict[int, list[bool]] = defaultdict(list)
        for made in judged(calls[LINES[0]], gene, truths[gene]):
            add(found, made, made.by_prior[0])
            patterns[made.pattern].append(made.right)
        stated, wrong = greedy((len(right), sum(right)) for right in patterns.values())
        counts["oracle"][gene].update({"calls": found["calls"], "stated": stated, "wrong": wrong})
    return counts


def measure(learn_from: Cohort, test: Cohort, knowledge: Knowledge, seen: Genotypes) -> Counts:
    """Call the masked people in each way."""
    held_out, true = (with_learned_frequencies(knowledge, people) for people in (learn_from, test))
    whole = call(test.genotypes, held_out, test.genes)
    truths = {gene: find_truth(gene, whole, test.genotypes, held_out) for gene in test.genes}
    built, best = (call(seen, known, test.genes) for known in (held_out, true))
    with patch.object(diplotypes, "haplotype_frequencies", without_unseen(diplotypes.haplotype_frequencies)):
        bare, best_bare = (call(seen, known, test.genes) for known in (held_out, true))
    ways = ([built], [built, bare], [best], [best, best_bare])
    return count(dict(zip(LINES, ways, strict=False)), test.genes, truths)


def _cell(found: Counter[str]) -> str:
    return f"{percent(found['stated'], found['calls'], 1)} ({percent(found['wrong'], found['stated'])})"


@click.command()
@click.option("--real", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--seed", "seeds", type=int, multiple=True, default=SEEDS)
def main(real: Path, seeds: tuple[int, ...]) -> None:
    """Write, by gene, what would be stated with 30 % of the loci hidden and how much of it is wrong, in per cent."""
    knowledge = load_knowledge()
    cohort = load_cohort(real, knowledge)
    counts: Counts = {line: {} for line in LINES}
    for seed in seeds:
        learn_from, test = cohort.half(seed)
        for line, found in measure(learn_from, test, knowledge, masked(test, seed)).items():
            for gene, item in found.items():
                counts[line].setdefault(gene, Counter()).update(item)
    for found in counts.values():
        found["all"] = sum(found.values(), Counter())
    rows = [[gene, *(_cell(counts[line][gene]) for line in LINES)] for gene in counts[LINES[0]]]
    click.echo(table(["gene", *LINES], rows))


if __name__ == "__main__":
    main()
