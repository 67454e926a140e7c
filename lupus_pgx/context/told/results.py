"""Dated results as people write them, in the series by which they are checked: one of each quantity, unit and drug.

``labs: {creatinine: {value: 1.1 mg/dL, date: 2026-05-01}}``, the results of one day, a list of results, and a value
with its day in the field of a quantity all become series. A result without a day is refused: that it is of today would
be a guess. So is what cannot be told apart: two results of one day, or one of a month beside one of a day in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lupus_pgx.context.form import context_schema
from lupus_pgx.context.language.everyday import SYSTOLIC, date_of
from lupus_pgx.context.language.notes import AMOUNT, Notes, Path
from lupus_pgx.context.told.own_fields import home_of
from lupus_pgx.context.values import OWN_AMOUNTS
from lupus_pgx.knowledge.units import ANTI_DRUG_ANTIBODIES, PRESENCE

_QUANTITY, _VALUE, _UNIT, _DAY, _DRUG = "quantity", "value", "unit", "date", "drug"
_FIELDS = {
    **dict.fromkeys(("quantity", "name", "test", "lab", "parameter", "analyte"), _QUANTITY),
    **dict.fromkeys(("value", "result"), _VALUE),
    **dict.fromkeys(("unit", "units"), _UNIT),
    **dict.fromkeys(("date", "day", "on", "at", "datum"), _DAY),
    _DRUG: _DRUG,
}
"""What a field of a result is called, and what it is."""

_SERIES = "values"
"""Field that makes of a mapping a series, by day."""

_FEW = 8
"""Units that can be listed in one sentence."""

_ROUGH = (4, 7)
"""Letters of a year, and of a year with its month."""


class _Result(NamedTuple):
    """One result, as it was told."""

    quantity: Any
    value: Any
    unit: Any = None
    day: Any = None
    drug: Any = None


def read_dated(made: dict[str, Any], notes: Notes) -> None:
    """Write dated results into series, in place.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    reader = _Reader(notes)
    reader.fields(made)
    reader.values(made)
    given = made.get("labs")
    apart: list[Any] = []
    if isinstance(given, Mapping):
        del made["labs"]
        reader.named(given)
    elif isinstance(given, list):
        apart = [item for number, item in enumerate(given) if not reader.item(item, ("labs", number))]
    elif given is not None:
        return
    if reader.series:
        made["labs"] = [*apart, *reader.series.values()]
    elif isinstance(given, list):
        made["labs"] = apart
    for number, item in enumerate(made.get("labs") or ()):
        if isinstance(item, Mapping) and isinstance(item.get(_SERIES), Mapping):
            reader.check_days(item.get(_QUANTITY, ""), item[_SERIES], ("labs", number))


