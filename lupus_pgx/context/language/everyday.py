"""Dates, ages and answers in everyday words: ``05/2024``, ``18 months``, ``nein``.

What means one thing is read, and said as read by the caller; what could mean two is refused with what to write. The
words are rows of the table ``context_words``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lupus_pgx.context.form import context_schema
from lupus_pgx.context.values import Entered

if TYPE_CHECKING:
    from lupus_pgx.context.language.notes import Notes
    from lupus_pgx.context.language.word_rows import Words

_YEARS_AND_MONTHS = re.compile(
    r"\s*(?P<years>[0-9]{1,3})\s*(?:y|yrs?|years?|jahre?|j|ans?)\.?(?:\s*,?\s*(?:and|und|et)?\s+|\s*)"
    r"(?P<months>[0-9]|1[01])\s*(?:m|mos?|months?|monate?|mois)\.?(?:\s+old)?\s*",
    re.IGNORECASE,
)
_MONTHS_OLD = re.compile(r"\s*([0-9]{1,3})\s*(?:m|mo|mos|months?|months? old|monate?|mois)\s*", re.IGNORECASE)
_MONTH_YEAR = re.compile(r"(?P<month>0?[1-9]|1[0-2])[./](?P<year>(?:19|20)\d\d)")
_YEAR_MONTH = re.compile(r"(?P<year>(?:19|20)\d\d)[./](?P<month>0?[1-9]|1[0-2])")
_NAMED_MONTH = re.compile(r"(?P<name>[^\W\d]+)\.?\s+(?P<year>(?:19|20)\d\d)")
_DAY = re.compile(r"(?P<first>\d{1,2})(?P<mark>[./])(?P<second>\d{1,2})(?P=mark)(?P<year>(?:19|20)\d\d)")
_DAY_OF_NAMED = re.compile(
    r"(?P<day>\d{1,2})(?:\.|st|nd|rd|th)?[\s-]+(?:de\s+)?(?P<name>[^\W\d]+)\.?,?[\s-]+(?:del?\s+)?(?P<year>(?:19|20)\d\d)"
)
_NAMED_AND_DAY = re.compile(r"(?P<name>[^\W\d]+)\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)")
_NUMBERS = re.compile(r"(?P<year>(?:19|20)\d\d)[/.]?(?P<month>0[1-9]|1[0-2])[/.]?(?P<day>0[1-9]|[12]\d|3[01])")
_TIME = re.compile(
    r"(?P<day>.*\d)(?:[T\s,]+|\s+(?:at|um|\u00e0|a las)\s+)\d{1,2}[:.h]\d\d(?:[:.]\d\d)*(?:\s*(?:Z|[ap]m|uhr|h))?", re.I
)
_TWO_DIGITS = re.compile(r"(?P<first>\d{1,2})(?P<mark>[./])(?P<second>\d{1,2})(?P=mark)(?P<year>\d\d)")
_NAMED_TWO_DIGITS = re.compile(r"(?P<name>[^\W\d]+)\.?[\s'-]+(?P<year>\d\d)")
_CENTURY = "20"
_MOST_MONTHS = 12
_CLASS = re.compile(r"(?P<name>.+?)[\s,]+(?:class|klasse|classe)\s+(?P<number>\S.*)", re.IGNORECASE)
_ROMAN_CLASS = re.compile(r"(?P<name>.+?)[\s,]+(?P<number>[IV]+(?:\s*\+\s*[IV]+)*)")
_ROMAN = ("I", "II", "III", "IV", "V", "VI")
_LESIONS = re.compile(
    r"(?P<class>[IV]+|[1-6])(?:\s*-?\s*[GS](?![A-Z]))?(?:\s*\(?\s*[AC](?:\s*/\s*C)?\s*\)?)?", re.IGNORECASE
)
"""A class with what the older classification adds: global or segmental, active or chronic lesions."""

_WITH_MEMBRANOUS = re.compile(r"(?P<first>.*\S)\s*/\s*(?P<second>V|5)", re.IGNORECASE)
_NAMED_CLASS = re.compile(
    r"(?:(?:LN|lupus\s+nephritis|nephritis)[\s,]+)?(?:(?:class|klasse|classe)\s+)?(?P<number>.+)", re.IGNORECASE
)
SYSTOLIC = "mmHg systolic"
_PRESSURE = re.compile(
    r"\s*(\d{2,3})\s*/\s*(\d{2,3})\s*(?:mm\s?Hg)?[\s,(]*"
    r"(?:(?:when|while|im|in|en|at|the|am|zu|\u00e0 la|on)\s+)*(?:sitting|seated|standing|supine|lying(?: down)?|rest|"
    r"office|home|clinic|sitzen|liegen|stehen|hause|praxis|assise?|debout|couch\u00e9e?|sentad[oa]|reposo|repos)?[\s)]*",
    re.IGNORECASE,
)
"""A pressure, and how or where it was measured, which weighs nothing."""

_OF_ONE_GRADE = ((90, 140), (100, 160), (105, 165), (110, 180), (120, 200))
"""Diastolic and systolic pressure in mmHg that weigh the same.

