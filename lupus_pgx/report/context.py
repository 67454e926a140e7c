"""What a report shows of the clinical context."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass

from lupus_pgx.context.model import Context, LabSeries, NamedDrug, Therapy
from lupus_pgx.context.values import OWN_AMOUNTS, Amount, Unused, beside_entered
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.terms import CheckStatus, Outcome
from lupus_pgx.words.lines import few_of
from lupus_pgx.words.vocabulary import NO_CONTEXT, OF_GENOTYPES, OUTCOMES, PLANNED, Word, plain, quantity_word

_FLAGS = ("pregnancy", "breast_feeding")
_WORDS = ("sex", "ancestry", "liver_disease", "active_infection", "contraception")


@dataclass(frozen=True, slots=True)
class TherapyLine:
    """A therapy of the history, or a planned one."""

    drug: str
    listed: bool
    dose: str
    time: str
    mark: Word
    reaction: str


@dataclass(frozen=True, slots=True)
class LabLine:
    """The course of one quantity: first, last, how many."""

    quantity: str
    count: int
    first: str
    last: str
    unit: str


@dataclass(frozen=True, slots=True)
class ContextView:
    """The clinical context as a report shows it."""

    facts: tuple[tuple[str, str], ...]
    manifestations: tuple[str, ...]
    therapies: tuple[TherapyLine, ...]
    taken: tuple[str, ...]
    unknown: tuple[str, ...]
    labs: tuple[LabLine, ...]


def unjudged(context: Context | None, judged: Collection[str]) -> str:
    """Name what is taken or planned and no table judges: of it is known at most what it does to other drugs.

    Parameters
    ----------
    context : Context or None
    judged : collection of str
        Drugs that the tables judge.

    Returns
    -------
    str
        A sentence; empty where there is none.
    """
    names = [item.name for item in _near(context) if item.listed and item.name not in judged]
    return f"Not judged here, only what it does to other drugs: {', '.join(names)}." if names else ""


def no_context_text(context: Context | None, knowledge: Knowledge) -> str:
    """Say that nothing of the patient was held against any drug, with one that lupus itself forbids; else nothing."""
    if context is not None:
        return ""
    every = {row["criterion"] for row in knowledge.rows("criteria") if row["asks"] == "always"}
    forbidden = [
        row["drug"]
        for row in knowledge.rows("contraindications")
        if row["criterion"] in every and row["severity"] == CheckStatus.CONTRAINDICATED
    ]
    return f"{NO_CONTEXT}{f', which forbids {min(forbidden)}, for one' if forbidden else ''}."


def no_context_of_cohort(samples: Sequence[str], contexts: Container[str], knowledge: Knowledge) -> str:
    """Say the same of several patients, with whom it is said of where that is not all of them."""
    bare = [sample for sample in samples if sample not in contexts]
    told = no_context_text(None, knowledge) if bare else ""
    return f"{few_of(bare)}: {told}" if told and len(bare) < len(samples) else told


def counted_text(contexts: Container[str], samples: Sequence[str], knowledge: Knowledge) -> str:
    """Say above counts of the drugs of a cohort that no clinical context is held against them."""
    return OF_GENOTYPES if any(name in contexts for name in samples) else no_context_text(None, knowledge)


def unknown_text(context: Context | None) -> str:
    """Say which of what was told no table asks about, or knows; empty where there is none."""
    others = context.other_conditions if context is not None else ()
    unlisted = [item.name for item in _near(context) if not item.listed]
    texts = [f"No table asks about {', '.join(others)}: what it means for a drug is unknown here."] if others else []
    texts += [f"No table knows {', '.join(unlisted)}: what it does to other drugs is unknown here."] if unlisted else []
    unread = [item.told for item in (context.remarks if context is not None else ()) if isinstance(item, Unused)]
    results = [told for told in unread if told]
    texts += [f"No rule reads {', '.join(results)}: what it means for a drug is unknown here."] if results else []
    return " ".join(texts)


def _near(context: Context | None) -> list[NamedDrug]:
    if context is None:
        return []
    near = (*context.on_board, *(course.drug for course in context.planned))
    return list({item.name: item for item in near}.values())


def context_view(context: Context, judged: Collection[str]) -> ContextView:
    """Return the view of a context; what is unknown is left out, and is not normal."""
    facts = [(quantity_word(name), _fact(context, name)) for name in (*_WORDS, *_FLAGS)]
    facts.insert(2, ("age", f"{context.age:g} years" if context.age is not None else ""))
    facts += [(quantity_word(name), _amount(getattr(context, name))) for name in OWN_AMOUNTS]
    kidney = context.kidney_function
    if kidney is not None and context.egfr is None:
        facts.append(("kidney function", f"{_amount(kidney)}{' (estimated)' if kidney.citation else ''}"))
    return ContextView(
        facts=tuple((name, value) for name, value in facts if value),
        manifestations=tuple(_manifestation(context)),
        therapies=tuple(_line(item) for item in (*context.therapies, *context.planned)),
        taken=tuple(item.name for item in context.on_board),
        unknown=tuple(text for text in (unknown_text(context), unjudged(context, judged)) if text),
        labs=tuple(_labs(series) for series in context.labs if series.values),
    )


def roles(context: Context | None, *, tried: bool = True) -> dict[str, tuple[str, ...]]:
    """Return by drug what the context says of it: tried (where that is asked for), taken now, planned."""
    if context is None:
        return {}
    found: dict[str, list[str]] = {}
    for item in context.therapies if tried else ():
        if item.outcome is not None and item.outcome is not Outcome.ONGOING:
            found.setdefault(item.drug.name, []).append(f"tried: {OUTCOMES[item.outcome].label}")
    for drug in context.on_board:
        found.setdefault(drug.name, []).append("taken now")
    for item in context.planned:
        found.setdefault(item.drug.name, []).append("planned")
    return {name: tuple(dict.fromkeys(words)) for name, words in found.items()}


def _fact(context: Context, name: str) -> str:
    value = getattr(context, name)
    if value is None:
        return ""
    return ("yes" if value else "no") if isinstance(value, bool) else plain(str(value))


def _amount(amount: Amount | None) -> str:
    return amount.shown if amount is not None else ""


def _number(value: float) -> str:
    """Write a number to three digits, large ones as a whole."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _manifestation(context: Context) -> list[str]:
    lines = []
    for item in context.manifestations:
        details = [
            f"class {' and '.join(item.classes)}" if item.classes else "",
            item.mechanism or "",
            str(item.severity or ""),
            f"since {item.since}" if item.since else "",
        ]
        told = ", ".join(text for text in details if text)
        lines.append(f"{item.name} ({told})" if told else item.name)
    return lines


def _line(therapy: Therapy) -> TherapyLine:
    dose = ", ".join(text for text in (_amount(therapy.dose), therapy.schedule or "") if text)
    return TherapyLine(
        drug=therapy.drug.name,
        listed=therapy.drug.listed,
        dose=dose,
        time=_period(therapy.start, therapy.stop),
        mark=OUTCOMES[therapy.outcome] if therapy.outcome is not None else PLANNED,
        reaction=therapy.reaction or "",
    )


def _period(start: dt.date | None, stop: dt.date | None) -> str:
    return f"{start or ''} to {stop or 'now'}" if start or stop else ""


def _labs(series: LabSeries) -> LabLine:
    shown = []
    for item in (series.values[0], series.values[-1]):
        value = (
            f"{item.sign}{_number(item.value)}" if item.value is not None else "present" if item.present else "absent"
        )
        value = beside_entered(f"{value} {series.unit}", series.unit, item.entered) if item.entered else value
        shown.append(f"{value} ({item.date})")
    name = quantity_word(series.quantity)
    return LabLine(
        f"{name} of {series.drug.name}" if series.drug else name, len(series.values), shown[0], shown[1], series.unit
    )
