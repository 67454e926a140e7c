"""Conditions of which no table asks: said of the patient and of every drug, never read as cleared, never as another."""

from __future__ import annotations

import pytest
from told import from_yaml, read, refused

from lupus_pgx import InputError, load_context, load_knowledge, respond
from lupus_pgx.context.reading import condition_names
from lupus_pgx.terms import CheckStatus, Contraception

TODAY = "2026-06-01"
KNOWLEDGE = load_knowledge()
SAID = "no table asks about it"


def drug(name: str, context: dict):
    return respond({}, [name], context=context, today=TODAY).drug(name)


@pytest.mark.parametrize(
    "line",
    [
        "conditions: {gout: true}", "conditions: [Gicht]", "gout: yes", "conditions: {other: gout}",
        "conditions: {other: [gout]}", "conditions: ['other: gout']", "conditions: [{other: gout}]",
        "conditions: {gout: 2019}", "conditions: {gout: {since: 2019-03}}", "manifestations: [gout]",
    ],
)  # fmt: skip
def test_a_condition_that_no_table_asks_about_is_said_and_kept(tmp_path, line):
    context = from_yaml(tmp_path, line)
    assert (context.other_conditions, dict(context.conditions)) == (("gout",), {})
    assert any(SAID in remark for remark in context.remarks)


def test_it_is_not_looked_at_for_any_drug():
    patient = respond({}, context={"conditions": {"other": ["purple spots"]}}, today=TODAY)
    for row in KNOWLEDGE.rows("drugs"):
        found = [item for item in patient.drug(row["drug"]).checks if item.subject == "purple spots"]
        assert [(item.status, item.known) for item in found] == [(CheckStatus.NOT_LOOKED_AT, False)], row["drug"]
        assert "purple spots" in str(patient.drug(row["drug"]))


def test_the_terminal_and_the_page_say_it_once(tmp_path, fx_cli):
    path = tmp_path / "patient.yaml"
    path.write_text("conditions: {gout: true, other: [tinnitus]}\n", encoding="utf-8")
    _, text, _ = fx_cli("whatif", "TPMT=*1/*1", "--drugs", "MMF", "--context", path)
    assert " ".join(text.split()).count("No table asks about gout, tinnitus") == 1


def test_a_result_that_no_rule_reads_is_named_in_the_report(tmp_path, fx_cli):
    path = tmp_path / "patient.yaml"
    labs = "[{quantity: procalcitonin, unit: ng/mL, values: {2026-11-01: 5}}]"
    path.write_text(f"values: {{ESR: 80 mm, CRP: 180 mg/L}}\nlabs: {labs}\n", encoding="utf-8")
    _, text, _ = fx_cli("whatif", "TPMT=*1/*1", "--drugs", "MMF", "--context", path)
    assert " ".join(text.split()).count("No rule reads ESR 80 mm, CRP 180 mg/L, procalcitonin:") == 1
    assert "No rule reads ESR 80 mm" in respond({}, ["MMF"], context=path).to_html()


def test_what_is_not_there_is_left_out_and_says_nothing():
    context = read({"conditions": {"gout": False, "other: tinnitus": "nein", "dialysis": False}})
    assert (context.other_conditions, dict(context.conditions)) == ((), {"dialysis": False})


@pytest.mark.parametrize("name", ["tuberculosis", "TB", "HIV", "myasthenia gravis"])
def test_one_that_a_table_knows_is_never_silent_under_other(name):
    told, plain = (read({"conditions": given}) for given in ({"other": [name]}, {name: True}))
    assert (told.other_conditions, told.conditions) == ((), plain.conditions)


