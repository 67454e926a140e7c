"""Where no pair of named alleles is the answer: odd letters, chromosomes without a name, assumptions in the way.

Each kind is tried in every spelling in which files bring it.
"""

from __future__ import annotations

import pandas as pd
import pytest
from builder import Rec, VcfBuilder

BUILDS = ["GRCh37", "GRCh38"]
SNV = "rs4149056"
READS = {"T/T": "Normal Function", "C/T": "Decreased Function", "C/C": "Poor Function"}
ODD = "rs59113707=1/1"
"""On no allele of SLCO1B1 by itself: no pair fits, whatever else was seen."""

IN_CIS = ("rs887829", "rs3064744", "rs35350960")
"""UGT1A1 *80, *28 and *27: on one chromosome they have no name."""


@pytest.fixture
def fx_row(fx_analyze):
    """Row of a gene in ``diplotypes.tsv`` and the analysis: ``row, analysis = fx_row("TPMT", file)``."""

    def run(gene: str, file: VcfBuilder, **options):
        analysis = fx_analyze(file, genes=[gene], **options)
        return analysis.diplotypes.to_frame().set_index("gene").loc[gene], analysis

    return run


def one(gene: str, *changes: str, build: str = "GRCh38") -> VcfBuilder:
    return VcfBuilder(build=build, genes=(gene,)).change(*changes)


def at(file: VcfBuilder, locus: str, alts: str, call: str, *, ref: str | None = None, **cells) -> Rec:
    """One record at a locus."""
    site = file.site(locus)
    return Rec(file.chrom(site.chrom), site.pos, ref or site.ref, alts, [call], **cells)


# --- one variant is read where no pair fits ---------------------------------------------------


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(
    ("genotype", "shown"),
    [
        *(("0/0", "T/T"), ("0|0", "T/T")),
        *(("0/1", "C/T"), ("0|1", "C/T"), ("1|0", "C/T"), ("1/0", "C/T")),
        *(("1/1", "C/C"), ("1|1", "C/C")),
    ],
)
def test_rs4149056_is_read_where_no_pair_fits(build, genotype, shown, fx_row):
    file = one("SLCO1B1", ODD, build=build)
    file.records[SNV][0].calls = [genotype]
    row, analysis = fx_row("SLCO1B1", file, drugs=["simvastatin"])
    assert (row.call_status, row.phenotype, row["lookup"]) == ("novel", READS[shown], f"{SNV} {shown}")
    assert pd.isna(row.diplotype)
    drug = analysis.patient("S1").drug("simvastatin")
    assert drug.certainty == 1.0
    assert "as far as it has a name" not in drug.summary  # what is read of both copies needs none
    assert drug.action == {"T/T": "standard", "C/T": "consider_alternative", "C/C": "avoid"}[shown]


@pytest.mark.parametrize("alts", ["C,A", "A,C"])
def test_rs4149056_is_read_from_a_record_of_several_alternatives(alts, fx_row):
    file = one("SLCO1B1", ODD)
    code = alts.split(",").index("C") + 1
    row, _ = fx_row("SLCO1B1", file.replace(SNV, at(file, SNV, alts, f"0/{code}")))
    assert (row.call_status, row["lookup"]) == ("novel", f"{SNV} C/T")


@pytest.mark.parametrize("alt", ["<NON_REF>", "<*>", "."])
def test_rs4149056_is_read_from_a_reference_block(alt, fx_row):
    file = one("SLCO1B1", ODD)
    block = at(file, SNV, alt, "0/0:40:30", fmt="GT:GQ:DP", info=f"END={file.site(SNV).pos + 20}")
    row, _ = fx_row("SLCO1B1", file.replace(SNV, block))
    assert (row.call_status, row["lookup"]) == ("novel", f"{SNV} T/T")


@pytest.mark.parametrize(
    "cells",
    [
        {"call": "./."},
        {"call": "./1"},
        {"call": "1"},
        {"call": "0/1", "filters": "LowQual"},
        {"call": "0/1:0", "fmt": "GT:DP"},
        {"call": "0/1:30,2", "fmt": "GT:AD"},
        {"call": "0/1:0.05,0.9,0.05", "fmt": "GT:GP", "info": "IMPUTED"},
        {"call": "0/2", "alts": "C,A"},
    ],
    ids=["no-call", "half", "haploid", "filtered", "no-read", "few-reads", "imputed", "odd-letter"],
)
def test_rs4149056_is_not_read_where_it_is_not_sure(cells, fx_row):
    file = one("SLCO1B1", ODD)
    cells = {"alts": "C", **cells}
    call, alts = cells.pop("call"), cells.pop("alts")
    row, analysis = fx_row("SLCO1B1", file.replace(SNV, at(file, SNV, alts, call, **cells)), drugs=["simvastatin"])
    assert row.call_status == "novel"
    assert pd.isna(row["lookup"])
    assert row.phenotype == "Indeterminate"
    assert analysis.patient("S1").drug("simvastatin").action not in ("standard", "avoid")


