"""Which rule a grid breaks: rows, columns and boxes that show a digit twice."""

import numpy as np

from hrm_probe.sudoku import Board

UNITS = ("rows", "columns", "boxes")


def broken_shares(board: Board, grids: np.ndarray) -> np.ndarray:
    """Of each grid's rows, columns and boxes the shares in which a digit stands twice or more.

    >>> broken_shares(Board.of("4x4"), np.array([[1, 2, 3, 4] * 4])).tolist()
    [[0.0, 1.0, 1.0]]

    Args:
        board: of all.
        grids: digits [n, cell]; what is below 1 is none.

    Returns:
        [n, 3], in the order of ``UNITS``.
    """
    digits = np.arange(1, board.side + 1)
    times = (np.asarray(grids)[:, board.units, None] == digits).sum(2)  # [n, unit, digit]
    broken = (times > 1).any(2)
    return np.asarray(broken.reshape(len(broken), len(UNITS), board.side).mean(2))
