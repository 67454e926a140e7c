"""What the clinical context leaves without an answer: said once, each thing with the drugs that it concerns.

Of a drug stands how much of it is its own (:class:`Left`), and the list is where the words are: many findings and many
drugs make many empty cells, and a sentence that is repeated under each drug is read under none. No count is silence: it
says how many answers would forbid the drug.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lupus_pgx.context.judged.checks import NO_ROWS, Check
from lupus_pgx.context.judged.safety import PAIRS
from lupus_pgx.report.context import roles
from lupus_pgx.report.marks import lupus_drugs
from lupus_pgx.results.patient import PatientData
from lupus_pgx.terms import CheckStatus
from lupus_pgx.words.lines import counted
from lupus_pgx.words.vocabulary import CHECKS, NOT_ENTERED, Word

_FORBIDS = CheckStatus.AVOID.severity


@dataclass(frozen=True, slots=True)
class Left:
    """How much of the context is not answered for a drug, or for an option of several.

    Attributes
    ----------
    conditions : int
        Conditions that the context does not tell, or not well enough.
    forbidding : int
        Those of them that would forbid the drug if they were met.
    facts : int
        What the context tells and no row of the drug answers.
    pairs : int
        Drugs beside it of which no row says what they do together.
    unentered : bool
        No contraindication of it was entered at all.
    """

    conditions: int = 0
    forbidding: int = 0
    facts: int = 0
    pairs: int = 0
    unentered: bool = False

    def __bool__(self) -> bool:
        return self != Left()

    @property
    def brief(self) -> str:
        """The same in fewer words."""
        unseen = self.facts + self.pairs
        parts = [
            NOT_ENTERED if self.unentered else "",
            f"{self.conditions} open ({self.forbidding} would forbid)" if self.conditions else "",
            f"{unseen} not looked at" if unseen else "",
        ]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        forbid = f" ({self.forbidding or 'none'} would forbid it)"
        counts = [counted(number, what) for number, what in ((self.facts, "fact"), (self.pairs, "pair")) if number]
        parts = [
            NOT_ENTERED if self.unentered else "",
            f"{counted(self.conditions, 'condition')} open{forbid}" if self.conditions else "",
            f"{', '.join(counts)} not looked at" if counts else "",
        ]
        return "; ".join(part for part in parts if part)


def left_of(checks: Iterable[Check]) -> Left:
    """Count what some checks leave without an answer, each thing once."""
    open_checks = {(check.drug, check.criterion, check.question): check for check in checks if not check.known}
    unseen = [check for check in open_checks.values() if check.unseen]
    conditions = [check for check in open_checks.values() if not check.unseen]
    return Left(
        conditions=len(conditions),
        forbidding=sum(_stake(check).severity >= _FORBIDS for check in conditions),
        facts=sum(check.criterion not in (PAIRS, NO_ROWS) for check in unseen),
        pairs=len({(check.drug, name) for check in unseen for name in check.not_looked_at_with}),
        unentered=any(check.criterion == NO_ROWS for check in unseen),
    )


def left_of_many(lefts: Iterable[Left]) -> str:
    """Say of how many drugs of a list conditions are open, where it names them and no more."""
    some = [left for left in lefts if left.conditions]
    forbidding = sum(bool(left.forbidding) for left in some)
    if not some:
        return ""
    forbid = f", and would forbid {forbidding if forbidding < len(some) else 'each'} of them if met" * bool(forbidding)
    return f"Conditions are open for {counted(len(some), 'drug')} of this list{forbid}."


@dataclass(frozen=True, slots=True)
class Concerned:
    """One thing of the context, answered or not, and the drugs that it concerns.

    Attributes
    ----------
    fact : str
    near, lupus, others : tuple of str
        Drugs that are taken or planned, others of lupus, and all others.
    spared : tuple of str
        Drugs that are taken or planned and that it does not concern.
    """

    fact: str
    near: tuple[str, ...]
    lupus: tuple[str, ...]
    others: tuple[str, ...]
    spared: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many drugs it concerns."""
        return len(self.drugs)

    @property
    def drugs(self) -> tuple[str, ...]:
        """All of them, in this order."""
        return (*self.near, *self.lupus, *self.others)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """All that the context of a patient leaves without an answer.

    Attributes
    ----------
    conditions : tuple of (Word, tuple of Concerned)
        What it does not tell, or not well enough, by what the answer could ask for, the strictest first.
    facts : tuple of Concerned
        What it tells and nobody entered a source for; first what forbids a kindred drug, then what forbids any other
        drug here.
    pairs : tuple of Concerned
        By drug: those together with which nothing was entered. A pair of two drugs that are taken or planned stands
        with the first of them only.
    unentered : Concerned
        Drugs of which no contraindication was entered at all.
    """

    conditions: tuple[tuple[Word, tuple[Concerned, ...]], ...]
    facts: tuple[Concerned, ...]
    pairs: tuple[Concerned, ...]
    unentered: Concerned

    @property
    def forbidding(self) -> tuple[tuple[Word, tuple[Concerned, ...]], ...]:
        """Conditions that would forbid a drug."""
        return tuple((mark, items) for mark, items in self.conditions if mark.key == CHECKS[CheckStatus.AVOID].key)

    def __bool__(self) -> bool:
        return bool(self.conditions or self.facts or self.pairs or self.unentered.count)


