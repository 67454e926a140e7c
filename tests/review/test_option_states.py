"""Options by stage and state: what comes first, what is not offered, and what stands last."""

from __future__ import annotations

import pytest
from option_states import (
    AGAIN,
    BY_STAGE,
    DEVIATIONS,
    MARK,
    PAGE,
    SPOILT,
    STATES,
    TODAY,
    WHY,
    deviation_table,
    deviations,
    failed,
    kidney,
    options_of,
    organ,
    table,
)

from lupus_pgx import load_knowledge, respond
from lupus_pgx.knowledge.drugs import DrugNames
from lupus_pgx.knowledge.option_terms import parse_terms

ROWS = load_knowledge().rows("therapy_options")
DISEASE = {"first", "alternative", "rescue", "trial-only", "refractory"}


def options(context, calls=None):
    return respond(calls or {}, context=context, today=TODAY).options.to_frame().set_index("option")


@pytest.mark.slow
def test_the_page_is_what_the_code_says():
    assert table() in PAGE.read_text(encoding="utf-8").partition(MARK)[2], "run python tests/option_states.py"


def test_every_pair_that_a_guideline_has_the_other_way_round_is_explained_and_every_reason_used():
    pairs = deviations()
    assert [pair[:-1] for pair in pairs if not pair[-1]] == []
    assert {reason for *_, reason in WHY} | set(BY_STAGE.values()) | {SPOILT, AGAIN} == {pair[-1] for pair in pairs}
    assert PAGE.read_text(encoding="utf-8").partition(DEVIATIONS)[2] == deviation_table(), "run tests/option_states.py"


@pytest.mark.parametrize("state", STATES)
def test_columns_of_the_contract(state):
    frame = options_of(state)
    assert list(frame.columns[1:6]) == ["manifestation", "rank", "stage", "option", "drugs"]
    assert {"genome", "tried", "against", "check_first", "citations"} <= set(frame.columns)
    assert frame["rank"].tolist() == list(range(1, len(frame) + 1))
    assert frame.citations.notna().all()


@pytest.mark.parametrize(
    ("state", "first", "absent"),
    [
        ("class IV, new, UPCR 1.5", "glucocorticoid + mycophenolate + belimumab", "switch to cyclophosphamide"),
        ("class IV, new, UPCR 4", "glucocorticoid + mycophenolate + voclosporin", "rituximab in refractory disease"),
        ("class III, new, UPCR 4, eGFR 35", "glucocorticoid + mycophenolate + belimumab", "voclosporin"),
        ("class II, UPCR 0.8", "no immunosuppression for the kidney", "cyclophosphamide"),
        ("class V, UPCR 0.6", "RAAS blockade", "mycophenolate"),
        ("class V, UPCR 4", "glucocorticoid + mycophenolate + tacrolimus in class V", "belimumab"),
        ("class VI", "no immunosuppression for the kidney", "mycophenolate"),
        ("class IV, mycophenolate failed, UPCR 4", "add a calcineurin inhibitor", "maintenance"),
        ("class IV, antibodies against rituximab", "add obinutuzumab", "maintenance"),
        ("class IV, remission on mycophenolate", "maintenance with mycophenolate", "refractory"),
        ("class IV, azathioprine not tolerated", "maintenance with mycophenolate", "refractory"),
        ("skin, new", "topical", "lenalidomide"),
        ("joints, methotrexate failed", "anifrolumab", "rituximab"),
        ("skin, methotrexate failed", "anifrolumab", "lenalidomide"),
        ("skin, three lines failed", "belimumab", "maintenance"),
        ("nervous system, cyclophosphamide failed", "rituximab", "CAR-T"),
        ("antiphospholipid antibodies, no thrombosis", "low-dose aspirin", "vitamin K"),
        (
            "antiphospholipid syndrome, thrombosis, pregnant",
            "low-dose aspirin + therapeutic heparin",
            "vitamin K antagonist after",
        ),
        ("antiphospholipid syndrome, recurrence on warfarin", "recurrence at INR 2-3: add aspirin", "pregnancy"),
    ],
)
def test_what_comes_first_and_what_is_not_offered(state, first, absent):
    frame = options_of(state)
    drugs = frame[(frame.stage != "background") & ~frame.option.str.contains("before any|attribute|INR at the event")]
    assert drugs.option.iloc[0].startswith(first)
    assert not frame[frame.stage != "against"].option.str.contains(absent, regex=False).any()


