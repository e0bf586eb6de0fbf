"""Tables of the order in which cells come: beside that of deduction, by round, and beside a puzzle's hardness."""

import numpy as np
import pandas as pd
from scipy import stats

from hrm_probe.dynamics.intervals import Interval, bootstrap
from hrm_probe.reasoning.result import labels_of
from hrm_probe.reasoning.runs.outcomes import first_true
from hrm_probe.reasoning.statistics.means import mean_if_any, mean_over_puzzles
from hrm_probe.reasoning.statistics.ordered_pairs import Pairs, ordered_pairs
from hrm_probe.reasoning.statistics.ranking import auc
from hrm_probe.reasoning.timing.arriving import for_good

ORDERS = ("deduction", "deduction, candidates equal", "candidates", "candidates, rounds equal")
HARDNESS = ("rounds", "beyond", "blanks", "rating")
FEWEST_ROUNDS = 3  # for a slope over rounds
FEWEST = 5  # puzzles for a correlation

Counts = dict[str, list[Pairs]]
"""By order, the pairs of each puzzle."""


def arrivals_for_good(right: np.ndarray) -> np.ndarray:
    """Number of the read, from 1, from which on a cell is right to the end; 0 where it is wrong at the end.

    Args:
        right: bool [puzzle, read, cell].
    """
    return first_true(for_good(right))


def pace(arrival: np.ndarray, rounds: np.ndarray) -> float:
    """Reads a round of one puzzle: the least-squares slope of arrival over the rounds of its cells.

    Args:
        arrival, rounds: [cell]; cells given (round 0) and beyond (-1) are left out. NaN below 3 rounds.
    """
    reached = rounds > 0
    if len(np.unique(rounds[reached])) < FEWEST_ROUNDS:
        return float("nan")
    return float(stats.linregress(rounds[reached], arrival[reached]).slope)


def compare_orders(
    table: pd.DataFrame,
    arrival: np.ndarray,
    rounds: np.ndarray,
    open_: np.ndarray,
    blanks: np.ndarray,
    seed: int,
) -> tuple[Counts, Counts]:
    """Pairs of each puzzle by order, none of puzzles that are not solved; and the same with arrivals shuffled."""
    rng, nothing = np.random.default_rng(seed), Pairs(0, 0, 0)
    counts, shuffled = ({order: [nothing] * len(table) for order in ORDERS} for _ in range(2))
    for i in np.flatnonzero(table["arrived"] > 0):
        cells = blanks[i]
        round_, few, comes = rounds[i][cells], open_[i][cells], arrival[i][cells]
        round_ = np.where(round_ < 0, round_.max() + 1, round_)
        for into, when in ((counts, comes), (shuffled, rng.permutation(comes))):
            into[ORDERS[0]][i] = ordered_pairs(round_, when)
            into[ORDERS[1]][i] = ordered_pairs(round_, when, few)
            into[ORDERS[2]][i] = ordered_pairs(few, when)
            into[ORDERS[3]][i] = ordered_pairs(few, when, round_)
    return counts, shuffled


