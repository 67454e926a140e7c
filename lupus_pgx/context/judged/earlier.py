"""That a drug did not do enough before, as a note to the drug: a fact about it, and no warning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lupus_pgx.context.judged.checks import EARLIER_FAILURE, Check
from lupus_pgx.context.model import Context, Therapy
from lupus_pgx.terms import CheckStatus, Outcome

Checks = Mapping[tuple[str, int], tuple[Check, ...]]


def with_failures(
    checks: Checks, drugs: Iterable[str], contexts: Mapping[str, Context], sample_ids: Sequence[str]
) -> dict[tuple[str, int], tuple[Check, ...]]:
    """Add to the checks of drugs that they were not enough before.

    Parameters
    ----------
    checks : mapping of (drug, sample number) to tuple of Check
    drugs : iterable of str
    contexts : mapping of sample to Context
    sample_ids : sequence of str

    Returns
    -------
    dict of (drug, sample number) to tuple of Check
    """
    found = dict(checks)
    asked = set(drugs)
    for number, sample in enumerate(sample_ids):
        failed: dict[str, list[Therapy]] = {}
        for item in contexts[sample].therapies if sample in contexts else ():
            if item.outcome is Outcome.INADEQUATE_RESPONSE and item.drug.name in asked:
                failed.setdefault(item.drug.name, []).append(item)
        for drug, courses in failed.items():
            found[drug, number] = (*found.get((drug, number), ()), _note(drug, courses))
    return found


def _note(drug: str, courses: Sequence[Therapy]) -> Check:
    years = dict.fromkeys(text for item in courses if (text := _years(item)))
    return Check(
        drug=drug,
        subject="not enough response before",
        status=CheckStatus.NOTE,
        advice="The review says what that is compatible with, and what to measure.",
        found=", ".join(years),
        criterion=EARLIER_FAILURE,
    )


def _years(course: Therapy) -> str:
    """Return the years of a course: ``2022-2023``, ``since 2022``, ``until 2023``; empty where none was told."""
    start, stop = course.start, course.stop
    if start is not None and stop is not None:
        return f"{start.year}" if start.year == stop.year else f"{start.year}-{stop.year}"
    if start is not None:
        return f"since {start.year}"
    return f"until {stop.year}" if stop is not None else ""
