"""What a table of safety says of a drug, held against a context: the values that results and reports show."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from lupus_pgx.context.values import Amount
from lupus_pgx.terms import Action, CheckStatus
from lupus_pgx.words.vocabulary import CHECKS, LOWER_DOSE, NOT_REREAD, NOT_SETTLED, NOT_TOLD, TOLD

EARLIER_FAILURE = "earlier_failure"
"""Criterion of the note that a drug was not enough before."""

NOT_TAKEN = "intake"
"""Criterion of a check on a level so low that the drug was probably not taken."""

ABOVE_RANGE = "level"
"""Criterion of a check on a measured level above its range."""

BELOW_RANGE = "low level"
"""Criterion of a check on a measured level below the range to aim at."""

OLD_LEVEL = "old level"
"""Criterion of an open check: a level outside its range that is too old to tell of now."""

_ACTIONS = {
    CheckStatus.CONTRAINDICATED: Action.AVOID,
    CheckStatus.AVOID: Action.AVOID,
    CheckStatus.CONSIDER_ALTERNATIVE: Action.CONSIDER_ALTERNATIVE,
    CheckStatus.CHECK_FIRST: Action.TEST_FIRST,
    CheckStatus.MONITOR: Action.MONITOR,
}

UNREAD = "not read"
"""In ``checked``: the document behind a row could not be read again."""

NO_ROWS = "contraindications"
"""Criterion of a check that says that the tables hold no contraindication of the drug at all."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What another source says of the same condition, shown beside the one that acts.

    Attributes
    ----------
    status : CheckStatus
    jurisdiction : str
        US, EU ... of a label, or ``guideline``.
    advice : str
    checked : str
        ``read``, ``copy`` or ``not read``.
    citations : tuple of str
    """

    status: CheckStatus
    jurisdiction: str
    advice: str
    checked: str
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What the tables ``contraindications`` or ``interactions`` say of a drug, held against a context.

    Attributes
    ----------
    drug : str
    subject : str
        Condition or partner.
    status : CheckStatus
    known : bool
        False where the context is silent, then the status is ``check_first``; or where the tables are, then it is
        ``not_looked_at``.
    advice : str
        What to do, or what is known of the pair.
    found : str
        What the context says, with unit; empty where it is silent.
    factor_low, factor_high : float or None
        Fraction of the usual dose that the source gives.
    citations : tuple of str
    partner : str
        The other drug of an interaction.
    criterion : str
        Key of a condition (``egfr``, ``pregnancy`` ...); empty for an interaction.
    row : str
        Key of the table row: the condition, or the partner as the row names it.
    kind : str
        Kind of an interaction (``metabolism``, ``removal`` ...).
    direction : str
        What an interaction does to the drug of its row (``reduced_exposure`` ...).
    about_drug : bool
        False where the row is about what the drug does to the partner.
    at_stake : CheckStatus or None
        Of an open check: what its row says once it is met.
    asks_first : bool
        Of an open check: whether it is to be answered before anything else.
    cap : float or None
        Highest dose.
    cap_unit : str
    dose : str
        Dose of the source, in words.
    jurisdiction : str
        Whose text it is: US, EU ... or ``guideline``; several joined by ``;``.
    checked, checked_on : str
        How the document was checked (``read``, ``copy``, ``not read``), and when.
    ours : bool
        The bound of a value is ours: the text has words only.
    beside : tuple of Beside
        What other sources say of the same condition.
    explains : tuple of str
        Of an interaction: ``failure``, ``toxicity``, or both.
    words : str
        What to ask about, as the table ``criteria`` has it.
    core : bool
        Of a condition: whether it is one that is asked of every drug, not a rare one.
    bound : str
        The bound that a measured value met, such as ``below 0.5 x10^9/L``.
    apart : bool
        Of an interaction: the doses are to be taken apart.
    speaks_against : str
        What it speaks against where that is not the drug: a live vaccine beside it.
    not_looked_at_with : tuple of str
        Drugs of which the tables do not say what they do together with this one.
    gives_way : str
        Of an interaction: the partner that is to be left out; empty where it is this drug, or no row says which.
    reactions : tuple of str
        Earlier reactions to drugs on which it rests, as they were told.
    """

    drug: str
    subject: str
    status: CheckStatus
    known: bool = True
    advice: str = ""
    found: str = ""
    factor_low: float | None = None
    factor_high: float | None = None
    citations: tuple[str, ...] = ()
    partner: str = ""
    criterion: str = ""
    row: str = ""
    kind: str = ""
    direction: str = ""
    about_drug: bool = True
    at_stake: CheckStatus | None = None
    asks_first: bool = False
    cap: float | None = None
    cap_unit: str = ""
    dose: str = ""
    jurisdiction: str = ""
    checked: str = ""
    checked_on: str = ""
    ours: bool = False
    beside: tuple[Beside, ...] = ()
    explains: tuple[str, ...] = ()
    words: str = ""
    core: bool = True
    bound: str = ""
    apart: bool = False
    speaks_against: str = ""
    not_looked_at_with: tuple[str, ...] = ()
    gives_way: str = ""
    reactions: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, bool]:
        """Sorts checks of one drug: the most severe first, then what is known before what is open."""
        return -self.status.severity, not self.known

    @property
    def topic(self) -> str:
        """What to ask about, in words that rows on the same condition share."""
        return self.words or self.subject

    @property
    def told(self) -> str:
        """What the context says; nothing where the words that are shown say it already: lupus, conception planned.

        Of a condition that is open, that it is: what is to be asked must not be read as what was told.
        """
        said = self.found in self.subject and not any(letter.isdigit() for letter in self.found)
        told = "" if said else self.found
        asks = self.standing if not self.known and not self.unseen else ""
        return "; ".join(part for part in (told, asks) if part)

    def told_beside(self, written: Collection[str]) -> str:
        """Return what was told without a value that it begins with and that is written elsewhere.

        Of ``30 mL/min, clarithromycin`` the drug is left where the rate was written.
        """
        lists = [f"{value}, " for value in written if self.told.startswith(f"{value}, ")]
        return self.told.removeprefix(lists[0]) if lists else self.told

    @property
    def question(self) -> str:
        """Of an open check: what to ask about, with what was told and does not settle it."""
        if self.criterion == NO_ROWS:
            return "its contraindications (none were entered)"
        return f"{self.topic} ({self.found})" if self.found else self.topic

    @property
    def shown(self) -> str:
        """What is said of it in a sentence: of a measured value the quantity and the bound that it met."""
        if self.speaks_against:
            return self.speaks_against
        if self.gives_way:
            which = "which" if self.subject == f"with {self.gives_way}" else f"of which {self.gives_way}"
            return f"{self.subject}, {which} is what to leave out"
        return f"{self.words} {self.bound}" if self.words and self.bound else self.subject

    @property
    def word(self) -> str:
        """What its status is called: of a measured level above its range in which direction the dose goes."""
        if self.criterion == ABOVE_RANGE and self.status is CheckStatus.ADJUST_DOSE:
            return LOWER_DOSE
        return "separate doses" if self.apart else CHECKS[self.status].label

    @property
    def standing(self) -> str:
        """Whether what it rests on was told: a reason and a question look alike in a list, and are not.

        A wider fact, ``diabetes: yes`` of type 1 diabetes, is told and settles nothing.
        """
        wider = self.at_stake is not None and ": " in self.found
        if self.known and not wider:
            return TOLD
        return NOT_SETTLED if self.found else NOT_TOLD

    @property
    def unseen(self) -> bool:
        """Whether the tables hold nothing that answers what the context tells."""
        return not self.known and (self.status is CheckStatus.NOT_LOOKED_AT or self.criterion == NO_ROWS)

    @property
    def source_note(self) -> str:
        """That the document behind it could not be read again; empty where it was read, or where there is none."""
        return NOT_REREAD if self.checked == UNREAD else ""

    @property
    def against(self) -> bool:
        """Whether it is known to speak against the drug as usual."""
        return self.known and self.status.severity > CheckStatus.MONITOR.severity

    @property
    def highest(self) -> Amount | None:
        """The highest dose that the source gives."""
        return Amount(self.cap, self.cap_unit) if self.cap is not None else None

    @property
    def action(self) -> Action | None:
        """What it asks for; None where it asks for nothing, and of an open check that need not come first."""
        if not self.known:
            return Action.TEST_FIRST if self.asks_first else None
        if self.status is CheckStatus.ADJUST_DOSE and not self.about_drug:
            return Action.MONITOR  # the dose of the partner
        if self.status is CheckStatus.ADJUST_DOSE:
            share = self.factor_high if self.factor_low is None else self.factor_low  # "at most three times"
            raised = share is not None and share > 1
            return Action.INCREASE_DOSE if raised else Action.REDUCE_DOSE
        return _ACTIONS.get(self.status)

    def asked(self, subject: str, found: str, criterion: str, *, first: bool) -> Check:
        """Return the question on which this check hangs: what it says is at stake, and nothing of it is known."""
        return replace(
            self,
            subject=subject,
            status=CheckStatus.CHECK_FIRST,
            known=False,
            found=found,
            criterion=criterion,
            at_stake=self.status,
            asks_first=first,
        )

    def __str__(self) -> str:
        return f"{self.word}: {self.subject}{f' ({self.told})' if self.told else ''}"
