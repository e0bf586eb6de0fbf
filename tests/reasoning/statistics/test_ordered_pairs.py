"""Pairs counted by hand, and by a statistic of the book."""

import itertools

import numpy as np
import pytest

from hrm_probe.reasoning.statistics.ordered_pairs import Pairs, ordered_pairs


def test_each_pair_that_differs_in_the_first_measure_is_counted_once():
    found = ordered_pairs(np.array([1, 1, 2, 3]), np.array([4, 5, 5, 3]))
    # 1-2: 4 before 5, 5 with 5; 1-3: both against; 2-3: against.
    assert found == Pairs(in_order=1, against=3, together=1)
    assert (found.all, found.share, found.share_together) == (5, 0.25, 0.2)


def test_only_pairs_alike_are_compared_where_that_is_asked():
    first, second = np.array([1, 2, 3, 4]), np.array([1, 2, 0, 9])
    assert ordered_pairs(first, second, alike=np.array([0, 0, 1, 1])) == Pairs(2, 0, 0)
    assert np.isnan(ordered_pairs(first, second, alike=np.arange(4)).share)
    assert np.isnan(ordered_pairs(first, second, alike=np.arange(4)).share_together)


def test_an_order_and_its_reverse():
    assert ordered_pairs(np.arange(5), np.arange(5)).share == 1
    assert ordered_pairs(np.arange(5), -np.arange(5)).share == 0
    assert np.isnan(ordered_pairs(np.arange(5), np.zeros(5)).share)


@pytest.mark.parametrize("seed", range(3))
def test_the_share_is_goodman_and_kruskals_gamma(seed):
    first, second = np.random.default_rng(seed).integers(0, 4, (2, 30))
    signs = [
        np.sign((first[i] - first[j]) * (second[i] - second[j]))
        for i, j in itertools.combinations(range(30), 2)
    ]
    concordant, discordant = signs.count(1), signs.count(-1)
    gamma = (concordant - discordant) / (concordant + discordant)
    assert ordered_pairs(first, second).share == pytest.approx((gamma + 1) / 2)


def test_pairs_that_another_measure_orders_the_other_way() -> None:
    first, second, other = np.array([1, 2, 3]), np.array([5, 9, 7]), np.array([2, 1, 1])
    # 1 and 2, 1 and 3 are ordered the other way; 2 and 3 are equal.
    assert ordered_pairs(first, second, against=other) == Pairs(2, 0, 0)
    assert ordered_pairs(first, second, against=-first) == ordered_pairs(first, second)
    assert ordered_pairs(first, second, against=first) == Pairs(0, 0, 0)
