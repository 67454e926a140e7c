"""What a record that merely spans a locus takes from those who carry it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lupus_pgx.encoded import combine
from lupus_pgx.genotypes.codes import ABSENT_COPY, MISSING, UNEXPECTED
from lupus_pgx.genotypes.joining import Half, Joined, Said, explains, own_deletions, plain, said_of, without_spanned
from lupus_pgx.genotypes.model import Genotypes, letter_code
from lupus_pgx.genotypes.observations import Observation
from lupus_pgx.genotypes.stretches import LOST, SPANNED
from lupus_pgx.terms import LocusStatus

_UNKNOWN: Half = (MISSING, None)
_UNUSED = frozenset(
    status.code
    for status in LocusStatus
    if status not in (LocusStatus.OBSERVED, LocusStatus.HALF_CALL, LocusStatus.UNEXPECTED_ALLELE, LocusStatus.NO_RECORD)
)


def take_away(genotypes: Genotypes, locus: int, observation: Observation) -> None:
    """Make a locus uncertain for those who carry what spans it.

    Parameters
    ----------
    genotypes : Genotypes
        Changed in place: the records of the locus itself are joined.
    locus : int
    observation : Observation
        Of a record that spans the locus.
    """
    spanning = Joined.of(observation)
    carried = [_carried(said) for said in spanning.said]
    if not any(carried):
        return
    old = plain(genotypes.columns[locus])
    parts = [(old.index, len(old.said)), (spanning.index, len(spanning.said))]
    example, index = combine(parts, len(old.index))
    reference = genotypes.loci[locus].sites[genotypes.build].reference_code
    lost = letter_code(genotypes, locus, LOST)
    ground: Half = (reference, None)
    own = own_deletions(genotypes, locus, observation)
    _, pos, _, alts = observation.key
    before = not SPANNED.isdisjoint(alts) and pos < genotypes.loci[locus].sites[genotypes.build].pos
    numbers = list(zip(old.index[example].tolist(), spanning.index[example].tolist(), strict=True))
    said = [
        _taken(old.said[first], spanning.said[second], ground, (lost, None))
        if carried[second]
        and not explains(old.said[first], _lost(spanning.said[second]), own)
        and not (before and _stands(old.said[first], spanning.said[second]))
        else old.said[first]
        for first, second in numbers
    ]
    genotypes.columns[locus] = Joined(said, index, frozenset()).column()
    note = f"within a record at {observation.place} that the sample carries"
    marked = np.array(
        [carried[second] and said[place] != old.said[first] for place, (first, second) in enumerate(numbers)]
    )
    for sample in np.flatnonzero(marked[index]).tolist():
        genotypes.sample_notes[locus, sample] = note


def _stands(old: Said, spanning: Said) -> bool:
    """Whether a genotype stands behind a record in which the sample carries nothing but ``*``.

    ``*`` says that an upstream deletion took the base at POS; how far it reaches the record of that deletion says, and
    not the REF of this one, which is as long as another ALT of it needs.
    """
    carried = {name for _, name in spanning.halves if name is not None}
    return carried <= SPANNED and old.status == LocusStatus.OBSERVED.code


def _lost(spanning: Said) -> int:
    return sum(name is not None for _, name in spanning.halves)


def _carried(said: Said) -> bool:
    """Whether a haplotype carries an ALT that spans the locus."""
    return said.status != LocusStatus.NO_RECORD.code and any(name is not None for _, name in said.halves)


def _taken(old: Said, spanning: Said, ground: Half, lost: Half) -> Said:
    """Return what is left of a genotype where a haplotype carries what spans it."""
    if old.status in _UNUSED and not old.doubt:
        return old
    if spanning.status == LocusStatus.FILTERED.code:
        return Said((_UNKNOWN, _UNKNOWN), 0, LocusStatus.FILTERED.code)
    marks = [half for half in spanning.halves if half[1] is not None]
    if any(mark[0] != lost[0] for mark in marks):  # more copies, or another order: on which haplotype is not known
        other = next(mark for mark in marks if mark[0] != lost[0])
        return said_of((other[0], None), _UNKNOWN)
    if len(marks) == 2:
        return said_of(lost, lost)
    # What was weighed was weighed for two copies.
    if old.doubt or old.status == LocusStatus.NO_RECORD.code:
        first, second = (_UNKNOWN if half[1] is None else lost for half in spanning.halves)
        return said_of(first, second, spanning.phase)
    if old.halves[1][0] == ABSENT_COPY:
        return said_of(lost, old.halves[1])
    if lost in old.halves:
        return old  # the record at the locus says it as well
    return _one_lost(old, spanning, ground, lost)


def _one_lost(old: Said, spanning: Said, ground: Half, lost: Half) -> Said:
    if old.phase and old.phase == spanning.phase:
        place = 0 if spanning.halves[0][1] is not None else 1
        if old.halves[place] in (ground, _UNKNOWN):
            halves = [lost, old.halves[1]] if place == 0 else [old.halves[0], lost]
            return said_of(halves[0], halves[1], old.phase)
        return Said((_UNKNOWN, _UNKNOWN), 0, LocusStatus.CONTRADICTORY.code)
    changed = [half for half in old.halves if half not in (ground, _UNKNOWN)]
    if len(changed) == 2 and changed[0] != changed[1]:
        return Said((_UNKNOWN, _UNKNOWN), 0, LocusStatus.CONTRADICTORY.code)
    if changed:
        return said_of(changed[0], lost)
    return said_of(ground if ground in old.halves else _UNKNOWN, lost)


def explain_spanned(genotypes: Genotypes, rows: Mapping[str, Sequence[int]]) -> None:
    """Read a lost base as the genome's where a listed deletion that was read by itself took it away.

    Alleles are defined with the genome's base everywhere else, also where a deletion of their own takes it away.

    Parameters
    ----------
    genotypes : Genotypes
        Changed in place.
    rows : mapping of gene to sequence of int
        Row numbers of the loci of each gene.
    """
    for here in rows.values():
        for row in here:
            if LOST in genotypes.unexpected[row]:
                for other in here:
                    _explain(genotypes, row, other)


def _explain(genotypes: Genotypes, row: int, other: int) -> None:
    site, taking = (genotypes.loci[number].sites[genotypes.build] for number in (row, other))
    first, last = site.pos, site.pos + len(site.ref) - 1
    codes = [code for change, code in taking.codes.items() if change.is_indel and change.touches(first, last)]
    if row == other or not codes:
        return
    lost = UNEXPECTED + genotypes.unexpected[row].index(LOST)
    here, there = plain(genotypes.columns[row]), plain(genotypes.columns[other])
    example, index = combine([(here.index, len(here.said)), (there.index, len(there.said))], len(here.index))
    ground: Half = (site.reference_code, None)
    said = []
    for first_said, second in zip(here.index[example].tolist(), there.index[example].tolist(), strict=True):
        whole, taken = here.said[first_said], there.said[second]
        missing = whole.codes.count(lost)
        enough = 0 < missing <= sum(code in codes for code in taken.codes) and taken.usable
        said.append(without_spanned(whole, (lost, None), ground) if enough else whole)
    genotypes.columns[row] = Joined(said, index, frozenset()).column()
