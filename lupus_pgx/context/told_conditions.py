"""Conditions as they are told, each by its name alone: what is past, feared, denied or of another field is told apart.

What was there once and passes (an infection, a fall of kidney function) says nothing of today; what lasts is there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lupus_pgx.context.everyday import NEGATED, date_of
from lupus_pgx.context.finished import ended_of, finished, read_finished, under_treatment
from lupus_pgx.context.form import context_schema
from lupus_pgx.context.how_active import how_active
from lupus_pgx.context.notes import Notes, Path
from lupus_pgx.context.short_forms import LASTING
from lupus_pgx.context.told_reactions import as_reaction
from lupus_pgx.context.word_rows import Words, plain
from lupus_pgx.knowledge.currency import last_day
from lupus_pgx.knowledge.drugs import OTHER, bare_name
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import Outcome

PAST = "past"
"""In ``details`` of a word for a field: what stands there was there once."""

_GRANTED, _NOT, _DENIED_BY = "granted", "not", "denied"
"""In ``details`` of a word for a condition: every patient has it; it says that another is not there; its no says so."""

_REACTION, _COURSES = "reaction", "therapies"
"""In ``details`` of a word for a condition: it is a reaction to a drug; field that it belongs to with its day."""

_APART = OTHER.removesuffix(":")
_CONDITIONS = "conditions"
_GRADED = re.compile(r"(?P<name>.+?)[\s,(]+(?P<grade>nyha\b[^)]*)\)?", re.IGNORECASE)
_GRADE_FIRST = re.compile(r"(?P<grade>nyha(?:\s+class)?\s+[IV1-4]+)\s+(?P<name>\S.+)", re.IGNORECASE)
_DEGREE = re.compile(r"(?P<grade>(?P<degree>mild|moderate|severe))\s+(?P<name>\S.+)", re.IGNORECASE)
_DATED = re.compile(
    r"(?P<name>.+?)[\s,(]+(?:in\s+|seit\s+|since\s+|depuis\s+)?(?P<year>(?:19|20)\d\d)\)?", re.IGNORECASE
)
_MONTH = re.compile(
    r"(?P<name>.+?)[\s,(]+(?:in\s+|seit\s+|since\s+|depuis\s+)?"
    r"(?P<when>(?:[^\W\d]+\.?\s+|\d{1,2}[./])(?:19|20)\d\d|(?:19|20)\d\d[-/.]\d\d(?:-\d\d)?)\)?",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?:19|20)\d\d-\d\d(?:-\d\d)?")
_EARLIER = re.compile(
    r"(?:history of|h/o|hx of|past|earlier|previous|prior|old|former|st\.? ?n\.?|z\. ?n\.|zn|status post|s/p|atcd|"
    r"ant[e\u00e9]c[e\u00e9]dents? de|[e\u00e9]tat apr[e\u00e8]s|zustand nach)\s*(?:of\s|de\s|d')?\s*(?P<name>.+)",
    re.IGNORECASE,
)
_FEARED = re.compile(
    r"(?:rule out|r/o|suspected|susp\.?|possible|probable|questionable|v\.? ?a\.?|verdacht auf|suspicion de)\s+"
    r"(?P<name>.+)|\?\s*(?P<after>.+)|(?P<before>.+?)\s*\?+",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?P<name>.+?)[\s,:]+(?:neg\.?|negativ[e]?|n[e\u00e9]gatif|excluded|ruled out|absent|ausgeschlossen|exclue?)",
    re.IGNORECASE,
)
_VALUE = re.compile(r"(?P<name>[^\d<>=:]+?)[\s:=]*(?P<value>[<>]?=?\s*\d.*)")
_STAGE = re.compile(
    r"(?:ckd|chronic kidney disease)(?:\s+stage)?\s*g?(?P<roman>I{1,3}|IV|V)(?P<part>[ab])?(?:\s*/?A[1-3])?|"
    r"(?:(?:ckd\s*)?g|(?:ckd|chronic kidney disease)(?:\s+stage)?\s*)(?P<stage>[1-5][ab]?)\s*/?\s*A[1-3]",
    re.IGNORECASE,
)
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5"}
_PLANNED = re.compile(
    r"\b(?:planned|scheduled|awaiting|awaited|waiting|listed for|on the [\w ]*list|geplant\w*|warteliste|vorgesehen|"
    r"pr[e\u00e9]vue?|programad[oa]|liste d'attente|lista de espera)\b",
    re.IGNORECASE,
)
"""Says that what it stands beside is to come, and is not there."""

_BESIDE_PLANNED = re.compile(r"\b(?:on|an?|the|is|for|auf|der|list|listed)\b|\b(?:19|20)\d\d\b|[(),]", re.IGNORECASE)
"""What may stand beside what is planned and tells nothing else."""

_KEYED = re.compile(r"(?P<name>[^:]+?)\s*:\s+(?P<told>\S.*)")
"""A condition with what is told of it, in quotes: YAML takes it for one text."""

_OTHERS = re.compile(r"(?:family|mother|father|sister|brother|parent|husband|partner|familie|famille)", re.IGNORECASE)
"""Begins what is told of somebody else."""

SINCE = "since"
"""Field of a condition that is a mapping: since when it is there."""

_DAYS = (SINCE, "when", "date", "year", "in", "onset")
_MOST_WORDS, _LEAST_LETTERS = 4, 4

_Told = tuple[str, Any]
"""A condition by its name alone, with what is told of it; an empty name where nothing is left of it."""


def read_past(made: dict[str, Any], notes: Notes) -> None:
    """Join what fields for the past hold with the conditions, in place; what has passed is said and left out.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    for name in [item for item in made if isinstance(item, str)]:
        row = notes.words.find("field", name)
        if row is None or row["details"] != PAST or made[name] is None:
            continue
        told, there = _pairs(made[name], notes.words), _pairs(made.get(_CONDITIONS) or [], notes.words)
        if told is None or there is None:
            continue
        del made[name]
        notes.remark(f"{name}: read as conditions that are there or were")
        kept = dict(_one(item, value, notes, past=True) for item, value in told if item is not None)
        made[_CONDITIONS] = {**kept, **dict(there)} if there or kept else {}
        made[_CONDITIONS].pop("", None)


