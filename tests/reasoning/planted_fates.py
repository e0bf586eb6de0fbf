"""A planted model with two fates: some puzzles follow a flow that solves them, the others one that does not."""

from collections.abc import Callable

import torch
from torch import Tensor

from hrm_probe.models import SegmentOutput, State

from .planted_segments import Flow, Planted

RMS = (33 / 136) ** 0.5
"""Root mean square of z_H's change when u changes by 1: the prefix's u, and two channels of each of 16 cells."""


def fails(tokens: Tensor) -> Tensor:
    """Which puzzles follow the failing flow, about two in five; bool [batch]."""
    return (tokens * torch.arange(1, tokens.shape[1] + 1)).sum(1) % 5 < 2


class Divided(Planted):
    """``Planted`` from u = 0.7 with a flow for the puzzles that succeed and another for those that fail.

    With ``halts`` the halting value is 1/2 - u and tells them apart; without it is always 0.
    """

    def __init__(
        self,
        succeeding: Flow,
        failing: Flow,
        u: float = 0.7,
        halts: bool = True,
        fails: Callable[[Tensor], Tensor] = fails,
    ):
        super().__init__(succeeding, u)
        self.succeeding, self.failing, self.fails, self.halts = succeeding, failing, fails, halts

    def segment(self, state, tokens, puzzle_ids=None, *, gradient="segment"):
        self.flow = lambda u: torch.where(self.fails(tokens), self.failing(u), self.succeeding(u))
        return super().segment(state, tokens, puzzle_ids, gradient=gradient)

    def read_out(self, state: State) -> SegmentOutput:
        told = super().read_out(state)
        return told if self.halts else SegmentOutput(told.logits, told.q_halt * 0, told.q_continue * 0)


def settles_wrong(u: Tensor) -> Tensor:
    """u = 1 attracts with slope 1/2: a wrong fixed point."""
    return 1 + (u - 1) / 2


def logistic(r: float) -> Flow:
    """The logistic map on 0.55..0.95, all of it wrong; at r = 4 its exponent is ln 2."""

    def flow(u: Tensor) -> Tensor:
        x = (u - 0.55) / 0.4
        return 0.55 + 0.4 * r * x * (1 - x)

    return flow


roams = logistic(3.9)
"""Chaos that stays clear of the ends, where rounding would catch it."""


def creeps(u: Tensor) -> Tensor:
    """A thousandth further at every segment, for ever wrong and never at rest."""
    return u + 0.001


def comes_late(u: Tensor) -> Tensor:
    """From 0.7 to the right side of 0.5 in 25 segments, and on to rest at 0."""
    return torch.where(u > 0.5, u - 0.008, u / 2)


def goes_to(point: float, slope: float) -> Flow:
    """From 0 to a fixed point in one segment, and exactly at rest there; its slope shows in derivatives only."""
    return lambda u: torch.where(u == 0, u + point, point + slope * (u - point))
