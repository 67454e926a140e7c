"""The sentences of drugs: the one place where the values of a response become words.

The ``summary`` cell, the text of a terminal, the explanation, the page and the notebook all take theirs from here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from lupus_pgx.context.judged.checks import ABOVE_RANGE, EARLIER_FAILURE, NO_ROWS, NOT_TAKEN, Check
from lupus_pgx.context.judged.planned import PLANNED_DOSE
from lupus_pgx.context.values import Amount
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.response.overall import action_of
from lupus_pgx.response.values import ConflictKind
from lupus_pgx.terms import Action, CheckStatus, Response, Strength
from lupus_pgx.words.amounts import cap_text, certainty_text, dose_text, share_text
from lupus_pgx.words.lines import counted
from lupus_pgx.words.sentences import assumed_text, level_sentence, missing_text, response_sentence
from lupus_pgx.words.vocabulary import (
    ACTIONS,
    BY_GENOTYPE,
    BY_REVIEW,
    MEASURED,
    NOT_ENTERED,
    RESPONSES,
    STRENGTHS,
    TOLD,
    WEAK_AND_CONFLICTING,
    Word,
    capital,
    judged_word,
    listed,
)

_TOPICS = 3
"""So many things to check first are named in a list of drugs."""

_OVERLAID = "Rests on rows of an overlay."


def _overlay_text(response: DrugResponse) -> str:
    """Say where an overlay stands behind what is said: its rows about the drug, or about a gene."""
    genes = response.overlaid_genes
    called = f"What {', '.join(genes)} {'means' if len(genes) == 1 else 'mean'} rests on rows of an overlay."
    return " ".join([*[_OVERLAID] * response.overlaid, *[called] * bool(genes)])


def summary_of(response: DrugResponse) -> str:
    """Return the sentence of a drug with its name."""
    return f"{response.drug.drug}: {statement_of(response)}"


def statement_of(response: DrugResponse, left: str | None = None) -> str:
    """Say what is known of a drug; the strictest statement comes first, from whichever side.

    ``left`` is what is said of the context that is not answered for it: all of it where that is not given.
    """
    return " ".join(part for part in (_statement(response, left), earlier_text(response)) if part)


def listed_statement(response: DrugResponse, left: str, written: Collection[str]) -> str:
    """Say the same in a list of many drugs, where the context asks for more than the genotype: nothing twice.

    Not again what the context tells and was ``written`` before, nor whose rule it is that the usual dose stays, nor
    that no genotype tells anything, which is said once for all drugs.
    """
    if response.overall_action is response.action or below_the_rules(response):
        return statement_of(response, left)
    context = context_sentence(response, left, written)
    behind = "" if without_marker(response) else f"Genotype: {_behind_context(response)}"
    return " ".join(part for part in (context, behind, earlier_text(response)) if part)


def without_marker(response: DrugResponse) -> bool:
    """Whether nothing is said of the genotype of a drug but that none tells anything."""
    return response.response is Response.NO_VALIDATED_MARKER


def _behind_context(response: DrugResponse) -> str:
    """Say what the genotype asks for behind a context that asks for more: in few words where it asks for nothing."""
    more = (response.missing, response.assumed, response.contradicted, response.overlaid, response.overlaid_genes)
    plain = response.action is Action.STANDARD and response.drivers and not (response.adjusted or any(more))
    if not plain or response.lowest_cap is not None or _conflicting(response):
        return genotype_sentence(response, beside=True)
    return f"{ACTIONS[Action.STANDARD].label} ({', '.join(response.drivers)})."


def earlier_text(response: DrugResponse) -> str:
    """Say that a drug was not enough before; nothing where it was not, or where that was not told."""
    notes = [check for check in response.checks if check.criterion == EARLIER_FAILURE]
    return " ".join(f"{capital(check.subject)}{f' ({check.found})' if check.found else ''}." for check in notes)


def _statement(response: DrugResponse, left: str | None) -> str:
    left = left_open(response) if left is None else left
    genotype = genotype_sentence(response, beside=True)
    below = below_the_rules(response)
    if below:
        others = [check for check in response.said if check.criterion != PLANNED_DOSE]
        first = [context_text(others) if others else "", left]
        parts = [*first, below if not any(first) else below[0].upper() + below[1:]]
        return f"{' '.join(part for part in parts if part)} From those doses on: {genotype}"
    context = context_sentence(response, left)
    if not context:
        return genotype
    # What is not known of the patient comes before a genotype that asks for nothing; of pairs alone it follows.
    if not response.said and response.unseen:
        return f"{context} Genotype: {genotype}"
    genotype_first = overall_word(response) is judged_word(response.action, response.response)
    # A level above its range is the first word, but behind a genotype that forbids the drug.
    level = response.action is not Action.AVOID and any(check.criterion == ABOVE_RANGE for check in response.said)
    if not response.said or (genotype_first and not level):
        return f"{genotype} Clinical context: {context}"
    return f"{context} Genotype: {genotype}"


def below_the_rules(response: DrugResponse) -> str:
    """Say that the dose of the context is below the bound of every rule that gives a share of it; else nothing.

    A body that asks without a share, and so without a bound, is named beside them.
    """
    told = {check.row: check for check in response.checks if check.criterion == PLANNED_DOSE}
    asking = [rule.row for rule in response.guidance if Action(rule.row["action"]) is not Action.STANDARD]
    shares = [row["applies_if"] for row in asking if row["factor_high"] is not None]
    others = [row for row in asking if row["factor_high"] is None]
    if not shares or not told.keys() >= set(shares) or any(Action(row["action"]) is Action.AVOID for row in others):
        return ""
    checks = list(told.values())
    beside = [f"{row['guideline']} without a bound: {ACTIONS[Action(row['action'])].label}" for row in others]
    rules = listed([check.subject for check in checks], "and")
    return f"{'; '.join([f'at {checks[0].found} no share of the dose is given: {rules}', *beside])}."


def strictest_of(response: DrugResponse) -> str:
    """Say the strictest thing alone: what the clinical context asks for where that is more, else the genotype."""
    if response.overall_action is response.action:
        return statement_of(response)
    return context_sentence(response, left_open(response))


def context_sentence(response: DrugResponse, left: str, written: Collection[str] = ()) -> str:
    """Say what the clinical context asks for, and what of it is not answered; empty without either."""
    said = context_text(response.said, written=written) if response.said else ""
    return " ".join(part for part in (said, left) if part)


def context_said(response: DrugResponse) -> str:
    """Say what stands before a genotype: what the context asks for where that is more, and what was not looked at."""
    left = left_open(response)
    return context_sentence(response, left) if response.overall_action is not response.action else left


def left_open(response: DrugResponse) -> str:
    """Say what of the context is not answered for a drug: not looked at, drugs beside too, or told and not settled."""
    told = [f"{check.topic} ({check.found})" for check in response.unsettled]
    settled = f"Told, and not enough to settle: {', '.join(dict.fromkeys(told))}." if told else ""
    return " ".join(part for part in (unseen_text(response.not_answered), settled) if part)


def unseen_text(checks: Sequence[Check]) -> str:
    """Say what the tables do not answer, so that nobody takes silence for a clearance."""
    none = f"{capital(NOT_ENTERED)}." if any(item.criterion == NO_ROWS for item in checks) else ""
    missing = [
        f"{item.subject}{f' ({item.found})' if item.found else ''}" for item in checks if item.criterion != NO_ROWS
    ]
    named = f"Not looked at for this drug: {', '.join(missing)}." if missing else ""
    return " ".join(part for part in (none, named) if part)


def context_text(checks: Sequence[Check], above: str = "", written: Collection[str] = ()) -> str:
    """Say what the clinical context asks for, what asks for the same together.

    Not again the word that stands ``above``, nor what the context tells where that was ``written`` before.
    """
    found = context_parts(checks, above, written)
    return f"{'; '.join(f'{label}: {texts}' if label else texts for label, texts in found)}."


def context_parts(
    checks: Sequence[Check], above: str = "", written: Collection[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Return the parts of :func:`context_text`: the word that each begins with, if it has one, and its reasons."""
    groups: dict[str, list[str]] = {}
    for check in checks:
        # Of an interaction seen from the partner, the dose that changes is the partner's.
        whose = (
            f"the dose of {check.partner}" if check.status is CheckStatus.ADJUST_DOSE and not check.about_drug else ""
        )
        dose = _dose_of(check)
        again = "" if check.known else check.standing
        told = again if check.told in written else check.told_beside(written)
        details = "; ".join(part for part in (told, dose, whose) if part)
        # First, and not in the milder words of its own: what is asked for is said behind it.
        first = check.criterion == ABOVE_RANGE and any(item.status.severity > check.status.severity for item in checks)
        groups.setdefault(MEASURED if first else check.word, []).append(
            f"{check.shown}{f' ({details})' if details else ''}"
        )
    leading = next(iter(groups), "")
    return tuple(("" if label == above == leading else label, ", ".join(texts)) for label, texts in groups.items())


