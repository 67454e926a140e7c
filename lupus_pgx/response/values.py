"""What is said of a drug beside its action, as values: what is missing, assumed, or said against it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lupus_pgx.context.judged.safety import Check
from lupus_pgx.terms import Action
from lupus_pgx.words.amounts import dose_text
from lupus_pgx.words.vocabulary import ACTIONS, evidence_word


@dataclass(frozen=True, slots=True)
class Missing:
    """A gene or marker of which something was not assessed.

    Attributes
    ----------
    key : str
    loci : tuple of str
        Loci, or what else is missing: ``typing``, ``structure``, ``an outside call``.
    essential : bool
        Whether they are essential ones.
    """

    key: str
    loci: tuple[str, ...]
    essential: bool = True

    def __str__(self) -> str:
        return f"{self.key}: {', '.join(self.loci)}"


@dataclass(frozen=True, slots=True)
class Assumed:
    """A gene of which loci were not looked at but taken to carry the genome base.

    Attributes
    ----------
    gene : str
    count, of : int
        How many of its loci, of how many.
    essential : tuple of str
        Essential loci among them.
    """

    gene: str
    count: int
    of: int
    essential: tuple[str, ...]

    def __str__(self) -> str:
        named = f": {', '.join(self.essential)}" if self.essential else ""
        return f"{self.gene} {self.count} of {self.of}{named}"


class ConflictKind(StrEnum):
    """Who says something else than the prediction."""

    GUIDELINE = "guideline"
    EVIDENCE = "evidence"
    CONTEXT = "context"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Conflict:
    """What stands against a prediction.

    Attributes
    ----------
    kind : ConflictKind
    source : str
        Guideline body, or the population of an evidence row; of a file that contradicts a call that was handed over
        the gene, and what it allows; empty for the clinical context.
    action : Action or None
        What another guideline body asks for.
    factor_low, factor_high : float or None
        Its share of the usual dose, where that is what differs.
    direction : str
        Result of an evidence row, as the table writes it.
    citations : tuple of str
    check : Check or None
        What the clinical context says.
    """

    kind: ConflictKind
    source: str = ""
    action: Action | None = None
    factor_low: float | None = None
    factor_high: float | None = None
    direction: str = ""
    citations: tuple[str, ...] = ()
    check: Check | None = None

    def __str__(self) -> str:
        if self.kind is ConflictKind.FILE:
            return f"the file contradicts the call that was handed over: {self.source}"
        if self.check is not None:
            return f"clinical context: {self.check} ({', '.join(self.citations)})"
        if self.action is not None:
            return self._asking(ACTIONS[self.action].label)
        result = "contradictory result" if self.direction == "conflicting" else evidence_word(self.direction)
        return f"{result} in {self.source} ({', '.join(self.citations)})"

    @property
    def cell(self) -> str:
        """The text of a cell of a table: an action as tables name it."""
        return str(self) if self.check is not None or self.action is None else self._asking(self.action.value)

    def _asking(self, action: str) -> str:
        """Write what another guideline asks for."""
        dose = dose_text(self.factor_low, self.factor_high, "")
        return f"{self.source}: {action}{f' at {dose}' if dose else ''}"
