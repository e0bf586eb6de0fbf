"""How long a solution is kept: the share still solved, by the number of segments since it was found."""

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import resampled_counts, share, widening
from hrm_probe.reasoning.result import plain_labels

RESAMPLES = 1000


def survival_curve(
    solved: np.ndarray, labels: np.ndarray | None, seed: int, level: float = 0.95
) -> pd.DataFrame:
    """Kaplan and Meier's (1958) estimate of keeping a solution without a break.

    A puzzle enters when it is first solved and leaves at its first loss, or with the last segment that was run:
    late solvers are watched for less long and are counted only as long as they are.

    Args:
        solved: bool [puzzle, segment].
        labels: [puzzle], what is resampled together; None: each puzzle.
        seed: for the resampling.
        level: for the intervals, pointwise.

    Returns:
        A row per number of segments since first solved: age, at_risk (watched that long without a loss before),
        survival, low, high. Intervals by bootstrap, widened over few groups; where nothing has been lost yet, or
        all, Wilson's with the number at risk, or of groups at risk. Ages without anybody at risk are left out; no
        rows where nothing was solved.
    """
    entered = solved.any(1)
    curves, first = solved[entered], solved[entered].argmax(1)
    names = ["age", "at_risk", "survival", "low", "high"]
    if not len(curves):
        return pd.DataFrame({name: pd.Series(dtype=float) for name in names})
    n, segments = curves.shape
    ages = np.arange(segments)
    places = first[:, None] + ages  # segment at which each puzzle has each age
    watched = places < segments
    now = np.take_along_axis(curves, np.minimum(places, segments - 1), axis=1) & watched
    kept = np.logical_and.accumulate(now, axis=1)  # still solved at this age, without a break
    before = np.concatenate([np.ones((n, 1), bool), kept[:, :-1]], axis=1)
    at_risk = before & watched
    lost = at_risk & ~kept

    names_, group = np.unique(plain_labels(labels, len(solved))[entered], return_inverse=True)
    weights = resampled_counts(len(names_), RESAMPLES, seed)[:, group].astype(float)  # [resample, puzzle]
    estimate = _product(at_risk.sum(0), lost.sum(0))
    resampled = _product(weights @ at_risk.astype(float), weights @ lost.astype(float))
    low, high = np.nanquantile(resampled, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    if labels is not None:
        factor = min(widening(len(names_), level), 1e9)  # of one group: anything
        low, high = (np.clip(estimate + factor * (end - estimate), 0.0, 1.0) for end in (low, high))
    risk = at_risk.sum(0)
    for age in range(segments):
        among = at_risk[:, age]
        if risk[age] and (estimate[age] in (0.0, 1.0) or len(names_) == 1):
            whole = share(kept[among, age], groups=None if labels is None else group[among], level=level)
            low[age], high[age] = whole.low, whole.high
    table = pd.DataFrame(dict(zip(names, (ages, risk, estimate, low, high), strict=True)))
    return table[table["at_risk"] > 0].reset_index(drop=True)


def _product(at_risk: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """prod (1 - lost / at risk) over ages, the last axis."""
    hazard = np.divide(lost, at_risk, out=np.zeros(np.shape(lost)), where=np.asarray(at_risk) > 0)
    return np.cumprod(1 - hazard, axis=-1)
