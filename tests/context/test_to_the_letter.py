"""What a comparison, an order or a status turns on, each at the point where it turns."""

from __future__ import annotations

import pytest

from lupus_pgx import load_knowledge, respond
from lupus_pgx.context.judged.checks import Check
from lupus_pgx.context.values import Amount
from lupus_pgx.response.overall import lowest
from lupus_pgx.terms import Action, CheckStatus

KNOWLEDGE = load_knowledge()
TODAY = "2026-11-28"


def checks(drug: str, context: dict, knowledge=None):
    return respond({}, [drug], context=context, today=TODAY, knowledge=knowledge).drug(drug).checks


def of(drug: str, criterion: str, context: dict):
    return [item for item in checks(drug, context) if item.criterion == criterion]


def first_row(operator: str, criterion: str):
    return next(
        row
        for row in KNOWLEDGE.rows("contraindications")
        if row["operator"] == operator and row["criterion"] == criterion and row["acts"] == "yes"
    )


@pytest.mark.parametrize(
    ("operator", "criterion", "field", "met"),
    [
        ("below", "egfr", "egfr", False),
        ("at_most", "egfr", "egfr", True),
        ("above", "high_potassium", "potassium", False),
        ("at_least", "inr", "inr", True),
        ("below", "platelet_count", "platelet_count", False),
        ("above", "qtc", "qtc", False),
    ],
)
def test_a_value_on_the_bound(operator, criterion, field, met):
    row = first_row(operator, criterion)
    values = {field: f"{row['value']:g} {row['unit']}"}
    found = [item for item in of(row["drug"], criterion, {"values": values}) if item.known]
    assert (row["state"] in [item.row for item in found]) is met


# --- a rate per body surface against a rule on clearance -----------------------------------------


@pytest.mark.parametrize(
    ("egfr", "age", "said"),
    [
        ("42.5 mL/min/1.73m2", 40, "open"),  # 29.5 mL/min in the smallest adult
        ("44 mL/min/1.73m2", 40, "clear"),
        ("100 mL/min/1.73m2", 18, "clear"),
        ("100 mL/min/1.73m2", 17, "open"),
    ],
)
def test_a_rate_clears_a_rule_on_clearance_only_for_the_smallest_adult_too(egfr, age, said):
    row = next(row for row in KNOWLEDGE.rows("contraindications") if row["drug"] == "dabigatran" and row["value"] == 30)
    assert (row["operator"], row["unit"]) == ("below", "mL/min")
    found = [item for item in of("dabigatran", "egfr", {"age": age, "egfr": egfr}) if not item.known]
    forbids = [item for item in found if item.at_stake is CheckStatus.CONTRAINDICATED]
    assert bool(forbids) is (said == "open")


@pytest.mark.parametrize(("egfr", "said"), [("40 mL/min", "met"), ("43 mL/min", "open"), ("90 mL/min", "clear")])
def test_a_clearance_meets_a_rule_on_a_rate_only_for_the_largest_adult_too(egfr, said):
    """A rule below 60 per 1.73 m2: 40 mL/min is 57.6 in the smallest adult, 43 is 61.9."""
    row = next(
        row for row in KNOWLEDGE.rows("contraindications") if (row["value"], row["unit"]) == (60, "mL/min/1.73m2")
    )
    found = of(row["drug"], "egfr", {"age": 40, "egfr": egfr})
    assert any(item.known for item in found) is (said == "met")
    assert any(not item.known for item in found) is (said == "open")


# --- an infection of one kind is an infection ----------------------------------------------------


def test_a_part_that_is_there_leaves_a_graded_row_on_the_whole_open():
    """Abatacept: severe infection contraindicated, any infection a reason to wait."""
    fungal = {"conditions": {"fungal_infection": True}}
    known = [item for item in of("abatacept", "active_infection", fungal) if item.known]
    still = [item for item in of("abatacept", "active_infection", fungal) if not item.known]
    assert all(item.status is not CheckStatus.CONTRAINDICATED for item in known)
    assert [item.at_stake for item in still] == [CheckStatus.CONTRAINDICATED]
    assert "fungal infection" in still[0].found
    mild = of("abatacept", "active_infection", {**fungal, "active_infection": "mild"})
    assert not [item for item in mild if not item.known]
    severe = of("abatacept", "active_infection", {"active_infection": "severe"})
    assert severe[0].status is CheckStatus.CONTRAINDICATED


