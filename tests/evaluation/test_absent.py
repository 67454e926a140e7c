"""Nothing unlooked becomes the usual dose: decisive outcomes of ``tests/evaluation/absent.py``."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.absent import cut_rows, run
from evaluation.cuts import ANCESTRIES, CUTS, Real, bed, structural
from evaluation.drawn import Carriers
from evaluation.genomes import Genomes
from evaluation.kinds import KINDS
from lupus_pgx.genotypes import coverage
from lupus_pgx.terms import Build

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[build.value for build in Build])
def fx_file(request, fx_real, fx_knowledge):
    return Real(fx_real, Build(request.param), fx_knowledge)


@pytest.fixture(scope="module")
def fx_grch38(fx_real, fx_knowledge):
    return Real(fx_real, Build.GRCH38, fx_knowledge)


def one_of_each(file):
    return [file.of(name)[5] for name in ANCESTRIES]


@pytest.mark.parametrize("cut", ["exome", "panel loci only", "one gene (TPMT)"])
def test_a_cut_file_gives_no_usual_dose(cut, fx_file, tmp_path):
    for person in one_of_each(fx_file):
        outcome = run(fx_file.write(tmp_path / "cut.vcf", [person], CUTS[cut](fx_file)), fx_file, [person])
        assert outcome.word in ("limited", "refused")
        assert outcome.mean("action", "standard") == 0
        assert outcome.warning


def test_header_only_and_structural_variants_are_refused(fx_file, tmp_path):
    people = one_of_each(fx_file)
    for path in (
        fx_file.write(tmp_path / "head.vcf", people, CUTS["header only"](fx_file)),
        structural(fx_file, tmp_path / "sv.vcf", people),
    ):
        outcome = run(path, fx_file, people)
        assert (outcome.code, outcome.word) == (65, "refused")


def test_a_lost_chromosome_takes_its_genes_with_it(fx_file, tmp_path):
    people = one_of_each(fx_file)
    outcome = run(fx_file.write(tmp_path / "cut.vcf", people, CUTS["without chr10"](fx_file)), fx_file, people)
    actions = outcome.drugs.set_index("drug").action
    assert not (actions["clopidogrel"] == "standard").any()  # CYP2C19
    assert (actions["tacrolimus"] != "test_first").all()  # CYP3A5, on another


def test_a_whole_file_gives_what_called_regions_give(fx_file, tmp_path):
    people = one_of_each(fx_file)
    path = fx_file.write(tmp_path / "whole.vcf", people)
    tested = run(path, fx_file, people)
    believed = run(path, fx_file, people, called_regions=str(bed(fx_file, tmp_path / "all.bed", whole=True)))
    columns = ["sample_id", "drug", "action", "predicted_response"]
    assert tested.drugs[columns].equals(believed.drugs[columns])
    assert tested.mean("action", "standard") > 10, "a test that believes nothing is never wrong"


def test_every_whole_genome_is_believed(fx_file):
    """Each person alone, and groups: no gene falls for want of records, and no notice says that they are few."""
    genomes, random = Genomes(fx_file), np.random.default_rng(2026)
    singles = [[person.sample] for name in ANCESTRIES for person in fx_file.of(name)[:80]]
    groups = [group for size in (2, 5, 10, 50) for group in genomes.groups(size, 10, random)]
    assert genomes.refused(singles + groups) == ([], 0)


def test_an_exome_of_many_people_with_records_off_target_is_not_believed(fx_grch38, tmp_path):
    kind = next(kind for kind in KINDS if kind.cohort and "off target" in kind.name)
    people = [person for name in ANCESTRIES for person in fx_grch38.of(name)[:10]]
    outcome = run(kind.write(fx_grch38, tmp_path / "kind.vcf", people), fx_grch38, people)
    assert "few of the 2,000-base stretches" in outcome.warning
    usual = outcome.drugs[outcome.drugs.action == "standard"]
    assert usual.assumed.isna().all()  # what was observed
    assert len(usual) < 3 * len(people)


@pytest.mark.parametrize("name", ["array, a site in 1,500 bases, variants", "every other 10,000 bases"])
def test_what_is_believed_of_a_file_with_few_records_comes_with_a_notice(name, fx_grch38, tmp_path):
    kind = next(kind for kind in KINDS if kind.name == name and not kind.cohort)
    people = [person for name in ANCESTRIES for person in fx_grch38.of(name)[5:7]]
    outcomes = [run(kind.write(fx_grch38, tmp_path / "kind.vcf", [person]), fx_grch38, [person]) for person in people]
    believed = [outcome for outcome in outcomes if outcome.genes]
    assert believed
    assert all(outcome.noticed for outcome in believed)


def test_the_table_has_a_line_for_each_cut(fx_grch38, tmp_path):
    rows = cut_rows(fx_grch38, tmp_path, {"single": [[fx_grch38.of("EUR")[5]]]})
    words = {row[1]: row[4] for row in rows}
    assert words["whole"] == "1 limited"  # the files hold some genes only
    assert words["header only"] == "1 refused"
    assert words["panel loci only, with their BED"] == "1 accepted"


def test_a_panel_joined_to_a_genome_is_not_believed_with_it(fx_grch38, tmp_path):
    kind = next(kind for kind in KINDS if kind.joined)
    for person in one_of_each(fx_grch38):
        outcome = run(kind.write(fx_grch38, tmp_path / "joined.vcf", [person]), fx_grch38, [person])
        own = outcome.drugs[outcome.drugs.sample_id == person.sample]
        assert not (own.action == "standard").any()
        assert (outcome.drugs[outcome.drugs.sample_id != person.sample].action == "standard").any()


@pytest.mark.parametrize("depth", [5, 15, 30])
def test_no_carrier_in_reads_gets_the_usual_dose(depth, fx_knowledge, tmp_path):
    drawn = Carriers(fx_knowledge, 8, depth, 2026, tmp_path)
    cells = drawn.row(coverage.MIN_ALIKE)
    assert cells[6] == "0 of 32", "taken for covered"
    assert cells[8].startswith("0 of "), "usual dose"
    settled = float(cells[0])
    assert settled >= {5: 0, 15: 80, 30: 97}[depth]
    assert np.isclose(sum(map(float, cells[:3])), 100, atol=0.2)
