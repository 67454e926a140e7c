"""Drug response: guideline cells, what keeps a usual dose from being stated, and weak evidence."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from builder import Rec, VcfBuilder
from helpers import both_named
from hypothesis import given, settings
from hypothesis import strategies as st

import lupus_pgx
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import Table

BUILDS = ("GRCh37", "GRCh38")
POPULATIONS = ("AFR", "AMR", "EAS", "EUR", "SAS")

# One diplotype of each phenotype; None: the gene is not given.
TPMT = {"NM": "*1/*1", "IM": "*1/*3A", "possible IM": "*8/*3A", "PM": "*3A/*3C", "open": "*1/*24", "-": None}
NUDT15 = {"NM": "*1/*1", "IM": "*1/*3", "possible IM": "*3/*15", "PM": "*3/*6", "open": "*1/*15", "-": None}

# The loci without which no drug action may rest on a gene.
ESSENTIAL = {
    "TPMT": ("rs1142345", "rs1800460", "rs1800462", "rs56161402", "rs112339338", "rs144041067", "rs200591577"),
    "NUDT15": ("rs116855232", "rs147390019", "rs186364861", "rs746071566"),
    "CYP3A5": ("rs776746", "rs10264272", "rs41303343"),
}


def given_calls(**calls: str | None):
    return lupus_pgx.respond({gene: call for gene, call in calls.items() if call})


def rows_of(patient, table: str, drug: str) -> pd.DataFrame:
    frame = getattr(patient, table).to_frame()
    return frame[frame.drug == drug]


def drug_row(patient, drug: str):
    (row,) = rows_of(patient, "drug_responses", drug).itertuples()
    return row


# --- thiopurines ------------------------------------------------------------------------------


def thiopurine_rule(tpmt: str, nudt15: str) -> tuple[str, str, float | None, float | None]:
    """CPIC's thiopurine table, 2025: response, action and fraction of the usual start."""
    reduced = ("IM", "possible IM")
    if "PM" in (tpmt, nudt15):
        return "increased_toxicity", "avoid", None, None
    if tpmt in reduced and nudt15 in reduced:
        return "increased_toxicity", "reduce_dose", 0.2, 0.5
    if tpmt in reduced or nudt15 in reduced:
        return "increased_toxicity", "reduce_dose", 0.3, 0.8
    if (tpmt, nudt15) == ("NM", "NM"):
        return "typical", "standard", 1.0, 1.0
    if "NM" in (tpmt, nudt15):
        return "indeterminate", "monitor", None, None
    return "indeterminate", "test_first", None, None


@pytest.mark.parametrize("drug", ["azathioprine", "mercaptopurine"])
@pytest.mark.parametrize(("tpmt", "nudt15"), list(itertools.product(TPMT, NUDT15)))
def test_thiopurines_of_both_genes(tpmt, nudt15, drug):
    row = drug_row(given_calls(TPMT=TPMT[tpmt], NUDT15=NUDT15[nudt15]), drug)
    response, action, low, high = thiopurine_rule(tpmt, nudt15)
    assert (row.predicted_response, row.action) == (response, action)
    factors = (row.dose_factor_low, row.dose_factor_high)
    assert all(map(pd.isna, factors)) if low is None else factors == (low, high)
    assert row.guideline == "CPIC"
    assert row.evidence_level == "guideline"
    if response == "indeterminate":
        assert pd.isna(row.certainty)
    else:
        assert row.certainty == 1.0


def test_azathioprine_cell_in_words():
    row = drug_row(given_calls(TPMT="*1/*3A", NUDT15="*1/*1"), "azathioprine")
    assert row.strength == "strong"
    assert row.citations.startswith("PMID:41618934")
    for text in ("30-80%", "TPMT *1/*3A Intermediate Metabolizer", "planned azathioprine >= 2 mg/kg/day", "CPIC 2025"):
        assert text in row.summary


@pytest.mark.parametrize("gene", ["TPMT", "NUDT15"])
def test_one_poor_gene_is_enough(gene):
    alleles = {"TPMT": "*3A/*3A", "NUDT15": "*3/*3"}
    row = drug_row(given_calls(**{gene: alleles[gene]}), "azathioprine")
    assert (row.action, row.certainty) == ("avoid", 1.0)
    assert pd.isna(row.dose_factor_low)
    assert pd.isna(row.dose_factor_high)
    other = "NUDT15" if gene == "TPMT" else "TPMT"
    assert row.not_assessed.startswith(other)