def test_where_there_is_no_tuberculosis_none_is_active():
    assert not of("upadacitinib", "tuberculosis_active", {"age": 40, "conditions": {"tuberculosis": False}})
    assert of("upadacitinib", "tuberculosis_active", {"age": 40})
    assert of("upadacitinib", "tuberculosis_active", {"age": 40, "conditions": {"tuberculosis": True}})[0].known


# --- checks --------------------------------------------------------------------------------------


def test_what_is_known_stands_before_what_is_open():
    found = [item for item in checks("abatacept", {"age": 40, "conditions": {"hepatitis_b": True}}) if not item.unseen]
    alike = [item.known for item in found if item.status is CheckStatus.CHECK_FIRST]
    assert True in alike
    assert False in alike
    assert alike == sorted(alike, reverse=True)


def test_an_open_question_is_asked_in_the_words_of_its_criterion():
    (check,) = of("dexamethasone", "pregnancy", {"sex": "female", "age": 30})
    assert check.topic == "pregnancy"
    assert check.subject != check.row
    (check,) = of("methotrexate", "contraception", {"sex": "female", "age": 30, "contraception": "not_secured"})
    words = {row["criterion"]: row["words"] for row in KNOWLEDGE.rows("criteria")}
    assert check.topic == words["contraception"]
    assert check.topic != check.subject


@pytest.mark.parametrize(
    ("status", "against"), [("monitor", False), ("check_first", True), ("adjust_dose", True), ("avoid", True)]
)
def test_what_speaks_against_a_drug_as_usual(status, against):
    assert Check("made up", "a state", CheckStatus(status)).against is against
    assert not Check("made up", "a state", CheckStatus(status), known=False).against


@pytest.mark.parametrize(
    ("low", "action"),
    [(0.5, Action.REDUCE_DOSE), (1.0, Action.REDUCE_DOSE), (1.5, Action.INCREASE_DOSE), (None, Action.REDUCE_DOSE)],
)
def test_a_factor_above_one_raises_a_dose(low, action):
    assert Check("made up", "with another", CheckStatus.ADJUST_DOSE, factor_low=low).action is action
    assert (
        Check("made up", "with it", CheckStatus.ADJUST_DOSE, factor_low=low, about_drug=False).action is Action.MONITOR
    )


# --- what the patient went through ---------------------------------------------------------------


def test_the_strictest_of_several_rows_on_a_shared_reaction_counts(tmp_path):
    (tmp_path / "cross_reactions.tsv").write_text(
        "drug\trelated\treaction\tseverity\tadvice\tjurisdiction\tchecked\tcitation\tsource\n"
        "azathioprine\tmercaptopurine\tserious\tmonitor\tWatch.\tguideline\tnot read\tPMID:30447069\tliterature\n",
        encoding="utf-8",
    )
    course = {"drug": "azathioprine", "outcome": "intolerance", "reaction": "pancreatitis"}
    found = checks("mercaptopurine", {"therapies": [course]}, load_knowledge(tmp_path))
    (check,) = [item for item in found if item.criterion == "intolerance"]
    assert check.status is CheckStatus.AVOID


def test_a_shared_reaction_shows_what_was_told_and_when_its_document_was_read():
    course = {"drug": "enalapril", "outcome": "intolerance", "reaction": "angioedema of the lips"}
    (check,) = of("lisinopril", "intolerance", {"therapies": [course]})
    assert check.found == "angioedema of the lips"
    (row,) = [
        row
        for row in KNOWLEDGE.rows("cross_reactions")
        if (row["drug"], row["related"], row["reaction"]) == ("ACE inhibitor", "ACE inhibitor", "angioedema")
    ]
    assert check.checked_on == str(row["checked_on"])


# --- whose question it is ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("context", "asked", "first"),
    [
        ({"sex": "female", "age": 60}, True, True),
        ({"sex": "female", "age": 61}, False, False),
        ({"sex": "female", "age": 10}, True, True),
        ({"sex": "female", "age": 9}, False, False),
        ({"sex": "female"}, True, False),
        ({"age": 30}, True, False),
        ({"sex": "male", "age": 30}, False, False),
    ],
)
def test_a_pregnancy_is_a_question_of_a_sex_and_of_an_age(context, asked, first):
    found = of("methotrexate", "pregnancy", context)
    assert bool(found) is asked
    assert any(item.asks_first for item in found) is first


