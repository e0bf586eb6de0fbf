"""Stays at wrong grids, and escapes from them."""

import pandas as pd

from hrm_probe.reasoning.runs.curves import follow
from hrm_probe.reasoning.trapping.wrong_stays import escape_counts, first_traps, grid_labels, wrong_stays
from hrm_probe.sudoku import generate
from tests.reasoning.planted_updates import Planted, jumps_at


def test_stays_are_counted_at_wrong_grids_only():
    curves = follow(Planted(jumps_at(4), segments=6), generate(2, "easy", "4x4", seed=0))
    assert grid_labels(curves)[0].tolist() == [0, 1, 2, -1, -1, -1]
    stays = wrong_stays(curves)
    assert stays["length"].tolist() == [1] * 6
    assert stays["to_right"].tolist() == [False, False, True] * 2
    assert first_traps(stays, 2, dwell=2)["trap_segment"].tolist() == [0, 0]
    assert escape_counts(stays, 2, dwell=1).tolist() == [[3, 1, 3]] * 2


def test_a_stay_that_the_run_ends_in_was_watched_for_one_step_less():
    stays = pd.DataFrame(
        {"puzzle": [0, 1], "length": [5, 5], "ended": [True, False], "to_right": [False, False]}
    )
    assert escape_counts(stays, 2, dwell=3).tolist() == [[1, 0, 3], [0, 0, 2]]
