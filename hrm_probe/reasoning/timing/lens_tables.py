"""Tables of what is read at every update: over the whole run, and inside the segment that brings the answer."""

import numpy as np
import pandas as pd

from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.result import labels_of, share_of
from hrm_probe.reasoning.runs.decoding import Decoded, Reads

GROUPS = {"first segment": lambda segment: segment == 1, "later": lambda segment: segment > 1}
"""Puzzles by the segment that brings their answer: what comes in the first begins from nothing."""

WITHIN = ["comes_in", "site", "H_cycle", "L_cycle", "solved", "low", "high", "right"]
"""Columns of the table of that segment, which stand there though no answer ever came."""


def update_table(decoded: Decoded, puzzles: Asked, labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    """One row per (site, update of the run), as described at :class:`hrm_probe.reasoning.Lens`."""
    blanks, final = puzzles.blanks, decoded.ends[:, -1]
    rows = []
    for site, read in decoded.reads.items():
        before = None
        for s in range(decoded.ends.shape[1]):
            for u, (H_cycle, L_cycle) in enumerate(read.updates):
                grid = read.predictions[:, s, u]
                solved = share_of((grid == puzzles.answers).all(-1), labels, seed=seed)
                rows.append(
                    {
                        "site": site,
                        "segment": s + 1,
                        "H_cycle": H_cycle,
                        "L_cycle": L_cycle,
                        "solved": solved.estimate,
                        "low": solved.low,
                        "high": solved.high,
                        "right": share_of_cells(grid == puzzles.answers, blanks),
                        "as_end": share_of_cells(grid == decoded.ends[:, s], blanks),
                        "as_final": share_of_cells(grid == final, blanks),
                        "changed": np.nan if before is None else share_of_cells(grid != before, blanks),
                        "loss": read.loss[:, s, u].mean(),
                        "entropy": read.entropy[:, s, u].mean(),
                        "q_halt": read.q_halt[:, s, u].mean(),
                    }
                )
                before = grid
    return pd.DataFrame(rows)


def within_table(
    decoded: Decoded, puzzles: Asked, first_solved: np.ndarray, labels: np.ndarray | None, seed: int
) -> pd.DataFrame:
    """One row per (group of puzzles, site, update) of the segment that brings the answer.

    Args:
        first_solved: [puzzle], the first segment (1-based) whose end shows the answer; 0 if none does.
    """
    rows = []
    for group, belongs in GROUPS.items():
        chosen = np.flatnonzero(belongs(first_solved))
        if not len(chosen):
            continue
        answers, blanks = puzzles.answers[chosen], puzzles.blanks[chosen]
        for site, read in decoded.reads.items():
            grids = in_segment(read, chosen, first_solved)
            for u, (H_cycle, L_cycle) in enumerate(read.updates):
                right = grids[:, u] == answers
                share = share_of(right.all(-1), labels_of(labels, chosen), seed=seed)
                rows.append(
                    {
                        "comes_in": group,
                        "site": site,
                        "H_cycle": H_cycle,
                        "L_cycle": L_cycle,
                        "solved": share.estimate,
                        "low": share.low,
                        "high": share.high,
                        "right": share_of_cells(right, blanks),
                    }
                )
    return pd.DataFrame(rows, columns=WITHIN)


def in_segment(read: Reads, rows: np.ndarray, segment: np.ndarray) -> np.ndarray:
    """The grids of some puzzles in one segment of each: [row, update, cell].

    Args:
        rows: indices of puzzles.
        segment: [puzzle], 1-based.
    """
    return read.predictions[rows, segment[rows] - 1]


def share_of_cells(flags: np.ndarray, among: np.ndarray) -> float:
    """Share of true flags among some cells of all puzzles together; NaN where there are none."""
    count = int(among.sum())
    return float((flags & among).sum() / count) if count else float("nan")