def test_rs4149056_is_not_read_where_it_was_only_assumed(fx_row):
    row, analysis = fx_row("SLCO1B1", one("SLCO1B1", ODD, f"-{SNV}"), absent="reference", drugs=["simvastatin"])
    assert row.call_status == "novel"
    assert pd.isna(row["lookup"])
    assert analysis.patient("S1").drug("simvastatin").response == "indeterminate"


@pytest.mark.parametrize("genotype", ["0/1", "1/1"])
def test_rs4149056_is_not_read_where_a_pair_fits(genotype, fx_row):
    row, _ = fx_row("SLCO1B1", one("SLCO1B1", f"{SNV}={genotype}"))
    assert row.call_status == "certain"
    assert pd.isna(row["lookup"])


# --- an allele that nobody defined ------------------------------------------------------------


def _multiallelic(file, ref, alts, call):
    return [at(file, "rs1800462", alts, call, ref=ref)]


def _split(file, ref, alts, call):
    """One record per alternative, as ``bcftools norm -m-`` writes them."""
    codes = call.replace("|", "/").split("/")
    between = "|" if "|" in call else "/"
    return [
        at(file, "rs1800462", alt, between.join("1" if code == str(place) else "0" for code in codes), ref=ref)
        for place, alt in enumerate(alts.split(","), 1)
    ]


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("written", [_multiallelic, _split], ids=["one-record", "split"])
@pytest.mark.parametrize(
    ("alts", "call", "copies"),
    [
        *(("G,A", "0/2", 1), ("G,A", "2/0", 1), ("G,A", "0|2", 1), ("G,A", "2|0", 1)),
        *(("G,A", "2/2", 2), ("A", "0/1", 1), ("A", "1|1", 2), ("T", "0/1", 1)),
    ],
)
def test_a_letter_that_no_allele_has_is_novel(build, written, alts, call, copies, fx_row):
    file = one("TPMT", build=build)
    file.replace("rs1800462", *written(file, file.site("rs1800462").ref, alts, call))
    row, analysis = fx_row("TPMT", file)
    assert row.call_status == "novel"
    assert pd.isna(row.diplotype)
    assert row.phenotype == "Indeterminate"
    assert "unexpected allele" in row.note
    assert ("the other copy: *1" in row.note) is (copies == 1)
    (locus,) = analysis.variants.to_frame().query("locus == 'rs1800462'").itertuples()
    assert locus.status == "unexpected_allele"


def test_an_insertion_behind_a_locus_is_no_letter_of_it_and_names_no_pair(fx_row):
    file = one("TPMT")
    ref = file.site("rs1800462").ref
    row, _ = fx_row("TPMT", file.replace("rs1800462", at(file, "rs1800462", f"{ref}TT", "0/1")))
    assert row.call_status == "novel"
    assert row.phenotype == "Indeterminate"


@pytest.mark.parametrize("call", ["0/2", "0|2", "2|0"])
def test_the_other_copy_still_restricts(call, fx_analyze):
    # Both copies of NUDT15 *3 but for an odd letter beside it: whatever that copy is, the other has no function.
    file = VcfBuilder(genes=("NUDT15", "TPMT")).change("rs116855232=1/1")
    file.replace("rs147390019", at(file, "rs147390019", "A,T", call))
    analysis = fx_analyze(file, drugs=["azathioprine"])
    row = analysis.diplotypes.to_frame().set_index("gene").loc["NUDT15"]
    assert row.call_status == "novel"
    assert "the other copy: *3" in row.note
    drug = analysis.patient("S1").drug("azathioprine")
    assert drug.action in ("avoid", "reduce_dose", "test_first")
    assert drug.response == "increased_toxicity"


@pytest.mark.parametrize("alts", ["G,A", "G,<NON_REF>", "G,*"])
def test_a_letter_that_nobody_carries_changes_nothing(alts, fx_row):
    file = one("TPMT")
    row, _ = fx_row("TPMT", file.replace("rs1800462", at(file, "rs1800462", alts, "0/1")))
    assert (row.diplotype, row.call_status) == ("*1/*2", "certain")


# --- an assumption yields to what was observed ------------------------------------------------


