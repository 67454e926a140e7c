"""What bears on every treatment of a manifestation, whatever the drug: APOL1 risk haplotypes in nephritis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lupus_pgx.context.model import Context
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.rules import Condition, parse_condition
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.response.certainty import Assessed, probability
from lupus_pgx.review.findings import STRENGTHS_OF, Finding
from lupus_pgx.terms import FindingKind, Strength
from lupus_pgx.words.vocabulary import FINDINGS

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import FailureSignalsCells


def signals_of(
    context: Context, knowledge: Knowledge, known: Mapping[str, Assessed], min_certainty: float
) -> tuple[Finding, ...]:
    """Return findings that bear on every treatment of a manifestation, and what was not assessed of them."""
    present = {item.name for item in context.manifestations}
    found: list[Finding] = []
    answered: set[str] = set()
    open_rows: dict[str, FailureSignalsCells] = {}
    for row in knowledge.rows("failure_signals"):
        if row["manifestation"] not in present:
            continue
        condition = parse_condition(row["condition"])
        certainty = float(probability(condition, known).min())
        unknown = [key for key in condition.keys if (known.get(key) or Assessed(key)).not_assessed]
        if certainty >= min_certainty:
            found.append(_signal(row, certainty, condition, known))
            answered.update(condition.keys)
        elif unknown and _possible(condition, unknown, known):
            # Several rows that wait for the same genotype are one question.
            open_rows.setdefault(unknown[0], row)
    left = {key: row for key, row in open_rows.items() if key not in answered}
    return (*found, *(_open_signal(key, row) for key, row in left.items()))


def _signal(row: FailureSignalsCells, certainty: float, condition: Condition, known: Mapping[str, Assessed]) -> Finding:
    first, *others = [known[key].description for key in condition.keys]
    return Finding(
        drug="",
        kind=FindingKind(row["kind"]),
        strength=STRENGTHS_OF.get(row["evidence_level"], Strength.WEAK),
        certainty=certainty,
        text=f"{' and '.join((first, *others))}: {row['finding']}",
        effect_size=row["effect_size"] or "",
        population=row["population"],
        evidence_level=row["evidence_level"],
        tells=row["settled_by"],
        against=(),
        citations=split_list(row["citation"]),
        rows=(f"failure_signals:{row['signal']}",),
        who=first,
        measure=split_list(row["settled_by"])[0],
    )


def _possible(condition: Condition, unknown: Sequence[str], known: Mapping[str, Assessed]) -> bool:
    """Whether what is known leaves a condition open."""
    clauses = tuple(item for item in condition.clauses if item.key not in unknown)
    return float(probability(Condition(condition.text, clauses), known).min()) > 0


def _open_signal(keys: str, row: FailureSignalsCells) -> Finding:
    """Say that a genotype which bears on every treatment is not known."""
    kind = FindingKind(row["kind"])
    return Finding(
        drug="",
        kind=FindingKind.NOT_ASSESSED,
        strength=Strength.NONE,
        certainty=None,
        text=f"{keys}: not assessed, so whether {FINDINGS[kind]} plays a part stays open.",
        effect_size="",
        population="",
        evidence_level="",
        tells=row["settled_by"],
        against=(),
        citations=split_list(row["citation"]),
        rows=(),
        who=keys,
    )
