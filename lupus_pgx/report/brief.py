"""The summary of some forty lines: what asks for something, then the drugs of lupus; the rest is counted.

What is left out is counted by what it asks for, so that nothing strict disappears without a trace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set

from lupus_pgx.report import text
from lupus_pgx.report.marks import lupus_drugs
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.results.patient import FEW, AnalysisData, CohortData, PatientData
from lupus_pgx.results.sentences import strictest_of
from lupus_pgx.terms import RESEARCH_USE, Action, Response
from lupus_pgx.words.lines import WIDTH
from lupus_pgx.words.vocabulary import ACTIONS, RESPONSES

LINES = 40
"""So many lines a summary may have, more or less; what must be known before it is read is never cut."""

_AT_LEAST = 12
"""So many lines are for drugs however long the notices above them are."""

_GENES = 6
"""Up to so many lines are for genes and markers."""

_NEVER_LATE = Action.CONSIDER_ALTERNATIVE.severity
"""From here on any drug has its place before those of lupus."""


def of_analysis(analysis: AnalysisData) -> str:
    """Return the summary of each patient, or of the cohort where there are more than a few."""
    if len(analysis.sample_ids) > FEW:
        return of_cohort(analysis.of_all())
    return "\n\n".join(of_patient(analysis.data_of(sample)) for sample in analysis.sample_ids)


def of_patient(patient: PatientData) -> str:
    """Return the summary of a patient: the whole text where it is short enough."""
    whole = text.of_patient(patient)
    if whole.count("\n") < LINES:
        return whole
    head, foot = text.heading(patient), text.footer(patient)
    review, options = patient.review, patient.results.reviews.options(0)
    if review is not None:
        head += ["Treatment so far", *text.block(review.headline, "  "), ""]
    responses = _of_drugs(patient)
    asking = [response for response in responses if _restricts(response.overall_action)]
    quiet = [response for response in responses if not _restricts(response.overall_action)]
    lupus = lupus_drugs(patient.knowledge)
    named, unnamed = _quiet_lines(quiet, lupus)
    genes, shown = _gene_lines(patient, asking)
    tail = [*genes, *named]
    room = max(LINES - len(head) - len(tail) - len(foot) - 4, _AT_LEAST)
    lines, cut = _asking_lines(asking, room, lupus)
    called = len(patient.results.genes.values) + len(patient.results.markers.values)
    more = {
        "the findings of the review": review is not None,
        f"{len(options)} options of treatment": bool(options),
        f"{called - shown} genes and markers": called > shown,
    }
    left_out = _left_out(cut, unnamed, [words for words, there in more.items() if there])
    return "\n".join([*head, *lines, *tail, *left_out, *foot])


def of_cohort(cohort: CohortData) -> str:
    """Return the summary of a cohort: the whole text where it is short enough."""
    whole = text.of_cohort(cohort)
    if whole.count("\n") < LINES:
        return whole
    genotypes, responses = cohort.results.genotypes, cohort.results.responses
    head = [f"{len(genotypes.sample_ids):,} samples, {genotypes.build}, absent loci: {genotypes.absent}"]
    head += [
        "=" * WIDTH,
        *text.assumed_in_cohort(cohort),
        *(line for notice in cohort.notices for line in text.block(notice)),
    ]
    asked = {
        drug: {judged.action: samples for judged, samples in responses.judgements(drug)} for drug in responses.values
    }
    lupus, actions = lupus_drugs(cohort.knowledge), cohort.actions()
    order = sorted(asked, key=lambda drug: _strictest(drug, asked[drug], lupus))
    room = max(LINES - len(head) - _GENES - 8, _AT_LEAST)
    lines, shown = _as_many(order, actions, room)
    driving = dict.fromkeys(
        key
        for drug in shown
        for judged, _ in responses.judgements(drug)
        if _restricts(judged.action)
        for key in judged.driven_by
    )
    phenotypes = cohort.phenotypes()
    genes, written = _as_many([key for key in driving if key in phenotypes], phenotypes, _GENES)
    cut = [max(asked[drug], key=lambda action: action.severity) for drug in order if drug not in shown]
    more = [f"{len(phenotypes) - len(written)} genes"] if len(phenotypes) > len(written) else []
    tail = _left_out([action for action in cut if _restricts(action)], _quiet_counts(cut), more, "the strictest: ")
    body = ["Drugs (samples)", *lines, "", "Genes (samples, most probable phenotype)", *genes, *tail, ""]
    return "\n".join([*head, *body, *text.block(RESEARCH_USE), f"Data release {cohort.knowledge.release}."])


def _of_drugs(patient: PatientData) -> list[DrugResponse]:
    """Return the responses, the strictest first, drugs of lupus first among the equally strict."""
    lupus = lupus_drugs(patient.knowledge)
    found = [patient.results.responses.of(drug, 0) for drug in patient.results.responses.values]
    return sorted(
        found, key=lambda item: (-item.overall_action.severity, item.drug.drug not in lupus, text.urgency(item))
    )


def _restricts(action: Action) -> bool:
    return action.severity > Action.STANDARD.severity


def _strictest(drug: str, asked: dict[Action, int], lupus: Set[str]) -> tuple[int, bool, int, str]:
    strictest = max(asked, key=lambda action: action.severity)
    return -strictest.severity, drug not in lupus, -asked[strictest], drug


def _asking_lines(asking: Sequence[DrugResponse], room: int, lupus: Set[str]) -> tuple[list[str], list[Action]]:
    """Return the lines of drugs that ask for something, and what those ask for that found no room.

    Where there is no room for all, what is to be avoided or replaced and the drugs of lupus come first, and the
    sentences of the drugs of lupus, decided ones first. Where there is no room for those either, drugs beside lupus
    that are to be avoided or replaced are named together.
    """
    if not asking:
        return ["Drugs", "  none asks for more than the usual dose"], []
    strict = [item for item in asking if _is_strict(item) and item.drug.drug not in lupus]
    named = _named_together(strict) if len(strict) > room // 2 else []
    if named:
        asking = [item for item in asking if item not in strict]
        room = max(room - len(named), _AT_LEAST)
    first = sorted(asking, key=lambda item: not _is_strict(item) and item.drug.drug not in lupus)
    places = {item.drug.drug for item in first[:room]}
    kept = [item for item in asking if item.drug.drug in places]
    spare = room - len(kept)
    told: dict[str, list[str]] = {}
    # A drug that only waits for a test says so in its line: the reason of a change of dose is worth more room.
    for response in sorted(kept, key=lambda item: (item.drug.drug not in lupus, item.certainty is None)):
        sentence = _sentence(response)
        if len(sentence) <= spare:
            told[response.drug.drug] = sentence
            spare -= len(sentence)
    lines = ["Drugs that ask for something, the strictest first"]
    for response in kept:
        lines += [text.drug_line(response), *told.get(response.drug.drug, [])]
    return [*lines, *named], [response.overall_action for response in first[room:]]


def _is_strict(response: DrugResponse) -> bool:
    return response.overall_action.severity >= _NEVER_LATE


def _named_together(strict: Sequence[DrugResponse]) -> list[str]:
    """Name drugs in one list for each action."""
    lines: list[str] = []
    for action in sorted({item.overall_action for item in strict}, key=lambda item: -item.severity):
        names = [item.drug.drug for item in strict if item.overall_action is action]
        lines += text.block(f"{text.action_word(action)}, beside the drugs of lupus: {', '.join(names)}", "  ")
    return lines


def _sentence(response: DrugResponse) -> list[str]:
    return text.block(strictest_of(response), " " * 6)


def _group(response: DrugResponse) -> str:
    """Return under which word a drug that asks for nothing is named."""
    if response.unseen:
        return "not looked at for what the context tells"
    if response.action is Action.STANDARD:
        return "usual dose"
    if text.says_nothing(response):
        return "undecided" if response.missing else "nothing to say"
    return "for information only" if response.response is not Response.NO_VALIDATED_MARKER else "nothing to say"


def _quiet_lines(quiet: Iterable[DrugResponse], lupus: Set[str]) -> tuple[list[str], Counter[str]]:
    """Name the drugs of lupus that ask for nothing, and count the others."""
    named: dict[str, list[str]] = {}
    unnamed: Counter[str] = Counter()
    for response in quiet:
        group = _group(response)
        if response.drug.drug in lupus and group != "nothing to say":
            detail = f" ({RESPONSES[response.response].label})" if group == "for information only" else ""
            named.setdefault(group, []).append(f"{response.drug.drug}{detail}")
        else:
            unnamed[group] += 1
    lines = ["", "Other drugs of lupus"] if named else []
    for group, drugs in named.items():
        lines += text.block(f"{group}: {', '.join(drugs)}", "  ")
    return lines, unnamed


def _gene_lines(patient: PatientData, asking: Sequence[DrugResponse]) -> tuple[list[str], int]:
    """Return the lines of the genes and markers behind what is asked for, and how many are shown."""
    genes, markers = patient.results.genes, patient.results.markers
    lines: list[str] = []
    shown = 0
    for key in dict.fromkeys(key for response in asking for key in response.judgement.driven_by):
        if key in genes.values:
            more = text.gene_line(genes.of(key, 0))
        elif key in markers.values:
            more = [text.marker_line(key, markers.of(key, 0))]
        else:
            continue
        if len(lines) + len(more) > _GENES:
            break
        lines, shown = [*lines, *more], shown + 1
    return (["", "Genes behind them", *lines] if lines else []), shown


def _as_many(order: Iterable[str], counts: dict[str, Counter[str]], room: int) -> tuple[list[str], list[str]]:
    """Return the lines of as many names as there is room for, and the names."""
    lines: list[str] = []
    shown: list[str] = []
    for name in order:
        more = text.count_lines({name: counts[name]})
        if len(lines) + len(more) > room:
            break
        lines, shown = [*lines, *more], [*shown, name]
    return lines, shown


def _quiet_counts(actions: Iterable[Action]) -> Counter[str]:
    return Counter(ACTIONS[action].label for action in actions if not _restricts(action))


def _left_out(cut: Sequence[Action], unnamed: Counter[str], more: Sequence[str], what: str = "") -> list[str]:
    """Say what was left out; what asks for something first, by action."""
    asked = Counter(sorted(cut, key=lambda action: -action.severity))
    drugs = sum(asked.values()) + unnamed.total()
    counts = [f"{text.action_word(action)} {number}" for action, number in asked.items()]
    counts += [f"{group} {number}" for group, number in unnamed.most_common()]
    items = [f"{drugs} drug{'s' * (drugs > 1)} ({what}{', '.join(counts)})"] if drugs else []
    if not items and not more:
        return [""]
    return ["", *text.block(f"Left out: {'; '.join([*items, *more])}. Option --full shows all.")]
