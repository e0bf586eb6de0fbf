"""One puzzle's state space: runs from the model's own start and from disturbed ones, seen in a plane."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hrm_probe.dynamics import (
    cluster_attractors,
    distinct_points,
    find_fixed_points,
    frame,
    jacobian_spectrum,
    landscape,
    principal_plane,
    to_plane,
)
from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots.plane import PlaneView
from hrm_probe.reasoning.runs.flattening import decoded, segment_map
from hrm_probe.reasoning.runs.perturbing import disturbed_start
from hrm_probe.sudoku import Puzzles

SCALE = 1.0  # of the noise on starts: as large as a state itself
SEARCHES = 6  # for fixed points, at most
SAME = 1e-2  # root mean square distance below which two fixed points are one
NEAR = 0.1  # root mean square distance below which a run counts as ending at a fixed point
ARROWS = 15  # arrows along each side of a plane
LINES = 8  # disturbed runs drawn in a plane


@dataclass(frozen=True)
class Exploration:
    """Runs of one model on one puzzle; run 0 starts from the model's initial state, the others from noise on it.

    Attributes:
        puzzle: a set of one.
        points: [segment + 1, run, d], joint states (z_H, z_L); the starts come first.
        wrong: [segment + 1, run], wrong cells of the decoded grid.
        labels: [run], the attractor each run ends in, from the largest; -1 for none.
    """

    puzzle: Puzzles
    points: Tensor
    wrong: np.ndarray
    labels: np.ndarray

    @property
    def right_ends(self) -> int:
        """How many runs end solved."""
        return int((self.wrong[-1] == 0).sum())

    @property
    def balance(self) -> int:
        """How many runs end on the rarer side, solved or not: 0 if all agree."""
        return min(self.right_ends, self.wrong.shape[1] - self.right_ends)


def explore(model: RecursiveReasoner, puzzle: Puzzles, segments: int, starts: int, seed: int) -> Exploration:
    """Run one puzzle from its usual start and from ``starts`` disturbed ones, all in one batch.

    Args:
        model: any recursive reasoner for the board.
        puzzle: a set of one.
        segments: length of the runs.
        starts: disturbed starts: normal noise of standard deviation 1 on every number of the state.
        seed: for the noise.
    """
    chart = segment_map(model, puzzle.tokens)
    noise = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        begin = torch.cat(
            [
                chart.flatten(model.initial_state(1)),
                chart.flatten(disturbed_start(model, starts, SCALE, noise)),
            ]
        )
        points = [begin]
        for _ in range(segments):
            points.append(chart.step(points[-1]))
    stacked = torch.stack(points)
    wrong = torch.stack([wrong_cells(model, puzzle, at) for at in stacked]).cpu().numpy()
    ends = stacked[-1].double().cpu().numpy()
    labels = cluster_attractors(ends, starts=begin.double().cpu().numpy()).labels
    return Exploration(puzzle, stacked, wrong, labels)


def wrong_cells(model: RecursiveReasoner, puzzle: Puzzles, points: Tensor) -> Tensor:
    """Wrong cells of the grids decoded from states [m, d]: int [m]."""
    shown = decoded(model, points)
    return (shown != torch.as_tensor(puzzle.answers).to(shown.device)).sum(-1)


def plane_view(
    model: RecursiveReasoner, found: Exploration, resolution: int, marks: pd.DataFrame | None = None
) -> PlaneView:
    """The plane in which the usual run after its start, and the ends of all runs, spread most; landscape and flow.

    The start lies far from everything that follows and would take up the picture.

    Args:
        model: whose runs.
        found: the runs.
        resolution: points of the landscape along each side.
        marks: fixed points to mark, with their states in column ``state``; the attractors of the runs if None.
    """
    chart = segment_map(model, found.puzzle.tokens)
    points = found.points.double().cpu().numpy()
    plane = principal_plane(np.concatenate([points[1:, 0], points[-1, 1:]]))
    flat = to_plane(plane, points)  # [segment + 1, run, 2]
    if marks is None:
        marks = _attractor_marks(found)
    seen = to_plane(plane, np.stack(list(marks["state"]))) if len(marks) else np.empty((0, 2))
    extent = frame(np.concatenate([flat[1:, 0], flat[-1], seen]))

    def error(states: Tensor) -> Tensor:
        return wrong_cells(model, found.puzzle, states)

    dtype, device = found.points.dtype, found.points.device
    field = landscape(error, plane, extent, resolution, dtype=dtype, device=device)
    with torch.no_grad():
        flow = landscape(error, plane, extent, ARROWS, step=chart.step, dtype=dtype, device=device)
    assert flow.arrows is not None
    places = np.stack(np.meshgrid(flow.u, flow.v), -1)
    return PlaneView(
        x=field.u,
        y=field.v,
        error=field.values,
        arrows=np.concatenate([places, flow.arrows], -1).reshape(-1, 4),
        path=flat[:, 0],
        path_solved=found.wrong[:, 0] == 0,
        others=[flat[1:, run] for run in range(1, min(LINES, flat.shape[1] - 1) + 1)],
        marks=marks.drop(columns="state").assign(x=seen[:, 0], y=seen[:, 1]),
        explained=(float(plane.explained[0]), float(plane.explained[1])),
    )


def fixed_point_marks(model: RecursiveReasoner, found: Exploration, seed: int = 0) -> pd.DataFrame:
    """True fixed points near the ends of the runs, with their stability: a search from one end of each group.

    Anderson acceleration, cheap enough for a demo, finds those that attract or hardly repel; a search that finds
    strongly repelling ones too is :func:`hrm_probe.reasoning.fixed_points`.

    Args:
        model: whose runs.
        found: the runs; ends in no attractor are searched from as well, after those that are.
        seed: for the eigenvalue search.

    Returns:
        A row a distinct fixed point: ``state`` [d], ``right``, ``stable`` (None where the search for the eigenvalue
        leaves it open), ``radius`` (largest modulus of the Jacobian's eigenvalues), ``residual`` (root mean square),
        ``runs`` that end within ``NEAR`` of it, ``kind`` ("fixed point").
    """
    chart = segment_map(model, found.puzzle.tokens)
    ends = found.points[-1]
    groups = [np.flatnonzero(found.labels == label)[0] for label in range(found.labels.max(initial=-1) + 1)]
    alone = list(np.flatnonzero(found.labels < 0))
    begin = ends[torch.as_tensor([*groups, *alone][:SEARCHES])]
    searched = find_fixed_points(chart.step, begin, "anderson", max_iterations=200)
    points = searched.points[searched.converged]
    size = np.sqrt(ends.shape[1])
    if not len(points):
        return _no_marks()
    distinct = distinct_points(points, SAME * size, absolute=True).points
    spectrum = jacobian_spectrum(chart.step, distinct, 2, seed, krylov=40)
    radius = np.abs(spectrum.eigenvalues[:, 0])
    sure = np.abs(radius - 1) > spectrum.residuals[:, 0]
    apart = torch.cdist(distinct, ends).cpu().numpy() / size
    with torch.no_grad():
        residual = (chart.step(distinct) - distinct).norm(dim=1).cpu().numpy() / size
    return pd.DataFrame(
        {
            "state": list(distinct.double().cpu().numpy()),
            "right": wrong_cells(model, found.puzzle, distinct).cpu().numpy() == 0,
            "stable": [bool(r < 1) if s else None for r, s in zip(radius, sure, strict=True)],
            "radius": radius,
            "residual": residual,
            "runs": (apart <= NEAR).sum(1),
            "kind": "fixed point",
        }
    )


def _attractor_marks(found: Exploration) -> pd.DataFrame:
    """The middle of each group of ends; whether it is stable is not asked."""
    rows = []
    for label in range(found.labels.max(initial=-1) + 1):
        runs = np.flatnonzero(found.labels == label)
        middle = found.points[-1, torch.as_tensor(runs)].double().mean(0).cpu().numpy()
        right = bool(np.median(found.wrong[-1, runs]) == 0)
        rows.append({"state": middle, "right": right, "stable": None, "runs": len(runs), "kind": "attractor"})
    return pd.DataFrame(rows) if rows else _no_marks()


def _no_marks() -> pd.DataFrame:
    return pd.DataFrame(columns=["state", "right", "stable", "runs", "kind"])
