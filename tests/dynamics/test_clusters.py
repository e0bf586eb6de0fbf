"""Groups are chains of near points, numbered from the largest."""

import numpy as np
import pytest

from hrm_probe.dynamics.clusters import by_size, single_linkage, single_linkage_labels


def test_a_chain_of_near_points_is_one_group_however_long() -> None:
    chain = np.arange(20.0)[:, None]
    assert single_linkage_labels(chain, 1.0).tolist() == [0] * 20  # no link is longer than 1
    assert sorted(single_linkage_labels(chain, 0.999)) == list(range(20))
    assert single_linkage_labels(np.r_[chain, [[30.0]]], 5.0).tolist() == [0] * 20 + [1]


def test_large_groups_come_first_and_ties_as_they_appear() -> None:
    assert by_size(np.array([7, 3, 3, 9, 9, 9, 7])).tolist() == [1, 2, 2, 0, 0, 0, 1]
    assert by_size(np.array([5, 2, 8])).tolist() == [0, 1, 2]
    assert by_size(np.array(["b", "a", "a", "c", "c", "c"])).tolist() == [2, 1, 1, 0, 0, 0]


def test_a_tree_once_grown_serves_every_distance() -> None:
    points = np.random.default_rng(0).normal(size=(30, 3))
    tree = single_linkage(points)
    for distance in (0.3, 0.8, 1.5):
        labels = single_linkage_labels(points, distance, tree)
        assert labels.tolist() == single_linkage_labels(points, distance).tolist()
    other = single_linkage(points[:, :1])  # the tree decides, not the points
    assert (
        single_linkage_labels(points, 0.3, other).tolist()
        == single_linkage_labels(points[:, :1], 0.3).tolist()
    )


def test_gaps_below_the_resolution_of_float32_are_seen() -> None:
    assert single_linkage_labels(np.array([[1.0], [1.0 + 1e-10]]), 1e-11).tolist() == [0, 1]


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_points_make_no_tree(n: int) -> None:
    assert single_linkage_labels(np.zeros((n, 2)), 1.0).tolist() == [0] * n
