"""What tells a lawful grid without the answer."""

import numpy as np

from hrm_probe.sudoku import Puzzles, conflicts, overwritten


def keeps_the_rules(puzzles: Puzzles, predictions: np.ndarray) -> np.ndarray:
    """Which grids are complete, keep every clue and repeat no digit in a row, column or box. Uses no answers.

    Args:
        puzzles: of one board.
        predictions: tokens [..., puzzle, cell].

    Returns:
        bool [..., puzzle].
    """
    grids = np.asarray(predictions) - 1
    return (conflicts(puzzles.board, grids) == 0) & (overwritten(puzzles.grids, grids) == 0)
