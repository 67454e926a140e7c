"""What is told in another field than its own: conditions among manifestations and the reverse, a yes for a grade.

A state with a grade stands in its field, one without among the conditions: that it is there is known, not how severe.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lupus_pgx.context.form import context_schema
from lupus_pgx.context.language.everyday import written_date
from lupus_pgx.context.language.notes import Notes
from lupus_pgx.context.language.short_forms import GRADES
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.context.told.answered_conditions import is_not_there
from lupus_pgx.context.told.listed_conditions import as_mapping
from lupus_pgx.knowledge.drugs import OTHER

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ContextWordsCells

_DETAILED = ("infection",)
"""Fields that are a mapping, and may be answered by yes."""


def read_misplaced(made: dict[str, Any], notes: Notes) -> None:
    """Write what is told in another field than its own into that, in place.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    _yes_alone(made, notes)
    _manifestations_among(made, notes)
    _conditions_among(made, notes)


def _yes_alone(made: dict[str, Any], notes: Notes) -> None:
    """Move the yes to a field that asks for more, the infection, to the conditions, whose words have its name."""
    stated = as_mapping(made.get("conditions"))
    for name in [name for name in _DETAILED if notes.words.says_yes(made.get(name))]:
        if stated is not None and notes.words.condition(name) is not None:
            del made[name]
            if stated.get(name, True) is not True:
                notes.refuse((name,), "contradicts what conditions say of it: write one of them")
            made["conditions"] = stated = {name: True, **stated}


def _conditions_among(made: dict[str, Any], notes: Notes) -> None:
    """Move what stands among the manifestations and is a condition, such as an infection, to the conditions."""
    given = made.get("manifestations")
    if not isinstance(given, Mapping | list):
        return
    listed = given.items() if isinstance(given, Mapping) else [(name, None) for name in given]
    if not all(isinstance(name, str) for name, _ in listed):
        return
    moved = {name: told for name, told in listed if _is_condition(name, notes.words)}
    stated = as_mapping(made.get("conditions"))
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
            notes.refuse(("manifestations", name), "is a condition, and conditions say otherwise: write one of them")
        made["conditions"][name] = value
        notes.remark(f"manifestations.{name}: read as conditions.{name}")


def _manifestations_among(made: dict[str, Any], notes: Notes) -> None:
    """Move what stands among the conditions and of which no table asks but as a manifestation, to those."""
    stated, given = as_mapping(made.get("conditions")), made.get("manifestations")
    if stated is None or not isinstance(given, Mapping | list | None):
        return
    moved = {
        name: row
        for name, told in stated.items()
        if not _says_nothing(told, notes.words) and (row := _of_lupus(name, notes.words))
    }
    if not moved:
        return
    made["conditions"] = {name: told for name, told in stated.items() if name not in moved}
    details: dict[str, Any] = {}
    for name, row in moved.items():
        details.setdefault(row["value"] or name, _told_of(name, stated[name], notes))
    if isinstance(given, Mapping):
        made["manifestations"] = {**details, **given}
    elif any(details.values()):
        made["manifestations"] = {**details, **dict.fromkeys(given or ())}
    else:
        made["manifestations"] = [*(given or ()), *(name for name in details if name not in (given or ()))]
    for name in moved:
        notes.remark(f"conditions.{name}: read as manifestations.{name}")


def _says_nothing(told: Any, words: Words) -> bool:
    """Say whether what is told of something does not say that it is there: a no, or that it is unknown."""
    answer = words.find("answer", told)
    return told is None or is_not_there(told, words) or (answer is not None and not answer["value"])


def _told_of(name: str, told: Any, notes: Notes) -> dict[str, Any] | None:
    """Return the details of a manifestation that were told of it as a condition: since when it is there, or a grade."""
    if notes.words.says_yes(told):
        return None
    day = written_date(told, notes.words)
    if not day and told not in GRADES:
        rule = f"is a manifestation of lupus: write it there, as in manifestations: [{name}]"
        notes.refuse(("conditions", name), rule)
        return None
    return {"since": day} if day else {"severity": told}


def _of_lupus(name: str, words: Words) -> ContextWordsCells | None:
    """Return the row of a manifestation whose word is no condition that any table asks about."""
    row, found = words.find("manifestation", name), words.find("condition", name)
    silent = found is not None and (found["value"] or "").startswith(OTHER)
    return row if silent else None


def _is_condition(name: str, words: Words) -> bool:
    own = context_schema()["$defs"]["patient"]["properties"]["manifestations"]["properties"]
    return name not in own and words.find("manifestation", name) is None and words.condition(name) is not None


def read_grades(made: dict[str, Any], notes: Notes) -> None:
    """Tell a state by its grade in its field, and one without a grade as a condition: an infection that is there."""
    stated = as_mapping(made.get("conditions"))
    for name, field in context_schema()["$defs"]["patient"]["properties"].items():
        row = notes.words.condition(name) if "none" in field.get("enum", ()) else None
        if stated is None or row is None or row["value"] != name:
            continue
        given = [home[name] for home in (made, stated) if home.get(name) is not None]
        if any(isinstance(item, Mapping | list) for item in given):
            continue  # the form says what to write
        told = {_grade(item, notes.words) for item in given}
        grades = told - {True}
        if len(grades) > 1 or (True in told and "none" in grades):
            notes.refuse(("conditions", name), f"contradicts {name}, which is given twice: write one of them")
        elif given:
            made.pop(name, None)
            rest = {other: value for other, value in stated.items() if other != name}
            if grades:
                made[name] = grades.pop()
                rest |= {name: False} if name in stated and made[name] == "none" else {}
            else:
                rest[name] = True
                notes.remark(f"{name}: is there; how severe is not told")
            if rest != stated:
                made["conditions"] = rest


def _grade(told: Any, words: Words) -> Any:
    """Return a grade as it is written in its field: yes as True, no as ``none``."""
    if words.says_no(told):
        return "none"
    return True if words.says_yes(told) else told
