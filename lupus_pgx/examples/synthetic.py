"""VCF files of invented patients: from star alleles and marker genotypes back to genotypes at the panel loci."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path

from lupus_pgx.calling.outside import said_call
from lupus_pgx.door import checked
from lupus_pgx.errors import UsageError, writing
from lupus_pgx.genotypes.builds import chrom_name, parse_build
from lupus_pgx.genotypes.positions import sorted_sites, vcf_header
from lupus_pgx.handover.letters import find_marker
from lupus_pgx.handover.meaning import Reader
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.knowledge.loci import Haplotypes, Locus, Site
from lupus_pgx.knowledge.tables import data_folder
from lupus_pgx.terms import Build
from lupus_pgx.vcf.writer import write_vcf

Letters = tuple[str, ...]
"""The alleles of one genotype, as the locus spells them on GRCh38; empty where it is not recorded."""

Genotypes = dict[tuple[str, str], Letters]
"""By gene and locus."""


@checked
def write_synthetic_vcf(
    path: str | PathLike[str],
    patients: Mapping[str, Mapping[str, str | None]],
    *,
    build: str = "GRCh38",
    variants_only: bool = False,
    knowledge: Knowledge | None = None,
) -> str:
    """Write a VCF of invented patients from the calls that they are to have.

    Every panel locus is recorded, unphased. A patient carries an ordinary genotype wherever nothing is
    stated: the base of GRCh38, or the common one where GRCh38 itself carries the allele of interest.

    Parameters
    ----------
    path : path
        Ends in ``.vcf.gz``; replaced if it exists. The index is written beside it.
    patients : mapping of sample to mapping of str to str or None
        Calls as :func:`lupus_pgx.respond` takes them: diplotypes by gene, marker genotypes by gene or by
        gene and marker. None: the loci of the gene or marker have no genotype.
    build : str
        ``GRCh38`` or ``GRCh37``.
    variants_only : bool
        Leave out records in which nobody differs from the genome, as most callers do.
    knowledge : Knowledge, optional

    Returns
    -------
    str
        The path.

    Raises
    ------
    UsageError
        If a sample name cannot stand in a VCF, a gene, marker or allele is unknown, an allele cannot be
        written as sequence (copy numbers, HLA), or two calls contradict each other at a locus.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = write_synthetic_vcf(tempfile.mkdtemp() + "/one.vcf.gz", {"P1": {"NUDT15": "*1/*3", "FCGR3A": "V/F"}})
    >>> import lupus_pgx
    >>> lupus_pgx.analyze(path, ancestry="EAS", drugs=["AZA"]).patient("P1").drug("AZA").action.value
    'reduce_dose'
    """
    knowledge = knowledge or load_knowledge()
    chosen = parse_build(build) or Build.GRCH38
    target = Path(path)
    if not target.name.endswith(".vcf.gz"):
        raise UsageError(f"expected a path that ends in .vcf.gz; found {str(path)!r}")
    ordinary = ordinary_genotypes()
    stated = {sample: ordinary | _of_calls(_checked(sample), calls, knowledge) for sample, calls in patients.items()}
    if not stated:
        raise UsageError("no patient was given: expected calls by sample name")
    with writing(target):
        write_genotypes(target, knowledge, chosen, stated, variants_only=variants_only)
    return str(target)


def ordinary_genotypes() -> Genotypes:
    """Return the common genotypes of the loci at which GRCh38 carries the allele of interest."""
    text = (data_folder() / "example" / "ordinary.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return {(gene, locus): tuple(alleles.split("/")) for gene, locus, alleles in rows}


def write_genotypes(
    path: Path, knowledge: Knowledge, build: Build, samples: Mapping[str, Genotypes], *, variants_only: bool
) -> None:
    """Write genotypes at the panel loci; a sample of which a locus is not stated carries what GRCh38 carries.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    sites = sorted_sites(knowledge, build, knowledge.gene_names)
    header = [
        *vcf_header(knowledge, build, sites),
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]),
    ]
    write_vcf(path, header, _records(build, sites, list(samples.values()), variants_only))


def _records(
    build: Build, sites: Sequence[tuple[Locus, Site]], samples: Sequence[Genotypes], variants_only: bool
) -> Iterator[str]:
    for locus, site in sites:
        plain = (site.letters[0], site.letters[0])
        alleles = [site.ref, *site.alts]
        stated = [genotypes.get((locus.gene, locus.name), plain) for genotypes in samples]
        calls = [sorted(alleles.index(letters) for letters in each) for each in stated]
        if not any(calls) or (variants_only and not any(any(call) for call in calls)):
            continue
        chrom = chrom_name(site.chrom, build)
        cells = [chrom, str(site.pos), locus.rsid or ".", site.ref, ",".join(site.alts), ".", "PASS"]
        yield "\t".join([*cells, f"GENE={locus.gene}", "GT", *("/".join(map(str, call)) or "./." for call in calls)])


def _checked(sample: str) -> str:
    if not sample or any(not letter.isprintable() for letter in sample):
        raise UsageError(f"a sample name in a VCF has no tab, line end or control character; found {sample!r}")
    return sample


def _of_calls(sample: str, calls: Mapping[str, str | None], knowledge: Knowledge) -> Genotypes:
    """Return the genotypes behind the calls of one sample."""
    found: Genotypes = {}
    given_by: dict[tuple[str, str], str] = {}
    for name, text in calls.items():
        for key, letters in _of_call(name, text, knowledge).items():
            if found.setdefault(key, letters) != letters:
                raise UsageError(f"{sample}: {given_by[key]} and {name} contradict each other at {' '.join(key)}")
            given_by[key] = name
    return found


def _of_call(name: str, text: str | None, knowledge: Knowledge) -> Genotypes:
    """Return the genotypes behind one call."""
    if text is None:
        loci = _loci_named(name, knowledge)
        return {(locus.gene, locus.name): () for locus in loci}
    star = knowledge.star_genes.get(name)
    if star is None:
        said = said_call(name, text, knowledge, Reader(knowledge))
        haplotypes, alleles = knowledge.markers_by_key[said.key].haplotypes, tuple(said.pairs[0][0].split("/"))
    else:
        said = said_call(name, text, knowledge, Reader(knowledge))
        if len(said.pairs) != 1:
            raise UsageError(f"{name}: expected one pair of alleles, such as *1/*1; found {text!r}")
        haplotypes, alleles = star.haplotypes, said.pairs[0]
    unwritable = [allele for allele in alleles if allele not in haplotypes.names]
    if unwritable:
        raise UsageError(f"{name} {unwritable[0]} has no sequence in the tables, so a VCF cannot hold it")
    return _letters(haplotypes, alleles)


def _loci_named(name: str, knowledge: Knowledge) -> Sequence[Locus]:
    """Return the loci of a gene, or of a marker named by gene and marker or by rsID."""
    if name in knowledge.star_genes:
        return knowledge.star_genes[name].haplotypes.loci
    if name in knowledge.loci_by_gene:
        return knowledge.loci_by_gene[name]
    return find_marker(knowledge, name, "").haplotypes.loci


def _letters(haplotypes: Haplotypes, alleles: Sequence[str]) -> Genotypes:
    """Spell named haplotypes; where one may carry several alleles it carries that of GRCh38, else the first."""
    lines = [haplotypes.allowed[haplotypes.names.index(allele)] for allele in alleles]
    return {
        (locus.gene, locus.name): tuple(
            locus.sites[Build.GRCH38].letters[(bits & -bits).bit_length() - 1] for bits in cells
        )
        for locus, cells in zip(haplotypes.loci, zip(*lines, strict=True), strict=True)
    }
