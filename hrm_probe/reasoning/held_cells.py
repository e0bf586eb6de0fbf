"""One cell of each puzzle is made to hold a digit, by the states that it has in another run."""

import numpy as np
import torch
from torch import Tensor

from hrm_probe.models import HookPoint, RecursiveReasoner, State, Tick
from hrm_probe.models.losses import log_stablemax

STATES = ("z_H", "z_L")


def with_clue(tokens: np.ndarray, cells: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """The tokens [puzzle, cell] with a digit as a clue in one cell of each puzzle, in place of what stands there."""
    told = tokens.copy()
    told[np.arange(len(cells)), cells] = digits + 1
    return told


class Holder:
    """A hook function for ``STATES`` that gives one cell of each puzzle what it has in another run, at the same tick.

    Args:
        tokens: [puzzle, cell], of the other run.
        cells: [puzzle].
        during: segments in which it does so.
        digits: [puzzle], that the cells stand for; for ``probability`` only.

    Attributes:
        probability: [puzzle, read], that the head gives to the digit there, under stablemax, at each H-update.
    """

    def __init__(
        self,
        model: RecursiveReasoner,
        tokens: np.ndarray,
        cells: np.ndarray,
        during: range,
        digits: np.ndarray | None = None,
    ) -> None:
        self.during = during
        self.rows, self.positions = torch.arange(len(cells)), torch.tensor(cells) + model.config.prefix
        self.states: dict[tuple[str, Tick], Tensor] = {}
        said: list[Tensor] = []

        def keep(z: Tensor, hook: HookPoint) -> None:
            if hook.tick.segment not in during:
                return
            self.states[hook.name, hook.tick] = z[self.rows, self.positions].clone()
            if digits is not None and hook.name == "hook_z_H":
                logits = model.read_out(State(z, z)).logits[self.rows, torch.tensor(cells)]
                said.append(log_stablemax(logits.double())[self.rows, torch.tensor(digits) + 1].exp().cpu())

        with model.hooks([(list(STATES), keep)]):
            for _ in model.unroll(model.check_tokens(tokens), during[-1]):
                pass
        self.probability = torch.stack(said, 1).numpy() if said else np.zeros((len(cells), 0))

    def __call__(self, z: Tensor, hook: HookPoint) -> Tensor | None:
        if hook.tick.segment not in self.during:
            return None
        holding = z.clone()
        holding[self.rows, self.positions] = self.states[hook.name, hook.tick]
        return holding


class Donors:
    """The puzzles of a set whose runs can lend the states of a digit at a cell: those where it stands there.

    >>> puzzles = load_puzzles("6x6-test", 100)                                        # doctest: +SKIP
    >>> donors = Donors(puzzles.board.side, puzzles.answers - 1)                       # doctest: +SKIP
    >>> donors.draw(puzzle=3, cell=14, digit=6, rng=np.random.default_rng(0))          # doctest: +SKIP
    71

    Args:
        side: the largest digit.
        digits: [puzzle, cell], right ones or such as a model shows; 0 where there is nothing to lend.
    """

    def __init__(self, side: int, digits: np.ndarray) -> None:
        self.side, self.standing = side, digits

    def digits(self, puzzle: int, cell: int) -> np.ndarray:
        """Digits that stand at the cell in some other puzzle of the set: bool [digit], from 1 on."""
        found = np.bincount(self.standing[:, cell], minlength=self.side + 1)
        found[self.standing[puzzle, cell]] -= 1
        return found[1:] > 0

    def draw(self, puzzle: int, cell: int, digit: int, rng: np.random.Generator) -> int:
        """One of the other puzzles in which the digit stands there."""
        holding = np.flatnonzero(self.standing[:, cell] == digit)
        return int(rng.choice(holding[holding != puzzle]))
