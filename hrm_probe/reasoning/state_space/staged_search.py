"""Searches for fixed points, in batches from which those that have ended are taken out on the way."""

import math
import time
from typing import NamedTuple

import torch
from torch import Tensor

from hrm_probe.dynamics.fixed_points import find_fixed_points
from hrm_probe.models import RecursiveReasoner
from hrm_probe.progress import Display
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.runs.flattening import map_of

NEWTON_ITERATIONS = 20
STAGE = 5  # outer iterations after which rows that have converged are taken out of the batch


class Found(NamedTuple):
    """Where searches ended: points [m, d]; residuals, converged, iterations, cut_short [m]."""

    points: Tensor
    residuals: Tensor
    converged: Tensor
    iterations: Tensor
    cut_short: Tensor


def search_in_stages(
    model: RecursiveReasoner,
    puzzles: Asked,
    starts: Tensor,
    method: str,
    tol: float,
    max_iterations: int | None,
    krylov: int,
    batch_size: int,
    seconds: float | None,
    progress: bool,
) -> Found:
    """The search in batches, each in stages with the rows that have not converged: it is as slow as its slowest row.

    Args:
        model: that the searches are about.
        puzzles: [m], of each start.
        starts: [m, d].
        method, tol, max_iterations, krylov: of :func:`hrm_probe.dynamics.find_fixed_points`; 20 iterations of
            Newton's method if None.
        batch_size: searches at once.
        seconds: wall time after which no outer iteration begins, in any batch.
        progress: show a bar.
    """
    deadline = math.inf if seconds is None else time.monotonic() + seconds
    n = len(starts)
    points, residuals = starts.clone(), starts.new_zeros(n)
    iterations = torch.zeros(n, dtype=torch.long, device=points.device)
    converged, cut_short = (torch.zeros(n, dtype=torch.bool, device=points.device) for _ in range(2))

    # Newton's method forgets its past at every iteration, so it may stop and go on; the others may not.
    in_stages = method == "newton-krylov"
    limit = NEWTON_ITERATIONS if in_stages and max_iterations is None else max_iterations

    with Display("searching fixed points", n, silent=not (progress and in_stages), passing=True) as display:
        for batch in torch.arange(n, device=points.device).split(batch_size):
            rows, left = batch, limit or 0
            while len(rows):
                most = min(STAGE, left) if in_stages else limit
                step = map_of(model, puzzles[rows.cpu().numpy()], points.dtype).step
                found = find_fixed_points(
                    step,
                    points[rows],
                    method,
                    tol=tol,
                    max_iterations=most,
                    krylov=krylov,
                    seconds=None if seconds is None else max(deadline - time.monotonic(), 0.0),
                    progress=progress and not in_stages,
                )
                points[rows], residuals[rows], converged[rows] = (
                    found.points,
                    found.residuals,
                    found.converged,
                )
                iterations[rows] += found.iterations
                cut_short[rows] = ~found.converged & found.cut_short
                left -= STAGE
                rows = rows[~converged[rows] & ~cut_short[rows] & (in_stages and left > 0)]
                if display.due:
                    # Counted by starts: iterations that converged ones never need would stand in a time left.
                    ended = int(batch[-1]) + 1 - len(rows)
                    display.show(ended, f"{ended:,} of {n:,} starts", f"{int(converged.sum())} converged")
    converged &= residuals <= tol * (1 + starts.norm(dim=1))
    return Found(points, residuals, converged, iterations, cut_short)
