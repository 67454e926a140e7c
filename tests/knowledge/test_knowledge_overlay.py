"""Overlays: rows win by key, everything says where it came from, nothing broken is used."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from builder import VcfBuilder
from helpers import warned

import lupus_pgx
import lupus_pgx.knowledge.tables

SHIPPED = lupus_pgx.load_knowledge()


def lines_of(table, keep, columns=None, **cells):
    """Rows of a shipped table as text, some cells changed."""
    names = columns or SHIPPED.tables[table].columns
    rows = [{**row, **cells} for row in SHIPPED.rows(table) if keep(row)]
    text = [
        [
            "" if row[name] is None else f"{row[name]:g}" if isinstance(row[name], float) else str(row[name])
            for name in names
        ]
        for row in rows
    ]
    return "\n".join("\t".join(line) for line in [list(names), *text]) + "\n"


def write(folder, **tables):
    folder.mkdir(exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.tsv").write_text(text, encoding="utf-8")
    return folder


def is_rule(name):
    return lambda row: row["rule"] == name


AZA = "CPIC-azathioprine-NUDT15-PM"


@pytest.fixture
def fx_overlay(tmp_path):
    """One guideline row replaced, one citation added."""
    citation = "citation\ttopic\tkind\turl\nHouse rule\tRules of a house\tguideline\thttps://example.org/house\n"
    rule = lines_of("guidance", is_rule(AZA), advice="Ask the house first.", citation="House rule;PMID:41618934")
    return write(tmp_path / "house", guidance=rule, citations=citation)


# --- merging --------------------------------------------------------------------------------------


def test_a_row_wins_by_key_and_the_rest_stays(fx_overlay):
    knowledge = lupus_pgx.load_knowledge(fx_overlay)
    changed = [row for row, old in zip(knowledge.rows("guidance"), SHIPPED.rows("guidance"), strict=True) if row != old]
    assert [(row["rule"], row["advice"]) for row in changed] == [(AZA, "Ask the house first.")]
    assert len(knowledge.rows("citations")) == len(SHIPPED.rows("citations")) + 1
    assert all(
        knowledge.rows(name) == SHIPPED.rows(name) for name in SHIPPED.tables if name not in ("guidance", "citations")
    )


def test_the_shipped_tables_are_left_alone(fx_overlay):
    before = SHIPPED.rows("guidance")
    lupus_pgx.load_knowledge(str(fx_overlay))
    assert lupus_pgx.load_knowledge() is SHIPPED
    assert SHIPPED.rows("guidance") is before
    assert SHIPPED.overlay is None
    assert "+" not in SHIPPED.release


def test_a_cell_that_is_left_out_is_empty(tmp_path):
    names = [name for name in SHIPPED.tables["guidance"].columns if name not in ("strength", "applies_if")]
    folder = write(tmp_path / "o", guidance=lines_of("guidance", is_rule(AZA), names))
    (row,) = [row for row in lupus_pgx.load_knowledge(folder).rows("guidance") if row["rule"] == AZA]
    assert row["strength"] is None
    (old,) = [row for row in SHIPPED.rows("guidance") if row["rule"] == AZA]
    assert old["strength"]


def test_the_loci_of_an_allele_are_replaced_together(tmp_path):
    """TPMT *3A without its second locus is *3B, which is said; with another second locus it is taken."""

    def three_a(row):
        return (row["gene"], row["allele"]) == ("TPMT", "*3A") and row["locus"] == "rs1800460"

    folder = write(tmp_path / "o", allele_loci=lines_of("allele_loci", three_a))
    with pytest.raises(lupus_pgx.KnowledgeError, match=r"has the same loci as \*3A"):
        lupus_pgx.load_knowledge(folder)
    (row,) = [row for row in SHIPPED.rows("allele_loci") if (row["gene"], row["allele"]) == ("TPMT", "*2")]
    more = "\t".join(["TPMT", "*3A", row["locus"], row["grch38_ref"], row["grch38_alt"], "required", row["source"]])
    write(folder, allele_loci=lines_of("allele_loci", three_a) + more + "\n")
    loci = [
        row["locus"]
        for row in lupus_pgx.load_knowledge(folder).rows("allele_loci")
        if (row["gene"], row["allele"]) == ("TPMT", "*3A")
    ]
    assert sorted(loci) == sorted(["rs1800460", row["locus"]])
    assert "rs1142345" not in loci


def test_the_counts_of_a_population_are_replaced_together(tmp_path):
    text = (
        "gene\tpopulation\tallele\tcount\ttotal\tsource\n"
        "TPMT\tEUR\t*1\t99\t100\t1000-Genomes\nTPMT\tEUR\tother\t1\t100\t1000-Genomes\n"
    )
    knowledge = lupus_pgx.load_knowledge(write(tmp_path / "o", haplotype_frequencies=text))
    star = knowledge.star_genes["TPMT"]
    assert star.counts["EUR"] == {"*1": 99, "other": 1}
    assert star.counts["AFR"] == SHIPPED.star_genes["TPMT"].counts["AFR"]


# --- where rows come from --------------------------------------------------------------------------


def test_origin_names_file_and_line(fx_overlay):
    knowledge = lupus_pgx.load_knowledge(fx_overlay)
    assert knowledge.origin("guidance", AZA) == f"{fx_overlay / 'guidance.tsv'}:2"
    assert knowledge.origin("citations", "House rule") == f"{fx_overlay / 'citations.tsv'}:2"
    assert knowledge.origin("guidance", "CPIC-azathioprine-TPMT-PM") == "shipped"
    assert knowledge.origin("haplotype_frequencies", "TPMT", "EUR", "*1") == "shipped"
    assert SHIPPED.origin("guidance", AZA) == "shipped"


@pytest.mark.parametrize(("key", "word"), [(("guidence", AZA), "guidance"), (("guidance", "no such"), "no row")])
def test_origin_of_nothing_is_a_usage_error(key, word):
    with pytest.raises(lupus_pgx.UsageError, match=word):
        SHIPPED.origin(*key)


def test_result_rows_name_the_overlay(fx_overlay):
    knowledge = lupus_pgx.load_knowledge(fx_overlay)
    patient = lupus_pgx.respond({"NUDT15": "*3/*3", "TPMT": "*3A/*3A"}, ["azathioprine"], knowledge)
    rules = patient.guidance.to_frame()
    assert rules[rules.source == "CPIC (overlay)"].condition.tolist() == ["NUDT15=Poor Metabolizer"]
    bodies = {row["guideline"] for row in SHIPPED.rows("guidance") if row["drug"] == "azathioprine"}
    assert bodies > {"CPIC", "DPWG"}
    # CPIC's own row on TPMT fires, too; of two rows that ask for the same the first is shown.
    assert set(rules.source) == (bodies - {"CPIC"}) | {"CPIC (overlay)"}
    (drug,) = patient.drug_responses.to_frame().itertuples()
    assert drug.guideline == "CPIC (overlay)"
    assert drug.summary.endswith("Rests on rows of an overlay.")
    assert drug.action == "avoid"
    assert "House rule" in drug.citations.split(";")


def test_a_drug_line_says_that_a_function_is_of_an_overlay(tmp_path):
    header = "gene\tallele\tfunction\tactivity_value\trelease\tsource"
    (tmp_path / "allele_function.tsv").write_text(f"{header}\nTPMT\t*3A\tNormal function\t\t2026-11-01\tPharmCAT\n")
    knowledge = lupus_pgx.load_knowledge(tmp_path)
    calls = {"TPMT": "*1/*3A", "NUDT15": "*1/*1", "CYP3A5": "*1/*3"}
    patient = lupus_pgx.respond(calls, ["azathioprine", "tacrolimus"], knowledge)
    assert patient.drug("azathioprine").action.value == "standard"
    said = "What TPMT means rests on rows of an overlay."
    assert patient.drug("azathioprine").summary.endswith(said)
    assert "overlay" not in patient.drug("tacrolimus").summary
    assert "overlay" not in lupus_pgx.respond(calls, ["azathioprine"]).drug("azathioprine").summary


def test_evidence_rows_name_the_overlay(tmp_path):
    null = next(row for row in SHIPPED.rows("evidence") if row["use"] == "null" and row["condition"] is None)
    folder = write(tmp_path / "o", evidence=lines_of("evidence", lambda row: row["evidence"] == null["evidence"]))
    patient = lupus_pgx.respond({"TPMT": "*1/*1"}, [null["drug"]], lupus_pgx.load_knowledge(folder))
    rows = patient.evidence.to_frame()
    marked = rows[rows.source.str.endswith(" (overlay)")]
    assert marked.finding.tolist() == [null["finding"]]
    assert marked.source.tolist() == [f"{null['source']} (overlay)"]
    assert patient.drug(null["drug"]).summary.endswith("Rests on rows of an overlay.")


def test_result_rows_without_overlay_rows_do_not(fx_overlay):
    knowledge = lupus_pgx.load_knowledge(fx_overlay)
    patient = lupus_pgx.respond({"NUDT15": "*1/*1", "TPMT": "*1/*1"}, ["azathioprine"], knowledge)
    (drug,) = patient.drug_responses.to_frame().itertuples()
    assert (drug.guideline, drug.action) == ("CPIC", "standard")
    assert "overlay" not in " ".join([drug.summary, *patient.guidance.to_frame().source])


def test_rows_of_one_guideline_body_stay_together(fx_overlay):
    """The overlay's CPIC row and the shipped CPIC rows are one guideline, not two that disagree."""
    knowledge = lupus_pgx.load_knowledge(fx_overlay)
    given = {"NUDT15": "*3/*3", "TPMT": "*1/*1"}
    with_it, without = (lupus_pgx.respond(given, ["azathioprine"], item) for item in (knowledge, SHIPPED))
    assert with_it.drug("azathioprine").conflicts == without.drug("azathioprine").conflicts
    assert with_it.drug("azathioprine").certainty == without.drug("azathioprine").certainty == 1.0


