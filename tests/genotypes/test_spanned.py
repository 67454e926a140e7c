"""``*`` beside another ALT, as GATK writes it: a listed deletion takes the base, and nothing else is lost by it.

The kind was found by running HaplotypeCaller on reads with CYP2C9 *25, a deletion in a stretch that repeats itself.
"""

from __future__ import annotations

import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

DELETION, BEHIND = "rs1304490498", "rs774607211"  # chr10:94942205 CAATGGAAAGA>C, and the base after it
OWN = Rec("chr10", 94_942_205, "CAATGGAAAGA", "C", ["0/1"])


def star(ref, alts, call, pos=94_942_209):
    return Rec("chr10", pos, ref, alts, [call])


def call(fx_analyze, deletion, *stars):
    built = VcfBuilder(build="GRCh38", genes=("CYP2C9",)).replace(DELETION, deletion).add(*stars)
    analysis = fx_analyze(built, genes=["CYP2C9"])
    states = analysis.variants.to_frame().set_index("locus")
    (row,) = analysis.diplotypes.to_frame().itertuples()
    return row, states.loc[DELETION], states.loc[BEHIND]


@pytest.mark.parametrize(
    "stars",
    [
        [star("G", "*,C", "0/1")],
        [star("GGAAAGAA", "*,G", "0/1")],
        [star("GGAAAGAA", "G,*", "0/2")],
        [star("GGA", "G,*", "2/0")],
        [star("GGA", "<*:DEL>,G", "0/1")],
        [star("GGAAAGAA", "*,G", "0/1"), star("AA", "*,A", "0/1", 94_942_212)],
    ],
    ids=["one base", "longer than the deletion", "other order", "shorter", "GATK 3", "two"],
)
def test_a_listed_deletion_explains_its_stars(stars, fx_analyze):
    row, deletion, behind = call(fx_analyze, OWN, *stars)
    assert (row.diplotype, row.call_status) == ("*1/*25", "certain")
    assert (deletion.status, behind.status) == ("observed", "observed")


@pytest.mark.parametrize("stars", [[star("GGA", "G,*", "0/2")], [star("AATGGAAAGA", "*,A", "0/1", 94_942_206)]])
def test_the_order_of_the_records_changes_nothing(stars, fx_analyze, tmp_path):
    built = VcfBuilder(build="GRCh38", genes=("CYP2C9",)).replace(DELETION, OWN).add(*stars)
    lines = built.text().splitlines()
    head, records = [line for line in lines if line[0] == "#"], [line for line in lines if line[0] != "#"]
    path = tmp_path / "turned.vcf"
    path.write_text("\n".join([*head, *reversed(records), ""]), encoding="utf-8")
    turned, sorted_ = lupus_pgx.analyze(path, genes=["CYP2C9"]), fx_analyze(built, genes=["CYP2C9"])
    assert turned.diplotypes.to_frame().equals(sorted_.diplotypes.to_frame())
    assert turned.diplotypes.to_frame()["diplotype"].tolist() == ["*1/*25"]


def test_both_copies_lost(fx_analyze):
    twice = Rec("chr10", 94_942_205, "CAATGGAAAGA", "C", ["1/1"])
    row, deletion, behind = call(fx_analyze, twice, star("GGAAAGAA", "*,G", "1/1"))
    assert (row.diplotype, deletion.status, behind.status) == ("*25/*25", "observed", "observed")


@pytest.mark.parametrize(
    ("own", "stars"),
    [("0/0", star("GGA", "*,G", "0/1")), ("0/1", star("GGA", "*,G", "1/1")), ("0/1", star("GGA", "*,G", "1/2"))],
    ids=["no deletion of the locus", "one more is lost", "another deletion"],
)
def test_a_star_that_nothing_explains_still_takes_the_base(own, stars, fx_analyze):
    row, deletion, _ = call(fx_analyze, Rec("chr10", 94_942_205, "CAATGGAAAGA", "C", [own]), stars)
    assert row.call_status != "certain"
    assert deletion.status != "observed"
