"""Build small VCF files for tests: every panel locus recorded, then single loci changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pysam
import pysam.bcftools

from lupus_pgx import Knowledge, load_knowledge
from lupus_pgx.genotypes.builds import gene_span
from lupus_pgx.terms import Build

FORMAT_LINES = {
    "GT": '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    "PS": '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">',
    "GQ": '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
    "DP": '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Read depth">',
    "AD": '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allele depth">',
}


@dataclass
class Rec:
    """One VCF record; ``calls`` are the sample cells as written (``0/1`` or ``0/1:35:99``)."""

    chrom: str
    pos: int
    ref: str
    alts: str
    calls: list[str]
    fmt: str = "GT"
    identifier: str = "."
    filters: str = "PASS"
    info: str = "."

    def line(self) -> str:
        cells = [
            self.chrom,
            str(self.pos),
            self.identifier,
            self.ref,
            self.alts,
            ".",
            self.filters,
            self.info,
            self.fmt,
        ]
        return "\t".join([*cells, *self.calls])


@dataclass
class VcfBuilder:
    """A VCF that starts with a homozygous GRCh38-allele record at every panel locus.

    ``set("rs1142345", "T/C")`` states the genotype of the first sample (or of all samples, given
    as a list) in letters of the locus; ``drop``, ``replace`` and ``add`` change records.
    """

    build: str = "GRCh38"
    samples: list[str] = field(default_factory=lambda: ["S1"])
    prefix: bool | None = None
    lengths: bool = True
    genes: tuple[str, ...] | None = None
    meta: list[str] = field(default_factory=list)
    knowledge: Knowledge | None = None

    def __post_init__(self) -> None:
        knowledge = self.knowledge or load_knowledge()
        build = Build(self.build)
        genes = self.genes or knowledge.gene_names
        self.loci = {locus.name: locus for gene in genes for locus in knowledge.loci_by_gene.get(gene, ())}
        self.contigs = knowledge.contig_facts(build)
        self.records: dict[str, list[Rec]] = {}
        for name, locus in self.loci.items():
            site = locus.sites[build]
            code = [site.ref, *site.alts].index(site.letters[0])
            rec = Rec(
                self.chrom(site.chrom), site.pos, site.ref, ",".join(site.alts), [f"{code}/{code}"] * len(self.samples)
            )
            rec.identifier = locus.rsid or "."
            self.records[name] = [rec]
        self.extra: list[Rec] = []
        self._like_a_genome = False

    def chrom(self, name: str) -> str:
        prefixed = self.build == "GRCh38" if self.prefix is None else self.prefix
        return name if prefixed else name.removeprefix("chr")

    def site(self, locus: str):
        return self.loci[locus].sites[Build(self.build)]

    def set(self, locus: str, *genotypes: str) -> VcfBuilder:
        """State genotypes in letters (``T/C``, ``T|C``, ``./.``), one for all samples or one each.

        A letter that the locus does not have becomes one alternative more.
        """
        site = self.site(locus)
        alleles = [site.ref, *site.alts]
        calls = []
        for text in genotypes:
            separator = "|" if "|" in text else "/"
            alleles += sorted(set(text.split(separator)) - {*alleles, "."})
            codes = [part if part == "." else str(alleles.index(part)) for part in text.split(separator)]
            calls.append(separator.join(codes))
        self.records[locus][0].alts = ",".join(alleles[1:])
        self.records[locus][0].calls = calls * len(self.samples) if len(calls) == 1 else calls
        return self

    def drop(self, *loci: str) -> VcfBuilder:
        for locus in loci:
            self.records.pop(locus)
        return self

    def drop_gene(self, gene: str) -> VcfBuilder:
        return self.drop(*[name for name, locus in self.loci.items() if locus.gene == gene and name in self.records])

    def change(self, *changes: str) -> VcfBuilder:
        """Apply changes as the tables of cases write them.

        ``rs1142345=T/C`` states letters, ``rs1142345=0/1`` counts them (0 is the base of GRCh38 on both builds, 1 the
        first other allele of the loci table), ``rs776746=absent`` or ``-rs776746`` leaves a locus out,
        ``NUDT15=absent`` or ``-NUDT15`` a gene.
        """
        for text in changes:
            name, _, genotype = text.partition("=")
            name = name.removeprefix("-")
            if genotype not in ("", "absent"):
                letters = self.site(name).letters
                alleles = [letters[int(part)] if part.isdigit() else part for part in re.split(r"[/|]", genotype)]
                self.set(name, ("|" if "|" in genotype else "/").join(alleles))
            elif name in self.loci:
                self.drop(name)
            elif any(locus.gene == name for locus in self.loci.values()):
                self.drop_gene(name)
            else:
                raise KeyError(name)
        return self

    def replace(self, locus: str, *records: Rec) -> VcfBuilder:
        self.records[locus] = list(records)
        return self

    def add(self, *records: Rec) -> VcfBuilder:
        self.extra.extend(records)
        return self

    def like_a_genome(self, step: int = 1_500) -> VcfBuilder:
        """Add a heterozygote of the first sample every some bases over the genes, as in a file of variants of a genome.

        They lie beside the loci; that the caller looked there is what they show. One in eight is an insertion.
        """
        if self._like_a_genome:
            return self
        self._like_a_genome = True
        knowledge = self.knowledge or load_knowledge()
        build = Build(self.build)
        near = {(locus.sites[build].chrom, locus.sites[build].pos) for locus in self.loci.values()}
        taken = {(chrom, pos + shift) for chrom, pos in near for shift in range(-60, 61)}
        for gene in dict.fromkeys(locus.gene for locus in self.loci.values()):
            own = [locus.sites[Build(self.build)] for locus in self.loci.values() if locus.gene == gene]
            chrom, start, end = gene_span(knowledge, gene, Build(self.build)) or (
                own[0].chrom,
                min(site.pos for site in own),
                max(site.pos for site in own),
            )
            for pos in range(start + 1, end, step):
                if (chrom, pos) not in taken:
                    taken.add((chrom, pos))
                    calls = ["0/1", *["0/0"] * (len(self.samples) - 1)]
                    alt = "G" if len(self.extra) % 8 else "AT"
                    self.extra.append(Rec(self.chrom(chrom), pos, "A", alt, calls))
        return self

    def variants_only(self) -> VcfBuilder:
        """Drop every record in which all samples carry only REF; what is left is like the variants of a genome."""
        self.like_a_genome()
        for name, records in list(self.records.items()):
            if all(set(call.replace("|", "/").split("/")) <= {"0"} for rec in records for call in rec.calls):
                del self.records[name]
        return self

    def text(self) -> str:
        records = [rec for group in self.records.values() for rec in group] + self.extra
        order = {self.chrom(name): number for number, name in enumerate(self.contigs)}
        records.sort(key=lambda rec: (order.get(rec.chrom, 99), rec.pos))
        lines = ["##fileformat=VCFv4.2", *self.meta]
        for chrom in dict.fromkeys(rec.chrom for rec in records):
            home = chrom if chrom.startswith("chr") else f"chr{chrom}"
            length = f",length={self.contigs[home][0]}" if self.lengths and home in self.contigs else ""
            lines.append(f"##contig=<ID={chrom}{length}>")
        lines.append('##FILTER=<ID=LowQual,Description="Low quality">')
        lines.append('##INFO=<ID=END,Number=1,Type=Integer,Description="End of the block">')
        lines.append('##ALT=<ID=NON_REF,Description="Any other allele">')
        lines += FORMAT_LINES.values()
        lines.append(
            "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *self.samples])
        )
        return "\n".join([*lines, *(rec.line() for rec in records)]) + "\n"

    def stated(self, options) -> VcfBuilder:
        """Be like a genome where options state that absent means reference: the statement is tested."""
        return self.like_a_genome() if options.get("absent") == "reference" else self

    def write(self, path: Path, kind: str = "vcf.gz", index: bool = True) -> str:
        """Write as ``vcf``, ``vcf.gz`` (bgzip and tabix) or ``bcf``; return the path."""
        target = path if str(path).endswith(f".{kind}") else Path(f"{path}.{kind}")
        target.parent.mkdir(parents=True, exist_ok=True)
        if kind == "vcf":
            target.write_text(self.text(), encoding="utf-8")
            return str(target)
        if kind == "vcf.gz":
            with pysam.BGZFile(str(target), "wb", None) as handle:
                handle.write(self.text().encode())
            if index:
                pysam.tabix_index(str(target), preset="vcf", force=True)
            return str(target)
        plain = target.with_suffix(".tmp.vcf")
        plain.write_text(self.text(), encoding="utf-8")
        pysam.bcftools.view("-Ob", "-o", str(target), str(plain), catch_stdout=False)
        plain.unlink()
        if index:
            pysam.bcftools.index("-f", str(target), catch_stdout=False)
        return str(target)
