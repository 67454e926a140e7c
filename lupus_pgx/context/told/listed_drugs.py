"""Lists of drugs as people write them: one text for several, none, and a dose or a start behind the name of a drug."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lupus_pgx.context.language.doses import is_read, tells_how_often
from lupus_pgx.context.language.everyday import written_date
from lupus_pgx.context.language.held_drugs import held_drugs
from lupus_pgx.context.language.notes import Notes
from lupus_pgx.context.language.stops import stop_of
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.context.told.listed_conditions import pairs_of
from lupus_pgx.knowledge.drugs import OTHER, bare_name, other_name

_NUMBER = re.compile(r"\d[\d.]*")
_BEGUN = re.compile(
    r"(?P<drug>.+?)[\s,(]+(?:since|seit|depuis|desde|started|begun|begonnen|from)\s+(?:in\s+|am\s+|on\s+)?"
    r"(?P<day>.*\d.*?)\)?",
    re.IGNORECASE,
)
_DOSED = re.compile(
    r"(?P<drug>\D*[^\W\d][\w.)]*(?:\s?[\u00ae\u2122])?)\s+"
    r"(?P<dose>(?:[1-9]\s*[x\u00d7*]\s*)?\d[\d.,]*\s*(?:(?:mg|g|\u00b5g|ug|mcg|iu|ie|ml|units?|u|e|ui|einheiten|unit[e\u00e9]s|unidades|"
    r"puffs?|drops?|tropfen|tabl?\w*|tbl)\b|/\s*\d[\d.,]*\b).*)",
    re.I,
)

_WHOLE, _TENTHS = (
    re.compile(r"\D.*\s\d{1,3}"),
    re.compile(r"\d{1,2}\s*(?:mg|g|\u00b5g|ug|mcg|iu|ie|ml)\b.*", re.IGNORECASE),
)
"""What a decimal comma parts: ``prednisolone 7`` and ``5 mg``."""


def read_operations(made: dict[str, Any], notes: Notes) -> None:
    """Move what is planned and is no drug to the conditions, in place, where those are asked about before they come.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    given = made.get("planned")
    given = _parted(given) if isinstance(given, str) else given
    there = pairs_of(made.get("conditions") or [], notes.words)
    if not isinstance(given, list) or there is None:
        return
    kept = []
    for item in given:
        bare = isinstance(item, str) and not notes.words.is_drug(item)
        names = (f"planned {item}", item) if bare else ()
        named = next((name for name in names if notes.words.counts_planned(name)), "")
        if named:
            notes.remark(f"planned: {item}: is no drug, and is read as conditions.{named}")
            there.append((named, True))
        else:
            kept.append(item)
    if len(kept) < len(given):
        made["planned"], made["conditions"] = kept, [{name: value} for name, value in there]


