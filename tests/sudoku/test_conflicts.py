"""Conflicts counted by hand."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.sudoku import BOARDS, complete_grids, conflicts, overwritten, parse_grid

from .known import ANSWER, GRID_4X4, QUESTION


def digits(text: str) -> np.ndarray:
    return np.array([int(character) for character in text])


def test_a_solution_has_none():
    assert conflicts("4x4", digits(GRID_4X4)) == 0
    assert conflicts("9x9", digits(ANSWER)) == 0


@pytest.mark.parametrize("board", BOARDS, ids=str)
def test_neither_has_any_complete_grid_of_any_board(board):
    grids = complete_grids(20, board, seed=0)
    assert conflicts(board, grids).tolist() == [0] * 20


@pytest.mark.parametrize(
    ("grid", "count", "why"),
    [
        ("2234341221434321", 3, "the first cell repeats the 2 of its row, its column and its box"),
        ("2134341221434321", 2, "two cells of a row and box have changed places: two columns repeat a digit"),
        (
            "3214341221434321",
            4,
            "two cells of a row have changed places across boxes: two columns, two boxes",
        ),
        ("1234" * 4, 12 + 8, "each column holds one digit four times, each box two digits twice"),
        ("1" * 16, 36, "every one of the 12 units has three surplus ones"),
    ],
)
def test_a_digit_is_surplus_once_for_each_unit_that_has_it_already(grid, count, why):
    assert conflicts("4x4", digits(grid)) == count, why


def test_a_cell_without_a_digit_is_one_conflict():
    assert conflicts("4x4", digits("0234341221434321")) == 1
    assert conflicts("4x4", np.zeros(16, int)) == 16
    assert conflicts("4x4", np.full(16, -1)) == 16  # padding


def test_any_leading_axes():
    grids = np.stack([digits(GRID_4X4), np.zeros(16, int)])
    assert conflicts(16, grids[None]).tolist() == [[0, 16]]


def test_clues_overwritten_are_counted_apart():
    clues, answer = parse_grid(QUESTION), digits(ANSWER)
    renamed = answer % 9 + 1
    assert conflicts("9x9", renamed) == 0
    assert overwritten(clues, answer) == 0
    assert overwritten(clues, renamed) == (clues > 0).sum() == 30
    assert overwritten(clues, np.stack([answer, renamed])).tolist() == [0, 30]


def test_another_number_of_cells_is_bad_input():
    with pytest.raises(InputError, match="36 cells"):
        conflicts("6x6", np.zeros(16, int))


def test_tokens_are_no_digits():
    tokens = digits(GRID_4X4) + 1
    for ask in (
        lambda: conflicts("4x4", tokens),
        lambda: overwritten(tokens, digits(GRID_4X4)),
        lambda: overwritten(digits(GRID_4X4), tokens),
    ):
        with pytest.raises(InputError, match=r"run from 2 to 5 \(these look like tokens: subtract 1\)"):
            ask()


def test_padding_repeats_no_clue():
    assert overwritten(digits(GRID_4X4), np.full(16, -1)) == 16


@pytest.mark.parametrize("shape", [(3, 16), (2, 36), (4,)])
def test_grids_of_another_shape_than_the_clues_are_bad_input(shape):
    with pytest.raises(InputError, match=r"Clues of shape \[2, 16\] do not fit grids of shape"):
        overwritten(np.zeros((2, 16), int), np.zeros(shape, int))
