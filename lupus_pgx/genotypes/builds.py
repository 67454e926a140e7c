"""The genome builds, the names that contigs go by, and where records about the panel may lie."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from lupus_pgx.bounded import found_as
from lupus_pgx.errors import UsageError
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import span_of
from lupus_pgx.terms import Build
from lupus_pgx.vcf.file import VcfFile
from lupus_pgx.vcf.regions import Region

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ContigsCells

_TAGS = {
    Build.GRCH37: re.compile(r"grch37|hg19|hs37|b37\b|human_g1k_v37|assembly19", re.IGNORECASE),
    Build.GRCH38: re.compile(r"grch38|hg38|hs38|b38\b|assembly38", re.IGNORECASE),
}
TAGS: Mapping[str, re.Pattern[str]] = {
    **{build.value: pattern for build, pattern in _TAGS.items()},
    "NCBI36": re.compile(r"ncbi.?(build)?.?36|hg18|(?<![a-z0-9])b36(?![0-9])|human_b36", re.IGNORECASE),
    "T2T-CHM13v2.0": re.compile(r"chm13|t2t|(?<![a-z0-9])hs1(?![a-z0-9])|GC[AF]_009914755", re.IGNORECASE),
}
"""How headers spell the name of an assembly, by its name in the table ``contigs``."""

AROUND = 12
"""Bases around a locus in which records may lie that together spell an allele of it."""

_PREFIXES = ("chr", "", "Chr", "CHR")


@dataclass(frozen=True, slots=True)
class BuildProof:
    """The build of a file, and by what it was proven.

    ``unread`` names the contigs of the file that held records and whose names were not understood; ``left_out`` counts
    by gene the annotated variants of all its samples that are too frequent to be listed.
    """

    build: Build
    proof: str
    unread: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()


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
    raise UsageError(f"unknown build {found_as(name)}: expected GRCh37 or GRCh38")


def chrom_name(chrom: str, build: Build) -> str:
    """Return how a build usually names a chromosome: ``chr6`` on GRCh38, ``6`` on GRCh37."""
    # The reference genomes that centres hand out are spelt so; results follow the habit, inputs may have any name.
    return chrom if build is Build.GRCH38 else chrom.removeprefix("chr")


# A process works with the tables and an overlay or two; a cache without bound would keep every old one alive.
@lru_cache(maxsize=4)
def spellings(knowledge: Knowledge) -> Mapping[str, str]:
    """Map every usual contig name (``chr6``, ``06``, ``NC_000006.12``, ``CM000668.2``) to its chromosome (``chr6``)."""
    names: dict[str, str] = {}
    for row in knowledge.rows("contigs"):
        if row["build"] in set(Build):
            chrom: str = row["chrom"]
            names |= dict.fromkeys((*_spelled(chrom, row["other_names"]), *_accessions(row)), chrom)
    return names


def _spelled(chrom: str, other_names: str | None) -> list[str]:
    """Return the names of a chromosome with every prefix, case and padding."""
    # Tools of the field write 6, 06, chr6, Chr6 ...; a name that is not understood would hide its records.
    numbers = [chrom.removeprefix("chr"), *(other_names or "").split(";")]
    padded = [number.zfill(2) if number.isdecimal() else number.lower() for number in numbers]
    return [f"{prefix}{number}" for number in (*numbers, *padded) if number for prefix in _PREFIXES]


def _accessions(row: ContigsCells) -> list[str]:
    return [accession for accession in (row["refseq"], row["genbank"]) if accession]


@lru_cache(maxsize=4)
def accessions(knowledge: Knowledge) -> Mapping[str, tuple[str, str]]:
    """Map every accession to its assembly and chromosome."""
    return {
        accession: (row["build"], row["chrom"]) for row in knowledge.rows("contigs") for accession in _accessions(row)
    }


@lru_cache(maxsize=4)
def _passed_over(knowledge: Knowledge) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{row['pattern']})" for row in knowledge.rows("other_contigs")), re.IGNORECASE)


def passed_over(knowledge: Knowledge, contig: str) -> bool:
    """Whether a contig is one on which no locus lies: mitochondrion, decoy, alternate locus ..."""
    return _passed_over(knowledge).fullmatch(contig) is not None


def strange_contigs(file: VcfFile, knowledge: Knowledge) -> list[str]:
    """Return the contigs that hold records and whose names are not understood, as far as the file was read."""
    understood, others = spellings(knowledge), _passed_over(knowledge)
    strange = [name for name in file.known_contigs() if name not in understood and not others.fullmatch(name)]
    return sorted(name for name in strange if file.holds(name))


def gene_regions(
    file: VcfFile, knowledge: Knowledge, genes: Iterable[str], build: Build, reach: int = 0
) -> list[list[Region]]:
    """Return for each gene where records that speak about it may lie.

    Parameters
    ----------
    file : VcfFile
        Annotated files are read over the whole gene.
    knowledge : Knowledge
    genes : iterable of str
    build : Build
    reach : int
        Bases beyond a locus at which an indel may be written.
    """
    found = []
    for gene in genes:
        regions = list(_around_loci(knowledge, gene, build, reach))
        # An annotated change between the loci says something of the gene although no locus is there.
        whole = gene_span(knowledge, gene, build) if file.annotation else None
        if whole is not None:
            regions.append(Region(*whole))
        found.append(regions)
    return found


@lru_cache(maxsize=1024)  # some hundred genes, on both builds: a cohort of single files asks for them with each
def _around_loci(knowledge: Knowledge, gene: str, build: Build, reach: int) -> tuple[Region, ...]:
    sites = (locus.sites[build] for locus in knowledge.loci_by_gene.get(gene, ()))
    # A caller may place an indel anywhere in a repeat, so a record of the locus can begin before it.
    return tuple(Region(site.chrom, site.pos - AROUND, site.end + max(reach, AROUND)) for site in sites)


def gene_span(knowledge: Knowledge, gene: str, build: Build) -> tuple[str, int, int] | None:
    """Return chromosome, first and last base of a gene, or None where they are not known."""
    row = knowledge.gene_rows[gene]
    start, end = span_of(row, build)
    return (row["chrom"], start, end) if start is not None and end is not None else None