def test_a_severe_infection_is_said_once_and_ranks_nothing():
    several = {
        "manifestations": {"lupus nephritis": {"class": ["IV"]}, "cutaneous": None},
        "active_infection": "severe",
    }
    frame = options(several)
    assert frame[["manifestation", "rank", "stage"]].to_numpy().tolist() == [["all", 1, "against"]]
    assert len(options(several | {"active_infection": "moderate"})) > 20


@pytest.mark.parametrize("drug", ["MMF", "cyclophosphamide", "belimumab", "tacrolimus", "rituximab", "AZA"])
@pytest.mark.parametrize("outcome", ["inadequate_response", "intolerance"])
def test_what_failed_stands_last_and_says_so(drug, outcome):
    frame = options(kidney("IV", upcr=4, therapies=failed(drug, "HCQ", outcome=outcome)))
    name = DrugNames(load_knowledge()).find(drug)
    alone = frame[[set(str(cell).split(";")) - {"prednisone", "methylprednisolone"} == {name} for cell in frame.drugs]]
    assert alone.tried.str.contains(name).all()
    # A failed drug may be tried again; what a guideline advises against stands behind even that.
    warned = frame.stage == "against"
    assert warned.tolist() == sorted(warned)
    alone = alone[alone.stage != "against"]
    if len(alone):
        assert alone["rank"].min() > frame["rank"][frame.tried.isna() & ~warned].max()
    background = frame.loc["hydroxychloroquine"]
    assert (background.exhausted == "yes") is (outcome == "intolerance")


def test_a_partner_that_failed_or_harmed_takes_the_combination_down():
    fresh = options(kidney("IV", upcr=4))["rank"]
    for outcome in ("inadequate_response", "intolerance"):
        ranks = options(kidney("IV", upcr=4, therapies=failed("voclosporin", outcome=outcome)))["rank"]
        name = "glucocorticoid + mycophenolate + voclosporin"
        assert fresh[name] < fresh["glucocorticoid + mycophenolate"]
        assert ranks[name] > ranks["glucocorticoid + mycophenolate"]


FIVE = STATES["class IV, five lines failed, rituximab and belimumab among them"]


def test_the_third_drug_that_failed_lifts_a_trial_centre_over_lines_of_less_strength():
    def stage_and_rank(drugs):
        frame = options(FIVE | {"therapies": failed(*drugs)})
        row = frame[frame.drugs.fillna("").str.contains("CAR-T")]
        ordinary = frame[frame.stage.isin(["alternative", "first"])]["rank"]
        return row.stage.tolist(), bool((row["rank"].iloc[0] < ordinary).all())

    assert stage_and_rank(["MMF", "cyclophosphamide"]) == (["trial-only"], False)
    assert stage_and_rank(["MMF", "cyclophosphamide", "rituximab"]) == (["refractory"], True)


def test_what_guidelines_name_last_stands_behind_first_lines_once_a_line_failed():
    ranks = options(kidney("IV", upcr=2, therapies=failed("cyclophosphamide")))["rank"]
    assert ranks["azathioprine with glucocorticoid"] > ranks["glucocorticoid + mycophenolate + cyclosporine"]


def test_another_drug_of_a_class_that_failed_is_no_new_line():
    def behind(drug, **course):
        ranks = options(kidney("IV", upcr=2, therapies=[{"drug": drug, "outcome": "inadequate_response"} | course]))[
            "rank"
        ]
        return bool(ranks["glucocorticoid + mycophenolate + cyclosporine"] > ranks["azathioprine with glucocorticoid"])

    assert behind("tacrolimus")
    assert not behind("belimumab")


