"""Read the genotypes of a panel from files."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index
from lupus_pgx.errors import InputError, UsageError, unknown_name
from lupus_pgx.genotypes.builds import BuildProof, gene_regions, gene_span, prove_build, spellings
from lupus_pgx.genotypes.fasta import REACH, ReferenceGenome
from lupus_pgx.genotypes.joining import enter, phased_states
from lupus_pgx.genotypes.model import (
    UNEXPECTED,
    Column,
    Genotypes,
    Quality,
    States,
    Unlisted,
    letter_code,
    renumber_unlisted,
)
from lupus_pgx.genotypes.readings import LocusFinder, Reading
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.loci import Locus, Site
from lupus_pgx.knowledge.variants import normalise
from lupus_pgx.progress import track
from lupus_pgx.terms import AbsentPolicy, Build, LocusStatus
from lupus_pgx.vcf.annotations import effect_of
from lupus_pgx.vcf.file import VcfFile
from lupus_pgx.vcf.records import Genotyped, RawRecord

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
    # With a genome at hand an indel may be written far to the right of its locus.
    reach = REACH if genome is not None else 0
    parts = []
    wanted = set(samples) if samples is not None else None
    present: set[str] = set()
    for number, path in enumerate(paths):
        with VcfFile(path) as file:
            present.update(file.sample_ids)
            # The build is proven with every locus there is, whatever was asked for.
            everything = {gene: knowledge.loci_by_gene.get(gene, ()) for gene in knowledge.gene_names}
            proof = prove_build(file, knowledge, everything, build, reach)
            if wanted is not None:
                file.select([sample for sample in file.sample_ids if sample in wanted])
                if not file.sample_ids:
                    continue
            file.remark()
            options = _Options(number, absent, quality or Quality(), genome, reach)
            parts.append(_read_file(file, proof, knowledge, genes, options))
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
    """How a file is read; ``number`` counts the files, ``reach`` is how far from its locus an indel may be written."""

    number: int
    absent: AbsentPolicy
    quality: Quality
    genome: ReferenceGenome | None
    reach: int


def _read_file(
    file: VcfFile,
    proof: BuildProof,
    knowledge: Knowledge,
    genes: Sequence[str],
    options: _Options,
) -> Genotypes:
    build = proof.build
    by_gene = {gene: knowledge.loci_by_gene.get(gene, ()) for gene in genes}
    loci = [locus for here in by_gene.values() for locus in here]
    genotypes = Genotypes.empty(build, file.sample_ids, loci)
    sites = [locus.sites[build] for locus in loci]
    if options.genome is not None:
        options.genome.check(sites, build)
    chroms = spellings(knowledge)
    finder = LocusFinder(sites, options.genome)
    groups = gene_regions(file, knowledge, by_gene, build, options.reach)
    regions = [region for group in groups for region in group]
    spans = {gene: gene_span(knowledge, gene, build) for gene in genes} if file.annotation else {}
    annotated = {gene: span for gene, span in spans.items() if span is not None}
    unlisted: list[Unlisted] = []
    seen: set[tuple[str, int, str, tuple[str, ...]]] = set()
    for record in track(file.records(regions), "reading", " records"):
        chrom = chroms[record.chrom]
        if annotated:
            unlisted += _unlisted(file, record, chrom, annotated, sites, loci)
        spoken = finder.readings(chrom, record)
        if spoken:
            _enter_record(genotypes, file, record, spoken, options, seen)
    genotypes.unlisted = tuple(unlisted)
    _check_bases(genotypes, file.path, proof)
    if options.absent is AbsentPolicy.REFERENCE:
        # A chromosome the file does not know was not looked at.
        _assume_reference(genotypes, {chroms[name] for name in file.known_contigs() if name in chroms})
    return genotypes


def _enter_record(
    genotypes: Genotypes,
    file: VcfFile,
    record: RawRecord,
    spoken: Mapping[int, Reading],
    options: _Options,
    seen: set[tuple[str, int, str, tuple[str, ...]]],
) -> None:
    """Enter what one record says about the loci it speaks about."""
    key = (record.chrom, record.pos, record.ref, record.alts)
    if key in seen:
        log.warning("%s: record %s:%d %s is there twice", file.path, *key[:3])
    seen.add(key)
    several = sum(reading.changes for reading in spoken.values()) > 1
    columns, phase = phased_states(file.genotypes(record), options.number, shared=len(seen) if several else 0)
    for locus, reading in spoken.items():
        enter(genotypes, locus, record, columns, phase, reading, options.quality)


def _unlisted(
    file: VcfFile,
    record: RawRecord,
    chrom: str,
    genes: Mapping[str, tuple[str, int, int]],
    sites: Sequence[Site],
    loci: Sequence[Locus],
) -> list[Unlisted]:
    """Return the ALTs of a record that are annotated and that no allele of the gene lists."""
    here = [gene for gene, (home, start, end) in genes.items() if home == chrom and start <= record.pos <= end]
    effects = file.annotation.effects(record.info, here) if here and file.annotation else []
    if not effects:
        return []
    found = []
    columns = file.genotypes(record)
    for number, alt in enumerate(record.alts, start=1):
        effect = effect_of(alt, record.ref, effects)
        if effect is None:
            continue
        own = [site for site, locus in zip(sites, loci, strict=True) if locus.gene == effect.gene]
        if any(normalise(record.pos, record.ref, alt, site.context) in site.codes for site in own):
            continue
        letters = _carriers(record, columns, number)
        if letters:
            name = f"{chrom}:{record.pos}:{record.ref}:{alt}"
            rsid = record.identifier if record.identifier.startswith("rs") else ""
            found.append(
                Unlisted(effect.gene, name, rsid, chrom, record.pos, record.ref, alt, effect.description, letters)
            )
    return found


def _carriers(record: RawRecord, columns: Genotyped, number: int) -> dict[int, str]:
    """Return the genotype letters of samples that carry an ALT, by sample number."""
    letters = [record.ref, *record.alts]
    spelled = [
        ("|" if phased else "/").join(letters[code] if 0 <= code < len(letters) else "." for code in pair if code != -2)
        for pair, phased in zip(columns.words.tolist(), columns.phased.tolist(), strict=True)
    ]
    carrying = (columns.words == number).any(axis=1)
    return {sample: spelled[columns.index[sample]] for sample in np.flatnonzero(carrying[columns.index]).tolist()}


def _check_bases(genotypes: Genotypes, path: str, proof: BuildProof) -> None:
    """Refuse a file most of whose records at panel loci have another build's bases."""
    statuses = [column.states.status for column in genotypes.columns]
    mismatch = sum(bool((status == LocusStatus.REF_MISMATCH.code).any()) for status in statuses)
    seen = sum(bool((status != LocusStatus.NO_RECORD.code).any()) for status in statuses)
    if mismatch >= 3 and mismatch * 2 > seen:
        raise InputError(
            f"{path}: {mismatch} of {seen} panel loci have a REF that is not the {genotypes.build} base, "
            f"though the build is {proof.proof}; the file is on another build or its REF column is wrong"
        )


