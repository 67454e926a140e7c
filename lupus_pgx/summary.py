"""Summaries: what a person reads first, of one patient or of a cohort."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lupus_pgx import registry
from lupus_pgx.calling.markers import Markers
from lupus_pgx.calling.phenotypes import Phenotypes
from lupus_pgx.context.model import Context
from lupus_pgx.errors import UsageError
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.report.text import WIDTH, option_lines, review_lines
from lupus_pgx.response.drugs import DrugResponse, DrugResponses, EvidenceFired, GuidanceFired
from lupus_pgx.response.judgement import Judgement
from lupus_pgx.results.provenance import Provenance
from lupus_pgx.results.tables import Results
from lupus_pgx.review.review import ResistanceReview
from lupus_pgx.terms import RESEARCH_USE, Action, Ancestry, CallStatus, LocusStatus, Response
from lupus_pgx.words import factor_text, percent_text

_FEW = 3
"""Up to this many drugs the sentence of each is shown in full."""

_SHORT = {
    Action.STANDARD: "usual dose",
    Action.AVOID: "AVOID",
    Action.REDUCE_DOSE: "REDUCE DOSE",
    Action.INCREASE_DOSE: "INCREASE DOSE",
    Action.MONITOR: "monitor",
    Action.TEST_FIRST: "TEST FIRST",
    Action.CONSIDER_ALTERNATIVE: "CONSIDER ALTERNATIVE",
    Action.INFORMATIVE_ONLY: "information",
}


class ResultViews:
    """Results table by table; each view has ``to_frame()``."""

    results: Results

    @property
    def variants(self) -> Genotypes:
        """Genotypes at the panel loci."""
        return self.results.genotypes

    @property
    def diplotypes(self) -> Phenotypes:
        """Diplotypes with their phenotypes."""
        return self.results.phenotypes

    @property
    def markers(self) -> Markers:
        """Marker calls."""
        return self.results.markers

    @property
    def drug_responses(self) -> DrugResponses:
        """Predicted response to each drug."""
        return self.results.responses

    @property
    def guidance(self) -> GuidanceFired:
        """Guideline rows that fired."""
        return GuidanceFired(self.results.responses)

    @property
    def evidence(self) -> EvidenceFired:
        """Evidence rows that fired."""
        return EvidenceFired(self.results.responses)

    @property
    def checks(self) -> ContextTable:
        """Contraindications and interactions of the samples with a clinical context."""
        return ContextTable("checks", self.results)

    @property
    def options(self) -> ContextTable:
        """Therapy options of the samples with a manifestation."""
        return ContextTable("options", self.results)


@dataclass(frozen=True, slots=True, repr=False)
class ContextTable(registry.Framed):
    """A table that the clinical context adds."""

    name: str
    results: Results


@dataclass(frozen=True)
class PatientSummary(ResultViews):
    """Predicted response of one patient, per drug.

    Attributes
    ----------
    results : Results
        Results of this sample only.
    knowledge : Knowledge
    ancestry : Ancestry or None
    stated : bool
        The calls were given (:func:`lupus_pgx.respond`), not read from a file.
    context : Context or None
        What is known of the patient beside the genotypes.
    provenance : Provenance or None
        Of the analysis the patient is part of; None where nothing was read.

    Examples
    --------
    >>> import lupus_pgx
    >>> patient = lupus_pgx.respond({"TPMT": "*3A/*3A"})
    >>> patient.drug("azathioprine").action
    <Action.AVOID: 'avoid'>
    """

    results: Results
    knowledge: Knowledge
    ancestry: Ancestry | None = None
    stated: bool = False
    context: Context | None = None
    provenance: Provenance | None = None

    @property
    def sample_id(self) -> str:
        """Name of the sample."""
        return self.results.genotypes.sample_ids[0]

    def drug(self, name: str) -> DrugResponse:
        """Return the predicted response to one drug, by name or alias.

        Raises
        ------
        UsageError
            If the drug is unknown or was not asked for.
        """
        drug = self.knowledge.drug(name).drug
        if drug not in self.results.responses.values:
            raise UsageError(f"{drug} was not among the drugs of this analysis: add it to drugs=")
        return self.results.responses.of(drug, 0)

    @property
    def resistance(self) -> ResistanceReview | None:
        """Why treatment may have failed, what to measure and what is left; None without a history in the context."""
        return self.results.reviews.of(0)

    @cached_property
    def notices(self) -> tuple[str, ...]:
        """What must be known before any result is read."""
        return () if self.stated else _variant_only_notice(self.results)

    explain = registry.method("explain")
    to_html = registry.method("to_html")
    _repr_html_ = registry.method("_repr_html_")

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return "\n".join(
            [*_heading(self), *_treatment_lines(self), *_drug_lines(self), *_gene_lines(self), *_footer(self)]
        )


@dataclass(frozen=True)
class CohortSummary:
    """Counts over the samples of a cohort.

    Attributes
    ----------
    results : Results
    knowledge : Knowledge
    ancestry : mapping of sample to Ancestry
        Groups samples in the report.
    provenance : Provenance or None
    """

    results: Results
    knowledge: Knowledge
    ancestry: Mapping[str, Ancestry] = field(default_factory=dict)
    provenance: Provenance | None = None

    to_html = registry.method("to_html")

    @cached_property
    def notices(self) -> tuple[str, ...]:
        """What must be known before any result is read."""
        return _variant_only_notice(self.results)

    def actions(self) -> dict[str, Counter[str]]:
        """Return for each drug how many samples have which action or response."""
        counts = {}
        for drug in sorted(self.results.responses.values):
            counter: Counter[str] = Counter()
            for judged, samples in self.results.responses.judgements(drug):
                counter[_label(judged)] += samples
            counts[drug] = counter
        return counts

    def phenotypes(self) -> dict[str, Counter[str]]:
        """Return for each gene how many samples have which most probable phenotype."""
        phenotypes = self.results.phenotypes
        counts = {}
        for gene, calls in sorted(phenotypes.calls.items()):
            counter: Counter[str] = Counter()
            for number, samples in enumerate(phenotypes.diplotypes.counts(gene).tolist()):
                if not samples:
                    continue
                diplotype = phenotypes.diplotypes.values[gene][number]
                nothing = "not assessed" if diplotype.status is CallStatus.NO_CALL else "no phenotype assigned"
                counter[calls[number].best or nothing] += samples
            counts[gene] = counter
        return counts

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        genotypes = self.results.genotypes
        total = len(genotypes.sample_ids)
        lines = [f"{total:,} samples, {genotypes.build}, absent loci: {genotypes.absent}", "=" * WIDTH]
        notice = self.notices
        lines += [line for text in notice for line in _wrap(text)] + [""] * bool(notice)
        lines += ["Drugs (samples)", *_count_lines(self.actions()), ""]
        lines += ["Genes (samples, most probable phenotype)", *_count_lines(self.phenotypes()), ""]
        return "\n".join([*lines, *_wrap(RESEARCH_USE), f"Data release {self.knowledge.release}."])


def _label(response: Judgement) -> str:
    if response.action is Action.INFORMATIVE_ONLY or response.response is Response.INDETERMINATE:
        return response.response.phrase
    return _SHORT[response.action].lower()


def _count_lines(counts: Mapping[str, Counter[str]]) -> list[str]:
    lines = []
    for name, counter in counts.items():
        cells = ", ".join(f"{label} {number:,}" for label, number in counter.most_common())
        lines += textwrap.wrap(f"  {name:<24}{cells}", WIDTH, subsequent_indent=" " * 26)
    return lines


def _wrap(text: str, indent: str = "") -> list[str]:
    """Wrap text; names with hyphens stay whole."""
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _variant_only_notice(results: Results) -> tuple[str, ...]:
    """Say what a file without reference records means, and what to do about it."""
    genotypes = results.genotypes
    essential = [number for number, locus in enumerate(genotypes.loci) if locus.essential]
    if genotypes.absent != "unknown" or not essential or not genotypes.looks_variant_only().all():
        return ()
    each = np.zeros(len(genotypes.sample_ids), np.int64)
    for number in essential:
        column = genotypes.columns[number]
        each += column.spread(column.states.status == LocusStatus.NO_RECORD.code)
    if not each.any():
        return ()
    count = f"{each.min()}" if each.min() == each.max() else f"{each.min()} to {each.max()}"
    return (
        "NOTE: this file looks like a variant-only VCF: no panel locus is recorded as homozygous reference, and "
        f"{count} of {len(essential)} essential loci were not observed. An absent locus is unknown, not normal. "
        "Two remedies: (1) if the caller looked at all sites and lists only variants, say so with "
        "--absent reference (absent='reference'); (2) call the loci of `lupus-pgx positions` by force and "
        "analyze that file.",
    )


def _heading(patient: PatientSummary) -> list[str]:
    genotypes = patient.results.genotypes
    if patient.stated:
        title = f"{patient.sample_id}: calls as given, nothing read from a file"
    else:
        ancestry = patient.ancestry or "not given (a statement must hold in every population)"
        title = f"{patient.sample_id}: {genotypes.build}; absent loci: {genotypes.absent}; ancestry: {ancestry}"
    lines = ["=" * WIDTH, title, "=" * WIDTH]
    unlisted = [drug.name for drug in patient.context.on_board if not drug.listed] if patient.context else []
    silent = [f"No table knows {', '.join(unlisted)}: what it does to other drugs is unknown here."] if unlisted else []
    for notice in (*patient.notices, *silent):
        lines += [*_wrap(notice), ""]
    return lines


def _treatment_lines(patient: PatientSummary) -> list[str]:
    """Write what a clinical context with a history, or with a manifestation, adds."""
    if patient.resistance is not None:
        return [*review_lines(patient.resistance), ""]
    options = patient.results.reviews.options(0)
    return [*option_lines(options), ""] if options else []


def _drug_lines(patient: PatientSummary) -> list[str]:
    responses = [patient.results.responses.of(drug, 0) for drug in sorted(patient.results.responses.values)]
    responses.sort(key=_urgency)
    lines = ["Drugs"] if responses else []
    few = len(responses) <= _FEW
    silent = [response.drug.drug for response in responses if not few and _says_nothing(response)]
    for response in responses:
        if response.drug.drug in silent:
            continue
        dose = factor_text(response.factor_low, response.factor_high) if response.action is not Action.STANDARD else ""
        action = _SHORT[response.action] if response.response is not Response.NO_VALIDATED_MARKER else "-"
        sure = f"certainty {percent_text(response.certainty)}" if response.certainty is not None else ""
        expected = response.response.phrase
        lines.append(f"  {response.drug.drug:<31} {f'{action} {dose}'.strip():<24} {expected:<20} {sure}".rstrip())
        if response.action is not Action.STANDARD or response.conflicts or few:
            lines += _wrap(response.summary.removeprefix(f"{response.drug.drug}: "), " " * 6)
        for conflict in response.conflicts:
            lines += _wrap(f"but: {conflict}", " " * 6)
    undecided = [response for response in responses if response.drug.drug in silent and response.not_assessed]
    if undecided:
        named = [f"{response.drug.drug} ({', '.join(_genes_of(response))})" for response in undecided]
        lines += _wrap(f"Undecided, because of what was not assessed: {'; '.join(named)}", "  ")
    silent = [name for name in silent if name not in {response.drug.drug for response in undecided}]
    if silent:
        lines += _wrap(f"Nothing to say from the genotype: {', '.join(silent)}", "  ")
    return lines


def _genes_of(response: DrugResponse) -> list[str]:
    """Return the genes and markers of which something essential was not assessed."""
    return [text.partition(":")[0] for text in response.not_assessed]


def _says_nothing(response: DrugResponse) -> bool:
    """Whether a drug may be named in one line with others: no marker, no test to complete, nothing fired."""
    silent = response.response in (Response.NO_VALIDATED_MARKER, Response.INDETERMINATE)
    return silent and response.action is Action.INFORMATIVE_ONLY and not response.conflicts


def _urgency(response: DrugResponse) -> tuple[int, int, str]:
    informative = response.action is Action.INFORMATIVE_ONLY
    silent = response.response is Response.NO_VALIDATED_MARKER
    return (informative + silent, -response.action.severity, response.drug.drug)


def _gene_lines(patient: PatientSummary) -> list[str]:
    phenotypes = patient.results.phenotypes
    lines = ["", "Genes"] if phenotypes.calls else []
    not_given = []
    for gene in sorted(phenotypes.calls):
        call, phenotype = phenotypes.diplotypes.of(gene, 0), phenotypes.of(gene, 0)
        if patient.stated and call.status is CallStatus.NO_CALL:
            not_given.append(gene)
            continue
        sure = f" {percent_text(call.best.probability)}" if call.best and call.status != "outside" else ""
        missing = f"; {len(call.missing)} of {call.n_loci} loci unknown" if call.missing else ""
        status = f"({call.status}{sure}{missing})"
        lines += _wrap(f"{gene:<10}{call.diplotype or '-':<12} {phenotype.best or '-':<28} {status}", "  ")
        if call.note:
            lines += _wrap(call.note, " " * 12)
        lines += [line for text in adjustment_lines(phenotypes, gene) for line in _wrap(text, " " * 12)]
        lines += _unlisted_lines(patient, gene)
    for gene in sorted({item.gene for item in patient.results.genotypes.unlisted} - set(phenotypes.calls)):
        lines += [f"  {gene}", *_unlisted_lines(patient, gene)]
    markers = patient.results.markers
    for key in sorted(markers.values):
        marker = markers.of(key, 0)
        if patient.stated and not marker.genotypes and not marker.category:
            not_given.append(key)
            continue
        lines.append(f"  {key:<22}{marker.genotype or '-':<12}{marker.category or '-':<28}({marker.status})")
        if marker.effect_allele_count:
            lines += _wrap(patient.knowledge.markers_by_key[key].effect, " " * 24)
    if not_given:
        lines += _wrap(f"not given, so not assessed: {', '.join(not_given)}", "  ")
    return lines


def _unlisted_lines(patient: PatientSummary, gene: str) -> list[str]:
    return [
        line
        for item in patient.results.genotypes.unlisted
        if item.gene == gene
        for line in _wrap(f"unlisted variant {item.name} {item.genotypes[0]}: {item.effect}", " " * 12)
    ]


def adjustment_lines(phenotypes: Phenotypes, gene: str) -> list[str]:
    """Say what the co-medication of the first sample does to a gene."""
    adjustment = phenotypes.adjustment(gene, 0)
    if adjustment is None:
        return []
    adjusted = [f"adjusted phenotype: {adjustment.shown.best}"] if adjustment.shown is not None else []
    return [*adjusted, adjustment.note]


def _footer(patient: PatientSummary) -> list[str]:
    return ["", *_wrap(RESEARCH_USE), f"Data release {patient.knowledge.release}."]
