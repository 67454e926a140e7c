"""Phenotypes: the published rules of TPMT, NUDT15 and CYP3A5, and their probabilities."""

from __future__ import annotations

import itertools

import pytest
from builder import VcfBuilder
from helpers import both_named

import lupus_pgx

NM, IM, PM = "Normal Metabolizer", "Intermediate Metabolizer", "Poor Metabolizer"
POSSIBLE, OPEN = "Possible Intermediate Metabolizer", "Indeterminate"

# An allele of each function, by CPIC's allele functionality tables.
ALLELES = {
    "TPMT": {"normal": "*1", "decreased": "*8", "no": "*3A", "uncertain": "*24", "unknown": "*35"},
    "NUDT15": {"normal": "*1", "decreased": "*5", "no": "*3", "uncertain": "*15", "unassigned": "*22"},
    "CYP3A5": {"normal": "*1", "no": "*3", "unknown": "*8", "unassigned": "*10"},
}

# Written by hand from CPIC's tables (thiopurines with the 2025 update; CYP3A5 with the present terms).
RULES = {
    "TPMT": {
        ("normal", "normal"): NM,
        ("normal", "decreased"): NM,
        ("normal", "no"): IM,
        ("normal", "uncertain"): OPEN,
        ("normal", "unknown"): OPEN,
        ("decreased", "decreased"): IM,
        ("decreased", "no"): POSSIBLE,
        ("decreased", "uncertain"): OPEN,
        ("decreased", "unknown"): OPEN,
        ("no", "no"): PM,
        ("no", "uncertain"): POSSIBLE,
        ("no", "unknown"): POSSIBLE,
        ("uncertain", "uncertain"): OPEN,
        ("uncertain", "unknown"): OPEN,
        ("unknown", "unknown"): OPEN,
    },
    "NUDT15": {
        ("normal", "normal"): NM,
        ("normal", "decreased"): NM,
        ("normal", "no"): IM,
        ("normal", "uncertain"): OPEN,
        ("normal", "unassigned"): OPEN,
        ("decreased", "decreased"): IM,
        ("decreased", "no"): PM,
        ("decreased", "uncertain"): OPEN,
        ("decreased", "unassigned"): OPEN,
        ("no", "no"): PM,
        ("no", "uncertain"): POSSIBLE,
        ("no", "unassigned"): OPEN,
        ("uncertain", "uncertain"): OPEN,
        ("uncertain", "unassigned"): OPEN,
        ("unassigned", "unassigned"): OPEN,
    },
    "CYP3A5": {
        ("normal", "normal"): NM,
        ("normal", "no"): IM,
        ("normal", "unknown"): POSSIBLE,
        ("normal", "unassigned"): OPEN,
        ("no", "no"): PM,
        ("no", "unknown"): OPEN,
        ("no", "unassigned"): OPEN,
        ("unknown", "unknown"): OPEN,
        ("unknown", "unassigned"): OPEN,
        ("unassigned", "unassigned"): OPEN,
    },
}
CASES = [(gene, *pair, term) for gene, rules in RULES.items() for pair, term in rules.items()]


def phenotype_of(gene: str, diplotype: str):
    frame = lupus_pgx.respond({gene: diplotype}, drugs=[]).diplotypes.to_frame().set_index("gene")
    return frame.loc[gene]


def test_every_pair_of_functions_is_checked():
    for gene, alleles in ALLELES.items():
        pairs = {frozenset(pair) for pair in itertools.combinations_with_replacement(alleles, 2)}
        assert {frozenset(pair) for pair in RULES[gene]} == pairs


@pytest.mark.parametrize(("gene", "one", "other", "term"), CASES)
def test_phenotype_of_functions(gene, one, other, term):
    first, second = ALLELES[gene][one], ALLELES[gene][other]
    for diplotype in (f"{first}/{second}", f"{second}/{first}"):
        row = phenotype_of(gene, diplotype)
        assert row.phenotype == term
        assert row.phenotype_probability == 1.0
        assert row.phenotypes == f"{term}=1.0000"


@pytest.mark.parametrize(
    ("gene", "diplotype", "term"),
    [
        ("TPMT", "*1/*3A", IM),
        ("TPMT", "*1/*3C", IM),
        ("TPMT", "*1/*2", IM),
        ("TPMT", "*3A/*3C", PM),
        ("TPMT", "*3B/*3C", PM),
        ("TPMT", "*2/*3A", PM),
        ("NUDT15", "*1/*3", IM),
        ("NUDT15", "*3/*3", PM),
        ("NUDT15", "*3/*6", PM),
        ("NUDT15", "*3/*5", PM),
        ("CYP3A5", "*1/*3", IM),
        ("CYP3A5", "*3/*6", PM),
        ("CYP3A5", "*6/*7", PM),
    ],
)
def test_well_known_diplotypes(gene, diplotype, term):
    assert phenotype_of(gene, diplotype).phenotype == term


