"""What a hand-over means: names of former days, phenotypes, one allele, suffixes, strands, several files, samples."""

from __future__ import annotations

import logging
import re

import pytest
from builder import VcfBuilder
from helpers import check_each

import lupus_pgx


def call(gene, text, drugs=("codeine",)):
    """One row of diplotypes of ``respond``."""
    frame = lupus_pgx.respond({gene: text}, drugs=list(drugs)).diplotypes.to_frame()
    return frame[frame.gene == gene].iloc[0]


def drug(calls, name):
    return lupus_pgx.respond(calls, drugs=[name]).drug(name)


@pytest.fixture
def fx_run(tmp_path):
    """Analyze samples with complete genotypes at TPMT, with files of calls made elsewhere."""

    def run(*texts, samples=("S1", "S2"), drugs=("azathioprine",), **options):
        paths = []
        for number, text in enumerate(texts):
            path = tmp_path / f"calls{number}.tsv"
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        vcf = VcfBuilder(samples=list(samples), genes=("TPMT", "NUDT15")).write(tmp_path / "file")
        analysis = lupus_pgx.analyze(vcf, drugs=list(drugs), outside_calls=paths, **options)
        return analysis.diplotypes.to_frame().set_index(["sample_id", "gene"]), analysis

    return run


# --- names ---


def test_every_alias_reads_as_an_allele_of_the_function_it_had(fx_knowledge):
    """A row that is read gives a call; one that must not be guessed is refused with its reason."""

    def check(row):
        star = fx_knowledge.star_genes[row["gene"]]
        one_copy = star.x_linked or star.one_copy
        other = "/" + star.reference_allele if row["kind"] == "allele" and not one_copy else ""
        if row["rule"] == "ask":
            with pytest.raises(lupus_pgx.UsageError, match="is not read"):
                lupus_pgx.respond({row["gene"]: row["alias"] + other}, drugs=["codeine"])
            return
        found = call(row["gene"], row["alias"] + other)
        assert "read as" in found.note, found.note
        if row["kind"] == "phenotype":
            assert found.phenotype == row["reads_as"]
        else:
            names = {name for pair in found.candidates.split(";") for name in pair.rpartition("=")[0].split("/")}
            assert names - {star.reference_allele} <= set(row["reads_as"].replace("/", ";").split(";"))

    rows = fx_knowledge.rows("allele_aliases")
    check_each(rows, check, name=lambda row: f"{row['gene']} {row['alias']}")


@pytest.mark.parametrize(
    ("gene", "text", "diplotype", "phenotype"),
    [
        ("NUDT15", "*1/*2", "*1/*3", "Intermediate Metabolizer"),
        ("G6PD", "B (wildtype)/Mediterranean", None, "Variable"),
        ("G6PD", "Canton", "Canton, Taiwan-Hakka, Gifu-like, Agrigento-like", "Deficient"),
        ("G6PD", "Telti/Kobe/B (reference)", "B (reference)/Telti, Kobe", "Variable"),
        ("TPMT", "TPMT*1/TPMT*3a", "*1/*3A", "Intermediate Metabolizer"),
        ("CYP2D6", "*1.001/*4.013", "*1/*4", "Intermediate Metabolizer"),
        ("CYP2D6", "*10+*36/*5", "*5/*36 + *10", "Intermediate Metabolizer"),
        ("CYP2D6", "*4+*4/*41", "*4x2/*41", "Intermediate Metabolizer"),
        ("CYP2D6", "deletion/*4", "*4/*5", "Poor Metabolizer"),
        ("CYP2D6", "*1x3+/*4", "*1x≥3/*4", "Ultrarapid Metabolizer"),
        ("CYP2D6", "*1>=3/*4", "*1x≥3/*4", "Ultrarapid Metabolizer"),
        ("UGT1A1", "TA7/TA7", "*28/*28", "Poor Metabolizer"),
        ("NAT2", "slow acetylator", None, "Poor Metabolizer"),
        ("VKORC1", "-1639 G/A", None, "-1639 AG"),
    ],
)
def test_names_that_people_use(gene, text, diplotype, phenotype):
    row = call(gene, text)
    assert row.phenotype == phenotype
    assert row.phenotype_probability == 1
    assert diplotype is None or row.diplotype == diplotype


