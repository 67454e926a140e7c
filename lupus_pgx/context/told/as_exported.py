"""What programs and readers of files make of a context: units in headers, brackets cut at their commas, "NA"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lupus_pgx.context.form import context_schema
from lupus_pgx.context.language.notes import Notes, Path
from lupus_pgx.context.language.word_rows import Words

_HEADED = re.compile(r"(?P<name>[^()\[\]]*[^()\[\]\s])\s*[(\[]\s*(?P<unit>[^()\[\]]+?)\s*[)\]]")
_NUMBER = re.compile(r"\s*[<>]?=?\s*[0-9]*\.?[0-9]+\s*")
_VALUES, _LABS, _QUANTITY, _UNIT = "values", "labs", "quantity", "unit"
_OF_THEIR_OWN = ("sample_id", "sex", "ancestry", "infection", "therapies", "planned", "co_medication", "conditions")
"""Fields whose own reading tells what is not known."""


def read_exported(made: dict[str, Any], notes: Notes) -> None:
    """Join what was cut, write units behind their numbers and leave out what is not known, in place.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    for name, told in made.items():
        if isinstance(told, list):
            made[name] = _joined(told)
    for name in [item for item in made if _headed(item, notes.words)]:
        _write_unit(made, name, (), notes)
    for field in (_VALUES, _LABS):
        if isinstance(made.get(field), Mapping):
            made[field] = dict(made[field])
            for name in [item for item in made[field] if _headed(item, notes.words)]:
                _write_unit(made[field], name, (field,), notes)
    if isinstance(made.get(_LABS), list):
        made[_LABS] = [_with_unit(item, number, notes) for number, item in enumerate(made[_LABS])]
    for name in context_schema()["$defs"]["patient"]["properties"]:
        row = notes.words.find("answer", made.get(name)) if name not in _OF_THEIR_OWN else None
        if row is not None and not row["value"]:
            notes.lose(f"{name}: {made.pop(name)}: {row['note']}, and is left out")


def _joined(given: list[Any]) -> list[Any]:
    """Return items with those joined between whose brackets there was a comma: ``[azathioprine (fever, rash)]``."""
    made: list[Any] = []
    for item in given:
        before = made[-1] if made else None
        if isinstance(item, str) and isinstance(before, str) and before.count("(") > before.count(")") and ")" in item:
            made[-1] = f"{before}, {item}"
        else:
            made.append(item)
    return made


def _underscored(name: str, words: Words) -> tuple[str, str] | None:
    """Return a quantity and the unit of a column that a program names, such as ``creatinine_umol_l``."""
    parts = name.strip().split("_")
    for end in range(len(parts) - 1, 0, -1):
        own, tail = " ".join(parts[:end]), parts[end:]
        quantity = words.own_quantity(own)
        found = [
            (item, unit)
            for item in words.members(quantity)
            for unit in words.units(item)
            if _letters(unit) == _letters("".join(tail)) or words.unit(item, "/".join(tail)) == unit
        ]
        if len(found) == 1:
            return own if found[0][0] == quantity else found[0][0], found[0][1]
    return None


def _letters(unit: str) -> str:
    """Return a unit without what a name of a column cannot hold."""
    return re.sub(r"[^a-z0-9%]", "", unit.lower().replace("\u00b5", "u").replace("\u03bc", "u"))


def _headed(name: Any, words: Words) -> tuple[str, str] | None:
    """Return a quantity and the unit in brackets behind it; None of any other name."""
    if not isinstance(name, str) or words.find("quantity", name) is not None or words.is_quantity(name):
        return None
    match = _HEADED.fullmatch(name.strip())
    if match is None:
        return _underscored(name, words)
    quantity = words.of_unit(words.own_quantity(match["name"]), "")
    known = words.has_unit(quantity, words.unit(quantity, match["unit"]))
    return (match["name"], match["unit"]) if known else None


def _with_unit(item: Any, number: int, notes: Notes) -> Any:
    """Return an item of the results without a unit in the name of a quantity."""
    if not isinstance(item, Mapping):
        return item
    made = dict(item)
    for name in [key for key in made if _headed(key, notes.words)]:
        _write_unit(made, name, (_LABS, number), notes)
    headed = _headed(made.get(_QUANTITY), notes.words)
    if headed is not None and made.get(_UNIT) in (None, headed[1]):
        made |= {_QUANTITY: headed[0], _UNIT: headed[1]}
    return made


def _write_unit(home: dict[Any, Any], name: str, path: Path, notes: Notes) -> None:
    """Write a value under its name alone, with its unit behind the number; a second one of that name is refused."""
    headed = _headed(name, notes.words)
    if headed is None:
        return
    bare, unit = headed
    if home.get(bare) is not None:
        notes.refuse((*path, name), f"stands for {bare}, which is given twice: write one of them")
        del home[name]
        return
    told = home.pop(name)
    if isinstance(told, Mapping):
        home[bare] = told if _UNIT in told else {**told, _UNIT: unit}
        return
    number = isinstance(told, int | float | str) and not isinstance(told, bool) and _NUMBER.fullmatch(str(told))
    home[bare] = f"{str(told).strip()} {unit}" if number else told
