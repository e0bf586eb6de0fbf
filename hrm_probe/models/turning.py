"""The eight ways to put a square down: turned, and mirrored."""

import math

import numpy as np

from hrm_probe.errors import InputError


def side_of(cells: int) -> int:
    """The side of a square of so many cells.

    Raises:
        InputError: they make no square.
    """
    side = math.isqrt(cells)
    if side * side != cells:
        raise InputError(f"{cells} cells make no square; only squares can be turned.")
    return side


def turnings(cells: int) -> np.ndarray:
    """From which cell each cell comes, in each of the eight ways; the first leaves all as it is.

    >>> turnings(4)[:2].tolist()
    [[0, 1, 2, 3], [1, 3, 0, 2]]

    Args:
        cells: of a square, row by row.

    Returns:
        int64 [8, cell].

    Raises:
        InputError: they make no square.
    """
    square = np.arange(cells).reshape(side_of(cells), -1)
    return np.stack([np.rot90(one, quarters).ravel() for one in (square, square.T) for quarters in range(4)])


def turned_alike(tokens: np.ndarray) -> np.ndarray:
    """One of the eight ways for each row, the same for rows that are turned copies of each other: [n, cell].

    Args:
        tokens: [n, cell] of squares.
    """
    copies = np.asarray(tokens)[:, turnings(tokens.shape[1])]  # [n, way, cell]
    chosen = [min(range(len(ways)), key=lambda way: ways[way].tobytes()) for ways in copies]
    return np.asarray(copies[np.arange(len(copies)), np.array(chosen, int)])
