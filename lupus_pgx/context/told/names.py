"""Names of fields and conditions as people write them, brought to those of the tables before anything else is read.

What stands beside the fields of a patient and is the name of a condition or of a quantity goes where it belongs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lupus_pgx.context.form import context_schema
from lupus_pgx.context.language.everyday import written_date
from lupus_pgx.context.language.notes import Notes
from lupus_pgx.context.told.allergies import read_allergies
from lupus_pgx.context.told.answered_conditions import by_table
from lupus_pgx.context.told.conditions import read_past, read_told
from lupus_pgx.context.told.contraception import read_contraception
from lupus_pgx.context.told.listed_conditions import pairs_of
from lupus_pgx.context.told.listed_drugs import read_drug_lists, read_operations
from lupus_pgx.context.told.misplaced import read_grades, read_misplaced
from lupus_pgx.context.told.own_fields import home_of, read_own_fields
from lupus_pgx.context.told.relatives import read_family
from lupus_pgx.context.told.unasked import is_vaccination

_EACH = "each="
"""In ``details`` of a word for a field: what stands behind the name of each that it lists."""
_RESULTS = ("labs", "values")


def read_names(made: dict[str, Any], notes: Notes) -> None:
    """Write fields and conditions of a patient by the names of the tables, in place.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    for name, given in made.items():
        if isinstance(given, list):
            made[name] = _with_brackets(given)
    read_allergies(made, notes)
    read_family(made, notes)
    _kinds(made, notes)
    read_past(made, notes)
    _fields(made, notes)
    read_operations(made, notes)
    read_told(made, notes)
    read_own_fields(made, notes)
    read_misplaced(made, notes)
    given = made.get("conditions")
    if isinstance(given, Mapping):
        made["conditions"] = by_table(given, notes)
    read_grades(made, notes)
    read_drug_lists(made, notes)
    read_contraception(made, given, notes)


def read_homes(made: dict[str, Any], notes: Notes) -> None:
    """Write results and values by the names of their fields, in place, ahead of all that reads what stands in them.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    for name in [item for item in made if isinstance(item, str)]:
        row = notes.words.find("field", name)
        home = row["value"] if row is not None and not row["details"] else None
        if home in _RESULTS and name != home and made.get(home) is None and isinstance(made[name], Mapping | list):
            notes.remark(f"{name}: read as {home}")
            made[home] = made.pop(name)


def _with_brackets(items: list[Any]) -> list[Any]:
    """Return a list in which what stands in brackets is one again: YAML parts ``[heparin (rash, fever)]`` in two."""
    made: list[Any] = []
    for number, item in enumerate(items):
        before = made[-1] if made else None
        open_ = isinstance(before, str) and isinstance(item, str) and before.count("(") > before.count(")")
        if open_ and any(isinstance(later, str) and ")" in later for later in items[number:]):
            made[-1] = f"{before}, {item}"
        else:
            made.append(item)
    return made


def _kinds(made: dict[str, Any], notes: Notes) -> None:
    """Write what stands in a field for one kind of conditions among them, in place: ``vaccinations: [influenza]``."""
    for name in [item for item in made if isinstance(item, str)]:
        row = notes.words.find("field", name)
        kind = (row["details"] or "").partition(_EACH)[2] if row is not None else ""
        told, there = pairs_of(made[name], notes.words), pairs_of(made.get("conditions") or [], notes.words)
        if not kind or told is None or there is None or not all(isinstance(item, str) for item, _ in told):
            continue
        del made[name]
        for item, value in told:
            own = item if is_vaccination(item) else f"{item} {kind}"
            if notes.words.refused_condition(own) and _is_long_ago(value, notes):
                notes.remark(f"{name}: {item}: {value}: of an earlier year, and is left out")
                continue
            notes.remark(f"{name}: {item}: read as conditions.{own}")
            there.append((own, value))
        made["conditions"] = [{own: value} for own, value in there]


def _is_long_ago(told: Any, notes: Notes) -> bool:
    """Say whether what is told is a day or year before the last year: what was done then is over."""
    day = "" if isinstance(told, bool) else written_date(told, notes.words)
    return bool(day) and notes.today is not None and int(day[:4]) < notes.today.year - 1


def _fields(made: dict[str, Any], notes: Notes) -> None:
    known = context_schema()["$defs"]["patient"]["properties"]
    for name in [item for item in made if isinstance(item, str) and item not in known]:
        row = notes.words.find("field", name)
        if row is not None and not row["value"]:
            notes.refuse((name,), row["note"] or "is not asked: leave it out")
            del made[name]
            continue
        home, own = home_of(name, notes.words, known)
        if home == "conditions" and own and notes.words.of_unit(own, made[name]) != own:
            home = "values"  # an amount with its unit is a value, whatever the word alone says
        if not home:
            continue
        held = made.get(home) or {}
        if own and isinstance(held, list):
            notes.remark(f"{name}: read as {home}.{own}")
            made[home] = [*held, {own: made.pop(name)}]
            continue
        if not own and isinstance(held, list) and held and isinstance(made[name], list):
            notes.remark(f"{name}: read as {home}, too")
            made[home] = [*held, *made.pop(name)]
            continue
        place = held if own else made
        if (own and not isinstance(held, Mapping)) or place.get(own or home) is not None:
            notes.refuse((name,), f"stands for {own or home}, which is given twice: write one of them")
            del made[name]
            continue
        notes.remark(f"{name}: read as {f'{home}.{own}' if own else home}")
        value = made.pop(name)
        made[home] = {**held, own: value} if own else value
