"""A context as people write it, in the form that is checked: words, numbers, doses and dates that mean one thing only.

Every change is a remark: what was written, and as what it was read. What could mean two things stays as it was written,
and is then refused with its place. The words are rows of the table ``context_words``.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lupus_pgx.context.everyday import (
    APART,
    COUNTED,
    NEGATED,
    SYSTOLIC,
    UNSURE,
    class_of,
    date_of,
    details_with_classes,
    dose_of,
    pressure_of,
    read_answers,
    thousands,
    years_of,
)
from lupus_pgx.context.names import others_apart, read_names
from lupus_pgx.context.result_words import read_tests
from lupus_pgx.context.sex import find_sex
from lupus_pgx.context.short_forms import read_adherence, read_infection
from lupus_pgx.context.word_rows import Words, plain
from lupus_pgx.errors import UsageError
from lupus_pgx.knowledge.drugs import OTHER
from lupus_pgx.knowledge.units import PRESENCE
from lupus_pgx.terms import Outcome

Path = tuple[str | int, ...]

_AMOUNT = re.compile(r"\s*([<>]=?|\u2264|\u2265)?\s*([0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*([^0-9\s.,].*|10\S.*)")
_COMMA = re.compile(r"\s*[<>]?=?\s*[0-9]{1,3},[0-9]{1,2}(?![0-9])\s*\D*.*")
_BOUND = re.compile(r"\s*([<>]=?|\u2264|\u2265)\s*([0-9]*\.?[0-9]+)\s*")
_LEADING = re.compile(r"0[0-9]")
_PLAIN = re.compile(r"\s*[0-9]*\.?[0-9]+\s*")
_LASTING = re.compile(
    r"(?P<dose>.+?)\s+(?P<rest>(?:for|over|x)\s+\d.*|for (?:the first|one|a)\s.*|\(.+\)|"
    r"(?:every\s+|q|alle\s+|toutes les\s+)\d+\s*"
    r"(?:w|d|weeks?|months?|wochen?|monate?|semaines?|mois|days?|tage?|jours?)\b.*)",
    re.IGNORECASE,
)
_MONTH = re.compile(r"(?P<year>(?:19|20)\d\d)(?:-(?P<month>0[1-9]|1[0-2]))?")
_WEEKS = re.compile(
    r"(?P<number>\d{1,2})\.?\s*(?:weeks?|wks?|w|wochen|woche|ssw|semaines?|sa)(?:\s+pregnant|\s+of gestation)?|"
    r"(?:weeks?|wk|ssw|woche|semaine)\s+(?P<after>\d{1,2})|(?P<bare>\d+)",
    re.IGNORECASE,
)
_STATES = "condition"
"""In ``details`` of a word for a manifestation: conditions that it states as well."""

_AMOUNTS = ("weight", "egfr", "creatinine", "igg")
_YEARS = re.compile(r"\s*([0-9]{1,3})\s*(?:y|yr|yrs|years?|years? old|yo|jahre?|j\.|j|ans?)\s*", re.IGNORECASE)
_NUMBERED = re.compile(r"[0-9].*")
_NOT_THERE = ("no", "none", "absent", "negative")
_STOPPED = re.compile(r"(?:stopp|discontinu|withdrawn|abgesetzt|abgebrochen|arr[eê]t).*", re.IGNORECASE)
_SIGNS = {"\u2264": "<=", "\u2265": ">="}


class Written:
    """Bring the fields of one patient into the form that is checked.

    Parameters
    ----------
    words : Words

    Attributes
    ----------
    remarks : list of str
        What was written, and as what it was read.
    faults : list of (path, rule)
        What cannot be read, with what to write.
    """

    def __init__(self, words: Words) -> None:
        self._words = words
        self.remarks: list[str] = []
        self.faults: list[tuple[Path, str]] = []

    def patient(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a patient; those that are not known are left for the check."""
        made = dict(fields)
        self._commas(fields, ())
        for read in (read_tests, read_names, read_answers):
            remarks, faults = read(made, self._words)
            self.remarks += remarks
            self.faults += faults
        others_apart(made, self.remarks)
        self._short_forms(made)
        self._person(made)
        if isinstance(made.get("values"), Mapping):
            made["values"] = self._values(made["values"])
        if "manifestations" in made:
            made["manifestations"], there = self._manifestations(made["manifestations"])
            self._states(made, there)
        for name in ("therapies", "planned"):
            if isinstance(made.get(name), list):
                made[name] = [course for n, item in enumerate(made[name]) for course in self._courses(item, (name, n))]
        if isinstance(made.get("co_medication"), list):
            made["co_medication"] = list(self._taken(made["co_medication"]))
        if isinstance(made.get("labs"), list):
            made["labs"] = list(self._all_series(made["labs"]))
        return made

    def _person(self, made: dict[str, Any]) -> None:
        """Read age, sex, a grade of liver disease and the amounts that stand by themselves."""
        if isinstance(made.get("age"), str):
            made["age"] = self._age(made["age"])
        if isinstance(made.get("sex"), str):
            made["sex"] = self._sex(made["sex"])
        row = self._words.find("liver_disease", made.get("liver_disease"))
        if row is not None:
            self.remarks.append(f"liver_disease: {made['liver_disease']}: read as {row['value']}")
            made["liver_disease"] = row["value"]
        self._weeks(made)
        for name in _AMOUNTS:
            if name in made:
                made[name] = self._amount(made[name], (name,))

    def _weeks(self, made: dict[str, Any]) -> None:
        """Read a week of pregnancy where it is true or false; a number alone may be a week, or a mistake."""
        match = _WEEKS.fullmatch(str(made.get("pregnancy")).strip())
        if match is None:
            return
        given, values = made.pop("pregnancy"), made.get("values") or {}
        number = match["number"] or match["after"]
        if number is None:
            rule = "expected true or false; the week is a value: write values: {gestational_age: 12 weeks}"
            self.faults.append((("pregnancy",), f"{rule}; found {given!r}"))
        elif not isinstance(values, Mapping) or "gestational_age" in values:
            self.faults.append((("pregnancy",), "the week is given twice: write true, and the week among the values"))
        else:
            self.remarks.append(f"pregnancy: {given}: read as pregnant, week {number}")
            made["pregnancy"], made["values"] = True, {**values, "gestational_age": f"{number} weeks"}

    def _age(self, given: str) -> Any:
        match = _YEARS.fullmatch(given)
        if match is not None:
            return int(match[1])
        years = years_of(given)
        if years is not None:
            self.remarks.append(f"age: {given}: read as {years:g} years")
        return given if years is None else years

    def _commas(self, given: Any, path: Path) -> None:
        """Refuse what YAML makes of a decimal comma within braces: ``{inr: 2,4}`` is an INR of 2 and a key 4."""
        if path[:1] == ("labs",) and path[-1:] == ("values",):
            return  # results have their own sentence
        pairs = given.items() if isinstance(given, Mapping) else enumerate(given) if isinstance(given, list) else ()
        for name, value in pairs:
            step = name if isinstance(given, list) else str(name)
            if value is None and isinstance(step, str) and _NUMBERED.fullmatch(step):
                rule = "has no value: YAML takes a decimal comma for the end of an entry; write 3.9, with a point"
                self.faults.append(((*path, step), rule))
            else:
                self._commas(value, (*path, step))

    def _short_forms(self, made: dict[str, Any]) -> None:
        """Read ``adherence`` and ``infection`` into the fields by which the tables ask; refuse two that disagree."""

        def refuse(name: str) -> Any:
            return lambda part, rule: self.faults.append(((name, part) if part else (name,), rule))

        told: dict[str, bool] = {}
        if made.get("adherence") is not None:
            missed, remark = read_adherence(made["adherence"], self._words, refuse("adherence"))
            self.remarks += [remark] if remark else []
            told |= {} if missed is None else {"missed_doses": missed}
        if made.get("infection") is not None:
            grade, active, remark = read_infection(made["infection"], self._words, refuse("infection"))
            self.remarks += [remark] if remark else []
            told |= active
            stated = made.get("active_infection")
            if grade is not None and stated not in (None, grade):
                refuse("infection")("", f"reads as {grade}, and active_infection says {stated}: write one of them")
            elif grade is not None:
                made["active_infection"] = grade
        made.pop("adherence", None)
        # Which infection it is stays told: it is named beside its severity, and is then no other one.
        if not isinstance(made.get("infection"), Mapping) or made.get("active_infection") in (None, "none"):
            made.pop("infection", None)
        stated = made.get("conditions")
        if told and (stated is None or isinstance(stated, Mapping)):
            for name, value in told.items():
                if (stated or {}).get(name) not in (None, value):
                    self.faults.append((("conditions", name), "contradicts what adherence or infection says"))
            made["conditions"] = {**(stated or {}), **told}

    def _values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return values of today by the names that the tables have."""
        made: dict[str, Any] = {}
        for name, value in given.items():
            row = self._words.find("quantity", name)
            if row is not None and not row["value"]:
                self.remarks.append(f"{name}: {value}: not used: {row['note']}")
                continue
            own = row["value"] if row is not None and row["value"] else self._words.quantity(name)
            if own != name:
                self.remarks.append(f"{name}: read as {own}" + (f"; {row['note']}" if row and row["note"] else ""))
            # Two names of one quantity are two values: to take either would be a guess.
            if own in made:
                self.faults.append((("values", name), f"stands for {own}, which is given twice: write one of them"))
            made[own] = self._amount(value, ("values", own))
        return made

    def _sex(self, word: str) -> Any:
        try:
            found = find_sex(word)
        except UsageError as error:
            self.faults.append((("sex",), str(error)))
            return None
        return None if found is None else found.value

    def _amount(self, value: Any, path: Path) -> Any:
        """Return a value with its unit as ``VALUE UNIT``; a number that has a comma is refused."""
        # YAML reads a bare number: it gets a unit only where the table of words has one for it.
        if isinstance(value, int | float) and not isinstance(value, bool):
            unit = self._words.unit(path[-1], "none")
            return value if unit == "none" else f"{value} {unit}"
        if not isinstance(value, str):
            return value
        if _COMMA.fullmatch(value):
            self._comma(value, path)
            return None
        if (_PLAIN.fullmatch(value) and not _LEADING.match(value.strip())) or _BOUND.fullmatch(value):
            unit = self._words.unit(path[-1], "none")  # a quantity that has no unit needs none
            return value if unit == "none" else self._amount(f"{value} {unit}", path)
        plain = thousands(value)
        if plain is not None:
            rule = f"a mark between thousands can be read in two ways: write {plain}; found {value!r}"
            self.faults.append((path, rule))
            return None
        systolic = pressure_of(value) if self._words.has_unit(path[-1], SYSTOLIC) else None
        if systolic is not None:
            self.remarks.append(f"{path[-1]}: {value}: read as {systolic}")
            return systolic
        match = _AMOUNT.fullmatch(value)
        if match is None:
            return value
        sign, unit = match[1] or "", self._words.unit(path[-1], match[3].strip())
        return f"{_SIGNS.get(sign, sign)}{match[2]} {unit}"

    def _comma(self, value: str, path: Path) -> None:
        number = re.sub(r"(\d),(\d)", r"\1.\2", value).strip()
        self.faults.append((path, f"a decimal comma can be read in two ways: write {number}; found {value!r}"))

    def _states(self, made: dict[str, Any], there: Mapping[str, str]) -> None:
        """State the conditions that words for manifestations name as well: a stroke of lupus is a stroke."""
        stated = made.get("conditions") or {}
        if not there or not isinstance(stated, Mapping):
            return
        rule = "contradicts a manifestation that states it: write one of them"
        self.faults += [(("conditions", name), rule) for name in there if stated.get(name) in (False, "none")]
        made["conditions"] = {**dict.fromkeys(there, True), **stated}
        self.remarks += [f"{word}: states {name}, too" for name, word in there.items() if name not in stated]

    def _manifestations(self, given: Any) -> tuple[Any, dict[str, str]]:
        """Return manifestations as fields with details, and what else they state; several words for one are joined."""
        there: dict[str, str] = {}
        items = [(name, None) for name in given] if isinstance(given, list) else given
        if isinstance(items, Mapping):
            items = list(items.items())
        if not isinstance(items, list) or not all(isinstance(name, str) for name, _ in items):
            return given, there
        made: dict[str, Any] = {}
        for name, told in items:
            if told is False or (isinstance(told, str) and plain(told) in _NOT_THERE):
                self.remarks.append(f"{name}: {'no' if told is False else told}: is not there, and is left out")
                continue
            own_details = None if told is True else told
            row = self._words.find("manifestation", name)
            classed = class_of(name) if row is None else None
            if classed is not None:
                row = self._words.find("manifestation", classed[0])
                own_details = {"class": classed[1], **(told if isinstance(told, Mapping) else {})}
            if row is None and UNSURE.fullmatch(name):
                rule = "is not said to be there now: leave it out, or write what is there now alone"
                self.faults.append((("manifestations", name), rule))
                continue
            if row is None and NEGATED.fullmatch(name):
                rule = "reads as something that is not there: leave out what the patient does not have"
                self.faults.append((("manifestations", name), rule))
                continue
            own_details = self._since(details_with_classes(own_details), ("manifestations", name, "since"))
            details = own_details
            told_by = _details(row["details"]) if row is not None else {}
            there |= dict.fromkeys(filter(None, told_by.pop(_STATES, "").split("|")), name)
            if row is not None and (own_details is None or isinstance(own_details, Mapping)):
                details = {**told_by, **(own_details or {})}
            if row is not None and plain(name) != row["value"]:
                note = f"; {row['note']}" if row["note"] else ""
                self.remarks.append(f"{name}: read as {row['value']}{note}")
            own = (row["value"] if row is not None else None) or name
            earlier = made.get(own) or {}
            both = isinstance(details, Mapping) and isinstance(earlier, Mapping)
            made[own] = {**earlier, **details} if both else made.get(own, details)
        return made, there

    def _since(self, details: Any, path: Path) -> Any:
        """Return the details of a manifestation with the day since when it is there."""
        if not isinstance(details, Mapping) or "since" not in details:
            return details
        return {**details, "since": self._date(details["since"], path)}

    def _courses(self, item: Any, path: Path) -> Iterator[Any]:
        """Yield a course; one of a combination is one of each part."""
        if not isinstance(item, Mapping):
            yield item
            return
        row = self._words.find("drug", item.get("drug"))
        parts = list(self._parts(item["drug"])) if row is not None else []
        for course in _of_parts(item, parts) if parts else [dict(item)]:
            yield from self._course(course, item.get("drug"), path)

    def _course(self, item: dict[str, Any], drug: Any, path: Path) -> Iterator[Any]:
        """Yield a course; one that failed and then was not tolerated is two, of which each counts."""
        made = dict(item)
        for name in ("start", "stop", "since"):
            if name in made:
                made[name] = self._date(made[name], (*path, name))
        self._dose(made, path)
        row = self._words.find("outcome", made.get("outcome"))
        if row is not None:
            if not row["value"]:
                self.remarks.append(f"{drug}: {item['outcome']}: {row['note']}")
                return
            if row["value"] != item["outcome"]:
                note = f"; {row['note']}" if row["note"] else ""
                self.remarks.append(f"{drug}: {item['outcome']}: read as {row['value']}{note}")
            made["outcome"] = row["value"]
        elif isinstance(item.get("outcome"), str) and _STOPPED.fullmatch(item["outcome"].strip()):
            rule = (
                "does not say why: write intolerance with the reaction, inadequate_response where it did not work, or "
                f"response where it was no longer needed; found {item['outcome']!r}"
            )
            self.faults.append(((*path, "outcome"), rule))
        reaction = made.get("reaction")
        if reaction and made.get("outcome") in (Outcome.INADEQUATE_RESPONSE, Outcome.RESPONSE):
            failed = {name: value for name, value in made.items() if name != "reaction"}
            self.remarks.append(f"{drug}: {made['outcome']} and then a reaction, {reaction}: both count")
            yield failed
            made["outcome"] = Outcome.INTOLERANCE.value
        yield made

    def _dose(self, made: dict[str, Any], path: Path) -> None:
        dose = made.get("dose")
        if not isinstance(dose, str):
            return
        lasting = None if COUNTED.match(dose.strip()) else _LASTING.fullmatch(dose.strip())
        if lasting:
            dose = lasting["dose"]
            told = made.get("schedule")
            made["schedule"] = f"{told}, {lasting['rest']}" if told else lasting["rest"]
        if APART.fullmatch(dose.strip()) and self._words.is_combination(made.get("drug")):
            # The dose of one part is not that of another, nor is their sum: it is shown, and no amount.
            told = made.get("schedule")
            made["schedule"] = f"{dose}, {told}" if told else dose
            self.remarks.append(f"{made['drug']}: {dose}: doses of the parts, held against no rule")
            del made["dose"]
            return
        read = dose_of(dose, self._words)
        if read.schedule:
            told = made.get("schedule")
            made["schedule"] = f"{read.schedule}, {told}" if told else read.schedule
        if read.rule:
            self.faults.append(((*path, "dose"), read.rule))
        elif read.text != " ".join(dose.split()):
            self.remarks.append(f"{made.get('drug')}: {dose}: read as {read.text}")
        made["dose"] = None if read.text is None else self._amount(read.text, (*path, "dose"))
        if made["dose"] is None:
            del made["dose"]

    def _date(self, value: Any, path: Path) -> Any:
        """Return a date; a month or a year is read as its middle, and that is said."""
        if isinstance(value, str):
            read = date_of(value, self._words)
            if read.rule:
                self.faults.append((path, read.rule))
                return None
            if read.text != value.strip() and not _MONTH.fullmatch(str(read.text)):
                self.remarks.append(f"{'.'.join(str(step) for step in path)}: {value}: read as {read.text}")
            value = read.text
        match = _MONTH.fullmatch(str(value).strip()) if isinstance(value, str | int) else None
        if match is None:
            return value
        year, month = int(match["year"]), match["month"]
        day = f"{year}-{month}-15" if month else f"{year}-07-01"
        what = f"{calendar.month_name[int(month)]} {year}" if month else f"{year}"
        self.remarks.append(f"{'.'.join(str(step) for step in path)}: {what}: read as {day}, its middle")
        return day

    def _taken(self, given: list[Any]) -> Iterator[Any]:
        """Yield names of drugs that are taken; those that were stopped are said and left out."""
        for number, item in enumerate(given):
            if isinstance(item, str) and (NEGATED.fullmatch(item.strip()) or _STOPPED.fullmatch(item.strip())):
                rule = f"is said not to be taken: leave it out; found {item!r}"
                self.faults.append((("co_medication", number), rule))
                continue
            if not isinstance(item, Mapping) or "drug" not in item:
                yield from self._parts(item)
                continue
            told = ", ".join(f"{name} {value}" for name, value in item.items() if name != "drug")
            if item.get("stop"):
                self.remarks.append(f"{item['drug']} ({told}): was stopped, and is not counted as taken now")
            else:
                if told:
                    self.remarks.append(f"{item['drug']} ({told}): taken now")
                yield from self._with_dose(list(self._parts(item["drug"])), item.get("dose"))

    def _with_dose(self, names: list[Any], dose: Any) -> Iterator[Any]:
        """Yield a drug that is taken with its dose; one that cannot be read is said and left out."""
        read = dose_of(dose, self._words) if isinstance(dose, str) and len(names) == 1 else None
        amount = None if read is None or read.text is None else _AMOUNT.fullmatch(read.text)
        unit = self._words.unit("dose", amount[3].strip()) if amount is not None else ""
        if amount is None or amount[1] or not self._words.has_unit("dose", unit):
            if dose is not None:
                self.remarks.append(f"{names[0]}: the dose, {dose}, is not used")
            yield from names
        else:
            yield {"drug": names[0], "dose": f"{amount[2]} {unit}"}

    def _parts(self, name: Any) -> Iterator[Any]:
        """Yield the drugs that a name stands for: a brand, or the parts of a combination."""
        row = self._words.find("drug", name)
        if row is None:
            yield name
            return
        note, drugs = f"; {row['note']}" if row["note"] else "", row["value"] or str(name)
        if drugs.startswith(OTHER):
            own = drugs.removeprefix(OTHER).strip()
            as_read = "" if plain(own) == plain(str(name)) else f"read as {own}; "
            self.remarks.append(f"{name}: {as_read}no table knows it, so what it does to other drugs is unknown here")
        elif note or plain(drugs) != plain(str(name)):
            self.remarks.append(f"{name}: read as {drugs.replace(';', ' and ')}{note}")
        yield from drugs.split(";")

    def _all_series(self, given: list[Any]) -> Iterator[Any]:
        """Yield series; those that no rule reads are said and left out."""
        for number, item in enumerate(given):
            row = self._words.find("quantity", item.get("quantity")) if isinstance(item, Mapping) else None
            if row is not None and not row["value"]:
                self.remarks.append(f"{item['quantity']}: not used: {row['note']}")
            else:
                yield self._series(item, ("labs", number))

    def _series(self, item: Any, path: Path) -> Any:
        if not isinstance(item, Mapping):
            return item
        made = dict(item)
        row = self._words.find("quantity", made.get("quantity"))
        if row is not None:
            if row["value"] != made["quantity"]:
                self.remarks.append(
                    f"{made['quantity']}: read as {row['value']}" + (f"; {row['note']}" * bool(row["note"]))
                )
            made["quantity"] = row["value"]
        elif isinstance(made.get("quantity"), str):
            made["quantity"] = self._words.quantity(made["quantity"])
        if made.get("unit") is None or isinstance(made["unit"], str):
            made["unit"] = self._words.unit(made.get("quantity"), made.get("unit") or "none")
            if made["unit"] == "none":
                del made["unit"]
        if isinstance(made.get("values"), Mapping):
            made["values"] = {
                self._date(day, (*path, "values")): self._result(value, (*path, "values", str(day)))
                for day, value in made["values"].items()
            }
            results = set(map(str, made["values"].values()))
            if results and results <= {"present", "absent"} and self._words.has_unit(made.get("quantity"), PRESENCE):
                made["unit"] = PRESENCE
        return made

    def _result(self, value: Any, path: Path) -> Any:
        if value is None:
            rule = "has no value: YAML takes a decimal comma for the end of an entry; write 3.9, or leave the day out"
            self.faults.append((path, rule))
            return None
        if not isinstance(value, str):
            return value
        if _COMMA.fullmatch(value):
            self._comma(value, path)
            return None
        if _PLAIN.fullmatch(value) and not _LEADING.match(value.strip()):
            return float(value)
        bound = _BOUND.fullmatch(value)
        if bound:
            return f"{_SIGNS.get(bound[1], bound[1])}{bound[2]}"
        row = self._words.find("result", value)
        if row is None or row["value"] is None:
            return value
        return float(row["value"]) if _PLAIN.fullmatch(row["value"]) else row["value"]


def _of_parts(made: Mapping[str, Any], parts: Sequence[str]) -> list[dict[str, Any]]:
    """Return a course of each part of a combination, whose dose is that of no part alone."""
    if len(parts) == 1:
        return [{**made, "drug": parts[0]}]
    told = ", ".join(str(made[name]) for name in ("dose", "schedule") if made.get(name))
    rest = {name: value for name, value in made.items() if name not in ("dose", "schedule")}
    return [{**rest, "drug": part, **({"schedule": told} if told else {})} for part in parts]


def as_written(document: Any, words: Words) -> tuple[Any, dict[str | None, list[str]], list[tuple[Path, str]]]:
    """Bring a document into the form that is checked.

    Parameters
    ----------
    document : object
        Of one patient, or of several under ``patients``.
    words : Words

    Returns
    -------
    document : object
    remarks : dict of list of str
        By sample; None for the only patient.
    faults : list of (path, rule)
    """
    remarks: dict[str | None, list[str]] = {}
    faults: list[tuple[Path, str]] = []

    def read(fields: Any, sample: str | None) -> Any:
        if not isinstance(fields, Mapping):
            return fields
        reader = Written(words)
        made = reader.patient(fields)
        remarks[sample] = reader.remarks
        start: Path = () if sample is None else ("patients", sample)
        faults.extend(((*start, *path), rule) for path, rule in reader.faults)
        return made

    if isinstance(document, Mapping) and isinstance(document.get("patients"), Mapping):
        several = {str(sample): read(fields, str(sample)) for sample, fields in document["patients"].items()}
        return {**document, "patients": several}, remarks, faults
    return read(document, None), remarks, faults


def _details(text: str | None) -> dict[str, Any]:
    """Return details that a row states, such as ``mechanism=inflammatory``; classes are a list."""
    pairs = [part.partition("=") for part in (text or "").split(";") if part]
    return {name.strip(): value.split("|") if name.strip() == "class" else value.strip() for name, _, value in pairs}