@pytest.mark.parametrize("gene", ["TPMT", "NUDT15"])
def test_one_normal_gene_is_never_enough(gene):
    row = drug_row(given_calls(**{gene: "*1/*1"}), "azathioprine")
    assert row.action != "standard"
    assert row.predicted_response == "indeterminate"
    other = "NUDT15" if gene == "TPMT" else "TPMT"
    assert row.not_assessed.startswith(other)
    for locus in ESSENTIAL[other]:
        assert locus in row.not_assessed


# --- tacrolimus -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("diplotype", "response", "action", "low", "high"),
    [
        ("*1/*1", "reduced_exposure", "increase_dose", 1.5, 2.0),
        ("*1/*3", "reduced_exposure", "increase_dose", 1.5, 2.0),
        ("*1/*8", "reduced_exposure", "increase_dose", 1.5, 2.0),  # possible intermediate
        ("*3/*3", "typical", "standard", 1.0, 1.0),
        ("*3/*6", "typical", "standard", 1.0, 1.0),
        ("*3/*8", "indeterminate", "test_first", None, None),
        ("*1/*10", "indeterminate", "test_first", None, None),
        (None, "indeterminate", "test_first", None, None),
    ],
)
def test_tacrolimus(diplotype, response, action, low, high):
    row = drug_row(given_calls(CYP3A5=diplotype), "tacrolimus")
    assert (row.predicted_response, row.action) == (response, action)
    factors = (row.dose_factor_low, row.dose_factor_high)
    assert all(map(pd.isna, factors)) if low is None else factors == (low, high)


def test_tacrolimus_conflict_between_guidelines_is_shown():
    assert "DPWG: increase_dose at 2.5" in drug_row(given_calls(CYP3A5="*1/*1"), "tacrolimus").conflicts
    # One expressing allele: 1.5 times by DPWG lies within CPIC's 1.5 to 2.
    conflicts = drug_row(given_calls(CYP3A5="*1/*3"), "tacrolimus").conflicts
    assert "DPWG" not in str(conflicts)


def test_guidance_rows_stand_side_by_side():
    guidance = rows_of(given_calls(CYP3A5="*1/*1"), "guidance", "tacrolimus")
    cells = guidance[["source", "action", "factor_low", "factor_high", "cap", "unit"]].astype(object)
    assert cells.fillna("").to_numpy().tolist() == [
        ["CPIC", "increase_dose", 1.5, 2.0, 0.3, "mg/kg/day"],
        ["DPWG", "increase_dose", 2.5, 2.5, "", ""],
        ["FDA label", "monitor", "", "", "", ""],
    ]
    assert guidance.population.str.contains("transplant").all()
    thiopurines = rows_of(given_calls(TPMT="*1/*3A", NUDT15="*1/*1"), "guidance", "azathioprine")
    cells = thiopurines[["source", "year", "action", "factor_low", "factor_high", "applies_if"]].astype(object)
    assert cells.fillna("").to_numpy().tolist() == [
        ["CPIC", 2025, "reduce_dose", 0.3, 0.8, "planned azathioprine >= 2 mg/kg/day"],
        ["DPWG", 2025, "reduce_dose", 0.5, 0.5, "planned azathioprine >= 1.5 mg/kg/day"],
        ["FDA label", 2026, "reduce_dose", "", "", ""],
    ]


# --- through files ----------------------------------------------------------------------------


def clear(build: str = "GRCh38") -> VcfBuilder:
    """A sample for whom every drug with a guideline is given as usual: CYP3A5 *3/*3, the rest *1/*1."""
    return VcfBuilder(build=build).set("rs776746", "C/C")


DRUGS = {"azathioprine": ("TPMT", "NUDT15"), "mercaptopurine": ("TPMT", "NUDT15"), "tacrolimus": ("CYP3A5",)}
HIDDEN = [(drug, gene, locus) for drug, genes in DRUGS.items() for gene in genes for locus in ESSENTIAL[gene]]


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("drug", DRUGS)
def test_everything_observed_gives_standard(drug, build, fx_patient):
    row = drug_row(fx_patient(clear(build)), drug)
    assert (row.action, row.predicted_response, row.certainty) == ("standard", "typical", 1.0)
    assert (row.dose_factor_low, row.dose_factor_high) == (1.0, 1.0)
    assert pd.isna(row.not_assessed)


def test_essential_loci_are_those_of_the_table(fx_knowledge):
    for gene, names in ESSENTIAL.items():
        rows = [row for row in fx_knowledge.rows("loci") if row["gene"] == gene and row["essential"] == "yes"]
        assert {row["locus"] for row in rows} == set(names)