def _dose_of(check: Check) -> str:
    forbids = check.status in (CheckStatus.AVOID, CheckStatus.CONTRAINDICATED)
    return "" if forbids else dose_text(check.factor_low, check.factor_high, "") or _cap(check.highest)


def pressing_text(response: DrugResponse, above: str = "") -> str:
    """Say what the clinical context asks for, and count the reasons that ask for no more than closer monitoring."""
    watched = [check for check in response.said if action_of(check) is Action.MONITOR]
    rest = [check for check in response.said if check not in watched]
    if not watched or not rest:
        return context_text(response.said, above) if response.said else ""
    return f"{context_text(rest, above)} Closer monitoring for {counted(len(watched), 'reason')}."


def first_reason(response: DrugResponse) -> str:
    """Return in few words what the strictest word of a drug is for: of the context what it is about, else the genes."""
    if response.overall_action is response.action:
        strictest = response.action
        if response.response is Response.INDETERMINATE and response.missing:
            return open_keys(response)
        keys = (key for rule in response.guidance if rule.action is strictest for key in rule.condition.keys)
        return ", ".join(_seen(response, keys))
    asking = [check for check in response.said if action_of(check) is response.overall_action]
    return next((check.speaks_against or check.topic for check in asking), "")


def reason_told(response: DrugResponse) -> str:
    """Return the same with whose reason it is, as it stands in brackets behind a drug; a pair says it itself."""
    reason = first_reason(response)
    if response.overall_action is response.action:
        waits = response.response is Response.INDETERMINATE and response.missing
        return reason if waits or not reason else f"{BY_GENOTYPE}: {reason}"
    asking = (check for check in response.said if action_of(check) is response.overall_action)
    first = next(asking, None)
    return f"{TOLD}: {reason}" if first is not None and not (first.partner or first.speaks_against) else reason


