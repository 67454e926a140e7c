"""Which loci bear on the action of a drug: ``python tests/evaluation/essential.py``.

A locus bears on an action if, all else being known, it alone tells two alleles apart after which some guideline asks
for different things: hidden, it would leave the action open. The usual dose against anything else counts most.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import product
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evaluation.report import table
from lupus_pgx.calling.calls import DiplotypeCall, Diplotypes
from lupus_pgx.calling.frequencies import PRIORS, haplotype_frequencies
from lupus_pgx.calling.markers import Markers
from lupus_pgx.calling.phenotypes import assign_phenotypes
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.knowledge.genes import PairTraits, StarGene
from lupus_pgx.response.prediction import predict_responses
from lupus_pgx.terms import POOL, Action, CallStatus, Response

Said = tuple[Action, Response]

FEWEST = 1e-4
"""What matters in fewer people of every super-population needs no locus of its own: an answer is wrong in more."""


class Difference(IntEnum):
    """How far what guidelines ask for differs; the order is from least to most."""

    NONE = 0
    UNDECIDED = 1
    """For one of the two no guideline says anything."""
    OTHER = 2
    """Two answers, and neither is the usual dose."""
    USUAL = 3
    """The usual dose, or not."""


@dataclass(frozen=True)
class Bearing:
    """What a locus tells apart by itself.

    Attributes
    ----------
    gene, locus : str
    essential : bool
    difference : Difference
    alleles : tuple of str
        The two alleles that differ so and are seen most; empty where there are none.
    people : float
        Share of people, in the super-population with most of them, in whom hiding the locus leaves the two open so.
    """

    gene: str
    locus: str
    essential: bool
    difference: Difference
    alleles: tuple[str, ...]
    people: float


def answers(star: StarGene, knowledge: Knowledge) -> list[list[Said]]:
    """Return what the drugs of a gene ask for after each of its outcomes, beside every outcome of the other genes."""
    lines: list[list[Said]] = [[] for _ in star.outcomes]
    for drug in knowledge.drugs_by_name.values():
        if star.gene not in drug.rule_keys:
            continue
        keys = [star.gene, *(key for key in drug.rule_keys if key in knowledge.star_genes and key != star.gene)]
        calls = {key: _every_call(knowledge.star_genes[key]) for key in keys}
        places = np.array(list(product(*(range(len(found)) for found in calls.values()))), np.uint32)
        names = tuple(map(str, range(len(places))))
        index = {key: places[:, number] for number, key in enumerate(keys)}
        called = assign_phenotypes(Diplotypes(names, calls, index), knowledge)
        responses = predict_responses(called, Markers(names, {}, {}), [drug])
        for number, outcome in enumerate(places[:, 0].tolist()):
            found = responses.of(drug.drug, number)
            lines[outcome].append((found.action, found.response))
    return lines


def _every_call(star: StarGene) -> tuple[DiplotypeCall, ...]:
    """Return one call per outcome of a gene, as if it was determined elsewhere."""
    untyped = (PairTraits(None, frozenset()), PairTraits(None, star.asked_alleles))
    traits = untyped if star.typing else star.outcomes
    return tuple(DiplotypeCall(star.gene, CallStatus.OUTSIDE, other=(0.0,), given=((item, 1.0),)) for item in traits)


def differences(star: StarGene, knowledge: Knowledge) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return how far the answers differ between each two haplotypes of a gene, and in how many people.

    Returns
    -------
    difference : ndarray of int, shape (haplotypes, haplotypes)
        Beside the other copy with which they differ most.
    people : ndarray of float
        Share of people who carry the rarer of the two beside such a copy, in the super-population with most of them;
        0 where the reference population never showed it.
    """
    lines = answers(star, knowledge)
    count = len(lines)
    between = np.zeros((count, count), np.int64)
    for one, other in product(range(count), repeat=2):
        between[one, other] = max((_difference(a, b) for a, b in zip(lines[one], lines[other], strict=True)), default=0)
    pairs = star.outcome_of_pair
    beside = between[pairs[:, None, :], pairs[None, :, :]]
    found = beside.max(axis=2)
    seen = np.array([star.counts.get(POOL, {}).get(name, 0) > 0 for name in star.reported_names])
    shares = haplotype_frequencies(star)[1 : len(PRIORS), : len(star.haplotypes.names)] * seen
    people = np.zeros(found.shape)
    for line in shares:
        rarer = np.minimum(line[:, None], line[None, :])
        here = 2 * rarer * ((beside == found[:, :, None]) @ line)
        if star.x_linked:
            alone = between[star.outcome_of_one[:, None], star.outcome_of_one[None, :]]
            found, here = np.maximum(found, alone), np.maximum(here, rarer * (alone >= found))
        people = np.maximum(people, here)
    return found, people