class _Reader:
    """Reads the results of one patient into series."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._words = notes.words
        self.series: dict[tuple[str, str, str], dict[str, Any]] = {}

    def fields(self, made: dict[str, Any]) -> None:
        """Take values with their day out of the fields of quantities; one without a day keeps its place."""
        known = context_schema()["$defs"]["patient"]["properties"]
        for name, told in list(made.items()):
            dated = isinstance(told, Mapping) and (_is_result(told) or self._by_day(told))
            if dated and (name in OWN_AMOUNTS or home_of(str(name), self._words, known)[0] in (*OWN_AMOUNTS, "values")):
                left = self._of(name, told, (str(name),), of_today=True)
                made.pop(name)
                if left is not None:
                    made[name] = left

    def values(self, made: dict[str, Any]) -> None:
        """Take values with their day out of the values, which are of today."""
        given = made.get("values")
        if not isinstance(given, Mapping):
            return
        kept: dict[Any, Any] = {}
        for name, told in given.items():
            dated = isinstance(told, Mapping) and (_is_result(told) or self._by_day(told))
            left = self._of(name, told, ("values", str(name)), of_today=True) if dated else told
            if left is not None or not dated:
                kept[name] = left
        made["values"] = kept

    def named(self, given: Mapping[Any, Any]) -> None:
        """Read what stands by name among the results: quantities, days, or the results of one day with its field."""
        days = [field for field in given if _FIELDS.get(_plain(field)) == _DAY]
        if _is_result(given) or days:
            self.item(given, ("labs",))
            return
        for name, told in given.items():
            self._under(name, told, ("labs", str(name)))

    def item(self, item: Any, path: Path) -> bool:
        """Read an item of the list of results; say whether it was one, and no series or nothing that is known."""
        if not isinstance(item, Mapping) or not item or _SERIES in item:
            return False
        if _is_result(item):
            self._of(None, item, path)
            return True
        days = [field for field in item if _FIELDS.get(_plain(field)) == _DAY]
        rest = {field: told for field, told in item.items() if field not in days}
        if any(_plain(field) in _FIELDS for field in rest) or len(days) > 1:
            return False
        if not rest:
            rule = (
                f"has a day and no result: write what was measured, as {{date: {item[days[0]]}, creatinine: 1.1 mg/dL}}"
            )
            self._notes.refuse(path, rule)
            return True
        if days:
            self._of_day(item[days[0]], rest, path)
        elif len(rest) > 1:
            return False
        for name, told in rest.items() if not days else ():
            self._under(name, told, path)
        return True

    def check_days(self, quantity: Any, values: Mapping[Any, Any], path: Path) -> None:
        """Refuse two results of one day, and one of a month or a year beside one that lies within it."""
        told: dict[str, Any] = {}
        for day, value in values.items():
            own = self._day(day)
            if own in told and told[own] != value:
                self._notes.refuse(path, f"{quantity} of {own} is given twice: write one of them")
            told[own] = value
        for rough in (day for day in told if len(day) in _ROUGH):
            within = next((day for day in told if day.startswith(f"{rough}-")), "")
            if within:
                rule = f"{quantity} of {rough} and of {within}: which came later is not told; write the day of both"
                self._notes.refuse(path, rule)

    def _day(self, day: Any) -> str:
        """Return a day as text in the one form that it has; what is none stays as it is."""
        read = date_of(str(day), self._words)
        return str(day) if read.rule else str(read.text).strip()

    def _is_day(self, name: Any) -> bool:
        """Say whether a key is a day, a month or a year, and no quantity."""
        return bool(date_of(str(name), self._words).rule) or self._day(name)[:4].isdigit()

    def _by_day(self, told: Mapping[Any, Any]) -> bool:
        """Say whether a mapping has results by their days, perhaps with a unit beside them."""
        days = [name for name in told if _plain(name) not in _FIELDS]
        return bool(days) and all(map(self._is_day, days)) and len(told) - len(days) <= 1

    def _under(self, name: Any, told: Any, path: Path) -> None:
        """Read what stands under a name: a quantity, or a day on which several were taken."""
        if self._is_day(name):
            self._of_day(name, told, path)
        else:
            self._of(name, told, path)

    def _of_day(self, day: Any, told: Any, path: Path) -> None:
        """Read the results of one day."""
        if isinstance(told, Mapping) and not _is_result(told):
            for quantity, one in told.items():
                self._of(quantity, one, path, day=day)
            return
        for one in told if isinstance(told, list) else [told]:
            if isinstance(one, Mapping) and _is_result(one):
                self._of(None, one, path, day=day)
            else:
                self._notes.refuse(path, f"is a day: write what was measured, as {day}: {{creatinine: 1.1 mg/dL}}")

    def _of(self, name: Any, told: Any, path: Path, *, day: Any = None, of_today: bool = False) -> Any:
        """Read what is told of a quantity; return a value without a day that may be of today, else None."""
        if isinstance(told, Mapping) and isinstance(told.get(_SERIES), Mapping):
            for date, value in told[_SERIES].items():
                self._add(_Result(name, value, told.get(_UNIT), date, told.get(_DRUG)), path)
        elif isinstance(told, Mapping) and not _is_result(told) and self._by_day(told):
            unit = next((cell for field, cell in told.items() if _plain(field) in _FIELDS), None)
            for date in (field for field in told if _plain(field) not in _FIELDS):
                self._of(name, told[date] if _holds(told[date]) else {_VALUE: told[date], _UNIT: unit}, path, day=date)
        elif isinstance(told, list) and told and all(map(_holds, told)):
            for one in told:
                self._of(name, one, path, day=day)
        else:
            cells = self._cells(name, told if _holds(told) else {_VALUE: told}, path)
            if cells is None:
                return None
            result = _Result(
                cells.get(_QUANTITY, name), cells[_VALUE], cells.get(_UNIT), cells.get(_DAY, day), cells.get(_DRUG)
            )
            if result.day is None and of_today:
                return _with_unit(result)
            self._add(result, path)
        return None

    def _cells(self, name: Any, told: Mapping[Any, Any], path: Path) -> dict[str, Any] | None:
        """Return the fields of a result by what they are; None where they were refused."""
        cells: dict[str, Any] = {} if name is None else {_QUANTITY: name}
        for field, cell in told.items():
            own, same = _FIELDS.get(_plain(field)), None
            if own == _QUANTITY and name is not None:
                same = self._words.own_quantity(cell) == self._words.own_quantity(name)
            rule = ""
            if own is None:
                rule = f"{field}: is no field of a result: it has a value, a unit and a date; leave it out"
            elif own == _DAY and cell is None:
                rule = f"{field}: is empty: write the day, or leave it out of a value of today"
            elif own in cells and not same:
                rule = f"{field}: {cell!r} stands beside {cells[own]!r}: write one of them"
            if rule:
                self._notes.refuse(path, rule)
                return None
            cells[str(own)] = cells.get(str(own), cell)
        return self._without_drug(cells, path)

    def _without_drug(self, cells: dict[str, Any], path: Path) -> dict[str, Any] | None:
        """Return the fields of a result, whose drug is its quantity where that is a level of it."""
        drug = cells.get(_DRUG)
        if drug is None or self._words.own_quantity(cells.get(_QUANTITY)) == ANTI_DRUG_ANTIBODIES:
            return cells
        level = cells.setdefault(_QUANTITY, drug)
        if self._words.own_quantity(level) != self._words.own_quantity(drug):
            rule = (
                f"drug: {drug}: belongs to antibodies against a biologic, and {level} is no level of it: leave it out"
            )
            self._notes.refuse(path, rule)
            return None
        return {field: cell for field, cell in cells.items() if field != _DRUG}

    def _add(self, result: _Result, path: Path) -> None:
        """Add a result to the series of its quantity, unit and drug."""
        if result.day is None:
            written = f"{result.quantity}: {{value: {_with_unit(result)}, date: YYYY-MM-DD}}"
            rule = f"{result.quantity} has no day: write {written}, or put it among the values if it is of today"
            self._notes.refuse(path, rule)
            return
        value, unit = self._apart(result, path)
        key = (_plain(self._words.own_quantity(result.quantity)), str(unit), str(result.drug))
        cells = {_QUANTITY: result.quantity, _UNIT: unit, _DRUG: result.drug}
        empty = {**{name: cell for name, cell in cells.items() if cell is not None}, _SERIES: {}}
        values = self.series.setdefault(key, empty)[_SERIES]
        day = str(result.day)
        if values.get(day, value) != value:
            self._notes.refuse(path, f"{result.quantity} of {day} is given twice: write one of them")
        values[day] = value

    def _apart(self, result: _Result, path: Path) -> tuple[Any, Any]:
        """Return the value and the unit, which may stand in one text, or be left out where there is but one."""
        quantity = self._words.own_quantity(result.quantity)
        if self._words.has_unit(quantity, SYSTOLIC):
            return result.value, result.unit  # a pressure has two numbers
        match = AMOUNT.fullmatch(result.value) if isinstance(result.value, str) else None
        if match is not None:
            unit = match[3].strip()
            if result.unit is not None and self._words.unit(quantity, unit) != self._words.unit(
                quantity, str(result.unit)
            ):
                self._notes.refuse(
                    path, f"{result.quantity} has two units, {unit} and {result.unit}: write one of them"
                )
            return f"{match[1] or ''}{match[2]}", unit
        units = self._words.units(quantity)
        if result.unit is not None or not units or self._words.unit(quantity, "none") != "none":
            return result.value, result.unit
        row = self._words.find("result", result.value)
        if row is not None and str(row["value"]).replace(".", "", 1).isdigit():
            return result.value, units[0]  # undetectable is 0 in any unit
        number = isinstance(result.value, int | float) or str(result.value).strip("<>= ").replace(".", "", 1).isdigit()
        if number and not isinstance(result.value, bool) and PRESENCE not in units:
            named = f"one of {', '.join(units)}" if len(units) <= _FEW else "its unit"
            self._notes.refuse(path, f"{result.quantity} has no unit: write the number with {named}")
            return result.value, units[0]
        return result.value, None


def _plain(field: Any) -> str:
    return str(field).strip().lower()


def _is_result(told: Mapping[Any, Any]) -> bool:
    """Say whether a mapping is one result, or would be one: it has a value."""
    return any(_FIELDS.get(_plain(field)) == _VALUE for field in told)


def _holds(told: Any) -> bool:
    """Say whether something is a mapping with a value."""
    return isinstance(told, Mapping) and _is_result(told)


def _with_unit(result: _Result) -> Any:
    """Return a value with the unit that stood beside it."""
    return result.value if result.unit is None else f"{result.value} {result.unit}"
