"""Which cells follow from which by singles, and which others are like them."""

from dataclasses import dataclass

import numpy as np

from hrm_probe.sudoku import Puzzles, deduction_rounds

NONE = -1


@dataclass(frozen=True)
class Forerunners:
    """One cell of each puzzle that others follow from, and one that none does.

    Attributes:
        held: int [puzzle], a cell of the first round; -1 where no such cell has followers and others like them.
        idle: int [puzzle], a blank cell from which nothing follows, and which is not compared; -1 as ``held``.
        follows: bool [puzzle, cell], singles reach the cell later, or not at all, if the held one is never filled.
        rounds: int [puzzle, cell], the cell's round.
        peers: bool [puzzle, cell], it shares a row, column or box with the held one.
        matched: bool [puzzle, cell], it follows, and there are others of its stratum.
        compared: bool [puzzle, cell], it is matched, or one of those others.
        strata: int [puzzle, cell], a number for each round and being a peer; -1 for cells that are not compared.
    """

    held: np.ndarray
    idle: np.ndarray
    follows: np.ndarray
    rounds: np.ndarray
    peers: np.ndarray
    matched: np.ndarray
    compared: np.ndarray
    strata: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> "Forerunners":
        return Forerunners(**{name: values[rows] for name, values in vars(self).items()})


def forerunners(puzzles: Puzzles, seed: int = 0) -> Forerunners:
    """Choose, in each puzzle, the first single with the most followers that can be compared.

    Followers are compared with cells of the same round (2 or later) that do not follow, peers with peers and others
    with others; cells beyond singles are left out. The choice looks at clues alone, never at a model.

    Args:
        puzzles: n of them.
        seed: for the choice of idle cells.
    """
    n, cells = puzzles.tokens.shape
    rounds, row = deduction_rounds(puzzles.grids), np.arange(n)
    share_a_unit = puzzles.board.peers
    follows = np.stack(
        [_following(puzzles.grids, rounds, cell) for cell in range(cells)], 1
    )  # [puzzle, held, cell]
    strata = np.where(rounds[:, None] > 1, 2 * rounds[:, None] + share_a_unit, NONE)
    matched, compared = np.zeros_like(follows), np.zeros_like(follows)
    for stratum in np.unique(strata[strata >= 0]):
        here = strata == stratum
        both = (here & follows).any(-1, keepdims=True) & (here & ~follows).any(-1, keepdims=True)
        matched |= here & follows & both
        compared |= here & both
    counts = np.where(rounds == 1, matched.sum(-1), 0)
    held = counts.argmax(1)
    idle = _idle(puzzles.blanks & ~follows.any(-1) & ~compared[row, held], seed)
    usable = (counts[row, held] > 0) & (idle >= 0)
    compared = compared[row, held] & usable[:, None]
    return Forerunners(
        held=np.where(usable, held, NONE),
        idle=np.where(usable, idle, NONE),
        follows=follows[row, held],
        rounds=rounds,
        peers=share_a_unit[held],
        matched=matched[row, held] & usable[:, None],
        compared=compared,
        strata=np.where(compared, strata[row, held], NONE),
    )


def _idle(spare: np.ndarray, seed: int) -> np.ndarray:
    """One of the cells that are free for it, drawn at random; -1 where there is none."""
    rng = np.random.default_rng(seed)
    return np.array([rng.choice(np.flatnonzero(cells)) if cells.any() else NONE for cells in spare])


def _following(grids: np.ndarray, rounds: np.ndarray, cell: int) -> np.ndarray:
    """Cells that singles reach later without this one, or not at all: bool [puzzle, cell]."""
    withheld = np.zeros(grids.shape, bool)
    withheld[:, cell] = True
    without = deduction_rounds(grids, withheld)
    follows = (rounds > 0) & ((without < 0) | (without > rounds))
    follows[:, cell] = False
    return follows
