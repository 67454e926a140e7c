"""What should have been reached by now, what is due next, from when on failure can be said; what to measure when."""

from __future__ import annotations

import datetime as dt

import pytest

from lupus_pgx import load_knowledge, respond
from lupus_pgx.knowledge.tables import split_list

KNOWLEDGE = load_knowledge()
START = dt.date(2025, 1, 1)


def day(number: int) -> str:
    return str(START + dt.timedelta(days=number))


def series(quantity: str, unit: str, values: dict) -> dict:
    return {"quantity": quantity, "unit": unit, "values": {day(number): value for number, value in values.items()}}


def review(labs, today: int, outcome="ongoing", manifestation="lupus nephritis", drug="MMF", **more):
    therapy = {"drug": drug, "start": str(START), "outcome": outcome}
    context = {"manifestations": {manifestation: {}}, "therapies": [therapy], "labs": labs, **more}
    return respond({}, [drug], context=context, today=START + dt.timedelta(days=today)).resistance


def kidney(**values) -> list[dict]:
    return [
        series("upcr", "g/g", values["upcr"]),
        series("egfr", "mL/min/1.73m2", dict.fromkeys(values["upcr"], 90)),
    ]


def test_the_outlook_says_what_was_reached_what_is_next_and_when_failure_can_be_said():
    (item,) = review(kidney(upcr={0: 2.0, 91: 1.2}), 100).outlook
    assert {one.group for one in item.by_now if one.status == "met"} >= {"EULAR-ERA-LN-2019-3m", "EULAR-LN-2025-3m"}
    assert {one.months for one in item.coming} == {6}
    assert item.failure_from.months == 6
    assert str(item.failure_from.due) == day(183)
    assert f"due next, month 6, {day(183)}" in str(item)
    assert f"failure can be said from {day(183)} on" in str(item)
    assert item.warnings == ()


def test_what_was_reached_missed_and_not_measured_is_told_apart():
    (reached,) = review(kidney(upcr={0: 2.0, 91: 1.2}), 100).outlook
    (missed,) = review(kidney(upcr={0: 2.0, 91: 1.9}), 100).outlook
    (silent,) = review(kidney(upcr={0: 2.0}), 100).outlook
    told = [next(iter(item.statements())) for item in (reached, missed, silent)]
    names = "month 3 (EULAR/ERA 2019 early improvement, EULAR 2025 early improvement"
    begins = ["reached by now", "should have been reached by now and was not",
              "should have been reached by now, values are missing"]  # fmt: skip
    assert [text.partition(":")[0] for text in told] == begins
    assert all(names in text for text in told)
    assert [len(item.warnings) > 0 for item in (reached, missed, silent)] == [False, True, False]


def test_what_has_ended_has_no_outlook():
    ended = {"drug": "MMF", "start": str(START), "stop": day(95), "outcome": "inadequate_response"}
    found = review(kidney(upcr={0: 2.0, 91: 1.9}), 100, therapies=[ended])
    assert [item.status for item in found.course if item.group == "EULAR-LN-2025-3m"] == ["not met"]
    assert found.outlook == ()
    assert found.behind == ()


@pytest.mark.parametrize(("rate", "behind"), [(90, False), (40, False)])
def test_nobody_is_behind_the_definition_of_a_trial(rate, behind):
    labs = [series("upcr", "g/g", {0: 2.0, 91: 1.2, 183: 0.6, 365: 0.55}),
            series("egfr", "mL/min/1.73m2", dict.fromkeys((0, 91, 183, 365), rate))]  # fmt: skip
    found = review(labs, 400)
    missed = {item.body for item in found.course if item.status == "not met" and item.months == 12}
    assert "trial" in missed
    assert bool([item for item in found.behind if item.body == "trial"]) is behind


def test_a_missed_month_three_is_a_warning_and_no_failure():
    found = review(kidney(upcr={0: 2.0, 91: 1.9}), 120, outcome="inadequate_response")
    (step,) = [step for step in found.steps if step.step == "due"]
    assert step.speaks
    assert "Early warning" in step.says[0]
    assert "no failure" in step.says[0]
    assert day(183) in step.says[0]
    (item,) = found.outlook
    assert {one.missed_means for one in item.warnings} == {"early_warning"}


def test_a_missed_month_six_is_no_warning_any_more():
    found = review(kidney(upcr={0: 2.0, 91: 1.9, 183: 1.8}), 200, outcome="inadequate_response")
    (step,) = [step for step in found.steps if step.step == "due"]
    assert not step.speaks
    (item,) = found.outlook
    assert f"failure can be said since {day(183)}" in str(item)  # the one that was missed, not the next to come


