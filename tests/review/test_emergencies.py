"""Options of severe haemolysis, of bleeding into the lung and of macrophage activation, and what the headline says."""

from __future__ import annotations

import pytest

from lupus_pgx import respond

AZA = {
    "drug": "azathioprine",
    "dose": "150 mg/day",
    "start": "2026-01-01",
    "stop": "2026-10-01",
    "outcome": "inadequate_response",
}
PULSES = "severe haemolysis: pulses of methylprednisolone at once, rituximab early"
IMMUNOGLOBULIN = "severe haemolysis: intravenous immunoglobulin until other treatment works"
STEROID = "glucocorticoid in haemolysis"


def asked(manifestation, severity=None, therapies=(AZA,), **fields):
    told = {"manifestations": {manifestation: {"severity": severity} if severity else {}}, "therapies": list(therapies)}
    return respond({}, context=told | fields, today="2026-11-30").resistance


def names(*args, **fields):
    return [item.option for item in asked(*args, **fields).options]


@pytest.mark.parametrize(
    ("severity", "fields", "severe"),
    [
        ("severe", {"values": {"haemoglobin": "6.1 g/dL", "platelets": "210 G/L"}}, True),
        ("severe", {}, True),
        (None, {"values": {"haemoglobin": "6.1 g/dL"}}, True),
        (None, {"values": {"haemoglobin": "61 g/L"}}, True),
        (None, {"values": {"haemoglobin": "9.5 g/dL"}}, False),
        (
            None,
            {"labs": [{"quantity": "haemoglobin", "unit": "g/dL", "values": {"2020-01-02": 6.1}}]},
            False,
        ),  # long ago
        ("mild", {}, False),
        (None, {}, False),
    ],
)
def test_haemolysis_gets_a_glucocorticoid_and_where_it_is_severe_pulses_and_immunoglobulin(severity, fields, severe):
    found = names("autoimmune haemolytic anaemia", severity, **fields)
    assert STEROID in found
    assert [name in found for name in (PULSES, IMMUNOGLOBULIN)] == [severe] * 2
    assert {"mycophenolate in haemolysis", "rituximab in haemolysis", "azathioprine in haemolysis"} <= set(found)
    assert not [name for name in found if "platelets from 30" in name]
    if severe:
        assert found[0] == PULSES


def test_pulses_that_failed_stand_behind_what_was_not_tried():
    tried = {"drug": "methylprednisolone", "dose": "1 g/day", "outcome": "inadequate_response"}
    found = names("autoimmune haemolytic anaemia", "severe", therapies=[AZA, tried])
    assert found.index(PULSES) > found.index("mycophenolate in haemolysis")


@pytest.mark.parametrize("word", ["diffuse alveolar haemorrhage", "DAH", "pulmonary hemorrhage"])
@pytest.mark.parametrize("therapies", [(AZA,), ({"drug": "HCQ", "outcome": "response"},)])
def test_bleeding_into_the_lung_has_options_whatever_came_before(word, therapies):
    review = asked(word, therapies=therapies)
    found = [item.option for item in review.options]
    assert {"pulses of methylprednisolone with cyclophosphamide", "pulses of methylprednisolone with rituximab"} < set(
        found[:4]
    )
    assert "plasma exchange beside it in chosen cases" in found
    assert "lung" in review.headline


def test_who_does_not_bleed_is_not_shown_what_is_for_bleeding():
    found = names("lupus nephritis", "severe")
    assert not [name for name in found if "alveolar" in name]
    assert "alveolar haemorrhage" not in {item.manifestation for item in asked("lupus nephritis", "severe").options}


FERRITIN = {"values": {"ferritin": "9000 ug/L", "platelets": "60 G/L"}}
THINK = "think of macrophage activation"


