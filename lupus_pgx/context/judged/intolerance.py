"""What the patient went through: a drug that was not tolerated, its class, and drugs that share the reaction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.checks import Check
from lupus_pgx.context.language.negation import stated
from lupus_pgx.context.language.word_rows import without_accents
from lupus_pgx.context.model import Context, Therapy
from lupus_pgx.context.values import Unused
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import class_heads
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import CheckStatus, Outcome

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import CrossReactionsCells, ReactionsCells

INTOLERANCE = "intolerance"
"""Criterion of a check on an earlier reaction to the drug, to one of its class or to one that shares the reaction."""

_ANY_SERIOUS = "serious"
"""Stands in ``cross_reactions`` for every reaction that is not to come again before it is explained."""

_AGAIN = {
    CheckStatus.CONTRAINDICATED: "Never again.",
    CheckStatus.AVOID: "Not again before the reaction is explained.",
    CheckStatus.CONSIDER_ALTERNATIVE: "It was not tolerated.",
}


_BEGINS = "^"
"""Stands before a term of ``reactions`` that is found only where a word begins."""

_WHOLE = "="
"""Stands before a term that is all of a text: a depression of the marrow is none of the mood."""

_PARTS = re.compile(r"[,;+/&]|\b(?:and|with|then|und|mit|dann|et|avec|puis|y|con)\b", re.IGNORECASE)
"""Stands between what happened."""

_BESIDE = re.compile(
    r"(?:(?:severe|mild|moderate|slight|marked|acute|chronic|recurrent|transient|upset|pains?|ache|cramps?|upper|"
    r"lower|a|an|the|of|in|since|schwere?|leichte?|akute?s?|starke?|s\u00e9v\u00e8re|aigue?|[\d.-]+)(?:\s+|$))*",
    re.IGNORECASE,
)
"""Words beside a reaction that tell no other."""

_ALLERGIC = "allergic"
"""Stands in ``criteria`` for every reaction of the allergic kind."""


class Reactions:
    """What the table ``reactions`` says of a reaction, by the words that a context has for it.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._rows = [(row, reaction_pattern(split_list(row["terms"]))) for row in knowledge.rows("reactions")]
        patterns = {row["reaction"]: pattern for row, pattern in self._rows}
        none = "|".join(pattern.pattern for row, pattern in self._rows if row["allergic"] == "no")
        self._none = re.compile(rf"\S*(?:{none})\S*", re.IGNORECASE)
        self._apart = {
            row["reaction"]: [patterns[name] for name in split_list(row["apart_from"])] for row, _ in self._rows
        }
        self._genes = {gene for row, _ in self._rows for gene in split_list(row["genes"])}
        named = {name for row, _ in self._rows for name in split_list(row["apart_from"])}
        self._named = {name: patterns[name] for name in sorted(named)}
        # Every criterion of a reaction asks for the same few texts.
        self._found = lru_cache(maxsize=1024)(self._find)

    def rows(self, told: str | None) -> list[ReactionsCells]:
        """Return the rows whose words a text holds, what weighs most first; what is apart from one is none of it."""
        return list(self._found(told))

    def _find(self, told: str | None) -> tuple[ReactionsCells, ...]:
        text = _plain(told)
        found = [row for row, pattern in self._rows if pattern.search(self._without(text, row["reaction"]))]
        return tuple(sorted(found, key=lambda row: -CheckStatus(row["again"]).severity))

    def _without(self, text: str, reaction: str) -> str:
        for pattern in self._apart[reaction]:
            text = pattern.sub(" ", text)
        return text

    def by_name(self, told: str | None) -> str:
        """Return a text with the reactions that others are apart from by their names: a bleeding is no stroke."""
        text = _plain(told)
        for name, pattern in self._named.items():
            text = pattern.sub(f"; {name}; ", text)
        return text

    def unread(self, context: Context) -> list[str]:
        """Say of which reactions no row knows the word: they bear on no other drug, which nobody would see."""
        told = [item for item in context.therapies if item.reaction]
        return [
            Unused(
                f"{item.drug.name}: {item.reaction}: no table knows this reaction; it counts against the drug itself, "
                "and bears on no other drug: write it in the usual English word where there is one"
            )
            for item in told
            if not self.rows(item.reaction) and not item.conditions
        ]

    def names(self, told: str | None) -> frozenset[str]:
        """Return the names of what a text holds, with those that stand for several."""
        rows = self.rows(told)
        names = {row["reaction"] for row in rows}
        names |= {_ALLERGIC for row in rows if row["allergic"] == "yes"}
        names |= {_ANY_SERIOUS for row in rows if CheckStatus(row["again"]) is not CheckStatus.CONSIDER_ALTERNATIVE}
        return frozenset(names)

    def harmless(self, told: str | None) -> bool:
        """Say whether a reaction is known to be neither serious nor of the allergic kind."""
        return self.again(told) is CheckStatus.CONSIDER_ALTERNATIVE and _ALLERGIC not in self.names(told)

    def no_allergy(self, told: str) -> bool:
        """Say whether each part of what happened is known to be no allergy, and nothing else is told: a nausea."""
        parts = [part for part in _PARTS.split(stated(told)) if part.strip()]
        return bool(parts) and all(map(self._is_no_allergy, parts))

    def _is_no_allergy(self, part: str) -> bool:
        rows, rest = self.rows(part), self._none.sub(" ", _plain(part)).strip()
        return bool(rows) and all(row["allergic"] == "no" for row in rows) and _BESIDE.fullmatch(rest) is not None

    def explains(self, gene: str, told: str | None) -> bool:
        """Say whether a gene can explain a reaction; one that no row names, or a reaction that none knows, may."""
        rows = self.rows(told)
        return not rows or gene not in self._genes or any(gene in split_list(row["genes"]) for row in rows)

    def again(self, told: str | None) -> CheckStatus:
        """Return what a reaction means for the drug itself: words that no row knows may be of a serious one.

        Each part of a list is looked at: a rash is none the milder for the nausea beside it. Of one of which only is
        told what it was not, nothing is known.
        """
        parts = [part for part in re.split(r"[,;+]", stated(told or "")) if part.strip()] or ([told] if told else [])
        found = [CheckStatus(self.rows(part)[0]["again"]) if self.rows(part) else CheckStatus.AVOID for part in parts]
        return max(found, key=lambda status: status.severity, default=CheckStatus.CONSIDER_ALTERNATIVE)

    def gravest_first(self, courses: Iterable[Therapy]) -> list[Therapy]:
        """Return courses by what their reactions mean for the drug itself, of those alike the newest before others.

        Parameters
        ----------
        courses : iterable of Therapy
            A sentence shows the first.
        """

        def order(course: Therapy) -> tuple[int, int]:
            day = course.latest or course.stop or course.start
            return -self.again(course.reaction).severity, -day.toordinal() if day is not None else 0

        return sorted(courses, key=order)


