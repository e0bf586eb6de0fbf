"""Confidence intervals: Wilson for shares, seeded bootstraps for everything else, by row or by group.

Rows that share a cause (relabelled copies of one puzzle, puzzles of one solution class) are not independent;
give them one group and whole groups are resampled. Few groups resampled spread too little, so that below
``FEW_GROUPS`` every interval over groups is made wider by :func:`widening`.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from hrm_probe.dynamics.doubles import Floats
from hrm_probe.dynamics.flags import as_flags
from hrm_probe.dynamics.grouped_rows import kish_effect, rows_by_group, variance_of_mean
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import number_within, whole_number

Statistic = Callable[[NDArray[Any]], Any]
FEW_GROUPS = 30


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval.

    ``n`` counts what was resampled or tried: rows, or groups where groups were given.
    """

    estimate: float
    low: float
    high: float
    level: float
    n: int
    method: str

    def __str__(self) -> str:
        return f"{self.estimate:.3g} {self._ends('.3g')}"

    def in_percent(self, digits: int = 1) -> str:
        """An interval of shares for people: "75.0% [68.1%, 80.9%]"."""
        return f"{self.estimate:.{digits}%} {self._ends(f'.{digits}%')}"

    def _ends(self, form: str) -> str:
        """Both ends in brackets; in words where a single row, or group, leaves them open."""
        if np.isinf([self.low, self.high]).all():
            return "[any: there is only one]" if self.n == 1 else "[any]"
        return f"[{self.low:{form}}, {self.high:{form}}]"

    def to_dict(self) -> dict[str, float | int | str]:
        """The fields by name, for JSON."""
        return asdict(self)


def widening(groups: int, level: float = 0.95) -> float:
    """How much wider a percentile interval over so few groups must be: t / z with groups - 1 degrees of freedom.

    >>> [round(widening(n), 2) for n in (5, 9, 30)]
    [1.58, 1.25, 1.0]

    A resample of G groups spreads like their variance with divisor G, hence also sqrt(G / (G - 1)). One group says
    nothing about others: infinity. Source: Cameron, Gelbach and Miller (2008), Rev. Econ. Stat. 90, on few clusters.
    """
    if groups >= FEW_GROUPS:
        return 1.0
    if groups < 2:
        return float("inf")
    t, z = stats.t.ppf(0.5 + level / 2, groups - 1), stats.norm.ppf(0.5 + level / 2)
    return float(t / z * np.sqrt(groups / (groups - 1)))


def widened(interval: Interval, groups: int) -> Interval:
    """The interval with its ends moved away from the estimate as :func:`widening` says."""
    factor = widening(groups, interval.level)
    if factor == 1.0 or not np.isfinite(interval.estimate):
        return interval
    if not np.isfinite(factor):
        return replace(interval, low=-np.inf, high=np.inf)
    low, high = (
        interval.estimate + factor * (end - interval.estimate) for end in (interval.low, interval.high)
    )
    return replace(interval, low=float(low), high=float(high))


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Wilson's score interval for a share of independent trials.

    >>> print(wilson(8, 10))
    0.8 [0.49, 0.943]

    Args:
        successes: how many trials succeeded, 0..n.
        n: how many trials there were; with 0 the estimate is NaN and the interval is [0, 1].
        level: confidence level, between 0 and 1.

    Raises:
        InputError: successes outside 0..n, or a level outside (0, 1).

    Formula: Wilson (1927), JASA 22, 209-212. Known inaccuracy: coverage oscillates around ``level`` with n, by
    one or two hundredths near shares of 0.5 and more near 0 and 1.
    """
    low, high = wilson_bounds(successes, n, level)
    return Interval(successes / n if n else float("nan"), float(low), float(high), level, int(n), "wilson")


def wilson_bounds(successes: ArrayLike, n: int, level: float = 0.95) -> tuple[Floats, Floats]:
    """The lower and the upper ends of :func:`wilson`, for many counts of successes in ``n`` trials at once.

    >>> low, high = wilson_bounds([0, 8, 10], 10)
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.0, 0.49, 0.72], [0.28, 0.94, 1.0])

    Args:
        successes: whole numbers [...], each 0..n.
        n: trials behind each of them.
        level: confidence level.

    Returns:
        Two arrays of shares, shaped like ``successes``.

    Raises:
        InputError: successes outside 0..n, or a level outside (0, 1).
    """
    number_within(level, "level", above=0, below=1)
    counts = np.asarray(successes)
    if n < 0 or not ((counts >= 0) & (counts <= n) & (counts % 1 == 0)).all():
        raise InputError(f"Wilson's interval needs whole numbers 0 <= successes <= n, not {counts} of {n}.")
    if n == 0:
        return np.zeros(counts.shape), np.ones(counts.shape)
    return wilson_of_shares(counts / n, n, level)


def wilson_of_shares(shares: Floats, n: int, level: float) -> tuple[Floats, Floats]:
    """The ends of :func:`wilson_bounds` by shares [...] instead of counts; ``n`` is at least 1."""
    number_within(level, "level", above=0, below=1)
    low, high = _wilson_ends(shares, n, float(stats.norm.ppf(0.5 + level / 2)))
    # Rounding must not keep 0 and 1 out where they belong to the interval.
    return np.where(shares == 0, 0.0, low), np.where(shares == 1, 1.0, high)


def _wilson_ends(share: Any, n: float, z: float) -> tuple[Any, Any]:
    """Wilson's ends for shares of n trials, the normal quantile z taken for granted."""
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return centre - half, centre + half