def test_where_all_was_met_no_failure_is_left_to_say():
    values = {0: 2.0, **dict.fromkeys((91, 183, 365, 548, 730), 0.2)}
    (item,) = review(kidney(upcr=values), 800).outlook
    assert item.failure_from is None
    assert "each definition whose miss would be a failure was met" in str(item)


def test_what_has_bounds_is_to_be_measured_before_what_has_none():
    without = [level.row["basis"] == "measure_only" for level in review([], 30).monitoring]
    assert set(without) == {True, False}
    assert without == sorted(without)


def test_what_is_outside_its_range_is_to_be_measured_first():
    therapies = [{"drug": name, "start": str(START), "outcome": "ongoing"} for name in ("MMF", "tacrolimus")]
    labs = [series("tacrolimus_trough", "ng/mL", {90: 24}), series("mpa_trough", "mg/L", {90: 0.8})]
    told = [level.verdict.value for level in review(labs, 100, therapies=therapies).monitoring]
    assert {"below", "above", "not measured"} <= set(told)
    below, above, unmeasured = (
        [place for place, verdict in enumerate(told) if verdict == name] for name in ("below", "above", "not measured")
    )
    assert max(below) < min(above)
    assert max(above) < min(unmeasured)


def test_tablets_that_are_not_taken_come_before_an_early_warning():
    labs = [*kidney(upcr={0: 2.0, 91: 1.9}), series("mpa_trough", "mg/L", {100: 0.05})]
    found = review(labs, 120, outcome="inadequate_response")
    first = next(step for step in found.steps if step.speaks)
    assert first.step == "taken"


@pytest.mark.parametrize(("last", "speaks"), [(4.5, True), (7.9, False)])
def test_a_slow_response_after_a_nephrotic_start_is_no_failure(last, speaks):
    found = review(kidney(upcr={0: 8.0, 91: 6.5, 183: last}), 200, outcome="inadequate_response")
    (step,) = [step for step in found.steps if step.step == "due"]
    assert step.speaks is speaks
    if speaks:
        assert "a slow response is no failure" in step.says[0]
        assert day(730) in step.says[0]


def test_skin_has_no_day_from_which_failure_can_be_said():
    labs = [series("clasi_a", "points", {0: 20, 91: 18})]
    (item,) = review(labs, 100, manifestation="cutaneous", drug="methotrexate").outlook
    assert item.failure_from is None
    assert "no source of the table says" in str(item)


def test_platelets_that_were_normal_are_no_response():
    labs = [series("platelet_count", "x10^9/L", {0: 250, 30: 260, 183: 250})]
    found = review(labs, 200, manifestation="haematological", drug="rituximab", outcome="inadequate_response")
    assert not [item for item in found.course if item.group.startswith("ITP")]


def test_remission_at_a_later_visit_shows_no_failure():
    labs = [
        *kidney(upcr={0: 2.0, 183: 1.8}),
        series("clinical_sledai", "points", {240: 0}),
        series("pga", "points of 3", {240: 0.2}),
        series("steroid_dose", "mg/day", {240: 5}),
    ]
    found = review(labs, 260, outcome="inadequate_response")
    (step,) = [step for step in found.steps if step.step == "due"]
    assert step.speaks
    assert "Remission" in step.says[0]


# --- what to measure when ---------------------------------------------------------------------


def levels(labs, today):
    return {(item.drug, item.measure, item.context): item for item in review(labs, today).monitoring}


@pytest.mark.parametrize(
    ("measured", "today", "due", "by"),
    # Every two weeks until week 6, monthly until week 18, then every three months.
    [
        (41, 54, False, 55),
        (42, 55, False, 72),
        (125, 130, False, 155),
        (126, 155, False, 216),
        (10, 20, False, 24),
        (10, 24, True, 24),
        (100, 120, False, 130),
        (300, 380, False, 390),
        (300, 390, True, 390),
    ],
)
def test_a_value_within_its_interval_is_done(measured, today, due, by):
    labs = [series("platelet_count", "x10^9/L", {measured: 200})]
    level = levels(labs, today)["mycophenolate mofetil", "platelets", "standard schedule"]
    assert (level.is_due, str(level.next_due)) == (due, day(by))
    assert (f"done, next by {day(by)}" in level.timing) is not due
    assert (f"due since {day(by)}" in level.timing) is due


