"""Each mode, planted, is the mode that is counted."""

import json
from dataclasses import replace

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.reasoning.runs.curves import Curves, follow
from hrm_probe.reasoning.trapping.modes import MODES, held_from, modes
from hrm_probe.sudoku import generate
from tests.reasoning.planted_updates import Planted, jumps_at, stuck, wanders

puzzles = generate(10, "easy", "4x4", seed=0)


def joined(*parts: Curves) -> Curves:
    names = Curves.__dataclass_fields__
    return Curves(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


@pytest.fixture(scope="module")
def four():
    plans = jumps_at(2), jumps_at(9), stuck, wanders
    return joined(*(follow(Planted(plan), puzzles) for plan in plans))


@pytest.fixture(scope="module")
def found(four):
    everything = generate(40, "easy", "4x4", seed=0)
    return modes(None, everything, curves=four)


def test_the_four_modes_are_told_apart(found):
    assert found.table["mode"].tolist() == [mode for mode in MODES for _ in range(10)]
    assert found.shares["share"].tolist() == [0.25] * 4
    assert found.shares["low"].max() < 0.25 < found.shares["high"].min()


def test_only_the_stuck_failures_are_settled(found):
    assert found.settled_failures.estimate == 0.5
    assert found.late_settlers.estimate == 0


def test_a_failure_that_settles_late_is_not_trivial():
    late = Planted(lambda s: wanders(s).where(s.number[:, None] < 9, stuck(s)))
    found = modes(late, puzzles)
    assert set(found.table["mode"]) == {"non-trivial failure"}
    assert found.late_settlers.estimate == 1
    assert set(found.table["held_from"]) == {9}


def test_the_thresholds_are_swept(found):
    sweep = found.sweep.set_index("early")
    assert (sweep.loc[1, "trivial success"] == 0).all()  # right from segment 2 on
    assert (
        sweep.loc[2, "trivial success"] == 0.25
    ).all()  # a grid held from the early segment itself is held at once
    assert (sweep.loc[8, "trivial success"] == 0.25).all()
    assert len(found.sweep) == 20


def test_rest_begins_after_the_last_segment_that_moved(found):
    assert found.table["settled_from"].tolist() == [2] * 10 + [9] * 10 + [1] * 10 + [0] * 10


def test_runs_that_never_move_are_at_rest(four):
    never = replace(four, displacement=np.zeros_like(four.displacement))
    found = modes(None, generate(40, "easy", "4x4", seed=0), curves=never)
    assert found.threshold == 0
    assert found.table["settled"].all()
    assert (found.sweep["settled_failures"] == 1).all()


def test_a_grid_that_is_left_and_found_again_was_not_held():
    grids = np.array([[1, 2, 2, 1, 1], [1, 1, 1, 1, 1], [1, 2, 3, 4, 5]])[..., None]
    assert held_from(grids).tolist() == [4, 1, 5]


def test_the_answer_can_be_printed_and_written(found):
    assert "non-trivial failure" in str(found)
    assert json.loads(json.dumps(found.summary()))["shares"][0]["share"] == 0.25


def test_early_must_lie_in_the_run(four):
    with pytest.raises(InputError, match="early is 17"):
        modes(None, puzzles, curves=four[: len(puzzles)], early=17)
