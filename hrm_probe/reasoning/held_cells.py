"""One cell of each puzzle is made to hold a digit: the states it has in a run where that digit is a clue there."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from hrm_probe.models import HookPoint, RecursiveReasoner, Tick
from hrm_probe.sudoku import Puzzles

STATES = ("z_H", "z_L")


def holder_of(
    model: RecursiveReasoner, tokens: np.ndarray, cells: np.ndarray, digits: np.ndarray, during: range
) -> Callable[[Tensor, HookPoint], Tensor | None]:
    """A hook function for ``STATES`` that gives one cell of each puzzle what it has in another run, at the same tick.

    Args:
        tokens: [puzzle, cell], of the other run; the digit is put in as a clue in place of what stands there.
        cells, digits: [puzzle].
        during: segments in which it does so.
    """
    rows, positions = torch.arange(len(cells)), torch.tensor(cells) + model.config.prefix
    with_clue = tokens.copy()
    with_clue[np.arange(len(cells)), cells] = digits + 1
    states: dict[tuple[str, Tick], Tensor] = {}

    def keep(z: Tensor, hook: HookPoint) -> None:
        if hook.tick.segment in during:
            states[hook.name, hook.tick] = z[rows, positions].clone()

    with model.hooks([(list(STATES), keep)]):
        for _ in model.unroll(model.check_tokens(with_clue), during[-1]):
            pass

    def hold(z: Tensor, hook: HookPoint) -> Tensor | None:
        if hook.tick.segment not in during:
            return None
        holding = z.clone()
        holding[rows, positions] = states[hook.name, hook.tick]
        return holding

    return hold


class Donors:
    """The puzzles of a set in which a digit is right at a cell: whose runs can lend the states that stand for it.

    >>> donors = Donors(load_puzzles("6x6-test", 100))                                 # doctest: +SKIP
    >>> donors.draw(puzzle=3, cell=14, digit=6, rng=np.random.default_rng(0))          # doctest: +SKIP
    71
    """

    def __init__(self, puzzles: Puzzles) -> None:
        self.board, self.answers = puzzles.board, puzzles.answers - 1

    def digits(self, puzzle: int, cell: int) -> np.ndarray:
        """Digits that are right at the cell in some other puzzle of the set: bool [digit], from 1 on."""
        found = np.bincount(self.answers[:, cell], minlength=self.board.side + 1)
        found[self.answers[puzzle, cell]] -= 1
        return found[1:] > 0

    def draw(self, puzzle: int, cell: int, digit: int, rng: np.random.Generator) -> int:
        """One of the other puzzles in which the digit is right there."""
        holding = np.flatnonzero(self.answers[:, cell] == digit)
        return int(rng.choice(holding[holding != puzzle]))
