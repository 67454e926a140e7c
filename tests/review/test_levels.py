"""Measured values against every target of the table ``monitoring``."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lupus_pgx import InputError, load_knowledge, respond
from lupus_pgx.knowledge.units import plain_number

KNOWLEDGE = load_knowledge()
UNITS = KNOWLEDGE.known_units
ROWS = [row for row in KNOWLEDGE.monitoring.itertuples() if row.quantity in UNITS.quantities and pd.isna(row.only_with)]
BOUNDED = [row for row in ROWS if pd.notna(row.target_low) or pd.notna(row.target_high)]
FROM_DOSE = ("steroid_dose", "hcq_dose")
START = dt.date(2022, 1, 1)


def day(number: int) -> str:
    return str(START + dt.timedelta(days=number))


def series(quantity: str, unit: str, values: dict[int, object], drug: str | None = None) -> dict:
    made = {"quantity": quantity, "unit": unit, "values": {day(number): value for number, value in values.items()}}
    return made | ({"drug": drug} if drug else {})


def monitored(drug: str, *labs: dict, **fields) -> pd.DataFrame:
    """Return the monitoring of a drug that is taken since the start."""
    therapies = [{"drug": drug, "start": day(0), "outcome": "ongoing"}]
    return respond({}, [drug], context={"therapies": therapies, "labs": list(labs)} | fields).resistance.to_frame(
        "monitoring"
    )


def kinds(drug: str, *labs: dict, stop: int | None = None, outcome: str = "inadequate_response") -> dict[str, str]:
    """Return the findings of a therapy that failed, with their text."""
    therapy = {"drug": drug, "start": day(0), "outcome": outcome}
    therapy |= {"reaction": "rash"} if outcome == "intolerance" else {}
    therapy |= {"stop": day(stop)} if stop is not None else {}
    review = respond({}, [drug], context={"therapies": [therapy], "labs": list(labs)}).resistance
    return {item.kind.value: item.text for item in review.therapies[0].findings}


def verdict(frame: pd.DataFrame, row) -> str:
    chosen = frame[(frame.drug == row.drug) & (frame.measure == row.measure) & (frame.context == row.context)]
    assert len(chosen) == 1
    return chosen.verdict.iloc[0]


def least(quantity, name):
    """Return a small value that a person can have."""
    unit = UNITS.unit(quantity, name)
    lowest = next(
        (row["lowest"] for row in KNOWLEDGE.rows("units") if (row["quantity"], row["unit"]) == (quantity, unit.base)),
        None,
    )
    return float(f"{(lowest or 0.001) * 1.1 / unit.factor:.12g}")


# --- every target -----------------------------------------------------------------------------


@pytest.mark.parametrize("row", BOUNDED, ids=lambda row: f"{row.drug}-{row.quantity}-{row.context}"[:60])
def test_every_bound_in_every_unit(row):
    unit = UNITS.unit(row.quantity, row.unit)
    same = [name for name in UNITS.names(row.quantity) if UNITS.unit(row.quantity, name).base == unit.base]
    cases = []
    if pd.notna(row.target_low):
        cases += [(row.target_low * 0.99, "below"), (row.target_low, "within")]
    if pd.notna(row.target_high):
        cases += [(row.target_high * 1.01 + 0.001, "above"), (row.target_high, "within")]
    for value, expected in cases:
        for name in same:
            given_value = float(f"{value * unit.factor / UNITS.unit(row.quantity, name).factor:.12g}")
            assert verdict(monitored(row.drug, series(row.quantity, name, {9: given_value})), row) == expected


@pytest.mark.parametrize("row", BOUNDED, ids=lambda row: f"{row.drug}-{row.quantity}-{row.context}"[:60])
def test_a_unit_of_another_base_is_never_compared(row):
    base = UNITS.unit(row.quantity, row.unit).base
    for name in UNITS.names(row.quantity):
        if UNITS.unit(row.quantity, name).base != base and name != "present or absent":
            little = least(row.quantity, name)
            assert verdict(monitored(row.drug, series(row.quantity, name, {9: little})), row) == "other unit"


@pytest.mark.slow
def test_what_was_not_measured_is_named_with_its_target():
    for row in ROWS:
        if row.quantity not in FROM_DOSE and row.basis != "if_measured":  # it is measured where a course failed
            assert verdict(monitored(row.drug), row) == "not measured"
    frame = monitored("mycophenolate mofetil")
    assert set(frame.citations.str.split(";").explode()) <= set(KNOWLEDGE.citations.citation)
    assert set(frame.value.dropna()) == set()


@settings(max_examples=25, deadline=None)
@given(st.floats(20, 60), st.floats(20, 60), st.integers(1, 300), st.booleans())
@pytest.mark.slow
def test_the_last_value_counts_whatever_the_order_of_the_file(first, second, number, turned):
    first, second = round(first, 2), round(second, 2)
    labs = [series("mpa_auc", "mg.h/L", {0: first}), series("mpa_auc", "ug.h/mL", {number: second})]
    frame = monitored("mycophenolate mofetil", *(labs[::-1] if turned else labs))
    chosen = frame[frame.measure.str.contains("AUC")]
    assert set(chosen.value.round(2)) == {second}
    assert set(chosen.date) == {day(number)}


@pytest.mark.parametrize("turned", [False, True])
def test_two_values_of_one_day_do_not_depend_on_the_order(turned):
    labs = [series("mpa_auc", "mg.h/L", {9: 20}), series("mpa_auc", "ug.h/mL", {9: 60})]
    frame = monitored("mycophenolate mofetil", *(labs[::-1] if turned else labs))
    assert set(frame[frame.measure.str.contains("AUC")].value) == {60}


# --- courses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "seen"), [(-1, False), (0, True), (60, True), (61, False)])
def test_a_level_belongs_to_its_course(number, seen):
    found = kinds("MMF", series("mpa_auc", "mg.h/L", {number: 12}), stop=60)
    assert ("under_exposure" in found and "12 mg.h/L" in found["under_exposure"]) is seen


@pytest.mark.parametrize(
    ("labs", "last", "kind"),
    [
        (("b_cell_count", "x10^9/L", 0.05), 183, "incomplete_depletion"),
        (("b_cell_count", "cells/uL", 50), 183, "incomplete_depletion"),
        (("anti_drug_antibodies", "present or absent", "present"), 365, "anti_drug_antibodies"),
    ],
)
def test_cells_and_antibodies_still_tell_after_the_last_dose(labs, last, kind):
    quantity, unit, value = labs
    for number, seen in ((-1, False), (0, True), (14 + last, True), (15 + last, False)):
        drug = "rituximab" if quantity.startswith("anti") else None
        assert (kind in kinds("rituximab", series(quantity, unit, {number: value}, drug), stop=14)) is seen


@pytest.mark.parametrize(
    ("values", "seen"), [({40: 0, 150: 0.3}, False), ({40: 0.3, 150: 0}, False), ({40: 0.3, 150: 0.01}, True)]
)
def test_depletion_that_was_reached_once_was_reached(values, seen):
    assert ("incomplete_depletion" in kinds("rituximab", series("b_cell_count", "x10^9/L", values))) is seen


def test_a_percentage_of_cells_hides_no_count():
    share = series("b_cell_count", "percent of lymphocytes", {40: 0.1})
    assert "incomplete_depletion" not in kinds("rituximab", share)
    for labs in (
        [share, series("b_cell_count", "x10^9/L", {40: 0.2})],
        [series("b_cell_count", "x10^9/L", {40: 0.2}), share],
    ):
        assert "incomplete_depletion" in kinds("rituximab", *labs)


@pytest.mark.parametrize(
    ("drug", "result", "seen"),
    [("rituximab", "present", True), ("rituximab", "absent", False), ("belimumab", "present", False)],
)
def test_antibodies_are_against_one_drug(drug, result, seen):
    labs = series("anti_drug_antibodies", "present or absent", {60: result}, drug)
    assert ("anti_drug_antibodies" in kinds("rituximab", labs)) is seen


def test_antibodies_against_no_named_drug_are_refused():
    with pytest.raises(InputError, match=r"labs\[0\]: drug is missing"):
        kinds("rituximab", series("anti_drug_antibodies", "present or absent", {60: "present"}))


# --- what a level says ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auc", "under", "adequate"),
    [(29, True, False), (32, True, True), (34.9, True, True), (35, False, True), (45, False, True), (70, False, True)],
)
def test_mycophenolate_exposure(auc, under, adequate):
    found = kinds("MMF", series("mpa_auc", "mg.h/L", {60: auc}))
    measured = {kind for kind, text in found.items() if f"{auc:g} mg.h/L" in text}
    assert ("under_exposure" in measured) is under
    assert ("adequate_exposure" in measured) is adequate


@pytest.mark.parametrize(
    ("level", "expected"),
    [(0, {"non_intake"}), (199, {"non_intake"}), (200, set()), (599, set()), (1000, set())],
)
def test_hydroxychloroquine_not_taken(level, expected):
    assert kinds("HCQ", series("hcq_blood", "ng/mL", {200: level})).keys() & {"non_intake"} == expected
    assert "non_intake" not in kinds("HCQ", series("hcq_blood", "ng/mL", {200: level}), outcome="intolerance")


def test_an_intolerance_looks_at_levels_that_are_too_high():
    high = series("hcq_blood", "ng/mL", {200: 1500})
    assert "over_exposure" in kinds("HCQ", high, outcome="intolerance")
    assert "over_exposure" not in kinds("HCQ", high)
    low = series("mpa_auc", "mg.h/L", {60: 10})
    assert not kinds("MMF", low, outcome="intolerance").keys() & {"under_exposure", "adequate_exposure"}


@pytest.mark.parametrize(
    ("dose", "fields", "expected"),
    [
        ("400 mg/day", {"weight": "60 kg"}, "above"),
        ("300 mg/day", {"weight": "60 kg"}, "within"),
        ("5 mg/kg/day", {}, "within"),
        ("5.5 mg/kg/day", {}, "above"),
        ("400 mg/day", {}, "not measured"),
    ],
)
def test_a_dose_that_is_taken_is_a_measured_value(dose, fields, expected):
    therapies = [{"drug": "HCQ", "start": day(0), "dose": dose, "outcome": "ongoing"}]
    frame = respond({}, ["HCQ"], context={"therapies": therapies} | fields).resistance.to_frame("monitoring")
    assert set(frame[frame.measure.str.startswith("daily dose")].verdict) == {expected}


def test_what_is_outside_its_target_comes_first():
    frame = monitored("mycophenolate mofetil", series("mpa_trough", "mg/L", {60: 1}))
    assert frame.verdict.iloc[0] == "below"
    assert frame.verdict.tolist().index("not measured") > frame.verdict.tolist().index("below")


def test_every_drug_for_lupus_and_every_drug_of_an_option_has_something_to_measure():
    monitored_drugs = {row["drug"] for row in KNOWLEDGE.rows("monitoring")}
    known = {row["drug"]: row["manifestations"] for row in KNOWLEDGE.rows("drugs")}
    offered = {drug for row in KNOWLEDGE.rows("therapy_options") for drug in (row["drugs"] or "").split(";")}
    asked = {drug for drug, manifestations in known.items() if manifestations} | (offered & set(known))
    assert len(asked) > 75
    assert sorted(asked - monitored_drugs) == []


@pytest.mark.parametrize(
    ("drug", "quantity", "unit", "value", "verdict"),
    [
        ("phenprocoumon", "inr", "INR", 1.6, "below"),
        ("nortriptyline", "nortriptyline_level", "nmol/L", 900, "above"),
        ("lamotrigine", "lamotrigine_level", "umol/L", 30, "within"),
        ("pimozide", "qtc", "ms", 530, "above"),
        ("paroxetine", "sodium", "mmol/L", 126, "below"),
        ("eltrombopag", "platelet_count", "x10^9/L", 450, "above"),
        ("losartan", "potassium", "mmol/L", 6.1, "above"),
    ],
)
def test_a_value_of_a_drug_that_had_no_row_is_judged(drug, quantity, unit, value, verdict):
    found = monitored(drug, series(quantity, unit, {20: value}))
    told = found[found.value.notna() & (found.verdict != "measured")]
    assert told.verdict.str.contains(verdict).any(), found[["measure", "value", "verdict"]]


LOW = [
    row
    for row in KNOWLEDGE.rows("adequacy")
    if row["kind"] == "exposure"
    and row["quantity"] in UNITS.quantities
    and row["non_intake_below"]
    and row["under_below"]
]


@pytest.mark.parametrize("row", LOW, ids=lambda row: row["rule"])
def test_a_level_below_its_range_is_not_called_absent(row):
    value = (row["non_intake_below"] + row["under_below"]) / 2
    lab = series(row["quantity"], row["unit"], {200: value})
    context = {"therapies": [{"drug": row["drug"], "start": day(0), "outcome": "inadequate_response"}], "labs": [lab]}
    found = respond({}, context=context).resistance
    said = " ".join(text for step in found.steps for text in (*step.says, step.short))
    assert "too low" in said or "below" in said
    assert not any(words in said for words in ("not taken", "hardly", "near nothing", "nearly absent"))


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(2300.0, 3, "2300"), (23456.0, 4, "23460"), (0.0004, 3, "0.0004"), (12.34, 3, "12.3")]
)
def test_a_number_is_written_without_a_power_of_ten(value, digits, text):
    assert plain_number(value, digits) == text
