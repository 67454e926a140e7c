"""Names of fields and conditions as people write them, brought to those of the tables before anything else is read.

What stands beside the fields of a patient and is the name of a condition or of a quantity goes where it belongs. A word
for a part of a condition answers only yes: who had no clot in a leg may have had one elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lupus_pgx.context.everyday import date_of
from lupus_pgx.context.form import context_schema
from lupus_pgx.context.notes import Notes
from lupus_pgx.context.own_fields import home_of, read_own_fields
from lupus_pgx.context.told_allergies import read_allergies
from lupus_pgx.context.told_conditions import SINCE, is_ahead, own_field, read_past, read_told
from lupus_pgx.context.told_doses import frequency_of
from lupus_pgx.context.word_rows import Words
from lupus_pgx.knowledge.drugs import OTHER, bare_name
from lupus_pgx.knowledge.tables import split_list

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ContextWordsCells

_ALSO, _TAKEN, _WITHOUT = "condition=", "drug=", "not="
"""In ``details`` of a word for contraception: it states a condition, too, and the drug that is taken."""

_RELIABLE = ("secured", "not_secured")
"""What a method of contraception is, the one that counts of several first."""

_PART = "part"
"""In ``details`` of a word for a condition: it names one kind of it."""

_DETAILED = ("infection",)
"""Fields that are a mapping, and may be answered by yes."""

_NO = (False, "no", "none")
_FOUND = {"present": True, "absent": False}
_APART = OTHER.removesuffix(":")
"""Field of ``conditions`` that lists those of which no table asks."""

_LETTERS = re.compile(r"[^\W\d_]")
_WISH = "conception_planned"
_WISHED = re.compile(
    r"(?:planned|planning|plans|planned soon|wished|wished for|desired|wanted|trying|trying to conceive|intended|"
    r"geplant|gew\u00fcnscht|kinderwunsch|pr\u00e9vue?|souhait\u00e9e?|d\u00e9sir\u00e9e?|planeado|deseado)"
    r"(?:\s+(?:in|for|within|next|from|soon|this|after|ab|f\u00fcr|dans|en)\b"
    r"(?!.*\b(?:deliver|c(?:a?e)sar|section|birth)).*)?",
    re.IGNORECASE,
)
"""Says in place of a pregnancy that it is planned."""

_SMOKING = "smoking"
_SMOKED = re.compile(
    r"(?:about\s+|ca\.?\s+|~\s*|>\s*|current,?\s+)?(?P<number>\d+(?:\.\d+)?)\s*[x-]?\s*(?:pack[\s-]?years?|py|packungsjahre|"
    r"paquets?[\s-]ann[e\u00e9]es?|(?:cigarettes?|cigs?|packs?|zigaretten|cigarrillos)(?:\s*(?:/|per|a|pro|par|al)\s*\w+)?)",
    re.IGNORECASE,
)
_WHEN = re.compile(r"(?:19|20)\d\d(?:-\d\d){0,2}")
_NUMBER = re.compile(r"\d[\d.]*")
_BEGUN = re.compile(
    r"(?P<drug>.+?)[\s,(]+(?:since|seit|depuis|desde|started|begun|begonnen|from)\s+(?:in\s+|am\s+|on\s+)?"
    r"(?P<day>.*\d.*?)\)?",
    re.IGNORECASE,
)
_DOSED = re.compile(
    r"(?P<drug>\D*[^\W\d][\w.)]*)\s+"
    r"(?P<dose>\d[\d.,]*\s*(?:(?:mg|g|\u00b5g|ug|mcg|iu|ie|ml|units?|tabl?\w*|tbl)\b|/\s*\d[\d.,]*\b).*)",
    re.I,
)


def read_names(made: dict[str, Any], notes: Notes) -> None:
    """Write fields and conditions of a patient by the names of the tables, in place.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    words = notes.words
    read_allergies(made, notes)
    read_past(made, notes)
    _fields(made, notes)
    read_told(made, notes)
    read_own_fields(made, notes)
    _yes_alone(made, notes)
    _manifestations_among(made, notes)
    _conditions_among(made, notes)
    given = made.get("conditions")
    if isinstance(given, Mapping):
        made["conditions"] = _conditions(given, notes)
    _graded(made, notes)
    _nothing(made, notes)
    if isinstance(made.get("co_medication"), str) and words.find("answer", made["co_medication"]) is None:
        made["co_medication"] = [name.strip() for name in re.split("[,;]", made["co_medication"])]
    if isinstance(made.get("co_medication"), Mapping):
        taken = made["co_medication"]
        made["co_medication"] = [taken] if "drug" in taken else [{name: told} for name, told in taken.items()]
    if isinstance(made.get("co_medication"), list):
        made["co_medication"] = [_dosed(item, words) for item in made["co_medication"]]
    if isinstance(made.get("planned"), str):
        made["planned"] = [name.strip() for name in re.split("[,;]", made["planned"])]
    if isinstance(made.get("planned"), list):
        made["planned"] = [{"drug": item} if isinstance(item, str) else item for item in made["planned"]]
    for name in ("therapies", "planned"):
        if isinstance(made.get(name), list):
            made[name] = [_course(item, words) for item in made[name]]
    _contraception(made, given, notes)