def order_table(counts: Counts, shuffled: Counts, labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    rows = []
    for order, of_puzzles in counts.items():
        shares = np.array([pairs.share for pairs in of_puzzles])
        if np.isnan(shares).all():
            rows.append({"order": order, "share": np.nan, "low": np.nan, "high": np.nan, "puzzles": 0})
            continue
        found = mean_over_puzzles(shares, labels, seed)
        together, every = (
            sum(values) for values in zip(*((p.together, p.all) for p in of_puzzles), strict=True)
        )
        rows.append(
            {
                "order": order,
                "share": found.estimate,
                "low": found.low,
                "high": found.high,
                "shuffled": float(np.nanmean([pairs.share for pairs in shuffled[order]])),
                "puzzles": int((~np.isnan(shares)).sum()),
                "pairs": every - together,
                "together": together / every,
            }
        )
    return pd.DataFrame(rows, columns=_ORDER_COLUMNS)


def with_ends_anew(
    orders: pd.DataFrame, table: pd.DataFrame, labels: np.ndarray | None, seed: int
) -> pd.DataFrame:
    """The table of orders with the ends of its shares found again from those of each puzzle.

    Args:
        orders, table: of a :class:`hrm_probe.reasoning.DeductionOrder`.
        labels: [puzzle], puzzles resampled together, or None.
        seed: for the resampling.
    """
    anew = orders.copy()
    for row, order in orders["order"].items():
        found = mean_if_any(table[order].to_numpy(float), labels, seed)
        if found is not None:
            anew.loc[row, ["low", "high"]] = found.low, found.high
    return anew


_ORDER_COLUMNS = ["order", "share", "low", "high", "shuffled", "puzzles", "pairs", "together"]


def round_table(
    table: pd.DataFrame,
    arrival: np.ndarray,
    rounds: np.ndarray,
    right: np.ndarray,
    reads: int,
    labels: np.ndarray | None,
    seed: int,
) -> pd.DataFrame:
    """When the cells of each round arrive, as described at :class:`hrm_probe.reasoning.DeductionOrder`.

    Args:
        arrival, rounds, right: [puzzle, cell]; ``right`` at the end.
        reads: in the whole run.
    """
    arrived, failed = (table["arrived"] > 0).to_numpy()[:, None], ~table["solved"].to_numpy()[:, None]
    rows = []
    for number in [*range(1, int(rounds.max(initial=0)) + 1), -1]:
        of_solved, of_failed = (rounds == number) & arrived, (rounds == number) & failed
        row = {"round": number, "cells": int(of_solved.sum()), "cells_failed": int(of_failed.sum())}
        counted = of_solved.sum(1)
        if counted.any():
            sums = np.stack([(arrival * of_solved).sum(1), counted], 1)[counted > 0]
            own = labels_of(labels, counted > 0)
            found = bootstrap(_ratio, sums, groups=own, seed=seed)
            # Few groups make intervals wider than a bootstrap has them, at times beyond all reads.
            low, high = np.clip([found.low, found.high], 1, reads)
            row |= {"arrival": found.estimate, "low": float(low), "high": float(high)}
        if of_failed.any():
            row["right_failed"] = float(right[of_failed].mean())
        rows.append(row)
    columns = ["round", "cells", "arrival", "low", "high", "cells_failed", "right_failed"]
    return pd.DataFrame(rows, columns=columns)


def _ratio(sums: np.ndarray) -> float:
    return float(sums[:, 0].sum() / sums[:, 1].sum())


def effort_table(table: pd.DataFrame, labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    """How hardness goes with the time to the answer, and with failing."""
    came, rows = (table["arrived"] > 0).to_numpy(), []
    own = labels_of(labels, came)
    for measure in HARDNESS:
        values = table[measure].to_numpy(float)
        both = np.stack([values, table["arrived"].to_numpy(float)], 1)[came]
        row = {"measure": measure, "puzzles": int(came.sum())}
        if len(both) >= FEWEST and (np.ptp(both, axis=0) > 0).all():
            found = bootstrap(_spearman, both, groups=own, seed=seed)
            row |= {"correlation": found.estimate, "low": max(found.low, -1.0), "high": min(found.high, 1.0)}
        if np.ptp(values) > 0:
            fails = auc(values, ~table["solved"].to_numpy(), groups=labels, seed=seed)
            row |= {"fails": fails.estimate, "fails_low": fails.low, "fails_high": fails.high}
        rows.append(row)
    columns = ["measure", "puzzles", "correlation", "low", "high", "fails", "fails_low", "fails_high"]
    return pd.DataFrame(rows, columns=columns)


def _spearman(both: np.ndarray) -> float:
    if (np.ptp(both, axis=0) == 0).any():
        return float("nan")
    return float(stats.spearmanr(both[:, 0], both[:, 1]).statistic)


def mean_pace(values: np.ndarray, labels: np.ndarray | None, seed: int) -> Interval | None:
    known = ~np.isnan(values)
    if not known.any():
        return None
    return bootstrap(np.mean, values[known], groups=labels_of(labels, known), seed=seed)
