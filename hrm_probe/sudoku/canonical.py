"""The canonical form: one representative for all the symmetric copies of a complete grid."""

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.sudoku.batches import in_parts
from hrm_probe.sudoku.board import Board
from hrm_probe.sudoku.symmetry import column_arrangements


def canonical_form(answers: np.ndarray) -> np.ndarray:
    """The smallest symmetric copy of each complete grid, read row by row as a number.

    Two grids have the same canonical form exactly if a symmetry of the board (renaming of digits, moves of
    rows, columns, bands and stacks; mirroring on boards of square boxes) turns one into the other: they are
    then of one class. There are 2 classes of 4x4 grids, 49 of 6x6 (boxes of 2 rows by 3 columns) and
    5,472,730,538 of 9x9 (Russell and Jarvis, 2006).

    >>> forms = canonical_form(puzzles.answers)                             # doctest: +SKIP
    >>> len(np.unique(forms, axis=0))                                       # how many classes  # doctest: +SKIP

    Args:
        answers: complete grids [n, cell], or one [cell], as digits 1 to side or as tokens 2 to side + 1 (a complete
            grid shows which: no 1 occurs among tokens).

    Returns:
        int8 of the same shape, as digits, whichever code the answers came in.

    Raises:
        InputError: a grid is not complete, or not valid.
    """
    from hrm_probe.sudoku.canonical_search import lower_all

    board, grids = complete(answers)
    squares = grids.reshape(-1, board.side, board.side)
    forms = np.full_like(squares, board.side + 1)
    rules = board.rows, column_arrangements(board)
    for part in in_parts(len(grids), f"{board} canonical forms", "grids"):
        lower_all(squares[part], *rules, forms[part])
        if board.rows == board.cols:
            mirrored = np.ascontiguousarray(squares[part].transpose(0, 2, 1))
            lower_all(mirrored, *rules, forms[part])
    return forms.reshape(np.shape(answers))


def complete(answers: np.ndarray) -> tuple[Board, np.ndarray]:
    """The board, and the grids as digits int8 [n, cell], of complete grids given as digits or tokens."""
    grids = np.atleast_2d(answers)
    board = Board.of(grids.shape[1])
    if grids.size and grids.min() == 2 and grids.max() == board.side + 1:
        grids = grids - 1
    valid = (np.sort(grids[:, board.units], axis=2) == np.arange(1, board.side + 1)).all(axis=(1, 2))
    if not valid.all():
        raise InputError(
            f"Grid {int(np.argmin(valid)) + 1} is not a complete {board} grid: "
            f"every row, column and box must hold each digit once."
        )
    return board, np.ascontiguousarray(grids, np.int8)


def class_keys(answers: np.ndarray) -> np.ndarray:
    """A short key for the class of each complete grid [n, cell], equal exactly for equal classes: bytes [n]."""
    forms = canonical_form(np.atleast_2d(answers))
    return forms.view(f"S{forms.shape[1]}").ravel() if len(forms) else np.empty(0, "S1")
