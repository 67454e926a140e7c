"""What of a file with ``--absent reference`` may be assumed, at the bounds of each test of the statement."""

from __future__ import annotations

import pytest
from builder import Rec, VcfBuilder

import lupus_pgx
from lupus_pgx.calling.assumptions import RECORDS, assumable_genes

EAST_ASIAN = "rs116855232"
"""A locus of NUDT15 at which 200 people of East Asia hold a carrier, and 200 of Africa need not."""


def read(path, genes, **options):
    return lupus_pgx.analyze(path, genes=genes, drugs=[], absent="reference", **options)


def status_of(analysis, locus, sample="S0"):
    frame = analysis.variants.to_frame()
    return frame[(frame.locus == locus) & (frame.sample_id == sample)].status.item()


def test_the_statement_is_tested_on_genes_that_are_called_from_bases():
    """Not on those of a typing, of another caller, or whose structure decides."""
    tested = assumable_genes(lupus_pgx.load_knowledge())
    assert {"TPMT", "NUDT15", "CYP2B6", "SLCO1B1"} <= set(tested)
    assert {"HLA-B", "RYR1", "MT-RNR1", "CYP2D6"}.isdisjoint(tested)


def test_a_locus_that_callers_leave_out_is_never_assumed(tmp_path):
    builder = VcfBuilder(genes=("CYP2B6",), samples=["S0"]).drop("rs2279343", "rs3745274").like_a_genome()
    analysis = read(builder.write(tmp_path / "file"), ["CYP2B6"])
    assert status_of(analysis, "rs2279343") == "no_record"
    assert status_of(analysis, "rs3745274") == "assumed_reference"


@pytest.mark.parametrize(
    ("people", "others", "status"),
    [
        (200, 0, "no_record"),
        (199, 0, "assumed_reference"),  # too few to say
        (199, 1, "assumed_reference"),  # a cohort of more than one ancestry is held against the most favourable one
    ],
)
def test_a_cohort_is_held_against_its_own_ancestry(people, others, status, tmp_path):
    names = [f"S{number}" for number in range(people + others)]
    told = {name: "EAS" if number < people else "AFR" for number, name in enumerate(names)}
    builder = VcfBuilder(genes=("NUDT15",), samples=names).drop(EAST_ASIAN).like_a_genome()
    analysis = read(builder.write(tmp_path / "file"), ["NUDT15"], ancestry=told)
    assert status_of(analysis, EAST_ASIAN) == status


def test_a_cohort_of_unknown_ancestry_is_held_against_every_one(tmp_path):
    names = [f"S{number}" for number in range(200)]
    builder = VcfBuilder(genes=("NUDT15",), samples=names).drop(EAST_ASIAN).like_a_genome()
    assert status_of(read(builder.write(tmp_path / "file"), ["NUDT15"]), EAST_ASIAN) == "assumed_reference"


def test_a_carrier_in_another_file_is_a_carrier_of_the_cohort(tmp_path):
    names = [f"S{number}" for number in range(200)]
    cohort = VcfBuilder(genes=("NUDT15",), samples=names).drop(EAST_ASIAN).like_a_genome()
    one = VcfBuilder(genes=("NUDT15",), samples=["S1"]).set(EAST_ASIAN, "C/T")
    one.drop(*[name for name in one.records if name != EAST_ASIAN])
    paths = [cohort.write(tmp_path / "cohort"), one.write(tmp_path / "one")]
    analysis = read(paths, ["NUDT15"], ancestry="EAS")
    assert status_of(analysis, EAST_ASIAN, "S1") == "observed"
    assert status_of(analysis, EAST_ASIAN) == "assumed_reference"


@pytest.mark.parametrize(("kept", "status"), [(RECORDS, "no_record"), (RECORDS - 1, "assumed_reference")])
def test_a_few_missing_genotypes_say_nothing_of_a_sample(kept, status, tmp_path):
    builder = VcfBuilder(genes=("TPMT", "NUDT15"), samples=["S0", "panel"])
    names = list(builder.records)[:kept]
    builder.drop(*[name for name in builder.records if name not in names])
    for name in names:
        builder.set(name, f"{builder.site(name).ref}/{builder.site(name).ref}", "./.")
    analysis = read(builder.like_a_genome().write(tmp_path / "file"), ["TPMT", "NUDT15"])
    frame = analysis.variants.to_frame()
    assert set(frame[~frame.locus.isin(names) & (frame.sample_id == "panel")].status) == {status}


