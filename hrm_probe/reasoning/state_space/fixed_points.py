"""The true fixed points of a model's segment, puzzle by puzzle: which are right, which are wrong, which attract."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hrm_probe.dynamics.fixed_points import distinct_points
from hrm_probe.dynamics.intervals import Interval
from hrm_probe.dynamics.search import check_seconds
from hrm_probe.dynamics.spectrum import jacobian_spectrum
from hrm_probe.given_numbers import number_within, whole_number
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import Asked, check_asked, run_length
from hrm_probe.reasoning.result import Groups, Result, percent, plain_labels, sample_and_labels, share_of
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.curves import root_mean_square, where_asked
from hrm_probe.reasoning.runs.flattening import decoded, in_precision, map_of
from hrm_probe.reasoning.state_space.staged_search import Found, search_in_stages
from hrm_probe.reasoning.state_space.starting_points import STARTS, Starts, gather_starts
from hrm_probe.sudoku import Puzzles, conflicts
from hrm_probe.wording import counted


@dataclass(frozen=True)
class FixedPointSearch(Result):
    """Fixed points found, and from where.

    Distances and residuals are root mean squares over the d coordinates of the joint state (z_H, z_L), whose size
    is about 1.

    Attributes:
        table: one row per search: ``puzzle``, ``start`` ("end", "solved", "before_loss" or "around"), ``converged``,
            ``residual``, ``iterations``, ``distance_start`` and ``distance_end`` (from the point to the start and to
            the trajectory's end), ``point`` (number of the fixed point among its puzzle's, -1 if not converged),
            ``wrong_cells`` and ``right`` (of the decoded point), ``cut_short`` (by the time limit).
        points: one row per distinct fixed point: ``puzzle``, ``point``, ``searches`` (that ended there), ``right``,
            ``wrong_cells``, ``distance_end``, of Sudokus ``clues_kept`` and ``valid`` (no digit twice in a row, column
            or box), ``end_here`` (the trajectory's end lies at it, within ``same``), ``radius`` (largest modulus of the
            Jacobian's eigenvalues), ``leading_real``, ``leading_imag``, ``eigen_residual``, ``attracts`` (radius
            below 1), ``sure`` (the radius is further from 1 than its residual).
        states: float [row of points, d], the points themselves.
        converged: share of searches that ended at a fixed point.
        any_right, any_wrong, both: share of puzzles for which a right, a wrong, a right and a wrong one was found.
        right_attracts, wrong_attracts: of the right (wrong) fixed points, the share that attracts.
        ends_fixed: share of puzzles whose trajectory ends at a fixed point that was found.
        cut_short: how many searches the time limit ended; they count as not converged, with the best point they met.
        puzzles, segments, method, dtype, tol, same, seed, resampled: what was done.
    """

    table: pd.DataFrame
    points: pd.DataFrame
    states: np.ndarray
    converged: Interval
    any_right: Interval
    any_wrong: Interval
    both: Interval
    right_attracts: Interval
    wrong_attracts: Interval
    ends_fixed: Interval
    cut_short: int
    puzzles: int
    segments: int
    method: str
    dtype: str
    tol: float
    same: float
    seed: int
    resampled: str
    _long = ("table", "points")

    def __str__(self) -> str:
        cut = (
            f" The time limit cut {self.cut_short} of the searches short: they count as not converged."
            if self.cut_short
            else ""
        )
        return (
            f"{counted(len(self.table), 'search', 'searches')} on {counted(self.puzzles, 'puzzle')}: "
            f"{percent(self.converged)} ended at a fixed point, {len(self.points)} different ones. A right one was "
            f"found for {percent(self.any_right)} of the puzzles, a wrong one for {percent(self.any_wrong)}, both for "
            f"{percent(self.both)}. Of the right ones {percent(self.right_attracts)} attract, "
            f"of the wrong ones {percent(self.wrong_attracts)}. "
            f"{percent(self.ends_fixed)} of the trajectories end at one.{cut}"
        )


def fixed_points(
    model: RecursiveReasoner,
    puzzles: Asked,
    segments: int | None = None,
    *,
    n: int | None = 8,
    starts: Sequence[str] = STARTS,
    copies: int = 2,
    spread: float = 0.1,
    method: str = "newton-krylov",
    max_iterations: int | None = None,
    krylov: int = 20,
    tol: float | None = None,
    same: float = 1e-2,
    eigenvalues: int = 2,
    eigen_krylov: int = 40,
    dtype: torch.dtype | None = None,
    groups: Groups = None,
    batch_size: int = 64,
    seed: int = 0,
    seconds: float | None = None,
    progress: bool = False,
) -> FixedPointSearch:
    """Search states that a segment maps to themselves, from a puzzle's trajectory and around it.

    A trajectory that has come to rest shows one fixed point at most, and never one that repels. The search finds
    both kinds; the Jacobian's leading eigenvalues, computed from products with it alone, tell them apart.

    >>> found = fixed_points(model, puzzles, n=16, dtype=torch.float64)         # doctest: +SKIP
    >>> found.points[["puzzle", "right", "radius"]]                             # doctest: +SKIP

    Args:
        model: any recursive reasoner for the board.
        puzzles: or ``Tasks``; a sample of ``n`` is used.
        segments: length of the trajectory that gives the starts; the model's ``max_segments`` if None.
        n: how many puzzles to take, drawn with ``seed``; all if None or there are fewer.
        starts: "end" (the last state), "solved" (the first solved one), "before_loss" (the last solved one before
            the first loss), "around" (``copies`` states around the last one); a puzzle has those that it has.
        copies, spread: how many starts around the end, and how far from it relative to its norm.
        method, max_iterations, krylov, tol: of :func:`hrm_probe.dynamics.find_fixed_points`; 20 iterations of
            Newton's method if None. A point that meets the tolerance only because it ran off, so that anything is
            small beside its norm, does not count as converged.
        same: root mean square distance below which two points are one. It should be well above the residuals
            and well below the distances in ``points``.
        eigenvalues: how many leading eigenvalues are sought; the largest is reported, more make it surer. 0: none.
        eigen_krylov: largest Krylov dimension of that search.
        dtype: of trajectory and search, see :func:`hrm_probe.reasoning.runs.flattening.in_precision`.
        groups: what is resampled together, see :func:`hrm_probe.reasoning.result.group_labels`.
        batch_size: searches at once; memory is about ``batch_size * max(krylov, eigen_krylov) * d`` numbers.
        seed: for the draw, the starts around, the eigenvalue search and the intervals.
        seconds: wall time for the searches themselves, see :func:`hrm_probe.dynamics.find_fixed_points`; trajectories
            before them and eigenvalues after them come on top. Batches not begun by then are judged at their starts.
        progress: show a bar.

    Returns:
        FixedPointSearch; intervals at 95%, over puzzles.

    Known inaccuracy: a search proves what it finds, not what it does not find: shares of puzzles with a right or
    wrong fixed point are lower bounds. Convergence means a small residual; near an eigenvalue of 1 the fixed point
    may be a slow point instead (see ``sure``). In float32 residuals below about 1e-6 cannot be resolved.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_seconds(seconds)
    segments = run_length(model, segments)
    number_within(spread, "spread", least=0)
    number_within(same, "same", least=0)
    whole_number(copies, "copies")
    whole_number(eigenvalues, "eigenvalues", 0)
    whole_number(eigen_krylov, "eigen_krylov")
    puzzles, labels, resampled = sample_and_labels(puzzles, n, groups, seed)
    model = in_precision(model, dtype)  # trajectory and search in one: a rounded map has other fixed points
    begun, ends = gather_starts(model, puzzles, segments, starts, copies, spread, seed)
    tol = float(torch.finfo(begun.points.dtype).eps ** (2 / 3)) if tol is None else tol
    asked = puzzles[begun.puzzle]
    found = search_in_stages(
        model, asked, begun.points, method, tol, max_iterations, krylov, batch_size, seconds, progress
    )
    right_grids = puzzles.answers[begun.puzzle]
    shown = where_asked(decoded(model, found.points, batch_size).cpu().numpy(), right_grids)
    table, chosen = _searches(begun, found, ends, (shown != right_grids).sum(1), same)
    origin, states = begun.puzzle[chosen], found.points[torch.as_tensor(chosen)]
    spectra = leading_eigenvalues(model, puzzles[origin], states, eigenvalues, eigen_krylov, batch_size, seed)
    points = pd.concat([_points(puzzles, table, chosen, shown[chosen], same), spectra], axis=1)
    return FixedPointSearch(
        table,
        points,
        states.cpu().numpy(),
        **_shares(table, points, len(puzzles), labels, seed),
        cut_short=int(found.cut_short.sum()),
        puzzles=len(puzzles),
        segments=segments,
        method=method,
        dtype=str(found.points.dtype).removeprefix("torch."),
        tol=tol,
        same=same,
        seed=seed,
        resampled=resampled,
    )


