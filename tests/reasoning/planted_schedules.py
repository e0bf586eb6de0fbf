"""A model that puts every cell of given puzzles at the H-update that is planted for it."""

import numpy as np

from hrm_probe.sudoku import Puzzles

from .planted_grids import Showing

NEVER = 1000


class Scheduled(Showing):
    """Shows a cell's answer from its H-update on, and the next digit before; two H-updates are a segment.

    Args:
        puzzles: the batch that it will be asked, whole.
        schedule: int [puzzle, cell], numbers of H-updates from 1; ``NEVER``.
    """

    def __init__(self, puzzles: Puzzles, schedule: np.ndarray, segments: int = 8) -> None:
        answers, updates = puzzles.answers[:, None], np.arange(1, 2 * segments + 1)[:, None]
        others = (answers - 1) % puzzles.board.side + 2
        super().__init__(puzzles, np.where(schedule[:, None] <= updates, answers, others), segments)
