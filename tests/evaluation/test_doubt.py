"""What makes a genotype doubtful, on simulated reads: a short form of ``tests/evaluation/doubt.py``.

Thresholds are the aims that the bounds were chosen for (``docs/decisions/0006-what-counts-as-seen.md``).
"""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.doubt import GENES, People, score_locus
from evaluation.doubt_bound import AIM, AIMS, NO_WORSE, Counts
from evaluation.imputation import haplotype_posteriors, stated_and_wrong
from evaluation.reads import Noise

SEED = 2026
SAMPLES = 40_000


@pytest.fixture
def fx_random():
    return np.random.default_rng(SEED)


@pytest.mark.parametrize(("depth", "foreign"), [(30, 0.05), (30, 0.10), (60, 0.15)])
def test_a_paralogue_makes_doubt_and_no_error(depth, foreign, fx_random):
    noise = Noise(foreign)
    plain = score_locus("0/0", depth, noise, SAMPLES, fx_random)
    assert plain.wrong <= 0.001 * SAMPLES, plain
    assert plain.stated >= 0.3 * SAMPLES, "a judge that says nothing is never wrong"
    carriers = score_locus("0/1", depth, noise, SAMPLES, fx_random)
    assert carriers.doubtful <= 0.03 * SAMPLES, carriers
    assert carriers.wrong <= 0.001 * SAMPLES, carriers


@pytest.mark.parametrize(("depth", "doubtful"), [(30, 0.04), (60, 0.006), (200, 0.001)])
def test_clean_reads_stay_stated(depth, doubtful, fx_random):
    for truth in ("0/0", "0/1", "1/1"):
        score = score_locus(truth, depth, Noise(), SAMPLES, fx_random)
        assert score.doubtful <= doubtful * SAMPLES, (truth, score)
        assert score.wrong <= 0.001 * SAMPLES, (truth, score)


def test_no_rule_on_reads_doubts_fewer_heterozygotes_without_more_errors():
    counts = Counts(120)
    assert counts.wrong(30, 0.10) <= AIM
    assert counts.wrong(60, 0.15) <= AIM
    doubtful = counts.doubtful(30)
    assert counts.least_doubtful(30, AIMS, dict.fromkeys(AIMS, AIM)) > 0.027, "2 % cannot be had"
    least = counts.least_doubtful(30, NO_WORSE, {cell: counts.wrong(*cell) for cell in NO_WORSE})
    assert least <= doubtful <= least + 0.001


def test_sums_and_simulated_reads_agree(fx_random):
    counts = Counts(120)
    for foreign in (0.0, 0.10, 0.20):
        simulated = score_locus("0/1", 30, Noise(foreign), SAMPLES, fx_random)
        assert simulated.doubtful / SAMPLES == pytest.approx(counts.doubtful(30, foreign), abs=0.005)
        simulated = score_locus("0/0", 30, Noise(foreign), SAMPLES, fx_random)
        assert simulated.wrong / SAMPLES == pytest.approx(counts.wrong(30, foreign), abs=0.005)


@pytest.mark.parametrize("depth", [4, 10, 15])
def test_few_reads_make_doubt_before_error(depth, fx_random):
    score = score_locus("0/0", depth, Noise(0.10), SAMPLES, fx_random)
    # Measured: 0.5, 1.0 and 0.3 %; a fair coin alone (p below 0.01) left 7 to 9 % wrong at 8x to 15x.
    assert score.wrong <= 0.012 * SAMPLES, score
    assert score.doubtful >= 50 * score.wrong, score


def test_genotypes_alone_hide_the_noise(fx_random):
    # The control: without reads, likelihoods and qualities nothing tells a paralogue from a heterozygote.
    score = score_locus("0/0", 60, Noise(0.15), SAMPLES, fx_random, "GT")
    assert score.stated == SAMPLES
    assert score.wrong > 0.2 * SAMPLES


def test_diplotypes_rest_on_what_is_sure(fx_knowledge, fx_random, tmp_path):
    people = People(fx_knowledge, GENES, 60, fx_random)
    truth = people.truth(tmp_path)
    called = people.sequenced(tmp_path, 60, 0.10)
    for gene in GENES:
        known, stated, wrong = stated_and_wrong(truth, called, gene)
        assert wrong == 0, gene
        assert stated >= 0.5 * known, gene


@pytest.mark.parametrize("information", [0.3, 0.6, 0.9])
def test_simulated_posteriors_are_as_good_as_stated(information, fx_random):
    truth = (fx_random.random(200_000) < 0.2).astype(np.int64)
    posterior = haplotype_posteriors(truth, 0.2, information, fx_random)
    assert np.corrcoef(truth, posterior)[0, 1] ** 2 == pytest.approx(information, abs=0.02)
    likely = (posterior > 0.6) & (posterior < 0.8)
    assert truth[likely].mean() == pytest.approx(posterior[likely].mean(), abs=0.02)
