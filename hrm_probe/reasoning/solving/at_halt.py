"""How often is a model right where it halts by itself, and what does that cost?"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval, percentile_interval, wilson
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.runs.continuous import halted_answers
from hrm_probe.reasoning.runs.curves import where_asked
from hrm_probe.reasoning.solving.accuracy import cells_asked, right_cells, shares_by, shares_for_json
from hrm_probe.sudoku.rated import rating_ranges
from hrm_probe.wording import counted

RESAMPLES = 2000


@dataclass(frozen=True)
class HaltAccuracy:
    """Accuracy of one model on one set, every puzzle judged by the answer at its halting segment.

    Attributes:
        table: one row per puzzle: source, rating, blanks, halted_at, solved, wrong_cells.
        by_source: one row per source: puzzles, exact, low, high, cell, mean_segments.
        by_rating: the same for each range of ratings.
        exact: share solved, with its 95% Wilson interval.
        cell: share of right cells, givens included, as in ``Accuracy.cell``.
        mean_segments: segments used by a puzzle, with a 95% bootstrap interval over puzzles.
        seconds: wall time of the whole evaluation.
        row_segments: segments computed, idle rows included.
    """

    table: pd.DataFrame
    by_source: pd.DataFrame
    by_rating: pd.DataFrame
    exact: Interval
    cell: float
    mean_segments: Interval
    seconds: float
    row_segments: int

    @property
    def puzzles_per_second(self) -> float:
        return len(self.table) / self.seconds

    def summary(self) -> dict[str, Any]:
        """Everything but the table, ready for JSON; names as in ``Accuracy.summary``."""
        return {
            "exact_accuracy": self.exact.estimate,
            "cell_accuracy": self.cell,
            "accuracy_at_halt": self.exact.estimate,
            "accuracy_at_halt_interval": [self.exact.low, self.exact.high],
            "cell_accuracy_at_halt": self.cell,
            "mean_halting_segment": self.mean_segments.estimate,
            "mean_halting_segment_interval": [self.mean_segments.low, self.mean_segments.high],
            "puzzles_per_second": self.puzzles_per_second,
            "seconds": self.seconds,
            "counts": {
                "puzzles": len(self.table),
                "solved_at_halt": int(self.table["solved"].sum()),
                "segments_used": int(self.table["halted_at"].sum()),
                "segments_computed": self.row_segments,
            },
            "by_source": _for_json(self.by_source),
            "by_rating": _for_json(self.by_rating),
        }

    def __str__(self) -> str:
        puzzles = counted(len(self.table), "puzzle")
        return (
            f"{self.exact.estimate:.1%} of {puzzles} solved where the model halts "
            f"(95% interval {self.exact.low:.1%} to {self.exact.high:.1%}), after {self.mean_segments.estimate:.2f} "
            f"segments on average; {self.cell:.2%} of cells right; {self.puzzles_per_second:,.0f} puzzles a second."
        )

    __repr__ = __str__


def evaluate_at_halt(
    model: RecursiveReasoner,
    puzzles: Asked,
    segments: int | None = None,
    *,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> HaltAccuracy:
    """Let a model answer where it halts, by continuous batching, and count.

    >>> print(evaluate_at_halt(load("trm-6x6"), load_puzzles("6x6-test")))          # doctest: +SKIP

    Args:
        model, puzzles, segments, batch_size, progress: as in
            :func:`hrm_probe.reasoning.runs.continuous.halted_answers`.
        seed: for the bootstrap.

    Intervals treat puzzles as independent, as in :func:`hrm_probe.reasoning.evaluate`.
    """
    began = time.perf_counter()
    answers = halted_answers(model, puzzles, batch_size=batch_size, segments=segments, progress=progress)
    seconds = time.perf_counter() - began
    wrong = (where_asked(answers.predictions, puzzles.answers) != puzzles.answers).sum(1)
    asked = cells_asked(puzzles)
    table = pd.DataFrame(
        {
            "source": puzzles.source,
            "rating": puzzles.rating,
            "blanks": puzzles.blanks.sum(1),
            "halted_at": answers.halted_at,
            "solved": wrong == 0,
            "wrong_cells": wrong,
        }
    )
    return HaltAccuracy(
        table=table,
        by_source=_by(table["source"].to_numpy(), table, asked).rename_axis("source"),
        by_rating=_by(rating_ranges(puzzles.rating), table, asked).rename_axis("rating"),
        exact=wilson(int(table["solved"].sum()), len(table)),
        cell=right_cells(wrong, asked),
        mean_segments=_mean(answers.halted_at, seed),
        seconds=seconds,
        row_segments=answers.row_segments,
    )


def _mean(segments: np.ndarray, seed: int) -> Interval:
    """With its percentile bootstrap interval over puzzles.

    Few segments differ, so their counts are resampled: the same draws, as quick for half a million puzzles.
    """
    values, counts = np.unique(segments, return_counts=True)
    n = len(segments)
    means = np.random.default_rng(seed).multinomial(n, counts / n, size=RESAMPLES) @ values / n
    return percentile_interval(float(segments.mean()), means, 0.95, n, grouped=False)


def _by(labels: Any, table: pd.DataFrame, asked: np.ndarray) -> pd.DataFrame:
    segments = table["halted_at"].groupby(labels, observed=True).mean()
    return shares_by(labels, table, asked).assign(mean_segments=segments)


def _for_json(shares: pd.DataFrame) -> dict[str, Any]:
    return {
        label: {**values, "mean_halting_segment": float(segments)}
        for (label, values), segments in zip(
            shares_for_json(shares).items(), shares["mean_segments"], strict=True
        )
    }
