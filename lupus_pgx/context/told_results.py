"""Dated results as people write them, in the series by which they are checked: one of each quantity, unit and drug.

``labs: {creatinine: {value: 1.1 mg/dL, date: 2026-05-01}}``, the results of one day, a list of results, and a value
with its day in the field of a quantity all become series. A result without a day is refused: that it is of today would
be a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lupus_pgx.context.everyday import date_of
from lupus_pgx.context.form import context_schema
from lupus_pgx.context.notes import AMOUNT, Notes, Path
from lupus_pgx.context.own_fields import home_of
from lupus_pgx.context.word_rows import Words

_NAMES = ("quantity", "name", "test", "lab", "parameter", "analyte")
_DAYS = ("date", "day", "on", "at")
_RESULTS = ("value", "result")
_SERIES = ("quantity", "unit", "drug")
"""Fields that a series has beside its values."""

_OWN = ("weight", "egfr", "creatinine", "igg")
"""Fields of a patient that are quantities."""


class _Result(NamedTuple):
    """One result, as it was told."""

    quantity: Any
    unit: Any
    drug: Any
    day: Any
    value: Any


def read_dated(made: dict[str, Any], notes: Notes) -> None:
    """Write dated results into series, in place.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    found = [*_among_fields(made, notes.words), *_among_values(made)]
    given = made.get("labs")
    apart: list[Any] = []
    if isinstance(given, Mapping):
        del made["labs"]
        for name, told in given.items():
            found += [(one, ("labs", str(name))) for one in _by_name(name, told, notes.words)]
    elif isinstance(given, list):
        for number, item in enumerate(given):
            read = _of_item(item, notes.words)
            apart += [item] if read is None else []
            found += [(one, ("labs", number)) for one in read or ()]
    else:
        apart = [] if given is None else [given]
    if not found or (given is not None and not isinstance(given, Mapping | list)):
        return
    made["labs"] = [*apart, *_series(found, notes)]


def _among_fields(made: dict[str, Any], words: Words) -> list[tuple[_Result, Path]]:
    """Take a value with its day out of the field of its quantity; one without a day keeps its place."""
    known = context_schema()["$defs"]["patient"]["properties"]
    found: list[tuple[_Result, Path]] = []
    for name, told in list(made.items()):
        if not _is_result(told) or not (name in _OWN or home_of(str(name), words, known)[0] in (*_OWN, "values")):
            continue
        result = _result(name, told)
        if result.day is None:
            made[name] = _with_unit(result)
        else:
            found.append((result, (name,)))
            del made[name]
    return found


def _among_values(made: dict[str, Any]) -> list[tuple[_Result, Path]]:
    """Take values with their day out of the values, which are of today."""
    values = made.get("values")
    if not isinstance(values, Mapping):
        return []
    results = {name: _result(name, told) for name, told in values.items() if _is_result(told)}
    made["values"] = {
        name: _with_unit(results[name]) if name in results else told
        for name, told in values.items()
        if name not in results or results[name].day is None
    }
    return [(one, ("values", str(name))) for name, one in results.items() if one.day is not None]


def _by_name(name: Any, told: Any, words: Words) -> Iterator[_Result]:
    """Yield what stands under a name among the results: a quantity, or a day on which several were taken."""
    if isinstance(told, Mapping) and _is_day(name, words):
        for quantity, one in told.items():
            made = _result(quantity, one if _is_result(one) else {"value": one})
            yield made._replace(day=name) if made.day is None else made
    elif isinstance(told, Mapping) and told and not _is_result(told) and "values" not in told:
        for day, value in told.items():
            yield _result(name, {"value": value, "date": day})
    elif isinstance(told, Mapping) and isinstance(told.get("values"), Mapping):
        for day, value in told["values"].items():
            yield _Result(name, told.get("unit"), told.get("drug"), day, value)
    elif isinstance(told, list) and told and all(map(_is_result, told)):
        yield from (_result(name, one) for one in told)
    else:
        yield _result(name, told if _is_result(told) else {"value": told})


def _of_item(item: Any, words: Words) -> list[_Result] | None:
    """Return the results of an item of the list; None where it is a series already, or nothing that is known."""
    if not isinstance(item, Mapping) or "values" in item:
        return None
    name = next((field for field in _NAMES if field in item), None)
    if name is not None and _is_result({field: cell for field, cell in item.items() if field not in (name, "drug")}):
        return [_result(item[name], item)]
    day = next((field for field in _DAYS if field in item), None)
    if name is None and day is not None and len(item) > 1:
        rest = {field: told for field, told in item.items() if field != day}
        return list(_by_name(item[day], rest, words)) if _is_day(item[day], words) else None
    if name is None and len(item) == 1:
        ((quantity, told),) = item.items()
        return list(_by_name(quantity, told, words)) if quantity not in _SERIES else None
    return None


def _is_result(told: Any) -> bool:
    """Say whether a mapping is one result: its value, and perhaps its unit and its day."""
    fields = set(told) if isinstance(told, Mapping) else set()
    return len(fields & set(_RESULTS)) == 1 and fields <= {*_RESULTS, *_DAYS, "unit", *_NAMES, "drug"}


def _result(name: Any, told: Mapping[str, Any]) -> _Result:
    day = next((told[field] for field in _DAYS if field in told), None)
    value = next(told[field] for field in _RESULTS if field in told)
    return _Result(name, told.get("unit"), told.get("drug"), day, value)


def _is_day(name: Any, words: Words) -> bool:
    """Say whether a key is a day, a month or a year, and no quantity."""
    read = date_of(str(name), words)
    return bool(read.rule) or str(read.text)[:4].isdigit()


def _with_unit(result: _Result) -> Any:
    """Return a value of today with the unit that stood beside it."""
    return result.value if result.unit is None else f"{result.value} {result.unit}"


def _series(found: list[tuple[_Result, Path]], notes: Notes) -> list[dict[str, Any]]:
    """Return one series for all results of a quantity in a unit, in the order in which they were told."""
    made: dict[tuple[str, str, str], dict[str, Any]] = {}
    for result, path in found:
        if result.day is None:
            written = f"{result.quantity}: {{value: {_with_unit(result)}, date: YYYY-MM-DD}}"
            notes.refuse(
                path, f"{result.quantity} has no day: write {written}, or put it among the values if it is of today"
            )
            continue
        value, unit = _apart(result)
        key = (str(result.quantity), str(unit), str(result.drug))
        cells = {"quantity": result.quantity, "unit": unit, "drug": result.drug}
        one = made.setdefault(key, {**{name: cells[name] for name in _SERIES if cells[name] is not None}, "values": {}})
        day = str(result.day)
        if one["values"].get(day, value) != value:
            notes.refuse(path, f"{result.quantity} of {day} is given twice: write one of them")
        one["values"][day] = value
    return list(made.values())


def _apart(result: _Result) -> tuple[Any, Any]:
    """Return the value and the unit that may stand in one text."""
    match = AMOUNT.fullmatch(result.value) if isinstance(result.value, str) and result.unit is None else None
    return (f"{match[1] or ''}{match[2]}", match[3].strip()) if match else (result.value, result.unit)
