"""How probable a condition is, what may still hold, and in which words a gene or marker is told."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from builder import VcfBuilder

from lupus_pgx import respond
from lupus_pgx.calling.calls import NEVER_EXACT, PROBABLE
from lupus_pgx.calling.markers import MarkerCall
from lupus_pgx.calling.phenotypes import PhenotypeCall
from lupus_pgx.context.model import Context, KnownPhenotype
from lupus_pgx.knowledge.rules import ConditionSet, parse_condition
from lupus_pgx.response.certainty import Assessed, named_share, open_share, possible_outcomes, probability
from lupus_pgx.response.prediction import known_of
from lupus_pgx.response.told import with_genotypes
from lupus_pgx.response.values import Conflict, ConflictKind
from lupus_pgx.terms import Action, LocusStatus

F158V = "FCGR3A F158V"


def known(**calls):
    results = respond(calls, ["azathioprine"]).results
    return known_of(results.genes, results.markers, 0)


def marker(*genotypes, category="", status="outside", missing=()):
    count = 1 if len(genotypes) == 1 else None
    call = MarkerCall("FCGR3A", "F158V", "rs396991", genotypes, count, category, status, missing, "")
    return Assessed(F158V, marker=call)


def chance(text, items):
    return float(probability(parse_condition(text), items).min())


# --- one gene -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("CYP2C9:allele=*2|*3", 1),
        ("CYP2C9:allele=*3|*8", 0),
        ("CYP2C9:allele=*1 & CYP2C9:allele=*2", 1),
        ("CYP2C9=Intermediate Metabolizer & CYP2C9:allele=*2", 1),
        ("CYP2C9=Poor Metabolizer & CYP2C9:allele=*2", 0),
        ("CYP2C9=Intermediate Metabolizer & CYP2C9=Poor Metabolizer", 0),
        ("CYP2C9=Intermediate Metabolizer|Poor Metabolizer & CYP2C9=Intermediate Metabolizer", 1),
    ],
)
def test_clauses_on_one_gene_hold_together(condition, expected):
    """Diplotype *1/*2 of CYP2C9, an intermediate metabolizer."""
    assert chance(condition, known(CYP2C9="*1/*2")) == expected


@pytest.mark.parametrize(
    ("item", "condition", "expected"),
    [
        (marker("V/F"), f"{F158V}=F/V", 1),
        (marker("V/F"), f"{F158V}=F/V & {F158V}=V/F", 1),
        (marker("V/F"), f"{F158V}=F/V & {F158V}=F/F", 0),
        # Several that are possible, of one category: each of them has to satisfy it.
        (marker("V/F", "V/V", category="carrier"), f"{F158V}=V/F|V/V", 1),
        (marker("V/F", "V/V", category="carrier"), f"{F158V}=V/F", 0),
        (marker("V/F", "V/V", missing=("rs396991",)), f"{F158V}=V/F|V/V", 0),
    ],
)
def test_every_genotype_that_a_marker_may_have_satisfies_a_condition(item, condition, expected):
    assert chance(condition, {F158V: item}) == expected


@pytest.mark.parametrize(
    ("condition", "call", "expected"),
    [
        ("CYP2C9:allele=*2", "", 1),
        ("CYP2C9:allele=*2", "*1/*2", 1),
        ("CYP2C9:allele=*3", "*1/*2", 0),
        ("CYP2C9:allele=*3", "*1/*2 or *1/*3", 0.5),
        ("CYP2C9:allele=*3", "Intermediate Metabolizer", 1),  # nobody knows what is carried
        ("CYP2C9:allele=*3 & CYP2C9=Poor Metabolizer", "Intermediate Metabolizer", 0),
        ("CYP2C9:score=1", "*1/*2", 0),
        ("CYP2C9:score=1.5", "*1/*2", 1),
    ],
)
def test_what_may_still_hold_of_a_gene(condition, call, expected):
    items = known(CYP2C9=call) if call else {}
    assert open_share(parse_condition(condition), items) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("condition", "item", "expected"),
    [
        (f"{F158V}=V/V", marker("V/V"), 1),
        (f"{F158V}=V/V", marker("V/F"), 0),
        (f"{F158V}=V/F & {F158V}=V/V", marker("V/F"), 0),
        (f"{F158V}=V/V", marker("V/F", "V/V", missing=("rs396991",)), 1),
    ],
)
def test_what_may_still_hold_of_a_marker(condition, item, expected):
    assert open_share(parse_condition(condition), {F158V: item}) == expected
    both = known(CYP2C9="*1/*2 or *1/*3") | {F158V: item}
    assert open_share(parse_condition(f"{condition} & CYP2C9:allele=*3"), both) == pytest.approx(expected / 2)


# --- all rules of a drug ------------------------------------------------------------------------

SEVERAL = ConditionSet(
    [
        parse_condition("CYP2C9=Poor Metabolizer"),
        parse_condition("CYP2C9=Intermediate Metabolizer|Poor Metabolizer"),
        parse_condition("CYP2C9=not assessed"),
        parse_condition("CYP2C9:allele=*2 & CYP2C9:allele=*3"),
    ]
)


@pytest.mark.parametrize(
    ("call", "outcomes"),
    [
        # Of what is not known each value by itself, and never that it is not assessed.
        ("", {0b0000, 0b0010, 0b0011, 0b1000}),
        ("*1/*2", {0b0010}),
        ("*1/*2 or *1/*1", {0b0010, 0b0000}),
        ("*2/*3", {0b1011}),
    ],
)
def test_which_conditions_may_hold_together_once_all_is_assessed(call, outcomes):
    assert possible_outcomes(SEVERAL, known(CYP2C9=call) if call else {}, 0.01) == outcomes


def test_a_rule_that_asks_for_two_alleles_may_hold_by_itself_where_nothing_is_known():
    asked = ConditionSet([parse_condition("CYP2C9:allele=*2"), parse_condition("CYP2C9:allele=*2 & CYP2C9:allele=*3")])
    assert possible_outcomes(asked, {}, 0.01) == {0b00, 0b01, 0b10}


def test_what_is_as_probable_as_the_risk_and_no_more_is_left_out():
    halves = known(CYP2C9="*1/*2 or *1/*1")
    assert possible_outcomes(SEVERAL, halves, 0.5) == set()
    assert possible_outcomes(SEVERAL, halves, 0.49) == {0b0010, 0b0000}


def test_a_gene_of_which_one_variant_is_read_is_open_where_that_is_missing(fx_analyze):
    """No pair of SLCO1B1 fits and rs4149056, which would be read instead, was not seen."""
    file = VcfBuilder(genes=("SLCO1B1",)).change("rs59113707=1/1").drop("rs4149056")
    drug = fx_analyze(file, drugs=["simvastatin"]).patient("S1").drug("simvastatin")
    assert [action.value for action in drug.judgement.open_actions] == ["standard", "consider_alternative", "avoid"]


def test_of_what_is_not_known_every_haplotype_may_have_a_name():
    assert named_share(SEVERAL, {}).tolist() == [1.0]


# --- markers, as they are known -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "found", "assessed", "complete"),
    [
        (marker("V/F", category="carrier"), "V/F (carrier)", True, True),
        (marker("V/F", category="V/F"), "V/F", True, True),
        (marker("V/F"), "V/F", True, True),
        (marker("V/F", "V/V", category="carrier"), "carrier", True, True),
        (marker("V/F", "V/V", missing=("rs396991",)), "", False, False),
    ],
)
def test_a_marker_in_words(item, found, assessed, complete):
    assert (item.found, item.not_assessed, item.essential_complete) == (found, not assessed, complete)
    assert item.description == f"{F158V} {found}".strip()


@pytest.mark.parametrize(
    ("status", "bound"),
    [("outside", 1.0), (LocusStatus.DOUBTFUL.value, NEVER_EXACT), (LocusStatus.IMPUTED.value, NEVER_EXACT)],
)
def test_a_doubtful_marker_is_never_exact(status, bound):
    assert marker("V/F", status=status).evidence == bound


def test_samples_with_other_genotypes_of_a_marker_are_judged_apart(fx_analyze):
    file = VcfBuilder(samples=["A", "B", "C"])
    file.records["rs396991"][0].calls = ["0/0", "0/1", "1/1"]
    found = fx_analyze(file, drugs=["rituximab"])
    responses = [found.patient(name).drug("rituximab").response.value for name in file.samples]
    assert sorted(set(responses)) == ["increased_efficacy", "reduced_efficacy"]
    assert responses[0] != responses[2]


# --- genes in words -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gene", "call", "found"),
    [
        ("TPMT", "*1/*3A", "*1/*3A Intermediate Metabolizer"),
        ("NAT2", "Poor Metabolizer", "Poor Metabolizer"),
        ("HLA-B", "*58:01 positive", "*58:01 positive"),
        ("HLA-B", "*58:01 negative", "as given"),
        ("TPMT", "*1/*3A or *1/*1", "ambiguous (2 pairs possible)"),
        ("CYP2D6", "score=1", "Intermediate Metabolizer"),
    ],
)
def test_a_gene_in_words(gene, call, found):
    assert known(**{gene: call})[gene].found == found


def test_a_gene_without_a_pair_says_why(fx_analyze):
    file = VcfBuilder(genes=("TPMT",)).change("rs1800462=1/1", "rs1800460=0/1")
    results = fx_analyze(file, drugs=["azathioprine"]).patient("S1").results
    assert known_of(results.genes, results.markers, 0)["TPMT"].found == "novel Indeterminate"


@pytest.mark.parametrize(("share", "named"), [(PROBABLE, True), (PROBABLE - 0.01, False)])
def test_of_an_ambiguous_gene_a_phenotype_is_named_that_is_probable(share, named):
    item = known(TPMT="*1/*3A or *1/*1")["TPMT"]
    shares = {"Normal Metabolizer": (share,), "Intermediate Metabolizer": (1 - share,)}
    assert ("Normal" in replace(item, phenotype=PhenotypeCall("TPMT", shares), worked_out={}).found) is named


# --- conflicts, and what a context is told ---------------------------------


@pytest.mark.parametrize(
    ("conflict", "cell"),
    [
        (Conflict(ConflictKind.GUIDELINE, "DPWG", Action.CONSIDER_ALTERNATIVE), "DPWG: consider_alternative"),
        (
            Conflict(ConflictKind.GUIDELINE, "DPWG", Action.REDUCE_DOSE, 0.5, 0.5),
            "DPWG: reduce_dose at 50% of the usual dose",
        ),
        (
            Conflict(ConflictKind.EVIDENCE, "a cohort", direction="conflicting", citations=("PMID:1",)),
            "contradictory result in a cohort (PMID:1)",
        ),
        (Conflict(ConflictKind.FILE, "TPMT *1/*1"), "the file contradicts the call that was handed over: TPMT *1/*1"),
    ],
)
def test_a_conflict_in_a_cell(conflict, cell):
    assert conflict.cell == cell


@pytest.mark.parametrize(
    ("share", "missing", "told"),
    [
        (1.0, (), KnownPhenotype("Normal", complete=True)),
        (0.99, (), KnownPhenotype("Normal", complete=True)),
        (0.98, (), KnownPhenotype("Normal", complete=False)),
        (0.95, (), KnownPhenotype("Normal", complete=False)),
        (0.94, (), None),
        (1.0, ("rs1050828",), KnownPhenotype("Normal", complete=False)),
    ],
)
def test_a_context_is_told_a_phenotype_that_is_sure(share, missing, told):
    patient = respond({"G6PD": "B (reference)/B (reference)"}, ["dapsone"])
    sure = patient.results.genes.of("G6PD", 0)
    shares = PhenotypeCall("G6PD", {"Normal": (share,), "Deficient": (1 - share,)})
    call = replace(sure, diplotype=replace(sure.diplotype, missing_essential=missing), phenotype=shares)
    genes = SimpleNamespace(values={"G6PD": [call]}, sample_ids=["S1"], of=lambda *_: call)
    found = with_genotypes({"S1": Context(), "not in the file": Context()}, genes, patient.knowledge, 0.95)
    assert found["S1"].genotypes == ({"G6PD": told} if told else {})
    assert not found["not in the file"].genotypes
