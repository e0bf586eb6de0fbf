"""What something changes: differences by pairs of runs of the same puzzle."""

from dataclasses import replace

import numpy as np

from hrm_probe.dynamics.bounded_means import FEW, allowing_for_unseen
from hrm_probe.dynamics.intervals import Interval, percentile_interval, resampled_counts
from hrm_probe.reasoning.result import alike, plain_labels


def mean_change(
    before: np.ndarray,
    after: np.ndarray,
    labels: np.ndarray | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Mean of ``after - before`` with its 95% bootstrap interval, puzzles (or groups of them) drawn whole.

    >>> print(mean_change(np.array([False] * 50), np.array([True] * 50)))
    1 [0.885, 1]

    Flags change by -1, 0 or 1, and no interval of theirs leaves that range. A bootstrap of few changes, or of changes
    that are all alike, is too sure of them: where fewer than ``FEW`` change, or all do so alike, the interval is no
    narrower than one of :func:`allowing_for_unseen`, so that 5 gained and none lost may be chance, as an exact sign
    test has it, and 6 are not.

    Args:
        before, after: bool or float [puzzle], the same puzzles in the same order.
        labels: [puzzle], puzzles resampled together.
        resamples, seed: for the interval.

    Known inaccuracy: of numbers that are not flags, changes that are all equal give an interval without width.
    """
    change = np.asarray(after, float) - np.asarray(before, float)
    of = np.unique(plain_labels(labels, len(change)), return_inverse=True)[1]
    sums, sizes = np.bincount(of, change), np.bincount(of)
    n = len(sizes)
    drawn = resampled_counts(n, resamples, seed)
    means = (drawn @ sums) / (drawn @ sizes)
    found = percentile_interval(float(change.mean()), means, 0.95, n, grouped=labels is not None)
    if not np.asarray(before).dtype == np.asarray(after).dtype == bool:
        return found
    return _of_flags(found, change, labels)


def _of_flags(found: Interval, change: np.ndarray, labels: np.ndarray | None) -> Interval:
    low, high = found.low, found.high
    if np.count_nonzero(change) < FEW or np.ptp(change) == 0:
        allowed = allowing_for_unseen((change + 1) / 2, labels, alike(labels))
        low, high = min(low, 2 * allowed[0] - 1), max(high, 2 * allowed[1] - 1)
    return replace(found, low=max(low, -1.0), high=min(high, 1.0))
