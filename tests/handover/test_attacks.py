"""Files made to mislead: what is missing, doubled, of another gene or of another sample is never read as an answer."""

from __future__ import annotations

import json

import pytest
from helpers import check_each

import lupus_pgx
from lupus_pgx.context.per_sample import read_sample_table
from lupus_pgx.handover.given import handed_over

SAMPLES = ["S1", "S2"]
ROW = "sample_id\tgene\tdiplotype\n"
CYRIUS = "Sample\tGenotype\tFilter\n"
PYPGX = "\tGenotype\tPhenotype\tVariantData\n"
HLALA = "Locus\tChromosome\tAllele\tQ1\n"


@pytest.fixture
def fx_hand(tmp_path, fx_knowledge):
    """Hand one file over for two samples: what it says, or the sentence that refuses it."""

    def run(name, content, *, given=""):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            found = handed_over(f"{given}{path}", fx_knowledge, SAMPLES)
        except lupus_pgx.LupusPgxError as error:
            return str(error).replace(str(path), "FILE")
        return {
            (gene, SAMPLES[number]): None if item.no_call else ["/".join(pair) for pair in item.pairs]
            for (gene, number), item in found.items()
        }

    return run


def row(gene, call):
    return f"{ROW}S1\t{gene}\t{call}\n"


REFUSED = [
    ("c.tsv", row("HLA-B", "*58:001/*07:02"),
     "FILE:2: HLA-B '*58:001': the second field has two digits, or more that do not begin with 0"),
    ("c.tsv", row("HLA-B", "*058:01/*07:02"), "FILE:2: HLA-B '*058:01': there is no group *058 of this gene"),
    ("c.tsv", row("HLA-B", "B*58:AB/B*07:02"),
     "FILE:2: HLA-B 'B*58:AB': AB is an NMDP code, which stands for a list of alleles that is not here; write alleles "
     "of at least two fields, such as *58:01"),
    ("c.tsv", row("HLA-B", "B58/B7"), "FILE:2: HLA-B 'B58': expected a typing of at least two fields"),
    ("c.tsv", row("HLA-B", "*58:XX/*07:02"), "FILE:2: HLA-B '*58:XX': expected a typing of at least two fields"),
    ("c.tsv", row("HLA-B", "A*58:01/*07:02"), "FILE:2: HLA-B: expected a typing of at least two fields"),
    ("c.tsv", row("HLA-B", "DRB1*15:02/*07:02"), "FILE:2: HLA-B: expected a typing of at least two fields"),
    ("c.tsv", row("HLA-B", "*15:02/blank"), "FILE:2: HLA-B: expected a typing of at least two fields"),
    ("c.tsv", row("HLA-B", "*15:01/02/*07:02"), "FILE:2: HLA-B: expected two alleles joined by '/'"),
    ("c.tsv", row("CYP2D6", "*1|*4"), "FILE:2: CYP2D6: expected two alleles joined by '/'"),
    ("c.tsv", row("CYP2D6", "*1-*4"), "FILE:2: CYP2D6: expected two alleles joined by '/'"),
    ("c.tsv", row("CYP2D6", "*1x2"), "FILE:2: CYP2D6: expected two alleles joined by '/'"),
    ("c.tsv", row("CYP2D6", "1/4"), "FILE:2: unknown CYP2D6 allele '1'"),
    ("c.tsv", row("CYP2D6", "*04/*1"), "FILE:2: unknown CYP2D6 allele '*04'"),
    ("c.tsv", row("TPMT", "*3E/*1"), "FILE:2: unknown TPMT allele '*3E'"),
    ("c.tsv", row("TPMT", "*3/*1"), "FILE:2: unknown TPMT allele '*3': names near it do different things"),
    ("c.tsv", "sample_id gene diplotype\nS1 TPMT *1/*3A\n", "FILE:1: the form of this file is not known"),
    ("c.tsv", f"{ROW}TPMT\tS1\t*1/*3A\n", "FILE:2: sample 'TPMT' is not in the input (S1, S2)"),
    ("c.tsv", CYRIUS.lower() + "S1\t*1/*4\tPASS\n", "FILE:1: the form of this file is not known"),
    ("c.json", '{"S1":{"Genotype":"*1/*4","Filter":"PASS"},"S1":{"Genotype":"*1/*1","Filter":"PASS"}}',
     "FILE: key 'S1' stands twice in one object"),
    ("S1.star_allele.tsv", "Gene\tGenotype\tPhenotype\nTPMT\t*1/*3A\tIntermediate Metabolizer\n",
     "FILE:1: column 'genotype' is not known"),
    ("S1.hla.tsv", "A1\tA2\tB1\tB2\nA*01:01\tA*02:01\tB*58:01\tB*07:02\nA*01:01\tA*02:01\tB*07:02\tB*07:02\n",
     "FILE:3: expected one line of values, since no column names the sample; found 2"),
    ("x.json", json.dumps({"subject_id": "S1", "sample_id": "S2", "hla": {"alleles": ["B*58:01", "B*07:02"]}}),
     "FILE: subject_id is 'S1' and sample_id 'S2': give it as SAMPLE=FILE"),
    ("S1.genotype.json", json.dumps({"B": ["A*31:01", "B*07:02"]}), "FILE: B: HLA-B: expected a typing"),
    ("CYP2D6/data.tsv", f"{PYPGX}S1\t*1/*3A\tx\t*3A:6-18138997-C-T:0.5;\n",
     "FILE:1: the file is given for CYP2D6; the variants in it are of TPMT"),
    ("S1_genotype.tsv", "HLA-B\t2\tHLA-B*58:01:01\t80\t60\n", "FILE:1: expected gene, number of alleles"),
    ("starphase.json", json.dumps({"gene_details": {"TPMT": {"diplotypes": [{"hap1": "*1", "hap2": "*3A"}]}}}),
     "FILE: TPMT: 2 samples are analyzed, so a sample_id column is needed"),
]  # fmt: skip