With 90, 100 and 110 the grades of a hypertension begin (ESC/ESH 2018, table 3); 165/105 is the bound of the label of
voclosporin. What lies between them, and above, is laid along the line between the nearest.
"""

_THOUSANDS = re.compile(r"\s*[<>]?=?\s*\d{1,3}(?:[ ,'\u2019]\d{3})+(?!\d).*")


_SINCE = re.compile(r"(?:since|seit|depuis|desde|dal|ab)\s+(?P<day>.*\d.*)", re.IGNORECASE)
_FROM_TODAY = re.compile(
    r".*\b(?:ago|vor|il y a|hace|fa|last|letzte[rnms]?|dernier|derni[e\u00e8]re|yesterday|gestern|hier|ayer|recently|"
    r"k\u00fcrzlich|earlier this|next|n\u00e4chste[rnms]?|prochain[e]?|tomorrow|morgen)\b.*",
    re.IGNORECASE,
)
"""A time told by today, which the day of reading does not tell."""

_PART_OF = re.compile(
    r"(?:q[1-4]|[1-4]\.?\s*quart\w+|spring|summer|autumn|fall|winter|fr\u00fchjahr|fr\u00fchling|sommer|herbst|printemps|"
    r"\u00e9t\u00e9|automne|hiver)[\s,/-]*(?P<year>(?:19|20)\d\d)",
    re.IGNORECASE,
)
_PART_OF_MONTH = re.compile(
    r"(?:early|mid|late|(?:the\s+)?(?:beginning|middle|end)\s+of|anfang|mitte|ende|d\u00e9but|mi|fin)[\s-]+(?P<month>\S.*)",
    re.IGNORECASE,
)

_DATE = re.compile(r"(?:19|20)\d\d(?:-\d\d){0,2}")

NEGATED = re.compile(r"(?:no|not|non|without|kein\w*|ohne|pas de|sans)\s.*", re.IGNORECASE)
UNSURE = re.compile(
    r"(?:rule out|r/o|suspected|possible|probable|questionable|v\.? ?a\.?|verdacht auf|suspicion de|history of|h/o|"
    r"past|earlier|previous|z\. ?n\.|status post|s/p)\s.*|.*\?",
    re.IGNORECASE,
)
"""A manifestation that is feared, or was there once."""


class Read(NamedTuple):
    """What a text was read as, and the rule that refuses it where it could mean two things.

    Attributes
    ----------
    text : str or None
    rule : str
    """

    text: str | None
    rule: str = ""


def years_of(given: str) -> float | None:
    """Return an age in months, or in years and months, as years."""
    both = _YEARS_AND_MONTHS.fullmatch(given)
    if both:
        return round(int(both["years"]) + int(both["months"]) / _MOST_MONTHS, 3)
    match = _MONTHS_OLD.fullmatch(given)
    return round(int(match[1]) / _MOST_MONTHS, 3) if match else None


def date_of(given: str, words: Words) -> Read:
    """Read a month with its year as ``YYYY-MM``, and a day that can be no other as ``YYYY-MM-DD``."""
    timed = _TIME.fullmatch(given.strip())
    text = timed["day"] if timed else given.strip()
    since = _SINCE.fullmatch(text)
    if since and not _FROM_TODAY.fullmatch(text):
        return date_of(since["day"], words)
    rough = _rough(text, words)
    if rough:
        return Read(None, f"{rough}; found {given!r}")
    month = _MONTH_YEAR.fullmatch(text) or _YEAR_MONTH.fullmatch(text)
    if month:
        return Read(f"{month['year']}-{int(month['month']):02d}")
    named = _NAMED_MONTH.fullmatch(text)
    row = words.find("month", named["name"]) if named else None
    if named and row is not None:
        return Read(f"{named['year']}-{row['value']}")
    written = _DAY_OF_NAMED.fullmatch(text) or _NAMED_AND_DAY.fullmatch(text)
    row = words.find("month", written["name"]) if written else None
    if written and row is not None:
        return Read(f"{written['year']}-{row['value']}-{int(written['day']):02d}")
    numbers = _NUMBERS.fullmatch(text)
    if numbers:
        return Read(f"{numbers['year']}-{numbers['month']}-{numbers['day']}")
    short = _short_year(text, words)
    if short:
        return Read(None, f"the year has two digits: write {short}; found {given!r}")
    day = _DAY.fullmatch(text)
    return _day(day, given) if day else Read(text if timed else given)


def is_date(text: str) -> bool:
    """Say whether a text is a year, a month or a day in the form of the tables: ``2025``, ``2025-03``."""
    return _DATE.fullmatch(text) is not None


def written_date(given: Any, words: Words) -> str:
    """Return a year, a month or a day in the form of the tables; empty of what is none, or could be two."""
    text = date_of(str(given), words).text or ""
    return text if is_date(text) else ""


def is_ahead(day: str, today: dt.date | None) -> bool:
    """Say whether a day, month or year begins after today.

    Parameters
    ----------
    day : str
        ``2030``, ``2030-05`` or ``2030-05-01``.
    today : date or None
    """
    return today is not None and day > today.isoformat()[: len(day)]


def _rough(text: str, words: Words) -> str:
    """Return what to write for a time that is no day, month or year; empty of any other text."""
    season, part = _PART_OF.fullmatch(text), _PART_OF_MONTH.fullmatch(text)
    if season:
        year = season["year"]
        return f"is no month: write the month, as {year}-MM, or the year, {year}"
    read = date_of(part["month"], words).text if part else None
    if read and re.fullmatch(r"(?:19|20)\d\d(?:-\d\d)?", read):
        return f"is only a part of {read}: write {read}, which is read as its middle, or the day, as YYYY-MM-DD"
    if _FROM_TODAY.fullmatch(text):
        return "counts from a day that it does not tell: write the date, as YYYY-MM-DD, YYYY-MM or YYYY"
    return ""


def _short_year(text: str, words: Words) -> str:
    """Return what to write for a day or a month whose year has two digits; empty of any other text."""
    month = _NAMED_TWO_DIGITS.fullmatch(text)
    day = _DAY.fullmatch(f"{text[:-2]}{_CENTURY}{text[-2:]}") if _TWO_DIGITS.fullmatch(text) else None
    if day:
        read = _day(day, text)
        return read.text or read.rule.partition("write ")[2].partition(";")[0]
    row = words.find("month", month["name"]) if month else None
    named = f"{_CENTURY}{month['year']}-{row['value']}" if month and row is not None else ""
    return f"{named}, or the day with its year" if named else ""


def _day(match: re.Match[str], given: str) -> Read:
    """Read a day: with points the month stands second, with strokes only where the other can be no month."""
    first, second = int(match["first"]), int(match["second"])
    both = [f"{match['year']}-{month:02d}-{day:02d}" for day, month in ((first, second), (second, first))]
    if match["mark"] == "." or first > _MOST_MONTHS or first == second:
        return Read(both[0])
    if second > _MOST_MONTHS:
        return Read(both[1])
    return Read(None, f"day and month can change places: write {both[0]} or {both[1]}; found {given!r}")


def read_answers(made: dict[str, Any], notes: Notes) -> None:
    """Read yes, no and "not known" in the words of a language, in place; a condition in a list is there.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    _tested(made, notes)
    _replace(made, "", {"co_medication": [], **_fields_with_no()}, notes)
    if isinstance(made.get("conditions"), Mapping):
        made["conditions"] = dict(made["conditions"])
        _replace(made["conditions"], "conditions.", dict.fromkeys(made["conditions"]), notes)


