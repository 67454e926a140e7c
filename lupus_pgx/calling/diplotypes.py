"""Diplotypes: every pair of named alleles that contradicts nothing observed, with its probability.

The probability of a pair is the product of its haplotype frequencies, twice that for two
different alleles, normalised over all pairs that fit and over haplotypes without a name
(design decision ``docs/decisions/0002-probabilities.md``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.calling.calls import LEADING, PROBABLE, Candidate, DiplotypeCall, Diplotypes, uncalled
from lupus_pgx.calling.evidence import Evidence
from lupus_pgx.calling.frequencies import PRIORS, haplotype_frequencies
from lupus_pgx.calling.lookups import looked_up, unread
from lupus_pgx.calling.patterns import COVERED, Pattern, find_patterns, fitting_pairs, nearest
from lupus_pgx.calling.phenotypes import NAMELESS_COUNTS, most_probable
from lupus_pgx.calling.unfitting import other_copy, phase_resolved, without_conflicting_assumptions
from lupus_pgx.encoded import Index, narrow, same
from lupus_pgx.genotypes.codes import UNEXPECTED
from lupus_pgx.genotypes.doubt import Doubt
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import OVERLAID, StarGene
from lupus_pgx.terms import INDETERMINATE, STRUCTURE_OPEN, Ancestry, CallStatus
from lupus_pgx.words.amounts import probability_text

FloatArray = npt.NDArray[np.float64]
Pairs = npt.NDArray[np.intp]

NONE = np.empty((0, 2), np.intp)
"""No pair at all."""

_IMPLAUSIBLE_PHASE = 100.0
"""Phase is flagged where another orientation is this much more frequent: our choice, as a flag changes no call."""


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
        if star.typing or star.outside_only:
            method = "only by typing, given as an outside call" if star.typing else "only by an outside call"
            calls[gene] = (uncalled(star, method),)
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


@dataclass(frozen=True, slots=True)
class _Fit:
    """The pairs that fit a pattern, and what is needed to weigh them."""

    star: StarGene
    pattern: Pattern
    frequencies: FloatArray
    rest: FloatArray
    evidence: Evidence

    def weighed(self, pairs: Pairs | None = None) -> tuple[Pairs, FloatArray, FloatArray]:
        """Weigh the pairs that fit.

        Returns
        -------
        pairs : ndarray of int
            Pairs of named alleles, by reported name.
        probabilities : ndarray of float, shape (priors, pairs)
        nameless : ndarray of float, shape (priors,)
            Probability that a haplotype has no name.
        """
        if pairs is None:
            pairs = fitting_pairs(self.star.every_haplotype, self.pattern)
        weights = self.evidence.weighed(self.pattern, pairs, _weights(pairs, self.frequencies))
        probabilities = weights / weights.sum(axis=1, keepdims=True) * (1 - self.rest)[:, None]
        named = _are_named(self.star, pairs)
        nameless = self.rest
        if not named.all():
            nameless = nameless + probabilities[:, ~named].sum(axis=1)
            pairs, probabilities = pairs[named], probabilities[:, named]
        return *_merge_reported(self.star, pairs, probabilities), nameless

    def ranked(self) -> tuple[Candidate, ...]:
        """Return all candidates, best first."""
        pairs, probabilities, _ = self.weighed()
        return _rank(self.star, pairs, np.minimum(probabilities, self.evidence.least(self.pattern)), None)


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
        self._given = haplotype_frequencies(star)
        # Where no ancestry is given the pool holds what was seen anywhere: a population that never saw it adds nothing.
        self._frequencies = haplotype_frequencies(star, floor=0)
        self._evidence = Evidence(star.every_haplotype, self._frequencies[:, :-1], doubts)
        self._freely: dict[Pattern, tuple[float, str]] = {}
        # The most frequent pair that phase can be about, of two haplotypes that differ: whether it can look
        # implausible at all is known without another search.
        named = self._frequencies[0, : len(star.haplotypes.names)]
        first, second = [*np.sort(named)[::-1], 0.0][:2]
        self._heaviest = 2 * first * second

    def call(self, pattern: Pattern, prior: int) -> DiplotypeCall:
        """Call one pattern under a prior; number 0 stands for all of them."""
        star = self._star
        if pattern.nothing_known:
            note = "no locus of the gene was observed"
            return DiplotypeCall(star.gene, CallStatus.NO_CALL, note=note, **self._facts(pattern, {}))
        frequencies = self._given[[prior]] if prior else self._frequencies
        unexpected = self._unexpected(pattern)
        pairs, named = (NONE, 0) if unexpected else self._fitting(pattern)
        yielded: tuple[str, ...] = ()
        if not named and not unexpected and any(pattern.assumed):
            pattern, yielded = without_conflicting_assumptions(star.haplotypes, pattern)
            # What was seen stands above what was assumed: it is not `novel` because of a base that nobody looked at.
            if yielded:
                pairs, named = self._fitting(pattern)
        facts = self._facts(pattern, unexpected)
        notes = self._notes(pattern, facts, unexpected, yielded)
        if not named:
            return self._novel(pattern, frequencies, unexpected, notes, facts)
        # Genes of which every haplotype seen had a name left no room for another at first: 4 of 76,227 stated as sure
        # were wrong. There is none only where all was seen and one way is left to put it on two haplotypes.
        excluded = not any(pattern.missing) and not pattern.open and phase_resolved(pattern)
        rest = np.zeros(len(frequencies)) if excluded else 1 - (1 - frequencies[:, -1]) ** pattern.copies
        fit = _Fit(star, pattern, frequencies, rest, self._evidence)
        reported, probabilities, nameless = fit.weighed(pairs)
        outcome = _outcome_numbers(star, reported)
        totals = _outcomes(outcome, probabilities)
        shown = np.minimum(probabilities, facts["evidence"]) if any(pattern.doubt) else probabilities
        leading = _rank(star, reported, shown, LEADING)
        best = _best(star, reported, shown, outcome, totals) or leading[0]
        likely = self._likely_unnamed(pairs, fit, nameless)
        notes += [text for text in (self._implausible_phase(pattern, pairs), likely) if text]
        if star.structure != "assessed":
            notes.append(STRUCTURE_OPEN)
        if star.overlaid:
            notes.append(OVERLAID)
        alone = len(reported) == 1 and named == len(pairs) and phase_resolved(pattern)
        return DiplotypeCall(
            star.gene,
            CallStatus.AMBIGUOUS
            if self._evidence.too_weak(pattern)
            else _status(star, best, pattern, facts, alone=alone),
            leading,
            len(reported),
            totals,
            tuple(nameless.tolist()),
            note="; ".join(notes),
            every_candidate=fit.ranked,
            stated=best,
            all_reference=set(best.alleles) <= {star.reference_allele},
            lookup_open=star.fallback is not None and any(pattern.missing),
            **facts,
        )

    def _fitting(self, pattern: Pattern) -> tuple[Pairs, int]:
        """Return the pairs that fit, and how many of them have two names."""
        pairs = fitting_pairs(self._star.every_haplotype, pattern)
        return pairs, int(_are_named(self._star, pairs).sum())

    def _facts(self, pattern: Pattern, unexpected: Mapping[int, list[str]]) -> dict[str, Any]:
        """Count what a call rests on."""
        loci = self._star.haplotypes.loci
        # A doubtful genotype is weighed and takes part in the call: it is counted as doubtful, and not as missing.
        opened = set(pattern.open)
        missing = [locus for number, locus in enumerate(loci) if pattern.missing[number] and number not in opened]
        weak = self._evidence.too_weak(pattern)
        odd = {loci[number].name for number in unexpected}
        assumed = [number for number, taken in enumerate(pattern.assumed) if taken]
        lacking = {locus.name for locus in missing if locus.essential or locus.name in odd}
        lacking |= {loci[number].name for number in opened if loci[number].essential or number in weak}
        doubtful = len(pattern.doubt) - pattern.doubt.count(0)
        return {
            "n_loci": len(loci),
            "n_observed": len(loci) - len(missing) - len(assumed) - doubtful,
            "n_assumed": len(assumed),
            "n_doubtful": doubtful,
            "evidence": self._evidence.least(pattern),
            "assumed_essential": tuple(loci[number].name for number in assumed if loci[number].essential),
            "missing": tuple(locus.name for locus in missing),
            "missing_essential": tuple(locus.name for locus in loci if locus.name in lacking) if lacking else (),
            "structure_open": self._star.structure == "not assessed",
        }

    def _notes(
        self,
        pattern: Pattern,
        facts: Mapping[str, Any],
        unexpected: Mapping[int, list[str]],
        yielded: tuple[str, ...],
    ) -> list[str]:
        """Say what is odd about the observation."""
        loci, count = self._star.haplotypes.loci, facts["n_loci"]
        notes = [
            f"unexpected allele {', '.join(found)} at {loci[number].name}: no named allele has it"
            for number, found in unexpected.items()
        ]
        if facts["n_doubtful"]:
            notes.append(f"{facts['n_doubtful']} of {count} loci doubtful or imputed{self._evidence.said(pattern)}")
        if facts["n_assumed"]:
            notes.append(f"{facts['n_assumed']} of {count} loci assumed to carry the genome base (--absent reference)")
        if yielded:
            notes.append(f"not assumed at {', '.join(yielded)}: no named pair would fit what was observed")
        if COVERED in pattern.basis:
            notes.append(f"{pattern.basis.count(COVERED)} of {count} loci without a record, read from alignments")
        return notes

    def _novel(
        self,
        pattern: Pattern,
        frequencies: FloatArray,
        unexpected: Mapping[int, list[str]],
        notes: list[str],
        facts: Mapping[str, Any],
    ) -> DiplotypeCall:
        """Return the call of an observation that no named pair fits."""
        star = self._star
        read = looked_up(star, pattern)
        if lacking := unread(star, pattern):
            facts = {**facts, "missing_essential": (*facts["missing_essential"], lacking)}
        if read is not None and read.phenotype:  # a base that no allele has was weighed in reading it
            odd = {star.haplotypes.loci[number].name for number in unexpected}
            facts = {**facts, "missing_essential": tuple(n for n in facts["missing_essential"] if n not in odd)}
        other = other_copy(star, pattern, frequencies[:, : len(star.haplotypes.names)])
        if other:
            shown = ", ".join(f"{name} {probability_text(min(values))}" for name, values in other[:3])
            notes.append(f"the other copy: {shown}")
        # A base that no allele has is the reason already; a nearest pair beside it would seem to explain it.
        if not unexpected:
            notes.insert(0, _nearest(star, pattern))
        if read is not None:
            notes.append(read.note)
        return DiplotypeCall(
            star.gene,
            CallStatus.NOVEL,
            note="; ".join(notes),
            unexpected=bool(unexpected),
            other_copy=other,
            looked_up=read.phenotype if read else "",
            lookup=read.shown if read else "",
            possible=read.possible if read else (),
            lookup_open=star.fallback is not None and (read is None or any(pattern.missing)),
            **facts,
        )

    def _likely_unnamed(self, pairs: Pairs, fit: _Fit, nameless: FloatArray) -> str:
        """Name the haplotype without a name that counts most, where those without a name count."""
        pairs = pairs[~_are_named(self._star, pairs)]
        if nameless[0] < NAMELESS_COUNTS or not len(pairs):
            return ""
        best = pairs[int(_weights(pairs, fit.frequencies)[0].argmax())]
        item = self._star.unnamed[int(best[-1]) - len(self._star.haplotypes.names)]
        often = "once" if item.seen == 1 else f"{item.seen} times"
        return (
            f"a haplotype without a name that was seen {often} ({', '.join(item.changes)}) "
            f"fits too: probability {probability_text(float(nameless[0]))}"
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
        # Statistical phase errs most where it contradicts frequencies; the user states it, so it is only flagged.
        pairs = pairs[_are_named(self._star, pairs)]
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


def _are_named(star: StarGene, pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Return which pairs are of named alleles; the higher number stands last."""
    named: npt.NDArray[np.bool_] = pairs[:, -1] < len(star.haplotypes.names)
    return named


