"""Phenoconversion: a phenotype adjusted by co-medication, beside that of the genotype."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.analysis import respond
from lupus_pgx.calling.phenoconversion import lowered
from lupus_pgx.calling.phenotypes import PhenotypeCall, Share
from lupus_pgx.context.model import NamedDrug
from lupus_pgx.knowledge.check.rules import check_phenoconversion
from lupus_pgx.knowledge.drugs import DrugNames
from lupus_pgx.knowledge.tables import Table

ROWS = lupus_pgx.load_knowledge().rows("phenoconversion")
# What the genome says; conflicts, citations and summary also show what the co-medication does otherwise.
PREDICTION = [
    "drug",
    "predicted_response",
    "action",
    "guideline",
    "strength",
    "evidence_level",
    "certainty",
    "drivers",
    "not_assessed",
]
WITH_FACTOR = [row for row in ROWS if row["activity_factor"] is not None]
INFORMATIVE = [row for row in ROWS if row["activity_factor"] is None]


def patient(diplotype: str, *drugs: str, **options):
    return respond({"CYP2D6": diplotype}, context={"co_medication": list(drugs)}, **options)


def gene_row(summary, gene: str = "CYP2D6"):
    frame = summary.diplotypes.to_frame()
    return frame[frame.gene == gene].iloc[0]


# CPIC opioid guideline (PMC:8249478): 0 poor, above 0 and below 1.25 intermediate, 1.25 to 2.25 normal,
# above 2.25 ultrarapid; a strong inhibitor multiplies the score by 0, a moderate one by 0.5.
@pytest.mark.parametrize(
    ("diplotype", "score", "drug", "genotype", "adjusted"),
    [
        ("*1/*1", 2, "paroxetine", "Normal Metabolizer", "Poor Metabolizer"),
        ("*1/*1", 2, "fluoxetine", "Normal Metabolizer", "Poor Metabolizer"),
        ("*1/*1", 2, "duloxetine", "Normal Metabolizer", "Intermediate Metabolizer"),
        ("*1/*4", 1, "duloxetine", "Intermediate Metabolizer", "Intermediate Metabolizer"),
        ("*4/*4", 0, "duloxetine", "Poor Metabolizer", "Poor Metabolizer"),
        ("*4/*10", 0.25, "duloxetine", "Intermediate Metabolizer", "Intermediate Metabolizer"),  # 0.125
        ("*1/*10", 1.25, "mirabegron", "Normal Metabolizer", "Intermediate Metabolizer"),  # 0.625
        ("*1x2/*1", 3, "cinacalcet", "Ultrarapid Metabolizer", "Normal Metabolizer"),  # 1.5
        ("*1x2/*10", 2.25, "cinacalcet", "Normal Metabolizer", "Intermediate Metabolizer"),  # 1.125
        ("*1x2/*1", 3, "quinidine", "Ultrarapid Metabolizer", "Poor Metabolizer"),
    ],
)
def test_adjusted_phenotype(diplotype, score, drug, genotype, adjusted):
    row = gene_row(patient(diplotype, drug))
    assert row.activity_score == score
    assert (row.phenotype, row.adjusted_phenotype) == (genotype, adjusted)
    assert drug in row.note
    assert "PMC:8249478" in row.note


@pytest.mark.parametrize("row", WITH_FACTOR, ids=lambda row: row["with"])
def test_every_factor_is_applied_and_cited(row):
    found = gene_row(patient("*1/*1", row["with"]))
    assert found.adjusted_phenotype == (
        "Poor Metabolizer" if row["activity_factor"] == 0 else "Intermediate Metabolizer"
    )
    assert all(part.strip() in found.note for part in row["citation"].split(";"))


@pytest.mark.parametrize("row", INFORMATIVE, ids=lambda row: f"{row['gene']} {row['with']}")
def test_other_inhibitors_and_inducers_change_nothing(row):
    calls = {"CYP2D6": "*1/*1", row["gene"]: "*1/*1"}
    plain = respond(calls)
    told = respond(calls, context={"co_medication": [row["with"]]})
    found = gene_row(told, row["gene"])
    assert f"for information: {row['with']}" in found.note
    others = {item["gene"] for item in WITH_FACTOR if item["with"] == row["with"]}
    if not others:
        columns = ["phenotype", "phenotype_probability", "phenotypes", "adjusted_phenotype", "activity_score"]
        assert told.diplotypes.to_frame()[columns].equals(plain.diplotypes.to_frame()[columns])
        assert told.drug_responses.to_frame()[PREDICTION].equals(plain.drug_responses.to_frame()[PREDICTION])


def test_prediction_uses_it_only_for_the_drugs_of_the_rule():
    plain, told = respond({"CYP2D6": "*1/*1"}), patient("*1/*1", "paroxetine")
    before, after = plain.drug_responses.to_frame(), told.drug_responses.to_frame()
    changed = {
        drug
        for drug in after.drug
        if not after[after.drug == drug][PREDICTION].equals(before[before.drug == drug][PREDICTION])
    }
    applies = {drug for row in WITH_FACTOR if row["with"] == "paroxetine" for drug in row["applies_to"].split(";")}
    assert changed == applies == {"codeine", "tramadol"}
    assert plain.drug("codeine").action == "standard"
    assert told.drug("codeine").action == "avoid"
    as_poor = respond({"CYP2D6": "*4/*4"})
    assert told.drug("codeine").action == as_poor.drug("codeine").action
    assert told.drug("codeine").response == as_poor.drug("codeine").response


def test_summary_says_so_in_words():
    told = patient("*1/*1", "paroxetine")
    sentence = told.drug("codeine").summary
    assert "the genotype with the co-medication speaks against" in sentence
    assert "Poor Metabolizer under paroxetine (adjusted, not the phenotype of the genotype)" in sentence
    text = " ".join(str(told).split())
    assert "CYP2D6 *1/*1 Normal Metabolizer" in text
    assert "adjusted phenotype: Poor Metabolizer" in text
    assert "counts for codeine, tramadol, other drugs keep the genotype phenotype" in text
    assert "adjusted phenotype: Poor Metabolizer" in told.explain("codeine")


def test_strongest_factor_counts_and_none_are_multiplied():
    both = gene_row(patient("*1/*1", "duloxetine", "mirabegron"))
    assert both.adjusted_phenotype == "Intermediate Metabolizer"
    assert "duloxetine" in both.note
    assert "mirabegron" in both.note
    assert gene_row(patient("*1/*1", "duloxetine", "paroxetine")).adjusted_phenotype == "Poor Metabolizer"
    # 2.25 x 0.5 x 0.5 would still be intermediate; 3 x 0.5 is normal, 3 x 0.25 would not be.
    assert gene_row(patient("*1x2/*1", "duloxetine", "mirabegron")).adjusted_phenotype == "Normal Metabolizer"


def test_names_and_what_is_taken():
    made = lupus_pgx.Context(co_medication=(NamedDrug("Seroxat"),))
    assert gene_row(respond({"CYP2D6": "*1/*1"}, context=made)).adjusted_phenotype == "Poor Metabolizer"
    assert gene_row(patient("*1/*1", "SEROXAT")).adjusted_phenotype == "Poor Metabolizer"
    assert (
        "rifampin" in gene_row(respond({"CYP2C19": "*1/*1"}, context={"co_medication": ["rifampicin"]}), "CYP2C19").note
    )

    def tried(**cells):
        return gene_row(respond({"CYP2D6": "*1/*1"}, context={"therapies": [{"drug": "terbinafine", **cells}]}))

    assert tried(outcome="ongoing").adjusted_phenotype == "Poor Metabolizer"
    for outcome in ("response", "inadequate_response"):
        assert tried(outcome=outcome, stop="2021-01-01").isna().adjusted_phenotype
    planned = gene_row(respond({"CYP2D6": "*1/*1"}, context={"planned": [{"drug": "paroxetine"}]}))
    assert planned.isna().adjusted_phenotype
    # What a table knows by now is no unknown drug, whatever it was called: its effect must not stay silent.
    assert gene_row(patient("*1/*1", "other: paroxetine")).adjusted_phenotype == "Poor Metabolizer"
    assert gene_row(patient("*1/*1", "other: herbs")).isna().adjusted_phenotype


def test_unknown_stays_unknown():
    nothing = respond({"TPMT": "*1/*1"}, context={"co_medication": ["paroxetine"]})
    row = gene_row(nothing)
    assert row.isna().adjusted_phenotype
    assert "the score of CYP2D6 is not known, so nothing was adjusted" in row.note
    assert nothing.drug("codeine").response == respond({"TPMT": "*1/*1"}).drug("codeine").response
    unassigned = next(
        name
        for name, function in lupus_pgx.load_knowledge().star_genes["CYP2D6"].functions.items()
        if lupus_pgx.load_knowledge().star_genes["CYP2D6"].activity_value(name) is None and function
    )
    assert gene_row(patient(f"*1/{unassigned}", "paroxetine")).isna().adjusted_phenotype


def test_several_possible_scores(fx_knowledge):
    star = fx_knowledge.star_genes["CYP2D6"]
    shares = (
        Share("Normal Metabolizer", frozenset(), 2.0, (0.5,)),
        Share("Intermediate Metabolizer", frozenset(), 1.0, (0.3,)),
        Share("Indeterminate", frozenset(), None, (0.1,)),
    )
    call = PhenotypeCall("CYP2D6", {}, 2.0, shares)
    halved = lowered(star, call, 0.5)
    assert halved.activity_score == 1.0
    assert halved.probabilities == {"Intermediate Metabolizer": pytest.approx((0.8,)), "Indeterminate": (0.1,)}
    assert [share.score for share in halved.shares] == [1.0, 0.5, None]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"applies_to": None}, "a factor needs the drugs it counts for"),
        ({"activity_factor": None}, "a factor needs the drugs it counts for"),
        ({"gene": "TPMT"}, "a gene with activity rules"),
        ({"activity_factor": -1.0}, "expected at least 0"),
        ({"applies_to": "codeine;no such drug"}, "'no such drug' is not in the table drugs"),
    ],
)
def test_check_of_the_table(fx_knowledge, change, said):
    table = fx_knowledge.tables["phenoconversion"]
    spoilt = Table("phenoconversion", table.columns, table.types, ({**WITH_FACTOR[0], **change},))
    faults = [str(fault) for fault in check_phenoconversion({**fx_knowledge.tables, "phenoconversion": spoilt})]
    assert any(said in fault for fault in faults)
    assert not list(check_phenoconversion(fx_knowledge.tables))


def test_every_partner_is_known_by_its_names(fx_knowledge):
    names = DrugNames(fx_knowledge)
    met = {row["with"] for row in ROWS}
    # A class beside itself, one statin beside another, names no drug.
    pairs = [row for row in fx_knowledge.rows("interactions") if row["with_drugs"] != row["drug"]]
    met |= {name for row in pairs for name in (row["with_drugs"] or "").split(";") if name}
    assert all(names.find(name) for name in met)
    met |= {row["drug"] for row in pairs}
    met |= {row["member"] for row in fx_knowledge.rows("drug_classes")}
    for row in fx_knowledge.rows("partners"):
        assert row["partner"] in met or row["aliases"]
        found = {names.find(name) for name in (row["aliases"] or "").split(";") if name}
        assert found <= {names.find(row["partner"])}


def test_no_drug_or_gene_is_named_in_code(fx_knowledge):
    folder = Path(lupus_pgx.__file__).parent
    words = {*fx_knowledge.gene_names, *fx_knowledge.drugs_by_name, *(row["with"] for row in ROWS)}
    for name in ("knowledge/units", "context/form", "context/table", "calling/phenoconversion"):
        text = re.sub(r'""".*?"""', "", (folder / f"{name}.py").read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not [word for word in words if re.search(rf"\b{re.escape(word)}\b", text)]


@pytest.fixture(scope="module")
def fx_four_samples(tmp_path_factory):
    samples = ["A", "B", "C", "D"]
    return VcfBuilder(samples=samples, genes=("CYP2D6", "TPMT")).write(tmp_path_factory.mktemp("cohort") / "cohort")


def test_from_a_file_the_structure_stays_open(fx_four_samples):
    analysis = lupus_pgx.analyze(fx_four_samples, context={"patients": {"B": {"co_medication": ["paroxetine"]}}})
    frame = analysis.diplotypes.to_frame().query("gene == 'CYP2D6'").set_index("sample_id")
    assert frame.adjusted_phenotype.notna().tolist() == [False, True, False, False]
    assert "no prediction rests on either phenotype" in frame.note["B"]
    plain = lupus_pgx.analyze(fx_four_samples)
    # A context says that it is lupus, and what else is taken.
    said = ["summary", "conflicts", "citations", "overall_action", "clinical", "dose_factor_low", "dose_factor_high"]
    said += ["dose_cap", "dose_cap_unit"]
    frames = [item.drug_responses.to_frame().drop(columns=said) for item in (analysis, plain)]
    assert frames[0].equals(frames[1])


def test_cohort_by_sample(fx_four_samples, tmp_path):
    calls = tmp_path / "calls.tsv"
    lines = [f"{sample}\tCYP2D6\t*1/*1" for sample in "ABCD"]
    calls.write_text("\n".join(["sample_id\tgene\tdiplotype", *lines]) + "\n", encoding="utf-8")
    patients = {"B": {"co_medication": ["paroxetine"]}, "C": {"co_medication": ["duloxetine"]}, "D": {"age": 30}}
    analysis = lupus_pgx.analyze(fx_four_samples, outside_calls=calls, context={"patients": patients})
    frame = analysis.diplotypes.to_frame().query("gene == 'CYP2D6'")
    assert frame.phenotype.unique().tolist() == ["Normal Metabolizer"]
    assert frame.adjusted_phenotype.fillna("").tolist() == ["", "Poor Metabolizer", "Intermediate Metabolizer", ""]
    drugs = analysis.drug_responses.to_frame().query("drug == 'codeine'")
    assert drugs.action.tolist() == ["standard", "avoid", "monitor", "standard"]
    for sample, action in zip("ABCD", drugs.action, strict=True):
        one = analysis.patient(sample)
        assert one.drug("codeine").action == action
        alone = frame[frame.sample_id == sample].reset_index(drop=True)
        assert one.diplotypes.to_frame().query("gene == 'CYP2D6'").reset_index(drop=True).equals(alone)
    assert {str(cell): number for cell, number in analysis.cohort().actions()["codeine"].items()} == {
        "usual dose": 2,
        "avoid": 1,
        "monitor": 1,
    }
    analysis.write(tmp_path / "out")
    written = (tmp_path / "out" / "diplotypes.tsv").read_text(encoding="utf-8")
    assert written.count("\tPoor Metabolizer\t") == 1


def _adjusted(analysis):
    """Return the distinct calls that co-medication bears on."""
    return [call for calls in analysis.results.genes.values.values() for call in calls if call.adjusted is not None]


def test_no_work_without_a_context(fx_four_samples, monkeypatch):
    monkeypatch.setattr("lupus_pgx.calling.phenoconversion._effects", None)  # would fail if any sample were looked at
    analysis = lupus_pgx.analyze(fx_four_samples)
    assert _adjusted(analysis) == []
    with_age = lupus_pgx.analyze(fx_four_samples, context={"A": lupus_pgx.Context(age=30)})
    assert _adjusted(with_age) == []


def test_distinct_pairs_are_worked_out_once(fx_four_samples, monkeypatch):
    import lupus_pgx.calling.phenoconversion as module

    worked = []
    original = module._adjustment
    monkeypatch.setattr(module, "_adjustment", lambda *a, **k: worked.append(1) or original(*a, **k))
    patients = {sample: {"co_medication": ["paroxetine"]} for sample in "ABCD"}
    analysis = lupus_pgx.analyze(fx_four_samples, context={"patients": patients})
    assert len(worked) == 1
    (call,) = _adjusted(analysis)
    assert [analysis.results.genes.of("CYP2D6", number) is call for number in range(4)] == [True] * 4


@pytest.mark.parametrize(
    ("told", "asked", "adjusted"),
    [
        ("paroxetine until 2026", "would multiply the activity score by 0", ""),
        ("duloxetine until 2026", "would multiply the activity score by 0.5", ""),
        ("acetaminophen until 2026", None, ""),
        ("paroxetine stopped 2026", None, ""),
        ("paroxetine until 2027", None, "Poor Metabolizer"),
    ],
)
def test_what_may_still_be_taken_changes_no_phenotype_and_is_asked_about(told, asked, adjusted):
    row = gene_row(patient("*1/*1", told, today="2026-11-30"))
    found = row.adjusted_phenotype if isinstance(row.adjusted_phenotype, str) else ""
    assert found == adjusted
    words = f"whether {told.split()[0]} is still taken is not told"
    assert (words in row.note) is (asked is not None)
    assert asked is None or asked in row.note


def test_a_course_without_a_stop_is_asked_about_beside_what_is_taken():
    course = {"drug": "fluoxetine", "start": "2026-01-01", "outcome": "failure"}
    told = {"co_medication": ["duloxetine"], "therapies": [course]}
    row = gene_row(respond({"CYP2D6": "*1/*1"}, context=told, today="2026-11-30"))
    assert row.adjusted_phenotype == "Intermediate Metabolizer"
    assert "whether fluoxetine is still taken is not told" in row.note
