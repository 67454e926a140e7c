"""The report of one patient as plain values: what matters first, and what was not assessed beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lupus_pgx.report.behind import texts_behind
from lupus_pgx.report.context import ContextView, context_view, no_context_text, roles
from lupus_pgx.report.drug_groups import DrugGroup, Objection, grouped, objections
from lupus_pgx.report.drug_view import DrugView
from lupus_pgx.report.drugs import DrugViews, pressing_checks
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
from lupus_pgx.report.marks import Citations, Link, lupus_drugs
from lupus_pgx.report.origin import Origin, origin_of
from lupus_pgx.report.review import OptionLines, ReviewView, ReviewViews
from lupus_pgx.report.timeline import Timeline, timeline_of
from lupus_pgx.report.unanswered import Concerned, Placed, Unanswered, of_patient
from lupus_pgx.results.notices import absence_of, absence_sentence
from lupus_pgx.results.patient import PatientData
from lupus_pgx.review.option_order import SORT_KEYS
from lupus_pgx.review.review import due_by_drug
from lupus_pgx.terms import RESEARCH_USE
from lupus_pgx.words.glossary import GLOSSARY
from lupus_pgx.words.vocabulary import BY_REVIEW, CHECKS, RESTRICTING, Word

GIVEN = {
    "context": "clinical context",
    "outside_calls": "calls made elsewhere (CYP2D6, HLA)",
    "alignments": "reads",
    "called_regions": "regions that the caller looked at",
    "sex": "sex",
}
"""What may be given beside the genotypes, by parameter."""


Consequence: TypeAlias = "tuple[Word, tuple[Concerned, ...]]"


@dataclass(frozen=True, slots=True)
class PatientReport:
    """All that the page of one patient shows.

    Attributes
    ----------
    sample_id : str
    day : str
        The day that counts as today; empty where nothing depends on it and none was stated.
    facts : tuple of (str, str)
        Build, policy and ancestry in words.
    given, not_given : tuple of str
        What was given beside the genotypes, and what was not.
    near : tuple of DrugView
        Drugs that the context plans, or says are taken now.
    notices : tuple of str
        What must be known before any result is read.
    bare : str
        That no clinical context was given, and what that means; empty with one.
    undecided : int
        Drugs that something else than their genotype, which is open, gives their place.
    attention, informing, usual, silent : tuple of DrugGroup
        Drugs that ask for attention; those for information; those at the usual dose; those of which
        nothing can be said.
    objections : tuple of Objection
        What the clinical context says against drugs, by fact.
    consequences : tuple of (Word, tuple of Concerned)
        The same turned round: by what is asked for, the most severe first; each fact with its drugs.
    unanswered : Unanswered
        What the context leaves without an answer, with the drugs that each thing concerns.
    timeline : Timeline or None
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
    drivers : tuple of str
        Genes and markers behind what is asked for, as the terminal has them.
    """

    sample_id: str
    day: str
    facts: tuple[tuple[str, str], ...]
    given: tuple[str, ...]
    not_given: tuple[str, ...]
    near: tuple[DrugView, ...]
    notices: tuple[str, ...]
    bare: str
    undecided: int
    attention: tuple[DrugGroup, ...]
    informing: tuple[DrugGroup, ...]
    usual: tuple[DrugGroup, ...]
    silent: tuple[DrugGroup, ...]
    objections: tuple[Objection, ...]
    consequences: tuple[Consequence, ...]
    unanswered: Unanswered
    timeline: Timeline | None
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
    drivers: tuple[str, ...]
    glossary: tuple[tuple[str, str], ...] = GLOSSARY

    @property
    def waiting(self) -> tuple[Gap, ...]:
        """Gaps that drugs wait for."""
        return tuple(gap for gap in self.gaps if gap.drugs)

    @property
    def told(self) -> tuple[DrugGroup, ...]:
        """Headings with what has a card: drugs of lupus and of the context."""
        return _parted((*self.attention, *self.informing), has_card=True)

    @property
    def told_names(self) -> frozenset[str]:
        """Names of drugs that have a card or a line of their own, with all that is asked of them."""
        return frozenset(drug.name for heading in self.told for drug in heading.drugs)

    @property
    def listed(self) -> tuple[DrugGroup, ...]:
        """Headings with what stands in a table: all other drugs."""
        return _parted((*self.attention, *self.informing), has_card=False)


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
    facts_against = objections(drugs)
    there, absent = _given(patient)
    near = roles(patient.context, tried=False)
    context = patient.context
    return PatientReport(
        sample_id=patient.sample_id,
        day=str(patient.provenance.parameters.get("today") or "") if patient.provenance is not None else "",
        facts=_facts(patient),
        given=there,
        not_given=absent,
        near=tuple(drug for heading in headings for drug in heading.drugs if drug.name in near),
        notices=patient.notices,
        bare=no_context_text(context, knowledge),
        undecided=sum(bool(drug.open) for drug in drugs),
        attention=_of(headings, (*RESTRICTING, BY_REVIEW.key)),
        informing=_of(headings, ("information",)),
        usual=_of(headings, ("standard",)),
        silent=_of(headings, ("undecided", "none")),
        objections=facts_against,
        consequences=_consequences(facts_against, Placed(near, lupus_drugs(knowledge))),
        unanswered=of_patient(patient),
        timeline=timeline_of(context, knowledge) if context is not None else None,
        context=context_view(context, knowledge.drugs_by_name) if context is not None else None,
        review=treatment.review(review) if review is not None else None,
        options=options,
        sort_keys=SORT_KEYS,
        genes=gene_views(results, knowledge),
        markers=marker_views(results, knowledge),
        unlisted=other_unlisted(results),
        gaps=gaps(results, knowledge, drugs, stated=patient.stated),
        unseen=hidden,
        citations=citations.listed(),
        origin=origin_of(knowledge, patient.provenance),
        research_use=RESEARCH_USE,
        absence=absence_sentence(results.genotypes),
        drivers=texts_behind(patient),
    )


def _parted(headings: Sequence[DrugGroup], *, has_card: bool) -> tuple[DrugGroup, ...]:
    found = []
    for heading in headings:
        mine = tuple(drug for drug in heading.drugs if (drug.for_lupus or bool(drug.roles)) is has_card)
        if mine:
            found.append(DrugGroup(heading.mark, mine))
    return tuple(found)


def _consequences(objections: Sequence[Objection], placed: Placed) -> tuple[Consequence, ...]:
    """Return what the context asks for, the most severe first, with the facts that ask and the drugs they ask it of."""
    found: dict[str, tuple[Word, list[Concerned]]] = {}
    for item in objections:
        for mark, drugs in item.by_status:
            lines = found.setdefault(mark.label, (mark, []))[1]
            lines.append(placed.of(item.fact, (name for name, _ in drugs)))
    order = [word.label for word in CHECKS.values()]
    return tuple(
        (mark, tuple(lines)) for mark, lines in sorted(found.values(), key=lambda one: order.index(one[0].label))
    )


def _given(patient: PatientData) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what was given beside the genotypes, and what was not, in words; the sex may stand in the context."""
    provenance, context = patient.provenance, patient.context
    if provenance is None or patient.stated:
        return (), ()
    values = {name: provenance.parameters.get(name) or getattr(context, name, None) for name in GIVEN}
    there = tuple(word for name, word in GIVEN.items() if values[name])
    return there, tuple(word for name, word in GIVEN.items() if not values[name])


