"""What is known of each attractor: its grid, what the model thinks of it, whether it is a fixed point that attracts."""

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hrm_probe.dynamics import find_fixed_points
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.runs.curves import root_mean_square, where_asked
from hrm_probe.reasoning.runs.flattening import decoded, map_of
from hrm_probe.reasoning.state_space.fixed_points import distinct_by_puzzle, leading_eigenvalues
from hrm_probe.reasoning.state_space.many_starts import FULL, PLAIN, PLANE, PuzzleRuns
from hrm_probe.sudoku import Puzzles, conflicts, overwritten

ITERATIONS = (30, 70)  # of Anderson acceleration, in stages: rows that have converged are taken out between
EIGENVALUES, KRYLOV = 2, 40
SAME = 1e-2  # root mean square distance below which two fixed points are one


def describe(runs: PuzzleRuns, labels: np.ndarray) -> pd.DataFrame:
    """One row per attractor of one puzzle, the largest first.

    Columns: ``attractor``, ``run`` (the one that ends in its middle, which speaks for it), ``right``,
    ``wrong_cells``, of Sudokus ``conflicts``, ``clues_kept`` and ``valid``, then ``q_halt``, ``believed`` (the model
    would stop there), ``runs``, ``plain`` (the model's own run ends there), ``basin``, ``basin_plane``, ``agree``
    (share of its runs that end with the same grid), ``distance_right`` (to the nearest right attractor, 0 for a right
    one).

    Args:
        runs: of the puzzle.
        labels: int [run], the attractor each ends in, -1 for none.
    """
    puzzle, ends, source = runs.puzzle, runs.ends, runs.source
    middles = runs.groups.middles(labels)
    grids = ends.grids[middles]
    wrong = (grids != puzzle.answers[0]).sum(1)
    inside = labels[None] == np.arange(len(middles))[:, None]  # [attractor, run]
    same = (ends.grids[None] == grids[:, None]).all(-1)
    return pd.DataFrame(
        {
            "attractor": np.arange(len(middles)),
            "run": middles,
            "right": wrong == 0,
            "wrong_cells": wrong,
            **(_by_the_rules(puzzle, grids) if isinstance(puzzle, Puzzles) else {}),
            "q_halt": ends.q_halt[middles].astype(float),
            "believed": ends.halts[middles],
            "runs": inside.sum(1),
            "plain": inside[:, source == PLAIN].any(1),
            "basin": _share(inside[:, source == FULL]),
            "basin_plane": _share(inside[:, source == PLANE]),
            "agree": (inside & same).sum(1) / np.maximum(inside.sum(1), 1),
            "distance_right": [runs.groups.distance(run, middles[wrong == 0]) for run in middles],
        }
    )


def _by_the_rules(puzzle: Puzzles, grids: np.ndarray) -> dict[str, np.ndarray]:
    """What can be told of grids [attractor, cell] without the answer."""
    error = conflicts(puzzle.board, grids - 1)
    return {
        "conflicts": error,
        "clues_kept": overwritten(puzzle.grids, grids - 1) == 0,
        "valid": error == 0,
    }


def stability_of(
    model: RecursiveReasoner,
    puzzles: Asked,
    middles: Tensor,
    owner: np.ndarray,
    tolerance: float,
    batch_size: int,
    seed: int,
) -> pd.DataFrame:
    """Whether the map has a fixed point at each attractor, and whether that attracts.

    Anderson acceleration goes on from the attractor's middle. The attractor is ``fixed`` if it converges, to a
    point within ``tolerance`` (root mean square) that decodes to the same grid. ``residual`` is what is left of
    the map's move there (root mean square), ``radius`` the largest modulus of the Jacobian's eigenvalues; both are
    NaN where no such point is found. ``stable`` is radius < 1, and None where there is no radius or it is nearer
    to 1 than the residual of its eigenvector. ``point`` numbers the fixed points of each puzzle, -1 for none:
    attractors that share one were told apart by creeping.

    Args:
        puzzles: one for each attractor, in order.
        middles: [attractor, d].
        owner: int [attractor], which puzzle that is.
    """
    points, converged = _refined(model, puzzles, middles, batch_size)
    residual = np.full(len(points), np.nan)
    fixed = converged & (root_mean_square(points - middles).cpu().numpy() <= tolerance)
    for rows in np.array_split(np.arange(len(points)), -(-len(points) // batch_size) or 1):
        if len(rows):
            chart, answers = map_of(model, puzzles[rows], middles.dtype), puzzles.answers[rows]
            shown = (decoded(model, x[rows], batch_size).cpu().numpy() for x in (middles, points))
            at_middle, at_point = (where_asked(grids, answers) for grids in shown)
            with torch.no_grad():
                residual[rows] = root_mean_square(chart.step(points[rows]) - points[rows]).cpu().numpy()
            fixed[rows] &= (at_middle == at_point).all(1)
    at = np.flatnonzero(fixed)
    k = min(EIGENVALUES, middles.shape[1])
    spectra = leading_eigenvalues(model, puzzles[at], points[at], k, KRYLOV, batch_size, seed)
    table = pd.DataFrame({"fixed": fixed, "residual": np.where(fixed, residual, np.nan), "radius": np.nan})
    table["stable"] = pd.Series([None] * len(table), dtype=object)
    table.loc[at, "radius"] = spectra["radius"].to_numpy(float)
    sure = spectra["sure"].to_numpy(bool)
    table.loc[at[sure], "stable"] = (spectra["radius"].to_numpy(float) < 1)[sure]
    table["point"] = distinct_by_puzzle(points, fixed, owner, SAME)[0]
    return table


def unknown_stability(n: int) -> pd.DataFrame:
    """The columns of :func:`stability_of` where it was not asked."""
    nothing = np.full(n, np.nan)
    stable = pd.Series([None] * n, dtype=object)
    return pd.DataFrame(
        {"fixed": stable, "residual": nothing, "radius": nothing, "stable": stable, "point": -1}
    )


def _refined(
    model: RecursiveReasoner, puzzles: Asked, starts: Tensor, batch_size: int
) -> tuple[Tensor, np.ndarray]:
    """Points near which the map stands still, and which searches converged."""
    points, converged = starts.clone(), np.zeros(len(starts), bool)
    for iterations in ITERATIONS:
        left = np.flatnonzero(~converged)
        for rows in np.split(left, range(batch_size, len(left), batch_size)):
            if len(rows):
                step = map_of(model, puzzles[rows], starts.dtype).step
                with torch.no_grad():
                    found = find_fixed_points(step, points[rows], "anderson", max_iterations=iterations)
                points[rows], converged[rows] = found.points, found.converged.cpu().numpy()
    return points, converged


def _share(inside: np.ndarray) -> np.ndarray:
    """Share of runs [attractor, run] in each attractor; NaN where there are no runs."""
    return inside.mean(1) if inside.shape[1] else np.full(len(inside), np.nan)
