"""Interactions of drugs that are taken together, whichever of the two a row is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.checks import Check
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import CheckStatus

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import InteractionsCells

_TOGETHER = ("additive_toxicity", "immunological")
_OF_LEVELS = ("metabolism", "transport")
"""Kinds of rows on the level of a drug, which two classes of a partner move once."""
_NOTHING = "no_relevant_change"
_APART = "separate_doses"
_BY_SEVERITY = {_APART: CheckStatus.MONITOR, _NOTHING: CheckStatus.COMPATIBLE}


@dataclass(frozen=True, slots=True)
class _Pair:
    """A row with the names that its two sides stand for; ``parts`` are the partners that it needs together."""

    row: InteractionsCells
    about: frozenset[str]
    parts: tuple[frozenset[str], ...]

    @property
    def named(self) -> bool:
        """Whether the row names the drugs, so that it beats one on their class."""
        return bool(self.row["names"] == "drug")

    @property
    def effect(self) -> tuple[object, ...]:
        """What happens, and the change of the dose: two rows with the same say one thing."""
        row = self.row
        return row["kind"], row["direction"], row["factor_low"], row["factor_high"], row["cap"]

    @property
    def status(self) -> CheckStatus:
        """How strict the row is."""
        return _BY_SEVERITY.get(self.row["severity"]) or CheckStatus(self.row["severity"])


class Pairs:
    """Rows of the table ``interactions``, by the drug that they are about.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        names, classes = knowledge.drug_names, knowledge.class_members
        self._parts = names.parts
        lower = {name.lower(): members for name, members in classes.items()}

        @cache
        def members(name: str) -> frozenset[str]:
            return frozenset({names.find(name) or name, *lower.get(name.lower(), ())})

        # By both sides: every drug of the tables is held against everything that a patient takes.
        self._rows: dict[tuple[str, str], list[_Pair]] = {}
        for row in knowledge.rows("interactions"):
            pair = _pair(row, members)
            for name, partner in product(pair.about, frozenset().union(*pair.parts)):
                self._rows.setdefault((name, partner), []).append(pair)

    def without_rows(self, drug: str, taken: Iterable[str]) -> list[str]:
        """Return the others on whose use with a drug the tables hold no row, be it one that says that nothing happens.

        That is not to say that they may be taken together.
        """
        others = sorted({name for name in taken if name != drug})
        together = [*others, drug]
        return [
            other
            for other in others
            if not any(self._met_rows(one, partner, together) for one, partner in ((drug, other), (other, drug)))
        ]

    def of(self, drug: str, taken: Iterable[str]) -> list[Check]:
        """Return the interactions of a drug with others; a row on both sides of a pair counts once.

        Where the drug itself is among what is taken, the one of a pair that is to be left out may be the other.
        """
        all_taken = set(taken)
        others = sorted(all_taken - {drug})
        found: dict[tuple[frozenset[str], str, str, str, bool], Check] = {}
        for other in others:
            for one, partner in ((drug, other), (other, drug)):
                met = self._met_rows(one, partner, [*others, drug])
                for item in _most_specific(met):
                    if one != drug and item.row["severity"] == _NOTHING:
                        continue  # that a drug does nothing to another says nothing of it
                    check = _interaction(item, one, drug, other, others)
                    if drug in all_taken:
                        check = _one_gives_way(item, check)
                    names = frozenset((other, *_beside(item, other, others)))
                    # What two drugs do to a patient together is one fact, whichever of the two a row begins with.
                    twice = check.kind in _TOGETHER and not check.about_drug
                    same = (
                        told
                        for place, told in found.items()
                        if place[0] == names and place[2:4] == (check.kind, check.direction)
                    )
                    if not (twice and any(told.status.severity >= check.status.severity for told in same)):
                        found.setdefault((names, check.row, check.kind, check.direction, check.about_drug), check)
        return list(found.values())

    def _met_rows(self, one: str, partner: str, taken: Sequence[str]) -> list[_Pair]:
        """Return the rows of a drug, or of a part of it, that a partner meets, by itself or by a part of it.

        Of rows on the parts of a combination only those count that are stricter than one on the combination.
        """
        named = [
            (item, name, name == one and other == partner)
            for name in self._parts(one)
            for other in self._parts(partner)
            for item in self._rows.get((name, other), ())
        ]
        if not named:
            return []
        beside = {part for name in taken if name != one for part in self._parts(name)}
        met = [(item, exact) for item, name, exact in named if _met(item, name, beside)]
        whole = [item for item, exact in met if exact]
        kinds = {item.row["kind"]: [each for each in whole if each.row["kind"] == item.row["kind"]] for item in whole}
        found = [item for item, exact in met if exact or not _settled(item, kinds.get(item.row["kind"], ()))]
        return list({id(item): item for item in found}.values())


