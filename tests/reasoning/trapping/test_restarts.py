"""Ends of restarts, written down: how many attractors and answers they are."""

import numpy as np
import pytest

from hrm_probe.reasoning.trapping.restarts import Restarts, attractor_table, restart_table


def restarts(
    ends: list[list[float]], solved: list[list[int]], settled: list[list[int]] | None = None
) -> Restarts:
    """A plain run and others from disturbed starts; ends [run][puzzle] are the one value of four coordinates."""
    right = np.array(solved, bool)
    states = np.repeat(np.array(ends)[..., None], 4, axis=-1)
    rests = np.ones(right.shape, bool) if settled is None else np.array(settled, bool)
    grids = np.where(right, 2, 3)[..., None] * np.ones(16, int)
    source = np.array(["plain"] + ["start"] * (len(right) - 1))
    return Restarts(source, np.array([0.0] + [1.0] * (len(right) - 1)), grids, right, rests, states)


def test_ends_are_one_attractor_within_a_root_mean_square_distance_or_a_chain_of_them() -> None:
    found = restarts([[0.0, 0.0], [0.08, 0.0], [0.16, 0.5]], solved=[[1, 0], [1, 0], [1, 0]])
    assert found.attractors(0.1).tolist() == [[1, 0], [0, 2]]
    assert found.attractors(0.07).tolist() == [
        [3, 0],
        [0, 2],
    ]  # the distance in four dimensions is twice that
    table = attractor_table(found, [0.07, 0.1]).set_index("tolerance")
    assert table.loc[0.07].tolist() == [1.5, 1.0, 1.0]
    assert table.loc[0.1].tolist() == [0.5, 1.0, 0.5]


@pytest.mark.parametrize(("right", "counts"), [([1, 0, 0], [0, 1]), ([1, 1, 0], [1, 0]), ([1, 0], [0, 1])])
def test_an_attractor_is_right_if_most_of_its_runs_are(right: list[int], counts: list[int]) -> None:
    found = restarts([[0.0]] * len(right), solved=[[flag] for flag in right])
    assert found.attractors(0.1).tolist() == [counts]


def test_runs_that_wander_end_in_no_attractor() -> None:
    found = restarts([[0.0], [1.0], [2.0]], solved=[[0], [0], [1]], settled=[[1], [0], [0]])
    assert found.attractors(0.1).tolist() == [[0, 1]]


def test_runs_are_counted_of_failures_and_losses_of_what_was_solved() -> None:
    # Puzzles 1 and 2 failed at first; of four runs each 1 and 0 are right. Puzzle 3 was solved, and is lost in 1 of 4.
    again = restarts(
        [[0.0] * 3] * 5,
        solved=[[0, 0, 1], [1, 0, 1], [0, 0, 0], [0, 0, 1], [0, 0, 1]],
        settled=[[1, 1, 0]] * 5,
    )
    row = restart_table(again, np.array([False, False, True]), None).iloc[0]
    assert (row["runs"], row["solved"], row["rescued"]) == (4, 1 / 8, 1 / 2)
    assert (row["lost"], row["settled"]) == (1 / 4, pytest.approx(2 / 3))
    assert row["answers"] == pytest.approx(
        (2 + 1 + 2) / 3
    )  # different grids, that of the plain run among them
