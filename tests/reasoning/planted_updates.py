"""Models whose grid at every segment is written down, with the real recursion around it: hooks, states, halting.

z_L carries the grid to come, a count of segments (channel 6 of position 0) and a memory (channel 6 of position 1,
0 at the start, so that noise on the initial state reaches it); z_H takes the grid over. Channel 7 of position 0
is the halting value.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_probe.models import ModelConfig, RecursiveReasoner, State
from hrm_probe.sudoku import solve

STRENGTH = 8.0
Plan = Callable[["Segment"], Tensor]


class Segment:
    """What a plan may look at; tokens [batch, cell]. It returns the next grid and may set ``memory``."""

    def __init__(self, tokens: Tensor, before: State):
        self.tokens = tokens
        self.answers = torch.as_tensor(solve(tokens.numpy() - 1)).long() + 1
        self.number = before.z_L[:, 0, 6].round().long() + 1  # 1-based, [batch]
        self.memory = before.z_L[:, 1, 6]  # [batch]
        self.shown = before.z_H[..., :6].argmax(-1)  # the grid in z_H, [batch, cell]

    def renamed(self, by: Tensor | int) -> Tensor:
        """The answers with every digit moved on, right only for multiples of 4; [batch, cell]."""
        return (self.answers - 2 + torch.as_tensor(by).reshape(-1, 1)) % 4 + 2


class Planted(RecursiveReasoner):
    """A 4x4 reasoner that shows what its plan says."""

    def __init__(self, plan: Plan, segments: int = 16):
        config = ModelConfig(
            cells=16, vocab=6, d_model=8, n_heads=1, H_cycles=1, L_cycles=1, prefix=0, positions="none",
            max_segments=segments,
        )  # fmt: skip
        super().__init__(config, torch.Generator().manual_seed(0))
        self.plan = plan
        with torch.no_grad():
            self.W_E.copy_(torch.eye(6, 8))
            self.unembed.weight.copy_(torch.eye(6, 8))
            self.q_head.weight.zero_()
            self.q_head.weight[0, 7] = 1.0
            self.q_head.bias.zero_()
            self.H_init.zero_()
            self.L_init.zero_()

    def build_levels(self, generator):
        """No modules: the plan is all there is."""

    def in_published_gradient(self, H_cycle, L_cycle):
        return True

    def update_L(self, state, x):
        segment = Segment(x[..., :6].argmax(-1), state)
        grid = self.plan(segment)
        z_L = F.pad(STRENGTH * F.one_hot(grid, 6).float(), (0, 2))
        z_L[:, 0, 6], z_L[:, 1, 6] = segment.number.float(), segment.memory
        z_L[:, 0, 7] = torch.where((grid == segment.answers).all(-1), 5.0, -5.0)
        return z_L

    def update_H(self, state):
        z_H = state.z_L.clone()
        z_H[..., 6] = 0
        return z_H


def jumps_at(segment: int) -> Plan:
    """Another wrong grid at every segment until this one, right from then on."""
    return lambda s: torch.where(s.number[:, None] < segment, s.renamed(1 + s.number % 3), s.answers)


def stuck(s: Segment) -> Tensor:
    """The same wrong grid always: a wrong attractor."""
    return s.renamed(1)


def wanders(s: Segment) -> Tensor:
    """Three wrong grids in turn, for ever."""
    return s.renamed(1 + s.number % 3)


def two_attractors(s: Segment) -> Tensor:
    """Right where the memory began above 0.5, stuck at a wrong grid elsewhere; it begins at 0."""
    s.memory = (s.memory > 0.5).float()
    return torch.where(s.memory[:, None] > 0, s.answers, s.renamed(1))


def follows_input(s: Segment) -> Tensor:
    return s.answers


def follows_state(s: Segment) -> Tensor:
    """The answers at first, then whatever z_H shows."""
    return torch.where(s.number[:, None] == 1, s.answers, s.shown)


def by_blanks(few: Plan, many: Plan, limit: int) -> Plan:
    """One plan for puzzles of at most ``limit`` blanks, another for the rest; symmetric copies keep theirs."""
    return lambda s: torch.where((s.tokens == 1).sum(1, keepdim=True) <= limit, few(s), many(s))
