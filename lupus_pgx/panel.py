"""Read the genotypes of a panel from files."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from lupus_pgx.annotations import effect_of
from lupus_pgx.builds import BuildProof, prove_build, spellings
from lupus_pgx.errors import InputError, UsageError, unknown_name
from lupus_pgx.genotypes import (
    UNEXPECTED,
    Genotypes,
    Quality,
    Unlisted,
    enter,
    letter_code,
    phase_numbers,
    renumber_unlisted,
)
from lupus_pgx.knowledge import Knowledge
from lupus_pgx.loci import Locus, Site
from lupus_pgx.locus_alleles import read_alleles, spell
from lupus_pgx.reference import REACH, ReferenceGenome
from lupus_pgx.terms import AbsentPolicy, Build, LocusStatus
from lupus_pgx.variants import normalise
from lupus_pgx.vcf import IntArray, Record, Region, VcfFile, cluster

log = logging.getLogger(__name__)


def read_genotypes(
    paths: Sequence[str],
    knowledge: Knowledge,
    genes: Sequence[str],
    *,
    build: Build | None = None,
    samples: Sequence[str] | None = None,
    absent: AbsentPolicy = AbsentPolicy.UNKNOWN,
    quality: Quality | None = None,
    genome: ReferenceGenome | None = None,
) -> Genotypes:
    """Read the genotypes at the loci of some genes.

    Parameters
    ----------
    paths : sequence of str
        VCF or BCF files; a sample may stand in several files if they do not cover the same loci.
    knowledge : Knowledge
    genes : sequence of str
        Genes whose loci are read.
    build : Build, optional
        What the user states; proven from each file.
    samples : sequence of str, optional
        Samples to read; all of them by default.
    absent : AbsentPolicy
        What a locus without a record means.
    quality : Quality, optional
        Thresholds for GQ, DP and allele fraction.
    genome : ReferenceGenome, optional
        Against which indels are aligned; without it the context that each locus ships is used.

    Returns
    -------
    Genotypes
        Samples in input order.

    Raises
    ------
    InputError
        If a file cannot be used, builds differ or a sample's loci stand in two files.
    UsageError
        If a sample is unknown.
    """
    loci = [locus for gene in genes for locus in knowledge.loci_by_gene.get(gene, ())]
    # The build is proven with every locus there is, whatever was asked for.
    every_locus = [locus for gene in knowledge.gene_names for locus in knowledge.loci_by_gene.get(gene, ())]
    parts = []
    wanted = set(samples) if samples is not None else None
    present: set[str] = set()
    for number, path in enumerate(paths):
        with VcfFile(path) as file:
            present.update(file.sample_ids)
            proof = prove_build(file, knowledge, every_locus, build)
            if wanted is not None:
                file.select([sample for sample in file.sample_ids if sample in wanted])
                if not file.sample_ids:
                    continue
            options = _Options(number, absent, quality or Quality(), genome)
            parts.append(_read_file(file, proof, knowledge, loci, options))
            parts[-1].proofs = ((path, proof),)
    for sample in samples or ():
        if sample not in present:
            raise unknown_name("sample", sample, present)
    if not parts:
        raise UsageError("no sample was asked for: the list of samples is empty")
    joined = parts[0] if len(parts) == 1 else _join(parts)
    joined.absent = absent
    return joined


@dataclass(frozen=True, slots=True)
class _Options:
    """How a file is read; ``number`` counts the files."""

    number: int
    absent: AbsentPolicy
    quality: Quality
    genome: ReferenceGenome | None


def _read_file(
    file: VcfFile,
    proof: BuildProof,
    knowledge: Knowledge,
    loci: Sequence[Locus],
    options: _Options,
) -> Genotypes:
    build = proof.build
    genotypes = Genotypes.empty(build, file.sample_ids, loci)
    sites = [locus.sites[build] for locus in loci]
    if options.genome is not None:
        options.genome.check(sites, build)
    chroms = spellings(knowledge)
    finder = _LocusFinder(sites)
    # With a genome at hand an indel may be written far to the right of its locus.
    reach = REACH if options.genome is not None else 0
    genes = _gene_regions(knowledge, loci, build) if file.annotation else {}
    spans = [*((site.chrom, site.pos, site.end + reach) for site in sites), *genes.values()]
    regions = cluster(
        Region(name, start, end) for name, chrom in chroms.items() for home, start, end in spans if home == chrom
    )
    unlisted: list[Unlisted] = []
    seen: set[tuple[str, int, str, tuple[str, ...]]] = set()
    for variant in tqdm(file.records(regions), desc="reading", unit=" records", delay=2, disable=None, leave=False):
        if genes:
            unlisted += _unlisted(file, variant, chroms[variant.CHROM], genes, sites, loci)
        hits = finder.overlapping(chroms[variant.CHROM], variant.POS - reach, variant.end)
        if hits:
            _enter_record(genotypes, file, variant, {locus: sites[locus] for locus in hits}, options, seen)
    genotypes.unlisted = tuple(unlisted)
    _check_bases(genotypes, file.path, proof)
    if options.absent is AbsentPolicy.REFERENCE:
        # A chromosome the file does not know was not looked at.
        _assume_reference(genotypes, {chroms[name] for name in file.known_contigs() if name in chroms})
    return genotypes


def _enter_record(
    genotypes: Genotypes,
    file: VcfFile,
    variant: Any,
    sites: Mapping[int, Site],
    options: _Options,
    seen: set[tuple[str, int, str, tuple[str, ...]]],
) -> None:
    """Enter what one record says about the loci it overlaps."""
    here = list(sites.values())
    genome = options.genome.context(here[0].chrom, variant.POS, variant.REF) if options.genome else None
    spelled = spell(variant.POS, variant.end, variant.REF, variant.ALT, here, genome)
    readings = {locus: read_alleles(site, spelled) for locus, site in sites.items()}
    spoken = {locus: reading for locus, reading in readings.items() if reading is not None}
    if not spoken:
        return
    record = file.parse(variant)
    key = (record.chrom, record.pos, record.ref, record.alts)
    if key in seen:
        log.warning("%s: record %s:%d %s is there twice", file.path, *key[:3])
    seen.add(key)
    several = sum(reading.changes for reading in spoken.values()) > 1
    phase = phase_numbers(record, options.number, shared=len(seen) if several else 0)
    for locus, reading in spoken.items():
        enter(genotypes, locus, record, reading, phase, options.quality)


def _gene_regions(knowledge: Knowledge, loci: Sequence[Locus], build: Build) -> dict[str, tuple[str, int, int]]:
    """Return chromosome, start and end of the genes whose loci are read."""
    wanted = {locus.gene for locus in loci}
    prefix = build.value.lower()
    return {
        row["gene"]: (row["chrom"], row[f"{prefix}_start"], row[f"{prefix}_end"])
        for row in knowledge.rows("genes")
        if row["gene"] in wanted and row[f"{prefix}_start"]
    }


def _unlisted(
    file: VcfFile,
    variant: Any,
    chrom: str,
    genes: Mapping[str, tuple[str, int, int]],
    sites: Sequence[Site],
    loci: Sequence[Locus],
) -> list[Unlisted]:
    """Return the ALTs of a record that are annotated and that no allele of the gene lists."""
    here = [gene for gene, (home, start, end) in genes.items() if home == chrom and start <= variant.POS <= end]
    effects = file.annotation.effects(variant, here) if here and file.annotation else []
    if not effects:
        return []
    found = []
    ref = variant.REF.upper()
    record = file.parse(variant)
    for number, alt in enumerate(record.alts, start=1):
        effect = effect_of(alt, ref, effects)
        if effect is None:
            continue
        own = [site for site, locus in zip(sites, loci, strict=True) if locus.gene == effect.gene]
        if any(normalise(record.pos, ref, alt, site.context) in site.codes for site in own):
            continue
        letters = _carriers(record, number)
        if letters:
            name = f"{chrom}:{record.pos}:{ref}:{alt}"
            rsid = record.identifier if record.identifier.startswith("rs") else ""
            found.append(Unlisted(effect.gene, name, rsid, chrom, record.pos, ref, alt, effect.description, letters))
    return found


def _carriers(record: Record, number: int) -> dict[int, str]:
    """Return the genotype letters of samples that carry an ALT, by sample number."""
    letters = [record.ref, *record.alts]
    carriers = np.flatnonzero((record.genotypes == number).any(axis=1))
    return {
        int(sample): ("|" if record.phased[sample] else "/").join(
            letters[code] if 0 <= code < len(letters) else "."
            for code in record.genotypes[sample].tolist()
            if code != -2
        )
        for sample in carriers
    }


class _LocusFinder:
    """Find the loci that a span of a chromosome overlaps."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._by_chrom: dict[str, tuple[IntArray, IntArray, IntArray]] = {}
        for chrom in {site.chrom for site in sites}:
            numbers = np.array([i for i, site in enumerate(sites) if site.chrom == chrom], np.int32)
            starts = np.array([sites[i].pos for i in numbers], np.int32)
            ends = np.array([sites[i].end for i in numbers], np.int32)
            self._by_chrom[chrom] = (numbers, starts, ends)

    def overlapping(self, chrom: str, start: int, end: int) -> list[int]:
        numbers, starts, ends = self._by_chrom[chrom]
        hits: list[int] = numbers[(starts <= end) & (ends >= start)].tolist()
        return hits