def test_deficient_in_three_ways_is_deficient():
    row = call("G6PD", "A-")
    assert (row.phenotype, row.phenotype_probability, row.n_candidates) == ("Deficient", 1, 3)
    assert "A- read as A- 202A_376G or A- 680T_376G or A- 968C_376G" in row.note


def test_an_altered_allele_does_what_nobody_knows():
    for text in ("*1/*2-like", "*1/(*2 +rs1234567)", "*1/*2 -rs16947"):
        row = call("CYP2D6", text)
        assert row.phenotype == "Indeterminate", text
        assert "what it does is not known" in row.note


def test_alleles_without_a_number_of_copies_stay_open():
    row = call("CYP2D6", "*1xN/*4")
    assert row.candidates == "*1x2/*4=0.5000;*1x≥3/*4=0.5000"
    assert drug({"CYP2D6": "*1xN/*4"}, "codeine").action == "test_first"
    assert call("CYP2D6", "*4xN/*5").phenotype == "Poor Metabolizer"


# --- phenotypes and scores ---


@pytest.mark.parametrize(
    ("gene", "text", "phenotype"),
    [
        ("CYP2D6", "PM", "Poor Metabolizer"),
        ("CYP2D6", "EM", "Normal Metabolizer"),
        ("CYP2D6", "cyp2d6 intermediate metaboliser", "Intermediate Metabolizer"),
        ("CYP2C19", "likely poor metabolizer (PM)", "Likely Poor Metabolizer"),
        ("CYP2C19", "ultra-rapid metabolizer", "Ultrarapid Metabolizer"),
        ("SLCO1B1", "DECREASED FUNCTION", "Decreased Function"),
        ("G6PD", "Deficient", "Deficient"),
        ("CYP2C9", "score 1.5", "Intermediate Metabolizer"),
        ("CYP2D6", "activity score ≥6", "Ultrarapid Metabolizer"),
    ],
)
def test_a_phenotype_or_a_score_is_a_call(gene, text, phenotype):
    row = call(gene, text)
    assert (row.phenotype, row.call_status, row.n_candidates) == (phenotype, "outside", 0)


@pytest.mark.parametrize(
    "text",
    [
        "not Normal Metabolizer",
        "Ultrarapid or Normal Metabolizer",
        "Normal Metabolizer; Poor Metabolizer",
        "cannot be a Normal Metabolizer",
        "Normal Metabolizer?",
        "Normal Metabolizer pending",
        "Normal Metabolizer (mother)",
        "Normal Metabolizer (PM)",
        "Poor Metabolizer ruled out",
        "Normal to Poor Metabolizer",
    ],
)
def test_a_word_beside_a_phenotype_is_not_left_aside(text, fx_run):
    """It may deny it, doubt it, name a second one, or tell of somebody else."""
    with pytest.raises(lupus_pgx.UsageError, match="CYP2D6"):
        lupus_pgx.respond({"CYP2D6": text}, ["codeine"])
    with pytest.raises(lupus_pgx.InputError, match="TPMT"):
        fx_run(f"sample_id\tgene\tphenotype\nS1\tTPMT\t{text}\n")


@pytest.mark.parametrize(("gene", "text"), [("G6PD", "B"), ("G6PD", "A- 202A_376G")])
def test_one_allele_of_a_woman_is_half_of_what_she_has(gene, text):
    with pytest.raises(lupus_pgx.UsageError, match="female: expected two alleles"):
        lupus_pgx.respond({gene: text}, ["dapsone"], context={"sex": "female"})
    assert (
        "G6PD" not in lupus_pgx.respond({gene: text}, ["dapsone"], context={"sex": "male"}).drug("dapsone").not_assessed
    )


@pytest.mark.parametrize("calls", [{"TPMT": None}, {"TPMT": 1}, {"TPMT": float("nan")}, {None: "*1/*1"}, "TPMT", 5])
def test_what_is_no_text_is_no_call(calls):
    with pytest.raises(lupus_pgx.UsageError, match="calls: expected a text for each gene"):
        lupus_pgx.respond(calls, ["azathioprine"])


