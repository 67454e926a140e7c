"""Is anything urgent or unsafe? A severe infection, a pregnancy, a level far above range, a reaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.intolerance import INTOLERANCE, reactions_of
from lupus_pgx.context.judged.safety import Check, safety_of
from lupus_pgx.context.model import Therapy
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.response.certainty import Assessed
from lupus_pgx.review.exposures import Exposure, range_text
from lupus_pgx.review.findings import Finding, TherapyReview
from lupus_pgx.review.reasons import is_reason, not_assessed
from lupus_pgx.review.steps.exposure import above, comes_first
from lupus_pgx.review.steps.signs import citations_of, drugs_of, fall_of, quantities_of, row_key, signs
from lupus_pgx.review.steps.step import Case, Step
from lupus_pgx.terms import Action, CheckStatus, Contraception, FindingKind, Outcome, ReviewStep, Strength
from lupus_pgx.words.vocabulary import ACTIONS, CHECKS, capital, listed

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ReviewSignsCells

_KNOWN = ("infection=", "condition:", "pregnancy=", "with=")
"""How the condition of a sign begins that is known: it comes before what a laboratory value asks to exclude.

Of what values ask to exclude one comes first and the others last: what a drug did stands between.
"""

_FIRM = (Strength.MEASURED, Strength.STRONG, Strength.MODERATE)


def urgent(case: Case) -> Step:
    """Say what comes before every question about failure."""
    says, short, drugs, rows, cited = _childbearing(case)
    # A sign whose drugs have been named one by one says nothing more.
    held = [(row, found) for row, holds, found in signs(case, ReviewStep.URGENT.value) if holds]
    held = [(row, found) for row, found in held if not drugs_of(row, case) or set(drugs_of(row, case)) - set(drugs)]
    # A fall under a drug says more than the fall.
    under = {fall[0] for row, _ in held if (fall := fall_of(row)) and fall[1]}
    held = [(row, found) for row, found in held if (fall := fall_of(row)) is None or fall[1] or fall[0] not in under]
    # Said first: what concerns a child, then what keeps a danger of this hour going, such as a bleeding.
    forbidden = [checks for checks in _forbidden(case) if not _of_childbearing(checks[0], case)]
    at_once = case.knowledge.with_role("at_once")
    ahead = [checks for checks in forbidden if any(check.criterion in at_once for check in checks)]
    _say_forbidden(ahead, case, says, short)
    known = [item for item in held if item[0]["applies_when"].startswith(_KNOWN)]
    rest = [item for item in held if item not in known]
    asking = sorted(rest, key=lambda item: _told_by_another(item[0], [row for row, _ in rest]))
    first, later = [*known, *asking[:1]], asking[1:]
    says += map(_sign, first)
    short += [row["short"] for row, _ in first]
    levels = [item for item in above(case) if comes_first(item, case)]
    for item in levels:
        says.append(_too_high(item, case))
        short.append(f"{item.drug} above its range")
        rows.append(f"adequacy:{item.row['rule']}")
        cited += split_list(item.row["citation"])
    drugs += [item.drug for item in levels]
    explained: list[str] = []
    earlier: list[str] = []
    for review in _reactions(case):
        text, sources, keys = _reaction(review, case)
        explained += [text] if _is_explained(review, case) else []
        if _overtaken(review.therapy, case):
            earlier.append(text)
        elif review.drug not in drugs:
            says.append(text)
            short.append(f"{review.drug} not tolerated")
        drugs.append(review.drug)
        rows += keys
        cited += sources
    _say_forbidden([item for item in forbidden if item not in ahead], case, says, short)
    for checks in forbidden:
        drugs += [check.drug for check in checks]
        cited += [name for check in checks for name in check.citations]
        rows += [f"contraindications:{check.drug}/{check.row}" for check in checks]
    says += map(_sign, later)
    short += [row["short"] for row, _ in later]
    rows += [row_key(row) for row, _ in held]
    cited += citations_of(*(row for row, _ in held))
    return Step(
        ReviewStep.URGENT,
        speaks=bool(says),
        says=tuple(says),
        short="; ".join(short),
        found=tuple(earlier),
        drugs=tuple(dict.fromkeys(drugs)),
        bearing=tuple((name, f"raises {item.drug}") for item in levels for name in _raising(item, case)),
        missing=("active infection",) if case.failed and case.context.active_infection is None else (),
        citations=tuple(dict.fromkeys(cited)),
        rows=tuple(dict.fromkeys(rows)),
        lasting=(*explained, *(_sign(item) for item in held if fall_of(item[0]))),
    )


def _say_forbidden(forbidden: Sequence[list[Check]], case: Case, says: list[str], short: list[str]) -> None:
    """Say of drugs that are taken, or may be, what forbids them."""
    on_board = {item.name for item in case.context.on_board}
    for checks in forbidden:
        says.append(_not_in_this_state(checks, taken=checks[0].drug in on_board))
        short.append(f"{checks[0].drug} with {checks[0].topic}")


def _sign(item: tuple[ReviewSignsCells, str]) -> str:
    row, found = item
    return f"{row['says']}{f' ({found})' if found else ''}"


def _told_by_another(row: ReviewSignsCells, rows: Sequence[ReviewSignsCells]) -> bool:
    """Whether another sign asks for the same values and more."""
    mine = set(quantities_of(row))
    return any(mine < set(quantities_of(other)) for other in rows)


def _childbearing(case: Case) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
    """Return what a pregnancy or the wish for one forbids: statements, the same in short, drugs, rows and citations."""
    found = [checks for checks in _forbidden(case) if _of_childbearing(checks[0], case)]
    return (
        [_unborn(checks, case) for checks in found],
        ["pregnancy or its wish" for _ in found],
        [check.drug for checks in found for check in checks],
        [f"contraindications:{check.drug}/{check.row}" for checks in found for check in checks],
        [name for checks in found for check in checks for name in check.citations],
    )


def _raising(item: Exposure, case: Case) -> list[str]:
    """Return what is taken beside a drug and raises it."""
    others = [drug.name for drug in case.context.co_medication if drug.listed]
    found = safety_of(case.knowledge).interactions(item.drug, others)
    return list(
        dict.fromkeys(check.partner for check in found if check.about_drug and check.direction == "increased_exposure")
    )


def _too_high(item: Exposure, case: Case) -> str:
    raising = _raising(item, case)
    why = f", with {listed(raising, 'and')}, which raises it" if raising else ""
    do = "hold or cut it and follow the level"
    if item.is_old(case.context, case.knowledge.known_units):
        do = f"measure it anew, the level is of {item.date} and too old to change a dose by,"
    return (
        f"{capital(item.drug)} was above its range ({item.named}, range {range_text(item.row)}): over-exposure"
        f"{why}; {do} before anything is read into the course"
    )


def _reactions(case: Case) -> Iterator[TherapyReview]:
    """Yield drugs that were not tolerated; after another one failed only those whose genotype explains the harm."""
    for review in case.reviews:
        harmed = review.therapy.outcome is Outcome.INTOLERANCE
        if harmed and (_is_explained(review, case) or not _overtaken(review.therapy, case)):
            yield review


def _overtaken(item: Therapy, case: Case) -> bool:
    """Whether something failed after it: then that is the question."""
    later = [one.start for one in case.failed if one.start is not None]
    return any(item.start is None or day > item.start for day in later)


def _is_explained(review: TherapyReview, case: Case) -> bool:
    """Whether a guideline's word on the genotype fits a harm that was serious, or forbids the drug by itself."""
    strong = [item for item in review.findings if item.certainty is not None and item.strength is Strength.STRONG]
    if not strong:
        return False
    response = case.responses.get(review.drug)
    forbidden = response is not None and response.action is Action.AVOID
    again = reactions_of(case.knowledge).again(review.therapy.reaction)
    return forbidden or again.severity > CheckStatus.CONSIDER_ALTERNATIVE.severity


