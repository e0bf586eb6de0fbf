"""Shares over forks have intervals that hold the truth, also where few puzzles decide."""

import numpy as np
import pandas as pd
import pytest

from hrm_probe.reasoning.deducing.fork_tables import mean_over_forks


def forks(kept: np.ndarray) -> pd.DataFrame:
    """Three forks a puzzle: [puzzle, fork]."""
    return pd.DataFrame({"puzzle": np.repeat(np.arange(len(kept)), 3), "kept": kept.ravel().astype(float)})


@pytest.mark.parametrize("puzzles", [1, 2, 6, 30])
def test_what_all_do_is_not_certain_to_be_done_by_all_others(puzzles: int) -> None:
    found = mean_over_forks(forks(np.ones((puzzles, 3))), "kept", None, seed=0)
    assert found.estimate == found.high == 1
    assert found.low < 1 - 1 / (2 * puzzles + 2)


def test_a_share_near_all_is_covered() -> None:
    rng, held = np.random.default_rng(0), 0
    for seed in range(100):
        found = mean_over_forks(forks(rng.random((8, 3)) < 0.95), "kept", None, seed)
        held += found.low <= 0.95 <= found.high
    assert held >= 93
