import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrm_probe.errors import InputError
from hrm_probe.sudoku import (
    BOARDS,
    apply_symmetries,
    canonical_form,
    cell_permutations,
    complete_grids,
    parse_grid,
    random_symmetries,
)
from hrm_probe.sudoku.generator import grids_in_standard_names

from .known import ANSWER


@pytest.mark.parametrize(("board", "classes", "grids"), [("4x4", 2, 288), ("6x6", 49, 28_200_960)])
def test_the_number_of_classes_of_small_boards(board, classes, grids):
    """Every grid is counted: those with the first row 1, 2, 3, ... stand for side! renamed copies each."""
    forms, sizes = np.unique(canonical_form(grids_in_standard_names(board)), axis=0, return_counts=True)
    renamings = {"4x4": 24, "6x6": 720}[board]
    assert len(forms) == classes
    assert sizes.sum() * renamings == grids
    # The size of an orbit divides that of the group.
    assert all(len(cell_permutations(board)) * renamings % (size * renamings) == 0 for size in sizes)


@pytest.mark.parametrize("board", ["4x4", "6x6"])
def test_the_form_is_the_smallest_of_all_copies(board):
    for grid in complete_grids(5, board, seed=1):
        copies = grid[cell_permutations(board)]
        side = int(grid.max())
        names = np.argsort(copies[:, :side], axis=1) + 1  # names[i, d - 1]: where d stands in the first row
        copies = np.take_along_axis(names, copies.astype(int) - 1, axis=1)
        assert canonical_form(grid).tolist() == min(copies.tolist())


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(BOARDS), st.integers(0, 2**32))
def test_symmetric_copies_share_their_form(board, seed):
    answers = complete_grids(10, board, seed).astype(int) + 1
    copies = apply_symmetries(answers, *random_symmetries(board, 10, seed))
    assert (canonical_form(copies) == canonical_form(answers)).all()


def test_the_form_of_a_form_is_itself():
    forms = canonical_form(complete_grids(20, "9x9", seed=0))
    assert (canonical_form(forms) == forms).all()
    assert (forms[:, :9] == np.arange(1, 10)).all()
    assert len(np.unique(forms, axis=0)) == 20


def test_digits_and_tokens_have_one_form():
    answer = parse_grid(ANSWER)
    assert (canonical_form(answer) == canonical_form(answer + 1)).all()


def test_an_unfinished_or_wrong_grid_is_bad_input():
    answer = parse_grid(ANSWER)
    for wrong in (np.where(np.arange(81) == 3, 0, answer), np.roll(answer, 1)):
        with pytest.raises(InputError, match="Grid 2 is not a complete 9x9 grid"):
            canonical_form(np.stack([answer, wrong]))


def test_one_grid_gives_one_form():
    grids = complete_grids(2, "6x6", seed=0)
    assert (canonical_form(grids[1]) == canonical_form(grids)[1]).all()
    assert canonical_form(grids[1]).shape == (36,)
