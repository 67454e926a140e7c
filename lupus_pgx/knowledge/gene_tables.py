"""Genes, their loci and their markers, made of the rows of their tables; ``Knowledge`` keeps what is made here."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lupus_pgx.knowledge.genes import Fallback, Marker, StarGene, Unnamed, natural_key
from lupus_pgx.knowledge.loci import Definition, Haplotypes, Locus, build_haplotypes, build_locus
from lupus_pgx.knowledge.rules import ALLELE, SCORE, WITHOUT
from lupus_pgx.knowledge.tables import Cells, split_list
from lupus_pgx.terms import Build

if TYPE_CHECKING:
    from lupus_pgx.knowledge.catalogue import Knowledge
    from lupus_pgx.knowledge.cells import (
        ActivityRulesCells,
        AlleleFunctionCells,
        AlleleLociCells,
        AllelesCells,
        FallbacksCells,
        GenesCells,
        HaplotypeFrequenciesCells,
        LocusAllelesCells,
        MarkersCells,
        PhenotypeRulesCells,
        UnnamedHaplotypesCells,
    )

_GENE_TABLES = (
    "alleles",
    "allele_loci",
    "allele_function",
    "phenotype_rules",
    "activity_rules",
    "haplotype_frequencies",
    "unnamed_haplotypes",
    "fallbacks",
)
_MARKER_TABLES = ("markers", "marker_alleles", "marker_categories")


class _OfGenes(NamedTuple):
    """The rows of each table by their gene."""

    alleles: Mapping[str, list[AllelesCells]]
    allele_loci: Mapping[str, list[AlleleLociCells]]
    allele_function: Mapping[str, list[AlleleFunctionCells]]
    haplotype_frequencies: Mapping[str, list[HaplotypeFrequenciesCells]]
    unnamed_haplotypes: Mapping[str, list[UnnamedHaplotypesCells]]
    phenotype_rules: Mapping[str, list[PhenotypeRulesCells]]
    activity_rules: Mapping[str, list[ActivityRulesCells]]
    fallbacks: Mapping[str, list[FallbacksCells]]


def overlaid_genes(knowledge: Knowledge) -> frozenset[str]:
    """Return the genes of which an overlay changes a locus, an allele, a marker or a rule."""
    tables = ["genes", "loci", "locus_alleles", *_GENE_TABLES, *_MARKER_TABLES] if knowledge.overlay else []
    return frozenset(row["gene"] for table in tables for row, place in knowledge.placed(table) if not place.shipped)


def loci_of_genes(knowledge: Knowledge) -> dict[str, tuple[Locus, ...]]:
    """Return the loci of each gene in genome order."""
    never = {(row["gene"], row["locus"]) for row in knowledge.rows("missing_policy")}
    alleles: dict[tuple[str, str], list[LocusAllelesCells]] = {}
    for change in knowledge.rows("locus_alleles"):
        alleles.setdefault((change["gene"], change["locus"]), []).append(change)
    x_linked = {row["gene"] for row in knowledge.rows("genes") if row["ploidy"] == "x_linked"}
    by_gene: dict[str, list[Locus]] = {}
    for row in knowledge.rows("loci"):
        key = (row["gene"], row["locus"])
        locus = build_locus(row, alleles[key], never_assume=key in never, x_linked=row["gene"] in x_linked)
        by_gene.setdefault(row["gene"], []).append(locus)
    return {
        gene: tuple(sorted(loci, key=lambda locus: (locus.sites[Build.GRCH38].pos, locus.name)))
        for gene, loci in by_gene.items()
    }


def star_genes(knowledge: Knowledge, overlaid: Container[str]) -> dict[str, StarGene]:
    """Return the genes called by named haplotypes, by symbol, sorted; ``overlaid`` are those an overlay changes."""
    asked, tables = _asked_values(knowledge), _by_gene(knowledge)
    made = {}
    for row in sorted(knowledge.rows("genes"), key=lambda row: str(row["gene"])):
        if row["call_kind"] in ("star", "typing", "outside"):
            gene = row["gene"]
            made[gene] = _star_gene(
                row,
                tables,
                knowledge.loci_by_gene.get(gene, ()),
                asked_alleles=asked.get((gene, ALLELE), frozenset()),
                score_asked=(gene, SCORE) in asked or gene in knowledge.converted_genes,
                overlaid=gene in overlaid,
            )
    return made


def markers(knowledge: Knowledge, overlaid: Container[str]) -> dict[str, Marker]:
    """Return the markers by ``gene marker``, sorted; ``overlaid`` are the genes an overlay changes."""
    made = [_marker(row, knowledge, row["gene"] in overlaid) for row in knowledge.rows("markers")]
    return {marker.key: marker for marker in sorted(made, key=lambda marker: marker.key)}


def _asked_values(knowledge: Knowledge) -> dict[tuple[str, str], frozenset[str]]:
    """Return the values that conditions ask for, by gene or marker and aspect."""
    asked: dict[tuple[str, str], set[str]] = {}
    for drug in knowledge.drugs_by_name.values():
        conditions = [*(rule.condition for rule in drug.rules), *(row.condition for row in drug.evidence)]
        for condition in conditions:
            for clause in condition.clauses if condition is not None else ():
                names = {value.removeprefix(WITHOUT) for value in clause.values}
                asked.setdefault((clause.key, clause.aspect), set()).update(names)
    return {key: frozenset(names) for key, names in asked.items()}


def _by_gene(knowledge: Knowledge) -> _OfGenes:
    return _OfGenes(
        _grouped(knowledge.rows("alleles"), lambda row: row["gene"]),
        _grouped(knowledge.rows("allele_loci"), lambda row: row["gene"]),
        _grouped(knowledge.rows("allele_function"), lambda row: row["gene"]),
        _grouped(knowledge.rows("haplotype_frequencies"), lambda row: row["gene"]),
        _grouped(knowledge.rows("unnamed_haplotypes"), lambda row: row["gene"]),
        _grouped(knowledge.rows("phenotype_rules"), lambda row: row["gene"]),
        _grouped(knowledge.rows("activity_rules"), lambda row: row["gene"]),
        _grouped(knowledge.rows("fallbacks"), lambda row: row["gene"]),
    )


def _star_gene(
    gene_row: GenesCells,
    tables: _OfGenes,
    of_gene: Sequence[Locus],
    *,
    asked_alleles: frozenset[str],
    score_asked: bool,
    overlaid: bool,
) -> StarGene:
    gene = gene_row["gene"]
    sequences = [row for row in tables.alleles.get(gene, ()) if row["kind"] == "sequence"]
    names = sorted((row["allele"] for row in sequences), key=natural_key)
    names.sort(key=lambda name: name != gene_row["reference_allele"])
    definitions = [
        Definition(row["allele"], row["locus"], row["grch38_ref"], row["grch38_alt"], row["role"] == "required")
        for row in tables.allele_loci.get(gene, ())
    ]
    used = {item.locus for item in definitions}  # other loci of the gene are markers
    loci = tuple(locus for locus in of_gene if locus.name in used)
    haplotypes = build_haplotypes(tuple(names), loci, definitions)
    counts: dict[str, dict[str, int]] = {}
    totals: dict[str, int] = {}
    for row in tables.haplotype_frequencies.get(gene, ()):
        counts.setdefault(row["population"], {})[row["allele"]] = row["count"]
        totals[row["population"]] = row["total"]
    phenotypes = {}
    for rule in tables.phenotype_rules.get(gene, ()):
        first, second = sorted((rule["function_1"], rule["function_2"]))
        phenotypes[first, second] = rule["phenotype"]
    return StarGene(
        gene=gene,
        reference_allele=gene_row["reference_allele"] or "",
        structure=gene_row["structure"],
        x_linked=gene_row["ploidy"] == "x_linked",
        typing=gene_row["call_kind"] == "typing",
        outside_only=gene_row["call_kind"] == "outside",
        one_copy=gene_row["ploidy"] == "mitochondrial",
        caveat=gene_row["caveat"] or "",
        haplotypes=haplotypes,
        reported={row["allele"]: row["reported_as"] or row["allele"] for row in sequences},
        functions={row["allele"]: row["function"] for row in tables.allele_function.get(gene, ())},
        activity_values={
            row["allele"]: row["activity_value"]
            for row in tables.allele_function.get(gene, ())
            if row["activity_value"] is not None
        },
        phenotypes=phenotypes,
        activity_rules=tuple(tables.activity_rules.get(gene, ())),
        counts=counts,
        totals=totals,
        asked_alleles=asked_alleles,
        score_asked=score_asked,
        overlaid=overlaid,
        unnamed=_unnamed(haplotypes, tables.unnamed_haplotypes.get(gene, ())) if counts else (),
        fallback=_fallback(tables.fallbacks.get(gene, ())),
    )


def _marker(row: MarkersCells, knowledge: Knowledge, overlaid: bool) -> Marker:
    key = (row["gene"], row["marker"])
    rows = [item for item in knowledge.rows("marker_alleles") if (item["gene"], item["marker"]) == key]
    names = list(dict.fromkeys(item["allele"] for item in sorted(rows, key=lambda item: int(item["rank"]))))
    differing = [
        Definition(
            item["allele"],
            item["locus"],
            item["grch38_ref"] or "",
            item["grch38_alt"] or "",
            item["role"] == "required",
        )
        for item in rows
        if item["locus"] is not None
    ]
    used = {item.locus for item in differing}
    loci = tuple(locus for locus in knowledge.loci_by_gene[row["gene"]] if locus.name in used)
    return Marker(
        gene=row["gene"],
        marker=row["marker"],
        rsid=row["rsid"],
        effect=row["effect"],
        caveat=row["caveat"] or "",
        haplotypes=build_haplotypes(tuple(names), loci, differing),
        effect_alleles=frozenset(item["allele"] for item in rows if item["effect_allele"] == "yes"),
        categories={
            item["effect_allele_count"]: item["category"]
            for item in knowledge.rows("marker_categories")
            if (item["gene"], item["marker"]) == key
        },
        overlaid=overlaid,
        minus_strand=knowledge.gene_rows[row["gene"]]["strand"] == "-",
    )


def _grouped(rows: Iterable[Cells], gene_of: Callable[[Cells], str]) -> dict[str, list[Cells]]:
    """Group rows by their gene, once for all genes."""
    groups: dict[str, list[Cells]] = {}
    for row in rows:
        groups.setdefault(gene_of(row), []).append(row)
    return groups


def _unnamed(named: Haplotypes, rows: Iterable[UnnamedHaplotypesCells]) -> tuple[Unnamed, ...]:
    """Build the haplotypes without a name; one that an allele explains by now is left out."""
    column = {locus.name: number for number, locus in enumerate(named.loci)}
    held = np.array(named.allowed, np.uint64).reshape(len(named.names), len(named.loci))
    found = []
    for row in rows:
        counts = {"AFR": row["AFR"], "AMR": row["AMR"], "EAS": row["EAS"], "EUR": row["EUR"], "SAS": row["SAS"]}
        allowed, changes = [1] * len(named.loci), split_list(row["pattern"])
        for name in split_list(row["unread"]):
            allowed[column[name]] = (1 << len(named.loci[column[name]].rows) + 1) - 1
        for change in changes:
            name, _, letters = change.rpartition(":")
            allowed[column[name]] = 1 << named.loci[column[name]].code_of(*letters.split(">"))
        if not (held & np.array(allowed, np.uint64)).all(axis=1).any():
            found.append(Unnamed(changes, tuple(allowed), counts))
    return tuple(found)


def _fallback(rows: Sequence[FallbacksCells]) -> Fallback | None:
    """Join the rows of the locus by which a gene is looked up where no pair fits."""
    if not rows:
        return None
    phenotypes = {
        (first, second): row["phenotype"] for row in rows for first, second in [sorted(row["genotype"].split("/"))]
    }
    return Fallback(rows[0]["locus"], phenotypes, rows[0]["says"])
