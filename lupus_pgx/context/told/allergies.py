"""Allergies as people list them: each is a drug that was not tolerated, or the condition that a word for several is.

What is no drug and no such word is refused: a name that was mistyped would be silent.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from lupus_pgx.context.judged.intolerance import reactions_of
from lupus_pgx.context.language.everyday import is_date
from lupus_pgx.context.language.held_drugs import unread_drug
from lupus_pgx.context.language.negation import only_excluded, stated
from lupus_pgx.context.language.notes import Notes
from lupus_pgx.context.language.others import tells_of_others
from lupus_pgx.context.language.word_rows import plain
from lupus_pgx.knowledge.drugs import bare_name
from lupus_pgx.terms import CheckStatus, Outcome

_FIELD, _NONE, _ASK = "field", "no", "ask"
"""In ``value`` of a word: for the field that lists them, for that there is none, and for one that is in doubt."""

_ALLERGY, _UNKNOWN = "allergy", "unknown"
_OF = re.compile(
    r"(?:(?:known\s+)?(?:allergy|allergic|hypersensitivity|hypersensitive|allergie|allergisch|allergique|alergia|al[e\u00e9]rgic[oa])\s+(?:to|against|gegen|auf|von|au|aux|\u00e0|a)\s+(?:la\s+|l')?(?P<after>.+))|"
    r"(?:(?P<before>.+?)[\s-]*(?:allergy|allergies|allergic|hypersensitivity|allergie))",
    re.IGNORECASE,
)
_TOLD = re.compile(r"(?P<name>[^:(]+?)\s*(?::\s*|\(|\s+[-\u2013=]+>?\s+|->\s*)(?P<reaction>[^)]+?)\)?\s*")

_DRUG, _REACTION, _STOP = "drug", "reaction", "stop"
_KEYS = (_DRUG, _REACTION, _STOP)
"""Fields of an allergy that is a mapping."""

_ASKED = "what happened is not told"
"""Begins the note of a word for an allergy to a class of drugs, which is one only where what happened was one."""

_BARE_NO = ("no", "n", "nein", "non")
"""Say of an allergy that it is not there; ``none`` may say so of a reaction."""

_DAYS = ("date", "day", "when", "year", "in", "onset", "since", "start")
"""Fields of an allergy for its day: the course of the drug ended with it."""

_DATED = re.compile(
    r"(?P<reaction>[^\W\d].*?)[\s,(]+(?:in\s+|since\s+|on\s+)?(?P<day>(?:19|20)\d\d(?:-\d\d){0,2})\s*\)?\s*",
    re.IGNORECASE,
)


class _Allergy(NamedTuple):
    """An allergy: what to, what happened, and when; None where that is not told."""

    name: Any
    reaction: Any = None
    stop: Any = None


def read_allergies(made: dict[str, Any], notes: Notes) -> None:
    """Write allergies among the therapies and conditions of a patient, in place.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    reader = _Allergies(made, notes)
    for field in [name for name in made if _is_field(name, notes) and not notes.words.says_yes(made[name])]:
        given = made.pop(field)
        for allergy in reader.listed(given, field):
            reader.place(field, allergy)
    reader.of_drugs("co_medication")
    reader.of_classes("conditions")
    reader.of_drugs("conditions")


def _is_field(name: Any, notes: Notes) -> bool:
    row = notes.words.find(_ALLERGY, name)
    return row is not None and row["value"] == _FIELD


