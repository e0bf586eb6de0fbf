"""How much runs still move after some segments, by outcome: tables with the threshold swept, not picked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hrm_probe.reasoning.result import share_of

THRESHOLDS = 25


@dataclass(frozen=True)
class Reading:
    """Runs as they stand after some segments.

    Attributes:
        segments: how many.
        late: [n], largest of the last three displacements there.
        solved: bool [n], right there.
        solved_first: bool [n], right at the first reading.
        labels: [n], rows resampled together, or None.
    """

    segments: int
    late: np.ndarray
    solved: np.ndarray
    solved_first: np.ndarray
    labels: np.ndarray | None

    @property
    def failures(self) -> np.ndarray:
        """Wrong at the first reading and at this one."""
        return ~self.solved_first & ~self.solved

    @property
    def successes(self) -> np.ndarray:
        """Right at the first reading and at this one."""
        return self.solved_first & self.solved

    def outcomes(self, first: bool) -> list[tuple[str, np.ndarray]]:
        """Names and rows; "failures" and "successes" by the first reading, "still failures" by this one too."""
        cohorts = [("failures", ~self.solved_first), ("successes", self.solved_first)]
        return cohorts if first else [cohorts[0], ("still failures", self.failures), cohorts[1]]


def drift_table(readings: Sequence[Reading]) -> pd.DataFrame:
    """One row per (segments, outcome): n, and lower quartile, median and upper quartile of late drift."""
    rows = []
    for number, reading in enumerate(readings):
        for outcome, among in reading.outcomes(first=number == 0):
            late = reading.late[among]
            quartiles = np.quantile(late, [0.25, 0.5, 0.75]) if len(late) else np.full(3, np.nan)
            rows.append((reading.segments, outcome, len(late), *map(float, quartiles)))
    return pd.DataFrame(
        rows, columns=["segments", "outcome", "n", "lower_quartile", "median", "upper_quartile"]
    )


def settled_table(readings: Sequence[Reading], threshold: float, seed: int = 0) -> pd.DataFrame:
    """One row per (segments, outcome): n, share settled with its interval, and share solved there."""
    rows = []
    for number, reading in enumerate(readings):
        for outcome, among in reading.outcomes(first=number == 0):
            i = share_of(reading.late <= threshold, reading.labels, among, seed)
            right = float(reading.solved[among].mean()) if among.any() else float("nan")
            rows.append((reading.segments, outcome, int(among.sum()), i.estimate, i.low, i.high, right))
    return pd.DataFrame(rows, columns=["segments", "outcome", "n", "settled", "low", "high", "solved"])


def threshold_table(readings: Sequence[Reading], seed: int = 0) -> pd.DataFrame:
    """One row per (segments, threshold): shares settled, and the table of settled by right as counts."""
    grid = thresholds(np.concatenate([reading.late for reading in readings]))
    rows = []
    for reading in readings:
        for threshold in grid:
            settled = reading.late <= threshold
            row: dict[str, float] = {"segments": reading.segments, "threshold": float(threshold)}
            row |= settled_by_outcome(settled, reading.failures, reading.successes, reading.labels, seed)
            for name, flags in (("settled", settled), ("wandering", ~settled)):
                row[f"{name}_wrong"] = int((flags & reading.failures).sum())
                row[f"{name}_right"] = int((flags & reading.successes).sum())
            rows.append(row)
    return pd.DataFrame(rows)


def settled_by_outcome(
    settled: np.ndarray, failures: np.ndarray, successes: np.ndarray, labels: np.ndarray | None, seed: int
) -> dict[str, float]:
    """Shares of failures and of successes that settled, with their intervals, as columns of a table."""
    row: dict[str, float] = {}
    for name, among in (("failures", failures), ("successes", successes)):
        i = share_of(settled, labels, among, seed)
        row |= {f"{name}_share": i.estimate, f"{name}_low": i.low, f"{name}_high": i.high}
    return row


def thresholds(late: np.ndarray) -> np.ndarray:
    """Thresholds over the whole range of late drift, even in logs: under the lowest nothing settles but exact rest."""
    positive = late[late > 0]
    if not len(positive):
        return np.ones(1)
    return np.geomspace(positive.min() / 2, positive.max() * 1.001, THRESHOLDS)
