"""Single blanks: a solver passes, a planted weakness is found where it was planted."""

import json

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.reasoning import single_blank
from hrm_probe.sudoku import generate
from tests.reasoning.planted_segments import Planted, keeps, loses


@pytest.fixture(scope="module")
def puzzles():
    return generate(30, "minimal", "4x4", seed=0)


def test_a_solver_solves_and_keeps_all(puzzles):
    result = single_blank(Planted(keeps), puzzles, per_puzzle=2, segments=4)
    assert (
        result.last.estimate
        == result.ever.estimate
        == result.at_halt.estimate
        == result.clues_kept.estimate
        == 1
    )
    assert result.last.low > 0.85  # 30 grids, not 60 runs, stand behind it
    assert result.lost.estimate == 0
    assert (result.factors["p_value"] == 1).all()


def test_answers_that_are_lost_again_are_told_apart(puzzles):
    result = single_blank(Planted(loses, u=0.01), puzzles, segments=16)
    assert result.ever.estimate == 1
    assert result.last.estimate == 0
    assert result.lost.estimate == 1
    assert result.table["first_solved"].eq(1).all()
    # 0.01 doubles, a little less each time: 0.0199, 0.039, 0.077, 0.148, 0.274, 0.473, 0.722
    assert result.table["first_lost"].eq(7).all()
    assert result.clues_kept.estimate == 0
    assert not result.table["blank_right"].any()
    assert result.blank_right.estimate == 0


def test_a_weakness_in_one_row_is_found_there(puzzles):
    spoilt = Planted(keeps, spoils=lambda tokens: (tokens[:, 4:8] == 1).any(1))
    result = single_blank(spoilt, puzzles, per_puzzle="all", segments=2)
    assert result.last.estimate == 0.75
    assert f"the blank itself right: {result.blank_right.estimate:.1%}" in str(result)
    assert result.by("row")["share"].tolist() == [1, 0, 1, 1]
    p = result.factors.set_index("factor")["p_holm"]
    assert p["row"] < 0.01
    assert p["cell"] < 0.01
    assert p["digit"] > 0.05
    assert np.array_equal(result.map(), np.repeat([[1], [0], [1], [1]], 4, axis=1))
    assert np.array_equal(result.map(puzzle=3), result.map())


def test_cells_never_tried_are_blank_on_the_map(puzzles):
    result = single_blank(Planted(keeps), puzzles[:1], segments=1)
    assert np.isnan(result.map()).sum() == 15


def test_what_was_answered_stands_in_the_table(puzzles):
    wrong = single_blank(Planted(keeps, spoils=lambda t: t[:, 0] > -1), puzzles, segments=1).table
    assert (wrong["answered"] == wrong["digit"] % 4 + 1).all()
    assert (wrong["cell"] == (wrong["row"] - 1) * 4 + wrong["column"] - 1).all()
    assert (wrong["box"] == (wrong["row"] - 1) // 2 * 2 + (wrong["column"] - 1) // 2 + 1).all()


def test_the_seed_decides(puzzles):
    first, again, other = (
        single_blank(Planted(keeps), puzzles, segments=1, seed=s).table["cell"] for s in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_the_summary_is_json_and_the_text_speaks(puzzles):
    result = single_blank(Planted(keeps), puzzles, segments=2)
    summary = json.loads(json.dumps(result.summary()))
    assert summary["last"]["estimate"] == 1
    assert "table" not in summary
    assert "100.0%" in str(result)


def test_classes_can_be_the_unit_of_resampling(puzzles):
    result = single_blank(Planted(keeps), puzzles, segments=1, groups="class")
    assert result.resampled == "class"
    assert (
        2 < result.last.n < 30
    )  # two classes of 4x4 grids, alike in part: fewer than thirty puzzles, more than two
    with pytest.raises(InputError, match="groups"):
        single_blank(Planted(keeps), puzzles, segments=1, groups="clas")
