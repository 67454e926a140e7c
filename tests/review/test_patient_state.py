"""What conditions of options come to for a patient: held, not held, or open."""

from __future__ import annotations

import datetime as dt

import pytest
import yaml

from lupus_pgx import load_context, load_knowledge
from lupus_pgx.knowledge.drugs import accompanying_drugs, background_drugs
from lupus_pgx.review.course import judge_course
from lupus_pgx.review.levels import Levels
from lupus_pgx.review.states import PatientState
from lupus_pgx.review.steps.step import case_of

pytestmark = pytest.mark.every

TODAY = dt.date(2026, 11, 28)
NEPHRITIS = "manifestations: {lupus nephritis: {class: [IV], severity: %s}}"


def state_of(told: str):
    knowledge = load_knowledge()
    context = load_context(yaml.safe_load(f"{{{told}}}"), today=TODAY)
    course = judge_course(context, knowledge, TODAY)
    case = case_of(Levels(context, knowledge), {}, (), (), course, TODAY)
    return PatientState(case, background_drugs(knowledge) | accompanying_drugs(knowledge)), context.manifestations[0]


def answer(told: str, condition: str):
    state, manifestation = state_of(
        told if "manifestations" in told else f"{NEPHRITIS % 'moderate'}, {told}".rstrip(", ")
    )
    return state.holds(condition, manifestation)[0]


def course(drug: str, outcome: str, start: str = "", stop: str = "", more: str = "") -> str:
    dates = "".join(f", {name}: {day}" for name, day in (("start", start), ("stop", stop)) if day)
    return f"{{drug: {drug}, outcome: {outcome}{dates}{more}}}"


MMF_FAILED = course("mycophenolate mofetil", "inadequate_response", "2025-01-01", "2026-01-01", ", dose: 2 g/day")
MMF_SHORT = course("mycophenolate mofetil", "inadequate_response", "2026-01-01", "2026-01-20", ", dose: 2 g/day")
AZA_SHORT = course("azathioprine", "inadequate_response", "2026-02-01", "2026-02-20", ", dose: 150 mg/day")
AZA_HELPED = course("azathioprine", "response", "2025-06-01", "2026-06-01")
PREDNISONE = course("prednisone", "response", "2025-06-01", "2026-06-01")
RISEN = "labs: [{quantity: upcr, unit: g/g, values: {2026-03-01: 0.3, 2026-11-01: 2}}]"
PREDNISONE_FAILED = course("prednisone", "inadequate_response", "2025-06-01", "2026-06-01")


@pytest.mark.parametrize(
    ("told", "condition", "holds"),
    [
        # Active or in remission, by what was judged last.
        ("", "state = active", True),
        (f"therapies: [{course('azathioprine', 'ongoing', '2026-01-01')}]", "state = active", None),
        (f"therapies: [{AZA_HELPED}]", "state = active", False),
        (f"therapies: [{AZA_HELPED}]", "state = remission", True),
        (f"therapies: [{MMF_FAILED}, {AZA_HELPED}]", "state = remission", True),
        (f"therapies: [{MMF_FAILED}, {PREDNISONE}]", "state = active", True),  # a steroid that helped is no remission
        (f"therapies: [{PREDNISONE}]", "state = remission", True),
        (f"therapies: [{PREDNISONE_FAILED}, {course('azathioprine', 'response', '2024-01-01', '2025-01-01')}]",
         "state = active", True),
        # A rescue of days and a pulse are no remission; immunoglobulins for months are a treatment.
        (f"therapies: [{course('IVIG', 'response', '2026-06-01', '2026-06-02')}]", "state = remission", None),
        (f"therapies: [{course('IVIG', 'response', '2026-01-01', '2026-06-02')}]", "state = remission", True),
        (f"therapies: [{course('methylprednisolone', 'response', '2026-06-01', '2026-06-03')}]",
         "state = remission", None),
        (f"therapies: [{MMF_FAILED}, {course('plasma exchange', 'response', '2026-06-01', '2026-06-14')}]",
         "state = active", True),
        # A value of now comes before a response of then.
        (f"therapies: [{AZA_HELPED}], values: {{upcr: 0.3 g/g}}", "state = remission", True),
        (f"therapies: [{AZA_HELPED}], values: {{upcr: 3.1 g/g}}", "state = remission", None),
        (f"therapies: [{AZA_HELPED}], {RISEN}", "state = flare", True),
        (f"therapies: [{AZA_HELPED}]", "state = flare", False),
        # Where no failure is shown, what comes before a failure stays open.
        (f"therapies: [{AZA_SHORT}]", "failed < 1", True),
        (f"therapies: [{MMF_FAILED}]", "failed < 1", False),
        (f"{NEPHRITIS % 'severe'}, therapies: [{AZA_SHORT}]", "failed < 1", False),
        # Lines that failed: those without a full trial count as one, and all where an organ is at stake.
        (f"therapies: [{MMF_SHORT}, {AZA_SHORT}]", "failed >= 2", False),
        (f"therapies: [{MMF_SHORT}, {AZA_SHORT}]", "failed >= 1", True),
        (f"{NEPHRITIS % 'severe'}, therapies: [{MMF_SHORT}, {AZA_SHORT}]", "failed >= 2", True),
        (f"therapies: [{MMF_FAILED}, {AZA_SHORT}]", "failed >= 2", False),
        (f"therapies: [{MMF_FAILED}, {AZA_SHORT}]", "trial = short", True),
        (f"therapies: [{MMF_FAILED}]", "trial = short", False),
        # Pregnancy.
        ("pregnant: yes", "pregnancy = yes", True),
        ("contraception: conception planned", "pregnancy = planned", True),
        ("pregnant: no", "pregnancy = no", True),
        ("sex: male", "pregnancy = no", True),
        ("sex: female", "pregnancy = no", None),
        # Infection.
        ("", "infection = none", True),
        ("active_infection: mild", "infection = mild", True),
        ("active_infection: yes", "infection = none", None),
        # Classes that decide.
        ("manifestations: {lupus nephritis: {class: [II, IV]}}", "class = IV", True),
        ("manifestations: {lupus nephritis: {class: [II, IV]}}", "class = II", False),
        ("manifestations: {lupus nephritis: {class: [III, V]}}", "class = V", False),
        ("manifestations: {lupus nephritis: {class: [V]}}", "class = V", True),
        ("manifestations: {lupus nephritis: {}}", "class = V", None),
    ],
)  # fmt: skip
def test_what_a_condition_comes_to(told, condition, holds):
    assert answer(told, condition) is holds


