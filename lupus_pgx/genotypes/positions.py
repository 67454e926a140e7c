"""The loci a panel needs, for region queries (BED) and for calling them by force (VCF)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lupus_pgx._version import __version__
from lupus_pgx.errors import UsageError, unknown_name
from lupus_pgx.genotypes.builds import BuildProof, chrom_name, spellings
from lupus_pgx.genotypes.proof import BuildProofs, gather_evidence
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.loci import Locus, Site
from lupus_pgx.terms import Build
from lupus_pgx.vcf.file import VcfFile

FORMATS = ("bed", "vcf")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Style:
    """A build, and what its chromosomes are called (``chr6``: name); those not listed by their usual name."""

    build: Build
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, chrom: str) -> str:
        """Return what a chromosome is called."""
        return self.names.get(chrom) or chrom_name(chrom, self.build)


def style_of(path: str, knowledge: Knowledge, stated: Build | None = None) -> Style:
    """Return the build of a file, proven as for an analysis, and the names of its contigs.

    Parameters
    ----------
    path : str
        VCF or BCF.
    knowledge : Knowledge
    stated : Build, optional
        What the user says of the build.

    Returns
    -------
    Style
        Chromosomes that the file does not name are called as its others are; where those have no common form, a
        warning says that the usual names stand in.

    Raises
    ------
    InputError
        If the file cannot be used, or its build cannot be proven.
    """
    loci = {gene: knowledge.loci_by_gene.get(gene, ()) for gene in knowledge.gene_names}
    understood = spellings(knowledge)
    proofs = BuildProofs(stated)
    with VcfFile(path, understood) as file:
        evidence = gather_evidence(file, knowledge, stated)
        proofs.add(evidence)
        proof: BuildProof | None = proofs.of(evidence)
        # Raises where the build remains open.
        proofs.conclude([] if proof else [evidence])
        assert proof is not None
        known = sorted(name for name in file.known_contigs() if name in understood)
        # Where a file has two names for a chromosome, the one with records comes last and wins.
        known.sort(key=file.holds)
    names = {understood[name]: name for name in known}
    wanted = {locus.sites[proof.build].chrom for here in loci.values() for locus in here}
    return Style(proof.build, names | _like_others(path, names, wanted - set(names)))


def _like_others(path: str, names: Mapping[str, str], missing: set[str]) -> dict[str, str]:
    """Return names for chromosomes that a file does not name, in the form of those that it does."""
    if not missing:
        return {}
    for prefix in ("chr", "", "Chr", "CHR"):
        if names and all(name == prefix + chrom.removeprefix("chr") for chrom, name in names.items()):
            return {chrom: prefix + chrom.removeprefix("chr") for chrom in missing}
    log.warning("%s: does not name %s: the usual names stand in the list", path, ", ".join(sorted(missing)))
    return {}


def positions(
    knowledge: Knowledge, style: Style | Build, form: str, genes: Sequence[str] | None = None, flank: int = 0
) -> Iterator[str]:
    """Yield the lines of a position list.

    Parameters
    ----------
    knowledge : Knowledge
    style : Style or Build
        The build, with or without names of contigs: ``chr`` names on GRCh38, plain on GRCh37.
    form : str
        ``bed`` (0-based half-open; indels with the span in which they may be written) or
        ``vcf`` (sites only, all known ALTs).
    genes : sequence of str, optional
    flank : int
        Bases to add on both sides of each locus of a BED. Intervals that then touch are merged; they are named by
        their genes.

    Yields
    ------
    str
        Lines without line ends, in genome order.

    Raises
    ------
    UsageError
        If the format or a gene is unknown, or flanks are asked for in a VCF.
    """
    if form not in FORMATS:
        raise unknown_name("format", form, FORMATS)
    if flank and form != "bed":
        raise UsageError(f"--flank belongs to --format bed: a {form} lists the loci alone")
    style = style if isinstance(style, Style) else Style(style)
    sites = sorted_sites(knowledge, style.build, knowledge.select_genes(genes))
    if form == "vcf":
        yield from vcf_header(knowledge, style.build, sites, style)
        yield "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
        yield from (_vcf_line(locus, site, style) for locus, site in sites)
    elif flank:
        yield from _merged(knowledge, sites, style, flank)
    else:
        for locus, site in sites:
            yield f"{style.name(site.chrom)}\t{site.pos - 1}\t{site.end}\t{locus.gene}:{locus.name}"


def _vcf_line(locus: Locus, site: Site, style: Style) -> str:
    alts = ",".join(site.alts)
    flag = ";ESSENTIAL" if locus.essential else ""
    return (
        f"{style.name(site.chrom)}\t{site.pos}\t{locus.rsid or '.'}\t{site.ref}\t{alts}\t.\t.\tGENE={locus.gene}{flag}"
    )


def _merged(knowledge: Knowledge, sites: Sequence[tuple[Locus, Site]], style: Style, flank: int) -> Iterator[str]:
    """Yield the lines of a BED of loci with flanks, merged where they touch."""
    found: list[tuple[str, int, int, dict[str, None]]] = []
    for locus, site in sites:
        length = knowledge.contig_facts(style.build)[site.chrom][0]
        start, end = max(site.pos - 1 - flank, 0), min(site.end + flank, length)
        if found and found[-1][0] == site.chrom and start <= found[-1][2]:
            chrom, first, last, genes = found[-1]
            found[-1] = (chrom, first, max(last, end), genes | {locus.gene: None})
        else:
            found.append((site.chrom, start, end, {locus.gene: None}))
    for chrom, start, end, genes in found:
        yield f"{style.name(chrom)}\t{start}\t{end}\t{','.join(genes)}"


def sorted_sites(knowledge: Knowledge, build: Build, genes: Sequence[str]) -> list[tuple[Locus, Site]]:
    """Return loci with their sites in genome order."""
    order = {chrom: number for number, chrom in enumerate(knowledge.contig_facts(build))}
    sites = [(locus, locus.sites[build]) for gene in genes for locus in knowledge.loci_by_gene.get(gene, ())]
    return sorted(sites, key=lambda item: (order[item[1].chrom], item[1].pos))


def vcf_header(
    knowledge: Knowledge, build: Build, sites: Sequence[tuple[Locus, Site]], style: Style | None = None
) -> list[str]:
    """Return the meta lines of a VCF that lists panel loci, contigs named in a style or as usual."""
    style = style or Style(build)
    lines = ["##fileformat=VCFv4.3", f"##source=lupus-pgx {__version__}, data release {knowledge.release}"]
    chroms = dict.fromkeys(site.chrom for _, site in sites)
    for chrom in chroms:
        length = knowledge.contig_facts(build)[chrom][0]
        lines.append(f"##contig=<ID={style.name(chrom)},length={length},assembly={build}>")
    lines.append('##INFO=<ID=GENE,Number=1,Type=String,Description="Gene of the panel locus">')
    lines.append(
        '##INFO=<ID=ESSENTIAL,Number=0,Type=Flag,Description="No drug action may rest on the gene without it">'
    )
    return lines
