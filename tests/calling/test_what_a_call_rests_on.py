"""What is said beside a call, and what it rests on: each condition of the caller, by what it does to the answer."""

from __future__ import annotations

import pytest
from builder import VcfBuilder

import lupus_pgx

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
        ("A|T", True),
        ("T|A", True),
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


@pytest.mark.parametrize(("letters", "missing"), [("G|C", True), ("C|G", True), ("C|T", False)])
def test_a_base_that_no_allele_has_is_not_seen_on_either_side_of_a_phase(letters, missing, fx_row):
    row, _ = fx_row("TPMT", VcfBuilder(genes=("TPMT",)).set("rs1142345", "T|C").set("rs1800460", letters))
    assert (row.missing_loci == "rs1800460") is missing
    assert row.n_loci - row.n_observed == int(missing)


def test_a_filter_that_says_imputed_makes_a_genotype_one(fx_analyze):
    found = {}
    for word in ("PASS", "IMPUTED", "LowQual"):
        file = VcfBuilder(genes=("TPMT",))
        file.records["rs1142345"][0].filters = word
        frame = fx_analyze(file, genes=["TPMT"]).variants.to_frame().set_index("locus")
        found[word] = frame.loc["rs1142345"].status
    assert found == {"PASS": "observed", "IMPUTED": "imputed", "LowQual": "filtered"}


@pytest.mark.every
@pytest.mark.parametrize(
    ("gene", "change", "said"),
    [
        ("SLCO1B1", ("rs59113707=1/1", "rs4149056=0/1"), "nearest is *1/*5, which leaves rs59113707 unexplained"),
        ("SLCO1B1", ("rs59113707=1/1", "rs4149056=1/1"), "nearest is *5/*5, which leaves rs59113707 unexplained"),
        ("CYP2C19", ("rs4244285=1/1",), "nearest is *38/*38, which leaves rs4244285 unexplained"),
        (
            "TPMT",
            ("rs144041067=0|2", "rs112339338=0|1"),
            "no named pair fits the phase in the file; without phase *16/*33",
        ),
    ],
)
def test_the_nearest_pair_is_named_or_the_phase_in_its_way(gene, change, said, fx_row):
    row, _ = fx_row(gene, one(gene, *change))
    assert row.call_status == "novel"
    assert said in row.note


def test_beside_a_base_that_no_allele_has_no_nearest_pair_is_named(fx_row):
    """The strange base is the reason; a nearest pair would seem to explain it."""
    row, _ = fx_row("TPMT", VcfBuilder(genes=("TPMT",)).set("rs1142345", "T/A"))
    assert (row.call_status, "nearest" in row.note) == ("novel", False)


@pytest.mark.every
@pytest.mark.parametrize(
    ("changes", "call"),
    [((), "B (reference)"), (("rs1050828=1/1", "rs1050829=1/1"), "A- 202A_376G"), (("rs1050829=1/1",), "A")],
)
def test_of_one_copy_one_allele_is_called(changes, call, fx_row):
    row, _ = fx_row("G6PD", one("G6PD", *changes), sex={"S1": "male"})
    assert (row.diplotype, row.call_status, row.n_candidates) == (call, "certain", 1)


@pytest.mark.every
@pytest.mark.parametrize(
    ("gene", "call", "ancestry", "first", "shown", "phenotype"),
    [
        ("CYP2C19", "rs3758581=0/1", "SAS", "*1/*38", "*2/*38", "Intermediate Metabolizer"),
        ("NAT2", "rs12720065=0/1", "EUR", "*5/*36", "*5/*44", "Indeterminate"),
    ],
)
def test_the_pair_shown_is_the_best_of_the_most_probable_phenotype(
    gene, call, ancestry, first, shown, phenotype, fx_row
):
    """The best pair of all may be of another phenotype, which is less probable as a whole."""
    row, analysis = fx_row(gene, one(gene, call, keep=[call.partition("=")[0]]), ancestry=ancestry)
    assert (row.diplotype, row.phenotype) == (shown, phenotype)
    assert "/".join(analysis.patient("S1").gene(gene).leading[0].alleles) == first