REST_OF_17 = ("rs33980385", "rs33926104", "rs34284776")


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("genotype", ["0/1", "0|1", "1|0", "1/1", "1|1"])
def test_assumed_loci_yield_to_the_one_observed(build, genotype, fx_row):
    # Four changes make CYP2B6 *17. Only the first is recorded: three assumptions must not make it a chromosome unknown.
    file = one("CYP2B6", f"rs33973337={genotype}", *(f"-{locus}" for locus in REST_OF_17), build=build)
    row, _ = fx_row("CYP2B6", file, absent="reference")
    assert row.call_status in ("probable", "ambiguous")
    assert "*17" in row.diplotype
    assert all(locus in row.note for locus in REST_OF_17)
    assert set(REST_OF_17) <= set(row.missing_loci.split(";"))


@pytest.mark.parametrize("alt", ["T", "<NON_REF>", "."])
def test_observed_loci_do_not_yield(alt, fx_row):
    file = one("CYP2B6", "rs33973337=1/1")
    for locus in REST_OF_17:
        alternatives = file.site(locus).alts[0] if alt == "T" else alt
        file.replace(locus, at(file, locus, alternatives, "0/0:40:30", fmt="GT:GQ:DP"))
    row, _ = fx_row("CYP2B6", file, absent="reference")
    assert row.call_status == "novel"


def test_nothing_yields_to_what_no_allele_has(fx_row):
    """An unexpected base is the reason that nothing is named; without assumptions it would name a pair all the same."""
    file = one("CYP2B6", "rs33973337=1/1", *(f"-{locus}" for locus in REST_OF_17))
    odd = next(letter for letter in "ACGT" if letter not in file.site("rs8192709").letters)
    file.replace("rs8192709", at(file, "rs8192709", odd, "0/1"))
    row, _ = fx_row("CYP2B6", file, absent="reference")
    assert (row.call_status, "not assumed at" in row.note) == ("novel", False)


def test_only_as_many_assumptions_yield_as_it_takes(fx_row):
    file = one("CYP2B6", "rs33973337=1/1", "rs33926104=1/1", "-rs33980385", "-rs34284776", "-rs8192709")
    row, _ = fx_row("CYP2B6", file, absent="reference")
    assert "not assumed at rs33980385, rs34284776:" in row.note
    assert "rs8192709" not in row.missing_loci.split(";")


def test_nothing_yields_where_no_pair_would_fit_anyway(fx_row):
    row, _ = fx_row("SLCO1B1", one("SLCO1B1", ODD, "-rs59502379"), absent="reference")
    assert row.call_status == "novel"
    assert "not assumed at" not in row.note


# --- UGT1A1 *27 on the chromosome of *80+*28 --------------------------------------------------


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("ancestry", [None, "EAS", "EUR"])
@pytest.mark.parametrize("call", ["0|1", "1|0"])
def test_27_in_cis_has_no_name(build, ancestry, call, fx_row):
    row, _ = fx_row("UGT1A1", one("UGT1A1", *(f"{locus}={call}" for locus in IN_CIS), build=build), ancestry=ancestry)
    assert (row.call_status, row.phenotype) == ("novel", "Indeterminate")


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(("first", "second"), [("0|1", "1|0"), ("1|0", "0|1")])
def test_27_in_trans_has_a_name(build, first, second, fx_row):
    *repeat, last = IN_CIS
    row, _ = fx_row("UGT1A1", one("UGT1A1", *(f"{locus}={first}" for locus in repeat), f"{last}={second}", build=build))
    assert (row.diplotype, row.call_status) == ("*27/*80+*28", "certain")


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(("ancestry", "nameless"), [(None, 0.9), ("EAS", 0.99), ("EUR", 0.9)])
@pytest.mark.parametrize("call", ["0/1", "1/0"])
def test_27_without_phase_is_most_likely_in_cis(build, ancestry, nameless, call, fx_row):
    file = one("UGT1A1", build=build)
    for locus in IN_CIS:
        site = file.site(locus)
        ref, alt = (site.letters.index(site.ref), site.letters.index("T" if locus == "rs887829" else site.letters[1]))
        assert ref == 0
        code = [site.ref, *site.alts].index(site.letters[alt])
        file.records[locus][0].calls = [call.replace("1", str(code))]
    row, _ = fx_row("UGT1A1", file, ancestry=ancestry)
    assert (row.diplotype, row.call_status, row.phenotype) == ("*27/*80+*28", "ambiguous", "Indeterminate")
    assert row.probability < 1 - nameless
    assert "seen 14 times" in row.note


