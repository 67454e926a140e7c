"""Rows of drugs that are shared by responses which read alike are those made one by one."""

from __future__ import annotations

import random

import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.results.tables import drug_table, response_tables
from lupus_pgx.terms import Build

SAMPLES = [f"P{number}" for number in range(40)]
GENES = ["TPMT", "CYP2C19", "CYP2B6", "CYP2C9", "UGT1A1", "FCGR3A", "APOL1"]
GONE = "NUDT15"


@pytest.fixture(scope="module")
def fx_mixed(tmp_path_factory, fx_knowledge):
    """People with any genotype or none at many loci, and a gene without a record."""
    rng = random.Random(21)
    builder = VcfBuilder(samples=SAMPLES).drop_gene(GONE)
    for gene in GENES:
        for locus in fx_knowledge.loci_by_gene[gene]:
            letters = locus.sites[Build.GRCH38].letters
            if any(len(letter) != 1 for letter in letters) or not locus.rsid:
                continue
            drawn = [f"{rng.choice(letters)}/{rng.choice(letters)}" for _ in SAMPLES]
            common = f"{letters[0]}/{letters[0]}"
            calls = [call if rng.random() < 0.1 else common for call in drawn]
            builder.set(locus.rsid, *("./." if rng.random() < 0.02 else call for call in calls))
    folder = tmp_path_factory.mktemp("alike")
    chroms = {locus.sites[Build.GRCH38].chrom for loci in fx_knowledge.loci_by_gene.values() for locus in loci}
    bed = folder / "called.bed"
    bed.write_text("".join(f"{chrom}\t0\t250000000\n" for chrom in sorted(chroms)))
    return builder.write(folder / "in"), bed


@pytest.mark.parametrize("absent", ["unknown", "reference"])
def test_shared_rows_are_those_made_one_by_one(absent, fx_mixed):
    path, bed = fx_mixed
    called = bed if absent == "reference" else None
    responses = lupus_pgx.analyze(path, absent=absent, called_regions=called).results.responses
    shared, single = response_tables(responses)["drugs"], drug_table(responses)
    rows = list(shared.rows())
    assert rows == list(single.rows())
    assumed = single.columns.names.index("assumed")
    assert any(row[assumed] for row in rows) == (absent == "reference")
    values = sum(map(len, responses.values.values()))
    made = {id(row) for part in shared.parts for number in set(part.index.tolist()) for row in part.rows(number)}
    assert len(made) < values
