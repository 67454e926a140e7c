"""What of the rows on one condition is shown, once, and in which order: values of checks, before any words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lupus_pgx import load_context, load_knowledge, respond
from lupus_pgx.context.judged.checks import NO_ROWS, Check
from lupus_pgx.context.judged.intolerance import INTOLERANCE
from lupus_pgx.context.judged.one_fact import said_once
from lupus_pgx.context.judged.safety import safety_of
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import CheckStatus

TODAY = "2026-11-30"
KNOWLEDGE = load_knowledge()
SAFETY = safety_of(KNOWLEDGE)
CRITERIA = {row["criterion"]: row for row in KNOWLEDGE.rows("criteria")}
ROWS = list(KNOWLEDGE.rows("contraindications"))
DRUGS = sorted({row["drug"] for row in ROWS})


def course(drug: str, reaction: str) -> dict[str, Any]:
    """Return a course that was not tolerated."""
    return {"drug": drug, "outcome": "intolerance", "reaction": reaction}


def conditions(drug: str, **fields: Any) -> list[Check]:
    """Return what the tables say of a patient with these fields."""
    return SAFETY.conditions(drug, load_context(fields, today=TODAY))


def of(drug: str, criterion: str, **fields: Any) -> list[Check]:
    """Return the checks on one criterion."""
    return [item for item in conditions(drug, **fields) if item.criterion == criterion]


PATIENTS: dict[str, dict[str, Any]] = {
    "nothing told": {},
    "pregnant": {"sex": "f", "age": 30, "pregnancy": True},
    "old, with diabetes and a stroke": {"age": 80, "sex": "m", "conditions": ["diabetes", "stroke", "migraine"]},
    "kidneys and liver": {"age": 40, "values": {"egfr": "25 mL/min", "alt": "250 U/L"}, "liver_disease": "moderate"},
    "infected": {
        "age": 12,
        "infection": {"which": "zoster", "severity": "moderate", "treated": "no"},
        "breast_feeding": True,
    },
    "counts": {"age": 50, "values": {"neutrophils": "0.9 x10^9/L", "platelets": "40 x10^9/L", "potassium": "6 mmol/L"}},
}
"""Patients of whom each drug is asked."""


@pytest.fixture(scope="module", params=PATIENTS, ids=str)
def fx_checks(request) -> dict[str, list[Check]]:
    """Checks of every drug for one patient."""
    return {drug: conditions(drug, **PATIENTS[request.param]) for drug in DRUGS}


def test_what_is_open_is_sorted_by_what_it_is_about(fx_checks):
    for drug, checks in fx_checks.items():
        judged = [item for item in checks if item.status is not CheckStatus.NOT_LOOKED_AT and item.criterion != NO_ROWS]
        order = [
            (item.asks_first, item.core, (item.at_stake if item.at_stake is not None else item.status).severity)
            for item in judged
        ]
        assert order == sorted(order, reverse=True), drug


def test_a_check_says_whether_every_drug_is_asked_it(fx_checks):
    for drug, checks in fx_checks.items():
        wrong = [
            item
            for item in checks
            if item.criterion in CRITERIA and item.core is not (CRITERIA[item.criterion]["core"] is not None)
        ]
        assert wrong == [], drug


def test_what_is_open_beside_what_is_met_is_stricter(fx_checks):
    """A row that says no more than one that is met need not be asked."""
    for drug, checks in fx_checks.items():
        for item in checks:
            if item.at_stake is None or item.criterion == "other":
                continue
            met = [
                other.status.severity
                for other in checks
                if other.criterion == item.criterion and other.known and other.at_stake is None
            ]
            assert item.at_stake.severity > max([CheckStatus.MONITOR.severity, *met]), (drug, item)


def parts_of(criterion: str) -> set[str]:
    """Return the criteria that are a part of one, or of a part of it."""
    own = {name for name, row in CRITERIA.items() if row["part_of"] == criterion}
    return own.union(*(parts_of(name) for name in own))


def wholes_of(criterion: str) -> list[str]:
    """Return what a criterion is a part of, and what that is a part of."""
    whole = CRITERIA[criterion]["part_of"]
    return [whole, *wholes_of(whole)] if whole else []


def test_of_a_whole_and_its_part_one_is_asked(fx_checks):
    """Who has no porphyria has none of the skin; a part at which more is at stake is a question of its own."""
    for drug, checks in fx_checks.items():
        silent = {item.criterion: item for item in checks if item.at_stake is not None and not item.found}
        asked = {name: (item.asks_first, item.at_stake.severity) for name, item in silent.items() if name in CRITERIA}
        twice = [
            (name, whole)
            for name, weight in asked.items()
            for whole in wholes_of(name)
            if whole in asked and asked[whole] >= weight
        ]
        assert twice == [], drug


def test_a_part_is_asked_where_its_whole_is_not():
    asked = {item.criterion: item for item in conditions("hydroxychloroquine") if item.at_stake is not None}
    assert "porphyria_or_psoriasis" in asked
    assert "porphyria_cutanea_tarda" not in asked
    (part,) = [item for item in conditions("tofacitinib") if item.criterion == "tuberculosis_active"]
    assert (part.at_stake, part.asks_first) == (CheckStatus.CONTRAINDICATED, True)  # beside the tuberculosis


@pytest.mark.parametrize("told", ["dialysis", "peritoneal dialysis"])
@pytest.mark.parametrize("drug", DRUGS)
def test_no_dose_is_said_of_a_drug_that_the_same_condition_forbids(drug, told):
    known = [item for item in conditions(drug, conditions=[told]) if item.known and item.at_stake is None]
    on_it = [item for item in known if f": {item.found}".endswith((f"{told}: yes", ": yes"))]
    forbidden = [item for item in on_it if item.status in (CheckStatus.AVOID, CheckStatus.CONTRAINDICATED)]
    assert not forbidden or [item for item in on_it if item.status is CheckStatus.ADJUST_DOSE] == []


VALUES = {
    "pressure": {"blood_pressure": "190/120"},
    "potassium": {"potassium": "6.6 mmol/L"},
    "INR": {"inr": "7"},
    "QT": {"qtc": "530 ms"},
    "liver": {"alt": "400 U/L"},
}


@pytest.mark.parametrize("told", VALUES)
def test_a_value_that_forbids_a_drug_is_not_above_a_limit_too(told):
    names = [row["drug"] for row in KNOWLEDGE.rows("drugs")]
    patient = respond({}, names, context={"age": 45, "sex": "female", "values": VALUES[told]}, today=TODAY)
    forbidden = 0
    for drug in names:
        known = [item for item in patient.drug(drug).checks if item.known]
        strict = [
            item for item in known if item.bound and item.status in (CheckStatus.AVOID, CheckStatus.CONTRAINDICATED)
        ]
        assert not strict or "level" not in {item.criterion for item in known}, drug
        forbidden += bool(strict)
    assert forbidden


def test_a_check_carries_what_its_row_has(fx_checks):
    seen = 0
    for drug, checks in fx_checks.items():
        for item in checks:
            if item.criterion not in CRITERIA or item.status is CheckStatus.NOT_LOOKED_AT:
                continue
            severity = (item.at_stake or item.status).value
            fields = (item.cap, item.cap_unit or None, item.dose or None, item.jurisdiction, item.checked)
            more = (item.checked_on or None, item.ours, item.citations, item.advice)
            rows = [
                row
                for row in ROWS
                if (row["drug"], row["criterion"], row["state"]) == (drug, item.criterion, item.row)
                and (row["severity"] == severity or row["acts"] != "yes")
            ]
            assert (*fields, *more) in [
                (
                    *(row["cap"], row["cap_unit"], row["dose"], row["jurisdiction"], row["checked"]),
                    *(row["checked_on"], row["bound"] == "ours", split_list(row["citation"]), row["advice"]),
                )
                for row in rows
            ], item
            assert item.at_stake is None or item.status is CheckStatus.CHECK_FIRST, item
            named = {row["state"].removesuffix(f" ({row['citation']})") for row in rows}
            if item.found == "yes" and (", " in item.words or " or " in item.words):
                named |= {CRITERIA[name]["words"] for name in parts_of(item.criterion)}
            assert {item.subject} <= (named if item.at_stake is None else {item.words} if item.words else named), item
            seen += 1
    assert seen > len(DRUGS)


def test_that_a_drug_is_for_lupus_is_no_check(fx_checks):
    """What speaks for a drug in any context is not said of a patient; that one may go on when pregnant is."""
    always = {name for name, row in CRITERIA.items() if row["asks"] == "always"}
    for checks in fx_checks.values():
        assert not any(item.criterion in always and item.status is CheckStatus.COMPATIBLE for item in checks)


def test_what_is_compatible_is_said_where_it_was_asked():
    (check,) = of("hydroxychloroquine", "pregnancy", sex="f", age=30, pregnancy=True)
    assert check.status is CheckStatus.COMPATIBLE


def test_a_drug_without_rows_is_one_that_nobody_looked_at():
    (check,) = [item for item in conditions("cenerimod", age=40) if item.criterion == NO_ROWS]
    assert (check.status, check.known, check.unseen) == (CheckStatus.CHECK_FIRST, False, True)
    assert not any(item.criterion == NO_ROWS for drug in DRUGS for item in conditions(drug, age=40))


@pytest.mark.parametrize(
    ("value", "bound", "beside"),
    [("50", "below 60 mL/min", 0), ("25", "below 30 mL/min", 1), ("12", "at most 15 mL/min", 2)],
)
def test_of_bounds_that_a_value_meets_the_closest_is_shown(value, bound, beside):
    (check,) = of("gabapentin", "egfr", values={"egfr": f"{value} mL/min"})
    assert (check.bound, len(check.beside)) == (bound, beside)


def test_a_row_that_does_not_act_stands_beside_one_that_does():
    (check,) = of("abatacept", "pregnancy", sex="f", age=30, pregnancy=True)
    assert (check.status, [item.status for item in check.beside]) == (CheckStatus.MONITOR, [CheckStatus.AVOID])


def test_one_of_several_open_rows_is_enough_to_be_asked_first():
    """Of codeine at 15 the surgery of the tonsils is asked first, and the weight is not."""
    (check,) = of("codeine", "age_child", age=15)
    assert (check.words, check.at_stake, check.asks_first) == (
        "recent surgery of tonsils or adenoids", CheckStatus.CONTRAINDICATED, True,
    )  # fmt: skip
    (check,) = of("codeine", "age_child")  # and of a patient whose age is not told the age
    assert (check.words, check.asks_first) == ("age of a child", True)


def test_what_is_forbidden_already_need_not_be_asked_first():
    """An infection forbids adalimumab by what is told; how severe it is can wait."""
    still, met = of("adalimumab", "active_infection", conditions=["infection"])
    assert (met.status, met.known) == (CheckStatus.AVOID, True)
    assert (still.at_stake, still.asks_first, still.found) == (
        CheckStatus.CONTRAINDICATED, False, "yes, severity not given",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("drug", "criterion", "fields", "words", "found"),
    [
        # What is told is said, and what is asked for is what else the row names.
        ("haloperidol", "age_elderly", {"age": 70}, "dementia", "age: 70 years"),
        ("haloperidol", "age_elderly", {}, "age", ""),
        ("ibuprofen", "pregnancy_weeks", {"sex": "f", "pregnancy": True}, "week of pregnancy", "pregnancy: yes"),
        ("haloperidol", "age_elderly", {"conditions": ["dementia"]}, "age", "dementia: yes"),
        (
            "combined hormonal contraceptive", "migraine", {"sex": "f", "conditions": ["migraine"]},
            "age of 35 and more", "migraine: yes",
        ),
        (
            "allopurinol", "alt", {"values": {"alt": "250 U/L"}},
            "bilirubin above twice the upper limit", "liver tests (ALT, AST): 250 U/L; the rule is in x upper limit",
        ),
    ],
)  # fmt: skip
def test_of_a_row_with_two_criteria_the_open_one_is_asked_for(drug, criterion, fields, words, found):
    check = next(item for item in of(drug, criterion, **fields) if item.at_stake is not None)
    assert (check.words, check.found) == (words, found)


def test_a_reaction_is_said_once_of_the_drug_itself_and_asked_of_others():
    told = {"therapies": [course("celecoxib", "heart attack")]}
    own = conditions("celecoxib", **told)
    # The condition that the reaction amounts to forbids more than the reaction, and is shown beside it.
    assert [(item.criterion, item.status) for item in own if item.known] == [
        (INTOLERANCE, CheckStatus.AVOID), ("coronary_disease", CheckStatus.CONTRAINDICATED),
    ]  # fmt: skip
    assert not any(item.status is CheckStatus.NOT_LOOKED_AT for item in own)
    other = [item for item in conditions("hydroxychloroquine", **told) if item.status is CheckStatus.NOT_LOOKED_AT]
    assert [(item.criterion, item.found) for item in other] == [
        ("cardiovascular_risk", "heart attack under celecoxib"), ("coronary_disease", "heart attack under celecoxib"),
    ]  # fmt: skip


def test_a_drug_of_the_same_class_is_asked_and_what_the_reaction_amounts_to_is_not_silent():
    told = {"therapies": [course("celecoxib", "heart attack")]}
    found = {item.criterion: item for item in conditions("ibuprofen", **told) if item.found.startswith("heart attack")}
    assert found[INTOLERANCE].status is CheckStatus.CHECK_FIRST
    assert (found["cardiovascular_risk"].status, found["cardiovascular_risk"].known) == (CheckStatus.AVOID, True)


def test_an_allergy_that_a_reaction_is_stands_beside_the_reaction():
    """Both forbid the drug, so the reaction is shown, with the row on the allergy beside it."""
    checks = conditions("ibuprofen", therapies=[course("ibuprofen", "bronchospasm")])
    met = [item for item in checks if item.known and item.status is CheckStatus.CONTRAINDICATED]
    assert [item.criterion for item in met] == [INTOLERANCE]
    assert CheckStatus.CONTRAINDICATED in [item.status for item in met[0].beside]


@pytest.mark.parametrize("drug", ["celecoxib", "flucloxacillin", "sulfadiazine"])
@pytest.mark.parametrize("reaction", ["rash", "urticaria"])
def test_which_reaction_it_was_is_not_asked_where_it_is_an_allergy_to_the_class(drug, reaction):
    told = {"therapies": [course(drug, reaction)]}
    assert of(drug, "hypersensitivity", **told) == []
    (unknown,) = of(drug, "hypersensitivity")  # of a patient of whom nothing is told it is
    assert (unknown.at_stake, unknown.known) == (CheckStatus.CONTRAINDICATED, False)


def test_an_allergy_that_says_less_does_not_settle_which_reaction_it_was():
    """Values by hand: no row of today is an allergy that weighs less than the question."""
    drug, told = "celecoxib", {"therapies": [course("celecoxib", "rash")]}
    context = load_context(told, today=TODAY)
    own = Check(drug=drug, subject="it", status=CheckStatus.AVOID, criterion=INTOLERANCE, reactions=("rash",))
    asked = Check(
        drug=drug, subject="which", status=CheckStatus.CHECK_FIRST, known=False, criterion="hypersensitivity",
        at_stake=CheckStatus.CONTRAINDICATED, reactions=("rash",),
    )  # fmt: skip
    allergy = Check(
        drug=drug, subject="NSAID", status=CheckStatus.CONTRAINDICATED, criterion="nsaid_allergy", reactions=("rash",)
    )

    def kept(*checks: Check) -> list[str]:
        return [item.criterion for item in said_once(drug, checks, context, SAFETY.criteria)]

    assert kept(own, asked, allergy) == [INTOLERANCE, "nsaid_allergy"]
    assert kept(own, asked, replace(allergy, status=CheckStatus.AVOID)) == [INTOLERANCE, "hypersensitivity"]
    assert kept(own, asked, replace(allergy, reactions=("asthma",))) == [
        INTOLERANCE,
        "hypersensitivity",
        "nsaid_allergy",
    ]
    assert kept(own, replace(asked, reactions=()), allergy) == [INTOLERANCE, "hypersensitivity", "nsaid_allergy"]
    assert kept(own, asked) == [INTOLERANCE, "hypersensitivity"]
    # One allergy that settles it is enough.
    another = replace(allergy, criterion="aspirin_asthma", reactions=("asthma",))
    assert kept(own, asked, another, allergy) == [INTOLERANCE, "aspirin_asthma", "nsaid_allergy"]


@pytest.mark.parametrize(("drug", "there"), [("celecoxib", ["stroke"]), ("obinutuzumab", ["hepatitis_b_recorded"])])
def test_a_part_that_says_as_much_stands_for_the_whole(drug, there):
    """A stroke forbids celecoxib by itself; a hepatitis B that is only to be looked for hides no row that forbids."""
    told = {"celecoxib": {"conditions": ["stroke"]}, "obinutuzumab": {"conditions": ["hepatitis B"]}}[drug]
    met = [item for item in conditions(drug, **told) if item.known and item.found]
    forbidden = [item.criterion for item in met if item.status.severity >= CheckStatus.AVOID.severity]
    assert forbidden == there


def test_a_value_that_is_bad_enough_for_one_row_is_asked_first_of_a_stricter_one():
    (still, met) = of("allopurinol", "alt", values={"alt": "250 U/L"})
    assert (met.known, met.bound) == (True, "above 3 x upper limit")
    assert (still.at_stake, still.asks_first) == (CheckStatus.AVOID, True)


def test_what_a_reaction_amounts_to_is_unknown_of_every_drug_but_the_one_that_brought_it_on():
    told = {"therapies": [course("hydroxychloroquine", "pancreatitis")]}
    found = {
        drug: [
            (item.criterion, item.status)
            for item in conditions(drug, **told)
            if "pancreatitis" in item.found and item.at_stake is None
        ]
        for drug in ("hydroxychloroquine", "chloroquine", "belimumab")
    }
    unknown = ("pancreatitis", CheckStatus.NOT_LOOKED_AT)
    assert found == {
        "hydroxychloroquine": [(INTOLERANCE, CheckStatus.AVOID)],
        "chloroquine": [(INTOLERANCE, CheckStatus.CHECK_FIRST), unknown],  # to ask of its class is no answer
        "belimumab": [unknown],
    }


def test_a_rate_in_another_unit_is_asked_first_where_it_could_forbid():
    """Europe goes by the clearance of creatinine: a rate by body surface does not settle it."""
    still = [item for item in of("baricitinib", "egfr", egfr="50 mL/min/1.73m2") if item.at_stake is not None]
    assert [(item.at_stake, item.asks_first) for item in still] == [(CheckStatus.AVOID, True)]


def test_a_question_about_a_class_is_not_asked_where_an_allergy_says_more():
    """Values by hand, as above: of today's rows a pair of drugs says it itself."""
    drug = "celecoxib"
    context = load_context({"therapies": [course("naproxen", "rash")]}, today=TODAY)
    asked = Check(drug=drug, subject="kin", status=CheckStatus.CHECK_FIRST, criterion=INTOLERANCE, reactions=("rash",))
    allergy = Check(
        drug=drug, subject="NSAID", status=CheckStatus.AVOID, criterion="nsaid_allergy", reactions=("rash",)
    )
    as_much = replace(allergy, status=CheckStatus.CHECK_FIRST)
    for checks, left in (((asked, allergy), ["nsaid_allergy"]), ((asked, as_much), [INTOLERANCE])):
        assert [item.criterion for item in said_once(drug, checks, context, SAFETY.criteria)] == left