@pytest.mark.parametrize("given", [{"drugs": [None]}, {"drugs": 5}, {"context": 5}, {"outside_calls": 5}])
def test_what_is_of_another_kind_is_said(given):
    with pytest.raises(lupus_pgx.UsageError, match="expected"):
        lupus_pgx.respond({"TPMT": "*1/*1"}, **{"drugs": ["azathioprine"], **given})


def test_a_phenotype_is_enough_for_its_drug():
    assert drug({"TPMT": "Poor Metabolizer"}, "azathioprine").action == "avoid"
    assert drug({"CYP2D6": "Poor Metabolizer"}, "codeine").action == "avoid"


def test_a_phenotype_of_several_scores_leaves_rules_by_score_open():
    """Of CYP2C9, score 1 lowers the dose of phenytoin and 1.5 does not: intermediate may be either."""
    typed = {"HLA-B": "*07:02/*08:01", "HLA-A": "*01:01/*02:01"}
    actions = {text: drug({"CYP2C9": text, **typed}, "phenytoin") for text in ("score 1", "score 1.5", "IM")}
    assert actions["score 1"].action == "reduce_dose"
    assert actions["score 1.5"].action != "reduce_dose"
    assert (actions["IM"].action, actions["IM"].response) != ("reduce_dose", actions["score 1"].response)
    assert actions["IM"].action != "standard"


def test_what_is_stated_beside_a_pair(fx_run):
    header = "sample_id\tgene\tdiplotype\tphenotype\n"
    rows, _ = fx_run(f"{header}S1\tTPMT\t*1/*3A\tIM\nS2\tTPMT\t*1/*3A\tPoor Metabolizer\n")
    assert (rows.call_status["S1", "TPMT"], rows.phenotype["S1", "TPMT"]) == ("outside", "Intermediate Metabolizer")
    assert rows.call_status["S2", "TPMT"] == "ambiguous"
    assert rows.phenotypes["S2", "TPMT"] == "Intermediate Metabolizer=0.5000;Poor Metabolizer=0.5000"
    assert "says Poor Metabolizer as well as Intermediate Metabolizer" in rows.note["S2", "TPMT"]


@pytest.mark.parametrize(
    ("gene", "text", "read", "drug_name", "action"),
    [
        ("RYR1", "Reference/c.103T>C", "Reference/MH-associated variant", "sevoflurane", "avoid"),
        ("CACNA1S", "c.520C>T/Reference", "Reference/MH-associated variant", "sevoflurane", "avoid"),
        ("RYR1", "Reference/c.1589G>A", "Reference/other variant", "sevoflurane", "test_first"),
        ("MT-RNR1", "m.1555A>G", "1555A>G", "gentamicin", "avoid"),
        ("MT-RNR1", "m.663A>G", "other variant", "gentamicin", None),
    ],
)
def test_variants_of_genes_known_by_outside_call_only(gene, text, read, drug_name, action):
    """PharmCAT and PyPGx write them by their change; none is a clearance."""
    row = call(gene, text)
    assert row.diplotype == read
    assert "read as" in row.note
    found = drug({gene: text}, drug_name).action
    assert found == action if action else found != "avoid"
    assert found != "standard"


# --- HLA ---


SPELLINGS = [
    "*58:01", "58:01", "B*58:01", "B*5801", "HLA-B*58:01", "HLA-B58:01", "HLA-B\\*58:01", "hla_b*58:01", "B*58:01:01",
    "B*58:01:01:01", "B*58:01:01G", "B*58:01P", "HLA-B*5801", "B_5801",
]  # fmt: skip


def test_every_spelling_of_a_typing():
    for text in SPELLINGS:
        assert call("HLA-B", f"{text}/*07:02").diplotype == "*07:02/*58:01", text
    assert drug({"HLA-B": "B*5801/*07:02"}, "allopurinol").action == "avoid"


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("*15:01N/*07:02", {"standard"}),
        ("*58:01N/*07:02", {"test_first"}),
        ("*07:02/*08:01", {"standard"}),
        ("*58:01Q/*07:02", {"test_first"}),
        ("*58:01:01:02L/*07:02", {"test_first"}),
        ("*58:01 positive", {"avoid"}),
        ("*58:01", {"avoid"}),
        ("*58:01 negative", {"standard"}),
        ("58:01 not detected", {"standard"}),
        ("*07:02", {"test_first"}),
        ("*57:01 negative", {"test_first"}),
        ("*57:01 positive", {"test_first"}),
        ("58:01,58:02/*07:02", {"test_first"}),
    ],
)
def test_what_is_known_of_one_allele(text, actions):
    """A null allele is not there, one of low expression may be; one allele says nothing of the other copy.

    No allele *58:01 of the list has an N: where one is written, it may be a slip.
    """
    assert drug({"HLA-B": text}, "allopurinol").action in actions