@pytest.mark.parametrize("calls", [("1/1", "1/1", "0/1"), ("1|1", "1|1", "1|0"), ("1/1", "1/1", "1/1")])
def test_27_beside_two_repeats_has_no_name(calls, fx_row):
    changes = [f"{locus}={call}" for locus, call in zip(IN_CIS, calls, strict=True)]
    row, _ = fx_row("UGT1A1", one("UGT1A1", *changes))
    assert (row.call_status, row.phenotype) == ("novel", "Indeterminate")


def test_27_not_seen_keeps_the_call_open_without_ancestry(fx_row):
    # 14 of 1,008 East Asian chromosomes carry it beside *80+*28, none elsewhere.
    file = one("UGT1A1", "rs887829=0/1", "rs3064744=0/1", "-rs35350960")
    asked = {ancestry: fx_row("UGT1A1", file, ancestry=ancestry)[0].probability for ancestry in (None, "EAS", "EUR")}
    assert asked[None] == pytest.approx(asked["EAS"])
    assert asked["EAS"] < 0.95 < asked["EUR"]


# --- another variant by which alleles lose function, beside the one that is read ---------------


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(
    ("snv", "other", "phenotype", "says_standard"),
    [
        ("0/0", "0/1", "Indeterminate", False),
        ("0/0", "1/1", "Indeterminate", False),
        ("0/1", "0/1", "Indeterminate", False),
        ("1/1", "0/1", "Poor Function", False),
        ("0/0", "0/0", "Normal Function", True),
    ],
)
def test_the_one_variant_yields_to_others_that_harm(snv, other, phenotype, says_standard, build, fx_row):
    file = one("SLCO1B1", ODD, build=build)
    file.records[SNV][0].calls = [snv]
    file.records["rs59502379"][0].calls = [other]
    row, analysis = fx_row("SLCO1B1", file, drugs=["simvastatin"])
    assert (row.call_status, row.phenotype) == ("novel", phenotype)
    assert ("rs59502379, by which alleles lose function" in row.note) == (phenotype == "Indeterminate")
    action = analysis.drug_responses.to_frame().iloc[0].action
    assert (action == "standard") == says_standard


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(
    ("locus", "phenotype"), [("rs59502379", "Indeterminate"), ("rs2306283", "Normal Function")], ids=["lost", "other"]
)
def test_the_one_variant_yields_to_a_strange_base_where_alleles_lose_function(locus, phenotype, build, fx_row):
    """Of a base that no allele has nobody knows what it does; at a locus that matters that counts."""
    file = one("SLCO1B1", build=build)
    letters = file.site(locus).letters
    strange = next(base for base in "ACGT" if base not in letters)
    row, analysis = fx_row("SLCO1B1", file.set(locus, f"{letters[0]}/{strange}"), drugs=["simvastatin"])
    assert (row.call_status, row.phenotype) == ("novel", phenotype)
    action = analysis.drug_responses.to_frame().iloc[0].action
    assert (action == "standard") == (phenotype == "Normal Function")


@pytest.mark.every
@pytest.mark.parametrize(
    ("snv", "action", "still"),
    [
        ("0/0", "test_first", "could mean: usual dose, consider alternative or avoid"),
        ("0/1", "consider_alternative", "could still mean: usual dose or avoid"),
        ("1/1", "avoid", "could still mean: usual dose or consider alternative"),
    ],
)
@pytest.mark.parametrize("harm", ["./.", "-", "filtered"])
def test_the_one_variant_does_not_stand_in_for_a_locus_that_was_not_seen(harm, snv, action, still, fx_row):
    """A locus by which alleles lose function is damaged: what was `standard` by the one variant alone asks for it."""
    file = one("SLCO1B1", ODD)
    file.records[SNV][0].calls = [snv]
    if harm == "-":
        file.drop("rs59502379")
    elif harm == "filtered":
        file.records["rs59502379"][0].filters = "LowQual"
    else:
        file.records["rs59502379"][0].calls = [harm]
    row, analysis = fx_row("SLCO1B1", file, drugs=["simvastatin"])
    assert (row.call_status, row.phenotype) == ("novel", READS[{"0/0": "T/T", "0/1": "C/T", "1/1": "C/C"}[snv]])
    assert row.missing_essential == "rs59502379"
    drug = analysis.patient("S1").drug("simvastatin")
    assert drug.action == action
    assert f"not assessed: SLCO1B1: rs59502379, which {still}" in drug.summary


def test_beside_the_one_variant_every_essential_locus_is_asked_for(fx_row):
    names = [name for name, locus in one("SLCO1B1").loci.items() if locus.essential]
    assert len(names) > 5
    for name in names:
        row, analysis = fx_row("SLCO1B1", one("SLCO1B1", ODD, f"{name}=./."), drugs=["simvastatin"])
        drug = analysis.patient("S1").drug("simvastatin")
        assert (row.missing_essential, drug.action == "standard") == (name, False)


