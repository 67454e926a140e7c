"""Drugs put together: under headings, by what is said alike, and by the fact that speaks against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lupus_pgx.report.drug_view import CheckView, DrugView
from lupus_pgx.terms import Action, CheckStatus
from lupus_pgx.words.vocabulary import (
    ACTIONS,
    BY_REVIEW,
    JUDGED,
    Word,
)


@dataclass(frozen=True, slots=True)
class DrugGroup:
    """Drugs under one heading."""

    mark: Word
    drugs: tuple[DrugView, ...]


_USUAL = JUDGED.index(ACTIONS[Action.STANDARD])
_HEADINGS = (*JUDGED[:_USUAL], BY_REVIEW, *JUDGED[_USUAL:])


def grouped(drugs: Sequence[DrugView]) -> tuple[DrugGroup, ...]:
    """Return drugs under their headings: what restricts most first, drugs of lupus before others."""
    found = []
    for mark in _HEADINGS:
        mine = [drug for drug in drugs if drug.mark.key == mark.key]
        mine.sort(key=lambda drug: (not drug.roles, not drug.for_lupus, drug.name.lower()))
        if mine:
            found.append(DrugGroup(mark, tuple(mine)))
    return tuple(found)


def alike(drugs: Sequence[DrugView]) -> tuple[tuple[tuple[str, ...], DrugView], ...]:
    """Put drugs together of which a line on paper says the same: names, and the first of them, in their order."""
    groups: dict[object, tuple[list[str], DrugView]] = {}
    for drug in drugs:
        known = drug.beside if not drug.asked else ()
        genotype = (drug.drivers, "" if drug.drivers else drug.sentence, drug.certainty, drug.missing, drug.could_mean)
        told = bool(drug.asked) and drug.mark.key != "test"  # what waits for a test says what is known so far
        said = (drug.roles, drug.dose, drug.named, drug.asked, drug.conflicts, known, str(drug.left), drug.open)
        groups.setdefault((said, told or genotype), ([], drug))[0].append(drug.name)
    return tuple((tuple(names), drug) for names, drug in groups.values())


def by_reason(drugs: Sequence[DrugView]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Put the names of drugs together that the same is said against, in their order."""
    groups: dict[str, list[str]] = {}
    for drug in drugs:
        reason = "; ".join(part for part in (drug.reason, drug.standing) if part)
        groups.setdefault(reason, []).append(drug.name)
    return tuple((reason, tuple(names)) for reason, names in groups.items())


def by_standing(drugs: Sequence[DrugView]) -> tuple[tuple[str, tuple[DrugView, ...]], ...]:
    """Put drugs of one heading together that the same belongs beside; first those of which the heading says it all."""
    groups: dict[str, list[DrugView]] = {"": []}
    for drug in drugs:
        groups.setdefault(drug.standing, []).append(drug)
    return tuple((told, tuple(mine)) for told, mine in groups.items() if mine)


@dataclass(frozen=True, slots=True)
class Objection:
    """What one fact of the clinical context means for drugs: marks, each with the drugs and why."""

    fact: str
    by_status: tuple[tuple[Word, tuple[tuple[str, CheckView], ...]], ...]


def objections(drugs: Sequence[DrugView]) -> tuple[Objection, ...]:
    """Turn the checks of drugs round: by fact of the context, then by what it asks for, the most severe first."""
    facts: dict[str, dict[Word, list[tuple[str, CheckView]]]] = {}
    for drug in drugs:
        for view in drug.checks:
            if view.check.status.severity >= CheckStatus.MONITOR.severity:
                facts.setdefault(view.fact, {}).setdefault(view.mark, []).append((drug.name, view))
    found = []
    for fact, by_mark in facts.items():
        lines = sorted(by_mark.items(), key=lambda item: -item[1][0][1].check.status.severity)
        found.append(Objection(fact, tuple((mark, tuple(items)) for mark, items in lines)))
    return tuple(sorted(found, key=lambda item: (-item.by_status[0][1][0][1].check.status.severity, item.fact)))