def _fields_with_no() -> dict[str, Any]:
    """Return the fields that can be answered by no, and how that is written: None for false, else its grade."""
    fields = context_schema()["$defs"]["patient"]["properties"]
    said = {name: None for name, field in fields.items() if field.get("type") == "boolean"}
    return said | {name: "none" for name, field in fields.items() if field.get("enum", [""])[0] == "none"}


def _tested(made: dict[str, Any], notes: Notes) -> None:
    """Read what is not there by a test as no where a field asks for yes or no: ``pregnancy: negative``."""
    for name in [field for field, no in _fields_with_no().items() if no is None]:
        result = notes.words.find("result", made.get(name))
        if result is not None and result["value"] == "absent" and not notes.words.says_no(made[name]):
            notes.remark(f"{name}: {made[name]}: read as no")
            made[name] = False


def _replace(home: dict[str, Any], start: str, no: Mapping[str, Any], notes: Notes) -> None:
    """Replace answers in words; ``no`` holds what "no" is written as, None for true or false."""
    for name, nothing in no.items():
        given = home.get(name)
        row = notes.words.find("answer", "no" if given is False and nothing is not None else given)
        if row is None or given == nothing:
            continue
        if not row["value"]:
            notes.lose(f"{start}{name}: {given}: {row['note']}, and is left out")
            del home[name]
        elif nothing is None or row["value"] == "no":
            said = "none" if nothing is not None else row["value"]
            notes.remark(f"{start}{name}: {'no' if given is False else given}: read as {said}")
            home[name] = row["value"] == "yes" if nothing is None else nothing


