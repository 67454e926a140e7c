"""Counts of reads by what they show at a place of the genome."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pysam

MIN_BASE_QUALITY = 20
"""Phred quality below which a base is not looked at."""
MIN_MAPPING_QUALITY = 20
"""Phred quality below which a read may lie elsewhere: it is counted apart."""
REACH = 5
"""Bases on either side of an insertion or deletion that a read must reach beyond it."""

_NOT_USED = 0x4 | 0x100 | 0x200 | 0x400 | 0x800  # unmapped, secondary, failed, duplicate, supplementary
_NOT_STATED = 255  # mapping quality that the aligner does not give
_TOGETHER = 2000  # places this near to each other are read in one go
_ALIGNED, _INSERTED, _DELETED, _SKIPPED, _CLIPPED = (0, 7, 8), 1, 2, 3, 4
_MASK = "N"


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a contig, and the sequences that reads are told apart by.

    Attributes
    ----------
    contig : str
        As the file names it.
    start, end : int
        First and last base, 1-based, closed.
    spelled : tuple of str
        Sequence of each allele from ``start`` to ``end``, that of one base where ``start`` is ``end``.
    single : bool
        One base: no allele changes the length.
    """

    contig: str
    start: int
    end: int
    spelled: tuple[str, ...]
    single: bool


@dataclass(slots=True)
class Counts:
    """Fragments at a place by what they show; a pair of reads that overlap is one fragment.

    Attributes
    ----------
    alleles : Counter of int
        Fragments by the number of the allele.
    others : Counter of str
        Fragments with another base, by base; ``-`` for a lost base or another sequence.
    blurred : int
        Fragments whose bases are below ``MIN_BASE_QUALITY`` or whose two reads differ.
    unplaced : int
        Reads below ``MIN_MAPPING_QUALITY``.
    """

    alleles: Counter[int] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    blurred: int = 0
    unplaced: int = 0

    @property
    def depth(self) -> int:
        """Fragments that show something."""
        return self.alleles.total() + self.others.total()

    def add(self, more: Counts) -> None:
        """Add the counts of another file of the same sample."""
        self.alleles.update(more.alleles)
        self.others.update(more.others)
        self.blurred += more.blurred
        self.unplaced += more.unplaced


_Shown = int | str | None
"""What a read shows: the number of an allele, another base, or nothing that can be used."""


def stretches(places: Sequence[Place]) -> Iterator[list[int]]:
    """Yield the numbers of places that are read in one go, in the order of their start."""
    group: list[int] = []
    last = 0
    for number in sorted(range(len(places)), key=lambda item: (places[item].contig, places[item].start)):
        place = places[number]
        if group and (place.contig != places[group[-1]].contig or place.start > last + _TOGETHER):
            yield group
            group = []
        last = max(place.end, last) if group else place.end
        group.append(number)
    if group:
        yield group


class Tally:
    """Counts what the reads of one sample show at places of one contig.

    Parameters
    ----------
    places : sequence of Place
        In the order of their start.
    """

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places
        self._starts = [place.start for place in places]
        self._counts = [Counts() for _ in places]
        self._shown: list[dict[str, _Shown]] = [{} for _ in places]

    def look(self, read: pysam.AlignedSegment) -> None:
        """Let a read speak at the places that it covers."""
        end = read.reference_end
        if read.flag & _NOT_USED or end is None:
            return
        placed = MIN_MAPPING_QUALITY <= read.mapping_quality < _NOT_STATED
        for number in range(bisect_left(self._starts, read.reference_start + 1), len(self._places)):
            place = self._places[number]
            if place.start > end:
                break
            if not _reaches(read, place):
                continue
            if placed:
                _vote(self._shown[number], read, place)
            else:
                self._counts[number].unplaced += 1

    def counts(self) -> list[Counts]:
        """Return the counts at each place; asked once, after all reads."""
        for count, votes in zip(self._counts, self._shown, strict=True):
            _add(count, votes.values())
        return self._counts


def _add(count: Counts, votes: Iterable[_Shown]) -> None:
    """Add what fragments show: one that contradicts itself, an allele of the place, or something else."""
    for vote in votes:
        if vote is None:
            count.blurred += 1
        elif isinstance(vote, int):
            count.alleles[vote] += 1
        else:
            count.others[vote] += 1


def _reaches(read: pysam.AlignedSegment, place: Place) -> bool:
    """Whether a read covers a place, and enough of what stands beside an insertion or deletion."""
    beyond = 0 if place.single else REACH
    return read.reference_start < place.start - beyond and (read.reference_end or 0) >= place.end + beyond


def _vote(votes: dict[str, _Shown], read: pysam.AlignedSegment, place: Place) -> None:
    """Let a read speak for its fragment; two reads of one fragment that differ say nothing."""
    text = _sequence(read, place)
    if text is None:
        return
    name = read.query_name or ""
    seen = _seen(text, place)
    if name in votes and votes[name] is not None and seen is not None and votes[name] != seen:
        votes[name] = None
        return
    if votes.get(name) is None and (name not in votes or seen is not None):
        votes[name] = seen


def _sequence(read: pysam.AlignedSegment, place: Place) -> str | None:
    """Return what a read has from the first base of a place to the last, bases of low quality masked.

    None where the read skips the place (spliced) or states no bases; empty where it lacks the place.
    """
    sequence, qualities = read.query_sequence, read.query_qualities
    bounds = _bounds(read.cigartuples or [], read.reference_start, place.start - 1, place.end - 1)
    if bounds is None or sequence is None:
        return None
    begin, behind = bounds
    if place.single:
        behind = None if begin is None else begin + 1
    if begin is None or behind is None:
        return ""
    if qualities is None:
        return _MASK * (behind - begin)
    return "".join(
        sequence[number] if qualities[number] >= MIN_BASE_QUALITY else _MASK for number in range(begin, behind)
    )


def _bounds(
    cigar: Sequence[tuple[int, int]], start: int, first: int, last: int
) -> tuple[int | None, int | None] | None:
    """Return where in a read the first base of a stretch stands, and the base behind its last one (0-based)."""
    query, reference = 0, start
    begin: int | None = None
    behind: int | None = None
    for operation, length in cigar:
        if operation in _ALIGNED:
            if reference <= first < reference + length:
                begin = query + first - reference
            if reference <= last + 1 < reference + length:
                behind = query + last + 1 - reference
            query, reference = query + length, reference + length
        elif operation in (_INSERTED, _CLIPPED):
            query += length
        elif operation in (_DELETED, _SKIPPED):
            if operation == _SKIPPED and reference <= last + 1 and first < reference + length:
                return None
            reference += length
    return begin, behind


def _seen(text: str, place: Place) -> _Shown:
    """Return which allele a sequence is, allowing for errors in long ones."""
    if text in place.spelled:
        return place.spelled.index(text)
    masked = text.count(_MASK)
    if masked and 2 * masked >= len(text):
        return None
    if place.single:
        return text or "-"
    alike = sorted(
        (sum(one not in (other, _MASK) for one, other in zip(text, spelled, strict=True)), number)
        for number, spelled in enumerate(place.spelled)
        if len(spelled) == len(text)
    )
    if not alike or alike[0][0] > max(1, len(text) // 10):
        return "-"
    if len(alike) > 1 and alike[0][0] == alike[1][0]:
        return None
    return alike[0][1]
