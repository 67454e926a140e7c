"""Outside calls: read in two forms, override the file, report conflicts, understand CYP2D6 structure and HLA."""

from __future__ import annotations

import pandas as pd
import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import Table


@pytest.fixture
def fx_run(tmp_path):
    """Analyze a file of some samples with outside calls given as text."""

    def run(text: str, samples=("S1",), **options):
        calls = tmp_path / "calls.tsv"
        calls.write_text(text, encoding="utf-8")
        path = VcfBuilder(samples=list(samples), genes=("CYP2D6", "TPMT")).write(tmp_path / "file")
        return lupus_pgx.analyze(path, outside_calls=calls, **options)

    return run


def rows(analysis, gene):
    frame = analysis.diplotypes.to_frame()
    return frame[frame.gene == gene].set_index("sample_id")


# Activity values by CPIC: *1 and *2 1, *10 and *41 0.25 (*9 0.25), *4, *5 and *36 0; xN multiplies, a tandem adds up.
@pytest.mark.parametrize(
    ("given", "diplotype", "score", "phenotype"),
    [
        ("*1/*4", "*1/*4", 1.0, "Intermediate Metabolizer"),
        ("*4/*1x2", "*1x2/*4", 2.0, "Normal Metabolizer"),
        ("*1x3/*1", "*1/*1x3", 4.0, "Ultrarapid Metabolizer"),
        ("*36+*10/*5", "*5/*36 + *10", 0.25, "Intermediate Metabolizer"),
        ("*4/*5", "*4/*5", 0.0, "Poor Metabolizer"),
    ],
)
def test_cyp2d6_structure(given, diplotype, score, phenotype, fx_run):
    row = rows(fx_run(f"gene\tdiplotype\nCYP2D6\t{given}\n"), "CYP2D6").loc["S1"]
    assert (row.diplotype, row.call_status, row.activity_score) == (diplotype, "outside", score)
    assert (row.phenotype, row.phenotype_probability) == (phenotype, 1.0)


def test_copies_without_a_number_are_two_or_three(fx_run):
    row = rows(fx_run("gene\tdiplotype\nCYP2D6\t*2xN/*1\n"), "CYP2D6").loc["S1"]
    assert (row.candidates, row.call_status) == ("*1/*2x2=0.5000;*1/*2x≥3=0.5000", "ambiguous")
    undecided = rows(fx_run("gene\tdiplotype\nCYP2D6\t*1xN/*4\n"), "CYP2D6").loc["S1"]
    assert undecided.phenotypes == "Normal Metabolizer=0.5000;Ultrarapid Metabolizer=0.5000"
    drug = fx_run("gene\tdiplotype\nCYP2D6\t*1xN/*4\n", drugs=["codeine"]).patient("S1").drug("codeine")
    assert (drug.response, drug.action) == ("indeterminate", "test_first")


def test_sequence_alone_never_settles_cyp2d6(tmp_path):
    path = VcfBuilder(genes=("CYP2D6",)).write(tmp_path / "file")
    row = rows(lupus_pgx.analyze(path), "CYP2D6").loc["S1"]
    assert row.call_status == "probable"
    assert "structure not assessed" in row.note


def test_hla_is_typed_not_called(fx_run):
    analysis = fx_run("gene\tdiplotype\nHLA-B\tHLA-B*58:01:01/*07:02\n")
    assert rows(analysis, "HLA-B").diplotype["S1"] == "*07:02/*58:01"
    assert rows(analysis, "HLA-A").call_status["S1"] == "no_call"


@pytest.mark.parametrize("separator", ["\t", ","])
def test_cohort_table_overrides_only_its_samples(separator, fx_run):
    text = separator.join(["sample_id", "gene", "diplotype"]) + "\n" + separator.join(["0012", "TPMT", "*2/*3A"]) + "\n"
    table = rows(fx_run(text, samples=("S1", "0012")), "TPMT")
    assert table.diplotype.to_dict() == {"S1": "*1/*1", "0012": "*2/*3A"}
    assert table.call_status.to_dict() == {"S1": "certain", "0012": "outside"}


def test_pharmcat_form_without_header(fx_run):
    analysis = fx_run("#comment\nCYP2D6\t*1/*4\t\t\nTPMT\t*1/*3C\tIntermediate Metabolizer\n")
    assert rows(analysis, "TPMT").diplotype["S1"] == "*1/*3C"
    assert rows(analysis, "CYP2D6").diplotype["S1"] == "*1/*4"


def test_conflict_with_the_file_is_reported(fx_run):
    row = rows(fx_run("gene\tdiplotype\nTPMT\t*2/*3A\n"), "TPMT").loc["S1"]
    assert "contradicts" in row.note
    assert "*1/*1" in row.note
    agreeing = rows(fx_run("gene\tdiplotype\nTPMT\t*1/*1\n"), "TPMT").loc["S1"]
    assert "contradicts" not in agreeing.note


