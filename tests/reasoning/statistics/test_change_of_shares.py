"""The change of a share whose rows are not the same in both."""

import numpy as np
import pytest
from scipy.stats import norm

from hrm_probe.reasoning.result import share_of
from hrm_probe.reasoning.statistics.change_of_shares import change_of_shares
from hrm_probe.reasoning.statistics.changes import mean_change

ALL = np.ones(200, bool)


def alike(rng: np.random.Generator, shares: tuple[float, float], rho: float, n: int) -> list[np.ndarray]:
    """Flags of two models with these shares; what is hard for one is hard for the other."""
    hardness = rng.normal(size=n)
    return [
        np.sqrt(rho) * hardness + np.sqrt(1 - rho) * rng.normal(size=n) < norm.ppf(share) for share in shares
    ]


def test_where_all_rows_count_it_is_the_paired_change():
    one, other = alike(np.random.default_rng(0), (0.4, 0.6), 0.8, 200)
    found, known = change_of_shares((one, ALL), (other, ALL)), mean_change(one, other)
    assert found.estimate == pytest.approx(known.estimate)
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=0.01)


def test_it_is_narrower_than_two_samples_would_have_it_where_puzzles_are_hard_for_both():
    one, other = alike(np.random.default_rng(1), (0.4, 0.5), 0.95, 200)
    paired = change_of_shares((one, ALL), (other, ALL))
    shuffled = change_of_shares((one, ALL), (np.random.default_rng(2).permutation(other), ALL))
    assert paired.high - paired.low < 0.7 * (shuffled.high - shuffled.low)


def test_each_counts_rows_of_its_own():
    flags = np.arange(200) < 100
    found = change_of_shares((flags, np.arange(200) < 150), (flags, np.arange(200) >= 50))
    assert found.estimate == pytest.approx(50 / 150 - 100 / 150)
    assert found.n == 200


@pytest.mark.parametrize(
    ("shares", "counted", "rho"), [((0.3, 0.5), (0.5, 0.7), 0.8), ((0.02, 0.1), (0.7, 0.7), 0.5)]
)
def test_of_planted_pairs_the_interval_holds_the_truth_as_often_as_it_says(shares, counted, rho):
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(300):
        flags, among = alike(rng, shares, rho, 80), alike(rng, counted, rho, 80)
        found = change_of_shares((flags[0], among[0]), (flags[1], among[1]), resamples=200)
        inside += found.low <= shares[1] - shares[0] <= found.high
    assert inside >= 0.91 * 300  # 95%, less than three standard errors off


def test_groups_make_it_wider():
    one, other = (np.repeat(flags, 10) for flags in alike(np.random.default_rng(4), (0.4, 0.6), 0.5, 20))
    alone = change_of_shares((one, ALL), (other, ALL))
    grouped = change_of_shares((one, ALL), (other, ALL), np.repeat(np.arange(20), 10))
    assert grouped.n == 20
    assert grouped.high - grouped.low > 1.5 * (alone.high - alone.low)


def test_equal_flags_leave_open_what_was_not_seen():
    found = change_of_shares((ALL, ALL), (ALL, ALL))
    assert found.estimate == 0
    assert found.low == pytest.approx(share_of(ALL, None).low - 1)
    assert found.high == pytest.approx(-found.low)


def test_of_no_rows_nothing_is_known():
    found = change_of_shares((ALL, ~ALL), (ALL, ALL))
    assert np.isnan(found.estimate)
    assert (found.low, found.high) == (-1, 1)
