"""What people write is read, or refused with a sentence that says what to write instead."""

from __future__ import annotations

import pytest

from lupus_pgx import InputError, load_knowledge
from lupus_pgx.context.reading import load_context

KNOWLEDGE = load_knowledge()
TODAY = "2026-11-29"


def read(**fields):
    return load_context(fields, KNOWLEDGE, today=TODAY)


def refused(**fields):
    with pytest.raises(InputError) as caught:
        read(**fields)
    return str(caught.value)


@pytest.mark.parametrize("word", ["positive", "detected", "present"])
@pytest.mark.parametrize("name", ["lupus_anticoagulant", "LA", "LAC"])
def test_an_antibody_without_a_number_is_a_result_of_today(name, word):
    for fields in ({name: word}, {"values": {name: word}}):
        (series,) = read(**fields).labs
        assert series.quantity == "lupus_anticoagulant"
        assert [(str(one.date), one.present) for one in series.values] == [(TODAY, True)]
    assert read(values={name: "negative"}).labs[0].values[0].present is False


@pytest.mark.parametrize(
    ("told", "quantity", "value"),
    [
        ("2 g/24 h", "proteinuria_24h", 2),
        ("2 g/day", "proteinuria_24h", 2),
        ("1500 mg/day", "proteinuria_24h", 1.5),
        ("1.2 g/g", "upcr", 1.2),
        ("300 mg/mmol", "upcr", 2.652),
    ],
)
def test_protein_in_urine_is_told_apart_by_its_unit(told, quantity, value):
    for fields in ({"proteinuria": told}, {"values": {"proteinuria": told}}):
        assert read(**fields).values[quantity].value == pytest.approx(value)


def test_protein_in_urine_without_a_unit_is_refused_with_both_ways():
    said = refused(proteinuria=3)
    assert "{upcr: 1.2 g/g}" in said
    assert "{proteinuria_24h: 1.2 g/24 h}" in said


@pytest.mark.parametrize(
    "told",
    [
        "120 x10*9/L",
        "120000 /cumm",
        "120000/cu mm",
        "120000 /cu.mm",
        "1.2 lakh/cumm",
        "1.2 lakhs/cu mm",
        "120 10^9/\u043b",
    ],
)
def test_counts_as_laboratories_write_them(told):
    count = read(values={"platelets": told}).values["platelet_count"]
    assert (count.value, count.unit) == (pytest.approx(120), "x10^9/L")


def test_units_in_russian():
    assert read(creatinine="88 \u043c\u043a\u043c\u043e\u043b\u044c/\u043b").creatinine.value == 88


def test_an_infection_that_lasts_needs_no_word_on_treatment():
    assert read(infection={"which": "HIV"}).conditions["hiv"] is True
    assert "write no, ongoing or finished" in refused(infection={"which": "pneumonia"})
    assert "write no, ongoing or finished" in refused(infection={"which": "tuberculosis"})


def test_varices_are_asked_which():
    for fields in ({"varices": True}, {"conditions": {"varices": True}}, {"conditions": ["varices"]}):
        assert "write oesophageal varices or varicose veins" in refused(**fields)


@pytest.mark.parametrize("told", ["3x/week", "daily", "3 times a week"])
def test_what_is_told_by_how_often_is_there(told):
    assert read(dialysis=told).conditions["dialysis"] is True


def test_what_is_only_taken_when_needed_is_not_read_as_there():
    assert "dialysis" in refused(dialysis="as needed")


@pytest.mark.parametrize("name", ["lithium", "lithium level"])
def test_a_level_that_no_row_asks_for_says_what_to_write(name, caplog):
    read(values={name: "0.9 mmol/L"})
    assert "write co_medication: [lithium]" in caplog.text


@pytest.mark.parametrize(
    ("told", "classes"),
    [
        ("IV-G (A/C)", ("IV",)),
        ("IV-S(A)", ("IV",)),
        ("III (C)", ("III",)),
        ("III+V", ("III", "V")),
        ("IV-G (A/C) + V", ("IV", "V")),
        ("III and V", ("III", "V")),
        ("3/5", ("III", "V")),
        ("IV/V", ("IV", "V")),
    ],
)
def test_classes_of_a_biopsy(told, classes):
    forms = (
        {"LN": {"class": told}},
        {"LN": told},
        {"lupus nephritis": f"class {told}"},
        {"lupus nephritis": f"LN class {told}"},
        {f"LN class {told}": None},
        [f"LN class {told}"],
        {"LN": {"class": [told]}},
    )
    for form in forms:
        (item,) = read(manifestations=form).manifestations
        assert (item.name, item.classes) == ("lupus nephritis", classes)


@pytest.mark.parametrize("told", ["III/IV", "VII", "IV or V", "V/IV"])
def test_classes_that_can_mean_two_things_are_refused(told):
    assert "such as [III, V]" in refused(manifestations={"LN": {"class": told}})


def test_contraception_by_yes_is_asked_which():
    for told in (True, "ja"):
        assert "name the method (pill, copper IUD, implant, condom)" in refused(contraception=told)


@pytest.mark.parametrize(
    ("told", "value"),
    [
        (["pill", "condom"], "secured"),
        (["condom", "copper IUD"], "secured"),
        (["copper IUD"], "secured"),
        (["condom", "rhythm method"], "not_secured"),
    ],
)
def test_of_several_methods_a_reliable_one_counts(told, value):
    assert read(contraception=told).contraception.value == value


def test_of_several_methods_one_that_is_not_known_is_named():
    assert "found 'magic'" in refused(contraception=["condom", "magic"])


@pytest.mark.parametrize(
    ("told", "years"),
    [("34 years 6 months", 34.5), ("34y 6m", 34.5), ("34 yrs, 3 months old", 34.25), ("34 Jahre und 0 Monate", 34)],
)
def test_years_and_months(told, years):
    assert read(age=told).age == pytest.approx(years)


def test_an_index_or_a_fraction_says_what_to_write(caplog):
    read(BMI=38)
    assert "{obesity: true}" in caplog.text
    assert "has no unit" in refused(LVEF=30)
    assert read(LVEF="30 %").values["ejection_fraction"].value == 30


@pytest.mark.parametrize("name", ["DMPA", "depot injection", "depot medroxyprogesterone", "Depo-Provera"])
def test_the_injection_is_a_drug(name):
    assert [item.name for item in read(co_medication=[name]).on_board] == ["medroxyprogesterone injection"]
    told = read(contraception="DMPA")
    assert told.contraception.value == "secured"
    assert "medroxyprogesterone injection" in told.taken_or_planned


@pytest.mark.parametrize("name", ["levonorgestrel coil", "Mirena", "LNG-IUS"])
def test_the_hormonal_coil_is_a_drug(name):
    assert [item.name for item in read(co_medication=[name]).on_board] == ["levonorgestrel coil"]
