"""Text and documents that others wrote, within bounds: what has no end, nests without end or is half a character."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from lupus_pgx.errors import SHOWN, InputError, cannot_read, cut

TABLE_BYTES = 200 << 20
"""No table or document of people is larger; a VCF is read as it comes and has no such bound."""

DEEPEST = 40
"""Levels of lists and mappings within each other; no form that is read has ten."""

LONGEST_TEXT = 1_000_000
"""Characters of one text or name in a document."""

_MOST_DIGITS = 400
"""Of a whole number: no float has more, and Python's own refusal advises how to lift its limit."""

_MOST_BITS = 1_330
"""Of a whole number of so many digits."""

_DIGITS_PER_BIT = 0.30103

MOST_VALUES = 5_000_000

_DIGITS = 18
"""As many as a number of 64 bits has at the least."""

_GZIP = b"\x1f\x8b"
_HALVES = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def shown(text: str) -> str:
    r"""Write what moves a cursor, colours, turns the line round or is half a character as its escape.

    Line ends and tabs stay.

    Examples
    --------
    >>> print(shown("a\x1b[31mb"))
    a\x1b[31mb
    """
    return _UNSEEN.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def with_whole_characters(document: Any) -> Any:
    r"""Return plain data in which half characters are written as :func:`shown` writes them: any reader can take it.

    They stand for the bytes of a name of a file or folder that are no UTF-8.

    Examples
    --------
    >>> print(with_whole_characters({"path": ["a\udcff.vcf", 3]}))
    {'path': ['a\\udcff.vcf', 3]}
    """
    if isinstance(document, str):
        return document if document.isascii() else _HALVES.sub(_escaped, document)
    if isinstance(document, Mapping):
        return {with_whole_characters(name): with_whole_characters(value) for name, value in document.items()}
    if isinstance(document, list | tuple):
        return [with_whole_characters(value) for value in document]
    return document


