"""Finite-time Lyapunov exponents of a model's segment: do neighbouring states of one puzzle meet or part?"""

import numpy as np

from hrm_probe.dynamics.linearise import random_directions
from hrm_probe.dynamics.lyapunov import lyapunov_spectrum
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.flattening import segment_map


def finite_time_exponents(
    model: RecursiveReasoner,
    tokens: np.ndarray,
    k: int,
    segments: int,
    *,
    puzzle_ids: np.ndarray | None = None,
    batch_size: int = 16,
    seed: int = 0,
    progress: bool = False,
) -> np.ndarray:
    """The k largest exponents of each puzzle's run from the model's initial state, [puzzle, k], largest first.

    Args:
        model: any recursive reasoner.
        tokens: [puzzle, cell].
        k: how many, at most the dimension d = 2 pos d_model of the joint state (z_H, z_L).
        segments: steps that are averaged over, from the first.
        puzzle_ids: [puzzle], which puzzle embedding; all 0 if None.
        batch_size: puzzles at once. Memory is that of ``k * batch_size`` segments without gradient.
        seed: for the first frame, the same for every puzzle: what a puzzle is given owes nothing to the others.
        progress: show a bar.

    Returns:
        Exponents in nats a segment. NaN where a run leaves the finite numbers, -inf for a direction that the
        segment destroys altogether.
    """
    parts = [np.empty((0, k))]
    tangents = None
    for rows in in_batches(len(tokens), batch_size, "exponents", progress):
        some, ids = tokens[rows], None if puzzle_ids is None else puzzle_ids[rows]
        step, flatten, _ = segment_map(model, some, ids)
        starts = flatten(model.initial_state(len(some)))
        if tangents is None:
            tangents = random_directions((1, k, starts.shape[1]), starts, seed)
        frames = tangents.expand(len(some), -1, -1)
        parts.append(lyapunov_spectrum(step, starts, k, segments, discard=0, tangents=frames).exponents)
    return np.concatenate(parts)


def usable(exponents: np.ndarray) -> np.ndarray:
    """Exponents fit for a regression, [n, at most k]: NaN rows are the caller's to leave out.

    A destroyed direction (-inf) takes the lowest finite value of its column; columns without one are left out.
    """
    finite = np.isfinite(exponents)
    kept = exponents[:, finite.any(0)]
    lowest = np.where(np.isfinite(kept), kept, np.inf).min(0, initial=np.inf)
    return np.maximum(kept, lowest)
