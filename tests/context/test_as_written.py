"""Contexts as people write them: read as one thing and said, or refused with what to write."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from told import TODAY, from_yaml, read, refused

import lupus_pgx
from lupus_pgx.errors import InputError
from lupus_pgx.terms import Outcome, Sex

# --- outcomes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        *(
            (word, "inadequate_response")
            for word in ("no response", "Non-response", "failure", "refractory", "relapse")
        ),
        *((word, "inadequate_response") for word in ("partial response", "Partial remission", "flare", "no_effect")),
        *((word, "response") for word in ("complete response", "remission", "good response", "effective")),
        *((word, "intolerance") for word in ("intolerant", "side effects", "not tolerated", "Adverse event")),
        *((word, "ongoing") for word in ("current", "continuing", "on treatment")),
    ],
)
def test_words_for_how_a_treatment_went(words, outcome):
    course = {"drug": "MMF", "outcome": words}
    if outcome == "intolerance":
        course["reaction"] = "diarrhoea"
    context = read({"therapies": [course]})
    assert [item.outcome.value for item in context.therapies] == [outcome]
    assert any(words in remark and outcome in remark for remark in context.remarks)


def test_what_was_never_taken_did_not_fail():
    context = read({"therapies": [{"drug": "MMF", "outcome": "refused"}, {"drug": "HCQ", "outcome": "ongoing"}]})
    assert [item.drug.name for item in context.therapies] == ["hydroxychloroquine"]
    assert "did not fail" in context.remarks[0]


def test_a_course_that_failed_and_was_not_tolerated_is_both():
    course = {"drug": "rituximab", "start": "2019-06-01", "outcome": "failure", "reaction": "serum sickness"}
    context = read({"therapies": [course]})
    assert [item.outcome for item in context.therapies] == [Outcome.INADEQUATE_RESPONSE, Outcome.INTOLERANCE]
    assert [item.reaction for item in context.therapies] == [None, "serum sickness"]


OPPOSITE = {Outcome.RESPONSE: Outcome.INADEQUATE_RESPONSE, Outcome.INADEQUATE_RESPONSE: Outcome.RESPONSE}


def outcome_words() -> list[tuple[str, str]]:
    rows = lupus_pgx.load_knowledge().rows("context_words")
    return [(row["words"], row["value"]) for row in rows if row["field"] == "outcome" and row["value"]]


@settings(max_examples=150)
@given(st.sampled_from(outcome_words()), st.data())
def test_a_mistyped_outcome_is_never_its_opposite(word, data):
    """One letter dropped, doubled or changed: read as the same, or refused; and no hint names the opposite."""
    text, meant = word
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    kind = data.draw(st.sampled_from(["drop", "double", "change"]))
    new = {"drop": "", "double": text[place] * 2, "change": letter}[kind]
    typed = text[:place] + new + text[place + 1 :]
    opposite = OPPOSITE.get(Outcome(meant))
    try:
        context = read({"therapies": [{"drug": "MMF", "outcome": typed, "reaction": None}]})
    except InputError as error:
        if opposite is not None:
            hint = str(error).partition("did you mean")[2]
            assert f" {opposite.value}?" not in hint
        return
    assert all(item.outcome is not opposite for item in context.therapies)


# --- manifestations -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("psychosis", "neuropsychiatric lupus"), ("NPSLE", "neuropsychiatric lupus"),
        ("myelitis", "neuropsychiatric lupus"),
        ("discoid", "cutaneous"), ("rash", "cutaneous"), ("SCLE", "cutaneous"),
        ("arthritis", "musculoskeletal"), ("Thrombocytopenia", "haematological"), ("AIHA", "haematological"),
        ("pericarditis", "serositis"), ("APS", "antiphospholipid"), ("nephritis", "lupus nephritis"),
        ("podocytopathy", "lupus nephritis"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["list", "fields"])
def test_manifestations_by_the_words_of_clinicians(words, name, form):
    given_form = [words] if form == "list" else {words: {"severity": "severe"}}
    context = read({"manifestations": given_form})
    assert [item.name for item in context.manifestations] == [name]
    assert any(words in remark for remark in context.remarks)
    if form == "fields":
        assert context.manifestations[0].severity.value == "severe"


def test_two_words_for_one_manifestation_are_one():
    context = read({"manifestations": {"psychosis": {"severity": "severe"}, "seizures": None}})
    (found,) = context.manifestations
    assert (found.name, found.severity.value, found.mechanism) == ("neuropsychiatric lupus", "severe", "inflammatory")


# --- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text", "value", "sign"),
    [
        ("creatinine", "120umol/L", 120, ""), ("creatinine", "120 \u00b5mol/L", 120, ""),
        ("creatinine", "120 \u03bcmol/l", 120, ""), ("egfr", ">90 mL/min/1.73m2", 90, ">"),
        ("egfr", "\u2265 90 ml/min/1,73m2", 90, ">="), ("weight", "61kg", 61, ""), ("igg", "<0.2 g/L", 0.2, "<"),
    ],
)  # fmt: skip
def test_a_value_with_its_unit(field, text, value, sign):
    amount = getattr(read({field: text}), field)
    assert (amount.value, amount.sign) == (value, sign)


@pytest.mark.parametrize("unit", ["10^9/L", "10*9/L", "10e9/L", "G/L", "/nL", "K/uL", "10^3/\u00b5L", "x10^9/L"])
@pytest.mark.parametrize("quantity", ["platelet_count", "neutrophil_count"])
def test_counts_in_the_units_of_laboratories(unit, quantity):
    series = {"quantity": quantity, "unit": unit, "values": {"2026-05-01": 4.5}}
    (found,) = read({"labs": [series]}).labs
    assert (found.unit, found.values[0].value) == ("x10^9/L", 4.5)
    assert read({"values": {quantity: f"4.5 {unit}"}}).values[quantity].value == 4.5


def test_cells_per_volume():
    (found,) = read({"labs": [{"quantity": "anc", "unit": "/mm3", "values": {"2026-05-01": 400}}]}).labs
    assert (found.quantity, found.values[0].value) == ("neutrophil_count", 0.4)


def test_grams_stay_grams():
    """G/L is giga per litre of cells, and gram per litre of a protein."""
    assert read({"igg": "6 G/L"}).igg.value == 6
    assert read({"values": {"c3": "0.8 G/L"}}).values["c3"].value == 0.8


def test_a_ratio_needs_no_unit():
    assert read({"values": {"inr": 3.2}}).values["inr"].value == 3.2
    (found,) = read({"labs": [{"quantity": "inr", "values": {"2026-05-01": 3.2}}]}).labs
    assert found.values[0].value == 3.2
    assert "unit" in refused({"labs": [{"quantity": "creatinine", "values": {"2026-05-01": 3.2}}]})


@pytest.mark.parametrize(
    ("text", "value", "sign"), [(">60", 60, ">"), ("<0.2", 0.2, "<"), ("\u2265 60", 60, ">="), ("3.9", 3.9, "")]
)
def test_bounds_of_a_laboratory(text, value, sign):
    series = {"quantity": "tacrolimus", "unit": "ng/mL", "values": {"2026-05-01": text}}
    context = read({"labs": [series]})
    (found,) = context.labs
    assert found.quantity == "tacrolimus_trough"
    assert (found.values[0].value, found.values[0].sign) == (value, sign)
    assert any("read as tacrolimus_trough" in remark for remark in context.remarks)


@pytest.mark.parametrize(("word", "present"), [("positive", True), ("negative", False), ("neg", False), ("yes", True)])
def test_results_without_a_number(word, present):
    series = {"quantity": "anti-dsDNA", "unit": "present or absent", "values": {"2026-05-01": word}}
    assert read({"labs": [series]}).labs[0].values[0].present is present


def test_nothing_to_detect_is_nothing():
    series = {"quantity": "hcq_blood", "unit": "ng/mL", "values": {"2026-05-01": "undetectable"}}
    assert read({"labs": [series]}).labs[0].values[0].value == 0


@pytest.mark.parametrize(
    ("rate", "status"),
    [
        ("22 mL/min/1.73m2", True),
        ("<25 mL/min/1.73m2", True),
        (">90 mL/min/1.73m2", False),
        ("<60 mL/min/1.73m2", None),
    ],
)
def test_a_bound_settles_a_rule_or_leaves_it_open(rate, status):
    """An NSAID is contraindicated below 30: 'below 60' says nothing of it, and is not taken for 60."""
    patient = lupus_pgx.respond({"CYP2C9": "*1/*1"}, ["celecoxib"], context={"age": 40, "egfr": rate}, today=TODAY)
    found = [check for check in patient.drug("celecoxib").checks if check.criterion == "egfr"]
    if status is None:
        assert any(not check.known for check in found)
        assert not any(check.known and check.status.value == "contraindicated" for check in found)
    elif status:
        assert any(check.known and check.status.value in ("contraindicated", "avoid") for check in found)
    else:
        assert not any(check.status.value in ("contraindicated", "avoid") for check in found)


# --- what can be read in two ways ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("creatinine: 1,4 mg/dL\n", "write 1.4 mg/dL"),
        ("labs:\n- {quantity: upcr, unit: g/g, values: {2025-01-01: 3,9, 2025-07-01: 0,6}}\n", "has no value"),
        ("labs:\n- {quantity: upcr, unit: g/g, values: {2025-01-01: '3,9'}}\n", "write 3.9"),
        ("labs:\n- {quantity: upcr, unit: g/g, values: {2025-01-01: }}\n", "has no value"),
        ("labs:\n- {quantity: upcr, unit: mg/g, values: {2025-01-01: 0500}}\n", "found '0500'"),
        ("labs:\n- {quantity: upcr, unit: mg/g, values: {2025-01-01: 2:20}}\n", "found '2:20'"),
        ("ancestry: NO\n", "ancestry"),
        ("therapies:\n- {drug: MMF, outcome: NO}\n", "outcome"),
        ("sex: 1\n", "sex"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(text, words, tmp_path):
    with pytest.raises(InputError) as error:
        from_yaml(tmp_path, text)
    assert words in str(error.value)


def test_sex_in_the_words_of_people():
    assert {read({"sex": word}).sex for word in ("F", "woman", "Female", "XX")} == {Sex.FEMALE}
    assert {read({"sex": word}).sex for word in ("m", "MALE", "man")} == {Sex.MALE}
    assert read({"sex": "unknown"}).sex is None


def test_a_month_or_a_year_is_its_middle_and_said():
    context = read({"therapies": [{"drug": "MMF", "start": "2024", "stop": "2025-03", "outcome": "failed"}]})
    (course,) = context.therapies
    assert (course.start, course.stop) == (dt.date(2024, 7, 1), dt.date(2025, 3, 15))
    assert sum("its middle" in remark for remark in context.remarks) == 2


# --- drugs --------------------------------------------------------------------------------------


def test_a_combination_is_its_parts():
    context = read({"co_medication": ["Paxlovid", "Bactrim forte"]})
    names = [drug.name for drug in context.co_medication]
    assert names == ["nirmatrelvir / ritonavir", "sulfamethoxazole / trimethoprim"]
    checks = lupus_pgx.respond({}, ["methotrexate"], context=context, today=TODAY).drug("methotrexate").checks
    assert [check.row for check in checks if check.partner == "sulfamethoxazole / trimethoprim"] == [
        "sulfamethoxazole / trimethoprim"  # as strict as the row on its part
    ]
    assert any("each part counts" in remark for remark in context.remarks)


def test_co_medication_with_dose_and_dates():
    given_drugs = [
        {"drug": "hydralazine", "dose": "150 mg/day", "start": "2019-01-01"},
        {"drug": "rifampicin", "stop": "2024-01-01"},
    ]
    context = read({"co_medication": given_drugs})
    assert [drug.name for drug in context.co_medication] == ["hydralazine"]
    assert any("hydralazine" in remark and "150 mg/day" in remark for remark in context.remarks)
    assert any("rifampicin" in remark and "not counted as taken now" in remark for remark in context.remarks)


def test_a_dose_for_some_days():
    context = read({"therapies": [{"drug": "methylprednisolone", "dose": "1 g/day for 3 days", "outcome": "failed"}]})
    assert (context.therapies[0].dose.value, context.therapies[0].schedule) == (1000, "for 3 days")


def test_what_no_rule_reads_is_said():
    context = read({"labs": [{"quantity": "anti-histone", "unit": "percent", "values": {"2026-01-01": 12}}]})
    assert context.labs == ()
    assert "not used" in context.remarks[0]


def test_remarks_are_warnings(fx_cli, tmp_path, caplog):
    path = tmp_path / "c.yaml"
    path.write_text("therapies: [{drug: MMF, outcome: no response}]\n")
    assert fx_cli("whatif", "TPMT=*1/*1", "--drugs", "MMF", "--context", path)[0] == 0
    assert "MMF: no response: read as inadequate_response" in caplog.text


def test_several_patients_keep_their_remarks():
    both = {"patients": {"A": {"manifestations": ["rash"]}, "B": {"sex": "F"}}}
    contexts = lupus_pgx.load_context(both, today=TODAY)
    assert [len(contexts[name].remarks) for name in ("A", "B")] == [1, 0]


def test_words_of_the_table_are_words_of_the_form(fx_knowledge):
    outcomes = {item.value for item in Outcome}
    for row in fx_knowledge.rows("context_words"):
        if row["field"] == "outcome":
            assert (row["value"] or "ongoing") in outcomes
        if row["field"] == "quantity" and row["value"] and not row["value"].startswith("condition:"):
            assert fx_knowledge.known_units.unknown_quantity(row["value"]) is None


@pytest.mark.parametrize(
    ("fields", "name", "expected"),
    [
        ({"manifestations": ["LN III+V"]}, "manifestations", "classes=('III', 'V')"),
        ({"manifestations": ["Lupusnephritis Klasse IV + V"]}, "manifestations", "classes=('IV', 'V')"),
        ({"age": "34 J."}, "age", "34"),
        ({"Gewicht": "50 kg"}, "weight", "50"),
        ({"values": {"Krea": "1.9 mg/dl"}}, "values", "umol/L"),
        ({"contraception": "Spirale"}, "contraception", "secured"),
        ({"contraception": "Kinderwunsch"}, "contraception", "conception_planned"),
        ({"infection": "none"}, "active_infection", "none"),
        ({"compliance": "poor"}, "conditions", "'missed_doses': True"),
        ({"anti-HBc": "positive"}, "conditions", "'hepatitis_b': True"),
        ({"conditions": {"AKI": True}}, "conditions", "'gfr_fall': True"),
        ({"co_medication": ["Paxlovid"]}, "co_medication", "nirmatrelvir / ritonavir"),
        ({"co_medication": ["Cotrim forte"]}, "co_medication", "sulfamethoxazole / trimethoprim"),
        ({"meds": "Ramipril 5 mg 1-0-0, Eliquis 5 mg bd"}, "co_medication", "apixaban"),
        ({"co_medication": ["HCQ 200 mg BID"]}, "doses", "400.0, unit='mg/day'"),
        ({"planned": [{"drug": "Eliquis 5 mg"}]}, "planned", "5.0, unit='mg'"),
    ],
)
def test_clinicians_write_so(fields, name, expected):
    assert expected in str(getattr(read({"sex": "female", **fields}), name))


def test_a_dose_that_cannot_be_read_is_said():
    context = read({"sex": "female", "co_medication": ["Aspirin 1 Tbl"]})
    assert context.doses == ()
    assert "the dose, 1 Tbl, is not used" in " ".join(context.remarks)


# --- names of drugs -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("american", "british"),
    [
        ("acyclovir", "aciclovir"),
        ("glyburide", "glibenclamide"),
        ("torsemide", "torasemide"),
        ("chlorthalidone", "chlortalidone"),
        ("furosemide", "frusemide"),
        ("rifampin", "rifampicin"),
        ("acetaminophen", "paracetamol"),
        ("cyclosporine", "ciclosporin"),
        ("valacyclovir", "valaciclovir"),
        ("sulfasalazine", "sulphasalazine"),
    ],
)
def test_a_drug_has_one_name_on_both_sides_of_the_sea(american, british):
    contexts = [read({"co_medication": [name]}) for name in (american, british)]
    assert contexts[0].co_medication == contexts[1].co_medication


def test_a_name_that_is_read_as_itself_is_no_remark():
    assert not read({"co_medication": ["aciclovir"]}).remarks
    assert read({"co_medication": ["acyclovir"]}).remarks == ("acyclovir: read as aciclovir",)
