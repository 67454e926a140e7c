"""Which loci a record speaks about, and what its alleles say of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from lupus_pgx.genotypes.fasta import REACH, ReferenceGenome
from lupus_pgx.genotypes.stretches import (
    ANY_OTHER,
    DELETED,
    INSERTED,
    LOST,
    SPANNED,
    end_of_block,
    has_bases,
    is_block,
    is_structural,
    is_symbolic,
    is_unreadable,
    letters_within,
    stretches,
)
from lupus_pgx.knowledge.loci import Site
from lupus_pgx.knowledge.variants import Change, Flank, normalise
from lupus_pgx.vcf.reach import LONG
from lupus_pgx.vcf.records import RawRecord

Name = Change | str
"""What tells one ALT from another: its change, or the text of a symbolic one."""


class Speech(Enum):
    """How a record speaks about a locus."""

    STATES = "states"
    """It stands at the locus: carried or not, it says which base is there."""
    CARRIED = "carried"
    """It stands at the locus for those who carry its ALT, and says nothing of others."""
    BLOCK = "block"
    """It is a reference block: it says that nothing else is there, and yields to a record."""
    SPANS = "spans"
    """It merely spans the locus: it says something of those who carry it, and nothing of others."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a record's allele numbers mean at one locus.

    Attributes
    ----------
    codes : tuple of (int or str)
        Allele code of each VCF allele, or the letters of an unexpected allele.
    mismatch : bool
        Whether REF is not the base of the build.
    speech : Speech
    names : tuple of (Name or None)
        Which ALT each VCF allele is; None for REF and for ALTs that leave the locus alone.
    """

    codes: tuple[int | str, ...]
    mismatch: bool = False
    speech: Speech = Speech.STATES
    names: tuple[Name | None, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether an ALT of the record changes the locus."""
        return len(set(self.codes)) > 1


@dataclass(frozen=True, slots=True)
class RecordAlleles:
    """The alleles of a record, with one spelling for each change.

    Attributes
    ----------
    pos, end : int
        First and last base of the record.
    ref : str
    named : tuple of str
        All ALTs.
    changes : tuple of Change or None
        What each ALT does; None for symbolic ALTs, breakends and ``*``.
    listed : frozenset of Change
        Changes that some locus lists. Alleles are defined with the genome's base everywhere
        else, also where a listed deletion takes that base away: elsewhere they say nothing.
    beside : frozenset of Change
        Insertions and deletions that take no base of a locus.
    spans : tuple of (int, int) or None
        First and last base that each symbolic ALT spans.
    block : bool
        Whether it is a reference block.
    structural : bool
        Whether it says something of copies or structure, and names no ALT.
    marked : bool
        Whether INFO or FORMAT speak of copies or structure.
    """

    pos: int
    end: int
    ref: str
    named: tuple[str, ...]
    changes: tuple[Change | None, ...]
    listed: frozenset[Change]
    beside: frozenset[Change]
    spans: tuple[tuple[int, int] | None, ...]
    block: bool
    structural: bool
    marked: bool


def spell(record: RawRecord, sites: Sequence[Site], genome: Flank | None = None) -> RecordAlleles:
    """Spell the alleles of a record so that they can be compared with those of some sites.

    Parameters
    ----------
    record : RawRecord
    sites : sequence of Site
        Loci that the record may speak about.
    genome : Flank, optional
        Genome sequence around the record.
    """
    pos, ref = record.pos, record.ref
    contexts = [site.context for site in sites if site.is_indel and site.context.agrees_with(pos, ref)]
    if genome is not None and genome.agrees_with(pos, ref):
        contexts.append(genome)
    changes: list[Change | None] = []
    for alt in record.alts:
        if is_symbolic(alt) or is_unreadable(alt, ref) or not has_bases(ref):
            changes.append(None)
        else:
            spellings = [normalise(pos, ref, alt), *(normalise(pos, ref, alt, context) for context in contexts)]
            changes.append(min(spellings, key=lambda change: change.pos))
    listed = frozenset(change for change in changes if change and any(change in site.codes for site in sites))
    beside = frozenset(
        change
        for change in changes
        if change
        and change.is_indel
        and not any(change.touches(site.pos, site.pos + len(site.ref) - 1) for site in sites)
    )
    only_other, marked = ANY_OTHER.issuperset(record.alts), is_structural(record)
    block = is_block(record)
    end = end_of_block(record) if block else record.end
    return RecordAlleles(
        pos, end, ref, record.alts, tuple(changes), listed, beside, tuple(stretches(record)),
        block=block, structural=only_other and marked, marked=marked,
    )  # fmt: skip


