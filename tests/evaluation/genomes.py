"""Whole genomes that ``--absent reference`` must believe: every person of the real files, and groups of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from evaluation.cuts import ANCESTRIES, PLAIN, Numbers, Real
from lupus_pgx.genotypes.file_facts import LookedAt
from lupus_pgx.genotypes.looked_at import tested_by_records
from lupus_pgx.vcf.kinds import Kinds
from lupus_pgx.vcf.regions import Region

SIZES = (2, 3, 5, 10, 50, 500)


@dataclass(frozen=True)
class Positions:
    """A file as far as the test of the statement looks at it: whose it is, and where its records are."""

    sample_ids: tuple[str, ...]
    found: dict[str, Numbers]
    kinds: Kinds = field(default_factory=Kinds)

    def passed(self) -> Iterator[tuple[str, Numbers]]:
        """Return nothing: the file is asked for each gene."""
        return iter(())

    def places(self, regions: Sequence[Region]) -> Iterator[tuple[str, Numbers]]:
        """Yield the positions of regions."""
        for item in regions:
            own = self.found.get(item.chrom, np.zeros(0, np.int64))
            yield item.chrom, own[(own >= item.start) & (own <= item.end)]


class Genomes:
    """The people of a real file, as files of some of them would look."""

    def __init__(self, real: Real) -> None:
        self.real = real
        self._carried = ~np.isin(real.calls, PLAIN)
        self.loci = [locus for loci in real.knowledge.loci_by_gene.values() for locus in loci]
        self._chroms = {name: np.flatnonzero(real.chroms == name) for name in sorted(set(real.chroms.tolist()))}

    def of(self, samples: Sequence[str]) -> LookedAt:
        """Return where a file of the variants of some people counts as looked at."""
        kept = self._carried[:, [self.real.numbers[sample] for sample in samples]].any(axis=1)
        found = {name: np.unique(self.real.pos[rows[kept[rows]]]) for name, rows in self._chroms.items()}
        file = Positions(tuple(samples), found)
        return tested_by_records(file, self.real.knowledge, self.loci, self.real.build)  # type: ignore[arg-type]

    def groups(self, size: int, count: int, random: np.random.Generator) -> list[list[str]]:
        """Return groups of each ancestry and of all, drawn by chance."""
        pools = [[person.sample for person in self.real.of(name)] for name in ANCESTRIES]
        pools.append([person.sample for person in self.real.people])
        return [random.choice(pool, size, replace=False).tolist() for pool in pools if len(pool) >= size
                for _ in range(count)]  # fmt: skip

    def refused(self, groups: Sequence[Sequence[str]]) -> tuple[list[str], int]:
        """Return why genes of some files were not believed, and how many files have a notice.

        That a file holds no record near a gene is no reason here: the real files reach no further than most genes.
        """
        found, noticed = [], 0
        for samples in groups:
            item = self.of(samples)
            found += [f"{gene}: {why}" for gene, why in item.reasons.items() if not why.startswith("no record within")]
            noticed += item.sparse is not None
        return found, noticed


def genome_rows(real: Real, random: np.random.Generator, count: int = 100) -> list[list[str]]:
    """Return a line for each size of group: files, genes not believed, files with a notice."""
    genomes = Genomes(real)
    everyone = [person.sample for person in real.people]
    groups = {1: [[sample] for sample in everyone]}
    groups |= {size: genomes.groups(size, count if size < SIZES[-1] else 4, random) for size in SIZES}
    groups[len(everyone)] = [everyone]
    rows = []
    for size, files in groups.items():
        found, noticed = genomes.refused(files)
        rows.append([str(real.build), str(size), str(len(files)), str(len(found)), str(noticed)])
    return rows


GENOME_HEADER = ("build", "people of a file", "files", "genes not believed", "with a notice")
