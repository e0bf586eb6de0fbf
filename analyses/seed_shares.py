"""How much of what trainings end with is their seed's doing: the intraclass correlation, as in a study of twins."""

from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2
from scipy.stats import f as f_distribution

from hrm_probe.errors import InputError


class SeedShare(TypedDict):
    """Spread of trainings between and within seeds.

    Attributes:
        between, within: standard deviations: of the seeds' own share, and of trainings of one seed; with the ends of
            the second, ``within_low`` and ``within_high``.
        share: of the variance, that which the seed accounts for; 0 if none is seen, None if nothing varies.
        low, high: its ends, not cut off at 0.
    """

    between: float
    within: float
    within_low: float
    within_high: float
    share: float | None
    low: float | None
    high: float | None


def seed_share(values: ArrayLike, level: float = 0.95) -> SeedShare:
    """The share of the variance between trainings that their seeds account for.

    >>> from seed_shares import seed_share
    >>> seed_share([[0.1, 0.2], [0.5, 0.6], [0.8, 0.9]])["share"] > 0.9
    True

    Args:
        values: [seed, training], two or more of both.
        level: for the intervals.

    Raises:
        InputError: fewer, or numbers that are missing.

    Formula: one-way random effects, ICC(1) = (B - W) / (B + (k - 1) W) with mean squares B between and W within
    seeds of k trainings each, and its interval from the F distribution; that of the spread from chi-squared. Source:
    Shrout and Fleiss, Psychol. Bull. 86, 420-428 (1979).
    Known inaccuracy: the interval takes normal distributions, which shares near 0 or 1 do not have.
    """
    table = np.asarray(values, dtype=float)
    if table.ndim != 2 or min(table.shape) < 2 or not np.isfinite(table).all():
        raise InputError("seed_share() needs a table [seed, training] of two or more of each, with no gaps.")
    seeds, k = table.shape
    means = table.mean(1)
    squares_between = k * means.var(ddof=1)
    squares_within = float(((table - means[:, None]) ** 2).sum() / (seeds * (k - 1)))
    between = float(np.sqrt(max(squares_between - squares_within, 0) / k))
    within = float(np.sqrt(squares_within))
    tail = (1 + level) / 2
    degrees = (seeds - 1, seeds * (k - 1))
    low_within, high_within = (
        within * float(np.sqrt(degrees[1] / chi2.ppf(q, degrees[1]))) for q in (tail, 1 - tail)
    )
    spread = {"between": between, "within": within, "within_low": low_within, "within_high": high_within}
    if squares_between + squares_within == 0:
        return SeedShare(**spread, share=None, low=None, high=None)

    def correlation(ratio: float) -> float:
        return (ratio - 1) / (ratio + k - 1)

    if squares_within == 0:
        return SeedShare(**spread, share=1.0, low=1.0, high=1.0)
    ratio = squares_between / squares_within
    low = correlation(ratio / f_distribution.ppf(tail, *degrees))
    high = correlation(ratio * f_distribution.ppf(tail, *degrees[::-1]))
    return SeedShare(**spread, share=max(correlation(ratio), 0.0), low=float(low), high=float(high))