def _searches(
    begun: Starts, found: Found, ends: Tensor, wrong: np.ndarray, same: float
) -> tuple[pd.DataFrame, np.ndarray]:
    """One row a search, and the rows of one search for each fixed point."""
    converged = found.converged.cpu().numpy()
    number, chosen = distinct_by_puzzle(found.points, converged, begun.puzzle, same)
    table = pd.DataFrame(
        {
            "puzzle": begun.puzzle,
            "start": begun.name,
            "converged": converged,
            "residual": found.residuals.double().cpu().numpy() / np.sqrt(found.points.shape[1]),
            "iterations": found.iterations.cpu().numpy(),
            "distance_start": _distance(found.points, begun.points),
            "distance_end": _distance(found.points, ends[torch.as_tensor(begun.puzzle)]),
            "point": number,
            "wrong_cells": wrong,
            "right": wrong == 0,
            "cut_short": found.cut_short.cpu().numpy(),
        }
    )
    return table, chosen


def _points(
    puzzles: Asked, table: pd.DataFrame, chosen: np.ndarray, answer: np.ndarray, same: float
) -> pd.DataFrame:
    """One row a fixed point, from the searches chosen, one for each, and the tokens [point, cell] read out there."""
    points = table.loc[chosen, ["puzzle", "point", "right", "wrong_cells", "distance_end"]]
    points = points.reset_index(drop=True)
    searches = table.groupby(["puzzle", "point"]).size()
    pairs = zip(points["puzzle"], points["point"], strict=True)
    points.insert(2, "searches", [int(searches[puzzle, point]) for puzzle, point in pairs])
    if isinstance(puzzles, Puzzles):
        origin = points["puzzle"].to_numpy()
        points["clues_kept"] = ((answer == puzzles.tokens[origin]) | puzzles.blanks[origin]).all(1)
        points["valid"] = conflicts(puzzles.board, answer - 1) == 0
    points["end_here"] = points["distance_end"] <= same
    return points


