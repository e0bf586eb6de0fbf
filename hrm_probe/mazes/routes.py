"""How far every cell of a maze is from one of them, and by how many shortest ways."""

from typing import NamedTuple

import numpy as np


class Ways(NamedTuple):
    """From one cell of each maze.

    Attributes:
        steps: to every cell, int64 [maze, row, column]; -1 where no way leads.
        number: of shortest ways, int64 [maze, row, column]; counts beyond 2 are told as 2.
    """

    steps: np.ndarray
    number: np.ndarray


def around(values: np.ndarray) -> np.ndarray:
    """What lies above, below, to the left and to the right of each cell: int64 [4, maze, row, column], 0 outside."""
    wide = np.pad(values.astype(np.int64), ((0, 0), (1, 1), (1, 1)))
    return np.stack([wide[:, :-2, 1:-1], wide[:, 2:, 1:-1], wide[:, 1:-1, :-2], wide[:, 1:-1, 2:]])


def neighbours(values: np.ndarray) -> np.ndarray:
    """The sum over the four neighbours of each cell, int64 [maze, row, column]."""
    total: np.ndarray = around(values).sum(0)
    return total


def ways(free: np.ndarray, start: np.ndarray) -> Ways:
    """Steps to every cell, up, down, left or right through free ones.

    >>> ways(np.array([[[1, 1], [1, 1]]], bool), np.array([[[1, 0], [0, 0]]], bool)).number.tolist()
    [[[1, 1], [1, 2]]]

    Args:
        free: bool [maze, row, column], where one can walk.
        start: bool [maze, row, column], one cell of each maze.
    """
    steps = np.where(start, 0, -1)
    number = start.astype(np.int64)
    edge = number  # of the cells reached last, by how many ways
    for taken in range(1, free[0].size if len(free) else 0):
        edge = np.where(free & (steps < 0), np.minimum(neighbours(edge), 2), 0)
        if not edge.any():
            break
        steps = np.where(edge > 0, taken, steps)
        number = number + edge
    return Ways(steps, number)
