"""A guess is put into one cell's states: does what follows from it come, and nothing else?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import check_asked, check_sudoku, run_length
from hrm_probe.reasoning.deducing.fork_tables import (
    by_puzzle,
    effect_table,
    following_by_round,
    supposed_table,
)
from hrm_probe.reasoning.deducing.forks import Forks, forks, most_telling
from hrm_probe.reasoning.result import Groups, Result, columns, group_labels, labels_of, percent, share_of
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.held_cells import HeldRun, Holder, read_while_held, with_clue
from hrm_probe.reasoning.runs.outcomes import by_outcome
from hrm_probe.reasoning.statistics.means import mean_over_puzzles
from hrm_probe.sudoku import Puzzles
from hrm_probe.wording import counted, verb

SUPPOSED = ("wrong", "right")
"""Which of its two digits the fork is made to hold."""

SOURCES = {"itself": 0, "another": 1}
"""How many puzzles before the one asked the states come from."""


@dataclass(frozen=True)
class Supposed(Result):
    """What a model shows while the states of one cell say what it is to suppose.

    In every puzzle beyond singles one "fork" is chosen, a cell with two candidates where singles end; "conclusions" and
    "others" are those of :class:`hrm_probe.reasoning.FollowedThrough`. In one run the fork's position holds states that
    stand for the wrong digit, in another such for the right one; all tokens are the puzzle's own in both. What the
    model shows is read from z_H after every H-update.

    Attributes:
        table: one row per puzzle with a fork that has conclusions and others beside them: ``puzzle`` (its number),
            ``solved`` (plainly), ``cell`` and ``wrong_digit`` of the fork, ``conclusions``; ``taken``, the share of
            reads, while the wrong digit is put in, in which the fork shows it, ``taken_right`` the same of the right
            one, ``kept``, whether the run ends with the wrong one; and the means of the columns of ``effects``.
        effects: one row per group of puzzles (``puzzles_of``: "all", "solved", "unsolved"), means over ``puzzles``: the
            share of reads in which the conclusions are shown where the wrong digit is supposed (``following_wrong``)
            and where the right one is (``following_right``), the same of the others (``others_wrong``,
            ``others_right``), and ``difference``: (following_wrong - following_right) - (others_wrong - others_right),
            and ``kept``, the share of puzzles that end with the fork showing the wrong digit that was put in (where the
            guess was let go, by the model alone); each with ``_low`` and ``_high``.
        by_round: the same by ``round``, in which the conclusion follows from the fork; ``conclusions`` counted.
        in_time: one row per (``round``, ``read``): shares of conclusions shown at that read, ``wrong`` and ``right`` as
            the digit supposed, and of the ``conclusions`` counted in the ``plain`` run.
        difference: that of all puzzles, ``difference_unsolved`` of those that the model does not solve by itself; None
            where there are none.
        rescued: share of the puzzles that the model does not solve by itself which it solves while it supposes the
            right digit.
        taken: mean over puzzles; a control, for what is not taken over cannot be followed.
        puzzles: how many were given, ``beyond`` those beyond singles, ``compared`` those with a fork to tell; segments,
            reads (in a segment); ``resampled`` what the intervals resample.
    """

    table: pd.DataFrame
    effects: pd.DataFrame
    by_round: pd.DataFrame
    in_time: pd.DataFrame
    difference: Interval
    difference_unsolved: Interval | None
    rescued: Interval
    taken: Interval
    puzzles: int
    beyond: int
    compared: int
    segments: int
    reads: int
    resampled: str

    def __str__(self) -> str:
        lines = [
            f"{self.compared} of {counted(self.puzzles, 'puzzle')} {verb(self.compared, 'has', 'have')} a cell with "
            f"two candidates where singles end. Made to hold its wrong digit, it shows that in {percent(self.taken)} "
            "of the reads."
        ]
        row: Any
        for row in self.effects.itertuples():
            kind = "" if row.puzzles_of == "all" else f"{row.puzzles_of} "
            lines.append(
                f"In {counted(row.puzzles, f'{kind}puzzle')}: of the wrong digits that follow from it, "
                f"{row.following_wrong:.0%} are shown, and {row.following_right:.0%} where it is made to hold the "
                f"right one; of others like them {row.others_wrong:.0%} and {row.others_right:.0%}: a difference of "
                f"{row.difference:+.0%} [{row.difference_low:+.0%}, {row.difference_high:+.0%}]."
            )
        if "kept" in self.effects:
            kept = ", ".join(f"{row.kept:.0%} of {row.puzzles_of}" for row in self.effects.itertuples())
            lines.append(f"The run ends with the wrong digit at that cell in {kept} puzzles.")
        if self.rescued.n:
            lines.append(
                f"Made to hold the right one, it solves {percent(self.rescued)} of the puzzles that it does not solve "
                "by itself."
            )
        return "\n".join(lines)


def suppose(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    *,
    states_of: str = "another",
    held: int | None = None,
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Supposed:
    """Make a model guess, at one cell, and see whether it draws the conclusions.

    That a guess and its conclusions are shown together (:func:`hrm_probe.reasoning.follow_through`) does not tell what
    made what. Here the guess is made: after every update z_H and z_L at the position of one cell are replaced by those
    of a run, on another puzzle, in which that digit is a clue there. Only that position knows of it, and of this puzzle
    it knows nothing else; what follows elsewhere was concluded from it.

    >>> print(suppose(load("trm-9x9-shallow"), load_puzzles("9x9-test", 100)))         # doctest: +SKIP

    Args:
        model: any with a position for each cell.
        puzzles: with answers; those that need more than singles are used.
        states_of: "another": the states are those of a run on the puzzle before, of those used, with the digit as a
            clue in place of what stands there; "itself": of a run on the puzzle itself, with the digit as a clue.
        held: for how many segments the guess is put in; then the run goes on by itself. To its end if None.
        segments: of the runs; the model's ``max_segments`` if None.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once.
        seed: for the resampling.
        progress: show a bar.

    Returns:
        Supposed; five runs a puzzle, intervals at 95%.

    Raises:
        InputError: puzzles that are not Sudokus, fewer than two with a cell to tell, another word for ``states_of``, or
            a guess held for longer than the run.

    Formula: of a puzzle, the mean over the conclusions of its fork of (share of reads shown, wrong digit supposed -
    right digit supposed), minus the same of the others of the conclusion's stratum. The fork is the one with the most
    conclusions, told from the clues alone.

    Known inaccuracy: states from another run are a disturbance, and those of a puzzle with a digit too many come from
    one without solution, which training never had; those of the wrong and of the right digit are made alike. With
    states "of itself" some of what that run concluded elsewhere may be carried over. Among the others are conclusions
    by rules beyond singles, or after the contradiction, which makes the difference smaller. A clue's state may weigh
    more than a guess of the model's own: that it would follow a guess so far is not shown, only that it can.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "suppose() tells what follows from a guess")
    segments = run_length(model, segments)
    if states_of not in SOURCES:
        raise InputError(f'states_of is {states_of!r}; give "another" or "itself".')
    held = segments if held is None else whole_number(held, "held", 1, segments)
    labels, resampled = group_labels(puzzles, groups)
    found = forks(puzzles)
    chosen = most_telling(found)
    if len(chosen) < SOURCES[states_of] + 1:
        raise InputError(
            f"Of {counted(len(puzzles), 'puzzle')}, {len(chosen)} {verb(len(chosen), 'has', 'have')} a cell with two "
            "candidates where singles end, and conclusions to compare; give more or harder ones, so that there are "
            f"{SOURCES[states_of] + 1}."
        )
    used = puzzles[chosen.puzzle]
    sources = np.roll(used.tokens, SOURCES[states_of], axis=0)
    runs = _runs(model, used, sources, chosen, held, segments, batch_size, progress)
    shown = {run: held_run.digits for run, held_run in runs.items()}
    solved, reads = runs["plain"].solved, runs["plain"].reads
    of_all = np.zeros(len(puzzles), bool)
    of_all[chosen.puzzle] = solved
    following = supposed_table(chosen, shown["wrong"], shown["right"])
    effects, differences = effect_table(following, of_all, labels, seed)
    row = np.arange(len(chosen))
    shows_wrong = shown["wrong"][row, :, chosen.cell] == chosen.wrong[:, None]  # [puzzle, read]
    shows_right = shown["right"][row, :, chosen.cell] == chosen.right[:, None]
    while_held = slice(held * reads)
    taken = shows_wrong[:, while_held].mean(1)
    own_labels = labels_of(labels, chosen.puzzle)
    table = pd.DataFrame(
        {
            "puzzle": chosen.puzzle,
            "solved": solved,
            "cell": chosen.cell,
            "wrong_digit": chosen.wrong,
            "conclusions": following.groupby("puzzle").size().reindex(chosen.puzzle).to_numpy(),
            "taken": taken,
            "taken_right": shows_right[:, while_held].mean(1),
            "kept": shows_wrong[:, -1],
        }
    )
    share_taken = mean_over_puzzles(taken, own_labels, seed)
    return Supposed(
        table=table.join(by_puzzle(following), on="puzzle"),
        effects=_with_kept(effects, shows_wrong[:, -1], solved, own_labels, seed),
        by_round=following_by_round(following, labels, seed),
        in_time=_in_time(chosen, shown),
        difference=differences["all"],
        difference_unsolved=differences.get("unsolved"),
        rescued=share_of((shown["right"][:, -1] == used.answers - 1).all(1), own_labels, ~solved, seed),
        taken=share_taken,
        puzzles=len(puzzles),
        beyond=int((found.stuck == 0).any(1).sum()),
        compared=len(chosen),
        segments=segments,
        reads=reads,
        resampled=resampled,
    )


