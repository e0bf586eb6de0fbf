"""What something changes: differences by pairs of runs of the same puzzle."""

import numpy as np

from hrm_probe.dynamics.intervals import Interval, widened


def mean_change(
    before: np.ndarray,
    after: np.ndarray,
    labels: np.ndarray | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Mean of ``after - before`` with its 95% bootstrap interval, puzzles (or groups of them) drawn whole.

    >>> print(mean_change(np.array([False] * 50), np.array([True] * 50)))
    1 [1, 1]

    Args:
        before, after: bool or float [puzzle], the same puzzles in the same order.
        labels: [puzzle], puzzles resampled together.
        resamples, seed: of the interval.

    Known inaccuracy: where no puzzle changes the interval has no width, though more puzzles might change.
    """
    change = np.asarray(after, float) - np.asarray(before, float)
    of = np.arange(len(change)) if labels is None else np.unique(labels, return_inverse=True)[1]
    sums, sizes = np.bincount(of, change), np.bincount(of)
    n = len(sizes)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples)
    low, high = np.quantile((drawn @ sums) / (drawn @ sizes), [0.025, 0.975])
    method = "bootstrap" if labels is None else "bootstrap over groups"
    found = Interval(float(change.mean()), float(low), float(high), 0.95, n, method)
    return found if labels is None else widened(found, n)
