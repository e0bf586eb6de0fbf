"""The curve over numbers of blanks."""

import json

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.reasoning import blanks
from hrm_probe.sudoku import generate
from tests.reasoning.planted_segments import Planted, keeps, loses


@pytest.fixture(scope="module")
def puzzles():
    return generate(25, "minimal", "4x4", seed=0)


def fewer_than(k: int):
    return lambda tokens: (tokens == 1).sum(1) < k


def test_a_solver_is_right_at_every_number(puzzles):
    result = blanks(Planted(keeps), puzzles, segments=2)
    assert result.table["label"].tolist() == ["1", "2", "3", "5", "8", "all"]
    for column in ("last", "ever", "at_halt"):
        assert (result.table[column] == 1).all()
    assert (result.table["last_low"] < 1).all()
    assert result.easiest_minus_original.estimate == 0
    assert result.easiest_minus_original.low < 0 < result.easiest_minus_original.high


def test_a_model_that_fails_easy_puzzles_only_has_a_rising_curve(puzzles):
    result = blanks(Planted(keeps, spoils=fewer_than(5)), puzzles, (1, 3, 5, "all"), segments=2)
    assert result.table["last"].tolist() == [0, 0, 1, 1]
    assert result.easiest_minus_original.high < 0
    assert result.easiest.estimate == 0
    assert result.original.estimate == 1


def test_last_segment_and_any_segment_differ_where_answers_are_lost(puzzles):
    table = blanks(Planted(loses, u=0.01), puzzles, (0, 1), segments=10).table
    assert (table["ever"] == 1).all()
    assert (table["last"] == 0).all()
    assert (table["at_halt"] == 1).all()  # it is sure of itself at once
    assert (table["lost"] == 1).all()


def test_runs_hold_each_puzzle_at_each_number(puzzles):
    result = blanks(Planted(keeps), puzzles, (1, 4), segments=1)
    assert result.runs.groupby("blanks")["puzzle"].nunique().to_dict() == {1: 25, 4: 25}


def test_puzzles_that_cannot_have_so_many_blanks_are_left_out_and_counted(puzzles):
    table = blanks(Planted(keeps), puzzles, (1, 12), segments=1).table
    assert 0 < table["puzzles"].tolist()[1] < 25
    with pytest.raises(InputError, match="16 blanks"):
        blanks(Planted(keeps), puzzles, (16,), segments=1)


def test_a_sample_is_drawn_by_seed(puzzles):
    result = blanks(Planted(keeps), puzzles, (1,), segments=1, n=10)
    assert result.puzzles == 10
    assert result.original is None


def test_intervals_are_wilsons_for_independent_puzzles(puzzles):
    row = blanks(Planted(keeps), puzzles, (2,), segments=1).table.iloc[0]
    assert row["last_low"] == pytest.approx(25 / (25 + 1.959964**2))


def test_the_summary_is_json_with_the_curve_in_it(puzzles):
    result = blanks(Planted(keeps), puzzles, (1, "all"), segments=1)
    assert np.isfinite(json.loads(json.dumps(result.summary()))["easiest"]["low"])
    assert "all" in str(result)


@pytest.mark.parametrize("counts", [[], [-1, 3], [1, 1, "all"], [2.5]])
def test_counts_are_different_whole_numbers(puzzles, counts):
    with pytest.raises(InputError, match="counts must be different whole numbers of blanks"):
        blanks(Planted(keeps), puzzles, counts=counts, segments=2)


def test_a_difference_of_shares_stays_one(puzzles):
    fails_easy = Planted(keeps, spoils=fewer_than(4))
    found = blanks(fails_easy, puzzles, (1, "all"), segments=2, groups=np.arange(len(puzzles)) % 4)
    difference = found.easiest_minus_original
    assert -1 <= difference.low <= difference.estimate <= difference.high <= 1
    assert difference.n == found.easiest.n == 4  # groups are drawn, not puzzles