def tests_asked(response: DrugResponse) -> str:
    """Say in few words which test comes first: of the context what it asks to check, else the genes that are open.

    What was told and asks for a check stands apart from what is not told, or not settled.
    """
    if response.overall_action is not response.action:
        asking = [check for check in response.said if action_of(check) is Action.TEST_FIRST]
        topics: dict[str, str] = {}
        for check in asking:
            topics.setdefault(check.topic, "" if check.partner else check.standing)
        groups: dict[str, list[str]] = {}
        for topic in list(topics)[:_TOPICS]:
            groups.setdefault(topics[topic], []).append(topic)
        told = "; ".join(f"{f'{word}: ' if word else ''}{', '.join(names)}" for word, names in groups.items())
        return f"{told} and {len(topics) - _TOPICS} more" if len(topics) > _TOPICS else told
    waiting = [open_keys(response)] if response.missing else []
    waiting += [f"{key}, no named pair fits" for key in response.unfitting]
    waiting += [f"{key}, not settled" for key in response.ambiguous]
    keys = dict.fromkeys(key for rule in response.guidance for key in rule.condition.keys)
    return "; ".join(waiting) or f"{', '.join(keys)} beside the genotype" * bool(keys)


def expected_words(response: DrugResponse) -> str:
    """Return what the genotype predicts in few words; what is for information only rests on weak evidence, and says so.

    The options of treatment call the same evidence weak.
    """
    evidence = _weak_evidence(response)
    return f"{expected_label(response)}{f', {evidence}' if evidence else ''}"


def expected_label(response: DrugResponse) -> str:
    """Return the same without the evidence, where that has a place of its own."""
    return RESPONSES[response.response].label


