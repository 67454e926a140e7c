"""What the table ``criteria`` says by itself: which criterion is a part of which, and of whom each is asked."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.answers import ONLY_YES, quantities_of
from lupus_pgx.context.judged.by_genotype import stated_sources
from lupus_pgx.context.model import Context
from lupus_pgx.knowledge.catalogue import Knowledge

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import CriteriaCells


class CriteriaTable:
    """The criteria of the tables, and how they stand to each other.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self.rows: Mapping[str, CriteriaCells] = {row["criterion"]: row for row in knowledge.rows("criteria")}
        self.core = tuple(name for name, row in self.rows.items() if row["core"])
        self._asks = {name: stated_sources(row) for name, row in self.rows.items()}
        self._parts: dict[str, list[str]] = {}
        for name, row in self.rows.items():
            if row["part_of"]:
                self._parts.setdefault(row["part_of"], []).append(name)
        self._instead: dict[str, list[str]] = {}
        for name, row in self.rows.items():
            if row["excluded_by"]:
                self._instead.setdefault(row["excluded_by"], []).append(name)
        same: dict[tuple[str, ...], list[str]] = {}
        for name, asks in self._asks.items():
            same.setdefault(tuple(asks), []).append(name)
        self._same = {name: same[tuple(asks)] for name, asks in self._asks.items()}

    def words(self, name: str) -> str:
        """Return what to ask about."""
        row = self.rows.get(name)
        return row["words"] if row else name.replace("_", " ")

    def is_kind(self, condition: str, criterion: str) -> bool:
        """Say whether a condition is a part of a criterion, or answers it beside what it asks for first."""
        stands_in = condition != criterion and f"condition:{condition}{ONLY_YES}" in self._asks[criterion]
        return condition in self._parts.get(criterion, ()) or stands_in

    def is_narrower(self, one: str, other: str) -> bool:
        """Say whether a criterion is a part of another one, or rests on less than all that answers the other.

        Of a quantity there is no part: a dose by kidney function stands beside what dialysis forbids.
        """
        if one == other or one not in self.rows or other not in self.rows or quantities_of(self.rows[other]):
            return False
        asks = [{source.removesuffix(ONLY_YES) for source in self._asks[name]} for name in (one, other)]
        # A part may ask for the same, and is told apart by what excludes it: a recent one.
        part = self.rows[one]["part_of"] == other and not asks[0] > asks[1]
        return part or (bool(asks[0]) and asks[0] < asks[1])

    def is_measured(self, name: str) -> bool:
        """Say whether a quantity answers a criterion."""
        return name in self.rows and bool(quantities_of(self.rows[name]))

    def of_the_drug(self, name: str) -> bool:
        """Say whether a criterion is an earlier reaction to the very drug."""
        return name in self.rows and self.rows[name]["asks"] == "tolerance"

    def asked(self, name: str, context: Context) -> bool:
        """Say whether a criterion is a question of this sex and age, as far as they are known."""
        row = self.rows[name]
        if of_other_sex(row, context):
            return False
        low, high = row["age_low"], row["age_high"]
        return context.age is None or not ((low and context.age < low) or (high and context.age > high))

    def says_no_more(self, name: str, told: Collection[str]) -> bool:
        """Say whether a criterion rests on what tells another one, which it is a part of: what a fact is told apart by.

        Nobody told a heparin-induced thrombocytopenia "within 100 days" or "now" who told one without a date. What is
        left of the whole without one of its parts, which excludes it, is told by the whole, too.
        """
        row = self.rows[name]
        apart = self.rows.get(row["excluded_by"] or "")
        whole = row["part_of"] or (apart["part_of"] if apart is not None else None)
        asks = {re.sub("^(?:lately|after):", "reaction:", source) for source in self._asks[name]}
        return whole in told and asks <= set(self._asks[whole or ""])

    def asks_the_same(self, name: str, other: str) -> bool:
        """Say whether what answers a criterion answers another one, of which it is all, or the first, that is told."""
        return self.is_stated(name) and self._asks[name] == self._asks[other][:1]

    def wholes(self, name: str) -> tuple[str, ...]:
        """Return the criterion that one is a part of, and what that is a part of: a recent stroke is a stroke."""
        whole = self.rows[name]["part_of"]
        return (whole, *self.wholes(whole)) if whole else ()

    def wholes_of_same(self, name: str) -> frozenset[str]:
        """Return what a criterion is a part of, and each other one that the very same answers."""
        return frozenset(whole for other in self._same[name] for whole in self.wholes(other))

    def at_stake(self, name: str, context: Context) -> bool:
        """Say whether the context makes the criterion a question: sex and age are known, and in its bounds."""
        row = self.rows[name]
        sex = not row["sex"] or (context.sex is not None and context.sex.value == row["sex"])
        age = (row["age_low"] is None and row["age_high"] is None) or context.age is not None
        return sex and age and self.asked(name, context)

    def is_stated(self, name: str) -> bool:
        """Say whether a criterion is a condition that a context states."""
        return any(source.startswith("condition:") for source in self._asks[name])


def of_other_sex(row: CriteriaCells, context: Context) -> bool:
    """Say whether a criterion is one of the other sex, as far as that of the patient is known."""
    return bool(row["sex"]) and context.sex is not None and row["sex"] != context.sex.value
