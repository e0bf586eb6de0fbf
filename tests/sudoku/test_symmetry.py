import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrm_probe.errors import InputError
from hrm_probe.sudoku import (
    BOARDS,
    Board,
    apply_symmetries,
    cell_permutations,
    column_arrangements,
    complete_grids,
    load_puzzles,
    random_symmetries,
    row_arrangements,
    solve,
)

from .known import QUESTION


@pytest.mark.parametrize(("board", "size"), [("4x4", 128), ("6x6", 3456)])
def test_the_listed_permutations_are_the_whole_group(board, size):
    listed = cell_permutations(board)
    members = {row.tobytes() for row in listed}
    assert len(listed) == len(members) == size
    assert (listed[0] == np.arange(Board.of(board).cells)).all()
    # Closed under composition (sampled), which a finite set needs to be a group.
    left, right = np.random.default_rng(0).integers(size, size=(2, 200))
    assert all(listed[a][listed[b]].tobytes() in members for a, b in zip(left, right, strict=True))


def test_9x9_has_3359232_cell_permutations():
    assert 2 * len(row_arrangements("9x9")) * len(column_arrangements("9x9")) == 3_359_232
    with pytest.raises(InputError, match="too many"):
        cell_permutations("9x9")


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(BOARDS), st.integers(0, 2**32))
def test_a_symmetric_copy_of_a_grid_is_a_grid(board, seed):
    tokens = complete_grids(20, board, seed).astype(int) + 1
    copies = apply_symmetries(tokens, *random_symmetries(board, 20, seed)) - 1
    assert (np.sort(copies[:, board.units], axis=2) == np.arange(1, board.side + 1)).all()


def test_a_symmetric_copy_of_a_puzzle_has_the_copy_of_its_answer():
    puzzles = load_puzzles([QUESTION] * 50)
    cells, names = random_symmetries("9x9", 50, seed=1)
    tokens, answers = (apply_symmetries(code, cells, names) for code in (puzzles.tokens, puzzles.answers))
    assert (solve(tokens - 1) == answers - 1).all()
    assert len(np.unique(tokens, axis=0)) == 50
    i, c = 17, 40
    assert tokens[i, c] == names[i, puzzles.tokens[i, cells[i, c]]]


def test_padding_and_blank_keep_their_tokens():
    _, names = random_symmetries("6x6", 100)
    assert (names[:, :2] == [0, 1]).all()
    assert (np.sort(names, axis=1) == np.arange(8)).all()


def test_random_symmetries_are_uniform():
    # 12,800 draws from the 128 permutations of 4x4: chi-squared with 127 degrees of freedom.
    cells, names = random_symmetries("4x4", 12_800, seed=0)
    for drawn, kinds in ((cells, 128), (names, math.factorial(4))):
        _, counts = np.unique(drawn, axis=0, return_counts=True)
        expected = 12_800 / kinds
        assert len(counts) == kinds
        assert ((counts - expected) ** 2 / expected).sum() < kinds + 4 * math.sqrt(2 * kinds)


def test_equal_seeds_draw_equal_symmetries():
    first, second = (random_symmetries("9x9", 5, seed=3) for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, second, strict=True))


def test_every_row_has_a_symmetry_of_its_own_board():
    tokens = np.ones((3, 16), int)
    for symmetries in (random_symmetries("4x4", 2, 0), random_symmetries("6x6", 3, 0)):
        with pytest.raises(InputError, match="3 rows of 16 cells need 3 symmetries of their board"):
            apply_symmetries(tokens, *symmetries)


@pytest.mark.parametrize("board", BOARDS)
def test_what_is_left_out_of_the_moves_stays_as_it_is(board):
    board = Board.of(board)
    here = np.arange(board.cells).reshape(board.side, board.side)
    all_cells, all_names = random_symmetries(board, 30, seed=1)
    for moves in ((), ("digits",), ("rows",), ("columns",), ("rows", "columns"), ("mirror",)):
        cells, names = random_symmetries(board, 30, 1, moves)
        assert (names == (all_names if "digits" in moves else np.arange(board.vocab))).all()
        grids = cells.reshape(-1, board.side, board.side)
        if moves == ("rows",):  # every row is a row, wherever it stands
            assert (np.sort(grids[:, :, 0], axis=1) == here[:, 0]).all()
            assert (np.diff(grids, axis=2) == 1).all()
        if moves == ("columns",):
            assert (np.diff(grids, axis=1) == board.side).all()
        if moves in ((), ("digits",)):
            assert (grids == here).all()
        if moves == ("mirror",):
            mirrored = (grids == here.T).all((1, 2))
            assert (mirrored | (grids == here).all((1, 2))).all()
            assert mirrored.any() == (board.rows == board.cols)
    again = random_symmetries(board, 30, 1, ["mirror", "digits", "columns", "rows"])
    assert (again[0] == all_cells).all()
    assert (again[1] == all_names).all()


@pytest.mark.parametrize("moves", ["digits", ["digits", "luck"]])
def test_an_unknown_move_is_refused(moves):
    with pytest.raises(InputError, match="give a list of any of digits, rows, columns, mirror"):
        random_symmetries("4x4", 2, 0, moves)
