"""Prove the genome build of a file, and know the names contigs go by."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lupus_pgx.errors import InputError, UsageError
from lupus_pgx.genotypes.stretches import has_bases, is_structural
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.loci import Locus
from lupus_pgx.terms import Build
from lupus_pgx.vcf.file import Region, VcfFile

_TAGS = {
    Build.GRCH37: re.compile(r"grch37|hg19|hs37|b37\b|human_g1k_v37|assembly19", re.IGNORECASE),
    Build.GRCH38: re.compile(r"grch38|hg38|hs38|b38\b|assembly38", re.IGNORECASE),
}
# Log-odds of one record at a panel position of the true build against a chance hit of the other:
# a REF base agrees by chance in about 28 %, a known ALT in about a third of those.
_REF_AGREES = math.log(0.999 / 0.28)
_ALT_KNOWN = 1.0
_REF_DISAGREES = math.log(0.001 / 0.72)
_PROOF = math.log(1000)
AROUND = 12
"""Bases around a locus in which records may lie that together spell an allele of it."""

_BEYOND_DOUBT = math.log(1e9)
"""Log-odds at which no further record is looked at."""


@dataclass(frozen=True, slots=True)
class BuildProof:
    """The build of a file, and by what it was proven."""

    build: Build
    proof: str


def parse_build(name: str | None) -> Build | None:
    """Return the build of a name such as ``GRCh38``, ``hg19`` or ``b37``.

    Raises
    ------
    UsageError
        If the name is neither build.
    """
    if name is None:
        return None
    for build, pattern in _TAGS.items():
        if pattern.fullmatch(name.strip()):
            return build
    raise UsageError(f"unknown build {name!r}: expected GRCh37 or GRCh38")


def chrom_name(chrom: str, build: Build) -> str:
    """Return how a build usually names a chromosome: ``chr6`` on GRCh38, ``6`` on GRCh37."""
    return chrom if build is Build.GRCH38 else chrom.removeprefix("chr")


@lru_cache(maxsize=4)
def spellings(knowledge: Knowledge) -> Mapping[str, str]:
    """Map every usual contig name (``chr6``, ``6``, ``NC_000006.12``) to its chromosome (``chr6``)."""
    names: dict[str, str] = {}
    for build in Build:
        for chrom, (_, accession) in knowledge.contig_facts(build).items():
            names |= {chrom: chrom, chrom.removeprefix("chr"): chrom, accession: chrom}
    return names


@lru_cache(maxsize=4)
def _names_of(knowledge: Knowledge) -> Mapping[str, Sequence[str]]:
    """Map every chromosome to its usual names."""
    names: dict[str, list[str]] = {}
    for name, chrom in spellings(knowledge).items():
        names.setdefault(chrom, []).append(name)
    return names


def prove_build(
    file: VcfFile, knowledge: Knowledge, loci: Mapping[str, Sequence[Locus]], stated: Build | None, reach: int = 0
) -> BuildProof:
    """Find out on which build a file is.

    Parameters
    ----------
    file : VcfFile
    knowledge : Knowledge
    loci : mapping of gene to sequence of Locus
        Panel loci whose reference bases may serve as proof.
    stated : Build or None
        What the user says.
    reach : int
        Bases beyond a locus at which an indel may be written.

    Returns
    -------
    BuildProof

    Raises
    ------
    InputError
        If the build cannot be proven and is not stated, or what is stated contradicts the file.
    """
    by_header = _by_lengths(file, knowledge) or _by_tags(file, knowledge)
    if by_header is not None:
        if stated is not None and by_header.build is not stated:
            raise InputError(
                f"{file.path}: the build was stated as {stated}, but the file is on {by_header.build} "
                f"({by_header.proof}); drop --build or correct it"
            )
        return by_header
    scores = _score_bases(file, knowledge, loci, reach)
    lead = scores[Build.GRCH38] - scores[Build.GRCH37]
    if abs(lead) >= _PROOF:
        by_bases = BuildProof(Build.GRCH38 if lead > 0 else Build.GRCH37, "reference bases at panel loci")
        if stated is not None and by_bases.build is not stated:
            raise InputError(
                f"{file.path}: the build was stated as {stated}, but the reference bases at panel loci are those of "
                f"{by_bases.build}; drop --build or correct it"
            )
        return by_bases
    if stated is None:
        raise InputError(
            f"{file.path}: the genome build cannot be proven (no contig lengths or assembly tags in the header, too "
            "few records at panel loci); state it with --build GRCh38 or --build GRCh37"
        )
    return BuildProof(stated, "stated by the user, not contradicted by the file")


def _by_lengths(file: VcfFile, knowledge: Knowledge) -> BuildProof | None:
    """Compare declared contig lengths with both builds."""
    lengths = {build: knowledge.contig_facts(build) for build in Build}
    hits = dict.fromkeys(Build, 0)
    strangers = []
    chroms = spellings(knowledge)
    for name, contig in file.contigs.items():
        chrom, length = chroms.get(name), contig.length
        if chrom is None or length is None:
            continue
        matching = [build for build in Build if lengths[build][chrom][0] == length]
        for build in matching:
            hits[build] += 1
        if not matching:
            strangers.append(f"{name} ({length:,} bases)")
    if all(hits.values()):
        raise InputError(f"{file.path}: the header mixes contig lengths of GRCh37 and GRCh38; correct the header")
    for build, count in hits.items():
        if count:
            return BuildProof(build, f"contig lengths of {count} chromosome{'s' if count > 1 else ''}")
    if strangers:
        raise InputError(
            f"{file.path}: the contig lengths are neither those of GRCh37 nor of GRCh38 ({strangers[0]}); only these "
            "two builds are supported"
        )
    return None


def _by_tags(file: VcfFile, knowledge: Knowledge) -> BuildProof | None:
    """Look for assembly tags, reference lines and RefSeq contig names."""
    tags = [(f"assembly tag {contig.assembly!r}", contig.assembly) for contig in file.contigs.values()]
    tags += [("the ##reference line", line) for line in file.references]
    found = {
        build: [where for where, text in tags if text and pattern.search(text)] for build, pattern in _TAGS.items()
    }
    for build in Build:
        accessions = {accession for _, accession in knowledge.contig_facts(build).values()}
        found[build] += [f"RefSeq contig {name}" for name in file.contigs if name in accessions]
    if all(found.values()):
        raise InputError(
            f"{file.path}: the header names both builds ({found[Build.GRCH37][0]}, {found[Build.GRCH38][0]}); "
            "correct the header"
        )
    for build, where in found.items():
        if where:
            return BuildProof(build, where[0])
    return None


def gene_regions(
    file: VcfFile, knowledge: Knowledge, loci: Mapping[str, Sequence[Locus]], build: Build, reach: int = 0
) -> list[list[Region]]:
    """Return for each gene where records that speak about it may lie, under every name the file may use.

    Parameters
    ----------
    file : VcfFile
        Annotated files are read over the whole gene.
    knowledge : Knowledge
    loci : mapping of gene to sequence of Locus
        Loci of each gene.
    build : Build
    reach : int
        Bases beyond a locus at which an indel may be written.
    """
    found = []
    for gene, here in loci.items():
        spans = [
            (site.chrom, site.pos - AROUND, site.end + max(reach, AROUND))
            for site in (locus.sites[build] for locus in here)
        ]
        whole = gene_span(knowledge, gene, build) if file.annotation else None
        if whole is not None:
            spans.append(whole)
        found.append(named_regions(knowledge, spans))
    return found


def named_regions(knowledge: Knowledge, spans: Sequence[tuple[str, int, int]]) -> list[Region]:
    """Return spans (chromosome, first and last base) under every name that a file may use."""
    names = _names_of(knowledge)
    return [Region(name, start, end) for chrom, start, end in spans for name in names.get(chrom, ())]


def gene_span(knowledge: Knowledge, gene: str, build: Build) -> tuple[str, int, int] | None:
    """Return chromosome, first and last base of a gene, or None where they are not known."""
    prefix = build.value.lower()
    row = knowledge.gene_rows[gene]
    start = row[f"{prefix}_start"]
    return (row["chrom"], start, row[f"{prefix}_end"]) if start else None


def _score_bases(
    file: VcfFile, knowledge: Knowledge, loci: Mapping[str, Sequence[Locus]], reach: int
) -> dict[Build, float]:
    """Add up, for each build, how well records at its panel positions fit its bases, until one leads by far."""
    chroms = spellings(knowledge)
    sites = {
        build: {
            (site.chrom, site.pos): site for here in loci.values() for site in (locus.sites[build] for locus in here)
        }
        for build in Build
    }
    by_build = [gene_regions(file, knowledge, loci, build, reach) for build in Build]
    groups = [group for gene in zip(*by_build, strict=True) for group in gene]
    judged: dict[Build, dict[tuple[str, int], float]] = {build: {} for build in Build}
    totals = dict.fromkeys(Build, 0.0)
    for record in file.preview(groups):
        if not has_bases(record.ref) or is_structural(record):
            continue  # REF of a stretch is often N, or the base before it
        place = (chroms[record.chrom], record.pos)
        for build in Build:
            site = sites[build].get(place)
            if site is None:
                continue
            if not site.context.agrees_with(record.pos, record.ref):
                score = _REF_DISAGREES
            else:
                score = _REF_AGREES + (_ALT_KNOWN if any(alt in site.alts for alt in record.alts) else 0.0)
            # Split records at one place are one observation; the worst counts.
            before = judged[build].get(place)
            score = score if before is None else min(score, before)
            totals[build] += score - (before or 0.0)
            judged[build][place] = score
        if abs(totals[Build.GRCH38] - totals[Build.GRCH37]) >= _BEYOND_DOUBT:
            break
    return totals
