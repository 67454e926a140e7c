"""How far a record reaches: by REF, by what INFO says, and by the kind of its ALTs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lupus_pgx.bounded import is_number

Lines = npt.NDArray[np.int64]

FURTHEST = 1 << 40
"""Beyond any chromosome, and still a number that arrays hold."""

UNMEASURED = 1_000_000
"""Bases that a deletion, duplication or inversion is taken to reach whose length is not stated."""

LONG = 50
"""Bases from which an insertion is one of structure."""

_INFO_END = re.compile(r"(?:^|;)END=([^;]*)")
_INFO_SVLEN = re.compile(r"(?:^|;)SVLEN=([^;]*)")
_SEGMENT = re.compile(r"<(?:DEL|DUP(?!:DISPERSED)|INV|CN)", re.IGNORECASE)
_INSERTED = re.compile(r"<(?:INS|DUP:DISPERSED)", re.IGNORECASE)
_MATE = re.compile(r"[\[\]]([^\[\]]+):([0-9]+)[\[\]]")
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


_END = re.compile(rb"[\t;]END=([^;\t\n]*)")
_FAR: tuple[tuple[tuple[bytes, ...], re.Pattern[bytes]], ...] = (
    ((b"SVLEN=",), re.compile(rb"[\t;]SVLEN=")),
    ((b":LEN", b"\tLEN"), re.compile(rb"\t(?:[^\t\n:]+:)*LEN(?=[:\t])")),
    ((b"<",), re.compile(rb"<(?:DEL|DUP|INV|INS|CN|[Dd][Ee][Ll]|[Dd][Uu][Pp]|[Ii][Nn][VvSs]|[Cc][Nn])")),
    ((b"[",), re.compile(rb"\[[^\t\n\[]+:[0-9]+\[")),
    ((b"]",), re.compile(rb"\][^\t\n\]]+:[0-9]+\]")),
)
"""How lines say that their record reaches further than it is long: words that are soon looked for, and patterns."""
REACHING = (b"END=", *(word for words, _ in _FAR for word in words))
"""What a line holds whose record may reach further than it is long."""


def whole_number(text: str) -> int | None:
    """Return the whole number that a text states, also as ``-1e5``; None where it states none.

    Examples
    --------
    >>> whole_number("-1e5"), whole_number("99"), whole_number("."), whole_number("1.82e7")
    (-100000, 99, None, 18200000)
    """
    if is_number(text):
        return min(int(text), FURTHEST)
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    value = float(found[0])
    return int(max(min(value, FURTHEST), -FURTHEST)) if math.isfinite(value) else FURTHEST


def numbers(text: str) -> list[int | None]:
    """Return the numbers of a list in INFO; None where one is missing or not understood."""
    return [whole_number(part) for part in text.split(",")]


def is_segment(alt: str) -> bool:
    """Whether a symbolic ALT takes away, doubles or turns a stretch of bases."""
    return _SEGMENT.match(alt) is not None


def mate_of(alt: str, chrom: str) -> int | None:
    """Return the place to which a breakend joins its own contig; None where it joins another, or none.

    Examples
    --------
    >>> mate_of("A[chr6:900[", "chr6"), mate_of("]6:900]A", "chr6"), mate_of("A[chr7:900[", "chr6")
    (900, 900, None)
    """
    found = _MATE.search(alt)
    same = found is not None and found[1].lower().removeprefix("chr") == chrom.lower().removeprefix("chr")
    return min(int(found[2]), FURTHEST) if found is not None and same else None


def end_of(pos: int, ref: str, info: str, chrom: str = "", alts: Sequence[str] = ()) -> int:
    """Return the last base of a record, from REF, INFO/END, INFO/SVLEN and the kind of its ALTs.

    A breakend reaches to its mate on the same contig, an insertion to the base after it, and a segment whose length
    is not stated ``UNMEASURED`` bases.

    Examples
    --------
    >>> end_of(10, "ACG", "."), end_of(10, "A", "END=99"), end_of(10, "N", "SVTYPE=DEL;SVLEN=-50,.")
    (12, 99, 60)
    >>> end_of(10, "A", "SVLEN=-1e2", "6", ("<DEL>",)), end_of(10, "A", "END=.", "6", ("<DEL>",))
    (110, 1000010)
    >>> end_of(10, "A", ".", "6", ("A[6:90[",)), end_of(10, "A", "SVLEN=300", "6", ("<INS>",))
    (90, 310)
    """
    own = last = pos + len(ref) - 1
    if "END=" in info and (end := _INFO_END.search(info)):
        last = max(last, whole_number(end[1]) or 0)
    if "SVLEN=" in info and (lengths := _INFO_SVLEN.search(info)):
        last = max(last, *(pos + abs(length or 0) for length in numbers(lengths[1])))
    for alt in alts:
        if "<" in alt:
            last = max(last, own + 1) if _INSERTED.match(alt) else last
            last = max(last, pos + UNMEASURED) if last == own and is_segment(alt) else last
        elif "[" in alt or "]" in alt:
            last = max(last, mate_of(alt, chrom) or 0)
        elif len(alt) - len(ref) >= LONG:
            last = max(last, own + 1)
    return min(last, FURTHEST)


def stated_ends(data: bytes, first: int, last: int) -> tuple[Lines, list[int]]:
    """Return where an END stands and which base it states, and where one stands that is no plain number."""
    found, odd = [], []
    for match in _END.finditer(data, first, last):
        if match[1].isdigit():
            found.append((match.start(), min(int(match[1]), FURTHEST)))
        else:
            odd.append(match.start())
    return np.array(found, np.int64).reshape(-1, 2), odd


def far_lines(data: bytes, starts: Lines, end: int) -> list[int]:
    """Return the lines that say by SVLEN, LEN or their ALT how far their record reaches."""
    first = int(starts[0])
    found: list[int] = []
    for words, pattern in _FAR:
        if any(data.find(word, first, end) >= 0 for word in words):
            found += [match.start() for match in pattern.finditer(data, first, end)]
    return np.unique(np.searchsorted(starts, np.array(found, np.int64), "right") - 1).tolist() if found else []
