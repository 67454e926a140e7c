"""What the clinical context says against a drug: contraindications and interactions.

A context that is silent clears nothing: the check stays open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from lupus_pgx.context.model import Context, LabSeries, LabValue, Manifestation
from lupus_pgx.context.values import Amount, Value, as_new_as, values_of
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import DrugNames
from lupus_pgx.knowledge.tables import Row, split_list
from lupus_pgx.knowledge.units import UPPER_LIMIT
from lupus_pgx.terms import Action, CheckStatus, Contraception, Grade, Sex
from lupus_pgx.words.vocabulary import CHECKS, plain

_GRADES = {"any": Grade.MILD, "moderate": Grade.MODERATE, "severe": Grade.SEVERE}
_BY_ACTION = {
    Action.AVOID: CheckStatus.AVOID,
    Action.REDUCE_DOSE: CheckStatus.ADJUST_DOSE,
    Action.INCREASE_DOSE: CheckStatus.ADJUST_DOSE,
    Action.CONSIDER_ALTERNATIVE: CheckStatus.AVOID,
    Action.TEST_FIRST: CheckStatus.CHECK_FIRST,
    Action.MONITOR: CheckStatus.MONITOR,
    Action.INFORMATIVE_ONLY: CheckStatus.NOTE,
    Action.STANDARD: CheckStatus.COMPATIBLE,
}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "below": lambda found, bound: found < bound,
    "at_most": lambda found, bound: found <= bound,
    "at_least": lambda found, bound: found >= bound,
    "above": lambda found, bound: found > bound,
}
_GRADED = ("liver_disease", "active_infection")
_STATED = ("tuberculosis", "hepatitis_b", "retinopathy")
_ANTIPHOSPHOLIPID = "antiphospholipid"
"""Manifestation, and the key under which its antibodies are monitored."""

PLANNED_DOSE = "planned_dose"
"""Criterion of a check that only bears on a genotype rule with a condition on the dose."""

_BOUND = re.compile(r">= ([0-9.]+) (mg(?:/(?:kg|m2))?/day)")
_TOPICS = {"egfr": "kidney function", "igg": "IgG", "hepatitis_b": "hepatitis B and C"}
_OWN_WORDS = ("", "other", "inherited_disease", "hypersensitivity", "cns_lupus")
_ORGANS = {"cns_lupus": "neuropsychiatric lupus", "severe_lupus_nephritis": "lupus nephritis"}


Answer = tuple[bool | None, str]
"""Whether a condition is met (None: the context is silent), and what the context says."""


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the tables ``contraindications`` or ``interactions``, held against a context.

    Attributes
    ----------
    drug : str
    subject : str
        Condition or partner.
    status : CheckStatus
    known : bool
        False where the context is silent: then the status is ``check_first``.
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
    cap : Amount or None
        Highest dose that the source gives.
    """

    drug: str
    subject: str
    status: CheckStatus
    known: bool
    advice: str
    found: str
    factor_low: float | None
    factor_high: float | None
    citations: tuple[str, ...]
    partner: str = ""
    criterion: str = ""
    row: str = ""
    kind: str = ""
    direction: str = ""
    about_drug: bool = True
    cap: Amount | None = None

    @property
    def topic(self) -> str:
        """What to ask about, in words that rows on the same condition share."""
        words = _TOPICS.get(self.criterion, plain(self.criterion))
        return self.subject if self.criterion in _OWN_WORDS else words

    @property
    def against(self) -> bool:
        """Whether it is known to speak against the drug as usual."""
        return self.known and self.status.severity > CheckStatus.MONITOR.severity

    def __str__(self) -> str:
        found = f" ({self.found})" if self.found else ""
        return f"{CHECKS[self.status].label}: {self.subject}{found}"