def resampled_counts(n: int, resamples: int, seed: int) -> NDArray[np.int64]:
    """How often each of n rows, or groups, is drawn in each resample of n with replacement: [resample, n].

    Enough for every statistic made of sums: one matrix product resamples it.

    >>> resampled_counts(4, resamples=3, seed=0).sum(axis=1).tolist()
    [4, 4, 4]

    Args:
        n: rows or groups, at least 1.
        resamples: how often to resample, at least once.
        seed: for the resampling.

    Raises:
        InputError: no resamples.
    """
    whole_number(resamples, "resamples")
    return np.random.default_rng(whole_number(seed, "seed", 0)).multinomial(
        n, np.full(n, 1 / n), size=resamples
    )


def percentile_interval(
    estimate: float, values: ArrayLike, level: float, n: int, *, grouped: bool
) -> Interval:
    """The interval that holds the middle ``level`` of a statistic's resamples; over groups :func:`widened`.

    >>> print(percentile_interval(50.0, np.arange(101.0), level=0.8, n=40, grouped=False))
    50 [10, 90]

    Args:
        estimate: the statistic of all rows.
        values: [resample], the same of each resample; NaN and infinite ones are left out.
        level: confidence level.
        n: rows, or groups, that were resampled.
        grouped: whether groups were.

    Returns:
        The ends are NaN where no value is left; of one group, minus and plus infinity.

    Raises:
        InputError: a level outside (0, 1).

    Source: Efron and Tibshirani (1993), chapter 13.
    """
    number_within(level, "level", above=0, below=1)
    known = np.asarray(values)
    known = known[np.isfinite(known)]
    low, high = np.quantile(known, [0.5 - level / 2, 0.5 + level / 2]) if len(known) else (np.nan, np.nan)
    method = "bootstrap over groups" if grouped else "bootstrap"
    found = Interval(estimate, float(low), float(high), level, n, method)
    return widened(found, n) if grouped else found