def test_a_criterion_without_sex_and_age_is_asked_first_of_everybody():
    for context in ({"weight": "60 kg"}, {"sex": "male"}, {"age": 81}):
        (check,) = of("upadacitinib", "tuberculosis_active", context)
        assert check.asks_first


def test_men_from_twelve_years_on_are_asked_about_children():
    assert of("cyclophosphamide", "contraception_men", {"sex": "male", "age": 12})
    assert not of("cyclophosphamide", "contraception_men", {"sex": "male", "age": 11})


@pytest.mark.parametrize(
    ("fields", "open_"),
    [
        ({"conditions": {"thrombosis": False}}, True),  # no antibody was looked for
        ({"labs": ["lupus_anticoagulant"]}, True),  # the others were not
        ({"conditions": {"thrombosis": False}, "labs": "all"}, False),
    ],
)
def test_a_no_needs_every_source(fields, open_):
    names = KNOWLEDGE.known_units.collected("antiphospholipid")
    wanted = names if fields.get("labs") == "all" else fields.get("labs", [])
    unit = "present or absent"
    labs = [{"quantity": name, "unit": unit, "values": {"2026-11-20": "absent"}} for name in wanted]
    found = of("tofacitinib", "thrombosis", {**fields, "age": 40, "labs": labs})
    assert any(not item.known for item in found) is open_


def test_one_value_that_is_feared_is_enough_to_fear():
    """A blood pressure of long ago, and hypertension not told: the first source fears, the second is silent."""
    old = {"quantity": "blood_pressure", "unit": "mmHg", "values": {"2024-01-01": 210}}
    response = respond({}, ["cyclosporine"], context={"age": 40, "labs": [old]}, today=TODAY).drug("cyclosporine")
    (check,) = [item for item in response.checks if item.criterion == "blood_pressure"]
    assert (check.known, check.asks_first) == (False, True)
    assert response.overall_action is Action.TEST_FIRST


def test_a_bound_that_settles_nothing_says_which():
    (check,) = of("mycophenolate mofetil", "neutrophil_count", {"values": {"neutrophil_count": "<2 x10^9/L"}})
    assert "does not settle" in check.found
    clearance = of("dabigatran", "egfr", {"age": 40, "egfr": "42.5 mL/min/1.73m2"})
    assert any("; the rule is in mL/min" in item.found and "settle" not in item.found for item in clearance)


def test_what_is_not_looked_at_is_named_for_core_criteria_only_where_the_context_tells_of_it():
    told = {item.criterion for item in checks("codeine", {"age": 40, "values": {"neutrophil_count": "0.3 x10^9/L"}})}
    assert "neutrophil_count" in told
    assert "neutrophil_count" not in {item.criterion for item in checks("codeine", {"age": 40})}


def test_a_man_whose_sex_is_not_given_is_asked():
    """Contraception is told: for a woman it counts, whether it is of a man is open."""
    found = of("cyclophosphamide", "contraception_men", {"age": 30, "contraception": "not_secured"})
    assert [item.known for item in found] == [False]


def test_what_a_man_tells_of_contraception_is_not_of_a_woman():
    def unseen(context):
        return {item.criterion for item in checks("quinacrine", context) if item.unseen}

    assert "contraception" in unseen({"sex": "female", "age": 30, "contraception": "not_secured"})
    assert "contraception" not in unseen({"sex": "male", "age": 30, "contraception": "not_secured"})
    assert "contraception" not in unseen({"sex": "female", "age": 30, "contraception": "secured"})
    pregnant = {"sex": "female", "age": 30, "pregnancy": True, "contraception": "not_secured"}
    assert "contraception" not in unseen(pregnant)


# --- doses ---------------------------------------------------------------------------------------

MAXIMA = [row for row in KNOWLEDGE.rows("dosing") if row["highest"] is not None]