def test_every_diplotype_of_the_tables_has_one_term(fx_knowledge):
    functions = {(row["gene"], row["allele"]): row["function"] for row in fx_knowledge.rows("allele_function")}
    rules = {}
    for row in fx_knowledge.rows("phenotype_rules"):
        rules[row["gene"], frozenset((row["function_1"], row["function_2"]))] = row["phenotype"]
    for gene in RULES:
        names = [row["allele"] for row in fx_knowledge.rows("alleles") if row["gene"] == gene]
        # Each function once with each other: which allele carries it makes no difference below.
        by_function = {}
        for name in names:
            by_function.setdefault(functions[gene, name], name)
        for name in names:
            partner = by_function["No function"]
            pair = frozenset((functions[gene, name], "No function"))
            expected = OPEN if "not assigned" in pair else rules[gene, pair]
            assert phenotype_of(gene, f"{name}/{partner}").phenotype == expected


def test_not_given_has_no_phenotype():
    row = phenotype_of("TPMT", "*1/*1")
    frame = lupus_pgx.respond({"TPMT": "*1/*1"}, drugs=[]).diplotypes.to_frame().set_index("gene")
    assert row.phenotype == NM
    assert frame.loc[["NUDT15", "CYP3A5"]].phenotype.isna().all()
    assert frame.loc[["NUDT15", "CYP3A5"]].phenotype_probability.isna().all()


def shares(analysis, gene: str):
    return analysis.results.genes.of(gene, 0).phenotype.probabilities


def test_candidates_of_one_phenotype_add_up(fx_analyze):
    """TPMT locus hidden, EUR: *1/*1 and the pairs with *2 (6 of 1006 haplotypes) make NM, IM and PM."""
    analysis = fx_analyze(VcfBuilder().drop("rs1800462"), ancestry="EUR")
    # Only *1 (966) and *2 (6) remain: their shares are squared and crossed.
    normal, no, named = 966 / 972, 6 / 972, both_named("EUR")
    found = {name: values[0] for name, values in shares(analysis, "TPMT").items()}
    expected = {NM: normal**2, IM: 2 * normal * no, PM: no**2}
    assert found == pytest.approx({name: value * named for name, value in expected.items()}, abs=1e-9)
    row = analysis.diplotypes.to_frame().set_index("gene").loc["TPMT"]
    assert row.phenotype == NM
    assert row.phenotype_probability == round(normal**2 * named, 4)


def test_lowest_over_populations_without_ancestry(fx_analyze):
    """CYP3A5 without rs776746: *1 and *3 remain, and each term counts where it is rarest."""
    analysis = fx_analyze(VcfBuilder().drop("rs776746"))
    counts = {"AFR": (724, 238), "AMR": (123, 553), "EAS": (289, 719), "EUR": (54, 949), "SAS": (324, 654)}
    share = {name: one / (one + three) for name, (one, three) in {"ALL": (1514, 3113), **counts}.items()}
    expected = {
        NM: min(value**2 * both_named(name) for name, value in share.items()),
        IM: min(2 * value * (1 - value) * both_named(name) for name, value in share.items()),
        PM: min((1 - value) ** 2 * both_named(name) for name, value in share.items()),
    }
    assert dict(analysis.results.genes.of("CYP3A5", 0).phenotype.ranked) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("ancestry", [None, "AFR", "EAS"])
@pytest.mark.parametrize("hidden", [("rs776746",), ("rs1142345", "rs1800460"), ("rs116855232", "rs746071566"), ()])
def test_probabilities_sum_to_one_under_every_prior(hidden, ancestry, fx_analyze):
    analysis = fx_analyze(VcfBuilder().drop(*hidden), ancestry=ancestry)
    for gene in RULES:
        found = analysis.results.genes.of(gene, 0)
        columns = list(zip(*found.phenotype.probabilities.values(), strict=True))
        assert len(columns) == (1 if ancestry else 6)
        for column, nameless in zip(columns, found.diplotype.other, strict=True):
            assert sum(column) + nameless == pytest.approx(1, abs=1e-12)
            assert (nameless > 0) is bool(found.diplotype.missing)
            assert min(column) >= 0


def test_repeat_on_both_haplotypes_makes_the_other_one_6(fx_analyze):
    """Both haplotypes carry the repeat and one the change: *3 takes the repeat along, the other is *6."""
    file = VcfBuilder().set("rs116855232", "C/T").set("rs746071566", "AGGAGTCGGAGTC/AGGAGTCGGAGTC")
    row = fx_analyze(file).diplotypes.to_frame().set_index("gene").loc["NUDT15"]
    assert (row.diplotype, row.phenotype, row.phenotype_probability) == ("*3/*6", PM, 1.0)


def test_several_candidates_with_one_phenotype_are_as_sure_as_their_names(fx_analyze):
    """With C/C at rs1142345 the missing locus changes the names of the pair, not the phenotype.

    One of them is there, but for what nobody has seen: a missing locus leaves room for that.
    """
    file = VcfBuilder().set("rs1142345", "C/C").drop("rs1800460")
    row = fx_analyze(file).diplotypes.to_frame().set_index("gene").loc["TPMT"]
    assert row.n_candidates == 3  # *3C/*3C, *3A/*3C, *3A/*3A
    named = round(both_named("AMR"), 4)
    assert (row.phenotype, row.phenotype_probability, row.phenotypes) == (PM, named, f"{PM}={named:.4f}")


def test_novel_is_indeterminate(fx_analyze):
    row = fx_analyze(VcfBuilder().set("rs776746", "C/C").set("rs10264272", "T/T"))
    frame = row.diplotypes.to_frame().set_index("gene")
    assert (frame.loc["CYP3A5"].call_status, frame.loc["CYP3A5"].phenotype) == ("novel", OPEN)
