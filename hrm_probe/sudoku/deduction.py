"""What logic fills in first: how many rounds of singles lie between the clues and each cell, or a contradiction."""

from typing import NamedTuple

import numpy as np

from hrm_probe.sudoku.board import Board
from hrm_probe.sudoku.solver import checked_grids

BEYOND = -1


class Deduction(NamedTuple):
    """What follows from grids by singles."""

    grids: np.ndarray
    """Digits, of the shape given: what was filled, and what singles fill; 0 where they fill nothing."""
    rounds: np.ndarray
    """int64, of the shape given: 0 for what was filled, 1 and up for what singles fill, -1 (``BEYOND``) elsewhere."""
    refuted_in: np.ndarray
    """int64 [n] (a plain number's array for one grid): the round at whose beginning a contradiction shows, with which
    the deduction ends; 0 where none shows."""


def deduce(grids: np.ndarray, withheld: np.ndarray | None = None) -> Deduction:
    """Fill in singles, round by round, until there are none left or they contradict one another.

    Every round fills all singles that there are at its beginning: cells with one candidate (naked) and digits with one
    place left in a row, column or box (hidden), as in :func:`rate`, which fills them one by one instead. Contradictions
    are blank cells without a candidate, digits without a place in a unit, two digits that must be in one cell, or one
    that must be twice in a unit.

    >>> deduce(parse_grids(["12....3...4....."])).refuted_in    # the third cell has no digit left  # doctest: +SKIP
    array([1])

    Args:
        grids: digits [n, cell], 0 for a blank; one grid [cell] is taken too. They may contradict the rules.
        withheld: bool, of the same shape: cells that are not filled even when a single names them, so that whatever
            follows from them comes later, or not at all.
    """
    board, checked = checked_grids(grids)
    filled, waiting = checked.copy(), np.zeros(checked.shape, bool)
    if withheld is not None:
        waiting[:] = np.atleast_2d(withheld)
    rounds = np.where(checked > 0, 0, BEYOND).astype(np.int64)
    refuted_in = np.zeros(len(filled), np.int64)
    going_on = np.arange(len(filled))
    number = 0
    while len(going_on):
        number += 1
        part = filled[going_on]
        open_ = _candidates(board, part)
        singles = _singles(board, open_)
        refuted = _contradicted(board, part, open_, singles)
        refuted_in[going_on[refuted]] = number
        going_on, part, singles = going_on[~refuted], part[~refuted], singles[~refuted]
        found = singles.any(axis=-1) & ~waiting[going_on]  # [grid, cell]
        filled[going_on] = np.where(found, singles.argmax(axis=-1) + 1, part)
        rounds[going_on] = np.where(found, number, rounds[going_on])
        going_on = going_on[found.any(axis=1)]
    shape = np.shape(grids)
    return Deduction(filled.reshape(shape), rounds.reshape(shape), refuted_in.reshape(shape[:-1]))


def candidates(grids: np.ndarray) -> np.ndarray:
    """Digits that no clue in the row, column or box of a blank cell rules out: bool [n, cell, digit - 1].

    >>> candidates(parse_grids([".234............"]))[0, 0].tolist()          # doctest: +SKIP
    [True, False, False, False]

    Args:
        grids: digits [n, cell], 0 for a blank; one grid [cell] is taken too, and answered without the first axis.

    Returns:
        False throughout for filled cells.
    """
    board, checked = checked_grids(grids)
    return _candidates(board, checked).reshape(*np.shape(grids), board.side)


def deduction_rounds(grids: np.ndarray, withheld: np.ndarray | None = None) -> np.ndarray:
    """The round in which logic fills each cell: the length of the shortest chain of singles that ends in it.

    >>> rounds = deduction_rounds(load_puzzles("6x6-test", 100).grids)                # doctest: +SKIP
    >>> rounds.max()                                                                  # doctest: +SKIP

    Args:
        grids: digits [n, cell], 0 for a blank; one grid [cell] is taken too.
        withheld: as :func:`deduce` takes them.

    Returns:
        int64, of the same shape: 0 for clues, 1 and up for cells that singles fill, -1 (``BEYOND``) for those that they
        do not reach: there one must guess, or know more rules.

    Known inaccuracy: of a grid without a solution, the rounds are those before the contradiction.
    """
    return deduce(grids, withheld).rounds


def _candidates(board: Board, grids: np.ndarray) -> np.ndarray:
    used = _counts(board, grids) > 0
    ruled_out = used[:, board.memberships].any(2)
    return ~ruled_out & (grids == 0)[..., None]


def _counts(board: Board, grids: np.ndarray) -> np.ndarray:
    """How often each digit stands in each row, column and box: [n, unit, digit]."""
    digits = grids[..., None] == np.arange(1, board.side + 1)  # [n, cell, digit]
    counts: np.ndarray = digits[:, board.units].sum(2)
    return counts


def _singles(board: Board, open_: np.ndarray) -> np.ndarray:
    """Candidates that are the only one of their cell, or the only place of their digit in a unit."""
    naked = open_.sum(-1, keepdims=True) == 1
    only_place = open_[:, board.units].sum(2) == 1  # [n, unit, digit]
    return open_ & (naked | only_place[:, board.memberships].any(2))


def _contradicted(board: Board, grids: np.ndarray, open_: np.ndarray, singles: np.ndarray) -> np.ndarray:
    """Whether a grid with these candidates and singles breaks a rule, or is about to: bool [n]."""
    in_units = _counts(board, grids)
    twice = ((in_units > 1) | (singles[:, board.units].sum(2) > 1)).any((1, 2))
    no_place = ((in_units == 0) & ~open_[:, board.units].any(2)).any((1, 2))
    no_candidate = ((grids == 0) & ~open_.any(-1)).any(1)
    two_in_one = (singles.sum(-1) > 1).any(1)
    return twice | no_place | no_candidate | two_in_one
