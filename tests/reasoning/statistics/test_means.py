"""Means over puzzles of shares that not every puzzle has."""

import numpy as np
import pytest

from hrm_probe.reasoning.statistics.means import mean_if_any, mean_over_puzzles


def test_puzzles_without_a_share_are_left_out() -> None:
    found = mean_over_puzzles(np.array([0.5, np.nan, 1.0, 0.0]), None, seed=0)
    assert found.estimate == 0.5
    assert found.n == 3
    assert 0 <= found.low < 0.5 < found.high <= 1


def test_puzzles_of_a_group_are_drawn_together() -> None:
    shares = np.repeat([0.2, 0.8, 0.3, 0.7], 20)
    alone, together = (
        mean_over_puzzles(shares, labels, seed=0) for labels in (None, np.repeat(np.arange(4), 20))
    )
    assert together.high - together.low > alone.high - alone.low
    assert together.n == 4


def test_where_no_share_exists_nothing_is_known() -> None:
    none = np.full(3, np.nan)
    assert mean_if_any(none, None, seed=0) is None
    unknown = mean_over_puzzles(none, None, seed=0)
    assert unknown.n == 0
    assert np.isnan([unknown.estimate, unknown.low, unknown.high]).all()
    assert mean_over_puzzles(np.array([0.25]), None, seed=0).estimate == pytest.approx(0.25)
