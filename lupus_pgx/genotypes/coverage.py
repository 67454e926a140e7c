"""What aligned reads say of loci that no record speaks about.

A file of variants does not say whether the caller looked at a locus; reads do. They answer two questions only: is the
genome's base there on every copy, and is another base there? The answer never overrides a record, and a genotype that
reads show to differ is ``doubtful``, not called: calling is what a caller is for.

**Enough.** A heterozygote shows one allele in all of ``n`` reads with the probability ``0.5 ** n``: below
``HETEROZYGOTE`` (0.1 %) from ten reads on. A read of something else is an error with the probability ``ERROR``, or the
other allele; so each makes a heterozygote ``(1 - ERROR) / ERROR`` times likelier than before, and with one of them 17
reads are needed, with two 24. Three, or 15 %, are no error any more. Then the genome's base is stated
(``covered_reference``).

**Otherwise** with ``MIN_READS`` or more the genotypes share the evidence by their likelihood: a read shows an allele
of the genotype, either with the same probability, or is an error (``ERROR``). With fewer reads nothing is said.

**Absence needs more than presence.** Reads that show another base speak from ``MIN_READS`` on. Reads that all show the
genome's say that no other allele is there, and of fewer than ``MIN_ALIKE`` (7; ``0.5 ** 7`` is 0.8 %) a heterozygote
makes too many: where alleles are rare the prior could turn six of them into the usual dose. So they say nothing; an
assumption that the user stated they neither confirm nor contradict.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations_with_replacement

import numpy as np

from lupus_pgx.encoded import narrow
from lupus_pgx.errors import InputError, UsageError
from lupus_pgx.genotypes.builds import spellings
from lupus_pgx.genotypes.codes import MISSING
from lupus_pgx.genotypes.column import Column, States
from lupus_pgx.genotypes.doubt import Doubt
from lupus_pgx.genotypes.figures import BALANCE, CHANCE, STRAY_READS, STRAY_SHARE, two_sided
from lupus_pgx.genotypes.model import Genotypes, letter_code
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.loci import Locus, Site
from lupus_pgx.reads.counts import MIN_MAPPING_QUALITY, Counts, Place
from lupus_pgx.reads.file import AlignedFile
from lupus_pgx.reads.given import Source
from lupus_pgx.terms import Build, LocusStatus
from lupus_pgx.vcf.records import BoolArray
from lupus_pgx.words.lines import few_of

log = logging.getLogger(__name__)

HETEROZYGOTE = 0.001
"""Likelihood of a heterozygote, against that of the genome's base on both copies, below which reads are enough."""
MIN_READS = 4
"""Fragments below which reads say nothing."""
MIN_ALIKE = 7
"""Fragments below which reads that all show the genome's base say nothing: a heterozygote makes 6 in 1.6 %."""
ERROR = 0.01
"""Probability that a read shows an allele that is not there: sequencing and alignment together."""
LOST_SHARE = 0.5
"""Where more than this share of the reads may lie elsewhere, those that are left say nothing."""
_LEAST = 1e-4
"""Share of the evidence below which a genotype is not listed."""

_NO_RECORD = LocusStatus.NO_RECORD.code
_ASSUMED = LocusStatus.ASSUMED_REFERENCE.code
_NAMED = 5


class Finding(Enum):
    """What the reads at a locus say."""

    REFERENCE = "the genome's base on every copy"
    ONLY_REFERENCE = "the genome's base, in too few reads"
    FEW_ALIKE = "the genome's base, in reads that rule no second allele out"
    OPEN = "another base too, or in its place"
    NOTHING = "nothing"


_AGREES = (Finding.REFERENCE, Finding.ONLY_REFERENCE, Finding.FEW_ALIKE)


@dataclass(frozen=True, slots=True)
class _Entry:
    """The genotype that reads make at a locus."""

    status: LocusStatus
    codes: tuple[int, int]
    doubt: Doubt | None = None