@pytest.mark.parametrize("ancestry", [None, "EAS", "EUR"])
@pytest.mark.parametrize(("drug", "gene", "locus"), HIDDEN)
def test_a_hidden_essential_locus_never_gives_standard(drug, gene, locus, ancestry, fx_patient):
    patient = fx_patient(clear().drop(locus), ancestry=ancestry, drugs=[drug])
    row = drug_row(patient, drug)
    assert row.action != "standard"
    assert row.predicted_response == "indeterminate"
    assert locus in row.not_assessed
    assert locus in row.summary
    assert "standard" not in set(rows_of(patient, "guidance", drug).action)


def test_the_prior_never_stands_in_for_an_essential_locus(fx_patient):
    """rs56161402 in Europeans: *8 was not seen among 1,006 haplotypes, and still the call may not clear."""
    patient = fx_patient(clear().drop("rs56161402"), ancestry="EUR")
    diplotypes = patient.diplotypes.to_frame().set_index("gene")
    assert diplotypes.loc["TPMT"].phenotype_probability > 0.997
    assert drug_row(patient, "azathioprine").predicted_response == "indeterminate"


@pytest.mark.parametrize("why", ["missing", "half", "filtered", "low quality"])
def test_an_unusable_essential_genotype_never_gives_standard(why, fx_patient):
    file = clear()
    record = file.records["rs1800460"][0]
    if why == "missing":
        record.calls = ["./."]
    elif why == "half":
        record.calls = ["0/."]
    elif why == "filtered":
        record.filters = "LowQual"
    else:
        record.fmt, record.calls = "GT:GQ", ["0/0:0"]
    row = drug_row(fx_patient(file), "azathioprine")
    assert row.predicted_response == "indeterminate"
    assert "rs1800460" in row.not_assessed


@pytest.mark.parametrize("build", BUILDS)
def test_absent_reference_gives_standard(build, fx_patient):
    file = clear(build).drop("rs1800460", "rs116855232", "rs10264272")
    for drug in DRUGS:
        assert drug_row(fx_patient(file), drug).predicted_response == "indeterminate"
        assert drug_row(fx_patient(file, absent="reference"), drug).action == "standard"


@pytest.mark.parametrize(("build", "action"), [("GRCh38", "increase_dose"), ("GRCh37", "standard")])
def test_absent_reference_at_rs776746_depends_on_the_build(build, action, fx_patient):
    """The genome carries *1 on GRCh38 and *3 on GRCh37: absence means one or the other."""
    file = VcfBuilder(build=build).drop("rs776746")
    assert drug_row(fx_patient(file, absent="reference"), "tacrolimus").action == action


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("ancestry", [None, *POPULATIONS])
def test_tacrolimus_without_rs776746(build, ancestry, fx_patient):
    patient = fx_patient(VcfBuilder(build=build).drop("rs776746"), ancestry=ancestry)
    call = patient.diplotypes.to_frame().set_index("gene").loc["CYP3A5"]
    assert call.call_status == "ambiguous"
    row = drug_row(patient, "tacrolimus")
    assert (row.predicted_response, row.action) == ("indeterminate", "test_first")
    assert row.not_assessed == "CYP3A5: rs776746"
    assert "rs776746" in row.summary
    assert pd.isna(row.dose_factor_low)
    assert pd.isna(row.certainty)
    assert "standard" not in set(rows_of(patient, "guidance", "tacrolimus").action)


def test_an_ambiguous_call_is_not_shown_as_known(fx_patient):
    """Without rs776746 the best candidate has a probability of a tenth: nobody may read it as a finding."""
    patient = fx_patient(VcfBuilder().drop("rs776746"))
    row = drug_row(patient, "tacrolimus")
    for text in (str(row.drivers), row.summary):
        assert "CYP3A5 *1/*3 Intermediate Metabolizer" not in text


@pytest.mark.parametrize("gene", sorted(ESSENTIAL))
@pytest.mark.parametrize("ancestry", [None, "EUR"])
@pytest.mark.parametrize("build", BUILDS)
def test_a_file_that_covers_none_of_a_gene(gene, ancestry, build, fx_patient):
    patient = fx_patient(clear(build).drop_gene(gene), ancestry=ancestry)
    call = patient.diplotypes.to_frame().set_index("gene").loc[gene]
    assert call.call_status == "no_call"
    for drug, genes in DRUGS.items():
        row = drug_row(patient, drug)
        if gene in genes:
            assert row.predicted_response == "indeterminate"
            assert row.action != "standard"
            assert all(locus in row.not_assessed for locus in ESSENTIAL[gene])
        else:
            assert row.action == "standard"


