"""Runs far beyond the length a model was trained for, of which little is kept: memory does not grow with length."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.curves import root_mean_square, segment_by_segment, where_asked


@dataclass(frozen=True)
class LongRun:
    """What is kept of a long run.

    Attributes:
        displacement: [puzzle, segment], root mean square change of z_H over the segment.
        solved: bool [puzzle, segment], the whole grid right.
        changed: bool [puzzle, segment], the grid is another than at the segment before.
        moved: [puzzle, horizon], root mean square distance of z_H there from z_H at the first horizon.
    """

    displacement: np.ndarray
    solved: np.ndarray
    changed: np.ndarray
    moved: np.ndarray


def run_long(
    model: RecursiveReasoner,
    puzzles: Asked,
    horizons: Sequence[int],
    *,
    batch_size: int = 128,
    progress: bool = False,
) -> LongRun:
    """Run puzzles to the last of the horizons (segments, ascending), keeping displacements and outcomes.

    Args:
        model: any recursive reasoner for the puzzles' board.
        puzzles: what to solve, or ``Tasks``; at least one.
        horizons: where to measure how far z_H has gone from where it was at the first of them.
        batch_size: puzzles at once.
        progress: show a bar.
    """
    batches = in_batches(len(puzzles), batch_size)
    parts = [_run_batch(model, puzzles[rows], horizons, progress) for rows in batches]
    return LongRun(**{f.name: np.concatenate([part[f.name] for part in parts]) for f in fields(LongRun)})


def _run_batch(
    model: RecursiveReasoner, puzzles: Asked, horizons: Sequence[int], progress: bool
) -> dict[str, np.ndarray]:
    kept: dict[str, list[Tensor]] = {field.name: [] for field in fields(LongRun)}
    tokens = model.check_tokens(puzzles.tokens)
    answers = torch.as_tensor(puzzles.answers).to(tokens)
    grids = where_asked(tokens, answers)
    counted = track(range(1, horizons[-1] + 1), "running on", unit="segments", show=progress)
    with torch.no_grad():
        segments = segment_by_segment(model, tokens, horizons[-1], puzzle_ids=puzzle_ids_of(puzzles))
        for number, (before, after, output) in zip(counted, segments, strict=True):
            now = where_asked(output.logits.argmax(-1), answers)
            kept["displacement"].append(root_mean_square(after.z_H - before.z_H))
            kept["solved"].append((now == answers).all(-1))
            kept["changed"].append((now != grids).any(-1))
            grids = now
            if number == horizons[0]:
                at_first = after.z_H
            if number in horizons:
                kept["moved"].append(root_mean_square(after.z_H - at_first))
    return {name: torch.stack(values, 1).cpu().numpy() for name, values in kept.items()}