@lru_cache(maxsize=4)
def reactions_of(knowledge: Knowledge) -> Reactions:
    """Return what a set of tables says of reactions, made once."""
    return Reactions(knowledge)


class Intolerance:
    """What a reaction says of the drug, of its class, and of what shares it.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._reactions = reactions_of(knowledge)
        self._class = class_heads(knowledge)
        self._parts = knowledge.drug_names.parts
        classes = knowledge.class_members
        self._shared: dict[tuple[str, str], list[CrossReactionsCells]] = {}
        for row in knowledge.rows("cross_reactions"):
            for cause in classes.get(row["drug"], frozenset((row["drug"],))):
                for drug in classes.get(row["related"], frozenset((row["related"],))):
                    self._shared.setdefault((cause, drug), []).append(row)

    def of(self, drug: str, context: Context) -> list[Check]:
        """Return a check for each reaction to a drug, to another of its class, or to one that shares the reaction.

        Nobody knows which part of a combination brought a reaction on: it counts for each, and one to a part counts
        for the whole.
        """
        told = (item for item in context.therapies if item.outcome is Outcome.INTOLERANCE)
        courses = self._reactions.gravest_first(told)
        own = [self._again(drug, item) for item in courses if item.drug.name == drug]
        related = [check for item in courses if item.drug.name != drug for check in self._related(drug, item)]
        return [*own, *related]

    def _in_both(self, drug: str, cause: str) -> str:
        """Return the drug, or else a part, that two names have in common; empty where there is none."""
        parts = self._parts(cause)
        return next((name for name in self._parts(drug) if name in parts), "")

    def _again(self, drug: str, course: Therapy) -> Check:
        """Return what a reaction means for the drug itself, whose label can be stricter than is usual."""
        check = self._own(drug, course, drug)
        told = self._reactions.names(course.reaction)
        rows = [row for row in self._shared.get((drug, drug), ()) if row["reaction"] in told]
        strictest = max(rows, key=lambda item: CheckStatus(item["severity"]).severity, default=None)
        if strictest is None or CheckStatus(strictest["severity"]).severity <= check.status.severity:
            return check
        return _shared(drug, course, strictest)

    def _own(self, drug: str, course: Therapy, shared: str) -> Check:
        status = self._reactions.again(course.reaction)
        subject = f"earlier reaction to {_told_of(drug, course.drug.name, shared)}"
        return _check(drug, subject, status, _AGAIN[status], course, self._reactions.rows(course.reaction))

    def _related(self, drug: str, course: Therapy) -> list[Check]:
        """Return what a reaction to another drug says of this one: a row on the pair goes before their class."""
        told = self._reactions.names(course.reaction)
        pairs = product(self._parts(course.drug.name), self._parts(drug))
        rows = [row for pair in pairs for row in self._shared.get(pair, ()) if row["reaction"] in told]
        if rows:
            row = max(rows, key=lambda item: CheckStatus(item["severity"]).severity)
            return [_shared(drug, course, row)]
        part = self._in_both(drug, course.drug.name)
        if part:
            return [self._own(drug, course, part)]
        if self._class.get(course.drug.name, "") != self._class.get(drug):
            return []
        subject = f"earlier reaction to {course.drug.name}, of the same class"
        advice = "Ask whether the reaction is one of the class before it is given."
        return [_check(drug, subject, CheckStatus.CHECK_FIRST, advice, course, self._reactions.rows(course.reaction))]


def _told_of(drug: str, cause: str, shared: str) -> str:
    """Name what brought a reaction on, and what a drug has of it."""
    if drug == cause:
        return "it"
    if shared in (drug, cause):
        return f"{cause}, of which it is a part" if shared == drug else f"{cause}, a part of it"
    return f"{cause}: {shared} is in both"


def _plain(told: str | None) -> str:
    """Return what a text states, without accents and with single blanks for what stands between its words."""
    return " ".join(re.split(r"[\s-]+", without_accents(stated(told or ""))))


def reaction_pattern(terms: Sequence[str]) -> re.Pattern[str]:
    """Return what finds a reaction: an abbreviation in capitals as a whole word, anything else as part of one.

    In small letters an abbreviation is one only where nothing else is told: a rash after ten days is no TEN. What has
    ``^`` before it begins a word: a cardiomyopathy is no myopathy; what has ``=`` is the whole text. Accents make no
    difference.

    Parameters
    ----------
    terms : sequence of str
        Of a row of the table ``reactions``.

    Returns
    -------
    re.Pattern
    """
    return re.compile("|".join(map(_found_by, terms)), re.IGNORECASE)


def _found_by(term: str) -> str:
    bare = without_accents(term)
    text = re.escape(bare.removeprefix(_BEGINS).removeprefix(_WHOLE))
    if term.startswith(_WHOLE):
        return rf"^\s*{text}\s*$"
    if term.startswith(_BEGINS):
        return rf"\b{text}"
    return rf"(?-i:\b{text}\b)|^\s*{text}\s*$" if term.isupper() else text


def _shared(drug: str, course: Therapy, row: CrossReactionsCells) -> Check:
    """Return a row on two drugs that share a reaction, or on one that must not be given after it, as a check."""
    own = drug == course.drug.name
    return Check(
        drug=drug,
        subject="earlier reaction to it" if own else f"earlier reaction to {course.drug.name}, which it can share",
        status=CheckStatus(row["severity"]),
        advice=row["advice"],
        found=course.reaction or "",
        reactions=(course.reaction,) if course.reaction else (),
        citations=split_list(row["citation"]),
        criterion=INTOLERANCE,
        row=row["reaction"],
        jurisdiction=row["jurisdiction"],
        checked=row["checked"],
        checked_on=row["checked_on"] or "",
    )


def _check(
    drug: str, subject: str, status: CheckStatus, advice: str, course: Therapy, rows: Sequence[ReactionsCells]
) -> Check:
    return Check(
        drug=drug,
        subject=subject,
        status=status,
        advice=advice,
        found=course.reaction or "",
        reactions=(course.reaction,) if course.reaction else (),
        citations=split_list(rows[0]["citation"]) if rows else (),
        criterion=INTOLERANCE,
        row=rows[0]["reaction"] if rows else "",
    )