def test_an_empty_panel_clears_nobody(fx_patient):
    file = VcfBuilder()
    file.drop(*file.loci).add(Rec("chr1", 1_000_000, "A", "G", ["0/0"]))
    frame = fx_patient(file).drug_responses.to_frame()
    assert not (frame.action == "standard").any()
    assert not (frame.predicted_response == "typical").any()
    assert frame.dose_factor_low.isna().all()
    assert len(frame) > len(DRUGS)


@pytest.mark.parametrize("gene", sorted(lupus_pgx.load_knowledge().star_genes))
def test_no_drug_rests_on_a_gene_that_is_not_there(gene, fx_patient, fx_knowledge):
    """Whatever gene of the panel the file leaves out: nothing is typical that a rule on it decides alone."""
    patient = fx_patient(clear().drop_gene(gene))
    alone = [drug.drug for drug in fx_knowledge.drugs_by_name.values() if drug.rules and drug.rule_keys == (gene,)]
    for drug in alone:
        row = drug_row(patient, drug)
        assert row.predicted_response == "indeterminate"
        assert row.action in ("test_first", "monitor", "informative_only")
        assert row.not_assessed.startswith(f"{gene}: ")


def test_a_gene_left_out_is_not_assessed(fx_patient):
    row = drug_row(fx_patient(clear(), genes=["TPMT"]), "azathioprine")
    assert row.action != "standard"
    assert row.predicted_response == "indeterminate"


STAR_LOCI = [(locus.gene, name) for name, locus in VcfBuilder(genes=("CYP3A5", "NUDT15", "TPMT")).loci.items()]


@pytest.mark.slow
@given(
    hidden=st.sets(st.sampled_from(STAR_LOCI), max_size=len(STAR_LOCI)),
    build=st.sampled_from(BUILDS),
    absent=st.sampled_from(["unknown", "reference"]),
    way=st.sampled_from(["absent", "./.", "0/."]),
    ancestry=st.sampled_from([None, *POPULATIONS]),
)
@settings(max_examples=40)
def test_standard_only_with_every_essential_locus(hidden, build, absent, way, ancestry, tmp_path):
    file = clear(build)
    for _, name in sorted(hidden):
        if way == "absent":
            file.drop(name)
        else:
            file.records[name][0].calls = [way]
    # Records lie all over the genes, so that absent loci may be assumed.
    path = file.like_a_genome().write(tmp_path / "file", kind="vcf")
    analysis = lupus_pgx.analyze(path, build=build, absent=absent, ancestry=ancestry, drugs=list(DRUGS))
    assumed = absent == "reference" and way == "absent"
    for drug, genes in DRUGS.items():
        row = drug_row(analysis, drug)
        complete = assumed or not any((gene, locus) in hidden for gene in genes for locus in ESSENTIAL[gene])
        if row.action == "standard":
            assert complete
        if not {item for item in hidden if item[0] in genes}:
            assert row.action == "standard"
        assert (row.action == "standard") == (row.predicted_response == "typical")


def test_a_possible_change_of_one_percent_or_more_is_not_standard(fx_patient):
    """*24 (35 of 1,322 African haplotypes) is of uncertain function: its locus open, the usual dose is not stated."""
    file = clear().drop("rs6921269")
    for min_certainty in (0.95, 0.6):  # 0.94 sure is enough for an action, not for the absence of one
        row = drug_row(fx_patient(file, ancestry="AFR", min_certainty=min_certainty), "azathioprine")
        assert row.action != "standard"
    row = drug_row(fx_patient(file, ancestry="EUR"), "azathioprine")  # not seen in 1,006 haplotypes
    assert row.action == "standard"
    assert 0.99 < row.certainty < 1


# --- how sure an action must be -----------------------------------------------------------------


def unphased_3a() -> VcfBuilder:
    """*1/*3A or *3B/*3C. East Asians have neither *3A nor *3B, so there *1 (986) against *3C (22) decides: 0.976."""
    return VcfBuilder().set("rs1800460", "C/T").set("rs1142345", "T/C")


def test_an_action_fires_from_min_certainty_on(fx_patient):
    row = drug_row(fx_patient(unphased_3a()), "azathioprine")
    assert (row.action, row.dose_factor_low, row.dose_factor_high) == ("reduce_dose", 0.3, 0.8)
    assert row.certainty == round(986 / 1008 * both_named("EAS"), 4)


@pytest.mark.parametrize(
    ("min_certainty", "action"),
    [(0.6, "reduce_dose"), (0.976, "reduce_dose"), (0.977, "test_first"), (0.99, "test_first"), (0.997, "test_first")],
)
def test_below_min_certainty_the_restriction_stays_but_not_its_size(min_certainty, action, fx_patient):
    """Either way (reduce or avoid) toxicity is expected: that much is certain, the dose is not."""
    row = drug_row(fx_patient(unphased_3a(), min_certainty=min_certainty), "azathioprine")
    assert (row.action, row.predicted_response) == (action, "increased_toxicity")
    assert row.certainty >= min(min_certainty, 0.976)


