"""Inputs that are VCF-Zarr stores: the panel's records of each as a file of text, for as long as it is read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lupus_pgx.genotypes.builds import AROUND, gene_span, spellings
from lupus_pgx.genotypes.looked_at import watched_regions
from lupus_pgx.genotypes.strays import sought
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.terms import Build
from lupus_pgx.vcf.regions import Region, disjoint
from lupus_pgx.vcf.zarr_store import is_store, write_text


@contextmanager
def stores_as_text(
    paths: Sequence[str], knowledge: Knowledge, *, assuming: bool, reach: int = 0
) -> Iterator[list[str]]:
    """Give each path, and in the place of a store the path of a file that holds what is read of it.

    Parameters
    ----------
    paths : sequence of str
    knowledge : Knowledge
    assuming : bool
        Absent loci are stated to be reference: what tests the statement is needed too.
    reach : int
        Bases beyond a locus at which an indel may be written.

    Yields
    ------
    list of str
        Removed afterwards.
    """
    if not any(map(is_store, paths)):
        yield list(paths)
        return
    loci = [locus for gene in knowledge.gene_names for locus in knowledge.loci_by_gene.get(gene, ())]
    spans = disjoint(_regions(knowledge, assuming=assuming, reach=reach), spellings(knowledge))
    with tempfile.TemporaryDirectory(prefix="lupus_pgx_") as folder:
        given = []
        for number, path in enumerate(paths):
            if is_store(path):
                target = Path(folder) / str(number) / f"{Path(path).name}.vcf"
                target.parent.mkdir()
                write_text(path, target, spans, sought(knowledge, loci) if assuming else None)
                given.append(str(target))
            else:
                given.append(path)
        yield given


def _regions(knowledge: Knowledge, *, assuming: bool, reach: int) -> list[Region]:
    """Return where records that speak about the panel lie, on both builds, and all of its genes."""
    around = max(reach, AROUND)
    regions = [
        Region(site.chrom, site.pos - AROUND, site.end + around)
        for gene in knowledge.gene_names
        for locus in knowledge.loci_by_gene.get(gene, ())
        for site in locus.sites.values()
    ]
    spans = [gene_span(knowledge, gene, build) for gene in knowledge.gene_names for build in Build]
    regions += [Region(*span) for span in spans if span is not None]
    return [*regions, *watched_regions(knowledge)] if assuming else regions
