"""Symbolic alleles: which bases they span, and what becomes of a base inside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from lupus_pgx.bounded import is_number
from lupus_pgx.vcf.reach import UNMEASURED, is_segment, mate_of, numbers
from lupus_pgx.vcf.records import RawRecord

ANY_OTHER = frozenset(("<NON_REF>", "<*>", "<X>"))
"""How callers write any other allele: in reference blocks, and beside the alleles of a record."""
SPANNED = frozenset(("*", "<*:DEL>"))
"""How callers write an allele that an upstream deletion took away."""
LOST = "*"
"""Letters of a haplotype without a base at a locus."""
INSERTED, DELETED = "<INS>", "<DEL>"
"""Letters of a haplotype with an insertion or a deletion that starts from the base of a locus."""

LONGEST_CHROMOSOME = 249_250_621
"""Bases of chromosome 1 in GRCh37, the longest one of both builds."""

_BASES = frozenset("ACGT")
_INSERTION = ("<INS", "<DUP:DISPERSED")
_DOUBLED = "<DUP"
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
_STRUCTURE = re.compile(r"<(?:DEL|DUP|INS|INV|CN|BND|TRA|CTX|CPX|STR|TR|VNTR|LOH|ROH|ALU|L1|LINE|SVA|HERV|ME|ITX)")
"""Symbolic ALTs that name a kind of structure."""
_BREAKEND = re.compile(r"([ACGTN.]*)[\[\]][^\[\]]+:\d+[\[\]]([ACGTN.]*)")


def is_symbolic(alt: str) -> bool:
    """Whether an ALT has no sequence: symbolic, a breakend or an allele that is not there."""
    return not alt.isalpha() and (alt in SPANNED or any(sign in alt for sign in "<[]."))


@lru_cache(maxsize=8)
def has_bases(text: str) -> bool:
    """Whether every base of REF or of an ALT is known; every locus asks it of the same record."""
    return _BASES.issuperset(text)


def is_block(record: RawRecord) -> bool:
    """Whether a record is a reference block: no ALT of its own, a real REF base, and no word of copies or structure."""
    return ANY_OTHER.issuperset(record.alts) and has_bases(record.ref) and not is_structural(record)


def end_of_block(record: RawRecord) -> int:
    """Return the last base that a reference block states: REF alone where its END is no place of a chromosome.

    What is damaged may reach further than it should where it tells of a change, and must not where it tells of none.
    """
    stated = record.info("END") or "."
    if stated == "." or (is_number(stated) and int(stated) <= LONGEST_CHROMOSOME):
        return record.end
    return record.pos + len(record.ref) - 1


def is_structural(record: RawRecord) -> bool:
    """Whether INFO or FORMAT speak of copies, repeats or structure: such a record says nothing about single bases."""
    info = record.info
    for key in _INFO_KEYS:
        if info(key) is not None:
            return True
    return counts_copies(record)


def counts_copies(record: RawRecord) -> bool:
    """Whether FORMAT counts copies of a stretch."""
    return not _FORMAT_KEYS.isdisjoint(record.formats())


def stretches(record: RawRecord) -> list[tuple[int, int] | None]:
    """Return the first and last base that each symbolic ALT of a record spans; None for the others.

    The last base is the furthest of REF, INFO/END and INFO/SVLEN; where none says more, a deletion, duplication or
    inversion is taken to be long. POS is the base before the event, but its first base where copies are counted, where
    REF is not known, and of insertions and duplications, which come between the bases on both sides of them. A breakend
    spans what lies between it and its mate.
    """
    if not any(map(is_symbolic, record.alts)):
        return [None] * len(record.alts)
    reach = record.pos + len(record.ref) - 1
    start = record.pos if counts_copies(record) or not has_bases(record.ref) else record.pos + 1
    stated = numbers(record.info("END") or ".")
    end = max([reach, *(number for number in stated if number is not None)])
    lengths = numbers(record.info("SVLEN") or ".")
    found: list[tuple[int, int] | None] = []
    for number, alt in enumerate(record.alts):
        if alt in ANY_OTHER or is_unreadable(alt, record.ref):
            found.append(None)
        elif alt in SPANNED:
            found.append((record.pos, reach))
        elif not is_symbolic(alt):
            found.append(None)
        elif not alt.startswith("<"):
            found.append(_between(record, alt, reach))
        else:
            length = abs(_of_alt(lengths, number) or 0)
            if alt.startswith(_INSERTION):
                found.append((record.pos, max(end, reach + 1)))
                continue
            last = max(end, record.pos + length)
            if last == reach and is_segment(alt):
                last = record.pos + UNMEASURED
            found.append((record.pos if alt.startswith(_DOUBLED) else start, last))
    return found


def _between(record: RawRecord, alt: str, reach: int) -> tuple[int, int]:
    """Return what a breakend spans: what it takes away, or its own base and what lies up to its mate."""
    mate = mate_of(alt, record.chrom)
    if mate is None:
        return record.pos, reach
    first, last = sorted((record.pos, mate))
    return (first + 1, last - 1) if takes_away(alt, record.pos, mate) else (first, last)


def takes_away(alt: str, pos: int, mate: int) -> bool:
    """Whether a breakend joins two places of a contig in their order, so that what lies between them is lost."""
    return (alt.endswith("[") and not alt.startswith("[") and mate > pos) or (
        alt.startswith("]") and not alt.endswith("]") and mate < pos
    )


def is_unreadable(alt: str, ref: str) -> bool:
    """Whether an ALT is neither bases, nor a kind of structure, a breakend or an allele that is not there."""
    if alt == ref:
        return True
    if alt in ANY_OTHER or alt in SPANNED:
        return False
    if not is_symbolic(alt):
        return not has_bases(alt)
    if alt.startswith("<"):
        return _STRUCTURE.match(alt) is None
    if "[" in alt or "]" in alt:
        return _BREAKEND.fullmatch(alt) is None
    # A single breakend goes on from the base of REF.
    return not (alt.endswith(".") and alt[:1] == ref[:1]) and not (alt.startswith(".") and alt[-1:] == ref[-1:])


def _of_alt(lengths: Sequence[int | None], number: int) -> int | None:
    if number < len(lengths):
        return lengths[number]
    return lengths[0] if len(lengths) == 1 else None


def letters_within(alt: str) -> str:
    """Return what a base within an ALT reads as: lost in a deletion, else the symbol itself."""
    if "[" in alt or "]" in alt or alt.startswith(".") or alt.endswith("."):
        return "<BND>"
    return LOST if alt in SPANNED or alt.startswith(_DELETION) else alt