def add_reads(
    genotypes: Genotypes,
    sources: Sequence[Source],
    knowledge: Knowledge,
    *,
    reference: str | None = None,
    some: bool = False,
) -> None:
    """Let reads speak at the loci of which no record does.

    Parameters
    ----------
    genotypes : Genotypes
        Changed in place.
    sources : sequence of Source
    knowledge : Knowledge
    reference : str, optional
        FASTA against which CRAM files were written.
    some : bool
        Only some samples of the input were asked for: alignments of others are passed over.

    Raises
    ------
    UsageError
        If alignments are of samples that are not in the input.
    InputError
        If a file cannot be used, or is on another build.
    """
    numbers = {sample: number for number, sample in enumerate(genotypes.sample_ids)}
    rows = [number for number, column in enumerate(genotypes.columns) if _is_open(column).any()]
    found: dict[int, dict[int, Counts]] = {}
    strange: dict[str, str] = {}
    for source in sources:
        with AlignedFile(source, reference) as file:
            names = _contigs(file, genotypes, knowledge)
            of_file = _samples(file, source)
            strange |= {sample: source.path for sample in of_file if sample not in numbers}
            known = {numbers[sample]: own for sample, own in of_file.items() if sample in numbers}
            _count(file, known, genotypes, rows, names, found)
    _check_samples(strange, found, genotypes, some=some)
    for row in rows:
        _enter(genotypes, row, {sample: counts[row] for sample, counts in found.items() if row in counts})


def _is_open(column: Column) -> BoolArray:
    """Return for each state whether no record stands behind it."""
    open_states: BoolArray = np.isin(column.states.status, (_NO_RECORD, _ASSUMED))
    return open_states


def _open_at(genotypes: Genotypes, row: int, sample: int) -> bool:
    return genotypes.state(row, sample)[3] in (_NO_RECORD, _ASSUMED)


def _samples(file: AlignedFile, source: Source) -> Mapping[str, str | None]:
    """Return the samples whose reads a file holds, with the name that the file itself has for each."""
    own = list(file.groups)
    if source.sample is None:
        if not own:
            raise InputError(
                f"{source.path}: does not say whose reads it holds (no @RG line with SM): "
                "give a list with lines sample<TAB>path"
            )
        return {sample: sample for sample in own}
    if len(own) > 1 and source.sample not in own:
        raise InputError(
            f"{source.path}: holds reads of {', '.join(own[:_NAMED])}; given as those of {source.sample}: which?"
        )
    if own and source.sample not in own:
        log.warning("%s: its @RG line says sample %s; read as %s", source.path, own[0], source.sample)
    return {source.sample: source.sample if source.sample in own else None}


def _check_samples(
    strange: Mapping[str, str], found: Mapping[int, object], genotypes: Genotypes, *, some: bool
) -> None:
    """Refuse alignments of samples that are not in the input; say which samples have none."""
    samples = genotypes.sample_ids
    if strange and not (some and found):
        named = few_of((f"{sample} ({path})" for sample, path in strange.items()), _NAMED)
        raise UsageError(
            f"alignments of samples that are not in the input: {named}; the input has {few_of(samples, _NAMED)}; "
            "a list with lines sample<TAB>path names them anew"
        )
    lacking = [sample for number, sample in enumerate(samples) if number not in found]
    if lacking:
        log.warning("no alignments for %d of %d samples: %s", len(lacking), len(samples), few_of(lacking, _NAMED))


def _contigs(file: AlignedFile, genotypes: Genotypes, knowledge: Knowledge) -> dict[str, str]:
    """Return how a file names the chromosomes, after their lengths were compared with those of the build."""
    chroms = spellings(knowledge)
    build, facts = genotypes.build, knowledge.contig_facts(genotypes.build)
    wanted = {locus.sites[build].chrom for locus in genotypes.loci}
    names: dict[str, str] = {}
    for name, length in file.contigs.items():
        chrom = chroms.get(name)
        if chrom not in wanted or chrom not in facts:
            continue
        if length != facts[chrom][0]:
            others = [other for other in Build if knowledge.contig_facts(other).get(chrom, (0,))[0] == length]
            is_of = f"is aligned to {others[0]}" if others else f"is not aligned to {build}"
            raise InputError(
                f"{file.path}: {is_of} ({name} has {length} bases, on {build} {facts[chrom][0]}); "
                f"the genotypes are on {build}"
            )
        names.setdefault(chrom, name)
    if wanted and not names:
        known = ", ".join(list(file.contigs)[:_NAMED]) or "none"
        raise InputError(f"{file.path}: no contig of its header is a chromosome that is read here (it has {known})")
    return names


