"""The states that probes read, from a run of the model or from a recorded one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor

from hrm_probe.models import ModelConfig, RecursiveReasoner
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.reasoning.asking import Asked, is_trace
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.curves import where_asked
from hrm_probe.reasoning.runs.traced_states import check_recorded, states_after

if TYPE_CHECKING:
    from hrm_probe.trace import Trace


class ProbedStates(NamedTuple):
    """What a run passes through.

    Attributes:
        config: of the model.
        states: by (site, segment) float32 [puzzle, pos, d_model].
        predictions: tokens [segment, puzzle, cell].
        q_halt: [segment, puzzle].
    """

    config: ModelConfig
    states: dict[tuple[str, int], Tensor]
    predictions: np.ndarray
    q_halt: np.ndarray


def probed_states(
    asked: "RecursiveReasoner | Trace",
    puzzles: Asked,
    sites: Sequence[str],
    at: Sequence[int],
    segments: int,
    batch_size: int,
    progress: bool,
) -> ProbedStates:
    """Those of the sites after the segments ``at``, of a model's run or of a recorded one.

    Raises:
        InputError: a trace that lacks one of the sites.
    """
    if is_trace(asked):
        check_recorded(asked, sites)
        return _recorded(asked, puzzles, sites, at, batch_size)
    model = cast(RecursiveReasoner, asked)
    return _followed(model, puzzles, sites, at, segments, batch_size, progress)


def _recorded(
    trace: "Trace", puzzles: Asked, sites: Sequence[str], at: Sequence[int], batch_size: int
) -> ProbedStates:
    grids, q_halt = (np.moveaxis(trace[name].values, 1, 0) for name in ("predictions", "q_halt"))
    states = {
        (site, segment): after
        for site in sites
        for segment, after in zip(at, states_after(trace, site, at, batch_size), strict=True)
    }
    return ProbedStates(trace.model_config, states, where_asked(grids, puzzles.answers), q_halt)


def _followed(
    model: RecursiveReasoner,
    puzzles: Asked,
    sites: Sequence[str],
    at: Sequence[int],
    segments: int,
    batch_size: int,
    progress: bool,
) -> ProbedStates:
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
    return ProbedStates(model.config, states, np.concatenate(grids, axis=1), np.concatenate(halting, axis=1))