def _difference(one: Said, other: Said) -> Difference:
    if one == other:
        return Difference.NONE
    if Response.INDETERMINATE in (one[1], other[1]):
        return Difference.UNDECIDED
    return Difference.USUAL if Action.STANDARD in (one[0], other[0]) else Difference.OTHER


def told_apart(star: StarGene) -> npt.NDArray[np.bool_]:
    """Return which loci tell each two haplotypes apart, shape (haplotypes, haplotypes, loci)."""
    allowed = np.array(star.haplotypes.allowed, np.int64)
    return np.asarray((allowed[:, None, :] & allowed[None, :, :]) == 0)


def bearings(star: StarGene, knowledge: Knowledge) -> Iterator[Bearing]:
    """Yield what each locus of a gene tells apart by itself."""
    apart = told_apart(star)
    differ, people = differences(star, knowledge)
    alone = apart.sum(axis=2) == 1
    for number, locus in enumerate(star.haplotypes.loci):
        here = np.where(alone & apart[:, :, number], differ, 0)
        worst = Difference(int(here.max()))
        place = np.unravel_index(int(np.where(here == worst, people, -1.0).argmax()), here.shape)
        alleles = tuple(star.reported_names[item] for item in place) if worst else ()
        yield Bearing(star.gene, locus.name, locus.essential, worst, alleles, float(people[place]) if worst else 0.0)


def open_pairs(star: StarGene, knowledge: Knowledge) -> list[tuple[str, str]]:
    """Return alleles of which one asks for the usual dose and one does not, though no essential locus tells them apart.

    Those that matter in fewer people than ``FEWEST`` are left out.
    """
    essential = np.array([locus.essential for locus in star.haplotypes.loci])
    silent = ~told_apart(star)[:, :, essential].any(axis=2)
    differ, people = differences(star, knowledge)
    found = silent & (differ == Difference.USUAL) & (people > FEWEST)
    names = star.reported_names
    return [(names[one], names[other]) for one, other in np.argwhere(np.triu(found)).tolist()]


def judged_genes(knowledge: Knowledge) -> list[StarGene]:
    """Return the genes with loci that some guideline rule looks at."""
    asked = {key for drug in knowledge.drugs_by_name.values() for key in drug.rule_keys}
    stars = knowledge.star_genes.values()
    return [star for star in stars if star.gene in asked and star.haplotypes.loci and star.structure != "not assessed"]


@click.command()
def main() -> None:
    """Write what each locus tells apart, of those that are essential or bear on an action."""
    knowledge = load_knowledge()
    rows = [
        [
            *(item.gene, item.locus, "yes" if item.essential else "no", item.difference.name.lower()),
            *(" or ".join(item.alleles), f"{item.people:.5f}"),
        ]
        for star in judged_genes(knowledge)
        for item in bearings(star, knowledge)
        if item.essential or (item.difference >= Difference.OTHER and item.people > FEWEST)
    ]
    click.echo(table(["gene", "locus", "essential", "tells apart", "alleles", "people"], rows))


if __name__ == "__main__":
    main()
