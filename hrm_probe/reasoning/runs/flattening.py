"""A model's segment as a map of plain points, for everything in :mod:`hrm_probe.dynamics`."""

import copy
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner, State
from hrm_probe.models.checking import Tokens, check_rows
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.reasoning.asking import Asked


class SegmentMap(NamedTuple):
    """One segment as a map of points, and the way there and back.

    Attributes:
        step: [n, d] -> [n, d], n a multiple of the number of puzzles; row i is of puzzle i mod that number.
        flatten: State -> [n, d], z_H first, each position by position; d = 2 pos d_model.
        unflatten: [n, d] -> State.
    """

    step: Callable[[Tensor], Tensor]
    flatten: Callable[[State], Tensor]
    unflatten: Callable[[Tensor], State]


def segment_map(
    model: RecursiveReasoner,
    tokens: Tokens,
    puzzle_ids: Tokens | None = None,
    dtype: torch.dtype | None = None,
) -> SegmentMap:
    """``model.segment`` with its puzzles held fixed, as ``step`` of a flat state.

    >>> step, flatten, unflatten = segment_map(model, puzzles.tokens)                 # doctest: +SKIP
    >>> starts = flatten(model.run(puzzles.tokens).state)                       # [puzzle, d]  # doctest: +SKIP
    >>> found = find_fixed_points(step, starts)                                       # doctest: +SKIP
    >>> decoded(model, found.points)                                # the grids that they show  # doctest: +SKIP
    >>> around = perturbed(starts, 0.1, copies=5)                               # [5, puzzle, d] # doctest: +SKIP
    >>> find_fixed_points(step, around.flatten(0, 1))                           # 5 starts a puzzle # doctest: +SKIP

    Args:
        model: its weights are shared, and it is left as it is.
        tokens: [puzzle, cell]. Rows of points may repeat them: with m starts for each puzzle the rows are all
            puzzles, then all again, ... With one puzzle there may be any number of rows.
        puzzle_ids: [puzzle], torch or numpy; all 0 if None.
        dtype: for the points and the arithmetic: torch.float32 or torch.float64; if None, the model's own, and
            float32 for a model in bfloat16, whose rounding leaves no derivative worth the name.

    The map works under ``torch.func`` (jvp, vjp, vmap). There attention is written out instead of fused, which
    changes values by rounding only. Weights stay as they are stored: float64 means the float32 model computed
    exactly, not another model.

    Raises:
        InputError: tokens or puzzle_ids that do not fit the model, or another dtype.
    """
    exact = in_precision(model, dtype)
    dtype, tokens = exact.forward_dtype, model.check_tokens(tokens)
    ids = check_rows(len(tokens), model.config, puzzle_ids, None)
    ids = None if ids is None else ids.to(tokens.device)
    puzzles, pos, d_model = len(tokens), model.config.pos, model.config.d_model

    def flatten(state: State) -> Tensor:
        return torch.cat((state.z_H.flatten(1), state.z_L.flatten(1)), dim=1).to(dtype)

    def unflatten(points: Tensor) -> State:
        z_H, z_L = points.to(dtype).unflatten(1, (2, pos, d_model)).unbind(1)
        return State(z_H, z_L)

    def step(points: Tensor) -> Tensor:
        times, left = divmod(len(points), puzzles)
        if left:
            raise InputError(
                f"{len(points)} points do not belong to {puzzles} puzzles; give a whole number of points for each."
            )
        own = None if ids is None else ids.repeat(times)
        state, _ = exact.segment(unflatten(points), tokens.repeat(times, 1), own)
        return flatten(state)

    return SegmentMap(step, flatten, unflatten)


@torch.no_grad()
def decoded(model: RecursiveReasoner, points: Tensor, batch_size: int = 128) -> Tensor:
    """The tokens that flat states show as they stand.

    >>> shown = decoded(model, flatten(model.run(puzzles.tokens).state))              # doctest: +SKIP

    Args:
        model: whose states they are.
        points: [n, d], as `SegmentMap.flatten` gives them.
        batch_size: how many are read at once.

    Returns:
        Tokens [n, cell], on the device of the points.
    """
    config = model.config
    shown = [
        model.read_out(State(*part.unflatten(1, (2, config.pos, config.d_model)).unbind(1))).logits.argmax(-1)
        for part in points.split(batch_size)
    ]
    return torch.cat(shown)


def map_of(model: RecursiveReasoner, puzzles: Asked, dtype: torch.dtype | None = None) -> SegmentMap:
    """The same of puzzles or tasks, each with its own puzzle embedding."""
    return segment_map(model, puzzles.tokens, puzzle_ids_of(puzzles), dtype)


def in_precision(model: RecursiveReasoner, dtype: torch.dtype | None = None) -> RecursiveReasoner:
    """The same model with activations in another dtype; it shares weights and hook points with the original.

    Args:
        model: is left as it is.
        dtype: torch.float32 or torch.float64; the model's own if None, and float32 for a model in bfloat16.

    Raises:
        InputError: another dtype.
    """
    if dtype is None:
        dtype = torch.float64 if model.forward_dtype == torch.float64 else torch.float32
    if dtype not in (torch.float32, torch.float64):
        raise InputError(f"States are studied in torch.float32 or torch.float64, not {dtype}.")
    twin = copy.copy(model)
    twin.compute_in(dtype)
    return twin
