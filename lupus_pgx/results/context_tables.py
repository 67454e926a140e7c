"""Rows of the tables that a clinical context adds: checks, resistance, course, monitoring, options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lupus_pgx.context.safety import Check
from lupus_pgx.encoded import same
from lupus_pgx.results.cells import Columns, columns_of_table
from lupus_pgx.results.tables import TABLES, Part, Results, ResultTable, Row
from lupus_pgx.review.course import Judged
from lupus_pgx.review.findings import Finding
from lupus_pgx.review.levels import Level
from lupus_pgx.review.options import Option
from lupus_pgx.review.review import TreatmentReview

CHECKS = columns_of_table(
    "sample_id drug subject status known found advice dose_factor_low dose_factor_high citations",
    "drug subject",
    flag="known",
    number="dose_factor_low dose_factor_high",
    list="citations",
)
RESISTANCE = columns_of_table(
    "sample_id drug outcome step finding strength certainty text effect_size population evidence_level tells against "
    "citations rows",
    "drug outcome finding",
    probability="certainty",
    list="against citations rows",
)
COURSE = columns_of_table(
    "sample_id manifestation regimen start months due body response criterion status missed_means details second_hand "
    "citations",
    "manifestation regimen start months body response criterion",
    integer="months",
    list="regimen details citations",
    flag="second_hand",
)
MONITORING = columns_of_table(
    "sample_id drug measure context target_low target_high unit value value_unit date verdict timing next_due due "
    "meaning population checked citations",
    "drug measure context",
    number="target_low target_high value",
    list="citations",
    flag="due",
)
OPTIONS = columns_of_table(
    "sample_id manifestation rank stage option drugs genome words tried exhausted planned guidelines role regimen "
    "strength outcome approval against interactions check_first not_when note checked citations",
    "manifestation option",
    integer="rank",
    list="drugs words tried check_first citations",
    checks="against interactions",
    flag="exhausted planned",
)

CONTEXT_TABLES: dict[str, Columns] = {
    "checks": CHECKS,
    "resistance": RESISTANCE,
    "course": COURSE,
    "monitoring": MONITORING,
    "options": OPTIONS,
}
"""Tables of the samples that have a clinical context, by file name."""


def table_names(results: Results) -> list[str]:
    """Return the tables that there are; what a context adds is there only where there is one."""
    return [*TABLES, *(CONTEXT_TABLES if results.reviews.contexts else ())]


def table_of(name: str, results: Results) -> ResultTable:
    """Return a result table by its file name."""
    return results.table(name) if name in TABLES else context_table(name, results)


def context_table(name: str, results: Results) -> ResultTable:
    """Return one of ``CONTEXT_TABLES``; samples without a context have no rows."""
    sample_ids = results.genotypes.sample_ids
    special = {
        (0, number): list(_rows(name, results, number))
        for number, sample in enumerate(sample_ids)
        if sample in results.reviews.contexts
    }
    return ResultTable(CONTEXT_TABLES[name], sample_ids, [Part(same(len(sample_ids)), lambda _: [], name)], special)


def _rows(name: str, results: Results, sample: int) -> Iterator[Row]:
    if name == "checks":
        for drug in sorted(results.responses.values):
            yield from map(_check_cells, results.responses.of(drug, sample).checks)
    elif name == "options":
        yield from _option_rows(results.reviews.options(sample))
    else:
        review = results.reviews.of(sample)
        yield from review_rows(name, review) if review is not None else ()


def review_rows(name: str, review: TreatmentReview) -> Iterator[Row]:
    """Yield the rows of one table of a review, without the sample."""
    if name == "resistance":
        yield from (_finding_cells(*item) for item in review.findings())
    elif name == "options":
        yield from _option_rows(review.options)
    else:
        makers: dict[str, Callable[[], Iterable[Row]]] = {
            "course": lambda: map(_course_cells, review.course),
            "monitoring": lambda: map(_level_cells, review.monitoring),
            "checks": lambda: map(_check_cells, review.removal),
        }
        yield from makers[name]()


def _check_cells(check: Check) -> Row:
    return (
        check.drug,
        check.subject,
        check.status.value,
        check.known,
        check.found,
        check.advice,
        check.factor_low,
        check.factor_high,
        check.citations,
    )


def _finding_cells(drug: str, outcome: str, finding: Finding) -> Row:
    return (
        drug,
        outcome,
        finding.step.value,
        finding.kind.value,
        finding.strength.value,
        finding.certainty,
        finding.text,
        finding.effect_size,
        finding.population,
        finding.evidence_level,
        finding.tells,
        finding.against,
        finding.citations,
        finding.rows,
    )


def _course_cells(judged: Judged) -> Row:
    return (
        judged.manifestation,
        judged.regimen.drugs,
        judged.regimen.start.isoformat(),
        judged.months,
        judged.due.isoformat(),
        judged.body,
        judged.response,
        judged.group,
        judged.status.value,
        judged.missed_means,
        judged.details,
        judged.second_hand,
        judged.citations,
    )


def _level_cells(level: Level) -> Row:
    row = level.row
    return (
        level.drug,
        level.measure,
        level.context,
        row["target_low"],
        row["target_high"],
        row["unit"],
        level.value,
        level.unit if level.date is not None else "",
        level.date.isoformat() if level.date is not None else "",
        level.verdict.value,
        row["timing"] or "",
        level.next_due.isoformat() if level.next_due is not None else "",
        bool(level.is_due),
        row["meaning"],
        row["population"],
        row["checked"],
        level.citations,
    )


def _option_rows(options: Iterable[Option]) -> Iterator[Row]:
    ranks: dict[str, int] = {}
    for option in options:
        rank = ranks[option.manifestation] = ranks.get(option.manifestation, 0) + 1
        yield _option_cells(rank, option)


def _option_cells(rank: int, option: Option) -> Row:
    row = option.row
    pairs = tuple(check for check in option.checks if check.partner and not check.against)
    return (
        option.manifestation,
        rank,
        option.stage,
        option.option,
        option.drugs,
        option.genome.shown,
        option.words,
        option.tried,
        option.exhausted,
        option.planned,
        option.guidelines,
        row["role"],
        row["regimen"] or "",
        row["strength"],
        row["outcome"] or "",
        option.approval,
        option.against,
        pairs,
        option.check_first,
        row["not_when"] or "",
        row["note"] or "",
        row["checked"],
        option.citations,
    )