def _beside_it(with_drugs: Sequence[str], course: Therapy, case: Case) -> list[str]:
    """Say with what a drug was taken, and with what it may have been: of co-medication the start is seldom told."""
    undated = {item.name for item in case.context.beside(course)} - {
        item.drug.name for item in case.context.doses if item.start is not None
    }
    dated = {item.drug.name for item in case.context.therapies}
    perhaps = [name for name in with_drugs if name in undated and name not in dated]
    sure = [name for name in with_drugs if name not in perhaps]
    return [
        *([f"it was taken with {listed(sure, 'and')}"] if sure else []),
        *([f"it may have been taken with {listed(perhaps, 'and')}, of which no start is told"] if perhaps else []),
    ]


def _reaction(review: TherapyReview, case: Case) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Say that a drug was not tolerated, with what that is compatible with and what was not looked at."""
    head = f"{capital(review.drug)} was not tolerated ({review.therapy.reaction}): not again "
    firm = [item for item in review.findings if not item.is_silent and item.strength in _FIRM]
    with_drugs = list(dict.fromkeys(item.partner for item in firm if item.kind is FindingKind.INTERACTION))
    genes = [item for item in firm if item.kind is not FindingKind.INTERACTION]
    response = case.responses.get(review.drug)
    keys = response.drug.rule_keys if response is not None else ()
    items = {key: response.known.get(key) or Assessed(key) for key in keys} if response is not None else {}
    reactions, told = reactions_of(case.knowledge), review.therapy.reaction
    unknown = not_assessed({key: item for key, item in items.items() if reactions.explains(key, told)})
    idle = not_assessed({key: item for key, item in items.items() if not reactions.explains(key, told)})
    explained = genes[0].asks.rstrip(".") if genes and _is_explained(review, case) else ""
    overall = review.overall
    said = genes[0].action if explained else None
    stricter = review.forbidden and (said is None or said.severity < overall.severity)
    if overall is Action.AVOID and stricter:
        head = head.rstrip()  # no dose, and no reason that is found, brings it back
    elif explained and stricter:
        head += f"as it was given: {ACTIONS[overall].label}"
    else:
        head += f"as it was given, {explained}" if explained else "without a reason found"
    parts = []
    if genes:
        asked = f", of which {explained}" if explained and stricter else ""
        parts.append(f"compatible with {_briefly(genes[0])}{asked}")
    if with_drugs:
        parts += _beside_it(with_drugs, review.therapy, case)
    if unknown and not genes:
        seen = [item.description for item in items.values() if is_reason(item)]
        told = f"{listed(seen, 'and')} does not clear it" if seen else ""
        were, them = ("was", "it") if len(unknown) == 1 else ("were", "them")
        ask = f"{listed(unknown, 'and')} {were} not looked at: test {them} first"
        parts.append("; ".join(text for text in (told, ask) if text))
    elif idle and not genes:
        do = "does" if len(idle) == 1 else "do"
        parts.append(f"{listed(idle, 'and')} {do} not bear on it")
    elif keys and not genes and not with_drugs:
        parts.append("a genotype without a finding does not make it safe")
    text = f"{head} ({'; '.join(parts)})" if parts else head
    cited = tuple(name for item in firm for name in item.citations)
    return text, cited, tuple(row for item in firm for row in item.rows)


def _briefly(item: Finding) -> str:
    """Name a finding: the genotype, or the measured value with its target."""
    return item.who


def _forbidden(case: Case) -> Iterator[list[Check]]:
    """Yield what is taken now and forbidden: by a pregnancy or the wish for one, then by another state, by drug."""
    safety = safety_of(case.knowledge)
    strict = [
        check
        for drug in _taken_now(case)
        for check in safety.check(drug, case.context)
        if check.known
        and check.found
        and check.status in (CheckStatus.AVOID, CheckStatus.CONTRAINDICATED)
        # What is forbidden is the vaccine, and no drug that is taken.
        and not check.speaks_against
    ]
    unborn = [check for check in strict if _of_childbearing(check, case)]
    if unborn and (case.context.pregnancy or case.context.contraception is Contraception.CONCEPTION_PLANNED):
        yield unborn
    # What was not tolerated has its own sentence, and that a drug is not for lupus is no state of the patient.
    elsewhere = {INTOLERANCE, *(row["criterion"] for row in case.knowledge.rows("criteria") if row["asks"] == "always")}
    told = [check for check in strict if not _of_childbearing(check, case) and check.criterion not in elsewhere]
    for drug in dict.fromkeys(check.drug for check in told if check.status is CheckStatus.CONTRAINDICATED):
        yield [check for check in told if check.drug == drug]


def _of_childbearing(check: Check, case: Case) -> bool:
    return check.criterion in case.knowledge.with_role("childbearing")


def _taken_now(case: Case) -> list[str]:
    """Return what is taken, and what was not enough and has no end: nobody says that it was stopped."""
    names = [item.name for item in case.context.on_board if item.listed]
    harmed = {item.drug for item in case.context.therapies if item.outcome is Outcome.INTOLERANCE}
    open_ended = [item.name for item in case.context.perhaps_taken if item.listed and item not in harmed]
    return list(dict.fromkeys([*names, *open_ended]))


def _not_in_this_state(checks: list[Check], *, taken: bool) -> str:
    """Say why a drug is contraindicated that is taken, or may be; what asks to avoid it stands apart."""
    by_status: dict[CheckStatus, list[str]] = {}
    for check in sorted(checks, key=lambda item: item.rank):
        by_status.setdefault(check.status, []).append(f"{check.shown} ({check.found})")
    strictest, *milder = [f"{CHECKS[status].label}: {listed(why, 'and')}" for status, why in by_status.items()]
    now = "is taken and" if taken else "is, if it is still taken (no stop is told),"
    return "; ".join([f"{capital(checks[0].drug)} {now} {strictest}", *milder])


def _unborn(checks: list[Check], case: Case) -> str:
    state = "Pregnant" if case.context.pregnancy else "A pregnancy is wished for"
    drugs = list(dict.fromkeys(check.drug for check in checks))
    not_these = [
        name
        for name, response in case.responses.items()
        if response.drug.row["manifestations"] and response.action.value == "avoid" and name not in drugs
    ]
    genome = f"; the genotype speaks against {listed(not_these, 'and')}" if not_these else ""
    when = "at once" if case.context.pregnancy else "in time"
    have = "has" if len(drugs) == 1 else "have"
    return f"{state}: {listed(drugs, 'and')} {have} to be replaced {when} by what a pregnancy allows{genome}"
