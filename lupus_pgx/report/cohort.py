"""The report of a cohort as plain values: counts and shares, and what was not assessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lupus_pgx.genotypes.codes import status_name
from lupus_pgx.report.context import counted_text
from lupus_pgx.report.marks import lupus_drugs, mark_of
from lupus_pgx.report.origin import Origin, origin_of
from lupus_pgx.response.drugs import DrugResponses
from lupus_pgx.results.notices import absence_of, absence_sentence
from lupus_pgx.results.patient import FEW, CohortData
from lupus_pgx.terms import RESEARCH_USE, Ancestry, CallStatus, LocusStatus
from lupus_pgx.words.vocabulary import CALLS, JUDGED, NO_PHENOTYPE, RESTRICTING, Word, plain, predicted_words

EVERYONE = "all"
_UNGROUPED = "not given"
_NOT_ASSESSED = CALLS[CallStatus.NO_CALL].label
_CALL_ORDER = ("certain", "probable", "given", "ambiguous", "missing")

_SEEN = (LocusStatus.OBSERVED, LocusStatus.COVERED_REFERENCE)

LISTED = 500
"""Samples that are listed by name at the most."""


@dataclass(frozen=True, slots=True)
class BarPart:
    """A part of a bar: how many samples have something.

    Attributes
    ----------
    mark : Word
    count : int
    share : float
        Of the samples, 0 to 1.
    start : float
        Where it begins on the bar, 0 to 1.
    who : str
        Of a few samples which ones: shares of three people say nothing.
    """

    mark: Word
    count: int
    share: float
    start: float
    who: str = ""


@dataclass(frozen=True, slots=True)
class DrugLine:
    """Actions and predicted responses of one drug over the samples."""

    drug: str
    for_lupus: bool
    parts: tuple[BarPart, ...]
    responses: tuple[tuple[str, int, float], ...]
    attention: float

    @property
    def alike(self) -> bool:
        """Whether it is the same for all samples, and asks for no attention."""
        return len(self.parts) == 1 and not self.attention


@dataclass(frozen=True, slots=True)
class PhenotypeShare:
    """One phenotype or category: counts and shares by group of samples, the whole cohort first; of a few, who."""

    name: str
    missing: bool
    counts: tuple[tuple[int, float], ...]
    who: str = ""


@dataclass(frozen=True, slots=True)
class GeneLines:
    """Frequencies in one gene or marker."""

    name: str
    shares: tuple[PhenotypeShare, ...]


@dataclass(frozen=True, slots=True)
class Missingness:
    """How well one gene was assessed.

    Attributes
    ----------
    gene : str
    parts : tuple of BarPart
        Samples by how sure the call is.
    observed : float or None
        Mean share of the gene's loci with a genotype; None where the gene has no loci.
    essential_open : int
        Samples in which an essential locus is missing.
    reasons : tuple of (str, float)
        Why genotypes are missing, or that they were assumed, as shares of all genotypes of the gene.
    """

    gene: str
    parts: tuple[BarPart, ...]
    observed: float | None
    essential_open: int
    reasons: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A sample: drugs that ask for attention, and genes that were not assessed."""

    sample_id: str
    group: str
    attention: int
    not_assessed: int


@dataclass(frozen=True, slots=True)
class CohortReport:
    """All that the page of a cohort shows; ``bare`` says that no clinical context is held against the drugs counted."""

    total: int
    few: bool
    facts: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    bare: str
    groups: tuple[tuple[str, int], ...]
    legend: tuple[Word, ...]
    call_legend: tuple[Word, ...]
    drugs: tuple[DrugLine, ...]
    silent: tuple[str, ...]
    genes: tuple[GeneLines, ...]
    markers: tuple[GeneLines, ...]
    missingness: tuple[Missingness, ...]
    samples: tuple[SampleLine, ...]
    origin: Origin
    research_use: str
    absence: str


