"""How well one number tells two groups apart: the area under the ROC curve, with an interval."""

import numpy as np

from hrm_probe.dynamics.intervals import Interval


def auc(
    scores: np.ndarray,
    positive: np.ndarray,
    rivals: np.ndarray | None = None,
    *,
    groups: np.ndarray | None = None,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """The chance that a positive row scores above a negative one, ties counting half; with a bootstrap interval.

    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])).estimate
    0.75

    Args:
        scores: [n]; rows whose score is NaN are left out.
        positive: bool [n].
        rivals: bool [n, n], whether row j may be compared with positive row i (matched comparisons); all
            negative rows if None.
        groups: [n] labels; rows of one group are drawn together. None: each row is its own group.
        level, resamples, seed: of the interval.

    Returns:
        The estimate is NaN and the interval [0, 1] where there is nothing to compare.
    """
    known = np.isfinite(scores)
    of = np.arange(len(scores)) if groups is None else np.unique(groups, return_inverse=True)[1]
    n_groups = int(of.max()) + 1 if len(of) else 0
    positives, others = np.flatnonzero(positive & known), np.flatnonzero(known)
    pairs = (~positive)[None, others] if rivals is None else rivals[np.ix_(positives, others)]
    pairs = np.broadcast_to(pairs, (len(positives), len(others)))
    others = others[pairs.any(0)]
    pairs = pairs[:, pairs.any(0)].astype(np.float32)
    if not pairs.any():
        return Interval(float("nan"), 0.0, 1.0, level, 0, "no pairs to compare")
    above = np.sign(scores[positives][:, None] - scores[others][None]).astype(np.float32)
    wins = pairs * (above + 1) / 2
    draws = np.random.default_rng(seed).multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=resamples)
    weights = draws[:, of].astype(np.float32)
    of_positive, of_other = weights[:, positives], weights[:, others]
    with np.errstate(invalid="ignore"):
        values = ((of_positive @ wins) * of_other).sum(1) / ((of_positive @ pairs) * of_other).sum(1)
    low, high = np.nanquantile(values, [0.5 - level / 2, 0.5 + level / 2])
    method = "bootstrap" if groups is None else "bootstrap over groups"
    return Interval(float(wins.sum() / pairs.sum()), float(low), float(high), level, n_groups, method)
