"""The loci a panel needs, for region queries (BED) and for calling them by force (VCF)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lupus_pgx._version import __version__
from lupus_pgx.errors import unknown_name
from lupus_pgx.genotypes.builds import chrom_name
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.loci import Locus, Site
from lupus_pgx.terms import Build

FORMATS = ("bed", "vcf")


def positions(knowledge: Knowledge, build: Build, form: str, genes: Sequence[str] | None = None) -> Iterator[str]:
    """Yield the lines of a position list.

    Parameters
    ----------
    knowledge : Knowledge
    build : Build
    form : str
        ``bed`` (0-based half-open; indels with the span in which they may be written) or
        ``vcf`` (sites only, all known ALTs).
    genes : sequence of str, optional

    Yields
    ------
    str
        Lines without line ends, in genome order; ``chr`` names on GRCh38, plain on GRCh37.

    Raises
    ------
    UsageError
        If the format or a gene is unknown.
    """
    if form not in FORMATS:
        raise unknown_name("format", form, FORMATS)
    sites = sorted_sites(knowledge, build, knowledge.select_genes(genes))
    if form == "vcf":
        yield from vcf_header(knowledge, build, sites)
        yield "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    for locus, site in sites:
        chrom = chrom_name(site.chrom, build)
        if form == "bed":
            yield f"{chrom}\t{site.pos - 1}\t{site.end}\t{locus.gene}:{locus.name}"
        else:
            alts = ",".join(site.alts)
            flag = ";ESSENTIAL" if locus.essential else ""
            yield f"{chrom}\t{site.pos}\t{locus.rsid or '.'}\t{site.ref}\t{alts}\t.\t.\tGENE={locus.gene}{flag}"


def sorted_sites(knowledge: Knowledge, build: Build, genes: Sequence[str]) -> list[tuple[Locus, Site]]:
    """Return loci with their sites in genome order."""
    order = {chrom: number for number, chrom in enumerate(knowledge.contig_facts(build))}
    sites = [(locus, locus.sites[build]) for gene in genes for locus in knowledge.loci_by_gene.get(gene, ())]
    return sorted(sites, key=lambda item: (order[item[1].chrom], item[1].pos))


def vcf_header(knowledge: Knowledge, build: Build, sites: Sequence[tuple[Locus, Site]]) -> list[str]:
    """Return the meta lines of a VCF that lists panel loci."""
    lines = ["##fileformat=VCFv4.3", f"##source=lupus-pgx {__version__}, data release {knowledge.release}"]
    chroms = dict.fromkeys(site.chrom for _, site in sites)
    for chrom in chroms:
        length = knowledge.contig_facts(build)[chrom][0]
        lines.append(f"##contig=<ID={chrom_name(chrom, build)},length={length},assembly={build}>")
    lines.append('##INFO=<ID=GENE,Number=1,Type=String,Description="Gene of the panel locus">')
    lines.append(
        '##INFO=<ID=ESSENTIAL,Number=0,Type=Flag,Description="No drug action may rest on the gene without it">'
    )
    return lines
