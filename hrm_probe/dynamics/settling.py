"""Who has come to rest? Two modes of late displacement, or the honest statement that there is only one."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from hrm_probe.dynamics.doubles import Floats, as_doubles
from hrm_probe.dynamics.intervals import Interval, wilson
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import finite_number, number_within, whole_number
from hrm_probe.wording import counted

SAME = 1e-9  # log displacements this close are one
SINGLE = 1e-7  # rounding of single precision, relative
SURELY_APART = 1e3  # a ratio of two modes that no pair of speeds of wandering has
NOT_SUMMABLE = 0.25  # what 1 / time has left at the end of its median in the first half of a run
ROUNDING = 1e-6  # relative: steady displacements this small are rounding of float32


@dataclass(frozen=True)
class Settling:
    """Which rows settled, and by which rule.

    ``separation``, ``gain``, ``p_one_mode``, ``low_mode`` and ``high_mode`` describe the best split, whether it is
    believed or not. Where there is nothing to split ``p_one_mode`` is 1 and the others are NaN.

    Attributes:
        settled: bool [n].
        settled_at: [n], first segment from which the row stays at or below the threshold; -1 if it has not settled.
        late: [n], largest of the last ``late`` displacements.
        threshold: displacement up to which a row counts as at rest.
        rule: "two modes" (threshold between a mode at rest and one that moves), "fallback" (no such two modes: the
            threshold is a stated fraction of the first displacement) or "given".
        bimodal: the two modes are believed.
        separation: distance of the modes in their pooled standard deviations (Ashman's D).
        gain: in log-likelihood a row, of two modes over one.
        p_one_mode: probability that one mode looks as divided.
        low_mode, high_mode: geometric mean of late displacement below and above the split.
        share: of the rows that settled.
    """

    settled: NDArray[np.bool_]
    settled_at: NDArray[np.int64]
    late: Floats
    threshold: float
    rule: str
    bimodal: bool
    separation: float
    gain: float
    p_one_mode: float
    low_mode: float
    high_mode: float
    share: Interval

    def __repr__(self) -> str:
        settled = f"{int(self.settled.sum())} of {counted(len(self.settled), 'row')} settled"
        return (
            f"Settling({settled}, share {self.share}: late displacement at most {self.threshold:.2g}, "
            f"rule {self.rule!r})"
        )


def settle(
    displacements: ArrayLike,
    *,
    threshold: float | None = None,
    late: int = 3,
    alpha: float = 0.05,
    fallback: float = 0.01,
    simulations: int = 1000,
    seed: int = 0,
) -> Settling:
    """Divide rows into settled and wandering by their late displacement.

    A row has settled when each of its last ``late`` displacements is at or below the threshold. Without a given
    threshold, log late displacement (the largest of the last ``late``) is split in two where the likelihood of two
    Gaussians is largest. The split is believed, and the threshold put in the middle between the parts' nearest
    points, when ``p_one_mode`` <= alpha, the larger of two p-values: splits of as many uniform draws gain as much
    likelihood; and the valley (middle third between the two means) is as dense as the thinner mode, by a sign
    test on the counts in windows of equal width; and one mode rests and the other moves. So it is where the modes lie
    on either side of the convention, ``fallback`` times the median first displacement: two modes below it are mostly
    rounding noise and slow convergence, and two above it wanderers of two speeds. The first displacement is that of
    all rows, or of those of the upper mode, for the others may have rested from the start. Where both are no measure
    (all rows rest at first, or are thrown far) they are overruled if the modes are a factor of 1000 apart, and the
    rows of the upper one move on: by the median of their first half of the run, the upper mode is a quarter or more (a
    displacement that falls like 1 / time adds up to no finite path) and the lower at most ``fallback``. Otherwise the
    threshold is the convention, of all rows.

    >>> import numpy as np
    >>> resting, roaming = 0.1 ** np.arange(16), np.ones(16)
    >>> int(settle(np.stack([resting] * 20 + [roaming] * 20)).settled.sum())
    20

    Args:
        displacements: [n, segments], ||z after - z before|| of each segment, not negative.
        threshold: take this one; the modes are described all the same.
        late: how many last segments count.
        alpha: level of the test of one mode.
        fallback: see above; a fraction of the median first displacement.
        simulations: uniform samples behind p_one_mode.
        seed: for the simulations.

    Returns:
        Settling, with a Wilson interval for the share that settled.

    Raises:
        InputError: displacements not [n, segments], negative or not finite; a setting out of range.

    Sources: Symons (1981), Biometrics 37 (classification likelihood); Ashman, Bird and Zepf (1994), Astron. J. 108.
    Known inaccuracy: slow creeping has small displacements too: run long and look at `sweep` before calling
    it rest. Where the first displacement is more than a million times that of the rows which move on, they are taken
    for rounding. A mode of fewer than about eight rows is not believed. The uniform is the least favourable single
    mode for short tails; of long-tailed ones the valley test takes care.
    """
    moves = _checked(displacements, late)
    n = len(moves)
    if threshold is not None:
        number_within(threshold, "threshold", above=0)
    number_within(alpha, "alpha", above=0, below=1)
    finite_number(fallback, "fallback", above=0)
    whole_number(simulations, "simulations")
    whole_number(seed, "seed", 0)
    late_moves = moves[:, -late:].max(axis=1) if n else np.zeros(0)
    split = _split(late_moves, simulations, seed)
    convention = fallback * float(np.median(moves[:, 0])) if n else float("nan")
    bimodal = split.p_one_mode <= alpha and _rests_and_moves(moves, late_moves, split, fallback)
    if threshold is not None:
        chosen, rule = float(threshold), "given"
    elif bimodal:
        chosen, rule = split.threshold, "two modes"
    else:
        chosen, rule = convention, "fallback"
    settled = late_moves <= chosen
    return Settling(
        settled=settled,
        settled_at=np.where(settled, settled_at(moves, chosen), -1),
        late=late_moves,
        threshold=chosen,
        rule=rule,
        bimodal=bimodal,
        separation=split.separation,
        gain=split.gain,
        p_one_mode=split.p_one_mode,
        low_mode=split.low_mode,
        high_mode=split.high_mode,
        share=wilson(int(settled.sum()), n),
    )


def _rests_and_moves(moves: Floats, late: Floats, split: "_Split", fallback: float) -> bool:
    """Does the lower mode rest and the upper one move?"""
    upper = moves[late > split.threshold]
    firsts = np.median(moves[:, 0]), np.median(upper[:, 0])
    if any(split.low_mode <= fallback * first <= split.high_mode for first in firsts):
        return True
    before = float(np.median(upper[:, : max(1, moves.shape[1] // 2)]))
    moves_on = split.high_mode >= max(NOT_SUMMABLE * before, ROUNDING * float(np.median(moves[:, 0])))
    return (
        split.high_mode >= SURELY_APART * split.low_mode and moves_on and split.low_mode <= fallback * before
    )


def settled_at(displacements: ArrayLike, threshold: float) -> NDArray[np.int64]:
    """First segment (0-based) from which each row stays at or below the threshold to the end; -1 for never.

    >>> settled_at([[1.0, 0.1, 0.0], [0.1, 0.1, 1.0]], threshold=0.2).tolist()
    [1, -1]

    Args:
        displacements: [n, segments], not negative.
        threshold: displacement up to which a row counts as at rest.

    Raises:
        InputError: displacements not [n, segments], negative or not finite; a negative threshold.
    """
    moves = _checked(displacements, 1)
    if not threshold >= 0 and len(moves):
        raise InputError(f"threshold must be a number, not negative: {threshold}.")
    above = moves > threshold
    segments = moves.shape[1]
    last_above = np.where(above.any(axis=1), segments - 1 - above[:, ::-1].argmax(axis=1), -1)
    return np.where(last_above == segments - 1, -1, last_above + 1).astype(np.int64)


def sweep(
    displacements: ArrayLike, thresholds: ArrayLike | None = None, *, late: int = 3, level: float = 0.95
) -> pd.DataFrame:
    """How many rows count as settled at every threshold: what a conclusion owes to the threshold.

    Args:
        displacements: [n, segments], not negative.
        thresholds: those to try; by default 25, even in logs, over the range of late displacement.
        late: as in `settle`.
        level: for the Wilson intervals.

    Returns:
        DataFrame, a row per threshold: threshold, settled, n, share, low, high, median_settled_at (NaN where none
        settled).

    Raises:
        InputError: as `settle`.
    """
    moves = _checked(displacements, late)
    if thresholds is None:
        late_moves = _floored(moves[:, -late:].max(axis=1)) if len(moves) else np.ones(1)
        grid = np.geomspace(late_moves.min(), late_moves.max() * (1 + 1e-9), 25)
    else:
        grid = np.atleast_1d(np.asarray(thresholds, dtype=float))
    rows = []
    for threshold in grid:
        at = settled_at(moves, float(threshold))
        settled = moves[:, -late:].max(axis=1) <= threshold
        interval = wilson(int(settled.sum()), len(moves), level)
        middle = float(np.median(at[settled])) if settled.any() else np.nan
        rows.append(
            (
                threshold,
                int(settled.sum()),
                len(moves),
                interval.estimate,
                interval.low,
                interval.high,
                middle,
            )
        )
    return pd.DataFrame(
        rows, columns=["threshold", "settled", "n", "share", "low", "high", "median_settled_at"]
    )


@dataclass(frozen=True)
class _Split:
    threshold: float
    separation: float
    gain: float
    p_one_mode: float
    low_mode: float
    high_mode: float


def _split(late: Floats, simulations: int, seed: int) -> _Split:
    """The best split of log late displacement and what speaks for it."""
    nan = float("nan")
    x = np.sort(np.log(_floored(late)))
    if len(x) < 4 or x[-1] - x[0] < SAME:
        return _Split(nan, nan, nan, 1.0, nan, nan)
    gain, size = best_split(x[None])
    low, high = x[: size[0]], x[size[0] :]
    m_low, m_high = low.mean(), high.mean()
    pooled = np.sqrt((low.var() + high.var()) / 2)
    null = _uniform_null(len(x), simulations, seed)
    p_uniform = (1 + (null >= gain[0]).sum()) / (1 + len(null))
    return _Split(
        threshold=float(np.exp((low[-1] + high[0]) / 2)),
        separation=float((m_high - m_low) / pooled) if pooled > 0 else float("inf"),
        gain=float(gain[0]),
        p_one_mode=float(max(p_uniform, _p_no_valley(x, m_low, m_high))),
        low_mode=float(np.exp(m_low)),
        high_mode=float(np.exp(m_high)),
    )


def best_split(values: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Gain in log-likelihood a point of two Gaussians over one, the points divided between them.

    Rows [m, n] must be sorted; gives the largest gain and the size of the lower part, [m] each. With shares p_k
    and deviations s_k of the two parts: gain = ln s - sum p_k ln s_k + sum p_k ln p_k. A uniform row gains nothing,
    a Gaussian one loses.
    """
    n = values.shape[1]
    span = np.maximum(values[:, -1:] - values[:, :1], np.finfo(float).tiny)
    x = (values - values[:, :1]) / span
    below = np.arange(2, n - 1)  # two points on either side at least
    sums, squares = np.cumsum(x, axis=1), np.cumsum(x**2, axis=1)

    def log_deviation(count: NDArray[np.int64], total: Floats, square: Floats) -> Floats:
        variance = square / count - (total / count) ** 2
        # A part narrower than a thousandth of the whole is as good as a point; without a floor ties win everything.
        return np.asarray(0.5 * np.log(np.maximum(variance, 1e-6)))

    low = log_deviation(below, sums[:, below - 1], squares[:, below - 1])
    high = log_deviation(
        n - below, sums[:, -1:] - sums[:, below - 1], squares[:, -1:] - squares[:, below - 1]
    )
    whole = log_deviation(np.array([n]), sums[:, -1:], squares[:, -1:])
    p = below / n
    gain = whole - p * low - (1 - p) * high + p * np.log(p) + (1 - p) * np.log(1 - p)
    best = gain.argmax(axis=1)
    return gain[np.arange(len(values)), best], below[best]


def _p_no_valley(x: Floats, m_low: float, m_high: float) -> float:
    """P(so few points in the valley, if it were as dense as the thinner of the two modes); a sign test."""
    third = (m_high - m_low) / 3
    valley = int(((x > m_low + third) & (x < m_high - third)).sum())
    modes = min(int((np.abs(x - m) <= third / 2).sum()) for m in (m_low, m_high))
    return float(stats.binom.cdf(valley, valley + modes, 0.5)) if modes else 1.0


@lru_cache(maxsize=32)
def _uniform_null(n: int, simulations: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    batch = max(1, 1_000_000 // n)
    parts = [
        best_split(np.sort(rng.random((min(batch, simulations - start), n)), axis=1))[0]
        for start in range(0, simulations, batch)
    ]
    return np.concatenate(parts)


def _floored(values: Floats) -> Floats:
    """Displacements fit for logs: exact rest is given what rounding leaves of the largest, or a tenth of the smallest.

    A tenth alone would make a crawl of exact rest where all that move move alike.
    """
    positive = values[values > 0]
    floor = min(positive.min() / 10, SINGLE * positive.max()) if len(positive) else 1.0
    return np.maximum(values, floor)


def _checked(displacements: ArrayLike, late: int) -> Floats:
    moves = as_doubles(displacements, "displacements")
    if moves.ndim != 2 or moves.shape[1] == 0:
        raise InputError(f"displacements must have shape [n, segments], not {list(moves.shape)}.")
    if not np.isfinite(moves).all() or (moves < 0).any():
        raise InputError("displacements must be finite and not negative; leave out rows that are not.")
    if moves.shape[1] < whole_number(late, "late", 1):
        raise InputError(
            f"These displacements are of {counted(moves.shape[1], 'segment')}, and settling is told by the last {late} "
            "of them; give more segments, or a smaller late."
        )
    return moves