def test_the_response_follows_the_outside_call(fx_run):
    patient = fx_run("gene\tdiplotype\nTPMT\t*2/*3A\n").patient("S1")
    assert patient.drug("azathioprine").action == "avoid"


def test_marker_genotypes_may_be_given(fx_run):
    markers = fx_run("gene\tdiplotype\nFCGR3A\tV/F\n").markers.to_frame().set_index(["gene", "marker"])
    assert markers.loc[("FCGR3A", "F158V"), ["genotype", "status"]].tolist() == ["V/F", "outside"]
    assert markers.genotype.drop(("FCGR3A", "F158V")).isna().all()


def test_marker_of_a_gene_with_several_must_be_named(fx_run):
    """On the plus strand, A/G is a genotype of MTHFR 677C>T only; G/G could be of either marker."""
    for name, given, genotype in (("MTHFR 677C>T", "G/G", "G/G"), ("MTHFR", "A/G", "G/A")):
        markers = fx_run(f"gene\tdiplotype\n{name}\t{given}\n").markers.to_frame().set_index(["gene", "marker"])
        assert markers.genotype["MTHFR", "677C>T"] == genotype
        assert pd.isna(markers.genotype["MTHFR", "1298A>C"])
    with pytest.raises(lupus_pgx.InputError, match=r"say which \(MTHFR 1298A>C, MTHFR 677C>T\)"):
        fx_run("gene\tdiplotype\nMTHFR\tG/G\n")


@pytest.mark.parametrize(
    ("text", "samples", "message"),
    [
        ("gene\tdiplotype\nTPMT\t*1/*99\n", ("S1",), "calls.tsv:2.*TPMT allele"),
        ("gene\tdiplotype\nTPTM\t*1/*1\n", ("S1",), "calls.tsv:2.*unknown gene or marker.*did you mean TPMT"),
        ("gene\tdiplotype\nTPMT\t\n", ("S1",), "calls.tsv:2.*diplotype"),
        ("gene\tdiplotype\nTPMT\t*1\n", ("S1",), "two alleles"),
        ("gene\tdiplotype\nHLA-B\t58/07\n", ("S1",), "two fields"),
        ("gene\tdiplotype\nTPMT\t*1/*1\n", ("S1", "S2"), "sample_id"),
        ("gene\tdiplotype\nTPMT\t*1/*1\nTPMT\t*1/*2\n", ("S1",), "second call"),
    ],
)
def test_faults_name_the_line(text, samples, message, fx_run):
    with pytest.raises(lupus_pgx.InputError, match=message):
        fx_run(text, samples=samples)


def test_missing_file(fx_cli, fx_example, tmp_path):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    code, out, err = fx_cli("analyze", vcf, "--outside-calls", tmp_path / "none.tsv")
    assert (code, out) == (66, "")
    assert len(err.splitlines()) == 1


@pytest.fixture(scope="module")
def fx_cyp2d6_rule(fx_knowledge):
    """Knowledge in which tacrolimus follows CYP2D6: no shipped rule does."""
    table = fx_knowledge.tables["guidance"]
    rows = tuple({**row, "condition": row["condition"].replace("CYP3A5", "CYP2D6")} for row in table.rows)
    changed = Table(table.name, table.columns, table.types, rows)
    release = {"release": "test", "tables": fx_knowledge.checksums}
    return Knowledge(release, {**fx_knowledge.tables, "guidance": changed})


def test_no_rule_rests_on_the_sequence_of_cyp2d6(fx_cyp2d6_rule, fx_run):
    """Sequence says normal metabolizer, complete at every locus: without structure no dose follows."""
    from_file = fx_run("gene\tdiplotype\nTPMT\t*1/*1\n", knowledge=fx_cyp2d6_rule).patient("S1").drug("tacrolimus")
    assert (from_file.response, from_file.action) == ("indeterminate", "test_first")
    given = fx_run("gene\tdiplotype\nCYP2D6\t*1/*1\n", knowledge=fx_cyp2d6_rule).patient("S1").drug("tacrolimus")
    assert given.action == "increase_dose"


@pytest.mark.parametrize(("allele", "risk"), [("Reference", "normal"), ("827A>G", "normal"), ("1555A>G", "increased")])
def test_mt_rnr1_has_the_risk_of_the_guideline(allele, risk):
    # CPIC aminoglycosides, PMID:34032273: no variant that raises the risk, and m.827A>G, are the normal risk.
    row = lupus_pgx.respond({"MT-RNR1": allele}, drugs=[]).diplotypes.to_frame().set_index("gene").loc["MT-RNR1"]
    assert row.phenotype == f"{risk} risk of aminoglycoside-induced hearing loss"
