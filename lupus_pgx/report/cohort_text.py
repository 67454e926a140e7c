"""A cohort as text: the counts, and the summary of some forty lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from lupus_pgx.report.context import counted_text
from lupus_pgx.report.counts import asked, asking_drugs, drug_table
from lupus_pgx.report.marks import action_word
from lupus_pgx.results.notices import absence_of
from lupus_pgx.results.patient import CohortData
from lupus_pgx.terms import RESEARCH_USE, Action, LocusStatus
from lupus_pgx.words.lines import block, counted, rule, wrap
from lupus_pgx.words.remedies import as_note
from lupus_pgx.words.sentences import assumed_genotypes

LINES = 40
"""So many lines a summary may have, more or less; what must be known before it is read is never cut."""

GENES = 4
"""Up to so many lines are for the genes of a cohort."""

_LEAST = 10
"""So many lines are for drugs however long the notices above them are."""


_NAME = 24
"""Letters for a name, where none is longer."""


def of_cohort(cohort: CohortData) -> str:
    """Return counts over a cohort as text."""
    genotypes = cohort.results.genotypes
    total = len(genotypes.sample_ids)
    lines = [f"{counted(total, 'sample')}, {genotypes.build}, absent loci: {absence_of(genotypes)}", rule()]
    lines += assumed_in_cohort(cohort)
    notice = cohort.notices
    lines += [line for text in notice for line in block(as_note(text))] + [""] * bool(notice)
    lines += [*_counted_lines(cohort), ""]
    lines += [*drug_table(cohort, asking_drugs(cohort)), ""]
    lines += ["Drugs in words (samples)", *count_lines(cohort.actions()), ""]
    lines += ["Genes (samples, most probable phenotype)", *count_lines(cohort.phenotypes()), ""]
    return "\n".join([*lines, *block(RESEARCH_USE), f"Data release {cohort.knowledge.release}."])


def summary_of_cohort(cohort: CohortData) -> str:
    """Return the summary of a cohort: the whole text where it is short enough."""
    whole = of_cohort(cohort)
    if whole.count("\n") < LINES:
        return whole
    genotypes = cohort.results.genotypes
    head = [
        f"{counted(len(genotypes.sample_ids), 'sample')}, {genotypes.build}, absent loci: {absence_of(genotypes)}",
        rule(),
    ]
    head += assumed_in_cohort(cohort)
    head += [line for notice in cohort.notices for line in block(as_note(notice))]
    head += _counted_lines(cohort)
    order = asking_drugs(cohort)
    shown = order[: max(LINES - len(head) - GENES - 12, _LEAST)]
    table = drug_table(cohort, shown)
    phenotypes = cohort.phenotypes()
    genes, written = _as_many([key for key in _driving(cohort, shown) if key in phenotypes], phenotypes, GENES)
    more = [counted(len(phenotypes) - len(written), "gene")] if len(phenotypes) > len(written) else []
    responses = cohort.results.responses
    unshown = [drug for drug in responses.values if drug not in shown]
    strictest = {
        drug: max((judged.action for judged, _ in responses.judgements(drug)), key=lambda action: action.severity)
        for drug in unshown
    }
    asks = sorted((strictest[drug] for drug in unshown if drug in order), key=lambda action: -action.severity)
    numbers = Counter(action_word(action) for action in asks)
    numbers += Counter(_cohort_group(asked(cohort)[drug]) for drug in unshown if drug not in order)
    tail = left_out(numbers, more, "the strictest: ")
    body = [*table, "", "Genes (samples, most probable phenotype)", *genes, *tail, ""]
    return "\n".join([*head, *body, *block(RESEARCH_USE), f"Data release {cohort.knowledge.release}."])


def _counted_lines(cohort: CohortData) -> list[str]:
    results = cohort.results
    return block(counted_text(results.reviews.contexts, results.genotypes.sample_ids, cohort.knowledge))


def assumed_in_cohort(cohort: CohortData) -> list[str]:
    """Say how many genotypes of a cohort were assumed."""
    genotypes = cohort.results.genotypes
    code = LocusStatus.ASSUMED_REFERENCE.code
    assumed = sum(int(column.spread(column.states.status == code).sum()) for column in genotypes.columns)
    every = len(genotypes.columns) * len(genotypes.sample_ids)
    return [*block(assumed_genotypes(assumed, every)), ""] if assumed else []


def count_lines(counts: Mapping[str, Counter[str]]) -> list[str]:
    """Write how many samples have what, a line for each drug or gene."""
    lines = []
    room = max(_NAME, *(len(name) + 2 for name in counts), 0)
    for name, counter in counts.items():
        cells = ", ".join(f"{label} {number:,}" for label, number in counter.most_common())
        lines += wrap(f"  {name:<{room}}{cells}", "", " " * (room + 2))
    return lines


def left_out(unnamed: Counter[str], more: Sequence[str], what: str = "") -> list[str]:
    """Say what was left out, by what it asks for."""
    drugs = unnamed.total()
    counts = [f"{group} {number}" for group, number in unnamed.items()]
    items = [f"{counted(drugs, 'drug')} ({what}{', '.join(counts)})"] if drugs else []
    if not items and not more:
        return [""]
    return ["", *block(f"Left out: {'; '.join([*items, *more])}. Option --full shows all.")]


def _cohort_group(counts: Counter[str]) -> str:
    return max(counts, key=lambda label: counts[label])


def _driving(cohort: CohortData, drugs: Iterable[str]) -> dict[str, None]:
    """Return the genes and markers behind what is asked for, each once."""
    return dict.fromkeys(
        key
        for drug in drugs
        for judged, _ in cohort.results.responses.judgements(drug)
        if judged.action.severity > Action.STANDARD.severity
        for key in judged.driven_by
    )


def _as_many(order: Iterable[str], counts: dict[str, Counter[str]], room: int) -> tuple[list[str], list[str]]:
    """Return the lines of as many names as there is room for, and the names."""
    lines: list[str] = []
    shown: list[str] = []
    for name in order:
        more = count_lines({name: counts[name]})
        if len(lines) + len(more) > room:
            break
        lines, shown = [*lines, *more], [*shown, name]
    return lines, shown
