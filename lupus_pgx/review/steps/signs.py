"""Does a context meet the condition of a row of the table ``review_signs``? Silence is no answer."""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.presence import value_present
from lupus_pgx.context.model import LabValue
from lupus_pgx.context.values import Value, as_new_as, holds, values_of
from lupus_pgx.knowledge.rules import clauses_of
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.knowledge.units import Units, plain_number, without_noise
from lupus_pgx.review.measured import Measured
from lupus_pgx.review.steps.step import Case
from lupus_pgx.terms import Grade

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ReviewSignsCells

_LAB = re.compile(r"lab:(\w+)(<|>=)([0-9.]+) (.+)")
_PRESENCE = re.compile(r"lab:(\w+) (present|absent)")
_RECENT = re.compile(r"(no_)?recent:(\w+)(<|>=)([0-9.]+) (.+)")
_FELL = re.compile(r"fell:(\w+)>=([0-9.]+)(?: under (.+))?")
_ROSE = re.compile(r"rose:(\w+)>=([0-9.]+)")
_PERSISTENT = re.compile(r"persistent:([\w|]+?)(?:>=([0-9.]+))?")
_YEAR = 365.25

_APART = dt.timedelta(weeks=12)
"""So far apart two results lie that show an antibody to persist (doi:10.1111/j.1538-7836.2006.01753.x)."""

_LATELY = dt.timedelta(days=365)
"""So far back the highest value lies from which one fell, whatever was taken (our choice)."""

_TITRE = "U/mL"
"""How the unit of a titre ends."""

_TAKEN = "taken="

Answer = tuple[bool | None, str]
"""Whether a clause holds (None: the context is silent), and the value or the drug that says so."""


def signs(case: Case, step: str) -> list[tuple[ReviewSignsCells, bool | None, str]]:
    """Hold the rows of a step against a case.

    Returns
    -------
    list of (row, bool or None, str)
        Whether the condition holds, and on what.
    """
    found = []
    for row in case.knowledge.rows("review_signs"):
        if row["step"] == step and (row["manifestation"] is None or row["manifestation"] in case.present):
            answers = [clause(part, case) for part in clauses_of(row["applies_when"])]
            held: bool | None = all(answer for answer, _ in answers)
            # One clause that is known to fail decides; only where none does is silence an open question.
            if not held and False not in [answer for answer, _ in answers]:
                held = None
            found.append((row, held, ", ".join(text for _, text in answers if text)))
    return found


def shown(case: Case) -> frozenset[str]:
    """Return the signs, of every step, whose conditions are known to hold."""
    steps = dict.fromkeys(row["step"] for row in case.knowledge.rows("review_signs"))
    return frozenset(row["sign"] for step in steps for row, holds, _ in signs(case, step) if holds)


def row_key(row: ReviewSignsCells) -> str:
    """Return the key of a row in a list of rows."""
    return f"review_signs:{row['sign']}"


def citations_of(*rows: ReviewSignsCells) -> tuple[str, ...]:
    """Return the citations of rows, each once."""
    return tuple(dict.fromkeys(name for row in rows for name in split_list(row["citation"])))


def drugs_of(row: ReviewSignsCells, case: Case) -> list[str]:
    """Return the drugs that are taken and that a row asks about."""
    asked = [part.removeprefix(_TAKEN) for part in clauses_of(row["applies_when"]) if part.startswith(_TAKEN)]
    return list(dict.fromkeys(name for value in asked for name in _named(case, value)))


def spoken_of(row: ReviewSignsCells, case: Case) -> list[str] | None:
    """Return the drugs of a sign that are taken, those under which a value fell among them; None where it has none."""
    parts = clauses_of(row["applies_when"])
    falls = [match for part in parts if (match := _FELL.fullmatch(part)) and match[3]]
    if not falls and not any(part.startswith(_TAKEN) for part in parts):
        return None
    return [*drugs_of(row, case), *(name for match in falls if (name := _fallen(case, match)[0]))]


def fall_of(row: ReviewSignsCells) -> tuple[str, bool] | None:
    """Return the quantity that fell, and whether the row is on drugs under which it fell; None of another sign."""
    falls = [match for part in clauses_of(row["applies_when"]) if (match := _FELL.fullmatch(part))]
    return (falls[0][1], falls[0][3] is not None) if falls else None


def quantities_of(row: ReviewSignsCells) -> list[str]:
    """Return the laboratory quantities that a row asks for."""
    return re.findall(r"\blab:(\w+)", row["applies_when"])