def _nothing(made: dict[str, Any], notes: Notes) -> None:
    """Read that there is none, or that nothing is known, where a list of drugs is asked for."""
    for name in ("therapies", "planned", "co_medication"):
        given = made.get(name)
        told = given[0] if isinstance(given, list) and len(given) == 1 else given
        row = notes.words.find("answer", "no" if told is False else told)
        if row is None or row["value"] == "yes":
            continue
        if row["value"]:
            notes.remark(f"{name}: {'no' if told is False else told}: read as none")
            made[name] = []
        else:
            notes.lose(f"{name}: {told}: {row['note']}, and is left out")
            del made[name]


def others_apart(made: dict[str, Any], notes: Notes) -> None:
    """List the conditions of which no table asks in a field of their own, in place, and say that none does.

    Parameters
    ----------
    made : dict
        Fields of a patient whose answers are read.
    notes : Notes
    """
    stated = made.get("conditions")
    if not isinstance(stated, Mapping):
        return
    others = {name: told for name, told in stated.items() if isinstance(name, str) and name.startswith(OTHER)}
    if not others:
        return
    there = []
    for name, told in others.items():
        own = name.removeprefix(OTHER).strip()
        if told in (False, "none"):
            notes.remark(f"{own}: is not there, and is left out")
        elif told is not None:
            there.append(own)
            notes.lose(f"{own}: no table asks about it, so what it means for a drug is unknown here")
    made["conditions"] = {name: told for name, told in stated.items() if name not in others}
    if there:
        made["conditions"][_APART] = there


def _contraception(made: dict[str, Any], conditions: Any, notes: Notes) -> None:
    for name, there in conditions.items() if isinstance(conditions, Mapping) else ():
        for drug in _details(notes.words.find("contraception", name), _TAKEN) if there is True else ():
            _taken(drug, made, notes)  # who has the pill among the conditions takes it
    _planned_pregnancy(made, notes)
    _by_their_drug(made, notes)
    several = isinstance(made.get("contraception"), list) and len(made["contraception"]) > 1
    _methods(made, notes)
    row = notes.words.find("contraception", "no" if made.get("contraception") is False else made.get("contraception"))
    if row is not None and made["contraception"] != row["value"]:  # a word of ours needs no remark
        also, taken = _details(row, _ALSO), _details(row, _TAKEN)
        hint = f" ({row['note']})" if row["note"] else ""
        notes.remark(
            f"contraception: {made['contraception']}: read as {' and '.join([row['value'] or '', *also, *taken])}{hint}"
        )
        made["contraception"] = row["value"]
        # A coil is no hormone that an inducer could make fail; beside a second method that says nothing of the second.
        without = [] if several else _details(row, _WITHOUT)
        stated = _as_mapping(made.get("conditions"))
        if (also or without) and stated is not None:
            made["conditions"] = {**dict.fromkeys(also, True), **dict.fromkeys(without, False), **stated}
        for name in taken:
            _taken(name, made, notes)


