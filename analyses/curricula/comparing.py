"""Arms against the baseline, paired by seed.

Seeds set the weights and the puzzles drawn, so runs of one seed start alike in every arm. Intervals are at 95% and
over seeds alone: Student's t for means and paired differences (of logarithms, for ratios of costs), which trusts
five seeds further than a bootstrap could; a bootstrap for the speed-up, which is not a mean.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from curricula.arms import BASELINE
from curricula.reading import Run, by_seed
from hrm_probe.dynamics.intervals import Interval, bootstrap

Value = Callable[[Run], float | None]
LEVEL = 0.95
SKILL = 0.1  # a baseline that solves less has nothing that others could be faster at
TARGET = 0.9  # of the baseline's final accuracy: the accuracy at which costs are compared
RESAMPLES = 2000


def mean(runs: list[Run], arm: str, value: Value) -> Interval:
    """Mean of a value over an arm's seeds; seeds without a value are left out."""
    found = [value(run) for run in by_seed(runs, arm).values()]
    return t_interval(np.array([v for v in found if v is not None], float))


def mean_share(runs: list[Run], arm: str, value: Value) -> Interval:
    """As :func:`mean`, of a value that cannot leave 0..1; nor does its interval, which Student's knows nothing of."""
    found = mean(runs, arm, value)
    low, high = (float(np.clip(end, 0.0, 1.0)) for end in (found.low, found.high))
    return replace(found, low=low, high=high)


def difference(runs: list[Run], arm: str, value: Value, against: str = BASELINE) -> Interval:
    """Mean of the arm's value minus that of another, the baseline if none is named, over the seeds that both have."""
    return t_interval(_paired(runs, arm, value, np.subtract, against))


def difference_at_equal_accuracy(runs: list[Run], arm: str, detector: str) -> Interval:
    """As :func:`difference`, of a detector, but from what it said of the baseline when that was as accurate as the arm.

    A model that solves less differs from one that solves more in many ways; this asks what the curriculum adds.
    """
    ours, theirs = by_seed(runs, arm), by_seed(runs, BASELINE)
    found = []
    for seed in sorted(ours.keys() & theirs.keys()):
        probes = ours[seed]["probes"]
        base = when_as_accurate(theirs[seed], detector, probes["solved"])
        if probes[detector] is not None and base is not None:
            found.append(probes[detector] - base)
    return t_interval(np.array(found, float))


def when_as_accurate(run: Run, detector: str, solved: float) -> float | None:
    """What a detector said when the run's model first solved this share of the probed puzzles.

    Linear between the stages before and after; the first stage where that solved more already, the last one where none
    ever did; None if the detector never spoke.
    """
    known = [(stage["solved"], stage[detector]) for stage in run["path"] if stage[detector] is not None]
    for (before, said), (after, says) in pairwise(known):
        if before >= solved:
            return float(said)
        if after >= solved:
            return float(np.interp(solved, (before, after), (said, says)))
    return float(known[-1][1]) if known else None


def ratio(runs: list[Run], arm: str, value: Value) -> Interval:
    """Geometric mean of the baseline's value over the arm's: 2 means that the arm costs half."""
    logs = t_interval(_paired(runs, arm, value, lambda own, base: np.log(base / own)))
    estimate, low, high = (float(np.exp(x)) for x in (logs.estimate, logs.low, logs.high))
    return Interval(estimate, low, high, LEVEL, logs.n, "t over seeds, of logarithms")


