"""Documents that a newer one has replaced, and whether a row still rests on one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from lupus_pgx.knowledge.tables import split_list

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import CitationsCells


class Newer(NamedTuple):
    """The newest document that replaces another, and its year."""

    citation: str
    year: int | None

    @property
    def text(self) -> str:
        """``replaced in 2026 by PMID:41979467``."""
        return f"{replaced_text(self.year)} by {self.citation}"


def newer_documents(rows: Iterable[CitationsCells]) -> dict[str, Newer]:
    """Return the newest document in place of each replaced one, by citation."""
    by_name = {row["citation"]: row for row in rows}
    found = {}
    for name in by_name:
        editions = [name]
        while (newer := by_name[editions[-1]]["superseded_by"]) in by_name and newer not in editions:
            editions.append(newer)
        if len(editions) > 1:
            found[name] = Newer(editions[-1], by_name[editions[-1]]["year"])
    return found


def replacement(cited: str | None, newer: Mapping[str, Newer]) -> Newer | None:
    """Return what replaced a document that a row rests on; nothing where the row cites the newer one as well."""
    names = split_list(cited)
    found = [newer[name] for name in names if name in newer and newer[name].citation not in names]
    return max(found, key=lambda item: item.year or 0, default=None)


def replaced_text(year: int | None) -> str:
    """Say that a document was replaced, and when."""
    return f"replaced in {year}" if year is not None else "replaced"
