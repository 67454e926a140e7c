"""What a response names beside its action: genes behind it, what was seen of them, and what speaks against it."""

from __future__ import annotations

from functools import cache

import pytest
from builder import VcfBuilder

from lupus_pgx import load_knowledge, respond

TODAY = "2026-11-29"
NORMAL = {"TPMT": "*1/*1", "NUDT15": "*1/*1"}
POOR = ("rs1800460=1/1", "rs1142345=1/1")
TWO_ON_ONE = ("rs1800462=1/1", "rs1800460=0/1")
"""*2 on both chromosomes and *3B on one: no pair of named alleles of TPMT fits."""
OF_SLC = "rs59113707=0/1"
"""On no allele of SLCO1B1 by itself: no pair fits, and rs4149056 alone is read."""


@cache
def rare(gene: str) -> str:
    return next(locus.name for locus in load_knowledge().loci_by_gene[gene] if not locus.essential)


@pytest.fixture
def fx_drug(fx_analyze):
    """Drug of a file that holds every locus of some genes: ``drug("azathioprine", genes, changes, left out)``."""

    def run(drug, held, changes=(), left_out=(), **options):
        file = VcfBuilder(genes=held).change(*changes).drop(*left_out)
        return fx_analyze(file, drugs=[drug], **options).patient("S1").drug(drug)

    return run


def told(drug, calls, **context):
    return respond(calls, [drug], context=context or None, today=TODAY).drug(drug)


# --- genes behind a prediction ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drug", "calls", "drivers"),
    [
        ("azathioprine", NORMAL, ["NUDT15 *1/*1 Normal Metabolizer", "TPMT *1/*1 Normal Metabolizer"]),
        ("azathioprine", {"TPMT": "*1/*1"}, ["TPMT *1/*1 Normal Metabolizer"]),
        ("azathioprine", {}, []),
        ("rituximab", {"FCGR3A F158V": "V/V"}, ["FCGR3A F158V V/V (high-affinity homozygote)"]),
        ("belimumab", {}, []),
        # Of what is undecided the drivers say why.
        ("isoniazid", {"NAT2": "*5/*4 or *5/*5"}, ["NAT2 ambiguous (2 pairs possible)"]),
        ("isoniazid", {"NAT2": "*6/*44"}, ["NAT2 *6/*44 Indeterminate"]),
        ("isoniazid", {"NAT2": "*4/*4"}, []),
        ("cyclophosphamide", {"CYP2C19": "*1/*1"}, ["CYP2C19 *1/*1 Normal Metabolizer"]),
    ],
)
def test_what_was_not_assessed_is_behind_nothing(drug, calls, drivers):
    assert list(told(drug, calls).drivers) == drivers


def test_a_gene_of_which_frequencies_speak_is_behind_nothing_beside_one_that_was_seen(fx_drug):
    genes = ("TPMT", "NUDT15")
    decided = fx_drug("azathioprine", genes, POOR, ["rs116855232"])
    assert (decided.action, decided.drivers) == ("avoid", ("TPMT *3A/*3A Poor Metabolizer",))
    undecided = fx_drug("azathioprine", genes, [], ["rs1142345"])
    assert [text.split()[:3] for text in undecided.drivers] == [
        ["NUDT15", "*1/*1", "Normal"],
        ["TPMT", "only", "partly"],
    ]
    alone = fx_drug("hydralazine", ("NAT2",), [], ["rs1801280", "rs1799930", "rs1799931"])
    assert (alone.action, alone.response) == ("monitor", "mixed")  # whatever the genotype is
    assert [text.split()[:3] for text in alone.drivers] == [["NAT2", "only", "partly"]]


def test_a_gene_that_was_not_asked_for_is_missing_and_no_more(fx_drug):
    drug = fx_drug("azathioprine", ("TPMT", "NUDT15"), ["rs1800460=0/1", "rs1142345=0/1"], genes=["TPMT"])
    assert drug.drivers == ("TPMT *1/*3A Intermediate Metabolizer",)
    assert [str(item) for item in drug.missing] == ["NUDT15: not among the genes analyzed"]
    assert (drug.sure_as["unnamed"], drug.assumed, drug.contradicted) == (False, (), ())


