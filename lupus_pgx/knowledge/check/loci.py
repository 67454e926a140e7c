"""The science of what is called: loci on both builds, allele definitions, markers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from lupus_pgx.knowledge.check.faults import Fault, fault_at
from lupus_pgx.knowledge.tables import Table

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import GenesCells, LociCells, MarkerAllelesCells, Tables


class BuildColumns(NamedTuple):
    """The columns of a build, in the tables that state both."""

    build: str
    start: Literal["grch37_start", "grch38_start"]
    end: Literal["grch37_end", "grch38_end"]
    pos: Literal["grch37_pos", "grch38_pos"]
    ref: Literal["grch37_ref", "grch38_ref"]
    alt: Literal["grch37_alt", "grch38_alt"]
    hgvs: Literal["hgvs_grch37", "hgvs_grch38"]


BUILDS = (
    BuildColumns("GRCh37", "grch37_start", "grch37_end", "grch37_pos", "grch37_ref", "grch37_alt", "hgvs_grch37"),
    BuildColumns("GRCh38", "grch38_start", "grch38_end", "grch38_pos", "grch38_ref", "grch38_alt", "hgvs_grch38"),
)


def check_loci(tables: Tables) -> Iterator[Fault]:
    """Yield loci that lie outside their gene or have no allele, and alleles that are spelled wrongly or twice."""
    table = tables["loci"]
    genes = {row["gene"]: row for row in tables["genes"].rows}
    lengths = {(row["build"], row["chrom"]): row["length"] for row in tables["contigs"].rows}
    spelled = {(row["gene"], row["locus"]) for row in tables["locus_alleles"].rows}
    for number, row in enumerate(table.rows):
        if row["gene"] in genes:
            yield from _region_faults(table, number, row, genes[row["gene"]], lengths)
        if (row["gene"], row["locus"]) not in spelled:
            yield fault_at(table, number, ("gene", "locus"), "no row in the table locus_alleles: nothing differs here")


def check_locus_alleles(tables: Tables) -> Iterator[Fault]:
    """Yield alleles of loci that are spelled wrongly, or that another locus has already."""
    loci = {(row["gene"], row["locus"]): (number, row) for number, row in enumerate(tables["loci"].rows)}
    owners: dict[tuple[str, int, str, str], str] = {}
    table = tables["locus_alleles"]
    for number, row in enumerate(table.rows):
        for on in BUILDS:
            if not _is_trimmed(row[on.ref], row[on.alt]):
                yield fault_at(
                    table, number, (on.ref, on.alt), "expected one base each, or an indel with one shared base first"
                )
        ref, alt = row["grch38_ref"], row["grch38_alt"]
        if (row["grch37_ref"], row["grch37_alt"]) not in ((ref, alt), (alt, ref)):
            rule = f"expected {ref},{alt} as on GRCh38, or the two swapped"
            yield fault_at(table, number, ("grch37_ref", "grch37_alt"), rule)
        if (row["gene"], row["locus"]) not in loci:
            continue
        place, locus = loci[row["gene"], row["locus"]]
        yield from _context_faults(tables["loci"], place, locus, ref, alt)
        change = (locus["chrom"], locus["grch38_pos"], ref, alt)
        owner = f"{row['gene']} {row['locus']}"
        if owners.setdefault(change, owner) != owner:
            spelling = ("grch38_ref", "grch38_alt")
            yield fault_at(table, number, spelling, f"the change is listed for {owners[change]} already")


def _is_trimmed(ref: str, alt: str) -> bool:
    if len(ref) == len(alt):
        return len(ref) == 1 and ref != alt
    return min(len(ref), len(alt)) == 1 and ref[0] == alt[0]


def _context_faults(table: Table[Any], number: int, locus: LociCells, ref: str, alt: str) -> Iterator[Fault]:
    """Yield loci of indels that do not stand as far left as they can, or lack the sequence over which they shift."""
    context = locus["context"] or ""
    if len(ref) == len(alt) or not _is_trimmed(ref, alt):
        return
    if not context.startswith(ref):
        yield fault_at(
            table, number, "context", f"expected GRCh38 sequence that begins with {ref}: the locus is an indel"
        )
        return
    moved = max(ref, alt, key=len)[1:]
    if moved[-1] == context[0]:
        yield fault_at(table, number, "grch38_pos", f"the indel can be shifted left by the base {context[0]}: align it")
    after = context[len(ref) :]
    if any(base != moved[place % len(moved)] for place, base in enumerate(after)):
        yield fault_at(table, number, "context", "goes beyond the sequence over which the indel can be shifted")


def _region_faults(
    table: Table[Any], number: int, row: LociCells, gene: GenesCells, lengths: Mapping[tuple[str, str], int]
) -> Iterator[Fault]:
    if row["chrom"] != gene["chrom"]:
        yield fault_at(table, number, "chrom", f"{row['gene']} lies on {gene['chrom']}")
        return
    for on in BUILDS:
        length = lengths.get((on.build, row["chrom"]))
        first, last = gene[on.start], gene[on.end]
        position = row[on.pos]
        if length is None:
            yield fault_at(table, number, "chrom", f"no such chromosome in the table contigs for {on.build}")
        elif first is None or last is None or not first <= position <= last:
            yield fault_at(table, number, on.pos, f"outside the region of {row['gene']}, {first} to {last}")
        elif position > length:
            yield fault_at(table, number, on.pos, f"beyond the end of {row['chrom']}, {length}")


def check_essential(tables: Tables) -> Iterator[Fault]:
    """Yield called genes without an essential locus."""
    essential = {row["gene"] for row in tables["loci"].rows if row["essential"] == "yes"}
    with_markers = {row["gene"] for row in tables["markers"].rows}
    table = tables["genes"]
    for number, row in enumerate(table.rows):
        called = row["call_kind"] == "star" or row["gene"] in with_markers
        if called and row["gene"] not in essential:
            yield fault_at(table, number, "gene", "no locus of it is essential: no drug action may rest on nothing")


def check_alleles(tables: Tables) -> Iterator[Fault]:
    """Yield alleles that nothing tells apart, that require two bases at once or that have no function."""
    changes: dict[tuple[str, str], set[tuple[str, str, str, str]]] = {}
    table = tables["allele_loci"]
    for number, row in enumerate(table.rows):
        carried = changes.setdefault((row["gene"], row["allele"]), set())
        if row["role"] == "required" and any(
            locus == row["locus"] and role == "required" for locus, _, _, role in carried
        ):
            yield fault_at(table, number, ("allele", "locus"), "the allele requires two different bases here")
        carried.add((row["locus"], row["grch38_ref"], row["grch38_alt"], row["role"]))
    yield from _reference_faults(tables)
    table = tables["alleles"]
    alike: dict[tuple[str, frozenset[tuple[str, str, str, str]]], tuple[str, str]] = {}
    for number, row in enumerate(table.rows):
        if row["kind"] != "sequence":
            continue
        gene, allele = row["gene"], row["allele"]
        shown = row["reported_as"] or allele
        loci = frozenset(changes.get((gene, allele), ()))
        other, other_shown = alike.setdefault((gene, loci), (allele, shown))
        if other_shown != shown:
            rule = f"has the same loci as {other}" if loci else f"has no row in the table allele_loci, like {other}"
            yield fault_at(table, number, "allele", f"{rule}: nothing tells the two apart")


def _reference_faults(tables: Tables) -> Iterator[Fault]:
    """Yield star genes whose reference allele is missing, and alleles without a function row."""
    alleles = {(row["gene"], row["allele"]) for row in tables["alleles"].rows}
    functions = {(row["gene"], row["allele"]) for row in tables["allele_function"].rows}
    table = tables["genes"]
    for number, row in enumerate(table.rows):
        if row["call_kind"] == "star" and (row["gene"], row["reference_allele"]) not in alleles:
            yield fault_at(table, number, "reference_allele", f"no such allele of {row['gene']} in the table alleles")
    table = tables["alleles"]
    for number, row in enumerate(table.rows):
        if (row["gene"], row["reported_as"] or row["allele"]) not in functions:
            rule = "no row in the table allele_function: give a function, or 'not assigned' with its source"
            yield fault_at(table, number, ("gene", "allele"), rule)


def check_markers(tables: Tables) -> Iterator[Fault]:
    """Yield markers whose haplotypes or categories are incomplete."""
    loci = {(row["gene"], row["locus"], row["grch38_ref"], row["grch38_alt"]) for row in tables["locus_alleles"].rows}
    haplotypes: dict[tuple[str, str], list[MarkerAllelesCells]] = {}
    table = tables["marker_alleles"]
    for number, row in enumerate(table.rows):
        haplotypes.setdefault((row["gene"], row["marker"]), []).append(row)
        if row["locus"] is not None and (row["gene"], row["locus"], row["grch38_ref"], row["grch38_alt"]) not in loci:
            columns = ("gene", "locus", "grch38_ref", "grch38_alt")
            yield fault_at(table, number, columns, "no such row in the table locus_alleles")
        if row["locus"] is not None and row["role"] is None:
            yield fault_at(table, number, "role", "expected required or optional: the row names a locus")
    counted: dict[tuple[str, str], set[int]] = {}
    for row in tables["marker_categories"].rows:
        counted.setdefault((row["gene"], row["marker"]), set()).add(row["effect_allele_count"])
    table = tables["markers"]
    for number, row in enumerate(table.rows):
        key = (row["gene"], row["marker"])
        rows = haplotypes.get(key, [])
        definitions = [_definition(rows, name) for name in dict.fromkeys(item["allele"] for item in rows)]
        if len(set(definitions)) != len(definitions):
            yield fault_at(table, number, ("gene", "marker"), "two of its haplotypes have the same loci")
        if len(definitions) < 2 or not any(item["effect_allele"] == "yes" for item in rows):
            rule = "expected two or more haplotypes in the table marker_alleles, one of them an effect allele"
            yield fault_at(table, number, ("gene", "marker"), rule)
        if missing := {0, 1, 2} - counted.get(key, set()):
            absent = ", ".join(str(count) for count in sorted(missing))
            yield fault_at(
                table, number, ("gene", "marker"), f"no row in marker_categories for {absent} effect alleles"
            )


def _definition(rows: list[MarkerAllelesCells], allele: str) -> frozenset[tuple[str | None, ...]]:
    own = [row for row in rows if row["allele"] == allele and row["locus"] is not None]
    return frozenset((row["locus"], row["grch38_ref"], row["grch38_alt"]) for row in own)
