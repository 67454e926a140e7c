"""Which loci a record speaks about, and what its alleles say of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from lupus_pgx.genotypes.fasta import REACH, ReferenceGenome
from lupus_pgx.knowledge.loci import Site
from lupus_pgx.knowledge.variants import Change, Flank, normalise
from lupus_pgx.vcf.records import RawRecord

_ANY_OTHER = ("<NON_REF>", "<*>")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a record's allele numbers mean at one locus.

    ``codes[i]`` is the allele code of VCF allele ``i``, or the letters of an unexpected allele;
    ``mismatch`` says that REF is not the base of the build.
    """

    codes: tuple[int | str, ...]
    mismatch: bool = False

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
    """

    pos: int
    end: int
    ref: str
    named: tuple[str, ...]
    changes: tuple[Change | None, ...]
    listed: frozenset[Change]


def spell(
    pos: int, end: int, ref: str, alts: Sequence[str], sites: Sequence[Site], genome: Flank | None = None
) -> RecordAlleles:
    """Spell each ALT of a record once, as far to the left as the context of a locus nearby or the genome shows."""
    ref = ref.upper()
    named = tuple(alt.upper() for alt in alts if alt != ".")
    contexts = [site.context for site in sites if site.is_indel and site.context.agrees_with(pos, ref)]
    if genome is not None and genome.agrees_with(pos, ref):
        contexts.append(genome)
    changes: list[Change | None] = []
    for alt in named:
        if alt == "*" or any(sign in alt for sign in "<[]"):
            changes.append(None)
        else:
            spellings = [normalise(pos, ref, alt), *(normalise(pos, ref, alt, context) for context in contexts)]
            changes.append(min(spellings, key=lambda change: change.pos))
    listed = frozenset(change for change in changes if change and any(change in site.codes for site in sites))
    return RecordAlleles(pos, end, ref, named, tuple(changes), listed)


def read_alleles(site: Site, record: RecordAlleles) -> Reading | None:
    """Return what the alleles of a record say about a locus, or None if they say nothing.

    A record speaks about a locus if one of its ALTs changes the locus, or if it states no
    ALT at all and starts at the locus or covers it (an explicit reference record).
    """
    pos, ref = record.pos, record.ref
    if not site.context.agrees_with(pos, ref):
        inside = pos <= site.pos <= pos + len(ref) - 1
        return Reading((), mismatch=True) if inside else None
    if all(alt in _ANY_OTHER for alt in record.named):
        covers = pos <= site.pos <= max(record.end, pos + len(ref) - 1)
        return Reading((site.reference_code, *["<NON_REF>"] * len(record.named))) if covers else None
    codes: list[int | str] = [site.reference_code]
    speaks = False
    for alt, change in zip(record.named, record.changes, strict=True):
        if change is None:
            code: int | str | None = _symbolic_code(site, record, alt)
        elif change in record.listed and change not in site.codes:
            code = None
        else:
            code = _allele_code(site, alt, change)
        speaks = speaks or code is not None
        codes.append(site.reference_code if code is None else code)
    return Reading(tuple(codes)) if speaks else None


def _symbolic_code(site: Site, record: RecordAlleles, alt: str) -> str | None:
    """Return the letters of a symbolic ALT at a locus; None if it leaves the locus alone."""
    first, last = site.pos, site.pos + len(site.ref) - 1
    if alt == "*":
        return alt if first <= record.pos <= last else None
    touches = record.pos < first <= record.end or (alt in _ANY_OTHER and record.pos == first)
    return alt if touches else None


def _allele_code(site: Site, alt: str, change: Change) -> int | str | None:
    """Return the code or the letters of one ALT at a locus; None if it leaves the locus alone."""
    first, last = site.pos, site.pos + len(site.ref) - 1
    if change in site.codes:
        return site.codes[change]
    if site.is_indel:
        near = first < change.pos <= site.context.end + 1 and change.end >= first
        deletes = change.touches(first + 1, last)
        return alt if change.is_indel and (near or deletes) else None
    if not change.touches(first, last):
        return None
    if len(change.deleted) == len(change.inserted):
        letter = change.inserted[first - change.pos]
        return site.letters.index(letter) if letter in site.letters else letter
    return "*"


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
        hits = self._overlapping(chrom, record.pos - self.reach, record.end)
        if not hits:
            return {}
        here = [self._sites[number] for number in hits]
        genome = self._genome.context(chrom, record.pos, record.ref) if self._genome else None
        spelled = spell(record.pos, record.end, record.ref, record.alts, here, genome)
        readings = {number: read_alleles(site, spelled) for number, site in zip(hits, here, strict=True)}
        return {number: reading for number, reading in readings.items() if reading is not None}

    def _overlapping(self, chrom: str, start: int, end: int) -> list[int]:
        starts = self._starts.get(chrom)
        if starts is None:
            return []
        first = bisect_left(starts, start - self._longest[chrom])
        last = bisect_right(starts, end)
        return sorted(number for _, stop, number in self._by_chrom[chrom][first:last] if stop >= start)
