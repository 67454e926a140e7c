"""Conditions as they are told, each by its name alone: what is past, feared, denied or of another field is told apart.

What was there once and passes (an infection, a fall of kidney function) says nothing of today; what lasts is there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from lupus_pgx.context.language.everyday import NEGATED, is_date
from lupus_pgx.context.language.finished import ended_of, finished, may_be_ongoing, read_finished, under_treatment
from lupus_pgx.context.language.known_conditions import (
    held_manifestation,
    held_word,
    is_known,
    is_planned,
    name_in_tables,
    what_to_write,
)
from lupus_pgx.context.language.notes import Notes, Path
from lupus_pgx.context.language.word_rows import Words, plain
from lupus_pgx.context.told.how_active import how_active
from lupus_pgx.context.told.listed_conditions import fields_of, is_day, pairs_of
from lupus_pgx.context.told.past_conditions import GONE, Told, of_earlier, of_known
from lupus_pgx.context.told.reactions import as_reaction, course_of_reaction, date_told, reacted_before, reaction_of
from lupus_pgx.context.told.relatives import as_family_history
from lupus_pgx.context.told.unasked import of_unasked
from lupus_pgx.knowledge.drugs import OTHER, bare_name
from lupus_pgx.knowledge.tables import split_list

_CONDITIONS = "conditions"

PAST = "past"
"""In ``details`` of a word for a field: what stands there was there once."""

_GRADED = re.compile(r"(?P<name>.+?)[\s,(]+(?P<grade>nyha\b[^)]*)\)?", re.IGNORECASE)
_GRADE_FIRST = re.compile(r"(?P<grade>nyha(?:\s+class)?\s+[IV1-4]+)\s+(?P<name>\S.+)", re.IGNORECASE)
_DEGREE = re.compile(r"(?P<grade>(?P<degree>mild|moderate|severe))\s+(?P<name>\S.+)", re.IGNORECASE)
_FEARED = re.compile(
    r"(?:rule out|r/o|suspected|susp\.?|possible|probable|questionable|v\.? ?a\.?|verdacht auf|suspicion de)\s+"
    r"(?P<name>.+)|\?\s*(?P<after>.+)|(?P<before>.+?)\s*\?+",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?P<name>.+?)[\s,:]+(?:neg\.?|negativ[e]?|n[e\u00e9]gatif|excluded|ruled out|absent|ausgeschlossen|exclue?)",
    re.IGNORECASE,
)
_BOTH = re.compile(r"\s*(?:,|\b(?:and|or|nor|und|oder|et|ou|y)\b)\s*", re.IGNORECASE)
"""Stands between those that are denied together: ``MI and PE were excluded``."""

_WAS = re.compile(r"\s+(?:was|is|were|are|has been|have been|wurden?|war(?:en)?|ist)(?:\s+both)?$", re.IGNORECASE)

_NO_MORE = re.compile(r"(?:no longer|not (?:any ?more|currently)|non pi\u00f9|kein\w* .*mehr\b)", re.IGNORECASE)
"""Begins what was there and is over."""

_VALUE = re.compile(r"(?P<name>[^\d<>=:]+?)[\s:=]*(?P<value>[<>]?=?\s*\d.*)")
_STAGE = re.compile(
    r"(?:ckd|chronic kidney disease)(?:\s+stage)?\s*g?(?P<roman>I{1,3}|IV|V)(?P<part>[ab])?(?:\s*/?A[1-3])?|"
    r"(?:(?:ckd\s*)?g|(?:ckd|chronic kidney disease)(?:\s+stage)?\s*)(?P<stage>[1-5][ab]?)\s*/?\s*A[1-3]",
    re.IGNORECASE,
)
_STAGE_FIRST = re.compile(
    r"(?P<stage>stage\s+g?(?:[1-5]|I{1,3}|IV|V)[ab]?)\s+(?P<disease>ckd|chronic kidney disease)", re.IGNORECASE
)
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5"}


def read_past(made: dict[str, Any], notes: Notes) -> None:
    """Join what fields for the past hold with the conditions, in place; what has passed is said and left out.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    for name, told, there in fields_of(made, PAST, notes):
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
    pairs = pairs_of(made.get(_CONDITIONS), notes.words)
    if pairs is None:
        return
    if not pairs and made[_CONDITIONS]:
        notes.lose(f"conditions: {made[_CONDITIONS]}: says nothing of any one of them, and is left out")
    told: dict[Any, Any] = {}
    named = [name for name, _ in pairs if isinstance(name, str) and is_known(name, notes.words)]
    beside = {name_in_tables(name, notes.words) for name in named}
    shown = made.get("manifestations")
    beside |= {_manifestation(item, notes.words) for item in shown} if isinstance(shown, Mapping | list) else set()
    for name, value in pairs:
        bare = next(iter(value.values())) if isinstance(value, Mapping) and is_day(value) else value
        for own, own_value in _each(name, bare, notes, beside):
            if own == "":
                continue
            if reacted_before(own, (told.get(own), own_value), notes.words):
                notes.remark(f"{own}: is there now, and was there earlier: read as there now")
                told[own] = True
                continue
            if told.get(own, own_value) != own_value:
                notes.refuse((_CONDITIONS, str(own)), "is given twice: write one of them")
            told[own] = own_value
    now = {name_in_tables(own, notes.words) for own, value in told.items() if notes.words.says_yes(value)}
    for own in [own for own, value in told.items() if date_told(value, notes.words)]:
        if name_in_tables(own, notes.words) in now and reaction_of(own, notes.words):
            notes.remark(f"{own}: {told.pop(own)}: is there now, too: read as there now")
    made[_CONDITIONS] = {own: value for own, value in told.items() if not course_of_reaction(own, value, made, notes)}


