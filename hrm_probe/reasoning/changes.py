"""What something changes: differences by pairs of runs of the same puzzle."""

from dataclasses import replace

import numpy as np

from hrm_probe.dynamics.intervals import Interval, resampled_counts, widened, wilson


def mean_change(
    before: np.ndarray,
    after: np.ndarray,
    labels: np.ndarray | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Mean of ``after - before`` with its 95% bootstrap interval, puzzles (or groups of them) drawn whole.

    >>> print(mean_change(np.array([False] * 50), np.array([True] * 50)))
    1 [0.929, 1]

    Flags change by -1, 0 or 1, and no interval of theirs leaves that range. Where all change alike, or none does, a
    bootstrap's interval would have no width; then the share that may change otherwise is at most what Wilson's
    interval allows for none of n, puzzles or groups, in either direction.

    Args:
        before, after: bool or float [puzzle], the same puzzles in the same order.
        labels: [puzzle], puzzles resampled together.
        resamples, seed: of the interval.

    Known inaccuracy: of numbers that are no flags, changes that are all equal give an interval of no width.
    """
    change = np.asarray(after, float) - np.asarray(before, float)
    of = np.arange(len(change)) if labels is None else np.unique(labels, return_inverse=True)[1]
    sums, sizes = np.bincount(of, change), np.bincount(of)
    n = len(sizes)
    drawn = resampled_counts(n, resamples, seed)
    low, high = np.quantile((drawn @ sums) / (drawn @ sizes), [0.025, 0.975])
    method = "bootstrap" if labels is None else "bootstrap over groups"
    found = Interval(float(change.mean()), float(low), float(high), 0.95, n, method)
    if labels is not None:
        found = widened(found, n)
    return _of_flags(found, change) if np.asarray(before).dtype == np.asarray(after).dtype == bool else found


def _of_flags(found: Interval, change: np.ndarray) -> Interval:
    """The interval of changes of -1, 0 or 1: inside that range, and with a width where all changes are equal."""
    if np.ptp(change) == 0:
        otherwise = wilson(0, found.n).high
        found = replace(
            found, low=found.estimate - otherwise, high=found.estimate + otherwise, method="Wilson, none of n"
        )
    return replace(found, low=max(found.low, -1.0), high=min(found.high, 1.0))
