"""Accuracy against the number of blanks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import several
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import check_asked, check_sudoku
from hrm_probe.reasoning.easy.easy_puzzles import Within, blanking_order, with_blanks
from hrm_probe.reasoning.result import (
    Groups,
    Result,
    ends,
    labels_of,
    percent,
    sample_and_labels,
    share_of,
)
from hrm_probe.reasoning.runs.curves import follow
from hrm_probe.reasoning.runs.outcomes import outcomes
from hrm_probe.reasoning.statistics.changes import mean_change
from hrm_probe.sudoku import Puzzles
from hrm_probe.wording import blanks_in_words, counted

Count = int | Literal["all"]
FIBONACCI = (1, 2, 3, 5, 8, 13, 21, 34, 55)


@dataclass(frozen=True)
class Blanks(Result):
    """Accuracy for each number of blanks.

    Attributes:
        table: one row per number of blanks: ``blanks`` (for the puzzles as given their mean, rounded), ``label``
            ("1", "2", ..., "all"), ``puzzles``, and shares ``last``, ``ever``, ``at_halt`` (solved at the last, at
            some, at the halting segment) and ``lost`` (of those ever solved, not solved at the last), each with
            ``_low`` and ``_high``.
        runs: one row per run: ``puzzle``, ``blanks``, ``label``, ``rating`` (of the puzzle as given), and the columns
            of :func:`hrm_probe.reasoning.runs.outcomes.outcomes`.
        easiest: share solved at the last segment with the fewest blanks asked for.
        original: the same of the puzzles as given; None if "all" was not asked for.
        easiest_minus_original: difference of the two over the same puzzles. It is negative where puzzles that need
            no reasoning are the harder ones.
        puzzles, segments, within, seed, resampled: what was done.
    """

    table: pd.DataFrame
    runs: pd.DataFrame
    easiest: Interval
    original: Interval | None
    easiest_minus_original: Interval | None
    puzzles: int
    segments: int
    within: str
    seed: int
    resampled: str
    _long = ("runs",)

    def __str__(self) -> str:
        lines = [
            f"Solved at segment {self.segments} / at some segment, by number of blanks "
            f"({counted(self.puzzles, 'puzzle')}):"
        ]
        lines += [
            f"  {row.label:>4}  {row.last:6.1%} [{row.last_low:.1%}, {row.last_high:.1%}] / "
            f"{row.ever:6.1%} [{row.ever_low:.1%}, {row.ever_high:.1%}]  n = {row.puzzles}"
            for row in self.table.itertuples()
        ]
        if self.easiest_minus_original is not None:
            lines.append(f"Fewest blanks minus original puzzles: {percent(self.easiest_minus_original)}.")
        return "\n".join(lines)


def blanks(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    counts: Sequence[Count] | None = None,
    segments: int | None = None,
    *,
    n: int | None = 100,
    within: Within = "grid",
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Blanks:
    """Exact accuracy against the number of blanks, from nearly solved grids to the puzzles as given.

    Each puzzle is tried with every number of blanks; its blanks at a smaller number are among those at a larger
    one, so the curve's points differ by the blanks alone. A reasoner's curve falls from 100%.

    >>> print(blanks(model, puzzles))                                           # doctest: +SKIP

    Args:
        model: any recursive reasoner for the board.
        puzzles: their answers are the grids.
        counts: numbers of blanks, 0 for the solved grid, "all" for the puzzles as given; by default 1, 2, 3, 5,
            8, 13, ... while most puzzles have more, then "all".
        segments: length of each run; the model's ``max_segments`` if None.
        n: how many of the puzzles to take, drawn with ``seed``; all if None or there are fewer.
        within: "grid" draws blanks from all cells, "puzzle" from those that are blank in the puzzle.
        groups: what is resampled together, see :func:`hrm_probe.reasoning.result.group_labels`.
        batch_size, progress: as in :func:`hrm_probe.reasoning.follow`.
        seed: for the draw, the blanks and the intervals.

    Returns:
        Blanks. Intervals are Wilson's at 95% (with ``groups`` a bootstrap over groups). Puzzles that cannot have
        that many blanks with a unique solution are left out of that row: see its column ``puzzles``.

    Raises:
        InputError: a number of blanks that no puzzle can have.

    Source: claim 1 of Ren and Liu, arXiv 2601.10679.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "blanks() blanks cells of solved grids")
    puzzles, labels, resampled = sample_and_labels(puzzles, n, groups, seed)
    counts = usual_counts(float(np.median(puzzles.blanks.sum(1)))) if counts is None else several(counts)
    sets = with_each_count(puzzles, counts, seed, within)
    index = [
        pd.DataFrame({"puzzle": rows, "label": label, "rating": puzzles.rating[rows]})
        for label, (rows, _) in sets.items()
    ]
    tried = Puzzles.join([chosen for _, chosen in sets.values()])
    curves = follow(model, tried, segments, batch_size=batch_size, progress=progress)
    runs = pd.concat([pd.concat(index, ignore_index=True), outcomes(curves)], axis=1)
    runs.insert(1, "blanks", tried.blanks.sum(1))

    table = pd.DataFrame([_row(runs[runs["label"] == str(count)], labels, seed) for count in counts])
    easiest = min(counts, key=lambda count: np.inf if count == "all" else count)
    original, difference = None, None
    if "all" in counts:
        original = _interval(runs[runs["label"] == "all"], "solved_last", labels, seed)
        difference = None if easiest == "all" else _paired(runs, str(easiest), labels, seed)
    return Blanks(
        table,
        runs,
        easiest=_interval(runs[runs["label"] == str(easiest)], "solved_last", labels, seed),
        original=original,
        easiest_minus_original=difference,
        puzzles=len(puzzles),
        segments=curves.segments,
        within=within,
        seed=seed,
        resampled=resampled,
    )