def _assume_reference(genotypes: Genotypes, covered: Set[str]) -> None:
    """Give loci without a record the base of the file's build, where the policy allows it."""
    for number, locus in enumerate(genotypes.loci):
        site = locus.sites[genotypes.build]
        if locus.never_assume or site.chrom not in covered:
            continue
        column = genotypes.columns[number]
        blank = column.states.status == LocusStatus.NO_RECORD.code
        if blank.any():
            states = column.states.take(slice(None))
            states.alleles[blank] = site.reference_code
            states.status[blank] = LocusStatus.ASSUMED_REFERENCE.code
            genotypes.columns[number] = Column(states, column.index)


def _join(parts: Sequence[Genotypes]) -> Genotypes:
    """Put the samples of several files side by side."""
    builds = {part.build for part in parts}
    if len(builds) > 1:
        listing = ", ".join(f"{path} is {proof.build}" for part in parts for path, proof in part.proofs)
        raise InputError(f"all files of one analysis must be on the same build: {listing}")
    alike = all(part.sample_ids == parts[0].sample_ids for part in parts)
    samples = parts[0].sample_ids if alike else dict.fromkeys(name for part in parts for name in part.sample_ids)
    joined = Genotypes.empty(parts[0].build, tuple(samples), parts[0].loci)
    column = {} if alike else {sample: number for number, sample in enumerate(samples)}
    for part in parts:
        _join_part(joined, part, None if alike else np.array([column[sample] for sample in part.sample_ids]))
    joined.proofs = tuple(proof for part in parts for proof in part.proofs)
    return joined


