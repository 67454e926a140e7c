"""The records of a file that the panel needs, and those that prove its build, as a small file of their own."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from lupus_pgx.errors import InputError
from lupus_pgx.genotypes.builds import gene_regions, spellings
from lupus_pgx.genotypes.fasta import REACH
from lupus_pgx.genotypes.looked_at import watched_regions
from lupus_pgx.genotypes.stores import stores_as_text
from lupus_pgx.genotypes.strays import sought
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.terms import Build
from lupus_pgx.vcf.extract import each_once, write_extract
from lupus_pgx.vcf.file import VcfFile


def extract_file(
    path: str,
    folder: Path,
    name: str,
    knowledge: Knowledge,
    samples: Collection[str],
    *,
    assuming: bool,
    with_genome: bool,
) -> Path:
    """Write what is read of a file, whichever genes are asked for, as a small file that gives the same genotypes.

    Parameters
    ----------
    path : str
    folder : Path
    name : str
        Of the new file, without an ending.
    knowledge : Knowledge
    samples : collection of str
        That are kept; of BCF all are.
    assuming : bool
        Absent loci are stated to be reference: what tests the statement is kept too, which is all records of the genes
        and around them.
    with_genome : bool
        Indels are aligned against a genome, and may be written further from their locus.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the file cannot be read, or has no such sample.
    OSError
        If the small file cannot be written.
    """
    genes = knowledge.gene_names
    reach = REACH if with_genome else 0
    with (
        stores_as_text([path], knowledge, assuming=assuming, reach=reach) as (given,),
        VcfFile(given, spellings(knowledge)) as file,
    ):
        # On which build the file is, its records have to show once more: the places of both are kept.
        groups = [group for build in Build for group in gene_regions(file, knowledge, genes, build, reach)]
        regions = [region for group in groups for region in group]
        if assuming:
            regions += watched_regions(knowledge)
            file.seek(sought(knowledge, [locus for gene in genes for locus in knowledge.loci_by_gene.get(gene, ())]))
        file.select([sample for sample in file.sample_ids if sample in samples])
        if not file.sample_ids:
            raise InputError(f"{path}: holds none of the samples of its shard")
        return write_extract(file, each_once(file.records(regions), file.unplaced()), folder, name)
