"""Tables of an attractor search: what one puzzle adds, outcomes apart, thresholds and tolerances apart."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hrm_probe.reasoning.result import columns, ends, share_of
from hrm_probe.reasoning.state_space.attractor_points import describe
from hrm_probe.reasoning.state_space.many_starts import FULL, PLANE, SWEEP, PuzzleRuns


class Searched(NamedTuple):
    """One puzzle's part of the answer; the runs themselves, which are large, are let go."""

    row: dict[str, Any]
    points: pd.DataFrame
    middles: Tensor  # [attractor, d]
    right: np.ndarray  # bool [full-space start], ends right
    wanders: np.ndarray  # bool [full-space start]
    swept: pd.DataFrame  # a row per (threshold, tolerance)

    @staticmethod
    def of(
        number: int, runs: PuzzleRuns, threshold: float, tolerance: float, tolerances: Sequence[float]
    ) -> "Searched":
        labels = runs.groups.labels(threshold, tolerance)
        points = describe(runs, labels)
        full, right = runs.source == FULL, int(points["right"].sum())
        solved = runs.solved
        row = {
            "puzzle": number,
            "solved": bool(solved[0]),
            "attractors": len(points),
            "right_attractors": right,
            "wrong_attractors": len(points) - right,
            "wandering": _mean(labels[full] < 0),
            "wandering_right": _mean((labels[full] < 0) & solved[full]),
            "right_starts": _mean(solved[full]),
            "right_plane": _mean(solved[runs.source == PLANE]),
            "answers": len(np.unique(runs.ends.grids, axis=0)),
            "rescued": float("nan") if solved[0] else float(solved[full].any()),
            "segments": float(runs.ends.segments.mean()),
            "explained": float("nan") if runs.grid is None else float(runs.grid.plane.explained.sum()),
        }
        swept = []
        for cut in (threshold / SWEEP, threshold, threshold * SWEEP):
            for link in sorted({tolerance, *tolerances}):
                found = runs.groups.labels(cut, link)
                rights = solved[runs.groups.middles(found)]
                swept.append((cut, link, int(rights.sum()), int((~rights).sum()), _mean(found[full] < 0)))
        names = ["threshold", "tolerance", "right", "wrong", "wandering"]
        middles = runs.ends.states[torch.as_tensor(np.array(points["run"], int))]
        points.insert(0, "puzzle", number)
        return Searched(
            row, points, middles, solved[full], labels[full] < 0, pd.DataFrame(swept, columns=names)
        )


def by_outcome(
    table: pd.DataFrame,
    both: np.ndarray,
    right: np.ndarray,
    wanders: np.ndarray,
    labels: np.ndarray | None,
    owners: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """One row for failures, one for successes; the columns are described in ``AttractorSearch.by_outcome``."""
    solved, starts = table["solved"].to_numpy(bool), right.shape[1]
    several, each = (table["attractors"] > 1).to_numpy(), np.repeat(owners, starts)
    among = [~solved, solved]
    parts: dict[str, Any] = {
        "outcome": ["failures", "successes"],
        "puzzles": [int(rows.sum()) for rows in among],
    }
    for name, flags in (("several", several), ("rivals", both)):
        parts |= columns(name, [share_of(flags, labels, rows, seed) for rows in among])
    for name, flags in (("wandering", wanders), ("right_basin", right)):
        shares = [share_of(flags.ravel(), each, np.repeat(rows, starts), seed) for rows in among]
        parts |= columns(name, shares)
    return pd.DataFrame(parts)


def by_tolerance(searched: list[Searched], labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    """One row per (threshold, tolerance); the columns are described in ``AttractorSearch.by_tolerance``."""
    rows = []
    swept = pd.concat([one.swept for one in searched], ignore_index=True)
    for (threshold, tolerance), of_pair in swept.groupby(["threshold", "tolerance"]):
        right, wrong = of_pair["right"].to_numpy(), of_pair["wrong"].to_numpy()
        several = share_of(right + wrong > 1, labels, seed=seed)
        rivals = share_of((right > 0) & (wrong > 0), labels, seed=seed)
        rows.append(
            {
                "threshold": threshold,
                "tolerance": tolerance,
                "right": right.mean(),
                "wrong": wrong.mean(),
                "wandering": of_pair["wandering"].mean(),
            }
            | ends("several", several)
            | ends("rivals", rivals)
        )
    return pd.DataFrame(rows)


def has_rivals(table: pd.DataFrame) -> np.ndarray:
    """Which puzzles have a right attractor and a wrong one, by the table's counts of both; bool [puzzle]."""
    return ((table["right_attractors"] > 0) & (table["wrong_attractors"] > 0)).to_numpy()


def _mean(flags: np.ndarray) -> float:
    return float(flags.mean()) if len(flags) else float("nan")
