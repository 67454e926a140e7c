"""Results as plain text: all of an analysis and of a patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from lupus_pgx.calling.markers import MarkerCall
from lupus_pgx.calling.phenotypes import GeneCall
from lupus_pgx.report.cohort_text import of_cohort
from lupus_pgx.report.context import no_context_of_cohort, no_context_text, unjudged, unknown_text
from lupus_pgx.report.genes import left_out_text, region_genes, unlisted_texts
from lupus_pgx.report.left_open import unanswered_lines
from lupus_pgx.report.marks import action_word
from lupus_pgx.report.standing import cap_told, in_part
from lupus_pgx.report.treatment import treatment_lines
from lupus_pgx.report.unanswered import left_of, left_of_many
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.response.values import ConflictKind
from lupus_pgx.results.notices import SharedNotices, absence_of, shared_notices
from lupus_pgx.results.patient import FEW, AnalysisData, PatientData
from lupus_pgx.results.sentences import (
    asked_share,
    expected_words,
    listed_statement,
    named_text,
    overall_word,
    own_share,
    shown_word,
    statement_of,
    without_marker,
)
from lupus_pgx.terms import RESEARCH_USE, Action, CallStatus, Response
from lupus_pgx.words.amounts import called_text, certainty_text, share_text, sure_text
from lupus_pgx.words.lines import block, columned, counted, hanging, rule, wrap
from lupus_pgx.words.remedies import Notice, as_note, elsewhere_texts
from lupus_pgx.words.sentences import assumed_drugs
from lupus_pgx.words.vocabulary import ACTIONS, BY_CONTEXT, BY_REVIEW, CALLS, IN_PART, NO_MARKER, capital, plain

_FEW_DRUGS = 3
"""Up to this many drugs the sentence of each is shown in full."""

_DRUG_CELLS, _GENE_CELLS, _MARKER_CELLS = (31, 26, 24), (10, 24, 28), (24, 16, 40)
"""The most letters of the columns but the last."""

_WORD = 12
"""A word of more letters, such as one with a dose, runs on: the names below it need no such gap."""

_SHORT = 12
"""What the context tells in more letters stands with the first drug that it bears on, and no more."""

_NOT_GIVEN = 24
"""So many genes and markers that were not given are named, genes first; the others are counted."""


def of_analysis(analysis: AnalysisData) -> str:
    """Return the text of each patient, or of the cohort where there are more than a few."""
    if len(analysis.sample_ids) > FEW:
        return of_cohort(analysis.of_all())
    if len(analysis.sample_ids) == 1:
        return of_patient(analysis.data_of(analysis.sample_ids[0]))
    shared = shared_notices(analysis.results)
    shown = [
        of_patient(analysis.data_of(sample), own) for sample, own in zip(analysis.sample_ids, shared.own, strict=True)
    ]
    return "\n".join([*once_lines(shared, analysis), "\n\n".join(shown)])


def once_lines(shared: SharedNotices, analysis: AnalysisData) -> list[str]:
    """Say what must be known of several patients before any of them is read, each once."""
    texts = [as_note(notice, whom) for whom, notice in shared.once]
    bare = no_context_of_cohort(analysis.sample_ids, analysis.contexts, analysis.knowledge)
    texts += [bare] if bare else []
    return [line for text in texts for line in (*block(text), "")]


def of_patient(patient: PatientData, notices: Sequence[Notice] | None = None) -> str:
    """Return the summary of one patient as text; ``notices`` are those that were not said before, all by default."""
    return "\n".join(
        [
            *heading(patient, notices),
            *treatment_lines(patient),
            *_drug_lines(patient),
            *_unjudged_lines(patient),
            *unanswered_lines(patient),
            *_gene_lines(patient),
            *footer(patient),
        ]
    )


def heading(patient: PatientData, notices: Sequence[Notice] | None = None) -> list[str]:
    """Say whose results these are, and what must be known before they are read and was not said before."""
    genotypes = patient.results.genotypes
    if patient.stated:
        title = f"{patient.sample_id}: calls as given, nothing read from a file"
    else:
        ancestry = patient.ancestry or "not given (statements hold in every population)"
        title = f"{patient.sample_id}: {genotypes.build}; absent loci: {absence_of(genotypes)}; ancestry: {ancestry}"
    lines = [rule(), *block(title), rule(), *_assumed_lines(patient)]
    silent = unknown_text(patient.context)
    bare = no_context_text(patient.context, patient.knowledge) if notices is None else ""  # of several it is said once
    own = patient.notices if notices is None else notices
    for notice in (*map(as_note, own), *filter(None, (silent, bare))):
        lines += [*block(notice), ""]
    return lines


def _assumed_lines(patient: PatientData) -> list[str]:
    """Say how many drugs rest on loci without a record."""
    found = [patient.results.responses.of(drug, 0) for drug in patient.results.responses.values]
    assumed = sum(bool(response.assumed) for response in found)
    return [*block(assumed_drugs(assumed, len(found))), ""] if assumed else []


def _unjudged_lines(patient: PatientData) -> list[str]:
    """Say what is taken or planned and judged by no table."""
    told = unjudged(patient.context, patient.knowledge.drugs_by_name)
    return [*block(told), ""] if told else []


def _drug_lines(patient: PatientData) -> list[str]:
    responses = [patient.results.responses.of(drug, 0) for drug in sorted(patient.results.responses.values)]
    responses.sort(key=urgency)
    few = len(responses) <= _FEW_DRUGS
    silent = [response.drug.drug for response in responses if not few and says_nothing(response)]
    spoken = [response for response in responses if response.drug.drug not in silent]
    lines = ["Drugs"] if responses else []
    bearing = patient.review.bearing if patient.review is not None else {}
    written: set[str] = set()
    for response, placed in zip(spoken, drug_rows(spoken, bearing), strict=True):
        lines += [*placed, *block(named_text(bearing.get(response.drug.drug, ())), " " * 6)]
        against = [item for item in response.conflicts if item.kind is not ConflictKind.CONTEXT]
        limited = response.lowest_cap is not None
        said = ""
        if few:
            said = statement_of(response)
        elif response.overall_action is not Action.STANDARD or response.unseen or limited or against:
            said = listed_statement(response, _left(response), written)
            written |= {check.told for check in response.said if len(check.told) > _SHORT}
        lines += block(said, " " * 6)
        for conflict in against:
            lines += block(f"but: {conflict}", " " * 6) if str(conflict) not in said else []
    unmarked: dict[str, list[str]] = {}
    for response in [] if few else spoken:
        if without_marker(response) and response.overall_action is not response.action:
            unmarked.setdefault(response.drug.row["statement"].rstrip("."), []).append(response.drug.drug)
    if unmarked:
        lines += block("Genotype of those of which the context asks and that have no marker", "  ")
        lines += [line for text, names in unmarked.items() for line in wrap(f"{', '.join(names)}: {text}.", " " * 6)]
    undecided = [response for response in responses if response.drug.drug in silent and response.missing]
    if undecided:
        named = [f"{response.drug.drug} ({', '.join(item.key for item in response.missing)})" for response in undecided]
        lines += block(f"Undecided, because of what was not assessed: {'; '.join(named)}", "  ")
    silent = [name for name in silent if name not in {response.drug.drug for response in undecided}]
    if silent:
        lines += block(f"Nothing to say from the genotype: {', '.join(silent)}", "  ")
    unspoken = [response for response in responses if not few and says_nothing(response)]
    return lines + block(left_of_many(left_of(response.checks) for response in unspoken), "  ")


def _left(response: DrugResponse) -> str:
    """Say how much of the context is not answered for a drug; what it is stands below, once for all drugs."""
    text = str(left_of(response.checks))
    return f"{capital(text)}." if text else ""


def drug_rows(
    responses: Sequence[DrugResponse], named: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> list[list[str]]:
    """Return the lines of each drug: what is asked for, by whom, and how sure; ``named`` are those of the review."""
    cells = []
    for response in responses:
        drug, word, expected, sure = _drug_cells(response, named.get(response.drug.drug, ()))
        last = "; ".join(part for part in (sure, cap_told(response)) if part)
        cells.append((drug, word, (expected and _beside_usual(response)) or expected, last))
    return columned(cells, _DRUG_CELLS)


def _beside_usual(response: DrugResponse) -> str:
    """Return what the context leaves open of a usual dose, in the place of the word that it is typical."""
    if response.action is not Action.STANDARD or response.overall_action is not response.action:
        return ""
    left = left_of(response.checks)
    counts = f"{left.conditions} open, {left.forbidding} would forbid" if left.conditions else ""
    return IN_PART if in_part(response) else counts


def drug_lines_with(
    responses: Sequence[DrugResponse], named: Mapping[str, Sequence[str]], told: Sequence[tuple[Sequence[str], str]]
) -> list[str]:
    """Return the lines of each drug by its word: what is told of it in few words behind its name, then in sentences."""
    cells = [_drug_cells(response, named.get(response.drug.drug, ())) for response in responses]
    room = min(max((len(word) for _, word, _, _ in cells), default=0), _WORD)
    lines = []
    for (drug, word, expected, sure), (details, said) in zip(cells, told, strict=True):
        of_genotype = [expected, sure] if sure else []
        few = ", ".join([*details, *of_genotype])
        text = f"{drug} ({few}){f': {said}' if said else ''}"
        lines += wrap(text, f"  {word:<{room}}  ", " " * 6)
    return lines


def _drug_cells(response: DrugResponse, named: Sequence[str]) -> tuple[str, str, str, str]:
    word = shown_word(response, named)
    if word is BY_REVIEW:
        return response.drug.drug, word.label, "", ""
    shown = action_word(response.overall_action) if word is ACTIONS[response.overall_action] else word.label
    action = "-" if word is NO_MARKER else shown
    if response.overall_action is not response.action:
        return response.drug.drug, beside(action, dose_share(response)), BY_CONTEXT, ""
    expected = expected_words(response)
    # Beside "test first" a bare "certain" would be read of the test, beside weak evidence of the effect.
    unsaid = response.action in (Action.TEST_FIRST, Action.INFORMATIVE_ONLY)
    said = certainty_text if unsaid else sure_text
    sure = said(response.certainty, **response.sure_as)
    return response.drug.drug, beside(action, dose_share(response)), expected, sure


def dose_share(response: DrugResponse) -> str:
    """Return the shares of the usual dose that hold, of the genotype and of the context; nothing where none does.

    They stand side by side: neither takes the place of the other. One whose action is not the strictest is named by it.
    """
    own, asked = share_text(*own_share(response)), share_text(*asked_share(response))
    if own and response.overall_action is response.action:
        return f"{own}, and {asked} by the context" if asked else own
    by_genotype = f"{own} by the genotype" if own else ""
    if asked:
        reduces = "" if response.overall_action is Action.REDUCE_DOSE else f"{ACTIONS[Action.REDUCE_DOSE].label} "
        return f"{reduces}{asked}{f' by the context, {by_genotype}' if own else ''}"
    return f"{ACTIONS[response.action].label} {by_genotype}" if own else ""


def beside(action: str, dose: str) -> str:
    """Return the word of an action with a share of the dose; a word that is no change of dose has it after a comma."""
    between = ", " if dose.startswith(_NAMED) else " "
    return f"{action}{between}{dose}" if dose else action


_NAMED = tuple(mark.label for mark in ACTIONS.values())


def says_nothing(response: DrugResponse) -> bool:
    """Whether a drug may be named in one line with others: no marker, no test to complete, nothing fired."""
    silent = response.response in (Response.NO_VALIDATED_MARKER, Response.INDETERMINATE)
    asks = response.overall_action is not Action.INFORMATIVE_ONLY or response.conflicts or response.unseen
    return silent and not asks


def urgency(response: DrugResponse) -> tuple[int, int, str]:
    """Return by what drugs are sorted: the strictest that is asked for first."""
    informative = response.overall_action is Action.INFORMATIVE_ONLY
    silent = overall_word(response) is NO_MARKER
    return (informative + silent, -response.overall_action.severity, response.drug.drug)


def _gene_lines(patient: PatientData) -> list[str]:
    genes, markers = patient.results.genes, patient.results.markers
    not_given: list[str] = []
    called: list[str] = []
    found: list[str] = []
    for gene in sorted(genes.values):
        open_call = genes.of(gene, 0).diplotype.status is CallStatus.NO_CALL
        (not_given if patient.stated and open_call else called).append(gene)
    for key in sorted(markers.values):
        marker = markers.of(key, 0)
        open_marker = not marker.genotypes and not marker.category
        (not_given if patient.stated and open_marker else found).append(key)
    lines = ["", "Genes"] if genes.values else []
    for gene, placed in zip(called, gene_rows([genes.of(gene, 0) for gene in called]), strict=True):
        call = genes.of(gene, 0)
        notes = [*([call.diplotype.note] if call.diplotype.note else []), *adjustment_lines(call)]
        lines += [*placed, *(line for text in notes for line in block(text, " " * 12)), *_unlisted_lines(patient, gene)]
    for gene in region_genes(patient.results):
        lines += [f"  {gene}", *_unlisted_lines(patient, gene)]
    without: dict[str, list[str]] = {}
    for key in [key for key in found if _lacks(markers.of(key, 0))]:
        without.setdefault(markers.of(key, 0).status, []).append(f"{key} {markers.of(key, 0).genotype}")
    found = [key for key in found if not _lacks(markers.of(key, 0))]
    for key, placed in zip(found, marker_rows([(key, markers.of(key, 0)) for key in found]), strict=True):
        lines += placed
        if markers.of(key, 0).effect_allele_count:
            lines += block(patient.knowledge.markers_by_key[key].effect, " " * 24)
    for status, names in without.items():
        lines += hanging(f"without the effect allele ({status}): {'; '.join(names)}")
    if not_given:
        more = f" and {len(not_given) - _NOT_GIVEN} more" if len(not_given) > _NOT_GIVEN else ""
        lines += block(f"not given, so not assessed: {', '.join(not_given[:_NOT_GIVEN])}{more}", "  ")
    return lines + [line for text in _elsewhere(patient) for line in block(text, "  ")]


def _lacks(call: MarkerCall) -> bool:
    """Whether a marker was seen and its effect allele is not there, with no more to say of it, as ``no A allele``."""
    plain = call.category.startswith("no ") and "," not in call.category
    return call.effect_allele_count == 0 and plain and bool(call.genotype) and not call.note


def gene_rows(genes: Sequence[GeneCall]) -> list[list[str]]:
    """Return the lines of each gene."""
    return columned([_gene_cells(known) for known in genes], _GENE_CELLS)


def _gene_cells(known: GeneCall) -> tuple[str, str, str, str]:
    call = known.diplotype
    best = call.best if call.status is not CallStatus.OUTSIDE else None
    sure = f" {called_text(best.probability, unseen_structure=call.structure_unseen)}" if best else ""
    missing = f"; {len(call.missing)} of {counted(call.n_loci, 'locus', 'loci')} unknown" if call.missing else ""
    return call.gene, call.diplotype or "-", known.phenotype.best or "-", f"({CALLS[call.status].label}{sure}{missing})"


def marker_rows(markers: Sequence[tuple[str, MarkerCall]]) -> list[list[str]]:
    """Return the lines of each marker."""
    cells = [(key, call.genotype or "-", call.category or "-", f"({plain(call.status)})") for key, call in markers]
    return columned(cells, _MARKER_CELLS)


def _elsewhere(patient: PatientData) -> list[str]:
    """Say where calls come from that the file cannot give, where one is missing."""
    if patient.stated:
        return []
    calls = [patient.results.genes.of(gene, 0).diplotype for gene in patient.results.genes.values]
    asked = {key for name in patient.results.responses.values for key in patient.knowledge.drug(name).rule_keys}
    return elsewhere_texts(
        typing=any(call.is_open_typing for call in calls),
        structure=any(call.structure_open for call in calls),
        outside=any(call.is_open_outside and call.gene in asked for call in calls),
    )


def _unlisted_lines(patient: PatientData, gene: str) -> list[str]:
    genotypes = patient.results.genotypes
    texts = [f"unlisted variant {text}" for text in unlisted_texts(genotypes, gene)]
    left_out = left_out_text(genotypes, gene)
    return [line for text in (*texts, *([left_out] if left_out else [])) for line in block(text, " " * 12)]


def adjustment_lines(call: GeneCall) -> list[str]:
    """Say what co-medication does to the call of a gene."""
    if call.adjusted is None:
        return []
    shown = call.adjusted.shown
    return [*([f"adjusted phenotype: {shown.best}"] if shown is not None else []), call.adjusted.note]


def footer(patient: PatientData) -> list[str]:
    """Say what the results are not for, and of which data they are."""
    return ["", *block(f"{RESEARCH_USE} Data release {patient.knowledge.release}.")]
