import numpy as np
import pytest

from hrm_probe.reasoning.heads.broken_units import broken_shares
from hrm_probe.sudoku import BOARDS, Board, complete_grids


@pytest.mark.parametrize("board", BOARDS, ids=str)
def test_a_solved_grid_breaks_nothing_and_an_empty_one_neither(board: Board) -> None:
    grids = np.concatenate([complete_grids(5, board, seed=0), np.zeros((1, board.cells), int)])
    assert (broken_shares(board, grids) == 0).all()


def test_a_rule_is_broken_where_a_digit_stands_twice() -> None:
    board = Board.of("6x6")
    grid = np.zeros((1, 36), int)
    grid[0, [0, 5]] = 4  # the ends of the first row
    assert broken_shares(board, grid)[0] == pytest.approx([1 / 6, 0, 0])
    grid[0, [6, 8]] = 2  # in the second row, and in the first box
    assert broken_shares(board, grid)[0] == pytest.approx([2 / 6, 0, 1 / 6])
    grid[0, 30] = 4  # in the last row, below the first
    assert broken_shares(board, grid)[0] == pytest.approx([2 / 6, 1 / 6, 1 / 6])
