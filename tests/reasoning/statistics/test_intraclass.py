"""The correlation of runs of one puzzle: what was planted is found, and nothing where nothing is."""

import numpy as np
import pytest

from hrm_probe.reasoning.statistics.intraclass import correlation_difference, intraclass_correlation


def beta_binomial(puzzles: int, runs: int, p: float, alike: float, seed: int) -> np.ndarray:
    """Runs of a puzzle succeed by chance, with a probability that is the puzzle's own: they correlate by ``alike``."""
    rng = np.random.default_rng(seed)
    strength = (1 - alike) / alike
    return rng.random((runs, puzzles)) < rng.beta(p * strength, (1 - p) * strength, puzzles)


@pytest.mark.parametrize("alike", [0.1, 0.3, 0.7])
@pytest.mark.parametrize("p", [0.2, 0.5])
def test_a_planted_correlation_is_found(alike, p):
    found = intraclass_correlation(beta_binomial(4000, 6, p, alike, seed=0))
    assert found.estimate == pytest.approx(alike, abs=0.04)
    assert found.low < alike < found.high
    assert found.n == 4000


def test_throws_of_dice_do_not_correlate():
    flags = np.random.default_rng(0).random((8, 500)) < 0.4
    found = intraclass_correlation(flags)
    assert found.low < 0 < found.high
    assert found.high < 0.1


def test_two_runs_have_the_correlation_of_a_book():
    # Of 100 puzzles both runs succeed in 40, one of them in 20, none in 40: p = 0.5, q = 0.4.
    both, one, none = np.ones((2, 40), bool), np.array([[True] * 20, [False] * 20]), np.zeros((2, 40), bool)
    found = intraclass_correlation(np.concatenate([both, one, none], axis=1))
    assert found.estimate == pytest.approx((0.4 - 0.25) / 0.25)


def test_intervals_cover_what_they_should():
    covered = [
        found.low < 0.3 < found.high
        for found in (intraclass_correlation(beta_binomial(100, 8, 0.6, 0.3, seed)) for seed in range(200))
    ]
    assert np.mean(covered) > 0.88


def test_puzzles_that_decide_alone_correlate_by_one_with_an_interval_that_has_a_width():
    flags = np.tile(np.arange(60) % 3 == 0, (5, 1))
    found = intraclass_correlation(flags)
    assert (found.estimate, found.high) == (pytest.approx(1), 1)
    assert 0.7 < found.low < 1
    assert intraclass_correlation(np.tile(flags, 10)).low > found.low


@pytest.mark.parametrize("value", [True, False])
def test_where_all_is_equal_nothing_correlates(value):
    found = intraclass_correlation(np.full((3, 20), value))
    assert np.isnan(found.estimate)


def test_groups_are_drawn_whole():
    flags = np.repeat(beta_binomial(40, 4, 0.5, 0.4, seed=1), 10, axis=1)
    alone = intraclass_correlation(flags)
    grouped = intraclass_correlation(flags, np.repeat(np.arange(40), 10))
    assert grouped.estimate == pytest.approx(alone.estimate)
    assert grouped.high - grouped.low > 2 * (alone.high - alone.low)
    assert grouped.n == 40


def test_a_difference_is_that_of_the_two_and_is_found():
    close, loose = beta_binomial(1000, 6, 0.5, 0.8, seed=2), beta_binomial(1000, 6, 0.5, 0.4, seed=3)
    found = correlation_difference(close, loose)
    assert found.estimate == pytest.approx(
        intraclass_correlation(close).estimate - intraclass_correlation(loose).estimate
    )
    assert 0.3 < found.low < found.high < 0.5
    same = correlation_difference(close, close)
    assert (same.estimate, same.low, same.high) == (0, 0, 0)
