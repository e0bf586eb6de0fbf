"""Predictions are of rows that the fit has not seen, and gains are those that were planted."""

import math

import numpy as np
import pytest

from hrm_probe.reasoning.statistics.cross_validation import HeldOut, cross_validate, draw_folds, too_few
from hrm_probe.reasoning.statistics.logistic_regression import fit_logistic
from hrm_probe.reasoning.statistics.ranking import auc

rng = np.random.default_rng(0)
signal, noise = rng.normal(size=(300, 1)), rng.normal(size=(300, 4))
positive = rng.random(300) < 1 / (1 + np.exp(-2 * signal[:, 0]))


def test_a_number_that_knows_adds_what_it_knows():
    held = cross_validate({"noise": noise, "both": np.column_stack([noise, signal])}, positive)
    gain = held.gain("both", "noise")
    # What is to be known: ln 2 less the mean entropy of the planted probabilities.
    p = 1 / (1 + np.exp(-2 * signal[:, 0]))
    known = math.log(2) + (p * np.log(p) + (1 - p) * np.log1p(-p)).mean()
    assert gain.low < known < gain.high
    assert gain.low > 0.1
    assert held.gain_in_auc("both", "noise").low > 0.2
    table = held.table().set_index("model")
    assert table.loc["noise", "auc_low"] < 0.5 < table.loc["both", "auc_low"]


def test_noise_adds_nothing():
    held = cross_validate({"signal": signal, "both": np.column_stack([signal, noise])}, positive)
    assert held.gain("both", "signal").low <= 0
    assert abs(held.gain_in_auc("both", "signal").estimate) < 0.02


def test_gains_are_no_surer_than_fits_that_share_rows_allow():
    held = cross_validate({"signal": signal, "both": np.column_stack([signal, noise])}, positive, repeats=2)
    gain, less = held.gain("both", "signal"), held.losses["signal"] - held.losses["both"]
    gains = held.of_folds["signal"] - held.of_folds["both"]
    assert len(gains) == 2 * 5
    assert gains.mean() == pytest.approx(less.mean(), abs=1e-3)  # parts differ by a row
    # Nadeau and Bengio: a tenth for ten parts, a quarter for tests on as much as a quarter of what was fitted on.
    arm = 2.262 * math.sqrt((1 / 10 + 1 / 4) * gains.var(ddof=1))  # t of nine degrees of freedom
    assert gain.low <= gain.estimate - arm + 1e-4
    assert gain.high >= gain.estimate + arm - 1e-4


def test_two_models_that_know_everything_leave_room_for_what_few_rows_do_not_show():
    coin = np.arange(30) % 2 == 0
    knows = np.where(coin, 3.0, -3.0)
    held = HeldOut(coin, {"one": knows, "other": 2 * knows}, {}, None, {}, 5)
    gain = held.gain_in_auc("one", "other")
    assert gain.estimate == 0
    assert -0.3 < gain.low < -0.05
    assert gain.high == pytest.approx(-gain.low)


def test_what_was_learned_by_heart_does_not_count():
    by_heart, coin = rng.normal(size=(40, 30)), np.arange(40) % 2 == 0
    seen = fit_logistic(by_heart, coin, ridge=0.01).log_odds(by_heart)
    assert auc(seen, coin).estimate == 1
    held = cross_validate({"by heart": by_heart}, coin, ridge=0.01).table().iloc[0]
    assert held["auc"] < 0.75
    assert held["log_loss"] > math.log(2)


def test_twins_in_one_fold_cannot_give_each_other_away():
    # Each row has a twin of the same outcome; what they share is otherwise noise.
    group = np.arange(80) // 2
    shared, coin = rng.normal(size=(40, 60))[group], (rng.random(40) < 0.5)[group]
    apart = cross_validate({"x": shared}, coin, groups=group, repeats=5).table().iloc[0]
    together = cross_validate({"x": shared}, coin, repeats=5).table().iloc[0]
    assert together["auc"] > 0.9
    assert apart["auc"] < 0.7


def test_folds_have_their_share_of_both_outcomes():
    flags = np.arange(60) < 11
    fold = draw_folds(flags, np.arange(60), 5, np.random.default_rng(1))
    assert sorted(np.bincount(fold[flags])) == [2, 2, 2, 2, 3]
    assert sorted(np.bincount(fold[~flags])) == [9, 10, 10, 10, 10]
    other = draw_folds(flags, np.arange(60), 5, np.random.default_rng(2))
    assert (fold != other).any()


def test_folds_keep_groups_whole():
    group = rng.integers(12, size=90)
    fold = draw_folds(rng.random(90) < 0.4, group, 4, np.random.default_rng(1))
    assert all(len(np.unique(fold[group == g])) == 1 for g in range(12))
    assert np.bincount(fold, minlength=4).min() > 10


def test_too_few_to_divide_is_said():
    flags = np.array([True] * 4 + [False] * 20)
    assert too_few(flags, None, 4) is None
    assert too_few(flags, None, 5) == "4 failures are too few for 5 folds"
    assert too_few(~flags, None, 5) == "4 successes are too few for 5 folds"
    assert too_few(flags, np.arange(24) // 2, 3) == "2 groups with failures are too few for 3 folds"
