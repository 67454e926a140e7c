"""Hand-overs that cannot be used: one sentence each, by file and line, all at once."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress

import pytest
from builder import VcfBuilder
from helpers import check_each
from hypothesis import given, settings
from hypothesis import strategies as st

import lupus_pgx
from lupus_pgx.handover.given import handed_over

ROW = "sample_id\tgene\tdiplotype\n"
NOT_KNOWN = "the form of this file is not known; read are our table (sample_id, gene, diplotype), PharmCAT's form"

WRONG = [
    # name of the file, content, the sentence (FILE stands for the path)
    ("calls.tsv", "", "FILE: the file is empty: expected calls"),
    ("calls.tsv", "sample\tgene\tdiplotype\nS1\tTPMT\t*1/*1\n",
     "FILE:1: column 'sample' is not known: expected sample_id, gene, diplotype, phenotype, activity_score"),
    ("calls.tsv", "Sample\tgene\tdiplotype\nS2\tTPMT\t*1/*1\n",
     "FILE:1: column 'sample' is not known: expected sample_id, gene, diplotype, phenotype, activity_score"),
    ("calls.tsv", "gene\tdiplotype\tgene\nTPMT\t*1/*1\tTPMT\n",
     "FILE:1: column 'gene' stands twice: expected sample_id, gene, diplotype, phenotype, activity_score"),
    ("calls.tsv", f"{ROW}s1\tTPMT\t*1/*1\n", "FILE:2: sample 's1' is not in the input; did you mean 'S1'?"),
    ("calls.tsv", f"{ROW}S9\tTPMT\t*1/*1\n", "FILE:2: sample 'S9' is not in the input (S1, S2)"),
    ("calls.tsv", f"{ROW}\tTPMT\t*1/*1\n", "FILE:2: the sample_id is missing"),
    ("calls.tsv", f"{ROW}S1\tTPMT\t\n",
     "FILE:2: expected a gene and a diplotype, a phenotype or an activity score; found 'S1 TPMT'"),
    ("calls.tsv", f"{ROW}S1\tTPMT\t*1/*1\tx\n", "FILE:2: expected 3 cells, found 4"),
    ("calls.tsv", f"{ROW}S1\tTPTM\t*1/*1\n", "FILE:2: unknown gene or marker 'TPTM': did you mean TPMT?"),
    ("calls.tsv", f"{ROW}S1\tTPMT\t*1\n",
     "FILE:2: TPMT: expected two alleles joined by '/', such as *1/*2; found '*1'"),
    ("calls.tsv", f"{ROW}S1\tTPMT\t*1/*2/*3A\n",
     "FILE:2: TPMT: expected two alleles joined by '/', such as *1/*2; found '*1/*2/*3A'"),
    ("calls.tsv", f"{ROW}S1\tTPMT\t*1/*99\n",
     "FILE:2: unknown TPMT allele '*99': *9 would be near; look it up in the report"),
    ("calls.tsv", f"{ROW}S1\tTPMT\t*1/\n", "FILE:2: TPMT: an allele is missing"),
    ("calls.tsv", f'{ROW}S1\tTPMT\t"1/*3A\n',
     "FILE:2: unknown TPMT allele '\"1': the tables of this release have no such name, and no former one"),
    ("calls.tsv", f"{ROW}S1\tTPMT\t*1x2/*3A\n",
     "FILE:2: TPMT '*1x2': copies of this gene are not known, each copy has one allele"),
    ("calls.tsv", f"{ROW}S1\tCYP2D6\t*1x0/*4\n",
     "FILE:2: CYP2D6 '*1x0': an allele with no copy is the deletion of the gene"),
    ("calls.tsv", f"{ROW}S1\tCYP2D6\tDUP/*4\n",
     "FILE:2: CYP2D6 'DUP' is not read: which allele is doubled is not said"),
    ("calls.tsv", f"{ROW}S1\tSLCO1B1\t521T/521C\n",
     "FILE:2: SLCO1B1 '521T' is not read: one position alone: it says nothing of the other alleles of the gene: give "
     "the alleles"),
    ("calls.tsv", f"{ROW}S1\tHLA-B\t*85:01/*07:02\n", "FILE:2: HLA-B '*85:01': there is no group *85 of this gene"),
    ("calls.tsv", f"{ROW}S1\tHLA-B\t*58:999/*07:02\n",
     "FILE:2: HLA-B '*58:999': IPD-IMGT/HLA 3.51.0 (January 2023) has no *58:999; a newer name needs its row of the "
     "table hla_groups in an overlay"),
    ("S1.star_allele.tsv", "CYP2C19\t*1/*2\tx\ty\n",
     "FILE: the columns of DRAGEN's table of star alleles are not published, so that it is not read: hand over the "
     "star_allele.json written beside it, or a table of sample_id, gene, diplotype"),
    ("calls.tsv", f"{ROW}S1\tHLA-B\t*58:00/*07:02\n", "FILE:2: HLA-B '*58:00': the second field begins with 01"),
    ("calls.tsv", f"{ROW}S1\tHLA-B\tB*58/*07:02\n",
     "FILE:2: HLA-B 'B*58': expected a typing of at least two fields, such as *58:01; the first alone stands for many "
     "alleles"),
    ("calls.tsv", f"{ROW}S1\tHLA-B\tpositive\n",
     "FILE:2: HLA-B 'positive': of which allele is not said; write *58:01 positive"),
    ("calls.tsv", f"{ROW}S1\tHLA-B\t*58:01/yes\n",
     "FILE:2: HLA-B: expected a typing of at least two fields, such as *58:01; found 'yes'"),
    ("calls.tsv", f"{ROW}S1\tNR3C1 rs41423247\tC/C\n",
     "FILE:2: NR3C1 rs41423247 'C/C': its letters may be of either strand (C/C or G/G); write 'plus C/C' for letters "
     "of the plus strand"),
    ("calls.tsv", f"{ROW}S1\tFCGR3A\tV/X\n",
     "FILE:2: unknown FCGR3A F158V allele 'X': known: V, F, or the bases C/A"),
    ("calls.tsv", f"{ROW}S1\tTPMT\t*1/*1\nS1\tTPMT\t*1/*2\n",
     "FILE:3: a second call of TPMT for 'S1'; the first is FILE:2"),
    ("calls.tsv", "sample_id\tgene\tdiplotype\tphenotype\nS1\tTPMT\t\tPoor Function\n",
     "FILE:2: unknown TPMT phenotype 'Poor Function': known: Intermediate Metabolizer, Normal Metabolizer, Poor "
     "Metabolizer, Possible Intermediate Metabolizer"),
    ("calls.tsv", "sample_id\tgene\tactivity_score\nS1\tTPMT\t1.5\n",
     "FILE:2: TPMT: no activity score is used for this gene; found '1.5'"),
    ("calls.tsv", "sample_id\tgene\tactivity_score\nS1\tCYP2C9\t1,5\n",
     "FILE:2: CYP2C9: expected an activity score such as 1.5; found '1,5'"),
    ("calls.tsv", "gene\tdiplotype\nTPMT\t*1/*1\n",
     "FILE:2: 2 samples are analyzed, so a sample_id column is needed, or SAMPLE=FILE for a file of one"),
    ("notes.txt", "These are the results of Mrs S.\n", f"FILE:1: {NOT_KNOWN}"),
    ("pypgx.tsv", "\tGenotype\tPhenotype\nS1\t*1/*4\tx\n",
     "FILE:1: the file does not say of which gene it is: give it as GENE=FILE, or the archive that it is from"),
    ("x.csv", "sample.id,allele1,allele2,prob\nS1,58:01,07:02,0.99\n",
     "FILE:1: the file does not say of which locus it is: give it as GENE=FILE, or the archive that it is from"),
    ("x.json", "[1, 2]", "FILE: this JSON is none that is read; read are our table"),
    ("x.json", json.dumps({"gene_details": []}), "FILE: expected an object of genes or samples"),
    ("x.json", json.dumps({"hla": {"alleles": "B*58:01"}}), "FILE: expected hla.alleles, a list of alleles"),
    ("S1.genotype.json", json.dumps({"B": ["B*58:01", "B*07:02", "B*08:01"]}),
     "FILE: B: expected two alleles, found 3"),
    ("calls.tsv", ROW, "FILE: no call is in this file"),
    ("cyrius.tsv", "Sample\tGenotype\tFilter\nS1\t*1/*4\n",
     "FILE:2: expected a sample, a genotype and a filter; the line is cut short"),
    ("x.json", '{"a": ', "FILE: looks like JSON and is none"),
]  # fmt: skip


KEYS = (
    "gene_details", "locusAnnotations", "geneReports", "genes", "pharmcatVersion", "hla", "alleles", "subject_id",
    "cyp2d6", "genotype", "Genotype", "Filter", "diplotypes", "simple_diplotypes", "hap1", "hap2", "gene", "S1", "A",
    "B", "TPMT", "sourceDiplotypes", "allele1", "allele2", "name", "matcherMetadata", "sampleId",
)  # fmt: skip
CELLS = (
    "sample_id", "gene", "diplotype", "call_status", "phenotype", "Sample", "Genotype", "Filter", "Gene", "Major", "B1",
    "#Sample", "SolutionID", "", "Phenotype", "hap1_main", "hap2_main", "name", "A1", "A2", "B2", "Locus", "Chromosome",
    "Allele", "sample.id", "allele1", "allele2", "prob", "HLA-B", "2", "S1", "TPMT", "*1/*4", "*58:01", "B*58:01", "60",
    "HLA_B_1", "HLA_B_2", "Source Diplotype", "subject", "Reads", "Objective", "marker", "genotype", "status", "CYP2D6",
)  # fmt: skip


@pytest.fixture(scope="module")
def fx_two(tmp_path_factory):
    """A file of two samples."""
    return VcfBuilder(samples=["S1", "S2"], genes=("TPMT",)).write(tmp_path_factory.mktemp("vcf") / "two")


def refusal(vcf, path, **options):
    with pytest.raises(lupus_pgx.LupusPgxError) as error:
        lupus_pgx.analyze(vcf, genes=["TPMT"], drugs=["azathioprine"], outside_calls=path, **options)
    return error.value


def test_every_wrong_form_has_its_sentence(fx_two, tmp_path):
    def check(case):
        name, content, sentence = case
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        error = refusal(fx_two, path)
        assert str(error).replace(str(path), "FILE").startswith(sentence), str(error)
        assert error.exit_code == 65
        assert "\n" not in str(error)

    assert len(WRONG) >= 30
    check_each(WRONG, check, name=lambda case: case[2][:60])


def test_all_faults_are_told_at_once(fx_two, tmp_path):
    first, second = tmp_path / "one.tsv", tmp_path / "two.tsv"
    first.write_text(f"{ROW}S1\tTPMT\t*1/*99\nS2\tHLA-B\t*85:01/*07:02\ns2\tTPMT\t*1/*1\n")
    second.write_text(f"{ROW}S7\tTPMT\t*1/*1\nS1\tCYP2D6\t\n")
    text = str(refusal(fx_two, [first, second]))
    assert text.splitlines()[0] == "the calls made elsewhere have 5 faults"
    for place in (
        f"{first}:2: unknown TPMT",
        f"{first}:3: HLA-B",
        f"{first}:4: sample 's2'",
        f"{second}:2: sample 'S7'",
    ):
        assert place in text
    assert f"{second}:3: expected a gene and a diplotype" in text


def test_broken_archives_and_bytes(fx_two, tmp_path):
    path = tmp_path / "results.zip"
    path.write_bytes(b"PK\x03\x04 broken")
    assert "the archive cannot be read" in str(refusal(fx_two, path))
    path.write_bytes(b"\x1f\x8b\x08\x00")
    assert "the compressed file is damaged" in str(refusal(fx_two, path))
    path.write_bytes(gzip.compress(gzip.compress(ROW.encode())))
    assert "compressed twice; unpack it first" in str(refusal(fx_two, path))
    path.write_bytes(b"\xff\xff\xff")
    assert "expected text in UTF-8" in str(refusal(fx_two, path))
    assert refusal(fx_two, tmp_path / "none.tsv").exit_code == 66


def test_a_compressed_file_is_read_like_the_file_in_it(fx_two, tmp_path):
    path = tmp_path / "calls.tsv.gz"
    path.write_bytes(gzip.compress(f"{ROW}S1\tTPMT\t*1/*3A\n".encode()))
    found = lupus_pgx.analyze(fx_two, genes=["TPMT"], drugs=["azathioprine"], outside_calls=path)
    assert found.diplotypes.to_frame().set_index("sample_id").loc["S1", "call_status"] == "outside"
    path.write_bytes(gzip.compress(f"{ROW}S1\tTPMT\t*1/*99\n".encode()))
    assert f"{path}:2: " in str(refusal(fx_two, path))


def test_a_path_given_twice(fx_two, tmp_path):
    path = tmp_path / "calls.tsv"
    path.write_text(f"{ROW}S1\tTPMT\t*1/*1\n")
    assert "is given twice as outside calls" in str(refusal(fx_two, [path, path]))


@pytest.mark.parametrize("once", [iter, lambda paths: map(str, paths), lambda paths: (path for path in paths)])
def test_paths_that_can_be_read_once_are_not_lost(fx_two, tmp_path, once):
    path = tmp_path / "calls.tsv"
    path.write_text(f"{ROW}S1\tTPMT\t*1/*3A\n")
    given = once([path])
    found = lupus_pgx.analyze(fx_two, genes=["TPMT"], drugs=["azathioprine"], outside_calls=given)
    assert found.diplotypes.to_frame().set_index("sample_id").loc["S1", "call_status"] == "outside"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["*1/*4", "S1", "TPMT", "PASS", "B*58:01", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=400)
@given(st.dictionaries(st.sampled_from(KEYS), JSON, min_size=1, max_size=4))
def test_no_json_stops_with_a_fault_of_ours(tmp_path, fx_knowledge, content):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content))
    with suppress(lupus_pgx.InputError):
        handed_over(path, fx_knowledge, ["S1", "S2"])


@settings(max_examples=300)
@given(st.lists(st.lists(st.sampled_from(CELLS), min_size=1, max_size=9), min_size=1, max_size=5))
def test_no_table_stops_with_a_fault_of_ours(tmp_path, fx_knowledge, rows):
    path = tmp_path / "x.tsv"
    path.write_text("\n".join("\t".join(row) for row in rows))
    with suppress(lupus_pgx.InputError):
        handed_over(path, fx_knowledge, ["S1", "S2"])


@pytest.mark.parametrize("deep", [100, 100_000])
def test_deep_json_is_refused(deep, fx_two, tmp_path):
    path = tmp_path / "x.json"
    path.write_text("[" * deep + "]" * deep)
    assert refusal(fx_two, path).exit_code == 65


def test_whatif_refuses_with_the_same_words(fx_cli):
    code, _, err = fx_cli("whatif", "HLA-B=*85:01/*07:02", "--drugs", "allopurinol")
    assert (code, err) == (2, "lupus-pgx: error: HLA-B '*85:01': there is no group *85 of this gene\n")
    code, _, err = fx_cli("whatif")
    assert code == 2
    assert "expected GENE=CALL" in err