@pytest.mark.parametrize(
    ("fields", "known", "thought"),
    [
        ({"conditions": {"MAS": True}}, True, False),
        ({"conditions": {"MAS": "yes"}} | FERRITIN, True, False),
        ({"conditions": {"MAS": False}} | FERRITIN, False, True),
        (FERRITIN, False, True),
        ({}, False, False),
    ],
)
def test_what_is_told_is_not_to_be_thought_of(fields, known, thought):
    review = asked("lupus nephritis", **fields)
    assert ("Macrophage activation syndrome is there" in review.headline) is known
    assert (THINK in review.headline) is thought
    found = [item.option for item in review.options if item.manifestation == "macrophage activation syndrome"]
    wanted = ["high-dose glucocorticoid", "interleukin-1 blockade beside it (anakinra)",
              "intravenous immunoglobulin beside it", "cyclosporine beside it",
              "severe or not answering: etoposide, by a haematologist"]  # fmt: skip
    assert [name for name in found if name in wanted] == (wanted if known else [])


@pytest.mark.parametrize("manifestations", [["MAS"], {"HLH": {"severity": "severe"}}, None])
def test_macrophage_activation_is_read_wherever_it_is_told(manifestations):
    fields = {"manifestations": manifestations} if manifestations else {"conditions": {"HLH": True}}
    review = respond({}, context=fields | {"therapies": [AZA]}, today="2026-11-30").resistance
    assert {item.manifestation for item in review.options} >= {"macrophage activation syndrome"}


MMF = {"drug": "MMF", "dose": "2 g/day", "start": "2025-10-01", "outcome": "failure"}
TAC = {"drug": "tacrolimus", "dose": "2 mg/day", "start": "2026-05-10", "outcome": "ongoing"}
GOES_ON = {"drug": "HCQ", "outcome": "ongoing"}
LATELY = "The GFR fell by 30 percent or more within a year"
UNDER = "The GFR fell by 30 percent or more under a calcineurin inhibitor"


@pytest.mark.parametrize(
    ("therapies", "values", "said"),
    [
        ([MMF], {"2026-05-01": 100, "2026-11-20": 63}, LATELY),
        ([GOES_ON], {"2026-05-01": 100, "2026-11-20": 63}, LATELY),
        ([MMF], {"2026-05-01": 100, "2026-08-01": 80, "2026-11-20": 70}, LATELY),
        ([MMF], {"2026-05-01": 60, "2026-08-01": 100, "2026-11-20": 65}, LATELY),
        ([MMF], {"2025-11-20": 100, "2026-11-20": 70}, LATELY),
        ([MMF], {"2025-11-19": 100, "2026-11-20": 70}, ""),  # more than a year
        ([MMF], {"2026-05-01": 100, "2026-11-20": 70.1}, ""),
        ([MMF], {"2026-05-01": 100, "2026-08-01": 60, "2026-11-20": 90}, ""),  # it came back
        ([MMF], {"2026-11-20": 40}, ""),
        ([TAC], {"2026-05-01": 100, "2026-11-20": 63}, UNDER),  # said once, with the drug
    ],
)
def test_a_fall_of_the_filtration_rate_is_in_the_headline(therapies, values, said):
    labs = [{"quantity": "egfr", "unit": "mL/min/1.73m2", "values": values}]
    low = {"values": {"neutrophils": "0.3 G/L", "ferritin": "900 ug/L", "platelets": "20 G/L", "haemoglobin": "7 g/dL"}}
    for more in ({}, low):  # whatever else is urgent
        headline = asked("lupus nephritis", therapies=therapies, labs=labs, **more).headline
        assert headline.count("The GFR fell") == bool(said)
        assert said in headline
        newest = f"to {values['2026-11-20']} mL/min/1.73m2"
        assert (newest in headline) is bool(said)


def test_creatinine_tells_of_a_fall_of_the_filtration_rate():
    labs = [{"quantity": "creatinine", "unit": "umol/L", "values": {"2026-05-01": 70, "2026-11-20": 120}}]
    told = {"sex": "female", "age": 34, "labs": labs, "therapies": [MMF]}
    assert LATELY in respond({}, context=told, today="2026-11-30").resistance.headline