def test_calls_of_a_changed_gene_say_so(tmp_path):
    marked = lines_of("allele_function", lambda row: (row["gene"], row["allele"]) == ("TPMT", "*3C"))
    marker = lines_of("markers", lambda row: row["gene"] == "FCGR3A")
    knowledge = lupus_pgx.load_knowledge(write(tmp_path / "o", allele_function=marked, markers=marker))
    path = VcfBuilder(genes=("TPMT", "NUDT15", "FCGR3A", "APOL1")).write(tmp_path / "in")
    analysis = lupus_pgx.analyze(path, knowledge=knowledge)
    notes = analysis.diplotypes.to_frame().set_index("gene").note.fillna("")
    assert notes["TPMT"] == "with rows of an overlay"
    assert notes["NUDT15"] == ""
    notes = analysis.markers.to_frame().set_index(["gene", "marker"]).note.fillna("")
    assert notes["FCGR3A"].tolist() == ["with rows of an overlay"]
    assert notes["APOL1", "risk haplotypes"] == ""
    assert not notes.drop("FCGR3A").str.contains("overlay").any()


def test_outputs_hold_overlay_release_and_checksums(fx_overlay, tmp_path, fx_cli):
    path = VcfBuilder(genes=("TPMT", "NUDT15")).write(tmp_path / "in")
    code, _, err = fx_cli("analyze", path, "--overlay", fx_overlay, "-o", tmp_path / "out")
    assert (code, warned(err)) == (0, "")
    documents = [
        json.loads((tmp_path / "out" / name).read_text())["provenance"] for name in ("provenance.json", "analysis.json")
    ]
    assert documents[0] == documents[1]
    sums = {
        name: hashlib.sha256((fx_overlay / f"{name}.tsv").read_bytes()).hexdigest()
        for name in ("citations", "guidance")
    }
    joined = hashlib.sha256("".join(f"{name} {value}\n" for name, value in sums.items()).encode()).hexdigest()
    stated = documents[0]["knowledge"]
    assert stated["overlay"] == {"folder": str(fx_overlay), "sha256": joined, "tables": sums}
    assert documents[0]["data_release"] == stated["release"] == f"{SHIPPED.release}+overlay.{joined[:12]}"
    assert stated["tables"]["guidance"]["overlay_rows"] == stated["tables"]["citations"]["overlay_rows"] == 1
    assert stated["tables"]["loci"]["overlay_rows"] == 0


