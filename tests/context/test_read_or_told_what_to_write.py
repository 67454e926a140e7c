"""What people write is read, or refused with a sentence that says what to write instead."""

from __future__ import annotations

import pytest

from lupus_pgx import InputError, KnowledgeError, load_knowledge
from lupus_pgx.context.reading import load_context

KNOWLEDGE = load_knowledge()
TODAY = "2026-11-29"


def read(**fields):
    return load_context(fields, KNOWLEDGE, today=TODAY)


def refused(**fields):
    with pytest.raises(InputError) as caught:
        read(**fields)
    return str(caught.value)


@pytest.mark.parametrize("word", ["positive", "detected", "present"])
@pytest.mark.parametrize("name", ["lupus_anticoagulant", "LA", "LAC"])
def test_an_antibody_without_a_number_is_a_result_of_today(name, word):
    for fields in ({name: word}, {"values": {name: word}}):
        (series,) = read(**fields).labs
        assert series.quantity == "lupus_anticoagulant"
        assert [(str(one.date), one.present) for one in series.values] == [(TODAY, True)]
    assert read(values={name: "negative"}).labs[0].values[0].present is False


@pytest.mark.parametrize(
    ("told", "quantity", "value"),
    [
        ("2 g/24 h", "proteinuria_24h", 2),
        ("2 g/day", "proteinuria_24h", 2),
        ("1500 mg/day", "proteinuria_24h", 1.5),
        ("1.2 g/g", "upcr", 1.2),
        ("300 mg/mmol", "upcr", 2.652),
    ],
)
def test_protein_in_urine_is_told_apart_by_its_unit(told, quantity, value):
    for fields in ({"proteinuria": told}, {"values": {"proteinuria": told}}):
        assert read(**fields).values[quantity].value == pytest.approx(value)


def test_protein_in_urine_without_a_unit_is_refused_with_both_ways():
    said = refused(proteinuria=3)
    assert "{upcr: 1.2 g/g}" in said
    assert "{proteinuria_24h: 1.2 g/24 h}" in said


@pytest.mark.parametrize(
    "told",
    [
        "120 x10*9/L",
        "120000 /cumm",
        "120000/cu mm",
        "120000 /cu.mm",
        "1.2 lakh/cumm",
        "1.2 lakhs/cu mm",
        "120 10^9/\u043b",
    ],
)
def test_counts_as_laboratories_write_them(told):
    count = read(values={"platelets": told}).values["platelet_count"]
    assert (count.value, count.unit) == (pytest.approx(120), "x10^9/L")


def test_units_in_russian():
    assert read(creatinine="88 \u043c\u043a\u043c\u043e\u043b\u044c/\u043b").creatinine.value == 88


def test_an_infection_that_lasts_needs_no_word_on_treatment():
    assert read(infection={"which": "HIV"}).conditions["hiv"] is True
    assert "write no, ongoing or finished" in refused(infection={"which": "pneumonia"})
    assert "write no, ongoing or finished" in refused(infection={"which": "tuberculosis"})


def test_varices_are_asked_which():
    for fields in ({"varices": True}, {"conditions": {"varices": True}}, {"conditions": ["varices"]}):
        assert "write oesophageal varices or varicose veins" in refused(**fields)


@pytest.mark.parametrize("told", ["3x/week", "daily", "3 times a week"])
def test_what_is_told_by_how_often_is_there(told):
    assert read(dialysis=told).conditions["dialysis"] is True


def test_what_is_only_taken_when_needed_is_not_read_as_there():
    assert "dialysis" in refused(dialysis="as needed")


@pytest.mark.parametrize("name", ["lithium", "lithium level"])
def test_a_level_that_no_row_asks_for_says_what_to_write(name, caplog):
    read(values={name: "0.9 mmol/L"})
    assert "write co_medication: [lithium]" in caplog.text


@pytest.mark.parametrize(
    ("told", "classes"),
    [
        ("IV-G (A/C)", ("IV",)),
        ("IV-S(A)", ("IV",)),
        ("III (C)", ("III",)),
        ("III+V", ("III", "V")),
        ("IV-G (A/C) + V", ("IV", "V")),
        ("III and V", ("III", "V")),
        ("3/5", ("III", "V")),
        ("IV/V", ("IV", "V")),
    ],
)
def test_classes_of_a_biopsy(told, classes):
    forms = (
        {"LN": {"class": told}},
        {"LN": told},
        {"lupus nephritis": f"class {told}"},
        {"lupus nephritis": f"LN class {told}"},
        {f"LN class {told}": None},
        [f"LN class {told}"],
        {"LN": {"class": [told]}},
    )
    for form in forms:
        (item,) = read(manifestations=form).manifestations
        assert (item.name, item.classes) == ("lupus nephritis", classes)


