"""Means over puzzles of shares that not every puzzle has."""

import numpy as np

from hrm_probe.dynamics.bounded_means import resampled_mean_of_shares
from hrm_probe.dynamics.intervals import Interval
from hrm_probe.reasoning.result import alike, labels_of

NAN = float("nan")


def mean_over_puzzles(values: np.ndarray, labels: np.ndarray | None, seed: int) -> Interval:
    """The mean of those shares that exist, with its 95% interval; NaN, of 0 puzzles, where none does.

    >>> mean_over_puzzles(np.array([0.5, np.nan, 1.0]), None, seed=0).estimate
    0.75

    Args:
        values: [puzzle], shares from 0 to 1, NaN where a puzzle has none.
        labels: [puzzle], puzzles resampled together, or None.
        seed: for the resampling.
    """
    return mean_if_any(values, labels, seed) or Interval(NAN, NAN, NAN, 0.95, 0, "bootstrap")


def mean_if_any(values: np.ndarray, labels: np.ndarray | None, seed: int) -> Interval | None:
    """As :func:`mean_over_puzzles`, but None where no share exists."""
    known = ~np.isnan(values)
    if not known.any():
        return None
    return resampled_mean_of_shares(
        values[known], groups=labels_of(labels, known), alike=alike(labels), seed=seed
    )