def cohort_report(cohort: CohortData) -> CohortReport:
    """Return the report of a cohort; the work grows with the distinct results, not with the samples.

    Parameters
    ----------
    cohort : CohortData

    Returns
    -------
    CohortReport
    """
    results = cohort.results
    total = len(results.genotypes.sample_ids)
    parted = _Groups(results.genotypes.sample_ids, cohort.ancestry)
    speaking, silent = drug_lines(cohort)
    if total <= FEW:
        speaking.sort(key=lambda line: (not line.for_lupus, JUDGED.index(line.parts[0].mark), line.drug))
    shown = {part.mark.key for line in speaking for part in line.parts}
    genotypes = results.genotypes
    return CohortReport(
        total=total,
        few=total <= FEW,
        facts=(("Genome build", str(genotypes.build)), ("Loci without a record", absence_of(genotypes))),
        notices=cohort.notices,
        bare=counted_text(results.reviews.contexts, results.genotypes.sample_ids, cohort.knowledge),
        groups=tuple((name, int(count)) for name, count in zip(parted.names, parted.sizes, strict=True)),
        legend=tuple(mark for mark in JUDGED if mark.key in shown),
        call_legend=tuple(dict.fromkeys(CALLS[status] for status in CallStatus if status is not CallStatus.NOVEL)),
        drugs=tuple(speaking),
        silent=silent,
        genes=tuple(_gene_lines(cohort, gene, parted) for gene in sorted(results.genes.values)),
        markers=tuple(_marker_lines(cohort, key, parted) for key in sorted(results.markers.values)),
        missingness=tuple(_missingness(cohort, gene, total) for gene in sorted(results.genes.values)),
        samples=_samples(cohort, parted),
        origin=origin_of(cohort.knowledge, cohort.provenance),
        research_use=RESEARCH_USE,
        absence=absence_sentence(results.genotypes),
    )


def drug_lines(cohort: CohortData) -> tuple[list[DrugLine], tuple[str, ...]]:
    """Return the drugs of which anything can be said, in the order of the page, and the names of the others."""
    responses, for_lupus = cohort.results.responses, lupus_drugs(cohort.knowledge)
    total = len(responses.sample_ids)
    lines = [_drug_line(responses, drug, drug in for_lupus, total) for drug in sorted(responses.values)]
    silent = [line for line in lines if all(part.mark.key == "none" for part in line.parts)]
    speaking = [line for line in lines if line not in silent]
    speaking.sort(key=lambda line: (not line.for_lupus, -line.attention, line.drug))
    return speaking, tuple(line.drug for line in silent)


def _who(names: Sequence[str], having: npt.NDArray[np.bool_]) -> str:
    """Name the samples that have something, where there are a few in all."""
    if len(names) > FEW:
        return ""
    if having.all():
        return f"all {len(names)}" if len(names) > 1 else names[0]
    return ", ".join(name for name, has in zip(names, having.tolist(), strict=True) if has)


class _Groups:
    """Samples by ancestry, where it is known; the whole cohort is the first group.

    Attributes
    ----------
    names : list of str
    sizes : list of int
    number : ndarray of int, shape (samples,)
        Group of each sample; zeros where there are no groups.
    """

    def __init__(self, sample_ids: Sequence[str], ancestry: Mapping[str, Ancestry]) -> None:
        of_samples = [str(ancestry.get(sample) or _UNGROUPED) for sample in sample_ids]
        found = sorted(set(of_samples), key=lambda name: (name == _UNGROUPED, name)) if ancestry else []
        places = {name: place for place, name in enumerate(found, start=1)}
        self.of_samples = of_samples
        self.number = np.array([places.get(name, 0) for name in of_samples], np.intp)
        self.names = [EVERYONE, *found]
        self.sizes = [len(sample_ids), *(int((self.number == places[name]).sum()) for name in found)]

    def counts(self, index: npt.NDArray[np.integer], values: int) -> npt.NDArray[np.intp]:
        """Count distinct values by group, shape (values, groups)."""
        everyone = np.bincount(index, minlength=values)
        if len(self.names) == 1:
            return everyone[:, None]
        width = len(self.names)
        table = np.bincount(index.astype(np.intp) * width + self.number, minlength=values * width)
        split = table.reshape(values, width)
        split[:, 0] = everyone
        return split


def _parts(
    counts: Mapping[Word, int], order: Sequence[str], total: int, who: Callable[[Word], str]
) -> tuple[BarPart, ...]:
    parts, start = [], 0.0
    for mark, count in sorted(counts.items(), key=lambda item: order.index(item[0].key)):
        share = count / total
        parts.append(BarPart(mark, count, share, start, who(mark)))
        start += share
    return tuple(parts)


def _drug_line(responses: DrugResponses, drug: str, for_lupus: bool, total: int) -> DrugLine:
    marks: Counter[Word] = Counter()
    words: Counter[str] = Counter()
    for judged, samples in responses.judgements(drug):
        marks[mark_of(judged)] += samples
        words[predicted_words(judged.action, judged.response)] += samples
    names = responses.sample_ids

    def who(mark: Word) -> str:
        few = total <= FEW
        return _who(names, responses.where(drug, lambda judged: mark_of(judged) == mark)) if few else ""

    parts = _parts(marks, [mark.key for mark in JUDGED], total, who)
    return DrugLine(
        drug,
        for_lupus,
        parts,
        tuple((word, count, count / total) for word, count in words.most_common()),
        sum(part.share for part in parts if part.mark.key in RESTRICTING),
    )


