"""Lines as people write them, in YAML and in a table: read as meant and said, or refused with what to write."""

from __future__ import annotations

import pytest

from lupus_pgx import load_context
from lupus_pgx.errors import InputError

pytestmark = pytest.mark.every

TODAY = "2026-11-28"


def from_yaml(folder, line: str):
    path = folder / "context.yaml"
    path.write_text(line + "\n", encoding="utf-8")
    return load_context(path, today=TODAY)


def planned(dose: str) -> str:
    return f'planned: [{{drug: MMF, dose: "{dose}"}}]'


def since(day: str) -> str:
    return f'therapies: [{{drug: MMF, outcome: failed, start: "{day}"}}]'


# --- doses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dose", "amount", "unit"),
    [
        ("2 mg BID", 4, "mg/day"),
        ("1 g b.i.d.", 2000, "mg/day"),
        ("0.5 g TID", 1500, "mg/day"),
        ("5 mg q.d.", 5, "mg/day"),
        ("2 mg 1-0-1", 4, "mg/day"),
        ("500 mg 1-1-1", 1500, "mg/day"),
        ("500 mg 1-0-2-0", 1500, "mg/day"),
        ("2 x 200 mg/day", 400, "mg/day"),
        ("2x200 mg daily", 400, "mg/day"),
        ("3 \u00d7 500 mg t\u00e4glich", 1500, "mg/day"),
        ("5 mg every other day", 2.5, "mg/day"),
        ("5 mg q48h", 2.5, "mg/day"),
        ("15 mg s.c. weekly", 15, "mg/week"),
        ("15 mg w\u00f6chentlich", 15, "mg/week"),
        ("15 mg par semaine", 15, "mg/week"),
        ("2 g t\u00e4glich", 2000, "mg/day"),
        ("2 g par jour", 2000, "mg/day"),
        ("1 mg/kg BID", 2, "mg/kg/day"),
        ("1 g p.o. twice daily", 2000, "mg/day"),
        ("2 g/day", 2000, "mg/day"),
        ("500 mg q12h", 1000, "mg/day"),
        ("1 g monthly", 1000, "mg/month"),
    ],
)
def test_a_dose_with_how_often_it_is_taken(tmp_path, dose, amount, unit):
    context = from_yaml(tmp_path, planned(dose))
    (course,) = context.planned
    assert (course.dose.value, course.dose.unit) == (pytest.approx(amount), unit)
    assert any("read as" in remark for remark in context.remarks) is (dose != "2 g/day")


@pytest.mark.parametrize(
    ("dose", "said"),
    [
        ("200-400 mg/day", "write one dose, such as the highest, 400 mg/day"),
        ("200 to 400 mg/day", "write one dose, such as the highest, 400 mg/day"),
        ("2x200 mg", "write 400 mg/day if it is a day"),
        ("400 mg PRN", "as needed, which is no dose: leave the dose out"),
        ("2,5 mg/kg/day", "write 2.5 mg/kg/day"),
        ("tapering", "such as '2 g/day'"),
        ("15", "such as '2 g/day'"),
        ("2 mg sometimes", "expected one of"),
        ("2 mg 1-0", "expected one of"),
    ],
)
def test_a_dose_that_could_be_two_says_what_to_write(tmp_path, dose, said):
    with pytest.raises(InputError) as error:
        from_yaml(tmp_path, planned(dose))
    assert said in str(error.value)


# --- dates and ages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "read"),
    [
        ("05/2024", "2024-05-15"),
        ("5.2024", "2024-05-15"),
        ("2024/05", "2024-05-15"),
        ("May 2024", "2024-05-15"),
        ("Mai 2024", "2024-05-15"),
        ("m\u00e4rz 2024", "2024-03-15"),
        ("Sept. 2023", "2023-09-15"),
        ("ao\u00fbt 2023", "2023-08-15"),
        ("03.05.2024", "2024-05-03"),
        ("25/05/2024", "2024-05-25"),
        ("05/25/2024", "2024-05-25"),
        ("04/04/2024", "2024-04-04"),
        ("2024", "2024-07-01"),
    ],
)
def test_a_day_or_month_that_can_be_no_other(tmp_path, day, read):
    context = from_yaml(tmp_path, since(day))
    assert str(context.therapies[0].start) == read
    assert any(read in remark for remark in context.remarks)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("03/05/2024", "write 2024-05-03 or 2024-03-05"),
        ("2024-13-01", "YYYY-MM-DD"),
        ("31.02.2024", "YYYY-MM-DD"),
        ("24-05-01", "YYYY-MM-DD"),
        ("Q2 2024", "2024-MM"),
        ("2 years ago", "YYYY-MM-DD"),
        ("13/2024", "YYYY-MM-DD"),
        ("Smarch 2024", "YYYY-MM-DD"),
    ],
)
def test_a_day_that_could_be_two_is_refused(tmp_path, day, said):
    with pytest.raises(InputError) as error:
        from_yaml(tmp_path, since(day))
    assert said in str(error.value)


