"""A model that solves by rounds of singles: what it concludes next depends on what stands in its own state."""

import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_probe.models import ModelConfig, RecursiveReasoner
from hrm_probe.sudoku import Board, deduce


class Propagating(RecursiveReasoner):
    """One round of singles an H-update, from the clues and from the digits that z_H holds; two H-updates a segment.

    Args:
        concludes: if not, it shows what it reads and what its state holds, and adds nothing.
    """

    def __init__(self, board: Board, segments: int = 8, concludes: bool = True) -> None:
        vocab = board.vocab
        config = ModelConfig(
            cells=board.cells, vocab=vocab, d_model=vocab, n_heads=1, H_cycles=2, L_cycles=1, prefix=1,
            positions="none", max_segments=segments,
        )  # fmt: skip
        super().__init__(config, torch.Generator().manual_seed(0))
        self.concludes = concludes
        with torch.no_grad():
            self.W_E.copy_(torch.eye(vocab))
            self.unembed.weight.copy_(torch.eye(vocab))
            self.q_head.weight.zero_()
            self.H_init.zero_()
            self.L_init.zero_()

    def build_levels(self, generator):
        """No modules: singles are all there is."""

    def in_published_gradient(self, H_cycle, L_cycle):
        return True

    def update_L(self, state, x):
        return x

    def update_H(self, state) -> Tensor:
        # Digits, of an empty state -1.
        clues, held = (z[:, 1:].argmax(-1).numpy() - 1 for z in (state.z_L, state.z_H))
        grid = clues.clip(0) + (clues < 1) * held.clip(0)
        if self.concludes:
            found = deduce(grid)
            grid = grid + (found.rounds == 1) * found.grids
        shown = F.one_hot(torch.from_numpy(grid) + 1, self.config.vocab).float()
        return F.pad(8 * shown, (0, 0, 1, 0))
