"""Symbolic alleles: which bases they span, and what becomes of a base inside."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lupus_pgx.vcf.records import RawRecord

ANY_OTHER = frozenset(("<NON_REF>", "<*>", "<X>"))
"""How callers write any other allele: in reference blocks, and beside the alleles of a record."""
SPANNED = frozenset(("*", "<*:DEL>"))
"""How callers write an allele that an upstream deletion took away."""
LOST = "*"
"""Letters of a haplotype without a base at a locus."""

_BASES = frozenset("ACGT")
_INSERTION = ("<INS", "<DUP:DISPERSED")
_DELETION = ("<DEL", "<CN0>")
_INFO_KEYS = (
    "SVTYPE",
    "SVLEN",
    "SVMETHOD",
    "SVCLAIM",
    "CNVLEN",
    "CN",
    "CICN",
    "CIPOS",
    "CIEND",
    "EVENT",
    "REPID",
    "RUS",
)
_FORMAT_KEYS = frozenset(("CN", "CNQ", "CNL", "CNP", "CNF", "CNLP", "CICN", "RDCN", "REPCN", "REPCI"))
_NUMBER = re.compile(r"-?\d+")


def is_symbolic(alt: str) -> bool:
    """Whether an ALT has no sequence: symbolic, a breakend or an allele that is not there."""
    return alt in SPANNED or any(sign in alt for sign in "<[].")


def has_bases(ref: str) -> bool:
    """Whether every base of REF is known."""
    return _BASES.issuperset(ref)


def is_block(record: RawRecord) -> bool:
    """Whether a record is a reference block: no ALT of its own, a real REF base, and no word of copies or structure."""
    return ANY_OTHER.issuperset(record.alts) and has_bases(record.ref) and not is_structural(record)


def is_structural(record: RawRecord) -> bool:
    """Whether INFO or FORMAT speak of copies, repeats or structure: such a record says nothing about single bases."""
    return any(record.info(key) is not None for key in _INFO_KEYS) or counts_copies(record)


def counts_copies(record: RawRecord) -> bool:
    """Whether FORMAT counts copies of a stretch."""
    return not _FORMAT_KEYS.isdisjoint(record.formats())


def stretches(record: RawRecord) -> list[tuple[int, int] | None]:
    """Return the first and last base that each symbolic ALT of a record spans; None for the others.

    The last base is the furthest of REF, INFO/END and INFO/SVLEN. POS is the base before the event, but
    its first base where copies are counted or REF is not known.
    """
    reach = record.pos + len(record.ref) - 1
    start = record.pos if counts_copies(record) or not has_bases(record.ref) else record.pos + 1
    stated = _numbers(record.info("END"))
    end = max([reach, *(number for number in stated if number is not None)])
    lengths = _numbers(record.info("SVLEN"))
    found: list[tuple[int, int] | None] = []
    for number, alt in enumerate(record.alts):
        if alt in ANY_OTHER:
            found.append(None)
        elif alt in SPANNED:
            found.append((record.pos, reach))
        elif not is_symbolic(alt):
            found.append(None)
        elif not alt.startswith("<"):
            found.append(None)  # a breakend joins two places: no base lies within it
        else:
            length = _of_alt(lengths, number)
            long = 0 if length is None or alt.startswith(_INSERTION) else abs(length)
            found.append((start, max(end, record.pos + long)))
    return found


def _of_alt(lengths: Sequence[int | None], number: int) -> int | None:
    if number < len(lengths):
        return lengths[number]
    return lengths[0] if len(lengths) == 1 else None


def _numbers(text: str | None) -> list[int | None]:
    """Return the numbers of an INFO field; None where one is missing."""
    if text is None:
        return []
    found = (_NUMBER.search(part) for part in text.split(","))
    return [None if match is None else int(match[0]) for match in found]


def letters_within(alt: str) -> str:
    """Return what a base within an ALT reads as: lost in a deletion, else the symbol itself."""
    return LOST if alt in SPANNED or alt.startswith(_DELETION) else alt
