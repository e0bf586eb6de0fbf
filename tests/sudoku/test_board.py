import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.sudoku import BOARDS, Board
from hrm_probe.sudoku.board import is_board


def test_boards_are_found_by_name_and_by_number_of_cells():
    assert Board.of("6x6") == Board.of(36) == Board(rows=2, cols=3)
    assert [str(board) for board in BOARDS] == ["4x4", "6x6", "9x9"]
    assert [board.vocab for board in BOARDS] == [6, 8, 11]


@pytest.mark.parametrize("wrong", ["5x5", 35])
def test_an_unknown_board_is_bad_input(wrong):
    with pytest.raises(InputError, match=str(wrong)):
        Board.of(wrong)


def test_boxes_of_6x6_are_two_high_and_three_wide():
    boxes = Board.of("6x6").units[12:]
    assert boxes[0].tolist() == [0, 1, 2, 6, 7, 8]
    assert boxes[1].tolist() == [3, 4, 5, 9, 10, 11]
    assert boxes[2].tolist() == [12, 13, 14, 18, 19, 20]


@pytest.mark.parametrize("board", BOARDS, ids=str)
def test_rows_columns_and_boxes_each_cover_the_board(board):
    for kind in np.split(board.units, 3):
        assert sorted(kind.ravel()) == list(range(board.cells))
    for cell, units in enumerate(board.memberships):
        assert all(cell in board.units[unit] for unit in units)


def test_units_and_cells_are_named_as_people_count():
    board = Board.of("9x9")
    assert [board.unit_name(unit) for unit in (0, 9, 26)] == ["row 1", "column 1", "box 9"]
    assert board.cell_name(80) == "row 9, column 9"


def test_a_board_is_known_by_its_number_of_cells():
    assert [cells for cells in range(100) if is_board(cells)] == [16, 36, 81]


@pytest.mark.parametrize("shape", ["2x3", (2, 3), [2, 3], np.array([2, 3])], ids=str)
def test_a_shape_of_boxes_names_a_board(shape):
    assert Board.of(shape) == Board.of("6x6")


@pytest.mark.parametrize("shape", ["3x2", (3, 2), (2, 3, 1), ()])
def test_another_shape_of_boxes_is_answered_with_the_boards(shape):
    with pytest.raises(InputError, match=r"There is no board .*; choose one of .*6x6 \(boxes of 2x3\)"):
        Board.of(shape)


@pytest.mark.parametrize("board", BOARDS, ids=str)
def test_peers_are_the_other_cells_of_a_cells_units(board):
    for cell in range(board.cells):
        together = {other for unit in board.units.tolist() if cell in unit for other in unit}
        assert set(np.flatnonzero(board.peers[cell])) == together - {cell}