@pytest.mark.parametrize("row", MAXIMA, ids=[f"{row['drug']} {row['highest']:g} {row['unit']}" for row in MAXIMA])
@pytest.mark.parametrize("share", [1.0, 1.02])
def test_the_highest_dose_itself_is_not_above_it(row, share):
    dose = f"{row['highest'] * share:.6g} {row['unit']}"
    context = {"age": 40, "weight": "60 kg", "planned": [{"drug": row["drug"], "dose": dose}]}
    found = [item for item in of(row["drug"], "dose_maximum", context) if item.row == row["unit"]]
    assert bool(found) is (share > 1)
    assert all(item.cap == row["highest"] for item in found)


@pytest.mark.parametrize(
    ("course", "status"),
    [
        ({"dose": "15 mg/week"}, None),
        ({"dose": "15 mg/month"}, None),
        ({"dose": "15 mg"}, CheckStatus.CHECK_FIRST),
        ({"dose": "15 mg", "schedule": "once weekly"}, None),
        ({"dose": "15 mg", "schedule": "daily"}, CheckStatus.CONTRAINDICATED),
        ({"dose": "15 mg/day"}, CheckStatus.CONTRAINDICATED),
        ({"dose": "15 mg/day", "schedule": "weekly"}, CheckStatus.CONTRAINDICATED),
        ({"dose": "15 mg/week", "schedule": "daily"}, CheckStatus.CONTRAINDICATED),
        ({"dose": "15 mg/week", "schedule": "weekly, on one day"}, CheckStatus.CHECK_FIRST),
        ({"dose": "15 mg/week", "schedule": "weekly"}, None),
        ({"dose": "15 mg", "schedule": "methotrexate weekly, folic acid daily"}, None),
        ({"dose": "15 mg", "schedule": "about every 7 days"}, None),
        ({"dose": "15 mg", "schedule": "about every 6 days"}, CheckStatus.CONTRAINDICATED),
        ({"dose": "15 mg", "schedule": "Monday and Thursday"}, CheckStatus.CHECK_FIRST),
    ],
)
def test_a_drug_for_once_a_week(course, status):
    found = of("methotrexate", "dose_interval", {"age": 40, "planned": [{"drug": "methotrexate", **course}]})
    assert [item.status for item in found] == ([status] if status else [])


def test_a_dose_that_is_said_twice_is_one_check():
    courses = {"planned": [{"drug": "HCQ", "dose": "600 mg/day"}], "age": 40}
    twice = {**courses, "therapies": [{"drug": "HCQ", "dose": "600 mg/day", "outcome": "ongoing"}]}
    assert len(of("hydroxychloroquine", "dose_maximum", courses)) == 1
    assert len(of("hydroxychloroquine", "dose_maximum", twice)) == 1
    ended = {"age": 40, "therapies": [{"drug": "HCQ", "dose": "600 mg/day", "outcome": "inadequate_response"}]}
    assert not of("hydroxychloroquine", "dose_maximum", ended)


@pytest.mark.parametrize(
    ("planned", "taken", "weight", "below"),
    [
        ("1 mg/kg/day", None, None, {"CPIC", "DPWG"}),
        ("1.5 mg/kg/day", None, None, {"CPIC"}),
        ("2 mg/kg/day", None, None, set()),
        ("1 mg/kg/day", "2.5 mg/kg/day", None, set()),
        ("60 mg/day", None, "60 kg", {"CPIC", "DPWG"}),
        ("120 mg/day", None, "60 kg", set()),
        ("60 mg/day", None, None, set()),
    ],
)
def test_a_dose_below_the_one_a_rule_was_written_for(planned, taken, weight, below):
    context = {"age": 40, "planned": [{"drug": "azathioprine", "dose": planned}]}
    if taken:
        context["therapies"] = [{"drug": "azathioprine", "dose": taken, "outcome": "ongoing"}]
    if weight:
        context["weight"] = weight
    calls = {"TPMT": "*1/*3A", "NUDT15": "*1/*1"}
    told = respond(calls, ["azathioprine"], context=context, today=TODAY).drug("azathioprine").checks
    found = [item for item in told if item.criterion == "planned_dose"]
    assert {item.subject.split()[3] for item in found} == below


