"""How often each haplotype is seen: named alleles, haplotypes without a name, and a rest that nobody saw."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.terms import POOL, Ancestry

FloatArray = npt.NDArray[np.float64]

PRIORS: tuple[str, ...] = (POOL, *(ancestry.value for ancestry in Ancestry))
"""The priors, in the order of the first axis of probability arrays."""


def haplotype_frequencies(star: StarGene, *, floor: int = 1) -> FloatArray:
    """Return the prior of each haplotype of a gene, and of those never seen.

    Parameters
    ----------
    star : StarGene
    floor : int
        How often a haplotype without a name counts in a population in which it was not seen.

    Returns
    -------
    ndarray of float, shape (priors, haplotypes + 1)
        Haplotypes as in :attr:`StarGene.every_haplotype`: the named ones first. Alleles never seen in a population
        share a mass of one haplotype in that population. The last column is a rest for what was never seen (one
        haplotype), or seen without its pattern.
    """
    names = star.haplotypes.names
    reported = [star.reported[name] for name in names]
    shared = Counter(reported)  # sub-alleles reported under one name share its haplotypes
    table = np.zeros((len(PRIORS), len(names) + len(star.unnamed) + 1))
    for number, population in enumerate(PRIORS):
        # A population without counts of its own is judged by the pool.
        source = population if population in star.counts else POOL
        counts, total = star.counts.get(source), star.totals.get(source)
        if not counts or not total:
            # No frequencies known: every named allele is equally likely.
            table[number, : len(names)] = 1 / len(names)
            continue
        seen = np.array([counts.get(name, 0) / shared[name] for name in reported])
        unseen = seen == 0
        reserve = 1 / total if unseen.any() else 0.0
        table[number, : len(names)] = np.where(unseen, reserve / max(unseen.sum(), 1), seen / total * (1 - reserve))
        nameless = [item.seen if source == POOL else item.counts.get(source, 0) for item in star.unnamed]
        table[number, len(names) : -1] = [max(count, floor) / total for count in nameless]
        without_pattern = max(counts.get("other", 0) - sum(nameless), 0)
        # One more, also where all haplotypes that were seen have names: the next need not.
        table[number, -1] = (without_pattern + 1) / total
    return table
