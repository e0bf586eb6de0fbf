"""The easiest puzzle there is: a solved grid with one blank."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import check_asked, check_sudoku
from hrm_probe.reasoning.easy.easy_puzzles import single_blanks
from hrm_probe.reasoning.result import Groups, Result, columns, group_labels, percent, share_of
from hrm_probe.reasoning.runs.curves import follow
from hrm_probe.reasoning.runs.outcomes import outcomes
from hrm_probe.reasoning.statistics.factors import factor_tests
from hrm_probe.sudoku import Board, Puzzles
from hrm_probe.wording import counted

FACTORS = ("cell", "row", "column", "box", "digit", "rating")


@dataclass(frozen=True)
class SingleBlank(Result):
    """How a model fares on single-blank puzzles.

    Attributes:
        table: one row per run: ``puzzle`` (index of the grid's puzzle), ``cell`` (0-based), ``row``, ``column``,
            ``box``, ``digit`` (from 1), ``rating`` (of the puzzle whose solution it is), ``answered`` (the digit
            that the last segment puts into the blank, 0 if none), ``blank_right`` and ``clues_kept`` (at the last
            segment), and the columns of :func:`hrm_probe.reasoning.runs.outcomes.outcomes`.
        last: share solved at the last segment.
        ever: share solved at some segment.
        at_halt: share solved at the segment at which the model would stop.
        lost: of those solved at some segment, the share that is not solved at the last.
        clues_kept: share whose last answer repeats every clue; the failures beyond are overwritten clues.
        blank_right: share whose last answer has the blank itself right, whatever it makes of the clues; None in results
            that were saved before it was told.
        factors: one row for each of cell, row, column, box, digit and rating: ``statistic``, ``p_value``,
            ``p_holm`` (corrected for the number of factors); does failing at the last segment depend on it?
        board: of the puzzles.
        puzzles, runs, segments, seed, resampled: what was done.
    """

    table: pd.DataFrame
    last: Interval
    ever: Interval
    at_halt: Interval
    lost: Interval
    clues_kept: Interval
    factors: pd.DataFrame
    board: str
    puzzles: int
    runs: int
    segments: int
    seed: int
    resampled: str
    blank_right: Interval | None = None

    def by(self, factor: str, outcome: str = "solved_last") -> pd.DataFrame:
        """Share of an outcome for each value of a column: value, runs, share, share_low, share_high.

        Intervals resample grids; they are not corrected for the number of rows.
        """
        if factor not in self.table or outcome not in self.table:
            raise InputError(f"The table has the columns {', '.join(self.table.columns)}.")
        values = np.sort(self.table[factor].unique())
        labels, flags = self.table["puzzle"].to_numpy(), self.table[outcome].to_numpy()
        chosen = [(self.table[factor] == value).to_numpy() for value in values]
        intervals = [share_of(flags, labels, rows, self.seed) for rows in chosen]
        return pd.DataFrame(
            {factor: values, "runs": [int(r.sum()) for r in chosen], **columns("share", intervals)}
        )

    def map(self, puzzle: int | None = None, outcome: str = "solved_last") -> np.ndarray:
        """Share of an outcome at every cell, [side, side]; of one grid, or of all; NaN where no cell was tried."""
        side = Board.of(self.board).side
        rows = self.table if puzzle is None else self.table[self.table["puzzle"] == puzzle]
        means = rows.groupby("cell")[outcome].mean().reindex(range(side * side))
        return means.to_numpy(float).reshape(side, side)

    def __str__(self) -> str:
        guilty = self.factors[self.factors["p_holm"] < 0.05]
        found = [f"{row.factor} (Holm p = {row.p_holm:.2g})" for row in guilty.itertuples()]
        blank = f", the blank itself right: {percent(self.blank_right)}" if self.blank_right else ""
        none = f"none of {', '.join(self.factors['factor'])} that could be shown"
        return (
            f"Single blanks ({self.runs} from {counted(self.puzzles, 'grid')}): {percent(self.last)} solved at segment "
            f"{self.segments}, {percent(self.ever)} at some segment, {percent(self.at_halt)} where the model would "
            f"halt. Of those solved at some segment {percent(self.lost)} were lost by the last. "
            f"At the last all clues repeated: {percent(self.clues_kept)}{blank}. Failing at the "
            f"last depends on {', '.join(found) or none}."
        )


def single_blank(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    per_puzzle: int | Literal["all"] = 1,
    segments: int | None = None,
    *,
    groups: Groups = None,
    permutations: int = 1000,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> SingleBlank:
    """Can the model fill the one blank of an otherwise solved grid, and does it keep the answer?

    Solved means that the whole decoded grid is right, clues included. A model that had learnt what a solution is
    would solve all at once and keep them.

    >>> result = single_blank(model, puzzles, per_puzzle="all")                 # doctest: +SKIP
    >>> result.last, result.lost                                                # doctest: +SKIP
    >>> result.map(puzzle=0)                    # every single blank of a grid  # doctest: +SKIP

    Args:
        model: any recursive reasoner for the board.
        puzzles: their answers are the grids.
        per_puzzle: blanks tried in each grid, each a run of its own, or "all" cells.
        segments: length of each run; the model's ``max_segments`` if None.
        groups: what is resampled together: None (the blanks of one grid), "class" (all grids of one solution
            class), or labels [puzzle].
        permutations: how many for each factor's test.
        batch_size, progress: as in :func:`hrm_probe.reasoning.follow`.
        seed: for the cells drawn, the intervals and the permutations.

    Returns:
        SingleBlank; intervals are at 95%, Wilson's where each grid has one blank, else by bootstrap over grids.

    Source: claim 1 of Ren and Liu, arXiv 2601.10679, "failure on extremely simple puzzles".
    """
    check_asked(model, puzzles, batch_size, seed)
    permutations = whole_number(permutations, "permutations")
    check_sudoku(puzzles, "single_blank() blanks cells of solved grids")
    easy, origin, cell = single_blanks(puzzles, per_puzzle, seed)
    curves = follow(model, easy, segments, batch_size=batch_size, progress=progress)
    side, last = puzzles.board.side, curves.predictions[:, -1]
    runs = np.arange(len(easy))
    table = pd.DataFrame(
        {
            "puzzle": origin,
            "cell": cell,
            "row": cell // side + 1,
            "column": cell % side + 1,
            "box": puzzles.board.memberships[cell, 2] - 2 * side + 1,
            "digit": easy.solutions[runs, cell],
            "rating": puzzles.rating[origin],
            "answered": np.maximum(last[runs, cell] - 1, 0),
            "blank_right": last[runs, cell] == easy.answers[runs, cell],
            "clues_kept": ((last == easy.tokens) | easy.blanks).all(1),
        }
    )
    table = pd.concat([table, outcomes(curves)], axis=1)
    labels, resampled = group_labels(puzzles, groups)
    each = len(easy) // max(len(puzzles), 1)
    if labels is not None:
        # Several runs of one grid are more alike than puzzles of one class: plain labels.
        labels = labels if each == 1 else np.asarray(labels)[origin]
    elif each > 1:
        labels = origin
    ever = table["solved_ever"].to_numpy()

    def interval(column: str) -> Interval:
        return share_of(table[column].to_numpy(), labels, seed=seed)

    return SingleBlank(
        table,
        last=interval("solved_last"),
        ever=interval("solved_ever"),
        at_halt=interval("solved_at_halt"),
        lost=share_of(~table["solved_last"].to_numpy(), labels, ever, seed),
        clues_kept=interval("clues_kept"),
        factors=factor_tests(table, ~table["solved_last"].to_numpy(), FACTORS, each, permutations, seed),
        board=puzzles.board.name,
        puzzles=len(puzzles),
        runs=len(easy),
        segments=curves.segments,
        seed=seed,
        resampled=resampled,
        blank_right=interval("blank_right"),
    )