@pytest.mark.parametrize(("age", "years"), [("18 months", 1.5), ("8 mo", 0.667), ("6 Monate", 0.5), ("34 ans", 34)])
def test_an_age_in_months_or_years(tmp_path, age, years):
    assert from_yaml(tmp_path, f"age: {age}").age == years


@pytest.mark.parametrize("age", ["thirty", "34 5/12", "-3", "1990"])
def test_an_age_that_is_none(tmp_path, age):
    with pytest.raises(InputError, match="age: expected"):
        from_yaml(tmp_path, f"age: {age}")


# --- yes, no, not known --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("pregnancy: nein", "pregnancy", False),
        ("pregnancy: ja", "pregnancy", True),
        ("pregnancy: non", "pregnancy", False),
        ("pregnancy: oui", "pregnancy", True),
        ("breast_feeding: Nein", "breast_feeding", False),
        ("pregnancy: unknown", "pregnancy", None),
        ("pregnancy: N/A", "pregnancy", None),
        ('pregnancy: "-"', "pregnancy", None),
        ("active_infection: nein", "active_infection", "none"),
        ("liver_disease: aucune", "liver_disease", "none"),
        ("liver_disease: Child-Pugh B", "liver_disease", "moderate"),
        ("liver_disease: child c", "liver_disease", "severe"),
        ("sex: weiblich", "sex", "female"),
        ("sex: Mann", "sex", "male"),
        ("sex: femme", "sex", "female"),
    ],
)
def test_an_answer_in_words(tmp_path, line, field, value):
    context = from_yaml(tmp_path, line)
    found = getattr(context, field)
    assert (found.value if isinstance(value, str) else found) == value


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("pregnancy: possible", "expected true or false"),
        ("pregnancy: 12 weeks\nvalues: {gestational_age: 14 weeks}", "the week is given twice"),
        ("pregnancy: no weeks", "expected true or false"),
        ("pregnancy: 12", "values: {gestational_age: 12 weeks}"),
        ("breast_feeding: stopped", "expected true or false"),
        ("liver_disease: ja", "expected none, mild"),
        ("contraception: the pill, at times", "expected secured, not_secured"),
        ("contraception: nein", "expected secured, not_secured"),
        ("pregnancy: ?", "leave out what is not known"),
        ("sex: divers", "leave it out"),
        ("co_medication: [voriconazole?]", "in quotes"),
    ],
)
def test_an_answer_that_is_none_says_what_to_write(tmp_path, line, said):
    with pytest.raises(InputError) as error:
        from_yaml(tmp_path, line)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("line", "conditions"),
    [
        ("conditions: {hepatitis_b: nein, thrombosis: ja}", {"hepatitis_b": False, "thrombosis": True}),
        ("conditions: [thrombosis, dialysis]", {"thrombosis": True, "dialysis": True}),
        ("conditions: {retinopathy: unknown, dialysis: non}", {"dialysis": False}),
    ],
)
def test_conditions_in_words_and_in_a_list(tmp_path, line, conditions):
    assert from_yaml(tmp_path, line).conditions == conditions


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("conditions: [no thrombosis]", "write {NAME: false}"),
        ("conditions: {hepatitis_b: negative}", "true or false"),
        ("conditions: {tuberculosis: perhaps}", "latent or active"),
        ("conditions: [thrombos]", "did you mean thrombosis"),
    ],
)
def test_a_condition_that_is_half_told_is_refused(tmp_path, line, said):
    with pytest.raises(InputError) as error:
        from_yaml(tmp_path, line)
    assert said in str(error.value)