def test_a_call_without_a_pair_is_named_in_the_sentence():
    """What is known stands in the reason: one allele, or a phenotype."""
    assert "because of HLA-B *58:01 positive" in drug({"HLA-B": "*58:01 positive"}, "allopurinol").summary
    assert "because of CYP2D6 Intermediate Metabolizer" in drug({"CYP2D6": "IM"}, "codeine").summary


def test_suffixes_are_kept():
    assert call("HLA-A", "A*24:09:01N/*01:01").diplotype == "*01:01/*24:09N"
    assert call("HLA-A", "A*24:02:01:02L/*01:01").diplotype == "*01:01/*24:02L"
    assert "is a group" in call("HLA-B", "B*58:01:01G/*07:02").note


def test_the_list_of_hla_alleles_decides_what_exists():
    """Second fields are checked, and an allele that is not expressed only where the list has it so."""
    assert drug({"HLA-A": "*31:01N/*01:01", "HLA-B": "*07:02/*08:01"}, "carbamazepine").action == "standard"
    assert drug({"HLA-A": "*31:01/*01:01", "HLA-B": "*07:02/*08:01"}, "carbamazepine").action != "standard"
    assert "has it without a suffix" in call("HLA-B", "*58:01N/*07:02").note
    for name in ("*58:03", "*58:999", "*38:120", "*15:22"):
        with pytest.raises(lupus_pgx.LupusPgxError, match=re.escape(f"(January 2023) has no {name}")):
            lupus_pgx.respond({"HLA-B": f"{name}/*07:02"})


def test_a_newer_hla_allele_comes_by_an_overlay(tmp_path):
    (tmp_path / "hla_groups.tsv").write_text(
        "gene\tgroup\tfields\tsuffixes\tsource\nHLA-B\t58\t1-2;4-29;31-999\t\tIPD-IMGT/HLA\n"
    )
    knowledge = lupus_pgx.load_knowledge(overlay=tmp_path)
    result = lupus_pgx.respond({"HLA-B": "*58:999/*07:02"}, drugs=["allopurinol"], knowledge=knowledge)
    assert result.drug("allopurinol").action == "standard"


# --- markers ---


@pytest.mark.parametrize(
    ("name", "text", "genotype"),
    [
        ("FCGR3A", "V/F", "V/F"),
        ("FCGR3A F158V", "FV", "V/F"),
        ("FCGR3A F158V", "158V/F", "V/F"),
        ("rs396991", "A/C", "V/F"),
        ("rs396991", "T/G", "V/F"),
        ("rs396991", "T/T", "F/F"),
        ("MTHFR 677C>T", "C/T", "G/A"),
        ("MTHFR 677C>T", "T/T", "A/A"),
        ("rs1801131", "A/C", "T/G"),
        ("IL6 -174G>C", "C/G", "C/G"),
        ("IL6 -174G>C", "C/C", "C/C"),
        ("NR3C1 rs41423247", "plus C/C", "C/C"),
        ("NR3C1 rs41423247", "C/G", "G/C"),
    ],
)
def test_letters_of_either_strand(name, text, genotype):
    frame = lupus_pgx.respond({name: text}, drugs=["azathioprine"]).markers.to_frame()
    assert frame[frame.status == "outside"].genotype.tolist() == [genotype]


@pytest.mark.parametrize(("name", "text"), [("ABCB1 rs2032582", "A/A"), ("NR3C1 rs41423247", "C/C"), ("MTHFR", "A/A")])
def test_letters_that_may_be_of_either_strand_are_refused(name, text):
    with pytest.raises(lupus_pgx.UsageError, match=r"either strand|say which"):
        lupus_pgx.respond({name: text}, drugs=["azathioprine"])