def class_of(name: str) -> tuple[str, list[str]] | None:
    """Return a manifestation and its classes from ``nephritis class IV`` or ``LN III+V``; None without a class."""
    match = _CLASS.fullmatch(name.strip()) or _ROMAN_CLASS.fullmatch(name.strip())
    classes = classes_of(match["number"]) if match else None
    return (match["name"], classes) if match and classes else None


def classes_of(given: Any) -> list[str] | None:
    """Return classes of nephritis from ``IV``, ``4``, ``III+V`` or ``IV-G (A/C)``; None where they cannot be told.

    A stroke joins two classes only before the fifth, which is never an alternative to another one.
    """
    parts = re.split(r"\+|&|\b(?:and|und|et)\b", str(given))
    mixed = _WITH_MEMBRANOUS.fullmatch(parts[0].strip()) if len(parts) == 1 else None
    parts = [mixed["first"], mixed["second"]] if mixed else parts
    found = [match["class"].upper() if (match := _LESIONS.fullmatch(part.strip())) else "" for part in parts]
    made = [_ROMAN[int(part) - 1] if part.isdigit() else part for part in found]
    return made if all(part in _ROMAN for part in made) else None


def pressure_of(given: Any) -> Entered | str | None:
    """Return the systolic pressure of ``150/95 mmHg``, by which rows go.

    The higher grade of the two counts (ESC/ESH 2018, table 3): a diastolic value that weighs more counts as the
    systolic one of its weight. Nothing for what is no pressure.
    """
    match = _PRESSURE.fullmatch(given) if isinstance(given, str) else None
    if match is None or pressure_turned(given):
        return None
    systolic, diastolic = int(match[1]), int(match[2])
    counted = _systolic_of(diastolic)
    if counted <= systolic:
        return f"{systolic} {SYSTOLIC}"
    return Entered(f"{counted} {SYSTOLIC}", f"{systolic}/{diastolic} mmHg")


def _systolic_of(diastolic: int) -> int:
    """Return the systolic pressure that weighs as much as a diastolic one; 0 below what is high."""
    if diastolic < _OF_ONE_GRADE[0][0]:
        return 0
    number = sum(diastolic >= low for low, _ in _OF_ONE_GRADE[:-1])
    (low, low_systolic), (high, high_systolic) = _OF_ONE_GRADE[number - 1 : number + 1]
    return low_systolic + round((diastolic - low) * (high_systolic - low_systolic) / (high - low))


def pressure_turned(given: Any) -> bool:
    """Say whether what looks like a pressure has its smaller number first."""
    match = _PRESSURE.fullmatch(given) if isinstance(given, str) else None
    return match is not None and int(match[1]) <= int(match[2])


def thousands(given: str) -> str | None:
    """Return what to write for a number with marks between its thousands; None where it has none."""
    return re.sub(r"(?<=\d)[ ,'\u2019](?=\d{3})", "", given).strip() if _THOUSANDS.fullmatch(given) else None


def details_with_classes(details: Any) -> Any:
    """Return the details of a manifestation with its classes as a list; they may be all that is told."""
    if isinstance(details, str):
        told = _NAMED_CLASS.fullmatch(details.strip())
        alone = classes_of(told["number"]) if told else None
        return details if alone is None else {"class": alone}
    given = details.get("class") if isinstance(details, Mapping) else None
    several = [classes_of(item) for item in given] if isinstance(given, list) else [classes_of(given)]
    classes = [name for found in several for name in found or ()] if None not in several else None
    return details if classes is None else {**details, "class": classes}