def test_an_open_phase_never_reaches_a_min_certainty_of_1(fx_patient):
    """A haplotype that nobody saw would fit as well: who asks for 1 asks for what is exact."""
    row = drug_row(fx_patient(unphased_3a(), min_certainty=1.0), "azathioprine")
    assert (row.action, row.predicted_response) == ("test_first", "indeterminate")


def test_an_open_restriction_has_no_dose(fx_patient):
    """One of the two ways is `avoid`: a dose of 30 to 80 percent would be a false promise."""
    row = drug_row(fx_patient(unphased_3a(), min_certainty=0.99), "azathioprine")
    assert row.action == "test_first"
    assert pd.isna(row.dose_factor_low)
    assert pd.isna(row.dose_factor_high)


def test_ancestry_makes_the_same_genotype_sure(fx_patient):
    row = drug_row(fx_patient(unphased_3a(), min_certainty=0.99, ancestry="EUR"), "azathioprine")
    assert row.action == "reduce_dose"
    assert row.certainty == round(both_named("EUR"), 4)


@pytest.mark.parametrize("value", [0.5, 0, -1, 1.01])
def test_min_certainty_out_of_range_is_refused(value, fx_patient):
    with pytest.raises(lupus_pgx.UsageError, match="min_certainty"):
        fx_patient(VcfBuilder(), min_certainty=value)


def test_increase_needs_min_certainty_too(fx_patient):
    """One haplotype is *3; the other *1 (54), *6 (3) or *7 (not seen: a fifth of one haplotype's mass) in Europe."""
    file = VcfBuilder().set("rs776746", "T/C").drop("rs10264272", "rs41303343")
    patient = fx_patient(file, ancestry="EUR")
    seventh = 1 / 5 / (1 - 1 / 1006)
    expresser = 54 / (54 + 3 + seventh) * both_named("EUR")
    assert 0.94 < expresser < 0.95
    call = patient.diplotypes.to_frame().set_index("gene").loc["CYP3A5"]
    assert (call.diplotype, call.probability) == ("*1/*3", round(expresser, 4))
    row = drug_row(patient, "tacrolimus")
    assert (row.predicted_response, row.action) == ("indeterminate", "test_first")
    assert {"rs10264272", "rs41303343"} <= set(row.not_assessed.removeprefix("CYP3A5: ").split(", "))


# --- evidence without a guideline -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("genotype", "response"),
    [("V/V", "increased_efficacy"), ("V/F", "increased_efficacy"), ("F/F", "reduced_efficacy")],
)
def test_rituximab(genotype, response):
    patient = given_calls(FCGR3A=genotype)
    row = drug_row(patient, "rituximab")
    assert (row.predicted_response, row.action) == (response, "informative_only")
    assert row.evidence_level == "meta_analysis"
    assert pd.isna(row.guideline)
    assert pd.isna(row.dose_factor_low)
    # The Swedish cohort on rheumatoid arthritis contradicts the meta-analysis.
    assert "PMID:23002160" in row.conflicts
    assert rows_of(patient, "guidance", "rituximab").empty
    evidence = rows_of(patient, "evidence", "rituximab")
    assert "PMID:23002160" in set(evidence.citation)


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("ancestry", [None, "EUR"])
def test_rituximab_without_fcgr3a(build, ancestry, fx_patient):
    row = drug_row(fx_patient(VcfBuilder(build=build).drop("rs396991"), ancestry=ancestry), "rituximab")
    assert (row.predicted_response, row.action) == ("indeterminate", "informative_only")
    assert "rs396991" in row.not_assessed
    assert "rs396991" in row.summary
    assert pd.isna(row.certainty)


UNMARKED = [row["drug"] for row in lupus_pgx.load_knowledge().rows("drugs") if row["marker_statement"] == "none"]


def test_drugs_known_to_have_no_marker_are_among_those_below():
    assert {"belimumab", "prednisone", "quinacrine", "voclosporin"} <= set(UNMARKED)


@pytest.mark.parametrize("drug", UNMARKED)
@pytest.mark.parametrize("everything", [True, False])
def test_drugs_without_a_marker(drug, everything):
    calls = {"TPMT": "*3A/*3A", "NUDT15": "*3/*3", "CYP3A5": "*1/*1", "FCGR3A": "V/V", "APOL1": "G1/G2"}
    row = drug_row(lupus_pgx.respond(calls if everything else {}, [drug]), drug)
    assert (row.predicted_response, row.action) == ("no_validated_marker", "informative_only")
    assert "no validated genetic marker" in row.summary.lower()
    assert pd.isna(row.certainty)


