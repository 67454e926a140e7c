"""Doses as people write them, with how often they are taken: ``2 mg BID``, ``500 mg 1-0-1``, ``15 mg every Monday``.

What means one thing is read, and said as read by the caller; what could mean two is refused with what to write. The
words are rows of the table ``context_words``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from lupus_pgx.context.language.word_rows import Words

_NUMBER = r"[0-9]*\.?[0-9]+"
_MASSES = r"(?:mg|g|ug|\u00b5g|mcg)"
_CROSS = r"[x\u00d7*]"
_OFTEN = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>[^\d\s]\S*)\s+(?P<often>\S.*)")
_TABLETS = re.compile(r"\d(?:\s*-\s*\d){2,3}")
_SCHEME = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>[^\d\s]\S*)\s+(?P<times>{_TABLETS.pattern})")
_AMOUNTS = re.compile(rf"(?P<times>{_NUMBER}(?:\s*-\s*{_NUMBER}){{2,3}})\s*(?P<unit>{_MASSES})", re.IGNORECASE)
APART = re.compile(
    rf"{_NUMBER}\s*(?:mg|g)?(?:\s*/\s*{_NUMBER}\s*(?:mg|g)?)+(?:\s+[^\d\s/].*|\s+\d(?:\s*-\s*\d)+.*)?", re.IGNORECASE
)
"""Doses of the parts of a combination: ``49/51 mg BID``."""

COUNTED = re.compile(rf"(?P<count>[1-9])\s*{_CROSS}\s*(?P<number>{_NUMBER})\s*(?P<unit>[^\d\s]\S*)", re.IGNORECASE)
_COUNT_BEHIND = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?P<unit>[^\d\s]\S*)\s*{_CROSS}\s*(?P<count>[1-9])\b\s*(?P<often>\S.*)", re.IGNORECASE
)
_COUNT_LAST = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?P<unit>{_MASSES})\s*(?:{_CROSS}\s*(?P<count>[1-9])|(?P<ahead>[1-9])\s*{_CROSS})",
    re.IGNORECASE,
)
_HOURS = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?P<unit>{_MASSES}(?:/kg)?)\s*(?:/|q|every|alle|toutes les|cada)\s*"
    r"(?P<hours>6|8|12)\s*(?:h|hrs?|hours?|std|stunden|heures|horas)\.?",
    re.IGNORECASE,
)
_HOURS_OF_A_DAY = 24
_RANGE = re.compile(rf"(?P<low>{_NUMBER})\s*(?:-|\u2013|to|bis|\u00e0)\s*(?P<high>{_NUMBER})\s*(?P<unit>[^\d\s].*)")
_SO_OFTEN = re.compile(
    rf"(?P<count>[1-9])\s*(?:{_CROSS}|times|mal|fois|veces)\s*"
    r"(?:/|an?\b|per\b|pro\b|par\b|por\b|al\b|am\b|each\b|every\b|in der\b|la\b|le\b)?\s*(?P<span>[^\W\d]+\.?)",
    re.IGNORECASE,
)
_SPANS = ("per ", "pro ", "par ", "por ", "")
_ON_A_DAY = re.compile(
    r"(?:every|each|on|jeden|jede|am|immer|les?|chaque|tous les|cada|el|los)\s+(?P<day>[^\W\d]+)", re.IGNORECASE
)
_WEEKLY = "1/week"
_DAYS = re.compile(r"\s*(?:[/,+&]|\b(?:and|und|et|y)\b|\s)\s*")
WEEKDAY, LISTED_WEEKDAY = "weekday", "listed weekday"
"""Details of a word for a day of the week, and of a short one, which is a day beside others only: ``Mo/Mi/Fr``."""

SPACED = (
    r"(?:every\s+|q\s*|alle\s+|toutes les\s+|cada\s+)\d+\s*"
    r"(?:w|d|wks?|mo|mos|mths?|weeks?|months?|wochen?|monate?|semaines?|mois|days?|tage?|jours?|semanas|meses)\b"
)
"""How often a dose is given that no unit of a dose can hold: ``every 6 months``, ``q6mo``."""

_MASS = re.compile(rf"(?<![\d.]){_NUMBER}\s*{_MASSES}\b", re.IGNORECASE)
_POINT = re.compile(r"(?<![\d.])(?P<number>[1-9]\d{0,2}\.\d{3})(?![\d.])(?P<unit>.*)")
_ROUND = "05"
"""A dose of thousands ends in one of these digits: 2.448 mg is none."""

_PER_BODY = re.compile(r"/\s*(kg|m2|m\u00b2)", re.IGNORECASE)
"""In the unit of a dose by weight or surface, which is none of thousands."""

_NOTHING = re.compile(r"0*\.?0+\s*[^\d\s.,-].*")


class Read(NamedTuple):
    """What a dose was read as, and the rule that refuses it where it could mean two things.

    Attributes
    ----------
    text : str or None
    rule : str
    schedule : str
        How often a dose is taken, where no unit of a dose can hold it.
    """

    text: str | None
    rule: str = ""
    schedule: str = ""


class Often(NamedTuple):
    """How often a dose is taken.

    Attributes
    ----------
    times : float
    span : str
        ``day``, ``week`` or ``month``; empty where it is no dose that can be counted.
    rule : str
        What to write then.
    """

    times: float
    span: str
    rule: str = ""


def dose_of(given: str, words: Words) -> Read:
    """Read a dose with how often it is taken as a dose per day or week.

    Parameters
    ----------
    given : str
        Such as ``2 mg BID``, ``500 mg 1-0-1``, ``15 mg s.c. weekly``.
    words : Words
    """
    found = _read(given, words) or Read(_without_route(given, words))
    return found._replace(rule=f"{found.rule}; found {given!r}") if found.rule else found


def is_read(given: str, words: Words) -> bool:
    """Say whether a dose has a form in which more than an amount and its unit is told."""
    return _read(given, words) is not None


def _read(given: str, words: Words) -> Read | None:
    text = _without_route(given, words)
    read = (form(text, words) for form in _FORMS)
    return next((item for item in read if item is not None), None)


def _without_route(given: str, words: Words) -> str:
    return " ".join(part for part in given.split() if words.find("route", part) is None)


def frequency_of(given: str, words: Words) -> Often | None:
    """Read how often a dose is taken: ``BID``, ``3x/week``, ``every Monday``, ``1-0-1``; None for other words.

    Parameters
    ----------
    given : str
    words : Words
    """
    text = given.strip()
    if _TABLETS.fullmatch(text):
        return Often(_tablets(text), "day")
    days = _weekdays(text, words)
    if days:
        return Often(days, "week")
    count, row = 1, words.find("frequency", text)
    row = row if row is None or row["details"] != LISTED_WEEKDAY else None
    counted, on_a_day = _SO_OFTEN.fullmatch(text), _ON_A_DAY.fullmatch(text)
    if row is None and counted:
        found = (words.find("frequency", f"{start}{counted['span']}") for start in _SPANS)
        count, row = int(counted["count"]), next((item for item in found if item is not None), None)
    elif row is None and on_a_day:
        row = words.find("frequency", on_a_day["day"])
        row = row if row is not None and row["value"] == _WEEKLY else None
    if row is None:
        return None
    times, _, span = (row["value"] or "").partition("/")
    return Often(float(times) * count, span) if span else Often(0, "", row["note"] or "")


def tells_how_often(given: str, words: Words) -> bool:
    """Say whether a text tells how often a drug is given and nothing else: ``daily``, ``q6mo``, ``Mo/Mi/Fr``.

    Parameters
    ----------
    given : str
    words : Words
    """
    return frequency_of(given, words) is not None or re.fullmatch(SPACED, given.strip(), re.IGNORECASE) is not None


def _weekdays(text: str, words: Words) -> int:
    """Return how many days of a week are listed, ``Mo/Mi/Fr``; 0 of other words."""
    parts = [part for part in _DAYS.split(text) if part]
    rows = [words.find("frequency", part) for part in parts]
    days = [row["details"] for row in rows if row is not None and row["details"] in (WEEKDAY, LISTED_WEEKDAY)]
    return len(days) if len(days) == len(parts) == len(set(map(str.lower, parts))) > 1 else 0


def _tablets(times: str) -> int:
    """Return how many tablets of a day are told, ``1-0-1``."""
    return sum(int(item) for item in re.findall(r"\d", times))


def point_of_thousands(number: str, unit: str, *, dose: bool) -> str:
    """Say what to write for a number whose point may stand between thousands; empty where it cannot.

    Parameters
    ----------
    number : str
    unit : str
        As it stands behind the number.
    dose : bool
        Whether it is a dose: by weight or surface it has no thousands, nor where it does not end in 0 or 5.

    Examples
    --------
    >>> point_of_thousands("1.250", " mg", dose=True)
    'a point before three digits can stand between thousands: write 1250 mg, or 1.2500 mg'
    >>> point_of_thousands("1.248", " mg", dose=True), point_of_thousands("0.125", " mg", dose=True)
    ('', '')
    """
    if not _POINT.fullmatch(number) or (dose and (number[-1] not in _ROUND or _PER_BODY.search(unit))):
        return ""
    whole = number.replace(".", "")
    return f"a point before three digits can stand between thousands: write {whole}{unit}, or {number}0{unit}"


def unclear_dose(given: str) -> str:
    """Say what to write for a dose of which a part would be lost, or that could be a thousand times another.

    Parameters
    ----------
    given : str

    Returns
    -------
    str
        Empty where it is clear.

    Examples
    --------
    >>> unclear_dose("0.125 mg"), unclear_dose("1.000 mg")[:41]
    ('', 'a point before three digits can stand bet')
    """
    point = _POINT.search(given)
    rule = point_of_thousands(point["number"], point["unit"], dose=True) if point else ""
    if rule:
        return f"{rule}; found {given!r}"
    if len(_MASS.findall(given)) > 1 and not APART.fullmatch(given.strip()):
        return f"holds more than one dose: write the one that counts now, as that of a day or week; found {given!r}"
    if _NOTHING.fullmatch(given.strip()):
        return f"is no dose: what is not taken has a stop, or is left out; found {given!r}"
    return ""


def _amounts(text: str, words: Words) -> Read | None:  # noqa: ARG001
    """Read the amounts of a day, ``2-0-2 mg``."""
    match = _AMOUNTS.fullmatch(text)
    total = sum(float(item) for item in re.findall(_NUMBER, match["times"])) if match else 0
    return Read(f"{total:g} {match['unit']}/day") if match else None


def _hours(text: str, words: Words) -> Read | None:  # noqa: ARG001
    match = _HOURS.fullmatch(text)
    return _total(match, _HOURS_OF_A_DAY / int(match["hours"]), "day") if match else None


def _scheme(text: str, words: Words) -> Read | None:  # noqa: ARG001
    match = _SCHEME.fullmatch(text)
    return _total(match, _tablets(match["times"]), "day") if match else None


def _count_behind(text: str, words: Words) -> Read | None:
    """Read ``200 mg x 2 daily``; of a week or month it could be so many of them."""
    match = _COUNT_BEHIND.fullmatch(text)
    often = frequency_of(match["often"], words) if match else None
    if match is None or often is None or not often.span:
        return None
    unit, total = match["unit"], float(match["number"]) * int(match["count"])
    if often[:2] == (1, "day"):
        return Read(f"{total:g} {unit.removesuffix('/day')}/day")
    one, all_ = (f"{number} {unit} {match['often']}" for number in (match["number"], f"{total:g}"))
    count = match["count"]
    return Read(None, f"can be {count} at once, or {count} times: write {all_}, or {one} with schedule: {count} times")


def _counted(text: str, words: Words) -> Read | None:
    """Read ``2 x 200 mg/day``, or ``2x200 mg daily``; without a time it is refused."""
    last = _COUNT_LAST.fullmatch(text)
    if last is not None:
        return _counted(f"{last['count'] or last['ahead']} x {last['number']} {last['unit']}", words)
    match = COUNTED.match(text)
    if match is None:
        return None
    rest = text[match.end() :].strip()
    total = float(match["count"]) * float(match["number"])
    unit, _, span = match["unit"].partition("/day")
    often = frequency_of(rest, words) if rest else None
    daily = (often is not None and often[:2] == (1, "day")) if rest else "/day" in match["unit"] and not span
    if daily:
        return Read(f"{total:g} {unit}/day")
    return Read(None, f"does not say in what time: write {total:g} {unit}/day if it is a day")


def _range(text: str, words: Words) -> Read | None:  # noqa: ARG001
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    highest = max(match["low"], match["high"], key=float)
    return Read(None, f"is a range: write one dose, such as the highest, {highest} {match['unit']}")


def _often(text: str, words: Words) -> Read | None:
    match = _OFTEN.fullmatch(text)
    how = frequency_of(match["often"], words) if match else None
    if match is None or how is None:
        return None
    if not how.span:
        return Read(None, how.rule)
    unit, often = match["unit"], match["often"]
    if not unit.endswith(f"/{how.span}") and not words.has_unit("dose", words.unit("dose", f"{unit}/{how.span}")):
        return Read(f"{match['number']} {unit}", schedule=often)  # 375 mg/m2, and how often
    # A drug for once a week is asked about where its dose is that of several days.
    return _total(match, how.times, how.span, often if how.span == "week" and how.times > 1 else "")


_FORMS: tuple[Callable[[str, Words], Read | None], ...] = (
    _amounts,
    _hours,
    _scheme,
    _count_behind,
    _counted,
    _range,
    _often,
)


def _total(match: re.Match[str], times: float, span: str, schedule: str = "") -> Read:
    unit = match["unit"].removesuffix(f"/{span}")
    return Read(f"{float(match['number']) * times:g} {unit}/{span}", schedule=schedule)