# --- drugs, values, manifestations ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("co_medication: keine", []),
        ("co_medication: none", []),
        ("co_medication: unbekannt", None),
        ("co_medication: voriconazole, ibuprofen", ["voriconazole", "ibuprofen"]),
        ("co_medication: Bactrim", None),
        ("co_medication: [{drug: voriconazole, stop: 2026-01}]", []),
    ],
)
def test_what_is_taken_as_one_text(tmp_path, line, names):
    context = from_yaml(tmp_path, line)
    if names is not None:
        assert [item.name for item in context.co_medication] == names
        assert context.knows("co_medication")
    else:
        assert context.knows("co_medication") is ("Bactrim" in line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("co_medication: [statin]", "is a class: write the drug that is meant, such as atorvastatin"),
        ("co_medication: [Statins]", "is a class"),
        (
            "therapies: [{drug: penicillin, outcome: intolerance, reaction: anaphylaxis}]",
            "such as amoxicillin; of an allergy to all of them conditions: {penicillin allergy: true}",
        ),
        ("co_medication: [no ibuprofen]", "leave it out"),
        ("co_medication: [stopped voriconazole]", "leave it out"),
        ("co_medication: [ohne Ibuprofen]", "leave it out"),
        ("manifestations: [rule out nephritis]", "leave it out"),
        ("manifestations: [history of pericarditis]", "leave it out"),
        ('manifestations: ["arthritis?"]', "leave it out"),
        ("manifestations: [LN III/IV]", "expected one of lupus nephritis"),
        ("manifestations: {lupus nephritis: {class: VII}}", "such as [III, V]"),
        ('values: {platelets: "45,000 /uL"}', "write 45000 /uL"),
        ("values: {platelets: 45 000 /uL}", "write 45000 /uL"),
        ("values: {platelets: 45.000/uL}", "would fit"),
        ("values: {potassium: 5.9}", "one of mEq/L, mmol/L"),
        ("weight: 61,5 kg", "write 61.5 kg"),
        ("weight: 9 st 8 lb", "expected one of g, kg, lb"),
    ],
)
def test_what_could_mean_the_opposite_or_another_number_is_refused(tmp_path, line, said):
    with pytest.raises(InputError) as error:
        from_yaml(tmp_path, line)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("line", "quantity", "value"),
    [
        ("values: {blood_pressure: 150/95 mmHg}", "blood_pressure", 150),
        ("values: {blood_pressure: 150/95}", "blood_pressure", 150),
        ("values: {ALT: 120 U/l}", "alt", 120),
        ("values: {ALT: 3 x ULN}", "alt", None),
        ("values: {Hb: 9.8 g%}", "haemoglobin", 98),
        ("values: {QTc: 0.48 s}", "qtc", 480),
    ],
)
def test_values_as_they_are_told(tmp_path, line, quantity, value):
    found = from_yaml(tmp_path, line).values[quantity]
    assert value is None or found.value in (pytest.approx(value), pytest.approx(value / 10))


@pytest.mark.parametrize("unit", ["x upper limit", "present or absent", "GPL"])
def test_an_antibody_that_is_negative_is_absent_whatever_its_unit(tmp_path, unit):
    line = f"labs: [{{quantity: anticardiolipin_igg, unit: {unit}, values: {{2026-01-01: negative}}}}]"
    (series,) = from_yaml(tmp_path, line).labs
    assert [one.present for one in series.values] == [False]


@pytest.mark.parametrize(
    ("line", "classes"),
    [
        ("manifestations: [nephritis class IV]", ("IV",)),
        ("manifestations: [lupus nephritis class 4]", ("IV",)),
        ("manifestations: [lupus nephritis class III+V]", ("III", "V")),
        ("manifestations: {lupus nephritis: {class: 4}}", ("IV",)),
        ("manifestations: [Lupusnephritis Klasse V]", ("V",)),
        ("manifestations: {lupus nephritis: {class: III+V}}", ("III", "V")),
    ],
)
def test_a_class_of_nephritis_as_it_is_told(tmp_path, line, classes):
    (found,) = from_yaml(tmp_path, line).manifestations
    assert (found.name, found.classes) == ("lupus nephritis", classes)


# --- the table -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "cell", "field", "value"),
    [
        ("age", "18 months", "age", 1.5),
        ("pregnancy", "nein", "pregnancy", False),
        ("pregnancy", "ja", "pregnancy", True),
        ("sex", "weiblich", "sex", "female"),
        ("liver_disease", "Child-Pugh C", "liver_disease", "severe"),
        ("active_infection", "keine", "active_infection", "none"),
        ("breast_feeding", "unknown", "breast_feeding", None),
    ],
)
def test_the_table_reads_the_same_words(tmp_path, column, cell, field, value):
    table = tmp_path / "contexts.tsv"
    table.write_text(f"sample_id\t{column}\nS1\t{cell}\n", encoding="utf-8")
    found = getattr(load_context(table, today=TODAY)["S1"], field)
    assert (found.value if isinstance(value, str) else found) == value


@pytest.mark.parametrize(
    ("cell", "dose"), [("MTX | dose 15 mg s.c. weekly", "15 mg/week"), ("tacrolimus | dose 2 mg BID", "4 mg/day")]
)
def test_the_table_reads_doses_the_same(tmp_path, cell, dose):
    table = tmp_path / "contexts.tsv"
    table.write_text(f"sample_id\tplanned\nS1\t{cell}\n", encoding="utf-8")
    (course,) = load_context(table, today=TODAY)["S1"].planned
    assert f"{course.dose.value:g} {course.dose.unit}" == dose


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("MMF: failed | start 03/05/2024", "write 2024-05-03 or 2024-03-05"),
        ("MMF: failed | dose 1-2 g/day", "is a range"),
    ],
)
def test_the_table_refuses_the_same(tmp_path, cell, said):
    table = tmp_path / "contexts.tsv"
    table.write_text(f"sample_id\ttherapies\nS1\t{cell}\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_context(table, today=TODAY)
    assert said in str(error.value)
    assert "line 2" in str(error.value)
