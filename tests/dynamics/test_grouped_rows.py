"""Rows that belong together tell less of a mean than as many independent ones."""

import numpy as np
import pytest

from hrm_probe.dynamics.grouped_rows import kish_effect, variance_of_mean


def test_copies_of_one_another_are_worth_a_row_a_group_and_independent_rows_lose_nothing() -> None:
    sizes = np.array([8, 8, 8])
    assert kish_effect(sizes, alike=1.0) == 8
    assert kish_effect(sizes, alike=0.0) == 1
    assert kish_effect(np.array([1, 15]), alike=1.0) == pytest.approx((1 + 15**2) / 16)


def test_the_variance_is_that_of_the_mean_over_many_draws_of_groups() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=(4000, 40, 1)) + rng.normal(size=(4000, 40, 5))  # 40 groups of 5 rows each
    means = drawn.mean((1, 2))
    residuals = (drawn - means[:, None, None]).sum(2)
    estimates = [variance_of_mean(one, 200) for one in residuals]
    assert np.mean(estimates) == pytest.approx(means.var(), rel=0.05)
    assert means.var() == pytest.approx((1 + 1 / 5) / 40, rel=0.05)