@pytest.mark.every
@pytest.mark.parametrize(
    ("gene", "drug", "changes", "said"),
    [
        ("SLCO1B1", "simvastatin", (f"{SNV}=0/1", "rs59502379=./."), "could still mean: usual dose or avoid."),
        ("CYP2C19", "clopidogrel", ("rs4244285=1/1", "rs4986893=./."), "not assessed: CYP2C19: rs4986893."),
        ("SLCO1B1", "simvastatin", (ODD, f"{SNV}=./."), "could mean: usual dose, consider alternative or avoid."),
        ("CYP2C19", "clopidogrel", ("rs4244285=./.",), "which could mean: usual dose."),
        (
            "TPMT",
            "azathioprine",
            ("rs1800460=1/1", "rs1142345=1/1", "rs1800462=0/1"),
            "still mean: reduce dose or avoid.",
        ),
    ],
    ids=[
        "named, read where none fits",
        "none fits, of a gene without such a variant",
        "none fits and the one was not seen",
        "named, none is read",
        "none fits, none is read",
    ],
)
def test_what_is_not_seen_may_leave_no_pair_only_where_one_variant_is_read_then(gene, drug, changes, said, fx_row):
    """Where no pair may fit in the end, the one variant may say anything; elsewhere what a pair can bring is open."""
    _, analysis = fx_row(gene, one(gene, *changes), drugs=[drug])
    assert said in analysis.patient("S1").drug(drug).summary


# --- one copy has a name, the other has none ---------------------------------------------------


@pytest.mark.parametrize("call", ["1/2", "2/1", "1|2", "2|1"])
def test_the_copy_that_has_a_name_still_restricts(call, fx_row):
    file = one("NUDT15")
    for name in ("rs116855232", "rs147390019"):
        file.drop(name)
    site = file.site("rs116855232")
    file.add(Rec(file.chrom(site.chrom), site.pos, "CG", "TG,TA", [call]))
    row, _ = fx_row("NUDT15", file)
    assert row.call_status == "novel"
    assert "the other copy: *3" in row.note


def test_two_named_copies_of_one_record_are_called(fx_row):
    file = one("NUDT15")
    for name in ("rs116855232", "rs147390019"):
        file.drop(name)
    site = file.site("rs116855232")
    file.add(Rec(file.chrom(site.chrom), site.pos, "CG", "TG,CA", ["1/2"]))
    row, _ = fx_row("NUDT15", file)
    assert (row.diplotype, row.call_status) == ("*3/*4", "certain")


# --- words --------------------------------------------------------------------------------------


def test_an_assumed_or_imputed_fallback_locus_is_what_is_missing(fx_row):
    """The variant that would be read was not looked at, or not surely: it is named, and a test completes it."""
    absent = one("SLCO1B1", ODD, f"-{SNV}")
    imputed = one("SLCO1B1", ODD)
    imputed.records[SNV][0].fmt, imputed.records[SNV][0].calls = "GT:GP", ["1/1:0,0,1"]
    for file, options in ((absent, {"absent": "reference"}), (imputed, {})):
        row, analysis = fx_row("SLCO1B1", file, drugs=["simvastatin"], **options)
        assert (row.call_status, row.missing_essential) == ("novel", SNV)
        summary = analysis.patient("S1").drug("simvastatin").summary
        assert "complete the test first" in summary
        assert f"not assessed: SLCO1B1: {SNV}, which could mean: usual dose, consider alternative or avoid" in summary


def test_a_copy_without_a_name_is_not_certain(fx_analyze):
    """*3A on one copy restricts whatever the other does; the genotype as a whole is not certain."""
    file = VcfBuilder(genes=("TPMT", "NUDT15")).change("rs1800460=1/1", "rs1142345=1/1", "rs1800462=0/1")
    drug = fx_analyze(file, drugs=["azathioprine"]).patient("S1").drug("azathioprine")
    assert (drug.action, drug.certainty) == ("test_first", 1.0)
    assert "genotype certain for this, as far as it has a name" in drug.summary
    assert "no locus is missing" in drug.summary


def test_what_was_seen_once_was_not_seen_1_times(fx_row):
    file = one("CYP2C19", "rs4244285=1/1")
    file.drop(*(name for name in file.loci if name != "rs4244285"))
    row, _ = fx_row("CYP2C19", file, ancestry="EUR")
    assert "seen once (" in row.note
