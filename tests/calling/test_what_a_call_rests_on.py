"""What is said beside a call, and what it rests on: each condition of the caller, by what it does to the answer."""

from __future__ import annotations

import pytest
from builder import VcfBuilder

BOTH = ["TPMT", "NUDT15"]


@pytest.fixture
def fx_row(fx_analyze):
    """Row of a gene in ``diplotypes.tsv`` and the analysis: ``row, analysis = fx_row("TPMT", file)``."""

    def run(gene, file, genes=None, **options):
        analysis = fx_analyze(file, genes=genes or [gene], **options)
        return analysis.diplotypes.to_frame().set_index("gene").loc[gene], analysis

    return run


def one(gene, *changes, keep=()):
    """A file of one gene, all of it or some loci."""
    file = VcfBuilder(genes=(gene,)).change(*changes)
    return file.drop(*(name for name in file.loci if name not in keep)) if keep else file


def told(file, locus, keys, cell):
    """A locus of one ALT with more figures than its genotype."""
    (record,) = file.records[locus]
    record.alts, record.fmt, record.calls = record.alts.split(",")[0], keys, [cell]
    return file


@pytest.mark.parametrize("ancestry", [None, "EUR", "EAS"])
def test_an_essential_locus_in_doubt_keeps_the_usual_dose_away_also_where_the_call_is_probable(ancestry, fx_row):
    """PL 0,16: the genotype has 97.5 % of the likelihood, enough for the best pair, and not to call the locus seen."""
    options = {"ancestry": ancestry} if ancestry else {}
    for locus, action in (("rs1142345", "test_first"), ("rs115106679", "standard")):
        file = told(VcfBuilder(genes=BOTH), locus, "GT:PL", "0/0:0,16,200")
        row, analysis = fx_row("TPMT", file, BOTH, drugs=["azathioprine"], **options)
        assert (row.diplotype, row.call_status, row.n_doubtful) == ("*1/*1", "probable", 1)
        assert (row.missing_essential == locus) is (action == "test_first")
        assert (row.n_observed, str(row.missing_loci)) == (row.n_loci - 1, "nan")  # in doubt, and not missing
        assert analysis.patient("S1").drug("azathioprine").action == action


@pytest.mark.every
@pytest.mark.parametrize(
    ("calls", "diplotype", "flagged"),
    [
        (("0|1", "1|0"), "*3B/*3C", True),
        (("1|0", "0|1"), "*3B/*3C", True),
        (("0|1", "0|1"), "*1/*3A", False),
        (("0|1", "0/1"), "*1/*3A", False),
        (("0/1", "0/1"), "*1/*3A", False),
    ],
)
def test_a_phase_that_makes_a_rare_pair_of_a_frequent_one_is_flagged(calls, diplotype, flagged, fx_row):
    row, _ = fx_row("TPMT", one("TPMT", f"rs1800460={calls[0]}", f"rs1142345={calls[1]}"))
    assert row.diplotype == diplotype
    said = "the phase in the file is kept, but *1/*3A is far more frequent: confirm the phase"
    assert (said in str(row.note)) is flagged


@pytest.mark.every
@pytest.mark.parametrize(
    ("gene", "call", "ancestry", "said"),
    [
        ("UGT1A1", "rs887829=1/1", "EAS", "seen 14 times (rs887829:C>T, rs3064744:C>CAT, rs35350960:C>A)"),
        ("CYP2C19", "rs4244285=1/1", "EUR", "seen once (rs12769205:A>G, rs6413438:C>T, rs4244285:G>A, rs3758581:A>G)"),
        ("CYP2C19", "rs4244285=1/1", None, ""),  # below one percent
        ("CYP2C19", "rs4244285=0/0", None, ""),
        ("TPMT", "rs1142345=0/1", None, ""),  # there is none in the gene
    ],
)
def test_the_most_frequent_haplotype_without_a_name_is_named_where_those_count(gene, call, ancestry, said, fx_row):
    file = one(gene, call, keep=[call.partition("=")[0]])
    row, _ = fx_row(gene, file, **({"ancestry": ancestry} if ancestry else {}))
    assert ("without a name" in str(row.note)) is bool(said)
    assert said in str(row.note)


def test_of_the_other_copy_the_lowest_probability_of_any_population_is_shown(fx_row):
    file = one("TPMT", "rs1800460=1/1", "rs1142345=./.", "rs1800462=0/1")
    row, _ = fx_row("TPMT", file)
    assert "the other copy: *3A 0.5000, *3B 0.0004" in row.note
    row, _ = fx_row("TPMT", file, ancestry="EUR")
    assert "the other copy: *3A 0.9991, *3B 0.0009" in row.note


def test_an_allele_that_is_reported_under_another_name_stays_one_of_a_pair(fx_row):
    """SLCO1B1 *45.001 and *45.002 are both *45, and one candidate."""
    row, _ = fx_row("SLCO1B1", one("SLCO1B1", "rs71581941=0/1"))
    assert (row.diplotype, row.candidates, row.n_candidates) == ("*1/*45", "*1/*45=1.0000", 1)
    assert (row.allele_functions, row.phenotype) == ("Normal function/No function", "Decreased Function")


