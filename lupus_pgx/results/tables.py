"""Rows of the result tables, in the columns and the order of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from lupus_pgx.calling.markers import Markers
from lupus_pgx.calling.phenotypes import GeneCalls
from lupus_pgx.encoded import Encoded, Index, same
from lupus_pgx.genotypes.builds import chrom_name
from lupus_pgx.genotypes.codes import KNOWN_CODES, phase_set_name, status_name
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.response.drugs import DrugResponses
from lupus_pgx.results.alike import Alike
from lupus_pgx.results.call_tables import DIPLOTYPES, MARKERS, VARIANTS, Variant
from lupus_pgx.results.columns import Columns, Row
from lupus_pgx.results.drug_tables import DRUGS, EVIDENCE, GUIDANCE
from lupus_pgx.review.review import Reviews
from lupus_pgx.terms import LocusStatus

Item = TypeVar("Item")
Value = TypeVar("Value")

TABLES: dict[str, Columns[Any]] = {
    "variants": VARIANTS,
    "diplotypes": DIPLOTYPES,
    "markers": MARKERS,
    "drugs": DRUGS,
    "guidance": GUIDANCE,
    "evidence": EVIDENCE,
}
"""Result tables by file name, in the order in which they are written."""


_SHOWN = (LocusStatus.HALF_CALL, LocusStatus.UNEXPECTED_ALLELE, LocusStatus.DOUBTFUL, LocusStatus.IMPUTED)
"""Statuses beside the known ones whose genotype is shown as the file states it."""

_CHUNK = 1_000
"""Samples whose rows are put together at a time."""
_KEPT = 20_000
"""Rendered values of one locus, gene or drug that are kept for the samples that follow."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one locus, gene, marker or drug.

    Attributes
    ----------
    index : ndarray of unsigned int, shape (samples,)
        Number of the distinct value of each sample.
    rows : callable
        Returns the rows of a value, without the sample.
    key : str
        What the rows are of, such as ``TPMT rs1142345``; each part of a table has another.
    """

    index: Index
    rows: Callable[[int], Sequence[Row]]
    key: str


@dataclass(frozen=True, slots=True)
class ResultTable:
    """A result table that is made row by row from distinct values.

    Attributes
    ----------
    columns : Columns
    sample_ids : tuple of str
    parts : sequence of Part
        In the order of the rows of a sample.
    special : dict of (part number, sample number) to rows
        Rows that stand in the place of those of the distinct value.
    """

    columns: Columns[Any]
    sample_ids: tuple[str, ...]
    parts: Sequence[Part]
    special: Mapping[tuple[int, int], Sequence[Row]] = field(default_factory=dict)

    def rendered(self, render: Callable[[Row], Item]) -> Iterator[tuple[str, list[Item]]]:
        """Yield each sample with its rows, each row of a distinct value rendered once.

        Parameters
        ----------
        render : callable
            Takes a row without the sample.

        Yields
        ------
        sample_id : str
        rows : list
        """
        special: dict[int, dict[int, list[Item]]] = {}
        for (place, sample), rows in self.special.items():
            special.setdefault(sample, {})[place] = [render(row) for row in rows]
        known: list[dict[int, list[Item]]] = [{} for _ in self.parts]
        for start in range(0, len(self.sample_ids), _CHUNK):
            names = self.sample_ids[start : start + _CHUNK]
            lines = [
                _lines(part, known[place], start, start + len(names), render) for place, part in enumerate(self.parts)
            ]
            by_sample = zip(*lines, strict=True) if lines else iter([()] * len(names))
            for offset, (name, groups) in enumerate(zip(names, by_sample, strict=True)):
                changed = special.get(start + offset)
                if changed:
                    groups = tuple(changed.get(place, group) for place, group in enumerate(groups))  # noqa: PLW2901
                yield name, [item for group in groups for item in group]

    def __len__(self) -> int:
        total = 0
        for part in self.parts:
            counts = np.bincount(part.index)
            total += sum(int(counts[number]) * len(part.rows(int(number))) for number in np.flatnonzero(counts))
        for (place, sample), rows in self.special.items():
            part = self.parts[place]
            total += len(rows) - len(part.rows(int(part.index[sample])))
        return total

    def rows(self) -> Iterator[Row]:
        """Yield the rows with their samples."""
        for sample_id, rows in self.rendered(lambda row: row):
            for row in rows:
                yield (sample_id, *row)


def _lines(
    part: Part, known: dict[int, list[Item]], start: int, stop: int, render: Callable[[Row], Item]
) -> list[list[Item]]:
    """Return the rendered rows of each sample of a chunk."""
    if len(known) > _KEPT:
        known.clear()
    numbers = part.index[start:stop].tolist()
    for number in set(numbers):
        if number not in known:
            known[number] = [render(row) for row in part.rows(number)]
    return [known[number] for number in numbers]


@dataclass(frozen=True, slots=True)
class Results:
    """Everything the stages found out, for the outputs."""

    genotypes: Genotypes
    genes: GeneCalls
    markers: Markers
    responses: DrugResponses
    reviews: Reviews

    def select(self, samples: Sequence[int]) -> Results:
        """Return the results of some samples, by number."""
        return Results(
            self.genotypes.select(samples),
            self.genes.select(samples),
            self.markers.select(samples),
            self.responses.select(samples),
            self.reviews.select(samples),
        )

    def without_genotype(self) -> list[str]:
        """Return the samples of which no genotype at any panel locus can be used."""
        usable = self.genotypes.any_known()
        return [self.genotypes.sample_ids[number] for number in np.flatnonzero(~usable)]

    def table(self, name: str) -> ResultTable:
        """Return a result table by its file name."""
        if name == "variants":
            return variant_table(self.genotypes)
        if name == "diplotypes":
            return diplotype_table(self.genes)
        if name == "markers":
            return marker_table(self.markers)
        return {"drugs": drug_table, "guidance": guidance_table, "evidence": evidence_table}[name](self.responses)


def variant_table(genotypes: Genotypes) -> ResultTable:
    """Return the table with one row per sample and panel locus."""
    extra = _unlisted_rows(genotypes)
    order = sorted(range(len(genotypes.loci)), key=lambda number: (genotypes.loci[number].gene, number))
    genes = sorted({*(locus.gene for locus in genotypes.loci), *(gene for gene, _ in extra)})
    parts: list[Part] = []
    special: dict[tuple[int, int], list[Row]] = {}
    loci_of = {gene: [number for number in order if genotypes.loci[number].gene == gene] for gene in genes}
    samples = len(genotypes.sample_ids)
    notes: dict[int, list[tuple[int, str]]] = {}
    for (number, sample), note in genotypes.sample_notes.items():
        notes.setdefault(number, []).append((sample, note))
    for gene in genes:
        for number in loci_of[gene]:
            found = _variants_of(genotypes, number)
            index = genotypes.columns[number].index
            for sample, note in notes.get(number, ()):
                special[len(parts), sample] = [VARIANTS.row(found[int(index[sample])]._replace(note=note))]
            key = f"{gene} {genotypes.loci[number].name}"
            parts.append(Part(index, lambda value, found=found: [VARIANTS.row(found[value])], key))  # type: ignore[misc]
        # A gene of which only the region is read has no loci.
        special |= {(len(parts), sample): rows for (home, sample), rows in extra.items() if home == gene}
        if any(home == gene for home, _ in extra):
            parts.append(Part(same(samples), lambda _: [], f"{gene} unlisted variants"))
    return ResultTable(VARIANTS, genotypes.sample_ids, parts, special)


def _unlisted_rows(genotypes: Genotypes) -> dict[tuple[str, int], list[Row]]:
    """Return the cells of unlisted variants by gene and sample number."""
    rows: dict[tuple[str, int], list[Row]] = {}
    for item in genotypes.unlisted:
        chrom = chrom_name(item.chrom, genotypes.build)
        place = (item.gene, item.name, item.rsid, chrom, item.pos, item.ref, item.alt)
        for sample, letters in item.genotypes.items():
            note = "; ".join(text for text in ("not part of any allele definition", item.remark(sample)) if text)
            variant = Variant(*place, letters, "", LocusStatus.UNLISTED_VARIANT.value, item.effect, note)
            rows.setdefault((item.gene, sample), []).append(VARIANTS.row(variant))
    return rows


def _variants_of(genotypes: Genotypes, number: int) -> list[Variant]:
    """Return each distinct genotype of a locus."""
    locus, states = genotypes.loci[number], genotypes.columns[number].states
    site = locus.sites[genotypes.build]
    chrom = chrom_name(site.chrom, genotypes.build)
    place = (locus.gene, locus.name, locus.rsid, chrom, site.pos, site.ref, ",".join(site.alts))
    found: list[Variant] = []
    for pair, phase, code in zip(states.alleles.tolist(), states.phase.tolist(), states.status.tolist(), strict=True):
        status = status_name(code)
        usable = code in KNOWN_CODES or status in _SHOWN
        phase_set = phase_set_name(phase, chrom)
        letters = ("|" if phase_set else "/").join(genotypes.letters(number, item) for item in pair)
        note = genotypes.notes.get((number, status), "")
        shown = (letters, phase_set) if usable else ("", "")
        found.append(Variant(*place, *shown, status.value, locus.effect, note))
    return found


def diplotype_table(genes: GeneCalls) -> ResultTable:
    """Return the table with one row per sample and star gene."""
    return _by_key(DIPLOTYPES, genes)


def marker_table(markers: Markers) -> ResultTable:
    """Return the table with one row per sample and marker."""
    return _by_key(MARKERS, markers)


def _by_key(columns: Columns[Value], results: Encoded[Value]) -> ResultTable:
    """Return the table with one row per sample and key."""

    def part(key: str) -> Part:
        values = results.values[key]
        return Part(results.index[key], lambda number: [columns.row(values[number])], key)

    return ResultTable(columns, results.sample_ids, [part(key) for key in sorted(results.values)])


def drug_table(responses: DrugResponses) -> ResultTable:
    """Return the table with one row per sample and drug."""
    alike = Alike(responses)

    def part(drug: str) -> Part:
        example, index = alike.rows(drug)
        return Part(index, lambda number: [DRUGS.row(responses.values[drug][int(example[number])])], drug)

    drugs = sorted(responses.values)
    places = {drug: place for place, drug in enumerate(drugs)}
    special = {
        (places[drug], sample): [DRUGS.row(responses.of(drug, sample))]
        for (drug, sample), checks in responses.checks.items()
        if checks  # open ones count, too: they may ask for something first
    }
    return ResultTable(DRUGS, responses.sample_ids, [part(drug) for drug in drugs], special)


def guidance_table(responses: DrugResponses) -> ResultTable:
    """Return the table with one row per sample and guideline row that fired."""

    def part(drug: str) -> Part:
        judged, index = responses.judged(drug)
        return Part(index, lambda number: list(map(GUIDANCE.row, judged[number].guidance)), drug)

    return ResultTable(GUIDANCE, responses.sample_ids, [part(drug) for drug in sorted(responses.values)])


def evidence_table(responses: DrugResponses) -> ResultTable:
    """Return the table with one row per sample and evidence row that fired."""
    alike = Alike(responses)

    def part(drug: str) -> Part:
        sets, index = alike.evidence(drug)
        return Part(index, lambda number: list(map(EVIDENCE.row, sets[number])), drug)

    return ResultTable(EVIDENCE, responses.sample_ids, [part(drug) for drug in sorted(responses.values)])