def _by_their_drug(made: dict[str, Any], notes: Notes) -> None:
    """Name methods of contraception that are told by a brand by the drug that it is, in place."""

    def method(told: Any) -> Any:
        row = notes.words.find("contraception", notes.words.own_name(told))
        if row is None or notes.words.find("contraception", told) is not None:
            return told
        notes.remark(f"contraception: {told}: read as {row['words']}")
        return row["words"]

    given = made.get("contraception")
    if isinstance(given, str | list):
        made["contraception"] = [method(item) for item in given] if isinstance(given, list) else method(given)


def _planned_pregnancy(made: dict[str, Any], notes: Notes) -> None:
    """Read a pregnancy that is planned, among what is planned or in place of one that is there, as a wish for it."""
    planned, told = made.get("planned"), made.get("pregnancy")
    wishes = [
        item["drug"]
        for item in (planned if isinstance(planned, list) else ())
        if isinstance(item, Mapping) and set(item) <= {"drug", "start"} and _is_wish(item.get("drug"), notes.words)
    ]
    if wishes:
        made["planned"] = [item for item in planned or () if item.get("drug") not in wishes]
        if not made["planned"]:
            del made["planned"]
    if isinstance(told, str) and _WISHED.fullmatch(told.strip()):
        wishes.append(made.pop("pregnancy"))
    for wish in wishes[:1]:
        if made.get("contraception") not in (None, _WISH):
            rule = f"says that a pregnancy is planned: write contraception: {_WISH}, or {{pregnancy: false}}"
            notes.refuse(("contraception",), f"{rule}; found {wish!r} beside {made['contraception']!r}")
            return
        notes.remark(f"pregnancy: {wish}: read as contraception: {_WISH}")
        made["contraception"] = _WISH


def _is_wish(name: Any, words: Words) -> bool:
    row = words.find("contraception", name)
    return (row is not None and row["value"] == _WISH) or (
        isinstance(name, str) and own_field(name, words) == "pregnancy"
    )


def _methods(made: dict[str, Any], notes: Notes) -> None:
    """Read several methods of contraception: one that is reliable counts; refuse a yes that names none."""
    given = made.get("contraception")
    if given is True or (isinstance(given, str) and _grade(given, notes.words) is True):
        rule = (
            "does not say which: name the method (pill, copper IUD, implant, condom), or write secured or not_secured"
        )
        notes.refuse(("contraception",), rule)
        del made["contraception"]
    if not isinstance(given, list) or not given:
        return
    rows = [notes.words.find("contraception", item) for item in given]
    known = [row for row in rows if row is not None and row["value"] in _RELIABLE]
    if len(known) < len(given):
        wrong = next(item for item, row in zip(given, rows, strict=True) if row not in known)
        rule = f"expected one method, or a list of methods such as [copper IUD, condom]; found {wrong!r}"
        notes.refuse(("contraception",), rule)
        del made["contraception"]
        return
    best = min(known, key=lambda row: _RELIABLE.index(row["value"] or ""))
    others = [row["words"] for row in known if row is not best]
    if others:
        notes.remark(f"contraception: {', '.join(others)}: beside {best['words']}, which counts")
    made["contraception"] = best["words"]


def _details(row: ContextWordsCells | None, kind: str) -> list[str]:
    """Return what a word states beside its value."""
    told = split_list(row["details"]) if row is not None else ()
    return [item.removeprefix(kind) for item in told if item.startswith(kind)]


def _taken(name: str, made: dict[str, Any], notes: Notes) -> None:
    """Add a drug that another field states to what is taken.

    A list of co-medication that nobody gave is not begun: it would say that nothing else is taken.
    """
    field = "co_medication" if isinstance(made.get("co_medication"), list) else "therapies"
    listed = made.get(field) or []
    if not isinstance(listed, list) or any(_is_of(item, name, notes.words) for item in listed):
        return
    made[field] = [*listed, {"drug": name, "outcome": "ongoing"} if field == "therapies" else name]


def _is_of(item: Any, name: str, words: Words) -> bool:
    """Say whether an entry of a list of drugs is a drug."""
    return words.own_name(item.get("drug") if isinstance(item, Mapping) else item) == name


