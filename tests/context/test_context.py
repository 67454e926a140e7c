"""The clinical context: reading, every fault at once, and what it is used for."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from places import DOCS

import lupus_pgx
from lupus_pgx.context.form import context_schema
from lupus_pgx.context.model import Context, NamedDrug
from lupus_pgx.context.reading import load_context
from lupus_pgx.context.table import COLUMNS
from lupus_pgx.context.values import Amount
from lupus_pgx.terms import Ancestry, Contraception, Grade, Outcome, Sex

PAGE = (DOCS / "context.md").read_text(encoding="utf-8")
YAML = re.search(r"<!-- example -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)[1]
PATIENT = context_schema()["$defs"]["patient"]["properties"]


def faults(document) -> str:
    with pytest.raises(lupus_pgx.InputError) as caught:
        load_context(document)
    assert caught.value.exit_code == 65
    return str(caught.value)


@pytest.fixture
def example(tmp_path):
    path = tmp_path / "patient.yaml"
    path.write_text(YAML, encoding="utf-8")
    return path


# --- the documented example -------------------------------------------------------------------


def test_example_is_read(example):
    context = load_context(example)
    assert (context.sample_id, context.sex, context.ancestry, context.age) == ("LN-01", Sex.FEMALE, Ancestry.EUR, 34)
    assert context.weight == Amount(61, "kg")
    assert context.creatinine == Amount(pytest.approx(123.76), "umol/L")
    assert context.igg == Amount(6.2, "g/L")
    assert (context.liver_disease, context.contraception) == (Grade.NONE, Contraception.SECURED)
    assert (context.pregnancy, context.breast_feeding) == (False, False)
    nephritis, nervous, skin, clots = context.manifestations
    assert (nephritis.classes, nephritis.severity, nephritis.since) == (("III", "V"), Grade.SEVERE, dt.date(2021, 3, 1))
    assert nervous.mechanism == "inflammatory"
    assert (skin.name, clots.name) == ("cutaneous", "antiphospholipid")
    assert [therapy.outcome for therapy in context.therapies] == [
        Outcome.INADEQUATE_RESPONSE,
        Outcome.INTOLERANCE,
        Outcome.ONGOING,
    ]
    assert context.therapies[1].reaction == "leukopenia"
    assert context.therapies[2].drug == NamedDrug("mycophenolate mofetil")
    assert context.therapies[2].dose == Amount(2000, "mg/day")
    assert [plan.drug.name for plan in context.planned] == ["rituximab", "codeine"]
    assert context.co_medication[-1] == NamedDrug("finasteride", listed=False)
    assert [drug.name for drug in context.on_board] == [
        "paroxetine",
        "omeprazole",
        "finasteride",
        "mycophenolate mofetil",
    ]
    ratio = context.labs[0]
    assert (ratio.quantity, ratio.unit) == ("upcr", "g/g")
    assert [value.value for value in ratio.values] == pytest.approx([3.1, 2.9, 2.4])
    assert context.labs[3].values[0].present is True
    assert context.labs[4].values[0].present is False
    assert context.labs[4].drug == NamedDrug("rituximab")
    assert context.kidney_function.value == pytest.approx(50.6, abs=0.5)
    assert context.kidney_function.citation == "doi:10.1056/NEJMoa2102953"


def test_example_is_run(example, fx_example, fx_cli):
    vcf = str(fx_example["patients.GRCh38.vcf.gz"])
    analysis = lupus_pgx.analyze(vcf, context=example)
    assert analysis.patient("LN-01").context == load_context(example)
    assert analysis.patient("NP-02").context is None
    for arguments in (["analyze", vcf], ["explain", vcf, "--drug", "codeine"], ["whatif", "CYP2D6=*1/*1"]):
        code, out, _ = fx_cli(*arguments, "--context", example)
        assert code == 0
        assert "paroxetine" in out or arguments[0] == "analyze"


def test_json_mapping_and_yaml_are_read_alike(example, tmp_path):
    fields = yaml.load(YAML, yaml.BaseLoader)
    fields |= {"age": 34, "pregnancy": False, "breast_feeding": False}
    fields["manifestations"]["cutaneous"] = None
    fields["conditions"] = {
        name: value == "true" if value in ("true", "false") else value for name, value in fields["conditions"].items()
    }
    for series in fields["labs"]:
        series["values"] = {
            day: value if value in ("present", "absent") else float(value) for day, value in series["values"].items()
        }
    as_json = tmp_path / "patient.json"
    as_json.write_text(json.dumps(fields), encoding="utf-8")
    assert load_context(as_json) == load_context(fields) == load_context(example)


def test_a_mapping_may_hold_dates(example):
    assert load_context(yaml.safe_load(YAML)) == load_context(example)


def test_example_uses_every_field():
    used = set(yaml.load(YAML, yaml.BaseLoader))
    # A filtration rate stands beside no creatinine; the other two are read into fields that the example has.
    assert set(PATIENT) - used == {"egfr", "adherence", "infection"}


# --- the schema -------------------------------------------------------------------------------


def test_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(context_schema())
    assert context_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("words", "terms"),
    [
        (PATIENT["sex"]["enum"], Sex),
        (PATIENT["ancestry"]["examples"], Ancestry),
        (PATIENT["liver_disease"]["enum"], Grade),
        (PATIENT["active_infection"]["enum"], Grade),
        (PATIENT["contraception"]["enum"], Contraception),
        (PATIENT["therapies"]["items"]["properties"]["outcome"]["enum"], Outcome),
    ],
)
def test_schema_has_the_words_of_the_code(words, terms):
    assert words == [term.value for term in terms]


def test_schema_has_the_manifestations_of_the_tables(fx_knowledge):
    known = set(PATIENT["manifestations"]["properties"])
    assert {row["manifestation"] for row in fx_knowledge.rows("therapy_options")} == known | {"all"}
    of_drugs = {name for row in fx_knowledge.rows("drugs") for name in (row["manifestations"] or "").split(";")}
    assert of_drugs - {""} <= known


def test_schema_has_the_fields_of_the_class():
    short = {"adherence"}  # becomes a condition
    assert set(PATIENT) - set(Context.__dataclass_fields__) == short
    own = set(Context.__dataclass_fields__) - {
        "stated",
        "today",
        "units",
        "grades",
        "remarks",
        "doses",
        "ended",
        "other_conditions",
        "genotypes",  # told by the file, not by the context
    }
    assert own == set(PATIENT) - short
    assert set(COLUMNS) == set(PATIENT) | {"allergies"}  # which become therapies and conditions


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("penicillin", ["penicillin"]),
        ("none", "none"),
        ("NKDA", "NKDA"),
        ("heparin (HIT 2015); sulfa: denied", ["heparin (HIT 2015)", "sulfa: denied"]),
        ("heparin (HIT), penicillin", ["heparin (HIT)", "penicillin"]),
        (
            "naproxen; heparin: HIT | stop 2015-03; azathioprine | stop 2019",
            ["naproxen", {"drug": "heparin", "reaction": "HIT", "stop": "2015-03"}, {"azathioprine": {"stop": "2019"}}],
        ),
    ],
)
def test_allergies_of_a_table_are_read_as_those_of_a_file(tmp_path, cell, told):
    table = tmp_path / "context.tsv"
    table.write_text(f"sample_id\tallergies\nA\t{cell}\n", encoding="utf-8")
    read = load_context(str(table), today="2026-11-28")["A"]
    same = load_context({"allergies": told}, today="2026-11-28")
    assert (read.therapies, read.conditions) == (same.therapies, same.conditions)


def test_an_allergy_of_a_table_that_names_no_drug_is_refused(tmp_path):
    table = tmp_path / "context.tsv"
    table.write_text("sample_id\tallergies\nA\tpenicillix\n", encoding="utf-8")
    with pytest.raises(lupus_pgx.InputError, match="penicillix"):
        load_context(str(table))


# --- unknown stays unknown --------------------------------------------------------------------


def test_nothing_given_is_nothing_known():
    assert load_context({}) == Context()
    assert load_context({"sex": None, "therapies": None, "labs": []}) == Context()
    assert not load_context({}).knows("co_medication")
    assert load_context({"co_medication": []}).knows("co_medication")  # nothing else is taken
    empty = Context()
    assert empty.kidney_function is None
    assert empty.on_board == ()
    assert empty.pregnancy is None


@pytest.mark.parametrize("left_out", ["age", "sex", "creatinine"])
def test_no_estimate_without_age_sex_and_creatinine(left_out):
    fields = {"age": 40, "sex": "male", "creatinine": "90 umol/L"}
    assert load_context(fields).kidney_function is not None
    assert load_context({**fields, left_out: None}).kidney_function is None


def test_given_rate_wins_over_the_estimate():
    fields = {"age": 40, "sex": "male", "creatinine": "200 umol/L"}
    assert load_context({**fields, "egfr": "31 mL/min/1.73m2"}).kidney_function == Amount(31, "mL/min/1.73m2")
    series = {"quantity": "egfr", "unit": "mL/min/1.73m2", "values": {"2020-01-01": 60, "2021-01-01": 45}}
    dated = load_context({**fields, "labs": [series]}, today="2021-02-01")
    assert dated.kidney_function == Amount(45, "mL/min/1.73m2")
    creatinine = {"quantity": "creatinine", "unit": "mg/dL", "values": {"2020-01-01": 1.0, "2019-01-01": 5}}
    found = load_context({"age": 50, "sex": "female", "labs": [creatinine]}).kidney_function
    assert found.value == pytest.approx(68.6, abs=0.5)


# --- faults -----------------------------------------------------------------------------------

FAULTS = {
    "unknown field": ({"wieght": "60 kg"}, "wieght: unknown field: did you mean weight?"),
    "unknown word": ({"sex": "wombat"}, "sex: unknown sex 'wombat'"),
    "near word": ({"contraception": "secure"}, "(did you mean secured?)"),
    "age": ({"age": -1}, "age: expected at least 0; found -1"),
    "age as text": ({"age": "34 or so"}, "age: expected years; found '34 or so'"),
    "flag": (
        {"pregnancy": "maybe"},
        "pregnancy: expected true or false once it is known, and nothing before; found 'maybe'",
    ),
    "no unit": (
        {"creatinine": 1.4},
        "creatinine: has no unit: write the number with one of mg/L, mg/dL, mmol/L, umol/L",
    ),
    "no unit in text": (
        {"creatinine": "1.4"},
        "creatinine: has no unit: write the number with one of mg/L, mg/dL, mmol/L, umol/L",
    ),
    "wrong unit": ({"igg": "6 mmol/L"}, "igg: unknown unit 'mmol/L' of igg: expected one of"),
    "no series unit": ({"labs": [{"quantity": "c3", "values": {"2020-01-01": 1}}]}, "labs[0]: unit is missing"),
    "quantity": (
        {"labs": [{"quantity": "proteinuria", "unit": "mmol/L", "values": {"2020-01-01": 1}}]},  # of neither
        "labs[0].quantity: stands for several quantities: expected proteinuria_24h or upcr",
    ),
    "ratio as 24 hours": (
        {"labs": [{"quantity": "proteinuria_24h", "unit": "g/g", "values": {"2020-01-01": 1}}]},
        "g/g is a unit of upcr, a different quantity",
    ),
    "impossible date": (
        {"labs": [{"quantity": "c3", "unit": "g/L", "values": {"2021-02-30": 1}}]},
        "labs[0].values.2021-02-30: expected a date that exists, as YYYY-MM-DD",
    ),
    "future": (
        {"therapies": [{"drug": "MMF", "outcome": "ongoing", "start": "2999-01-01"}]},
        "therapies[0].start: 2999-01-01 is in the future",
    ),
    "infinite": (
        {"labs": [{"quantity": "c3", "unit": "g/L", "values": {"2021-02-03": float("inf")}}]},
        "labs[0].values.2021-02-03: expected a number; found inf",
    ),
    "negative": (
        {"labs": [{"quantity": "c3", "unit": "g/L", "values": {"2021-02-03": -1}}]},
        "labs[0].values.2021-02-03: expected a number from 0, a bound such as '<0.2' or '>60', or present or absent; "
        "found -1",
    ),
    "number without": (
        {"labs": [{"quantity": "c3", "unit": "g/L", "values": {"2021-02-03": "present"}}]},
        "labs[0].values.2021-02-03: expected a number in g/L; found 'present'",
    ),
    "presence as number": (
        {"labs": [{"quantity": "lupus_anticoagulant", "unit": "present or absent", "values": {"2021-02-03": 1}}]},
        "labs[0].values.2021-02-03: expected present or absent; found 1",
    ),
    "unknown drug": (
        {"therapies": [{"drug": "azathiopryn", "outcome": "response"}]},
        "therapies[0].drug: unknown drug 'azathiopryn': did you mean azathioprine",
    ),
    "unknown co-medication": ({"co_medication": ["paroxetyn"]}, "co_medication[0]: unknown drug 'paroxetyn'"),
    "drug as number": ({"co_medication": [7]}, "co_medication[0]: expected the name or an alias of a drug"),
    "no drug": ({"therapies": [{"outcome": "response"}]}, "therapies[0]: drug is missing"),
    "no outcome": ({"therapies": [{"drug": "MMF"}]}, "therapies[0]: outcome is missing"),
    "not a list": ({"therapies": {"drug": "MMF"}}, "therapies: expected a list of therapies that were tried"),
    "class": (
        {"manifestations": {"lupus nephritis": {"class": ["VII"]}}},
        "manifestations.lupus nephritis.class[0]: expected I, II, III, IV, V, VI; found 'VII'",
    ),
    "manifestation": ({"manifestations": {"cutaneus": None}}, "unknown field: did you mean cutaneous?"),
    "stop first": (
        {"therapies": [{"drug": "MMF", "outcome": "response", "start": "2021-02-01", "stop": "2021-01-01"}]},
        "therapies[0].stop: 2021-01-01 is before the start, 2021-02-01",
    ),
    "ongoing but stopped": (
        {"therapies": [{"drug": "MMF", "outcome": "ongoing", "stop": "2021-01-01"}]},
        "therapies[0].outcome: ongoing contradicts the stop on 2021-01-01",
    ),
    "no reaction": ({"therapies": [{"drug": "MMF", "outcome": "intolerance"}]}, "therapies[0]: reaction is missing"),
    "two outcomes": (
        {
            "therapies": [
                {"drug": "MMF", "outcome": "response", "start": "2021-01-01"},
                {"drug": "CellCept", "outcome": "inadequate_response", "start": "2021-01-01"},
            ]
        },
        "therapies[1].outcome: inadequate_response contradicts response of the same course in therapies[0]",
    ),
    "male and pregnant": ({"sex": "male", "pregnancy": True}, "pregnancy: true contradicts the sex, male"),
    "pregnant and secured": (
        {"pregnancy": True, "contraception": "secured"},
        "contraception: secured contradicts the pregnancy",
    ),
    "another name": (
        {"patients": {"A": {"sample_id": "B"}}},
        "patients.A.sample_id: expected 'A', under which the patient stands; found 'B'",
    ),
    "no patients": ({"patients": {}}, "patients: expected patients by sample name; found {}"),
    "beside patients": ({"patients": {"A": {}}, "sex": "male"}, "sex: unknown field: expected one of patients"),
}


@pytest.mark.parametrize(("document", "said"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_with_its_place(document, said):
    message = faults(document)
    assert said in message
    assert message.startswith("context: 1 fault in the clinical context\n")


def test_all_faults_at_once():
    document = {
        "therapies": [
            {"drug": "azathiopryn", "outcome": "intolerance", "start": "2023-02-31"},
            {"drug": "MMF", "outcome": "ongoing", "stop": "2022-01-01"},
        ],
        "creatinine": 1.4,
        "labs": [{"quantity": "upcr", "values": {"2022-01-01": 1}}],
    }
    message = faults(document)
    assert message.splitlines()[0] == "context: 6 faults in the clinical context"
    for place in ("therapies[0].drug", "therapies[0]: reaction", "therapies[0].start", "therapies[1].outcome"):
        assert place in message
    assert "creatinine:" in message
    assert "labs[0]: unit is missing" in message


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", "sex: [female\n", "expected a clinical context as YAML or JSON"),
        ("a.yaml", "sex: female\nsex: male\n", "the field 'sex' stands twice"),
        ("a.json", '{"sex": "female", "sex": "male"}', "the field 'sex' stands twice"),
        ("a.json", "{", "expected a clinical context as YAML or JSON"),
        ("a.yaml", "- female\n", "the whole: expected"),
        ("a.yaml", "", "the whole: expected"),
        ("a.yaml", "labs: [{quantity: c3, unit: g/L, values: {2021-02-30: 1}}]", "labs[0].values.2021-02-30"),
        ("a.yaml", "? [a, b]\n: 1\n", "expected text as a key"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, name, text, said):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert said in faults(path)


def test_missing_file(tmp_path, fx_cli):
    with pytest.raises(lupus_pgx.InputMissingError, match="clinical context cannot be read"):
        load_context(tmp_path / "none.yaml")
    code, _, err = fx_cli("whatif", "TPMT=*1/*1", "--context", tmp_path / "none.yaml")
    assert code == 66
    assert "none.yaml" in err


def test_faults_on_the_command_line(tmp_path, fx_cli):
    path = tmp_path / "a.yaml"
    path.write_text("sex: wombat\nage: -1\n", encoding="utf-8")
    code, out, err = fx_cli("whatif", "TPMT=*1/*1", "--context", path)
    assert (code, out) == (65, "")
    assert "2 faults" in err
    assert "age: expected at least 0" in err


# --- a table for a cohort ---------------------------------------------------------------------


def table(tmp_path, *lines: str) -> Path:
    path = tmp_path / "cohort.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_table_is_read_like_yaml(tmp_path):
    path = table(
        tmp_path,
        "sample_id\tsex\tage\tcreatinine\tpregnancy\tmanifestations\ttherapies\tplanned\tco_medication",
        "A\tfemale\t34\t1.4 mg/dL\tno\tlupus nephritis: III+V; cutaneous\t"
        "MMF: inadequate_response; azathioprine: intolerance: leukopenia\tcodeine\tSeroxat; other: finasteride",
        "B\tmale",
    )
    written = {
        "sex": "female",
        "age": 34,
        "creatinine": "1.4 mg/dL",
        "pregnancy": False,
        "manifestations": {"lupus nephritis": {"class": ["III", "V"]}, "cutaneous": {}},
        "therapies": [
            {"drug": "MMF", "outcome": "inadequate_response"},
            {"drug": "azathioprine", "outcome": "intolerance", "reaction": "leukopenia"},
        ],
        "planned": [{"drug": "codeine"}],
        "co_medication": ["paroxetine", {"other": "finasteride"}],
    }
    expected = {"A": written, "B": {"sex": "male"}}
    assert load_context(path) == load_context({"patients": expected})
    assert load_context(path)["B"] == Context(sample_id="B", sex=Sex.MALE)


def test_table_therapy_that_no_table_knows(tmp_path):
    path = table(tmp_path, "sample_id\ttherapies", "A\tother: rontalizumab: response")
    therapy = load_context(path)["A"].therapies[0]
    assert (therapy.drug, therapy.outcome) == (NamedDrug("rontalizumab", listed=False), Outcome.RESPONSE)


def test_table_faults_have_line_and_column(tmp_path):
    path = table(tmp_path, "sample_id\tsex\tco_medication\tage", "A\twombat\tparoxetyn\told", "B\tmale\tMMF\t3")
    message = faults(path)
    assert "3 faults" in message
    assert "line 2, column sex (patients.A.sex): unknown sex 'wombat'" in message
    assert "line 2, column co_medication (patients.A.co_medication[0]): unknown drug" in message
    assert "line 2, column age" in message


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["sample_id\tsexx", "A\tmale"], "unknown column 'sexx': did you mean sex?"),
        (["sex", "male"], "the column sample_id is missing"),
        (["sample_id\tsex\tsex", "A\tmale\tmale"], "the column sex stands twice"),
        (["sample_id\tsex", "A\tmale", "A\tmale"], "line 3: a second row of 'A'"),
        (["sample_id\tsex", "\tmale"], "line 2: sample_id is missing"),
        (["sample_id\tsex", "A\tmale\t3"], "line 2: expected 2 cells"),
        (["sample_id\tsex"], "expected one row per sample; found none"),
        ([""], "the column sample_id is missing"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path, lines, said):
    assert said in faults(table(tmp_path, *lines))


# --- what it is used for ----------------------------------------------------------------------


def test_sex_and_ancestry_are_used_like_the_options(fx_example):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    given = {"LN-01": Context(sex=Sex.FEMALE, ancestry=Ancestry.EAS)}
    with_context = lupus_pgx.analyze(vcf, context=given)
    with_options = lupus_pgx.analyze(vcf, sex={"LN-01": "female"}, ancestry={"LN-01": "EAS"})
    assert with_context.ancestry == with_options.ancestry == {"LN-01": Ancestry.EAS}
    assert with_context.diplotypes.to_frame().equals(with_options.diplotypes.to_frame())
    # A context says that it is lupus, and of whom: some labels forbid or divide a dose then.
    said = ["summary", "conflicts", "citations", "overall_action", "clinical", "dose_factor_low", "dose_factor_high"]
    said += ["dose_cap", "dose_cap_unit"]
    frames = [item.drug_responses.to_frame().drop(columns=said) for item in (with_context, with_options)]
    assert frames[0].equals(frames[1])


@pytest.mark.parametrize(("option", "value"), [("sex", "male"), ("ancestry", "AFR")])
def test_option_and_context_must_agree(fx_example, option, value):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    context = {"sample_id": "LN-01", "sex": "female", "ancestry": "EUR"}
    with pytest.raises(lupus_pgx.UsageError, match=f"{option} of 'LN-01': the option says {value}, the context says"):
        lupus_pgx.analyze(vcf, context=context, **{option: value})
    same = {"sex": "female", "ancestry": "EUR"}[option]
    assert lupus_pgx.analyze(vcf, context=context, **{option: same}).sample_ids


def test_context_must_be_of_the_input(fx_example):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    with pytest.raises(lupus_pgx.UsageError, match="3 samples are analyzed, so the context needs a sample_id"):
        lupus_pgx.analyze(vcf, context={"sex": "female"})
    with pytest.raises(lupus_pgx.UsageError, match=r"none of its samples \(XY-9\) is in the input"):
        lupus_pgx.analyze(vcf, context={"sample_id": "XY-9"})
    assert lupus_pgx.analyze(vcf, samples=["LN-01"], context={"sex": "female"}).contexts["LN-01"].sex is Sex.FEMALE
    with pytest.raises(lupus_pgx.UsageError, match="expected one patient; found 2"):
        lupus_pgx.respond({"TPMT": "*1/*1"}, context={"A": Context(), "B": Context()})


def test_results_hold_a_checksum_and_no_clinical_data(fx_example, example, tmp_path):
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], context=example)
    analysis.write(tmp_path / "out")
    text = (tmp_path / "out" / "provenance.json").read_text(encoding="utf-8")
    parameters = json.loads(text)["provenance"]["parameters"]
    recorded = parameters["context"]
    assert recorded["file"] == str(example)
    assert len(recorded["sha256"]) == 64
    assert recorded["samples"] == 1
    assert (parameters["sex"], parameters["ancestry"]) == ({}, {})
    for word in ("finasteride", "leukopenia", "III", "2021-03"):
        assert word not in json.dumps(parameters)
    none = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"]).provenance.parameters["context"]
    assert none is None


# --- today --------------------------------------------------------------------------------------


DATED = {
    "sample_id": "LN-01",
    "manifestations": {"lupus nephritis": {"since": "2024-01-10"}},
    "therapies": [{"drug": "MMF", "start": "2024-01-10", "outcome": "inadequate_response"}],
    "labs": [{"quantity": "upcr", "unit": "mg/g", "values": {"2024-01-01": 3100, "2024-04-10": 2900}}],
}


@pytest.mark.slow
def test_results_are_those_of_the_day_that_is_given(fx_example, tmp_path):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    days = {"text": "2024-04-20", "date": dt.date(2024, 4, 20), "time": dt.datetime(2024, 4, 20, 23, 59)}
    for name, today in days.items():
        lupus_pgx.analyze(vcf, drugs=["MMF"], context=DATED, today=today).write(tmp_path / name)
    for path in (tmp_path / "text").iterdir():
        for name in ("date", "time"):
            assert (tmp_path / name / path.name).read_bytes() == path.read_bytes()
    assert json.loads((tmp_path / "text" / "provenance.json").read_text())["provenance"]["parameters"]["today"] == (
        "2024-04-20"
    )
    later = lupus_pgx.analyze(vcf, drugs=["MMF"], context=DATED, today="2026-01-15").patient("LN-01")
    then = lupus_pgx.analyze(vcf, drugs=["MMF"], context=DATED, today="2024-04-20").patient("LN-01")
    statuses = [{item.status.value for item in one.resistance.course if item.months == 12} for one in (then, later)]
    assert statuses == [{"not due"}, {"not judgeable"}]
    stated = lupus_pgx.respond({}, ["MMF"], context=DATED, today="2024-04-20").resistance
    assert [item.status for item in stated.course] == [item.status for item in then.resistance.course]


def test_the_clock_is_read_once_and_recorded(fx_example, monkeypatch):
    days = iter(["2025-12-31", "2026-01-01", "2026-01-02"])

    class Clock(dt.date):
        @classmethod
        def today(cls):
            return cls.fromisoformat(next(days))

    monkeypatch.setattr(dt, "date", Clock)
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], drugs=["MMF"], context=DATED)
    assert analysis.patient("LN-01").resistance.course
    assert analysis.provenance.parameters["today"] == "2025-12-31"
    assert next(days) == "2026-01-01"


def test_nothing_depends_on_the_day_without_a_context(fx_example):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    assert lupus_pgx.analyze(vcf, drugs=["MMF"]).provenance.parameters["today"] is None
    assert lupus_pgx.analyze(vcf, drugs=["MMF"], today="2026-01-15").provenance.parameters["today"] == "2026-01-15"


@pytest.mark.slow
def test_what_lies_after_the_day_is_refused_however_the_context_is_given(fx_example, fx_cli, tmp_path):
    vcf, early = fx_example["patients.GRCh38.vcf.gz"], "2024-04-09"
    path = tmp_path / "patient.json"
    path.write_text(json.dumps(DATED))
    read = load_context(path)
    for context in (DATED, path, read, {"LN-01": read}):
        with pytest.raises(lupus_pgx.InputError, match="2024-04-10 is in the future"):
            lupus_pgx.analyze(vcf, context=context, today=early)
        assert lupus_pgx.analyze(vcf, drugs=["MMF"], context=context, today="2024-04-10").sample_ids
    with pytest.raises(lupus_pgx.InputError, match=r"2024-04-10: 2024-04-10 is in the future"):
        load_context(path, today=early)
    assert load_context({**DATED, "planned": [{"drug": "RTX", "start": "2031-01-01"}]}, today="2024-04-10")
    for command in (("analyze", vcf), ("explain", vcf, "--drug", "MMF"), ("whatif", "TPMT=*1/*1")):
        code, out, err = fx_cli(*command, "--context", path, "--today", early)
        assert (code, out) == (65, "")
        assert "2024-04-10 is in the future" in err
        assert fx_cli(*command, "--context", path, "--today", "2024-04-10")[0] == 0


@pytest.mark.parametrize("today", ["soon", "2024-02-30", "20240401", "2024-W01-1", "", 20240401, "2024-04-01T10"])
def test_a_day_is_a_date(today, fx_example, fx_cli):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    for run in (
        lambda: lupus_pgx.analyze(vcf, today=today),
        lambda: lupus_pgx.respond({"TPMT": "*1/*1"}, today=today),
        lambda: load_context({}, today=today),
    ):
        with pytest.raises(lupus_pgx.UsageError, match="today: expected a date as YYYY-MM-DD; found"):
            run()
    code, out, err = fx_cli("whatif", "TPMT=*1/*1", "--today", today)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1


def test_unlisted_drugs_are_said():
    text = str(lupus_pgx.respond({"TPMT": "*1/*1"}, context={"co_medication": ["other: finasteride"]}))
    assert "No table knows finasteride: what it does to other drugs is unknown here." in text


def test_readers_load_only_with_a_context():
    import subprocess
    import sys

    program = (
        "import sys, lupus_pgx\n"
        "lupus_pgx.respond({'TPMT': '*1/*1'}, drugs=['MMF'])\n"
        "assert not {'yaml', 'jsonschema'} & set(sys.modules)\n"
        "lupus_pgx.respond({'TPMT': '*1/*1'}, drugs=['MMF'], context={'age': 3})\n"
        "assert {'yaml', 'jsonschema'} <= set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_sample_that_is_not_there_is_named_with_the_line_of_its_table(fx_example, tmp_path, caplog):
    table = tmp_path / "contexts.tsv"
    vcf = fx_example["patients.GRCh38.vcf.gz"]

    def analyze(*names):
        rows = "".join(f"{name}\tfemale\n" for name in names)
        table.write_text(f"sample_id\tsex\n{rows}", encoding="utf-8")
        return lupus_pgx.analyze(vcf, genes=["TPMT"], drugs=["azathioprine"], context=table)

    with pytest.raises(lupus_pgx.UsageError, match=rf"^{table}:2: context: none of its samples \(XY-9, XY-8\)"):
        analyze("XY-9", "XY-8")
    with pytest.raises(lupus_pgx.UsageError, match=rf"^{table}:3: context: 'ln01' is not in the input; did you mean"):
        analyze("NP-02", "ln01")
    with caplog.at_level("WARNING"):
        analyze("LN-01", "XY-9")
    assert "context: 1 of 2 samples is not in the input: XY-9 (line 3)" in caplog.text
