"""Short forms of results for notebooks: they take the colours of the notebook, light or dark."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from lupus_pgx.report.cohort import drug_lines
from lupus_pgx.report.context import counted_text, no_context_text
from lupus_pgx.report.drug_groups import DrugGroup, grouped
from lupus_pgx.report.drug_table import HEADINGS, ROWS, left_out, rows_of
from lupus_pgx.report.drugs import DrugViews
from lupus_pgx.report.html import render
from lupus_pgx.report.marks import Citations
from lupus_pgx.report.patient_page import drug_views
from lupus_pgx.results.cells import cell_text
from lupus_pgx.results.columns import Row
from lupus_pgx.results.context_tables import table_of
from lupus_pgx.results.notices import SharedNotices, absence_sentence, shared_notices
from lupus_pgx.results.tables import Results
from lupus_pgx.terms import RESEARCH_USE, CallStatus, CheckStatus
from lupus_pgx.words.amounts import if_no_variant, range_text
from lupus_pgx.words.lines import counted
from lupus_pgx.words.vocabulary import CALLS, CHECKS, SIGNS, capital

if TYPE_CHECKING:
    from lupus_pgx.calling.calls import DiplotypeCall
    from lupus_pgx.knowledge.catalogue import Knowledge
    from lupus_pgx.response.drugs import DrugResponse
    from lupus_pgx.results.patient import AnalysisData, CohortData, PatientData
    from lupus_pgx.review.review import TreatmentReview

_ROWS = 5
"""So many rows of a table are shown from its start and from its end."""

_IN_WORDS = {
    "checks": {
        "sample_id": "Sample",
        "drug": "Drug",
        "status": "Asked for",
        "subject": "Because of",
        "found": "Found",
        "advice": "What to do",
    },
    "options": {
        "sample_id": "Sample",
        "manifestation": "Manifestation",
        "rank": "No.",
        "option": "Option",
        "stage": "Stage",
        "genome": "The genome's word",
        "tried": "Tried",
        "against": "Against it",
    },
}
"""Columns of tables that are shown in words, with their headings."""

_FEW = 3
"""So many patients are shown one by one, each folded."""


def of_analysis(analysis: AnalysisData) -> str:
    """Return the short form of an analysis: its patients, or counts over a cohort."""
    few = len(analysis.sample_ids) <= _FEW
    shared = shared_notices(analysis.results) if few else SharedNotices((), ())
    patients = [
        {**_patient(analysis.data_of(sample)), "notices": own}
        for sample, own in zip(analysis.sample_ids, shared.own, strict=few)
    ]
    cohort = analysis.of_all()
    lines, silent = ([], ()) if few else drug_lines(cohort)
    once = [f"{capital(whom)}: {notice}" for whom, notice in shared.once]
    notices = once if few else [*cohort.notices, _counted(cohort)]
    return _render("analysis", analysis=analysis, patients=patients, notices=notices, lines=lines, silent=silent)


def of_cohort(cohort: CohortData) -> str:
    """Return the short form of a cohort: a bar for each drug of which something is asked, those of lupus first."""
    lines, silent = drug_lines(cohort)
    genotypes = cohort.results.genotypes
    return _render(
        "cohort",
        total=len(genotypes.sample_ids),
        build=genotypes.build,
        notices=[*cohort.notices, _counted(cohort)],
        lines=lines,
        silent=silent,
    )


def _counted(cohort: CohortData) -> str:
    results = cohort.results
    return counted_text(results.reviews.contexts, results.genotypes.sample_ids, cohort.knowledge)


def of_patient(patient: PatientData) -> str:
    """Return the short form of a patient."""
    return _render("patient", patient=_patient(patient))


def of_table(name: str, results: Results) -> str:
    """Return the first and last rows of a result table, and how many there are; of some their words."""
    if name in _IN_WORDS:
        return _in_words(name, results)
    table = table_of(name, results)
    total = len(table)
    first = list(islice(table.rows(), 2 * _ROWS if total <= 2 * _ROWS else _ROWS))
    last: list[Row] = []
    sample = len(results.genotypes.sample_ids)
    while len(first) + len(last) < min(total, 2 * _ROWS):
        sample -= 1
        rows = list(table_of(name, results.select([sample])).rows())
        last = [*rows, *last][-_ROWS:]
    lines = [[cell_text(kind, cell) for kind, cell in zip(table.columns.kinds, row, strict=True)] for row in first]
    after = [[cell_text(kind, cell) for kind, cell in zip(table.columns.kinds, row, strict=True)] for row in last]
    return _render("table", name=name, total=total, columns=table.columns.names, first=lines, last=after)


def _in_words(name: str, results: Results) -> str:
    """Return the first rows of a table that people read: its main columns, in words, what asks for most first."""
    headings = _IN_WORDS[name]
    total = len(table_of(name, results))
    shown: list[list[str]] = []
    for sample in range(len(results.genotypes.sample_ids)):
        if len(shown) >= ROWS:
            break
        table = table_of(name, results.select([sample]))
        columns = table.columns
        rows = [dict(zip(columns.names, row, strict=True)) for row in table.rows()]
        if name == "checks":
            rows.sort(key=lambda row: (-CheckStatus(row["status"]).severity, not row["known"]))
        kinds = dict(zip(columns.names, columns.kinds, strict=True))
        shown += [[_words(column, cell_text(kinds[column], row[column])) for column in headings] for row in rows]
    rest = max(total - ROWS, 0)
    left = f"{counted(rest, 'more row')}: to_frame() gives all, with codes and numbers for programs" if rest else ""
    return _render("words", name=name, total=total, headings=headings.values(), rows=shown[:ROWS], left=left)


def _words(column: str, text: str) -> str:
    if column == "status":
        return CHECKS[CheckStatus(text)].label
    return "; ".join(item.strip() for item in text.split(";"))


def of_drugs(results: Results, knowledge: Knowledge) -> str:
    """Return the table of drugs in words, and how many rows are not shown."""
    shown = rows_of(results, knowledge)
    total = len(table_of("drugs", results))
    return _render("drugs", total=total, headings=HEADINGS, rows=shown, left=left_out(results, shown))


def of_response(response: DrugResponse, knowledge: Knowledge) -> str:
    """Return the short form of a drug: what is asked for overall, then by whom."""
    return _render("response", drug=DrugViews(knowledge, Citations(knowledge)).view(response))


def of_diplotype(call: DiplotypeCall) -> str:
    """Return the short form of a call."""
    given = call.status is CallStatus.OUTSIDE
    candidates = [] if call.status is CallStatus.NO_CALL else call.leading
    unseen = call.structure_unseen
    shown = [
        (item.name, "given" if given else if_no_variant(range_text(item.by_prior, call.evidence), unseen=unseen))
        for item in candidates
    ]
    return _render("diplotype", call=call, mark=CALLS[call.status], candidates=shown)


def of_review(review: TreatmentReview) -> str:
    """Return the short form of a review of treatment."""
    return _render("review", review=review)


def _patient(patient: PatientData) -> dict[str, object]:
    drugs = drug_views(patient, Citations(patient.knowledge))
    missing = dict.fromkeys(item.key for drug in drugs for item in drug.missing)
    return {
        "sample_id": patient.sample_id,
        "notices": patient.notices,
        "bare": no_context_text(patient.context, patient.knowledge),
        "headline": patient.review.headline if patient.review is not None else "",
        "groups": [_near_first(group) for group in grouped(drugs)],
        "missing": tuple(missing),
        "absence": absence_sentence(patient.results.genotypes),
    }


def _near_first(group: DrugGroup) -> dict[str, object]:
    """Part the drugs of a heading: those of lupus and of the context are always named, of many others the number."""
    near = [drug for drug in group.drugs if drug.for_lupus or drug.roles]
    others = [drug for drug in group.drugs if drug not in near]
    return {"mark": group.mark, "drugs": [*near, *others], "near": near, "others": others}


def _render(kind: str, **values: object) -> str:
    return render("notebook.html", kind=kind, signs=SIGNS, research_use=RESEARCH_USE, **values)
