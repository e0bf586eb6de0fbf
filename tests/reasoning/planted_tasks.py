"""A model for tasks whose every answer is known beforehand: its puzzle embedding says when the answer comes."""

import torch
import torch.nn.functional as F

from hrm_probe.models import HRM, ModelConfig, SegmentOutput, State
from tests.models.published.folders import PATH, SPACE

NEVER = 30
U, PADDED = 6, 7  # channels: time, at the prefix; a mark, at cells of padding


class Embedded(HRM):
    """Solves a task of ``tests.models.published.folders`` from segment k + 1 on, where k is its puzzle embedding.

    Until then, and for ever where k is ``NEVER`` or more, it repeats the tokens. Time u = 1 - 2^-segment is in the
    state and comes to rest at 1. Where the tokens are padding, and nothing is asked, it says another token at every
    segment.
    """

    def __init__(self) -> None:
        config = ModelConfig(
            cells=12, vocab=6, d_model=8, n_heads=1, H_layers=1, L_layers=1, puzzles=NEVER + 1
        )
        super().__init__(config, torch.Generator().manual_seed(0))

    def initial_state(self, batch: int) -> State:
        z_H, z_L = (torch.zeros(batch, self.config.pos, self.config.d_model) for _ in "HL")
        return State(z_H, z_L + 1)

    def segment(self, state, tokens, puzzle_ids=None, *, gradient="segment"):
        ids = torch.zeros(len(tokens)) if puzzle_ids is None else torch.as_tensor(puzzle_ids)
        u = (1 + state.z_H[:, 0, U]) / 2
        arrived = (u > 1 - 0.75 * 0.5**ids) & (ids < NEVER)
        answers = torch.where(tokens == SPACE, PATH, tokens)
        grids = torch.where(arrived[:, None], answers, tokens)
        cells = F.one_hot(grids, 8).to(state.z_H)
        cells = torch.where((tokens == 0)[..., None], F.one_hot(torch.tensor(PADDED), 8).to(cells), cells)
        prefix = F.pad(u[:, None, None], (U, 8 - U - 1))
        state = State(torch.cat((prefix, cells), 1), state.z_L / 2)
        return state, self.read_out(state)

    def read_out(self, state: State) -> SegmentOutput:
        u, cells = state.z_H[:, 0, U], state.z_H[:, 1:]
        number = -(1 - u).clamp_min(1e-9).log2().round().long()
        idle = F.one_hot(1 + number.abs() % 4, 6).to(cells)[:, None]
        logits = 4 * torch.where(cells[..., PADDED:] > 0.5, idle, cells[..., :6])
        return SegmentOutput(logits, u - 0.5, 0.5 - u)