def labs(quantity: str, unit: str, **values: float) -> str:
    told = ", ".join(f"{day.replace('_', '-').removeprefix('d')}: {value}" for day, value in values.items())
    return f"labs: [{{quantity: {quantity}, unit: {unit}, values: {{{told}}}}}]"


def trough(value: float) -> str:
    return labs("tacrolimus_trough", "ng/mL", d2026_11_20=value)


TACROLIMUS = f"therapies: [{course('tacrolimus', 'ongoing', '2026-01-01')}]"
TACROLIMUS_FAILED = f"therapies: [{course('tacrolimus', 'inadequate_response', '2026-01-01', '2026-11-21')}]"
TACROLIMUS_HELPED = f"therapies: [{course('tacrolimus', 'response', '2026-01-01', '2026-11-21')}]"
HCQ = f"therapies: [{course('hydroxychloroquine', 'ongoing', '2026-01-01')}]"
HCQ_LONG = f"therapies: [{course('hydroxychloroquine', 'ongoing', '2020-01-01')}]"
HCQ_HELPED = f"therapies: [{course('hydroxychloroquine', 'response', '2026-01-01', '2026-11-21')}]"


def hcq(value: float) -> str:
    return labs("hcq_blood", "ng/mL", d2026_11_20=value)


@pytest.mark.parametrize(
    ("told", "condition", "holds"),
    [
        (f"{TACROLIMUS}, {trough(6)}", "level = above", False),
        (f"{TACROLIMUS}, {trough(6.9)}", "level = above", False),  # a little above a target is rounding
        (f"{TACROLIMUS}, {trough(6.91)}", "level = above", True),
        (f"{TACROLIMUS}, {labs('tacrolimus_12h', 'ng/mL', d2026_11_20=5.2)}", "level = above", False),
        (f"{TACROLIMUS}, {labs('tacrolimus_12h', 'ng/mL', d2026_11_20=5.3)}", "level = above", True),  # a limit
        (f"{TACROLIMUS}, {trough(3)}", "level = below", True),
        (f"{TACROLIMUS_FAILED}, {trough(3)}", "level = below", False),  # more is not given of what was stopped
        (f"{TACROLIMUS_HELPED}, {trough(3)}", "level = below", False),
        (f"{HCQ}, {hcq(20)}", "level = absent", True),
        (f"{HCQ}, {hcq(20)}", "level = below", False),  # nothing was taken: that is the same finding
        (f"{HCQ}, {hcq(600)}", "level = below", True),
        (f"{HCQ}, {hcq(1000)}", "level = within", False),
        # A level of more than a year ago is asked for anew, and no dose is changed by it.
        (f"{HCQ_LONG}, {labs('hcq_blood', 'ng/mL', d2024_06_03=640)}", "level = below", False),
        (f"{HCQ_LONG}, {labs('hcq_blood', 'ng/mL', d2024_06_03=640)}", "level = old", True),
        (f"{HCQ_LONG}, {labs('hcq_blood', 'ng/mL', d2024_06_03=2500)}", "level = above", False),
        (f"{HCQ_LONG}, {labs('hcq_blood', 'ng/mL', d2024_06_03=2500)}", "level = old", True),
        (f"{HCQ_LONG}, {labs('hcq_blood', 'ng/mL', d2024_06_03=1000)}", "level = old", False),
        (f"{HCQ_LONG}, {labs('hcq_blood', 'ng/mL', d2024_06_03=20)}", "level = absent", True),
        (f"{HCQ_LONG}, {labs('hcq_blood', 'ng/mL', d2024_06_03=640, d2026_11_20=640)}", "level = below", True),
        (f"{HCQ_LONG}, {labs('hcq_blood', 'ng/mL', d2024_06_03=640, d2026_11_20=640)}", "level = old", False),
        (f"{HCQ_LONG}, values: {{hcq_blood: 640 ng/mL}}", "level = below", True),
        (f"{HCQ_HELPED}, {hcq(20)}", "level = absent", False),
    ],
)
def test_what_a_level_comes_to(told, condition, holds):
    assert answer(told, condition) is holds


