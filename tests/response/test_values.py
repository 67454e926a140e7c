"""What a response says beside its action: rules within their own text, caps, checks of rules that fired."""

from __future__ import annotations

import pytest
from builder import VcfBuilder
from helpers import plain

import lupus_pgx
from lupus_pgx.knowledge.rules import ConditionSet, parse_condition
from lupus_pgx.response.certainty import joint_outcomes, probability
from lupus_pgx.response.prediction import known_of
from lupus_pgx.results.sentences import listed_statement

VKORC1 = "rs9923231 reference (C)/rs9923231 reference (C)"


def guidance(calls, drug):
    frame = lupus_pgx.respond(calls, [drug]).guidance.to_frame()
    return {row.source: (row.action, row.factor_low) for row in frame.itertuples()}


@pytest.mark.parametrize(
    ("diplotype", "action", "factor"),
    [
        ("*1/*2", "standard", 1.0),
        ("*1/*3", "reduce_dose", 0.65),
        ("*2/*2", "reduce_dose", 0.65),
        ("*2/*3", "reduce_dose", 0.45),
        ("*3/*3", "reduce_dose", 0.2),
    ],
)
def test_dutch_warfarin_rows_fire_within_their_own_text(diplotype, action, factor):
    """DPWG keeps the usual start at *1/*2 (ClinPGx PA166182842)."""
    calls = {"CYP2C9": diplotype, "VKORC1": VKORC1}
    assert guidance(calls, "warfarin")["DPWG"] == (action, factor)
    conflicts = [str(item) for item in lupus_pgx.respond(calls, ["warfarin"]).drug("warfarin").conflicts]
    assert any(text.startswith("DPWG") for text in conflicts) is (diplotype == "*1/*2" or diplotype > "*2/*2")


@pytest.mark.parametrize("drug", ["amitriptyline", "codeine", "haloperidol", "risperidone", "tramadol"])
def test_dutch_ultrarapid_rows_begin_above_a_score_of_2_5(drug):
    """CPIC calls 2.5 ultrarapid, DPWG counts it as normal (PMID:34267337, PMID:37002327, PMID:41526670)."""
    at, above = (guidance({"CYP2D6": pair}, drug) for pair in ("*1x2/*17", "*1x2/*1"))
    assert at.get("DPWG", ("standard", None))[0] in ("standard", "informative_only")
    assert above["DPWG"][0] not in ("standard", "informative_only")


@pytest.mark.parametrize(
    ("calls", "drug", "cap"),
    [
        ({"NAT2": "*5/*6"}, "hydralazine", "200 mg/day"),
        ({"SLCO1B1": "*1/*5"}, "simvastatin", "20 mg/day"),
    ],
)
def test_a_cap_is_said_everywhere(calls, drug, cap):
    patient = lupus_pgx.respond(calls, [drug])
    number, unit = cap.split(" ", 1)
    row = patient.drug_responses.to_frame().iloc[0]
    assert (row.dose_cap, row.dose_cap_unit) == (float(number), unit)
    said = f"at most {cap}"
    assert said in row.summary
    assert said in " ".join(str(patient).split())
    assert said in " ".join(patient.explain(drug).split("1. ")[0].split())
    assert said in patient.to_html()
    assert said in patient.drug(drug)._repr_html_()


def test_only_rules_that_fired_ask_for_a_planned_dose():
    context = {"planned": [{"drug": "azathioprine", "dose": "1 mg/kg/day"}]}
    plain = lupus_pgx.respond({"TPMT": "*1/*1", "NUDT15": "*1/*1"}, ["azathioprine"], context=context)
    carrier = lupus_pgx.respond({"TPMT": "*1/*3A", "NUDT15": "*1/*1"}, ["azathioprine"], context=context)
    assert not plain.checks.to_frame().subject.str.contains("the rule of").any()
    assert carrier.checks.to_frame().subject.str.contains("the rule of CPIC").any()


@pytest.mark.parametrize("text", ["CYP2C9:allele=*2 & CYP2C9:allele=*3", "CYP2C9:allele=*3 & CYP2C9:score=1.5"])
def test_two_clauses_on_one_gene_are_judged_together(text):
    """Of two pairs that stay possible each meets one clause, and none meets both."""
    patient = lupus_pgx.respond({"CYP2C9": "*1/*2 or *1/*3"}, ["warfarin"])
    assert patient.gene("CYP2C9").n_candidates == 2
    known = known_of(patient.results.genes, patient.results.markers, 0)
    for clause in text.split(" & "):
        assert probability(parse_condition(clause), known).max() > 0
    condition = parse_condition(text)
    assert probability(condition, known).tolist() == [0.0]
    assert not [held for held, weight in joint_outcomes(ConditionSet([condition]), known) if held and weight.any()]


def test_a_multiple_is_one_of_the_usual_dose_in_every_form():
    """``1.5-2 times of the usual dose`` stood in a finding, and two names of the highest dose beside each other."""
    context = {"therapies": [{"drug": "tacrolimus", "outcome": "inadequate_response"}]}
    context["manifestations"] = {"lupus nephritis": {}}
    patient = lupus_pgx.respond({"CYP3A5": "*1/*1"}, ["tacrolimus"], context=context, today="2026-06-01")
    drug, review = patient.drug("tacrolimus"), patient.resistance
    findings = " ".join(item.text for _, _, item in review.findings())
    forms = [str(patient), patient.to_html(), patient.explain("tacrolimus"), drug._repr_html_(), drug.summary, findings]
    for form in map(plain, forms):
        assert "1.5-2 times" in form
        assert "times of" not in form
        assert "maximum dose" not in form


