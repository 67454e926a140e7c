"""Each criterion of the safety matrix on patients made for it: a value that bites, one that does not, an old one, none.

The patients are made from the columns that a curator fills in (what answers a criterion, the bound of a row), by a few
lines that share nothing with the program. A criterion for which no patient can be made fails here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from lupus_pgx import load_context, load_knowledge, respond
from lupus_pgx.context.judged.safety import Safety
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import CheckStatus

KNOWLEDGE = load_knowledge()
TODAY = "2026-11-28"
CRITERIA = {row["criterion"]: row for row in KNOWLEDGE.rows("criteria")}
WATCHED = CheckStatus.MONITOR.severity
ASKED = {
    "contraindicated": "avoid",
    "avoid": "avoid",
    "check_first": "test_first",
    "consider_alternative": "consider_alternative",
    "adjust_dose": "reduce_dose",
}
NEVER_MET = {"hypersensitivity": "an earlier reaction is judged as an intolerance", "other": "nothing answers it"}
"""Criteria that only ask."""

ABSENT = {
    name: {"quantity": name, "unit": "present or absent", "values": {"2026-11-20": "absent"}}
    for name in KNOWLEDGE.known_units.collected("antiphospholipid")
}
NO_THROMBOSIS = {"conditions": {"thrombosis": False}, "labs": list(ABSENT.values())}


def rows():
    """Yield of each criterion one row of each severity that asks for something, of the first drug that has it."""
    seen = set()
    for row in KNOWLEDGE.rows("contraindications"):
        key = (row["criterion"], row["severity"], row["grade"], row["operator"])
        if row["acts"] == "yes" and CheckStatus(row["severity"]).severity > WATCHED and key not in seen:
            seen.add(key)
            yield row


ROWS = [row for row in rows() if row["criterion"] not in NEVER_MET and not row["also"]]


def base(row) -> dict:
    """Return sex and age that make the criterion a question."""
    own = CRITERIA[row["criterion"]]
    told = {"sex": own["sex"]} if own["sex"] else {}
    asked = own["age_low"] or own["age_high"]
    return {**told, "age": 30} if asked else told


def source(row) -> tuple[str, str]:
    """Return what answers a criterion, and which one of it: a value where the row has a bound, else what is stated."""
    asks = [item.rstrip("?") for item in CRITERIA[row["criterion"]]["asks"].split(";")]
    measured = [item for item in asks if item.startswith("lab:")]
    stated = [item for item in asks if item not in measured and item.partition(":")[0] in TOLD]
    chosen = measured if measured and (row["operator"] or not stated) else stated
    kind, _, name = chosen[0].partition(":")
    return kind, name


def bound(row) -> tuple[str, float, str]:
    own = CRITERIA[row["criterion"]]
    if row["operator"]:
        return row["operator"], row["value"], row["unit"] or own["unit"]
    side = "below" if own["direction"] == "low" else "above"
    return side, own[f"bound_{row['grade'] or 'any'}"], own["unit"]


def value(row, *, biting: bool) -> tuple[float, str]:
    """Return a number just beyond the bound of a row, or just within."""
    side, limit, unit = bound(row)
    low = side in ("below", "at_most")
    return limit * (0.97 if low is biting else 1.03), unit


def lab(row, *, biting: bool, day: str) -> dict:
    number, unit = value(row, biting=biting)
    return {"labs": [{"quantity": source(row)[1], "unit": unit, "values": {day: round(number, 3)}}]}


def severity(row) -> str:
    return {"moderate": "moderate", "severe": "severe"}.get(row["grade"] or "", "mild")


def told(row, *, biting: bool) -> dict:
    """Return what a patient tells of a criterion, so that a row is met or is not."""
    kind, name = source(row)
    return TOLD[kind](row, name, biting)


def stated_condition(row, name: str, biting: bool) -> dict:
    if row["criterion"] == "thrombosis" and not biting:
        return NO_THROMBOSIS
    met = severity(row) if row["grade"] in ("moderate", "severe") else True
    return {"conditions": {name: met if biting else False}}


def antibodies(_row, _name: str, biting: bool) -> dict:
    found = {**ABSENT["lupus_anticoagulant"], "values": {"2026-11-20": "present"}}
    return {"labs": [found]} if biting else {"labs": list(ABSENT.values()), "manifestations": {}}


def years(row, _name: str, biting: bool) -> dict:
    return {"age": round(value(row, biting=biting)[0] / (12 if row["unit"] == "months" else 1), 3)}


def planned(row, _name: str, biting: bool) -> dict:
    number, unit = value(row, biting=biting)
    return {"planned": [{"drug": row["drug"], "dose": f"{number:g} {unit}"}], "weight": "60 kg"}


def state(row, name: str, biting: bool) -> dict:
    field, _, wanted = name.partition("=")
    if field == "contraception":
        male = CRITERIA[row["criterion"]]["sex"] == "male"
        return {field: "not_secured" if biting else "secured", "sex": "male" if male else "female"}
    if field == "ancestry":
        return {field: wanted.split(",")[0] if biting else "EUR"}
    if field in ("pregnancy", "breast_feeding"):
        return {field: biting, "sex": "female"}
    return {field: severity(row) if biting else "none"}


def course(_row, name: str, biting: bool) -> dict:
    over = {"drug": min(KNOWLEDGE.class_members[name]), "outcome": "inadequate_response"}
    lately = dt.date.fromisoformat(TODAY) - dt.timedelta(days=3)  # within every waiting time
    return {"therapies": [{**over, "stop": lately.isoformat() if biting else "2024-09-29"}]}


def own_course(row, _name: str, biting: bool) -> dict:
    over = {"drug": row["drug"], "outcome": "response"}
    return {"therapies": [{**over, "stop": "2026-11-01" if biting else "2024-09-29"}]}


def fall(row, name: str, biting: bool) -> dict:
    values = {"2026-06-01": 90, "2026-11-20": 40 if biting else 89}
    taken = {"drug": row["drug"], "start": "2026-06-02", "outcome": "ongoing"}
    return {"labs": [{"quantity": name, "unit": "mL/min/1.73m2", "values": values}], "therapies": [taken]}


def lifetime(row, _name: str, biting: bool) -> dict:
    """A pulse of all the grams at once."""
    number, unit = value(row, biting=biting)
    course = {"drug": row["drug"], "schedule": "x 1", "outcome": "response"}
    return {"therapies": [{**course, "dose": f"{number:g} {unit}"}]}


def reacted(_row, name: str, biting: bool) -> dict:
    """Of ibuprofen, whatever the drug; a reaction of another kind is none of these."""
    name, _, _ = name.partition(" under ")
    course = {"drug": "ibuprofen", "outcome": "intolerance", "stop": "2025-01-01"}
    return {"therapies": [{**course, "reaction": name if biting else "nausea"}]}


TOLD = {
    "reaction": reacted,
    "ended": course,
    "again": own_course,
    "fall": fall,
    "cumulative": lifetime,
    "lab": lambda row, _name, biting: lab(row, biting=biting, day="2026-11-20"),
    "condition": stated_condition,
    "manifestation": lambda row, name, biting: {
        "manifestations": {name: {"severity": severity(row)}} if biting else {}
    },
    "present": antibodies,
    "age": years,
    "class": lambda _row, name, biting: {"co_medication": [min(KNOWLEDGE.class_members[name])] if biting else []},
    "dose": planned,
    "state": state,
    "always": lambda *_: {},
}


def checks(row, *fields: dict):
    """Return the checks on the criterion of a row, and the response."""
    context = dict(base(row))
    for part in fields:
        context.update(part)
    response = respond({}, [row["drug"]], context=context or {"sex": "female"}, today=TODAY).drug(row["drug"])
    own = [item for item in response.checks if item.criterion == row["criterion"]]
    # A heparin-induced thrombocytopenia whose day is not told is said once, as the recent one that it may be.
    parts = [item for item in response.checks if item.known and item.criterion in narrower(row["criterion"])]
    stricter = [item for item in parts if item.status.severity >= CheckStatus(row["severity"]).severity]
    return own or stricter, response


def narrower(criterion: str) -> set[str]:
    """Return the criteria that say as much of what both are told by, and more."""
    return {name for name in CRITERIA if SAFETY.criteria.is_narrower(name, criterion)}


def name_of(row) -> str:
    return f"{row['criterion']} {row['drug']} {row['severity']} {row['grade'] or ''}{row['operator'] or ''}"


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_what_is_met_stands_first_and_asks_for_it(row):
    found, response = checks(row, told(row, biting=True))
    known = [item for item in found if item.known]
    assert known, "silent"
    assert max(item.status.severity for item in known) >= CheckStatus(row["severity"]).severity
    strictest = [item for item in response.checks if item.action is response.overall_action]
    said = str(response).partition(". Genotype:")[0] if strictest else str(response)  # or the genome asks for more
    assert any(item.word in said and (item.shown in said or item.topic in said) for item in strictest or known), said
    raised = row["severity"] == "adjust_dose" and (row["factor_low"] or 0) > 1
    if not raised:
        assert response.overall_action.severity >= type(response.overall_action)(ASKED[row["severity"]]).severity


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_what_is_not_met_is_silent(row):
    if source(row)[0] == "always":
        return
    found, _ = checks(row, told(row, biting=False))
    shown = [item.row for item in found if item.known]
    beside = [other.advice for item in found for other in item.beside]
    assert row["state"] not in shown
    assert row["advice"] not in beside


@pytest.mark.parametrize("row", [row for row in ROWS if source(row)[0] == "lab"], ids=name_of)
def test_an_old_value_settles_nothing_and_is_feared(row):
    (quantity,) = [item for item in KNOWLEDGE.rows("quantities") if item["quantity"] == source(row)[1]]
    days = quantity["valid_days"]
    if days is None:
        return
    day = (dt.date.fromisoformat(TODAY) - dt.timedelta(days=days + 1)).isoformat()
    found, response = checks(row, lab(row, biting=True, day=day))
    (check,) = found
    assert not check.known
    assert f"older than {days} days" in check.found
    if row["severity"] in ("avoid", "contraindicated"):
        assert response.overall_action.severity >= type(response.overall_action)("test_first").severity
    newest = (dt.date.fromisoformat(TODAY) - dt.timedelta(days=days)).isoformat()
    found, _ = checks(row, lab(row, biting=True, day=newest))
    assert any(item.known for item in found)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_silence_leaves_it_open(row):
    kind = source(row)[0]
    # It holds for everybody, or there is nothing to compare.
    if kind in ("always", "cumulative", "dose", "ended", "again", "fall"):
        return
    found, _ = checks(row)
    if row["criterion"] == "contraception" and not found:
        pytest.fail("silent")
    whole = CRITERIA[row["criterion"]]["part_of"]
    assert [item.known for item in found] == [False] or whole, [str(item) for item in found]


def test_every_criterion_that_asks_for_something_has_a_patient():
    acting = {
        row["criterion"]
        for row in KNOWLEDGE.rows("contraindications")
        if row["acts"] == "yes" and CheckStatus(row["severity"]).severity > WATCHED
    }
    with_more = {row["criterion"] for row in rows() if row["also"]}
    assert acting - {row["criterion"] for row in ROWS} <= {*NEVER_MET, *with_more}


# --- a row that is missing is named -----------------------------------------------------------

SAFETY = Safety(KNOWLEDGE)
NAMED = [
    name
    for name, row in CRITERIA.items()
    if (row["core"] or "condition:" in (row["asks"] or "")) and name not in (*NEVER_MET, "lupus_statement")
]


def silent_without(criterion: str) -> Iterator[str]:
    """Yield the drugs that say nothing of a patient once their rows on a criterion are gone."""
    kept = KNOWLEDGE.tables["contraindications"]
    left = replace(kept, rows=tuple(row for row in kept.rows if row["criterion"] != criterion))
    fewer = Safety(Knowledge({"release": "", "tables": {}}, {**KNOWLEDGE.tables, "contraindications": left}))
    kin = {name for name, row in CRITERIA.items() if row["part_of"] == criterion}
    above = criterion
    while above:  # a whole answers for its parts, however deep they lie
        kin.add(above)
        above = CRITERIA[above]["part_of"]
    kin |= SAFETY.criteria.wholes_of_same(criterion)  # what the very same is a part of says it, too
    apart = CRITERIA.get(CRITERIA[criterion]["excluded_by"] or "")
    if apart is not None:  # what is left of a whole without one of its parts is told by the whole
        kin.add(apart["part_of"])
    # A row that asks for it beside another criterion names it by itself.
    beside = {row["drug"] for row in kept.rows if criterion in split_list(row["also"])}
    for row in kept.rows:
        warns = row["acts"] == "yes" and CheckStatus(row["severity"]).severity > WATCHED
        if row["criterion"] != criterion or not warns or row["also"] or row["drug"] in beside:
            continue
        if source(row)[0] == "dose":
            continue
        context = load_context({**base(row), **told(row, biting=True)}, KNOWLEDGE, today=TODAY)
        # A bound of this drug alone, within what is usual: nobody else knows that it matters.
        if criterion in SAFETY.criteria.touched(context):
            said = {criterion, *narrower(criterion)}
            met = any(item.known and item.criterion in said for item in SAFETY.conditions(row["drug"], context))
            if not met or not kin & {item.criterion for item in fewer.conditions(row["drug"], context)}:
                yield f"{row['drug']}: {row['state']}"


@pytest.mark.parametrize("criterion", NAMED)
def test_a_missing_row_is_named(criterion):
    """The rows of all drugs go together: what a drug says depends on its own alone."""
    assert list(silent_without(criterion)) == []
