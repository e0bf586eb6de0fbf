"""Intervals of smooth statistics without resampling: what a number is without each of the units behind it."""

import numpy as np
from scipy import stats

from hrm_probe.dynamics.doubles import Floats
from hrm_probe.dynamics.intervals import Interval
from hrm_probe.given_numbers import number_within


def jackknifed(whole: float, without: Floats, level: float = 0.95) -> Interval:
    """The interval of a number above 0 by what it is without each unit, from the spread of their logarithms.

    >>> print(jackknifed(2.0, np.array([1.9, 2.0, 2.1])))
    2 [1.56, 2.57]

    Args:
        whole: of all units.
        without: [unit], without one of them; a single unit leaves NaN, for nothing is left without it.
        level: of the interval, by Student's t.

    Returns:
        The estimate has the jackknife's correction of bias, too. Where a number is infinite it is infinity, where one
        does not exist it is NaN, and then anything above 0 is possible.

    Source: Efron and Tibshirani (1993), chapter 11.
    """
    number_within(level, "level", above=0, below=1)
    n = len(without)
    if not np.isfinite([whole, *without]).all():
        estimate = float("nan") if np.isnan([whole, *without]).any() else float("inf")
        return Interval(estimate, 0.0, float("inf"), level, n, "jackknife")
    logs = np.log(without)
    middle = n * np.log(whole) - (n - 1) * logs.mean()
    arm = stats.t.ppf(0.5 + level / 2, n - 1) * np.sqrt((n - 1) * logs.var())
    low, estimate, high = np.exp([middle - arm, middle, middle + arm])
    return Interval(float(estimate), float(low), float(high), level, n, "jackknife")
