"""Read the clinical context of patients from a file, a table or a mapping, and say what in it cannot be right."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, TypeVar

from lupus_pgx import bounded
from lupus_pgx.bounded import check_document
from lupus_pgx.context.intolerance import reactions_of
from lupus_pgx.context.model import Context, LabSeries, LabValue, Manifestation, NamedDrug, Therapy
from lupus_pgx.context.per_sample import BySample
from lupus_pgx.context.today import day_of
from lupus_pgx.context.values import Amount, Unused, Worded, lost_first, read_amount, values_of
from lupus_pgx.errors import InputError, UsageError, near
from lupus_pgx.knowledge.ancestry import AncestryNames
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.knowledge.drugs import DrugNames, other_name
from lupus_pgx.knowledge.rules import clauses_of
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.knowledge.units import ANTI_DRUG_ANTIBODIES, PRESENCE, Units
from lupus_pgx.terms import Ancestry, Contraception, Grade, Outcome, Sex

if TYPE_CHECKING:
    from lupus_pgx.context.word_rows import Words

_AMOUNT = re.compile(r"\s*([<>]=?)?\s*([^\s<>=]+)\s+(.+?)\s*")
_BOUND = re.compile(r"([<>]=?)([0-9]*\.?[0-9]+)")

MOST_FAULTS = 200
"""So many are named; the rest is looked at when they are mended."""

MOST_ITEMS = 2_000
"""Entries of one list or mapping of a patient: courses, drugs, conditions, laboratory series."""

LONGEST_TEXT = 4_000
"""Characters of one text: a page."""

MOST_PATIENTS = 1_000_000

OTHER_CONDITIONS = "other"
"""Field of ``conditions`` that lists those of which no table asks."""

_Item = TypeVar("_Item")

log = logging.getLogger(__name__)


def load_context(
    source: str | PathLike[str] | Mapping[str, Any],
    knowledge: Knowledge | None = None,
    *,
    today: dt.date | str | None = None,
) -> Context | dict[str, Context]:
    """Read the clinical context of a patient or of a cohort.

    Parameters
    ----------
    source : path or mapping
        A YAML or JSON file or a mapping, by the schema ``context.schema.json``; or a table (``.tsv``)
        with one row per sample. See ``docs/context.md``.
    knowledge : Knowledge, optional
        Knows the drugs and units; the shipped tables by default.
    today : date or str, optional
        Dates after it are refused, plans aside; the day of the clock by default.

    Returns
    -------
    Context or dict of str to Context
        By sample where the file is a table or has ``patients``.

    Raises
    ------
    InputMissingError
        If the file cannot be read.
    InputError
        If anything in it cannot be right; the message names every fault.
    UsageError
        If ``today`` is no date.

    Examples
    --------
    >>> context = load_context({"sex": "female", "age": 34, "creatinine": "1.0 mg/dL", "co_medication": ["MMF"]})
    >>> round(context.kidney_function.value), context.co_medication[0].name, context.weight
    (76, 'mycophenolate mofetil', None)
    """
    from lupus_pgx.context.as_written import as_written
    from lupus_pgx.context.form import check_form, dates_as_text, path_text, read_document
    from lupus_pgx.context.table import read_rows
    from lupus_pgx.context.word_rows import Words

    knowledge, day = knowledge or load_knowledge(), day_of(today)
    where, places = "context", dict[str, str]()
    if isinstance(source, Mapping):
        _check_bounds(source, where)
        document: Any = dates_as_text(source)
    else:
        where = fspath(source)
        if where.lower().endswith((".tsv", ".txt")):
            document, places = read_rows(where)
        else:
            document = read_document(where)
        _check_bounds(document, where)
    _check_sizes(document, where)
    words = Words(knowledge, condition_names(knowledge))
    document, remarks, unread = as_written(document, words, day)
    left, faults = check_form(document)
    faults += [(path_text(path), rule) for path, rule in unread]
    several = isinstance(document, dict) and "patients" in document
    patients = (left or {}).get("patients", {}) if several else {None: left}
    names, units, ancestry_names = knowledge.drug_names, knowledge.known_units, AncestryNames(knowledge)
    contexts: dict[str | None, Context] = {}
    for sample, fields in patients.items():
        if len(faults) >= MOST_FAULTS:
            break
        reader = _Reader(names, units, day, ancestry_names, words)
        made = reader.context(fields or {}, sample)
        contexts[sample] = replace(made, remarks=lost_first((*remarks.get(sample, ()), *reader.remarks)))
        start = ("patients", sample) if several else ()
        faults += [(path_text((*start, *path)), rule) for path, rule in reader.faults]
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = [f"{_place(path, places)}: {rule}" for path, rule in faults[:MOST_FAULTS]]
        lines += ["and more: mend these first"] if len(faults) >= MOST_FAULTS else []
        raise InputError("\n".join([f"{where}: {count} in the clinical context", *lines]))
    contexts = _with_unread_reactions(contexts, knowledge)
    for item in contexts.values():
        for remark in item.remarks:
            sample = f"{item.sample_id}: " if item.sample_id else ""
            log.warning("%s: %s%s", where, sample, remark, extra={"informs": not isinstance(remark, Unused)})
    if not several:
        return contexts[None]
    named = {str(sample): item for sample, item in contexts.items()}
    return named if isinstance(source, Mapping) else _placed(named, where, places)


def _with_unread_reactions(contexts: dict[str | None, Context], knowledge: Knowledge) -> dict[str | None, Context]:
    """Remark of which reactions no table knows the word."""
    if not any(item.reaction for made in contexts.values() for item in made.therapies):
        return contexts
    known = reactions_of(knowledge)
    return {
        sample: replace(made, remarks=lost_first((*made.remarks, *known.unread(made))))
        for sample, made in contexts.items()
    }


def _check_bounds(document: Any, where: str) -> None:
    """Refuse what has no end, or holds itself: those who look at words look back and forth in each."""
    try:
        check_document(document, LONGEST_TEXT)
    except ValueError as error:
        raise InputError(f"{where}: expected a clinical context; it cannot be read ({error})") from error


def _check_sizes(document: Any, where: str) -> None:
    """Refuse lists that are longer than the history of anybody: looking through them would take hours."""
    patients = document.get("patients") if isinstance(document, Mapping) else None
    several = list(patients.values()) if isinstance(patients, Mapping) else [document]
    for fields in several:
        lists = fields.items() if isinstance(fields, Mapping) else ()
        for name, items in lists:
            if name != "patients" and isinstance(items, Mapping | list) and len(items) > MOST_ITEMS:
                raise InputError(
                    f"{where}: {bounded.short(str(name))} has {len(items):,} entries, expected at most {MOST_ITEMS:,}: "
                    "is this the file of one patient?"
                )
    if len(several) > MOST_PATIENTS:
        raise InputError(f"{where}: {len(several):,} patients, expected at most {MOST_PATIENTS:,} in a file")


def _placed(contexts: Mapping[str, Context], where: str, places: Mapping[str, str]) -> BySample[Context]:
    """Keep with contexts the file, and the line of each sample in a table."""
    placed = BySample[Context](where)
    for sample, item in contexts.items():
        placed[sample] = item
        if (line := places.get(f"patients.{sample}")) is not None:
            placed.lines[sample] = int(line.removeprefix("line "))
    return placed


def condition_names(knowledge: Knowledge) -> tuple[str, ...]:
    """Return the conditions that a context may state: those that ``criteria`` and ``review_signs`` ask for."""
    asked = [source for row in knowledge.rows("criteria") for source in split_list(row["asks"])]
    asked += [clause for row in knowledge.rows("review_signs") for clause in clauses_of(row["applies_when"])]
    names = [source.removesuffix("?").removeprefix("condition:") for source in asked if source.startswith("condition:")]
    return tuple(sorted(dict.fromkeys(names)))


def _pregnancy(fields: Mapping[str, Any]) -> bool | None:
    """Return whether there is a pregnancy; where contraception is not needed there is none, unless it is told."""
    told: bool | None = fields.get("pregnancy")
    past = fields.get("contraception") == Contraception.NOT_NEEDED.value
    return False if told is None and past else told


def _place(path: str, places: Mapping[str, str]) -> str:
    """Return line and column of a field of a table, else its path."""
    homes = [home for home in places if path == home or path.startswith((f"{home}.", f"{home}["))]
    return f"{places[max(homes, key=len)]} ({path})" if homes else path


class _Reader:
    """Build a context from fields that are right in form, and collect what cannot be."""

    def __init__(
        self, names: DrugNames, units: Units, today: dt.date, ancestry_names: AncestryNames, words: Words
    ) -> None:
        self.names, self.units, self.today, self.ancestry_names = names, units, today, ancestry_names
        self.words = words
        self.faults: list[tuple[tuple[str | int, ...], str]] = []
        self.remarks: list[str] = []

    def context(self, fields: Mapping[str, Any], sample: str | None) -> Context:
        """Return the context of one patient."""
        named = fields.get("sample_id")
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
                self._therapy({**item, "stop": None} if item["stop"] is True else item, ("co_medication", n))
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
        if made.weight is None:  # a result of a laboratory, or among the values
            made = replace(made, weight=made.newest("weight"))
        if len(self.faults) >= MOST_FAULTS:
            return made
        made = self._with_pregnancy(made)
        self._contradictions(made, [number for number, _ in self._items(fields, "therapies")])
        return made

    def _conditions(self, fields: Mapping[str, Any]) -> list[tuple[str, bool | str]]:
        """Return the conditions that the tables know; a name that none knows is a fault, and would be silent."""
        given = fields.get("conditions") or {}
        for name in given:
            if name not in self.words.conditions and name != OTHER_CONDITIONS:
                if self.words.is_manifestation(name):
                    rule = (
                        f"is read as a manifestation of lupus: write manifestations: [{name}]; where it is of another "
                        f"cause, 'other: {name}'"
                    )
                else:
                    rule = f"unknown field: {self._meant(name)}"
                fault = (("conditions", name), rule)
                self.faults += [fault] if fault not in self.faults else []
        return [(name, value) for name, value in given.items() if value is not None and name in self.words.conditions]

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

    def _meant(self, name: str) -> str:
        """Say what may be meant by a condition that nothing knows, and what to write."""
        from lupus_pgx.context.told_conditions import held_word, what_to_write
        from lupus_pgx.context.word_rows import is_alike

        alike = [item for item in near(name, self.words.conditions) if is_alike(name, item)]
        alike = alike or [item for item in near(name, self.words.for_conditions()) if is_alike(name, item)]
        held = "" if alike else held_word(name, self.words)
        if held:
            return f"holds {held!r}, {what_to_write(held, name, self.words)}"
        hint = f"did you mean {' or '.join(alike)}?" if alike else "no table asks about it"
        return f"{hint}; if it is right, write 'other: {name}'"

    def _values(self, given: Mapping[str, Any]) -> dict[str, Amount]:
        """Return values of today by quantity."""
        found = {}
        for name in given:
            wrong = self.units.unknown_quantity(name)
            if wrong:
                self._fault(("values", name), wrong)
                continue
            amount = self._amount(given, name, ("values",))
            if amount is not None:
                found[name] = amount
        return found

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
        return self._number(float(match[2]), name, match[3], match[1] or "", (*path, name))

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
        if date > self.today and path[0] != "planned":
            self._fault((*path, name), f"{date} is in the future")
        return date

    def _drug(self, given: Any, path: tuple[str | int, ...]) -> NamedDrug:
        other = other_name(given)
        if other:
            known = self.names.find(other)  # one that a table knows by now must not stay silent
            return NamedDrug(known or other, listed=known is not None)
        found = self.names.find(given)
        if found is None:
            self._fault(path, self.names.unknown(given))
        return NamedDrug(found or given)

    def _manifestation(self, name: str, cells: Mapping[str, Any]) -> Manifestation:
        since = self._date(cells, "since", ("manifestations", name))
        classes = tuple(item for item in cells.get("class", ()) if item)
        return Manifestation(name, classes, cells.get("mechanism"), _of(Grade, cells.get("severity")), since)

    def _therapy(self, cells: Mapping[str, Any], path: tuple[str | int, ...]) -> Therapy:
        drug = self._drug(cells["drug"], (*path, "drug")) if "drug" in cells else NamedDrug("", listed=False)
        start, stop = self._date(cells, "start", path), self._date(cells, "stop", path)
        outcome, reaction = _of(Outcome, cells.get("outcome")), cells.get("reaction")
        if start and stop and stop < start:
            self._fault((*path, "stop"), f"{stop} is before the start, {start}")
        if outcome is Outcome.ONGOING and stop:
            self._fault((*path, "outcome"), f"ongoing contradicts the stop on {stop}")
        if outcome is Outcome.INTOLERANCE and not reaction:
            self._fault(path, "reaction is missing: an intolerance needs it")
        if reaction and outcome not in (Outcome.INTOLERANCE, None):
            self._fault((*path, "reaction"), f"a reaction belongs to the outcome intolerance; found {outcome}")
        return Therapy(drug, self._amount(cells, "dose", path), cells.get("schedule"), start, stop, outcome, reaction)

    def _series(self, cells: Mapping[str, Any], path: tuple[str | int, ...]) -> LabSeries:
        quantity, unit = cells.get("quantity", ""), cells.get("unit")
        drug = self._drug(cells["drug"], (*path, "drug")) if "drug" in cells else None
        wrong = self.units.unknown_quantity(quantity) if quantity else ""
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