def read_told(made: dict[str, Any], notes: Notes) -> None:
    """Write the conditions of a patient as fields, each by its name alone, in place.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    pairs = _pairs(made.get(_CONDITIONS), notes.words)
    if pairs is None:
        return
    if not pairs and made[_CONDITIONS]:
        notes.lose(f"conditions: {made[_CONDITIONS]}: says nothing of any one of them, and is left out")
    told: dict[Any, Any] = {}
    beside = {_tables(name, notes.words) for name, _ in pairs if isinstance(name, str) and is_known(name, notes.words)}
    for name, value in pairs:
        bare = next(iter(value.values())) if isinstance(value, Mapping) and _is_day(value) else value
        for own, own_value in _each(name, bare, notes, beside):
            if own == "":
                continue
            if _reacted_before(own, (told.get(own), own_value), notes.words):
                notes.remark(f"{own}: is there now, and was there earlier: read as there now")
                told[own] = True
                continue
            if told.get(own, own_value) != own_value:
                notes.refuse((_CONDITIONS, str(own)), "is given twice: write one of them")
            told[own] = own_value
    now = {_tables(own, notes.words) for own, value in told.items() if _is_yes(value, notes.words)}
    for own in [own for own, value in told.items() if _year_of(value, notes.words)]:
        if _tables(own, notes.words) in now and _reaction_of(own, notes.words):
            notes.remark(f"{own}: {told.pop(own)}: is there now, too: read as there now")
    made[_CONDITIONS] = {own: value for own, value in told.items() if not _reacted(own, value, made, notes)}


def _is_day(told: Mapping[Any, Any]) -> bool:
    """Say whether what is told of a condition is nothing but its day: ``{since: 2015}``."""
    return len(told) == 1 and set(told) <= set(_DAYS)


def _is_yes(told: Any, words: Words) -> bool:
    answer = words.find("answer", told)
    return told is True or (answer is not None and answer["value"] == "yes")


def _year_of(told: Any, words: Words) -> str:
    """Return the day, month or year that is told of a condition; empty where it is none."""
    day = None if isinstance(told, bool) else str(told) if _year(told) else date_of(str(told), words).text
    return day if day and _year(day) else ""


def _tables(name: Any, words: Words) -> str:
    """Return a condition by the name of the tables."""
    row = words.condition(name) if isinstance(name, str) else None
    return str(row["value"] or name) if row is not None else str(name)


def _reaction_of(name: Any, words: Words) -> dict[str, str]:
    row = words.find("condition", name) if isinstance(name, str) else None
    return _reaction(row["details"] if row is not None else None)


def _reacted_before(name: Any, told: tuple[Any, Any], words: Words) -> bool:
    """Say whether a reaction to a drug is told as there, and by a day, too."""
    there = any(_is_yes(item, words) for item in told)
    return there and any(_year_of(item, words) for item in told) and bool(_reaction_of(name, words))


def is_ahead(day: str, today: dt.date | None) -> bool:
    """Say whether a day, month or year begins after today.

    Parameters
    ----------
    day : str
        ``2030``, ``2030-05`` or ``2030-05-01``.
    today : date or None
    """
    return today is not None and day > today.isoformat()[: len(day)]


def _reacted(name: Any, told: Any, made: dict[str, Any], notes: Notes) -> bool:
    """Write a reaction to a drug that has its day as a course of the drug, in place; say whether it was one.

    Of a month or a year the last day counts, as the reaction may be as late; one that is not over may be of today.
    """
    row = notes.words.find("condition", name) if isinstance(name, str) else None
    course = _reaction(row["details"] if row is not None else None)
    day = _year_of(told, notes.words)
    courses = made.get(_COURSES) or []
    if not course or not day or not isinstance(courses, list):
        return False
    try:
        last = last_day(str(day))
    except ValueError:  # 2015-13
        return False
    if notes.today is not None and last > notes.today:
        return False
    made[_COURSES] = [*courses, {**course, "outcome": Outcome.INTOLERANCE.value, "stop": last.isoformat()}]
    notes.remark(f"{name}: {told}: read as {course['drug']} that was not tolerated then, {course[_REACTION]}")
    return True


def _reaction(details: str | None) -> dict[str, str]:
    """Return the drug and the reaction to it that a word for a condition states; empty for other words."""
    told = dict(part.split("=", 1) for part in split_list(details) if "=" in part)
    return told if set(told) == {"drug", _REACTION} else {}


def _each(name: Any, value: Any, notes: Notes, beside: Collection[str] = ()) -> list[_Told]:
    """Return what is told by one name, ``beside`` others; an infection that is over tells what the field would."""
    if not isinstance(name, str):
        return [(name, value)]
    bare = bare_name(name)
    if bare.strip().lower() == OTHER:
        notes.refuse((_CONDITIONS, name), f"names nothing: write '{OTHER} NAME', or leave it out")
        return []
    if isinstance(value, str) and _is_planned(f"{bare} {value}", bare):
        return _each(f"{bare} {value}", True, notes, beside)  # kidney transplant: planned
    over = finished(bare, value, notes.words)
    if over:
        conditions, remark = read_finished(over, notes.words)
        notes.remark(remark)
        return list(conditions.items())
    treated, since = under_treatment(bare, value, notes.words)
    if treated:
        when = f", when: {since}" if since else ""
        rule = f"write infection: {{which: {treated}{when}, treated: ongoing}}"
        notes.refuse((_CONDITIONS, name), f"{rule}; found {name if value is True else value!r}")
        return []
    ended, said = ended_of(bare, value)
    if ended and is_known(ended, notes.words):
        rule = f"write '{ended}: false' where it is over and leaves nothing, '{ended}: true' where it is there"
        notes.refuse((_CONDITIONS, name), f"{rule}; found {said!r}")
        return []
    active = how_active(bare, value, notes, is_known)
    return [active] if active is not None else [_one(_stage(name), value, notes, beside=beside)]


def _pairs(given: Any, words: Words) -> list[tuple[Any, Any]] | None:
    """Return conditions with what is told of each; None for what is no list or mapping of them."""
    if isinstance(given, str):
        answer = words.find("answer", given)
        if answer is not None:
            return [] if answer["value"] != "yes" else None
        given = [part for part in re.split(r"\s*[,;]\s*", given.strip()) if part]
    if isinstance(given, Mapping):
        return list(_spread(given))
    if not isinstance(given, list):
        return None
    made: list[tuple[Any, Any]] = []
    for item in given:
        if isinstance(item, Mapping) and set(item) in ({"name"}, {"name", "when"}, {"name", "since"}):
            made.append((item["name"], item.get("when", item.get("since", True))))
        elif isinstance(item, Mapping) and len(item) == 1:
            made += _spread(item)
        elif isinstance(item, str) and (keyed := _keyed(item, words)) is not None:
            made.append(keyed)
        elif isinstance(item, str):
            made += [] if words.find("answer", item) is not None and len(given) == 1 else [(item, True)]
        else:
            return None
    return made


def _keyed(item: str, words: Words) -> tuple[str, Any] | None:
    """Return a condition and what is told of it from one text: ``alcohol: heavy``, ``HIV unknown``; None of others."""
    if is_known(item, words):
        return None
    match = _KEYED.fullmatch(item.strip())
    if match is not None and is_known(match["name"], words):
        return match["name"], {"true": True, "false": False}.get(match["told"].lower(), match["told"])
    parts = item.split()
    for size in range(1, min(_MOST_WORDS, len(parts))):
        name, told = " ".join(parts[:-size]), " ".join(parts[-size:])
        row = words.find("answer", told) if len(told) >= _LEAST_LETTERS else None
        if row is not None and not row["value"] and is_known(name, words):
            return name, told  # hepatitis B not tested
    return None


def _stage(name: str) -> str:
    """Return a stage of kidney disease with its number alone: ``CKD IIIb``, ``CKD G4A3``, ``G4A3``."""
    match = _STAGE.fullmatch(name.strip())
    if match is None:
        return name
    number = _ROMAN.get((match["roman"] or "").upper()) or match["stage"]
    return f"CKD {number}{(match['part'] or '').lower()}"


def _spread(given: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield conditions, each of those under ``other`` by itself."""
    for name, told in given.items():
        named = [told] if isinstance(told, str) else told
        if name == _APART and isinstance(named, list) and all(isinstance(item, str) and item.strip() for item in named):
            yield from ((f"{OTHER} {item.strip().removeprefix(OTHER).strip()}", True) for item in named)
        else:
            yield name, told


