"""The views of drugs, made of what was predicted and of what the clinical context says."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lupus_pgx.context.judged.checks import Check
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.rules import EvidenceRow, GuidanceRule
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.report.drug_view import REASONS, Body, CheckView, DrugView, EvidenceLine, Rule
from lupus_pgx.report.marks import Citations, lupus_drugs, mark_of
from lupus_pgx.report.standing import dose_told, in_part, is_undecided, open_genes, standing
from lupus_pgx.report.unanswered import left_of
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.response.overall import action_of
from lupus_pgx.response.values import ConflictKind
from lupus_pgx.results.sentences import (
    context_parts,
    context_said,
    context_text,
    earlier_text,
    expected_words,
    first_reason,
    genotype_in_brief,
    genotype_sentence,
    named_text,
    pressing_text,
    shown_word,
)
from lupus_pgx.terms import Action, Response
from lupus_pgx.words.amounts import cap_text, certainty_text, share_text
from lupus_pgx.words.lines import counted
from lupus_pgx.words.sentences import due_text, subject_text
from lupus_pgx.words.vocabulary import (
    ACTIONS,
    BASES,
    IN_PART,
    UNDECIDED,
    capital,
    evidence_word,
)


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
            dose="; ".join(filter(None, (dose_told(response), IN_PART if in_part(response) else ""))),
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
            open=f"{capital(open_genes(response))}." if is_undecided(response) else "",
            standing=standing(response),
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
    text = _asked(strictest[:REASONS], response, written)
    return f"{text.rstrip('.')}; {counted(len(strictest) - REASONS, 'more reason')}." if strictest[REASONS:] else text
