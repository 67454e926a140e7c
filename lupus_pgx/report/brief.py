"""The summary of some forty lines: what asks for something, drugs of lupus first; what is quiet is named or counted.

Drugs that are planned, taken or of lupus and ask for something are named whatever room there is, and so is every
other drug of which the genotype asks it. Of which the clinical context alone asks, other drugs are named as there is
room, the strictest first, and counted by action in that place where there is none: nothing strict disappears without a
word, and what was not assessed has lines of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set

from lupus_pgx.calling.phenotypes import GeneCall
from lupus_pgx.report import text
from lupus_pgx.report.behind import keys_behind
from lupus_pgx.report.cohort_text import LINES, left_out, summary_of_cohort
from lupus_pgx.report.context import roles, unjudged
from lupus_pgx.report.left_open import unseen_lines
from lupus_pgx.report.marks import action_word, lupus_drugs
from lupus_pgx.report.standing import cap_told, in_part, is_undecided, most_told, open_genes, open_keys_told
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.response.overall import action_of
from lupus_pgx.results.notices import shared_notices
from lupus_pgx.results.patient import FEW, AnalysisData, PatientData
from lupus_pgx.results.sentences import (
    below_the_rules,
    context_text,
    could_still,
    expected_words,
    genotype_in_brief,
    genotype_sentence,
    named_text,
    pressing_text,
    reason_told,
    shown_word,
    statement_of,
    strictest_of,
    tests_asked,
)
from lupus_pgx.review.review import due_by_drug
from lupus_pgx.terms import Action, CallStatus, Response
from lupus_pgx.words.amounts import called_text
from lupus_pgx.words.lines import block, counted, hanging
from lupus_pgx.words.remedies import Notice
from lupus_pgx.words.sentences import due_text
from lupus_pgx.words.vocabulary import (
    ACTIONS,
    BEHIND,
    BY_CONTEXT,
    BY_REVIEW,
    GENOTYPE_UNDECIDED,
    IN_PART,
    capital,
    plain,
)

_UNDECIDED, _INFORMS = "undecided", "for information only"
_NOTHING = "nothing to say from the genotype"

_UNSURE = f" with the {GENOTYPE_UNDECIDED}"
"""Of drugs that are counted, and that something else than their genotype asks to watch."""

_SEVERAL = 24
"""So many lines each of a few patients has."""

_AT_LEAST, _AT_LEAST_OF_SEVERAL = 10, 8
"""So many lines are for drugs of lupus however long the notices above them are, but for those of many drugs taken."""

_FRAME = 12
"""So many lines are headings, what was left out, and what the summary is not for."""

_GENES = 8
"""Up to so many genes and markers are named."""

_WATCHED = 6
"""Up to so many drugs beside those of lupus that are only to be monitored are named."""

_DUE = 2
"""So many measurements that are due are named."""

_SHORT = 20
"""A diplotype of more letters stands behind its phenotype only."""

_NAMED = 8
"""So many genes or markers that drugs wait for are named; the others are counted."""


def of_analysis(analysis: AnalysisData) -> str:
    """Return the summary of each patient, or of the cohort where there are more than a few."""
    samples = analysis.sample_ids
    if len(samples) > FEW:
        return summary_of_cohort(analysis.of_all())
    patients = [analysis.data_of(sample) for sample in samples]
    if len(patients) == 1:
        return of_patient(patients[0])
    unknown = [_open_lines(patient, _of_drugs(patient)) for patient in patients]
    alike = all(lines == unknown[0] for lines in unknown)
    shared = shared_notices(analysis.results)
    shown = [
        "\n".join(_summary(patient, _SEVERAL, [] if alike else lines, notices))
        for patient, lines, notices in zip(patients, unknown, shared.own, strict=True)
    ]
    once = ["", "For each of them", *unknown[0][1:]] if alike else []
    below = "\n".join([*once, *text.footer(patients[0])]).lstrip()
    return "\n".join([*text.once_lines(shared, analysis), "\n\n".join([*shown, below])])


def of_patient(patient: PatientData) -> str:
    """Return the summary of a patient: the whole text where it is short enough."""
    whole = text.of_patient(patient)
    if whole.count("\n") < LINES:
        return whole
    return "\n".join([*_summary(patient, LINES, _open_lines(patient, _of_drugs(patient))), *text.footer(patient)])


def _summary(
    patient: PatientData, most: int, unknown: Sequence[str], notices: Sequence[Notice] | None = None
) -> list[str]:
    """Return the lines of a patient, without what is not of this patient; ``notices`` are those not said before."""
    alone = most == LINES
    head = text.heading(patient, notices)[alone:]  # nothing stands above that a rule would part it from
    review, options = patient.review, patient.results.reviews.options(0)
    if review is not None:
        head += ["Treatment so far", *block(review.headline, "  "), ""]
    lupus = lupus_drugs(patient.knowledge)
    responses = _of_drugs(patient)
    role = roles(patient.context, tried=False)
    near = [response for response in responses if response.drug.drug in role]
    due = due_by_drug(patient.results.reviews.monitoring(0))
    partners = unjudged(patient.context, patient.knowledge.drugs_by_name)
    near_lines = _near_lines(near, role, review.bearing if review is not None else {}, due, partners)
    head += near_lines
    responses_left = [response for response in responses if response not in near]
    asking = [response for response in responses_left if _restricts(response.overall_action)]
    of_lupus = [response for response in asking if response.drug.drug in lupus]
    named, quiet = _quiet_lines([item for item in responses_left if not _restricts(item.overall_action)], lupus)
    named += unseen_lines(responses, near, lupus)
    genes, shown = _gene_lines(patient) if alone else ([], 0)
    tail = [*named, *genes, *unknown]
    room = most - len(head) - len(tail) - _FRAME
    others, unnamed = _other_lines(
        [item for item in asking if item not in of_lupus], room - len(_lupus_lines(of_lupus))
    )
    unnamed += quiet
    least = _AT_LEAST if alone else _AT_LEAST_OF_SEVERAL
    # What is planned or taken goes before reasons of what is neither.
    lines = _lupus_lines(of_lupus, room - len(others), max(least - max(len(near_lines) - least, 0), 0))
    called = len(patient.results.genes.values) + len(patient.results.markers.values)
    more = {
        "the findings of the review": review is not None,
        f"{counted(len(options), 'option')} of treatment": bool(options),
        counted(called - shown, "gene or marker", "genes and markers"): called > shown,
    }
    cut = left_out(unnamed, [words for words, there in more.items() if there])
    # What was not assessed and what was left out are one: what this summary does not tell.
    return [*head, *lines, *others, *tail, *(cut[1:] if unknown and cut[1:] else cut)]


def worth_explaining(patient: PatientData) -> str:
    """Return the drug of which the genotype asks most, one of lupus where there is one; nothing where none asks."""
    lupus = lupus_drugs(patient.knowledge)
    asking = [item for item in _of_drugs(patient) if _restricts(item.action) and item.certainty is not None]
    if not asking:
        return ""
    return min(asking, key=lambda item: (item.drug.drug not in lupus, -item.action.severity)).drug.drug


def _of_drugs(patient: PatientData) -> list[DrugResponse]:
    """Return the responses, the strictest first."""
    found = [patient.results.responses.of(drug, 0) for drug in patient.results.responses.values]
    return sorted(found, key=lambda item: (-item.overall_action.severity, text.urgency(item)))


def _restricts(action: Action) -> bool:
    return action.severity > Action.STANDARD.severity


def _near_lines(
    near: Sequence[DrugResponse],
    role: Mapping[str, Sequence[str]],
    named: Mapping[str, Sequence[str]],
    due: Mapping[str, Sequence[str]],
    partners: str,
) -> list[str]:
    """Return the lines of drugs that are planned or taken now, whatever they ask for.

    Of the review what it names; what is due to be measured stands below, once for all of them, and what is not judged.
    """
    lines = ["Planned, or taken now"] if near or partners else []
    quiet: dict[str, list[str]] = {}
    asking = [item for item in near if _restricts(item.overall_action) or item.drug.drug in named]
    told = []
    for response in asking:
        drug = response.drug.drug
        why = named.get(drug, ())
        words = [
            f"{'; '.join(why)}." if shown_word(response, why) is BY_REVIEW else named_text(why),
            _asked_of(response),
        ]
        told.append((role[drug], " ".join(word for word in words if word)))
    lines += text.drug_lines_with(asking, named, told)
    for response in near:
        if response not in asking:
            group, own = _group(response), _genotype_group(response)
            details = [*([expected_words(response)] if own == _INFORMS else []), *role[response.drug.drug]]
            beside = [f"the genotype: {own}"] if group != own else []
            beside += [cap_told(response, within=True)] if group != own else []
            beside += [
                open_keys_told(response) if response.response is Response.INDETERMINATE else open_genes(response)
            ]
            brackets = "; ".join(part for part in (", ".join(details), *beside) if part)
            quiet.setdefault(_capped(group, response), []).append(f"{response.drug.drug} ({brackets})")
    lines += [line for group, names in quiet.items() for line in hanging(f"{group}: {', '.join(names)}")]
    # Of what says nothing else, what is due comes first.
    order = sorted(near, key=lambda item: (item in asking, not text.says_nothing(item)))
    lines += _due_lines([item.drug.drug for item in order], due)
    lines += block(partners, "  ") if partners else []
    return [*lines, *([""] if lines else [])]


def _due_lines(drugs: Sequence[str], due: Mapping[str, Sequence[str]]) -> list[str]:
    """Say what is due to be measured, each once, and the drugs that it is for."""
    measures: dict[str, list[str]] = {}
    for drug in drugs:
        for measure in due.get(drug, ()):
            measures.setdefault(measure, []).append(drug)
    by_drugs: dict[str, list[str]] = {}
    for measure in list(measures)[:_DUE]:
        by_drugs.setdefault(", ".join(measures[measure]), []).append(measure)
    said = due_text([f"{', '.join(named)} ({names})" for names, named in by_drugs.items()])
    more = f" and {len(measures) - _DUE} more" if len(measures) > _DUE else ""
    return hanging(f"{said}{more}") if said else []


def _asked_of(response: DrugResponse) -> str:
    """Say what is asked for; what the tables do not answer stands below, for all drugs at once.

    Why a drug is to be monitored stands with the genes, and all of it in the whole text.
    """
    if response.overall_action is response.action and response.action.severity > Action.MONITOR.severity:
        return statement_of(response, "")
    if not _restricts(response.overall_action):
        return ""
    asked = pressing_text(response, ACTIONS[response.overall_action].label)
    genes, cap = open_genes(response), cap_told(response)
    behind = genotype_in_brief(response) or (f"{capital(genes) if asked else genes}." if genes else "")
    capped = "" if not cap or most_told(response) in asked else f"{capital(cap)}."
    return " ".join(part for part in (asked, capped, behind) if part)


def _lupus_lines(asking: Sequence[DrugResponse], room: int = 0, least: int = 0) -> list[str]:
    """Return the lines of the drugs of lupus that ask for something, by action.

    Those of which the genotype asks it have a line each, with as many sentences as there is room for; those of which
    the clinical context asks it are named together, and so is what only waits for a test or is watched. Where there is
    no room, changes of dose have the ``least``.
    """
    lines = ["Drugs of lupus that ask for something, the strictest first"]
    if not asking:
        return [*lines, "  none asks for more than the usual dose"]
    kept = [response for response in asking if response.overall_action is response.action]
    least = max(least - max(room, 0), 0)
    spare = max(room, 0) + least - len(kept)
    told: dict[str, list[str]] = {}
    # What asks for no dose says so in its line: the reason of a change of dose is worth more room.
    for response in sorted(kept, key=_brief):
        sentence = block(_reason(response), " " * 6)
        if len(sentence) > spare or (least and _brief(response)):
            break
        told[response.drug.drug] = sentence
        spare -= len(sentence)
    together = {response.overall_action for response in asking if response not in kept}
    kept = [item for item in kept if item.drug.drug in told or not _together(item, together)]
    rows = {item.drug.drug: placed for item, placed in zip(kept, text.drug_rows(kept), strict=True)}
    by_name = {item.drug.drug: item for item in kept}
    for action in dict.fromkeys(response.overall_action for response in asking):
        mine = [response for response in asking if response.overall_action is action]
        for name in (response.drug.drug for response in mine if response.drug.drug in rows):
            lines += [*rows[name], *(told.get(name) or block(could_still(by_name[name]), " " * 6))]
        lines += _by_action([response for response in mine if response.drug.drug not in rows], checks=True)
    return lines


def _together(response: DrugResponse, actions: Set[Action]) -> bool:
    """Whether a drug without its sentence is named with others: these actions have their reason, or test, there."""
    alone = response.overall_action in (Action.AVOID, Action.TEST_FIRST, Action.MONITOR)
    return alone or (_brief(response) and response.overall_action in actions)


def _reason(response: DrugResponse) -> str:
    """Say why the genotype asks; with what the context says where that asks for no less."""
    if below_the_rules(response):
        return strictest_of(response)
    asked = [check for check in response.said if action_of(check) is response.action]
    return " ".join([genotype_sentence(response), *([f"Clinical context: {context_text(asked)}"] if asked else [])])


def _brief(response: DrugResponse) -> bool:
    """Whether the line of a drug says no more than its action does."""
    return response.certainty is None or response.action is Action.MONITOR


def _other_lines(asking: Sequence[DrugResponse], room: int) -> tuple[list[str], Counter[str]]:
    """Name the other drugs that ask for something, in one line for each action; return also which are counted only.

    Those are many to be monitored; and those of which the clinical context alone asks, from the action on for which
    there is no more room.
    """
    watched = [response for response in asking if response.overall_action is Action.MONITOR]
    unshown = watched if len(watched) > _WATCHED else []
    shown = [response for response in asking if response not in unshown]
    lines = _by_action(shown)
    while len(lines) > room and (of_context := [item for item in shown if item.overall_action is not item.action]):
        mildest = of_context[-1].overall_action
        unshown = [*(item for item in of_context if item.overall_action is mildest), *unshown]
        shown = [response for response in shown if response not in unshown]
        lines = _by_action(shown)
    watched = [item for item in unshown if item.overall_action is Action.MONITOR]
    unnamed = Counter(f"{action_word(Action.MONITOR)}{_UNSURE if is_undecided(item) else ''}" for item in watched)
    numbers = Counter(action_word(response.overall_action) for response in unshown if response not in watched)
    strict = [f"{word} {number}" for word, number in numbers.items()]
    lines += hanging(f"not named, {BY_CONTEXT}: {', '.join(strict)}") if strict else []
    return (["", "Other drugs, the strictest first", *lines] if lines else []), unnamed


def _by_action(asking: Sequence[DrugResponse], *, checks: bool = False) -> list[str]:
    """Name drugs in one line for each action, with the share of the dose; what is to be avoided with the reason.

    With ``checks`` it is named which test comes first, or which check of the patient. Without, only what is in no list
    of what was not assessed: a genotype that no named pair fits, or a test that a genotype asks for.
    """
    named: dict[Action, dict[str, list[str]]] = {}
    for response in asking:
        watched = response.overall_action is response.action is Action.MONITOR
        reason = reason_told(response) if watched or response.overall_action is Action.AVOID else ""
        if response.overall_action is Action.TEST_FIRST and (checks or not (response.missing or response.said)):
            reason = tests_asked(response)
        genes = open_genes(response)
        if is_undecided(response) or (watched and genes):
            reason = "; ".join(part for part in ("" if watched else reason, genes) if part)
        beside = (text.dose_share(response), could_still(response), cap_told(response, within=True))
        details = "; ".join(part for part in beside if part)
        by_reason = named.setdefault(response.overall_action, {})
        by_reason.setdefault(reason, []).append(f"{response.drug.drug}{f' ({details})' if details else ''}")
    lines = []
    for action, by_reason in named.items():
        parts = [f"{', '.join(names)}{f' ({why})' if why else ''}" for why, names in by_reason.items()]
        lines += hanging(f"{action_word(action)}: {'; '.join(parts)}")
    return lines


def _group(response: DrugResponse) -> str:
    """Return under which word a drug that asks for nothing is named."""
    return IN_PART if in_part(response) else _genotype_group(response)


def _capped(group: str, response: DrugResponse) -> str:
    """Return the word of a group with the highest dose that the context allows, where it names none."""
    cap = "" if group == IN_PART else cap_told(response)
    return f"{group}, {cap}" if cap else group


def _genotype_group(response: DrugResponse) -> str:
    if response.action is Action.STANDARD:
        return "usual dose"
    if text.says_nothing(response):
        return _UNDECIDED if response.missing else _NOTHING
    return _INFORMS if response.response is not Response.NO_VALIDATED_MARKER else _NOTHING


def _quiet_lines(quiet: Iterable[DrugResponse], lupus: Set[str]) -> tuple[list[str], Counter[str]]:
    """Name the drugs of lupus that ask for nothing, and count the others."""
    named: dict[str, list[str]] = {}
    unnamed: Counter[str] = Counter()
    for response in quiet:
        group = _group(response)
        if response.drug.drug in lupus and group not in (_NOTHING, IN_PART):
            detail = f" ({expected_words(response)})" if group == _INFORMS else ""
            named.setdefault(_capped(group, response), []).append(f"{response.drug.drug}{detail}")
        elif not (response.unseen and response.drug.drug in lupus):
            unnamed[group] += 1
    if len(named) == 1:  # a heading of its own would be longer than what it is over
        ((group, drugs),) = named.items()
        return ["", *block(f"Other drugs of lupus, {group}: {', '.join(drugs)}")], unnamed
    lines = ["", "Other drugs of lupus"] if named else []
    for group, drugs in named.items():
        lines += hanging(f"{group}: {', '.join(drugs)}")
    return lines, unnamed


def _open_lines(patient: PatientData, responses: Sequence[DrugResponse]) -> list[str]:
    """Say what was not assessed: what no file of genotypes tells, then loci, each with how many drugs wait for it."""
    waiting: Counter[str] = Counter()
    for response in responses:
        waiting.update(dict.fromkeys((item.key for item in response.missing), 1))
    kinds: dict[str, list[str]] = {}
    for key, _ in sorted(waiting.items(), key=lambda item: (-item[1], item[0])):
        kinds.setdefault(_open_kind(patient, key), []).append(key)
    if not kinds:
        return ["", "Not assessed", "  nothing that drugs wait for"]
    lines = ["", "Not assessed, and how many drugs wait for it"]
    elsewhere = [
        f"{_listed(kinds[kind], waiting)} ({words})"
        for kind, words in (("typing", "typing"), ("structure", "copies and hybrids"), ("outside", "another program"))
        if kind in kinds
    ]
    if elsewhere:
        lines += hanging(f"from elsewhere (--outside-calls FILE): {'; '.join(elsewhere)}")
    if "loci" in kinds:
        lines += hanging(f"loci without a genotype: {_listed(kinds['loci'], waiting)}")
    if "given" in kinds:
        lines += hanging(f"not given: {_listed(kinds['given'], waiting)}")
    return lines


def _open_kind(patient: PatientData, key: str) -> str:
    if patient.stated:
        return "given"
    genes = patient.results.genes
    call = genes.of(key, 0).diplotype if key in genes.values else None
    if call is None:
        return "loci"
    if call.is_open_typing:
        return "typing"
    return "outside" if call.is_open_outside else "structure" if call.structure_open else "loci"


def _listed(keys: Sequence[str], waiting: Counter[str]) -> str:
    names = [f"{key} {waiting[key]}" for key in keys[:_NAMED]]
    return ", ".join([*names, *([f"{len(keys) - _NAMED} more"] if len(keys) > _NAMED else [])])


def _gene_lines(patient: PatientData) -> tuple[list[str], int]:
    """Return the lines of the genes and markers behind what is asked for, and how many are shown.

    One without a call stands among what was not assessed.
    """
    genes, markers = patient.results.genes, patient.results.markers
    behind = keys_behind(patient)
    found = [_gene_text(genes.of(key, 0)) for key in behind if key in genes.values]
    called = [(key, markers.of(key, 0)) for key in behind if key in markers.values]
    found += [f"{key} {call.category or call.genotype} ({plain(call.status)})" for key, call in called]
    shown = found[:_GENES]
    more = [f"and {len(found) - len(shown)} more"] if len(found) > len(shown) else []
    lines = block(f"{BEHIND}: {'; '.join([*shown, *more])}.")
    return (["", *lines] if shown else []), len(shown)


def _gene_text(call: GeneCall) -> str:
    """Return a call in a few words: of a gene that is read at one position the phenotype says the genotype."""
    best, known = call.phenotype.best, call.diplotype
    named = known.diplotype if len(known.diplotype) <= _SHORT or not best else ""
    pair = known.best if known.status == CallStatus.PROBABLE else None
    sure = f" {called_text(pair.probability, unseen_structure=known.structure_unseen)}" if pair else ""
    status = "only partly seen" if known.partly_seen and known.status == CallStatus.AMBIGUOUS else known.status
    return " ".join(word for word in (known.gene, named, best, f"({status}{sure})") if word)
