"""How many copies a sample has: from the gene and the sex, and from cells only where all of them say the same."""

from __future__ import annotations

import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

# G6PD on X: Mediterranean, and another locus of the gene.
MEDITERRANEAN, OTHER = "rs5030868", "rs1050828"
LOCUS = "rs1142345"
POLICIES = ["unknown", "reference"]


def g6pd(cells, others="0/0", samples=1):
    builder = VcfBuilder(genes=("G6PD",), samples=[f"S{number}" for number in range(samples)])
    for records in builder.records.values():
        records[0].calls = [others] * samples
    builder.records[MEDITERRANEAN][0].calls = cells
    return builder


def only(builder, *loci):
    return builder.drop(*(name for name in builder.loci if name not in loci))


def analyze(builder, tmp_path, **options):
    return lupus_pgx.analyze(builder.stated(options).write(tmp_path / "file"), **options)


def row(analysis, locus=MEDITERRANEAN, sample=0):
    frame = analysis.variants.to_frame().fillna("")
    return frame[(frame.sample_id == analysis.sample_ids[sample]) & (frame.locus == locus)].iloc[0]


def call(analysis, gene="G6PD"):
    return analysis.diplotypes.to_frame().set_index("gene").loc[gene].fillna("")


def action(analysis, drug="dapsone"):
    return analysis.patient(analysis.sample_ids[0]).drug(drug).action


# A haploid cell on an autosome is half a genotype, whoever wrote it.


@pytest.mark.parametrize("absent", POLICIES)
@pytest.mark.parametrize("cell", ["0", "1", "./1", "0/."])
@pytest.mark.parametrize("sex", [None, "male", "female"])
def test_half_a_genotype_on_an_autosome(cell, sex, absent, tmp_path):
    builder = VcfBuilder(genes=("TPMT", "NUDT15"))
    builder.records[LOCUS][0].calls = [cell]
    analysis = analyze(builder, tmp_path, sex=sex, absent=absent)
    assert row(analysis, LOCUS).status == "half_call"
    assert ("one allele" in row(analysis, LOCUS).note) == (cell in "01")
    assert call(analysis, "TPMT").call_status != "certain"
    assert LOCUS in call(analysis, "TPMT").missing_essential
    assert action(analysis, "azathioprine") not in {"standard", "monitor"}


@pytest.mark.parametrize("absent", POLICIES)
@pytest.mark.parametrize("cell", ["0/0/0", "0/0/1", "1|1|1", "0/1/1/1"])
def test_three_alleles_are_no_genotype(cell, absent, tmp_path):
    builder = VcfBuilder(genes=("TPMT", "NUDT15"))
    builder.records[LOCUS][0].calls = [cell]
    analysis = analyze(builder, tmp_path, absent=absent)
    assert (row(analysis, LOCUS).genotype, row(analysis, LOCUS).status) == ("", "no_call")
    assert "three or more alleles" in row(analysis, LOCUS).note
    assert action(analysis, "azathioprine") == "test_first"


@pytest.mark.parametrize("absent", POLICIES)
def test_a_file_of_single_alleles_tells_no_autosome(absent, tmp_path):
    """A caller that was told ploidy 1."""
    builder = VcfBuilder(genes=("TPMT", "NUDT15"))
    for records in builder.records.values():
        records[0].calls = ["0"]
    analysis = analyze(builder, tmp_path, absent=absent)
    assert set(analysis.variants.to_frame().query("gene in ('TPMT', 'NUDT15')").status) == {"half_call"}
    assert action(analysis, "azathioprine") == "test_first"


# X: a sex that is given decides.


@pytest.mark.parametrize("absent", POLICIES)
@pytest.mark.parametrize(
    ("sex", "cell", "status", "called"),
    [
        ("male", "1", "observed", "certain"),
        ("male", "1/1", "observed", "certain"),
        ("male", "0/1", "doubtful", "ambiguous"),
        ("male", "./1", "doubtful", "ambiguous"),
        ("male", "1|.", "doubtful", "ambiguous"),
        ("male", "0/.", "no_call", "probable"),
        ("female", "1", "half_call", "probable"),
        ("female", "0/1", "observed", "certain"),
    ],
)
def test_the_sex_that_is_given_decides(sex, cell, status, called, absent, tmp_path):
    analysis = analyze(g6pd([cell]), tmp_path, sex=sex, absent=absent)
    assert row(analysis).status == status
    assert call(analysis).call_status == called
    assert action(analysis) != "standard"
    if sex == "male" and status != "observed":
        assert "single X chromosome of a male" in row(analysis).note