@pytest.mark.parametrize(
    ("status", "left"), [(CheckStatus.AVOID, ["stroke"]), (CheckStatus.MONITOR, ["cardiovascular_risk", "stroke"])]
)
def test_a_part_stands_for_its_whole_where_it_is_as_strict(status, left):
    whole = Check(
        drug="celecoxib", subject="risk", status=CheckStatus.AVOID, criterion="cardiovascular_risk", found="yes"
    )
    part = Check(drug="celecoxib", subject="stroke", status=status, criterion="stroke", found="yes")
    context = load_context({"conditions": ["stroke"]}, today=TODAY)
    assert [item.criterion for item in said_once("celecoxib", (whole, part), context, SAFETY.criteria)] == left


def test_a_reaction_of_which_a_row_asks_when_it_was_is_asked_about_once():
    told = [course("heparin", "HIT")]
    asked = [item for item in conditions("warfarin", therapies=told) if item.known]
    assert [(item.criterion, item.status) for item in asked] == [
        ("heparin_thrombocytopenia_recent", CheckStatus.CHECK_FIRST)
    ]


@pytest.mark.parametrize(
    ("drug", "told", "criterion", "said"),
    [
        ("tofacitinib", "stroke", "cardiovascular_risk", ("stroke or transient ischaemic attack", "yes")),
        ("tofacitinib", "recent_stroke", "cardiovascular_risk", ("stroke within days", "yes")),
        ("leflunomide", "hepatitis_c", "hepatitis_b", ("hepatitis C", "yes")),
        ("leflunomide", "hepatitis_b", "hepatitis_b", ("hepatitis B or C, past or present", "yes")),
    ],
)
def test_of_a_list_of_conditions_the_one_that_was_told_is_named(drug, told, criterion, said):
    (check,) = of(drug, criterion, conditions={told: True})
    assert (check.subject, check.found) == said


def test_what_is_asked_of_a_list_is_no_statement_of_one():
    (check,) = of("ocrelizumab", "hepatitis_b_active", conditions={"hepatitis_b": True})
    assert (check.subject, check.found, check.at_stake) == (
        "active hepatitis B or C",
        "hepatitis B or C: yes",
        CheckStatus.CONTRAINDICATED,
    )


@pytest.mark.parametrize(
    ("drug", "told"),
    [("amitriptyline", "bipolar disorder"), ("aripiprazole", "bipolar disorder"), ("citalopram", "bipolar disorder")],
)
def test_what_a_row_was_met_by_was_looked_at_by_its_other_name_too(drug, told):
    found = respond({}, [drug], context={"age": 40, "conditions": [told]}, today=TODAY).drug(drug).checks
    about = [check for check in found if check.criterion.startswith("bipolar_disorder")]
    assert [check.known for check in about] == [True]
