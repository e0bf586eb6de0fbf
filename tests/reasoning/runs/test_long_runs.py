"""A long run is the run that curves tell of, and keeps little of it."""

import numpy as np
import pytest

from hrm_probe.reasoning import follow
from hrm_probe.reasoning.runs.long_runs import run_long
from hrm_probe.sudoku import generate
from tests.reasoning.planted_fates import RMS, Divided, comes_late, creeps, roams
from tests.reasoning.planted_segments import keeps

puzzles = generate(12, "easy", "4x4", seed=0)


def test_it_is_the_run_that_the_curves_tell_of():
    model = Divided(keeps, roams)
    long, curves = run_long(model, puzzles, (5, 20)), follow(model, puzzles, 20)
    assert np.array_equal(long.displacement, curves.displacement)
    assert np.array_equal(long.solved, curves.solved)
    assert np.array_equal(
        long.changed[:, 1:], (curves.predictions[:, 1:] != curves.predictions[:, :-1]).any(-1)
    )


def test_distances_are_measured_from_the_first_horizon():
    long = run_long(Divided(creeps, creeps), puzzles, (5, 9, 25))
    assert long.moved == pytest.approx(np.tile([0, 0.004 * RMS, 0.020 * RMS], (12, 1)), rel=1e-3)
    assert long.displacement[:, 1:] == pytest.approx(0.001 * RMS, rel=1e-3)


def test_a_change_of_grid_is_seen_where_it_happens():
    long = run_long(Divided(comes_late, comes_late), puzzles, (3, 40))
    at = np.flatnonzero(long.changed[0])
    assert at.tolist() == [0, int(long.solved[0].argmax())]
    assert len(at) == 2


def test_batches_make_no_difference():
    model = Divided(keeps, creeps)
    whole, parts = run_long(model, puzzles, (5, 20)), run_long(model, puzzles, (5, 20), batch_size=5)
    assert np.array_equal(whole.displacement, parts.displacement)
    assert np.array_equal(whole.moved, parts.moved)
