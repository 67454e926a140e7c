"""The essential loci are those on which the action of a drug rests: no fewer, and no more without a reason."""

from __future__ import annotations

import pytest
from places import DOCS

from evaluation.essential import FEWEST, Difference, bearings, differences, judged_genes, open_pairs

KEPT = {
    ("CYP2C19", "rs4244285"): "*2 carries rs12769205 too; but this one makes it what it is, and arrays show it alone",
    (
        "CYP2C19",
        "rs367543002",
    ): "*40 has this and rs367543003, which were only seen together: one of them has to be known",
    ("G6PD", "rs1050829"): "by itself it lets B/B be stated of half the people, and 1 % of that is wrong",
}
"""Essential loci that tell nothing apart by themselves, with the reason why they stay."""


@pytest.fixture(scope="module")
def fx_bearings(fx_knowledge):
    return [item for star in judged_genes(fx_knowledge) for item in bearings(star, fx_knowledge)]


def test_differences_are_those_of_the_guidelines(fx_knowledge):
    tpmt = fx_knowledge.star_genes["TPMT"]
    (differ, people), place = differences(tpmt, fx_knowledge), tpmt.haplotypes.names.index
    # One functional copy asks for less azathioprine, two do not; *3A and *3C lack it alike.
    assert differ[place("*1"), place("*3A")] == Difference.USUAL
    assert differ[place("*3A"), place("*3C")] == Difference.NONE
    assert 0.1 < people[place("*1"), place("*3C")] < 0.15  # the most, in Africa


def test_the_usual_dose_rests_on_essential_loci(fx_knowledge):
    # Wherever all essential loci are known, no allele that was ever seen is left that asks for another action.
    opened = {star.gene: found for star in judged_genes(fx_knowledge) if (found := open_pairs(star, fx_knowledge))}
    assert opened == {}


def test_a_locus_that_alone_decides_on_the_usual_dose_is_essential(fx_bearings):
    found = [item for item in fx_bearings if item.difference is Difference.USUAL and item.people > FEWEST]
    assert len(found) > 40
    assert [item for item in found if not item.essential] == []


def test_every_essential_locus_bears_on_an_action(fx_bearings):
    idle = {(item.gene, item.locus) for item in fx_bearings if item.essential and item.difference is Difference.NONE}
    assert idle == set(KEPT)


def test_the_page_has_the_figures(fx_bearings):
    lines = (DOCS / "essential-loci.md").read_text(encoding="utf-8").splitlines()
    stated = {tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in lines if line.count("|") == 7}
    listed = [i for i in fx_bearings if i.essential or (i.difference >= Difference.OTHER and i.people > FEWEST)]
    expected = {
        (
            *(item.gene, item.locus, "yes" if item.essential else "no", item.difference.name.lower()),
            *(" or ".join(item.alleles), f"{item.people:.5f}"),
        )
        for item in listed
    }
    assert len(expected) > 80
    assert expected == {row for row in stated if row[0] != "gene" and not row[0].startswith("---")}
