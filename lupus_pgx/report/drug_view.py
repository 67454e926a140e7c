"""What a report shows of a drug: plain values, ready for a template."""

from __future__ import annotations

from dataclasses import dataclass

from lupus_pgx.context.judged.checks import Check
from lupus_pgx.report.marks import Link
from lupus_pgx.report.unanswered import Left
from lupus_pgx.response.values import Missing
from lupus_pgx.words.amounts import dose_text
from lupus_pgx.words.lines import counted
from lupus_pgx.words.vocabulary import (
    CHECKS,
    Word,
    quantity_word,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A guideline row that fired."""

    mark: Word
    dose: str
    year: str
    condition: str
    scope: str
    strength: str
    advice: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A guideline body: the rows that fired, and whether it has any rule on the drug at all."""

    source: str
    has_rules: bool
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """An evidence row that fired; ``subject`` is the gene and variant that it is of."""

    subject: str
    direction: str
    level: str
    text: str
    effect_size: str
    population: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check as a report shows it: what is its own stands in ``check``."""

    check: Check
    links: tuple[Link, ...]

    @property
    def mark(self) -> Word:
        """Sign and word of what it asks for."""
        return CHECKS[self.check.status]

    @property
    def source_note(self) -> str:
        """That the document behind it could not be read again, as it stands behind the links."""
        return f" ({self.check.source_note})" if self.check.source_note else ""

    @property
    def fact(self) -> str:
        """What of the context it rests on, under which the drugs it bears on stand together."""
        check = self.check
        if check.partner or not check.found:
            return check.subject if check.partner else check.topic
        return check.found if check.topic in check.found else f"{quantity_word(check.topic)}: {check.found}"

    @property
    def dose(self) -> str:
        """The share of the usual dose that the source gives, in words."""
        return dose_text(self.check.factor_low, self.check.factor_high, "")


@dataclass(frozen=True, slots=True)
class DrugView:
    """One drug as a report shows it.

    Attributes
    ----------
    name : str
    mark, genotype : Word
        What is asked for overall, and by the genotype.
    for_lupus : bool
        It stands among the therapy options of lupus.
    roles : tuple of str
        What the context says of it: tried, taken now, planned.
    dose, response, certainty, sentence : str
        ``dose`` also says where the word of the drug rests on a part of what was told.
    reason : str
        What the strictest word is for, in few words.
    asked : str
        What the clinical context asks for, where that is more than the genotype does.
    parts : tuple of (str, str)
        The same by what it asks for: the word, if it has one, and the reasons.
    paper : str
        The same without the values that paper gives with drugs that are planned or taken.
    strictest, pressing, few : str
        Of it the strictest alone; all of it, with what asks for closer monitoring counted; and the strictest with its
        first reasons, the others counted, of a drug that is neither of lupus nor told.
    first, said : str
        What is open and comes first where the genotype asks for as much; what the context asks for, and all that it
        leaves without an answer: for one drug by itself.
    behind : str
        What the genotype asks for behind it, in few words.
    open : str
        Of a genotype behind it that asks for nothing, which genes are open and what they could mean at worst.
    standing : str
        What belongs beside its name in a list: the word that the list stands under would promise more than is known.
    left : Left
        How much of the context is not answered for it.
    due : str
        What is due to be measured for a drug that is taken or planned.
    named : str
        What the review of treatment says it may have done to another drug.
    drivers, conflicts, could_mean : tuple of str
        ``conflicts`` without what the clinical context says; ``could_mean`` are the actions that are possible once
        all is assessed.
    missing : tuple of Missing
    bodies : tuple of Body
    evidence : tuple of EvidenceLine
    checks : tuple of CheckView
        Those that the context answers, the most severe first.
    open_checks : tuple of str
        Conditions that the context does not tell, or does not settle: for one drug by itself.
    against : bool
        The clinical context speaks against it.
    links : tuple of Link
        Citations of what is said, else of what is known of the drug at all.
    """

    name: str
    mark: Word
    genotype: Word
    for_lupus: bool
    roles: tuple[str, ...]
    dose: str
    response: str
    certainty: str
    sentence: str
    reason: str
    asked: str
    parts: tuple[tuple[str, str], ...]
    paper: str
    strictest: str
    few: str
    pressing: str
    first: str
    said: str
    behind: str
    open: str
    standing: str
    left: Left
    due: str
    named: str
    drivers: tuple[str, ...]
    conflicts: tuple[str, ...]
    missing: tuple[Missing, ...]
    could_mean: tuple[str, ...]
    bodies: tuple[Body, ...]
    evidence: tuple[EvidenceLine, ...]
    checks: tuple[CheckView, ...]
    open_checks: tuple[str, ...]
    against: bool
    links: tuple[Link, ...]

    @property
    def beside(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What the context says beside a genotype that asks for as much: words, each with its reasons."""
        groups: dict[str, dict[str, None]] = {}
        for item in self.checks:
            groups.setdefault(item.mark.label, {})[item.check.shown] = None
        return tuple((label, tuple(reasons)) for label, reasons in groups.items())

    @property
    def beside_few(self) -> str:
        """The same with its first reasons, the others counted."""
        lines = [f"{label}: {reason}" for label, reasons in self.beside for reason in reasons]
        more = len(lines) - REASONS
        return "; ".join([*lines[:REASONS], *([counted(more, "more reason")] if more > 0 else [])])

    @property
    def named_only(self) -> bool:
        """Whether paper names it with a reason alone: neither of lupus nor told, and the context alone asks."""
        return self.in_a_line and not (self.for_lupus or self.roles or self.dose)

    @property
    def in_a_line(self) -> bool:
        """Whether it has a line on paper in the place of a card: the context asks, and behind it no genotype."""
        return bool(self.asked) and not self.behind

    @property
    def said_heading(self) -> str:
        """What stands over ``said``: what was not looked at is nothing that the context asks for."""
        return "By the clinical context" if self.asked else "Of the clinical context, without an answer"


REASONS = 1
"""So many reasons of a drug that is neither of lupus nor told are written on paper, the strictest first."""