# --- several files, several samples ---


ROW = "sample_id\tgene\tdiplotype\n"


def test_two_files_that_differ_are_both_shown(fx_run):
    rows, analysis = fx_run(f"{ROW}S1\tTPMT\t*1/*1\n", f"{ROW}S1\tTPMT\t*3A/*3A\n")
    row = rows.loc["S1", "TPMT"]
    assert (row.candidates, row.call_status) == ("*1/*1=0.5000;*3A/*3A=0.5000", "ambiguous")
    assert "two that differ, undecided: *1/*1" in row.note
    assert "calls0.tsv:2" in row.note
    assert "calls1.tsv:2" in row.note
    assert analysis.patient("S1").drug("azathioprine").action == "test_first"
    assert rows.diplotype["S2", "TPMT"] == "*1/*1"


def test_comments_before_the_header(fx_run):
    rows, _ = fx_run(
        f"# laboratory X\n#\n{ROW}# a note\nS1\tTPMT\t*1/*3A\n", "#sample_id\tgene\tdiplotype\nS2\tTPMT\t*2/*2\n"
    )
    assert rows.diplotype.loc[["S1", "S2"], "TPMT"].tolist() == ["*1/*3A", "*2/*2"]


def test_two_files_that_agree_are_one_call(fx_run):
    rows, _ = fx_run(
        f"{ROW}S1\tTPMT\t*1/*3A\n", "sample_id\tgene\tphenotype\nS1\tTPMT\tIM\n", f"{ROW}S1\tTPMT\t*3A/*1\n"
    )
    assert (rows.diplotype["S1", "TPMT"], rows.call_status["S1", "TPMT"]) == ("*1/*3A", "outside")


def test_a_no_call_leaves_its_gene_of_its_sample_open(fx_run):
    """The VCF of both says *1/*1; where another caller looked and made no call, nothing promises the usual dose."""
    rows, analysis = fx_run(f"{ROW}S1\tTPMT\tno call\n")
    assert rows.call_status.loc[["S1", "S2"], "TPMT"].tolist() == ["ambiguous", "certain"]
    assert "no call: no call" in rows.note["S1", "TPMT"]
    assert "the VCF alone would say *1/*1" in rows.note["S1", "TPMT"]
    assert analysis.patient("S1").drug("azathioprine").response == "indeterminate"
    assert analysis.patient("S2").drug("azathioprine").action == "standard"


def test_a_no_call_takes_no_warning_away(tmp_path):
    vcf = VcfBuilder(genes=("TPMT", "NUDT15")).set("rs1142345", "C/C").write(tmp_path / "file")
    calls = tmp_path / "calls.tsv"
    calls.write_text(f"{ROW}S1\tTPMT\tIndeterminate\n")
    analysis = lupus_pgx.analyze(vcf, drugs=["azathioprine"], outside_calls=calls)
    assert analysis.patient("S1").drug("azathioprine").action == "avoid"


def test_samples_that_are_not_there_are_told(fx_run, caplog):
    with caplog.at_level(logging.WARNING):
        rows, _ = fx_run(f"{ROW}S1\tTPMT\t*1/*3A\nS9\tTPMT\t*3A/*3A\n")
    assert "calls0.tsv: samples that are not in the input are left aside, with their line: S9 (3)" in caplog.text
    assert rows.diplotype.loc[["S1", "S2"], "TPMT"].tolist() == ["*1/*3A", "*1/*1"]


def test_a_file_is_of_the_sample_in_its_name_only(tmp_path):
    vcf = VcfBuilder(samples=["S1", "S10", "S2"], genes=("TPMT",)).write(tmp_path / "file")
    path = tmp_path / "S10.outside.tsv"
    path.write_text("TPMT\t*3A/*3A\n")
    frame = lupus_pgx.analyze(vcf, outside_calls=path).diplotypes.to_frame()
    found = frame[frame.gene == "TPMT"].set_index("sample_id").diplotype.to_dict()
    assert found == {"S1": "*1/*1", "S10": "*3A/*3A", "S2": "*1/*1"}


