"""What a file says, and what it means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lupus_pgx.bounded import short
from lupus_pgx.errors import InputError
from lupus_pgx.knowledge.genes import PairTraits

Outcomes = tuple[tuple[PairTraits, float], ...]
"""What rules see of the possible diplotypes, with the share of each."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one line of a file says of one gene of one sample, as it is written there.

    Attributes
    ----------
    place : str
        File and line, or file and key.
    gene : str
    sample : str or None
        None where the file does not say of whom it is.
    pairs : tuple of tuple of str
        Alleles of each possible pair; several are a tie.
    phenotype, score : str
        Stated beside the pair, or without one.
    no_call : str
        Why there is no call, in the words of the caller.
    caller : str
        Program that wrote the file; empty for a table written by people.
    remark : str
        What the caller says of its own certainty.
    best : str
        The most probable pair, where there is no call.
    """

    place: str
    gene: str
    sample: str | None = None
    pairs: tuple[tuple[str, ...], ...] = ()
    phenotype: str = ""
    score: str = ""
    no_call: str = ""
    caller: str = ""
    remark: str = ""
    best: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed over of one gene or marker of one sample.

    Attributes
    ----------
    key : str
        Gene, or ``gene marker``.
    pairs : tuple of tuple of str
        Possible pairs as results write them; for a marker its possible genotypes. Empty where only a phenotype, a
        score or one allele is known.
    outcomes : tuple of (PairTraits, float)
        What rules see of what is possible; shares are even, since nothing says which it is.
    no_call : bool
        The other caller looked and made no call.
    note : str
    places : tuple of str
    """

    key: str
    pairs: tuple[tuple[str, ...], ...] = ()
    outcomes: Outcomes = ()
    no_call: bool = False
    note: str = ""
    places: tuple[str, ...] = ()


class NameFaultError(Exception):
    """A name or genotype that cannot be read; the message says why."""


MOST = 200
"""So many faults are named; the rest is looked at when they are mended."""

LONGEST = 1_000
"""Characters of a fault, and of a call; the longest that a caller is known to write (a tie) has a few hundred."""

MOST_PAIRS = 500


def check_length(said: Statement) -> None:
    """Refuse a call that is longer than any caller writes.

    Raises
    ------
    NameFaultError
        If it is.
    """
    names = [said.gene, said.phenotype, said.score, *(name for pair in said.pairs for name in pair)]
    longest = max(names, key=len)
    if len(longest) > LONGEST or len(said.pairs) > MOST_PAIRS or max(map(len, said.pairs), default=0) > MOST_PAIRS:
        raise NameFaultError(
            f"{short(longest, 40)!r} is no call: at most {MOST_PAIRS} pairs of names of at most {LONGEST} characters "
            "are read"
        )


@dataclass(slots=True)
class Faults:
    """Collects what is wrong with the files, to be told at once."""

    found: list[str] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def add(self, place: str, what: str) -> None:
        """Note a fault; the same one is told once.

        Raises
        ------
        InputError
            If there are as many as anybody mends at once.
        """
        line = f"{short(place)}: {short(what, LONGEST)}"
        if line not in self._known:
            self._known.add(line)
            self.found.append(line)
        if len(self.found) >= MOST:
            self.found.append("and more: mend these first")
            self.check()

    def check(self) -> None:
        """Tell all faults.

        Raises
        ------
        InputError
            If there is one.
        """
        if len(self.found) == 1:
            raise InputError(self.found[0])
        if self.found:
            count = f"{MOST} faults and more" if len(self.found) > MOST else f"{len(self.found)} faults"
            raise InputError("\n".join([f"the calls made elsewhere have {count}", *self.found]))


def even(traits: Iterable[PairTraits]) -> Outcomes:
    """Return distinct outcomes with even shares."""
    distinct = tuple(dict.fromkeys(traits))
    return tuple((item, 1 / len(distinct)) for item in distinct)
