"""Diplotypes: every pair of named alleles that contradicts nothing observed, with its probability.

The probability of a pair is the product of its haplotype frequencies, twice that for two
different alleles, normalised over all pairs that fit and over haplotypes without a name
(design decision ``docs/decisions/0002-probabilities.md``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.calling.calls import LEADING, PROBABLE, Candidate, DiplotypeCall, Diplotypes, uncalled
from lupus_pgx.calling.evidence import Evidence
from lupus_pgx.calling.patterns import Pattern, find_patterns, fitting_pairs, mismatches
from lupus_pgx.encoded import Index, narrow, same
from lupus_pgx.genotypes.model import ABSENT_COPY, UNEXPECTED, Doubt, Genotypes
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import OVERLAID, StarGene
from lupus_pgx.terms import POOL, Ancestry, CallStatus

FloatArray = npt.NDArray[np.float64]
Pairs = npt.NDArray[np.intp]

PRIORS: tuple[str, ...] = (POOL, *(ancestry.value for ancestry in Ancestry))
"""The priors, in the order of the first axis of probability arrays."""

_IMPLAUSIBLE_PHASE = 100.0
"""Phase is flagged where the other orientation is this much more frequent."""


def call_diplotypes(
    genotypes: Genotypes, knowledge: Knowledge, genes: Sequence[str], ancestry: Mapping[str, Ancestry]
) -> Diplotypes:
    """Call the star genes among ``genes``.

    Parameters
    ----------
    genotypes : Genotypes
    knowledge : Knowledge
    genes : sequence of str
    ancestry : mapping of sample to Ancestry
        Samples that are not in it are judged under every prior.

    Returns
    -------
    Diplotypes
    """
    prior_of = _priors(genotypes.sample_ids, ancestry)
    calls: dict[str, tuple[DiplotypeCall, ...]] = {}
    index: dict[str, Index] = {}
    for gene in genes:
        star = knowledge.star_genes.get(gene)
        if star is None:
            continue
        if star.typing:
            calls[gene] = (uncalled(star, "only by typing, given as an outside call"),)
            index[gene] = same(len(genotypes.sample_ids))
            continue
        rows = genotypes.of_loci(star.haplotypes.loci)
        patterns, priors, index[gene] = find_patterns(genotypes, rows, prior_of)
        caller = _Caller(star, [genotypes.unexpected[row] for row in rows], list(genotypes.doubts))
        calls[gene] = tuple(caller.call(pattern, prior) for pattern, prior in zip(patterns, priors, strict=True))
    return Diplotypes(genotypes.sample_ids, calls, index)


def _priors(samples: Sequence[str], ancestry: Mapping[str, Ancestry]) -> tuple[Index, int]:
    """Return the number of the prior of each sample, 0 for all of them, and how many numbers there are."""
    if not ancestry:
        return same(len(samples)), 1
    numbers = {population: number for number, population in enumerate(PRIORS)}
    chosen = (numbers[ancestry[sample]] if sample in ancestry else 0 for sample in samples)
    return narrow(np.fromiter(chosen, np.int64, len(samples)), len(PRIORS)), len(PRIORS)


def haplotype_frequencies(star: StarGene) -> FloatArray:
    """Return the prior of each allele, and of haplotypes without a name.

    Returns
    -------
    ndarray of float, shape (priors, alleles + 1)
        The last column is the share of haplotypes that no named allele explains. Alleles
        never seen in a population share a mass of one haplotype in that population.
    """
    names = star.haplotypes.names
    reported = [star.reported[name] for name in names]
    shared = Counter(reported)  # sub-alleles reported under one name share its haplotypes
    table = np.zeros((len(PRIORS), len(names) + 1))
    for number, population in enumerate(PRIORS):
        # A population without counts of its own is judged by the pool.
        source = population if population in star.counts else POOL
        counts, total = star.counts.get(source), star.totals.get(source)
        if not counts or not total:
            # No frequencies known: every named allele is equally likely.
            table[number, :-1] = 1 / len(names)
            continue
        seen = np.array([counts.get(name, 0) / shared[name] for name in reported])
        unseen = seen == 0
        reserve = 1 / total if unseen.any() else 0.0
        named = total - counts.get("other", 0)
        table[number, :-1] = np.where(unseen, reserve / max(unseen.sum(), 1), seen / named * (1 - reserve))
        table[number, -1] = counts.get("other", 0) / total
    return table


@dataclass(frozen=True, slots=True)
class _Fit:
    """The pairs that fit a pattern, and what is needed to weigh them."""

    star: StarGene
    pattern: Pattern
    frequencies: FloatArray
    other: FloatArray
    evidence: Evidence

    def weighed(self, pairs: Pairs | None = None) -> tuple[Pairs, FloatArray]:
        """Return pairs by reported name, with their probabilities (priors, pairs)."""
        if pairs is None:
            pairs = fitting_pairs(self.star.haplotypes, self.pattern)
        weights = self.evidence.weighed(self.pattern, pairs, _weights(pairs, self.frequencies))
        probabilities = weights / weights.sum(axis=1, keepdims=True) * (1 - self.other)[:, None]
        return _merge_reported(self.star, pairs, probabilities)

    def ranked(self) -> tuple[Candidate, ...]:
        """Return all candidates, best first."""
        return _rank(self.star, *self.weighed(), None)


class _Caller:
    """Calls the patterns of one gene.

    Parameters
    ----------
    star : StarGene
    letters : sequence of list of str
        Letters of the unexpected alleles of each locus.
    doubts : sequence of Doubt
        What the doubts of patterns number, from 1.
    """

    def __init__(self, star: StarGene, letters: Sequence[list[str]], doubts: Sequence[Doubt]) -> None:
        self._star = star
        self._letters = letters
        self._frequencies = haplotype_frequencies(star)
        self._evidence = Evidence(star, self._frequencies[:, :-1], doubts)
        self._freely: dict[Pattern, tuple[float, str]] = {}
        first, second = [*np.sort(self._frequencies[0, :-1])[::-1], 0.0][:2]
        self._heaviest = max(first * first, 2 * first * second)

    def call(self, pattern: Pattern, prior: int) -> DiplotypeCall:
        """Call one pattern under a prior; number 0 stands for all of them."""
        star = self._star
        loci = star.haplotypes.loci
        frequencies = self._frequencies[[prior]] if prior else self._frequencies
        opened = set(pattern.open)
        gone = pattern.missing
        missing = [locus for number, locus in enumerate(loci) if gone[number] and number not in opened]
        weak = self._evidence.too_weak(pattern)
        unexpected = self._unexpected(pattern)
        odd = {loci[number].name for number in unexpected}
        assumed = sum(pattern.assumed)
        lacking = {locus.name for locus in missing if locus.essential or locus.name in odd}
        lacking |= {loci[number].name for number in opened if loci[number].essential or number in weak}
        essential = tuple(locus.name for locus in loci if locus.name in lacking)
        doubtful = sum(number > 0 for number in pattern.doubt)
        facts: dict[str, Any] = {
            "n_loci": len(loci),
            "n_observed": len(loci) - len(missing) - assumed - doubtful,
            "n_assumed": assumed,
            "n_doubtful": doubtful,
            "assumed_essential": tuple(
                locus.name for locus, taken in zip(loci, pattern.assumed, strict=True) if taken and locus.essential
            ),
            "missing": tuple(locus.name for locus in missing),
            "missing_essential": essential,
            "structure_open": star.structure == "not assessed",
        }
        if pattern.nothing_known:
            return DiplotypeCall(star.gene, CallStatus.NO_CALL, note="no locus of the gene was observed", **facts)
        notes = [
            f"unexpected allele {', '.join(found)} at {loci[number].name}: no named allele has it"
            for number, found in unexpected.items()
        ]
        if doubtful:
            notes.append(f"{doubtful} of {len(loci)} loci doubtful or imputed{self._evidence.said(pattern)}")
        if assumed:
            notes.append(f"{assumed} of {len(loci)} loci assumed to carry the genome base (--absent reference)")
        if any(pattern.covered):
            notes.append(f"{sum(pattern.covered)} of {len(loci)} loci without a record, read from alignments")
        pairs = fitting_pairs(star.haplotypes, pattern)
        if len(pairs) == 0:
            notes.insert(0, _nearest(star, pattern))
            return DiplotypeCall(star.gene, CallStatus.NOVEL, note="; ".join(notes), **facts)
        excluded = not missing and not opened and _phase_resolved(pattern)
        other = np.zeros(len(frequencies)) if excluded else 1 - (1 - frequencies[:, -1]) ** pattern.copies
        fit = _Fit(star, pattern, frequencies, other, self._evidence)
        reported, probabilities = fit.weighed(pairs)
        leading = _rank(star, reported, probabilities, LEADING)
        flag = self._implausible_phase(pattern, pairs)
        if flag:
            notes.append(flag)
        if star.structure != "assessed":
            notes.append("structure not assessed")
        if star.overlaid:
            notes.append(OVERLAID)
        return DiplotypeCall(
            star.gene,
            CallStatus.AMBIGUOUS if weak else _status(star, leading[0], len(reported), pattern, essential),
            leading,
            len(reported),
            _outcomes(star, reported, probabilities),
            tuple(other.tolist()),
            note="; ".join(notes),
            every_candidate=fit.ranked,
            **facts,
        )

    def _unexpected(self, pattern: Pattern) -> dict[int, list[str]]:
        """Return the letters of unexpected alleles by locus number."""
        if max(*pattern.first, *pattern.second) < UNEXPECTED:
            return {}
        return {
            number: [self._letters[number][code - UNEXPECTED] for code in pair if code >= UNEXPECTED]
            for number, pair in enumerate(zip(pattern.first, pattern.second, strict=True))
            if max(pair) >= UNEXPECTED
        }

    def _implausible_phase(self, pattern: Pattern, pairs: Pairs) -> str:
        """Flag phase that points to a pair much rarer than another orientation would give."""
        if not any(pattern.phase):
            return ""
        taken = _weights(pairs, self._frequencies[:1])[0].max()
        if self._heaviest < taken * _IMPLAUSIBLE_PHASE:  # no pair at all is so much more frequent
            return ""
        unphased = pattern.unphased()
        if unphased not in self._freely:
            free = fitting_pairs(self._star.haplotypes, unphased)
            weights = _weights(free, self._frequencies[:1])[0]
            best = int(weights.argmax())
            names = "/".join(self._star.reported_names[number] for number in free[best].tolist())
            self._freely[unphased] = (float(weights[best]), names)
        weight, likely = self._freely[unphased]
        if weight < taken * _IMPLAUSIBLE_PHASE:
            return ""
        return f"the phase in the file is kept, but {likely} is far more frequent: confirm the phase"


def _weights(pairs: Pairs, frequencies: FloatArray) -> FloatArray:
    """Hardy-Weinberg weight under each prior: 2·f(a)·f(b), f(a)² for a pair of equals, f(a) if hemizygous."""
    if pairs.shape[1] == 1:
        single: FloatArray = frequencies[:, pairs[:, 0]]
        return single
    first, second = pairs[:, 0], pairs[:, 1]
    weights: FloatArray = np.where(first == second, 1.0, 2.0) * frequencies[:, first] * frequencies[:, second]
    return weights


def _phase_resolved(pattern: Pattern) -> bool:
    """Whether only one way remains to put the observed alleles on two haplotypes."""
    orientations = {
        number or -1 - locus
        for locus, (one, other, number) in enumerate(zip(pattern.first, pattern.second, pattern.phase, strict=True))
        if other not in (one, ABSENT_COPY)
    }
    return len(orientations) <= 1


def _merge_reported(star: StarGene, pairs: Pairs, probabilities: FloatArray) -> tuple[Pairs, FloatArray]:
    """Give numbers to pairs by the names under which they are reported, and join those reported alike."""
    if star.reported_as is None:
        return pairs, probabilities
    named = np.sort(star.reported_as[pairs], axis=1)
    count = len(star.haplotypes.names)
    keys = named[:, 0] * count + named[:, -1]
    distinct, inverse = np.unique(keys, return_inverse=True)
    totals: FloatArray = np.stack([np.bincount(inverse, line, len(distinct)) for line in probabilities])
    if pairs.shape[1] == 1:
        return (distinct // count)[:, None], totals
    return np.column_stack([distinct // count, distinct % count]), totals


def _rank(star: StarGene, pairs: Pairs, probabilities: FloatArray, count: int | None) -> tuple[Candidate, ...]:
    """Return the best candidates, best first; all of them where no count is given."""
    lowest = probabilities.min(axis=0)
    places = np.arange(len(lowest))
    if count is not None and len(lowest) > 4 * count:
        # Only what reaches the last place that is wanted needs to be sorted.
        places = np.flatnonzero(lowest >= np.partition(lowest, len(lowest) - count)[len(lowest) - count])
    few = pairs[places]
    order = places[np.lexsort((few[:, -1], few[:, 0], -probabilities[0, places], -lowest[places]))][:count]
    names = star.reported_names
    return tuple(
        Candidate(tuple(names[place] for place in pair), least, tuple(by_prior))
        for pair, least, by_prior in zip(
            pairs[order].tolist(), lowest[order].tolist(), probabilities[:, order].T.tolist(), strict=True
        )
    )


def _outcomes(star: StarGene, pairs: Pairs, probabilities: FloatArray) -> tuple[tuple[int, tuple[float, ...]], ...]:
    """Add up the probabilities of pairs that no rule tells apart."""
    numbers = (
        star.outcome_of_pair[pairs[:, 0], pairs[:, 1]] if pairs.shape[1] == 2 else star.outcome_of_one[pairs[:, 0]]
    )
    found, inverse = np.unique(numbers, return_inverse=True)
    if len(found) == 1:
        return ((int(found[0]), tuple(probabilities.sum(axis=1).tolist())),)
    totals = np.stack([np.bincount(inverse, line, len(found)) for line in probabilities])
    return tuple(zip(found.tolist(), map(tuple, totals.T.tolist()), strict=True))


def _status(
    star: StarGene, best: Candidate, count: int, pattern: Pattern, missing_essential: Sequence[str]
) -> CallStatus:
    essential_assumed = any(
        assumed and locus.essential for locus, assumed in zip(star.haplotypes.loci, pattern.assumed, strict=True)
    )
    # Reads settle an essential locus, but nobody called it.
    firm = (
        not essential_assumed and not any(pattern.covered) and not any(pattern.doubt) and star.structure == "assessed"
    )
    if count == 1 and not missing_essential and firm:
        return CallStatus.CERTAIN
    return CallStatus.PROBABLE if best.probability >= PROBABLE else CallStatus.AMBIGUOUS


def _nearest(star: StarGene, pattern: Pattern) -> str:
    """Name the pair that contradicts least, and where it does."""
    total = mismatches(star.haplotypes, pattern)
    first, second = np.unravel_index(int(total.argmin()), total.shape)
    allowed = star.haplotypes.allowed
    left_over = [
        locus.name
        for number, locus in enumerate(star.haplotypes.loci)
        if not _explains(allowed[first][number], allowed[second][number], pattern.first[number], pattern.second[number])
    ]
    near = sorted((int(first), int(second)))[: pattern.copies]
    pair = "/".join(star.reported[star.haplotypes.names[number]] for number in near)
    if not left_over:
        return f"no named pair fits the phase in the file; without phase {pair} would"
    return f"no named pair fits; nearest is {pair}, which leaves {', '.join(left_over)} unexplained"


def _explains(one: int, other: int, first: int, second: int) -> bool:
    def fits(mask: int, code: int) -> bool:
        return not 0 <= code < UNEXPECTED or bool(mask >> code & 1)

    return (fits(one, first) and fits(other, second)) or (fits(one, second) and fits(other, first))
