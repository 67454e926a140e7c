"""Rows of the tables that a clinical context adds: checks, resistance, course, monitoring, options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from lupus_pgx.context.judged.safety import Check
from lupus_pgx.encoded import same
from lupus_pgx.results.columns import Column, Columns, Row
from lupus_pgx.results.tables import TABLES, Part, Results, ResultTable
from lupus_pgx.review.course import Judged
from lupus_pgx.review.findings import Finding
from lupus_pgx.review.levels import Level
from lupus_pgx.review.option import Option
from lupus_pgx.review.review import TreatmentReview


class Found(NamedTuple):
    """A finding with the therapy and the outcome it belongs to; both empty for a signal."""

    drug: str
    outcome: str
    finding: Finding


class Ranked(NamedTuple):
    """An option with its place among those for a manifestation."""

    rank: int
    option: Option


CHECKS: Columns[Check] = Columns(
    "a contraindication or an interaction, held against the clinical context",
    ("drug", "subject"),
    (
        Column("drug", "text", lambda check: check.drug, "drug"),
        Column(
            "criterion",
            "text",
            lambda check: check.criterion,
            "key of the criterion, as in the table criteria; null for another drug",
        ),
        Column("subject", "text", lambda check: check.subject, "condition or other drug that it is about"),
        Column("status", "text", lambda check: check.status.value, "what the condition or the other drug asks for"),
        Column(
            "known",
            "flag",
            lambda check: check.known,
            "whether the context says anything of it; if not, the status is check_first",
        ),
        Column("found", "text", lambda check: check.found, "what the context says; null where it is silent"),
        Column("advice", "text", lambda check: check.advice, "what to do, or what is known of the pair"),
        Column(
            "dose_factor_low",
            "number",
            lambda check: check.factor_low,
            "lowest factor of the usual dose that the source gives",
        ),
        Column(
            "dose_factor_high",
            "number",
            lambda check: check.factor_high,
            "highest factor of the usual dose that the source gives",
        ),
        Column(
            "checked",
            "text",
            lambda check: check.checked,
            "how the document behind it was checked: read, copy, or not read",
        ),
        Column("citations", "list", lambda check: check.citations, "sources"),
    ),
)


RESISTANCE: Columns[Found] = Columns(
    "what a failed or intolerable therapy is compatible with",
    ("drug", "outcome", "finding"),
    (
        Column(
            "drug",
            "text",
            lambda found: found.drug,
            "therapy that failed or was not tolerated; null where the finding bears on any of them",
        ),
        Column(
            "outcome",
            "text",
            lambda found: found.outcome,
            "how that therapy ended, with the reaction; null as for drug",
        ),
        Column(
            "step",
            "text",
            lambda found: found.finding.step.value,
            "step of the review to which it belongs, in the order of the review",
        ),
        Column("finding", "text", lambda found: found.finding.kind.value, "what the course is compatible with"),
        Column("strength", "text", lambda found: found.finding.strength.value, "what the finding rests on"),
        Column(
            "certainty",
            "probability",
            lambda found: found.finding.certainty,
            "probability of the genotype; null for what was measured",
        ),
        Column("text", "text", lambda found: found.finding.text, "the finding in one sentence"),
        Column("effect_size", "text", lambda found: found.finding.effect_size, "effect as the source gives it"),
        Column("population", "text", lambda found: found.finding.population, "who was studied"),
        Column("evidence_level", "text", lambda found: found.finding.evidence_level, "kind of the source"),
        Column(
            "tells",
            "text",
            lambda found: found.finding.tells,
            "level or test that would tell, with its target and what was measured",
        ),
        Column("against", "list", lambda found: found.finding.against, "results that contradict it"),
        Column("citations", "list", lambda found: found.finding.citations, "sources"),
        Column(
            "rows", "list", lambda found: found.finding.rows, "rows of the knowledge tables behind it, as table:key"
        ),
    ),
)


COURSE: Columns[Judged] = Columns(
    "a published response criterion, judged for a regimen",
    ("manifestation", "regimen", "start", "months", "body", "response", "criterion"),
    (
        Column("manifestation", "text", lambda judged: judged.manifestation, "manifestation of lupus"),
        Column("regimen", "list", lambda judged: judged.regimen.drugs, "drugs of the regimen"),
        Column("start", "text", lambda judged: judged.regimen.start.isoformat(), "first day of the regimen"),
        Column(
            "months", "integer", lambda judged: judged.months, "months after the start at which the criterion is judged"
        ),
        Column("due", "text", lambda judged: judged.due.isoformat(), "day from which it can be judged"),
        Column("body", "text", lambda judged: judged.body, "who published the criterion"),
        Column("response", "text", lambda judged: judged.response, "what is reached when the criterion is met"),
        Column("criterion", "text", lambda judged: judged.group, "identifier of the criterion"),
        Column("status", "text", lambda judged: judged.status.value, "whether it was met"),
        Column("missed_means", "text", lambda judged: judged.missed_means, "what it means where it was not met"),
        Column(
            "details",
            "list",
            lambda judged: judged.details,
            "what was measured and what was asked for, or why it cannot be judged",
        ),
        Column(
            "second_hand",
            "flag",
            lambda judged: judged.second_hand,
            "whether the figure was read in a secondary source",
        ),
        Column("citations", "list", lambda judged: judged.citations, "sources"),
        Column("name", "text", lambda judged: judged.name, "what people read of the criterion"),
        Column(
            "failed",
            "list",
            lambda judged: tuple(map(str, judged.failed)),
            "the parts by which it was not met, each with its bound and the value",
        ),
        Column(
            "unknown",
            "list",
            lambda judged: tuple(map(str, judged.unknown)),
            "the parts of which nothing can be said, each with the reason",
        ),
    ),
)


MONITORING: Columns[Level] = Columns(
    "a level or test of a drug, with the latest value",
    ("drug", "measure", "context"),
    (
        Column("drug", "text", lambda level: level.drug, "drug"),
        Column("measure", "text", lambda level: level.measure, "what is measured"),
        Column("context", "text", lambda level: level.context, "setting of the target"),
        Column("target_low", "number", lambda level: level.row["target_low"], "lowest target value"),
        Column("target_high", "number", lambda level: level.row["target_high"], "highest target value"),
        Column("unit", "text", lambda level: level.row["unit"], "unit of the target"),
        Column("value", "number", lambda level: level.value, "latest value; null where nothing was measured"),
        Column("value_unit", "text", lambda level: level.unit if level.date is not None else "", "unit of the value"),
        Column(
            "date", "text", lambda level: level.date.isoformat() if level.date is not None else "", "day of the value"
        ),
        Column("verdict", "text", lambda level: level.verdict.value, "what the value is to the target"),
        Column("timing", "text", lambda level: level.row["timing"] or "", "when it is measured"),
        Column(
            "next_due",
            "text",
            lambda level: level.next_due.isoformat() if level.next_due is not None else "",
            "day on which it is measured next",
        ),
        Column("due", "flag", lambda level: bool(level.is_due), "whether that day has come"),
        Column("meaning", "text", lambda level: level.row["meaning"], "what a value outside the target means"),
        Column("population", "text", lambda level: level.row["population"], "whom the target was derived in"),
        Column("checked", "text", lambda level: level.row["checked"], "whether the cited document was read for it"),
        Column("citations", "list", lambda level: level.citations, "sources"),
    ),
)


OPTIONS: Columns[Ranked] = Columns(
    "a therapy in use for a manifestation of the patient",
    ("manifestation", "option"),
    (
        Column("manifestation", "text", lambda ranked: ranked.option.manifestation, "manifestation of lupus"),
        Column("rank", "integer", lambda ranked: ranked.rank, "place among the options for the manifestation, from 1"),
        Column("stage", "text", lambda ranked: ranked.option.stage, "place in therapy"),
        Column("option", "text", lambda ranked: ranked.option.option, "option, one drug or a combination"),
        Column("drugs", "list", lambda ranked: ranked.option.drugs, "its drugs"),
        Column(
            "genome",
            "text",
            lambda ranked: ranked.option.genome.shown,
            "what the genome says of it: a word, and how it is meant",
        ),
        Column("words", "list", lambda ranked: ranked.option.words, "what the genome says of each drug"),
        Column("tried", "list", lambda ranked: ranked.option.tried, "drugs of it that were tried, with their outcome"),
        Column(
            "exhausted",
            "flag",
            lambda ranked: ranked.option.exhausted,
            "whether all its drugs beside background therapy failed or were not tolerated",
        ),
        Column(
            "afresh",
            "flag",
            lambda ranked: ranked.option.afresh,
            "whether what failed of it may be tried afresh: no course was a full trial, and none did harm",
        ),
        Column("planned", "flag", lambda ranked: ranked.option.planned, "whether one of its drugs is planned"),
        Column(
            "guidelines",
            "text",
            lambda ranked: ranked.option.guidelines,
            "the places that EULAR, KDIGO and ACR give it",
        ),
        Column("role", "text", lambda ranked: ranked.option.row["role"], "kind of therapy"),
        Column(
            "regimen",
            "text",
            lambda ranked: ranked.option.row["regimen"] or "",
            "dose and schedule as the source gives them",
        ),
        Column(
            "strength", "text", lambda ranked: ranked.option.row["strength"], "how strongly which body recommends it"
        ),
        Column(
            "outcome", "text", lambda ranked: ranked.option.row["outcome"] or "", "result of the main trial or series"
        ),
        Column(
            "approval",
            "text",
            lambda ranked: ranked.option.approval,
            "licences of its drugs, and when they were looked up",
        ),
        Column("against", "checks", lambda ranked: ranked.option.against, "what the context has against it"),
        Column(
            "interactions",
            "checks",
            lambda ranked: tuple(check for check in ranked.option.checks if check.partner and not check.against),
            "interactions that do not speak against it",
        ),
        Column("check_first", "list", lambda ranked: ranked.option.check_first, "what to find out first"),
        Column(
            "not_when", "text", lambda ranked: ranked.option.row["not_when"] or "", "when the source would not use it"
        ),
        Column("note", "text", lambda ranked: ranked.option.row["note"] or "", "what to know before choosing it"),
        Column(
            "checked", "text", lambda ranked: ranked.option.row["checked"], "whether the cited document was read for it"
        ),
        Column("citations", "list", lambda ranked: ranked.option.citations, "sources"),
    ),
)


CONTEXT_TABLES: dict[str, Columns[Any]] = {
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
            yield from map(CHECKS.row, results.responses.of(drug, sample).checks)
    elif name == "options":
        yield from _option_rows(results.reviews.options(sample))
    else:
        review = results.reviews.of(sample)
        yield from review_rows(name, review) if review is not None else ()


def review_rows(name: str, review: TreatmentReview) -> Iterator[Row]:
    """Yield the rows of one table of a review, without the sample."""
    if name == "resistance":
        yield from (RESISTANCE.row(Found(*item)) for item in review.findings())
    elif name == "options":
        yield from _option_rows(review.options)
    else:
        makers: dict[str, Callable[[], Iterable[Row]]] = {
            "course": lambda: map(COURSE.row, review.course),
            "monitoring": lambda: map(MONITORING.row, review.monitoring),
            "checks": lambda: map(CHECKS.row, review.removal),
        }
        yield from makers[name]()


def _option_rows(options: Iterable[Option]) -> Iterator[Row]:
    ranks: dict[str, int] = {}
    for option in options:
        rank = ranks[option.manifestation] = ranks.get(option.manifestation, 0) + 1
        yield OPTIONS.row(Ranked(rank, option))
