"""Solving, counting and rating, compiled and for many grids at once."""

from typing import NamedTuple

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number
from hrm_probe.sudoku.batches import in_parts
from hrm_probe.sudoku.board import Board

MOST = 2**63 - 1  # solutions that can be counted


def solve(grids: np.ndarray) -> np.ndarray:
    """Solve grids of one board.

    >>> solve(parse_grids(["1.3.34..2...4..."]))          # doctest: +SKIP
    array([[1, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, ...]], dtype=int8)

    Args:
        grids: digits [n, cell], 0 for a blank; one grid [cell] is taken too.

    Returns:
        int8, of the same shape: the first solution found (the one there is, if ``count_solutions`` says 1),
        and all zeros where there is none.
    """
    return _search(grids, limit=1).solutions.reshape(np.shape(grids))


def count_solutions(grids: np.ndarray, limit: int = 2) -> np.ndarray:
    """Count the solutions of each grid, no further than ``limit``; 2 is enough to tell whether one is unique.

    Args:
        grids: digits [n, cell], 0 for a blank; one grid [cell] is taken too.
        limit: stop counting a grid's solutions here.

    Returns:
        int64 [n], each between 0 and ``limit`` (a plain number's array, shape [], for one grid).

    Raises:
        InputError: a limit that is not a whole number, at least 1.
    """
    return _search(grids, whole_number(limit, "limit", most=MOST)).counts.reshape(np.shape(grids)[:-1])


def rate(grids: np.ndarray) -> np.ndarray:
    """How hard each grid is: the number of guesses until the first solution.

    The solver fills in naked and hidden singles until none is left, then guesses in the first cell with the
    fewest candidates, lowest digit first; every candidate tried is a guess. A grid that singles solve rates 0.

    Known inaccuracy: the count depends on how early the right digit comes, so relabelled copies of one puzzle
    differ; compare averages. Sudoku-Extreme's ``rating`` counts the backtracks of another solver, tdoku: the
    scales differ.

    Args:
        grids: digits [n, cell], 0 for a blank; one grid [cell] is taken too.

    Returns:
        int64 [n].
    """
    return _search(grids, limit=1).guesses.reshape(np.shape(grids)[:-1])


def all_solutions(grid: np.ndarray, limit: int = 1_000_000) -> np.ndarray:
    """Every solution of one grid, in the order of the search: int8 [solution, cell].

    Args:
        grid: digits [cell], 0 for a blank.
        limit: the most that are given.

    Raises:
        InputError: there are more than ``limit``.
    """
    from hrm_probe.sudoku.search import search

    board, checked = checked_grids(grid)
    count = int(count_solutions(grid, limit + 1))
    if count > limit:
        raise InputError(
            f"The grid has more than {limit:,} solutions; give it more clues or raise the limit."
        )
    solutions = np.zeros((count, board.cells), np.int8)
    search(checked[0], board.units, board.memberships, natural_preference(board), limit + 1, solutions)
    return solutions


def natural_preference(board: Board) -> np.ndarray:
    """The order in which the search tries candidates, lowest digit first: int8 [cell, side]."""
    return np.tile(np.arange(1, board.side + 1, dtype=np.int8), (board.cells, 1))


class Found(NamedTuple):
    solutions: np.ndarray
    """int8 [n, cell]"""
    counts: np.ndarray
    """int64 [n]"""
    guesses: np.ndarray
    """int64 [n]"""


def solve_and_count(grids: np.ndarray, limit: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """First solutions, int8 [n, cell], and numbers of solutions up to ``limit``, int64 [n], in one go."""
    found = _search(grids, limit)
    return found.solutions, found.counts


def _search(grids: np.ndarray, limit: int) -> Found:
    from hrm_probe.sudoku.search import search_all

    board, checked = checked_grids(grids)
    n = len(checked)
    found = Found(np.zeros((n, board.cells), np.int8), np.zeros(n, np.int64), np.zeros(n, np.int64))
    rules = board.units, board.memberships, natural_preference(board)
    for part in in_parts(n, f"{board} search"):
        search_all(checked[part], *rules, limit, *(result[part] for result in found))
    return found


def checked_grids(grids: np.ndarray) -> tuple[Board, np.ndarray]:
    grids = np.atleast_2d(grids)
    if grids.ndim != 2 or grids.dtype.kind not in "iu":
        raise InputError(
            f"Grids must be whole numbers of shape [n, cell]; these are {grids.dtype} of shape {list(grids.shape)}."
        )
    board = Board.of(grids.shape[1])
    board.check_digits(grids)
    return board, np.ascontiguousarray(grids, np.int8)