def test_outputs_hold_source_and_licence_of_every_table(tmp_path):
    path = VcfBuilder(genes=("TPMT",)).write(tmp_path / "in")
    lupus_pgx.analyze(path).write(tmp_path / "out", formats=["tsv"])
    stated = json.loads((tmp_path / "out" / "provenance.json").read_text())["provenance"]["knowledge"]
    assert stated["overlay"] is None
    assert stated["tables"].keys() == SHIPPED.tables.keys()
    licences = {row["source"]: row["licence"] for row in SHIPPED.rows("sources")}
    for name, facts in stated["tables"].items():
        content = (Path(str(lupus_pgx.knowledge.tables.data_folder())) / f"{name}.tsv").read_bytes()
        assert facts["sha256"] == hashlib.sha256(content).hexdigest()
        assert facts["rows"] == len(SHIPPED.rows(name))
        if name not in ("citations", "sources"):
            assert facts["sources"] == sorted({row.get("source") or row["guideline"] for row in SHIPPED.rows(name)})
            assert facts["licences"] == sorted({licences[source] for source in facts["sources"]})
    assert stated["sources"].keys() == licences.keys()


def test_the_release_is_that_of_the_rows_not_of_the_folder(fx_overlay, tmp_path):
    other = write(tmp_path / "elsewhere", **{path.stem: path.read_text() for path in fx_overlay.glob("*.tsv")})
    first, second = lupus_pgx.load_knowledge(fx_overlay), lupus_pgx.load_knowledge(other)
    assert first.release == second.release != SHIPPED.release
    write(other, guidance=(other / "guidance.tsv").read_text().replace("house", "home"))
    assert lupus_pgx.load_knowledge(other).release != first.release


