"""Read the genotypes of a panel from files."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from lupus_pgx.bounded import short
from lupus_pgx.errors import InputError, UsageError, unknown_name
from lupus_pgx.forks import side_by_side
from lupus_pgx.genotypes.builds import BuildProof, gene_regions, gene_span, spellings, strange_contigs
from lupus_pgx.genotypes.doubt import Quality
from lupus_pgx.genotypes.evidence import Filters, Judge
from lupus_pgx.genotypes.fasta import REACH, ReferenceGenome
from lupus_pgx.genotypes.joining import join_records, keep_mismatch, phased_states
from lupus_pgx.genotypes.looked_at import CalledRegions, tested_by_records, tested_by_regions, watched_regions
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.genotypes.observations import Observation, note_mismatch, observe
from lupus_pgx.genotypes.proof import BuildProofs, Evidence, gather_evidence
from lupus_pgx.genotypes.readings import LocusFinder, Reading, Speech
from lupus_pgx.genotypes.several_files import FileGenotypes, join_files
from lupus_pgx.genotypes.spelling import Spelled, Speller, without
from lupus_pgx.genotypes.stores import stores_as_text
from lupus_pgx.genotypes.strays import Strays, carried_in, sought
from lupus_pgx.genotypes.stretches import is_symbolic
from lupus_pgx.genotypes.unlisted import UnlistedFinder
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.progress import track
from lupus_pgx.terms import AbsentPolicy, Build, LocusStatus
from lupus_pgx.vcf.fields import FIELDS
from lupus_pgx.vcf.file import VcfFile
from lupus_pgx.vcf.records import BoolArray, RawRecord
from lupus_pgx.vcf.regions import Region
from lupus_pgx.vcf.unplaced import Sought
from lupus_pgx.words.lines import few_of

log = logging.getLogger(__name__)

MOST_ALIKE = 100
"""Of one record, with the same ALTs: each is compared with each."""

_TWICE = 2

_UNSURE = [
    status.code for status in (LocusStatus.DOUBTFUL, LocusStatus.IMPUTED, LocusStatus.LOW_QUALITY, LocusStatus.FILTERED)
]


def read_genotypes(
    paths: Sequence[str],
    knowledge: Knowledge,
    genes: Sequence[str],
    *,
    build: Build | None = None,
    samples: Sequence[str] | None = None,
    absent: AbsentPolicy = AbsentPolicy.UNKNOWN,
    called: CalledRegions | None = None,
    tested: Sequence[str] = (),
    quality: Quality | None = None,
    pass_filters: Sequence[str] = (),
    genome: ReferenceGenome | None = None,
    processes: int = 1,
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
        What the user states; proven from the files, each by itself or all together.
    samples : sequence of str, optional
        Samples to read; all of them by default.
    absent : AbsentPolicy
        What a locus without a record means.
    called : CalledRegions, optional
        Where the caller looked; they alone decide where the genome base may be assumed.
    tested : sequence of str
        Further genes that are read where absent loci are stated to carry the genome base.
    quality : Quality, optional
        Thresholds for GQ, DP and allele fraction.
    pass_filters : sequence of str
        Values of FILTER and FT that are no failure, beside those of the table ``filters``.
    genome : ReferenceGenome, optional
        Against which indels are aligned; without it the context that each locus ships is used.
    processes : int
        Copies of this process that read files, of several; the answer is the same.

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
    filters = Filters.of(knowledge.rows("filters"), pass_filters)
    assuming = absent is AbsentPolicy.REFERENCE
    chosen = None if samples is None else set(samples)
    wanted = dict.fromkeys((*genes, *tested)) if assuming else dict.fromkeys(genes)
    strays = sought(knowledge, [locus for gene in genes for locus in knowledge.loci_by_gene.get(gene, ())])
    opening = _Opening(
        knowledge, watched_regions(knowledge) if assuming and called is None else None, strays if assuming else None
    )

    def part_of(number: int, file: VcfFile, proof: BuildProof) -> FileGenotypes | None:
        if chosen is not None:
            file.select([sample for sample in file.sample_ids if sample in chosen])
            if not file.sample_ids:
                return None
        file.remark()
        judge = Judge(filters, quality or Quality(), marks_imputed=file.marks_imputed)
        options = _Options(number, absent, called, judge, genome, reach)
        part = _read_file(file, proof, knowledge, list(wanted), set(genes), options)
        whole = replace(proof, unread=_unread(file, knowledge), left_out=_left_out(part.genotypes))
        part.genotypes.proofs = ((paths[number], whole),)
        return part

    with stores_as_text(paths, knowledge, assuming=assuming, reach=reach) as files:
        # A genome that is open would be read by all copies from one place; a pipe is there once.
        alone = genome is not None or len(files) == 1 or not all(Path(path).is_file() for path in files)
        found, present = _of_each(files, opening, build, reach, part_of, 1 if alone else processes)
    parts = {number: part for number, part in found.items() if part is not None}
    for sample in samples or ():
        if sample not in present:
            raise unknown_name("sample", sample, present)
    if not parts:
        raise UsageError("no sample was asked for: the list of samples is empty")
    joined = join_files([parts[number] for number in sorted(parts)])
    joined.absent = absent
    joined.others = tuple(sorted(present - set(joined.sample_ids)))
    return joined


@dataclass(frozen=True, slots=True)
class _Options:
    """How a file is read; ``number`` counts the files, ``reach`` is how far from its locus an indel may be written."""

    number: int
    absent: AbsentPolicy
    called: CalledRegions | None
    judge: Judge
    genome: ReferenceGenome | None
    reach: int


@dataclass(frozen=True, slots=True)
class _Opening:
    """How files are opened: what is noted of each while it is read, where absent loci may carry the genome base."""

    knowledge: Knowledge
    watched: Sequence[Region] | None
    strays: Sought | None

    def of(self, path: str) -> VcfFile:
        """Open a file."""
        file = VcfFile(path, spellings(self.knowledge))
        if self.watched is not None:
            file.watch(self.watched)
        file.seek(self.strays)
        return file


def _of_each(
    files: Sequence[str],
    opening: _Opening,
    stated: Build | None,
    reach: int,
    part_of: Callable[[int, VcfFile, BuildProof], FileGenotypes | None],
    processes: int,
) -> tuple[dict[int, FileGenotypes | None], set[str]]:
    """Return what is made of each file, by its number, and all samples there are."""

    def anew(number: int, proof: BuildProof) -> FileGenotypes | None:
        # A copy of this process opens the file itself: of one that was open they would share the place in it.
        with opening.of(files[number]) as file:
            return part_of(number, file, proof)

    found: dict[int, FileGenotypes | None] = {}
    present: set[str] = set()
    proven: list[tuple[int, BuildProof]] = []
    for number, file, proof in _proven(files, opening, stated, reach):
        present.update(file.sample_ids)
        if processes > 1:
            proven.append((number, proof))
        else:
            found[number] = part_of(number, file, proof)
    proven.sort(key=lambda item: -Path(files[item[0]]).stat().st_size)
    tasks = [partial(anew, *item) for item in proven]
    made = track(side_by_side(tasks, processes), "reading", " files", len(tasks)) if tasks else ()
    return found | {number: part for (number, _), part in zip(proven, made, strict=True)}, present


def _proven(
    paths: Sequence[str], opening: _Opening, stated: Build | None, reach: int
) -> Iterator[tuple[int, VcfFile, BuildProof]]:
    """Open the files one after the other, each as soon as its build is proven, with its number."""
    proofs = BuildProofs(stated)
    waiting: dict[int, tuple[VcfFile, Evidence]] = {}
    with ExitStack() as opened:
        for number, path in enumerate(paths):
            file = opened.enter_context(opening.of(path))
            waiting[number] = (file, gather_evidence(file, opening.knowledge, stated, reach))
            proofs.add(waiting[number][1])
            for ready, (file, evidence) in list(waiting.items()):
                proof = proofs.of(evidence)
                if proof is not None:
                    del waiting[ready]
                    yield ready, file, proof
                    file.close()
        proofs.conclude([evidence for _, evidence in waiting.values()])


def _unread(file: VcfFile, knowledge: Knowledge) -> tuple[str, ...]:
    """Return the contigs that held records and were not understood, and warn of them."""
    strange = strange_contigs(file, knowledge)
    if strange:
        log.warning(
            "%s: records on %s were not read: the name%s of the contig%s not understood",
            file.path,
            few_of(strange),
            *(("s", "s are") if len(strange) > 1 else ("", " is")),
        )
    return tuple(strange)


def _left_out(genotypes: Genotypes) -> tuple[tuple[str, int], ...]:
    """Return for each gene how many frequent variants of its samples were counted and not listed."""
    return tuple((gene, int(counts.sum())) for gene, counts in sorted(genotypes.left_out.items()))


def _read_file(
    file: VcfFile,
    proof: BuildProof,
    knowledge: Knowledge,
    genes: Sequence[str],
    asked: Set[str],
    options: _Options,
) -> FileGenotypes:
    build = proof.build
    by_gene = {gene: knowledge.loci_by_gene.get(gene, ()) for gene in genes}
    loci = [locus for here in by_gene.values() for locus in here]
    genotypes = Genotypes.empty(build, file.sample_ids, loci)
    sites = [locus.sites[build] for locus in loci]
    if options.genome is not None:
        options.genome.check(sites, build)
    chroms = spellings(knowledge)
    finder = LocusFinder(sites, options.genome)
    groups = gene_regions(file, knowledge, genes, build, options.reach)
    regions = [region for group in groups for region in group]
    spans = {gene: gene_span(knowledge, gene, build) for gene in genes if gene in asked} if file.annotation else {}
    annotated = {gene: span for gene, span in spans.items() if span is not None}
    impacts = {row["term"]: row["impact"] for row in knowledge.rows("consequences")}
    unlisted = UnlistedFinder(file, genotypes, annotated, impacts, options.judge)
    seen: Counter[tuple[str, int, str, tuple[str, ...]]] = Counter()
    observed: dict[int, list[Observation]] = {}
    mismatched: dict[int, BoolArray] = {}
    speller = Speller(
        genotypes,
        lambda record: phased_states(
            options.judge.sure(genotypes, record, file.genotypes(record, FIELDS)), options.number, shared=0
        ),
    )
    strays = Strays(file, knowledge, loci, build, finder)
    for record in track(file.records(regions), "reading", " records"):
        chrom = chroms[record.chrom]
        if annotated:
            unlisted.add(chrom, record)
        # Several records spell one allele only together: one that the caller refused would make an allele of the rest.
        if not options.judge.filters.refused(record.filters):
            speller.add(chrom, record)
        spoken = finder.readings(chrom, record)
        if spoken:
            _observe(genotypes, file, record, spoken, options, seen, observed, mismatched)
        if options.absent is AbsentPolicy.REFERENCE:
            strays.look(record, spoken=bool(spoken))
    speller.finish()
    for number, spelled in speller.found.items():
        observed[number] = _together(observed.get(number, []), spelled)
    spanning = _settle(genotypes, observed)
    # After joining: a record with another REF must silence those who carry it, whatever other records say of them.
    for number in mismatched.keys() & observed.keys():
        keep_mismatch(genotypes, number, mismatched[number])
    genotypes.unlisted, genotypes.left_out = unlisted.finish()
    _check_bases(genotypes, file.path, proof)
    if options.absent is AbsentPolicy.REFERENCE:
        looked_at = (
            tested_by_regions(options.called, loci, build)
            if options.called is not None
            else tested_by_records(file, knowledge, loci, build)
        )
        speaks = bool(mismatched) or any(map(_speaks, observed.values()))
        genotypes.looked_at = (replace(looked_at, unplaced=strays.finish(), speaks=speaks),)
    return FileGenotypes(genotypes, spanning)


def _observe(
    genotypes: Genotypes,
    file: VcfFile,
    record: RawRecord,
    spoken: Mapping[int, Reading],
    options: _Options,
    seen: Counter[tuple[str, int, str, tuple[str, ...]]],
    observed: dict[int, list[Observation]],
    mismatched: dict[int, BoolArray],
) -> None:
    """Keep what one record says about the loci it speaks about."""
    key = (record.chrom, record.pos, record.ref, record.alts)
    seen[key] += 1
    if seen[key] == _TWICE:
        log.warning("%s: record %s:%d %s is there twice", file.path, record.chrom, record.pos, short(record.ref, 40))
    if seen[key] > MOST_ALIKE:
        raise InputError(f"{file.path}: a record at {record.chrom}:{record.pos} is there more than {MOST_ALIKE} times")
    # A record of several bases that changes several loci puts them on one haplotype, phased or not.
    several = sum(reading.changes for reading in spoken.values()) > 1
    cells = file.genotypes(record, FIELDS)
    columns, phase = phased_states(cells, options.number, shared=len(seen) if several else 0)
    for locus, reading in spoken.items():
        if reading.mismatch:
            note_mismatch(genotypes, locus, record)
            mismatched[locus] = mismatched.get(locus, np.zeros(len(file.sample_ids), bool)) | carried_in(columns)
            continue
        found = observe(genotypes, locus, record, columns, phase, reading, options.judge)
        observed.setdefault(locus, []).append(found)


def _together(observations: Sequence[Observation], spelled: Sequence[Spelled]) -> list[Observation]:
    """Let several records together speak in place of each alone, and of bases that they took away."""
    kept = list(observations)
    for item in spelled:
        kept = [
            without(found, item.observation) if found.key in item.members or found.speech is Speech.CARRIED else found
            for found in kept
        ]
        kept.append(item.observation)
    return kept


def _speaks(observations: Sequence[Observation]) -> bool:
    """Whether a record says something of the base of a locus, for somebody: structure that spans it does not."""
    return any(
        (item.column.states.status != LocusStatus.NO_RECORD.code).any()
        for item in observations
        if item.speech is not Speech.SPANS or not all(map(is_symbolic, item.key[3]))
    )


def _settle(genotypes: Genotypes, observed: Mapping[int, list[Observation]]) -> list[tuple[int, Observation]]:
    """Join what the records of each locus say, and return what merely spans them."""
    spanning = []
    for number, observations in observed.items():
        join_records(genotypes, number, [item for item in observations if item.speech is not Speech.SPANS])
        spanning += [(number, item) for item in observations if item.speech is Speech.SPANS]
        _note_figures(genotypes, number, observations)
    return spanning


def _note_figures(genotypes: Genotypes, locus: int, observations: Sequence[Observation]) -> None:
    """Keep the figures behind genotypes that are still not sure when all records are joined."""
    noted = {sample: note for item in observations for sample, note in item.notes.items() if note}
    if not noted:
        return
    column = genotypes.columns[locus]
    unsure = column.spread(np.isin(column.states.status, _UNSURE))
    for sample, note in noted.items():
        if unsure[sample]:
            genotypes.sample_notes.setdefault((locus, sample), note)


def _check_bases(genotypes: Genotypes, path: str, proof: BuildProof) -> None:
    """Refuse a file most of whose records at panel loci have another build's bases."""
    statuses = [column.states.status for column in genotypes.columns]
    mismatch = sum(bool((status == LocusStatus.REF_MISMATCH.code).any()) for status in statuses)
    seen = sum(bool((status != LocusStatus.NO_RECORD.code).any()) for status in statuses)
    # One or two may be errors of the panel or of the file. A file on the other build meets 27 % of REFs by chance, so
    # far more than half mismatch; on its own build hardly any do: half is far from both.
    if mismatch >= 3 and mismatch * 2 > seen:
        raise InputError(
            f"{path}: {mismatch} of {seen} panel loci have a REF that is not the {genotypes.build} base, "
            f"though the build is {proof.proof}; the file is on another build or its REF column is wrong"
        )
