"""Checks of drugs against contexts: every row of the tables, read a second time by the documentation alone."""

from __future__ import annotations

import pandas as pd
import pytest
from helpers import optional
from hypothesis import given, settings
from hypothesis import strategies as st

from lupus_pgx import load_context, load_knowledge, respond

KNOWLEDGE = load_knowledge()
ROWS = list(KNOWLEDGE.contraindications.itertuples())
INTERACTIONS = list(KNOWLEDGE.interactions.itertuples())
LISTED = set(KNOWLEDGE.drugs.drug)
GRADES = ["none", "mild", "moderate", "severe"]
SEVERITY = ["compatible", "note", "monitor", "check_first", "adjust_dose", "avoid", "contraindicated"]
STATUS = {
    "avoid": "avoid",
    "consider_alternative": "avoid",
    "reduce_dose": "adjust_dose",
    "increase_dose": "adjust_dose",
    "test_first": "check_first",
    "monitor": "monitor",
    "informative_only": "note",
    "standard": "compatible",
}
ANTIBODIES = [
    "lupus_anticoagulant",
    "anticardiolipin_igg",
    "anticardiolipin_igm",
    "anti_beta2gp1_igg",
    "anti_beta2gp1_igm",
]


def series(quantity: str, unit: str, value, day: str = "2024-01-01", **fields) -> dict:
    return {"quantity": quantity, "unit": unit, "values": {day: value}} | fields


