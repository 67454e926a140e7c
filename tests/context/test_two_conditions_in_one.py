"""Conditions that were read as another one, several of one kind, and what is told without a day or a grade."""

from __future__ import annotations

import pytest

from lupus_pgx import respond
from lupus_pgx.terms import CheckStatus

TODAY = "2026-11-30"


def drug(name: str, **context):
    """Return what is said of a drug."""
    return respond({}, [name], context=context, today=TODAY).drug(name)


@pytest.mark.parametrize(
    ("word", "condition"),
    [
        ("porphyria cutanea tarda", "porphyria_cutanea_tarda"),
        ("acute intermittent porphyria", "porphyria"),
        ("Hashimoto thyroiditis", "thyroid_disease"),
        ("hyperthyroidism", "hyperthyroidism"),
        ("Graves disease", "hyperthyroidism"),
        ("hypothyroidism", "hypothyroidism"),
        ("pulmonary arterial hypertension", "pulmonary_hypertension"),
        ("jaw osteonecrosis", "osteonecrosis_of_jaw"),
    ],
)
def test_each_word_is_the_condition_that_it_names(word, condition):
    found = drug("prednisone", conditions=[word])
    unseen = [item.criterion for item in found.checks if item.status is CheckStatus.NOT_LOOKED_AT]
    assert unseen == [condition]


def test_every_cancer_that_is_told_is_named():
    found = drug("tofacitinib", conditions=["breast cancer", "bladder cancer"])
    assert "bladder cancer: yes, breast cancer: yes" in str(found)


def test_one_hepatitis_is_named_once():
    found = drug("tofacitinib", conditions=["active hepatitis B"])
    assert str(found).count("hepatitis B: active hepatitis B") == 0


def test_what_stands_in_for_a_value_is_named():
    assert "haemoglobin (haemolytic anaemia: yes)" in str(drug("denosumab", conditions=["haemolytic anaemia"]))


def test_no_time_is_said_that_nobody_told():
    found = drug("rivaroxaban", conditions=["heparin-induced thrombocytopenia"])
    assert "heparin-induced thrombocytopenia (yes)" in str(found)
    assert "100 days" not in str(found)
    assert "thrombocytopenia now" not in str(found)


@pytest.mark.parametrize("name", ["cyclophosphamide", "azathioprine", "methotrexate"])
def test_clozapine_goes_with_nothing_that_stops_the_marrow(name):
    checks = drug(name, co_medication=["clozapine"]).checks
    assert [item.status for item in checks if item.partner == "clozapine"] == [CheckStatus.CONTRAINDICATED]


def test_colchicine_has_no_dose_beside_an_inhibitor_where_the_kidneys_are_impaired():
    checks = drug("colchicine", egfr="20 mL/min", co_medication=["ciclosporin"]).checks
    (own,) = [item for item in checks if item.criterion == "egfr"]
    assert (own.status, own.cap) == (CheckStatus.CONTRAINDICATED, None)
    (alone,) = [item for item in drug("colchicine", egfr="20 mL/min").checks if item.criterion == "egfr" and item.known]
    assert (alone.status, alone.cap) == (CheckStatus.ADJUST_DOSE, 0.3)