def test_a_locus_that_decides_nothing_is_missing_only_where_the_drug_is_undecided(fx_analyze):
    """TPMT without a locus of a rare allele is as good as whole; where nothing else is known the drug says what is."""
    rare = [locus.name for locus in lupus_pgx.load_knowledge().loci_by_gene["TPMT"] if not locus.essential]
    decided = VcfBuilder(genes=("TPMT", "NUDT15")).drop(rare[0])
    drug = fx_analyze(decided, drugs=["azathioprine"]).patient("S1").drug("azathioprine")
    assert (drug.action, drug.missing, "not assessed" in drug.summary) == ("standard", (), False)
    carrier = VcfBuilder(genes=("TPMT", "NUDT15")).change("rs1800460=0/1", "rs1142345=0/1").drop(rare[0])
    drug = fx_analyze(carrier, drugs=["azathioprine"]).patient("S1").drug("azathioprine")
    assert [(item.key, item.loci, item.essential) for item in drug.missing] in ([], [("TPMT", (rare[0],), False)])
    assert bool(drug.missing) is drug.judgement.blocked


@pytest.mark.parametrize(
    ("drug", "calls", "asked"),
    [
        # Beside an undecided body one that restricts is named; the usual dose would read as an answer.
        ("phenytoin", {"CYP2C9": "*1/*2"}, ["DPWG: reduce dose"]),
        ("venlafaxine", {"CYP2D6": "*1/*1x2"}, []),
        # Of the same action the lower share is the stricter one.
        ("clomipramine", {"CYP2D6": "*1/*4", "CYP2C19": "*1/*1"}, ["DPWG: reduce dose at 70% of the usual dose"]),
    ],
)
def test_another_body_is_named_where_it_asks_for_more(drug, calls, asked):
    found = lupus_pgx.respond(calls, [drug]).drug(drug)
    assert [str(item) for item in found.speaking_otherwise] == asked
    assert [str(item) for item in found.conflicts][: len(asked)] == asked
    assert bool(found.conflicts) is bool(asked)


@pytest.mark.parametrize(("action", "named"), [("standard", []), ("monitor", ["DPWG: monitor"])])
def test_beside_an_undecided_body_one_that_asks_for_watching_is_named(action, named, tmp_path):
    rows = lupus_pgx.load_knowledge().rows("guidance")
    row = next(item for item in rows if item["rule"] == "DPWG-venlafaxine-CYP2D6-UM")
    cells = {name: "" if value is None else str(value) for name, value in row.items()} | {"action": action}
    lines = ("\t".join(cells), "\t".join(cells.values()))
    (tmp_path / "guidance.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    knowledge = lupus_pgx.load_knowledge(tmp_path)
    found = lupus_pgx.respond({"CYP2D6": "*1/*1x2"}, ["venlafaxine"], knowledge=knowledge).drug("venlafaxine")
    assert [str(item) for item in found.conflicts] == named


def test_a_drug_that_is_undecided_is_not_said_to_be_decided_in_part():
    undecided = lupus_pgx.respond({}, ["amikacin"]).drug("amikacin")
    assert undecided.judgement.open_actions
    assert undecided.sure_as["partly"] is False


@pytest.mark.parametrize(("level", "stops"), [(30, True), (1, False)])
def test_an_old_level_stops_the_multiple_of_the_genome_only_where_it_was_too_high(level, stops):
    context = {
        "therapies": [{"drug": "tacrolimus", "outcome": "ongoing"}],
        "labs": [{"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {"2026-05-01": level}}],
    }
    found = lupus_pgx.respond({"CYP3A5": "*1/*1"}, ["tacrolimus"], context=context, today="2026-12-01").drug(
        "tacrolimus"
    )
    assert found.high_level is stops
    assert ("1.5-2 times" in str(found)) is not stops


@pytest.mark.parametrize(
    ("drug", "beside", "told"),
    [
        ("simvastatin", "amlodipine", []),  # 20 mg/day by both
        ("atorvastatin", "clarithromycin", ["adjust dose: with clarithromycin"]),  # 20 mg/day, by the guideline 40
    ],
)
def test_a_highest_dose_that_the_guideline_has_too_is_not_told_twice(drug, beside, told):
    found = lupus_pgx.respond({"SLCO1B1": "*1/*5"}, [drug], context={"co_medication": [beside]}).drug(drug)
    assert found.lowest_cap is not None
    assert found.lowest_cap.value == 20
    assert [str(check) for check in found.told_caps] == told


def test_a_rare_pair_without_an_answer_is_no_other_action(tmp_path):
    """*24 of TPMT is of uncertain function and rare in Europe: the usual dose stands, and nothing else is named."""
    path = VcfBuilder().drop("rs6921269").write(tmp_path / "file")
    found = lupus_pgx.analyze(path, drugs=["azathioprine"], ancestry="EUR").patient("S1").drug("azathioprine")
    assert found.action.value == "standard"
    assert found.judgement.otherwise == ()


def test_what_is_assumed_is_said_behind_a_context_too(tmp_path):
    path = VcfBuilder().drop("rs116855232").like_a_genome().write(tmp_path / "file")
    context = {"co_medication": ["allopurinol"]}
    patient = lupus_pgx.analyze(path, drugs=["azathioprine"], absent="reference", context=context).patient("S1")
    found = patient.drug("azathioprine")
    assert found.action.value == "standard"
    assert "assumed to carry the genome base" in listed_statement(found, "", ())
