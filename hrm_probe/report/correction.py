"""Many claims in one report: which verdicts stand when their number is taken into account."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.reasoning.statistics.factors import holm
from hrm_probe.report.verdicts import Judgement

LEVEL = 0.05
LEAST = 1 / 2000  # what as many resamples can show


@dataclass(frozen=True)
class Correction:
    """A verdict seen as one of many.

    Attributes:
        p_value: two-sided, of the effect being at its threshold; see :func:`p_value`.
        p_holm: the same, corrected for the number of claims of the report.
        stands: whether a decided verdict would still be decided at ``p_holm`` below 0.05; None where nothing was
            decided.
    """

    p_value: float
    p_holm: float
    stands: bool | None


def corrections(judgements: Mapping[str, Judgement]) -> dict[str, Correction]:
    """Corrections by claim, after Holm (1979, Scand. J. Statist. 6); claims that were not testable are left out.

    The chance that any verdict of the report that stands is on the wrong side of its threshold is 5% at most,
    however the claims depend on each other, as far as the intervals behind them are right.
    """
    tested = {name: j for name, j in judgements.items() if j.effect is not None}
    single = {name: p_value(j.effect, j.threshold) for name, j in tested.items() if j.effect is not None}
    corrected = holm(np.array(list(single.values())))
    return {
        name: Correction(p, float(q), bool(q < LEVEL) if tested[name].verdict != "undecided" else None)
        for (name, p), q in zip(single.items(), corrected, strict=True)
    }


def p_value(effect: Interval, threshold: float) -> float:
    """How surprising the estimate would be if the truth were the threshold: two-sided p, read off the interval.

    >>> from hrm_probe.dynamics import wilson
    >>> round(p_value(wilson(60, 80), 0.5), 4)
    0.0005

    The interval's arm towards the threshold is taken as that of a normal distribution. No p is given below 1/2000,
    which is as far as 2,000 resamples see.

    Known inaccuracy: tails of shares near 0 and 1 are not normal; for 0 of 65 against 10% this says 0.0005, where
    the exact chance is 0.001.
    """
    if not math.isfinite(threshold) or not np.isfinite([effect.estimate, effect.low, effect.high]).all():
        return 1.0
    distance = abs(effect.estimate - threshold)
    arm = effect.high - effect.estimate if effect.estimate < threshold else effect.estimate - effect.low
    if arm <= 0:
        return LEAST if distance > 0 else 1.0
    z = distance / arm * stats.norm.ppf(0.5 + effect.level / 2)
    return max(LEAST, float(2 * stats.norm.sf(z)))
