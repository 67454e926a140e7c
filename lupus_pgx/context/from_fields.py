"""Build the context of one patient from fields that are right in form, and say what in them cannot be."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from lupus_pgx.context.form import context_schema
from lupus_pgx.context.judged.clearance import at_most
from lupus_pgx.context.language.finished import is_treatment
from lupus_pgx.context.language.held_drugs import unread_drug
from lupus_pgx.context.language.known_conditions import held_manifestation, held_word, what_to_write
from lupus_pgx.context.language.others import is_of_others
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.context.model import Context, LabSeries, LabValue, Manifestation, NamedDrug, Therapy
from lupus_pgx.context.told.reactions import conditions_of
from lupus_pgx.context.values import (
    HEIGHT,
    Amount,
    Entered,
    Rough,
    Stage,
    Unused,
    Worded,
    read_amount,
    values_of,
)
from lupus_pgx.errors import UsageError
from lupus_pgx.knowledge.ancestry import AncestryNames
from lupus_pgx.knowledge.drugs import DrugNames, other_name
from lupus_pgx.knowledge.units import ANTI_DRUG_ANTIBODIES, PRESENCE, SCHWARTZ, Units
from lupus_pgx.terms import Ancestry, Contraception, Grade, Outcome, Sex
from lupus_pgx.words.vocabulary import listed

_AMOUNT = re.compile(r"\s*([<>]=?)?\s*([^\s<>=]+)\s+(.+?)\s*")
_BOUND = re.compile(r"([<>]=?)([0-9]*\.?[0-9]+)")

MOST_FAULTS = 200
"""So many are named; the rest is looked at when they are mended."""

_RECORD = 3
"""Years that an age may be behind."""

_OLDEST = 90
"""Years that a day can lie back where no age is told (ours)."""

OTHER_CONDITIONS = "other"
"""Field of ``conditions`` that lists those of which no table asks."""

_Item = TypeVar("_Item")


class FieldReader:
    """Build a context from fields that are right in form, and collect what cannot be."""

    def __init__(
        self, names: DrugNames, units: Units, today: dt.date, ancestry_names: AncestryNames, words: Words
    ) -> None:
        self.names, self.units, self.today, self.ancestry_names = names, units, today, ancestry_names
        self.words = words
        self._age: float | None = None
        self.faults: list[tuple[tuple[str | int, ...], str]] = []
        self.remarks: list[str] = []

    def context(self, fields: Mapping[str, Any], sample: str | None) -> Context:
        """Return the context of one patient."""
        named, self._age = fields.get("sample_id"), fields.get("age")
        if sample is not None and named not in (None, sample):
            self._fault(("sample_id",), f"expected {sample!r}, under which the patient stands; found {named!r}")
        made = Context(
            sample_id=sample or named,
            sex=_of(Sex, fields.get("sex")),
            ancestry=self._ancestry(fields.get("ancestry")),
            age=fields.get("age"),
            weight=self._amount(fields, "weight"),
            egfr=self._amount(fields, "egfr"),
            creatinine=self._amount(fields, "creatinine"),
            igg=self._amount(fields, "igg"),
            liver_disease=_of(Grade, fields.get("liver_disease")),
            active_infection=_of(Grade, fields.get("active_infection")),
            infection=(fields.get("infection") or {}).get("which", ""),
            pregnancy=_pregnancy(fields),
            breast_feeding=fields.get("breast_feeding"),
            contraception=_of(Contraception, fields.get("contraception")),
            manifestations=tuple(
                self._manifestation(name, cells or {}) for name, cells in (fields.get("manifestations") or {}).items()
            ),
            therapies=tuple(self._therapy(cells, ("therapies", n)) for n, cells in self._items(fields, "therapies")),
            planned=tuple(self._therapy(cells, ("planned", n)) for n, cells in self._items(fields, "planned")),
            co_medication=tuple(
                self._drug(_name_of(item), ("co_medication", n))
                for n, item in self._items(fields, "co_medication")
                if not _is_over(item)
            ),
            doses=tuple(
                self._therapy({**item, "outcome": Outcome.ONGOING.value}, ("co_medication", n))
                for n, item in self._items(fields, "co_medication")
                if item is not _name_of(item) and not _is_over(item)
            ),
            ended=tuple(
                self._ended(item, ("co_medication", n))
                for n, item in self._items(fields, "co_medication")
                if _is_over(item)
            ),
            labs=tuple(self._series(cells, ("labs", n)) for n, cells in self._items(fields, "labs")),
            other_conditions=tuple((fields.get("conditions") or {}).get(OTHER_CONDITIONS, ())),
            conditions={name: value not in (False, "none") for name, value in self._conditions(fields)},
            grades={name: Grade(value) for name, value in self._conditions(fields) if isinstance(value, str)},
            values=self._values(fields.get("values") or {}),
            stated=frozenset(name for name, value in fields.items() if value is not None),
            today=self.today,
            units=self.units,
        )
        weights = values_of(made, "weight", self.units)
        if made.weight is None and weights and not weights[0].too_old(self.today):
            made = replace(made, weight=weights[0].amount)  # a result of a laboratory, or among the values
        if len(self.faults) >= MOST_FAULTS:
            return made
        self._of_height(made)
        if isinstance(fields.get("egfr"), Stage):
            made = self._beside_a_stage(made)
        made = self._with_pregnancy(made)
        self._contradictions(made, [number for number, _ in self._items(fields, "therapies")])
        return made

    def _conditions(self, fields: Mapping[str, Any]) -> list[tuple[str, bool | str]]:
        """Return the conditions that the tables know; a name that none knows is a fault, and would be silent."""
        given = fields.get("conditions") or {}
        for name in given:
            if name not in self.words.conditions and name != OTHER_CONDITIONS:
                if self.words.is_manifestation(name):
                    rule = f"is a manifestation of lupus: write it there, as in manifestations: [{name}]"
                    row = self.words.find("manifestation", name)
                    if row is not None and (row["details"] or "").startswith("mechanism="):
                        rule += f"; where it is of another cause, write 'other: {name}'"
                else:
                    rule = f"unknown field: {self._meant(name, denied=given[name] in (False, 'none'))}"
                fault = (("conditions", name), rule)
                self.faults += [fault] if fault not in self.faults else []
        return [(name, value) for name, value in given.items() if value is not None and name in self.words.conditions]

    def _of_height(self, made: Context) -> None:
        """Say what a height is used for: the filtration rate of a child, and nothing else."""
        found = values_of(made, HEIGHT, self.units)
        if not found:
            return
        if any(value.amount.citation == SCHWARTZ for value in values_of(made, "egfr", self.units)):
            self.remarks.append(
                f"{HEIGHT}: {found[0]}: gives, with creatinine, the filtration rate of a child by the bedside equation "
                "of Schwartz, made for creatinine that is measured by an enzymatic method"
            )
        else:
            self.remarks.append(
                Unused(
                    f"{HEIGHT}: {found[0]}: not used: it is read for the filtration rate of a child whose age and "
                    "creatinine are told; where it holds write conditions: {obesity: true}"
                )
            )

    def _beside_a_stage(self, made: Context) -> Context:
        """Return a context without the rate of a stage where what was measured of late says more, and the same.

        A value that is too old does not take the place of a stage; with one that contradicts it both stand.
        """
        stage, alone = made.egfr, replace(made, egfr=None)
        found = [value for value in values_of(alone, "egfr", self.units) if not value.too_old(self.today)]
        rates = [(value.amount, str(value)) for value in found]
        for value in [] if found else values_of(alone, "creatinine", self.units):
            highest = None if value.too_old(self.today) else at_most(alone, value)
            rates += [(highest, f"creatinine {value}")] if highest is not None else []
        if stage is None or not rates:
            return made
        if all(rate.value <= stage.value and rate.sign[:1] != ">" for rate, _ in rates):
            self.remarks.append("the stage of kidney disease is left out: kidney function is given by its value")
            return alone
        if found:
            told = listed([text for _, text in rates], "and")
            self.remarks.append(
                Unused(f"kidney function: {told} and the stage ({stage.shown}) disagree: which one is right is open")
            )
        return made

    def _with_pregnancy(self, made: Context) -> Context:
        """Return a context in which a week of pregnancy says that there is one."""
        found = values_of(made, "gestational_age", self.units)
        if not found or found[0].too_old(self.today):
            return made
        if made.pregnancy is False:
            self._fault(("pregnancy",), f"false contradicts the week of pregnancy, {found[0]}: write one of them")
        if made.pregnancy is None:
            self.remarks.append(f"gestational_age: {found[0]}: read as pregnant")
        return replace(made, pregnancy=True)

    def _meant(self, name: str, *, denied: bool) -> str:
        """Say what may be meant by a condition that nothing knows, and what to write."""
        if is_treatment(name):
            return "says that something is treated: write what, as infection: {which: NAME, treated: ongoing}"
        alike = self.words.meant(name, context_schema()["$defs"]["patient"]["properties"])
        held = "" if alike else held_word(name, self.words)
        if held:
            return f"holds {held!r}, {what_to_write(held, name, self.words)}"
        lupus = "" if alike else held_manifestation(name, self.words)
        if lupus:
            return f"holds {lupus!r}, of which tables ask as a manifestation: write manifestations: [{lupus}]"
        unknown = (
            "it is told of somebody else"
            if is_of_others(name, self.words)
            else "no table asks about it by this word: write the usual English one where there is one"
        )
        hint = f"did you mean {' or '.join(alike)}?" if alike else unknown
        return f"{hint}; if it is right, write 'other: {'no ' if denied else ''}{name}'"

    def _values(self, given: Mapping[str, Any]) -> dict[str, Amount]:
        """Return values of today by quantity."""
        found = {}
        for name in given:
            wrong = self._unknown_quantity(name)
            if wrong:
                self._fault(("values", name), wrong)
                continue
            amount = self._amount(given, name, ("values",))
            if amount is not None:
                found[name] = amount
        return found

    def _unknown_quantity(self, name: str) -> str | None:
        """Say what may be meant by a quantity that nothing knows; None of one that is known."""
        wrong = self.units.unknown_quantity(name)
        meant = self.words.meant_quantity(name) if wrong and name not in self.units.quantities else []
        if wrong and meant:
            asked = " or ".join(meant)
            return f"unknown quantity {name!r}: did you mean {asked}?; if it is right, leave it out: no rule reads it"
        return wrong

    def _ancestry(self, word: str | None) -> Ancestry | None:
        try:
            return self.ancestry_names.find(word or "")
        except UsageError as error:
            self._fault(("ancestry",), str(error))
            return None

    def _fault(self, path: tuple[str | int, ...], rule: str) -> None:
        self.faults.append((path, rule))

    def _items(self, fields: Mapping[str, Any], name: str) -> Iterator[tuple[int, Any]]:
        """Yield the items of a list that are right in form, with their numbers; none when there are faults enough."""
        for number, item in enumerate(fields.get(name) or ()):
            if len(self.faults) >= MOST_FAULTS:
                return
            if item is not None:
                yield number, item

    def _amount(self, fields: Mapping[str, Any], name: str, path: tuple[str | int, ...] = ()) -> Amount | None:
        """Return a value with its unit; fields are called like their quantity."""
        text = fields.get(name)
        match = _AMOUNT.fullmatch(text) if text is not None else None
        if match is None:
            return None
        wrong = self.units.unknown_unit(name, match[3])
        if wrong:
            self._fault((*path, name), wrong)
            return None
        made = self._number(float(match[2]), name, match[3], match[1] or "", (*path, name))
        return replace(made, entered=text.told) if made is not None and isinstance(text, Entered) else made

    def _number(self, number: float, quantity: str, unit: str, sign: str, path: tuple[str | int, ...]) -> Amount | None:
        """Return a value that a living person can have; another is a fault that names the likely unit."""
        wrong = self.units.impossible(number, quantity, unit, sign)
        if wrong:
            self._fault(path, wrong)
            return None
        return read_amount(number, quantity, unit, self.units, sign)

    def _date(self, fields: Mapping[str, Any], name: str, path: tuple[str | int, ...]) -> dt.date | None:
        """Return a date that is not in the future, unless it is a plan."""
        if fields.get(name) is None:
            return None
        date = dt.date.fromisoformat(fields[name])
        last = dt.date.fromisoformat(fields[name].last) if isinstance(fields[name], Rough) else date
        # An age may be of the day of the record, some years ago.
        years = _OLDEST if self._age is None else self._age + _RECORD
        if date > self.today and path[0] != "planned":
            self._fault((*path, name), f"{date} is in the future")
        elif (self.today - last).days > 366 * years:
            before = f"before a patient of {self._age:g} years was born" if self._age is not None else "too long ago"
            self._fault((*path, name), f"{date} is {before}")
        return date

    def _drug(self, given: Any, path: tuple[str | int, ...]) -> NamedDrug:
        other = other_name(given)
        if other:
            known = self.names.find(other)  # one that a table knows by now must not stay silent
            rule = unread_drug(other, self.words) if known is None else ""
            if rule:
                self._fault(path, rule)
            return NamedDrug(known or other, listed=known is not None)
        found = self.names.find(given)
        if found is None:
            self._fault(path, unread_drug(given, self.words) or self.names.unknown(given))
        return NamedDrug(found or given)

    def _manifestation(self, name: str, cells: Mapping[str, Any]) -> Manifestation:
        since = self._date(cells, "since", ("manifestations", name))
        classes = tuple(item for item in cells.get("class", ()) if item)
        return Manifestation(name, classes, cells.get("mechanism"), _of(Grade, cells.get("severity")), since)

    def _therapy(self, cells: Mapping[str, Any], path: tuple[str | int, ...]) -> Therapy:
        drug = self._drug(cells["drug"], (*path, "drug")) if "drug" in cells else NamedDrug("", listed=False)
        over = cells.get("stop") if isinstance(cells.get("stop"), bool) else None
        start = self._date(cells, "start", path)
        stop = self._date(cells, "stop", path) if over is None else None
        outcome, reaction = _of(Outcome, cells.get("outcome")), cells.get("reaction")
        told_stop = cells.get("stop")
        if start and stop and stop < start and isinstance(told_stop, Rough) and told_stop.last >= start.isoformat():
            stop = start  # the month or the year goes on behind the start
        if start and stop and stop < start:
            self._fault((*path, "stop"), f"{stop} is before the start, {start}")
        if outcome is Outcome.ONGOING and (stop or over):
            self._fault((*path, "outcome"), f"ongoing contradicts the stop{f' on {stop}' if stop else ''}")
        if outcome is Outcome.INTOLERANCE and not reaction:
            self._fault(path, "reaction is missing: an intolerance needs it")
        if reaction and outcome not in (Outcome.INTOLERANCE, None):
            self._fault((*path, "reaction"), f"a reaction belongs to the outcome intolerance; found {outcome}")
        if path[0] == "planned" and (stop or start or self.today) < self.today:
            day = f"{drug.name}: its {'stop' if stop else 'start'}, {stop or start}, is past"
            self.remarks.append(Unused(f"{day}, and it is read as planned: what was begun stands among the therapies"))
        taken = None if over is None else not over
        dose, schedule = self._amount(cells, "dose", path), cells.get("schedule")
        rough, latest = cells.get("start" if stop is None else "stop"), stop or start
        if isinstance(rough, Rough) and latest is not None and self.today is not None:
            latest = max(latest, min(dt.date.fromisoformat(rough.last), self.today))
        conditions, missed = conditions_of(reaction, self.words), cells.get("missed_doses")
        course = Therapy(drug, dose, schedule, start, stop, outcome, reaction, taken, latest)
        return replace(course, missed=missed, conditions=conditions)

    def _ended(self, item: Mapping[str, Any], path: tuple[str | int, ...]) -> Therapy:
        """Return a drug beside the others that was stopped, or whose stop may be still to come."""
        stop = item["stop"]
        made = self._therapy({**item, "stop": None} if stop is True else item, path)
        if isinstance(stop, Rough) and stop.paused:
            return replace(made, stop=None, latest=None, may_go_on=True)
        ahead = isinstance(stop, Rough) and not stop.over and stop.last >= self.today.isoformat()
        return replace(made, may_go_on=True) if ahead else made

    def _series(self, cells: Mapping[str, Any], path: tuple[str | int, ...]) -> LabSeries:
        quantity, unit = cells.get("quantity", ""), cells.get("unit")
        drug = self._drug(cells["drug"], (*path, "drug")) if "drug" in cells else None
        wrong = self._unknown_quantity(quantity) if quantity else ""
        if wrong:
            self._fault((*path, "quantity"), wrong)
        elif quantity and unit is not None:
            wrong = self.units.unknown_unit(quantity, unit)
            if wrong:
                self._fault((*path, "unit"), wrong)
        if quantity == ANTI_DRUG_ANTIBODIES and "drug" not in cells:
            self._fault(path, "drug is missing: antibodies against a biologic are against one drug")
        if wrong is not None or unit is None:
            return LabSeries(quantity, unit or "", (), drug)
        values = []
        for text, result in sorted(cells.get("values", {}).items()):
            date = self._date({text: text}, text, (*path, "values"))
            assert date is not None
            without_number = self.units.unit(quantity, unit).base == PRESENCE
            bound = _BOUND.fullmatch(result) if isinstance(result, str) else None
            place = (*path, "values", text)
            if without_number and isinstance(result, str) and bound is None:
                values.append(LabValue(date, present=result == "present"))
            elif without_number or (isinstance(result, str) and bound is None):
                wanted = "present or absent" if without_number else f"a number in {unit}"
                self._fault(place, f"expected {wanted}; found {result!r}")
            else:
                number, sign = (float(bound[2]), bound[1]) if bound is not None else (float(result), "")
                amount = self._number(number, quantity, unit, sign, place)
                if amount is not None:
                    entered = result.words if isinstance(result, Worded) else amount.entered
                    values.append(LabValue(date, amount.value, sign=sign, entered=entered))
        return LabSeries(quantity, self.units.unit(quantity, unit).base, tuple(values), drug)

    def _contradictions(self, made: Context, numbers: Sequence[int]) -> None:
        """Collect fields that exclude each other."""
        if made.sex is Sex.MALE:
            for name in ("pregnancy", "breast_feeding"):
                if getattr(made, name):
                    self._fault((name,), "true contradicts the sex, male")
        if made.pregnancy and made.contraception in (Contraception.SECURED, Contraception.CONCEPTION_PLANNED):
            self._fault(("contraception",), f"{made.contraception} contradicts the pregnancy")
        for place, later in enumerate(made.therapies):
            for number, earlier in zip(numbers, made.therapies[:place], strict=False):
                # A course may fail, or work, and then not be tolerated; anything else of one course excludes the other.
                apart = later.outcome != earlier.outcome and Outcome.INTOLERANCE not in (later.outcome, earlier.outcome)
                if later.drug == earlier.drug and _same_time(earlier, later) and apart:
                    rule = f"{later.outcome} contradicts {earlier.outcome} of the same course in therapies[{number}]"
                    self._fault(("therapies", numbers[place], "outcome"), rule)


def _pregnancy(fields: Mapping[str, Any]) -> bool | None:
    """Return whether there is a pregnancy; where contraception is not needed there is none, unless it is told."""
    told: bool | None = fields.get("pregnancy")
    past = fields.get("contraception") == Contraception.NOT_NEEDED.value
    return False if told is None and past else told


def _name_of(item: Any) -> Any:
    """Return the name of a drug that is taken, which may stand beside its dose."""
    return item["drug"] if isinstance(item, Mapping) and "drug" in item else item


def _is_over(item: Any) -> bool:
    """Whether a drug that is told beside the others is one that was stopped."""
    return isinstance(item, Mapping) and "stop" in item


def _of(kind: type[_Item], value: Any) -> _Item | None:
    return None if value is None else kind(value)  # type: ignore[call-arg]


def _same_time(one: Therapy, other: Therapy) -> bool:
    """Whether two courses of a drug began on the same known day, or both have no date at all."""
    if one.start is None and other.start is None:
        return one.stop == other.stop
    return one.start == other.start