def test_with_a_wish_for_a_child_what_is_allowed_stands_before_what_is_forbidden():
    ranks = options(STATES["class IV, remission, child wished"])["rank"]
    assert ranks["maintenance with azathioprine"] < ranks["maintenance with mycophenolate"]


def test_maintenance_is_not_for_active_disease_nor_refractory_lines_for_remission():
    active = options(kidney("IV", therapies=failed("MMF")))
    quiet = options(kidney("IV", therapies=failed("MMF", outcome="response")))
    new = options(kidney("IV"))
    assert "maintenance" not in {*active.stage, *new.stage}
    assert "refractory" not in {*quiet.stage, *new.stage}
    assert not DISEASE & set(quiet.stage)
    assert {"refractory", "first"} <= set(active.stage)


def test_only_glucocorticoids_and_background_failed_opens_no_refractory_drug():
    frame = options(kidney("IV", therapies=failed("prednisone", "HCQ")))
    assert "refractory" not in set(frame.stage)


@pytest.mark.parametrize("quantity", [("upcr", "g/g"), ("upcr", "mg/mmol"), ("proteinuria_24h", "g/24 h")])
@pytest.mark.parametrize(("value", "above"), [(3.0, True), (2.99, False)])
def test_either_unit_of_proteinuria_answers_and_the_bound_belongs_to_it(quantity, value, above):
    name, unit = quantity
    shown = round(value / 0.00884, 6) if unit == "mg/mmol" else value
    frame = options(kidney("IV", labs=[{"quantity": name, "unit": unit, "values": {"2026-01-05": shown}}]))
    ranks = frame["rank"]
    first = ranks["glucocorticoid + mycophenolate + voclosporin"] < ranks["glucocorticoid + mycophenolate + belimumab"]
    assert bool(first) is above


def test_what_is_not_known_stays_an_open_question():
    frame = options({"manifestations": {"lupus nephritis": None}})
    asked = frame.check_first["glucocorticoid + mycophenolate + voclosporin"]
    assert "class III or class IV" in asked
    assert "eGFR above 45" in asked
    assert "class III" not in str(options(kidney("IV")).check_first.get("glucocorticoid + mycophenolate + voclosporin"))


def test_a_child_wish_never_ends_in_a_drug_that_the_genotype_forbids():
    state = STATES["class IV, remission, child wished"]
    frame = options(state, {"NUDT15": "*3/*3", "TPMT": "*1/*1"})
    ranks = frame["rank"]
    assert ranks["tacrolimus in pregnancy"] < ranks["azathioprine in pregnancy"]
    assert frame.genome["azathioprine in pregnancy"] == "speaks against"
    assert "contraindicated" in frame.against["maintenance with mycophenolate"]
    ordinary = options(state, {"NUDT15": "*1/*1", "TPMT": "*1/*1"})["rank"]
    assert ordinary["azathioprine in pregnancy"] < ordinary["tacrolimus in pregnancy"]


def test_what_a_level_says_is_an_option_before_any_drug():
    def first(value):
        labs = [{"quantity": "hcq_blood", "unit": "ng/mL", "values": {"2026-01-05": value}}]
        taken = [{"drug": "HCQ", "outcome": "ongoing", "start": "2020-01-01"}]
        return options(organ("cutaneous", therapies=taken, labs=labs)).index[0]

    assert first(26).startswith("take it")
    assert first(500).startswith("give more")
    assert not first(900).startswith(("take it", "give more", "stop"))


def test_a_drug_that_causes_lupus_is_stopped_first():
    assert options(kidney("IV", co_medication=["hydralazine"])).index[0].startswith("stop the drug")
    assert not options(kidney("IV", co_medication=[])).index.str.startswith("stop the drug").any()