def _each(name: Any, value: Any, notes: Notes, beside: Collection[str] = ()) -> list[Told]:
    """Return what is told by one name, ``beside`` others; an infection that is over tells what the field would."""
    if not isinstance(name, str):
        return [(name, value)]
    bare = bare_name(name)
    if bare.strip().lower() == OTHER:
        notes.refuse((_CONDITIONS, name), f"names nothing: write '{OTHER} NAME', or leave it out")
        return []
    if isinstance(value, str) and is_planned(f"{bare} {value}", bare):
        return _each(f"{bare} {value}", True, notes, beside)  # kidney transplant: planned
    over = finished(bare, value, notes.words)
    if over:
        return _over(over, bare, (name, value), notes)
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


def _over(which: str, bare: str, told: Told, notes: Notes) -> list[Told]:
    """Return what an infection that is told as over leaves, such as a hepatitis C that was cured."""
    name, value = told
    own = notes.words.condition(bare if value is True else f"{value} {bare}")
    if own is not None and own["source"]:
        return [_one(own["words"], True, notes)]
    unsure = may_be_ongoing(bare, value, which, notes.words)
    if unsure:
        notes.refuse((_CONDITIONS, name), f"{unsure}; found {name if value is True else value!r}")
        return []
    conditions, remark = read_finished(which, notes.words)
    notes.remark(remark)
    return list(conditions.items())


def _stage(name: str) -> str:
    """Return a stage of kidney disease with its number alone: ``CKD IIIb``, ``CKD G4A3``, ``G4A3``."""
    turned = _STAGE_FIRST.fullmatch(name.strip())
    name = f"{turned['disease']} {turned['stage']}" if turned is not None else name  # stage 3b CKD
    match = _STAGE.fullmatch(name.strip())
    if match is None:
        return name
    number = _ROMAN.get((match["roman"] or "").upper()) or match["stage"]
    return f"CKD {number}{(match['part'] or '').lower()}"