# X: without it, only single alleles at all called loci, two at least, tell a male.


@pytest.mark.parametrize("absent", POLICIES)
@pytest.mark.parametrize(("cell", "phenotype"), [("0", "Normal"), ("1", "Deficient")])
def test_single_alleles_everywhere_tell_a_male(cell, phenotype, absent, tmp_path):
    analysis = analyze(g6pd([cell], others="0"), tmp_path, absent=absent)
    assert "/" not in call(analysis).diplotype
    assert (call(analysis).phenotype, call(analysis).call_status) == (phenotype, "certain")


@pytest.mark.parametrize("absent", POLICIES)
@pytest.mark.parametrize("cell", ["0", "1"])
@pytest.mark.parametrize("others", ["0/0", "0/.", "0/1"])
def test_single_alleles_beside_others_leave_both_open(cell, others, absent, tmp_path):
    analysis = analyze(g6pd([cell], others=others), tmp_path, absent=absent)
    assert row(analysis).status == "half_call"
    assert "nothing that tells a male" in row(analysis).note
    assert call(analysis).call_status != "certain"
    assert MEDITERRANEAN in call(analysis).missing_essential
    assert action(analysis) != "standard"


@pytest.mark.parametrize("absent", POLICIES)
@pytest.mark.parametrize("cell", ["0", "1"])
def test_one_single_allele_tells_no_male(cell, absent, tmp_path):
    analysis = analyze(only(g6pd([cell]), MEDITERRANEAN), tmp_path, absent=absent)
    assert row(analysis).status == "half_call"
    assert call(analysis).call_status != "certain"
    assert action(analysis) != "standard"
    two = only(g6pd([cell], others="0"), MEDITERRANEAN, OTHER)
    assert row(analyze(two, tmp_path, absent=absent)).status == "observed"


def test_missing_cells_do_not_count(tmp_path):
    builder = g6pd(["1"], others="./.")
    builder.records[OTHER][0].calls = ["0"]
    analysis = analyze(builder, tmp_path)
    assert row(analysis).status == "observed"
    assert "/" not in call(analysis).diplotype


@pytest.mark.parametrize("absent", POLICIES)
@pytest.mark.parametrize(("cell", "phenotype"), [("0/0", "Normal"), ("1/1", "Deficient"), ("0/1", "Variable")])
def test_two_alleles_mean_the_same_in_one_copy_or_two(cell, phenotype, absent, tmp_path):
    """Two equal alleles may be a man's one; two different ones are a woman's."""
    analysis = analyze(g6pd([cell]), tmp_path, absent=absent)
    assert call(analysis).phenotype == phenotype
    if cell != "0/1":
        assert call(analyze(g6pd([cell]), tmp_path, sex="male")).phenotype == phenotype


def test_each_sample_is_judged_by_its_own_cells(tmp_path):
    builder = g6pd(["1", "1", "0/1", "1"], samples=4)
    for name, records in builder.records.items():
        if name != MEDITERRANEAN:
            records[0].calls = ["0", "0/0", "0/0", "0"]
    sex = {"S3": "female"}
    analysis = analyze(builder, tmp_path, sex=sex)
    assert [row(analysis, sample=number).status for number in range(4)] == [
        "observed",
        "half_call",
        "observed",
        "half_call",
    ]


@pytest.mark.parametrize("kind", [("vcf", False), ("vcf.gz", True), ("bcf", True)])
def test_forms_of_a_file_agree_on_copies(kind, tmp_path):
    builder = VcfBuilder(genes=("TPMT", "NUDT15"), samples=list("ABCD"))
    builder.replace(LOCUS, Rec("chr6", builder.site(LOCUS).pos, "T", "C,G", ["1", "0/0/1", "./1", "0/1"]))
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file", kind[0], index=kind[1]))
    assert [row(analysis, LOCUS, number).status for number in range(4)] == [
        "half_call",
        "no_call",
        "half_call",
        "observed",
    ]