def _weak_evidence(response: DrugResponse) -> str:
    silent = response.response in (Response.INDETERMINATE, Response.NO_VALIDATED_MARKER)
    if response.action is not Action.INFORMATIVE_ONLY or silent:
        return ""
    return WEAK_AND_CONFLICTING if _conflicting(response) else STRENGTHS[Strength.WEAK].label


def rests_on(response: DrugResponse) -> str:
    """Return what the word of a genotype rests on: a guideline with its year and strength, or evidence that is weak."""
    return "; ".join(part for part in (_rule_name(response), _weak_evidence(response)) if part)


def _rule_name(response: DrugResponse) -> str:
    return ", ".join(part for part in (_body(response), response.judgement.strength) if part)


def _body(response: DrugResponse) -> str:
    return f"{response.judgement.guideline} {response.judgement.edition}".strip()


def overall_word(response: DrugResponse) -> Word:
    """Return the word of a drug: of the clinical context where that asks for more than the genotype."""
    if response.overall_action is response.action:
        return judged_word(response.action, response.response)
    return ACTIONS[response.overall_action]


def shown_word(response: DrugResponse, named: Sequence[str]) -> Word:
    """Return the word of a drug for people: one that the review of treatment names is never called as usual.

    ``named`` is what :attr:`~lupus_pgx.review.review.TreatmentReview.bearing` has of it.
    """
    asks = response.overall_action.severity > Action.STANDARD.severity
    return BY_REVIEW if named and not asks else overall_word(response)


def named_text(named: Sequence[str]) -> str:
    """Say what the review of treatment names a drug for; nothing where it does not."""
    return f"The review of treatment names it: {'; '.join(named)}." if named else ""


def genotype_sentence(response: DrugResponse, *, beside: bool = False) -> str:
    """Say what the genotype predicts, what was assumed, and whether an overlay stands behind it.

    ``beside`` what the context asks for its highest dose is not said again.
    """
    judged = response.judgement
    whose = _rule_name(response)
    capped = "" if beside and _cap_is_said(response) else told_cap(response)
    cap = "" if response.told_caps else _cap(judged.cap)
    rule = "; ".join(part for part in (whose, judged.scope) if part)
    missing = missing_text(
        [(item.key, item.loci, item.essential) for item in response.missing],
        judged.open_actions,
        decided=bool(judged.guideline) and response.response is not Response.INDETERMINATE,
    )
    if response.response is Response.NO_VALIDATED_MARKER:
        sentence = f"{response.drug.row['statement'].rstrip('.')}."
    elif response.action is Action.INCREASE_DOSE and response.high_level:
        sentence = level_sentence(cap=cap, rule=rule, drivers=response.drivers, missing=missing)
    else:
        sentence = response_sentence(
            action=response.action,
            response=response.response,
            dose="" if response.dose_stopped else dose_text(judged.factor_low, judged.factor_high, judged.basis),
            cap=cap,
            rule=rule,
            certainty=certainty_text(response.certainty, **response.sure_as),
            drivers=response.drivers,
            adjusted=response.adjusted,
            conflicting=_conflicting(response),
            missing=missing,
            unfitting=bool(response.unfitting),
            body=_body(response),
        )
    assumed = assumed_text([(item.gene, item.count, item.of) for item in response.assumed]) if response.assumed else ""
    against = " ".join(f"{capital(str(item))}." for item in response.contradicted)
    parts = (sentence, other_bodies(response), against, capped, assumed, _overlay_text(response))
    return " ".join(part for part in parts if part)


def other_bodies(response: DrugResponse) -> str:
    """Name the guideline bodies that ask for more than the one whose rule is stated; nothing where none does."""
    stopped = response.dose_stopped
    others = [
        replace(item, factor_low=None, factor_high=None) if stopped else item for item in response.speaking_otherwise
    ]
    return f"But: {'; '.join(map(str, others))}." if others else ""


def told_cap(response: DrugResponse) -> str:
    """Say the highest dose that the context allows, with what it rests on; nothing of what is not to be given."""
    if Action.AVOID in (response.action, response.overall_action) or not response.told_caps:
        return ""
    return f"{capital(_cap(response.lowest_cap))}: {listed([check.shown for check in response.told_caps], 'and')}."


def _cap_is_said(response: DrugResponse) -> bool:
    return any(_dose_of(check) == _cap(check.highest) for check in response.told_caps if check in response.said)


