"""Easy puzzles are as easy as they say, and have one solution."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.reasoning import blanked, single_blanks, with_masked
from hrm_probe.reasoning.easy.easy_puzzles import blanking_order
from hrm_probe.sudoku import Puzzles, count_solutions, generate, solve


@pytest.fixture(scope="module")
def puzzles() -> Puzzles:
    return generate(12, "minimal", "6x6", seed=3)


@pytest.mark.parametrize("within", ["grid", "puzzle"])
@pytest.mark.parametrize("k", [0, 1, 5, 20])
def test_k_blanks_leave_one_solution_the_answer(puzzles, k, within):
    easy = blanked(puzzles, k, seed=1, within=within)
    assert (easy.blanks.sum(1) == k).all()
    assert (count_solutions(easy.grids, 2) == 1).all()
    assert np.array_equal(solve(easy.grids), puzzles.solutions)


def test_fewer_blanks_are_among_more(puzzles):
    assert (blanked(puzzles, 4, seed=2).blanks <= blanked(puzzles, 9, seed=2).blanks).all()
    assert not np.array_equal(blanked(puzzles, 4, seed=2).tokens, blanked(puzzles, 4, seed=3).tokens)


def test_within_the_puzzle_only_its_own_blanks_are_blank(puzzles):
    assert (blanked(puzzles, 10, within="puzzle").blanks <= puzzles.blanks).all()
    assert not (blanked(puzzles, 10, within="grid").blanks <= puzzles.blanks).all()


def test_a_pair_of_interchangeable_cells_is_never_blank_altogether():
    # Swapping these two 1s and 2s gives another solution, so one of the four cells must stay.
    grid = np.array([[1, 2, 3, 4], [3, 4, 1, 2], [2, 1, 4, 3], [4, 3, 2, 1]])
    puzzles = Puzzles.from_grids(np.tile(grid.ravel(), (50, 1)), np.tile(grid.ravel(), (50, 1)))
    order = blanking_order(puzzles, 16, seed=0)
    ambiguous = [0, 1, 8, 9]
    assert not any(set(ambiguous) <= set(row) for row in order)
    assert (order[:, -1] == -1).all()  # no grid can lose all its clues


def test_more_blanks_than_a_grid_can_have_are_refused(puzzles):
    with pytest.raises(InputError, match="cannot have 33 blanks"):
        blanked(puzzles, 33)
    with pytest.raises(InputError, match="0 to 36 blanks"):
        blanked(puzzles, 37)


def test_single_blanks_are_different_cells_of_one_grid(puzzles):
    easy, origin, cell = single_blanks(puzzles, 5, seed=0)
    assert len(easy) == 60
    assert all(len(set(cell[origin == p])) == 5 for p in range(12))
    assert np.array_equal(easy.blanks.argmax(1), cell)
    assert np.array_equal(easy.answers, puzzles.answers[origin])


def test_all_single_blanks_of_a_grid(puzzles):
    easy, origin, cell = single_blanks(puzzles[:2], "all")
    assert cell.tolist() == [*range(36)] * 2
    assert (easy.blanks.sum(1) == 1).all()
    assert origin.tolist() == [0] * 36 + [1] * 36


@pytest.mark.parametrize("unit", ["row", "column", "box"])
def test_a_masked_unit_is_blank_and_nothing_else(puzzles, unit):
    masked = with_masked(puzzles, unit, index=4)
    expected = puzzles.board.units[{"row": 4, "column": 10, "box": 16}[unit]]
    assert (masked.blanks == np.isin(np.arange(36), expected)).all()
    assert (count_solutions(masked.grids, 2) == 1).all()
    assert masked.source[0] == f"{unit} 5 masked"


def test_masked_units_can_be_drawn_or_named_for_each_puzzle(puzzles):
    drawn = with_masked(puzzles, "row", seed=1)
    assert len(set(drawn.source)) > 2
    named = with_masked(puzzles, "row", np.arange(12) % 6)
    assert (named.blanks.reshape(12, 6, 6).all(2).argmax(1) == np.arange(12) % 6).all()
    with pytest.raises(InputError, match="rows 0 to 5"):
        with_masked(puzzles, "row", 6)