def test_a_file_of_a_sample_that_is_not_analyzed_reaches_no_other(tmp_path, caplog):
    """Its name is that of another sample of the input, or of none."""
    vcf = VcfBuilder(samples=["S1", "S2"], genes=("TPMT",)).write(tmp_path / "file")
    other, typed = tmp_path / "S2_genotype.tsv", tmp_path / "S9_final.result.txt"
    other.write_text("HLA-B\t2\tHLA-B*58:01:01\t80\t55\tHLA-B*07:02:01\t83\t60\n")
    typed.write_text("B\tHLA-B*58:01:01\tHLA-B*07:02:01\n")
    with caplog.at_level(logging.WARNING):
        frame = lupus_pgx.analyze(vcf, samples=["S1"], outside_calls=other).diplotypes.to_frame()
    assert frame[frame.gene == "HLA-B"].call_status.tolist() == ["no_call"]
    assert f"{other}: samples that are not analyzed are left aside, with their line: S2 (1)" in caplog.text
    with pytest.raises(lupus_pgx.InputError, match=r"sample 'S9' is not in the input \(S1, S2\)"):
        lupus_pgx.analyze(vcf, samples=["S1"], outside_calls=typed)
    frame = lupus_pgx.analyze(vcf, samples=["S1"], outside_calls={"S1": typed}).diplotypes.to_frame()
    assert frame[frame.gene == "HLA-B"].diplotype.tolist() == ["*07:02/*58:01"]


def test_the_name_before_a_path(fx_cli, tmp_path):
    vcf = VcfBuilder(samples=["S1", "S2"], genes=("TPMT",)).write(tmp_path / "file")
    path = tmp_path / "x.tsv"
    path.write_text("TPMT\t*3A/*3A\n")
    frame = lupus_pgx.analyze(vcf, outside_calls={"S2": path}).diplotypes.to_frame()
    assert frame[(frame.gene == "TPMT") & (frame.call_status == "outside")].sample_id.tolist() == ["S2"]
    code, _, err = fx_cli("analyze", vcf, "--outside-calls", f"S7={path}")
    assert code == 65
    assert "sample 'S7' is not in the input" in err
    pypgx = tmp_path / "data.tsv"
    pypgx.write_text("\tGenotype\tPhenotype\nS1\t*1/*3C\tx\n")
    frame = lupus_pgx.analyze(vcf, outside_calls=[f"TPMT={pypgx}"]).diplotypes.to_frame()
    assert frame[frame.call_status == "outside"].diplotype.tolist() == ["*1/*3C"]


def test_unknown_genes_are_a_warning(tmp_path, caplog):
    vcf = VcfBuilder(genes=("TPMT",)).write(tmp_path / "file")
    path = tmp_path / "outside.tsv"
    path.write_text("CFTR\tivacaftor non-responsive CFTR sequence/x\nDPYD\tReference/Reference\nTPMT\t*1/*3A\n")
    with caplog.at_level(logging.WARNING):
        frame = lupus_pgx.analyze(vcf, outside_calls=path).diplotypes.to_frame()
    assert f"{path}: genes that are not known here are left aside: CFTR, DPYD" in caplog.text
    assert frame[frame.call_status == "outside"].gene.tolist() == ["TPMT"]


def test_a_woman_has_two_copies(tmp_path):
    vcf = VcfBuilder(genes=("G6PD",)).write(tmp_path / "file")
    path = tmp_path / "outside.tsv"
    path.write_text("G6PD\tA-\n")
    with pytest.raises(lupus_pgx.InputError, match=r"'S1' is female: expected two alleles"):
        lupus_pgx.analyze(vcf, outside_calls=path, sex="female")
    frame = lupus_pgx.analyze(vcf, outside_calls=path, sex="male").diplotypes.to_frame()
    assert frame[frame.gene == "G6PD"].phenotype.tolist() == ["Deficient"]


