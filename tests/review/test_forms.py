"""What is asked about and not told: which form of haematological lupus it is, and thrombosis of the pregnant."""

from __future__ import annotations

import pytest

from lupus_pgx import respond

HAEMOLYSIS = ("glucocorticoid in haemolysis", "rituximab in haemolysis", "azathioprine in haemolysis",
              "mycophenolate in haemolysis")  # fmt: skip
PLATELETS = ("high-dose glucocorticoid", "intravenous immunoglobulin", "rituximab")
WATCH = "platelets from 30 on without bleeding: watch, look for the cause"
LEUKOPENIA = "leukopenia alone: no treatment, look for the drug"


HCQ = {
    "drug": "hydroxychloroquine",
    "dose": "300 mg/day",
    "start": "2021-01-01",
    "stop": "ongoing",
    "outcome": "ongoing",
}


def shown(manifestation="haematological", labs=(), therapies=(), **fields):
    units = {"haemoglobin": "g/dL"}
    context = {
        "age": 40,
        "weight": "60 kg",
        "active_infection": "none",
        "manifestations": [manifestation],
        "therapies": [HCQ, *therapies],
        "labs": [
            {"quantity": name, "unit": units.get(name, "x10^9/L"), "values": {date: value}}
            for name, value, date in labs
        ],
    }
    found = respond({}, context=context | fields, today="2025-06-20").resistance
    return {item.option: item for item in found.options}


def platelets(value, date="2025-06-18"):
    return [("platelet_count", value, date)]


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({"manifestation": "autoimmune haemolytic anaemia"}, True),
        ({"manifestation": "Evans syndrome", "labs": platelets(12)}, True),
        ({"manifestation": "thrombocytopenia", "labs": platelets(12)}, False),
        ({"conditions": {"haemolytic_anaemia": False}, "labs": platelets(12)}, False),
        ({"labs": [("haemoglobin", 8.0, "2025-06-18")]}, True),  # it may be: then it is asked about
        ({}, True),
    ],
)
def test_haemolysis_has_options_where_it_is_told_or_open(fields, offered):
    found = shown(**fields)
    assert [name in found for name in HAEMOLYSIS] == [offered] * 4
    silent = fields.get("manifestation") is None
    assert all(bool(found[name].asks) is silent for name in HAEMOLYSIS if name in found)


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({"manifestation": "thrombocytopenia", "labs": platelets(12)}, True),
        ({"labs": platelets(12)}, True),  # the number says as much
        ({"manifestation": "haemolytic anaemia", "labs": platelets(12)}, True),
        ({"manifestation": "haemolytic anaemia", "labs": platelets(250)}, False),
        ({"manifestation": "haemolytic anaemia"}, False),
        ({"manifestation": "haemolytic anaemia", "labs": platelets(12, "2019-06-18")}, False),  # long ago
        ({"manifestation": "thrombocytopenia", "labs": platelets(45)}, False),
    ],
)
def test_few_platelets_have_options_of_their_own(fields, offered):
    assert [name in shown(**fields) for name in PLATELETS] == [offered] * 3


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({"manifestation": "thrombocytopenia", "labs": platelets(60)}, True),
        ({"labs": platelets(60)}, True),
        ({"labs": platelets(250)}, False),
        ({"manifestation": "haemolytic anaemia", "labs": platelets(250)}, False),
        ({"manifestation": "thrombocytopenia", "labs": platelets(29)}, False),
        ({"manifestation": "thrombocytopenia"}, False),
    ],
)
def test_platelets_are_watched_where_they_are_few_and_enough(fields, offered):
    assert (WATCH in shown(**fields)) is offered


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({"manifestation": "leukopenia", "labs": [("neutrophil_count", 1.2, "2025-06-18")]}, True),
        ({"manifestation": "leukopenia", "labs": [("neutrophil_count", 0.9, "2025-06-18")]}, False),
        ({"labs": [("neutrophil_count", 1.2, "2025-06-18"), ("leukocyte_count", 2.5, "2025-06-18")]}, True),
        ({"labs": [("neutrophil_count", 3.0, "2025-06-18"), ("leukocyte_count", 6.0, "2025-06-18")]}, False),
        ({"manifestation": "haemolytic anaemia", "labs": [("neutrophil_count", 5.0, "2025-06-18")]}, False),
    ],
)
def test_few_white_cells_alone_are_not_treated(fields, offered):
    assert (LEUKOPENIA in shown(**fields)) is offered


FAILED_TWICE = [
    {"drug": drug, "dose": dose, "start": f"{year}-01-01", "stop": f"{year}-12-01", "outcome": "inadequate_response"}
    for drug, dose, year in (("azathioprine", "150 mg/day", 2022), ("mycophenolate mofetil", "2 g/day", 2023))
]


@pytest.mark.parametrize(
    ("manifestation", "offered"), [("haemolytic anaemia", False), ("thrombocytopenia", True), ("Evans syndrome", True)]
)
def test_dapsone_which_destroys_red_cells_is_no_option_in_haemolysis(manifestation, offered):
    assert ("dapsone" in shown(manifestation, therapies=FAILED_TWICE)) is offered


def test_what_is_for_few_platelets_stands_before_what_is_for_a_haemolysis_that_nobody_told_of():
    found = list(shown(labs=platelets(12)))
    first = [name for name in found if name in (*PLATELETS, HAEMOLYSIS[0])]
    assert first[-1] == HAEMOLYSIS[0]


FULL = "low-dose aspirin + therapeutic heparin in place of the vitamin K antagonist"
OBSTETRIC = "obstetric syndrome: low-dose aspirin + prophylactic heparin"


@pytest.mark.parametrize(
    ("fields", "heparin", "asked"),
    [
        ({"pregnancy": True}, [FULL, OBSTETRIC], True),  # asked about, thrombosis takes no treatment away from her
        ({"pregnancy": True, "conditions": {"thrombosis": True}}, [FULL], False),
        ({"pregnancy": True, "conditions": {"thrombosis": False}}, [OBSTETRIC], False),
        ({"pregnancy": False}, [], False),
        ({}, [], False),  # that she is pregnant has to be known
    ],
)
def test_pregnant_with_antiphospholipid_antibodies_heparin_is_shown_though_thrombosis_is_not_told(
    fields, heparin, asked
):
    found = shown("antiphospholipid", sex="female", **fields)
    assert [name for name in (FULL, OBSTETRIC) if name in found] == heparin
    assert all(any("thrombosis" in text for text in found[name].asks) is asked for name in heparin)
