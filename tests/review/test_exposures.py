"""Which level counts, of which course, and what it is held against."""

from __future__ import annotations

import datetime as dt

import pytest

from lupus_pgx import load_context, load_knowledge
from lupus_pgx.review.exposures import exposures_of
from lupus_pgx.review.levels import aimed_at

KNOWLEDGE = load_knowledge()
START = dt.date(2024, 1, 1)
TODAY = "2026-11-28"


def day(number):
    return str(START + dt.timedelta(number))


def course(drug="tacrolimus", begin=0, end=None, outcome="ongoing"):
    made = {"drug": drug, "outcome": outcome, "start": day(begin)}
    return made | ({"stop": day(end)} if end is not None else {})


def series(quantity, unit, drug=None, **values):
    made = {"quantity": quantity, "unit": unit, "values": {day(int(at[1:])): one for at, one in values.items()}}
    return made | ({"drug": drug} if drug else {})


def trough(**values):
    return series("tacrolimus_trough", "ng/mL", **values)


def found(*labs, therapies=(), manifestation="lupus nephritis", **fields):
    context = {"manifestations": {manifestation: {}}, "therapies": list(therapies), "labs": list(labs)} | fields
    return [
        (item.drug, item.shown, item.verdict) for item in exposures_of(load_context(context, today=TODAY), KNOWLEDGE)
    ]


def test_the_newest_level_counts_whichever_series_holds_it():
    one, other = trough(d10=2.0, d90=5.0), trough(d40=12.0)
    for labs in ([one, other], [other, one]):
        assert found(*labs, therapies=[course()]) == [("tacrolimus", "5 ng/mL", "within")]
    assert found(other, therapies=[course()]) == [("tacrolimus", "12 ng/mL", "above")]


def test_a_drug_that_is_only_taken_beside_is_judged_too():
    assert found(trough(d10=2.0), co_medication=["tacrolimus"]) == [("tacrolimus", "2 ng/mL", "below")]


@pytest.mark.parametrize(("drug", "said"), [("MMF", True), (None, True), ("mycophenolic acid", False)])
def test_a_level_that_names_another_drug_is_not_of_this_one(drug, said):
    lab = series("mpa_trough", "mg/L", drug=drug, d10=2.0)
    assert bool(found(lab, therapies=[course("MMF")])) is said


