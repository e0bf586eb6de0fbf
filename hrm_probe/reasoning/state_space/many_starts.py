"""Many starts of one puzzle: the model's own, noise around it, and a plane through its trajectory."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hrm_probe.dynamics import Plane, frame, from_plane, principal_plane, to_plane
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.runs.flattening import map_of
from hrm_probe.reasoning.runs.perturbing import disturbed_start
from hrm_probe.reasoning.state_space.rested_starts import EndGroups, Ends, run_to_rest

PLAIN, FULL, PLANE = "plain", "full", "plane"
SWEEP = 3.0  # runs are followed until they have settled at this much less than the threshold, so that it can be swept


@dataclass(frozen=True)
class PlaneGrid:
    """A grid of starts in a plane: ``starts`` [rows * columns, d], at u [columns] and v [rows], row by row."""

    plane: Plane
    u: np.ndarray
    v: np.ndarray
    starts: Tensor


def grid_in_plane(points: Tensor, resolution: int) -> PlaneGrid | None:
    """Starts over the principal plane of some points, framed by them; None where they lie on one line.

    Args:
        points: [t, d], a trajectory; its first point is where the run started.
        resolution: starts along each side.
    """
    path = points.double().cpu().numpy()
    try:
        plane = principal_plane(path)
    except InputError:
        return None
    left, right, low, high = frame(to_plane(plane, path))
    u, v = np.linspace(left, right, resolution), np.linspace(low, high, resolution)
    places = np.stack(np.meshgrid(u, v), -1).reshape(-1, 2)
    return PlaneGrid(plane, u, v, torch.as_tensor(from_plane(plane, places)).to(points))


def trajectory(model: RecursiveReasoner, puzzle: Asked, segments: int) -> Tensor:
    """The plain run of one puzzle: joint states [segment + 1, d], the initial state first."""
    chart = map_of(model, puzzle)
    with torch.no_grad():
        points = [chart.flatten(model.initial_state(1))]
        for _ in range(segments):
            points.append(chart.step(points[-1]))
    return torch.cat(points)


@dataclass(frozen=True)
class PuzzleRuns:
    """Runs of one puzzle from many starts.

    Attributes:
        puzzle: a set of one.
        source: str [run], "plain" (the model's own start, run 0), "full" (noise on it) or "plane".
        ends: where they ended; ``groups``: the same, to be grouped.
        solved: bool [run], the final grid is right.
        path: [segment + 1, d], the plain run, its initial state first.
        grid: the plane's starts, None if there are none.
    """

    puzzle: Asked
    source: np.ndarray
    ends: Ends
    groups: EndGroups
    solved: np.ndarray
    path: Tensor
    grid: PlaneGrid | None


def run_puzzle(
    model: RecursiveReasoner,
    puzzle: Asked,
    *,
    starts: int,
    scale: float,
    resolution: int,
    segments: int,
    threshold: float,
    batch_size: int,
    noise: torch.Generator,
    seen_from: int = 0,
    progress: bool = False,
) -> PuzzleRuns:
    """Run one puzzle from all its starts, for twice ``segments`` at most.

    Args:
        model: in the precision that the states are to have.
        puzzle: a set of one.
        starts: with normal noise of standard deviation ``scale`` on the initial state.
        resolution: starts along each side of the plane; 0 for none.
        segments: of the trajectory that the plane goes through.
        threshold: for settling.
        batch_size: runs at once.
        noise: generator of the starts.
        seen_from: the trajectory's first state that the plane is to show; 0 is the initial state.
        progress: show a bar.
    """
    path = trajectory(model, puzzle, segments)
    grid = grid_in_plane(path[seen_from:], resolution) if resolution else None
    disturbed = map_of(model, puzzle).flatten(disturbed_start(model, starts, scale, noise))
    begin = [path[:1], disturbed] + ([] if grid is None else [grid.starts])
    source = np.repeat([PLAIN, FULL, PLANE][: len(begin)], [len(part) for part in begin])
    ends = run_to_rest(model, puzzle, torch.cat(begin), 2 * segments, threshold / SWEEP, batch_size, progress)
    solved = (ends.grids == puzzle.answers[0]).all(1)
    return PuzzleRuns(
        puzzle=puzzle, source=source, ends=ends, groups=EndGroups(ends), solved=solved, path=path, grid=grid
    )
