"""Several fixed points: the attractors that other starts of a puzzle reach, the rival beside the true one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hrm_probe.dynamics import Interval, settle
from hrm_probe.given_numbers import finite_number, number_within, numbers_within, whole_number
from hrm_probe.models import RecursiveReasoner
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import Asked, check_asked
from hrm_probe.reasoning.resting.rest_rule import LATE, RULES
from hrm_probe.reasoning.result import (
    Groups,
    Result,
    group_labels,
    labels_of,
    percent,
    plain_labels,
    share_of,
)
from hrm_probe.reasoning.runs.curves import Curves, curves_of
from hrm_probe.reasoning.runs.drawn_puzzles import drawn_by_outcome
from hrm_probe.reasoning.runs.flattening import in_precision
from hrm_probe.reasoning.state_space.attractor_points import stability_of, unknown_stability
from hrm_probe.reasoning.state_space.attractor_tables import Searched, by_outcome, by_tolerance, has_rivals
from hrm_probe.reasoning.state_space.many_starts import run_puzzle
from hrm_probe.wording import counted

REFINED = 4  # right and wrong attractors of a puzzle, each, whose stability is asked, the largest first
AT_ONCE = 32  # attractors in an eigenvalue search, which keeps 40 states of each


@dataclass(frozen=True)
class AttractorSearch(Result):
    """Attractors found from the model's own start, from noise around it, and from a plane of starts.

    Attributes:
        table: one row per puzzle: ``puzzle`` (its number among those given), ``solved`` (where the plain run ends),
            ``attractors``, ``right_attractors``, ``wrong_attractors``, ``stable_points`` (different fixed points
            known to be stable), ``wandering`` (share of full-space starts that never settle),
            ``wandering_right`` (share that never settle and yet end right), ``right_starts`` (share that end
            right, settled or not), ``right_plane`` (of the plane's), ``answers`` (different final grids), ``rescued``
            (some full-space start ends right; NaN for solved ones), ``segments`` (mean number that the runs took),
            ``explained`` (share of the trajectory's variance in the plane; NaN if there is none).
        points: one row an attractor: ``puzzle``, the columns of
            :func:`hrm_probe.reasoning.state_space.attractor_points.describe`, and those of ``stability_of`` there.
        several: share of puzzles with two attractors or more; ``rivals`` with a right and a wrong one;
            ``several_stable`` with two different fixed points or more that are known to be stable.
        confirmed: share of the attractors asked about that are fixed points, the others creep or belong to none.
        wandering: mean share of full-space starts that never settle.
        rescued: of failures, the share that some full-space start solves; ``lost``: of the solved, the share that
            some full-space start fails, the same luck in the other direction.
        right_basin: mean share of full-space starts that end right.
        right_stable, wrong_stable: of the right (wrong) attractors whose stability is known, the share stable.
        right_believed, wrong_believed: of the right (wrong) attractors, the share where the model would halt.
        by_outcome: failures and successes apart: ``outcome``, ``puzzles``, and with ``_low`` and ``_high``
            ``several``, ``rivals``, ``wandering`` and ``right_basin``.
        by_tolerance: one row per (threshold, tolerance): mean numbers of ``right`` and ``wrong`` attractors,
            ``several`` and ``rivals`` with ``_low`` and ``_high``, ``wandering``.
        threshold, rule, tolerance, scale, starts, plane_resolution, segments, puzzles, resampled: how it was done.
    """

    table: pd.DataFrame
    points: pd.DataFrame
    several: Interval
    rivals: Interval
    several_stable: Interval
    confirmed: Interval
    wandering: Interval
    rescued: Interval
    lost: Interval
    right_basin: Interval
    right_stable: Interval
    wrong_stable: Interval
    right_believed: Interval
    wrong_believed: Interval
    by_outcome: pd.DataFrame
    by_tolerance: pd.DataFrame
    threshold: float
    rule: str
    tolerance: float
    scale: float
    starts: int
    plane_resolution: int
    segments: int
    puzzles: int
    resampled: str
    _long = ("table", "points")

    def __str__(self) -> str:
        wrong = self.points[~self.points["right"].astype(bool)]
        lines = [
            f"From {self.starts} disturbed starts and {self.plane_resolution**2} starts in a plane of each of "
            f"{counted(self.puzzles, 'puzzle')}: {percent(self.several)} have several attractors, "
            f"{percent(self.rivals)} a right and a wrong one, {percent(self.several_stable)} several stable fixed "
            "points.",
            f"  {percent(self.wandering)} of the disturbed starts never settle (z_H or z_L moves more than "
            f"{self.threshold:.2g}, {RULES[self.rule]}).",
            f"  {percent(self.right_basin)} of the disturbed starts end right; some rescue "
            f"{percent(self.rescued)} of the failures, some lose {percent(self.lost)} of the solved.",
            f"  Of {len(self.points) - len(wrong)} right attractors {percent(self.right_stable)} are stable and "
            f"{percent(self.right_believed)} believed; of {len(wrong)} wrong ones {percent(self.wrong_stable)} and "
            f"{percent(self.wrong_believed)}.",
        ]
        apart = wrong["distance_right"].dropna()
        if len(apart):
            lines.append(
                f"  Wrong ones lie {apart.median():.2g} from the right one of their puzzle (median root mean square)."
            )
        return "\n".join(lines)


def attractors(
    model: RecursiveReasoner,
    puzzles: Asked,
    *,
    n: int = 16,
    starts: int = 24,
    scale: float = 1.0,
    plane_resolution: int = 5,
    segments: int | None = None,
    threshold: float | None = None,
    tolerance: float = 0.1,
    tolerances: Sequence[float] = (0.03, 0.3),
    stability: bool = True,
    groups: Groups = None,
    batch_size: int = 128,
    curves: Curves | None = None,
    seed: int = 0,
    progress: bool = False,
) -> AttractorSearch:
    """Has a puzzle several attractors, and is a wrong one as stable, and as much believed, as the right one?

    >>> print(attractors(load("hrm-6x6"), load_puzzles("6x6-test", 200)))              # doctest: +SKIP

    Every puzzle is run from the model's own start, from ``starts`` starts in the full space (normal noise on the
    initial state) and from a grid of starts in its trajectory's principal plane (from the initial state to the
    last one, framed by :func:`hrm_probe.dynamics.frame`; none if the trajectory is a straight line). A run has
    settled if neither z_H nor z_L moved more than ``threshold`` in any of its last three segments. It is followed
    until it has settled at a third of that, for twice ``segments`` at most. Settled ends are one attractor if a chain
    of them no further apart than ``tolerance`` (root mean square of (z_H, z_L), whose size is about 1) joins them;
    runs that have not settled wander and make none. An attractor is right if the end nearest to its middle is.
    It is stable if the fixed point that Anderson acceleration finds from there, within ``tolerance`` and with the
    same grid, has all Jacobian eigenvalues within the unit circle; see ``attractor_points.stability_of`` in this room.

    Args:
        model: any recursive reasoner for the board.
        puzzles: or ``Tasks``; the plain runs of all of them set the threshold, and give outcomes to draw by.
        n: how many puzzles to search, half of them failures where there are so many.
        starts: in the full space, for each puzzle.
        scale: standard deviation of their noise.
        plane_resolution: starts along each side of the plane; 0 for no plane.
        segments: the model's ``max_segments`` if None; at least 3.
        threshold: movement a segment below which a run has settled; found by :func:`hrm_probe.dynamics.settle` on the
            plain runs if None.
        tolerance, tolerances: root mean square distance of ends that belong to one attractor; the others are tried
            too, at three thresholds each.
        stability: ask it, of the four largest right and four largest wrong attractors of each puzzle.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: runs at once.
        curves: of the same model and puzzles, if they are at hand.
        seed: for the draw, the noise, the eigenvalue search and the resampling.
        progress: show a bar.

    Costs ``segments * puzzles`` segments of one row for the curves, then up to
    ``2 * segments * n * (1 + starts + plane_resolution ** 2)`` (all wandering; about a quarter of that if all settle
    soon), and about 200 for each attractor's stability. Memory is that of ``batch_size`` runs and a puzzle's starts.

    Returns:
        AttractorSearch; intervals at 95%, over puzzles (or groups of them).

    Raises:
        InputError: fewer than 3 segments, no puzzle, or no start.

    Source: Ren & Liu, arXiv 2601.10679 (several fixed points).
    Known inaccuracy: attractors that no start reaches are not counted, so their numbers are lower bounds, and a basin
    is a share of these starts only. Slow creeping is called settled below the threshold, which is a convention if
    late drifts show one mode only: then its ends count as several attractors, and ``by_tolerance`` shows it.
    Shares are of the puzzles drawn, in which failures (after ``segments``) are over-represented; see ``by_outcome``.
    Where runs settle can hardly be unstable: what the eigenvalues add is that a settled end is a fixed point at all
    (``confirmed``) and by how much it attracts (``radius``). Repelling ones: :func:`hrm_probe.reasoning.fixed_points`.
    """
    check_asked(model, puzzles, batch_size, seed)
    finite_number(scale, "scale", least=0)
    tolerance = number_within(tolerance, "tolerance", least=0)
    tolerances = numbers_within(tolerances, "tolerances", least=0)
    whole_number(n, "n")
    whole_number(starts, "starts")
    whole_number(plane_resolution, "plane_resolution", 0)
    labels, resampled = group_labels(puzzles, groups)
    model = in_precision(model)
    curves = curves_of(model, puzzles, segments, curves, least=LATE, batch_size=batch_size, progress=progress)
    found = settle(
        np.maximum(curves.displacement, curves.displacement_L), threshold=threshold, late=LATE, seed=seed
    )
    rows = drawn_by_outcome(curves.solved[:, -1], n, np.random.default_rng(seed))
    labels = labels_of(labels, rows)
    noise = torch.Generator().manual_seed(int(seed))
    searched = []
    for row in track(rows, "searching attractors", show=progress):
        runs = run_puzzle(
            model,
            puzzles[int(row)],
            starts=starts,
            scale=scale,
            resolution=plane_resolution,
            segments=curves.segments,
            threshold=found.threshold,
            batch_size=batch_size,
            noise=noise,
        )
        searched.append(Searched.of(int(row), runs, found.threshold, tolerance, tolerances))
    points = pd.concat([one.points for one in searched], ignore_index=True)
    middles = torch.cat([one.middles for one in searched])
    points = points.join(_stability(model, puzzles, points, middles, stability, tolerance, batch_size, seed))
    table = pd.DataFrame([one.row for one in searched])
    before = list(table.columns).index("wandering")
    table.insert(before, "stable_points", _stable_points(table["puzzle"], points[points["stable"].eq(True)]))
    # Plain labels: several runs, or attractors, of one puzzle are more alike than puzzles of one class.
    owners = plain_labels(labels, len(rows))
    return AttractorSearch(
        table=table,
        points=points,
        **_of_puzzles(table, stability, labels, seed),
        **_of_points(points, owners[np.searchsorted(rows, points["puzzle"].to_numpy(int))], seed),
        **_of_starts(table, searched, labels, owners, seed),
        by_tolerance=by_tolerance(searched, labels, seed),
        threshold=found.threshold,
        rule=found.rule,
        tolerance=tolerance,
        scale=scale,
        starts=starts,
        plane_resolution=plane_resolution,
        segments=curves.segments,
        puzzles=len(rows),
        resampled=resampled,
    )


def _of_puzzles(table: pd.DataFrame, stability: bool, labels: np.ndarray | None, seed: int) -> dict[str, Any]:
    """Shares of the puzzles that have several attractors, by what kind."""
    asked = np.full(len(table), stability)
    return {
        "several": share_of(table["attractors"] > 1, labels, seed=seed),
        "rivals": share_of(has_rivals(table), labels, seed=seed),
        "several_stable": share_of(table["stable_points"] > 1, labels, asked, seed),
    }


def _of_points(points: pd.DataFrame, owners: np.ndarray, seed: int) -> dict[str, Any]:
    """Shares of the attractors: fixed points, stable, believed."""
    right, believed = (points[name].to_numpy(bool) for name in ("right", "believed"))
    stable, known = points["stable"].eq(True).to_numpy(), points["stable"].notna().to_numpy()
    return {
        "confirmed": share_of(points["fixed"].eq(True), owners, points["fixed"].notna(), seed),
        "right_stable": share_of(stable, owners, right & known, seed),
        "wrong_stable": share_of(stable, owners, ~right & known, seed),
        "right_believed": share_of(believed, owners, right, seed),
        "wrong_believed": share_of(believed, owners, ~right, seed),
    }


def _of_starts(
    table: pd.DataFrame,
    searched: Sequence[Searched],
    labels: np.ndarray | None,
    owners: np.ndarray,
    seed: int,
) -> dict[str, Any]:
    """Where the starts in the full space end, of all puzzles and of failures and successes apart."""
    solved = table["solved"].to_numpy(bool)
    right, wanders = (np.stack([getattr(one, name) for one in searched]) for name in ("right", "wanders"))
    each = np.repeat(owners, right.shape[1])
    return {
        "wandering": share_of(wanders.ravel(), each, seed=seed),
        "rescued": share_of(right.any(1), labels, ~solved, seed),
        "lost": share_of(~right.all(1), labels, solved, seed),
        "right_basin": share_of(right.ravel(), each, seed=seed),
        "by_outcome": by_outcome(table, has_rivals(table), right, wanders, labels, owners, seed),
    }


def _stability(
    model: RecursiveReasoner,
    puzzles: Asked,
    points: pd.DataFrame,
    middles: Tensor,
    asked: bool,
    tolerance: float,
    batch_size: int,
    seed: int,
) -> pd.DataFrame:
    """Of the largest right and wrong attractors of each puzzle; unknown of the others."""
    table = unknown_stability(len(points))
    chosen = np.flatnonzero(asked & (points.groupby(["puzzle", "right"]).cumcount() < REFINED).to_numpy())
    if len(chosen):
        rows = torch.as_tensor(chosen)
        owner = points["puzzle"].to_numpy(int)[chosen]
        known = stability_of(
            model, puzzles[owner], middles[rows], owner, tolerance, min(batch_size, AT_ONCE), seed
        )
        for name in table.columns:
            table.loc[chosen, name] = known[name].to_numpy()
    return table


def _stable_points(puzzles: pd.Series, stable: pd.DataFrame) -> list[int]:
    """Different fixed points among some attractors, for each puzzle."""
    counts = stable.groupby("puzzle")["point"].nunique()
    return [int(counts.get(puzzle, 0)) for puzzle in puzzles]
