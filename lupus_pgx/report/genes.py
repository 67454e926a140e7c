"""What a report shows of genes and markers, and of what was not assessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lupus_pgx.calling.calls import DiplotypeCall
from lupus_pgx.genotypes.builds import chrom_name
from lupus_pgx.genotypes.codes import status_name
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.genotypes.unlisted import COMMON
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.rules import gene_of
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.report.drug_view import DrugView
from lupus_pgx.report.marks import Citations, Link, marker_mark
from lupus_pgx.results.tables import Results
from lupus_pgx.terms import CallStatus, LocusStatus
from lupus_pgx.words.amounts import called_text, span_text
from lupus_pgx.words.lines import counted
from lupus_pgx.words.remedies import elsewhere_texts
from lupus_pgx.words.vocabulary import CALLS, Word, plain

_SHOWN = 6
"""Candidates and loci that are named before the rest is counted."""


@dataclass(frozen=True, slots=True)
class GeneView:
    """A star gene as a report shows it.

    ``certainty`` claims the pair that is shown and is the lowest over the populations that apply. What else is possible
    (``candidates``, ``other_phenotypes``) has its lowest and its highest: in one of them the pair that asks for more
    may be many times as probable as in the others.
    """

    gene: str
    diplotype: str
    phenotype: str
    adjusted: str
    mark: Word
    certainty: str
    candidates: tuple[tuple[str, str], ...]
    more_candidates: int
    other_phenotypes: tuple[tuple[str, str], ...]
    activity_score: str
    n_loci: int
    n_observed: int
    missing_essential: tuple[str, ...]
    note: str
    unlisted: tuple[str, ...]
    left_out: str
    caveat: str
    functions: str
    drugs: tuple[str, ...]

    @property
    def by_population(self) -> str:
        """What the probabilities of the pairs that are possible are by, where it makes a difference."""
        return " by population" if any(" to " in sure for _, sure in self.candidates) else ""


@dataclass(frozen=True, slots=True)
class MarkerView:
    """A marker as a report shows it; ``effect`` is set where an effect allele is carried."""

    key: str
    genotype: str
    category: str
    mark: Word
    effect: str
    note: str


@dataclass(frozen=True, slots=True)
class Position:
    """A locus without a genotype: why, and the alleles that it leaves open, with their function."""

    locus: str
    place: str
    reason: str
    alleles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """What of a gene was not assessed, why, and for which drugs it counts.

    Attributes
    ----------
    gene : str
    essential, other : tuple of str
        Loci.
    reasons : tuple of str
        Such as ``no record (12)``.
    drugs : tuple of (str, str)
        Drugs that wait for it, and what the answer could be.
    advice : tuple of str
        How to close the gap.
    positions : tuple of Position
        The essential loci that are missing, one by one.
    """

    gene: str
    essential: tuple[str, ...]
    other: tuple[str, ...]
    reasons: tuple[str, ...]
    drugs: tuple[tuple[str, str], ...]
    advice: tuple[str, ...]
    positions: tuple[Position, ...] = ()


@dataclass(frozen=True, slots=True)
class Unseen:
    """What no VCF tells of a gene of the panel."""

    feature: str
    reason: str
    how_to_measure: str
    relevance: str
    links: tuple[Link, ...]


def _sure(call: DiplotypeCall) -> str:
    """Return how probable the best pair is; nothing where the word of the call says it all."""
    if call.best is None or (call.best.probability == 1 and not call.structure_unseen):
        return ""
    return called_text(call.best.probability, unseen_structure=call.structure_unseen)


def gene_views(results: Results, knowledge: Knowledge) -> tuple[GeneView, ...]:
    """Return the views of all star genes of the first sample."""
    return tuple(_gene_view(results, knowledge, gene) for gene in sorted(results.genes.values))


def _gene_view(results: Results, knowledge: Knowledge, gene: str) -> GeneView:
    known = results.genes.of(gene, 0)
    call, phenotype, adjustment = known.diplotype, known.phenotype, known.adjusted
    shown = adjustment.shown if adjustment is not None else None
    given = call.status is CallStatus.OUTSIDE
    listed = [] if call.status is CallStatus.NO_CALL else call.leading[:_SHOWN]
    return GeneView(
        gene=gene,
        diplotype=call.diplotype,
        phenotype=phenotype.best,
        adjusted=shown.best if shown is not None else "",
        mark=CALLS[call.status],
        certainty="" if given else _sure(call),
        candidates=tuple((item.name, "" if given else span_text(item.by_prior, call.evidence)) for item in listed),
        more_candidates=max(call.n_candidates - len(listed), 0),
        other_phenotypes=tuple((name, span_text(values)) for name, values in phenotype.by_prior[1:] if not given),
        activity_score=f"{phenotype.activity_score:g}" if phenotype.activity_score is not None else "",
        n_loci=call.n_loci,
        n_observed=call.n_observed,
        missing_essential=call.missing_essential,
        note="; ".join(known.notes),
        unlisted=unlisted_texts(results.genotypes, gene),
        left_out=left_out_text(results.genotypes, gene),
        caveat=knowledge.star_genes[gene].caveat,
        functions=" / ".join(name or "not assigned" for name in phenotype.functions),
        drugs=tuple(name for name in sorted(results.responses.values) if gene in knowledge.drug(name).rule_keys),
    )


def unlisted_texts(genotypes: Genotypes, gene: str) -> tuple[str, ...]:
    """Return the annotated variants of a gene that no allele lists, as the first sample has them."""
    found = [item for item in genotypes.unlisted if item.gene == gene and 0 in item.genotypes]
    said = [(item, item.remark(0)) for item in found]
    return tuple(
        f"{item.name} {item.genotypes[0]}: {item.effect}{f'; {remark}' if remark else ''}" for item, remark in said
    )


def left_out_text(genotypes: Genotypes, gene: str) -> str:
    """Say how many such variants of the first sample are too frequent to be listed; empty where none is."""
    counts = genotypes.left_out.get(gene)
    count = int(counts[0]) if counts is not None else 0
    if not count:
        return ""
    return f"{counted(count, 'common variant')} of high or moderate impact (AF {COMMON:.0%} or more) left out"


def region_genes(results: Results) -> list[str]:
    """Return the genes without star alleles of which the first sample has annotated variants."""
    genotypes = results.genotypes
    genes = {item.gene for item in genotypes.unlisted} | set(genotypes.left_out)
    found = genes - set(results.genes.values)
    return sorted(gene for gene in found if unlisted_texts(genotypes, gene) or left_out_text(genotypes, gene))


def other_unlisted(results: Results) -> tuple[tuple[str, tuple[str, ...], str], ...]:
    """Return annotated variants of genes without star alleles: those listed, and how many are left out."""
    genotypes = results.genotypes
    return tuple(
        (gene, unlisted_texts(genotypes, gene), left_out_text(genotypes, gene)) for gene in region_genes(results)
    )


def marker_views(results: Results, knowledge: Knowledge) -> tuple[MarkerView, ...]:
    """Return the views of all markers of the first sample."""
    views = []
    for key in sorted(results.markers.values):
        call = results.markers.of(key, 0)
        settled = bool(call.genotype or call.category)
        effect = knowledge.markers_by_key[key].effect if call.effect_allele_count else ""
        mark = marker_mark(call.status, settled=settled)
        views.append(MarkerView(key, call.genotype, call.category, mark, effect, call.note))
    return tuple(views)


def gaps(results: Results, knowledge: Knowledge, drugs: Sequence[DrugView], *, stated: bool) -> tuple[Gap, ...]:
    """Return what was not assessed of genes and markers, those that drugs wait for first.

    Parameters
    ----------
    results : Results
        Of one sample.
    knowledge : Knowledge
    drugs : sequence of DrugView
    stated : bool
        Calls were given, no file was read.

    Returns
    -------
    tuple of Gap
    """
    waiting = _waiting(drugs)
    found = _not_given(results) if stated else _missing(results, knowledge)
    shown = [replace(gap, drugs=waiting.get(gap.gene, ())) for gap in found]
    return tuple(sorted(shown, key=lambda gap: (not gap.drugs, not gap.essential, gap.gene)))


def _not_given(results: Results) -> Iterator[Gap]:
    """Yield the genes and markers of which no call was given."""
    genes = results.genes
    open_genes = [gene for gene in genes.values if genes.of(gene, 0).diplotype.status is CallStatus.NO_CALL]
    open_markers = [key for key in results.markers.values if results.markers.of(key, 0).status != CallStatus.OUTSIDE]
    for name in (*open_genes, *open_markers):
        yield Gap(name, ("not given",), (), (), (), ("give the call",))


def _missing(results: Results, knowledge: Knowledge) -> Iterator[Gap]:
    """Yield the genes and markers of which a genotype is missing, or that no file tells."""
    reasons = _reasons(results)
    for gene in results.genes.values:
        call = results.genes.of(gene, 0).diplotype
        typing = call.is_open_typing
        essential = (
            *call.missing_essential,
            *(["typing"] if typing else []),
            *(["structure"] if call.structure_open else []),
            *(["an outside call"] if call.is_open_outside else []),
        )
        other = tuple(name for name in call.missing if name not in call.missing_essential)
        if essential or (other and call.status is not CallStatus.OUTSIDE):
            why = _counted(reasons, gene, (*call.missing_essential, *other))
            advice = _advice(typing, call.structure_open, call.is_open_outside)
            positions = tuple(_positions(results, knowledge, gene, call.missing_essential, reasons))
            yield Gap(gene, essential, other, why, (), advice, positions)
    for key in results.markers.values:
        marker = results.markers.of(key, 0)
        if marker.missing and marker.status != CallStatus.OUTSIDE:
            yield Gap(key, marker.missing, (), _counted(reasons, marker.gene, marker.missing), (), _advice())


def _positions(
    results: Results,
    knowledge: Knowledge,
    gene: str,
    missing: Sequence[str],
    reasons: Mapping[tuple[str, str], LocusStatus],
) -> Iterator[Position]:
    """Yield the missing essential loci of a gene, with the alleles that differ from the genome there."""
    star, build = knowledge.star_genes[gene], results.genotypes.build
    haplotypes = star.haplotypes
    for number, locus in enumerate(haplotypes.loci):
        if locus.name not in missing:
            continue
        names = [name for name, row in zip(haplotypes.names, haplotypes.allowed, strict=True) if not row[number] & 1]
        told = tuple(f"{name} ({function})" if (function := star.functions.get(name)) else name for name in names)
        site = locus.sites[build]
        status = reasons.get((gene, locus.name))
        place = f"{chrom_name(site.chrom, build)}:{site.pos}"
        yield Position(locus.name, place, plain(status) if status is not None else "", told)


def _advice(typing: bool = False, structure: bool = False, outside: bool = False) -> tuple[str, ...]:
    found = elsewhere_texts(typing=typing, structure=structure, outside=outside)
    return tuple(found) or ("call the loci by force",)


def _waiting(drugs: Sequence[DrugView]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return by gene or marker the drugs for which something of it is missing."""
    found: dict[str, list[tuple[str, str]]] = {}
    for drug in drugs:
        for item in drug.missing:
            found.setdefault(item.key, []).append((drug.name, " or ".join(drug.could_mean)))
    return {key: tuple(dict.fromkeys(items)) for key, items in found.items()}


def _reasons(results: Results) -> dict[tuple[str, str], LocusStatus]:
    """Return why loci of the first sample have no genotype."""
    genotypes = results.genotypes
    found = {}
    for locus, column in zip(genotypes.loci, genotypes.columns, strict=True):
        found[locus.gene, locus.name] = status_name(int(column.states.status[int(column.index[0])]))
    return found


def _counted(reasons: Mapping[tuple[str, str], LocusStatus], gene: str, loci: Sequence[str]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for name in dict.fromkeys(loci):
        status = reasons.get((gene, name))
        if status is not None:
            word = plain(status)
            counts[word] = counts.get(word, 0) + 1
    return tuple(f"{word} ({number})" for word, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def unseen(results: Results, knowledge: Knowledge, citations: Citations) -> tuple[Unseen, ...]:
    """Return what no VCF can tell of the genes of this analysis."""
    genes = {*results.genes.values, *map(gene_of, results.markers.values)}
    return tuple(
        Unseen(
            row["feature"],
            row["reason"],
            row["how_to_measure"],
            row["relevance"] or "",
            citations.links(*split_list(row["citation"])),
        )
        for row in knowledge.rows("not_assessable")
        if genes & set(split_list(row["gene"]))
    )
