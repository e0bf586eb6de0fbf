"""Stays at wrong grids: how long a run keeps one wrong answer, and whether it gets away."""

import numpy as np
import pandas as pd

from hrm_probe.dynamics.dwelling import dwell_times
from hrm_probe.reasoning.runs.curves import Curves

RIGHT = -1


def grid_labels(curves: Curves) -> np.ndarray:
    """A number for each grid a run visits, int64 [puzzle, segment]: -1 the right one, others by first visit."""
    labels = np.full(curves.solved.shape, RIGHT)
    for row, (grids, solved) in enumerate(zip(curves.predictions, curves.solved, strict=True)):
        _, first, of = np.unique(grids, axis=0, return_index=True, return_inverse=True)
        rank = np.empty(len(first), np.int64)
        rank[np.argsort(first)] = np.arange(len(first))
        labels[row] = np.where(solved, RIGHT, rank[of.ravel()])
    return labels


def wrong_stays(curves: Curves) -> pd.DataFrame:
    """Every unbroken stay at one wrong grid, a row each.

    Columns: puzzle (row of the curves), segment (1-based, its first), length (segments), ended (False: it was there
    at the last segment still), to_right (it was left for the right grid).
    """
    stays = dwell_times(grid_labels(curves))
    stays = stays[stays["state"] != RIGHT].reset_index(drop=True)
    return pd.DataFrame(
        {
            "puzzle": stays["run"],
            "segment": stays["start"] + 1,
            "length": stays["length"],
            "ended": stays["ended"].astype(bool),
            "to_right": stays["next"] == RIGHT,
        }
    )


def first_traps(stays: pd.DataFrame, n: int, dwell: int) -> pd.DataFrame:
    """The first stay of at least ``dwell`` segments of each of ``n`` puzzles.

    Columns: longest_wrong (longest stay at a wrong grid), trap_segment (1-based first segment of the first long
    stay, 0 if there is none), trap_length, escaped (that stay ended).
    """
    table = pd.DataFrame(
        {"longest_wrong": np.zeros(n, int), "trap_segment": 0, "trap_length": 0, "escaped": False}
    )
    longest = stays.groupby("puzzle")["length"].max()
    table.loc[longest.index, "longest_wrong"] = longest
    first = stays[stays["length"] >= dwell].groupby("puzzle").first()
    table.loc[first.index, "trap_segment"] = first["segment"]
    table.loc[first.index, "trap_length"] = first["length"]
    table.loc[first.index, "escaped"] = first["ended"]
    return table


def escape_counts(stays: pd.DataFrame, n: int, dwell: int) -> np.ndarray:
    """Escapes, escapes to the right grid, and segments at risk, of long stays: int [puzzle, 3].

    A stay is at risk from its ``dwell``-th segment on; before that it is not known to be long.
    """
    held = stays[stays["length"] >= dwell]
    counts = np.zeros((n, 3), int)
    np.add.at(counts[:, 0], held["puzzle"], held["ended"])
    np.add.at(counts[:, 1], held["puzzle"], held["ended"] & held["to_right"])
    # One that is left after `length` segments was watched for length - dwell + 1 steps; one that is not, for one less.
    np.add.at(counts[:, 2], held["puzzle"], held["length"] - dwell + held["ended"])
    return counts
