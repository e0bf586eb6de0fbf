"""How well one number tells two groups apart: the area under the ROC curve, with an interval."""

from dataclasses import replace

import numpy as np

from hrm_probe.dynamics.intervals import Interval, widened


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
    """The chance that a positive row scores above a negative one, ties counting half; with a bootstrap interval.

    >>> scores, positive = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    >>> auc(scores, positive).estimate
    0.75

    Args:
        scores: [n]; rows whose score is NaN or infinite are left out.
        positive: bool [n].
        strata: [n] labels; only rows of one stratum are compared (matched comparisons). None: all with all.
        groups: [n] labels; rows of one group are drawn together. None: each row is its own group.
        level, resamples, seed: of the interval.

    Returns:
        The estimate is NaN and the interval [0, 1] where there is nothing to compare.
    """
    known = np.isfinite(scores)
    scores, positive = scores[known], positive[known]
    strata = np.zeros(len(scores), int) if strata is None else strata[known]
    of = np.arange(len(known)) if groups is None else np.unique(groups, return_inverse=True)[1]
    n_groups = int(of.max()) + 1 if len(of) else 1
    draws = np.random.default_rng(seed).multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=resamples)
    weights = draws.astype(np.float32)
    of = of[known]

    wins, pairs, wins_drawn, pairs_drawn = 0.0, 0, np.zeros(resamples), np.zeros(resamples)
    for stratum in np.unique(strata):
        up = np.flatnonzero(positive & (strata == stratum))
        down = np.flatnonzero(~positive & (strata == stratum))
        if not len(up) or not len(down):
            continue
        won = (np.sign(scores[up][:, None] - scores[down][None]).astype(np.float32) + 1) / 2
        w_up, w_down = weights[:, of[up]], weights[:, of[down]]
        wins, pairs = wins + float(won.sum()), pairs + won.size
        wins_drawn += ((w_up @ won) * w_down).sum(1)
        pairs_drawn += w_up.sum(1) * w_down.sum(1)
    if not pairs:
        return Interval(float("nan"), 0.0, 1.0, level, 0, "no pairs to compare")
    values = wins_drawn[pairs_drawn > 0] / pairs_drawn[pairs_drawn > 0]
    low, high = np.quantile(values, [0.5 - level / 2, 0.5 + level / 2]) if len(values) else (0.0, 1.0)
    method = "bootstrap" if groups is None else "bootstrap over groups"
    found = Interval(wins / pairs, float(low), float(high), level, n_groups, method)
    if groups is None:
        return found
    found = widened(found, n_groups)
    return replace(found, low=max(0.0, found.low), high=min(1.0, found.high))
