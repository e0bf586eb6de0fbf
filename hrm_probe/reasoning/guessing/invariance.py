"""The same puzzle in other words: is success the puzzle's, or that of how it was put? And which words matter?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
import torch

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.given_numbers import finite_number, whole_number
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.answering import last_answers
from hrm_probe.near_names import names_among
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import check_asked, check_sudoku, run_length
from hrm_probe.reasoning.result import Groups, Result, ends, group_labels, percent, plain_labels, share_of
from hrm_probe.reasoning.runs.perturbing import disturbed_start
from hrm_probe.reasoning.statistics.intraclass import correlation_difference, intraclass_correlation
from hrm_probe.sudoku import MOVES, Puzzles, symmetric_copies
from hrm_probe.wording import counted, verb

WORDINGS: dict[str, tuple[str, ...]] = {
    "digits": ("digits",),
    "rows": ("rows",),
    "columns": ("columns",),
    "cells": ("rows", "columns", "mirror"),
    "all": MOVES,
    "start": (),
}
"""What may change, by name; :func:`invariance` says more of each."""


@dataclass(frozen=True)
class Invariance(Result):
    """Which runs succeed, of runs that ask each puzzle in several words.

    Attributes:
        table: one row per kind, with ends: ``solved``, the share of runs; ``alike``, the correlation of the success
            of two runs of one puzzle; ``saved``, the share solved of the runs of puzzles that fail as they stand;
            ``lost``, the share that fail of the runs of those that are solved as they stand.
        differences: one row two kinds: ``kind``, ``over``, and ``difference``, by how much the first's runs are more
            alike, with ends from pairs.
        solved: by kind bool [run, puzzle].
        as_they_stand: share of puzzles solved as they stand.
        puzzles, runs, segments: how many, and of what length; ``scale`` of the noise; ``resampled`` what the intervals
            resample.
    """

    table: pd.DataFrame
    differences: pd.DataFrame
    solved: dict[str, np.ndarray]
    as_they_stand: Interval
    puzzles: int
    runs: int
    segments: int
    scale: float
    resampled: str

    _long = ("solved",)

    def __str__(self) -> str:
        lines = [
            f"As they stand {percent(self.as_they_stand)} of {counted(self.puzzles, 'puzzle')} {verb(self.puzzles)} "
            f"solved. In {counted(self.runs, 'run')} of each puzzle, with one thing changed:"
        ]
        for row in self.table.to_dict("records"):
            alike, low, high = (row[f"alike{end}"] for end in ("", "_low", "_high"))
            told = f"correlate by {alike:.2f} [{low:.2f}, {high:.2f}]"
            if pd.isna(alike):
                told = "cannot differ: all are solved, or none"
            lines.append(f"  {row['kind']:<8} {row['solved']:.1%} of the runs; two runs of one puzzle {told}")
        return "\n".join(lines)


def invariance(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    *,
    kinds: str | Sequence[str] | None = None,
    runs: int = 8,
    segments: int | None = None,
    scale: float = 0.1,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Invariance:
    """Does whether a puzzle is solved depend on the puzzle, or on the words that it is put in?

    To logic symmetric copies are one puzzle: names of digits, the order of rows in a band, of bands, of columns and
    stacks, and the mirror change nothing. So a reasoner solves all of them or none, and the successes of two runs of
    one puzzle correlate by 1; where each wording is a new throw of the dice they correlate by 0. Runs of a kind differ
    in one thing only:

    - "digits": the digits' names;
    - "rows", "columns": the order of rows and bands, or of columns and stacks;
    - "cells": both, and where boxes are square half of the copies are mirrored;
    - "all": cells and digits;
    - "start": not in the words at all, but in normal noise of standard deviation ``scale`` on the initial state (states
      have root mean square 1): how much of it is a matter of any small thing.

    >>> print(invariance(load("trm-9x9-cpu"), load_puzzles("9x9-test", 100)))          # doctest: +SKIP

    Args:
        model: any with a position for each cell.
        puzzles: with one answer each.
        kinds: which of "digits", "rows", "columns", "cells", "all" and "start"; all if None.
        runs: how many of each puzzle and kind, at least 2.
        segments: length of each run, whose end is judged; ``max_segments`` if None.
        scale: size of the noise.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once; noise is drawn batch by batch, so another number of them draws other noise.
        seed: for everything drawn, each kind apart, and for the resampling.
        progress: show a bar.

    Returns:
        Invariance; intervals at 95%, those of ``differences`` without regard to how many pairs there are. Where all
        runs succeed, or none, nothing correlates, and ``alike`` is NaN.

    Raises:
        InputError: puzzles that are not Sudokus, an unknown kind, fewer than two runs, no segments, or a scale that is
            not finite.

    Formula: :func:`hrm_probe.reasoning.statistics.intraclass.intraclass_correlation`. Source: that copies of a failed
    puzzle may be solved is Ren & Liu, arXiv 2601.10679, section 5.

    Known inaccuracy: only ends of runs are judged. A kind of fewer moves keeps more of the puzzle as it stands, so its
    runs may be alike for what they keep.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "invariance() asks symmetric copies")
    chosen = list(WORDINGS) if kinds is None else names_among(kinds, WORDINGS, "wording")
    runs, segments = whole_number(runs, "runs", 2), run_length(model, segments)
    scale = finite_number(scale, "scale")
    labels, resampled = group_labels(puzzles, groups)
    ask = partial(last_answers, model, segments=segments, batch_size=batch_size)
    plain = _right(ask(puzzles.tokens)[0], puzzles)
    draws = {kind: _Draws(seed, list(WORDINGS).index(kind)) for kind in chosen}
    plan = [kind for kind in chosen for _ in range(runs)]
    solved: dict[str, list[np.ndarray]] = {kind: [] for kind in chosen}
    for kind in track(plan, "asking in other words", unit="runs", show=progress):
        start = partial(disturbed_start, model, scale=scale, generator=draws[kind].noise)
        asked = symmetric_copies(puzzles, draws[kind].rng, WORDINGS[kind]).puzzles
        grids = ask(asked.tokens, start=start if kind == "start" else None)[0]
        solved[kind].append(_right(grids, asked))
    right = {kind: np.stack(flags) for kind, flags in solved.items()}
    return Invariance(
        table=_table(right, plain, labels, seed),
        differences=_differences(right, labels, seed),
        solved=right,
        as_they_stand=share_of(plain, labels, seed=seed),
        puzzles=len(puzzles),
        runs=runs,
        segments=segments,
        scale=scale,
        resampled=resampled,
    )