def speed_up(runs: list[Run], arm: str, cost: str, seed: int = 0) -> Interval:
    """How much less an arm costs until it is as good as the baseline nearly becomes.

    Held-out accuracy is averaged over the seeds that both arms have, as a function of cost, linear between
    evaluations, its running maximum taken, from 0 at no cost. The target is 0.9 of the baseline's last mean
    accuracy. The speed-up is the cost at which the baseline's mean curve first reaches it, over that of the arm;
    0 where the arm never does. Seeds are resampled, for both arms alike, target and all, for the interval, which is
    made wider as so few seeds demand (see :func:`bootstrap`); there is none of a single seed. Where the baseline
    solves less than ``SKILL`` there is no speed to compare with: NaN.

    Args:
        runs: of all arms.
        arm: which.
        cost: "flops", "seconds" or "step".
        seed: for the resampling.
    """
    ours, theirs = by_seed(runs, arm), by_seed(runs, BASELINE)
    seeds = sorted(ours.keys() & theirs.keys())
    how = "bootstrap over seeds, widened"
    if not seeds or np.mean([theirs[seed]["curve"]["test_accuracy"][-1] for seed in seeds]) < SKILL:
        return Interval(float("nan"), float("nan"), float("nan"), LEVEL, 0, how)

    def of(chosen: NDArray[np.int64]) -> float:
        own, base = ([family[seeds[i]] for i in chosen] for family in (ours, theirs))
        target = TARGET * np.mean([run["curve"]["test_accuracy"][-1] for run in base])
        if target <= 0:  # the baseline learns nothing: there is no speed to compare with
            return float("nan")
        needed = cost_to_reach(own, cost, target)
        return float(cost_to_reach(base, cost, target) / needed) if np.isfinite(needed) else 0.0

    every = np.arange(len(seeds))
    if len(seeds) < 2:
        return Interval(of(every), float("nan"), float("nan"), LEVEL, len(seeds), how)
    found = bootstrap(of, every, groups=every, level=LEVEL, resamples=RESAMPLES, seed=seed)
    return replace(found, low=max(found.low, 0.0), method=how)


def cost_to_reach(runs: list[Run], cost: str, target: float) -> float:
    """The cost at which the mean accuracy of some runs first reaches ``target``; infinite if it never does."""
    at, accuracy = mean_curve(runs, cost)
    best = np.maximum.accumulate(accuracy.mean(0))
    there = np.flatnonzero(best >= target)
    if not len(there):
        return float("inf")
    i = there[0]
    if i == 0:
        return float(at[0])
    return float(at[i - 1] + (at[i] - at[i - 1]) * (target - best[i - 1]) / (best[i] - best[i - 1]))


def mean_curve(
    runs: list[Run], cost: str, points: int = 401
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Accuracy on a common grid of costs, up to the smallest last cost of the runs: [point], [run, point]."""
    curves = [([0.0, *run["curve"][cost]], [0.0, *run["curve"]["test_accuracy"]]) for run in runs]
    grid = np.linspace(0.0, min(costs[-1] for costs, _ in curves), points)
    return grid, np.stack([np.interp(grid, costs, accuracy) for costs, accuracy in curves])


def p_value(interval: Interval) -> float:
    """Two-sided p of a mean of zero, read off Student's interval; NaN without an interval."""
    arm = (interval.high - interval.low) / 2
    if not np.isfinite(arm):
        return float("nan")
    if arm == 0:
        return 1.0 if interval.estimate == 0 else 0.0
    t = abs(interval.estimate) / arm * stats.t.ppf(0.5 + interval.level / 2, interval.n - 1)
    return float(2 * stats.t.sf(t, interval.n - 1))


def t_interval(values: NDArray[np.float64]) -> Interval:
    """Mean with Student's interval; no interval for fewer than two values."""
    n = len(values)
    centre = float(values.mean()) if n else float("nan")
    if n < 2:
        return Interval(centre, float("nan"), float("nan"), LEVEL, n, "t over seeds")
    half = float(stats.t.ppf(0.5 + LEVEL / 2, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return Interval(centre, centre - half, centre + half, LEVEL, n, "t over seeds")


def _paired(
    runs: list[Run], arm: str, value: Value, combine: Callable[[float, float], float], against: str = BASELINE
) -> NDArray[np.float64]:
    ours, theirs = by_seed(runs, arm), by_seed(runs, against)
    pairs = [(value(ours[s]), value(theirs[s])) for s in sorted(ours.keys() & theirs.keys())]
    return np.array([combine(a, b) for a, b in pairs if a is not None and b is not None], float)
