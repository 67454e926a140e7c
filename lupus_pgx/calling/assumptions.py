"""Whether absent loci may be taken to carry the genome base: what the user states, tested before it is used.

``--absent reference`` states that the caller looked at all sites and lists only variants. Where it looked is shown by
positions or called regions (:mod:`lupus_pgx.genotypes.looked_at`); here the statement is held against what people
carry. Of a whole genome some loci always differ from the genome, so that a sample whose every locus is absent was not
looked at; and of a cohort of some size someone carries a common allele (design: section 2, "Absent loci").
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lupus_pgx.calling.frequencies import PRIORS, haplotype_frequencies
from lupus_pgx.encoded import combine
from lupus_pgx.errors import InputError
from lupus_pgx.genotypes.column import Column
from lupus_pgx.genotypes.file_facts import LookedAt
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.terms import AbsentPolicy, Ancestry, LocusStatus
from lupus_pgx.vcf.records import BoolArray
from lupus_pgx.words.asked import asked_as, stated_absent
from lupus_pgx.words.remedies import not_believed_text

FloatArray = npt.NDArray[np.float64]

LEAST = -6.0
"""Power of ten below which what is assumed is not believed; whole genomes have 10^-5.7 and more in some population."""
COHORT = 200
"""Samples from which a cohort that has no carrier of a common allele was not looked at."""

RECORDS = 5
"""Loci with a record from which the share of those that are ``./.`` says something of a sample."""

_UNLIKELY = "so many loci without any difference from the genome: in no population one in a million has that"
_PASSED_OVER = "at most loci where the file has a record the genotype of the sample is missing: it was not looked at"

log = logging.getLogger(__name__)


def assumable_genes(knowledge: Knowledge) -> tuple[str, ...]:
    """Return the star genes on which the statement is tested, whatever genes were asked for."""
    stars = knowledge.star_genes.items()
    return tuple(
        gene for gene, star in stars if not (star.typing or star.outside_only) and star.structure != "not assessed"
    )


def settle_absent(
    genotypes: Genotypes,
    knowledge: Knowledge,
    genes: Sequence[str],
    ancestry: Mapping[str, Ancestry],
    *,
    more: bool = False,
) -> Genotypes:
    """Give absent loci the base of the file's build where that is stated and holds, and drop genes not asked for.

    Parameters
    ----------
    genotypes : Genotypes
        With ``looked_at``; changed in place.
    knowledge : Knowledge
    genes : sequence of str
        Genes that were asked for.
    ancestry : mapping of sample to Ancestry
    more : bool
        Reads will speak as well: nothing looked at is no error yet.

    Returns
    -------
    Genotypes
        Of the genes that were asked for.

    Raises
    ------
    InputError
        If no gene of any sample was looked at, and no record states a base at a locus.
    """
    if genotypes.absent is not AbsentPolicy.REFERENCE:
        return genotypes
    test = _Test(genotypes, knowledge, ancestry)
    given = any(item.by_regions for item in genotypes.looked_at)
    nobody = np.zeros(len(genotypes.sample_ids), bool)
    improbable = nobody if given else test.improbable()
    passed_over = nobody if given else test.passed_over()
    wanted = set(genes)
    reasons: dict[str, Counter[str]] = {}
    asked = assumed = 0
    believed = nobody.copy()
    for row, locus in enumerate(genotypes.loci):
        column = genotypes.columns[row]
        absent = column.spread(column.states.status == LocusStatus.NO_RECORD.code)
        if locus.never_assume or not absent.any():
            continue
        of_file = test.looked(row)
        looked = of_file & ~passed_over
        unseen = nobody if given else test.unseen(row)
        unplaced, why_unplaced = test.unplaced(row)
        allowed = absent & looked & ~improbable & ~unseen & ~unplaced
        if allowed.any():
            _assume(genotypes, row, allowed)
        if locus.gene not in wanted:
            continue
        believed |= allowed
        asked += int(absent.sum())
        assumed += int(allowed.sum())
        found = reasons.setdefault(locus.gene, Counter())
        for why, mask in (
            (test.reason(locus.gene), absent & ~of_file),
            (_PASSED_OVER, absent & of_file & passed_over),
            (_UNLIKELY, absent & looked & improbable),
            (f"nobody of {len(genotypes.sample_ids):,} carries {locus.name}, which some do in every population",
             absent & looked & ~improbable & unseen),
            (why_unplaced, absent & looked & ~improbable & ~unseen & unplaced),
        ):  # fmt: skip
            if mask.any():
                found[why] = max(found[why], int(mask.sum()))
                genotypes.notes.setdefault((row, LocusStatus.NO_RECORD), f"not assumed: {why}")
    nothing = not any(item.loci or item.speaks for item in genotypes.looked_at)
    if asked and not assumed and nothing and not more:
        raise InputError(
            f"{stated_absent()}: no gene was looked at ({_first(reasons)}); state the called regions with "
            f"{asked_as('--called-regions BED', 'called_regions=')}, or leave it out"
        )
    genotypes.not_assumed = {gene: found.most_common(1)[0] for gene, found in reasons.items() if found}
    genotypes.sparse = _sparse(genotypes, believed)
    _warn(genotypes)
    kept = [row for row, locus in enumerate(genotypes.loci) if locus.gene in wanted]
    return genotypes if len(kept) == len(genotypes.loci) else genotypes.of_rows(kept)


def _first(reasons: Mapping[str, Counter[str]]) -> str:
    return next((why for found in reasons.values() for why in found), "no locus has a record")


def _sparse(genotypes: Genotypes, believed: BoolArray) -> dict[str, tuple[float, float]]:
    """Return the samples of which something is assumed though their file has few records."""
    found: dict[str, tuple[float, float]] = {}
    for item in genotypes.looked_at:
        if item.sparse is not None:
            numbers = range(len(believed)) if item.samples is None else item.samples
            found |= {genotypes.sample_ids[number]: item.sparse for number in numbers if believed[number]}
    return found


def _warn(genotypes: Genotypes) -> None:
    """Say once where the statement was not believed."""
    if genotypes.not_assumed:
        notice = not_believed_text(genotypes.not_assumed, len(genotypes.sample_ids))
        log.warning("%s", notice, extra={"notice": notice.kind})


def _assume(genotypes: Genotypes, row: int, allowed: BoolArray) -> None:
    """Give some samples the genome base at a locus."""
    column = genotypes.columns[row]
    example, index = combine([(column.index, len(column.states)), (allowed.view(np.uint8), 2)], len(allowed))
    states = column.states.take(column.index[example])
    taken = allowed[example]
    states.alleles[taken] = genotypes.loci[row].sites[genotypes.build].reference_code
    states.status[taken] = LocusStatus.ASSUMED_REFERENCE.code
    genotypes.columns[row] = Column(states, index)


@dataclass(frozen=True, slots=True)
class _Gene:
    """A tested gene: rows of its loci, and which haplotypes carry the genome base at each."""

    rows: list[int]
    based: BoolArray  # loci x haplotypes
    frequencies: FloatArray  # populations x haplotypes


class _Test:
    """The tests of the statement on one set of genotypes."""

    def __init__(self, genotypes: Genotypes, knowledge: Knowledge, ancestry: Mapping[str, Ancestry]) -> None:
        self._genotypes = genotypes
        self._ancestry = ancestry
        have = {locus.gene for locus in genotypes.loci}
        self._genes = {
            gene: self._gene(knowledge.star_genes[gene]) for gene in assumable_genes(knowledge) if gene in have
        }
        self._cohorts = self._large_parts()
        self._of_files: dict[tuple[int, ...], BoolArray] = {}
        self._of_row = {row: (gene, place) for gene, item in self._genes.items() for place, row in enumerate(item.rows)}

    def _gene(self, star: StarGene) -> _Gene:
        rows = self._genotypes.of_loci(star.haplotypes.loci)
        codes = [self._genotypes.loci[row].sites[self._genotypes.build].reference_code for row in rows]
        allowed = np.array(star.every_haplotype.allowed, np.int64).reshape(len(star.every_haplotype.names), -1)
        based = np.stack([(allowed[:, place] >> code & 1).astype(bool) for place, code in enumerate(codes)])
        populations = haplotype_frequencies(star)[1:, :-1]  # the pool is no population
        return _Gene(rows, based, populations / populations.sum(axis=1, keepdims=True))

    def _large_parts(self) -> list[tuple[LookedAt, npt.NDArray[np.intp], Ancestry | None]]:
        """Return the files of many samples, with their samples and the ancestry that all of them have."""
        samples = self._genotypes.sample_ids
        found = []
        for part in self._genotypes.looked_at:
            numbers = np.arange(len(samples)) if part.samples is None else np.array(part.samples, np.intp)
            if len(numbers) >= COHORT:
                known = {self._ancestry.get(samples[number]) for number in numbers.tolist()}
                found.append((part, numbers, known.pop() if len(known) == 1 else None))
        return found

    def reason(self, gene: str) -> str:
        """Say why a gene does not count as looked at."""
        found = (item.reasons[gene] for item in self._genotypes.looked_at if gene in item.reasons)
        return next(found, "the file of these samples does not cover it")

    def unplaced(self, row: int) -> tuple[BoolArray, str]:
        """Return the samples of which a record that cannot be placed may be one of a locus, and which it is."""
        mask = np.zeros(len(self._genotypes.sample_ids), bool)
        reason = ""
        for part in self._genotypes.looked_at:
            for item in part.unplaced:
                if item.row == row:
                    mask[slice(None) if part.samples is None else list(part.samples)] |= item.carried
                    reason = item.reason
        return mask, reason

    def looked(self, row: int) -> BoolArray:
        """Return at which samples a locus was looked at."""
        # Loci differ in the files that looked at them, of which there are few.
        files = tuple(number for number, item in enumerate(self._genotypes.looked_at) if row in item.loci)
        if files not in self._of_files:
            mask = np.zeros(len(self._genotypes.sample_ids), bool)
            for number in files:
                samples = self._genotypes.looked_at[number].samples
                mask[slice(None) if samples is None else list(samples)] = True
            self._of_files[files] = mask
        return self._of_files[files]

    def improbable(self) -> BoolArray:
        """Return the samples of which in no population one in a million would carry all that is assumed.

        Where more is absent than stated, what the file states to be like the genome counts with it: where the genotypes
        of a panel were filled up with ``0/0``, or all records are ``0/0``, the statement is as improbable, and the
        file is no better witness of the rest.
        """
        alone, together = self._power_of_all(stated=False), self._power_of_all(stated=True)
        bad: BoolArray = np.where(self._mostly_absent(), together, alone) < LEAST
        return bad

    def _power_of_all(self, *, stated: bool) -> FloatArray:
        """Return for each sample the power of ten over all genes, of the population in which it is the highest."""
        total = np.zeros((len(self._genotypes.sample_ids), len(PRIORS) - 1))
        for gene in self._genes.values():
            example, index, masks = self._alike(gene, stated=stated)
            with np.errstate(divide="ignore"):
                powers = np.array([self._power(gene, masks[:, sample]) for sample in example.tolist()])
            total += powers[index]
        highest: FloatArray = total.max(axis=1)
        return highest

    def _mostly_absent(self) -> BoolArray:
        """Return the samples that have no record at most loci of the tested genes."""
        rows = [row for gene in self._genes.values() for row in gene.rows]
        absent = np.zeros(len(self._genotypes.sample_ids), np.int64)
        for row in rows:
            column = self._genotypes.columns[row]
            absent += column.spread(column.states.status == LocusStatus.NO_RECORD.code)
        mostly: BoolArray = 2 * absent > len(rows)
        return mostly

    def passed_over(self) -> BoolArray:
        """Return the samples that have no genotype at most of the loci where their file has a record.

        A file joined of a genome and a panel has records of the one where nobody looked at the other.
        """
        recorded = np.zeros(len(self._genotypes.sample_ids), np.int64)
        missing = np.zeros_like(recorded)
        for row, column in enumerate(self._genotypes.columns):
            known = column.spread(column.states.status != LocusStatus.NO_RECORD.code) & self.looked(row)
            if known.any():
                recorded += known
                missing += known & column.spread(column.states.status == LocusStatus.NO_CALL.code)
        over: BoolArray = (recorded >= RECORDS) & (2 * missing > recorded)
        return over

    def _alike(
        self, gene: _Gene, *, stated: bool
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.unsignedinteger], BoolArray]:
        """Return an example of each pattern of loci to be assumed, or like the genome, of each sample, and the loci."""
        masks = []
        for row in gene.rows:
            column, locus = self._genotypes.columns[row], self._genotypes.loci[row]
            states = column.states
            counted = (states.status == LocusStatus.NO_RECORD.code) & (not locus.never_assume)
            if stated:
                base = locus.sites[self._genotypes.build].reference_code
                counted |= (states.status == LocusStatus.OBSERVED.code) & (states.alleles == base).all(axis=1)
            masks.append(column.spread(counted) & self.looked(row))
        table = np.stack(masks)
        example, index = combine([(line.view(np.uint8), 2) for line in table], table.shape[1])
        return example, index, table

    @staticmethod
    def _power(gene: _Gene, absent: BoolArray) -> FloatArray:
        """Return the power of ten of how many carry the genome base at some loci on both copies, by population."""
        carrying = gene.based[absent].all(axis=0)
        share = gene.frequencies[:, carrying].sum(axis=1)
        power: FloatArray = 2 * np.log10(np.maximum(share, 1e-300))
        return power

    def unseen(self, row: int) -> BoolArray:
        """Return the samples of cohorts in which somebody should have carried another base at a locus."""
        samples = self._genotypes.sample_ids
        mask = np.zeros(len(samples), bool)
        if row not in self._of_row:
            return mask
        gene, place = self._of_row[row]
        item = self._genes[gene]
        other = 1 - item.frequencies[:, item.based[place]].sum(axis=1)
        column = self._genotypes.columns[row]
        absent = column.spread(column.states.status == LocusStatus.NO_RECORD.code)
        for part, numbers, only in self._cohorts:
            if row not in part.loci or not absent[numbers].all():
                continue
            lowest = other[PRIORS.index(only.value) - 1] if only is not None else other.min()
            if 2 * len(numbers) * np.log10(max(1 - lowest, 1e-300)) < LEAST:
                mask[numbers] = True
        return mask