@pytest.mark.parametrize(
    "arguments",
    [
        ("whatif", "TPMT=*1/*1", "--drugs", "AZA"),
        ("explain", "VCF", "--drug", "AZA"),
        ("analyze", "VCF", "--drugs", "AZA"),
        ("positions", "--build", "GRCh38", "--format", "vcf", "--genes", "TPMT"),
        ("knowledge", "list"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_command_takes_an_overlay_and_says_the_release(arguments, fx_overlay, fx_cli, fx_example):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    words = [vcf if word == "VCF" else word for word in arguments]
    code, out, err = fx_cli(*words, "--overlay", fx_overlay)
    assert (code, err) == (0, "")
    assert lupus_pgx.load_knowledge(fx_overlay).release in out
    assert f"{SHIPPED.release}+overlay" not in fx_cli(*words)[1]


# --- what is refused ---------------------------------------------------------------------------------


def test_all_faults_of_all_tables_are_named_at_once(tmp_path):
    folder = write(
        tmp_path / "o",
        missing_policy="gene\tlocus\tpolicy\treason\tsource\nTPMT\trs1142345\tsometimes\t\tClinPGx\n",
        sources="source\tname\tversion\tlicence\turl\nx;y\tX\t1\tMIT\thttps://example.org\n",
        allele="gene\tallele\n",
    )
    with pytest.raises(lupus_pgx.KnowledgeError) as caught:
        lupus_pgx.load_knowledge(folder)
    head, *faults = str(caught.value).splitlines()
    assert head == f"{folder}: 4 faults in the knowledge tables; correct the rows and try again"
    assert faults == [
        f"{folder}/allele.tsv:1: no table has this name: did you mean alleles.tsv?",
        f"{folder}/missing_policy.tsv:2: policy=sometimes: expected one of never",
        f"{folder}/missing_policy.tsv:2: reason=: must not be empty",
        f"{folder}/sources.tsv:2: source=x;y: expected text of the pattern [^;=|&\\t]+",
    ]
    assert caught.value.exit_code == 65


def test_a_shipped_row_that_the_overlay_breaks_is_named(tmp_path):
    """Renaming a phenotype of TPMT leaves shipped guideline rows without a sample that can meet them."""
    keep = lambda row: row["gene"] == "TPMT" and row["phenotype"] == "Poor Metabolizer"  # noqa: E731
    folder = write(tmp_path / "o", phenotype_rules=lines_of("phenotype_rules", keep, phenotype="Slow"))
    with pytest.raises(lupus_pgx.KnowledgeError, match=r"data/guidance\.tsv:\d+: condition=.*Poor Metabolizer is no"):
        lupus_pgx.load_knowledge(folder)


def test_a_folder_that_is_not_there_is_missing_input(tmp_path, fx_cli):
    with pytest.raises(lupus_pgx.InputMissingError, match="there is none"):
        lupus_pgx.load_knowledge(tmp_path / "nowhere")
    assert fx_cli("whatif", "TPMT=*1/*1", "--overlay", tmp_path / "nowhere")[0] == 66


def test_a_folder_without_tables_is_refused(tmp_path):
    (tmp_path / "guidance.csv").write_text("rule,drug\n")
    with pytest.raises(lupus_pgx.KnowledgeError, match=r"found no \.tsv file"):
        lupus_pgx.load_knowledge(tmp_path)


def test_a_broken_overlay_stops_the_command_with_every_fault(tmp_path, fx_cli):
    folder = write(tmp_path / "o", guidance=lines_of("guidance", is_rule(AZA), action="flee", year="soon"))
    code, out, err = fx_cli("whatif", "TPMT=*1/*1", "--overlay", folder)
    assert (code, out) == (65, "")
    assert f"{folder}/guidance.tsv:2: year=soon: expected an integer" in err
    assert f"{folder}/guidance.tsv:2: action=flee: expected one of standard, avoid" in err


def test_checking_loads_only_with_an_overlay(fx_overlay):
    program = (
        "import sys, lupus_pgx\n"
        "names = ('jsonschema', 'lupus_pgx.knowledge.check.tables')\n"
        "def loaded(): return [name for name in names if name in sys.modules]\n"
        "lupus_pgx.load_knowledge()\nassert loaded() == []\n"
        f"lupus_pgx.load_knowledge({str(fx_overlay)!r})\nassert len(loaded()) == 2\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("guidance", "source", "no such column in the table guidance: it is called guideline now"),
        ("guidance", "priority", "no such column in the table guidance: it stands in the table guidelines now"),
        ("loci", "grch38_alt", "no such column in the table loci: it stands in the table locus_alleles now"),
        ("contraindications", "condition", "no such column in the table contraindications: it is called state now"),
        ("evidence", "outcome", "no such column in the table evidence: it is called about now"),
        ("response_criteria", "outcome", "no such column in the table response_criteria: it is called meaning now"),
        ("review_signs", "condition", "no such column in the table review_signs: it is called applies_when now"),
    ],
)
def test_an_overlay_of_an_earlier_release_says_where_a_column_is_now(table, column, said, tmp_path):
    folder = write(tmp_path / "o", **{table: f"{column}\tnote\nx\ty\n"})
    with pytest.raises(lupus_pgx.KnowledgeError) as caught:
        lupus_pgx.load_knowledge(folder)
    assert f"{table}.tsv:1: column={column}: {said}" in str(caught.value)
