"""Filling dead ends: the simplest rule by which a maze can be solved, as far as it goes."""

import numpy as np

from hrm_probe.mazes.routes import neighbours


def filling_rounds(free: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """In which round each cell is filled, if every round fills all dead ends at once; 0 for those that never are.

    A dead end is a free cell with at most one free neighbour, start and goal apart. In a tree all is filled but the
    way; where several ways lead to the goal, they and what lies between them stay.

    >>> row = np.array([[[1, 1, 1, 1]]], bool)
    >>> filling_rounds(row, np.array([[[1, 1, 0, 0]]], bool)).tolist()
    [[[0, 0, 2, 1]]]

    Args:
        free: bool [maze, row, column], where one can walk.
        ends: bool [maze, row, column], start and goal.

    Returns:
        int64 [maze, row, column]; 0 for walls, too.
    """
    rounds = np.zeros(free.shape, np.int64)
    left = free.copy()
    for number in range(1, free[0].size + 1 if len(free) else 1):
        filled = left & ~ends & (neighbours(left) <= 1)
        if not filled.any():
            break
        rounds[filled] = number
        left &= ~filled
    return rounds