class _Allergies:
    """Reads the allergies of one patient."""

    def __init__(self, made: dict[str, Any], notes: Notes) -> None:
        self._made = made
        self._notes = notes
        self._words = notes.words

    def listed(self, given: Any, field: str) -> Iterator[_Allergy]:
        """Yield each allergy that is not denied."""
        if isinstance(given, str) and self._none(given) is None:
            given = [part.strip() for part in re.split(r"[,;](?![^(]*\))", given) if part.strip()]
        items = given if isinstance(given, list) else [given]
        for item in items:
            told = list(self._told(item, field))
            for allergy in told:
                name, reaction, stop = allergy
                alone = self._none(name)
                said = alone or ("no" if reaction is False else "")
                if said:
                    alone = "whether there is an allergy is not told" if said == _UNKNOWN else "no allergy is known"
                    known = alone if len(items) == len(told) == 1 else "left out"
                    self._notes.remark(f"{field}: {name or 'no'}: {known}; no rule rests on that")
                elif not isinstance(name, str):
                    self._notes.refuse(
                        (field,), f"expected the names of drugs, such as [heparin, naproxen]; found {name!r}"
                    )
                else:
                    match = _TOLD.fullmatch(name) if reaction is None and not self._words.is_drug(name) else None
                    name, reaction = (match["name"], match["reaction"]) if match else (name, reaction)
                    name, reaction = (self._reacted(name) or (name, None)) if reaction is None else (name, reaction)
                    dated = _DATED.fullmatch(name) if reaction is None and stop is None else None
                    if dated is not None and not self._is_known(name) and self._is_known(dated["reaction"]):
                        name, stop = dated["reaction"], dated["day"]  # naproxen 2015
                    if self._is_there(name, reaction, field):
                        yield self._with_reaction(_dated(name, reaction, stop), field)

    def _told(self, item: Any, field: str) -> Iterator[_Allergy]:
        """Yield what one entry tells: a name, names with what happened, or a mapping of one allergy."""
        if not isinstance(item, Mapping):
            yield _Allergy(item)
            return
        made: dict[str, Any] = {}
        for name, value in item.items():
            row = self._words.find("course", name)
            made[_STOP if name in _DAYS else row["value"] if row is not None and row["value"] else name] = value
        if _DRUG not in made:
            known = len(item) == 1 or all(self._is_known(name) for name in item)
            if known or not any(name in (_REACTION, _STOP) or self._is_known(name) for name in made):
                yield from (_of_details(name, value) for name, value in item.items())
                return
        unknown = [name for name in made if name not in _KEYS]
        for name in unknown or (() if _DRUG in made else (_DRUG,)):
            rule = "unknown field" if unknown else "is missing"
            self._notes.refuse(
                (field, str(name)),
                f"{rule}: an allergy is written as {{drug: heparin, reaction: HIT, stop: 2015}}; one that is in doubt, "
                "was refuted or is of somebody else is left out",
            )
        if not unknown and len(made) < len(item):
            self._notes.refuse((field,), "one of drug, reaction and stop is given twice: write one of them")
        elif not unknown and _DRUG in made:
            yield _Allergy(made[_DRUG], made.get(_REACTION), made.get(_STOP))

    def _is_known(self, name: Any) -> bool:
        return isinstance(name, str) and bool(
            self._words.is_drug(name) or self._words.condition(f"{name} {_ALLERGY}") or self._words.condition(name)
        )

    def _is_there(self, name: str, reaction: Any, field: str) -> bool:
        """Say whether an allergy is told as there; one that is denied is said, one in doubt is refused."""
        if not isinstance(reaction, str):
            return True
        row = self._words.find(_ALLERGY, reaction)
        doubt = row["value"] == _ASK if row is not None else only_excluded(reaction)
        if doubt or tells_of_others(reaction, self._words):
            why = "is not said to be there" if doubt else "is said of somebody else"
            self._notes.refuse((field,), f"{name}: {why}: leave it out, or write what happened; found {reaction!r}")
            return False
        no = (row is not None and row["value"] == _NONE) or plain(reaction) in _BARE_NO
        if no:
            self._notes.remark(f"{field}: {name}: {reaction}: left out; no rule rests on that")
        return not no

    def _with_reaction(self, allergy: _Allergy, field: str) -> _Allergy:
        """Return an allergy without a reaction that says only what it was not: the allergy is there all the same."""
        name, reaction, stop = allergy
        if not isinstance(reaction, str) or (stated(reaction) and not self._words.says_no(reaction)):
            return allergy
        if reaction.strip():
            self._notes.remark(f"{field}: {name}: {reaction}: says nothing of what happened; the allergy counts")
        return _Allergy(name, None, stop)

    def _none(self, told: Any) -> str | None:
        """Return what says that there is none, or that nothing is known."""
        if told is None or told is False:
            return "no"
        row = self._words.find("answer", told) or self._words.find(_ALLERGY, told)
        return None if row is None or row["value"] not in (None, _NONE) else row["value"] or _UNKNOWN

    def place(self, field: str, allergy: _Allergy) -> None:
        """Write one allergy where it belongs; a word for several drugs is a condition."""
        name, reaction, stop = allergy
        match = _OF.fullmatch(name.strip())
        bare = ((match["after"] or match["before"]) if match else name).strip()
        reaction = None if reaction is True else reaction
        condition = next((word for word in (name, f"{bare} {_ALLERGY}") if self._words.condition(word)), None)
        drug = self._words.is_drug(bare)
        if condition is not None and self._is_none(condition, reaction, drug=drug):
            if not drug:
                self._not_of_class(field, allergy)
                return
            condition = None
        row = self._words.condition(condition) if condition is not None and drug and reaction else None
        if row is not None:
            condition = row["value"]  # the note of its word asks for what happened, which is told
            self._notes.remark(f"{field}: {name}: read as {condition}, too")
        if drug:
            made = {"drug": bare, "outcome": Outcome.INTOLERANCE.value, "reaction": reaction or _ALLERGY}
            self._add("therapies", [made | ({} if stop is None else {"stop": stop})], field)
            self._notes.remark(f"{field}: {name}: read as {bare} that was not tolerated, {reaction or _ALLERGY}")
        if condition is not None:
            self._add("conditions", {condition: True}, field)
            lost = ", ".join(str(item) for item in (reaction, stop) if item)
            if lost and not drug:
                self._notes.lose(f"{field}: {name}: {lost}: is not used: write the drug that it was")
        elif not drug:
            rule = self._words.unknown_drug(bare).partition("; if the name")[0]
            other = f"; what is no drug is written as conditions: ['other: {bare} {_ALLERGY}']"
            self._notes.refuse((field,), unread_drug(bare, self._words) or rule + other)

    def _is_none(self, condition: str, reaction: Any, *, drug: bool) -> bool:
        """Say whether what happened is known to be no allergy, which then is none of a class of drugs."""
        row = self._words.condition(condition)
        if row is None or not isinstance(reaction, str) or not reactions_of(self._words.knowledge).no_allergy(reaction):
            return False
        same = (item for item in self._words.knowledge.rows("context_words") if item["value"] == row["value"])
        return drug or any((item["note"] or "").startswith(_ASKED) for item in same)  # a food has no other reaction

    def _not_of_class(self, field: str, allergy: _Allergy) -> None:
        """Say of what happened under one of a class that it is no allergy; what is serious needs its drug."""
        name, reaction, _ = allergy
        course = f"therapies: [{{drug: NAME, outcome: intolerance, reaction: {reaction}}}]"
        told = f"is no allergy of the class: write the drug that it was, as {course}"
        if reactions_of(self._words.knowledge).again(reaction) is CheckStatus.CONSIDER_ALTERNATIVE:
            self._notes.lose(f"{field}: {name}: {reaction}: {told}")
        else:
            self._notes.refuse((field,), f"{name}: {told}")

    def _add(self, field: str, more: Any, path: str) -> None:
        """Write more into a list of therapies, or into conditions."""
        there = self._made.get(field)
        if field == "conditions" and (there is None or isinstance(there, Mapping)):
            self._made[field] = {**more, **(there or {})}
        elif isinstance(there or [], list):
            self._made[field] = [*(there or []), *more]
        else:
            self._notes.refuse((path,), f"cannot be read beside {field}: write them as a list")

    def _reacted(self, text: str, *, classes: bool = False) -> tuple[str, str] | None:
        """Return a drug, or a word for an allergy to several, and the reaction that stands behind it: ``sulfa rash``.

        ``classes`` where only words for several count. None of any other text, and of a name that is known as a whole.
        """
        parts = text.split()
        if self._is_known(text):
            return None
        for size in range(len(parts) - 1, 0, -1):
            name, reaction = " ".join(parts[:size]), " ".join(parts[size:])
            known = self._words.condition(f"{name} {_ALLERGY}") or (not classes and self._words.is_drug(name))
            if known and reactions_of(self._words.knowledge).rows(reaction) and stated(reaction):
                return name, reaction
        return None

    def of_classes(self, field: str) -> None:
        """Read reactions to a class of drugs that stand among the conditions."""
        given = self._made.get(field)
        if not isinstance(given, list | Mapping):
            return
        found = {}
        for name in given:
            told = given[name] if isinstance(given, Mapping) else True
            several = self._reacted(bare_name(name), classes=True) if isinstance(name, str) else None
            yes = self._words.says_yes(told)
            if several and not _OF.fullmatch(name.strip()) and (yes or is_date(str(told))):
                found[name] = _Allergy(*several, None if yes else told)
        self._without(field, found)
        for allergy in found.values():
            self.place(field, allergy)

    def _without(self, field: str, names: Collection[Any]) -> None:
        """Take names out of a list or a mapping, in place."""
        given = self._made[field]
        if isinstance(given, Mapping):
            self._made[field] = {name: told for name, told in given.items() if name not in names}
        else:
            self._made[field] = [name for name in given if not (isinstance(name, str) and name in names)]

    def of_drugs(self, field: str) -> None:
        """Read allergies to drugs that stand among the conditions, or among what is taken."""
        given = self._made.get(field)
        if not isinstance(given, list | Mapping):
            return
        found, denied = [], []
        for name in given:
            match = _OF.fullmatch(name.strip()) if isinstance(name, str) else None
            bare = (match["after"] or match["before"]).strip() if match else ""
            told = given[name] if isinstance(given, Mapping) else True
            known = (
                not bare
                or self._words.is_drug(name)
                or self._words.condition(name)
                or self._words.refused_condition(name)
            )
            if known or not self._words.is_drug(bare):
                continue
            if self._words.says_yes(told):
                found.append(name)
            elif self._none(told):
                denied.append(name)
        self._without(field, (*found, *denied) if isinstance(given, Mapping) else found)
        for name in denied:
            self._notes.remark(f"{field}: {name}: left out; no rule rests on that")
        for name in found:
            self.place(field, _Allergy(name))


def _of_details(name: Any, told: Any) -> _Allergy:
    """Return an allergy from its name and what is told of it, which may be a mapping, too."""
    if isinstance(told, Mapping) and told and set(told) <= {_REACTION, _STOP, *_DAYS}:
        days = [told[key] for key in (_STOP, *_DAYS) if key in told]
        return _Allergy(name, told.get(_REACTION), *days[:1])
    return _Allergy(name, told)


def _dated(name: str, reaction: Any, stop: Any) -> _Allergy:
    """Return an allergy with the day that stands behind what happened."""
    if stop is None and not isinstance(reaction, bool) and is_date(str(reaction)):
        return _Allergy(name, None, str(reaction))
    match = _DATED.fullmatch(reaction) if isinstance(reaction, str) and stop is None else None
    return _Allergy(name, match["reaction"], match["day"]) if match else _Allergy(name, reaction, stop)