@pytest.mark.parametrize("told", ["III/IV", "VII", "IV or V", "V/IV"])
def test_classes_that_can_mean_two_things_are_refused(told):
    assert "such as [III, V]" in refused(manifestations={"LN": {"class": told}})


def test_contraception_by_yes_is_asked_which():
    for told in (True, "ja"):
        assert "name the method (pill, copper IUD, implant, condom)" in refused(contraception=told)


@pytest.mark.parametrize(
    ("told", "value"),
    [
        (["pill", "condom"], "secured"),
        (["condom", "copper IUD"], "secured"),
        (["copper IUD"], "secured"),
        (["condom", "rhythm method"], "not_secured"),
    ],
)
def test_of_several_methods_a_reliable_one_counts(told, value):
    assert read(contraception=told).contraception.value == value


def test_of_several_methods_one_that_is_not_known_is_named():
    assert "found 'magic'" in refused(contraception=["condom", "magic"])


@pytest.mark.parametrize(
    ("told", "years"),
    [("34 years 6 months", 34.5), ("34y 6m", 34.5), ("34 yrs, 3 months old", 34.25), ("34 Jahre und 0 Monate", 34)],
)
def test_years_and_months(told, years):
    assert read(age=told).age == pytest.approx(years)


def test_an_index_or_a_fraction_says_what_to_write(caplog):
    read(BMI=38)
    assert "{obesity: true}" in caplog.text
    assert "has no unit" in refused(LVEF=30)
    assert read(LVEF="30 %").values["ejection_fraction"].value == 30


@pytest.mark.parametrize("name", ["DMPA", "depot injection", "depot medroxyprogesterone", "Depo-Provera"])
def test_the_injection_is_a_drug(name):
    assert [item.name for item in read(co_medication=[name]).on_board] == ["medroxyprogesterone injection"]
    told = read(contraception="DMPA")
    assert told.contraception.value == "secured"
    assert "medroxyprogesterone injection" in told.taken_or_planned


@pytest.mark.parametrize("name", ["levonorgestrel coil", "Mirena", "LNG-IUS"])
def test_the_hormonal_coil_is_a_drug(name):
    assert [item.name for item in read(co_medication=[name]).on_board] == ["levonorgestrel coil"]


@pytest.mark.parametrize("text", ["kidney transplant planned", "on the transplant list", "awaiting kidney transplant"])
def test_what_is_planned_is_not_there(text):
    said = refused(conditions=[text])
    assert f"write 'other: {text}'" in said
    assert "alone" not in said
    context = read(conditions=[f"other: {text}"])
    assert (context.conditions, context.other_conditions) == ({}, (text,))


@pytest.mark.parametrize("told", ["planned", "waiting list", "on the waiting list"])
def test_what_is_told_as_planned_is_not_there(told):
    said = f"write 'other: kidney transplant {told}'"
    assert said in refused(conditions={"kidney transplant": told})
    assert said in refused(conditions=[f"kidney transplant: {told}"])


@pytest.mark.parametrize(
    "text",
    ["kidney transplant 2015, retransplant planned", "myocardial infarction planned PCI", "heparin planned, HIV"],
)
def test_what_is_there_beside_what_is_planned_is_not_lost(text):
    assert "alone where that says all of it" in refused(conditions=[text])
    assert "alone where that says all of it" in refused(conditions=[f"other: {text}"])


def test_a_planned_pregnancy_is_the_wish_for_a_child():
    assert read(conditions=["pregnancy planned"]).contraception == "conception_planned"


def test_a_planned_puncture_counts_where_the_drug_has_to_be_stopped_before():
    assert read(conditions=["spinal anaesthesia planned"]).conditions == {"spinal_anaesthesia": True}
    assert read(conditions={"spinal anaesthesia planned": False}).conditions == {}


@pytest.mark.parametrize("when", ["2018", "Oct 2026", "10/2026", "2026-10", "2026-10-03", "(Oktober 2026)"])
def test_a_condition_keeps_its_month_as_it_keeps_its_year(when):
    context = read(conditions=[f"myocardial infarction {when}"])
    assert context.conditions["coronary_disease"]
    assert not {**context.conditions, "recent_infarction": when == "2018"}.keys() - {
        "coronary_disease",
        "recent_infarction",
    }
    assert context.conditions.get("recent_infarction") is (False if when == "2018" else None)
    assert any("read as there since then" in remark and "20" in remark for remark in context.remarks)