# --- drugs that are low-to-no-risk in G6PD deficiency -------------------------------------------

MILD = ("chloroquine", "hydroxychloroquine", "sulfamethoxazole / trimethoprim", "sulfasalazine")


def g6pd_alleles(function: str) -> list[str]:
    rows = lupus_pgx.load_knowledge().rows("allele_function")
    return [row["allele"] for row in rows if (row["gene"], row["function"]) == ("G6PD", function)]


@pytest.mark.parametrize(
    ("functions", "mild", "dapsone"),
    [
        (("Normal", "Normal"), ("typical", "standard"), ("typical", "standard")),
        (("Normal", "Deficient"), ("typical", "standard"), ("increased_toxicity", "test_first")),
        (("Deficient", "Deficient"), ("typical", "standard"), ("increased_toxicity", "avoid")),
        (("Deficient with CNSHA",) * 2, ("increased_toxicity", "monitor"), ("increased_toxicity", "avoid")),
        (("Normal", "Uncertain function"), ("indeterminate", "test_first"), ("indeterminate", "test_first")),
        (None, ("indeterminate", "monitor"), ("indeterminate", "test_first")),
    ],
)
def test_g6pd_given(functions, mild, dapsone):
    call = "/".join(g6pd_alleles(function)[0] for function in functions) if functions else None
    patient = given_calls(G6PD=call)
    for drug, expected in [*((name, mild) for name in MILD), ("dapsone", dapsone)]:
        row = drug_row(patient, drug)
        assert (row.predicted_response, row.action) == expected


@pytest.mark.parametrize("sex", [None, "female", "male"])
@pytest.mark.parametrize("kept", [0, 1, 5, 11, 12])
def test_a_partly_covered_g6pd_asks_for_no_more_than_an_uncovered_one(kept, sex, fx_patient, fx_knowledge):
    """No genotype that is possible asks for more than monitoring; the usual dose is not stated either."""
    essential = [locus.name for locus in fx_knowledge.loci_by_gene["G6PD"] if locus.essential]
    assert len(essential) == 12
    file = clear().drop_gene("G6PD") if not kept else clear().drop(*essential[kept:])
    options = {"sex": sex} if sex else {}
    patient = fx_patient(file, drugs=[*MILD, "dapsone"], **options)
    for drug in MILD:
        row = drug_row(patient, drug)
        if kept == 12:
            assert (row.predicted_response, row.action) == ("typical", "standard")
        else:
            assert (row.predicted_response, row.action) == ("indeterminate", "monitor")
            assert pd.isna(row.certainty)
            assert all(locus in row.not_assessed for locus in essential[kept:])
    row = drug_row(patient, "dapsone")  # where a possible genotype asks for more, the test comes first
    assert row.action == ("standard" if kept == 12 else "test_first")


def test_an_allele_of_uncertain_function_asks_for_the_test_though_the_gene_is_partly_covered(fx_patient, fx_knowledge):
    uncertain = set(g6pd_alleles("Uncertain function"))
    carried = [row for row in fx_knowledge.rows("allele_loci") if row["gene"] == "G6PD" and row["allele"] in uncertain]
    single = [row for row in carried if sum(item["allele"] == row["allele"] for item in carried) == 1]
    essential = next(locus.name for locus in fx_knowledge.loci_by_gene["G6PD"] if locus.essential)
    row = next(row for row in single if row["locus"] != essential)
    file = clear().set(row["locus"], "/".join([row["grch38_alt"]] * 2)).drop(essential)
    patient = fx_patient(file, sex="female", drugs=MILD)
    assert patient.diplotypes.to_frame().set_index("gene").loc["G6PD"].phenotype == "Indeterminate"
    for drug in MILD:
        assert drug_row(patient, drug).action == "test_first"


@pytest.mark.parametrize("gene", ["TPMT", "NUDT15"])
def test_an_observed_gene_does_not_lift_the_test_where_the_other_is_partly_covered(gene, fx_patient):
    """With one gene unassessed thiopurines are monitored; seen in part, it leaves a poor metabolizer possible."""
    other = "NUDT15" if gene == "TPMT" else "TPMT"
    row = drug_row(fx_patient(clear().drop_gene(other)), "azathioprine")
    assert (row.predicted_response, row.action) == ("indeterminate", "monitor")
    row = drug_row(fx_patient(clear().drop(ESSENTIAL[other][0])), "azathioprine")
    assert (row.predicted_response, row.action) == ("indeterminate", "test_first")