def _runs(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    sources: np.ndarray,
    chosen: Forks,
    held: int,
    segments: int,
    batch_size: int,
    progress: bool,
) -> dict[str, HeldRun]:
    """The plain run, and those in which the fork holds either of its digits."""
    parts: dict[str, list[HeldRun]] = {run: [] for run in ("plain", *SUPPOSED)}
    during = range(1, held + 1)
    for batch in in_batches(len(puzzles), batch_size, "supposing", progress):
        asked, cells = puzzles[batch], chosen.cell[batch]
        parts["plain"].append(read_while_held(model, asked, segments))
        for supposed, digits in zip(SUPPOSED, (chosen.wrong[batch], chosen.right[batch]), strict=True):
            holder = Holder.lent_by(model, with_clue(sources[batch], cells, digits), cells, during)
            parts[supposed].append(read_while_held(model, asked, segments, holder))
    return {run: HeldRun.joined(part) for run, part in parts.items()}


def _with_kept(
    effects: pd.DataFrame, ends_wrong: np.ndarray, solved: np.ndarray, labels: np.ndarray | None, seed: int
) -> pd.DataFrame:
    """The table with the share of each group of puzzles that ends with what was put in."""
    groups = by_outcome(solved)
    kept = [share_of(ends_wrong, labels, groups[name], seed) for name in effects["puzzles_of"]]
    return effects.assign(**columns("kept", kept))


def _in_time(chosen: Forks, runs: dict[str, np.ndarray]) -> pd.DataFrame:
    """When the conclusions of each round are shown, in each run."""
    rows = chosen.statements[chosen.statements["round"] > 0]
    fork, cell, digit = (rows[name].to_numpy(int) for name in ("fork", "cell", "digit"))
    shown = {
        run: digits[fork, :, cell] == digit[:, None] for run, digits in runs.items()
    }  # [conclusion, read]
    parts = []
    for number in np.unique(rows["round"]):
        here = (rows["round"] == number).to_numpy()
        means = {run: values[here].mean(0) for run, values in shown.items()}
        reads = np.arange(1, len(means["plain"]) + 1)
        parts.append(pd.DataFrame({"round": number, "read": reads, "conclusions": here.sum(), **means}))
    return pd.concat(parts, ignore_index=True)
