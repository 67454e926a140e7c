"""What the patient went through: a drug that was not tolerated, and its class beside it."""

from __future__ import annotations

from lupus_pgx.context.checks import Check
from lupus_pgx.context.model import Context, Therapy
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import Row, split_list
from lupus_pgx.terms import CheckStatus, Outcome

INTOLERANCE = "intolerance"
"""Criterion of a check on an earlier reaction to the drug or to one of its class."""


class Intolerance:
    """Reactions that the table ``reactions`` calls serious, and the classes of drugs.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._serious = [(row, split_list(row["terms"])) for row in knowledge.rows("reactions")]
        self._class = {name: drug.row["drug_class"] for name, drug in knowledge.drugs_by_name.items()}

    def of(self, drug: str, context: Context) -> list[Check]:
        """Return a check for each reaction to a drug, or to another of its class."""
        courses = [item for item in context.therapies if item.outcome is Outcome.INTOLERANCE]
        own = [self._own(drug, item) for item in courses if item.drug.name == drug]
        related = [
            self._related(drug, item)
            for item in courses
            if item.drug.name != drug and self._class.get(item.drug.name, "") == self._class.get(drug)
        ]
        return [*own, *related]

    def serious(self, reaction: str) -> Row | None:
        """Return the row of a reaction that is serious, by the words that are used for it."""
        text = " ".join(reaction.lower().replace("-", " ").split())
        return next((row for row, terms in self._serious if any(term in text for term in terms)), None)

    def _own(self, drug: str, course: Therapy) -> Check:
        serious = self.serious(course.reaction or "")
        status = CheckStatus.AVOID if serious is not None else CheckStatus.CONSIDER_ALTERNATIVE
        advice = "Not again before the reaction is explained." if serious is not None else "It was not tolerated."
        return _check(drug, "earlier reaction to it", status, advice, course, serious)

    def _related(self, drug: str, course: Therapy) -> Check:
        subject = f"earlier reaction to {course.drug.name}, of the same class"
        advice = "Ask whether the reaction is one of the class before it is given."
        return _check(drug, subject, CheckStatus.CHECK_FIRST, advice, course, self.serious(course.reaction or ""))


def _check(drug: str, subject: str, status: CheckStatus, advice: str, course: Therapy, row: Row | None) -> Check:
    return Check(
        drug=drug,
        subject=subject,
        status=status,
        known=True,
        advice=advice,
        found=course.reaction or "",
        factor_low=None,
        factor_high=None,
        citations=split_list(row["citation"]) if row is not None else (),
        criterion=INTOLERANCE,
        row=row["reaction"] if row is not None else "",
    )