_PROTECTS = re.compile(r"vaccin|vakzin|vacuna|immuni[sz]|impf|proph?ylax|profilax|immunity|\bimmun\b", re.IGNORECASE)
"""Names a protection: that it is not there is what matters."""

_GONE: _Told = ("", None)


def _one(name: str, told: Any, notes: Notes, *, past: bool = False, beside: Collection[str] = ()) -> _Told:
    """Return a condition by its name alone with what is told of it, ``beside`` others by the names of the tables."""
    apart = name.lower().startswith(OTHER)
    text = bare_name(name).strip()
    if is_known(text, notes.words):
        return _known(text, told, notes, past)
    if apart and f"{OTHER} {text}" in notes.words.apart:
        return f"{OTHER} {text}", told
    found = (
        (_drug_apart(text, notes) if apart else None)
        or _absent(text, told, notes.words)
        or _graded(text, told, notes)
        or _earlier(text, told, notes, past)
    )
    if found is not None:
        return found
    if _refused(text, told, (_CONDITIONS, name), notes):
        return _GONE
    held = held_word(text, notes.words)
    if held and told is True and _is_planned(text, held) and notes.words.counts_planned(held):
        notes.remark(f"{text}: read as {held}, which is asked about before it comes")
        return held, True
    reaction = "" if notes.words.is_manifestation(text) else as_reaction(text, told, notes.words, alone=not held)
    if reaction and (held or not apart):
        notes.refuse((_CONDITIONS, name), f"{reaction}; found {text!r}")
        return _GONE
    if apart and held and not _is_planned(text, held) and _tables(held, notes.words) not in beside:
        rule = f"holds {held!r}, {what_to_write(held, text, notes.words)}"
        notes.refuse((_CONDITIONS, name), f"{rule}; found {text!r}")
        return _GONE
    return (f"{OTHER} {text}" if apart else name), told


