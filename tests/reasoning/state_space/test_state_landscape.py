"""A plane through a planted state space shows the errors and basins that were planted."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.reasoning import state_landscape
from hrm_probe.sudoku import generate
from tests.reasoning.planted_segments import Planted, has_a_rival, keeps

puzzles = generate(2, "minimal", "4x4", seed=0)


@pytest.fixture(scope="module")
def seen():
    return state_landscape(
        Planted(has_a_rival, u=0.3), puzzles[0], resolution=9, starts=12, scale=0.3, threshold=1e-3
    )


def test_every_array_belongs_to_one_grid(seen):
    for values in (
        seen.conflicts,
        seen.overwritten,
        seen.wrong,
        seen.end_conflicts,
        seen.end_wrong,
        seen.basins,
    ):
        assert values.shape == (len(seen.v), len(seen.u)) == (9, 9)
    assert seen.arrows.shape == (len(seen.out_of_plane), 4)
    assert seen.path.shape == (17, 2)
    assert len(seen.path_off) == len(seen.path_wrong) + 1 == 17


def test_basins_say_where_runs_end(seen):
    right = seen.attractors["right"].to_numpy(bool)
    assert sorted(right) == [False, True]
    for label in range(2):
        reached = seen.end_wrong[seen.basins == label]
        assert len(reached)
        assert (reached == (0 if right[label] else 16)).all()
        assert seen.attractors["basin_plane"][label] == pytest.approx(len(reached) / 81)


def test_the_heuristic_error_does_not_see_a_rival_that_keeps_the_rules(seen):
    assert (seen.end_conflicts[seen.basins >= 0] == 0).all()
    assert seen.end_wrong.max() == 16
    # Where u lies beyond one half the renamed grid is decoded: no conflict, all cells wrong, no clue kept.
    renamed = (seen.conflicts == 0) & (seen.wrong == 16)
    assert renamed.any()
    assert (seen.overwritten[renamed] == (puzzles.tokens[0] > 1).sum()).all()
    assert seen.false_peace == pytest.approx(((seen.conflicts == 0) & (seen.wrong > 0)).mean())
    assert seen.false_peace > 0


def test_the_path_ends_at_the_right_attractor(seen):
    assert seen.path_wrong[-1] == 0
    right = seen.attractors.set_index("right").loc[True]
    assert seen.path[-1] == pytest.approx(right[["u", "v"]].to_numpy(float), abs=0.02)
    assert np.hypot(*(seen.path[0] - seen.path[-1])) > 1  # the start is in the plane too


def test_a_keeper_has_one_basin():
    found = state_landscape(Planted(keeps, u=1.0), puzzles[0], resolution=5, starts=4, threshold=1e-3)
    assert (found.basins == 0).all()
    assert (found.end_wrong == 0).all()


def test_one_puzzle_is_looked_at():
    with pytest.raises(InputError, match="one puzzle, not 2"):
        state_landscape(Planted(keeps), puzzles)
    with pytest.raises(InputError, match="resolution is 1; it must be at least 2"):
        state_landscape(Planted(keeps), puzzles[0], resolution=1)


def test_it_says_where_runs_end_and_is_written_without_its_arrays():
    found = state_landscape(Planted(keeps, u=1.0), puzzles[0], resolution=5, starts=4, threshold=1e-3)
    assert "0 wrong cells; 1 right attractor and 0 wrong ones are met" in str(found)
    assert "100% run to a right one, 0% to a wrong one, 0% wander" in str(found)
    assert set(found.summary()) == {"attractors", "threshold", "tolerance", "segments"}
