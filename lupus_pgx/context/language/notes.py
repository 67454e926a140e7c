"""What is noted while the fields of a patient are read: what cannot be read, amounts, dates, results."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any

from lupus_pgx.context.language.doses import point_of_thousands
from lupus_pgx.context.language.everyday import SYSTOLIC, date_of, pressure_of, pressure_turned, thousands
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.context.values import Entered, Rough, Unused, Worded
from lupus_pgx.knowledge.currency import last_day
from lupus_pgx.knowledge.units import PRESENCE

Path = tuple[str | int, ...]

AMOUNT = re.compile(r"\s*([<>]=?|\u2264|\u2265)?\s*([0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*([^0-9\s.,].*|10\S.*)")
NO_VALUE = "has no value: YAML takes a decimal comma for the end of an entry; write 3.9, "
"""What is said of a decimal comma within braces: ``{inr: 2,4}`` is an INR of 2 and a key 4."""

_COMMA = re.compile(r"\s*[<>]?=?\s*[0-9]{1,3},[0-9]{1,2}(?![0-9])\s*\D*.*")
_BOUND = re.compile(r"\s*([<>]=?|\u2264|\u2265)\s*([0-9]*\.?[0-9]+)\s*")
_LEADING = re.compile(r"0[0-9]")
_PLAIN = re.compile(r"\s*[0-9]*\.?[0-9]+\s*")
_MONTH = re.compile(r"(?P<year>(?:19|20)\d\d)(?:-(?P<month>0[1-9]|1[0-2]))?")
_DOSE = "dose"
_AHEAD = ("planned",)
"""Begins the path of what is to come: its month may be the one that runs."""

_SIGNS = {"\u2264": "<=", "\u2265": ">="}


class Notes:
    """Read amounts, dates and results of one patient, and keep what is to be said of them.

    Parameters
    ----------
    words : Words
    today : date, optional
        What ended later is not over.

    Attributes
    ----------
    words : Words
    today : date or None
    remarks : list of str
        What was written, and as what it was read; or that it is not used (:class:`Unused`).
    faults : list of (path, rule)
        What cannot be read, with what to write.
    """

    def __init__(self, words: Words, today: dt.date | None = None) -> None:
        self.words = words
        self.today = today
        self.remarks: list[str] = []
        self.faults: list[tuple[Path, str]] = []

    def remark(self, text: str) -> None:
        """Keep what was written, and as what it was read."""
        self.remarks.append(text)

    def lose(self, text: str, told: str = "") -> None:
        """Keep what was told and is not used; ``told`` of a result that no rule reads."""
        self.remarks.append(Unused(text, told))

    def refuse(self, path: Path, rule: str) -> None:
        """Keep the place of what cannot be read, and what to write."""
        self.faults.append((path, rule))

    def amount(self, value: Any, path: Path) -> Any:
        """Return a value with its unit as ``VALUE UNIT``; a number that has a comma is refused."""
        # YAML reads a bare number: it gets a unit only where the table of words has one for it.
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._with_unit(value, value, path)
        if not isinstance(value, str):
            return value
        if _COMMA.fullmatch(value):
            self._comma(value, path)
            return None
        if (_PLAIN.fullmatch(value) and not _LEADING.match(value.strip())) or _BOUND.fullmatch(value):
            made = self._with_unit(value, value.strip(), path)
            return made if made is value else self.amount(made, path)
        plain = thousands(value)
        if plain is not None:
            rule = f"a mark between thousands can be read in two ways: write {plain}; found {value!r}"
            self.refuse(path, rule)
            return None
        if self.words.has_unit(path[-1], SYSTOLIC) and (systolic := self._pressure(value, path)) is not None:
            return systolic or None
        match = AMOUNT.fullmatch(value)
        if match is None:
            return value
        sign, unit = match[1] or "", self.words.unit(path[-1], match[3].strip())
        grouped = self._refuse_grouped(match[2], path[-1], unit, path)
        return None if grouped else f"{_SIGNS.get(sign, sign)}{match[2]} {unit}"

    def _pressure(self, value: str, path: Path) -> str | None:
        """Return a pressure as the systolic amount by which rows go, empty where it is refused; None of no pressure."""
        if pressure_turned(value):
            self.refuse(path, f"the systolic value, the larger one, stands first; found {value!r}")
            return ""
        systolic = pressure_of(value)
        if systolic is not None:
            grade = ", which weighs as much as its diastolic value" if isinstance(systolic, Entered) else ""
            self.remark(f"{path[-1]}: {value}: read as {systolic}{grade}")
        return systolic

    def _refuse_grouped(self, number: str, quantity: Any, unit: Any, path: Path) -> bool:
        """Refuse a point that may stand between thousands: three digits follow it, and the large value can be, too."""
        rule = point_of_thousands(number, f" {unit}" if unit else "", dose=quantity == _DOSE)
        both = (number, number.replace(".", ""))
        if not rule or not all(self.words.can_be(quantity, float(item), unit) for item in both):
            return False
        self.refuse(path, f"{rule}; found {number!r}")
        return True

    def _with_unit(self, given: Any, number: Any, path: Path) -> Any:
        """Return a number with the unit that needs not be written; where it has to be, the number is refused."""
        unit = self.words.unit(path[-1], "none")
        if unit != "none":
            if "/" in unit:  # laboratories leave it out; that it was read so is said
                self.remark(f"{path[-1]}: {number}: read as {number} {unit}")
            return f"{number} {unit}"
        units = self.words.units(path[-1])
        if not units or path[-1] == _DOSE:  # the form says what a dose looks like
            return given
        self.refuse(path, f"has no unit: write the number with one of {', '.join(units)}; found {given!r}")
        return None

    def _comma(self, value: str, path: Path) -> None:
        number = re.sub(r"(\d),(\d)", r"\1.\2", value).strip()
        self.refuse(path, f"a decimal comma can be read in two ways: write {number}; found {value!r}")

    def date(self, value: Any, path: Path) -> Any:
        """Return a date; a month or a year is read as its middle, and that is said."""
        if isinstance(value, Rough):  # read before
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str):
            value = value.strip()
            read = date_of(value, self.words)
            if read.rule:
                self.refuse(path, read.rule)
                return None
            if read.text != value and not _MONTH.fullmatch(str(read.text)):
                self.remark(f"{'.'.join(str(step) for step in path)}: {value}: read as {read.text}")
            value = read.text
        match = _MONTH.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            return value
        year, month = int(match["year"]), match["month"]
        middle, first = f"{year}-{month or '07'}-{'15' if month else '01'}", f"{year}-{month or '01'}-01"
        part = "its middle"
        if self.today is not None and path[:1] != _AHEAD and first <= self.today.isoformat() < middle:
            begun = dt.date.fromisoformat(first)
            middle, part = (begun + (self.today - begun) / 2).isoformat(), "the middle of what has passed of it"
        day = Rough(middle)
        day.last = last_day(f"{year}-{month}" if month else f"{year}").isoformat()
        what = f"{calendar.month_name[int(month)]} {year}" if month else f"{year}"
        self.remark(f"{'.'.join(str(step) for step in path)}: {what}: read as {day}, {part}")
        return day

    def pressure_result(self, value: Any, path: Path, quantity: Any = None, unit: Any = None) -> Any:
        """Return a blood pressure of a series, which may be told with both its values."""
        systolic = self._pressure(value, path) if isinstance(value, str) else None
        if systolic is None:
            return self.result(value, path, quantity, unit)
        if not systolic:
            return None
        number = Worded(systolic.removesuffix(SYSTOLIC))
        number.words = systolic.told if isinstance(systolic, Entered) else ""
        return number

    def result(self, value: Any, path: Path, quantity: Any = None, unit: Any = None) -> Any:
        """Return a result of a laboratory: a number, a bound, or a word that is one."""
        if value is None:
            rule = NO_VALUE + "or leave the day out"
            self.refuse(path, rule)
            return None
        if not isinstance(value, str):
            return value
        if _COMMA.fullmatch(value):
            self._comma(value, path)
            return None
        if _PLAIN.fullmatch(value) and not _LEADING.match(value.strip()):
            number = value.strip()
            return None if self._refuse_grouped(number, quantity, unit, path) else float(number)
        bound = _BOUND.fullmatch(value)
        if bound:
            return f"{_SIGNS.get(bound[1], bound[1])}{bound[2]}"
        row = self.words.find("result", value)
        text = (row["value"] or "") if row is not None else ""
        counted = bool(self.words.units(quantity)) and not self.words.has_unit(quantity, PRESENCE)
        if row is not None and row["note"]:
            self.refuse(path, f"{row['note']}; found {value!r}")
        elif text and counted and not _PLAIN.fullmatch(text):
            self.refuse(path, f"expected a number or a bound, such as <0.2; found {value!r}")
        elif _PLAIN.fullmatch(text):
            told = Worded(text)
            told.words = value.strip()
            return told
        else:
            return text or value
        return None
