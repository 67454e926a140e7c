"""Names of fields and conditions as people write them, brought to those of the tables before anything else is read.

What stands beside the fields of a patient and is the name of a condition or of a quantity goes where it belongs. A word
for a part of a condition answers only yes: who had no clot in a leg may have had one elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lupus_pgx.context.form import context_schema
from lupus_pgx.context.word_rows import Words, plain

_Fault = tuple[tuple[str | int, ...], str]
_PART = "part"
"""In ``details`` of a word for a condition: it names one kind of it."""

_NO = (False, "no", "none")
_DOSED = re.compile(
    r"(?P<drug>\D*[^\W\d][\w.)]*)\s+"
    r"(?P<dose>\d[\d.,]*\s*(?:(?:mg|g|\u00b5g|ug|mcg|iu|ie|ml|units?|tabl?\w*|tbl)\b|/\s*\d[\d.,]*\b).*)",
    re.I,
)


def read_names(made: dict[str, Any], words: Words) -> tuple[list[str], list[_Fault]]:
    """Write fields and conditions of a patient by the names of the tables, in place.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    words : Words

    Returns
    -------
    remarks : list of str
    faults : list of (path, rule)
    """
    remarks: list[str] = []
    faults: list[_Fault] = []
    _fields(made, words, remarks, faults)
    _conditions_among(made, words, remarks, faults)
    given = made.get("conditions")
    if isinstance(given, list) and all(isinstance(name, str) for name in given):
        made["conditions"] = [_named(name, words, remarks)[0] for name in given]
    elif isinstance(given, Mapping):
        made["conditions"] = _conditions(given, words, remarks, faults)
    _graded(made, words, remarks, faults)
    if isinstance(made.get("co_medication"), str) and words.find("answer", made["co_medication"]) is None:
        made["co_medication"] = [name.strip() for name in re.split("[,;]", made["co_medication"])]
    if isinstance(made.get("co_medication"), list):
        made["co_medication"] = [_dosed(item, words) for item in made["co_medication"]]
    if isinstance(made.get("planned"), str):
        made["planned"] = [name.strip() for name in re.split("[,;]", made["planned"])]
    if isinstance(made.get("planned"), list):
        made["planned"] = [{"drug": item} if isinstance(item, str) else item for item in made["planned"]]
    for name in ("therapies", "planned"):
        if isinstance(made.get(name), list):
            made[name] = [_course(item, words) for item in made[name]]
    row = words.find("contraception", "no" if made.get("contraception") is False else made.get("contraception"))
    if row is not None and made["contraception"] != row["value"]:  # a word of ours needs no remark
        remarks.append(f"contraception: {made['contraception']}: read as {row['value']}")
        made["contraception"] = row["value"]
    return remarks, faults


def _fields(made: dict[str, Any], words: Words, remarks: list[str], faults: list[_Fault]) -> None:
    known = context_schema()["$defs"]["patient"]["properties"]
    for name in [item for item in made if isinstance(item, str) and item not in known]:
        home, own = _home(name, words, known)
        if not home:
            continue
        held = made.get(home) or {}
        place = held if own else made
        if (own and not isinstance(held, Mapping)) or place.get(own or home) is not None:
            faults.append(((name,), f"stands for {own or home}, which is given twice: write one of them"))
            del made[name]
            continue
        remarks.append(f"{name}: read as {f'{home}.{own}' if own else home}")
        value = made.pop(name)
        made[home] = {**held, own: value} if own else value


def _home(name: str, words: Words, known: Mapping[str, Any]) -> tuple[str, str]:
    """Return the field that a name belongs to, and the name below it; empty where it is not known."""
    row = words.find("field", name)
    if row is not None:
        return row["value"] or "", ""
    same = next((field for field in known if plain(field) == plain(name)), "")
    if same:
        return same, ""
    if words.condition(name) is not None:
        return "conditions", name
    quantity = words.find("quantity", name)
    if (quantity is not None and quantity["value"]) or words.is_quantity(name):
        return "values", name
    return "", ""


def _named(name: str, words: Words, remarks: list[str]) -> tuple[str, bool]:
    """Return a condition by the name of the tables, and whether the word is for a part of it."""
    found = words.condition(name)
    if found is None:
        return name, False
    if found["value"] != name:
        note = f"; {found['note']}" if found["note"] else ""
        remarks.append(f"{name}: read as {found['value']}{note}")
    return found["value"] or name, found["details"] == _PART


def _conditions(given: Mapping[str, Any], words: Words, remarks: list[str], faults: list[_Fault]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in given.items():
        answer = words.find("answer", value)
        denied = value in _NO or (answer is not None and answer["value"] == "no")
        own, part = _named(name, words, remarks) if isinstance(name, str) else (name, False)
        if part and denied:
            remarks.append(f"{name}: not there, which says nothing of other kinds of {own}, and is left out")
        elif made.get(own, value) != value:
            faults.append((("conditions", name), f"stands for {own}, which is given twice: write one of them"))
        else:
            made[own] = value
    return made


def _conditions_among(made: dict[str, Any], words: Words, remarks: list[str], faults: list[_Fault]) -> None:
    """Move what stands among the manifestations and is a condition, such as an infection, to the conditions."""
    given = made.get("manifestations")
    listed = given.items() if isinstance(given, Mapping) else [(name, None) for name in given or ()]
    if not isinstance(given, Mapping | list) or not all(isinstance(name, str) for name, _ in listed):
        return
    moved = {name: told for name, told in listed if _is_condition(name, words)}
    stated = _as_mapping(made.get("conditions"))
    if not moved or stated is None:
        return
    kept = {name: told for name, told in listed if name not in moved}
    del made["manifestations"]
    # What is left out of a list that held nothing else does not say that lupus shows itself nowhere.
    if kept:
        made["manifestations"] = kept if isinstance(given, Mapping) else list(kept)
    made["conditions"] = dict(stated)
    for name, told in moved.items():
        grade = told.get("severity") if isinstance(told, Mapping) else told
        value = True if grade is None else grade
        if stated.get(name, value) != value:
            faults.append((("manifestations", name), "is a condition, and conditions say otherwise: write one of them"))
        made["conditions"][name] = value
        remarks.append(f"manifestations.{name}: read as conditions.{name}")


def _is_condition(name: str, words: Words) -> bool:
    own = context_schema()["$defs"]["patient"]["properties"]["manifestations"]["properties"]
    return name not in own and words.find("manifestation", name) is None and words.condition(name) is not None


def _graded(made: dict[str, Any], words: Words, remarks: list[str], faults: list[_Fault]) -> None:
    """Tell a state by its grade in its field, and one without a grade as a condition: an infection that is there."""
    stated = _as_mapping(made.get("conditions"))
    for name, field in context_schema()["$defs"]["patient"]["properties"].items():
        row = words.condition(name) if "none" in field.get("enum", ()) else None
        if stated is None or row is None or row["value"] != name:
            continue
        given = [home[name] for home in (made, stated) if home.get(name) is not None]
        told = {_grade(item, words) for item in given}
        grades = told - {True}
        if len(grades) > 1 or (True in told and "none" in grades):
            faults.append((("conditions", name), f"contradicts {name}, which is given twice: write one of them"))
        elif given:
            made.pop(name, None)
            rest = {other: value for other, value in stated.items() if other != name}
            if grades:
                made[name] = grades.pop()
                rest |= {name: False} if name in stated and made[name] == "none" else {}
            else:
                rest[name] = True
                remarks.append(f"{name}: is there; how severe is not told")
            if rest != stated:
                made["conditions"] = rest


def _as_mapping(conditions: Any) -> Mapping[str, Any] | None:
    """Return conditions as a mapping, each of a list as there; None where they cannot be read."""
    if isinstance(conditions, list) and all(isinstance(name, str) for name in conditions):
        return dict.fromkeys(conditions, True)
    return conditions or {} if isinstance(conditions or {}, Mapping) else None


def _grade(told: Any, words: Words) -> Any:
    """Return a grade as it is written in its field: yes as True, no as ``none``."""
    row = words.find("answer", told)
    if told is False or (row is not None and row["value"] == "no"):
        return "none"
    return True if told is True or (row is not None and row["value"] == "yes") else told


def _dosed(item: Any, words: Words) -> Any:
    """Return a drug that is taken with its dose apart, where both stand in one text: ``Zyloric 300 mg``."""
    match = _DOSED.fullmatch(item.strip()) if isinstance(item, str) else None
    return match.groupdict() if match and not words.is_drug(item) and words.is_drug(match["drug"]) else item


def _course(item: Any, words: Words) -> Any:
    """Return a course with its dose apart, where that stands behind the name of the drug: ``Eliquis 5 mg``."""
    if not isinstance(item, Mapping) or item.get("dose") is not None:
        return item
    parted = _dosed(item.get("drug"), words)
    return {**item, **parted} if isinstance(parted, Mapping) else item
