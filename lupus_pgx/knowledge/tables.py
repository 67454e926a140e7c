"""Read the knowledge tables: tab-separated text, one row one fact, typed by a Table Schema."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from lupus_pgx.bounded import parse_json
from lupus_pgx.errors import KnowledgeError
from lupus_pgx.words.lines import counted

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    import pandas as pd

OVERLAY_MARK = " (overlay)"
"""Stands after the source of a row that is not a shipped one."""

Cell = str | int | float | None
Row = Mapping[str, Any]
Cells = TypeVar("Cells", bound=Row)
"""Row of one of the tables, typed by its schema."""

_PARSERS = {"string": str, "integer": int, "number": float}


class Place(NamedTuple):
    """Where a row is written, and whether it is a shipped one."""

    file: str
    line: int
    shipped: bool

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, repr=False)
class Table(Generic[Cells]):
    """One knowledge table.

    Attributes
    ----------
    name : str
        Name of the table, as its file is called.
    columns : tuple of str
        Column names, in file order.
    types : tuple of str
        Table Schema type of each column.
    rows : tuple of dict
        One mapping per row; an empty cell is None.
    places : tuple of Place
        Where each row is written; empty for a table as it was shipped.
    """

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[Cells, ...]
    places: tuple[Place, ...] = ()

    def __repr__(self) -> str:
        return f"<Table {self.name}: {counted(len(self.rows), 'row')}, {counted(len(self.columns), 'column')}>"

    def place(self, number: int) -> Place:
        """Return where a row is written, by its number."""
        return self.places[number] if self.places else Place(f"data/{self.name}.tsv", number + 2, True)

    def to_frame(self) -> pd.DataFrame:
        """Return the table as a pandas DataFrame (text with NaN for empty)."""
        import pandas as pd

        from lupus_pgx.dtypes import column

        return pd.DataFrame(
            {
                name: column(kind, [row[name] for row in self.rows])
                for name, kind in zip(self.columns, self.types, strict=True)
            }
        )


@cache
def schema_of(name: str) -> dict[str, Any]:
    """Return the Table Schema of a table."""
    text = (data_folder() / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def is_table(name: str) -> bool:
    """Whether a knowledge table has this name."""
    return name.isidentifier() and (data_folder() / "schemas" / f"{name}.schema.json").is_file()


def key_columns(name: str) -> tuple[str, ...]:
    """Return the columns whose cells name a row of a table."""
    return tuple(schema_of(name)["primaryKey"])


def group_columns(name: str) -> tuple[str, ...]:
    """Return the columns whose cells name the rows that state one fact together, such as an allele's loci."""
    return tuple(schema_of(name).get("replacedTogether", schema_of(name)["primaryKey"]))


def key_of(row: Row, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the cells of a row in some columns, as text."""
    return tuple("" if row[column] is None else str(row[column]) for column in columns)


def data_folder() -> Traversable:
    """Return the folder of the shipped tables."""
    return files("lupus_pgx") / "data"


def columns_of(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names and the Table Schema types of a table's columns, in file order."""
    fields = schema_of(name)["fields"]
    return tuple(field["name"] for field in fields), tuple(field["type"] for field in fields)


def parse_cell(kind: str, cell: str) -> Cell:
    """Return the value of a cell by its Table Schema type; an empty cell is None."""
    value: Cell = _PARSERS[kind](cell) if cell else None
    return value


def parse_table(name: str, text: str) -> Table[Any]:
    """Parse the text of a table by its schema.

    Raises
    ------
    KnowledgeError
        If the header or a cell does not fit the schema.
    """
    columns, types = columns_of(name)
    numbers = [(name, _PARSERS[kind]) for name, kind in zip(columns, types, strict=True) if kind != "string"]
    lines = text.splitlines()
    header = tuple(lines[0].split("\t")) if lines else ()
    if header != columns:
        raise KnowledgeError(f"{name}.tsv:1: expected the columns {', '.join(columns)}; found {', '.join(header)}")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise KnowledgeError(f"{name}.tsv:{number}: expected {len(columns)} cells, found {len(cells)}")
        row: dict[str, Cell] = dict(zip(columns, [cell or None for cell in cells], strict=True))
        try:
            for column, parser in numbers:
                if (cell := row[column]) is not None:
                    row[column] = parser(cell)
        except ValueError as error:
            raise KnowledgeError(f"{name}.tsv:{number}: {error}") from error
        rows.append(row)
    return Table(name, columns, types, tuple(rows))


def _content(folder: Traversable, name: str) -> bytes:
    file = folder / name
    if not file.is_file():  # to open a pipe that nobody writes would wait for ever
        raise KnowledgeError(f"data/{name} is missing: reinstall lupus-pgx")
    try:
        return file.read_bytes()
    except OSError as error:
        raise KnowledgeError(f"data/{name} is missing: reinstall lupus-pgx ({error.strerror})") from error


def read_release(folder: Traversable | None = None) -> tuple[dict[str, Any], Mapping[str, Table[Any]]]:
    """Read the tables of a data release and check each against its checksum.

    Parameters
    ----------
    folder : Traversable, optional
        Folder of the release; that of the shipped tables by default.

    Returns
    -------
    release : dict
        Content of ``release.json``: ``release`` and ``tables`` (SHA-256 by name).
    tables : mapping of str to Table

    Raises
    ------
    KnowledgeError
        If a table is missing, or is not the one that was released.
    """
    place = folder or data_folder()
    cure = "" if folder else ": reinstall lupus-pgx, or run `python tools/seal_tables.py` after a wanted change"
    try:
        release: dict[str, Any] = parse_json(_content(place, "release.json").decode())
        checksums = {name: str(checksum) for name, checksum in release["tables"].items() if is_table(name)}
        if strange := sorted(set(release["tables"]) - set(checksums)):
            raise ValueError(f"no table is called {strange[0]}")
        release["release"] = str(release["release"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KnowledgeError(
            f"{place.name}/release.json: expected the list of a data release ({error!r}){cure}"
        ) from error
    contents = {}
    for name, checksum in checksums.items():
        contents[name] = content = _content(place, f"{name}.tsv")
        if hashlib.sha256(content).hexdigest() != checksum:
            raise KnowledgeError(
                f"{place.name}/{name}.tsv is not the table of data release {release['release']} "
                f"(checksum differs){cure}"
            )
    return release, ReleasedTables(contents)


class ReleasedTables(Mapping[str, Table[Any]]):
    """The tables of a release, each parsed when it is first asked for.

    Every checksum was checked when they were read; a patient without a clinical context needs half of the rows.

    Parameters
    ----------
    contents : dict of str to bytes
        Content of each file by the name of its table.
    """

    def __init__(self, contents: dict[str, bytes]) -> None:
        self._contents = contents
        self._parsed: dict[str, Table[Any]] = {}

    def __getitem__(self, name: str) -> Table[Any]:
        if name not in self._parsed:
            self._parsed[name] = parse_table(name, self._contents[name].decode("utf-8"))
        return self._parsed[name]

    def __contains__(self, name: object) -> bool:
        return name in self._contents

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __len__(self) -> int:
        return len(self._contents)


MOST_KEPT = 32768
"""So many cells and names of the tables are kept in their form: they are asked for over and over."""


@lru_cache(maxsize=MOST_KEPT)
def split_list(cell: str | None) -> tuple[str, ...]:
    """Split a cell that joins names by ``;``."""
    return tuple(part.strip() for part in cell.split(";")) if cell else ()
