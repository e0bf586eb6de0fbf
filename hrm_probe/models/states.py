"""What the recursion carries from update to update, and what it gives."""

from typing import NamedTuple

from torch import Tensor


class State(NamedTuple):
    """What recursion updates: z_H and z_L, each [batch, pos, d_model]."""

    z_H: Tensor
    z_L: Tensor

    def __repr__(self) -> str:
        return f"State(z_H {_shape(self.z_H)}, z_L {_shape(self.z_L)}: batch, pos, d_model)"

    def detach(self) -> "State":
        return State(self.z_H.detach(), self.z_L.detach())


class SegmentOutput(NamedTuple):
    """What a segment says: logits [batch, cell, vocab]; q_halt and q_continue [batch], before any sigmoid."""

    logits: Tensor
    q_halt: Tensor
    q_continue: Tensor


class Rollout(NamedTuple):
    """All segments of one run.

    Attributes:
        logits: [segment, batch, cell, vocab], float32, of a model in float64 float64.
        predictions: [segment, batch, cell], the likeliest tokens.
        q_halt, q_continue: [segment, batch].
        halted_at: [batch], the 1-based segment at which the model would have stopped (the last if never).
        state: the state after the last segment.
    """

    logits: Tensor
    predictions: Tensor
    q_halt: Tensor
    q_continue: Tensor
    halted_at: Tensor
    state: State

    def __repr__(self) -> str:
        return f"Rollout(logits {_shape(self.logits)}: segment, batch, cell, vocab; state {self.state!r})"


def _shape(value: object) -> str:
    """A tensor's shape; what stands in its place where the tuple is a pattern for torch.func, as it is."""
    return str(list(value.shape)) if isinstance(value, Tensor) else repr(value)
