"""Means of shares, with intervals that cover the truth."""

import numpy as np
import pytest

from hrm_probe.dynamics.bounded_means import mean_of_shares
from hrm_probe.dynamics.intervals import wilson
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
    with pytest.raises(InputError, match="confidence level"):
        mean_of_shares([0.5], 1.0)
