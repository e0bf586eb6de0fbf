"""A model that solves by rounds of singles: what it concludes next depends on what stands in its own state."""

import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_probe.models import ModelConfig, RecursiveReasoner
from hrm_probe.sudoku import Puzzles, deduction_rounds


class Propagating(RecursiveReasoner):
    """One round of singles an H-update, from the clues and from the digits that z_H holds; two H-updates a segment.

    Args:
        puzzles: the batch that it will be asked, whole.
    """

    def __init__(self, puzzles: Puzzles, segments: int = 8) -> None:
        vocab = puzzles.board.vocab
        config = ModelConfig(
            cells=puzzles.board.cells, vocab=vocab, d_model=vocab, n_heads=1, H_cycles=2, L_cycles=1, prefix=1,
            positions="none", max_segments=segments,
        )  # fmt: skip
        super().__init__(config, torch.Generator().manual_seed(0))
        self.puzzles = puzzles
        with torch.no_grad():
            self.unembed.weight.copy_(torch.eye(vocab))
            self.q_head.weight.zero_()
            self.H_init.zero_()
            self.L_init.zero_()

    def build_levels(self, generator):
        """No modules: singles are all there is."""

    def in_published_gradient(self, H_cycle, L_cycle):
        return True

    def update_L(self, state, x):
        return state.z_L

    def update_H(self, state) -> Tensor:
        clues, answers = self.puzzles.grids, self.puzzles.answers - 1
        held = state.z_H[:, 1:].argmax(-1).numpy() - 1  # digits; of an empty state -1
        grid = clues + (clues == 0) * held.clip(0)
        grid = grid + (deduction_rounds(grid) == 1) * answers
        shown = F.one_hot(torch.from_numpy(grid) + 1, self.config.vocab).float()
        return F.pad(8 * shown, (0, 0, 1, 0))