def _fields(made: dict[str, Any], notes: Notes) -> None:
    known = context_schema()["$defs"]["patient"]["properties"]
    for name in [item for item in made if isinstance(item, str) and item not in known]:
        home, own = home_of(name, notes.words, known)
        if home == "conditions" and own and notes.words.of_unit(own, made[name]) != own:
            home = "values"  # an amount with its unit is a value, whatever the word alone says
        if not home:
            continue
        held = made.get(home) or {}
        if own and isinstance(held, list):
            notes.remark(f"{name}: read as {home}.{own}")
            made[home] = [*held, {own: made.pop(name)}]
            continue
        place = held if own else made
        if (own and not isinstance(held, Mapping)) or place.get(own or home) is not None:
            notes.refuse((name,), f"stands for {own or home}, which is given twice: write one of them")
            del made[name]
            continue
        notes.remark(f"{name}: read as {f'{home}.{own}' if own else home}")
        value = made.pop(name)
        made[home] = {**held, own: value} if own else value


def _named(name: str, notes: Notes) -> tuple[str, bool]:
    """Return a condition by the name of the tables, and whether the word is for a part of it."""
    plain_name = bare_name(name)
    other = plain_name != name
    found = notes.words.condition(plain_name)
    if found is None:
        return f"{OTHER} {plain_name}" if other else name, False
    own = str(found["value"])
    if own.startswith(OTHER):
        return own, False
    if own != plain_name or other:
        note = f"; {found['note']}" if found["note"] else ""
        notes.remark(f"{name}: read as {own}{note}")
    return own, found["details"] == _PART


