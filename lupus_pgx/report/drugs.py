"""What a report shows of drugs: plain values, ready for a template."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lupus_pgx.context.checks import Check
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.rules import EvidenceRow, GuidanceRule
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.report.marks import Citations, Link, lupus_drugs, mark_of
from lupus_pgx.report.unanswered import Left, left_of
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.response.overall import action_of
from lupus_pgx.response.values import ConflictKind, Missing
from lupus_pgx.results.sentences import (
    context_parts,
    context_said,
    context_text,
    dose_words,
    earlier_text,
    expected_words,
    first_reason,
    genotype_in_brief,
    genotype_sentence,
    named_text,
    pressing_text,
    shown_word,
)
from lupus_pgx.terms import Action, CheckStatus, Response
from lupus_pgx.words.amounts import cap_text, certainty_text, dose_text, share_text
from lupus_pgx.words.lines import counted
from lupus_pgx.words.sentences import due_text, subject_text
from lupus_pgx.words.vocabulary import (
    ACTIONS,
    BASES,
    BY_REVIEW,
    CHECKS,
    JUDGED,
    UNDECIDED,
    Word,
    capital,
    evidence_word,
    quantity_word,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A guideline row that fired."""

    mark: Word
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
    """An evidence row that fired; ``subject`` is the gene and variant that it is of."""

    subject: str
    direction: str
    level: str
    text: str
    effect_size: str
    population: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check as a report shows it: what is its own stands in ``check``."""

    check: Check
    links: tuple[Link, ...]

    @property
    def mark(self) -> Word:
        """Sign and word of what it asks for."""
        return CHECKS[self.check.status]

    @property
    def fact(self) -> str:
        """What of the context it rests on, under which the drugs it bears on stand together."""
        check = self.check
        if check.partner or not check.found:
            return check.subject if check.partner else check.topic
        return check.found if check.topic in check.found else f"{quantity_word(check.topic)}: {check.found}"

    @property
    def dose(self) -> str:
        """The share of the usual dose that the source gives, in words."""
        return dose_text(self.check.factor_low, self.check.factor_high, "")


@dataclass(frozen=True, slots=True)
class DrugView:
    """One drug as a report shows it.

    Attributes
    ----------
    name : str
    mark, genotype : Word
        What is asked for overall, and by the genotype.
    for_lupus : bool
        It stands among the therapy options of lupus.
    roles : tuple of str
        What the context says of it: tried, taken now, planned.
    dose, response, certainty, sentence : str
    reason : str
        What the strictest word is for, in few words.
    asked : str
        What the clinical context asks for, where that is more than the genotype does.
    parts : tuple of (str, str)
        The same by what it asks for: the word, if it has one, and the reasons.
    paper : str
        The same without the values that paper gives with drugs that are planned or taken.
    strictest, pressing, few : str
        Of it the strictest alone; all of it, with what asks for closer monitoring counted; and the strictest with its
        first reasons, the others counted, of a drug that is neither of lupus nor told.
    first, said : str
        What is open and comes first where the genotype asks for as much; what the context asks for, and all that it
        leaves without an answer: for one drug by itself.
    behind : str
        What the genotype asks for behind it, in few words.
    left : Left
        How much of the context is not answered for it.
    due : str
        What is due to be measured for a drug that is taken or planned.
    named : str
        What the review of treatment says it may have done to another drug.
    drivers, conflicts, could_mean : tuple of str
        ``conflicts`` without what the clinical context says; ``could_mean`` are the actions that are possible once
        all is assessed.
    missing : tuple of Missing
    bodies : tuple of Body
    evidence : tuple of EvidenceLine
    checks : tuple of CheckView
        Those that the context answers, the most severe first.
    open_checks : tuple of str
        Conditions that the context does not tell, or does not settle: for one drug by itself.
    against : bool
        The clinical context speaks against it.
    links : tuple of Link
        Citations of what is said, else of what is known of the drug at all.
    """

    name: str
    mark: Word
    genotype: Word
    for_lupus: bool
    roles: tuple[str, ...]
    dose: str
    response: str
    certainty: str
    sentence: str
    reason: str
    asked: str
    parts: tuple[tuple[str, str], ...]
    paper: str
    strictest: str
    few: str
    pressing: str
    first: str
    said: str
    behind: str
    left: Left
    due: str
    named: str
    drivers: tuple[str, ...]
    conflicts: tuple[str, ...]
    missing: tuple[Missing, ...]
    could_mean: tuple[str, ...]
    bodies: tuple[Body, ...]
    evidence: tuple[EvidenceLine, ...]
    checks: tuple[CheckView, ...]
    open_checks: tuple[str, ...]
    against: bool
    links: tuple[Link, ...]

    @property
    def beside(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What the context says beside a genotype that asks for as much: words, each with its reasons."""
        groups: dict[str, dict[str, None]] = {}
        for item in self.checks:
            groups.setdefault(item.mark.label, {})[item.check.shown] = None
        return tuple((label, tuple(reasons)) for label, reasons in groups.items())

    @property
    def beside_few(self) -> str:
        """The same with its first reasons, the others counted."""
        lines = [f"{label}: {reason}" for label, reasons in self.beside for reason in reasons]
        more = len(lines) - _REASONS
        return "; ".join([*lines[:_REASONS], *([counted(more, "more reason")] if more > 0 else [])])

    @property
    def named_only(self) -> bool:
        """Whether paper names it with a reason alone: neither of lupus nor told, and the context alone asks."""
        return self.in_a_line and not (self.for_lupus or self.roles or self.dose)

    @property
    def in_a_line(self) -> bool:
        """Whether it has a line on paper in the place of a card: the context asks, and behind it no genotype."""
        return bool(self.asked) and not self.behind

    @property
    def said_heading(self) -> str:
        """What stands over ``said``: what was not looked at is nothing that the context asks for."""
        return "By the clinical context" if self.asked else "Of the clinical context, without an answer"