def _shares(
    table: pd.DataFrame, points: pd.DataFrame, puzzles: int, labels: np.ndarray | None, seed: int
) -> dict[str, Interval]:
    """Of the searches, of the puzzles, and of the fixed points."""
    # Plain labels: several searches, or points, of one puzzle are more alike than puzzles of one class.
    owners = plain_labels(labels, puzzles)
    of_point = owners[points["puzzle"].to_numpy()]
    right, known, attracts, end_here = (
        values.to_numpy()
        for values in (points["right"], points["radius"].notna(), points["attracts"], points["end_here"])
    )

    def having(flags: np.ndarray) -> np.ndarray:
        return np.isin(np.arange(puzzles), points.loc[flags, "puzzle"])

    any_right, any_wrong = having(right), having(~right)
    return {
        "converged": share_of(table["converged"].to_numpy(), owners[table["puzzle"].to_numpy()], seed=seed),
        "any_right": share_of(any_right, labels, seed=seed),
        "any_wrong": share_of(any_wrong, labels, seed=seed),
        "both": share_of(any_right & any_wrong, labels, seed=seed),
        "right_attracts": share_of(attracts, of_point, right & known, seed),
        "wrong_attracts": share_of(attracts, of_point, ~right & known, seed),
        "ends_fixed": share_of(having(end_here), labels, seed=seed),
    }


def distinct_by_puzzle(
    found: Tensor, converged: np.ndarray, puzzle: np.ndarray, same: float
) -> tuple[np.ndarray, np.ndarray]:
    """Each search's fixed point, numbered within its puzzle (-1: none), and one search for each fixed point.

    Args:
        found: [m, d], where searches ended.
        converged: bool [m].
        puzzle: int [m], whose each is.
        same: root mean square distance below which two points are one.
    """
    number, chosen = np.full(len(puzzle), -1), []
    for p in np.unique(puzzle[converged]):
        rows = np.flatnonzero(converged & (puzzle == p))
        points = found[torch.as_tensor(rows)]
        distinct = distinct_points(points, same * math.sqrt(points.shape[1]), absolute=True)
        number[rows] = distinct.labels.cpu().numpy()
        chosen += [rows[np.argmax(number[rows] == label)] for label in range(len(distinct))]
    return number, np.array(chosen, int)


def leading_eigenvalues(
    model: RecursiveReasoner,
    puzzles: Asked,
    points: Tensor,
    k: int,
    krylov: int,
    batch_size: int,
    seed: int,
) -> pd.DataFrame:
    """Leading eigenvalue of the segment's Jacobian at every point, a puzzle for each; NaN if none were asked for."""
    leading, residual = np.full(len(points), complex("nan")), np.full(len(points), np.nan)
    for rows in in_batches(len(points) if k else 0, batch_size):
        step = map_of(model, puzzles[rows], points.dtype).step
        spectrum = jacobian_spectrum(step, points[rows], min(k, points.shape[1]), seed, krylov=krylov)
        leading[rows], residual[rows] = spectrum.eigenvalues[:, 0], spectrum.residuals[:, 0]
    radius = np.abs(leading)
    return pd.DataFrame(
        {
            "radius": radius,
            "leading_real": leading.real,
            "leading_imag": leading.imag,
            "eigen_residual": residual,
            "attracts": radius < 1,
            "sure": np.abs(radius - 1) > residual,
        }
    )


def _distance(points: Tensor, others: Tensor) -> np.ndarray:
    return root_mean_square(points - others).cpu().numpy()
