"""A model that puts every cell of given puzzles at the H-update that is planted for it."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_probe.models import ModelConfig, RecursiveReasoner
from hrm_probe.sudoku import Puzzles

COUNT = 0  # channel of the prefix position that holds the number of the update
NEVER = 1000


class Scheduled(RecursiveReasoner):
    """Shows a cell's answer from its H-update on, and the next digit before; two H-updates are a segment.

    Args:
        puzzles: the batch that it will be asked, whole.
        schedule: int [puzzle, cell], numbers of H-updates from 1; ``NEVER``.
    """

    def __init__(self, puzzles: Puzzles, schedule: np.ndarray, segments: int = 8) -> None:
        side, vocab = puzzles.board.side, puzzles.board.vocab
        config = ModelConfig(
            cells=puzzles.board.cells, vocab=vocab, d_model=vocab, n_heads=1, H_cycles=2, L_cycles=1, prefix=1,
            positions="none", max_segments=segments,
        )  # fmt: skip
        super().__init__(config, torch.Generator().manual_seed(0))
        self.schedule, answers = torch.as_tensor(schedule), torch.as_tensor(puzzles.answers)
        self.answers, self.others = answers, (answers - 1) % side + 2
        with torch.no_grad():
            self.unembed.weight.copy_(torch.eye(vocab))
            self.q_head.weight.zero_()
            self.H_init.zero_()
            self.L_init.zero_()

    def build_levels(self, generator):
        """No modules: the schedule is all there is."""

    def in_published_gradient(self, H_cycle, L_cycle):
        return True

    def update_L(self, state, x):
        return state.z_L

    def update_H(self, state) -> Tensor:
        number = int(state.z_H[0, 0, COUNT]) + 1
        grid = torch.where(self.schedule <= number, self.answers, self.others)
        shown = F.pad(8 * F.one_hot(grid, self.config.vocab).float(), (0, 0, 1, 0))
        shown[:, 0, COUNT] = number
        return shown
