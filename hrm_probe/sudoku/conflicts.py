"""How far a grid is from keeping the rules, told without the answer."""

import numpy as np
from numpy.typing import ArrayLike

from hrm_probe.errors import InputError
from hrm_probe.sudoku.board import Board


def conflicts(board: Board | str | int, grids: ArrayLike) -> np.ndarray:
    """The heuristic error of a grid: surplus digits in rows, columns and boxes, plus cells that hold no digit.

    A digit is surplus in a unit if it stands at an earlier cell of that unit already: a digit that stands three
    times in a row makes two conflicts there. A cell counts once for every unit in which its digit is surplus.

    >>> conflicts("4x4", [1, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1]).item()       # a solution
    0
    >>> conflicts("4x4", [2, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1]).item()       # its first cell changed
    3
    >>> conflicts("4x4", [0, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1]).item()       # its first cell emptied
    1

    Args:
        board: a board, its name or its number of cells.
        grids: digits [..., cell]; 0 for a blank, -1 for padding, neither of which is a digit.

    Returns:
        int64 [...], 0 exactly for complete grids that keep the rules. Clues are not looked at: a grid may keep the
        rules and be another puzzle's (see :func:`overwritten`).

    Raises:
        InputError: grids of another number of cells, or of numbers that are not digits of the board, such as tokens.

    Source: Ren & Liu, arXiv 2601.10679 (conflicts as an error that needs no answer). Counts of conflicting pairs
    differ from these counts where a digit stands three times or more.
    """
    board = Board.of(board)
    digits = np.asarray(grids)
    if digits.shape[-1:] != (board.cells,):
        raise InputError(
            f"Grids of a {board} board have {board.cells} cells, not shape {list(digits.shape)}."
        )
    board.check_digits(digits, least=-1)
    digits = np.maximum(digits, 0)
    units = np.sort(digits[..., board.units], axis=-1)  # [..., unit, cell of the unit]
    surplus = (units[..., 1:] == units[..., :-1]) & (units[..., 1:] > 0)
    return np.asarray(surplus.sum((-1, -2)) + (digits == 0).sum(-1), np.int64)


def overwritten(clues: ArrayLike, grids: ArrayLike) -> np.ndarray:
    """How many clues a grid does not repeat.

    >>> overwritten([1, 0, 0, 0] * 4, [[1, 2, 3, 4] * 4, [1, 2, 3, 4] * 2 + [4, 3, 2, 1] * 2]).tolist()
    [0, 2]

    Args:
        clues: digits [..., cell], 0 for a blank.
        grids: digits [..., cell], of a shape that numpy broadcasts with the clues'; -1 stands for padding.

    Returns:
        int64 [...].

    Raises:
        InputError: shapes that do not fit, or numbers that are not digits of the board, such as tokens.
    """
    given, digits = np.asarray(clues), np.asarray(grids)
    try:
        cells = np.broadcast_shapes(given.shape, digits.shape)[-1]
    except (ValueError, IndexError):
        raise InputError(
            f"Clues of shape {list(given.shape)} do not fit grids of shape {list(digits.shape)}; "
            "give the same number of each."
        ) from None
    board = Board.of(cells)
    board.check_digits(given)
    board.check_digits(digits, least=-1)
    return np.asarray(((given > 0) & (given != digits)).sum(-1), np.int64)
