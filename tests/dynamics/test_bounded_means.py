"""Means of shares, with intervals that cover the truth."""

import numpy as np
import pytest

from hrm_probe.dynamics.bounded_means import mean_of_shares, resampled_mean_of_shares
from hrm_probe.dynamics.intervals import bootstrap, wilson
from hrm_probe.errors import InputError


@pytest.mark.parametrize(("successes", "n"), [(0, 5), (2, 5), (5, 5), (160, 400)])
def test_flags_have_the_interval_of_wilson(successes: int, n: int) -> None:
    found, expected = (
        mean_of_shares([1.0] * successes + [0.0] * (n - successes), 0.9),
        wilson(successes, n, 0.9),
    )
    assert (found.estimate, found.n, found.level) == (expected.estimate, n, 0.9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_shares_that_are_all_equal_keep_a_width() -> None:
    assert mean_of_shares([0.0] * 20).high > 0.1
    assert mean_of_shares([1.0] * 20).low < 0.9
    found = mean_of_shares([0.5] * 20)
    assert found.low < 0.4 < 0.6 < found.high


def test_means_of_halves_and_wholes_are_covered_at_least_as_often_as_they_say() -> None:
    """Tasks of one or two test inputs, 0.2 solved: Wilson's own coverage at this n is 0.93 to 0.97."""
    rng = np.random.default_rng(0)
    values = rng.binomial(2, 0.2, size=(2000, 60)) / 2
    values[:, :30] = rng.binomial(1, 0.2, size=(2000, 30))
    intervals = [mean_of_shares(row) for row in values]
    assert np.mean([interval.low <= 0.2 <= interval.high for interval in intervals]) > 0.95


@pytest.mark.parametrize("shares", [[], [0.5, 1.1], [-0.1], [np.nan]])
def test_what_is_no_share_is_refused(shares) -> None:
    with pytest.raises(InputError, match="each from 0 to 1"):
        mean_of_shares(shares)


def test_a_level_lies_between_0_and_1() -> None:
    with pytest.raises(InputError, match=r"level is 1\.0; it must be a number above 0 and below 1"):
        mean_of_shares([0.5], 1.0)


class TestResampled:
    def test_what_was_not_seen_is_allowed_for(self) -> None:
        assert resampled_mean_of_shares(np.ones(26)).low < 0.9
        assert resampled_mean_of_shares(np.zeros(26)).high > 0.1
        assert resampled_mean_of_shares(np.full(26, 0.5)).low < 0.47

    def test_one_number_says_nothing(self) -> None:
        found = resampled_mean_of_shares([0.3])
        assert (found.low, found.high) == (0, 1)
        alone = resampled_mean_of_shares([0.3, 0.4], groups=[1, 1])
        assert (alone.low, alone.high) == (0, 1)

    @pytest.mark.parametrize(("ones", "n"), [(0.95, 26), (0.9, 26), (0.98, 100)])
    def test_means_that_few_numbers_decide_are_covered(self, ones: float, n: int) -> None:
        rng = np.random.default_rng(0)
        truth = ones + (1 - ones) / 2
        covered, plainly = [], []
        for _ in range(200):
            values = np.where(rng.random(n) < ones, 1.0, rng.random(n))
            found = resampled_mean_of_shares(values, resamples=200)
            plain = bootstrap(np.mean, values, resamples=200)
            covered.append(found.low <= truth <= found.high)
            plainly.append(plain.low <= truth <= plain.high)
        assert np.mean(covered) > 0.95 > 0.9 > np.mean(plainly)

    def test_many_numbers_amid_the_range_have_their_bootstrap(self) -> None:
        values = np.random.default_rng(0).beta(12, 3, 300)
        assert resampled_mean_of_shares(values) == bootstrap(np.mean, values)

    def test_groups_that_are_alike_widen_it(self) -> None:
        rng = np.random.default_rng(0)
        groups = np.repeat(np.arange(40), 10)
        values = np.clip(0.8 + 0.1 * rng.standard_normal(40)[groups] + 0.02 * rng.standard_normal(400), 0, 1)
        apart, together = resampled_mean_of_shares(values), resampled_mean_of_shares(values, groups=groups)
        assert together.high - together.low > 2 * (apart.high - apart.low)

    def test_equal_numbers_of_groups_are_worth_what_their_likeness_leaves(self) -> None:
        groups = np.repeat(np.arange(9), 20)
        copies, classes = (
            resampled_mean_of_shares(np.ones(180), groups=groups, alike=a) for a in (1.0, 0.05)
        )
        assert copies.low < 0.8 < classes.low < 0.98

    def test_what_is_no_share_is_refused(self) -> None:
        with pytest.raises(InputError, match="each from 0 to 1"):
            resampled_mean_of_shares([0.5, 1.1])
