"""Where logic is stuck: does a model follow its guesses through, and does it see which of them logic refutes?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import check_asked, check_sudoku, run_length
from hrm_probe.reasoning.deducing.fork_tables import (
    by_puzzle,
    effect_table,
    following_by_round,
    following_table,
    fork_table,
    mean_over_forks,
    refutation_table,
    sooner_refuted_less_shown,
)
from hrm_probe.reasoning.deducing.forks import forks
from hrm_probe.reasoning.result import Groups, Result, group_labels, percent
from hrm_probe.reasoning.runs.decoding import decode_updates
from hrm_probe.sudoku import Puzzles
from hrm_probe.wording import counted, verb


@dataclass(frozen=True)
class FollowedThrough(Result):
    """Whether a model draws the conclusions of its wrong guesses, and whether it sees those that logic refutes.

    A "fork" is a cell that has two candidates when singles have filled what they can; the "conclusions" of its wrong
    digit are the wrong digits that singles would then fill in elsewhere, before they contradict one another. The
    "others" that stand beside each conclusion are wrong candidates that do not follow, of cells with equally many
    candidates that are as well peers of the fork, or as well not. What the model shows is read from z_H after every
    H-update.

    Attributes:
        table: one row per puzzle beyond singles: ``puzzle`` (its number), ``solved`` (at the last segment), ``beyond``
            (cells that singles do not reach), ``forks``; and, of those with a fork that shows both digits in turn and
            has conclusions with others beside them, means over these forks of the columns of ``effects``, and
            ``sooner_refuted_less_shown``; NaN of others.
        effects: one row per group of puzzles (``puzzles_of``: "all", "solved", "unsolved"), means over ``puzzles``:
            the share of conclusions shown while the fork shows its wrong digit (``following_wrong``) and while it shows
            the right one (``following_right``), the same of the others (``others_wrong``, ``others_right``), and
            ``difference``: (following_wrong - following_right) - (others_wrong - others_right), each with ``_low`` and
            ``_high``.
        by_round: the same by ``round``, in which the conclusion follows from the fork; ``conclusions`` counted.
        by_refutation: one row per round in which singles refute wrong digits of forks, the seventh with all later ones,
            0 those that they do not refute: ``forks``; ``shown``, share of reads in which they are shown, with ends;
            ``ever``, the share of them shown at any read; ``forks_unsolved``, of puzzles that are not solved, and
            ``kept``, the share of these shown at the end, with ends.
        difference: that of all puzzles; None where no fork shows both its digits and has conclusions to compare.
        shown: share of reads in which forks show the wrong digit.
        sooner_refuted_less_shown: of two wrong digits of one puzzle that are shown for unequal time, the chance that
            the one that singles refute sooner is shown for less; 0.5 if refutation plays no part; None without pairs.
        refuted: share of the wrong digits that singles refute; ``kept_refuted``: of those with which unsolved puzzles
            end, None where there are none.
        puzzles: how many were given, ``beyond`` those beyond singles, ``forks`` of these; ``compared`` puzzles of which
            some fork tells; segments, reads (in a segment); ``resampled`` what the intervals resample.
    """

    table: pd.DataFrame
    effects: pd.DataFrame
    by_round: pd.DataFrame
    by_refutation: pd.DataFrame
    difference: Interval | None
    shown: Interval
    sooner_refuted_less_shown: Interval | None
    refuted: Interval
    kept_refuted: Interval | None
    puzzles: int
    beyond: int
    forks: int
    compared: int
    segments: int
    reads: int
    resampled: str

    def __str__(self) -> str:
        lines = [
            f"{self.beyond} of {counted(self.puzzles, 'puzzle')} {verb(self.beyond, 'needs', 'need')} more than "
            f"singles; there singles end at {counted(self.forks, 'cell')} with two candidates, which show the wrong "
            f"one in {percent(self.shown)} of the reads."
        ]
        if self.difference is None:
            lines.append("No such cell shows both in turn and has conclusions to compare.")
        row: Any
        for row in self.effects.itertuples():
            kind = "" if row.puzzles_of == "all" else f"{row.puzzles_of} "
            lines.append(
                f"In {counted(row.puzzles, f'{kind}puzzle')}: of the wrong digits that follow from such a cell's wrong "
                f"one, {row.following_wrong:.0%} are shown while it is, {row.following_right:.0%} while the right one "
                f"is; of others like them {row.others_wrong:.0%} and {row.others_right:.0%}: a difference of "
                f"{row.difference:+.0%} [{row.difference_low:+.0%}, {row.difference_high:+.0%}]."
            )
        if self.sooner_refuted_less_shown is not None:
            lines.append(
                f"Of two wrong digits of a puzzle the one that singles refute sooner is shown for less time in "
                f"{percent(self.sooner_refuted_less_shown)} of the pairs."
            )
        if self.kept_refuted is not None:
            lines.append(
                f"Of the wrong digits with which unsolved puzzles end, singles refute {percent(self.kept_refuted)}; of "
                f"all wrong digits, {percent(self.refuted)}."
            )
        return "\n".join(lines)


def follow_through(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    *,
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> FollowedThrough:
    """Where singles do not suffice: does a model draw the conclusions of its guesses, and drop what logic refutes?

    Where singles end, some cells have two candidates, and without other rules one guesses. A reasoner that has guessed
    wrong goes on to what follows from that, until it contradicts itself; something that fills in cells one by one shows
    wrong digits in any mixture. Each such cell is compared with itself, at the times when it shows the wrong digit and
    when it shows the right one.

    >>> print(follow_through(load("trm-9x9-shallow"), load_puzzles("9x9-test", 200)))  # doctest: +SKIP

    Args:
        model: any; its own head reads the state at every update, see :func:`hrm_probe.reasoning.lens`.
        puzzles: with answers; only those that need more than singles are run.
        segments: length of the runs; the model's ``max_segments`` if None.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once.
        seed: for the resampling.
        progress: show a bar.

    Returns:
        FollowedThrough, intervals at 95%.

    Raises:
        InputError: puzzles that are not Sudokus, or none that needs more than singles.

    Formula: of a fork, the mean over its conclusions of (P(shown | fork wrong) - P(shown | fork right)), minus the same
    of the others of the conclusion's stratum; means over forks, then over puzzles.

    Known inaccuracy: that a guess and its conclusions are shown together does not tell which was first, and a model may
    hold them together by something softer than singles. Wrong grids are coherent in themselves, so that others go
    along, too; among these are cells that follow by rules beyond singles, or after the contradiction, which makes the
    difference smaller. Forks that never change, many of unsolved puzzles, are not in it. A model that does use more
    rules than singles sees fewer forks than are counted here.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "follow_through() tells what follows from a guess")
    segments = run_length(model, segments)
    labels, resampled = group_labels(puzzles, groups)
    found = forks(puzzles)
    beyond = (found.stuck == 0).sum(1)
    rows = np.flatnonzero(beyond > 0)
    if not len(rows):
        raise InputError(
            "Singles solve all of the puzzles given, so that nothing is to be guessed; give harder ones."
        )
    if not len(found):
        raise InputError(
            f"Where singles end in {counted(len(puzzles), 'puzzle')}, no cell has two candidates; give more, or "
            "other ones."
        )
    decoded = decode_updates(
        model, puzzles[rows], ["hook_z_H"], segments, batch_size=batch_size, progress=progress
    )
    shown = decoded.reads["z_H"].in_time() - 1
    digits = np.zeros((len(puzzles), *shown.shape[1:]), shown.dtype)
    digits[rows] = shown
    solved = np.zeros(len(puzzles), bool)
    solved[rows] = (decoded.ends[:, -1] == puzzles.answers[rows]).all(1)

    at_forks, following = fork_table(found, digits), following_table(found, digits)
    effects, differences = effect_table(following, solved, labels, seed)
    sooner, share_sooner = sooner_refuted_less_shown(at_forks, labels, seed)
    refuted = at_forks.assign(refuted=at_forks["refuted_in"] > 0)
    kept = refuted[at_forks["ends_wrong"]]
    table = pd.DataFrame(
        {
            "solved": solved,
            "beyond": beyond,
            "forks": np.bincount(found.puzzle, minlength=len(puzzles)),
        }
    )
    table = table.join(by_puzzle(following)).join(sooner.rename("sooner_refuted_less_shown"))
    return FollowedThrough(
        table=table.iloc[rows].rename_axis("puzzle").reset_index(),
        effects=effects,
        by_round=following_by_round(following, labels, seed),
        by_refutation=refutation_table(at_forks, solved, labels, seed),
        difference=differences.get("all"),
        shown=mean_over_forks(at_forks, "wrong", labels, seed),
        sooner_refuted_less_shown=share_sooner,
        refuted=mean_over_forks(refuted, "refuted", labels, seed),
        kept_refuted=mean_over_forks(kept, "refuted", labels, seed) if len(kept) else None,
        puzzles=len(puzzles),
        beyond=len(rows),
        forks=len(found),
        compared=following["puzzle"].nunique(),
        segments=segments,
        reads=len(decoded.reads["z_H"].updates),
        resampled=resampled,
    )