def is_there(path: str | Path) -> bool:
    """Whether a path leads to something; one that cannot even be looked at (too long, a half character) does not."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def is_count(value: object) -> bool:
    """Whether a value is a whole number that can be written; yes and no are none."""
    return isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= _MOST_BITS


def is_number(text: str) -> bool:
    """Whether a text is a whole number in plain digits that is no longer than any place or count in a genome.

    ``str.isdecimal`` takes the digits of all scripts, and any number of them, which ``int`` refuses.
    """
    return 0 < len(text) <= _DIGITS and text.isascii() and text.isdecimal()


def short(text: str, most: int = SHOWN) -> str:
    """Cut a text that stands in a message, and say so."""
    return cut(text, most)


def found_as(value: object, most: int = 100) -> str:
    """Write a value that was found in the place of another, in one line, cut; no value makes this fail.

    Examples
    --------
    >>> found_as("x" * 200, 4), found_as(3), found_as([1, 2]), found_as(10**5000)
    ("'xxxx'... (200 characters)", '3', 'list', 'a whole number of some 5,000 digits')
    """
    if isinstance(value, str):
        return repr(value[:]) if len(value) <= most else f"{value[:most]!r}... ({len(value):,} characters)"
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return f"a whole number of some {round(value.bit_length() * _DIGITS_PER_BIT, -1):,.0f} digits"
    if value is not None and not isinstance(value, bool | int | float | complex | bytes | Decimal | dt.date):
        return type(value).__name__
    return short(" ".join(repr(value).split()), most)


def read_bytes(path: str, what: str, most: int = TABLE_BYTES) -> bytes:
    """Return what a file holds, unpacked where it is compressed by gzip.

    Parameters
    ----------
    path : str
        A file, or a pipe.
    what : str
        What it holds, as :func:`lupus_pgx.errors.cannot_read` says it.
    most : int, optional
        Bytes, unpacked.

    Raises
    ------
    InputMissingError
        If it cannot be read.
    InputError
        If it holds more, or is damaged.
    """
    try:
        with Path(path).open("rb") as file:
            found = _up_to(file, most)
    except (OSError, ValueError) as error:
        raise cannot_read(path, what, error) from error
    if found is not None and found.startswith(_GZIP):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(found)) as packed:
                found = _up_to(packed, most)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{path}: the compressed file is damaged ({error})") from error
    if found is None:
        raise InputError(f"{path}: is too large: the {what} may have {most >> 20} MB, unpacked")
    return found


def _up_to(file: IO[bytes] | gzip.GzipFile, most: int) -> bytes | None:
    """Return all that a file holds; None where that is more than ``most``."""
    found = file.read(most + 1)
    return found if len(found) <= most else None


def read_text(path: str, what: str, most: int = TABLE_BYTES) -> str:
    """Return the text of a file (UTF-8, with or without a byte-order mark), its line ends as Python has them.

    Raises
    ------
    InputMissingError
        If it cannot be read, or is no text.
    InputError
        If it is too large.
    """
    try:
        text = read_bytes(path, what, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise cannot_read(path, what, error) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def whole(digits: str) -> int:
    """Read a whole number.

    Raises
    ------
    ValueError
        If it has more digits than any number that is read.
    """
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number has {len(digits):,} digits")
    return int(digits)


def parse_json(text: str, pairs: Callable[[list[tuple[Any, Any]]], Any] | None = None, *, halves: bool = False) -> Any:
    """Parse JSON that is no deeper and has no longer texts than any form that is read.

    Parameters
    ----------
    text : str
    pairs : callable, optional
        Makes an object of its names and values.
    halves : bool
        Let half characters be: a plan of ours names files by them whose names are no UTF-8.

    Raises
    ------
    ValueError
        If it is no JSON, or not within the bounds.
    """
    try:
        found = json.loads(text, object_pairs_hook=pairs, parse_int=whole)
    except RecursionError:
        raise ValueError(f"lists or mappings lie in each other more than {DEEPEST} deep") from None
    check_document(found, halves=halves)
    return found


def check_document(document: Any, longest: int = LONGEST_TEXT, *, halves: bool = False) -> None:
    """Refuse what no form needs.

    Raises
    ------
    ValueError
        If it is deeper than ``DEEPEST``, holds more than ``MOST_VALUES`` values, a text longer than ``longest``,
        a number longer than any that is read or, unless they are let be, half a character.
    """
    left = MOST_VALUES
    # A list that is not yet looked through, for each level: no recursion, and no memory where a list holds itself.
    levels = [iter([document])]
    while levels:
        value = next(levels[-1], _END)
        if value is _END:
            levels.pop()
            continue
        left -= 1
        if left < 0:
            raise ValueError(f"more than {MOST_VALUES:,} values")
        if isinstance(value, str):
            check_text(value, longest, halves=halves)
        elif isinstance(value, int) and value.bit_length() > _MOST_BITS:
            raise ValueError(found_as(value))
        elif isinstance(value, dict | list | tuple):
            if len(levels) > DEEPEST:
                raise ValueError(f"lists or mappings lie in each other more than {DEEPEST} deep")
            levels.append(_inside(value))


_END = object()


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield item
    else:
        yield from value


def check_text(text: str, longest: int = LONGEST_TEXT, *, halves: bool = False) -> None:
    """Refuse a text that is too long or holds half a character.

    Raises
    ------
    ValueError
        With the reason.
    """
    if len(text) > longest:
        raise ValueError(f"a text of {len(text):,} characters")
    if not halves and not text.isascii() and _HALVES.search(text) is not None:
        raise ValueError(f"half a character (a surrogate) in {text[:SHOWN]!r}")


def make_folder(path: Path) -> None:
    """Make a folder and those above it, however many: ``mkdir(parents=True)`` calls itself for each."""
    for folder in (*reversed(path.parents), path):
        if folder == path or not folder.is_dir():
            folder.mkdir(exist_ok=True)


def waits(path: str | Path) -> bool:
    """Say whether something lies here that is no file, such as a pipe: to open it may wait for ever."""
    return Path(path).exists() and not Path(path).is_file()


def found_file(path: Path) -> Path:
    """Return a file that is looked for in a folder. A pipe that is named is waited for; one that lies there is not.

    Raises
    ------
    ValueError
        If something else lies there.
    """
    if waits(path):
        raise ValueError(f"{path.name} is no file")
    return path