def read_alleles(site: Site, record: RecordAlleles) -> Reading | None:
    """Return what the alleles of a record say about a locus, or None if they say nothing.

    A record states the base of a locus if one of its ALTs is a change at the locus, or if it is
    a reference block that starts at the locus or covers it. A record with an ALT that takes the locus away
    or rearranges what lies around it spans the locus.
    """
    pos, ref = record.pos, record.ref
    # The REF of a record of structure is not needed to tell what it spans.
    if has_bases(ref) and not site.context.agrees_with(pos, ref) and not _only_spans(record):
        return Reading((), mismatch=True) if _is_mismatch(site, record) else None
    if (
        not has_bases(ref)
        and pos <= _reach(site)
        and site.pos <= pos + len(ref) - 1
        and not all(map(is_symbolic, record.named or ("*",)))
    ):
        # Letters beside a base that is not known: damage, and no word for the genome's base either.
        return Reading((), mismatch=True)
    if record.block:
        return _block(site, record)
    codes: list[int | str] = [site.reference_code]
    names: list[Name | None] = [None]
    states = False
    for alt, change, span in zip(record.named, record.changes, record.spans, strict=True):
        code, at_locus = _code(site, record, alt, change, span)
        states = states or at_locus
        codes.append(site.reference_code if code is None else code)
        names.append(None if code is None else change or alt)
    # A segment that counts copies may have no ALT: its FORMAT says who has how many.
    counted = record.structural and pos <= site.pos <= record.end
    if not states and set(names) == {None} and not counted:
        return None
    speech = Speech.STATES if states else Speech.SPANS
    anchored = not SPANNED.isdisjoint(names) or not {INSERTED, DELETED}.isdisjoint(codes)
    if not states and pos == site.pos and has_bases(ref) and anchored:
        speech = Speech.CARRIED
    return Reading(tuple(codes), speech=speech, names=tuple(names))


def _only_spans(record: RecordAlleles) -> bool:
    """Whether no ALT of a record has letters, and none states a base."""
    structure = record.marked or all(span is not None for span in record.spans)
    return bool(record.named) and structure and all(map(is_symbolic, record.named))


def _is_mismatch(site: Site, record: RecordAlleles) -> bool:
    """Whether a record with another REF than the genome takes in the first base, or changes the length of the locus."""
    last = record.pos + len(record.ref) - 1
    if record.pos <= site.pos <= last:
        return True
    resized = any(not is_symbolic(alt) and len(alt) != len(record.ref) for alt in record.named)
    return site.is_indel and resized and record.pos <= _reach(site) and last >= site.pos


def _reach(site: Site) -> int:
    """Return the last base of a locus: where a sequence repeats itself, a loss or gain further on is one of it."""
    last = site.pos + len(site.ref) - 1
    return max(last, site.context.end) if site.is_indel else last


def _block(site: Site, record: RecordAlleles) -> Reading | None:
    covers = record.pos <= site.pos <= max(record.end, record.pos + len(record.ref) - 1)
    codes: tuple[int | str, ...] = (site.reference_code, *["<NON_REF>"] * len(record.named))
    return Reading(codes, speech=Speech.BLOCK, names=(None, *record.named)) if covers else None


