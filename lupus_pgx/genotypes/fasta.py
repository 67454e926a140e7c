"""A reference genome, where the user gives one: indels are then aligned against all of it."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple, Self

import pysam

from lupus_pgx.bounded import waits
from lupus_pgx.errors import InputError, InputMissingError
from lupus_pgx.genotypes.builds import spellings
from lupus_pgx.htslib import quiet
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.loci import Site
from lupus_pgx.knowledge.variants import Flank
from lupus_pgx.terms import Build

REACH = 500
"""Bases to the left of a record within which an indel may be shifted."""


class WrongLocus(NamedTuple):
    """A locus at which a genome holds other bases than the tables say."""

    place: str
    gene: str
    locus: str
    chrom: str
    pos: int
    expected: str
    held: str


class ReferenceGenome:
    """An indexed FASTA file.

    Parameters
    ----------
    path : str
        FASTA, plain or bgzipped, with its index (``samtools faidx``) beside it.
    knowledge : Knowledge

    Raises
    ------
    InputMissingError
        If the file or its index cannot be opened.
    """

    def __init__(self, path: str, knowledge: Knowledge) -> None:
        self.path = path
        for beside in (f"{path}.fai", f"{path}.gzi"):
            if waits(beside):
                raise InputMissingError(f"{beside}: is no file, and lies where the index of {path} is looked for")
        try:
            with quiet():
                self._fasta = pysam.FastaFile(path)
        except (OSError, ValueError) as error:
            raise InputMissingError(f"{path}: not a FASTA file with an index (samtools faidx) beside it") from error
        chroms = spellings(knowledge)
        self._names = {chroms[name]: name for name in self._fasta.references if name in chroms}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fasta.close()

    def check(self, sites: Sequence[Site], build: Build) -> None:
        """Compare the genome with the bases at panel loci.

        Raises
        ------
        InputError
            If a base differs: the genome is of another build.
        """
        for site in sites:
            if site.chrom in self._names:
                found = self._fetch(site.chrom, site.pos, site.pos + len(site.ref) - 1)
                if found != site.ref:
                    place = f"{site.chrom}:{site.pos}"
                    raise InputError(f"{self.path}: has {found} at {place}, where {build} has {site.ref}; wrong genome")

    def wrong_loci(self, knowledge: Knowledge) -> tuple[Build, int, tuple[WrongLocus, ...]]:
        """Compare all loci of the tables with the genome, on the build that fits most of them.

        Parameters
        ----------
        knowledge : Knowledge

        Returns
        -------
        Build
            Of the genome.
        int
            How many loci lie on its contigs.
        tuple of WrongLocus
        """
        found = {build: self._compared(knowledge, build) for build in Build}
        build = min(found, key=lambda item: len(found[item][1]))
        return build, *found[build]

    def _compared(self, knowledge: Knowledge, build: Build) -> tuple[int, tuple[WrongLocus, ...]]:
        places = {(row["gene"], row["locus"]): str(place) for row, place in knowledge.placed("loci")}
        wrong, count = [], 0
        for locus in (locus for loci in knowledge.loci_by_gene.values() for locus in loci):
            site = locus.sites.get(build)
            if site is None or site.chrom not in self._names:
                continue
            count += 1
            start, expected = (site.context.start, site.context.sequence) if site.is_indel else (site.pos, site.ref)
            held = self._fetch(site.chrom, start, start + len(expected) - 1)
            if held != expected:
                place = places[locus.gene, locus.name]
                wrong.append(WrongLocus(place, locus.gene, locus.name, site.chrom, start, expected, held))
        return count, tuple(wrong)

    def context(self, chrom: str, pos: int, ref: str) -> Flank | None:
        """Return the sequence around a record, or None if the genome lacks the chromosome."""
        if chrom not in self._names:
            return None
        start = max(1, pos - REACH)
        return Flank(start, self._fetch(chrom, start, pos + len(ref)))

    def _fetch(self, chrom: str, start: int, end: int) -> str:
        try:
            return str(self._fasta.fetch(self._names[chrom], start - 1, end)).upper()
        except (ValueError, KeyError) as error:
            raise InputError(
                f"{self.path}: {chrom} cannot be read by its index: make it again (samtools faidx)"
            ) from error


def compare_with_genomes(knowledge: Knowledge, paths: Sequence[str]) -> tuple[list[str], int]:
    """Compare the positions of the tables with genomes.

    Parameters
    ----------
    knowledge : Knowledge
    paths : sequence of str
        FASTA files with their indexes.

    Returns
    -------
    lines : list of str
        A line for each locus at which a genome holds other bases, and one for each genome.
    faults : int

    Raises
    ------
    InputMissingError
        If a file or its index cannot be opened.
    InputError
        If a genome holds no contig with a locus, or fits neither build.
    """
    lines, faults = [], 0
    for path in paths:
        with ReferenceGenome(path, knowledge) as genome:
            build, count, wrong = genome.wrong_loci(knowledge)
        if not count:
            raise InputError(f"{path}: has no contig on which a locus of the tables lies")
        if 2 * len(wrong) > count:
            raise InputError(f"{path}: fits neither GRCh38 nor GRCh37 ({len(wrong)} of {count} loci hold other bases)")
        column = f"{build.value.lower()}_pos"
        lines += [
            f"{item.place}: {column}={item.pos}: {item.gene} {item.locus}: {path} has {item.held or 'no base'} at "
            f"{item.chrom}:{item.pos}, where {item.expected} is expected"
            for item in wrong
        ]
        lines.append(f"{path}: {build.value}, {count - len(wrong)} of {count} loci as the tables say")
        faults += len(wrong)
    return lines, faults
