"""Which loci a record speaks about, and what its alleles say."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from lupus_pgx.genotypes.fasta import REACH, ReferenceGenome
from lupus_pgx.genotypes.readings import Reading, read_alleles, spell
from lupus_pgx.knowledge.loci import Site
from lupus_pgx.vcf.records import RawRecord


class LocusFinder:
    """Find the loci that records speak about.

    Parameters
    ----------
    sites : sequence of Site
        Of the panel loci, on one build.
    genome : ReferenceGenome, optional
        Against which indels are aligned; without it the context that each locus ships is used.

    Attributes
    ----------
    reach : int
        Bases beyond a locus at which an indel may be written.
    """

    def __init__(self, sites: Sequence[Site], genome: ReferenceGenome | None = None) -> None:
        self._sites = sites
        self._genome = genome
        # With a genome at hand an indel may be written far to the right of its locus.
        self.reach = REACH if genome is not None else 0
        self._by_chrom: dict[str, list[tuple[int, int, int]]] = {}
        for number, site in enumerate(sites):
            self._by_chrom.setdefault(site.chrom, []).append((site.pos, site.end, number))
        self._starts: dict[str, list[int]] = {}
        self._longest: dict[str, int] = {}
        for chrom, places in self._by_chrom.items():
            places.sort()
            self._starts[chrom] = [pos for pos, _, _ in places]
            self._longest[chrom] = max(end - pos for pos, end, _ in places)

    def readings(self, chrom: str, record: RawRecord) -> dict[int, Reading]:
        """Return what a record says, by the number of the locus.

        Parameters
        ----------
        chrom : str
            Chromosome of the record as loci name it (``chr6``).
        record : RawRecord

        Returns
        -------
        dict of int to Reading
            Empty where the record speaks about no locus.
        """
        hits = self._overlapping(chrom, record.pos - self.reach, record.end)
        if not hits:
            return {}
        here = [self._sites[number] for number in hits]
        genome = self._genome.context(chrom, record.pos, record.ref) if self._genome else None
        spelled = spell(record.pos, record.end, record.ref, record.alts, here, genome)
        readings = {number: read_alleles(site, spelled) for number, site in zip(hits, here, strict=True)}
        return {number: reading for number, reading in readings.items() if reading is not None}

    def _overlapping(self, chrom: str, start: int, end: int) -> list[int]:
        starts = self._starts.get(chrom)
        if starts is None:
            return []
        first = bisect_left(starts, start - self._longest[chrom])
        last = bisect_right(starts, end)
        return sorted(number for _, stop, number in self._by_chrom[chrom][first:last] if stop >= start)