def test_an_infection_or_a_passing_state_of_a_month_is_not_said_to_be_there():
    assert "whether it is there now" in refused(conditions=["pneumonia Oct 2026"])
    assert "whether it is there now" in refused(conditions=["bleeding Oct 2026"])


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("alcohol: heavy", {"alcohol_misuse": True}),
        ("heart block: 2nd degree", {"high_degree_block": True}),
        ("diabetes: false", {"diabetes": False}),
        ("diabetes: no", {"diabetes": False}),
        ("diabetes: true", {"diabetes": True}),
    ],
)
def test_a_pair_in_quotes_is_read_as_the_pair(text, conditions):
    name, told = text.split(": ")
    assert read(conditions=[text]).conditions == conditions
    assert read(conditions=[{name: {"true": True, "false": False}.get(told, told)}]).conditions == conditions


def test_alcohol_with_its_amount_is_asked_as_misuse():
    said = refused(conditions=["drinks 40 g alcohol a day"])
    assert "write alcohol_misuse: true or false" in said
    assert "alone" not in said


def test_a_stage_with_its_class_of_albuminuria_is_the_stage():
    for text in ("CKD 3b A3", "CKD stage 3b A3", "CKD 3b/A3", "CKD G3bA3"):
        assert read(conditions=[text]).egfr == read(conditions=["CKD 3b"]).egfr


def test_a_delirium_needs_not_be_lupus():
    assert "as in manifestations: [delirium]; where it is of another cause, write 'other: delirium'" in refused(
        conditions=["delirium"]
    )
    assert read(conditions=["other: delirium"]).other_conditions == ("delirium",)


@pytest.mark.parametrize(
    ("told", "week"), [("SSW 20+3", 20), ("20+3 SSW", 20), ("G2P1 12 wks", 12), ("G2 P1, 12 weeks", 12)]
)
def test_a_week_of_pregnancy_as_it_is_written(told, week):
    context = read(pregnancy=told)
    assert context.pregnancy is True
    assert context.values["gestational_age"].value == week


@pytest.mark.parametrize("told", ["possible", "maybe", "suspected", "unlikely", "positive?"])
def test_a_pregnancy_that_may_be_is_not_told(told):
    assert "expected true or false once it is known" in refused(pregnancy=told)
    assert "expected true or false once it is known" in refused(breast_feeding=told)


def test_who_is_weaned_is_not_breast_fed():
    assert read(breast_feeding="weaned").breast_feeding is False
    assert "true or false" in refused(pregnancy="weaned")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("fever", "names no infection that is there"),
        ("fever of unknown origin", "names no infection that is there"),
        ("PJP 2023", "write {which: PJP, when: 2023, treated: finished} where it is over"),
        ("something odd", "write {which: something odd, treated: ongoing} where it is one that is there"),
    ],
)
def test_an_infection_told_in_another_way(told, said):
    assert said in refused(infection=told)


def test_an_oral_candidiasis_is_an_infection_and_no_invasive_one():
    assert read(infection="oral candidiasis").conditions == {"active_infection": True}


@pytest.mark.parametrize("told", ["hormonal_contraception", "vasectomy"])
def test_contraception_by_other_words_is_reliable(told):
    assert read(contraception=told).contraception == "secured"


def test_a_reaction_in_the_place_of_the_outcome():
    said = refused(therapies=[{"drug": "MMF", "outcome": "diarrhoea"}])
    assert "write outcome: intolerance, reaction: diarrhoea" in said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("3 months ago", "write the date"),
        ("vor 3 Monaten", "write the date"),
        ("last month", "write the date"),
        ("next month", "write the date"),
        ("Ende August 2026", "write 2026-08"),
        ("Q1 2025", "write the month, as 2025-MM"),
        ("spring 2026", "write the month, as 2026-MM"),
    ],
)
def test_a_time_that_is_no_date_says_what_to_write(told, said):
    assert said in refused(therapies=[{"drug": "MMF", "outcome": "ongoing", "start": told}])


@pytest.mark.parametrize(
    ("told", "day"), [("since 2009", "2009-07-01"), ("seit 05/2024", "2024-05-15"), ("depuis mai 2024", "2024-05-15")]
)
def test_since_a_date_is_the_date(told, day):
    assert str(read(therapies=[{"drug": "MMF", "outcome": "ongoing", "start": told}]).therapies[0].start) == day


def test_milligrams_in_a_hundred_millilitres():
    assert read(creatinine="1.9 mg%").creatinine == read(creatinine="1.9 mg/dL").creatinine


@pytest.mark.parametrize("name", ["ESR", "BSG"])
def test_what_no_rule_reads_is_no_other_quantity(name):
    for fields in ({name: 38}, {"values": {name: 38}}):
        context = read(**fields)
        assert not context.values
        assert any("no rule reads it" in remark for remark in context.remarks)