def _conditions(given: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for given_name, given_told in given.items():
        name, told = _of_kind(given_name, given_told, notes.words)
        rule = notes.words.refused_condition(bare_name(name)) if isinstance(name, str) else ""
        if rule and _denied(told, notes.words):
            notes.lose(f"{name}: not there, which says nothing of a value, and is left out")
            continue
        if rule:
            notes.refuse(("conditions", name), rule)
            continue
        own, part = _named(name, notes) if isinstance(name, str) else (name, False)
        value = _told(name, own, told, notes)
        if part and _denied(value, notes.words):
            notes.lose(f"{name}: not there, which says nothing of other kinds of {own}, and is left out")
        elif made.get(own, value) != value:
            notes.refuse(("conditions", name), f"stands for {own}, which is given twice: write one of them")
        else:
            made[own] = value
    return made


def _of_kind(name: Any, told: Any, words: Words) -> tuple[Any, Any]:
    """Return a condition and what is told of it; one whose kind is told is the one that both words name.

    ``smoking: former`` is former smoking, ``tuberculosis: latent`` a latent tuberculosis.
    """
    if any(words.find(field, told) is not None for field in ("answer", "grade", "result")):
        return name, told
    row = words.find("condition", f"{told} {name}")
    if row is not None and row["value"]:
        return row["words"], True
    kind, whole = (words.condition(item) if isinstance(item, str) else None for item in (told, name))
    same = kind is not None and whole is not None and str(kind["value"]).endswith(str(whole["value"]))
    return (told, True) if same else (name, told)  # dialysis: haemodialysis


def _denied(told: Any, words: Words) -> bool:
    answer = words.find("answer", told)
    return (isinstance(told, bool | str) and told in _NO) or (answer is not None and answer["value"] == "no")


def _told(name: str, own: str, told: Any, notes: Notes) -> Any:
    """Return what is told of a condition: a grade in its words, and true where a date says since when it is there."""
    if isinstance(told, Mapping) and told and set(told) <= {"severity", SINCE}:
        told = told.get("severity", told.get("since"))
    row = notes.words.find("grade", told)
    if row is not None and row["details"] == own:
        notes.remark(f"{name}: {told}: read as {row['value']}")
        return row["value"]
    result = notes.words.find("result", told)
    found = notes.words.condition(bare_name(name)) if result is not None else None
    if result is not None and result["value"] in _FOUND and found is not None and found["details"] == _PART:
        return _FOUND[result["value"]]  # of a test, such as HBsAg
    often = frequency_of(told, notes.words) if isinstance(told, str) and _LETTERS.search(told) else None
    if often is not None and often[0]:
        notes.remark(f"{name}: {told}: read as there")
        return True
    if _is_counted(own, told):
        notes.remark(f"{name}: {told}: read as there")
        return True
    day = date_of(str(told), notes.words).text
    if day is None or not _WHEN.fullmatch(day):
        return told
    if is_ahead(day, notes.today):
        notes.refuse(("conditions", name), f"{day} is in the future")
        return None
    earlier = notes.words.condition(f"earlier {bare_name(name)}")
    lasts = earlier is not None and earlier["value"] == own  # an earlier one counts, too
    if (notes.words.passes(own) or notes.words.may_end(own)) and not lasts:
        notes.refuse(("conditions", name), "a date does not say whether it is there now: write true or false")
        return None
    notes.remark(f"{name}: {told}: read as there since then")
    return True


def _is_counted(own: str, told: Any) -> bool:
    """Say whether what is told of smoking is how much: ``40 pack-years``, and not none."""
    match = _SMOKED.fullmatch(told.strip()) if own == _SMOKING and isinstance(told, str) else None
    return match is not None and float(match["number"]) > 0


def _yes_alone(made: dict[str, Any], notes: Notes) -> None:
    """Move the yes to a field that asks for more, the infection, to the conditions, whose words have its name."""
    stated = _as_mapping(made.get("conditions"))
    for name in [name for name in _DETAILED if _grade(made.get(name), notes.words) is True]:
        if stated is not None and notes.words.condition(name) is not None:
            del made[name]
            if stated.get(name, True) is not True:
                notes.refuse((name,), "contradicts what conditions say of it: write one of them")
            made["conditions"] = stated = {name: True, **stated}


def _conditions_among(made: dict[str, Any], notes: Notes) -> None:
    """Move what stands among the manifestations and is a condition, such as an infection, to the conditions."""
    given = made.get("manifestations")
    if not isinstance(given, Mapping | list):
        return
    listed = given.items() if isinstance(given, Mapping) else [(name, None) for name in given]
    if not all(isinstance(name, str) for name, _ in listed):
        return
    moved = {name: told for name, told in listed if _is_condition(name, notes.words)}
    stated = _as_mapping(made.get("conditions"))
    if not moved or stated is None:
        return
    kept = {name: told for name, told in listed if name not in moved}
    del made["manifestations"]
    # What is left out of a list that held nothing else does not say that lupus shows itself nowhere.
    if kept:
        made["manifestations"] = kept if isinstance(given, Mapping) else list(kept)
    made["conditions"] = dict(stated)
    for name, told in moved.items():
        grade = told.get("severity") if isinstance(told, Mapping) else told
        value = True if grade is None else grade
        if stated.get(name, value) != value:
            notes.refuse(("manifestations", name), "is a condition, and conditions say otherwise: write one of them")
        made["conditions"][name] = value
        notes.remark(f"manifestations.{name}: read as conditions.{name}")


def _manifestations_among(made: dict[str, Any], notes: Notes) -> None:
    """Move what stands among the conditions and of which no table asks but as a manifestation, to those."""
    stated, given = _as_mapping(made.get("conditions")), made.get("manifestations")
    if stated is None or not isinstance(given, Mapping | list | None):
        return
    moved = {
        name: row
        for name, told in stated.items()
        if _is_yes(told, notes.words) and (row := _of_lupus(name, notes.words))
    }
    if not moved:
        return
    made["conditions"] = {name: told for name, told in stated.items() if name not in moved}
    names = list(dict.fromkeys(row["value"] or name for name, row in moved.items()))
    if isinstance(given, Mapping):
        made["manifestations"] = {**dict.fromkeys(names), **given}
    else:
        made["manifestations"] = [*(given or ()), *(name for name in names if name not in (given or ()))]
    for name in moved:
        notes.remark(f"conditions.{name}: read as manifestations.{name}")


def _is_yes(told: Any, words: Words) -> bool:
    answer = words.find("answer", told)
    return told is True or (answer is not None and answer["value"] == "yes")


def _of_lupus(name: str, words: Words) -> ContextWordsCells | None:
    """Return the row of a manifestation whose word is no condition that any table asks about."""
    row, found = words.find("manifestation", name), words.find("condition", name)
    silent = found is not None and (found["value"] or "").startswith(OTHER)
    return row if silent else None


def _is_condition(name: str, words: Words) -> bool:
    own = context_schema()["$defs"]["patient"]["properties"]["manifestations"]["properties"]
    return name not in own and words.find("manifestation", name) is None and words.condition(name) is not None


def _graded(made: dict[str, Any], notes: Notes) -> None:
    """Tell a state by its grade in its field, and one without a grade as a condition: an infection that is there."""
    stated = _as_mapping(made.get("conditions"))
    for name, field in context_schema()["$defs"]["patient"]["properties"].items():
        row = notes.words.condition(name) if "none" in field.get("enum", ()) else None
        if stated is None or row is None or row["value"] != name:
            continue
        given = [home[name] for home in (made, stated) if home.get(name) is not None]
        if any(isinstance(item, Mapping | list) for item in given):
            continue  # the form says what to write
        told = {_grade(item, notes.words) for item in given}
        grades = told - {True}
        if len(grades) > 1 or (True in told and "none" in grades):
            notes.refuse(("conditions", name), f"contradicts {name}, which is given twice: write one of them")
        elif given:
            made.pop(name, None)
            rest = {other: value for other, value in stated.items() if other != name}
            if grades:
                made[name] = grades.pop()
                rest |= {name: False} if name in stated and made[name] == "none" else {}
            else:
                rest[name] = True
                notes.remark(f"{name}: is there; how severe is not told")
            if rest != stated:
                made["conditions"] = rest


def _as_mapping(conditions: Any) -> Mapping[str, Any] | None:
    """Return conditions as a mapping, each of a list as there; None where they cannot be read."""
    if isinstance(conditions, list) and all(isinstance(name, str) for name in conditions):
        return dict.fromkeys(conditions, True)
    return conditions or {} if isinstance(conditions or {}, Mapping) else None


def _grade(told: Any, words: Words) -> Any:
    """Return a grade as it is written in its field: yes as True, no as ``none``."""
    row = words.find("answer", told)
    if told is False or (row is not None and row["value"] == "no"):
        return "none"
    return True if told is True or (row is not None and row["value"] == "yes") else told


def _dosed(item: Any, words: Words) -> Any:
    """Return a drug that is taken with its dose apart, where both stand in one text: ``Zyloric 300 mg``."""
    if not isinstance(item, str) or words.is_drug(item):
        return item
    bare = bare_name(item.strip())
    if bare != item.strip():  # one that a table knows is read as that, also with its dose
        told = _dosed(bare, words)
        return told if isinstance(told, Mapping) else item
    begun = _BEGUN.fullmatch(item.strip())
    day = date_of(begun["day"], words).text if begun is not None else None
    if begun is not None and day is not None and _WHEN.fullmatch(day):
        told = _dosed(begun["drug"], words)
        made = told if isinstance(told, Mapping) else {"drug": told} if words.is_drug(told) else {}
        if made:
            return {**made, "start": day}
    match = _DOSED.fullmatch(item.strip())
    if match is not None and words.is_drug(match["drug"]):
        return match.groupdict()
    return _without_amount(item, words) or item


def _without_amount(item: str, words: Words) -> dict[str, str] | None:
    """Return a drug and how often it is taken, where no amount is told: ``Bactrim forte BID``; None for others."""
    parts = item.split()
    for place in range(len(parts) - 1, 0, -1):
        drug, rest = " ".join(parts[:place]).rstrip(","), " ".join(parts[place:])
        rest = rest[1:-1].strip() if rest.startswith("(") and rest.endswith(")") else rest
        if not words.is_drug(drug):
            continue
        if frequency_of(rest, words) is not None:
            return {"drug": drug, "schedule": rest}
        return {"drug": drug, "dose": rest} if _NUMBER.fullmatch(rest) else None
    return None


def _course(item: Any, words: Words) -> Any:
    """Return a course with its dose apart, where that stands behind the name of the drug: ``Eliquis 5 mg``."""
    if not isinstance(item, Mapping) or item.get("dose") is not None:
        return item
    parted = _dosed(item.get("drug"), words)
    return {**item, **parted} if isinstance(parted, Mapping) else item
