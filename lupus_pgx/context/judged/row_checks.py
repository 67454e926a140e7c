"""Rows of the table ``contraindications`` as checks: the strictest that is met, and what is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lupus_pgx.context.judged.answers import Answer
from lupus_pgx.context.judged.checks import Beside, Check
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import CheckStatus

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ContraindicationsCells

FORBIDDING = (CheckStatus.AVOID, CheckStatus.CONTRAINDICATED)
SEVERITY = {status.value: status.severity for status in CheckStatus}
"""Severities by the word of the table: a patient is held against every row of every drug."""

_CHECKED = ("read", "copy", "not read")
_JURISDICTIONS = ("guideline", "US", "EU", "UK")

Told = tuple["ContraindicationsCells", Answer]
"""A row, and what the context says of it."""


class Asked(NamedTuple):
    """What a check is about: the words are empty where each row has its own."""

    drug: str
    criterion: str
    words: str
    core: bool


def _order(told: Told) -> tuple[bool, int, float, int, int]:
    """Sort rows on one condition: what acts, the strictest, the narrowest, the best checked, guideline before label."""
    row, answer = told
    place = _JURISDICTIONS.index(row["jurisdiction"]) if row["jurisdiction"] in _JURISDICTIONS else len(_JURISDICTIONS)
    severity = SEVERITY[row["severity"]]
    return row["acts"] != "yes", -severity, _width(row) if answer.bound else 0.0, _CHECKED.index(row["checked"]), place


def _width(row: ContraindicationsCells) -> float:
    """Sort bounds on one value: of those that it meets, the one that lies closest to it."""
    if row["operator"] is None or row["value"] is None:
        return 0.0
    return float(row["value"] if row["operator"] in ("below", "at_most") else -row["value"])


def met_rows(asked: Asked, met: Sequence[Told]) -> Check:
    """Return the strictest of the rows that are met and act; the others are shown beside it."""
    (row, answer), *rest = sorted(met, key=_order)
    status = CheckStatus(row["severity"]) if row["acts"] == "yes" else CheckStatus.NOTE
    beside = tuple(
        Beside(
            CheckStatus(other["severity"]),
            other["jurisdiction"],
            other["advice"],
            other["checked"],
            split_list(other["citation"]),
        )
        for other, _ in rest
    )
    return _of_row(asked, row, status, answer, beside=beside)


def open_rows(asked: Asked, still: Sequence[Told], *, asks: bool, forbidden: bool) -> Check:
    """Return the strictest of the rows that the context leaves open, those that an old value would meet first."""
    feared = [(row, answer) for row, answer in still if answer.feared and _forbids(row)]
    (row, answer), *_ = sorted(feared or still, key=_order)
    first = bool(feared and not forbidden) or (asks and any(other["asks_first"] for other, _ in still))
    # Of a patient of 70 the age is known: what is asked for is the dementia that the row names beside it.
    return _of_row(asked._replace(words=answer.asks or asked.words), row, None, answer, asks_first=first)


def _forbids(row: ContraindicationsCells) -> bool:
    return CheckStatus(row["severity"]) in FORBIDDING


def _of_row(
    asked: Asked,
    row: ContraindicationsCells,
    status: CheckStatus | None,
    answer: Answer,
    *,
    beside: tuple[Beside, ...] = (),
    asks_first: bool = False,
) -> Check:
    """Return a row as a check; without a status it is open, and about what is to be asked."""
    return Check(
        drug=asked.drug,
        subject=_named(row) if status is not None else asked.words or _named(row),
        status=status or CheckStatus.CHECK_FIRST,
        known=status is not None,
        advice=row["advice"],
        found=answer.found,
        reactions=answer.reactions,
        factor_low=row["factor_low"],
        factor_high=row["factor_high"],
        citations=split_list(row["citation"]),
        criterion=asked.criterion,
        row=row["state"],
        at_stake=CheckStatus(row["severity"]) if status is None else None,
        asks_first=asks_first,
        cap=row["cap"],
        cap_unit=row["cap_unit"] or "",
        dose=row["dose"] or "",
        jurisdiction=row["jurisdiction"],
        checked=row["checked"],
        checked_on=row["checked_on"] or "",
        ours=row["bound"] == "ours",
        beside=beside,
        words=asked.words,
        core=asked.core,
        bound=answer.bound if status is not None else "",
    )


def _named(row: ContraindicationsCells) -> str:
    """Return the condition of a row in words: a source that only tells two rows apart stands behind the sentence."""
    return row["state"].removesuffix(f" ({row['citation']})")