def _known(text: str, told: Any, notes: Notes, past: bool) -> _Told:
    """Return a condition that is known by its name, unless it passes and was there in the past, or in a year."""
    row = notes.words.find("condition", text)
    kind, _, other = ((row["details"] or "") if row is not None else "").partition("=")
    if row is not None and kind == _GRANTED:
        notes.remark(f"{text}: {row['note']}")
        return _GONE
    if (kind == _NOT and told is True) or (kind == _DENIED_BY and _is_no(told, notes.words)):
        notes.remark(f"{text}{'' if told is True else ': no'}: read as no {other}")
        return other, False
    if past and (_passes(text, notes.words) or _may_end(text, notes.words)):
        return _left_out(text, notes)
    if _is_infection(text, notes.words) and _year(told):
        return _of_a_year(text, str(told), notes)
    return text, told


def _drug_apart(text: str, notes: Notes) -> _Told | None:
    """Refuse a drug that stands among what no table asks about: there it would be lost; None of any other."""
    if not notes.words.is_drug(text):
        return None
    rule = f"is a drug: write co_medication: [{text}] where it is taken, else among the therapies"
    notes.refuse((_CONDITIONS, f"{OTHER} {text}"), f"{rule}; found {text!r}")
    return _GONE


def _absent(text: str, told: Any, words: Words) -> _Told | None:
    """Return what no table asks about and is said not to be there; None of any other.

    That a protection is not there, such as a vaccination, is what matters of it, and stays.
    """
    negated = told is True and NEGATED.fullmatch(text) is not None
    bare = text.split(maxsplit=1)[1] if negated else text
    fields = context_schema()["$defs"]["patient"]["properties"]
    known = is_known(bare, words) or words.is_manifestation(bare)
    silent = not (known or words.meant(bare, fields) or held_word(bare, words))
    if not silent or not (negated or _is_no(told, words)):
        return None
    return (f"{OTHER} no {bare}", True) if _PROTECTS.search(bare) else (f"{OTHER} {bare}", False)


