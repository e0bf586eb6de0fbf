"""What became of each puzzle of a run: when it was solved, and whether it was lost again."""

import numpy as np
import pandas as pd

from hrm_probe.reasoning.runs.curves import Curves


def outcomes(curves: Curves) -> pd.DataFrame:
    """One row per puzzle.

    Columns: ``solved_last`` (at the last segment), ``solved_ever`` (at some segment), ``solved_at_halt`` (at the
    segment at which the model would stop by itself), ``halted_at`` (that segment, 1-based), ``first_solved`` and
    ``first_lost`` (1-based segments, 0 if never; lost means solved at the segment before and not now),
    ``times_lost``, ``segments_solved``, ``kept`` (solved once and at every segment since), ``wrong_cells`` (at
    the last segment).
    """
    solved = curves.solved
    losses = solved[:, :-1] & ~solved[:, 1:]  # [puzzle, segment - 1]: lost between this segment and the next
    ever, lost = solved.any(1), losses.any(1)
    return pd.DataFrame(
        {
            "solved_last": solved[:, -1],
            "solved_ever": ever,
            "solved_at_halt": solved[np.arange(len(solved)), curves.halted_at - 1],
            "halted_at": curves.halted_at,
            "first_solved": first_true(solved),
            "first_lost": np.where(lost, first_true(losses) + 1, 0),
            "times_lost": losses.sum(1),
            "segments_solved": solved.sum(1),
            "kept": ever & ~lost,
            "wrong_cells": curves.errors[:, -1],
        }
    )


def first_true(flags: np.ndarray) -> np.ndarray:
    """Number of the first true flag of each row, from 1 on; 0 where there is none: bool [n, time] -> [n].

    >>> first_true(np.array([[False, True, True], [False, False, False]])).tolist()
    [2, 0]
    """
    return np.where(flags.any(1), flags.argmax(1) + 1, 0) if flags.shape[1] else np.zeros(len(flags), int)


def by_outcome(solved: np.ndarray) -> dict[str, np.ndarray]:
    """The puzzles that tables tell of: "all", "solved" and "unsolved", each bool [puzzle]."""
    return {"all": np.ones(len(solved), bool), "solved": solved, "unsolved": ~solved}