@pytest.mark.parametrize(
    ("genotype", "response"), [("T/T", "no_validated_marker"), ("T/A", "reduced_exposure"), ("A/A", "reduced_exposure")]
)
def test_mycophenolate(genotype, response):
    row = drug_row(lupus_pgx.respond({"UGT1A9 -275T>A": genotype}), "mycophenolate mofetil")
    assert (row.predicted_response, row.action) == (response, "informative_only")
    if response == "reduced_exposure":
        assert "doi:10.20517/jtgg.2020.37" in row.conflicts  # the review that found the cohorts at odds


MARKER_GENOTYPES = {
    "FCGR3A": ("V/V", "V/F", "F/F"),
    "APOL1": ("G0/G0", "G0/G1", "G1/G2"),
    "UGT1A9 -275T>A": ("T/T", "T/A", "A/A"),
    "UGT2B7 802C>T": ("T/T", "C/T", "C/C"),
    "CYP3A5": ("*1/*1", "*3/*3"),
}


@pytest.mark.slow
def test_evidence_alone_never_makes_a_drug_typical(fx_knowledge):
    guided = {row["drug"] for row in fx_knowledge.rows("guidance")}
    assert guided > set(DRUGS)
    evidenced = {row["drug"] for row in fx_knowledge.rows("evidence") if row["use"] == "direction"} - guided
    assert evidenced >= {"mycophenolate mofetil", "rituximab"}
    for chosen in itertools.product(*MARKER_GENOTYPES.values()):
        patient = lupus_pgx.respond(dict(zip(MARKER_GENOTYPES, chosen, strict=True)))
        frame = patient.drug_responses.to_frame()
        weak = frame[~frame.drug.isin(guided)]
        assert len(weak) == len(fx_knowledge.rows("drugs")) - len(guided)
        assert set(weak.drug) >= evidenced
        assert (weak.action == "informative_only").all()
        assert not (weak.predicted_response == "typical").any()
        assert weak.dose_factor_low.isna().all()


def with_evidence(knowledge: Knowledge, **changes: dict) -> Knowledge:
    """Return the knowledge with some evidence rows changed."""
    table = knowledge.tables["evidence"]
    rows = tuple({**row, **changes.get(row["evidence"].replace("-", "_"), {})} for row in table.rows)
    assert rows != table.rows
    changed = Table(table.name, table.columns, table.types, rows)
    return Knowledge({"release": "test", "tables": knowledge.checksums}, {**knowledge.tables, "evidence": changed})


def test_a_null_row_sets_no_response(fx_knowledge):
    """With its three leading rows turned into null results rituximab has no marker left, and is not typical."""
    null = {"use": "null", "direction": "no_effect"}
    knowledge = with_evidence(
        fx_knowledge, rituximab_FCGR3A_meta_V=null, rituximab_FCGR3A_meta_FF=null, rituximab_FCGR3A_SLE_2022=null
    )
    for genotype in MARKER_GENOTYPES["FCGR3A"]:
        row = drug_row(lupus_pgx.respond({"FCGR3A": genotype}, knowledge=knowledge), "rituximab")
        assert (row.predicted_response, row.action) == ("no_validated_marker", "informative_only")


def test_rows_of_one_level_that_disagree_are_mixed(fx_knowledge):
    change = {"condition": "FCGR3A F158V=V/V", "direction": "reduced_efficacy"}
    knowledge = with_evidence(fx_knowledge, rituximab_FCGR3A_meta_FF=change)
    row = drug_row(lupus_pgx.respond({"FCGR3A": "V/V"}, knowledge=knowledge), "rituximab")
    assert row.predicted_response == "mixed"


def test_evidence_of_the_whole_gene_fires_by_allele():
    carrier = rows_of(given_calls(TPMT="*1/*1", NUDT15="*1/*3"), "evidence", "azathioprine")
    plain = rows_of(given_calls(TPMT="*1/*1", NUDT15="*1/*6"), "evidence", "azathioprine")
    assert {"NUDT15"} == set(carrier.gene) - set(plain.gene)
    assert (carrier[carrier.gene == "NUDT15"].direction == "increased_toxicity").all()


def test_copies_of_a_gene_without_activity_scores_are_indeterminate():
    """CYP2B6 copies may be given, but no rule says what they do."""
    patient = given_calls(CYP2B6="*1x2/*1", CYP2C19="*1/*1")
    row = drug_row(patient, "sertraline")
    assert (row.predicted_response, row.action) == ("indeterminate", "informative_only")
    assert patient.diplotypes.to_frame().set_index("gene").loc["CYP2B6"].phenotype == "Indeterminate"
    assert "function not listed" in patient.explain("sertraline")


