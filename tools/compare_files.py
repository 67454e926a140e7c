"""What differs between the files of two folders, in decoded content (part of ``compare_outputs.py``).

Text is compared line by line, ``.gz`` after decompression, JSON parsed, Parquet as tables. Files are streamed: of a
large JSON one element of a top-level list is in memory at a time. Of an index (``.tbi``), which holds offsets into a
compressed file, only that both sides wrote one counts.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, takewhile, zip_longest
from pathlib import Path
from typing import IO, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

EXAMPLES = 3
"""Differences of a file that are shown."""

_WIDTH = 160
_BEFORE = 40
_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
_AFTER_VALUE = frozenset(",:]} \t\r\n")
_CHUNK = 1 << 22
_BATCH = 1 << 16


class Mask:
    """Replaces what may differ by design: given words, and times of day with their date.

    Parameters
    ----------
    words : mapping of str to str
        What stands for each word.
    """

    def __init__(self, words: Mapping[str, str] | None = None) -> None:
        self._words = {word: name for word, name in (words or {}).items() if word}
        longest_first = sorted(self._words, key=len, reverse=True)
        self._pattern = re.compile("|".join([*map(re.escape, longest_first), _TIME]))

    def __call__(self, text: str) -> str:
        """Return the text as it is compared."""
        return self._pattern.sub(lambda match: self._words.get(match[0], "<time>"), text)


class Example(NamedTuple):
    """One difference; a side that lacks it has None."""

    where: str
    old: str | None
    new: str | None


@dataclass
class Difference:
    """How two files differ.

    Attributes
    ----------
    unit : str
        What is counted.
    count : int
    notes : list of str
    examples : list of Example
        The first few.
    columns : Counter
        Differing cells by column, for tables.
    """

    unit: str
    count: int = 0
    notes: list[str] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    columns: Counter[str] = field(default_factory=Counter)

    def add(self, where: str, old: str | None, new: str | None) -> None:
        """Count a difference."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(Example(where, old, new))

    def lines(self) -> Iterator[str]:
        """Yield the difference as text."""
        yield "; ".join([f"{self.count} {self.unit}", *self.notes])
        width = max(map(len, self.columns), default=0)
        for column, count in self.columns.most_common():
            yield f"  {column:<{width}}  {count}"
        for where, old, new in self.examples:
            if where:
                yield f"@ {where}"
            shown = _clipped(old, new)
            yield from (f"{sign} {text}" for sign, text in zip("-+", shown, strict=True) if text is not None)


def _clipped(old: str | None, new: str | None) -> tuple[str | None, str | None]:
    """Return the part of two texts in which they begin to differ."""
    if old is not None and new is not None and old.rstrip("\n") != new.rstrip("\n"):
        old, new = old.rstrip("\n"), new.rstrip("\n")
    both = [text for text in (old, new) if text is not None]
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(*both, strict=False)))) if len(both) == 2 else 0
    start = max(0, same - _BEFORE)

    def part(text: str | None) -> str | None:
        if text is None:
            return None
        end = start + _WIDTH
        cut = f"{'...' if start else ''}{text[start:end]}{'...' if end < len(text) else ''}"
        printable = cut.encode("utf-8", "backslashreplace").decode("utf-8")
        return printable.replace("\r", "\\r").replace("\n", "\\n")

    return part(old), part(new)


class Lines(NamedTuple):
    """Lines that can be read again and again, and what is masked in them."""

    read: Callable[[], Iterator[str]]
    mask: Mask

    def masked(self) -> Iterator[str]:
        """Yield the lines as they are compared."""
        return map(self.mask, self.read())


def compare_folders(old: Path, new: Path, old_mask: Mask, new_mask: Mask) -> tuple[int, list[tuple[str, Difference]]]:
    """Compare the files below two folders.

    Returns
    -------
    files : int
        How many there are.
    differences : list of (str, Difference)
        By path in the folders.
    """
    both = [{path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()} for top in (old, new)]
    found = []
    for name in sorted(both[0] | both[1]):
        if name in both[0] & both[1]:
            difference = compare_file(old / name, new / name, old_mask, new_mask)
        else:
            difference = Difference("file", 1, [f"only in {'old' if name in both[0] else 'new'}"])
        if difference is not None:
            found.append((name, difference))
    return len(both[0] | both[1]), found


def compare_file(old: Path, new: Path, old_mask: Mask, new_mask: Mask) -> Difference | None:
    """Compare two files in decoded content; None if it is the same."""
    suffix = Path(old.name.removesuffix(".gz")).suffix
    if suffix == ".tbi" or _same_bytes(old, new):
        return None
    try:
        if suffix == ".parquet":
            difference = _compare_parquet(old, new, old_mask, new_mask)
        elif suffix == ".json":
            difference = _compare_json(old, new, old_mask, new_mask)
        else:
            difference = _compare_text(old, new, old_mask, new_mask)
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        return Difference("file", 1, [f"cannot be read ({type(error).__name__}: {error})"])
    return difference if difference.count else None


