"""Results as plain text: of an analysis, of a patient, of a cohort, of the review of treatment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from lupus_pgx.calling.markers import MarkerCall
from lupus_pgx.calling.phenotypes import GeneCall
from lupus_pgx.report.counts import asking_drugs, drug_table
from lupus_pgx.report.genes import left_out_text, region_genes, unlisted_texts
from lupus_pgx.report.review import parts_of
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.response.values import ConflictKind
from lupus_pgx.results.patient import FEW, AnalysisData, CohortData, PatientData
from lupus_pgx.results.sentences import (
    asked_share,
    expected_words,
    named_text,
    overall_word,
    own_share,
    shown_word,
    statement_of,
)
from lupus_pgx.review.course import WHOLE, Judged
from lupus_pgx.review.findings import Finding, TherapyReview
from lupus_pgx.review.levels import Level
from lupus_pgx.review.option import Option
from lupus_pgx.review.outlook import TRIALS, Outlook
from lupus_pgx.review.review import TreatmentReview
from lupus_pgx.review.steps.order import step_text
from lupus_pgx.review.steps.step import Step
from lupus_pgx.terms import RESEARCH_USE, Action, CallStatus, LevelVerdict, LocusStatus, Met, Response
from lupus_pgx.words.amounts import percent_text, share_text, sure_text
from lupus_pgx.words.lines import columned, rule, samples_text, wrap
from lupus_pgx.words.remedies import as_note, elsewhere_texts
from lupus_pgx.words.sentences import assumed_drugs, assumed_genotypes
from lupus_pgx.words.vocabulary import (
    ACTIONS,
    AFRESH,
    BY_CONTEXT,
    BY_REVIEW,
    CHECK_FIRST,
    CRITERIA,
    NO_MARKER,
    NOT_REREAD,
    REVIEW_STEPS,
    STRENGTHS,
)

_FEW_DRUGS = 3
"""Up to this many drugs the sentence of each is shown in full."""

_DRUG_CELLS, _GENE_CELLS, _MARKER_CELLS = (31, 26, 24), (10, 24, 28), (24, 16, 40)
"""The most letters of the columns but the last."""

_WORD = 12
"""A word of more letters, such as one with a dose, runs on: the names below it need no such gap."""

_MEASURE_NEXT = "Measure next (taken now or planned)"
_SHOWN = (Met.MET, Met.NOT_MET)
_NOT_GIVEN = 24
"""So many genes and markers that were not given are named, genes first; the others are counted."""
_OPTIONS = 12
"""So many options of a manifestation are written out; the rest is named."""


def of_analysis(analysis: AnalysisData) -> str:
    """Return the text of each patient, or of the cohort where there are more than a few."""
    if len(analysis.sample_ids) > FEW:
        return of_cohort(analysis.of_all())
    return "\n\n".join(of_patient(analysis.data_of(sample)) for sample in analysis.sample_ids)


def of_patient(patient: PatientData) -> str:
    """Return the summary of one patient as text."""
    return "\n".join(
        [
            *heading(patient),
            *_treatment_lines(patient),
            *_drug_lines(patient),
            *_gene_lines(patient),
            *footer(patient),
        ]
    )


def of_cohort(cohort: CohortData) -> str:
    """Return counts over a cohort as text."""
    genotypes = cohort.results.genotypes
    total = len(genotypes.sample_ids)
    lines = [f"{samples_text(total)}, {genotypes.build}, absent loci: {genotypes.absent}", rule()]
    lines += assumed_in_cohort(cohort)
    notice = cohort.notices
    lines += [line for text in notice for line in block(as_note(text))] + [""] * bool(notice)
    lines += [*drug_table(cohort, asking_drugs(cohort)), ""]
    lines += ["Drugs in words (samples)", *count_lines(cohort.actions()), ""]
    lines += ["Genes (samples, most probable phenotype)", *count_lines(cohort.phenotypes()), ""]
    return "\n".join([*lines, *block(RESEARCH_USE), f"Data release {cohort.knowledge.release}."])


def assumed_in_cohort(cohort: CohortData) -> list[str]:
    """Say how many genotypes of a cohort were assumed."""
    genotypes = cohort.results.genotypes
    code = LocusStatus.ASSUMED_REFERENCE.code
    assumed = sum(int(column.spread(column.states.status == code).sum()) for column in genotypes.columns)
    every = len(genotypes.columns) * len(genotypes.sample_ids)
    return [*block(assumed_genotypes(assumed, every)), ""] if assumed else []


def of_review(review: TreatmentReview) -> str:
    """Return a review of treatment as text."""
    return "\n".join(review_lines(review))


def block(text: str, indent: str = "") -> list[str]:
    """Wrap text, every line alike; names with hyphens stay whole."""
    return wrap(text, indent)


def hanging(text: str) -> list[str]:
    """Wrap a list of names under its first word."""
    return wrap(text, "  ", " " * 6)


def count_lines(counts: Mapping[str, Counter[str]]) -> list[str]:
    """Write how many samples have what, a line for each drug or gene."""
    lines = []
    for name, counter in counts.items():
        cells = ", ".join(f"{label} {number:,}" for label, number in counter.most_common())
        lines += wrap(f"  {name:<24}{cells}", "", " " * 26)
    return lines


def heading(patient: PatientData) -> list[str]:
    """Say whose results these are, and what must be known before they are read."""
    genotypes = patient.results.genotypes
    if patient.stated:
        title = f"{patient.sample_id}: calls as given, nothing read from a file"
    else:
        ancestry = patient.ancestry or "not given (statements hold in every population)"
        title = f"{patient.sample_id}: {genotypes.build}; absent loci: {genotypes.absent}; ancestry: {ancestry}"
    lines = [rule(), *block(title), rule(), *_assumed_lines(patient)]
    unlisted = [drug.name for drug in patient.context.on_board if not drug.listed] if patient.context else []
    silent = [f"No table knows {', '.join(unlisted)}: what it does to other drugs is unknown here."] if unlisted else []
    others = patient.context.other_conditions if patient.context else ()
    silent += [f"No table asks about {', '.join(others)}: what it means for a drug is unknown here."] if others else []
    for notice in (*map(as_note, patient.notices), *silent):
        lines += [*block(notice), ""]
    return lines


def _assumed_lines(patient: PatientData) -> list[str]:
    """Say how many drugs rest on loci without a record."""
    found = [patient.results.responses.of(drug, 0) for drug in patient.results.responses.values]
    assumed = sum(bool(response.assumed) for response in found)
    return [*block(assumed_drugs(assumed, len(found))), ""] if assumed else []


def _treatment_lines(patient: PatientData) -> list[str]:
    """Write what a clinical context with a history, or with a manifestation, adds."""
    if patient.review is not None:
        return [*review_lines(patient.review), ""]
    options = patient.results.reviews.options(0)
    lines = list(_section(_MEASURE_NEXT, _monitoring_lines(patient.results.reviews.monitoring(0))))
    lines += option_lines(options)
    return [*lines, ""] if lines else []


def _drug_lines(patient: PatientData) -> list[str]:
    responses = [patient.results.responses.of(drug, 0) for drug in sorted(patient.results.responses.values)]
    responses.sort(key=urgency)
    few = len(responses) <= _FEW_DRUGS
    silent = [response.drug.drug for response in responses if not few and says_nothing(response)]
    spoken = [response for response in responses if response.drug.drug not in silent]
    lines = ["Drugs"] if responses else []
    bearing = patient.review.bearing if patient.review is not None else {}
    for response, placed in zip(spoken, drug_rows(spoken, bearing), strict=True):
        lines += [*placed, *block(named_text(bearing.get(response.drug.drug, ())), " " * 6)]
        against = [item for item in response.conflicts if item.kind is not ConflictKind.CONTEXT]
        limited = response.lowest_cap is not None
        if response.overall_action is not Action.STANDARD or response.unseen or limited or against or few:
            lines += block(statement_of(response), " " * 6)
        for conflict in against:
            lines += block(f"but: {conflict}", " " * 6)
    undecided = [response for response in responses if response.drug.drug in silent and response.missing]
    if undecided:
        named = [f"{response.drug.drug} ({', '.join(item.key for item in response.missing)})" for response in undecided]
        lines += block(f"Undecided, because of what was not assessed: {'; '.join(named)}", "  ")
    silent = [name for name in silent if name not in {response.drug.drug for response in undecided}]
    if silent:
        lines += block(f"Nothing to say from the genotype: {', '.join(silent)}", "  ")
    return lines


def action_word(action: Action) -> str:
    """Return the name of an action; one that restricts stands out."""
    label = ACTIONS[action].label
    return label.upper() if action.severity > Action.MONITOR.severity else label


def drug_rows(
    responses: Sequence[DrugResponse], named: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> list[list[str]]:
    """Return the lines of each drug: what is asked for, by whom, and how sure; ``named`` are those of the review."""
    cells = [_drug_cells(response, named.get(response.drug.drug, ())) for response in responses]
    return columned(cells, _DRUG_CELLS)


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
        return response.drug.drug, _beside(action, dose_share(response)), BY_CONTEXT, ""
    expected = expected_words(response)
    sure = sure_text(response.certainty, **response.sure_as)
    return response.drug.drug, _beside(action, dose_share(response)), expected, sure


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


def _beside(action: str, dose: str) -> str:
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
    for key, placed in zip(found, marker_rows([(key, markers.of(key, 0)) for key in found]), strict=True):
        lines += placed
        if markers.of(key, 0).effect_allele_count:
            lines += block(patient.knowledge.markers_by_key[key].effect, " " * 24)
    if not_given:
        more = f" and {len(not_given) - _NOT_GIVEN} more" if len(not_given) > _NOT_GIVEN else ""
        lines += block(f"not given, so not assessed: {', '.join(not_given[:_NOT_GIVEN])}{more}", "  ")
    return lines + [line for text in _elsewhere(patient) for line in block(text, "  ")]


def gene_rows(genes: Sequence[GeneCall]) -> list[list[str]]:
    """Return the lines of each gene."""
    return columned([_gene_cells(known) for known in genes], _GENE_CELLS)


def _gene_cells(known: GeneCall) -> tuple[str, str, str, str]:
    call = known.diplotype
    sure = f" {percent_text(call.best.probability)}" if call.best and call.status is not CallStatus.OUTSIDE else ""
    missing = f"; {len(call.missing)} of {call.n_loci} loci unknown" if call.missing else ""
    return call.gene, call.diplotype or "-", known.phenotype.best or "-", f"({call.status}{sure}{missing})"


def marker_rows(markers: Sequence[tuple[str, MarkerCall]]) -> list[list[str]]:
    """Return the lines of each marker."""
    cells = [(key, call.genotype or "-", call.category or "-", f"({call.status})") for key, call in markers]
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


def review_lines(review: TreatmentReview) -> list[str]:
    """Write a review: what may be behind failed treatment, the course, what to measure, the options."""
    lines = ["Treatment so far", *_wrap(review.headline, 2)]
    lines += list(_section("Step by step", _step_lines(review.steps))) if review.therapies else []
    for item in review.therapies:
        lines += ["", *_therapy_lines(item)]
    if review.signals:
        lines += ["", "  whatever the treatment"]
        lines += [line for finding in review.signals for line in _finding_lines(finding)]
    lines += list(_section("Response criteria, judged from the dated series", _course_lines(review.course)))
    lines += list(_section("What is due", _outlook_lines(review.outlook)))
    lines += list(_section(_MEASURE_NEXT, _monitoring_lines(review.monitoring)))
    removal = [line for check in review.removal for line in _wrap(f"{check.drug} {check}: {check.advice}", 2)]
    lines += list(_section("Antibody drugs and procedures that remove them", removal))
    return [*lines, *option_lines(review.options)]


def _step_lines(steps: Sequence[Step]) -> Iterator[str]:
    """Write each step that has something to say, or lacks what it needs, with its sources."""
    for item in steps:
        if item.speaks or item.found or item.missing:
            cited = f" [{', '.join(item.citations)}]" if item.citations else ""
            yield from _wrap(f"- {REVIEW_STEPS[item.step]}: {step_text(item)}{cited}", 2)


def option_lines(options: Sequence[Option]) -> list[str]:
    """Write therapy options, manifestation by manifestation."""
    lines = []
    for manifestation in dict.fromkeys(option.manifestation for option in options):
        chosen = [option for option in options if option.manifestation == manifestation]
        lines += ["", f"Options in use for {manifestation} (sorted by stated keys, not a prescription)"]
        for number, option in enumerate(chosen[:_OPTIONS], start=1):
            lines += _option_lines(number, option)
        rest = [option.option for option in chosen[_OPTIONS:]]
        lines += _wrap(f"further down: {'; '.join(rest)}", 2) if rest else []
    return lines


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", title, *found)


def _wrap(text: str, indent: int) -> list[str]:
    before = " " * indent
    return wrap(text, before, f"{before}  ")


def _therapy_lines(review: TherapyReview) -> list[str]:
    dates = [str(day) for day in (review.therapy.start, review.therapy.stop) if day is not None]
    when = f", {' to '.join(dates)}" if dates else ""
    lines = _wrap(f"{review.drug}: {review.outcome}{when}", 2)
    for finding in review.findings:
        lines += _finding_lines(finding)
    tells = list(dict.fromkeys(item.tells for item in review.findings if item.tells))
    return lines + [line for text in tells for line in _wrap(f"the level that tells: {text}", 6)]


def _finding_lines(finding: Finding) -> list[str]:
    strength = "" if finding.is_silent else f"[{STRENGTHS[finding.strength].label}] "
    size = "; ".join(part for part in (finding.effect_size, finding.population) if part)
    cited = f" [{', '.join(finding.citations)}]" if finding.citations else ""
    lines = _wrap(f"- {strength}{finding.text}{f' ({size})' if size else ''}{cited}", 4)
    lines += [line for text in finding.against for line in _wrap(f"but: {text}", 6)]
    # The levels of a therapy are named once, after its findings.
    return lines + (_wrap(f"what would tell: {finding.tells}", 6) if finding.tells and not finding.drug else [])


def _course_lines(course: Sequence[Judged]) -> Iterator[str]:
    """Write what guideline bodies' criteria came to; those of trials are in the table only."""
    judged = [item for item in course if item.body not in TRIALS]
    for regimen in dict.fromkeys(item.regimen for item in judged):
        yield from _wrap(f"{' + '.join(regimen.drugs)}, from {regimen.start}", 2)
        mine = [item for item in judged if item.regimen == regimen]
        for item in mine:
            if item.status in _SHOWN:
                source = f" ({NOT_REREAD})" if item.second_hand else ""
                when = f"month {item.months}" if item.months else f"at the visit of {item.due}"
                head = f"{when}: {item.name}{source} {CRITERIA[item.status].label}"
                yield from _wrap(f"{head}: {_parts_text(item)}", 4)
        for status in (Met.NOT_JUDGEABLE, Met.NOT_DUE, Met.STOPPED):
            names = [item.name for item in mine if item.status is status]
            if names:
                yield from _wrap(
                    f"{CRITERIA[status].label}: {', '.join(names) if len(names) < len(mine) else 'all criteria'}", 4
                )


