"""All tables of a data release, with the overlay that was laid over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lupus_pgx.bounded import found_as, is_count
from lupus_pgx.errors import UsageError, unknown_name
from lupus_pgx.knowledge.tables import Place, Row, Table, key_columns, key_of, schema_of

if TYPE_CHECKING:
    import pandas as pd

    from lupus_pgx.knowledge.cells import SourcesCells
    from lupus_pgx.knowledge.cells import TypedTables as _Typed
else:

    class _Typed:
        """Gives the rows of tables; the stub ``cells`` types them by the schemas."""

        def rows(self, table: str) -> tuple[Row, ...]:
            """Return the rows of a table as mappings.

            Parameters
            ----------
            table : str
                Its name, such as ``guidance``.

            Returns
            -------
            tuple of mapping
                By column: text is ``str``, or None where the cell is empty; numbers are ``int`` or ``float``.
            """
            return self._table(table).rows

        def placed(self, table: str) -> Iterator[tuple[Row, Place]]:
            """Yield the rows of a table, each with the place where it is written.

            Parameters
            ----------
            table : str

            Yields
            ------
            (mapping, Place)
                In the order of the table.
            """
            found = self._table(table)
            return ((row, found.place(number)) for number, row in enumerate(found.rows))


@dataclass(frozen=True)
class Overlay:
    """Tables of an overlay.

    Attributes
    ----------
    folder : str
        As given by the caller.
    tables : mapping of str to Table
        Rows of the overlay by table name.
    checksums : mapping of str to str
        SHA-256 of each file by table name.
    """

    folder: str
    tables: Mapping[str, Table[Any]]
    checksums: Mapping[str, str]

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over all its tables: the same rows in another folder have the same."""
        text = "".join(f"{name} {checksum}\n" for name, checksum in sorted(self.checksums.items()))
        return hashlib.sha256(text.encode()).hexdigest()


class TableSet(_Typed):
    """Tables by name, each an attribute that gives a fresh pandas DataFrame.

    Attributes
    ----------
    release : str
        Data release; with an overlay ``RELEASE+overlay.CHECKSUM``.
    checksums : mapping of str to str
        SHA-256 of each shipped table.
    dates : mapping of str to str
        Day on which the rows of each shipped table last changed (``YYYY-MM-DD``); empty where the release does not say.
    tables : mapping of str to Table
        The rows without pandas.
    overlay : Overlay or None
    """

    def __init__(
        self, release: Mapping[str, Any], tables: Mapping[str, Table[Any]], overlay: Overlay | None = None
    ) -> None:
        self.release: str = release["release"] + (f"+overlay.{overlay.checksum[:12]}" if overlay else "")
        self.checksums: Mapping[str, str] = release["tables"]
        self.dates: Mapping[str, str] = release.get("dates", {})
        self.tables = tables
        self.overlay = overlay

    def __getattr__(self, name: str) -> pd.DataFrame:
        tables: Mapping[str, Table[Any]] = self.__dict__.get("tables", {})
        if name not in tables:
            raise AttributeError(f"no knowledge table {name!r}; tables: {', '.join(sorted(tables))}")
        return tables[name].to_frame()

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.tables})

    def __repr__(self) -> str:
        rows = sum(len(table.rows) for table in self.tables.values())
        return f"<{type(self).__name__} release {self.release}: {len(self.tables)} tables, {rows} rows>"

    def _table(self, name: str) -> Table[Any]:
        """Return a table; one that is not there is asked for by somebody else."""
        try:
            return self.tables[name]
        except (KeyError, TypeError):
            if not isinstance(name, str):
                raise UsageError(f"expected the name of a table; found {found_as(name)}") from None
            raise unknown_name("table", name, self.tables) from None

    def origin(self, table: str, *key: str | int) -> str:
        """Return where a row comes from: ``shipped``, or the file and line of an overlay.

        Parameters
        ----------
        table : str
        *key : str or int
            The row's cells in the key columns of the table, such as ``"TPMT", "*3A"`` in ``alleles``.

        Returns
        -------
        str

        Raises
        ------
        UsageError
            If there is no such row.

        Examples
        --------
        >>> import lupus_pgx
        >>> lupus_pgx.load_knowledge().origin("alleles", "TPMT", "*3A")
        'shipped'
        """
        self._table(table)
        if strange := [cell for cell in key if not isinstance(cell, str) and not is_count(cell)]:
            raise UsageError(f"expected the key of a row, texts or numbers; found {found_as(strange[0])}")
        wanted, columns = tuple(str(cell) for cell in key), key_columns(table)
        for number, row in enumerate(self.rows(table)):
            if key_of(row, columns) == wanted:
                place = self.tables[table].place(number)
                return "shipped" if place.shipped else str(place)
        raise UsageError(f"the table {table} has no row with {', '.join(columns)} = {found_as(', '.join(wanted))}")

    def provenance(self) -> dict[str, Any]:
        """Return release, overlay, and checksum, sources and licences of every table, as plain data."""
        over = self.overlay
        laid = {"folder": over.folder, "sha256": over.checksum, "tables": dict(over.checksums)} if over else None
        tables = table_facts(self.tables, self.checksums, self.dates)
        return {
            "release": self.release,
            "overlay": laid,
            "tables": tables,
            "sources": source_facts(self.rows("sources")),
        }


def table_facts(
    tables: Mapping[str, Table[Any]], checksums: Mapping[str, str], dates: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Return rows, day, checksum, sources and licences of each table, as plain data.

    Parameters
    ----------
    tables : mapping of str to Table
    checksums : mapping of str to str
        SHA-256 of the shipped file of each table.
    dates : mapping of str to str
        Day on which the rows of each shipped table last changed.

    Returns
    -------
    dict of dict
        By table name: ``rows``, ``overlay_rows`` (those that are not shipped), ``date``, ``sha256``,
        ``sources`` (identifiers of the table ``sources``) and their ``licences``.
    """
    licences = {row["source"]: row["licence"] for row in tables["sources"].rows}
    facts = {}
    for name, table in sorted(tables.items()):
        columns = [
            link["fields"]
            for link in schema_of(name).get("foreignKeys", ())
            if link["reference"]["resource"] == "sources"
        ]
        sources = sorted({row[column] for (column,) in columns for row in table.rows if row[column]})
        facts[name] = {
            "rows": len(table.rows),
            "overlay_rows": sum(not place.shipped for place in table.places),
            "date": dates.get(name),
            "sha256": checksums.get(name),
            "sources": sources,
            "licences": sorted({licences[source] for source in sources if source in licences}),
        }
    return facts


def source_facts(rows: Iterable[SourcesCells]) -> dict[str, dict[str, Any]]:
    """Return name, version, day, licence and address of each source, by its identifier."""
    return {
        row["source"]: {
            "name": row["name"],
            "version": row["version"],
            "as_of": row["as_of"],
            "licence": row["licence"],
            "url": row["url"],
        }
        for row in rows
    }