def _pair(row: InteractionsCells, members: Callable[[str], frozenset[str]]) -> _Pair:
    listed = split_list(row["with_drugs"])
    if row["needs"] == "all":
        parts = tuple(members(name) for name in listed)
    else:
        parts = (frozenset(item for name in (row["with"], *listed) for item in members(name)),)
    return _Pair(row, members(row["drug"]), parts)


def _met(pair: _Pair, one: str, beside: Set[str]) -> bool:
    """Whether whatever a row needs is taken; no drug is its own partner."""
    others = beside - {one}
    return all(part & others for part in pair.parts)


def _most_specific(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Leave out rows on a class where a row of the same kind names the drug and is as strict, or another class says it.

    Carbamazepine is a strong inducer and an enzyme-inducing antiepileptic: it is said once.
    """
    named: dict[str, list[_Pair]] = {}
    for item in pairs:
        if item.named:
            named.setdefault(item.row["kind"], []).append(item)
    kept = [item for item in pairs if item.named or not _settled(item, named.get(item.row["kind"], ()))]
    return [item for item in kept if item.named or not any(_says_more(other, item) for other in kept)]


def _settled(item: _Pair, named: Sequence[_Pair]) -> bool:
    """Whether rows that name the drug say all that one on its class would; a milder warning does not."""
    return any(other.status.severity >= item.status.severity for other in named)


def _says_more(other: _Pair, item: _Pair) -> bool:
    """Say whether another row on a class has the same effect, and is stricter, or as strict and of fewer drugs."""
    if other is item or other.named or item.row["kind"] not in _OF_LEVELS or other.effect != item.effect:
        return False  # harm of two kinds, to the kidney and by potassium, is said twice
    if other.status.severity != item.status.severity:
        return other.status.severity > item.status.severity
    size = [sum(map(len, pair.parts)) for pair in (other, item)]
    return (size[0], other.row["with"]) < (size[1], item.row["with"])


def _beside(pair: _Pair, other: str, others: Sequence[str]) -> list[str]:
    """Return what else is taken that a row on several drugs needs, the partner aside."""
    parts = [part for part in pair.parts if other not in part]
    return list(dict.fromkeys(name for part in parts for name in others if name in part))


def _interaction(pair: _Pair, one: str, drug: str, other: str, others: Sequence[str]) -> Check:
    """Return an interaction as a check of a drug, whichever of the two its row is about."""
    row, own = pair.row, one == drug
    about = "" if own else f"changes {one}: "
    low, high, cap = (row["factor_low"], row["factor_high"], row["cap"]) if own else (None, None, None)
    together = _beside(pair, other, others)
    return Check(
        drug=drug,
        subject=f"with {' and '.join([other, *together])}",
        status=pair.status,
        advice=f"{about}{row['effect']} {row['advice']}",
        factor_low=low,
        factor_high=high,
        citations=split_list(row["citation"]),
        partner=other,
        apart=row["severity"] == _APART,
        row=row["with"],
        kind=row["kind"],
        direction=row["direction"],
        about_drug=own,
        cap=cap,
        cap_unit=row["unit"] or "" if cap is not None else "",
        jurisdiction=row["jurisdiction"],
        checked=row["checked"],
        checked_on=row["checked_on"] or "",
        explains=split_list(row["explains"]),
    )


def _one_gives_way(pair: _Pair, check: Check) -> Check:
    """Say which of two that are taken is to be left out: the pair is to be avoided, not each of the two.

    What is not taken yet is not to be begun beside the other.
    """
    ours = pair.row["gives_way"] == ("drug" if check.about_drug else "partner")
    if pair.row["gives_way"] is None or ours:
        return check
    return replace(
        check,
        advice=f"Leave out {check.partner}, not {check.drug}. {pair.row['effect']} {pair.row['advice']}",
        gives_way=check.partner,
    )