def _is_no(told: Any, words: Words) -> bool:
    answer = words.find("answer", told)
    return told is False or (answer is not None and answer["value"] == "no")


def _graded(text: str, told: Any, notes: Notes) -> _Told | None:
    """Read a class of heart failure, alone or beside its name."""
    words = notes.words
    grade = words.find("grade", text)
    if grade is not None and grade["details"] and "nyha" in plain(text):
        if told is True or _year(told):
            return grade["details"], text
        rule = f"is a class of heart failure: write '{text}: true' where it is there, or leave it out"
        notes.refuse((_CONDITIONS, text), f"{rule}; found {told!r}")
        return _GONE
    graded = _GRADE_FIRST.fullmatch(text) or _GRADED.fullmatch(text) or _DEGREE.fullmatch(text)
    if graded is not None and "degree" in graded.groupdict() and not is_known(graded["name"], words):
        return None
    return (graded["name"], graded["grade"]) if graded is not None and told is True else None


def _earlier(text: str, told: Any, notes: Notes, past: bool) -> _Told | None:
    """Read a condition with its year, or one that was there once; None for other texts."""
    bare, when = _of_month(text, notes.words)
    if bare and told is True and not past:
        return _known(bare, when, notes, past)  # myocardial infarction Oct 2026
    earlier = _EARLIER.fullmatch(text)
    dated = _DATED.fullmatch(earlier["name"] if earlier is not None else text)
    bare = dated["name"] if dated is not None else earlier["name"] if earlier is not None else ""
    if not bare or told is not True or not is_known(bare, notes.words):
        return None
    if earlier is None and dated is not None and not past:
        return _known(bare, dated["year"], notes, past)  # deep vein thrombosis 2019
    if _passes(bare, notes.words) or _may_end(bare, notes.words):
        return _left_out(bare, notes)
    row = notes.words.find("condition", bare)
    if dated is not None and row is not None and _reaction(row["details"]):
        return bare, dated["year"]
    notes.remark(f"{text}: read as {bare}, which is there or was")
    return bare, told


