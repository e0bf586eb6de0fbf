"""Do cells come in the order in which logic deduces them, or only the easier ones first?"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import check_asked, check_sudoku, run_length
from hrm_probe.reasoning.deducing.deduction_tables import (
    ORDERS,
    arrivals_for_good,
    compare_orders,
    effort_table,
    mean_pace,
    order_table,
    pace,
    round_table,
)
from hrm_probe.reasoning.result import Groups, Result, group_labels, percent, share_of
from hrm_probe.reasoning.runs.decoding import decode_updates, one_site_to_read
from hrm_probe.sudoku import Puzzles, candidates, deduction_rounds
from hrm_probe.wording import counted


@dataclass(frozen=True)
class DeductionOrder(Result):
    """Whether cells come in the order of deduction.

    A blank cell "arrives" at the read from which on it is right for good; its "round" is how many rounds of singles,
    all filled at once, lead from the clues to it (:func:`hrm_probe.sudoku.deduction_rounds`; cells that singles do not
    reach count as one round after the last); its "candidates" are the digits that no clue rules out.

    Attributes:
        table: one row per puzzle: ``solved`` (at the last segment), ``arrived`` (number of the read from which on the
            whole grid is right for good; 0 if it is not), ``rounds`` (of the last cell that singles reach), ``beyond``
            (cells that they do not), ``blanks``, ``rating``. Of solved puzzles, NaN of others: ``pace`` (reads a round:
            the slope of arrival over the rounds of cells that singles reach, where these are 3 or more), for each of
            ``ORDERS`` the share of pairs of cells in order, and ``together``, the share of pairs of different rounds
            that arrive at one read.
        orders: one row an order: ``order``; ``share``, ``low``, ``high``: of two cells that arrive at different reads,
            the chance that the one of the earlier round (of fewer candidates) is first, a mean over ``puzzles``; 0.5
            if the order tells nothing. "Candidates equal" compares only cells of one puzzle that have equally many
            candidates, "rounds equal" only those of one round. ``shuffled``: the same after the arrivals of each puzzle
            were dealt to its blank cells at random. ``pairs`` that arrive apart; ``together``, the share that does not.
        by_round: one row per round, -1 the cells beyond: ``cells`` of solved puzzles and their mean ``arrival`` with
            ``low``, ``high``; ``cells_failed`` of unsolved puzzles, and the share ``right_failed`` of them that is
            right at the end.
        effort: one row per measure of a puzzle's hardness (``HARDNESS``): ``correlation``, ``low``, ``high`` with
            ``arrived`` (Spearman's, solved puzzles), and ``fails``, ``fails_low``, ``fails_high``: the chance that an
            unsolved puzzle has more of it than a solved one; NaN where it does not vary or too few are there.
        pace: reads a round, the mean over solved puzzles; None where no chain is long enough.
        solved: share of puzzles solved at the last segment; ``solved_by_singles``, ``solved_beyond``: of those that
            singles solve, and of the others.
        control: largest difference between the logits read from z_H at the last H-update of a segment and the model's
            own; it must be 0.
        puzzles, segments, site: of the runs; ``reads`` in a segment; ``resampled`` what the intervals resample.
    """

    table: pd.DataFrame
    orders: pd.DataFrame
    by_round: pd.DataFrame
    effort: pd.DataFrame
    pace: Interval | None
    solved: Interval
    solved_by_singles: Interval
    solved_beyond: Interval
    control: float
    puzzles: int
    segments: int
    site: str
    reads: int
    resampled: str

    def __str__(self) -> str:
        lines = [
            f"{percent(self.solved)} of {counted(self.puzzles, 'puzzle')} solved at segment {self.segments}: "
            f"{percent(self.solved_by_singles)} of those for which singles suffice, {percent(self.solved_beyond)} of "
            "the others."
        ]
        if not self.orders["puzzles"].iloc[0]:
            return "\n".join([*lines, "No puzzle is solved whose cells arrive one after another."])
        deduction, equal, rival, rival_equal = map(_share, self.orders.itertuples())
        first = next(self.orders.itertuples())
        lines += [
            f"Of pairs of cells of different rounds, read from {self.site}, {first.together:.0%} arrive together; of "
            f"the others the cell of the earlier round is first in {deduction} ({first.shuffled:.0%} when shuffled), "
            f"in {equal} where both have equally many candidates.",
            f"The cell with fewer candidates is first in {rival}, in {rival_equal} where both are of one round.",
        ]
        if self.pace is not None:
            lines.append(
                f"A round takes {self.pace.estimate:.2f} [{self.pace.low:.2f}, {self.pace.high:.2f}] of the "
                f"{self.reads} reads in a segment."
            )
        lines += [
            f"  {row.measure}: correlation with the time to the answer {_correlation(row)}; a failure has more of it "
            f"than a success with a chance of {_chance(row)}."
            for row in self.effort.itertuples()
        ]
        return "\n".join(lines)


def _correlation(row: Any) -> str:
    if math.isnan(row.correlation):
        return "unknown (too few puzzles differ)"
    return f"{row.correlation:.2f} [{row.low:.2f}, {row.high:.2f}]"


def _chance(row: Any) -> str:
    if math.isnan(row.fails):
        return "unknown size (without both failures and successes)"
    return f"{row.fails:.0%} [{row.fails_low:.0%}, {row.fails_high:.0%}]"


def _share(row: Any) -> str:
    return f"{row.share:.0%} [{row.low:.0%}, {row.high:.0%}]" if row.puzzles else "an unknown share"


def deduction_order(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    *,
    site: str = "z_H",
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> DeductionOrder:
    """Does a model fill cells in the order in which logic can deduce them?

    A guess would put cells down in any order, or all at once; a reasoner has those first that follow from the clues,
    then those that follow from these. Cells that logic reaches early are also the more constrained ones, which anything
    would find easier; so cells with equally many candidates are compared as well.

    >>> found = deduction_order(load("hrm-6x6"), load_puzzles("6x6-test", 100))        # doctest: +SKIP
    >>> found.orders[["order", "share", "low", "high", "shuffled"]]                    # doctest: +SKIP

    Args:
        model: any; its own head reads the state at every update, see :func:`hrm_probe.reasoning.lens`.
        puzzles: with answers.
        site: what is read: "z_H" after each H-update, or "z_L" after each L-update, which is finer in time where the
            head can read it (in a TRM), or a stream inside a block by its full name.
        segments: length of the run; the model's ``max_segments`` if None.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once.
        seed: for the resampling, and the shuffling.
        progress: show a bar.

    Returns:
        DeductionOrder, intervals at 95%.

    Raises:
        HookError: an unknown hook point.
        InputError: puzzles that are not Sudokus, several sites, and what :func:`hrm_probe.reasoning.lens` refuses.

    Known inaccuracy: the order is one of solved puzzles alone. An order like that of deduction shows that cells wait
    for those that they follow from, not that the model uses singles: soft constraints passed from cell to cell would
    come in waves, too. Singles are the simplest rules; a model that knows more reaches cells earlier, and those that
    need more than singles are put last together. Cells that arrive at one read are not ordered: few reads of many
    rounds leave few pairs, and those apart are the late ones.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "deduction_order() tells what follows from the clues")
    segments = run_length(model, segments)
    names, read = one_site_to_read(model, site, "deduction_order()")
    labels, resampled = group_labels(puzzles, groups)
    decoded = decode_updates(model, puzzles, names, segments, batch_size=batch_size, progress=progress)
    grids = decoded.reads[read].in_time()
    right = decoded.ends[:, -1] == puzzles.answers
    solved = right.all(1)
    arrival = arrivals_for_good(grids == puzzles.answers[:, None])
    rounds, open_ = deduction_rounds(puzzles.grids), candidates(puzzles.grids).sum(-1)
    beyond = (rounds < 0).sum(1)
    table = pd.DataFrame(
        {
            "solved": solved,
            "arrived": np.where(solved & (arrival > 0).all(1), arrival.max(1), 0),
            "rounds": rounds.max(1),
            "beyond": beyond,
            "blanks": puzzles.blanks.sum(1),
            "rating": puzzles.rating,
        }
    )
    counts, shuffled = compare_orders(table, arrival, rounds, open_, puzzles.blanks, seed)
    table["pace"] = [
        pace(arrival[i], rounds[i]) if arrived else np.nan for i, arrived in enumerate(table["arrived"] > 0)
    ]
    for order in ORDERS:
        table[order] = [pairs.share for pairs in counts[order]]
    table["together"] = [pairs.share_together for pairs in counts[ORDERS[0]]]
    return DeductionOrder(
        table=table,
        orders=order_table(counts, shuffled, labels, seed),
        by_round=round_table(table, arrival, rounds, right, grids.shape[1], labels, seed),
        effort=effort_table(table, labels, seed),
        pace=mean_pace(table["pace"].to_numpy(), labels, seed),
        solved=share_of(solved, labels, seed=seed),
        solved_by_singles=share_of(solved, labels, beyond == 0, seed),
        solved_beyond=share_of(solved, labels, beyond > 0, seed),
        control=decoded.control,
        puzzles=len(puzzles),
        segments=segments,
        site=read,
        reads=len(decoded.reads[read].updates),
        resampled=resampled,
    )