def _code(
    site: Site, record: RecordAlleles, alt: str, change: Change | None, span: tuple[int, int] | None
) -> tuple[int | str | None, bool]:
    """Return the code or letters of one ALT, None if it leaves the locus alone, and whether it is at the locus."""
    first, reach = site.pos, _reach(site)
    code: int | str | None = None
    at_locus = False
    if alt in ANY_OTHER:
        at_locus = record.pos == first and has_bases(record.ref) and not record.structural
        code = alt if at_locus else None
    elif is_unreadable(alt, record.ref):
        # It changes something of all that the record spans. The base is stated where it is one of REF and nothing
        # speaks of copies or structure.
        if record.pos <= reach and record.end >= first:
            code = alt if alt.startswith("<") else f"<{alt}>"
            inside = record.pos <= first < record.pos + len(record.ref)
            at_locus = inside and not record.marked and has_bases(record.ref)
    elif span is not None:
        code = letters_within(alt) if span[0] <= reach and span[1] >= first else None
    elif change is not None and change in site.codes:
        code, at_locus = site.codes[change], True
    elif change is not None and change not in record.listed:
        code = _other_change(site, alt, change)
        at_locus = code not in (None, LOST)
        if code is None and change in record.beside:
            code = _adjoining(site, change)
    return code, at_locus


def _other_change(site: Site, alt: str, change: Change) -> int | str | None:
    """Return the code or the letters of a change that the locus does not list; None if it leaves the locus alone."""
    first, last = site.pos, site.pos + len(site.ref) - 1
    if site.is_indel:
        near = first < change.pos <= site.context.end + 1 and change.end >= first
        if not change.is_indel or not (near or change.touches(first + 1, last)):
            return None
        return alt if change.pos > first else LOST
    if not change.touches(first, last):
        return None
    if len(change.deleted) == len(change.inserted):
        letter = change.inserted[first - change.pos]
        return site.letters.index(letter) if letter in site.letters else letter
    return LOST


def _adjoining(site: Site, change: Change) -> str | None:
    """Return the letters of an insertion or deletion right beside a base; None where it leaves the locus alone.

    One that starts from the base of the locus is an ALT of it which no allele uses, as is a long insertion on either
    side of it.
    """
    if site.is_indel:
        return None
    long = len(change.inserted) - len(change.deleted) >= LONG
    if change.pos == site.pos + 1 or (long and change.pos == site.pos):
        return INSERTED if len(change.inserted) > len(change.deleted) else DELETED
    return None


class LocusFinder:
    """Find the loci that records speak about.

    Parameters
    ----------
    sites : sequence of Site
        Of the panel loci, on one build.
    genome : ReferenceGenome, optional
        Against which indels are aligned; without it the context that each locus ships is used.

    Attributes
    ----------
    reach : int
        Bases beyond a locus at which an indel may be written.
    """

    def __init__(self, sites: Sequence[Site], genome: ReferenceGenome | None = None) -> None:
        self._sites = sites
        self._genome = genome
        # With a genome at hand an indel may be written far to the right of its locus.
        self.reach = REACH if genome is not None else 0
        self._by_chrom: dict[str, list[tuple[int, int, int]]] = {}
        for number, site in enumerate(sites):
            self._by_chrom.setdefault(site.chrom, []).append((site.pos, site.end, number))
        self._starts: dict[str, list[int]] = {}
        self._longest: dict[str, int] = {}
        for chrom, places in self._by_chrom.items():
            places.sort()
            self._starts[chrom] = [pos for pos, _, _ in places]
            self._longest[chrom] = max(end - pos for pos, end, _ in places)

    def readings(self, chrom: str, record: RawRecord) -> dict[int, Reading]:
        """Return what a record says, by the number of the locus.

        Parameters
        ----------
        chrom : str
            Chromosome of the record as loci name it (``chr6``).
        record : RawRecord

        Returns
        -------
        dict of int to Reading
            Empty where the record speaks about no locus.
        """
        hits = self.near(chrom, record.pos - self.reach, record.end)
        if not hits:
            return {}
        here = [self._sites[number] for number in hits]
        genome = self._genome.context(chrom, record.pos, record.ref) if self._genome else None
        spelled = spell(record, here, genome)
        readings = {number: read_alleles(site, spelled) for number, site in zip(hits, here, strict=True)}
        return {number: reading for number, reading in readings.items() if reading is not None}

    def near(self, chrom: str, start: int, end: int) -> list[int]:
        """Return the numbers of the loci that reach into some bases."""
        starts = self._starts.get(chrom)
        if starts is None:
            return []
        first = bisect_left(starts, start - self._longest[chrom])
        last = bisect_right(starts, end)
        return sorted(number for _, stop, number in self._by_chrom[chrom][first:last] if stop >= start)
