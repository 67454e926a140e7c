"""One therapy option: the row of the table beside what the patient brings to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.safety import Check
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.review.genome_word import DrugWord, asks
from lupus_pgx.terms import CheckStatus, GenomeWord
from lupus_pgx.words.vocabulary import CHECKS

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ApprovalsCells, TherapyOptionsCells


@dataclass(frozen=True, slots=True)
class Option:
    """A therapy or combination in use for a manifestation.

    Attributes
    ----------
    manifestation, option : str
    drugs : tuple of str
    words : tuple of DrugWord
        The genome's word on each drug.
    tried : tuple of str
        Drugs that were tried, with their outcome.
    exhausted : bool
        All drugs beside background therapy failed or were not tolerated.
    afresh : bool
        It is exhausted, and may be tried afresh: no course of what failed was a full trial, and none did harm.
    harmed : bool
        One of its drugs was not tolerated.
    planned : bool
        One of the drugs is planned.
    fits : bool or None
        True where it is meant for the patient's form of the manifestation, False for another, None for every form.
    checks : tuple of Check
        What the context meets, and what it leaves open.
    beside_plan : frozenset of str
        Drugs that are planned only, or taken but forbidden. The option may stand in their place, so a clash with one
        is shown and does not move it down; one that is planned itself stands beside what else is planned.
    row : mapping
        Row of the table ``therapy_options``: stage, ranks of the guidelines, regimen, strength, note.
    asks : tuple of str
        Conditions of the row about which the context is silent.
    remarks : tuple of str
        What the patient's state says of the row: a drug that its text names is forbidden here, the age is too low.
    falls : bool
        A partner failed or was not tolerated, another of its class failed, or the option is for another age.
    lifted, found, worked : bool
        A finding, or the number of lines that failed, speaks for it; a finding does; it worked before.
    after_failure : bool
        A line of treatment failed, so that the next one is asked for.
    threatened : bool
        An organ is at stake and no line was a full trial.
    maintained : bool
        A drug that only maintains was not tolerated, so that another one is asked for.
    unlooked : CheckStatus or None
        What a drug of the same class meets where the tables have no row for this one.
    barred : bool
        The context tells what its source would not use it with.
    licences : tuple of mapping
        Rows of the table ``approvals`` that speak of its drugs in this manifestation.
    """

    manifestation: str
    option: str
    drugs: tuple[str, ...]
    words: tuple[DrugWord, ...]
    tried: tuple[str, ...]
    exhausted: bool
    afresh: bool
    harmed: bool
    planned: bool
    fits: bool | None
    checks: tuple[Check, ...]
    beside_plan: frozenset[str]
    row: TherapyOptionsCells
    asks: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    falls: bool = False
    lifted: bool = False
    found: bool = False
    worked: bool = False
    after_failure: bool = False
    threatened: bool = False
    maintained: bool = False
    unlooked: CheckStatus | None = None
    barred: bool = False
    licences: tuple[ApprovalsCells, ...] = ()

    @property
    def genome(self) -> DrugWord:
        """The genome's word on the option as a whole: the most restricting on any of its drugs, guideline first."""
        if not self.words:
            return DrugWord("", GenomeWord.NO_MARKER, True, "")
        asked = [item for item in self.words if asks(item)]
        if asked:
            return max(asked, key=lambda item: (not item.weak, item.word.severity))
        order = (GenomeWord.SUPPORTS, GenomeWord.NOT_ASSESSED, GenomeWord.NEUTRAL, GenomeWord.NO_MARKER)
        return min(self.words, key=lambda item: order.index(item.word))

    @property
    def against(self) -> tuple[Check, ...]:
        """Checks that are known to speak against it as usual."""
        return tuple(check for check in self.checks if check.against)

    @property
    def weighing(self) -> tuple[Check, ...]:
        """What speaks against it and not against something else: a live vaccine, a partner that gives way, a plan."""
        return tuple(
            check
            for check in self.against
            if check.partner not in self.beside_plan and not (check.speaks_against or check.gives_way)
        )

    @property
    def hardest(self) -> CheckStatus | None:
        """The strictest of what is known against it, where that is more than a change of a dose."""
        statuses = [check.status for check in self.weighing] + ([CheckStatus.AVOID] if self.barred else [])
        hard = [status for status in statuses if status.severity >= CheckStatus.CONSIDER_ALTERNATIVE.severity]
        return max(hard, key=lambda status: status.severity, default=None)

    @property
    def heading(self) -> str:
        """The word that stands first: what is known against it comes before a dose that the genome asks for."""
        hardest = self.hardest
        return f"{CHECKS[hardest].label}; genome: {self.genome.shown}" if hardest else self.genome.shown

    @property
    def forbidden(self) -> bool:
        """Whether what is known of the patient forbids one of its drugs, or asks to avoid it."""
        known = self.weighing
        return self.barred or any(check.status.severity >= CheckStatus.AVOID.severity for check in known)

    @property
    def open_checks(self) -> tuple[Check, ...]:
        """Checks about which the context is silent."""
        return tuple(check for check in self.checks if not check.known)

    @property
    def questions(self) -> tuple[str, ...]:
        """What the context does not tell, or does not settle: conditions of the option, then those of its drugs."""
        return tuple(dict.fromkeys((*self.asks, *(item.question for item in self.open_checks if not item.unseen))))

    @property
    def unseen(self) -> tuple[str, ...]:
        """What the context tells and no table answers for one of its drugs."""
        return tuple(dict.fromkeys(f"{item.drug}: {item.question}" for item in self.open_checks if item.unseen))

    @property
    def stage(self) -> str:
        """Place in therapy."""
        return self.row["stage"]

    @property
    def check_first(self) -> tuple[str, ...]:
        """What to find out first: the conditions of the option, then those of its drugs."""
        return (*self.asks, *self.remarks, *(f"{check.drug}: {check.subject}" for check in self.open_checks))

    @property
    def places(self) -> dict[str, int]:
        """The place that each guideline gives it; -1 where one advises against it, left out where one is silent."""
        ranks = {"EULAR": self.row["rank_eular"], "KDIGO": self.row["rank_kdigo"], "ACR": self.row["rank_acr"]}
        return {body: rank for body, rank in ranks.items() if rank is not None}

    @property
    def guidelines(self) -> str:
        """The places that the guidelines give it, such as ``EULAR 1, KDIGO 2``."""
        return ", ".join(f"{body} {'against' if rank < 0 else rank}" for body, rank in self.places.items())

    @property
    def approval(self) -> str:
        """Licences of its drugs, the American first, and when they were looked up; silent on drugs not looked up."""
        found: dict[str, dict[str, list[str]]] = {}
        for row in sorted(self.licences, key=lambda row: row["jurisdiction"], reverse=True):
            forms = found.setdefault(row["jurisdiction"], {}).setdefault(f"{row['drug']} {row['status']}", [])
            forms += [row["form"]] if row["form"] else []
        texts = [
            f"{where}: " + ", ".join(f"{text} ({', '.join(forms)})" if forms else text for text, forms in said.items())
            for where, said in found.items()
        ]
        days = sorted({row["checked_on"] for row in self.licences})
        return "; ".join((*texts, f"looked up on {' and '.join(days)}")) if texts else ""

    @property
    def citations(self) -> tuple[str, ...]:
        """Citations of the option."""
        return split_list(self.row["citation"])
