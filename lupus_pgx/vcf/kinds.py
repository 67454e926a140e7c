"""What kinds of change a file holds: single bases, insertions and deletions, or structure alone."""

from __future__ import annotations

from dataclasses import dataclass

ENOUGH = 2_000
"""Records after which no more are looked at."""

_BASES = frozenset("ACGTNacgtn")
_BLOCKS = frozenset((".", "<NON_REF>", "<*>", "<X>"))


@dataclass(slots=True)
class Kinds:
    """Counts the kinds of records, until it is known that there are changes of length among them.

    Attributes
    ----------
    records : int
        Records that were looked at.
    sequences : int
        Those that state bases: an ALT of bases, or a reference block.
    lengths : int
        Those with an ALT of bases that is longer or shorter than REF.
    """

    records: int = 0
    sequences: int = 0
    lengths: int = 0

    @property
    def settled(self) -> bool:
        """Whether no more records need to be looked at."""
        return bool(self.lengths) or self.records >= ENOUGH

    def add(self, ref: str, alts: str) -> None:
        """Look at REF and ALT as they are written."""
        self.records += 1
        found = alts.split(",")
        bases = [alt for alt in found if _BASES.issuperset(alt)]
        self.sequences += bool(bases) or _BLOCKS.issuperset(found)
        self.lengths += any(len(alt) != len(ref) for alt in bases)
