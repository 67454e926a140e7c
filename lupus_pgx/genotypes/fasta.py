"""A reference genome, where the user gives one: indels are then aligned against all of it."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

import pysam

from lupus_pgx.errors import InputError, InputMissingError
from lupus_pgx.genotypes.builds import spellings
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.loci import Site
from lupus_pgx.knowledge.variants import Flank
from lupus_pgx.terms import Build

REACH = 500
"""Bases to the left of a record within which an indel may be shifted."""


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
        try:
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

    def context(self, chrom: str, pos: int, ref: str) -> Flank | None:
        """Return the sequence around a record, or None if the genome lacks the chromosome."""
        if chrom not in self._names:
            return None
        start = max(1, pos - REACH)
        return Flank(start, self._fetch(chrom, start, pos + len(ref)))

    def _fetch(self, chrom: str, start: int, end: int) -> str:
        return str(self._fasta.fetch(self._names[chrom], start - 1, end)).upper()
