"""What stands among the conditions, or beside the fields, and has a field of its own: pregnant, menopause, CKD 4.

The words are rows of the table ``context_words``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lupus_pgx.context.form import context_schema
from lupus_pgx.context.language.everyday import date_of, is_date
from lupus_pgx.context.language.known_conditions import own_field
from lupus_pgx.context.language.notes import Notes, Path
from lupus_pgx.context.language.short_forms import ACTIVE
from lupus_pgx.context.language.word_rows import Words, plain
from lupus_pgx.context.told.unasked import is_vaccination
from lupus_pgx.context.values import Stage
from lupus_pgx.knowledge.drugs import OTHER
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.knowledge.units import PRESENCE

_NOT_NEEDED = "not_needed"
_CONTRACEPTION = "contraception"
_VALUE = "egfr="
"""In ``details`` of a word that is asked by its value: the bound that it states, such as ``egfr=<30 mL/min/1.73m2``."""

_GRADED, _NONE = "graded=", "none"
"""In ``details`` of a word that tells too little without its grade: the field for it, such as ``graded=liver_disease``;
what that field holds where there is no such disease."""

_RATE = "egfr"
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_AGE = re.compile(r"[1-9]\d")


def read_own_fields(made: dict[str, Any], notes: Notes) -> None:
    """Write states among the conditions, and the menopause beside the fields, into the fields that they belong to.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    reader = _Reader(made, notes)
    for name in [item for item in made if reader.ends_fertility(item)]:
        reader.place(_CONTRACEPTION, name, made.pop(name), (name,))
    reader.stages()
    given = made.get("conditions")
    listed = dict.fromkeys(given, True) if isinstance(given, list) and all(map(_is_text, given)) else given
    if isinstance(listed, Mapping):
        kept = reader.conditions(listed)
        if kept != dict(listed):
            made["conditions"] = kept if isinstance(given, Mapping) else list(kept)


def _is_year(told: Any) -> bool:
    return isinstance(told, str | int) and not isinstance(told, bool) and str(told)[:2] in ("19", "20")


def _is_text(item: Any) -> bool:
    return isinstance(item, str)


