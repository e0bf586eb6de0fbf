"""A model that shows written-down grids, one an H-update, whatever it is asked."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_probe.models import ModelConfig, RecursiveReasoner
from hrm_probe.sudoku import Puzzles

COUNT = 0  # channel of the prefix position that holds the number of the update


class Showing(RecursiveReasoner):
    """Shows one grid of each puzzle after each H-update, two of which are a segment.

    Args:
        puzzles: the batch that it will be asked, whole.
        grids: tokens int [puzzle, update, cell]; the last one stays.
    """

    def __init__(self, puzzles: Puzzles, grids: np.ndarray, segments: int = 8) -> None:
        vocab = puzzles.board.vocab
        config = ModelConfig(
            cells=puzzles.board.cells, vocab=vocab, d_model=vocab, n_heads=1, H_cycles=2, L_cycles=1, prefix=1,
            positions="none", max_segments=segments,
        )  # fmt: skip
        super().__init__(config, torch.Generator().manual_seed(0))
        self.grids = torch.as_tensor(np.asarray(grids, np.int64))
        with torch.no_grad():
            self.unembed.weight.copy_(torch.eye(vocab))
            self.q_head.weight.zero_()
            self.H_init.zero_()
            self.L_init.zero_()

    def build_levels(self, generator):
        """No modules: the grids are all there is."""

    def in_published_gradient(self, H_cycle, L_cycle):
        return True

    def update_L(self, state, x):
        return state.z_L

    def update_H(self, state) -> Tensor:
        number = int(state.z_H[0, 0, COUNT]) + 1
        grid = self.grids[:, min(number, self.grids.shape[1]) - 1]
        shown = F.pad(8 * F.one_hot(grid, self.config.vocab).float(), (0, 0, 1, 0))
        shown[:, 0, COUNT] = number
        return shown
