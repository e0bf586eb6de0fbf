"""Kept and lost solutions, counted on curves that are written down."""

import json

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.reasoning.easy.keeping import keeping, shares_by_segment
from hrm_probe.sudoku import generate
from tests.reasoning.planted_segments import curves_of

CURVES = [
    "..######",  # kept
    ".##.####",  # lost once and found again
    "###.....",  # lost for good
    "........",  # never
    "......##",  # late
    "##.##.#.",  # in and out
]


@pytest.fixture(scope="module")
def result():
    puzzles = generate(6, "minimal", "4x4", seed=0)
    return keeping(curves_of(CURVES), puzzles, "planted", at=3, horizons=(4, 6, 99))


def test_each_puzzle_has_its_history(result):
    table = result.table
    assert table["first_solved"].tolist() == [3, 2, 1, 0, 7, 1]
    assert table["first_lost"].tolist() == [0, 4, 4, 0, 0, 3]
    assert table["times_lost"].tolist() == [0, 1, 1, 0, 0, 3]
    assert table["kept"].tolist() == [True, False, False, False, True, False]
    assert table["segments_solved"].tolist() == [6, 6, 3, 0, 2, 5]
    # The planted displacement of segment s is s.
    assert table["displacement_at_loss"].tolist()[1] == 4
    assert np.isnan(table["displacement_at_loss"][0])


def test_shares_have_the_right_denominators(result):
    assert result.ever.estimate == pytest.approx(5 / 6)
    assert result.at.estimate == pytest.approx(3 / 6)
    assert result.last.estimate == pytest.approx(3 / 6)
    assert result.kept.estimate == pytest.approx(1 / 3)  # of puzzles 1, 2 and 3
    assert result.kept_since_first.estimate == pytest.approx(1 / 4)  # of puzzles 1, 2, 3 and 6
    assert result.lost.estimate == pytest.approx(3 / 5)
    assert result.regained.estimate == pytest.approx(1 / 3)


def test_retention_tells_kept_from_solved_again(result):
    rows = result.retention.set_index(["since", "to"])
    assert rows.loc[("3", 4), "kept"] == pytest.approx(1 / 3)
    assert rows.loc[("3", 6), "kept"] == pytest.approx(1 / 3)
    assert rows.loc[("3", 6), "solved"] == pytest.approx(2 / 3)
    assert rows.loc[("first", 4), "puzzles"] == 4
    assert rows.loc[("first", 4), "kept"] == pytest.approx(1 / 4)
    assert rows.index.tolist() == [("first", t) for t in (4, 6, 8)] + [("3", t) for t in (4, 6, 8)]


def test_segments_are_counted_one_by_one(result):
    by = result.by_segment
    assert by["segment"].tolist() == [*range(1, 9)]
    assert (by["solved"] * 6).round().tolist() == [2, 3, 3, 2, 3, 2, 4, 3]
    assert (by["lost"] * 6).round().tolist() == [0, 0, 1, 2, 1, 2, 1, 2]
    assert by["displacement_solved"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_the_summary_is_json(result):
    assert json.loads(json.dumps(result.summary()))["kept"]["estimate"] == pytest.approx(1 / 3)
    assert str(result).startswith("Planted (6)")


def test_segments_count_from_1():
    with pytest.raises(InputError, match="at is 0; it must be from 1 to 2"):
        keeping(curves_of(["##"]), generate(1, "minimal", "4x4"), "planted", at=0)


def test_shares_by_segment_count_what_is_lost():
    solved = np.array([[0, 1, 0], [0, 1, 1], [0, 0, 0], [1, 1, 1]], bool)
    table = shares_by_segment(solved)
    assert list(table["solved"]) == [0.25, 0.75, 0.5]
    assert list(table["ever"]) == [0.25, 0.75, 0.75]
    assert list(table["lost"]) == [0, 0, 0.25]
    assert (table["solved_low"] <= table["solved"]).all()