def test_what_was_never_measured_is_due():
    level = levels([], 30)["mycophenolate mofetil", "platelets", "standard schedule"]
    assert level.is_due
    assert level.next_due is None


def test_every_drug_of_lupus_is_monitored():
    drugs = {row["drug"] for row in KNOWLEDGE.tables["drugs"].rows if row["manifestations"]}
    offered = {name for row in KNOWLEDGE.tables["therapy_options"].rows for name in split_list(row["drugs"])}
    assert len(drugs & offered) > 30
    assert drugs & offered <= set(KNOWLEDGE.monitoring.drug)


def test_no_page_about_a_document_is_behind_response_monitoring_or_options():
    hosts = [row["host"] for row in KNOWLEDGE.tables["unfit_sources"].rows]
    urls = dict(zip(KNOWLEDGE.citations.citation, KNOWLEDGE.citations.url, strict=True))
    for table in (KNOWLEDGE.response_criteria, KNOWLEDGE.monitoring, KNOWLEDGE.therapy_options, KNOWLEDGE.adequacy):
        cited = {name for cell in table.citation for name in cell.split(";")}
        assert not [name for name in cited if any(host in urls[name] for host in hosts)]


@pytest.mark.parametrize(
    ("half", "year", "behind"),
    [(1.3, 1.2, ["ACR-LN-2024-CRR"]), (2.5, 0.2, []), (2.5, 2.5, ["ACR-LN-2024-adequate"]), (1.3, 0.2, [])],
)
def test_a_regimen_is_behind_until_something_is_met_at_a_later_month(half, year, behind):
    """A partial response met in the month in which a complete one was missed does not make it good."""
    days = {"2023-12-28": 2.9, "2024-04-01": 2.0, "2024-07-01": half, "2024-12-30": year}
    context = {
        "manifestations": {"lupus nephritis": {"class": ["IV"]}},
        "therapies": [{"drug": "MMF", "start": "2024-01-01", "outcome": "ongoing"}],
        "labs": [
            {"quantity": "upcr", "unit": "g/g", "values": days},
            {"quantity": "egfr", "unit": "mL/min/1.73m2", "values": dict.fromkeys(days, 90)},
        ],
    }
    review = respond({}, context=context, today="2026-02-01").resistance
    assert [item.group for item in review.behind] == behind
    assert all(f"mycophenolate mofetil missed {item.name}" in review.headline for item in review.behind)


def test_what_means_nothing_for_the_treatment_is_left_out_where_something_else_does():
    (kidney_now,) = review(kidney(upcr={0: 2.0, 91: 1.2}), 400).outlook
    assert kidney_now.by_now
    assert "none" not in {one.missed_means for one in (*kidney_now.by_now, *kidney_now.coming)}
    joints = [series("active_joints", "joints", {0: 10, 91: 3})]
    (of_joints,) = review(joints, 400, manifestation="musculoskeletal", drug="MTX").outlook
    assert [(one.group, one.missed_means, one.status) for one in of_joints.by_now] == [("joints-50", "none", "met")]


@pytest.mark.parametrize("last", [8, 19])
def test_the_definition_of_a_cohort_tells_nothing_of_the_treatment(last):
    skin = [series("clasi_a", "points", {0: 20, 91: last})]
    found = review(skin, 120, outcome="inadequate_response", manifestation="cutaneous", drug="MTX")
    assert ("CLASI-change", "met" if last == 8 else "not met") in {(one.group, one.status) for one in found.course}
    (step,) = [step for step in found.steps if step.step == "due"]
    assert not step.speaks
    assert step.found == ()
    assert step.missing == ()  # its values are there: none is asked for


@pytest.mark.parametrize(
    ("once", "unit", "often", "often_unit"),
    [("upcr", "g/g", "proteinuria_24h", "g/24 h"), ("proteinuria_24h", "g/24 h", "upcr", "g/g")],
)
def test_a_slow_response_is_seen_beside_a_quantity_that_was_taken_at_the_start_only(once, unit, often, often_unit):
    days = {0: 8.0, 91: 6.5, 183: 4.5}
    labs = [series(once, unit, {0: 8.0}), series(often, often_unit, days)]
    labs += [series("egfr", "mL/min/1.73m2", dict.fromkeys(days, 90))]
    (step,) = [step for step in review(labs, 200, outcome="inadequate_response").steps if step.step == "due"]
    assert step.speaks
    assert "a slow response is no failure" in step.says[0]