def bootstrap(
    statistic: Statistic,
    rows: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Percentile bootstrap interval of a statistic over rows, or over whole groups of rows.

    >>> import numpy as np
    >>> interval = bootstrap(np.median, np.arange(101.0), seed=1)
    >>> interval.low < interval.estimate == 50 < interval.high
    True

    Args:
        statistic: maps resampled rows [m, ...] to one number.
        rows: [n, ...], one row an observation; several columns stay together.
        groups: [n] labels; rows of one group are kept or left together. None: every row is its own group.
        level: confidence level.
        resamples: how often to resample.
        seed: for the resampling.

    Raises:
        InputError: no rows, groups of another length or without a label, or no resamples.

    Source: Efron and Tibshirani (1993), chapters 13 and 8 (clusters). Known inaccuracy: percentile intervals are
    not corrected for bias, and below about 20 rows too narrow (over groups they are :func:`widened`; one row, or
    group, says nothing of others, and has no ends); resamples whose statistic is NaN are left out.
    """
    number_within(level, "level", above=0, below=1)
    table = np.asarray(rows)
    if table.ndim == 0 or len(table) == 0:
        raise InputError("bootstrap() needs at least one row.")
    whole_number(resamples, "resamples")
    members = None if groups is None else rows_by_group(groups, len(table))
    n = len(table) if members is None else len(members)
    rng = np.random.default_rng(whole_number(seed, "seed", 0))
    values = np.empty(resamples)
    for i in range(resamples):
        drawn = rng.integers(n, size=n)
        chosen = drawn if members is None else np.concatenate([members[g] for g in drawn])
        values[i] = float(statistic(table[chosen]))
    found = percentile_interval(float(statistic(table)), values, level, n, grouped=members is not None)
    return found if n > 1 else replace(found, low=-np.inf, high=np.inf)


def bootstrap_difference(
    statistic: Statistic,
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Percentile bootstrap interval of ``statistic(first) - statistic(second)`` for two independent samples.

    For paired samples bootstrap the differences of the pairs instead: ``bootstrap(np.mean, first - second)``.

    Args:
        statistic: maps resampled rows to one number.
        first: rows [n, ...] of the first sample.
        second: rows [m, ...] of the second sample.
        level: confidence level.
        resamples: how often to resample.
        seed: for the resampling.

    Raises:
        InputError: a sample without rows, or no resamples.
    """
    number_within(level, "level", above=0, below=1)
    whole_number(resamples, "resamples")
    a, b = np.asarray(first), np.asarray(second)
    if a.ndim == 0 or b.ndim == 0 or len(a) == 0 or len(b) == 0:
        raise InputError("bootstrap_difference() needs at least one row in each sample.")
    rng = np.random.default_rng(whole_number(seed, "seed", 0))
    values = np.array(
        [
            float(statistic(a[rng.integers(len(a), size=len(a))]))
            - float(statistic(b[rng.integers(len(b), size=len(b))]))
            for _ in range(resamples)
        ]
    )
    estimate = float(statistic(a)) - float(statistic(b))
    if min(len(a), len(b)) < 2:  # a single row says nothing of others
        return Interval(estimate, -np.inf, np.inf, level, len(a) + len(b), "bootstrap")
    return percentile_interval(estimate, values, level, len(a) + len(b), grouped=False)


def share(
    flags: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    alike: float = 1.0,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Share of true flags: Wilson's interval for independent rows, wider where rows belong together.

    >>> import numpy as np
    >>> right = np.repeat([True, True, True, False], 10)
    >>> print(share(right), "|", share(right, groups=np.arange(40) // 4))
    0.75 [0.598, 0.858] | 0.75 [0.405, 1]

    Over groups the interval is the widest, on either side, of three: the bootstrap over groups, :func:`widened` where
    they are few; Wilson's of the rows, because a few groups may agree by luck more closely than independent rows would;
    and Wilson's of the effective number of rows, p (1 - p) over the variance of p between groups, with Student's t of
    groups - 1 degrees of freedom in place of z, for small shares, where few resamples see the groups that matter.

    When every flag is equal groups show no variance; then Wilson's interval is given for the number of rows divided
    by Kish's design effect, 1 + (mean size of a row's group - 1) ``alike``. With ``alike`` 1 that is about the
    number of groups, which errs on the wide side. ``method`` of the interval tells which: "bootstrap over groups", or
    "wilson" there and without groups.

    Args:
        flags: [n], true or false, or 1 and 0.
        groups: [n] labels of rows that belong together.
        alike: correlation between rows of one group, 0 to 1, that is assumed where all flags are equal and so
            cannot show it; 1 for rows that are copies of one another.
        level: confidence level.
        resamples: how often to resample groups.
        seed: for the resampling.

    Raises:
        InputError: flags that are neither true nor false (missing values, other numbers, words), groups of another
            length than flags or without a label, ``alike`` outside 0..1, no resamples.

    Formula: v = G / (G - 1) sum_g (hits_g - p size_g)^2 / n^2 over G groups, n_eff = min(n, p (1 - p) / v). Sources:
    Korn and Graubard (1998), Surv. Methodol. 24, 193-201; Dean and Pavlou (2015), J. Surv. Stat. Methodol. 3,
    484-503; Kish (1965).
    Known inaccuracy: of 95% intervals, over groups that correlate by 0.3 (beta-binomial, 1,500 samples each): 5 groups
    of 20 rows and a truth of 0.1 cover it in 94%, 10 of 20 and 0.05 in 91%, 20 of 10 and 0.05 in 93%, 40 of 10 and
    0.02 in 90%, 100 of 10 and 0.02 in 94%; a truth of 0.3 in 95%. One giant group beside small ones: 94%. Five large
    groups beside many small ones cover too little: 5 of 100 rows and 25 of 3, 0.3 in 88%, 0.05 in 72%.
    """
    hits = as_flags(flags)
    number_within(alike, "alike", least=0, most=1)
    if groups is None:
        return wilson(int(hits.sum()), len(hits), level)
    members = rows_by_group(groups, len(hits))
    sizes = np.array([len(m) for m in members])
    if len(hits) == 0 or hits.all() or not hits.any():
        n = _independent(sizes, alike)
        return wilson(n if len(hits) and hits.all() else 0, n, level)
    # Group totals are enough for a share, and make resampling one matrix product.
    totals = np.array([hits[m].sum() for m in members])
    drawn = resampled_counts(len(members), resamples, seed)
    shares = (drawn @ totals) / (drawn @ sizes)
    found = percentile_interval(float(hits.mean()), shares, level, len(members), grouped=True)
    rows = wilson(int(hits.sum()), len(hits), level)
    low, high = _effective_wilson(totals, sizes, level)
    return replace(
        found, low=max(0.0, min(found.low, rows.low, low)), high=min(1.0, max(found.high, rows.high, high))
    )


def _effective_wilson(
    totals: NDArray[np.int64], sizes: NDArray[np.int64], level: float
) -> tuple[float, float]:
    """Wilson's interval of a share of groups, by the effective number of rows; see :func:`share`."""
    groups, n = len(sizes), int(sizes.sum())
    if groups < 2:
        return 0.0, 1.0
    p = totals.sum() / n
    variance = variance_of_mean(totals - p * sizes, n)
    effective = p * (1 - p) / max(variance, p * (1 - p) / n)
    low, high = _wilson_ends(p, effective, float(stats.t.ppf(0.5 + level / 2, groups - 1)))
    return float(low), float(high)


def _independent(sizes: NDArray[np.int64], alike: float) -> int:
    """How many independent rows groups of these sizes are worth; no fewer than there are groups."""
    n = int(sizes.sum())
    if not n or alike >= 1:
        return len(sizes)
    return max(len(sizes), int(n / kish_effect(sizes, alike)))