def shown(
    context: dict, drugs: list[str] | None = None, today: str | None = None
) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return status and whether it is known by drug and condition; what is cleared is not there."""
    patient = respond({}, drugs, context=context, today=today)
    found = {}
    for drug in drugs or sorted(LISTED):
        for check in patient.drug(drug).checks:
            if check.row and check.criterion and check.criterion != "planned_dose":
                found[drug, check.subject] = (check.status.value, check.known)
    return found


def test_a_drug_without_a_row_says_so():
    """Absence from the tables is not safety."""
    with_rows = {row.drug for row in ROWS}
    patient = respond({}, context={"age": 30})
    for drug in LISTED:
        silent = [check for check in patient.drug(drug).checks if "the tables hold none" in check.subject]
        assert len(silent) == (drug not in with_rows), drug
        assert not any(check.known for check in silent)
    assert LISTED - with_rows


# --- a second reader of the table of contraindications ----------------------------------------


def answer(row, context: dict) -> bool | None:  # noqa: PLR0911 - one branch per kind of condition
    """Say whether a context meets a row; None where it does not say."""
    name = row.criterion
    if name in ("pregnancy", "breast_feeding"):
        return False if context.get("sex") == "male" else context.get(name)
    if name == "contraception":
        given = context.get(name)
        if context.get("pregnancy") or given in ("secured", "not_needed"):
            return False
        return None if given is None else True
    if name in ("liver_disease", "active_infection"):
        given = context.get(name)
        bound = {"any": "mild"}.get(row.grade, row.grade)
        return None if given is None else GRADES.index(given) >= GRADES.index(bound)
    if name in ("egfr", "igg"):
        value, unit = (context.get(name) or " ").split(" ", 1)
        if not value or unit != row.unit or pd.isna(row.operator):
            return None
        return {"below": float(value) < row.value, "at_most": float(value) <= row.value}[row.operator]
    if name in ("cns_lupus", "severe_lupus_nephritis"):
        organ = "neuropsychiatric lupus" if name == "cns_lupus" else "lupus nephritis"
        if organ not in context.get("manifestations", {}):
            return False if "manifestations" in context else None
        severity = context["manifestations"][organ].get("severity")
        return None if severity is None else severity == "severe"
    if name in ("tuberculosis", "hepatitis_b", "retinopathy"):
        return context.get("conditions", {}).get(name)
    if name == "thrombosis":
        return True if context.get("conditions", {}).get(name) else None
    return None


def expected(context: dict) -> dict[tuple[str, str], tuple[str, bool]]:
    found = {}
    for row in ROWS:
        met = answer(row, context)
        if row.drug not in LISTED or met is False or (met is None and row.severity == "compatible"):
            continue
        worse = [
            other
            for other in ROWS
            if (other.drug, other.criterion) == (row.drug, row.criterion)
            and (pd.notna(row.operator) or pd.notna(row.grade))
            and (pd.notna(other.operator) or pd.notna(other.grade))
            and met
            and answer(other, context)
            and SEVERITY.index(other.severity) > SEVERITY.index(row.severity)
        ]
        if not worse:
            found[row.drug, row.condition] = (row.severity, True) if met else ("check_first", False)
    return found


ORGAN = st.dictionaries(
    st.sampled_from(["lupus nephritis", "neuropsychiatric lupus", "cutaneous"]),
    optional(severity=st.sampled_from(GRADES[1:])),
    max_size=3,
)
CONTEXTS = optional(
    sex=st.sampled_from(["female", "male"]),
    pregnancy=st.booleans(),
    breast_feeding=st.booleans(),
    contraception=st.sampled_from(["secured", "not_secured", "conception_planned", "not_needed"]),
    liver_disease=st.sampled_from(GRADES),
    active_infection=st.sampled_from(GRADES),
    egfr=st.builds("{} {}".format, st.integers(5, 110), st.sampled_from(["mL/min", "mL/min/1.73m2"])),
    igg=st.builds("{} g/L".format, st.integers(1, 14)),
    manifestations=ORGAN,
    conditions=optional(
        tuberculosis=st.booleans(), hepatitis_b=st.booleans(), retinopathy=st.booleans(), thrombosis=st.booleans()
    ),
).map(lambda fields: fields if consistent(fields) else {})


def consistent(fields: dict) -> bool:
    if fields.get("sex") == "male" and (fields.get("pregnancy") or fields.get("breast_feeding")):
        return False
    return not (fields.get("pregnancy") and fields.get("contraception") in ("secured", "conception_planned"))


@settings(max_examples=50, deadline=None)
@given(CONTEXTS)
def test_a_second_reader_of_the_table_agrees(context):
    assert shown(context) == (expected(context) if context else {})


@settings(max_examples=30, deadline=None)
@given(CONTEXTS, st.data())
def test_not_knowing_a_fact_clears_nothing(context, data):
    if len(context) < 2:
        return
    left_out = data.draw(st.sampled_from(sorted(context)))
    known, silent = shown(context), shown({name: value for name, value in context.items() if name != left_out})
    assert {key for key in known if known[key][0] != "compatible"} <= set(silent)


@settings(max_examples=15, deadline=None)
@given(CONTEXTS)
def test_only_what_is_known_speaks_against(context):
    patient = respond({}, ["MMF", "methotrexate", "baricitinib"], context=context)
    for drug in ("MMF", "methotrexate", "baricitinib"):
        checks = patient.drug(drug).checks
        ranks = [SEVERITY.index(check.status.value) for check in checks]
        assert ranks == sorted(ranks, reverse=True)
        assert all(check.known for check in checks if check.against)
        assert all(check.status == "check_first" and not check.against for check in checks if not check.known)


# --- conditions one by one --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "known", "pregnant"),
    [
        ("secured", None, None),
        ("not_needed", None, None),
        ("not_secured", ("contraindicated", True), None),
        ("conception_planned", ("contraindicated", True), None),
        (None, ("check_first", False), None),
        (None, None, True),
        ("not_secured", None, True),
    ],
)
def test_contraception(state, known, pregnant):
    fields = {"sex": "female", "contraception": state, "pregnancy": pregnant}
    found = shown({name: value for name, value in fields.items() if value is not None}, ["methotrexate"])
    assert found.get(("methotrexate", "conception planned")) == known


@pytest.mark.parametrize("drug", ["MMF", "methotrexate", "cyclophosphamide", "leflunomide", "tofacitinib"])
def test_men_are_not_asked_about_pregnancy(drug):
    name = KNOWLEDGE.drug(drug).drug
    asked = {("pregnancy"), ("breast-feeding")}
    assert asked <= {subject for _, subject in shown({"sex": "female"}, [name])}
    assert not asked & {subject for _, subject in shown({"sex": "male"}, [name])}


@pytest.mark.parametrize(
    ("egfr", "shown_rows"),
    [
        ("60 mL/min/1.73m2", {}),
        ("59 mL/min/1.73m2", {"moderate kidney impairment": "adjust_dose"}),
        ("30 mL/min/1.73m2", {"moderate kidney impairment": "adjust_dose"}),
        ("29 mL/min/1.73m2", {"severe kidney impairment": "avoid"}),
    ],
)
def test_the_severe_bound_replaces_the_mild_one(egfr, shown_rows):
    found = shown({"egfr": egfr}, ["baricitinib"])
    assert {subject: status for (_, subject), (status, _) in found.items() if "kidney" in subject} == shown_rows


@pytest.mark.parametrize(
    ("fields", "known"),
    [
        ({"creatinine": "300 umol/L", "age": 40, "sex": "female"}, True),
        ({"creatinine": "300 umol/L", "age": 40}, False),
        ({"creatinine": "300 umol/L", "sex": "female"}, False),
        ({"creatinine": "3.4 mg/dL", "age": 40, "sex": "female"}, True),
        ({"egfr": "17 mL/min"}, False),
    ],
)
def test_kidney_function_is_estimated_only_where_it_can_be(fields, known):
    status = ("avoid", True) if known else ("check_first", False)
    assert shown(fields, ["baricitinib"])["baricitinib", "severe kidney impairment"] == status


def test_the_latest_value_of_a_series_counts():
    labs = [{"quantity": "neutrophil_count", "unit": "x10^9/L", "values": {"2023-01-01": 0.7, "2024-01-01": 1.9}}]
    checks = shown({"labs": labs}, ["tofacitinib"], "2024-02-01")
    assert ("tofacitinib", "neutropenia") not in checks
    labs[0]["values"]["2024-02-01"] = 0.9
    assert shown({"labs": labs}, ["tofacitinib"], "2024-02-01")["tofacitinib", "neutropenia"] == ("avoid", True)
    labs[0] |= {"unit": "cells/uL", "values": {"2024-02-01": 900}}
    assert shown({"labs": labs}, ["tofacitinib"], "2024-02-01")["tofacitinib", "neutropenia"] == ("avoid", True)


@pytest.mark.parametrize(
    ("context", "known"),
    [
        ({"manifestations": {"antiphospholipid": {}}}, True),
        ({"conditions": {"thrombosis": True}}, True),
        ({"labs": [series("lupus_anticoagulant", "present or absent", "present")]}, True),
        ({"labs": [series("anticardiolipin_igm", "x upper limit", 3)]}, True),
        ({"labs": [series("anticardiolipin_igg", "U/mL", 300)]}, False),
        ({"conditions": {"thrombosis": False}}, False),
        ({"conditions": {"thrombosis": False}, "labs": [series("anticardiolipin_igg", "U/mL", 300)]}, False),
        ({"conditions": {"thrombosis": False}, "labs": [series(ANTIBODIES[0], "present or absent", "absent")]}, False),
        ({"labs": [series(name, "present or absent", "absent") for name in ANTIBODIES]}, False),
        (
            {
                "conditions": {"thrombosis": False},
                "labs": [series(name, "present or absent", "absent") for name in ANTIBODIES],
            },
            None,
        ),
    ],
)
def test_thrombosis_or_antibodies(context, known):
    found = shown(context, ["intravenous immunoglobulin"])
    check = found.get(("intravenous immunoglobulin", "thrombosis or antiphospholipid antibodies"))
    assert check == (None if known is None else ("check_first", known))


def test_an_earlier_reaction_is_shown_and_not_judged():
    row = ("belimumab", "earlier anaphylaxis to belimumab")
    course = {"drug": "belimumab", "outcome": "intolerance", "reaction": "rash"}
    assert shown({"therapies": [course]}, ["belimumab"])[row] == ("check_first", False)
    check = next(
        item
        for item in respond({}, ["belimumab"], context={"therapies": [course]}).drug("belimumab").checks
        if item.criterion == "hypersensitivity"
    )
    assert "rash" in check.found
    borne = {"drug": "belimumab", "outcome": "inadequate_response"}
    assert row not in shown({"therapies": [borne]}, ["belimumab"])


def test_a_silent_context_is_no_context():
    assert shown({}) == {}
    assert all(status == ("check_first", False) for status in shown({"age": 40}).values())


# --- interactions -----------------------------------------------------------------------------


def partners(row) -> list[str]:
    return [name.strip() for name in row.with_drugs.split(";")]


@pytest.mark.parametrize("drug", sorted({row.drug for row in INTERACTIONS} & LISTED))
def test_every_interaction_is_found_with_every_partner(drug):
    rows = [row for row in INTERACTIONS if row.drug == drug]
    names = {name: None for row in rows for name in partners(row)}
    patient = respond({}, [drug], context={"co_medication": list(names)})
    checks = [check for check in patient.drug(drug).checks if check.about_drug and check.partner]
    found = {(check.row, check.partner): check for check in checks}
    for row in rows:
        for name in partners(row):
            check = found[row[2], load_context({"co_medication": [name]}).co_medication[0].name]
            assert check.status == STATUS[row.action]
            assert (check.factor_low, check.factor_high) == tuple(
                None if pd.isna(value) else value for value in (row.factor_low, row.factor_high)
            )
            assert set(check.citations) == set(row.citation.split(";"))


@pytest.mark.parametrize("partner", sorted({n for row in INTERACTIONS for n in partners(row)} & LISTED))
def test_every_interaction_is_seen_from_the_partner(partner):
    rows = [row for row in INTERACTIONS if partner in partners(row) and row.drug in LISTED and row.drug != partner]
    context = {"co_medication": [row.drug for row in rows]}
    checks = respond({}, [partner], context=context).drug(partner).checks
    for row in rows:
        check = next(item for item in checks if item.partner == row.drug and item.row == row[2] and not item.about_drug)
        assert check.status == STATUS[row.action]
        assert check.factor_low is None  # the change of dose is of the other drug
        assert check.advice.startswith(f"changes {row.drug}: ")


def test_a_class_stands_for_its_members():
    members = KNOWLEDGE.drugs[KNOWLEDGE.drugs.drug_class == "NSAID"].drug
    for name in members:
        checks = respond({}, ["IVIG"], context={"co_medication": [name]}).drug("IVIG").checks
        assert [check.row for check in checks if check.partner == name] == ["nephrotoxic drug"]
    assert "ibuprofen" in set(members)


def test_planned_and_past_drugs_are_not_taken_now():
    past = {"therapies": [{"drug": "allopurinol", "outcome": "intolerance", "reaction": "rash"}]}
    planned = {"planned": [{"drug": "allopurinol"}]}
    ongoing = {"therapies": [{"drug": "allopurinol", "outcome": "ongoing"}]}
    seen = [
        any(check.partner for check in respond({}, ["AZA"], context=context).drug("AZA").checks)
        for context in (past, planned, ongoing)
    ]
    assert seen == [False, False, True]


def test_an_unlisted_drug_interacts_with_nothing_and_its_effect_is_called_unknown():
    patient = respond({}, ["AZA"], context={"co_medication": ["other: herbs"]})
    assert not [check for check in patient.drug("AZA").checks if check.partner]
    assert "herbs" in str(patient)
