"""What a context itself answers: a field, a condition, a result, a manifestation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lupus_pgx.context.judged.answers import NO, OPEN, Answer, Case, Question, graded, needs_more, quantities_of
from lupus_pgx.context.judged.bounds import Bounds
from lupus_pgx.context.judged.criteria_table import CriteriaTable
from lupus_pgx.context.judged.presence import ever_present
from lupus_pgx.context.language.short_forms import ACTIVE
from lupus_pgx.context.model import Manifestation
from lupus_pgx.context.values import too_old_text
from lupus_pgx.knowledge.units import Units
from lupus_pgx.terms import Grade


class Stated:
    """Answers by what is told of the patient.

    Parameters
    ----------
    table : CriteriaTable
    bounds : Bounds
    units : Units
    """

    def __init__(self, table: CriteriaTable, bounds: Bounds, units: Units) -> None:
        self._table, self._bounds, self._units = table, bounds, units

    def state(self, case: Case) -> Answer:
        """Answer by a field of the context: a flag, a grade, or one of the values that are named."""
        field, _, wanted = case.name.partition("=")
        given: Any = getattr(case.context, field)
        if isinstance(given, Grade):
            named = field == ACTIVE and case.context.infection
            found = f"{named}, {given.value}" if named else given.value
            return Answer(graded(given, case.question.grade), found)
        if given is None or isinstance(given, bool):
            return Answer(given, "yes" if given else "")
        return Answer(True, given.value.replace("_", " ")) if given.value in wanted.split(",") else NO

    def condition(self, case: Case) -> Answer:
        """Answer by a condition, with a grade or without."""
        grade = case.context.grades.get(case.name)
        if grade is not None:
            return Answer(graded(grade, case.question.grade), grade.value)
        known = case.context.conditions.get(case.name)
        # What stands in for the criterion is named: a haemolytic anaemia is no "haemoglobin (yes)".
        named = self._table.is_kind(case.name, case.row["criterion"])
        yes = f"{self._table.words(case.name)}: yes" if named else "yes"
        if known and needs_more(case.question, case.row):
            return Answer(None, f"{yes}, severity not given", feared=True)
        return Answer(known, yes if known else "")

    def found(self, case: Case) -> Answer:
        """Say whether the newest result says that something is there; one that is too old leaves it open."""
        series = [item for item in case.context.labs if item.quantity == case.name]
        results = [one for item in series for one in item.values if one.present is not None]
        if not results:
            return OPEN
        newest = max(results, key=lambda one: (one.date, bool(one.present)))
        quantity, found = self._units.quantities[case.name], f"present on {newest.date}"
        if not newest.present:
            return OPEN
        if quantity.outdated(newest.date, case.context.today):
            return Answer(None, too_old_text(found, quantity), feared=True)
        return Answer(True, found)

    def measured(self, case: Case) -> Answer:
        """Hold a quantity against the bound; one that stands in for the first of its criterion says which it is."""
        answer = self._bounds.answer(case.name, case.context, case.question, case.row)
        first = quantities_of(case.row)[0]
        if case.name == first or not answer.found:
            return answer
        # Leukocytes of last week say nothing more where the neutrophils were counted today, nor do as many as usual.
        low = answer.feared or self._bounds.answer(case.name, case.context, Question(), case.row).met
        if self._bounds.newer(first, case.name, case.context) or not low:
            return OPEN
        return answer._replace(
            met=answer.met or None, found=f"{self._units.quantities[case.name].measure} {answer.found}"
        )

    def fallen(self, case: Case) -> Answer:
        """Say whether a quantity has fallen by as much as is asked."""
        return self._bounds.fell(case.name, case.context, case.question, case.row)

    def manifestation(self, case: Case) -> Answer:
        """Say whether a manifestation is there, as severe as asked; one that is not among those listed is absent."""
        listed: Sequence[Manifestation] = [item for item in case.context.manifestations if item.name == case.name]
        if not listed:
            return NO if case.context.knows("manifestations") else OPEN
        severity = listed[0].severity
        if case.question.grade == "any":
            return Answer(True, case.name)
        if severity is None:
            return Answer(None, f"{case.name}, severity not given", feared=True)
        return Answer(graded(severity, case.question.grade), f"{severity.value} {case.name}")

    def present(self, case: Case) -> Answer:
        """Say whether one of several antibodies was ever found; one that was not looked for leaves it open."""
        wanted = self._units.collected(case.name)
        results = {name: ever_present(item for item in case.context.labs if item.quantity == name) for name in wanted}
        if True in results.values():
            return Answer(True, f"{case.name} antibodies present")
        return NO if set(results.values()) == {False} else OPEN