class Safety:
    """Contraindications and interactions of drugs, held against contexts.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._units = knowledge.known_units
        self._names = DrugNames(knowledge)
        self._states: dict[str, Callable[[Context], Answer]] = {
            "pregnancy": lambda context: _of_women(context, context.pregnancy),
            "breast_feeding": lambda context: _of_women(context, context.breast_feeding),
            "contraception": _contraception,
            "thrombosis": self._thrombosis,
            **{name: partial(_stated, name=name) for name in _STATED},
            **{name: partial(_organ, name=organ) for name, organ in _ORGANS.items()},
        }
        self._conditions: dict[str, list[Row]] = {}
        for row in knowledge.rows("contraindications"):
            self._conditions.setdefault(row["drug"], []).append(row)
        classes: dict[str, list[str]] = {}
        for drug in knowledge.drugs_by_name.values():
            classes.setdefault(drug.row["drug_class"].lower(), []).append(drug.drug)
        self._doses = _dose_rules(knowledge)
        self._pairs: dict[str, list[tuple[Row, frozenset[str]]]] = {}
        for pair in knowledge.rows("interactions"):
            partners = [pair["with"], *split_list(pair["with_drugs"])]
            named = {self._names.find(name) or name for name in partners}
            named.update(member for name in partners for member in classes.get(name.lower(), ()))
            self._pairs.setdefault(pair["drug"], []).append((pair, frozenset(named)))

    def check(self, drug: str, context: Context) -> tuple[Check, ...]:
        """Hold a drug against the context of a patient, the most severe first.

        Parameters
        ----------
        drug : str
            Name as in the tables.
        context : Context

        Returns
        -------
        tuple of Check
            Conditions that are met or not known, and interactions with what is taken now.
        """
        taken = [item.name for item in context.on_board if item.listed]
        found = [*self.conditions(drug, context), *self.interactions(drug, taken), *self.doses(drug, context)]
        return tuple(sorted(found, key=lambda item: (-item.status.severity, not item.known)))

    def conditions(self, drug: str, context: Context) -> list[Check]:
        """Return the contraindications that are met, or that the context does not clear."""
        found: list[Check] = []
        worst: dict[str, int] = {}
        of_value: set[str] = set()
        for row in self._conditions.get(drug, ()):
            met, shown = self._meets(row, context)
            status = CheckStatus(row["severity"]) if met else CheckStatus.CHECK_FIRST
            if met is False or (met is None and row["severity"] == CheckStatus.COMPATIBLE):
                continue
            check = Check(
                drug=drug,
                subject=row["condition"],
                status=status,
                known=met is not None,
                advice=row["advice"],
                found=shown,
                factor_low=None,
                factor_high=None,
                citations=split_list(row["citation"]),
                criterion=row["criterion"],
                row=row["condition"],
            )
            found.append(check)
            if met and (row["operator"] or row["criterion"] in _GRADED):
                worst[row["criterion"]] = max(worst.get(row["criterion"], 0), status.severity)
                of_value.add(row["condition"])
        if drug not in self._conditions:
            found.append(_without_rows(drug))
        # Of rows on one value, such as two bounds of the eGFR or two grades, the most severe count.
        return [item for item in found if item.row not in of_value or item.status.severity == worst[item.criterion]]

    def doses(self, drug: str, context: Context) -> list[Check]:
        """Say where the dose that is planned or taken is below the one a genotype rule was written for."""
        plans = [item.dose for item in context.planned if item.drug.name == drug]
        plans += [item.dose for item in context.therapies if item.drug.name == drug and item.outcome == "ongoing"]
        doses = [_by_weight(dose, context.weight) for dose in plans if dose is not None]
        found = []
        for rule in self._doses.get(drug, ()) if doses else ():
            reached = [self._reaches(dose, rule) for dose in doses[0]]
            if False in reached and True not in reached:
                found.append(_below(drug, rule, doses[0][0]))
        return found

    def _reaches(self, dose: Amount, rule: _DoseRule) -> bool | None:
        """Say whether a dose reaches one of the bounds of a rule; None where no unit fits."""
        values = [(self._units.convert(dose.value, "dose", dose.unit, unit), bound) for bound, unit in rule.bounds]
        compared = [value >= bound for value, bound in values if value is not None]
        return any(compared) if compared else None

    def interactions(self, drug: str, taken: Iterable[str]) -> list[Check]:
        """Return the interactions of a drug with others, whichever of the two a row is about."""
        found = []
        for other in dict.fromkeys(name for name in taken if name != drug):
            for one, partner in ((drug, other), (other, drug)):
                rows = [row for row, names in self._pairs.get(one, ()) if partner in names]
                found += [_interaction(row, drug, other) for row in rows]
        return found

    def _meets(self, row: Row, context: Context) -> Answer:
        """Say whether a context meets the condition of a row (None: it is silent), and what it says."""
        criterion = row["criterion"]
        if criterion in self._states:
            return self._states[criterion](context)
        if criterion in _GRADED:
            grade = getattr(context, criterion)
            return _graded(grade, row["grade"]), grade or ""
        if criterion in self._units.quantities:
            return self._measured(row, criterion, context)
        return _tolerated(context, row["drug"]) if criterion == "hypersensitivity" else (None, "")

    def _measured(self, row: Row, quantity: str, context: Context) -> Answer:
        """Hold the newest value against the bound of a row; one that is too old, or contradicted, answers nothing."""
        known = values_of(context, quantity, self._units)
        if not known:
            return None, ""
        if row["value"] is None or row["operator"] is None:
            return None, str(known[0])
        # A clearance and a rate per body surface are not converted into each other.
        compared = [(value, self._compared(row, quantity, value)) for value in as_new_as(known)]
        told = [(value, met) for value, met in compared if met is not None]
        if not told:
            return None, str(known[0])
        newest, met = told[0]
        if newest.too_old(context.today):
            return None, f"{newest}, older than {newest.quantity.valid_days} days"
        other = next((value for value, answer in told if answer is not met), None)
        return (met, str(newest)) if other is None else (None, f"{newest} and {other} disagree")

    def _compared(self, row: Row, quantity: str, value: Value) -> bool | None:
        """Say whether a value meets the bound of a row; None where its unit is another kind."""
        number = self._units.convert(value.amount.value, quantity, value.amount.unit, row["unit"])
        return None if number is None else _COMPARE[row["operator"]](number, row["value"])

    def _thrombosis(self, context: Context) -> Answer:
        """Say whether a thrombosis or antiphospholipid antibodies are known."""
        if any(item.name == _ANTIPHOSPHOLIPID for item in context.manifestations):
            return True, "antiphospholipid syndrome or antibodies"
        wanted = self._units.collected(_ANTIPHOSPHOLIPID)
        results = {name: _ever_present(item for item in context.labs if item.quantity == name) for name in wanted}
        if True in results.values():
            return True, "antiphospholipid antibodies present"
        known = context.conditions.get("thrombosis")
        if known:
            return True, "earlier thrombosis"
        # One antibody that was not looked for leaves the question open.
        return (False, "") if known is False and set(results.values()) == {False} else (None, "")


@dataclass(frozen=True, slots=True)
class _DoseRule:
    """A condition of guideline rows on the planned dose."""

    source: str
    text: str
    bounds: tuple[tuple[float, str], ...]
    citations: tuple[str, ...]


def _dose_rules(knowledge: Knowledge) -> dict[str, list[_DoseRule]]:
    """Return the conditions on a planned dose by drug, each once."""
    found: dict[str, dict[tuple[str, str], _DoseRule]] = {}
    for row in knowledge.rows("guidance"):
        bounds = tuple((float(value), unit) for value, unit in _BOUND.findall(row["applies_if"] or ""))
        text = row["applies_if"] or ""
        if bounds and text.startswith("planned "):
            rule = _DoseRule(row["source"], text, bounds, split_list(row["citation"]))
            found.setdefault(row["drug"], {}).setdefault((rule.source, rule.text), rule)
    return {drug: list(rules.values()) for drug, rules in found.items()}


def _by_weight(dose: Amount, weight: Amount | None) -> list[Amount]:
    """Return a dose as given, and by body weight where that is known."""
    by_weight = [Amount(dose.value / weight.value, f"{dose.unit[:2]}/kg/day")] if weight and weight.value else []
    return [dose, *(by_weight if dose.unit == "mg/day" else [])]


def _below(drug: str, rule: _DoseRule, dose: Amount) -> Check:
    return Check(
        drug=drug,
        subject=f"the rule of {rule.source} is for {rule.text}",
        status=CheckStatus.CHECK_FIRST,
        known=True,
        advice="The planned dose is below the one that the change of dose was written for.",
        found=f"{dose.value:g} {dose.unit}",
        factor_low=None,
        factor_high=None,
        citations=rule.citations,
        criterion=PLANNED_DOSE,
        row=rule.text,
    )


@lru_cache(maxsize=4)
def safety_of(knowledge: Knowledge) -> Safety:
    """Return the checks of a set of tables, made once."""
    return Safety(knowledge)


def _without_rows(drug: str) -> Check:
    """Say that no contraindication of a drug stands in the tables: that is not to say that there is none."""
    return Check(
        drug=drug,
        subject=f"contraindications of {drug}, of which the tables hold none",
        status=CheckStatus.CHECK_FIRST,
        known=False,
        advice="No row was entered for this drug: look them up.",
        found="",
        factor_low=None,
        factor_high=None,
        citations=(),
        criterion="other",
        row="",
    )


def _interaction(row: Row, drug: str, other: str) -> Check:
    """Return an interaction as a check of a drug, whichever of the two its row is about."""
    about = "" if row["drug"] == drug else f"changes {row['drug']}: "
    low, high = (row["factor_low"], row["factor_high"]) if row["drug"] == drug else (None, None)
    action = Action(row["action"])
    return Check(
        drug=drug,
        subject=f"with {other}",
        status=_BY_ACTION[action],
        known=True,
        advice=f"{about}{row['effect']} {row['advice']}",
        found="",
        factor_low=low,
        factor_high=high,
        citations=split_list(row["citation"]),
        partner=other,
        row=row["with"],
        kind=row["kind"],
        direction=row["direction"],
        about_drug=row["drug"] == drug,
        cap=Amount(row["cap"], row["unit"] or "") if row["drug"] == drug and row["cap"] is not None else None,
    )


def _of_women(context: Context, stated: bool | None) -> Answer:
    return (False, "") if context.sex is Sex.MALE else (stated, "yes" if stated else "")


def _stated(context: Context, name: str) -> Answer:
    known = context.conditions.get(name)
    return known, "yes" if known else ""


def _contraception(context: Context) -> Answer:
    """Say whether a pregnancy may begin; one that has begun is another condition."""
    given = context.contraception
    if context.pregnancy or given in (Contraception.SECURED, Contraception.NOT_NEEDED):
        return False, ""
    return (None, "") if given is None else (True, plain(given))


def _graded(grade: Grade | None, asked: str) -> bool | None:
    order = list(Grade)
    return None if grade is None else order.index(grade) >= order.index(_GRADES[asked])


def _organ(context: Context, name: str) -> Answer:
    """Say whether a manifestation is severe; one that is not among those listed is absent."""
    listed: Sequence[Manifestation] = [item for item in context.manifestations if item.name == name]
    if not listed:
        return (False, "") if context.knows("manifestations") else (None, "")
    severity = listed[0].severity
    return (None, f"{name}, severity not given") if severity is None else (severity is Grade.SEVERE, f"severe {name}")


def _tolerated(context: Context, drug: str) -> Answer:
    """Say what is known of an earlier reaction; one to something else is not looked for."""
    courses = [item for item in context.therapies if item.drug.name == drug]
    reactions = [item.reaction for item in courses if item.reaction]
    if reactions:
        return None, f"earlier reaction: {', '.join(reactions)}"
    return (False, "") if courses else (None, "")


def _ever_present(series: Iterable[LabSeries]) -> bool | None:
    """Say whether an antibody was ever found; None where it was not looked for, or a number has no bound."""
    results = [_present(one, item.unit) for item in series for one in item.values]
    if True in results:
        return True
    return None if None in results or not results else False


def _present(one: LabValue, unit: str) -> bool | None:
    if one.value is None:
        return one.present
    return one.value > 1 if unit == UPPER_LIMIT else None


def checks_of(
    drugs: Iterable[str], contexts: Mapping[str, Context], sample_ids: Sequence[str], knowledge: Knowledge
) -> dict[tuple[str, int], tuple[Check, ...]]:
    """Hold drugs against the contexts of samples.

    Returns
    -------
    dict of (drug, sample number) to tuple of Check
        Of the samples that have a context.
    """
    numbers = [number for number, sample in enumerate(sample_ids) if sample in contexts]
    if not numbers:
        return {}
    safety = safety_of(knowledge)
    return {
        (drug, number): checks
        for drug in drugs
        for number in numbers
        if (checks := safety.check(drug, contexts[sample_ids[number]]))
    }
