"""Searches for fixed points, in batches from which those that have ended are taken out on the way."""

import math
import time
from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from hrm_probe.dynamics.fixed_points import find_fixed_points
from hrm_probe.models import RecursiveReasoner
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.flattening import map_of
from hrm_probe.wording import counted

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

    def status() -> str:
        return f"{int(converged.sum())} of {counted(n, 'start')} converged"

    # Newton's method forgets its past at every iteration, so it may stop and go on; the others may not.
    in_stages = method == "newton-krylov"
    limit = NEWTON_ITERATIONS if in_stages and max_iterations is None else max_iterations
    firsts = range(0, n, batch_size)
    stages: Iterable[tuple[int, int | None]] = [(first, limit) for first in firsts]
    if in_stages and limit is not None:
        stages = [
            (first, min(STAGE, limit - done)) for first in firsts for done in range(0, max(limit, 1), STAGE)
        ]
        if progress:
            total = limit * len(firsts)
            stages = track(stages, "searching fixed points", total, "iterations", min(STAGE, limit), status)
    for first, most in stages:
        batch = slice(first, first + batch_size)
        rows = first + (~converged[batch] & ~cut_short[batch]).nonzero()[:, 0]
        if not len(rows):
            continue
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
        points[rows], residuals[rows], converged[rows] = found.points, found.residuals, found.converged
        iterations[rows] += found.iterations
        cut_short[rows] = ~found.converged & found.cut_short
    converged &= residuals <= tol * (1 + starts.norm(dim=1))
    return Found(points, residuals, converged, iterations, cut_short)