def _check_bases(genotypes: Genotypes, path: str, proof: BuildProof) -> None:
    """Refuse a file most of whose records at panel loci have another build's bases."""
    mismatch = (genotypes.status == LocusStatus.REF_MISMATCH.code).any(axis=1)
    seen = (genotypes.status != LocusStatus.NO_RECORD.code).any(axis=1)
    if mismatch.sum() >= 3 and mismatch.sum() * 2 > seen.sum():
        raise InputError(
            f"{path}: {mismatch.sum()} of {seen.sum()} panel loci have a REF that is not the {genotypes.build} base, "
            f"though the build is {proof.proof}; the file is on another build or its REF column is wrong"
        )


def _assume_reference(genotypes: Genotypes, covered: Set[str]) -> None:
    """Give loci without a record the base of the file's build, where the policy allows it."""
    for number, locus in enumerate(genotypes.loci):
        site = locus.sites[genotypes.build]
        if locus.never_assume or site.chrom not in covered:
            continue
        blank = genotypes.status[number] == LocusStatus.NO_RECORD.code
        genotypes.alleles[number][blank] = site.reference_code
        genotypes.status[number][blank] = LocusStatus.ASSUMED_REFERENCE.code


def _join(parts: Sequence[Genotypes]) -> Genotypes:
    """Put the samples of several files side by side."""
    builds = {part.build for part in parts}
    if len(builds) > 1:
        listing = ", ".join(f"{path} is {proof.build}" for part in parts for path, proof in part.proofs)
        raise InputError(f"all files of one analysis must be on the same build: {listing}")
    samples = list(dict.fromkeys(sample for part in parts for sample in part.sample_ids))
    joined = Genotypes.empty(parts[0].build, samples, parts[0].loci)
    column = {sample: number for number, sample in enumerate(samples)}
    for part in parts:
        target = np.array([column[sample] for sample in part.sample_ids])
        _join_part(joined, part, target)
    joined.proofs = tuple(proof for part in parts for proof in part.proofs)
    return joined