def _count(
    file: AlignedFile, own: Mapping[int, str | None], genotypes: Genotypes, rows: Sequence[int],
    names: Mapping[str, str], found: dict[int, dict[int, Counts]],
) -> None:  # fmt: skip
    """Count the reads of the samples of a file at the loci that are open for them; several files of a sample add up."""
    sites = {row: genotypes.loci[row].sites[genotypes.build] for row in rows}
    rows = [
        row for row in rows if sites[row].chrom in names and any(_open_at(genotypes, row, sample) for sample in own)
    ]
    places = [_place(sites[row], names[sites[row].chrom]) for row in rows]
    counted = file.counts(places, list(own.values())) if own else []
    for sample, of_sample in zip(own, counted, strict=True):
        here = found.setdefault(sample, {})
        for row, counts in zip(rows, of_sample, strict=True):
            if row in here:
                here[row].add(counts)
            elif _open_at(genotypes, row, sample):
                here[row] = counts


def _place(site: Site, contig: str) -> Place:
    """Return where reads are compared with the alleles of a locus: an indel over all of its shifts."""
    single = all(len(letter) == 1 for letter in site.letters)
    if single:
        return Place(contig, site.pos, site.pos, site.letters, single=True)
    end = max(site.pos + len(site.ref) - 1, site.context.end)
    rest = "".join(site.context.base(pos) for pos in range(site.pos + len(site.ref), end + 1))
    return Place(contig, site.pos, end, tuple(letter + rest for letter in site.letters), single=False)


def _enter(genotypes: Genotypes, row: int, counts: Mapping[int, Counts]) -> None:
    """Enter what the reads of each sample say at a locus that is open for it."""
    column = genotypes.columns[row]
    entries: dict[_Entry, list[int]] = {}
    for sample, found in counts.items():
        assumed = genotypes.state(row, sample)[3] == _ASSUMED
        entry, note = _judged(genotypes, row, found, assumed=assumed)
        entries.setdefault(entry, []).append(sample)
        before = genotypes.sample_notes.get((row, sample))
        genotypes.sample_notes[row, sample] = f"{before}; {note}" if before else note
    if not entries:
        return
    old, index = column.states, np.array(column.index, np.int64)
    for number, samples in enumerate(entries.values()):
        index[samples] = len(old) + number
    alleles = np.array([entry.codes for entry in entries], np.int16)
    status = np.array([entry.status.code for entry in entries], np.uint8)
    doubt = np.array([genotypes.doubt_number(entry.doubt) if entry.doubt else 0 for entry in entries], np.int32)
    states = States(
        np.concatenate([old.alleles, alleles]),
        np.concatenate([old.phase, np.zeros(len(entries), np.int64)]),
        np.concatenate([old.status, status]),
        np.concatenate([old.doubt, doubt]),
    )
    used, index = np.unique(index, return_inverse=True)
    genotypes.columns[row] = Column(states.take(used), narrow(index.reshape(-1), len(used)))


def _judged(genotypes: Genotypes, row: int, counts: Counts, *, assumed: bool) -> tuple[_Entry, str]:
    """Return the genotype that reads make at a locus, and what to say of it."""
    locus = genotypes.loci[row]
    reference = locus.sites[genotypes.build].reference_code
    unknown = _Entry(LocusStatus.NO_RECORD, (MISSING, MISSING))
    kept = _Entry(LocusStatus.ASSUMED_REFERENCE, (reference, reference))
    finding, why = judge_reads(counts, reference)
    said = _said(locus, genotypes.build, counts)
    agrees = finding in _AGREES
    if locus.paralogous or locus.never_assume:
        why = "reads of a like gene lie here too" if locus.paralogous else "absence says nothing here"
        return (kept, said) if assumed and agrees else (unknown, f"{said}: not used, {why}")
    if finding is Finding.NOTHING:
        return unknown, f"{said}: {why}{', so the genome base is not assumed' if assumed else ''}"
    if finding is Finding.REFERENCE:
        return _Entry(LocusStatus.COVERED_REFERENCE, (reference, reference)), said
    if assumed and agrees:
        return kept, said
    if finding is Finding.FEW_ALIKE:
        return unknown, f"{said}: {why}"
    doubt = weighed(_by_code(genotypes, row, counts), counts.depth)
    first, second, _ = doubt.best
    return _Entry(LocusStatus.DOUBTFUL, (first, second), doubt), said


