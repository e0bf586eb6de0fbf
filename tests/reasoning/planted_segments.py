"""Models whose segment is written down, so that every answer about them is known beforehand.

A state holds one number u; its cells blend the right solution (u = 0) into a wrong one (u = 1), and a segment
moves u by a given flow. The decoded grid is right exactly while u < 1/2. z_L is halved by every segment. Hooks on
both states see one update a segment.
"""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_probe.models import HRM, ModelConfig, SegmentOutput, State
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.sudoku import all_solutions

Flow = Callable[[Tensor], Tensor]


def keeps(u: Tensor) -> Tensor:
    """u = 0 attracts (slope 1/2) and is the only fixed point: solutions are kept."""
    return 0.5 * u


def loses(u: Tensor) -> Tensor:
    """u = 0 repels (slope 2), u = 1 attracts (slope 0): solutions are lost, the later the nearer u was to 0."""
    return u + u * (1 - u)


def has_a_rival(u: Tensor) -> Tensor:
    """u = 0 and u = 1 attract (slopes 0.6 and 0.4), u = 0.4 between them repels (slope 1.24)."""
    return u + u * (1 - u) * (u - 0.4)


class Planted(HRM):
    """Solves 4x4 puzzles by looking through all 288 grids, then lets a flow decide whether it says so.

    ``spoils`` (tokens -> bool [batch]) names puzzles that it answers wrongly at every segment.
    """

    def __init__(self, flow: Flow, u: float = 0.0, spoils: Callable[[Tensor], Tensor] | None = None):
        config = ModelConfig(cells=16, vocab=6, d_model=8, n_heads=1, H_layers=1, L_layers=1)
        super().__init__(config, torch.Generator().manual_seed(0))
        self.flow, self.u, self.spoils = flow, u, spoils
        self.grids = torch.as_tensor(all_solutions(np.zeros(16, np.int8))).long()  # [288, cell], digits

    def initial_state(self, batch: int) -> State:
        z_H, z_L = (torch.zeros(batch, self.config.pos, self.config.d_model) for _ in "HL")
        z_H[:, 0, 0] = self.u
        return State(z_H, z_L + 1)

    def segment(self, state, tokens, puzzle_ids=None, *, gradient="segment"):
        fits = ((tokens[:, None] == self.grids + 1) | (tokens[:, None] == 1)).all(-1)
        digits = self.grids[fits.int().argmax(1)]
        right, wrong = (self._cells(d).to(state.z_H) for d in (digits, digits % 4 + 1))
        u = self.flow(state.z_H[:, 0, 0])
        if self.spoils is not None:
            u = torch.where(self.spoils(tokens), 1.0, u)
        cells = right + u[:, None, None] * (wrong - right)
        prefix = F.pad(u[:, None, None], (0, self.config.d_model - 1))
        self._set_tick(self.config.H_cycles, self.config.L_cycles)
        z_L = self.hook_z_L(state.z_L / 2)
        self._set_tick(self.config.H_cycles, 0)
        state = State(self.hook_z_H(torch.cat((prefix, cells), dim=1)), z_L)
        return state, self.read_out(state)

    def read_out(self, state: State) -> SegmentOutput:
        sure = 0.5 - state.z_H[:, 0, 0]
        return SegmentOutput(state.z_H[:, 1:, : self.config.vocab], sure, -sure)

    def _cells(self, digits: Tensor) -> Tensor:
        return torch.eye(self.config.d_model)[digits + 1]


def curves_of(solved: list[str], halted_at: list[int] | None = None) -> Curves:
    """Curves written as a line a puzzle, "#" for a segment at which it is solved and "." for one at which not."""
    flags = np.array([[mark == "#" for mark in line] for line in solved])
    errors = np.where(flags, 0, 2)
    flat = np.ones(flags.shape)
    predictions = np.zeros((*flags.shape, 16), int)
    halts = np.array(halted_at or [flags.shape[1]] * len(flags))
    return Curves(flat, errors, flags, predictions, flat, flat, flat, halts, flat.cumsum(1), flat)
