"""What the review asks for before any drug names the drug, is said once, and speaks of what is taken now."""

from __future__ import annotations

import pytest

from lupus_pgx import respond

TODAY = "2026-11-29"
KIDNEY, SKIN = {"lupus nephritis": {"class": ["IV"]}}, {"cutaneous": None}
GIVE_MORE = "give more tacrolimus: the level is below its target"
GIVE_LESS = "stop or give less tacrolimus: the level is above its range"


def options(manifestations, trough, egfr=(90, 90), **course):
    taken = {"drug": "tacrolimus", "start": "2026-01-01", "outcome": "ongoing"} | course
    context = {
        "manifestations": manifestations,
        "therapies": [taken],
        "labs": [
            {"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {"2026-10-01": trough}},
            {
                "quantity": "egfr",
                "unit": "mL/min/1.73m2",
                "values": dict(zip(("2025-12-20", "2026-11-01"), egfr, strict=True)),
            },
        ],
        "co_medication": [],
    }
    return respond({}, context=context, today=TODAY).options.to_frame()


@pytest.mark.parametrize(("trough", "said"), [(2, GIVE_MORE), (20, GIVE_LESS)])
def test_the_drug_is_named_and_stands_once_before_all_manifestations(trough, said):
    assert options(KIDNEY, trough).option[0] == said
    frame = options(KIDNEY | SKIN, trough)
    assert frame.option[0] == said
    assert frame.manifestation[frame.option == said].tolist() == ["all"]


@pytest.mark.parametrize(
    ("outcome", "stop", "offered"),
    [
        ("inadequate_response", None, True),
        ("inadequate_response", "2026-08-01", False),
        ("response", "2026-08-01", False),
    ],
)
@pytest.mark.parametrize(("trough", "said"), [(2, GIVE_MORE), (20, GIVE_LESS)])
def test_only_of_what_is_taken_now(outcome, stop, offered, trough, said):
    assert (said in set(options(KIDNEY, trough, outcome=outcome, stop=stop).option)) is offered


@pytest.mark.parametrize(("now", "offered"), [(73, True), (72, False)])
def test_a_dose_is_not_raised_where_the_filtration_rate_fell_under_it(now, offered):
    assert (GIVE_MORE in set(options(KIDNEY, 2, (90, now)).option)) is offered
    assert GIVE_LESS in set(options(KIDNEY, 20, (90, now)).option)


@pytest.mark.parametrize(("egfr", "offered"), [(90, True), (20, False)])
def test_a_dose_is_not_raised_where_its_rules_ask_for_less(egfr, offered):
    labs = [
        {"quantity": "hcq_blood", "unit": "ng/mL", "values": {"2026-11-01": 500}},
        {"quantity": "egfr", "unit": "mL/min/1.73m2", "values": {"2026-11-01": egfr}},
    ]
    taken = [{"drug": "HCQ", "start": "2020-01-01", "outcome": "ongoing"}]
    context = {"manifestations": SKIN, "therapies": taken, "labs": labs}
    frame = respond({}, context=context, today=TODAY).options.to_frame()
    more = "give more hydroxychloroquine: the level is below its target"
    assert (more in set(frame.option)) is offered


@pytest.mark.parametrize(("stop", "named"), [(None, True), ("2016-01-01", False)])
def test_a_drug_that_brings_on_lupus_is_stopped_only_where_it_is_taken(stop, named):
    taken = {"drug": "minocycline", "start": "2015-01-01", "outcome": "response", "stop": stop}
    context = {"manifestations": KIDNEY, "therapies": [taken], "co_medication": []}
    frame = respond({}, context=context, today=TODAY).options.to_frame()
    said = "stop the drug that may bring on this lupus: minocycline"
    assert (said in set(frame.option)) is named


def test_what_is_for_everyone_stands_with_the_first_manifestation_alone():
    frame = options(KIDNEY | SKIN, 6)
    sun = frame[frame.option.str.startswith("sun protection")]
    assert sun.manifestation.tolist() == ["lupus nephritis"]
    assert set(frame.manifestation) == {"lupus nephritis", "cutaneous"}


def test_the_step_of_the_level_says_what_speaks_against_more():
    taken = {"drug": "tacrolimus", "start": "2026-01-01", "outcome": "inadequate_response"}
    labs = [
        {"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {"2026-06-01": 2}},
        {"quantity": "egfr", "unit": "mL/min/1.73m2", "values": {"2025-12-20": 90, "2026-11-01": 70}},
    ]
    context = {"manifestations": KIDNEY, "therapies": [taken], "labs": labs, "co_medication": []}
    review = respond({}, context=context, today=TODAY).resistance
    step = next(item for item in review.steps if item.step.value == "exposure")
    assert "the GFR is lower by 20 percent or more than at its start: no more of it" in step.says[0]
    assert "review_signs:gfr-lower-calcineurin" in step.rows


@pytest.mark.parametrize(
    ("fields", "drug", "said"),
    [
        ({"conditions": {"aspirin_asthma": True}}, "low-dose aspirin", "asthma"),
        ({"therapies": [{"drug": "aspirin", "outcome": "intolerance", "reaction": "anaphylaxis"}]}, "low-dose aspirin",
         "earlier reaction"),
        ({"conditions": {"HIT": True}}, "low-molecular-weight heparin", "thrombocytopenia"),
    ],
)  # fmt: skip
def test_aspirin_and_heparin_of_an_option_are_held_against_their_rows(fields, drug, said):
    told = {"sex": "female", "pregnant": True, "manifestations": ["antiphospholipid syndrome"]} | fields
    found = respond({}, context=told, today="2026-11-30").results.reviews.options(0)
    mine = [item for item in found if drug in item.drugs]
    assert mine
    assert all(any(check.drug == drug and said in str(check) for check in item.against) for item in mine)
