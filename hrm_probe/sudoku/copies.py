"""Symmetric copies of puzzles: the same questions in other words, and the way back for their answers."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from hrm_probe.sudoku.puzzles import Puzzles
from hrm_probe.sudoku.symmetry import MOVES, apply_symmetries, random_symmetries


class Copies(NamedTuple):
    """A symmetric copy of every puzzle, and the way back.

    Attributes:
        puzzles: the copies.
        cell_permutations: int64 [puzzle, cell]; see :func:`hrm_probe.sudoku.random_symmetries`.
        relabellings: int64 [puzzle, vocab].
    """

    puzzles: Puzzles
    cell_permutations: np.ndarray
    relabellings: np.ndarray

    def map_back(self, predictions: np.ndarray) -> np.ndarray:
        """Grids of the copies, tokens [puzzle, cell], as grids of the originals."""
        names = np.argsort(self.relabellings, axis=1)
        renamed = np.take_along_axis(names, predictions, axis=1)
        return np.take_along_axis(renamed, np.argsort(self.cell_permutations, axis=1), axis=1)


def symmetric_copies(
    puzzles: Puzzles, seed: int | np.random.Generator = 0, moves: Collection[str] = MOVES
) -> Copies:
    """A random symmetric copy of each puzzle: digits renamed, rows, columns, bands and stacks moved.

    >>> copies = symmetric_copies(puzzles, seed=1)                                     # doctest: +SKIP
    >>> (copies.map_back(copies.puzzles.answers) == puzzles.answers).all()             # doctest: +SKIP
    True

    Args:
        puzzles: of one board.
        seed: a seed, or a generator to draw from.
        moves: what may change, all by default; see :func:`hrm_probe.sudoku.random_symmetries`.
    """
    cells, names = random_symmetries(puzzles.board, len(puzzles), seed, moves)
    tokens, answers = (apply_symmetries(a, cells, names) for a in (puzzles.tokens, puzzles.answers))
    return Copies(Puzzles(tokens, answers, puzzles.source, puzzles.rating), cells, names)
