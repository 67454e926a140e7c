"""What the clinical context leaves without an answer, as text: all of it, and in a few lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from lupus_pgx.context.judged.checks import NO_ROWS
from lupus_pgx.context.judged.safety import TOGETHER
from lupus_pgx.report.unanswered import Concerned, of_patient
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.results.patient import PatientData
from lupus_pgx.terms import Action, CheckStatus
from lupus_pgx.words.asked import explaining
from lupus_pgx.words.lines import counted, hanging
from lupus_pgx.words.vocabulary import CHECKS, UNANSWERED

_TOPICS = 4
"""Of so many things told that no table answers the drugs are named; of the others only the things are."""


def unanswered_lines(patient: PatientData) -> list[str]:
    """Write what the context leaves without an answer, each thing once with the drugs that it concerns."""
    found = of_patient(patient)
    if not found:
        return []
    unseen = CHECKS[CheckStatus.NOT_LOOKED_AT].label
    heads = [(f"{mark.label} if so", items) for mark, items in found.forbidding]
    heads += [(unseen, found.facts), (f"{unseen} together with", found.pairs)]
    lines = ["", UNANSWERED]
    for head, items in heads:
        named = [f"{item.fact} ({_named(item)})" for item in items if item.near or item.lupus]
        rest = len(items) - len(named)
        more = [f"{rest} more of drugs neither taken, planned nor of lupus"] if rest else []
        lines += hanging(f"{head}: {'; '.join([*named, *more])}") if items else []
    milder = [
        f"{mark.label} if so: {counted(len(items), 'condition')}"
        for mark, items in found.conditions
        if (mark, items) not in found.forbidding
    ]
    lines += hanging("; ".join(milder)) if milder else []
    bare = found.unentered.drugs
    lines += hanging(f"no contraindications were entered of: {', '.join(bare)}") if bare else []
    every = [item for _, items in heads for item in items]
    near, lupus = [name for item in every for name in item.near], [name for item in every for name in item.lupus]
    drug = [*near, *lupus, *bare, *sorted(patient.results.responses.values)][0]
    way = explaining(patient.sample_id, drug)
    return [*lines, f"  all of one drug, such as {drug}:", f"    {way}"] if way else lines


def _named(item: Concerned) -> str:
    more = [f"{counted(len(item.others), 'drug')} not of lupus"] if item.others else []
    return ", ".join([*item.near, *item.lupus, *more])


_Topic = tuple[str, str]
"""What is said before a topic, and the topic: what was told, or the other drug of a pair."""


def _together(topics: Iterable[_Topic]) -> str:
    by_lead: dict[str, list[str]] = {}
    for lead, topic in topics:
        by_lead.setdefault(lead, []).append(topic)
    return ", ".join(f"{lead}{', '.join(texts)}" for lead, texts in by_lead.items())


def unseen_lines(responses: Sequence[DrugResponse], near: Sequence[DrugResponse], lupus: Set[str]) -> list[str]:
    """Say of which drugs some of what the context tells was not looked at: by name where that could be missed most.

    Those are drugs that are planned or taken, and drugs of lupus that seem to ask for nothing; others are counted.
    """
    unseen = [response for response in responses if response.unseen]
    if not unseen:
        return []
    by_topic: dict[_Topic, dict[str, DrugResponse]] = {}
    for response in unseen:
        for check in response.unseen:
            pairs = [(TOGETHER, name) for name in check.not_looked_at_with]
            for topic in pairs or [("", check.topic)] * (check.criterion != NO_ROWS):
                by_topic.setdefault(topic, {})[response.drug.drug] = response
    alike: dict[tuple[str, ...], list[_Topic]] = {}
    for topic, found in by_topic.items():
        alike.setdefault(tuple(found), []).append(topic)
    here = {item.drug.drug for item in near}
    lines = ["", "Told of this patient, and no table says what it means for a drug"] if alike else [""]
    order = sorted(alike, key=lambda drugs: -len(here.intersection(drugs)))
    elsewhere: list[_Topic] = []
    for drugs in order[:_TOPICS]:
        topics = alike[drugs]
        found = by_topic[topics[0]]
        quiet = [
            drug
            for drug in drugs
            if drug not in here and found[drug].overall_action.severity <= Action.STANDARD.severity
        ]
        mine = [drug for drug in drugs if drug in here]
        together = len(mine) == len(here) > _TOPICS
        named = (["all that is taken or planned"] if together else mine) + [drug for drug in quiet if drug in lupus]
        beyond = len(drugs) - len(named) - (len(mine) - 1) * together
        more = [counted(beyond, "other drug")] if beyond else []
        if named:
            lines += hanging(f"{_together(topics)}: {', '.join([*named, *more])}")
        else:
            elsewhere += [(lead, f"{topic} ({beyond})") for lead, topic in topics]
    lines += hanging(f"for so many others: {_together(elsewhere)}") if elsewhere else []
    if order[_TOPICS:]:
        told = {drug for drugs in order[:_TOPICS] for drug in drugs}
        rest = [topic for drugs in order[_TOPICS:] for topic in alike[drugs]]
        also = [item.drug.drug for item in near if item.unseen and item.drug.drug not in told]
        also += [drug for drug in sorted(lupus) for drugs in order[_TOPICS:] if drug in drugs and drug not in told]
        whom = f"some of these and {', '.join(dict.fromkeys(also))}" if also else "some of these"
        lines += hanging(f"for {whom} also: {_together(rest)}; --full says which")
    bare = dict.fromkeys(item.drug for response in unseen for item in response.unseen if item.criterion == NO_ROWS)
    return [*lines, *(hanging(f"no contraindications were entered of: {', '.join(bare)}") if bare else [])]