def test_a_licence_from_an_age_on():
    child, adult = (options(organ("cutaneous", age=age, therapies=failed("MTX"))) for age in (12, 18))
    assert "licensed or tried from 18 years" in child.check_first["anifrolumab"]
    assert "licensed" not in str(adult.check_first["anifrolumab"])
    assert child["rank"]["anifrolumab"] > child["rank"]["mycophenolate"]
    assert adult["rank"]["anifrolumab"] < adult["rank"]["mycophenolate"]


def test_no_row_of_a_class_never_lifts_a_drug():
    """Where one of a class is forbidden, another that nobody looked at stands no better."""
    context = organ("musculoskeletal", pregnancy=True, sex="female", therapies=failed("MTX", "belimumab"))
    found = respond({}, context=context, today=TODAY).resistance.options
    looked = {(row["drug"], row["criterion"]) for row in load_knowledge().rows("contraindications")}
    unlooked = [item for item in found if item.unlooked]
    for item in unlooked:
        assert any((drug, check.criterion) not in looked for drug in item.drugs for o in found for check in o.against)
    statuses = [item.unlooked or item.against for item in found if not item.exhausted and item.stage != "against"]
    flags = [bool(status) for status in statuses]
    assert any(flags)


def test_every_condition_is_readable():
    for row in ROWS:
        for text in (row["applies_when"], row["lifted_by"]):
            for group in parse_terms(text or ""):
                assert group  # alternatives may mix a number and a word: each is held against the patient by itself
    with pytest.raises(ValueError, match="found 'severe'"):
        parse_terms("severe")


def test_no_source_is_an_answer_site():
    urls = {row["citation"]: row["url"] for row in load_knowledge().rows("citations")}
    cited = {name for row in ROWS for name in row["citation"].split(";")}
    assert not [
        name for name in cited if any(word in urls[name] for word in ("droracle", "archyde", "healio", "medscape"))
    ]
    assert {row["checked"] for row in ROWS} == {"read", "copy", "not read"}


@pytest.mark.parametrize(
    ("unit", "value", "lifted"),
    [("present or absent", "present", True), ("present or absent", "absent", False), ("U/mL", 500, False)],
)
def test_antibodies_against_a_drug_are_told_by_a_word_and_by_no_bare_number(unit, value, lifted):
    one = {"quantity": "anti_drug_antibodies", "unit": unit, "drug": "rituximab", "values": {"2026-01-05": value}}
    found = options(kidney("IV", upcr=2, therapies=failed("rituximab")) | {"labs": [one]})
    assert ("obinutuzumab in refractory disease" in found.index) is lifted


@pytest.mark.parametrize(
    ("unit", "value", "asked"),
    [("x upper limit", 1.1, False), ("x upper limit", 1.0, None), ("U/mL", 300, True)],
)
def test_a_titre_of_antiphospholipid_antibodies_without_its_limit_stays_open(unit, value, asked):
    one = {"quantity": "anticardiolipin_igg", "unit": unit, "values": {"2026-01-05": value}}
    found = options(organ("neuropsychiatric lupus", {"mechanism": "inflammatory"}, labs=[one]))
    name = "antiplatelet with antiphospholipid antibodies and no infarct"
    assert (name in found.index) is (asked is not None)
    if asked is not None:
        assert ("antiphospholipid" in str(found.loc[name, "check_first"]).split(";")[0]) is asked


@pytest.mark.parametrize(("cells", "first"), [(25, "obinutuzumab"), (0, "anifrolumab")])
def test_what_a_finding_lifts_stands_before_what_the_number_of_lines_lifts(cells, first):
    courses = [
        {"drug": "methotrexate", "start": "2023-01-01", "stop": "2023-12-01", "outcome": "inadequate_response"},
        {"drug": "rituximab", "start": "2024-01-01", "stop": "2024-01-15", "outcome": "inadequate_response"},
    ]
    one = {"quantity": "b_cell_count", "unit": "cells/uL", "values": {"2024-02-20": cells}}
    found = options(organ("musculoskeletal", therapies=courses, labs=[one]))
    ranks = found["rank"]
    assert ranks[first] == min(ranks["obinutuzumab"], ranks["anifrolumab"])