def _conflicting(response: DrugResponse) -> bool:
    return any(item.kind is not ConflictKind.CONTEXT for item in response.conflicts)


def genotype_in_brief(response: DrugResponse) -> str:
    """Say in few words what the genotype asks for, behind a clinical context that asks for more; else nothing."""
    asks = response.action.severity > Action.MONITOR.severity
    if not asks or response.overall_action is response.action:
        return ""
    dose = share_text(*own_share(response)) or _if_given(response)
    if response.action is Action.INCREASE_DOSE and response.high_level:
        return ""  # the measured level decides
    missing = open_keys(response)
    known = ", ".join(_seen(response, response.judgement.driven_by)) if dose or not missing else missing
    still = could_still(response)
    told = "; ".join(part for part in (known, still) if part)
    return f"Genotype: {ACTIONS[response.action].label}{f' {dose}' if dose else ''}{f' ({told})' if told else ''}."


def _seen(response: DrugResponse, keys: Iterable[str]) -> list[str]:
    """Leave out genes and markers of which nothing was seen: they are behind nothing that is asked for."""
    unseen = {item.key for item in response.missing} - response.partly_seen
    return [key for key in dict.fromkeys(keys) if key not in unseen]


def _if_given(response: DrugResponse) -> str:
    """Say the smaller dose that the genotype asks for of a drug that the context forbids: the objection may pass."""
    reduces = response.action is Action.REDUCE_DOSE
    share = share_text(response.factor_low, response.factor_high) if reduces else ""
    return f"{share} if it is given at all" if share else ""


def open_keys(response: DrugResponse) -> str:
    """Name the genes and markers that are open: those of which nothing was seen, and those that were seen in part."""
    parts = (("not assessed", False), ("only partly seen", True))
    named = [
        (word, [item.key for item in response.missing if (item.key in response.partly_seen) is partly])
        for word, partly in parts
    ]
    return "; ".join(f"{word}: {', '.join(keys)}" for word, keys in named if keys)


def could_still(response: DrugResponse) -> str:
    """Say in few words what is not assessed and could ask for more than is asked for now; else nothing.

    A certain answer is the answer to what was seen: where it may become stricter, that belongs beside its first word.
    """
    now = response.overall_action.severity
    stricter = [action for action in response.judgement.open_actions if action.severity > now]
    waits = response.action is Action.TEST_FIRST or response.response is Response.INDETERMINATE
    if not stricter or not response.missing or waits:
        return ""
    return f"{open_keys(response)}, which could still mean: {listed([ACTIONS[action].label for action in stricter])}"


def dose_words(response: DrugResponse) -> str:
    """Return the dose of a prediction in words: its share of the usual one, and the highest dose."""
    if Action.AVOID in (response.action, response.overall_action):
        return ""  # no dose of what is not to be given
    own = dose_text(*own_share(response), response.judgement.basis)
    asked = dose_text(*asked_share(response), "")
    parts = [f"{own} by the genotype", f"{asked} by the context"] if own and asked else [own or asked]
    return "; ".join(part for part in (*parts, _cap(response.lowest_cap)) if part)


def own_share(response: DrugResponse) -> tuple[float | None, float | None]:
    """Return the share of the dose that the genotype asks for and that holds beside the clinical context."""
    none = response.action is Action.STANDARD or response.dose_stopped
    return (None, None) if none else (response.factor_low, response.factor_high)


def asked_share(response: DrugResponse) -> tuple[float | None, float | None]:
    """Return the smallest share of the dose that the clinical context asks for.

    A check that comes first must not hide it. Of what is not to be given, or perhaps not taken, there is none.
    """
    stands = response.overall_action in (Action.REDUCE_DOSE, Action.TEST_FIRST)
    if not stands or any(check.criterion == NOT_TAKEN for check in response.checks):
        return None, None
    asking = [check for check in response.said if check.action is Action.REDUCE_DOSE]
    told = [(check.factor_high, check.factor_low) for check in asking if check.factor_high is not None]
    high, low = min(told, key=lambda item: item[0], default=(None, None))
    return low, high


def _cap(amount: Amount | None) -> str:
    return cap_text(amount.value, amount.unit) if amount is not None else ""