def test_what_misleads_is_refused_with_its_place(fx_hand):
    def check(case):
        name, content, sentence = case
        found = fx_hand(name, content)
        assert isinstance(found, str), found
        assert found.startswith(sentence), found
        assert "\n" not in found

    check_each(REFUSED, check, name=lambda case: case[2][:60])


OPEN = [
    # a quality or filter that is missing is no better than a bad one
    ("S1_genotype.tsv", "HLA-B\t2\tHLA-B*58:01:01\t80\t\tHLA-B*07:02:01\t83\t\n", "HLA-B"),
    ("S1/hla/R1_bestguess_G.txt", f"{HLALA}B\t1\tB*07:02:01G\t\nB\t2\tB*08:01:01G\t1\n", "HLA-B"),
    ("S1/hla/R1_bestguess_G.txt", HLALA.replace("\tQ1", "") + "B\t1\tB*07:02:01G\nB\t2\tB*08:01:01G\n", "HLA-B"),
    ("x.HLA-B.csv", "sample.id,allele1,allele2\nS1,58:01,07:02\n", "HLA-B"),
    ("x.HLA-B.csv", "sample.id,allele1,allele2,prob\nS1,58:01,07:02,0.94\n", "HLA-B"),
    ("x.HLA-B.csv", "sample.id,allele1,allele2,prob\nS1,58:01,07:02,9\n", "HLA-B"),
    ("c.tsv", f"{CYRIUS}S1\t*1/*4\t.\n", "CYP2D6"),
    ("c.tsv", f"{CYRIUS}S1\t*1/*4\tFAIL\n", "CYP2D6"),
    ("c.json", '{"S1": {"Genotype": "*1/*4", "Filter": null}}', "CYP2D6"),
    ("S1.targeted.json", json.dumps({"cyp2d6": {"genotype": "*1/*4", "genotypeFilter": "LowGQ"}}), "CYP2D6"),
]


def test_a_quality_that_is_low_or_missing_leaves_the_gene_open(fx_hand):
    def check(case):
        name, content, gene = case
        assert fx_hand(name, content) == {(gene, "S1"): None}

    check_each(OPEN, check, name=lambda case: case[1][:60])


def test_star_alleles_and_targeted_callers_of_dragen_in_one_file(fx_hand):
    stars = [{"gene": "TPMT", "genotype": "*1/*3A", "phenotypeDatabaseAnnotation": "Intermediate Metabolizer"}]
    targeted = {"genotype": "*1/*4", "genotypeFilter": "PASS"}
    content = json.dumps({"sampleId": "S2", "genomeBuild": "GRCh38", "locusAnnotations": stars, "cyp2d6": targeted})
    assert fx_hand("x.targeted.json", content) == {("TPMT", "S2"): ["*1/*3A"], ("CYP2D6", "S2"): ["*1/*4"]}


def test_dragen_without_a_filter_says_so(tmp_path, fx_knowledge):
    path = tmp_path / "S1.targeted.json"
    path.write_text(json.dumps({"cyp2d6": {"genotype": "*1/*4"}}))
    found = handed_over(path, fx_knowledge, SAMPLES)["CYP2D6", 0]
    assert found.pairs == (("*1", "*4"),)
    assert "no filter is stated" in found.note


