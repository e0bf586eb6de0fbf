"""When each answer arrives, to the update: at once or bit by bit, and in z_L before it is in z_H?"""

import numpy as np
import pandas as pd

from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.result import ends, labels_of, share_of
from hrm_probe.reasoning.runs.decoding import Decoded
from hrm_probe.reasoning.runs.outcomes import first_true
from hrm_probe.reasoning.statistics.means import mean_over_puzzles
from hrm_probe.reasoning.timing.lens_tables import GROUPS, in_segment

DRAWS = 200  # of updates at random, for what independent cells would do


def arrivals(decoded: Decoded, puzzles: Asked) -> pd.DataFrame:
    """One row per puzzle, as described at :class:`hrm_probe.reasoning.Lens`."""
    z_H = decoded.reads["z_H"]
    cycles, answers, n = len(z_H.updates), puzzles.answers, len(puzzles)
    solved = (decoded.ends == answers[:, None]).all(-1)  # [puzzle, segment]
    first_solved = first_true(solved)
    first_z_H = first_true((z_H.in_time() == answers[:, None]).all(-1))
    first_z_L, in_z_L_first = np.zeros(n, int), np.full(n, np.nan)
    came = np.flatnonzero(first_solved)
    if "z_L" in decoded.reads:
        first_z_L = first_true((decoded.reads["z_L"].in_time() == answers[:, None]).all(-1))
        per_cycle = len(decoded.reads["z_L"].updates) // cycles
        earlier = (first_z_L > 0) & (first_z_L <= first_z_H * per_cycle)
        in_z_L_first[came] = earlier[came]
    counts = arriving_cells(decoded, puzzles, first_solved)  # [puzzle, H-cycle]
    needed = counts.sum(1)
    known = (needed > 0) & (cycles > 1)
    shares = np.where(known[:, None], counts / np.maximum(needed, 1)[:, None], np.nan)
    at_last = np.full(n, np.nan)
    if cycles > 1:
        at_last[came] = (first_z_H == first_solved * cycles)[came]
    between, detours = moving_cells(decoded, puzzles)
    return pd.DataFrame(
        {
            "solved": solved[:, -1],
            "first_solved": first_solved,
            "first_z_H": first_z_H,
            "first_z_L": first_z_L,
            "at_last": at_last,
            "in_z_L_first": in_z_L_first,
            "needed": needed,
            "before_last": 1 - shares[:, -1],
            "largest": shares.max(1),
            "between": between,
            "detours": detours,
        }
    )


def arriving_cells(decoded: Decoded, puzzles: Asked, first_solved: np.ndarray) -> np.ndarray:
    """How many cells come right, for good, at each H-update of the segment that brings the answer.

    Counted are the cells that were wrong at the segment's beginning: in the first segment all blank ones. "For good"
    is until the segment's end.

    Returns:
        int [puzzle, H-cycle], zeros where no segment brings the answer.
    """
    z_H = decoded.reads["z_H"]
    counts = np.zeros((len(puzzles), len(z_H.updates)), int)
    came = np.flatnonzero(first_solved)
    if not len(came):
        return counts
    answers, segment = puzzles.answers[came], first_solved[came]
    before = decoded.ends[came, np.maximum(segment - 2, 0)]
    needed = np.where((segment > 1)[:, None], before != answers, puzzles.blanks[came])
    right = in_segment(z_H, came, first_solved) == answers[:, None]  # [row, H-cycle, cell]
    kept = for_good(right)
    begins = kept & ~np.pad(kept, ((0, 0), (1, 0), (0, 0)))[:, :-1]
    counts[came] = (begins & needed[:, None]).sum(-1)
    return counts


def for_good(right: np.ndarray) -> np.ndarray:
    """Right from here to the end: bool [puzzle, read, cell], as what is given."""
    return np.flip(np.logical_and.accumulate(np.flip(right, 1), axis=1), 1)


def moving_cells(decoded: Decoded, puzzles: Asked) -> tuple[np.ndarray, np.ndarray]:
    """How much of the answer in z_H changes from one segment's end to the next, and unseen in between.

    Returns:
        Shares of blank cells [puzzle], means over segments from the second on; NaN where there is but one. Between:
        cells whose answers at the two ends differ. Detours: cells whose answers at the two ends are the same, but not
        at every H-update between; NaN for a single H-cycle.
    """
    inside = decoded.reads["z_H"].predictions[:, 1:, :-1]  # [puzzle, segment, H-cycle, cell]
    old, new = decoded.ends[:, :-1], decoded.ends[:, 1:]
    blanks, same = puzzles.blanks[:, None], old == new
    count = (puzzles.blanks.sum(1) * same.shape[1]).astype(float)
    count[count == 0] = np.nan
    between = (blanks & ~same).sum((1, 2)) / count
    if not inside.shape[2]:
        return between, np.full(len(puzzles), np.nan)
    detours = (blanks & same & (inside != new[:, :, None]).any(2)).sum((1, 2)) / count
    return between, detours


def arrival_table(
    by_puzzle: pd.DataFrame, counts: np.ndarray, labels: np.ndarray | None, seed: int
) -> pd.DataFrame:
    """One row per group of puzzles, by whether the first segment or a later one brings their answer."""
    rows = []
    for group, belongs in GROUPS.items():
        chosen = belongs(by_puzzle["first_solved"].to_numpy())
        if not chosen.any():
            continue
        of_group = by_puzzle[chosen]
        own = labels_of(labels, chosen)
        row = {"comes_in": group, "puzzles": len(of_group), "needed": of_group["needed"].mean()}
        for name in ("at_last", "before_last", "largest", "in_z_L_first"):
            values = of_group[name].to_numpy()
            known = ~np.isnan(values)
            if name in ("at_last", "in_z_L_first"):
                found = share_of(values > 0, own, known, seed)
            else:
                found = mean_over_puzzles(values, own, seed)
            row |= ends(name, found)
            if name == "largest":
                row["largest_if_independent"] = largest_if_independent(counts[chosen], seed)
        rows.append(row)
    return pd.DataFrame(rows)


def largest_if_independent(counts: np.ndarray, seed: int) -> float:
    """What ``largest`` would be if every cell came by itself, at an update drawn by how many cells come at each.

    Of few cells many come at one update by chance: of a single cell all do.

    Args:
        counts: [puzzle, H-cycle], as :func:`arriving_cells` gives them.
    """
    needed = counts.sum(1)
    counts, needed = counts[needed > 0], needed[needed > 0]
    if not len(counts) or counts.shape[1] < 2:
        return float("nan")
    drawn = np.random.default_rng(seed).multinomial(
        needed, counts.sum(0) / counts.sum(), (DRAWS, len(needed))
    )
    return float((drawn.max(-1) / needed).mean())