def _parts_text(judged: Judged) -> str:
    """Say what was asked for and found: first of the parts that decided, then of those marked otherwise."""
    own = CRITERIA[judged.status]
    return "; ".join(
        f"{f'[{mark.label}] ' if mark != own else ''}{'; '.join(texts)}" for mark, texts in parts_of(judged)
    )


def _outlook_lines(found: Sequence[Outlook]) -> Iterator[str]:
    """Write where each regimen that is given stands."""
    for item in found:
        about = "the whole disease" if item.manifestation == WHOLE else item.manifestation
        yield from _wrap(f"{' + '.join(item.regimen.drugs)}, {about}: {item}", 2)


def _monitoring_lines(levels: Sequence[Level]) -> Iterator[str]:
    for level in levels:
        target = f", {level.aim}" if level.aim else ""
        timing = f"; {level.timing}" if level.timing else ""
        means = f": {level.row['meaning']}" if level.verdict in (LevelVerdict.BELOW, LevelVerdict.ABOVE) else ""
        yield from _wrap(f"- {level.drug}: {level.measure}{target}; {level.result}{timing}{means}", 2)


def _option_lines(number: int, option: Option) -> list[str]:
    planned = " (planned)" if option.planned else ""
    lines = _wrap(f"{number}. {option.option}{planned}: {option.genome.shown}; {option.stage}", 2)
    # What the heading says is not said again of each drug.
    own = [(item, "" if item.shown == option.genome.shown else f": {item.shown}") for item in option.words]
    reasons = [(item.drug, shown, f" ({item.reason})" if item.reason else "") for item, shown in own]
    words = ["".join(parts) for parts in reasons if any(parts[1:])]
    lines += _wrap(f"genome: {'; '.join(words)}", 6) if words else []
    if option.tried:
        lines += _wrap(f"tried: {', '.join(option.tried)}{f'; {AFRESH}' if option.afresh else ''}", 6)
    for check in option.against:
        lines += _wrap(f"{check.drug} {check}: {check.advice}", 6)
    pairs = [f"{check.drug} {check.subject}" for check in option.checks if check.partner and not check.against]
    lines += _wrap(f"watch: {', '.join(pairs)}", 6) if pairs else []
    lines += _wrap(f"note: {'; '.join(option.remarks)}", 6) if option.remarks else []
    if option.questions:
        lines += _wrap(f"{CHECK_FIRST}: {', '.join(option.questions)}", 6)
    return lines + (_wrap(f"not looked at: {', '.join(option.unseen)}", 6) if option.unseen else [])