@dataclass(frozen=True, slots=True)
class DrugGroup:
    """Drugs under one heading."""

    mark: Word
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
        # A body that is alone on a drug has the first place there, and no other place in the columns of all drugs.
        rules.sort(key=lambda rule: rule.priority, reverse=True)
        self._bodies = tuple(dict.fromkeys(rule.source for rule in rules))[::-1]
        self._for_lupus = lupus_drugs(knowledge)

    def view(
        self,
        response: DrugResponse,
        roles: Sequence[str] = (),
        named: Sequence[str] = (),
        due: Sequence[str] = (),
        written: Collection[str] = (),
    ) -> DrugView:
        """Return the view of one drug.

        Parameters
        ----------
        response : DrugResponse
        roles : sequence of str
        named, due : sequence of str
            What the review names it for, and what is due to be measured for it.
        written : collection of str
            What the context tells and paper gives before.

        Returns
        -------
        DrugView
        """
        drug = response.drug
        known = [check for check in response.checks if check.known]
        undecided = response.response is Response.INDETERMINATE
        for_lupus = drug.drug in self._for_lupus
        return DrugView(
            name=drug.drug,
            mark=shown_word(response, named),
            genotype=mark_of(response.judgement),
            for_lupus=for_lupus,
            roles=tuple(roles),
            dose=dose_words(response),
            response=expected_words(response),
            certainty="" if undecided else certainty_text(response.certainty, **response.sure_as),
            sentence=" ".join(filter(None, (capital(genotype_sentence(response)), earlier_text(response)))),
            reason=first_reason(response),
            asked=_asked(response.said, response),
            parts=context_parts(response.said, _above(response)) if _asks_more(response) else (),
            paper=_asked(response.said, response, written),
            pressing=pressing_text(response, _above(response)) if _asks_more(response) else "",
            strictest=_asked(_strictest(response), response, written),
            few=_asked(_strictest(response), response, written) if for_lupus or roles else _few(response, written),
            first=_first(response),
            said=context_said(response),
            behind=genotype_in_brief(response),
            left=left_of(response.checks),
            due=f"{capital(due_text(due))}." if due else "",
            named=named_text(named),
            drivers=response.drivers,
            conflicts=tuple(
                dict.fromkeys(str(item) for item in response.conflicts if item.kind is not ConflictKind.CONTEXT)
            ),
            missing=response.missing,
            could_mean=tuple(ACTIONS[action].label for action in response.judgement.open_actions),
            bodies=self._guidelines(response),
            evidence=tuple(
                self._finding(row) for row in response.evidence if row.condition is not None and not row.of_disease
            ),
            checks=tuple(CheckView(check, self._citations.links(*check.citations)) for check in known),
            open_checks=tuple(
                dict.fromkeys(check.question for check in response.checks if not check.known and not check.unseen)
            ),
            against=any(check.against for check in response.checks),
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
        mark = UNDECIDED if undecided else ACTIONS[rule.action]
        scope = [rule.population, f"if {row['applies_if']}" if row["applies_if"] else ""]
        dose = share_text(row["factor_low"], row["factor_high"]) if rule.action is not Action.STANDARD else ""
        basis = BASES.get(row["dose_basis"] or "", "")
        limit = cap_text(row["cap"], row["unit"])
        return Rule(
            mark=mark,
            dose="; ".join(part for part in (f"{dose} ({basis})" if dose and basis else dose, limit) if part),
            year=rule.edition,
            condition=rule.condition.text,
            scope="; ".join(part for part in scope if part),
            strength=row["strength"] or "",
            advice=row["advice"] or "",
            links=self._citations.links(*split_list(row["citation"])),
        )

    def _finding(self, evidence: EvidenceRow) -> EvidenceLine:
        row = evidence.row
        return EvidenceLine(
            subject=subject_text(row["gene"], row["marker"]),
            direction=evidence_word(row["direction"]),
            level=evidence_word(row["evidence_level"]),
            text=row["finding"],
            effect_size=row["effect_size"] or "",
            population=row["population"] or "",
            links=self._citations.links(*split_list(row["citation"])),
        )


def pressing_checks(response: DrugResponse) -> list[Check]:
    """Return what both forms write out of a drug that is planned or taken: more than the genotype, or than watching."""
    return [item for item in response.said if _asks_more(response) and action_of(item) is not Action.MONITOR]


def _strictest(response: DrugResponse) -> list[Check]:
    return [item for item in response.said if action_of(item) is response.overall_action]


def _asks_more(response: DrugResponse) -> bool:
    return response.overall_action is not response.action


def _above(response: DrugResponse) -> str:
    """Return the word that stands before what is asked, as a sign or a heading."""
    return ACTIONS[response.overall_action].label


def _asked(said: Sequence[Check], response: DrugResponse, written: Collection[str] = ()) -> str:
    """Say what the context asks for where that is more than the genotype does."""
    return context_text(said, _above(response), written) if said and _asks_more(response) else ""


def _first(response: DrugResponse) -> str:
    """Say what is open and comes first, where the genotype asks for as much and so nothing else says it."""
    asked = [check for check in response.said if not check.known]
    return context_text(asked) if asked and not _asks_more(response) else ""


def _few(response: DrugResponse, written: Collection[str]) -> str:
    strictest = _strictest(response)
    text = _asked(strictest[:_REASONS], response, written)
    return f"{text.rstrip('.')}; {counted(len(strictest) - _REASONS, 'more reason')}." if strictest[_REASONS:] else text


_REASONS = 1
"""So many reasons of a drug that is neither of lupus nor told are written on paper, the strictest first."""

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
        said = (drug.roles, drug.dose, drug.named, drug.asked, drug.conflicts, known, str(drug.left))
        groups.setdefault((said, told or genotype), ([], drug))[0].append(drug.name)
    return tuple((tuple(names), drug) for names, drug in groups.values())


def by_reason(drugs: Sequence[DrugView]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Put the names of drugs together that the same is said against, in their order."""
    groups: dict[str, list[str]] = {}
    for drug in drugs:
        groups.setdefault(drug.reason, []).append(drug.name)
    return tuple((reason, tuple(names)) for reason, names in groups.items())


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