def drug_views(patient: PatientData, citations: Citations) -> list[DrugView]:
    """Return the views of all drugs of a patient."""
    views, role = DrugViews(patient.knowledge, citations), roles(patient.context)
    responses, review = patient.results.responses, patient.review
    named = review.bearing if review is not None else {}
    due = due_by_drug(patient.results.reviews.monitoring(0))
    near = roles(patient.context, tried=False)
    written = {
        check.told for drug in near if drug in responses.values for check in pressing_checks(responses.of(drug, 0))
    }
    return [
        views.view(
            responses.of(drug, 0),
            role.get(drug, ()),
            named.get(drug, ()),
            due.get(drug, ()),
            () if drug in near else written,
        )
        for drug in sorted(responses.values)
    ]


def _of(headings: Sequence[DrugGroup], keys: Sequence[str]) -> tuple[DrugGroup, ...]:
    return tuple(heading for heading in headings if heading.mark.key in keys)


def _facts(patient: PatientData) -> tuple[tuple[str, str], ...]:
    """Say under which assumptions the calls were made."""
    if patient.stated:
        return (("Calls", "as given, nothing read from a file"),)
    genotypes = patient.results.genotypes
    never = ", never assumed normal" if genotypes.absent == "unknown" else ""
    absent = f"{absence_of(genotypes)}{never}"
    ancestry = patient.ancestry or "not given: a statement must hold in every population"
    return (("Genome build", str(genotypes.build)), ("Loci without a record", absent), ("Ancestry", str(ancestry)))
