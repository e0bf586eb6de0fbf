"""The area under the ROC curve, on scores whose order is known."""

import math

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm

from hrm_probe.reasoning.statistics.ranking import area_under_roc, auc, score_interval


def test_perfect_reversed_and_tied_scores():
    positive = np.array([False] * 5 + [True] * 5)
    assert auc(np.arange(10.0), positive).estimate == 1
    assert auc(-np.arange(10.0), positive).estimate == 0
    assert auc(np.zeros(10), positive).estimate == 0.5


@pytest.mark.parametrize("kind", [float, np.float32, int])
def test_the_plain_area_is_that_of_the_interval_and_of_the_u_test(kind):
    rng = np.random.default_rng(3)
    scores, positive = rng.integers(5, size=50).astype(kind), rng.random(50) < 0.4
    pairs = int(positive.sum() * (~positive).sum())
    u = mannwhitneyu(scores[positive], scores[~positive]).statistic
    assert area_under_roc(scores, positive) == pytest.approx(u / pairs, rel=1e-14)
    assert area_under_roc(scores, positive) == pytest.approx(auc(scores, positive).estimate, rel=1e-14)


def test_the_plain_area_leaves_out_what_has_no_score():
    scores, positive = np.array([0.0, np.nan, np.inf, 1.0]), np.array([False, True, False, True])
    assert area_under_roc(scores, positive) == 1
    assert math.isnan(area_under_roc(scores, np.ones(4, bool)))


def test_a_pair_that_no_resample_holds_leaves_everything_open():
    found = auc(np.arange(2.0), np.arange(2) == 1, resamples=1, seed=3)
    assert (found.estimate, found.low, found.high) == (1, 0, 1)


def test_two_normals_a_standard_deviation_apart():
    rng = np.random.default_rng(0)
    positive = np.arange(2000) < 1000
    known = 0.5 * math.erfc(-1 / 2)  # Phi(1 / sqrt 2)
    interval = auc(rng.normal(size=2000) + positive, positive)
    assert interval.low < known < interval.high
    assert interval.high - interval.low < 0.06


def test_strata_are_compared_within_themselves():
    # Across the strata the scores mislead; within each they are right.
    scores = np.array([0.0, 1.0, 10.0, 11.0, 12.0])
    positive = np.array([False, True, False, False, True])
    strata = np.array([0, 0, 1, 1, 1])
    assert auc(scores, positive).estimate == pytest.approx(4 / 6)
    assert auc(scores, positive, strata).estimate == 1


def test_groups_widen_the_interval():
    rng = np.random.default_rng(1)
    scores, positive = np.repeat(rng.normal(size=30), 10), np.repeat(rng.random(30) < 0.5, 10)
    alone, together = auc(scores, positive), auc(scores, positive, groups=np.repeat(np.arange(30), 10))
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_groups_without_a_score_make_no_interval_narrower():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 5)
    positive, scores = rng.random(200) < 0.5, rng.standard_normal(200)
    scores[groups >= 5] = np.nan
    few = groups < 5
    assert auc(scores, positive, groups=groups) == auc(scores[few], positive[few], groups=groups[few])


def test_nothing_to_compare_is_said():
    nothing = auc(np.arange(3.0), np.ones(3, bool))
    assert math.isnan(nothing.estimate)
    assert (nothing.low, nothing.high) == (0, 1)


@pytest.mark.parametrize(
    ("up", "down", "truth"), [(1, 50, 0.5), (3, 50, 0.92), (3, 50, 0.98), (48, 48, 0.98)]
)
def test_few_rows_and_near_perfect_scores_are_covered_too(up, down, truth):
    apart, rng = math.sqrt(2) * norm.ppf(truth), np.random.default_rng(0)
    positive = np.arange(up + down) < up
    held = []
    for seed in range(200):
        found = auc(rng.normal(size=up + down) + apart * positive, positive, resamples=200, seed=seed)
        held.append(found.low <= truth <= found.high)
    assert np.mean(held) > 0.92  # a bootstrap alone: 0.32 to 0.87


def test_groups_that_look_alike_by_chance_do_not_narrow_the_interval():
    rng = np.random.default_rng(2)
    scores, positive = rng.normal(size=56) + 1.8 * (np.arange(56) < 28), np.arange(56) < 28
    for groups in rng.integers(0, 9, (20, 56)):
        found = auc(scores, positive, groups=groups)
        low, high = score_interval(found.estimate, 28, 28)
        assert found.low <= low < high <= found.high


def test_the_score_interval_of_all_and_of_nothing():
    assert score_interval(1.0, 20, 20)[1] == 1.0
    assert score_interval(0.0, 20, 20)[0] == 0.0
    low, high = score_interval(0.5, 40, 40)
    assert low + high == pytest.approx(1)
