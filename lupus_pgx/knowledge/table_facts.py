"""What outputs and ``knowledge list`` say of each table: rows, checksum, sources, licences, overlay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lupus_pgx.knowledge.tables import Table


def table_facts(tables: Mapping[str, Table], checksums: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return rows, checksum, sources and licences of each table, as plain data.

    Parameters
    ----------
    tables : mapping of str to Table
    checksums : mapping of str to str
        SHA-256 of the shipped file of each table.

    Returns
    -------
    dict of dict
        By table name: ``rows``, ``overlay_rows`` (those that are not shipped), ``sha256``,
        ``sources`` (identifiers of the table ``sources``) and their ``licences``.
    """
    licences = {row["source"]: row["licence"] for row in tables["sources"].rows}
    facts = {}
    for name, table in sorted(tables.items()):
        named = {row["source"] for row in table.rows} if "source" in table.columns and name != "sources" else set()
        sources = sorted(source for source in named if source)
        facts[name] = {
            "rows": len(table.rows),
            "overlay_rows": sum(not place.shipped for place in table.places),
            "sha256": checksums.get(name),
            "sources": sources,
            "licences": sorted({licences[source] for source in sources if source in licences}),
        }
    return facts


def source_facts(tables: Mapping[str, Table]) -> dict[str, dict[str, Any]]:
    """Return name, version, licence and address of each source, by its identifier."""
    return {
        row["source"]: {column: row[column] for column in ("name", "version", "licence", "url")}
        for row in tables["sources"].rows
    }
