"""Other ways into the same puzzle: disturbed starting states and symmetric copies."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from hrm_probe.models import RecursiveReasoner, State
from hrm_probe.sudoku import Puzzles, apply_symmetries, conflicts, overwritten, random_symmetries


def disturbed_start(model: RecursiveReasoner, batch: int, scale: float, generator: torch.Generator) -> State:
    """The initial state plus normal noise on z_H and z_L.

    Args:
        model: whose initial state.
        batch: rows, each with its own noise.
        scale: standard deviation of the noise, in units of 1: the root mean square that norms give every state.
        generator: of the noise, on the CPU, so that equal seeds give equal noise on every device.
    """
    return State(*(z + scale * noise_like(z, generator) for z in model.initial_state(batch)))


def noise_like(z: Tensor, generator: torch.Generator) -> Tensor:
    """Standard normal noise of the shape, dtype and device of ``z``."""
    return torch.randn(z.shape, generator=generator).to(z)


class Copies(NamedTuple):
    """A symmetric copy of every puzzle, and the way back."""

    puzzles: Puzzles
    cell_permutations: np.ndarray
    """int64 [puzzle, cell]"""
    relabellings: np.ndarray
    """int64 [puzzle, vocab]"""

    def map_back(self, predictions: np.ndarray) -> np.ndarray:
        """Grids of the copies, tokens [puzzle, cell], as grids of the originals."""
        names = np.argsort(self.relabellings, axis=1)
        renamed = np.take_along_axis(names, predictions, axis=1)
        return np.take_along_axis(renamed, np.argsort(self.cell_permutations, axis=1), axis=1)


def symmetric_copies(puzzles: Puzzles, rng: np.random.Generator) -> Copies:
    """A random symmetric copy of each puzzle: digits renamed, rows, columns, bands and stacks moved."""
    cells, names = random_symmetries(puzzles.board, len(puzzles), rng)
    tokens, answers = (apply_symmetries(a, cells, names) for a in (puzzles.tokens, puzzles.answers))
    return Copies(Puzzles(tokens, answers, puzzles.source, puzzles.rating), cells, names)


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
