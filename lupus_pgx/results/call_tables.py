"""Columns of the tables of calls: ``variants``, ``diplotypes`` and ``markers``."""

from __future__ import annotations

from typing import NamedTuple

from lupus_pgx.calling.markers import MarkerCall
from lupus_pgx.calling.phenotypes import GeneCall
from lupus_pgx.results.columns import Column, Columns

MAX_LISTED = 10
"""Candidates and phenotypes listed in one cell at the most."""


class Variant(NamedTuple):
    """One genotype of a locus of the panel, or of a variant that no allele lists, as the table shows it."""

    gene: str
    locus: str
    rsid: str
    chrom: str
    pos: int
    ref: str
    alt: str
    genotype: str
    phase_set: str
    status: str
    effect: str
    note: str


VARIANTS: Columns[Variant] = Columns(
    "a locus of the panel, or an annotated variant that no allele lists",
    ("gene", "locus"),
    (
        Column("gene", "text", lambda variant: variant.gene, "gene symbol"),
        Column(
            "locus", "text", lambda variant: variant.locus, "name of the locus: its rsID, or its change on the genome"
        ),
        Column("rsid", "text", lambda variant: variant.rsid, "rsID of the locus"),
        Column(
            "chrom",
            "text",
            lambda variant: variant.chrom,
            "chromosome as the build usually names it: chr6 on GRCh38, 6 on GRCh37",
        ),
        Column(
            "pos", "integer", lambda variant: variant.pos, "position of the locus on the build of the input, 1-based"
        ),
        Column("ref", "text", lambda variant: variant.ref, "base or bases of the build at the locus"),
        Column("alt", "text", lambda variant: variant.alt, "other known bases at the locus, joined by commas"),
        Column(
            "genotype",
            "text",
            lambda variant: variant.genotype,
            "letters of both haplotypes, joined by '|' where they are phased, else by '/'; one letter on a single "
            "chromosome X; null where the genotype cannot be used",
        ),
        Column(
            "phase_set",
            "text",
            lambda variant: variant.phase_set,
            "phase set within which genotypes are phased together: the PS of the file, or the chromosome; null where "
            "unphased",
        ),
        Column("status", "text", lambda variant: variant.status, "how the genotype came about, or why there is none"),
        Column("effect", "text", lambda variant: variant.effect, "coding and protein changes at the locus"),
        Column("note", "text", lambda variant: variant.note, "remark, such as the FILTER of a filtered record"),
    ),
)


DIPLOTYPES: Columns[GeneCall] = Columns(
    "a gene called by named alleles",
    ("gene",),
    (
        Column("gene", "text", lambda call: call.diplotype.gene, "gene symbol"),
        Column(
            "diplotype",
            "text",
            lambda call: call.diplotype.diplotype,
            "best candidate; null where there is none (no_call, novel)",
        ),
        Column("call_status", "text", lambda call: call.diplotype.status.value, "how sure the diplotype is"),
        Column(
            "probability",
            "probability",
            lambda call: call.diplotype.best.probability if call.diplotype.best else None,
            "probability of the diplotype, the lowest over the populations that apply",
        ),
        Column(
            "candidates",
            "shares",
            lambda call: tuple((item.name, item.probability) for item in call.diplotype.leading[:MAX_LISTED]),
            "possible diplotypes, best first, at most 10; each with its lowest probability over the populations that "
            "apply, so in one of them another than the first may be more probable than stated",
        ),
        Column("n_candidates", "integer", lambda call: call.diplotype.n_candidates, "how many diplotypes are possible"),
        Column(
            "phenotype",
            "text",
            lambda call: call.phenotype.best,
            "phenotype with the highest probability, as CPIC or ClinPGx call it",
        ),
        Column(
            "phenotype_probability",
            "probability",
            lambda call: call.phenotype.ranked[0][1] if call.phenotype.ranked else None,
            "probability of the phenotype, the lowest over the populations that apply",
        ),
        Column(
            "phenotypes",
            "shares",
            lambda call: tuple(call.phenotype.ranked[:MAX_LISTED]),
            "possible phenotypes, best first, at most 10; each with its lowest probability over the populations that "
            "apply, so in one of them another than the first may be more probable than stated",
        ),
        Column(
            "adjusted_phenotype",
            "text",
            lambda call: call.adjusted.shown.best if call.adjusted and call.adjusted.shown else "",
            "phenotype under the co-medication of the clinical context; null where nothing adjusts it",
        ),
        Column(
            "activity_score",
            "number",
            lambda call: call.phenotype.activity_score,
            "activity score, where CPIC defines one for the gene",
        ),
        Column(
            "allele_functions",
            "text",
            lambda call: "/".join(call.phenotype.functions),
            "functions of the alleles of the diplotype, in its order, joined by /",
        ),
        Column(
            "lookup",
            "text",
            lambda call: call.diplotype.lookup,
            "diplotype or locus by which rules were looked up, where it is not the diplotype",
        ),
        Column("n_loci", "integer", lambda call: call.diplotype.n_loci, "loci that define the alleles of the gene"),
        Column(
            "n_observed",
            "integer",
            lambda call: call.diplotype.n_observed,
            "loci of the gene with an observed genotype",
        ),
        Column(
            "n_assumed",
            "integer",
            lambda call: call.diplotype.n_assumed,
            "loci of the gene whose genotype rests on the policy for absent loci",
        ),
        Column(
            "n_doubtful",
            "integer",
            lambda call: call.diplotype.n_doubtful,
            "loci of the gene whose genotype is doubtful or imputed",
        ),
        Column("missing_loci", "list", lambda call: call.diplotype.missing, "loci without a usable genotype"),
        Column(
            "missing_essential",
            "list",
            lambda call: call.diplotype.missing_essential,
            "loci without a usable genotype on which every drug action rests",
        ),
        Column("note", "text", lambda call: "; ".join(call.notes), "remark"),
    ),
)


MARKERS: Columns[MarkerCall] = Columns(
    "a marker",
    ("gene", "marker"),
    (
        Column("gene", "text", lambda call: call.gene, "gene symbol"),
        Column("marker", "text", lambda call: call.marker, "name of the marker within the gene"),
        Column("rsid", "text", lambda call: call.rsid, "rsID, or several joined by a semicolon"),
        Column(
            "genotype",
            "text",
            lambda call: call.genotype,
            "genotype in the names of the marker, such as V/F; null where it is not settled",
        ),
        Column(
            "effect_allele_count",
            "integer",
            lambda call: call.effect_allele_count,
            "effect alleles the sample has; null where it is not settled",
        ),
        Column("category", "text", lambda call: call.category, "what the count is called, such as 2 risk haplotypes"),
        Column(
            "status",
            "text",
            lambda call: call.status,
            "status of the locus that holds the marker back most; 'outside' if given by the user",
        ),
        Column("note", "text", lambda call: call.note, "remark"),
    ),
)