def _join_part(joined: Genotypes, part: Genotypes, target: npt.NDArray[np.int64]) -> None:
    free = (LocusStatus.NO_RECORD.code, LocusStatus.ASSUMED_REFERENCE.code)
    taken = ~np.isin(joined.status[:, target], free)
    offered = ~np.isin(part.status, free)
    if (taken & offered).any():
        locus, sample = np.argwhere(taken & offered)[0]
        raise InputError(
            f"sample {part.sample_ids[sample]!r} has a record of {part.loci[locus].name} in two files (the second is "
            f"{part.proofs[0][0]}); files that share samples must not share loci: rename the sample or drop a file"
        )
    for number in range(len(joined.loci)):
        mapped = _recoded(joined, part, number)
        use = offered[number] | (~taken[number] & (part.status[number] == LocusStatus.ASSUMED_REFERENCE.code))
        joined.alleles[number, target[use]] = mapped[use]
        joined.phase_sets[number, target[use]] = part.phase_sets[number][use]
        joined.status[number, target[use]] = part.status[number][use]
    for (locus, status), note in part.notes.items():
        concerned = target[part.status[locus] == status.code]
        joined.sample_notes |= {(locus, sample): note for sample in concerned.tolist()}
    renumbered = renumber_unlisted(part.unlisted, dict(enumerate(target.tolist())))
    joined.unlisted = (*joined.unlisted, *renumbered)


def _recoded(joined: Genotypes, part: Genotypes, number: int) -> npt.NDArray[np.int16]:
    """Return the alleles of a part with its unexpected alleles numbered as in the whole."""
    alleles: npt.NDArray[np.int16] = part.alleles[number].copy()
    for offset, letters in enumerate(part.unexpected[number]):
        alleles[part.alleles[number] == UNEXPECTED + offset] = letter_code(joined, number, letters)
    return alleles
