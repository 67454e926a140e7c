"""Compare two folders of knowledge tables: rows added, removed and changed, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lupus_pgx.bounded import found_file, read_bytes
from lupus_pgx.errors import InputError, InputMissingError, KnowledgeError, unknown_name
from lupus_pgx.knowledge.genes import natural_key
from lupus_pgx.knowledge.tables import data_folder, group_columns, key_columns

FORMATS = ("text", "tsv")

SHIPPED = "shipped"

_Key = tuple[str, ...]
_Line = dict[str, str]


class Cell(NamedTuple):
    """One cell that differs.

    ``change`` is ``added``, ``removed`` or ``changed``, of the row; the cells of a row that was
    added or removed are all listed, those that were empty left out.
    """

    table: str
    change: str
    key: str
    column: str
    old: str
    new: str


def difference(old: str, new: str, form: str) -> Iterator[str]:
    """Yield the lines that say how two folders of tables differ.

    Parameters
    ----------
    old, new : str
        Folders, or ``shipped`` for the shipped tables. An overlay is laid over the release that it is compared with,
        so that only its own rows differ. Of two of a kind, tables that only one holds are added or removed whole.
        Columns may differ.
    form : str
        ``text`` or ``tsv`` (one line per cell: table, change, key, column, old, new).

    Yields
    ------
    str

    Raises
    ------
    InputMissingError
        If a folder is not there.
    KnowledgeError
        If a table is unknown, lacks its key columns or has a key twice.
    """
    if form not in FORMATS:
        raise unknown_name("format", form, FORMATS)
    cells = list(differing_cells(old, new))
    if form == "tsv":
        yield "\t".join(Cell._fields)
        yield from ("\t".join(cell) for cell in cells)
        return
    if not cells:
        yield "no difference"
    for table in dict.fromkeys(cell.table for cell in cells):
        yield from _text(table, [cell for cell in cells if cell.table == table])


def _text(table: str, cells: list[Cell]) -> Iterator[str]:
    rows: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        rows.setdefault((cell.key, cell.change), []).append(cell)
    counts = [
        f"{sum(change == word for _, change in rows)} {word}"
        for word in ("added", "removed", "changed")
        if any(change == word for _, change in rows)
    ]
    yield f"{table}: {', '.join(counts)}"
    for (key, change), own in rows.items():
        yield f"{ {'added': '+', 'removed': '-', 'changed': '~'}[change] } {key}"
        for cell in own:
            if change == "changed":
                yield f"    {cell.column}: {cell.old or '(empty)'} -> {cell.new or '(empty)'}"
            else:
                yield f"    {cell.column}: {cell.new or cell.old}"


def differing_cells(old: str, new: str) -> Iterator[Cell]:
    """Yield every cell that differs, by table and key; see :func:`difference`."""
    before, after = _files(old), _files(new)
    first_is_whole, second_is_whole = (_is_release(folder) for folder in (old, new))
    for table in sorted(before.keys() | after.keys()):
        keys = _keys(table, before, after)
        first = _rows(before[table], keys) if table in before else {}
        second = _rows(after[table], keys) if table in after else {}
        if first_is_whole and not second_is_whole:
            second = _laid(table, first, second)
        elif second_is_whole and not first_is_whole:
            first = _laid(table, second, first)
        for key in sorted(first.keys() | second.keys(), key=lambda cells: [natural_key(cell) for cell in cells]):
            yield from _row_cells(table, keys, key, first.get(key), second.get(key))


def _is_release(folder: str) -> bool:
    """Whether a folder holds all tables of a data release, not the rows of an overlay."""
    return folder == SHIPPED or (Path(folder) / "release.json").exists()


def _laid(table: str, whole: dict[_Key, _Line], over: dict[_Key, _Line]) -> dict[_Key, _Line]:
    """Return the rows of a release with those of an overlay in the place of the ones that state the same fact."""
    together = group_columns(table)
    given = {tuple(row.get(column, "") for column in together) for row in over.values()}
    kept = {key: row for key, row in whole.items() if tuple(row.get(column, "") for column in together) not in given}
    return kept | over


def _row_cells(table: str, keys: _Key, key: _Key, old: _Line | None, new: _Line | None) -> Iterator[Cell]:
    change = "added" if old is None else "removed" if new is None else "changed"
    named = ", ".join(f"{column}={cell}" for column, cell in zip(keys, key, strict=True))
    before, after = old or {}, new or {}
    for column in dict.fromkeys((*before, *after)):
        one, other = before.get(column, ""), after.get(column, "")
        # A row that holds nothing but its key still has to be told.
        if one != other and (column not in keys or before.keys() | after.keys() <= set(keys)):
            yield Cell(table, change, named, column, one, other)


def _files(folder: str) -> dict[str, Path]:
    place = Path(str(data_folder())) if folder == SHIPPED else Path(folder)
    if not place.is_dir():
        raise InputMissingError(f"{folder}: expected a folder of knowledge tables, or {SHIPPED!r}; there is none")
    files = {path.stem: path for path in sorted(place.glob("*.tsv"))}
    if not files:
        raise KnowledgeError(
            f"{folder}: expected knowledge tables such as genes.tsv or guidance.tsv; found no .tsv file"
        )
    return files


def _keys(table: str, *folders: dict[str, Path]) -> _Key:
    try:
        return key_columns(table)
    except OSError:
        path = next(files[table] for files in folders if table in files)
        raise KnowledgeError(f"{path}: no knowledge table is called {table}; rename the file or take it away") from None


def _rows(path: Path, keys: _Key) -> dict[_Key, _Line]:
    try:
        text = read_bytes(str(found_file(path)), "table").decode("utf-8-sig")
    except (InputError, ValueError) as error:
        raise KnowledgeError(f"{path}: expected a table as UTF-8 text; it cannot be read ({error})") from error
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    header = lines[0].split("\t")
    if missing := [column for column in keys if column not in header]:
        raise KnowledgeError(f"{path}:1: expected the key columns {', '.join(keys)}; missing: {', '.join(missing)}")
    rows: dict[_Key, _Line] = {}
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(header):
            raise KnowledgeError(f"{path}:{number}: expected {len(header)} cells joined by tabs, found {len(cells)}")
        row = dict(zip(header, cells, strict=True))
        key = tuple(row[column] for column in keys)
        if key in rows:
            raise KnowledgeError(
                f"{path}:{number}: expected each {', '.join(keys)} once; {', '.join(key)} stands twice"
            )
        rows[key] = row
    return rows
