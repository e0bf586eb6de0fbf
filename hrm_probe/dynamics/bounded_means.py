"""The mean of numbers between 0 and 1, such as shares, with an interval that keeps a width where all are equal."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from hrm_probe.dynamics.doubles import Floats
from hrm_probe.dynamics.grouped_rows import kish_effect, variance_of_mean
from hrm_probe.dynamics.intervals import Interval, bootstrap, wilson_of_shares
from hrm_probe.errors import InputError

FEW = 20  # numbers, below which a bootstrap may have seen too little of them


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
    values = _shares(shares, "mean_of_shares()")
    low, high = wilson_of_shares(values.mean(), len(values), level)
    return Interval(float(values.mean()), float(low), float(high), level, len(values), "wilson of a mean")


def resampled_mean_of_shares(
    shares: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    alike: float = 1.0,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Mean of numbers from 0 to 1 with a bootstrap interval, wider where resampling may have missed rare values.

    >>> print(resampled_mean_of_shares(np.ones(26)))
    1 [0.892, 1]

    Where nearly all are 0, or 1, the few others decide, and a bootstrap that has seen none of them has no width. So
    where fewer than ``FEW`` are above 0, or below 1, or all are equal, the interval is no narrower than
    :func:`allowing_for_unseen`.

    Args:
        shares: [n], each from 0 to 1.
        groups: [n] labels of numbers that belong together.
        alike: correlation within a group that is assumed where all numbers are equal and cannot show it.
        level, resamples, seed: of the bootstrap.

    Raises:
        InputError: none at all, a number outside 0 to 1, or what ``bootstrap`` refuses.

    Known inaccuracy: wide rather than narrow where few decide. Of 26 numbers that are 1 with a chance of 0.95, else
    uniform, 99.7% of the intervals cover the truth (a plain bootstrap's: 64%), of 100 and 0.98 100% (75%).
    """
    values = _shares(shares, "resampled_mean_of_shares()")
    found = bootstrap(np.mean, values, groups=groups, level=level, resamples=resamples, seed=seed)
    return wider_where_few_decide(found, values, groups, alike)


def wider_where_few_decide(
    found: Interval, shares: ArrayLike, groups: ArrayLike | None = None, alike: float = 1.0
) -> Interval:
    """An interval of a mean of shares, no narrower than :func:`allowing_for_unseen` where few of them decide.

    >>> few = Interval(1.0, 1.0, 1.0, 0.95, 8, "bootstrap")
    >>> print(wider_where_few_decide(few, np.ones(8)))
    1 [0.676, 1]

    Args:
        found: of the mean, or of one that is much like it, such as a mean weighed by size.
        shares, groups, alike: as of :func:`resampled_mean_of_shares`.
    """
    values = _shares(shares, "wider_where_few_decide()")
    if min((values > 0).sum(), (values < 1).sum()) < FEW or np.ptp(values) == 0:
        low, high = allowing_for_unseen(values, groups, alike, found.level)
        found = replace(found, low=min(found.low, low), high=max(found.high, high))
    return replace(found, low=max(found.low, 0.0), high=min(found.high, 1.0))


def allowing_for_unseen(
    shares: ArrayLike, groups: ArrayLike | None = None, alike: float = 1.0, level: float = 0.95
) -> tuple[float, float]:
    """Ends of Student's interval of a mean of numbers from 0 to 1, with one more number at 0 and one at 1.

    >>> low, high = allowing_for_unseen(np.ones(26))
    >>> round(low, 3)
    0.892

    Args:
        shares, groups, alike, level: as of :func:`resampled_mean_of_shares`.

    Formula: of n numbers of mean x, m = (n x + 1) / (n + 2) and s^2 = (n mean((x_i - m)^2) + m^2 + (1 - m)^2) /
    (n + 2)^2, ends m -+ t s. With groups n is the number of rows over the design effect n v / var(x), where v is the
    variance of the mean between groups.
    """
    values = _shares(shares, "allowing_for_unseen()")
    n = _effective(values, None if groups is None else np.asarray(groups), alike)
    if n < 2:
        return 0.0, 1.0
    middle = (n * float(values.mean()) + 1) / (n + 2)
    spread = n * float(((values - middle) ** 2).mean()) + middle**2 + (1 - middle) ** 2
    arm = float(stats.t.ppf(0.5 + level / 2, n - 1)) * spread**0.5 / (n + 2)
    return max(middle - arm, 0.0), min(middle + arm, 1.0)


def _effective(values: Floats, groups: "np.ndarray | None", alike: float) -> float:
    """The number of independent rows that grouped ones are worth, from that of the groups to that of the rows."""
    n = len(values)
    if groups is None:
        return n
    of = np.unique(groups, return_inverse=True)[1]
    sizes = np.bincount(of)
    if len(sizes) < 2:
        return 1
    variance = float(values.var())
    if variance == 0:
        effect = kish_effect(sizes, alike)
    else:
        residuals = np.asarray(np.bincount(of, values - values.mean()), float)
        effect = n * variance_of_mean(residuals, n) / variance
    return float(np.clip(n / max(effect, 1e-9), len(sizes), n))


def _shares(shares: ArrayLike, asked: str) -> Floats:
    values = np.asarray(shares, float)
    if not len(values) or not ((values >= 0) & (values <= 1)).all():
        raise InputError(f"{asked} needs at least one number, and each from 0 to 1.")
    return values
