"""How evidence that is not sure weighs the pairs of a gene, and when a call may not rest on it.

A doubtful genotype excludes no pair: each is weighed by the share of the evidence for the genotype that it would
give; a posterior (GP) is used as it stands.
Population frequencies may settle what the evidence leaves open only where a wrong answer costs least: at a locus that
is neither essential nor common, that nothing in the record contests, and whose evidence points to the usual base
(``docs/decisions/0006-what-counts-as-seen.md``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lupus_pgx.calling.calls import NEVER_EXACT
from lupus_pgx.calling.patterns import Pattern
from lupus_pgx.genotypes.codes import ABSENT_COPY, UNEXPECTED
from lupus_pgx.genotypes.doubt import Doubt
from lupus_pgx.knowledge.loci import Haplotypes

FloatArray = npt.NDArray[np.float64]

SAYS_ITSELF = 0.95
"""Share that the evidence of an essential or common locus needs by itself, before a call rests on it."""

_COMMON = 0.01
"""An allele is common from this frequency on, in any population."""

_ROUNDS = 8
"""How often several loci in turn are made to add up to their posteriors."""

_LEAST = 1e-6
"""Least share of a genotype: what is only improbable excludes nothing."""


class Evidence:
    """Weighs pairs of the haplotypes of one gene by doubtful genotypes.

    Parameters
    ----------
    haplotypes : Haplotypes
    frequencies : ndarray of float, shape (priors, haplotypes)
        The first prior is the pool.
    doubts : sequence of Doubt
        What the doubts of patterns number, from 1.
    """

    def __init__(self, haplotypes: Haplotypes, frequencies: FloatArray, doubts: Sequence[Doubt]) -> None:
        self._loci = haplotypes.loci
        self._doubts = doubts
        self._frequencies = frequencies
        self._allowed = np.array(haplotypes.allowed, np.int64).reshape(len(haplotypes.names), -1)
        self._tables: dict[tuple[int, int, bool], FloatArray] = {}

    def weighed(self, pattern: Pattern, pairs: npt.NDArray[np.intp], prior: FloatArray) -> FloatArray:
        """Return the weight of each pair by its prior and by the open loci, shape (priors, pairs).

        Likelihoods multiply the prior. Posteriors hold a prior already, that of the panel they come from: they are
        what the genotypes of their locus add up to, and the prior only divides each of them among its pairs.
        """
        weights = prior
        stated = []
        for locus in pattern.open:
            doubt = self._doubts[pattern.doubt[locus] - 1]
            if doubt.posterior:
                carried = self._genotypes_of(locus, pairs)
                stated.append((carried, _in_order(doubt, self._carried(locus).shape[1])))
                continue
            table = self._table(locus, pattern.doubt[locus], single=pairs.shape[1] == 1)
            weights = weights * (table[pairs[:, 0]] if pairs.shape[1] == 1 else table[pairs[:, 0], pairs[:, 1]])
        for _ in range(_ROUNDS if len(stated) > 1 else 1):
            for carried, target in stated:
                weights = _added_up(weights, carried, target)
        return weights

    def _genotypes_of(self, locus: int, pairs: npt.NDArray[np.intp]) -> FloatArray:
        """Return the share of each genotype of a locus on each pair, shape (pairs, genotypes)."""
        carried = self._carried(locus)
        codes = carried.shape[1]
        first, second = carried[pairs[:, 0]], carried[pairs[:, -1]]
        columns = []
        for one, other in _genotypes(codes):
            if pairs.shape[1] == 1:
                columns.append(first[:, one] if one == other else np.zeros(len(pairs)))
            elif one == other:
                columns.append(first[:, one] * second[:, one])
            else:
                columns.append(first[:, one] * second[:, other] + first[:, other] * second[:, one])
        return np.column_stack(columns)

    def too_weak(self, pattern: Pattern) -> set[int]:
        """Return the open loci on which no call may rest.

        Those whose evidence is contested or points to an allele that no haplotype has, and those whose own evidence
        is below ``SAYS_ITSELF`` and that are essential or common, or point to another genotype than the usual one: no
        prior may turn a weak heterozygote into the usual base.
        """
        found = set()
        for locus in pattern.open:
            doubt = self._doubts[pattern.doubt[locus] - 1]
            decisive = self._loci[locus].essential or self._is_common(locus) or not self._is_usual(locus, doubt)
            unnamed = max(doubt.best[:2]) >= UNEXPECTED
            if doubt.contested or unnamed or (decisive and doubt.own < SAYS_ITSELF):
                found.add(locus)
        return found

    def least(self, pattern: Pattern) -> float:
        """Return the least share of the evidence of a doubtful genotype that is used as if it were sure; else 1.

        Loci that were imputed together are not doubted independently, so their shares are not multiplied: no more
        than the least can be right.
        """
        if not any(pattern.doubt):
            return 1.0
        used = (number for number, gone in zip(pattern.doubt, pattern.missing, strict=True) if number and not gone)
        return min((min(self._doubts[number - 1].own, NEVER_EXACT) for number in used), default=1.0)

    def said(self, pattern: Pattern) -> str:
        """Name the loci that are too weak for a call to rest on them."""
        names = [self._loci[number].name for number in sorted(self.too_weak(pattern))]
        return f", too weak to rest a call on: {', '.join(names)}" if names else ""

    def _is_common(self, locus: int) -> bool:
        """Whether an allele other than the most frequent reaches the bound in some population."""
        shares = self._frequencies @ self._carried(locus)
        return bool((np.sort(shares, axis=1)[:, :-1] >= _COMMON).any())

    def _is_usual(self, locus: int, doubt: Doubt) -> bool:
        """Whether the evidence points to the most frequent base on every copy."""
        usual = int((self._frequencies[0] @ self._carried(locus)).argmax())
        first, second, _ = doubt.best
        return first == usual and second in (usual, ABSENT_COPY)

    def _carried(self, locus: int) -> FloatArray:
        """Return the share of each allele code on each haplotype, shape (haplotypes, codes)."""
        codes = max(2, int(self._allowed[:, locus].max()).bit_length())
        carried = (self._allowed[:, locus, None] >> np.arange(codes) & 1).astype(float)
        shares: FloatArray = carried / np.maximum(carried.sum(axis=1, keepdims=True), 1)
        return shares

    def _table(self, locus: int, number: int, *, single: bool) -> FloatArray:
        """Return the weight of every haplotype (or pair of them) at a locus."""
        key = (locus, number, single)
        if key not in self._tables:
            carried = self._carried(locus)
            shares = self._shares(self._doubts[number - 1], carried)
            self._tables[key] = carried @ np.diag(shares) if single else carried @ shares @ carried.T
        return self._tables[key]

    def _shares(self, doubt: Doubt, carried: FloatArray) -> FloatArray:
        """Return the likelihood of every genotype, shape (codes, codes)."""
        codes = carried.shape[1]
        table = np.full((codes, codes), _LEAST)
        for first, second, share in doubt.shares:
            one, other = (first, first) if second == ABSENT_COPY else (first, second)
            if max(one, other) < UNEXPECTED:
                table[one, other] = table[other, one] = max(share, _LEAST)
        largest = table.max()
        normalised: FloatArray = table / largest
        return normalised


def _genotypes(codes: int) -> list[tuple[int, int]]:
    return [(one, other) for other in range(codes) for one in range(other + 1)]


def _in_order(doubt: Doubt, codes: int) -> FloatArray:
    """Return the shares of a doubt in the order of the genotypes of a locus; none is quite impossible."""
    found = {(first, first if second == ABSENT_COPY else second): share for first, second, share in doubt.shares}
    return np.array([max(found.get(pair, 0.0), _LEAST) for pair in _genotypes(codes)])


def _added_up(weights: FloatArray, carried: FloatArray, target: FloatArray) -> FloatArray:
    """Scale the weights of pairs so that the genotypes of a locus add up to their posteriors."""
    present = weights @ carried
    scale = np.divide(target, present, out=np.zeros_like(present), where=present > 0)
    scaled: FloatArray = weights * (scale @ carried.T)
    return scaled
