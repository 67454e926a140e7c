"""The dose that is planned or taken: as given and by body weight, and whether a genotype rule was written for it."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass

from lupus_pgx.context.judged.checks import Check
from lupus_pgx.context.model import Context, Therapy
from lupus_pgx.context.values import TURNED, Amount, holds
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.knowledge.units import Units
from lupus_pgx.terms import CheckStatus

PLANNED_DOSE = "planned_dose"
"""Criterion of a check that only bears on a genotype rule with a condition on the dose."""


_PER_KG = "/kg"
_BY_WEIGHT = {"mg/day": f"mg{_PER_KG}/day", "mg": f"mg{_PER_KG}"}
"""Units of a dose of which rows give a bound by weight too."""


@dataclass(frozen=True, slots=True)
class DoseRule:
    """A condition of guideline rows on the planned dose."""

    source: str
    text: str
    bounds: tuple[tuple[float, str], ...]
    citations: tuple[str, ...]


def dose_rules(knowledge: Knowledge) -> dict[str, list[DoseRule]]:
    """Return the conditions on a planned dose by drug, each once."""
    found: dict[str, dict[tuple[str, str], DoseRule]] = {}
    for row in knowledge.rows("guidance"):
        bounds = tuple(_bound(cell) for cell in split_list(row["dose_from"]))
        if bounds:
            rule = DoseRule(row["guideline"], row["applies_if"] or "", bounds, split_list(row["citation"]))
            found.setdefault(row["drug"], {}).setdefault((rule.source, rule.text), rule)
    return {drug: list(rules.values()) for drug, rules in found.items()}


def _bound(cell: str) -> tuple[float, str]:
    value, unit = cell.split(" ", 1)
    return float(value), unit


def current_courses(context: Context) -> list[Therapy]:
    """Return what is planned, then what is taken now."""
    ongoing = (item for item in context.therapies if item.goes_on)
    return [*context.planned, *ongoing, *context.doses]


def planned_doses(context: Context, drug: str) -> list[list[Amount]]:
    """Return each dose of a drug that is planned or taken, as given and by body weight where that is known."""
    doses = [item.dose for item in current_courses(context) if item.drug.name == drug]
    return [by_weight(dose, context.weights) for dose in doses if dose is not None]


def below_a_rule(drug: str, context: Context, rules: list[DoseRule], units: Units) -> list[Check]:
    """Say where the dose that is planned or taken is below the one a genotype rule was written for."""
    doses = planned_doses(context, drug)
    found = []
    for rule in rules if doses else ():
        # A rule counts where any of the doses reaches it.
        reached = [_reaches(dose, rule, units) for same in doses for dose in same]
        if False in reached and True not in reached:
            found.append(_below(drug, rule, doses[0][0]))
    return found


def _reaches(dose: Amount, rule: DoseRule, units: Units) -> bool | None:
    """Say whether a dose reaches one of the bounds of a rule; None where no unit fits."""
    values = [(units.convert(dose.value, "dose", dose.unit, unit), bound) for bound, unit in rule.bounds]
    compared = {holds(operator.ge, value, bound, dose.sign) for value, bound in values if value is not None}
    return True if True in compared else None if None in compared or not compared else False


def by_weight(dose: Amount, weights: Iterable[Amount]) -> list[Amount]:
    """Return a dose as given and a daily or single one by each weight, or one by it as a whole.

    By a weight of which only a bound is known it is a bound, too: the dose by a weight below 80 kg lies above it.

    Parameters
    ----------
    dose : Amount
    weights : iterable of Amount
        Those that may be the one of today; empty where none is known.
    """
    made = [dose]
    for weight in weights:
        if _PER_KG in dose.unit:
            made.append(Amount(dose.value * weight.value, dose.unit.replace(_PER_KG, "", 1), sign=weight.sign))
        elif dose.unit in _BY_WEIGHT:
            made.append(Amount(dose.value / weight.value, _BY_WEIGHT[dose.unit], sign=TURNED[weight.sign]))
    return made


def _below(drug: str, rule: DoseRule, dose: Amount) -> Check:
    return Check(
        drug=drug,
        subject=f"the rule of {rule.source} is for {rule.text}",
        status=CheckStatus.CHECK_FIRST,
        advice="The planned dose is below the one that the change of dose was written for.",
        found=f"{dose.value:g} {dose.unit}",
        citations=rule.citations,
        criterion=PLANNED_DOSE,
        row=rule.text,
    )
