"""The figures in the cells of a record: reads, likelihoods, posteriors, and what they make of the stated genotype."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from lupus_pgx.genotypes.codes import ABSENT_COPY, MISSING
from lupus_pgx.genotypes.doubt import SURE_ENOUGH, Quality
from lupus_pgx.vcf.records import BoolArray, Genotyped

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

GOOD_QUALITY = 20
"""GQ (phred) from which a genotype without likelihoods is sure."""
BALANCE = 0.25
"""A heterozygote with a smaller share of either allele is contested, if chance does not explain it."""
CHANCE = 0.05
"""Two-sided probability, under a fair coin, below which chance explains no imbalance."""
ALT_SHARE = 0.33
"""A heterozygote with a smaller share of an ALT is contested: a paralogue that has the ALT looks so in a homozygote."""
_OFF = 0.25
"""Copies by which DS may differ from what GP or HDS of the same cell say; rounding makes some hundredths."""

FEW, ALT_SHARE_OF_FEW, ALT_READS = 20, 0.4, 3
"""Below this many reads the share is to be so large, and so many reads have the ALT: there, doubt rather than error."""
STRAY_SHARE, STRAY_READS = 0.15, 3
"""A homozygote with this share and number of reads of another allele is contested."""
INFORMATIVE = 0.3
"""Imputation quality (R2, DR2) below which an imputed genotype says nothing."""
NEAR = 0.1
"""A dosage this near to 0 or 2 stands for a genotype, beside reads also one this near to 1; any other does not."""
SEVERAL = 2
"""Figures that FORMAT names and no cell states where a reference was filled in."""
_ERRORS = 10.0 ** (-np.arange(1000) / 10)
"""Chance of error by GQ; further on it is none."""


class CellFigures:
    """The cells of a record, sample by sample, with what they mean at a locus.

    Parameters
    ----------
    columns : Genotyped
    codes : ndarray of int16, shape (alleles,)
        Allele code of REF and each ALT of the record at the locus.
    array : bool
        GQ stands for the score of an array's cluster, which is no chance of error.
    """

    def __init__(self, columns: Genotyped, codes: npt.NDArray[np.int16], *, array: bool = False) -> None:
        self.columns = columns
        self.array = array
        self.count = len(codes)
        # Genotypes in the order of the VCF format: 0/0, 0/1, 1/1, 0/2 ...
        self.orders = [(first, second) for second in range(self.count) for first in range(second + 1)]
        self.pairs = [tuple(sorted((int(codes[first]), int(codes[second])))) for first, second in self.orders]
        self.words = columns.words[columns.index]
        self.single = self.words[:, 1] == ABSENT_COPY
        self.called = (self.words[:, 0] >= 0) & ((self.words[:, 1] >= 0) | self.single)
        self.reference = ((self.words == 0) | (self.words == ABSENT_COPY)).all(axis=1)

    def shares(self) -> tuple[FloatArray, BoolArray, BoolArray]:
        """Return the shares of genotypes (samples, G), which samples are weak, and which are contested."""
        samples = len(self.words)
        own = self._place
        # Column by column: rows of few numbers are slow to add up.
        shares = np.zeros((samples, len(self.orders)), order="F")
        weak = np.zeros(samples, bool)
        contested = (self._unbalanced() | self._spoken_against()) & self.called
        stated = np.zeros(samples, bool)
        likelihoods = self.columns.likelihoods
        if likelihoods is not None and likelihoods.shape[1] == len(self.orders):
            powers, stated = self._likelihoods(likelihoods)
            shares[stated] = powers[stated]
            of_call = shares[np.arange(samples), own]
            weak |= stated & self.called & (of_call < SURE_ENOUGH)
            # A genotype that is not the likeliest was changed by something that the record does not show.
            contested |= stated & self.called & (of_call < shares.max(axis=1) * (1 - 1e-6)) & (of_call < 0.5)
            below = stated & self._doubted_by_quality(shares, own)
            self._spread(shares, own, below, self._error(self.columns.quality))
            weak |= below
        posteriors = self._posteriors
        if posteriors is not None:
            rest = ~stated & ~np.isnan(posteriors).any(axis=1)
            shares[rest] = posteriors[rest]
            of_call = shares[np.arange(samples), own]
            weak |= rest & self.called & (of_call < SURE_ENOUGH)
            contested |= rest & self.called & (of_call < 0.5)
            stated |= rest
        doses = self._doses()
        if doses is not None:
            # One that rounds to the genotype stands for it.
            apart = np.abs(doses @ np.arange(3) - np.clip(self.words, 0, 1).sum(axis=1)) > NEAR + 1e-6
            rest = ~stated & apart & ~self.single & ~np.isnan(doses).any(axis=1)
            shares[rest] = doses[rest]
            of_call = shares[np.arange(samples), own]
            low = rest & self.called & (of_call < SURE_ENOUGH)
            weak |= low
            contested |= low & (of_call < 0.5)
            # A whole number beside reads says no more than the genotype.
            stated |= low
        quality = self.quality
        if quality is not None and not self.array:
            rest = ~stated & self.called & (quality >= 0)
            self._spread(shares, own, rest, self._error(quality))
            weak |= rest & (quality < GOOD_QUALITY)
            stated |= rest
        self._spread(shares, own, ~stated & contested, np.full(samples, 0.5))
        return shares, weak, contested

    def _error(self, quality: npt.NDArray[np.signedinteger] | None) -> FloatArray:
        """Return the chance of error that GQ states, at most that of a guess; 0 where it is not stated."""
        if quality is None:
            return np.zeros(len(self.words))
        error = np.minimum(_ERRORS[np.clip(quality, 0, len(_ERRORS) - 1)], 1 - 1 / len(self.orders))
        chance: FloatArray = np.where(quality >= 0, error, 0.0)
        return chance

    def _doubted_by_quality(self, shares: FloatArray, own: npt.NDArray[np.int64]) -> BoolArray:
        """Return whose GQ says much less than the likelihoods: something beside the reads was weighed."""
        quality = self.columns.quality
        if quality is None:
            return np.zeros(len(self.words), bool)
        of_call = shares[np.arange(len(self.words)), own]
        low = (quality >= 0) & (quality < GOOD_QUALITY)
        doubted: BoolArray = self.called & low & (self._error(quality) > 2 * (1 - of_call))
        return doubted

    @cached_property
    def _posteriors(self) -> FloatArray | None:
        """Return what GP, else HDS, says of genotypes that are not imputed; None where neither is there."""
        probabilities = self.columns.probabilities
        if probabilities is not None and probabilities.shape[1] == len(self.orders):
            return np.asarray(probabilities, float)
        return self._of_haplotypes()

    def contradicted(self) -> BoolArray:
        """Return whose called genotype the same cell excludes: GP, HDS or DS says another one, or LGT does.

        A rounded posterior may lie beside the genotype of a phased haplotype; more than half for another does not.
        """
        wrong = np.zeros(len(self.words), bool)
        rows = np.arange(len(self.words))
        posteriors = self._posteriors
        if posteriors is not None:
            known = np.where(np.isnan(posteriors), 0.0, posteriors)
            wrong |= (known.max(axis=1) > 0.5) & (known[rows, self._place] < 0.5)
        doses = self.columns.dosages
        if doses is not None and self.count == 2:
            dose = doses[:, 0].astype(float)
            counted = (np.clip(self.words, 0, 1) * (self.words >= 0)).sum(axis=1)
            full = np.where(self.single, 1, 2)
            # One copy may be written on the scale of two.
            apart = np.minimum(np.abs(dose - counted), np.where(self.single, np.abs(dose - 2 * counted), np.inf))
            wrong |= ~np.isnan(dose) & ((apart > 0.5 + 1e-6) | (dose < -1e-3) | (dose > np.maximum(full, 2) + 1e-3))
            if posteriors is not None:
                # A dosage is the mean of the posteriors beside it: one that lies far off tells of another genotype.
                mean = posteriors[:, 1] + 2 * posteriors[:, 2]
                off = np.minimum(np.abs(dose - mean), np.where(self.single, np.abs(2 * dose - mean), np.inf))
                wrong |= off > _OFF
        found: BoolArray = wrong & self.called
        if self.columns.disagreeing is not None:
            found = found | self.columns.disagreeing
        return found

    def imputed_shares(self, information: float | None) -> tuple[FloatArray, BoolArray]:
        """Return posteriors of genotypes (samples, G), and which samples are open altogether."""
        samples, count = len(self.words), len(self.orders)
        shares = np.full((samples, count), np.nan)
        probabilities = self.columns.probabilities
        if probabilities is not None and probabilities.shape[1] == count:
            shares = np.asarray(probabilities, float).copy()
            # Two numbers are those of one copy.
            shares[~self.single & np.isnan(shares).any(axis=1)] = np.nan
        for found in (self._of_haplotypes(), self._of_dosage()):
            if found is not None:
                lacking = np.isnan(shares).all(axis=1)
                shares[lacking] = found[lacking]
        open_all = np.isnan(shares).all(axis=1)
        # Nothing to go by is no evidence for any genotype.
        open_all |= np.nan_to_num(shares).sum(axis=1) <= 0
        if information is not None and information < INFORMATIVE:
            open_all[:] = True
        shares[open_all] = 1 / count
        shares = np.nan_to_num(shares)
        return shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9), open_all

    def _of_haplotypes(self) -> FloatArray | None:
        values = self.columns.haplotype_dosages
        if values is None or self.count != 2 or values.shape[1] != 2:
            return None
        first, second = values[:, 0].astype(float), values[:, 1].astype(float)
        return np.column_stack([(1 - first) * (1 - second), first + second - 2 * first * second, first * second])

    def _of_dosage(self) -> FloatArray | None:
        """Return shares by a dosage near 0 or 2; any other says nothing."""
        shares = self._doses()
        if shares is not None:
            shares[shares[:, (0, 2)].max(axis=1) < 1 - NEAR - 1e-6] = np.nan
        return shares

    def _doses(self) -> FloatArray | None:
        """Return shares that have the dosage which DS states, between neighbours; None where it is not stated."""
        values = self.columns.dosages
        if values is None or self.count != 2:
            return None
        dose = np.clip(values[:, 0].astype(float), 0, 2)
        low = np.column_stack([1 - dose, dose, np.zeros_like(dose)])
        high = np.column_stack([np.zeros_like(dose), 2 - dose, dose - 1])
        shares: FloatArray = np.where((dose <= 1)[:, None], low, high)
        shares[np.isnan(dose)] = np.nan
        return shares

    @cached_property
    def quality(self) -> IntArray | None:
        """Return the lowest of GQ, RGQ and GQX of each sample, -1 where none is stated."""
        fields = (self.columns.quality, self.columns.reference_quality, self.columns.site_quality)
        return _lowest([item for item in fields if item is not None])

    @cached_property
    def depth(self) -> IntArray | None:
        """Return the lowest of DP and MIN_DP of each sample, -1 where none is stated."""
        return _lowest([item for item in (self.columns.depth, self.columns.min_depth) if item is not None])

    def below(self, quality: Quality, *, imputed: bool, unread: bool = False) -> BoolArray:
        """Return which genotypes no read supports, or that are below a threshold that the user set.

        Where the record as a whole has a base without reads (``unread``), a sample's own depth may say otherwise.
        """
        weak = np.zeros(len(self.words), bool)
        weak |= self.columns.unreadable if self.columns.unreadable is not None else False
        scores, depth = self.quality, self.depth
        if not imputed:
            weak |= self._unread() | self.filled_in
            if unread:
                weak |= depth < 1 if depth is not None else True
            weak |= self.reference & (scores == 0) if scores is not None else False
            # Half of a genotype is not weighed: it is sure or nothing.
            half = ((self.words == MISSING).sum(axis=1) == 1) & ~self.single
            weak |= half & (scores >= 0) & (scores < GOOD_QUALITY) if scores is not None else False
        for values, threshold in ((scores, quality.min_gq), (depth, quality.min_dp)):
            if values is not None and threshold is not None:
                weak |= (values >= 0) & (values < threshold)
        if quality.min_allele_fraction is not None:
            weak |= self._lowest_fraction() < quality.min_allele_fraction
        return weak

    def _unread(self) -> BoolArray:
        """Return the samples without any read: depth or reads of all alleles 0, or likelihoods all alike."""
        depths = self.columns.allele_depths
        reads = np.maximum(depths, 0).sum(axis=1) if depths is not None else np.zeros(len(self.words), np.int64)
        unread = (depths >= 0).any(axis=1) & (reads == 0) if depths is not None else np.zeros(len(self.words), bool)
        depth = self.depth
        if depth is not None:
            unread = unread | ((depth == 0) & (reads == 0))
        likelihoods = self.columns.likelihoods
        if likelihoods is not None and likelihoods.shape[1] > 1:
            known = ~np.isnan(likelihoods)
            high = np.where(known, likelihoods, -np.inf).max(axis=1)
            low = np.where(known, likelihoods, np.inf).min(axis=1)
            unread = unread | ((known.sum(axis=1) > 1) & (high == low))
        flat: BoolArray = unread
        return flat

    @cached_property
    def filled_in(self) -> BoolArray:
        """Return the samples that have the reference and none of the figures that others of the record have.

        So a genotype looks that was written for a sample which no caller looked at (``bcftools merge
        --missing-to-ref``). Where nobody has any, it is so if all have the reference and FORMAT names several figures:
        who was taken out of a merged file has only their names.
        """
        columns = self.columns
        stated = np.zeros(len(self.words), bool)
        named = 0
        for numbers in (self.depth, self.quality):
            if numbers is not None:
                stated |= numbers >= 0
                named += 1
        if columns.allele_depths is not None:
            stated |= (columns.allele_depths >= 0).any(axis=1)
            named += 1
        for table in (columns.likelihoods, columns.probabilities, columns.dosages, columns.haplotype_dosages):
            if table is not None:
                stated |= ~np.isnan(table).all(axis=1)
                named += 1
        if stated.all() or (not stated.any() and (named < SEVERAL or not self.reference.all())):
            return np.zeros(len(self.words), bool)
        filled: BoolArray = self.reference & ~stated
        return filled

    def _likelihoods(self, phred: npt.NDArray[np.float32]) -> tuple[FloatArray, BoolArray]:
        """Return likelihoods as shares that add up to 1, and which samples state them."""
        known = ~np.isnan(phred)
        stated = known.any(axis=1)
        lowest = np.where(known, phred, np.inf).min(axis=1, initial=np.inf)
        above = (phred - np.where(stated, lowest, 0)[:, None]).astype(np.float64)
        powers = np.where(known, 10.0 ** (-above / 10), 0.0)
        if self.single.any():
            # One copy: the first R numbers are those of the alleles, put where their homozygotes stand.
            alone = np.zeros_like(powers)
            for allele in range(self.count):
                alone[:, self.orders.index((allele, allele))] = powers[:, allele]
            powers = np.where(self.single[:, None], alone, powers)
        total = powers.sum(axis=1, keepdims=True)
        shares: FloatArray = powers / np.maximum(total, 1e-300)
        said: BoolArray = np.asarray(stated, bool)
        return shares, said

    @cached_property
    def _place(self) -> npt.NDArray[np.int64]:
        """Return the place of the called genotype among all; 0 where there is none."""
        first = np.clip(self.words[:, 0], 0, self.count - 1).astype(np.int64)
        second = np.where(self.single, first, np.clip(self.words[:, 1], 0, self.count - 1)).astype(np.int64)
        low, high = np.minimum(first, second), np.maximum(first, second)
        place: npt.NDArray[np.int64] = high * (high + 1) // 2 + low
        return place

    def _spread(self, shares: FloatArray, own: npt.NDArray[np.int64], chosen: BoolArray, error: FloatArray) -> None:
        """Give the called genotype all but the error, and every other an equal part of it."""
        rows = np.flatnonzero(chosen)
        if not len(rows):
            return
        shares[rows] = (error[rows] / max(len(self.orders) - 1, 1))[:, None]
        shares[rows, own[rows]] = 1 - error[rows]

    def _unbalanced(self) -> BoolArray:
        """Return the samples whose reads speak against the called genotype."""
        depths = self.columns.allele_depths
        if depths is None or depths.shape[1] != self.count:
            return np.zeros(len(self.words), bool)
        reads = np.maximum(depths, 0).astype(np.int64)
        rows = np.arange(len(reads))
        first = np.clip(self.words[:, 0], 0, self.count - 1)
        second = np.where(self.single, first, np.clip(self.words[:, 1], 0, self.count - 1))
        one, other, total = reads[rows, first], reads[rows, second], reads.sum(axis=1)
        different = first != second
        both = one + other
        minor = np.minimum(one, other)
        odd = different & (minor < BALANCE * both)
        odd[odd] = [
            two_sided(low, count) < CHANCE for low, count in zip(minor[odd].tolist(), both[odd].tolist(), strict=True)
        ]
        few = np.maximum(ALT_SHARE_OF_FEW * both, ALT_READS)
        least = np.where(both < FEW, few, ALT_SHARE * both)
        odd |= different & (both > 0) & (((first > 0) & (one < least)) | ((second > 0) & (other < least)))
        stray = total - np.where(different, both, one)
        found: BoolArray = odd | ((stray >= STRAY_READS) & (stray >= STRAY_SHARE * np.maximum(total, 1)))
        return found

    def _spoken_against(self) -> BoolArray:
        """Return the genotypes that figures contradict whose number does not fit the alleles.

        So a record of several ALTs looks that was split and kept its lists, or a cell that is cut. Whose reads the
        others are is not known; that they are not of REF is.
        """
        found = np.zeros(len(self.words), bool)
        if self.columns.odd_depths is not None:
            ref, other = self.columns.odd_depths.T.astype(np.int64)
            total = np.maximum(ref, 0) + np.maximum(other, 0)
            has_ref = (self.words == 0).any(axis=1)
            stray = np.where(self.reference, other, ref)
            odd = (stray >= STRAY_READS) & (stray >= STRAY_SHARE * total) & (self.reference | ~has_ref)
            found |= odd | ((ref == 0) & has_ref) | ((other == 0) & ~self.reference)
        if self.columns.odd_likelihoods is not None:
            ref, other = self.columns.odd_likelihoods.T.astype(np.int64)
            found |= np.where(self.reference, ref > 0, (ref == 0) & (other != 0))
        return found

    def _lowest_fraction(self) -> FloatArray:
        """Return the smallest share of reads that a called allele has; 1 where it is not known."""
        lowest = np.ones(len(self.words))
        depths = self.columns.allele_depths
        if depths is None:
            return lowest
        total = np.maximum(depths, 0).sum(axis=1)
        for column in range(2):
            allele = self.words[:, column]
            usable = (allele >= 0) & (allele < depths.shape[1]) & (total > 0)
            lowest[usable] = np.minimum(lowest[usable], depths[usable, allele[usable]] / total[usable])
        return lowest

    def figures(self, sample: int, general: str) -> str:
        """Return the figures of a sample's cell that bear on its genotype, as the record states them."""
        parts = [general] if general else []
        if self.filled_in[sample]:
            parts.append("the reference without any of the figures that FORMAT names or other samples have")
        parts += self._damaged(sample)
        depths = self.columns.allele_depths
        if depths is not None and (depths[sample] >= 0).any():
            parts.append(f"AD {','.join(str(max(number, 0)) for number in depths[sample].tolist())}")
        for name, values in (("DP", self.depth), ("GQ", self.quality)):
            if values is not None and values[sample] >= 0:
                parts.append(f"{name} {int(values[sample])}")
        for name, table in (("PL", self.columns.likelihoods), ("GP", self.columns.probabilities),
                            ("HDS", self.columns.haplotype_dosages), ("DS", self.columns.dosages)):  # fmt: skip
            if table is not None and not np.isnan(table[sample]).all():
                parts.append(f"{name} {','.join(f'{number:.3g}' for number in table[sample].tolist())}")
        if self.columns.filters is not None and self.columns.filters[0][int(self.columns.filters[1][sample])] != ".":
            parts.append(f"FT {self.columns.filters[0][int(self.columns.filters[1][sample])]}")
        return "; ".join(parts)

    def _damaged(self, sample: int) -> list[str]:
        """Return what of a sample's cell is no number, or does not fit the alleles."""
        unreadable = self.columns.unreadable
        parts = ["a figure that is no number"] if unreadable is not None and unreadable[sample] else []
        for name, odd, rest in (
            ("AD", self.columns.odd_depths, "of all others"), ("PL", self.columns.odd_likelihoods, "the lowest other"),
        ):  # fmt: skip
            if odd is not None and (odd[sample] >= 0).any():
                one, other = (str(number) if number >= 0 else "none" for number in odd[sample].tolist())
                parts.append(f"{name} of another number of alleles: {one} of the reference, {other} {rest}")
        return parts


def _lowest(fields: Sequence[npt.NDArray[np.int32]]) -> IntArray | None:
    """Return the lowest stated value of each sample, -1 where none is."""
    if not fields:
        return None
    table = np.stack([np.where(values >= 0, values, np.iinfo(np.int32).max) for values in fields]).min(axis=0)
    return np.where(table == np.iinfo(np.int32).max, -1, table).astype(np.int64)


@cache
def two_sided(minor: int, total: int) -> float:
    """Return how often a fair coin gives a split as uneven as this one or more (binomial test)."""
    if total <= 0 or 2 * minor >= total:
        return 1.0
    if total > 400:  # normal approximation; the exact sum changes nothing at this depth
        return math.erfc((total / 2 - minor - 0.5) / math.sqrt(total / 2))
    tail = sum(math.comb(total, number) for number in range(minor + 1))
    return float(min(1.0, 2 * tail / 2**total))