@pytest.mark.every
@pytest.mark.parametrize(
    ("keys", "cell", "info", "status"),
    [
        ("GT", "0/0", ".", "observed"),
        ("GT", "0/0", "DP=9", "observed"),
        ("GT", "0/0", "DP=0", "low_quality"),
        ("GT", "0/0", "IMP;DP=0", "imputed"),  # nobody read what was imputed
        ("GT:GQ", "0/0:5", ".", "doubtful"),
        ("GT:GQ:IGC", "0/0:5:0.8", ".", "observed"),  # an array derives its GQ otherwise
    ],
)
def test_figures_beside_a_genotype_say_how_far_it_is_believed(keys, cell, info, status, fx_analyze):
    file = told(VcfBuilder(genes=("TPMT",)), "rs1142345", keys, cell)
    file.records["rs1142345"][0].info = info
    frame = fx_analyze(file, genes=["TPMT"]).variants.to_frame().set_index("locus")
    assert frame.loc["rs1142345"].status == status


@pytest.mark.every
@pytest.mark.parametrize(
    ("call", "genotype", "count", "category", "note"),
    [
        ("0/0", "C/C", 0, "no T allele", "nan"),
        ("0/1", "C/T", 1, "one T allele", "nan"),
        ("1/1", "T/T", 2, "two T alleles", "nan"),
        ("./1", "nan", "<NA>", "nan", "possible: C/T, T/T"),
        ("./.", "nan", "<NA>", "nan", "possible: C/C, C/T, T/T"),
    ],
)
def test_a_marker_has_a_category_where_one_genotype_is_left(call, genotype, count, category, note, fx_analyze):
    frame = fx_analyze(one("VKORC1", f"rs7294={call}"), genes=["VKORC1"]).markers.to_frame().set_index("marker")
    row = frame.loc["rs7294"]
    assert (str(row.genotype), str(row.effect_allele_count)) == (genotype, str(count))
    assert (str(row.category), str(row.note)) == (category, note)


@pytest.mark.parametrize(("told", "count", "category"), [("C/T", 1, "one T allele"), ("T/T", 2, "two T alleles")])
def test_a_marker_that_is_handed_over_has_its_category(told, count, category):
    frame = lupus_pgx.respond({"VKORC1 rs7294": told}, ["warfarin"]).markers.to_frame().set_index("marker")
    row = frame.loc["rs7294"]
    assert (row.genotype, row.effect_allele_count, row.category) == (told, count, category)
    assert row.note == "given by the user"


@pytest.mark.every
@pytest.mark.parametrize(
    ("letters", "said"),
    [
        ("A/A", "not assessed: TPMT: rs1142345, which could mean: usual dose, reduce dose or avoid."),
        ("T/A", "not assessed: TPMT: rs1142345, which could mean: usual dose or reduce dose."),
    ],
    ids=["on both copies", "on one"],
)
def test_a_base_that_no_allele_has_may_be_of_any_function_on_the_copies_that_have_it(letters, said, fx_analyze):
    file = VcfBuilder(genes=BOTH).set("rs1142345", letters)
    assert said in fx_analyze(file, genes=BOTH, drugs=["azathioprine"]).patient("S1").drug("azathioprine").summary


def test_a_pair_without_names_leaves_nothing_to_be_looked_for(fx_analyze):
    file = one("CYP2C19", "rs4244285=1/1")
    summary = fx_analyze(file, genes=["CYP2C19"], drugs=["clopidogrel"]).patient("S1").drug("clopidogrel").summary
    assert "no locus is missing, but no pair of named alleles fits what was seen; known so far" in summary
    assert summary.endswith("known so far: CYP2C19 novel Indeterminate.")