def _weights(pairs: Pairs, frequencies: FloatArray) -> FloatArray:
    """Hardy-Weinberg weight under each prior: 2·f(a)·f(b), f(a)² for a pair of equals, f(a) if hemizygous."""
    if pairs.shape[1] == 1:
        single: FloatArray = frequencies[:, pairs[:, 0]]
        return single
    first, second = pairs[:, 0], pairs[:, 1]
    weights: FloatArray = np.where(first == second, 1.0, 2.0) * frequencies[:, first] * frequencies[:, second]
    return weights


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
    """Return the best candidates by the first prior, best first; all of them where no count is given."""
    first = probabilities[0]
    places = np.arange(len(first))
    if count is not None and len(first) > 4 * count:
        # Only what reaches the last place that is wanted needs to be sorted.
        places = np.flatnonzero(first >= np.partition(first, len(first) - count)[len(first) - count])
    few, lowest = pairs[places], probabilities[:, places].min(axis=0)
    order = np.lexsort((few[:, -1], few[:, 0], -lowest, -first[places]))[:count]
    names = star.reported_names
    return tuple(
        Candidate(tuple(names[place] for place in pair), least, tuple(by_prior))
        for pair, least, by_prior in zip(
            few[order].tolist(), lowest[order].tolist(), probabilities[:, places[order]].T.tolist(), strict=True
        )
    )


