"""One puzzle's state space in a plane: the error told without the answer, the true one, and where runs end."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from scipy import stats
from torch import Tensor

from hrm_probe.dynamics import Plane, frame, landscape, off_plane, settle, to_plane
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import finite_number, number_within, whole_number
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import check_asked, check_sudoku, run_length
from hrm_probe.reasoning.resting.rest_rule import LATE
from hrm_probe.reasoning.result import Result
from hrm_probe.reasoning.runs.curves import follow
from hrm_probe.reasoning.runs.flattening import SegmentMap, decoded, in_precision, segment_map
from hrm_probe.reasoning.state_space.attractor_points import describe
from hrm_probe.reasoning.state_space.many_starts import PLANE, PuzzleRuns, run_puzzle
from hrm_probe.sudoku import Puzzles, conflicts, overwritten
from hrm_probe.wording import counted

ARROWS = 15


@dataclass(frozen=True)
class StateLandscape(Result):
    """What stands at each point of a plane through state space; entry [i, j] belongs to (u[j], v[i]).

    Attributes:
        u, v: [column] and [row], coordinates in the plane (Euclidean distances between joint states).
        conflicts: int [row, column], the heuristic error of the grid decoded at the point as it is, see
            :func:`hrm_probe.sudoku.conflicts`; ``overwritten`` counts the clues that it does not repeat.
        wrong: int [row, column], the true error: wrong cells.
        end_conflicts, end_wrong: int [row, column], of the grid that a run from there ends with.
        basins: int [row, column], the ``attractor`` in ``attractors`` that the run ends in, -1 where it wanders.
        arrows: [arrow, 4], u, v, and the move of one segment from there, projected to the plane.
        out_of_plane: [arrow], the share of the move's length that the projection loses.
        path: [segment + 1, 2], the plain run, its initial state first; ``path_off`` [segment + 1], its distance from
            the plane; ``path_wrong`` int [segment], wrong cells after each segment.
        attractors: one row per attractor of any start, with the columns of
            :func:`hrm_probe.reasoning.state_space.attractor_points.describe`, and ``u``, ``v``, ``off_plane`` of its
            middle.
        explained: [2], share of the trajectory's variance along u and v.
        threshold, tolerance, segments: how rest and attractors were told.
    """

    u: np.ndarray
    v: np.ndarray
    conflicts: np.ndarray
    overwritten: np.ndarray
    wrong: np.ndarray
    end_conflicts: np.ndarray
    end_wrong: np.ndarray
    basins: np.ndarray
    arrows: np.ndarray
    out_of_plane: np.ndarray
    path: np.ndarray
    path_off: np.ndarray
    path_wrong: np.ndarray
    attractors: pd.DataFrame
    explained: np.ndarray
    threshold: float
    tolerance: float
    segments: int

    def __str__(self) -> str:
        right = self.attractors["right"].to_numpy(bool)
        ended = [
            (self.basins == -1).mean(),
            *((self.basins == i).mean() for i in self.attractors["attractor"]),
        ]
        to_right, to_wrong = (
            sum(share for share, one in zip(ended[1:], right, strict=True) if one == is_right)
            for is_right in (True, False)
        )
        return (
            f"After {self.segments} segments the plain run has {counted(int(self.path_wrong[-1]), 'wrong cell')}; "
            f"{counted(int(right.sum()), 'right attractor')} and {counted(int((~right).sum()), 'wrong one')} are met. "
            f"Of the plane's points {to_right:.0%} run to a right one, {to_wrong:.0%} to a wrong one, {ended[0]:.0%} "
            f"wander. Over the plane the error told without the answer and the true one correlate by "
            f"{self.agreement:.2f} (ranks); {self.false_peace:.1%} of it has no conflict and is wrong. The plane "
            f"holds {self.explained.sum():.0%} of the trajectory's variance."
        )

    @property
    def agreement(self) -> float:
        """Spearman's rank correlation of the two errors over the plane; NaN where one of them does not vary.

        Neighbouring points are not independent, hence no interval.
        """
        flat = self.conflicts.ravel(), self.wrong.ravel()
        if min(np.ptp(values) for values in flat) == 0:
            return float("nan")
        return float(stats.spearmanr(*flat).statistic)

    @property
    def false_peace(self) -> float:
        """Share of the plane without a conflict and yet wrong: minima of the heuristic error that are not an answer."""
        return float(((self.conflicts == 0) & (self.wrong > 0)).mean())


def state_landscape(
    model: RecursiveReasoner,
    puzzle: Puzzles,
    *,
    resolution: int = 21,
    starts: int = 16,
    scale: float = 1.0,
    segments: int | None = None,
    from_start: bool = True,
    threshold: float | None = None,
    tolerance: float = 0.1,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> StateLandscape:
    """Look at one puzzle's states in the plane of its trajectory: is the true answer where the error is least?

    >>> seen = state_landscape(load("hrm-6x6"), load_puzzles("6x6-test")[0])           # doctest: +SKIP
    >>> seen.attractors[["right", "conflicts", "wrong_cells", "basin_plane"]]          # doctest: +SKIP

    Every point of a grid over the principal plane of the plain run is decoded as it stands, giving its heuristic
    and its true error, and taken as the start of a run, giving the same at the end and the attractor reached.
    Rest, attractors and right and wrong are judged as in :func:`hrm_probe.reasoning.attractors`.

    Args:
        model: any recursive reasoner for the board.
        puzzle: a set of one.
        resolution: grid points along each side, at least 2.
        starts: disturbed starts of the full space, whose attractors are named too: a rival may lie off the plane.
        scale: standard deviation of their noise.
        segments: length of the plain run; the model's ``max_segments`` if None, at least 3.
        from_start: the plane is that of the whole trajectory; if False, of what follows the initial state, which
            lies far from all else.
        threshold: for settling; a hundredth of the first move if None (one run shows no two modes).
        tolerance: root mean square distance of ends that belong to one attractor.
        batch_size: states at once.
        seed: for the noise.
        progress: show a bar.

    Costs up to ``2 * segments * (1 + starts + resolution ** 2)`` segments of one row.

    Raises:
        InputError: not one puzzle, fewer than 3 segments, or a trajectory on a straight line.

    Source: Ren & Liu, arXiv 2601.10679 (heuristic error over a plane of states).
    Known inaccuracy: the plane is two of d directions, and most of its points are states that no run visits; a valley
    in it need not be one in the space. Middles of attractors and arrows are projections: see ``off_plane`` and
    ``out_of_plane``. One puzzle, chosen by the user: an illustration, without an interval.
    """
    check_asked(model, puzzle, batch_size, seed)
    check_sudoku(puzzle, "state_landscape() draws the conflicts of grids")
    if len(puzzle) != 1:
        raise InputError(f"state_landscape() looks at one puzzle, not {len(puzzle)}; take puzzles[i].")
    whole_number(resolution, "resolution", 2)
    whole_number(starts, "starts", 0)
    finite_number(scale, "scale", least=0)
    number_within(tolerance, "tolerance", least=0)
    segments = run_length(model, segments, LATE)
    model = in_precision(model)
    curves = follow(model, puzzle, segments)
    moves = np.maximum(curves.displacement, curves.displacement_L)
    limit = settle(moves, threshold=threshold, late=1).threshold
    noise = torch.Generator().manual_seed(int(seed))
    runs = run_puzzle(
        model,
        puzzle,
        starts=starts,
        scale=scale,
        resolution=resolution,
        segments=curves.segments,
        threshold=limit,
        batch_size=batch_size,
        noise=noise,
        seen_from=0 if from_start else 1,
        progress=progress,
    )
    if runs.grid is None:
        raise InputError("This trajectory lies on a straight line, which fixes no single plane.")
    grid, labels = runs.grid, runs.groups.labels(limit, tolerance)
    in_plane = runs.source == PLANE

    def tiled(values: np.ndarray) -> np.ndarray:
        return values.reshape(len(grid.v), len(grid.u))

    chart = segment_map(model, puzzle.tokens)
    here = decoded(model, grid.starts, batch_size).cpu().numpy()
    end = runs.ends.grids[in_plane]
    path = runs.path.double().cpu().numpy()
    seen = to_plane(grid.plane, path)
    arrows, out_of_plane = _flow(chart, grid.plane, seen[0 if from_start else 1 :], runs.path, batch_size)
    return StateLandscape(
        u=grid.u,
        v=grid.v,
        conflicts=tiled(conflicts(puzzle.board, here - 1)),
        overwritten=tiled(overwritten(puzzle.grids, here - 1)),
        wrong=tiled((here != puzzle.answers).sum(1)),
        end_conflicts=tiled(conflicts(puzzle.board, end - 1)),
        end_wrong=tiled((end != puzzle.answers).sum(1)),
        basins=tiled(labels[in_plane]),
        arrows=arrows,
        out_of_plane=out_of_plane,
        path=seen,
        path_off=off_plane(grid.plane, path),
        path_wrong=curves.errors[0],
        attractors=_attractors(runs, labels, grid.plane),
        explained=grid.plane.explained,
        threshold=limit,
        tolerance=tolerance,
        segments=curves.segments,
    )


def _flow(
    chart: SegmentMap, plane: Plane, framed: np.ndarray, like: Tensor, batch_size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where a segment moves the points of a coarse grid: arrows [n, 4] of u, v, du, dv, and their part off the plane.

    Args:
        framed: [t, 2], points that the grid is to hold.
        like: a tensor of the dtype and on the device that the map takes.
    """
    with torch.no_grad():
        flow = landscape(
            lambda states: torch.zeros(len(states)),  # only its arrows are wanted
            plane,
            frame(framed),
            ARROWS,
            step=chart.step,
            batch=batch_size,
            dtype=like.dtype,
            device=like.device,
        )
    assert flow.arrows is not None
    assert flow.out_of_plane is not None
    places = np.stack(np.meshgrid(flow.u, flow.v), -1)
    return np.concatenate([places, flow.arrows], -1).reshape(-1, 4), flow.out_of_plane.ravel()


def _attractors(runs: PuzzleRuns, labels: np.ndarray, plane: Plane) -> pd.DataFrame:
    """What is known of each attractor, and where its middle lies in the plane."""
    table = describe(runs, labels)
    middles = runs.ends.states[torch.as_tensor(np.array(table["run"], int))].double().cpu().numpy()
    at = to_plane(plane, middles)
    return table.assign(u=at[:, 0], v=at[:, 1], off_plane=off_plane(plane, middles))
