"""The records of one locus, joined to one genotype of each sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lupus_pgx.encoded import Index, combine, number_keys
from lupus_pgx.genotypes.codes import ABSENT_COPY, MISSING, PHASE_FILE, PHASE_RECORD, PhaseArray, status_table
from lupus_pgx.genotypes.column import Column, States
from lupus_pgx.genotypes.doubt import Doubt
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.genotypes.observations import Observation, statuses
from lupus_pgx.genotypes.readings import Name, Speech
from lupus_pgx.genotypes.stretches import SPANNED
from lupus_pgx.terms import LocusStatus
from lupus_pgx.vcf.records import BoolArray, Genotyped

_IS_USABLE = status_table(
    (
        LocusStatus.OBSERVED,
        LocusStatus.UNEXPECTED_ALLELE,
        LocusStatus.HALF_CALL,
        LocusStatus.DOUBTFUL,
        LocusStatus.IMPUTED,
    )
)
_NO_RECORD, _NO_CALL = LocusStatus.NO_RECORD.code, LocusStatus.NO_CALL.code

Half = tuple[int, Name | None]
"""Allele code of a haplotype, and which ALT it is; None for reference, missing and absent ones."""

_UNKNOWN: Half = (MISSING, None)
_NOT_THERE: Half = (ABSENT_COPY, None)


@dataclass(frozen=True, slots=True)
class Said:
    """What some records say of one sample at one locus."""

    halves: tuple[Half, Half]
    phase: int
    status: int
    doubt: int = 0

    @property
    def codes(self) -> tuple[int, int]:
        """Allele codes of both haplotypes."""
        return self.halves[0][0], self.halves[1][0]

    @property
    def usable(self) -> bool:
        """Whether a haplotype is known."""
        return bool(_IS_USABLE[self.status])

    def count(self, name: Name | None) -> int:
        """Return on how many haplotypes an ALT lies."""
        return sum(half[1] == name for half in self.halves)

    @property
    def unknown(self) -> int:
        """How many haplotypes are not known."""
        return self.codes.count(MISSING)


@dataclass(frozen=True, slots=True)
class Joined:
    """What some records say of all samples at one locus.

    Attributes
    ----------
    said : list of Said
        Distinct ones.
    index : ndarray of unsigned int, shape (samples,)
    named : frozenset of Name
        ALTs that the records name, carried or not.
    """

    said: list[Said]
    index: Index
    named: frozenset[Name]

    @classmethod
    def of(cls, observation: Observation) -> Joined:
        """Return what one record says."""
        states, names = observation.column.states, observation.names
        said = [
            Said(((one, _name(names, first)), (other, _name(names, second))), phase, status, doubt)
            for (one, other), (first, second), phase, status, doubt in zip(
                states.alleles.tolist(),
                observation.words.tolist(),
                states.phase.tolist(),
                states.status.tolist(),
                states.doubt.tolist(),
                strict=True,
            )
        ]
        return cls(said, observation.column.index, frozenset(name for name in names if name is not None))

    def column(self) -> Column:
        """Return the genotypes without the names."""
        states = States(
            np.array([said.codes for said in self.said], np.int16).reshape(-1, 2),
            np.array([said.phase for said in self.said], np.int64),
            np.array([said.status for said in self.said], np.uint8),
            np.array([said.doubt for said in self.said], np.int32),
        )
        return Column(states, self.index)


def _name(names: Sequence[Name | None], word: int) -> Name | None:
    return names[word] if 0 <= word < len(names) else None


def phased_states(record: Genotyped, file_number: int, shared: int) -> tuple[Genotyped, PhaseArray]:
    """Tell genotypes of a record apart by phase set as well.

    Parameters
    ----------
    record : Genotyped
    file_number : int
        Phase sets of different files never join.
    shared : int
        Number of the record if it changes several loci, else 0: alleles of one record lie on
        one haplotype, though the record itself is unphased.

    Returns
    -------
    record : Genotyped
        The same genotypes, with one word for each pair of genotype and phase set.
    phase : ndarray of int, shape (values,)
        By PS where stated, else one set per contig and file; 0 where unphased.
    """
    # The file, then the record or PS, in one number: sets of two files can never be equal.
    base = (file_number + 1) * PHASE_FILE
    together = base + PHASE_RECORD + shared if shared else 0
    if record.phase_sets is None:
        return record, np.where(record.phased, base, together)
    sets = np.maximum(record.phase_sets.astype(np.int64), -1) + 1
    distinct, numbers = number_keys(sets, int(sets.max(initial=0)) + 1)
    example, index = combine([(record.index, len(record.words)), (numbers, len(distinct))], len(sets))
    chosen = record.index[example]
    stated = base + distinct[numbers[example]]
    words, phased = record.words[chosen], record.phased[chosen]
    again = replace(
        record, words=words, phased=phased, index=index, phase_sets=None,
        polyploid=None if record.polyploid is None else record.polyploid[chosen],
    )  # fmt: skip
    return again, np.where(phased, stated, together)


def join_records(genotypes: Genotypes, locus: int, observations: Sequence[Observation]) -> None:
    """Join what the records of a locus state, and enter it.

    Records are joined first; a reference block speaks only of those of whom no record does, and a record that
    yields only where nothing else is known.

    Parameters
    ----------
    genotypes : Genotypes
        Changed in place.
    locus : int
    observations : sequence of Observation
        Records that merely span the locus are left out here.
    """
    blocks = [item for item in observations if item.speech is Speech.BLOCK]
    firm = [item for item in observations if item.speech is not Speech.BLOCK and not item.yields]
    yielding = [item for item in observations if item.speech is not Speech.BLOCK and item.yields]
    untouched = (genotypes.columns[locus].states.status == _NO_RECORD).all()
    if len(observations) == 1 and untouched:
        genotypes.columns[locus] = observations[0].column
        return
    found: Joined | None = None
    for group in (firm, blocks):
        joined: Joined | None = None
        # A deletion can explain a ``*`` only when it is known: records of an unsorted file come in any order.
        for item in sorted(group, key=lambda item: not SPANNED.isdisjoint(item.key[3])):
            joined = _both(genotypes, locus, joined, _beside(genotypes, locus, joined, item))
        if joined is not None:
            found = joined if found is None else _filled(found, joined)
    for item in yielding:
        found = _both(genotypes, locus, found, _yielding(found, Joined.of(item)))
    if found is not None:
        # What stands there already is a record with another REF.
        old = plain(genotypes.columns[locus])
        genotypes.columns[locus] = (_filled(found, old) if firm or yielding else _filled(old, found)).column()


def own_deletions(genotypes: Genotypes, locus: int, observation: Observation) -> frozenset[int]:
    """Return the codes of a locus that delete the base at which a record has ``*``."""
    site, pos = genotypes.loci[locus].sites[genotypes.build], observation.key[1]
    if SPANNED.isdisjoint(observation.key[3]):
        return frozenset()
    return frozenset(code for change, code in site.codes.items() if change.is_indel and change.touches(pos, pos))


def explains(taking: Said, lost: int, own: frozenset[int]) -> bool:
    """Whether a number of lost bases is what a deletion of the locus itself took."""
    return taking.usable and 0 < lost <= sum(code in own for code in taking.codes)


def _beside(genotypes: Genotypes, locus: int, joined: Joined | None, item: Observation) -> Joined:
    """Return what a record says, without the bases that a deletion of the locus in a record before took away."""
    record = Joined.of(item)
    own = own_deletions(genotypes, locus, item)
    if joined is None or not own:
        return record
    ground: Half = (genotypes.loci[locus].sites[genotypes.build].reference_code, None)
    pairs, index = _pairs(joined, record)
    said = []
    for before, here in pairs:
        stars = {half for half in here.halves if half[1] in SPANNED}
        explained = explains(before, sum(half in stars for half in here.halves), own)
        said.append(without_spanned(here, stars.pop(), ground) if explained else here)
    return Joined(said, index, record.named)


def keep_mismatch(genotypes: Genotypes, locus: int, carried: BoolArray) -> None:
    """Let no other record speak for those who carry something in a record at the locus with another base as REF."""
    column = genotypes.columns[locus]
    example, index = combine([(column.index, len(column.states)), (carried.view(np.uint8), 2)], len(carried))
    states = column.states.take(column.index[example])
    states.alleles[carried[example]] = MISSING
    states.phase[carried[example]] = 0
    states.doubt[carried[example]] = 0
    states.status[carried[example]] = LocusStatus.REF_MISMATCH.code
    genotypes.columns[locus] = Column(states, index)


def plain(column: Column) -> Joined:
    """Return the genotypes of a locus as something said, without the names of ALTs."""
    states = column.states
    said = [
        Said(((one, None), (other, None)), phase, status, doubt)
        for (one, other), phase, status, doubt in zip(
            states.alleles.tolist(), states.phase.tolist(), states.status.tolist(), states.doubt.tolist(), strict=True
        )
    ]
    return Joined(said, column.index, frozenset())


def _pairs(one: Joined, other: Joined) -> tuple[list[tuple[Said, Said]], Index]:
    """Return what two records say, once for each distinct pair."""
    parts = [(one.index, len(one.said)), (other.index, len(other.said))]
    example, index = combine(parts, len(one.index))
    numbers = zip(one.index[example].tolist(), other.index[example].tolist(), strict=True)
    return [(one.said[first], other.said[second]) for first, second in numbers], index


def _filled(one: Joined, other: Joined) -> Joined:
    """Let another record speak where the first says nothing."""
    pairs, index = _pairs(one, other)
    said = [second if first.status == _NO_RECORD else first for first, second in pairs]
    return Joined(said, index, one.named | other.named)


def _yielding(found: Joined | None, record: Joined) -> Joined:
    """Take back the missing genotypes of a record where another one says something."""
    if found is None:
        return record
    pairs, index = _pairs(found, record)
    nothing = Said((_UNKNOWN, _UNKNOWN), 0, _NO_RECORD)
    said = [nothing if second.status == _NO_CALL and first.status != _NO_RECORD else second for first, second in pairs]
    return Joined(said, index, record.named)


def _both(genotypes: Genotypes, locus: int, one: Joined | None, other: Joined) -> Joined:
    """Join two records, and note where they contradict each other."""
    if one is None:
        return other
    reference = genotypes.loci[locus].sites[genotypes.build].reference_code
    shared = one.named & other.named
    pairs, index = _pairs(one, other)
    said = [
        _with_doubt(genotypes, join_said(first, second, shared, reference), first, second) for first, second in pairs
    ]
    shown = [
        _stated(genotypes, locus, pair)
        for pair, whole in zip(pairs, said, strict=True)
        if whole.status == LocusStatus.CONTRADICTORY.code and whole not in pair
    ]
    if shown:
        # Of several the first in the alphabet: the order in which genotypes are numbered says nothing.
        genotypes.notes[locus, LocusStatus.CONTRADICTORY] = f"two records contradict each other: {min(shown)}"
    return Joined(said, index, one.named | other.named)


def _stated(genotypes: Genotypes, locus: int, pair: Sequence[Said]) -> str:
    """Return the letters that two records state."""
    letters = ("/".join(genotypes.letters(locus, code) for code in item.codes if code != ABSENT_COPY) for item in pair)
    return " and ".join(sorted(letters))


def _with_doubt(genotypes: Genotypes, whole: Said, one: Said, other: Said) -> Said:
    """Return what two records state together, as doubtful as the records are.

    One record's doubt stands where it alone makes the genotype; where both have a part in it the evidence of neither
    is evidence of the whole, which is then contested.
    """
    unsure = [said for said in (one, other) if said.doubt]
    if not unsure or not whole.usable:
        return whole
    weakest = min(unsure, key=lambda said: genotypes.own_shares[said.doubt])
    if all(said.halves == whole.halves for said in unsure):
        return replace(whole, status=weakest.status, doubt=weakest.doubt)
    low, high = sorted(whole.codes, reverse=ABSENT_COPY in whole.codes)
    number = genotypes.doubt_number(Doubt(((low, high, 1.0),), contested=True))
    return replace(whole, status=LocusStatus.DOUBTFUL.code, doubt=number)


def join_said(one: Said, other: Said, shared: frozenset[Name], reference: int) -> Said:
    """Join what two records say of one sample.

    Parameters
    ----------
    one, other : Said
    shared : frozenset of Name
        ALTs that both records name: they must agree on them.
    reference : int
        Allele code of the reference.

    Returns
    -------
    Said
        With phase where both lie in one phase set; ``contradictory`` where they cannot both be true.
    """
    if one.status == _NO_RECORD:
        return other
    if not (one.usable and other.usable) or other.status == _NO_RECORD:
        # What a worse record would have said is unknown.
        return one if other.status == _NO_RECORD or not one.usable else other
    return _join_usable(one, other, shared, (reference, None))


def _join_usable(one: Said, other: Said, shared: frozenset[Name], ground: Half) -> Said:
    # An ALT that both records name is one observation made twice; one that only one names is no word of the other.
    if any(_disagree(one, other, name) for name in shared):
        return _contradiction()
    # A record of another ALT says "reference" of a haplotype that this one may change: the change wins.
    if (ground, ground) in (one.halves, other.halves):
        return one if other.halves == (ground, ground) else other
    if one.halves[1] == other.halves[1] == _NOT_THERE:
        half = _join_half(one.halves[0], other.halves[0], ground)
        return _contradiction() if half is None else _judged((half, _NOT_THERE), 0)
    # Phase holds only within one set, and only if both records put what they share on the same haplotypes.
    together = one.phase != 0 and one.phase == other.phase and all(_aligned(one, other, name) for name in shared)
    if one.halves == other.halves or (not together and one.halves == other.halves[::-1]):
        return Said(one.halves, one.phase if together else 0, one.status)
    if not together:
        halves = _join_unphased(one, other, ground)
        return _contradiction() if halves is None else _judged(halves, 0)
    joined = [_join_half(first, second, ground) for first, second in zip(one.halves, other.halves, strict=True)]
    known = [_UNKNOWN if half is None else half for half in joined]
    # A haplotype on which the records agree stands, whatever they say of the other.
    if None in joined and set(known) == {_UNKNOWN}:
        return _contradiction()
    return _judged((known[0], known[1]), one.phase)


def _contradiction() -> Said:
    return Said((_UNKNOWN, _UNKNOWN), 0, LocusStatus.CONTRADICTORY.code)


def _judged(halves: tuple[Half, Half], phase: int) -> Said:
    codes = np.array([[half[0] for half in halves]], np.int16)
    return Said(halves, phase, int(statuses(codes)[0]))


def _disagree(one: Said, other: Said, name: Name) -> bool:
    """Whether two records state different genotypes of one ALT; what is missing may be anything."""
    if (one.halves[1] == _NOT_THERE) != (other.halves[1] == _NOT_THERE):
        return (one.count(name) > 0) != (other.count(name) > 0) and not one.unknown + other.unknown
    # What is missing in one record may be the allele that the other counts more of.
    first, second = one.count(name), other.count(name)
    return first > second + other.unknown or second > first + one.unknown


def _aligned(one: Said, other: Said, name: Name) -> bool:
    """Whether two phased records put an ALT on the same haplotypes."""
    pairs = zip(one.halves, other.halves, strict=True)
    return all((a[1] == name) == (b[1] == name) for a, b in pairs if MISSING not in (a[0], b[0]))


def _join_half(one: Half, other: Half, ground: Half) -> Half | None:
    """Join what two records say of one haplotype, or None if they contradict each other."""
    changed = {half for half in (one, other) if half not in (ground, _UNKNOWN, _NOT_THERE)}
    if len({code for code, _ in changed}) > 1:
        return None
    if changed:
        return changed.pop()
    return _UNKNOWN if _UNKNOWN in (one, other) else ground


def _join_unphased(one: Said, other: Said, ground: Half) -> tuple[Half, Half] | None:
    """Join two genotypes by counting changed alleles, or return None if there are more than two."""
    skipped = (ground, _UNKNOWN, _NOT_THERE)
    first = Counter(half for half in one.halves if half not in skipped)
    second = Counter(half for half in other.halves if half not in skipped)
    # The larger count of each, not the sum: the same change stated twice is still on as many haplotypes.
    changed = sorted((first | second).elements(), key=lambda half: half[0])
    if len(changed) > 2:
        return None
    if len(changed) == 2:
        # Two spellings of one letter may be one haplotype or two.
        alike = changed[0] != changed[1] and changed[0][0] == changed[1][0]
        return (changed[0], _UNKNOWN) if alike else (changed[0], changed[1])
    rest = _UNKNOWN if one.unknown + other.unknown else ground
    return (changed[0], rest) if changed else (ground, rest)


def said_of(one: Half, other: Half, phase: int = 0) -> Said:
    """Return two haplotypes with the status that they have."""
    return _judged((one, other), phase)


def without_spanned(said: Said, lost: Half, ground: Half) -> Said:
    """Return what is said with the genome's base in place of one that an upstream deletion took away."""
    first, second = (ground if half == lost else half for half in said.halves)
    return _judged((first, second), said.phase)