def _of_month(text: str, words: Words) -> tuple[str, str]:
    """Return a condition that is known and its month or day; empty texts where none is told."""
    match = _MONTH.fullmatch(text)
    day = date_of(match["when"], words).text if match is not None else None
    known = match is not None and day is not None and _DAY.fullmatch(day) and is_known(match["name"], words)
    return (match["name"], str(day)) if match is not None and known else ("", "")


def _refused(text: str, told: Any, path: Path, notes: Notes) -> bool:
    """Refuse what is denied, feared, or a value; say whether it was."""
    words = notes.words
    value, denied = _VALUE.fullmatch(text), _DENIED.fullmatch(text)
    feared = _FEARED.fullmatch(text)
    rule = ""
    if NEGATED.fullmatch(text) or (denied is not None and is_known(denied["name"], words)):
        bare = denied["name"] if denied is not None else text.split(maxsplit=1)[1]
        rule = f"is said not to be there: write {{NAME: false}}, as in '{bare}: false'"
    elif feared is not None:
        bare = next(part for part in feared.groups() if part)
        rule = (
            f"is not said to be there: write '{bare}: true' where it is, or leave it out"
            if is_known(bare, words)
            else ""
        )
    elif (
        value is not None
        and told is True
        and (words.find("quantity", value["name"]) or words.is_quantity(value["name"]))
    ):
        rule = f"is a value: write values: {{{value['name'].strip()}: {value['value']}}}"
    if rule:
        notes.refuse(path[:1] if told is True else path, f"{rule}; found {text!r}")
    return bool(rule)


def _of_a_year(name: str, year: str, notes: Notes) -> _Told:
    """Refuse an infection of a year, unless it lasts: whether it is there now is not told."""
    row = notes.words.find("infection", name)
    if row is not None and LASTING in split_list(row["details"]):
        return name, True
    over = f"infection: {{which: {name}, when: {year}, treated: finished}}"
    rule = f"a date does not say whether it is there now: write {over} where it is over, else 'ongoing'"
    notes.refuse((_CONDITIONS, name), rule)
    return _GONE


def _left_out(text: str, notes: Notes) -> _Told:
    if _may_end(text, notes.words):
        rule = "was there, and may be there now: write it among the conditions where it is, else leave it out"
        notes.refuse((_CONDITIONS, text), rule)
        return _GONE
    notes.lose(f"{text}: of earlier days, which says nothing of today, and is left out")
    return _GONE