def read_drug_lists(made: dict[str, Any], notes: Notes) -> None:
    """Write what lists of drugs hold as lists, with doses apart from the names, in place.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    words = notes.words
    _nothing(made, notes)
    if isinstance(made.get("co_medication"), str) and words.find("answer", made["co_medication"]) is None:
        made["co_medication"] = _parted(made["co_medication"])
    if isinstance(made.get("co_medication"), Mapping):
        taken = made["co_medication"]
        made["co_medication"] = [taken] if "drug" in taken else [{name: told} for name, told in taken.items()]
    for name in ("co_medication", "planned"):
        if isinstance(made.get(name), list):
            made[name] = _without_commas(name, made[name], notes)
    if isinstance(made.get("co_medication"), list):
        made["co_medication"] = [_dosed(item, words) for item in made["co_medication"]]
    if isinstance(made.get("planned"), str):
        made["planned"] = _parted(made["planned"])
    if isinstance(made.get("planned"), list):
        made["planned"] = [_planned(item) for item in made["planned"]]
    _by_name(made, notes)
    for name in ("therapies", "planned"):
        if isinstance(made.get(name), list):
            made[name] = [_course(item, words) for item in made[name]]


def _planned(item: Any) -> Any:
    """Return a drug alone as a course; YAML makes a mapping of ``other: NAME`` within brackets."""
    other = other_name(item) if isinstance(item, Mapping) else ""
    return {"drug": f"{OTHER} {other}"} if other else {"drug": item} if isinstance(item, str) else item


def _by_name(made: dict[str, Any], notes: Notes) -> None:
    """Write therapies that are told by the name of the drug as courses, in place: ``{MMF: ongoing}``."""
    words, given = notes.words, made.get("therapies")
    if isinstance(given, Mapping) and given and all(isinstance(name, str) and words.is_drug(name) for name in given):
        given = [{name: told} for name, told in given.items()]
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list):
        return
    courses: list[Any] = []
    for number, item in enumerate(given):
        ((name, told),) = item.items() if isinstance(item, Mapping) and len(item) == 1 else ((item, None),)
        if not isinstance(name, str) or (isinstance(item, Mapping) and not words.is_drug(name)):
            courses.append(item)
        elif isinstance(told, Mapping):
            courses.append({"drug": name, **told})
        elif words.find("outcome", told) is not None:
            courses.append({"drug": name, "outcome": told})
        else:
            held = held_drugs(name, words)
            drug = held[0] if len(held) == 1 else name
            rule = f"expected a drug and how it went: write {{drug: {drug}, outcome: ongoing}}, or another outcome"
            notes.refuse(("therapies", number), f"{rule}; found {item!r}")
    made["therapies"] = courses


def _parted(given: str) -> list[str]:
    """Return the drugs of one text; a comma between digits is that of a number."""
    return [name.strip() for name in re.split(r"(?<!\d),|,(?!\d)|;", given)]


def _without_commas(field: str, given: list[Any], notes: Notes) -> list[Any]:
    """Refuse what YAML makes of a decimal comma within brackets: ``[MMF 1,5 g]`` are two items."""
    kept: list[Any] = []
    for number, item in enumerate(given):
        before = kept[-1] if kept else None
        parted = (
            isinstance(item, str)
            and isinstance(before, str)
            and _WHOLE.fullmatch(before) is not None
            and _TENTHS.fullmatch(item) is not None
        )
        if parted:
            told = f"{kept.pop()}.{item}"
            rule = f"is no drug: a decimal comma ends an item of a list; write {told}; found {item!r}"
            notes.refuse((field, number), rule)
        else:
            kept.append(item)
    return kept


def _nothing(made: dict[str, Any], notes: Notes) -> None:
    """Read that there is none, or that nothing is known, where a list of drugs is asked for."""
    for name in ("therapies", "planned", "co_medication"):
        given = made.get(name)
        told = given[0] if isinstance(given, list) and len(given) == 1 else given
        row = notes.words.find("answer", "no" if told is False else told)
        if row is None or row["value"] == "yes":
            continue
        if row["value"]:
            notes.remark(f"{name}: {'no' if told is False else told}: read as none")
            made[name] = []
        else:
            notes.lose(f"{name}: {told}: {row['note']}, and is left out")
            del made[name]


def _dosed(item: Any, words: Words) -> Any:
    """Return a drug that is taken with its dose apart, where both stand in one text: ``Zyloric 300 mg``."""
    if not isinstance(item, str) or words.is_drug(item):
        return item
    bare = bare_name(item.strip())
    if bare != item.strip():  # one that a table knows is read as that, also with its dose
        told = _dosed(bare, words)
        return told if isinstance(told, Mapping) else item
    begun = _BEGUN.fullmatch(item.strip())
    day = written_date(begun["day"], words) if begun is not None else ""
    if begun is not None and day and stop_of(begun["drug"], words) is None:
        told = _dosed(begun["drug"], words)
        made = told if isinstance(told, Mapping) else {"drug": told} if words.is_drug(told) else {}
        if made:
            return {**made, "start": day}
    match = _DOSED.fullmatch(item.strip())
    if match is not None and words.is_drug(match["drug"]):
        return match.groupdict()
    return _without_amount(item, words) or item


def _without_amount(item: str, words: Words) -> dict[str, str] | None:
    """Return a drug and how often it is taken, where no amount, or none with its unit before all else, is told.

    ``Bactrim forte BID``, ``Fosamax 70 weekly``, ``Neoral 75-0-75 mg``; None for others.
    """
    parts = item.split()
    for place in range(len(parts) - 1, 0, -1):
        drug, rest = " ".join(parts[:place]).rstrip(","), " ".join(parts[place:])
        rest = rest[1:-1].strip() if rest.startswith("(") and rest.endswith(")") else rest
        if not words.is_drug(drug):
            continue
        if tells_how_often(rest, words):
            return {"drug": drug, "schedule": rest}
        number, _, often = rest.partition(" ")
        bare = _NUMBER.fullmatch(number) is not None and (not often or tells_how_often(often, words))
        return {"drug": drug, "dose": rest} if bare or is_read(rest, words) else None
    return None


def _course(item: Any, words: Words) -> Any:
    """Return a course with its dose apart, where that stands behind the name of the drug: ``Eliquis 5 mg``."""
    if not isinstance(item, Mapping) or item.get("dose") is not None:
        return item
    parted = _dosed(item.get("drug"), words)
    return {**item, **parted} if isinstance(parted, Mapping) else item