def test_the_gene_of_a_bare_table_of_pypgx(fx_hand, tmp_path):
    """It is that of the metadata beside it, or the one that holds all of its positions."""
    found = {("TPMT", "S1"): ["*1/*3A"]}
    assert fx_hand("data.tsv", f"{PYPGX}S1\t*1/*3A\tx\t*3A:6-18138997-C-T:0.5,6-18130687-T-C:0.5;\n") == found
    nowhere = fx_hand("data.tsv", f"{PYPGX}S1\t*1/*3A\tx\t*3A:6-1-C-T:0.5;\n")
    assert nowhere.startswith("FILE:1: the file does not say of which gene it is: give it as GENE=FILE")
    (tmp_path / "metadata.txt").write_text("Gene=TPMT\nSemanticType=SampleTable[Results]\n")
    assert fx_hand("data.tsv", "\tGenotype\tPhenotype\nS1\t*1/*3A\tx\n") == found


def test_a_null_allele_is_not_the_expressed_one(fx_hand):
    assert fx_hand("c.tsv", row("HLA-B", "B*58:01:01:02N/B*07:02")) == {("HLA-B", "S1"): ["*07:02/*58:01N"]}
    assert fx_hand("c.tsv", row("HLA-B", "58:01:01G/07:02P")) == {("HLA-B", "S1"): ["*07:02/*58:01"]}


@pytest.mark.parametrize(
    "content",
    [
        row("TPMT", "*1/*3A").replace("\n", "\r\n"),
        "\N{BYTE ORDER MARK}" + row("TPMT", "*1/*3A"),
        row("TPMT", "*1/*3A").encode("utf-16"),
        '"sample_id","gene","diplotype"\n"S1","TPMT","*1/*3A"\n',
        "sample_id;gene;diplotype\nS1;TPMT;*1/*3A\n",
        "diplotype\tsample_id\tgene\n*1/*3A\tS1\tTPMT\n",
    ],
    ids=["Windows", "byte order mark", "UTF-16", "quotes", "semicolons", "columns"],
)
def test_how_a_table_is_written_changes_nothing(fx_hand, content):
    assert fx_hand("c.csv", content) == {("TPMT", "S1"): ["*1/*3A"]}


def test_xhla_for_a_sample_that_the_user_names(fx_hand):
    content = json.dumps({"subject_id": "x", "sample_id": "y", "hla": {"alleles": ["B*58:01", "B*07:02"]}})
    assert fx_hand("x.json", content, given="S2=") == {("HLA-B", "S2"): ["*07:02/*58:01"]}


def test_respond_takes_alleles_that_are_not_assigned():
    frame = lupus_pgx.respond({"CYP2D6": "*1_*2_*68"}, drugs=["codeine"]).diplotypes.to_frame()
    found = frame[frame.gene == "CYP2D6"].iloc[0]
    assert (found.call_status, found.n_candidates) == ("ambiguous", 3)
    with pytest.raises(lupus_pgx.UsageError, match="expected two alleles joined by '/'"):
        lupus_pgx.respond({"CYP2D6": "*1x2"}, drugs=["codeine"])


TABLES = [
    ("sample\tsex\nS1\tmale\n", "1: expected the columns sample_id and sex; found 'sample\\tsex'"),
    ("sample_id\tgender\nS1\tmale\n", "1: expected the columns sample_id and sex; found 'sample_id\\tgender'"),
    ("sample_id\tsex\tsex\nS1\tmale\tfemale\n", "1: expected the columns sample_id and sex"),
    ("S1\tfamily\tmale\n", "1: expected sample<TAB>sex; found 'S1\\tfamily\\tmale'"),
    ("sample_id\tsex\n\nS1\tmale\nS1\tfemale\n", "4: a second row of 'S1'"),
    ("sample_id\tsex\nS1\tmale\tx\n", "2: expected sample<TAB>sex; found 'S1\\tmale\\tx'"),
    ("sample_id\tsex\n", " no sample is in this sex table"),
]


def test_tables_of_sex_and_ancestry_are_read_by_their_columns(tmp_path):
    path = tmp_path / "sex.tsv"

    def check(case):
        path.write_text(case[0])
        with pytest.raises(lupus_pgx.UsageError) as error:
            read_sample_table(str(path), "sex")
        assert str(error.value).startswith(f"{path}:{case[1]}")

    check_each(TABLES, check, name=lambda case: case[1][:50])
    path.write_text("sex\tage\tsample_id\nmale\t3\tS1\n")
    assert read_sample_table(str(path), "sex") == {"S1": "male"}
