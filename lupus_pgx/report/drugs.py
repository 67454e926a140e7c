"""What a report shows of drugs: plain values, ready for a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lupus_pgx.context.safety import Check
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.rules import EvidenceRow, GuidanceRule
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.report.marks import (
    ACTIONS,
    Citations,
    Group,
    Link,
    Mark,
    check_mark,
    groups,
    lupus_drugs,
    mark_of,
    shown_name,
)
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.terms import Action, CheckStatus, Response
from lupus_pgx.words import dose_text, factor_text, percent_text

_CONTEXT = " Clinical context: "
_IN_WORDS = {"start": "starting dose", "maintenance": "maintenance dose", "maximum": "highest dose"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A guideline row that fired."""

    mark: Mark
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
    """An evidence row that fired."""

    direction: str
    level: str
    text: str
    effect_size: str
    population: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A contraindication or interaction that the clinical context answers.

    ``fact`` is what the context says, under which the drugs it bears on stand together.
    """

    mark: Mark
    severity: int
    fact: str
    subject: str
    found: str
    advice: str
    dose: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class DrugView:
    """One drug as a report shows it.

    Attributes
    ----------
    name, drug_class : str
    mark : Mark
    for_lupus : bool
        It stands among the therapy options of lupus.
    roles : tuple of str
        What the context says of it: tried, taken now, planned.
    dose, response, certainty, sentence : str
    drivers, conflicts, not_assessed, could_mean : tuple of str
        ``could_mean`` are the actions that are possible once all is assessed.
    bodies : tuple of Body
    evidence : tuple of EvidenceLine
    checks : tuple of Checked
        Those that the context answers, the most severe first.
    open_checks : tuple of str
        Conditions that the context does not tell.
    against : bool
        The clinical context speaks against it.
    links : tuple of Link
        Citations of what is said, else of what is known of the drug at all.
    """

    name: str
    drug_class: str
    mark: Mark
    for_lupus: bool
    roles: tuple[str, ...]
    dose: str
    response: str
    certainty: str
    sentence: str
    drivers: tuple[str, ...]
    conflicts: tuple[str, ...]
    not_assessed: tuple[str, ...]
    could_mean: tuple[str, ...]
    bodies: tuple[Body, ...]
    evidence: tuple[EvidenceLine, ...]
    checks: tuple[Checked, ...]
    open_checks: tuple[str, ...]
    against: bool
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class DrugGroup:
    """Drugs under one heading."""

    group: Group
    drugs: tuple[DrugView, ...]


class DrugViews:
    """Makes the views of drugs.

    Parameters
    ----------
    knowledge : Knowledge
    citations : Citations
        Remembers which were used.
    """

    def __init__(self, knowledge: Knowledge, citations: Citations) -> None:
        self._citations = citations
        rules = [rule for drug in knowledge.drugs_by_name.values() for rule in drug.rules]
        rules.sort(key=lambda rule: rule.priority)
        self._bodies = tuple(dict.fromkeys(rule.source for rule in rules))
        self._for_lupus = lupus_drugs(knowledge)

    def view(self, response: DrugResponse, roles: Sequence[str] = ()) -> DrugView:
        """Return the view of one drug."""
        drug = response.drug
        objections = sum(check.against for check in response.checks)
        known = [check for check in response.checks if check.known]
        mark = mark_of(response)
        undecided = response.response is Response.INDETERMINATE
        return DrugView(
            name=drug.drug,
            drug_class=drug.row["drug_class"],
            mark=mark,
            for_lupus=drug.drug in self._for_lupus,
            roles=tuple(roles),
            dose=_dose(response),
            response=response.response.phrase,
            certainty=percent_text(response.certainty) if response.certainty is not None and not undecided else "",
            sentence=_sentence(response),
            drivers=response.drivers,
            conflicts=_conflicts(response),
            not_assessed=response.not_assessed,
            could_mean=tuple(ACTIONS[action].word for action in response.open_actions),
            bodies=self._guidelines(response),
            evidence=tuple(self._finding(row) for row in response.evidence if row.condition is not None),
            checks=tuple(self._checked(check) for check in known),
            open_checks=tuple(dict.fromkeys(check.topic for check in response.checks if not check.known)),
            against=bool(objections),
            links=self._citations.links(*response.citations),
        )

    def _guidelines(self, response: DrugResponse) -> tuple[Body, ...]:
        """Return all guideline bodies side by side, also those that say nothing here."""
        if not response.drug.rules:
            return ()
        having = {rule.source for rule in response.drug.rules}
        return tuple(
            Body(
                source,
                source in having,
                tuple(self._rule(rule) for rule in response.guidance if rule.source == source),
            )
            for source in self._bodies
        )

    def _rule(self, rule: GuidanceRule) -> Rule:
        row = rule.row
        undecided = rule.action is Action.INFORMATIVE_ONLY and rule.response is Response.INDETERMINATE
        mark = Mark("undecided", "undecided") if undecided else ACTIONS[rule.action]
        scope = [row["population"], f"if {row['applies_if']}" if row["applies_if"] else ""]
        dose = factor_text(row["factor_low"], row["factor_high"]) if rule.action is not Action.STANDARD else ""
        basis = _IN_WORDS.get(row["dose_basis"] or "", "")
        limit = f"at most {row['cap']:g} {row['unit'] or ''}".strip() if row["cap"] is not None else ""
        return Rule(
            mark=mark,
            dose="; ".join(part for part in (f"{dose} ({basis})" if dose and basis else dose, limit) if part),
            year=str(row["year"] or ""),
            condition=rule.condition.text,
            scope="; ".join(part for part in scope if part),
            strength=row["strength"] or "",
            advice=row["advice"] or "",
            links=self._citations.links(*split_list(row["citation"])),
        )

    def _finding(self, evidence: EvidenceRow) -> EvidenceLine:
        row = evidence.row
        return EvidenceLine(
            direction=row["direction"].replace("_", " "),
            level=row["evidence_level"].replace("_", " "),
            text=row["finding"],
            effect_size=row["effect_size"] or "",
            population=row["population"] or "",
            links=self._citations.links(*split_list(row["citation"])),
        )

    def _checked(self, check: Check) -> Checked:
        return Checked(
            mark=check_mark(check.status),
            severity=check.status.severity,
            fact=_fact(check),
            subject=check.subject,
            found=check.found,
            advice=check.advice,
            dose=dose_text(check.factor_low, check.factor_high, ""),
            links=self._citations.links(*check.citations),
        )


def _conflicts(response: DrugResponse) -> tuple[str, ...]:
    """Return what stands against the prediction, without what the clinical context says."""
    of_context = sum(check.against for check in response.checks)
    findings = response.conflicts[len(response.differences) : len(response.conflicts) - of_context]
    # A difference names an action as the tables write it.
    return (*(text.replace("_", " ") for text in response.differences), *findings)


def _sentence(response: DrugResponse) -> str:
    """Return the sentence of a drug; what the clinical context says stands beside it in a report."""
    text, _, _ = response.summary.removeprefix(f"{response.drug.drug}: ").partition(_CONTEXT)
    overlaid = " Rests on rows of an overlay." if response.overlaid and "overlay." not in text else ""
    return f"{text[:1].upper()}{text[1:]}{overlaid}"


def _fact(check: Check) -> str:
    """Say what of the context a check rests on."""
    if check.partner or not check.found:
        return check.subject if check.partner else check.topic
    return check.found if check.topic in check.found else f"{shown_name(check.topic)}: {check.found}"


def _dose(response: DrugResponse) -> str:
    if response.action in (Action.STANDARD, Action.AVOID):
        return ""
    dose = dose_text(response.factor_low, response.factor_high, response.basis)
    return "; ".join(part for part in (dose, f"at most {response.limit}" if response.limit else "") if part)


def grouped(drugs: Sequence[DrugView]) -> tuple[DrugGroup, ...]:
    """Return drugs under their headings: what restricts most first, drugs of lupus before others."""
    found = []
    for group in groups():
        mine = [drug for drug in drugs if drug.mark.key == group.mark.key]
        mine.sort(key=lambda drug: (not drug.roles, not drug.for_lupus, drug.name.lower()))
        if mine:
            found.append(DrugGroup(group, tuple(mine)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Objection:
    """What one fact of the clinical context means for drugs: marks, each with the drugs and why."""

    fact: str
    by_status: tuple[tuple[Mark, tuple[tuple[str, Checked], ...]], ...]


def objections(drugs: Sequence[DrugView]) -> tuple[Objection, ...]:
    """Turn the checks of drugs round: by fact of the context, then by what it asks for, the most severe first."""
    facts: dict[str, dict[Mark, list[tuple[str, Checked]]]] = {}
    for drug in drugs:
        for check in drug.checks:
            if check.severity >= CheckStatus.MONITOR.severity:
                facts.setdefault(check.fact, {}).setdefault(check.mark, []).append((drug.name, check))
    found = []
    for fact, by_mark in facts.items():
        lines = sorted(by_mark.items(), key=lambda item: -item[1][0][1].severity)
        found.append(Objection(fact, tuple((mark, tuple(items)) for mark, items in lines)))
    return tuple(sorted(found, key=lambda item: (-item.by_status[0][1][0][1].severity, item.fact)))