def judge_reads(counts: Counts, reference: int) -> tuple[Finding, str]:
    """Say what reads at a locus show, and why where it is nothing.

    Parameters
    ----------
    counts : Counts
    reference : int
        Number of the genome's allele.
    """
    depth, own = counts.depth, counts.alleles[reference]
    others = depth - own
    if counts.unplaced > LOST_SHARE * (counts.unplaced + depth):
        return Finding.NOTHING, f"most reads may lie elsewhere (mapping quality below {MIN_MAPPING_QUALITY})"
    if depth < MIN_READS:
        return Finding.NOTHING, f"fewer than {MIN_READS} reads"
    few = others < STRAY_READS and others < STRAY_SHARE * depth
    if few and _heterozygote(others, depth) < HETEROZYGOTE:
        return Finding.REFERENCE, ""
    if others:
        return Finding.OPEN, ""
    if own < MIN_ALIKE:
        return Finding.FEW_ALIKE, f"fewer than {MIN_ALIKE} reads, which rule no second allele out"
    return Finding.ONLY_REFERENCE, ""


def _heterozygote(others: int, depth: int) -> float:
    """Return how much likelier than the genome's base on both copies a heterozygote makes the reads."""
    return math.exp(depth * math.log(0.5) + others * math.log((1 - ERROR) / ERROR))


def weighed(reads: Mapping[int, int], depth: int) -> Doubt:
    """Return how the evidence of reads is spread over genotypes.

    Parameters
    ----------
    reads : mapping of allele code to int
        Reads of each allele that may be there.
    depth : int
        All reads; those that show none of the alleles are errors of every genotype.
    """
    powers: dict[tuple[int, int], float] = {}
    for one, other in combinations_with_replacement(sorted(reads), 2):
        right = reads[one] if one == other else reads[one] + reads[other]
        each = 1 - ERROR if one == other else (1 - ERROR) / 2
        powers[one, other] = right * math.log(each) + (depth - right) * math.log(ERROR)
    highest = max(powers.values())
    shares = {pair: math.exp(power - highest) for pair, power in powers.items()}
    listed = {pair: share for pair, share in shares.items() if share >= _LEAST}
    whole = sum(listed.values())
    first, second = max(powers, key=lambda pair: powers[pair])
    right = reads[first] + (reads[second] if first != second else 0)
    minor = min(reads[first], reads[second])
    uneven = first != second and minor < BALANCE * right and two_sided(minor, right) < CHANCE
    stray = depth - right
    contested = uneven or (stray >= STRAY_READS and stray >= STRAY_SHARE * depth)
    return Doubt(tuple((one, other, listed[one, other] / whole) for one, other in sorted(listed)), contested=contested)


def _by_code(genotypes: Genotypes, row: int, counts: Counts) -> dict[int, int]:
    """Return the reads of each allele of a locus, and of bases that are too many for errors."""
    site = genotypes.loci[row].sites[genotypes.build]
    reads = {code: counts.alleles[code] for code in range(len(site.letters))}
    for letters, number in counts.others.items():
        if letters != "-" and number >= STRAY_READS and number >= STRAY_SHARE * counts.depth:
            reads[letter_code(genotypes, row, letters)] = number
    return reads


def _said(locus: Locus, build: Build, counts: Counts) -> str:
    """Return the counts as text: the genome's allele first, then what else was seen."""
    site = locus.sites[build]
    parts = [f"{site.ref} {counts.alleles[site.reference_code]}"]
    parts += [
        f"{letter} {counts.alleles[code]}"
        for code, letter in enumerate(site.letters)
        if code != site.reference_code and counts.alleles[code]
    ]
    parts += [f"{'other' if letters == '-' else letters} {number}" for letters, number in sorted(counts.others.items())]
    if counts.unplaced:
        parts.append(f"placed unsurely {counts.unplaced}")
    return f"reads: {', '.join(parts)}"
