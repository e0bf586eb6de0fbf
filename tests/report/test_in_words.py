"""Shares and differences in words."""

import math

import pytest

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.report.in_words import points, rounded


def interval(estimate: float, low: float, high: float, n: int) -> Interval:
    return Interval(estimate, low, high, 0.95, n, "wilson")


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (interval(0.61, 0.55, 0.67, n=200), "61% [55%, 67%]"),
        (interval(0.04, 0.012, 0.09, n=200), "4.0% [1.2%, 9.0%]"),
        (interval(0.999, 0.99, 1.0, n=200), "99.9% [99.0%, 100.0%]"),
        (interval(0.5, math.nan, math.nan, n=2), "50% (of too few for an interval)"),
        (interval(0.5, 0.1, math.nan, n=2), "50% (of too few for an interval)"),
        (interval(math.nan, math.nan, math.nan, n=0), "an unknown share"),
        (interval(0.5, 0.0, 1.0, n=0), "an unknown share"),
    ],
)
def test_a_share_has_its_interval_and_one_decimal_near_the_ends(share: Interval, words: str) -> None:
    assert rounded(share) == words


def test_a_difference_of_shares_is_in_points_and_has_its_sign() -> None:
    assert points(interval(0.25, -0.02, 0.32, n=50)) == "+25 [-2, +32] percentage points"
