"""Insertions and deletions of one haplotype that together spell a listed allele.

Some callers write a run of substitutions as an insertion and a deletion nearby. Where phase, or two equal alleles,
put both on one haplotype, they are read as the one change that they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lupus_pgx.encoded import Index, combine
from lupus_pgx.genotypes.builds import AROUND
from lupus_pgx.genotypes.codes import MISSING, PhaseArray
from lupus_pgx.genotypes.column import Column, States
from lupus_pgx.genotypes.model import Genotypes, letter_code
from lupus_pgx.genotypes.observations import Observation, statuses
from lupus_pgx.genotypes.readings import Name, Speech
from lupus_pgx.genotypes.stretches import LOST, has_bases, is_symbolic
from lupus_pgx.knowledge.loci import Site
from lupus_pgx.knowledge.variants import Change, normalise
from lupus_pgx.terms import LocusStatus
from lupus_pgx.vcf.records import Genotyped, RawRecord

_LONGEST = 40  # bases of an ALT or REF that is still small

Key = tuple[str, int, str, tuple[str, ...]]
Cells = Callable[[RawRecord], tuple[Genotyped, PhaseArray]]


def key_of(record: RawRecord) -> Key:
    """Return what tells a record from others."""
    return record.chrom, record.pos, record.ref, record.alts


def is_small_indel(record: RawRecord) -> bool:
    """Whether an ALT of a record inserts or deletes a few bases."""
    if not record.alts or not has_bases(record.ref) or any(map(is_symbolic, record.alts)):
        return False
    return max(map(len, (record.ref, *record.alts))) <= _LONGEST and any(
        len(alt) != len(record.ref) for alt in record.alts
    )


@dataclass(frozen=True, slots=True)
class Spelled:
    """What several records together say about a locus, and which records those are."""

    observation: Observation
    members: frozenset[Key]


class Speller:
    """Collects small insertions and deletions that lie close together.

    Parameters
    ----------
    genotypes : Genotypes
    cells : callable
        Returns the genotype columns of a record, and the phase set of each of its words.
    """

    def __init__(self, genotypes: Genotypes, cells: Cells) -> None:
        self._genotypes = genotypes
        self._cells = cells
        self._group: list[RawRecord] = []
        self._chrom = ""
        self.found: dict[int, list[Spelled]] = {}

    def add(self, chrom: str, record: RawRecord) -> None:
        """Look at a record; records come in the order of the file."""
        if not is_small_indel(record):
            return
        last = self._group[-1] if self._group else None
        if last is None or chrom != self._chrom or not 0 <= record.pos - last.pos <= AROUND + len(last.ref):
            self.finish()
        self._chrom = chrom
        self._group.append(record)

    def finish(self) -> None:
        """Join the records collected so far."""
        group, self._group = self._group, []
        # A record by itself is read where its locus is; only several together may spell what none of them does.
        if len(group) < 2:
            return
        first, last = group[0].pos, max(record.pos + len(record.ref) for record in group)
        build = self._genotypes.build
        sites = {
            number: locus.sites[build]
            for number, locus in enumerate(self._genotypes.loci)
            if locus.sites[build].chrom == self._chrom and first - AROUND <= locus.sites[build].pos <= last + AROUND
        }
        if sites:
            self._join(group, sites)

    def _join(self, group: Sequence[RawRecord], sites: dict[int, Site]) -> None:
        bases = {
            site.context.start + at: base for site in sites.values() for at, base in enumerate(site.context.sequence)
        }
        for record in group:
            bases |= {record.pos + at: base for at, base in enumerate(record.ref)}
        changes = [[None, *(normalise(record.pos, record.ref, alt) for alt in record.alts)] for record in group]
        cells = [self._cells(record) for record in group]
        parts = [(columns.index, len(columns.words)) for columns, _ in cells]
        example, index = combine(parts, len(self._genotypes.sample_ids))
        haplotypes = []
        for sample in example.tolist():
            pairs = []
            for (columns, phase), here in zip(cells, changes, strict=True):
                word = int(columns.index[sample])
                pairs.append((columns.words[word].tolist(), int(phase[word]), here))
            haplotypes.append(_haplotypes(pairs))
        told = {
            number: [None if found is None else _at_site(site, found, bases) for found in haplotypes]
            for number, site in sites.items()
        }
        # What spells an allele at one locus is one change at all of them.
        joined = [
            any(here[place] is not None and here[place].listed for here in told.values())  # type: ignore[union-attr]
            for place in range(len(haplotypes))
        ]
        members = frozenset(map(key_of, group))
        for number, items in told.items():
            kept = [item if use else None for item, use in zip(items, joined, strict=True)]
            if any(joined):
                observation = self._observation(number, kept, index, group[0])
                self.found.setdefault(number, []).append(Spelled(observation, members))

    def _observation(self, number: int, told: Sequence[_AtSite | None], index: Index, record: RawRecord) -> Observation:
        """Put what was spelled in the form of a record; of the others it says nothing."""
        reference = self._genotypes.loci[number].sites[self._genotypes.build].reference_code
        alleles = np.full((len(told), 2), MISSING, np.int16)
        words = np.zeros((len(told), 2), np.int32)
        phase = np.zeros(len(told), np.int64)
        names: list[Name | None] = [None]
        for place, item in enumerate(told):
            if item is None:
                continue
            phase[place] = item.phase
            for side, (code, name) in enumerate(item.halves):
                alleles[place, side] = letter_code(self._genotypes, number, code)
                if name is not None and name not in names:
                    names.append(name)
                words[place, side] = names.index(name) if alleles[place, side] != reference else 0
        status = statuses(alleles)
        status[[item is None for item in told]] = LocusStatus.NO_RECORD.code
        place_name = f"{record.chrom}:{record.pos}"
        column = Column(States(alleles, phase, status), index)
        return Observation(column, words, tuple(names), Speech.STATES, place=place_name)


_Spelled = tuple[int | str, Name | None]
"""Code or letters of a haplotype at a site, and which change that is."""


@dataclass(frozen=True, slots=True)
class _AtSite:
    """What both haplotypes are at a site; ``listed`` says whether several changes together spell an allele of it."""

    halves: tuple[_Spelled, _Spelled]
    listed: bool
    phase: int


@dataclass(frozen=True, slots=True)
class _Haplotypes:
    """Changes of both haplotypes, and the phase set that says so."""

    changes: tuple[tuple[Change, ...], tuple[Change, ...]]
    phase: int


def _haplotypes(pairs: Sequence[tuple[list[int], int, Sequence[Change | None]]]) -> _Haplotypes | None:
    """Put the changes of some records on two haplotypes, or return None where that is not known."""
    sides: tuple[list[Change], list[Change]] = ([], [])
    sets = set()
    for words, phase, changes in pairs:
        if not all(0 <= word < len(changes) for word in words):
            return None
        carried = [changes[word] for word in words]
        if carried[0] != carried[1]:
            sets.add(phase)
        for side, change in zip(sides, carried, strict=True):
            if change is not None:
                side.append(change)
    several = max(map(len, sides)) > 1
    # One heterozygous record needs no phase; more of them need one set.
    het = sum(words[0] != words[1] for words, _, _ in pairs)
    # On which haplotypes changes of different phase sets lie is not known: to join them would be a guess.
    if not several or len(sets) > 1 or (het > 1 and sets == {0}):
        return None
    first, second = (tuple(sorted(side, key=lambda change: (change.pos, change.end))) for side in sides)
    return _Haplotypes((first, second), sets.pop() if sets else 0)


def _at_site(site: Site, found: _Haplotypes, bases: dict[int, str]) -> _AtSite:
    first, second = (_spelled(site, changes, bases) for changes in found.changes)
    listed = any(
        len(changes) > 1 and isinstance(half[0], int) and half[0] != site.reference_code
        for changes, half in zip(found.changes, (first, second), strict=True)
    )
    return _AtSite((first, second), listed, found.phase)


def _spelled(site: Site, changes: Sequence[Change], bases: dict[int, str]) -> _Spelled:
    """Return what a haplotype is at a site."""
    first, last = site.pos, site.pos + len(site.ref) - 1
    whole = _one_change(changes, bases) if len(changes) > 1 else next(iter(changes), None)
    if whole is None or whole.is_indel:
        # Callers place an indel anywhere in a repeat: only its leftmost form can be compared with the table's.
        aligned = None if whole is None else normalise(whole.pos, whole.deleted, whole.inserted, site.context)
        if aligned is not None and aligned in site.codes:
            return site.codes[aligned], aligned
        lost = any(change.touches(first, last) for change in changes)
        return (LOST, LOST) if lost else (site.reference_code, None)
    if site.is_indel or not whole.touches(first, last):
        return site.reference_code, None
    letter = whole.inserted[first - whole.pos]
    return (site.letters.index(letter) if letter in site.letters else letter), whole


def _one_change(changes: Sequence[Change], bases: dict[int, str]) -> Change | None:
    """Return some changes as one, or None if they overlap or a base between them is not known."""
    start, end = changes[0].pos, max(change.end for change in changes)
    place, text = start, ""
    for change in changes:
        if change.pos < place:
            return None
        between = [bases.get(at, "") for at in range(place, change.pos)]
        if not all(between):
            return None
        text += "".join(between) + change.inserted
        place = change.end + 1
    reference = "".join(bases.get(at, "") for at in range(start, end + 1))
    if len(reference) != end - start + 1:
        return None
    whole = normalise(start, reference, text)
    if len(whole.deleted) == len(whole.inserted):
        return Change(start, reference, text)
    return whole


def without(observation: Observation, spelled: Observation) -> Observation:
    """Take back what a record says of those of whom several records together say more."""
    told = spelled.column.states.status != LocusStatus.NO_RECORD.code
    joined = spelled.column.spread(told)
    column = observation.column
    example, index = combine([(column.index, len(column.states)), (joined.view(np.uint8), 2)], len(joined))
    states = column.states.take(column.index[example])
    gone = joined[example]
    states.status[gone] = LocusStatus.NO_RECORD.code
    states.doubt[gone] = 0
    words = observation.words[column.index[example]].copy()
    words[gone] = MISSING
    return replace(observation, column=Column(states, index), words=words)