def _outcome_numbers(star: StarGene, pairs: Pairs) -> npt.NDArray[np.intp]:
    """Return the number of what rules see of each pair."""
    if pairs.shape[1] == 2:
        return star.outcome_of_pair[pairs[:, 0], pairs[:, 1]]
    return star.outcome_of_one[pairs[:, 0]]


def _outcomes(numbers: npt.NDArray[np.intp], probabilities: FloatArray) -> tuple[tuple[int, tuple[float, ...]], ...]:
    """Add up the probabilities of pairs that no rule tells apart."""
    found, inverse = np.unique(numbers, return_inverse=True)
    if len(found) == 1:
        return ((int(found[0]), tuple(probabilities.sum(axis=1).tolist())),)
    totals = np.stack([np.bincount(inverse, line, len(found)) for line in probabilities])
    return tuple(zip(found.tolist(), map(tuple, totals.T.tolist()), strict=True))


def _best(
    star: StarGene,
    pairs: Pairs,
    probabilities: FloatArray,
    numbers: npt.NDArray[np.intp],
    totals: Sequence[tuple[int, tuple[float, ...]]],
) -> Candidate | None:
    """Return the best pair of the most probable phenotype; None where there is one phenotype or none."""
    if len(totals) == 1 or not star.has_phenotypes:
        return None
    by_phenotype: dict[str, list[int]] = {}
    for number, _ in totals:
        by_phenotype.setdefault(star.outcomes[number].phenotype or INDETERMINATE, []).append(number)
    if len(by_phenotype) == 1:
        return None
    summed = dict(totals)
    shares = {name: np.sum([summed[number] for number in held], axis=0) for name, held in by_phenotype.items()}
    leading = by_phenotype[most_probable({name: tuple(values.tolist()) for name, values in shares.items()})[0]]
    chosen = np.isin(numbers, leading)
    return _rank(star, pairs[chosen], probabilities[:, chosen], 1)[0]


def _status(star: StarGene, best: Candidate, pattern: Pattern, facts: Mapping[str, Any], *, alone: bool) -> CallStatus:
    """Return the status of a call; ``alone`` says that nothing else fits in any orientation."""
    # Reads settle an essential locus, but nobody called it.
    unsure = facts["missing_essential"] or facts["assumed_essential"] or COVERED in pattern.basis or any(pattern.doubt)
    if alone and not unsure and star.structure == "assessed":
        return CallStatus.CERTAIN
    return CallStatus.PROBABLE if best.probability >= PROBABLE else CallStatus.AMBIGUOUS


def _nearest(star: StarGene, pattern: Pattern) -> str:
    """Name the pair that contradicts least, and where it does."""
    found, unexplained = nearest(star.haplotypes, pattern)
    left_over = [star.haplotypes.loci[number].name for number in unexplained]
    near = sorted(found)[: pattern.copies]
    pair = "/".join(star.reported[star.haplotypes.names[number]] for number in near)
    if not left_over:
        return f"no named pair fits the phase in the file; without phase {pair} would"
    return f"no named pair fits; nearest is {pair}, which leaves {', '.join(left_over)} unexplained"