def _shares(
    names: Sequence[str],
    counts: npt.NDArray[np.intp],
    sizes: Sequence[int],
    samples: Sequence[str],
    index: npt.NDArray[np.integer],
) -> tuple[PhenotypeShare, ...]:
    """Add up values of one name; the most frequent name first, what is missing last."""
    of_samples = np.array([names[place] for place in index.tolist()]) if len(samples) <= FEW else None
    totals: dict[str, npt.NDArray[np.intp]] = {}
    for name, line in zip(names, counts, strict=True):
        if line[0]:
            totals[name] = totals[name] + line if name in totals else line
    order = sorted(totals.items(), key=lambda item: (item[0] == _NOT_ASSESSED, -item[1][0], item[0]))
    return tuple(
        PhenotypeShare(
            name,
            name == _NOT_ASSESSED,
            tuple((count, count / size) for count, size in zip(line.tolist(), sizes, strict=True)),
            _who(samples, of_samples == name) if of_samples is not None else "",
        )
        for name, line in order
    )


def _gene_lines(cohort: CohortData, gene: str, parted: _Groups) -> GeneLines:
    genes = cohort.results.genes
    names = [
        call.counted_as or (_NOT_ASSESSED if call.diplotype.status is CallStatus.NO_CALL else NO_PHENOTYPE)
        for call in genes.values[gene]
    ]
    counts = parted.counts(genes.index[gene], len(names))
    return GeneLines(gene, _shares(names, counts, parted.sizes, cohort.results.genotypes.sample_ids, genes.index[gene]))


def _marker_lines(cohort: CohortData, key: str, parted: _Groups) -> GeneLines:
    markers = cohort.results.markers
    names = [call.category or call.genotype or _NOT_ASSESSED for call in markers.values[key]]
    index = markers.index[key]
    samples = cohort.results.genotypes.sample_ids
    return GeneLines(key, _shares(names, parted.counts(index, len(names)), parted.sizes, samples, index))


def _missingness(cohort: CohortData, gene: str, total: int) -> Missingness:
    results = cohort.results
    calls, counts = [call.diplotype for call in results.genes.values[gene]], results.genes.counts(gene).tolist()
    marks: Counter[Word] = Counter()
    observed = essential = 0
    for call, count in zip(calls, counts, strict=True):
        if count:
            marks[CALLS[call.status]] += count
            observed += call.n_observed * count
            essential += count * bool(call.missing_essential)
    by_key = {key: sum(count for mark, count in marks.items() if mark.key == key) for key in _CALL_ORDER}
    words = {CALLS[status].key: CALLS[status] for status in reversed(CallStatus)}
    n_loci = calls[0].n_loci
    names = results.genotypes.sample_ids
    keys = np.array([CALLS[call.status].key for call in calls])[results.genes.index[gene]] if total <= FEW else None

    def who(mark: Word) -> str:
        return _who(names, keys == mark.key) if keys is not None else ""

    return Missingness(
        gene=gene,
        parts=_parts({words[key]: count for key, count in by_key.items() if count}, _CALL_ORDER, total, who),
        observed=observed / (n_loci * total) if n_loci else None,
        essential_open=essential,
        reasons=_reasons(cohort, gene),
    )


def _reasons(cohort: CohortData, gene: str) -> tuple[tuple[str, float], ...]:
    """Return why genotypes of a gene are missing, or that they were assumed, as shares of all its genotypes."""
    genotypes = cohort.results.genotypes
    counts: Counter[str] = Counter()
    loci = 0
    for locus, column in zip(genotypes.loci, genotypes.columns, strict=True):
        if locus.gene != gene:
            continue
        loci += 1
        numbers = np.bincount(column.index, minlength=len(column.states))
        for code, count in zip(column.states.status.tolist(), numbers.tolist(), strict=True):
            status = status_name(code)
            if count and status not in _SEEN:
                counts[plain(status)] += count
    every = loci * len(genotypes.sample_ids)
    return tuple((word, count / every) for word, count in counts.most_common())


def _samples(cohort: CohortData, parted: _Groups) -> tuple[SampleLine, ...]:
    """Return the samples with most drugs that ask for attention, at most :data:`LISTED`."""
    results = cohort.results
    names = results.genotypes.sample_ids
    attention = np.zeros(len(names), np.intp)
    for drug in results.responses.values:
        attention += results.responses.where(drug, lambda judged: mark_of(judged).key in RESTRICTING)
    absent = np.zeros(len(names), np.intp)
    for gene, calls in results.genes.values.items():
        uncalled = [call.diplotype.status is CallStatus.NO_CALL for call in calls]
        absent += np.array(uncalled, bool)[results.genes.index[gene]]
    order = np.argsort(-attention, kind="stable")[:LISTED].tolist()
    return tuple(
        SampleLine(names[place], parted.of_samples[place], int(attention[place]), int(absent[place])) for place in order
    )