class _Reader:
    """Reads the states of one patient into their fields."""

    def __init__(self, made: dict[str, Any], notes: Notes) -> None:
        self._made = made
        self._notes = notes
        self._words = notes.words
        self.known = context_schema()["$defs"]["patient"]["properties"]

    def conditions(self, listed: Mapping[Any, Any]) -> dict[Any, Any]:
        """Return the conditions that are left, and those that an infection by its name states."""
        kept = dict(listed)
        for name, told in listed.items():
            if not _is_text(name) or self._words.condition(name) is not None:
                continue
            stated = self._infection(name, told)
            if stated is not None:
                del kept[name]
                kept = dict.fromkeys(stated, True) | kept
            elif self._state(name, told) or self._bounded(name, told) or self._elsewhere(name, told):
                del kept[name]
        return kept

    def stages(self) -> None:
        """Read a stage that stands where its value would, such as ``egfr: G3b``."""
        values = self._made.get("values")
        for place in (self._made, values if isinstance(values, dict) else {}):
            for name in [item for item in place if isinstance(item, str) and plain(item) == _RATE]:
                told = place[name]
                stage = f"CKD {told}" if isinstance(told, str) and not told.strip().isdigit() else ""
                row = self._words.find("condition", stage)
                if row is not None and (row["details"] or "").startswith(_VALUE):
                    del place[name]
                    self._bounded(stage, True)

    def ends_fertility(self, name: Any) -> bool:
        """Say whether a word is for a state in which no contraception is needed."""
        row = self._words.find(_CONTRACEPTION, name)
        return row is not None and row["value"] == _NOT_NEEDED

    def place(self, field: str, value: Any, told: Any, path: Path) -> bool:
        """Write a value into its field, where what is told says that it holds; say whether it was read."""
        if self._words.says_no(told):
            return True  # that she is not past the menopause says nothing of contraception
        answer = self._words.find("answer", told)
        if answer is not None and not answer["value"]:
            self._notes.lose(f"{path[-1]}: {told}: says that nothing is known, and is left out")
            return True
        if answer is None and told is not True and not self._since(told):
            rule = f"is not said to be there: write '{path[-1]}: true' where it is, or leave it out; found {told!r}"
            self._notes.refuse(path, rule)
            return False
        if self._made.get(field) is not None and self._made[field] != value:
            self._notes.refuse(path, f"stands for {field}, which is given twice: write one of them")
            return False
        self._made[field] = value
        return True

    def _since(self, told: Any) -> bool:
        """Say whether what is told of a state is since when it is there: a day, month or year, or an age."""
        day = date_of(str(told), self._words).text or ""
        today = self._notes.today
        return _AGE.fullmatch(day) is not None or (is_date(day) and (today is None or day <= today.isoformat()))

    def _state(self, name: str, told: Any) -> bool:
        """Write a state into its field; say whether it has one."""
        field, path = own_field(name, self._words), ("conditions", name)
        if not field:
            return False
        if self.known[field].get("type") != "boolean":
            self.place(field, name, told, path)
        elif _is_year(told):
            self._notes.refuse(path, "a date does not say whether it is there now: write true or false")
        elif self.place(field, told, True, path):
            self._notes.remark(f"conditions.{name}: read as {field}")
        return True

    def _infection(self, name: str, told: Any) -> tuple[str, ...] | None:
        """Read an infection that is there into its field; return what a second one states, and None for other words.

        One that is not there leaves every other one open.
        """
        row = self._words.find("infection", name)
        if row is None or self._words.refused_condition(name):
            return None
        if self._words.says_no(told):
            self._notes.lose(f"{name}: no: says nothing of other infections, and is left out")
            return ()
        if told is not True:
            return None
        if self._made.get("infection") is None:
            self._made["infection"] = name
            return ()
        self._notes.remark(f"{name}: read as an active infection, too")
        return (ACTIVE, *split_list(row["value"]))

    def _elsewhere(self, name: str, told: Any) -> bool:
        """Write what is a grade or a value into the field that it belongs to; say whether it was dealt with."""
        row = self._words.find("condition", name)
        kind = (row["details"] or "") if row is not None else ""
        if kind.startswith(_GRADED):
            return self._graded(kind.removeprefix(_GRADED), name, told)
        field, own = home_of(name, self._words, self.known)
        if field in ("", "conditions"):
            return False
        if _is_amount(told):
            return self._move(field, own, name, told)
        found = self._found(own, told)
        if found:
            return self._move(field, own, name, found)
        if not own:
            rule = f"is no condition: write '{field}: ...' beside the conditions"
            self._notes.refuse(("conditions", name), rule)
        return not own

    def _found(self, own: str, told: Any) -> str:
        """Return what a test found that has no amount, such as a lupus anticoagulant; empty of other words."""
        if not own or not self._words.has_unit(self._words.own_quantity(own), PRESENCE):
            return ""
        answer, result = self._words.find("answer", told), self._words.find("result", told)
        if result is not None and result["value"] in ("present", "absent"):
            return str(result["value"])
        said = {True: "yes", False: "no"}.get(told) if isinstance(told, bool) else answer and answer["value"]
        return {"yes": "present", "no": "absent"}.get(said or "", "")

    def _graded(self, field: str, name: str, told: Any) -> bool:
        """Write a grade into its field; no disease of the liver is none, and no cirrhosis is not."""
        grade = _NONE if told is False and plain(name) == plain(field) else told
        known = plain(str(grade)) in self.known[field]["enum"] or self._words.find(field, grade) is not None
        return known and self._move(field, "", name, grade)

    def _move(self, field: str, own: str, name: str, told: Any) -> bool:
        """Write what is told into a field, or below it; say whether it has a place there."""
        place = self._made.setdefault(field, {}) if own else self._made
        if not isinstance(place, dict):
            return False
        if place.get(own or field, told) != told:
            rule = f"stands for {own or field}, which is given twice: write one of them"
            self._notes.refuse(("conditions", name), rule)
        place[own or field] = told
        self._notes.remark(f"conditions.{name}: read as {f'{field}.{own}' if own else field}")
        return True

    def _bounded(self, name: str, told: Any) -> bool:
        """Write the bound that a stage states, where no rate of today is given; say whether it was read.

        What was measured on a day is held against it later, when it is known how old that is.
        """
        row = self._words.find("condition", name)
        if told is not True or row is None or not (row["details"] or "").startswith(_VALUE):
            return False
        bound = str(row["details"]).removeprefix(_VALUE)
        values = self._made.get("values")
        rate = self._made.get(_RATE)
        if rate is None and isinstance(values, Mapping):
            rate = values.get(_RATE)
        if rate is None:
            self._made[_RATE] = Stage(bound)
            self._notes.remark(f"{name}: read as a filtration rate of {bound}; with its number more can be answered")
        elif isinstance(rate, Stage) and not _is_within(rate, bound):
            self._made[_RATE] = Stage(bound)
            self._notes.remark(f"{name}: of two stages the graver counts, a filtration rate of {bound}")
        elif _is_within(rate, bound):
            self._notes.remark(f"{name}: kidney function is given by its value, and the stage is left out")
        else:
            rule = f"states a filtration rate of {bound}, and {rate} is told beside it: write the one that is right"
            self._notes.refuse(("conditions", name), rule)
        return True


def _is_within(rate: Any, bound: str) -> bool:
    """Say whether a rate, as it was told, lies below the bound of a stage; one that cannot be read is refused later."""
    told, limit = (_NUMBER.search(str(one)) for one in (rate, bound))
    return told is None or limit is None or float(told[0]) <= float(limit[0])


def _is_amount(told: Any) -> bool:
    """Say whether what is told of a name is a value, be it with a unit."""
    return not isinstance(told, bool) and (
        isinstance(told, int | float) or (isinstance(told, str) and any(map(str.isdigit, told)))
    )


def home_of(name: str, words: Words, known: Mapping[str, Any]) -> tuple[str, str]:
    """Return the field that a name belongs to, and the name below it; empty where it is not known.

    Parameters
    ----------
    name : str
    words : Words
    known : mapping
        Fields of a patient, with their form.

    Returns
    -------
    tuple of (str, str)
    """
    row = words.find("field", name)
    if row is not None:
        return row["value"] or "", ""
    if plain(name) == OTHER.removesuffix(":"):
        return "conditions", name
    same = next((field for field in known if plain(field) == plain(name)), "")
    if same:
        return same, ""
    if words.condition(name) is not None or words.refused_condition(name):
        return "conditions", name
    if words.find("quantity", name) is not None or words.is_quantity(name):
        return "values", name
    return ("conditions", name) if is_vaccination(name) else ("", "")
