"""A file as it is read: text, lines of cells, or JSON."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lupus_pgx import bounded
from lupus_pgx.bounded import parse_json
from lupus_pgx.errors import InputError, InputMissingError

_ZIP = b"PK\x03\x04"
_PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
MOST_COLUMNS = 1_000
_COLUMNS = frozenset({"gene", "sample"})
"""A comment with one of these words in a cell is the header of its table."""

SURE = 0.95
"""Probability from which a call that states one is taken."""

Line = tuple[int, list[str]]


@dataclass(frozen=True)
class Document:
    """The content of a file.

    Attributes
    ----------
    path : str
        As the user gave it: it stands in every fault.
    text : str
        Empty for an archive.
    hint : str
        Gene or sample that the user wrote before the path (``NAME=FILE``); empty without.
    """

    path: str
    text: str
    hint: str = ""

    @property
    def name(self) -> str:
        """Name of the file without its folder."""
        return Path(self.path).name

    @cached_property
    def raw_lines(self) -> list[tuple[int, str]]:
        """Lines that are not empty, with their number."""
        return [(number, line) for number, line in enumerate(self.text.splitlines(), 1) if line.strip()]

    @cached_property
    def lines(self) -> list[Line]:
        """Cells of the lines that are neither empty nor a comment."""
        plain = [(number, line) for number, line in self.raw_lines if not line.startswith("#")]
        return [(number, cells_of(line, self.separator)) for number, line in plain]

    @cached_property
    def separator(self) -> str:
        """What stands between cells: a tab, a comma or a semicolon."""
        lines = [line for _, line in self.raw_lines if not line.startswith("#")] or [line for _, line in self.raw_lines]
        first = lines[0] if lines else ""
        if any("\t" in line for line in lines):
            return "\t"
        return ";" if ";" in first and "," not in first else ","

    @cached_property
    def header_line(self) -> Line:
        """The first line with its number: not a comment, unless the comment names columns."""
        for number, line in self.raw_lines:
            cells = [cell.strip() for cell in cells_of(line.lstrip("#"), self.separator)]
            if len(cells) > MOST_COLUMNS:
                raise InputError(f"{self.place(number)}: {len(cells):,} columns, expected at most {MOST_COLUMNS:,}")
            if not line.startswith("#") or (len(cells) > 1 and _COLUMNS & {cell.lower() for cell in cells}):
                return number, cells
        return 1, [""]

    @property
    def header(self) -> list[str]:
        """Cells of the header."""
        return self.header_line[1]

    @cached_property
    def json(self) -> Any:
        """The document as JSON; None where it is none."""
        if not self.text.lstrip().startswith(("{", "[")):
            return None
        try:
            found = parse_json(self.text, self._keys_once)
        except ValueError as error:
            raise InputError(f"{self.path}: looks like JSON and is none ({error})") from error
        return found

    def _keys_once(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Build an object; of a key that stands twice the last would count in silence."""
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"{self.path}: key {twice!r} stands twice in one object")
        return found

    def place(self, number: int) -> str:
        """Return the place of a line."""
        return f"{self.path}:{number}"

    def records(self, header: Sequence[str], lines: Sequence[Line]) -> Iterator[tuple[int, Mapping[str, str]]]:
        """Yield lines as cells by the name of their column; cells that are not there are empty."""
        for number, cells in lines:
            padded = [*cells, *[""] * (len(header) - len(cells))]
            yield number, dict(zip(header, padded, strict=False))


def number_of(text: str) -> float:
    """Return a cell as a number; what is none compares with nothing (NaN)."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def cells_of(line: str, separator: str) -> list[str]:
    """Split a line into cells; quotes around a whole cell are taken away, others are kept."""
    if separator != "\t" and '"' in line:
        try:
            return [cell.strip() for cell in next(csv.reader([line], delimiter=separator, strict=True))]
        except csv.Error:
            pass
    cells = [cell.strip() for cell in line.split(separator)]
    return [cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell for cell in cells]


def read_bytes(path: str) -> bytes:
    """Return the content of a file, unpacked where it is compressed by gzip.

    Raises
    ------
    InputMissingError
        If it cannot be read.
    InputError
        If it is far larger than any table of calls, or damaged.
    """
    return bounded.read_bytes(path, "outside calls")


def decode(path: str, content: bytes) -> str:
    """Return the text of a file.

    Raises
    ------
    InputMissingError
        If it is no text.
    """
    if content.startswith(_GZIP):
        raise InputMissingError(f"{path}: the outside calls cannot be read: compressed twice; unpack it first")
    if content.startswith(_PARQUET):
        raise InputMissingError(f"{path}: the outside calls cannot be read: they are Parquet; give them as tsv or csv")
    try:
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputMissingError(
            f"{path}: the outside calls cannot be read: expected text in UTF-8 ({error})"
        ) from error


def is_archive(content: bytes) -> bool:
    """Whether a file is a zip archive."""
    return content.startswith(_ZIP)
