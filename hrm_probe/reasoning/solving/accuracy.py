"""How often is a model right? Exact and cell accuracy, segment by segment and source by source."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval, wilson
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.runs.outcomes import first_true
from hrm_probe.reasoning.runs.traced import curves_of_either, puzzles_asked_about
from hrm_probe.sudoku.rated import rating_ranges
from hrm_probe.wording import counted

if TYPE_CHECKING:
    from hrm_probe.trace import Trace


@dataclass(frozen=True)
class Accuracy:
    """Accuracy of one model on one set. Every share counts puzzles unless it says cells.

    Attributes:
        table: one row per puzzle: source, rating, blanks (of ``Tasks``: cells asked for), solved (at the last segment),
            solved_at_halt, solved_ever, first_solved (1-based segment, 0 if never), halted_at, wrong_cells (at the last
            segment).
        by_segment: one row per segment (1-based index): exact, low, high, cell, solved_so_far, lost (solved before,
            not now), mean_loss.
        by_source: one row per source: puzzles, exact, low, high, cell.
        by_rating: the same for each range of ratings (guesses): 0, 1, 2-3, 4-7, and so on, doubling.
        exact: share solved at the last segment, with its 95% Wilson interval.
        at_halt: share solved at the segment at which the model would stop by itself.
        ever: share solved at some segment; no model can know which, so this is a ceiling, not a score.
        cell: share of right cells at the last segment, givens included, as the literature counts them; of ``Tasks`` the
            mean of each one's share of right cells among those asked for.
    """

    table: pd.DataFrame
    by_segment: pd.DataFrame
    by_source: pd.DataFrame
    by_rating: pd.DataFrame
    exact: Interval
    at_halt: Interval
    ever: Interval
    cell: float

    def summary(self) -> dict[str, Any]:
        """Everything but the table, ready for JSON."""
        return {
            "exact_accuracy": self.exact.estimate,
            "exact_accuracy_interval": [self.exact.low, self.exact.high],
            "cell_accuracy": self.cell,
            "accuracy_by_segment": self.by_segment["exact"].tolist(),
            "accuracy_by_segment_interval": self.by_segment[["low", "high"]].to_numpy().tolist(),
            "cell_accuracy_by_segment": self.by_segment["cell"].tolist(),
            "accuracy_at_halt": self.at_halt.estimate,
            "accuracy_at_halt_interval": [self.at_halt.low, self.at_halt.high],
            "solved_at_any_segment": self.ever.estimate,
            "mean_halting_segment": float(self.table["halted_at"].mean()),
            "counts": {
                "puzzles": len(self.table),
                "solved": int(self.table["solved"].sum()),
                "solved_at_halt": int(self.table["solved_at_halt"].sum()),
                "solved_at_any_segment": int(self.table["solved_ever"].sum()),
                "solved_then_lost": int((self.table["solved_ever"] & ~self.table["solved"]).sum()),
            },
            "by_source": shares_for_json(self.by_source),
            "by_rating": shares_for_json(self.by_rating),
        }

    def __str__(self) -> str:
        lost = int((self.table["solved_ever"] & ~self.table["solved"]).sum())
        puzzles = counted(len(self.table), "puzzle")
        return (
            f"{self.exact.estimate:.1%} of {puzzles} solved at segment {len(self.by_segment)} "
            f"(95% interval {self.exact.low:.1%} to {self.exact.high:.1%}); {self.at_halt.estimate:.1%} where the "
            f"model would halt; {self.ever.estimate:.1%} at some segment, {lost} of them lost again; "
            f"{self.cell:.2%} of cells right."
        )

    __repr__ = __str__


def evaluate(
    model: "RecursiveReasoner | Trace | None",
    puzzles: Asked | None = None,
    segments: int | None = None,
    *,
    batch_size: int = 128,
    progress: bool = False,
    curves: Curves | None = None,
) -> Accuracy:
    """Run a model over a puzzle set, all segments of every puzzle, and count what it solves.

    >>> evaluate(load("hrm-6x6"), load_puzzles("6x6-test")).exact       # doctest: +SKIP

    Args:
        model: any recursive reasoner for the board, or a trace of these puzzles; None where ``curves`` are given.
        puzzles, segments, batch_size, progress: as in :func:`hrm_probe.reasoning.follow`; ``Tasks`` are counted
            as puzzles are.
        curves: those of the same model and puzzles, if already computed.

    Raises:
        InputError: puzzles that the model cannot take, a trace of other puzzles, or curves of others.

    Intervals are Wilson's at 95%; they treat puzzles as independent, so they are a little too narrow for a set
    that draws many puzzles from few solution classes (6x6 has 49).
    """
    puzzles = puzzles_asked_about(model, puzzles)
    curves = curves_of_either(model, puzzles, segments, curves, batch_size=batch_size, progress=progress)
    solved, asked = curves.solved, cells_asked(puzzles)
    rows = np.arange(len(puzzles))
    ever = solved.any(1)
    table = pd.DataFrame(
        {
            "source": puzzles.source,
            "rating": puzzles.rating,
            "blanks": puzzles.blanks.sum(1),
            "solved": solved[:, -1],
            "solved_at_halt": solved[rows, curves.halted_at - 1],
            "solved_ever": ever,
            "first_solved": first_true(solved),
            "halted_at": curves.halted_at,
            "wrong_cells": curves.errors[:, -1],
        }
    )
    return Accuracy(
        table=table,
        by_segment=_by_segment(curves, asked),
        by_source=shares_by(table["source"].to_numpy(), table, asked).rename_axis("source"),
        by_rating=shares_by(rating_ranges(puzzles.rating), table, asked).rename_axis("rating"),
        exact=wilson(int(table["solved"].sum()), len(table)),
        at_halt=wilson(int(table["solved_at_halt"].sum()), len(table)),
        ever=wilson(int(ever.sum()), len(table)),
        cell=right_cells(curves.errors[:, -1], asked),
    )


def cells_asked(puzzles: Asked) -> np.ndarray:
    """How many cells of each puzzle count: int [puzzle]."""
    return (puzzles.answers > 0).sum(1)


def right_cells(errors: np.ndarray, asked: np.ndarray) -> float:
    """Mean share of right cells.

    Args:
        errors: [puzzle], wrong cells.
        asked: [puzzle], cells that count.
    """
    most = asked.max()  # of Sudokus all have as many: this is then 1 - errors.mean() / cells to the last bit
    return float(1 - (errors * (most / asked)).mean() / most)


def _by_segment(curves: Curves, asked: np.ndarray) -> pd.DataFrame:
    so_far = np.logical_or.accumulate(curves.solved, axis=1)
    intervals = [wilson(int(column.sum()), len(column)) for column in curves.solved.T]
    return pd.DataFrame(
        {
            "exact": [i.estimate for i in intervals],
            "low": [i.low for i in intervals],
            "high": [i.high for i in intervals],
            "cell": [right_cells(errors, asked) for errors in curves.errors.T],
            "solved_so_far": so_far.mean(0),
            "lost": (so_far & ~curves.solved).mean(0),
            "mean_loss": curves.loss.mean(0),
        },
        index=pd.RangeIndex(1, curves.segments + 1, name="segment"),
    )


def shares_by(labels: Any, table: pd.DataFrame, asked: np.ndarray) -> pd.DataFrame:
    """A row for each label, as in ``Accuracy.by_source``; the table has ``solved`` and ``wrong_cells``.

    Args:
        labels: [puzzle].
        table: one row per puzzle.
        asked: [puzzle], cells that count.
    """
    rows = {}
    for label, group in table.groupby(labels, observed=True):
        interval = wilson(int(group["solved"].sum()), len(group))
        rows[label] = {
            "puzzles": len(group),
            "exact": interval.estimate,
            "low": interval.low,
            "high": interval.high,
            "cell": right_cells(group["wrong_cells"].to_numpy(), asked[group.index]),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def shares_for_json(shares: pd.DataFrame) -> dict[str, Any]:
    """What :func:`shares_by` gave, label by label."""
    return {
        str(label): {
            "puzzles": int(row["puzzles"]),
            "exact_accuracy": float(row["exact"]),
            "interval": [float(row["low"]), float(row["high"])],
            "cell_accuracy": float(row["cell"]),
        }
        for label, row in shares.iterrows()
    }