def _one(name: str, told: Any, notes: Notes, *, past: bool = False, beside: Collection[str] = ()) -> Told:
    """Return a condition by its name alone with what is told of it, ``beside`` others by the names of the tables."""
    apart = name.lower().startswith(OTHER)
    text = bare_name(name).strip()
    known = is_known(text, notes.words)
    family = as_family_history(text, told, notes.words) if not known or isinstance(told, str) else None
    if family is not None:
        notes.remark(f"{name if told is True else f'{name}: {told}'}: read as {family[0]}")
    if family is not None or known:
        return family or of_known(text, told, notes, past)
    if apart and f"{OTHER} {text}" in notes.words.apart:
        return f"{OTHER} {text}", told
    found = of_unasked(text, told, notes, apart=apart)
    found = found or _graded(text, told, notes) or of_earlier(text, told, notes, past)
    if found is not None:
        return found
    if _refused(text, told, (_CONDITIONS, name), notes):
        return GONE
    held = held_word(text, notes.words)
    if held and told is True and is_planned(text, held) and notes.words.counts_planned(held):
        notes.remark(f"{text}: read as {held}, which is asked about before it comes")
        return held, True
    reaction = "" if notes.words.is_manifestation(text) else as_reaction(text, told, notes.words, alone=not held)
    # Behind "other:" what has a cause of its own may stand, but not a reaction beside the name of its drug.
    if reaction and (held or not apart or as_reaction(text, told, notes.words, alone=False)):
        notes.refuse((_CONDITIONS, name), f"{reaction}; found {text!r}")
        return GONE
    rule = _buried(text, told, held, notes.words, beside) if apart else ""
    if rule:
        notes.refuse((_CONDITIONS, name), f"{rule}; found {text!r}")
        return GONE
    return (f"{OTHER} {text}" if apart else name), told


def _buried(text: str, told: Any, held: str, words: Words, beside: Collection[str]) -> str:
    """Say what to write of what tables ask for within what is said to be known to none; empty without it."""
    if held and not is_planned(text, held) and name_in_tables(held, words) not in beside:
        return f"holds {held!r}, {what_to_write(held, text, words)}"
    lupus = held_manifestation(text, words) if words.says_yes(told) else ""
    if lupus and _manifestation(lupus, words) not in beside:
        rule = f"holds {lupus!r}, of which tables ask as a manifestation: write manifestations: [{lupus}]"
        return f"{rule}; where it is not there, leave it out"
    return ""


def _manifestation(name: Any, words: Words) -> str:
    """Return a manifestation by the name of the tables."""
    row = words.find("manifestation", name)
    return str(row["value"] or name) if row is not None else str(name)


def _graded(text: str, told: Any, notes: Notes) -> Told | None:
    """Read a class of heart failure, alone or beside its name."""
    words = notes.words
    grade = words.find("grade", text)
    if grade is not None and grade["details"] and "nyha" in plain(text):
        if told is True or is_date(str(told).strip()):
            return split_list(grade["details"])[0], text
        rule = f"is a class of heart failure: write '{text}: true' where it is there, or leave it out"
        notes.refuse((_CONDITIONS, text), f"{rule}; found {told!r}")
        return GONE
    graded = _GRADE_FIRST.fullmatch(text) or _GRADED.fullmatch(text) or _DEGREE.fullmatch(text)
    if graded is not None and "degree" in graded.groupdict() and not is_known(graded["name"], words):
        return None
    return (graded["name"], graded["grade"]) if graded is not None and told is True else None


def _refused(text: str, told: Any, path: Path, notes: Notes) -> bool:
    """Refuse what is denied, feared, or a value; say whether it was."""
    words = notes.words
    value, denied = _VALUE.fullmatch(text), _DENIED.fullmatch(text)
    feared = _FEARED.fullmatch(text)
    rule = ""
    together = _WAS.sub("", denied["name"]) if denied is not None else ""
    each = [part for part in _BOTH.split(together) if part]
    if len(each) > 1 and not is_known(together, words) and all(is_known(part, words) for part in each):
        bare = ", ".join(f"{part}: false" for part in each)
        rule = f"is said not to be there: write {{{bare}}} where that is said of each of them"
    elif NEGATED.fullmatch(text) or is_known(together, words):
        bare = together or text.split(maxsplit=1)[1]
        bare = held_word(bare, words) or bare if _NO_MORE.match(text) else bare
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
