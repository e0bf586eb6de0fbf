"""The states that probes read, from a run of the model or from a recorded one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import Asked, puzzle_ids_of
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.curves import where_asked
from hrm_probe.reasoning.runs.traced_states import states_after

if TYPE_CHECKING:
    from hrm_probe.trace import Trace


class ProbedStates(NamedTuple):
    """What a run passes through.

    Attributes:
        states: by (site, segment) float32 [puzzle, pos, d_model].
        predictions: tokens [segment, puzzle, cell].
        q_halt: [segment, puzzle].
    """

    states: dict[tuple[str, int], Tensor]
    predictions: np.ndarray
    q_halt: np.ndarray


def recorded_states(
    trace: "Trace", puzzles: Asked, sites: Sequence[str], at: Sequence[int], batch_size: int
) -> ProbedStates:
    """Those of a trace."""
    grids, q_halt = (np.moveaxis(trace[name].values, 1, 0) for name in ("predictions", "q_halt"))
    states = {
        (site, segment): after
        for site in sites
        for segment, after in zip(at, states_after(trace, site, at, batch_size), strict=True)
    }
    return ProbedStates(states, where_asked(grids, puzzles.answers), q_halt)


def followed_states(
    model: RecursiveReasoner,
    puzzles: Asked,
    sites: Sequence[str],
    at: Sequence[int],
    segments: int,
    batch_size: int,
    progress: bool,
) -> ProbedStates:
    """Those of a model's run."""
    kept: dict[tuple[str, int], list[Tensor]] = {(site, s): [] for site in sites for s in at}
    grids, halting = [], []
    for rows in in_batches(len(puzzles), batch_size, "following", progress):
        some = puzzles[rows]
        tokens = model.check_tokens(some.tokens)
        of_batch = []
        for s, (after, output) in enumerate(model.unroll(tokens, segments, puzzle_ids_of(some)), start=1):
            grid = where_asked(output.logits.argmax(-1).cpu().numpy(), some.answers)
            of_batch.append((grid, output.q_halt.cpu().numpy()))
            for site in sites:
                if s in at:
                    kept[site, s].append(getattr(after, site).float().cpu())
        grids.append(np.stack([g for g, _ in of_batch]))
        halting.append(np.stack([q for _, q in of_batch]))
    states = {key: torch.cat(parts) for key, parts in kept.items()}
    return ProbedStates(states, np.concatenate(grids, axis=1), np.concatenate(halting, axis=1))