def clause(text: str, case: Case) -> Answer:
    """Judge one clause of a condition."""
    match, presence = _LAB.fullmatch(text), _PRESENCE.fullmatch(text)
    if match is not None:
        return _lab(case, match[1], match[2], float(match[3]), match[4])
    if presence is not None:
        return _presence(case, presence[1], presence[2] == "present")
    recent = _RECENT.fullmatch(text)
    if recent is not None:
        answer, said = _lab(case, recent[2], recent[3], float(recent[4]), recent[5], recent=True)
        # What is not known to be so is no obstacle.
        return (answer is not True, "") if recent[1] else (answer, said)
    lasting = _PERSISTENT.fullmatch(text)
    if lasting is not None:
        return _persistent(case, lasting[1].split("|"), float(lasting[2] or 0))
    rose = _ROSE.fullmatch(text)
    if rose is not None:
        return _risen(case, rose[1], float(rose[2]))
    fell = _FELL.fullmatch(text)
    if fell is not None and fell[3] is None:
        return _fell_lately(case, fell[1], float(fell[2]))
    if fell is not None:
        drug, said = _fallen(case, fell)
        return True if drug else None, said
    name, comparison, value = re.split(r"([=<:])", text, maxsplit=1)
    return _CLAUSES[name, comparison](case, value)


def _lab(case: Case, quantity: str, comparison: str, bound: float, unit: str, *, recent: bool = False) -> Answer:
    units = case.knowledge.known_units
    known = values_of(case.context, quantity, units)
    told: dict[bool | None, str] = {}
    # Only the newest: an older one that would hold says nothing about today. One without a day may be as new.
    for value in as_new_as(known):
        if recent and value.too_old(case.context.today):
            return None, ""
        number = _number(value, quantity, unit, units)
        if number is not None:
            compare = operator.lt if comparison == "<" else operator.ge
            told.setdefault(holds(compare, number, bound, value.amount.sign), str(value))
    if len(told) != 1:
        return None, ""
    return next(iter(told.items()))


def _number(value: Value, quantity: str, unit: str, units: Units) -> float | None:
    """Return a value in a unit; None where it cannot be converted."""
    given = value.amount.unit
    return units.convert(value.amount.value, quantity, given, unit) if given in units.names(quantity) else None


def clause_holds(text: str, value: Value, case: Case) -> bool | None:
    """Say whether one value, of whatever day, meets a clause on a recent one; None where it cannot be compared.

    Parameters
    ----------
    text : str
        Such as ``recent:platelet_count<30 x10^9/L``.
    value : Value
    case : Case

    Returns
    -------
    bool or None
    """
    match = _RECENT.fullmatch(text)
    number = _number(value, match[2], match[5], case.knowledge.known_units) if match is not None else None
    if match is None or number is None:
        return None
    return holds(operator.lt if match[3] == "<" else operator.ge, number, float(match[4]), value.amount.sign)


def _presence(case: Case, quantity: str, wanted: bool) -> Answer:
    seen = [one for item in case.context.labs if item.quantity == quantity for one in item.values]
    told = [one for one in seen if one.present is not None]
    newest = max(told, key=lambda one: one.date, default=None)
    if newest is None:
        return None, ""
    return newest.present is wanted, f"{'present' if newest.present else 'absent'} on {newest.date}"


def _persistent(case: Case, quantities: list[str], bound: float) -> Answer:
    """Whether one of several antibodies was found twice, twelve weeks apart; a titre counts from the bound on."""
    for quantity in quantities:
        series = [item for item in case.context.labs if item.quantity == quantity]
        found = [one.date for item in series for one in item.values if _positive(one, item.unit, bound)]
        if found and max(found) - min(found) >= _APART:
            return True, ""
    return None, ""  # what was not found twice may be there all the same


def _fallen(case: Case, match: re.Match[str]) -> tuple[str, str]:
    """Return the drug since whose begin a value is lower by a share (percent), and both values; empty where none is."""
    quantity, share, classes = match[1], float(match[2]), (match[3] or "").split("|")
    listed = case.knowledge.drugs_by_name
    series, unit = (measured := Measured(case.context, case.knowledge.known_units)).series(quantity)
    for item in case.context.therapies:
        name = item.drug.name
        if item.start is None or (item.stop is not None and not item.may_go_on) or name not in listed:
            continue
        if listed[name].row["drug_class"] in classes:
            before = measured.at_start(quantity, item.start)
            if before and 100 * (before - series[-1][1]) / before >= share:
                return name, f"{plain_number(before)} to {plain_number(series[-1][1])} {unit} under {name}"
    return "", ""


def _fell_lately(case: Case, quantity: str, share: float) -> Answer:
    """Whether the newest value is lower by a share (percent) than the highest of the year before it."""
    series, unit = Measured(case.context, case.knowledge.known_units).series(quantity)
    if not series:
        return None, ""
    day, newest = series[-1]
    before = [(value, date) for date, value in series if day - _LATELY <= date < day]
    highest, since = max(before, default=(0.0, day))
    fallen = without_noise(100 * (highest - newest)) >= share * highest
    if not before or not fallen:
        return None, ""  # of what was not measured again nothing is known
    return True, f"{plain_number(highest)} on {since} to {plain_number(newest)} {unit} on {day}"