class _Draws:
    """What the runs of a kind draw from."""

    def __init__(self, seed: int, number: int) -> None:
        self.rng = np.random.default_rng([seed, number])
        self.noise = torch.Generator().manual_seed(int(self.rng.integers(2**62)))


def _right(grids: np.ndarray, puzzles: Puzzles) -> np.ndarray:
    return np.asarray((grids == puzzles.answers).all(1))


def _table(
    solved: dict[str, np.ndarray], plain: np.ndarray, labels: np.ndarray | None, seed: int
) -> pd.DataFrame:
    rows = []
    for kind, right in solved.items():
        owners = np.tile(plain_labels(labels, right.shape[1]), len(right))
        failed = np.tile(~plain, len(right))
        judged = {
            "solved": share_of(right.ravel(), owners, seed=seed),
            "alike": intraclass_correlation(right, labels, seed=seed),
            "saved": share_of(right.ravel(), owners, failed, seed),
            "lost": share_of(~right.ravel(), owners, ~failed, seed),
        }
        columns = [ends(name, interval) for name, interval in judged.items()]
        rows.append({"kind": kind} | {name: value for column in columns for name, value in column.items()})
    return pd.DataFrame(rows)


def _differences(solved: dict[str, np.ndarray], labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    rows = [
        {"kind": kind, "over": over}
        | ends("difference", correlation_difference(solved[kind], solved[over], labels, seed=seed))
        for over, kind in combinations(solved, 2)
    ]
    names = ["kind", "over", "difference", "difference_low", "difference_high"]
    return pd.DataFrame(rows, columns=names)
