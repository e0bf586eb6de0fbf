"""Logistic regression finds planted coefficients, and the odds ratio of a table exactly."""

import math

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.reasoning.statistics.logistic_regression import fit_logistic, log_loss


def test_planted_coefficients_are_found():
    rng = np.random.default_rng(0)
    x = rng.normal([3.0, -1.0], [2.0, 0.1], size=(20000, 2))
    z = -0.5 + 1.2 * (x[:, 0] - 3) / 2 - 0.8 * (x[:, 1] + 1) / 0.1
    fitted = fit_logistic(x, rng.random(20000) < 1 / (1 + np.exp(-z)))
    assert fitted.weights == pytest.approx([1.2, -0.8], abs=0.06)
    assert fitted.intercept == pytest.approx(-0.5, abs=0.06)
    assert np.abs(fitted.log_odds(x) - z).max() < 0.4


def test_one_flag_gives_the_log_odds_of_the_table():
    flag = np.repeat([0.0, 0.0, 1.0, 1.0], [30, 10, 5, 45])
    positive = np.repeat([False, True, False, True], [30, 10, 5, 45])
    fitted = fit_logistic(flag[:, None], positive, ridge=1e-9)
    told = fitted.log_odds(np.array([[0.0], [1.0]]))
    assert told == pytest.approx([math.log(10 / 30), math.log(45 / 5)], abs=1e-6)


def test_the_ridge_balances_the_slope_of_the_likelihood():
    rng = np.random.default_rng(1)
    x, positive = rng.normal(size=(50, 3)), rng.random(50) < 0.5
    fitted = fit_logistic(x, positive, ridge=2.0)
    left = positive - 1 / (1 + np.exp(-fitted.log_odds(x)))
    standard = (x - x.mean(0)) / x.std(0)
    assert left.sum() == pytest.approx(0, abs=1e-5)
    assert left @ standard == pytest.approx(2.0 * fitted.weights, abs=1e-5)


def test_outcomes_that_can_be_separated_keep_finite_weights():
    x = np.linspace(-1, 1, 20)[:, None]
    fitted = fit_logistic(x, x[:, 0] > 0)
    assert 1 < fitted.weights[0] < 10
    assert np.array_equal(fitted.log_odds(x) > 0, x[:, 0] > 0)
    assert np.isfinite(fit_logistic(1e8 * x, x[:, 0] > 0, ridge=1e-6).log_odds(1e8 * x)).all()


def test_a_constant_feature_and_no_feature_tell_the_share():
    positive = np.arange(20) < 5
    for x in (np.full((20, 1), 7.0), np.empty((20, 0))):
        assert fit_logistic(x, positive).log_odds(x) == pytest.approx(math.log(1 / 3))


def test_log_loss_of_known_predictions():
    odds = np.log([1.0, 3.0, 3.0])
    assert log_loss(odds, np.array([True, True, False])) == pytest.approx(np.log([2, 4 / 3, 4]))


def test_what_cannot_be_fitted_is_refused():
    with pytest.raises(InputError, match="both outcomes"):
        fit_logistic(np.zeros((3, 1)), np.ones(3, bool))
    with pytest.raises(InputError, match="finite"):
        fit_logistic(np.array([[0.0], [np.nan]]), np.array([True, False]))
    with pytest.raises(InputError, match="positive"):
        fit_logistic(np.zeros((2, 1)), np.array([True, False]), ridge=0)
