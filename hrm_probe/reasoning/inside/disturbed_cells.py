"""One cell of a state is disturbed, and what other cells make of it: after one update, after one segment or more."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from hrm_probe.dynamics.influence import influences
from hrm_probe.models import RecursiveReasoner, State
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.reasoning.asking import Asked
from hrm_probe.wording import counted

L_UPDATE, H_UPDATE = "L-update", "H-update"

Reached = dict[str, np.ndarray]
"""By the name of a step [puzzle, cell disturbed, cell changed], the change over the disturbance."""


@torch.no_grad()
def disturbed_cells(
    model: RecursiveReasoner, puzzles: Asked, noise: Tensor, at: int, after: Sequence[int]
) -> Reached:
    """What every cell's disturbance changes in every cell, by "L-update", "H-update", "1 segment" and more.

    An update reads the sum of both states, an L-update also the input, so that it does not matter which of them is
    disturbed: here it is z_L, and the new z_L or z_H is read. For segments z_H is disturbed, and read.

    Args:
        model: whose run is taken up after segment ``at``.
        puzzles: of one board.
        noise: [puzzle, cell, d_model], what is added, to one cell at a time.
        at: a segment.
        after: numbers of segments, ascending.
    """
    config, tokens, ids = model.config, model.check_tokens(puzzles.tokens), puzzle_ids_of(puzzles)
    puzzle_ids = None if ids is None else torch.from_numpy(ids).to(model.device)
    noise = noise.to(model.device)
    start = model.run(tokens, at, puzzle_ids).state
    x = model.input_embedding(tokens, puzzle_ids)
    before_H = start
    for _ in range(config.L_cycles):
        before_H = State(before_H.z_H, model.update_L(before_H, x))

    def cells(z: Tensor) -> Tensor:
        return config.cells_of(z).float()

    def with_cells(z: Tensor, changed: Tensor) -> Tensor:
        return torch.cat((z[:, : config.prefix], changed.to(z)), dim=1)

    def L_update(z_L: Tensor) -> Tensor:
        return cells(model.update_L(State(start.z_H, with_cells(start.z_L, z_L)), x))

    def H_update(z_L: Tensor) -> Tensor:
        return cells(model.update_H(State(before_H.z_H, with_cells(before_H.z_L, z_L))))

    def segments(z_H: Tensor) -> Tensor:
        state, passed = State(with_cells(start.z_H, z_H), start.z_L), {}
        for number in range(1, after[-1] + 1):
            state, _ = model.advance(state, tokens, at + number, puzzle_ids)
            passed[number] = cells(state.z_H)
        return torch.stack([passed[number] for number in after])

    by_segments = influences(segments, cells(start.z_H), noise)
    return {
        L_UPDATE: influences(L_update, cells(start.z_L), noise).cpu().numpy(),
        H_UPDATE: influences(H_update, cells(before_H.z_L), noise).cpu().numpy(),
        **{
            counted(number, "segment"): reached.cpu().numpy()
            for number, reached in zip(after, by_segments, strict=True)
        },
    }
