"""A model whose cells heed those that hold a digit plainly, along relations that are planted, and no others."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_probe.models import ModelConfig, RecursiveReasoner
from hrm_probe.sudoku import Board, candidates

PLAIN, FAINT = 8.0, 1.0
"""How strongly a state says the digit of a clue, and of a blank cell."""


class Ruled(RecursiveReasoner):
    """Blank cells show the candidate that they like best, as drawn once for all, of those that they hear nobody hold.

    What is put into a cell's states is heard as soon as it stands in z_L; with ``late`` one H-update later, from z_H.

    Args:
        heard: bool [cell, cell], whom each cell heeds; its peers if None.
        late: whether a cell heeds what z_H held before.
        faint: the strength with which blank cells show their digit: from ``PLAIN`` on, with ``late``, they are heard.
    """

    def __init__(
        self,
        board: Board,
        segments: int = 8,
        heard: np.ndarray | None = None,
        late=False,
        faint: float = FAINT,
    ) -> None:
        vocab = board.vocab
        config = ModelConfig(
            cells=board.cells, vocab=vocab, d_model=vocab, n_heads=1, H_cycles=2, L_cycles=1, prefix=1,
            positions="none", max_segments=segments,
        )  # fmt: skip
        super().__init__(config, torch.Generator().manual_seed(0))
        self.board, self.late, self.faint = board, late, faint
        self.heard = board.peers if heard is None else heard
        self.liking = np.random.default_rng(3).random((board.cells, board.side))
        with torch.no_grad():
            self.W_E.copy_(torch.eye(vocab))
            self.unembed.weight.copy_(torch.eye(vocab))
            self.q_head.weight.zero_()
            self.H_init.zero_()
            self.L_init.zero_()

    def build_levels(self, generator):
        """No modules: likings and rules are all there is."""

    def in_published_gradient(self, H_cycle, L_cycle):
        return True

    def update_L(self, state, x):
        return PLAIN * x / x.abs().amax(-1, keepdim=True).clamp_min(1e-9)

    def update_H(self, state) -> Tensor:
        read = state.z_L[:, 1:].numpy()
        given = (read.argmax(-1) - 1).clip(0)  # [batch, cell], of clues and of what is put in
        said = read[..., 2:] >= PLAIN  # [batch, cell, digit]
        if self.late:
            said = state.z_H[:, 1:].numpy()[..., 2:] >= PLAIN
        said = said & (self.clues == 0)[..., None]  # clues forbid by themselves, whoever is heard
        forbidden = np.einsum("ij,bjd->bid", self.heard.astype(int), said.astype(int)) > 0
        liked = np.where(candidates(self.clues), self.liking, -1) - 4 * forbidden
        shown = np.where(given > 0, given, liked.argmax(-1) + 1)
        strength = np.where(given > 0, PLAIN, self.faint)
        states = strength[..., None] * F.one_hot(torch.from_numpy(shown) + 1, self.config.vocab).numpy()
        return F.pad(torch.from_numpy(states).float(), (0, 0, 1, 0))

    def advance(self, state, tokens, *args, **kwargs):
        self.clues = (tokens.numpy() - 1).clip(0)
        return super().advance(state, tokens, *args, **kwargs)
