"""Conditions by the names of the tables, with what is told of each; those of which no table asks stand apart.

A word for a part of a condition answers only yes: who had no clot in a leg may have had one elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lupus_pgx.context.language.doses import frequency_of
from lupus_pgx.context.language.everyday import is_ahead, written_date
from lupus_pgx.context.language.negation import is_denial
from lupus_pgx.context.language.notes import Notes
from lupus_pgx.context.language.short_forms import TESTED
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.context.told.listed_conditions import SINCE
from lupus_pgx.knowledge.currency import first_day, last_day
from lupus_pgx.knowledge.drugs import OTHER, bare_name
from lupus_pgx.knowledge.tables import split_list

_PART = "part"
"""In ``details`` of a word for a condition: it names one kind of it."""

_FOUND = {"present": True, "absent": False}
_APART = OTHER.removesuffix(":")
"""Field of ``conditions`` that lists those of which no table asks."""

_LETTERS = re.compile(r"[^\W\d_]")
_SMOKING = "smoking"
_SMOKED = re.compile(
    r"(?:about\s+|ca\.?\s+|~\s*|>\s*|current,?\s+)?(?P<number>\d+(?:\.\d+)?)\s*[x-]?\s*(?:pack[\s-]?years?|py|packungsjahre|"
    r"paquets?[\s-]ann[e\u00e9]es?|(?:cigarettes?|cigs?|packs?|zigaretten|cigarrillos)(?:\s*(?:/|per|a|pro|par|al)\s*\w+)?)",
    re.IGNORECASE,
)


def is_not_there(told: Any, words: Words) -> bool:
    """Say whether what is told of a condition is that it is not there, by whatever word."""
    result = words.find("result", told)
    absent = result is not None and result["value"] == "absent"
    return words.says_no(told) or is_denial(told) or absent


def without_value(made: dict[str, Any], notes: Notes) -> None:
    """Say which conditions have no value: an empty field of a form says nothing, a name in braces may be meant as told.

    Parameters
    ----------
    made : dict
        Fields of a patient whose answers are read.
    notes : Notes
    """
    stated = made.get("conditions")
    for name, told in stated.items() if isinstance(stated, Mapping) else ():
        if told is None:
            notes.lose(f"{name}: has no value, and says nothing: write true where it is there, or a list in brackets")


def others_apart(made: dict[str, Any], notes: Notes) -> None:
    """List the conditions of which no table asks in a field of their own, in place, and say that none does.

    Parameters
    ----------
    made : dict
        Fields of a patient whose answers are read.
    notes : Notes
    """
    stated = made.get("conditions")
    if not isinstance(stated, Mapping):
        return
    others = {name: told for name, told in stated.items() if isinstance(name, str) and name.startswith(OTHER)}
    if not others:
        return
    there = []
    for name, told in others.items():
        own = name.removeprefix(OTHER).strip()
        if is_not_there(told, notes.words):
            notes.remark(f"{own}: is not there, and is left out")
        elif told is not None:
            there.append(own)
            by_word = "" if name in notes.words.apart else " by this word"
            notes.lose(f"{own}: no table asks about it{by_word}, so what it means for a drug is unknown here")
    made["conditions"] = {name: told for name, told in stated.items() if name not in others}
    if there:
        made["conditions"][_APART] = there


def _named(name: str, notes: Notes) -> tuple[str, bool]:
    """Return a condition by the name of the tables, and whether the word is for a part of it."""
    plain_name = bare_name(name)
    other = plain_name != name
    found = notes.words.condition(plain_name)
    if found is None:
        return f"{OTHER} {plain_name}" if other else name, False
    own = str(found["value"])
    if own.startswith(OTHER):
        return own, False
    if own != plain_name or other:
        note = f"; {found['note']}" if found["note"] else ""
        notes.remark(f"{name}: read as {own}{note}")
    return own, found["details"] == _PART


def by_table(given: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """Return conditions by the names of the tables, each with what is told of it.

    Parameters
    ----------
    given : mapping
        Conditions as they were told.
    notes : Notes
    """
    made: dict[str, Any] = {}
    beside: dict[str, bool] = {}
    for given_name, given_told in given.items():
        name, told = _of_kind(given_name, given_told, notes.words)
        rule = notes.words.refused_condition(bare_name(name)) if isinstance(name, str) else ""
        if rule and notes.words.says_no(told):
            notes.lose(f"{name}: not there, which says nothing of a value, and is left out")
            continue
        if rule:
            notes.refuse(("conditions", name), rule)
            continue
        name, told = _if_long_ago(name, told, notes) if isinstance(name, str) else (name, told)
        own, part = _named(name, notes) if isinstance(name, str) else (name, False)
        value = _told(name, own, told, notes)
        beside |= _recently(name, told, notes) if value is True and told is not True else {}
        beside |= _by_class(own, told, notes.words)
        if part and notes.words.says_no(value):
            notes.lose(f"{name}: not there, which says nothing of other kinds of {own}, and is left out")
        elif made.get(own, value) != value:
            notes.refuse(("conditions", name), f"stands for {own}, which is given twice: write one of them")
        else:
            made[own] = value
    return {**beside, **made}


def _recently(name: Any, told: Any, notes: Notes) -> dict[str, bool]:
    """Return whether an event that is told with its day is recent, where that is asked about and its day tells."""
    state, within, over = notes.words.recent_after(bare_name(name)) if isinstance(name, str) else ("", 0, None)
    told = told.get("severity", told.get(SINCE)) if isinstance(told, Mapping) else told
    day = written_date(told, notes.words)
    if not state or not day or notes.today is None:
        return {}
    try:
        latest, earliest = last_day(day), first_day(day)
    except ValueError:  # 2015-13
        return {}
    if over is not None and (notes.today - latest).days > over:
        notes.remark(f"{name}: {told}: read as no {state}, being more than {over} days ago")
        return {state: False}
    if (notes.today - earliest).days <= within:
        notes.remark(f"{name}: {told}: read as {state}, too, being within {within} days")
        return {state: True}
    return {}


def _if_long_ago(name: str, told: Any, notes: Notes) -> tuple[str, Any]:
    """Return a condition of years ago by the word for an earlier one, where the tables ask of that apart."""
    day = written_date(told, notes.words)
    found = notes.words.condition(bare_name(name)) if day and notes.today is not None else None
    if found is None or notes.today is None or int(day[:4]) >= notes.today.year - 1:
        return name, told
    earlier = notes.words.condition(f"earlier {found['value']}")
    # Of what passes, or may last, a date is refused: whether it is there now has to be told.
    value = str(found["value"])
    lasts = notes.words.passes(value) or notes.words.may_end(value)
    if earlier is None or earlier["value"] == value or lasts:
        return name, told
    notes.remark(f"{name}: {told}: years ago, read as {earlier['value']}")
    return str(earlier["value"]), True


def _of_kind(name: Any, told: Any, words: Words) -> tuple[Any, Any]:
    """Return a condition and what is told of it; one whose kind is told is the one that both words name.

    ``smoking: former`` is former smoking, ``tuberculosis: latent`` a latent tuberculosis.
    """
    if any(words.find(field, told) is not None for field in ("answer", "grade", "result")):
        return name, told
    row = words.find("condition", f"{told} {name}")
    if row is not None and row["value"]:
        return row["words"], True
    kind, whole = (words.condition(item) if isinstance(item, str) else None for item in (told, name))
    same = kind is not None and whole is not None and str(kind["value"]).endswith(str(whole["value"]))
    return (told, True) if same else (name, told)  # dialysis: haemodialysis


def _is_tested(name: str, words: Words) -> bool:
    """Say whether a name is of an infection that a negative test excludes."""
    row = words.find("infection", bare_name(name))
    return row is not None and TESTED in split_list(row["details"])


def _degree(told: Any) -> Any:
    """Return how severe a condition is said to be, or since when it is there, of a mapping that tells only that."""
    if isinstance(told, Mapping) and told and set(told) <= {"severity", SINCE}:
        return told.get("severity", told.get(SINCE))
    return told


def _by_class(own: str, told: Any, words: Words) -> dict[str, bool]:
    """Return the classes that a grade tells beside the condition: of two that are as severe, a label forbids one."""
    row = words.find("grade", _degree(told))
    first, *others = split_list(row["details"]) if row is not None else ("",)
    return dict.fromkeys(others, True) if first == own else {}


def _told(name: str, own: str, told: Any, notes: Notes) -> Any:
    """Return what is told of a condition: a grade in its words, and true where a date says since when it is there."""
    told = _degree(told)
    row = notes.words.find("grade", told)
    if row is not None and own in split_list(row["details"])[:1]:
        notes.remark(f"{name}: {told}: read as {row['value']}")
        return row["value"]
    result = notes.words.find("result", told)
    found = notes.words.condition(bare_name(name)) if result is not None else None
    there = _FOUND.get(result["value"] or "") if result is not None and found is not None else None
    by_test = found is not None and found["details"] == _PART
    if there is not None and (by_test or (not there and _is_tested(name, notes.words))):
        return there  # of a test, such as HBsAg
    often = frequency_of(told, notes.words) if isinstance(told, str) and _LETTERS.search(told) else None
    if often is not None and often[0]:
        notes.remark(f"{name}: {told}: read as there")
        return True
    if _is_counted(own, told):
        notes.remark(f"{name}: {told}: read as there")
        return True
    day = written_date(told, notes.words)
    if not day:
        return told
    if is_ahead(day, notes.today):
        notes.refuse(("conditions", name), f"{day} is in the future")
        return None
    earlier = notes.words.condition(f"earlier {bare_name(name)}")
    lasts = earlier is not None and earlier["value"] == own  # an earlier one counts, too
    if (notes.words.passes(own) or notes.words.may_end(own)) and not lasts:
        notes.refuse(("conditions", name), "a date does not say whether it is there now: write true or false")
        return None
    notes.remark(f"{name}: {told}: read as there since then")
    return True


def _is_counted(own: str, told: Any) -> bool:
    """Say whether what is told of smoking is how much: ``40 pack-years``, and not none."""
    match = _SMOKED.fullmatch(told.strip()) if own == _SMOKING and isinstance(told, str) else None
    return match is not None and float(match["number"]) > 0