@pytest.mark.parametrize(
    ("conditions", "day"),
    [
        (["HIT: 2015"], "2015-12-31"),
        ([{"HIT": 2015}], "2015-12-31"),
        (["history of HIT 2015"], "2015-12-31"),
        (["HITT Oct 2015"], "2015-10-31"),
        ({"heparin_thrombocytopenia": "Oct 2015"}, "2015-10-31"),
        (["heparininduzierte Thrombozytopenie 2015-10-03"], "2015-10-03"),
    ],
)
def test_a_reaction_to_a_drug_with_its_day_is_none_of_today(conditions, day):
    context = read(conditions=conditions, therapies=[{"drug": "MMF", "outcome": "ongoing"}])
    assert context.conditions == {}
    course = context.therapies[-1]
    assert (len(context.therapies), course.drug.name, course.reaction, str(course.stop)) == (2, "heparin", "HIT", day)
    assert any("read as heparin that was not tolerated then" in remark for remark in context.remarks)


def test_a_reaction_to_a_drug_that_may_be_of_today_counts_as_such():
    for told in (["HIT"], {"HIT": True}, ["history of HIT"], {"HIT": 2026}, ["HIT 2026"], {"HIT": "2015-13"}):
        assert read(conditions=told).conditions == {"heparin_thrombocytopenia": True}


@pytest.mark.parametrize("told", ["not tested", "not yet tested", "nicht getestet"])
def test_what_was_not_tested_is_not_known(told):
    for conditions in ({"hepatitis B": told}, [f"hepatitis B: {told}"], [f"hepatitis B {told}"]):
        context = read(conditions=conditions)
        assert context.conditions == {}
        assert any("says that nothing is known, and is left out" in remark for remark in context.remarks)


@pytest.mark.parametrize("told", ["recorded", "positive serology", "documented"])
def test_what_is_recorded_is_there(told):
    assert read(conditions={"hepatitis B": told}).conditions == {"hepatitis_b": True}
    assert read(conditions=[f"hepatitis B: {told}"]).conditions == {"hepatitis_b": True}


def table(folder, *lines):
    path = folder / "contexts.tsv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return load_context(path, KNOWLEDGE, today=TODAY)


def test_columns_of_a_table_by_other_names_and_cells_of_names_alone(tmp_path):
    made = table(
        tmp_path,
        "Sample ID\tGeschlecht\tAlter\tdiagnoses\tplanned\tmedication",
        "A\tw\tNA\tasthma; DVT\tnone\tMMF",
        "B\tm\t34\tasthma, gout\tMMF\tnone",
    )
    assert (made["A"].sex.value, made["A"].age, made["A"].planned) == ("female", None, ())
    assert made["A"].conditions == {"asthma": True, "thrombosis": True}
    assert [item.name for item in made["A"].co_medication] == ["mycophenolate mofetil"]
    assert (made["B"].age, made["B"].conditions, made["B"].other_conditions) == (34, {"asthma": True}, ("gout",))
    assert [item.drug.name for item in made["B"].planned] == ["mycophenolate mofetil"]


def test_a_condition_without_an_answer_beside_others_is_there(tmp_path):
    made = table(tmp_path, "sample_id\tconditions", "A\tasthma; thrombosis: no")
    assert made["A"].conditions == {"asthma": True, "thrombosis": False}


@pytest.mark.parametrize(("mark", "name"), [(",", "commas"), (";", "semicolons")])
def test_a_table_without_tabs_is_told_so(tmp_path, mark, name):
    with pytest.raises(InputError, match=f"expected cells joined by tabs; found {name}"):
        table(tmp_path, f"sample_id{mark}sex", f"A{mark}female")


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_a_number_that_is_too_long_is_told_without_a_hint_for_programmers(tmp_path, name):
    (tmp_path / name).write_text('{"age": ' + "9" * 5000 + "}", encoding="utf-8")
    with pytest.raises(InputError, match="a number has 5,000 digits") as caught:
        load_context(tmp_path / name, KNOWLEDGE, today=TODAY)
    assert "sys." not in str(caught.value)


def test_a_word_of_an_overlay_for_a_drug_that_no_table_knows_is_refused_there(tmp_path):
    header = "field\twords\tvalue\tdetails\tnote\tsource\n"
    for value, said in (("wonderdrug", "'wonderdrug' is no drug of any table"), ("other: wonderdrug", "")):
        (tmp_path / "context_words.tsv").write_text(f"{header}drug\tpill x\t{value}\t\t\tcontext words\n")
        if said:
            with pytest.raises(KnowledgeError, match=said):
                load_knowledge(overlay=tmp_path)
        else:
            assert load_knowledge(overlay=tmp_path)
