"""What the patient went through: a drug that was not tolerated, its class, and drugs that share the reaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

from lupus_pgx.context.checks import Check
from lupus_pgx.context.model import Context, Therapy
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import class_heads
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import CheckStatus, Outcome

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import CrossReactionsCells, ReactionsCells

INTOLERANCE = "intolerance"
"""Criterion of a check on an earlier reaction to the drug, to one of its class or to one that shares the reaction."""

_ANY_SERIOUS = "serious"
"""Stands in ``cross_reactions`` for every reaction of the table ``reactions``."""


class Intolerance:
    """Reactions that the table ``reactions`` calls serious, the classes of drugs, and who shares a reaction.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._serious = [(row, reaction_pattern(split_list(row["terms"]))) for row in knowledge.rows("reactions")]
        self._class = class_heads(knowledge)
        self._parts = knowledge.drug_names.parts
        classes = knowledge.class_members
        self._shared: dict[tuple[str, str], list[CrossReactionsCells]] = {}
        for row in knowledge.rows("cross_reactions"):
            for cause in classes.get(row["drug"], frozenset((row["drug"],))):
                for drug in classes.get(row["related"], frozenset((row["related"],))):
                    self._shared.setdefault((cause, drug), []).append(row)

    def of(self, drug: str, context: Context) -> list[Check]:
        """Return a check for each reaction to a drug, to another of its class, or to one that shares the reaction.

        Nobody knows which part of a combination brought a reaction on: it counts for each, and one to a part counts
        for the whole.
        """
        courses = [item for item in context.therapies if item.outcome is Outcome.INTOLERANCE]
        own = [self._own(drug, item, drug) for item in courses if item.drug.name == drug]
        related = [check for item in courses if item.drug.name != drug for check in self._related(drug, item)]
        return [*own, *related]

    def _in_both(self, drug: str, cause: str) -> str:
        """Return the drug, or else a part, that two names have in common; empty where there is none."""
        parts = self._parts(cause)
        return next((name for name in self._parts(drug) if name in parts), "")

    def serious(self, reaction: str) -> list[ReactionsCells]:
        """Return the rows of the serious reactions that a text names, by the words that are used for them."""
        text = " ".join(reaction.replace("-", " ").split())
        return [row for row, pattern in self._serious if pattern.search(text)]

    def _own(self, drug: str, course: Therapy, shared: str) -> Check:
        serious = self.serious(course.reaction or "")
        status = CheckStatus.AVOID if serious else CheckStatus.CONSIDER_ALTERNATIVE
        advice = "Not again before the reaction is explained." if serious else "It was not tolerated."
        subject = f"earlier reaction to {_told_of(drug, course.drug.name, shared)}"
        return _check(drug, subject, status, advice, course, serious)

    def _related(self, drug: str, course: Therapy) -> list[Check]:
        """Return what a reaction to another drug says of this one: a row on the pair goes before their class."""
        serious = self.serious(course.reaction or "")
        told = {row["reaction"] for row in serious} | ({_ANY_SERIOUS} if serious else set())
        pairs = product(self._parts(course.drug.name), self._parts(drug))
        rows = [row for pair in pairs for row in self._shared.get(pair, ()) if row["reaction"] in told]
        if rows:
            row = max(rows, key=lambda item: CheckStatus(item["severity"]).severity)
            return [_shared(drug, course, row)]
        part = self._in_both(drug, course.drug.name)
        if part:
            return [self._own(drug, course, part)]
        if self._class.get(course.drug.name, "") != self._class.get(drug):
            return []
        subject = f"earlier reaction to {course.drug.name}, of the same class"
        advice = "Ask whether the reaction is one of the class before it is given."
        return [_check(drug, subject, CheckStatus.CHECK_FIRST, advice, course, serious)]


def _told_of(drug: str, cause: str, shared: str) -> str:
    """Name what brought a reaction on, and what a drug has of it."""
    if drug == cause:
        return "it"
    if shared in (drug, cause):
        return f"{cause}, of which it is a part" if shared == drug else f"{cause}, a part of it"
    return f"{cause}: {shared} is in both"


def reaction_pattern(terms: Sequence[str]) -> re.Pattern[str]:
    """Return what finds a reaction: an abbreviation in capitals as a whole word, anything else as part of one.

    Parameters
    ----------
    terms : sequence of str
        Of a row of the table ``reactions``.

    Returns
    -------
    re.Pattern
    """
    parts = [rf"\b{re.escape(term)}\b" if term.isupper() else re.escape(term) for term in terms]
    return re.compile("|".join(parts), re.IGNORECASE)


def _shared(drug: str, course: Therapy, row: CrossReactionsCells) -> Check:
    """Return a row on two drugs that share a reaction as a check."""
    return Check(
        drug=drug,
        subject=f"earlier reaction to {course.drug.name}, which it can share",
        status=CheckStatus(row["severity"]),
        advice=row["advice"],
        found=course.reaction or "",
        citations=split_list(row["citation"]),
        criterion=INTOLERANCE,
        row=row["reaction"],
        jurisdiction=row["jurisdiction"],
        checked=row["checked"],
        checked_on=row["checked_on"] or "",
    )


def _check(
    drug: str, subject: str, status: CheckStatus, advice: str, course: Therapy, rows: Sequence[ReactionsCells]
) -> Check:
    return Check(
        drug=drug,
        subject=subject,
        status=status,
        advice=advice,
        found=course.reaction or "",
        citations=split_list(rows[0]["citation"]) if rows else (),
        criterion=INTOLERANCE,
        row=rows[0]["reaction"] if rows else "",
    )