def _same_bytes(old: Path, new: Path) -> bool:
    if old.stat().st_size != new.stat().st_size:
        return False
    digests = []
    for path in (old, new):
        with path.open("rb") as handle:
            digests.append(hashlib.file_digest(handle, "sha256").digest())
    return digests[0] == digests[1]


def _open(path: Path) -> IO[str]:
    """Open a file as text, decompressed; only a line feed ends a line, and no byte is lost."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", errors="surrogateescape", newline="\n")
    return path.open(encoding="utf-8", errors="surrogateescape", newline="\n")


def _compare_text(old: Path, new: Path, old_mask: Mask, new_mask: Mask) -> Difference:
    def lines_of(path: Path) -> Iterator[str]:
        with _open(path) as handle:
            yield from handle

    table = old.name.removesuffix(".gz").endswith(".tsv")
    return _compare_lines(Lines(lambda: lines_of(old), old_mask), Lines(lambda: lines_of(new), new_mask), table)


def _compare_lines(old: Lines, new: Lines, table: bool) -> Difference:
    """Compare lines by position, or if one side has more of them: which lines only one side has."""
    counts = [sum(1 for _ in side.read()) for side in (old, new)]
    if counts[0] != counts[1]:
        return _unmatched(old, new, counts, "rows" if table else "lines")
    if table:
        return _compare_cells(old, new)
    difference = Difference(f"of {counts[0]} lines")
    for number, (one, other) in enumerate(zip(old.read(), new.read(), strict=True), start=1):
        if one != other and (masked := (old.mask(one), new.mask(other)))[0] != masked[1]:
            difference.add(f"line {number}", *masked)
    return difference


def _unmatched(old: Lines, new: Lines, counts: list[int], unit: str) -> Difference:
    # Only hashes are kept: a table of all samples does not fit in memory twice.
    balance = Counter(map(hash, old.masked()))
    balance.subtract(map(hash, new.masked()))
    more = [sum(count for count in balance.values() if count > 0), -sum(n for n in balance.values() if n < 0)]
    difference = Difference(
        unit, sum(more), [f"{more[0]} only in old ({counts[0]}), {more[1]} only in new ({counts[1]})"]
    )

    def only(side: Lines, sign: int) -> Iterator[str]:
        return islice((line for line in side.masked() if balance[hash(line)] * sign > 0), EXAMPLES)

    pairs = islice(zip_longest(only(old, 1), only(new, -1)), EXAMPLES)
    difference.examples = [Example("", one, other) for one, other in pairs]
    return difference


def _compare_cells(old: Lines, new: Lines) -> Difference:
    """Compare tables with equally many rows: the cells of columns that both have, row by row."""
    difference = Difference("cells")
    rows = zip(old.read(), new.read(), strict=True)
    headers = [header.rstrip("\n") for header in next(rows, ("", ""))]
    names = [header.split("\t") for header in headers]
    if headers[0] != headers[1]:
        difference.add("header", *headers)
    common = [(name, names[0].index(name), names[1].index(name)) for name in names[0] if name in names[1]]
    differing = total = 0
    for total, (one, other) in enumerate(rows, start=1):
        if one == other or (lines := (old.mask(one), new.mask(other)))[0] == lines[1]:
            continue
        cells = [line.rstrip("\n").split("\t") for line in lines]
        before = difference.count
        for name, *places in common:
            values = [row[at] if at < len(row) else None for row, at in zip(cells, places, strict=True)]
            if values[0] != values[1]:
                difference.add(f"row {total}, {name}", *values)
                difference.columns[name] += 1
        if difference.count == before and headers[0] == headers[1]:
            difference.add(f"row {total}", *lines)  # cells beyond the header, or how the line ends
        differing += difference.count > before
    difference.notes.append(f"in {differing} of {total} rows")
    return difference


def _compare_parquet(old: Path, new: Path, old_mask: Mask, new_mask: Mask) -> Difference:
    schemas = [_fields(pq.read_schema(path)) for path in (old, new)]
    schema = Difference("of the schema")
    for one, other in zip_longest(*schemas):
        if one != other:
            schema.add("schema", one, other)
    if not schema.count and _equal_columns(old, new):
        return schema
    cells = _compare_lines(
        Lines(lambda: _parquet_lines(old), old_mask), Lines(lambda: _parquet_lines(new), new_mask), table=True
    )
    if schema.count:
        cells.notes.append(f"{schema.count} differences of the schema")
        cells.count += schema.count
        cells.examples = [*schema.examples, *cells.examples][:EXAMPLES]
    return cells


def _fields(schema: Any) -> list[str]:
    return [f"{item.name}: {item.type}{'' if item.nullable else ' not null'}" for item in schema]


def _equal_columns(old: Path, new: Path) -> bool:
    """Say whether all columns hold the same, one in memory at a time (NaN is unequal here, and looked at by cell)."""
    names = pq.read_schema(old).names
    return all(
        pq.read_table(old, columns=[name]).equals(pq.read_table(new, columns=[name]), check_metadata=False)
        for name in names
    )


def _parquet_lines(path: Path) -> Iterator[str]:
    """Yield header and rows; a cell is written so that it has no tab, and null is not the text None."""
    with pq.ParquetFile(path) as file:
        yield "\t".join(file.schema_arrow.names) + "\n"
        for batch in file.iter_batches(_BATCH):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield "\t".join(map(repr, row)) + "\n"


def _compare_json(old: Path, new: Path, old_mask: Mask, new_mask: Mask) -> Difference:
    """Compare values by their path in the document; the order of keys says nothing."""
    difference = Difference("values")
    waiting: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    try:
        for parts in zip_longest(json_parts(old), json_parts(new)):
            for side, part in zip(waiting, parts, strict=True):
                if part is not None:
                    side[part[0]] = part[1]
            for key in {part[0] for part in parts if part is not None} & waiting[0].keys() & waiting[1].keys():
                _compare_values(key, (waiting[0].pop(key), old_mask), (waiting[1].pop(key), new_mask), difference)
    except ValueError:
        return _compare_text(old, new, old_mask, new_mask)
    for key, value in waiting[0].items():
        _compare_values(key, (value, old_mask), None, difference)
    for key, value in waiting[1].items():
        _compare_values(key, None, (value, new_mask), difference)
    return difference


def _compare_values(
    key: str, old: tuple[Any, Mask] | None, new: tuple[Any, Mask] | None, difference: Difference
) -> None:
    if old is not None and new is not None and json.dumps(old[0]) == json.dumps(new[0]):
        return
    sides = [dict(_leaves(side[0], key, side[1])) if side is not None else {} for side in (old, new)]
    for path in dict.fromkeys([*sides[0], *sides[1]]):
        one, other = sides[0].get(path), sides[1].get(path)
        if one != other:
            difference.add(path, one, other)


def _leaves(value: Any, path: str, mask: Mask) -> Iterator[tuple[str, str]]:
    """Yield path and text of each value; an empty list or object is one."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}", mask)
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from _leaves(item, f"{path}[{number}]", mask)
    else:
        # Masked with its keys, by which the software version is known.
        text = f"{'.'.join(path.split('.')[-2:])}: {json.dumps(value, ensure_ascii=False)}"
        yield path, mask(text).partition(": ")[2]


