"""The participation ratio finds the dimensions of clouds whose covariance is known, however few points show them."""

import numpy as np
import pytest
import torch

from hrm_probe.dynamics import participation_ratio
from hrm_probe.dynamics.dimensions import overlaps
from hrm_probe.errors import InputError


def cloud(n, variances, seed=0, copies=1, noise=0.6):
    """Points of n units, [n * copies, d]: a Gaussian with these variances, the copies of a unit much alike."""
    rng = np.random.default_rng(seed)
    d = len(variances)
    own = rng.normal(size=(n, 1, d))
    if copies > 1:
        own = np.sqrt(1 - noise**2) * own + noise * rng.normal(size=(n, copies, d))
    return (own * np.sqrt(variances)).reshape(n * copies, d)


def truth(variances):
    return np.sum(variances) ** 2 / np.sum(np.square(variances))


def test_points_on_a_line_have_one_dimension():
    line = np.outer(np.arange(7.0), [1.0, -2.0, 0.5])
    found = participation_ratio(line)
    assert found.plain == pytest.approx(1)
    assert (found.points, found.units, found.d) == (7, 7, 3)


def test_the_plain_ratio_is_that_of_the_eigenvalues_of_the_covariance():
    points = cloud(30, [5, 2, 1, 0.1])
    values = np.linalg.eigvalsh(np.cov(points.T))
    assert participation_ratio(points).plain == pytest.approx(values.sum() ** 2 / (values**2).sum())


def test_a_circle_has_two_dimensions_and_moving_it_away_adds_none():
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    assert participation_ratio(circle).plain == pytest.approx(2)
    assert participation_ratio(circle + 100).plain == pytest.approx(2)


@pytest.mark.parametrize("variances", [np.ones(200), np.arange(1, 301.0) ** -0.5])
def test_few_points_hide_dimensions_and_pairs_of_different_points_bring_them_back(variances):
    found = [participation_ratio(cloud(40, variances, seed)) for seed in range(20)]
    assert np.mean([f.plain for f in found]) < 0.25 * truth(variances)
    assert np.mean([f.corrected.estimate for f in found]) == pytest.approx(truth(variances), rel=0.05)


def test_more_dimensions_than_points_squared_over_their_number_are_found_too():
    found = [participation_ratio(cloud(30, np.ones(1000), seed)).corrected.estimate for seed in range(20)]
    assert np.mean(found) == pytest.approx(1000, rel=0.05)


def test_intervals_cover_the_truth():
    variances = np.arange(1, 65.0) ** -1
    intervals = [participation_ratio(cloud(60, variances, seed)).corrected for seed in range(100)]
    covered = np.mean([i.low < truth(variances) < i.high for i in intervals])
    assert covered >= 0.88
    assert np.median([i.high / i.low for i in intervals]) < 2


def test_points_of_one_unit_are_not_taken_for_independent_ones():
    """A hundred copies of each of ten points show no more directions than ten points do."""
    points = np.repeat(cloud(10, np.ones(50)), 100, axis=0)
    blind = participation_ratio(points)
    aware = participation_ratio(points, np.repeat(np.arange(10), 100))
    assert blind.corrected.estimate == pytest.approx(blind.plain, rel=0.02)
    assert blind.plain < 10
    assert aware.corrected.low < 50 < aware.corrected.high
    assert aware.plain == pytest.approx(blind.plain)


def test_both_ways_to_sum_give_the_same():
    """By second moments where points are many, by inner products where coordinates are."""
    points, units = cloud(6, np.ones(3), copies=4), np.repeat(np.arange(6), 4)
    wide = np.concatenate([points, np.zeros((24, 40))], axis=1)  # more coordinates, and the same distances
    a, b = overlaps(points, units), overlaps(wide, units)
    np.testing.assert_allclose(a.shared, b.shared)
    np.testing.assert_allclose(a.spread, b.spread)
    assert a.corrected == pytest.approx(b.corrected)


def test_a_ratio_without_a_unit_is_that_of_the_others():
    """To the mean, which stays that of all units: their distances from it, not where it lies."""
    points = cloud(8, np.ones(5))
    points -= points.mean(0)
    found = overlaps(points)
    products = np.square(points @ points.T) - found.apart**2
    spread = np.square(points).sum(1)
    others = np.arange(8) != 3
    pairs = ~np.eye(7, dtype=bool)
    expected = (
        np.outer(spread, spread)[others][:, others][pairs].sum() / products[others][:, others][pairs].sum()
    )
    assert found.without_each[3] == pytest.approx(expected)


def test_units_may_differ_in_size_and_come_in_any_order():
    points, units = cloud(40, [3, 1, 1]), np.arange(40) // 3
    shuffled = np.random.default_rng(1).permutation(40)
    assert participation_ratio(points, units).corrected.estimate == pytest.approx(
        participation_ratio(points[shuffled], units[shuffled]).corrected.estimate
    )


def test_tensors_are_taken_in_any_precision():
    points = cloud(20, np.ones(4))
    as_tensor = participation_ratio(torch.tensor(points, dtype=torch.float32))
    assert as_tensor.corrected.estimate == pytest.approx(
        participation_ratio(points).corrected.estimate, rel=1e-5
    )


def test_what_cannot_be_told_is_no_number():
    apart = np.eye(3)  # at right angles to one another once their mean is taken, as far as that goes
    assert participation_ratio(apart).corrected.high == np.inf
    one_unit = participation_ratio(np.arange(6.0).reshape(3, 2), ["a", "a", "a"])
    assert np.isnan(one_unit.corrected.estimate)
    assert one_unit.corrected.n == 1
    same = participation_ratio(np.ones((4, 2)))
    assert np.isnan(same.plain)
    assert np.isnan(same.corrected.estimate)


@pytest.mark.parametrize(
    ("points", "told"),
    [
        (np.ones((1, 3)), "two at least"),
        (np.ones(5), r"points \[n, d\]"),
        ([[0.0, 1.0], [np.nan, 1.0]], "not finite"),
    ],
)
def test_points_that_make_no_cloud_are_refused(points, told):
    with pytest.raises(InputError, match=told):
        participation_ratio(points)


def test_each_point_needs_a_label():
    with pytest.raises(InputError, match="one label for each"):
        participation_ratio(np.ones((4, 2)), units=[0, 1])
