"""One spelling for each variant: trimmed, left-aligned against the context a locus ships."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """What an alternative allele does to the genome.

    Attributes
    ----------
    pos : int
        First affected base, 1-based; for an insertion the base it stands before.
    deleted : str
        Bases removed.
    inserted : str
        Bases put in their place.
    """

    pos: int
    deleted: str
    inserted: str

    @property
    def end(self) -> int:
        """Last affected base; ``pos - 1`` for an insertion."""
        return self.pos + len(self.deleted) - 1

    @property
    def is_indel(self) -> bool:
        """Whether the length changes."""
        return len(self.deleted) != len(self.inserted)

    def touches(self, start: int, end: int) -> bool:
        """Whether a base of ``start..end`` (1-based, closed) is removed or replaced."""
        return bool(self.deleted) and self.pos <= end and self.end >= start


@dataclass(frozen=True, slots=True)
class Flank:
    """Known genome sequence around a locus.

    Attributes
    ----------
    start : int
        Position of its first base, 1-based.
    sequence : str
        Upper-case bases.
    """

    start: int
    sequence: str

    @property
    def end(self) -> int:
        """Position of the last base."""
        return self.start + len(self.sequence) - 1

    def base(self, pos: int) -> str:
        """Return the base at a position, or an empty string outside the context."""
        offset = pos - self.start
        return self.sequence[offset] if 0 <= offset < len(self.sequence) else ""

    def agrees_with(self, pos: int, ref: str) -> bool:
        """Whether a REF string that starts at ``pos`` equals the context where both are known."""
        first, last = max(pos, self.start), min(pos + len(ref) - 1, self.end)
        known = self.sequence[first - self.start : max(0, last + 1 - self.start)]
        return first > last or known == ref[first - pos : last + 1 - pos]


def normalise(pos: int, ref: str, alt: str, context: Flank | None = None) -> Change:
    """Return the one spelling of a VCF allele.

    Parameters
    ----------
    pos : int
        POS of the record, 1-based.
    ref, alt : str
        REF and one ALT, upper case.
    context : Flank, optional
        Sequence within which an indel may be shifted to the left.

    Returns
    -------
    Change
        Trimmed of shared suffix and prefix; indels as far to the left as the context shows.

    Examples
    --------
    >>> normalise(10, "AGGAGTC", "AGGAGTCGGAGTC")
    Change(pos=17, deleted='', inserted='GGAGTC')
    >>> normalise(10, "AGGAGTC", "AGGAGTCGGAGTC", Flank(10, "AGGAGTC"))
    Change(pos=11, deleted='', inserted='GGAGTC')
    """
    start = 0
    shorter = min(len(ref), len(alt))
    while start < shorter and ref[start] == alt[start]:
        start += 1
    tail = 0
    while tail < shorter - start and ref[len(ref) - 1 - tail] == alt[len(alt) - 1 - tail]:
        tail += 1
    change = Change(pos + start, ref[start : len(ref) - tail], alt[start : len(alt) - tail])
    if context is None or bool(change.deleted) == bool(change.inserted):
        return change
    return _shift_left(change, pos, ref, context)


def _shift_left(change: Change, ref_start: int, ref: str, context: Flank) -> Change:
    sequence = change.deleted or change.inserted
    pos = change.pos
    while True:
        before = context.base(pos - 1)
        if not before and 0 <= pos - 1 - ref_start < len(ref):
            before = ref[pos - 1 - ref_start]
        if not before or before != sequence[-1]:
            break
        sequence = sequence[-1] + sequence[:-1]
        pos -= 1
    return Change(pos, sequence, "") if change.deleted else Change(pos, "", sequence)
