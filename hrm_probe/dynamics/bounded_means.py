"""The mean of numbers between 0 and 1, such as shares, with an interval that keeps a width where all are equal."""

import numpy as np
from numpy.typing import ArrayLike

from hrm_probe.dynamics.intervals import Interval, wilson_of_shares
from hrm_probe.errors import InputError


def mean_of_shares(shares: ArrayLike, level: float = 0.95) -> Interval:
    """Mean of independent numbers from 0 to 1, with Wilson's interval.

    >>> print(mean_of_shares([1, 1, 0.5, 0]))
    0.625 [0.219, 0.908]

    Args:
        shares: [n], each from 0 to 1.
        level: confidence level.

    Raises:
        InputError: none at all, a number outside 0 to 1, or a level outside (0, 1).

    Formula: Wilson's for a share of n independent trials, its estimate replaced by the mean. The variance of numbers
    from 0 to 1 is at most that of flags of the same mean, m (1 - m), so the interval is that of flags where all are 0
    or 1, and otherwise errs on the wide side.
    """
    values = np.asarray(shares, float)
    if not len(values) or not ((values >= 0) & (values <= 1)).all():
        raise InputError("mean_of_shares() needs at least one number, and each from 0 to 1.")
    low, high = wilson_of_shares(values.mean(), len(values), level)
    return Interval(float(values.mean()), float(low), float(high), level, len(values), "wilson of a mean")
