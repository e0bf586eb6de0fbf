"""A model that shows as many right cells at each update as its script says, with the real recursion around it."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_probe.models import ModelConfig, RecursiveReasoner
from hrm_probe.sudoku import Puzzles, all_solutions

STRENGTH = 8.0
ANSWER = all_solutions(np.zeros(16, np.int8))[0].astype(np.int64) + 1
COUNT, HALT = 6, 7  # channels of the prefix position


def empty_boards(n: int) -> Puzzles:
    """The same board n times, every cell blank: a right cell is a sixteenth of what is to be found."""
    return Puzzles(np.ones((n, 16), np.int64), np.tile(ANSWER, (n, 1)))


class Scripted(RecursiveReasoner):
    """A 4x4 reasoner of two cycles with two L-updates each (where not told otherwise).

    Args:
        z_H, z_L: how many cells, from the first on, are right after the first, second, ... H- or L-update of the run;
            the last number stays. The other cells show the next digit. The halting value is that number.
    """

    def __init__(self, z_H: Sequence[int], z_L: Sequence[int] = (0,), H_cycles: int = 2, L_cycles: int = 2):
        config = ModelConfig(
            cells=16, vocab=6, d_model=8, n_heads=1, H_cycles=H_cycles, L_cycles=L_cycles, prefix=1,
            positions="none", max_segments=3,
        )  # fmt: skip
        super().__init__(config, torch.Generator().manual_seed(0))
        self.script = {"z_H": z_H, "z_L": z_L}
        with torch.no_grad():
            self.unembed.weight.copy_(torch.eye(6, 8))
            self.q_head.weight.zero_()
            self.q_head.weight[0, HALT] = 1.0
            self.q_head.bias.zero_()
            self.H_init.zero_()
            self.L_init.zero_()

    def build_levels(self, generator):
        """No modules: the script is all there is."""

    def in_published_gradient(self, H_cycle, L_cycle):
        return True

    def update_L(self, state, x):
        return self._next("z_L", state.z_L)

    def update_H(self, state):
        return self._next("z_H", state.z_H)

    def _next(self, site: str, z: Tensor) -> Tensor:
        number = int(z[0, 0, COUNT]) + 1
        script = self.script[site]
        right = script[min(number, len(script)) - 1]
        answer = torch.as_tensor(ANSWER)
        grid = torch.where(torch.arange(16) < right, answer, (answer - 1) % 4 + 2)
        shown = F.pad(STRENGTH * F.one_hot(grid, 6).float(), (0, 2, 1, 0)).repeat(len(z), 1, 1)
        shown[:, 0, COUNT], shown[:, 0, HALT] = number, right
        return shown