@pytest.mark.parametrize("name", sorted(condition_names(KNOWLEDGE)))
def test_a_mistyped_condition_is_refused_with_what_was_meant(name):
    typed = name[:2] + name[3:] if len(name) > 4 else name + "x"
    if any(row["words"] == typed for row in KNOWLEDGE.rows("context_words")):
        typed = name[:-2]  # the first is a spelling of its own, pheochromocytoma
    said = refused({"conditions": {typed: True}})
    assert "did you mean" in said
    assert name in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("conditions: {bleeding: 2015}", "a date does not say whether it is there now"),
        ("conditions: {MMR vaccine: 2015}", "a date does not say whether it is there now"),
        ("conditions: {recent_stroke: 2015}", "a date does not say whether it is there now"),
        ("conditions: {CKD: true}", "write egfr"),
        ("conditions: [cirrhosis]", "Child-Pugh"),
        ("conditions: {SLE rash: true, arthritis: true}", "write it there, as in manifestations: [arthritis]"),
        ("conditions: {other: 3}", "a list of conditions"),
        ("conditions: {seizures: NYHA II}", "true, false, none"),
        ("conditions: {alcohol: occasional}", "write alcohol_misuse: true or false"),
        ("contraception: the pill, at times", "expected secured"),
        ("pregnancy: 30", "the week is a value"),
        ("pregnancy: 30 years", "expected true or false"),
        ("pregnancy: 50 weeks", "gestational_age"),
        ("values: {HBsAg: borderline}", "expected positive or negative of HBsAg"),
        ("conditions: {hepatitis_b: false}\nvalues: {HBsAg: positive}", "contradicts a test that was positive"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(tmp_path, line, said):
    with pytest.raises(Exception, match=r"(?s).*") as error:
        from_yaml(tmp_path, line)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("line", "conditions"),
    [
        ("conditions: {AF: true}", {"atrial_fibrillation": True}),
        ("conditions: [kidney transplant]", {"kidney_transplant": True}),
        ("conditions: {kidney transplant: 2021}", {"kidney_transplant": True}),
        ("conditions: {prostate cancer: 2015}", {"malignancy": True}),
        ("conditions: {obesity: true}", {"obesity_or_lung_disease": True}),
        ("conditions: [multiple sclerosis]", {"demyelination": True}),
        ("values: {HBsAg: positive}", {"hepatitis_b": True}),
        ("labs: [{quantity: Quantiferon, values: {2026-05-01: positive}}]", {"tuberculosis": True}),
        ("labs: [{quantity: Quantiferon, values: {2026-05-01: negative}}]", {}),
        ("labs: [{quantity: anti-HBs, values: {2026-05-01: positive}}]", {}),
        ("conditions: {HBsAg: positive, IGRA: negative}", {"hepatitis_b": True}),
        ("contraception: pill", {"hormonal_contraception": True}),
    ],
)
def test_words_for_what_the_tables_ask(tmp_path, line, conditions):
    assert dict(from_yaml(tmp_path, line).conditions) == conditions


@pytest.mark.parametrize(
    ("grade", "read_as"),
    [("NYHA I", "mild"), ("nyha 2", "moderate"), ("NYHA III", "severe"), ("NYHA class IV", "severe")],
)
def test_heart_failure_by_its_class(grade, read_as):
    for given in ({"CHF": grade}, [f"CHF {grade}"], [f"heart failure ({grade})"]):
        context = read({"conditions": given})
        assert context.grades["heart_failure"].value == read_as


@pytest.mark.parametrize(
    ("written", "weeks"), [("30 weeks", 30), ("12 SSW", 12), ("SSW 12", 12), ("8 wks", 8), ("30. woche", 30)]
)
def test_pregnant_with_the_week(written, weeks):
    context = read({"pregnancy": written})
    assert context.pregnancy is True
    assert context.values["gestational_age"].value == weeks


def test_a_pill_is_contraception_and_a_hormone():
    context = read({"contraception": "pill"})
    assert context.contraception is Contraception.SECURED
    assert context.conditions == {"hormonal_contraception": True}


def test_a_year_in_which_a_manifestation_began(tmp_path):
    (found,) = from_yaml(tmp_path, "manifestations: {APS: {since: 2023}}").manifestations
    assert str(found.since) == "2023-07-01"
    assert "2027" in refused({"manifestations": {"APS": {"since": 2027}}})


@pytest.mark.parametrize("name", ["ALP", "uric acid", "BMI", "ESR", "CRP"])
def test_a_value_that_no_rule_reads_is_said_and_left_out(name):
    for given in (
        {"values": {name: "1 mg/dL"}},
        {name: "1 mg/dL"},
        {"labs": [{"quantity": name, "unit": "mg/dL", "values": {"2026-05-01": 1}}]},
    ):
        context = read(given)
        assert (context.values, context.labs) == ({}, ())
        assert any("no rule reads it" in remark for remark in context.remarks)


@pytest.mark.parametrize(
    ("written", "drugs", "listed"),
    [
        ("Lyrica 75 mg", ["pregabalin"], True), ("Valium 5 mg", ["diazepam"], True),
        ("Ozempic", ["GLP-1 agonist"], True), ("Yasmin", ["combined hormonal contraceptive", "drospirenone"], True),
        ("Maalox", ["aluminium hydroxide", "magnesium hydroxide"], True), ("Colchicin 0.5 mg", ["colchicine"], True),
        ("bisoprolol 5 mg", ["beta-blocker"], True), ("other: Concor", ["beta-blocker"], True),
        ("Lantus", ["insulin"], True), ("Keppra 500 mg bid", ["levetiracetam"], False),
        ("denosumab", ["denosumab"], True),
    ],
)  # fmt: skip
def test_drugs_that_clinicians_name(written, drugs, listed):
    context = read({"co_medication": [written]})
    assert [(item.name, item.listed) for item in context.co_medication] == [(name, listed) for name in drugs]


