"""Units: conversion within one quantity, and the estimated glomerular filtration rate."""

from __future__ import annotations

import pytest

from lupus_pgx.knowledge.check.rules import check_units
from lupus_pgx.knowledge.tables import Table
from lupus_pgx.knowledge.units import estimated_gfr
from lupus_pgx.terms import Sex


@pytest.fixture(scope="module")
def units(fx_knowledge):
    return fx_knowledge.known_units


@pytest.mark.parametrize(
    ("value", "quantity", "unit", "wanted", "expected"),
    [
        (500, "upcr", "mg/g", "g/g", 0.5),
        (100, "upcr", "mg/mmol", "mg/g", 884),
        (0.7, "proteinuria_24h", "g/24h", "mg/24 h", 700),
        (1, "proteinuria_24h", "g/day", "g/24 h", 1),
        (1.0, "creatinine", "mg/dL", "umol/L", 88.4),
        (88.4, "creatinine", "µmol/L", "mg/dL", 1.0),
        (88.4, "creatinine", "μmol/l", "mg/dL", 1.0),
        (0.75, "hcq_blood", "mg/L", "ng/mL", 750),
        (8, "tacrolimus_trough", "µg/L", "ng/mL", 8),
        (1500, "mpa_trough", "ng/mL", "mg/L", 1.5),
        (620, "igg", "mg/dL", "g/L", 6.2),
        (52, "c3", "mg/dL", "g/L", 0.52),
        (5, "b_cell_count", "cells/uL", "x10^9/L", 0.005),
        (2, "dose", "g/day", "mg/day", 2000),
        (100, "ldl_cholesterol", "mg/dL", "mmol/L", 2.586),
    ],
)
def test_conversion_within_a_quantity(units, value, quantity, unit, wanted, expected):
    assert units.convert(value, quantity, unit, wanted) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("quantity", "unit", "wanted"),
    [
        ("6tgn", "pmol/8x10^8 RBC", "nmol/mmol Hb"),
        ("egfr", "mL/min", "mL/min/1.73m2"),
        ("anti_dsdna", "IU/mL", "x upper limit"),
        ("alt", "U/L", "x upper limit"),
        ("dose", "mg/day", "mg/kg/day"),
        ("b_cell_count", "x10^9/L", "percent of lymphocytes"),
    ],
)
def test_units_of_another_base_are_not_converted(units, quantity, unit, wanted):
    assert units.convert(1, quantity, unit, wanted) is None


def test_ratio_and_24_hour_protein_share_no_unit(units):
    names = [{unit for group in units.by_base(key).values() for unit in group} for key in ("upcr", "proteinuria_24h")]
    assert not names[0] & names[1]
    wrong = units.unknown_unit("upcr", "g/24h")
    assert "expected one of g/g, g/mmol, mg/g, mg/mg, mg/mmol" in wrong
    assert "g/24h is a unit of proteinuria_24h, a different quantity" in wrong
    assert "upcr, a different quantity" in units.unknown_unit("proteinuria_24h", "g/g")


def test_unknown_unit_and_quantity(units):
    assert units.unknown_unit("igg", "g/l") is None
    assert units.unknown_unit("igg", "mg") == "unknown unit 'mg' of igg: expected one of g/L, g/dL, mg/L, mg/dL"
    assert units.unknown_quantity("upcr") is None
    assert units.unknown_quantity("creatinin").endswith("did you mean creatinine?")
    assert units.unknown_quantity("proteinuria").endswith("expected proteinuria_24h or upcr")
    assert "c3, c4" in units.unknown_quantity("zzzzzz")
    with pytest.raises(KeyError):
        units.convert(1, "igg", "mg", "g/L")


def test_quantities_are_those_of_monitoring_and_criteria(fx_knowledge, units):
    rows = [*fx_knowledge.rows("monitoring"), *fx_knowledge.rows("response_criteria")]
    collective = {row["collective"] for row in fx_knowledge.rows("quantities")} - {None}
    assert {row["quantity"] for row in rows} <= {*units.quantities, *collective}
    assert not collective & set(units.quantities)
    # Bounds of the tables are stated in units that a value can be converted to.
    relative = {"percent of baseline"}
    for row in rows:
        if row["quantity"] not in collective and row["unit"] not in relative:
            assert units.unknown_unit(row["quantity"], row["unit"]) is None


def test_limits_of_contraindications_have_a_unit(fx_knowledge, units):
    for row in fx_knowledge.rows("contraindications"):
        if row["unit"] and row["criterion"] in units.quantities:
            assert units.unknown_unit(row["criterion"], row["unit"]) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"factor": 0.0}, "expected a factor above 0"),
        ({"base_unit": "furlong"}, "the base unit needs a row of its own"),
        ({"unit": "MG / DL"}, "is written like another unit"),
        ({"quantity": "new_quantity"}, "the base unit needs a row of its own"),
    ],
)
def test_check_of_the_table(fx_knowledge, change, said):
    table = fx_knowledge.tables["units"]
    row = next(row for row in table.rows if (row["quantity"], row["unit"]) == ("igg", "mg/L"))
    spoilt = Table(
        "units", table.columns, table.types, (*(item for item in table.rows if item is not row), {**row, **change})
    )
    faults = [str(fault) for fault in check_units({**fx_knowledge.tables, "units": spoilt})]
    assert any(said in fault for fault in faults)
    assert not list(check_units(fx_knowledge.tables))


def test_check_finds_a_quantity_that_nothing_measures(fx_knowledge):
    table = fx_knowledge.tables["monitoring"]
    spoilt = Table("monitoring", table.columns, table.types, ({**table.rows[0], "quantity": "mood"},))
    faults = [str(fault) for fault in check_units({**fx_knowledge.tables, "monitoring": spoilt})]
    assert any("no unit of the table units measures it" in fault for fault in faults)


@pytest.mark.parametrize(
    ("mg_dl", "age", "sex", "expected"),
    [
        # Worked by hand from the published equation (doi:10.1056/NEJMoa2102953).
        (0.7, 30, Sex.FEMALE, 142 * 0.9938**30 * 1.012),
        (0.9, 30, Sex.MALE, 142 * 0.9938**30),
        (1.4, 40, Sex.FEMALE, 142 * 2**-1.2 * 0.9938**40 * 1.012),
        (0.35, 40, Sex.FEMALE, 142 * 0.5**-0.241 * 0.9938**40 * 1.012),
        (0.45, 40, Sex.MALE, 142 * 0.5**-0.302 * 0.9938**40),
        # Published calculators: 71 for a man of 55 with 1.2 mg/dL, 76 for a woman of 55 with 0.9 mg/dL.
        (1.2, 55, Sex.MALE, 71.4),
        (0.9, 55, Sex.FEMALE, 75.6),
    ],
)
def test_ckd_epi_2021(mg_dl, age, sex, expected):
    assert estimated_gfr(mg_dl * 88.4, age, sex) == pytest.approx(expected, abs=0.3)


def test_ckd_epi_is_for_adults():
    assert estimated_gfr(60, 17.9, Sex.FEMALE) is None
    assert estimated_gfr(0, 30, Sex.FEMALE) is None
