"""Which genes may be named as a reason, and what of them was not assessed: a finding says what the drug's line says."""

from __future__ import annotations

from collections.abc import Mapping

from lupus_pgx.knowledge.rules import Condition
from lupus_pgx.response.certainty import Assessed
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.words.sentences import few_loci


def is_reason(item: Assessed) -> bool:
    """Whether a gene or marker may be named for what it is: a usual pair that only frequencies leave is none."""
    return not (item.not_assessed or (item.missing and item.by_frequency))


def not_assessed(items: Mapping[str, Assessed]) -> list[str]:
    """Name genes and markers that were not assessed, or not in full, with the loci, as the drug's own line does."""
    parted = {key: not item.not_assessed for key, item in items.items() if item.not_assessed or item.missing}
    return [few_loci(key, items[key].missing, essential=True) if some else key for key, some in parted.items()]


def reasons_of(condition: Condition, response: DrugResponse) -> list[Assessed]:
    """Return what is known of the genes of a condition; what only frequencies say of one is no reason."""
    known = [response.known[key] for key in condition.keys if key in response.known]
    return [item for item in known if is_reason(item)]


def described(condition: Condition, response: DrugResponse) -> str:
    """Name the genotypes behind a condition."""
    return " and ".join(item.description for item in reasons_of(condition, response))


def partly_assessed(condition: Condition, response: DrugResponse) -> str:
    """Say what of the genes of a condition was not assessed, as the drug's own line does."""
    items = {key: response.known[key] for key in condition.keys if key in response.known}
    left = not_assessed(items)
    return f" Not assessed: {', '.join(left)}." if left else ""
