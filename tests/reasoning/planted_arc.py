"""A model for make-believe ARC whose every answer, and how sure it is of it, is written down beforehand."""

from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F

from hrm_probe.models import HRM, ModelConfig, SegmentOutput, State
from tests.models.published.arc_folders import SIDE

SEGMENTS = 3  # only then does it answer; before, it says padding everywhere


class Scripted(HRM):
    """Answers as a script says, by puzzle embedding and input: tokens [cell], and the halting value.

    Attributes:
        asked: the (embedding, input) that it was run for, in order.
    """

    def __init__(self, script: Mapping[tuple[int, bytes], tuple[np.ndarray, float]], puzzles: int) -> None:
        config = ModelConfig(
            cells=SIDE**2, vocab=12, d_model=2, n_heads=1, H_layers=1, L_layers=1, puzzles=puzzles,
            max_segments=SEGMENTS,
        )  # fmt: skip
        super().__init__(config, torch.Generator().manual_seed(0))
        self.script, self.asked = script, []

    def initial_state(self, batch: int) -> State:
        zeros = torch.zeros(batch, self.config.pos, self.config.d_model)
        return State(zeros, zeros)

    def segment(self, state, tokens, puzzle_ids=None, *, gradient="segment"):
        state = State(state.z_H + 1, state.z_L)
        keys = [(int(id), row.numpy().tobytes()) for id, row in zip(puzzle_ids, tokens.long(), strict=True)]
        says, sure = zip(*(self.script[key] for key in keys), strict=True)
        due = int(state.z_H[0, 0, 0]) == SEGMENTS
        if due:
            self.asked += keys
        grids = torch.as_tensor(np.array(says)) * due
        q_halt = torch.tensor(sure) if due else torch.full((len(keys),), 9.0)
        return state, SegmentOutput(F.one_hot(grids, 12).float(), q_halt, -q_halt)