# --- guidance, citations, names -------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("drug", DRUGS)
def test_no_usual_dose_row_where_the_response_is_open(drug, fx_patient):
    for gene in DRUGS[drug]:
        for locus in ESSENTIAL[gene]:
            patient = fx_patient(clear().drop(locus))
            assert "standard" not in set(rows_of(patient, "guidance", drug).action)


def test_no_usual_dose_row_where_nothing_is_given():
    guidance = lupus_pgx.respond({}).guidance.to_frame()
    assert not guidance.empty
    assert set(guidance.action) == {"test_first", "monitor", "informative_only"}
    assert guidance.factor_low.isna().all() or set(guidance[guidance.factor_low.notna()].action) == {"monitor"}
    assert guidance.condition.str.contains("not assessed").all()


@pytest.mark.parametrize(
    "calls",
    [
        {},
        {"TPMT": "*1/*3C", "NUDT15": "*1/*3", "CYP3A5": "*1/*3", "FCGR3A": "V/F", "APOL1": "G1/G2", "UGT1A9": "T/A"},
        {
            "TPMT": "*3A/*3A",
            "NUDT15": "*3/*3",
            "CYP3A5": "*3/*3",
            "FCGR3A": "F/F",
            "UGT2B7": "C/C",
            "UGT1A9 -275T>A": "T/T",
        },
        {"TPMT": "*1/*1", "NUDT15": "*1/*1", "CYP3A5": "*1/*1"},
    ],
)
def test_every_citation_resolves(calls, fx_knowledge):
    known = set(fx_knowledge.citations.citation)
    patient = lupus_pgx.respond(calls)
    cells = [
        *patient.drug_responses.to_frame().citations,
        *patient.guidance.to_frame().citation,
        *patient.evidence.to_frame().citation,
    ]
    cited = {name for cell in cells for name in cell.split(";")}
    assert len(cited) > 10
    assert cited <= known


def test_every_drug_has_a_citation_and_a_sentence():
    frame = lupus_pgx.respond({}).drug_responses.to_frame()
    assert frame.citations.notna().all()
    for row in frame.itertuples():
        assert row.summary.startswith(f"{row.drug}: ")


@pytest.mark.parametrize(
    ("name", "drug"),
    [
        ("MMF", "mycophenolate mofetil"),
        ("mmf", "mycophenolate mofetil"),
        ("Mycophenolate Mofetil", "mycophenolate mofetil"),
        ("HCQ", "hydroxychloroquine"),
        ("AZA", "azathioprine"),
        ("imuran", "azathioprine"),
        ("FK506", "tacrolimus"),
        ("Prograf", "tacrolimus"),
        ("6-MP", "mercaptopurine"),
        ("RTX", "rituximab"),
        (" Benlysta ", "belimumab"),
        ("PREDNISONE", "prednisone"),
    ],
)
def test_drugs_are_found_by_alias_in_any_case(name, drug):
    patient = lupus_pgx.respond({"TPMT": "*1/*1"}, drugs=[name])
    assert patient.drug_responses.to_frame().drug.tolist() == [drug]
    assert patient.drug(name.swapcase()).drug.drug == drug


def test_unknown_and_unasked_drugs_are_refused():
    with pytest.raises(lupus_pgx.UsageError, match="azathioprine"):
        lupus_pgx.respond({}, drugs=["azathioprin"])
    with pytest.raises(lupus_pgx.UsageError, match="tacrolimus"):
        lupus_pgx.respond({}, drugs=["azathioprine"]).drug("tacrolimus")


@pytest.mark.parametrize(
    ("calls", "match"),
    [
        ({"TPTM": "*1/*1"}, "TPMT"),
        ({"TPMT": "*1"}, "joined by"),
        ({"TPMT": "*1/*99"}, r"\*99"),
        ({"TPMT": "*1/*3/*3"}, "joined by"),
    ],
)
def test_unknown_calls_are_refused(calls, match):
    with pytest.raises(lupus_pgx.UsageError, match=match):
        lupus_pgx.respond(calls)


def test_a_gene_left_out_of_the_analysis_is_named(tmp_path):
    path = VcfBuilder().write(tmp_path / "file")
    drugs = lupus_pgx.analyze(path, genes=["TPMT"]).drug_responses.to_frame().set_index("drug")
    assert drugs.action["azathioprine"] != "standard"
    assert drugs.not_assessed["azathioprine"] == "NUDT15: not among the genes analyzed"
    assert drugs.not_assessed["rituximab"] == "FCGR3A F158V: not among the genes analyzed"
    assert "NUDT15" in drugs.summary["azathioprine"]