def unanswered_of(checks: Iterable[Check], near: Collection[str], lupus: Collection[str]) -> Unanswered:
    """Turn what checks leave open round: by what was not answered, with the drugs.

    Parameters
    ----------
    checks : iterable of Check
        Of all drugs of a patient, those that are answered among them: what forbids one drug comes first of what nobody
        looked at for another.
    near, lupus : collection of str
        Drugs that are taken or planned, and drugs of lupus.

    Returns
    -------
    Unanswered
    """
    place = Placed(near, lupus)
    conditions: dict[CheckStatus, dict[str, list[str]]] = {}
    facts: dict[str, list[str]] = {}
    pairs: dict[str, list[str]] = {}
    unentered: list[str] = []
    worst: dict[str, int] = {}
    of_fact: dict[str, int] = {}
    for check in dict.fromkeys(checks):
        if check.known:
            worst[check.criterion] = max(worst.get(check.criterion, 0), check.status.severity)
        elif check.criterion == NO_ROWS:
            unentered.append(check.drug)
        elif not check.unseen:
            conditions.setdefault(_stake(check), {}).setdefault(check.question, []).append(check.drug)
        elif check.criterion != PAIRS or check.found:
            facts.setdefault(check.question, []).append(check.drug)
            kindred = CheckStatus.CONTRAINDICATED.severity + 1 if check.criterion == PAIRS else 0
            of_fact[check.question] = max(kindred, worst.get(check.criterion, 0))
        else:
            for name in check.not_looked_at_with:
                if check.drug not in pairs.get(name, ()) and name not in pairs.get(check.drug, ()):
                    pairs.setdefault(name, []).append(check.drug)
    order = sorted(conditions, key=lambda status: -status.severity)
    return Unanswered(
        conditions=tuple((CHECKS[status], place.all_of(conditions[status])) for status in order),
        facts=tuple(sorted(place.all_of(facts), key=lambda item: -of_fact[item.fact])),
        pairs=place.all_of(pairs),
        unentered=place.of("", unentered),
    )


def of_patient(patient: PatientData) -> Unanswered:
    """Return what the context of a patient leaves without an answer, for the drugs and for the options."""
    responses = patient.results.responses
    checks = [check for drug in responses.values for check in responses.of(drug, 0).checks]
    checks += [check for option in patient.results.reviews.options(0) for check in option.checks]
    # One of which nothing is judged is not spared: it has no place in these lists.
    near = [drug for drug in roles(patient.context, tried=False) if drug in responses.values]
    return unanswered_of(checks, near, lupus_drugs(patient.knowledge))


class Placed:
    """Puts the drugs that something concerns in their order.

    Parameters
    ----------
    near, lupus : collection of str
        Drugs that are taken or planned, and drugs of lupus.
    """

    def __init__(self, near: Collection[str], lupus: Collection[str]) -> None:
        self._near, self._lupus = near, lupus

    def of(self, fact: str, drugs: Iterable[str]) -> Concerned:
        """Return one thing with its drugs."""
        names = sorted(dict.fromkeys(drugs))
        return Concerned(
            fact,
            tuple(name for name in names if name in self._near),
            tuple(name for name in names if name in self._lupus and name not in self._near),
            tuple(name for name in names if name not in self._near and name not in self._lupus),
            tuple(sorted(set(self._near).difference(names))),
        )

    def all_of(self, found: Mapping[str, Sequence[str]]) -> tuple[Concerned, ...]:
        """Return every thing with its drugs: first what concerns most of those that are taken or planned."""
        lines = [self.of(fact, drugs) for fact, drugs in found.items()]
        return tuple(sorted(lines, key=lambda item: (-len(item.near), -len(item.lupus), item.fact)))


def _stake(check: Check) -> CheckStatus:
    return check.at_stake or check.status