def test_samples_that_share_one_gene_are_told_apart_by_the_other(fx_analyze):
    file = VcfBuilder(samples=["normal", "NUDT15", "TPMT"], genes=("TPMT", "NUDT15"))
    file.records["rs116855232"][0].calls = ["0/0", "1/1", "0/0"]
    file.records["rs1142345"][0].calls = ["0/0", "0/0", "0/1"]
    found = fx_analyze(file, drugs=["azathioprine"])
    actions = {name: found.patient(name).drug("azathioprine").action.value for name in file.samples}
    assert actions == {"normal": "standard", "NUDT15": "avoid", "TPMT": "reduce_dose"}


# --- what was seen of them ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left_out", "partly"),
    [((), set()), (("rs1142345",), {"TPMT"}), (("rare",), {"TPMT"}), (("every",), set())],
)
def test_a_gene_is_partly_seen_where_a_locus_is_missing_and_others_are_not(left_out, partly, fx_drug):
    every = tuple(locus.name for locus in load_knowledge().loci_by_gene["TPMT"])
    names = {("rare",): (rare("TPMT"),), ("every",): every}.get(left_out, left_out)
    assert fx_drug("azathioprine", ("TPMT", "NUDT15"), (), names).partly_seen == partly


@pytest.mark.parametrize(
    ("drug", "genes", "changes", "unfitting", "unnamed"),
    [
        ("azathioprine", ("TPMT", "NUDT15"), (), (), False),
        ("azathioprine", ("TPMT", "NUDT15"), TWO_ON_ONE, ("TPMT",), True),
        ("simvastatin", ("SLCO1B1",), (), (), False),
        ("simvastatin", ("SLCO1B1",), (OF_SLC,), (), False),
    ],
)
def test_a_gene_fits_no_pair_only_where_nothing_is_read_instead(drug, genes, changes, unfitting, unnamed, fx_drug):
    found = fx_drug(drug, genes, changes)
    assert (found.unfitting, found.sure_as["unnamed"]) == (unfitting, unnamed)
    assert ("as far as it has a name" in found.summary) is unnamed


@pytest.mark.parametrize(
    ("drug", "genes", "left_out"),
    [("azathioprine", ("TPMT", "NUDT15"), ["rs1142345"]), ("codeine", ("CYP2D6",), [])],
)
def test_what_is_missing_is_not_called_ambiguous(drug, genes, left_out, fx_drug):
    found = fx_drug(drug, genes, [], left_out)
    assert (len(found.missing), found.ambiguous) == (1, ())


@pytest.mark.parametrize(
    ("pair", "ambiguous"),
    [("*1/*1", ()), ("*1/*3A", ()), ("*1/*3A or *1/*1", ("TPMT",)), ("*3A/*3C or *1/*3A", ("TPMT",))],
)
def test_a_gene_is_ambiguous_where_all_was_seen_and_two_answers_are_left(pair, ambiguous):
    assert told("azathioprine", NORMAL | {"TPMT": pair}).ambiguous == ambiguous


# --- what speaks against it ---------------------------------------------------------------------