def with_each_count(
    puzzles: Puzzles, counts: Sequence[Count], seed: int = 0, within: Within = "grid"
) -> dict[str, tuple[np.ndarray, Puzzles]]:
    """The same grids with every number of blanks: by its label, which of the puzzles can have that many, and these.

    Args:
        puzzles, seed, within: as in :func:`blanks`.
        counts: different whole numbers, or "all" for the puzzles as given.

    Raises:
        InputError: counts that are not counts, or one that no puzzle can have.
    """
    numbers = [count for count in counts if count != "all"]
    whole = all(isinstance(count, int | np.integer) and count >= 0 for count in numbers)
    if not counts or not whole or len(set(counts)) < len(counts):
        raise InputError(f'counts must be different whole numbers of blanks, or "all", not {list(counts)}.')
    order = blanking_order(puzzles, max(map(int, numbers), default=0), seed, within)
    sets = {}
    for count in counts:
        rows = np.flatnonzero((order[:, : 0 if count == "all" else int(count)] >= 0).all(1))
        if not len(rows):
            raise InputError(
                f"None of these puzzles can have {blanks_in_words(count)} and one solution; ask for fewer."
            )
        chosen = puzzles[rows]
        chosen = chosen if count == "all" else with_blanks(chosen, order[rows, : int(count)])
        sets[str(count)] = (rows, chosen)
    return sets


def usual_counts(blanks: float) -> tuple[Count, ...]:
    """Numbers of blanks to try with puzzles that have so many, the puzzles as given among them.

    >>> usual_counts(12)
    (1, 2, 3, 5, 8, 'all')
    """
    return (*(count for count in FIBONACCI if count < blanks), "all")


def _interval(
    runs: pd.DataFrame, column: str, labels: np.ndarray | None, seed: int, among: np.ndarray | None = None
) -> Interval:
    mine = labels_of(labels, runs["puzzle"].to_numpy())
    return share_of(runs[column].to_numpy(), mine, among, seed)


def _row(runs: pd.DataFrame, labels: np.ndarray | None, seed: int) -> dict[str, object]:
    lost = runs.assign(lost=~runs["solved_last"])
    shares = {
        "last": _interval(runs, "solved_last", labels, seed),
        "ever": _interval(runs, "solved_ever", labels, seed),
        "at_halt": _interval(runs, "solved_at_halt", labels, seed),
        "lost": _interval(lost, "lost", labels, seed, runs["solved_ever"].to_numpy()),
    }
    row: dict[str, object] = {
        "blanks": round(float(runs["blanks"].mean())),
        "label": runs["label"].iloc[0],
        "puzzles": len(runs),
    }
    for name, interval in shares.items():
        row |= ends(name, interval)
    return row


def _paired(runs: pd.DataFrame, label: str, labels: np.ndarray | None, seed: int) -> Interval:
    wide = runs.pivot(index="puzzle", columns="label", values="solved_last")
    both = wide[[label, "all"]].dropna().astype(bool)
    mine = labels_of(labels, both.index.to_numpy())
    return mean_change(both["all"].to_numpy(), both[label].to_numpy(), mine, seed=seed)
