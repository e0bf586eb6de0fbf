"""Survival curves: the textbook's estimator, with intervals that keep groups together."""

import numpy as np
import pytest

from hrm_probe.dynamics.intervals import percentile_interval, resampled_counts
from hrm_probe.reasoning.statistics.survival import survival_curve


def test_survival_is_kaplan_and_meiers():
    # Lifetimes 1, 2, 3+ and 1+ segments, + for "still solved when the run ended".
    curves = np.array([[1, 0, 0, 0], [1, 1, 0, 1], [0, 1, 1, 1], [0, 0, 0, 1]], bool)
    table = survival_curve(curves, None, seed=0)
    assert table["at_risk"].tolist() == [4, 3, 2]
    assert table["survival"].tolist() == pytest.approx([1, 2 / 3, 2 / 3 * 1 / 2])
    assert (table["low"] <= table["survival"]).all()
    assert (table["survival"] <= table["high"]).all()
    assert table["low"][0] < 1  # four puzzles prove nothing


def test_survival_recovers_a_constant_hazard():
    rng = np.random.default_rng(0)
    starts, lives = rng.integers(0, 30, 2000), rng.geometric(0.1, 2000)
    segment = np.arange(40)
    solved = (segment >= starts[:, None]) & (segment < (starts + lives)[:, None])
    table = survival_curve(solved, None, seed=0).iloc[:25]
    truth = 0.9 ** table["age"]
    assert ((table["low"] <= truth) & (truth <= table["high"])).mean() > 0.8
    assert table["survival"].to_numpy() == pytest.approx(truth.to_numpy(), abs=0.04)


def test_survival_of_nothing_is_empty():
    assert len(survival_curve(np.zeros((3, 4), bool), None, seed=0)) == 0


def test_survival_within_one_group_says_nothing_of_others():
    rng = np.random.default_rng(0)
    half = np.stack([np.ones(100, bool), rng.random(100) < 0.5], axis=1)
    for solved in (half, np.ones((100, 2), bool)):
        table = survival_curve(solved, np.zeros(100, int), seed=0)
        assert table["high"][1] - table["low"][1] > 0.7
    five = survival_curve(half, np.repeat(np.arange(5), 20), seed=0)
    alone = survival_curve(half, None, seed=0)
    assert five["low"][1] >= 0
    assert five["high"][1] - five["low"][1] > 0
    assert alone["high"][1] - alone["low"][1] < 0.25


def test_survival_over_few_groups_is_as_unsure_as_a_share_over_them():
    groups = np.repeat(np.arange(6), [4, 10, 6, 12, 8, 10])
    kept = np.arange(50) % 10 < np.array([2, 9, 4, 6, 8, 5])[groups]
    row = survival_curve(np.stack([np.ones(50, bool), kept], axis=1), groups, seed=1).loc[1]
    sums, sizes = np.bincount(groups, kept), np.bincount(groups)
    drawn = resampled_counts(6, 1000, seed=1)
    of_share = percentile_interval(kept.mean(), (drawn @ sums) / (drawn @ sizes), 0.95, 6, grouped=True)
    assert row["survival"] == pytest.approx(kept.mean())
    assert (row["low"], row["high"]) == pytest.approx((max(of_share.low, 0), min(of_share.high, 1)))
