"""Rows of drugs that are shared by responses which read alike are those made one by one."""

from __future__ import annotations

import random

import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.results.drug_tables import DRUGS, EVIDENCE, GUIDANCE
from lupus_pgx.results.tables import drug_table, evidence_table, guidance_table
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
    shared = drug_table(responses)
    rows = list(shared.rows())
    single = _one_by_one(responses)
    assert rows == [(sample, *DRUGS.row(item)) for sample, item in single]
    assert list(guidance_table(responses).rows()) == [
        (sample, *GUIDANCE.row(rule)) for sample, item in single for rule in item.guidance
    ]
    assert list(evidence_table(responses).rows()) == [
        (sample, *EVIDENCE.row(row)) for sample, item in single for row in item.evidence
    ]
    assumed = shared.columns.names.index("assumed")
    assert any(row[assumed] for row in rows) == (absent == "reference")
    values = sum(map(len, responses.values.values()))
    assert sum(len(set(part.index.tolist())) for part in shared.parts) < values


def test_rows_of_some_samples_are_those_of_all(fx_mixed):
    path, _ = fx_mixed
    responses = lupus_pgx.analyze(path).results.responses
    chosen = [7, 3, 31]
    names = {SAMPLES[number] for number in chosen}
    every = {row for row in drug_table(responses).rows() if row[0] in names}
    assert set(drug_table(responses.select(chosen)).rows()) == every


def _one_by_one(responses):
    """Return each sample with each of its responses."""
    return [
        (sample, responses.of(drug, number))
        for number, sample in enumerate(responses.sample_ids)
        for drug in sorted(responses.values)
    ]