def _join_part(joined: Genotypes, part: Genotypes, target: npt.NDArray[np.int64] | None) -> None:
    """Enter the samples of a file; ``target`` numbers them in the whole, None where they are all of it."""
    for number, new in enumerate(part.columns):
        if (new.states.status == LocusStatus.NO_RECORD.code).all():
            continue
        _join_column(joined, part, number, target)
    for (locus, status), note in part.notes.items():
        if target is None:  # files of the same samples do not share loci
            joined.notes.setdefault((locus, status), note)
            continue
        column = part.columns[locus]
        concerned = target[column.spread(column.states.status == status.code)]
        joined.sample_notes |= {(locus, sample): note for sample in concerned.tolist()}
    if target is None:
        joined.unlisted = (*joined.unlisted, *part.unlisted)
    else:
        numbers = dict(enumerate(target.tolist()))
        joined.unlisted = (*joined.unlisted, *renumber_unlisted(part.unlisted, numbers))


def _join_column(joined: Genotypes, part: Genotypes, number: int, target: npt.NDArray[np.int64] | None) -> None:
    old, new = joined.columns[number], part.columns[number]
    if target is None and (old.states.status == LocusStatus.NO_RECORD.code).all():
        joined.columns[number] = Column(_recoded(joined, part, number), new.index)
        return
    free = (LocusStatus.NO_RECORD.code, LocusStatus.ASSUMED_REFERENCE.code)
    here = old.index if target is None else old.index[target]
    offered = new.spread(~np.isin(new.states.status, free))
    taken = ~np.isin(old.states.status, free)[here]
    if (taken & offered).any():
        sample = int(np.flatnonzero(taken & offered)[0])
        raise InputError(
            f"sample {part.sample_ids[sample]!r} has a record of {part.loci[number].name} in two files (the second is "
            f"{part.proofs[0][0]}); files that share samples must not share loci: rename the sample or drop a file"
        )
    assumed = new.spread(new.states.status == LocusStatus.ASSUMED_REFERENCE.code)
    use = offered | (assumed & ~taken)
    states = _appended(old.states, _recoded(joined, part, number))
    index = np.array(old.index, np.min_scalar_type(len(states)))
    moved: Index = new.index.astype(index.dtype) + index.dtype.type(len(old.states))
    index[np.flatnonzero(use) if target is None else target[use]] = moved[use]
    joined.columns[number] = Column(states, index)


def _appended(first: States, second: States) -> States:
    return States(
        np.concatenate([first.alleles, second.alleles]),
        np.concatenate([first.phase, second.phase]),
        np.concatenate([first.status, second.status]),
    )


def _recoded(joined: Genotypes, part: Genotypes, number: int) -> States:
    """Return the states of a part with its unexpected alleles numbered as in the whole."""
    states = part.columns[number].states
    alleles = states.alleles.copy()
    for offset, letters in enumerate(part.unexpected[number]):
        alleles[states.alleles == UNEXPECTED + offset] = letter_code(joined, number, letters)
    return States(alleles, states.phase, states.status)
