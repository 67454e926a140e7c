"""Whether supportive treatment is in place, and whether there is another cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lupus_pgx.review.steps.signs import citations_of, drugs_of, row_key, signs
from lupus_pgx.review.steps.step import Case, Step
from lupus_pgx.terms import ReviewStep, Strength
from lupus_pgx.words.vocabulary import FINDINGS, STRENGTHS, capital

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ReviewSignsCells

_TOO_FEW = "small_cohort"
"""Evidence level of a signal that is shown, but does not open the question of another cause by itself."""


def supportive(case: Case) -> Step:
    """Say whether what lowers proteinuria without immunosuppression is in place."""
    if not case.failed:
        return Step(ReviewStep.SUPPORTIVE)
    known = signs(case, ReviewStep.SUPPORTIVE.value)
    held = [row for row, answer, _ in known if answer]
    silent = [row for row, answer, _ in known if answer is None]
    return Step(
        ReviewStep.SUPPORTIVE,
        bool(held),
        tuple(f"{row['says']} ({row['short']})" for row in held),
        "; ".join(row["says"][:1].lower() + row["says"][1:] for row in held),
        missing=("blockade of the renin-angiotensin system",) if silent and not held else (),
        citations=citations_of(*held),
        rows=tuple(map(row_key, held)),
    )


def _observed(row: ReviewSignsCells, advised: set[str]) -> str:
    """Return what is observed and what follows; what an earlier row advised is not said again."""
    advice = row["advice"]
    if advice is None or advice in advised:
        return row["says"]
    advised.add(advice)
    return f"{row['says']}: {advice}"


def cause(case: Case) -> Step:
    """Say whether there is another cause: a drug, an infection, antiphospholipid antibodies, a gene."""
    known = [(row, found) for row, held, found in signs(case, ReviewStep.CAUSE.value) if held]
    known = known if case.failed else [(row, found) for row, found in known if drugs_of(row, case)]
    says: list[str] = []
    advised: set[str] = set()
    short: list[str] = []
    drugs: list[str] = []
    for row, found in known:
        by_drug = drugs_of(row, case)
        drugs += by_drug
        says.append(f"{capital(found)} {row['says']}" if by_drug else _observed(row, advised))
        short.append(f"{found} {row['short']}" if by_drug else row["short"])
    signals = [item for item in case.signals if not item.is_silent]
    told = [item for item in signals if item.evidence_level != _TOO_FEW] if case.failed else []
    for item in told:
        told_of = f"{item.who} is compatible with {FINDINGS[item.kind]} ({STRENGTHS[item.strength].label})"
        says.append(f"{told_of}: {item.measure} decides")
        short.append(told_of)
    rows = [row for row, _ in known]
    return Step(
        ReviewStep.CAUSE,
        bool(says),
        tuple(says),
        "; ".join(short),
        drugs=tuple(dict.fromkeys(drugs)),
        missing=tuple(f"{item.who}, not assessed" for item in case.signals if item.strength is Strength.NONE),
        citations=tuple(dict.fromkeys((*citations_of(*rows), *(name for item in told for name in item.citations)))),
        rows=(*map(row_key, rows), *(key for item in told for key in item.rows)),
    )