def test_a_benzodiazepine_by_its_name_answers_the_rows_on_its_class():
    for name in ("diazepam", "benzodiazepine", "lorazepam"):
        found = [item.status.value for item in drug("codeine", {"co_medication": [name]}).checks if item.partner]
        assert "avoid" in found, name


def test_a_table_of_a_cohort_holds_them_too(tmp_path):
    path = tmp_path / "cohort.tsv"
    path.write_text(
        "sample_id\tconditions\nA\tother: gout; other: purple spots; heart_failure: NYHA III\n", encoding="utf-8"
    )
    context = load_context(path, today=TODAY)["A"]
    assert context.other_conditions == ("gout", "purple spots")
    assert context.grades["heart_failure"].value == "severe"


STANDARD = [
    {"anti ssa", "anti ssb"},
    {"anti-ssa", "anti-ssb"},
    {"anti hbc", "anti hbs"},
    {"anti hbc positive", "anti hbs positive"},
    {"hiv infection", "hpv infection"},
    {"ebv viraemia", "hbv viraemia"},
    {"ebv viremia", "hbv viremia"},
    {"hbv viraemia", "hcv viraemia"},
    {"active hepatitis b", "active hepatitis c"},
    {"hepatitis b", "hepatitis c"},
    {"chronic hepatitis b", "chronic hepatitis c"},
    {"type 1 diabetes", "type 2 diabetes"},
    {"type 1 diabetes mellitus", "type 2 diabetes mellitus"},
    {"av block i", "av block ii"},
    {"av block ii", "av block iii"},
    {"av block i", "av block 2"},
    {"av block i", "av block 3"},
    {"hepatitis a", "hepatitis b"},
    {"hepatitis a", "hepatitis c"},
    {"hepatitis b", "hepatitis e"},
    {"hepatitis c", "hepatitis e"},
    {"hépatite b", "hépatite c"},
    {"hépatite b chronique", "hépatite c chronique"},
    {"chronische hepatitis b", "chronische hepatitis c"},
    {"av-block i", "av-block ii"},
    {"av-block ii", "av-block iii"},
]
"""Words that a letter or a figure tells apart; as what each was read is said."""


def test_a_slip_of_the_pen_in_a_long_word_is_never_another_condition():
    rows = KNOWLEDGE.rows("context_words")
    words = {row["words"]: row["value"] for row in rows if row["field"] == "condition"}
    words |= {name.replace("_", " "): name for name in condition_names(KNOWLEDGE)}
    letters = "abcdefghijklmnopqrstuvwxyz"
    for word, meant in words.items():
        for place in range(len(word) if len(word) > 5 else 0):
            start, end = word[:place], word[place + 1 :]
            typed = {start + end, start + word[place] * 2 + end, start + end[:1] + word[place] + end[1:]}
            typed |= {start + letter + end for letter in letters}
            for slip in typed & set(words):
                assert words[slip] == meant or {word, slip} in STANDARD, (word, slip)


def test_a_drug_that_no_table_knows_is_said_once():
    context = read({"co_medication": ["Keppra", "finasteride"]})
    assert len([remark for remark in context.remarks if "no table knows it" in remark]) == 2


def test_a_mechanical_valve_forbids_direct_anticoagulants():
    for name, action in (("dabigatran", "contraindicated"), ("rivaroxaban", "avoid"), ("apixaban", "avoid")):
        assert f"{action}: mechanical heart valve" in str(drug(name, {"conditions": ["mechanical mitral valve"]}))
    asked = drug("apixaban", {"conditions": {"AF": True}})  # every patient with a heart disease is not asked for one
    assert not any(item.asks_first or item.known for item in asked.checks if item.criterion == "mechanical_valve")


def test_no_word_says_that_no_table_knows_what_one_knows():
    """A drug, condition or quantity that came into the tables is no longer told as unknown."""
    told: dict[tuple[str, str], str | None] = {}
    for row in KNOWLEDGE.rows("context_words"):
        value = row["value"] or ""
        if row["field"] == "drug" and value.startswith("other: "):
            assert KNOWLEDGE.drug_names.find(value.removeprefix("other: ")) is None, row
            assert KNOWLEDGE.drug_names.find(row["words"]) is None, row
        if row["field"] == "quantity" and not value:
            assert not KNOWLEDGE.known_units.has(row["words"].replace(" ", "_")), row
        if row["field"] != "unit":  # a unit may be that of several quantities
            assert (row["field"], row["words"]) not in told, row
            told[row["field"], row["words"]] = row["value"]


@pytest.mark.parametrize("given", [["other:"], {"other: ": True}, {"Other:": False}])
def test_other_without_a_name_is_refused(given: object) -> None:
    with pytest.raises(InputError, match="names nothing: write 'other: NAME'"):
        respond({}, ["azathioprine"], context={"conditions": given}, today="2026-11-30")