@pytest.mark.parametrize(("at", "said"), [(-1, False), (0, True), (130, True), (131, False)])
def test_a_level_is_of_a_course_until_thirty_days_after_it(at, said):
    lab = {"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {day(at): 5.0}}
    assert bool(found(lab, therapies=[course(end=100, outcome="inadequate_response")])) is said


def test_of_two_courses_the_last_counts():
    both = [course(end=100, outcome="inadequate_response"), course(begin=200)]
    assert found(trough(d50=12.0), therapies=both) == []
    assert found(trough(d50=12.0, d210=5.0), therapies=both) == [("tacrolimus", "5 ng/mL", "within")]


@pytest.mark.parametrize(("manifestation", "said"), [("lupus nephritis", True), ("cutaneous", False)])
def test_a_range_of_one_manifestation_is_for_it_alone(manifestation, said):
    assert bool(found(trough(d10=5.0), therapies=[course()], manifestation=manifestation)) is said
    assert found(trough(d10=5.0), therapies=[course()], manifestations={}) == [("tacrolimus", "5 ng/mL", "within")]


@pytest.mark.parametrize(
    ("level", "verdict"),
    [(99, "absent"), (199, "absent"), (200, "below"), (499, "below"), (599, "below"), (600, "within"), (1150, "within"),
     (1151, "above")],
)  # fmt: skip
def test_of_several_ranges_the_gravest_verdict_counts(level, verdict):
    lab = series("hcq_blood", "ng/mL", d10=level)
    assert found(lab, therapies=[course("HCQ")]) == [("hydroxychloroquine", f"{level} ng/mL", verdict)]


@pytest.mark.parametrize(
    ("beside", "verdict"), [(None, "below"), (199, "absent"), (200, "below"), (7000, "below")]
)  # fmt: skip
def test_little_of_one_metabolite_is_no_missed_tablet_unless_the_other_is_low(beside, verdict):
    unit = "pmol/8x10^8 RBC"
    labs = [series("6tgn", unit, d10=30.0)] + ([series("6mmp", unit, d10=beside)] if beside is not None else [])
    assert [item[2] for item in found(*labs, therapies=[course("azathioprine")])] == [verdict]
    full = [series("6tgn", unit, d10=50.0), *labs[1:]]
    assert [item[2] for item in found(*full, therapies=[course("azathioprine")])] == ["below"]


def test_a_second_value_of_another_unit_tells_nothing():
    labs = [series("6tgn", "pmol/8x10^8 RBC", d10=30.0), series("6mmp", "nmol/mmol Hb", d10=1.0)]
    assert [item[2] for item in found(*labs, therapies=[course("azathioprine")])] == ["below"]


def test_what_was_entered_in_another_unit_is_shown_as_entered():
    one = exposures_of(
        load_context(
            {"manifestations": {"lupus nephritis": {}}, "therapies": [course("HCQ")],
             "labs": [series("hcq_blood", "ug/L", d10=700.0)]}, today=TODAY,
        ), KNOWLEDGE,
    )[0]  # fmt: skip
    assert "700" in one.shown
    assert one.named.endswith(one.shown)


def test_a_ratio_is_named_once():
    context = {"manifestations": {"antiphospholipid": {}}, "therapies": [course("warfarin")],
               "labs": [series("inr", "INR", d10=1.6)]}  # fmt: skip
    one = exposures_of(load_context(context, today=TODAY), KNOWLEDGE)[0]
    assert (one.named, one.verdict) == ("INR 1.6", "below")


# --- the range that a figure shows -------------------------------------------------------------------


def aimed(quantity, unit, *, therapies=(), planned=(), manifestation="lupus nephritis", drug=None):
    context = load_context(
        {"manifestations": {manifestation: {}}, "therapies": list(therapies), "planned": list(planned),
         "labs": [series(quantity, unit, drug=drug, d10=5.0)]}, today=TODAY,
    )  # fmt: skip
    return aimed_at(context.labs[0], context, KNOWLEDGE)


@pytest.mark.parametrize(
    ("quantity", "unit", "fields", "expected"),
    [
        ("tacrolimus_trough", "ng/mL", {"therapies": [course()]}, (4, 6)),
        ("tacrolimus_trough", "ng/mL", {"planned": [{"drug": "tacrolimus"}]}, (4, 6)),
        ("tacrolimus_trough", "ng/mL", {}, (None, None)),  # not his drug
        ("tacrolimus_trough", "ng/mL", {"therapies": [course("voclosporin")]}, (None, None)),
        ("tacrolimus_trough", "ng/mL", {"therapies": [course()], "drug": "voclosporin"}, (None, None)),
        ("mpa_auc", "mg.h/L", {"drug": "MMF"}, (35, 45)),
        ("mpa_auc", "mg.h/L", {"therapies": [course("MMF")]}, (35, 45)),
        ("mpa_auc", "mg.h/L", {"therapies": [course("MMF")], "manifestation": "cutaneous"}, (None, None)),  # three
        ("inr", "INR", {"therapies": [course("warfarin")], "manifestation": "antiphospholipid"}, (None, None)),  # two
        ("hcq_blood", "ng/mL", {"therapies": [course("HCQ")], "manifestation": "cutaneous"}, (None, None)),
        ("egfr", "mL/min/1.73m2", {"therapies": [course()]}, (None, None)),  # a limit, no range to aim at
    ],
)
def test_the_range_to_aim_at_is_that_of_the_drug_and_the_manifestation_or_none(quantity, unit, fields, expected):
    assert aimed(quantity, unit, **fields) == expected
