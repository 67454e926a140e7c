"""What was not assessed says whether it could change the answer: checked by completing it in every way."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lupus_pgx import load_knowledge, respond

# Diplotypes that reach every phenotype or allele the rules of these drugs ask for.
COMPLETIONS = {
    "azathioprine": {
        "TPMT": ["*1/*1", "*1/*3A", "*3A/*3C", "*1/*5", "*3A/*5"],
        "NUDT15": ["*1/*1", "*1/*3", "*3/*3", "*1/*4", "*3/*4"],
    },
    "phenytoin": {
        "CYP2C9": ["*1/*1", "*1/*2", "*1/*3", "*2/*3", "*3/*3"],
        "HLA-B": ["*15:02/*07:02", "*07:02/*08:01"],
    },
    "allopurinol": {"HLA-B": ["*58:01/*07:02", "*07:02/*08:01"], "ABCG2": None},
    "tacrolimus": {"CYP3A5": ["*1/*1", "*1/*3", "*3/*3"]},
    "clopidogrel": {"CYP2C19": ["*1/*1", "*1/*2", "*2/*2", "*17/*17", "*1/*17", "*2/*17"]},
    "simvastatin": {"SLCO1B1": ["*1/*1", "*1/*5", "*5/*5", "*1/*14"]},
    "siponimod": None,
}
ABCG2 = [
    "rs2231142 reference (G)/rs2231142 reference (G)",
    "rs2231142 reference (G)/rs2231142 variant (T)",
    "rs2231142 variant (T)/rs2231142 variant (T)",
]
CASES = {drug: {gene: names or ABCG2 for gene, names in genes.items()} for drug, genes in COMPLETIONS.items() if genes}


def completed(drug: str, known: dict[str, str]) -> set[str]:
    """Return the actions of every completion that are decided."""
    missing = [gene for gene in CASES[drug] if gene not in known]
    found = set()
    for names in itertools.product(*(CASES[drug][gene] for gene in missing)):
        response = respond(known | dict(zip(missing, names, strict=True)), [drug]).drug(drug)
        if response.response != "indeterminate":
            found.add(response.action.value)
    return found


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_open_actions_are_those_of_the_completions(data):
    drug = data.draw(st.sampled_from(sorted(CASES)))
    given_genes = data.draw(st.sets(st.sampled_from(sorted(CASES[drug]))))
    known = {gene: data.draw(st.sampled_from(CASES[drug][gene])) for gene in sorted(given_genes)}
    response = respond(known, [drug]).drug(drug)
    reachable = completed(drug, known)
    decided = response.response != "indeterminate"
    listed = {action.value for action in response.judgement.open_actions}
    if set(known) == set(CASES[drug]):
        assert not listed
    else:
        assert listed | ({response.action.value} if decided else set()) >= reachable
        if decided:
            assert response.action.value in reachable
    if "which cannot change this" in response.summary:
        assert reachable == {response.action.value}


def test_a_poor_metabolizer_is_settled_whatever_the_other_gene():
    response = respond({"TPMT": "*3A/*3A"}, ["azathioprine"]).drug("azathioprine")
    assert response.action == "avoid"
    assert "NUDT15: 4 essential loci, which cannot change this" in response.summary
    assert completed("azathioprine", {"TPMT": "*3A/*3A"}) == {"avoid"}


def test_what_could_still_come_is_named():
    response = respond({"TPMT": "*1/*1"}, ["azathioprine"]).drug("azathioprine")
    assert response.response == "indeterminate"
    assert [action.value for action in response.judgement.open_actions] == ["standard", "reduce_dose", "avoid"]
    assert "which could mean: usual dose, reduce dose or avoid" in response.summary


@pytest.mark.parametrize("drug", ["belimumab", "plasma exchange", "prednisone"])
def test_nothing_is_open_without_a_marker(drug):
    assert respond({}, [drug]).drug(drug).judgement.open_actions == ()


def test_every_drug_with_rules_names_what_is_open():
    patient = respond({})
    for drug in load_knowledge().drugs_by_name.values():
        if drug.bodies:
            assert patient.drug(drug.drug).judgement.open_actions, drug.drug