def json_parts(path: Path, chunk: int = _CHUNK) -> Iterator[tuple[str, Any]]:
    """Yield the values of a JSON object with their keys; the elements of a list one by one, as ``key[number]``.

    Raises
    ------
    ValueError
        If it is no JSON.
    """
    with _open(path) as handle:
        text = _JsonText(handle, chunk)
        if not text.take("{"):
            yield "", text.value()
        else:
            while not text.take("}"):
                key = text.value()
                text.expect(":")
                yield from text.elements(str(key))
                text.take(",")
        if text.peek():
            raise ValueError("text after the end of the document")


class _JsonText:
    """JSON that is decoded value by value, with a part of the text in memory."""

    def __init__(self, handle: IO[str], chunk: int) -> None:
        self._handle, self._chunk = handle, chunk
        self._text, self._at = "", 0
        self._decode = json.JSONDecoder().raw_decode

    def _more(self) -> bool:
        found = self._handle.read(max(self._chunk, len(self._text) - self._at))
        self._text, self._at = self._text[self._at :] + found, 0
        return bool(found)

    def peek(self) -> str:
        """Return the next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if not self._text[self._at].isspace():
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def take(self, mark: str) -> bool:
        """Pass over a character if it is the next one."""
        found = self.peek() == mark
        self._at += found
        return found

    def expect(self, mark: str) -> None:
        """Pass over a character."""
        if not self.take(mark):
            raise ValueError(f"expected {mark!r}")

    def value(self) -> Any:
        """Decode the next value."""
        self.peek()
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError:
                if not self._more():
                    raise
                continue
            if self._text[end : end + 1] not in _AFTER_VALUE and self._more():
                continue  # a number may go on: 1, 1., 1.5e
            self._at = end
            return value

    def elements(self, key: str) -> Iterator[tuple[str, Any]]:
        """Yield a value, or the elements of a list that is not empty."""
        if not self.take("["):
            yield key, self.value()
            return
        number = 0
        while not self.take("]"):
            yield f"{key}[{number}]", self.value()
            self.take(",")
            number += 1
        if not number:
            yield key, []