@pytest.mark.parametrize("more", [0, 1])
def test_what_a_file_states_counts_where_more_is_absent_than_stated(more, tmp_path):
    """All that is stated is the genome: of half of the loci that is a witness, of less than half it is none."""
    knowledge = lupus_pgx.load_knowledge()
    builder = VcfBuilder(genes=assumable_genes(knowledge), samples=["S0"])
    # Of these genes nearly everybody is like the genome at every locus.
    plain = ("G6PD", "NUDT15", "TPMT", "CYP2C8", "CYP3A4", "CYP2C9", "ABCG2")
    genes = sorted(assumable_genes(knowledge), key=lambda gene: gene not in plain)
    names = [locus.name for gene in genes for locus in knowledge.star_genes[gene].haplotypes.loci]
    absent = names[: len(names) // 2 + more]
    builder.drop(*absent).like_a_genome()
    frame = lupus_pgx.analyze(builder.write(tmp_path / "file"), absent="reference").variants.to_frame()
    assert frame[frame.locus.isin(absent)].status.eq("assumed_reference").any() == (not more)


def test_the_commonest_reason_is_named_with_its_samples(tmp_path):
    """One of four was passed over in a file that looked, two are of a file that did not look."""
    whole = VcfBuilder(genes=("NUDT15",), samples=["S0", "S1"])
    kept = list(whole.records)[:8]
    whole.drop(*[name for name in whole.records if name not in kept])
    for name in kept:
        whole.set(name, f"{whole.site(name).ref}/{whole.site(name).ref}", "./.")
    other = VcfBuilder(genes=("NUDT15",), samples=["S2", "S3"])
    other.drop(*[name for name in other.records if name != kept[0]])
    paths = [whole.like_a_genome().write(tmp_path / "whole"), other.write(tmp_path / "other")]
    told = read(paths, ["NUDT15"]).provenance.to_dict()["not_assumed"]["NUDT15"]
    assert told["samples"] == 2
    assert "missing" not in told["reason"]


def test_of_several_files_one_that_states_a_base_is_enough(tmp_path):
    """A file of one locus beside an empty one: nothing is assumed, and it is no error."""
    builder = VcfBuilder(genes=("TPMT",), samples=["S0"]).set("rs1142345", "T/C")
    builder.drop(*[name for name in builder.records if name != "rs1142345"])
    empty = VcfBuilder(genes=("TPMT",), samples=["S0"])
    empty.drop(*list(empty.records)).add(Rec("chr2", 1_000_000, "A", "G", ["0/1"]))
    paths = [builder.write(tmp_path / "one"), empty.write(tmp_path / "empty")]
    analysis = read(paths, ["TPMT"], build="GRCh38")
    assert status_of(analysis, "rs1142345") == "observed"
    assert status_of(analysis, "rs1800460") == "no_record"


@pytest.mark.parametrize("files", [1, 2])
def test_a_record_that_lies_elsewhere_speaks_for_its_carriers_and_its_locus_only(files, tmp_path):
    builder = VcfBuilder(genes=("TPMT",), samples=["S0", "S1"])
    site = builder.site("rs1800460")
    builder.drop("rs1800460", "rs1800462").like_a_genome()
    builder.add(Rec(builder.chrom("chr6"), site.pos + 700, site.ref, "T", ["0/1", "0/0"], identifier="rs1800460"))
    others = VcfBuilder(genes=("TPMT",), samples=["S2"]).drop("rs1800460", "rs1800462").like_a_genome()
    paths = [builder.write(tmp_path / "one"), others.write(tmp_path / "other")][:files]
    analysis = read(paths, ["TPMT"])
    assert status_of(analysis, "rs1800460") == "no_record"
    assert "is named rs1800460, which lies elsewhere" in analysis.provenance.to_dict()["not_assumed"]["TPMT"]["reason"]
    for locus, sample in [("rs1800462", "S0"), ("rs1800460", "S1"), ("rs1800460", f"S{files}")]:
        assert status_of(analysis, locus, sample) == "assumed_reference"