FOUND = {
    "a warning beside the usual dose": (
        *("dapsone", {"G6PD": "Normal", "HLA-B": "*13:01/*07:02"}),
        ["increased toxicity in Asian patients, leprosy and other diseases"],
    ),
    "and beside what is undecided": (
        *("dapsone", {"HLA-B": "*13:01/*07:02"}),
        ["increased toxicity in Asian patients, leprosy and other diseases"],
    ),
    "what found nothing is no warning": ("azathioprine", NORMAL | {"ITPA IVS2+21A>C": "A/C"}, []),
    "what only informs is none either": ("baricitinib", {"STAT4 rs7574865": "T/T"}, []),
    "what found nothing, and what contradicts itself, of the gene behind it": (
        *("rituximab", {"FCGR3A F158V": "V/V", "FCGR2A H131R": "R/R"}),
        [
            "no effect found in follicular lymphoma, rituximab with chemotherapy",
            "no effect found in low-burden lymphoma, rituximab alone",
            "contradictory result in rheumatoid arthritis, Sweden",
        ],
    ),
    "of the gene that leads and not of the other": (
        *("cyclophosphamide", {"CYP2C19": "*1/*1", "GSTP1 I105V": "V/V"}),
        ["no effect found in 70 patients with lupus nephritis, mostly of European ancestry"],
    ),
    "of two that lead both, and neither of them itself": (
        *("cyclophosphamide", {"CYP2C19": "*2/*2", "GSTP1 I105V": "V/V"}),
        [
            "no effect found in 28 premenopausal women with lupus nephritis",
            "no effect found in 70 patients with lupus nephritis, mostly of European ancestry",
        ],
    ),
    "toxicity and not efficacy": (
        *("azathioprine", NORMAL | {"TPMT": "*1/*3C"}),
        ["no effect found in 87 Chinese patients with autoimmune disease, SLE included"],
    ),
    "exposure and not efficacy": (
        *("mycophenolate mofetil", {"UGT1A9 -275T>A": "T/A", "ABCC2 -24C>T": "T/T"}),
        ["contradictory result in kidney transplantation"],
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_speaks_against_a_prediction(name):
    drug, calls, against = FOUND[name]
    found = told(drug, calls).conflicts
    assert [str(item).rpartition(" (")[0] for item in found if item.kind == "evidence"] == against


@pytest.mark.parametrize(
    ("drug", "calls", "names"),
    [
        # Rows that speak of this genotype: not what is known of the drug at all.
        ("azathioprine", NORMAL, "PMID:41618934 PMID:30447069 PMID:41318725"),
        ("dapsone", {"G6PD": "Normal"}, "PMID:36049896"),
        ("cyclophosphamide", {"CYP2C19": "*1/*1", "GSTP1 I105V": "I/I"}, "PMID:15248218 PMID:26456622 PMID:27002825"),
    ],
)
def test_the_sources_are_those_of_what_is_said_of_this_genotype(drug, calls, names):
    assert " ".join(told(drug, calls).citations) == names


# --- the clinical context -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drug", "calls", "beside", "adjusted"),
    [
        ("codeine", {"CYP2D6": "*1/*1"}, ["paroxetine"], True),
        ("codeine", {"CYP2D6": "*1/*1"}, [], False),
        ("codeine", {"CYP2D6": "*1/*1"}, ["amlodipine"], False),
        ("azathioprine", NORMAL | {"CYP2D6": "*1/*1"}, ["paroxetine"], False),
        ("belimumab", {"CYP2D6": "*1/*1"}, ["paroxetine"], False),
    ],
)
def test_a_drug_beside_adjusts_what_it_acts_on(drug, calls, beside, adjusted):
    assert told(drug, calls, co_medication=beside).adjusted is adjusted


def test_without_a_level_a_milder_reaction_does_not_go_first():
    context = {
        "co_medication": ["simvastatin", "cyclosporine"],
        "therapies": [{"drug": "simvastatin", "outcome": "intolerance", "reaction": "nausea", "stop": "2025-01-01"}],
    }
    said = told("simvastatin", {}, **context).said
    assert [check.subject for check in said][:1] == ["with cyclosporine"]
    assert any(check.criterion == "intolerance" for check in said)


def test_of_what_no_row_answers_a_pair_is_asked_first_where_it_is_forbidden_to_a_kindred_drug():
    beside = ["levothyroxine", "cyclosporine", "clarithromycin"]
    drug = told("apixaban", {}, co_medication=beside, conditions={"myasthenia_gravis": True})
    kindred = ("use together with cyclosporine", "dabigatran, of the same class: contraindicated")
    condition = ("myasthenia gravis", "yes")
    assert "with clarithromycin" in [check.subject for check in drug.said]
    assert kindred in [(check.subject, check.found) for check in drug.said]
    assert {(check.subject, check.found) for check in drug.unseen} == {condition}
    told_too = {(check.subject, check.found) for check in drug.not_answered}
    assert told_too == {condition, ("use together with levothyroxine", "")}


@pytest.mark.parametrize(
    ("drug", "beside", "kindred", "action"),
    [
        ("pitavastatin", "clarithromycin", "lovastatin, of the same class: contraindicated", "test_first"),
        # What is no more than to be avoided of a kindred drug is told, and is no question that goes first.
        ("edoxaban", "tacrolimus", "dabigatran, of the same class: avoid", "informative_only"),
    ],
)
def test_what_a_kindred_drug_is_forbidden_with_is_never_the_usual_dose(drug, beside, kindred, action):
    found = told(drug, {}, co_medication=[beside])
    pair = (f"use together with {beside}", kindred)
    assert found.overall_action == action
    assert (pair in [(item.subject, item.found) for item in found.said]) is (action == "test_first")
    assert (pair in [(item.subject, item.found) for item in found.unseen]) is (action != "test_first")
