"""Drugs that are akin: what forbids one is feared of another for which nobody has looked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lupus_pgx.context.judged.intolerance import INTOLERANCE
from lupus_pgx.context.judged.safety import Check, safety_of
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.review.option import Option
from lupus_pgx.review.stages import AGAINST, PREGNANT, REFRACTORY, TRIAL
from lupus_pgx.terms import CheckStatus, Sex

_AGE = "age"


class Kindred:
    """Which drugs share what forbids them, by the tables: by their class, and by the classes that share a harm.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self.safety = safety_of(knowledge)
        self.classes = {name: drug.row["drug_class"] for name, drug in knowledge.drugs_by_name.items()}
        # An age limit is the licence of one drug, and no property of its class.
        self.licences = {row["criterion"] for row in knowledge.rows("criteria") if row["asks"] == _AGE}
        first = {row["criterion"] for row in knowledge.rows("contraindications") if row["asks_first"]}
        # What a man's drug does to a child is shown of few: nobody's silence on the others is to be feared.
        of_men = {row["criterion"] for row in knowledge.rows("criteria") if row["sex"] == Sex.MALE}
        self.decisive = first - self.licences - of_men
        self.families: dict[str, set[str]] = defaultdict(set)
        for family in knowledge.with_role("shares_harm"):
            for member in knowledge.class_members.get(family, ()):
                self.families[member].add(family)
        self.harms = self._harms(knowledge)

    def _harms(self, knowledge: Knowledge) -> Mapping[str, set[str]]:
        """Return by class that shares a harm the criteria that are of it: members of several classes have rows on them.

        That one of its classes raises potassium is no harm of all that depresses the immune system.
        """
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in knowledge.rows("contraindications"):
            for family in self.families.get(row["drug"], ()):
                found[family, row["criterion"]].add(self.classes.get(row["drug"]) or row["drug"])
        harms: dict[str, set[str]] = defaultdict(set)
        for (family, criterion), classes in found.items():
            if len(classes) > 1:
                harms[family].add(criterion)
        return harms

    def by_class(self, options: Sequence[Option]) -> list[Option]:
        """Let a drug without a row for what forbids another of its class stand no better than that one."""
        strict = [
            check
            for option in options
            for check in option.against
            if check.criterion and check.criterion not in self.licences and not check.speaks_against
        ]
        kept = {check for option in options if option.stage not in (TRIAL, AGAINST) for check in option.against}
        hard = [check for check in strict if check in kept and check.status.severity >= CheckStatus.AVOID.severity]
        return [
            replace(option, unlooked=None if option.stage == PREGNANT else self._unseen(option, strict, hard))
            for option in options
        ]

    def _unseen(self, option: Option, strict: Sequence[Check], hard: Sequence[Check]) -> CheckStatus | None:
        """Return how an option counts where nobody looked for what forbids a kindred drug, or is asked before all."""
        unseen = [check for check in option.checks if _unanswered(check)]
        met = [other.status for check in unseen for other in strict if self._bears_on(other, check)]
        met += [CheckStatus.AVOID for check in unseen if check.criterion in self.decisive]
        if option.stage == TRIAL:
            # Of what is under study less is known than of what is in use: it is no way round what is told.
            met += [CheckStatus.AVOID] if hard else []
        elif option.stage == REFRACTORY and not all(map(self.safety.has_rows, option.drugs)):
            met += [other.status for other in hard]
        return max(met, key=lambda status: status.severity, default=None)

    def _bears_on(self, strict: Check, unseen: Check) -> bool:
        """Whether what forbids one drug is to be feared of another for which nobody has looked.

        What forbids a small molecule says nothing of an antibody: drugs are kindred by their class and by the classes
        that share a harm. A reaction may be one of the class, and of no other.
        """
        if strict.criterion != unseen.criterion:
            return False
        own = self.classes.get(strict.drug)
        alike = bool(own) and own == self.classes.get(unseen.drug)
        if strict.criterion == INTOLERANCE or alike:
            return own == self.classes.get(unseen.drug)
        shared = self.families[unseen.drug] & self.families[strict.drug]
        return unseen.criterion in self.decisive or any(unseen.criterion in self.harms[name] for name in shared)


def _unanswered(check: Check) -> bool:
    """Whether nobody has looked: no row of the drug is on it, or a reaction to one of its class is not explained."""
    asked = check.criterion == INTOLERANCE and check.status is CheckStatus.CHECK_FIRST
    return asked or check.status is CheckStatus.NOT_LOOKED_AT
