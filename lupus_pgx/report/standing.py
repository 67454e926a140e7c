"""What stands beside the first word of a drug wherever it is named: the word alone would promise more than is known.

A drug that only the clinical context asks to watch may have a genotype that could forbid it; one at the usual dose may
have a highest dose, or facts of the patient that no table answers for it.
"""

from __future__ import annotations

from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.results.sentences import could_still, dose_words, open_keys
from lupus_pgx.terms import Action, Response
from lupus_pgx.words.amounts import cap_text
from lupus_pgx.words.vocabulary import ACTIONS, GENOTYPE_UNDECIDED, IN_PART

_CAPPED = (Action.STANDARD, Action.MONITOR)
"""Their word names no dose but the usual one."""


def standing(response: DrugResponse) -> str:
    """Return in a few words what belongs beside the first word of a drug; nothing where that says it all."""
    worst = _worst(response)
    undecided = [GENOTYPE_UNDECIDED, f"could mean {worst}" if worst else ""] if is_undecided(response) else []
    genotype = ", ".join(part for part in undecided if part)
    return "; ".join(part for part in (genotype, IN_PART if in_part(response) else "", cap_told(response)) if part)


def is_undecided(response: DrugResponse) -> bool:
    """Whether a drug has its word by something else than its genotype, which a guideline would ask for and is open.

    What is not to be given says enough; weak evidence decides no dose, and is no reason to wait.
    """
    elsewhere = response.overall_action is not response.action and response.overall_action is not Action.AVOID
    silent = response.action.severity <= Action.STANDARD.severity
    return elsewhere and silent and response.response is Response.INDETERMINATE and bool(response.drug.rules)


def in_part(response: DrugResponse) -> bool:
    """Whether a drug asks for nothing, while no table says what some of what was told means for it."""
    return bool(response.unseen) and response.overall_action.severity <= Action.STANDARD.severity


def cap_told(response: DrugResponse, *, within: bool = False) -> str:
    """Return the highest dose that the clinical context allows, with why, where the word of a drug names none.

    ``within`` brackets the reason has none of its own.
    """
    cap = response.lowest_cap
    if cap is None or not response.told_caps or response.overall_action not in _CAPPED:
        return ""
    most, why = cap_text(cap.value, cap.unit), ", ".join(check.shown for check in response.told_caps)
    return f"{most}: {why}" if within else f"{most} ({why})"


def most_told(response: DrugResponse) -> str:
    """Return the highest dose that anything allows, without why; empty where nothing does."""
    cap = response.lowest_cap
    return cap_text(cap.value, cap.unit) if cap is not None else ""


def dose_told(response: DrugResponse) -> str:
    """Return the dose of a drug in words, a highest dose of the clinical context with why."""
    dose, bare, told = dose_words(response), most_told(response), cap_told(response)
    return f"{dose[: len(dose) - len(bare)]}{told}" if told and dose.endswith(bare) else dose


def open_genes(response: DrugResponse) -> str:
    """Say that a genotype is undecided, which genes are open, and what they could mean at worst; nothing where none is.

    Of a genotype that is decided, what could still make it stricter.
    """
    if response.response is not Response.INDETERMINATE:
        return could_still(response)
    decides = bool(response.drug.rules) and response.action.severity <= Action.STANDARD.severity
    return ", ".join(part for part in (GENOTYPE_UNDECIDED if decides else "", open_keys_told(response)) if part)


def open_keys_told(response: DrugResponse) -> str:
    """Return which genes of an undecided drug are open, and what they could mean at worst."""
    keys, worst = open_keys(response), _worst(response)
    return f"{keys}{f', which could mean: {worst}' if worst else ''}" if keys else ""


def _worst(response: DrugResponse) -> str:
    """Return the strictest that an open genotype could ask for, where that is more than the genotype asks for now."""
    stricter = [action for action in response.judgement.open_actions if action.severity > response.action.severity]
    worst = max(stricter, key=lambda action: action.severity, default=Action.STANDARD)
    return ACTIONS[worst].label if worst.severity > Action.STANDARD.severity else ""