def _risen(case: Case, quantity: str, share: float) -> Answer:
    """Whether the newest value is higher by a share (percent) than the lowest since what helped was begun."""
    newest = as_new_as(values_of(case.context, quantity, case.knowledge.known_units))
    series, unit = Measured(case.context, case.knowledge.known_units).series(quantity)
    numbers = [_number(value, quantity, unit.name, case.knowledge.known_units) for value in newest if unit.name]
    day = (newest[0].date if newest else None) or case.today
    starts = [item.start for item in case.helped]
    begun = [start for start in starts if start is not None]
    before = [(date, value) for date, value in series if date < day]
    if begun and len(begun) == len(starts):
        before = [(date, value) for date, value in before if date > min(begun)]
    elif before:  # when the treatment began is not known: after the highest value it is a response
        highest = max(value for _, value in before)
        before = before[[value for _, value in before].index(highest) :]
    lowest, since = min(((value, date) for date, value in before), default=(0.0, day))
    least = without_noise(lowest * (100 + share) / 100)
    if not before or not numbers or any(number is None or number < least for number in numbers):
        return None, ""  # of what was not measured again nothing is known
    return True, f"from {plain_number(lowest)} on {since}"


def _positive(one: LabValue, unit: str, bound: float) -> bool | None:
    """Whether a result is positive; a titre counts from the bound on, and without one tells nothing."""
    if one.value is not None and bound and unit.endswith(_TITRE):
        return one.value >= bound
    return value_present(one, unit)


def _infection(case: Case, value: str) -> Answer:
    grade = case.context.active_infection
    return (None, "") if grade is None else (grade.value in value.split("|"), "")


def _condition(case: Case, value: str) -> Answer:
    return case.context.conditions.get(value), ""


def _class(case: Case, value: str) -> Answer:
    """Whether all classes of the nephritis are among those of the row."""
    classes = {name for item in case.context.manifestations for name in item.classes}
    return (None, "") if not classes else (classes <= set(value.split("|")), "")


def taken(case: Case) -> tuple[str, ...]:
    """Return what is taken or was given: co-medication first."""
    names = [*(item.name for item in case.context.co_medication), *(item.drug.name for item in case.context.therapies)]
    return tuple(dict.fromkeys(names))


def _named(case: Case, value: str) -> list[str]:
    names = case.knowledge.drug_names
    wanted = {(names.find(name) or name).lower() for name in value.split("|")}
    return [name for name in taken(case) if wanted & {name.lower(), *name.lower().split()}]


def _taken(case: Case, value: str) -> Answer:
    found = _named(case, value)
    if found:
        return True, ", ".join(found)
    return (False, "") if case.context.knows("co_medication") else (None, "")


def _failed(case: Case, value: str) -> Answer:
    """Whether one of several drugs did not work, at whatever time."""
    names = case.knowledge.drug_names
    wanted = {names.find(name) or name for name in value.split("|")}
    found = [item.drug.name for item in case.failed if item.drug.name in wanted]
    return (True, ", ".join(dict.fromkeys(found))) if found else (None, "")


def _not_taken(case: Case, value: str) -> Answer:
    answer, _ = _taken(case, value)
    return (None if answer is None else not answer), ""


def _taken_class(case: Case, value: str) -> Answer:
    listed = case.knowledge.drugs_by_name
    found = [name for name in taken(case) if name in listed and listed[name].row["drug_class"] == value]
    return bool(found), ""


def onset(case: Case) -> float | None:
    """Return the greatest age at which the disease can have begun: it may have begun earlier than is told.

    An age is taken to be that of the last date of a context: files are written when they are, and read later.
    """
    dates, age = list(case.context.dates()), case.context.age
    if age is None or not dates:
        return age
    return max(age - (max(dates) - min(dates)).days / _YEAR, 0.0)


def _onset(case: Case, value: str) -> Answer:
    age = onset(case)
    return (True if age is not None and age < float(value) else None), ""


def _span(case: Case, value: str) -> Answer:
    """Whether all that is known happened within so many days of the first treatment of the episode."""
    failing = [item.start for item in case.failed if item.start is not None]
    if not failing:
        return None, ""
    last: dt.date = max(case.context.dates())
    return (last - min(failing)).days < float(value), ""


def _pregnancy(case: Case, value: str) -> Answer:
    known = case.context.pregnancy
    # Of what is asked of everyone but the pregnant, silence is no obstacle: then the row names "unknown" too.
    state = "unknown" if known is None else ("yes" if known else "no")
    return state in value.split("|"), ""


def _with(case: Case, value: str) -> Answer:
    return value in case.present, ""


def _without(case: Case, value: str) -> Answer:
    return value not in case.present, ""


def _severe(case: Case, value: str) -> Answer:
    grades = {item.severity for item in case.context.manifestations if item.name == value}
    return (True if Grade.SEVERE in grades else None), ""


_CLAUSES: Mapping[tuple[str, str], Callable[[Case, str], Answer]] = {
    ("infection", "="): _infection,
    ("condition", ":"): _condition,
    ("class", "="): _class,
    ("taken", "="): _taken,
    ("not_taken", "="): _not_taken,
    ("failed", "="): _failed,
    ("taken_class", "="): _taken_class,
    ("onset", "<"): _onset,
    ("span", "<"): _span,
    ("with", "="): _with,
    ("without", "="): _without,
    ("severe", "="): _severe,
    ("pregnancy", "="): _pregnancy,
}
