"""Knowing more never makes a drug look safer, and neither does a table that holds less."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest
from helpers import optional
from hypothesis import given, settings
from hypothesis import strategies as st

from lupus_pgx import load_context, load_knowledge, respond
from lupus_pgx.context.judged.safety import Safety
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.response.overall import action_of
from lupus_pgx.terms import Action, CheckStatus

KNOWLEDGE = load_knowledge()
TODAY = "2026-11-28"
DRUGS = sorted(KNOWLEDGE.drugs.drug)
SAFETY = Safety(KNOWLEDGE)

LABS = {
    "neutrophil_count": ("x10^9/L", (0.3, 0.9, 1.4, 4.0)),
    "platelet_count": ("x10^9/L", (8, 40, 90, 250)),
    "haemoglobin": ("g/dL", (6.5, 9.5, 13)),
    "potassium": ("mmol/L", (2.4, 4.2, 5.8, 6.8)),
    "qtc": ("ms", (420, 485, 520)),
    "alt": ("x upper limit", (0.8, 2.5, 6)),
    "egfr": ("mL/min/1.73m2", (8, 22, 40, 55, 95)),
}


def dated(name: str):
    unit, values = LABS[name]
    return st.builds(
        lambda value, day: {"quantity": name, "unit": unit, "values": {day: value}},
        st.sampled_from(values),
        st.sampled_from(["2026-11-20", "2024-10-01"]),
    )


FACTS = {
    "sex": st.just("female"),
    "age": st.sampled_from([8, 16, 30, 70]),
    "weight": st.sampled_from(["24 kg", "52 kg", "90 kg"]),
    "pregnancy": st.booleans(),
    "breast_feeding": st.booleans(),
    "contraception": st.sampled_from(["secured", "not_secured", "conception_planned", "not_needed"]),
    "active_infection": st.sampled_from(["none", "mild", "severe"]),
    "liver_disease": st.sampled_from(["none", "mild", "severe"]),
    "manifestations": st.sampled_from(
        [{}, {"lupus nephritis": {"class": ["IV"], "severity": "severe"}}, {"neuropsychiatric lupus": {}}]
    ),
    "conditions": optional(
        **{
            name: st.booleans()
            for name in ("tuberculosis", "tuberculosis_active", "hepatitis_b", "thrombosis", "retinopathy", "bleeding")
        },
        recent_infarction=st.just(True),
        live_vaccine=st.booleans(),
    ),
    "co_medication": st.lists(
        st.sampled_from(
            ["allopurinol", "voriconazole", "rifampin", "tacrolimus", "ibuprofen", "warfarin", "enalapril"]
        ),
        unique=True,
        max_size=3,
    ),
    "planned": st.sampled_from(
        [
            [{"drug": "methotrexate", "dose": "15 mg/week"}],
            [{"drug": "methotrexate", "dose": "15 mg/day"}],
            [{"drug": "hydroxychloroquine", "dose": "400 mg/day"}, {"drug": "prednisone", "dose": "30 mg/day"}],
        ]
    ),
    "therapies": st.sampled_from(
        [
            [{"drug": "azathioprine", "outcome": "intolerance", "reaction": "pancreatitis"}],
            [{"drug": "mycophenolate mofetil", "outcome": "ongoing", "dose": "2 g/day"}],
        ]
    ),
    "labs": st.lists(st.sampled_from(sorted(LABS)), unique=True, min_size=1, max_size=3).flatmap(
        lambda names: st.tuples(*map(dated, names)).map(list)
    ),
}


def consistent(fields: dict) -> bool:
    if fields.get("pregnancy") and fields.get("contraception") in ("secured", "conception_planned"):
        return False
    conditions = fields.get("conditions", {})
    return not (conditions.get("tuberculosis") is False and conditions.get("tuberculosis_active"))


CONTEXTS = optional(**FACTS).filter(consistent)


def actions(context: dict) -> dict:
    patient = respond({}, context=context, today=TODAY)
    return {drug: patient.drug(drug) for drug in DRUGS}


@settings(max_examples=40)
@given(CONTEXTS, st.sampled_from(sorted(FACTS)))
def test_a_further_fact_makes_no_drug_milder(context, added):
    """Only an open question that it answers, or a state that rules another out, may go."""
    if added not in context or len(context) == 1:
        return
    before, after = actions({name: value for name, value in context.items() if name != added}), actions(context)
    for drug in DRUGS:
        lost = after[drug].overall_action.severity
        for check in before[drug].checks:
            asked = action_of(check)
            if asked is not None and asked.severity > lost:
                open_ = not check.known or check.at_stake is not None
                ruled_out = check.criterion == "contraception" and context.get("pregnancy")
                assert open_ or ruled_out, (drug, str(check))


@lru_cache(maxsize=64)
def without(table: str, one: str, other: str) -> Safety:
    """Return the checks of tables without a cell of the safety matrix, or without the rows on a pair."""
    kept = KNOWLEDGE.tables[table]
    if table == "contraindications":
        rows = tuple(row for row in kept.rows if (row["drug"], row["criterion"]) != (one, other))
    else:
        rows = tuple(row for row in kept.rows if row["drug"] not in (one, other))
    tables = {**KNOWLEDGE.tables, table: replace(kept, rows=rows)}
    return Safety(Knowledge({"release": "fewer rows", "tables": {}}, tables))


WATCHED = CheckStatus.MONITOR.severity
TOLD = [
    name for name, row in SAFETY.criteria.rows.items() if row["core"] or (row["asks"] or "").startswith("condition:")
]


OF_NO_FACT = {"lupus_statement", "hypersensitivity", "intolerance"}
"""Hold for every patient, or are no cell."""


@settings(max_examples=60)
@given(CONTEXTS, st.data())
def test_a_missing_cell_is_named_and_never_silent(context, data):
    patient = load_context(context, KNOWLEDGE, today=TODAY)
    drug = data.draw(st.sampled_from(DRUGS))
    warnings = [
        check
        for check in SAFETY.conditions(drug, patient)
        if check.known
        and check.row
        and check.at_stake is None
        and check.status.severity > WATCHED
        and check.criterion in TOLD
    ]
    # What holds for every patient with lupus needs no fact, and what was borne is no cell.
    warnings = [check for check in warnings if check.criterion not in OF_NO_FACT]
    # A value is unusual by the criterion; a row may ask for less, as of platelets below 100, and alone knows it.
    criteria = SAFETY.criteria
    usual = {name for name in criteria.rows if criteria.is_measured(name)} - set(criteria.touched(patient))
    warnings = [check for check in warnings if check.criterion not in usual]
    if not warnings:
        return
    lost = data.draw(st.sampled_from(warnings))
    left = without("contraindications", drug, lost.criterion).conditions(drug, patient)
    whole = SAFETY.criteria.rows[lost.criterion]["part_of"]
    parts = [name for name, row in SAFETY.criteria.rows.items() if row["part_of"] == lost.criterion]
    # By its criterion, or by its name in another check: one on a wider fact, or on two of which it is the second.
    words = SAFETY.criteria.rows[lost.criterion]["words"]
    same = (lost.criterion, whole, *parts)
    named = [check for check in left if check.criterion in same or words in f"{check.subject} {check.found}"]
    assert named, str(lost)


@pytest.mark.parametrize(
    ("drug", "other"), [("azathioprine", "allopurinol"), ("tacrolimus", "voriconazole"), ("tofacitinib", "rifampin")]
)
def test_a_missing_pair_is_named_and_never_silent(drug, other):
    patient = load_context({"co_medication": [other]}, KNOWLEDGE, today=TODAY)
    assert any(check.partner == other for check in SAFETY.check(drug, patient))
    left = without("interactions", drug, other).check(drug, patient)
    assert not any(check.partner == other for check in left)
    assert any(check.status is CheckStatus.NOT_LOOKED_AT and other in check.subject for check in left)


def test_a_pair_with_a_row_is_not_called_unseen():
    patient = load_context({"co_medication": ["allopurinol", "amlodipine"]}, KNOWLEDGE, today=TODAY)
    (unseen,) = [item for item in SAFETY.check("azathioprine", patient) if item.criterion == "interactions"]
    assert "amlodipine" in unseen.subject
    assert "allopurinol" not in unseen.subject


@settings(max_examples=40)
@given(CONTEXTS)
def test_a_drug_without_an_answer_is_never_just_the_usual_dose(context):
    """The sentence of a drug names each fact of weight that its rows do not answer."""
    patient = respond({}, context=context, today=TODAY)
    for drug in DRUGS:
        response = patient.drug(drug)
        for check in response.checks:
            if check.status is CheckStatus.NOT_LOOKED_AT and check.found:
                assert check.subject in str(response), (drug, str(check))
        if any(check.known and check.status.severity > WATCHED for check in response.checks):
            assert response.overall_action.severity >= Action.MONITOR.severity


def ranks(knowledge: Knowledge) -> dict[str, int]:
    told = {
        "age": 30,
        "sex": "female",
        "pregnancy": True,
        "manifestations": {"lupus nephritis": {"class": ["IV"], "severity": "severe"}},
    }
    frame = respond({}, context=told, knowledge=knowledge, today=TODAY).options.to_frame()
    return dict(zip(frame["option"], frame["rank"], strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("drug", ["cyclophosphamide", "mycophenolate mofetil"])
def test_a_missing_cell_raises_no_option(drug):
    """Also of a drug that is alone in its class, where no sibling tells what may be missing."""
    kept = KNOWLEDGE.tables["contraindications"]
    rows = tuple(row for row in kept.rows if (row["drug"], row["criterion"]) != (drug, "pregnancy"))
    fewer = Knowledge(
        {"release": "fewer rows", "tables": {}}, {**KNOWLEDGE.tables, "contraindications": replace(kept, rows=rows)}
    )
    before, after = ranks(KNOWLEDGE), ranks(fewer)
    named = [option for option in before if drug.split()[0].removesuffix(" mofetil") in option]
    assert named
    assert all(after[option] >= before[option] for option in named)


NEPHRITIS = {
    "age": 30,
    "sex": "female",
    "egfr": "28 mL/min/1.73m2",
    "conditions": {"hepatitis_b": True, "thrombosis": True},
    "manifestations": {"lupus nephritis": {"class": ["IV"], "severity": "severe"}},
    "labs": [{"quantity": "neutrophil_count", "unit": "x10^9/L", "values": {"2026-11-20": 0.8}}],
}


@pytest.mark.slow
def test_no_missing_cell_raises_any_option():
    """Of each drug that an option names and each criterion that is met: without the cell it stands no higher."""

    def placed(knowledge):
        frame = respond({}, context=NEPHRITIS, knowledge=knowledge, today=TODAY).options.to_frame()
        return dict(zip(frame["option"], frame["rank"], strict=True))

    kept = KNOWLEDGE.tables["contraindications"]
    patient = load_context(NEPHRITIS, KNOWLEDGE, today=TODAY)
    before = placed(KNOWLEDGE)
    options = [row for row in KNOWLEDGE.rows("therapy_options") if row["option"] in before]
    drugs = {name for row in options for name in (row["drugs"] or "").split(";") if name in KNOWLEDGE.drugs_by_name}
    cells = [
        (drug, check.criterion)
        for drug in sorted(drugs)
        for check in SAFETY.conditions(drug, patient)
        if check.known and check.row and check.status.severity > WATCHED and check.criterion in set(TOLD) - OF_NO_FACT
    ]
    assert len(cells) >= 20
    for drug, criterion in cells:
        rows = tuple(row for row in kept.rows if (row["drug"], row["criterion"]) != (drug, criterion))
        fewer = Knowledge(
            {"release": "fewer rows", "tables": {}}, {**KNOWLEDGE.tables, "contraindications": replace(kept, rows=rows)}
        )
        after = placed(fewer)
        own = {row["option"] for row in options if drug in (row["drugs"] or "").split(";")}
        for option in own & set(after):  # among those that the drug is no part of, none falls behind
            above = {other for other in before if other not in own and before[other] < before[option]}
            passed = [other for other in above & set(after) if after[other] > after[option]]
            assert not passed, (drug, criterion, option, passed)