def upcr(**values: float) -> str:
    return labs("upcr", "g/g", d2026_01_01=4, **values)


MMF = course("mycophenolate mofetil", "inadequate_response", "2026-01-01", "", ", dose: 2 g/day")
MMF_LATE = course("mycophenolate mofetil", "inadequate_response", "2026-08-01", "", ", dose: 2 g/day")
AZA = course("azathioprine", "inadequate_response", "2025-01-01", "2025-12-30", ", dose: 150 mg/day")
EARLY = labs("upcr", "g/g", d2025_01_01=8, d2025_07_01=3, d2026_01_01=4, d2026_08_01=4, d2026_11_01=3.5)
MMF_LOW = course("mycophenolate mofetil", "inadequate_response", "2025-01-01", "2026-01-01", ", dose: 500 mg/day")


@pytest.mark.parametrize(
    ("courses", "values", "words"),
    [
        (MMF, upcr(d2026_07_02=1.5), {"on track"}),
        (MMF, upcr(d2026_07_02=3.9), set()),
        (MMF, upcr(d2026_04_02=1.5, d2026_10_30=4.2), set()),  # reached, and lost again
        (MMF_SHORT, upcr(d2026_01_18=3.9), {"short"}),
        (MMF_LATE, EARLY, {"short"}),  # an early warning
        (f"{AZA}, {MMF_LATE}", EARLY, {"short"}),  # what another drug reached
        (MMF_FAILED, "", set()),
        (f"{MMF_FAILED}, {AZA_SHORT}", "", {"short"}),
        (MMF_LOW, "", {"short"}),
    ],
)
def test_what_the_last_trial_comes_to(courses, values, words):
    assert state_of(f"{NEPHRITIS % 'moderate'}, therapies: [{courses}], {values}".rstrip(", "))[0].trial == words


@pytest.mark.parametrize("severity", ["moderate", "severe"])
@pytest.mark.parametrize(
    ("courses", "values", "untried", "on_track"),
    [
        (MMF_SHORT, "", True, False),
        (f"{MMF_FAILED}, {AZA_SHORT}", "", False, False),
        (MMF_FAILED, "", False, False),
        (AZA_HELPED, "", False, False),
        (MMF, upcr(d2026_07_02=1.5), False, True),
    ],
)
def test_where_an_organ_is_at_stake_time_is_not_waited_out(severity, courses, values, untried, on_track):
    state, manifestation = state_of(f"{NEPHRITIS % severity}, therapies: [{courses}], {values}".rstrip(", "))
    assert state.untried is untried
    assert state.threatened(manifestation) is (untried and severity == "severe")
    assert state.unproven(manifestation) is (on_track or (untried and severity == "moderate"))


AZA_OLD = course("azathioprine", "inadequate_response", "2025-02-01", "2025-02-20", ", dose: 150 mg/day")
MINOCYCLINE = course("minocycline", "response", "2015-01-01", "2016-01-01")


@pytest.mark.parametrize(
    ("courses", "values", "condition", "drugs"),
    [
        (f"{AZA_OLD}, {MMF}", upcr(d2026_07_02=1.5), "trial = on track", ("mycophenolate mofetil",)),
        (
            f"{AZA_SHORT}, {MMF}",
            upcr(d2026_07_02=1.5),
            "trial = short",
            (),
        ),  # it does not hold: a response is on its way
        (AZA_OLD, "", "trial = short", ("azathioprine",)),
        (MINOCYCLINE, "", "sign = inducing-drug", ()),
        (course("minocycline", "ongoing", "2015-01-01"), "", "sign = inducing-drug", ("minocycline",)),
        (AZA_OLD, "conditions: {missed_doses: true}", "sign = missed-doses", ()),
    ],
)
def test_the_drugs_that_a_condition_speaks_of(courses, values, condition, drugs):
    state, manifestation = state_of(f"{NEPHRITIS % 'moderate'}, therapies: [{courses}], {values}".rstrip(", "))
    assert state.named(condition, manifestation) == drugs
    of_nobody = condition == "sign = missed-doses"
    assert state.holds(condition, manifestation)[0] is (bool(drugs) or of_nobody)


def test_what_was_stopped_is_not_taken_though_it_stands_among_the_co_medication():
    told = f"{NEPHRITIS % 'moderate'}, {TACROLIMUS_HELPED}, co_medication: [tacrolimus, warfarin]"
    assert state_of(told)[0].taken == {"warfarin"}
    assert state_of(told.replace("2026-11-21", "2026-11-29").replace(", stop: 2026-11-29", ""))[0].taken >= {
        "tacrolimus"
    }