@pytest.mark.every
@pytest.mark.parametrize(
    ("gene", "told", "phenotype", "score"),
    [
        ("TPMT", "Poor Metabolizer", "Poor Metabolizer", "nan"),
        ("CYP2D6", "activity score 0.5", "Intermediate Metabolizer", "0.5"),
        ("CYP2D6", "*1/*4", "Intermediate Metabolizer", "1.0"),
    ],
)
def test_a_call_that_is_handed_over_states_its_phenotype_and_its_score(gene, told, phenotype, score):
    row = lupus_pgx.respond({gene: told}, ["codeine"]).diplotypes.to_frame().set_index("gene").loc[gene]
    assert (row.phenotype, str(row.activity_score)) == (phenotype, score)


@pytest.mark.every
@pytest.mark.parametrize(
    ("info", "note", "rests"),
    [
        ("R2=0.9", "R2 0.9", True),
        ("R2=0", "R2 0;", False),
        ("R2=0.9,0.2", "R2 0.2", False),  # the lowest of several counts
        ("R2=.", "R2 not stated", False),
        ("R2=0.9;ER2=.", "R2 0.9", True),  # by the array's own genotypes, where it has some
        ("R2=0.9;ER2=", "R2 0.9", True),
        ("R2=0.9;ER2=0.1", "R2 0.1", False),
        ("R2=0.9;INFO", "R2 0.9", True),  # a name that others use too, without a value
        ("R2=0.9;INFO=0.1", "R2 0.9", False),
        ("R2=0.9;INFO=.", "R2 0.9", False),
    ],
)
def test_how_well_a_record_was_imputed_decides_whether_a_call_rests_on_it(info, note, rests, fx_row):
    file = told(VcfBuilder(genes=("TPMT",)), "rs1142345", "GT:GP", "0/0:1,0,0")
    file.records["rs1142345"][0].info = f"IMPUTED;{info}"
    row, analysis = fx_row("TPMT", file)
    locus = analysis.variants.to_frame().set_index("locus").loc["rs1142345"]
    assert (locus.status, note in locus.note) == ("imputed", True)
    assert (row.call_status, str(row.missing_essential)) == (
        ("probable", "nan") if rests else ("ambiguous", "rs1142345")
    )


@pytest.mark.parametrize(
    ("info", "samples", "status"),
    [("MIN_DP=0", 1, "low_quality"), ("MIN_DP=0", 2, "observed"), ("DP=0", 2, "low_quality")],
)
def test_the_least_depth_of_a_block_is_of_a_sample_where_there_is_one(info, samples, status, fx_analyze):
    """The least of several people's depths is nobody's in particular."""
    file = VcfBuilder(genes=("TPMT",), samples=["S1", "S2"][:samples])
    file.records["rs1142345"][0].info = info
    frame = fx_analyze(file, genes=["TPMT"]).variants.to_frame()
    assert set(frame[frame.locus == "rs1142345"].status) == {status}


@pytest.mark.every
@pytest.mark.parametrize(
    ("keys", "cell", "candidates"),
    [
        ("GT:DP:GP", "0/0:30:0.9,0.1,0", "*1/*1=0.8982;*1/*3C=0.0998;"),
        ("GT:DP:GP", "0/1:30:0.1,0.9,0", "*1/*3C=0.8982;*1/*1=0.0998;"),
        ("GT:PL", "0/0:0,10,200", "*1/*1=0.9978;*1/*3C=0.0002;"),
        ("GT:PL:GP", "0/0:0,10,200:0.9,0.1,0", "*1/*1=0.9978;*1/*3C=0.0002;"),
    ],
)
def test_a_posterior_is_used_as_it_stands_and_likelihoods_are_weighed_by_the_population(keys, cell, candidates, fx_row):
    """What a caller has weighed already is not weighed again; where both are there, likelihoods count."""
    row, _ = fx_row("TPMT", told(VcfBuilder(genes=("TPMT",)), "rs1142345", keys, cell), ancestry="EUR")
    assert row.candidates.startswith(candidates)
