"""How well one number tells two groups apart: the area under the ROC curve, plain or with an interval."""

import math
from dataclasses import replace

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from hrm_probe.dynamics.intervals import Interval, percentile_interval, resampled_counts


def area_under_roc(scores: np.ndarray, positive: np.ndarray) -> float:
    """The chance that a positive row scores above a negative one, ties counting half; of all rows with all.

    >>> area_under_roc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    0.75

    Args:
        scores: [n]; rows whose score is NaN or infinite are left out.
        positive: bool [n].

    Returns:
        A share from 0 to 1; NaN where all rows are positive, or none is.
    """
    known = np.isfinite(scores)
    scores, positive = scores[known], positive[known]
    above, below = int(positive.sum()), int((~positive).sum())
    if not above or not below:
        return float("nan")
    won = (
        stats.rankdata(scores.astype(float))[positive].sum() - above * (above + 1) / 2
    )  # ties share their ranks
    return float(won / (above * below))


def auc(
    scores: np.ndarray,
    positive: np.ndarray,
    strata: np.ndarray | None = None,
    *,
    groups: np.ndarray | None = None,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """As :func:`area_under_roc`, with a bootstrap interval, and within strata where they are given.

    >>> scores, positive = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    >>> auc(scores, positive).estimate
    0.75

    Args:
        scores: [n]; rows whose score is NaN or infinite are left out.
        positive: bool [n].
        strata: [n] labels; only rows of one stratum are compared (matched comparisons). None: all with all.
        groups: [n] labels; rows of one group are drawn together. None: each row is its own group.
        level, resamples, seed: for the interval.

    Returns:
        The estimate is NaN and the interval [0, 1] where there is nothing to compare. A bootstrap of few rows, or of
        scores that hardly overlap, is too narrow: the interval is never narrower than :func:`score_interval`.
    """
    known = np.isfinite(scores)
    scores, positive = scores[known], positive[known]
    strata = np.zeros(len(scores), int) if strata is None else strata[known]
    of = np.arange(len(scores)) if groups is None else np.unique(groups[known], return_inverse=True)[1]
    n_groups = int(of.max()) + 1 if len(of) else 1
    weights = resampled_counts(n_groups, resamples, seed).astype(np.float32)

    wins, pairs, wins_drawn, pairs_drawn = 0.0, 0, np.zeros(resamples), np.zeros(resamples)
    compared = np.zeros(2, int)
    for stratum in np.unique(strata):
        up = np.flatnonzero(positive & (strata == stratum))
        down = np.flatnonzero(~positive & (strata == stratum))
        if not len(up) or not len(down):
            continue
        compared += len(up), len(down)
        won = (np.sign(scores[up][:, None] - scores[down][None]).astype(np.float32) + 1) / 2
        w_up, w_down = weights[:, of[up]], weights[:, of[down]]
        wins, pairs = wins + float(won.sum()), pairs + won.size
        wins_drawn += ((w_up @ won) * w_down).sum(1)
        pairs_drawn += w_up.sum(1) * w_down.sum(1)
    if not pairs:
        return Interval(float("nan"), 0.0, 1.0, level, 0, "no pairs to compare")
    values = wins_drawn[pairs_drawn > 0] / pairs_drawn[pairs_drawn > 0]
    found = percentile_interval(wins / pairs, values, level, n_groups, grouped=groups is not None)
    if math.isnan(found.low):  # no resample held a pair
        return replace(found, low=0.0, high=1.0)
    low, high = score_interval(found.estimate, int(compared[0]), int(compared[1]), level)
    return replace(found, low=max(0.0, min(found.low, low)), high=min(1.0, max(found.high, high)))


def score_interval(
    estimate: float, positives: int, negatives: int, level: float = 0.95
) -> tuple[float, float]:
    """The areas that an estimate from so many independent rows does not contradict.

    All theta with ``|estimate - theta| <= z sd(theta)``, of Hanley and McNeil's variance with (m + n) / 2 - 1 for both
    of its m - 1 and n - 1. Source: Newcombe (2006), Stat. Med. 25, 559-573, method 5.

    >>> [round(end, 2) for end in score_interval(1.0, 20, 20)]
    [0.9, 1.0]
    """
    z, m, n = float(stats.norm.ppf(0.5 + level / 2)), positives, negatives
    more = (m + n) / 2 - 1

    def beyond(theta: float) -> float:
        variance = (
            theta * (1 - theta) * (1 + more * ((1 - theta) / (2 - theta) + theta / (1 + theta))) / (m * n)
        )
        return abs(estimate - theta) - z * float(np.sqrt(max(variance, 0.0)))

    inside = min(max(estimate, 1e-9), 1 - 1e-9)  # at 0 and 1 themselves the variance vanishes
    low = 0.0 if beyond(0.0) <= 0 else float(brentq(beyond, 0.0, inside))
    high = 1.0 if beyond(1.0) <= 0 else float(brentq(beyond, inside, 1.0))
    return low, high
