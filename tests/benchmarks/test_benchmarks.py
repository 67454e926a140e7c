"""The benchmarks work; nothing here looks at a clock."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from places import TESTS

import lupus_pgx
from benchmarks.generate import BUILD, units, write_cohort, write_wgs
from lupus_pgx.terms import POOL, Ancestry, CallStatus, LocusStatus

pytestmark = pytest.mark.slow

SAMPLES = 50
RECORDS = 2_000
RUN = TESTS / "benchmarks" / "run.py"


@pytest.fixture(scope="module")
def fx_drawn_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort")
    return folder, write_cohort(folder, SAMPLES)


@pytest.fixture(scope="module")
def fx_drawn_analysis(fx_drawn_files):
    return lupus_pgx.analyze(fx_drawn_files[1])


def test_every_locus_is_in_one_unit(fx_knowledge):
    named = [(locus.gene, locus.name) for unit in units(fx_knowledge) for locus in unit.loci]
    expected = [(locus.gene, locus.name) for loci in fx_knowledge.loci_by_gene.values() for locus in loci]
    assert sorted(named) == sorted(expected)
    for unit in units(fx_knowledge):
        assert unit.codes.shape == (len(unit.names), len(unit.loci))
        for share in unit.shares.values():
            assert share.sum() == pytest.approx(1)


def test_cohort_is_read_without_gaps(fx_drawn_analysis, fx_knowledge):
    assert len(fx_drawn_analysis.sample_ids) == SAMPLES
    assert fx_drawn_analysis.build == BUILD
    genotypes = fx_drawn_analysis.results.genotypes
    observed = np.concatenate([column.states.status[column.index] for column in genotypes.columns])
    # A deletion covers the loci inside it: those few are the only ones that are not observed.
    assert (observed == LocusStatus.NO_RECORD.code).sum() == 0
    assert (observed == LocusStatus.OBSERVED.code).mean() > 0.999
    for gene, star in fx_knowledge.star_genes.items():
        statuses = {call.diplotype.status for call in fx_drawn_analysis.results.genes.values[gene]}
        assert (CallStatus.NO_CALL in statuses) == (not star.haplotypes.loci), gene


def test_haplotypes_are_as_frequent_as_in_the_table(fx_drawn_files, fx_drawn_analysis, fx_knowledge):
    with (fx_drawn_files[0] / "samples.tsv").open() as table:
        groups = Counter(row["super_pop"] for row in csv.DictReader(table, delimiter="\t"))
    assert set(groups) <= {ancestry.value for ancestry in Ancestry}
    genes = fx_drawn_analysis.results.genes
    by_name = {unit.name: unit for unit in units(fx_knowledge)}
    compared = 0
    for gene, star in fx_knowledge.star_genes.items():
        if POOL not in star.counts:
            continue
        calls = [genes.of(gene, number).diplotype for number in range(SAMPLES)]
        found = Counter(name for call in calls if call.best for name in call.best.alleles)
        for number, name in enumerate(by_name[gene].names[:-1]):
            shares = by_name[gene].shares
            expected = sum(
                count / SAMPLES * shares.get(population, shares[POOL])[number] for population, count in groups.items()
            )
            if expected >= 0.05:
                total = sum(found.values())
                allowed = 4 * (expected * (1 - expected) / total) ** 0.5 + 0.03
                assert found[star.reported[name]] / total == pytest.approx(expected, abs=allowed), (gene, name)
                compared += 1
    assert compared > 20


def test_marker_loci_vary(fx_drawn_analysis):
    for key, calls in fx_drawn_analysis.results.markers.values.items():
        assert len({call.genotype for call in calls}) > 1, key


def test_same_seed_same_text(fx_drawn_files, tmp_path):
    again = write_cohort(tmp_path, SAMPLES)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in fx_drawn_files[1]]


def test_genome_is_read_without_gaps(tmp_path, fx_knowledge):
    path = write_wgs(tmp_path, RECORDS)
    analysis = lupus_pgx.analyze(path)
    statuses = np.concatenate([column.states.status for column in analysis.results.genotypes.columns])
    assert (statuses == LocusStatus.NO_RECORD.code).sum() == 0
    for gene, star in fx_knowledge.star_genes.items():
        if star.haplotypes.loci:
            assert analysis.results.genes.of(gene, 0).diplotype.status is not CallStatus.NO_CALL


def test_runner_writes_json(fx_drawn_files, tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    for suffix in ("", ".tbi"):
        shutil.copy(f"{fx_drawn_files[1][0]}{suffix}", real / f"1kgp-GRCh38.vcf.gz{suffix}")
    out, profile = tmp_path / "results.json", tmp_path / "profile.txt"
    small = ["--cohorts", "10,20", "--singles", "6", "--wgs-records", str(RECORDS), "--repeat", "1"]
    small += ["--work", str(tmp_path / "work")]
    words = [sys.executable, str(RUN), "--real", str(real), "--out", str(out), "--profile", str(profile), *small]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    document = json.loads(out.read_text())
    assert document["git"].keys() == {"revision", "dirty"}
    assert {"python", "numpy", "pysam", "cyvcf2"} <= document["versions"].keys()
    assert {"cpu", "cores", "ram_gb", "os"} <= document["machine"].keys()
    results = {result["name"]: result for result in document["results"]}
    assert results["pypgx"]["skipped"]
    assert results["analyze unknown"]["ratios"]["floor"] > 0
    assert results["analyze unknown"]["counts"]["samples"] == SAMPLES
    assert "growth_exponent_from_10" in results["cohort 20 unknown"]["counts"]
    for name in ("floor", "analyze reference", "cyvcf2 gap 1", "--help", "one patient", "genome", "write tsv"):
        assert results[name]["median_s"] > 0
        assert results[name]["peak_mb"] > 0
    assert "== analyze unknown" in profile.read_text()


def test_runner_refuses_unknown_names():
    done = subprocess.run([sys.executable, str(RUN), "--only", "nothing"], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "does not know nothing" in done.stderr
