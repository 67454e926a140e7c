"""A context as people write it, in the form that is checked: words, numbers, doses and dates that mean one thing only.

Every change is a remark: what was written, and as what it was read. What could mean two things stays as it was written,
and is then refused with its place. The words are rows of the table ``context_words``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from lupus_pgx.context.language.everyday import (
    is_ahead,
    read_answers,
    written_date,
    years_of,
)
from lupus_pgx.context.language.finished import finished, may_be_ongoing
from lupus_pgx.context.language.notes import NO_VALUE, Notes, Path
from lupus_pgx.context.language.short_forms import (
    ACTIVE,
    FINISHED,
    LASTING,
    Refuse,
    infection_of,
    read_adherence,
    read_infection,
)
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.context.model import MISSED
from lupus_pgx.context.sex import find_sex
from lupus_pgx.context.told.answered_conditions import others_apart, without_value
from lupus_pgx.context.told.as_exported import read_exported
from lupus_pgx.context.told.courses import ToldCourses
from lupus_pgx.context.told.manifestations import read_manifestations
from lupus_pgx.context.told.names import read_homes, read_names
from lupus_pgx.context.told.result_words import read_tests
from lupus_pgx.context.told.results import read_dated
from lupus_pgx.context.told.series import read_series
from lupus_pgx.context.told.taken_beside import ToldBeside, paused_apart
from lupus_pgx.context.values import OWN_AMOUNTS, Entered, Stage
from lupus_pgx.errors import UsageError
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.knowledge.units import PRESENCE

_WEEKS = re.compile(
    r"(?:G\s*\d+\s*,?\s*P\s*\d+\s*[,:]?\s+)?"
    r"(?:(?P<number>\d{1,2})\.?(?:\s*\+\s*[0-6])?\s*(?:weeks?|wks?|w|wochen|woche|ssw|semaines?|sa)"
    r"(?:\s+pregnant|\s+of gestation)?|"
    r"(?:weeks?|wk|ssw|woche|semaine|sa)\s+(?P<after>\d{1,2})(?:\s*\+\s*[0-6])?|(?P<with_days>\d{1,2})\s*(?:\+\s*[0-6]|/40)|"
    r"(?P<third>1st|2nd|3rd|first|second|third|[123]\.)\s+(?:trimester|trimenon)|(?P<bare>\d+))",
    re.IGNORECASE,
)
"""A week of pregnancy, which may stand behind the numbers of pregnancies and births."""

_MAY_BE = re.compile(
    r"(?:possibl[ey]|maybe|perhaps|suspected|unlikely|likely|probabl[ey]|m\u00f6glich|vielleicht|eventuell|unwahrscheinlich)"
    r"(?:\s.*)?|.*\S\s*\?",
    re.IGNORECASE,
)
_WEANED = re.compile(r"weaned|abgestillt|sevr[e\u00e9]e?", re.IGNORECASE)
_FOUND = ("present", "absent")
_NONE_FOUND = "0"
"""In ``value`` of a word for a level that was not detectable."""

_RATE, _LOW = "egfr", 5.0
"""A filtration rate without a unit below this may be a creatinine in mg/dL."""

_ADHERENCE = "adherence"
_YEARS = re.compile(r"\s*([0-9]{1,3})\s*(?:y|yr|yrs|years?|years? old|yo|jahre?|j\.|j|ans?)\s*", re.IGNORECASE)
_BARE_YEARS = re.compile(r"\s*[0-9]{1,3}(?:\.[0-9]+)?\s*")
_BARE_M = re.compile(r"\s*([0-9]{1,3})\s*m\s*", re.IGNORECASE)
_SINCE = re.compile(r"(?P<which>\S.*?)[\s,(]+(?:since|seit|depuis|desde|ab|from)\s+(?P<day>.*?)\)?", re.IGNORECASE)
_NO_INFECTION = re.compile(
    r"(?:no|none|keine?|aucune?|ninguna?|without|free of)\s*(?:active\s+)?"
    r"(?:infections?|infektion(?:en)?|infecci[o\u00f3]n)?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"[0-9].*")


class Written:
    """Bring the fields of one patient into the form that is checked.

    Parameters
    ----------
    notes : Notes
        Of this patient; they have the remarks and the faults afterwards.
    today : date, optional
    """

    def __init__(self, notes: Notes, today: dt.date | None = None) -> None:
        self._today = today
        self._notes = notes
        self._words = notes.words

    def patient(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a patient; those that are not known are left for the check."""
        made = dict(fields)
        self._commas(fields, ())
        read_homes(made, self._notes)
        read_exported(made, self._notes)
        for read in (read_dated, read_tests, read_names, read_answers):
            read(made, self._notes)
        without_value(made, self._notes)
        others_apart(made, self._notes)
        self._short_forms(made)
        self._person(made)
        if isinstance(made.get("values"), Mapping):
            results: dict[str, str] = {}
            made["values"] = self._values(made["values"], results)
            self._results(made, results)
        if "manifestations" in made:
            read_manifestations(made, self._notes)
        self._twice(made)
        told = ToldCourses(self._notes)
        self._missed(made)
        paused_apart(made, self._words)
        for name in ("therapies", "planned"):
            if isinstance(made.get(name), list):
                made[name] = [course for n, item in enumerate(made[name]) for course in told.courses(item, (name, n))]
        if isinstance(made.get("co_medication"), list):
            beside = ToldBeside(self._notes, told).read(made["co_medication"])
            made["co_medication"] = beside.taken
            for name, more in (("therapies", beside.over), ("planned", beside.ahead)):
                if more and isinstance(made.get(name) or [], list):
                    made[name] = [*(made.get(name) or []), *more]
        if isinstance(made.get("labs"), list):
            made["labs"] = list(read_series(made["labs"], self._notes))
        return made

    def _person(self, made: dict[str, Any]) -> None:
        """Read age, sex, a grade of liver disease and the amounts that stand by themselves."""
        if isinstance(made.get("age"), str):
            made["age"] = self._age(made["age"])
        if isinstance(made.get("sex"), str):
            made["sex"] = self._sex(made["sex"])
        row = self._words.find("liver_disease", made.get("liver_disease"))
        if row is not None:
            self._notes.remark(f"liver_disease: {made['liver_disease']}: read as {row['value']}")
            made["liver_disease"] = row["value"]
        self._weeks(made)
        for name in OWN_AMOUNTS:
            if name in made and not isinstance(made[name], Stage):
                low = (
                    name == _RATE and str(made[name]).strip().replace(".", "", 1).isdigit() and float(made[name]) < _LOW
                )
                if low and float(made[name]):
                    rule = (
                        "has no unit, and may be a creatinine: write egfr: {0} mL/min/1.73m2, or creatinine: {0} mg/dL"
                    )
                    self._notes.refuse((name,), rule.format(made[name]))
                    del made[name]
                    continue
                made[name] = self._notes.amount(made[name], (name,))

    def _twice(self, made: dict[str, Any]) -> None:
        """Refuse an amount that stands by itself and, as another one, among the values: to take either is a guess."""
        values = made.get("values")
        if not isinstance(values, dict):
            return
        for name in OWN_AMOUNTS:
            if values.get(name) is not None and made.get(name) is not None:
                if values[name] != made[name]:
                    rule = f"is given twice, as {made[name]} and as {values[name]} among the values: write one of them"
                    self._notes.refuse((name,), rule)
                del values[name]

    def _weeks(self, made: dict[str, Any]) -> None:
        """Read a week of pregnancy where it is true or false; a number alone may be a week, or a mistake."""
        for name in ("pregnancy", "breast_feeding"):
            if isinstance(made.get(name), str) and _MAY_BE.fullmatch(made[name].strip()):
                rule = "expected true or false once it is known, and nothing before; found "
                self._notes.refuse((name,), f"{rule}{made.pop(name)!r}")
        if isinstance(made.get("breast_feeding"), str) and _WEANED.fullmatch(made["breast_feeding"].strip()):
            self._notes.remark(f"breast_feeding: {made['breast_feeding']}: read as no")
            made["breast_feeding"] = False
        match = _WEEKS.fullmatch(str(made.get("pregnancy")).strip())
        if match is None:
            return
        given, values = made.pop("pregnancy"), made.get("values") or {}
        number = match["number"] or match["after"] or match["with_days"]
        if match["third"]:
            self._notes.remark(f"pregnancy: {given}: read as pregnant; the week is not told")
            made["pregnancy"] = True
            return
        if number is None:
            rule = "expected true or false; the week is a value: write values: {gestational_age: 12 weeks}"
            self._notes.refuse(("pregnancy",), f"{rule}; found {given!r}")
        elif not isinstance(values, Mapping) or "gestational_age" in values:
            self._notes.refuse(("pregnancy",), "the week is given twice: write true, and the week among the values")
        else:
            self._notes.remark(f"pregnancy: {given}: read as pregnant, week {number}")
            made["pregnancy"], made["values"] = True, {**values, "gestational_age": f"{number} weeks"}

    def _age(self, given: str) -> Any:
        match = _YEARS.fullmatch(given)
        if match is not None:
            return int(match[1])
        if _BARE_YEARS.fullmatch(given):
            return float(given)
        bare = _BARE_M.fullmatch(given)
        if bare is not None:
            rule = f"m can be months or male: write {bare[1]} months, or {bare[1]} years"
            self._notes.refuse(("age",), f"{rule}; found {given!r}")
            return None
        years = years_of(given)
        if years is not None:
            self._notes.remark(f"age: {given}: read as {years:g} years")
        return given if years is None else years

    def _commas(self, given: Any, path: Path) -> None:
        """Refuse what YAML makes of a decimal comma within braces: ``{inr: 2,4}`` is an INR of 2 and a key 4."""
        if path[:1] == ("labs",) and path[-1:] == ("values",):
            return  # results have their own sentence
        pairs = given.items() if isinstance(given, Mapping) else enumerate(given) if isinstance(given, list) else ()
        for name, value in pairs:
            step = name if isinstance(given, list) else str(name)
            if value is None and isinstance(step, str) and _NUMBERED.fullmatch(step):
                rule = NO_VALUE + "with a point"
                self._notes.refuse((*path, step), rule)
            else:
                self._commas(value, (*path, step))

    def _missed(self, made: dict[str, Any]) -> None:
        """Read ``adherence`` of a course: doses that are missed are of its drug, and of the treatment."""
        courses = made.get("therapies")
        if not isinstance(courses, list):
            return
        for number, item in enumerate(courses):
            if not isinstance(item, Mapping):
                continue
            names = [name for name in item if name == _ADHERENCE or self._is_adherence(name)]
            if len(names) != 1 or item[names[0]] is None:
                continue

            def refuse(part: str, rule: str, place: Path = ("therapies", number, _ADHERENCE)) -> None:
                self._notes.refuse((*place, part) if part else place, rule)

            missed, remark = read_adherence(item[names[0]], self._words, refuse)
            self._notes.remarks += [f"{item.get('drug')}: {remark}"] if remark else []
            rest = {name: value for name, value in item.items() if name != names[0]}
            courses = [*courses[:number], rest if missed is None else {**rest, MISSED: missed}, *courses[number + 1 :]]
            stated = made.get("conditions")
            if missed and (stated is None or (isinstance(stated, Mapping) and stated.get(MISSED) is None)):
                made["conditions"] = {**(stated or {}), MISSED: True}
        made["therapies"] = courses

    def _is_adherence(self, name: Any) -> bool:
        row = self._words.find("field", name)
        return row is not None and row["value"] == _ADHERENCE

    def _short_forms(self, made: dict[str, Any]) -> None:
        """Read ``adherence`` and ``infection`` into the fields by which the tables ask; refuse two that disagree."""

        def refuse(name: str) -> Any:
            return lambda part, rule: self._notes.refuse((name, part) if part else (name,), rule)

        told: dict[str, bool] = {}
        if made.get("adherence") is not None:
            missed, remark = read_adherence(made["adherence"], self._words, refuse("adherence"))
            self._notes.remarks += [remark] if remark else []
            told |= {} if missed is None else {MISSED: missed}
        if made.get("infection") is not None:
            over = finished(str(made["infection"]), True, self._words)
            unsure = may_be_ongoing(made["infection"], True, over, self._words) if over else ""
            if unsure:
                self._notes.refuse(("infection",), f"{unsure}; found {made.pop('infection')!r}")
            else:
                made["infection"] = {"which": over, "treated": FINISHED} if over else made["infection"]
                told |= self._infection(made, refuse("infection"))
        made.pop("adherence", None)
        stated = made.get("conditions")
        if told and (stated is None or isinstance(stated, Mapping)):
            for name, value in told.items():
                if (stated or {}).get(name) not in (None, value):
                    self._notes.refuse(("conditions", name), "contradicts what adherence or infection says")
            made["conditions"] = {**(stated or {}), **told}

    def _infection(self, made: dict[str, Any], refuse: Refuse) -> dict[str, bool]:
        """Read an infection into its grade, and return the conditions that it states; its name stays where it is acute.

        Which one it is is named beside how severe it is, and is then no other one.
        """
        given, stated = self._since_when(made.pop("infection")), made.get(ACTIVE)
        if isinstance(given, Mapping) and given.get("when") is not None:
            day = written_date(given["when"], self._words)
            if day and is_ahead(day, self._today):
                refuse("when", f"{day} is in the future")
                return {}
        if isinstance(given, Mapping) and self._is_old(given):
            rule = "an infection of an earlier year is over or lasts: write treated: finished, or leave 'when' out"
            refuse("when", f"{rule}; found {given['when']!r}")
            return {}
        grade, told, remark = read_infection(given, self._words, refuse)
        self._notes.remarks += [remark] if remark else []
        if stated not in (None, grade) and (grade is not None or (stated == "none" and ACTIVE in told)):
            refuse("", f"reads as {grade or 'there'}, and {ACTIVE} says {stated}: write one of them")
        elif grade is not None:
            made[ACTIVE] = grade
        acute = grade not in (None, "none") or ACTIVE in told
        if acute and stated is not None:
            told.pop(ACTIVE, None)  # its grade stands in the field
        if acute:
            made["infection"] = infection_of(given)
        return told

    def _since_when(self, given: Any) -> Any:
        """Return an infection that is told with its begin as a mapping, and no infection without it."""
        match = _SINCE.fullmatch(given.strip()) if isinstance(given, str) else None
        if match is None:
            return given
        day = written_date(match["day"], self._words)
        if self._words.says_no(match["which"]) or _NO_INFECTION.fullmatch(match["which"]):
            return "no"
        known = self._words.find("infection", match["which"]) is not None and day
        return {"which": match["which"], "when": day, "treated": "no"} if known else given

    def _is_old(self, infection: Mapping[str, Any]) -> bool:
        """Say whether an infection is told as there now, is of an earlier year, and is none that lasts."""
        row = self._words.find("infection", infection.get("which"))
        lasts = row is not None and LASTING in split_list(row["details"])
        year = re.match(r"(?:19|20)\d\d", str(infection.get("when")))
        now = infection.get("treated") != FINISHED and self._today is not None
        return bool(now and not lasts and year and self._today and int(year[0]) < self._today.year - 1)

    def _results(self, made: dict[str, Any], results: Mapping[str, str]) -> None:
        """Write what was found and has no amount, such as a lupus anticoagulant, as a result of today."""
        labs = made.get("labs") or []
        for name, told in results.items() if isinstance(labs, list) else ():
            if self._today is None:
                rule = "is no amount: write it with its day, labs: [{quantity: %s, values: {2026-01-15: positive}}]"
                self._notes.refuse(("values", name), rule % name)
                continue
            self._notes.remark(f"{name}: {told}: read as a result of today; write it among labs with its day")
            labs = [*labs, {"quantity": name, "unit": PRESENCE, "values": {str(self._today): told}}]
            made["labs"] = labs

    def _values(self, given: Mapping[str, Any], results: dict[str, str]) -> dict[str, Any]:
        """Return values of today by the names that the tables have; those without an amount go to the results."""
        made: dict[str, Any] = {}
        for name, told in given.items():
            row, value = self._words.find("quantity", name), told
            unread = self._words.unread(name)
            if unread:
                self._notes.lose(f"{name}: {value}: not used: {unread}", f"{name} {value}")
                continue
            own = self._words.of_unit(self._words.own_quantity(name), value)
            if isinstance(value, bool) and self._words.has_unit(own, PRESENCE):
                value = _FOUND[0] if value else _FOUND[1]
            word, answer = self._words.find("result", value), self._words.find("answer", value)
            if answer is not None and not answer["value"] and word is None:
                self._notes.lose(f"{name}: {value}: {answer['note']}, and is left out")
                continue
            found = word["value"] if word is not None else value
            if found in _FOUND and self._words.has_unit(own, PRESENCE):
                results[own] = str(found)
                continue
            units = self._words.units(own)
            if word is not None and word["value"] == _NONE_FOUND and units:
                value = Entered(f"{_NONE_FOUND} {units[0]}", str(value))
            if own != name:
                self._notes.remark(f"{name}: read as {own}" + (f"; {row['note']}" if row and row["note"] else ""))
            # Two names of one quantity are two values: to take either would be a guess.
            if own in made:
                self._notes.refuse(("values", name), f"stands for {own}, which is given twice: write one of them")
            made[own] = value if isinstance(value, Entered) else self._notes.amount(value, ("values", own))
        return made

    def _sex(self, word: str) -> Any:
        try:
            found = find_sex(word)
        except UsageError as error:
            self._notes.refuse(("sex",), str(error))
            return None
        return None if found is None else found.value


def _is_name(sample: Any) -> bool:
    """Say whether the key of a patient is a name: YAML reads ``no`` as false, and ``1e3`` as a number."""
    return isinstance(sample, str) or (isinstance(sample, int) and not isinstance(sample, bool))


def as_written(
    document: Any, words: Words, today: dt.date | None = None
) -> tuple[Any, dict[str | None, list[str]], list[tuple[Path, str]]]:
    """Bring a document into the form that is checked.

    Parameters
    ----------
    document : object
        Of one patient, or of several under ``patients``.
    words : Words
    today : date, optional

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
        notes = Notes(words, today)
        made = Written(notes, today).patient(fields)
        remarks[sample] = notes.remarks
        start: Path = () if sample is None else ("patients", sample)
        faults.extend(((*start, *path), rule) for path, rule in notes.faults)
        return made

    if isinstance(document, Mapping) and isinstance(document.get("patients"), Mapping):
        rule = "is no name of a sample as YAML reads it: write it in quotes"
        faults += [(("patients", str(sample)), rule) for sample in document["patients"] if not _is_name(sample)]
        several = {str(sample): read(fields, str(sample)) for sample, fields in document["patients"].items()}
        return {**document, "patients": several}, remarks, faults
    return read(document, None), remarks, faults