def test_all_candidates_are_worked_out_where_more_than_the_best_are_asked_for(fx_analyze):
    gene = fx_analyze(one("CYP2C9", keep=["rs1799853"]), genes=["CYP2C9"]).patient("S1").gene("CYP2C9")
    assert len(gene.candidates) == gene.n_candidates > 1000 > len(gene.leading)
    assert gene.candidates[: len(gene.leading)] == gene.leading
    by_pool = [item.by_prior[0] for item in gene.candidates]
    assert by_pool == sorted(by_pool, reverse=True)
    assert sum(by_pool) == pytest.approx(1 - gene.other[0])


@pytest.mark.every
@pytest.mark.parametrize(
    ("genotype", "missing"),
    [
        ("T/A", True),
        ("A/T", True),
        ("C/A", True),
        ("A/A", True),
        ("./C", True),
        ("T/.", True),
        ("./.", True),
        ("T/C", False),
    ],
)
def test_a_locus_is_seen_where_both_of_its_bases_are_those_of_an_allele(genotype, missing, fx_row):
    row, _ = fx_row("TPMT", VcfBuilder(genes=("TPMT",)).set("rs1142345", genotype))
    assert (row.n_loci - row.n_observed, row.missing_essential == "rs1142345") == (int(missing), missing)
    assert (row.missing_loci == "rs1142345") is missing


def test_a_call_is_made_as_soon_as_anything_of_the_gene_is_known(fx_row):
    """Half a genotype, a doubtful one, or one copy of a man beside loci that were not seen."""
    half, _ = fx_row("TPMT", one("TPMT", "rs1142345=./1", keep=["rs1142345"]))
    assert (half.call_status, half.missing_essential.split(";")[0] != "") == ("ambiguous", True)
    other, _ = fx_row("TPMT", one("TPMT", "rs1142345=0/.", keep=["rs1142345"]))
    assert other.call_status == "ambiguous"
    doubtful, _ = fx_row("TPMT", told(one("TPMT", keep=["rs1142345"]), "rs1142345", "GT:GP", "0/0:0.9,0.1,0"))
    assert (doubtful.call_status, doubtful.n_doubtful, doubtful.n_observed) == ("ambiguous", 1, 0)
    man, _ = fx_row("G6PD", one("G6PD", "rs1050828=./."), sex={"S1": "male"})
    assert man.call_status not in ("no_call", "novel")
    none, _ = fx_row("TPMT", one("TPMT", "rs1142345=./.", keep=["rs1142345"]))
    assert (none.call_status, none.note) == ("no_call", "no locus of the gene was observed")


def test_samples_that_differ_in_phase_alone_are_called_apart(fx_row):
    file = (
        VcfBuilder(genes=("TPMT",), samples=["S1", "S2"]).set("rs1800460", "C|T", "C/T").set("rs1142345", "T|C", "T/C")
    )
    _, analysis = fx_row("TPMT", file)
    frame = analysis.diplotypes.to_frame().set_index("sample_id")
    assert frame.call_status.to_dict() == {"S1": "certain", "S2": "probable"}
    assert set(frame.diplotype) == {"*1/*3A"}


def test_which_haplotype_of_a_sample_is_written_first_is_chance(fx_row):
    """The same pair written both ways in one file is one observation, and the sample after them keeps its own."""
    file = VcfBuilder(genes=("TPMT",), samples=["S1", "S2", "S3", "S4"])
    file.set("rs1800460", "C|T", "T|C", "C/C", "C|T").set("rs1142345", "C|T", "T|C", "T/T", "T|C")
    _, analysis = fx_row("TPMT", file)
    found = analysis.diplotypes.to_frame().set_index("sample_id").diplotype.to_dict()
    assert found == {"S1": "*3B/*3C", "S2": "*3B/*3C", "S3": "*1/*1", "S4": "*1/*3A"}


@pytest.mark.every
@pytest.mark.parametrize(("share", "action"), [("0.99,0.01,0", "standard"), ("0.985,0.015,0", "test_first")])
def test_a_genotype_with_99_percent_of_the_evidence_is_used_like_one_that_was_seen(share, action, fx_row):
    file = told(VcfBuilder(genes=BOTH), "rs1142345", "GT:GP", f"0/0:{share}")
    row, analysis = fx_row("TPMT", file, BOTH, drugs=["azathioprine"])
    assert (row.diplotype, row.call_status, row.n_doubtful) == ("*1/*1", "probable", 1)
    assert analysis.patient("S1").drug("azathioprine").action == action


@pytest.mark.every
@pytest.mark.parametrize(
    ("sets", "status"),
    [(("5", "5"), "certain"), (("5", "7"), "probable"), (("7", "5"), "probable"), (("7", "."), "probable")],
)
def test_loci_of_two_phase_sets_are_not_phased_with_each_other(sets, status, fx_row):
    file = VcfBuilder(genes=("TPMT",))
    for locus, name in zip(("rs1800460", "rs1142345"), sets, strict=True):
        call = "0|1" if name != "." else "0/1"
        file.records[locus][0].fmt, file.records[locus][0].calls = "GT:PS", [f"{call}:{name}"]
    row, _ = fx_row("TPMT", file)
    assert (row.diplotype, row.call_status) == ("*1/*3A", status)
