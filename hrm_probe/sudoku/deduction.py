"""What logic fills in first: how many rounds of singles lie between the clues and each cell."""

import numpy as np

from hrm_probe.sudoku.board import Board
from hrm_probe.sudoku.solver import checked_grids

BEYOND = -1


def candidates(grids: np.ndarray) -> np.ndarray:
    """Digits that no clue in the row, column or box of a blank cell rules out: bool [n, cell, digit - 1].

    >>> candidates(parse_grids([".234............"]))[0, 0].tolist()          # doctest: +SKIP
    [True, False, False, False]

    Args:
        grids: digits [n, cell], 0 for a blank; one grid [cell] is taken too, and answered without the first axis.

    Returns:
        False throughout in cells that are filled.
    """
    board, checked = checked_grids(grids)
    return _candidates(board, checked).reshape(*np.shape(grids), board.side)


def deduction_rounds(grids: np.ndarray, withheld: np.ndarray | None = None) -> np.ndarray:
    """The round in which logic fills each cell, if every round fills all singles that there are at its beginning.

    Singles are cells with one candidate (naked) and digits with one place left in a row, column or box (hidden), as in
    :func:`rate`, which fills them one by one instead. A cell's round is thus the length of the shortest chain of such
    steps that ends in it.

    >>> rounds = deduction_rounds(load_puzzles("6x6-test", 100).grids)                # doctest: +SKIP
    >>> rounds.max()                                                                  # doctest: +SKIP

    Args:
        grids: digits [n, cell], 0 for a blank; one grid [cell] is taken too.
        withheld: bool, of the same shape: cells that are not filled even when a single names them, so that whatever
            follows from them comes later, or not at all.

    Returns:
        int64, of the same shape: 0 for clues, 1 and up for cells that singles fill, -1 (``BEYOND``) for those that they
        do not reach: there one must guess, or know more rules.

    Known inaccuracy: of a grid without a solution the rounds mean nothing; it is not looked for.
    """
    board, checked = checked_grids(grids)
    filled, waiting = checked.copy(), np.zeros(checked.shape, bool)
    if withheld is not None:
        waiting[:] = np.atleast_2d(withheld)
    rounds = np.where(checked > 0, 0, BEYOND).astype(np.int64)
    going_on = np.arange(len(filled))
    number = 0
    while len(going_on):
        number += 1
        part = filled[going_on]
        singles = _singles(board, _candidates(board, part))
        found = singles.any(axis=-1) & ~waiting[going_on]  # [grid, cell]
        filled[going_on] = np.where(found, singles.argmax(axis=-1) + 1, part)
        rounds[going_on] = np.where(found, number, rounds[going_on])
        going_on = going_on[found.any(axis=1)]
    return rounds.reshape(np.shape(grids))


def _candidates(board: Board, grids: np.ndarray) -> np.ndarray:
    digits = grids[..., None] == np.arange(1, board.side + 1)  # [n, cell, digit]
    used = digits[:, board.units].any(2)  # [n, unit, digit]
    ruled_out = used[:, board.memberships].any(2)
    return ~ruled_out & (grids == 0)[..., None]


def _singles(board: Board, open_: np.ndarray) -> np.ndarray:
    """Candidates that are the only one of their cell, or the only place of their digit in a unit."""
    naked = open_.sum(-1, keepdims=True) == 1
    only_place = open_[:, board.units].sum(2) == 1  # [n, unit, digit]
    return open_ & (naked | only_place[:, board.memberships].any(2))
