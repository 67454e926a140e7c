"""The report of one patient as plain values: what matters first, and what was not assessed beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lupus_pgx.report.context import ContextView, context_view, roles
from lupus_pgx.report.drugs import DrugGroup, DrugView, DrugViews, Objection, grouped, objections
from lupus_pgx.report.genes import (
    Gap,
    GeneView,
    MarkerView,
    Unseen,
    gaps,
    gene_views,
    marker_views,
    other_unlisted,
    unseen,
)
from lupus_pgx.report.marks import Citations, Link
from lupus_pgx.report.origin import Origin, origin_of
from lupus_pgx.report.review import OptionLines, ReviewView, ReviewViews
from lupus_pgx.results.notices import assumes
from lupus_pgx.results.patient import PatientData
from lupus_pgx.review.options import SORT_KEYS
from lupus_pgx.terms import RESEARCH_USE
from lupus_pgx.words.sentences import absence_text
from lupus_pgx.words.vocabulary import RESTRICTING


@dataclass(frozen=True, slots=True)
class PatientReport:
    """All that the page of one patient shows.

    Attributes
    ----------
    sample_id : str
    facts : tuple of (str, str)
        Build, policy and ancestry in words.
    notices : tuple of str
        What must be known before any result is read.
    attention, informing, usual, silent : tuple of DrugGroup
        Drugs that ask for attention; those for information; those at the usual dose; those of which
        nothing can be said.
    objections : tuple of Objection
        What the clinical context says against drugs.
    context : ContextView or None
    review : ReviewView or None
        Treatment so far; None without a history.
    options : tuple of OptionLines
        By manifestation; ``sort_keys`` say how they are sorted.
    genes : tuple of GeneView
    markers : tuple of MarkerView
    unlisted : tuple of (str, tuple of str, str)
        Annotated variants of genes without star alleles: those listed, and how many are left out.
    gaps : tuple of Gap
    unseen : tuple of Unseen
    citations : tuple of (Link, str, str)
    origin : Origin
    research_use : str
    absence : str
        What became of loci without a record.
    """

    sample_id: str
    facts: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    attention: tuple[DrugGroup, ...]
    informing: tuple[DrugGroup, ...]
    usual: tuple[DrugGroup, ...]
    silent: tuple[DrugGroup, ...]
    objections: tuple[Objection, ...]
    context: ContextView | None
    review: ReviewView | None
    options: tuple[OptionLines, ...]
    sort_keys: tuple[str, ...]
    genes: tuple[GeneView, ...]
    markers: tuple[MarkerView, ...]
    unlisted: tuple[tuple[str, tuple[str, ...], str], ...]
    gaps: tuple[Gap, ...]
    unseen: tuple[Unseen, ...]
    citations: tuple[tuple[Link, str, str], ...]
    origin: Origin
    research_use: str
    absence: str

    @property
    def waiting(self) -> tuple[Gap, ...]:
        """Gaps that drugs wait for."""
        return tuple(gap for gap in self.gaps if gap.drugs)

    @property
    def drivers(self) -> tuple[str, ...]:
        """Genes and markers behind what asks for attention or informs, each once."""
        drugs = [drug for heading in (*self.attention, *self.informing) for drug in heading.drugs]
        return tuple(dict.fromkeys(text for drug in drugs if drug.mark.key != "test" for text in drug.drivers))


def patient_report(patient: PatientData) -> PatientReport:
    """Return the report of one patient.

    Parameters
    ----------
    patient : PatientData

    Returns
    -------
    PatientReport
    """
    results, knowledge = patient.results, patient.knowledge
    citations = Citations(knowledge)
    drugs = drug_views(patient, citations)
    headings = grouped(drugs)
    treatment, review = ReviewViews(citations), patient.review
    options = treatment.options(results.reviews.options(0))
    hidden = unseen(results, knowledge, citations)
    return PatientReport(
        sample_id=patient.sample_id,
        facts=_facts(patient),
        notices=patient.notices,
        attention=_of(headings, RESTRICTING),
        informing=_of(headings, ("information",)),
        usual=_of(headings, ("standard",)),
        silent=_of(headings, ("undecided", "none")),
        objections=objections(drugs),
        context=context_view(patient.context) if patient.context is not None else None,
        review=treatment.review(review) if review is not None else None,
        options=options,
        sort_keys=SORT_KEYS,
        genes=gene_views(results, knowledge),
        markers=marker_views(results, knowledge),
        unlisted=other_unlisted(results),
        gaps=gaps(results, drugs, stated=patient.stated),
        unseen=hidden,
        citations=citations.listed(),
        origin=origin_of(knowledge, patient.provenance),
        research_use=RESEARCH_USE,
        absence=absence_text(assumed=assumes(results.genotypes)),
    )


def drug_views(patient: PatientData, citations: Citations) -> list[DrugView]:
    """Return the views of all drugs of a patient."""
    views, role = DrugViews(patient.knowledge, citations), roles(patient.context)
    responses = patient.results.responses
    return [views.view(responses.of(drug, 0), role.get(drug, ())) for drug in sorted(responses.values)]


def _of(headings: Sequence[DrugGroup], keys: Sequence[str]) -> tuple[DrugGroup, ...]:
    return tuple(heading for heading in headings if heading.mark.key in keys)


def _facts(patient: PatientData) -> tuple[tuple[str, str], ...]:
    """Say under which assumptions the calls were made."""
    if patient.stated:
        return (("Calls", "as given, nothing read from a file"),)
    genotypes = patient.results.genotypes
    absent = {
        "unknown": "unknown, never assumed normal",
        "reference": "taken as the genome base where the file shows that its caller looked, as was stated",
    }[genotypes.absent]
    ancestry = patient.ancestry or "not given: a statement must hold in every population"
    return (("Genome build", str(genotypes.build)), ("Loci without a record", absent), ("Ancestry", str(ancestry)))