# --- levels --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("courses", "counts"),
    [
        ([], True),
        ([{"outcome": "ongoing"}], True),
        ([{"outcome": "inadequate_response"}], True),  # no end is told
        ([{"outcome": "inadequate_response", "start": "2025-01-01", "stop": "2026-11-25"}], False),
        ([{"outcome": "response", "start": "2024-01-01", "stop": "2025-01-01"}, {"outcome": "ongoing"}], True),
    ],
)
def test_a_level_counts_while_the_drug_may_be_taken(courses, counts):
    labs = [{"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {"2026-11-20": 24}}]
    therapies = [{"drug": "tacrolimus", **course} for course in courses]
    found = of("tacrolimus", "level", {"age": 40, "therapies": therapies, "labs": labs})
    assert bool(found) is counts


@pytest.mark.parametrize(
    ("value", "stop", "asks"), [(0.03, None, True), (0.9, None, False), (0.03, "2026-11-01", False)]
)
def test_a_level_near_nothing_asks_whether_it_is_taken_while_it_should_be(value, stop, asks):
    course = {"drug": "HCQ", "start": "2025-01-01", "outcome": "ongoing" if stop is None else "inadequate_response"}
    labs = [{"quantity": "hcq_blood", "unit": "mg/L", "values": {"2026-10-20": value}}]
    context = {"age": 40, "therapies": [{**course, **({"stop": stop} if stop else {})}], "labs": labs}
    assert bool(of("hydroxychloroquine", "intake", context)) is asks


# --- what else is told of an age, antibodies, classes --------------------------------------------


@pytest.mark.parametrize(
    ("drug", "context", "asked"),
    [
        ("desflurane", {"sex": "female"}, True),
        ("desflurane", {"weight": "39 kg"}, True),
        ("desflurane", {"weight": "40 kg"}, True),  # below six years, and a child of six may weigh that
        ("belimumab", {"weight": "40 kg"}, False),  # below five
        ("belimumab", {"weight": "39.9 kg"}, True),
        ("belimumab", {"contraception": "secured"}, False),
        ("belimumab", {"pregnancy": True}, False),
        ("belimumab", {"breast_feeding": True}, False),
        ("codeine", {"contraception": "secured"}, True),  # below twelve, and a girl of ten may need it
        ("heparin", {"sex": "female"}, True),
    ],
)
def test_what_is_told_may_say_that_no_infant_is_asked_about(drug, context, asked):
    assert any(not item.known for item in of(drug, "age_child", context)) is asked


def test_a_first_day_of_long_ago_is_an_age():
    labs = [{"quantity": "alt", "unit": "U/L", "values": {day: 20}} for day in ("2019-01-01", "2026-11-01")]
    assert of("belimumab", "age_child", {"sex": "female"})
    assert not of("belimumab", "age_child", {"labs": labs})
    assert of("belimumab", "age_child", {"labs": labs[1:]})


@pytest.mark.parametrize(("age", "known"), [(0.07, True), (0.09, False)])
def test_an_age_in_months_is_one_in_years(age, known):
    """Heparin: below one month."""
    row = next(
        row for row in KNOWLEDGE.rows("contraindications") if row["drug"] == "heparin" and row["unit"] == "months"
    )
    found = [item for item in of("heparin", "age_child", {"age": age}) if item.known and item.row == row["state"]]
    assert bool(found) is known


def test_without_a_dose_there_is_nothing_to_compare():
    """A live vaccine beside prednisone: by the dose that is taken, else by asking."""

    def said(**course):
        context = {"age": 40, "conditions": {"live_vaccine": True}}
        if course:
            context["therapies"] = [{"drug": "prednisone", "outcome": "ongoing", **course}]
        return [(item.status.value, item.known) for item in of("prednisone", "immunosuppressive_dose", context)]

    assert said() == []
    assert said(dose="20 mg/day") == [("contraindicated", True)]
    assert said(dose="19 mg/day") == []
    assert said(schedule="every morning") == [("check_first", False)]


# --- what a check carries ------------------------------------------------------------------------


def test_core_criteria_are_told_from_rare_ones():
    context = {"age": 40, "sex": "female", "pregnancy": True, "conditions": {"gut_ulcer": True, "dementia": True}}
    core = {item.criterion: item.core for item in checks("phenprocoumon", context) if item.criterion}
    assert core["pregnancy"] is True
    assert core["gut_ulcer"] is False
    assert core["dementia"] is False  # not looked at for this drug
    assert [item.core for item in of("quinacrine", "egfr", {"egfr": "20 mL/min/1.73m2"})] == [True]


def test_a_row_on_a_part_answers_for_the_whole_only_where_it_is_shown():
    def unseen(**conditions):
        return {
            item.criterion for item in checks("acenocoumarol", {"age": 40, "conditions": conditions}) if item.unseen
        }

    assert "cardiovascular_risk" not in unseen(cardiovascular_risk=True)
    assert "cardiovascular_risk" in unseen(cardiovascular_risk=True, recent_stroke=False)


def test_rows_without_words_of_their_own_are_asked_in_the_words_of_the_row():
    context = {"age": 40}
    (allergy,) = of("phenprocoumon", "hypersensitivity", context)
    assert allergy.topic == allergy.row == "allergy to phenprocoumon or another coumarin"
    (other,) = of("phenprocoumon", "other", context)
    assert other.topic == other.row
    (ulcer,) = of("phenprocoumon", "gut_ulcer", context)
    assert ulcer.topic != ulcer.row


def test_a_live_vaccine_speaks_against_the_vaccine():
    vaccine = {"age": 40, "conditions": {"live_vaccine": True}}
    (check,) = [item for item in of("mycophenolate mofetil", "immunisation", vaccine) if item.known]
    assert check.shown == "a live vaccine beside it"
    (check,) = [
        item for item in of("warfarin", "bleeding", {"age": 40, "conditions": {"bleeding": True}}) if item.known
    ]
    assert check.shown == check.subject


def test_a_drug_without_any_row_says_so_and_one_with_rows_does_not():
    told = [item.criterion for item in checks("quinacrine", {"age": 40})]
    assert "contraindications" not in told


# --- caps, and what a check shows ----------------------------------------------------------------


def test_the_lowest_of_several_caps_in_the_first_unit():
    caps = [None, Amount(20, "mg/day"), Amount(5, "mg/day"), Amount(1, "mg/kg/day"), Amount(40, "mg/day")]
    assert lowest(caps) == Amount(5, "mg/day")
    assert lowest([None]) is None


def test_a_dose_shows_how_it_is_taken_and_what_its_row_rests_on():
    planned = {"age": 40, "planned": [{"drug": "methotrexate", "dose": "15 mg", "schedule": "daily"}]}
    (check,) = of("methotrexate", "dose_interval", planned)
    row = next(row for row in KNOWLEDGE.rows("dosing") if row["drug"] == "methotrexate" and row["interval"] == "week")
    assert check.found == "15 mg/day"
    assert check.checked_on == str(row["checked_on"] or "")
    planned["planned"][0]["schedule"] = "about every 6 days"
    assert [item.found for item in of("methotrexate", "dose_interval", planned)] == ["15 mg, about every 6 days"]


@pytest.mark.parametrize(("schedule", "open_"), [("weekly", False), ("weekly, twice", True), ("three times", True)])
def test_weekly_and_more_often_is_open(schedule, open_):
    planned = {"age": 40, "planned": [{"drug": "methotrexate", "dose": "15 mg", "schedule": schedule}]}
    assert bool(of("methotrexate", "dose_interval", planned)) is open_


def test_a_pregnant_woman_is_not_asked_about_contraception():
    woman = {"sex": "female", "age": 30, "contraception": "not_secured"}
    assert of("methotrexate", "contraception", woman)
    assert not of("methotrexate", "contraception", {**woman, "pregnancy": True})


def test_a_level_shows_its_day_and_the_widest_of_its_ranges():
    labs = [{"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {"2026-11-20": 24}}]
    (check,) = of("tacrolimus", "level", {"age": 40, "labs": labs})
    highest = max(
        row["target_high"]
        for row in KNOWLEDGE.rows("monitoring")
        if not row["only_with"]
        and row["drug"] == "tacrolimus"
        and row["target_high"]
        and "ng/mL" in (row["unit"] or "")
    )
    assert check.found.startswith("24 ng/mL on 2026-11-20, range ")
    assert check.found.endswith(f"{highest:g} ng/mL") or f"{highest:g}" in check.found.partition("range ")[2]


@pytest.mark.parametrize(("value", "above"), [(3, False), (5.5, False), (24, True)])
def test_a_level_is_above_only_where_it_is_above_all_its_ranges(value, above):
    labs = [{"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {"2026-11-20": value}}]
    assert bool(of("tacrolimus", "level", {"age": 40, "labs": labs})) is above


def test_what_asks_for_nothing_else_is_checked_first():
    labs = [{"quantity": "hcq_blood", "unit": "mg/L", "values": {"2026-10-20": 0.03}}]
    course = {"drug": "HCQ", "start": "2025-01-01", "outcome": "ongoing"}
    (check,) = of("hydroxychloroquine", "intake", {"age": 40, "therapies": [course], "labs": labs})
    assert check.status is CheckStatus.CHECK_FIRST
    context = {"age": 40, "planned": [{"drug": "azathioprine", "dose": "1 mg/kg/day"}]}
    calls = {"TPMT": "*1/*3A", "NUDT15": "*1/*1"}
    told = respond(calls, ["azathioprine"], context=context, today=TODAY).drug("azathioprine").checks
    assert {item.status for item in told if item.criterion == "planned_dose"} == {CheckStatus.CHECK_FIRST}


def test_another_finding_that_is_present_is_no_antibody():
    labs = [{"quantity": "bleeding", "unit": "present or absent", "values": {"2026-11-20": "present"}}]
    assert not any(item.known for item in of("tofacitinib", "thrombosis", {"age": 40, "labs": labs}))
    labs[0]["quantity"] = "lupus_anticoagulant"
    assert any(item.known for item in of("tofacitinib", "thrombosis", {"age": 40, "labs": labs}))


def test_a_live_vaccine_among_what_is_taken_is_said_once():
    vaccine = {"age": 40, "co_medication": ["varicella vaccine"]}
    assert not of("mycophenolate mofetil", "immunisation", vaccine)  # the pair says it, as strictly
    (pair,) = [item for item in checks("mycophenolate mofetil", vaccine) if item.partner]
    assert pair.status is CheckStatus.CONTRAINDICATED
    alone = of("thioguanine", "immunisation", vaccine)
    assert [item.known for item in alone] == [True]  # no pair of the tables says it
    other = of("mycophenolate mofetil", "immunisation", {"age": 40, "co_medication": ["amlodipine"]})
    assert not any(item.known for item in other)


# --- which checks are shown, and in which order --------------------------------------------------


def test_that_a_drug_is_for_lupus_is_no_check_and_another_clearance_is():
    assert not of("hydroxychloroquine", "lupus_statement", {"age": 40})
    assert of("SMX-TMP", "lupus_statement", {"age": 40})[0].status is CheckStatus.MONITOR
    pregnant = {"sex": "female", "age": 30, "pregnancy": True}
    assert of("azathioprine", "pregnancy", pregnant)[0].status is CheckStatus.COMPATIBLE


def test_an_open_check_carries_whether_it_is_core_and_what_is_half_told():
    assert [item.core for item in of("phenprocoumon", "gut_ulcer", {"age": 40})] == [False]
    assert [item.core for item in of("phenprocoumon", "pregnancy", {"sex": "female", "age": 30})] == [True]
    (weeks,) = of("ibuprofen", "pregnancy_weeks", {"sex": "female", "age": 30, "pregnancy": True})
    assert weeks.found == "pregnancy: yes"


def test_a_row_that_needs_two_things_is_not_met_by_one():
    course = [{"drug": "prednisone", "dose": "40 mg/day", "outcome": "ongoing"}]
    none = {"age": 40, "conditions": {"live_vaccine": False}, "therapies": course}
    assert not of("prednisone", "immunosuppressive_dose", none)
    both = {"age": 40, "conditions": {"live_vaccine": True}, "therapies": course}
    assert [item.known for item in of("prednisone", "immunosuppressive_dose", both)] == [True]


def test_what_is_asked_first_stands_first_and_rare_questions_last():
    found = [item for item in checks("methotrexate", {"sex": "female", "age": 30}) if item.criterion and not item.known]
    opened = [item for item in found if item.status is CheckStatus.CHECK_FIRST]
    first = [item.asks_first for item in opened]
    assert True in first
    assert first == sorted(first, reverse=True)
    core = [item.core for item in opened if not item.asks_first]
    assert core == sorted(core, reverse=True)