def test_whatif_takes_files_of_one_patient(fx_cli, tmp_path):
    one, two = tmp_path / "cyrius.tsv", tmp_path / "more.tsv"
    one.write_text("Sample\tGenotype\tFilter\nX1\t*4/*5\tPASS\n")
    two.write_text("Sample\tGenotype\tFilter\nX1\t*4/*5\tPASS\nX2\t*1/*1\tPASS\n")
    code, out, _ = fx_cli("whatif", "--outside-calls", one, "--drugs", "codeine")
    assert code == 0
    assert "CYP2D6 *4/*5 Poor Metabolizer" in " ".join(out.split())
    code, _, err = fx_cli("whatif", "--outside-calls", two, "--drugs", "codeine")
    assert code == 65
    assert "expected the calls of one patient; found 2 samples" in err
    code, _, err = fx_cli("whatif", "CYP2D6=*1/*1", "--outside-calls", one, "--drugs", "codeine")
    assert code == 2
    assert "CYP2D6 is given twice" in err


# --- tables of sex, ancestry and context ---


def test_tables_of_samples_have_the_same_care(fx_cli, tmp_path, caplog):
    vcf = VcfBuilder(samples=["S1", "S2"], genes=("TPMT",)).write(tmp_path / "file")
    path = tmp_path / "sex.tsv"
    for text, sentence in (
        ("S1\tfemale\nS1\tmale\nS2\n", f"{path}:2: a second row of 'S1'; {path}:3: expected sample<TAB>sex"),
        ("s1\tfemale\ns2\tmale\n", f"{path}:1: sex table: 's1' is not in the input; did you mean 'S1'?; {path}:2: "),
        ("S1\tfemale\ns2\tmale\n", f"{path}:2: sex table: 's2' is not in the input; did you mean 'S2'?"),
        ("S1\tQ\nS2\tR\n", f"{path}:1: unknown sex 'Q': known: female, male; {path}:2: unknown sex 'R'"),
        ("sample\tsexx\nS1\tfemale\n", f"{path}:1: unknown sex 'sexx'"),
        ("X1\tfemale\n", f"{path}:1: no sample of the sex table is in the input"),
    ):
        path.write_text(text)
        code, _, err = fx_cli("analyze", vcf, "--sex", path)
        assert (code, sentence in err) == (2, True), err
    path.write_text("S1\tfemale\nX9\tmale\n")
    with caplog.at_level(logging.WARNING):
        assert fx_cli("analyze", vcf, "--sex", path)[0] == 0
    assert "sex table: 1 of 2 samples is not in the input: X9 (line 2)" in caplog.text
    context = tmp_path / "context.tsv"
    context.write_text("sample_id\tsex\nS1\tfemale\ns2\tmale\n")
    code, _, err = fx_cli("analyze", vcf, "--context", context)
    assert (code, "context: 's2' is not in the input; did you mean 'S2'?" in err) == (2, True), err
    context.write_text("sample_id\tsex\nS1\tfemale\nX9\tmale\n")
    with caplog.at_level(logging.WARNING):
        assert fx_cli("analyze", vcf, "--context", context)[0] == 0
    assert "context: 1 of 2 samples is not in the input: X9" in caplog.text


# --- genes with one copy ---


@pytest.mark.parametrize(
    ("text", "phenotype"),
    [
        ("1555A>G", "increased risk of aminoglycoside-induced hearing loss"),
        ("Reference", "normal risk of aminoglycoside-induced hearing loss"),
        ("other variant", "uncertain risk of aminoglycoside-induced hearing loss"),
    ],
)
def test_a_mitochondrial_gene_has_one_allele(text, phenotype):
    row = call("MT-RNR1", text)
    assert (row.diplotype, row.call_status, row.phenotype) == (text, "outside", phenotype)


@pytest.mark.parametrize("text", ["1555A>G/Reference", "Reference/Reference"])
def test_a_mitochondrial_gene_has_no_pair(text):
    with pytest.raises(lupus_pgx.UsageError, match="MT-RNR1: expected one allele, such as"):
        lupus_pgx.respond({"MT-RNR1": text})


def test_an_open_answer_without_a_pair_has_no_empty_brackets(tmp_path):
    path = tmp_path / "calls.tsv"
    path.write_text("gene\tphenotype\tactivity_score\nCYP2D6\tPoor Metabolizer\t2\n", encoding="utf-8")
    patient = lupus_pgx.respond({}, drugs=["codeine"], outside_calls=path)
    said = patient.drug("codeine").summary
    assert "CYP2D6 ambiguous" in said
    assert "()" not in said