def is_known(name: str, words: Words) -> bool:
    """Say whether a field, a table or an infection knows what stands among the conditions by this name.

    Parameters
    ----------
    name : str
    words : Words

    Returns
    -------
    bool
    """
    row = words.condition(name)
    known = row is not None and (row["value"] or "")
    return bool(known or words.refused_condition(name) or _is_infection(name, words) or own_field(name, words))


def own_field(name: str, words: Words) -> str:
    """Return the field of a patient that a word among the conditions belongs to; empty where none does.

    Parameters
    ----------
    name : str
    words : Words

    Returns
    -------
    str
    """
    known = context_schema()["$defs"]["patient"]["properties"]
    row = words.find("field", name)
    named = [row["value"] or ""] if row is not None else [item for item in known if plain(item) == plain(name)]
    if named and known.get(named[0], {}).get("type") == "boolean":
        return named[0]
    for field in ("liver_disease", "contraception"):
        row = words.find(field, name)
        if (
            row is not None
            and words.find("answer", name) is None
            and (field != "contraception" or _tells(row["value"]))
        ):
            return field
    return ""


def _tells(value: str | None) -> bool:
    """Say whether a word for contraception is one among conditions, too: the menopause, a wish for a child."""
    return value in ("not_needed", "conception_planned")


def _is_infection(name: str, words: Words) -> bool:
    return words.find("infection", name) is not None


def _passes(name: str, words: Words) -> bool:
    """Say whether what was there once says nothing of today."""
    row, infection = words.condition(name), words.find("infection", name)
    if infection is not None:
        return not infection["details"]
    if row is not None:
        return words.passes(row["value"] or name)
    field = context_schema()["$defs"]["patient"]["properties"].get(own_field(name, words), {})
    return bool(field.get("type") == "boolean")


def _may_end(name: str, words: Words) -> bool:
    row = words.condition(name)
    return row is not None and words.may_end(row["value"] or name)


def _year(told: Any) -> bool:
    return not isinstance(told, bool) and re.fullmatch(r"(?:19|20)\d\d(?:-\d\d){0,2}", str(told).strip()) is not None


def held_word(text: str, words: Words) -> str:
    """Return the longest run of words within a text that is a word of its own for what tables ask; empty without one.

    Parameters
    ----------
    text : str
    words : Words

    Returns
    -------
    str
    """
    parts = [] if _OTHERS.match(text) else re.findall(r"[^\s,;:()?/]+", text)
    for size in range(_MOST_WORDS, 0, -1):
        for first in range(len(parts) - size + 1):
            held = " ".join(parts[first : first + size])
            if plain(held) == plain(text) or not (len(held) >= _LEAST_LETTERS or held.isupper()):
                continue
            row = words.condition(held)
            other = row is not None and str(row["value"]).startswith(OTHER)
            if not other and is_known(held, words):
                return held
    return ""


def _is_planned(text: str, held: str) -> bool:
    """Say whether a text tells nothing but that a condition is planned: one that is there, too, is not to be lost."""
    if not _PLANNED.search(text):
        return False
    # The name of what is waited for stands within "on the transplant list".
    name = _PLANNED.sub(lambda match: held if held.lower() in match[0].lower() else " ", text)
    return plain(_BESIDE_PLANNED.sub(" ", name)) == plain(held)


def what_to_write(held: str, text: str, words: Words) -> str:
    """Say what to write for a text that holds a word of which tables ask.

    Parameters
    ----------
    held : str
        The word.
    text : str
        That holds it.
    words : Words

    Returns
    -------
    str
    """
    if _is_planned(text, held):
        return f"of which tables ask where it is there: of what is planned write '{OTHER} {text}'"
    asked = words.refused_condition(held)
    if asked:
        return f"which {asked}"
    return (
        f"of which tables ask: write '{held}' alone where that says all of it; where it is more, or another thing, "
        f"write {{{held}: true}} or {{{held}: false}}, and beside it 'other: {text}'"
    )
