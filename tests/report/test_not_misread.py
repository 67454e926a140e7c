"""Words that a newcomer or a clinician read as something else: each says what it means, in every form of output."""

from __future__ import annotations

import html
import re

import pytest

import lupus_pgx
from lupus_pgx.report.brief import of_patient
from lupus_pgx.words.glossary import GLOSSARY
from lupus_pgx.words.vocabulary import NO_CHANGE, NOT_REREAD

KNOWLEDGE = lupus_pgx.load_knowledge()
DAY = "2026-11-28"
G6PD_DRUGS = sorted({row["drug"] for row in KNOWLEDGE.rows("contraindications") if row["criterion"] == "g6pd"})
NORMAL = [({"G6PD": "B (reference)"}, "male"), ({"G6PD": "B (reference)/B (reference)"}, "female")]
LACKING = {"G6PD": "A- 202A_376G/A- 202A_376G"}


def flat(text: str) -> str:
    """Undo line breaks and marks of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", text)))


def g6pd_checks(calls, drug, **context):
    response = lupus_pgx.respond(calls, [drug], context=context, today=DAY).drug(drug)
    return response, [check for check in response.checks if check.criterion == "g6pd"]


# --- a genotype answers what a context may state ------------------------------------------------


@pytest.mark.parametrize(("calls", "sex"), NORMAL)
@pytest.mark.parametrize("drug", [drug for drug in G6PD_DRUGS if drug != "tafenoquine"])
def test_a_normal_genotype_answers_the_check(drug, calls, sex):
    response, found = g6pd_checks(calls, drug, sex=sex)
    assert not found
    assert "G6PD deficiency" not in response.summary


@pytest.mark.parametrize("drug", G6PD_DRUGS)
def test_without_a_genotype_the_check_stays(drug):
    _, found = g6pd_checks({}, drug, sex="male")
    assert bool(found) is any(
        row["severity"] in ("contraindicated", "avoid", "check_first")
        for row in KNOWLEDGE.rows("contraindications")
        if (row["drug"], row["criterion"]) == (drug, "g6pd")
    )
    assert not any(check.known for check in found)


def test_where_the_label_wants_the_activity_a_genotype_says_what_is_still_asked():
    _, found = g6pd_checks({"G6PD": "B (reference)"}, "tafenoquine", sex="male")
    assert [(check.known, check.subject, check.found) for check in found] == [
        (False, "G6PD enzyme activity", "genotype Normal")
    ]


@pytest.mark.parametrize(
    ("calls", "told", "expected"),
    [
        ({"G6PD": "B (reference)/A- 202A_376G"}, {}, [(False, "G6PD enzyme activity", "genotype Variable")]),
        ({"G6PD": "B (reference)/A- 202A_376G"}, {"g6pd_deficiency": False}, []),
        (LACKING, {}, [(True, "G6PD deficiency", "genotype Deficient")]),
        (LACKING, {"g6pd_deficiency": False}, [(True, "G6PD deficiency", "genotype Deficient")]),
        ({"G6PD": "B (reference)/B (reference)"}, {"g6pd_deficiency": True}, [(True, "G6PD deficiency", "yes")]),
        ({"G6PD": "B (reference)/B (reference)"}, {"g6pd_deficiency": False}, []),
    ],
)  # fmt: skip
def test_what_was_told_counts_more_unless_the_genotype_harms(calls, told, expected):
    _, found = g6pd_checks(calls, "rasburicase", sex="female", conditions=told)
    assert [(check.known, check.subject, check.found) for check in found] == expected


def test_severe_deficiency_is_not_read_from_a_genotype():
    response, found = g6pd_checks(LACKING, "primaquine", sex="female")
    assert response.overall_action.value == "avoid"
    assert [(check.known, check.found) for check in found if check.row == "severe G6PD deficiency"] == [
        (False, "genotype Deficient, severity not given")
    ]


# --- weak evidence, sources, levels -------------------------------------------------------------

NEPHRITIS = {"sex": "female", "age": 30, "manifestations": {"lupus nephritis": {"class": ["IV"]}}}


def test_weak_evidence_is_weak_in_the_list_of_drugs_and_in_the_options():
    failed = [
        {
            "drug": "MMF",
            "dose": "3 g/day",
            "start": "2024-01-01",
            "stop": "2025-01-01",
            "outcome": "inadequate_response",
        },
        {"drug": "cyclophosphamide", "start": "2025-01-01", "stop": "2025-08-01", "outcome": "failed"},
    ]
    context = {**NEPHRITIS, "therapies": failed, "planned": [{"drug": "rituximab"}]}
    patient = lupus_pgx.respond({"FCGR3A": "V/V"}, context=context, today=DAY)
    text, page = flat(str(patient)), flat(patient.to_html())
    for shown in (text, page):
        assert "changes nothing" not in shown
        assert f"{NO_CHANGE}" in shown
    alone = lupus_pgx.respond({"FCGR3A": "V/V"})
    for shown in (flat(str(alone)), flat(alone.to_html())):
        assert "increased efficacy, weak and conflicting evidence" in shown


def test_a_source_that_was_not_read_again_is_no_word_about_the_patient():
    context = {
        "sex": "female", "age": 30, "manifestations": {"lupus nephritis": {"class": ["IV"]}},
        "therapies": [{"drug": "MMF", "dose": "2 g/day", "start": "2025-01-01", "outcome": "inadequate response"}],
        "labs": [{"quantity": "upcr", "unit": "g/g", "values": {"2025-01-01": 3, "2025-07-01": 2.8, "2026-01-01": 3}}],
    }  # fmt: skip
    patient = lupus_pgx.respond({}, context=context, today=DAY)
    for shown in (str(patient), patient.to_html(), patient.explain("upadacitinib")):
        assert "not read in the document" not in flat(shown)
        assert "document was not read" not in flat(shown)
        assert NOT_REREAD in flat(shown)
    assert NOT_REREAD in flat(patient.to_html()).partition("What the words mean")[2]


def test_each_step_says_which_bound_a_level_was_held_against():
    context = {
        "sex": "female", "age": 30, "manifestations": {"lupus nephritis": {"class": ["IV"]}},
        "therapies": [
            {"drug": "HCQ", "dose": "400 mg/day", "start": "2025-01-01", "outcome": "ongoing"},
            {"drug": "MMF", "dose": "3 g/day", "start": "2025-01-01", "stop": "2026-01-01", "outcome": "failed"},
        ],
        "labs": [{"quantity": "hcq_blood", "unit": "ng/mL", "values": {"2025-12-01": 640}}],
    }  # fmt: skip
    patient = lupus_pgx.respond({}, context=context, today=DAY)
    text = flat(str(patient.resistance))
    taken = "640 ng/mL on 2025-12-01 (not below 500 ng/mL, where too little begins, but below the target of 750-1150"
    assert taken in text
    assert "target 750-1150 ng/mL (SLE); 640 ng/mL on 2025-12-01 (below the target)" in text
    assert "target at least 600 ng/mL (lupus nephritis, prevention of flares); 640 ng/mL on 2025-12-01 (within" in text
    assert "limit at least 200 ng/mL (adherence); 640 ng/mL on 2025-12-01 (within the limit)" in text
    assert "(within)" not in text
    assert "within range" not in text


def test_an_option_tells_questions_remarks_and_what_was_not_looked_at_apart():
    context = {"sex": "female", "age": 30, "pregnancy": True, "conditions": {"migraine": True}}
    context["manifestations"] = {"lupus nephritis": {"class": ["IV"]}}
    patient = lupus_pgx.respond({}, context=context, today=DAY)
    option = next(item for item in patient.results.reviews.options(0) if "flare of pregnancy" in item.option)
    assert option.remarks == ("cyclophosphamide, which the text names, is forbidden here",)
    assert "prednisone: migraine (yes)" in option.unseen
    assert not {*option.remarks, "migraine (yes)"} & set(option.questions)
    for shown in (flat(str(patient)), flat(patient.to_html())):
        assert re.search(r"note: ?cyclophosphamide, which the text names, is forbidden here", shown)
        assert "check first, not told or not settled: cyclophosphamide, which" not in shown
        assert re.search(r"\d+ conditions open \(\d+ would forbid it\); 1 fact not looked at", shown)
        assert re.search(r"migraine \(yes\)[ :(]+[^;]*prednisone", shown)


# --- the short summary --------------------------------------------------------------------------


def summary(fx_cli, tmp_path, context, *calls):
    (tmp_path / "context.yaml").write_text(context, encoding="utf-8")
    code, out, _ = fx_cli("whatif", *calls, "--context", tmp_path / "context.yaml", "--today", DAY)
    assert code == 0
    return out


def test_what_is_to_be_avoided_has_its_reason_in_the_short_summary(fx_cli, tmp_path):
    out = summary(fx_cli, tmp_path, "sex: female\nage: 30\npregnancy: true\n", "TPMT=*1/*1")
    lines = [line for line in re.split(r"\n(?=  \S|\S|\n)", out) if line.startswith("  AVOID: ")]
    assert lines
    for line in lines:
        parts = flat(line).removeprefix(" AVOID: ").split("; ")
        assert all(re.search(r"\([^()]+\)$", part) for part in parts), parts
    assert re.search(r"methotrexate[^;]*\(told: pregnancy\)", flat(lines[0]))


def test_the_short_page_gives_the_reason_too():
    page = lupus_pgx.respond({}, context={"sex": "female", "age": 30, "pregnancy": True}, today=DAY).to_html(short=True)
    others = flat(page).partition("All other drugs")[2]
    assert re.search(r"avoid ?(?:[^:]*; )?pregnancy: [a-z]", others)


def test_what_is_due_to_be_measured_is_said_of_a_drug_without_a_marker(fx_cli, tmp_path):
    context = "sex: female\nage: 40\nco_medication: [lisinopril]\n"
    out = flat(summary(fx_cli, tmp_path, context, "TPMT=*1/*1"))
    due = "due to be measured: potassium, creatinine"
    assert "nothing to say from the genotype: lisinopril (taken now)" in out
    assert f"{due} (lisinopril)" in out
    patient = lupus_pgx.respond({}, context={"co_medication": ["lisinopril"]}, today=DAY)
    assert due in flat(patient.to_html()).lower()
    assert due in flat(patient.to_html(short=True)).lower()
    assert "lisinopril: potassium, limit at most 5.5 mmol/L (kidney); not measured" in flat(str(patient))
    done = {"quantity": "potassium", "unit": "mmol/L", "values": {DAY: 4.2}}
    measured = lupus_pgx.respond({}, context={"co_medication": ["lisinopril"], "labs": [done]}, today=DAY)
    assert "due to be measured: creatinine" in flat(measured.to_html()).lower()
    assert due not in flat(measured.to_html()).lower()


def test_whatif_is_short_and_full_on_demand(fx_cli):
    code, short, _ = fx_cli("whatif", "TPMT=*1/*3A", "NUDT15=*1/*1", "FCGR3A=V/F")
    assert code == 0
    assert short.count("\n") <= 50
    assert "reduce dose" in short.lower()
    assert "Option --full shows all." in flat(short)
    code, full, _ = fx_cli("whatif", "TPMT=*1/*3A", "NUDT15=*1/*1", "FCGR3A=V/F", "--full")
    assert code == 0
    assert full.count("\n") > 100
    code, _, err = fx_cli("whatif", "TPMT=*1/*3A", "--versus", "TPMT=*1/*1", "--full")
    assert code == 2
    assert "--full would do nothing" in err


# --- page and explanation -----------------------------------------------------------------------


def test_a_block_of_what_was_not_looked_at_is_not_headed_as_what_the_context_asks():
    context = {
        "sex": "female",
        "planned": [{"drug": "MMF"}],
        "co_medication": ["sirolimus"],
        "conditions": {"migraine": True},
    }
    patient = lupus_pgx.respond({}, context=context, today=DAY)
    shown = "".join(patient.drug(drug)._repr_html_() for drug in ("sirolimus", "tacrolimus", "omeprazole"))
    blocks = re.findall(r"<p><b>([^<]+):</b> (.*?)</p>", shown, re.DOTALL)
    headed = {True: "Of the clinical context, without an answer", False: "By the clinical context"}
    seen = set()
    for heading, text in blocks:
        if heading in headed.values():
            only_open = flat(text).startswith(("Not looked at", "Told, and not", "Its contraindications"))
            assert heading == headed[only_open]
            seen.add(only_open)
    assert seen == {True, False}


def test_evidence_is_named_in_words_with_its_identifier_behind():
    text = lupus_pgx.respond({"FCGR3A": "V/V"}).explain("rituximab")
    section = text.partition("no genotype of the patient bears on\n")[2].partition("\n\n")[0]
    rows = {row["evidence"]: row for row in KNOWLEDGE.rows("evidence") if row["drug"] == "rituximab"}
    lines = [flat(line) for line in re.split(r"\n(?=   \S)", section)]
    assert lines
    for line in lines:
        name = re.search(r"\(row (\S+) of evidence\)$", line)[1]
        row = rows[name]
        assert f"[{row['citation']}]" in line
        assert all(part in line for part in (row["gene"], row["marker"]) if part)
        assert line.index("[") < line.index("(row ")


def test_parameters_of_a_page_are_no_lists_of_python(fx_example):
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], samples=["LN-01"], drugs=["MMF"])
    page = flat(analysis.patient("LN-01").to_html())
    assert "[]" not in page
    assert "pass filters" not in page
    named = lupus_pgx.analyze(
        fx_example["patients.GRCh38.vcf.gz"], samples=["LN-01"], drugs=["MMF"], pass_filters=["q10", "SnpCluster"]
    )
    assert "q10, SnpCluster" in flat(named.patient("LN-01").to_html())


HEPATITIS = {"sex": "female", "age": 40, "weight": "60 kg", "pregnancy": False, "conditions": {"diabetes": True}}


def test_what_was_told_and_what_is_asked_do_not_look_alike():
    asked = lupus_pgx.respond({}, context=HEPATITIS | {"planned": ["rituximab", "dapagliflozin"]}, today=DAY)
    told = lupus_pgx.respond({}, context=HEPATITIS | {"conditions": {"hepatitis_b": True}}, today=DAY)
    forms = (asked.drug("rituximab").summary, asked.to_html(), asked.to_html(short=True), of_patient(asked))
    for text in map(flat, (str(asked), *forms)):
        assert "active hepatitis B or C (not told)" in text
    assert "hepatitis B recorded (yes)" in told.drug("rituximab").summary
    assert "rituximab (told: hepatitis B)" in flat(of_patient(told))


def test_a_list_says_of_each_reason_whether_it_was_told():
    text = flat(of_patient(lupus_pgx.respond({}, context=HEPATITIS, today=DAY)))
    assert re.search(r"rituximab[^();]*\(not told: active hepatitis B or C", text)
    # That there is diabetes was told, which is no type 1.
    assert "dapagliflozin (not settled: type 1 diabetes)" in text
    assert "told: type 1 diabetes" not in text


def test_certainty_is_that_of_what_is_asked_for_and_says_so():
    text = lupus_pgx.respond({"TPMT": "*1/*3A", "NUDT15": "*1/*1"}).drug("azathioprine").summary
    assert "genotype certain for this" in text
    words = dict(GLOSSARY)
    (meaning,) = (meaning for word, meaning in words.items() if word.startswith("genotype certain for this"))
    assert "it is not how sure one pair is" in meaning


def test_what_waits_for_a_genotype_says_that_it_was_not_assessed():
    text = flat(of_patient(lupus_pgx.respond({"VKORC1": "rs9923231 variant (T)/rs9923231 variant (T)"})))
    assert "azathioprine (not assessed: NUDT15, TPMT)" in text


def test_a_warning_whose_source_was_not_read_again_is_marked_where_its_source_stands():
    patient = lupus_pgx.respond({}, context={"age": 30}, today=DAY)
    (lupus,) = [item for item in patient.drug("adalimumab").checks if item.subject == "systemic lupus"]
    assert lupus.checked == "not read"
    assert f"[{', '.join(lupus.citations)}; {NOT_REREAD}]" in flat(patient.explain("adalimumab"))
    page = flat(patient.to_html())
    shown = page.partition("adalimumab, systemic lupus:")[2]
    assert shown.index(f"({NOT_REREAD})") < shown.index(", systemic lupus:")
    read = [item for item in patient.drug("hydralazine").checks if item.known and item.checked in ("read", "copy")]
    assert read
    assert all(item.source_note == "" for item in read)
